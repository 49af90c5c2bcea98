"""Duties: messages of the other party that wait for our people, and how they climb until one of them answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from keepclear.core.instant import Instant
from keepclear.core.line.log import Said
from keepclear.core.line.message import Kind, Precedence, Step
from keepclear.core.line.reception import Taken
from keepclear.core.line.terms import Timers


class Rung(StrEnum):
    """How far a message that nobody has receipted has climbed.

    A STOP rings with every empowered officer at once, from the first moment: no one person is ever asked for.
    """

    RINGING = "ringing"
    ESCALATED = "escalated"
    ANOTHER_WAY = "another-way"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One message of the other's that our people have to deal with, and what they have done. Instants by our clock.

    ``by``, ``post``, ``said``: who signed it and when by their clock; ``empowered``: whether who did may answer a STOP.
    ``kind`` is what it says, also of what was given by voice: then ``readback`` is its read-back hash and ``pair`` our
    entry of the same words.
    ``climbed``: how many rungs were shown; ``late``: whether it was shown that it is overdue.
    """

    hash: bytes
    index: int
    epoch: int
    kind: Kind
    precedence: Precedence
    arrived: Instant
    due: Instant
    way: str
    by: str
    post: str
    said: Instant
    empowered: bool = False
    readback: bytes | None = None
    pair: bytes | None = None
    steps: tuple[Step, ...] = ()
    climbed: int = 0
    late: bool = False

    @property
    def receipted(self) -> bool:
        """Whether one of our officers has receipted it."""
        return bool(self.steps)

    def overdue(self, now: Instant) -> bool:
        """Whether one of our officers should have receipted it by now."""
        return not self.steps and now >= self.due

    def after(self, step: Step) -> Duty:
        """With a step that one of our officers took."""
        return replace(self, steps=(*self.steps, step))

    def taken(self, *, now: Instant) -> Taken:
        """The step that this message is to its pair: a voice entry by which the other has what we have too."""
        return Taken(step=Step.RECEIPTED, by=self.by, post=self.post, said=self.said, at=now, hash=self.hash)


def may_answer(empowered: bool, kind: Kind) -> bool:  # noqa: FBT001 - who, and of which kind: nothing is switched
    """Whether an officer, empowered or not, may answer a message of a kind: a STOP only one who is empowered to."""
    return empowered or kind is not Kind.STOP


def duty_of(said: Said, *, way: str, due: Instant, now: Instant) -> Duty:
    """What a message that has just arrived asks of our people."""
    assert said.by is not None, "only what a person said is a duty for people"
    return Duty(
        hash=said.hash,
        index=said.header.index,
        epoch=said.header.epoch,
        kind=said.header.says,
        precedence=said.header.precedence,
        arrived=now,
        due=due,
        way=way,
        by=said.by.name,
        post=said.by.post,
        said=said.header.at,
        empowered=said.by.empowered,
        readback=None if said.header.voice is None else said.header.voice.readback,
    )


def rungs_due(kind: Kind, *, since: Instant, timers: Timers, now: Instant) -> tuple[Rung, ...]:
    """Every rung that an unreceipted message should have reached: a STOP climbs by 60, 120 and 180 s, others do not."""
    if kind is not Kind.STOP:
        return (Rung.RINGING,)
    waited = now - since
    ladder = (
        (0, Rung.RINGING),
        (timers.escalate, Rung.ESCALATED),
        (timers.another_way, Rung.ANOTHER_WAY),
        (timers.everyone, Rung.EVERYONE),
    )
    return tuple(rung for after, rung in ladder if waited >= after)
