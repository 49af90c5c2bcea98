"""A node run from the command line, with its console, until stopped."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import tempfile
import webbrowser
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer
import uvicorn

from keepclear.core.errors import KeepclearError, Unavailable
from keepclear.core.trust.note import verifier_key_of
from keepclear.edge.api.app import make_app
from keepclear.edge.config import WITNESS_ALGORITHMS, Config
from keepclear.edge.feeds.arrival import Feed
from keepclear.edge.lines.witness import Witness, witness_app
from keepclear.edge.node import Node
from keepclear.edge.opening import has_display

WEBSOCKET_BYTES_MAX: Final = 4_096
"""The longest message that a console may send; it has no reason to send any."""

Port = Annotated[int, typer.Option(help="The port on 127.0.0.1; 0 takes a free one.", min=0, max=65_535)]
Browser = Annotated[bool, typer.Option(help="Open the console in a browser where there is a display.")]
Data = Annotated[
    Path | None, typer.Option(help="Keep the node's data in this folder; a temporary one when left out.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A node to be run with its console. ``link`` is the socket of its link, where that is listening already."""

    node: Node
    config: Config
    feeds: Sequence[Feed]
    link: socket.socket | None = None


def run(
    stations: Sequence[Station],
    *,
    beside: Sequence[Callable[[], Coroutine[None, None, None]]] = (),
    browser: bool,
) -> None:
    """Run nodes until a signal or an error ends them all; ``beside`` runs with them.

    Their stores are closed in any case. Their segments are finished at a signal only: after an error a store may take
    no more, and what is not yet in a segment is in the journal, where the next start finds it. Raises Unavailable when
    an address cannot be listened on, and whatever KeepclearError ended a node.
    """
    try:
        asyncio.run(_serving(stations, beside, browser=browser))
        for station in stations:
            station.node.host.seal()
    finally:
        for station in stations:
            station.node.host.store.close()
            if station.link is not None:
                station.link.close()


async def _serving(
    stations: Sequence[Station],
    beside: Sequence[Callable[[], Coroutine[None, None, None]]],
    *,
    browser: bool,
) -> None:
    """The nodes, their consoles and what runs beside them, until a signal or an error ends them together."""
    with ExitStack() as opened:
        sockets = [opened.enter_context(listening(each.config.bind, each.config.port)) for each in stations]
        links = [_link_of(each, opened) for each in stations]
        servers = [_server_of(each) for each in stations]
        addresses = [_address(station, each) for station, each in zip(stations, sockets, strict=True)]
        for each in stations:
            if each.config.witness.port:
                sockets.append(
                    opened.enter_context(listening(each.config.witness.bind, each.config.witness.port))
                )
                servers.append(_witness_of(each))
        working = [
            asyncio.create_task(each.node.run(each.feeds, link=link))
            for each, link in zip(stations, links, strict=True)
        ]
        working += [asyncio.create_task(each()) for each in beside]
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, _stop, servers)
        serving = [
            asyncio.create_task(server.serve(sockets=[each]))
            for server, each in zip(servers, sockets, strict=True)
        ]
        _announce([each.node for each in stations], addresses, browser=browser)
        done, _ = await asyncio.wait([*serving, *working], return_when=asyncio.FIRST_COMPLETED)
        _stop(servers)
        for task in working:
            task.cancel()
        await asyncio.gather(*serving, *working, return_exceptions=True)
    for task in done - set(serving):
        if (error := task.exception()) is not None:
            raise _cause(error)


def _server_of(station: Station) -> _Server:
    return _Server(
        uvicorn.Config(
            make_app(station.node, config=station.config),
            log_level="warning",
            ws="websockets-sansio",
            ws_max_size=WEBSOCKET_BYTES_MAX,
        )
    )


def _witness_of(station: Station) -> _Server:
    """The server of a node that witnesses others' logs; says under which key it does."""
    config = station.config
    keys = [verifier_key_of(each) for each in config.witness.logs]
    witness = Witness(
        store=station.node.host.store,
        keys=Path(config.data) / "keys",
        party=config.party.lower(),
        logs={each.name: each for each in keys},
        clock=station.node.host.clock.now,
        algorithm=WITNESS_ALGORITHMS[config.witness.algorithm],
    )
    typer.echo(f"witness: {witness.cosigner.key.text()} on port {config.witness.port}")
    return _Server(uvicorn.Config(witness_app(witness), log_level="warning", ws="none"))


def _link_of(station: Station, opened: ExitStack) -> socket.socket | None:
    link = station.config.link
    if station.link is not None or not link.port:
        return station.link
    return opened.enter_context(listening(link.bind, link.port))


def _stop(servers: Sequence[_Server]) -> None:
    for server in servers:
        server.stop()


def _cause(error: BaseException) -> BaseException:
    """The error that ended a node's tasks: what Keepclear itself says of it before what a group of tasks wraps."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    known = error.subgroup(KeepclearError)
    return error if known is None else _cause(known.exceptions[0])


class _Server(uvicorn.Server):
    """A server that a signal asks to stop, so that the node finishes its segment and closes its store."""

    def stop(self) -> None:
        """End the serving; what runs beside it ends with it."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the node: uvicorn would raise them again when it is done, which ends the process at once."""
        yield


def listening(bind: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. Raises Unavailable("node.port")."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off (CPython, base_events._set_nodelay); without it every
    # answer of more than one piece would wait 40 ms for the caller's acknowledgement of the first.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((bind, port))
        # From here on a browser that is told the address waits for the server, rather than being turned away.
        opened.listen()
    except OSError as error:
        opened.close()
        taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
        advice = "choose another port" if taken else "bind must be an address of this machine"
        raise Unavailable(
            "node.port", f"cannot listen on {bind} port {port}: {error.strerror}; {advice}"
        ) from error
    return opened


def _address(station: Station, opened: socket.socket) -> str:
    bind = station.config.bind
    return f"http://{f'[{bind}]' if ':' in bind else bind}:{opened.getsockname()[1]}/"


def _announce(nodes: Sequence[Node], addresses: Sequence[str], *, browser: bool) -> None:
    """Say where each console is, and what to look at in the first."""
    for node, address in zip(nodes, addresses, strict=True):
        typer.echo(f"{node.name}: {address}")
    if nodes[0].guide:
        typer.echo("What to look at:")
        for number, words in enumerate(nodes[0].guide, start=1):
            typer.echo(f"  {number}. {words}")
    typer.echo("Stop with Ctrl+C.")
    if browser and has_display():
        webbrowser.open(addresses[0])


@contextmanager
def data_folder(data: Path | None) -> Iterator[Path]:
    """The folder that was given, or a temporary one that goes with the run."""
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="keepclear-") as folder:
        yield Path(folder)
