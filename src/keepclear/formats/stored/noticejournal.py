"""What people decide about the board of notices as bytes: what the store keeps so that a restart is a replay.

MessagePack, as in formats/stored/journal.py. The bytes are the node's own and are read back only by it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from keepclear.core.notice.event import ConflictSeen, Decided, MinimaSet

MINIMA_KIND: Final = "minima-set"
SEEN_KIND: Final = "conflict-seen"


def decided_bytes(event: Decided) -> tuple[str, bytes]:
    """The kind and the bytes of what a person decided."""
    return (MINIMA_KIND if isinstance(event, MinimaSet) else SEEN_KIND), msgspec.msgpack.encode(event)


def decided_of(kind: str, raw: bytes) -> Decided | None:
    """What ``decided_bytes`` wrote, or None for a kind that is not of the board.

    Raises msgspec.MsgspecError for bytes that it did not write.
    """
    match kind:
        case "minima-set":
            return msgspec.msgpack.decode(raw, type=MinimaSet)
        case "conflict-seen":
            return msgspec.msgpack.decode(raw, type=ConflictSeen)
        case _:
            return None
