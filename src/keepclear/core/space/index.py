"""The index: which positions are in or near which areas, by a coarse search that adds but never misses.

Each area is covered by cells of its own: from the six faces of the cube down, a cell is dropped when no
position in it can be within reach of the area, and cut into four while that pays. A position then asks, level
by level, only for the areas that have a cell around it, and the exact geodesic decides about each of them.

Why it never misses, with ``a`` and ``b`` the radii at equator and pole (keepclear.core.space.cell): let a
cell have its centre c and the angular radius rho, and let p be a position in it.

- An area lies in its cap, of centre k and radius R. If k and c are sigma apart, the geodesic from p to k is
at least
  b (sigma - rho), so p is at least b (sigma - rho) - R outside. The cell goes if that exceeds the reach.
- The signed distance to an edge changes by no more than one goes: that of p is at least that of c, less a
rho.
  The cell goes if that exceeds the reach. Where distances may be stated too large, past EXACT_WITHIN_M, only
  EXACT_WITHIN_M is believed.

Both leave SLACK_M over for rounding. ADR 3 says what else was considered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.errors import Refused
from keepclear.core.space.area import Area, Circle, Corridor, cap, edge_distances_m
from keepclear.core.space.cap import Caps
from keepclear.core.space.cell import (
    CHILDREN,
    FACES,
    LEVEL_MOST,
    Cells,
    Vectors,
    angles_rad,
    cell_caps,
    children,
    finest_cells,
    parents,
    sphere_positions,
    sphere_vectors,
)
from keepclear.core.space.edges import EXACT_WITHIN_M
from keepclear.core.space.geodesy import EQUATOR_RADIUS_M, POLE_RADIUS_M, Floats, inverse

AREAS_MAX: Final = 1 << 16
"""The most areas that one index holds."""

POSITIONS_MAX: Final = 1 << 20
"""The most positions that are asked about at once."""

SLACK_M: Final = 1.0
"""How much farther than its reach the coarse search looks: more than all rounding together."""

# More cells make fewer candidates that the geodesic must turn down, but a longer search; these were measured.
_CELLS_MOST: Final = 256
_CELLS_LEAST: Final = 64
_CELLS_ALL: Final = 1 << 19
_CANDIDATES_MAX: Final = 1 << 21

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Positions with the areas that they are in or near, by position and then by area.

    ``position``: int64 and ``area``: int32, the places in what was asked. ``distance_m``: float64, signed as
    edge_distances_m gives it, negative inside.
    """

    position: Indices
    area: NDArray[np.int32]
    distance_m: Floats

    def __len__(self) -> int:
        return int(self.position.size)


