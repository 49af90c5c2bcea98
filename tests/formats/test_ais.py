import json
from functools import reduce
from pathlib import Path
from typing import Final

import pytest
from pyais.encode import encode_dict

from keepclear.core.space.altitude import Datum
from keepclear.core.watch.report import SourceName, TrackKind
from keepclear.formats.feed.ais import AisReader
from keepclear.formats.feed.nmea import PENDING_MAX
from readings import RECEIVED, codes, labels, read_all, refusals, rows

SOURCE: Final = SourceName("test")
VECTORS: Final = Path(__file__).parent.parent / "vectors" / "ais"
KNOT: Final = 1852 / 3600


def _sum(body: bytes) -> bytes:
    return b"%02X" % reduce(lambda left, right: left ^ right, body, 0)


def _sentence(body: bytes) -> bytes:
    return b"!" + body + b"*" + _sum(body)


def _message(**fields: object) -> bytes:
    told = {"type": 1, "mmsi": 244_660_000, "lat": 52.0, "lon": 4.0, "speed": 10.0, "course": 90.0} | fields
    return b"\n".join(line.encode() for line in encode_dict(told, radio_channel="A", talker_id="AI"))


def _read(*lines: bytes):
    return read_all(AisReader(SOURCE), [line + b"\n" for line in lines])


def test_the_positions_of_the_gpsd_sample_are_those_that_gpsd_decodes() -> None:
    expected = [json.loads(line) for line in (VECTORS / "gpsd.jsonl").read_text().splitlines()]
    readings = _read((VECTORS / "gpsd.aivdm").read_bytes())
    # gpsd reads a message that says it has 163 of its 168 bits; here it is refused.
    assert "ais.short" in codes(readings)
    assert [(row["mmsi"], row["type"]) for row in expected[-2:]] == [(244740981, 1), (244740981, 1)]
    del expected[-1]
    told = rows(readings)
    assert len(told) == len(expected)
    for row, gpsd in zip(told, expected, strict=True):
        # gpsd writes the long-range type to a tenth of a degree.
        tolerance = 0.051 if gpsd["type"] == 27 else 1e-6
        assert row[0] == f"mmsi:{gpsd['mmsi']:09d}"
        assert row[2:4] == (
            pytest.approx(gpsd["lat"], abs=tolerance),
            pytest.approx(gpsd["lon"], abs=tolerance),
        )
        assert row[4] == gpsd.get("alt")
        assert row[6] == pytest.approx(gpsd["speed"] * KNOT)
        assert row[7] == pytest.approx(gpsd["course"])
        assert (row[9] is not None) == gpsd["accuracy"]


def test_what_the_gpsd_sample_refuses_is_named_by_line() -> None:
    readings = _read((VECTORS / "gpsd.aivdm").read_bytes())
    assert sorted(codes(readings)) == ["ais.short", "nmea.sentence", "nmea.sentence"]
    assert all(refusal.message.startswith(f"line {refusal.line}: ") for refusal in refusals(readings))


def test_a_report_has_the_time_of_its_tag_block_or_else_of_reception() -> None:
    told = _read(_message(), b"\\c:1671533231*" + _sum(b"c:1671533231") + b"\\" + _message())
    assert [row[1] for row in rows(told)] == [RECEIVED, 1_671_533_231_000]


def test_a_shore_stations_time_after_the_checksum_is_read() -> None:
    assert [row[1] for row in rows(_read(_message() + b",d-103,r003669930,1165795916"))] == [
        1_165_795_916_000
    ]


@pytest.mark.parametrize(
    ("fields", "column", "told"),
    [
        ({"speed": 102.3}, 6, None),
        ({"speed": 10.0}, 6, pytest.approx(5.144444)),
        ({"course": 360.0}, 7, None),
        ({"course": 359.9}, 7, pytest.approx(359.9)),
        ({"accuracy": True}, 9, 10.0),
        ({"accuracy": False}, 9, None),
        ({"type": 9, "alt": 4095, "speed": 1023.0}, 4, None),
        ({"type": 9, "alt": 300, "speed": 1023.0}, 4, 300.0),
        ({"type": 9, "alt": 300, "speed": 1023.0}, 6, None),
        ({"type": 9, "alt": 300, "speed": 100.0}, 5, Datum.UNKNOWN),
        ({"type": 27, "speed": 63.0, "course": 511.0}, 6, None),
        ({"type": 27, "speed": 63.0, "course": 511.0}, 7, None),
    ],
)
def test_not_available_is_told_from_a_value(fields: dict[str, object], column: int, told: object) -> None:
    (row,) = rows(_read(_message(**fields)))
    assert row[column] == told


