"""Officers of a simulated line: they say and answer all that can be said, truthfully, and their keys change."""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random

from keepclear.core.line.acting import contents_in
from keepclear.core.line.draft import Draft
from keepclear.core.line.duty import Duty
from keepclear.core.line.event import LineEffect
from keepclear.core.line.line import URGENT
from keepclear.core.line.message import (
    Acknowledgement,
    Header,
    How,
    Kind,
    Precedence,
    Reference,
    Response,
    Step,
    Voice,
    header_of,
)
from keepclear.core.line.plot.echo import EchoPlace, echo_content, plotted
from keepclear.core.line.plot.place import Place, places_content
from keepclear.core.line.plot.shape import CircleShape, GridPosition, PointShape
from keepclear.core.record.merkle import leaf_hash
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.envelope import envelope_of
from sim.linenode import Side

TANF = GridPosition(latitude_e7=334_967_000, longitude_e7=386_178_000)
PLACES = (
    Place(name="GATE", shape=PointShape(at=TANF)),
    Place(name="TANF 55", shape=CircleShape(centre=TANF, radius_cm=5_500_000)),
    Place(name="WELL", shape=PointShape(at=GridPosition(latitude_e7=334_100_000, longitude_e7=385_000_000))),
)
FREE = (Kind.NOTIFY, Kind.ADVISE, Kind.WARN, Kind.QUERY, Kind.STOP, Kind.TEST, Kind.VOICE, Kind.KEYS)
SPOKEN = (Kind.ADVISE, Kind.QUERY, Kind.STOP)
READBACKS = tuple(bytes([number]) * 32 for number in range(4))
"""So few that the same words are said again and again: which was heard is then a question, and never a guess."""

ANSWERS = (Kind.ACKNOWLEDGE, Kind.ACKNOWLEDGE, Kind.ACKNOWLEDGE, Kind.ANSWER, Kind.OBJECT)
ON_OWN = {
    Kind.AMEND: How.AMENDS,
    Kind.WITHDRAW: How.WITHDRAWS,
    Kind.CORRECT: How.CORRECTS,
    Kind.DISCLOSE: How.ABOUT,
}


def text(words: str) -> dict[str, Json]:
    """The content of a text part."""
    return {"composed_ms": 1_536_000_000_000, "language": "en", "originator": "duty", "text": words}


def places(*named: Place) -> dict[str, Json]:
    """The content of a part of places."""
    return places_content(named)


@cache
def plot(place: Place) -> EchoPlace:
    """A place as an honest node plots it."""
    return plotted(place)


class Officers:
    """The people of all parties; what they do comes from one chance."""

    def __init__(self, chance: Random, counts: Counter[str]) -> None:
        self.chance = chance
        self.counts = counts
        self.hired = 0

    def say(self, side: Side, *, now: int) -> list[LineEffect] | None:
        """Let somebody of a side say something; None where nobody may, or the line refuses it."""
        by = self.anyone(side)
        open_duties = [each for each in side.state.duties.values() if not each.receipted]
        draft = self._answer(side, open_duties[0]) if open_duties and self.chance.random() < 0.7 else None
        draft = draft or self._free(side, now=now)
        if by is None and draft.kind not in (Kind.KEYS, Kind.TEST):
            return None
        self.counts[f"said: {draft.kind}"] += 1
        return side.try_say(draft, now=now, by=None if draft.kind is Kind.KEYS else by)

    def anyone(self, side: Side) -> str | None:
        """An officer whose key holds."""
        roster = side.state.own.roster
        names = [each.name for each in roster.holding()] if roster is not None else []
        return self.chance.choice(names) if names else None

    def hash_of(self, leaf: bytes) -> bytes:
        return leaf_hash(leaf)

    def is_urgent(self, leaf: bytes) -> bool:
        """Whether an entry may go ahead of its turn."""
        header = header_of(envelope_of(leaf).payload)
        return header.says in URGENT or header.precedence.rank >= Precedence.IMMEDIATE.rank

    def _free(self, side: Side, *, now: int) -> Draft:
        chance = self.chance
        own = side.kept.log(side.origin).leaves
        if len(own) > 1 and chance.random() < 0.2:
            return self._on_own(leaf_hash(chance.choice(own[1:])))
        kind = chance.choice(FREE)
        if kind is Kind.KEYS:
            return Draft(kind=kind, statement=self._rotation(side, now=now))
        precedence = Precedence.FLASH if kind is Kind.STOP else chance.choice(list(Precedence))
        if kind is Kind.TEST:
            return Draft(kind=kind, precedence=precedence)
        if kind is Kind.VOICE:
            contents = {"text": text("stay out")}
            spoken = chance.choice(SPOKEN)
            precedence = Precedence.FLASH if spoken is Kind.STOP else precedence
            voice = Voice(kind=spoken, readback=chance.choice(READBACKS))
            return Draft(kind=kind, precedence=precedence, contents=contents, voice=voice)
        contents = {"text": text("stay out of the circle")}
        if kind in (Kind.NOTIFY, Kind.ADVISE, Kind.WARN) or chance.random() < 0.3:
            contents["places"] = places(*chance.sample(PLACES, chance.randint(1, 2)))
        released = {"text": ()} if chance.random() < 0.1 else {}
        return Draft(kind=kind, precedence=precedence, contents=contents, released=released)

    def _on_own(self, hashed: bytes) -> Draft:
        kind = self.chance.choice(list(ON_OWN))
        references = (Reference(hash=hashed, how=ON_OWN[kind]),)
        return Draft(kind=kind, contents={"text": text("as before, but later")}, references=references)

    def _rotation(self, side: Side, *, now: int):
        """A new officer; sometimes one leaves, but never the last."""
        self.hired += 1
        roster = side.state.own.roster
        held = [] if roster is None else list(roster.holding())
        leaves = [self.chance.choice(held).id] if len(held) > 1 and self.chance.random() < 0.6 else []
        return side.statement(adds=[f"officer {self.hired}"], revokes=leaves, at=now)

    def _answer(self, side: Side, duty: Duty) -> Draft | None:
        header = side.held_header(duty.index, duty.hash) if duty.epoch == side.state.copy.log.epoch else None
        kind = self.chance.choice(ANSWERS)
        if kind is Kind.ACKNOWLEDGE:
            return self._acknowledge(side, duty.hash, header)
        how = How.ANSWERS if kind is Kind.ANSWER else How.OBJECTS
        references = (Reference(hash=duty.hash, how=how),)
        return Draft(kind=kind, contents={"text": text("heard")}, references=references)

    def _acknowledge(self, side: Side, hashed: bytes, header: Header | None) -> Draft:
        references = (Reference(hash=hashed, how=How.ACKNOWLEDGES),)
        sent = None if header is None else contents_in(header.parts, side.kept.openings).places
        if sent is not None and self.chance.random() < 0.7:
            self.counts["faithful echoes"] += 1
            return Draft(
                kind=Kind.ACKNOWLEDGE,
                acknowledges=Acknowledgement(step=Step.PLOTTED),
                contents={"echo": echo_content([plot(each) for each in sent])},
                references=references,
            )
        step = self.chance.choice([Step.RECEIPTED, Step.PASSED, Step.RESPONDED])
        acknowledges = Acknowledgement(
            step=step,
            response=self.chance.choice(list(Response)) if step is Step.RESPONDED else None,
            echelon="battalion" if step is Step.PASSED else None,
        )
        return Draft(kind=Kind.ACKNOWLEDGE, acknowledges=acknowledges, references=references)
