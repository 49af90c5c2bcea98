from typing import Final

import pytest

from keepclear.core.errors import Refused
from keepclear.core.space.altitude import Datum
from keepclear.core.watch.report import SourceName, TrackKind
from keepclear.formats.feed.sbs import SbsReader
from readings import codes, labels, read_all, rows

SOURCE: Final = SourceName("test")
SIX: Final = 1_535_781_600_000
"""2018-09-01T06:00:00Z."""


def _line(kind: int = 3, clock: str = "06:00:00.000", **fields: str) -> bytes:
    told = {
        "address": "4CA7B5",
        "callsign": "",
        "altitude": "",
        "speed": "",
        "track": "",
        "lat": "",
        "lon": "",
    } | fields
    names = ("callsign", "altitude", "speed", "track", "lat", "lon")
    middle = ",".join(told[name] for name in names)
    start = f"MSG,{kind},1,1,{told['address']},1,2018/09/01,{clock},2018/09/01,{clock},"
    return f"{start}{middle},{told.get('climb', '')},,0,0,0,0\r\n".encode()


def _read(*lines: bytes, offset_min: int = 0):
    return read_all(SbsReader(SOURCE, offset_min=offset_min), lines)


def test_a_position_line_gives_metres_pressure_altitude_and_metres_a_second() -> None:
    line = _line(altitude="35000", speed="420", track="90", lat="33.4", lon="38.5", climb="-600")
    assert rows(_read(line)) == [
        (
            "icao:4ca7b5",
            SIX,
            33.4,
            38.5,
            pytest.approx(10_668.0),
            Datum.PRESSURE,
            pytest.approx(216.066667),
            90.0,
            pytest.approx(-3.048),
            None,
        )
    ]


def test_a_velocity_is_put_beside_positions_for_ten_seconds_and_no_longer() -> None:
    velocity = _line(4, speed="100", track="360", climb="0")
    near = _line(clock="06:00:10.000", lat="33.4", lon="38.5")
    late = _line(clock="06:00:10.001", lat="33.4", lon="38.5")
    told = [(row[6], row[7]) for row in rows(_read(velocity, near, late))]
    assert told == [(pytest.approx(51.444444), 0.0), (None, None)]


def test_an_aircraft_does_not_get_the_velocity_of_another() -> None:
    told = rows(_read(_line(4, speed="100", track="10"), _line(address="ABCDEF", lat="1", lon="2")))
    assert [(row[0], row[6]) for row in told] == [("icao:abcdef", None)]


def test_the_zone_of_the_clock_is_as_set() -> None:
    assert rows(_read(_line(lat="1", lon="2"), offset_min=180))[0][1] == SIX - 3 * 3_600_000
    with pytest.raises(Refused, match="must be -840 to 840"):
        SbsReader(SOURCE, offset_min=841)


def test_an_address_that_is_not_an_aircrafts_own_is_kept_apart() -> None:
    assert rows(_read(_line(address="~4CA7B5", lat="1", lon="2")))[0][0] == "tisb:4ca7b5"


def test_a_callsign_makes_a_label() -> None:
    told = labels(_read(_line(1, callsign="EIN12  ")))
    assert [(label.track, label.callsign, label.kind) for label in told] == [
        ("icao:4ca7b5", "EIN12", TrackKind.AIRCRAFT)
    ]


def test_what_tells_no_position_is_ignored_and_not_refused() -> None:
    readings = _read(
        _line(8), _line(5, altitude="35000"), _line(3, altitude="35000"), b"STA,,1,1,4CA7B5\n", b"\n"
    )
    assert (rows(readings), codes(readings), sum(reading.ignored for reading in readings)) == ([], [], 5)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (_line(lat="NaN", lon="1"), "sbs.number"),
        (_line(lat="1e5", lon="1"), "sbs.number"),
        (_line(lat="1_0", lon="1"), "sbs.number"),
        (_line(lat="99", lon="1"), "report.latitude"),
        (_line(lat="1", lon=""), "report.longitude"),
        (_line(address="XYZ", lat="1", lon="2"), "sbs.address"),
        (_line(9, lat="1", lon="2"), "sbs.type"),
        (_line(clock="06:00:60.000", lat="1", lon="2"), "instant.unreadable"),
        (_line(clock="", lat="1", lon="2"), "sbs.time"),
        (_line(1, callsign="a\u00e9b"), "sbs.text"),
        (_line(1, callsign="a\x07b"), "report.callsign"),
        (b"MSG,3,1\n", "sbs.line"),
        (b"hello\n", "sbs.line"),
    ],
)
def test_a_bad_line_is_refused_by_its_reason(line: bytes, code: str) -> None:
    readings = _read(line, _line(lat="1", lon="2"))
    assert codes(readings) == [code]
    assert len(rows(readings)) == 1
