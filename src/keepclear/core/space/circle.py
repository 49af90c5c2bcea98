"""Circles: every position within a geodesic radius of a centre."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keepclear.core.errors import Refused
from keepclear.core.space.geodesy import FARTHEST_M, Floats, Position, inverse


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Every position whose geodesic distance from ``centre`` is at most ``radius_m``, the edge included.

    0 < radius_m <= FARTHEST_M, which is the whole globe: the antipode and what lies beyond a quarter of the
    globe are no special case. Raises Refused("circle.radius") otherwise.
    """

    centre: Position
    radius_m: float

    def __post_init__(self) -> None:
        if not 0 < self.radius_m <= FARTHEST_M:
            raise Refused(
                "circle.radius",
                f"circle radius is {self.radius_m} m, must be above 0 and at most {FARTHEST_M / 1000:.3f} km",
            )


def circle_distances_m(circle: Circle, lat: Floats, lon: Floats) -> Floats:
    """Signed distance to the edge of a circle, negative inside; the sign is exact, |error| below 15 nm.

    It is the distance to the centre less the radius, which by the triangle inequality never overstates how
    far the edge is. It is that distance exactly from outside, and from inside whenever radius_m is at most
    UNIQUE_M (19,970 km): up to there every geodesic from the centre runs on to the edge as a shortest path.
    For larger circles, from inside, the edge may be up to 34 km farther than stated, near the antipode.
    """
    centre_lat = np.full(lat.shape, circle.centre.latitude_deg)
    centre_lon = np.full(lat.shape, circle.centre.longitude_deg)
    return inverse(centre_lat, centre_lon, lat, lon)[2] - circle.radius_m
