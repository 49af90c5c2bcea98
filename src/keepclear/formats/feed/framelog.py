"""Mode S frames with the times when they were received, one JSON object a line, as receivers log them.

``{"timestamp": 1717664319.147975, "frame": "8c3461ce399e40586b4ee4932241", ...}``: the time in seconds since
1970 and the frame in hexadecimal. Whatever else the line says was made from the frame by other software, so
it is not read. A line in the plain form ``*8c3461ce399e40586b4ee4932241;`` has the time at which it is
received.
"""

from __future__ import annotations

from typing import Final

import msgspec

from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.space.geodesy import Position
from keepclear.core.watch.report import SourceName
from keepclear.formats.feed.lines import LINE_BYTES_MAX, Line, Lines
from keepclear.formats.feed.modes import Frame, Squitters
from keepclear.formats.feed.reading import Reading, Tally
from keepclear.formats.feed.refusal import refusal_of
from keepclear.formats.strictjson import demand_sound, read_json

NESTING_MAX: Final = 8
"""How deep the parts that are not read may nest."""


class _Logged(msgspec.Struct):
    timestamp: float
    frame: str


class FrameLogReader:
    """Reads lines of Mode S frames; ``receiver`` is where the antenna is, as for Squitters."""

    def __init__(self, source: SourceName, *, receiver: Position | None = None) -> None:
        self._source = source
        self._lines = Lines()
        self._squitters = Squitters(source, receiver=receiver)
        self._decoder = msgspec.json.Decoder(_Logged)

    def read(self, chunk: bytes, *, received: Instant) -> Reading:
        """The reports that this chunk completes; ``received`` is the time of frames in the plain form."""
        tally = Tally(self._source)
        lines, too_long = self._lines.cut(chunk)
        tally.refuse(too_long)
        self._take(lines, received, tally)
        return tally.reading()

    def finish(self, *, received: Instant) -> Reading:
        """The report on the last line, if the source ended without ending that line."""
        tally = Tally(self._source)
        self._take(self._lines.end(), received, tally)
        return tally.reading()

    def _take(self, lines: list[Line], received: Instant, tally: Tally) -> None:
        frames: list[Frame] = []
        for line in lines:
            text = line.text.strip()
            if not text:
                tally.ignore()
                continue
            try:
                frames.append(_frame(self._decoder, text, line.number, received))
            except Refused as error:
                tally.refuse((refusal_of(error, line=line.number, sample=line.text),))
        self._squitters.take(frames, tally)


def _frame(decoder: msgspec.json.Decoder[_Logged], text: bytes, number: int, received: Instant) -> Frame:
    if text.startswith(b"*") and text.endswith(b";"):
        return Frame(time_ms=received, text=text[1:-1].decode("ascii", errors="replace"), number=number)
    try:
        logged = decoder.decode(text)
    except msgspec.ValidationError as error:
        raise Refused("framelog.field", f"the line does not have the fields it must: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("framelog.json", f"the line is not a JSON object with a frame: {error}") from None
    # The decoder lets the last of two equal keys win, so where that could be the strict reader looks again.
    if b"\\" in text or text.count(b'"timestamp"') > 1 or text.count(b'"frame"') > 1:
        demand_sound(read_json(text, bytes_max=LINE_BYTES_MAX, depth_max=NESTING_MAX))
    if not 0.0 <= logged.timestamp * 1000 <= FOREVER:
        raise Refused(
            "framelog.time",
            f"timestamp is {logged.timestamp:g}, must be seconds since 1970, up to the year 9999",
        )
    return Frame(time_ms=Instant(round(logged.timestamp * 1000)), text=logged.frame, number=number)
