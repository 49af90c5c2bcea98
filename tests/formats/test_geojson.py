"""Zones as GeoJSON: what is written is read back to the last bit, and what has no one meaning is refused."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, Duration, Instant, Window
from keepclear.core.space.altitude import UNLIMITED, Altitude, AltitudeBand, Datum
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon, edge_distance_m
from keepclear.core.space.daylight import SunEvent
from keepclear.core.space.geodesy import Position
from keepclear.core.space.schedule import ClockTime, Schedule, Span, SunTime, Weekday
from keepclear.core.space.volume import Volume
from keepclear.core.watch.report import PartyName
from keepclear.core.watch.zone import NEVER, Recognised, Recognition, Zone, ZoneKind, ZoneName
from keepclear.formats.zone.featurefile import GEOJSON_BYTES_MAX
from keepclear.formats.zone.geojson import feature_of, geojson_of, zones_of

TANF = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [38.6178, 33.4967]},
    "properties": {
        "keepclear": {
            "name": "TANF 55",
            "kind": "deconfliction",
            "declared_by": "A",
            "circle": {"radius_m": 55000},
            "recognition": [{"party": "B", "stand": "disputed"}],
            "admitted": ["A", "P"],
            "upper": {"flight_level": 100},
            "warning_time_s": 900,
            "overstay_s": None,
        }
    },
}
BOX = [[10, 50], [11, 50], [11, 51], [10, 51], [10, 50]]


def feature(geometry: object, keepclear: object = None, **properties: object) -> dict[str, object]:
    members = dict(properties)
    if keepclear is not None:
        members["keepclear"] = keepclear
    return {"type": "Feature", "geometry": geometry, "properties": members}


def raw(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


def polygon(coordinates: object, kind: str = "Polygon") -> dict[str, object]:
    return {"type": kind, "coordinates": coordinates}


def at(latitude_deg: float, longitude_deg: float) -> Position:
    return Position(latitude_deg=latitude_deg, longitude_deg=longitude_deg)


def only_zone(*features: object) -> Zone:
    read = zones_of(raw(*features), declared_by="A")
    assert read.refusals == ()
    (zone,) = read.zones
    return zone


# ------------------------------------------------------------------------------------------ reading


def test_a_point_with_a_radius_is_a_circle_with_every_field_that_it_states() -> None:
    zone = only_zone(TANF)
    assert zone == Zone(
        name=ZoneName("TANF 55"),
        kind=ZoneKind.DECONFLICTION,
        volume=Volume(
            area=Circle(centre=at(33.4967, 38.6178), radius_m=55_000),
            band=AltitudeBand(upper=Altitude(height_m=3048.0, datum=Datum.PRESSURE)),
        ),
        declared_by=PartyName("A"),
        recognition=(Recognised(party=PartyName("B"), stand=Recognition.DISPUTED),),
        admitted=frozenset({PartyName("A"), PartyName("P")}),
        warning_time_ms=Duration(900_000),
        overstay_ms=NEVER,
    )


def test_coordinates_are_longitude_first() -> None:
    area = only_zone(TANF).volume.area
    assert isinstance(area, Circle)
    assert (area.centre.latitude_deg, area.centre.longitude_deg) == (33.4967, 38.6178)


def test_a_plain_polygon_takes_its_name_from_its_properties_and_its_party_from_the_caller() -> None:
    read = zones_of(
        raw(feature(polygon([BOX]), name="BOX", colour="red")), declared_by="A", kind=ZoneKind.DANGER_AREA
    )
    (zone,) = read.zones
    assert (zone.name, zone.declared_by, zone.kind) == ("BOX", "A", ZoneKind.DANGER_AREA)
    assert read.ignored == ("colour",)


def test_a_line_with_a_half_width_is_a_corridor() -> None:
    line = {"type": "LineString", "coordinates": [[10, 50], [11, 50]]}
    zone = only_zone(feature(line, {"name": "ROAD", "corridor": {"half_width_m": 1500}}))
    assert zone.volume.area == Corridor(line=(at(50, 10), at(50, 11)), half_width_m=1500)


def test_a_feature_alone_is_read_as_a_collection_of_it() -> None:
    assert zones_of(json.dumps(TANF).encode()) == zones_of(raw(TANF))


def test_heights_in_feet_are_converted_by_the_international_foot() -> None:
    zone = only_zone(feature(polygon([BOX]), {"name": "X", "upper": {"height_ft": 1000, "datum": "agl"}}))
    assert zone.volume.band.upper == Altitude(height_m=304.8, datum=Datum.AGL)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert zones_of(b"\xef\xbb\xbf" + raw(TANF)) == zones_of(raw(TANF))


# ------------------------------------------------------------------------------------------ refusing

OPEN = [[10, 50], [11, 50], [11, 51], [10, 51]]
POINT = {"type": "Point", "coordinates": [10, 50]}
NAMED = {"name": "X"}
ROUND = {"name": "X", "circle": {"radius_m": 1000}}

BAD_FEATURES = [
    (feature(polygon([OPEN]), NAMED), "zone.open-ring"),
    (feature(polygon([BOX[:3]]), NAMED), "geojson.ring"),
    (feature(polygon([]), NAMED), "geojson.ring"),
    (feature(polygon([], "MultiPolygon"), NAMED), "polygon.parts"),
    (feature(polygon([[BOX]] * 1001, "MultiPolygon"), NAMED), "geojson.too-large"),
    (feature(polygon([BOX[:1] * 20_001]), NAMED), "geojson.too-large"),
    (feature(POINT, NAMED), "geojson.extension"),
    (feature({"type": "LineString", "coordinates": [[1, 2], [3, 4]]}, NAMED), "geojson.extension"),
    (feature(polygon([BOX]), ROUND), "geojson.extension"),
    (feature({"type": "Point", "coordinates": [10, 50, 0]}, ROUND), "geojson.height"),
    (feature({"type": "Point", "coordinates": [10]}, ROUND), "geojson.position"),
    (feature({"type": "Point", "coordinates": [10, 99]}, ROUND), "position.out-of-range"),
    (feature({"type": "Point", "coordinates": [190, 50]}, ROUND), "position.out-of-range"),
    (feature({"type": "Point", "coordinates": ["10", "50"]}, ROUND), "geojson.shape"),
    (feature({"type": "Point", "coordinates": [True, 50]}, ROUND), "geojson.shape"),
    (feature({"type": "MultiPoint", "coordinates": [[10, 50]]}, ROUND), "geojson.shape"),
    (feature(None, NAMED), "geojson.shape"),
    (feature(POINT, {"name": "X", "circle": {"radius_m": 0}}), "circle.radius"),
    (feature(POINT, {"name": "X", "circle": {"radius_m": 1000, "unit": "m"}}), "geojson.shape"),
    (feature(polygon([BOX]), {"name": "X", "warning_distance_km": 3}), "geojson.shape"),
    (feature(polygon([BOX]), {"name": ""}), "zone.name"),
    (feature(polygon([BOX])), "zone.name"),
    (feature(polygon([BOX]), {"name": "X‮Y"}), "zone.name"),
    (feature(polygon([BOX]), {"name": "X" * 81}), "zone.name"),
    (feature(polygon([BOX]), {"name": "X", "declared_by": " A"}), "zone.party"),
    (feature(polygon([BOX]), {"name": "X", "kind": "no-fly"}), "geojson.shape"),
    (feature(polygon([BOX]), {"name": "X", "basis": "b" * 2001}), "zone.basis"),
    (feature(polygon([BOX]), {"name": "X", "steps": ["s" * 501]}), "zone.steps"),
    (feature(polygon([BOX]), {"name": "X", "steps": ["s"] * 13}), "zone.steps"),
    (feature(polygon([BOX]), {"name": "X", "admitted": ["A"] * 101}), "zone.parties"),
    (feature(polygon([BOX]), {"name": "X", "dwell_s": -1}), "zone.dwell_s"),
    (feature(polygon([BOX]), {"name": "X", "dwell_s": 0.0001}), "zone.dwell_s"),
    (feature(polygon([BOX]), {"name": "X", "dwell_s": 1e12}), "zone.dwell_s"),
    (feature(polygon([BOX]), {"name": "X", "lower": {"height_m": 1}}), "zone.height"),
    (feature(polygon([BOX]), {"name": "X", "lower": {"height_m": 1, "datum": "qnh"}}), "zone.height"),
    (feature(polygon([BOX]), {"name": "X", "lower": {"flight_level": 1, "datum": "msl"}}), "zone.height"),
    (feature(polygon([BOX]), {"name": "X", "lower": {"flight_level": 1, "height_m": 1}}), "zone.height"),
    (feature(polygon([BOX]), {"name": "X", "lower": {}}), "zone.height"),
    (feature(polygon([BOX]), {"name": "X", "schedule": {"from": "tomorrow"}}), "instant.unreadable"),
    (
        feature(polygon([BOX]), {"name": "X", "schedule": {"spans": [{"start": "25:00"}]}}),
        "schedule.clock-time",
    ),
    (feature(polygon([BOX]), {"name": "X", "schedule": {"spans": [{"start": "noon"}]}}), "schedule.time"),
    (feature(polygon([BOX]), {"name": "X", "schedule": {"spans": [{"days": ["mon"]}]}}), "schedule.day"),
    ({**feature(polygon([BOX]), NAMED), "coordinates": [1, 2]}, "geojson.member"),
    (feature({**polygon([BOX]), "properties": {}}, NAMED), "geojson.member"),
    ({"type": "feature", "geometry": None, "properties": None}, "geojson.shape"),
    ("a text", "geojson.shape"),
    (None, "geojson.shape"),
]
NUMBERED = [pytest.param(*case, id=f"{number}-{case[1]}") for number, case in enumerate(BAD_FEATURES)]


@pytest.mark.parametrize(("bad", "code"), NUMBERED)
def test_a_bad_feature_is_refused_by_its_place_and_those_around_it_are_read(bad: object, code: str) -> None:
    good = [feature(polygon([BOX]), {"name": name}) for name in ("FIRST", "LAST")]
    read = zones_of(raw(good[0], bad, good[1]), declared_by="A")
    assert [zone.name for zone in read.zones] == ["FIRST", "LAST"]
    (refusal,) = read.refusals
    assert (refusal.index, refusal.code) == (1, code)
    assert refusal.message.startswith("feature 1")


def test_a_refusal_names_the_zone_and_what_was_found() -> None:
    (refusal,) = zones_of(raw(feature(polygon([OPEN]), {"name": "RANGE"})), declared_by="A").refusals
    assert refusal.name == "RANGE"
    for words in ("feature 0 (RANGE)", "[10.0, 51.0]", "[10.0, 50.0]"):
        assert words in refusal.message


def test_nobody_having_declared_a_zone_is_refused() -> None:
    (refusal,) = zones_of(raw(feature(polygon([BOX]), NAMED))).refusals
    assert refusal.code == "zone.party"


def test_the_second_zone_of_a_name_is_refused() -> None:
    read = zones_of(raw(feature(polygon([BOX]), NAMED), feature(POINT, ROUND)), declared_by="A")
    assert len(read.zones) == 1
    assert [(refusal.index, refusal.code) for refusal in read.refusals] == [(1, "zone.twice")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('"radius_m": 55000, "radius_m": 1', "json.duplicate-key"),
        ('"radius_m": NaN', "json.number"),
        ('"radius_m": Infinity', "json.number"),
        ('"radius_m": 1e309', "json.number"),
        ('"radius_m": 100000000000000000000', "json.number"),
    ],
)
def test_what_two_readers_could_read_differently_refuses_that_feature_alone(text: str, code: str) -> None:
    bad = json.dumps(TANF).replace('"radius_m": 55000', text)
    other = json.dumps(feature(polygon([BOX]), {"name": "OTHER", "declared_by": "A"}))
    read = zones_of(f'{{"type":"FeatureCollection","features":[{bad},{other}]}}'.encode())
    assert [zone.name for zone in read.zones] == ["OTHER"]
    assert [(refusal.index, refusal.code) for refusal in read.refusals] == [(0, code)]
    assert "$.properties.keepclear.circle" in read.refusals[0].message


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(*case, id=f"{number}-{case[1]}")
        for number, case in enumerate(
            [
                (b"", "json.syntax"),
                (b"{", "json.syntax"),
                (b"[1, 2]", "geojson.shape"),
                (b'"\\ud800"', "json.encoding"),
                (b"\xff\xfe{}", "json.encoding"),
                (b"{}", "geojson.type"),
                (b'{"type": "Point", "coordinates": [1, 2]}', "geojson.type"),
                (b'{"type": "FeatureCollection"}', "geojson.shape"),
                (b'{"type": "FeatureCollection", "features": {}}', "geojson.shape"),
                (b'{"type": "FeatureCollection", "features": [], "features": []}', "json.duplicate-key"),
                (b'{"type": "FeatureCollection", "features": [], "geometry": null}', "geojson.member"),
                (
                    b'{"type": "FeatureCollection", "features": [' + b"0," * 10_000 + b"0]}",
                    "geojson.too-many",
                ),
                (b"[" * 1_000_000, "json.too-deep"),
                (b'{"a":' * 100_000, "json.too-deep"),
                (b'"' + b'\\"' * 2_000_000, "json.syntax"),
                (b" " * (GEOJSON_BYTES_MAX + 1), "json.too-long"),
            ]
        )
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_is_refused_as_a_whole(text: bytes, code: str) -> None:
    with pytest.raises(Refused) as caught:
        zones_of(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "name", ["urn:ogc:def:crs:EPSG::3857", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326", None]
)
def test_another_coordinate_system_or_order_is_refused(name: str | None) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    with pytest.raises(Refused, match=r"WGS 84 \(CRS84\)") as caught:
        zones_of(json.dumps({"type": "FeatureCollection", "crs": crs, "features": []}).encode())
    assert caught.value.code == "geojson.crs"


def test_wgs84_in_longitude_and_latitude_may_be_named() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    named = json.dumps({"type": "FeatureCollection", "crs": crs, "features": [TANF]}).encode()
    assert zones_of(named) == zones_of(raw(TANF))


# ------------------------------------------------------------------------------------------ the antimeridian


def box(west: float, east: float, *, south: float = -5, north: float = 5) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def nearest_m(place: Position, ring: list[tuple[float, float]]) -> float:
    """The distance to a ring of geodesic edges, by walking them in steps of 500 m and less."""
    found = math.inf
    for (lat1, lon1), (lat2, lon2) in zip(ring, ring[1:] + ring[:1], strict=True):
        line = Geodesic.WGS84.InverseLine(lat1, lon1, lat2, lon2)
        for along in np.linspace(0, line.s13, max(2, math.ceil(line.s13 / 500))):
            point = line.Position(along)
            gap = Geodesic.WGS84.Inverse(
                place.latitude_deg, place.longitude_deg, point["lat2"], point["lon2"]
            )
            found = min(found, gap["s12"])
    return found


@pytest.mark.parametrize("order", [1, -1])
def test_parts_cut_at_the_antimeridian_are_one_part_whose_cut_is_no_edge(order: int) -> None:
    halves = [[box(179.5, 180, south=-0.3, north=0.3)], [box(-180, -179.5, south=-0.3, north=0.3)][::order]]
    area = only_zone(feature(polygon(halves[::order], "MultiPolygon"), NAMED)).volume.area
    assert isinstance(area, Polygon)
    assert len(area.parts) == 1
    ring = [(-0.3, 179.5), (-0.3, 180), (-0.3, -179.5), (0.3, -179.5), (0.3, 180), (0.3, 179.5)]
    for place in (at(0, 180), at(0.1, -179.9), at(0, -180), at(-0.2, 179.8)):
        # Walking in steps of 500 m misses the nearest point by no more than the sagitta: under 2 m at 30 km.
        assert edge_distance_m(area, place) == pytest.approx(-nearest_m(place, ring), abs=2.0)


def test_the_direction_in_which_cut_rings_run_does_not_matter() -> None:
    halves = [[box(170, 180)[::-1]], [box(-180, -170)]]
    turned = [[box(170, 180)], [box(-180, -170)[::-1]]]
    places = [at(0, 180), at(4, 175), at(6, 180), at(-4.9, -170.1)]
    areas = [only_zone(feature(polygon(cut, "MultiPolygon"), NAMED)).volume.area for cut in (halves, turned)]
    assert [len(area.parts) for area in areas if isinstance(area, Polygon)] == [1, 1]
    assert [edge_distance_m(areas[0], place) for place in places] == pytest.approx(
        [edge_distance_m(areas[1], place) for place in places], abs=1e-6
    )


def test_a_ring_cut_in_two_halves_keeps_its_hole() -> None:
    west = [[175, -5], [180, -5], [180, -2], [178, -2], [178, 2], [180, 2], [180, 5], [175, 5], [175, -5]]
    east = [[-x if x != 180 else -180, y] for x, y in west]
    area = only_zone(feature(polygon([[west], [east]], "MultiPolygon"), NAMED)).volume.area
    assert isinstance(area, Polygon)
    assert [len(part.holes) for part in area.parts] == [1]
    assert edge_distance_m(area, at(0, 180)) > 0
    assert edge_distance_m(area, at(0, 177)) < 0
    assert edge_distance_m(area, at(3.5, 180)) < 0


def test_a_polygon_around_a_pole_cut_at_the_antimeridian_holds_the_pole() -> None:
    edge = [[x, -70] for x in range(-180, 181, 20)]
    ring = [[-180, -90], [180, -90], *edge[::-1], [-180, -90]]
    area = only_zone(feature(polygon([ring]), NAMED)).volume.area
    pole = at(-90, 0)
    corners = [(-70.0, float(x)) for x in range(-180, 180, 20)]
    expected = min(Geodesic.WGS84.Inverse(-90, 0, *corner)["s12"] for corner in corners)
    assert edge_distance_m(area, pole) < 0
    # Geodesic edges between corners on a parallel run nearer to the pole than the corners do.
    assert 0.9 * expected < -edge_distance_m(area, pole) <= expected
    assert edge_distance_m(area, at(-80, 180)) < -500_000


def test_parts_that_do_not_match_along_the_antimeridian_stay_as_they_are() -> None:
    cut = [[box(170, 180)], [box(-180, -170, south=-8, north=-6)]]
    area = only_zone(feature(polygon(cut, "MultiPolygon"), NAMED)).volume.area
    assert isinstance(area, Polygon)
    assert len(area.parts) == 2
    assert edge_distance_m(area, at(0, 180)) == pytest.approx(0, abs=1e-3)


def test_other_parts_are_left_alone_when_two_are_joined() -> None:
    far = box(0, 1)
    cut = [[box(170, 180)], [far], [box(-180, -170)]]
    area = only_zone(feature(polygon(cut, "MultiPolygon"), NAMED)).volume.area
    assert isinstance(area, Polygon)
    assert sorted(len(part.outer) for part in area.parts) == [4, 6]


def test_an_uncut_polygon_goes_the_short_way_over_the_antimeridian() -> None:
    ring = [[179, -1], [-179, -1], [-179, 1], [179, 1], [179, -1]]
    area = only_zone(feature(polygon([ring]), NAMED)).volume.area
    assert edge_distance_m(area, at(0, 180)) < 0
    assert edge_distance_m(area, at(0, 0)) > 0


# ------------------------------------------------------------------------------------------ writing

finite = st.floats(0, 1e6)
names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=80)
parties = names.map(PartyName)
durations = st.integers(0, 3_155_760_000_000).map(Duration) | st.just(NEVER)
known = st.sampled_from([Datum.HAE, Datum.MSL, Datum.AGL, Datum.PRESSURE])
heights = st.floats(-12_000, 1e8)


def positions(*, south: float, north: float) -> st.SearchStrategy[Position]:
    return st.builds(at, st.floats(south, north), st.floats(-180, 180))


@st.composite
def polygons(draw: st.DrawFn) -> Polygon:
    def ring(south: float, west: float, size: float) -> tuple[Position, ...]:
        return (
            at(south, west),
            at(south, west + size),
            at(south + size, west + size),
            at(south + size, west),
        )

    south, west = draw(st.floats(-60, 50)), draw(st.floats(-170, 150))
    whole = Part(outer=ring(south, west, 1.0), holes=(ring(south + 0.3, west + 0.3, 0.2),))
    far = Part(outer=ring(south, west + 3, draw(st.floats(0.1, 2))))
    return Polygon(parts=draw(st.sampled_from([(whole,), (whole, far)])))


areas: st.SearchStrategy[Area] = st.one_of(
    st.builds(Circle, centre=positions(south=-90, north=90), radius_m=st.floats(0.01, 2e7)),
    polygons(),
    st.builds(
        lambda start, half_width_m: Corridor(
            line=(
                start,
                at(start.latitude_deg / 2 + 1, start.longitude_deg),
                at(60, start.longitude_deg * 0.8),
            ),
            half_width_m=half_width_m,
        ),
        positions(south=0, north=50),
        st.floats(0.01, 9e6),
    ),
)


@st.composite
def bands(draw: st.DrawFn) -> AltitudeBand:
    datum = draw(known)
    low, high = sorted((draw(heights), draw(heights)))
    lower = draw(st.sampled_from([UNLIMITED, Altitude(height_m=low, datum=datum)]))
    upper = draw(st.sampled_from([UNLIMITED, Altitude(height_m=high, datum=datum)]))
    return AltitudeBand(lower=lower, upper=upper)


clock_times = st.builds(ClockTime, hour=st.integers(0, 23), minute=st.integers(0, 59))
sun_times = st.builds(SunTime, event=st.sampled_from(SunEvent), offset_min=st.integers(-360, 360))
spans = st.builds(
    Span,
    days=st.frozensets(st.sampled_from(Weekday), min_size=1),
    start=clock_times | sun_times,
    end=clock_times | sun_times,
)
windows = st.tuples(st.integers(-(2**45), 2**45), st.integers(-(2**45), 2**45) | st.just(FOREVER)).map(
    lambda ends: Window(start=Instant(min(ends)), end=Instant(max(ends)))
)
zones = st.builds(
    Zone,
    name=names.map(ZoneName),
    kind=st.sampled_from(ZoneKind),
    volume=st.builds(
        Volume,
        area=areas,
        band=bands(),
        schedule=st.builds(
            Schedule,
            window=windows,
            spans=st.lists(spans, max_size=3).map(tuple),
            utc_offset_min=st.integers(-720, 840),
        ),
    ),
    declared_by=parties,
    basis=st.text(st.characters(codec="utf-8"), max_size=50),
    recognition=st.lists(
        st.builds(Recognised, party=parties, stand=st.sampled_from(Recognition)), max_size=3
    ).map(tuple),
    admitted=st.frozensets(parties, max_size=3),
    warning_distance_m=finite,
    warning_time_ms=durations,
    dwell_ms=durations,
    clear_distance_m=finite,
    clear_time_ms=durations,
    overstay_ms=durations,
    silence_ms=durations,
    steps=st.lists(st.text(st.characters(codec="utf-8"), max_size=50), max_size=3).map(tuple),
)


@given(zones)
def test_a_zone_that_is_written_is_read_back_equal_to_the_last_bit(zone: Zone) -> None:
    read = zones_of(geojson_of([zone], with_outlines=False))
    assert read.refusals == ()
    assert read.zones == (zone,)
    assert zones_of(feature_of(zone, with_outlines=False)).zones == (zone,)


def test_what_is_written_is_geojson_with_closed_rings_and_longitude_first() -> None:
    zone = only_zone(
        feature(polygon([box(10, 11, south=50, north=51), box(10.4, 10.6, south=50.4, north=50.6)]), NAMED)
    )
    written = json.loads(geojson_of([zone], with_outlines=True))
    assert written["type"] == "FeatureCollection"
    (shape,) = (item["geometry"] for item in written["features"])
    assert shape["type"] == "Polygon"
    outer, hole = shape["coordinates"]
    assert outer[0] == outer[-1] == [10, 50]
    assert hole[0] == hole[-1] == [10.4, 50.4]


def test_outlines_are_added_for_drawing_and_do_not_change_what_is_read() -> None:
    zone = only_zone(TANF)
    drawn = geojson_of([zone], with_outlines=True)
    assert zones_of(drawn).zones == (zone,)
    properties = json.loads(drawn)["features"][0]["properties"]
    for lon, lat in (point for line in properties["outline"] for point in line):
        gap = Geodesic.WGS84.Inverse(33.4967, 38.6178, lat, lon)["s12"]
        assert gap == pytest.approx(55_000, abs=0.01)
    assert properties["warning_outline"] == []


def test_a_circle_s_warning_outline_lies_at_the_warning_distance() -> None:
    keepclear = {"name": "X", "circle": {"radius_m": 1000}, "warning_distance_m": 500}
    drawn = geojson_of([only_zone(feature(POINT, keepclear))], with_outlines=True)
    (line,) = json.loads(drawn)["features"][0]["properties"]["warning_outline"]
    for lon, lat in line:
        assert Geodesic.WGS84.Inverse(50, 10, lat, lon)["s12"] == pytest.approx(1500, abs=0.01)


def test_a_polygon_s_warning_outline_lies_at_the_warning_distance_and_outside() -> None:
    # A dent, so that lines beside two edges meet and what lies too near is left out.
    ring = [[10, 50], [10.2, 50], [10.2, 50.1], [10.1, 50.03], [10, 50.1], [10, 50]]
    zone = only_zone(feature(polygon([ring]), {"name": "X", "warning_distance_m": 2000}))
    drawn = geojson_of([zone], with_outlines=True)
    lines = json.loads(drawn)["features"][0]["properties"]["warning_outline"]
    corners = [(lat, lon) for lon, lat in ring[:-1]]
    points = [point for line in lines for point in line]
    assert len(points) > 50
    for lon, lat in points[::7]:
        assert nearest_m(at(lat, lon), corners) == pytest.approx(2000, rel=0.01)
    assert all(not (10 < lon < 10.2 and 50 < lat < 50.03) for lon, lat in points)


def test_outlines_do_not_jump_across_the_map_at_the_antimeridian() -> None:
    place = {"type": "Point", "coordinates": [179.9, 0]}
    zone = only_zone(
        feature(place, {"name": "X", "circle": {"radius_m": 100_000}, "warning_distance_m": 1000})
    )
    properties = json.loads(feature_of(zone, with_outlines=True))["properties"]
    for line in properties["outline"] + properties["warning_outline"]:
        steps = [abs(one[0] - other[0]) for one, other in pairwise(line)]
        assert max(steps) < 1
    assert max(lon for lon, _ in properties["outline"][0]) > 180.5


def test_a_duration_that_cannot_be_written_in_seconds_is_refused() -> None:
    zone = Zone(
        name=ZoneName("X"),
        kind=ZoneKind.EXCLUSION,
        volume=Volume(area=Circle(centre=at(0, 0), radius_m=1)),
        declared_by=PartyName("A"),
        dwell_ms=Duration(2**52),
    )
    with pytest.raises(Refused, match="longer than a hundred years"):
        geojson_of([zone], with_outlines=False)
