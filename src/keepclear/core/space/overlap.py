"""Overlaps: closed lines around what two areas share, for drawing; nothing is decided by them.

The edge of what two areas share is what of each one's edge lies in the other. Every piece of an edge is halved for as
long as the other's edge may cross it, which its signed distance tells: it changes by no more than the way gone along
the piece. So poles and antimeridian are no case of their own, and nothing is projected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from keepclear.core.space.area import Area, edge_distances_m
from keepclear.core.space.circle import Circle
from keepclear.core.space.corridor import Corridor
from keepclear.core.space.edges import Edges, Indices, turned_round
from keepclear.core.space.geodesy import Floats, Position, direct, ecef_m
from keepclear.core.space.outline import STEP_M, Line, closed, loops
from keepclear.core.space.polygon import Polygon

_ENDS_WITHIN_M: Final = 0.01
_TIE_M: Final = 0.005
_INTERVALS_MAX: Final = 1_024
_ARCS: Final = 8
_ARC_STEPS: Final = 32
_CUTS: Final = 64
_PLACES_MAX: Final = 20_000
_HALVINGS: Final = 40


def overlap(own: Area, other: Area) -> tuple[Line, ...]:
    """Closed lines around what two areas share, outer edges and those of holes alike; none where they do not meet.

    The last position of each is its first. The lines stray from the true edge by 0.1 % of the longest way across what
    is shared, and by 2 cm where that is more. What is narrower than 1 cm may be left out.
    """
    runs = _runs(own, other, slack_m=_TIE_M) + _runs(other, own, slack_m=-_TIE_M)
    whole = [run for run in runs if run.is_whole]
    lines = [[run] for run in whole] + _chains([run for run in runs if not run.is_whole])
    points = [np.concatenate([run.places for run in line], axis=1) for line in lines]
    return tuple(closed(*each) for each in points if each.shape[1] >= 3)


class _Piece(NamedTuple):
    """A piece of an area's edge, whose inside is to the right of it.

    It is struck off by ``offset_m`` from a geodesic of ``length_m``, at an angle that goes from ``from_deg`` to
    ``to_deg`` as one goes along. ``curve``: of which closed curve it is a piece; those of one follow one another.
    """

    latitude_deg: float
    longitude_deg: float
    azimuth_deg: float = 0.0
    length_m: float = 0.0
    from_deg: float = 0.0
    to_deg: float = 0.0
    offset_m: float = 0.0
    curve: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Run:
    """A stretch of an edge that lies in the other area, as rows of latitude and longitude; ``is_whole``: all of it."""

    places: NDArray[np.float64]
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Intervals:
    """Stretches of pieces, in columns, from one share of the way along a piece to another."""

    piece: Indices
    start: Floats
    end: Floats

    def only(self, which: NDArray[np.bool_]) -> _Intervals:
        """Some of them."""
        return _Intervals(piece=self.piece[which], start=self.start[which], end=self.end[which])

    def cut(self, parts: int) -> _Intervals:
        """Each in so many of equal length."""
        ends = np.linspace(self.start, self.end, parts + 1, axis=1)
        return _Intervals(
            piece=np.repeat(self.piece, parts), start=ends[:, :-1].ravel(), end=ends[:, 1:].ravel()
        )

    def in_order(self) -> _Intervals:
        """The same, in the order in which one comes to them."""
        order = np.lexsort((self.start, self.piece))
        return _Intervals(piece=self.piece[order], start=self.start[order], end=self.end[order])


def _pieces(area: Area) -> list[_Piece]:
    match area:
        case Circle():
            at = area.centre.latitude_deg, area.centre.longitude_deg
            ends_deg = [360.0 * arc / _ARCS for arc in range(_ARCS + 1)]
            return [
                _Piece(*at, from_deg=start, to_deg=end, offset_m=area.radius_m)
                for start, end in pairwise(ends_deg)
            ]
        case Corridor():
            there, back = area.legs, turned_round(area.legs)
            return [*_side(there, area.half_width_m), *_side(back, area.half_width_m)]
        case Polygon():
            rings = [ring for part in area.parts for ring in _rings(part.edges, [part.outer, *part.holes])]
            return [piece._replace(curve=curve) for curve, ring in enumerate(rings) for piece in ring]


def _side(legs: Edges, offset_m: float) -> Iterator[_Piece]:
    """The left side of a line, and after each leg the arc around its end; there is none where it turns left."""
    turn_deg = np.append((legs.azimuth_deg[1:] - legs.arrival_deg[:-1] + 180) % 360 - 180, 180.0)
    for leg, turned_deg in enumerate(turn_deg.tolist()):
        yield _Piece(
            float(legs.start_lat_deg[leg]),
            float(legs.start_lon_deg[leg]),
            azimuth_deg=float(legs.azimuth_deg[leg]),
            length_m=float(legs.length_m[leg]),
            from_deg=-90.0,
            to_deg=-90.0,
            offset_m=offset_m,
        )
        if turned_deg > 0:
            yield _Piece(
                float(legs.end_lat_deg[leg]),
                float(legs.end_lon_deg[leg]),
                azimuth_deg=float(legs.arrival_deg[leg]),
                from_deg=-90.0,
                to_deg=turned_deg - 90.0,
                offset_m=offset_m,
            )


def _rings(edges: Edges, rings: list[tuple[Position, ...]]) -> Iterator[list[_Piece]]:
    """The edges of each ring from their ends to their starts, so that the inside is to their right."""
    ends = list(accumulate((len(ring) for ring in rings), initial=0))
    for first, end in pairwise(ends):
        yield [
            _Piece(
                float(edges.end_lat_deg[edge]),
                float(edges.end_lon_deg[edge]),
                azimuth_deg=float(edges.arrival_deg[edge]) + 180.0,
                length_m=float(edges.length_m[edge]),
            )
            for edge in reversed(range(first, end))
        ]


def _runs(area: Area, other: Area, *, slack_m: float) -> list[_Run]:
    """The stretches of an area's edge in the other; what lies along the other's edge is in it with ``slack_m`` > 0."""
    pieces = _pieces(area)
    columns = np.array(pieces).T

    def outside_m(lat: Floats, lon: Floats) -> Floats:
        return edge_distances_m(other, lat, lon) - slack_m

    found = _halved(columns, outside_m)
    if (isinstance(area, Corridor) and len(area.line) > 2) or (
        isinstance(area, Polygon) and len(area.parts) > 1
    ):
        found = _bared(columns, area, found)
    return [run for curve in range(pieces[-1].curve + 1) for run in _curve_runs(columns, found, curve)]


def _halved(columns: NDArray[np.float64], outside_m: Callable[[Floats, Floats], Floats]) -> _Intervals:
    """Every piece in stretches that lie altogether inside or outside, or are as short as a crossing may be known."""
    settled: list[_Intervals] = []
    count = len(columns[0])
    waiting = _Intervals(piece=np.arange(count), start=np.zeros(count), end=np.ones(count))
    while waiting.piece.size:
        out_m = outside_m(*_places(columns[:, waiting.piece], (waiting.start + waiting.end) / 2))
        half_m = _ways_m(columns[:, waiting.piece]) * (waiting.end - waiting.start) / 2
        is_known = (np.abs(out_m) > half_m) | (half_m <= _ENDS_WITHIN_M / 2)
        if waiting.piece.size > _INTERVALS_MAX:
            is_known[:] = True
        settled.append(waiting.only(is_known & (out_m <= 0)))
        waiting = waiting.only(~is_known).cut(2)
    return _Intervals(
        piece=np.concatenate([each.piece for each in settled]),
        start=np.concatenate([each.start for each in settled]),
        end=np.concatenate([each.end for each in settled]),
    ).in_order()


def _bared(columns: NDArray[np.float64], area: Area, found: _Intervals) -> _Intervals:
    """What of some stretches is edge of the area, and not within it where parts overlap or a line turns.

    It is looked for at the ends of each of _CUTS parts of them, fewer where there are many; what is shorter than such a
    part may be overlooked.
    """
    found = found.cut(max(min(_CUTS, _PLACES_MAX // max(found.piece.size, 1)), 1))

    def is_bare(which: Indices, share: Floats) -> NDArray[np.bool_]:
        return edge_distances_m(area, *_places(columns[:, which], share)) >= -_ENDS_WITHIN_M

    at_start, at_end = is_bare(found.piece, found.start), is_bare(found.piece, found.end)
    mixed = at_start != at_end
    part, from_bare = found.only(mixed), at_start[mixed]
    bare, within = np.where(from_bare, part.start, part.end), np.where(from_bare, part.end, part.start)
    for _ in range(_HALVINGS):
        middle = (bare + within) / 2
        is_so = is_bare(part.piece, middle)
        bare, within = np.where(is_so, middle, bare), np.where(is_so, within, middle)
    ends = np.stack([found.start, found.end])
    ends[np.where(from_bare, 1, 0), np.flatnonzero(mixed)] = bare
    return _Intervals(piece=found.piece, start=ends[0], end=ends[1]).only(at_start | at_end)


def _places(columns: NDArray[np.float64], share: Floats) -> tuple[Floats, Floats]:
    """Where on each piece a share of the way is."""
    lat, lon, azimuth_deg, length_m, from_deg, to_deg, offset_m, _ = columns
    lat, lon, travel_deg = direct(lat, lon, azimuth_deg, length_m * share)
    lat, lon, _ = direct(lat, lon, travel_deg + from_deg + share * (to_deg - from_deg), offset_m)
    return lat, lon


def _ways_m(columns: NDArray[np.float64]) -> Floats:
    """No less than how long each piece is: geodesics that start side by side, or from one point, draw together."""
    _, _, _, length_m, from_deg, to_deg, offset_m, _ = columns
    return length_m + offset_m * np.radians(np.abs(to_deg - from_deg))


def _curve_runs(columns: NDArray[np.float64], found: _Intervals, curve: int) -> Iterator[_Run]:
    """The stretches of one closed curve, those made one that follow one another."""
    first, *_, last = np.flatnonzero(columns[-1] == curve).tolist()
    stretches: list[list[tuple[int, float, float]]] = []
    for piece, start, end in zip(found.piece.tolist(), found.start.tolist(), found.end.tolist(), strict=True):
        if not first <= piece <= last:
            continue
        before = stretches[-1][-1] if stretches else (piece, start, -1.0)
        if (piece, start) in ((before[0], before[2]), (before[0] + 1, before[2] - 1.0)):
            stretches[-1].append((piece, start, end))
        else:
            stretches.append([(piece, start, end)])
    if not stretches:
        return
    goes_round = stretches[0][0][:2] == (first, 0.0) and stretches[-1][-1][::2] == (last, 1.0)
    is_whole = goes_round and len(stretches) == 1
    if goes_round and not is_whole:
        stretches[0] = stretches.pop() + stretches[0]
    for stretch in stretches:
        yield _Run(places=_drawn(columns, stretch), is_whole=is_whole)


def _drawn(columns: NDArray[np.float64], stretch: list[tuple[int, float, float]]) -> NDArray[np.float64]:
    """Positions along the pieces that a stretch goes over, near enough to one another to draw it."""
    places: list[tuple[Floats, Floats]] = []
    for piece, several in groupby(stretch, key=lambda part: part[0]):
        parts = list(several)
        start, end = parts[0][1], parts[-1][2]
        column = columns[:, piece : piece + 1]
        is_arc = bool(column[4, 0] != column[5, 0])
        steps = _ARC_STEPS if is_arc else max(math.ceil(float(column[3, 0]) * (end - start) / STEP_M), 1)
        places.append(_places(np.repeat(column, steps + 1, axis=1), np.linspace(start, end, steps + 1)))
    return np.concatenate([np.stack(each) for each in places], axis=1)


def _chains(runs: list[_Run]) -> list[list[_Run]]:
    """Runs that make closed lines, each in its order."""
    if not runs:
        return []
    begins, ends = (np.array([run.places[:, at] for run in runs]).T for at in (0, -1))
    return [[runs[run] for run in loop] for loop in loops(ecef_m(*begins), ecef_m(*ends))]
