"""Recordings: files of reports, read whole, put in the order of observation, and played from any moment."""

from __future__ import annotations

import gzip
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from keepclear.core.errors import Refused, Unavailable
from keepclear.core.instant import Instant
from keepclear.core.space.geodesy import Position
from keepclear.core.watch.report import COLUMNS, Label, Reports, SourceName, TrackName
from keepclear.formats.feed.feedformat import FeedFormat, reader_of, sniffed
from keepclear.formats.feed.reading import Reader, Reading
from keepclear.formats.feed.refusal import Refusal

REAL_BYTES_MAX: Final = 1 << 30
"""The most bytes that a recording may have, counted after decompression."""

REFUSALS_KEPT_MAX: Final = 1_000
"""How many refusals a recording keeps to show; all are counted."""

CHUNK_BYTES: Final = 65_536

LINE_INTERVAL_MS: Final = 100
"""How far apart two lines of a recording without times are taken to have come."""

Progress = Callable[[int, int], None]
"""Is told how many bytes of how many of the file have been read."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """The reports of one step of a recording, and the moment at which the step ends."""

    at: Instant
    reports: Reports


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """Reports in the order of observation, and what reading them refused.

    ``names``: every track. ``columns``: the columns of Reports, sorted by time, reports of one time in order
    of arrival. ``labels``: what was claimed, sorted by the time from which it holds. ``refused`` counts
    refusals by code; ``refusals`` keeps the first REFUSALS_KEPT_MAX of them. ``ignored`` counts what was
    rightly no position.
    """

    source: SourceName
    names: tuple[TrackName, ...]
    columns: Mapping[str, np.ndarray]
    labels: tuple[tuple[Instant, Label], ...]
    refusals: tuple[Refusal, ...]
    refused: Mapping[str, int]
    ignored: int

    def __len__(self) -> int:
        return int(self.columns["time_ms"].size)

    @property
    def start(self) -> Instant:
        """The time of the first report. Raises Refused("recording.empty") if there is none."""
        return Instant(int(self._times()[0]))

    @property
    def end(self) -> Instant:
        """The time of the last report. Raises Refused("recording.empty") if there is none."""
        return Instant(int(self._times()[-1]))

    def between(self, start: Instant, end: Instant) -> Reports:
        """The reports observed in [start, end), with the labels that began to hold then."""
        first, last = np.searchsorted(self.columns["time_ms"], (start, end))
        used, track = np.unique(self.columns["track"][first:last], return_inverse=True)
        columns = {name: self.columns[name][first:last] for name in COLUMNS if name != "track"}
        return Reports(
            source=self.source,
            names=tuple(self.names[index] for index in used.tolist()),
            track=track.astype(np.int32),
            labels=self.labels_between(start, end),
            **columns,
        )

    def labels_between(self, start: Instant, end: Instant) -> tuple[Label, ...]:
        """The labels that began to hold in [start, end), in that order."""
        first = bisect_left(self.labels, start, key=_claimed_at)
        last = bisect_left(self.labels, end, key=_claimed_at)
        return tuple(label for _, label in self.labels[first:last])

    def batches(self, step_ms: int = 1_000, *, since: Instant | None = None) -> Iterator[Batch]:
        """The reports in steps of ``step_ms`` from the start, or from ``since``; empty steps are left out.

        Steps end at whole multiples of ``step_ms`` since 1970, so that two recordings step together.
        """
        times = self._times()
        here = int(np.searchsorted(times, self.start if since is None else since))
        while here < times.size:
            start = int(times[here]) // step_ms * step_ms
            end = Instant(start + step_ms)
            yield Batch(at=end, reports=self.between(Instant(int(times[here])), end))
            here = int(np.searchsorted(times, end))

    def _times(self) -> np.ndarray:
        times = self.columns["time_ms"]
        if not times.size:
            raise Refused("recording.empty", f"the recording {self.source} holds no report")
        return times


def open_recording(
    path: Path,
    *,
    feed_format: FeedFormat | None = None,
    source: SourceName | None = None,
    receiver: Position | None = None,
    offset_min: int = 0,
    progress: Progress | None = None,
) -> Recording:
    """The recording in a file, gzip-compressed or not; its format is told by its beginning unless given.

    Where lines carry no time (AIS without tag blocks, Beast, plain frames), the first is taken to have come
    when the file was last changed, and each further one LINE_INTERVAL_MS later. ``receiver`` and
    ``offset_min`` are those of ``reader_of``. Raises Unavailable("recording.unreadable"),
    Refused("recording.too-long"), ("recording.gzip") or ("feed.unknown-format").
    """
    name = source or source_of(path)
    try:
        changed = Instant(int(path.stat().st_mtime * 1000))
        with path.open("rb") as file:
            chunks = _real_chunks(file, path, progress)
            head = next(chunks, b"")
            chosen = feed_format or sniffed(head)
            reader = reader_of(chosen, name, receiver=receiver, offset_min=offset_min)
            return recording_of(name, _readings(reader, _chained(head, chunks), changed, chosen))
    except OSError as error:
        raise Unavailable("recording.unreadable", f"cannot read {path}: {error.strerror or error}") from None


def source_of(path: Path) -> SourceName:
    """The name of a file as the name of a source; bytes of it that are no UTF-8 are written as escapes."""
    return SourceName(path.name.encode("utf-8", "backslashreplace").decode())


def recording_of(source: SourceName, readings: Iterable[Reading]) -> Recording:
    """The recording that a run of readings makes."""
    batches: list[Reports] = []
    labels: list[tuple[Instant, Label]] = []
    refusals: list[Refusal] = []
    refused: Counter[str] = Counter()
    ignored = 0
    latest = Instant(0)
    for reading in readings:
        refused.update(refusal.code for refusal in reading.refusals)
        refusals.extend(reading.refusals[: REFUSALS_KEPT_MAX - len(refusals)])
        ignored += reading.ignored
        if len(reading.reports):
            batches.append(reading.reports)
            # A label came somewhere in this chunk, so it is taken to hold from the chunk's first report.
            latest = Instant(int(reading.reports.time_ms.min()))
        labels.extend((latest, label) for label in reading.reports.labels)
    names, columns = _sorted_columns(batches)
    times = columns["time_ms"]
    # What was claimed before the first report holds from that report on.
    first = Instant(int(times[0])) if times.size else latest
    return Recording(
        source=source,
        names=names,
        columns=columns,
        labels=tuple(sorted(((max(at, first), label) for at, label in labels), key=_claimed_at)),
        refusals=tuple(refusals),
        refused=refused,
        ignored=ignored,
    )


def _claimed_at(claim: tuple[Instant, Label]) -> Instant:
    return claim[0]


def _sorted_columns(batches: list[Reports]) -> tuple[tuple[TrackName, ...], dict[str, np.ndarray]]:
    index: dict[TrackName, int] = {}
    tracks = [
        np.array([index.setdefault(name, len(index)) for name in batch.names], np.int32)[batch.track]
        for batch in batches
    ]
    columns: dict[str, np.ndarray] = {
        name: np.concatenate([np.empty(0, kind), *(getattr(batch, name) for batch in batches)])
        for name, kind in COLUMNS.items()
        if name != "track"
    }
    columns["track"] = np.concatenate([np.empty(0, np.int32), *tracks])
    order = np.argsort(columns["time_ms"], kind="stable")
    return tuple(index), {name: values[order] for name, values in columns.items()}


def _readings(
    reader: Reader, chunks: Iterable[bytes], changed: Instant, feed_format: FeedFormat
) -> Iterator[Reading]:
    received = changed
    for chunk in chunks:
        if feed_format is FeedFormat.AIS:
            for line in chunk.splitlines(keepends=True):
                yield reader.read(line, received=received)
                received = Instant(received + LINE_INTERVAL_MS * line.endswith(b"\n"))
        else:
            yield reader.read(chunk, received=received)
    yield reader.finish(received=received)


def _chained(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest


def _real_chunks(file: BinaryIO, path: Path, progress: Progress | None) -> Iterator[bytes]:
    size = path.stat().st_size
    zipped = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    stream = gzip.GzipFile(fileobj=file) if zipped else file
    taken = 0
    try:
        while chunk := stream.read(CHUNK_BYTES):
            taken += len(chunk)
            if taken > REAL_BYTES_MAX:
                raise Refused("recording.too-long", f"{path} holds more than {REAL_BYTES_MAX} bytes")
            yield chunk
            if progress is not None:
                progress(file.tell(), size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Refused("recording.gzip", f"{path} is not a whole gzip file: {error}") from None
