"""The store of a node: the journal of events, snapshots that shorten it, the record, the logs of its lines.

All in one SQLite file, so that what belongs together is durable together. One process, and in it one thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.record.merkle import Head, Inclusion
from keepclear.core.trust.note import Signer, VerifierKey
from keepclear.edge.store.arrivals import Arrivals, ExpressLeaf
from keepclear.edge.store.database import Database
from keepclear.edge.store.disclosures import Disclosure, Disclosures, Withdrawal
from keepclear.edge.store.faults import Fault, Faults
from keepclear.edge.store.heads import Cosigned, stated_head
from keepclear.edge.store.ledger import Draft, Ledger, StoredEntry
from keepclear.edge.store.logs import Logs
from keepclear.edge.store.marker import HeadMarker, Marked
from keepclear.edge.store.parts import Leaving, OpenPart, Parts
from keepclear.edge.store.refusals import RefusalCount, Refusals, RefusedInput
from keepclear.edge.store.storedlog import StoredLog
from keepclear.edge.store.withheld import WithheldPart, WithheldParts

REPORTS: Final = "reports"
"""The kind of the events that are a flood."""

DROPPED: Final = (REPORTS, "line-bundle", "line-said")
"""The kinds of events that go once every kept snapshot covers them: what matters of them is kept elsewhere."""

SNAPSHOTS_KEPT: Final = 3

_EVENTS_PAGE: Final = 500
NO_SETTINGS: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event of the journal with its number, which rises in the order of storing, never given twice."""

    seq: int
    at: Instant
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The state of the node after event ``seq``, in bytes that only its maker reads."""

    seq: int
    at: Instant
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LogAppend:
    """Leaves for the log of one origin, to be signed by the node, or under a checkpoint that came from outside.

    See ``StoredLog.append`` for what a checkpoint may be.
    """

    origin: str
    leaves: Sequence[bytes] = ()
    checkpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWrites:
    """What a commit has to store of the lines, in the order of these members.

    ``at`` is when the leaves of the appends came, which is noted then; None where only signatures come.
    """

    appends: Sequence[LogAppend] = ()
    at: Instant | None = None
    express: Sequence[ExpressLeaf] = ()
    cosigned: Sequence[Cosigned] = ()
    openings: Sequence[OpenPart] = ()
    leaving: Sequence[Leaving] = ()
    disclosures: Sequence[Disclosure] = ()
    withdrawals: Sequence[Withdrawal] = ()
    withheld: Sequence[WithheldPart] = ()
    faults: Sequence[Fault] = ()


NO_WRITES: Final = LineWrites()


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a commit came to: the number of the newest event (0 for none ever) and the head of the record.

    ``heads`` are those of the lines' logs that were appended to, by origin.
    """

    seq: int
    head: Head
    heads: Mapping[str, Head] = field(default_factory=dict[str, Head])


