"""Readers of zones and scenarios: whatever they are given, they give a value or a refusal, and nothing else."""

import json

from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.formats.scenario.scenario import scenario_reports
from keepclear.formats.scenario.scenariofile import scenario_of
from keepclear.formats.zone.geojson import geojson_of, zones_of

FEATURE = {
    "type": "Feature",
    "geometry": {"type": "Polygon", "coordinates": [[[10, 50], [11, 50], [11, 51], [10, 50]]]},
    "properties": {
        "name": "BOX",
        "keepclear": {
            "declared_by": "A",
            "kind": "danger-area",
            "recognition": [{"party": "B", "stand": "disputed"}],
            "admitted": ["A"],
            "lower": {"height_ft": 0, "datum": "agl"},
            "upper": {"flight_level": 100},
            "schedule": {
                "from": "2018-09-07T05:00:00Z",
                "spans": [{"days": ["monday"], "start": "sunset-30"}],
            },
            "warning_distance_m": 1000,
            "overstay_s": None,
            "steps": ["Acknowledge."],
        },
    },
}
ZONES = json.dumps({"type": "FeatureCollection", "features": [FEATURE]}).encode()
SCENARIO = b"""
title = "A test"
start = 2018-09-07T05:00:00Z
end = 2018-09-07T06:00:00Z
own = "A"
[[party]]
name = "A"
role = "own"
[[source]]
name = "radar"
late = [{ from = "T+00:10", by_s = 5 }]
[[mover]]
name = "M"
kind = "vehicle"
source = "radar"
altitude = { height_m = 0, datum = "agl" }
path = [{ place = "1 N 1 E", at = "T+00:00" }, { place = "1 N 1.5 E", speed_kmh = 50, until = "T+02:00" }]
[[zone]]
name = "Z"
declared_by = "A"
circle = { centre = "1 N 1 E", radius_km = 5 }
[[party]]
name = "B"
role = "other"
[line]
name = "l"
parties = ["A", "B"]
officers = [
    { name = "P", post = "x", party = "A" },
    { name = "Q", post = "y", party = "B", away = [{ from = "T+00:10" }] },
]
[[message]]
id = "m"
at = "T+00:05"
from = "A"
kind = "notify"
text = "t"
zones = [{ name = "Z", until = "T+00:20" }]
circles = [{ name = "C", centre = "1 N 2 E", radius_km = 5, lower = { flight_level = 10 } }]
answers = [{ step = "receipted", after_s = 5 }]
[[message]]
id = "n"
at = "T+00:06"
from = "B"
kind = "object"
text = "u"
refs = [{ id = "m", how = "objects" }]
[[cut]]
from = "T+00:10"
[[stick]]
at = "T+00:15"
from = "A"
[[staff]]
party = "B"
stop = [{ step = "receipted" }]
"""

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "Feature",
            "FeatureCollection",
            "Point",
            "Polygon",
            "MultiPolygon",
            "LineString",
            "B",
            0,
            180,
            -180,
            90,
            -90,
        ]
    )
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


def read_zones(raw: bytes) -> None:
    try:
        read = zones_of(raw, declared_by="A")
    except Refused:
        return
    for refusal in read.refusals:
        assert refusal.code
        assert refusal.message.startswith(f"feature {refusal.index}")
    assert zones_of(geojson_of(read.zones, with_outlines=False)).zones == read.zones


def read_scenario(raw: bytes) -> None:
    try:
        played = scenario_of(raw)
    except Refused:
        return
    reports = scenario_reports(played, start=played.window.start, end=played.window.end)
    assert len(reports) == len(played.sources)


def spliced(raw: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """The bytes with pieces of them replaced."""
    for place, length, piece in edits:
        start = place % (len(raw) + 1)
        raw = raw[:start] + piece + raw[start + length :]
    return raw


def places_in(value: object, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place of a JSON value, its own included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, item in inner for found in places_in(item, (*place, key)))]


PLACES = places_in(FEATURE)[1:]
pieces = st.binary(max_size=6) | st.sampled_from(
    [
        b'"',
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b":",
        b"\\",
        b"NaN",
        b"1e309",
        b"-",
        b"e",
        b"9" * 30,
        b"\n",
        b"=",
        b"T+9",
    ]
)
edits = st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 20), pieces), min_size=1, max_size=4)


@given(st.binary(max_size=200))
def test_any_bytes_give_zones_or_a_refusal(raw: bytes) -> None:
    read_zones(raw)


@given(edits)
def test_damaged_geojson_gives_zones_or_refusals(changed: list[tuple[int, int, bytes]]) -> None:
    read_zones(spliced(ZONES, changed))


@given(anything)
def test_any_json_gives_zones_or_a_refusal(value: object) -> None:
    read_zones(json.dumps(value).encode())


@given(st.sampled_from(PLACES), anything)
def test_a_feature_with_any_value_in_any_place_gives_a_zone_or_a_refusal(
    place: tuple[str | int, ...], value: object
) -> None:
    feature = json.loads(json.dumps(FEATURE))
    holder = feature
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    read_zones(json.dumps(feature).encode())


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from([-180, -179, 179, 180]) | st.floats(-180, 180),
                st.sampled_from([-90, 0, 1, 2, 90]) | st.floats(-90, 90),
            ),
            min_size=3,
            max_size=6,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_any_rings_at_the_antimeridian_and_the_poles_give_a_zone_or_a_refusal(
    rings: list[list[tuple[float, float]]],
) -> None:
    parts = [[[*ring, ring[0]]] for ring in rings]
    feature = {**FEATURE, "geometry": {"type": "MultiPolygon", "coordinates": parts}}
    read_zones(json.dumps(feature).encode())


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_give_a_scenario_or_a_refusal(raw: bytes) -> None:
    read_scenario(raw)


@given(edits)
def test_a_damaged_scenario_gives_a_scenario_or_a_refusal(changed: list[tuple[int, int, bytes]]) -> None:
    read_scenario(spliced(SCENARIO, changed))


def test_the_samples_that_are_damaged_are_sound() -> None:
    assert len(zones_of(ZONES).zones) == 1
    assert scenario_of(SCENARIO).title == "A test"
