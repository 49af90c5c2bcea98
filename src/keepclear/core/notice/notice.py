"""Notices: what a party says that it will do or has, where, how high and when.

What each kind must state, and what may be in its extents, is the table RULES. A notice says what others keep clear
of and never at what something is aimed: an impact area is an area, and not a small one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Instant
from keepclear.core.notice.exercise import Exercise
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.incident import Incident
from keepclear.core.notice.movement import Movement
from keepclear.core.notice.operation import Activity, Operation
from keepclear.core.notice.site import Site
from keepclear.core.notice.wording import refuse_wording
from keepclear.core.notice.zonenotice import ZoneNotice
from keepclear.core.space.altitude import Bound
from keepclear.core.space.area import cap

EXTENTS_MAX: Final = 64
IMPACT_RADIUS_LEAST_M: Final = 250.0
"""A smaller impact area names a point, and a notice never names one."""

Body = Operation | Exercise | Site | Movement | ZoneNotice | Incident


class NoticeKind(StrEnum):
    """What a notice is of, as rules about minima and lead times name it."""

    ENTRY = "entry"
    OVERFLIGHT = "overflight"
    FORCES = "movement-of-forces"
    HAZARD = "hazardous-activity"
    EXERCISE = "exercise"
    SITE = "site"
    MOVEMENT = "humanitarian-movement"
    ZONE = "zone"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRule:
    """What the extents of a kind must be: one of ``wanted`` at least, else of ``allowed`` only, dated, with heights."""

    wanted: frozenset[Role]
    allowed: frozenset[Role] = frozenset()
    dated: bool = True
    """Whether each extent states when it starts and ends."""
    heights: bool = False
    """Whether each extent states its heights, both ends."""


_GROUND: Final = frozenset({Role.AREA, Role.ROUTE, Role.STOP})

RULES: Final[Mapping[NoticeKind, KindRule]] = {
    NoticeKind.ENTRY: KindRule(wanted=_GROUND),
    NoticeKind.OVERFLIGHT: KindRule(wanted=frozenset({Role.AREA, Role.ROUTE}), heights=True),
    NoticeKind.FORCES: KindRule(wanted=_GROUND),
    NoticeKind.HAZARD: KindRule(
        wanted=frozenset({Role.IMPACT, Role.AREA}), allowed=frozenset({Role.LAUNCH, Role.FLIGHT})
    ),
    NoticeKind.EXERCISE: KindRule(wanted=_GROUND, allowed=frozenset({Role.LAUNCH, Role.FLIGHT, Role.IMPACT})),
    NoticeKind.SITE: KindRule(wanted=frozenset({Role.SITE}), dated=False),
    NoticeKind.MOVEMENT: KindRule(wanted=frozenset({Role.ROUTE}), allowed=frozenset({Role.STOP})),
    NoticeKind.ZONE: KindRule(wanted=frozenset({Role.AREA}), dated=False),
    NoticeKind.INCIDENT: KindRule(wanted=frozenset({Role.AREA}), dated=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice. ``designation``: what its party calls it, as "2018-09-06/2"; its versions keep it.

    1 to EXTENTS_MAX extents, each named differently. Raises Refused: "notice.extents" for none, too many or two of one
    name; "notice.role" for what the kind does not have; "notice.dates" and "notice.heights" where they are wanted;
    "notice.target" for an impact area that is too small; "notice.phase" and "notice.legs" where the body does not fit.
    """

    designation: str
    body: Body
    extents: tuple[Extent, ...]

    def __post_init__(self) -> None:
        refuse_wording("designation", self.designation, length_max=80)
        names = {extent.name for extent in self.extents}
        if not 1 <= len(self.extents) <= EXTENTS_MAX or len(names) < len(self.extents):
            raise self._refused(
                "notice.extents",
                f"has {len(self.extents)} extents, must have 1 to {EXTENTS_MAX}, each named differently",
            )
        self._refuse_roles()
        for extent in self.extents:
            self._refuse_extent(extent)
        if isinstance(self.body, Exercise):
            self._refuse_phases(self.body, names)
        if isinstance(self.body, Movement):
            self._refuse_legs(self.body)

    @property
    def kind(self) -> NoticeKind:
        """What it is of."""
        return kind_of(self.body)

    @property
    def starts(self) -> Instant:
        """When the first of its extents starts, as stated; FIRST where one does not say."""
        return min(extent.window.start for extent in self.extents)

    @property
    def ends(self) -> Instant:
        """When the last of its extents ends, as stated; FOREVER where one does not say."""
        return max(extent.window.end for extent in self.extents)

    def _refused(self, code: str, what: str) -> Refused:
        return Refused(code, f"notice {self.designation!r} {what}")

    def _refuse_roles(self) -> None:
        rule = RULES[self.kind]
        roles = {extent.role for extent in self.extents}
        odd = roles - rule.wanted - rule.allowed
        if odd or not roles & rule.wanted:
            raise self._refused(
                "notice.role",
                f"of kind {self.kind} has extents that are {_listed(roles)}, must have one that is "
                f"{' or '.join(sorted(rule.wanted))}, and otherwise {_listed(rule.allowed)}",
            )

    def _refuse_extent(self, extent: Extent) -> None:
        rule, window, band = RULES[self.kind], extent.window, extent.band
        if rule.dated and (window.start == FIRST or window.end == FOREVER):
            raise self._refused("notice.dates", f"must say when extent {extent.name!r} starts and ends")
        if rule.heights and (isinstance(band.lower, Bound) or isinstance(band.upper, Bound)):
            raise self._refused(
                "notice.heights", f"must say the lower and upper height of extent {extent.name!r}"
            )
        if extent.role is Role.IMPACT and cap(extent.area).radius_m < IMPACT_RADIUS_LEAST_M:
            raise self._refused(
                "notice.target",
                f"has an impact area {extent.name!r} of {cap(extent.area).radius_m:.0f} m around its middle, must have "
                f"{IMPACT_RADIUS_LEAST_M:.0f} m or more: it says what others keep clear of, not what is aimed at",
            )

    def _refuse_phases(self, exercise: Exercise, names: set[str]) -> None:
        for phase in exercise.phases:
            for extent in phase.extents:
                if extent not in names:
                    raise self._refused(
                        "notice.phase",
                        f"has a phase {phase.name!r} in extent {extent!r}, which it does not have",
                    )

    def _refuse_legs(self, movement: Movement) -> None:
        legs = [extent for extent in self.extents if extent.role is Role.ROUTE]
        if len(legs) != len(movement.waypoints) - 1:
            raise self._refused(
                "notice.legs",
                f"has {len(legs)} legs and {len(movement.waypoints)} waypoints, must have one leg fewer than waypoints",
            )
        for leg, start, end in zip(legs, movement.waypoints, movement.waypoints[1:], strict=False):
            if leg.window.start > start.opens or leg.window.end < end.closes:
                raise self._refused(
                    "notice.legs",
                    f"has a leg {leg.name!r} that does not last from the opening of {start.name!r} to the closing of "
                    f"{end.name!r}",
                )


def kind_of(body: Body) -> NoticeKind:
    """What a notice with this body is of."""
    match body:
        case Operation():
            return _ACTIVITIES[body.activity]
        case Exercise():
            return NoticeKind.EXERCISE
        case Site():
            return NoticeKind.SITE
        case Movement():
            return NoticeKind.MOVEMENT
        case ZoneNotice():
            return NoticeKind.ZONE
        case Incident():
            return NoticeKind.INCIDENT


_ACTIVITIES: Final[Mapping[Activity, NoticeKind]] = {
    Activity.ENTRY: NoticeKind.ENTRY,
    Activity.OVERFLIGHT: NoticeKind.OVERFLIGHT,
    Activity.FORCES: NoticeKind.FORCES,
    Activity.HAZARD: NoticeKind.HAZARD,
}


def _listed(roles: frozenset[Role] | set[Role]) -> str:
    return ", ".join(sorted(roles)) or "none"
