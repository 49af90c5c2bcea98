"""Schedules: when a zone is in force, by clock, weekday and Sun.

Safe side: where it cannot be told whether a schedule is in force, it is.

Clocks have a fixed offset from UTC and there is no database of time zones: two nodes whose databases differ
would read one schedule differently, and a schedule that parties agree on must mean the same in ten years.
Where clocks change twice a year, the notice that says so is a new schedule.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.errors import Refused
from keepclear.core.instant import ALWAYS, DAY_MS, FOREVER, MINUTE_MS, Instant, Window
from keepclear.core.space.daylight import (
    SunCourse,
    SunEvent,
    Times,
    solar_noons_ms,
    sun_error_deg,
    sun_times,
)
from keepclear.core.space.geodesy import Position

SPANS_MAX: Final = 64
"""The most spans that one schedule holds."""

SUN_OFFSET_MIN_MAX: Final = 360
"""How many minutes before or after an event of the Sun a span may start or end."""

UTC_OFFSET_MIN_LEAST: Final = -12 * 60
UTC_OFFSET_MIN_MOST: Final = 14 * 60

# A span starts at most a day before its own date and two after it, and ends at most four days after it: noon
# by the Sun is within half a day of noon by the clock, an event within half a day of that noon, its offset
# six hours more.
_DAYS_EARLY: Final = 1
_DAYS_LATE: Final = 4
_HORIZONS_DAYS: Final = (16, 5 * 366)
_EVENTS: Final = tuple(SunEvent)


class Weekday(IntEnum):
    """A day of the week, as ISO 8601 orders them from 0."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


