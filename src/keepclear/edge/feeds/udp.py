"""A feed from UDP datagrams sent to a port of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from keepclear.core.errors import Unavailable
from keepclear.core.watch.report import SourceName
from keepclear.edge.feeds.arrival import Arrival, Clock
from keepclear.formats.feed.reading import Reader
from keepclear.formats.feed.refusal import Refusal

QUEUE_MAX: Final = 4_096
"""The most datagrams that wait to be read; past it further ones are dropped, and counted in a refusal."""


class UdpFeed(asyncio.DatagramProtocol):
    """Reads the datagrams that come to ``host`` and ``port``; a datagram holds whole lines or frames.

    ``line_end`` is added to datagrams that lack it; it is empty for Beast. A datagram has no sender that
    could be trusted: anyone who reaches the port can tell reports.
    """

    kind = "udp"

    def __init__(
        self,
        name: SourceName,
        *,
        host: str,
        port: int,
        reader: Reader,
        clock: Clock,
        line_end: bytes = b"\n",
    ) -> None:
        self._name = name
        self._host = host
        self._port = port
        self._reader = reader
        self._clock = clock
        self._line_end = line_end
        self._trouble = ""
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(QUEUE_MAX)
        self._dropped = 0
        self.port_bound = port

    @property
    def name(self) -> SourceName:
        """The name under which its reports come."""
        return self._name

    @property
    def trouble(self) -> str:
        """What is wrong with it now, in words; empty while it is well."""
        return self._trouble

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Takes one datagram; called by the event loop."""
        del addr
        if self._queue.full():
            self._dropped += 1
        else:
            self._queue.put_nowait(data)

    async def arrivals(self) -> AsyncIterator[Arrival]:
        """Yields what comes; never ends by itself. Raises Unavailable("udp.bind") if the port is taken."""
        loop = asyncio.get_running_loop()
        try:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: self, local_addr=(self._host, self._port)
            )
        except OSError as error:
            self._trouble = f"cannot listen on {self._host}:{self._port}: {error}"
            raise Unavailable("udp.bind", f"cannot listen on {self._host}:{self._port}: {error}") from None
        self.port_bound = transport.get_extra_info("sockname")[1]
        self._trouble = ""
        try:
            while True:
                yield self._arrival(await self._queue.get())
        finally:
            transport.close()

    def _arrival(self, datagram: bytes) -> Arrival:
        now = self._clock()
        if not datagram.endswith(self._line_end):
            datagram += self._line_end
        reading = self._reader.read(datagram, received=now)
        refusals = (*reading.refusals, *self._overrun())
        return Arrival(reports=reading.reports, refusals=refusals, ignored=reading.ignored, at=now)

    def _overrun(self) -> tuple[Refusal, ...]:
        dropped, self._dropped = self._dropped, 0
        if not dropped:
            return ()
        message = f"{dropped} datagrams came faster than they could be read and were dropped"
        return (Refusal(code="udp.overrun", message=message, line=0, sample=b""),)
