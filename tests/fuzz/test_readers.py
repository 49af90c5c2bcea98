"""Every reader of reports, given anything: a reading or a refusal and nothing else, however the bytes are cut."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.watch.report import SourceName
from keepclear.formats.feed.ais import AisReader
from keepclear.formats.feed.beast import BeastReader
from keepclear.formats.feed.framelog import FrameLogReader
from keepclear.formats.feed.reading import Reader
from keepclear.formats.feed.refusal import SAMPLE_BYTES_MAX, Refusal
from keepclear.formats.feed.reportline import ReportLineReader
from keepclear.formats.feed.sbs import SbsReader
from readings import labels, read_all, refusals, rows
from squitters import airborne, velocity

SOURCE: Final = SourceName("fuzz")
VECTORS: Final = Path(__file__).parent.parent / "vectors"

FRAMES: Final = (
    velocity(0x4CA7B5, east_kn=300, north_kn=-400, climb_fpm=-640),
    airborne(0x4CA7B5, 33.5, 38.6, odd=False, height_ft=35_000),
    airborne(0x4CA7B5, 33.51, 38.61, odd=True, height_ft=35_025),
)
SBS: Final = (
    b"MSG,3,1,1,4CA7B5,1,2018/09/01,06:00:00.000,2018/09/01,06:00:00.000,,35000,420,90,33.4,38.5,0,,0,0,0,0\n"
)

READERS: Final[dict[str, tuple[Callable[[SourceName], Reader], list[bytes]]]] = {
    "reports": (
        ReportLineReader,
        [
            b'{"track":"a:b","time":"2018-09-01T06:00:00Z","lat":33.5,"lon":38.6,"alt_m":5,"datum":"msl"}\n',
            b'{"track":"a:b","time":1535781600000,"lat":33.5,"lon":38.6,"callsign":"X","kind":"vehicle"}\n',
        ],
    ),
    "sbs": (SbsReader, [SBS, SBS.replace(b"MSG,3", b"MSG,4"), SBS.replace(b"MSG,3", b"MSG,1")]),
    "ais": (AisReader, (VECTORS / "ais" / "gpsd.aivdm").read_bytes().splitlines(keepends=True)),
    "frames": (FrameLogReader, [b'{"timestamp":1.5,"frame":"%s"}\n' % frame.encode() for frame in FRAMES]),
    "beast": (BeastReader, [b"\x1a3" + bytes(7) + bytes.fromhex(frame) for frame in FRAMES]),
}

SPECIALS: Final = st.sampled_from(
    [
        b"\x00",
        b"\xff",
        b"\n",
        b"\r",
        b'"',
        b"\\",
        b",",
        b"*",
        b"!",
        b"NaN",
        b"1e309",
        b"-",
        b"{",
        b"[",
        b"\x1a",
        b"9" * 40,
    ]
)


@st.composite
def _streams(draw: st.DrawFn, valid: list[bytes]) -> bytes:
    """Valid lines and noise, with a few places overwritten, cut out or filled in."""
    noise = st.binary(max_size=40) | SPECIALS
    pieces = draw(st.lists(st.sampled_from(valid) | noise, max_size=8))
    raw = bytearray(b"".join(pieces))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(raw)))
        end = min(len(raw), start + draw(st.integers(0, 5)))
        raw[start:end] = draw(noise)
    return bytes(raw)


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_a_reader_gives_reports_or_refusals_whatever_it_is_given(name: str, data: st.DataObject) -> None:
    make, valid = READERS[name]
    raw = data.draw(_streams(valid))
    readings = read_all(make(SOURCE), [raw])
    for row in rows(readings):
        latitude_deg, longitude_deg, course_deg = row[2], row[3], row[7]
        assert isinstance(latitude_deg, float)
        assert isinstance(longitude_deg, float)
        assert -90 <= latitude_deg <= 90
        assert -180 <= longitude_deg <= 180
        assert course_deg is None or (isinstance(course_deg, float) and 0 <= course_deg < 360)
    for refusal in refusals(readings):
        assert refusal.message.startswith(f"line {refusal.line}: ")
        assert len(refusal.sample) <= SAMPLE_BYTES_MAX
        assert refusal.sample


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_how_the_bytes_are_cut_never_changes_what_is_read(name: str, data: st.DataObject) -> None:
    make, valid = READERS[name]
    raw = data.draw(_streams(valid))
    places = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=8)))
    chunks = [raw[start:end] for start, end in zip([0, *places], [*places, len(raw)], strict=True)]
    whole, cut = read_all(make(SOURCE), [raw]), read_all(make(SOURCE), chunks)
    assert rows(cut) == rows(whole)
    assert labels(cut) == labels(whole)
    assert sorted(refusals(cut), key=_line) == sorted(refusals(whole), key=_line)
    assert sum(reading.ignored for reading in cut) == sum(reading.ignored for reading in whole)


@pytest.mark.parametrize("name", READERS)
def test_a_reader_reads_on_after_a_megabyte_without_a_line_end(name: str) -> None:
    make, valid = READERS[name]
    readings = read_all(make(SOURCE), [b"\x00" * 1_000_000, b"\n", *valid])
    assert refusals(readings)
    assert rows(readings)


def _line(refusal: Refusal) -> tuple[int, str]:
    return (refusal.line, refusal.code)
