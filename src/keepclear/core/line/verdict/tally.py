"""Tallies: every message of an exported line with what came of it, and the parts that are shown of it.

Source: docs/protocol.md clauses 6 and 7. A machine's receipt is never a person's answer, and there is no approval.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant, instant_text
from keepclear.core.line.acting import ANSWERING, Contents, answering_step, contents_in, entitled
from keepclear.core.line.log import Said
from keepclear.core.line.message import UNANSWERED
from keepclear.core.line.reception import Taken, step_of
from keepclear.core.line.verdict.export import SealedPart
from keepclear.core.line.verdict.finding import Finding, Severity, broken, doubt, note
from keepclear.core.line.voice.pairing import VoiceEntry, pairs_of
from keepclear.core.line.voice.typedin import voice_entry
from keepclear.core.trust.opening import opening_of

_READ: Final = frozenset({"places", "echo", "validity"})
"""Parts whose contents bear on what came of a message; of the others only the commitment is checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageState:
    """A message that a person must answer, with the other machine's receipts and the other people's steps.

    ``unreceived``: its parts that were withheld before any cosignature shows that the other could open them.
    """

    said: Said
    origin: str
    cosigned: bool
    cited: bool
    steps: tuple[Taken, ...]
    unreceived: tuple[str, ...] = ()

    @property
    def unacknowledged(self) -> bool:
        """Whether no person has answered it."""
        return not self.steps

    @property
    def where(self) -> str:
        """The log and the number of the entry."""
        return f"{self.origin} entry {self.said.header.index}"

    @property
    def words(self) -> str:
        """What came of it, in one line."""
        header = self.said.header
        by = "its node" if self.said.by is None else f"{self.said.by.name}, {self.said.by.post}"
        kind = f"{header.says} by voice" if header.voice is not None else header.kind
        title = f"{kind} ({header.flag}, {header.precedence}) of {instant_text(header.at)} by {by}"
        if self.cosigned:
            machine = f"cosigned by the node of {header.to}{self._without()}"
        elif self.cited:
            machine = f"cited by {header.to}, not cosigned"
        else:
            machine = f"NOT SHOWN TO HAVE REACHED {header.to}"
        return "; ".join([title, machine, *self._persons(header.to)])

    def _without(self) -> str:
        if not self.unreceived:
            return ""
        return f", WHICH IS NO RECEIPT of what was withheld of it: {', '.join(self.unreceived)}"

    def _persons(self, to: str) -> list[str]:
        if self.unacknowledged:
            return [f"NOT ACKNOWLEDGED by any person of {to}"]
        return [_taken_words(each) for each in self.steps]


@dataclass(slots=True, kw_only=True)
class Parts:
    """How many parts the entries commit to, and what the export shows of them."""

    committed: dict[bytes, frozenset[str]] = field(default_factory=dict[bytes, frozenset[str]])
    opened: set[bytes] = field(default_factory=set[bytes])
    sealed: set[bytes] = field(default_factory=set[bytes])
    read: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])

    def take_openings(self, openings: Iterable[bytes]) -> Iterator[Finding]:
        """Hold each opening against its commitment; yields what is wrong.

        An author can commit to anything, and to the same thing twice. That must not spoil the export of whoever was
        told it, so only bytes that nobody committed to break an export.
        """
        for number, raw in enumerate(openings, 1):
            commitment = sha256(raw).digest()
            names = self.committed.get(commitment, frozenset())
            if not names:
                yield broken(
                    f"opening {number}", f"has SHA-256 {commitment.hex()}, to which no entry here committed"
                )
                continue
            wrong = _opening_wrong(raw, names)
            if wrong is not None:
                yield doubt(f"opening {number}", wrong)
            self.opened.add(commitment)
            if names & _READ:
                self.read[commitment] = raw

    def take_sealed(self, sealed: Iterable[SealedPart]) -> Iterator[Finding]:
        """Hold each sealed part against the commitments; yields what is wrong."""
        for number, part in enumerate(sealed, 1):
            if part.commitment not in self.committed:
                yield broken(f"sealed part {number}", "is of no message in this export")
            self.sealed.add(part.commitment)


