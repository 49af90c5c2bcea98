import gzip
import json
from pathlib import Path
from typing import Final

import pytest
import rs1090
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.space.altitude import Datum
from keepclear.core.space.geodesy import Position
from keepclear.core.watch.report import SourceName, TrackKind
from keepclear.formats.feed.framelog import FrameLogReader
from readings import codes, labels, read_all, rows
from squitters import airborne, ground, parity, velocity

SOURCE: Final = SourceName("test")
ROOT: Final = Path(__file__).parent.parent.parent
EXCERPT: Final = ROOT / "tests" / "vectors" / "modes" / "toulouse.jsonl"
RECORDING: Final = ROOT / "var" / "recordings" / "toulouse.jsonl.gz"
BLAGNAC: Final = Position(latitude_deg=43.63, longitude_deg=1.37)
AT_MS: Final = 1_700_000_000_000


def _log(*frames: tuple[float, str]) -> bytes:
    return b"".join(b'{"timestamp":%r,"frame":"%s"}\n' % (at, frame.encode()) for at, frame in frames)


def _read(*frames: tuple[float, str], receiver: Position | None = None):
    return read_all(FrameLogReader(SOURCE, receiver=receiver), [_log(*frames)])


def test_two_frames_give_a_place_and_the_velocity_and_name_beside_it() -> None:
    readings = _read(
        (100.0, velocity(0x4CA7B5, east_kn=300, north_kn=-400, climb_fpm=-640)),
        (101.0, airborne(0x4CA7B5, 33.5, 38.6, odd=False, height_ft=35_000)),
        (102.0, airborne(0x4CA7B5, 33.51, 38.61, odd=True, height_ft=35_025)),
    )
    (row,) = rows(readings)
    assert codes(readings) == []
    assert row[:2] == ("icao:4ca7b5", 102_000)
    assert row[2:4] == (pytest.approx(33.51, abs=5e-5), pytest.approx(38.61, abs=5e-5))
    assert row[4:6] == (pytest.approx(35_025 * 0.3048), Datum.PRESSURE)
    assert row[6:9] == (
        pytest.approx(500 * 1852 / 3600),
        pytest.approx(143.1301, abs=1e-3),
        pytest.approx(-3.2512),
    )
    assert row[9] == pytest.approx(185.2 + 5.1)


def test_frames_ten_seconds_apart_give_a_place_and_later_ones_do_not() -> None:
    even = airborne(0x4CA7B5, 33.5, 38.6, odd=False, height_ft=5_000)
    odd = airborne(0x4CA7B5, 33.5, 38.6, odd=True, height_ft=5_000)
    assert len(rows(_read((100.0, even), (110.0, odd)))) == 1
    assert len(rows(_read((100.0, even), (110.001, odd)))) == 0


def test_frames_of_two_aircraft_are_never_paired() -> None:
    even = airborne(0x4CA7B5, 33.5, 38.6, odd=False, height_ft=5_000)
    odd = airborne(0x4CA7B6, 33.5, 38.6, odd=True, height_ft=5_000)
    assert rows(_read((100.0, even), (100.5, odd))) == []


def test_an_aircraft_on_the_surface_is_placed_by_the_receiver_or_not_at_all() -> None:
    frames = [(100.0 + n, ground(0x4CA7B5, 43.63, 1.37, odd=bool(n))) for n in (0, 1)]
    assert rows(_read(*frames)) == []
    (row,) = rows(_read(*frames, receiver=Position(latitude_deg=50.0, longitude_deg=-20.0)))
    assert row[2:6] == (pytest.approx(43.63, abs=1e-4), pytest.approx(1.37, abs=1e-4), None, Datum.UNKNOWN)


