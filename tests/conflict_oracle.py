"""Conflicts worked out a second time, by brute force on geographiclib; and pairs of extents that are hard to judge.

Nothing here is taken from the package but its nouns. Each distance is found by steps along one geodesic, skeletons are
held against each other at their corners and between them, and windows and bands are grown by what they may be off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise, product
from random import Random

from geographiclib.geodesic import Geodesic

from keepclear.core.instant import Duration, Instant, Window
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.minima import Minimum
from keepclear.core.space.altitude import UNLIMITED, Altitude, AltitudeBand, Bound, Containment, Datum
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Position

WGS84 = Geodesic.WGS84
Point = tuple[float, float]
Edge = tuple[Point, Point]
NO, POSSIBLE, DEFINITE = Containment.NO, Containment.POSSIBLE, Containment.DEFINITE
START = 1_536_192_000_000
CENTRES: tuple[Point, ...] = (
    (33.4967, 38.6178),
    (90.0, 0.0),
    (-89.97, 179.99),
    (72.5, 179.999),
    (0.001, -179.9),
    (-33.9, 151.2),
)
_FOOT_M = 1e-5
_FOOT_STEPS = 60
_BETWEEN = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """What an area is within ``margin_m`` of: points and the edges between them, and their inside where closed."""

    points: tuple[Point, ...]
    edges: tuple[Edge, ...]
    closed: bool
    margin_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """How far two areas are apart, negative by how much they share; ``exact``: else they share that or more."""

    signed_m: float
    exact: bool


def distance_m(one: Point, other: Point) -> float:
    return WGS84.Inverse(*one, *other, Geodesic.DISTANCE)["s12"]


def struck(at: Point, azimuth_deg: float, length_m: float) -> Point:
    found = WGS84.Direct(*at, azimuth_deg, length_m, Geodesic.LATITUDE | Geodesic.LONGITUDE)
    return found["lat2"], found["lon2"]


def position(at: Point) -> Position:
    return Position(latitude_deg=at[0], longitude_deg=at[1])


def point(at: Position) -> Point:
    return at.latitude_deg, at.longitude_deg


def skeleton(area: Area) -> Skeleton:
    """A circle's centre, a corridor's line, a polygon of one ring."""
    match area:
        case Circle():
            return Skeleton(points=(point(area.centre),), edges=(), closed=False, margin_m=area.radius_m)
        case Corridor():
            line = tuple(map(point, area.line))
            return Skeleton(
                points=line, edges=tuple(pairwise(line)), closed=False, margin_m=area.half_width_m
            )
        case Polygon():
            ring = tuple(map(point, area.parts[0].outer))
            return Skeleton(points=ring, edges=tuple(pairwise((*ring, ring[0]))), closed=True, margin_m=0.0)


def to_edge_m(at: Point, edge: Edge) -> float:
    """The least distance from a point to a geodesic edge, by steps to where the point lies abeam."""
    line = WGS84.InverseLine(*edge[0], *edge[1])
    along_m = line.s13 / 2
    for _ in range(_FOOT_STEPS):
        here = line.Position(along_m, Geodesic.LATITUDE | Geodesic.LONGITUDE | Geodesic.AZIMUTH)
        seen = WGS84.Inverse(here["lat2"], here["lon2"], *at, Geodesic.DISTANCE | Geodesic.AZIMUTH)
        ahead_m = seen["s12"] * math.cos(math.radians(seen["azi1"] - here["azi2"]))
        further_m = min(max(along_m + ahead_m, 0.0), line.s13)
        if abs(further_m - along_m) < _FOOT_M:
            return seen["s12"]
        along_m = further_m
    raise AssertionError(f"no foot of {at} on {edge}")


def is_inside(at: Point, ring: Skeleton) -> bool:
    """Whether the corners of a ring go once round a point, as seen from it."""
    azimuths = [WGS84.Inverse(*at, *corner, Geodesic.AZIMUTH)["azi1"] for corner in ring.points]
    turned = sum(math.remainder(after - before, 360) for before, after in pairwise([*azimuths, azimuths[0]]))
    return abs(turned) > 180


def signed_m(at: Point, shape: Skeleton) -> float:
    """The distance from a point to a skeleton, negative inside a ring."""
    if not shape.edges:
        return distance_m(at, shape.points[0])
    least_m = min(to_edge_m(at, edge) for edge in shape.edges)
    return -least_m if shape.closed and is_inside(at, shape) else least_m


def are_crossing(one: Edge, other: Edge) -> bool:
    return _sides_differ(one, other) and _sides_differ(other, one)


def _sides_differ(edge: Edge, ends: Edge) -> bool:
    travel_deg = WGS84.Inverse(*edge[0], *edge[1], Geodesic.AZIMUTH)["azi1"]
    right = [
        math.sin(math.radians(WGS84.Inverse(*edge[0], *end, Geodesic.AZIMUTH)["azi1"] - travel_deg))
        for end in ends
    ]
    return right[0] * right[1] < 0


def edges_apart_m(one: Edge, other: Edge) -> float:
    """The least distance of two edges that do not cross: from the ends of both, and from between those of the one."""
    line = WGS84.InverseLine(*one[0], *one[1])
    places = [line.Position(line.s13 * share) for share in _BETWEEN]
    there = [(each["lat2"], each["lon2"]) for each in places]
    return min(*(to_edge_m(at, other) for at in there), *(to_edge_m(at, one) for at in other))


def skeletons_apart_m(one: Skeleton, other: Skeleton) -> float:
    """The least distance of two skeletons, 0 where they meet."""
    for ring, inner in ((one, other), (other, one)):
        if ring.closed and any(is_inside(at, ring) for at in inner.points):
            return 0.0
    if not one.edges or not other.edges:
        at, shape = (one.points[0], other) if not one.edges else (other.points[0], one)
        return signed_m(at, shape)
    least_m = math.inf
    pairs = sorted((_middles_apart_m(*pair), pair) for pair in product(one.edges, other.edges))
    for nearest_m, pair in pairs:
        if nearest_m > least_m:
            break
        if are_crossing(*pair):
            return 0.0
        least_m = min(least_m, edges_apart_m(*pair))
    return least_m


def _middles_apart_m(one: Edge, other: Edge) -> float:
    """Less than two edges can be apart: from middle to middle, less half of each."""
    lines = [WGS84.InverseLine(*edge[0], *edge[1]) for edge in (one, other)]
    middles = [line.Position(line.s13 / 2) for line in lines]
    return distance_m(*((each["lat2"], each["lon2"]) for each in middles)) - sum(
        line.s13 / 2 for line in lines
    )


def apart(own: Area, other: Area, *, said: Position | None = None) -> Apart:
    """How far two areas are apart. ``said``: a place that is said to be in both, where that has to be checked."""
    one, two = skeleton(own), skeleton(other)
    margins_m = one.margin_m + two.margin_m
    if one.closed and not two.edges:
        return Apart(signed_m=signed_m(two.points[0], one) - margins_m, exact=True)
    if two.closed and not one.edges:
        return Apart(signed_m=signed_m(one.points[0], two) - margins_m, exact=True)
    between_m = skeletons_apart_m(one, two)
    if not (one.closed or two.closed) or between_m > margins_m:
        return Apart(signed_m=between_m - margins_m, exact=True)
    shared_m = margins_m - between_m
    if said is not None:
        depth_m = margins_m - signed_m(point(said), one) - signed_m(point(said), two)
        shared_m = max(shared_m, depth_m)
    return Apart(signed_m=-shared_m, exact=False)


def time_verdict(own: Extent, other: Extent, rule: Minimum) -> Containment:
    """Whether two windows hold instants no more than the rule's time apart: at their widest, and at their least."""
    off_ms = own.time_accuracy_ms + other.time_accuracy_ms
    one, two = ((each.window.start, max(each.window.end - 1, each.window.start)) for each in (own, other))
    apart_ms = max(two[0] - one[1], one[0] - two[1])
    if apart_ms - off_ms > rule.time_ms:
        return NO
    return DEFINITE if apart_ms + off_ms <= rule.time_ms else POSSIBLE


