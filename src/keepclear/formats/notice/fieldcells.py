"""The cells of forms: one field of a notice as it is written in a cell, and read back from what a person left there.

What is read is a member of the notice's JSON. Nothing is guessed: a cell that has two readings, or none, is unclear,
and says what is wanted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Final

from keepclear.core.instant import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Instant, instant_text
from keepclear.core.line.plot.place import DATUM_WORDS, Height
from keepclear.core.line.plot.shape import DEGREE_E7, METRE_CM, grid_position
from keepclear.core.line.voice.readback import Language
from keepclear.core.space.altitude import Bound, Datum
from keepclear.core.trust.encoding import Json
from keepclear.formats.line.formwords import said
from keepclear.formats.notice.fieldwords import CHOICES, NO, YES
from keepclear.formats.notice.forms import Column, Kind
from keepclear.formats.notice.measures import Unclear, duration_ms, length_m, whole
from keepclear.formats.written.coordinate import read_position
from keepclear.formats.written.datetimegroup import read_instant
from keepclear.formats.written.digits import folded
from keepclear.formats.written.echo import echo
from keepclear.formats.written.height import read_height
from keepclear.formats.written.reading import Ambiguous, Question, Unreadable
from keepclear.formats.written.wording import ANSWERS, QUESTIONS, WANTED

CellValue = str | int | float | bool | date
"""What may stand in a cell. A ``datetime``, which is a ``date`` too, has a time of day, and no clock that it is by."""

POSITION_LINES_MAX: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was read. ``value``: the member's, None where it says that there is none; ``echo``: how it is said back.

    ``precision_m``: how finely its positions are written, 0 where there are none.
    """

    value: Json
    echo: str = ""
    precision_m: float = 0.0


def written(column: Column, value: Json, language: Language) -> CellValue:
    """A member's value as its cell is written; ``read_cell`` gives it back."""
    match column.kind, value:
        case Kind.TIME, int():
            return _time_text(value)
        case Kind.DURATION, int():
            return _duration_text(value)
        case ((Kind.LENGTH | Kind.ACCURACY), int()):
            return f"{_metres_text(value)} m"
        case Kind.HEIGHT, Mapping():
            return _height_text(value)
        case Kind.POSITIONS, list():
            return "\n\n".join("\n".join(map(_position_text, _listed(ring))) for ring in value)
        case Kind.FLAG, bool():
            return said(YES if value else NO, language)
        case Kind.CHOICE, str():
            return said(CHOICES[value], language)
        case Kind.CHOICES, list():
            return "\n".join(said(CHOICES[str(each)], language) for each in value)
        case ((Kind.LINES | Kind.PHONES), list()):
            return "\n".join(map(str, value))
        case _:
            assert isinstance(value, str | int), f"{column.key} cannot be written: {value!r}"
            return value


def read_cell(column: Column, value: CellValue, *, clock: str = "") -> Taken | Unclear:
    """What a cell that is not empty says. ``clock``: by which clock times are that do not say it; empty is asked."""
    if column.kind is Kind.WHOLE and isinstance(value, float):
        value = int(value) if value.is_integer() else repr(value)
    text = _text_of(column, value)
    if isinstance(text, Unclear):
        return text
    if column.kind is Kind.TIME:
        return _time(text, clock)
    if column.kind in (Kind.CHOICE, Kind.CHOICES):
        return _choices(column, text)
    return _READERS[column.kind](text)


def clock_fault(text: str) -> Unclear | None:
    """Why a text names no clock; None where it does."""
    reading = read_instant(f"2018-09-06 12:00 {text}")
    if isinstance(reading, Ambiguous | Unreadable):
        return Unclear(code="ask.clock", wanted="Z for UTC, or an offset from it such as +03:00")
    return None


