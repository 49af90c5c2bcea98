"""Proposals: the least shifts in time, height or place that clear every conflict of some extents.

They are found when a person asks, and chosen by a person. All extents are shifted together, and every proposal has been
held against all the others again: none of the pairs is in conflict any longer, not even possibly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from keepclear.core.instant import ALWAYS, FIRST, FOREVER, Instant, Window
from keepclear.core.notice.conflict import Conflict, conflict_between, span
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.minima import Minimum
from keepclear.core.space.altitude import (
    ALTITUDE_HIGHEST_M,
    ALTITUDE_LOWEST_M,
    EVERY_HEIGHT,
    Altitude,
    AltitudeBand,
    Bound,
    Datum,
)
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon, cap
from keepclear.core.space.geodesy import Position, course_between, destination

PLACE_STEP_M: Final = 10.0
"""How near to the least way along a bearing a proposal in place comes."""

PLACE_MOST_M: Final = 500_000.0
"""Farther away nothing is proposed."""

_BEARINGS: Final = 12
_TURNS_DEG: Final = (15.0, 7.5, 3.75)
_STEPS_MAX: Final = 400
# On the sphere no point of an area is moved farther than its middle; this covers what the ellipsoid adds.
_LEAST_SHARE: Final = 0.99
_GRID: Final = 1e7
_ENDLESS_M: Final = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """An extent that is to be kept clear of, under a rule."""

    extent: Extent
    rule: Minimum


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeShift:
    """The same, later by ``by_ms``, or earlier where it is negative: the least whole millisecond that clears."""

    by_ms: int
    extents: tuple[Extent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeightShift:
    """The same, higher by ``by_m``, or lower where it is negative: the least whole centimetre that clears."""

    by_m: float
    extents: tuple[Extent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceShift:
    """The same elsewhere: moved by ``by_m`` on ``azimuth_deg``, 0 to 360, corners at whole 1e-7 degrees.

    The least that was found: to PLACE_STEP_M along each bearing that was tried, which are not all that there are.
    """

    by_m: float
    azimuth_deg: float
    extents: tuple[Extent, ...]


Proposal = TimeShift | HeightShift | PlaceShift


def proposals(
    own: Sequence[Extent], others: Sequence[Against], *, earliest: Instant = FIRST
) -> tuple[Proposal, ...]:
    """What clears every conflict: later, earlier, higher, lower and elsewhere, as far as there is such a shift.

    None where nothing is in conflict. ``earliest``: nothing is proposed that starts before it. Windows without a start
    or an end are not shifted, nor bands where their datums cannot be compared or would go below the ground.
    """
    if not any(_conflicts(own, others)):
        return ()
    found = (
        *_in_time(own, others, earliest=earliest),
        *_in_height(own, others),
        *_in_place(own, others),
    )
    return tuple(each for each in found if not any(_conflicts(each.extents, others)))


def _conflicts(own: Iterable[Extent], others: Sequence[Against]) -> Iterator[Conflict]:
    found = (conflict_between(one, other.extent, other.rule) for one in own for other in others)
    return (conflict for conflict in found if conflict is not None)


def _in_time(own: Sequence[Extent], others: Sequence[Against], *, earliest: Instant) -> list[TimeShift]:
    if any(one.window.start == FIRST or one.window.end == FOREVER for one in own):
        return []
    barred: list[tuple[int, int]] = []
    for one in own:
        for other in others:
            always = replace(one, window=ALWAYS), replace(other.extent, window=ALWAYS)
            if conflict_between(*always, other.rule) is not None:
                barred.append(_barred_ms(one, other))
    later_ms = _first_free(barred)
    earlier_ms = -_first_free([(-high, -low) for low, high in barred])
    first, last = min(one.window.start for one in own), max(one.window.end for one in own)
    return [
        TimeShift(by_ms=by_ms, extents=tuple(_at_another_time(one, by_ms) for one in own))
        for by_ms in (later_ms, earlier_ms)
        if by_ms and first + by_ms >= earliest and last + by_ms < FOREVER
    ]


def _barred_ms(one: Extent, other: Against) -> tuple[int, int]:
    """From which shift to which, both included, two windows are too near one another."""
    (start, end), (other_start, other_end) = span(one.window), span(other.extent.window)
    near_ms = other.rule.time_ms - 1 + one.time_accuracy_ms + other.extent.time_accuracy_ms
    return other_start - end - near_ms, other_end - start + near_ms


def _first_free(barred: list[tuple[int, int]]) -> int:
    """The least number, 0 or more, that lies in none of some closed spans."""
    free = 0
    for low, high in sorted(barred):
        if low <= free <= high:
            free = high + 1
    return free


def _at_another_time(one: Extent, by_ms: int) -> Extent:
    window = Window(start=Instant(one.window.start + by_ms), end=Instant(one.window.end + by_ms))
    return replace(one, window=window)


def _in_height(own: Sequence[Extent], others: Sequence[Against]) -> list[HeightShift]:
    barred: list[tuple[int, int]] = []
    for one in own:
        for other in others:
            anyhow = replace(one, band=EVERY_HEIGHT), replace(other.extent, band=EVERY_HEIGHT)
            if conflict_between(*anyhow, other.rule) is not None:
                barred.append(_barred_cm(one, other))
    higher_cm = _first_free(barred)
    lower_cm = -_first_free([(-high, -low) for low, high in barred])
    return [
        HeightShift(by_m=by_cm / 100, extents=tuple(_at_another_height(one, by_cm) for one in own))
        for by_cm in (higher_cm, lower_cm)
        if by_cm
        and all(_may_shift(bound, by_cm) for one in own for bound in (one.band.lower, one.band.upper))
    ]


def _barred_cm(one: Extent, other: Against) -> tuple[int, int]:
    """From which shift to which, both included, two bands are too near one another, as far as they can be compared."""
    near_m = other.rule.vertical_m + one.height_accuracy_m + other.extent.height_accuracy_m
    above_m = _way_m(one.band.lower, other.extent.band.upper) + near_m
    below_m = _way_m(other.extent.band.lower, one.band.upper) + near_m
    # The way over a bound that is not there, or not in one datum, has no end; rounding drops what binary adds.
    high_cm = math.floor(round(min(above_m, _ENDLESS_M) * 100, 6))
    low_cm = math.ceil(round(max(-below_m, -_ENDLESS_M) * 100, 6))
    return low_cm, high_cm


def _way_m(lower: Altitude | Bound, upper: Altitude | Bound) -> float:
    """How far a lower bound has to rise to reach an upper one."""
    if isinstance(lower, Bound) or isinstance(upper, Bound):
        return math.inf
    if lower.datum is not upper.datum or lower.datum is Datum.UNKNOWN:
        return math.inf
    return upper.height_m - lower.height_m


def _may_shift(bound: Altitude | Bound, by_cm: int) -> bool:
    if isinstance(bound, Bound):
        return True
    lowest_m = 0.0 if bound.datum is Datum.AGL else ALTITUDE_LOWEST_M
    return lowest_m <= bound.height_m + by_cm / 100 <= ALTITUDE_HIGHEST_M


def _at_another_height(one: Extent, by_cm: int) -> Extent:
    lower, upper = (
        bound if isinstance(bound, Bound) else replace(bound, height_m=round(bound.height_m + by_cm / 100, 6))
        for bound in (one.band.lower, one.band.upper)
    )
    return replace(one, band=AltitudeBand(lower=lower, upper=upper))


def _in_place(own: Sequence[Extent], others: Sequence[Against]) -> list[PlaceShift]:
    """The least way along bearings all round and straight away from each conflict, and then near the best of them."""
    middle = cap(own[0].area).centre
    away = [
        course_between(start=cap(each.other.area).centre, end=cap(each.own.area).centre).arrival_deg % 360
        for each in _conflicts(own, others)
    ]
    best: PlaceShift | None = None
    for azimuth_deg in dict.fromkeys([*away, *(360 / _BEARINGS * turn for turn in range(_BEARINGS))]):
        best = _along(own, others, middle, azimuth_deg, best)
    for turn_deg in _TURNS_DEG:
        for sign in (-1, 1):
            if best is not None:
                best = _along(own, others, middle, (best.azimuth_deg + sign * turn_deg) % 360, best)
    return [] if best is None else [best]


def _along(
    own: Sequence[Extent],
    others: Sequence[Against],
    middle: Position,
    azimuth_deg: float,
    best: PlaceShift | None,
) -> PlaceShift | None:
    """What clears along one bearing, if that is less than the best so far; else the best so far.

    Each step is no longer than what is surely needed, or PLACE_STEP_M.
    """
    most_m = PLACE_MOST_M if best is None else best.by_m
    by_m = PLACE_STEP_M
    for _ in range(_STEPS_MAX):
        if by_m >= most_m:
            break
        there = tuple(_elsewhere(one, middle, azimuth_deg, by_m) for one in own)
        conflict = next(_conflicts(there, others), None)
        if conflict is None:
            return PlaceShift(by_m=by_m, azimuth_deg=azimuth_deg, extents=there)
        by_m += max(_LEAST_SHARE * _lacking_m(conflict), PLACE_STEP_M)
    return best


def _lacking_m(conflict: Conflict) -> float:
    """By how much two areas have to part at least for them to be clear; never too large."""
    doubt_m = conflict.own.accuracy_m + conflict.other.accuracy_m
    return conflict.rule.horizontal_m + doubt_m - (conflict.gap_m - conflict.shared_m)


def _elsewhere(one: Extent, middle: Position, azimuth_deg: float, by_m: float) -> Extent:
    """An extent moved with its middle: each corner keeps its distance from it, and its bearing to the way gone."""
    there = destination(middle, azimuth_deg=azimuth_deg, distance_m=by_m)
    turned_deg = course_between(start=middle, end=there).arrival_deg - azimuth_deg

    def moved(at: Position) -> Position:
        course = course_between(start=middle, end=at)
        found = destination(there, azimuth_deg=course.azimuth_deg + turned_deg, distance_m=course.distance_m)
        return Position(
            latitude_deg=round(found.latitude_deg * _GRID) / _GRID,
            longitude_deg=round(found.longitude_deg * _GRID) / _GRID,
        )

    return replace(one, area=_with_corners(one.area, moved))


def _with_corners(area: Area, moved: Callable[[Position], Position]) -> Area:
    match area:
        case Circle():
            return replace(area, centre=moved(area.centre))
        case Corridor():
            return Corridor(line=tuple(map(moved, area.line)), half_width_m=area.half_width_m)
        case Polygon():
            return Polygon(
                parts=tuple(
                    Part(
                        outer=tuple(map(moved, part.outer)),
                        holes=tuple(tuple(map(moved, hole)) for hole in part.holes),
                    )
                    for part in area.parts
                )
            )
