"""What a reading holds, row by row, so that readings cut differently can be compared."""

from __future__ import annotations

import math
from collections.abc import Iterable

from keepclear.core.instant import Instant
from keepclear.core.watch.report import COLUMNS, Label
from keepclear.formats.feed.reading import Reader, Reading
from keepclear.formats.feed.refusal import Refusal

RECEIVED = Instant(1_700_000_000_000)

Row = tuple[str | float | None, ...]


def read_all(reader: Reader, chunks: Iterable[bytes]) -> list[Reading]:
    readings = [reader.read(chunk, received=RECEIVED) for chunk in chunks]
    return [*readings, reader.finish(received=RECEIVED)]


def rows(readings: Iterable[Reading]) -> list[Row]:
    found: list[Row] = []
    for reading in readings:
        batch = reading.reports
        columns = [getattr(batch, name).tolist() for name in COLUMNS if name != "track"]
        for track, *values in zip(batch.track.tolist(), *columns, strict=True):
            found.append((batch.names[track], *(None if math.isnan(value) else value for value in values)))
    return found


def labels(readings: Iterable[Reading]) -> list[Label]:
    return [label for reading in readings for label in reading.reports.labels]


def refusals(readings: Iterable[Reading]) -> list[Refusal]:
    return [refusal for reading in readings for refusal in reading.refusals]


def codes(readings: Iterable[Reading]) -> list[str]:
    return [refusal.code for refusal in refusals(readings)]
