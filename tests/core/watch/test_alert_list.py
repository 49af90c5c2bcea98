"""The alert list: what merges, what splits, what time does, what reopens and what is dropped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keepclear.core.errors import Refused
from keepclear.core.instant import MINUTE_MS, Instant
from keepclear.core.watch.alert import (
    AlertId,
    AlertKind,
    Evidence,
    Priority,
    ResponseStep,
    Stage,
    Step,
)
from keepclear.core.watch.alert_list import MEMBERS_MAX, AlertChanged, AlertList, Finding
from keepclear.core.watch.report import PartyName, TrackName
from keepclear.core.watch.zone import ZoneName
from scene import START

B = PartyName("B")


def at(after_s: float) -> Instant:
    return Instant(START + round(after_s * 1000))


def finding(
    track: str = "x:one",
    kind: AlertKind = AlertKind.APPROACH,
    *,
    priority: Priority = Priority.WARNING,
    party: str = "B",
    axis_deg: float = 90.0,
    zone: str = "Tanf",
) -> Finding:
    words = f"{track} {kind.value}"
    return Finding(
        kind=kind,
        zone=ZoneName(zone),
        subject=track,
        party=PartyName(party),
        priority=priority,
        words=words,
        evidence=Evidence(at=START, track=TrackName(track), words=words),
        axis_deg=axis_deg,
    )


def clear(alerts: AlertList, what: Finding, after_s: float) -> list[AlertChanged]:
    return alerts.clear(what.cause, words="gone", evidence=what.evidence, now=at(after_s))


def step(alerts: AlertList, step: Step, after_s: float, alert_id: str = "AL-1") -> None:
    done = ResponseStep(step=step, at=at(after_s), by="officer", channel="line", reason="why", second="other")
    alerts.step(AlertId(alert_id), done)


def only(changes: list[AlertChanged]) -> AlertChanged:
    assert len(changes) == 1
    return changes[0]


# ------------------------------------------------------------------ merging and splitting


@pytest.mark.parametrize(
    ("other", "merges"),
    [
        (finding("x:two"), True),
        (finding("x:two", axis_deg=110.0), True),
        (finding("x:two", axis_deg=110.1), False),
        (finding("x:two", party="C"), False),
        (finding("x:two", zone="Rukban"), False),
        (finding("x:two", AlertKind.ENTRY), False),
    ],
)
def test_tracks_of_one_party_on_one_axis_at_one_zone_merge(other: Finding, *, merges: bool) -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    alerts.find(other, now=at(1))
    assert len(alerts.alerts) == (1 if merges else 2)
    assert alerts.alerts[AlertId("AL-1")].tracks == (("x:one", "x:two") if merges else ("x:one",))


def test_an_axis_is_measured_across_north() -> None:
    alerts = AlertList()
    alerts.find(finding(axis_deg=-175.0), now=at(0))
    alerts.find(finding("x:two", axis_deg=170.0), now=at(1))
    assert len(alerts.alerts) == 1


def test_tracks_of_unknown_party_never_merge() -> None:
    alerts = AlertList()
    alerts.find(finding(party=""), now=at(0))
    alerts.find(finding("x:two", party=""), now=at(1))
    assert len(alerts.alerts) == 2


def test_a_new_member_returns_an_acknowledged_alert_to_people() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    step(alerts, Step.ACKNOWLEDGE, 1)
    joined = only(alerts.find(finding("x:two"), now=at(2)))
    assert (joined.alert.stage, joined.alert.since) == (Stage.RAISED, at(2))


def test_a_full_alert_takes_no_more_members() -> None:
    alerts = AlertList()
    for number in range(MEMBERS_MAX + 1):
        alerts.find(finding(f"x:{number}"), now=at(0))
    assert [len(alert.tracks) for alert in alerts.alerts.values()] == [MEMBERS_MAX, 1]


def test_a_member_that_enters_splits_from_those_that_approach() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    alerts.find(finding("x:two"), now=at(1))
    rest, entered = alerts.find(finding("x:two", AlertKind.ENTRY, priority=Priority.ALARM), now=at(2))
    assert (rest.alert.id, rest.alert.tracks, rest.alert.kind) == ("AL-1", ("x:one",), AlertKind.APPROACH)
    assert (entered.alert.id, entered.alert.tracks, entered.alert.kind) == (
        "AL-2",
        ("x:two",),
        AlertKind.ENTRY,
    )
    # The one that is left goes where its like are when it enters too, and what it leaves is over.
    left, joined = alerts.find(finding(kind=AlertKind.ENTRY, priority=Priority.ALARM), now=at(3))
    assert (joined.alert.id, joined.alert.tracks) == ("AL-2", ("x:two", "x:one"))
    assert (left.change, left.alert.id, left.alert.holding) == ("merged", "AL-1", ())
    assert (left.alert.stage, left.alert.closed) == (Stage.CLOSED, at(3))
    assert left.alert.words.endswith("goes on as AL-2")


def test_an_alert_closed_by_reason_whose_member_joins_another_stays_closed() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    alerts.find(finding("x:two", AlertKind.ENTRY, priority=Priority.ALARM), now=at(1))
    alerts.step(
        AlertId("AL-1"), ResponseStep(step=Step.CLOSE, at=at(2), by="M. Haddad", reason="known to us")
    )
    left, joined = alerts.find(finding(kind=AlertKind.ENTRY, priority=Priority.ALARM), now=at(3))
    assert (left.alert.stage, left.alert.closed) == (Stage.CLOSED, at(2))
    assert joined.alert.tracks == ("x:two", "x:one")


def test_what_becomes_certain_changes_the_words_and_asks_nobody_again() -> None:
    alerts = AlertList()
    alerts.find(finding(kind=AlertKind.ENTRY, priority=Priority.ALARM), now=at(0))
    step(alerts, Step.ACKNOWLEDGE, 1)
    sure = replace(finding().evidence, words="now certainly inside")
    confirmed = only(alerts.confirm(finding().cause, sure))
    assert (confirmed.change, confirmed.alert.words) == ("confirmed", "now certainly inside")
    assert confirmed.alert.stage is Stage.ACKNOWLEDGED
    assert alerts.confirm(finding("x:other").cause, sure) == []


def test_an_alert_is_cleared_when_its_last_member_is() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    alerts.find(finding("x:two"), now=at(0))
    assert only(clear(alerts, finding(), 5)).alert.cleared is None
    assert only(clear(alerts, finding("x:two"), 6)).alert.cleared == at(6)
    assert clear(alerts, finding("x:two"), 7) == []


# ------------------------------------------------------------------ what is new and what is not


def test_the_same_finding_again_says_nothing() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    assert alerts.find(finding(), now=at(1)) == []
    assert alerts.find(finding(priority=Priority.CAUTION), now=at(2)) == []


def test_a_higher_priority_is_new_and_the_priority_never_falls_while_it_holds() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    step(alerts, Step.ACKNOWLEDGE, 1)
    worse = only(alerts.find(finding(priority=Priority.ALARM), now=at(2)))
    assert (worse.change, worse.alert.stage, worse.alert.priority) == (
        "worsened",
        Stage.RAISED,
        Priority.ALARM,
    )
    assert alerts.find(finding(), now=at(3)) == []


def test_an_alert_closed_by_reason_comes_back_when_its_track_enters() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    step(alerts, Step.CLOSE, 1)
    assert alerts.find(finding(), now=at(2)) == []
    entered = only(alerts.find(finding(kind=AlertKind.ENTRY, priority=Priority.ALARM), now=at(3)))
    assert (entered.alert.id, entered.alert.stage, entered.alert.closed) == ("AL-1", Stage.RAISED, None)


def test_a_member_that_returns_does_not_lower_the_priority_of_those_that_stayed() -> None:
    alerts = AlertList()
    alerts.find(finding(priority=Priority.ALARM), now=at(0))
    alerts.find(finding("x:two"), now=at(0))
    clear(alerts, finding("x:two"), 10)
    back = only(alerts.find(finding("x:two"), now=at(20)))
    assert (back.change, back.alert.priority) == ("reopened", Priority.ALARM)


# ------------------------------------------------------------------ time


def test_a_warning_not_acknowledged_for_a_minute_rises_to_an_alarm() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    assert alerts.tick(now=at(59.999)) == []
    risen = only(alerts.tick(now=at(60)))
    assert (risen.change, risen.alert.priority, risen.alert.stage) == ("risen", Priority.ALARM, Stage.RAISED)


def test_a_warning_that_keeps_gaining_members_rises_all_the_same() -> None:
    alerts = AlertList()
    for number in range(5):
        alerts.find(finding(f"x:{number}"), now=at(20 * number))
    assert only(alerts.tick(now=at(80))).change == "risen"


def test_a_caution_that_becomes_a_warning_has_its_own_minute() -> None:
    alerts = AlertList()
    alerts.find(finding(priority=Priority.CAUTION), now=at(0))
    alerts.find(finding(), now=at(100))
    assert alerts.tick(now=at(159)) == []
    assert only(alerts.tick(now=at(160))).change == "risen"


def test_a_caution_and_an_acknowledged_warning_do_not_rise() -> None:
    alerts = AlertList()
    alerts.find(finding(priority=Priority.CAUTION), now=at(0))
    alerts.find(finding("x:two", zone="Rukban"), now=at(0))
    step(alerts, Step.ACKNOWLEDGE, 1, "AL-2")
    assert alerts.tick(now=at(299)) == []


@pytest.mark.parametrize(
    ("priority", "limit_s"), [(Priority.CAUTION, 300), (Priority.WARNING, 300), (Priority.ALARM, 120)]
)
def test_an_acknowledged_alert_without_a_next_step_returns(priority: Priority, limit_s: int) -> None:
    alerts = AlertList()
    alerts.find(finding(priority=priority), now=at(0))
    step(alerts, Step.ACKNOWLEDGE, 10)
    assert alerts.tick(now=at(10 + limit_s - 0.001)) == []
    back = only(alerts.tick(now=at(10 + limit_s)))
    assert (back.change, back.alert.stage, back.alert.since) == ("unattended", Stage.RAISED, at(10 + limit_s))


def test_a_next_step_keeps_an_acknowledged_alert_from_returning() -> None:
    alerts = AlertList()
    alerts.find(finding(priority=Priority.ALARM), now=at(0))
    step(alerts, Step.ACKNOWLEDGE, 10)
    step(alerts, Step.WARN, 100)
    assert alerts.tick(now=at(10_000)) == []


def test_an_advice_without_an_answer_for_three_minutes_asks_for_a_warning_once() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    step(alerts, Step.ACKNOWLEDGE, 10)
    step(alerts, Step.ADVISE, 20)
    assert alerts.tick(now=at(199.999)) == []
    prompted = only(alerts.tick(now=at(200)))
    assert (prompted.change, prompted.alert.prompted, prompted.alert.stage) == (
        "prompted",
        True,
        Stage.ADVISED,
    )
    assert alerts.tick(now=at(1_000)) == []
    step(alerts, Step.WARN, 1_001)
    assert not alerts.alerts[AlertId("AL-1")].prompted


def test_time_does_nothing_more_to_an_alert_whose_condition_is_cleared() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    clear(alerts, finding(), 10)
    assert alerts.tick(now=at(3_600)) == []
    assert alerts.alerts[AlertId("AL-1")].open


# ------------------------------------------------------------------ lapsing, reopening, dropping


def test_a_caution_lapses_when_its_condition_ends_and_a_warning_waits_for_a_person() -> None:
    alerts = AlertList()
    alerts.find(finding(priority=Priority.CAUTION), now=at(0))
    alerts.find(finding("x:two", zone="Rukban"), now=at(0))
    assert only(clear(alerts, finding(), 5)).alert.stage is Stage.CLOSED
    assert only(clear(alerts, finding("x:two", zone="Rukban"), 5)).alert.stage is Stage.RAISED


def test_a_caution_that_someone_is_working_on_does_not_lapse() -> None:
    alerts = AlertList()
    alerts.find(finding(priority=Priority.CAUTION), now=at(0))
    step(alerts, Step.ACKNOWLEDGE, 1)
    step(alerts, Step.ADVISE, 2)
    assert only(clear(alerts, finding(), 5)).alert.stage is Stage.ADVISED


@pytest.mark.parametrize(("after_ms", "same"), [(10 * MINUTE_MS, True), (10 * MINUTE_MS + 1, False)])
def test_a_cause_reopens_its_alert_within_ten_minutes(after_ms: int, *, same: bool) -> None:
    alerts = AlertList()
    alerts.find(finding(priority=Priority.CAUTION), now=at(0))
    clear(alerts, finding(), 5)
    again = Instant(at(5) + after_ms)
    alerts.tick(now=again)
    changed = only(alerts.find(finding(), now=again))
    assert (changed.alert.id, changed.change) == (("AL-1", "reopened") if same else ("AL-2", "raised"))


def test_a_closed_alert_is_kept_while_its_cause_lasts_and_dropped_ten_minutes_after() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    step(alerts, Step.CLOSE, 1)
    alerts.tick(now=at(3_600))
    assert alerts.find(finding(), now=at(3_601)) == []
    clear(alerts, finding(), 3_602)
    alerts.tick(now=at(4_202))
    assert AlertId("AL-1") in alerts.alerts
    alerts.tick(now=at(4_202.001))
    assert not alerts.alerts
    assert not alerts.causes


def test_an_open_alert_is_never_dropped() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    clear(alerts, finding(), 1)
    alerts.tick(now=at(1_000_000))
    assert list(alerts.alerts) == ["AL-1"]


def test_a_step_on_an_alert_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused, match="AL-7 is not in the alert list"):
        step(AlertList(), Step.ACKNOWLEDGE, 0, "AL-7")


def test_a_refused_step_changes_nothing() -> None:
    alerts = AlertList()
    alerts.find(finding(), now=at(0))
    before = replace(alerts.alerts[AlertId("AL-1")])
    with pytest.raises(Refused):
        alerts.step(AlertId("AL-1"), ResponseStep(step=Step.WARN, at=at(1), by="officer"))
    assert alerts.alerts[AlertId("AL-1")] == before
