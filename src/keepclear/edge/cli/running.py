"""A node run from the command line, with its console, until stopped."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import tempfile
import webbrowser
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
import uvicorn

from keepclear.core.errors import KeepclearError, Unavailable
from keepclear.edge.api import make_app
from keepclear.edge.config import Config
from keepclear.edge.feeds.arrival import Feed
from keepclear.edge.node import Node
from keepclear.edge.opening import has_display

WEBSOCKET_BYTES_MAX: Final = 4_096
"""The longest message that a console may send; it has no reason to send any."""

Port = Annotated[int, typer.Option(help="The port on 127.0.0.1; 0 takes a free one.", min=0, max=65_535)]
Browser = Annotated[bool, typer.Option(help="Open the console in a browser where there is a display.")]
Data = Annotated[
    Path | None, typer.Option(help="Keep the node's data in this folder; a temporary one when left out.")
]


def run(
    node: Node,
    config: Config,
    feeds: Sequence[Feed],
    *,
    beside: Callable[[], Coroutine[None, None, None]] | None = None,
    browser: bool,
) -> None:
    """Run a node until a signal or an error ends it; ``beside`` runs with it.

    Its store is closed in any case. Its segment is finished at a signal only: after an error the store may take no
    more, and what is not yet in a segment is in the journal, where the next start finds it. Raises Unavailable when
    the address cannot be listened on, and whatever KeepclearError ended the node.
    """
    try:
        asyncio.run(_serving(node, config, feeds, beside, browser=browser))
        node.host.seal()
    finally:
        node.host.store.close()


async def _serving(
    node: Node,
    config: Config,
    feeds: Sequence[Feed],
    beside: Callable[[], Coroutine[None, None, None]] | None,
    *,
    browser: bool,
) -> None:
    """The node, its console and what runs beside them, until a signal or an error ends them together."""
    listening = _listening(config.bind, config.port)
    link = _listening(config.link.bind, config.link.port) if config.link.port else None
    address = f"http://{config.bind}:{listening.getsockname()[1]}/"
    server = _Server(
        uvicorn.Config(
            make_app(node, config=config),
            log_level="warning",
            ws="websockets-sansio",
            ws_max_size=WEBSOCKET_BYTES_MAX,
        )
    )
    working = [asyncio.create_task(node.run(feeds, link=link))]
    if beside is not None:
        working.append(asyncio.create_task(beside()))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    _announce(node, address, browser=browser)
    done, _ = await asyncio.wait([serving, *working], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    for task in working:
        task.cancel()
    await asyncio.gather(serving, *working, return_exceptions=True)
    for task in done - {serving}:
        if (error := task.exception()) is not None:
            raise _cause(error)


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


def _listening(bind: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((bind, port))
        # From here on a browser that is told the address waits for the server, rather than being turned away.
        listening.listen()
    except OSError as error:
        listening.close()
        taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
        advice = "choose another port" if taken else "bind must be an address of this machine"
        raise Unavailable(
            "node.port", f"cannot listen on {bind} port {port}: {error.strerror}; {advice}"
        ) from error
    return listening


def _announce(node: Node, address: str, *, browser: bool) -> None:
    typer.echo(f"{node.name}: {address}")
    if node.guide:
        typer.echo("What to look at:")
        for number, words in enumerate(node.guide, start=1):
            typer.echo(f"  {number}. {words}")
    typer.echo("Stop with Ctrl+C.")
    if browser and has_display():
        webbrowser.open(address)


@contextmanager
def data_folder(data: Path | None) -> Iterator[Path]:
    """The folder that was given, or a temporary one that goes with the run."""
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="keepclear-") as folder:
        yield Path(folder)
