"""Figures and reaches against geographiclib, by derivations that share nothing with them.

A circle's area is integrated from the reduced length of its radii, where the code measures inscribed polygons;
extremes are searched for by brute force, where the code knows in which direction they lie.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.line.plot.figures import Figures, figures_from, figures_members, figures_of
from keepclear.core.line.plot.shape import (
    CircleShape,
    CorridorShape,
    GridLine,
    GridPosition,
    PointShape,
    PolygonShape,
)
from keepclear.core.trust.fields import Fields
from places import at, line, line_shapes, ring_shapes

WGS84 = Geodesic.WGS84
Point = tuple[float, float]

ALL_ROUND = (1_800_000_000, -1_800_000_000)

CENTRES: tuple[Point, ...] = (
    (33.4967, 38.6178),
    (0.0, 180.0),
    (0.0001, -179.9),
    (-72.5, 179.999),
    (89.9, 12.0),
    (90.0, 0.0),
    (-90.0, 45.0),
    (-45.0, 0.0),
)


def degrees(at: GridPosition) -> Point:
    return at.latitude_e7 / 1e7, at.longitude_e7 / 1e7


def struck(at: Point, azimuth_deg: float, distance_m: float) -> Point:
    """The position struck off, its longitude counted on from that of ``at`` without a jump."""
    found = WGS84.Direct(*at, azimuth_deg, distance_m)
    return found["lat2"], at[1] + math.remainder(found["lon2"] - at[1], 360)


def greatest(value: Callable[[float], float], low: float, high: float, steps: int = 60) -> float:
    """The greatest value on a stretch: the best of some samples, then halved in about it."""
    samples = np.linspace(low, high, steps + 1)
    best = int(np.argmax([value(float(sample)) for sample in samples]))
    low, high = float(samples[max(best - 1, 0)]), float(samples[min(best + 1, steps)])
    for _ in range(60):
        one, other = low + (high - low) / 3, high - (high - low) / 3
        low, high = (one, high) if value(one) < value(other) else (low, other)
    return value((low + high) / 2)


def e7(degrees: float) -> int:
    return round(degrees * 1e7)


def apart_e7(one: int, other: int) -> int:
    """How far apart two longitudes are, the short way round."""
    return abs((one - other + 1_800_000_000) % 3_600_000_000 - 1_800_000_000)


# ------------------------------------------------------------------ circles


def circle_size(centre: Point, radius_m: float) -> tuple[float, float]:
    """Area and edge of a circle by quadrature: of the reduced length over radius and azimuth, and over azimuth."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    azimuths = np.linspace(0, 360, 48, endpoint=False)
    area, edge = 0.0, 0.0
    for azimuth in azimuths:
        ray = WGS84.Line(*centre, float(azimuth), Geodesic.DISTANCE_IN | Geodesic.REDUCEDLENGTH)
        lengths = [ray.Position(r, Geodesic.REDUCEDLENGTH)["m12"] for r in (nodes + 1) * radius_m / 2]
        area += float(weights @ np.array(lengths)) * radius_m / 2
        edge += ray.Position(radius_m, Geodesic.REDUCEDLENGTH)["m12"]
    return area * math.tau / azimuths.size, edge * math.tau / azimuths.size


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("radius_cm", [1_000, 5_500_000, 100_000_000, 950_000_000, 1_500_000_000])
def test_the_area_and_edge_of_a_circle_are_those_of_its_radii(centre: Point, radius_cm: int) -> None:
    figures = figures_of(CircleShape(centre=at(*centre), radius_cm=radius_cm))
    area_m2, edge_m = circle_size(centre, radius_cm / 100)
    assert figures.area_m2 == pytest.approx(area_m2, rel=1e-7, abs=0.6)
    assert figures.length_cm == pytest.approx(edge_m * 100, rel=1e-7, abs=1.0)


def test_a_circle_of_all_but_the_whole_globe_has_all_but_its_area() -> None:
    figures = figures_of(CircleShape(centre=at(10, 20), radius_cm=1_997_000_000))
    assert 0.9999 < figures.area_m2 / 510_065_621_724_088 < 1
    assert (figures.east_e7, figures.west_e7) == ALL_ROUND
    assert (figures.north_e7, figures.south_e7) == (900_000_000, -900_000_000)


