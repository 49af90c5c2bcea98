"""Zones as GeoJSON, in and out: RFC 7946, with an extension for circles and corridors.

The format, with every field and every refusal, is in docs/geojson.md. Edges are geodesics on WGS 84. Nothing
is corrected: each feature gives a zone, or one refusal that names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, assert_never

import msgspec
from msgspec import UNSET, UnsetType

from keepclear.core.errors import Refused
from keepclear.core.space.area import Area, Circle, Corridor, Polygon, Ring
from keepclear.core.space.geodesy import Position
from keepclear.core.space.polygon import PARTS_MAX, POLYGON_POINTS_MAX
from keepclear.core.watch.zone import Zone, ZoneKind
from keepclear.formats.strictjson import JsonValue, demand_sound, read_json
from keepclear.formats.zone.antimeridian import Rings, joined_parts
from keepclear.formats.zone.zonefields import ZoneFields, said, zone_fields, zone_of
from keepclear.formats.zone.zoneoutline import Line, outline_lines, warning_lines

GEOJSON_BYTES_MAX: Final = 8 * 1024 * 1024
ZONES_MAX: Final = 10_000
"""The most features of one file."""

DEPTH_MAX: Final = 16
"""A MultiPolygon in a collection nests 8 deep; the rest is room for other people's properties."""

_LONGITUDE_LATITUDE: Final = frozenset({"urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84"})
# RFC 7946, 7.1: these members belong to one type each and must not occur in the others.
_FOREIGN: Final = {
    "FeatureCollection": ("coordinates", "geometries", "geometry", "properties"),
    "Feature": ("coordinates", "geometries", "features"),
    "geometry": ("geometry", "properties", "features"),
}


class CircleFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What makes a Point a circle."""

    radius_m: float


class CorridorFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What makes a LineString a corridor."""

    half_width_m: float