def height_verdict(own: Extent, other: Extent, rule: Minimum) -> Containment:
    """Whether two bands come as near as the rule forbids, where their datums say that they can be compared."""
    doubt_m = own.height_accuracy_m + other.height_accuracy_m
    verdicts = []
    for low, high in ((own.band, other.band), (other.band, own.band)):
        top, bottom = low.upper, high.lower
        if isinstance(top, Bound) or isinstance(bottom, Bound):
            verdicts.append(DEFINITE)
        elif top.datum != bottom.datum or top.datum is Datum.UNKNOWN:
            verdicts.append(POSSIBLE)
        else:
            room_m = bottom.height_m - top.height_m
            sure = room_m + doubt_m <= rule.vertical_m
            verdicts.append(NO if room_m - doubt_m > rule.vertical_m else DEFINITE if sure else POSSIBLE)
    return min(verdicts)


def area_verdict(signed_m: float, doubt_m: float, asked_m: float) -> Containment:
    if signed_m - doubt_m > asked_m:
        return NO
    return DEFINITE if signed_m + doubt_m <= asked_m else POSSIBLE


def hard_area(rng: Random, at: Point, size_m: float) -> Area:
    """A circle, a corridor of one leg or two, or a triangle, about as large as is said."""
    kind = rng.choices(("circle", "corridor", "triangle"), (5, 3, 2))[0]
    if kind == "circle":
        return Circle(centre=position(at), radius_m=size_m)
    turn_deg = rng.uniform(0, 360)
    if kind == "triangle":
        corners = (
            struck(at, turn_deg + 120 * n + rng.uniform(-40, 40), size_m * rng.uniform(0.3, 1))
            for n in range(3)
        )
        return Polygon(parts=(Part(outer=tuple(map(position, corners))),))
    line = [at, struck(at, turn_deg, size_m)]
    if rng.random() < 0.3:
        line.append(struck(line[-1], turn_deg + rng.uniform(-120, 120), size_m * rng.uniform(0.2, 1)))
    return Corridor(line=tuple(map(position, line)), half_width_m=size_m * rng.uniform(0.01, 0.5))