@pytest.mark.parametrize("centre", [place for place in CENTRES if abs(place[0]) < 89])
@pytest.mark.parametrize("radius_cm", [1_000, 5_500_000, 100_000_000])
def test_a_circle_reaches_as_far_as_its_farthest_position(centre: Point, radius_cm: int) -> None:
    figures = figures_of(CircleShape(centre=at(*centre), radius_cm=radius_cm))
    radius_m = radius_cm / 100
    north = greatest(lambda azimuth: struck(centre, azimuth, radius_m)[0], -90, 90)
    south = greatest(lambda azimuth: -struck(centre, azimuth, radius_m)[0], 90, 270)
    aside = greatest(lambda azimuth: struck(centre, azimuth, radius_m)[1] - centre[1], 0, 180)
    assert abs(figures.north_e7 - e7(north)) <= 1
    assert abs(figures.south_e7 + e7(south)) <= 1
    assert apart_e7(figures.east_e7, e7(centre[1] + aside)) <= 1
    assert apart_e7(figures.west_e7, e7(centre[1] - aside)) <= 1


def test_a_circle_that_holds_a_pole_reaches_all_round() -> None:
    north = figures_of(CircleShape(centre=at(89.9, 12), radius_cm=5_500_000))
    assert (north.north_e7, north.east_e7, north.west_e7) == (900_000_000, *ALL_ROUND)
    assert north.south_e7 == e7(struck((89.9, 12.0), 180.0, 55_000)[0])
    south = figures_of(CircleShape(centre=at(-89.9, 12), radius_cm=5_500_000))
    assert (south.south_e7, south.east_e7, south.west_e7) == (-900_000_000, *ALL_ROUND)


def test_a_circle_across_the_antimeridian_reaches_from_the_greater_longitude_to_the_less() -> None:
    figures = figures_of(CircleShape(centre=at(0, 180), radius_cm=5_500_000))
    assert figures.west_e7 > 1_790_000_000
    assert figures.east_e7 == -figures.west_e7


# ------------------------------------------------------------------ polygons


def polygon_size(ring: GridLine) -> tuple[float, float]:
    measure = WGS84.Polygon()
    for corner in ring:
        measure.AddPoint(*degrees(corner))
    _, edge_m, area_m2 = measure.Compute()
    return abs(area_m2), edge_m


def edge_extremes(ring: GridLine) -> tuple[float, float]:
    """The northernmost and southernmost latitude on the edges of a ring, searched for along each."""
    norths: list[float] = []
    souths: list[float] = []
    for one, other in pairwise([*ring, ring[0]]):
        edge = WGS84.InverseLine(*degrees(one), *degrees(other))

        def latitude(along_m: float, edge=edge) -> float:  # type: ignore[no-untyped-def]
            return edge.Position(along_m)["lat2"]

        norths.append(greatest(latitude, 0, edge.s13, steps=4))
        souths.append(-greatest(lambda along_m, of=latitude: -of(along_m), 0, edge.s13, steps=4))
    return max(norths), min(souths)


@settings(max_examples=40)
@given(shape=ring_shapes())
def test_a_polygon_has_the_size_and_reach_that_geographiclib_gives_its_edges(shape: PolygonShape) -> None:
    figures = figures_of(shape)
    outer, *holes = (polygon_size(ring) for ring in shape.rings)
    assert figures.area_m2 == pytest.approx(outer[0] - sum(hole[0] for hole in holes), rel=1e-7, abs=0.6)
    assert figures.length_cm == pytest.approx(
        100 * (outer[1] + sum(hole[1] for hole in holes)), rel=1e-7, abs=1
    )
    north, south = edge_extremes(shape.rings[0])
    assert abs(figures.north_e7 - e7(north)) <= 1
    assert abs(figures.south_e7 - e7(south)) <= 1
    # An edge keeps going east or west, so the extremes are at corners; these rings are less than half round.
    base = shape.rings[0][0].longitude_e7
    turns = [
        (corner.longitude_e7 - base + 1_800_000_000) % 3_600_000_000 - 1_800_000_000
        for corner in shape.rings[0]
    ]
    assert apart_e7(figures.east_e7, base + max(turns)) == 0
    assert apart_e7(figures.west_e7, base + min(turns)) == 0


def reach(shape: PolygonShape | CorridorShape) -> tuple[int, int, int, int]:
    figures = figures_of(shape)
    return figures.north_e7, figures.south_e7, figures.west_e7, figures.east_e7


def mirrored(ring: GridLine) -> GridLine:
    """The ring in the other hemisphere."""
    return tuple(
        GridPosition(latitude_e7=-corner.latitude_e7, longitude_e7=corner.longitude_e7) for corner in ring
    )


