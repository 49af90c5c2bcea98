"""The archive: reports kept as Parquet segments, each written whole or not at all.

A segment holds reports of one source. It is written under a temporary name, flushed to the disk and renamed,
so that whatever carries a segment's name is complete; its SHA-256 is what enters the record.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from keepclear.core.errors import Refused, Unavailable
from keepclear.core.instant import Instant
from keepclear.core.watch.report import (
    COLUMNS,
    REPORTS_MAX,
    Label,
    PartyName,
    Reports,
    SourceName,
    TrackKind,
    TrackName,
)

UNITS: Final = {
    "track": "identity, scheme before a colon",
    "time_ms": "milliseconds since 1970-01-01T00:00:00Z, by the source's clock",
    "latitude_deg": "degrees, WGS 84",
    "longitude_deg": "degrees, WGS 84",
    "altitude_m": "metres from the datum, NaN unknown",
    "datum": "0 unknown, 1 WGS 84 ellipsoid, 2 mean sea level, 3 ground, 4 pressure 1013.25 hPa",
    "speed_mps": "metres a second over ground, NaN unknown",
    "course_deg": "degrees from true north, NaN unknown",
    "climb_mps": "metres a second upwards, NaN unknown",
    "accuracy_m": "metres, 95 % half-width, NaN unknown",
}
"""What each column means, written into every segment."""

_NAME: Final = re.compile(r"(\d{12})-(\d{3})-(-?\d{1,15})-(-?\d{1,15})\.parquet")
_VERSION: Final = b"1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFile:
    """A finished segment in a folder: its number, and when its first and last reports were observed."""

    path: Path
    number: int
    start: Instant
    end: Instant


class Archive:
    """The segments in one folder. Numbers come from the caller and are part of the names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for unfinished in folder.glob("*.parquet.partial"):
                unfinished.unlink()
        except OSError as error:
            raise Unavailable("archive.folder", f"cannot use the folder {folder}: {error}") from None

    def write(self, number: int, batches: Iterable[Reports]) -> tuple[SegmentFile, ...]:
        """Write reports as one segment for each of their sources, all under one number."""
        by_source: dict[SourceName, list[Reports]] = {}
        for batch in batches:
            if len(batch):
                by_source.setdefault(batch.source, []).append(batch)
        return tuple(
            self._write(number, place, *each) for place, each in enumerate(sorted(by_source.items()))
        )

    def segments(self) -> tuple[SegmentFile, ...]:
        """The segments in the folder, by their names."""
        return segments(self._folder)

    def read(self, start: Instant, end: Instant) -> Iterator[Reports]:
        """The reports observed in [start, end), of the segments that are finished when this is called; see ``read``."""
        return _read(self.segments(), start, end)

    def drop_after(self, number: int) -> None:
        """Remove the segments with higher numbers: written, and never counted because the machine stopped."""
        for segment in self.segments():
            if segment.number > number:
                segment.path.unlink()

    def _write(self, number: int, place: int, source: SourceName, batches: list[Reports]) -> SegmentFile:
        table = _table(source, batches)
        times = table["time_ms"]
        start, end = Instant(times[0].as_py()), Instant(times[-1].as_py())
        path = self._folder / f"{number:012d}-{place:03d}-{start}-{end}.parquet"
        _write(table, path)
        return SegmentFile(path=path, number=number, start=start, end=end)


def segments(folder: Path) -> tuple[SegmentFile, ...]:
    """The segments in a folder, by their names; other files are passed over.

    Raises Unavailable("archive.folder") when the folder cannot be read.
    """
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        raise Unavailable("archive.folder", f"cannot read the folder {folder}: {error}") from None
    named = ((path, _NAME.fullmatch(path.name)) for path in paths)
    return tuple(
        SegmentFile(path=path, number=int(match[1]), start=Instant(int(match[3])), end=Instant(int(match[4])))
        for path, match in named
        if match is not None
    )


def read(folder: Path, start: Instant, end: Instant) -> Iterator[Reports]:
    """The reports observed in [start, end), segment by segment, with the labels of each segment.

    Within a segment they are in the order of observation; segments of several sources overlap in time. Raises
    Refused("archive.segment") for a file that is damaged or not a segment.
    """
    yield from _read(segments(folder), start, end)


