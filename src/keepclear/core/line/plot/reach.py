"""Reach: the extreme latitudes and longitudes of an area, those of its true edge and not of its corners alone.

Sources: Clairaut's relation for the vertex of a geodesic, C. F. F. Karney, "Algorithms for geodesics" (2013),
eq. 5; the longitudes across the antimeridian, RFC 7946, 5.2. The searches are ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np

from keepclear.core.space.circle import Circle
from keepclear.core.space.corridor import Corridor
from keepclear.core.space.edges import Edges, Indices
from keepclear.core.space.geodesy import FLATTENING, Floats, Position, destination, direct, separation_m
from keepclear.core.space.polygon import Part, Polygon

_POLE_DEG: Final = 90.0
_ROUND_DEG: Final = 360.0
_OVER_POLE_DEG: Final = 1e-9
_AZIMUTH_STEPS: Final = 30
_SAMPLES: Final = 17
_ROUNDS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Extreme latitudes and longitudes in degrees.

    Of longitudes, from ``west_deg`` eastwards to ``east_deg``, each in [-180, 180]; -180 to 180 is all round.
    """

    north_deg: float
    south_deg: float
    east_deg: float
    west_deg: float


def circle_reach(circle: Circle) -> Reach:
    """The reach of a circle of a radius up to UNIQUE_M."""
    at = circle.centre
    north_deg, south_deg = (_towards_pole(at, pole, circle.radius_m) for pole in (_POLE_DEG, -_POLE_DEG))
    if _POLE_DEG in (north_deg, -south_deg):
        return _all_round(north_deg=north_deg, south_deg=south_deg)
    aside_deg = float(_aside_deg(np.array([at.latitude_deg]), circle.radius_m)[0])
    return _between(
        north_deg=north_deg,
        south_deg=south_deg,
        west_deg=at.longitude_deg - aside_deg,
        east_deg=at.longitude_deg + aside_deg,
    )


def polygon_reach(polygon: Polygon) -> Reach:
    """The reach of a polygon of one part, which is what a message can say."""
    (part,) = polygon.parts
    north_deg, south_deg = _extreme_latitudes(part.edges)
    outer, *holes = _rings(part)
    longitudes_deg, winding_deg = _unwound(outer)
    # The inside lies to the left of every ring: once round eastwards is round the north pole, and a hole
    # that holds the pole runs westwards and takes that back.
    turns = round((winding_deg + sum(_unwound(hole)[1] for hole in holes)) / _ROUND_DEG)
    if round(winding_deg / _ROUND_DEG):
        return _all_round(
            north_deg=_POLE_DEG if turns > 0 else north_deg, south_deg=-_POLE_DEG if turns < 0 else south_deg
        )
    return _between(
        north_deg=north_deg, south_deg=south_deg, west_deg=min(longitudes_deg), east_deg=max(longitudes_deg)
    )


def corridor_reach(corridor: Corridor) -> Reach:
    """The reach of a corridor.

    Its northernmost position lies due north of the northernmost of its line, for a geodesic that arrives
    northwards at the edge is a meridian. East and west are searched for along the legs that may have them.
    """
    lowest_deg, highest_deg = sorted(_extreme_latitudes(corridor.legs))
    north_deg = _towards_pole(_on_latitude(highest_deg), _POLE_DEG, corridor.half_width_m)
    south_deg = _towards_pole(_on_latitude(lowest_deg), -_POLE_DEG, corridor.half_width_m)
    if _POLE_DEG in (north_deg, -south_deg):
        return _all_round(north_deg=north_deg, south_deg=south_deg)
    legs = corridor.legs
    turns_deg = [
        math.remainder(end - start, _ROUND_DEG)
        for start, end in zip(legs.start_lon_deg.tolist(), legs.end_lon_deg.tolist(), strict=True)
    ]
    starts_deg = np.array(list(accumulate(turns_deg[:-1], initial=float(legs.start_lon_deg[0]))))
    return _between(
        north_deg=north_deg,
        south_deg=south_deg,
        west_deg=-_farthest_deg(corridor, starts_deg, np.array(turns_deg), side=-1.0),
        east_deg=_farthest_deg(corridor, starts_deg, np.array(turns_deg), side=1.0),
    )


def _all_round(*, north_deg: float, south_deg: float) -> Reach:
    return Reach(north_deg=north_deg, south_deg=south_deg, east_deg=180.0, west_deg=-180.0)


