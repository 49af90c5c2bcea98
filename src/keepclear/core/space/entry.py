"""Entry: when something that keeps its course and speed may, should and must have entered an area.

Nominally a motion follows a geodesic at constant speed. At time t it is truly within its doubt of that place,
``doubt(t) = accuracy + t * growth``. The signed distance to an area's edge changes by no more than a position
moves. So between two looks, ``span`` seconds apart, at which ``gap`` metres are left to what is looked for,
nothing is found if the two gaps together exceed ``span * closing speed``. The search cuts the time ahead into
pieces, drops every piece in which nothing can be found, and cuts the others again. Proofs are in ADR 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.errors import Refused
from keepclear.core.space.area import Area, edge_distances_m
from keepclear.core.space.geodesy import UNIQUE_M, Floats, Position, direct

COURSE_ERROR_DEG: Final = 5.0
"""By how much a course is trusted to hold where its source says nothing better."""

SPEED_ERROR_MPS: Final = 2.0
"""By how much a speed is trusted to hold where its source says nothing better."""

SPEED_MAX_MPS: Final = 20_000.0
HORIZON_MAX_S: Final = 86_400.0
RESOLUTION_S: Final = 0.1
"""How finely entries are told apart, but see resolution_s."""

_EDGE_M: Final = 0.01
_SURE_M: Final = 600_000.0
_CLOSING_LEAST_MPS: Final = 1e-9
_PIECES: Final = 8
_CROWD: Final = 16
_CUTS: Final = np.arange(_PIECES + 1) / _PIECES


@dataclass(frozen=True, slots=True, kw_only=True)
class Motion:
    """Where something is and how it moves, with the doubt about each.

    ``course_deg``: true course, NaN where unknown. ``speed_mps``: over ground, 0 to 20 km/s.
    ``accuracy_m``: it is within this of ``at``. ``course_error_deg``, ``speed_error_mps``: its true course
    (as carried to its true place along the shortest path from ``at``) and speed are and stay within these.
    Raises Refused("motion.out-of-range") for anything negative, infinite, too fast or unknown other than the
    course: an unknown speed has no entry time.
    """

    at: Position
    course_deg: float
    speed_mps: float
    accuracy_m: float
    course_error_deg: float = COURSE_ERROR_DEG
    speed_error_mps: float = SPEED_ERROR_MPS

    def __post_init__(self) -> None:
        _columns(self)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motions:
    """Motions in columns of equal length; each as Motion says."""

    latitude_deg: Floats
    longitude_deg: Floats
    course_deg: Floats
    speed_mps: Floats
    accuracy_m: Floats
    course_error_deg: Floats
    speed_error_mps: Floats

    def __post_init__(self) -> None:
        _refuse_unknown(self.speed_mps, "speed_mps", SPEED_MAX_MPS)
        _refuse_unknown(self.speed_error_mps, "speed_error_mps", SPEED_MAX_MPS)
        _refuse_unknown(self.accuracy_m, "accuracy_m", math.inf)
        _refuse_unknown(self.course_error_deg, "course_error_deg", 360.0)
        for place in np.flatnonzero(np.isinf(self.course_deg))[:1]:
            raise Refused(
                "motion.out-of-range", f"course_deg of motion {place} is infinite, must be degrees or NaN"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryTime:
    """Seconds from now: entry is not possible before the first, nominal at the second, certain by the last.

    None where the nominal motion does not enter, or entry does not become certain, within the horizon.
    """

    earliest_s: float
    expected_s: float | None
    latest_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EntryTimes:
    """Entry times in columns, NaN for none; a NaN ``earliest_s`` means certainly not within the horizon."""

    earliest_s: Floats
    expected_s: Floats
    latest_s: Floats


def time_to_entry(area: Area, motion: Motion, *, horizon_s: float) -> EntryTime | None:
    """When a motion enters an area, or None: certainly not within the horizon; see times_to_entry."""
    times = times_to_entry(area, _columns(motion), horizon_s=horizon_s)
    earliest_s = float(times.earliest_s[0])
    if math.isnan(earliest_s):
        return None
    return EntryTime(
        earliest_s=earliest_s,
        expected_s=_known(float(times.expected_s[0])),
        latest_s=_known(float(times.latest_s[0])),
    )


def resolution_s(ahead_s: float | Floats) -> Floats:
    """How finely one looks, that many seconds ahead, along a flight that keeps close to an edge for long.

    Half a second, or a twentieth of how far ahead that is: what is foreseen so far ahead is no better known.
    """
    return np.maximum(0.5, 0.05 * np.asarray(ahead_s))


def times_to_entry(area: Area, motions: Motions, *, horizon_s: float) -> EntryTimes:
    """When each motion enters an area, in seconds from now, up to a horizon of at most a day.

    ``earliest_s`` is never late. A pass counts for it that comes within 1 cm, or as near as one closes at full
    closing speed in ``r``. ``expected_s`` is when the nominal motion first comes within 1 cm, late by
    RESOLUTION_S at most; a visit shorter than ``r`` may be left out. ``latest_s`` is never early. There ``r``
    is RESOLUTION_S, but resolution_s of the time of the pass or visit for a motion that comes so near in more
    than a few places, which bounds the work. What is already inside has 0. An unknown course is taken as any.
    Raises Refused("entry.horizon") unless 0 < horizon_s <= HORIZON_MAX_S.
    """
    if not 0 < horizon_s <= HORIZON_MAX_S:
        raise Refused("entry.horizon", f"horizon is {horizon_s} s, must be above 0 and at most a day")
    ways = _ways(motions, horizon_s)
    earliest_s = _first_times(area, _possible(ways), never_late=True)
    expected_s, latest_s = np.full((2, earliest_s.size), np.nan)
    entering = np.flatnonzero(~np.isnan(earliest_s))
    if entering.size:
        found_s = _first_times(area, _nominal_and_certain(ways, entering, earliest_s), never_late=False)
        expected_s[entering], latest_s[entering] = np.split(found_s, 2)
    # Past the time by which it may have gone half round the globe, nothing is certain of a motion.
    anywhere = np.isnan(earliest_s) & (ways.until_s < horizon_s)
    earliest_s[anywhere] = ways.until_s[anywhere]
    return EntryTimes(earliest_s=earliest_s, expected_s=expected_s, latest_s=latest_s)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ways:
    """The nominal way of each motion, and how fast the doubt about it grows."""

    lat_deg: Floats
    lon_deg: Floats
    course_deg: Floats
    speed_mps: Floats
    accuracy_m: Floats
    growth_mps: Floats
    until_s: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Searches:
    """What is looked for along each way: that the distance falls to ``near_m + widening_mps * time``.

    ``closing_mps``: no gap to that falls faster. From ``start_s`` to ``until_s``.
    """

    lat_deg: Floats
    lon_deg: Floats
    course_deg: Floats
    speed_mps: Floats
    near_m: Floats
    widening_mps: Floats
    closing_mps: Floats
    start_s: Floats
    until_s: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pieces:
    """Stretches of time in which the search numbered ``search`` may find something."""

    search: NDArray[np.intp]
    start_s: Floats
    end_s: Floats


def _ways(motions: Motions, horizon_s: float) -> _Ways:
    """The nominal way of each motion, and how fast the doubt about it grows.

    Two geodesics from one place whose courses differ by an angle are, after equal ways, no farther apart than
    on a plane, for the earth is curved outward everywhere. Where the course is unknown it nominally stays.
    """
    aimless = np.isnan(motions.course_deg)
    half_angle = np.radians(np.minimum(motions.course_error_deg, 180.0) / 2)
    astray_mps = np.where(aimless, motions.speed_mps, 2 * motions.speed_mps * np.sin(half_angle))
    fastest_mps = np.maximum(motions.speed_mps + motions.speed_error_mps, UNIQUE_M / HORIZON_MAX_S / 2)
    return _Ways(
        lat_deg=motions.latitude_deg,
        lon_deg=motions.longitude_deg,
        course_deg=np.where(aimless, 0.0, motions.course_deg),
        speed_mps=np.where(aimless, 0.0, motions.speed_mps),
        accuracy_m=motions.accuracy_m,
        growth_mps=astray_mps + motions.speed_error_mps,
        until_s=np.minimum(horizon_s, UNIQUE_M / fastest_mps),
    )


def _possible(ways: _Ways) -> _Searches:
    """When the area may first be entered: its edge comes within the doubt, or a centimetre for rounding."""
    return _Searches(
        lat_deg=ways.lat_deg,
        lon_deg=ways.lon_deg,
        course_deg=ways.course_deg,
        speed_mps=ways.speed_mps,
        near_m=ways.accuracy_m + _EDGE_M,
        widening_mps=ways.growth_mps,
        closing_mps=ways.speed_mps + ways.growth_mps,
        start_s=np.zeros(ways.until_s.size),
        until_s=ways.until_s,
    )


def _nominal_and_certain(ways: _Ways, which: NDArray[np.intp], start_s: Floats) -> _Searches:
    """When the nominal motion comes to the edge, for each; then when it is inside by the doubt, for each."""
    growth_mps, none = ways.growth_mps[which], np.zeros(which.size)
    twice = np.concatenate([which, which])
    return _Searches(
        lat_deg=ways.lat_deg[twice],
        lon_deg=ways.lon_deg[twice],
        course_deg=ways.course_deg[twice],
        speed_mps=ways.speed_mps[twice],
        near_m=np.concatenate([none + _EDGE_M, -ways.accuracy_m[which]]),
        widening_mps=np.concatenate([none, -growth_mps]),
        closing_mps=ways.speed_mps[twice],
        start_s=start_s[twice],
        until_s=ways.until_s[twice],
    )


def _first_times(area: Area, searches: _Searches, *, never_late: bool) -> Floats:
    """When each search first finds what it looks for, NaN where it does not; as times_to_entry says.

    Each round leaves pieces an eighth as long, so that seven come from a day to RESOLUTION_S.
    """
    found_s = np.full(searches.until_s.size, np.inf)
    pieces = _Pieces(search=np.arange(found_s.size), start_s=searches.start_s, end_s=searches.until_s)
    while pieces.search.size:
        pieces = _looked_into(area, searches, pieces, found_s, never_late=never_late)
    return np.where(np.isinf(found_s), np.nan, found_s)


def _looked_into(
    area: Area, searches: _Searches, pieces: _Pieces, found_s: Floats, *, never_late: bool
) -> _Pieces:
    """The parts of the pieces that must be looked into again; ``found_s`` is brought up to what was found."""
    span_s = (pieces.end_s - pieces.start_s)[:, None]
    time_s = pieces.start_s[:, None] + span_s * _CUTS
    gap_m = _gaps_m(area, searches, pieces.search, time_s)
    np.minimum.at(found_s, pieces.search, np.where(gap_m <= 0, time_s, np.inf).min(axis=1))
    before_m, after_m = gap_m[:, :-1], gap_m[:, 1:]
    closing_mps = np.maximum(searches.closing_mps[pieces.search], _CLOSING_LEAST_MPS)[:, None]
    passes = (after_m <= 0) | (before_m + after_m <= closing_mps * span_s / _PIECES)
    passes &= (before_m > 0) & (time_s[:, :-1] < found_s[pieces.search][:, None])
    piece, part = np.nonzero(passes)
    search, closing_mps = pieces.search[piece], closing_mps[piece, 0]
    start_s, end_s, after_m = time_s[piece, part], time_s[piece, part + 1], after_m[piece, part]
    crowded = (np.bincount(search)[search] > _CROWD) & (after_m > 0)
    decided = end_s - start_s <= np.where(crowded, resolution_s(start_s), RESOLUTION_S)
    # Nothing is found before the gap at the start, or after the gap at the end, could have been closed.
    start_s = start_s + before_m[piece, part] / closing_mps
    end_s = end_s - np.maximum(after_m, 0.0) / closing_mps
    if never_late:
        np.minimum.at(found_s, search[decided], start_s[decided])
    kept = ~decided & (start_s < end_s) & (start_s < found_s[search])
    return _Pieces(search=search[kept], start_s=start_s[kept], end_s=end_s[kept])


def _gaps_m(area: Area, searches: _Searches, which: NDArray[np.intp], time_s: Floats) -> Floats:
    """How far each search is from what it looks for at each of its times, shape (n, times).

    No distance to any area up to _SURE_M is overstated, not even to a corridor 9,000 km to each side, so what
    is farther is taken to be that far.
    """
    each, flat_s = np.repeat(which, time_s.shape[1]), time_s.ravel()
    lat, lon, _ = direct(
        searches.lat_deg[each],
        searches.lon_deg[each],
        searches.course_deg[each],
        searches.speed_mps[each] * flat_s,
    )
    distance_m = np.minimum(edge_distances_m(area, lat, lon), _SURE_M)
    return (distance_m - searches.near_m[each] - searches.widening_mps[each] * flat_s).reshape(time_s.shape)


def _columns(motion: Motion) -> Motions:
    return Motions(
        latitude_deg=np.array([motion.at.latitude_deg]),
        longitude_deg=np.array([motion.at.longitude_deg]),
        course_deg=np.array([motion.course_deg]),
        speed_mps=np.array([motion.speed_mps]),
        accuracy_m=np.array([motion.accuracy_m]),
        course_error_deg=np.array([motion.course_error_deg]),
        speed_error_mps=np.array([motion.speed_error_mps]),
    )


def _refuse_unknown(values: Floats, name: str, most: float) -> None:
    sound = (values >= 0) & (values <= most) & np.isfinite(values)
    for place in np.flatnonzero(~sound)[:1]:
        raise Refused(
            "motion.out-of-range", f"{name} of motion {place} is {values[place]}, must be 0 to {most:.0f}"
        )


def _known(time_s: float) -> float | None:
    return None if math.isnan(time_s) else time_s
