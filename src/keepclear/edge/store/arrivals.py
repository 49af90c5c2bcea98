"""Arrivals: in which order and when this node came by the entries of its lines' logs, of both sides.

It is the node's own account: what an entry states of its time, and what a clock was set to, have no part in the order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from keepclear.core.instant import Instant
from keepclear.edge.store.database import Database

UNNOTED: Final = (1 << 63) - 1
"""The place of entries of which no arrival was noted: after all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Entries ``start`` to before ``end`` of a log came together: as the ``place``-th of all, at an instant of ours.

    ``at`` is None where it was not noted.
    """

    start: int
    end: int
    place: int
    at: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressLeaf:
    """An urgent entry of a log that came ahead of its turn, by its number there, and when it came."""

    origin: str
    number: int
    leaf: bytes
    at: Instant


class Arrivals:
    """The arrivals in the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, sizes: Mapping[str, int], express: Sequence[ExpressLeaf], *, at: Instant | None) -> None:
        """Notes to what sizes logs have grown, and keeps what came ahead of its turn until that has come.

        Inside a transaction of the database only. Of None nothing is noted: then only signatures came.
        """
        if at is not None:
            for origin, size in sizes.items():
                self._note(origin, size, at=at)
        self._database.execute_each(
            "INSERT OR IGNORE INTO express (origin, number, leaf, at_ms) VALUES (?, ?, ?, ?)",
            [(each.origin, each.number, each.leaf, each.at) for each in express],
        )
        for origin in sizes:
            self._drop_express(origin)

    def of(self, origin: str, *, start: int, end: int) -> list[Arrival]:
        """How entries ``start`` to before ``end`` of a log came, in their order, none left out."""
        found: list[Arrival] = []
        with self._database.reading():
            rows = self._database.execute(
                "SELECT size, seq, at_ms FROM arrival WHERE origin = ? AND size > ? ORDER BY size",
                *(origin, start),
            )
            for size, seq, at_ms in rows:
                if start >= end:
                    break
                found.append(Arrival(start=start, end=min(size, end), place=seq, at=Instant(at_ms)))
                start = size
        if start < end:
            found.append(Arrival(start=start, end=end, place=UNNOTED, at=None))
        return found

    def size_before(self, origin: str, place: int) -> int:
        """How many entries of a log had come before a place."""
        with self._database.reading():
            return self._database.number(
                "SELECT max(size) FROM arrival WHERE origin = ? AND seq < ?", origin, place
            )

    def express(self, origin: str) -> tuple[ExpressLeaf, ...]:
        """The entries of a log that came ahead of their turn and are not there in it, by number."""
        with self._database.reading():
            rows = self._database.execute(
                "SELECT number, leaf, at_ms FROM express WHERE origin = ? ORDER BY number, at_ms", origin
            )
            return tuple(
                ExpressLeaf(origin=origin, number=number, leaf=leaf, at=Instant(at_ms))
                for number, leaf, at_ms in rows
            )

    def _note(self, origin: str, size: int, *, at: Instant) -> None:
        if size > self._database.number("SELECT max(size) FROM arrival WHERE origin = ?", origin):
            self._database.execute(
                "INSERT INTO arrival (origin, size, at_ms) VALUES (?, ?, ?)", origin, size, at
            )

    def _drop_express(self, origin: str) -> None:
        # One in whose place the log has another stays: it was said too, and whoever was called by it must find it.
        self._database.execute(
            "DELETE FROM express WHERE origin = ? AND EXISTS (SELECT 1 FROM leaf JOIN log ON log.id = leaf.log"
            " WHERE log.origin = express.origin AND leaf.number = express.number AND leaf.leaf = express.leaf)",
            origin,
        )
