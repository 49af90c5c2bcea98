"""Entry: when something that keeps its course and speed may, should and must have entered an area.

Nominally a motion follows a geodesic at constant speed. At time t it is truly within its doubt of that place,
``doubt(t) = accuracy + t * growth``. The signed distance to an area's edge changes by no more than a position
moves, so at distance ``gap`` from what is looked for, nothing is found for another ``gap / closing speed``:
the march steps ahead by just that, and can pass over nothing. Proofs are in ADR 2.
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
MARCH_STEPS_MAX: Final = 1_000

_EDGE_M: Final = 0.01
_SURE_M: Final = 600_000.0


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


def times_to_entry(area: Area, motions: Motions, *, horizon_s: float) -> EntryTimes:
    """When each motion enters an area, in seconds from now, up to a horizon of at most a day.

    ``earliest_s`` is never late; coming as near as RESOLUTION_S at full closing speed, and 1 cm, counts for
    it. ``expected_s`` is late by RESOLUTION_S at most, and coming within 1 cm counts; a nominal visit shorter
    than RESOLUTION_S may be left out. ``latest_s`` is never early. What is already inside has 0. Where
    MARCH_STEPS_MAX looks do not decide, the time reached stands as the earliest, with no expected or latest.
    An unknown course is taken as any.
    Raises Refused("entry.horizon") unless 0 < horizon_s <= HORIZON_MAX_S.
    """
    if not 0 < horizon_s <= HORIZON_MAX_S:
        raise Refused("entry.horizon", f"horizon is {horizon_s} s, must be above 0 and at most a day")
    march = _march(motions, horizon_s)
    earliest_s, undecided = _first_time(area, march, np.zeros(motions.speed_mps.size), doubt_sign=1)
    # Past the time by which it may have gone half round the globe, nothing is certain of a motion.
    anywhere = np.isnan(earliest_s) & (march.until_s < horizon_s)
    earliest_s[anywhere] = march.until_s[anywhere]
    start_s = np.where(undecided | anywhere, np.nan, earliest_s)
    expected_s, undecided = _first_time(area, march, start_s, doubt_sign=0)
    expected_s[undecided] = np.nan
    latest_s, undecided = _first_time(area, march, expected_s, doubt_sign=-1)
    latest_s[undecided] = np.nan
    return EntryTimes(earliest_s=earliest_s, expected_s=expected_s, latest_s=latest_s)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _March:
    lat_deg: Floats
    lon_deg: Floats
    course_deg: Floats
    way_mps: Floats
    accuracy_m: Floats
    growth_mps: Floats
    until_s: Floats


def _march(motions: Motions, horizon_s: float) -> _March:
    """The nominal way of each motion, and how fast the doubt about it grows.

    Two geodesics from one place whose courses differ by an angle are, after equal ways, no farther apart than
    on a plane, for the earth is curved outward everywhere. Where the course is unknown it nominally stays.
    """
    aimless = np.isnan(motions.course_deg)
    half_angle = np.radians(np.minimum(motions.course_error_deg, 180.0) / 2)
    astray_mps = np.where(aimless, motions.speed_mps, 2 * motions.speed_mps * np.sin(half_angle))
    fastest_mps = np.maximum(motions.speed_mps + motions.speed_error_mps, UNIQUE_M / HORIZON_MAX_S / 2)
    return _March(
        lat_deg=motions.latitude_deg,
        lon_deg=motions.longitude_deg,
        course_deg=np.where(aimless, 0.0, motions.course_deg),
        way_mps=np.where(aimless, 0.0, motions.speed_mps),
        accuracy_m=motions.accuracy_m,
        growth_mps=astray_mps + motions.speed_error_mps,
        until_s=np.minimum(horizon_s, UNIQUE_M / fastest_mps),
    )


def _first_time(
    area: Area, march: _March, start_s: Floats, *, doubt_sign: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """When the distance to the edge first falls to the doubt, to nothing, or to the doubt inside.

    ``doubt_sign`` 1, 0 or -1 chooses which. From ``start_s`` on, NaN to leave a motion out. Returns NaN where
    it does not within the march, and which were not decided: of these, the time up to which it does not.
    """
    time_s = start_s.copy()
    closing_mps = march.way_mps + (march.growth_mps if doubt_sign > 0 else 0.0)
    enough_m = _enough_m(closing_mps, doubt_sign)
    active = np.flatnonzero(~np.isnan(time_s))
    for _ in range(MARCH_STEPS_MAX):
        gap_m = _distances_m(area, march, active, time_s[active])
        gap_m -= doubt_sign * (march.accuracy_m[active] + march.growth_mps[active] * time_s[active])
        on = gap_m > enough_m[active]
        active, gap_m = active[on], gap_m[on]
        # The earliest time must hold in spite of rounding, so its march stops a centimetre short.
        way_m = gap_m - (_EDGE_M if doubt_sign > 0 else 0.0)
        step_s = np.maximum(way_m / np.maximum(closing_mps[active], 1e-9), RESOLUTION_S)
        time_s[active] += step_s
        over = time_s[active] > march.until_s[active]
        time_s[active[over]] = np.nan
        active = active[~over]
        if not active.size:
            break
    undecided = np.zeros(time_s.size, np.bool_)
    undecided[active] = True
    return time_s, undecided


def _enough_m(closing_mps: Floats, doubt_sign: int) -> Floats:
    """How near counts as reached: the earliest time errs early, the latest never."""
    if doubt_sign > 0:
        return closing_mps * RESOLUTION_S + _EDGE_M
    return np.full_like(closing_mps, _EDGE_M if doubt_sign == 0 else 0.0)


def _distances_m(area: Area, march: _March, which: NDArray[np.intp], time_s: Floats) -> Floats:
    """Signed distance from where each motion nominally is then, or 600 km where it is more.

    Within that no distance to any area is overstated, not even to a corridor 9,000 km to each side.
    """
    lat, lon, _ = direct(
        march.lat_deg[which], march.lon_deg[which], march.course_deg[which], march.way_mps[which] * time_s
    )
    return np.minimum(edge_distances_m(area, lat, lon), _SURE_M)


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
