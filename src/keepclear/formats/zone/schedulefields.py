"""The fields of a schedule as they are written, the same in GeoJSON properties and in scenario tables."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Instant, Window, instant_of, instant_text
from keepclear.core.space.daylight import SunEvent
from keepclear.core.space.schedule import EVERY_DAY, ClockTime, Schedule, Span, SunTime, Weekday

_CLOCK: Final = re.compile(r"(\d\d):(\d\d)", re.ASCII)
_SUN: Final = re.compile(r"(dawn|sunrise|sunset|dusk)(?:([+-]\d{1,3}))?", re.ASCII)
_DAYS: Final = {day.name.lower(): day for day in Weekday}


class SpanFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A part of the day, every day if none is named: ``22:00``, or by the Sun ``sunset-30``."""

    days: list[str] | None = None
    start: str = "00:00"
    end: str = "00:00"


class ScheduleFields(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    omit_defaults=True,
    rename={"start": "from"},
):
    """When a zone is in force: from and until an instant, and in which parts of which days by which clock."""

    start: str | None = None
    until: str | None = None
    utc_offset_min: int = 0
    spans: list[SpanFields] = []


def schedule_of(fields: ScheduleFields) -> Schedule:
    """The schedule that the fields say.

    Raises Refused("schedule.*"), ("window.*") or ("instant.*") naming the field.
    """
    window = Window(
        start=FIRST if fields.start is None else instant_of(fields.start),
        end=FOREVER if fields.until is None else instant_of(fields.until),
    )
    return Schedule(
        window=window, spans=tuple(_span(span) for span in fields.spans), utc_offset_min=fields.utc_offset_min
    )


def schedule_fields(schedule: Schedule) -> ScheduleFields:
    """The fields that say a schedule; read again they give an equal one."""
    window = schedule.window
    return ScheduleFields(
        start=_instant_field(window.start, FIRST),
        until=_instant_field(window.end, FOREVER),
        utc_offset_min=schedule.utc_offset_min,
        spans=[
            SpanFields(
                days=None if span.days == EVERY_DAY else [day.name.lower() for day in sorted(span.days)],
                start=_moment_text(span.start),
                end=_moment_text(span.end),
            )
            for span in schedule.spans
        ],
    )


def _span(fields: SpanFields) -> Span:
    return Span(
        days=EVERY_DAY if fields.days is None else frozenset(_day(day) for day in fields.days),
        start=_moment(fields.start),
        end=_moment(fields.end),
    )


def _day(word: str) -> Weekday:
    day = _DAYS.get(word)
    if day is None:
        raise Refused(
            "schedule.day", f"schedule names the day {word[:40]!r}, must be one of {', '.join(_DAYS)}"
        )
    return day


def _moment(text: str) -> ClockTime | SunTime:
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        return ClockTime(hour=int(clock[1]), minute=int(clock[2]))
    sun = _SUN.fullmatch(text)
    if sun is None:
        raise Refused(
            "schedule.time",
            f"schedule has the time {text[:40]!r}, must be such as 22:00, sunrise or sunset-30",
        )
    return SunTime(event=SunEvent(sun[1]), offset_min=int(sun[2] or 0))


def _moment_text(moment: ClockTime | SunTime) -> str:
    if isinstance(moment, ClockTime):
        return f"{moment.hour:02d}:{moment.minute:02d}"
    return moment.event.value if moment.offset_min == 0 else f"{moment.event.value}{moment.offset_min:+d}"


def _instant_field(at: Instant, open_end: Instant) -> str | None:
    return None if at == open_end else instant_text(at)
