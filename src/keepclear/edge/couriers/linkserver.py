"""The called side of the link: takes posts from the nodes of pinned peers, and from nobody else.

Who calls is settled before a byte of a request is read: TLS lets in a certificate that was pinned, and the key that it
holds must then be the pinned one itself, since a peer could have marked its certificate as an authority over others.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import h11

from keepclear.core.errors import KeepclearError, Refused
from keepclear.edge.couriers.answer import LIMITS, Answer, Limits, answer_to, refusal
from keepclear.edge.couriers.exchange import Exchange
from keepclear.edge.couriers.tls import Certificate, OwnCertificate, peer_pin, server_context

Handler: TypeAlias = Callable[[str, str, bytes], Awaitable[Answer]]
"""Meets a request: the peer's name, the path, the body. It may be called again with the same request."""

ACCEPT_AGAIN_S: Final = 1.0
"""The pause after the machine had no room for one more connection."""

_NO_ROOM: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ECONNABORTED})
_STATUS: Final = {"link.head": 431, "link.too-large": 413}


@dataclass(slots=True, kw_only=True, eq=False)
class _Seat:
    """One connection of a known peer; ``idle`` while it waits for a request."""

    peer: str
    idle: bool = True


class LinkServer:
    """Serves the peers that it is given, by name; each may hold a few connections and send what Limits allow."""

    def __init__(
        self,
        *,
        own: OwnCertificate,
        peers: Mapping[str, Certificate],
        handler: Handler,
        limits: Limits = LIMITS,
    ) -> None:
        self._own = own
        self._handler = handler
        self._limits = limits
        self._strangers: dict[asyncio.Task[None], None] = {}
        self._seats: dict[asyncio.Task[None], _Seat] = {}
        self.admit(peers)

    def admit(self, peers: Mapping[str, Certificate]) -> None:
        """Serve these peers from now on; whoever is no longer among them is cut off at once.

        Raises Refused("link.same-key") when two of them have one key.
        """
        names: dict[str, str] = {}
        for name, certificate in peers.items():
            if (other := names.setdefault(certificate.pin, name)) != name:
                raise Refused(
                    "link.same-key", f"peers {other} and {name} have the same key {certificate.pin}"
                )
        self._context = server_context(self._own, tuple(peers.values()))
        gone = [task for task, seat in self._seats.items() if seat.peer not in peers]
        self._names = names
        for task in gone:
            self._end(task)

    async def run(self, listening: socket.socket) -> None:
        """Serve on a socket that already listens, until cancelled; the socket stays the caller's to close."""
        listening.settimeout(0)
        try:
            while True:
                accepted = await _accepted(listening)
                if len(self._strangers) >= self._limits.strangers_max:
                    self._end(next(iter(self._strangers)))
                self._strangers[asyncio.create_task(self._serve(accepted))] = None
                # Lets the task take charge of its socket before anything can end it.
                await asyncio.sleep(0)
        finally:
            for task in (ending := [*self._strangers, *self._seats]):
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._strangers.pop(task, None)
        self._seats.pop(task, None)
        task.cancel()

    async def _serve(self, accepted: socket.socket) -> None:
        """One connection, from the handshake to its end."""
        task = asyncio.current_task()
        assert task is not None, "a connection is served by a task of its own"
        writer: asyncio.StreamWriter | None = None
        try:
            reader, writer = await self._secured(accepted)
            peer = self._names.get(peer_pin(writer.get_extra_info("ssl_object")))
            if peer is not None:
                await self._converse(task, peer, Exchange(h11.SERVER, reader, writer, self._limits))
            writer.close()
        except (OSError, TimeoutError):
            # The other side is gone, too slow, or no peer: there is nobody to tell.
            pass
        finally:
            self._strangers.pop(task, None)
            self._seats.pop(task, None)
            # A connection that was closed above still sends what was written to it; any other ends here.
            if writer is not None and not writer.is_closing():
                writer.transport.abort()

    async def _secured(self, accepted: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol,
            accepted,
            ssl=self._context,
            ssl_handshake_timeout=self._limits.message_s,
            ssl_shutdown_timeout=self._limits.message_s,
        )
        return reader, asyncio.StreamWriter(transport, protocol, reader, loop)

    async def _converse(self, task: asyncio.Task[None], peer: str, exchange: Exchange) -> None:
        """Requests and answers in turn, while the connection lasts."""
        if not self._make_room(peer):
            await self._refuse(exchange, refusal(503, "link.busy", f"{peer} has too many requests under way"))
            return
        # Until here it counts among the strangers, so that those who find no seat are bounded too.
        self._strangers.pop(task, None)
        seat = self._seats[task] = _Seat(peer=peer)
        while await self._begins(exchange) and await self._meets(peer, exchange, seat):
            exchange.follow()

    async def _meets(self, peer: str, exchange: Exchange, seat: _Seat) -> bool:
        """Answers the request that has begun; whether another may follow."""
        seat.idle = False
        try:
            answer = await self._answer(peer, exchange)
        except _Unreadable as unreadable:
            refused = unreadable.answer
        else:
            await self._send(exchange, answer, last=False)
            seat.idle = True
            return exchange.lasts
        await self._refuse(exchange, refused)
        return False

    def _make_room(self, peer: str) -> bool:
        """Whether there is a seat; the oldest idle one is given up for it, the peer's own before another's.

        So a peer whose old connections hang in a cut link gets in again at once, and takes no other's place while it
        has places of its own.
        """
        of_peer = [task for task, seat in self._seats.items() if seat.peer == peer]
        if len(of_peer) >= self._limits.per_peer_max:
            among = of_peer
        elif len(self._seats) >= self._limits.connections_max:
            among = list(self._seats)
        else:
            return True
        idle = next((task for task in among if self._seats[task].idle), None)
        if idle is not None:
            self._end(idle)
        return idle is not None

    async def _begins(self, exchange: Exchange) -> bool:
        try:
            async with asyncio.timeout(self._limits.idle_s):
                return await exchange.has_begun()
        except TimeoutError:
            return False

    async def _answer(self, peer: str, exchange: Exchange) -> Answer:
        """What the handler answers to the next request; raises _Unreadable when there is no whole request."""
        try:
            async with asyncio.timeout(self._limits.message_s) as limit:
                message = await exchange.take(limit)
        except TimeoutError:
            raise _Unreadable(refusal(408, "link.slow", "the request took too long to arrive")) from None
        except h11.RemoteProtocolError as error:
            raise _Unreadable(refusal(error.error_status_hint, "link.malformed", str(error))) from None
        except Refused as error:
            raise _Unreadable(refusal(_STATUS[error.code], error.code, error.message)) from None
        assert isinstance(message.head, h11.Request)
        if message.head.method != b"POST":
            answer = refusal(405, "link.method", "the link takes POST requests only")
            # RFC 9110, 9.3.2: an answer to HEAD has no content.
            raise _Unreadable(replace(answer, body=b"") if message.head.method == b"HEAD" else answer)
        return await self._handled(peer, message.head.target.decode("ascii"), message.body)

    async def _handled(self, peer: str, path: str, body: bytes) -> Answer:
        try:
            return await self._handler(peer, path, body)
        except KeepclearError as error:
            return answer_to(error)
        except Exception as error:  # noqa: BLE001 - a peer's bytes must not stop the node: it is told, and so is the log
            asyncio.get_running_loop().call_exception_handler(
                {
                    "message": f"a request of peer {peer} to {path} met a fault of this node",
                    "exception": error,
                }
            )
            return refusal(500, "link.fault", "this node failed at the request, and has noted why")

    async def _send(self, exchange: Exchange, answer: Answer, *, last: bool) -> None:
        async with asyncio.timeout(self._limits.message_s + len(answer.body) / self._limits.pace_bytes_s):
            await exchange.answer(answer, last=last)

    async def _refuse(self, exchange: Exchange, answer: Answer) -> None:
        await self._send(exchange, answer, last=True)
        try:
            async with asyncio.timeout(self._limits.linger_s):
                await exchange.drop_rest()
        except TimeoutError:
            return


class _Unreadable(Exception):
    """There is no request to meet; ``answer`` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


async def _accepted(listening: socket.socket) -> socket.socket:
    """The next connection, when the machine has room for one."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            return (await loop.sock_accept(listening))[0]
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            await asyncio.sleep(ACCEPT_AGAIN_S)