@dataclass(slots=True, kw_only=True)
class Tally:
    """The messages heard so far, by hash, and the entries that answer some other.

    ``withheld``: by log and part the number of the first entry there that withholds it.
    """

    said: dict[bytes, tuple[Said, str]] = field(default_factory=dict[bytes, tuple[Said, str]])
    answers: dict[bytes, list[Said]] = field(default_factory=dict[bytes, list[Said]])
    voices: list[VoiceEntry] = field(default_factory=list[VoiceEntry])
    withheld: dict[tuple[str, bytes], int] = field(default_factory=dict[tuple[str, bytes], int])
    parts: Parts = field(default_factory=Parts)

    def hear(self, said: Said, origin: str) -> None:
        """Take one sound entry, without its leaf: nothing here needs it, and there may be very many."""
        said, header = replace(said, leaf=b""), said.header
        self.said[said.hash] = (said, origin)
        for name, commitment in header.parts.items():
            names = self.parts.committed.get(commitment, frozenset())
            self.parts.committed[commitment] = names | {name}
        for commitment in header.withholds:
            if commitment in self.parts.committed:
                self.withheld.setdefault((origin, commitment), header.index)
        given = voice_entry(said)
        if given is not None:
            self.voices.append(given)
        if answering_step(said) is None:
            return
        for each in header.references:
            if each.how in ANSWERING:
                self.answers.setdefault(each.hash, []).append(said)

    def states(
        self, *, cosigned: Mapping[str, Collection[int]], cited: Mapping[str, int]
    ) -> Iterator[MessageState]:
        """Every message that a person must answer, with what came of it.

        ``cosigned`` says of each origin which sizes of it the other's node cosigned, ``cited`` below which entry that
        node is shown to have it by its own entries.
        """
        pairs = pairs_of(self.voices)
        below = {origin: max(sizes, default=0) for origin, sizes in cosigned.items()}
        for said, origin in self.said.values():
            header = said.header
            if header.kind in UNANSWERED:
                continue
            yield MessageState(
                said=said,
                origin=origin,
                cosigned=header.index < below.get(origin, 0),
                cited=header.index < cited.get(origin, 0),
                steps=self._steps(said, pairs.get(said.hash)),
                unreceived=self._unreceived(said, origin, cosigned.get(origin, ())),
            )

    def _steps(self, said: Said, pair: bytes | None) -> tuple[Taken, ...]:
        header = said.header
        found = list(self.answers.get(said.hash, ()))
        if pair is not None and all(each.hash != pair for each in found):
            found.append(self.said[pair][0])
        sent = self._contents(header.parts).places
        taken = [
            step_of(each, sent=sent, echo=self._contents(each.header.parts).echo, now=each.header.at)
            for each in found
            if each.header.sender != header.sender and entitled(each, header.says)
        ]
        return tuple(taken)

    def _contents(self, parts: Mapping[str, bytes]) -> Contents:
        return contents_in(parts, self.parts.read)

    def expired(self, at: Instant) -> int:
        """How many parts are not shown of messages whose validity part says that they were to be removed by then."""
        return sum(len(self._left_out(said)) for said, _ in self.said.values() if self._is_over(said, at))

    def closed(self, at: Instant) -> Iterator[Finding]:
        """Which parts their speakers withheld; and which others are neither shown, sealed nor expired by then.

        None of it is a fault.
        """
        for said, origin in self.said.values():
            where, withheld = f"{origin} entry {said.header.index}", self._withheld(said, origin)
            for name, index in withheld.items():
                words = (
                    f"part {name} was withheld by {said.header.sender} in its entry {index}: a cosignature over that "
                    "entry is no receipt of it"
                )
                yield note(where, words)
            left_out = () if self._is_over(said, at) else self._left_out(said)
            names = [name for name in left_out if name not in withheld]
            if names:
                yield note(where, f"parts closed in this export: {', '.join(names)}")

    def _withheld(self, said: Said, origin: str) -> dict[str, int]:
        """The parts of an entry that a later one of its log withholds, by name, and which entry does."""
        found = {name: self.withheld.get((origin, each)) for name, each in sorted(said.header.parts.items())}
        return {
            name: index for name, index in found.items() if index is not None and index > said.header.index
        }

    def _unreceived(self, said: Said, origin: str, cosigned: Collection[int]) -> tuple[str, ...]:
        """The parts of an entry that were withheld before any cosignature over it."""
        return tuple(
            name
            for name, index in self._withheld(said, origin).items()
            if not any(said.header.index < size <= index for size in cosigned)
        )

    def _is_over(self, said: Said, at: Instant) -> bool:
        until = self._contents(said.header.parts).keep_until
        return until is not None and until <= at

    def _left_out(self, said: Said) -> tuple[str, ...]:
        """The names of an entry's parts of which the export holds nothing."""
        opened, sealed = self.parts.opened, self.parts.sealed
        parts = sorted(said.header.parts.items())
        return tuple(
            name for name, commitment in parts if commitment not in opened and commitment not in sealed
        )


def state_findings(state: MessageState) -> Iterator[Finding]:
    """What is to be said of a message: that nobody acknowledged it, and where a plot differs from what was sent."""
    if state.unacknowledged:
        yield Finding(severity=Severity.UNACKNOWLEDGED, where=state.where, words=state.words)
    for taken in state.steps:
        for difference in taken.differences:
            yield doubt(state.where, f"was plotted otherwise by {taken.by}, {taken.post}: {difference.words}")


def _opening_wrong(raw: bytes, names: frozenset[str]) -> str | None:
    """What is wrong with bytes that were committed to: the author's doing, not that of whoever exports them."""
    try:
        found = opening_of(raw).part
    except Refused as error:
        return f"was committed to and cannot be read: {error.message}"
    if names == frozenset((found,)):
        return None
    return f"is of part {found!r}, and was committed to as {', '.join(sorted(names))}"


def _taken_words(taken: Taken) -> str:
    said = f"{taken.step} by {taken.by}, {taken.post} at {instant_text(taken.said)}"
    if taken.response is not None:
        said += f" ({taken.response})"
    if taken.echelon is not None:
        said += f" (to {taken.echelon})"
    if taken.plotted:
        said += ", plotted otherwise" if taken.differences else ", plotted as sent"
    return said
