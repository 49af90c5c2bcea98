"""The index, held to every pair of position and area: by ``geographiclib`` for circles, by the edge for the
rest."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from keepclear.core.errors import Refused
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon, cap, edge_distances_m
from keepclear.core.space.cell import finest_cells, sphere_vectors
from keepclear.core.space.geodesy import FARTHEST_M, Floats, Position
from keepclear.core.space.index import AREAS_MAX, POSITIONS_MAX, Pairs, ZoneIndex

WGS84: Final = Geodesic.WGS84
OFFSETS_M: Final = (-100.0, -1.0, -0.001, 0.001, 1.0, 100.0)


def at(latitude: float, longitude: float) -> Position:
    return Position(latitude_deg=latitude, longitude_deg=longitude)


def circle(latitude: float, longitude: float, radius_m: float) -> Circle:
    return Circle(centre=at(latitude, longitude), radius_m=radius_m)


def ring(*points: tuple[float, float]) -> tuple[Position, ...]:
    return tuple(at(*point) for point in points)


def square(latitude: float, longitude: float, half_deg: float) -> tuple[Position, ...]:
    south, north, west, east = (
        latitude - half_deg,
        latitude + half_deg,
        longitude - half_deg,
        longitude + half_deg,
    )
    return ring((south, west), (south, east), (north, east), (north, west))


CIRCLES: Final = (
    circle(33.5, 38.6, 55_000.0),
    circle(33.5, 38.6, 1.0),
    circle(90.0, 0.0, 1_000.0),
    circle(90.0, 123.0, 3_000_000.0),
    circle(-90.0, 0.0, 250_000.0),
    circle(89.9999, -179.0, 20_000.0),
    circle(-89.0, 45.0, 200_000.0),
    circle(0.0, 180.0, 40_000.0),
    circle(0.0, -180.0, 10.0),
    circle(51.0, 179.99, 5_000.0),
    circle(-17.0, -179.9, 700_000.0),
    # Corners and edges of the cube on which cells lie.
    circle(35.26438968, 45.0, 100_000.0),
    circle(45.0, 0.0, 2_000.0),
    circle(0.0, 45.0, 3.0),
    circle(10.0, 20.0, 10_000_000.0),
    circle(-60.0, 100.0, 15_000_000.0),
    circle(5.0, 5.0, 19_900_000.0),
    circle(0.0, 0.0, 20_003_000.0),
    circle(0.0, 90.0, FARTHEST_M),
)
REACHES_M: Final = (0.0, 5_000.0, 700_000.0)

OTHERS: Final[tuple[Area, ...]] = (
    Polygon(parts=(Part(outer=square(33.5, 38.5, 0.5), holes=()),)),
    Polygon(parts=(Part(outer=square(33.5, 38.5, 0.5), holes=(square(33.5, 38.5, 0.2)[::-1],)),)),
    Polygon(parts=(Part(outer=square(45.0, 0.0, 0.00005), holes=()),)),
    Polygon(parts=(Part(outer=ring((80, 0), (80, 90), (80, 180), (80, -90)), holes=()),)),
    Polygon(parts=(Part(outer=ring((-80, -90), (-80, 180), (-80, 90), (-80, 0)), holes=()),)),
    Polygon(parts=(Part(outer=ring((-5, 170), (-5, -170), (15, -170), (15, 170)), holes=()),)),
    Polygon(
        parts=(
            Part(outer=square(10.0, 10.0, 2.0), holes=()),
            Part(outer=square(-40.0, 150.0, 3.0), holes=()),
        )
    ),
    Corridor(line=(at(33.0, 36.0), at(34.0, 40.0), at(33.0, 44.0)), half_width_m=9_260.0),
    Corridor(line=(at(50.0, -30.0), at(60.0, 170.0)), half_width_m=50_000.0),
    Corridor(line=(at(85.0, 0.0), at(85.0, 180.0)), half_width_m=500.0),
    Corridor(line=(at(-10.0, 179.0), at(10.0, -179.0)), half_width_m=20.0),
    Corridor(line=(at(0.0, -60.0), at(0.0, 20.0)), half_width_m=4_000_000.0),
)


def scattered(seed: int, count: int) -> tuple[Floats, Floats]:
    """Positions all over the globe, with the places where coordinates and cells have their seams."""
    rng = np.random.default_rng(seed)
    latitude = np.degrees(np.arcsin(rng.uniform(-1, 1, count)))
    longitude = rng.uniform(-180, 180, count)
    seams = [
        (a, b)
        for a in (-90.0, -45.0, -35.26438968, 0.0, 35.26438968, 45.0, 90.0)
        for b in (-180.0, -135.0, -45.0, 0.0, 45.0, 180.0)
    ]
    return np.append(latitude, [a for a, _ in seams]), np.append(longitude, [b for _, b in seams])


def around_circles(seed: int, reach_m: float) -> tuple[Floats, Floats]:
    """Positions just inside and just outside the reach of each circle, on twelve bearings."""
    rng = np.random.default_rng(seed)
    points: list[tuple[float, float]] = []
    for one in CIRCLES:
        for azimuth_deg in rng.uniform(0, 360, 12):
            distance_m = one.radius_m + reach_m + OFFSETS_M[len(points) % len(OFFSETS_M)]
            centre = one.centre
            end = WGS84.Direct(centre.latitude_deg, centre.longitude_deg, azimuth_deg, distance_m)
            points.append((end["lat2"], max(-180.0, min(180.0, end["lon2"]))))
    return np.array([a for a, _ in points]), np.array([b for _, b in points])


def around(area: Area, seed: int, count: int) -> tuple[Floats, Floats]:
    """Positions within 20 widths of a corridor or polygon that is not too large, and on its edge's either
    side."""
    rng = np.random.default_rng(seed)
    assert not isinstance(area, Circle)
    outline = area.line if isinstance(area, Corridor) else area.parts[-1].outer
    picks = rng.integers(0, len(outline), count)
    latitude = np.array([outline[k].latitude_deg for k in picks])
    longitude = np.array([outline[k].longitude_deg for k in picks])
    spread = 10 ** rng.uniform(-5, 1, count)
    latitude = np.clip(latitude + rng.normal(0, 1, count) * spread, -90, 90)
    longitude = (longitude + rng.normal(0, 1, count) * spread + 180) % 360 - 180
    return latitude, longitude


def as_set(pairs: Pairs) -> set[tuple[int, int]]:
    return set(zip(pairs.position.tolist(), pairs.area.tolist(), strict=True))


@pytest.mark.parametrize("reach_m", REACHES_M)
def test_circles_are_found_exactly_where_geographiclib_says(reach_m: float) -> None:
    near, far = around_circles(1, reach_m), scattered(2, 120)
    latitude, longitude = np.append(near[0], far[0]), np.append(near[1], far[1])
    found = as_set(ZoneIndex(CIRCLES, reach_m=[reach_m] * len(CIRCLES)).pairs(latitude, longitude))
    for number, one in enumerate(CIRCLES):
        for place, (lat, lon) in enumerate(zip(latitude.tolist(), longitude.tolist(), strict=True)):
            apart_m = WGS84.Inverse(one.centre.latitude_deg, one.centre.longitude_deg, lat, lon)["s12"]
            past_m = apart_m - one.radius_m - reach_m
            # Both libraries are right to 15 nm; nothing is asked about that is nearer to the limit by chance.
            assert abs(past_m) > 1e-6 or apart_m == 0
            assert ((place, number) in found) is (past_m < 0), (one, lat, lon, past_m)


@pytest.mark.parametrize("reach_m", [0.0, 1_000.0, 250_000.0, 12_000_000.0])
def test_polygons_and_corridors_are_found_wherever_the_edge_is_within_reach(reach_m: float) -> None:
    index = ZoneIndex(OTHERS, reach_m=[reach_m] * len(OTHERS))
    columns = [scattered(3, 600), *(around(area, 4 + k, 150) for k, area in enumerate(OTHERS))]
    latitude = np.concatenate([one for one, _ in columns])
    longitude = np.concatenate([one for _, one in columns])
    pairs = index.pairs(latitude, longitude)
    expected: set[tuple[int, int]] = set()
    for number, area in enumerate(OTHERS):
        near = np.flatnonzero(edge_distances_m(area, latitude, longitude) <= reach_m)
        assert near.size > 0
        expected |= {(place, number) for place in near.tolist()}
    assert as_set(pairs) == expected
    assert len(pairs) == len(expected)


@pytest.mark.parametrize("seed", range(3))
def test_many_areas_of_every_size_give_the_pairs_of_a_search_over_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    areas: list[Area] = []
    for radius_m in 10 ** rng.uniform(0, 6.5, 150):
        latitude = float(np.degrees(np.arcsin(rng.uniform(-1, 1))))
        areas.append(circle(latitude, float(rng.uniform(-180, 180)), float(radius_m)))
    reach_m = np.where(rng.random(150) < 0.5, 0.0, 10 ** rng.uniform(0, 6, 150))
    # Half of the positions are near some centre, so that small areas are met as well.
    latitude, longitude = scattered(seed, 3_000)
    for place in range(0, 3_000, 2):
        one = areas[rng.integers(150)]
        assert isinstance(one, Circle)
        end = WGS84.Direct(
            one.centre.latitude_deg,
            one.centre.longitude_deg,
            rng.uniform(0, 360),
            one.radius_m * rng.uniform(0, 2),
        )
        latitude[place], longitude[place] = end["lat2"], end["lon2"]
    pairs = ZoneIndex(areas, reach_m=reach_m).pairs(latitude, longitude)
    distance_m = np.stack([edge_distances_m(area, latitude, longitude) for area in areas], axis=1)
    place, area = np.nonzero(distance_m <= reach_m)
    assert np.array_equal(pairs.position, place)
    assert np.array_equal(pairs.area, area)
    assert np.array_equal(pairs.distance_m, distance_m[place, area])


ALL: Final = (*CIRCLES, *OTHERS)
INDEX: Final = ZoneIndex(ALL, reach_m=[20_000.0] * len(ALL))


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.permutations(range(60)), st.integers(0, 60))
def test_neither_the_order_nor_the_grouping_of_positions_changes_what_is_found(
    order: list[int], cut: int
) -> None:
    latitude, longitude = (np.array(column[-60:]) for column in scattered(9, 18))
    whole = INDEX.pairs(latitude, longitude)
    expected = rows(whole, np.arange(60))
    moved = np.array(order)
    parts = [
        (places, INDEX.pairs(latitude[places], longitude[places])) for places in (moved[:cut], moved[cut:])
    ]
    found = [row for places, part in parts for row in rows(part, places)]
    assert sorted(found) == sorted(expected)


def rows(pairs: Pairs, places: NDArray[np.int64]) -> list[tuple[int, int, float]]:
    columns = (places[pairs.position].tolist(), pairs.area.tolist(), pairs.distance_m.tolist())
    return list(zip(*columns, strict=True))


def test_a_batch_of_one_finds_what_a_batch_of_many_finds() -> None:
    latitude, longitude = around_circles(5, 20_000.0)
    together = rows(INDEX.pairs(latitude, longitude), np.arange(latitude.size))
    alone: list[tuple[int, int, float]] = []
    for place in range(latitude.size):
        one = INDEX.pairs(latitude[place : place + 1], longitude[place : place + 1])
        alone += rows(one, np.array([place]))
    assert alone == together


def test_a_search_with_more_candidates_than_one_list_holds_is_complete() -> None:
    # 300 circles of the whole globe and 8,000 positions make more than two million pairs.
    index = ZoneIndex([circle(0.0, 0.0, FARTHEST_M)] * 300, reach_m=[0.0] * 300)
    pairs = index.pairs(np.linspace(-90, 90, 8_000), np.linspace(-180, 180, 8_000))
    assert np.array_equal(pairs.position, np.repeat(np.arange(8_000), 300))
    assert np.array_equal(pairs.area, np.tile(np.arange(300), 8_000))


@pytest.mark.parametrize("radius_m", [100.0, 55_000.0, 2_000_000.0])
@pytest.mark.parametrize("centre", [at(33.5, 38.6), at(90.0, 0.0), at(35.2644, 45.0), at(0.0, 180.0)])
def test_no_position_half_a_radius_outside_a_circle_is_a_candidate(centre: Position, radius_m: float) -> None:
    # A coarse search that offers everything would be right and useless.
    index = ZoneIndex([Circle(centre=centre, radius_m=radius_m)], reach_m=[0.0])
    ends = [
        WGS84.Direct(centre.latitude_deg, centre.longitude_deg, bearing, radius_m * 1.5)
        for bearing in range(0, 360, 2)
    ]
    assert candidates(index, [end["lat2"] for end in ends], [end["lon2"] for end in ends]) == 0
    assert candidates(index, [centre.latitude_deg], [centre.longitude_deg]) == 1


def test_a_position_beside_a_long_corridor_is_no_candidate_for_it() -> None:
    # Its cap holds a third of the globe.
    index = ZoneIndex([OTHERS[8]], reach_m=[0.0])
    latitude, longitude = scattered(11, 20_000)
    near = np.count_nonzero(edge_distances_m(OTHERS[8], latitude, longitude) <= 300_000.0)
    assert candidates(index, latitude.tolist(), longitude.tolist()) <= near


@pytest.mark.parametrize("latitude", [-88.0, -45.0, 0.0, 33.5, 60.0])
@pytest.mark.parametrize("half_deg", [0.0001, 0.01, 0.5])
def test_the_cap_of_a_square_is_hardly_wider_than_its_diagonal(latitude: float, half_deg: float) -> None:
    # Cells are dropped by the cap, so a wide one makes many candidates of a small area.
    corners = square(latitude, 38.6, half_deg)
    ends = [(corners[k], corners[k + 2]) for k in (0, 1)]
    diagonal_m = max(
        WGS84.Inverse(a.latitude_deg, a.longitude_deg, b.latitude_deg, b.longitude_deg)["s12"]
        for a, b in ends
    )
    radius_m = cap(Polygon(parts=(Part(outer=corners, holes=()),))).radius_m
    assert diagonal_m / 2 <= radius_m <= 1.1 * diagonal_m / 2


def candidates(index: ZoneIndex, latitude: list[float], longitude: list[float]) -> int:
    cells = finest_cells(sphere_vectors(np.array(latitude), np.array(longitude)))
    return sum(area.size for _, area in index._candidates(cells, np.arange(cells.size)))


def test_no_areas_and_no_positions_make_no_pairs() -> None:
    none = np.zeros(0)
    assert len(ZoneIndex([], reach_m=[]).pairs(np.array([1.0]), np.array([2.0]))) == 0
    assert len(INDEX.pairs(none, none)) == 0
    assert INDEX.pairs(none, none).position.dtype == np.int64


@pytest.mark.parametrize("reach", [[-1.0], [np.nan], [np.inf], [], [0.0, 0.0]])
def test_a_reach_that_is_no_length_or_of_no_area_is_refused(reach: list[float]) -> None:
    with pytest.raises(Refused) as caught:
        ZoneIndex(CIRCLES[:1], reach_m=reach)
    assert caught.value.code == "index.reach"


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(90.001, 0.0), (np.nan, 0.0), (0.0, 180.001), (0.0, np.inf)]
)
def test_a_position_that_is_nowhere_is_refused_by_its_place(latitude: float, longitude: float) -> None:
    with pytest.raises(Refused, match="position 1 is at") as caught:
        INDEX.pairs(np.array([0.0, latitude]), np.array([0.0, longitude]))
    assert caught.value.code == "position.out-of-range"


def test_more_than_the_index_takes_is_refused() -> None:
    with pytest.raises(Refused) as areas:
        ZoneIndex([CIRCLES[0]] * (AREAS_MAX + 1), reach_m=np.zeros(AREAS_MAX + 1))
    with pytest.raises(Refused) as positions:
        INDEX.pairs(np.zeros(POSITIONS_MAX + 1), np.zeros(POSITIONS_MAX + 1))
    with pytest.raises(Refused) as columns:
        INDEX.pairs(np.zeros(2), np.zeros(3))
    assert [caught.value.code for caught in (areas, positions, columns)] == [
        "index.too-many-areas",
        "index.too-many-positions",
        "index.columns",
    ]
