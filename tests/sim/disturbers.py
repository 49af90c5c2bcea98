"""Liars whom nothing convicts: what they do must neither stop an honest peer nor mislead it nor stain what it keeps."""

# ruff: noqa: ARG002 - every lie is asked the same questions, and most need not know all that they are told.
from __future__ import annotations

import base64
from dataclasses import replace
from typing import ClassVar

from exports import export_from, roots_of, sealed_bytes
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.draft import Draft
from keepclear.core.line.liveness import Condition
from keepclear.core.line.message import Kind
from keepclear.core.line.packing import status_for
from keepclear.core.line.status import STATUS_TYPE, Heard
from keepclear.core.line.verdict.verdict import Verdict, verdict
from keepclear.core.record.cosignature import cosignature_at
from keepclear.core.trust.envelope import signed_envelope
from keepclear.core.trust.note import note_of
from keepclear.formats.line.exportfile import export_of
from party import public
from sim.liars import Lie, Stage, officer
from sim.linenode import Side, heard_of, raise_if
from sim.officers import text

SPAN = 60
"""How many lines of junk go into one note: it stays within its limit."""


def judged(side: Side) -> Verdict:
    """What a stranger says of the export of a side."""
    export = export_from(side, side.peer, openings=())
    return verdict(export_of(sealed_bytes(export, side, at=side.last_now)), roots=roots_of(side, side.peer))


class Disturbs(Lie):
    """A lie that convicts nobody; the line must come to be whole all the same."""

    alone, steady = True, True

    def lie(self, world: Stage, side: Side, *, now: int) -> None:
        for each, words in ((side, "what is disturbed"), (side.peer, "what answers it")):
            draft = Draft(kind=Kind.QUERY, contents={"text": text(words)})
            each.say(draft, now=world.now(each), by=officer(each))
            world.send(each)

    def is_found(self, victim: Side) -> bool:
        liar = victim.peer
        whole = (
            victim.state.copy.log.head() == liar.state.own.head()
            and victim.state.confirmed == victim.state.own.size
            and not victim.state.unopened
        )
        return whole and self.is_harmless(victim)

    def is_harmless(self, victim: Side) -> bool:
        """Whether the victim is as it would be without the lie."""
        raise_if(bool(victim.durable.faults), "a fault was found where there is none to prove")
        raise_if(not judged(victim).holds, "what was disturbed does not hold before a stranger")
        return True


class JunkLines(Disturbs):
    """Its notes bear signature lines of nobody: unknown names, known names, and lines that look like the peer's own."""

    name = "junk signature lines in notes"

    def sent(self, world: Stage, side: Side, bundle: Bundle) -> Bundle:
        if side.peer is not self.victim:
            return bundle
        names = (side.origin, side.cosigner.key.name, side.peer.origin, side.peer.cosigner.key.name, "nobody")
        junk = "".join(
            f"\u2014 {name} {base64.b64encode(bytes([number]) * 76).decode()}\n"
            for number in range(SPAN // len(names))
            for name in names
        )
        lookalike = base64.b64encode(side.peer.cosigner.key.hash + bytes(72)).decode()
        junk += f"\u2014 {side.peer.cosigner.key.name} {lookalike}\n"
        return replace(
            bundle,
            checkpoint=bundle.checkpoint + junk,
            newest=None if bundle.newest is None else bundle.newest + junk,
            cosigned=None if bundle.cosigned is None else bundle.cosigned + junk,
        )

    def is_harmless(self, victim: Side) -> bool:
        given = victim.kept.cosigned_by_us[victim.other_origin]
        cosignature_at(note_of(given), victim.cosigner.key)
        kept = [given, *victim.kept.cosigned_by_other.get(victim.origin, []), victim.state.copy.checkpoint]
        newest = victim.kept.log(victim.other_origin).checkpoints.values()
        raise_if(
            any("nobody" in (note or "") for note in (*kept, *newest)), "junk of a note was kept as if signed"
        )
        return super().is_harmless(victim)


class ExtremeTimes(Disturbs):
    """Its statuses say times at either end of the calendar: of its clock, of its people, and of what it heard."""

    name = "statuses with extreme times"
    times: ClassVar = (0, FOREVER)

    def __init__(self) -> None:
        super().__init__()
        self.sent_so_many = 0

    def sent(self, world: Stage, side: Side, bundle: Bundle) -> Bundle:
        if side.peer is not self.victim:
            return bundle
        self.sent_so_many += 1
        first, second, third = (Instant(self.times[self.sent_so_many >> place & 1]) for place in range(3))
        status = replace(
            status_for(side.state, now=first), attended=second, heard=Heard(said=second, at=third)
        )
        key = side.node_key
        return replace(
            bundle,
            status=signed_envelope(STATUS_TYPE, status.written(), public_key=public(key), sign=key.sign),
        )

    def is_harmless(self, victim: Side) -> bool:
        live = victim.state.liveness
        since = live.attended_by_us
        raise_if(since is not None and since > victim.last_now, "somebody is said to attend later than now")
        found = live.condition(victim.state.terms.timers, now=Instant(victim.last_now))
        raise_if(found is Condition.NEVER, "who was heard is said to have never been")
        return super().is_harmless(victim)


class HiddenEpoch(Disturbs):
    """It opens an epoch that it shows to nobody, and then the next."""

    name = "epoch that is never shown"

    def lie(self, world: Stage, side: Side, *, now: int) -> None:
        side.reopen(now=now)
        draft = Draft(kind=Kind.QUERY, contents={"text": text("said to nobody")})
        side.say(draft, now=now, by=officer(side))
        side.reopen(now=now)
        super().lie(world, side, now=now)

    def is_harmless(self, victim: Side) -> bool:
        raise_if("epoch" not in heard_of(victim), "a new epoch was taken without a word to people")
        words = [each.words for each in judged(victim).findings]
        hidden = f"is epoch 3 of {victim.other}, and epoch 2 is not in the export"
        raise_if(hidden not in words, f"nobody says that an epoch is hidden: {words}")
        return super().is_harmless(victim)
