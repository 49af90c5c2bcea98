"""Sunrise, sunset and civil twilight at a position.

Source: J. Meeus, "Astronomical Algorithms" (2nd ed., 1998), chapters 12 (sidereal time), 22 (obliquity), 25
(the Sun's coordinates, low accuracy) and 15 (rising and setting), which NOAA's solar calculator follows as
well.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final, assert_never

import numpy as np
from numpy.typing import NDArray

from keepclear.core.instant import DAY_MS, HOUR_MS, MINUTE_MS, instant_of
from keepclear.core.space.geodesy import Floats, Position

Times = NDArray[np.int64]
"""A one-dimensional array of instants: milliseconds since 1970-01-01T00:00:00Z."""

SUN_ERROR_DEG: Final = 0.02
"""How far the computed elevation of the Sun may be from the true one, in the years that are told.

Meeus gives 0.01 degrees for the Sun's place; UTC strays from the Earth's rotation by at most 0.9 s, 0.004
degrees; the rest is the difference between dynamical and universal time, and what is left of the search at
its last step.
"""

LATITUDE_MOST_DEG: Final = 89.5
"""Nearer to a pole the Sun is told as it is seen here: there its height in a day changes more by the season
than by the hour, and the time of a sunrise means little."""

TOLD_FROM: Final = instant_of("1900-01-01T00:00Z")
TOLD_UNTIL: Final = instant_of("2100-01-01T00:00Z")
"""The Sun is told between these instants; outside them its error is not bounded, and it is UNTOLD."""

_J2000_MS: Final = instant_of("2000-01-01T12:00Z")
_MS_PER_DEG: Final = DAY_MS / 360
_SEARCH_STEPS: Final = 8


class SunEvent(Enum):
    """What the Sun does in the course of a day, in the order in which it does it."""

    DAWN = "dawn"
    """The start of civil twilight: the centre of the Sun rises past 6 degrees below the horizon."""
    SUNRISE = "sunrise"
    """The upper limb appears: the centre 50' below, which is 34' of refraction and 16' of half-diameter."""
    SUNSET = "sunset"
    """The upper limb disappears."""
    DUSK = "dusk"
    """The end of civil twilight."""


