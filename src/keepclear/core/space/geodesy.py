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

TIGHTEST_BEND_M: Final = EQUATOR_RADIUS_M * (1 - FLATTENING) ** 2
"""The smallest radius of curvature of any geodesic: along the meridian at the equator."""

FARTHEST_M: Final = 20_003_931.459
"""The longest shortest path on WGS 84, from pole to pole, rounded up to a millimetre."""

UNIQUE_M: Final = math.pi * POLE_RADIUS_M
"""A geodesic shorter than this, 19,970 km, is the only shortest path between its ends.

The Gaussian curvature of the ellipsoid is at most ``1 / POLE_RADIUS_M ** 2``, on the equator; by
Klingenberg's theorem the injectivity radius of a closed surface so curved is at least pi over its root.
"""

CONVEX_M: Final = UNIQUE_M / 2
"""Two points less than this, 9,985 km, from a third are joined by a shortest path that stays as near to it.

Discs are strongly convex up to half the injectivity radius or half of pi over the root of the largest
curvature, whichever is less (Whitehead; Chavel, Riemannian Geometry, IX.6); here both are this.
"""

EARTH_AREA_M2: Final = 510_065_621_724_088.5
"""The area of the WGS 84 ellipsoid."""

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
                "position.out-of-range",
                f"longitude is {self.longitude_deg}, must be from -180 to 180 degrees",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How two positions lie to one another along the geodesic.

    ``azimuth_deg`` and ``arrival_deg``: the direction of travel at the start and at the end, in [-180, 180]
    degrees from true north. ``distance_m``: the length of the geodesic.
    """

    azimuth_deg: float
    arrival_deg: float
    distance_m: float


def separation_m(*, own: Position, other: Position) -> float:
    """Length of the geodesic between two positions, in metres; error below 15 nm."""
    return course_between(start=own, end=other).distance_m


def course_between(*, start: Position, end: Position) -> Course:
    """The geodesic from start to end; of coinciding positions the azimuths mean nothing."""
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

    The four arrays have one shape or broadcast to it. Azimuths in degrees, [-180, 180].
    """
    lat1, lon1, lat2, lon2 = _of_one_shape(lat1, lon1, lat2, lon2)
    azimuth, onward_deg, distance = _WGS84.inv(lon1, lat1, lon2, lat2, return_back_azimuth=False)
    return np.asarray(azimuth), np.asarray(onward_deg), np.asarray(distance)


def direct(
    lat: Floats, lon: Floats, azimuth_deg: Floats, distance_m: Floats
) -> tuple[Floats, Floats, Floats]:
    """Latitude, longitude and onward azimuth at the end of each geodesic, elementwise; shapes broadcast."""
    lat, lon, azimuth_deg, distance_m = _of_one_shape(lat, lon, azimuth_deg, distance_m)
    end_lon, end_lat, onward_deg = _WGS84.fwd(lon, lat, azimuth_deg, distance_m, return_back_azimuth=False)
    return np.asarray(end_lat), np.asarray(end_lon), np.asarray(onward_deg)


def ecef_m(lat: Floats, lon: Floats) -> NDArray[np.float64]:
    """Earth-centred, earth-fixed coordinates of points on the ellipsoid: shape (n, 3), metres."""
    phi, lam = np.radians(lat), np.radians(lon)
    eccentricity2 = FLATTENING * (2 - FLATTENING)
    normal = EQUATOR_RADIUS_M / np.sqrt(1 - eccentricity2 * np.sin(phi) ** 2)
    ring = normal * np.cos(phi)
    return np.stack(
        [ring * np.cos(lam), ring * np.sin(lam), normal * (1 - eccentricity2) * np.sin(phi)], axis=-1
    )


def longest_m(chord_m: Floats) -> Floats:
    """The most that the geodesic between two points can measure whose straight line through the earth does.

    A geodesic bends nowhere more tightly than TIGHTEST_BEND_M, so by Schur's comparison theorem its chord is
    at least that of a circle's arc of this radius and equal length. Past 12,000 km the answer is FARTHEST_M.
    """
    arc_m = 2 * TIGHTEST_BEND_M * np.arcsin(np.minimum(chord_m, 12e6) / (2 * TIGHTEST_BEND_M))
    return np.where(chord_m > 12e6, FARTHEST_M, arc_m)


def ring_area_m2(lat: Floats, lon: Floats) -> float:
    """The signed area of the smaller side of a closed geodesic ring: positive if it lies to the left."""
    area, _ = _WGS84.polygon_area_perimeter(lon, lat)
    return float(area)


def onward(back_azimuth_deg: float) -> float:
    """The azimuth that continues a geodesic, from PROJ's azimuth back along it."""
    return math.remainder(back_azimuth_deg + 180.0, 360.0)


def _of_one_shape(*columns: Floats) -> tuple[Floats, ...]:
    # To broadcast what needs none takes as long as the geodesics of ten positions.
    if all(column.shape == columns[0].shape for column in columns):
        return columns
    return np.broadcast_arrays(*columns)
