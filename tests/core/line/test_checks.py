"""A comms check is asked for only when it could be said."""

from __future__ import annotations

from keepclear.core.instant import HOUR_MS, Instant
from keepclear.core.line.event import Check, Elapsed, Reverted
from keepclear.core.line.log import Mark
from keepclear.core.line.message import LineName
from keepclear.core.line.room import ROOM
from keepclear.core.line.state import Waiting
from party import Party, exchange

T = 1_536_000_000_000
LINE = LineName("tanf")


def _pair() -> Party:
    a, b = Party("a", "b"), Party("b", "a")
    a.open(now=T)
    b.open(now=T)
    exchange(a, b, now=T + 1_000)
    return a


def _asks(party: Party, now: int) -> bool:
    effects = party.line.step(Elapsed(line=LINE), now=Instant(now))
    return any(isinstance(each, Check) for each in effects)


def test_a_check_is_asked_for_at_once_and_then_every_hour() -> None:
    a = _pair()
    assert [_asks(a, T + ms) for ms in (2_000, 3_000, HOUR_MS, 2_000 + HOUR_MS)] == [True, False, False, True]


def test_a_node_that_lost_entries_of_its_own_asks_for_no_check() -> None:
    a = _pair()
    a.line.step(Reverted(line=LINE, signed=Mark(epoch=1, size=99)), now=Instant(T + 2_000))
    assert not _asks(a, T + 3_000)


def test_a_line_without_room_for_routine_asks_for_no_check() -> None:
    a = _pair()
    a.line.state.waiting = [Waiting(index=0, urgent=False)] * ROOM[min(ROOM, key=lambda each: each.rank)]
    assert not _asks(a, T + 3_000)
