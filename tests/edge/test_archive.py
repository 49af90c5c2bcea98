import hashlib
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from keepclear.core.errors import Refused, Unavailable
from keepclear.core.instant import Instant
from keepclear.core.watch.report import (
    COLUMNS,
    Label,
    Report,
    Reports,
    SourceName,
    TrackKind,
    TrackName,
    reports_of,
)
from keepclear.edge.archive import Archive, SegmentFile, read, segment_count, segment_sha256, segments
from keepclear.edge.feeds.recording import recording_of
from keepclear.formats.feed.reading import Reading

A: Final = SourceName("radar A")
B: Final = SourceName("ais B")
START: Final = Instant(1_535_781_600_000)
ALL: Final = (Instant(0), Instant(10**14))


def _batch(
    source: SourceName, *seconds: int, track: str = "sim:1", labels: tuple[Label, ...] = ()
) -> Reports:
    rows = [
        Report(
            track=TrackName(f"{track}-{at % 3}"),
            time_ms=START + at * 1000,
            latitude_deg=33.5 + at / 1000,
            longitude_deg=38.6,
        )
        for at in seconds
    ]
    return reports_of(source, rows, labels)


def _archived(folder: Path, *batches: Reports) -> tuple[SegmentFile, ...]:
    return Archive(folder).write(1, batches)


def test_reports_come_back_as_they_went_in(tmp_path: Path) -> None:
    label = Label(
        track=TrackName("sim:1-0"), callsign="\u041a\u043e\u043d\u0432\u043e\u0439 1", kind=TrackKind.VEHICLE
    )
    (segment,) = _archived(tmp_path, _batch(A, 5, 1, labels=(label,)), _batch(A, 3))
    assert (segment.start, segment.end, segment.number) == (START + 1_000, START + 5_000, 1)
    assert segment_count(segment.path) == 3
    (back,) = read(tmp_path, *ALL)
    assert (back.source, back.labels) == (A, (label,))
    expected = _batch(A, 1, 3, 5)
    assert [back.names[at] for at in back.track] == [expected.names[at] for at in expected.track]
    for name in COLUMNS:
        if name != "track":
            assert np.array_equal(getattr(back, name), getattr(expected, name), equal_nan=True)


def test_the_hash_of_a_segment_is_that_of_its_bytes(tmp_path: Path) -> None:
    (segment,) = _archived(tmp_path, _batch(A, 1))
    assert segment_sha256(segment.path) == hashlib.sha256(segment.path.read_bytes()).hexdigest()


def test_each_source_has_segments_of_its_own(tmp_path: Path) -> None:
    written = _archived(tmp_path, _batch(A, 1), _batch(B, 2, 3), _batch(A, 4), _batch(B))
    assert written == segments(tmp_path)
    assert [(batch.source, len(batch)) for batch in read(tmp_path, *ALL)] == [(B, 2), (A, 2)]


def test_a_span_of_time_is_read_from_every_segment_that_touches_it(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for number in range(10):
        archive.write(number, [_batch(A, *range(10 * number, 10 * number + 10))])
    found = read(tmp_path, Instant(START + 25_000), Instant(START + 45_000))
    told = [int(at) - START for batch in found for at in batch.time_ms]
    assert told == list(range(25_000, 45_000, 1_000))


def test_an_archive_clears_what_a_crash_left_and_what_was_never_counted(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for number in (1, 2, 3):
        archive.write(number, [_batch(A, number)])
    left = tmp_path / "000000000009-000-1-2.parquet.partial"
    left.write_bytes(b"half")
    Archive(tmp_path).drop_after(2)
    assert not left.exists()
    assert [segment.number for segment in segments(tmp_path)] == [1, 2]


def test_an_archive_is_a_recording(tmp_path: Path) -> None:
    _archived(tmp_path, _batch(A, 4, 5), _batch(B, 1, 6))
    archived = (Reading(reports=batch) for batch in read(tmp_path, *ALL))
    recording = recording_of(SourceName("archive"), archived)
    told = [int(at) - START for batch in recording.batches() for at in batch.reports.time_ms]
    assert told == [1_000, 4_000, 5_000, 6_000]


def test_every_column_says_its_unit(tmp_path: Path) -> None:
    (segment,) = _archived(tmp_path, _batch(A, 1))
    schema = pq.read_schema(segment.path)
    assert [field.name for field in schema] == list(COLUMNS)
    assert all(field.metadata[b"unit"] for field in schema)


@pytest.mark.parametrize("cut", [0, 20, -40, -4])
def test_a_damaged_segment_is_refused_by_name(tmp_path: Path, cut: int) -> None:
    (segment,) = _archived(tmp_path, _batch(A, *range(500)))
    raw = segment.path.read_bytes()
    kept = raw[:cut]
    segment.path.write_bytes(kept + bytes(len(raw) - len(kept)))
    with pytest.raises(Refused, match=segment.path.name):
        list(read(tmp_path, *ALL))


def test_a_parquet_file_that_is_no_segment_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"track": ["a"]}), tmp_path / "000000000001-000-0-9.parquet")
    with pytest.raises(Refused, match="is not a segment"):
        list(read(tmp_path, *ALL))


def test_a_folder_that_cannot_be_used_is_unavailable(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    with pytest.raises(Unavailable):
        Archive(taken)
    with pytest.raises(Unavailable):
        segments(tmp_path / "nowhere")
