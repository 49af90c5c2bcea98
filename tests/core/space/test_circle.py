"""Circles, by hand and at their limits."""

from __future__ import annotations

import math

import pytest
from geographiclib.geodesic import Geodesic

from keepclear.core.errors import Refused
from keepclear.core.space.altitude import Containment
from keepclear.core.space.area import Cap, Circle, cap, containment, edge_distance_m
from keepclear.core.space.geodesy import FARTHEST_M, Position

TANF = Position(latitude_deg=33.4967, longitude_deg=38.6178)
ZONE = Circle(centre=TANF, radius_m=55_000.0)


def at(latitude_deg: float, longitude_deg: float) -> Position:
    return Position(latitude_deg=latitude_deg, longitude_deg=longitude_deg)


@pytest.mark.parametrize("radius_m", [0.0, -1.0, math.nan, math.inf, FARTHEST_M + 1])
def test_a_circle_with_no_sensible_radius_is_refused(radius_m: float) -> None:
    with pytest.raises(Refused) as refused:
        Circle(centre=TANF, radius_m=radius_m)
    assert refused.value.code == "circle.radius"


def test_the_55_km_zone_at_tanf_ends_half_a_degree_north_and_0_59_of_a_degree_east_of_it() -> None:
    """A degree of latitude is 110.92 km there, one of longitude 92.92 km: 55 km are 0.4959 and 0.5919."""
    assert containment(ZONE, at(33.4967 + 0.4957, 38.6178)) is Containment.DEFINITE
    assert containment(ZONE, at(33.4967 + 0.4961, 38.6178)) is Containment.NO
    assert containment(ZONE, at(33.4967, 38.6178 + 0.5917)) is Containment.DEFINITE
    assert containment(ZONE, at(33.4967, 38.6178 + 0.5923)) is Containment.NO


def test_the_centre_is_a_radius_inside() -> None:
    assert edge_distance_m(ZONE, TANF) == -55_000.0


def test_a_position_less_accurate_than_its_distance_to_the_edge_is_possible() -> None:
    outside = at(34.0, 38.6178)
    assert 800 < edge_distance_m(ZONE, outside) < 850
    assert containment(ZONE, outside, accuracy_m=800.0) is Containment.NO
    assert containment(ZONE, outside, accuracy_m=850.0) is Containment.POSSIBLE
    assert containment(ZONE, TANF, accuracy_m=55_000.0) is Containment.DEFINITE
    assert containment(ZONE, TANF, accuracy_m=55_000.1) is Containment.POSSIBLE


@pytest.mark.parametrize("accuracy_m", [-1.0, math.nan, math.inf])
def test_an_accuracy_that_says_nothing_is_refused(accuracy_m: float) -> None:
    with pytest.raises(Refused) as refused:
        containment(ZONE, TANF, accuracy_m=accuracy_m)
    assert refused.value.code == "accuracy.out-of-range"


def test_a_circle_of_15000_km_holds_all_but_a_cap_about_the_antipode() -> None:
    far = Circle(centre=at(30.0, 10.0), radius_m=15_000_000.0)
    assert edge_distance_m(far, at(-30.0, -170.0)) == pytest.approx(FARTHEST_M - 15_000_000.0, abs=1.0)
    assert containment(far, at(-89.0, 0.0)) is Containment.DEFINITE


def test_the_largest_circle_is_the_whole_globe() -> None:
    globe = Circle(centre=at(90.0, 0.0), radius_m=FARTHEST_M)
    for place in (at(-90.0, 0.0), at(-89.999, 77.0), at(0.0, 180.0)):
        assert containment(globe, place) is Containment.DEFINITE


def test_a_circle_over_the_pole_reaches_down_every_meridian_alike() -> None:
    ring_m = Geodesic.WGS84.Inverse(90.0, 0.0, 85.0, 0.0)["s12"]
    polar = Circle(centre=at(90.0, 0.0), radius_m=ring_m)
    for longitude_deg in range(-180, 181, 15):
        assert abs(edge_distance_m(polar, at(85.0, longitude_deg))) < 1e-6


def test_180_east_and_180_west_are_one_meridian() -> None:
    dateline = Circle(centre=at(10.0, 180.0), radius_m=1_000.0)
    assert edge_distance_m(dateline, at(10.0, -180.0)) == -1_000.0


def test_the_cap_of_a_circle_is_the_circle() -> None:
    assert cap(ZONE) == Cap(centre=TANF, radius_m=55_000.0)
