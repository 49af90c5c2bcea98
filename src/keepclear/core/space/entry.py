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
from keepclear.core.space.cap import Caps
from keepclear.core.space.geodesy import UNIQUE_M, Floats, Position, direct, inverse

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
# With so many stretches of time in doubt, a motion is looked at no more finely than resolution_s.
_CROWD: Final = 16
_GLANCES: Final = np.linspace(0.0, 1.0, 5)
_CUTS: Final = np.linspace(0.0, 1.0, 9)
# Where an entry is known to be, cuts lie close about the place where it would be if the gap fell evenly.
_CUTS_ABOUT: Final = np.linspace(-1.0, 1.0, 9) ** 3


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


def closing_most_mps(speed_mps: float | Floats) -> Floats:
    """The fastest at which the doubt about a motion of that speed nears anything, in metres a second.

    With COURSE_ERROR_DEG and SPEED_ERROR_MPS, and whatever its course; an unknown course closes no faster. What
    is more than this times the horizon, and the accuracy, away from an area cannot enter it within the horizon.
    """
    return np.asarray(speed_mps) + _growth_mps(np.asarray(speed_mps), COURSE_ERROR_DEG, SPEED_ERROR_MPS)


def resolution_s(ahead_s: float | Floats) -> Floats:
    """How finely one looks, that many seconds ahead, along a flight that keeps close to an edge for long.

    Half a second, or a twentieth of how far ahead that is: what is foreseen so far ahead is no better known.
    """
    return np.maximum(0.5, 0.05 * np.asarray(ahead_s))


def times_to_entry(area: Area, motions: Motions, *, horizon_s: float) -> EntryTimes:
    """When each motion enters an area, in seconds from now, up to a horizon of at most a day.

    ``earliest_s`` is never late. A pass counts for it that comes within 1 cm, or as near as one closes at full
    closing speed in ``r``. ``expected_s`` is when the nominal motion first comes within 1 cm, late by
    RESOLUTION_S at most; a visit shorter than ``r`` may be left out. ``latest_s`` is never early. ``r`` is
    RESOLUTION_S, but resolution_s of the time of the pass or visit for a motion that has more than 16 stretches
    of time in doubt at once: one that keeps close to an edge. What is already inside has 0. An unknown course
    is taken as any. A search ends after some thousand looks at most.
    Raises Refused("entry.horizon") unless 0 < horizon_s <= HORIZON_MAX_S.
    """
    if not 0 < horizon_s <= HORIZON_MAX_S:
        raise Refused("entry.horizon", f"horizon is {horizon_s} s, must be above 0 and at most a day")
    ways = _ways(motions, horizon_s)
    earliest_s, expected_s, latest_s = _first_times(area, ways)
    # What is certainly inside has nominally entered, be it on a visit that was left out.
    expected_s = np.fmin(expected_s, latest_s)
    # Past the time by which it may have gone half round the globe, nothing is certain of a motion.
    anywhere = np.isnan(earliest_s) & (ways.until_s < horizon_s)
    earliest_s[anywhere] = ways.until_s[anywhere]
    return EntryTimes(earliest_s=earliest_s, expected_s=expected_s, latest_s=latest_s)


