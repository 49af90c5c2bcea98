"""Meetings: which geodesic edges of two lines are in reach of one another, and which of them cross."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.space.edges import EDGE_LENGTH_MIN_M, Edges, Indices
from keepclear.core.space.geodesy import Floats, direct, ecef_m, inverse

APART_M: Final = EDGE_LENGTH_MIN_M
"""Edges nearer to one another than this are taken to meet."""

_ROWS: Final = 256


def pairs_in_reach(edges: Edges, others: Edges) -> Iterator[tuple[Indices, Indices]]:
    """Pairs of an edge and one of the others whose middles are near enough that they could meet, in blocks.

    It may offer pairs that do not meet, and leaves out none that does.
    """
    half_m, (lat, lon), middle = _middles(edges)
    other_half_m, (other_lat, other_lon), other_middle = _middles(others)
    for first in range(0, half_m.size, _ROWS):
        rows = slice(first, first + _ROWS)
        chord_m = np.linalg.norm(middle[rows, None, :] - other_middle[None, :, :], axis=-1)
        one, other = np.nonzero(chord_m <= half_m[rows, None] + other_half_m + APART_M)
        one += first
        distance_m = inverse(lat[one], lon[one], other_lat[other], other_lon[other])[2]
        near = distance_m <= half_m[one] + other_half_m[other] + APART_M
        yield one[near], other[near]


def crossing(edges: Edges, one: Indices, others: Edges, other: Indices) -> NDArray[np.bool_]:
    """Of pairs in reach, those of which each has its ends on either side of the other.

    Two geodesics from one point do not meet again within UNIQUE_M, so azimuths at the start of an edge tell
    the sides of it. Edges in reach of one another are too short to meet the other's line behind the globe.
    """
    return _sides_differ(edges, one, others, other) & _sides_differ(others, other, edges, one)


def _middles(edges: Edges) -> tuple[Floats, tuple[Floats, Floats], NDArray[np.float64]]:
    half_m = edges.length_m / 2
    lat, lon, _ = direct(edges.start_lat_deg, edges.start_lon_deg, edges.azimuth_deg, half_m)
    return half_m, (lat, lon), ecef_m(lat, lon)


def _sides_differ(edges: Edges, edge: Indices, others: Edges, ends: Indices) -> NDArray[np.bool_]:
    start = _to_the_right(edges, edge, others.start_lat_deg[ends], others.start_lon_deg[ends])
    end = _to_the_right(edges, edge, others.end_lat_deg[ends], others.end_lon_deg[ends])
    return start * end < 0


def _to_the_right(edges: Edges, edge: Indices, lat: Floats, lon: Floats) -> Floats:
    azimuth = inverse(edges.start_lat_deg[edge], edges.start_lon_deg[edge], lat, lon)[0]
    return np.sin(np.radians(azimuth - edges.azimuth_deg[edge]))
