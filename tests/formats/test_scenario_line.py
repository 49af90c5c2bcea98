"""The line of a scenario: what a file says is what is played; what a line would refuse is refused when it is read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keepclear.core.errors import Refused
from keepclear.core.instant import MINUTE_MS, Duration, Instant, instant_of
from keepclear.core.line.message import Flag, How, Kind, Precedence, Response, Step
from keepclear.core.line.plot.shape import CircleShape
from keepclear.core.space.altitude import Datum
from keepclear.formats.scenario.scenario import Scenario
from keepclear.formats.scenario.scenariofile import scenario_of
from keepclear.formats.scenario.scenarioline import LineScript, ScriptedMessage

START = instant_of("2018-09-07T05:00:00Z")
HEAD = """
title = "A test"
start = 2018-09-07T05:00:00Z
end = 2018-09-07T06:00:00Z
own = "A"
[[party]]
name = "A"
role = "own"
[[party]]
name = "B"
role = "other"
[[party]]
name = "C"
role = "civil"
[[source]]
name = "radar"
seen_by = ["A", "B"]
[[source]]
name = "own"
[[zone]]
name = "ROUND"
declared_by = "A"
circle = { centre = "10 N 20 E", radius_km = 55 }
upper = { height_m = 4_500, datum = "agl" }
schedule = { from = "T+00:10", until = "T+00:20" }
"""
LINE = """
[line]
name = "north"
parties = ["A", "B"]
officers = [
    { name = "Ada", post = "watch officer", party = "A" },
    { name = "Ben", post = "usual contact", party = "B", away = [{ from = "T+00:10", until = "T+00:30" }] },
    { name = "Bea", post = "clerk", party = "B", empowered = false },
]
"""
ENTRY = """
[[message]]
id = "entry"
at = 2018-09-01T00:00:00Z
from = "B"
by = "Ben"
kind = "notify"
precedence = "immediate"
flag = "exercise"
language = "ru"
text = "Мы войдём в зону."
translation = { by = "Bea", language = "en", text = "We shall enter the zone." }
zones = [{ name = "ROUND", until = "T+00:40" }]
circles = [{ name = "CAMP", centre = "10.1 N 20.1 E", radius_km = 1.5, lower = { flight_level = 10 } }]
leave_s = 90
answers = [
    { step = "receipted" },
    { step = "responded", response = "noted", after_s = 60.5, by = "Ada", text = "Noted." },
]
"""
REPLY = """
[[message]]
id = "reply"
at = "T+00:05"
from = "A"
kind = "object"
refs = [{ id = "entry", how = "objects" }]
text = "No."
"""
VOICE = """
[[message]]
id = "voice"
at = "T+00:06"
from = "A"
kind = "warn"
text = "Keep out."
channel = "telephone"
typed_by = "Bea"
"""
REST = """
[[cut]]
from = "T+00:10"
until = "T+00:20"
[[stick]]
at = "T+00:15"
from = "A"
[[staff]]
party = "B"
stop = [{ step = "passed", echelon = "brigade", after_s = 30 }]
"""


def read(*tables: str) -> Scenario:
    return scenario_of("".join((HEAD, *tables)).encode())


def line(*tables: str) -> LineScript:
    script = read(LINE, *tables).line
    assert script is not None
    return script


def message(name: str, *tables: str) -> ScriptedMessage:
    return next(each for each in line(*tables).messages if each.id == name)


def at(minutes: int) -> Instant:
    return Instant(START + minutes * MINUTE_MS)


def test_a_scenario_without_a_line_has_none_and_one_with_a_line_names_its_parties_and_officers() -> None:
    assert read().line is None
    script = line()
    assert (script.name, script.parties) == ("north", ("A", "B"))
    assert (script.other(script.parties[0]), script.other(script.parties[1])) == ("B", "A")
    ada, ben, bea = script.officers
    assert [(each.name, each.post, each.party, each.empowered) for each in (ada, ben, bea)] == [
        ("Ada", "watch officer", "A", True),
        ("Ben", "usual contact", "B", True),
        ("Bea", "clerk", "B", False),
    ]
    assert [ben.present(at(minute)) for minute in (9, 10, 29, 30)] == [True, False, False, True]
    assert script.officers_of(script.parties[1]) == (ben, bea)


def test_a_message_says_what_the_file_says_with_its_zone_and_circle_in_whole_numbers() -> None:
    entry = message("entry", ENTRY)
    assert (entry.at, entry.sender, entry.by) == (instant_of("2018-09-01T00:00:00Z"), "B", "Ben")
    assert (entry.kind, entry.precedence, entry.flag) == (Kind.NOTIFY, Precedence.IMMEDIATE, Flag.EXERCISE)
    assert (entry.language, entry.text, entry.leave_ms) == ("ru", "Мы войдём в зону.", 90_000)
    assert entry.translation is not None
    assert (entry.translation.by, entry.translation.language) == ("Bea", "en")
    zone, camp = entry.places
    assert isinstance(zone.shape, CircleShape)
    assert isinstance(camp.shape, CircleShape)
    assert (zone.name, zone.shape.radius_cm, camp.name, camp.shape.radius_cm) == (
        "ROUND",
        5_500_000,
        "CAMP",
        150_000,
    )
    assert (camp.shape.centre.latitude_e7, camp.shape.centre.longitude_e7) == (101_000_000, 201_000_000)
    # The zone's own start holds; the end that the message gives stands in place of the zone's.
    assert (zone.from_time, zone.until_time) == (at(10), at(40))
    assert zone.upper is not None
    assert (zone.upper.height_cm, zone.upper.datum) == (450_000, Datum.AGL)
    assert camp.lower is not None
    assert (camp.lower.height_cm, camp.lower.datum) == (30_480, Datum.PRESSURE)


def test_answers_have_their_steps_delays_and_words() -> None:
    answers = message("entry", ENTRY).answers
    assert answers is not None
    assert [(each.step, each.after_ms, each.by, each.response) for each in answers] == [
        (Step.RECEIPTED, 0, "", None),
        (Step.RESPONDED, 60_500, "Ada", Response.NOTED),
    ]
    assert message("reply", ENTRY, REPLY).answers is None
    assert message("reply", ENTRY, REPLY).refs == (("entry", How.OBJECTS),)


def test_what_is_given_by_voice_names_who_types_it_in_and_needs_no_place() -> None:
    voice = message("voice", VOICE)
    assert (voice.typed_by, voice.channel, voice.places) == ("Bea", "telephone", ())


def test_cuts_sticks_and_staff_are_read_and_a_party_without_staff_does_nothing() -> None:
    script = line(REST)
    assert [script.is_cut(at(minute)) for minute in (9, 10, 19, 20)] == [False, True, True, False]
    assert [(stick.at, stick.sender) for stick in script.sticks] == [(at(15), "A")]
    own, other = (script.staff_of(party) for party in script.parties)
    assert (own.answers, own.stop, own.attends) == ((), (), False)
    assert [(each.step, each.echelon, each.after_ms) for each in other.stop] == [
        (Step.PASSED, "brigade", 30_000)
    ]
    assert other.attends


def test_a_source_feeds_the_own_node_alone_unless_it_says_whose() -> None:
    scenario = read(LINE)
    assert [scenario.seen_by(party.name) for party in scenario.parties] == [
        ("radar", "own"),
        ("radar",),
        (),
    ]


def test_a_mover_may_be_reported_by_several_sources_and_once_by_each() -> None:
    mover = """
