"""Tracks: what a run of reports of one thing tells, in columns, by slot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.instant import MINUTE_MS, SECOND_MS, Instant
from keepclear.core.space.geodesy import inverse
from keepclear.core.watch.report import COLUMNS, Label, PartyName, Reports, SourceName, TrackKind, TrackName

AGING_MS: Final = 15 * SECOND_MS
"""A position older than this is no longer carried forward along its course."""

UNKNOWN_MS: Final = 30 * SECOND_MS
"""A track not heard for longer than this is unknown: neither where it was, nor elsewhere."""

FUTURE_MS: Final = 60 * SECOND_MS
"""A report dated further than this ahead of the node's clock is not believed."""

ACCURACY_UNSTATED_M: Final = 50.0
"""The 95 % half-width taken for a source that states none: within ordinary GNSS and ADS-B practice (NACp 8)."""

ABSENT_MAX: Final = 20_000
"""Labels of tracks that are not carried are kept up to this many; past it the one set aside longest ago goes."""

DERIVE_MS: Final = 2 * MINUTE_MS
"""Speed and course are derived from two reports only when they are at most this far apart."""

NO_TIME: Final = np.iinfo(np.int64).min


class Freshness(IntEnum):
    """How old the latest report of a track is."""

    LIVE = 0
    AGING = 1
    UNKNOWN = 2


def freshness(*, heard: Instant, now: Instant) -> Freshness:
    """The state of a track whose latest report was observed at ``heard``."""
    age_ms = now - heard
    if age_ms > UNKNOWN_MS:
        return Freshness.UNKNOWN
    return Freshness.AGING if age_ms > AGING_MS else Freshness.LIVE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fixes:
    """The reports of a batch that moved their track, in order of arrival, with motion filled in.

    Columns as in Reports, but ``slot`` is the track's place in the table, ``accuracy_m`` is never NaN, and a missing
    speed and course are derived from the track's previous report where that is recent. ``late`` and ``future`` count
    reports that did not move their track: older than its latest, or dated beyond FUTURE_MS ahead of the node's clock.
    """

    source: SourceName
    slot: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    latitude_deg: NDArray[np.float64]
    longitude_deg: NDArray[np.float64]
    altitude_m: NDArray[np.float64]
    datum: NDArray[np.uint8]
    speed_mps: NDArray[np.float64]
    course_deg: NDArray[np.float64]
    climb_mps: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    late: int
    future: int

    def __len__(self) -> int:
        return int(self.slot.size)


