"""Corridors by hand and at their limits."""

from __future__ import annotations

import math

import pytest

from keepclear.core.errors import Refused
from keepclear.core.space.altitude import Containment
from keepclear.core.space.area import Circle, Corridor, containment, edge_distance_m
from keepclear.core.space.geodesy import Position


def at(latitude_deg: float, longitude_deg: float) -> Position:
    return Position(latitude_deg=latitude_deg, longitude_deg=longitude_deg)


def corridor(*points: tuple[float, float], half_width_m: float = 10_000.0) -> Corridor:
    return Corridor(line=tuple(at(*point) for point in points), half_width_m=half_width_m)


def test_beside_the_equator_a_corridor_is_as_wide_as_its_half_width_to_each_side() -> None:
    """The first degree of latitude is 110,574.39 m."""
    lane = corridor((0, -5), (0, 5), half_width_m=110_574.39)
    for latitude_deg in (1, -1):
        assert edge_distance_m(lane, at(latitude_deg, 0)) == pytest.approx(0.0, abs=0.01)


def test_the_ends_of_a_corridor_are_half_circles() -> None:
    lane, end = corridor((0, 0), (0, 5)), Circle(centre=at(0, 5), radius_m=10_000.0)
    for place in (at(0.0, 5.05), at(0.05, 5.05), at(-0.09, 5.02), at(0.2, 5.3)):
        assert edge_distance_m(lane, place) == pytest.approx(edge_distance_m(end, place), abs=1e-6)


def test_a_corridor_runs_across_the_antimeridian_and_over_the_pole() -> None:
    lane = corridor((0, 170), (5, -175), (80, -170), (80, 10))
    for place in (at(0, 170), at(5, -175), at(90, 123), at(85, -170), at(85, 10)):
        assert containment(lane, place) is Containment.DEFINITE
    assert containment(lane, at(85, 100)) is Containment.NO
    across = corridor((10, 179), (10, -179))
    for longitude_deg in (180, -180):
        assert edge_distance_m(across, at(10, longitude_deg)) == pytest.approx(-9_830, abs=10)


def test_a_corridor_that_crosses_itself_holds_both_of_its_ways() -> None:
    loop = corridor((0, 0), (0, 2), (1, 1), (-1, 1))
    for place in (at(0, 0.3), at(0, 1.7), at(0.9, 1), at(-0.9, 1)):
        assert containment(loop, place) is Containment.DEFINITE
    assert containment(loop, at(-0.5, 1.5)) is Containment.NO


@pytest.mark.parametrize("half_width_m", [0.0, -1.0, math.nan, math.inf, 9_000_001.0])
def test_a_corridor_with_no_sensible_half_width_is_refused(half_width_m: float) -> None:
    with pytest.raises(Refused) as refused:
        corridor((0, 0), (0, 1), half_width_m=half_width_m)
    assert refused.value.code == "corridor.half-width"


@pytest.mark.parametrize(
    ("code", "points"),
    [
        ("corridor.points", [(0.0, 0.0)]),
        ("corridor.points", [(0.0, place / 100) for place in range(4_001)]),
        ("area.repeated-point", [(0.0, 0.0), (0.0, 1.0), (0.0, 1.0)]),
        ("area.edge-too-long", [(0.0, 0.0), (0.0, 90.0)]),
    ],
)
def test_a_line_that_is_no_line_is_refused(code: str, points: list[tuple[float, float]]) -> None:
    with pytest.raises(Refused) as refused:
        corridor(*points)
    assert refused.value.code == code
