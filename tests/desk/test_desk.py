"""The desk: evidence goes into the record before anyone is shown it, and says what it should."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.watch.alert import AlertId, ResponseStep, Step
from keepclear.core.watch.alert_list import AlertChanged
from keepclear.core.watch.event import (
    Crossed,
    ReportsArrived,
    StepTaken,
    Ticked,
    TimeJumped,
    TracksForgotten,
    ZoneDeclared,
    ZonesChanged,
    ZoneWithdrawn,
)
from keepclear.core.watch.report import Report, TrackName, reports_of
from keepclear.core.watch.zone import ZoneName
from keepclear.desk import Append, Desk, DeskEffect, Show
from keepclear.formats.stored.snapshot import snapshot_bytes
from plays import Play, events_of, plays
from scene import FEED, START, place, seconds, zone


def inside(at: Instant = START) -> ReportsArrived:
    there = place(bearing_deg=90.0, range_m=8_000.0)
    row = Report(
        track=TrackName("x:one"),
        time_ms=at,
        latitude_deg=there.latitude_deg,
        longitude_deg=there.longitude_deg,
        accuracy_m=10.0,
    )
    return ReportsArrived(reports=reports_of(FEED, [row]))


def kinds(effects: list[DeskEffect]) -> list[str]:
    return [effect.kind if isinstance(effect, Append) else "show" for effect in effects]


def test_what_happened_is_appended_before_it_is_shown() -> None:
    desk = Desk()
    assert kinds(desk.step(ZoneDeclared(zone=zone(), by="officer"), now=START)) == ["zone.declared", "show"]
    assert kinds(desk.step(inside(), now=START)) == ["watch.crossing", "show", "alert.raised", "show"]
    done = ResponseStep(step=Step.ACKNOWLEDGE, at=START, by="officer")
    taken = desk.step(StepTaken(alert=AlertId("AL-1"), done=done), now=START)
    assert kinds(taken) == ["alert.acknowledge", "show"]
    withdrawn = desk.step(ZoneWithdrawn(name=ZoneName("Tanf"), by="officer"), now=START)
    assert kinds(withdrawn) == ["zone.withdrawn", "show", "watch.crossing", "show", "alert.cleared", "show"]


@settings(max_examples=20)
@given(plays())
def test_every_change_that_is_shown_has_its_entry_just_before_it(play: Play) -> None:
    desk = Desk()
    for now, event in events_of(play):
        effects = desk.step(event, now=now)
        for before, effect in zip([None, *effects], effects, strict=False):
            match effect:
                case Show(change=TracksForgotten()):
                    assert not isinstance(before, Append)
                case Show(change=AlertChanged() as changed):
                    assert isinstance(before, Append)
                    body = json.loads(before.body)
                    assert (body["alert"], body["stage"]) == (changed.alert.id, changed.alert.stage.value)
                    assert body["evidence"]["words"]
                case Show(change=Crossed() as crossed):
                    assert isinstance(before, Append)
                    assert json.loads(before.body)["outcome"] == crossed.outcome.value
                case Show(change=ZonesChanged() as changed):
                    assert isinstance(before, Append)
                    assert json.loads(before.body)["zone"] == changed.name
                case _:
                    assert isinstance(effect, Append)
                    assert effect.at == now


def test_an_entry_tells_where_the_track_was_in_whole_numbers() -> None:
    desk = Desk()
    desk.step(ZoneDeclared(zone=zone(), by="officer"), now=START)
    crossing = desk.step(inside(), now=START)[0]
    assert isinstance(crossing, Append)
    body = json.loads(crossing.body)
    there = place(bearing_deg=90.0, range_m=8_000.0)
    assert body["evidence"]["latitude_e7"] == round(there.latitude_deg * 1e7)
    assert body["evidence"]["longitude_e7"] == round(there.longitude_deg * 1e7)
    assert body["evidence"]["distance_cm"] == -200_000
    assert "altitude_cm" not in body["evidence"]
    assert body["outcome"] == "entered"
    assert body["at_ms"] == START


def test_a_step_stands_in_the_record_with_who_and_why() -> None:
    desk = Desk()
    desk.step(ZoneDeclared(zone=zone(), by="officer"), now=START)
    desk.step(inside(), now=START)
    done = ResponseStep(step=Step.CLOSE, at=START, by="officer", reason="exercise")
    entry = desk.step(StepTaken(alert=AlertId("AL-1"), done=done), now=START)[0]
    assert isinstance(entry, Append)
    body = json.loads(entry.body)
    assert (body["stage"], body["step"]["by"], body["step"]["reason"]) == ("closed", "officer", "exercise")


def test_what_is_refused_changes_nothing() -> None:
    desk = Desk()
    desk.step(ZoneDeclared(zone=zone(), by="officer"), now=START)
    desk.step(inside(), now=START)
    before = snapshot_bytes(desk.watch)
    for event in (
        ZoneWithdrawn(name=ZoneName("Erg"), by="officer"),
        StepTaken(alert=AlertId("AL-9"), done=ResponseStep(step=Step.CLOSE, at=START, by="officer")),
        StepTaken(alert=AlertId("AL-1"), done=ResponseStep(step=Step.WARN, at=START, by="officer")),
        StepTaken(alert=AlertId("AL-1"), done=ResponseStep(step=Step.CLOSE, at=START, by="officer")),
    ):
        with pytest.raises(Refused):
            desk.step(event, now=START)
    assert snapshot_bytes(desk.watch) == before


def test_a_quiet_tick_asks_for_nothing() -> None:
    desk = Desk()
    desk.step(ZoneDeclared(zone=zone(), by="officer"), now=START)
    assert desk.step(Ticked(), now=START) == []


def test_a_jump_in_time_drops_what_was_seen_and_keeps_what_was_declared() -> None:
    desk = Desk()
    desk.step(ZoneDeclared(zone=zone(), by="officer"), now=START)
    desk.step(inside(), now=START)
    back = Instant(START - seconds(3_600))
    assert kinds(desk.step(TimeJumped(to=back), now=back)) == ["replay.jumped", "show"]
    assert len(desk.watch.tracks) == 0
    assert list(desk.watch.zones) == ["Tanf"]
    assert not desk.watch.alerts.alerts
    # The zone is in force again with the first thing that happens, and an entry is an entry again.
    assert kinds(desk.step(inside(back), now=back)) == ["watch.crossing", "show", "alert.raised", "show"]
