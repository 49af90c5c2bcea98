"""The two ends of what is written as a span, of time or of height: where a text is parted, and how ends agree."""

# Latin, Cyrillic and Arabic letters stand side by side here, and some of them look alike.
# ruff: noqa: RUF001

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeVar

from keepclear.formats.written.digits import Plain, folded
from keepclear.formats.written.reading import Ambiguous, Certain, Choice, Fault, Reading, Unreadable

_V = TypeVar("_V")

_UNTIL: Final = folded("TO|TILL|UNTIL|AU|A|ПО|ДО|إلى|حتى")
_FROM: Final = folded("FROM|С|ОТ|DU|DE|من")

PARTED: Final = rf"(?: *-{{1,2}} *| (?:{_UNTIL}) )"
"""A pattern for what stands between two ends that share what follows."""

PARTING: Final = re.compile(rf" *(?:-{{1,2}}|/|;| (?:{_UNTIL}) ) *")
"""What may stand between two ends; some of it stands inside an end as well."""

LEADING: Final = re.compile(rf"(?:{_FROM}) +")
"""What may stand before the first end."""


def best(readings: Sequence[Reading[_V]], plain: Plain) -> Reading[_V]:
    """The reading of a span that was parted in every place: the one whose ends lack nothing, or else a question."""
    asked = [reading for reading in readings if isinstance(reading, Ambiguous)]
    said = [each for each in readings if isinstance(each, Certain)] + [each for each in asked if each.choices]
    faults = [reading for reading in readings if isinstance(reading, Unreadable)]
    telling = [fault for fault in faults if fault.code is not Fault.FORM]
    return next(iter((*said, *asked, *telling)), plain.fault(Fault.FORM, 0))


def choices_of(reading: Certain[_V] | Ambiguous[_V]) -> tuple[Choice[_V], ...]:
    """The readings of an end: one, several, or none where too much is missing."""
    if isinstance(reading, Ambiguous):
        return reading.choices
    return (Choice(value=reading.value, form=reading.form, answers=reading.answers),)


def agree(one: Choice[_V], other: Choice[_V]) -> bool:
    """Whether two ends answer no question differently: nobody writes the ends of one span in two ways."""
    answered = {each.question: each for each in one.answers}
    return all(answered.get(each.question, each) is each for each in other.answers)
