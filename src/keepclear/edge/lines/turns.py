"""Turns: what several people say at once is signed one after the other and made durable together.

To make one entry durable costs as much as to make twenty: so while one commit is under way the next ones gather.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from keepclear.core.errors import KeepclearError
from keepclear.core.instant import Instant
from keepclear.desk import DeskEvent
from keepclear.edge.host import Host, Maker


class Turns:
    """Makers of events that wait for their turn; all in the node's one event loop."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._waiting: list[_Turn] = []

    async def take(self, make: Maker) -> None:
        """Take an event in its turn, with all that wait now in one commit; returns when it is durable.

        Raises what the host refuses of this one; those before and after it are none the worse.
        """
        loop = asyncio.get_running_loop()
        turn = _Turn(make=make, done=loop.create_future())
        if not self._waiting:
            # Not at once: whoever's request has arrived in the meantime takes part.
            loop.call_soon(self._take_waiting)
        self._waiting.append(turn)
        await turn.done

    def _take_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            while waiting:
                waiting = self._taken(waiting)
        finally:
            # A fault of the node itself, which goes on to the event loop: nobody is left waiting for good.
            for turn in waiting:
                turn.done.cancel()

    def _taken(self, waiting: list[_Turn]) -> list[_Turn]:
        """Take turns up to the first that is refused; answers those that are left."""
        begun: list[_Turn] = []

        def making(turn: _Turn, now: Instant) -> DeskEvent:
            begun.append(turn)
            return turn.make(now)

        def maker(turn: _Turn) -> Maker:
            return lambda now: making(turn, now)

        try:
            self._host.take_made([maker(each) for each in waiting])
        except KeepclearError as error:
            if self._host.failed or not begun:
                _refuse(waiting, error)
                return []
            *taken, refused = begun
            _answer(taken)
            _refuse([refused], error)
            return waiting[len(begun) :]
        _answer(waiting)
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """One that waits. A caller that has gone has cancelled ``done``, and what it said stands all the same."""

    make: Maker
    done: asyncio.Future[None]


def _answer(turns: list[_Turn]) -> None:
    for turn in turns:
        if not turn.done.done():
            turn.done.set_result(None)


def _refuse(turns: list[_Turn], error: KeepclearError) -> None:
    for turn in turns:
        if not turn.done.done():
            turn.done.set_exception(error)
