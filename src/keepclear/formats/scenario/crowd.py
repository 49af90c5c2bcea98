"""Crowds: civil traffic along routes, made from a seed, always the same."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import SECOND_MS, Instant, Window
from keepclear.core.space.altitude import Altitude
from keepclear.core.space.geodesy import Position, course_between, destination, separation_m
from keepclear.core.watch.report import Label, PartyName, SourceName, TrackKind, TrackName
from keepclear.formats.scenario.chance import share
from keepclear.formats.scenario.itinerary import Mover, Waypoint

COUNT_MAX: Final = 5_000
"""The most movers of one crowd."""

NUMBERS_FROM: Final = 101


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Movers that come along routes, in either direction, evenly over the time of a scenario.

    Each keeps one speed between the slowest and the fastest, one of the altitudes, and to the right of its
    route by up to ``spread_m``. Raises Refused("crowd.*") for a count not in 1 to COUNT_MAX, speeds that are
    not above 0 or not in order, no route, or a route of fewer than two places.
    """

    name: str
    count: int
    kind: TrackKind
    party: PartyName
    source: SourceName
    routes: tuple[tuple[Position, ...], ...]
    slowest_mps: float
    fastest_mps: float
    altitudes: tuple[Altitude, ...] = ()
    spread_m: float = 0.0
    report_every_ms: int = 5_000
    accuracy_m: float = math.nan
    seed: int = 0

    def __post_init__(self) -> None:
        who = f"crowd {self.name}"
        if not 1 <= self.count <= COUNT_MAX:
            raise Refused("crowd.count", f"{who}: has a count of {self.count}, must be 1 to {COUNT_MAX}")
        if not 0 < self.slowest_mps <= self.fastest_mps < math.inf:
            raise Refused("crowd.speed", f"{who}: its speeds must be above 0, the slower one first")
        if not self.routes or min(map(len, self.routes)) < 2:
            raise Refused("crowd.routes", f"{who}: needs a route, each of two places or more")
        if not 0 <= self.spread_m < math.inf:
            raise Refused("crowd.spread", f"{who}: is spread by {self.spread_m} m, must be 0 or more")


def crowd_movers(crowd: Crowd, window: Window) -> tuple[Mover, ...]:
    """The movers of a crowd; each is on its way at some time of the window."""
    return tuple(_mover(crowd, place, window) for place in range(crowd.count))


def _mover(crowd: Crowd, place: int, window: Window) -> Mover:
    route_share, way_share, speed_share, height_share, spread_share, time_share = (
        share(f"{crowd.seed}:{crowd.name}:{place}", count) for count in range(6)
    )
    route = crowd.routes[int(route_share * len(crowd.routes))]
    line = route if way_share < 0.5 else route[::-1]
    line = _beside(line, crowd.spread_m * spread_share)
    speed_mps = crowd.slowest_mps + speed_share * (crowd.fastest_mps - crowd.slowest_mps)
    altitude = crowd.altitudes[int(height_share * len(crowd.altitudes))] if crowd.altitudes else None
    offsets_ms = [0]
    for one, other in pairwise(line):
        leg_ms = max(1, round(separation_m(own=one, other=other) / speed_mps * SECOND_MS))
        offsets_ms.append(offsets_ms[-1] + leg_ms)
    # Those under way at the start are as many as at any other time.
    earliest = window.start - offsets_ms[-1]
    begins = earliest + round(time_share * (window.end - earliest))
    callsign = f"{crowd.name}{NUMBERS_FROM + place}"
    return Mover(
        label=Label(
            track=TrackName(f"sim:{callsign}"), callsign=callsign, party=crowd.party, kind=crowd.kind
        ),
        source=crowd.source,
        waypoints=tuple(
            Waypoint(at=Instant(begins + offset), place=at, altitude=altitude)
            for offset, at in zip(offsets_ms, line, strict=True)
        ),
        report_every_ms=crowd.report_every_ms,
        accuracy_m=crowd.accuracy_m,
    )


def _beside(line: tuple[Position, ...], distance_m: float) -> tuple[Position, ...]:
    """The line moved to the right of its direction, corner by corner."""
    azimuths = [course_between(start=one, end=other).azimuth_deg for one, other in pairwise(line)]
    azimuths.append(course_between(start=line[-2], end=line[-1]).arrival_deg)
    return tuple(
        destination(at, azimuth_deg=azimuth + 90.0, distance_m=distance_m)
        for at, azimuth in zip(line, azimuths, strict=True)
    )
