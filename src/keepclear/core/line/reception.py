"""Reception: how far a message of ours has come with the other party. The states never merge.

Source: docs/protocol.md clause 6. A machine's receipt is never a person's answer, and there is no approval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from keepclear.core.instant import Duration, Instant
from keepclear.core.line.log import Said
from keepclear.core.line.message import UNANSWERED, Kind, Precedence, Response, Step
from keepclear.core.line.plot.echo import Difference, EchoPlace, differences
from keepclear.core.line.plot.place import Place


class Stage(StrEnum):
    """The furthest that a message has come, for a list; each state stands by itself in the details."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    RESPONDED = "responded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One step that a person of the receiving party took: which, who in what post, when by their clock and ours.

    ``plotted``: it brought a plot that could be compared with ours; ``differences`` are what differs between them.
    """

    step: Step
    by: str
    post: str
    said: Instant
    at: Instant
    hash: bytes
    response: Response | None = None
    echelon: str | None = None
    differences: tuple[Difference, ...] = ()
    plotted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """One message of ours and what has come back. Instants are by our clock; None is not yet.

    ``kind`` is what it says, also of what was given by voice: then ``readback`` is its read-back hash and ``pair`` the
    other's entry of the same words. ``empowered``: whether who signed it may answer a STOP.
    ``climbed``: how many rungs were shown; ``late``: whether it was shown that it is overdue.
    """

    hash: bytes
    index: int
    epoch: int
    kind: Kind
    precedence: Precedence
    at: Instant
    due: Instant | None
    parts: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    readback: bytes | None = None
    pair: bytes | None = None
    empowered: bool = False
    keep_until: Instant | None = None
    sent: Instant | None = None
    way: str = ""
    delivered: Instant | None = None
    steps: tuple[Taken, ...] = ()
    climbed: int = 0
    late: bool = False

    @property
    def said(self) -> Instant:
        """When it was signed, as it states."""
        return self.at

    @property
    def receipted(self) -> Taken | None:
        """The first step by which a named person showed to have it."""
        return self.steps[0] if self.steps else None

    @property
    def stage(self) -> Stage:
        """The furthest that it has come."""
        if any(each.step is Step.RESPONDED for each in self.steps):
            return Stage.RESPONDED
        if self.steps:
            return Stage.ACKNOWLEDGED
        if self.delivered is not None:
            return Stage.DELIVERED
        return Stage.QUEUED if self.sent is None else Stage.SENT

    def overdue(self, now: Instant) -> bool:
        """Whether a person should have receipted it by now and none has: the loudest state that there is."""
        return self.due is not None and not self.steps and now >= self.due

    def settled(self) -> bool:
        """Whether the other's machine has it, and a person where one must."""
        return self.delivered is not None and (self.due is None or bool(self.steps))

    def after(self, taken: Taken) -> Reception:
        """With one more step of a person; the same entry is counted once."""
        if any(each.hash == taken.hash for each in self.steps):
            return self
        return replace(self, steps=(*self.steps, taken))


def expected(said: Said, *, receipt_due: Duration, keep_until: Instant | None, now: Instant) -> Reception:
    """What a message that was just signed waits for."""
    header = said.header
    return Reception(
        hash=said.hash,
        index=header.index,
        epoch=header.epoch,
        kind=header.says,
        precedence=header.precedence,
        at=header.at,
        due=None if header.kind in UNANSWERED else Instant(now + receipt_due),
        parts=header.parts,
        readback=None if header.voice is None else header.voice.readback,
        empowered=said.by is not None and said.by.empowered,
        keep_until=keep_until,
    )


def step_of(
    said: Said, *, sent: tuple[Place, ...] | None, echo: tuple[EchoPlace, ...] | None, now: Instant
) -> Taken:
    """The step that an acknowledgement, an objection, an answer or a voice entry of the other's officer is.

    ``sent`` are the places of our message and ``echo`` those that the officer's node plotted, where both are known.
    """
    header, by = said.header, said.by
    assert by is not None, "only persons acknowledge"
    acknowledges = header.acknowledges
    return Taken(
        step=_STEPS.get(header.kind, Step.RECEIPTED) if acknowledges is None else acknowledges.step,
        by=by.name,
        post=by.post,
        said=header.at,
        at=now,
        hash=said.hash,
        response=_RESPONSES.get(header.kind) if acknowledges is None else acknowledges.response,
        echelon=None if acknowledges is None else acknowledges.echelon,
        differences=() if echo is None or sent is None else differences(sent, echo),
        plotted=echo is not None and sent is not None,
    )


_STEPS: Final = {Kind.OBJECT: Step.RESPONDED, Kind.ANSWER: Step.RESPONDED}
_RESPONSES: Final = {Kind.OBJECT: Response.OBJECTION}
