"""Instants and windows of time: UTC, whole milliseconds.

Leap seconds follow POSIX time: they are not represented, and ``:60`` is refused rather than folded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NewType

from keepclear.core.errors import Refused

Instant = NewType("Instant", int)
"""Milliseconds since 1970-01-01T00:00:00Z (POSIX), UTC."""

Duration = NewType("Duration", int)
"""A length of time in milliseconds."""

FIRST: Final = Instant(-62_135_596_800_000)
"""0001-01-01T00:00:00Z, the earliest instant that can be written."""

FOREVER: Final = Instant(253_402_300_799_999)
"""9999-12-31T23:59:59.999Z, which stands for "no end"."""

LONGEST: Final = Duration(1 << 53)
"""The longest duration, 285,000 years: up to it, a float holds every whole millisecond."""

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000

_OFFSET_MAX_MS: Final = 14 * HOUR_MS
_QUOTED_MAX: Final = 40
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ISO: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open span of time [start, end): the start belongs to it, the end does not.

    Raises Refused("window.reversed") when the end comes before the start, and Refused("instant.out-of-range")
    for an end before FIRST or past FOREVER; an empty window is allowed.
    """

    start: Instant = FIRST
    end: Instant = FOREVER

    def __post_init__(self) -> None:
        for end in (self.start, self.end):
            if not FIRST <= end <= FOREVER:
                raise Refused(
                    "instant.out-of-range",
                    f"window ends at {end} ms from 1970, must be in the years 1 to 9999",
                )
        if self.end < self.start:
            raise Refused(
                "window.reversed",
                f"window ends at {instant_text(self.end)}, before its start {instant_text(self.start)}",
            )

    def holds(self, at: Instant) -> bool:
        """Whether the instant is in the window; FOREVER as an end holds every later instant."""
        return self.start <= at and (at < self.end or self.end == FOREVER)

    def overlaps(self, other: Window) -> bool:
        """Whether the two windows share at least one instant."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return start < end or (start == end == FOREVER)


ALWAYS: Final = Window()
"""The window without bounds."""


def instant_of(text: str) -> Instant:
    """The instant written as ISO 8601 with a zone (``2018-09-01T06:00:00Z``, ``...+03:00``, up to 14 hours).

    Seconds may be left out. Digits past the millisecond are refused unless they are zero, so that nothing
    is rounded in silence. Raises Refused("instant.unreadable") on anything else, a missing zone and second 60
    included.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        raise Refused(
            "instant.unreadable",
            f"time {text[:_QUOTED_MAX]!r} is not ISO 8601 with a zone, such as 2018-09-01T06:00:00Z",
        )
    fraction = (match[7] or "").ljust(9, "0")
    if fraction[3:].strip("0"):
        raise Refused("instant.unreadable", f"time {text!r} is finer than a millisecond")
    try:
        moment = datetime(*(int(match[part] or 0) for part in range(1, 7)), tzinfo=UTC)
    except ValueError as error:
        raise Refused("instant.unreadable", f"time {text!r}: {error}") from None
    since = (moment - _EPOCH) // timedelta(milliseconds=1) + int(fraction[:3]) - _offset_ms(match[8], text)
    if not FIRST <= since <= FOREVER:
        raise Refused("instant.unreadable", f"time {text!r} lies outside the years 1 to 9999 in UTC")
    return Instant(since)


def instant_text(at: Instant) -> str:
    """The instant as ISO 8601 in UTC with milliseconds, such as ``2018-09-01T06:00:00.000Z``.

    Raises Refused("instant.out-of-range") before FIRST and past FOREVER.
    """
    moment = _moment(at)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z" if moment.year >= 1000 else _early_text(moment, at)


def clock_text(at: Instant) -> str:
    """The time of day in UTC to the second begun, as said on watch: ``06:00:00Z``.

    Raises Refused("instant.out-of-range") before FIRST and past FOREVER.
    """
    return f"{_moment(at):%H:%M:%S}Z"


def duration_of(*, seconds: float) -> Duration:
    """A duration from seconds, rounded to the millisecond.

    Raises Refused("duration.out-of-range") beyond LONGEST either way, and for NaN.
    """
    if not abs(seconds) <= LONGEST / SECOND_MS:
        raise Refused(
            "duration.out-of-range", f"duration is {seconds} s, must be at most {LONGEST // SECOND_MS} s"
        )
    return Duration(round(seconds * SECOND_MS))


def _offset_ms(zone: str, text: str) -> int:
    if zone == "Z":
        return 0
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    offset_ms = hours * HOUR_MS + minutes * MINUTE_MS
    if offset_ms > _OFFSET_MAX_MS or minutes > 59:
        raise Refused("instant.unreadable", f"time {text!r} has the zone {zone}, which does not exist")
    return offset_ms if zone[0] == "+" else -offset_ms


def _moment(at: Instant) -> datetime:
    if not FIRST <= at <= FOREVER:
        raise Refused("instant.out-of-range", f"instant is {at} ms from 1970, must be in the years 1 to 9999")
    return _EPOCH + timedelta(milliseconds=at)


def _early_text(moment: datetime, at: Instant) -> str:
    # strftime does not pad years below 1000 on every platform.
    return f"{moment.year:04d}{moment:-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"
