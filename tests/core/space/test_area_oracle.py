"""Areas against an oracle that shares nothing with them: geographiclib in pure Python, and brute force on it.

Most cases are laid out so that the truth is known by construction. A position is struck off a known point of
the edge, at right angles, by a known length. A geodesic shorter than 19,970 km is the only shortest path, so
a circle needs no more. For edges it is the nearest point as long as no other edge is nearer: how far the
other edges are from the middle of each is measured by geographiclib on points of both, less what lies between
the points, and only lengths below half of that are used. The rest is minimised and wound by brute force.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from keepclear.core.space.area import (
    Area,
    Circle,
    Corridor,
    Part,
    Polygon,
    Ring,
    cap,
    containments,
    edge_distances_m,
)
from keepclear.core.space.geodesy import Position

WGS84 = Geodesic.WGS84
PLACE = Geodesic.LATITUDE | Geodesic.LONGITUDE
Point = tuple[float, float]

CENTRES: tuple[Point, ...] = (
    (90.0, 0.0),
    (90.0, 137.5),
    (-90.0, -60.0),
    (89.9999, 12.0),
    (-89.97, 179.99),
    (84.0, -180.0),
    (72.5, 179.999),
    (-66.0, -179.9999),
    (33.4967, 38.6178),
    (0.0, 0.0),
    (0.0, 180.0),
    (0.001, -179.9),
    (-0.5, 90.0),
    (51.5, 0.0),
    (-33.9, 151.2),
    (43.6, 1.4),
)
ERROR_M = 0.001
GOLDEN = (math.sqrt(5) - 1) / 2


# --- the oracle


def apart_m(one: Point, other: Point) -> float:
    return WGS84.Inverse(*one, *other, Geodesic.DISTANCE)["s12"]


def struck(at: Point, azimuth_deg: float, distance_m: float) -> Point:
    found = WGS84.Direct(*at, azimuth_deg, distance_m, PLACE)
    return found["lat2"], found["lon2"]


class Edge:
    """A geodesic edge as geographiclib sees it."""

    def __init__(self, start: Point, end: Point) -> None:
        self.start, self.end = start, end
        self.line = WGS84.InverseLine(*start, *end)
        self.length_m = self.line.s13
        self.azimuth_deg = self.line.azi1
        self.arrival_deg = self.line.Position(self.length_m)["azi2"]

    def point(self, along_m: float) -> tuple[Point, float]:
        found = self.line.Position(along_m, PLACE | Geodesic.AZIMUTH)
        return (found["lat2"], found["lon2"]), found["azi2"]

    def sampled(self, count: int) -> list[Point]:
        return [self.point(self.length_m * place / (count - 1))[0] for place in range(count)]

    def distance_m(self, at: Point, *, samples: int = 9) -> float:
        """The least distance, by samples and then golden section between the neighbours of the best."""
        step_m = self.length_m / (samples - 1)
        sampled = [apart_m(point, at) for point in self.sampled(samples)]
        best = sampled.index(min(sampled))
        low_m, high_m = max(0.0, (best - 1) * step_m), min(self.length_m, (best + 1) * step_m)
        left_m, right_m = high_m - GOLDEN * (high_m - low_m), low_m + GOLDEN * (high_m - low_m)
        left, right = apart_m(self.point(left_m)[0], at), apart_m(self.point(right_m)[0], at)
        while high_m - low_m > 1e-3:
            if left < right:
                high_m, right_m, right = right_m, left_m, left
                left_m = high_m - GOLDEN * (high_m - low_m)
                left = apart_m(self.point(left_m)[0], at)
            else:
                low_m, left_m, left = left_m, right_m, right
                right_m = low_m + GOLDEN * (high_m - low_m)
                right = apart_m(self.point(right_m)[0], at)
        return min(sampled[0], left, right, sampled[-1])


def winds_round(at: Point, ring: list[Edge]) -> bool:
    """Whether a ring winds round a position: the azimuths to its corners turn through a full circle.

    Along an edge the azimuth turns to the side on which the position sees it pass.
    """
    turned = 0.0
    for edge in ring:
        start, end = WGS84.Inverse(*at, *edge.start), WGS84.Inverse(*at, *edge.end)
        seen_from_start = start["azi2"] + 180.0
        to_the_left = math.sin(math.radians(seen_from_start - edge.azimuth_deg)) < 0
        turn = math.remainder(end["azi1"] - start["azi1"], 360.0)
        if to_the_left and turn > 0:
            turn -= 360.0
        elif not to_the_left and turn < 0:
            turn += 360.0
        turned += turn
    return abs(turned) > 180.0


def clearances_m(edges: list[Edge]) -> list[float]:
    """For each edge a lower bound on how far its middle half is from every other edge."""
    samples = [edge.sampled(9) for edge in edges]
    found: list[float] = []
    for edge in edges:
        middles = [edge.point(edge.length_m * share)[0] for share in (0.3, 0.4, 0.5, 0.6, 0.7)]
        found.append(
            min(
                min(apart_m(middle, point) for middle in middles for point in samples[other_place])
                - edge.length_m / 20
                - other.length_m / 16
                for other_place, other in enumerate(edges)
                if other is not edge
            )
        )
    return found


# ------------------------------------------------------------------------------------ the shapes


@dataclass
class Cases:
    """Positions with their true signed distance to the edge of an area."""

    area: Area
    at: list[Point]
    truth_m: list[float]


@dataclass
class Shape:
    """A polygon as rings of edges whose inside is to the left; the first ring is the outer one."""

    polygon: Polygon
    rings: list[list[Edge]]


def offset_m(rng: random.Random, most_m: float) -> float:
    """A signed length of at most 200 m, a third of them within a few centimetres of nothing."""
    most_m = min(most_m, 200.0)
    if rng.random() < 1 / 3:
        most_m = min(most_m, 0.05)
    return rng.uniform(-most_m, most_m)


def star(rng: random.Random, centre: Point, radius_m: float, corners: int) -> list[Point]:
    """The corners of a ring round a centre, with the inside to the left."""
    first = rng.uniform(0, 360)
    return [
        struck(
            centre,
            first - 360 * (place + rng.uniform(-0.2, 0.2)) / corners,
            radius_m * rng.uniform(0.75, 1.25),
        )
        for place in range(corners)
    ]


def ring_of(points: list[Point]) -> Ring:
    return tuple(Position(latitude_deg=lat, longitude_deg=lon) for lat, lon in points)


def edges_of(points: list[Point]) -> list[Edge]:
    return [Edge(start, end) for start, end in zip(points, points[1:] + points[:1], strict=True)]


def shape(rng: random.Random, centre: Point, radius_m: float) -> Shape:
    outer = star(rng, centre, radius_m, rng.randint(3, 6))
    hole = star(rng, centre, radius_m * 0.15, 3)
    part = Part(
        outer=ring_of(outer if rng.random() < 0.5 else outer[::-1]),
        holes=(ring_of(hole if rng.random() < 0.5 else hole[::-1]),),
    )
    return Shape(polygon=Polygon(parts=(part,)), rings=[edges_of(outer), edges_of(hole[::-1])])


def positions(cases: Cases) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    lat, lon = np.array(cases.at).T
    return lat.copy(), lon.copy(), np.array(cases.truth_m)


def agree(cases: Cases) -> int:
    """Hold the area to the truth, and say how many cases there were."""
    lat, lon, truth_m = positions(cases)
    found_m = edge_distances_m(cases.area, lat, lon)
    assert np.max(np.abs(found_m - truth_m)) <= ERROR_M
    clear = np.abs(truth_m) > 0.01
    assert np.array_equal(found_m[clear] < 0, truth_m[clear] < 0)
    inside = containments(cases.area, lat, lon, np.zeros(lat.size)) > 0
    assert np.array_equal(inside[clear], truth_m[clear] < 0)
    return lat.size


# ------------------------------------------------------------------------------------ the cases


@pytest.mark.parametrize("seed", range(4))
def test_circles_from_1_m_to_10000_km_agree_with_the_oracle_at_18000_positions(seed: int) -> None:
    rng = random.Random(f"circle {seed}")
    held = 0
    for place in range(60):
        centre = (
            CENTRES[(place + seed) % len(CENTRES)]
            if place < 40
            else (rng.uniform(-90, 90), rng.uniform(-180, 180))
        )
        radius_m = (1.0, 10.0, 55_000.0, 1e6, 1e7)[place % 5] if place < 20 else 10 ** rng.uniform(0, 7)
        at, truth_m = [], []
        for _ in range(300):
            truth_m.append(max(offset_m(rng, 200.0), -radius_m))
            at.append(struck(centre, rng.uniform(0, 360), radius_m + truth_m[-1]))
        area = Circle(centre=Position(latitude_deg=centre[0], longitude_deg=centre[1]), radius_m=radius_m)
        held += agree(Cases(area=area, at=at, truth_m=truth_m))
    assert held == 18_000


def test_circles_past_a_quarter_of_the_globe_agree_with_the_oracle_up_to_where_shortest_paths_end() -> None:
    rng = random.Random("far circle")
    for place in range(20):
        centre = CENTRES[place % len(CENTRES)]
        radius_m = (15_000_000.0, 19_970_000.0)[place % 2] if place < 8 else rng.uniform(1e7, 1.997e7)
        truth_m = [offset_m(rng, 200.0) for _ in range(100)]
        at = [struck(centre, rng.uniform(0, 360), radius_m + length_m) for length_m in truth_m]
        area = Circle(centre=Position(latitude_deg=centre[0], longitude_deg=centre[1]), radius_m=radius_m)
        agree(Cases(area=area, at=at, truth_m=truth_m))


@pytest.mark.parametrize("seed", range(6))
def test_polygon_edges_agree_with_the_oracle_at_16000_positions(seed: int) -> None:
    rng = random.Random(f"polygon {seed}")
    held = 0
    while held < 16_000:
        centre = CENTRES[rng.randrange(len(CENTRES))]
        made = shape(rng, centre, 10 ** rng.uniform(2, 6.65))
        held += agree(cases_along_edges(rng, made, 2_000))
    assert held == 16_000


def cases_along_edges(rng: random.Random, made: Shape, count: int) -> Cases:
    edges = [edge for ring in made.rings for edge in ring]
    clear = [
        (edge, clear_m) for edge, clear_m in zip(edges, clearances_m(edges), strict=True) if clear_m > 1.0
    ]
    assert len(clear) >= 3, "the shape leaves no room to lay out cases"
    at: list[Point] = []
    truth_m: list[float] = []
    for _ in range(count):
        edge, clear_m = rng.choice(clear)
        foot, azimuth_deg = edge.point(edge.length_m * rng.uniform(0.25, 0.75))
        truth_m.append(offset_m(rng, clear_m / 2))
        at.append(struck(foot, azimuth_deg + 90, truth_m[-1]))
    return Cases(area=made.polygon, at=at, truth_m=truth_m)


@pytest.mark.parametrize("seed", range(2))
def test_polygon_corners_agree_with_the_oracle_at_6000_positions(seed: int) -> None:
    rng = random.Random(f"corner {seed}")
    held = 0
    while held < 6_000:
        made = shape(rng, CENTRES[rng.randrange(len(CENTRES))], 10 ** rng.uniform(2.5, 6.65))
        held += agree(cases_round_corners(rng, made, 1_000))
    assert held == 6_000


def cases_round_corners(rng: random.Random, made: Shape, count: int) -> Cases:
    """Positions whose nearest point is a corner: those that both its edges lead away from."""
    corners = []
    for ring in made.rings:
        for before, after in zip(ring, ring[1:] + ring[:1], strict=True):
            turn = math.remainder(after.azimuth_deg - before.arrival_deg, 360.0)
            others = [edge for every in made.rings for edge in every if edge not in (before, after)]
            room_m = min(
                apart_m(after.start, point) - edge.length_m / 16
                for edge in others
                for point in edge.sampled(9)
            )
            # After a left turn the corner sticks out, and the wedge lies to the right of both edges, outside;
            # after a right turn it lies to the left of both, inside. It is as wide as the turn.
            sign, first_deg = (1.0, after.azimuth_deg + 90) if turn < 0 else (-1.0, before.arrival_deg - 90)
            if abs(turn) > 0.5 and room_m > 1.0:
                corners.append((after.start, (first_deg, abs(turn)), sign, min(room_m / 2, 200.0)))
    assert len(corners) >= 3, "the shape leaves no room to lay out cases"
    at: list[Point] = []
    truth_m: list[float] = []
    for _ in range(count):
        corner, (first_deg, width_deg), sign, most_m = rng.choice(corners)
        length_m = abs(offset_m(rng, most_m))
        at.append(struck(corner, first_deg + rng.uniform(0, width_deg), length_m))
        truth_m.append(sign * length_m)
    return Cases(area=made.polygon, at=at, truth_m=truth_m)


@pytest.mark.parametrize("seed", range(2))
def test_corridors_of_one_leg_agree_with_the_oracle_at_10000_positions(seed: int) -> None:
    rng = random.Random(f"leg {seed}")
    held = 0
    for place in range(50):
        start = CENTRES[place % len(CENTRES)]
        leg = Edge(start, struck(start, rng.uniform(0, 360), 10 ** rng.uniform(1, 6.95)))
        width_m = 10 ** rng.uniform(0, 6.5)
        at, truth_m = [], []
        for _ in range(200):
            length_m = max(offset_m(rng, 200.0), -width_m)
            truth_m.append(length_m)
            if rng.random() < 0.6:
                foot, azimuth_deg = leg.point(leg.length_m * rng.random())
                at.append(struck(foot, azimuth_deg + rng.choice((-90, 90)), width_m + length_m))
            else:
                at.append(struck(leg.end, leg.arrival_deg + rng.uniform(-90, 90), width_m + length_m))
        area = Corridor(line=ring_of([leg.start, leg.end]), half_width_m=width_m)
        held += agree(Cases(area=area, at=at, truth_m=truth_m))
    assert held == 10_000


@pytest.mark.parametrize("seed", range(2))
def test_corridors_of_many_legs_agree_with_the_oracle_at_10000_positions(seed: int) -> None:
    rng = random.Random(f"legs {seed}")
    held = 0
    while held < 10_000:
        points = [CENTRES[rng.randrange(len(CENTRES))]]
        length_m, course_deg = 10 ** rng.uniform(3, 6), rng.uniform(0, 360)
        for _ in range(rng.randint(2, 5)):
            points.append(struck(points[-1], course_deg, length_m * rng.uniform(0.7, 1.3)))
            course_deg = Edge(points[-2], points[-1]).arrival_deg + rng.uniform(-70, 70)
        legs = [Edge(start, end) for start, end in pairwise(points)]
        bounds_m = clearances_m(legs)
        width_m = min(bounds_m) / 4
        if width_m < 1.0:
            continue
        at, truth_m = [], []
        for _ in range(1_000):
            leg = rng.choice(legs)
            foot, azimuth_deg = leg.point(leg.length_m * rng.uniform(0.25, 0.75))
            truth_m.append(offset_m(rng, width_m * 0.9))
            at.append(struck(foot, azimuth_deg + rng.choice((-90, 90)), width_m + truth_m[-1]))
        held += agree(
            Cases(area=Corridor(line=ring_of(points), half_width_m=width_m), at=at, truth_m=truth_m)
        )
    assert held == 10_000


def test_polygons_agree_with_brute_force_at_positions_anywhere_about_them() -> None:
    rng = random.Random("brute polygon")
    for place in range(16):
        centre, radius_m = CENTRES[place], 10 ** rng.uniform(2, 6.65)
        made = shape(rng, centre, radius_m)
        edges = [edge for ring in made.rings for edge in ring]
        at = [struck(centre, rng.uniform(0, 360), radius_m * 2 * math.sqrt(rng.random())) for _ in range(7)]
        truth_m = []
        for position in at:
            inside = winds_round(position, made.rings[0]) and not winds_round(position, made.rings[1])
            length_m = min(edge.distance_m(position) for edge in edges)
            truth_m.append(-length_m if inside else length_m)
        agree(Cases(area=made.polygon, at=at, truth_m=truth_m))


def test_corridors_agree_with_brute_force_at_positions_anywhere_about_them() -> None:
    rng = random.Random("brute corridor")
    for centre in CENTRES:
        radius_m = 10 ** rng.uniform(2, 6.5)
        points = [struck(centre, rng.uniform(0, 360), radius_m * rng.random()) for _ in range(4)]
        legs = [Edge(start, end) for start, end in pairwise(points)]
        width_m = radius_m * rng.uniform(0.05, 0.3)
        at = [struck(centre, rng.uniform(0, 360), radius_m * 2 * math.sqrt(rng.random())) for _ in range(7)]
        truth_m = [min(leg.distance_m(position) for leg in legs) - width_m for position in at]
        agree(Cases(area=Corridor(line=ring_of(points), half_width_m=width_m), at=at, truth_m=truth_m))


def test_long_edges_agree_with_brute_force_far_from_them() -> None:
    rng = random.Random("long edge")
    for place in range(90):
        start = CENTRES[place % len(CENTRES)]
        leg = Edge(start, struck(start, rng.uniform(0, 360), rng.uniform(7e6, 8.999e6)))
        foot, azimuth_deg = leg.point(leg.length_m * rng.uniform(-0.1, 1.1))
        at = struck(foot, azimuth_deg + rng.choice((-90, 90)), rng.uniform(0, 9.55e6))
        width_m = 1_000.0
        truth_m = leg.distance_m(at, samples=33) - width_m
        assert truth_m < 9.6e6
        agree(
            Cases(
                area=Corridor(line=ring_of([leg.start, leg.end]), half_width_m=width_m),
                at=[at],
                truth_m=[truth_m],
            )
        )


def test_positions_far_beyond_9600_km_are_never_said_to_be_nearer_than_that() -> None:
    rng = random.Random("antipode")
    for place in range(60):
        start = CENTRES[place % len(CENTRES)]
        leg = Edge(start, struck(start, rng.uniform(0, 360), rng.uniform(1e5, 8.999e6)))
        foot, azimuth_deg = leg.point(leg.length_m * rng.random())
        at = struck(foot, azimuth_deg + 90, rng.uniform(9.7e6, 1.99e7))
        truth_m = leg.distance_m(at, samples=33)
        area = Corridor(line=ring_of([leg.start, leg.end]), half_width_m=1.0)
        found_m = edge_distances_m(area, np.array([at[0]]), np.array([at[1]]))[0] + 1.0
        assert found_m >= min(truth_m, 9.6e6) - ERROR_M
        assert found_m <= min(apart_m(at, leg.start), apart_m(at, leg.end)) + ERROR_M


def test_no_position_of_an_area_is_outside_its_cap() -> None:
    rng = random.Random("cap")
    for place in range(60):
        centre = CENTRES[place % len(CENTRES)]
        made = shape(rng, centre, 10 ** rng.uniform(2, 6.65))
        width_m = 10 ** rng.uniform(1, 6)
        points = [edge.start for edge in made.rings[0]]
        for area, margin_m in (
            (made.polygon, 0.0),
            (Corridor(line=ring_of(points), half_width_m=width_m), width_m),
        ):
            around = cap(area)
            middle = around.centre.latitude_deg, around.centre.longitude_deg
            for edge in made.rings[0][:-1]:
                farthest_m = max(apart_m(middle, point) for point in edge.sampled(5))
                assert min(farthest_m + margin_m, 20_003_931.4587) <= around.radius_m


def test_a_short_edge_near_by_does_not_hide_a_long_one_that_is_nearer() -> None:
    """The straight line between the ends of 5,000 km of edge runs 480 km below it."""
    long = Edge((10.0, 0.0), struck((10.0, 0.0), 80.0, 5e6))
    foot, azimuth_deg = long.point(2.4e6)
    at = struck(foot, azimuth_deg - 90, 100.0)
    middle = struck(foot, azimuth_deg - 90, 300_000.0)
    hole = [struck(middle, course_deg, 10_000.0) for course_deg in (0, 120, 240)]
    outer = [long.start, long.end, struck(foot, azimuth_deg - 90, 2e6)]
    area = Polygon(parts=(Part(outer=ring_of(outer), holes=(ring_of(hole),)),))
    agree(Cases(area=area, at=[at], truth_m=[-100.0]))


def test_a_shorter_line_through_the_earth_does_not_hide_a_shorter_way_over_it() -> None:
    """From the equator, 5,009 km north have a chord 900 m shorter than 5,009 km east: the earth bends more."""
    at = (0.0, 0.0)
    east = struck(at, 90.0, 5_009_377.0)
    north = struck(at, 0.0, 5_009_377.0 + 300.0)
    line = [
        struck(east, 180.0, 10_000.0),
        struck(east, 0.0, 10_000.0),
        (40.0, 70.0),
        struck(north, 90.0, 10_000.0),
        struck(north, -90.0, 10_000.0),
    ]
    area = Corridor(line=ring_of(line), half_width_m=1_000.0)
    agree(Cases(area=area, at=[at], truth_m=[5_009_377.0 - 1_000.0]))
