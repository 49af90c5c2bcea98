"""The board: all notices that a node knows, followed to their end and held against one another and the zones.

Deterministic: the same events at the same instants give the same effects. Each conflict is known by its two extents;
one that a person has seen stays seen until it becomes surer or another rule makes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import Final, assert_never

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Instant
from keepclear.core.notice.conflict import Conflict, conflict_between
from keepclear.core.notice.event import (
    BoardEffect,
    BoardEvent,
    Bounded,
    ConflictChange,
    ConflictChanged,
    ConflictKey,
    ConflictSeen,
    Given,
    Giver,
    MinimaSet,
    NoticeChanged,
    NoticeId,
    NoticesTicked,
    Report,
    Reported,
    Withdrawn,
)
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.lead import lead_of
from keepclear.core.notice.lifecycle import OVER, Happening, Stage, counts, first_stage, next_stage
from keepclear.core.notice.minima import Minima, widest_m
from keepclear.core.notice.movement import Movement
from keepclear.core.notice.nearby import Nearby
from keepclear.core.notice.notice import Notice, NoticeKind
from keepclear.core.notice.site import STALE_AFTER_MS, Site
from keepclear.core.space.altitude import Containment

NOTICES_MAX: Final = 1_000_000
"""The most notices that are followed at a time; what is over does not count."""

ZONE: Final = "zone "
"""What stands before the name of a zone where a conflict names its two sides."""

_REPORTS: Final = {
    Report.DEPARTED: Happening.DEPARTS,
    Report.CHECKED_IN: Happening.CHECKS_IN,
    Report.ARRIVED: Happening.ARRIVES,
    Report.ABORTED: Happening.ABORTS,
    Report.VERIFIED: Happening.VERIFIED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A notice on the board. ``reported``: when it was last heard how it stands, by what was reported."""

    id: NoticeId
    by: Giver
    flag: str
    notice: Notice
    received: Instant
    stage: Stage
    reported: Instant = FIRST
    amends: NoticeId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A conflict that stands; ``seen_by`` names who took note of it, and is empty while nobody has."""

    conflict: Conflict
    seen_by: str = ""


class Board:
    """All notices of a node, with no I/O."""

    def __init__(self) -> None:
        self.minima = Minima()
        self.held: dict[NoticeId, Held] = {}
        self.zones: dict[str, Bounded] = {}
        self.conflicts: dict[ConflictKey, Standing] = {}
        self._nearby = Nearby()
        self._due: list[tuple[Instant, NoticeId]] = []

    def step(self, event: BoardEvent, *, now: Instant) -> list[BoardEffect]:
        """What an event at an instant changes. Raises Refused, and changes nothing, when it is not acceptable."""
        match event:
            case Given():
                return self._given(event, now=now)
            case Withdrawn():
                held = self._own(event.id, event.by)
                return self._happened(held, Happening.WITHDRAWS)
            case Reported():
                return self._reported(event, now=now)
            case Bounded():
                return self._bounded(event)
            case MinimaSet():
                return self._minima_set(event)
            case ConflictSeen():
                return self._seen(event)
            case NoticesTicked():
                return self._ticked(now=now)
            case _:
                assert_never(event)

    def _given(self, given: Given, *, now: Instant) -> list[BoardEffect]:
        if given.id in self.held:
            raise Refused("notice.known", f"notice {given.id[:12]} is on the board already")
        if sum(1 for each in self.held.values() if each.stage not in OVER) >= NOTICES_MAX:
            raise Refused("notice.many", f"{NOTICES_MAX} notices are followed, which is all that can be")
        effects: list[BoardEffect] = []
        if given.amends is not None:
            before = self._own(given.amends, given.by)
            if before.notice.designation != given.notice.designation:
                raise Refused(
                    "notice.designation",
                    f"{given.notice.designation!r} amends {before.notice.designation!r}; a version keeps its name",
                )
            effects += self._happened(before, Happening.AMENDS)
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
        effects.append(NoticeChanged(id=held.id, by=held.by, stage=held.stage, lead=lead))
        if counts(held.notice.kind, held.stage):
            self._nearby.add(held.id, held.notice.extents)
            effects += self._found(held)
        self._await(held)
        return effects + self._ticked(now=now)

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
        effects: list[BoardEffect] = [NoticeChanged(id=held.id, by=held.by, stage=stage, happening=happening)]
        if counts(held.notice.kind, held.stage) and not counts(held.notice.kind, stage):
            self._nearby.remove(held.id)
            effects += self._cleared(held.id)
        self._await(after)
        return effects

    def _reported(self, reported: Reported, *, now: Instant) -> list[BoardEffect]:
        held = self._own(reported.id, reported.by)
        if reported.at > now:
            raise Refused(
                "notice.report", f"notice {held.id[:12]} is reported of as of a time that is still to come"
            )
        happening = _REPORTS[reported.report]
        # Checked first, so that a report that is not acceptable leaves no trace.
        next_stage(held.notice.kind, held.stage, happening)
        notice = held.notice
        if isinstance(notice.body, Site):
            notice = replace(
                notice, body=replace(notice.body, verified=max(notice.body.verified, reported.at))
            )
        known = replace(held, notice=notice, reported=max(held.reported, reported.at))
        self.held[held.id] = known
        return self._happened(known, happening) + self._ticked(now=now)

    def _bounded(self, bounded: Bounded) -> list[BoardEffect]:
        side = ZONE + bounded.zone
        if self.zones.pop(bounded.zone, None) is not None:
            self._nearby.remove(side)
        if not bounded.extents:
            return self._cleared(side)
        self.zones[bounded.zone] = bounded
        self._nearby.add(side, bounded.extents)
        effects: list[BoardEffect] = []
        found: set[ConflictKey] = set()
        for other in self._nearby.near(bounded.extents, apart_m=widest_m(self.minima.rules)):
            if other in self.held:
                for key, conflict in self._between_zone(self.held[NoticeId(other)], bounded):
                    found.add(key)
                    effects += self._stands(key, conflict)
        return effects + self._cleared(side, but=found)

    def _minima_set(self, minima_set: MinimaSet) -> list[BoardEffect]:
        self.minima = minima_set.minima
        before = set(self.conflicts)
        effects: list[BoardEffect] = []
        found: set[ConflictKey] = set()
        for held in list(self.held.values()):
            if counts(held.notice.kind, held.stage):
                for key, conflict in self._conflicts_of(held):
                    if key not in found:
                        found.add(key)
                        effects += self._stands(key, conflict)
        return effects + self._gone(sorted(before - found))

    def _seen(self, seen: ConflictSeen) -> list[BoardEffect]:
        standing = self.conflicts.get(seen.conflict)
        if standing is None:
            raise Refused("conflict.unknown", "there is no such conflict any longer")
        self.conflicts[seen.conflict] = replace(standing, seen_by=seen.by)
        return [
            ConflictChanged(
                key=seen.conflict, change=ConflictChange.SEEN, conflict=standing.conflict, by=seen.by
            )
        ]

    def _ticked(self, *, now: Instant) -> list[BoardEffect]:
        effects: list[BoardEffect] = []
        while self._due and self._due[0][0] <= now:
            _, name = heappop(self._due)
            held = self.held[name]
            due = next_due(held)
            # What waited for another stage has been overtaken; what is due now is looked up anew.
            if due is not None and due[0] <= now:
                effects += self._happened(held, due[1])
        return effects

    def _await(self, held: Held) -> None:
        due = next_due(held)
        if due is not None:
            heappush(self._due, (due[0], held.id))

    def _found(self, held: Held) -> list[BoardEffect]:
        effects: list[BoardEffect] = []
        for key, conflict in self._conflicts_of(held):
            effects += self._stands(key, conflict)
        return effects

    def _conflicts_of(self, held: Held) -> Iterator[tuple[ConflictKey, Conflict]]:
        """All conflicts of a notice with what is near it, in the order of their keys' sides."""
        for other in self._nearby.near(held.notice.extents, apart_m=widest_m(self.minima.rules)):
            if other == held.id:
                continue
            if other.startswith(ZONE):
                yield from self._between_zone(held, self.zones[other.removeprefix(ZONE)])
            else:
                yield from self._between(held, self.held[NoticeId(other)])

    def _between(self, held: Held, other: Held) -> Iterator[tuple[ConflictKey, Conflict]]:
        # A message that is not meant, or only practised, is held against its like alone.
        if held.flag == other.flag:
            rule = self.minima.between(held.notice.kind, other.notice.kind)
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

    def _stands(self, key: ConflictKey, conflict: Conflict) -> list[BoardEffect]:
        before = self.conflicts.get(key)
        if before is not None and before.conflict == conflict:
            return []
        # What was seen stays seen unless it is surer now, or another rule makes it.
        is_new = (
            before is None
            or conflict.sure > before.conflict.sure
            or conflict.rule.name != before.conflict.rule.name
        )
        self.conflicts[key] = Standing(
            conflict=conflict, seen_by="" if is_new or before is None else before.seen_by
        )
        change = ConflictChange.FOUND if before is None else ConflictChange.CHANGED
        return [ConflictChanged(key=key, change=change, conflict=conflict)]

    def _cleared(self, side: str, *, but: Iterable[ConflictKey] = ()) -> list[BoardEffect]:
        """The conflicts of one side that are there no longer."""
        kept = set(but)
        return self._gone(
            sorted(key for key in self.conflicts if side in (key.one, key.other) and key not in kept)
        )

    def _gone(self, keys: Iterable[ConflictKey]) -> list[BoardEffect]:
        return [
            ConflictChanged(key=key, change=ConflictChange.CLEARED, conflict=self.conflicts.pop(key).conflict)
            for key in keys
        ]


