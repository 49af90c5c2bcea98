"""Compact Position Reporting: the places that ADS-B frames encode in 17 bits a coordinate.

A frame gives a place within a zone; which zone is found from an even and an odd frame together ("global"), or
from a place already known ("local"). Angles are degrees on WGS 84.
Source: ICAO Doc 9871, 2nd ed., C.2.6; RTCA DO-260B, A.1.7. Encoding error: airborne 5.1 m, surface 1.25 m.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from keepclear.core.space.geodesy import Position

LATITUDE_ZONES: Final = 15
"""NZ, the number of latitude zones between the equator and a pole (Doc 9871, C.2.6.2)."""

SCALE: Final = 131_072
"""2**17: a coordinate in the frame is this many parts of a zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A place as one frame encodes it: two 17-bit integers, and which of four ways of encoding it is."""

    latitude: int
    longitude: int
    odd: bool
    surface: bool


def local_position(frame: Encoded, *, near: Position) -> Position | None:
    """The place of a frame nearest to a known place.

    Right when the true place is within half a zone of ``near``: 180 NM (333 km) airborne, 45 NM (83 km) on
    the surface; the caller answers for that. None when the frame encodes no place on the Earth.
    """
    span_deg = 90.0 if frame.surface else 360.0
    zone_deg = span_deg / (4 * LATITUDE_ZONES - frame.odd)
    latitude_deg = zone_deg * _nearest_zone(near.latitude_deg / zone_deg, frame.latitude / SCALE)
    if not -90.0 <= latitude_deg <= 90.0:
        return None
    width_deg = span_deg / max(longitude_zones(latitude_deg) - frame.odd, 1)
    longitude_deg = width_deg * _nearest_zone(near.longitude_deg / width_deg, frame.longitude / SCALE)
    return Position(latitude_deg=latitude_deg, longitude_deg=_wrapped_deg(longitude_deg))


def global_position(
    even: Encoded, odd: Encoded, *, latest_is_odd: bool, near: Position | None
) -> Position | None:
    """The place of the later of an even and an odd frame, without knowing the zone.

    Surface frames leave 2 latitudes and 4 longitudes possible, a quarter of the globe apart; the one nearest
    to ``near`` is taken, so it must be within 45 degrees, and without it surface frames give None. None also
    when the two frames lie in different longitude zones, or encode no place on the Earth.
    """
    surface = even.surface
    if surface and near is None:
        return None
    span_deg = 90.0 if surface else 360.0
    latitudes = _global_latitudes(even, odd, span_deg)
    if near is not None and surface:
        latitudes = tuple(_southern_if_nearer(value, near.latitude_deg) for value in latitudes)
    if any(not -90.0 <= value <= 90.0 for value in latitudes):
        return None
    zones = longitude_zones(latitudes[0])
    if zones != longitude_zones(latitudes[1]):
        return None
    index = math.floor((even.longitude * (zones - 1) - odd.longitude * zones) / SCALE + 0.5)
    count = max(zones - latest_is_odd, 1)
    within = (odd if latest_is_odd else even).longitude / SCALE
    longitude_deg = span_deg / count * (index % count + within)
    if near is not None and surface:
        longitude_deg += 90.0 * round((near.longitude_deg - longitude_deg) / 90.0)
    return Position(latitude_deg=latitudes[latest_is_odd], longitude_deg=_wrapped_deg(longitude_deg))


def longitude_zones(latitude_deg: float) -> int:
    """NL, the number of longitude zones at a latitude, 1 to 59 (Doc 9871, C.2.6.2)."""
    at_deg = abs(latitude_deg)
    if at_deg >= 87.0:
        # Both ends are given by the standard: 2 zones at 87 degrees exactly, 1 beyond.
        return 2 if at_deg == 87.0 else 1
    cosine = math.cos(math.radians(at_deg))
    ratio = 1.0 - (1.0 - math.cos(math.pi / (2 * LATITUDE_ZONES))) / (cosine * cosine)
    # The formula gives 60 at the equator itself, where the standard has 59.
    return min(math.floor(2.0 * math.pi / math.acos(ratio)), 59)


def _global_latitudes(even: Encoded, odd: Encoded, span_deg: float) -> tuple[float, ...]:
    index = math.floor((59 * even.latitude - 60 * odd.latitude) / SCALE + 0.5)
    even_deg = span_deg / 60 * (index % 60 + even.latitude / SCALE)
    odd_deg = span_deg / 59 * (index % 59 + odd.latitude / SCALE)
    return tuple(value - 360.0 if value >= 270.0 else value for value in (even_deg, odd_deg))


def _southern_if_nearer(latitude_deg: float, near_deg: float) -> float:
    south_deg = latitude_deg - 90.0
    return south_deg if abs(south_deg - near_deg) < abs(latitude_deg - near_deg) else latitude_deg


def _nearest_zone(near: float, within: float) -> float:
    return math.floor(0.5 + near - within) + within


def _wrapped_deg(longitude_deg: float) -> float:
    return (longitude_deg + 180.0) % 360.0 - 180.0
