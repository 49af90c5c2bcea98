"""Playing a recording as if it came live, in step with a clock that may run at any rate, stand still and jump."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from keepclear.core.watch.report import SourceName
from keepclear.edge.feeds.arrival import Arrival, Clock
from keepclear.edge.feeds.pace import TICK_S, Pace
from keepclear.edge.feeds.recording import Recording


class Player:
    """A feed that yields what a recording holds up to the clock's time, which may be turned back.

    What reading the recording refused comes with the first arrival.
    """

    kind = "recording"

    def __init__(self, recording: Recording, *, clock: Clock) -> None:
        self._recording = recording
        self._pace = Pace(recording.start, clock=clock)
        self._told_refusals = False

    @property
    def name(self) -> SourceName:
        """The name under which its reports come."""
        return self._recording.source

    @property
    def trouble(self) -> str:
        """What is wrong with it, in words: nothing ever is."""
        return ""

    async def arrivals(self) -> AsyncIterator[Arrival]:
        """Yields what becomes due; never ends by itself, since the clock may be turned back."""
        while True:
            arrival = self.due()
            if len(arrival.reports) or arrival.refusals:
                yield arrival
            await asyncio.sleep(TICK_S)

    def due(self) -> Arrival:
        """What became due since it was last asked; empty while the clock stands still."""
        start, now = self._pace.due()
        reports = self._recording.between(start, now)
        first, self._told_refusals = not self._told_refusals, True
        return Arrival(
            reports=reports,
            at=now,
            refusals=self._recording.refusals if first else (),
            ignored=self._recording.ignored if first else 0,
        )
