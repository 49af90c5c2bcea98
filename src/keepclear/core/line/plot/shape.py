"""Shapes: where a place is, in the whole numbers that were signed, and the area that they mean.

The whole numbers are the truth; the floats of core/space are worked out from them. A whole number of 1e-7
degree, divided by 1e7 and multiplied again, comes back as it was, and so do centimetres.
Source: docs/protocol.md clause 8.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias, assert_never

from keepclear.core.errors import Refused
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon
from keepclear.core.space.corridor import HALF_WIDTH_MAX_M
from keepclear.core.space.geodesy import Position
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields

DEGREE_E7: Final = 10_000_000
"""How many of the units of ``_e7`` make a degree."""

METRE_CM: Final = 100

LATITUDE_E7_MAX: Final = 90 * DEGREE_E7
LONGITUDE_E7_MAX: Final = 180 * DEGREE_E7

RADIUS_CM_MAX: Final = 1_997_000_000
"""19,970 km: the edge of a circle up to this is one closed line (UNIQUE_M in core/space/geodesy.py)."""

HALF_WIDTH_CM_MAX: Final = int(HALF_WIDTH_MAX_M) * METRE_CM

POSITIONS_MAX: Final = 256
"""The most positions that one place has, all rings of a polygon counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridPosition:
    """A position in whole numbers of 1e-7 degree (11 mm or less) on WGS 84, north and east positive.

    Raises Refused("place.position") for latitudes beyond 90 degrees and longitudes beyond 180.
    """

    latitude_e7: int
    longitude_e7: int

    def __post_init__(self) -> None:
        if abs(self.latitude_e7) > LATITUDE_E7_MAX or abs(self.longitude_e7) > LONGITUDE_E7_MAX:
            raise Refused(
                "place.position",
                f"position is {[self.latitude_e7, self.longitude_e7]}, must be latitude then longitude in "
                f"units of 1e-7 degree, within {LATITUDE_E7_MAX} and {LONGITUDE_E7_MAX}",
            )

    @property
    def position(self) -> Position:
        """The same in degrees."""
        return Position(
            latitude_deg=self.latitude_e7 / DEGREE_E7, longitude_deg=self.longitude_e7 / DEGREE_E7
        )


