"""Numbers as people write them: thousands may be parted, a fraction begins with a comma, a point or its own sign."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from keepclear.formats.written.digits import DECIMAL_SIGN, THOUSANDS_SIGN
from keepclear.formats.written.reading import Answer

NUMBER_SHAPE: Final = rf"\d(?:[\d.,{DECIMAL_SIGN}{THOUSANDS_SIGN}]| (?=\d))*"
"""A pattern for a number without its sign, in plain characters."""

_WHOLE: Final = re.compile(r"\d+")
_EITHER: Final = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_FRACTION: Final = re.compile(rf"\d+[.,{DECIMAL_SIGN}]\d+")
_GROUPED: Final = re.compile(
    rf"\d{{1,3}}(?:(?P<mark>[ ,.{THOUSANDS_SIGN}])\d{{3}}(?:(?P=mark)\d{{3}})*)(?:(?!(?P=mark))[.,{DECIMAL_SIGN}]\d+)?"
)


def numbers_of(written: str) -> list[tuple[Fraction, tuple[Answer, ...]]]:
    """What a number in plain characters may be: two where a mark may part thousands or begin a fraction, or none."""
    if _WHOLE.fullmatch(written):
        return [(Fraction(written), ())]
    fraction = Fraction(re.sub(rf"[,{DECIMAL_SIGN}]", ".", written)) if _FRACTION.fullmatch(written) else None
    if _EITHER.fullmatch(written) and fraction is not None:
        return [(fraction * 1000, (Answer.THOUSANDS,)), (fraction, (Answer.FRACTION,))]
    if fraction is not None:
        return [(fraction, ())]
    if grouped := _GROUPED.fullmatch(written):
        bare = written.replace(grouped["mark"], "")
        return [(Fraction(re.sub(rf"[,{DECIMAL_SIGN}]", ".", bare)), ())]
    return []
