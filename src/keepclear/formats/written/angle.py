"""Written angles: degrees, minutes and seconds of one latitude or longitude, in exact fractions.

Sources: ICAO Annex 15 and Doc 8126 (``333000N0383700E``), ISO 6709:2022, annexes D and H.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Final

from keepclear.formats.written.digits import DECIMAL_SIGN
from keepclear.formats.written.reading import Answer, Fault, Form

MARKS: Final = ("°", "'", '"')
"""The marks after degrees, minutes and seconds."""

_FORMS: Final = (Form.DECIMAL, Form.DM, Form.DMS)


class Axis(Enum):
    """What an angle counts: its name, and the most degrees that there are."""

    LATITUDE = 90
    LONGITUDE = 180


class Side(Enum):
    """The letters of the hemispheres."""

    NORTH = "N"
    SOUTH = "S"
    EAST = "E"
    WEST = "W"

    @property
    def axis(self) -> Axis:
        """What is counted towards this side."""
        return Axis.LATITUDE if self in (Side.NORTH, Side.SOUTH) else Axis.LONGITUDE

    @property
    def sign(self) -> int:
        """1 towards north and east, -1 towards south and west."""
        return 1 if self in (Side.NORTH, Side.EAST) else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number of an angle as it was written: digits, the mark after it, the sign before it, and where it stood."""

    digits: str
    mark: str = ""
    sign: str = ""
    at: int = 0

    @property
    def whole(self) -> str:
        """The figures before the decimal sign."""
        return self._parts()[0]

    @property
    def fraction(self) -> str:
        """The figures after the decimal sign, or none."""
        return self._parts()[2]

    def _parts(self) -> tuple[str, str, str]:
        return self.digits.replace(DECIMAL_SIGN, ".").replace(",", ".").partition(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Degrees:
    """The size of an angle in degrees, the width of its last figure, and how it was written."""

    size: Fraction
    step: Fraction
    form: Form


def degrees_of(numbers: tuple[Number, ...], axis: Axis, fraction: Answer) -> Degrees | Fault:
    """The degrees that one to three numbers say, or why they say none.

    ``fraction``: whether the figures after the sign of a single number are decimals, or minutes (``33.30`` for
    33 degrees and 30 minutes).
    """
    fault = _misplaced(numbers)
    if fault is not None:
        return fault
    form = _FORMS[len(numbers) - 1]
    parts = [(number.whole, number.fraction) for number in numbers]
    if len(numbers) == 1:
        expanded = _expanded(numbers[0], axis, fraction)
        if isinstance(expanded, Fault):
            return expanded
        form, parts = expanded
    size = sum((_value(*part) / 60**order for order, part in enumerate(parts)), Fraction(0))
    if any(_value(*part) >= 60 for part in parts[1:]):
        return Fault.SIXTIETHS
    if size > axis.value:
        return Fault.LATITUDE_RANGE if axis is Axis.LATITUDE else Fault.LONGITUDE_RANGE
    step = Fraction(1, 10 ** len(parts[-1][1]) * 60 ** (len(parts) - 1))
    return Degrees(size=size, step=step, form=form)


def may_be_minutes(numbers: tuple[Number, ...], *, padded: bool) -> bool:
    """Whether the figures after the sign of a single number may be minutes: ``33.30``, or ``038.3712`` if padded.

    Who writes a degree sign after the fraction, or five figures and more, means decimals. Four figures are decimals
    too, unless degrees are written with zeros in front, as only those do who count in sixtieths.
    """
    if len(numbers) != 1 or numbers[0].mark:
        return False
    figures = numbers[0].fraction
    return (len(figures) == 2 or (padded and len(figures) == 4)) and int(figures[:2]) < 60


def is_padded(numbers: tuple[Number, ...]) -> bool:
    """Whether degrees are written with zeros in front of them: ``038.3712``."""
    return len(numbers[0].whole) > 1 and numbers[0].whole.startswith("0")


def _misplaced(numbers: tuple[Number, ...]) -> Fault | None:
    if any(number.mark not in ("", mark) for number, mark in zip(numbers, MARKS, strict=False)):
        return Fault.MARK
    if any(number.sign for number in numbers[1:]):
        return Fault.NUMBER
    if any(number.fraction for number in numbers[:-1]):
        return Fault.FRACTION_PLACE
    return None


def _expanded(number: Number, axis: Axis, fraction: Answer) -> tuple[Form, list[tuple[str, str]]] | Fault:
    """The parts of a single number: itself, degrees with minutes after the sign, or the compact form."""
    whole, after = number.whole, number.fraction
    width = 2 if axis is Axis.LATITUDE else 3
    if len(whole) <= width:
        if fraction is Answer.FRACTION_MINUTES:
            return Form.DM, [(whole, ""), (after[:2], after[2:])]
        return Form.DECIMAL, [(whole, after)]
    if number.mark or len(whole) not in (width + 2, width + 4):
        return Fault.PADDING
    parts = [whole[:width], *(whole[start : start + 2] for start in range(width, len(whole), 2))]
    return Form.COMPACT, [*((part, "") for part in parts[:-1]), (parts[-1], after)]


def _value(whole: str, fraction: str) -> Fraction:
    return Fraction(int(whole + fraction), 10 ** len(fraction))
