"""Times of entry: held to motions flown step by step, and to figures by hand."""

from __future__ import annotations

import math
import random
from typing import Final

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from keepclear.core.errors import Refused
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon, cap, edge_distances_m
from keepclear.core.space.cap import Caps
from keepclear.core.space.entry import (
    RESOLUTION_S,
    EntryTime,
    Motion,
    Motions,
    closing_most_mps,
    may_enter,
    resolution_s,
    time_to_entry,
    times_to_entry,
)
from keepclear.core.space.geodesy import Position

WGS84 = Geodesic.WGS84
HORIZON_S: Final = 900.0
TANF = Circle(centre=Position(latitude_deg=33.4967, longitude_deg=38.6178), radius_m=55_000.0)


def at(latitude_deg: float, longitude_deg: float) -> Position:
    return Position(latitude_deg=latitude_deg, longitude_deg=longitude_deg)


AREAS: Final[dict[str, Area]] = {
    "circle": TANF,
    "polygon": Polygon(
        parts=(
            Part(
                outer=(at(33, 38), at(33, 39), at(33.4, 38.6), at(34, 39), at(34, 38)),
                holes=((at(33.3, 38.2), at(33.3, 38.3), at(33.5, 38.3), at(33.5, 38.2)),),
            ),
        )
    ),
    "corridor": Corridor(line=(at(33, 38), at(34, 38.5), at(33.5, 39.5)), half_width_m=5_000.0),
}


def motion(place: Position, course_deg: float, speed_mps: float, **doubt: float) -> Motion:
    doubts = {"accuracy_m": 0.0, "course_error_deg": 0.0, "speed_error_mps": 0.0} | doubt
    return Motion(at=place, course_deg=course_deg, speed_mps=speed_mps, **doubts)


def flown(start: Position, course_deg: float, way_m: float) -> Position:
    found = WGS84.Direct(start.latitude_deg, start.longitude_deg, course_deg, way_m)
    return Position(latitude_deg=found["lat2"], longitude_deg=found["lon2"])


def test_an_aircraft_100_s_out_and_head_on_enters_in_100_s() -> None:
    start = flown(TANF.centre, 0.0, 55_000.0 + 200 * 100)
    found = time_to_entry(TANF, motion(start, 180.0, 200.0), horizon_s=HORIZON_S)
    assert found is not None
    assert found.earliest_s == pytest.approx(100.0, abs=RESOLUTION_S + 0.01)
    assert found.earliest_s <= 100.0
    assert found.expected_s == pytest.approx(100.0, abs=RESOLUTION_S)
    assert found.latest_s == pytest.approx(100.0, abs=RESOLUTION_S)


def test_doubt_about_place_and_speed_opens_the_interval_by_hand() -> None:
    """20 km out at 200 m/s, 1 km and 20 m/s in doubt: 19 km at 220 m/s, 20 at 200, 21 at 180."""
    start = flown(TANF.centre, 0.0, 75_000.0)
    found = time_to_entry(
        TANF, motion(start, 180.0, 200.0, accuracy_m=1_000.0, speed_error_mps=20.0), horizon_s=HORIZON_S
    )
    assert found is not None
    assert found.earliest_s == pytest.approx(19_000 / 220, abs=0.2)
    assert found.expected_s == pytest.approx(100.0, abs=0.2)
    assert found.latest_s == pytest.approx(21_000 / 180, abs=0.2)


def test_an_aircraft_that_turns_away_does_not_enter() -> None:
    start = flown(TANF.centre, 0.0, 75_000.0)
    assert time_to_entry(TANF, motion(start, 0.0, 200.0), horizon_s=HORIZON_S) is None


def test_an_unknown_course_may_be_the_one_that_enters_soonest_and_is_never_expected_to() -> None:
    start = flown(TANF.centre, 0.0, 75_000.0)
    found = time_to_entry(TANF, motion(start, math.nan, 200.0), horizon_s=HORIZON_S)
    assert found is not None
    assert found.earliest_s == pytest.approx(100.0, abs=RESOLUTION_S + 0.01)
    assert found.expected_s is None
    assert found.latest_s is None


