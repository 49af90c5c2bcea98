"""Separation: how far two areas are apart, where they are nearest, and by how much they overlap.

Every area is what lies within a margin of its skeleton: of a circle the centre, of a corridor the line, of a polygon
the polygon itself with margin 0. So two areas are as far apart as their skeletons, less both margins. Two skeletons
that do not meet are nearest at a corner of one of them: where geodesics run alongside one another they draw together,
since the curvature of the ellipsoid is positive (Synge), so no two inner points of two edges are nearest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from keepclear.core.space.area import Area, edge_distances_m
from keepclear.core.space.circle import Circle
from keepclear.core.space.corridor import Corridor
from keepclear.core.space.edges import EDGE_ERROR_M, Edges, joined, nearest_edge
from keepclear.core.space.geodesy import Floats, Position, course_between, destination, direct, inverse
from keepclear.core.space.meeting import crossing, pairs_in_reach
from keepclear.core.space.polygon import Polygon, polygon_distances_m

_BEARINGS_DEG: Final = np.arange(0.0, 360.0, 30.0)
_SHARES: Final = np.array([1.0, 0.5, 0.25, 0.125])
_STEPS: Final = 40
_STEP_LEAST_M: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """How far two areas are apart.

    ``gap_m``: the geodesic distance between them, 0 where they meet; |error| below 1 mm, and a gap of 1 mm or less
    is meeting. ``shared_m``: 0 unless they meet; then a disc of this width fits in both, moved together: however
    both are moved by less than ``shared_m`` in all, they still meet. It is never too large; between circles, lines
    and points it is the most that can be said, with a polygon it may be less than that.
    ``own`` and ``other``: where each is nearest to the other; where they meet, one place that is in both.
    """

    gap_m: float
    shared_m: float
    own: Position
    other: Position


def separation(own: Area, other: Area) -> Separation:
    """How far two areas are apart, up to EXACT_WITHIN_M of one another; beyond that the gap is never too small.

    ``separation(b, a)`` is the same with its places exchanged, to the last bit.
    """
    if _order(other) < _order(own):
        turned = separation(other, own)
        return Separation(gap_m=turned.gap_m, shared_m=turned.shared_m, own=turned.other, other=turned.own)
    near = _skeleton_separation(own, other)
    margins_m = _margin_m(own) + _margin_m(other)
    gap_m = near.distance_m - margins_m
    if gap_m > EDGE_ERROR_M:
        return _apart(near, own_m=_margin_m(own), other_m=_margin_m(other))
    place = _between(near, own_m=_margin_m(own), other_m=_margin_m(other))
    shared_m = max(margins_m - near.distance_m, 0.0)
    if isinstance(own, Polygon) or isinstance(other, Polygon):
        place, shared_m = _deepest(own, other, place, shared_m=shared_m)
    return Separation(gap_m=0.0, shared_m=shared_m, own=place, other=place)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Near:
    """Two skeletons' distance, 0 where they meet, and where they are nearest."""

    distance_m: float
    own: Position
    other: Position


def _order(area: Area) -> tuple[str, bytes, bytes, float]:
    """A key by which two areas are put in one order, whichever is asked about."""
    lat, lon = _corners(area)
    return type(area).__name__, lat.tobytes(), lon.tobytes(), _margin_m(area)


def _margin_m(area: Area) -> float:
    match area:
        case Circle():
            return area.radius_m
        case Corridor():
            return area.half_width_m
        case Polygon():
            return 0.0


def _skeleton_separation(own: Area, other: Area) -> _Near:
    one, two = _edges(own), _edges(other)
    if one is None and two is None:
        assert isinstance(own, Circle)
        assert isinstance(other, Circle)
        course = course_between(start=own.centre, end=other.centre)
        return _Near(distance_m=course.distance_m, own=own.centre, other=other.centre)
    met = _meeting(own, other)
    if met is not None:
        return _Near(distance_m=0.0, own=met, other=met)
    found: list[_Near] = []
    if two is not None:
        found.append(_nearest_corner(own, two))
    if one is not None:
        near = _nearest_corner(other, one)
        found.append(_Near(distance_m=near.distance_m, own=near.other, other=near.own))
    return min(found, key=lambda near: near.distance_m)


def _edges(area: Area) -> Edges | None:
    match area:
        case Circle():
            return None
        case Corridor():
            return area.legs
        case Polygon():
            return joined(tuple(part.edges for part in area.parts))


def _corners(area: Area) -> tuple[Floats, Floats]:
    """The points of a skeleton between which there are only edges."""
    match area:
        case Circle():
            return np.array([area.centre.latitude_deg]), np.array([area.centre.longitude_deg])
        case Corridor():
            return (
                np.array([point.latitude_deg for point in area.line]),
                np.array([point.longitude_deg for point in area.line]),
            )
        case Polygon():
            edges = joined(tuple(part.edges for part in area.parts))
            return edges.start_lat_deg, edges.start_lon_deg


def _nearest_corner(area: Area, edges: Edges) -> _Near:
    """The corner of an area's skeleton that is nearest to edges of the other's."""
    lat, lon = _corners(area)
    near = nearest_edge(edges, lat, lon)
    at = int(np.argmin(near.distance_m))
    edge = near.edge[at]
    foot_lat, foot_lon, _ = direct(
        edges.start_lat_deg[edge : edge + 1],
        edges.start_lon_deg[edge : edge + 1],
        edges.azimuth_deg[edge : edge + 1],
        near.along_m[at : at + 1],
    )
    return _Near(
        distance_m=float(near.distance_m[at]),
        own=_position(lat[at], lon[at]),
        other=_position(foot_lat[0], foot_lon[0]),
    )


