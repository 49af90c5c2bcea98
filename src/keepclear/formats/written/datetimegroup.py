"""Date-time groups and other written instants.

Nothing is filled in: a time without a zone, and a date whose day and month may change places, are asked about. Two
figures are a year from 2000 to 2069; from 70 on they may be of either century. Sources: ACP 121 (``061200ZSEP18``),
ISO 8601-1:2019 with amendment 1 (24:00 ends a day), ICAO Doc 8126 (``1809061200``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from keepclear.core.instant import DAY_MS, FIRST, FOREVER, HOUR_MS, MINUTE_MS, SECOND_MS, Instant
from keepclear.formats.written.digits import Plain, plain_of
from keepclear.formats.written.months import MONTHS
from keepclear.formats.written.reading import (
    Ambiguous,
    Answer,
    Choice,
    Fault,
    Form,
    Question,
    Reading,
    Unreadable,
    settled,
)
from keepclear.formats.written.timeoffset import HOURS_LETTER, LOCAL_LETTERS, offset_ms
from keepclear.formats.written.timeshapes import LACKING, RELATIVE, TWELVE_HOUR, UNKNOWN_MONTH, WHOLE

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_OLD_YEARS: Final = 70

# Elsewhere 0600-0800 is as likely the time from six to eight; who writes a T, or UTC-8, means an offset.
_SURELY_AN_OFFSET: Final = re.compile(r"[\d-]+T")

_ORDERS: Final = {
    Answer.DAY_MONTH_YEAR: ("c", "b", "a"),
    Answer.MONTH_DAY_YEAR: ("c", "a", "b"),
    Answer.YEAR_MONTH_DAY: ("a", "b", "c"),
}
"""Which of the three numbers are year, month and day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant with the length, in milliseconds, of the last figure that was written: a minute, a second or less."""

    at: Instant
    precision_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock:
    since_midnight_ms: int
    precision_ms: int


def read_instant(text: str) -> Reading[Moment]:
    """The instant that a text says: certain, a question with its choices, or unreadable.

    At most TEXT_CHARACTERS_MAX characters; nothing is raised, whatever the text.
    """
    plain = plain_of(text)
    return plain if isinstance(plain, Unreadable) else read_moment(plain)


def read_moment(plain: Plain) -> Reading[Moment]:
    """The instant that plain characters say."""
    text = plain.text.strip()
    start = plain.text.index(text)
    body = plain.part(start, start + len(text))
    for pattern, fault in ((RELATIVE, Fault.RELATIVE), (TWELVE_HOUR, Fault.TWELVE_HOUR)):
        if found := pattern.search(text):
            return body.fault(fault, found.start(), found.end())
    for form, shape in WHOLE:
        if found := shape.fullmatch(text):
            return _moment(body, found, form)
    for question, shape in LACKING:
        if shape.fullmatch(text):
            return Ambiguous(question=question, found=text)
    if found := UNKNOWN_MONTH.fullmatch(text):
        return body.fault(Fault.MONTH, found.start("month"), found.end("month"))
    return body.fault(Fault.FORM, 0)


def _moment(body: Plain, found: re.Match[str], form: Form) -> Reading[Moment]:
    clock = _clock(found)
    if isinstance(clock, Fault):
        return body.fault(clock, found.start("hour"))
    lacks_year = "year" in found.groupdict() and found["year"] is None
    days = [] if lacks_year else list(_days(found))
    if not days and not lacks_year:
        return body.fault(Fault.DATE, found.start("day" if "day" in found.groupdict() else "a"))
    asked = LOCAL_LETTERS if form is Form.DTG else LOCAL_LETTERS | {HOURS_LETTER}
    ahead_ms = offset_ms(found["offset"], asked=asked)
    if (found["offset"] or "").startswith("-") and not _SURELY_AN_OFFSET.match(found[0]):
        ahead_ms = Question.ZONE
    if isinstance(ahead_ms, Fault):
        return body.fault(ahead_ms, found.start("offset"), found.end("offset"))
    if isinstance(ahead_ms, Question):
        return Ambiguous(question=ahead_ms, found=found["offset"] or found[0])
    if lacks_year:
        return Ambiguous(question=Question.YEAR, found=found[0])
    choices: list[Choice[Moment]] = []
    for day, answers in days:
        at = (day.toordinal() - _EPOCH_DAY) * DAY_MS + clock.since_midnight_ms - ahead_ms
        if not FIRST <= at <= FOREVER:
            return body.fault(Fault.YEARS, 0)
        moment = Moment(at=Instant(at), precision_ms=clock.precision_ms)
        choices.append(Choice(value=moment, form=form, answers=answers))
    return settled(choices, found=found[0])


def _clock(found: re.Match[str]) -> _Clock | Fault:
    groups = found.groupdict()
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(groups.get("second") or 0)
    part = groups.get("part") or ""
    if second == 60:
        return Fault.LEAP_SECOND
    in_day_ms = hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + int(part[:3].ljust(3, "0"))
    if minute > 59 or second > 60 or in_day_ms > DAY_MS or part[3:].strip("0"):
        return Fault.CLOCK
    precision_ms = MINUTE_MS if groups.get("second") is None else SECOND_MS // 10 ** min(len(part), 3)
    return _Clock(since_midnight_ms=in_day_ms, precision_ms=precision_ms)


def _days(found: re.Match[str]) -> Iterator[tuple[date, tuple[Answer, ...]]]:
    """Every day that the date may be, with the answers that say so."""
    groups = found.groupdict()
    if "month" in groups:
        yield from _valid(found["year"], MONTHS[found["month"]], int(found["day"]), ())
        return
    orders = tuple(_ORDERS)
    if len(found["a"]) == 4:
        orders = (Answer.YEAR_MONTH_DAY,)
    elif len(found["c"]) == 4:
        orders = (Answer.DAY_MONTH_YEAR, Answer.MONTH_DAY_YEAR)
    for order in orders:
        year, month, day = (found[part] for part in _ORDERS[order])
        yield from _valid(year, int(month), int(day), (order,))


def _valid(
    year: str, month: int, day: int, answers: tuple[Answer, ...]
) -> Iterator[tuple[date, tuple[Answer, ...]]]:
    for full, century in _years(year):
        try:
            yield date(full, month, day), (*answers, *century)
        except ValueError:
            # The calendar has no such day, so this order of the three numbers is not what was meant.
            continue


def _years(written: str) -> tuple[tuple[int, tuple[Answer, ...]], ...]:
    year = int(written)
    if len(written) == 4:
        return ((year, ()),)
    if len(written) == 1:
        return ()
    if year < _OLD_YEARS:
        return ((2000 + year, ()),)
    return ((1900 + year, (Answer.CENTURY_20TH,)), (2000 + year, (Answer.CENTURY_21ST,)))