@pytest.mark.parametrize("kind", list(AREAS))
def test_what_enters_is_never_dismissed_at_a_glance_and_most_of_the_rest_is(kind: str) -> None:
    rng = np.random.default_rng(5)
    size = 400
    motions = Motions(
        latitude_deg=33.5 + rng.uniform(-2, 2, size),
        longitude_deg=38.6 + rng.uniform(-2, 2, size),
        course_deg=np.where(np.arange(size) % 9 == 0, np.nan, rng.uniform(0, 360, size)),
        speed_mps=rng.uniform(0, 300, size),
        accuracy_m=rng.uniform(0, 500, size),
        course_error_deg=rng.uniform(0, 5, size),
        speed_error_mps=rng.uniform(0, 5, size),
    )
    around = cap(AREAS[kind])
    caps = Caps(
        latitude_deg=np.full(size, around.centre.latitude_deg),
        longitude_deg=np.full(size, around.centre.longitude_deg),
        radius_m=np.full(size, around.radius_m),
    )
    may = may_enter(caps, motions, horizon_s=np.full(size, 300.0))
    enters = ~np.isnan(times_to_entry(AREAS[kind], motions, horizon_s=300.0).earliest_s)
    assert np.all(may[enters])
    assert enters.sum() >= 30
    assert (~may).sum() >= (~enters).sum() / 2


@pytest.mark.parametrize("out_m", [2_000.0, 9_000.0, 22_500.0, 37_000.0, 59_000.0])
def test_a_small_area_flown_through_between_two_glances_is_not_dismissed(out_m: float) -> None:
    start = flown(TANF.centre, 200.0, out_m)
    course_deg = WGS84.Inverse(
        start.latitude_deg, start.longitude_deg, TANF.centre.latitude_deg, TANF.centre.longitude_deg
    )["azi1"]
    one = Motions(
        latitude_deg=np.array([start.latitude_deg]),
        longitude_deg=np.array([start.longitude_deg]),
        course_deg=np.array([course_deg]),
        speed_mps=np.array([200.0]),
        accuracy_m=np.zeros(1),
        course_error_deg=np.zeros(1),
        speed_error_mps=np.zeros(1),
    )
    small = Caps(
        latitude_deg=np.array([TANF.centre.latitude_deg]),
        longitude_deg=np.array([TANF.centre.longitude_deg]),
        radius_m=np.array([50.0]),
    )
    assert may_enter(small, one, horizon_s=np.array([300.0])).all()
    assert not may_enter(small, one, horizon_s=np.array([(out_m - 51.0) / 200.0])).any()


@pytest.mark.parametrize("speed_mps", [0.0, 0.5, 3.0, 90.0, 300.0])
@pytest.mark.parametrize("course_deg", [180.0, math.nan])
def test_what_is_farther_than_it_can_close_within_the_horizon_does_not_enter(
    speed_mps: float, course_deg: float
) -> None:
    closing_mps = float(closing_most_mps(speed_mps))
    # It may go 2 m/s faster than it says, and the doubt about its course adds less than a tenth.
    assert speed_mps + 2.0 <= closing_mps <= 1.1 * (speed_mps + 2.0)
    for out_m, enters in (
        (closing_mps * HORIZON_S + 21.0, False),
        ((speed_mps + 2.0) * HORIZON_S + 19.0, True),
    ):
        start = flown(TANF.centre, 0.0, 55_000.0 + out_m)
        usual = Motion(at=start, course_deg=course_deg, speed_mps=speed_mps, accuracy_m=20.0)
        assert (time_to_entry(TANF, usual, horizon_s=HORIZON_S) is not None) is enters


def test_what_is_inside_has_entered() -> None:
    found = time_to_entry(TANF, motion(TANF.centre, 0.0, 0.0, accuracy_m=10.0), horizon_s=HORIZON_S)
    assert found == EntryTime(earliest_s=0.0, expected_s=0.0, latest_s=0.0)


