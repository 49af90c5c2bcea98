"""Two parties on a line, for tests: opened, talking, answering and at odds, all in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import TypeVar

from keepclear.core.instant import Instant
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import Elapsed, LineChanged, LineEffect
from keepclear.core.line.log import MESSAGE_TYPE, Log
from keepclear.core.line.message import (
    Acknowledgement,
    How,
    Kind,
    LineName,
    Precedence,
    Reference,
    Response,
    Step,
    header_of,
)
from keepclear.core.line.plot.echo import echo_content, plotted
from keepclear.core.line.plot.place import Place, places_content
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.merkle import Head, leaf_hash
from keepclear.core.trust.encoding import Json, canonical
from keepclear.core.trust.envelope import envelope_of, signed_envelope
from keepclear.core.trust.note import Signer, VerifierKey, signed_note
from party import Party, exchange, public
from places import SPOT

NOW = 1_536_192_000_000
"""2018-09-06T00:00:00Z"""

LINE = LineName("tanf")

_Effect = TypeVar("_Effect")


def two(**options: object) -> tuple[Party, Party]:
    """Parties a and b, of whom nobody has said anything."""
    return Party("a", "b", now=NOW, **options), Party("b", "a", now=NOW, **options)  # type: ignore[arg-type]


def opened_two(*, officers: Sequence[str] = ("duty", "second")) -> tuple[Party, Party]:
    """Parties a and b, who have opened the line and cosigned all that was said."""
    one, other = Party("a", "b", now=NOW, officers=officers), Party("b", "a", now=NOW, officers=officers)
    one.open(now=NOW)
    other.open(now=NOW)
    exchange(one, other, now=NOW)
    return one, other


def text(words: str = "We enter the zone.", **more: Json) -> dict[str, Json]:
    """The content of a text part."""
    return {"composed_ms": NOW, "language": "en", "originator": "L. Marek", "text": words, **more}


def no_place(words: str = "We stay out of all zones.") -> dict[str, Json]:
    """The content of a text part about no place."""
    return text(words, no_place=True)


def advice(words: str = "Stay out.", *, precedence: Precedence = Precedence.ROUTINE) -> Draft:
    """Something said of no place."""
    return Draft(kind=Kind.ADVISE, precedence=precedence, contents={"text": no_place(words)})


def notice(place: Place = SPOT, *, precedence: Precedence = Precedence.IMMEDIATE) -> Draft:
    """Something said of a place."""
    contents: Mapping[str, Mapping[str, Json]] = {"text": text(), "places": places_content((place,))}
    return Draft(kind=Kind.NOTIFY, precedence=precedence, contents=contents)


def stop() -> Draft:
    """A STOP, without a word."""
    return Draft(kind=Kind.STOP, precedence=Precedence.FLASH)


def withhold(*parts: bytes, about: bytes = b"") -> Draft:
    """That parts are given no more, of a message that is named or of any."""
    references = (Reference(hash=about or some_hash("any"), how=How.ABOUT),)
    return Draft(kind=Kind.WITHHOLD, references=references, withholds=parts)


def acknowledgement(
    hashed: bytes,
    step: Step = Step.RECEIPTED,
    *,
    response: Response | None = None,
    echelon: str | None = None,
    echo: Place | None = None,
    also: Sequence[Reference] = (),
) -> Draft:
    """A person's acknowledgement of a message, with what was plotted where that is given."""
    contents = {} if echo is None else {"echo": echo_content((plotted(echo),))}
    return Draft(
        kind=Kind.ACKNOWLEDGE,
        contents=contents,
        acknowledges=Acknowledgement(step=step, response=response, echelon=echelon),
        references=(Reference(hash=hashed, how=How.ACKNOWLEDGES), *also),
    )


def last_hash(party: Party) -> bytes:
    """The hash of what a party said last."""
    return leaf_hash(party.kept.log(party.origin).leaves[-1])


def elapsed(party: Party, *, now: int) -> list[LineEffect]:
    """Let time go by at a party."""
    return party.do(Elapsed(line=LINE), now=now)


def changes(effects: Sequence[LineEffect], change: str) -> list[LineChanged]:
    """The showings of one change."""
    return [each for each in effects if isinstance(each, LineChanged) and each.change == change]


def of_type(effects: Sequence[LineEffect], kind: type[_Effect]) -> list[_Effect]:
    """The effects of one type."""
    return [each for each in effects if isinstance(each, kind)]


def sent(sender: Party, receiver: Party, *, now: int, way: str = "link") -> list[LineEffect]:
    """Carry one bundle from one party to the other."""
    return receiver.take(bundle_of(sender, now=now), now=now, way=way)


def bundle_of(sender: Party, *, now: int) -> Bundle:
    """A bundle of a party that has said something."""
    bundle = sender.bundle(now=now)
    assert bundle is not None
    return bundle


def headed(party: Party, draft: Draft, *, now: int, by: str | None = "duty", **changed: Json) -> bytes:
    """The leaf of a draft as a party would say it next, with members of its header changed and signed so."""
    leaf, _ = party.signed(draft, now=now, by=by)
    members = {**header_of(envelope_of(leaf).payload).members(), **changed}
    return resigned(party, {name: each for name, each in members.items() if each != "left out"}, by=by)


def resigned(party: Party, members: Mapping[str, Json], *, by: str | None = "duty") -> bytes:
    """A leaf over any members, signed by an officer or, for None, the node."""
    key = party.node_key if by is None else party.officers[by]
    return signed_envelope(MESSAGE_TYPE, canonical(members), public_key=public(key), sign=key.sign).written()


def head_over(party: Party, leaves: Sequence[bytes], **changed: object) -> str:
    """The checkpoint of a party's own log key over any leaves."""
    log = Log(
        line=LINE,
        party=party.line.state.own.party,
        other=party.line.state.own.other,
        root=party.line.state.own.root,
    )
    frontier = log.frontier
    for leaf in leaves:
        frontier = frontier.append(leaf_hash(leaf))
    return head_signed(party, frontier.head(), **changed)  # type: ignore[arg-type]


def head_signed(party: Party, head: Head, *, origin: str = "", extension: tuple[str, ...] = ()) -> str:
    """Any head, signed by a party's log key."""
    checkpoint = Checkpoint(origin=origin or party.origin, head=head, extension=extension)
    key = VerifierKey(name=party.origin, public_key=public(party.log_key))
    return signed_note(checkpoint.text(), Signer(key=key, sign=party.log_key.sign)).written()


def forced(party: Party, *leaves: bytes, now: int) -> Bundle:
    """The bundle of a party that signs its log with leaves that its own node would refuse, from its first entry on."""
    held = party.kept.log(party.origin).leaves
    bundle = bundle_of(party, now=now)
    every = (*held, *leaves)
    return replace(
        bundle, start=0, leaves=every, checkpoint=head_over(party, every), newest=None, path=(), express=()
    )


@cache
def some_hash(name: str) -> bytes:
    """32 bytes that are always the same for a name."""
    return sha256(name.encode()).digest()


def instant(ms: int) -> Instant:
    """An instant from milliseconds."""
    return Instant(ms)