def next_due(held: Held) -> tuple[Instant, Happening] | None:
    """What time alone will make of a notice next, and when; None of what only people change."""
    notice, stage = held.notice, held.stage
    match stage:
        case Stage.PLANNED:
            return min(extent.widest.start for extent in notice.extents), Happening.STARTS
        case Stage.IN_FORCE if not isinstance(notice.body, Site):
            end = max(extent.widest.end for extent in notice.extents)
            return None if end == FOREVER else (end, Happening.ENDS)
        case Stage.DUE if isinstance(notice.body, Movement):
            return Instant(notice.body.waypoints[0].closes + notice.body.check_in_ms), Happening.FALLS_SILENT
        case Stage.UNDER_WAY if isinstance(notice.body, Movement):
            return Instant(held.reported + notice.body.check_in_ms), Happening.FALLS_SILENT
        case Stage.IN_FORCE | Stage.STALE if isinstance(notice.body, Site):
            expires = (notice.body.expires, Happening.EXPIRES)
            stales = (Instant(notice.body.verified + STALE_AFTER_MS), Happening.STALES)
            if stage is Stage.STALE or expires[0] <= stales[0]:
                return None if expires[0] == FOREVER else expires
            return stales
        case _:
            return None


def _pairs(own: tuple[Extent, ...], other: tuple[Extent, ...]) -> Iterator[tuple[Extent, Extent]]:
    return ((one, two) for one in own for two in other)


def _key(one: str, one_extent: Extent, other: str, other_extent: Extent) -> ConflictKey:
    return ConflictKey(one=one, one_extent=one_extent.name, other=other, other_extent=other_extent.name)