POLE_RINGS: dict[str, tuple[list[GridLine], tuple[float, float, float, float]]] = {
    "round the pole": (
        [line((60, 0), (60, 90), (60, 180), (60, -90))],
        (90, 60, -180, 180),
    ),
    "round the pole, the other way": (
        [line((60, -90), (60, 180), (60, 90), (60, 0))],
        (90, 60, -180, 180),
    ),
    "with a corner at the pole": ([line((90, 77), (20, 0), (20, 60))], (90, 20, 0, 60)),
    "with a first corner after the pole": ([line((20, 60), (90, 0), (20, 0))], (90, 20, 0, 60)),
    "three quarters of the way round, with a corner at the pole": (
        [line((90, 0), (70, 20), (70, 110), (70, -160), (70, -70))],
        (90, 70, 20, -70),
    ),
    "with an edge over the pole": ([line((70, 10), (70, 100), (70, -170))], (90, 70, 10, -170)),
    "with an edge over the pole, on the other side": (
        [line((70, 10), (70, -80), (70, -170))],
        (90, 70, -170, 10),
    ),
    "across the antimeridian": ([line((10, 170), (20, 170), (20, -170), (10, -170))], (None, 10, 170, -170)),
    "up to the antimeridian": ([line((10, 170), (20, 170), (20, 180), (10, 180))], (None, 10, 170, 180)),
    "up to the antimeridian, written the other way": (
        [line((10, 170), (20, 170), (20, -180), (10, -180))],
        (None, 10, 170, 180),
    ),
    "from the antimeridian": ([line((10, 180), (20, 180), (20, -170), (10, -170))], (None, 10, -180, -170)),
}


@pytest.mark.parametrize("case", POLE_RINGS)
@pytest.mark.parametrize("south", [False, True])
def test_a_polygon_at_a_pole_or_the_antimeridian_reaches_where_it_should(case: str, south: bool) -> None:  # noqa: FBT001
    rings, (top, bottom, west, east) = POLE_RINGS[case]
    corners = [*rings[0]]
    found = reach(PolygonShape(rings=tuple(map(mirrored, rings) if south else rings)))
    extreme = edge_extremes(tuple(corners))
    wanted_top = e7(extreme[0]) if top is None else e7(top)
    wanted = (wanted_top, e7(bottom), e7(west), e7(east))
    if south:
        wanted = (-e7(bottom), -wanted_top, e7(west), e7(east))
    assert max(abs(one - other) for one, other in zip(found, wanted, strict=True)) <= 1


@pytest.mark.parametrize("south", [False, True])
def test_a_polygon_with_a_hole_round_the_pole_ends_at_the_hole(south: bool) -> None:  # noqa: FBT001
    rings = [
        line((60, 0), (60, 90), (60, 180), (60, -90)),
        line((80, 0), (80, 90), (80, 180), (80, -90)),
    ]
    shape = PolygonShape(rings=tuple(map(mirrored, rings) if south else rings))
    inner = e7(edge_extremes(rings[1])[0])
    north, far, west, east = reach(shape)
    assert (west, east) == (-1_800_000_000, 1_800_000_000)
    assert (far, north) == ((-inner, -600_000_000) if south else (600_000_000, inner))


# ------------------------------------------------------------------ corridors


@settings(max_examples=25)
@given(shape=line_shapes(), half_width_cm=st.integers(1_000, 50_000_000))
def test_a_corridor_reaches_as_far_as_what_is_struck_off_its_line(
    shape: CorridorShape, half_width_cm: int
) -> None:
    shape = CorridorShape(line=shape.line, half_width_cm=half_width_cm)
    figures = figures_of(shape)
    width_m = half_width_cm / 100
    lats: list[float] = []
    lons: list[float] = []
    counted = degrees(shape.line[0])[1]
    length_m = 0.0
    for one, other in pairwise(shape.line):
        leg = WGS84.InverseLine(*degrees(one), *degrees(other))
        length_m += leg.s13
        start = counted
        for along_m in np.linspace(0, leg.s13, 9):
            point = leg.Position(float(along_m))
            counted = start + math.remainder(point["lon2"] - degrees(one)[1], 360)
            for azimuth in range(0, 360, 5):
                lat, lon = struck((point["lat2"], counted), azimuth, width_m)
                lats.append(lat)
                lons.append(lon)
    assert figures.length_cm == pytest.approx(length_m * 100, rel=1e-9, abs=1)
    assert figures.area_m2 == pytest.approx(length_m * 2 * width_m, rel=1e-9, abs=1)
    north_deg, south_deg = figures.north_e7 / 1e7, figures.south_e7 / 1e7
    assert max(lats) <= north_deg + 1e-7
    assert min(lats) >= south_deg - 1e-7
    if (figures.east_e7, figures.west_e7) == ALL_ROUND:
        holds_pole = 90.0 in (north_deg, -south_deg)
        assert holds_pole or max(lons) - min(lons) > 359
        return
    span_deg = (figures.east_e7 - figures.west_e7) / 1e7 % 360
    reached_deg = max(lons) - min(lons)
    assert reached_deg <= span_deg + 2e-7
    # The samples are coarse: what they leave out of the reach is a small part of a width.
    width_deg = math.degrees(width_m / 6.36e6)
    assert north_deg - max(lats) <= 0.01 * width_deg
    aside_deg = width_deg / math.cos(math.radians(min(89.9, max(abs(north_deg), abs(south_deg)))))
    assert span_deg - reached_deg <= 0.05 * aside_deg
    assert apart_e7(figures.east_e7, e7(max(lons))) <= 0.05 * aside_deg * 1e7


