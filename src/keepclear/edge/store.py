"""The store of a node: the journal of events, snapshots that shorten it, the record, and what was refused.

All in one SQLite file, so that what belongs together is durable together. One process, and in it one thread.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.record.merkle import Head, Inclusion
from keepclear.core.trust.note import Signer
from keepclear.edge.database import Database
from keepclear.edge.ledger import Draft, Ledger, StoredEntry

REPORTS: Final = "reports"
"""The kind of the events that are a flood: dropped once every kept snapshot covers them."""

SNAPSHOTS_KEPT: Final = 3
REFUSALS_KEPT: Final = 1_000
SAMPLE_BYTES_MAX: Final = 512

_EVENTS_PAGE: Final = 500
_LOG_KEY: Final = "log.key"
_NO_SETTINGS: Final[Mapping[str, str]] = {}


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
class RefusedInput:
    """Something from outside that was not accepted: where it came from, why, and how it began.

    Of the sample the first SAMPLE_BYTES_MAX bytes are kept.
    """

    at: Instant
    source: str
    code: str
    message: str
    sample: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalCount:
    """How often one source was refused for one reason, exactly, since the store was made."""

    source: str
    code: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a commit came to: the number of the newest event (0 for none ever) and the head of the record."""

    seq: int
    head: Head


class Store:
    """The one store of a node.

    Made when the file is not there. Raises as Database does, and Refused("store.other-log") when it belongs
    to another log or key than the signer's. Every method may raise Unavailable("store.disk") and
    Untrusted("store.damaged"); after a write has so failed, the store takes no more
    (Unavailable("store.stopped")) until it is opened anew.
    """

    def __init__(self, path: Path, *, signer: Signer) -> None:
        self._database = Database(path)
        self._ledger = Ledger(self._database, signer=signer)
        try:
            self._claim(signer.key.text())
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
        settings: Mapping[str, str] = _NO_SETTINGS,
    ) -> Committed:
        """Stores all of it durably, or none of it; new entries come with a newly signed checkpoint.

        A setting takes the place of the one of its name. Raises as ``Ledger.append`` does, and
        Refused("store.setting") for the name under which the store keeps its own log's key; then nothing is stored
        and nothing is signed.
        """
        if _LOG_KEY in settings:
            raise Refused("store.setting", f"setting {_LOG_KEY} is the store's own")
        with self._database.transaction():
            for name, value in settings.items():
                self._write_setting(name, value)
            for event in events:
                self._database.execute(
                    "INSERT INTO event (at_ms, kind, body) VALUES (?, ?, ?)", event.at, event.kind, event.body
                )
            self._keep(refusals)
            head = self._ledger.append(entries) if entries else self._ledger.head()
            return Committed(seq=self._newest_seq(), head=head)

    def events_after(self, seq: int) -> Iterator[StoredEvent]:
        """The events numbered above ``seq``, in order; commits may go on while it is read."""
        while page := self._events_page(seq):
            yield from page
            seq = page[-1].seq

    def save_snapshot(self, *, seq: int, at: Instant, body: bytes) -> None:
        """Keeps the node's state after event ``seq``, and drops what no kept snapshot needs any more.

        The newest SNAPSHOTS_KEPT are kept; events of the kind REPORTS go once the oldest of these covers
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
                "DELETE FROM event WHERE kind = ? AND seq <= (SELECT min(seq) FROM snapshot)", REPORTS
            )

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
        return self._ledger.head()

    def checkpoint(self) -> str | None:
        """The newest signed checkpoint as a written note, or None while the record is empty."""
        return self._ledger.checkpoint()

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
        """The proof that entry ``index`` is in the record as it stands; raises as ``Ledger.inclusion`` does."""
        return self._ledger.inclusion(index)

    def consistency(self, old: int) -> tuple[bytes, ...]:
        """The proof that the record as it stands continues its first ``old`` entries.

        Raises as ``Ledger.consistency`` does.
        """
        return self._ledger.consistency(old)

    def self_check(self) -> Head:
        """Recomputes the whole record from the stored bytes; raises as ``Ledger.self_check`` does."""
        return self._ledger.self_check()

    def refusals(self, *, limit: int) -> tuple[RefusedInput, ...]:
        """The newest refusals, the newest first; no more than the last REFUSALS_KEPT are there.

        Raises Refused("store.limit") for a limit outside 1 to REFUSALS_KEPT.
        """
        if not 1 <= limit <= REFUSALS_KEPT:
            raise Refused("store.limit", f"limit is {limit}, must be 1 to {REFUSALS_KEPT}")
        with self._database.reading():
            rows = self._database.execute(
                "SELECT at_ms, source, code, message, sample FROM refusal ORDER BY seq DESC LIMIT ?", limit
            )
            return tuple(
                RefusedInput(at=Instant(at_ms), source=source, code=code, message=message, sample=sample)
                for at_ms, source, code, message, sample in rows
            )

    def refusal_counts(self) -> tuple[RefusalCount, ...]:
        """Every refusal ever, counted by source and code, in the order of these two."""
        with self._database.reading():
            rows = self._database.execute(
                "SELECT source, code, count FROM refusal_count ORDER BY source, code"
            )
            return tuple(RefusalCount(source=source, code=code, count=count) for source, code, count in rows)

    def setting(self, name: str) -> str | None:
        """The value kept under a name, or None when none was."""
        with self._database.reading():
            row = self._database.execute("SELECT value FROM setting WHERE name = ?", name).fetchone()
            return None if row is None else row[0]

    def _claim(self, key: str) -> None:
        found = self.setting(_LOG_KEY)
        if found is None:
            with self._database.transaction():
                self._write_setting(_LOG_KEY, key)
        elif found != key:
            raise Refused(
                "store.other-log", f"store {self._database.path} is of log {found}, asked for {key}"
            )

    def _write_setting(self, name: str, value: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", name, value)

    def _keep(self, refusals: Sequence[RefusedInput]) -> None:
        for refusal in refusals:
            self._database.execute(
                "INSERT INTO refusal (at_ms, source, code, message, sample) VALUES (?, ?, ?, ?, ?)",
                *(refusal.at, refusal.source, refusal.code, refusal.message),
                refusal.sample[:SAMPLE_BYTES_MAX],
            )
            self._database.execute(
                "INSERT INTO refusal_count (source, code, count) VALUES (?, ?, 1)"
                " ON CONFLICT (source, code) DO UPDATE SET count = count + 1",
                *(refusal.source, refusal.code),
            )
        self._database.execute(
            "DELETE FROM refusal WHERE seq <= (SELECT max(seq) FROM refusal) - ?", REFUSALS_KEPT
        )

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