EVERY_DAY: Final = frozenset(Weekday)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTime:
    """A time of day by the schedule's clock, 00:00 to 23:59. Raises Refused("schedule.clock-time")."""

    hour: int
    minute: int = 0

    def __post_init__(self) -> None:
        if not (0 <= self.hour <= 23 and 0 <= self.minute <= 59):
            raise Refused(
                "schedule.clock-time",
                f"time of day is {self.hour:02d}:{self.minute:02d}, must be from 00:00 to 23:59",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SunTime:
    """A time of day by the Sun at the zone: an event, and minutes after it (before it when negative).

    ``offset_min`` from -360 to 360; raises Refused("schedule.sun-time") otherwise.
    """

    event: SunEvent
    offset_min: int = 0

    def __post_init__(self) -> None:
        if not -SUN_OFFSET_MIN_MAX <= self.offset_min <= SUN_OFFSET_MIN_MAX:
            raise Refused(
                "schedule.sun-time",
                f"offset from {self.event.value} is {self.offset_min} minutes, must be from -360 to 360",
            )


MIDNIGHT: Final = ClockTime(hour=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A part of the day on some days of the week: half-open [start, end).

    A span that runs past midnight belongs to the day on which it starts: Friday 22:00 to 06:00 ends on
    Saturday. Two equal ends make 24 hours. A span between two events of the Sun is empty where they do not
    occur in that order: from sunset to sunrise in polar day, from sunrise to sunset in polar night; and it
    has no gap in polar night and polar day. With a clock time at one end only, a span ends when its end next
    comes round. Raises Refused("schedule.no-days") when there is no day.
    """

    days: frozenset[Weekday] = EVERY_DAY
    start: ClockTime | SunTime = MIDNIGHT
    end: ClockTime | SunTime = MIDNIGHT

    def __post_init__(self) -> None:
        if not self.days:
            raise Refused("schedule.no-days", "a span names no day of the week, must name at least one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When something is in force: within the window, and in at least one of the spans if there are any.

    ``utc_offset_min``: by how much the clock and the calendar of the spans are ahead of UTC, -720 to 840.
    Raises Refused("schedule.utc-offset") or Refused("schedule.too-many-spans").
    """

    window: Window = ALWAYS
    spans: tuple[Span, ...] = ()
    utc_offset_min: int = 0

    def __post_init__(self) -> None:
        if not UTC_OFFSET_MIN_LEAST <= self.utc_offset_min <= UTC_OFFSET_MIN_MOST:
            raise Refused(
                "schedule.utc-offset",
                f"clock is {self.utc_offset_min} minutes ahead of UTC, must be from -720 to 840",
            )
        if len(self.spans) > SPANS_MAX:
            raise Refused(
                "schedule.too-many-spans",
                f"schedule has {len(self.spans)} spans, at most {SPANS_MAX} are taken",
            )


WHENEVER: Final = Schedule()
"""The schedule that is always in force."""


def in_force(schedule: Schedule, at: Instant, where: Position) -> bool:
    """Whether a schedule is in force at an instant; ``where`` is the place whose Sun counts.

    By the clock it is exact. By the Sun it errs to in force, by what ``sun_error_deg`` of elevation makes in
    time (see
    ``sun_times``); and in the years for which the Sun is not told it is in force from a day before each of
    its days to four days after, which holds whatever the Sun did.
    """
    return bool(in_force_many(schedule, np.array([at], np.int64), where)[0])


def in_force_many(schedule: Schedule, time_ms: Times, where: Position) -> NDArray[np.bool_]:
    """Whether a schedule is in force at each of many instants, as ``in_force`` says."""
    window = schedule.window
    held = (window.start <= time_ms) & ((time_ms < window.end) | (window.end == FOREVER))
    if not schedule.spans or not time_ms.size:
        return held
    days = np.unique((time_ms + schedule.utc_offset_min * MINUTE_MS) // DAY_MS)
    reach = np.arange(-_DAYS_LATE, _DAYS_EARLY + 1)
    starts, ends = _stretches(schedule, np.unique(days[:, np.newaxis] + reach), where)
    return held & _covered(starts, ends, time_ms)


def next_change(schedule: Schedule, at: Instant, where: Position) -> Instant:
    """The first instant after ``at`` at which a schedule comes into force or ceases to be.

    FOREVER when there is none, which for spans by the Sun means none in the five years after ``at``.
    """
    window = schedule.window
    if at < window.start:
        if in_force(schedule, window.start, where):
            return window.start
        return next_change(schedule, window.start, where)
    if at >= window.end:
        return FOREVER
    change = _span_change(schedule, at, where)
    if change < window.end:
        return change
    return window.end if in_force(schedule, at, where) else FOREVER


def _span_change(schedule: Schedule, at: Instant, where: Position) -> Instant:
    """The first instant after ``at`` at which the union of the spans starts or ends, or FOREVER."""
    if not schedule.spans:
        return FOREVER
    today = (at + schedule.utc_offset_min * MINUTE_MS) // DAY_MS
    for horizon in _HORIZONS_DAYS:
        days = np.arange(today - _DAYS_LATE, today + horizon + 1)
        starts, ends = _stretches(schedule, days, where)
        gap = starts[1:] > ends[:-1]
        edges = np.concatenate([starts[:1], starts[1:][gap], ends[:-1][gap], ends[-1:]])
        # A stretch may go on in the days past the horizon, and one of them may start early.
        told = edges[(edges > at) & (edges < (today + horizon - _DAYS_EARLY) * DAY_MS)]
        if told.size:
            return Instant(min(int(told.min()), FOREVER))
    return FOREVER


def _covered(starts: Times, ends: Times, time_ms: Times) -> NDArray[np.bool_]:
    # ``ends`` never falls, so one stretch that has begun is still open exactly if the last of them is.
    if not starts.size:
        return np.zeros(time_ms.shape, np.bool_)
    begun = np.searchsorted(starts, time_ms, side="right") - 1
    return (begun >= 0) & (time_ms < ends[begun])


def _stretches(schedule: Schedule, days: Times, where: Position) -> tuple[Times, Times]:
    """The spans on these dates as instants: starts in order, and the latest end of any that began by then."""
    pairs = [_stretch(schedule, span, days, where) for span in schedule.spans]
    starts, ends = (np.concatenate(column) for column in zip(*pairs, strict=True))
    kept = starts < ends
    starts, ends = starts[kept], ends[kept]
    order = np.argsort(starts, kind="stable")
    return starts[order], np.maximum.accumulate(ends[order])


def _stretch(schedule: Schedule, span: Span, days: Times, where: Position) -> tuple[Times, Times]:
    """Start and end of one span on each of the dates that it names; an end before its start is no span."""
    # 1970-01-01, day 0, was a Thursday.
    days = days[np.isin((days + Weekday.THURSDAY) % 7, list(span.days))]
    offset_min = schedule.utc_offset_min
    start, told = _moments(span.start, days, where, offset_min=offset_min, closing=False)
    moments = [
        _moments(span.end, days + later, where, offset_min=offset_min, closing=True)
        for later in _dates_of_end(span)
    ]
    closings = np.stack([moment for moment, _ in moments])
    end = closings[0]
    if len(moments) > 1:
        end = np.where(closings > start, closings, FOREVER).min(axis=0)
    for _, moment_told in moments:
        told = told & moment_told
    midnight = days * DAY_MS - offset_min * MINUTE_MS
    return (
        np.where(told, start, midnight - _DAYS_EARLY * DAY_MS),
        np.where(told, end, midnight + _DAYS_LATE * DAY_MS),
    )


def _dates_of_end(span: Span) -> tuple[int, ...]:
    """How many days after its own date a span may end; of several, the first that comes after its start."""
    if isinstance(span.start, ClockTime) or isinstance(span.end, ClockTime):
        return (-1, 0, 1, 2)
    opens = (_EVENTS.index(span.start.event), span.start.offset_min)
    closes = (_EVENTS.index(span.end.event), span.end.offset_min)
    return (0,) if closes > opens else (1,)


def _moments(
    time: ClockTime | SunTime, days: Times, where: Position, *, offset_min: int, closing: bool
) -> tuple[Times, NDArray[np.bool_]]:
    """The instant at which an end of a span falls on each date, and whether it can be told."""
    if isinstance(time, ClockTime):
        minute = time.hour * 60 + time.minute - offset_min
        return days * DAY_MS + minute * MINUTE_MS, np.ones(days.shape, np.bool_)
    # A start at a lower Sun in the morning or a higher one in the evening is earlier, and an end likewise
    # later.
    rising = time.event in (SunEvent.DAWN, SunEvent.SUNRISE)
    allowance_deg = sun_error_deg(where) if rising == closing else -sun_error_deg(where)
    noon_ms = solar_noons_ms(days, where=where, utc_offset_min=offset_min)
    sun = sun_times(time.event, noon_ms, where=where, allowance_deg=allowance_deg)
    # Where the event does not occur nothing is before or after it, and polar days or nights must join.
    occurs = sun.course == SunCourse.CROSSES
    return sun.time_ms + occurs * (time.offset_min * MINUTE_MS), sun.course != SunCourse.UNTOLD
