"""Drafts: a message before it is signed, held against what a message must have.

Source: docs/protocol.md clauses 5 to 8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.log import view_of
from keepclear.core.line.message import (
    EITHER,
    SERVICE,
    Acknowledgement,
    Flag,
    Header,
    How,
    Kind,
    Precedence,
    Reference,
    Voice,
)
from keepclear.core.line.plot.echo import echoes_of
from keepclear.core.line.plot.place import places_of
from keepclear.core.line.seen import Seen
from keepclear.core.line.state import LineState
from keepclear.core.line.text import text_part_of
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.envelope import Envelope
from keepclear.core.trust.opening import Opening

PLACED: Final = frozenset({Kind.NOTIFY, Kind.ADVISE, Kind.WARN, Kind.AMEND})
"""Kinds that say something of a place, and therefore say where."""

TEXTLESS: Final = SERVICE | EITHER | {Kind.ACKNOWLEDGE, Kind.STOP, Kind.WITHDRAW, Kind.DISCLOSE}
"""Kinds that need no text; all others do."""

LINKING: Final = frozenset({How.ABOUT, How.AMENDS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message as a person or the node wants to say it. ``contents`` are those of its parts, by name.

    ``released`` says to whom, where that is not just the other party: a part that is released to nobody is committed to
    and not shown.
    """

    kind: Kind
    precedence: Precedence = Precedence.ROUTINE
    flag: Flag = Flag.REAL
    contents: Mapping[str, Mapping[str, Json]] = field(default_factory=dict[str, Mapping[str, Json]])
    released: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    references: tuple[Reference, ...] = ()
    acknowledges: Acknowledgement | None = None
    statement: Envelope | None = None
    voice: Voice | None = None
    withholds: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Raises Refused where the message would not say what it must."""
        text = self.contents.get("text")
        if text is None and self.kind not in TEXTLESS:
            raise Refused("message.textless", f"a message of kind {self.kind} must have a text")
        general = text is not None and text_part_of(text).no_place
        if "places" in self.contents:
            places_of(self.contents["places"])
        elif self.kind in PLACED and not general and not any(r.how in LINKING for r in self.references):
            raise Refused(
                "message.placeless",
                f"a message of kind {self.kind} must say where: add a place with coordinates (a point, a circle with "
                "its radius, a polygon or a corridor), refer to a message that has one, or say that it is of none",
            )
        if "echo" in self.contents:
            echoes_of(self.contents["echo"])
        unknown = set(self.released) - set(self.contents)
        if unknown:
            raise Refused("message.release", f"there is no part {sorted(unknown)} to be released")


def openings_of(draft: Draft, salts: Sequence[bytes]) -> dict[str, bytes]:
    """The openings of a draft's parts, by name, each under its own salt of 32 fresh random bytes."""
    named = zip(sorted(draft.contents), salts, strict=True)
    return {
        name: Opening(part=name, salt=salt, content=draft.contents[name]).written() for name, salt in named
    }


def header_of_draft(
    state: LineState, draft: Draft, *, commitments: Mapping[str, bytes], now: Instant
) -> Header:
    """The header that a draft would have as our next entry."""
    own, begins = state.own, draft.kind is Kind.OPEN
    return Header(
        line=own.line,
        sender=own.party,
        to=own.other,
        epoch=state.next_own().epoch if begins and state.spoke() else own.epoch,
        index=0 if begins else own.size,
        kind=draft.kind,
        at=state.earliest(now),
        precedence=draft.precedence,
        flag=draft.flag,
        parts=commitments,
        released={name: draft.released.get(name, (own.other,)) for name in commitments},
        references=draft.references,
        seen=_seen(state),
        acknowledges=draft.acknowledges,
        statement=draft.statement,
        voice=draft.voice,
        withholds=draft.withholds,
    )


def _seen(state: LineState) -> Seen | None:
    """What we cite of the other's log: the last head that we cosigned, and never less than we cited before.

    Were a head cited before it is cosigned, a part that comes late would date the cosignature after the citation, and
    the other could show that as back-dating.
    """
    copy, given = state.copy, state.own_cosigned
    key = state.other_keys.get(copy.log.epoch)
    if copy.checkpoint is None or key is None or not given:
        return state.own.seen
    if (given[-1].epoch, given[-1].size) != (copy.log.epoch, copy.log.size):
        return state.own.seen
    return view_of(copy.checkpoint, key, epoch=copy.log.epoch)
