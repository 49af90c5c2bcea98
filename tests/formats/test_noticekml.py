"""Notices as KML and places drawn in KML: read again as they were, refused one by one where they say too little."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from handmade_notices import ENTRY, HANDMADE, STRIKES
from keepclear.core.errors import Refused
from keepclear.core.instant import instant_of
from keepclear.core.line.plot.place import Height
from keepclear.core.line.plot.shape import CircleShape, CorridorShape, PointShape, PolygonShape
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.notice import Notice
from keepclear.core.space.altitude import Datum
from keepclear.formats.notice.kmlplaces import PLACEMARKS_MAX, POSITIONS_MAX, kml_places
from keepclear.formats.notice.noticejson import notice_places
from keepclear.formats.notice.noticekml import notices_kml
from keepclear.formats.xmltree import DEPTH_MAX, NODES_MAX, xml_tree
from notices import notices
from places import at

SPACE = "{http://www.opengis.net/kml/2.2}"


def kml(*placemarks: str) -> bytes:
    """A file as Google Earth saves it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2" '
        'xmlns:gx="http://www.google.com/kml/ext/2.2"><Document><Folder>'
        + "".join(f"<Placemark>{each}</Placemark>" for each in placemarks)
        + "</Folder></Document></kml>"
    ).encode()


def polygon(*, inside: str = "", coordinates: str = "38,33,570 39,33,570 39,34,570 38,33,570") -> str:
    return (
        f"<Polygon>{inside}<outerBoundaryIs><LinearRing><coordinates>\n {coordinates} </coordinates></LinearRing>"
        "</outerBoundaryIs></Polygon>"
    )


def point(*, name: str = "A", data: str = "", more: str = "") -> str:
    return (
        f"<name>{name}</name>{more}<ExtendedData>{data}</ExtendedData>"
        "<Point><coordinates>38.6178,33.4967,0</coordinates></Point>"
    )


def datum(name: str, value: str) -> str:
    return f'<Data name="{name}"><value>{value}</value></Data>'


@pytest.mark.parametrize("notice", HANDMADE, ids=lambda notice: notice.kind)
def test_the_places_of_a_notice_of_each_kind_are_read_again_as_a_message_says_them(notice: Notice) -> None:
    read = kml_places(notices_kml([notice], Language.AR))
    assert read.refusals == ()
    assert read.places == notice_places(notice)


@settings(max_examples=25, deadline=None)
@given(notice=notices())
def test_the_places_of_any_notice_are_read_again(notice: Notice) -> None:
    read = kml_places(notices_kml([notice], Language.EN))
    assert (read.places, read.refusals) == (notice_places(notice), ())


def test_a_file_is_what_programs_that_show_the_earth_expect() -> None:
    root = ElementTree.fromstring(notices_kml([STRIKES], Language.EN))
    marks = list(root.iter(f"{SPACE}Placemark"))
    assert len(marks) == 4
    assert marks[0].findtext(f"{SPACE}name") == "north"
    assert marks[0].findtext(f"{SPACE}Point/{SPACE}coordinates") == "38.4791667,33.6125000"
    assert marks[0].findtext(f"{SPACE}TimeSpan/{SPACE}begin") == "2018-09-06T09:00:00.000Z"
    ring = f"{SPACE}Polygon/{SPACE}outerBoundaryIs/{SPACE}LinearRing/{SPACE}coordinates"
    drawn = (marks[1].findtext(ring) or "").split()
    assert len(drawn) == 361
    assert drawn[0] == drawn[-1]
    assert (
        len(list(ElementTree.fromstring(notices_kml([ENTRY], Language.EN)).iter(f"{SPACE}innerBoundaryIs")))
        == 1
    )


def test_a_polygon_drawn_in_google_earth_is_a_place_up_to_the_height_it_is_drawn_at() -> None:
    high = "<extrude>1</extrude><tessellate>1</tessellate><altitudeMode>absolute</altitudeMode>"
    mark = f"<name> alt: High </name><TimeSpan><begin>2018-09-06T09:00:00Z</begin></TimeSpan>{polygon(inside=high)}"
    (place,) = kml_places(kml(mark)).places
    assert place.name == "alt: High"
    assert place.shape == PolygonShape(rings=((at(33, 38), at(33, 39), at(34, 39)),))
    assert (place.lower, place.upper) == (None, Height(height_cm=57_000, datum=Datum.MSL))
    assert (place.from_time, place.until_time) == (instant_of("2018-09-06T09:00:00Z"), None)