def _between(*, north_deg: float, south_deg: float, west_deg: float, east_deg: float) -> Reach:
    if east_deg - west_deg >= _ROUND_DEG:
        return _all_round(north_deg=north_deg, south_deg=south_deg)
    east_deg, west_deg = math.remainder(east_deg, _ROUND_DEG), math.remainder(west_deg, _ROUND_DEG)
    # The antimeridian is written 180 where an area ends on it from the west, and -180 where one begins.
    return Reach(
        north_deg=north_deg,
        south_deg=south_deg,
        east_deg=180.0 if east_deg == -180.0 else east_deg,
        west_deg=-180.0 if west_deg == 180.0 else west_deg,
    )


def _on_latitude(latitude_deg: float) -> Position:
    return Position(latitude_deg=latitude_deg, longitude_deg=0.0)


def _towards_pole(at: Position, pole_deg: float, distance_m: float) -> float:
    """The latitude reached along the meridian towards a pole; the pole's where it is no farther than that."""
    pole = Position(latitude_deg=pole_deg, longitude_deg=at.longitude_deg)
    if separation_m(own=at, other=pole) <= distance_m:
        return pole_deg
    return destination(at, azimuth_deg=_POLE_DEG - pole_deg, distance_m=distance_m).latitude_deg


def _aside_deg(lat: Floats, radius_m: float) -> Floats:
    """By how much longitude a circle about each latitude, that holds no pole, reaches east of its centre.

    A geodesic from the centre touches the easternmost meridian where it arrives due east. The azimuth at which
    it sets out is found by halving: 0 arrives northwards, 180 southwards. The longitude is greatest there, so
    an error of the azimuth counts by its square.
    """
    low_deg, high_deg = np.zeros_like(lat), np.full_like(lat, 180.0)
    lon, distance_m = np.zeros_like(lat), np.full_like(lat, radius_m)
    for _ in range(_AZIMUTH_STEPS):
        middle_deg = (low_deg + high_deg) / 2
        _, _, arrival_deg = direct(lat, lon, middle_deg, distance_m)
        north = np.abs(arrival_deg) < 90.0
        low_deg = np.where(north, middle_deg, low_deg)
        high_deg = np.where(north, high_deg, middle_deg)
    return direct(lat, lon, (low_deg + high_deg) / 2, distance_m)[1]


def _extreme_latitudes(edges: Edges) -> tuple[float, float]:
    """The northernmost and the southernmost latitude on any of the edges."""
    north = np.maximum(edges.start_lat_deg, edges.end_lat_deg)
    south = np.minimum(edges.start_lat_deg, edges.end_lat_deg)
    vertex = _vertex_lat_deg(edges)
    sets_out, arrives = (np.cos(np.radians(each)) for each in (edges.azimuth_deg, edges.arrival_deg))
    north = np.where((sets_out > 0) & (arrives < 0), np.maximum(north, vertex), north)
    south = np.where((sets_out < 0) & (arrives > 0), np.minimum(south, -vertex), south)
    return float(np.max(north)), float(np.min(south))


def _vertex_lat_deg(edges: Edges) -> Floats:
    """The greatest latitude of the geodesic that each edge lies on.

    cos(reduced latitude) * |sin(azimuth)| is the same all along a geodesic, and at its vertex the sine is 1.
    """
    reduced = np.arctan((1 - FLATTENING) * np.tan(np.radians(edges.start_lat_deg)))
    azimuth = np.radians(edges.azimuth_deg)
    least_cos = np.cos(reduced) * np.abs(np.sin(azimuth))
    greatest_sin = np.hypot(np.sin(reduced), np.cos(reduced) * np.cos(azimuth))
    # arctan2 of the two keeps all digits near the equator, where an arccos would lose half of them.
    return np.degrees(np.arctan2(greatest_sin, (1 - FLATTENING) * least_cos))