def hard_pair(rng: Random) -> tuple[Extent, Extent, Minimum]:
    """Two extents and a rule that is within some centimetres, metres in height or milliseconds of deciding."""
    centre = rng.choice(CENTRES)
    sizes_m = [math.exp(rng.uniform(math.log(10), math.log(60_000))) for _ in range(2)]
    there = struck(centre, rng.uniform(0, 360), sum(sizes_m) * rng.uniform(0, 1.8))
    areas = [hard_area(rng, at, size_m) for at, size_m in zip((centre, there), sizes_m, strict=True)]
    doubts_m = [rng.choice((0.0, 0.01, 50.0, 3_000.0)) * rng.random() for _ in range(2)]
    near_m = apart(areas[0], areas[1]).signed_m + rng.choice((-1, 0, 1)) * sum(doubts_m)
    time_ms = rng.choice((0, 1, 600_000))
    one, two = hard_windows(rng, time_ms)
    offs_ms = [rng.choice((0, 1, 60_000)) for _ in range(2)]
    rule = Minimum(
        name="rule",
        kinds=("any", "any"),
        horizontal_m=min(max(near_m + rng.uniform(-0.05, 0.05), 0.0), 1_000_000.0),
        vertical_m=rng.choice((0.0, 300.0)),
        time_ms=Duration(time_ms),
    )
    own, other = (
        Extent(
            name="one",
            role=Role.AREA,
            area=area,
            band=hard_band(rng),
            window=window,
            accuracy_m=doubt_m,
            height_accuracy_m=rng.choice((0.0, 100.0)),
            time_accuracy_ms=Duration(off_ms),
        )
        for area, window, doubt_m, off_ms in zip(areas, (one, two), doubts_m, offs_ms, strict=True)
    )
    return own, other, rule


def hard_windows(rng: Random, time_ms: int) -> tuple[Window, Window]:
    """Mostly two that share an hour, else two that are as far apart as the rule and the doubts decide."""
    one = (START, START + rng.choice((0, 1, 3_600_000)))
    first = one[0] + rng.randint(-600_000, 600_000)
    if rng.random() < 0.3:
        first = one[1] + time_ms + rng.choice((-60_000, -1, 0, 1, 60_000)) + rng.randint(-2, 2)
    two = (first, first + rng.choice((0, 1, 3_600_000)))
    return Window(start=Instant(one[0]), end=Instant(one[1])), Window(
        start=Instant(two[0]), end=Instant(two[1])
    )


def hard_band(rng: Random) -> AltitudeBand:
    """Every height, half of it, or a band whose ends are round numbers, so that bands touch."""
    if rng.random() < 0.4:
        return AltitudeBand()
    low_m = rng.choice((0.0, 300.0, 1_000.0, 1_300.0))
    lower, upper = (
        Altitude(height_m=height_m, datum=rng.choices((Datum.MSL, Datum.AGL, Datum.UNKNOWN), (8, 2, 1))[0])
        for height_m in (low_m, low_m + rng.choice((0.0, 700.0, 1_000.0)))
    )
    match rng.choice(("both", "both", "lower", "upper")):
        case "lower":
            return AltitudeBand(lower=lower, upper=UNLIMITED)
        case "upper":
            return AltitudeBand(lower=UNLIMITED, upper=upper)
        case _:
            return AltitudeBand(lower=lower, upper=upper)
