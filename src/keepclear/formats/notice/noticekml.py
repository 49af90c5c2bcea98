"""Notices as KML, for programs that show the earth: a folder for each notice, a placemark for each extent.

Circles and corridors, which KML does not have, are written as their centre or line with the size in their data, and
drawn beside that as an outline for the eye. Source: OGC 12-007r2 (KML 2.3); docs/notice-formats.md, "As KML".
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Final, assert_never
from xml.sax.saxutils import escape, quoteattr

from keepclear.core.instant import Instant, instant_text
from keepclear.core.line.plot.place import Height, Place
from keepclear.core.line.plot.shape import (
    DEGREE_E7,
    METRE_CM,
    CircleShape,
    CorridorShape,
    GridLine,
    GridPosition,
    PointShape,
    PolygonShape,
    Shape,
)
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.notice import Notice
from keepclear.core.space.altitude import Datum
from keepclear.formats.line.formwords import said
from keepclear.formats.line.noticewords import NOTICE_KINDS, ROLES
from keepclear.formats.notice.kmlplaces import (
    HALF_WIDTH_FIELD,
    LOWER_FIELD,
    OUTLINE_FIELD,
    RADIUS_FIELD,
    UPPER_FIELD,
    outline_rings,
)
from keepclear.formats.notice.noticejson import notice_places

_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
)
_TAIL: Final = "</Document></kml>\n"
_DATUMS: Final = {Datum.HAE: "HAE", Datum.MSL: "AMSL", Datum.AGL: "AGL", Datum.PRESSURE: "STD"}


def notices_kml(notices: Iterable[Notice], language: Language) -> bytes:
    """The notices as KML in UTF-8, with words in a language; read again it gives their places as a message says them.

    Of the other fields of a notice it has none. Raises Refused as notice_places does.
    """
    folders = (_folder(notice, language) for notice in notices)
    return "".join([_HEAD, *folders, _TAIL]).encode()


def _folder(notice: Notice, language: Language) -> str:
    title = f"{notice.designation} · {said(NOTICE_KINDS[notice.kind], language)}"
    pairs = zip(notice_places(notice), notice.extents, strict=True)
    drawn = (_placemark(place, extent, language) + _outline(place) for place, extent in pairs)
    return f"<Folder>{_element('name', title)}{''.join(drawn)}</Folder>"


def _placemark(place: Place, extent: Extent, language: Language) -> str:
    data = {
        "role": extent.role.value,
        LOWER_FIELD: _height_text(place.lower),
        UPPER_FIELD: _height_text(place.upper),
        **_sizes(place.shape),
    }
    return (
        f"<Placemark>{_element('name', place.name)}{_element('description', said(ROLES[extent.role], language))}"
        f"{_span(place)}{_data(data)}{_geometry(place.shape)}</Placemark>"
    )


def _outline(place: Place) -> str:
    rings = outline_rings(place)
    if not rings:
        return ""
    return f"<Placemark>{_data({OUTLINE_FIELD: place.name})}{_polygon(rings)}</Placemark>"


def _span(place: Place) -> str:
    if place.from_time is None and place.until_time is None:
        return ""
    return f"<TimeSpan>{_time('begin', place.from_time)}{_time('end', place.until_time)}</TimeSpan>"


def _time(name: str, at: Instant | None) -> str:
    return "" if at is None else _element(name, instant_text(at))


def _sizes(shape: Shape) -> dict[str, str]:
    match shape:
        case CircleShape():
            return {RADIUS_FIELD: _metres(shape.radius_cm)}
        case CorridorShape():
            return {HALF_WIDTH_FIELD: _metres(shape.half_width_cm)}
        case PointShape() | PolygonShape():
            return {}
        case _:
            assert_never(shape)


def _height_text(height: Height | None) -> str:
    return "" if height is None else f"{_metres(height.height_cm)} m {_DATUMS[height.datum]}"


def _metres(length_cm: int) -> str:
    whole, rest = divmod(abs(length_cm), METRE_CM)
    return f"{'-' if length_cm < 0 else ''}{whole}.{rest:02d}"


def _data(data: dict[str, str]) -> str:
    fields = (
        f"<Data name={quoteattr(name)}>{_element('value', value)}</Data>"
        for name, value in data.items()
        if value
    )
    return f"<ExtendedData>{''.join(fields)}</ExtendedData>"


def _geometry(shape: Shape) -> str:
    match shape:
        case PointShape():
            return f"<Point>{_coordinates((shape.at,))}</Point>"
        case CircleShape():
            return f"<Point>{_coordinates((shape.centre,))}</Point>"
        case CorridorShape():
            return f"<LineString><tessellate>1</tessellate>{_coordinates(shape.line)}</LineString>"
        case PolygonShape():
            return _polygon(tuple((*ring, ring[0]) for ring in shape.rings))
        case _:
            assert_never(shape)


def _polygon(rings: tuple[GridLine, ...]) -> str:
    boundaries = zip(chain(("outerBoundaryIs",), ("innerBoundaryIs",) * (len(rings) - 1)), rings, strict=True)
    drawn = (f"<{name}><LinearRing>{_coordinates(ring)}</LinearRing></{name}>" for name, ring in boundaries)
    return f"<Polygon><tessellate>1</tessellate>{''.join(drawn)}</Polygon>"


def _coordinates(line: GridLine) -> str:
    return _element("coordinates", " ".join(map(_position, line)))


def _position(at: GridPosition) -> str:
    return f"{_degrees(at.longitude_e7)},{_degrees(at.latitude_e7)}"


def _degrees(angle_e7: int) -> str:
    whole, rest = divmod(abs(angle_e7), DEGREE_E7)
    return f"{'-' if angle_e7 < 0 else ''}{whole}.{rest:07d}"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"
