"""Overlaps against Shapely in a plane laid about the place, and against the areas themselves."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import numpy as np
import pyproj
import pytest
import shapely

from conflict_oracle import CENTRES, position, struck
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon, edge_distances_m, outline
from keepclear.core.space.geodesy import Position, destination
from keepclear.core.space.outline import Line
from keepclear.core.space.overlap import overlap

Point = tuple[float, float]
TANF = Position(latitude_deg=33.4967, longitude_deg=38.6178)


def area_at(rng: Random, at: Point, kind: str) -> Area:
    """A circle, a polygon with a hole, or a corridor that turns, of a few kilometres."""
    if kind == "circle":
        return Circle(centre=position(at), radius_m=rng.uniform(2_000, 9_000))
    turn_deg = rng.uniform(0, 360)
    if kind == "corridor":
        line = [at, struck(at, turn_deg, rng.uniform(5_000, 15_000))]
        line.append(struck(line[-1], turn_deg + rng.uniform(-110, 110), rng.uniform(5_000, 15_000)))
        return Corridor(line=tuple(map(position, line)), half_width_m=rng.uniform(500, 2_500))
    size_m = rng.uniform(5_000, 10_000)
    outer = tuple(position(struck(at, turn_deg + 60 * n, size_m * rng.uniform(0.7, 1))) for n in range(6))
    hole = tuple(position(struck(at, turn_deg + 90 * n, size_m * rng.uniform(0.2, 0.5))) for n in range(4))
    return Polygon(parts=(Part(outer=outer, holes=(hole,)),))


def plane(at: Point) -> pyproj.Transformer:
    """A plane about a place, in metres; across 40 km its lengths are true to a part in 100,000."""
    return pyproj.Transformer.from_crs(
        "EPSG:4326", f"+proj=aeqd +lat_0={at[0]} +lon_0={at[1]} +ellps=WGS84", always_xy=True
    )


def laid(lines: tuple[Line, ...], flat: pyproj.Transformer) -> shapely.Geometry:
    """Closed lines as one shape in the plane, what lies in an even number of them left out."""
    shape: shapely.Geometry = shapely.Polygon()
    for line in lines:
        x, y = flat.transform([p.longitude_deg for p in line], [p.latitude_deg for p in line])
        shape = shape.symmetric_difference(shapely.Polygon(zip(x, y, strict=True)).buffer(0))
    return shape


def longest_m(shape: shapely.Geometry) -> float:
    low_x, low_y, high_x, high_y = shape.bounds
    return math.hypot(high_x - low_x, high_y - low_y)


KINDS = ("circle", "polygon", "corridor")


@pytest.mark.parametrize("centre", CENTRES)
def test_what_is_drawn_is_what_the_plane_finds_shared(centre: Point) -> None:
    rng = Random(f"overlap at {centre}")
    flat, seen = plane(centre), 0
    for kind, against in [(one, two) for one in KINDS for two in KINDS]:
        there = struck(centre, rng.uniform(0, 360), rng.uniform(1_000, 15_000))
        own, other = area_at(rng, centre, kind), area_at(rng, there, against)
        drawn = laid(overlap(own, other), flat)
        shared = laid(outline(own, step_m=200), flat).intersection(laid(outline(other, step_m=200), flat))
        # A strip as wide as the lines may stray, and as the fine outlines stray themselves.
        stray_m = 0.001 * longest_m(shared) + 1.0 if not shared.is_empty else 1.0
        assert drawn.symmetric_difference(shared).area <= stray_m * (shared.length + 1.0)
        seen += shared.area > 100_000
    assert seen >= 4


@pytest.mark.parametrize("centre", CENTRES)
def test_every_line_lies_along_the_edge_of_what_is_shared(centre: Point) -> None:
    rng = Random(f"edges at {centre}")
    for kind, against in [(one, two) for one in KINDS for two in KINDS]:
        there = struck(centre, rng.uniform(0, 360), rng.uniform(100, 10_000))
        own, other = area_at(rng, centre, kind), area_at(rng, there, against)
        for line in overlap(own, other):
            assert line[0] == line[-1]
            lat, lon = np.array([[p.latitude_deg, p.longitude_deg] for p in line]).T
            reach_m = max(destination_m(line[0], each) for each in line[:: max(len(line) // 20, 1)])
            off_m = np.maximum(edge_distances_m(own, lat, lon), edge_distances_m(other, lat, lon))
            assert np.max(np.abs(off_m)) <= 0.02
            middles = np.array([middle(one, two) for one, two in pairwise(line)]).T
            off_m = np.maximum(edge_distances_m(own, *middles), edge_distances_m(other, *middles))
            assert np.max(np.abs(off_m)) <= 0.001 * reach_m + 0.02


def destination_m(one: Position, other: Position) -> float:
    return pyproj.Geod(ellps="WGS84").inv(
        one.longitude_deg, one.latitude_deg, other.longitude_deg, other.latitude_deg
    )[2]


def middle(one: Position, two: Position) -> Point:
    lon, lat = pyproj.Geod(ellps="WGS84").npts(
        one.longitude_deg, one.latitude_deg, two.longitude_deg, two.latitude_deg, 1
    )[0]
    return lat, lon


def test_areas_that_do_not_meet_share_nothing_and_one_within_another_is_what_is_shared() -> None:
    small = Circle(centre=TANF, radius_m=500)
    large = Circle(centre=TANF, radius_m=5_000)
    away = Circle(centre=destination(TANF, azimuth_deg=10, distance_m=6_000), radius_m=400)
    assert overlap(small, away) == ()
    assert overlap(large, small) == overlap(small, large)
    (line,) = overlap(small, large)
    assert {round(destination_m(TANF, at), 3) for at in line} == {500.0}


def test_an_area_shares_all_of_itself_with_itself() -> None:
    for kind in KINDS:
        area = area_at(Random(f"itself {kind}"), (33.5, 38.6), kind)
        flat = plane((33.5, 38.6))
        drawn, whole = laid(overlap(area, area), flat), laid(outline(area, step_m=200), flat)
        assert drawn.symmetric_difference(whole).area < 1e-3 * whole.area


def test_a_lens_of_ten_metres_between_two_great_circles_is_drawn() -> None:
    own = Circle(centre=TANF, radius_m=200_000)
    other = Circle(centre=destination(TANF, azimuth_deg=77, distance_m=399_990), radius_m=200_000)
    (line,) = overlap(own, other)
    at = destination(TANF, azimuth_deg=77, distance_m=199_995)
    assert len(line) > 60
    # Half of the lens across is the root of its thickness times the radius.
    assert max(destination_m(at, each) for each in line) == pytest.approx(math.sqrt(10 * 200_000), rel=0.01)
    assert min(destination_m(at, each) for each in line) == pytest.approx(5.0, abs=0.1)


def test_parts_that_overlap_are_drawn_as_one_without_what_lies_within() -> None:
    rings = [
        tuple(
            destination(
                destination(TANF, azimuth_deg=90, distance_m=3_000 * part),
                azimuth_deg=45 + 90 * n,
                distance_m=4_000,
            )
            for n in range(4)
        )
        for part in range(2)
    ]
    both = Polygon(parts=tuple(Part(outer=ring) for ring in rings))
    circle = Circle(centre=destination(TANF, azimuth_deg=90, distance_m=1_500), radius_m=3_500)
    (line,) = overlap(both, circle)
    flat = plane((TANF.latitude_deg, TANF.longitude_deg))
    parts = [laid(outline(Polygon(parts=(part,)), step_m=200), flat) for part in both.parts]
    shared = shapely.union_all(parts).intersection(laid(outline(circle, step_m=20), flat))
    assert laid((line,), flat).symmetric_difference(shared).area < 1e-3 * shared.area
