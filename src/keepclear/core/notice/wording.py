"""Wording: the short texts of a notice, each on one line that shows as it is written."""

from __future__ import annotations

from typing import Final

from keepclear.core.errors import Refused

LINE_MAX: Final = 200
"""The most characters of a field of one line."""

TEXT_MAX: Final = 4_000
"""The most characters of a field that tells at length."""


def refuse_wording(what: str, text: str, *, length_max: int = LINE_MAX, wanted: bool = True) -> None:
    """Refuse a text that is too long, does not print, or is missing where it is wanted.

    A text of more than LINE_MAX may have line ends. Raises Refused("notice.missing") or Refused("notice.wording").
    """
    if not text and not wanted:
        return
    if not text.strip():
        raise Refused("notice.missing", f"{what} is not stated, must be")
    shown = text.replace("\n", "") if length_max > LINE_MAX else text
    if len(text) > length_max or text != text.strip() or not shown.isprintable():
        raise Refused(
            "notice.wording",
            f"{what} is {text[:40]!r}, must have 1 to {length_max} characters that print, with no blank at either end",
        )
