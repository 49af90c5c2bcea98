"""Numbers of the printed form: the whole numbers of a message in the ways that people write them.

Degrees, minutes and seconds, metres and times are exact; MGRS names the square metre. Feet, nautical and statute miles
are rounded to the nearest 0.01 ft and 0.0001 mile, which is less than 0.1 m.
"""

from __future__ import annotations

from typing import Final

from keepclear.core.instant import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Duration, Instant, instant_text
from keepclear.core.line.plot.place import DATUM_WORDS, Height
from keepclear.core.line.plot.shape import DEGREE_E7, METRE_CM, GridPosition
from keepclear.core.space.altitude import FOOT_M
from keepclear.formats.feed.units import NAUTICAL_MILE_M
from keepclear.formats.written.mgrs import FIGURES_MAX, mgrs_text

STATUTE_MILE_M: Final = 1609.344
"""The international mile, exactly."""

_SECOND_UNITS: Final = 100_000
_UNITS_A_STEP: Final = 36
"""1e-7 degree is 36 units of 1e-5 second of arc, exactly."""

_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def mgrs_reference(at: GridPosition) -> str:
    """The MGRS reference of the square metre that holds a position, such as ``37S FT 50246 07687``."""
    return mgrs_text(at.position, figures=FIGURES_MAX)


def degrees_texts(at: GridPosition) -> tuple[str, str]:
    """Latitude and longitude in decimal degrees, such as ``33.4967000° N``; all seven decimals, always."""
    return _degrees_text(at.latitude_e7, "NS"), _degrees_text(at.longitude_e7, "EW")


def dms_texts(at: GridPosition) -> tuple[str, str]:
    """Latitude and longitude in degrees, minutes and seconds, such as ``33°29'48.12000" N``; exact."""
    return _dms_text(at.latitude_e7, "NS"), _dms_text(at.longitude_e7, "EW")


def length_texts(length_cm: int) -> tuple[str, str, str]:
    """A distance in metres, nautical miles and statute miles."""
    return (
        _metres_text(length_cm),
        f"{length_cm / METRE_CM / NAUTICAL_MILE_M:.4f} NM",
        f"{length_cm / METRE_CM / STATUTE_MILE_M:.4f} mi",
    )


def height_texts(height: Height) -> tuple[str, str, str]:
    """A height in metres and in feet, and the code of its datum, such as ``MSL``."""
    return (*metres_and_feet(height.height_cm), DATUM_WORDS[height.datum].upper())


def metres_and_feet(rise_cm: int) -> tuple[str, str]:
    """A height, or a difference of heights, in metres and in feet."""
    return _metres_text(rise_cm), f"{rise_cm / METRE_CM / FOOT_M:.2f} ft"


def duration_text(duration: Duration) -> str:
    """A length of time in days, hours, minutes and seconds, such as ``1 h 30 min``; exact, and 0 s of none."""
    days, rest = divmod(duration, DAY_MS)
    hours, rest = divmod(rest, HOUR_MS)
    minutes, rest = divmod(rest, MINUTE_MS)
    seconds, rest = divmod(rest, SECOND_MS)
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    if seconds or rest or not parts:
        parts.append(f"{seconds}.{rest:03d} s" if rest else f"{seconds} s")
    return " ".join(parts)


def time_texts(at: Instant) -> tuple[str, str]:
    """A time as a date-time group, to the minute begun, and as ISO 8601 in full: both in UTC.

    Source of the group: ACP 121, ``DDHHMMZ MON YY``; its two digits of the year are why the other stands beside it.
    """
    iso = instant_text(at)
    date, clock = iso.split("T")
    year, month, day = date.split("-")
    return f"{day}{clock[:2]}{clock[3:5]}Z {_MONTHS[int(month) - 1]} {year[2:]}", _short(iso, at)


def _short(iso: str, at: Instant) -> str:
    # Whole seconds are written without their milliseconds, which only make a time harder to read out.
    return f"{iso[:19]}Z" if at % SECOND_MS == 0 else iso


def _degrees_text(angle_e7: int, sides: str) -> str:
    whole, rest = divmod(abs(angle_e7), DEGREE_E7)
    return f"{whole}.{rest:07d}° {_side(angle_e7, sides)}"


def _dms_text(angle_e7: int, sides: str) -> str:
    minutes, units = divmod(abs(angle_e7) * _UNITS_A_STEP, 60 * _SECOND_UNITS)
    degrees, minutes = divmod(minutes, 60)
    seconds, rest = divmod(units, _SECOND_UNITS)
    return f"{degrees}°{minutes:02d}'{seconds:02d}.{rest:05d}\" {_side(angle_e7, sides)}"


def _side(angle_e7: int, sides: str) -> str:
    return sides[1] if angle_e7 < 0 else sides[0]


def _metres_text(length_cm: int) -> str:
    whole, rest = divmod(abs(length_cm), METRE_CM)
    return f"{'-' if length_cm < 0 else ''}{whole}.{rest:02d} m"
