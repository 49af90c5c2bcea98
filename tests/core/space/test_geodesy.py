"""Positions and geodesics, held to geographiclib and to figures a person can look up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.space.geodesy import (
    EARTH_AREA_M2,
    FARTHEST_M,
    POLE_RADIUS_M,
    TIGHTEST_BEND_M,
    UNIQUE_M,
    Position,
    course_between,
    destination,
    direct,
    ecef_m,
    inverse,
    longest_m,
    ring_area_m2,
    separation_m,
)

WGS84 = Geodesic.WGS84
latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
positions = st.builds(Position, latitude_deg=latitudes, longitude_deg=longitudes)


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg"),
    [
        (90.001, 0.0),
        (-91.0, 0.0),
        (0.0, 180.001),
        (0.0, 190.0),
        (math.nan, 0.0),
        (0.0, math.nan),
        (math.inf, 0.0),
    ],
)
def test_a_position_off_the_globe_is_refused(latitude_deg: float, longitude_deg: float) -> None:
    with pytest.raises(Refused, match="must be from") as refused:
        Position(latitude_deg=latitude_deg, longitude_deg=longitude_deg)
    assert refused.value.code == "position.out-of-range"


def test_a_minute_of_latitude_at_45_degrees_is_nearly_a_nautical_mile() -> None:
    south = Position(latitude_deg=45 - 1 / 120, longitude_deg=7.0)
    north = Position(latitude_deg=45 + 1 / 120, longitude_deg=7.0)
    assert separation_m(own=south, other=north) == pytest.approx(1852.2, abs=0.1)


def test_pole_to_pole_is_the_farthest_that_two_positions_can_be_apart() -> None:
    north, south = Position(latitude_deg=90, longitude_deg=20), Position(latitude_deg=-90, longitude_deg=-33)
    assert separation_m(own=north, other=south) <= FARTHEST_M
    assert separation_m(own=north, other=south) == pytest.approx(FARTHEST_M, abs=1e-3)


def test_the_published_example_of_a_geodesic_is_met() -> None:
    """JFK to LHR, from the geographiclib documentation."""
    start = Position(latitude_deg=40.6, longitude_deg=-73.8)
    end = Position(latitude_deg=51.6, longitude_deg=-0.5)
    assert separation_m(own=start, other=end) == pytest.approx(5_551_759.400, abs=0.001)


@settings(max_examples=200, derandomize=True)
@given(positions, positions)
def test_separation_is_what_geographiclib_says_and_the_same_both_ways(one: Position, other: Position) -> None:
    there_m = separation_m(own=one, other=other)
    truth = WGS84.Inverse(one.latitude_deg, one.longitude_deg, other.latitude_deg, other.longitude_deg)
    assert there_m == pytest.approx(truth["s12"], abs=1e-6)
    assert separation_m(own=other, other=one) == pytest.approx(there_m, abs=1e-6)


@settings(max_examples=200, derandomize=True)
@given(positions, st.floats(0, 360), st.floats(1, 19_900_000))
def test_a_destination_is_as_far_as_was_travelled(
    at: Position, azimuth_deg: float, distance_m: float
) -> None:
    reached = destination(at, azimuth_deg=azimuth_deg, distance_m=distance_m)
    assert separation_m(own=at, other=reached) == pytest.approx(distance_m, abs=1e-6)


@settings(max_examples=200, derandomize=True)
@given(positions, positions)
def test_a_course_arrives_where_going_on_from_the_middle_arrives(start: Position, end: Position) -> None:
    course = course_between(start=start, end=end)
    arrays = [np.array([value]) for value in (start.latitude_deg, start.longitude_deg, course.azimuth_deg)]
    lat, lon, onward_deg = direct(*arrays, np.array([course.distance_m / 2]))
    lat, lon, _ = direct(lat, lon, onward_deg, np.array([course.distance_m / 2]))
    assert inverse(lat, lon, np.array([end.latitude_deg]), np.array([end.longitude_deg]))[2][0] < 1e-6


@settings(max_examples=300, derandomize=True)
@given(positions, positions)
def test_a_geodesic_is_between_its_chord_and_the_longest_for_that_chord(
    one: Position, other: Position
) -> None:
    lat = np.array([one.latitude_deg, other.latitude_deg])
    lon = np.array([one.longitude_deg, other.longitude_deg])
    ends = ecef_m(lat, lon)
    chord_m = np.linalg.norm(ends[0] - ends[1])
    truth_m = WGS84.Inverse(lat[0], lon[0], lat[1], lon[1])["s12"]
    assert chord_m <= truth_m + 1e-6
    assert truth_m <= longest_m(np.array([chord_m]))[0] + 1e-6


def test_meridian_arcs_at_the_equator_come_within_a_metre_of_the_longest_for_their_chord() -> None:
    """The bound is no looser than it must be: there the earth bends as tightly as anywhere."""
    lat, lon = np.array([-2.0, 2.0]), np.array([30.0, 30.0])
    ends = ecef_m(lat, lon)
    truth_m = WGS84.Inverse(-2.0, 30.0, 2.0, 30.0)["s12"]
    assert longest_m(np.array([np.linalg.norm(ends[0] - ends[1])]))[0] == pytest.approx(truth_m, abs=1.0)


def test_constants_of_the_ellipsoid_follow_from_its_two_axes() -> None:
    flattening = WGS84.f
    assert pytest.approx(WGS84.a * (1 - flattening), abs=1e-6) == POLE_RADIUS_M
    assert pytest.approx(WGS84.a * (1 - flattening) ** 2, abs=1e-6) == TIGHTEST_BEND_M
    assert pytest.approx(math.pi * WGS84.a * (1 - flattening), abs=1e-4) == UNIQUE_M
    whole = WGS84.Polygon()
    for longitude_deg in (0, 90, 180, 270):
        whole.AddPoint(0.0, longitude_deg)
    assert pytest.approx(2 * whole.Compute()[2], rel=1e-12) == EARTH_AREA_M2


def test_a_ring_has_the_area_geographiclib_gives_and_its_sign_tells_the_side() -> None:
    lat, lon = np.array([80.0, 82.0, 79.0, 81.0]), np.array([-170.0, -60.0, 30.0, 120.0])
    whole = WGS84.Polygon()
    for point in zip(lat, lon, strict=True):
        whole.AddPoint(*point)
    assert ring_area_m2(lat, lon) == pytest.approx(whole.Compute(reverse=False, sign=True)[2], rel=1e-9)
    assert ring_area_m2(lat[::-1].copy(), lon[::-1].copy()) == pytest.approx(-ring_area_m2(lat, lon))
