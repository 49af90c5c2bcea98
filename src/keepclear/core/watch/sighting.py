"""Sightings: the fixes of a batch measured against the zones that they may concern."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.instant import SECOND_MS, Instant
from keepclear.core.space.altitude import Containment, Datum, band_containment
from keepclear.core.space.area import edge_distances_m
from keepclear.core.space.entry import (
    COURSE_ERROR_DEG,
    HORIZON_MAX_S,
    SPEED_ERROR_MPS,
    SPEED_MAX_MPS,
    Motions,
    closing_most_mps,
    may_enter,
    times_to_entry,
)
from keepclear.core.space.index import ZoneIndex
from keepclear.core.watch.standing import Sight
from keepclear.core.watch.track import Fixes
from keepclear.core.watch.zone import Zone

REACH_SPEED_MPS: Final = 350.0
"""Tracks up to this speed are found through the index; faster ones are measured against every zone."""

REACH_ACCURACY_M: Final = 5_000.0
"""Likewise for the accuracy of a position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A sight of the track in row ``row`` of the batch, at zone number ``zone``."""

    row: int
    zone: int
    sight: Sight


class WatchedZones:
    """The zones in force, with their index: measures batches of fixes. A value; made anew when the zones change."""

    def __init__(self, zones: tuple[Zone, ...]) -> None:
        self.zones = zones
        self.number = {zone.name: number for number, zone in enumerate(zones)}
        self._index: ZoneIndex | None = None
        self._warning_m = np.array([zone.warning_distance_m for zone in zones])
        self._horizon_s = np.array([_horizon_s(zone) for zone in zones])

    def sightings(self, fixes: Fixes, related: Iterable[tuple[int, int]]) -> Iterator[Sighting]:
        """Every (fix, zone) that matters, by row, then zone.

        Those are: possibly inside; possibly entering within the warning time; the pairs in ``related`` (row, zone
        number), whose tracks already stand in some relation to the zone; and what an earlier fix of the same track
        may have brought into one.
        """
        known = set(related)
        rows, zones, distance = self._concerned(fixes, known)
        order = np.lexsort((zones, rows))
        rows, zones, distance = rows[order], zones[order], distance[order]
        entries = self._entries(fixes, rows, zones, distance)
        kept = (distance <= fixes.accuracy_m[rows]) | ~np.isnan(entries[0])
        kept |= np.bincount(fixes.slot)[fixes.slot[rows]] > 1
        kept |= np.array(
            [pair in known for pair in zip(rows.tolist(), zones.tolist(), strict=True)], np.bool_
        )
        yield from self._measured(fixes, rows[kept], zones[kept], distance[kept], entries[:, kept])

    def sightings_within(self, zone: int, fixes: Fixes) -> Iterator[Sighting]:
        """Every fix that is possibly inside the zone of one number, by row."""
        rows = np.arange(len(fixes))
        distance = self._distances(fixes, rows, np.full(rows.size, zone))
        near = np.flatnonzero(distance <= fixes.accuracy_m)
        # What may be inside has entered already.
        entries = np.full((3, near.size), np.nan)
        measured = self._measured(fixes, near, np.full(near.size, zone), distance[near], entries)
        return (sighting for sighting in measured if sighting.sight.within)

    def _measured(
        self,
        fixes: Fixes,
        rows: NDArray[np.int64],
        zones: NDArray[np.int64],
        distance: NDArray[np.float64],
        entries: NDArray[np.float64],
    ) -> Iterator[Sighting]:
        # Python's own numbers are several times faster one by one than those of an array.
        numbers: list[int] = zones.tolist()
        times: list[list[float]] = entries.T.tolist()
        columns = zip(rows.tolist(), numbers, distance.tolist(), times, strict=True)
        for row, number, apart, entry in columns:
            zone, at = self.zones[number], Instant(int(fixes.time_ms[row]))
            accuracy = float(fixes.accuracy_m[row])
            height = self._height_containment(fixes, row, zone, span_s=0.0)
            able = self._height_containment(fixes, row, zone, span_s=zone.warning_time_ms / SECOND_MS)
            earliest, expected, latest = (_at(at, after_s) if able else None for after_s in entry)
            sight = Sight(
                at=at,
                distance_m=apart,
                within=apart <= accuracy and height is not Containment.NO,
                certain=apart <= -accuracy and height is Containment.DEFINITE,
                entry_earliest=earliest,
                entry_expected=expected,
                entry_latest=latest,
            )
            yield Sighting(row=row, zone=number, sight=sight)

    def _concerned(
        self, fixes: Fixes, related: set[tuple[int, int]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        pairs = self._indexed().pairs(fixes.latitude_deg, fixes.longitude_deg)
        rows, zones, distance = pairs.position.astype(np.int64), pairs.area.astype(np.int64), pairs.distance_m
        kept = self._matters(fixes, rows, zones, distance)
        rows, zones, distance = rows[kept], zones[kept], distance[kept]
        held = set(zip(rows.tolist(), zones.tolist(), strict=True))
        missing = related - held
        missing |= {pair for pair in self._out_of_reach(fixes) if pair not in held}
        missing |= _later(fixes, held | missing)
        if not missing:
            return rows, zones, distance
        more = np.array(sorted(missing), np.int64)
        return (
            np.r_[rows, more[:, 0]],
            np.r_[zones, more[:, 1]],
            np.r_[distance, self._distances(fixes, more[:, 0], more[:, 1])],
        )

    def _indexed(self) -> ZoneIndex:
        # Built when first asked, so that zones which are declared one after another cost one index in all.
        if self._index is None:
            self._index = ZoneIndex(
                areas=tuple(zone.volume.area for zone in self.zones),
                reach_m=np.array([_reach_m(zone) for zone in self.zones], np.float64),
            )
        return self._index

    def _matters(
        self, fixes: Fixes, rows: NDArray[np.int64], zones: NDArray[np.int64], distance: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        # An unknown speed has no entry time.
        soon = np.nan_to_num(closing_most_mps(fixes.speed_mps)[rows] * self._horizon_s[zones], nan=0.0)
        matters: NDArray[np.bool_] = distance <= fixes.accuracy_m[rows] + np.maximum(
            self._warning_m[zones], soon
        )
        return matters

    def _out_of_reach(self, fixes: Fixes) -> Iterator[tuple[int, int]]:
        with np.errstate(invalid="ignore"):
            rows = np.flatnonzero((fixes.speed_mps > REACH_SPEED_MPS) | (fixes.accuracy_m > REACH_ACCURACY_M))
        return ((int(row), zone) for row in rows for zone in range(len(self.zones)))

    def _distances(
        self, fixes: Fixes, rows: NDArray[np.int64], zones: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        distance = np.empty(rows.size)
        for zone in np.unique(zones):
            at = np.flatnonzero(zones == zone)
            lat, lon = fixes.latitude_deg[rows[at]], fixes.longitude_deg[rows[at]]
            distance[at] = edge_distances_m(self.zones[int(zone)].volume.area, lat, lon)
        return distance

    def _entries(
        self, fixes: Fixes, rows: NDArray[np.int64], zones: NDArray[np.int64], distance: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Predicted entry in seconds after each fix: rows earliest, expected, latest; NaN where there is none."""
        times = np.full((3, rows.size), np.nan)
        with np.errstate(invalid="ignore"):
            known = fixes.speed_mps[rows] <= SPEED_MAX_MPS
        timed = self._horizon_s[zones] > 0
        ahead = np.flatnonzero(known & timed & (distance > fixes.accuracy_m[rows]))
        caps, horizons_s = self._indexed().caps(zones[ahead]), self._horizon_s[zones[ahead]]
        ahead = ahead[may_enter(caps, _motions(fixes, rows[ahead]), horizon_s=horizons_s)]
        for zone in np.unique(zones[ahead]):
            at = ahead[zones[ahead] == zone]
            area, horizon_s = self.zones[int(zone)].volume.area, float(self._horizon_s[zone])
            found = times_to_entry(area, _motions(fixes, rows[at]), horizon_s=horizon_s)
            times[:, at] = found.earliest_s, found.expected_s, found.latest_s
        return times

    def _height_containment(self, fixes: Fixes, row: int, zone: Zone, *, span_s: float) -> Containment:
        climb = abs(float(fixes.climb_mps[row]))
        reach_m = 0.0 if math.isnan(climb) else climb * span_s
        return band_containment(
            zone.volume.band,
            height_m=float(fixes.altitude_m[row]),
            datum=Datum(int(fixes.datum[row])),
            accuracy_m=reach_m,
        )


