"""Conflicts of two extents: what is certain, what is possible, and what is none, by hand and by properties."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.instant import FOREVER, HOUR_MS, Duration, Instant, Window
from keepclear.core.notice.conflict import Conflict, conflict_between
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.minima import MEETING, Minimum
from keepclear.core.space.altitude import (
    EVERY_HEIGHT,
    UNLIMITED,
    Altitude,
    AltitudeBand,
    Containment,
    Datum,
)
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Position, destination, separation_m

START = Instant(1_536_192_000_000)
TANF = Position(latitude_deg=33.4967, longitude_deg=38.6178)
NO, POSSIBLE, DEFINITE = Containment.NO, Containment.POSSIBLE, Containment.DEFINITE


def circle(away_m: float, *, radius_m: float = 1_000.0, azimuth_deg: float = 90.0) -> Circle:
    """A circle whose centre is so far from At Tanf."""
    return Circle(centre=destination(TANF, azimuth_deg=azimuth_deg, distance_m=away_m), radius_m=radius_m)


def window(first_h: float, last_h: float) -> Window:
    return Window(
        start=Instant(START + round(first_h * HOUR_MS)), end=Instant(START + round(last_h * HOUR_MS))
    )


def band(lower_m: float, upper_m: float, datum: Datum = Datum.MSL) -> AltitudeBand:
    return AltitudeBand(
        lower=Altitude(height_m=lower_m, datum=datum), upper=Altitude(height_m=upper_m, datum=datum)
    )


def extent(
    area: Area,
    *,
    heights: AltitudeBand = EVERY_HEIGHT,
    during: Window | None = None,
    accuracy_m: float = 0.0,
    height_accuracy_m: float = 0.0,
    time_accuracy_ms: int = 0,
) -> Extent:
    return Extent(
        name="one",
        role=Role.AREA,
        area=area,
        band=heights,
        window=window(0, 1) if during is None else during,
        accuracy_m=accuracy_m,
        height_accuracy_m=height_accuracy_m,
        time_accuracy_ms=Duration(time_accuracy_ms),
    )


def sure(own: Extent, other: Extent, rule: Minimum = MEETING) -> Containment:
    found = conflict_between(own, other, rule)
    return NO if found is None else found.sure


@pytest.mark.parametrize(
    ("away_m", "accuracy_m", "asked_m", "expected"),
    [
        (1_999.0, 0.0, 0.0, DEFINITE),
        (2_000.0, 0.0, 0.0, DEFINITE),
        (2_000.01, 0.0, 0.0, NO),
        (2_500.0, 250.0, 0.0, POSSIBLE),
        (2_500.01, 249.0, 0.0, NO),
        (1_500.0, 250.0, 0.0, DEFINITE),
        (1_500.0, 251.0, 0.0, POSSIBLE),
        (7_000.0, 0.0, 5_000.0, DEFINITE),
        (7_000.01, 0.0, 5_000.0, NO),
        (6_500.0, 100.0, 5_000.0, DEFINITE),
        (6_900.0, 100.0, 5_000.0, POSSIBLE),
        (7_100.0, 100.0, 5_000.0, POSSIBLE),
        (7_201.0, 100.0, 5_000.0, NO),
    ],
)
def test_areas_are_too_near_by_their_gap_their_doubt_and_what_is_asked(
    away_m: float, accuracy_m: float, asked_m: float, expected: Containment
) -> None:
    own = extent(circle(0), accuracy_m=accuracy_m)
    other = extent(circle(away_m), accuracy_m=accuracy_m)
    rule = Minimum(name="apart", kinds=("any", "any"), horizontal_m=asked_m)
    assert sure(own, other, rule) is expected


@pytest.mark.parametrize(
    ("during", "accuracy_ms", "asked_ms", "expected"),
    [
        (window(0.5, 2), 0, 0, DEFINITE),
        (window(1, 2), 0, 0, NO),
        (window(-1, 0), 0, 0, NO),
        (Window(start=Instant(START + HOUR_MS - 1), end=FOREVER), 0, 0, DEFINITE),
        (Window(start=Instant(START + HOUR_MS), end=FOREVER), 0, 0, NO),
        (Window(start=START, end=START), 0, 0, DEFINITE),
        (Window(start=Instant(START - 1), end=Instant(START - 1)), 0, 0, NO),
        (window(1, 1), 0, 0, NO),
        (window(1, 2), 1, 0, POSSIBLE),
        (window(1.5, 2), HOUR_MS, 0, POSSIBLE),
        (window(1, 2), 0, 1, DEFINITE),
        (window(1.5, 2), 0, HOUR_MS // 2, NO),
        (window(1.5, 2), 0, HOUR_MS // 2 + 1, DEFINITE),
        (window(-9, 9), HOUR_MS, 0, DEFINITE),
        (window(0.2, 0.4), HOUR_MS, 0, POSSIBLE),
    ],
)
def test_windows_are_half_open_and_one_without_length_is_its_instant(
    during: Window, accuracy_ms: int, asked_ms: int, expected: Containment
) -> None:
    own = extent(circle(0))
    other = extent(circle(0), during=during, time_accuracy_ms=accuracy_ms)
    rule = Minimum(name="apart", kinds=("any", "any"), time_ms=Duration(asked_ms))
    assert sure(own, other, rule) is expected


@pytest.mark.parametrize(
    ("heights", "accuracy_m", "asked_m", "expected"),
    [
        (band(1_000, 2_000), 0.0, 0.0, DEFINITE),
        (band(3_000, 4_000), 0.0, 0.0, DEFINITE),
        (band(3_000.1, 4_000), 0.0, 0.0, NO),
        (band(3_200, 4_000), 200.0, 0.0, POSSIBLE),
        (band(3_300, 4_000), 0.0, 300.0, DEFINITE),
        (band(3_300.1, 4_000), 0.0, 300.0, NO),
        (band(0, 999), 0.0, 0.0, NO),
        (EVERY_HEIGHT, 0.0, 0.0, DEFINITE),
        (AltitudeBand(lower=Altitude(height_m=3_001, datum=Datum.MSL)), 0.0, 0.0, NO),
        (AltitudeBand(upper=Altitude(height_m=500, datum=Datum.AGL)), 0.0, 0.0, POSSIBLE),
        (band(0, 100, Datum.AGL), 0.0, 0.0, POSSIBLE),
        (
            AltitudeBand(
                lower=Altitude(height_m=0, datum=Datum.AGL), upper=Altitude(height_m=900, datum=Datum.MSL)
            ),
            0.0,
            0.0,
            NO,
        ),
        (AltitudeBand(lower=UNLIMITED, upper=Altitude(height_m=0, datum=Datum.UNKNOWN)), 0.0, 0.0, POSSIBLE),
    ],
)
def test_heights_compare_in_one_datum_only_and_meet_where_they_touch(
    heights: AltitudeBand, accuracy_m: float, asked_m: float, expected: Containment
) -> None:
    own = extent(circle(0), heights=band(1_000, 3_000))
    other = extent(circle(0), heights=heights, height_accuracy_m=accuracy_m)
    rule = Minimum(name="apart", kinds=("any", "any"), vertical_m=asked_m)
    assert sure(own, other, rule) is expected
    assert sure(other, own, rule) is expected


@pytest.mark.parametrize("asked_cm", range(0, 60, 3))
@pytest.mark.parametrize("doubt_cm", [0, 5, 7])
def test_bands_that_touch_to_the_centimetre_meet_and_a_centimetre_more_parts_them(
    asked_cm: int, doubt_cm: int
) -> None:
    for top_cm in range(100, 130):
        own = extent(circle(0), heights=band(0.5, top_cm / 100), height_accuracy_m=doubt_cm / 100)
        bottom_cm = top_cm + asked_cm + doubt_cm
        rule = Minimum(name="apart", kinds=("any", "any"), vertical_m=asked_cm / 100)
        touching, parted = (
            extent(circle(0), heights=band(low_cm / 100, 9)) for low_cm in (bottom_cm, bottom_cm + 1)
        )
        assert sure(own, touching, rule) is (POSSIBLE if doubt_cm else DEFINITE)
        assert sure(own, parted, rule) is NO


def test_a_conflict_says_by_how_much_where_and_when() -> None:
    rule = Minimum(
        name="5 km, 10 minutes", kinds=("any", "any"), horizontal_m=5_000, time_ms=Duration(600_000)
    )
    own = extent(circle(0), heights=band(1_000, 3_000))
    other = extent(circle(6_000), heights=band(2_500, 4_000), during=window(1, 2), time_accuracy_ms=60_000)
    found = conflict_between(own, other, rule)
    assert found is not None
    assert found.gap_m == pytest.approx(4_000, abs=0.001)
    assert (found.height_gap_m, found.time_gap_ms) == (-500, 0)
    assert found.when == Window(
        start=Instant(START + HOUR_MS - 660_000), end=Instant(START + HOUR_MS + 600_000)
    )
    assert separation_m(own=found.own_nearest, other=TANF) == pytest.approx(1_000, abs=0.001)
    assert separation_m(own=found.other_nearest, other=TANF) == pytest.approx(5_000, abs=0.001)


@st.composite
def areas(draw: st.DrawFn) -> Area:
    """Circles, triangles and corridors of 10 m to 50 km about one of a few places that are hard."""
    centre = draw(
        st.sampled_from(
            [
                TANF,
                Position(latitude_deg=90, longitude_deg=0),
                Position(latitude_deg=-8, longitude_deg=179.99),
            ]
        )
    )
    at = destination(centre, azimuth_deg=draw(st.floats(0, 360)), distance_m=draw(st.floats(0, 60_000)))
    size_m = draw(st.floats(10, 50_000))
    match draw(st.sampled_from(["circle", "triangle", "corridor"])):
        case "circle":
            return Circle(centre=at, radius_m=size_m)
        case "triangle":
            turn_deg = draw(st.floats(0, 360))
            corners = tuple(
                destination(at, azimuth_deg=turn_deg + 120 * n, distance_m=size_m) for n in range(3)
            )
            return Polygon(parts=(Part(outer=corners),))
        case _:
            end = destination(at, azimuth_deg=draw(st.floats(0, 360)), distance_m=size_m)
            return Corridor(line=(at, end), half_width_m=draw(st.floats(1, 5_000)))


accuracies = st.one_of(st.just(0.0), st.floats(0, 20_000))


@st.composite
def extents(draw: st.DrawFn) -> Extent:
    first = draw(st.integers(0, 20))
    datum = draw(st.sampled_from([Datum.MSL, Datum.AGL]))
    low = draw(st.floats(0, 5_000))
    return extent(
        draw(areas()),
        heights=draw(st.sampled_from([EVERY_HEIGHT, band(low, low + 1_000, datum)])),
        during=Window(
            start=Instant(START + first * HOUR_MS),
            end=Instant(START + (first + draw(st.integers(0, 9))) * HOUR_MS),
        ),
        accuracy_m=draw(accuracies),
        height_accuracy_m=draw(st.one_of(st.just(0.0), st.floats(0, 500))),
        time_accuracy_ms=draw(st.sampled_from([0, 1, HOUR_MS])),
    )


rules = st.builds(
    Minimum,
    name=st.just("rule"),
    kinds=st.just(("any", "any")),
    horizontal_m=st.sampled_from([0.0, 0.5, 5_000.0]),
    vertical_m=st.sampled_from([0.0, 300.0]),
    time_ms=st.sampled_from([Duration(0), Duration(1), Duration(HOUR_MS)]),
)


def turned(found: Conflict | None) -> Conflict | None:
    if found is None:
        return None
    return replace(
        found,
        own=found.other,
        other=found.own,
        own_nearest=found.other_nearest,
        other_nearest=found.own_nearest,
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(extents(), extents(), rules)
def test_a_conflict_is_the_same_from_either_side(own: Extent, other: Extent, rule: Minimum) -> None:
    assert conflict_between(own, other, rule) == turned(conflict_between(other, own, rule))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(extents(), extents(), rules, st.floats(0, 10_000), st.floats(0, 1_000), st.integers(0, HOUR_MS))
def test_more_doubt_makes_nothing_none_and_nothing_definite(
    own: Extent, other: Extent, rule: Minimum, further_m: float, higher_m: float, later_ms: int
) -> None:
    less = sure(own, other, rule)
    doubtful = replace(
        own,
        accuracy_m=own.accuracy_m + further_m,
        height_accuracy_m=own.height_accuracy_m + higher_m,
        time_accuracy_ms=Duration(own.time_accuracy_ms + later_ms),
    )
    more = sure(doubtful, other, rule)
    assert (more is NO) <= (less is NO)
    assert (more is DEFINITE) <= (less is DEFINITE)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(extents(), extents(), rules, st.floats(0, 10_000), st.floats(0, 1_000), st.integers(0, HOUR_MS))
def test_a_rule_that_asks_for_more_finds_no_less(
    own: Extent, other: Extent, rule: Minimum, further_m: float, higher_m: float, later_ms: int
) -> None:
    stricter = Minimum(
        name="stricter",
        kinds=rule.kinds,
        horizontal_m=rule.horizontal_m + further_m,
        vertical_m=rule.vertical_m + higher_m,
        time_ms=Duration(rule.time_ms + later_ms),
    )
    assert sure(own, other, stricter) >= sure(own, other, rule)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(extents(), extents(), rules, st.integers(-(10**12), 10**12))
def test_the_same_extents_at_another_time_are_in_the_same_conflict(
    own: Extent, other: Extent, rule: Minimum, shift_ms: int
) -> None:
    def later(one: Extent) -> Extent:
        return replace(
            one,
            window=Window(start=Instant(one.window.start + shift_ms), end=Instant(one.window.end + shift_ms)),
        )

    assert sure(later(own), later(other), rule) is sure(own, other, rule)