class Tracks:
    """The table of all tracks that the watch carries. It changes only inside ``Watch.step``.

    A slot is an index into every column; a slot that was forgotten is used again for another track.
    """

    def __init__(self) -> None:
        self.names: list[TrackName | None] = []
        self.labels: list[Label] = []
        self.sources: list[SourceName] = []
        self.slot_of: dict[TrackName, int] = {}
        self.absent: dict[TrackName, Label] = {}
        self._free: list[int] = []
        self._columns = {name: np.zeros(0, kind) for name, kind in COLUMNS.items() if name != "track"}

    def __len__(self) -> int:
        return len(self.slot_of)

    def column(self, name: str) -> NDArray[np.generic]:
        """One column over all slots, free ones included; see COLUMNS for names and units."""
        return self._columns[name][: len(self.names)]

    def floats(self, name: str) -> NDArray[np.float64]:
        """One of the float64 columns over all slots, free ones included."""
        return self.column(name).astype(np.float64, copy=False)

    @property
    def time_ms(self) -> NDArray[np.int64]:
        """When each slot's latest report was observed; NO_TIME for a free slot."""
        return self.column("time_ms").astype(np.int64, copy=False)

    def live_slots(self) -> NDArray[np.int64]:
        """The slots that hold a track, ascending."""
        return np.flatnonzero(self.time_ms != NO_TIME)

    def open_for(self, reports: Reports, *, now: Instant) -> None:
        """Give a slot to every track that a batch reports for the first time, in the order of their first reports.

        A track of which nothing can be believed, all its reports being dated in the future, gets none.
        """
        believed = reports.track[reports.time_ms <= now + FUTURE_MS]
        tracks, first = np.unique(believed, return_index=True)
        for track in tracks[np.argsort(first)]:
            name = reports.names[int(track)]
            if name not in self.slot_of:
                self._open(name, reports.source)

    def label(self, labels: tuple[Label, ...]) -> list[tuple[int, Label, Label]]:
        """Take what a source claims about tracks; answers (slot, before, after) where something changed.

        An empty field never erases what was known. What is claimed of a track that is not carried is set aside until
        it is: sources send names apart from positions, and often first.
        """
        changes: list[tuple[int, Label, Label]] = []
        for claim in labels:
            slot = self.slot_of.get(claim.track)
            if slot is None:
                self._set_aside(_merged(self.absent.get(claim.track), claim))
                continue
            before = self.labels[slot]
            after = _merged(before, claim)
            if after != before:
                self.labels[slot] = after
                changes.append((slot, before, after))
        return changes

    def fold(self, reports: Reports, *, now: Instant) -> Fixes:
        """Move tracks by a batch: each report newer than its track's latest, and not dated in the future."""
        self.open_for(reports, now=now)
        believed = np.flatnonzero(reports.time_ms <= now + FUTURE_MS)
        # A name without a slot has only future reports, so that its -1 is never used.
        named = np.array([self.slot_of.get(name, -1) for name in reports.names], np.int64)
        slots, times = named[reports.track[believed]], reports.time_ms[believed]
        fresh = times > self._newest_before(slots, times)
        late, future = int((~fresh).sum()), len(reports) - believed.size
        fixes = self._with_motion(reports, slots[fresh], believed[fresh], late=late, future=future)
        self._move(fixes)
        return fixes

    def latest_fixes(self) -> Fixes:
        """The latest fix of every track, as a batch of its own."""
        slot = self.live_slots()
        return Fixes(
            source=SourceName(""),
            slot=slot,
            time_ms=self.time_ms[slot],
            latitude_deg=self.floats("latitude_deg")[slot],
            longitude_deg=self.floats("longitude_deg")[slot],
            altitude_m=self.floats("altitude_m")[slot],
            datum=self.column("datum")[slot].astype(np.uint8, copy=False),
            speed_mps=self.floats("speed_mps")[slot],
            course_deg=self.floats("course_deg")[slot],
            climb_mps=self.floats("climb_mps")[slot],
            accuracy_m=self.floats("accuracy_m")[slot],
            late=0,
            future=0,
        )

    def forget(self, slots: list[int]) -> None:
        """Drop tracks; their slots may be given to others."""
        for slot in slots:
            name = self.names[slot]
            if name is None:
                continue
            del self.slot_of[name]
            self._set_aside(self.labels[slot])
            self.names[slot] = None
            self._columns["time_ms"][slot] = NO_TIME
            self._free.append(slot)

    def snapshot_columns(self) -> dict[str, NDArray[np.generic]]:
        """Every column, copied, for a snapshot."""
        return {name: self.column(name).copy() for name in self._columns}

    def restore(
        self,
        *,
        names: list[TrackName | None],
        labels: list[Label],
        sources: list[SourceName],
        absent: list[Label],
        free: list[int],
        columns: dict[str, NDArray[np.generic]],
    ) -> None:
        """Put back what a snapshot held."""
        self.absent = {label.track: label for label in absent}
        self.names, self.labels, self.sources = names, labels, sources
        self.slot_of = {name: slot for slot, name in enumerate(names) if name is not None}
        self._free = free
        self._columns = {
            name: columns[name].astype(kind) for name, kind in COLUMNS.items() if name != "track"
        }

    @property
    def free(self) -> list[int]:
        """Slots that may be given to new tracks, in the order in which they were freed."""
        return list(self._free)

    def _open(self, name: TrackName, source: SourceName) -> None:
        slot = self._free.pop() if self._free else self._append_slot()
        self.slot_of[name] = slot
        self.names[slot] = name
        self.labels[slot] = self.absent.pop(name, Label(track=name))
        self.sources[slot] = source
        self._columns["time_ms"][slot] = NO_TIME

    def _set_aside(self, label: Label) -> None:
        self.absent.pop(label.track, None)
        self.absent[label.track] = label
        if len(self.absent) > ABSENT_MAX:
            del self.absent[next(iter(self.absent))]

    def _append_slot(self) -> int:
        slot = len(self.names)
        self.names.append(None)
        self.labels.append(Label(track=TrackName("")))
        self.sources.append(SourceName(""))
        if slot >= self._columns["time_ms"].size:
            for name, values in self._columns.items():
                self._columns[name] = (
                    np.resize(values, max(64, 2 * slot)) if slot else np.zeros(64, values.dtype)
                )
        self._columns["time_ms"][slot] = NO_TIME
        return slot

    def _newest_before(self, slots: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each report, the latest time of its track before it: from the table, or earlier in the batch."""
        if len(set(slots.tolist())) == slots.size:
            return self.time_ms[slots]
        newest = np.empty(slots.size, np.int64)
        order = np.argsort(slots, kind="stable")
        first = np.flatnonzero(np.r_[True, np.diff(slots[order]) != 0]) if slots.size else order
        for start, group in zip(first, np.split(order, first[1:]), strict=False):
            known = self._columns["time_ms"][slots[order[start]]]
            newest[group] = np.maximum.accumulate(np.r_[known, times[group]])[:-1]
        return newest

    def _with_motion(
        self, reports: Reports, slot: NDArray[np.int64], kept: NDArray[np.int64], *, late: int, future: int
    ) -> Fixes:
        time_ms, lat, lon = reports.time_ms[kept], reports.latitude_deg[kept], reports.longitude_deg[kept]
        speed, course = reports.speed_mps[kept], reports.course_deg[kept]
        before = self._previous(slot)
        missing = np.flatnonzero(np.isnan(speed) | np.isnan(course))
        if missing.size:
            derived_speed, derived_course = self._derive(slot, time_ms, lat, lon, before, missing)
            speed, course = speed.copy(), course.copy()
            speed[missing] = np.where(np.isnan(speed[missing]), derived_speed, speed[missing])
            course[missing] = np.where(np.isnan(course[missing]), derived_course, course[missing])
        accuracy = reports.accuracy_m[kept]
        return Fixes(
            source=reports.source,
            slot=slot,
            time_ms=time_ms,
            latitude_deg=lat,
            longitude_deg=lon,
            altitude_m=reports.altitude_m[kept],
            datum=reports.datum[kept],
            speed_mps=speed,
            course_deg=course,
            climb_mps=reports.climb_mps[kept],
            accuracy_m=np.where(np.isnan(accuracy), ACCURACY_UNSTATED_M, accuracy),
            late=late,
            future=future,
        )

    def _previous(self, slot: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each fix the index of the same track's fix before it in the batch, -1 where there is none."""
        before = np.full(slot.size, -1, np.int64)
        order = np.argsort(slot, kind="stable")
        same = slot[order[1:]] == slot[order[:-1]]
        before[order[1:][same]] = order[:-1][same]
        return before

    def _derive(
        self,
        slot: NDArray[np.int64],
        time_ms: NDArray[np.int64],
        lat: NDArray[np.float64],
        lon: NDArray[np.float64],
        before: NDArray[np.int64],
        rows: NDArray[np.int64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Speed and course over the ground from the previous position; NaN where there is none recent enough."""
        prior, place = before[rows], slot[rows]
        in_batch = prior >= 0

        def earlier(values: NDArray[np.float64], column: str) -> NDArray[np.float64]:
            return np.where(in_batch, values[prior], self.floats(column)[place])

        # A free or new slot holds NO_TIME; comparing before subtracting keeps int64 from overflowing.
        start_ms = np.where(in_batch, time_ms[prior], self.time_ms[place])
        recent = start_ms >= time_ms[rows] - DERIVE_MS
        elapsed_s = np.where(recent, time_ms[rows] - np.where(recent, start_ms, 0), 1) / SECOND_MS
        azimuth, _, distance = inverse(
            np.where(recent, earlier(lat, "latitude_deg"), 0.0),
            np.where(recent, earlier(lon, "longitude_deg"), 0.0),
            lat[rows],
            lon[rows],
        )
        return np.where(recent, distance / elapsed_s, np.nan), np.where(recent, azimuth % 360.0, np.nan)

    def _move(self, fixes: Fixes) -> None:
        # NumPy assigns repeated indices in order, so the last fix of a track is the one that stays.
        for name, values in self._columns.items():
            values[fixes.slot] = getattr(fixes, name)
        for slot in np.unique(fixes.slot):
            self.sources[int(slot)] = fixes.source


def _merged(before: Label | None, claim: Label) -> Label:
    if before is None:
        return claim
    return Label(
        track=claim.track,
        callsign=claim.callsign or before.callsign,
        party=claim.party or before.party,
        kind=claim.kind or before.kind,
    )


def party_of(tracks: Tracks, slot: int) -> PartyName:
    """The party that the source says a track belongs to; empty when it did not."""
    return tracks.labels[slot].party


def title_of(tracks: Tracks, slot: int) -> str:
    """What people call a track: its callsign, or its name without the scheme."""
    label = tracks.labels[slot]
    return label.callsign or label.track.partition(":")[2] or label.track


def kind_of(tracks: Tracks, slot: int) -> TrackKind:
    """What sort of thing the source says a track is."""
    return tracks.labels[slot].kind