def test_what_lies_on_the_ground_states_no_height_whatever_its_positions_say() -> None:
    (place,) = kml_places(kml(f"<name>A</name>{polygon()}")).places
    assert (place.lower, place.upper) == (None, None)


def test_points_and_lines_are_places_of_the_size_that_their_data_say() -> None:
    line = (
        f"<name>L</name><ExtendedData>{datum('half_width_m', '2500')}{datum('upper', 'FL120')}</ExtendedData>"
        "<LineString><coordinates>38,33 38.5,33.5</coordinates></LineString>"
    )
    circle = point(name="C", data=datum("radius_m", "1852.5"))
    read = kml_places(kml(line, point(), circle))
    assert read.refusals == ()
    corridor, spot, round_ = read.places
    assert corridor.shape == CorridorShape(line=(at(33, 38), at(33.5, 38.5)), half_width_cm=250_000)
    assert corridor.upper == Height(height_cm=365_760, datum=Datum.PRESSURE)
    assert spot.shape == PointShape(at=at(33.4967, 38.6178))
    assert round_.shape == CircleShape(centre=at(33.4967, 38.6178), radius_cm=185_250)


AIR = "<altitudeMode>relativeToGround</altitudeMode>"
SEA = "<gx:altitudeMode>clampToSeaFloor</gx:altitudeMode>"


@pytest.mark.parametrize(
    ("mark", "code", "words"),
    [
        (
            "<name>A</name><LineString><coordinates>1,1 2,2</coordinates></LineString>",
            "kml.width",
            "half_width_m",
        ),
        (f"<name>A</name>{polygon(inside=AIR)}", "kml.height", "hangs in the air"),
        (f"<name>A</name>{polygon(inside=SEA)}", "kml.height", "clampToSeaFloor"),
        (
            f"<name>A</name>{polygon(inside=AIR + '<extrude>1</extrude>', coordinates='1,1,5 2,1,6 2,2,5 1,1,5')}",
            "kml.height",
            "one height",
        ),
        (
            f"<name>A</name><ExtendedData>{datum('upper', 'FL10')}</ExtendedData>"
            + polygon(inside=AIR + "<extrude>1</extrude>"),
            "kml.height",
            "stated in its data",
        ),
        (point(data=datum("upper", "4500")), "kml.height", "4500 m AMSL"),
        (point(data=datum("radius_m", "about 5")), "kml.length", "metres"),
        (point(data=datum("radius_m", "1e300")), "kml.length", "metres"),
        (point(data=datum("radius_m", "0")), "place.radius", "0 cm"),
        (point(name=""), "place.name", "characters"),
        (point(more="<TimeStamp><when>2018-09-06T09:00:00Z</when></TimeStamp>"), "kml.time", "until when"),
        (point(more="<TimeSpan><begin>2018-09-06</begin></TimeSpan>"), "instant.unreadable", "ISO 8601"),
        (f"<name>A</name>{polygon(coordinates='1,1 2,1 2,2 1,2')}", "kml.ring", "end where it begins"),
        (f"<name>A</name>{polygon(coordinates='1,1 2,1 1,1')}", "kml.positions", "3 positions"),
        (f"<name>A</name>{polygon(coordinates='1,1 2,1 2,x 1,1')}", "kml.position", "longitude,latitude"),
        (f"<name>A</name>{polygon(coordinates='1,1 2,1 2,99 1,1')}", "position.out-of-range", "99"),
        (f"<name>A</name>{polygon(coordinates='1,1 2,1 1_0,2 1,1')}", "kml.position", "1_0"),
        ("<name>A</name>", "kml.shape", "0 shapes"),
        ("<name>A</name><MultiGeometry/>", "kml.shape", "by itself"),
        ("<name>A</name><gx:Track/>", "kml.shape", "shapes"),
        ("<name>A</name><Polygon/>", "kml.ring", "outer boundary"),
    ],
)
def test_a_placemark_that_says_too_little_is_refused_with_its_name_and_what_to_do(
    mark: str, code: str, words: str
) -> None:
    sound = point(name="sound")
    read = kml_places(kml(mark, sound))
    assert [each.name for each in read.places] == ["sound"]
    (refusal,) = read.refusals
    assert refusal.code == code
    assert words in refusal.message
    assert refusal.message.startswith("placemark 1")


