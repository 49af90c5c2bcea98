"""Positions and geodesics on WGS 84.

Latitudes and longitudes are geodetic degrees, north and east positive. Arrays are float64.
Source: C. F. F. Karney, "Algorithms for geodesics", J. Geodesy 87 (2013), as computed by PROJ's ``Geod``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyproj
from numpy.typing import NDArray

from keepclear.core.errors import Refused

Floats = NDArray[np.float64]
"""A one-dimensional float64 array."""

EQUATOR_RADIUS_M: Final = 6_378_137.0
"""WGS 84 semi-major axis (NIMA TR8350.2)."""

FLATTENING: Final = 1 / 298.257223563
"""WGS 84 flattening (NIMA TR8350.2)."""

POLE_RADIUS_M: Final = EQUATOR_RADIUS_M * (1 - FLATTENING)

FARTHEST_M: Final = 20_003_931.4586
"""The longest shortest path on WGS 84, from pole to pole."""

_WGS84: Final = pyproj.Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A point on the WGS 84 ellipsoid.

    ``latitude_deg`` in [-90, 90], ``longitude_deg`` in [-180, 180]; both finite.
    Raises Refused("position.out-of-range") otherwise: a longitude of 190 is asked about, never wrapped.
    """

    latitude_deg: float
    longitude_deg: float

    def __post_init__(self) -> None:
        if not -90 <= self.latitude_deg <= 90:
            raise Refused(
                "position.out-of-range", f"latitude is {self.latitude_deg}, must be from -90 to 90 degrees"
            )
        if not -180 <= self.longitude_deg <= 180:
            raise Refused(
                "position.out-of-range", f"longitude is {self.longitude_deg}, must be from -180 to 180 degrees"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How two positions lie to one another along the geodesic: azimuths at both ends in degrees, and metres."""

    azimuth_deg: float
    arrival_deg: float
    distance_m: float


def separation_m(*, own: Position, other: Position) -> float:
    """Length of the geodesic between two positions, in metres; error below 15 nm."""
    return course_between(start=own, end=other).distance_m


def course_between(*, start: Position, end: Position) -> Course:
    """The geodesic from start to end; both azimuths point onward, in (-180, 180] degrees from north."""
    azimuth, back, distance = _WGS84.inv(
        start.longitude_deg, start.latitude_deg, end.longitude_deg, end.latitude_deg
    )
    return Course(azimuth_deg=azimuth, arrival_deg=onward(back), distance_m=distance)


def destination(at: Position, *, azimuth_deg: float, distance_m: float) -> Position:
    """The position reached by following the geodesic from ``at`` on an azimuth for a distance."""
    longitude, latitude, _ = _WGS84.fwd(at.longitude_deg, at.latitude_deg, azimuth_deg, distance_m)
    return Position(latitude_deg=latitude, longitude_deg=longitude)


def inverse(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> tuple[Floats, Floats, Floats]:
    """Azimuth at the first point, azimuth onward at the second, and distance in metres, elementwise.

    The four arrays have one shape or broadcast to it. Azimuths in degrees, (-180, 180].
    """
    lat1, lon1, lat2, lon2 = np.broadcast_arrays(lat1, lon1, lat2, lon2)
    azimuth, back, distance = _WGS84.inv(lon1.copy(), lat1.copy(), lon2.copy(), lat2.copy())
    return np.asarray(azimuth), np.asarray(back) + np.where(np.asarray(back) > 0, -180.0, 180.0), np.asarray(distance)


def direct(lat: Floats, lon: Floats, azimuth_deg: Floats, distance_m: Floats) -> tuple[Floats, Floats, Floats]:
    """Latitude, longitude and onward azimuth at the end of each geodesic, elementwise; shapes broadcast."""
    lat, lon, azimuth_deg, distance_m = np.broadcast_arrays(lat, lon, azimuth_deg, distance_m)
    end_lon, end_lat, back = _WGS84.fwd(lon.copy(), lat.copy(), azimuth_deg.copy(), distance_m.copy())
    return np.asarray(end_lat), np.asarray(end_lon), np.asarray(back) + np.where(np.asarray(back) > 0, -180.0, 180.0)


def ecef_m(lat: Floats, lon: Floats) -> NDArray[np.float64]:
    """Earth-centred, earth-fixed coordinates of points on the ellipsoid: shape (n, 3), metres."""
    phi, lam = np.radians(lat), np.radians(lon)
    eccentricity2 = FLATTENING * (2 - FLATTENING)
    normal = EQUATOR_RADIUS_M / np.sqrt(1 - eccentricity2 * np.sin(phi) ** 2)
    ring = normal * np.cos(phi)
    return np.stack(
        [ring * np.cos(lam), ring * np.sin(lam), normal * (1 - eccentricity2) * np.sin(phi)], axis=-1
    )


def onward(back_azimuth_deg: float) -> float:
    """The azimuth that continues a geodesic, from PROJ's azimuth back along it."""
    return math.remainder(back_azimuth_deg + 180.0, 360.0)
