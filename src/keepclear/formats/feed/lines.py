"""Lines cut from a stream of bytes, bounded in length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.formats.feed.refusal import SAMPLE_BYTES_MAX, Refusal

LINE_BYTES_MAX: Final = 8_192
"""The longest line that is read, its end not counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end (line feed, or carriage return and line feed), and its number from 1."""

    number: int
    text: bytes


class Lines:
    """Cuts a stream into lines; one past LINE_BYTES_MAX is refused once, and the next line is read."""

    def __init__(self) -> None:
        self._rest = b""
        self._number = 0
        self._skipping = False

    def cut(self, chunk: bytes) -> tuple[list[Line], list[Refusal]]:
        """The lines that this chunk completes, and the refusals of those that are too long."""
        lines: list[Line] = []
        refusals: list[Refusal] = []
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            self._extend(piece, refusals)
            if self._skipping:
                self._skipping = False
            else:
                self._number += 1
                lines.append(Line(self._number, self._rest.removesuffix(b"\r")))
            self._rest = b""
        self._extend(rest, refusals)
        return lines, refusals

    def end(self) -> list[Line]:
        """The last line, when the stream ended without ending it."""
        rest, self._rest = self._rest, b""
        if self._skipping or not rest:
            self._skipping = False
            return []
        self._number += 1
        return [Line(self._number, rest.removesuffix(b"\r"))]

    def _extend(self, piece: bytes, refusals: list[Refusal]) -> None:
        if self._skipping:
            return
        # One byte more than a line may have is let in, since it may be the carriage return before the end.
        self._rest += piece[: LINE_BYTES_MAX + 2 - len(self._rest)]
        if len(self._rest.removesuffix(b"\r")) > LINE_BYTES_MAX:
            self._number += 1
            refusals.append(_too_long(self._number, self._rest))
            self._rest = b""
            self._skipping = True


def _too_long(number: int, text: bytes) -> Refusal:
    return Refusal(
        code="line.too-long",
        message=f"line {number}: longer than {LINE_BYTES_MAX} bytes, which is the most that is read",
        line=number,
        sample=text[:SAMPLE_BYTES_MAX],
    )
