"""A feed from the standard input, for whatever another program writes into a pipe."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Final, Protocol

from keepclear.core.watch.report import SourceName
from keepclear.edge.feeds.arrival import Arrival, Clock
from keepclear.formats.feed.reading import Reader

CHUNK_BYTES: Final = 65_536
WAITING_CHUNKS_MAX: Final = 16
"""How many chunks are read ahead before the writing program has to wait."""


class Input(Protocol):
    """What can be read as soon as something is there, such as ``sys.stdin.buffer``."""

    def read1(self, size: int, /) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        ...


class StdinFeed:
    """Reads an input to its end."""

    kind = "stdin"

    def __init__(self, name: SourceName, *, stream: Input, reader: Reader, clock: Clock) -> None:
        self._name = name
        self._stream = stream
        self._reader = reader
        self._clock = clock
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
        """Yields what comes, until the input ends."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(WAITING_CHUNKS_MAX)
        loop = asyncio.get_running_loop()
        # A regular file cannot be waited for as a pipe can, and a thread of the loop's own pool would keep
        # the program from ending while the input is open; a daemon thread does neither.
        threading.Thread(target=self._pump, args=(queue, loop), daemon=True).start()
        while chunk := await queue.get():
            now = self._clock()
            reading = self._reader.read(chunk, received=now)
            yield Arrival(reports=reading.reports, refusals=reading.refusals, ignored=reading.ignored, at=now)
        now = self._clock()
        last = self._reader.finish(received=now)
        yield Arrival(reports=last.reports, refusals=last.refusals, ignored=last.ignored, at=now)

    def _pump(self, queue: asyncio.Queue[bytes], loop: asyncio.AbstractEventLoop) -> None:
        chunk = b"more"
        while chunk:
            chunk = self._stream.read1(CHUNK_BYTES)
            put = queue.put(chunk)
            try:
                asyncio.run_coroutine_threadsafe(put, loop).result()
            except (RuntimeError, asyncio.CancelledError):
                # The loop is gone: nobody wants the rest.
                put.close()
                return
