"""Proposals against brute force: every one clears, and nothing less does."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from keepclear.core.instant import FIRST, FOREVER, HOUR_MS, Duration, Instant, Window
from keepclear.core.notice.conflict import conflict_between
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.minima import MEETING, Minimum
from keepclear.core.notice.proposal import (
    PLACE_STEP_M,
    Against,
    HeightShift,
    PlaceShift,
    Proposal,
    TimeShift,
    proposals,
)
from keepclear.core.space.altitude import EVERY_HEIGHT, UNLIMITED, Altitude, AltitudeBand, Datum
from keepclear.core.space.area import Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Position, destination, separation_m

START = Instant(1_536_192_000_000)
TANF = Position(latitude_deg=33.4967, longitude_deg=38.6178)


def band(lower_m: float, upper_m: float, datum: Datum = Datum.MSL) -> AltitudeBand:
    return AltitudeBand(
        lower=Altitude(height_m=lower_m, datum=datum), upper=Altitude(height_m=upper_m, datum=datum)
    )


def extent(
    *,
    at: Position = TANF,
    radius_m: float = 5_000,
    heights: AltitudeBand = EVERY_HEIGHT,
    first_ms: int = 0,
    last_ms: int = HOUR_MS,
    time_accuracy_ms: int = 0,
    height_accuracy_m: float = 0.0,
    accuracy_m: float = 0.0,
) -> Extent:
    return Extent(
        name="one",
        role=Role.AREA,
        area=Circle(centre=at, radius_m=radius_m),
        band=heights,
        window=Window(start=Instant(START + first_ms), end=Instant(START + last_ms)),
        accuracy_m=accuracy_m,
        height_accuracy_m=height_accuracy_m,
        time_accuracy_ms=Duration(time_accuracy_ms),
    )


def rule(horizontal_m: float = 0.0, vertical_m: float = 0.0, time_ms: int = 0) -> Minimum:
    return Minimum(
        name="apart",
        kinds=("any", "any"),
        horizontal_m=horizontal_m,
        vertical_m=vertical_m,
        time_ms=Duration(time_ms),
    )


def is_clear(own: tuple[Extent, ...], others: list[Against]) -> bool:
    return not any(conflict_between(one, other.extent, other.rule) for one in own for other in others)


def of(found: tuple[Proposal, ...], kind: type[Proposal]) -> list[Proposal]:
    return [each for each in found if isinstance(each, kind)]


def later(one: Extent, by_ms: int) -> Extent:
    return replace(
        one, window=Window(start=Instant(one.window.start + by_ms), end=Instant(one.window.end + by_ms))
    )


@pytest.mark.parametrize("seed", range(12))
def test_no_lesser_shift_in_time_clears_and_the_proposed_one_does(seed: int) -> None:
    rng = Random(f"time {seed}")
    own = tuple(
        extent(first_ms=first, last_ms=first + rng.randint(0, 6), time_accuracy_ms=rng.randint(0, 2))
        for first in (0, rng.randint(0, 9))
    )
    others = [
        Against(
            extent=extent(
                at=destination(TANF, azimuth_deg=0, distance_m=rng.choice((0, 9_000, 30_000))),
                first_ms=first,
                last_ms=first + rng.randint(0, 9),
                time_accuracy_ms=rng.randint(0, 2),
            ),
            rule=rule(time_ms=rng.randint(0, 4)),
        )
        for first in (rng.randint(-30, 30) for _ in range(5))
    ]
    others.append(Against(extent=extent(first_ms=0, last_ms=3), rule=MEETING))
    expected = []
    for sign in (1, -1):
        shift = next(n for n in range(1, 200) if is_clear(tuple(later(one, sign * n) for one in own), others))
        expected.append(sign * shift)
    found = of(proposals(own, others), TimeShift)
    assert [each.by_ms for each in found if isinstance(each, TimeShift)] == expected
    assert all(is_clear(each.extents, others) for each in found)


@pytest.mark.parametrize("seed", range(12))
def test_no_lesser_shift_in_height_clears_and_the_proposed_one_does(seed: int) -> None:
    rng = Random(f"height {seed}")
    low_m = rng.randint(100, 120) / 100
    own = (extent(heights=band(low_m, low_m + 0.37), height_accuracy_m=rng.choice((0.0, 0.05))),)
    others = [
        Against(
            extent=extent(
                heights=band(at_m, at_m + rng.randint(0, 40) / 100), height_accuracy_m=rng.choice((0.0, 0.07))
            ),
            rule=rule(vertical_m=rng.choice((0.0, 0.1, 0.3))),
        )
        for at_m in (rng.randint(0, 300) / 100 for _ in range(4))
    ]
    others.append(Against(extent=extent(heights=band(1.0, 1.3)), rule=MEETING))

    def higher(by_cm: int) -> tuple[Extent, ...]:
        lower_cm, upper_cm = round(low_m * 100) + by_cm, round(low_m * 100) + 37 + by_cm
        return (replace(own[0], band=band(lower_cm / 100, upper_cm / 100)),)

    expected = [
        sign * next(n for n in range(1, 2_000) if is_clear(higher(sign * n), others)) / 100
        for sign in (1, -1)
    ]
    found = [each for each in proposals(own, others) if isinstance(each, HeightShift)]
    assert [each.by_m for each in found] == expected
    assert all(is_clear(each.extents, others) for each in found)


def test_heights_are_not_shifted_into_the_ground_nor_over_a_bound_that_cannot_be_compared() -> None:
    own = extent(heights=band(100, 500, Datum.AGL))
    near_ground = Against(extent=extent(heights=band(50, 300, Datum.AGL)), rule=MEETING)
    found = [each.by_m for each in proposals([own], [near_ground]) if isinstance(each, HeightShift)]
    assert found == [200.01]
    of_sea = Against(extent=extent(heights=band(50, 300)), rule=MEETING)
    assert not of(proposals([own], [of_sea]), HeightShift)
    no_ceiling = extent(heights=AltitudeBand(lower=own.band.lower, upper=UNLIMITED))
    found = [each.by_m for each in proposals([no_ceiling], [near_ground]) if isinstance(each, HeightShift)]
    assert found == [200.01]


def test_windows_without_an_end_are_not_shifted_and_nothing_starts_before_the_earliest() -> None:
    other = Against(extent=extent(), rule=MEETING)
    for window in (Window(start=FIRST, end=START), Window(start=START, end=FOREVER)):
        assert not of(proposals([replace(extent(), window=window)], [other]), TimeShift)
    found = [each.by_ms for each in proposals([extent()], [other]) if isinstance(each, TimeShift)]
    assert found == [HOUR_MS, -HOUR_MS]
    late = [
        each.by_ms
        for each in proposals([extent()], [other], earliest=Instant(START - HOUR_MS + 1))
        if isinstance(each, TimeShift)
    ]
    assert late == [HOUR_MS]
    endless = Against(
        extent=replace(extent(), window=Window(start=Instant(START + 1), end=FOREVER)), rule=MEETING
    )
    found = [each.by_ms for each in proposals([extent()], [endless]) if isinstance(each, TimeShift)]
    assert found == [1 - HOUR_MS]


def test_where_nothing_is_in_conflict_nothing_is_proposed() -> None:
    far = Against(
        extent=extent(at=destination(TANF, azimuth_deg=0, distance_m=60_000)), rule=rule(horizontal_m=10_000)
    )
    assert proposals([extent()], [far]) == ()
    assert proposals([extent()], []) == ()


@pytest.mark.parametrize(
    "centre",
    [
        TANF,
        Position(latitude_deg=89.99, longitude_deg=10),
        Position(latitude_deg=-17.5, longitude_deg=179.99),
    ],
)
def test_a_circle_moves_straight_away_by_what_is_lacking_to_ten_metres(centre: Position) -> None:
    own = extent(at=destination(centre, azimuth_deg=33, distance_m=2_000), accuracy_m=100)
    other = Against(extent=extent(at=centre, radius_m=3_000), rule=rule(horizontal_m=1_000))
    (found,) = [each for each in proposals([own], [other]) if isinstance(each, PlaceShift)]
    # 5,000 and 3,000 m of radii, 1,000 m that are asked for and 100 m of doubt, less the 2,000 m that they are apart.
    assert 7_100 <= found.by_m <= 7_100 + PLACE_STEP_M + 1
    (moved,) = found.extents
    assert isinstance(moved.area, Circle)
    assert separation_m(own=moved.area.centre, other=centre) == pytest.approx(9_100, abs=PLACE_STEP_M + 1)
    assert is_clear(found.extents, [other])


@pytest.mark.parametrize("seed", range(2))
def test_what_is_proposed_elsewhere_clears_keeps_its_shape_and_hardly_less_does(seed: int) -> None:
    rng = Random(f"place {seed}")
    corners = [
        destination(TANF, azimuth_deg=120 * n + rng.uniform(0, 60), distance_m=4_000) for n in range(3)
    ]
    line = (TANF, destination(TANF, azimuth_deg=rng.uniform(0, 360), distance_m=6_000))
    own = (
        replace(extent(), area=Polygon(parts=(Part(outer=tuple(corners)),))),
        replace(extent(), name="two", area=Corridor(line=line, half_width_m=500)),
    )
    others = [
        Against(
            extent=extent(
                at=destination(TANF, azimuth_deg=rng.uniform(0, 360), distance_m=rng.uniform(1_000, 9_000)),
                radius_m=rng.uniform(1_000, 4_000),
            ),
            rule=rule(horizontal_m=rng.choice((0, 500))),
        )
        for _ in range(2)
    ]
    (found,) = [each for each in proposals(own, others) if isinstance(each, PlaceShift)]
    assert is_clear(found.extents, others)
    polygon, corridor = (each.area for each in found.extents)
    assert isinstance(polygon, Polygon)
    assert isinstance(corridor, Corridor)
    moved = polygon.parts[0].outer
    for one in range(3):
        assert separation_m(own=moved[one], other=moved[one - 1]) == pytest.approx(
            separation_m(own=corners[one], other=corners[one - 1]), abs=0.5
        )
    assert separation_m(own=corridor.line[0], other=line[0]) == pytest.approx(found.by_m, rel=1e-3)
    # Brute force: none of 12 bearings clears with half or nine tenths of it, all corners moved by hand.
    for azimuth_deg in range(0, 360, 30):
        for share in (0.5, 0.9):
            way_m = found.by_m * share

            def there(at: Position, azimuth_deg: float = azimuth_deg, way_m: float = way_m) -> Position:
                return destination(at, azimuth_deg=azimuth_deg, distance_m=way_m)

            tried = (
                replace(own[0], area=Polygon(parts=(Part(outer=tuple(map(there, corners))),))),
                replace(own[1], area=Corridor(line=(there(line[0]), there(line[1])), half_width_m=500)),
            )
            assert not is_clear(tried, others)
