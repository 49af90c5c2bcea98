"""A feed from a TCP server, such as a receiver's port; connects again for as long as it is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from keepclear.core.instant import Instant
from keepclear.core.watch.report import SourceName
from keepclear.edge.feeds.arrival import Arrival, Clock
from keepclear.formats.feed.reading import Reader, Reading

CHUNK_BYTES: Final = 65_536
CONNECT_MAX_S: Final = 10.0
SILENCE_MAX_S: Final = 300.0
"""A connection that says nothing for so long is taken for dead and made anew."""

PAUSE_FIRST_S: Final = 1.0
PAUSE_MAX_S: Final = 30.0
"""The pause before connecting again doubles from the first to this."""


class TcpFeed:
    """Reads what a server at ``host`` and ``port`` sends, with a reader of its format."""

    kind = "tcp"

    def __init__(
        self,
        name: SourceName,
        *,
        host: str,
        port: int,
        reader: Reader,
        clock: Clock,
        pause_first_s: float = PAUSE_FIRST_S,
    ) -> None:
        self._name = name
        self._host = host
        self._port = port
        self._reader = reader
        self._clock = clock
        self._pause_first_s = pause_first_s
        self._trouble = ""

    @property
    def name(self) -> SourceName:
        """The name under which its reports come."""
        return self._name

    @property
    def trouble(self) -> str:
        """What is wrong with it now, in words; empty while it is well."""
        return self._trouble

    async def arrivals(self) -> AsyncIterator[Arrival]:
        """Yields what comes, over as many connections as it takes; never ends by itself."""
        pause_s = self._pause_first_s
        while True:
            try:
                stream, sink = await asyncio.wait_for(
                    asyncio.open_connection(self._host, self._port), CONNECT_MAX_S
                )
            except (OSError, TimeoutError) as error:
                self._trouble = (
                    f"cannot connect to {self._place}: {_said(error)}; next try in {pause_s:.0f} s"
                )
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, PAUSE_MAX_S)
                continue
            self._trouble = ""
            try:
                async for arrival in self._conversation(stream):
                    pause_s = self._pause_first_s
                    yield arrival
            finally:
                sink.close()
            now = self._clock()
            yield _arrival(self._reader.finish(received=now), now)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, PAUSE_MAX_S)

    async def _conversation(self, stream: asyncio.StreamReader) -> AsyncIterator[Arrival]:
        while True:
            try:
                chunk = await asyncio.wait_for(stream.read(CHUNK_BYTES), SILENCE_MAX_S)
            except (OSError, TimeoutError) as error:
                self._trouble = f"lost {self._place}: {_said(error)}"
                return
            if not chunk:
                self._trouble = f"{self._place} closed the connection"
                return
            now = self._clock()
            yield _arrival(self._reader.read(chunk, received=now), now)

    @property
    def _place(self) -> str:
        return f"{self._host}:{self._port}"


def _arrival(reading: Reading, now: Instant) -> Arrival:
    return Arrival(reports=reading.reports, refusals=reading.refusals, ignored=reading.ignored, at=now)


def _said(error: Exception) -> str:
    return "no answer" if isinstance(error, TimeoutError) else str(error)
