"""What is written after a time to say by which clock it is: a letter, UTC, or an offset in hours and minutes.

Source: ACP 121 (letters A to Z). J stands for whatever clock the observer has, and L, which is UTC+11, is widely
written for "local": both are asked about, and so is every name of a clock, for none has one meaning everywhere.
"""

from __future__ import annotations

import re
from typing import Final

from keepclear.core.instant import HOUR_MS, MINUTE_MS
from keepclear.formats.written.digits import folded
from keepclear.formats.written.reading import Fault, Question

OFFSET_SHAPE: Final = r"(?:UTC|GMT)? ?[+-]\d{1,2}(?::?\d{2})?|[^\W\d_]{1,9}"
"""A pattern for what may stand after a time."""

_UTC: Final = frozenset({"Z", "ZULU", "UTC", "GMT", "UT", folded("غرينتش")})
_LETTERS: Final = {letter: hours for hours, letter in enumerate("ABCDEFGHIKLM", start=1)} | {
    letter: -hours for hours, letter in enumerate("NOPQRSTUVWXY", start=1)
}
_OFFSET: Final = re.compile(r"(?:UTC|GMT)? ?([+-])(\d{1,2})(?::?(\d{2}))?")
_OFFSET_MAX_MS: Final = 14 * HOUR_MS

LOCAL_LETTERS: Final = frozenset("JL")
"""Letters that are also written for the clock of wherever the writer is."""

HOURS_LETTER: Final = "H"
"""UTC+8, and in ``1200H`` also the word hours."""


def offset_ms(written: str | None, *, asked: frozenset[str]) -> int | Question | Fault:
    """How far a clock is ahead of UTC, or what has to be asked, or why there is no such clock.

    ``asked``: the letters that are asked about.
    """
    if written is None:
        return Question.ZONE
    if written in _UTC:
        return 0
    if written in asked:
        return Question.ZONE_LETTER
    if written in _LETTERS:
        return _LETTERS[written] * HOUR_MS
    found = _OFFSET.fullmatch(written)
    if found is None:
        return Question.ZONE
    minutes = int(found[3] or 0)
    ahead_ms = int(found[2]) * HOUR_MS + minutes * MINUTE_MS
    # RFC 3339 gives -00:00 a meaning of its own, and ISO 8601 forbids it.
    if ahead_ms > _OFFSET_MAX_MS or minutes > 59 or (found[1] == "-" and ahead_ms == 0):
        return Fault.OFFSET
    return ahead_ms if found[1] == "+" else -ahead_ms
