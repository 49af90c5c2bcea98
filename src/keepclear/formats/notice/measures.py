"""Lengths, durations and whole numbers as people write them in forms; a number without its unit is asked about."""

# Latin, Cyrillic and Arabic letters stand side by side here, and some of them look alike.
# ruff: noqa: RUF001
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from keepclear.core.instant import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from keepclear.formats.written.digits import folded, plain_of
from keepclear.formats.written.heightwords import UNITS
from keepclear.formats.written.number import NUMBER_SHAPE, numbers_of
from keepclear.formats.written.reading import Answer, Unreadable

NAUTICAL_MILE_M: Final = Fraction(1852)
STATUTE_MILE_M: Final = Fraction("1609.344")

_LENGTHS: Final[Mapping[str, Fraction]] = {
    **UNITS,
    **dict.fromkeys(map(folded, ("NM", "NMI")), NAUTICAL_MILE_M),
    folded("MI"): STATUTE_MILE_M,
}
# "Mile" is a statute mile to some and a nautical one to others, so it is none of these.

_DURATIONS: Final[Mapping[str, Fraction]] = {
    folded(word): Fraction(unit_ms)
    for unit_ms, words in {
        1: "MS",
        SECOND_MS: "S SEC SECOND SECONDS SECONDE SECONDES С СЕК СЕКУНД ثانية ثوان ث",
        MINUTE_MS: "MIN MINUTE MINUTES МИН МИНУТ МИНУТА МИНУТЫ دقيقة دقائق د",
        HOUR_MS: "H HOUR HOURS HEURE HEURES Ч ЧАС ЧАСА ЧАСОВ ساعة ساعات س",
        DAY_MS: "D DAY DAYS J JOUR JOURS СУТ СУТКИ СУТОК ДЕНЬ ДНЯ ДНЕЙ يوم أيام",
    }.items()
    for word in words.split()
}

_MEASURE: Final = re.compile(rf"(?P<number>{NUMBER_SHAPE}) ?(?P<unit>[^\W\d_]*|')\.?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Why a text is not taken: a code, and what is wanted instead."""

    code: str
    wanted: str


def length_m(text: str) -> Fraction | Unclear:
    """A length in metres, exactly as written."""
    return _measure(text, _LENGTHS, wanted="a number with its unit: m, km, ft, NM (nautical) or mi (statute)")


def duration_ms(text: str) -> Fraction | Unclear:
    """A duration in milliseconds, exactly as written."""
    return _measure(text, _DURATIONS, wanted="a number with its unit: s, min, h or d")


def whole(text: str) -> int | Unclear:
    """A whole number, in the digits of any script."""
    number = _measure(text, {"": Fraction(1)}, wanted="a whole number, without a unit")
    if isinstance(number, Fraction) and number.denominator != 1:
        return Unclear(code="unreadable.whole", wanted="a whole number, without a fraction")
    return number if isinstance(number, Unclear) else int(number)


def _measure(text: str, units: Mapping[str, Fraction], *, wanted: str) -> Fraction | Unclear:
    plain = plain_of(text)
    found = None if isinstance(plain, Unreadable) else _MEASURE.fullmatch(plain.text.strip())
    if found is None:
        return Unclear(code="unreadable.number", wanted=wanted)
    numbers = numbers_of(found["number"])
    if not numbers or found["unit"] not in units:
        missing = numbers and not found["unit"]
        return Unclear(code="ask.unit" if missing else "unreadable.number", wanted=wanted)
    if any(Answer.THOUSANDS in answers for _, answers in numbers):
        return Unclear(
            code="ask.thousands",
            wanted="a number without that mark: does it part thousands, or does it begin a fraction?",
        )
    return numbers[0][0] * units[found["unit"]]
