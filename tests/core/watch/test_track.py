"""The table of tracks: what moves one, what does not, and what is worked out from two reports."""

from __future__ import annotations

import math

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.watch.report import (
    COLUMNS,
    Label,
    PartyName,
    Report,
    Reports,
    SourceName,
    TrackKind,
    TrackName,
    reports_of,
)
from keepclear.core.watch.track import Freshness, Tracks, freshness, title_of
from scene import FEED, START, place


def row(track: str = "x:one", after_ms: int = 0, *, range_m: float = 0.0, **said: float) -> Report:
    at = place(bearing_deg=90.0, range_m=range_m)
    return Report(
        track=TrackName(track),
        time_ms=START + after_ms,
        latitude_deg=at.latitude_deg,
        longitude_deg=at.longitude_deg,
        **said,
    )


def fold(tracks: Tracks, *rows: Report, now_ms: int = 0, source: str = FEED):
    return tracks.fold(reports_of(SourceName(source), list(rows)), now=Instant(START + now_ms))


def held_ms(tracks: Tracks, track: str = "x:one") -> int:
    return int(tracks.time_ms[tracks.slot_of[TrackName(track)]]) - START


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-5, 5), st.booleans()), max_size=12))
def test_only_reports_newer_than_the_latest_and_not_of_the_future_move_a_track(
    heard: list[tuple[str, int, bool]],
) -> None:
    rows = [row(f"x:{name}", after_ms + 60_001 * early) for name, after_ms, early in heard]
    latest: dict[str, int] = {}
    kept, late, future = [], 0, 0
    for number, each in enumerate(rows):
        if each.time_ms > START + 60_000:
            future += 1
        elif each.time_ms <= latest.get(each.track, -(10**15)):
            late += 1
        else:
            latest[each.track] = each.time_ms
            kept.append(number)
    tracks = Tracks()
    fixes = fold(tracks, *rows)
    assert fixes.time_ms.tolist() == [rows[number].time_ms for number in kept]
    assert [tracks.names[slot] for slot in fixes.slot] == [rows[number].track for number in kept]
    assert (fixes.late, fixes.future) == (late, future)
    assert {name: int(tracks.time_ms[slot]) for name, slot in tracks.slot_of.items()} == latest


def test_speed_and_course_come_from_the_previous_report_by_the_geodesic() -> None:
    tracks = Tracks()
    before, after = row(), row(after_ms=10_000, range_m=1_000.0)
    fixes = fold(tracks, before, after, now_ms=10_000)
    truth = Geodesic.WGS84.Inverse(
        before.latitude_deg, before.longitude_deg, after.latitude_deg, after.longitude_deg
    )
    assert math.isnan(fixes.speed_mps[0])
    assert fixes.speed_mps[1] == pytest.approx(truth["s12"] / 10, abs=1e-9)
    assert fixes.course_deg[1] == pytest.approx(truth["azi1"] % 360, abs=1e-9)


def test_what_the_source_says_of_speed_and_course_stands() -> None:
    tracks = Tracks()
    fixes = fold(tracks, row(), row(after_ms=10_000, range_m=1_000.0, speed_mps=1.0), now_ms=10_000)
    assert fixes.speed_mps[1] == 1.0
    assert fixes.course_deg[1] == pytest.approx(90.0, abs=0.01)


@pytest.mark.parametrize(("gap_ms", "known"), [(120_000, True), (120_001, False)])
def test_speed_is_not_derived_across_more_than_two_minutes(gap_ms: int, *, known: bool) -> None:
    tracks = Tracks()
    fold(tracks, row())
    fixes = fold(tracks, row(after_ms=gap_ms, range_m=1_000.0), now_ms=gap_ms)
    assert math.isnan(fixes.speed_mps[0]) is not known


def test_a_source_without_an_accuracy_is_taken_to_be_within_fifty_metres() -> None:
    tracks = Tracks()
    assert fold(tracks, row(), row("x:two", accuracy_m=3.0)).accuracy_m.tolist() == [50.0, 3.0]


