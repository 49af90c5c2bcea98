"""Notices as GeoJSON: read again as they were, refused whole where any of it is not as it must be."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handmade_notices import CONVOY, HANDMADE, HOSPITAL, STRIKES
from keepclear.core.errors import Refused
from keepclear.core.notice.notice import Notice
from keepclear.formats.notice.noticegeojson import NOTICES_MAX, notices_geojson, notices_of
from notices import notices


def test_notices_of_every_kind_in_one_file_are_read_again_as_they_were() -> None:
    assert notices_of(notices_geojson(HANDMADE)) == HANDMADE


@settings(max_examples=60, deadline=None)
@given(found=st.lists(notices(), max_size=3, unique_by=lambda notice: notice.designation))
def test_any_notices_are_read_again_to_the_last_bit(found: list[Notice]) -> None:
    assert notices_of(notices_geojson(found)) == tuple(found)


def test_a_file_is_what_other_programs_expect_of_geojson() -> None:
    features = json.loads(notices_geojson([STRIKES]))["features"]
    impact, flight = features
    assert impact["type"] == "Feature"
    assert impact["geometry"] == {"type": "Point", "coordinates": [38.4791667, 33.6125]}
    assert impact["properties"]["name"] == "north"
    said = impact["properties"]["keepclear"]
    assert said["circle"] == {"radius_m": 2500.0}
    assert said["role"] == "impact"
    assert said["upper"] == {"height_m": 4572.0, "datum": "msl"}
    assert (said["from"], said["until"]) == ("2018-09-06T09:00:00.000Z", "2018-09-06T12:30:00.000Z")
    assert said["notice"]["kind"] == "hazardous-activity"
    assert flight["geometry"]["type"] == "LineString"
    assert flight["geometry"]["coordinates"][0] == [35.6, 34.9]
    assert "notice" not in flight["properties"]["keepclear"]


def changed(change: Callable[[dict[str, dict[str, object]]], object], feature: int = 0) -> bytes:
    """The file of the strikes note with one of its features changed."""
    whole = json.loads(notices_geojson([STRIKES]))
    change(whole["features"][feature]["properties"])
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("raw", "code", "words"),
    [
        (changed(lambda said: said["keepclear"].pop("notice")), "notice.body", "in 0 features"),
        (changed(lambda said: said["keepclear"].update(colour=1)), "geojson.shape", "feature 0"),
        (changed(lambda said: said["keepclear"].update(role="target"), 1), "geojson.shape", "feature 1"),
        (changed(lambda said: said["keepclear"].update(until="noon"), 1), "instant.unreadable", "feature 1"),
        (changed(lambda said: said.pop("name")), "geojson.shape", "name"),
        (changed(lambda said: said.update(name="way in")), "notice.extents", "differently"),
        (
            changed(lambda said: said["keepclear"].update(circle={"radius_m": 10})),
            "notice.target",
            "keep clear",
        ),
        (changed(lambda said: said["keepclear"].update(accuracy_m=-1)), "extent.accuracy", "feature 0"),
        (changed(lambda said: said["keepclear"]["notice"].update(purpose=1.5)), "fields.unfit", "purpose"),  # type: ignore[attr-defined]
        (changed(lambda said: said["keepclear"]["notice"].update(aim="x")), "fields.unknown", "aim"),  # type: ignore[attr-defined]
        (changed(lambda said: said["keepclear"].update(designation="other"), 1), "notice.body", "'other'"),
        (b'{"type":"Point","coordinates":[1,2]}', "geojson.type", "FeatureCollection"),
        (b"[1", "json.syntax", "line 1"),
    ],
)
def test_a_file_of_which_anything_is_wrong_is_refused_whole_and_says_where(
    raw: bytes, code: str, words: str
) -> None:
    with pytest.raises(Refused, match=words) as refused:
        notices_of(raw)
    assert refused.value.code == code


def test_a_body_that_two_features_state_is_refused() -> None:
    whole = json.loads(notices_geojson([CONVOY]))
    first, second = whole["features"]
    second["properties"]["keepclear"]["notice"] = first["properties"]["keepclear"]["notice"]
    with pytest.raises(Refused, match="in 2 features"):
        notices_of(json.dumps(whole).encode())


def test_two_notices_of_one_designation_are_not_written_into_one_file() -> None:
    with pytest.raises(Refused, match="'site 7'"):
        notices_geojson([HOSPITAL, HOSPITAL])


def test_more_notices_than_a_file_holds_are_refused() -> None:
    feature = json.loads(notices_geojson([HOSPITAL]))["features"][0]

    def file(count: int) -> bytes:
        features = []
        for number in range(count):
            copy = json.loads(json.dumps(feature))
            copy["properties"]["keepclear"]["designation"] = f"site {number}"
            features.append(copy)
        return json.dumps({"type": "FeatureCollection", "features": features}).encode()

    assert len(notices_of(file(NOTICES_MAX))) == NOTICES_MAX
    with pytest.raises(Refused, match="1001 notices"):
        notices_of(file(NOTICES_MAX + 1))


def test_features_of_a_notice_may_stand_apart_and_keep_their_order() -> None:
    whole = json.loads(notices_geojson([STRIKES, HOSPITAL]))
    first, second, third = whole["features"]
    whole["features"] = [first, third, second]
    assert notices_of(json.dumps(whole).encode()) == (STRIKES, HOSPITAL)
