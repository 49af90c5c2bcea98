"""Notices in scenario files: times in place of milliseconds, corridors, zones called otherwise, and reports."""

from __future__ import annotations

import pytest

from keepclear.core.errors import Refused
from keepclear.core.instant import instant_of
from keepclear.core.line.plot.shape import CorridorShape
from keepclear.core.notice.event import Giver, Report
from keepclear.core.notice.movement import Movement
from keepclear.core.watch.report import PartyName
from keepclear.core.watch.zone import Zone
from keepclear.formats.notice.noticejson import notice_of
from keepclear.formats.notice.zonebounds import bounds_of
from keepclear.formats.scenario.scenario import Scenario
from keepclear.formats.scenario.scenariofile import scenario_of
from keepclear.formats.scenario.scenarioline import ScriptedMessage

HEAD = """
title = "A convoy"
start = 2018-09-07T05:00:00Z
end = 2018-09-07T09:00:00Z
own = "A"
[[party]]
name = "A"
role = "own"
[[party]]
name = "B"
role = "other"
[[party]]
name = "OCHA"
role = "other"
[[zone]]
name = "ROUTE"
kind = "corridor"
declared_by = "OCHA"
basis = "notified"
corridor = { line = ["33.49 N 38.61 E", "33.32 N 38.70 E"], half_width_km = 1.5 }
admitted = ["A", "OCHA"]
[line]
name = "tanf"
parties = ["A", "B"]
officers = [{ name = "M", post = "watch", party = "A" }, { name = "N", post = "watch", party = "B" }]
"""
CONVOY = """
[[message]]
id = "convoy"
at = "T+00:10"
from = "A"
kind = "notify"
text = "A convoy."
zones = [{ name = "ROUTE", called = "LEG", from = "T+01:00", until = "T+03:00" }]
[message.notice]
designation = "C-1"
kind = "humanitarian-movement"
waypoints = [
    { name = "POST", opens_ms = "T+01:00", closes_ms = "T+01:20" },
    { name = "CAMP", opens_ms = 2018-09-07T07:00:00Z, closes_ms = "T+03:00" },
]
headcount = 9
vehicles = 3
cargo = "food"
escort = "none"
contacts = [{ name = "Lead", satellite = ["+881600000001"] }, { name = "Desk", phones = ["+962600000"] }]
check_in_ms = 1800000
extents = [{ place = "LEG", role = "route" }]
[[message]]
id = "left"
at = "T+01:10"
from = "A"
kind = "notify"
text = "It has left."
refs = [{ id = "convoy", how = "about" }]
report = "departed"
"""


def messages(text: str) -> tuple[ScriptedMessage, ...]:
    scenario: Scenario = scenario_of((HEAD + text).encode())
    assert scenario.line is not None
    return scenario.line.messages


def test_times_of_a_scripted_notice_stand_where_its_part_has_milliseconds() -> None:
    convoy, left = messages(CONVOY)
    assert convoy.notice is not None
    notice = notice_of(convoy.notice, convoy.places)
    assert isinstance(notice.body, Movement)
    assert [each.opens for each in notice.body.waypoints] == [
        instant_of("2018-09-07T06:00:00Z"),
        instant_of("2018-09-07T07:00:00Z"),
    ]
    assert notice.body.check_in_ms == 1_800_000
    assert [each.name for each in convoy.places] == ["LEG"]
    assert (left.notice, left.report) == (None, Report.DEPARTED)


def test_a_corridor_of_a_message_is_drawn_as_it_is_written() -> None:
    (message,) = messages(
        '[[message]]\nid = "way"\nat = "T+00:10"\nfrom = "B"\nkind = "notify"\ntext = "There."\n'
        'corridors = [{ name = "WAY", line = ["34.0 N 38.0 E", "33.5 N 38.6 E"], half_width_km = 2.5 }]\n'
    )
    (place,) = message.places
    assert isinstance(place.shape, CorridorShape)
    assert place.shape.half_width_cm == 250_000


@pytest.mark.parametrize(
    ("there", "instead", "code"),
    [
        ('designation = "C-1"', 'designation = ""', "fields.unfit"),
        ('{ place = "LEG", role', '{ place = "ROUTE", role', "notice.places"),
        ("headcount = 9", "headcount = 9.5", "json.number"),
        ('opens_ms = "T+01:00"', 'opens_ms = "soon"', "instant.unreadable"),
        ("vehicles = 3", "vehicles = 3\ntarget = 1", "fields.unknown"),
    ],
)
def test_a_scripted_notice_that_the_line_would_refuse_is_refused_when_the_file_is_read(
    there: str, instead: str, code: str
) -> None:
    with pytest.raises(Refused, match="message 1") as refused:
        messages(CONVOY.replace(there, instead))
    assert refused.value.code == code


def test_who_is_admitted_to_a_zone_is_known_on_the_line_too() -> None:
    zone: Zone = scenario_of((HEAD + CONVOY).encode()).zones[0].zone
    assert PartyName("A") in zone.admitted
    assert bounds_of(zone).admitted == {Giver("a"), Giver("ocha")}