class KeepclearFields(ZoneFields, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """``properties.keepclear``: the zone's fields, and those that make a shape of a point or a line."""

    circle: CircleFields | UnsetType = UNSET
    corridor: CorridorFields | UnsetType = UNSET


class _Point(msgspec.Struct, frozen=True, tag_field="type", tag="Point"):
    coordinates: list[float]


class _LineString(msgspec.Struct, frozen=True, tag_field="type", tag="LineString"):
    coordinates: Line


class _Polygon(msgspec.Struct, frozen=True, tag_field="type", tag="Polygon"):
    coordinates: list[Line]


class _MultiPolygon(msgspec.Struct, frozen=True, tag_field="type", tag="MultiPolygon"):
    coordinates: list[list[Line]]


_Geometry: TypeAlias = _Point | _LineString | _Polygon | _MultiPolygon


class _ReadProperties(msgspec.Struct, frozen=True, kw_only=True):
    name: str | None = None
    keepclear: KeepclearFields | None = None


class _ReadFeature(msgspec.Struct, frozen=True, kw_only=True):
    type: Literal["Feature"]
    geometry: _Geometry
    properties: _ReadProperties | None = None


class _WrittenProperties(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    keepclear: KeepclearFields
    outline: list[Line] | None = None
    warning_outline: list[Line] | None = None


class _WrittenFeature(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="Feature"):
    geometry: _Geometry
    properties: _WrittenProperties


class _WrittenCollection(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="FeatureCollection"
):
    features: list[_WrittenFeature]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneRefusal:
    """One feature that did not give a zone: its place from 0, its name if it has one, and why."""

    index: int
    name: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonesRead:
    """What a file gave: zones and refusals in its order, and the names of properties that were ignored."""

    zones: tuple[Zone, ...]
    refusals: tuple[ZoneRefusal, ...] = ()
    ignored: tuple[str, ...] = ()


def zones_of(
    raw: bytes, *, declared_by: str = "", kind: ZoneKind = ZoneKind.EXCLUSION, name: str = ""
) -> ZonesRead:
    """The zones of a GeoJSON Feature or FeatureCollection.

    ``declared_by``, ``kind`` and ``name`` count for features that do not say theirs; where nobody says who
    declared a zone, or its name, it is refused. Two zones of one name: the second is refused. Raises
    Refused("json.*") or ("geojson.*") when the file as a whole cannot be read; a fault in one feature, a
    duplicate key included, refuses that feature alone.
    """
    zones: dict[str, Zone] = {}
    refusals: list[ZoneRefusal] = []
    ignored: set[str] = set()
    for index, feature in enumerate(_features(raw)):
        try:
            zone = _zone(feature, declared_by=declared_by, kind=kind, name=name)
            if zone.name in zones:
                raise Refused("zone.twice", f"the file already has a zone named {zone.name!r}")
        except Refused as error:
            refusals.append(_refusal(index, feature, error))
        else:
            zones[zone.name] = zone
            ignored |= _ignored(feature)
    return ZonesRead(zones=tuple(zones.values()), refusals=tuple(refusals), ignored=tuple(sorted(ignored)))


def geojson_of(zones: Iterable[Zone], *, with_outlines: bool) -> bytes:
    """The zones as a FeatureCollection in UTF-8; read again it gives equal zones, to the last bit.

    ``with_outlines`` adds ``properties.outline`` and ``properties.warning_outline``: lines along the true
    edge, and along the warning distance, made for drawing only; they are not read. Raises Refused("zone.*")
    for a duration that cannot be written.
    """
    features = [_feature(zone, with_outlines=with_outlines) for zone in zones]
    return msgspec.json.encode(_WrittenCollection(features=features))


def feature_of(zone: Zone, *, with_outlines: bool) -> bytes:
    """One zone as a GeoJSON Feature, as ``geojson_of`` writes it."""
    return msgspec.json.encode(_feature(zone, with_outlines=with_outlines))


def _features(raw: bytes) -> list[JsonValue]:
    value = read_json(raw, bytes_max=GEOJSON_BYTES_MAX, depth_max=DEPTH_MAX)
    if not isinstance(value, dict):
        demand_sound(value)
        raise Refused("geojson.shape", "the file holds no GeoJSON object")
    _demand_wgs84(value)
    found = value.get("type")
    if found == "Feature":
        return [value]
    around = {key: item for key, item in value.items() if key != "features"}
    demand_sound(around)
    if found != "FeatureCollection":
        raise Refused(
            "geojson.type", f"the type is {str(found)[:40]!r}, must be Feature or FeatureCollection"
        )
    _demand_own_members(around, "FeatureCollection")
    features = value.get("features")
    if not isinstance(features, list):
        demand_sound(features)
        raise Refused("geojson.shape", "the member features must be an array")
    if len(features) > ZONES_MAX:
        raise Refused(
            "geojson.too-many", f"the file has {len(features)} features, at most {ZONES_MAX} are read"
        )
    return features


def _demand_wgs84(top: dict[str, JsonValue]) -> None:
    # RFC 7946, 4: the system is WGS 84 in longitude, latitude; "crs" was taken out of the format.
    if "crs" not in top:
        return
    crs = top["crs"]
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if name not in _LONGITUDE_LATITUDE:
        raise Refused(
            "geojson.crs",
            f"the file names the coordinate system {str(name)[:80]!r}, must be WGS 84 (CRS84), or none",
        )


def _demand_own_members(members: dict[str, JsonValue], kind: str) -> None:
    for key in _FOREIGN[kind]:
        if key in members:
            raise Refused("geojson.member", f"a {kind} must not have the member {key!r} (RFC 7946, 7.1)")


def _zone(feature: JsonValue, *, declared_by: str, kind: ZoneKind, name: str) -> Zone:
    demand_sound(feature)
    if isinstance(feature, dict):
        _demand_own_members(feature, "Feature")
        geometry = feature.get("geometry")
        if isinstance(geometry, dict):
            _demand_own_members(geometry, "geometry")
    try:
        read = msgspec.convert(feature, _ReadFeature)
    except msgspec.ValidationError as error:
        raise Refused("geojson.shape", f"{error}") from None
    properties = read.properties or _ReadProperties()
    fields = properties.keepclear or KeepclearFields()
    area = _area(read.geometry, fields)
    return zone_of(fields, area=area, name=properties.name or name, kind=kind, declared_by=declared_by)


def _area(geometry: _Geometry, fields: KeepclearFields) -> Area:
    circle, corridor = said(fields.circle, None), said(fields.corridor, None)
    _demand_extension("circle", given=circle is not None, wanted=isinstance(geometry, _Point))
    _demand_extension("corridor", given=corridor is not None, wanted=isinstance(geometry, _LineString))
    if isinstance(geometry, _Point) and circle is not None:
        return Circle(centre=_position(geometry.coordinates), radius_m=circle.radius_m)
    if isinstance(geometry, _LineString) and corridor is not None:
        return Corridor(line=_line(geometry.coordinates), half_width_m=corridor.half_width_m)
    assert isinstance(geometry, _Polygon | _MultiPolygon)
    parts = [geometry.coordinates] if isinstance(geometry, _Polygon) else geometry.coordinates
    _demand_bounded(parts)
    return Polygon(parts=joined_parts(tuple(_rings(rings) for rings in parts)))


def _demand_bounded(parts: list[list[Line]]) -> None:
    # What a polygon refuses anyway is refused before anything is made of it.
    points = sum(len(ring) for rings in parts for ring in rings)
    if len(parts) > PARTS_MAX or points > POLYGON_POINTS_MAX:
        raise Refused(
            "geojson.too-large",
            f"the polygon has {len(parts)} parts and {points} positions, at most {PARTS_MAX} and "
            f"{POLYGON_POINTS_MAX} are read",
        )


def _demand_extension(shape: str, *, given: bool, wanted: bool) -> None:
    if given == wanted:
        return
    place, needed = ("Point", "radius_m") if shape == "circle" else ("LineString", "half_width_m")
    if wanted:
        raise Refused("geojson.extension", f"a {place} is a zone only with keepclear.{shape}.{needed}")
    raise Refused("geojson.extension", f"keepclear.{shape} belongs to a {place}, the geometry is another")


def _position(numbers: list[float]) -> Position:
    if len(numbers) == 3:
        raise Refused(
            "geojson.height",
            f"the position {numbers} has a height, which belongs in keepclear.lower and upper",
        )
    if len(numbers) != 2:
        raise Refused(
            "geojson.position", f"a position has {len(numbers)} numbers, must be longitude and latitude"
        )
    return Position(latitude_deg=numbers[1], longitude_deg=numbers[0])


def _line(numbers: Line) -> tuple[Position, ...]:
    return tuple(_position(pair) for pair in numbers)


def _rings(rings: list[Line]) -> Rings:
    if not rings:
        raise Refused("geojson.ring", "a polygon has no ring, must have at least an outer one")
    return tuple(_ring(ring, place) for place, ring in enumerate(rings))


def _ring(numbers: Line, place: int) -> tuple[Position, ...]:
    # RFC 7946, 3.1.6: a linear ring is closed, with four or more positions; first and last are identical.
    if len(numbers) < 4:
        raise Refused("geojson.ring", f"ring {place} has {len(numbers)} positions, must have 4 or more")
    if numbers[0] != numbers[-1]:
        raise Refused(
            "zone.open-ring", f"ring {place} ends at {numbers[-1]}, must return to its start at {numbers[0]}"
        )
    return _line(numbers[:-1])


def _refusal(index: int, feature: JsonValue, error: Refused) -> ZoneRefusal:
    name = _name(feature)
    who = f"feature {index} ({name})" if name else f"feature {index}"
    return ZoneRefusal(index=index, name=name, code=error.code, message=f"{who}: {error.message}")


def _name(feature: JsonValue) -> str:
    """The name of a feature, as far as it can be told whatever else is wrong with it, made safe to show."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        return ""
    keepclear = properties.get("keepclear")
    inner = keepclear.get("name") if isinstance(keepclear, dict) else None
    name = inner if isinstance(inner, str) else properties.get("name")
    return name[:80].encode("ascii", "backslashreplace").decode() if isinstance(name, str) else ""


def _ignored(feature: JsonValue) -> set[str]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return set(properties) - {"name", "keepclear"} if isinstance(properties, dict) else set()


def _feature(zone: Zone, *, with_outlines: bool) -> _WrittenFeature:
    area = zone.volume.area
    geometry, circle, corridor = _shape(area)
    said_of_it = msgspec.structs.asdict(zone_fields(zone))
    fields = msgspec.structs.replace(KeepclearFields(**said_of_it), circle=circle, corridor=corridor)
    return _WrittenFeature(
        geometry=geometry,
        properties=_WrittenProperties(
            name=zone.name,
            keepclear=fields,
            outline=outline_lines(area) if with_outlines else None,
            warning_outline=warning_lines(area, zone.warning_distance_m) if with_outlines else None,
        ),
    )


def _shape(area: Area) -> tuple[_Geometry, CircleFields | UnsetType, CorridorFields | UnsetType]:
    match area:
        case Circle():
            return _Point(_pair(area.centre)), CircleFields(radius_m=area.radius_m), UNSET
        case Corridor():
            line = [_pair(at) for at in area.line]
            return _LineString(line), UNSET, CorridorFields(half_width_m=area.half_width_m)
        case Polygon():
            parts = [[_closed(ring) for ring in (part.outer, *part.holes)] for part in area.parts]
            return (_Polygon(parts[0]) if len(parts) == 1 else _MultiPolygon(parts)), UNSET, UNSET
        case _:
            assert_never(area)


def _pair(at: Position) -> list[float]:
    return [at.longitude_deg, at.latitude_deg]


def _closed(ring: Ring) -> Line:
    return [_pair(at) for at in (*ring, ring[0])]
