"""Movements: humanitarian road movements with their waypoints, and where one may be at a given time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import HOUR_MS, Duration, Instant, instant_text
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.exercise import refuse_count
from keepclear.core.notice.wording import refuse_wording

WAYPOINTS_MAX: Final = 64
CONTACTS_LEAST: Final = 2
CONTACTS_MAX: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint:
    """A named point of a route and when it is passed, ends included. Raises Refused("waypoint.times")."""

    name: str
    opens: Instant
    closes: Instant

    def __post_init__(self) -> None:
        refuse_wording("name of a waypoint", self.name)
        if self.closes < self.opens:
            raise Refused(
                "waypoint.times",
                f"waypoint {self.name!r} closes at {instant_text(self.closes)}, before it opens at "
                f"{instant_text(self.opens)}",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A humanitarian movement: how many people, never their names.

    From each waypoint to the next leads one leg, an extent of the notice with role ROUTE, in order: one leg fewer than
    waypoints. Neither the opening nor the closing times of waypoints fall. ``escort``: of what kind and whose; "none".
    ``contacts``: two or more people on the move, with a satellite phone among them. ``check_in_ms``: how often they
    report. ``emergency``: at shorter notice than agreed, and flagged so.
    Raises Refused("movement.waypoints"), Refused("movement.contacts"), Refused("movement.check-in"), and as the others.
    """

    waypoints: tuple[Waypoint, ...]
    headcount: int
    vehicles: int
    cargo: str
    escort: str
    contacts: tuple[Contact, ...]
    check_in_ms: Duration = Duration(HOUR_MS)
    emergency: bool = False

    def __post_init__(self) -> None:
        refuse_wording("class of cargo", self.cargo)
        refuse_wording("escort", self.escort)
        refuse_count("headcount", self.headcount)
        refuse_count("vehicles", self.vehicles)
        self._refuse_waypoints()
        if not CONTACTS_LEAST <= len(self.contacts) <= CONTACTS_MAX or not any(
            contact.satellite for contact in self.contacts
        ):
            raise Refused(
                "movement.contacts",
                f"movement names {len(self.contacts)} contacts, must name {CONTACTS_LEAST} to {CONTACTS_MAX}, one "
                "of them with a satellite phone",
            )
        if not 60_000 <= self.check_in_ms <= 24 * HOUR_MS:
            raise Refused(
                "movement.check-in",
                f"movement checks in every {self.check_in_ms} ms, must be 1 minute to 24 hours",
            )

    def _refuse_waypoints(self) -> None:
        if not 2 <= len(self.waypoints) <= WAYPOINTS_MAX:
            raise Refused(
                "movement.waypoints",
                f"movement has {len(self.waypoints)} waypoints, must have 2 to {WAYPOINTS_MAX}",
            )
        for before, after in zip(self.waypoints, self.waypoints[1:], strict=False):
            if after.opens < before.opens or after.closes < before.closes:
                raise Refused(
                    "movement.waypoints",
                    f"waypoint {after.name!r} is passed before {before.name!r}, which comes earlier on the route",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Where on a leg a movement may be: from ``behind`` to ``ahead``, shares of the leg's length from 0 to 1."""

    leg: int
    behind: float
    ahead: float


def stretches(movement: Movement, at: Instant) -> tuple[Stretch, ...]:
    """Where a movement may be at an instant, if it keeps a steady pace between waypoints; none before or after it.

    The foremost left each waypoint as it opened, the hindmost as it closed. A delay that the windows do not allow for
    is not in it: for what must be kept clear the whole leg counts, during all of its window.
    """
    found: list[Stretch] = []
    for leg, (start, end) in enumerate(zip(movement.waypoints, movement.waypoints[1:], strict=False)):
        if start.opens <= at <= end.closes:
            ahead = _share(start.opens, end.opens, at)
            behind = _share(start.closes, end.closes, at)
            found.append(Stretch(leg=leg, behind=min(behind, ahead), ahead=max(behind, ahead)))
    return tuple(found)


def _share(leaves: Instant, arrives: Instant, at: Instant) -> float:
    if arrives <= leaves:
        return 1.0 if at >= arrives else 0.0
    return min(max((at - leaves) / (arrives - leaves), 0.0), 1.0)
