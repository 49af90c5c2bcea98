"""HTTP/1.1 messages over one connection of the link (RFC 9112): taken and sent whole, within limits and time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, TypeAlias

import h11

from keepclear.core.errors import Refused
from keepclear.edge.couriers.answer import Answer, Limits

CHUNK_BYTES: Final = 65_536

_LINE_EXTRA: Final = len(b": \r\n")

Role: TypeAlias = type[h11.CLIENT] | type[h11.SERVER]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request or an answer that came whole."""

    head: h11.Request | h11.Response
    body: bytes


class Exchange:
    """One connection, as one side of HTTP/1.1 sees it."""

    def __init__(
        self, role: Role, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits
    ) -> None:
        self._http = h11.Connection(role, max_incomplete_event_size=limits.head_bytes_max)
        self._reader = reader
        self._writer = writer
        self._limits = limits

    @property
    def lasts(self) -> bool:
        """Whether another request can follow on this connection."""
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    @property
    def silent(self) -> bool:
        """Whether nothing has come that waits to be taken, and the other side has not closed."""
        return self._http.trailing_data == (b"", False) and not self._reader.at_eof()

    def follow(self) -> None:
        """Make ready for another request, on a connection that ``lasts``."""
        self._http.start_next_cycle()

    async def has_begun(self) -> bool:
        """Waits for the first bytes of a message; False when the other side closes instead."""
        if self._http.trailing_data[0]:
            return True
        chunk = await self._reader.read(CHUNK_BYTES)
        self._http.receive_data(chunk)
        return bool(chunk)

    async def take(self, limit: asyncio.Timeout) -> Message:
        """The next message, whole; ``limit`` grows with what comes.

        Raises Refused("link.head") and Refused("link.too-large") for a head or a body past its limit,
        h11.RemoteProtocolError for what is not HTTP/1.1, OSError when the connection breaks.
        """
        event = await self._event(limit)
        while isinstance(event, h11.InformationalResponse):
            event = await self._event(limit)
        if not isinstance(event, h11.Request | h11.Response):
            raise h11.RemoteProtocolError("the connection was closed before a message")
        self._check_head(event)
        if self._http.they_are_waiting_for_100_continue:
            await self._put(h11.InformationalResponse(status_code=100, headers=[]))
        size, chunks = 0, list[bytes]()
        while isinstance(data := await self._event(limit), h11.Data):
            size += len(data.data)
            self._check_body(size)
            chunks.append(bytes(data.data))
        return Message(head=event, body=b"".join(chunks))

    async def ask(self, path: str, body: bytes, *, host: str) -> None:
        """Send a POST request."""
        length = ("content-length", str(len(body)))
        request = h11.Request(method="POST", target=path, headers=[("host", host), length])
        await self._put(request, h11.Data(data=body), h11.EndOfMessage())

    async def answer(self, answer: Answer, *, last: bool) -> None:
        """Send an answer; ``last`` says that the connection will be closed after it."""
        headers = [
            ("content-type", answer.content_type),
            ("content-length", str(len(answer.body))),
            ("cache-control", "no-store"),
        ]
        headers += [("connection", "close")] if last else []
        response = h11.Response(status_code=answer.status, headers=headers)
        await self._put(response, h11.Data(data=answer.body), h11.EndOfMessage())

    async def drop_rest(self) -> None:
        """Take in and drop what still comes, until the other side closes: what it was told can then reach it."""
        while await self._reader.read(CHUNK_BYTES):
            pass

    async def _event(self, limit: asyncio.Timeout) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            chunk = await self._reader.read(CHUNK_BYTES)
            lengthen(limit, len(chunk) / self._limits.pace_bytes_s)
            self._http.receive_data(chunk)
        return event

    async def _put(self, *events: h11.Event) -> None:
        self._writer.write(b"".join(self._http.send(event) or b"" for event in events))
        await self._writer.drain()

    def _check_head(self, head: h11.Request | h11.Response) -> None:
        target = len(head.target) if isinstance(head, h11.Request) else 0
        size = target + sum(len(name) + len(value) + _LINE_EXTRA for name, value in head.headers)
        if size > self._limits.head_bytes_max:
            raise Refused(
                "link.head", f"the head has {size} bytes, at most {self._limits.head_bytes_max} are taken"
            )
        for name, value in head.headers:
            if name == b"content-length":
                self._check_body(int(value))

    def _check_body(self, size: int) -> None:
        if size > self._limits.body_bytes_max:
            raise Refused(
                "link.too-large",
                f"the body has {size} bytes, at most {self._limits.body_bytes_max} are taken",
            )


def lengthen(limit: asyncio.Timeout, by_s: float) -> None:
    """Put off a deadline."""
    when = limit.when()
    assert when is not None, "the link waits for nothing without a deadline"
    limit.reschedule(when + by_s)
