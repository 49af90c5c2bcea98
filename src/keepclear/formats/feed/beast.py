"""Beast binary framing: Mode S frames as receivers serve them on port 30005.

A frame is 0x1a, a type (``1`` Mode A/C, ``2`` short, ``3`` long, ``4`` status), 6 bytes of a 12 MHz counter,
1 byte of signal strength and 2, 7, 14 or 14 bytes of message; 0x1a inside is doubled. The counter has no
known beginning, so a frame has the time at which it is received.
Source: the Mode-S Beast documentation, "Data output formats".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.space.geodesy import Position
from keepclear.core.watch.report import SourceName
from keepclear.formats.feed.modes import Frame, Squitters
from keepclear.formats.feed.reading import Reading, Tally
from keepclear.formats.feed.refusal import SAMPLE_BYTES_MAX, refusal_of

ESCAPE: Final = 0x1A
ESCAPE_BYTE: Final = b"\x1a"

HEADER_BYTES: Final = 7
"""The counter and the signal strength."""

MODE_AC: Final = ord("1")
STATUS: Final = ord("4")
MESSAGE_BYTES: Final = {MODE_AC: 2, ord("2"): 7, ord("3"): 14, STATUS: 14}
"""How many bytes the message of each frame type has."""

STRAY_BYTES_MAX: Final = 65_536
"""The most bytes between two frames that are passed over before they are refused, and again after as many."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Where a frame or a stretch of stray bytes ends, and the frame's message, None for stray bytes."""

    end: int
    message: bytes | None


class BeastReader:
    """Reads Beast frames. ``receiver``: where the antenna is (keepclear.formats.feed.modes.Squitters).

    Bytes that belong to no frame are refused once up to the next frame; reading goes on there. The ``line``
    of a refusal counts frames and such stretches, from 1.
    """

    def __init__(self, source: SourceName, *, receiver: Position | None = None) -> None:
        self._source = source
        self._squitters = Squitters(source, receiver=receiver)
        self._rest = b""
        self._number = 0
        self._stray = bytearray()

    def read(self, chunk: bytes, *, received: Instant) -> Reading:
        """The reports whose frames this chunk completes, at the time ``received``."""
        tally = Tally(self._source)
        frames = self._cut(self._rest + chunk, received, tally)
        self._squitters.take(frames, tally)
        return tally.reading()

    def finish(self, *, received: Instant) -> Reading:
        """Nothing but the refusal of a frame that was cut short."""
        del received
        tally = Tally(self._source)
        self._stray += self._rest
        self._rest = b""
        self._refuse_stray(tally)
        return tally.reading()

    def _cut(self, raw: bytes, received: Instant, tally: Tally) -> list[Frame]:
        frames: list[Frame] = []
        place = 0
        while place < len(raw):
            piece = _piece(raw, place)
            if piece is None:
                break
            if piece.message is None:
                self._pass_over(raw[place : piece.end], tally)
            else:
                self._refuse_stray(tally)
                self._number += 1
                if len(piece.message) == MESSAGE_BYTES[MODE_AC] or raw[place + 1] == STATUS:
                    tally.ignore()
                else:
                    frames.append(Frame(time_ms=received, text=piece.message.hex(), number=self._number))
            place = piece.end
        self._rest = raw[place:]
        return frames

    def _pass_over(self, stray: bytes, tally: Tally) -> None:
        # Bytes are taken one stretch at a time up to the limit, so that chunking cannot move where it is cut.
        while stray:
            room = STRAY_BYTES_MAX - len(self._stray)
            self._stray += stray[:room]
            stray = stray[room:]
            if len(self._stray) == STRAY_BYTES_MAX:
                self._refuse_stray(tally)

    def _refuse_stray(self, tally: Tally) -> None:
        if not self._stray:
            return
        self._number += 1
        reason = f"{len(self._stray)} bytes belong to no frame: 0x1a and a type 1 to 4 were wanted"
        stray = bytes(self._stray[:SAMPLE_BYTES_MAX])
        tally.refuse((refusal_of(Refused("beast.stray", reason), line=self._number, sample=stray),))
        self._stray.clear()


def _piece(raw: bytes, place: int) -> _Piece | None:
    """The frame or stray stretch that begins at a place, or None if more bytes are needed to tell."""
    if raw[place] != ESCAPE:
        end = raw.find(ESCAPE, place)
        return _Piece(end=len(raw) if end < 0 else end, message=None)
    if place + 1 == len(raw):
        return None
    if raw[place + 1] not in MESSAGE_BYTES:
        return _Piece(end=place + 1, message=None)
    wanted = HEADER_BYTES + MESSAGE_BYTES[raw[place + 1]]
    body = bytearray()
    at = place + 2
    while len(body) < wanted:
        step = 2 if raw[at : at + 1] == ESCAPE_BYTE else 1
        if at + step > len(raw):
            return None
        if step == 2 and raw[at + 1] != ESCAPE:
            # A lone escape begins the next frame: this one was cut short.
            return _Piece(end=at, message=None)
        body.append(raw[at])
        at += step
    return _Piece(end=at, message=bytes(body[HEADER_BYTES:]))
