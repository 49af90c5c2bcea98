"""Conflicts against brute force: areas on geographiclib, windows by every instant, and the globe turned round."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflict_oracle import CENTRES, NO, apart, area_verdict, hard_pair, height_verdict, struck, time_verdict
from keepclear.core.instant import FOREVER, Duration, Instant, Window
from keepclear.core.notice.conflict import conflict_between
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.minima import MEETING, Minimum
from keepclear.core.space.altitude import Containment
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Position
from keepclear.core.space.separation import separation

ERROR_M = 0.01
START = 1_536_192_000_000
AREA = Circle(centre=Position(latitude_deg=33.5, longitude_deg=38.6), radius_m=100)


def sure(own: Extent, other: Extent, rule: Minimum) -> Containment:
    found = conflict_between(own, other, rule)
    return NO if found is None else found.sure


@pytest.mark.parametrize("block", range(6))
def test_hard_pairs_are_judged_as_brute_force_on_geographiclib_judges_them(block: int) -> None:
    seen = set()
    for pair in range(40):
        own, other, rule = hard_pair(Random(f"slice {block} {pair}"))
        found = separation(own.area, other.area)
        checked = apart(own.area, other.area, said=found.own if found.gap_m == 0 else None)
        assert found.gap_m == pytest.approx(max(checked.signed_m, 0.0), abs=ERROR_M)
        assert found.shared_m <= max(-checked.signed_m, 0.0) + ERROR_M
        assert not checked.exact or found.shared_m >= max(-checked.signed_m, 0.0) - ERROR_M
        # Of two areas with a polygon that meet, only what a place in both has shown is known to be shared.
        signed_m = checked.signed_m if checked.exact else -found.shared_m
        doubt_m = own.accuracy_m + other.accuracy_m
        rest = min(time_verdict(own, other, rule), height_verdict(own, other, rule))
        least, most = (
            min(rest, area_verdict(signed_m + off_m, doubt_m, rule.horizontal_m))
            for off_m in (ERROR_M, -ERROR_M)
        )
        verdict = sure(own, other, rule)
        assert least <= verdict <= most
        seen.add(verdict)
    assert seen == set(Containment)


def instants(start: int, end: int) -> set[int]:
    """Every instant of a window; one without length is its instant."""
    return set(range(start, max(end, start + 1)))


def spans(start: int, end: int, off: int) -> list[set[int]]:
    """Every window that a window may turn out to be, whose two ends are each known to so many milliseconds."""
    shifts = range(-off, off + 1)
    # A window does not lose or win its length by being uncertain.
    return [
        instants(start + one, end + two)
        for one, two in product(shifts, shifts)
        if start + one < end + two or (start == end and one == two)
    ]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.tuples(st.integers(0, 8), st.integers(0, 6), st.integers(0, 2)),
    st.tuples(st.integers(0, 8), st.integers(0, 6), st.integers(0, 2)),
    st.integers(0, 3),
)
def test_windows_are_judged_as_going_through_every_instant_judges_them(
    one: tuple[int, int, int], two: tuple[int, int, int], time_ms: int
) -> None:
    own, other = (
        Extent(
            name="one",
            role=Role.AREA,
            area=AREA,
            window=Window(start=Instant(START + first), end=Instant(START + first + length)),
            time_accuracy_ms=Duration(off),
        )
        for first, length, off in (one, two)
    )
    near = {
        any(abs(here - there) <= time_ms for here in ours for there in theirs)
        for ours in spans(one[0], one[0] + one[1], one[2])
        for theirs in spans(two[0], two[0] + two[1], two[2])
    }
    expected = {
        frozenset({True}): Containment.DEFINITE,
        frozenset({False}): Containment.NO,
    }.get(frozenset(near), Containment.POSSIBLE)
    rule = Minimum(name="apart", kinds=("any", "any"), time_ms=Duration(time_ms))
    assert sure(own, other, rule) is expected


@pytest.mark.parametrize("start", [FOREVER - 5, FOREVER - 1, FOREVER])
def test_what_has_no_end_meets_what_is_at_the_end_of_time(start: int) -> None:
    own = Extent(name="one", role=Role.AREA, area=AREA, window=Window(start=Instant(START), end=FOREVER))
    other = replace(own, window=Window(start=Instant(start), end=FOREVER))
    assert sure(own, other, MEETING) is Containment.DEFINITE


def placed(area: Area, there: Callable[[Position], Position]) -> Area:
    """The same area with each of its points elsewhere."""
    match area:
        case Circle():
            return replace(area, centre=there(area.centre))
        case Corridor():
            return Corridor(line=tuple(map(there, area.line)), half_width_m=area.half_width_m)
        case Polygon():
            return Polygon(parts=tuple(Part(outer=tuple(map(there, part.outer))) for part in area.parts))


def turned(at: Position, turn_deg: float) -> Position:
    """A place elsewhere along its parallel."""
    longitude_deg = (at.longitude_deg + turn_deg + 180) % 360 - 180
    return Position(latitude_deg=at.latitude_deg, longitude_deg=longitude_deg)


def mirrored(at: Position) -> Position:
    """The place on the other hemisphere."""
    return Position(latitude_deg=-at.latitude_deg, longitude_deg=at.longitude_deg)


@pytest.mark.parametrize("block", range(2))
def test_turned_about_the_poles_or_mirrored_at_the_equator_two_areas_are_as_far_apart(block: int) -> None:
    rng = Random(f"turned {block}")
    for _ in range(20):
        own, other, _ = hard_pair(rng)
        found = separation(own.area, other.area)
        turn_deg = rng.choice((rng.uniform(-180, 180), 180.0, 141.382, -90.0))
        for there in (partial(turned, turn_deg=turn_deg), mirrored):
            again = separation(placed(own.area, there), placed(other.area, there))
            assert again.gap_m == pytest.approx(found.gap_m, abs=0.001)
            # Where a polygon is shared the deepest place is searched for, and another way may find a little less.
            exact = not any(isinstance(each.area, Polygon) for each in (own, other))
            assert again.shared_m == pytest.approx(found.shared_m, abs=0.001 if exact else 0.05, rel=0.02)


@pytest.mark.parametrize("centre", CENTRES)
def test_what_is_struck_off_to_touch_meets_and_a_centimetre_more_does_not(
    centre: tuple[float, float],
) -> None:
    rng = Random(f"touching at {centre}")
    for _ in range(10):
        radii_m = rng.uniform(10, 50_000), rng.uniform(10, 50_000)
        azimuth_deg = rng.uniform(0, 360)
        own = Extent(
            name="one",
            role=Role.AREA,
            area=Circle(
                centre=Position(latitude_deg=centre[0], longitude_deg=centre[1]), radius_m=radii_m[0]
            ),
        )
        for further_m, expected in ((0.0, Containment.DEFINITE), (0.01, NO), (-0.01, Containment.DEFINITE)):
            lat, lon = struck(centre, azimuth_deg, sum(radii_m) + further_m)
            circle = Circle(centre=Position(latitude_deg=lat, longitude_deg=lon), radius_m=radii_m[1])
            assert sure(own, replace(own, area=circle), MEETING) is expected
