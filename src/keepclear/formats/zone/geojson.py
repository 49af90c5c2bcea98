"""Zones as GeoJSON, in and out: RFC 7946, with an extension for circles and corridors.

The format, with every field and every refusal, is in docs/geojson.md. Edges are geodesics on WGS 84. Nothing
is corrected: each feature gives a zone, or one refusal that names it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from keepclear.core.errors import Refused
from keepclear.core.watch.zone import Zone, ZoneKind
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
from keepclear.formats.zone.zonefields import ZoneFields, zone_fields, zone_of
from keepclear.formats.zone.zoneoutline import Line, outline_lines, warning_lines


class KeepclearFields(ZoneFields, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """``properties.keepclear``: the zone's fields, and those that make a shape of a point or a line."""

    circle: CircleFields | UnsetType = UNSET
    corridor: CorridorFields | UnsetType = UNSET


class _ReadProperties(msgspec.Struct, frozen=True, kw_only=True):
    name: str | None = None
    keepclear: KeepclearFields | None = None


class _ReadFeature(msgspec.Struct, frozen=True, kw_only=True):
    type: Literal["Feature"]
    geometry: Geometry
    properties: _ReadProperties | None = None


class _WrittenProperties(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    keepclear: KeepclearFields
    outline: list[Line] | None = None
    warning_outline: list[Line] | None = None


class _WrittenFeature(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="Feature"):
    geometry: Geometry
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
    for index, feature in enumerate(features_of(raw)):
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


def _zone(feature: JsonValue, *, declared_by: str, kind: ZoneKind, name: str) -> Zone:
    demand_feature(feature)
    try:
        read = msgspec.convert(feature, _ReadFeature)
    except msgspec.ValidationError as error:
        raise Refused("geojson.shape", f"{error}") from None
    properties = read.properties or _ReadProperties()
    fields = properties.keepclear or KeepclearFields()
    area = area_of_drawing(Drawing(geometry=read.geometry, circle=fields.circle, corridor=fields.corridor))
    return zone_of(fields, area=area, name=properties.name or name, kind=kind, declared_by=declared_by)


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
    drawn = drawing_of(area)
    said_of_it = msgspec.structs.asdict(zone_fields(zone))
    fields = msgspec.structs.replace(
        KeepclearFields(**said_of_it), circle=drawn.circle, corridor=drawn.corridor
    )
    return _WrittenFeature(
        geometry=drawn.geometry,
        properties=_WrittenProperties(
            name=zone.name,
            keepclear=fields,
            outline=outline_lines(area) if with_outlines else None,
            warning_outline=warning_lines(area, zone.warning_distance_m) if with_outlines else None,
        ),
    )