@pytest.mark.parametrize("middle", [(33.0, 38.0), (-61.0, 179.99), (5.0, -179.99)])
def test_a_corridor_along_a_meridian_reaches_as_far_aside_as_the_circle_at_its_end(middle: Point) -> None:
    ends = middle, (middle[0] + math.copysign(2, middle[0]), middle[1])
    corridor = figures_of(CorridorShape(line=line(*ends), half_width_cm=10_000_000))
    circle = figures_of(CircleShape(centre=at(*ends[1]), radius_cm=10_000_000))
    assert apart_e7(corridor.east_e7, circle.east_e7) <= 1
    assert apart_e7(corridor.west_e7, circle.west_e7) <= 1


def test_a_corridor_whose_middle_lies_farthest_is_searched_between_its_ends() -> None:
    """A leg that runs east to its northernmost position and no farther: about there its edge reaches on."""
    start = (60.0, 0.0)
    arc = WGS84.Line(*start, 20.0)
    found = arc.Position(7_000_000)
    end = round(found["lat2"], 7), round(found["lon2"], 7)
    width_cm = 50_000_000
    figures = figures_of(CorridorShape(line=line(start, end), half_width_cm=width_cm))

    def reached(along_m: float) -> float:
        point = WGS84.InverseLine(*start, *end).Position(along_m)
        if abs(point["lat2"]) > 85:
            return -math.inf
        return point["lon2"] + float(
            greatest(lambda azimuth: struck((point["lat2"], 0.0), azimuth, width_cm / 100)[1], 0, 180, 20)
        )

    best = greatest(reached, 0, WGS84.Inverse(*start, *end)["s12"], steps=16)
    assert figures.east_e7 >= e7(best) - 1


@pytest.mark.parametrize("latitude", [89.99, -89.99])
def test_a_corridor_that_holds_a_pole_reaches_all_round(latitude: float) -> None:
    figures = figures_of(
        CorridorShape(line=line((latitude, 0), (latitude * 0.9, 10)), half_width_cm=1_000_000)
    )
    assert (figures.east_e7, figures.west_e7) == ALL_ROUND
    assert e7(math.copysign(90, latitude)) in (figures.north_e7, figures.south_e7)


def test_a_corridor_that_runs_all_the_way_round_reaches_all_round() -> None:
    points = [(10.0, math.remainder(turn, 360)) for turn in range(0, 391, 30)]
    figures = figures_of(CorridorShape(line=line(*points), half_width_cm=100_000))
    assert (figures.east_e7, figures.west_e7) == ALL_ROUND
    assert figures.north_e7 < 120_000_000


# ------------------------------------------------------------------ points, and figures as such


def test_a_point_has_no_size_and_reaches_where_it_is() -> None:
    assert figures_of(PointShape(at=at(-33.5, -180))) == Figures(
        area_m2=0,
        length_cm=0,
        north_e7=-335_000_000,
        south_e7=-335_000_000,
        east_e7=-1_800_000_000,
        west_e7=-1_800_000_000,
    )


FIGURES = Figures(area_m2=1, length_cm=2, north_e7=3, south_e7=-4, east_e7=5, west_e7=-6)


def test_figures_come_back_from_what_is_written() -> None:
    assert figures_from(Fields(figures_members(FIGURES), what="figures")) == FIGURES


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"area_m2": -1}, "place.figures"),
        ({"length_cm": -1}, "place.figures"),
        ({"north_e7": 900_000_001}, "fields.unfit"),
        ({"east_e7": "5"}, "fields.unfit"),
        ({"more": 1}, "fields.unknown"),
    ],
)
def test_figures_that_cannot_be_are_refused(change: dict[str, int | str], code: str) -> None:
    with pytest.raises(Refused) as caught:
        figures_from(Fields(figures_members(FIGURES) | change, what="figures"))
    assert caught.value.code == code


def test_figures_without_one_of_them_are_refused() -> None:
    members = figures_members(FIGURES)
    del members["east_e7"]
    with pytest.raises(Refused, match="lacks the member 'east_e7'"):
        figures_from(Fields(members, what="figures"))
