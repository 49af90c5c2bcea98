"""What the watch tells of tracks at zones: examples that a person can check by hand.

The zone is round, 10 km about Tanf, and tracks are placed by their distance from its centre.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant, Window
from keepclear.core.space.altitude import Altitude, AltitudeBand, Datum
from keepclear.core.space.schedule import Schedule
from keepclear.core.watch.alert import AlertKind, Priority, Stage, Step
from keepclear.core.watch.event import Crossed, ReportsArrived, TracksForgotten, ZoneDeclared, ZonesChanged
from keepclear.core.watch.report import Label, PartyName, Report, TrackName, reports_of
from keepclear.core.watch.standing import Outcome, Standing
from keepclear.core.watch.zone import Recognised, Recognition, ZoneKind, ZoneName
from scene import FEED, START, TANF, Scene, changes, outcomes, place, seconds, zone

TANF_ZONE = ZoneName("Tanf")


def standing(scene: Scene, track: str = "x:one", name: str = "Tanf") -> Standing:
    relations = scene.watch.relations[ZoneName(name)]
    relation = relations.get(scene.watch.tracks.slot_of[TrackName(track)])
    return Standing.OUTSIDE if relation is None else relation.standing


def seen(km: float, seen_s: float, *, speed: float) -> Report:
    at = place(bearing_deg=90.0, range_m=km * 1_000)
    return Report(
        track=TrackName("x:one"),
        time_ms=START + seconds(seen_s),
        latitude_deg=at.latitude_deg,
        longitude_deg=at.longitude_deg,
        speed_mps=speed,
        course_deg=270.0,
        accuracy_m=1.0,
    )


# ------------------------------------------------------------------ approach


def test_a_track_ten_minutes_out_on_course_raises_a_warning_with_its_interval() -> None:
    scene = Scene()
    scene.declare(zone())
    # 6 km from the edge straight in at 10 m/s: 600 s nominally, earlier and later as its speed and course allow.
    effects = scene.hear(16.0, speed=10.0, course=270.0)
    assert outcomes(effects) == [Outcome.APPROACHED]
    alert = scene.alert(AlertKind.APPROACH)
    assert alert.priority is Priority.WARNING
    first = alert.first
    assert first.entry_expected is not None
    assert first.entry_earliest is not None
    assert abs(first.entry_expected - START - 600_000) < 1_000
    assert START + 450_000 < first.entry_earliest < START + 550_000
    assert first.distance_m == pytest.approx(6_000, abs=0.5)


def test_a_track_that_should_enter_within_two_minutes_raises_an_alarm() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(11.0, speed=10.0, course=270.0)
    assert scene.alert(AlertKind.APPROACH).priority is Priority.ALARM


def test_a_track_that_could_enter_but_is_not_bound_to_raises_a_caution_only_within_the_warning_distance() -> (
    None
):
    # Abeam of the zone at 300 m from its edge, moving along it: within 150 s it could be 2 m/s and 5 degrees off,
    # 431 m in all, where its course would keep it 409 m away. Entry is possible, not expected.
    near, far = Scene(), Scene()
    near.declare(zone(warning_m=400.0))
    far.declare(zone(warning_m=200.0))
    near.hear(10.3, speed=10.0, course=0.0)
    assert far.hear(10.3, speed=10.0, course=0.0) == []
    assert near.alert(AlertKind.APPROACH).priority is Priority.CAUTION


def test_a_track_of_unknown_course_within_the_warning_distance_raises_a_caution() -> None:
    scene = Scene()
    scene.declare(zone(warning_m=2_000.0))
    scene.hear(11.0, speed=10.0)
    assert scene.alert(AlertKind.APPROACH).priority is Priority.CAUTION


def test_a_track_that_moves_away_raises_nothing() -> None:
    scene = Scene()
    scene.declare(zone())
    assert scene.hear(16.0, speed=10.0, course=90.0) == []


def test_speed_and_course_are_derived_where_the_source_does_not_say_them() -> None:
    scene = Scene()
    scene.declare(zone())
    assert scene.hear(16.2) == []
    assert outcomes(scene.hear(16.0, at_s=20)) == [Outcome.APPROACHED]
    assert scene.alert(AlertKind.APPROACH).first.speed_mps == pytest.approx(10.0, abs=0.01)


def test_a_batch_in_which_a_track_approaches_and_is_then_far_away_clears_as_two_batches_would() -> None:
    # 20 km off and standing still, the later positions would not matter to the zone but for the first.
    scene = Scene(now_s=100)
    scene.declare(zone(warning_s=90))
    rows = [
        seen(km, seen_s, speed=speed)
        for km, seen_s, speed in ((12.0, 0, 60.0), (30.0, 30, 0.0), (30.0, 90, 0.0))
    ]
    effects = scene.do(ReportsArrived(reports=reports_of(FEED, rows)))
    assert outcomes(effects) == [Outcome.APPROACHED, Outcome.TURNED_AWAY]


def test_an_approach_that_becomes_more_urgent_raises_the_priority_of_its_alert() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(16.0, speed=10.0, course=270.0)
    first = scene.step(scene.alert(AlertKind.APPROACH), Step.ACKNOWLEDGE)
    effects = scene.hear(11.0, at_s=30, speed=10.0, course=270.0)
    assert outcomes(effects) == []
    assert changes(effects) == [(first.id, "worsened")]
    alert = scene.alert(AlertKind.APPROACH)
    assert (alert.priority, alert.stage) == (Priority.ALARM, Stage.RAISED)


def test_an_acknowledged_approach_stays_acknowledged_while_nothing_is_new() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(16.0, speed=10.0, course=270.0)
    scene.step(scene.alert(AlertKind.APPROACH), Step.ACKNOWLEDGE)
    for at in range(10, 200, 10):
        assert scene.hear(16.0 - at / 100, at_s=at, speed=10.0, course=270.0) == []
        assert scene.tick() == []
    assert scene.alert(AlertKind.APPROACH).stage is Stage.ACKNOWLEDGED


def test_a_track_that_turns_away_for_the_clear_time_clears_its_approach() -> None:
    scene = Scene()
    scene.declare(zone(clear_s=60))
    scene.hear(16.0, speed=10.0, course=270.0)
    assert outcomes(scene.hear(15.0, at_s=100, speed=10.0, course=90.0)) == []
    assert outcomes(scene.hear(15.5, at_s=150, speed=10.0, course=90.0)) == []
    assert outcomes(scene.hear(15.6, at_s=160, speed=10.0, course=90.0)) == [Outcome.TURNED_AWAY]
    alert = scene.alert(AlertKind.APPROACH)
    assert alert.cleared == scene.now
    assert alert.stage is Stage.RAISED
    assert standing(scene) is Standing.OUTSIDE


# ------------------------------------------------------------------ entry, dwell, exit


def test_an_entry_is_told_at_its_first_report_and_is_an_alarm() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(10.1)
    effects = scene.hear(9.9, at_s=20)
    crossed = [effect for effect in effects if isinstance(effect, Crossed)]
    assert [(each.outcome, each.at) for each in crossed][-1] == (Outcome.ENTERED, START + 20_000)
    alert = scene.alert(AlertKind.ENTRY)
    assert (alert.priority, alert.latest.distance_m) == (Priority.ALARM, pytest.approx(-100.0, abs=0.5))


def test_an_entry_continues_the_alert_of_its_approach() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(11.0, speed=100.0, course=270.0)
    approach = scene.alert(AlertKind.APPROACH)
    effects = scene.hear(9.0, at_s=20, speed=100.0, course=270.0)
    assert changes(effects) == [(approach.id, "worsened")]
    assert len(scene.watch.alerts.alerts) == 1


def test_an_entry_waits_for_the_dwell_time_and_is_dated_from_its_first_report_inside() -> None:
    scene = Scene()
    scene.declare(zone(dwell_s=30))
    assert outcomes(scene.hear(9.9, at_s=0)) == []
    assert outcomes(scene.hear(9.8, at_s=29)) == []
    effects = scene.hear(9.8, at_s=30)
    crossed = [effect for effect in effects if isinstance(effect, Crossed)]
    assert [(each.outcome, each.at) for each in crossed] == [(Outcome.ENTERED, START)]


def test_a_visit_shorter_than_the_dwell_time_is_no_entry() -> None:
    scene = Scene()
    scene.declare(zone(dwell_s=30))
    scene.hear(9.9, speed=100.0, course=90.0)
    scene.hear(11.0, at_s=20, speed=100.0, course=90.0)
    assert Outcome.ENTERED not in outcomes(scene.log)
    assert not scene.watch.alerts.alerts
    assert standing(scene) is Standing.OUTSIDE


def test_a_possible_position_counts_as_inside_and_the_words_say_possibly() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(10.03, accuracy_m=50.0)
    alert = scene.alert(AlertKind.ENTRY)
    assert not alert.first.certain
    assert alert.words == "one possibly inside zone Tanf, as declared by A: 30 m outside the edge"


def test_the_words_say_who_declared_and_who_disputes() -> None:
    scene = Scene()
    stands = (
        Recognised(party=PartyName("A"), stand=Recognition.DECLARED),
        Recognised(party=PartyName("B"), stand=Recognition.DISPUTED),
    )
    scene.declare(replace(zone(), recognition=stands))
    scene.hear(8.0)
    assert scene.alert(AlertKind.ENTRY).words == (
        "one inside zone Tanf, as declared by A, disputed by B: 2.0 km inside the edge"
    )


def test_a_track_that_flutters_at_the_edge_enters_once() -> None:
    scene = Scene()
    scene.declare(zone())
    for at in range(0, 600, 10):
        scene.hear(9.95 if at % 20 == 0 else 10.05, at_s=at, speed=10.0, course=0.0)
        scene.tick()
    assert outcomes(scene.log) == [Outcome.ENTERED]


def test_a_track_has_left_when_it_has_been_outside_for_the_clear_time() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(9.9)
    assert outcomes(scene.hear(10.1, at_s=10)) == []
    assert outcomes(scene.hear(10.2, at_s=69)) == []
    effects = scene.hear(10.2, at_s=70)
    left = next(effect for effect in effects if isinstance(effect, Crossed))
    assert (left.outcome, left.at) == (Outcome.LEFT, START + 10_000)
    assert left.evidence.words == (
        "one outside zone Tanf, as declared by A since 06:00:10Z, after 10 s inside: 200 m outside the edge"
    )
    alert = scene.alert(AlertKind.ENTRY)
    assert alert.cleared == scene.now
    assert alert.open


def test_a_track_has_left_at_once_when_it_is_clear_by_the_distance() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(9.9)
    assert outcomes(scene.hear(11.01, at_s=10)) == [Outcome.LEFT]


def test_a_track_that_left_by_climbing_is_not_said_to_be_inside_the_edge() -> None:
    ceiling = AltitudeBand(upper=Altitude(height_m=3_000.0, datum=Datum.MSL))
    scene = Scene()
    scene.declare(zone(band=ceiling, clear_s=0))
    scene.hear(5.0, altitude_m=1_000.0, datum=Datum.MSL)
    effects = scene.hear(5.0, at_s=10, altitude_m=4_000.0, datum=Datum.MSL)
    assert outcomes(effects) == [Outcome.LEFT]
    assert "within its edge, above or below it" in scene.alert(AlertKind.ENTRY).words


def test_re_entry_within_ten_minutes_reopens_the_same_alert() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(9.9)
    alert = scene.alert(AlertKind.ENTRY)
    scene.step(alert, Step.ACKNOWLEDGE)
    scene.hear(11.5, at_s=60, speed=20.0, course=90.0)
    scene.step(alert, Step.CLOSE)
    scene.tick(500)
    effects = scene.hear(9.9, at_s=600, speed=20.0, course=270.0)
    assert changes(effects) == [(alert.id, "reopened")]
    assert scene.alert(AlertKind.ENTRY).stage is Stage.RAISED


def test_re_entry_after_ten_minutes_is_a_new_alert() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(9.9)
    alert = scene.alert(AlertKind.ENTRY)
    scene.hear(11.5, at_s=60, speed=20.0, course=90.0)
    scene.step(alert, Step.CLOSE)
    scene.tick(661)
    effects = scene.hear(9.9, at_s=662, speed=20.0, course=270.0)
    assert changes(effects) == [("AL-2", "raised")]


def test_an_alert_closed_by_reason_is_reopened_for_ten_minutes_after_its_cause_ended() -> None:
    # Closed at 1 s with the track inside; it leaves an hour later and comes back a minute after that.
    scene = Scene()
    scene.declare(zone())
    scene.hear(9.0)
    alert = scene.alert(AlertKind.ENTRY)
    scene.step(alert, Step.CLOSE, reason="a training flight, known")
    for at in range(30, 3_600, 30):
        scene.hear(9.0, at_s=at)
        scene.tick()
    scene.hear(11.5, at_s=3_600, speed=20.0, course=90.0)
    scene.tick()
    effects = scene.hear(9.9, at_s=3_660, speed=20.0, course=270.0)
    assert changes(effects) == [(alert.id, "reopened")]


# ------------------------------------------------------------------ already inside, overstay, silence


def test_a_track_inside_when_the_zone_is_made_is_found_inside_and_raises_no_alarm() -> None:
    scene = Scene()
    scene.hear(5.0)
    effects = scene.declare(zone())
    assert outcomes(effects) == [Outcome.FOUND_INSIDE]
    alert = scene.alert(AlertKind.ALREADY_INSIDE)
    assert alert.priority is Priority.CAUTION
    assert alert.words == (
        "one was already inside zone Tanf, as declared by A, when it came into force: 5.0 km inside the edge"
    )
    assert outcomes(scene.hear(5.0, at_s=10)) == []


def test_a_stay_beyond_the_overstay_time_raises_a_warning_of_its_own() -> None:
    scene = Scene()
    scene.declare(zone(overstay_s=600))
    for at in range(0, 620, 20):
        scene.hear(5.0, at_s=at)
        scene.tick()
    assert outcomes(scene.log) == [Outcome.ENTERED, Outcome.OVERSTAYED]
    alert = scene.alert(AlertKind.OVERSTAY)
    assert (alert.priority, alert.raised) == (Priority.WARNING, START + 600_000)
    assert alert.words == "one inside zone Tanf, as declared by A for 10 min 00 s"


def test_a_silent_track_is_never_reported_outside() -> None:
    scene = Scene()
    scene.declare(zone(silence_s=60))
    scene.hear(9.5, speed=100.0, course=90.0)
    for at in range(10, 7_200, 10):
        scene.tick(at)
    assert outcomes(scene.log) == [Outcome.ENTERED, Outcome.FELL_SILENT]
    assert standing(scene) is Standing.LOST
    assert scene.alert(AlertKind.ENTRY).cleared is None
    silence = scene.alert(AlertKind.SILENCE)
    assert silence.cleared is None
    assert "unknown, not outside" in silence.words
    assert silence.raised == START + 70_000


def test_a_silent_track_that_is_heard_inside_ends_the_silence_and_not_the_presence() -> None:
    scene = Scene()
    scene.declare(zone(silence_s=60))
    scene.hear(9.5)
    scene.tick(70)
    effects = scene.hear(9.5, at_s=100)
    assert outcomes(effects) == [Outcome.HEARD_AGAIN]
    assert scene.alert(AlertKind.SILENCE).stage is Stage.CLOSED
    assert scene.alert(AlertKind.ENTRY).cleared is None


def test_a_silence_does_not_count_as_time_outside() -> None:
    # Outside near the edge at 10 s, silent, outside near the edge again at 300 s: nobody saw it outside in between.
    scene = Scene()
    scene.declare(zone(silence_s=60, clear_s=60))
    scene.hear(9.9)
    scene.hear(10.1, at_s=10)
    scene.tick(100)
    assert outcomes(scene.hear(10.1, at_s=300)) == [Outcome.HEARD_AGAIN]
    effects = scene.hear(10.1, at_s=360)
    left = next(effect for effect in effects if isinstance(effect, Crossed))
    assert (left.outcome, left.at) == (Outcome.LEFT, START + 300_000)


def test_an_approaching_track_that_falls_silent_past_its_entry_time_is_unknown() -> None:
    scene = Scene()
    scene.declare(zone(silence_s=60))
    scene.hear(11.0, speed=10.0, course=270.0)
    scene.tick(99)
    assert outcomes(scene.log) == [Outcome.APPROACHED]
    assert outcomes(scene.tick(101)) == [Outcome.FELL_SILENT]
    assert standing(scene) is Standing.MISSING


def test_an_approaching_track_that_reappears_inside_has_entered() -> None:
    scene = Scene()
    scene.declare(zone(silence_s=60))
    scene.hear(11.0, speed=10.0, course=270.0)
    scene.tick(101)
    effects = scene.hear(8.0, at_s=300)
    assert outcomes(effects) == [Outcome.ENTERED]
    assert scene.alert(AlertKind.ENTRY).priority is Priority.ALARM
    assert scene.alert(AlertKind.SILENCE).stage is Stage.CLOSED


def test_a_track_that_falls_silent_during_its_dwell_and_reappears_inside_has_entered() -> None:
    scene = Scene()
    scene.declare(zone(silence_s=60, dwell_s=30))
    scene.hear(9.9)
    assert outcomes(scene.tick(61)) == [Outcome.FELL_SILENT]
    effects = scene.hear(9.0, at_s=90)
    assert [(each.outcome, each.at) for each in effects if isinstance(each, Crossed)] == [
        (Outcome.ENTERED, START)
    ]
    assert scene.alert(AlertKind.ENTRY).stage is Stage.RAISED


def test_a_missing_track_that_reappears_outside_ends_the_silence_and_goes_on_as_an_approach() -> None:
    scene = Scene()
    scene.declare(zone(silence_s=60))
    scene.hear(11.0, speed=10.0, course=270.0)
    scene.tick(101)
    assert outcomes(scene.hear(12.0, at_s=200, speed=10.0, course=90.0)) == [Outcome.HEARD_AGAIN]
    assert scene.alert(AlertKind.SILENCE).stage is Stage.CLOSED
    assert scene.alert(AlertKind.APPROACH).cleared is None
    assert outcomes(scene.hear(12.6, at_s=260, speed=10.0, course=90.0)) == [Outcome.TURNED_AWAY]
    assert scene.alert(AlertKind.APPROACH).cleared == scene.now


# ------------------------------------------------------------------ heights


@pytest.mark.parametrize(
    ("altitude_m", "datum", "inside"),
    [
        (2_000.0, Datum.MSL, True),
        (3_000.0, Datum.MSL, True),
        (3_001.0, Datum.MSL, False),
        (3_001.0, Datum.HAE, True),
        (9_000.0, Datum.PRESSURE, True),
        (9_000.0, Datum.UNKNOWN, True),
        (float("nan"), Datum.UNKNOWN, True),
    ],
)
def test_a_height_is_outside_only_when_it_can_be_compared(
    altitude_m: float, datum: Datum, *, inside: bool
) -> None:
    scene = Scene()
    scene.declare(zone(band=AltitudeBand(upper=Altitude(height_m=3_000.0, datum=Datum.MSL))))
    found = outcomes(scene.hear(5.0, altitude_m=altitude_m, datum=datum))
    assert found == ([Outcome.ENTERED] if inside else [])


# ------------------------------------------------------------------ parties


def test_a_track_of_an_admitted_party_crosses_without_an_alert() -> None:
    scene = Scene()
    scene.declare(zone(admitted=frozenset({PartyName("B")})))
    scene.hear(11.0, speed=10.0, course=270.0)
    scene.hear(9.0, at_s=30)
    scene.tick(120)
    assert outcomes(scene.log) == [Outcome.APPROACHED, Outcome.ENTERED, Outcome.FELL_SILENT]
    assert not scene.watch.alerts.alerts


def test_a_track_that_turns_out_to_be_admitted_clears_its_alerts() -> None:
    scene = Scene()
    scene.declare(zone(admitted=frozenset({PartyName("B")})))
    scene.hear(9.0, party="")
    scene.hear(9.0, at_s=10, party="B")
    alert = scene.alert(AlertKind.ENTRY)
    assert alert.cleared == scene.now
    assert "said to be of party B, which is admitted" in alert.words


def test_a_track_that_turns_out_not_to_be_admitted_raises_what_its_standing_asks_for() -> None:
    inside, nearing = Scene(), Scene()
    for scene, km in ((inside, 9.0), (nearing, 11.0)):
        scene.declare(zone(admitted=frozenset({PartyName("B")})))
        scene.hear(km, speed=10.0, course=270.0, party="B")
        assert not scene.watch.alerts.alerts
        scene.hear(km, at_s=5, speed=10.0, course=270.0, party="C")
    assert inside.alert(AlertKind.ENTRY).priority is Priority.ALARM
    assert nearing.alert(AlertKind.APPROACH).priority is Priority.ALARM
    # Nothing crossed anything: only what people are told of it is new.
    assert outcomes(inside.log) == [Outcome.ENTERED]


def test_an_admitted_track_that_leaves_a_corridor_raises_a_caution_until_it_returns() -> None:
    scene = Scene()
    scene.declare(zone(kind=ZoneKind.CORRIDOR, admitted=frozenset({PartyName("B")}), clear_s=0))
    scene.hear(9.0)
    scene.hear(10.5, at_s=10)
    alert = scene.alert(AlertKind.EXIT)
    assert (alert.priority, alert.cleared) == (Priority.CAUTION, None)
    scene.hear(9.0, at_s=20)
    assert scene.watch.alerts.alerts[alert.id].stage is Stage.CLOSED


# ------------------------------------------------------------------ zones that come, change and go


def hours(start_s: float, end_s: float) -> Schedule:
    return Schedule(
        window=Window(start=Instant(START + seconds(start_s)), end=Instant(START + seconds(end_s)))
    )


def test_a_zone_is_watched_only_while_its_schedule_is_in_force() -> None:
    scene = Scene()
    scene.declare(zone(schedule=hours(100, 200), silence_s=600))
    assert outcomes(scene.hear(5.0, at_s=50)) == []
    assert not scene.watch.in_force(TANF_ZONE)
    assert outcomes(scene.tick(99)) == []
    assert outcomes(scene.tick(100)) == [Outcome.FOUND_INSIDE]
    assert outcomes(scene.tick(199)) == []
    effects = scene.tick(200)
    assert outcomes(effects) == [Outcome.LIFTED]
    assert "nothing is said of where one is" in scene.alert(AlertKind.ALREADY_INSIDE).words
    assert scene.alert(AlertKind.ALREADY_INSIDE).stage is Stage.CLOSED
    assert outcomes(scene.hear(5.0, at_s=210)) == []


def test_a_zone_comes_into_force_with_a_report_even_if_no_tick_came_first() -> None:
    scene = Scene()
    scene.declare(zone(schedule=hours(100, 200)))
    scene.hear(12.0, at_s=50)
    assert outcomes(scene.hear(5.0, at_s=150)) == [Outcome.ENTERED]


def test_a_clock_that_is_set_back_takes_a_zone_into_force_again() -> None:
    # The clock was wrong by a day when the zone was declared: its window seemed to be over.
    scene = Scene(now_s=86_400)
    scene.declare(zone(schedule=hours(0, 1_000)))
    scene.tick()
    assert not scene.watch.in_force(TANF_ZONE)
    scene.tick(100)
    assert scene.watch.in_force(TANF_ZONE)


def test_a_corridor_that_goes_out_of_force_says_nothing_of_leaving_it() -> None:
    scene = Scene()
    corridor = zone(kind=ZoneKind.CORRIDOR, admitted=frozenset({PartyName("B")}), schedule=hours(0, 100))
    scene.declare(corridor)
    scene.hear(9.0)
    assert outcomes(scene.tick(100)) == [Outcome.LIFTED]
    assert not scene.watch.alerts.alerts


def test_a_withdrawn_zone_clears_all_that_it_raised_and_says_nothing_of_where_tracks_are() -> None:
    scene = Scene()
    scene.declare(zone(silence_s=60))
    scene.hear(9.0)
    scene.tick(61)
    effects = scene.withdraw("Tanf")
    assert outcomes(effects) == [Outcome.LIFTED]
    assert [effect.zone for effect in effects if isinstance(effect, ZonesChanged)] == [None]
    assert all(alert.cleared is not None for alert in scene.watch.alerts.alerts.values())
    assert TANF_ZONE not in scene.watch.zones
    assert outcomes(scene.hear(9.0, at_s=70)) == []


def test_a_withdrawn_corridor_clears_what_it_raised_for_tracks_that_left_it() -> None:
    scene = Scene()
    scene.declare(zone(kind=ZoneKind.CORRIDOR, admitted=frozenset({PartyName("B")}), clear_s=0))
    scene.hear(9.0)
    scene.hear(10.5, at_s=10)
    scene.withdraw("Tanf")
    assert scene.alert(AlertKind.EXIT).stage is Stage.CLOSED


def test_withdrawing_a_zone_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused, match="zone Erg is not declared here"):
        Scene().withdraw("Erg")


def test_a_zone_that_nobody_declared_by_name_is_refused_and_not_watched() -> None:
    scene = Scene()
    with pytest.raises(Refused, match="says who"):
        scene.do(ZoneDeclared(zone=zone(), by=" "))
    assert not scene.watch.zones


def test_a_zone_replaced_in_the_same_volume_keeps_every_standing() -> None:
    scene = Scene()
    scene.declare(zone(silence_s=60, dwell_s=30))
    scene.hear(9.0, track="x:inside")
    scene.hear(9.0, at_s=40, track="x:inside")
    scene.hear(9.0, track="x:entering")
    scene.hear(9.5, track="x:lost", speed=100.0, course=90.0)
    scene.hear(10.2, at_s=80, track="x:lost", speed=100.0, course=90.0)
    before = {name: standing(scene, name) for name in ("x:inside", "x:entering", "x:lost")}
    effects = scene.declare(replace(zone(silence_s=60, dwell_s=30), basis="a new text"))
    assert outcomes(effects) == []
    assert {name: standing(scene, name) for name in before} == before


def test_a_lost_track_is_not_said_to_have_left_when_its_zone_is_declared_again() -> None:
    scene = Scene()
    scene.declare(zone(silence_s=60, clear_s=600))
    scene.hear(9.9)
    scene.hear(10.1, at_s=10)
    scene.tick(100)
    assert standing(scene) is Standing.LOST
    scene.declare(replace(zone(silence_s=60, clear_s=600), steps=("call",)))
    assert standing(scene) is Standing.LOST
    assert Outcome.LEFT not in outcomes(scene.log)


def test_a_zone_that_grows_finds_inside_what_was_approaching() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(12.0, speed=10.0, course=270.0)
    assert outcomes(scene.declare(zone(radius_m=13_000.0))) == [Outcome.FOUND_INSIDE]


def test_a_zone_that_shrinks_away_from_a_track_does_not_say_that_it_left() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(9.0)
    assert outcomes(scene.declare(zone(radius_m=5_000.0))) == [Outcome.LIFTED]


def test_a_party_that_is_no_longer_admitted_raises_an_alert_for_its_tracks_inside() -> None:
    scene = Scene()
    scene.declare(zone(admitted=frozenset({PartyName("B")})))
    scene.hear(9.0)
    assert not scene.watch.alerts.alerts
    scene.declare(zone())
    assert scene.alert(AlertKind.ENTRY).tracks == ("x:one",)


def test_a_party_that_is_admitted_from_now_on_clears_the_alerts_of_its_tracks() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(9.0)
    scene.declare(zone(admitted=frozenset({PartyName("B")})))
    assert scene.alert(AlertKind.ENTRY).cleared == scene.now


# ------------------------------------------------------------------ reports that are late, early or repeated


def test_a_report_older_than_the_latest_moves_nothing_and_is_counted() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(12.0, at_s=100)
    assert scene.hear(5.0, at_s=101, seen_s=50) == []
    assert scene.hear(5.0, at_s=101, seen_s=100) == []
    feed = next(iter(scene.watch.feeds.values()))
    assert (feed.reports, feed.late_reports, feed.future_reports) == (3, 2, 0)


def test_a_report_dated_beyond_the_clock_is_not_believed_and_is_counted() -> None:
    scene = Scene()
    scene.declare(zone())
    assert scene.hear(5.0, at_s=0, seen_s=60.001) == []
    assert next(iter(scene.watch.feeds.values())).future_reports == 1
    assert len(scene.watch.tracks) == 0
    assert outcomes(scene.hear(5.0, at_s=0, seen_s=60)) == [Outcome.ENTERED]


# ------------------------------------------------------------------ tracks that are forgotten


def test_a_track_that_concerns_no_zone_is_forgotten_after_ten_minutes_and_its_slot_is_used_again() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(100.0, track="x:far")
    assert not any(isinstance(effect, TracksForgotten) for effect in scene.tick(600))
    effects = scene.tick(600.001)
    assert effects == [TracksForgotten(slots=(0,))]
    scene.hear(9.0, track="x:near")
    assert scene.watch.tracks.slot_of == {TrackName("x:near"): 0}
    assert scene.alert(AlertKind.ENTRY).tracks == ("x:near",)


def test_a_lost_track_is_never_forgotten_while_an_open_alert_names_it() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(9.0)
    for at in range(60, 200_000, 6_000):
        assert not any(isinstance(effect, TracksForgotten) for effect in scene.tick(at))


def test_an_admitted_track_that_was_lost_inside_is_forgotten_after_a_day() -> None:
    scene = Scene()
    scene.declare(zone(admitted=("B",)))
    scene.hear(9.0, party="B")
    for at in range(60, 86_400, 6_000):
        assert not any(isinstance(effect, TracksForgotten) for effect in scene.tick(at))
    assert any(isinstance(effect, TracksForgotten) for effect in scene.tick(86_500))
    assert scene.watch.relations[TANF_ZONE] == {}


def test_what_was_closing_and_is_not_heard_for_the_warning_time_is_unknown_though_no_entry_was_predicted() -> (
    None
):
    scene = Scene()
    scene.declare(zone(warning_s=90))
    scene.hear(12.0, speed=60.0, course=270.0)
    scene.hear(12.1, at_s=10, speed=60.0, course=90.0)
    assert standing(scene) is Standing.APPROACHING
    scene.tick(99)
    assert standing(scene) is Standing.APPROACHING
    assert outcomes(scene.tick(101)) == [Outcome.FELL_SILENT]


def test_a_name_that_comes_before_the_first_position_is_not_lost() -> None:
    scene = Scene()
    claim = Label(track=TrackName("x:one"), callsign="FIRST", party=PartyName("B"))
    scene.do(ReportsArrived(reports=reports_of(FEED, [], (claim,))))
    scene.declare(zone())
    scene.hear(9.0)
    assert scene.alert(AlertKind.ENTRY).words.startswith("FIRST ")


def test_a_track_that_was_forgotten_comes_back_under_its_name() -> None:
    scene = Scene()
    scene.hear(100.0, party="B")
    scene.tick(700)
    assert not len(scene.watch.tracks)
    scene.hear(100.0, at_s=710, party="")
    assert scene.watch.tracks.labels[0].party == "B"


def test_a_slot_that_is_used_again_keeps_nothing_of_the_track_before() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(100.0, track="x:far", speed=10.0, course=90.0, party="B")
    scene.tick(700)
    scene.hear(11.0, track="x:near", party="")
    assert scene.watch.tracks.labels[0].party == ""
    assert standing(scene, "x:near") is Standing.OUTSIDE


# ------------------------------------------------------------------ more than one


def test_two_zones_are_told_apart() -> None:
    scene = Scene()
    scene.declare(zone("west", centre=place(bearing_deg=270.0, range_m=20_000.0)))
    scene.declare(zone("east", centre=place(bearing_deg=90.0, range_m=20_000.0)))
    effects = scene.hear(15.0, bearing_deg=90.0)
    assert [(each.zone, each.outcome) for each in effects if isinstance(each, Crossed)] == [
        ("east", Outcome.ENTERED)
    ]


def test_the_zone_at_tanf_holds_its_own_centre() -> None:
    scene = Scene()
    scene.declare(zone(radius_m=55_000.0))
    scene.hear(0.0)
    assert scene.alert(AlertKind.ENTRY).first.distance_m == pytest.approx(-55_000.0, abs=0.01)
    assert TANF.latitude_deg == 33.4967