def test_what_stands_still_outside_never_enters_and_within_its_accuracy_is_possible_now() -> None:
    start = flown(TANF.centre, 0.0, 55_100.0)
    assert time_to_entry(TANF, motion(start, 0.0, 0.0, accuracy_m=50.0), horizon_s=HORIZON_S) is None
    found = time_to_entry(TANF, motion(start, 0.0, 0.0, accuracy_m=150.0), horizon_s=HORIZON_S)
    assert found == EntryTime(earliest_s=0.0, expected_s=None, latest_s=None)


LANE: Final = Corridor(line=(at(0, 0), at(0, 10)), half_width_m=50.0)
"""A lane 100 m wide along the equator."""


def test_flight_along_an_edge_may_enter_as_soon_as_its_doubt_reaches_that_edge() -> None:
    """Flown at 50 m/s, 10 m from the lane; the doubt is 10 m after 100 s."""
    start = flown(at(0, 1), 0.0, 60.0)
    found = time_to_entry(LANE, motion(start, 90.0, 50.0, speed_error_mps=0.1), horizon_s=HORIZON_S)
    assert found is not None
    # The doubt grows by a five hundredth of the way, so that coming near counts for long.
    assert 100.0 - 500 * resolution_s(0.0) <= found.earliest_s <= 100.0
    assert found.expected_s is None


def walled_lane(*, from_s: float, to_s: float) -> Polygon:
    """The strip along the equator to 50 m north, and a wall on it, passed at 50 m/s between two times."""
    # The equator is a circle of the semi-major axis.
    west, east = (math.degrees(50.0 * passed_s / 6_378_137.0) for passed_s in (from_s, to_s))
    north, far = 50.0 / 110_574.0, 0.01
    strip = Part(outer=(at(0, 0), at(0, 1), at(north, 1), at(north, 0)))
    wall = Part(outer=(at(0, west), at(0, east), at(far, east), at(far, west)))
    return Polygon(parts=(strip, wall))


@pytest.mark.parametrize("ahead_s", [60.0, 97.0, 115.0, 163.0, 200.0, 250.0, 391.0, 555.0, 700.0, 830.0])
def test_a_visit_that_lasts_is_found_to_a_tenth_of_a_second_beside_an_edge(ahead_s: float) -> None:
    """The flight is 5 m beside the strip for 15 minutes; the wall is in its way a little longer than is looked."""
    leaves_s = ahead_s + 1.05 * resolution_s(ahead_s)
    area = walled_lane(from_s=ahead_s, to_s=float(leaves_s))
    start = flown(at(0, 0), 0.0, 55.0)
    found = time_to_entry(area, motion(start, 90.0, 50.0), horizon_s=HORIZON_S)
    assert found is not None
    assert found.earliest_s <= ahead_s
    assert found.expected_s == pytest.approx(ahead_s, abs=RESOLUTION_S)
    assert found.expected_s >= ahead_s - 0.001


def test_what_is_certain_is_expected_too_even_on_a_visit_that_may_be_left_out() -> None:
    """A wall passed in 0.4 s, where one looks every 8 s: whether it is seen depends on where it stands."""
    start, seen = flown(at(0, 0), 0.0, 59.0), 0
    for ahead_s in 154.73828681930019 + np.arange(-10, 11) * 0.02:
        area = walled_lane(from_s=ahead_s, to_s=ahead_s + 0.383)
        found = time_to_entry(area, motion(start, 90.0, 50.0), horizon_s=HORIZON_S)
        assert found is not None
        if found.latest_s is not None:
            seen += 1
            assert found.expected_s is not None
            assert found.expected_s <= found.latest_s
    assert seen


