"""Notices as GeoJSON, in and out: a feature for each extent, as zones are written.

Areas and heights are written as those of zones are (docs/geojson.md). Source: docs/notice-formats.md, "As GeoJSON".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, cast

import msgspec
from msgspec import UNSET, UnsetType

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Duration, Instant, Window, instant_of, instant_text
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.notice import Body, Notice
from keepclear.core.space.altitude import AltitudeBand
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields
from keepclear.formats.notice.bodyfields import body_from, body_members
from keepclear.formats.strictjson import JsonValue
from keepclear.formats.zone.featurefile import demand_feature, features_of
from keepclear.formats.zone.geojsonshape import (
    CircleFields,
    CorridorFields,
    Drawing,
    Geometry,
    area_of_drawing,
    drawing_of,
)
from keepclear.formats.zone.zonefields import HeightFields, bound_of, height_fields

NOTICES_MAX: Final = 1_000
"""The most notices of one file."""


class ExtentFields(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    omit_defaults=True,
    rename={"start": "from"},
):
    """``properties.keepclear``: of which notice the feature is an extent, and all of it but its name and shape.

    ``notice`` are the other fields of the notice; just one of its features has them.
    """

    designation: str
    role: Role
    lower: HeightFields | None = None
    upper: HeightFields | None = None
    start: str | None = None
    until: str | None = None
    accuracy_m: float = 0.0
    height_accuracy_m: float = 0.0
    time_accuracy_ms: int = 0
    circle: CircleFields | UnsetType = UNSET
    corridor: CorridorFields | UnsetType = UNSET
    notice: dict[str, object] | UnsetType = UNSET


class _Properties(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    keepclear: ExtentFields


class _ReadFeature(msgspec.Struct, frozen=True, kw_only=True):
    type: Literal["Feature"]
    geometry: Geometry
    properties: _Properties


class _WrittenFeature(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="Feature"):
    geometry: Geometry
    properties: _Properties


class _WrittenCollection(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="FeatureCollection"
):
    features: list[_WrittenFeature]


def notices_of(raw: bytes) -> tuple[Notice, ...]:
    """The notices of a GeoJSON file, their extents in the order of its features.

    A notice that lacks an extent says less than was meant; so a file is read as a whole or refused as a whole, and the
    refusal names the feature. Raises Refused: "json.*" and "geojson.*" as the zones' reader does, "notice.body" where
    not just one feature of a notice has its fields, "notice.many" for more than NOTICES_MAX; and as the bodies, Extent
    and Notice do.
    """
    extents: dict[str, list[Extent]] = {}
    bodies: dict[str, list[Body]] = {}
    for index, feature in enumerate(features_of(raw)):
        try:
            designation, extent, body = _extent_of(feature)
        except Refused as error:
            raise Refused(error.code, f"feature {index}: {error.message}") from None
        extents.setdefault(designation, []).append(extent)
        bodies.setdefault(designation, []).extend(body)
    if len(extents) > NOTICES_MAX:
        raise Refused("notice.many", f"file has {len(extents)} notices, at most {NOTICES_MAX} are read")
    return tuple(
        Notice(designation=each, body=_only(each, bodies[each]), extents=tuple(found))
        for each, found in extents.items()
    )


def notices_geojson(notices: Iterable[Notice]) -> bytes:
    """The notices as a FeatureCollection in UTF-8; read again they are equal, to the last bit.

    Raises Refused("notice.twice") for two of one designation, which a file could not tell apart.
    """
    features: list[_WrittenFeature] = []
    seen: set[str] = set()
    for notice in notices:
        if notice.designation in seen:
            raise Refused(
                "notice.twice", f"two notices are designated {notice.designation!r}, each must be differently"
            )
        seen.add(notice.designation)
        features += _features(notice)
    return msgspec.json.encode(_WrittenCollection(features=features))


def _only(designation: str, bodies: list[Body]) -> Body:
    if len(bodies) != 1:
        raise Refused(
            "notice.body",
            f"notice {designation!r} has its fields in {len(bodies)} features, must have keepclear.notice in just one",
        )
    return bodies[0]


def _extent_of(feature: JsonValue) -> tuple[str, Extent, list[Body]]:
    demand_feature(feature)
    try:
        read = msgspec.convert(feature, _ReadFeature)
    except msgspec.ValidationError as error:
        raise Refused("geojson.shape", f"{error}") from None
    said = read.properties.keepclear
    extent = Extent(
        name=read.properties.name,
        role=said.role,
        area=area_of_drawing(Drawing(geometry=read.geometry, circle=said.circle, corridor=said.corridor)),
        band=AltitudeBand(lower=bound_of(said.lower, "lower"), upper=bound_of(said.upper, "upper")),
        window=Window(
            start=FIRST if said.start is None else instant_of(said.start),
            end=FOREVER if said.until is None else instant_of(said.until),
        ),
        accuracy_m=said.accuracy_m,
        height_accuracy_m=said.height_accuracy_m,
        time_accuracy_ms=Duration(said.time_accuracy_ms),
    )
    return said.designation, extent, [] if isinstance(said.notice, UnsetType) else [_body_of(said.notice)]


def _body_of(members: dict[str, object]) -> Body:
    # Fields refuses every value that is of another form than was asked for, a fraction among them.
    taken = Fields(cast("Json", members), what="notice")
    body = body_from(taken)
    taken.end()
    return body


def _features(notice: Notice) -> list[_WrittenFeature]:
    first = notice.extents[0]
    return [
        _feature(notice.designation, each, dict(body_members(notice.body)) if each is first else UNSET)
        for each in notice.extents
    ]


def _feature(designation: str, extent: Extent, body: dict[str, object] | UnsetType) -> _WrittenFeature:
    drawn, band, window = drawing_of(extent.area), extent.band, extent.window
    said = ExtentFields(
        designation=designation,
        role=extent.role,
        lower=height_fields(band.lower),
        upper=height_fields(band.upper),
        start=_time(window.start, FIRST),
        until=_time(window.end, FOREVER),
        accuracy_m=extent.accuracy_m,
        height_accuracy_m=extent.height_accuracy_m,
        time_accuracy_ms=extent.time_accuracy_ms,
        circle=drawn.circle,
        corridor=drawn.corridor,
        notice=body,
    )
    return _WrittenFeature(geometry=drawn.geometry, properties=_Properties(name=extent.name, keepclear=said))


def _time(at: Instant, end: Instant) -> str | None:
    return None if at == end else instant_text(at)
