"""Liars about what comes later: they show an urgent entry ahead of its turn, and then go on with another history."""

# ruff: noqa: ARG002 - every lie is asked the same questions, and most need not know all that they are told.
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from keepclear.core.line.ahead import acted_on
from keepclear.core.line.bundle import Bundle, Express
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import Kind, Precedence
from keepclear.core.record.merkle import leaf_hash
from sim.liars import Fork, Stage, officer
from sim.linenode import Side
from sim.officers import text

STOP = Draft(kind=Kind.STOP, precedence=Precedence.FLASH)


def query(words: str) -> Draft:
    """Something said in its turn."""
    return Draft(kind=Kind.QUERY, contents={"text": text(words)})


class StopTakenBack(Fork):
    """It shows a STOP under a head that is ahead, until the peer has acted on it, and goes on as if it never was."""

    name, alone = "STOP shown ahead and not said, and the log goes on", True
    past: ClassVar[int] = 1
    """How far the other history goes past the head that was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = b""
        self.cut = 0

    def told(self, world: Stage, sides: Sequence[Side]) -> bool:
        if self.done:
            return True
        if self.saved is None:
            ready = [side for side in sides if side.may_speak() and self.ready(side)]
            if ready:
                self._show(world, ready[0])
            return False
        side, before, size = self.saved
        world.send(side)
        if self.shown not in acted_on(side.peer.state.copy.ahead):
            return False
        self.victim, self.done = side.peer, True
        world.counts[f"told: {self.name}"] += 1
        side.durable = before.copy()
        side.kept = side.durable.kept
        side._back(side.replayed())
        while side.state.own.size < size + self.past:
            side.say(query(f"another thing {side.state.own.size}"), now=world.now(side), by=officer(side))
        world.send(side)
        return True

    def _show(self, world: Stage, side: Side) -> None:
        """Say something, and ahead of more the STOP; what came before it is all that is brought in its turn."""
        now = world.now(side)
        side.say(query("one thing"), now=now, by=officer(side))
        self.cut, before = side.state.own.size, side.durable.copy()
        side.say(STOP, now=now, by=officer(side))
        self.shown = leaf_hash(side.kept.log(side.origin).leaves[-1])
        for words in ("two things", "three things"):
            side.say(query(words), now=now, by=officer(side))
        self.saved = side, before, side.state.own.size
        world.send(side)

    def sent(self, world: Stage, side: Side, bundle: Bundle) -> Bundle:
        if self.done or self.saved is None or side is not self.saved[0]:
            return bundle
        log, size = side.kept.log(side.origin), side.state.own.size
        start = min(bundle.start, self.cut)
        path = side.kept.inclusion(side.origin, index=self.cut, size=size)
        return replace(
            bundle,
            start=start,
            leaves=tuple(log.leaves[start : self.cut]),
            checkpoint=log.checkpoints[self.cut],
            newest=side.kept.newest(side.origin),
            path=side.kept.consistency(side.origin, old=self.cut, new=size),
            express=(Express(index=self.cut, leaf=log.leaves[self.cut], path=path),),
        )


class StopReplaced(StopTakenBack):
    """It goes on past the place of the STOP, and never so far that the heads themselves could be compared."""

    name, past = "STOP shown ahead and another entry said in its place", -1
