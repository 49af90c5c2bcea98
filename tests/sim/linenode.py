"""Nodes of a simulated line: what each keeps through a crash, and how it comes back.

A side is one end of one line. Its journal and what it keeps are durable; its line is memory, rebuilt by a replay of
the journal. A step commits whole or never happened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from keepclear.core.errors import KeepclearError
from keepclear.core.instant import SECOND_MS, Instant
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import (
    Convict,
    Cosign,
    GrowLog,
    LineChanged,
    LineEffect,
    LineEvent,
    Recalled,
    Reverted,
    Spoken,
)
from keepclear.core.line.fault import Fault
from keepclear.core.line.line import Line, line_of
from keepclear.core.line.log import Mark
from keepclear.core.line.message import Header, LineName, header_of
from keepclear.core.line.state import LineState
from keepclear.core.record.checkpoint import checkpoint_of, origin_of
from keepclear.core.trust.envelope import envelope_of
from keepclear.core.trust.note import note_of
from party import Kept, Party


class BrokenError(Exception):
    """A rule that always holds did not hold."""


def raise_if(broken: bool, what: str) -> None:  # noqa: FBT001 - the condition is the point of the call
    """Stop the simulation with what went wrong."""
    if broken:
        raise BrokenError(what)


@dataclass
class Durable:
    """What a crash leaves: the events of the line, what is kept, and what was acted on, in order."""

    journal: list[tuple[Instant, LineEvent]] = field(default_factory=list[tuple[Instant, LineEvent]])
    kept: Kept = field(default_factory=Kept)
    received: list[tuple[int, bytes]] = field(default_factory=list[tuple[int, bytes]])
    changes: list[LineChanged] = field(default_factory=list[LineChanged])
    faults: list[Fault] = field(default_factory=list[Fault])

    @property
    def opened(self) -> bool:
        """Whether entry 0 had been said."""
        return any(isinstance(event, Spoken) for _, event in self.journal)

    def copy(self) -> Durable:
        return Durable(
            journal=list(self.journal),
            kept=self.kept.copy(),
            received=list(self.received),
            changes=list(self.changes),
            faults=list(self.faults),
        )


class Side(Party):
    """One end of a line as a node has it, with its journal."""

    def __init__(self, name: str, other: str, *, line: str, now: int, liar: str | None) -> None:
        super().__init__(name, other, line=line, now=now)
        self.opened_at = Instant(now)
        self.durable = Durable(kept=self.kept)
        self.said: dict[int, list[bytes]] = {}
        """Every leaf that this party ever committed to saying, by epoch: what the world knows, not the node."""
        self.liar = liar
        self.peer: Side = self
        self.mute = False
        self.is_marked = True
        self.was_restored = False
        self.pending = False
        self.last_now = now
        self.largest_sent = 0
        self.strangers: Callable[[Side, Fault], None] = _nobody_asks
        self.mark_signed = Mark(epoch=1, size=0)
        self.mark_given: Recalled | None = None
        """What the marker beside the keys says: how far our log went, and what of the other's was cosigned last."""

    @property
    def honest(self) -> bool:
        """Whether neither end of this line lies."""
        return self.liar not in (self.name, self.other)

    @property
    def state(self) -> LineState:
        return self.line.state

    @property
    def faithful(self) -> bool:
        """Whether this party keeps to the rules."""
        return self.name != self.liar

    def do(self, event: LineEvent, *, now: int) -> list[LineEffect]:
        """Step, keep and journal in one: what raises has not happened."""
        before = self.state.copy.log.size
        effects = super().do(event, now=now)
        self.last_now = max(self.last_now, now)
        self.mark_signed = max(self.mark_signed, self.state.own.mark)
        self.durable.journal.append((Instant(now), event))
        if isinstance(event, Spoken):
            self.said.setdefault(self.epoch, []).append(event.leaf)
        for effect in effects:
            self._watched(effect, before=before)
        return effects

    def bundle(self, *, now: int) -> Bundle | None:
        made = super().bundle(now=now)
        if made is not None:
            self.last_now = max(self.last_now, now)
            shown = made.checkpoint if made.newest is None else made.newest
            self.largest_sent = max(self.largest_sent, checkpoint_of(note_of(shown).text).head.size)
        return made

    def replayed(self) -> Line:
        """The line as its journal alone makes it."""
        line = line_of(self.state.terms, now=self.opened_at)
        for at, event in self.durable.journal:
            line.step(event, now=at)
        return line

    def crash(self) -> None:
        """Lose all memory, and come back by the journal: to just what was there."""
        line = self.replayed()
        raise_if(
            line.state != self.line.state, f"{self.name} on {self.line_name}: a replay gave another state"
        )
        raise_if(
            list(line.state.receptions) != list(self.state.receptions)
            or list(line.state.duties) != list(self.state.duties),
            f"{self.name} on {self.line_name}: a replay gave another order",
        )
        self._back(line)

    def restore(self, backup: Durable, *, now: int, marked: bool) -> set[str]:
        """Come back from an earlier copy; answers what that forgot.

        A marker beside the keys tells how much was signed and cosigned; without it, nothing does.
        """
        self.durable = backup.copy()
        self.kept = self.durable.kept
        self._back(self.replayed())
        short = self.mark_signed > self.state.own.mark
        forgot = {"own epochs": self.mark_signed.epoch > self.epoch, "own entries": short}
        if marked:
            told: list[LineEffect] = []
            if short:
                self.do(Reverted(line=LineName(self.line_name), signed=self.mark_signed), now=now)
            if self.mark_given is not None:
                told = self.do(self.mark_given, now=now)
            forgot["cosignatures alone"] = bool(told) and not short
        else:
            self.mute, self.is_marked = short, False
        return {what for what, so in forgot.items() if so}

    def may_speak(self) -> bool:
        """Whether our officers and our node may sign: never while a backup is known to be behind."""
        return self.state.own.roster is not None and self.state.reverted is None and not self.mute

    def try_say(self, draft: Draft, *, now: int, by: str | None) -> list[LineEffect] | None:
        """Say a draft, or None where the line refuses it."""
        try:
            return self.say(draft, now=now, by=by)
        except KeepclearError:
            return None

    def held_header(self, index: int, hashed: bytes) -> Header | None:
        """The header of an entry of the other's that is held, or None where only word of it came."""
        leaves = self.kept.log(self.other_origin).leaves
        if index >= len(leaves):
            return None
        return header_of(envelope_of(leaves[index]).payload) if hashed else None

    @property
    def other_origin(self) -> str:
        return origin_of(party=self.other, log=self.line_name, epoch=self.state.copy.log.epoch)

    def _back(self, line: Line) -> None:
        self.line = line
        self.epoch = line.state.own.epoch
        roster = line.state.own.roster
        self.serial = 0 if roster is None else roster.serial
        self.pending = False

    def _watched(self, effect: LineEffect, *, before: int) -> None:
        """What must be so whenever something is done."""
        where = f"{self.name} on {self.line_name}"
        match effect:
            case GrowLog():
                self._grown(effect, where)
            case Cosign():
                raise_if(
                    self.faithful and self.state.reverted is not None,
                    f"{where}: cosigned, and has yet to get back what it signed",
                )
                self._cosigned(effect, where)
            case Convict():
                if not self.faithful:
                    self._believed_by_nobody(effect.fault, where)
                    return
                raise_if(
                    effect.fault.party != self.liar,
                    f"{where}: {effect.fault.party} is accused and did not lie: {effect.fault.words}",
                )
                self.durable.faults.append(effect.fault)
                self._judged(effect.fault, where)
            case LineChanged():
                self._changed(effect, where, before=before)
            case _:
                pass

    def _judged(self, fault: Fault, where: str) -> None:
        """Evidence convinces whoever was not there; that it does not is our fault, and no bundle to be refused."""
        try:
            self.strangers(self, fault)
        except KeepclearError as error:
            raise BrokenError(f"{where}: a stranger does not believe that {fault.words}: {error}") from error

    def _grown(self, effect: GrowLog, where: str) -> None:
        log = self.kept.log(effect.origin)
        head = checkpoint_of(note_of(log.checkpoints[len(log.leaves)]).text).head
        raise_if(
            head != log.frontier(len(log.leaves)).head(),
            f"{where}: {effect.origin} grew to what its checkpoint does not cover",
        )

    def _believed_by_nobody(self, fault: Fault, where: str) -> None:
        """A liar may hold what it likes against an honest party: no stranger may be convinced of it."""
        if fault.party == self.liar:
            return
        try:
            self.strangers(self, fault)
        except KeepclearError:
            return
        raise_if(
            self.strangers is not _nobody_asks,
            f"{where}: {fault.party} is convicted and did not lie: {fault.words}",
        )

    def _cosigned(self, effect: Cosign, where: str) -> None:
        """A cosignature says that every entry is here and every part that was released to us could be read.

        It is never of less, and never earlier, than the last that was given, whatever a backup forgot.
        """
        leaves = self.kept.log(effect.origin).leaves
        head, before = self.state.copy.log.head(), self.mark_given
        given = Recalled(
            line=LineName(self.line_name),
            epoch=self.state.copy.log.epoch,
            head=head,
            second=effect.at // SECOND_MS,
        )
        if before is not None and self.faithful and self.is_marked:
            raise_if(
                (given.epoch, head.size, given.second) < (before.epoch, before.head.size, before.second)
                or given.second < before.second,
                f"{where}: cosigned {head.size} entries at {given.second}, after {before.head.size} at {before.second}",
            )
        self.mark_given = given
        raise_if(
            len(leaves) < effect.size, f"{where}: cosigned {effect.size} entries and holds {len(leaves)}"
        )
        headers = [header_of(envelope_of(leaf).payload) for leaf in leaves[: effect.size]]
        withheld = {commitment for header in headers for commitment in header.withholds}
        for header in headers:
            missing = [
                part
                for part, commitment in header.parts.items()
                if self.name in header.released[part]
                and commitment not in withheld
                and not self.has(commitment)
            ]
            raise_if(bool(missing), f"{where}: cosigned an entry whose parts {missing} it cannot read")

    def has(self, commitment: bytes) -> bool:
        """Whether the opening of a part is kept here."""
        return commitment in self.kept.openings

    def last_parts(self) -> list[bytes]:
        """The commitments of the parts that our last entry releases to the other."""
        header = header_of(envelope_of(self.kept.log(self.origin).leaves[-1]).payload)
        return [each for part, each in header.parts.items() if self.other in header.released[part]]

    def _changed(self, change: LineChanged, where: str, *, before: int) -> None:
        self.durable.changes.append(change)
        if change.change == "received":
            self.durable.received += [(before, hashed) for hashed in change.hashes]
        if change.change == "differs":
            raise_if(self.honest, f"{where}: a faithful echo is said to differ: {change.words}")
        if change.change == "restored":
            self.mute = False
            roster = self.state.own.roster
            assert roster is not None, "entries that are back have stated the keys"
            self.serial = roster.serial


def heard_of(side: Side) -> set[str]:
    """Which changes a side has shown."""
    return {each.change for each in side.durable.changes}


def _nobody_asks(_side: Side, _fault: Fault) -> None:
    """What a side does with evidence where there is no stranger to judge it."""