def _text_of(column: Column, value: CellValue) -> str | Unclear:
    match value:
        case str():
            text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
            return text if column.kind is Kind.TEXT else "\n".join(line.strip() for line in text.split("\n"))
        case bool():
            return (
                said(YES if value else NO, Language.EN)
                if column.kind is Kind.FLAG
                else _mistyped("true or false")
            )
        case datetime():
            return (
                value.isoformat(sep=" ", timespec="milliseconds")
                if column.kind is Kind.TIME
                else _mistyped("a date")
            )
        case date():
            return value.isoformat() if column.kind is Kind.TIME else _mistyped("a date")
        case int() if column.kind is not Kind.PHONES:
            return str(value)
        case int():
            return _mistyped("a number, of which + and zeros at the start may be lost")
        case float():
            return (
                repr(value)
                if column.kind in (Kind.LENGTH, Kind.ACCURACY, Kind.HEIGHT)
                else _mistyped("a fraction")
            )


def _mistyped(found: str) -> Unclear:
    return Unclear(
        code="cell.type",
        wanted=f"text; it is {found} to the spreadsheet: format the cell as text, write it again",
    )


def _unclear(reading: Ambiguous[object] | Unreadable) -> Unclear:
    if isinstance(reading, Unreadable):
        return Unclear(
            code=f"unreadable.{reading.code.value}",
            wanted=f"at character {reading.at + 1}: {WANTED[reading.code]}",
        )
    options = " / ".join(ANSWERS[answer] for answer in reading.answers())
    return Unclear(
        code=f"ask.{reading.question.value}",
        wanted=QUESTIONS[reading.question] + (f" ({options})" if options else ""),
    )


def _plain(text: str) -> Taken:
    return Taken(value=text)


def _lines(text: str) -> Taken:
    return Taken(value=[line for line in text.split("\n") if line])


def _phones(text: str) -> Taken:
    # No phone has a comma or semicolon in it, so what they part is surely two.
    return Taken(value=[phone for each in re.split(r"[\n,;،؛]", text) if (phone := folded(each).strip())])


def _whole(text: str) -> Taken | Unclear:
    number = whole(text)
    return number if isinstance(number, Unclear) else Taken(value=number)


def _flag(text: str) -> Taken | Unclear:
    for row, flag in ((YES, True), (NO, False)):
        if folded(text) in map(folded, row):
            return Taken(value=flag)
    return Unclear(code="unreadable.flag", wanted=f"{' or '.join((YES[0], NO[0]))}, in one of four languages")


def _choices(column: Column, text: str) -> Taken | Unclear:
    known = {folded(word): choice for choice in column.choices for word in (choice, *CHOICES[choice])}
    lines = text.split("\n") if column.kind is Kind.CHOICE else re.split(r"[\n,;،؛]", text)
    found = [known.get(folded(line).strip()) for line in lines if line.strip()]
    if None in found or (column.kind is Kind.CHOICE and len(found) != 1):
        return Unclear(
            code="unreadable.choice",
            wanted=f"one of {', '.join(CHOICES[each][0] for each in column.choices)}",
        )
    chosen: list[Json] = [each for each in found if each is not None]
    return Taken(value=chosen if column.kind is Kind.CHOICES else chosen[0])


def _time(text: str, clock: str) -> Taken | Unclear:
    reading = read_instant(text)
    if isinstance(reading, Ambiguous) and reading.question is Question.ZONE and clock:
        reading = read_instant(f"{text} {clock}")
    if isinstance(reading, Ambiguous | Unreadable):
        return _unclear(reading)
    return Taken(value=reading.value.at)


def _duration(text: str) -> Taken | Unclear:
    found = duration_ms(text)
    return found if isinstance(found, Unclear) else Taken(value=math.ceil(found))


def _length(text: str) -> Taken | Unclear:
    found = length_m(text)
    return found if isinstance(found, Unclear) else Taken(value=round(found * METRE_CM))


def _accuracy(text: str) -> Taken | Unclear:
    found = length_m(text)
    return found if isinstance(found, Unclear) else Taken(value=math.ceil(found * METRE_CM))


