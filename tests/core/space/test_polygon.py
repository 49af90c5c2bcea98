"""Polygons by hand: holes, parts, poles, the antimeridian, and every ring that is refused."""

from __future__ import annotations

import pytest
from geographiclib.geodesic import Geodesic

from keepclear.core.errors import Refused
from keepclear.core.space.altitude import Containment
from keepclear.core.space.area import Part, Polygon, Ring, cap, containment, edge_distance_m
from keepclear.core.space.geodesy import FARTHEST_M, Position

DEGREE_M = 110_574.39
"""The first degree of latitude, from the equator."""


def at(latitude_deg: float, longitude_deg: float) -> Position:
    return Position(latitude_deg=latitude_deg, longitude_deg=longitude_deg)


def ring(*points: tuple[float, float]) -> Ring:
    return tuple(at(*point) for point in points)


def polygon(outer: Ring, *holes: Ring) -> Polygon:
    return Polygon(parts=(Part(outer=outer, holes=holes),))


def box(south: float, west: float, north: float, east: float) -> Ring:
    return ring((south, west), (south, east), (north, east), (north, west))


def test_distance_across_an_edge_on_the_equator_is_the_meridian_arc() -> None:
    square = polygon(box(0, 0, 10, 10))
    assert edge_distance_m(square, at(-1, 5)) == pytest.approx(DEGREE_M, abs=0.01)
    assert edge_distance_m(square, at(1, 5)) == pytest.approx(-DEGREE_M, abs=0.01)


def test_edges_are_geodesics_and_bulge_poleward_of_the_parallel() -> None:
    """Between 50 N 0 E and 50 N 60 E the geodesic is at 54 N half-way."""
    halfway = Geodesic.WGS84.InverseLine(50, 0, 50, 60)
    bulge = halfway.Position(halfway.s13 / 2)["lat2"]
    assert 53.9 < bulge < 54.1
    area = polygon(box(40, 0, 50, 60))
    assert containment(area, at(bulge - 0.001, 30)) is Containment.DEFINITE
    assert containment(area, at(bulge + 0.001, 30)) is Containment.NO


def test_the_direction_in_which_a_ring_is_given_does_not_matter() -> None:
    corners = box(10, 170, 20, -170)
    there, back = polygon(corners), polygon(corners[::-1])
    for place in (at(15, 180), at(15, -180), at(15, 0), at(10, 175), at(9, 179)):
        assert edge_distance_m(there, place) == pytest.approx(edge_distance_m(back, place), abs=1e-6)


def test_a_ring_across_the_antimeridian_holds_what_is_on_both_sides_of_it() -> None:
    area = polygon(box(10, 170, 20, -170))
    for longitude_deg in (175.0, 180.0, -180.0, -175.0):
        assert containment(area, at(15, longitude_deg)) is Containment.DEFINITE
    for longitude_deg in (169.0, -169.0, 0.0):
        assert containment(area, at(15, longitude_deg)) is Containment.NO


@pytest.mark.parametrize("latitude_deg", [80.0, -80.0])
def test_a_ring_round_a_pole_holds_the_pole(latitude_deg: float) -> None:
    area = polygon(ring(*((latitude_deg, longitude_deg) for longitude_deg in (-170, -80, 10, 100))))
    assert containment(area, at(90.0 if latitude_deg > 0 else -90.0, 0)) is Containment.DEFINITE
    assert containment(area, at(latitude_deg / 2, 30)) is Containment.NO


def test_a_corner_at_the_pole_parts_the_meridians_on_either_side_of_it() -> None:
    wedge = polygon(ring((90, 77), (80, 0), (80, 90)))
    for longitude_deg in (1, 45, 89):
        assert containment(wedge, at(89.9, longitude_deg)) is Containment.DEFINITE
    for longitude_deg in (-1, -135, 91, 180):
        assert containment(wedge, at(89.9, longitude_deg)) is Containment.NO
    assert abs(edge_distance_m(wedge, at(90, -120))) < 1e-6


def test_a_hole_removes_what_is_in_it_but_not_its_edge() -> None:
    area = polygon(box(0, 0, 10, 10), box(4, 4, 6, 6))
    assert containment(area, at(5, 5)) is Containment.NO
    assert containment(area, at(2, 2)) is Containment.DEFINITE
    assert edge_distance_m(area, at(5, 5)) == pytest.approx(DEGREE_M, rel=0.01)
    assert edge_distance_m(area, at(3, 5)) == pytest.approx(-DEGREE_M, rel=0.01)


def test_sharp_corners_tell_inside_from_outside_on_every_side() -> None:
    """A needle of one degree by a hundredth, and the notch that it leaves when cut out of a box."""
    needle = polygon(ring((0, 0), (-0.005, 1), (0.005, 1)))
    notch = polygon(ring((-1, -1), (-1, 1), (-0.005, 1), (0, 0), (0.005, 1), (1, 1), (1, -1)))
    for lat, lon in ((0, -0.001), (0.0001, -0.00001), (-0.0001, -0.00001), (0.003, 0.1), (-0.003, 0.1)):
        assert containment(needle, at(lat, lon)) is Containment.NO
        assert containment(notch, at(lat, lon)) is Containment.DEFINITE
    for lon in (0.001, 0.1, 0.9):
        assert containment(needle, at(0, lon)) is Containment.DEFINITE
        assert containment(notch, at(0, lon)) is Containment.NO