@pytest.mark.parametrize("fields", [{"lat": 91.0}, {"lon": 181.0}, {"type": 4}, {"type": 21}])
def test_what_tells_no_position_of_a_craft_is_ignored(fields: dict[str, object]) -> None:
    readings = _read(_message(**fields))
    assert (rows(readings), codes(readings)) == ([], [])


def test_type_17_is_never_taken_for_a_position() -> None:
    readings = _read(_message(type=17, lon=2_800.0, lat=3_599.2, data=b""))
    assert (rows(readings), codes(readings)) == ([], [])


def test_names_become_labels() -> None:
    readings = _read(
        _message(type=5, shipname="EVER DIADEM", callsign="3FOF8"),
        _message(type=24, partno=0, shipname="DIADEM II"),
    )
    assert [(label.track, label.callsign, label.kind) for label in labels(readings)] == [
        ("mmsi:244660000", "EVER DIADEM", TrackKind.VESSEL),
        ("mmsi:244660000", "DIADEM II", TrackKind.VESSEL),
    ]


@pytest.mark.parametrize(
    ("mmsi", "kind"), [(111_265_591, TrackKind.AIRCRAFT), (972_000_001, TrackKind.PERSON)]
)
def test_the_kind_of_a_track_follows_its_identity(mmsi: int, kind: TrackKind) -> None:
    assert [label.kind for label in labels(_read(_message(mmsi=mmsi)))] == [kind]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (_message()[:-2] + b"00", "nmea.checksum"),
        (b"!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0", "nmea.sentence"),
        (b"hello", "nmea.sentence"),
        (b"\\c:1*00\\" + _message(), "nmea.checksum"),
        (b"\\c:1", "nmea.tag"),
        (b"\\c:x*" + _sum(b"c:x") + b"\\" + _message(), "nmea.tag"),
        (_sentence(b"AIVDM,1,2,1,A,15RTgt0PAso;90TKcjM8h6g208CQ,0"), "nmea.part"),
        (_sentence(b"AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g,0"), "ais.short"),
        (_sentence(b"AIVDM,1,1,,A,,0"), "ais.short"),
        (_message(mmsi=0), "ais.mmsi"),
        (_message(lat=95.0), "report.latitude"),
        (_message(lon=-181.5), "report.longitude"),
        (_message(course=361.0), "report.course"),
        (_sentence(b"AIVDM,2,2,1,A,88888888880,2"), "ais.incomplete"),
        (_sentence(b"AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0,0"), "ais.incomplete"),
    ],
)
def test_a_bad_line_is_refused_by_its_reason_and_the_next_is_read(line: bytes, code: str) -> None:
    readings = _read(line, _message())
    assert codes(readings) == [code]
    assert len(rows(readings)) == 1


def test_a_message_in_two_sentences_is_joined_across_others() -> None:
    one, two = _message(type=5, shipname="EVER DIADEM").split(b"\n")
    readings = _read(one, _message(mmsi=1), two)
    assert codes(readings) == []
    assert [label.callsign for label in labels(readings)] == ["", "EVER DIADEM"]


def test_messages_that_never_end_are_given_up_and_not_kept() -> None:
    reader = AisReader(SOURCE)
    lines = [
        _sentence(b"%c%cVDM,9,1,%d,%c,00,0" % (65 + a, 65 + b, a % 10, 65 + b)) + b"\n"
        for a in range(26)
        for b in range(26)
    ]
    readings = [reader.read(line, received=RECEIVED) for line in lines]
    assert len(reader._assembly._waiting) == PENDING_MAX
    assert codes(readings) == ["ais.incomplete"] * (676 - PENDING_MAX)
