"""Nearby: which notices and zones may lie near some extents; it may name too many, and leaves out none."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from keepclear.core.notice.extent import Extent
from keepclear.core.space.area import cap
from keepclear.core.space.cap import Cap
from keepclear.core.space.geodesy import Floats, inverse

_ROUNDING_M = 1.0


class Nearby:
    """Circles around all extents, in columns that grow; a side that is removed leaves its rows to the next."""

    def __init__(self) -> None:
        self._rows: dict[str, list[int]] = {}
        self._free: list[int] = []
        self._side: list[str] = []
        self._lat = np.empty(64)
        self._lon = np.empty(64)
        self._reach_m = np.empty(64)

    def add(self, side: str, extents: Iterable[Extent]) -> None:
        """Put the extents of one side, which is not there yet, on the map."""
        self._rows[side] = [self._put(side, _reach(extent)) for extent in extents]

    def remove(self, side: str) -> None:
        """Take one side away; its rows are used again."""
        for row in self._rows.pop(side):
            # Nothing is near a row that reaches less than nothing.
            self._reach_m[row] = -np.inf
            self._free.append(row)

    def near(self, extents: Iterable[Extent], *, apart_m: float) -> list[str]:
        """The sides, sorted, of which an extent may be within ``apart_m`` of one of these."""
        count = len(self._side)
        lat, lon, reach_m = self._lat[:count], self._lon[:count], self._reach_m[:count]
        found: set[str] = set()
        for extent in extents:
            own = _reach(extent)
            distance_m = _distances_m(own, lat, lon)
            rows = np.flatnonzero(distance_m <= reach_m + own.radius_m + apart_m + _ROUNDING_M)
            found.update(self._side[int(row)] for row in rows)
        return sorted(found)

    def _put(self, side: str, reach: Cap) -> int:
        if self._free:
            row = self._free.pop()
            self._side[row] = side
        else:
            row = len(self._side)
            self._side.append(side)
            if row == self._lat.size:
                self._lat, self._lon, self._reach_m = (
                    np.concatenate([column, np.empty(column.size)])
                    for column in (self._lat, self._lon, self._reach_m)
                )
        self._lat[row], self._lon[row] = reach.centre.latitude_deg, reach.centre.longitude_deg
        self._reach_m[row] = reach.radius_m
        return row


def _reach(extent: Extent) -> Cap:
    """A circle that holds all that an extent may reach."""
    held = cap(extent.area)
    return Cap(centre=held.centre, radius_m=held.radius_m + extent.accuracy_m)


def _distances_m(own: Cap, lat: Floats, lon: Floats) -> Floats:
    here_lat = np.full(lat.shape, own.centre.latitude_deg)
    here_lon = np.full(lat.shape, own.centre.longitude_deg)
    return inverse(here_lat, here_lon, lat, lon)[2]
