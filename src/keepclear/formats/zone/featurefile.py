"""GeoJSON files: their features, one by one, as far as a file can be read as a whole (RFC 7946)."""

from __future__ import annotations

from typing import Final

from keepclear.core.errors import Refused
from keepclear.formats.strictjson import JsonValue, demand_sound, read_json

GEOJSON_BYTES_MAX: Final = 8 * 1024 * 1024
FEATURES_MAX: Final = 10_000
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


def features_of(raw: bytes) -> list[JsonValue]:
    """The features of a Feature or a FeatureCollection, each still with its flaws.

    Raises Refused("json.*") or ("geojson.*") when the file as a whole cannot be read.
    """
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
    if len(features) > FEATURES_MAX:
        raise Refused(
            "geojson.too-many", f"the file has {len(features)} features, at most {FEATURES_MAX} are read"
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


def demand_feature(feature: JsonValue) -> None:
    """Raises Refused for a feature that two readers could read differently, or with members of another type."""
    demand_sound(feature)
    if isinstance(feature, dict):
        _demand_own_members(feature, "Feature")
        geometry = feature.get("geometry")
        if isinstance(geometry, dict):
            _demand_own_members(geometry, "geometry")


def _demand_own_members(members: dict[str, JsonValue], kind: str) -> None:
    for key in _FOREIGN[kind]:
        if key in members:
            raise Refused("geojson.member", f"a {kind} must not have the member {key!r} (RFC 7946, 7.1)")
