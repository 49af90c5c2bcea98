"""Nodes that a test of the link joins over loopback, and connections that do without the courier."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest

from keepclear.core.instant import Instant
from keepclear.edge.couriers.answer import Answer, Limits
from keepclear.edge.couriers.linkclient import LinkClient
from keepclear.edge.couriers.linkserver import LinkServer
from keepclear.edge.couriers.tls import OwnCertificate, own_certificate

NOW = Instant(1_790_000_000_000)
QUICK = Limits(message_s=0.5, whole_s=2.0, connect_s=1.0, idle_s=0.5, linger_s=0.2)
DEADLINE_S = 60.0
WHOLE = b"POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"
POST = b"POST /x HTTP/1.1\r\nhost: a\r\n"


def known(factory: pytest.TempPathFactory) -> dict[str, OwnCertificate]:
    """Certificates of a few nodes."""
    names = ("alpha", "bravo", "charlie", "mallory")
    return {name: own_certificate(factory.mktemp(name) / "keys", now=NOW) for name in names}


async def echo(peer: str, path: str, body: bytes) -> Answer:
    return Answer(status=200, content_type="text/plain", body=f"{peer} {path} ".encode() + body)


@asynccontextmanager
async def serving(server: LinkServer) -> AsyncIterator[int]:
    """A server on a free port of 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        running = asyncio.create_task(server.run(listening))
        try:
            yield listening.getsockname()[1]
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            assert running.cancelled()


def bounded(coroutine: Coroutine[None, None, None]) -> None:
    asyncio.run(asyncio.wait_for(coroutine, DEADLINE_S))


def alpha(
    nodes: dict[str, OwnCertificate],
    handler: Callable[[str, str, bytes], Awaitable[Answer]] = echo,
    limits: Limits = QUICK,
) -> LinkServer:
    """The node that is called: alpha, who knows bravo and charlie."""
    peers = {name: nodes[name].certificate for name in ("bravo", "charlie")}
    return LinkServer(own=nodes["alpha"], peers=peers, handler=handler, limits=limits)


def caller(
    nodes: dict[str, OwnCertificate],
    port: int,
    *,
    own: str = "bravo",
    peer: str = "alpha",
    limits: Limits = QUICK,
) -> LinkClient:
    return LinkClient(
        f"https://127.0.0.1:{port}", own=nodes[own], peer=nodes[peer].certificate, limits=limits
    )


async def raw(port: int, context: ssl.SSLContext | None) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection without the courier, by whatever rules of TLS."""
    name = None if context is None else ""
    return await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)


async def said(port: int, context: ssl.SSLContext | None, sent: bytes) -> bytes:
    """All that the server says to these bytes until it closes; b"" when it breaks the connection."""
    try:
        reader, writer = await raw(port, context)
    except OSError:
        return b""
    try:
        writer.write(sent)
        return await reader.read()
    except OSError:
        return b""
    finally:
        writer.transport.abort()


def unchecked(own: OwnCertificate | None = None) -> ssl.SSLContext:
    """What a caller uses who asks for nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if own is not None:
        context.load_cert_chain(own.path)
    return context
