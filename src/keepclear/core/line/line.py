"""The line: what one node knows of its exchange with another, one step at a time.

``Line.step(event, now=...)`` takes what happened and answers what is to be done. It has no clock, no key and no wire:
signatures come in with events, and what is to be signed or sent goes out as effects. Source: docs/protocol.md.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Final, assert_never

from keepclear.core.errors import KeepclearError, Refused
from keepclear.core.instant import Instant
from keepclear.core.line.acting import (
    answered_by,
    answering_step,
    contents_of,
    delivered,
    entitled,
    heard_said,
)
from keepclear.core.line.ahead import acted_on
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.cosigning import contradicts, cosign, recalled
from keepclear.core.line.deadline import time_passed
from keepclear.core.line.doubt import agreed, convicted, epoch_opened, unproved
from keepclear.core.line.event import (
    AgreedLineEvent,
    Attended,
    BundleCame,
    Carried,
    Carry,
    Elapsed,
    GrowLog,
    KeepCosigned,
    KeepExpress,
    KeepOpenings,
    LineChanged,
    LineEffect,
    NotCarried,
    Recalled,
    Reverted,
    Spoken,
    WaysSet,
)
from keepclear.core.line.examination import Examined, admit, examination
from keepclear.core.line.intake import Copy, Intake, shown_size
from keepclear.core.line.liveness import Liveness, retry_after
from keepclear.core.line.log import Appended, Log, Mark, Said, Unsound
from keepclear.core.line.message import Kind, Precedence
from keepclear.core.line.parts import await_parts, messages_opened, opened_here, own_openings, parts_opened
from keepclear.core.line.reception import expected
from keepclear.core.line.restoring import Handed, lost, restored, reverted_by, reverted_to
from keepclear.core.line.room import asked_to_wait, require_room
from keepclear.core.line.state import Cosigned, LineState, Waiting
from keepclear.core.line.status import Heard, Status, lesser, status_of
from keepclear.core.line.terms import Terms
from keepclear.core.line.voice.typedin import typed_in_here
from keepclear.core.line.wayset import ways_set
from keepclear.core.line.withholding import withheld_here, withheld_there
from keepclear.core.record.checkpoint import opened
from keepclear.core.record.cosignature import cosignature_at
from keepclear.core.trust.note import note_of

URGENT: Final = frozenset({Kind.ACKNOWLEDGE, Kind.STOP, Kind.OBJECT})
"""Kinds that go ahead of their turn whatever their precedence."""


class Line:
    """A line between two parties, seen from one of them. It changes in ``step`` alone."""

    def __init__(self, state: LineState) -> None:
        self.state = state
        self._foretold: Examined | None = None

    def foretell(self, examined: Examined) -> None:
        """What the bundle that comes next comes to, worked out beforehand: it saves time and changes nothing."""
        self._foretold = examined

    def step(self, event: AgreedLineEvent, *, now: Instant) -> list[LineEffect]:
        """What an event at an instant asks to be done.

        Raises KeepclearError, and changes nothing, for an event that is no good.
        """
        match event:
            case Spoken():
                return self._spoken(event, now=now)
            case BundleCame():
                return self._bundle_came(event, now=now)
            case Carried():
                return self._carried(event, now=now)
            case NotCarried():
                return self._not_carried(event, now=now)
            case Attended():
                self.state.attended = now
                return []
            case Reverted():
                return reverted_to(self.state, event.signed)
            case Recalled():
                return recalled(self.state, event)
            case WaysSet():
                return ways_set(self.state, event, now=now)
            case Elapsed():
                return time_passed(self.state, now=now)
            case _:
                assert_never(event)

    # ------------------------------------------------------------------ what we say

    def _spoken(self, event: Spoken, *, now: Instant) -> list[LineEffect]:
        state = self.state
        appended = self._appended(event.leaf)
        reopening = appended.log.epoch != state.own.epoch
        if state.reverted is not None and not reopening:
            raise Refused("line.reverted", lost(state, state.reverted))
        said = appended.said
        if not reopening:
            require_room(state, said.header.precedence, said.header.kind)
        openings = own_openings(said, event.openings)
        if reopening:
            state.reverted = None
            state.begin_epoch()
        state.own = appended.log
        state.learn_own_roster()
        self._expect(said, keep_until=contents_of(said, openings).keep_until, now=now)
        effects: list[LineEffect] = [GrowLog(origin=state.own.origin, leaves=(event.leaf,))]
        if openings:
            effects.append(KeepOpenings(openings=openings))
        effects += [*opened_here(said, openings), *withheld_here(said)]
        effects += self._our_step(said, now=now)
        effects.append(_changed(state, "spoken", said))
        state.next_try, state.tries = now, 0
        every_way = said.header.says is Kind.STOP and state.liveness.cut is not None
        effects.append(Carry(line=state.terms.line, every_way=every_way))
        return effects

    def _appended(self, leaf: bytes) -> Appended:
        """Our log after an entry of ours, or our next one where the entry opens that."""
        state, views = self.state, self.state.own_views()
        try:
            return state.own.append(leaf, views)
        except Unsound as unsound:
            if state.spoke():
                with suppress(Unsound):
                    return state.next_own().append(leaf, views)
            if state.reverted is not None:
                raise Refused("line.reverted", lost(state, state.reverted)) from unsound
            # Our own mistake and not yet signed for: it is refused, and no one's fault.
            raise Refused("line.unsound", unsound.message) from unsound

    def _expect(self, said: Said, *, keep_until: Instant | None, now: Instant) -> None:
        state, header = self.state, said.header
        self._wait(said, root=state.own.head().root, keep_until=keep_until, now=now)
        if said.by is not None:
            state.attended = now
        if header.kind is Kind.COMMS_CHECK:
            state.last_check = now
        state.forget_settled()

    def _wait(self, said: Said, *, root: bytes, keep_until: Instant | None, now: Instant) -> None:
        """Wait for what comes back to an entry of ours."""
        state, header = self.state, said.header
        rank = Precedence.FLASH.rank if header.says in URGENT else header.precedence.rank
        urgent = rank >= Precedence.IMMEDIATE.rank
        state.waiting.append(Waiting(index=header.index, urgent=urgent, root=root, rank=rank))
        due = state.terms.timers.receipt_due[header.precedence]
        state.receptions[said.hash] = expected(said, receipt_due=due, keep_until=keep_until, now=now)

    def _our_step(self, said: Said, *, now: Instant) -> list[LineEffect]:
        """What our own officer's answer does to the duty that the other's message was."""
        effects: list[LineEffect] = []
        step = answering_step(said)
        for hashed in answered_by(said):
            duty = self.state.duties.get(hashed)
            if duty is not None and step is not None and entitled(said, duty.kind):
                self.state.duties[hashed] = duty.after(step)
                effects.append(LineChanged(line=self.state.terms.line, change="answered", hashes=(hashed,)))
        return effects + typed_in_here(self.state, said, now=now)

    # ------------------------------------------------------------------ what comes

    def _bundle_came(self, event: BundleCame, *, now: Instant) -> list[LineEffect]:
        state, bundle = self.state, event.bundle
        admit(state, bundle)
        shows = Mark(epoch=bundle.epoch, size=shown_size(bundle))
        status = self._status(bundle)
        handed = restored(state, bundle.restore)
        effects = [*self._handed(handed, now=now), *reverted_by(state, status.have if status else None)]
        intake = self._intake(event, lenient=state.reverted is not None or bool(effects))
        # An urgent entry comes with every bundle until its turn: it is answered at once the first time only.
        known = acted_on(state.copy.ahead)
        news = bool(intake.said or handed.said) or any(each.hash not in known for each in intake.express)
        grew = shows > max(state.other_shows, state.copy.log.mark)
        state.other_shows = shows
        effects += self._taken(intake, event, now=now)
        effects += self._receipt(bundle.cosigned, now=now)
        effects += self._heard(bundle, grew=grew, now=now)
        effects += parts_opened(state, event.openings, express=intake.express)
        effects += withheld_there(state, intake.said)
        effects += messages_opened(state, event.openings, express=intake.express)
        effects += cosign(state, now=now)
        if news:
            effects.append(Carry(line=state.terms.line))
        return effects

    def _intake(self, event: BundleCame, *, lenient: bool) -> Intake:
        """What the entries in a bundle come to.

        ``lenient``: we know that we lost entries. What cites those cannot be judged before they are back, and is sent
        again: then it is as if nothing of the other's had come.
        """
        try:
            intake = self._examined(event).intake()
        except KeepclearError:
            if not lenient:
                raise
            return Intake(copy=self.state.copy)
        if contradicts(self.state, intake):
            return Intake(copy=self.state.copy, unproved=True)
        return intake

    def _examined(self, event: BundleCame) -> Examined:
        foretold, self._foretold = self._foretold, None
        if foretold is not None and foretold.fits(self.state, event.bundle):
            return foretold
        return examination(self.state, event.bundle, holding=event.holding).examined()

    def _handed(self, handed: Handed, *, now: Instant) -> list[LineEffect]:
        effects = list(handed.effects)
        for said, root in handed.said:
            self._wait(said, root=root, keep_until=None, now=now)
            # The openings of its parts were lost with what the backup did not have.
            effects += [*opened_here(said, {}), *withheld_here(said)]
        return effects

    def _taken(self, intake: Intake, event: BundleCame, *, now: Instant) -> list[LineEffect]:
        state, copy = self.state, intake.copy
        effects = [] if intake.fault is None else convicted(state, intake.fault)
        if intake.unproved:
            return unproved(state)
        if intake.fault is not None and not intake.leaves:
            return effects
        agreed(state, event.bundle, copy)
        known = acted_on(state.copy.ahead)
        effects += self._grown(copy, intake.leaves)
        openings = {sha256(opening).digest(): opening for opening in event.openings}
        for said in intake.said:
            await_parts(state, said)
        effects += [
            KeepExpress(origin=copy.log.origin, index=said.header.index, leaf=said.leaf)
            for said in intake.express
            if said.hash not in known
        ]
        for said in (*intake.said, *intake.express):
            if said.hash not in known:
                effects += heard_said(state, said, way=event.way, openings=openings, now=now)
        state.forget_settled()
        return effects

    def _grown(self, copy: Copy, leaves: tuple[bytes, ...]) -> list[LineEffect]:
        state = self.state
        effects: list[LineEffect] = []
        if copy.log.epoch != state.copy.log.epoch:
            effects.append(epoch_opened(state, copy))
        state.copy = copy
        if copy.log.roster is not None:
            state.other_rosters[copy.log.epoch] = copy.log.roster
        if leaves:
            effects.append(GrowLog(origin=copy.log.origin, leaves=leaves, checkpoint=copy.checkpoint))
        return effects

    # ------------------------------------------------------------------ what it tells of us

    def _receipt(self, written: str | None, *, now: Instant) -> list[LineEffect]:
        """The other's cosignature on our head, when it holds."""
        state = self.state
        roster, own = state.copy.log.roster, state.own
        if written is None or roster is None or own.roster is None:
            return []
        log, cosigner = own.roster.keys.log, roster.keys.cosigner
        try:
            head = opened(written, log).head
            note = note_of(written).only([(log.name, log.hash), (cosigner.name, cosigner.hash)])
            at = cosignature_at(note, cosigner)
        except KeepclearError:
            return []
        effects = delivered(state, head, now=now)
        last = state.other_cosigned[-1] if state.other_cosigned else None
        if state.reverted is not None or (
            last is not None and (own.epoch, head.size) <= (last.epoch, last.size)
        ):
            return effects
        state.remember_cosigned(
            state.other_cosigned,
            Cosigned(epoch=own.epoch, size=head.size, second=at // 1_000, note=note.written()),
        )
        return [KeepCosigned(origin=own.origin, size=head.size, checkpoint=note.written()), *effects]

    def _status(self, bundle: Bundle) -> Status | None:
        """The other's status, when its node signed it for us; a node that forgot its epoch signs by that before."""
        terms, roster = self.state.terms, self.state.other_rosters.get(bundle.epoch)
        if roster is None:
            return None
        try:
            status = status_of(bundle.status, node_key=roster.keys.node)
        except KeepclearError:
            return None
        named = (status.line, status.sender, status.to)
        return status if named == (terms.line, terms.other, terms.own) else None

    def _heard(self, bundle: Bundle, *, grew: bool, now: Instant) -> list[LineEffect]:
        """The other's status, when it is newer than the last; ``grew``: its log did since."""
        state, status = self.state, self._status(bundle)
        if status is None:
            return []
        reverted = reverted_by(state, status.have)
        if not (grew or state.liveness.believed(status)):
            # It is played again, or its clock was set back with a backup: to send it more harms nobody.
            state.have = lesser(state.have, status.have)
            return reverted
        state.liveness = state.liveness.after(status, now=now)
        state.have, state.heard = status.have, Heard(said=status.at, at=now)
        return [*reverted, *asked_to_wait(state, status), LineChanged(line=state.terms.line, change="heard")]

    # ------------------------------------------------------------------ the ways

    def _carried(self, event: Carried, *, now: Instant) -> list[LineEffect]:
        state = self.state
        state.liveness = state.liveness.carried(event.way, now=now)
        state.carried = max(state.carried, event.size)
        fresh = [
            each
            for each in state.receptions.values()
            if each.sent is None
            and each.epoch == state.own.epoch
            and (each.index < event.size or each.index in event.ahead)
        ]
        for each in fresh:
            state.receptions[each.hash] = replace(each, sent=now, way=event.way)
        if not fresh:
            return []
        return [
            LineChanged(
                line=state.terms.line,
                change="sent",
                hashes=tuple(each.hash for each in fresh),
                words=event.way,
            ),
        ]

    def _not_carried(self, event: NotCarried, *, now: Instant) -> list[LineEffect]:
        state = self.state
        before = state.liveness.ways.get(event.way)
        state.liveness = state.liveness.failed(event.way, event.trouble, now=now)
        urgent = any(each.urgent for each in state.waiting)
        state.next_try = Instant(now + retry_after(state.tries, state.terms.timers, urgent=urgent))
        state.tries += 1
        if before is not None and before.failing is not None:
            return []
        return [LineChanged(line=state.terms.line, change="cut", words=f"{event.way}: {event.trouble}")]


def line_of(terms: Terms, *, now: Instant) -> Line:
    """A line that has just been agreed, on which nothing has been said."""
    own = Log(line=terms.line, party=terms.own, other=terms.other, root=terms.own_root)
    other = Log(line=terms.line, party=terms.other, other=terms.own, root=terms.other_root)
    return Line(
        LineState(terms=terms, own=own, copy=Copy(log=other), liveness=Liveness(opened=now), next_try=now)
    )


def _changed(state: LineState, change: str, said: Said) -> LineChanged:
    return LineChanged(line=state.terms.line, change=change, hashes=(said.hash,))
