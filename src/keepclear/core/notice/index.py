"""The index of notices: which extents are too near which, of a million, in microseconds; by a compiled kernel.

The kernel decides time and height exactly, and area outside a proved band around what is asked for; what lies in the
band it hands back as doubtful, for conflict_between to say. So with both together nothing is missed and nothing is
found that is not there. docs/adr/0007-compiled-kernels.md has the bounds and their proofs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from keepclear.core.instant import FOREVER
from keepclear.core.notice._index import Index
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.minima import Minimum
from keepclear.core.space.altitude import Altitude, Bound
from keepclear.core.space.area import Area, Circle, Corridor, Polygon
from keepclear.core.space.geodesy import Floats

KINDS_MAX: Final = 64
"""The most kinds of footprints between which there are rules."""

FIXED: Final = np.dtype(
    [
        ("margin_m", np.float64),
        ("accuracy_m", np.float64),
        ("lower_m", np.float64),
        ("upper_m", np.float64),
        ("height_accuracy_m", np.float64),
        ("start_ms", np.int64),
        ("end_ms", np.int64),
        ("time_accuracy_ms", np.int64),
        ("owner", np.int64),
        ("rings", np.int32),
        ("kind", np.uint8),
        ("shape", np.uint8),
        ("lower_datum", np.uint8),
        ("upper_datum", np.uint8),
    ]
)
"""What every footprint has one of; a datum of UNLIMITED stands for an end that is not limited."""

POINT: Final = 0
LINE: Final = 1
POLYGON: Final = 2
UNLIMITED: Final = 255

_FIXED: Final = Struct("5d4qi4B")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Footprints:
    """Extents as columns: a row of ``fixed`` each, and in their order all rings and all points of them.

    ``ring``: how many points each ring has, negative for a hole in the ring before it; a circle has one ring of one
    point, a corridor one of its line. No ring repeats its first point. The end of a window without length is one
    millisecond later, for the instant that it stands for.
    """

    fixed: NDArray[np.void]
    ring: NDArray[np.int32]
    latitude_deg: Floats
    longitude_deg: Floats


class Found(NamedTuple):
    """Rows that are certainly too near, and those for which only the exact function can tell."""

    certain: list[int]
    doubtful: list[int]


class FoundPairs(NamedTuple):
    """Pairs of rows, each once: of shape (n, 2); see Found."""

    certain: NDArray[np.int32]
    doubtful: NDArray[np.int32]


class NoticeIndex:
    """Footprints of notices by area, height and time. A row is a small number, given again once it is removed."""

    def __init__(self, rules: Sequence[Sequence[Minimum | None]]) -> None:
        """An index under rules, for each kind one for each kind; None where two kinds are never held together."""
        self._index = Index(len(rules))
        self.set_rules(rules)

    def set_rules(self, rules: Sequence[Sequence[Minimum | None]]) -> None:
        """Put other rules in place, for as many kinds; what is in the index stays there."""
        each = [rule for row in rules for rule in row]
        self._index.set_rules(
            np.array([-1.0 if rule is None else rule.horizontal_m for rule in each]),
            np.array([0.0 if rule is None else rule.vertical_m for rule in each]),
            np.array([0 if rule is None else rule.time_ms for rule in each], np.int64),
        )

    def add(self, footprints: Footprints) -> list[int]:
        """Put footprints into the index; the row of each. Either all are in it afterwards or none."""
        return _rows(
            self._index.add(
                footprints.fixed, footprints.ring, footprints.latitude_deg, footprints.longitude_deg
            )
        )

    def remove(self, row: int) -> None:
        """Take a row away, without a trace. Raises KeyError where there is none."""
        self._index.remove(row)

    def found(self, row: int) -> Found:
        """What is too near a row, in no order. Raises KeyError where there is none."""
        certain, doubtful = self._index.found(row)
        return Found(_rows(certain), _rows(doubtful))

    def pairs(self) -> FoundPairs:
        """All pairs that are too near."""
        certain, doubtful = (np.frombuffer(rows, np.int32).reshape(-1, 2) for rows in self._index.pairs())
        return FoundPairs(certain, doubtful)

    def size(self) -> tuple[int, int, int]:
        """How many rows there are, and how many cells and records they take up."""
        return self._index.size()

    def __len__(self) -> int:
        """How many rows there are."""
        return self._index.size()[0]


def footprint(extent: Extent, *, owner: int, kind: int) -> Footprints:
    """The columns of one extent; rows of one owner are never held against one another."""
    shape, margin_m, ring, lat, lon = _skeleton(extent.area)
    lower_m, lower_datum = _end(extent.band.lower)
    upper_m, upper_datum = _end(extent.band.upper)
    start, end = extent.window.start, extent.window.end
    fixed = _FIXED.pack(
        margin_m,
        extent.accuracy_m,
        lower_m,
        upper_m,
        extent.height_accuracy_m,
        start,
        end + 1 if start == end != FOREVER else end,
        extent.time_accuracy_ms,
        owner,
        len(ring),
        kind,
        shape,
        lower_datum,
        upper_datum,
    )
    return Footprints(
        fixed=np.frombuffer(fixed, FIXED), ring=np.array(ring, np.int32), latitude_deg=lat, longitude_deg=lon
    )


def footprints_together(each: Iterable[Footprints]) -> Footprints:
    """The columns of several, one after another; at least one."""
    several = list(each)
    if len(several) == 1:
        return several[0]
    return Footprints(
        fixed=np.concatenate([one.fixed for one in several]),
        ring=np.concatenate([one.ring for one in several]),
        latitude_deg=np.concatenate([one.latitude_deg for one in several]),
        longitude_deg=np.concatenate([one.longitude_deg for one in several]),
    )


def _rows(rows: bytes) -> list[int]:
    return memoryview(rows).cast("i").tolist()


def _end(end: Altitude | Bound) -> tuple[float, int]:
    return (0.0, UNLIMITED) if isinstance(end, Bound) else (end.height_m, end.datum)


def _skeleton(area: Area) -> tuple[int, float, list[int], Floats, Floats]:
    """Shape, margin, rings, latitudes and longitudes of what an area is widened from."""
    match area:
        case Circle():
            lat, lon = np.array([area.centre.latitude_deg]), np.array([area.centre.longitude_deg])
            return POINT, area.radius_m, [1], lat, lon
        case Corridor():
            legs = area.legs
            lat = np.append(legs.start_lat_deg, legs.end_lat_deg[-1:])
            lon = np.append(legs.start_lon_deg, legs.end_lon_deg[-1:])
            return LINE, area.half_width_m, [len(area.line)], lat, lon
        case Polygon():
            edges = [part.edges for part in area.parts]
            ring = [
                size
                for part in area.parts
                for size in (len(part.outer), *(-len(hole) for hole in part.holes))
            ]
            lat = np.concatenate([part.start_lat_deg for part in edges])
            lon = np.concatenate([part.start_lon_deg for part in edges])
            return POLYGON, 0.0, ring, lat, lon