def _later(fixes: Fixes, pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """What the later fixes of the same tracks add: an earlier fix may have brought them into relation to the zone."""
    order = np.argsort(fixes.slot, kind="stable")
    runs = np.split(order, np.flatnonzero(np.diff(fixes.slot[order])) + 1)
    run_of = {int(row): run for run in runs if run.size > 1 for row in run}
    first: dict[tuple[int, int], int] = {}
    for row, zone in pairs:
        if row in run_of:
            key = (int(fixes.slot[row]), zone)
            first[key] = min(row, first.get(key, row))
    later = {(int(row), zone) for (_, zone), start in first.items() for row in run_of[start] if row > start}
    return later - pairs


def _reach_m(zone: Zone) -> float:
    soon_m = float(closing_most_mps(REACH_SPEED_MPS)) * _horizon_s(zone)
    return max(zone.warning_distance_m, soon_m) + REACH_ACCURACY_M


def _horizon_s(zone: Zone) -> float:
    return min(zone.warning_time_ms / SECOND_MS, HORIZON_MAX_S)


def _motions(fixes: Fixes, rows: NDArray[np.int64]) -> Motions:
    return Motions(
        latitude_deg=fixes.latitude_deg[rows],
        longitude_deg=fixes.longitude_deg[rows],
        course_deg=fixes.course_deg[rows],
        speed_mps=fixes.speed_mps[rows],
        accuracy_m=fixes.accuracy_m[rows],
        course_error_deg=np.full(rows.size, COURSE_ERROR_DEG),
        speed_error_mps=np.full(rows.size, SPEED_ERROR_MPS),
    )


def _at(start: Instant, after_s: float) -> Instant | None:
    return None if math.isnan(after_s) else Instant(start + round(after_s * SECOND_MS))
