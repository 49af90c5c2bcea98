"""Caps: a circle around an area, for coarse search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.space.edges import Edges
from keepclear.core.space.geodesy import CONVEX_M, FARTHEST_M, FLATTENING, Floats, Position, ecef_m, inverse

_ROUNDING_M: Final = 0.001
_CENTRING_STEPS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """A circle that holds an area: every position of the area is within ``radius_m`` of ``centre``.

    The radius is an upper bound, never too small; FARTHEST_M stands for anywhere on the globe.
    """

    centre: Position
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Caps:
    """Caps in columns; each as Cap says."""

    latitude_deg: Floats
    longitude_deg: Floats
    radius_m: Floats


def cap_around(edges: Edges, *, margin_m: float) -> Cap:
    """The cap of everything within a margin of some edges, and of what a ring of such edges encloses.

    A disc of a radius below CONVEX_M that holds both ends of a shortest path holds all of it. It also holds
    the inside of a ring in it, for what lies outside the disc is more than the inside of any ring may be
    (RING_AREA_MAX_M2). Where no such disc is found the cap is the globe.
    """
    lat = np.append(edges.start_lat_deg, edges.end_lat_deg[-1:])
    lon = np.append(edges.start_lon_deg, edges.end_lon_deg[-1:])
    centre = _middle(lat, lon)
    at = np.array([centre.latitude_deg]), np.array([centre.longitude_deg])
    farthest_m = float(np.max(inverse(*at, lat, lon)[2]))
    if farthest_m >= CONVEX_M - _ROUNDING_M:
        return Cap(centre=centre, radius_m=FARTHEST_M)
    return Cap(centre=centre, radius_m=min(farthest_m + margin_m + _ROUNDING_M, FARTHEST_M))


def _middle(lat: Floats, lon: Floats) -> Position:
    """A position near the middle of the smallest circle about the points.

    Each step goes a little less far towards the farthest point (Badoiu and Clarkson, 2003). Only the size of
    the cap depends on it, not its truth.
    """
    points = _unit(ecef_m(lat, lon))
    centre = points[0]
    for step in range(1, _CENTRING_STEPS + 1):
        centre = centre + (points[np.argmin(points @ centre)] - centre) / (step + 1)
        if not np.linalg.norm(centre) > 1e-6:
            centre = points[0]
        centre = _unit(centre)
    # The direction from the centre of the Earth has the geocentric latitude, up to 21 km from the geodetic
    # one.
    latitude_deg = float(
        np.degrees(np.arctan2(centre[2], (1 - FLATTENING) ** 2 * np.hypot(centre[0], centre[1])))
    )
    return Position(
        latitude_deg=latitude_deg, longitude_deg=float(np.degrees(np.arctan2(centre[1], centre[0])))
    )


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
