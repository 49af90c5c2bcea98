"""The board: all notices that a node knows, followed to their end and held against one another and the zones.

Deterministic: the same events at the same instants give the same effects. Each conflict is known by its two extents;
one that a person has seen stays seen until it becomes surer or another rule makes it. Versions of a notice may come in
any order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from heapq import heappop, heappush
from typing import Final, assert_never

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.notice.conflict import Conflict, conflict_between
from keepclear.core.notice.conflicts import Conflicts, Standing
from keepclear.core.notice.event import (
    BoardEffect,
    BoardEvent,
    Bounded,
    ConflictKey,
    ConflictSeen,
    Followed,
    Given,
    MinimaChanged,
    MinimaSet,
    NoticeChanged,
    NoticesTicked,
    Report,
    Reported,
    Unread,
    Withdrawn,
)
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.held import Giver, Held, NoticeId, is_one_activity, next_due
from keepclear.core.notice.lead import lead_of
from keepclear.core.notice.lifecycle import LIVES, OVER, Happening, counts, first_stage, next_stage
from keepclear.core.notice.minima import Minima, widest_m
from keepclear.core.notice.nearby import Nearby
from keepclear.core.notice.notice import NoticeKind
from keepclear.core.notice.site import Site
from keepclear.core.space.altitude import Containment

NOTICES_MAX: Final = 1_000_000
"""The most notices that are followed at a time; what is over does not count."""

OVER_MAX: Final = 10_000
"""How many notices that are over are remembered; the first of them leave first, and the record has them all."""

UNREAD_MAX: Final = 1_000
"""How many messages that could not be taken are remembered; the first leave first."""

ZONE: Final = "zone "
"""What stands before the name of a zone where a conflict names its two sides."""

_REPORTS: Final = {
    Report.DEPARTED: Happening.DEPARTS,
    Report.CHECKED_IN: Happening.CHECKS_IN,
    Report.ARRIVED: Happening.ARRIVES,
    Report.ABORTED: Happening.ABORTS,
    Report.VERIFIED: Happening.VERIFIED,
}


class Board:
    """All notices of a node, with no I/O."""

    def __init__(self) -> None:
        self.minima = Minima()
        self.agreed: dict[frozenset[Giver], Minima] = {}
        self.held: dict[NoticeId, Held] = {}
        self.zones: dict[str, Bounded] = {}
        self.unread: dict[NoticeId, Unread] = {}
        # Of those that are over the first came to be so first.
        self._over: dict[NoticeId, None] = {}
        # Which version stands in the place of one that has not come yet.
        self._replacing: dict[tuple[NoticeId, Giver], NoticeId] = {}
        self._conflicts = Conflicts()
        self._nearby = Nearby()
        self._due: list[tuple[Instant, NoticeId]] = []

    @property
    def conflicts(self) -> Mapping[ConflictKey, Standing]:
        """All that stand."""
        return self._conflicts.standing

    def step(self, event: BoardEvent, *, now: Instant) -> list[BoardEffect]:
        """What an event at an instant changes. Raises Refused, and changes nothing, when it is not acceptable."""
        match event:
            case Given():
                return self._given(event, now=now)
            case Withdrawn():
                return self._withdrawn(event)
            case Reported():
                return self._reported(event, now=now)
            case Unread():
                return self._unread(event)
            case Bounded():
                return self._bounded(event)
            case MinimaSet():
                return self._minima_set(event)
            case ConflictSeen():
                return self._conflicts.seen(event)
            case NoticesTicked():
                return self._ticked(now=now)
            case _:
                assert_never(event)

    def check(self, said: Followed, *, now: Instant) -> None:
        """Raises Refused where ``step`` would, and for a report as of a time to come; changes nothing."""
        match said:
            case Given():
                self._check_given(said)
            case Withdrawn():
                held = self._own(said.id, said.by)
                next_stage(held.notice.kind, held.stage, Happening.WITHDRAWS)
            case Reported():
                held = self._own(said.id, said.by)
                if said.at > now:
                    raise Refused(
                        "notice.report",
                        f"notice {held.id[:12]} is reported of as of a time that is still to come",
                    )
                next_stage(held.notice.kind, held.stage, _REPORTS[said.report])

    def restore(
        self,
        held: Iterable[Held],
        *,
        zones: Iterable[Bounded],
        minima: Minima,
        agreed: Mapping[frozenset[Giver], Minima],
        conflicts: Mapping[ConflictKey, Standing],
        unread: Iterable[Unread],
    ) -> None:
        """Take up what another board held, in its order; this one is empty."""
        self.minima, self.agreed = minima, dict(agreed)
        self._conflicts.restore(conflicts)
        self.unread = {each.id: each for each in unread}
        for zone in zones:
            self.zones[zone.zone] = zone
            self._nearby.add(ZONE + zone.zone, zone.extents)
        for each in held:
            self.held[each.id] = each
            if each.stage in OVER:
                self._over[each.id] = None
            if counts(each.notice.kind, each.stage):
                self._nearby.add(each.id, each.notice.extents)
            self._await(each)
        for each in self.held.values():
            if each.amends is not None and each.amends not in self.held:
                self._replacing[each.amends, each.by] = each.id

    def _check_given(self, given: Given) -> None:
        if given.id in self.held:
            raise Refused("notice.known", f"notice {given.id[:12]} is on the board already")
        if len(self.held) - len(self._over) >= NOTICES_MAX:
            raise Refused("notice.many", f"{NOTICES_MAX} notices are followed, which is all that can be")
        if given.amends is None or given.amends not in self.held:
            return
        before = self._own(given.amends, given.by)
        if before.notice.designation != given.notice.designation:
            raise Refused(
                "notice.designation",
                f"{given.notice.designation!r} amends {before.notice.designation!r}; a version keeps its name",
            )

    def _given(self, given: Given, *, now: Instant) -> list[BoardEffect]:
        self.check(given, now=now)
        effects = [] if given.amends is None else self._amended(given, given.amends)
        held = Held(
            id=given.id,
            by=given.by,
            flag=given.flag,
            notice=given.notice,
            received=now,
            stage=first_stage(given.notice.kind),
            amends=given.amends,
        )
        self.held[given.id] = held
        lead = lead_of(given.notice, now)
        effects.append(NoticeChanged(held=held, lead=lead))
        if counts(held.notice.kind, held.stage):
            self._nearby.add(held.id, held.notice.extents)
        if self._stood_for(held):
            return effects + self._happened(held, Happening.AMENDS)
        if counts(held.notice.kind, held.stage):
            effects += self._found(held)
        self._await(held)
        return effects + self._ticked(now=now)

    def _stood_for(self, held: Held) -> bool:
        """Whether a later version of a notice came before it."""
        name = self._replacing.pop((held.id, held.by), None)
        version = None if name is None else self.held.get(name)
        return version is not None and is_one_activity(version, held)

    def _amended(self, given: Given, before: NoticeId) -> list[BoardEffect]:
        """What becomes of the version that a notice amends.

        One that has not come is replaced when it comes. One that is over stays so, and the new one is followed all the
        same: whoever says that it will be there must be seen.
        """
        if before not in self.held:
            self._replacing[before, given.by] = given.id
            return []
        held = self.held[before]
        if (held.stage, Happening.AMENDS) not in LIVES[held.notice.kind]:
            return []
        return self._happened(held, Happening.AMENDS)

    def _own(self, name: NoticeId, by: Giver) -> Held:
        held = self.held.get(name)
        if held is None:
            raise Refused("notice.unknown", f"there is no notice {name[:12]} on the board")
        if held.by != by:
            raise Refused(
                "notice.party",
                f"notice {name[:12]} was given by {held.by}, and {by} cannot change what it says",
            )
        return held

    def _happened(self, held: Held, happening: Happening) -> list[BoardEffect]:
        stage = next_stage(held.notice.kind, held.stage, happening)
        after = replace(held, stage=stage)
        self.held[held.id] = after
        effects: list[BoardEffect] = [NoticeChanged(held=after, happening=happening)]
        if stage in OVER:
            self._ended(after)
        if counts(held.notice.kind, held.stage) and not counts(held.notice.kind, stage):
            self._nearby.remove(held.id)
            effects += self._conflicts.cleared(held.id)
        self._await(after)
        return effects

    def _ended(self, held: Held) -> None:
        """A notice that is over stands behind those that ended before it; the first of too many leaves."""
        self.held[held.id] = self.held.pop(held.id)
        self._over[held.id] = None
        if len(self._over) > OVER_MAX:
            oldest = next(iter(self._over))
            gone = self.held.pop(oldest)
            del self._over[oldest]
            if gone.amends is not None:
                self._replacing.pop((gone.amends, gone.by), None)

    def _withdrawn(self, withdrawn: Withdrawn) -> list[BoardEffect]:
        return self._happened(self._own(withdrawn.id, withdrawn.by), Happening.WITHDRAWS)

    def _reported(self, reported: Reported, *, now: Instant) -> list[BoardEffect]:
        held = self._own(reported.id, reported.by)
        # Checked first, so that a report that is not acceptable leaves no trace.
        next_stage(held.notice.kind, held.stage, _REPORTS[reported.report])
        # The clocks of two nodes differ: what is still to come by ours counts as of now, so that silence is not noticed
        # any later.
        at = Instant(min(reported.at, now))
        notice = held.notice
        if isinstance(notice.body, Site):
            notice = replace(notice, body=replace(notice.body, verified=max(notice.body.verified, at)))
        known = replace(held, notice=notice, reported=max(held.reported, at))
        self.held[held.id] = known
        return self._happened(known, _REPORTS[reported.report]) + self._ticked(now=now)

    def _unread(self, unread: Unread) -> list[BoardEffect]:
        self.unread[unread.id] = unread
        if len(self.unread) > UNREAD_MAX:
            del self.unread[next(iter(self.unread))]
        return [unread]

    def _bounded(self, bounded: Bounded) -> list[BoardEffect]:
        side = ZONE + bounded.zone
        if self.zones.pop(bounded.zone, None) is not None:
            self._nearby.remove(side)
        if not bounded.extents:
            return self._conflicts.cleared(side)
        self.zones[bounded.zone] = bounded
        self._nearby.add(side, bounded.extents)
        effects: list[BoardEffect] = []
        found: set[ConflictKey] = set()
        for other in self._nearby.near(bounded.extents, apart_m=self._widest_m()):
            if other in self.held:
                for key, conflict in self._between_zone(self.held[NoticeId(other)], bounded):
                    found.add(key)
                    effects += self._conflicts.stands(key, conflict)
        return effects + self._conflicts.cleared(side, but=found)

    def _minima_set(self, minima_set: MinimaSet) -> list[BoardEffect]:
        if minima_set.parties:
            self.agreed[minima_set.parties] = minima_set.minima
        else:
            self.minima = minima_set.minima
        before = set(self.conflicts)
        effects: list[BoardEffect] = [MinimaChanged(was_set=minima_set)]
        found: set[ConflictKey] = set()
        for held in list(self.held.values()):
            if counts(held.notice.kind, held.stage):
                for key, conflict in self.conflicts_of(held):
                    if key not in found:
                        found.add(key)
                        effects += self._conflicts.stands(key, conflict)
        return effects + self._conflicts.gone(before - found)

    def _ticked(self, *, now: Instant) -> list[BoardEffect]:
        effects: list[BoardEffect] = []
        while self._due and self._due[0][0] <= now:
            at, name = heappop(self._due)
            held = self.held.get(name)
            due = None if held is None else next_due(held)
            # What waited for another stage has been overtaken, and what is due instead waits for itself.
            if held is not None and due is not None and due[0] == at:
                effects += self._happened(held, due[1])
        return effects

    def _await(self, held: Held) -> None:
        due = next_due(held)
        if due is not None:
            heappush(self._due, (due[0], held.id))

    def _found(self, held: Held) -> list[BoardEffect]:
        effects: list[BoardEffect] = []
        for key, conflict in self.conflicts_of(held):
            effects += self._conflicts.stands(key, conflict)
        return effects

    def conflicts_of(self, held: Held) -> Iterator[tuple[ConflictKey, Conflict]]:
        """All conflicts of a notice with what is near it, in the order of their keys' sides."""
        for other in self._nearby.near(held.notice.extents, apart_m=self._widest_m()):
            if other == held.id:
                continue
            if other.startswith(ZONE):
                yield from self._between_zone(held, self.zones[other.removeprefix(ZONE)])
            else:
                yield from self._between(held, self.held[NoticeId(other)])

    def _widest_m(self) -> float:
        return max(widest_m(minima.rules) for minima in (self.minima, *self.agreed.values()))

    def _between(self, held: Held, other: Held) -> Iterator[tuple[ConflictKey, Conflict]]:
        # A message that is not meant, or only practised, is held against its like alone; and one activity may be told
        # of on several lines, by a notice on each.
        if held.flag == other.flag and not is_one_activity(held, other):
            minima = self.agreed.get(frozenset((held.by, other.by)), self.minima)
            rule = minima.between(held.notice.kind, other.notice.kind)
            one, two = sorted((held, other), key=lambda each: each.id)
            for own, theirs in _pairs(one.notice.extents, two.notice.extents):
                conflict = conflict_between(own, theirs, rule)
                if conflict is not None:
                    yield _key(one.id, own, two.id, theirs), conflict

    def _between_zone(self, held: Held, zone: Bounded) -> Iterator[tuple[ConflictKey, Conflict]]:
        if held.by in zone.admitted:
            return
        rule = self.minima.between(held.notice.kind, NoticeKind.ZONE)
        for own, theirs in _pairs(held.notice.extents, zone.extents):
            conflict = conflict_between(own, theirs, rule)
            if conflict is not None:
                if zone.at_times:
                    conflict = replace(conflict, sure=Containment.POSSIBLE)
                yield _key(held.id, own, ZONE + zone.zone, theirs), conflict


def _pairs(own: tuple[Extent, ...], other: tuple[Extent, ...]) -> Iterator[tuple[Extent, Extent]]:
    return ((one, two) for one in own for two in other)


def _key(one: str, one_extent: Extent, other: str, other_extent: Extent) -> ConflictKey:
    return ConflictKey(one=one, one_extent=one_extent.name, other=other, other_extent=other_extent.name)
