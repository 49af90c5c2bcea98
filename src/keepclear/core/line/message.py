"""Messages: the header of one entry of a line's log, as its speaker signs it.

Source: docs/protocol.md clauses 5 and 6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NewType, TypeVar

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Instant
from keepclear.core.line.seen import Seen, seen_of
from keepclear.core.record.merkle import HASH_BYTES
from keepclear.core.trust.encoding import INTEGER_MAX, Json, canonical, parsed
from keepclear.core.trust.envelope import Envelope, envelope_from
from keepclear.core.trust.fields import Fields, octets_of, text_of

PartyWord = NewType("PartyWord", str)
"""A party as origins name it: 1 to 64 of ``a-z 0-9 . -``."""

LineName = NewType("LineName", str)
"""A line, in the same form."""

VERSION: Final = 1
EPOCH_MAX: Final = 2**31 - 1
PARTS_MAX: Final = 16
RECIPIENTS_MAX: Final = 16
REFERENCES_MAX: Final = 64
WITHHOLDS_MAX: Final = 64
ECHELON_LENGTH_MAX: Final = 120

_WORD: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
_PART: Final = re.compile(r"[a-z][a-z-]{0,31}")


class Kind(StrEnum):
    """What an entry is."""

    OPEN = "open"
    KEYS = "keys"
    COMMS_CHECK = "comms-check"
    TEST = "test"
    NOTIFY = "notify"
    ADVISE = "advise"
    WARN = "warn"
    QUERY = "query"
    ANSWER = "answer"
    ACKNOWLEDGE = "acknowledge"
    OBJECT = "object"
    AMEND = "amend"
    WITHDRAW = "withdraw"
    CORRECT = "correct"
    STOP = "stop"
    DISCLOSE = "disclose"
    WITHHOLD = "withhold"
    VOICE = "voice"


SERVICE: Final = frozenset({Kind.OPEN, Kind.KEYS})
"""Kinds that carry a key statement."""

EITHER: Final = frozenset({Kind.COMMS_CHECK, Kind.TEST, Kind.WITHHOLD})
"""Kinds that a machine or a person may sign; a person signs all that are not here and not service."""

UNANSWERED: Final = SERVICE | EITHER | {Kind.ACKNOWLEDGE, Kind.DISCLOSE}
"""Kinds that no person has to acknowledge."""


class Precedence(StrEnum):
    """How urgent a message is, the most urgent last."""

    ROUTINE = "routine"
    PRIORITY = "priority"
    IMMEDIATE = "immediate"
    FLASH = "flash"

    @property
    def rank(self) -> int:
        """0 for routine to 3 for flash."""
        return tuple(Precedence).index(self)


class Flag(StrEnum):
    """Whether a message is meant; stated by its writer, never inferred."""

    REAL = "real"
    EXERCISE = "exercise"
    TEST = "test"


class How(StrEnum):
    """In what way a message refers to another."""

    ABOUT = "about"
    ANSWERS = "answers"
    AMENDS = "amends"
    WITHDRAWS = "withdraws"
    CORRECTS = "corrects"
    ACKNOWLEDGES = "acknowledges"
    OBJECTS = "objects"


class Step(StrEnum):
    """One of the separate steps of a person's acknowledgement. There is no approval."""

    RECEIPTED = "receipted"
    PLOTTED = "plotted"
    PASSED = "passed"
    RESPONDED = "responded"


class Response(StrEnum):
    """What a person responds."""

    NOTED = "noted"
    QUERY = "query"
    OBJECTION = "objection"
    ADVISE_AGAINST = "advise-against"
    COUNTER_PROPOSAL = "counter-proposal"
    NO_OBJECTION = "no-objection"


