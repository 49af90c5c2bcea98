"""Notices as an iCalendar file: the windows of their extents and waypoints, for the calendars that people look at.

Out only: a calendar shows when, and says too little of where and how high to be a notice. Source: RFC 5545;
docs/notice-formats.md, "As a calendar".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, SECOND_MS, Instant, instant_text
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.movement import Movement
from keepclear.core.notice.notice import Notice
from keepclear.core.space.area import Area, Circle, Corridor, Polygon
from keepclear.core.space.geodesy import Position
from keepclear.formats.line.formnumbers import duration_text
from keepclear.formats.line.formwords import said
from keepclear.formats.line.noticewords import NOTICE_KINDS, NOTICE_LABELS, ROLES, NoticeLabel
from keepclear.formats.written.mgrs import mgrs_text

NOTICES_MAX: Final = 1_000
"""The most notices of one calendar."""

LINE_OCTETS_MAX: Final = 75
"""RFC 5545, 3.1: lines SHOULD NOT be longer, without the line break."""

_MGRS_FIGURES: Final = 3
"""100 m: enough to recognise a place by, and no position to act on."""

_ESCAPES: Final = (
    ("\\", "\\\\"),
    (";", "\\;"),
    (",", "\\,"),
    ("\r\n", "\\n"),
    ("\r", "\\n"),
    ("\n", "\\n"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A notice of a calendar: which version it is, counted from 0, and whether it was withdrawn."""

    notice: Notice
    version: int = 0
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A calendar in UTF-8, and what is not in it because it does not say when: designation and extent of each."""

    raw: bytes
    undated: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    """One VEVENT, still in our words."""

    entry: Entry
    key: str
    title: str
    start: Instant
    end: Instant
    place: str = ""
    details: str = ""


def notice_calendar(entries: Iterable[Entry], *, giver: str, language: Language, now: Instant) -> Calendar:
    """The windows of notices that ``giver`` gave, as an iCalendar file with words in a language.

    Starts are rounded down and ends up to the second, which is the finest that iCalendar has: never too short. An event
    is known by giver, designation and extent, so that a later version takes the place of an earlier. Extents without a
    stated start or end are named in ``undated``. Raises Refused("calendar.many") for more than NOTICES_MAX.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Keepclear//notices//EN", "CALSCALE:GREGORIAN"]
    undated: list[tuple[str, str]] = []
    for count, entry in enumerate(entries):
        if count == NOTICES_MAX:
            raise Refused("calendar.many", f"a calendar of more than {NOTICES_MAX} notices was asked for")
        undated += [
            (entry.notice.designation, each.name) for each in entry.notice.extents if not _dated(each)
        ]
        for event in _events(entry, language):
            lines += _event_lines(event, giver=giver, now=now)
    lines.append("END:VCALENDAR")
    return Calendar(raw="".join(map(_folded, lines)).encode(), undated=tuple(undated))


def _dated(extent: Extent) -> bool:
    return extent.window.start != FIRST and extent.window.end != FOREVER


def _events(entry: Entry, language: Language) -> Iterator[_Event]:
    notice = entry.notice
    heading = f"{notice.designation} · {said(NOTICE_KINDS[notice.kind], language)}"
    for extent in filter(_dated, notice.extents):
        yield _Event(
            entry=entry,
            key=f"extent/{extent.name}",
            title=f"{heading} · {extent.name}, {said(ROLES[extent.role], language)}",
            start=extent.window.start,
            end=extent.window.end,
            place=mgrs_text(_somewhere_in(extent.area), figures=_MGRS_FIGURES),
            details=_details(extent, language),
        )
    if isinstance(notice.body, Movement):
        for number, each in enumerate(notice.body.waypoints):
            yield _Event(
                entry=entry,
                key=f"waypoint/{number}",
                title=f"{heading} · {said(NOTICE_LABELS[NoticeLabel.WAYPOINT], language)} {each.name}",
                start=each.opens,
                end=each.closes,
            )


def _somewhere_in(area: Area) -> Position:
    """A position by which the area is recognised."""
    match area:
        case Circle():
            return area.centre
        case Corridor():
            return area.line[0]
        case Polygon():
            return area.parts[0].outer[0]


def _details(extent: Extent, language: Language) -> str:
    if not extent.time_accuracy_ms:
        return ""
    return f"{said(NOTICE_LABELS[NoticeLabel.TIME_ACCURACY], language)}: {duration_text(extent.time_accuracy_ms)}"


def _event_lines(event: _Event, *, giver: str, now: Instant) -> list[str]:
    start, end = event.start // SECOND_MS, -(-event.end // SECOND_MS)
    key = "\0".join((giver, event.entry.notice.designation, event.key))
    fields = [
        ("UID", f"{sha256(key.encode()).hexdigest()}@keepclear"),
        ("DTSTAMP", _utc(now // SECOND_MS)),
        ("SEQUENCE", str(event.entry.version)),
        ("DTSTART", _utc(start)),
        # RFC 5545, 3.6.1: DTEND must be later than DTSTART; an event without it ends when it starts.
        ("DTEND", _utc(end) if end > start else ""),
        ("SUMMARY", _text(event.title)),
        ("LOCATION", _text(event.place)),
        ("DESCRIPTION", _text(event.details)),
        ("CONTACT", _text(giver)),
        ("CLASS", "CONFIDENTIAL"),
        # CONFIRMED is never said: nothing here is an approval.
        ("STATUS", "CANCELLED" if event.entry.withdrawn else ""),
    ]
    return ["BEGIN:VEVENT", *(f"{name}:{value}" for name, value in fields if value), "END:VEVENT"]


def _utc(second: int) -> str:
    """RFC 5545, 3.3.5, form 2: a time in UTC."""
    return instant_text(Instant(second * SECOND_MS))[:19].replace("-", "").replace(":", "") + "Z"


def _text(text: str) -> str:
    """RFC 5545, 3.3.11: what would end a value is escaped."""
    for plain, escaped in _ESCAPES:
        text = text.replace(plain, escaped)
    return text


def _folded(line: str) -> str:
    """RFC 5545, 3.1: longer lines go on in the next after a blank; no character is torn apart."""
    rows: list[str] = []
    row, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > LINE_OCTETS_MAX:
            rows.append(row)
            row, octets = " ", 1
        row, octets = row + character, octets + size
    return "\r\n".join([*rows, row, ""])
