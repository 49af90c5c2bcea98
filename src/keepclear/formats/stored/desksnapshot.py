"""The desk's whole state as bytes: the watch's, that of each line, and the board's.

MessagePack. The bytes are the node's own; a snapshot of another layout is refused, never guessed at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.line.state import LineState
from keepclear.core.notice.incoming import Incoming
from keepclear.core.watch.watch import Watch
from keepclear.formats.notice.zonebounds import bounds_of
from keepclear.formats.stored.boardsnapshot import board_bytes, board_of
from keepclear.formats.stored.linejournal import line_state_bytes, line_state_of
from keepclear.formats.stored.snapshot import snapshot_bytes, watch_of

DESK_LAYOUT: Final = 2
"""Raised by one whenever the state of a line or of the board changes in form."""


class DeskFields(msgspec.Struct, frozen=True, kw_only=True):
    """The states of the watch, of the lines and of the board, each in its own form."""

    desk_layout: int
    watch: bytes
    lines: list[bytes]
    board: bytes


def desk_bytes(watch: Watch, lines: Iterable[LineState], incoming: Incoming) -> bytes:
    """The state of a desk."""
    states = [line_state_bytes(state) for state in lines]
    return msgspec.msgpack.encode(
        DeskFields(
            desk_layout=DESK_LAYOUT, watch=snapshot_bytes(watch), lines=states, board=board_bytes(incoming)
        )
    )


def desk_of(raw: bytes) -> tuple[Watch, list[LineState], Incoming]:
    """The states that ``desk_bytes`` wrote. Raises Untrusted("snapshot.unreadable") when they cannot be ours."""
    try:
        fields = msgspec.msgpack.decode(raw, type=DeskFields)
        if fields.desk_layout != DESK_LAYOUT:
            raise Untrusted(
                "snapshot.unreadable",
                f"snapshot has desk layout {fields.desk_layout}, this version reads {DESK_LAYOUT}",
            )
        watch = watch_of(fields.watch)
        incoming = board_of(fields.board, zones=map(bounds_of, watch.zones.values()))
        return watch, [line_state_of(each) for each in fields.lines], incoming
    except (msgspec.MsgspecError, KeyError, ValueError, Refused) as error:
        raise Untrusted("snapshot.unreadable", f"snapshot cannot be read: {error}") from None