def test_a_flight_that_bends_towards_an_edge_enters_where_it_meets_it() -> None:
    """From 1,003 m north of the equator eastward a geodesic nears it; 1,000 m are left after 490 km or so."""
    lane = Corridor(line=(at(0, 0), at(0, 80)), half_width_m=1_000.0)
    start = flown(at(0, 1), 0.0, 1_003.0)
    found = time_to_entry(lane, motion(start, 90.0, 200.0), horizon_s=86_400.0)
    assert found is not None
    assert found.expected_s == pytest.approx(490_000 / 200, rel=0.02)
    way_m = 200.0 * np.array([found.expected_s - RESOLUTION_S, found.expected_s])
    before_m, after_m = track_distances_m(lane, start, 90.0, way_m)
    assert before_m >= 0.01 - 0.001
    assert after_m <= 0.01 + 0.001


def test_a_ship_that_keeps_beside_an_edge_for_a_day_is_not_expected_to_enter() -> None:
    """At 1 m/s, 3 m from the lane: in a day the geodesic bends towards the equator by 9 cm."""
    start = flown(at(0, 1), 0.0, 53.0)
    found = time_to_entry(LANE, motion(start, 90.0, 1.0), horizon_s=86_400.0)
    assert found is not None
    assert found.expected_s is None
    # It is possible once 3 m are no more than the ship goes in the time to which one looks so far ahead.
    assert 1.0 * resolution_s(found.earliest_s) >= 3.0 - 0.02


def test_half_round_the_globe_nothing_is_certain_any_more() -> None:
    start = at(-33.0, -141.0)
    fast = motion(start, 90.0, 20_000.0, speed_error_mps=1.0)
    small = Circle(centre=at(89.0, 0.0), radius_m=10.0)
    found = time_to_entry(small, fast, horizon_s=86_400.0)
    assert found is not None
    assert found.earliest_s < 1_000.0
    assert found.expected_s is None


def track_distances_m(area: Area, start: Position, course_deg: float, ways_m: np.ndarray) -> np.ndarray:
    """Where a flight along a geodesic is to the edge of an area, flown by geographiclib."""
    line = WGS84.Line(start.latitude_deg, start.longitude_deg, course_deg)
    track = [line.Position(way_m) for way_m in ways_m]
    lat = np.array([place["lat2"] for place in track])
    return edge_distances_m(area, lat, np.array([place["lon2"] for place in track]))


@pytest.mark.parametrize("kind", list(AREAS))
def test_no_true_motion_enters_before_the_earliest_or_is_outside_at_the_latest(kind: str) -> None:
    """Each motion's doubt is sampled at its ends: other starts, courses and speeds."""
    area, rng, entered, certain = AREAS[kind], random.Random(kind), 0, 0
    times_s = np.linspace(0.0, HORIZON_S, 91)
    for _ in range(60):
        nominal = Motion(
            at=at(33.5 + rng.uniform(-1.2, 1.2), 38.6 + rng.uniform(-1.4, 1.4)),
            course_deg=rng.uniform(0, 360),
            speed_mps=rng.uniform(20, 300),
            accuracy_m=rng.uniform(0, 2_000),
            course_error_deg=rng.uniform(0, 8),
            speed_error_mps=rng.uniform(0, 10),
        )
        found = time_to_entry(area, nominal, horizon_s=HORIZON_S)
        for _ in range(3):
            aside = WGS84.Direct(
                nominal.at.latitude_deg,
                nominal.at.longitude_deg,
                rng.uniform(0, 360),
                nominal.accuracy_m * rng.random(),
            )
            start = at(aside["lat2"], aside["lon2"])
            # A course carried along a geodesic turns with it, as seen from north.
            course_deg = nominal.course_deg + aside["azi2"] - aside["azi1"]
            course_deg += rng.choice((-1, 0, 1)) * nominal.course_error_deg
            speed_mps = nominal.speed_mps + rng.choice((-1, 0, 1)) * nominal.speed_error_mps
            inside = track_distances_m(area, start, course_deg, speed_mps * times_s) < -0.01
            if inside.any():
                entered += 1
                assert found is not None
                assert found.earliest_s <= times_s[np.argmax(inside)]
            if found is not None and found.latest_s is not None:
                certain += 1
                way_m = np.array([speed_mps * found.latest_s])
                assert track_distances_m(area, start, course_deg, way_m)[0] <= 0.01
    assert entered >= 20
    assert certain >= 10


