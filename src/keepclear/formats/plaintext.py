"""Plain text: one line that shows on a screen as it is written, such as the name of a person."""

from __future__ import annotations

import unicodedata
from typing import Final

from keepclear.core.errors import Refused

# Cc: control characters. Cs: half a surrogate pair. Zl, Zp: ends of lines and paragraphs.
_UNFIT: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_QUOTED_MAX: Final = 60

TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""The characters that turn the direction of writing (Unicode, UAX #9): with them a name could show as another."""


def check_plain_text(text: str, *, what: str, length_max: int) -> None:
    """Raises Refused("text.unfit") unless a text is 1 to ``length_max`` characters that show as they are written.

    It holds a letter or a digit, neither begins nor ends with a space, and has no control characters, line ends,
    halves of surrogate pairs or characters that turn the direction of writing. Any language is fit.
    """
    unfit = [each for each in text if unicodedata.category(each) in _UNFIT or each in TURNING]
    if unfit:
        raise Refused(
            "text.unfit",
            f"{what} holds the character U+{ord(unfit[0]):04X}, must hold none that is hidden or turns the writing",
        )
    if not 1 <= len(text) <= length_max:
        raise Refused("text.unfit", f"{what} has {len(text)} characters, must have 1 to {length_max}")
    if text.strip() != text or not any(each.isalnum() for each in text):
        raise Refused(
            "text.unfit",
            f"{what} is {text[:_QUOTED_MAX]!r}, must hold a letter or digit and have no space at its ends",
        )
