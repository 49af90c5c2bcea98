"""Room: how much may wait on a line, by what matters most, and who is asked to wait where there is none.

What has been dealt with leaves memory and stays in the store; what is open is never dropped. Where too much is open,
what matters least is not taken any more: ours is refused to who says it, the other's is left with it, and our status
says so. There is always room for a STOP, a FLASH and acknowledgements.
"""

from __future__ import annotations

from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.event import LineChanged, LineEffect
from keepclear.core.line.message import Kind, Precedence
from keepclear.core.line.state import LineState
from keepclear.core.line.status import Status

ROOM: Final = {
    Precedence.ROUTINE: 4_000,
    Precedence.PRIORITY: 6_000,
    Precedence.IMMEDIATE: 8_000,
    Precedence.FLASH: 10_000,
}
"""How many of our entries may wait for the other's cosignature before one more of this precedence is refused."""

UNANSWERED_TIMES: Final = 4
"""So many times ROOM of our messages may wait for a person of the other's, who is slower than a machine."""

DUTIES_MAX: Final = 4_000
"""How many of the other's messages may wait for our people before it has to wait with what is not urgent."""

DUTIES_URGENT_MAX: Final = 10_000
"""And before it has to wait with all that is in its turn: what comes ahead of that is heard still."""


def require_room(state: LineState, precedence: Precedence, kind: Kind) -> None:
    """Raises Refused("line.full") where an entry of ours of this precedence may not wait any more.

    There is always room to withhold: what waits could wait for just that, and no part is withheld twice.
    """
    if kind is Kind.WITHHOLD:
        return
    room = ROOM[Precedence.FLASH if kind in (Kind.ACKNOWLEDGE, Kind.KEYS) else precedence]
    found, what = len(state.waiting), f"entries wait for {state.terms.other}"
    if found < room:
        room, found = UNANSWERED_TIMES * room, _unanswered(state, at_least=UNANSWERED_TIMES * room)
        what = f"messages wait for a person of {state.terms.other}"
    if found >= room:
        raise Refused(
            "line.full",
            f"line {state.terms.line}: {found} {what}, and from {room} on none of precedence {precedence} is taken; "
            "bring them by another way, or wait",
        )


def full(state: LineState) -> bool:
    """Whether the other is asked to wait with what is not urgent."""
    return _open_duties(state) >= DUTIES_MAX


def asked_to_wait(state: LineState, status: Status) -> list[LineEffect]:
    """What follows from a believed status that asks us to wait, or asks no more; each is shown once."""
    if status.full == state.full:
        return []
    state.full = status.full
    other = state.terms.other
    words = (
        f"{other} asks to wait: too many messages wait for its people; what is urgent still goes"
        if status.full
        else f"{other} has room again"
    )
    return [LineChanged(line=state.terms.line, change="full", words=words)]


def urgent_alone(state: LineState, bundle: Bundle) -> bool:
    """Whether of a bundle only what comes ahead of its turn is taken.

    Where it brings all that the other has said, what is urgent stands in its turn and nothing comes ahead of it: such
    a bundle is taken as long as there is any room.
    """
    waiting = _open_duties(state)
    return waiting >= DUTIES_URGENT_MAX or (waiting >= DUTIES_MAX and bundle.newest is not None)


def _unanswered(state: LineState, *, at_least: int) -> int:
    """How many messages of ours wait for a person, counted where there could be so many."""
    if len(state.receptions) < at_least:
        return 0
    return sum(not each.settled() for each in state.receptions.values())


def _open_duties(state: LineState) -> int:
    """How many of the other's messages wait for our people, counted where there could be too many."""
    if len(state.duties) < DUTIES_MAX:
        return 0
    return sum(not each.receipted for each in state.duties.values())