[[mover]]
name = "M"
kind = "vehicle"
source = "radar"
also_by = ["own"]
path = [{ place = "10 N 20 E", at = "T+00:00" }, { place = "10 N 20.1 E", at = "T+00:30" }]
"""
    assert [each.source for each in read(mover).movers] == ["radar", "own"]
    with pytest.raises(Refused) as refused:
        read(mover.replace('["own"]', '["radar"]'))
    assert refused.value.code == "scenario.mover"


def changed(tables: str, old: str, new: str) -> str:
    assert old in tables
    return tables.replace(old, new, 1)


@pytest.mark.parametrize(
    ("tables", "code", "named"),
    [
        ((ENTRY,), "scenario.line", "add a table [line]"),
        ((REST,), "scenario.line", "add a table [line]"),
        ((changed(LINE, '"north"', '"North"'),), "checkpoint.origin", "North"),
        ((changed(LINE, '["A", "B"]', '["A", "A"]'),), "line.parties", "two parties"),
        ((changed(LINE, '["A", "B"]', '["C", "B"]'),), "line.party", "Ada"),
        ((changed(LINE, '["A", "B"]', '["A", "X"]'),), "line.party", "Ben"),
        ((changed(LINE, '"Ada"', '""'),), "line.officer", "officer 1"),
        ((changed(LINE, '"Ada"', f'"{"x" * 121}"'),), "line.officer", "120"),
        ((changed(LINE, '"Bea"', '"Ben"'),), "line.twice", "Ben"),
        ((LINE, changed(ENTRY, '"ROUND"', '"SQUARE"')), "message.zone", "SQUARE"),
        ((LINE, changed(ENTRY, '"CAMP"', '"ROUND"')), "place.twice", "ROUND"),
        ((LINE, changed(ENTRY, 'by = "Ben"', 'by = "Ada"')), "line.officer", "Ada"),
        ((LINE, changed(ENTRY, 'by = "Ada"', 'by = "Ben"')), "line.officer", "an answer to message entry"),
        ((LINE, changed(ENTRY, 'from = "B"', 'from = "C"')), "line.party", "message entry"),
        ((LINE, changed(ENTRY, '"notify"', '"acknowledge"')), "message.kind", "acknowledge"),
        ((LINE, changed(ENTRY, '"notify"', '"voice"')), "message.kind", "voice"),
        ((LINE, changed(ENTRY, "Мы войдём в зону.", "")), "message.textless", "must have a text"),
        ((LINE, changed(ENTRY, 'language = "ru"', 'language = "Russian"')), "message.text", "Russian"),
        ((LINE, changed(ENTRY, 'language = "en"', 'language = "English"')), "message.text", "English"),
        ((LINE, changed(ENTRY, "leave_s = 90", "leave_s = 90_000")), "scenario.seconds", "leave_s"),
        ((LINE, changed(ENTRY, 'response = "noted", ', "")), "answer.response", "responded"),
        ((LINE, changed(ENTRY, '"receipted"', '"passed"')), "answer.response", "echelon"),
        ((LINE, changed(REPLY, '"object"', '"notify"')), "message.placeless", "must name a zone"),
        ((LINE, REPLY), "line.refs", "entry"),
        ((LINE, ENTRY, changed(REPLY, '"objects"', '"about"')), "message.refs", "objects"),
        ((LINE, ENTRY, changed(REPLY, '"reply"', '"entry"')), "line.twice", "entry"),
        ((LINE, ENTRY, changed(REPLY, '"T+00:05"', "2018-08-01T00:00:00Z")), "line.order", "reply"),
        ((LINE, changed(VOICE, '"Bea"', '"Ada"')), "line.officer", "Ada"),
        ((LINE, VOICE, 'answers = [{ step = "receipted" }]'), "message.answers", "typing"),
        ((LINE, changed(changed(VOICE, '"warn"', '"stop"'), "Keep out.", "")), "message.textless", "voice"),
        ((LINE, changed(REST, 'from = "A"', 'from = "C"')), "line.party", "stick"),
        ((LINE, REST, '[[staff]]\nparty = "B"\n'), "line.twice", "B"),
        ((LINE, changed(REST, "after_s = 30", "after_s = -1")), "scenario.seconds", "after_s"),
        ((LINE, REST, "colour = 3"), "scenario.shape", "colour"),
    ],
)
def test_what_a_line_cannot_have_is_refused_by_its_name(
    tables: tuple[str, ...], code: str, named: str
) -> None:
    with pytest.raises(Refused) as refused:
        read(*tables)
    assert (refused.value.code, named in refused.value.message) == (code, True), refused.value.message


@pytest.mark.parametrize("after_ms", [-1, 24 * 60 * MINUTE_MS + 1])
def test_nobody_of_a_script_waits_for_more_than_a_day(after_ms: int) -> None:
    entry = message("entry", ENTRY)
    assert entry.answers is not None
    with pytest.raises(Refused) as left:
        replace(entry, leave_ms=Duration(after_ms))
    with pytest.raises(Refused) as answered:
        replace(entry.answers[0], after_ms=Duration(after_ms))
    assert (left.value.code, answered.value.code) == ("message.leave", "answer.after")


def test_a_line_must_join_the_scenarios_own_party() -> None:
    other = changed(changed(LINE, '["A", "B"]', '["C", "B"]'), 'party = "A"', 'party = "C"')
    with pytest.raises(Refused) as refused:
        read(other)
    assert refused.value.code == "scenario.line"


def test_a_line_and_a_source_name_parties_that_there_are() -> None:
    stranger = changed(changed(LINE, '["A", "B"]', '["A", "X"]'), 'party = "B"', 'party = "X"')
    stranger = changed(stranger, 'party = "B"', 'party = "X"')
    for tables in ((stranger,), ('[[source]]\nname = "far"\nseen_by = ["X"]\n',)):
        with pytest.raises(Refused) as refused:
            read(*tables)
        assert refused.value.code == "scenario.party"
