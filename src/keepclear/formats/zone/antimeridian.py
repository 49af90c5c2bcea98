"""Polygons that a file cut at the antimeridian, put together again.

RFC 7946, 3.1.9 asks writers to cut what crosses the antimeridian. The cut is no edge of the zone, and a
distance to it would be a distance to nothing. Meridians are geodesics, so taking out the edges that lie on
the cut from both sides leaves exactly the area that the file states, corner by corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from keepclear.core.errors import Refused
from keepclear.core.space.area import Part, Polygon, Ring, edge_distance_m
from keepclear.core.space.geodesy import Position

Rings: TypeAlias = tuple[Ring, ...]
"""The rings of one part as a file has them: the outer one, then its holes."""

_Edge: TypeAlias = tuple[Position, Position]

_CUT_DEG: Final = 180.0


def joined_parts(parts: Sequence[Rings]) -> tuple[Part, ...]:
    """The parts of a polygon, those that only the antimeridian divides joined into one.

    Two parts, or two sides of one part, are joined where the one has an edge on 180 E and the other the same
    edge, end for end, on 180 W. Parts whose edges there match in no segment stay apart: they may touch, and
    the edge between them counts (``polygon_distances_m`` says on which side it errs). Raises
    Refused("geojson.antimeridian") when joining does not give rings.
    """
    edges = [_edges(rings) for rings in parts]
    gone = _met(edges)
    joined: list[Part] = []
    for group in _groups(edges, gone):
        kept = [_same(edge) for place in group for edge in edges[place] if not _is_gone(edge, gone)]
        if len(kept) == sum(len(edges[place]) for place in group):
            outer, *holes = parts[group[0]]
            joined.append(Part(outer=outer, holes=tuple(holes)))
        else:
            joined.append(_part(_chained([edge for edge in kept if edge[0] != edge[1]])))
    return tuple(joined)


def _edges(rings: Rings) -> list[_Edge]:
    """The edges of a part, its inside to their left on a map of longitude and latitude."""
    turned = [_turned(ring, left=place == 0) for place, ring in enumerate(rings)]
    return [pair for ring in turned for pair in zip(ring, (*ring[1:], ring[0]), strict=True)]


def _turned(ring: Ring, *, left: bool) -> Ring:
    # Readers are not to rely on the direction in which a file gives its rings (RFC 7946, 3.1.6).
    twice_area = sum(
        one.longitude_deg * other.latitude_deg - other.longitude_deg * one.latitude_deg
        for one, other in zip(ring, (*ring[1:], ring[0]), strict=True)
    )
    return ring if (twice_area > 0) == left else ring[::-1]


def _met(edges: list[list[_Edge]]) -> frozenset[_Edge]:
    """The edges that lie on the cut from the east and, turned round, from the west; in both directions."""
    east = {_same(edge) for part in edges for edge in part if _lies_on(edge, _CUT_DEG)}
    west = {_same(edge) for part in edges for edge in part if _lies_on(edge, -_CUT_DEG)}
    back = {(end, start) for start, end in west}
    return frozenset(edge for start, end in east & back for edge in ((start, end), (end, start)))


def _is_gone(edge: _Edge, gone: frozenset[_Edge]) -> bool:
    return (_lies_on(edge, _CUT_DEG) or _lies_on(edge, -_CUT_DEG)) and _same(edge) in gone


def _lies_on(edge: _Edge, longitude_deg: float) -> bool:
    return edge[0].longitude_deg == longitude_deg == edge[1].longitude_deg


def _same(edge: _Edge) -> _Edge:
    """The edge with one way to write each place: 180 W is 180 E, and a pole has longitude 0."""
    return _one_way(edge[0]), _one_way(edge[1])


def _one_way(at: Position) -> Position:
    if abs(at.latitude_deg) == 90:
        return Position(latitude_deg=at.latitude_deg, longitude_deg=0.0)
    if at.longitude_deg == -_CUT_DEG:
        return Position(latitude_deg=at.latitude_deg, longitude_deg=_CUT_DEG)
    return at


def _groups(edges: list[list[_Edge]], gone: frozenset[_Edge]) -> list[list[int]]:
    """The places of the parts, in groups of those that share an edge that is gone."""
    group = list(range(len(edges)))
    first: dict[frozenset[Position], int] = {}
    for place, part in enumerate(edges):
        for edge in part:
            if _is_gone(edge, gone):
                other = group[first.setdefault(frozenset(_same(edge)), place)]
                group = [group[place] if member == other else member for member in group]
    return [[place for place, member in enumerate(group) if member == name] for name in dict.fromkeys(group)]


def _chained(edges: list[_Edge]) -> list[Ring]:
    """The rings that directed edges make, each edge used once."""
    following = dict(edges)
    if len(following) < len(edges) or set(following) != set(following.values()) or not edges:
        raise Refused(
            "geojson.antimeridian",
            "the parts cut at the antimeridian do not join to rings: give it uncut, with edges across",
        )
    rings: list[Ring] = []
    while following:
        at = next(iter(following))
        ring: list[Position] = []
        while at in following:
            ring.append(at)
            at = following.pop(at)
        rings.append(tuple(ring))
    return rings


def _part(rings: list[Ring]) -> Part:
    """The part that connected rings bound: the outer one is that which holds the others."""
    for place, ring in enumerate(rings):
        others = rings[:place] + rings[place + 1 :]
        alone = Polygon(parts=(Part(outer=ring),)) if others else None
        if alone is None or all(edge_distance_m(alone, other[0]) < 0 for other in others):
            return Part(outer=ring, holes=tuple(others))
    raise Refused(
        "geojson.antimeridian",
        "the parts cut at the antimeridian join to rings of which none holds the others",
    )