def test_the_fastest_and_nearest_true_motion_is_never_before_the_earliest_by_a_hair() -> None:
    """Head-on towards a circle the time is known by hand, and the earliest is at most a tenth of it before."""
    rng = random.Random("a hair")
    for _ in range(40):
        out_m, accuracy_m = rng.uniform(5_000, 60_000), rng.uniform(0, 2_000)
        speed_mps, error_mps = rng.uniform(70, 300), rng.uniform(0, 50)
        start = flown(TANF.centre, 180.0, 55_000.0 + out_m)
        doubtful = motion(start, 0.0, speed_mps, accuracy_m=accuracy_m, speed_error_mps=error_mps)
        found = time_to_entry(TANF, doubtful, horizon_s=HORIZON_S)
        first_s = (out_m - accuracy_m) / (speed_mps + error_mps)
        assert found is not None
        assert first_s - RESOLUTION_S - 0.001 <= found.earliest_s <= first_s


@pytest.mark.parametrize("kind", list(AREAS))
def test_the_expected_entry_is_where_the_nominal_flight_first_goes_in(kind: str) -> None:
    area, rng, entered = AREAS[kind], random.Random(f"nominal {kind}"), 0
    times_s = np.linspace(0.0, HORIZON_S, 226)
    for _ in range(90):
        nominal = motion(
            at(33.5 + rng.uniform(-1.2, 1.2), 38.6 + rng.uniform(-1.4, 1.4)),
            rng.uniform(0, 360),
            rng.uniform(20, 300),
            accuracy_m=100.0,
        )
        found = time_to_entry(area, nominal, horizon_s=HORIZON_S)
        expected_s = None if found is None else found.expected_s
        inside = track_distances_m(area, nominal.at, nominal.course_deg, nominal.speed_mps * times_s) <= 0
        if inside.any():
            entered += 1
            assert expected_s is not None
            assert expected_s <= times_s[np.argmax(inside)] + RESOLUTION_S
        if expected_s is not None:
            way_m = np.array([nominal.speed_mps * expected_s])
            assert track_distances_m(area, nominal.at, nominal.course_deg, way_m)[0] <= 0.011
    assert entered >= 15


@pytest.mark.parametrize("kind", list(AREAS))
def test_the_earliest_is_when_something_is_reached_or_as_good_as_reached(kind: str) -> None:
    """It is never early for nothing: within a tenth of a second the doubt is nearly at the edge."""
    area, rng, early = AREAS[kind], random.Random(f"early {kind}"), 0
    for _ in range(120):
        nominal = Motion(
            at=at(33.5 + rng.uniform(-1.2, 1.2), 38.6 + rng.uniform(-1.4, 1.4)),
            course_deg=rng.uniform(0, 360),
            speed_mps=rng.uniform(20, 300),
            accuracy_m=rng.uniform(0, 2_000),
            course_error_deg=rng.uniform(0, 8),
            speed_error_mps=rng.uniform(0, 10),
        )
        found = time_to_entry(area, nominal, horizon_s=HORIZON_S)
        if found is None or found.earliest_s == 0.0:
            continue
        early += 1
        times_s = found.earliest_s + np.linspace(0.0, RESOLUTION_S, 11)
        apart_m = track_distances_m(area, nominal.at, nominal.course_deg, nominal.speed_mps * times_s)
        growth_mps = 2 * nominal.speed_mps * math.sin(math.radians(nominal.course_error_deg) / 2)
        growth_mps += nominal.speed_error_mps
        gaps_m = apart_m - nominal.accuracy_m - growth_mps * times_s
        assert gaps_m.min() <= (nominal.speed_mps + growth_mps) * RESOLUTION_S + 0.011
    assert early >= 15