class ZoneIndex:
    """Areas, ready to be asked which positions are within reach of them. It does not change once made.

    ``reach_m``: for each area how far from its edge a position is still reported, 0 or more, 0 for inside
    only; the edge itself belongs to the area. No areas at all are in order. Raises
    Refused("index.too-many-areas") past AREAS_MAX, or Refused("index.reach") when a reach is negative,
    infinite, NaN, missing or left over.
    """

    def __init__(self, areas: Sequence[Area], *, reach_m: Sequence[float] | Floats) -> None:
        if len(areas) > AREAS_MAX:
            raise Refused(
                "index.too-many-areas", f"index is given {len(areas)} areas, at most {AREAS_MAX} are taken"
            )
        reaches_m = np.array(reach_m, np.float64)
        if reaches_m.shape != (len(areas),) or not np.all((reaches_m >= 0) & (reaches_m < np.inf)):
            raise Refused(
                "index.reach",
                f"index of {len(areas)} areas has reaches {reaches_m}, must be 0 m or more for each",
            )
        self._areas = tuple(areas)
        self._reach_m = reaches_m
        self._discs = _discs(self._areas, reaches_m)
        self._levels = _levels(self._areas, self._discs)

    def caps(self, area: Indices) -> Caps:
        """The caps of the areas that are named by their places in what was given."""
        discs = self._discs
        return Caps(
            latitude_deg=discs.latitude_deg[area],
            longitude_deg=discs.longitude_deg[area],
            radius_m=discs.radius_m[area],
        )

    def pairs(self, latitude_deg: Floats, longitude_deg: Floats) -> Pairs:
        """Every pair of a position and an area whose signed edge distance is at most the reach of the area.

        Positions in degrees on WGS 84, in columns of one length; the answer for each is the same whatever the
        others are. It takes 20 bytes a pair. Raises Refused("index.too-many-positions") past POSITIONS_MAX,
        Refused("index.columns") when the columns differ in length, and Refused("position.out-of-range") for
        latitudes beyond 90 degrees, longitudes beyond 180, and NaN.
        """
        _refuse_positions(latitude_deg, longitude_deg)
        asked = _Asked(latitude_deg, longitude_deg, sphere_vectors(latitude_deg, longitude_deg))
        cells = finest_cells(asked.vectors)
        # Neighbours in the list then look up neighbouring cells, which memory serves several times faster.
        order = np.argsort(cells)
        found = [self._decided(asked, *some) for some in self._candidates(cells[order], order)]
        position = np.concatenate([np.zeros(0, np.int64), *(some.position for some in found)])
        area = np.concatenate([np.zeros(0, np.int32), *(some.area for some in found)])
        distance_m = np.concatenate([np.zeros(0), *(some.distance_m for some in found)])
        ranks = np.lexsort((area, position))
        return Pairs(position=position[ranks], area=area[ranks], distance_m=distance_m[ranks])

    def _candidates(self, cells: Cells, positions: Indices) -> Iterator[tuple[Indices, NDArray[np.int32]]]:
        """Positions, each with an area that has a cell around it, in lists that memory holds."""
        met = [(level, *level.met(cells)) for level in self._levels]
        total = sum(int(level.counts(lists).sum()) for level, _, lists in met)
        if total > _CANDIDATES_MAX and cells.size > 1:
            half = cells.size // 2
            yield from self._candidates(cells[:half], positions[:half])
            yield from self._candidates(cells[half:], positions[half:])
            return
        position = [np.repeat(positions[places], level.counts(lists)) for level, places, lists in met]
        area = [level.listed(lists) for level, _, lists in met]
        yield np.concatenate([positions[:0], *position]), np.concatenate([np.zeros(0, np.int32), *area])

    def _decided(self, asked: _Asked, position: Indices, area: NDArray[np.int32]) -> Pairs:
        """Those of the candidates that are within reach, by the exact geodesic."""
        discs = self._discs
        chord = np.linalg.norm(asked.vectors[position] - discs.centre[area], axis=1)
        near = chord <= discs.chord[area]
        position, area = position[near], area[near]
        distance_m = _distances_m(
            self._areas,
            discs,
            area,
            latitude_deg=asked.latitude_deg[position],
            longitude_deg=asked.longitude_deg[position],
        )
        kept = distance_m <= self._reach_m[area]
        return Pairs(position=position[kept], area=area[kept], distance_m=distance_m[kept])


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """The positions that were asked about."""

    latitude_deg: Floats
    longitude_deg: Floats
    vectors: Vectors


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Discs:
    """For each area the circle on the globe that holds all positions within its reach, in columns.

    ``centre`` on the sphere; ``radius_m`` of the cap, and ``reach_m`` beyond it, the slack included;
    ``chord``: how far from the centre, straight through the unit sphere, a position within reach may be.
    ``is_circle``: whether the area is a circle, of which the cap is all there is to know.
    """

    latitude_deg: Floats
    longitude_deg: Floats
    centre: Vectors
    radius_m: Floats
    reach_m: Floats
    chord: Floats
    is_circle: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Level:
    """The cells of one level around which areas lie: each once, in order, with a list of areas."""

    level: int
    cells: Cells
    first: Indices
    area: NDArray[np.int32]

    def met(self, finest: Cells) -> tuple[Indices, Indices]:
        """Which of the finest cells are in a cell of this level, and in which."""
        sought = parents(finest, levels=LEVEL_MOST - self.level)
        place = np.minimum(np.searchsorted(self.cells, sought), self.cells.size - 1)
        met = np.flatnonzero(self.cells[place] == sought)
        return met, place[met]

    def counts(self, lists: Indices) -> Indices:
        """How many areas each of these cells lists."""
        return self.first[lists + 1] - self.first[lists]

    def listed(self, lists: Indices) -> NDArray[np.int32]:
        """The areas that these cells list, one list after the other."""
        counts = self.counts(lists)
        before = np.cumsum(counts) - counts
        return self.area[np.arange(counts.sum()) + np.repeat(self.first[lists] - before, counts)]


