"""The thread of a line: what was said on both sides, through all epochs, in the order in which this node came by it.

No time that a party states moves an entry: within each log its place decides, and between the logs what was here first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.keys import Roster
from keepclear.core.line.message import PartyWord
from keepclear.core.line.state import LineState
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.merkle import leaf_hash
from keepclear.edge.store.arrivals import UNNOTED, ExpressLeaf
from keepclear.edge.store.store import Store

PAGE_MAX: Final = 500
"""The most entries of a thread that are given at once."""

RECENT: Final = 1_000
"""So far back an entry is looked for in every log, before any is gone through whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry of a thread. ``at`` is when this node came by it, None where that was not noted.

    ``ahead``: it came ahead of its turn, and its turn has not come. ``roster`` has the officers of its log.
    """

    origin: str
    number: int
    leaf: bytes
    roster: Roster
    place: int
    at: Instant | None
    ahead: bool = False

    @property
    def hash(self) -> bytes:
        """The identity of the entry."""
        return leaf_hash(self.leaf)


class LineThread:
    """What was said on one line, read from the store."""

    def __init__(self, store: Store, state: LineState) -> None:
        self._store = store
        terms = state.terms
        own = _epochs(terms.own, terms.line, state.own_rosters)
        other = _epochs(terms.other, terms.line, state.other_rosters)
        self._sides = (own, other)
        self._line = terms.line

    def page(self, *, limit: int, before: bytes | None = None) -> list[Told]:
        """The newest entries, or those before one that is named by its hash; the oldest first.

        What came ahead of its turn stands after all that came in its turn. Raises Refused("line.limit") for a limit
        outside 1 to PAGE_MAX, and Refused("message.unknown").
        """
        if not 1 <= limit <= PAGE_MAX:
            raise Refused("line.limit", f"limit is {limit}, must be 1 to {PAGE_MAX}")
        cut = None if before is None else self.found(before)
        ahead = self._ahead()
        if cut is not None:
            ahead = ahead[: ahead.index(cut)] if cut.ahead else []
        newest = ahead[-limit:]
        room = limit - len(newest)
        turned = cut if cut is not None and not cut.ahead else None
        told = [each for side in self._sides for each in self._back(side, turned, room)]
        told.sort(key=lambda each: (each.place, each.origin, each.number))
        return [*told[len(told) - min(room, len(told)) :], *newest]

    def found(self, hashed: bytes) -> Told:
        """One entry by its hash, in whichever epoch of either log. Raises Refused("message.unknown")."""
        for each in self._ahead():
            if each.hash == hashed:
                return each
        epochs = [each for side in self._sides for each in side]
        for recent in (True, False):
            for origin, roster in epochs:
                log = self._store.log(origin)
                start = max(0, log.head().size - RECENT) if recent else 0
                number = log.index_of(hashed, start=start)
                if number is not None:
                    return self._told(origin, roster, start=number, end=number + 1)[0]
        raise Refused("message.unknown", f"line {self._line} has no message {hashed.hex()[:16]}...")

    def _back(self, side: Sequence[tuple[str, Roster]], cut: Told | None, room: int) -> list[Told]:
        """Up to so many entries of one party from where a page ends, back through its epochs."""
        told: list[Told] = []
        for origin, roster in side:
            if room <= 0:
                break
            end = self._end(origin, cut)
            start = max(0, end - room)
            told += self._told(origin, roster, start=start, end=end)
            room -= end - start
        return told

    def _end(self, origin: str, cut: Told | None) -> int:
        """How many entries of a log come before the end of a page."""
        if cut is None:
            return self._store.log(origin).head().size
        if origin == cut.origin:
            return cut.number
        return self._store.arrivals.size_before(origin, cut.place)

    def _told(self, origin: str, roster: Roster, *, start: int, end: int) -> list[Told]:
        if start >= end:
            return []
        leaves = self._store.log(origin).leaves(start=start, limit=end - start)
        return [
            Told(
                origin=origin,
                number=number,
                leaf=leaves[number - start],
                roster=roster,
                place=arrival.place,
                at=arrival.at,
            )
            for arrival in self._store.arrivals.of(origin, start=start, end=end)
            for number in range(arrival.start, arrival.end)
        ]

    def _ahead(self) -> list[Told]:
        """What came ahead of its turn, in the order of the epochs and of its log."""
        return [
            _told_ahead(each, roster)
            for side in self._sides
            for origin, roster in reversed(side)
            for each in self._store.arrivals.express(origin)
        ]


def _told_ahead(leaf: ExpressLeaf, roster: Roster) -> Told:
    return Told(
        origin=leaf.origin,
        number=leaf.number,
        leaf=leaf.leaf,
        roster=roster,
        place=UNNOTED,
        at=leaf.at,
        ahead=True,
    )


def _epochs(party: PartyWord, line: str, rosters: Mapping[int, Roster]) -> list[tuple[str, Roster]]:
    """The logs of a party by their origins, the newest epoch first."""
    return [
        (origin_of(party=party, log=line, epoch=epoch), rosters[epoch])
        for epoch in sorted(rosters, reverse=True)
    ]