def may_enter(caps: Caps, motions: Motions, *, horizon_s: Floats) -> NDArray[np.bool_]:
    """Whether each motion may enter the area in its own cap within its own horizon, by a few glances.

    False only where times_to_entry finds no earliest time: a cap is never farther than what it holds. True says
    little. It costs the same for areas of any shape, and all are asked about in one call.
    """
    ways = _ways(motions, horizon_s)
    time_s = ways.until_s[:, None] * _GLANCES
    each = np.repeat(np.arange(horizon_s.size), _GLANCES.size)
    lat, lon = _places(ways, each, time_s)
    to_centre_m = inverse(caps.latitude_deg[each], caps.longitude_deg[each], lat, lon)[2].reshape(
        time_s.shape
    )
    doubt_m = ways.accuracy_m[:, None] + ways.growth_mps[:, None] * time_s
    gap_m = to_centre_m - caps.radius_m[:, None] - doubt_m - _EDGE_M
    closing_m = (ways.speed_mps + ways.growth_mps)[:, None] * (time_s[:, 1:] - time_s[:, :-1])
    passes = (gap_m[:, :-1] + gap_m[:, 1:] <= closing_m).any(axis=1)
    return passes | (ways.until_s < horizon_s)


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
    """What is looked for along a way: that the distance falls to ``near_m + widening_mps * time``.

    ``closing_mps``: no gap to that falls faster. Of n motions the search numbered k is about number k % n; the
    first n are for the possible entry, then n for the nominal one, then n for the certain one.
    """

    near_m: Floats
    widening_mps: Floats
    closing_mps: Floats
    never_late: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pieces:
    """Stretches of time in which the search numbered ``search`` may find something.

    ``expected_s``: where in it that would be if the gap fell evenly, NaN where the gap does not close.
    """

    search: NDArray[np.intp]
    start_s: Floats
    end_s: Floats
    expected_s: Floats


def _ways(motions: Motions, horizon_s: float | Floats) -> _Ways:
    """The nominal way of each motion, and how fast the doubt about it grows.

    Two geodesics from one place whose courses differ by an angle are, after equal ways, no farther apart than
    on a plane, for the earth is curved outward everywhere. Where the course is unknown it nominally stays.
    """
    aimless = np.isnan(motions.course_deg)
    growth_mps = _growth_mps(motions.speed_mps, motions.course_error_deg, motions.speed_error_mps)
    fastest_mps = np.maximum(motions.speed_mps + motions.speed_error_mps, UNIQUE_M / HORIZON_MAX_S / 2)
    return _Ways(
        lat_deg=motions.latitude_deg,
        lon_deg=motions.longitude_deg,
        course_deg=np.where(aimless, 0.0, motions.course_deg),
        speed_mps=np.where(aimless, 0.0, motions.speed_mps),
        accuracy_m=motions.accuracy_m,
        growth_mps=np.where(aimless, motions.speed_mps + motions.speed_error_mps, growth_mps),
        until_s=np.minimum(horizon_s, UNIQUE_M / fastest_mps),
    )


def _growth_mps(
    speed_mps: Floats, course_error_deg: float | Floats, speed_error_mps: float | Floats
) -> Floats:
    half_angle = np.radians(np.minimum(course_error_deg, 180.0) / 2)
    return 2 * speed_mps * np.sin(half_angle) + speed_error_mps


def _searches(ways: _Ways) -> _Searches:
    """What is looked for along each way, three times: the edge within the doubt, at all, and beyond the doubt.

    The first two find it a centimetre away, the first because it must hold in spite of rounding.
    """
    none = np.zeros(ways.until_s.size)
    closing_mps = np.concatenate([ways.speed_mps + ways.growth_mps, ways.speed_mps, ways.speed_mps])
    return _Searches(
        near_m=np.concatenate([ways.accuracy_m + _EDGE_M, none + _EDGE_M, -ways.accuracy_m]),
        widening_mps=np.concatenate([ways.growth_mps, none, -ways.growth_mps]),
        closing_mps=np.maximum(closing_mps, _CLOSING_LEAST_MPS),
        never_late=np.arange(3 * none.size) < none.size,
    )


def _first_times(area: Area, ways: _Ways) -> tuple[Floats, Floats, Floats]:
    """The possible, nominal and certain entry of each motion, NaN for none, as times_to_entry says."""
    motions, searches = ways.until_s.size, _searches(ways)
    found_s = np.full(3 * motions, np.inf)
    pieces = _Pieces(
        search=np.arange(3 * motions),
        start_s=np.zeros(3 * motions),
        end_s=np.tile(ways.until_s, 3),
        expected_s=np.full(3 * motions, np.nan),
    )
    time_s = _times_s(pieces)
    # All three begin with the same looks.
    distance_m = np.tile(_distances_m(area, ways, np.arange(motions), time_s[:motions]), (3, 1))
    while True:
        pieces = _narrowed(searches, pieces, found_s, time_s=time_s, distance_m=distance_m)
        if not pieces.search.size:
            break
        time_s = _times_s(pieces)
        distance_m = _distances_m(area, ways, pieces.search % motions, time_s)
    found_s[np.isinf(found_s)] = np.nan
    return found_s[:motions], found_s[motions : 2 * motions], found_s[2 * motions :]