def _meeting(own: Area, other: Area) -> Position | None:
    """A place that two skeletons share, if they meet otherwise than within EDGE_ERROR_M of a corner."""
    for inner, outer in ((own, other), (other, own)):
        if isinstance(outer, Polygon):
            lat, lon = _corners(inner)
            depth_m = polygon_distances_m(outer, lat, lon)
            at = int(np.argmin(depth_m))
            if depth_m[at] <= 0:
                return _position(lat[at], lon[at])
    one, two = _edges(own), _edges(other)
    return None if one is None or two is None else _crossing_place(one, two)


def _crossing_place(edges: Edges, others: Edges) -> Position | None:
    for one, other in pairs_in_reach(edges, others):
        crossed = np.flatnonzero(crossing(edges, one, others, other))
        for at in crossed[:1]:
            return _place_of_crossing(edges, int(one[at]), others, int(other[at]))
    return None


def _place_of_crossing(edges: Edges, one: int, others: Edges, other: int) -> Position:
    """Where two edges cross: the bracket along the one is halved until the side on which the other lies changes."""
    low_m, high_m = 0.0, float(edges.length_m[one])
    low_right = _side(edges, one, low_m, others, other)
    while high_m - low_m > EDGE_ERROR_M / 10:
        middle_m = (low_m + high_m) / 2
        if _side(edges, one, middle_m, others, other) == low_right:
            low_m = middle_m
        else:
            high_m = middle_m
    return _along(edges, one, (low_m + high_m) / 2)


def _side(edges: Edges, one: int, along_m: float, others: Edges, other: int) -> bool:
    at = _along(edges, one, along_m)
    azimuth_deg, _, _ = inverse(
        others.start_lat_deg[other : other + 1],
        others.start_lon_deg[other : other + 1],
        np.array([at.latitude_deg]),
        np.array([at.longitude_deg]),
    )
    return bool(np.sin(np.radians(azimuth_deg[0] - others.azimuth_deg[other])) > 0)


def _along(edges: Edges, edge: int, along_m: float) -> Position:
    start = _position(edges.start_lat_deg[edge], edges.start_lon_deg[edge])
    return destination(start, azimuth_deg=float(edges.azimuth_deg[edge]), distance_m=along_m)


def _apart(near: _Near, *, own_m: float, other_m: float) -> Separation:
    """The places on two edges that are nearest, seen from those of the skeletons."""
    there = course_between(start=near.own, end=near.other)
    back = course_between(start=near.other, end=near.own)
    return Separation(
        gap_m=near.distance_m - own_m - other_m,
        shared_m=0.0,
        own=destination(near.own, azimuth_deg=there.azimuth_deg, distance_m=own_m),
        other=destination(near.other, azimuth_deg=back.azimuth_deg, distance_m=other_m),
    )


def _between(near: _Near, *, own_m: float, other_m: float) -> Position:
    """The place on the way between two skeletons that lies as deep in the one area as in the other."""
    from_own_m = min(max((near.distance_m + own_m - other_m) / 2, 0.0), near.distance_m)
    course = course_between(start=near.own, end=near.other)
    return destination(near.own, azimuth_deg=course.azimuth_deg, distance_m=from_own_m)


def _deepest(own: Area, other: Area, place: Position, *, shared_m: float) -> tuple[Position, float]:
    """A place that lies as deep in both areas together as can be found, and how deep that is.

    From the corners of both that lie in both, and from ``place``, it goes to where it is deeper for as long as there
    is such a place. Whatever it finds is true; that nothing lies deeper is not.
    """
    lat, lon = (np.concatenate(pair) for pair in zip(_corners(own), _corners(other), strict=True))
    lat, lon = np.append(lat, place.latitude_deg), np.append(lon, place.longitude_deg)
    best, best_m = _better(own, other, (place, shared_m), lat, lon)
    step_m = max(best_m, _reach_m(best, lat, lon) / 4)
    for _ in range(_STEPS):
        if step_m < _STEP_LEAST_M:
            break
        here = np.array([best.latitude_deg]), np.array([best.longitude_deg])
        # All round at four distances at once: a call for many places takes hardly longer than one for few.
        around_lat, around_lon, _ = direct(
            *here, np.tile(_BEARINGS_DEG, _SHARES.size), np.repeat(step_m * _SHARES, _BEARINGS_DEG.size)
        )
        found, found_m = _better(own, other, (best, best_m), around_lat, around_lon)
        if found is best:
            step_m *= _SHARES[-1] / 2
        best, best_m = found, found_m
    return best, best_m


def _better(
    own: Area, other: Area, known: tuple[Position, float], lat: Floats, lon: Floats
) -> tuple[Position, float]:
    """The place that lies deepest of one that is known and some others."""
    depth_m = _depths_m(own, other, lat, lon)
    at = int(np.argmax(depth_m))
    if depth_m[at] <= known[1]:
        return known
    return _position(lat[at], lon[at]), float(depth_m[at])


def _reach_m(at: Position, lat: Floats, lon: Floats) -> float:
    here_lat, here_lon = np.full(lat.shape, at.latitude_deg), np.full(lat.shape, at.longitude_deg)
    return float(np.max(inverse(here_lat, here_lon, lat, lon)[2]))


def _depths_m(own: Area, other: Area, lat: Floats, lon: Floats) -> Floats:
    """How far two areas may be moved in all with each of the places still in both, negative where it is not."""
    return -(edge_distances_m(own, lat, lon) + edge_distances_m(other, lat, lon))


def _position(latitude_deg: float, longitude_deg: float) -> Position:
    return Position(latitude_deg=float(latitude_deg), longitude_deg=float(longitude_deg))