def _height(text: str) -> Taken | Unclear:
    reading = read_height(text)
    if isinstance(reading, Ambiguous | Unreadable):
        return _unclear(reading)
    if isinstance(reading.value, Bound):
        return Taken(value=None, echo="UNL")
    height_cm = round(Fraction(reading.value.height_m) * METRE_CM)
    return Taken(value={"cm": height_cm, "datum": DATUM_WORDS[reading.value.datum]})


def _positions(text: str) -> Taken | Unclear:
    lines = text.split("\n")
    if len(lines) > POSITION_LINES_MAX:
        return Unclear(code="cell.long", wanted=f"at most {POSITION_LINES_MAX} positions in one cell")
    rings: list[list[Json]] = [[]]
    echoes: list[str] = []
    precision_m = 0.0
    for number, line in enumerate(lines, 1):
        if not line:
            rings.append([])
            continue
        reading = read_position(line)
        if isinstance(reading, Ambiguous | Unreadable):
            unclear = _unclear(reading)
            return Unclear(code=unclear.code, wanted=f"line {number}, {line[:40]!r}: {unclear.wanted}")
        at = grid_position(reading.value.position)
        rings[-1].append([at.latitude_e7, at.longitude_e7])
        said_back = echo(reading.value)
        echoes.append(f"{said_back.decimal} = {said_back.dms} = {said_back.mgrs}")
        precision_m = max(precision_m, reading.value.precision_m)
    value: list[Json] = [list(ring) for ring in rings if ring]
    return Taken(value=value, echo="; ".join(echoes), precision_m=precision_m)


_READERS: Final[Mapping[Kind, Callable[[str], Taken | Unclear]]] = {
    Kind.LINE: _plain,
    Kind.TEXT: _plain,
    Kind.CLOCK: _plain,
    Kind.LINES: _lines,
    Kind.PHONES: _phones,
    Kind.WHOLE: _whole,
    Kind.FLAG: _flag,
    Kind.DURATION: _duration,
    Kind.LENGTH: _length,
    Kind.ACCURACY: _accuracy,
    Kind.HEIGHT: _height,
    Kind.POSITIONS: _positions,
}


def _time_text(at: int) -> str:
    text = instant_text(Instant(at))
    return (
        text.replace(".000Z", "Z").replace(":00Z", "Z") if at % MINUTE_MS == 0 else text.replace(".000Z", "Z")
    )


def _duration_text(length_ms: int) -> str:
    for unit_ms, unit in ((DAY_MS, "d"), (HOUR_MS, "h"), (MINUTE_MS, "min"), (SECOND_MS, "s")):
        if length_ms % unit_ms == 0 and length_ms:
            return f"{length_ms // unit_ms} {unit}"
    return f"{length_ms} ms"


def _metres_text(length_cm: int) -> str:
    sign = "-" if length_cm < 0 else ""
    metres, rest = divmod(abs(length_cm), METRE_CM)
    return f"{sign}{metres}" + (f".{rest:02d}" if rest else "")


_DATUM_TEXTS: Final = {Datum.MSL: "AMSL", Datum.AGL: "AGL", Datum.HAE: "HAE", Datum.PRESSURE: "STD"}


def _height_text(members: Mapping[str, Json]) -> str:
    height_cm, word = members["cm"], members["datum"]
    assert isinstance(height_cm, int)
    datum = next(each for each, name in DATUM_WORDS.items() if name == word)
    height = Height(height_cm=height_cm, datum=datum)
    return f"{_metres_text(height.height_cm)} m {_DATUM_TEXTS[height.datum]}"


def _position_text(pair: Json) -> str:
    match pair:
        case [int() as north, int() as east]:
            return f"{_degrees_text(north, 'NS')} {_degrees_text(east, 'EW')}"
        case _:
            raise AssertionError(f"{pair!r} is no position")


def _degrees_text(angle_e7: int, sides: str) -> str:
    degrees, rest = divmod(abs(angle_e7), DEGREE_E7)
    return f"{degrees}.{rest:07d} {sides[angle_e7 < 0]}"


def _listed(value: Json) -> Sequence[Json]:
    assert isinstance(value, list)
    return value