@given(st.integers(0, 111))
def test_a_squitter_with_one_flipped_bit_is_refused(bit: int) -> None:
    good = airborne(0x4CA7B5, 33.5, 38.6, odd=False, height_ft=5_000)
    bad = f"{int(good, 16) ^ (1 << bit):028x}"
    readings = _read((100.0, bad))
    assert rows(readings) == []
    # A flip in the first five bits makes another downlink format of it, which is not looked into.
    assert codes(readings) == (["modes.parity"] if int(bad[:2], 16) >> 3 in (17, 18) else [])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"timestamp":1.0,"frame":"8d3461ce"}', "modes.frame"),
        (b'{"timestamp":1.0,"frame":"zz3461ce58079115ee53983ccf11"}', "modes.frame"),
        (b'{"timestamp":1.0,"frame":"8d3461ce58079115ee53983ccf110"}', "modes.frame"),
        (b'{"timestamp":-1.0,"frame":"8d3461ce58079115ee53983ccf11"}', "framelog.time"),
        (b'{"timestamp":1e300,"frame":"8d3461ce58079115ee53983ccf11"}', "framelog.time"),
        (b'{"timestamp":"1","frame":"8d3461ce58079115ee53983ccf11"}', "framelog.field"),
        (b'{"timestamp":NaN,"frame":"8d3461ce58079115ee53983ccf11"}', "framelog.json"),
        (b'{"timestamp":1,"timestamp":2,"frame":"8d3461ce58079115ee53983ccf11"}', "json.duplicate-key"),
        (b'{"timestamp":1,"frame":"00","fram\\u0065":"8d3461ce58079115ee53983ccf11"}', "json.duplicate-key"),
        (b'{"frame":"8d3461ce58079115ee53983ccf11"}', "framelog.field"),
        (b'{"timestamp":1,"frame":"\xff"}', "framelog.json"),
        (b'{"timestamp":1,"frame":"00","x":' + b"[" * 8000, "framelog.json"),
        (b"*zz;", "modes.frame"),
        (b"hello", "framelog.json"),
    ],
)
def test_a_bad_line_is_refused_by_its_reason(line: bytes, code: str) -> None:
    assert codes(read_all(FrameLogReader(SOURCE), [line + b"\n"])) == [code]


def test_a_plain_frame_has_the_time_at_which_it_is_received() -> None:
    even = airborne(0x4CA7B5, 33.5, 38.6, odd=False, height_ft=5_000)
    odd = airborne(0x4CA7B5, 33.5, 38.6, odd=True, height_ft=5_000)
    readings = read_all(FrameLogReader(SOURCE), [f"*{even};\n*{odd};\n".encode()])
    assert [row[1] for row in rows(readings)] == [AT_MS]


def test_the_places_of_the_toulouse_excerpt_are_those_that_other_software_logged() -> None:
    raw = EXCERPT.read_bytes()
    logged = {
        (f"icao:{row['icao24']}", round(row["timestamp"] * 1000)): (row["latitude"], row["longitude"])
        for row in map(json.loads, raw.splitlines())
        if "latitude" in row
    }
    readings = read_all(FrameLogReader(SOURCE, receiver=BLAGNAC), [raw])
    told = rows(readings)
    assert codes(readings) == []
    assert len(told) > 0.99 * len(logged)
    for row in told:
        assert logged[str(row[0]), int(row[1] or 0)] == (
            pytest.approx(row[2], abs=2e-5),
            pytest.approx(row[3], abs=2e-5),
        )
    assert {label.callsign for label in labels(readings)} >= {"EIN5GV"}
    assert {label.kind for label in labels(readings)} == {TrackKind.AIRCRAFT}


def test_the_places_are_those_that_rs1090_finds_by_itself() -> None:
    frames = [json.loads(line) for line in EXCERPT.read_text().splitlines()]
    found = {
        (f"icao:{row['icao24']}", round(row["timestamp"] * 1000)): (row["latitude"], row["longitude"])
        for row in rs1090.decode([row["frame"] for row in frames], [row["timestamp"] for row in frames])
        if "latitude" in row and row["bds"] == "05"
    }
    told = {
        (row[0], row[1]): row[2:4]
        for row in rows(read_all(FrameLogReader(SOURCE), [EXCERPT.read_bytes()]))
        if row[5] == Datum.PRESSURE
    }
    both = found.keys() & told.keys()
    assert len(both) > 0.99 * len(found)
    for key in both:
        assert told[key] == (pytest.approx(found[key][0], abs=1e-6), pytest.approx(found[key][1], abs=1e-6))


@pytest.mark.skipif(not RECORDING.exists(), reason="fetched on demand by scripts/fetch_recordings.py")
def test_the_whole_toulouse_recording_is_read_without_a_refusal() -> None:
    readings = read_all(FrameLogReader(SOURCE, receiver=BLAGNAC), [gzip.decompress(RECORDING.read_bytes())])
    assert codes(readings) == []
    told = len(rows(readings))
    assert told == 13_453
    quiet = sum(reading.ignored for reading in readings)
    # Every frame is a position, a velocity (11,450), a callsign (1,377) or ignored.
    assert told + quiet + 11_450 + 1_377 == 71_939


def test_the_parity_that_these_tests_make_is_that_of_a_real_frame() -> None:
    frame = bytes.fromhex("8d3461ce58079115ee53983ccf11")
    assert parity(frame[:-3]).to_bytes(3, "big") == frame[-3:]
