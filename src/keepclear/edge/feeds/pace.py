"""Pace: which span of a recording or a scenario has become due, by a clock that may run at any rate and jump."""

from __future__ import annotations

from typing import Final

from keepclear.core.instant import MINUTE_MS, SECOND_MS, Instant
from keepclear.edge.feeds.arrival import Clock

TICK_S: Final = 0.1
"""How often a played feed looks for what has become due, in real seconds."""

JUMP_MS: Final = 10 * MINUTE_MS
"""A clock that is this far ahead of what was played has jumped; what lies between is left out."""

LOOK_BACK_MS: Final = 30 * SECOND_MS
"""After a jump, what lies this long before is due too, so that the picture is not empty."""


class Pace:
    """Remembers up to when a feed has played; ``start`` is when what it plays begins."""

    def __init__(self, start: Instant, *, clock: Clock) -> None:
        self._start = start
        self._clock = clock
        self._played = start

    def due(self) -> tuple[Instant, Instant]:
        """The span [start, end) that became due since this was last asked; empty while the clock stands still."""
        now = self._clock()
        if not self._played <= now <= self._played + JUMP_MS:
            self._played = max(self._start, Instant(now - LOOK_BACK_MS))
        start, self._played = self._played, now
        return start, now
