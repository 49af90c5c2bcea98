"""Times of entry: held to motions flown step by step, and to figures by hand."""

from __future__ import annotations

import math
import random
from typing import Final

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from keepclear.core.errors import Refused
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon, edge_distances_m
from keepclear.core.space.entry import (
    RESOLUTION_S,
    EntryTime,
    Motion,
    Motions,
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


def test_what_is_inside_has_entered() -> None:
    found = time_to_entry(TANF, motion(TANF.centre, 0.0, 0.0, accuracy_m=10.0), horizon_s=HORIZON_S)
    assert found == EntryTime(earliest_s=0.0, expected_s=0.0, latest_s=0.0)


def test_what_stands_still_outside_never_enters_and_within_its_accuracy_is_possible_now() -> None:
    start = flown(TANF.centre, 0.0, 55_100.0)
    assert time_to_entry(TANF, motion(start, 0.0, 0.0, accuracy_m=50.0), horizon_s=HORIZON_S) is None
    found = time_to_entry(TANF, motion(start, 0.0, 0.0, accuracy_m=150.0), horizon_s=HORIZON_S)
    assert found == EntryTime(earliest_s=0.0, expected_s=None, latest_s=None)


def test_flight_along_the_edge_is_decided_within_the_steps_there_are() -> None:
    """A 100 m wide lane on the equator, flown beside at 10 m from its edge, growing doubt but slowly."""
    lane = Corridor(line=(at(0, 0), at(0, 10)), half_width_m=50.0)
    start = flown(at(0, 1), 0.0, 60.0)
    found = time_to_entry(lane, motion(start, 90.0, 50.0, speed_error_mps=0.1), horizon_s=HORIZON_S)
    assert found is not None
    assert found.earliest_s <= 100.0


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
            assert times.earliest_s[place] == pytest.approx(earliest_s, nan_ok=True, abs=1e-9)


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
