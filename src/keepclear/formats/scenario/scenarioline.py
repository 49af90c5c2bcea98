"""The line of a scenario: its officers, what they say and answer, when it is cut, and when a stick is carried.

Each party's messages are said by its own node and signed by its own officers; the script decides when.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import HOUR_MS, Duration, Instant, Window, instant_text
from keepclear.core.line.draft import LINKING, PLACED, TEXTLESS
from keepclear.core.line.message import (
    NEEDS,
    SERVICE,
    Flag,
    How,
    Kind,
    LineName,
    Precedence,
    Response,
    Step,
)
from keepclear.core.line.plot.place import Place, refuse_crowd
from keepclear.core.line.text import Translation
from keepclear.core.notice.event import Report
from keepclear.core.trust.encoding import Json
from keepclear.core.watch.report import PartyName

WAIT_MAX_MS: Final = 24 * HOUR_MS
"""The longest that an officer of a script lets a message wait, and the visitor is left to say one."""

_UNSCRIPTED: Final = SERVICE | {
    Kind.ACKNOWLEDGE,
    Kind.VOICE,
    Kind.DISCLOSE,
    Kind.WITHHOLD,
    Kind.COMMS_CHECK,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedOfficer:
    """A person of a party who signs on the line: name, post, whether this one answers a STOP, and when away."""

    name: str
    post: str
    party: PartyName
    empowered: bool = True
    away: tuple[Window, ...] = ()

    def present(self, now: Instant) -> bool:
        """Whether the officer is at the console."""
        return not any(window.holds(now) for window in self.away)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedAnswer:
    """One step towards a message, ``after_ms`` after it came. ``by`` empty: whichever officer is there.

    Raises Refused("answer.response") unless a response comes with the step responded and an echelon with passed.
    """

    step: Step
    after_ms: Duration
    by: str = ""
    response: Response | None = None
    echelon: str = ""
    text: str = ""
    language: str = "en"

    def __post_init__(self) -> None:
        if not 0 <= self.after_ms <= WAIT_MAX_MS:
            raise Refused(
                "answer.after", f"an answer comes after {self.after_ms} ms, must be 0 to {WAIT_MAX_MS}"
            )
        if (self.step is Step.RESPONDED) != (self.response is not None):
            raise Refused("answer.response", "a response goes with the step responded, and with no other")
        if (self.step is Step.PASSED) != bool(self.echelon):
            raise Refused("answer.response", "an echelon goes with the step passed, and with no other")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedMessage:
    """What a party says on the line.

    ``at`` before the scenario's start: said as soon as the line is open, as something that occurred then. ``by``
    empty: whichever officer is there. ``typed_by``: the officer of the other party who types it in, for what is given
    by voice; ``channel`` by which telephone. ``leave_ms``: for so long the visitor may say it, and it is said by the
    script only if no message of this kind was. ``answers``: those of the other party; None for what its staff does.
    ``notice``: the content of the part that gives a notice or amends one; ``report``: how the notice stands that it is
    about. ``refs`` name other messages of the script. Raises Refused("message.*") for what the line would refuse.
    """

    id: str
    at: Instant
    sender: PartyName
    kind: Kind
    by: str = ""
    precedence: Precedence = Precedence.ROUTINE
    flag: Flag = Flag.REAL
    text: str = ""
    language: str = "en"
    translation: Translation | None = None
    places: tuple[Place, ...] = ()
    notice: Mapping[str, Json] | None = None
    report: Report | None = None
    refs: tuple[tuple[str, How], ...] = ()
    channel: str = ""
    typed_by: str = ""
    leave_ms: Duration = Duration(0)
    answers: tuple[ScriptedAnswer, ...] | None = None

    def __post_init__(self) -> None:
        if self.kind in _UNSCRIPTED:
            raise Refused("message.kind", f"kind is {self.kind}, which a script does not say by itself")
        if not self.text and self.kind not in TEXTLESS:
            raise Refused("message.textless", f"a message of kind {self.kind} must have a text")
        if self.typed_by and not self.text:
            raise Refused("message.textless", "what is given by voice must have a text")
        if self.typed_by and self.answers:
            raise Refused(
                "message.answers",
                "what is given by voice is receipted by typing it in; it has no other answers",
            )
        if not 0 <= self.leave_ms <= WAIT_MAX_MS:
            raise Refused("message.leave", f"it is left {self.leave_ms} ms, must be 0 to {WAIT_MAX_MS}")
        if self.places:
            refuse_crowd([place.name for place in self.places])
        hows = {how for _, how in self.refs}
        if self.kind in PLACED and not self.places and not self.typed_by and not hows & LINKING:
            raise Refused(
                "message.placeless", f"a message of kind {self.kind} must name a zone or a circle, or refer"
            )
        needed = NEEDS.get(self.kind)
        if needed is not None and needed not in hows:
            raise Refused("message.refs", f"a message of kind {self.kind} must refer to one as {needed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stick:
    """When a stick with one party's newest bundle is carried to the other."""

    at: Instant
    sender: PartyName


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """What the officers of a party do about messages that nobody has answered: ``stop`` for a STOP.

    ``attends``: whether somebody is at the console as long as an officer is there, for a party that nobody plays.
    """

    party: PartyName
    answers: tuple[ScriptedAnswer, ...] = ()
    stop: tuple[ScriptedAnswer, ...] = ()
    attends: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LineScript:
    """A line between two parties of a scenario, and what happens on it.

    Raises Refused("line.*") where a party is not one of the two, an officer is not one of its party, a name is used
    twice, or messages are not in order of time and do not refer to earlier ones alone.
    """

    name: LineName
    parties: tuple[PartyName, PartyName]
    officers: tuple[ScriptedOfficer, ...]
    messages: tuple[ScriptedMessage, ...] = ()
    cuts: tuple[Window, ...] = ()
    sticks: tuple[Stick, ...] = ()
    staff: tuple[Staff, ...] = ()

    def __post_init__(self) -> None:
        if len(set(self.parties)) != 2:
            raise Refused("line.parties", f"line {self.name} joins {self.parties}, must join two parties")
        self._demand_parties()
        self._demand_officers()
        self._demand_order()

    def other(self, party: PartyName) -> PartyName:
        """The party at the other end."""
        first, second = self.parties
        return second if party == first else first

    def officers_of(self, party: PartyName) -> tuple[ScriptedOfficer, ...]:
        """The officers of a party, in the order of the script."""
        return tuple(officer for officer in self.officers if officer.party == party)

    def staff_of(self, party: PartyName) -> Staff:
        """What the officers of a party do; one that the script does not tell of does nothing."""
        return next((each for each in self.staff if each.party == party), Staff(party=party, attends=False))

    def is_cut(self, now: Instant) -> bool:
        """Whether the link is cut."""
        return any(window.holds(now) for window in self.cuts)

    def _demand_parties(self) -> None:
        named = [
            *((f"officer {each.name}", each.party) for each in self.officers),
            *((f"message {each.id}", each.sender) for each in self.messages),
            *(("a stick", each.sender) for each in self.sticks),
            *(("a staff", each.party) for each in self.staff),
        ]
        for who, party in named:
            if party not in self.parties:
                raise Refused(
                    "line.party", f"{who} is of party {party!r}, the line joins {' and '.join(self.parties)}"
                )
        _demand_once("staff", [each.party for each in self.staff])
        for party in self.parties:
            if not self.officers_of(party):
                raise Refused("line.officer", f"party {party} has no officer on line {self.name}")

    def _demand_officers(self) -> None:
        names = {party: [each.name for each in self.officers_of(party)] for party in self.parties}
        for party in self.parties:
            _demand_once("officer", names[party])
        for message in self.messages:
            other = self.other(message.sender)
            who = f"message {message.id}"
            _demand_officer(who, message.by, names[message.sender])
            _demand_officer(who, message.typed_by, names[other])
            for answer in message.answers or ():
                _demand_officer(f"an answer to {who}", answer.by, names[other])
        for staff in self.staff:
            for answer in (*staff.answers, *staff.stop):
                _demand_officer(f"the staff of {staff.party}", answer.by, names[staff.party])

    def _demand_order(self) -> None:
        _demand_once("message", [each.id for each in self.messages])
        for before, after in pairwise(self.messages):
            if after.at < before.at:
                raise Refused(
                    "line.order",
                    f"message {after.id} is at {instant_text(after.at)}, must not be before {before.id}, which "
                    "stands above it",
                )
        earlier: set[str] = set()
        for message in self.messages:
            unknown = sorted(name for name, _ in message.refs if name not in earlier)
            if unknown:
                raise Refused(
                    "line.refs", f"message {message.id} refers to {unknown}, must refer to one above it"
                )
            earlier.add(message.id)


def _demand_once(noun: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Refused("line.twice", f"two {noun} entries have the name {name!r}, each must have its own")
        seen.add(name)


def _demand_officer(who: str, name: str, known: Iterable[str]) -> None:
    if name and name not in known:
        raise Refused("line.officer", f"{who} names {name!r}, the officers there are {', '.join(known)}")
