"""Playing a recording as if it came live: at any speed, paused, and from any moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant, instant_text
from keepclear.core.watch.report import SourceName
from keepclear.edge.feeds.arrival import Arrival, Clock, FeedState, FeedStatus
from keepclear.edge.feeds.recording import Recording

RATE_MAX: Final = 10_000.0
TICK_S: Final = 0.1
"""How often the player yields what has become due."""


class Player:
    """A feed that plays a recording.

    ``clock`` is the real one and only measures how fast to play; ``now`` is the moment of the recording. The
    player goes on past the last report until it is closed, and yields an empty arrival when nothing is due,
    so that whoever listens sees time pass.
    """

    kind = "recording"

    def __init__(
        self, recording: Recording, *, clock: Clock, rate: float = 1.0, paused: bool = False
    ) -> None:
        self._recording = recording
        self._clock = clock
        self._rate = _checked_rate(rate)
        self._paused = paused
        self._from = recording.start
        self._since = clock()
        self._shown = recording.start
        self._told_refusals = False

    @property
    def name(self) -> SourceName:
        """The name under which its reports come."""
        return self._recording.source

    @property
    def rate(self) -> float:
        """How many times as fast as real time it plays."""
        return self._rate

    @property
    def paused(self) -> bool:
        """Whether time stands still."""
        return self._paused

    def now(self) -> Instant:
        """The moment of the recording that is played."""
        if self._paused:
            return self._from
        return Instant(self._from + round((self._clock() - self._since) * self._rate))

    def pause(self) -> None:
        """Stops time."""
        self._mark(self.now())
        self._paused = True

    def resume(self) -> None:
        """Lets time go on."""
        self._mark(self.now())
        self._paused = False

    def set_rate(self, rate: float) -> None:
        """Plays so many times as fast; Refused("replay.rate") unless above 0 and at most RATE_MAX."""
        rate = _checked_rate(rate)
        self._mark(self.now())
        self._rate = rate

    def seek(self, at: Instant) -> None:
        """Goes on from another moment. Raises Refused("replay.seek") if it is outside the recording."""
        if not self._recording.start <= at <= self._recording.end:
            raise Refused(
                "replay.seek",
                f"the moment is {instant_text(at)}, must be within {instant_text(self._recording.start)} to "
                f"{instant_text(self._recording.end)}",
            )
        self._mark(at)
        self._shown = at

    def status(self, now: Instant) -> FeedStatus:
        """How the player does; ``now`` is not needed, the recording's own moment counts."""
        del now
        at = self.now()
        if at > self._recording.end:
            return FeedStatus(
                state=FeedState.ENDED, last=self._recording.end, words="the recording has ended"
            )
        words = "paused" if self._paused else f"playing at {self._rate:g} times real time"
        return FeedStatus(state=FeedState.LIVE, last=at, words=words)

    async def arrivals(self) -> AsyncIterator[Arrival]:
        """Yields what becomes due, about every TICK_S; never ends by itself."""
        while True:
            if not self._paused:
                yield self._due()
            await asyncio.sleep(TICK_S)

    def _due(self) -> Arrival:
        now = self.now()
        reports = self._recording.between(self._shown, now)
        self._shown = max(self._shown, now)
        if self._told_refusals:
            return Arrival(reports=reports, at=now)
        self._told_refusals = True
        return Arrival(
            reports=reports, at=now, refusals=self._recording.refusals, ignored=self._recording.ignored
        )

    def _mark(self, at: Instant) -> None:
        self._from = at
        self._since = self._clock()


def _checked_rate(rate: float) -> float:
    if not 0.0 < rate <= RATE_MAX:
        raise Refused("replay.rate", f"the rate is {rate:g}, must be above 0, at most {RATE_MAX:g}")
    return rate
