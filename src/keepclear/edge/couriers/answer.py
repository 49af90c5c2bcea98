"""Answers on the link between nodes, and every limit of what goes over it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import msgspec

from keepclear.core.errors import KeepclearError, Refused, Unavailable, Untrusted
from keepclear.formats.line.bundlefile import BUNDLE_BYTES_MAX

BODY_BYTES_MAX: Final = BUNDLE_BYTES_MAX
"""The longest body either way: the longest bundle (docs/protocol.md, 10)."""

JSON: Final = "application/json"

_CONTENT_TYPE: Final = re.compile(r"[\x20-\x7e]{0,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a side of the link puts up with; ``_s`` are seconds. The defaults are what a node runs with.

    A deadline grows by a second for each ``pace_bytes_s`` bytes that were moved, so that a long bundle gets over a
    slow link, while a peer that trickles is cut off.
    """

    head_bytes_max: int = 16 * 1024
    body_bytes_max: int = BODY_BYTES_MAX
    connect_s: float = 5.0
    """For name, TCP and TLS together."""
    message_s: float = 10.0
    """For a request or an answer, from its first byte to its last."""
    whole_s: float = 20.0
    """For a post, from the call to the last byte of the answer."""
    idle_s: float = 60.0
    """How long a server leaves an unused connection open."""
    linger_s: float = 2.0
    """How long a server takes in and drops what a refused caller still sends, so that its reason arrives."""
    pace_bytes_s: int = 16 * 1024
    strangers_max: int = 32
    """Connections whose handshake is not finished; one more ends the oldest of them."""
    connections_max: int = 30
    per_peer_max: int = 4


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a node answers to a post: an HTTP status from 200 to 599 and a body.

    Raises Refused("link.answer") for another status, a content type that is not printable ASCII of at most 200
    characters, and a body of more than BODY_BYTES_MAX bytes.
    """

    status: int
    content_type: str
    body: bytes

    def __post_init__(self) -> None:
        if not 200 <= self.status <= 599:
            raise Refused("link.answer", f"an answer has status {self.status}, must be 200 to 599")
        if not _CONTENT_TYPE.fullmatch(self.content_type):
            raise Refused("link.answer", f"an answer has content type {self.content_type[:80]!r}")
        if len(self.body) > BODY_BYTES_MAX:
            raise Refused(
                "link.answer", f"an answer has {len(self.body)} bytes, at most {BODY_BYTES_MAX} can go"
            )


def refusal(status: int, code: str, message: str) -> Answer:
    """An answer that says in JSON why a request was not met, as the node's API does (docs/wire.md)."""
    body = msgspec.json.encode({"code": code, "message": message})
    return Answer(status=status, content_type=JSON, body=body)


def answer_to(error: KeepclearError) -> Answer:
    """The answer that tells a peer of an error: 400 what it sent, 403 its proof, 503 this node."""
    status = 403 if isinstance(error, Untrusted) else 503 if isinstance(error, Unavailable) else 400
    return refusal(status, error.code, error.message)