class Store:
    """The one store of a node.

    Made when the file is not there. Raises as Database does, and Refused("store.other-log") when it belongs
    to another log or key than the signer's. Every method may raise Unavailable("store.disk") and
    Untrusted("store.damaged"); after a write has so failed, the store takes no more
    (Unavailable("store.stopped")) until it is opened anew.

    Given a marker, it knows of each own log whether the database is older than what was signed: see ``restored``.
    """

    def __init__(self, path: Path, *, signer: Signer, marker: HeadMarker | None = None) -> None:
        self._database = Database(path)
        self._marker = marker
        self._unbroken: set[str] = set()
        self._logs = Logs(self._database)
        self.arrivals = Arrivals(self._database)
        self.disclosed = Disclosures(self._database)
        self.withheld = WithheldParts(self._database)
        self._parts = Parts(self._database)
        self._faults = Faults(self._database)
        self._refusals = Refusals(self._database)
        try:
            self._ledger = Ledger(self._database, log=self._logs.record(signer))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file and lets other processes have it; closing twice does nothing."""
        self._database.close()

    def commit(
        self,
        *,
        events: Sequence[Draft] = (),
        entries: Sequence[Draft] = (),
        refusals: Sequence[RefusedInput] = (),
        settings: Mapping[str, str] = NO_SETTINGS,
        lines: LineWrites = NO_WRITES,
    ) -> Committed:
        """Stores all of it durably, or none of it; an own log that grew comes with one newly signed checkpoint.

        A setting takes the place of the one of its name. Raises as ``Ledger.append``, ``StoredLog.append`` and
        ``StoredLog.keep_cosigned`` do, Refused("log.unknown") for a log that was never opened, and
        Refused("log.restored") before the node signs for a line's log that ``restored`` tells of; then nothing is
        stored. Raises Unavailable("marker.disk") when all is stored and the marker could not be written.
        """
        with self._database.transaction():
            for name, value in settings.items():
                self._write_setting(name, value)
            for event in events:
                self._database.execute(
                    "INSERT INTO event (at_ms, kind, body) VALUES (?, ?, ?)", event.at, event.kind, event.body
                )
            self._refusals.keep(refusals)
            heads = {each.origin: self._append(each) for each in lines.appends}
            sizes = {origin: grown.size for origin, grown in heads.items()}
            self.arrivals.keep(sizes, lines.express, at=lines.at)
            self._keep_of_lines(lines)
            head = self._ledger.append(entries) if entries else self._ledger.log.head()
            committed = Committed(seq=self._newest_seq(), head=head, heads=heads)
        self._mark({**heads, self._ledger.log.origin: head} if entries else heads)
        for each in lines.cosigned:
            if each.given_s is not None:
                self.mark_cosigned(each.origin, stated_head(each.note), second=each.given_s)
        return committed

    def open_log(self, key: VerifierKey, *, signer: Signer | None = None) -> StoredLog:
        """The log that a key is named for, made when it is not there: the node's own when its signer is given.

        To be called at each start for every own log, and when an epoch begins; the signer is held by this process
        alone. Raises as ``Logs.open`` does.
        """
        return self._logs.open(key, signer=signer)

    def log(self, origin: str) -> StoredLog:
        """The log of an origin, to be read. Raises Refused("log.unknown") when the store has none."""
        return self._logs.of(origin)

    def origins(self) -> tuple[str, ...]:
        """The origin of every log, in the order in which they were made; the node's own record is the first."""
        return self._logs.origins()

    def restored(self, origin: str) -> int | None:
        """How many entries of an own log were signed, when the database does not hold just those; None when it does.

        So it is after an older backup of the database was restored. For a line's log nothing is signed until the
        lost entries are back (``LogAppend`` with the node's own checkpoint), or for good when others took their
        place; the node's record goes on, for a node must watch, and this tells of it until it gets another store.
        """
        marked = None if self._marker is None or origin in self._unbroken else self._marker.newest(origin)
        log = self._logs.of(origin)
        if marked is not None and (log.head().size < marked.size or log.root_at(marked.size) != marked.root):
            return marked.size
        self._unbroken.add(origin)
        return None

    def marks(self) -> Mapping[str, Marked]:
        """What the marker knows of every log, by origin; nothing without a marker."""
        return {} if self._marker is None else self._marker.marks()

    def mark_cosigned(self, origin: str, head: Head, *, second: int) -> None:
        """Notes beside the keys which head of another's log the node has cosigned, unless more of it is noted there.

        Raises as ``HeadMarker.write`` does.
        """
        if self._marker is None:
            return
        known = self._marker.newest(origin)
        if known is None or known.size < head.size:
            self._marker.write(origin, head, cosigned_s=second)

    def opening(self, commitment: str) -> bytes | None:
        """The opening of a part, or None when this node never had it or it expired; raises as ``Parts.opening``."""
        return self._parts.opening(commitment)

    def expire_openings(self, now: Instant) -> int:
        """Removes every opening that was to be kept until now or earlier, as ``Parts.expire``; how many that were."""
        return self._parts.expire(now)

    def faults(self, line: str) -> tuple[Fault, ...]:
        """The faults of a line, in the order in which they were found."""
        return self._faults.of(line)

    def events_after(self, seq: int) -> Iterator[StoredEvent]:
        """The events numbered above ``seq``, in order; commits may go on while it is read."""
        while page := self._events_page(seq):
            yield from page
            seq = page[-1].seq

    def save_snapshot(self, *, seq: int, at: Instant, body: bytes) -> None:
        """Keeps the node's state after event ``seq``, and drops what no kept snapshot needs any more.

        The newest SNAPSHOTS_KEPT are kept; events of the kinds DROPPED go once the oldest of these covers
        them, so that a damaged snapshot can be done without. Raises Refused("store.snapshot") when there is
        no such event yet, or a newer snapshot than that.
        """
        with self._database.transaction():
            covered = self._database.number("SELECT max(seq) FROM snapshot")
            newest = self._newest_seq()
            if not covered <= seq <= newest:
                raise Refused("store.snapshot", f"snapshot is of event {seq}, must be {covered} to {newest}")
            self._database.execute(
                "INSERT OR REPLACE INTO snapshot (seq, at_ms, body, sha256) VALUES (?, ?, ?, ?)",
                *(seq, at, body, sha256(body).digest()),
            )
            self._database.execute(
                "DELETE FROM snapshot WHERE seq NOT IN (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT ?)",
                SNAPSHOTS_KEPT,
            )
            self._database.execute(
                "DELETE FROM event WHERE kind IN (?, ?, ?) AND seq <= (SELECT min(seq) FROM snapshot)",
                *DROPPED,
            )

    def forget_covered(self) -> None:
        """Drops every snapshot but the newest, and the events of the kinds DROPPED that it covers.

        For when what they hold must not be had any more: what is removed is overwritten, in the write-ahead log too.
        """
        with self._database.transaction():
            self._database.execute("DELETE FROM snapshot WHERE seq < (SELECT max(seq) FROM snapshot)")
            self._database.execute(
                "DELETE FROM event WHERE kind IN (?, ?, ?) AND seq <= (SELECT max(seq) FROM snapshot)",
                *DROPPED,
            )
        self._database.forget_removed()

    def load_snapshot(self) -> Snapshot | None:
        """The newest snapshot whose bytes are as they were stored, or None when none was ever saved.

        Raises Untrusted("store.snapshots") when there are some and every one is damaged.
        """
        with self._database.reading():
            rows = list(
                self._database.execute("SELECT seq, at_ms, body, sha256 FROM snapshot ORDER BY seq DESC")
            )
            for seq, at_ms, body, digest in rows:
                if sha256(body).digest() == digest:
                    return Snapshot(seq=seq, at=Instant(at_ms), body=body)
        if rows:
            raise Untrusted("store.snapshots", f"store {self._database.path}: every snapshot is damaged")
        return None

    def head(self) -> Head:
        """The size and root of the record, from the stored tree."""
        return self._ledger.log.head()

    def checkpoint(self) -> str | None:
        """The newest signed checkpoint as a written note, or None while the record is empty."""
        return self._ledger.log.checkpoint()

    def entries(self, *, start: int, limit: int) -> tuple[StoredEntry, ...]:
        """Up to ``limit`` entries from number ``start`` on, in order; raises as ``Ledger.entries`` does."""
        return self._ledger.entries(start=start, limit=limit)

    def entries_between(
        self, *, start: Instant, end: Instant, limit: int, kinds: Collection[str]
    ) -> tuple[StoredEntry, ...]:
        """The newest ``limit`` entries of these kinds with a stated time from ``start`` until before ``end``.

        By time, the oldest first. Raises as ``Ledger.entries_between`` does.
        """
        return self._ledger.entries_between(start=start, end=end, limit=limit, kinds=kinds)

    def inclusion(self, index: int) -> Inclusion:
        """The proof that entry ``index`` is in the record as it stands; raises as ``StoredLog.inclusion`` does."""
        return self._ledger.log.inclusion(index)

    def consistency(self, old: int) -> tuple[bytes, ...]:
        """The proof that the record as it stands continues its first ``old`` entries.

        Raises as ``StoredLog.consistency`` does.
        """
        return self._ledger.log.consistency(old)

    def self_check(self) -> Head:
        """Recomputes the whole record from the stored bytes; raises as ``Ledger.self_check`` does."""
        return self._ledger.self_check()

    def refusals(self, *, limit: int) -> tuple[RefusedInput, ...]:
        """The newest refusals, the newest first; raises as ``Refusals.newest`` does."""
        return self._refusals.newest(limit=limit)

    def refusal_counts(self) -> tuple[RefusalCount, ...]:
        """Every refusal ever, counted by source and code, in the order of these two."""
        return self._refusals.counts()

    def setting(self, name: str) -> str | None:
        """The value kept under a name, or None when none was."""
        with self._database.reading():
            row = self._database.execute("SELECT value FROM setting WHERE name = ?", name).fetchone()
            return None if row is None else row[0]

    def _append(self, append: LogAppend) -> Head:
        log = self._logs.of(append.origin)
        if log is self._ledger.log:
            raise Refused(
                "log.record", f"log {log.origin} is the node's record; it takes entries, not leaves"
            )
        signs = log.own and append.checkpoint is None
        if signs and (signed := self.restored(log.origin)) is not None:
            raise Refused(
                "log.restored",
                f"log {log.origin} was signed up to {signed} entries, of which the database lacks some: a backup was"
                " restored; fetch them from the counterpart, or begin a new epoch",
            )
        return log.append(append.leaves, checkpoint=append.checkpoint)

    def _keep_of_lines(self, lines: LineWrites) -> None:
        for each in lines.cosigned:
            self._logs.of(each.origin).keep_cosigned(each.note, by=each.by)
        self._parts.keep(lines.openings)
        self._parts.leave(lines.leaving)
        self.disclosed.note(lines.disclosures)
        self.disclosed.withdraw(lines.withdrawals)
        self.withheld.note(lines.withheld)
        self._faults.keep(lines.faults)

    def _mark(self, heads: Mapping[str, Head]) -> None:
        if self._marker is None:
            return
        for origin, head in heads.items():
            if self._logs.of(origin).own and self.restored(origin) is None:
                self._marker.write(origin, head)

    def _write_setting(self, name: str, value: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, value)

    def _newest_seq(self) -> int:
        # Not the newest event that is there: the newest ever, for it may have been dropped.
        return self._database.number("SELECT seq FROM sqlite_sequence WHERE name = 'event'")

    def _events_page(self, seq: int) -> list[StoredEvent]:
        with self._database.reading():
            rows = self._database.execute(
                "SELECT seq, at_ms, kind, body FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
                *(seq, _EVENTS_PAGE),
            )
            return [
                StoredEvent(seq=each, at=Instant(at_ms), kind=kind, body=body)
                for each, at_ms, kind, body in rows
            ]
