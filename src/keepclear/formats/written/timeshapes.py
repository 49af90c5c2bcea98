"""The shapes in which people write instants, as patterns over plain characters.

Groups: ``day``, ``month`` (a name) and ``year``, or ``a``, ``b``, ``c`` for three numbers of a date in some order;
``hour``, ``minute``, ``second``, ``part`` of a second; ``offset``.
"""

# Latin, Cyrillic and Arabic letters stand side by side here, and some of them look alike.
# ruff: noqa: RUF001

from __future__ import annotations

import re
from typing import Final

from keepclear.formats.written.digits import folded
from keepclear.formats.written.months import MONTH_SHAPE
from keepclear.formats.written.reading import Form, Question
from keepclear.formats.written.timeoffset import OFFSET_SHAPE

OFFSET: Final = rf"(?: ?\(?(?P<offset>{OFFSET_SHAPE})\)?)?"
CLOCK: Final = (
    r"(?P<hour>\d{1,2})(?:[:.H]|(?<=\d\d))(?P<minute>\d{2})"
    r"(?:[:.](?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?(?: ?(?:HRS|HOURS)\b\.?)?"
)

_MONTH: Final = rf"(?P<month>{MONTH_SHAPE})\.?"
_YEAR: Final = r"(?P<year>\d{4}|\d{2})"
_NTH: Final = r"(?P<day>\d{1,2})(?:ST|ND|RD|TH|ER)?"
DATES: Final = (
    r"(?P<a>\d{4}|\d{1,2})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{4}|\d{1,2})",
    rf"{_NTH}[ ./-]*{_MONTH}[ .,/-]*{_YEAR}(?: ?Г\.?)?",
    rf"{_MONTH} ?{_NTH},? {_YEAR}",
    rf"(?P<year>\d{{4}})[ ./-]?{_MONTH}[ ./-]?(?P<day>\d{{1,2}})",
)
_BETWEEN: Final = r"(?:[ ,T]|AT|ON)+"

_GROUP: Final = r"(?:DTG:? *)?(?P<day>\d{2})[ /]?(?P<hour>\d{2})(?P<minute>\d{2})"
_RUNS: Final = tuple(
    rf"(?P<a>\d{{{first}}})(?P<b>\d{{2}})(?P<c>\d{{{last}}})(?P<hour>\d{{2}})(?P<minute>\d{{2}})"
    for first, last in ((2, 2), (4, 2), (2, 4))
)


def _shapes(form: Form, *patterns: str) -> tuple[tuple[Form, re.Pattern[str]], ...]:
    return tuple((form, re.compile(pattern)) for pattern in patterns)


WHOLE: Final = (
    *_shapes(Form.DTG, rf"{_GROUP}{OFFSET}[ /-]?{_MONTH}[ /-]?{_YEAR}?"),
    *_shapes(
        Form.ISO_8601,
        rf"(?P<a>\d{{4}})-(?P<b>\d{{2}})-(?P<c>\d{{2}})[T ]{CLOCK}{OFFSET}",
        rf"(?P<a>\d{{4}})(?P<b>\d{{2}})(?P<c>\d{{2}})T(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?{OFFSET}",
    ),
    *_shapes(Form.COMPACT, *(rf"{run}{OFFSET}" for run in _RUNS)),
    *_shapes(Form.DATE, *(rf"{day}{_BETWEEN}{CLOCK}{OFFSET}" for day in DATES)),
    *_shapes(Form.DATE, *(rf"{CLOCK}{OFFSET}{_BETWEEN}{day}" for day in DATES)),
)
"""The shapes that say a date and a time of day; of a date-time group the year may be left out."""

LACKING: Final = (
    (Question.MONTH, re.compile(rf"{_GROUP}{OFFSET}")),
    (Question.DAY, re.compile(rf"{CLOCK}{OFFSET}")),
    *((Question.CLOCK, re.compile(day)) for day in DATES),
)
"""The shapes that lack something, and what it is."""

UNKNOWN_MONTH: Final = re.compile(rf"{_GROUP}(?: ?[A-Z])?[ /-]?(?P<month>[^\W\d_]{{3,12}})\.?[ /-]?{_YEAR}?")

TWELVE_HOUR: Final = re.compile(r"(?<=[\d ])[AP]\.?M\b\.?")

_RELATIVE_WORDS: Final = (
    "NOW|TODAY|TOMORROW|YESTERDAY|TONIGHT|ASAP|NOON|MIDNIGHT|СЕГОДНЯ|ЗАВТРА|ВЧЕРА|СЕЙЧАС|ПОЛДЕНЬ|ПОЛНОЧЬ"
    "|DEMAIN|HIER|MAINTENANT|MIDI|MINUIT|الآن|اليوم|غدا|أمس"
)
RELATIVE: Final = re.compile(rf"\b[DHGJMSДЧ] ?[+-] ?\d+\b|\b(?:{folded(_RELATIVE_WORDS)})\b")
"""A time that counts from another, or a word for one: each reader would have to know which."""
