"""Acting on what was heard: an entry of the other's becomes a step of ours, a duty for our people, or a showing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.line.duty import duty_of, may_answer
from keepclear.core.line.event import LetGo, LineChanged, LineEffect
from keepclear.core.line.log import Mark, Said
from keepclear.core.line.message import NEEDS, UNANSWERED, How, Kind, Step
from keepclear.core.line.plot.echo import EchoPlace, echoes_of
from keepclear.core.line.plot.place import Place, places_of
from keepclear.core.line.reception import Reception, step_of
from keepclear.core.line.restoring import parted_at, reverted_to
from keepclear.core.line.state import LineState
from keepclear.core.line.status import Have
from keepclear.core.line.voice.typedin import typed_in_there
from keepclear.core.record.merkle import Head
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields
from keepclear.core.trust.opening import opening_of

ANSWERING: Final = frozenset({How.ACKNOWLEDGES, How.OBJECTS, How.ANSWERS})
"""References by which a message answers another."""


def answered_by(said: Said) -> tuple[bytes, ...]:
    """The messages that an entry answers, by hash.

    What an acknowledgement, an objection or an answer says, it says of the message that it must name so, and of no
    other that it mentions.
    """
    needed = NEEDS.get(said.header.kind)
    hows = {needed} & ANSWERING or ANSWERING
    return tuple(each.hash for each in said.header.references if each.how in hows)


def entitled(said: Said, kind: Kind) -> bool:
    """Whether an entry was signed by an officer who may answer a message of this kind."""
    return said.by is not None and may_answer(said.by.empowered, kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the line itself reads in the parts of a message; None is not there, or not open to us, or unreadable."""

    places: tuple[Place, ...] | None = None
    echo: tuple[EchoPlace, ...] | None = None
    keep_until: Instant | None = None


def contents_of(said: Said, openings: Mapping[bytes, bytes]) -> Contents:
    """The contents of a message's parts, as far as they are among the openings."""
    return contents_in(said.header.parts, openings)


def contents_in(parts: Mapping[str, bytes], openings: Mapping[bytes, bytes]) -> Contents:
    """The contents of parts given by their commitments. A part that cannot be read is not there: its text still is."""
    contents = Contents()
    for name, commitment in parts.items():
        raw = openings.get(commitment)
        if raw is None:
            continue
        try:
            content = opening_of(raw).content
            match name:
                case "places":
                    contents = replace(contents, places=places_of(content))
                case "echo":
                    contents = replace(contents, echo=echoes_of(content))
                case "validity":
                    contents = replace(contents, keep_until=keep_until_of(content))
                case _:
                    pass
        except Refused:
            continue
    return contents


def answering_step(said: Said) -> Step | None:
    """Which step towards the message that it refers to an entry of a person is, if any."""
    header = said.header
    if said.by is None:
        return None
    if header.acknowledges is not None:
        return header.acknowledges.step
    if header.kind in (Kind.OBJECT, Kind.ANSWER):
        return Step.RESPONDED
    if any(each.how in ANSWERING for each in header.references):
        return Step.RECEIPTED
    return None


def heard_said(
    state: LineState, said: Said, *, way: str, openings: Mapping[bytes, bytes], now: Instant
) -> list[LineEffect]:
    """What an entry of the other's comes to, the first time that it is heard."""
    header = said.header
    effects: list[LineEffect] = [
        LineChanged(line=state.terms.line, change="received", hashes=(said.hash,), words=way)
    ]
    if header.seen is not None and header.seen.epoch == state.own.epoch:
        # Who cites our head has it: as good a receipt as a cosignature.
        effects += delivered(state, Head(size=header.seen.size, root=header.seen.root), now=now)
    if said.by is not None:
        attended = state.liveness.attended
        if attended is None or header.at > attended:
            state.liveness = replace(state.liveness, attended=header.at)
    effects += _steps_taken(state, said, openings=openings, now=now)
    typed, ours = typed_in_there(state, said, now=now)
    effects += typed
    # Who typed in the same words has heard it: it rings only where that one may not answer it.
    heard = ours is not None and may_answer(ours.empowered, header.says)
    if said.by is not None and header.kind not in UNANSWERED and not heard:
        effects += _rings(state, said, way=way, pair=None if ours is None else ours.hash, now=now)
    return effects


