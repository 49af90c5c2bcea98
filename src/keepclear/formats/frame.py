"""Track frames: positions as packed binary records for the console (docs/wire.md, "The WebSocket")."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.instant import SECOND_MS, Instant
from keepclear.core.watch.standing import WITHIN
from keepclear.core.watch.track import AGING_MS, NO_TIME, UNKNOWN_MS
from keepclear.core.watch.watch import Watch

MAGIC: Final = b"KCT1"
HEADER: Final = struct.Struct("<4sIQ")
RECORD: Final = np.dtype(
    [
        ("slot", "<u4"),
        ("longitude", "<i4"),
        ("latitude", "<i4"),
        ("observed", "<u4"),
        ("altitude", "<i2"),
        ("speed", "<u2"),
        ("course", "<u2"),
        ("flags", "<u2"),
    ]
)
"""One record: 24 bytes. Units in docs/wire.md."""

_ALTITUDE_UNIT_M: Final = 4.0
_NO_ALTITUDE: Final = -32768
_NOT_KNOWN: Final = 65535
_OF_INTEREST: Final = 1 << 6
_INSIDE: Final = 1 << 7


def track_records(watch: Watch, *, now: Instant, epoch_ms: int, stance: dict[str, int]) -> NDArray[np.void]:
    """A record for every track that the watch carries, by ascending slot.

    ``stance`` gives the number that a party's name is drawn by: 1 the node's own, 2 other, 3 civil; 0 for the rest.
    Times before ``epoch_ms`` are written as 0. Altitudes are clamped to +-131 km, speeds to 655 m/s.
    """
    tracks = watch.tracks
    slot = tracks.live_slots()
    records = np.zeros(slot.size, RECORD)
    if not slot.size:
        return records
    column = tracks.floats
    heard = tracks.time_ms[slot]
    records["slot"] = slot
    records["longitude"] = np.rint(column("longitude_deg")[slot] * 1e7)
    records["latitude"] = np.rint(column("latitude_deg")[slot] * 1e7)
    records["observed"] = np.clip(heard - epoch_ms, 0, 0xFFFFFFFF)
    records["altitude"] = _scaled(column("altitude_m")[slot] / _ALTITUDE_UNIT_M, -32767, 32767, _NO_ALTITUDE)
    records["speed"] = _scaled(column("speed_mps")[slot] * 100, 0, _NOT_KNOWN - 1, _NOT_KNOWN)
    records["course"] = _scaled(column("course_deg")[slot] % 360 * 100, 0, 36_000, _NOT_KNOWN)
    records["flags"] = _flags(watch, slot, heard, now=now, stance=stance)
    return records


def frame(records: NDArray[np.void], *, now: Instant, epoch_ms: int) -> bytes:
    """The binary message that carries these records."""
    return HEADER.pack(MAGIC, records.size, max(0, now - epoch_ms)) + records.tobytes()


def _flags(
    watch: Watch, slot: NDArray[np.int64], heard: NDArray[np.int64], *, now: Instant, stance: dict[str, int]
) -> NDArray[np.int64]:
    labels = watch.tracks.labels
    places: list[int] = slot.tolist()
    kind = np.array([labels[each].kind for each in places], np.int64)
    party = np.array([stance.get(labels[each].party, 0) for each in places], np.int64)
    age = now - np.where(heard == NO_TIME, now, heard)
    state = (age > AGING_MS).astype(np.int64) + (age > UNKNOWN_MS)
    flags = kind | state << 4 | party << 8
    concerned, inside = _concerned(watch)
    flags |= np.where(np.isin(slot, concerned), _OF_INTEREST, 0)
    return flags | np.where(np.isin(slot, inside), _INSIDE, 0)


def _concerned(watch: Watch) -> tuple[list[int], list[int]]:
    """Slots of tracks that stand in some relation to a zone or are in an open alert, and those that are inside."""
    concerned: set[int] = set()
    inside: set[int] = set()
    for relations in watch.relations.values():
        concerned.update(relations)
        inside.update(slot for slot, relation in relations.items() if relation.standing in WITHIN)
    for alert in watch.alerts.alerts.values():
        if alert.open:
            concerned.update(
                slot for name in alert.tracks if (slot := watch.tracks.slot_of.get(name)) is not None
            )
    return sorted(concerned), sorted(inside)


def _scaled(values: NDArray[np.float64], low: int, high: int, unknown: int) -> NDArray[np.int64]:
    known = ~np.isnan(values)
    return np.where(known, np.clip(np.rint(np.where(known, values, 0)), low, high), unknown).astype(np.int64)


SECONDS_MAX: Final = 0xFFFFFFFF // SECOND_MS
"""How long after ``epoch_ms`` times can be written: a node sends a new hello, with a new epoch, before that."""
