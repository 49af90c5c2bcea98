"""Separations of areas against brute force on geographiclib, which shares nothing with them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from geographiclib.geodesic import Geodesic

from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Position
from keepclear.core.space.separation import Separation, separation

WGS84 = Geodesic.WGS84
Point = tuple[float, float]
CENTRES: tuple[Point, ...] = (
    (33.4967, 38.6178),
    (90.0, 0.0),
    (-89.97, 179.99),
    (72.5, 179.999),
    (0.001, -179.9),
    (-33.9, 151.2),
)
ERROR_M = 0.001


def distance_m(one: Point, other: Point) -> float:
    return WGS84.Inverse(*one, *other, Geodesic.DISTANCE)["s12"]


def struck(at: Point, azimuth_deg: float, length_m: float) -> Point:
    found = WGS84.Direct(*at, azimuth_deg, length_m, Geodesic.LATITUDE | Geodesic.LONGITUDE)
    return found["lat2"], found["lon2"]


def position(at: Point) -> Position:
    return Position(latitude_deg=at[0], longitude_deg=at[1])


def ring_around(at: Point, rng: random.Random, *, size_m: float, corners: int) -> list[Point]:
    return [
        struck(at, 360 * n / corners + rng.uniform(-15, 15), size_m * rng.uniform(0.5, 1.0))
        for n in range(corners)
    ]


def polygon(corners: list[Point]) -> Polygon:
    return Polygon(parts=(Part(outer=tuple(map(position, corners))),))


def least_between_m(one: tuple[Point, Point], other: tuple[Point, Point]) -> float:
    """The least distance of two geodesic edges, by golden sections of golden sections: inner points count."""
    lines = [WGS84.InverseLine(*edge[0], *edge[1]) for edge in (one, other)]

    def between(first: float, second: float) -> float:
        ends = [
            (each["lat2"], each["lon2"])
            for line, share in zip(lines, (first, second), strict=True)
            for each in [line.Position(line.s13 * share)]
        ]
        return distance_m(ends[0], ends[1])

    return least(lambda first: least(lambda second: between(first, second)))


def least_to_m(edge: tuple[Point, Point], at: Point) -> float:
    """The least distance from a place to an edge."""
    line = WGS84.InverseLine(*edge[0], *edge[1])

    def there_m(share: float) -> float:
        found = line.Position(line.s13 * share)
        return distance_m((found["lat2"], found["lon2"]), at)

    return least(there_m)


def least(function: Callable[[float], float]) -> float:
    """The least value on [0, 1] of a function that falls and then rises, its ends included."""
    low, high = 0.0, 1.0
    share = (math.sqrt(5) - 1) / 2
    left, right = high - share, low + share
    at_left, at_right = function(left), function(right)
    for _ in range(32):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - share * (high - low)
            at_left = function(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + share * (high - low)
            at_right = function(right)
    return min(at_left, at_right, function(0.0), function(1.0))


def brute_m(one: list[Point], other: list[Point]) -> float:
    """The least distance between two closed rings that lie apart, from the two pairs of edges that come nearest."""
    pairs = [(edge, against) for edge in pairwise([*one, one[0]]) for against in pairwise([*other, other[0]])]
    pairs.sort(key=lambda pair: min(distance_m(p, q) for p in along(pair[0]) for q in along(pair[1])))
    return min(least_between_m(*pair) for pair in pairs[:2])


def brute_line_m(ring: list[Point], line: tuple[Point, Point]) -> float:
    """The least distance between a ring and a line that lie apart, from the two edges that come nearest."""
    edges = sorted(
        pairwise([*ring, ring[0]]),
        key=lambda edge: min(distance_m(p, q) for p in along(edge) for q in along(line)),
    )
    return min(least_between_m(edge, line) for edge in edges[:2])


def along(edge: tuple[Point, Point]) -> list[Point]:
    """A few points of an edge."""
    line = WGS84.InverseLine(*edge[0], *edge[1])
    places = [line.Position(line.s13 * share / 8) for share in range(9)]
    return [(each["lat2"], each["lon2"]) for each in places]


def turned(found: Separation) -> Separation:
    return Separation(gap_m=found.gap_m, shared_m=found.shared_m, own=found.other, other=found.own)


@pytest.mark.parametrize("centre", CENTRES)
def test_circles_are_as_far_apart_as_was_struck_off(centre: Point) -> None:
    rng = random.Random(f"circles at {centre}")
    for _ in range(200):
        own_m, other_m = rng.uniform(1, 100_000), rng.uniform(1, 100_000)
        gap_m = rng.choice((rng.uniform(-2, 2) * own_m, rng.uniform(-0.02, 0.02)))
        if own_m + other_m + gap_m <= 0:
            continue
        there = struck(centre, rng.uniform(0, 360), own_m + other_m + gap_m)
        found = separation(
            Circle(centre=position(centre), radius_m=own_m), Circle(centre=position(there), radius_m=other_m)
        )
        assert found.gap_m == pytest.approx(max(gap_m, 0.0), abs=ERROR_M)
        assert found.shared_m == pytest.approx(max(-gap_m, 0.0), abs=ERROR_M)


@pytest.mark.parametrize("centre", CENTRES)
def test_polygons_that_lie_apart_are_as_far_apart_as_brute_force_finds(centre: Point) -> None:
    rng = random.Random(f"polygons at {centre}")
    for _ in range(2):
        size_m = math.exp(rng.uniform(math.log(200), math.log(200_000)))
        one = ring_around(centre, rng, size_m=size_m, corners=rng.choice((3, 4)))
        away = struck(centre, rng.uniform(0, 360), size_m * rng.uniform(2.1, 3.0))
        other = ring_around(away, rng, size_m=size_m, corners=rng.choice((3, 4)))
        found = separation(polygon(one), polygon(other))
        assert found.gap_m == pytest.approx(brute_m(one, other), abs=0.01)
        places = (
            (found.own.latitude_deg, found.own.longitude_deg),
            (
                found.other.latitude_deg,
                found.other.longitude_deg,
            ),
        )
        assert distance_m(*places) == pytest.approx(found.gap_m, abs=0.01)


@pytest.mark.parametrize("centre", CENTRES)
def test_a_corridor_is_as_far_from_a_polygon_as_its_line_less_its_half_width(centre: Point) -> None:
    rng = random.Random(f"corridors at {centre}")
    for _ in range(4):
        one = ring_around(centre, rng, size_m=20_000, corners=4)
        start = struck(centre, rng.uniform(0, 360), 60_000)
        line = [start, struck(start, rng.uniform(0, 360), 30_000)]
        to_line_m = brute_line_m(one, (line[0], line[1]))
        half_width_m = to_line_m * rng.uniform(0.1, 0.9)
        corridor = Corridor(line=tuple(map(position, line)), half_width_m=half_width_m)
        found = separation(polygon(one), corridor)
        assert found.gap_m == pytest.approx(to_line_m - half_width_m, abs=0.01)


def test_two_lines_that_cross_between_their_corners_meet() -> None:
    own = Corridor(line=(position((33.0, 38.0)), position((34.0, 39.0))), half_width_m=1.0)
    other = Corridor(line=(position((34.0, 38.0)), position((33.0, 39.0))), half_width_m=2.0)
    found = separation(own, other)
    assert found.gap_m == 0
    assert found.shared_m == pytest.approx(3.0, abs=ERROR_M)
    for corridor in (own, other):
        line = [(point.latitude_deg, point.longitude_deg) for point in corridor.line]
        there = (found.own.latitude_deg, found.own.longitude_deg)
        assert least_to_m((line[0], line[1]), there) < 0.01


def test_an_area_inside_another_meets_it_and_one_in_a_hole_of_it_does_not() -> None:
    outer = tuple(map(position, [(33, 38), (33, 40), (35, 40), (35, 38)]))
    hole = tuple(map(position, [(33.5, 38.5), (33.5, 39.5), (34.5, 39.5), (34.5, 38.5)]))
    inside = polygon([(33.1, 38.1), (33.1, 38.2), (33.2, 38.2)])
    within_hole = Circle(centre=position((34.0, 39.0)), radius_m=10_000)
    holed = Polygon(parts=(Part(outer=outer, holes=(hole,)),))
    assert separation(Polygon(parts=(Part(outer=outer),)), inside).gap_m == 0
    assert separation(holed, inside).gap_m == 0
    found = separation(holed, within_hole)
    nearest_m = min(
        least_to_m(edge, (34.0, 39.0))
        for edge in pairwise([(p.latitude_deg, p.longitude_deg) for p in (*hole, hole[0])])
    )
    assert found.gap_m == pytest.approx(nearest_m - 10_000, abs=0.01)


@pytest.mark.parametrize("centre", CENTRES)
def test_areas_moved_by_less_than_they_share_still_meet(centre: Point) -> None:
    rng = random.Random(f"moved at {centre}")
    for _ in range(6):
        size_m = math.exp(rng.uniform(math.log(500), math.log(50_000)))
        one = ring_around(centre, rng, size_m=size_m, corners=4)
        there = struck(centre, rng.uniform(0, 360), size_m * rng.uniform(0, 0.5))
        found = separation(polygon(one), Circle(centre=position(there), radius_m=size_m / 3))
        assert found.shared_m > 0
        for azimuth_deg in range(0, 360, 45):
            moved = struck(there, azimuth_deg, found.shared_m * 0.999)
            again = separation(polygon(one), Circle(centre=position(moved), radius_m=size_m / 3))
            assert again.gap_m == 0


@pytest.mark.parametrize("centre", CENTRES)
def test_what_is_shared_between_a_circle_and_a_polygon_is_the_most_that_can_be_said(centre: Point) -> None:
    rng = random.Random(f"shared at {centre}")
    for _ in range(5):
        one = ring_around(centre, rng, size_m=20_000, corners=4)
        there = struck(centre, rng.uniform(0, 360), rng.uniform(0, 25_000))
        to_edge_m = min(least_to_m(edge, there) for edge in pairwise([*one, one[0]]))
        found = separation(polygon(one), Circle(centre=position(there), radius_m=10_000))
        inside = separation(polygon(one), Circle(centre=position(there), radius_m=0.002)).gap_m == 0
        signed_m = (-to_edge_m if inside else to_edge_m) - 10_000
        assert found.shared_m == pytest.approx(max(-signed_m, 0.0), abs=0.02)
        assert found.gap_m == pytest.approx(max(signed_m, 0.0), abs=0.01)


def areas(rng: random.Random, centre: Point) -> list[Area]:
    start = struck(centre, rng.uniform(0, 360), 15_000)
    return [
        Circle(centre=position(start), radius_m=9_000),
        polygon(ring_around(centre, rng, size_m=10_000, corners=5)),
        Corridor(line=(position(start), position(struck(start, 80, 20_000))), half_width_m=700),
        polygon(ring_around(start, rng, size_m=8_000, corners=3)),
    ]


@pytest.mark.parametrize("centre", CENTRES)
def test_exchanged_areas_are_as_far_apart_to_the_last_bit(centre: Point) -> None:
    rng = random.Random(f"exchanged at {centre}")
    each = areas(rng, centre)
    for own in each:
        for other in each:
            assert separation(own, other) == turned(separation(other, own))


def test_the_same_areas_elsewhere_along_their_parallel_are_as_far_apart() -> None:
    rng = random.Random("round the globe")
    corners = [[(33 + rng.random(), 38 + rng.random()) for _ in range(2)] for _ in range(40)]
    for (one, other), (third, fourth) in zip(corners[::2], corners[1::2], strict=True):
        found = [
            separation(
                Corridor(
                    line=tuple(position((lat, lon + round_deg)) for lat, lon in (one, other)), half_width_m=50
                ),
                Circle(centre=position((third[0], third[1] + round_deg)), radius_m=100 + fourth[0]),
            )
            for round_deg in (0.0, 100.0, 140.99 - 180)
        ]
        assert found[0].gap_m == pytest.approx(found[1].gap_m, abs=ERROR_M)
        assert found[0].gap_m == pytest.approx(found[2].gap_m, abs=ERROR_M)