def segment_count(path: Path) -> int:
    """How many reports a segment holds, by its footer."""
    return int(pq.read_metadata(path).num_rows)


def segment_sha256(path: Path) -> str:
    """The SHA-256 of a segment's bytes in hexadecimal, to be compared with the record's."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(finished: Iterable[SegmentFile], start: Instant, end: Instant) -> Iterator[Reports]:
    for segment in finished:
        if segment.end >= start and segment.start < end:
            yield from _reports(segment.path, start, end)


def _table(source: SourceName, batches: list[Reports]) -> pa.Table:
    index: dict[TrackName, int] = {}
    tracks = [
        np.array([index.setdefault(name, len(index)) for name in batch.names], np.int32)[batch.track]
        for batch in batches
    ]
    time_ms = np.concatenate([batch.time_ms for batch in batches])
    order = np.argsort(time_ms, kind="stable")
    arrays: list[pa.Array] = []
    for name in COLUMNS:
        if name == "track":
            places = pa.array(np.concatenate(tracks)[order])
            arrays.append(pa.DictionaryArray.from_arrays(places, pa.array(list(index), pa.string())))
        else:
            arrays.append(pa.array(np.concatenate([getattr(batch, name) for batch in batches])[order]))
    fields = [
        pa.field(name, array.type, nullable=False, metadata={"unit": UNITS[name]})
        for name, array in zip(COLUMNS, arrays, strict=True)
    ]
    labels = [_label_row(label) for batch in batches for label in batch.labels]
    metadata = {
        b"keepclear.segment": _VERSION,
        b"keepclear.source": source.encode(),
        b"keepclear.labels": json.dumps(labels, ensure_ascii=False, separators=(",", ":")).encode(),
    }
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=metadata))


def _write(table: pa.Table, path: Path) -> None:
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as file:
            pq.write_table(table, file, compression="zstd", row_group_size=max(table.num_rows, 1))
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        _flush_folder(path.parent)
    except OSError as error:
        raise Unavailable("archive.write", f"cannot write the segment {path}: {error}") from None


def _flush_folder(folder: Path) -> None:
    # A rename is on the disk only when the folder that holds the name is.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reports(path: Path, start: Instant, end: Instant) -> Iterator[Reports]:
    try:
        table = pq.read_table(path, memory_map=False)
        metadata = table.schema.metadata or {}
        if metadata.get(b"keepclear.segment") != _VERSION or table.column_names != list(COLUMNS):
            raise Refused("archive.segment", f"{path} is not a segment of version {_VERSION.decode()}")
        source = SourceName(metadata[b"keepclear.source"].decode())
        labels = tuple(_label(row) for row in json.loads(metadata[b"keepclear.labels"]))
        first, last = np.searchsorted(table["time_ms"].to_numpy(), (start, end))
        for place in range(int(first), int(last), REPORTS_MAX):
            part = table.slice(place, min(REPORTS_MAX, int(last) - place))
            yield _batch(part, source, labels if place == first else ())
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        raise Refused("archive.segment", f"{path} is damaged: {error}") from None


def _batch(table: pa.Table, source: SourceName, labels: tuple[Label, ...]) -> Reports:
    track = table["track"].combine_chunks()
    used, places = np.unique(track.indices.to_numpy(), return_inverse=True)
    names = track.dictionary.to_pylist()
    columns = {
        name: table[name].to_numpy().astype(kind, copy=False)
        for name, kind in COLUMNS.items()
        if name != "track"
    }
    _demand_on_earth(columns["latitude_deg"], columns["longitude_deg"])
    return Reports(
        source=source,
        names=tuple(TrackName(names[index]) for index in used.tolist()),
        track=places.astype(np.int32),
        labels=labels,
        **columns,
    )


def _demand_on_earth(latitude_deg: np.ndarray, longitude_deg: np.ndarray) -> None:
    # NaN compares false, so it fails here too.
    if not (np.all(np.abs(latitude_deg) <= 90.0) and np.all(np.abs(longitude_deg) <= 180.0)):
        raise ValueError("a position is not on the Earth")


def _label_row(label: Label) -> list[str | int]:
    return [label.track, label.callsign, label.party, int(label.kind)]


def _label(row: list[str]) -> Label:
    track, callsign, party, kind = row
    return Label(track=TrackName(track), callsign=callsign, party=PartyName(party), kind=TrackKind(int(kind)))
