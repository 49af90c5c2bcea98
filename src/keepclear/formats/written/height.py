"""Heights and bands of heights as people write them: flight levels, feet and metres with what they count from.

A height without its unit or its datum is asked about, and so are three figures after a comma or a point, which are
thousands to some and a fraction to others. Sources: ICAO Doc 4444, appendix 2, item 15 (``FL120``, ``A045``,
``M0350``, ``S1130``) and Annex 15 (SFC, GND, UNL).
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.space.altitude import (
    ALTITUDE_HIGHEST_M,
    ALTITUDE_LOWEST_M,
    UNLIMITED,
    Altitude,
    AltitudeBand,
    Bound,
    Datum,
    flight_level,
)
from keepclear.formats.written.digits import Plain, plain_of
from keepclear.formats.written.ends import LEADING, PARTING, agree, best, choices_of
from keepclear.formats.written.heightwords import DATA, FOOT, METRE, NO_LIMIT, SURFACE, UNITS
from keepclear.formats.written.number import NUMBER_SHAPE, numbers_of
from keepclear.formats.written.reading import (
    Answer,
    Certain,
    Choice,
    Fault,
    Form,
    Reading,
    Unreadable,
    settled,
)

FILED_METRES_MAX: Final = 20_000
"""The highest level in tens of metres that is read: past it, whole metres were surely written instead of tens."""

GROUND: Final = Altitude(height_m=0.0, datum=Datum.AGL)
"""The surface as an end of a band."""

_LEVEL: Final = re.compile(r"(?:FL|F|ЭШЕЛОН|NIVEAU) ?(\d+)")
_FILED: Final = re.compile(r"([AMS])(\d+)")
_FILED_FIGURES: Final = {"A": 3, "M": 4, "S": 4}

_DATUM_SHAPE: Final = "|".join(sorted(map(re.escape, DATA), key=len, reverse=True))
_UNIT_SHAPE: Final = r"'|[^\W\d_]+"
_LENGTH: Final = re.compile(
    rf"(?:(?P<before>{_DATUM_SHAPE})[ :]*)?(?P<sign>[+-]?)(?P<number>{NUMBER_SHAPE})"
    rf"(?: ?(?P<unit>(?!(?:{_DATUM_SHAPE})\W*$)(?:{_UNIT_SHAPE}))\.?)?(?: ?\(?(?P<datum>[^\d()]+?[^()]*)\)?)?"
)

_UNIT_ANSWERS: Final = {METRE: Answer.METRES, FOOT: Answer.FEET}
_DATUM_ANSWERS: Final = {
    Datum.MSL: Answer.ABOVE_SEA,
    Datum.AGL: Answer.ABOVE_GROUND,
    Datum.HAE: Answer.ABOVE_ELLIPSOID,
    Datum.PRESSURE: Answer.BY_PRESSURE,
}


def read_height(text: str) -> Reading[Altitude | Bound]:
    """The height that a text says: certain, a question with its choices, or unreadable.

    At most TEXT_CHARACTERS_MAX characters; nothing is raised, whatever the text. SFC and GND are 0 m above ground.
    """
    plain = plain_of(text)
    return plain if isinstance(plain, Unreadable) else _height(_stripped(plain))


def read_band(text: str) -> Reading[AltitudeBand]:
    """The band of heights that a text says, such as ``SFC-FL120``: certain, a question, or unreadable.

    A unit or datum that stands once, at the upper end, is taken for both.
    """
    plain = plain_of(text)
    if isinstance(plain, Unreadable):
        return plain
    body = _stripped(plain)
    if leading := LEADING.match(body.text):
        body = body.part(leading.end(), len(body.text))
    partings = PARTING.finditer(body.text)
    ends = ((body.part(0, at.start()), body.part(at.end(), len(body.text))) for at in partings)
    return best([_band(body, *_sharing(lower, upper)) for lower, upper in ends], plain)


def _stripped(plain: Plain) -> Plain:
    text = plain.text.strip()
    start = plain.text.index(text)
    return plain.part(start, start + len(text))


def _height(body: Plain) -> Reading[Altitude | Bound]:
    if body.text in SURFACE:
        return Certain(value=GROUND, form=Form.LIMIT)
    if body.text in NO_LIMIT:
        return Certain(value=UNLIMITED, form=Form.LIMIT)
    if found := _LEVEL.fullmatch(body.text):
        if len(found[1]) not in (2, 3):
            return body.fault(Fault.LEVEL, found.start(1))
        return Certain(value=flight_level(int(found[1])), form=Form.FLIGHT_LEVEL)
    if found := _FILED.fullmatch(body.text):
        return _filed(body, found)
    if found := _LENGTH.fullmatch(body.text):
        return _length(body, found)
    return body.fault(Fault.FORM, 0)


def _filed(body: Plain, found: re.Match[str]) -> Reading[Altitude | Bound]:
    letter, figures = found[1], found[2]
    if len(figures) != _FILED_FIGURES[letter]:
        return body.fault(Fault.LEVEL, found.start(2))
    if letter == "A":
        return Certain(
            value=Altitude(height_m=float(int(figures) * 100 * FOOT), datum=Datum.MSL), form=Form.FILED_LEVEL
        )
    height_m = int(figures) * 10.0
    if height_m > FILED_METRES_MAX:
        return body.fault(Fault.LEVEL, found.start(2))
    datum = Datum.MSL if letter == "M" else Datum.PRESSURE
    return Certain(value=Altitude(height_m=height_m, datum=datum), form=Form.FILED_LEVEL)


def _length(body: Plain, found: re.Match[str]) -> Reading[Altitude | Bound]:
    units = _units(found["unit"])
    data = _data(found)
    numbers = numbers_of(found["number"])
    if not units:
        return body.fault(Fault.UNIT, found.start("unit"), found.end("unit"))
    if not data:
        return body.fault(Fault.DATUM, found.start("datum"), found.end("datum"))
    if not numbers:
        return body.fault(Fault.NUMBER, found.start("number"), found.end("number"))
    choices: list[Choice[Altitude | Bound]] = []
    for (number, number_said), (unit, unit_said), (datum, datum_said) in product(numbers, units, data):
        height_m = number * unit * (-1 if found["sign"] == "-" else 1)
        if not ALTITUDE_LOWEST_M <= height_m <= ALTITUDE_HIGHEST_M:
            continue
        answers = (*number_said, *unit_said, *datum_said)
        altitude = Altitude(height_m=float(height_m), datum=datum)
        choices.append(Choice(value=altitude, form=Form.LENGTH, answers=answers))
    return settled(choices, found=found[0]) if choices else body.fault(Fault.HEIGHT_RANGE, 0)


def _units(written: str | None) -> list[tuple[Fraction, tuple[Answer, ...]]]:
    if written is None:
        return [(unit, (answer,)) for unit, answer in _UNIT_ANSWERS.items()]
    return [(UNITS[written], ())] if written in UNITS else []


def _data(found: re.Match[str]) -> list[tuple[Datum, tuple[Answer, ...]]]:
    words = [word for word in (found["before"], found["datum"]) if word is not None]
    said = {DATA.get(word.strip(" .")) for word in words}
    if not words:
        return [(datum, (answer,)) for datum, answer in _DATUM_ANSWERS.items()]
    only = said.pop()
    return [(only, ())] if only is not None and not said else []


def _sharing(lower: Plain, upper: Plain) -> tuple[Plain, Plain]:
    """The two ends, the lower with the unit and the datum of the upper where it has none of its own."""
    one, other = _LENGTH.fullmatch(lower.text), _LENGTH.fullmatch(upper.text)
    if one is None or other is None:
        return lower, upper
    for name in ("unit", "datum"):
        lacks = one[name] is None and not (name == "datum" and one["before"])
        if lacks and other[name] is not None:
            lower = lower.followed_by(_space(upper)).followed_by(upper.part(*other.span(name)))
    return lower, upper


def _space(plain: Plain) -> Plain:
    return Plain(text=" ", places=(plain.places[0], plain.places[0]))


def _band(body: Plain, lower: Plain, upper: Plain) -> Reading[AltitudeBand]:
    low, high = _height(lower), _height(upper)
    if isinstance(low, Unreadable):
        return low
    if isinstance(high, Unreadable):
        return high
    choices: list[Choice[AltitudeBand]] = []
    for one, other in product(choices_of(low), choices_of(high)):
        if not agree(one, other) or one.value is UNLIMITED or (other.value == GROUND != one.value):
            continue
        try:
            band = AltitudeBand(lower=one.value, upper=other.value)
        except Refused:
            continue
        answers = tuple(dict.fromkeys((*one.answers, *other.answers)))
        choices.append(Choice(value=band, form=one.form, answers=answers))
    return settled(choices, found=body.text) if choices else body.fault(Fault.REVERSED, 0)
