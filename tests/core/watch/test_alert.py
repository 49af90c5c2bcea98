"""What people do about an alert: the lifecycle, by hand and over every path of steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.watch.alert import (
    LIFECYCLE,
    NAME_LENGTH_MAX,
    REASON_LENGTH_MAX,
    Alert,
    AlertId,
    AlertKind,
    Change,
    Evidence,
    Priority,
    ResponseStep,
    Stage,
    Step,
    alert_line,
    lifecycle_table,
    take_step,
)
from keepclear.core.watch.alert_list import next_steps
from keepclear.core.watch.report import PartyName, TrackName
from keepclear.core.watch.zone import ZoneName
from scene import START

SEEN = Evidence(at=START, track=TrackName("x:one"), words="one inside zone Tanf")


def alert(stage: Stage = Stage.RAISED, *, cleared: Instant | None = None) -> Alert:
    return Alert(
        id=AlertId("AL-1"),
        kind=AlertKind.ENTRY,
        zone=ZoneName("Tanf"),
        party=PartyName("B"),
        tracks=(TrackName("x:one"),),
        holding=(TrackName("x:one"),),
        priority=Priority.ALARM,
        stage=stage,
        raised=START,
        since=START,
        words=SEEN.words,
        first=SEEN,
        latest=SEEN,
        cleared=cleared,
    )


def done(step: Step, *, after_s: int = 10, **said: str) -> ResponseStep:
    return ResponseStep(step=step, at=Instant(START + after_s * 1000), by=said.pop("by", "officer"), **said)


def test_acknowledging_silences_and_does_not_close() -> None:
    after = take_step(alert(), done(Step.ACKNOWLEDGE))
    assert (after.stage, after.open, after.closed) == (Stage.ACKNOWLEDGED, True, None)
    assert after.since == START + 10_000
    assert after.steps[-1].by == "officer"


@pytest.mark.parametrize("step", [Step.ADVISE, Step.WARN, Step.ESCALATE])
def test_no_step_but_acknowledging_and_closing_follows_an_alert_that_is_just_raised(step: Step) -> None:
    with pytest.raises(Refused, match="does not follow") as refused:
        take_step(alert(), done(step, channel="line", reason="why", second="other"))
    assert refused.value.code == "alert.step"


def test_an_alert_cannot_be_acknowledged_twice() -> None:
    with pytest.raises(Refused, match="does not follow"):
        take_step(alert(Stage.ACKNOWLEDGED), done(Step.ACKNOWLEDGE))


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CLOSED])
def test_closing_needs_a_reason_while_the_condition_holds_and_none_once_it_is_cleared(stage: Stage) -> None:
    with pytest.raises(Refused, match="needs a reason"):
        take_step(alert(stage), done(Step.CLOSE, reason="  "))
    assert take_step(alert(stage), done(Step.CLOSE, reason="exercise")).closed == START + 10_000
    assert take_step(alert(stage, cleared=START), done(Step.CLOSE)).stage is Stage.CLOSED


def test_escalating_needs_a_second_person_or_a_reason() -> None:
    with pytest.raises(Refused, match="second person") as refused:
        take_step(alert(Stage.ADVISED), done(Step.ESCALATE))
    assert refused.value.code == "alert.reason"
    assert (
        take_step(alert(Stage.ADVISED), done(Step.ESCALATE, second="duty officer")).stage is Stage.ESCALATED
    )
    assert take_step(alert(Stage.ADVISED), done(Step.ESCALATE, reason="alone")).stage is Stage.ESCALATED


@pytest.mark.parametrize("step", [Step.ADVISE, Step.WARN])
def test_advising_and_warning_name_the_channel(step: Step) -> None:
    with pytest.raises(Refused, match="names the channel"):
        take_step(alert(Stage.ACKNOWLEDGED), done(step))


def test_a_step_names_its_person() -> None:
    with pytest.raises(Refused, match="names the person"):
        take_step(alert(), done(Step.ACKNOWLEDGE, by=" "))


@pytest.mark.parametrize(
    ("field", "most"),
    [
        ("reason", REASON_LENGTH_MAX),
        ("text", REASON_LENGTH_MAX),
        ("by", NAME_LENGTH_MAX),
        ("second", NAME_LENGTH_MAX),
        ("channel", NAME_LENGTH_MAX),
        ("reception", NAME_LENGTH_MAX),
    ],
)
def test_each_text_of_a_step_has_its_limit(field: str, most: int) -> None:
    said = {"reason": "why", "channel": "line"}
    take_step(alert(), done(Step.CLOSE, **(said | {field: "x" * most})))
    with pytest.raises(Refused, match=field):
        take_step(alert(), done(Step.CLOSE, **(said | {field: "x" * (most + 1)})))


@given(st.lists(st.tuples(st.sampled_from(Step), st.booleans()), max_size=8))
def test_a_step_is_offered_exactly_when_it_is_taken(path: list[tuple[Step, bool]]) -> None:
    held = alert()
    for step, cleared in path:
        said = {"channel": "line", "reason": "" if cleared else "why", "second": "other"}
        now = Alert(
            **{name: getattr(held, name) for name in Alert.__slots__}
            | {"cleared": START if cleared else None}
        )
        if step in next_steps(now):
            held = take_step(now, done(step, **said))
            assert held.stage is LIFECYCLE[now.stage, step]
            assert held.steps[:-1] == now.steps
        else:
            with pytest.raises(Refused, match="does not follow"):
                take_step(now, done(step, **said))


def test_a_closed_alert_takes_no_step() -> None:
    assert next_steps(alert(Stage.CLOSED)) == ()


def test_every_stage_can_worsen_and_reopen_and_only_quiet_ones_lapse() -> None:
    assert all(LIFECYCLE[stage, Change.WORSENED] is Stage.RAISED for stage in Stage)
    assert all(LIFECYCLE[stage, Change.REOPENED] is Stage.RAISED for stage in Stage)
    lapsing = {stage for stage in Stage if (stage, Change.LAPSED) in LIFECYCLE}
    assert lapsing == {Stage.RAISED, Stage.ACKNOWLEDGED}


def test_every_open_alert_can_be_closed_by_a_person() -> None:
    assert all((stage, Step.CLOSE) in LIFECYCLE for stage in Stage if stage is not Stage.CLOSED)


def test_the_table_has_a_row_for_each_rule() -> None:
    assert len(lifecycle_table().splitlines()) == len(LIFECYCLE) + 2
    assert "| acknowledged | unattended | raised |" in lifecycle_table()


def test_an_alert_is_one_line() -> None:
    assert alert_line(alert()) == "2018-09-07T06:00:00.000Z AL-1 ALARM one inside zone Tanf"


@pytest.mark.parametrize("field", ["by", "reason", "channel", "text", "reception", "second"])
def test_a_text_that_the_record_cannot_hold_is_refused_before_the_alert_changes(field: str) -> None:
    said = {"by": "officer", field: "half of a pair: \ud800"}
    with pytest.raises(Refused, match=f"{field} holds half of a surrogate pair"):
        take_step(alert(), done(Step.ACKNOWLEDGE, **said))
