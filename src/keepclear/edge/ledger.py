"""The record as the store keeps it: entries, their tree, and the checkpoints signed over it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.record.checkpoint import Checkpoint, opened
from keepclear.core.record.merkle import (
    HASH_BYTES,
    Head,
    Inclusion,
    Node,
    consistency_path,
    frontier_at,
    inclusion_path,
    leaf_hash,
)
from keepclear.core.record.record import Entry, Record, audited, entry_of
from keepclear.core.trust.note import Signer
from keepclear.edge.database import Cell, Database

PAGE_MAX: Final = 1_000
"""The most entries given at once."""

CHECKPOINT_SPAN: Final = 256
"""Besides the newest, one checkpoint is kept out of so many entries: they bound where damage lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Something to be stored under the next number: an event (any bytes) or an entry (canonical JSON)."""

    at: Instant
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry of the record with the very bytes that were hashed."""

    entry: Entry
    leaf: bytes
    hash: bytes


class Ledger:
    """The record in the store; its log is the one that the signer's key is named for.

    Every method raises Untrusted("record.damaged") when what is stored cannot be what was appended.
    """

    def __init__(self, database: Database, *, signer: Signer) -> None:
        self._database = database
        self._signer = signer

    def head(self) -> Head:
        """The size and root of the record, from the stored tree."""
        with self._database.reading():
            return self._record().head()

    def checkpoint(self) -> str | None:
        """The newest signed checkpoint as a written note, or None while the record is empty."""
        with self._database.reading():
            query = "SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1"
            row = self._database.execute(query).fetchone()
            return None if row is None else row[0]

    def entries(self, *, start: int, limit: int) -> tuple[StoredEntry, ...]:
        """Up to ``limit`` entries from number ``start`` on, in order.

        Raises Refused("record.limit") for a limit outside 1 to PAGE_MAX.
        """
        _check_limit(limit)
        return self._entries("SELECT leaf FROM entry WHERE number >= ? ORDER BY number LIMIT ?", start, limit)

    def entries_between(
        self, *, start: Instant, end: Instant, limit: int, kinds: Collection[str]
    ) -> tuple[StoredEntry, ...]:
        """The newest ``limit`` entries of these kinds whose stated time lies from ``start`` until before ``end``.

        By time, the oldest first. Raises Refused("record.limit") for a limit outside 1 to PAGE_MAX.
        """
        _check_limit(limit)
        places = ", ".join("?" for _ in kinds)
        newest = self._entries(
            f"SELECT leaf FROM entry WHERE at_ms >= ? AND at_ms < ? AND kind IN ({places})"
            " ORDER BY at_ms DESC, number DESC LIMIT ?",
            *(start, end, *kinds, limit),
        )
        return newest[::-1]

    def inclusion(self, index: int) -> Inclusion:
        """The proof that entry ``index`` is in the record as it stands.

        Raises Refused("merkle.index") for an entry that is not there.
        """
        with self._database.reading():
            head = self._record().head()
            path = inclusion_path(index=index, size=head.size, read=self._node)
            leaf = self._node(0, index)
            return Inclusion(index=index, size=head.size, root=head.root, leaf=leaf, path=path)

    def consistency(self, old: int) -> tuple[bytes, ...]:
        """The proof that the record as it stands continues its first ``old`` entries.

        Raises Refused("merkle.size") for 0, or for more entries than there are.
        """
        with self._database.reading():
            return consistency_path(old=old, new=self._size(), read=self._node)

    def self_check(self) -> Head:
        """Recomputes the whole record from the stored bytes and holds it against every kept checkpoint.

        Raises Untrusted("record.damaged") naming the first bad entry, or, when entries and tree were altered
        together, between which signed sizes the change lies; Untrusted as ``checkpoint.opened`` does for a
        checkpoint that the log's key did not sign.
        """
        with self._database.reading():
            record, signed = Record(), 0
            heads = self._signed_heads()
            for appended in audited(self._leaves(0)):
                self._compare(appended.nodes)
                record = appended.record
                expected = heads.pop(record.size, None)
                if expected is None:
                    continue
                if record.head() != expected:
                    raise _damaged(f"one of the entries {signed} to {record.size - 1} is not what was signed")
                signed = record.size
            if heads or signed != record.size:
                wanted = max(heads, default=signed)
                raise _damaged(f"there are {record.size} entries, must be {wanted} as was signed")
            self._compare_columns()
            return record.head()

    def append(self, drafts: Sequence[Draft]) -> Head:
        """Appends entries and signs the new head; inside a transaction of the database only.

        What is signed is read back from the stored bytes, and first shown to continue the last signed head.
        Raises as Entry does for a draft that cannot be an entry, and Untrusted("record.consistency") when the
        stored tree no longer leads to what was signed.
        """
        record = self._record()
        for draft in drafts:
            entry = Entry(index=record.size, at=draft.at, kind=draft.kind, body=draft.body)
            appended = record.append(entry.leaf())
            self._database.execute(
                "INSERT INTO entry (number, at_ms, kind, leaf) VALUES (?, ?, ?, ?)",
                *(entry.index, entry.at, entry.kind, appended.leaf),
            )
            for node in appended.nodes:
                self._database.execute(
                    "INSERT INTO node (level, number, hash) VALUES (?, ?, ?)",
                    *(node.level, node.index, node.hash),
                )
            record = appended.record
        return self._sign_head()

    def _sign_head(self) -> Head:
        # A transparency log once signed over a flipped bit and was dead for good: so the disk is asked again.
        written = self.checkpoint()
        last = opened(written, self._signer.key).head if written else Record().head()
        record = self._record_at(last.size)
        if record.head() != last:
            raise Untrusted(
                "record.consistency",
                f"the stored tree no longer leads to the root signed at {last.size} entries",
            )
        for appended in audited(self._leaves(last.size), start=record):
            self._compare(appended.nodes)
            record = appended.record
        head = record.head()
        note = Checkpoint(origin=self._signer.key.name, head=head).signed(self._signer)
        if last.size // CHECKPOINT_SPAN == head.size // CHECKPOINT_SPAN:
            self._database.execute("DELETE FROM checkpoint WHERE size = ?", last.size)
        self._database.execute("INSERT INTO checkpoint (size, note) VALUES (?, ?)", head.size, note.written())
        return head

    def _size(self) -> int:
        return self._database.number("SELECT max(number) + 1 FROM entry")

    def _record(self) -> Record:
        return self._record_at(self._size())

    def _record_at(self, size: int) -> Record:
        return Record(frontier=frontier_at(size, self._node))

    def _node(self, level: int, index: int) -> bytes:
        query = "SELECT hash FROM node WHERE level = ? AND number = ?"
        row = self._database.execute(query, level, index).fetchone()
        if row is None or len(row[0]) != HASH_BYTES:
            raise _damaged(f"the tree lacks node {index} of level {level}")
        return row[0]

    def _compare(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            if self._node(node.level, node.index) != node.hash:
                first = node.index << node.level
                raise _damaged(
                    f"entry {first} does not give its stored hash"
                    if node.level == 0
                    else f"the tree over entries {first} to {first + (1 << node.level) - 1} is not theirs"
                )

    def _compare_columns(self) -> None:
        for (number,) in self._database.execute(
            "SELECT number FROM entry WHERE at_ms IS NOT json_extract(CAST(leaf AS TEXT), '$.at_ms')"
            " OR kind IS NOT json_extract(CAST(leaf AS TEXT), '$.kind') ORDER BY number LIMIT 1"
        ):
            raise _damaged(f"entry {number} is filed under another time or kind than its own")

    def _leaves(self, start: int) -> Iterator[bytes]:
        query = "SELECT leaf FROM entry WHERE number >= ? ORDER BY number"
        for (leaf,) in self._database.execute(query, start):
            yield leaf

    def _signed_heads(self) -> dict[int, Head]:
        notes = self._database.execute("SELECT note FROM checkpoint")
        heads = [opened(note, self._signer.key).head for (note,) in notes]
        return {head.size: head for head in heads}

    def _entries(self, query: str, *bindings: Cell) -> tuple[StoredEntry, ...]:
        with self._database.reading():
            leaves = [leaf for (leaf,) in self._database.execute(query, *bindings)]
        return tuple(StoredEntry(entry=entry_of(leaf), leaf=leaf, hash=leaf_hash(leaf)) for leaf in leaves)


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= PAGE_MAX:
        raise Refused("record.limit", f"limit is {limit}, must be 1 to {PAGE_MAX}")


def _damaged(what: str) -> Untrusted:
    return Untrusted("record.damaged", f"record is damaged: {what}")
