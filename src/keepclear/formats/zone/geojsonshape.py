"""Areas as GeoJSON geometries, in and out: RFC 7946, with an extension for circles and corridors.

Source: docs/geojson.md, "Shapes". Edges are geodesics on WGS 84.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, assert_never

import msgspec
from msgspec import UNSET, UnsetType

from keepclear.core.errors import Refused
from keepclear.core.space.area import Area, Circle, Corridor, Polygon, Ring
from keepclear.core.space.geodesy import Position
from keepclear.core.space.polygon import PARTS_MAX, POLYGON_POINTS_MAX
from keepclear.formats.zone.antimeridian import Rings, joined_parts
from keepclear.formats.zone.zoneoutline import Line


class CircleFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What makes a Point a circle."""

    radius_m: float


class CorridorFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What makes a LineString a corridor."""

    half_width_m: float


class PointGeometry(msgspec.Struct, frozen=True, tag_field="type", tag="Point"):
    """A position: the centre of a circle."""

    coordinates: list[float]


class LineGeometry(msgspec.Struct, frozen=True, tag_field="type", tag="LineString"):
    """A line: the middle of a corridor."""

    coordinates: Line


class PolygonGeometry(msgspec.Struct, frozen=True, tag_field="type", tag="Polygon"):
    """Rings, the outer one first."""

    coordinates: list[Line]


class MultiPolygonGeometry(msgspec.Struct, frozen=True, tag_field="type", tag="MultiPolygon"):
    """Polygons that are one area."""

    coordinates: list[list[Line]]


Geometry: TypeAlias = PointGeometry | LineGeometry | PolygonGeometry | MultiPolygonGeometry


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """An area as GeoJSON: its geometry, and what makes a circle of a Point or a corridor of a LineString."""

    geometry: Geometry
    circle: CircleFields | UnsetType = UNSET
    corridor: CorridorFields | UnsetType = UNSET


def area_of_drawing(drawing: Drawing) -> Area:
    """The area that a geometry means, nothing corrected.

    Raises Refused("geojson.*"), ("zone.open-ring"), and as the areas do.
    """
    geometry, circle, corridor = drawing.geometry, drawing.circle, drawing.corridor
    _demand_extension(
        "circle", given=not isinstance(circle, UnsetType), wanted=isinstance(geometry, PointGeometry)
    )
    _demand_extension(
        "corridor", given=not isinstance(corridor, UnsetType), wanted=isinstance(geometry, LineGeometry)
    )
    if isinstance(geometry, PointGeometry) and isinstance(circle, CircleFields):
        return Circle(centre=_position(geometry.coordinates), radius_m=circle.radius_m)
    if isinstance(geometry, LineGeometry) and isinstance(corridor, CorridorFields):
        return Corridor(line=_line(geometry.coordinates), half_width_m=corridor.half_width_m)
    assert isinstance(geometry, PolygonGeometry | MultiPolygonGeometry)
    parts = [geometry.coordinates] if isinstance(geometry, PolygonGeometry) else geometry.coordinates
    _demand_bounded(parts)
    return Polygon(parts=joined_parts(tuple(_rings(rings) for rings in parts)))


def drawing_of(area: Area) -> Drawing:
    """An area as GeoJSON; read again it is equal, to the last bit."""
    match area:
        case Circle():
            return Drawing(
                geometry=PointGeometry(_pair(area.centre)), circle=CircleFields(radius_m=area.radius_m)
            )
        case Corridor():
            return Drawing(
                geometry=LineGeometry([_pair(at) for at in area.line]),
                corridor=CorridorFields(half_width_m=area.half_width_m),
            )
        case Polygon():
            parts = [[_closed(ring) for ring in (part.outer, *part.holes)] for part in area.parts]
            return Drawing(
                geometry=PolygonGeometry(parts[0]) if len(parts) == 1 else MultiPolygonGeometry(parts)
            )
        case _:
            assert_never(area)


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


def _pair(at: Position) -> list[float]:
    return [at.longitude_deg, at.latitude_deg]


def _closed(ring: Ring) -> Line:
    return [_pair(at) for at in (*ring, ring[0])]
