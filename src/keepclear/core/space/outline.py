"""Outlines: closed lines along the edge of an area, for drawing; nothing is decided by them.

Each line ends on the position it starts with.
"""

from __future__ import annotations

import math
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.errors import Refused
from keepclear.core.space.circle import Circle, circle_distances_m
from keepclear.core.space.corridor import Corridor, corridor_distances_m
from keepclear.core.space.edges import Edges, Indices, turned_round
from keepclear.core.space.geodesy import UNIQUE_M, Floats, Position, direct, ecef_m
from keepclear.core.space.polygon import Part, Polygon

Line = tuple[Position, ...]

STEP_M: Final = 25_000.0
OUTLINE_POINTS_MAX: Final = 20_000

_CIRCLE_POINTS: Final = 360
_ARC_STEP_DEG: Final = 3.0
_ON_EDGE_M: Final = 0.01


def circle_outline(circle: Circle, *, step_m: float | None) -> tuple[Line, ...]:
    """Positions on the true edge of a circle, 360 of them or one every ``step_m``, from north by east.

    A circle of more than UNIQUE_M has its edge, if any, near the antipode: only what is truly edge is kept.
    """
    points = _CIRCLE_POINTS
    if step_m is not None:
        points = max(12, _count(2 * math.pi * min(circle.radius_m, UNIQUE_M / math.pi), _step_m(step_m)))
    azimuth_deg = np.linspace(0.0, 360.0, points, endpoint=False)
    lat = np.full(points, circle.centre.latitude_deg)
    lon = np.full(points, circle.centre.longitude_deg)
    lat, lon, _ = direct(lat, lon, azimuth_deg, np.full(points, circle.radius_m))
    if circle.radius_m > UNIQUE_M:
        kept = circle_distances_m(circle, lat, lon) >= -_ON_EDGE_M
        lat, lon = lat[kept], lon[kept]
    return (closed(lat, lon),) if lat.size >= 3 else ()


def polygon_outline(polygon: Polygon, *, step_m: float | None) -> tuple[Line, ...]:
    """Every ring with positions on its edges at most ``step_m`` apart, outer rings before their holes.

    The default is 25 km, and longer steps where there would be more than OUTLINE_POINTS_MAX.
    """
    length_m = sum(float(np.sum(part.edges.length_m)) for part in polygon.parts)
    step_m = max(_step_m(step_m), length_m / OUTLINE_POINTS_MAX)
    return tuple(line for part in polygon.parts for line in _part_outline(part, step_m))


def corridor_outline(corridor: Corridor, *, step_m: float | None) -> tuple[Line, ...]:
    """The edge of a corridor: its sides, round ends and turns; and, where it encloses places, their edges.

    Every position is on the true edge to 1 cm, at most ``step_m`` from the next. The default is a quarter of
    the half-width or 25 km, whichever is less. Where two sides cross, on the inside of a turn, the line may
    cut the corner by one step.
    """
    length_m = 2 * float(np.sum(corridor.legs.length_m)) + 2 * math.pi * corridor.half_width_m
    step_m = _step_m(min(STEP_M, corridor.half_width_m / 4) if step_m is None else step_m)
    step_m = max(step_m, length_m / OUTLINE_POINTS_MAX)
    out, back = _rays(corridor.legs, step_m, corridor), _rays(turned_round(corridor.legs), step_m, corridor)
    rays = np.concatenate([out, back], axis=1)
    lat, lon, _ = direct(rays[0], rays[1], rays[2], np.array([corridor.half_width_m]))
    kept = corridor_distances_m(corridor, lat, lon) >= -_ON_EDGE_M
    if kept.all():
        return (closed(lat, lon),)
    return _chained(lat, lon, kept)


def loops(begins: NDArray[np.float64], ends: NDArray[np.float64]) -> list[list[int]]:
    """Which runs make closed lines, by where each begins and ends: after each comes the one that begins nearest.

    Rows of earth-centred coordinates. Each run is in one loop, and each loop in its order.
    """
    following = _following(begins, ends)
    found: list[list[int]] = []
    unused = set(range(len(begins)))
    while unused:
        run, loop = min(unused), list[int]()
        while run in unused:
            unused.remove(run)
            loop.append(run)
            run = following[run]
        found.append(loop)
    return found


