from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.watch.report import SourceName
from keepclear.formats.feed.beast import STRAY_BYTES_MAX, BeastReader
from readings import RECEIVED, codes, read_all, refusals, rows
from squitters import airborne

SOURCE: Final = SourceName("test")
EVEN: Final = bytes.fromhex(airborne(0x1A1A1A, 33.5, 38.6, odd=False, height_ft=5_000))
ODD: Final = bytes.fromhex(airborne(0x1A1A1A, 33.5, 38.6, odd=True, height_ft=5_000))


def _framed(message: bytes, *, header: bytes = bytes(7)) -> bytes:
    kind = {2: b"1", 7: b"2", 14: b"3"}[len(message)]
    return b"\x1a" + kind + (header + message).replace(b"\x1a", b"\x1a\x1a")


def test_frames_are_read_with_doubled_escapes_at_the_time_of_reception() -> None:
    readings = read_all(BeastReader(SOURCE), [_framed(EVEN, header=b"\x1a" * 7) + _framed(ODD)])
    assert codes(readings) == []
    assert [row[:2] for row in rows(readings)] == [("icao:1a1a1a", RECEIVED)]


def test_mode_a_and_c_replies_are_ignored() -> None:
    readings = read_all(BeastReader(SOURCE), [_framed(b"\x1a\x1a"), b"\x1a4" + bytes(21)])
    assert (codes(readings), sum(reading.ignored for reading in readings)) == ([], 2)


def test_bytes_between_frames_are_refused_once_and_the_next_frame_is_read() -> None:
    readings = read_all(BeastReader(SOURCE), [b"noise" + _framed(EVEN) + b"\x1a9more" + _framed(ODD)])
    assert codes(readings) == ["beast.stray", "beast.stray"]
    assert [refusal.sample for refusal in refusals(readings)] == [b"noise", b"\x1a9more"]
    assert len(rows(readings)) == 1


def test_a_frame_cut_short_by_the_next_one_is_refused_and_the_next_one_read() -> None:
    cut = _framed(EVEN)[:9]
    readings = read_all(BeastReader(SOURCE), [cut + _framed(EVEN) + _framed(ODD)])
    assert codes(readings) == ["beast.stray"]
    assert len(rows(readings)) == 1


def test_a_stream_without_frames_is_refused_in_stretches_and_not_kept() -> None:
    reader = BeastReader(SOURCE)
    readings = [reader.read(bytes(100_000), received=RECEIVED) for _ in range(10)]
    assert len(codes(readings)) == 1_000_000 // STRAY_BYTES_MAX
    assert len(reader._stray) <= STRAY_BYTES_MAX


@given(
    st.lists(st.sampled_from([_framed(EVEN), _framed(ODD), b"\x1a", b"\x1a\x1a", b"3", b"x"]), max_size=12)
)
def test_byte_by_byte_a_stream_reads_as_in_one_piece(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    whole = read_all(BeastReader(SOURCE), [raw])
    bytewise = read_all(BeastReader(SOURCE), [bytes([byte]) for byte in raw])
    assert rows(bytewise) == rows(whole)
    assert refusals(bytewise) == refusals(whole)
