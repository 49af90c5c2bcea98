"""Rings: closed lines of geodesic edges with an inside."""

from __future__ import annotations

from typing import Final

import numpy as np

from keepclear.core.errors import Refused
from keepclear.core.space.edges import (
    Edges,
    Indices,
    edges_along,
    joined,
    pair_distances_m,
    turned_round,
)
from keepclear.core.space.geodesy import (
    EARTH_AREA_M2,
    Position,
    ring_area_m2,
)
from keepclear.core.space.meeting import APART_M, crossing, pairs_in_reach

Ring = tuple[Position, ...]
"""The corners of a ring in order, the first not repeated at the end."""

RING_AREA_MAX_M2: Final = 0.45 * EARTH_AREA_M2
RING_PAIRS_MAX: Final = 100_000
"""The most pairs of edges near one another that one part may have, which bounds the time to check it."""


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
    crossed = crossing(edges, one[apart], edges, other[apart])
    _refuse_pairs(edges, one[apart][crossed], other[apart][crossed])
    _refuse_pairs(edges, *_folded(edges, following))


def _following(sizes: tuple[int, ...]) -> Indices:
    """For each edge the one that follows it in its ring."""
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return np.concatenate(
        [first + np.roll(np.arange(size), -1) for first, size in zip(firsts, sizes, strict=True)]
    )


def _pairs_in_reach(edges: Edges) -> tuple[Indices, Indices]:
    """Every pair of edges whose middles are near enough that they could meet."""
    ones: list[Indices] = []
    others: list[Indices] = []
    found = 0
    for one, other in pairs_in_reach(edges, edges):
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
    return np.concatenate(ones), np.concatenate(others)


def _touching(edges: Edges, one: Indices, other: Indices) -> tuple[Indices, Indices]:
    """Pairs of which an end of one lies on the other."""
    touching = np.zeros(one.size, np.bool_)
    for edge, ends in ((one, other), (other, one)):
        for lat, lon in (
            (edges.start_lat_deg, edges.start_lon_deg),
            (edges.end_lat_deg, edges.end_lon_deg),
        ):
            touching |= pair_distances_m(edges, edge, lat[ends], lon[ends]) <= APART_M
    return one[touching], other[touching]


def _folded(edges: Edges, following: Indices) -> tuple[Indices, Indices]:
    """Corners at which the second edge runs back over the first."""
    every = np.arange(following.size)
    back_m = pair_distances_m(edges, every, edges.end_lat_deg[following], edges.end_lon_deg[following])
    ahead_m = pair_distances_m(edges, following, edges.start_lat_deg, edges.start_lon_deg)
    folded = (back_m <= APART_M) | (ahead_m <= APART_M)
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
