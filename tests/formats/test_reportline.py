import json
import math
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.space.altitude import Datum
from keepclear.core.watch.report import Label, PartyName, SourceName, TrackKind, TrackName
from keepclear.formats.feed.reportline import ReportLineReader
from readings import codes, labels, read_all, refusals, rows

SOURCE: Final = SourceName("test")
FULL: Final = {
    "track": "sim:B-1",
    "time": "2018-09-01T06:00:00Z",
    "lat": 33.5,
    "lon": 38.6,
    "alt_m": 1200.0,
    "datum": "msl",
    "speed_mps": 12.5,
    "course_deg": 270,
    "climb_mps": -1.0,
    "accuracy_m": 30.0,
    "callsign": "Convoy 1",
    "party": "B",
    "kind": "vehicle",
}


def _read(*lines: bytes):
    return read_all(ReportLineReader(SOURCE), [b"".join(line + b"\n" for line in lines)])


def _line(**changes: object) -> bytes:
    return json.dumps(FULL | changes).encode()


def test_a_full_line_becomes_one_report_and_one_label() -> None:
    readings = _read(_line())
    at_ms = 1_535_781_600_000
    assert rows(readings) == [
        ("sim:B-1", at_ms, 33.5, 38.6, 1200.0, Datum.MSL, 12.5, 270.0, -1.0, 30.0),
    ]
    assert labels(readings) == [
        Label(track=TrackName("sim:B-1"), callsign="Convoy 1", party=PartyName("B"), kind=TrackKind.VEHICLE)
    ]


def test_a_line_need_say_no_more_than_track_time_and_place() -> None:
    readings = _read(b'{"track":"a:b","time":0,"lat":-90,"lon":180}')
    assert rows(readings) == [("a:b", 0, -90.0, 180.0, None, Datum.UNKNOWN, None, None, None, None)]
    assert labels(readings) == []


def test_a_label_is_passed_on_only_when_it_says_something_new() -> None:
    readings = _read(_line(), _line(), _line(callsign="Convoy 2"))
    assert [label.callsign for label in labels(readings)] == ["Convoy 1", "Convoy 2"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (_line(lat=99), "report.latitude"),
        (_line(lon=-180.1), "report.longitude"),
        (_line(time=-1), "report.time"),
        (_line(time="2018-09-01T06:00:00"), "instant.unreadable"),
        (_line(time="2018-09-01T06:00:60Z"), "instant.unreadable"),
        (_line(time=1.5), "report.field"),
        (_line(time=True), "report.field"),
        (_line(lat="33.5"), "report.field"),
        (_line(lat=None), "report.field"),
        (_line(colour="red"), "report.field"),
        (_line(alt_m=-12_001), "report.altitude"),
        (_line(datum="feet"), "report.datum"),
        (_line(speed_mps=-1), "report.speed"),
        (_line(course_deg=360), "report.course"),
        (_line(accuracy_m=-0.5), "report.accuracy"),
        (_line(kind="tank"), "report.kind"),
        (_line(party="B C"), "report.party"),
        (_line(callsign="x" * 65), "report.callsign"),
        (_line(callsign="ab\u202ecd"), "report.callsign"),
        (_line(track="nameless"), "report.track"),
        (b'{"track":"a:b","time":0,"lat":1}', "report.field"),
        (b'{"track":"a:b","time":0,"lat":1,"lon":2,"alt_m":3}', "report.datum"),
        (b'{"track":"a:b","time":0,"lat":NaN,"lon":2}', "report.json"),
        (b'{"track":"a:b","time":0,"lat":Infinity,"lon":2}', "report.json"),
        (b'{"track":"a:b","time":0,"lat":1e309,"lon":2}', "report.field"),
        (b'{"track":"a:b","time":0,"lat":1,"lat":2,"lon":2}', "json.duplicate-key"),
        (b'{"track":"a:b","time":0,"lat":1,"l\\u0061t":2,"lon":2}', "json.duplicate-key"),
        (b'{"track":"a:b","time":0,"lat":1,"lon":2} {}', "report.json"),
        (b'{"track":"a:b","time":0,"lat":1,"lon":' + b"[" * 8000, "report.field"),
        (b"[" * 8000, "report.field"),
        (b"\xef\xbb\xbf{}", "report.json"),
        (b'{"track":"a:\xff","time":0,"lat":1,"lon":2}', "report.json"),
        (b"x" * 9000, "line.too-long"),
    ],
)
def test_a_bad_line_is_refused_by_its_reason_and_the_next_is_read(line: bytes, code: str) -> None:
    readings = _read(_line(), line, _line(lat=1.0))
    assert codes(readings) == [code]
    assert refusals(readings)[0].line == 2
    assert "line 2: " in refusals(readings)[0].message
    assert len(refusals(readings)[0].sample) <= 200
    assert [row[2] for row in rows(readings)] == [33.5, 1.0]


def test_equal_keys_are_told_from_a_value_that_looks_like_a_key() -> None:
    readings = _read(_line(callsign=':"', kind="vessel"), _line(callsign=":"), _line(callsign='"lat":1'))
    assert codes(readings) == []
    assert [label.callsign for label in labels(readings)] == [':"', ":", '"lat":1']


_FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.fixed_dictionaries(
        {"track": st.just("a:b"), "time": st.integers(-5, 2**53), "lat": _FINITE, "lon": _FINITE},
        optional={"speed_mps": _FINITE, "course_deg": _FINITE, "climb_mps": _FINITE, "accuracy_m": _FINITE},
    )
)
def test_a_number_comes_out_as_it_was_written_or_is_refused(written: dict[str, float]) -> None:
    readings = _read(json.dumps(written).encode())
    told = rows(readings)
    in_range = (
        0 <= written["time"] <= 253_402_300_799_999
        and abs(written["lat"]) <= 90
        and abs(written["lon"]) <= 180
        and 0 <= written.get("speed_mps", 0) <= 20_000
        and 0 <= written.get("course_deg", 0) < 360
        and abs(written.get("climb_mps", 0)) <= 20_000
        and 0 <= written.get("accuracy_m", 0) <= 20_040_000
    )
    assert len(told) == in_range
    assert len(codes(readings)) == (not in_range)
    if told:
        keys = (
            "track",
            "time",
            "lat",
            "lon",
            None,
            None,
            "speed_mps",
            "course_deg",
            "climb_mps",
            "accuracy_m",
        )
        for key, value in zip(keys, told[0], strict=True):
            assert key is None or value == written.get(key)
    assert not any(isinstance(value, float) and math.isinf(value) for row in told for value in row)
