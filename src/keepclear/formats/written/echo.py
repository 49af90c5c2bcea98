"""Echoes: a place said back in three ways, so that a person sees what was understood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from keepclear.formats.written.mgrs import FIGURES_MAX, SQUARE_M, mgrs_text
from keepclear.formats.written.place import DEGREE_M, Place

_DEGREE_DECIMALS_MAX: Final = 7
_SECOND_DECIMALS_MAX: Final = 3

_DECIMAL_STEPS: Final = tuple(10**decimals for decimals in range(_DEGREE_DECIMALS_MAX + 1))
"""How many steps there are in a degree, from the widest to 11 mm."""

_DMS_STEPS: Final = (1, 60, *(3600 * 10**decimals for decimals in range(_SECOND_DECIMALS_MAX + 1)))
"""How many steps there are in a degree, from the widest to 31 mm."""

# A step may be longer than the precision by what the rounding of floats makes of equal lengths.
_ROUNDING: Final = 1 + 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A place as MGRS, as degrees, minutes and seconds, and as decimal degrees.

    Each is as fine as the place was written, or the next finer that its form has, down to 1 m for MGRS, 31 mm and
    11 mm for degrees. Each reads back with certainty, to a place no farther away than its own precision.
    """

    mgrs: str
    dms: str
    decimal: str


def echo(place: Place) -> Echo:
    """The place said back."""
    figures = next(
        (each for each in range(FIGURES_MAX) if SQUARE_M / 10**each <= place.precision_m * _ROUNDING),
        FIGURES_MAX,
    )
    return Echo(
        mgrs=mgrs_text(place.position, figures=figures),
        dms=_angles(place, _steps(place, _DMS_STEPS), _dms),
        decimal=_angles(place, _steps(place, _DECIMAL_STEPS), _decimal),
    )


def _steps(place: Place, offered: tuple[int, ...]) -> int:
    """How many steps of a degree are as fine as the place was written."""
    return next((each for each in offered if DEGREE_M / each <= place.precision_m * _ROUNDING), offered[-1])


def _angles(place: Place, steps: int, shape: Callable[[int, int, int], str]) -> str:
    north = round(Fraction(place.position.latitude_deg) * steps)
    east = round(Fraction(place.position.longitude_deg) * steps)
    return (
        f"{shape(abs(north), steps, 2)}{'S' if north < 0 else 'N'} "
        f"{shape(abs(east), steps, 3)}{'W' if east < 0 else 'E'}"
    )


def _decimal(count: int, steps: int, width: int) -> str:
    whole, rest = divmod(count, steps)
    decimals = len(str(steps)) - 1
    return f"{whole:0{width}d}" + (f".{rest:0{decimals}d}" if decimals else "") + "°"


def _dms(count: int, steps: int, width: int) -> str:
    degrees, rest = divmod(count, steps)
    if steps == 1:
        return f"{degrees:0{width}d}°"
    minutes, rest = divmod(rest, steps // 60)
    if steps == 60:
        return f"{degrees:0{width}d}°{minutes:02d}'"
    seconds, rest = divmod(rest, steps // 3600)
    decimals = len(str(steps // 3600)) - 1
    fraction = f".{rest:0{decimals}d}" if decimals else ""
    return f"{degrees:0{width}d}°{minutes:02d}'{seconds:02d}{fraction}\""
