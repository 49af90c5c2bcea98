"""Status: what a node says of itself with each bundle, signed by its node key.

Source: docs/protocol.md clause 10.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.line.message import EPOCH_MAX, LineName, PartyWord
from keepclear.core.record.merkle import HASH_BYTES, Head
from keepclear.core.trust.encoding import Json, canonical, parsed
from keepclear.core.trust.envelope import Envelope
from keepclear.core.trust.fields import Fields

STATUS_TYPE: Final = "application/vnd.keepclear.status+json"
"""The payload type of a status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Have:
    """How much of the receiver's log the sender holds, and below which entry it could open every part for it."""

    epoch: int
    head: Head
    opened: int


def lesser(known: Have | None, told: Have | None) -> Have | None:
    """What the other is taken to have after a status that is not believed: never more than was known, if any was."""
    if known is None or told is None:
        return told
    return min(known, told, key=lambda each: (each.epoch, each.head.size, each.opened))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The receiver's last status: when it said it by its clock, when the sender heard it by its own."""

    said: Instant
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a node says of itself: its clock, when a person last acted at it, what it has of the receiver.

    ``full``: it asks the receiver to wait with what is not urgent.
    """

    line: LineName
    sender: PartyWord
    to: PartyWord
    at: Instant
    attended: Instant | None = None
    full: bool = False
    have: Have | None = None
    heard: Heard | None = None

    def written(self) -> bytes:
        """The canonical bytes that are signed."""
        members: dict[str, Json] = {
            "at_ms": self.at,
            "from": self.sender,
            "line": self.line,
            "to": self.to,
            "v": 1,
        }
        if self.attended is not None:
            members["attended_ms"] = self.attended
        if self.full:
            members["full"] = True
        if self.have is not None:
            head = self.have.head
            members["have"] = {
                "epoch": self.have.epoch,
                "opened": self.have.opened,
                "root": head.root.hex(),
                "size": head.size,
            }
        if self.heard is not None:
            members["heard"] = {"at_ms": self.heard.at, "said_ms": self.heard.said}
        return canonical(members)


def status_of(envelope: Envelope, *, node_key: bytes) -> Status:
    """The status in an envelope, once the node is shown to have signed it.

    Raises Untrusted as ``Envelope.verify`` does, Refused("status.type") for an envelope of another type, and Refused
    as Fields does.
    """
    if envelope.payload_type != STATUS_TYPE:
        raise Refused("status.type", f"status is of type {envelope.payload_type!r}, must be {STATUS_TYPE}")
    envelope.verify(node_key)
    taken = Fields(parsed(envelope.payload), what="status")
    taken.whole("v", least=1, most=1)
    status = Status(
        line=LineName(taken.text("line", length_max=64)),
        sender=PartyWord(taken.text("from", length_max=64)),
        to=PartyWord(taken.text("to", length_max=64)),
        at=_instant(taken, "at_ms"),
        attended=_instant(taken, "attended_ms") if "attended_ms" in taken else None,
        full="full" in taken and taken.flag("full"),
        have=_have_of(taken.fields("have")) if "have" in taken else None,
        heard=_heard_of(taken.fields("heard")) if "heard" in taken else None,
    )
    taken.end()
    return status


def _have_of(taken: Fields) -> Have:
    head = Head(size=taken.whole("size"), root=taken.octets("root", length=HASH_BYTES))
    have = Have(
        epoch=taken.whole("epoch", least=1, most=EPOCH_MAX),
        head=head,
        opened=taken.whole("opened", most=head.size),
    )
    taken.end()
    return have


def _heard_of(taken: Fields) -> Heard:
    heard = Heard(said=_instant(taken, "said_ms"), at=_instant(taken, "at_ms"))
    taken.end()
    return heard


def _instant(taken: Fields, name: str) -> Instant:
    return Instant(taken.whole(name, most=FOREVER))