@pytest.mark.parametrize("kind", list(AREAS))
def test_possible_comes_before_expected_and_expected_before_certain(kind: str) -> None:
    rng = np.random.default_rng(7)
    size = 300
    motions = Motions(
        latitude_deg=33.5 + rng.uniform(-1, 1, size),
        longitude_deg=38.6 + rng.uniform(-1, 1, size),
        course_deg=rng.uniform(0, 360, size),
        speed_mps=rng.uniform(0, 300, size),
        accuracy_m=rng.uniform(0, 500, size),
        course_error_deg=rng.uniform(0, 5, size),
        speed_error_mps=rng.uniform(0, 5, size),
    )
    times = times_to_entry(AREAS[kind], motions, horizon_s=HORIZON_S)
    expected, certain = ~np.isnan(times.expected_s), ~np.isnan(times.latest_s)
    assert 20 <= certain.sum() <= expected.sum() < size
    assert np.all(expected | ~certain)
    assert np.all(times.earliest_s[expected] <= times.expected_s[expected])
    assert np.all(times.expected_s[certain] <= times.latest_s[certain])


def test_many_motions_at_once_are_told_as_one_at_a_time() -> None:
    rng = np.random.default_rng(11)
    size = 40
    motions = Motions(
        latitude_deg=33.5 + rng.uniform(-1, 1, size),
        longitude_deg=38.6 + rng.uniform(-1, 1, size),
        course_deg=np.where(np.arange(size) % 7 == 0, np.nan, rng.uniform(0, 360, size)),
        speed_mps=rng.uniform(0, 300, size),
        accuracy_m=rng.uniform(0, 500, size),
        course_error_deg=rng.uniform(0, 5, size),
        speed_error_mps=rng.uniform(0, 5, size),
    )
    for area in AREAS.values():
        times = times_to_entry(area, motions, horizon_s=HORIZON_S)
        for place in range(size):
            one = Motion(
                at=at(float(motions.latitude_deg[place]), float(motions.longitude_deg[place])),
                course_deg=float(motions.course_deg[place]),
                speed_mps=float(motions.speed_mps[place]),
                accuracy_m=float(motions.accuracy_m[place]),
                course_error_deg=float(motions.course_error_deg[place]),
                speed_error_mps=float(motions.speed_error_mps[place]),
            )
            found = time_to_entry(area, one, horizon_s=HORIZON_S)
            earliest_s = math.nan if found is None else found.earliest_s
            expected_s = math.nan if found is None or found.expected_s is None else found.expected_s
            assert times.earliest_s[place] == pytest.approx(earliest_s, nan_ok=True, abs=1e-9)
            assert times.expected_s[place] == pytest.approx(expected_s, nan_ok=True, abs=1e-9)


@pytest.mark.parametrize(
    "wrong",
    [
        {"speed_mps": math.nan},
        {"speed_mps": -1.0},
        {"speed_mps": 20_001.0},
        {"accuracy_m": math.inf},
        {"accuracy_m": math.nan},
        {"course_error_deg": -0.1},
        {"speed_error_mps": math.nan},
        {"course_deg": math.inf},
    ],
)
def test_a_motion_that_cannot_be_bounded_is_refused(wrong: dict[str, float]) -> None:
    sound = {"course_deg": 0.0, "speed_mps": 1.0, "accuracy_m": 0.0}
    with pytest.raises(Refused) as refused:
        Motion(at=TANF.centre, **(sound | wrong))
    assert refused.value.code == "motion.out-of-range"


@pytest.mark.parametrize("horizon_s", [0.0, -1.0, math.nan, 86_401.0])
def test_a_horizon_that_is_none_is_refused(horizon_s: float) -> None:
    with pytest.raises(Refused) as refused:
        time_to_entry(TANF, motion(TANF.centre, 0.0, 1.0), horizon_s=horizon_s)
    assert refused.value.code == "entry.horizon"
