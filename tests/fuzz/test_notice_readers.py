"""Readers of notices: whatever they are given, they give a notice or a place, or a refusal, and nothing else."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from handmade_notices import HANDMADE, STRIKES
from keepclear.core.errors import Refused
from keepclear.core.line.plot.place import places_content, places_of
from keepclear.core.line.voice.readback import Language
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields
from keepclear.formats.line.linejson import line_json
from keepclear.formats.notice.kmlplaces import KmlRead, kml_places
from keepclear.formats.notice.noticegeojson import notices_geojson, notices_of
from keepclear.formats.notice.noticejson import notice_content, notice_of, notice_places
from keepclear.formats.notice.noticekml import notices_kml
from keepclear.formats.xmltree import xml_tree

PARTS = [
    {"notice": notice_content(notice), "places": places_content(notice_places(notice))} for notice in HANDMADE
]
GEOJSON = notices_geojson(HANDMADE)
KML = notices_kml([STRIKES], Language.RU)

# What a file of XML or JSON is made of, and numbers at the ends of what is allowed.
PIECES = [
    b"<",
    b">",
    b"</",
    b"/>",
    b'"',
    b"&",
    b"&lt;",
    b"<!DOCTYPE a>",
    b"<Placemark>",
    b"<name>",
    b"]]>",
    b"\x00",
]
NUMBERS = [
    b"-",
    b".",
    b",",
    b"e9",
    b"180",
    b"-90.0000001",
    b"1e308",
    b"NaN",
    b"9" * 30,
    b"null",
    b"{",
    b"]",
    b"\xff",
]
EDITS = st.lists(
    st.tuples(
        st.integers(0, 1 << 16), st.integers(0, 12), st.binary(max_size=4) | st.sampled_from(PIECES + NUMBERS)
    ),
    min_size=1,
    max_size=4,
)
JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from([0, -1, 90, 180, "impact", "site", "exercise", "2018-09-06T09:00:00Z"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


def spliced(raw: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """The bytes with pieces of them replaced."""
    for place, length, piece in edits:
        start = place % (len(raw) + 1)
        raw = raw[:start] + piece + raw[start + length :]
    return raw


def slots(node: Json) -> list[tuple[dict[str | int, Json], str | int]]:
    """Every place in a value at which another stands."""
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [slot for key in keys for slot in ((node, key), *slots(node[key]))]


def disturbed(content: Json, data: st.DataObject) -> Json:
    """The content with something else in up to three places."""
    whole = json.loads(json.dumps(content))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(slots(whole)))
        holder[key] = data.draw(JSONS)
    return whole


def read_kml(raw: bytes) -> KmlRead | None:
    try:
        read = kml_places(raw)
    except Refused:
        return None
    assert len({each.name for each in read.places}) == len(read.places)
    for refusal in read.refusals:
        assert refusal.code
        assert refusal.message.startswith(f"placemark {refusal.number}")
        assert refusal.message.isprintable() or "\n" in refusal.message
    return read


@given(data=st.data())
def test_parts_of_which_anything_is_replaced_are_one_notice_or_a_refusal(data: st.DataObject) -> None:
    parts = Fields(disturbed(data.draw(st.sampled_from(PARTS)), data), what="parts")
    try:
        places = places_of(parts.value("places"))
        notice = notice_of(parts.value("notice"), places)
    except Refused:
        return
    assert notice_of(notice_content(notice), notice_places(notice)) == notice


@given(edits=EDITS)
def test_damaged_parts_as_text_are_one_notice_or_a_refusal(edits: list[tuple[int, int, bytes]]) -> None:
    raw = spliced(json.dumps(PARTS[0], separators=(",", ":")).encode(), edits)
    try:
        parts = Fields(line_json(raw, bytes_max=1 << 16, depth_max=16), what="parts")
        notice_of(parts.value("notice"), places_of(parts.value("places")))
    except Refused:
        return


@settings(deadline=None)
@given(edits=EDITS)
def test_damaged_geojson_gives_notices_or_a_refusal(edits: list[tuple[int, int, bytes]]) -> None:
    try:
        found = notices_of(spliced(GEOJSON, edits))
    except Refused:
        return
    assert notices_of(notices_geojson(found)) == found


@settings(deadline=None)
@given(data=st.data())
def test_geojson_of_which_anything_is_replaced_gives_notices_or_a_refusal(data: st.DataObject) -> None:
    try:
        found = notices_of(json.dumps(disturbed(json.loads(GEOJSON), data)).encode())
    except Refused:
        return
    assert notices_of(notices_geojson(found)) == found


@settings(deadline=None)
@given(edits=EDITS)
def test_damaged_kml_gives_places_or_refusals_that_name_them(edits: list[tuple[int, int, bytes]]) -> None:
    read_kml(spliced(KML, edits))


@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_refused_or_read_by_each_of_the_readers(raw: bytes) -> None:
    read_kml(raw)
    for reader in (notices_of, lambda raw: xml_tree(raw, bytes_max=1_000)):
        try:
            reader(raw)
        except Refused:
            continue


@given(
    name=st.text(max_size=20),
    coordinates=st.text(alphabet="0123456789.,- \neE+xNaN", max_size=60),
    data=st.text(alphabet="0123456789.-+ eEmftAGLSTDFK", max_size=20),
    mode=st.sampled_from(["", "clampToGround", "absolute", "relativeToGround", "x"]),
)
def test_a_placemark_with_anything_in_its_fields_is_a_place_or_a_refusal(
    name: str, coordinates: str, data: str, mode: str
) -> None:
    shown = "".join(each for each in name if each.isprintable() and each not in "<>&")
    read = read_kml(
        f"<kml><Placemark><name>{shown}</name><ExtendedData><Data name='radius_m'><value>{data}</value></Data>"
        f"<Data name='upper'><value>{data}</value></Data></ExtendedData><Point><extrude>1</extrude>"
        f"<altitudeMode>{mode}</altitudeMode><coordinates>{coordinates}</coordinates></Point></Placemark></kml>".encode()
    )
    assert read is not None
    assert len(read.places) + len(read.refusals) == 1


def test_the_samples_that_are_damaged_are_sound() -> None:
    assert len(notices_of(GEOJSON)) == len(HANDMADE)
    read = read_kml(KML)
    assert read is not None
    assert (len(read.places), read.refusals) == (2, ())