def closed(lat: Floats, lon: Floats) -> Line:
    """The line through these positions and back to the first."""
    points = tuple(
        Position(latitude_deg=float(latitude), longitude_deg=float(longitude))
        for latitude, longitude in zip(lat, lon, strict=True)
    )
    return (*points, points[0])


def _part_outline(part: Part, step_m: float) -> list[Line]:
    sizes = [len(part.outer), *(len(hole) for hole in part.holes)]
    ends = accumulate(sizes)
    return [
        _densified(part.edges, np.arange(end - size, end), step_m)
        for size, end in zip(sizes, ends, strict=True)
    ]


def _densified(edges: Edges, which: Indices, step_m: float) -> Line:
    counts = [_count(length_m, step_m) for length_m in edges.length_m[which].tolist()]
    edge = np.repeat(which, counts)
    share = np.concatenate([np.linspace(0.0, 1.0, count, endpoint=False) for count in counts])
    lat, lon, _ = direct(
        edges.start_lat_deg[edge],
        edges.start_lon_deg[edge],
        edges.azimuth_deg[edge],
        edges.length_m[edge] * share,
    )
    return closed(lat, lon)


def _rays(legs: Edges, step_m: float, corridor: Corridor) -> NDArray[np.float64]:
    """Latitude, longitude and azimuth from which the left side and the far end of a line are struck."""
    turn_deg = np.append((legs.azimuth_deg[1:] - legs.arrival_deg[:-1] + 180) % 360 - 180, 180.0)
    rays: list[NDArray[np.float64]] = []
    for leg in range(legs.length_m.size):
        points = _count(float(legs.length_m[leg]), step_m) + 1
        along_m = np.linspace(0.0, float(legs.length_m[leg]), points)
        one = slice(leg, leg + 1)
        lat, lon, travel_deg = direct(
            legs.start_lat_deg[one], legs.start_lon_deg[one], legs.azimuth_deg[one], along_m
        )
        rays.append(np.stack([lat, lon, travel_deg - 90]))
        if turn_deg[leg] > 0:
            arc_m = math.radians(turn_deg[leg]) * corridor.half_width_m
            points = max(_count(arc_m, step_m), _count(float(turn_deg[leg]), _ARC_STEP_DEG)) + 1
            around = np.linspace(0.0, float(turn_deg[leg]), points) + (legs.arrival_deg[leg] - 90)
            lat, lon = np.full(points, legs.end_lat_deg[leg]), np.full(points, legs.end_lon_deg[leg])
            rays.append(np.stack([lat, lon, around]))
    return np.concatenate(rays, axis=1)


def _chained(lat: Floats, lon: Floats, kept: NDArray[np.bool_]) -> tuple[Line, ...]:
    """Closed lines out of the kept runs of a closed line: after each the one that starts nearest."""
    if not kept.any():
        return ()
    first_dropped = int(np.argmin(kept))
    lat, lon, kept = np.roll(lat, -first_dropped), np.roll(lon, -first_dropped), np.roll(kept, -first_dropped)
    begins = np.flatnonzero(kept & ~np.roll(kept, 1))
    ends = np.flatnonzero(kept & ~np.roll(kept, -1))
    lines: list[Line] = []
    for loop in loops(ecef_m(lat[begins], lon[begins]), ecef_m(lat[ends], lon[ends])):
        order = np.concatenate([np.arange(int(begins[run]), int(ends[run]) + 1) for run in loop])
        lines.append(closed(lat[order], lon[order]))
    return tuple(lines)


def _following(begins: NDArray[np.float64], ends: NDArray[np.float64]) -> list[int]:
    """For each end the nearest begin; those that are nearest to one another of all come first."""
    apart_m = np.linalg.norm(begins[None, :, :] - ends[:, None, :], axis=2)
    following = [0] * len(ends)
    for _ in range(len(ends)):
        end, begin = (int(at) for at in np.unravel_index(int(np.argmin(apart_m)), apart_m.shape))
        following[end] = begin
        apart_m[end, :] = apart_m[:, begin] = np.inf
    return following


def _step_m(step_m: float | None) -> float:
    if step_m is None:
        return STEP_M
    if not step_m > 0:
        raise Refused("outline.step", f"outline step is {step_m} m, must be above 0")
    return step_m


def _count(length: float, step: float) -> int:
    return max(1, min(math.ceil(length / step), OUTLINE_POINTS_MAX))
