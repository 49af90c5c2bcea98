"""Conformance of tracks to a notice, row by row against what the nouns say of one position."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from conflict_oracle import distance_m, struck
from keepclear.core.errors import Refused
from keepclear.core.instant import HOUR_MS, Duration, Instant, Window
from keepclear.core.notice.conformance import (
    Conformance,
    conformance,
    counted,
    declared_count,
    deviation_text,
    unannounced,
)
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.exercise import Equipment, Exercise, Phase
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.notice import Notice
from keepclear.core.notice.operation import Activity, Operation
from keepclear.core.space.altitude import UNLIMITED, Altitude, AltitudeBand, Containment, Datum
from keepclear.core.space.area import Circle
from keepclear.core.space.geodesy import Position, destination
from keepclear.core.space.volume import Places
from notices import START, TANF

NO, POSSIBLE, DEFINITE = Containment.NO, Containment.POSSIBLE, Containment.DEFINITE
OFFICER = Contact(name="duty officer", phones=("+15550001",))
Row = tuple[Position, float, Datum, int]


def extent(name: str = "north", *, at: Position = TANF, radius_m: float = 5_000) -> Extent:
    return Extent(
        name=name,
        role=Role.AREA,
        area=Circle(centre=at, radius_m=radius_m),
        band=AltitudeBand(
            lower=Altitude(height_m=1_000, datum=Datum.MSL), upper=Altitude(height_m=3_000, datum=Datum.MSL)
        ),
        window=Window(start=START, end=Instant(START + HOUR_MS)),
    )


def entry(*found: Extent) -> Notice:
    body = Operation(activity=Activity.ENTRY, purpose="patrol", contact=OFFICER)
    return Notice(designation="1", body=body, extents=found or (extent(),))


def places(*rows: Row, accuracy_m: float = 0.0, height_accuracy_m: float = 0.0) -> Places:
    return Places(
        latitude_deg=np.array([row[0].latitude_deg for row in rows]),
        longitude_deg=np.array([row[0].longitude_deg for row in rows]),
        height_m=np.array([row[1] for row in rows]),
        datum=np.array([row[2] for row in rows], np.uint8),
        time_ms=np.array([row[3] for row in rows], np.int64),
        accuracy_m=np.full(len(rows), accuracy_m),
        height_accuracy_m=np.full(len(rows), height_accuracy_m),
    )


def away(distance: float, *, height_m: float = 2_000, datum: Datum = Datum.MSL, late_ms: int = 0) -> Row:
    """So far north of the middle, so high, so long after the start of the window."""
    return destination(TANF, azimuth_deg=0, distance_m=distance), height_m, datum, START + late_ms


def row_of(found: Conformance, row: int = 0) -> tuple[Containment, float, float, int]:
    return (
        Containment(int(found.sure[row])),
        round(float(found.off_m[row]), 3),
        float(found.height_off_m[row]),
        int(found.time_off_ms[row]),
    )


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (away(0), (DEFINITE, 0, 0, 0)),
        (away(5_000), (DEFINITE, 0, 0, 0)),
        (away(5_750), (NO, 750, 0, 0)),
        (away(0, height_m=3_000), (DEFINITE, 0, 0, 0)),
        (away(0, height_m=3_200), (NO, 0, 200, 0)),
        (away(0, height_m=400), (NO, 0, -600, 0)),
        (away(0, late_ms=HOUR_MS - 1), (DEFINITE, 0, 0, 0)),
        (away(0, late_ms=HOUR_MS), (NO, 0, 0, 1)),
        (away(0, late_ms=-1), (NO, 0, 0, -1)),
        (away(6_000, height_m=0, late_ms=2 * HOUR_MS), (NO, 1_000, -1_000, HOUR_MS + 1)),
    ],
)
def test_a_place_conforms_or_deviates_by_so_much(
    row: Row, expected: tuple[Containment, float, float, int]
) -> None:
    assert row_of(conformance(entry(), places(row))) == expected


@pytest.mark.parametrize(
    "row", [away(0, height_m=math.nan), away(0, datum=Datum.AGL), away(0, datum=Datum.UNKNOWN)]
)
def test_a_height_that_cannot_be_compared_cannot_be_told_and_is_no_deviation(row: Row) -> None:
    found = conformance(entry(), places(row))
    assert found.sure[0] == POSSIBLE
    assert math.isnan(found.height_off_m[0])
    unlimited = entry(replace(extent(), band=AltitudeBand(lower=UNLIMITED, upper=UNLIMITED)))
    assert row_of(conformance(unlimited, places(row))) == (DEFINITE, 0, 0, 0)


def test_what_either_may_be_off_by_makes_it_possible_and_no_more() -> None:
    sure = {
        accuracy_m: [
            int(one)
            for one in conformance(entry(), places(away(4_900), away(5_100), accuracy_m=accuracy_m)).sure
        ]
        for accuracy_m in (0.0, 99.0, 101.0)
    }
    assert sure == {0.0: [2, 0], 99.0: [2, 0], 101.0: [1, 1]}
    vague = replace(extent(), accuracy_m=101.0, height_accuracy_m=11.0, time_accuracy_ms=Duration(60_000))
    for row in (
        away(5_100),
        away(0, height_m=3_010),
        away(0, late_ms=HOUR_MS + 30_000),
        away(0, late_ms=-60_000),
    ):
        assert conformance(entry(), places(row)).sure[0] == NO
        assert conformance(entry(vague), places(row)).sure[0] == POSSIBLE


def test_of_several_extents_the_one_that_it_is_in_counts_and_else_the_nearest() -> None:
    far = destination(TANF, azimuth_deg=0, distance_m=40_000)
    notice = entry(extent("north"), extent("south", at=far))
    found = conformance(notice, places(away(40_000), away(10_000), away(32_000), away(0)))
    assert found.extent.tolist() == [1, 0, 1, 0]
    assert found.sure.tolist() == [DEFINITE, NO, NO, DEFINITE]
    assert found.off_m.tolist() == pytest.approx([0, 5_000, 3_000, 0], abs=0.001)


def test_random_places_stand_as_one_by_one_reckoning_on_geographiclib_says() -> None:
    rng = Random("conformance")
    notice = entry(
        replace(extent(), accuracy_m=150.0, height_accuracy_m=50.0, time_accuracy_ms=Duration(30_000))
    )
    centre = (TANF.latitude_deg, TANF.longitude_deg)
    spots = [struck(centre, rng.uniform(0, 360), rng.uniform(4_000, 6_000)) for _ in range(400)]
    rows = [
        (
            Position(latitude_deg=lat, longitude_deg=lon),
            rng.uniform(2_800, 3_200),
            Datum.MSL,
            START + HOUR_MS + rng.randint(-60_000, 60_000),
        )
        for lat, lon in spots
    ]
    found = conformance(notice, places(*rows, accuracy_m=100.0, height_accuracy_m=20.0))
    seen = set()
    for row, (spot, (_, height_m, _, at)) in enumerate(zip(spots, rows, strict=True)):
        outs = (
            (distance_m(centre, spot) - 5_000) / 250,
            (height_m - 3_000) / 70,
            (at - (START + HOUR_MS - 1)) / 30_000,
        )
        expected = NO if max(outs) > 1 else DEFINITE if max(outs) <= -1 else POSSIBLE
        assert found.sure[row] == expected
        seen.add(expected)
    assert seen == {NO, POSSIBLE, DEFINITE}


def test_activity_beside_an_announced_one_that_no_notice_covers_is_unannounced() -> None:
    east = destination(TANF, azimuth_deg=90, distance_m=8_000)
    rows = places(
        away(0),
        away(6_000),
        (east, 2_000, Datum.MSL, START),
        away(60_000),
        away(6_000, late_ms=3 * HOUR_MS),
        away(0, height_m=9_000),
    )
    one = entry(extent())
    assert unannounced([one], rows, near_m=5_000).tolist() == [False, True, True, False, False, True]
    other = entry(extent("east", at=east, radius_m=500))
    assert unannounced([one, other], rows, near_m=5_000).tolist() == [False, True, False, False, False, True]
    assert unannounced([], rows, near_m=5_000).tolist() == [False] * 6
    with pytest.raises(Refused, match=r"near is -1"):
        unannounced([one], rows, near_m=-1)


def test_tracks_that_are_in_an_exercise_are_counted_once_beside_what_it_declares() -> None:
    exercise = Exercise(
        purpose="training",
        command="brigade",
        contact=OFFICER,
        phases=(Phase(name="deploy", extents=("north",)),),
        personnel=200,
        equipment=(Equipment(type="tank", count=1), Equipment(type="helicopter", count=1)),
    )
    notice = Notice(designation="E", body=exercise, extents=(extent(),))
    rows = places(away(0), away(100), away(4_000), away(5_050), away(9_000), accuracy_m=60.0)
    track = np.array([7, 7, 8, 9, 10])
    declared = declared_count(exercise, ["tank"])
    found = counted(notice, rows, track, declared=declared)
    assert (found.declared, found.surely, found.possibly, found.excess) == (1, 2, 3, 1)
    assert counted(notice, rows, track, declared=declared_count(exercise, ["tank", "helicopter"])).excess == 0
    with pytest.raises(Refused, match=r"tracks are given"):
        counted(notice, rows, track[:2], declared=1)


def test_a_deviation_is_said_in_metres_feet_and_seconds() -> None:
    rows = places(away(0), away(6_000, height_m=4_000, late_ms=HOUR_MS + 89_999), away(0, height_m=math.nan))
    found = conformance(entry(), rows)
    assert [deviation_text(entry(), found, row) for row in range(3)] == [
        "conforms to north",
        "deviates from north: 1,000 m outside, 1,000 m (3,281 ft) above, 90 s late",
        "cannot be told of north",
    ]
    early = conformance(entry(), places(away(0, height_m=0, late_ms=-5_000)))
    assert deviation_text(entry(), early, 0) == "deviates from north: 1,000 m (3,281 ft) below, 5 s early"
