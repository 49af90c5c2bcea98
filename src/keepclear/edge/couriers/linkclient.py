"""The calling side of the link: posts to the node of one peer, known by its pinned key."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import h11

from keepclear.core.errors import Refused, Unavailable, Untrusted
from keepclear.edge.couriers.answer import LIMITS, Answer, Limits
from keepclear.edge.couriers.exchange import Exchange, Message
from keepclear.edge.couriers.tls import Certificate, OwnCertificate, client_context, peer_pin

_URL: Final = re.compile(r"https://(?:[a-zA-Z0-9.-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}/?")
_PATH: Final = re.compile(r"/[\x21-\x7e]{0,200}")


class LinkClient:
    """Posts to ``https://HOST:PORT``. Nothing is redirected, no proxy is asked, no environment read.

    Raises Refused("link.url") for an address of any other form.
    """

    def __init__(self, url: str, *, own: OwnCertificate, peer: Certificate, limits: Limits = LIMITS) -> None:
        self._host, self._port = _place(url)
        self._at = url.removeprefix("https://").rstrip("/")
        self._own = own
        self._peer = peer
        self._context = client_context(own, peer)
        self._limits = limits
        self._kept: _Connection | None = None

    async def post(self, path: str, body: bytes) -> Answer:
        """What the peer answers to a body of at most ``body_bytes_max`` bytes, whatever its status.

        One connection is kept for the next post; when the peer has closed it in the meantime, the post goes over a new
        one. The peer may then see the same post twice, which is why bundles are idempotent.

        Raises Unavailable("link.unreachable") when there is no way to the peer, "link.no-tls" when it speaks something
        else, "link.closed" when it hangs up, "link.slow" when it takes too long and "link.garbled" when what it says
        cannot be read; Untrusted("link.pin") when whoever is there does not hold the pinned key; Refused("link.path")
        and Refused("link.too-large") for what cannot be sent.
        """
        if not _PATH.fullmatch(path):
            raise Refused("link.path", f"the path is {path[:80]!r}, must begin with / and have no spaces")
        if len(body) > self._limits.body_bytes_max:
            raise Refused(
                "link.too-large",
                f"the body has {len(body)} bytes, at most {self._limits.body_bytes_max} can go",
            )
        kept, self._kept = self._kept, None
        try:
            async with asyncio.timeout(self._limits.whole_s + len(body) / self._limits.pace_bytes_s) as limit:
                return await self._posted(kept, path, body, limit)
        except TimeoutError:
            raise Unavailable("link.slow", f"{self._at} has not answered in time") from None

    def close(self) -> None:
        """Hang up; a later post connects anew."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.abort()

    async def _posted(
        self, kept: _Connection | None, path: str, body: bytes, limit: asyncio.Timeout
    ) -> Answer:
        if kept is not None and kept.exchange.silent:
            with suppress(_HungUp):
                return await self._exchanged(kept, path, body, limit)
        elif kept is not None:
            kept.abort()
        try:
            return await self._exchanged(await self._connected(), path, body, limit)
        except _HungUp as error:
            raise Unavailable(
                "link.closed",
                f"{self._at} hung up without an answer ({error}); if it has never answered, it has not been given this "
                f"node's certificate, key {self._own.certificate.pin}",
            ) from None

    async def _exchanged(
        self, connection: _Connection, path: str, body: bytes, limit: asyncio.Timeout
    ) -> Answer:
        """The answer over one connection, which is kept if it lasts and no other is."""
        kept = False
        try:
            answer = await self._answer(connection.exchange, path, body, limit)
            if connection.exchange.lasts and self._kept is None:
                connection.exchange.follow()
                self._kept, kept = connection, True
            return answer
        finally:
            if not kept:
                connection.abort()

    async def _answer(self, exchange: Exchange, path: str, body: bytes, limit: asyncio.Timeout) -> Answer:
        try:
            await exchange.ask(path, body, host=self._at)
            if not await exchange.has_begun():
                raise _HungUp("closed")
            message = await exchange.take(limit)
            return _read(message)
        except OSError as error:
            raise _HungUp(error.strerror or str(error)) from None
        except (h11.RemoteProtocolError, Refused) as error:
            raise Unavailable("link.garbled", f"{self._at} answered what cannot be read: {error}") from None

    async def _connected(self) -> _Connection:
        """A new connection, to whoever holds the pinned key."""
        try:
            async with asyncio.timeout(self._limits.connect_s):
                reader, writer = await asyncio.open_connection(
                    self._host,
                    self._port,
                    ssl=self._context,
                    # An empty name keeps the host's from being sent in the clear (RFC 6066, 3).
                    server_hostname="",
                    ssl_handshake_timeout=self._limits.connect_s,
                    ssl_shutdown_timeout=self._limits.connect_s,
                )
        except TimeoutError:
            raise Unavailable("link.unreachable", f"{self._at} does not answer") from None
        except ssl.SSLCertVerificationError:
            raise self._stranger() from None
        except ssl.SSLError as error:
            raise Unavailable("link.no-tls", f"{self._at} does not speak TLS 1.3: {error.reason}") from None
        except OSError as error:
            reason = error.strerror or "hung up before it proved its key"
            raise Unavailable("link.unreachable", f"{self._at}: {reason}") from None
        connection = _Connection(exchange=Exchange(h11.CLIENT, reader, writer, self._limits), writer=writer)
        if peer_pin(writer.get_extra_info("ssl_object")) != self._peer.pin:
            connection.abort()
            raise self._stranger()
        return connection

    def _stranger(self) -> Untrusted:
        return Untrusted(
            "link.pin", f"whoever answers at {self._at} does not hold the pinned key {self._peer.pin}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Connection:
    """A connection on which the pinned key was proved."""

    exchange: Exchange
    writer: asyncio.StreamWriter

    def abort(self) -> None:
        """End it at once; nothing of worth is on its way."""
        self.writer.transport.abort()


class _HungUp(Exception):
    """The other side closed before it began to answer."""


def _place(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if host is None or port is None or not _URL.fullmatch(url):
        raise Refused("link.url", f"the peer's address is {url[:80]!r}, must be https://HOST:PORT")
    return host, port


def _read(message: Message) -> Answer:
    headers = dict(message.head.headers)
    assert isinstance(message.head, h11.Response)
    return Answer(
        status=message.head.status_code,
        content_type=headers.get(b"content-type", b"").decode("latin-1"),
        body=message.body,
    )