def _rings(state: LineState, said: Said, *, way: str, pair: bytes | None, now: Instant) -> list[LineEffect]:
    """A message of the other's becomes a duty of our people."""
    header, by_voice = said.header, said.header.voice is not None
    due = Instant(now + state.terms.timers.receipt_due[header.precedence])
    state.duties[said.hash] = replace(duty_of(said, way=way, due=due, now=now), pair=pair)
    words = f"{header.says}{' by voice' if by_voice else ''} of precedence {header.precedence} from {state.terms.other}"
    return [LineChanged(line=state.terms.line, change="ringing", hashes=(said.hash,), words=words)]


def delivered(state: LineState, head: Head, *, now: Instant) -> list[LineEffect]:
    """What follows when the other's machine has shown to hold our log up to a head that our own key signed."""
    size = head.size
    if size > state.own.size:
        return reverted_to(state, Mark(epoch=state.own.epoch, size=size))
    if size <= state.confirmed:
        return []
    if any(each.index == size - 1 and each.root not in (None, head.root) for each in state.waiting):
        return parted_at(state, size)
    state.confirmed, state.withheld, state.tries = size, False, 0
    state.waiting = [each for each in state.waiting if each.index >= size]
    have = state.have
    if have is None or (have.epoch, have.head.size) < (state.own.epoch, size):
        # A status may not be believed for days, while a clock that was set back catches up: what is cosigned is there.
        state.have = Have(epoch=state.own.epoch, head=head, opened=size)
    fresh = [
        each
        for each in state.receptions.values()
        if each.delivered is None and each.epoch == state.own.epoch and each.index < size
    ]
    for each in fresh:
        state.receptions[each.hash] = replace(each, delivered=now)
    hashes = tuple(each.hash for each in fresh)
    # Not before: what expired here before it reached the other could never be opened, and so never be cosigned.
    leaving: list[LineEffect] = [
        LetGo(commitments=tuple(each.parts.values()), until=each.keep_until)
        for each in fresh
        if each.keep_until is not None
    ]
    return [*leaving, LineChanged(line=state.terms.line, change="delivered", hashes=hashes)]


def _steps_taken(
    state: LineState, said: Said, *, openings: Mapping[bytes, bytes], now: Instant
) -> list[LineEffect]:
    """The steps that an entry takes towards messages of ours."""
    if answering_step(said) is None:
        return []
    effects: list[LineEffect] = []
    echo = contents_of(said, openings).echo
    for reception in _answered(state, said):
        sent = contents_in(reception.parts, openings).places
        taken = step_of(said, sent=sent, echo=echo, now=now)
        state.receptions[reception.hash] = reception.after(taken)
        change = "differs" if taken.differences else "answered"
        words = "; ".join(each.words for each in taken.differences)
        effects.append(
            LineChanged(line=state.terms.line, change=change, hashes=(reception.hash, said.hash), words=words)
        )
    return effects


def _answered(state: LineState, said: Said) -> Sequence[Reception]:
    """Messages of ours that an entry names as answered by it, and that its signer may answer."""
    found = [state.receptions[each] for each in answered_by(said) if each in state.receptions]
    return [each for each in found if entitled(said, each.kind)]


def keep_until_of(content: Json) -> Instant:
    """Until when a message is kept, in the content of its part ``validity``. Raises Refused as Fields does."""
    taken = Fields(content, what="validity")
    until = Instant(taken.whole("keep_until_ms", most=FOREVER))
    taken.end()
    return until
