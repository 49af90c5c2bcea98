"""The desk's whole state as bytes: the watch's, and that of each line.

MessagePack. The bytes are the node's own; a snapshot of another layout is refused, never guessed at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from keepclear.core.errors import Untrusted
from keepclear.core.line.state import LineState
from keepclear.core.watch.watch import Watch
from keepclear.formats.stored.linejournal import line_state_bytes, line_state_of
from keepclear.formats.stored.snapshot import snapshot_bytes, watch_of

DESK_LAYOUT: Final = 1
"""Raised by one whenever the state of a line changes in form."""


class DeskFields(msgspec.Struct, frozen=True, kw_only=True):
    """The states of the watch and of the lines, each in its own form."""

    desk_layout: int
    watch: bytes
    lines: list[bytes]


def desk_bytes(watch: Watch, lines: Iterable[LineState]) -> bytes:
    """The state of a desk."""
    states = [line_state_bytes(state) for state in lines]
    return msgspec.msgpack.encode(
        DeskFields(desk_layout=DESK_LAYOUT, watch=snapshot_bytes(watch), lines=states)
    )


def desk_of(raw: bytes) -> tuple[Watch, list[LineState]]:
    """The states that ``desk_bytes`` wrote. Raises Untrusted("snapshot.unreadable") when they cannot be ours."""
    try:
        fields = msgspec.msgpack.decode(raw, type=DeskFields)
        if fields.desk_layout != DESK_LAYOUT:
            raise Untrusted(
                "snapshot.unreadable",
                f"snapshot has desk layout {fields.desk_layout}, this version reads {DESK_LAYOUT}",
            )
        return watch_of(fields.watch), [line_state_of(each) for each in fields.lines]
    except (msgspec.MsgspecError, ValueError) as error:
        raise Untrusted("snapshot.unreadable", f"snapshot cannot be read: {error}") from None
