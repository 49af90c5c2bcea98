"""Simulated feeds: the sources of a scenario, played in step with the node's clock.

Each source is a feed of its own, so that one can fall behind or die while the others go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from keepclear.core.instant import Window
from keepclear.core.watch.report import SourceName
from keepclear.edge.feeds.arrival import Arrival, Clock
from keepclear.edge.feeds.pace import TICK_S, Pace
from keepclear.formats.scenario.itinerary import Itinerary
from keepclear.formats.scenario.scenario import Scenario, ScriptedSource, arriving, itineraries


class SimulatedFeed:
    """A feed that yields what one source of a scenario would deliver by now.

    ``clock`` is the node's: it may run at any rate, stand still, and jump either way. Nothing is yielded
    while nothing is due, and the feed never ends by itself, since its clock may be turned back.
    """

    kind = "scenario"

    def __init__(self, source: ScriptedSource, itinerary: Itinerary, *, window: Window, clock: Clock) -> None:
        self._source = source
        self._itinerary = itinerary
        self._pace = Pace(window.start, clock=clock)

    @property
    def name(self) -> SourceName:
        """The name under which its reports come."""
        return self._source.name

    @property
    def trouble(self) -> str:
        """Always empty: a source that dies does not say so, and the watch must notice by itself."""
        return ""

    async def arrivals(self) -> AsyncIterator[Arrival]:
        """Yields what becomes due, about every TICK_S; to be closed by whoever iterates."""
        while True:
            arrival = self.due()
            if arrival is not None:
                yield arrival
            await asyncio.sleep(TICK_S)

    def due(self) -> Arrival | None:
        """What became due since it was last asked, or None."""
        start, now = self._pace.due()
        reports = arriving(self._source, self._itinerary, start=start, end=now)
        if not len(reports):
            return None
        return Arrival(reports=reports, at=now)


def simulated_feeds(scenario: Scenario, *, clock: Clock) -> tuple[SimulatedFeed, ...]:
    """The feeds of a scenario, one for each source in its order."""
    return tuple(
        SimulatedFeed(source, itinerary, window=scenario.window, clock=clock)
        for source, itinerary in zip(scenario.sources, itineraries(scenario), strict=True)
    )
