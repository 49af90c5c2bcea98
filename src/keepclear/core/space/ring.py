"""Rings: closed lines of geodesic edges with an inside."""

from __future__ import annotations

from typing import Final

import numpy as np

from keepclear.core.errors import Refused
from keepclear.core.space.edges import (
    EDGE_LENGTH_MIN_M,
    Edges,
    Indices,
    edges_along,
    joined,
    pair_distances_m,
    turned_round,
)
from keepclear.core.space.geodesy import (
    EARTH_AREA_M2,
    Floats,
    Position,
    direct,
    ecef_m,
    inverse,
    ring_area_m2,
)

Ring = tuple[Position, ...]
"""The corners of a ring in order, the first not repeated at the end."""

RING_AREA_MAX_M2: Final = 0.45 * EARTH_AREA_M2
RING_PAIRS_MAX: Final = 100_000
"""The most pairs of edges near one another that one part may have, which bounds the time to check it."""

_APART_M: Final = EDGE_LENGTH_MIN_M
_ROWS: Final = 256


def ring_edges(ring: Ring, *, name: str) -> Edges:
    """The edges of a ring, turned so that its inside, the side of smaller area, lies to their left.

    Raises Refused("polygon.points") for fewer than 3 points, Refused("polygon.half-globe") where the smaller
    side is above RING_AREA_MAX_M2, and as edges_along does.
    """
    if len(ring) < 3:
        raise Refused("polygon.points", f"{name} has {len(ring)} points, must have 3 or more")
    edges = edges_along(ring, closed=True, name=name)
    area_m2 = ring_area_m2(edges.start_lat_deg, edges.start_lon_deg)
    if abs(area_m2) > RING_AREA_MAX_M2:
        raise Refused(
            "polygon.half-globe",
            f"{name} divides the globe {abs(area_m2) / EARTH_AREA_M2:.1%} to the rest, "
            "must leave 45 % or less on its inside",
        )
    return edges if area_m2 > 0 else turned_round(edges)


def refuse_meetings(rings: tuple[Edges, ...]) -> None:
    """Refuse rings whose edges cross, or come within 1 mm of one another other than at a shared corner.

    Raises Refused("polygon.meets-itself") or Refused("polygon.too-intricate").
    """
    edges = joined(rings)
    following = _following(tuple(ring.length_m.size for ring in rings))
    one, other = _pairs_in_reach(edges)
    apart = (following[one] != other) & (following[other] != one)
    _refuse_pairs(edges, *_touching(edges, one[apart], other[apart]))
    _refuse_pairs(edges, *_crossing(edges, one[apart], other[apart]))
    _refuse_pairs(edges, *_folded(edges, following))


def _following(sizes: tuple[int, ...]) -> Indices:
    """For each edge the one that follows it in its ring."""
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return np.concatenate(
        [first + np.roll(np.arange(size), -1) for first, size in zip(firsts, sizes, strict=True)]
    )


def _pairs_in_reach(edges: Edges) -> tuple[Indices, Indices]:
    """Every pair of edges whose middles are near enough that they could meet."""
    half_m = edges.length_m / 2
    lat, lon, _ = direct(edges.start_lat_deg, edges.start_lon_deg, edges.azimuth_deg, half_m)
    middle = ecef_m(lat, lon)
    ones: list[Indices] = []
    others: list[Indices] = []
    found = 0
    for first in range(0, half_m.size, _ROWS):
        rows = slice(first, first + _ROWS)
        chord_m = np.linalg.norm(middle[rows, None, :] - middle[None, :, :], axis=-1)
        one, other = np.nonzero(chord_m <= half_m[rows, None] + half_m + _APART_M)
        one += first
        once = one < other
        ones.append(one[once])
        others.append(other[once])
        found += int(np.count_nonzero(once))
        if found > RING_PAIRS_MAX:
            raise Refused(
                "polygon.too-intricate",
                f"polygon part has more than {RING_PAIRS_MAX} pairs of edges near one another, "
                "must have fewer: give shorter edges",
            )
    one, other = np.concatenate(ones), np.concatenate(others)
    distance_m = inverse(lat[one], lon[one], lat[other], lon[other])[2]
    near = distance_m <= half_m[one] + half_m[other] + _APART_M
    return one[near], other[near]


def _touching(edges: Edges, one: Indices, other: Indices) -> tuple[Indices, Indices]:
    """Pairs of which an end of one lies on the other."""
    touching = np.zeros(one.size, np.bool_)
    for edge, ends in ((one, other), (other, one)):
        for lat, lon in (
            (edges.start_lat_deg, edges.start_lon_deg),
            (edges.end_lat_deg, edges.end_lon_deg),
        ):
            touching |= pair_distances_m(edges, edge, lat[ends], lon[ends]) <= _APART_M
    return one[touching], other[touching]


def _crossing(edges: Edges, one: Indices, other: Indices) -> tuple[Indices, Indices]:
    """Pairs of which each has its ends on either side of the other.

    Two geodesics from one point do not meet again within UNIQUE_M, so azimuths at the start of an edge tell
    the sides of it. Edges in reach of one another are too short to meet the other's line behind the globe.
    """
    crossing = _sides_differ(edges, one, other) & _sides_differ(edges, other, one)
    return one[crossing], other[crossing]


def _sides_differ(edges: Edges, edge: Indices, ends: Indices) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    start = _to_the_right(edges, edge, edges.start_lat_deg[ends], edges.start_lon_deg[ends])
    end = _to_the_right(edges, edge, edges.end_lat_deg[ends], edges.end_lon_deg[ends])
    return start * end < 0


def _to_the_right(edges: Edges, edge: Indices, lat: Floats, lon: Floats) -> Floats:
    azimuth = inverse(edges.start_lat_deg[edge], edges.start_lon_deg[edge], lat, lon)[0]
    return np.sin(np.radians(azimuth - edges.azimuth_deg[edge]))


def _folded(edges: Edges, following: Indices) -> tuple[Indices, Indices]:
    """Corners at which the second edge runs back over the first."""
    every = np.arange(following.size)
    back_m = pair_distances_m(edges, every, edges.end_lat_deg[following], edges.end_lon_deg[following])
    ahead_m = pair_distances_m(edges, following, edges.start_lat_deg, edges.start_lon_deg)
    folded = (back_m <= _APART_M) | (ahead_m <= _APART_M)
    return every[folded], following[folded]


def _refuse_pairs(edges: Edges, one: Indices, other: Indices) -> None:
    for first, second in zip(one[:1], other[:1], strict=True):
        raise Refused(
            "polygon.meets-itself",
            f"the edge from {_place(edges, first)} meets the edge from {_place(edges, second)}, "
            "must be more than 1 mm from it",
        )


def _place(edges: Edges, edge: np.intp) -> str:
    return f"({edges.start_lat_deg[edge]:.6f}, {edges.start_lon_deg[edge]:.6f})"
