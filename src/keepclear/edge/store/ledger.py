"""The record as the store keeps it: a log of entries, each filed by when and of what kind it says that it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.record.merkle import Head, leaf_hash
from keepclear.core.record.record import Entry, entry_of
from keepclear.edge.store.database import Cell, Database
from keepclear.edge.store.schema import RECORD_LOG
from keepclear.edge.store.storedlog import StoredLog

PAGE_MAX: Final = 1_000
"""The most entries given at once."""


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
    """The node's own record, on the first log of its store.

    Every method raises Untrusted("record.damaged") when what is stored cannot be what was appended.
    """

    def __init__(self, database: Database, *, log: StoredLog) -> None:
        self._database = database
        self.log = log

    def entries(self, *, start: int, limit: int) -> tuple[StoredEntry, ...]:
        """Up to ``limit`` entries from number ``start`` on, in order.

        Raises Refused("record.limit") for a limit outside 1 to PAGE_MAX.
        """
        _check_limit(limit)
        query = f"SELECT leaf FROM leaf WHERE log = {RECORD_LOG} AND number >= ? ORDER BY number LIMIT ?"
        return self._entries(query, start, limit)

    def entries_between(
        self, *, start: Instant, end: Instant, limit: int, kinds: Collection[str]
    ) -> tuple[StoredEntry, ...]:
        """The newest ``limit`` entries of these kinds whose stated time lies from ``start`` until before ``end``.

        By time, the oldest first. Raises Refused("record.limit") for a limit outside 1 to PAGE_MAX.
        """
        _check_limit(limit)
        places = ", ".join("?" for _ in kinds)
        newest = self._entries(
            # CROSS: the few entries of that time are looked up one by one, rather than all leaves gone through.
            f"SELECT leaf FROM entry CROSS JOIN leaf ON log = {RECORD_LOG} AND leaf.number = entry.number"
            f" WHERE at_ms >= ? AND at_ms < ? AND kind IN ({places})"
            " ORDER BY at_ms DESC, entry.number DESC LIMIT ?",
            *(start, end, *kinds, limit),
        )
        return newest[::-1]

    def self_check(self) -> Head:
        """Recomputes the whole record from the stored bytes, as ``StoredLog.self_check`` does.

        Raises as that does, and Untrusted("record.damaged") for an entry that is filed under another time or kind
        than its own.
        """
        head = self.log.self_check()
        with self._database.reading():
            misfiled = self._database.execute(
                f"SELECT number FROM (SELECT number, leaf FROM leaf WHERE log = {RECORD_LOG}) LEFT JOIN entry"
                " USING (number) WHERE at_ms IS NOT json_extract(CAST(leaf AS TEXT), '$.at_ms')"
                " OR kind IS NOT json_extract(CAST(leaf AS TEXT), '$.kind') ORDER BY number LIMIT 1"
            ).fetchone()
        if misfiled is not None:
            raise Untrusted(
                "record.damaged",
                f"record is damaged: entry {misfiled[0]} is filed under another time or kind than its own",
            )
        return head

    def append(self, drafts: Sequence[Draft]) -> Head:
        """Appends entries and signs the new head, as ``StoredLog.append``; inside a transaction only.

        Raises as that does, and as Entry does for a draft that cannot be an entry.
        """
        start = self.log.head().size
        entries = [
            Entry(index=number, at=draft.at, kind=draft.kind, body=draft.body)
            for number, draft in enumerate(drafts, start)
        ]
        self._database.execute_each(
            "INSERT INTO entry (number, at_ms, kind) VALUES (?, ?, ?)",
            [(entry.index, entry.at, entry.kind) for entry in entries],
        )
        return self.log.append([entry.leaf() for entry in entries])

    def _entries(self, query: str, *bindings: Cell) -> tuple[StoredEntry, ...]:
        with self._database.reading():
            leaves = [leaf for (leaf,) in self._database.execute(query, *bindings)]
        return tuple(StoredEntry(entry=_read(leaf), leaf=leaf, hash=leaf_hash(leaf)) for leaf in leaves)


def _read(leaf: bytes) -> Entry:
    try:
        return entry_of(leaf)
    except Refused as error:
        raise Untrusted("record.damaged", f"record is damaged: {error.message}") from error


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= PAGE_MAX:
        raise Refused("record.limit", f"limit is {limit}, must be 1 to {PAGE_MAX}")
