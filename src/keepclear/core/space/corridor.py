"""Corridors: every position within a half-width of a line of geodesic legs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.space.edges import EDGE_LENGTH_MAX_M, Edges, edges_along, nearest_edge
from keepclear.core.space.geodesy import Floats, Position

LINE_POINTS_MAX: Final = 4_000
HALF_WIDTH_MAX_M: Final = EDGE_LENGTH_MAX_M


@dataclass(frozen=True, slots=True, kw_only=True)
class Corridor:
    """Every position within ``half_width_m`` of the geodesic line through the points, the edge included.

    Its ends and turns are round. 2 to LINE_POINTS_MAX points, legs of 1 mm to 9,000 km, 0 < half_width_m <=
    9,000 km; the line may cross itself. Raises Refused("corridor.points"), Refused("corridor.half-width"),
    Refused("area.repeated-point") or Refused("area.edge-too-long").
    """

    line: tuple[Position, ...]
    half_width_m: float
    legs: Edges = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 2 <= len(self.line) <= LINE_POINTS_MAX:
            raise Refused(
                "corridor.points",
                f"corridor line has {len(self.line)} points, must have 2 to {LINE_POINTS_MAX}",
            )
        if not 0 < self.half_width_m <= HALF_WIDTH_MAX_M:
            raise Refused(
                "corridor.half-width",
                f"corridor half-width is {self.half_width_m} m, must be above 0 and at most 9,000 km",
            )
        object.__setattr__(self, "legs", edges_along(self.line, closed=False, name="corridor line"))


def corridor_distances_m(corridor: Corridor, lat: Floats, lon: Floats) -> Floats:
    """Signed distance to the edge of a corridor, negative inside; the sign is right to 1 mm.

    It is the distance to the line less the half-width. Outside it is the distance to the edge: |error| <=
    1 mm up to EXACT_WITHIN_M from the line, and beyond it never too small. Inside it never overstates how far
    the edge is; where the line turns sharply, comes near itself, or is wider than the globe lets its sides
    run apart, the edge may be farther than stated.
    """
    return nearest_edge(corridor.legs, lat, lon).distance_m - corridor.half_width_m
