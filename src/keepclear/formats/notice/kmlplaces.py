"""Places drawn in KML, such as by Google Earth, read for a notice: each is a place or one refusal that names it.

Source: OGC 12-007r2 (KML 2.3); docs/notice-formats.md, "As KML".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant, instant_of
from keepclear.core.line.plot.place import Height, Place, height_from
from keepclear.core.line.plot.shape import (
    CircleShape,
    CorridorShape,
    GridLine,
    GridPosition,
    PointShape,
    PolygonShape,
    Shape,
    centimetres,
    grid_position,
)
from keepclear.core.space.altitude import Datum
from keepclear.core.space.area import outline
from keepclear.core.space.geodesy import Position
from keepclear.formats.written.height import read_height
from keepclear.formats.written.reading import Certain
from keepclear.formats.xmltree import Node, xml_tree

KML_BYTES_MAX: Final = 4 * 1024 * 1024
PLACEMARKS_MAX: Final = 200
POSITIONS_MAX: Final = 2_000
"""The most positions of all places of one file together; outlines for the eye are not counted."""

RADIUS_FIELD: Final = "radius_m"
HALF_WIDTH_FIELD: Final = "half_width_m"
LOWER_FIELD: Final = "lower"
UPPER_FIELD: Final = "upper"
OUTLINE_FIELD: Final = "outline_of"
"""Of which place a drawing is only the outline, for the eye."""

OUTLINE_STEPS_OFF_E7: Final = 2
"""By how much an outline may be off what would be drawn, for a program that writes positions anew: 2 cm."""

_NUMBER: Final = re.compile(r"[+-]?\d{1,20}(?:\.\d{0,20})?(?:[eE][+-]?\d{1,3})?", re.ASCII)

_SPACES: Final = ("http://www.opengis.net/kml/", "http://earth.google.com/kml/")
_GOOGLE: Final = "http://www.google.com/kml/ext/"
_SHAPES: Final = frozenset(
    {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Model", "Track", "MultiTrack"}
)
_UNREAD: Final = frozenset({"NetworkLink", "GroundOverlay", "PhotoOverlay", "ScreenOverlay", "Tour"})
_DATUMS: Final = {"absolute": Datum.MSL, "relativeToGround": Datum.AGL}
_NAME_SHOWN_MAX: Final = 80
_LENGTH_M_MAX: Final = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class KmlRefusal:
    """A feature of a file that gave no place: its number from 1, its name if it has one, and why."""

    number: int
    name: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KmlRead:
    """What a file gave, in its order."""

    places: tuple[Place, ...]
    refusals: tuple[KmlRefusal, ...] = ()


def kml_places(raw: bytes) -> KmlRead:
    """The places drawn in a KML file, in its folders and out of them.

    Positions are rounded to the nearest 1e-7 degree, which moves none by more than 8 mm. Raises Refused: "kml.zipped"
    for a KMZ, "kml.root" for a document that is no KML, "kml.many"; and as xml_tree does.
    """
    if raw.startswith(b"PK"):
        raise Refused("kml.zipped", "the file is a KMZ, which is packed: unpack it and hand in its doc.kml")
    root = xml_tree(raw, bytes_max=KML_BYTES_MAX)
    if root.name != "kml" or not (root.space == "" or root.space.startswith(_SPACES)):
        raise Refused("kml.root", f"the file is XML of {root.name[:40]!r}, must be of kml")
    features = list(_features(root))
    drawn = [each for each in features if OUTLINE_FIELD not in _data(each)]
    _refuse_crowd(drawn)
    places: dict[str, Place] = {}
    refusals: list[KmlRefusal] = []
    for number, feature in enumerate(features, 1):
        try:
            if OUTLINE_FIELD in _data(feature):
                _refuse_edited(feature, places)
                continue
            place = _place(feature)
            if place.name in places:
                raise Refused("kml.twice", "the file already has a place of this name; name each differently")
            places[place.name] = place
        except Refused as error:
            refusals.append(_refusal(number, feature, error))
    return KmlRead(places=tuple(places.values()), refusals=tuple(refusals))


def outline_rings(place: Place) -> tuple[GridLine, ...]:
    """The outline of a circle or a corridor, closed rings for the eye; none of what is drawn as it is."""
    if not isinstance(place.shape, CircleShape | CorridorShape):
        return ()
    return tuple(tuple(map(grid_position, line)) for line in outline(place.shape.area))


def _refuse_crowd(features: list[Node]) -> None:
    positions = sum(
        len(_text(each, "coordinates").split()) for feature in features for each in _within(feature)
    )
    if len(features) > PLACEMARKS_MAX or positions > POSITIONS_MAX:
        raise Refused(
            "kml.many",
            f"file has {len(features)} placemarks and {positions} positions, at most {PLACEMARKS_MAX} and "
            f"{POSITIONS_MAX} are read",
        )


def _within(node: Node) -> Iterator[Node]:
    yield node
    for each in node.children:
        yield from _within(each)


def _refuse_edited(feature: Node, places: dict[str, Place]) -> None:
    """An outline is never read; but where somebody has moved it, that must not be passed over in silence."""
    name = _data(feature)[OUTLINE_FIELD]
    found = [_line(each, least=1) for each in _within(feature) if each.name == "LinearRing"]
    drawn = outline_rings(places[name]) if name in places else ()
    same = len(found) == len(drawn) and all(map(_is_same_line, found, drawn))
    if not same:
        raise Refused(
            "kml.edited",
            f"it is the outline of {name[:40]!r} and is not where that one has it: change the place itself, its radius "
            "or its half-width, and remove the outline",
        )


def _is_same_line(one: GridLine, other: GridLine) -> bool:
    return len(one) == len(other) and all(
        abs(here.latitude_e7 - there.latitude_e7) <= OUTLINE_STEPS_OFF_E7
        and abs(here.longitude_e7 - there.longitude_e7) <= OUTLINE_STEPS_OFF_E7
        for here, there in zip(one, other, strict=True)
    )


def _features(node: Node) -> Iterator[Node]:
    for each in node.children:
        if each.name == "Placemark" or each.name in _UNREAD:
            yield each
        elif each.name in ("Document", "Folder"):
            yield from _features(each)


def _refusal(number: int, feature: Node, error: Refused) -> KmlRefusal:
    name = _text(feature, "name")[:_NAME_SHOWN_MAX].encode("ascii", "backslashreplace").decode()
    who = f"placemark {number} ({name})" if name else f"placemark {number}"
    return KmlRefusal(number=number, name=name, code=error.code, message=f"{who}: {error.message}")


def _place(feature: Node) -> Place:
    if feature.name in _UNREAD:
        raise Refused("kml.feature", f"it is a {feature.name}, which shows no place: draw it as a Placemark")
    drawn = [each for each in feature.children if each.name in _SHAPES]
    if len(drawn) != 1 or drawn[0].space != feature.space:
        raise Refused("kml.shape", f"it has {len(drawn)} shapes, must have one: a polygon, a line or a point")
    data = _data(feature)
    shape = _shape(drawn[0], data)
    lower, upper = _band(drawn[0], data)
    start, end = _times(feature)
    return Place(
        name=_text(feature, "name"),
        shape=shape,
        lower=lower,
        upper=upper,
        from_time=start,
        until_time=end,
    )


def _shape(drawn: Node, data: dict[str, str]) -> Shape:
    match drawn.name:
        case "Point":
            (at,) = _line(drawn, least=1, most=1)
            if RADIUS_FIELD not in data:
                return PointShape(at=at)
            return CircleShape(centre=at, radius_cm=_length_cm(data, RADIUS_FIELD))
        case "LineString":
            if HALF_WIDTH_FIELD not in data:
                raise Refused(
                    "kml.width",
                    f"it is a line and does not say how wide: give it the data {HALF_WIDTH_FIELD}, or draw a polygon",
                )
            return CorridorShape(line=_line(drawn, least=2), half_width_cm=_length_cm(data, HALF_WIDTH_FIELD))
        case "Polygon":
            boundaries = [*drawn.every("outerBoundaryIs"), *drawn.every("innerBoundaryIs")]
            if len(list(drawn.every("outerBoundaryIs"))) != 1:
                raise Refused("kml.ring", "it is a polygon that does not have just one outer boundary")
            rings = (ring for each in boundaries for ring in each.every("LinearRing"))
            return PolygonShape(rings=tuple(map(_ring, rings)))
        case _:
            raise Refused(
                "kml.shape",
                f"it is a {drawn.name}, must be a polygon, a line or a point: draw each by itself",
            )


def _ring(node: Node) -> GridLine:
    line = _line(node, least=4)
    if line[0] != line[-1]:
        raise Refused("kml.ring", "a ring does not return to its start, must end where it begins")
    return line[:-1]


def _line(node: Node, *, least: int, most: int = POSITIONS_MAX) -> GridLine:
    written = _text(node, "coordinates").split()
    if not least <= len(written) <= most:
        raise Refused("kml.positions", f"it has {len(written)} positions, must have {least} to {most}")
    return tuple(map(_position, written))


def _position(written: str) -> GridPosition:
    """KML, 16.10: longitude, latitude and perhaps a height, without blanks."""
    numbers = _numbers(written)
    if len(numbers) not in (2, 3):
        raise Refused("kml.position", f"position is {written[:60]!r}, must be longitude,latitude")
    return grid_position(Position(latitude_deg=numbers[1], longitude_deg=numbers[0]))


def _numbers(written: str) -> list[float]:
    found = written.split(",")
    if not all(map(_NUMBER.fullmatch, found)):
        raise Refused("kml.position", f"position is {written[:60]!r}, must be longitude,latitude")
    return [float(each) for each in found]


def _upper(drawn: Node) -> Height | None:
    """The height of what is drawn at one and extruded to the ground; None of what lies on the ground.

    KML, 9.20: on the ground, the heights of positions are ignored. Heights above the sea are by EGM 96.
    """
    mode = _mode(drawn)
    if mode == "clampToGround":
        return None
    if mode not in _DATUMS:
        raise Refused(
            "kml.height", f"its altitude mode is {mode[:40]!r}, must be on the ground, or above it or the sea"
        )
    heights = {_height(each) for node in _holders(drawn) for each in _text(node, "coordinates").split()}
    if _text(drawn, "extrude") not in ("1", "true") or len(heights) != 1:
        raise Refused(
            "kml.height",
            "it hangs in the air: draw it at one height and extend it to the ground, or lay it on the ground and give "
            f"it the data {LOWER_FIELD} and {UPPER_FIELD}, such as 4500 m AMSL",
        )
    return Height(height_cm=centimetres(heights.pop()), datum=_DATUMS[mode])


def _band(drawn: Node, data: dict[str, str]) -> tuple[Height | None, Height | None]:
    lower, upper = (_stated(data, name) for name in (LOWER_FIELD, UPPER_FIELD))
    drawn_at = _upper(drawn)
    if drawn_at is not None and (lower is not None or upper is not None):
        raise Refused("kml.height", "its heights are drawn, and stated in its data: lay it on the ground")
    return lower, drawn_at or upper


def _stated(data: dict[str, str], name: str) -> Height | None:
    """A height in the data of a place, as people write heights; asked about is refused here."""
    if name not in data:
        return None
    reading = read_height(data[name])
    if not isinstance(reading, Certain):
        raise Refused(
            "kml.height", f"its {name} is {data[name][:40]!r}, must be as 4500 m AMSL, 150 m AGL or FL120"
        )
    return height_from(reading.value)


def _holders(drawn: Node) -> Iterator[Node]:
    if drawn.name != "Polygon":
        yield drawn
    for boundary in drawn.children:
        yield from boundary.every("LinearRing")


def _height(written: str) -> float:
    numbers = _numbers(written)
    found = numbers[2] if len(numbers) == 3 else 0.0
    if not abs(found) < _LENGTH_M_MAX:
        raise Refused("kml.height", f"position is {written[:60]!r}, its height is none")
    return found


def _mode(drawn: Node) -> str:
    for each in drawn.children:
        if each.name == "altitudeMode" and (each.space == drawn.space or each.space.startswith(_GOOGLE)):
            return each.text.strip()
    return "clampToGround"


def _times(feature: Node) -> tuple[Instant | None, Instant | None]:
    if feature.find("TimeStamp") is not None:
        raise Refused("kml.time", "it has one time, must say from when until when, or neither")
    span = feature.find("TimeSpan")
    if span is None:
        return None, None
    start, end = _text(span, "begin"), _text(span, "end")
    return instant_of(start) if start else None, instant_of(end) if end else None


def _data(feature: Node) -> dict[str, str]:
    held = feature.find("ExtendedData")
    if held is None:
        return {}
    return {each.attributes.get("name", ""): _text(each, "value") for each in held.every("Data")}


def _length_cm(data: dict[str, str], name: str) -> int:
    length_m = float(data[name]) if _NUMBER.fullmatch(data[name]) else math.inf
    if not abs(length_m) < _LENGTH_M_MAX:
        raise Refused("kml.length", f"its {name} is {data[name][:40]!r}, must be metres")
    return centimetres(length_m)


def _text(node: Node, name: str) -> str:
    found = node.find(name)
    return "" if found is None else found.text.strip()
