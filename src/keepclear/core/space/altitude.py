"""Altitudes with their datum, and bands of them; two datums never compare unconverted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from keepclear.core.errors import Refused

FOOT_M: Final = 0.3048
"""The international foot, exactly."""


class Datum(IntEnum):
    """What an altitude is measured from."""

    UNKNOWN = 0
    HAE = 1
    """Height above the WGS 84 ellipsoid."""
    MSL = 2
    """Height above mean sea level (the geoid)."""
    AGL = 3
    """Height above the ground or water below."""
    PRESSURE = 4
    """Pressure altitude against 1013.25 hPa; flight levels are hundreds of feet of it."""


class Containment(IntEnum):
    """Whether something lies inside, when neither of the two is exact. POSSIBLE counts as inside."""

    NO = 0
    POSSIBLE = 1
    DEFINITE = 2


class Bound(Enum):
    """An end of a band that is not limited."""

    UNLIMITED = "unlimited"


UNLIMITED: Final = Bound.UNLIMITED
ALTITUDE_LOWEST_M: Final = -12_000.0
ALTITUDE_HIGHEST_M: Final = 100_000_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Altitude:
    """A height in metres with the datum it is measured from.

    Accepted from -12,000 m (below the deepest sea) to 100,000 km; anything else, NaN included, raises
    Refused("altitude.out-of-range").
    """

    height_m: float
    datum: Datum

    def __post_init__(self) -> None:
        if not ALTITUDE_LOWEST_M <= self.height_m <= ALTITUDE_HIGHEST_M:
            raise Refused(
                "altitude.out-of-range", f"altitude is {self.height_m} m, must be -12,000 m or more"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class AltitudeBand:
    """A span of height between two altitudes, ends included; either end may be UNLIMITED.

    Raises Refused("band.reversed") when both ends have one datum and the lower is above the upper.
    """

    lower: Altitude | Bound = UNLIMITED
    upper: Altitude | Bound = UNLIMITED

    def __post_init__(self) -> None:
        if isinstance(self.lower, Bound) or isinstance(self.upper, Bound):
            return
        if self.lower.datum is self.upper.datum and self.lower.height_m > self.upper.height_m:
            raise Refused(
                "band.reversed",
                f"altitude band starts at {self.lower.height_m} m, above its end at {self.upper.height_m} m, "
                "must start at or below it",
            )


EVERY_HEIGHT: Final = AltitudeBand()
"""The band without bounds."""


def band_containment(
    band: AltitudeBand, *, height_m: float, datum: Datum, accuracy_m: float = 0.0
) -> Containment:
    """Whether a height lies in a band: NO only when it is certainly outside.

    ``height_m`` and ``accuracy_m``, a half-interval, may be NaN for unknown. An unknown height or accuracy, an
    unknown datum, or one that differs from the bound's, is POSSIBLE at that bound, since it cannot be compared.
    """
    below = _clear_of(band.lower, height_m=height_m, datum=datum, accuracy_m=accuracy_m, sign=1.0)
    above = _clear_of(band.upper, height_m=height_m, datum=datum, accuracy_m=accuracy_m, sign=-1.0)
    return min(below, above)


def flight_level(hundreds_of_feet: float) -> Altitude:
    """The pressure altitude of a flight level: ``flight_level(120)`` is 12,000 ft."""
    return Altitude(height_m=hundreds_of_feet * 100 * FOOT_M, datum=Datum.PRESSURE)


def _clear_of(
    bound: Altitude | Bound, *, height_m: float, datum: Datum, accuracy_m: float, sign: float
) -> Containment:
    if isinstance(bound, Bound):
        return Containment.DEFINITE
    if math.isnan(height_m) or math.isnan(accuracy_m) or datum is Datum.UNKNOWN or bound.datum is not datum:
        return Containment.POSSIBLE
    inside_by_m = sign * (height_m - bound.height_m)
    if inside_by_m >= accuracy_m:
        return Containment.DEFINITE
    return Containment.POSSIBLE if inside_by_m >= -accuracy_m else Containment.NO
