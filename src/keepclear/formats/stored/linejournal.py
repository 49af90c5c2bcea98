"""The lines' events and states as bytes: what the store keeps so that a restart is a replay.

MessagePack, as in formats/stored/journal.py. The bytes are the node's own and are read back only by it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from keepclear.core.line.event import (
    Attended,
    BundleCame,
    Carried,
    Elapsed,
    LineAgreed,
    LineEvent,
    NotCarried,
    Recalled,
    Reverted,
    Spoken,
    WaysSet,
)
from keepclear.core.line.state import LineState

AGREED_KIND: Final = "line-agreed"
SPOKEN_KIND: Final = "line-said"
BUNDLE_KIND: Final = "line-bundle"
CARRIED_KIND: Final = "line-carried"
NOT_CARRIED_KIND: Final = "line-not-carried"
ATTENDED_KIND: Final = "line-attended"
REVERTED_KIND: Final = "line-reverted"
RECALLED_KIND: Final = "line-recalled"
WAYS_KIND: Final = "line-ways"
ELAPSED_KIND: Final = "line-elapsed"

_TYPES: Final[dict[str, type[LineEvent]]] = {
    AGREED_KIND: LineAgreed,
    SPOKEN_KIND: Spoken,
    BUNDLE_KIND: BundleCame,
    CARRIED_KIND: Carried,
    NOT_CARRIED_KIND: NotCarried,
    ATTENDED_KIND: Attended,
    REVERTED_KIND: Reverted,
    RECALLED_KIND: Recalled,
    WAYS_KIND: WaysSet,
    ELAPSED_KIND: Elapsed,
}
_KINDS: Final = {each: kind for kind, each in _TYPES.items()}


def line_event_bytes(event: LineEvent) -> tuple[str, bytes]:
    """The kind and the bytes of an event of a line."""
    return _KINDS[type(event)], msgspec.msgpack.encode(event)


def line_event_of(kind: str, raw: bytes) -> LineEvent | None:
    """The event that ``line_event_bytes`` wrote, or None for a kind that is not of lines.

    Raises msgspec.MsgspecError for bytes that it did not write.
    """
    wanted = _TYPES.get(kind)
    return None if wanted is None else msgspec.msgpack.decode(raw, type=wanted)


def line_state_bytes(state: LineState) -> bytes:
    """All that a node remembers of a line."""
    return msgspec.msgpack.encode(state)


def line_state_of(raw: bytes) -> LineState:
    """The state that ``line_state_bytes`` wrote. Raises msgspec.MsgspecError for other bytes."""
    return msgspec.msgpack.decode(raw, type=LineState)