def test_a_late_report_does_not_change_the_source_of_a_track() -> None:
    tracks = Tracks()
    fold(tracks, row(after_ms=10), now_ms=10)
    fold(tracks, row(after_ms=5), now_ms=10, source="other")
    assert tracks.sources[0] == FEED
    fold(tracks, row(after_ms=20), now_ms=20, source="other")
    assert tracks.sources[0] == "other"


def test_names_of_which_nothing_is_believed_take_no_room() -> None:
    tracks = Tracks()
    fold(tracks, *(row(f"x:{number}", 60_001) for number in range(500)))
    assert (len(tracks), len(tracks.names)) == (0, 0)


def test_a_forgotten_slot_is_used_again_and_others_keep_theirs() -> None:
    tracks = Tracks()
    fold(tracks, row("x:a"), row("x:b"), row("x:c"))
    tracks.forget([1])
    assert tracks.live_slots().tolist() == [0, 2]
    fold(tracks, row("x:d", 1), now_ms=1)
    assert tracks.slot_of == {"x:a": 0, "x:c": 2, "x:d": 1}
    assert held_ms(tracks, "x:d") == 1
    tracks.forget([1])
    tracks.forget([1])
    assert tracks.free == [1]


def test_a_track_in_a_used_slot_derives_nothing_from_the_track_before() -> None:
    tracks = Tracks()
    fold(tracks, row("x:a"))
    tracks.forget([0])
    assert math.isnan(fold(tracks, row("x:b", 1_000, range_m=500.0), now_ms=1_000).speed_mps[0])


def test_the_table_grows_and_keeps_what_it_holds() -> None:
    tracks = Tracks()
    for number in range(300):
        fold(tracks, row(f"x:{number}", number), now_ms=number)
    assert [held_ms(tracks, f"x:{number}") for number in range(300)] == list(range(300))


def test_an_empty_claim_never_erases_what_was_known() -> None:
    tracks = Tracks()
    fold(tracks, row())
    name = TrackName("x:one")
    told = Label(track=name, callsign="B-G207", party=PartyName("B"), kind=TrackKind.VEHICLE)
    assert [after for _, _, after in tracks.label((told,))] == [told]
    assert tracks.label((Label(track=name), told)) == []
    assert title_of(tracks, 0) == "B-G207"
    assert tracks.label((Label(track=TrackName("x:other"), callsign="C"),)) == []


@pytest.mark.parametrize(
    ("age_ms", "state"),
    [
        (-1, Freshness.LIVE),
        (15_000, Freshness.LIVE),
        (15_001, Freshness.AGING),
        (30_000, Freshness.AGING),
        (30_001, Freshness.UNKNOWN),
    ],
)
def test_a_track_ages_and_then_is_unknown(age_ms: int, state: Freshness) -> None:
    assert freshness(heard=START, now=Instant(START + age_ms)) is state


# ------------------------------------------------------------------ what a batch may hold


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("track", 1),
        ("track", -1),
        ("time_ms", -(2**62)),
        ("latitude_deg", 90.001),
        ("latitude_deg", math.nan),
        ("longitude_deg", -180.001),
        ("longitude_deg", math.inf),
        ("altitude_m", 1e309),
        ("datum", 5),
        ("speed_mps", -0.1),
        ("speed_mps", math.inf),
        ("course_deg", 360.0),
        ("climb_mps", -20_001.0),
        ("accuracy_m", -1.0),
        ("accuracy_m", math.inf),
    ],
)
def test_a_batch_with_a_value_out_of_range_is_refused_by_column_and_row(column: str, value: float) -> None:
    good = reports_of(FEED, [row(), row(after_ms=1)])
    columns = {name: getattr(good, name).copy() for name in COLUMNS}
    columns[column][1] = value
    with pytest.raises(Refused, match=f"{column} of report 1") as refused:
        Reports(source=FEED, names=good.names, **columns)
    assert refused.value.code == "reports.out-of-range"


def test_a_batch_with_columns_of_other_lengths_or_types_is_refused() -> None:
    good = reports_of(FEED, [row()])
    columns = {name: getattr(good, name) for name in COLUMNS}
    for wrong in (np.zeros(2), np.zeros(1, np.float32)):
        with pytest.raises(Refused, match="column speed_mps"):
            Reports(source=FEED, names=good.names, **(columns | {"speed_mps": wrong}))
