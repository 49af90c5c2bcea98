"""Notices as a calendar: held to RFC 5545 by a parser of the test's own, and never shorter than the windows are."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handmade_notices import CONVOY, DRILL, HANDMADE, HOSPITAL, STRIKES
from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Instant, Window, instant_of
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.notice import Notice
from keepclear.formats.notice.noticecalendar import NOTICES_MAX, Calendar, Entry, notice_calendar
from notices import notices

NOW = instant_of("2018-09-04T15:20:00.900Z")

# RFC 5545, 3.1: contentline = name ":" value CRLF, for names without parameters; values without controls.
CONTENT_LINE = re.compile(r"([A-Z-]+):([^\x00-\x08\x0a-\x1f\x7f]*)")
UTC_TIME = re.compile(r"\d{8}T\d{6}Z")
ESCAPED = re.compile(r"(?:[^\\;,]|\\[\\;,nN])*")
KNOWN = {
    "UID",
    "DTSTAMP",
    "SEQUENCE",
    "DTSTART",
    "DTEND",
    "SUMMARY",
    "LOCATION",
    "DESCRIPTION",
    "CONTACT",
    "CLASS",
    "STATUS",
}


@dataclass(frozen=True)
class Event:
    """A VEVENT as any reader of calendars would take it."""

    fields: dict[str, str]

    @property
    def start(self) -> datetime:
        return self._time("DTSTART")

    @property
    def end(self) -> datetime:
        return self._time("DTEND") if "DTEND" in self.fields else self.start

    def text(self, name: str) -> str:
        return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], self.fields[name])

    def _time(self, name: str) -> datetime:
        return datetime.strptime(self.fields[name], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def parsed(raw: bytes) -> list[Event]:
    """The events of a calendar; fails where RFC 5545 is not kept."""
    assert raw.endswith(b"\r\n")
    lines = raw[:-2].split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    for line in lines:
        line.decode()
    unfolded = raw.decode().replace("\r\n ", "").split("\r\n")[:-1]
    found = [CONTENT_LINE.fullmatch(line) for line in unfolded]
    assert all(found), [line for line, match in zip(unfolded, found, strict=True) if not match]
    pairs = [(match[1], match[2]) for match in found if match]
    assert pairs[0] == ("BEGIN", "VCALENDAR")
    assert pairs[-1] == ("END", "VCALENDAR")
    assert ("VERSION", "2.0") in pairs
    assert sum(name == "PRODID" for name, _ in pairs) == 1
    events: list[Event] = []
    inside: dict[str, str] | None = None
    for name, value in pairs[1:-1]:
        if (name, value) == ("BEGIN", "VEVENT"):
            assert inside is None
            inside = {}
        elif (name, value) == ("END", "VEVENT"):
            assert inside is not None
            events.append(Event(inside))
            inside = None
        elif inside is not None:
            assert name in KNOWN
            assert name not in inside
            inside[name] = value
    for event in events:
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= set(event.fields)
        for name in ("DTSTAMP", "DTSTART", "DTEND"):
            assert UTC_TIME.fullmatch(event.fields.get(name, "20180906T000000Z"))
        for name in ("SUMMARY", "LOCATION", "DESCRIPTION", "CONTACT"):
            assert ESCAPED.fullmatch(event.fields.get(name, ""))
        assert "DTEND" not in event.fields or event.end > event.start
    return events


def calendar(*found: Notice, language: Language = Language.EN, giver: str = "B") -> Calendar:
    return notice_calendar([Entry(notice=each) for each in found], giver=giver, language=language, now=NOW)


def moment(at: Instant) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)


@settings(max_examples=60, deadline=None)
@given(found=st.lists(notices(), max_size=3), language=st.sampled_from(list(Language)))
def test_any_notices_make_a_calendar_that_keeps_the_standard_and_no_window_is_shortened(
    found: list[Notice], language: Language
) -> None:
    made = calendar(*found, language=language)
    events = parsed(made.raw)
    windows = [
        each.window
        for notice in found
        for each in notice.extents
        if each.window.start != FIRST and each.window.end != FOREVER
    ]
    shown = [event for event in events if "LOCATION" in event.fields]
    for event, window in zip(shown, windows, strict=True):
        early = (moment(window.start) - event.start).total_seconds()
        late = (event.end - moment(window.end)).total_seconds()
        assert 0 <= early < 1
        assert 0 <= late < 1


def test_the_strikes_note_stands_in_the_calendar_with_its_hours_and_words() -> None:
    north, way = parsed(calendar(STRIKES, language=Language.FR).raw)
    assert (north.fields["DTSTART"], north.fields["DTEND"]) == ("20180906T090000Z", "20180906T123000Z")
    assert north.text("SUMMARY") == (
        "2018-09-06/2 · Activité dangereuse · north, zone d'impact : rester à l'écart"
    )
    assert north.text("LOCATION") == "37S DT 516 193"
    assert north.text("DESCRIPTION") == "Écart possible des heures: 10 min"
    assert "DESCRIPTION" not in way.fields
    assert north.fields["DTSTAMP"] == "20180904T152000Z"
    assert north.text("CONTACT") == "B"


def test_waypoints_stand_in_the_calendar_beside_the_legs() -> None:
    titles = [event.text("SUMMARY") for event in parsed(calendar(CONVOY).raw)]
    assert [title.split(" · ")[-1] for title in titles] == [
        "leg 1, leg of the route",
        "leg 2, leg of the route",
        "Waypoint Rukban",
        "Waypoint مفرق التنف",
        "Waypoint gate",
    ]


def test_what_does_not_say_when_is_named_and_is_no_event() -> None:
    made = calendar(HOSPITAL, STRIKES)
    assert made.undated == (("site 7", "clinic"),)
    assert len(parsed(made.raw)) == 2


def test_a_later_version_takes_the_place_of_an_earlier_and_nothing_else_does() -> None:
    def events(*entries: Entry, giver: str = "B") -> list[Event]:
        return parsed(notice_calendar(entries, giver=giver, language=Language.EN, now=NOW).raw)

    first = events(Entry(notice=STRIKES))
    later = events(Entry(notice=STRIKES, version=3, withdrawn=True))
    assert [each.fields["UID"] for each in first] == [each.fields["UID"] for each in later]
    assert [each.fields["SEQUENCE"] for each in first + later] == ["0", "0", "3", "3"]
    assert [each.fields.get("STATUS") for each in first + later] == [None, None, "CANCELLED", "CANCELLED"]
    others = [*first, *events(Entry(notice=STRIKES), giver="A"), *events(Entry(notice=DRILL))]
    assert len({each.fields["UID"] for each in others}) == len(others)


def test_a_window_without_length_is_an_event_without_length() -> None:
    at = instant_of("2018-09-06T09:00:00Z")
    still = replace(STRIKES, extents=(replace(STRIKES.extents[0], window=Window(start=at, end=at)),))
    (event,) = parsed(calendar(still).raw)
    assert "DTEND" not in event.fields
    off = replace(STRIKES.extents[0], window=Window(start=at, end=Instant(at + 1)))
    (event,) = parsed(calendar(replace(STRIKES, extents=(off,))).raw)
    assert event.fields["DTEND"] == "20180906T090001Z"


def test_what_a_party_wrote_cannot_end_a_line_or_begin_an_event() -> None:
    evil = replace(STRIKES, designation="a;b,c\\n:END:VEVENT")
    made = calendar(evil, giver="x\r\nBEGIN:VEVENT\nDTSTART:1")
    assert [each.text("SUMMARY").split(" · ")[0] for each in parsed(made.raw)] == ["a;b,c\\n:END:VEVENT"] * 2


def test_no_calendar_calls_anything_confirmed() -> None:
    assert b"CONFIRMED" not in calendar(*HANDMADE).raw


def test_more_notices_than_a_calendar_holds_are_refused() -> None:
    entries = [Entry(notice=HOSPITAL)] * NOTICES_MAX
    assert len(notice_calendar(entries, giver="B", language=Language.EN, now=NOW).undated) == NOTICES_MAX
    with pytest.raises(Refused, match="1000"):
        notice_calendar([*entries, Entry(notice=HOSPITAL)], giver="B", language=Language.EN, now=NOW)