class _Cover:
    """Cells of one level, each with an area that may be near it.

    ``whole``: which of them certainly lie inside their area.
    """

    def __init__(self, cells: Cells, area: Indices, whole: NDArray[np.bool_] | None = None) -> None:
        self.cells = cells
        self.area = area
        self.whole = np.zeros(cells.shape, np.bool_) if whole is None else whole

    def counts(self, areas: int) -> tuple[Indices, Indices]:
        """How many cells each of so many areas has, and how many of them do not certainly lie inside it."""
        return np.bincount(self.area, minlength=areas), np.bincount(self.area[~self.whole], minlength=areas)


def _discs(areas: tuple[Area, ...], reach_m: Floats) -> _Discs:
    caps = [cap(area) for area in areas]
    latitude_deg = np.array([one.centre.latitude_deg for one in caps])
    longitude_deg = np.array([one.centre.longitude_deg for one in caps])
    radius_m = np.array([one.radius_m for one in caps])
    angle_rad = (radius_m + reach_m + SLACK_M) / POLE_RADIUS_M
    return _Discs(
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        centre=sphere_vectors(latitude_deg, longitude_deg),
        radius_m=radius_m,
        reach_m=reach_m + SLACK_M,
        chord=np.where(angle_rad < np.pi, 2 * np.sin(np.minimum(angle_rad, np.pi) / 2), np.inf),
        is_circle=np.array([isinstance(area, Circle) for area in areas], np.bool_),
    )


