"""Refusals: what a reader would not take, where it stood and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused

SAMPLE_BYTES_MAX: Final = 200
"""The most bytes of a refused line that are kept to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One line, frame or sentence that a reader refused.

    ``line`` counts from 1 over all that the reader was given; where there are no lines it counts frames.
    ``sample`` is the beginning of what was refused, at most SAMPLE_BYTES_MAX bytes of it.
    """

    code: str
    message: str
    line: int
    sample: bytes


def refusal_of(error: Refused, *, line: int, sample: bytes) -> Refusal:
    """The refusal of a line for the reason that an error gives; its message names the line."""
    return Refusal(
        code=error.code,
        message=f"line {line}: {error.message}",
        line=line,
        sample=sample[:SAMPLE_BYTES_MAX],
    )
