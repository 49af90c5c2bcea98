"""Clocks: the only module that asks the time."""

from __future__ import annotations

import time
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import SECOND_MS, Instant, Window, instant_text

RATE_MAX: Final = 1_000.0
"""A recording or scenario runs at most this much faster than real time."""

STALL_S: Final = 0.5
"""Real time beyond this between two readings of a played clock is not played."""


def real_now() -> Instant:
    """The machine's idea of the time."""
    return Instant(time.time_ns() // 1_000_000)


def stopwatch_s() -> float:
    """Seconds on a clock that never goes back, for rates and timings alone."""
    return time.monotonic()


class RealClock:
    """The time as the machine has it, held from ever going back while the node runs."""

    rate = 1.0
    paused = False

    def __init__(self) -> None:
        self._latest = real_now()

    def now(self) -> Instant:
        """The time; a machine whose clock is set back stands still until it has caught up."""
        self._latest = max(self._latest, real_now())
        return self._latest


class PlayedClock:
    """The time of a recording or a scenario: runs at a rate, pauses, jumps, and stops at the end of its window.

    It is read many times a second by a node at work, and moves on by no more than STALL_S of real time between two
    readings: a machine that stalls for a second must not find that a minute of the recording has passed unheard.
    """

    def __init__(self, window: Window, *, rate: float) -> None:
        self._window = window
        self._at = float(window.start)
        self._read_s = stopwatch_s()
        self.rate = rate
        self.paused = False
        self.set_rate(rate)

    def now(self) -> Instant:
        """The played time."""
        read_s = stopwatch_s()
        if not self.paused:
            self._at += min(read_s - self._read_s, STALL_S) * self.rate * SECOND_MS
        self._read_s = read_s
        return Instant(min(round(self._at), self._window.end))

    def set_rate(self, rate: float) -> None:
        """Run ``rate`` times as fast as real time from now on; more than 0, at most RATE_MAX."""
        if not 0 < rate <= RATE_MAX:
            raise Refused("replay.rate", f"rate is {rate}, must be above 0 and at most {RATE_MAX:g}")
        self._at = float(self.now())
        self.rate = rate

    def pause(self, *, paused: bool) -> None:
        """Stand still, or go on."""
        self._at = float(self.now())
        self.paused = paused

    def seek(self, at: Instant) -> None:
        """Jump to a time inside the window."""
        if not self._window.start <= at <= self._window.end:
            raise Refused(
                "replay.seek",
                f"the time to jump to is {instant_text(at)}, must be from {instant_text(self._window.start)} "
                f"to {instant_text(self._window.end)}",
            )
        self._at, self._read_s = float(at), stopwatch_s()


Clock = RealClock | PlayedClock
