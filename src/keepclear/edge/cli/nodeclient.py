"""A running node as the command line asks it: over its HTTP API, with what it refuses said as its own words."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from http.client import HTTPException
from pathlib import Path
from typing import Annotated, Final, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import msgspec
import typer

from keepclear.core.errors import KeepclearError, Refused, Unavailable
from keepclear.edge.config import config_from
from keepclear.formats.wire import Value

DEFAULT_NODE: Final = "http://127.0.0.1:8470"
PREFIX: Final = "/api/v1"
WAIT_S: Final = 60.0
"""How long an answer may take; the export of a long line is the slowest."""

ANSWER_BYTES_MAX: Final = 2 << 30

Node = Annotated[
    str,
    typer.Option(
        "--node",
        envvar="KEEPCLEAR_NODE",
        help="The running node: its address, or its settings file, which has its token.",
    ),
]
Token = Annotated[str, typer.Option("--token", help="The node's token, where it asks for one.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the node's own answer, which is JSON.")]

_Shape = TypeVar("_Shape", bound=msgspec.Struct)


class _Problem(msgspec.Struct):
    """What a node says when it refuses."""

    code: str
    message: str


class NodeClient:
    """One node, asked by its address.

    Every method raises what the node refused, by its own code and words, and Unavailable("node.unreachable") when no
    node answers there.
    """

    def __init__(self, address: str, *, token: str = "") -> None:
        # A proxy of the environment has no business between a person and the node of this machine.
        self._opener = build_opener(ProxyHandler({}))
        self._address = address.rstrip("/")
        self._token = token

    def get(self, *path: str, **query: str | int) -> bytes:
        """The bytes of an answer. ``path`` are the parts of the address, each as it is named."""
        asked = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in query.items())
        return self._ask("GET", path, None, asked)

    def post(self, *path: str, form: dict[str, Value] | None = None, raw: bytes | None = None) -> bytes:
        """The bytes of the answer to a form, or to a file as it is."""
        body = raw if raw is not None else json.dumps({} if form is None else form).encode()
        return self._ask("POST", path, body, "")

    def _ask(self, method: str, path: Iterable[str], body: bytes | None, query: str) -> bytes:
        parts = "".join(f"/{quote(each, safe='')}" for each in path)
        address = f"{self._address}{PREFIX}{parts}{'?' if query else ''}{query}"
        request = Request(address, data=body, method=method, headers={"content-type": "application/json"})
        if self._token:
            request.add_header("authorization", f"Bearer {self._token}")
        try:
            with self._opener.open(request, timeout=WAIT_S) as answer:
                return answer.read(ANSWER_BYTES_MAX)
        except HTTPError as error:
            with error:
                raise _refused(error.code, error.read(1_000_000)) from None
        except (URLError, HTTPException, OSError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            raise Unavailable(
                "node.unreachable",
                f"no node answers at {self._address}: {reason}; start one with keepclear serve SETTINGS, or name "
                "where it is with --node",
            ) from None


def client_of(node: str, token: str = "") -> NodeClient:
    """The node at an address, or the one of a settings file.

    Raises as ``config_from`` does, and Refused("node.address") for what is neither.
    """
    if node.startswith(("http://", "https://")):
        try:
            if urlsplit(node).hostname:
                return NodeClient(node, token=token)
        except ValueError:
            pass
        raise Refused("node.address", f"{node!r} names no host; write it like {DEFAULT_NODE}")
    path = Path(node)
    if not path.is_file():
        raise Refused(
            "node.address", f"{node!r} is neither an address like {DEFAULT_NODE} nor a node's settings file"
        )
    config = config_from(path)
    bind = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.bind, config.bind)
    host = f"[{bind}]" if ":" in bind else bind
    return NodeClient(f"http://{host}:{config.port}", token=token or config.token)


def read_as(raw: bytes, shape: type[_Shape]) -> _Shape:
    """An answer in a shape of which more may be there than is asked. Raises Unavailable("node.other") for another."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.MsgspecError as error:
        raise Unavailable(
            "node.other", f"what answered is no node of this version of Keepclear: {error}; check --node"
        ) from None


def read_all_as(raw: bytes, shape: type[_Shape]) -> list[_Shape]:
    """A list of answers; as ``read_as``."""
    try:
        return msgspec.json.decode(raw, type=list[shape])
    except msgspec.MsgspecError as error:
        raise Unavailable(
            "node.other", f"what answered is no node of this version of Keepclear: {error}; check --node"
        ) from None


def printable(text: str) -> str:
    """A text of another party's as a terminal may have it: what would steer the terminal is shown by its number."""
    return "".join(
        each if each == "\n" or unicodedata.category(each) not in _STEERING else f"\\u{ord(each):04x}"
        for each in text
    )


# Cc steers a terminal, Cf turns the writing, Zl and Zp begin lines, Cs cannot be written.
_STEERING: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def _refused(status: int, body: bytes) -> KeepclearError:
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except msgspec.MsgspecError:
        return Unavailable("node.other", f"what answered with {status} is no node of Keepclear; check --node")
    if status == 401:
        return Refused(problem.code, f"{problem.message}; give it with --token, or --node SETTINGS")
    return (Unavailable if status >= 500 else Refused)(problem.code, problem.message)