def _times_s(pieces: _Pieces) -> Floats:
    """The times at which to look into each piece, shape (n, 9), from its start to its end."""
    start_s, end_s, expected_s = pieces.start_s[:, None], pieces.end_s[:, None], pieces.expected_s[:, None]
    about_s = expected_s + np.where(_CUTS_ABOUT < 0, expected_s - start_s, end_s - expected_s) * _CUTS_ABOUT
    return np.where(np.isnan(expected_s), start_s + (end_s - start_s) * _CUTS, about_s)


def _narrowed(
    searches: _Searches, pieces: _Pieces, found_s: Floats, *, time_s: Floats, distance_m: Floats
) -> _Pieces:
    """The parts of the pieces that must be looked into again; ``found_s`` is brought up to what was found."""
    search = pieces.search
    gap_m = distance_m - searches.near_m[search, None] - searches.widening_mps[search, None] * time_s
    np.minimum.at(found_s, search, np.where(gap_m <= 0, time_s, np.inf).min(axis=1))
    closing_m = searches.closing_mps[search, None] * (time_s[:, 1:] - time_s[:, :-1])
    before_m, after_m = gap_m[:, :-1], gap_m[:, 1:]
    possible = (after_m <= 0) | (before_m + after_m <= closing_m)
    possible &= (before_m > 0) & (time_s[:, :-1] < found_s[search, None])
    piece, part = np.nonzero(possible)
    search, before_m, after_m = search[piece], before_m[piece, part], after_m[piece, part]
    start_s, end_s = time_s[piece, part], time_s[piece, part + 1]
    closes = after_m <= 0
    crowded = np.bincount(search)[search] > _CROWD
    finest_s = np.where(crowded & ~closes, resolution_s(start_s), RESOLUTION_S)
    decided = end_s - start_s <= finest_s
    falls_m = np.where(closes, before_m - after_m, np.nan)
    expected_s = start_s + (end_s - start_s) * before_m / falls_m
    # Nothing is found before the gap at the start, or after the gap at the end, could have been closed.
    start_s = start_s + before_m / searches.closing_mps[search]
    end_s = np.where(closes, end_s, end_s - after_m / searches.closing_mps[search])
    safe = decided & searches.never_late[search]
    np.minimum.at(found_s, search[safe], start_s[safe])
    kept = ~decided & (start_s < end_s) & (start_s < found_s[search])
    return _Pieces(
        search=search[kept],
        start_s=start_s[kept],
        end_s=end_s[kept],
        expected_s=np.clip(expected_s, start_s, end_s)[kept],
    )


def _distances_m(area: Area, ways: _Ways, motion: NDArray[np.intp], time_s: Floats) -> Floats:
    """Signed distance from where motions nominally are at their times, shape (n, times), or 600 km if more.

    Within that no distance to any area is overstated, not even to a corridor 9,000 km to each side.
    """
    each = np.repeat(motion, time_s.shape[1])
    lat, lon = _places(ways, each, time_s)
    return np.minimum(edge_distances_m(area, lat, lon), _SURE_M).reshape(time_s.shape)


def _places(ways: _Ways, each: NDArray[np.intp], time_s: Floats) -> tuple[Floats, Floats]:
    """Where motions nominally are at times, each row of which is for one of them; in one column."""
    lat, lon, _ = direct(
        ways.lat_deg[each],
        ways.lon_deg[each],
        ways.course_deg[each],
        ways.speed_mps[each] * time_s.ravel(),
    )
    return lat, lon


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
