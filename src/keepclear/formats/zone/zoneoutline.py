"""Lines for drawing a zone: along its true edge, and along its warning distance.

They are made for the eye and are never read back: what is inside is decided by ``core.space`` alone.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Final, TypeAlias, assert_never

import numpy as np

from keepclear.core.space.area import Area, Circle, Corridor, Polygon, edge_distances_m, outline
from keepclear.core.space.edges import Edges
from keepclear.core.space.geodesy import FARTHEST_M, Floats, Position, direct

Line: TypeAlias = list[list[float]]
"""Positions as GeoJSON writes them: longitude, latitude."""

_SHARE_OF_DISTANCE: Final = 0.25
_POINTS_PER_EDGE_MAX: Final = 64
_CORNER_STEP_DEG: Final = 10.0
_OFF_LINE: Final = 1e-3


def outline_lines(area: Area) -> list[Line]:
    """Closed lines along the edge of an area, as ``outline`` gives them.

    Longitudes run on past 180 degrees either way, so that no line jumps across a map.
    """
    return [_unwrapped(line) for line in outline(area)]


def warning_lines(area: Area, distance_m: float) -> list[Line]:
    """Lines of the positions that lie a distance outside the edge of an area; none where there are none.

    Around a polygon the lines may be open, and points lie within a thousandth of the distance of their true
    place.
    """
    if distance_m == 0:
        return []
    match area:
        case Circle():
            radius_m = area.radius_m + distance_m
            wider = Circle(centre=area.centre, radius_m=radius_m) if radius_m < FARTHEST_M else None
            return [] if wider is None else outline_lines(wider)
        case Corridor():
            return outline_lines(Corridor(line=area.line, half_width_m=area.half_width_m + distance_m))
        case Polygon():
            lines = [line for part in area.parts for line in _beside(part.edges, distance_m)]
            return [_unwrapped(line) for found in lines for line in _at_distance(area, found, distance_m)]
        case _:
            assert_never(area)


def _beside(edges: Edges, distance_m: float) -> list[tuple[Floats, Floats]]:
    """For each ring, points at the distance to the right of its edges, which is outside."""
    lines: list[tuple[Floats, Floats]] = []
    for ring in _rings(edges):
        pieces = [
            piece
            for edge, following in zip(ring, (*ring[1:], ring[0]), strict=True)
            for piece in (_along(edges, edge, distance_m), _around(edges, edge, following, distance_m))
        ]
        latitude, longitude = (np.concatenate(column) for column in zip(*pieces, strict=True))
        lines.append((np.append(latitude, latitude[0]), np.append(longitude, longitude[0])))
    return lines


def _rings(edges: Edges) -> list[list[int]]:
    """The places of the edges, ring by ring: where an edge does not go on from the last, a ring begins."""
    ends = zip(edges.end_lat_deg[:-1], edges.end_lon_deg[:-1], strict=True)
    starts = zip(edges.start_lat_deg[1:], edges.start_lon_deg[1:], strict=True)
    breaks = [place + 1 for place, (end, start) in enumerate(zip(ends, starts, strict=True)) if end != start]
    return [list(range(first, last)) for first, last in pairwise([0, *breaks, edges.length_m.size])]


def _along(edges: Edges, edge: int, distance_m: float) -> tuple[Floats, Floats]:
    length_m = float(edges.length_m[edge])
    steps = min(max(2, math.ceil(length_m / (_SHARE_OF_DISTANCE * distance_m))), _POINTS_PER_EDGE_MAX)
    one = slice(edge, edge + 1)
    latitude, longitude, azimuth = direct(
        edges.start_lat_deg[one],
        edges.start_lon_deg[one],
        edges.azimuth_deg[one],
        np.linspace(0.0, length_m, steps),
    )
    beside = direct(latitude, longitude, azimuth + 90.0, np.array([distance_m]))
    return beside[0], beside[1]


def _around(edges: Edges, edge: int, following: int, distance_m: float) -> tuple[Floats, Floats]:
    turn_deg = math.remainder(float(edges.azimuth_deg[following] - edges.arrival_deg[edge]), 360.0)
    steps = max(2, math.ceil(abs(turn_deg) / _CORNER_STEP_DEG))
    azimuth = edges.arrival_deg[edge] + 90.0 + np.linspace(0.0, turn_deg, steps)
    at = np.array([edges.end_lat_deg[edge]]), np.array([edges.end_lon_deg[edge]])
    latitude, longitude, _ = direct(*at, azimuth, np.array([distance_m]))
    return latitude, longitude


def _at_distance(area: Area, line: tuple[Floats, Floats], distance_m: float) -> list[tuple[Position, ...]]:
    """The runs of a line that are nowhere nearer to the area than the distance."""
    latitude, longitude = line
    kept = edge_distances_m(area, latitude, longitude) >= distance_m * (1 - _OFF_LINE)
    bounds = np.flatnonzero(np.diff(np.concatenate([[False], kept, [False]]).astype(np.int8)))
    return [
        tuple(
            Position(latitude_deg=lat, longitude_deg=lon)
            for lat, lon in zip(latitude[first:last].tolist(), longitude[first:last].tolist(), strict=True)
        )
        for first, last in zip(bounds[::2].tolist(), bounds[1::2].tolist(), strict=True)
        if last - first > 1
    ]


def _unwrapped(line: tuple[Position, ...]) -> Line:
    drawn: Line = []
    for at in line:
        before_deg = drawn[-1][0] if drawn else at.longitude_deg
        drawn.append([before_deg + math.remainder(at.longitude_deg - before_deg, 360.0), at.latitude_deg])
    return drawn
