"""Figures: how large a shape is and how far it reaches, worked out from its plotted geometry.

Two nodes that plot one shape get one set of figures, whatever library they use; docs/protocol.md clause 8 has
what each figure means. Geodesics are those of core/space (Karney 2013); what lies on them is worked out here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Final, assert_never

import numpy as np

from keepclear.core.errors import Refused
from keepclear.core.line.plot.reach import Reach, circle_reach, corridor_reach, polygon_reach
from keepclear.core.line.plot.shape import (
    DEGREE_E7,
    LATITUDE_E7_MAX,
    LONGITUDE_E7_MAX,
    METRE_CM,
    CircleShape,
    CorridorShape,
    PointShape,
    PolygonShape,
    Shape,
)
from keepclear.core.space.circle import Circle
from keepclear.core.space.corridor import Corridor
from keepclear.core.space.geodesy import CONVEX_M, EARTH_AREA_M2, Floats, direct, inverse, ring_area_m2
from keepclear.core.space.polygon import Polygon
from keepclear.core.trust.encoding import INTEGER_MAX, Json
from keepclear.core.trust.fields import Fields

_COARSE: Final = 64
"""The corners of the coarsest of the three polygons that a circle is measured by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The size and the reach of a shape, rounded to whole numbers.

    ``area_m2``: of a point 0; of a circle or polygon the area inside, less its holes; of a corridor its line's
    length times its whole width, so turns, ends and overlaps are not reckoned. ``length_cm``: of a circle or
    polygon the length of its edge, holes included; of a corridor the length of its line; of a point 0.
    ``north_e7``, ``south_e7``: the extreme latitudes of the shape, 90 degrees where it holds a pole. ``east_e7``,
    ``west_e7``: its extreme longitudes; it reaches from west eastwards to east, so east is less than west across
    the antimeridian, as in RFC 7946, 5.2, and from -180 to 180 degrees where it runs all the way round.
    |error| of areas and lengths <= 1e-7 of them and 0.1 m2, 1 cm; of extremes <= 1e-7 degree, where the edge is
    not within 10 m of a pole. Raises Refused("place.figures") for numbers out of range.
    """

    area_m2: int
    length_cm: int
    north_e7: int
    south_e7: int
    east_e7: int
    west_e7: int

    def __post_init__(self) -> None:
        for name, most in _MOST.items():
            found = getattr(self, name)
            least = 0 if name in ("area_m2", "length_cm") else -most
            if not least <= found <= most:
                raise Refused("place.figures", f"{name} is {found}, must be from {least} to {most}")


_MOST: Final = {
    "area_m2": INTEGER_MAX,
    "length_cm": INTEGER_MAX,
    "north_e7": LATITUDE_E7_MAX,
    "south_e7": LATITUDE_E7_MAX,
    "east_e7": LONGITUDE_E7_MAX,
    "west_e7": LONGITUDE_E7_MAX,
}


def figures_of(shape: Shape) -> Figures:
    """The figures of a shape, worked out anew from its geometry in floats."""
    match shape:
        case PointShape():
            at = shape.at.position
            reach = Reach(
                north_deg=at.latitude_deg,
                south_deg=at.latitude_deg,
                east_deg=at.longitude_deg,
                west_deg=at.longitude_deg,
            )
            return _figures(area_m2=0.0, length_m=0.0, reach=reach)
        case CircleShape():
            area_m2, length_m = _circle_size(shape.area)
            return _figures(area_m2=area_m2, length_m=length_m, reach=circle_reach(shape.area))
        case PolygonShape():
            area_m2, length_m = _polygon_size(shape.area)
            return _figures(area_m2=area_m2, length_m=length_m, reach=polygon_reach(shape.area))
        case CorridorShape():
            area_m2, length_m = _corridor_size(shape.area)
            return _figures(area_m2=area_m2, length_m=length_m, reach=corridor_reach(shape.area))
        case _:
            assert_never(shape)


def figures_members(figures: Figures) -> dict[str, Json]:
    """The figures as a JSON object."""
    return {each.name: getattr(figures, each.name) for each in fields(figures)}


def figures_from(taken: Fields) -> Figures:
    """The figures that an object says, all of them and nothing else; raises as Fields and Figures do."""
    values = {name: taken.whole(name, least=-most, most=most) for name, most in _MOST.items()}
    taken.end()
    return Figures(**values)


def _figures(*, area_m2: float, length_m: float, reach: Reach) -> Figures:
    return Figures(
        area_m2=round(area_m2),
        length_cm=round(length_m * METRE_CM),
        north_e7=round(reach.north_deg * DEGREE_E7),
        south_e7=round(reach.south_deg * DEGREE_E7),
        east_e7=round(reach.east_deg * DEGREE_E7),
        west_e7=round(reach.west_deg * DEGREE_E7),
    )


def _circle_size(circle: Circle) -> tuple[float, float]:
    """Area in square metres and length of the edge in metres.

    Polygons of 64, 128 and 256 corners on the edge fall short by even powers of the step between corners, and
    two rounds of Richardson's extrapolation take the first two powers away.
    """
    finest = 4 * _COARSE
    # From north by west, so that the inside lies to the left.
    azimuth_deg = np.linspace(360.0, 0.0, finest, endpoint=False)
    lat, lon, _ = direct(
        np.full(finest, circle.centre.latitude_deg),
        np.full(finest, circle.centre.longitude_deg),
        azimuth_deg,
        np.full(finest, circle.radius_m),
    )
    sizes = [_inscribed(lat[::skip], lon[::skip], circle.radius_m) for skip in (4, 2, 1)]
    areas, lengths = zip(*sizes, strict=True)
    return _extrapolated(*areas), _extrapolated(*lengths)


def _inscribed(lat: Floats, lon: Floats, radius_m: float) -> tuple[float, float]:
    area_m2 = ring_area_m2(lat, lon)
    if area_m2 < 0 and radius_m > CONVEX_M:
        # ring_area_m2 is of the smaller side, and a circle may be more than half of the globe.
        area_m2 += EARTH_AREA_M2
    return area_m2, float(np.sum(inverse(lat, lon, np.roll(lat, -1), np.roll(lon, -1))[2]))


def _extrapolated(coarse: float, middle: float, fine: float) -> float:
    first, second = (4 * middle - coarse) / 3, (4 * fine - middle) / 3
    return (16 * second - first) / 15


def _polygon_size(polygon: Polygon) -> tuple[float, float]:
    area_m2, length_m = 0.0, 0.0
    for part in polygon.parts:
        rings = (part.outer, *part.holes)
        sizes = [
            abs(
                ring_area_m2(
                    np.array([corner.latitude_deg for corner in ring]),
                    np.array([corner.longitude_deg for corner in ring]),
                )
            )
            for ring in rings
        ]
        area_m2 += sizes[0] - sum(sizes[1:])
        length_m += math.fsum(part.edges.length_m.tolist())
    return area_m2, length_m


def _corridor_size(corridor: Corridor) -> tuple[float, float]:
    length_m = math.fsum(corridor.legs.length_m.tolist())
    return length_m * 2 * corridor.half_width_m, length_m