def test_a_second_place_of_one_name_and_what_shows_no_place_are_refused() -> None:
    raw = kml(point(), point()).replace(b"</Folder>", b"<NetworkLink><name>N</name></NetworkLink></Folder>")
    read = kml_places(raw)
    assert len(read.places) == 1
    assert [each.code for each in read.refusals] == ["kml.twice", "kml.feature"]


def test_an_outline_that_somebody_moved_is_told_and_never_passed_over() -> None:
    raw = notices_kml([STRIKES], Language.EN).decode()
    start = raw.index("<coordinates>", raw.index("outline_of"))
    pair = raw[start:].split()[1]
    longitude, latitude = map(float, pair.split(","))
    moved = raw.replace(pair, f"{longitude + 1e-3:.7f},{latitude:.7f}")
    read = kml_places(moved.encode())
    assert [each.code for each in read.refusals] == ["kml.edited"]
    wider = kml_places(raw.replace("2500.00", "2600.00").encode())
    assert [each.code for each in wider.refusals] == ["kml.edited"]
    written_anew = raw.replace(pair, f"{longitude + 1e-8:.12f},{latitude:.12f},0")
    assert kml_places(written_anew.encode()).refusals == ()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"PK\x03\x04 and more", "kml.zipped"),
        (b"<gpx/>", "kml.root"),
        (b'<kml xmlns="http://example.com/kml"/>', "kml.root"),
        (b"<kml>", "xml.syntax"),
        (b"", "xml.syntax"),
        (b'<?xml version="1.0" encoding="utf-99"?><kml/>', "xml.syntax"),
        (b'<!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>', "xml.doctype"),
        (b'<!DOCTYPE kml SYSTEM "file:///etc/passwd"><kml/>', "xml.doctype"),
        (b"<kml>&unknown;</kml>", "xml.syntax"),
        (b" " * (4 * 1024 * 1024 + 1), "xml.too-long"),
    ],
)
def test_a_file_that_is_no_kml_or_brings_a_document_type_is_refused_whole(raw: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        kml_places(raw)
    assert refused.value.code == code


def test_each_limit_of_a_file_is_kept_to_the_last_one_allowed() -> None:
    def nested(depth: int) -> bytes:
        return b"<a>" * depth + b"</a>" * depth

    def wide(count: int) -> bytes:
        return b"<a>" + b"<b/>" * (count - 1) + b"</a>"

    assert xml_tree(nested(DEPTH_MAX), bytes_max=10**6).name == "a"
    with pytest.raises(Refused, match="deeper"):
        xml_tree(nested(DEPTH_MAX + 1), bytes_max=10**6)
    assert len(xml_tree(wide(NODES_MAX), bytes_max=10**6).children) == NODES_MAX - 1
    with pytest.raises(Refused, match="elements"):
        xml_tree(wide(NODES_MAX + 1), bytes_max=10**6)
    marks = [point(name=f"p{number}") for number in range(PLACEMARKS_MAX + 1)]
    assert len(kml_places(kml(*marks[:-1])).places) == PLACEMARKS_MAX
    with pytest.raises(Refused, match="201 placemarks"):
        kml_places(kml(*marks))
    long = polygon(coordinates="1,1 " * (POSITIONS_MAX + 1))
    with pytest.raises(Refused, match="2001 positions"):
        kml_places(kml(f"<name>A</name>{long}"))


def test_names_and_data_cannot_break_out_of_their_elements() -> None:
    evil = '</name><Placemark a="]]>&'
    raw = notices_kml([Notice(designation=evil, body=ENTRY.body, extents=ENTRY.extents)], Language.EN)
    assert kml_places(raw).places == notice_places(ENTRY)
    assert (
        ElementTree.fromstring(raw).findtext(f"{SPACE}Document/{SPACE}Folder/{SPACE}name")
        == f"{evil} · Entry"
    )
