"""Polygons with geodesic edges, in one or more parts, with holes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from keepclear.core.errors import Refused
from keepclear.core.space.edges import EXACT_WITHIN_M, Edges, joined, nearest_edge, turned_round
from keepclear.core.space.geodesy import Floats
from keepclear.core.space.ring import Ring, refuse_meetings, ring_edges

PARTS_MAX: Final = 1_000
HOLES_MAX: Final = 100
PART_POINTS_MAX: Final = 4_000
POLYGON_POINTS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One outer ring with its holes.

    A ring is given open (its first point is not repeated), in either direction; it has 3 or more points, and
    its inside is the side with the smaller area. Antimeridian and poles, a point at a pole included, are no
    special case. At most PART_POINTS_MAX points and HOLES_MAX holes. Raises Refused:
    "area.repeated-point", "area.edge-too-long" for an edge below 1 mm or above 9,000 km;
    "polygon.points", "polygon.holes" for too few or too many of them;
    "polygon.half-globe" for a ring around more than 45 % of the globe, whose inside would be in doubt;
    "polygon.meets-itself" for edges, of one ring or of two, that cross or come within 1 mm of one another;
    "polygon.too-intricate" where proving that they do not would take too long;
    "polygon.hole-outside", "polygon.hole-in-hole" for a hole out of its place.
    """

    outer: Ring
    holes: tuple[Ring, ...] = ()
    edges: Edges = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.holes) > HOLES_MAX:
            raise Refused(
                "polygon.holes", f"polygon part has {len(self.holes)} holes, must have {HOLES_MAX} or fewer"
            )
        points = len(self.outer) + sum(len(hole) for hole in self.holes)
        if points > PART_POINTS_MAX:
            raise Refused(
                "polygon.points", f"polygon part has {points} points, must have {PART_POINTS_MAX} or fewer"
            )
        outer = ring_edges(self.outer, name="outer ring")
        holes = tuple(ring_edges(hole, name=_hole_name(place)) for place, hole in enumerate(self.holes))
        refuse_meetings((outer, *holes))
        _refuse_misplaced(outer, holes)
        object.__setattr__(self, "edges", joined((outer, *(turned_round(hole) for hole in holes))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon:
    """The union of its parts, edges included.

    Parts may lie apart, touch or overlap. 1 to PARTS_MAX parts, at most POLYGON_POINTS_MAX points in all;
    raises Refused("polygon.parts") or Refused("polygon.points") otherwise.
    """

    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.parts) <= PARTS_MAX:
            raise Refused("polygon.parts", f"polygon has {len(self.parts)} parts, must have 1 to {PARTS_MAX}")
        points = sum(part.edges.length_m.size for part in self.parts)
        if points > POLYGON_POINTS_MAX:
            raise Refused(
                "polygon.points", f"polygon has {points} points, must have {POLYGON_POINTS_MAX} or fewer"
            )


def polygon_distances_m(polygon: Polygon, lat: Floats, lon: Floats) -> Floats:
    """Signed distance to the nearest edge of a polygon, negative inside; the sign is right to 1 mm.

    |error| <= 1 mm up to EXACT_WITHIN_M, and beyond it never too small. In a position that lies in a part
    which touches or overlaps another, the edge between the two still counts: there the edge of the union may
    be farther than stated, never nearer.
    """
    return np.min(np.stack([_part_distances_m(part, lat, lon) for part in polygon.parts]), axis=0)


def _part_distances_m(part: Part, lat: Floats, lon: Floats) -> Floats:
    """Signed distance to the edge of one part.

    No edge lies between a position and its nearest edge, so the side of that one edge tells inside from
    outside. Beyond EXACT_WITHIN_M the nearest edge may be mistaken, but no ring is large enough to hold a
    disc of that radius (ADR 2), so the position is outside.
    """
    nearest = nearest_edge(part.edges, lat, lon)
    inside = nearest.left & (nearest.distance_m <= EXACT_WITHIN_M)
    return np.where(inside, -nearest.distance_m, nearest.distance_m)


def _refuse_misplaced(outer: Edges, holes: tuple[Edges, ...]) -> None:
    """Refuse a hole that is not inside the outer ring, or is inside another hole.

    The rings are known not to meet, so one point of a hole stands for all of it.
    """
    if not holes:
        return
    lat = np.array([hole.start_lat_deg[0] for hole in holes])
    lon = np.array([hole.start_lon_deg[0] for hole in holes])
    for place in np.flatnonzero(~nearest_edge(outer, lat, lon).left)[:1]:
        raise Refused(
            "polygon.hole-outside", f"{_hole_name(int(place))} is outside its outer ring, must be inside"
        )
    for other, hole in enumerate(holes):
        within = nearest_edge(hole, lat, lon)
        for place in np.flatnonzero(within.left & (np.arange(lat.size) != other))[:1]:
            raise Refused(
                "polygon.hole-in-hole",
                f"{_hole_name(int(place))} lies in {_hole_name(other)}, must be apart from it",
            )


def _hole_name(place: int) -> str:
    return f"hole {place + 1}"