def _levels(areas: tuple[Area, ...], discs: _Discs) -> tuple[_Level, ...]:
    """The cover of every area, by level. Cells come in the order of their areas throughout."""
    most = min(max(_CELLS_ALL // max(len(areas), 1), _CELLS_LEAST), _CELLS_MOST) // CHILDREN
    cover = _Cover(np.tile(np.arange(FACES), len(areas)), np.repeat(np.arange(len(areas)), FACES))
    levels: list[_Level] = []
    for level in range(LEVEL_MOST + 1):
        cover = _near_caps(discs, cover, level=level)
        held, doubtful = cover.counts(len(areas))
        crowded = (doubtful > most) & ~discs.is_circle
        cover = _near_edges(areas, discs, cover, level=level, crowded=crowded)
        left, doubtful = cover.counts(len(areas))
        # Where the edge drops less than half of the cells, the cap had told nearly as much, and to ask the
        # edge about smaller cells, at a thousand times the price, would gain little.
        worth_it = (doubtful <= most) & (~crowded | (2 * left <= held))
        cut = worth_it[cover.area] & ~cover.whole & (level < LEVEL_MOST)
        levels.append(_level(level, cover.cells[~cut], cover.area[~cut]))
        cover = _Cover(children(cover.cells[cut]).ravel(), np.repeat(cover.area[cut], CHILDREN))
    return tuple(level for level in levels if level.cells.size)


def _level(level: int, cells: Cells, area: Indices) -> _Level:
    order = np.argsort(cells, kind="stable")
    each, first = np.unique(cells[order], return_index=True)
    return _Level(
        level=level, cells=each, first=np.append(first, cells.size), area=area[order].astype(np.int32)
    )


def _near_caps(discs: _Discs, cover: _Cover, *, level: int) -> _Cover:
    """The cells that the cap of their area does not drop."""
    caps = cell_caps(cover.cells, level=level)
    area = cover.area
    angle_rad = angles_rad(np.linalg.norm(caps.centre - discs.centre[area], axis=1))
    least_m = POLE_RADIUS_M * (angle_rad - caps.radius_rad) - discs.radius_m[area]
    most_m = EQUATOR_RADIUS_M * (angle_rad + caps.radius_rad) - discs.radius_m[area]
    return _kept(cover, least_m <= discs.reach_m[area], discs.is_circle[area] & (most_m <= 0))


def _near_edges(
    areas: tuple[Area, ...], discs: _Discs, cover: _Cover, *, level: int, crowded: NDArray[np.bool_]
) -> _Cover:
    """The cells that the edge of their area does not drop either, where it is asked: in crowded areas."""
    asked = np.flatnonzero(crowded[cover.area])
    caps = cell_caps(cover.cells[asked], level=level)
    edge_m = np.concatenate([np.zeros(0), *_believed_m(areas, cover.area[asked], caps.centre)])
    width_m = EQUATOR_RADIUS_M * caps.radius_rad
    kept, whole = np.ones(cover.cells.shape, np.bool_), cover.whole.copy()
    kept[asked] = edge_m - width_m <= discs.reach_m[cover.area[asked]]
    whole[asked] = edge_m + width_m <= 0
    return _kept(cover, kept, whole)


def _kept(cover: _Cover, kept: NDArray[np.bool_], whole: NDArray[np.bool_]) -> _Cover:
    return _Cover(cover.cells[kept], cover.area[kept], whole[kept])


def _believed_m(areas: tuple[Area, ...], area: Indices, points: Vectors) -> Iterator[Floats]:
    """Signed distances from points to the area of each, never overstated; in the order of areas."""
    latitude_deg, longitude_deg = sphere_positions(points)
    for which, start, end in _groups(area):
        one = areas[which]
        most_m = EXACT_WITHIN_M - (one.half_width_m if isinstance(one, Corridor) else 0.0)
        yield np.minimum(edge_distances_m(one, latitude_deg[start:end], longitude_deg[start:end]), most_m)


def _distances_m(
    areas: tuple[Area, ...],
    discs: _Discs,
    area: NDArray[np.int32],
    *,
    latitude_deg: Floats,
    longitude_deg: Floats,
) -> Floats:
    """What edge_distances_m says of each position and its area, bit for bit.

    This is the one place in which exact distances are worked out.
    """
    distance_m = np.empty(area.size)
    # A circle is its cap, so that all circles take one call: it costs as much as a hundred positions.
    round_ = np.flatnonzero(discs.is_circle[area])
    at = area[round_]
    to_centre_m = inverse(
        discs.latitude_deg[at], discs.longitude_deg[at], latitude_deg[round_], longitude_deg[round_]
    )[2]
    distance_m[round_] = to_centre_m - discs.radius_m[at]
    others = np.flatnonzero(~discs.is_circle[area])
    others = others[np.argsort(area[others], kind="stable")]
    for which, start, end in _groups(area[others]):
        places = others[start:end]
        distance_m[places] = edge_distances_m(areas[which], latitude_deg[places], longitude_deg[places])
    return distance_m


def _groups(area: NDArray[np.signedinteger]) -> Iterator[tuple[int, int, int]]:
    """Each area in a sorted column, with where its run starts and ends."""
    ends = [*(np.flatnonzero(area[1:] != area[:-1]) + 1).tolist(), area.size]
    start = 0
    for end in ends if area.size else []:
        yield int(area[start]), start, end
        start = end


def _refuse_positions(latitude_deg: Floats, longitude_deg: Floats) -> None:
    if latitude_deg.shape != longitude_deg.shape or latitude_deg.ndim != 1:
        raise Refused(
            "index.columns",
            f"latitudes have the shape {latitude_deg.shape} and longitudes {longitude_deg.shape}, "
            "must be two columns of one length",
        )
    if latitude_deg.size > POSITIONS_MAX:
        raise Refused(
            "index.too-many-positions",
            f"index is asked about {latitude_deg.size} positions, at most {POSITIONS_MAX} are taken at once",
        )
    sound = (np.abs(latitude_deg) <= 90) & (np.abs(longitude_deg) <= 180)
    for place in np.flatnonzero(~sound)[:1]:
        raise Refused(
            "position.out-of-range",
            f"position {place} is at {latitude_deg[place]}, {longitude_deg[place]}, "
            "must be within 90 degrees of latitude and 180 of longitude",
        )
