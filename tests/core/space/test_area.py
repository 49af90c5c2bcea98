"""What is true of every area, whatever its kind."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.space.area import (
    Area,
    Circle,
    Corridor,
    Part,
    Polygon,
    cap,
    containment,
    containments,
    edge_distance_m,
    edge_distances_m,
    outline,
)
from keepclear.core.space.geodesy import Position

WGS84 = Geodesic.WGS84
positions = st.builds(Position, latitude_deg=st.floats(-90, 90), longitude_deg=st.floats(-180, 180))


def apart_m(one: Position, other: Position) -> float:
    return WGS84.Inverse(one.latitude_deg, one.longitude_deg, other.latitude_deg, other.longitude_deg)["s12"]


def struck(at: Position, azimuth_deg: float, distance_m: float) -> Position:
    found = WGS84.Direct(at.latitude_deg, at.longitude_deg, azimuth_deg, distance_m)
    return Position(latitude_deg=found["lat2"], longitude_deg=found["lon2"])


@st.composite
def circles(draw: st.DrawFn) -> Circle:
    return Circle(centre=draw(positions), radius_m=10 ** draw(st.floats(0, 7.2)))


@st.composite
def polygons(draw: st.DrawFn) -> Polygon:
    """A star with a hole in its middle, anywhere."""
    centre, radius_m = draw(positions), 10 ** draw(st.floats(1, 6.6))
    shares = draw(st.lists(st.floats(0.5, 1.3), min_size=3, max_size=9))
    outer = tuple(
        struck(centre, 360 * place / len(shares), radius_m * share) for place, share in enumerate(shares)
    )
    hole = tuple(struck(centre, azimuth_deg, radius_m * 0.1) for azimuth_deg in (10, 130, 250))
    return Polygon(parts=(Part(outer=outer, holes=(hole,)),))


@st.composite
def corridors(draw: st.DrawFn) -> Corridor:
    line, length_m = [draw(positions)], 10 ** draw(st.floats(1, 6.5))
    for course_deg in draw(st.lists(st.floats(0, 360), min_size=1, max_size=5)):
        line.append(struck(line[-1], course_deg, length_m))
        if apart_m(line[-1], line[-2]) < 0.01:
            line.pop()
    return Corridor(line=tuple(line), half_width_m=10 ** draw(st.floats(0, 6)))


areas = st.one_of(circles(), polygons(), corridors())


def turned(area: Area, by_deg: float) -> Area:
    def about(at: Position) -> Position:
        longitude_deg = math.remainder(at.longitude_deg + by_deg, 360.0)
        return Position(latitude_deg=at.latitude_deg, longitude_deg=longitude_deg)

    match area:
        case Circle():
            return Circle(centre=about(area.centre), radius_m=area.radius_m)
        case Corridor():
            return Corridor(line=tuple(map(about, area.line)), half_width_m=area.half_width_m)
        case Polygon():
            return Polygon(
                parts=tuple(
                    Part(
                        outer=tuple(map(about, part.outer)),
                        holes=tuple(tuple(map(about, hole)) for hole in part.holes),
                    )
                    for part in area.parts
                )
            )


def near(area: Area, azimuth_deg: float, share: float) -> Position:
    """A position in the cap of the area, or a little outside it."""
    around = cap(area)
    return struck(around.centre, azimuth_deg, min(around.radius_m * share, 2e7))


@settings(max_examples=150, derandomize=True, deadline=None)
@given(areas, st.floats(0, 360), st.floats(0, 1.3), st.floats(0, 360), st.floats(0, 7))
def test_the_distance_to_the_edge_changes_by_no_more_than_the_position_moves(
    area: Area, azimuth_deg: float, share: float, course_deg: float, magnitude: float
) -> None:
    one = near(area, azimuth_deg, share)
    other = struck(one, course_deg, 10**magnitude)
    change_m = abs(edge_distance_m(area, one) - edge_distance_m(area, other))
    assert (
        change_m <= apart_m(one, other) + 0.002
        or max(abs(edge_distance_m(area, at)) for at in (one, other)) > 9_000_000
    )


@settings(max_examples=150, derandomize=True, deadline=None)
@given(areas, st.floats(0, 360), st.floats(0, 1.3), st.floats(-720, 720))
def test_nothing_changes_when_area_and_position_turn_about_the_axis_together(
    area: Area, azimuth_deg: float, share: float, by_deg: float
) -> None:
    at = near(area, azimuth_deg, share)
    moved = Position(
        latitude_deg=at.latitude_deg, longitude_deg=math.remainder(at.longitude_deg + by_deg, 360.0)
    )
    assert edge_distance_m(turned(area, by_deg), moved) == pytest.approx(edge_distance_m(area, at), abs=0.002)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(areas, st.floats(0, 360), st.floats(0, 1))
def test_nothing_inside_an_area_is_outside_its_cap(area: Area, azimuth_deg: float, share: float) -> None:
    around = cap(area)
    for at in (near(area, azimuth_deg, share), near(area, azimuth_deg, 1.0001 + share)):
        if edge_distance_m(area, at) < 0:
            assert apart_m(around.centre, at) <= around.radius_m + 1e-6


@settings(max_examples=60, derandomize=True, deadline=None)
@given(polygons(), st.floats(0, 360), st.floats(0, 1.2))
def test_a_hole_only_ever_removes(area: Polygon, azimuth_deg: float, share: float) -> None:
    at = near(area, azimuth_deg, share)
    whole = Polygon(parts=(Part(outer=area.parts[0].outer),))
    hole = Polygon(parts=(Part(outer=area.parts[0].holes[0]),))
    expected_m = max(edge_distance_m(whole, at), -edge_distance_m(hole, at))
    assert edge_distance_m(area, at) == pytest.approx(expected_m, abs=0.002)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(polygons(), polygons(), st.floats(0, 360), st.floats(0, 1.2))
def test_two_parts_hold_what_either_holds(
    one: Polygon, other: Polygon, azimuth_deg: float, share: float
) -> None:
    both = Polygon(parts=one.parts + other.parts)
    for at in (near(one, azimuth_deg, share), near(other, azimuth_deg, share)):
        assert edge_distance_m(both, at) == min(edge_distance_m(one, at), edge_distance_m(other, at))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(corridors(), st.floats(0, 360), st.floats(0, 1.2))
def test_a_corridor_holds_what_any_of_its_legs_holds_and_is_the_same_backwards(
    area: Corridor, azimuth_deg: float, share: float
) -> None:
    at = near(area, azimuth_deg, share)
    found_m = edge_distance_m(area, at)
    legs_m = [
        edge_distance_m(Corridor(line=area.line[place : place + 2], half_width_m=area.half_width_m), at)
        for place in range(len(area.line) - 1)
    ]
    back = Corridor(line=area.line[::-1], half_width_m=area.half_width_m)
    assert found_m == pytest.approx(min(legs_m), abs=0.002)
    assert edge_distance_m(back, at) == pytest.approx(found_m, abs=0.002)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(areas, st.floats(0, 360), st.floats(0, 1.3), st.floats(0, 6), st.floats(0, 360), st.floats(0, 1))
def test_no_true_place_within_the_accuracy_belies_the_containment(
    area: Area, azimuth_deg: float, share: float, magnitude: float, course_deg: float, within: float
) -> None:
    at, accuracy_m = near(area, azimuth_deg, share), 10**magnitude
    said = containment(area, at, accuracy_m=accuracy_m)
    truly_m = edge_distance_m(area, struck(at, course_deg, accuracy_m * within))
    if abs(truly_m) > 0.01:
        assert int(said) != (0 if truly_m < 0 else 2)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(areas)
def test_every_position_of_an_outline_is_on_the_edge(area: Area) -> None:
    for line in outline(area):
        assert line[0] == line[-1]
        lat = np.array([at.latitude_deg for at in line])
        lon = np.array([at.longitude_deg for at in line])
        assert np.max(np.abs(edge_distances_m(area, lat, lon))) <= 0.02


def test_an_outline_goes_round_its_area_in_steps() -> None:
    circle = Circle(centre=Position(latitude_deg=33.4967, longitude_deg=38.6178), radius_m=55_000.0)
    loop = Corridor(
        line=tuple(
            Position(latitude_deg=lat, longitude_deg=lon)
            for lat, lon in ((0, 0), (0, 1), (1, 1), (1, 0.1), (0.05, 0.1))
        ),
        half_width_m=8_000.0,
    )
    assert [len(line) for line in outline(circle)] == [361]
    assert len(outline(loop, step_m=500.0)) == 2, "a loop has an outer edge and an inner one"
    for area in (circle, loop):
        for line in outline(area, step_m=500.0):
            steps_m = [apart_m(one, other) for one, other in pairwise(line)]
            assert max(steps_m) <= 1_000.0
    with pytest.raises(Refused) as refused:
        outline(circle, step_m=0.0)
    assert refused.value.code == "outline.step"


def test_the_whole_globe_has_no_outline() -> None:
    assert outline(Circle(centre=Position(latitude_deg=12, longitude_deg=34), radius_m=20_003_931.459)) == ()


@pytest.mark.parametrize("kind", ["circle", "polygon", "corridor"])
def test_many_positions_at_once_are_told_as_one_at_a_time(kind: str) -> None:
    corners = tuple(
        Position(latitude_deg=lat, longitude_deg=lon) for lat, lon in ((60, 170), (60, -170), (70, 180))
    )
    area: Area = {
        "circle": Circle(centre=corners[0], radius_m=300_000.0),
        "polygon": Polygon(parts=(Part(outer=corners),)),
        "corridor": Corridor(line=corners, half_width_m=50_000.0),
    }[kind]
    seeded = np.random.default_rng(5)
    lat, lon = seeded.uniform(55, 75, 60), seeded.uniform(-180, 180, 60)
    one_by_one = [
        edge_distance_m(area, Position(latitude_deg=float(y), longitude_deg=float(x)))
        for y, x in zip(lat, lon, strict=True)
    ]
    assert edge_distances_m(area, lat, lon).tolist() == one_by_one
    assert edge_distances_m(area, lat[:0], lon[:0]).size == 0


@pytest.mark.parametrize(("lat", "lon"), [(math.nan, 0.0), (0.0, math.nan), (90.1, 0.0), (0.0, 180.1)])
def test_a_position_off_the_globe_is_refused_among_many(lat: float, lon: float) -> None:
    area = Circle(centre=Position(latitude_deg=0, longitude_deg=0), radius_m=1.0)
    with pytest.raises(Refused) as refused:
        containments(area, np.array([0.0, lat]), np.array([0.0, lon]), np.zeros(2))
    assert refused.value.code == "position.out-of-range"
