"""The node at work: feeds are taken in, time is told, segments are finished, and listeners hear of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Final, Literal

from keepclear.core.errors import KeepclearError, Refused
from keepclear.core.instant import Duration, Instant, duration_of
from keepclear.core.watch.event import FeedChanged, Ticked, TimeJumped, ZoneDeclared
from keepclear.core.watch.report import PartyName, SourceName
from keepclear.core.watch.zone import Zone
from keepclear.edge.clock import PlayedClock, stopwatch_s
from keepclear.edge.feeds.arrival import Arrival, Feed
from keepclear.edge.host import Host
from keepclear.edge.lines.carrying import LineCouriers
from keepclear.edge.lines.witnessing import LineWitnesses
from keepclear.formats.scenario.scenario import Note

BATCH_S: Final = 0.1
"""What arrives within this long is taken in one transaction."""

TICK_S: Final = 0.25
HOUSE_S: Final = 2.0
ARRIVALS_MAX: Final = 256
"""Arrivals that wait to be taken; past this a feed is made to wait, which its source notices."""

Mode = Literal["live", "replay", "demo"]


class Node:
    """A host with its feeds, running until stopped.

    ``stance`` says how parties are drawn: 1 the node's own, 2 other, 3 civil. ``guide``: what to click, for a
    demonstration. ``companions`` are nodes that run by the same clock: a jump of one is a jump of all.
    """

    def __init__(
        self,
        *,
        name: str,
        party: PartyName,
        host: Host,
        couriers: LineCouriers,
        mode: Mode,
        stance: dict[str, int],
        guide: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.party = party
        self.host = host
        self.couriers = couriers
        self.lines = couriers.lines
        self.witnesses = LineWitnesses(lines=couriers.lines, host=host)
        self.mode: Mode = mode
        self.stance = stance
        self.guide = tuple(guide)
        self.story: tuple[Note, ...] = ()
        self.companions: tuple[Node, ...] = ()
        self.started = host.clock.now()
        self.per_second: dict[SourceName, float] = {}
        self._arrivals: asyncio.Queue[Arrival] = asyncio.Queue(ARRIVALS_MAX)
        self._counted: dict[SourceName, int] = {}
        self._counted_at = stopwatch_s()

    @property
    def now(self) -> Instant:
        """The node's time: real, or played."""
        return self.host.clock.now()

    def open_feed(
        self, name: SourceName, kind: str, *, late_ms: Duration | None = None, lost_ms: Duration | None = None
    ) -> None:
        """Make a feed known before anything came from it."""
        self.host.take(FeedChanged(name=name, kind=kind, late_ms=late_ms, lost_ms=lost_ms))

    def declare(self, zones: Sequence[Zone], *, by: str) -> None:
        """Declare the zones that are not declared as they are given."""
        known = self.host.desk.watch.zones
        for zone in zones:
            if known.get(zone.name) != zone:
                self.host.take(ZoneDeclared(zone=zone, by=by))

    async def run(self, feeds: Sequence[Feed], *, link: socket.socket | None = None) -> None:
        """Take in the feeds, and carry the lines, until cancelled; a failing store or task ends the node.

        ``link`` is the socket on which other parties' nodes are served, already listening.
        """
        async with asyncio.TaskGroup() as tasks:
            for feed in feeds:
                tasks.create_task(self._follow(feed))
                tasks.create_task(self._tell_trouble(feed))
            tasks.create_task(self._take_in())
            tasks.create_task(self._tell_time())
            tasks.create_task(self._keep_house())
            tasks.create_task(self.couriers.run(link))
            tasks.create_task(self.witnesses.run())

    def play(self, *, paused: bool | None, rate: float | None, seek: Instant | None) -> None:
        """Steer a replay. Raises Refused("replay.live") for a node that does not replay."""
        clock = self.host.clock
        if not isinstance(clock, PlayedClock):
            raise Refused("replay.live", "this node shows live traffic: its time cannot be steered")
        if rate is not None:
            clock.set_rate(rate)
        if paused is not None:
            clock.pause(paused=paused)
        if seek is not None:
            clock.seek(seek)
            for node in (self, *self.companions):
                node.host.take(TimeJumped(to=seek))

    async def _follow(self, feed: Feed) -> None:
        try:
            async for arrival in feed.arrivals():
                await self._arrivals.put(arrival)
        except KeepclearError as error:
            # A feed that fails is a fact for people, not the end of the watch.
            self.host.take(FeedChanged(name=feed.name, kind=feed.kind, trouble=error.message))
        else:
            await self._arrivals.join()
            self.host.take(FeedChanged(name=feed.name, kind=feed.kind, ended=True))

    async def _tell_trouble(self, feed: Feed) -> None:
        told = feed.trouble
        while True:
            await asyncio.sleep(TICK_S)
            if feed.trouble != told:
                told = feed.trouble
                self.host.take(FeedChanged(name=feed.name, kind=feed.kind, trouble=told))

    async def _take_in(self) -> None:
        while True:
            arrivals = [await self._arrivals.get()]
            while not self._arrivals.empty():
                arrivals.append(self._arrivals.get_nowait())
            self.host.take_arrivals(arrivals)
            for _ in arrivals:
                self._arrivals.task_done()
            await asyncio.sleep(BATCH_S)

    async def _tell_time(self) -> None:
        while True:
            self.host.take(Ticked())
            await asyncio.sleep(TICK_S)

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(HOUSE_S)
            self._measure()
            self.host.keep_house()

    def _measure(self) -> None:
        now_s = stopwatch_s()
        feeds = self.host.desk.watch.feeds
        for name, feed in feeds.items():
            since = feed.reports - self._counted.get(name, 0)
            self.per_second[name] = since / max(now_s - self._counted_at, 1e-3)
            self._counted[name] = feed.reports
        self._counted_at = now_s


def thresholds(*, late_s: float, lost_s: float) -> tuple[Duration, Duration]:
    """When a feed counts as late and as lost."""
    return duration_of(seconds=late_s), duration_of(seconds=lost_s)