def _rings(part: Part) -> list[list[tuple[float, float]]]:
    """The corners of each ring, outer first, turned as the part's edges are, with the inside to the left."""
    corners = list(zip(part.edges.start_lat_deg.tolist(), part.edges.start_lon_deg.tolist(), strict=True))
    ends = list(accumulate(len(ring) for ring in (part.outer, *part.holes)))
    return [corners[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _unwound(ring: list[tuple[float, float]]) -> tuple[list[float], float]:
    """The longitude of each corner but those at a pole, counted on without a jump, and by how much one round adds.

    The inside lies to the left: of one who comes to the north pole it is to the west, at the south pole to the
    east, and that way the longitude turns there.
    """
    first = next(place for place, (latitude, _) in enumerate(ring) if abs(latitude) < _POLE_DEG)
    turned = [*ring[first:], *ring[: first + 1]]
    longitudes_deg = [turned[0][1]]
    before, pole_deg = turned[0], 0.0
    for corner in turned[1:]:
        if abs(corner[0]) == _POLE_DEG:
            pole_deg = corner[0]
            continue
        longitudes_deg.append(longitudes_deg[-1] + _turn_deg(before, corner, pole_deg))
        before, pole_deg = corner, 0.0
    return longitudes_deg[:-1], longitudes_deg[-1] - longitudes_deg[0]


def _turn_deg(before: tuple[float, float], corner: tuple[float, float], pole_deg: float) -> float:
    """By how much the longitude turns from one corner to the next, by way of a pole where ``pole_deg`` is not 0."""
    turn_deg = math.remainder(corner[1] - before[1], _ROUND_DEG)
    if not pole_deg and abs(abs(turn_deg) - 180.0) < _OVER_POLE_DEG:
        # Corners on opposite meridians are joined over the pole that is nearer by way of both.
        pole_deg = math.copysign(_POLE_DEG, before[0] + corner[0])
    if not pole_deg:
        return turn_deg
    return -(-turn_deg % _ROUND_DEG) if pole_deg > 0 else turn_deg % _ROUND_DEG


def _farthest_deg(corridor: Corridor, starts_deg: Floats, turns_deg: Floats, *, side: float) -> float:
    """How far east (``side`` 1) or west (-1, and counted westwards) a corridor reaches that holds no pole.

    ``starts_deg``, ``turns_deg``: the longitude of each leg's start, counted on without a jump, and its change.
    A leg reaches no farther than its end would from the leg's latitude nearest a pole; those that cannot
    surpass the best corner are left out, the others are sampled ever more closely about their best sample.
    """
    legs = corridor.legs
    ends_deg = side * np.stack([starts_deg, starts_deg + turns_deg])
    lat = np.stack([legs.start_lat_deg, legs.end_lat_deg])
    best_deg = float(np.max(ends_deg + _aside_deg(lat.ravel(), corridor.half_width_m).reshape(lat.shape)))
    bound_deg = np.max(ends_deg, axis=0) + _aside_deg(_nearest_pole_deg(legs), corridor.half_width_m)
    which = np.flatnonzero(bound_deg > best_deg)
    low_m, high_m = np.zeros(which.size), legs.length_m[which]
    for _ in range(_ROUNDS if which.size else 0):
        along_m = np.linspace(low_m, high_m, _SAMPLES)
        reached_deg = _reached_deg(corridor, which, along_m, starts_deg[which], side=side)
        best_deg = max(best_deg, float(np.max(reached_deg)))
        best = np.argmax(reached_deg, axis=0)
        step_m = (high_m - low_m) / (_SAMPLES - 1)
        middle_m = low_m + best * step_m
        low_m, high_m = np.maximum(low_m, middle_m - step_m), np.minimum(high_m, middle_m + step_m)
    return best_deg


def _nearest_pole_deg(legs: Edges) -> Floats:
    """The greatest latitude, of either sign, that each leg may come to: its vertex bounds it."""
    ends = np.maximum(np.abs(legs.start_lat_deg), np.abs(legs.end_lat_deg))
    turns_back = np.cos(np.radians(legs.azimuth_deg)) * np.cos(np.radians(legs.arrival_deg)) < 0
    return np.where(turns_back, np.maximum(ends, _vertex_lat_deg(legs)), ends)


def _reached_deg(
    corridor: Corridor, which: Indices, along_m: Floats, starts_deg: Floats, *, side: float
) -> Floats:
    """How far the circle about each sample of each leg reaches; rows are samples, columns legs."""
    legs, rows = corridor.legs, len(along_m)
    start_lon = np.tile(legs.start_lon_deg[which], rows)
    lat, lon, _ = direct(
        np.tile(legs.start_lat_deg[which], rows),
        start_lon,
        np.tile(legs.azimuth_deg[which], rows),
        along_m.ravel(),
    )
    turned_deg = np.remainder(lon - start_lon + 180.0, _ROUND_DEG) - 180.0
    aside_deg = _aside_deg(lat, corridor.half_width_m)
    return (side * (np.tile(starts_deg, rows) + turned_deg) + aside_deg).reshape(along_m.shape)
