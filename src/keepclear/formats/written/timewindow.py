"""Windows of time as people write them: ``061200Z-061800ZSEP18``, two instants, or one day and two times of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from keepclear.core.instant import FOREVER, Window
from keepclear.formats.written.datetimegroup import Moment, read_moment
from keepclear.formats.written.digits import Plain, plain_of
from keepclear.formats.written.ends import LEADING, PARTED, PARTING, agree, best, choices_of
from keepclear.formats.written.months import MONTH_SHAPE
from keepclear.formats.written.reading import (
    Ambiguous,
    Certain,
    Choice,
    Fault,
    Form,
    Reading,
    Unreadable,
    settled,
)
from keepclear.formats.written.timeoffset import OFFSET_SHAPE
from keepclear.formats.written.timeshapes import DATES

_OPEN: Final = Certain(value=Moment(at=FOREVER, precision_ms=1), form=Form.LIMIT)
_ENDLESS: Final[dict[str, Certain[Moment]]] = dict.fromkeys(
    ("UFN", "PERM", "PERMANENT", "UNTIL FURTHER NOTICE"), _OPEN
)

_SHARED_MONTH: Final = re.compile(
    rf"(?P<front>\d{{2}})(?P<first>[ /]?\d{{4}})(?P<zone> ?[A-Z])?{PARTED}"
    rf"(?P<last_front>\d{{2}})??(?P<last>[ /]?\d{{4}})"
    rf"(?P<last_zone> ?[A-Z])?(?P<tail>[ /-]?(?:{MONTH_SHAPE})\.?[ /-]?(?:\d{{4}}|\d{{2}})?)"
)
_SHARED_DAY: Final = tuple(
    re.compile(
        rf"(?P<front>{day}[ ,T]+)(?P<first>\d{{1,2}}[:.H]?\d{{2}})(?P<zone> ?[A-Z])?{PARTED}"
        rf"(?P<last>\d{{1,2}}[:.H]?\d{{2}})(?P<last_zone> ?(?:{OFFSET_SHAPE}))?"
    )
    for day in DATES
)


def read_window(text: str) -> Reading[Window]:
    """The window that a text says, its start in it and its end not: certain, a question, or unreadable.

    What stands once for both ends (zone, month, year, or the whole date) is taken for both. ``UFN`` and ``PERM``
    leave the end open. At most TEXT_CHARACTERS_MAX characters; nothing is raised, whatever the text.
    """
    plain = plain_of(text)
    if isinstance(plain, Unreadable):
        return plain
    return best([_window(plain, first, last) for first, last in _ends(plain)], plain)


def _ends(plain: Plain) -> Iterator[tuple[Plain, Plain]]:
    """The start and the end in every way that the text may be parted, what they share written out for both."""
    text = plain.text.strip()
    start = plain.text.index(text)
    body = plain.part(start, start + len(text))
    if leading := LEADING.match(text):
        body = body.part(leading.end(), len(text))
    for shape in (_SHARED_MONTH, *_SHARED_DAY):
        if found := shape.fullmatch(body.text):
            yield _written_out(body, found)
            return
    for parting in PARTING.finditer(body.text):
        yield body.part(0, parting.start()), body.part(parting.end(), len(body.text))


def _written_out(body: Plain, found: re.Match[str]) -> tuple[Plain, Plain]:
    def part(name: str) -> Plain:
        return body.part(*found.span(name)) if found.groupdict().get(name) else body.part(0, 0)

    zone, last_zone = part("zone"), part("last_zone")
    last_front = part("last_front") if part("last_front").text else part("front")
    first = part("front").followed_by(part("first")).followed_by(zone if zone.text else last_zone)
    last = last_front.followed_by(part("last")).followed_by(last_zone if last_zone.text else zone)
    return first.followed_by(part("tail")), last.followed_by(part("tail"))


def _window(plain: Plain, first: Plain, last: Plain) -> Reading[Window]:
    start, end = read_moment(first), _ENDLESS.get(last.text.strip()) or read_moment(last)
    if isinstance(start, Unreadable):
        return start
    if isinstance(end, Unreadable):
        return end
    for reading in (start, end):
        if isinstance(reading, Ambiguous) and not reading.choices:
            return Ambiguous(question=reading.question, found=reading.found)
    choices = [
        Choice(
            value=Window(start=one.value.at, end=other.value.at),
            form=one.form,
            answers=tuple(dict.fromkeys((*one.answers, *other.answers))),
        )
        for one, other in product(choices_of(start), choices_of(end))
        if agree(one, other) and one.value.at <= other.value.at
    ]
    return settled(choices, found=plain.text) if choices else plain.fault(Fault.REVERSED, 0)