class SunCourse(IntEnum):
    """What the Sun does with the elevation of an event on one solar day."""

    CROSSES = 0
    STAYS_UP = 1
    """Polar day, or a night without its twilight ending: the event does not occur."""
    STAYS_DOWN = 2
    """Polar night: the event does not occur."""
    UNTOLD = 3
    """The day lies outside the years for which the Sun is told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SunTimes:
    """When an event occurs on each of some solar days, and on which of them it does.

    ``time_ms``: int64. Where the Sun stays up it is the midnight on the event's side of noon, and where it
    stays down it is noon: what the event tends to as the days lengthen or shorten. Where UNTOLD it means
    nothing.
    ``course``: uint8 SunCourse.
    """

    time_ms: Times
    course: NDArray[np.uint8]


def sun_error_deg(where: Position) -> float:
    """How far the computed elevation of the Sun at a place may be from the true one, in degrees."""
    # Two places see the Sun at elevations that differ by at most the angle between them.
    return SUN_ERROR_DEG + max(0.0, abs(where.latitude_deg) - LATITUDE_MOST_DEG)


def solar_noons_ms(day: Times, *, where: Position, utc_offset_min: int = 0) -> Times:
    """The mean solar noon that belongs to each calendar day at a place: the one nearest to noon by the clock.

    ``day``: days since 1970-01-01 by a clock that is ``utc_offset_min`` ahead of UTC.
    """
    clock_noon = day * DAY_MS + DAY_MS // 2 - utc_offset_min * MINUTE_MS
    late_ms = round(-where.longitude_deg * _MS_PER_DEG) + utc_offset_min * MINUTE_MS
    return clock_noon + ((late_ms + DAY_MS // 2) % DAY_MS - DAY_MS // 2)


def sun_times(event: SunEvent, noon_ms: Times, *, where: Position, allowance_deg: float = 0.0) -> SunTimes:
    """When an event occurs on the solar days around these mean solar noons.

    ``allowance_deg`` moves the event to another elevation: positive to a Sun that much higher.
    The elevation of the Sun at the instant told is right to ``sun_error_deg``. That is 6 s in time on the
    equator and 1 minute below latitude 60, but where the Sun only grazes the horizon it may be half an hour;
    who must not be late asks with that error as an allowance on the safe side. Refraction other than the
    standard 34', and heights above the horizon, are not in it.
    """
    side = -1 if event in (SunEvent.DAWN, SunEvent.SUNRISE) else 1
    elevation_deg = _elevation_deg(event) + allowance_deg
    time = _transit_ms(noon_ms)
    ratio = np.zeros(noon_ms.shape)
    for _ in range(_SEARCH_STEPS):
        declination, equation_deg = _sun(time)
        ratio = _hour_angle_cosine(declination, elevation_deg=elevation_deg, latitude_deg=where.latitude_deg)
        hour_angle_deg = np.degrees(np.arccos(np.clip(ratio, -1, 1)))
        time = noon_ms + (side * hour_angle_deg - equation_deg) * _MS_PER_DEG
    time = np.where(ratio > 1, _transit_ms(noon_ms), time)
    # The midnight between two days is one number from either side, so that two polar days leave no gap.
    time = np.where(ratio < -1, _transit_ms(noon_ms + side * 12 * HOUR_MS), time)
    course = np.select([ratio < -1, ratio > 1], [SunCourse.STAYS_UP, SunCourse.STAYS_DOWN], SunCourse.CROSSES)
    told = (noon_ms >= TOLD_FROM) & (noon_ms < TOLD_UNTIL)
    return SunTimes(
        time_ms=np.floor(time).astype(np.int64),
        course=np.where(told, course, SunCourse.UNTOLD).astype(np.uint8),
    )


def _elevation_deg(event: SunEvent) -> float:
    match event:
        case SunEvent.DAWN | SunEvent.DUSK:
            return -6.0
        case SunEvent.SUNRISE | SunEvent.SUNSET:
            # 50 arc minutes, as the almanacs have it (Meeus, chapter 15).
            return -50 / 60
        case _:
            assert_never(event)


def _hour_angle_cosine(declination: Floats, *, elevation_deg: float, latitude_deg: float) -> Floats:
    # Meeus 15.1.
    phi = np.radians(np.clip(latitude_deg, -LATITUDE_MOST_DEG, LATITUDE_MOST_DEG))
    above = np.sin(np.radians(elevation_deg)) - np.sin(phi) * np.sin(declination)
    return above / (np.cos(phi) * np.cos(declination))


def _transit_ms(mean_ms: Times) -> Floats:
    """When the true Sun is where the mean Sun is at these instants of noon or midnight."""
    return mean_ms - _sun(mean_ms.astype(np.float64))[1] * _MS_PER_DEG


def _sun(time_ms: Floats) -> tuple[Floats, Floats]:
    """Declination in radians, and the equation of time in degrees: how far the Sun is ahead of the clock."""
    days = (time_ms - _J2000_MS) / DAY_MS
    century = days / 36525
    anomaly = np.radians(357.52911 + 35999.05029 * century - 0.0001537 * century**2)
    centre = (
        (1.914602 - 0.004817 * century) * np.sin(anomaly)
        + (0.019993 - 0.000101 * century) * np.sin(2 * anomaly)
        + 0.000289 * np.sin(3 * anomaly)
    )
    node = np.radians(125.04 - 1934.136 * century)
    nutation_deg = -0.00478 * np.sin(node)
    mean_longitude = 280.46646 + 36000.76983 * century + 0.0003032 * century**2
    longitude = np.radians(mean_longitude + centre - 0.00569 + nutation_deg)
    obliquity = np.radians(23.439291 - 0.0130042 * century + 0.00256 * np.cos(node))
    ascension_deg = np.degrees(np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude)))
    declination = np.arcsin(np.sin(obliquity) * np.sin(longitude))
    # Apparent sidereal time (Meeus 12.4) less the turn of the mean Sun, which is 360 degrees a day from noon.
    sidereal_deg = 280.46061837 + 0.98564736629 * days + nutation_deg * np.cos(obliquity)
    return declination, (sidereal_deg - ascension_deg + 180) % 360 - 180