GridLine: TypeAlias = tuple[GridPosition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PointShape:
    """One position. It has no area: nothing is inside a point."""

    at: GridPosition


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleShape:
    """Every position within ``radius_cm`` of ``centre``, from 1 cm to RADIUS_CM_MAX.

    Raises Refused("place.radius").
    """

    centre: GridPosition
    radius_cm: int
    area: Circle = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.radius_cm <= RADIUS_CM_MAX:
            raise Refused(
                "place.radius", f"radius is {self.radius_cm} cm, must be from 1 to {RADIUS_CM_MAX} cm"
            )
        area = Circle(centre=self.centre.position, radius_m=self.radius_cm / METRE_CM)
        object.__setattr__(self, "area", area)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolygonShape:
    """A ring of geodesic edges, not closed again, and the rings of its holes, if any, after it.

    At most POSITIONS_MAX positions; raises Refused("place.positions"), and as Part of core/space does for a
    ring that has no inside: "polygon.points", "polygon.meets-itself", "area.repeated-point" and the rest.
    """

    rings: tuple[GridLine, ...]
    area: Polygon = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.rings:
            raise Refused("place.positions", "polygon has no ring, must have an outer ring")
        _refuse_many(sum(map(len, self.rings)))
        outer, *holes = (tuple(corner.position for corner in ring) for ring in self.rings)
        area = Polygon(parts=(Part(outer=outer, holes=tuple(holes)),))
        object.__setattr__(self, "area", area)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorridorShape:
    """Every position within ``half_width_cm`` of a line of geodesic legs, from 1 cm to 9,000 km.

    At most POSITIONS_MAX positions; raises Refused("place.half-width"), Refused("place.positions"), and as
    Corridor of core/space does: "corridor.points", "area.repeated-point", "area.edge-too-long".
    """

    line: GridLine
    half_width_cm: int
    area: Corridor = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.half_width_cm <= HALF_WIDTH_CM_MAX:
            raise Refused(
                "place.half-width",
                f"half-width is {self.half_width_cm} cm, must be from 1 to {HALF_WIDTH_CM_MAX} cm",
            )
        _refuse_many(len(self.line))
        line = tuple(point.position for point in self.line)
        object.__setattr__(self, "area", Corridor(line=line, half_width_m=self.half_width_cm / METRE_CM))


Shape: TypeAlias = PointShape | CircleShape | PolygonShape | CorridorShape

SHAPE_WORDS: Final[dict[type[Shape], str]] = {
    PointShape: "point",
    CircleShape: "circle",
    PolygonShape: "polygon",
    CorridorShape: "corridor",
}
"""What each shape is called in a message."""


def shape_members(shape: Shape) -> dict[str, Json]:
    """The shape as a JSON object."""
    match shape:
        case PointShape():
            return {"kind": SHAPE_WORDS[type(shape)], "at": _pair(shape.at)}
        case CircleShape():
            return {
                "kind": SHAPE_WORDS[type(shape)],
                "centre": _pair(shape.centre),
                "radius_cm": shape.radius_cm,
            }
        case PolygonShape():
            return {
                "kind": SHAPE_WORDS[type(shape)],
                "rings": [[_pair(corner) for corner in ring] for ring in shape.rings],
            }
        case CorridorShape():
            line: Json = [_pair(point) for point in shape.line]
            return {"kind": SHAPE_WORDS[type(shape)], "line": line, "half_width_cm": shape.half_width_cm}
        case _:
            assert_never(shape)


def shape_of(taken: Fields) -> Shape:
    """The shape that an object says; raises Refused as Fields and the shapes do, "place.kind" for another kind."""
    kind = taken.text("kind", length_max=64)
    shape: Shape
    match kind:
        case "point":
            shape = PointShape(at=_position_of(taken.value("at")))
        case "circle":
            shape = CircleShape(
                centre=_position_of(taken.value("centre")),
                radius_cm=taken.whole("radius_cm", least=1, most=RADIUS_CM_MAX),
            )
        case "polygon":
            shape = PolygonShape(rings=_rings_of(taken))
        case "corridor":
            shape = CorridorShape(
                line=tuple(map(_position_of, taken.items("line", most=POSITIONS_MAX))),
                half_width_cm=taken.whole("half_width_cm", least=1, most=HALF_WIDTH_CM_MAX),
            )
        case _:
            raise Refused(
                "place.kind", f"shape is of the kind {kind!r}, must be {', '.join(SHAPE_WORDS.values())}"
            )
    taken.end()
    return shape


def area_of_shape(shape: Shape) -> Area | None:
    """The area that a shape means; None of a point, which has none."""
    return None if isinstance(shape, PointShape) else shape.area


def shapes_of_area(area: Area) -> tuple[Shape, ...]:
    """The shapes that say an area: one, or one for each part of a polygon.

    Positions are rounded to the nearest 1e-7 degree, which moves none by more than 8 mm; radius and
    half-width to the nearest centimetre. Raises Refused as the shapes do.
    """
    match area:
        case Circle():
            return (CircleShape(centre=grid_position(area.centre), radius_cm=centimetres(area.radius_m)),)
        case Polygon():
            return tuple(
                PolygonShape(rings=tuple(_grid_line(ring) for ring in (part.outer, *part.holes)))
                for part in area.parts
            )
        case Corridor():
            return (CorridorShape(line=_grid_line(area.line), half_width_cm=centimetres(area.half_width_m)),)
        case _:
            assert_never(area)


def grid_position(at: Position) -> GridPosition:
    """The nearest position of whole 1e-7 degrees."""
    return GridPosition(
        latitude_e7=round(at.latitude_deg * DEGREE_E7), longitude_e7=round(at.longitude_deg * DEGREE_E7)
    )


def centimetres(length_m: float) -> int:
    """The nearest whole centimetre."""
    return round(length_m * METRE_CM)


def ceiling_cm(doubt_m: float) -> int:
    """The least whole centimetres that are no less than a doubt, so that rounding makes nothing surer."""
    nearest = centimetres(doubt_m)
    return nearest if nearest / METRE_CM >= doubt_m else nearest + 1


def _grid_line(line: tuple[Position, ...]) -> GridLine:
    return tuple(grid_position(at) for at in line)


def _pair(at: GridPosition) -> Json:
    return [at.latitude_e7, at.longitude_e7]


def _position_of(value: Json) -> GridPosition:
    match value:
        case [int() as latitude_e7, int() as longitude_e7] if not (
            isinstance(latitude_e7, bool) or isinstance(longitude_e7, bool)
        ):
            return GridPosition(latitude_e7=latitude_e7, longitude_e7=longitude_e7)
        case _:
            raise Refused(
                "place.position", f"position is {value!r:.60}, must be [latitude, longitude] in whole numbers"
            )


def _rings_of(taken: Fields) -> tuple[GridLine, ...]:
    rings: list[GridLine] = []
    for ring in taken.items("rings", most=POSITIONS_MAX):
        if not isinstance(ring, list):
            raise Refused("place.positions", f"ring is {ring!r:.60}, must be a list of positions")
        rings.append(tuple(map(_position_of, ring)))
    return tuple(rings)


def _refuse_many(positions: int) -> None:
    if positions > POSITIONS_MAX:
        raise Refused(
            "place.positions", f"shape has {positions} positions, must have {POSITIONS_MAX} or fewer"
        )