NEEDS: Final[Mapping[Kind, How]] = {
    Kind.ANSWER: How.ANSWERS,
    Kind.ACKNOWLEDGE: How.ACKNOWLEDGES,
    Kind.OBJECT: How.OBJECTS,
    Kind.AMEND: How.AMENDS,
    Kind.WITHDRAW: How.WITHDRAWS,
    Kind.CORRECT: How.CORRECTS,
    Kind.DISCLOSE: How.ABOUT,
    Kind.WITHHOLD: How.ABOUT,
}
"""Kinds that say nothing without the message that they refer to, and how they refer to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Another entry of the line, by its hash, and in what way this one refers to it."""

    hash: bytes
    how: How


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Which step of an acknowledgement this is: ``response`` with responded, ``echelon`` with passed, else None."""

    step: Step
    response: Response | None = None
    echelon: str | None = None

    def __post_init__(self) -> None:
        if (self.response is not None) != (self.step is Step.RESPONDED):
            raise Refused(
                "message.acknowledgement",
                f"acknowledgement is {self.step} with response {self.response}; a response goes with responded",
            )
        if (self.echelon is not None) != (self.step is Step.PASSED):
            raise Refused(
                "message.acknowledgement",
                f"acknowledgement is {self.step} with echelon {self.echelon!r}; passed says to whom it was passed, and "
                "no other step does",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What was given by voice: of which kind it is, and the read-back hash, which only the typed text can give.

    Raises Refused("message.voice") for a kind that no person has to answer: those are not spoken as messages.
    """

    kind: Kind
    readback: bytes

    def __post_init__(self) -> None:
        if self.kind in UNANSWERED or self.kind is Kind.VOICE:
            raise Refused(
                "message.voice",
                f"kind {self.kind} is not given by voice; say which it is of the kinds that a person answers",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What one entry says of itself; its parts are only committed to.

    ``withholds``: the commitments of parts of earlier messages of this log that the speaker gives no more.
    Raises Refused("message.header") with what is at odds in it.
    """

    line: LineName
    sender: PartyWord
    to: PartyWord
    epoch: int
    index: int
    kind: Kind
    at: Instant
    precedence: Precedence = Precedence.ROUTINE
    flag: Flag = Flag.REAL
    parts: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    released: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    references: tuple[Reference, ...] = ()
    seen: Seen | None = None
    acknowledges: Acknowledgement | None = None
    statement: Envelope | None = None
    voice: Voice | None = None
    withholds: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        for word in (self.line, self.sender, self.to):
            if not _WORD.fullmatch(word):
                raise _odd(f"holds the name {word!r}, must be 1 to 64 of a-z, 0-9, dot and hyphen")
        if self.sender == self.to:
            raise _odd(f"is from {self.sender} to itself")
        if set(self.parts) != set(self.released) or not all(map(_PART.fullmatch, self.parts)):
            raise _odd("must say for each of its parts to whom it is released")
        self._check_kind()
        self._check_references()

    @property
    def says(self) -> Kind:
        """What it says, whatever way it was given: of a voice entry the kind that was spoken, else its own."""
        return self.kind if self.voice is None else self.voice.kind

    def _check_kind(self) -> None:
        """What goes with some kinds alone."""
        if (self.statement is not None) != (self.kind in SERVICE):
            raise _odd(f"is of kind {self.kind}; a key statement goes with open and keys")
        if (self.acknowledges is not None) != (self.kind is Kind.ACKNOWLEDGE):
            raise _odd(f"is of kind {self.kind}; an acknowledgement goes with acknowledge")
        if (self.voice is not None) != (self.kind is Kind.VOICE):
            raise _odd(f"is of kind {self.kind}; what was spoken goes with voice")
        if bool(self.withholds) != (self.kind is Kind.WITHHOLD) or (self.withholds and self.parts):
            raise _odd(
                f"is of kind {self.kind}; what is withheld goes with withhold, which has no parts itself"
            )
        if (self.kind is Kind.OPEN) != (self.index == 0):
            raise _odd(f"is entry {self.index} of kind {self.kind}; entry 0 is open, and no other is")
        if self.says is Kind.STOP and self.precedence is not Precedence.FLASH:
            raise _odd(f"is a stop of precedence {self.precedence}; a stop is flash")

    def _check_references(self) -> None:
        needed = NEEDS.get(self.kind)
        if needed is not None and not any(each.how is needed for each in self.references):
            raise _odd(f"is of kind {self.kind} and refers to no message as {needed}")
        named = [each for each in self.references if each.how is How.ACKNOWLEDGES]
        if self.kind is Kind.ACKNOWLEDGE and len(named) != 1:
            raise _odd(f"acknowledges {len(named)} messages, must be one")

    def written(self) -> bytes:
        """The canonical bytes that are signed."""
        return canonical(self.members())

    def members(self) -> dict[str, Json]:
        """The header as a JSON object."""
        members: dict[str, Json] = {
            "at_ms": self.at,
            "epoch": self.epoch,
            "flag": self.flag.value,
            "from": self.sender,
            "index": self.index,
            "kind": self.kind.value,
            "line": self.line,
            "parts": {name: commitment.hex() for name, commitment in self.parts.items()},
            "precedence": self.precedence.value,
            "refs": [{"hash": each.hash.hex(), "how": each.how.value} for each in self.references],
            "released": {name: list(parties) for name, parties in self.released.items()},
            "seen": None if self.seen is None else self.seen.members(),
            "to": self.to,
            "v": VERSION,
        }
        if self.acknowledges is not None:
            members["acknowledges"] = _acknowledgement_members(self.acknowledges)
        if self.statement is not None:
            members["statement"] = self.statement.members()
        if self.voice is not None:
            members["voice"] = {"hash": self.voice.readback.hex(), "kind": self.voice.kind.value}
        if self.withholds:
            members["withholds"] = [each.hex() for each in self.withholds]
        return members


def header_of(raw: bytes) -> Header:
    """The header written in a payload.

    Raises Refused as ``encoding.parsed``, Fields and Header do.
    """
    taken = Fields(parsed(raw), what="header")
    taken.whole("v", least=VERSION, most=VERSION)
    header = Header(
        line=LineName(taken.text("line", length_max=64)),
        sender=PartyWord(taken.text("from", length_max=64)),
        to=PartyWord(taken.text("to", length_max=64)),
        epoch=taken.whole("epoch", least=1, most=EPOCH_MAX),
        index=taken.whole("index"),
        kind=_chosen(Kind, taken, "kind"),
        at=Instant(taken.whole("at_ms", least=max(FIRST, -INTEGER_MAX), most=FOREVER)),
        precedence=_chosen(Precedence, taken, "precedence"),
        flag=_chosen(Flag, taken, "flag"),
        parts={
            name: octets_of(value, length=HASH_BYTES, what=f"header: commitment of {name}")
            for name, value in taken.members("parts", most=PARTS_MAX).items()
        },
        released=_released_of(taken),
        references=tuple(_reference_of(each) for each in taken.items("refs", most=REFERENCES_MAX)),
        seen=seen_of(taken.value("seen")),
        acknowledges=_acknowledgement_of(taken.fields("acknowledges")) if "acknowledges" in taken else None,
        statement=envelope_from(taken.value("statement")) if "statement" in taken else None,
        voice=_voice_of(taken.fields("voice")) if "voice" in taken else None,
        withholds=_withholds_of(taken) if "withholds" in taken else (),
    )
    taken.end()
    return header


_Choice = TypeVar("_Choice", bound=StrEnum)


def _chosen(choices: type[_Choice], taken: Fields, name: str) -> _Choice:
    found = taken.text(name, length_max=64)
    try:
        return choices(found)
    except ValueError:
        words = ", ".join(choices)
        raise Refused("fields.unfit", f"header: {name} is {found[:64]!r}, must be one of {words}") from None


def _released_of(taken: Fields) -> dict[str, tuple[str, ...]]:
    released: dict[str, tuple[str, ...]] = {}
    for name, parties in taken.members("released", most=PARTS_MAX).items():
        if not isinstance(parties, list) or len(parties) > RECIPIENTS_MAX:
            raise Refused(
                "fields.unfit", f"header: {name} is released to {parties!r:.60}, must be a list of names"
            )
        released[name] = tuple(
            text_of(each, length_max=64, what=f"header: a recipient of {name}") for each in parties
        )
    return released


def _reference_of(value: Json) -> Reference:
    taken = Fields(value, what="header: reference")
    reference = Reference(hash=taken.octets("hash", length=HASH_BYTES), how=_chosen(How, taken, "how"))
    taken.end()
    return reference


def _voice_of(taken: Fields) -> Voice:
    voice = Voice(kind=_chosen(Kind, taken, "kind"), readback=taken.octets("hash", length=HASH_BYTES))
    taken.end()
    return voice


def _withholds_of(taken: Fields) -> tuple[bytes, ...]:
    found = taken.items("withholds", most=WITHHOLDS_MAX)
    if not found:
        raise _odd("withholds no parts; a message that does names one or more")
    return tuple(octets_of(each, length=HASH_BYTES, what="header: a part withheld") for each in found)


def _acknowledgement_members(acknowledges: Acknowledgement) -> Json:
    members: dict[str, Json] = {"step": acknowledges.step.value}
    if acknowledges.response is not None:
        members["response"] = acknowledges.response.value
    if acknowledges.echelon is not None:
        members["echelon"] = acknowledges.echelon
    return members


def _acknowledgement_of(taken: Fields) -> Acknowledgement:
    acknowledges = Acknowledgement(
        step=_chosen(Step, taken, "step"),
        response=_chosen(Response, taken, "response") if "response" in taken else None,
        echelon=taken.text("echelon", length_max=ECHELON_LENGTH_MAX) if "echelon" in taken else None,
    )
    taken.end()
    return acknowledges


def _odd(what: str) -> Refused:
    return Refused("message.header", f"message {what}")
