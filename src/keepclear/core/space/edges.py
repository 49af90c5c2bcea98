"""Geodesic edges, and how far positions are from them.

The distance from a position to a point that moves along an edge falls, is least at one foot, and rises. The
foot is found by a search that keeps it between two brackets, so it cannot diverge. Proofs are in ADR 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.errors import Refused
from keepclear.core.space.geodesy import Floats, Position, direct, ecef_m, inverse, longest_m

Indices = NDArray[np.intp]

EDGE_LENGTH_MIN_M: Final = 0.001
"""Shorter than this, the two ends of an edge are taken for one point given twice."""

EDGE_LENGTH_MAX_M: Final = 9_000_000.0
"""Longer edges need a point between, which also says which way round the globe is meant."""

EXACT_WITHIN_M: Final = 9_600_000.0
"""Distances up to this are proved; beyond it they may be overstated, and are themselves beyond it."""

EDGE_ERROR_M: Final = 0.001
"""The bound on the error of a distance up to EXACT_WITHIN_M; the tests against geographiclib find 10 nm."""

_FOOT_TOLERANCE_M: Final = 1e-5
_FOOT_STEPS_FREE: Final = 10
_FOOT_STEPS_MAX: Final = 110
_TIE_M: Final = 1e-6
_SLACK_M: Final = 1.0
_PAIRS_AT_ONCE: Final = 1 << 20
_MEAN_RADIUS_M: Final = 6_371_000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edges:
    """Geodesic edges in columns, each the one shortest path from its start to its end.

    ``azimuth_deg`` and ``arrival_deg`` are the directions of travel at the two ends. ``along`` is the unit
    vector of the straight line between the ends, ``chord_m`` its length, ``bulge_m`` a bound on how far the
    edge strays from that line. ``start_ahead_m`` and ``start_m2`` are the products of ``start_ecef_m`` with
    ``along`` and with itself.
    """

    start_lat_deg: Floats
    start_lon_deg: Floats
    end_lat_deg: Floats
    end_lon_deg: Floats
    azimuth_deg: Floats
    arrival_deg: Floats
    length_m: Floats
    start_ecef_m: NDArray[np.float64]
    along: NDArray[np.float64]
    chord_m: Floats
    bulge_m: Floats
    start_ahead_m: Floats
    start_m2: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nearest:
    """For each position: the nearest edge, the distance to it in metres, and whether it lies to its left.

    ``along_m``: how far from the start of that edge its nearest point is.
    """

    edge: Indices
    distance_m: Floats
    left: NDArray[np.bool_]
    along_m: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Feet:
    """For each pair: the distance; the cosine of the angle from the edge to the position; the side; the foot."""

    distance_m: Floats
    inward: Floats
    left: NDArray[np.bool_]
    along_m: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Look:
    """What a point of an edge sees of a position: its distance, how far it is ahead, how far to the right."""

    distance_m: Floats
    ahead: Floats
    right: Floats


def edges_along(points: tuple[Position, ...], *, closed: bool, name: str) -> Edges:
    """The edges from point to point, and back to the first if closed.

    Raises Refused("area.repeated-point") for an edge below EDGE_LENGTH_MIN_M, Refused("area.edge-too-long")
    above EDGE_LENGTH_MAX_M; ``name`` says in the message whose edge it was.
    """
    lat = np.array([point.latitude_deg for point in points])
    lon = np.array([point.longitude_deg for point in points])
    if closed:
        lat, lon = np.append(lat, lat[0]), np.append(lon, lon[0])
    edges = _edges_between(lat[:-1], lon[:-1], lat[1:], lon[1:])
    _refuse_lengths(edges.length_m, name=name)
    return edges


def joined(parts: tuple[Edges, ...]) -> Edges:
    """The edges of several, in order."""
    return _edges_between(
        np.concatenate([part.start_lat_deg for part in parts]),
        np.concatenate([part.start_lon_deg for part in parts]),
        np.concatenate([part.end_lat_deg for part in parts]),
        np.concatenate([part.end_lon_deg for part in parts]),
    )


def turned_round(edges: Edges) -> Edges:
    """The same edges travelled from their ends to their starts, last first."""
    return _edges_between(
        edges.end_lat_deg[::-1], edges.end_lon_deg[::-1], edges.start_lat_deg[::-1], edges.start_lon_deg[::-1]
    )


def nearest_edge(edges: Edges, lat: Floats, lon: Floats) -> Nearest:
    """The nearest edge to each position, with the geodesic distance to it and the side.

    |error| <= 1 mm up to EXACT_WITHIN_M. Beyond it the answer is the distance to some point of an edge, so
    never too small, and the true one is itself beyond EXACT_WITHIN_M. At a corner two edges are equally near:
    the one that points more towards the position tells the side, which makes it right for any angle.
    """
    rows = max(1, _PAIRS_AT_ONCE // edges.length_m.size)
    if 0 < lat.size <= rows:
        return _nearest_in_block(edges, lat, lon)
    blocks = [
        _nearest_in_block(edges, lat[first : first + rows], lon[first : first + rows])
        for first in range(0, lat.size, rows)
    ]
    return Nearest(
        edge=np.concatenate([block.edge for block in blocks] or [np.empty(0, np.intp)]),
        distance_m=np.concatenate([block.distance_m for block in blocks] or [np.empty(0)]),
        left=np.concatenate([block.left for block in blocks] or [np.empty(0, np.bool_)]),
        along_m=np.concatenate([block.along_m for block in blocks] or [np.empty(0)]),
    )


def pair_distances_m(edges: Edges, which: Indices, lat: Floats, lon: Floats) -> Floats:
    """The distance from each position to the one edge that ``which`` names for it; errors as nearest_edge."""
    return _feet(edges, which, lat, lon).distance_m


def _edges_between(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Edges:
    azimuth, arrival, length_m = inverse(lat1, lon1, lat2, lon2)
    start = ecef_m(lat1, lon1)
    line = ecef_m(lat2, lon2) - start
    chord_m = np.linalg.norm(line, axis=-1)
    along = line / np.maximum(chord_m, EDGE_LENGTH_MIN_M / 2)[:, None]
    return Edges(
        start_lat_deg=lat1,
        start_lon_deg=lon1,
        end_lat_deg=lat2,
        end_lon_deg=lon2,
        azimuth_deg=azimuth,
        arrival_deg=arrival,
        length_m=length_m,
        start_ecef_m=start,
        along=along,
        chord_m=chord_m,
        # The straight lines from any point of the edge to its two ends are together no longer than the edge,
        # so it lies within an ellipsoid about the ends; this is half of that ellipsoid's width.
        bulge_m=np.sqrt(np.maximum(length_m**2 - chord_m**2, 0.0)) / 2,
        start_ahead_m=np.sum(start * along, axis=1),
        start_m2=np.sum(start * start, axis=1),
    )


def _refuse_lengths(length_m: Floats, *, name: str) -> None:
    for place in np.flatnonzero(~(length_m >= EDGE_LENGTH_MIN_M))[:1]:
        raise Refused(
            "area.repeated-point",
            f"{name}: point {place + 1} is given twice, {length_m[place]:.6f} m apart, must be 1 mm or more",
        )
    for place in np.flatnonzero(length_m > EDGE_LENGTH_MAX_M)[:1]:
        raise Refused(
            "area.edge-too-long",
            f"{name}: the edge from point {place + 1} is {length_m[place] / 1000:.0f} km long, "
            "must be 9,000 km or less: give a point between",
        )


def _nearest_in_block(edges: Edges, lat: Floats, lon: Floats) -> Nearest:
    place, which = _candidates(edges, ecef_m(lat, lon))
    feet = _feet(edges, which, lat[place], lon[place])
    if which.size == lat.size:
        # Each position has one candidate, as most have that are far from any corner: nothing to compare.
        return Nearest(edge=which, distance_m=feet.distance_m, left=feet.left, along_m=feet.along_m)
    first = _first_of_each(place)
    least_m = np.minimum.reduceat(feet.distance_m, first)
    tied = feet.distance_m <= least_m[place] + _TIE_M
    inward = np.where(tied, feet.inward, -2.0)
    chosen = np.flatnonzero(inward == np.maximum.reduceat(inward, first)[place])
    chosen = chosen[_first_of_each(place[chosen])]
    return Nearest(
        edge=which[chosen], distance_m=least_m, left=feet.left[chosen], along_m=feet.along_m[chosen]
    )


def _first_of_each(place: Indices) -> Indices:
    """Where each run of equal numbers begins."""
    begins = np.ones(place.size, np.bool_)
    begins[1:] = place[1:] != place[:-1]
    return np.flatnonzero(begins)


def _candidates(edges: Edges, at: NDArray[np.float64]) -> tuple[Indices, Indices]:
    """Pairs of position and edge among which every nearest edge is, and every edge that ties with one.

    A straight line is never longer than the geodesic, so the distance to an edge's chord less its bulge is a
    lower bound; longest_m of the distance plus the bulge is an upper one. _SLACK_M covers the rounding.
    """
    ahead_m = at @ edges.along.T - edges.start_ahead_m
    from_start_m2 = (at * at).sum(axis=1)[:, None] + edges.start_m2
    from_start_m2 -= 2 * (at @ edges.start_ecef_m.T)
    reached_m = np.minimum(np.maximum(ahead_m, 0.0), edges.chord_m)
    from_chord_m = np.sqrt(np.maximum(from_start_m2 - reached_m * (2 * ahead_m - reached_m), 0.0))
    near_m = longest_m((from_chord_m + edges.bulge_m).min(axis=1) + _SLACK_M) + _SLACK_M
    place, which = np.nonzero(from_chord_m - edges.bulge_m <= near_m[:, None])
    return place, which


def _feet(edges: Edges, which: Indices, lat: Floats, lon: Floats) -> _Feet:
    """The nearest point of one edge to each position: an end, or the foot between them."""
    start_lat, start_lon = edges.start_lat_deg[which], edges.start_lon_deg[which]
    end_lat, end_lon = edges.end_lat_deg[which], edges.end_lon_deg[which]
    start = _look(start_lat, start_lon, edges.azimuth_deg[which], lat, lon)
    end = _look(end_lat, end_lon, edges.arrival_deg[which], lat, lon)
    from_start = start.distance_m <= end.distance_m
    distance_m = np.where(from_start, start.distance_m, end.distance_m)
    inward = np.where(from_start, start.ahead, -end.ahead)
    right = np.where(from_start, start.right, end.right)
    along_m = np.where(from_start, 0.0, edges.length_m[which])
    between = np.flatnonzero((start.ahead > 0) & (end.ahead < 0))
    if between.size:
        foot, foot_m = _search(
            edges, which[between], lat[between], lon[between], _guess(start, end, edges, which, between)
        )
        nearer = foot.distance_m < distance_m[between]
        distance_m[between[nearer]] = foot.distance_m[nearer]
        inward[between[nearer]] = 0.0
        right[between[nearer]] = foot.right[nearer]
        along_m[between[nearer]] = foot_m[nearer]
    return _Feet(distance_m=distance_m, inward=inward, left=right < 0, along_m=along_m)


def _look(lat: Floats, lon: Floats, travel_deg: Floats, to_lat: Floats, to_lon: Floats) -> _Look:
    azimuth, _, distance_m = inverse(lat, lon, to_lat, to_lon)
    turn = np.radians(azimuth - travel_deg)
    return _Look(distance_m=distance_m, ahead=np.cos(turn), right=np.sin(turn))


def _guess(start: _Look, end: _Look, edges: Edges, which: Indices, between: Indices) -> Floats:
    """Where the foot would be on a sphere, reckoned from the nearer end."""
    from_start_m = _ahead_m(start.distance_m[between], start.ahead[between])
    from_end_m = edges.length_m[which[between]] + _ahead_m(end.distance_m[between], end.ahead[between])
    return np.where(start.distance_m[between] <= end.distance_m[between], from_start_m, from_end_m)


def _search(edges: Edges, which: Indices, lat: Floats, lon: Floats, guess_m: Floats) -> tuple[_Look, Floats]:
    """The foot on each edge, and how far along it is, for pairs where it lies between the ends.

    The next point tried is the foot on a sphere, and the middle of the bracket wherever that leaves the
    bracket; after _FOOT_STEPS_FREE tries every other point is the middle. So _FOOT_STEPS_MAX tries narrow any
    bracket below the tolerance; three do for nearly all.
    """
    low_m, high_m = np.zeros_like(guess_m), edges.length_m[which].copy()
    along_m = np.where((guess_m > low_m) & (guess_m < high_m), guess_m, high_m / 2)
    distance_m, right = np.full_like(guess_m, np.inf), np.zeros_like(guess_m)
    foot_m = along_m.copy()
    active = np.arange(guess_m.size)
    for tried in range(_FOOT_STEPS_MAX):
        edge, here_m = which[active], along_m[active]
        foot_lat, foot_lon, travel = direct(
            edges.start_lat_deg[edge], edges.start_lon_deg[edge], edges.azimuth_deg[edge], here_m
        )
        look = _look(foot_lat, foot_lon, travel, lat[active], lon[active])
        distance_m[active], right[active], foot_m[active] = look.distance_m, look.right, here_m
        low_m[active] = low = np.where(look.ahead > 0, here_m, low_m[active])
        high_m[active] = high = np.where(look.ahead > 0, high_m[active], here_m)
        step_m = _ahead_m(look.distance_m, look.ahead)
        next_m = here_m + step_m
        halve = ~((next_m > low) & (next_m < high)) | (tried > _FOOT_STEPS_FREE and tried % 2 == 1)
        along_m[active] = np.where(halve, (low + high) / 2, next_m)
        active = active[(np.abs(step_m) > _FOOT_TOLERANCE_M) & (high - low > _FOOT_TOLERANCE_M)]
        if not active.size:
            break
    return _Look(distance_m=distance_m, ahead=np.zeros_like(right), right=right), foot_m


def _ahead_m(distance_m: Floats, ahead: Floats) -> Floats:
    """How far ahead the foot lies on a sphere, by the distance and the cosine of the bearing."""
    angle = distance_m / _MEAN_RADIUS_M
    return _MEAN_RADIUS_M * np.arctan2(np.sin(angle) * ahead, np.cos(angle))