def test_parts_are_joined_and_may_lie_apart_touch_or_overlap() -> None:
    area = Polygon(
        parts=(Part(outer=box(0, 0, 2, 2)), Part(outer=box(1, 1, 3, 3)), Part(outer=box(0, 10, 2, 12)))
    )
    for lat, lon in ((0.5, 0.5), (1.5, 1.5), (2.5, 2.5), (1, 11)):
        assert containment(area, at(lat, lon)) is Containment.DEFINITE
    for lat, lon in ((0.5, 2.5), (2.5, 0.5), (1, 6)):
        assert containment(area, at(lat, lon)) is Containment.NO
    assert edge_distance_m(area, at(1, 9)) == pytest.approx(111_300, abs=100)


def test_a_part_in_the_hole_of_another_is_an_island() -> None:
    area = Polygon(
        parts=(Part(outer=box(0, 0, 10, 10), holes=(box(3, 3, 7, 7),)), Part(outer=box(4, 4, 6, 6)))
    )
    assert containment(area, at(5, 5)) is Containment.DEFINITE
    assert containment(area, at(3.5, 5)) is Containment.NO


def test_an_inside_beyond_45_percent_of_the_globe_is_refused_and_below_is_not() -> None:
    quarters = (-180, -90, 0, 90)
    area = polygon(ring(*((30, longitude_deg) for longitude_deg in quarters)))
    assert containment(area, at(90, 0)) is Containment.DEFINITE
    with pytest.raises(Refused) as refused:
        polygon(ring(*((-0.5, longitude_deg) for longitude_deg in (-180, -120, -60, 0, 60, 120))))
    assert refused.value.code == "polygon.half-globe"


@pytest.mark.parametrize(
    ("code", "outer", "holes"),
    [
        ("polygon.points", ring((0, 0), (0, 1)), ()),
        ("area.repeated-point", ring((0, 0), (0, 1), (0, 1), (1, 1)), ()),
        ("area.repeated-point", ring((0, 0), (0, 1), (1, 1), (0, 0)), ()),
        ("area.repeated-point", ring((0, 180), (0, -180), (1, 179)), ()),
        ("area.repeated-point", ring((90, 0), (90, 120), (80, 60)), ()),
        ("area.edge-too-long", ring((0, 0), (0, 90), (10, 45)), ()),
        ("polygon.meets-itself", ring((0, 0), (10, 10), (0, 10), (10, 0)), ()),
        ("polygon.meets-itself", ring((0, 0), (0, 10), (0, 5)), ()),
        ("polygon.meets-itself", ring((0, 0), (0, 10), (5, 5), (0, 5), (5, 0)), ()),
        ("polygon.meets-itself", ring((0, 0), (5, 5), (10, 0), (10, 10), (5, 5), (0, 10)), ()),
        ("polygon.meets-itself", box(0, 0, 10, 10), (box(5, 5, 15, 15),)),
        ("polygon.meets-itself", box(0, 0, 10, 10), (box(0, 0, 10, 10),)),
        ("polygon.meets-itself", box(0, 0, 10, 10), (ring((0, 5), (3, 4), (3, 6)),)),
        ("polygon.hole-outside", box(0, 0, 10, 10), (box(20, 20, 21, 21),)),
        ("polygon.hole-outside", box(4, 4, 6, 6), (box(0, 0, 10, 10),)),
        ("polygon.hole-in-hole", box(0, 0, 10, 10), (box(2, 2, 8, 8), box(4, 4, 6, 6))),
        ("polygon.hole-in-hole", box(0, 0, 10, 10), (box(4, 4, 6, 6), box(2, 2, 8, 8))),
    ],
)
def test_a_ring_whose_inside_would_be_in_doubt_is_refused(
    code: str, outer: Ring, holes: tuple[Ring, ...]
) -> None:
    with pytest.raises(Refused) as refused:
        Part(outer=outer, holes=holes)
    assert refused.value.code == code


def test_collinear_corners_are_no_meeting() -> None:
    """Many points on one meridian, in steps of very unequal length."""
    east = [(lat, 1.0) for lat in (0.0, 5.0, 5.00001, 9.0, 9.5)]
    area = polygon(ring(*east, (9.5, 0.0), (0.0, 0.0)))
    assert containment(area, at(5.000005, 0.9999)) is Containment.DEFINITE
    assert containment(area, at(5.000005, 1.0001)) is Containment.NO


def test_more_than_4000_points_in_one_part_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        Part(outer=tuple(at(0.0, place / 100) for place in range(4_001)))
    assert refused.value.code == "polygon.points"


def test_a_part_too_intricate_to_prove_simple_is_refused() -> None:
    """A comb of 1,000 teeth, each a hundred times as long as it is wide."""
    comb = [(float(place % 2), place / 10_000) for place in range(1_000)]
    with pytest.raises(Refused) as refused:
        polygon(ring(*comb, (-1.0, 0.1), (-1.0, 0.0)))
    assert refused.value.code == "polygon.too-intricate"


def test_a_polygon_without_parts_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        Polygon(parts=())
    assert refused.value.code == "polygon.parts"


def test_the_cap_of_a_polygon_over_half_the_globe_across_is_the_globe() -> None:
    wide = Polygon(parts=(Part(outer=box(0, 0, 10, 10)), Part(outer=box(0, 170, 10, -175))))
    assert cap(wide).radius_m == FARTHEST_M


def test_polygons_made_of_the_same_points_are_equal() -> None:
    assert polygon(box(0, 0, 10, 10)) == polygon(box(0, 0, 10, 10))
    assert len({polygon(box(0, 0, 10, 10)), polygon(box(0, 0, 10, 10))}) == 1


def test_what_is_on_the_seam_between_two_parts_is_inside() -> None:
    seam = Polygon(parts=(Part(outer=box(0, 0, 7, 3)), Part(outer=box(0, 3, 7, 6))))
    for place in range(1, 70):
        assert containment(seam, at(place / 10, 3)) is not Containment.NO
