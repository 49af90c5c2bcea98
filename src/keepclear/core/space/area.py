"""Areas on WGS 84: circles, polygons and corridors, and where positions are to them."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from keepclear.core.errors import Refused
from keepclear.core.space.altitude import Containment
from keepclear.core.space.cap import Cap, cap_around
from keepclear.core.space.circle import Circle, circle_distances_m
from keepclear.core.space.corridor import Corridor, corridor_distances_m
from keepclear.core.space.edges import EDGE_ERROR_M, joined
from keepclear.core.space.geodesy import Floats, Position
from keepclear.core.space.outline import Line, circle_outline, corridor_outline, polygon_outline
from keepclear.core.space.polygon import Part, Polygon, polygon_distances_m
from keepclear.core.space.ring import Ring

__all__ = [
    "Area",
    "Cap",
    "Circle",
    "Corridor",
    "Part",
    "Polygon",
    "Ring",
    "cap",
    "containment",
    "containments",
    "edge_distance_m",
    "edge_distances_m",
    "outline",
]

Area = Circle | Polygon | Corridor


def edge_distance_m(area: Area, at: Position) -> float:
    """Signed geodesic distance in metres from a position to the edge of an area, negative inside.

    See edge_distances_m, which this is for one position.
    """
    return float(edge_distances_m(area, np.array([at.latitude_deg]), np.array([at.longitude_deg]))[0])


def edge_distances_m(area: Area, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """Signed geodesic distances in metres on WGS 84 from positions to the edge of an area, negative inside.

    The sign is right wherever the edge is more than 1 mm away. Outside, the size is right to 1 mm up to
    EXACT_WITHIN_M (9,600 km) and beyond it never too small. Inside, it never overstates how far the edge is
    by more than 1 mm; circle_distances_m, polygon_distances_m and corridor_distances_m say where it may be
    farther. Raises Refused("position.out-of-range") for latitudes beyond 90 degrees, longitudes beyond 180,
    and NaN. Source: Karney (2013); the search along an edge is ours, ADR 2.
    """
    _refuse_out_of_range(latitude_deg, longitude_deg)
    match area:
        case Circle():
            return circle_distances_m(area, latitude_deg, longitude_deg)
        case Polygon():
            return polygon_distances_m(area, latitude_deg, longitude_deg)
        case Corridor():
            return corridor_distances_m(area, latitude_deg, longitude_deg)
        case _:
            assert_never(area)


def containment(area: Area, at: Position, *, accuracy_m: float = 0.0) -> Containment:
    """Whether a position, known to within ``accuracy_m``, lies in an area; the edge belongs to it.

    DEFINITE if every place within accuracy_m is inside; NO if none is, by more than EDGE_ERROR_M; otherwise
    POSSIBLE, which counts as inside.
    Raises Refused("accuracy.out-of-range") unless accuracy_m is 0 or more and finite.
    """
    lat, lon = np.array([at.latitude_deg]), np.array([at.longitude_deg])
    return Containment(int(containments(area, lat, lon, np.array([accuracy_m]))[0]))


def containments(
    area: Area, latitude_deg: Floats, longitude_deg: Floats, accuracy_m: Floats
) -> NDArray[np.uint8]:
    """Containment of each position in an area, each with its own accuracy in metres; see containment."""
    if not np.all((accuracy_m >= 0) & (accuracy_m < np.inf)):
        raise Refused(
            "accuracy.out-of-range", "a position accuracy is negative, infinite or NaN, must be 0 m or more"
        )
    distance_m = edge_distances_m(area, latitude_deg, longitude_deg)
    found = np.full(distance_m.shape, Containment.POSSIBLE, np.uint8)
    found[distance_m <= -accuracy_m] = Containment.DEFINITE
    # What may be on the edge is inside, so NO has to be clear of the error of the distance itself.
    found[distance_m > accuracy_m + EDGE_ERROR_M] = Containment.NO
    return found


def cap(area: Area) -> Cap:
    """A circle that holds the area: no position of the area is farther from its centre than its radius."""
    match area:
        case Circle():
            return Cap(centre=area.centre, radius_m=area.radius_m)
        case Polygon():
            return cap_around(joined(tuple(part.edges for part in area.parts)), margin_m=0.0)
        case Corridor():
            return cap_around(area.legs, margin_m=area.half_width_m)
        case _:
            assert_never(area)


def outline(area: Area, *, step_m: float | None = None) -> tuple[Line, ...]:
    """Closed lines along the true edge of an area, for drawing; the last position of each is its first.

    ``step_m`` is about how far positions are apart; None leaves it to circle_outline, polygon_outline or
    corridor_outline, which say how true the lines are. An area that is the whole globe has none.
    Raises Refused("outline.step") unless step_m is above 0.
    """
    match area:
        case Circle():
            return circle_outline(area, step_m=step_m)
        case Polygon():
            return polygon_outline(area, step_m=step_m)
        case Corridor():
            return corridor_outline(area, step_m=step_m)
        case _:
            assert_never(area)


def _refuse_out_of_range(latitude_deg: Floats, longitude_deg: Floats) -> None:
    sound = (np.abs(latitude_deg) <= 90) & (np.abs(longitude_deg) <= 180)
    for place in np.flatnonzero(~sound)[:1]:
        raise Refused(
            "position.out-of-range",
            f"position {place} is at {latitude_deg[place]}, {longitude_deg[place]}, "
            "must be within 90 degrees of latitude and 180 of longitude",
        )
