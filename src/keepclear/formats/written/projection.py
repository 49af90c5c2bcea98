"""The two projections of the grids: transverse Mercator and polar stereographic, on WGS 84.

Source: Karney, "Transverse Mercator with an accuracy of a few nanometers", J. Geodesy 85 (2011): Krueger's series to
the sixth order of n, equations 7 to 9, 11 to 14, 35 and 36; its error is below 5 nm within 3,900 km of the central
meridian. The stereographic projection is that of NGA.SIG.0012, in terms of the same conformal latitude.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import Final

from keepclear.core.space.geodesy import EQUATOR_RADIUS_M, FLATTENING

_N: Final = FLATTENING / (2 - FLATTENING)
_E: Final = math.sqrt(FLATTENING * (2 - FLATTENING))
_E2: Final = FLATTENING * (2 - FLATTENING)

_RADIUS_M: Final = EQUATOR_RADIUS_M / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64 + _N**6 / 256)
_POLAR_RADIUS_M: Final = 2 * EQUATOR_RADIUS_M / math.sqrt((1 + _E) ** (1 + _E) * (1 - _E) ** (1 - _E))


def _polynomial(lowest: int, *coefficients: float) -> float:
    return sum(each * _N ** (lowest + power) for power, each in enumerate(coefficients))


_ALPHA: Final = (
    _polynomial(1, 1 / 2, -2 / 3, 5 / 16, 41 / 180, -127 / 288, 7891 / 37800),
    _polynomial(2, 13 / 48, -3 / 5, 557 / 1440, 281 / 630, -1983433 / 1935360),
    _polynomial(3, 61 / 240, -103 / 140, 15061 / 26880, 167603 / 181440),
    _polynomial(4, 49561 / 161280, -179 / 168, 6601661 / 7257600),
    _polynomial(5, 34729 / 80640, -3418889 / 1995840),
    _polynomial(6, 212378941 / 319334400),
)
_BETA: Final = (
    _polynomial(1, 1 / 2, -2 / 3, 37 / 96, -1 / 360, -81 / 512, 96199 / 604800),
    _polynomial(2, 1 / 48, 1 / 15, -437 / 1440, 46 / 105, -1118711 / 3870720),
    _polynomial(3, 17 / 480, -37 / 840, -209 / 4480, 5569 / 90720),
    _polynomial(4, 4397 / 161280, -11 / 504, -830251 / 7257600),
    _polynomial(5, 4583 / 161280, -108847 / 3991680),
    _polynomial(6, 20648693 / 638668800),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Geodetic:
    """Where a point of a plane lies: latitude, and longitude from the central meridian, in degrees."""

    latitude_deg: float
    longitude_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """A point of a projection's plane before scale and false origin, in metres."""

    east_m: float
    north_m: float


def transverse_mercator(at: Geodetic) -> Plane:
    """A position on the plane of the central meridian, for longitudes within 80 degrees of it.

    ``north_m`` counts from the equator.
    """
    tau = _conformal(math.tan(math.radians(at.latitude_deg)))
    longitude = math.radians(at.longitude_deg)
    xi = math.atan2(tau, math.cos(longitude))
    eta = math.asinh(math.sin(longitude) / math.hypot(tau, math.cos(longitude)))
    point = complex(xi, eta)
    moved = point + sum(each * cmath.sin(2 * order * point) for order, each in enumerate(_ALPHA, 1))
    return Plane(east_m=_RADIUS_M * moved.imag, north_m=_RADIUS_M * moved.real)


def transverse_position(at: Plane) -> Geodetic:
    """Where a point of the plane of a central meridian lies: transverse_mercator undone."""
    moved = complex(at.north_m, at.east_m) / _RADIUS_M
    point = moved - sum(each * cmath.sin(2 * order * moved) for order, each in enumerate(_BETA, 1))
    across = math.sinh(point.imag)
    tau = math.sin(point.real) / math.hypot(across, math.cos(point.real))
    return Geodetic(
        latitude_deg=math.degrees(math.atan(_geographic(tau))),
        longitude_deg=math.degrees(math.atan2(across, math.cos(point.real))),
    )


def polar_stereographic(at: Geodetic, *, northern: bool) -> Plane:
    """A position on the plane of a pole, which is its origin; north is along the prime meridian from the south."""
    sign = 1.0 if northern else -1.0
    tau = _conformal(math.tan(math.radians(sign * at.latitude_deg)))
    # Far from the equator tau is large and positive, and its root minus itself would lose every digit.
    slope = 1 / (math.hypot(1, tau) + tau) if tau >= 0 else math.hypot(1, tau) - tau
    longitude = math.radians(at.longitude_deg)
    distance_m = _POLAR_RADIUS_M * slope
    return Plane(east_m=distance_m * math.sin(longitude), north_m=-sign * distance_m * math.cos(longitude))


def polar_position(at: Plane, *, northern: bool) -> Geodetic:
    """Where a point of the plane of a pole lies: polar_stereographic undone."""
    sign = 1.0 if northern else -1.0
    slope = math.hypot(at.east_m, at.north_m) / _POLAR_RADIUS_M
    if slope == 0:
        return Geodetic(latitude_deg=sign * 90.0, longitude_deg=0.0)
    tau = (1 / slope - slope) / 2
    return Geodetic(
        latitude_deg=sign * math.degrees(math.atan(_geographic(tau))),
        longitude_deg=math.degrees(math.atan2(at.east_m, -sign * at.north_m)),
    )


def _conformal(tau: float) -> float:
    """The tangent of the conformal latitude from that of the geographic one (Karney 2011, 7 to 9)."""
    sigma = math.sinh(_E * math.atanh(_E * tau / math.hypot(1, tau)))
    return tau * math.hypot(1, sigma) - sigma * math.hypot(1, tau)


def _geographic(conformal: float) -> float:
    """The tangent of the geographic latitude from that of the conformal one, by Newton's method (19 to 21).

    Three steps reach the last bit of a float from this start; the fourth is for safety.
    """
    tau = conformal / (1 - _E2) if abs(conformal) < 70 else conformal * math.exp(_E * math.atanh(_E))
    for _ in range(4):
        there = _conformal(tau)
        steepness = (1 + (1 - _E2) * tau**2) / ((1 - _E2) * math.hypot(1, tau))
        tau += (conformal - there) / math.hypot(1, there) * steepness
    return tau
