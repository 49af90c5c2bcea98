"""Readings of what people write: one certain value, a question with its choices, or where and why it cannot be read.

Nothing is guessed. A text with two readings is a question, and a question is data: a code and what it is about, so
that each console words it in its own language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

TEXT_CHARACTERS_MAX: Final = 200
"""The most characters of a text that is read as a place, a time or a height."""

FOUND_CHARACTERS_MAX: Final = 40
"""The most characters of the text that a question or a fault quotes."""

V = TypeVar("V", covariant=True)


class Form(StrEnum):
    """The way in which a value was written."""

    DECIMAL = "decimal"
    DM = "dm"
    DMS = "dms"
    COMPACT = "compact"
    ISO_6709 = "iso-6709"
    GEO_URI = "geo-uri"
    UTM = "utm"
    UPS = "ups"
    MGRS = "mgrs"
    GARS = "gars"
    DTG = "dtg"
    ISO_8601 = "iso-8601"
    DATE = "date"
    FLIGHT_LEVEL = "flight-level"
    LENGTH = "length"
    FILED_LEVEL = "filed-level"
    LIMIT = "limit"


class Question(StrEnum):
    """What a person has to say before a text has one reading; asked in this order."""

    COMMA = "comma"
    DASH = "dash"
    FRACTION = "fraction"
    ORDER = "order"
    HEMISPHERE = "hemisphere"
    GRID_LETTER = "grid-letter"
    GRID_ZONE = "grid-zone"
    GRID_SQUARE = "grid-square"
    DATE_ORDER = "date-order"
    CENTURY = "century"
    ZONE = "zone"
    ZONE_LETTER = "zone-letter"
    MONTH = "month"
    YEAR = "year"
    DAY = "day"
    CLOCK = "clock"
    THOUSANDS = "thousands"
    UNIT = "unit"
    DATUM = "datum"


class Answer(StrEnum):
    """One answer to a question, named after it."""

    COMMA_DECIMAL = "comma:decimal"
    COMMA_BETWEEN = "comma:between"
    DASH_MINUS = "dash:minus"
    DASH_BETWEEN = "dash:between"
    FRACTION_DECIMAL = "fraction:decimal"
    FRACTION_MINUTES = "fraction:minutes"
    LATITUDE_FIRST = "order:latitude-first"
    LONGITUDE_FIRST = "order:longitude-first"
    NORTH_EAST = "hemisphere:north-east"
    NORTH_WEST = "hemisphere:north-west"
    SOUTH_EAST = "hemisphere:south-east"
    SOUTH_WEST = "hemisphere:south-west"
    LETTER_BAND = "grid-letter:band"
    LETTER_HEMISPHERE = "grid-letter:hemisphere"
    NORTHERN = "hemisphere:north"
    SOUTHERN = "hemisphere:south"
    DAY_MONTH_YEAR = "date-order:day-month-year"
    MONTH_DAY_YEAR = "date-order:month-day-year"
    YEAR_MONTH_DAY = "date-order:year-month-day"
    CENTURY_20TH = "century:1900"
    CENTURY_21ST = "century:2000"
    THOUSANDS = "thousands:thousands"
    FRACTION = "thousands:fraction"
    METRES = "unit:m"
    FEET = "unit:ft"
    ABOVE_SEA = "datum:msl"
    ABOVE_GROUND = "datum:agl"
    ABOVE_ELLIPSOID = "datum:hae"
    BY_PRESSURE = "datum:pressure"

    @property
    def question(self) -> Question:
        """The question that it answers."""
        return Question(self.value.partition(":")[0])


class Fault(StrEnum):
    """Why a text cannot be read; the words are in ``wording``."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    CHARACTER = "character"
    TURNED = "turned"
    FORM = "form"
    WORD = "word"
    NUMBER = "number"
    COUNT = "count"
    UNEQUAL = "unequal"
    MARK = "mark"
    FRACTION_PLACE = "fraction-place"
    PADDING = "padding"
    SIXTIETHS = "sixtieths"
    LATITUDE_RANGE = "latitude-range"
    LONGITUDE_RANGE = "longitude-range"
    SIGN_AND_LETTER = "sign-and-letter"
    SAME_AXIS = "same-axis"
    LETTER_AMONG_DIGITS = "letter-among-digits"
    GRID_ZONE = "grid-zone"
    GRID_LETTERS = "grid-letters"
    GRID_DIGITS = "grid-digits"
    GRID_PLACE = "grid-place"
    GRID_RANGE = "grid-range"
    RELATIVE = "relative"
    MONTH = "month"
    DATE = "date"
    CLOCK = "clock"
    LEAP_SECOND = "leap-second"
    TWELVE_HOUR = "twelve-hour"
    OFFSET = "offset"
    YEARS = "years"
    REVERSED = "reversed"
    LEVEL = "level"
    UNIT = "unit"
    DATUM = "datum"
    HEIGHT_RANGE = "height-range"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certain(Generic[V]):
    """The only reading that a text has, with the answers that are certain in it, such as the order of a date."""

    value: V
    form: Form
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Generic[V]):
    """One of the readings of a text, with the answers that lead to it; where none does, any answer does."""

    value: V
    form: Form
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous(Generic[V]):
    """A text that a person has to be asked about.

    ``found`` is the text that raises the question. ``choices`` holds every way to read it, two or more, of which some
    may come to one value; it is empty where something is missing that has too many values to be listed, and the text
    is to be written again with it.
    """

    question: Question
    found: str
    choices: tuple[Choice[V], ...] = ()

    def __post_init__(self) -> None:
        assert len(self.choices) != 1, "one reading is no question"

    def answers(self) -> tuple[Answer, ...]:
        """The answers to the question between which the choices differ, each once."""
        return tuple(_answers(self.choices, self.question))

    def answered(self, answer: Answer) -> Certain[V] | Ambiguous[V]:
        """What remains when a person has answered: the reading, or the next question.

        ``answer`` is one of ``answers()``.
        """
        others = {each for each in Answer if each.question is answer.question and each is not answer}
        return settled([each for each in self.choices if others.isdisjoint(each.answers)], found=self.found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A text that has no reading: why, where (an index into the text as it was given), and what stands there."""

    code: Fault
    at: int
    found: str


Reading = Certain[V] | Ambiguous[V] | Unreadable


def settled(choices: Sequence[Choice[V]], *, found: str) -> Certain[V] | Ambiguous[V]:
    """The one reading among choices, at least one, or the first question whose answer tells them apart."""
    kept = list(choices)
    for question in Question:
        kept = _without_idle(kept, question)
    first = kept[0]
    if all(choice.value == first.value for choice in kept):
        common = tuple(each for each in first.answers if all(each in choice.answers for choice in kept))
        return Certain(value=first.value, form=first.form, answers=common)
    return Ambiguous(
        question=next(each for each in Question if len(_answers(kept, each)) > 1),
        found=found[:FOUND_CHARACTERS_MAX].strip(),
        choices=tuple(kept),
    )


def _answers(choices: Sequence[Choice[V]], question: Question) -> list[Answer]:
    given = (each for choice in choices for each in choice.answers if each.question is question)
    return list(dict.fromkeys(given))


def _without_idle(choices: list[Choice[V]], question: Question) -> list[Choice[V]]:
    """The choices, each once, without their answers to a question if every answer leaves the same choices."""
    shorter = [
        Choice(
            value=choice.value,
            form=choice.form,
            answers=tuple(each for each in choice.answers if each.question is not question),
        )
        for choice in choices
    ]
    answers = _answers(choices, question)
    left = [
        {short for short, choice in zip(shorter, choices, strict=True) if answer in choice.answers}
        for answer in answers
    ]
    if len(answers) < 2 or any(each != set(shorter) for each in left):
        return choices
    return list(dict.fromkeys(shorter))
