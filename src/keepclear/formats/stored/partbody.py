"""The bodies of the record's entries about parts of messages: what was handed out, and what must not be any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from keepclear.core.line.message import LineName, PartyWord
from keepclear.core.trust.encoding import Json, canonical

PARTS_NAMED_MAX: Final = 100
"""The most parts that one entry names; how many they are it always says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPart:
    """One part of a message: the message by its hash, the name of the part, and its commitment."""

    message: bytes
    part: str
    commitment: str

    def members(self) -> Json:
        """The part as a JSON object."""
        return {"message": self.message.hex(), "part": self.part, "commitment": self.commitment}


def export_body(
    *, line: LineName, to: PartyWord, opened: int, released: Sequence[NamedPart], by: str, reason: str
) -> bytes:
    """An export of a line: for whom, how many parts it opens, and which of them a person released to that party."""
    members: dict[str, Json] = {"line": line, "to": to, "opened": opened}
    if released:
        named = [each.members() for each in released[:PARTS_NAMED_MAX]]
        members |= {"released": len(released), "parts": named, "by": by, "reason": reason}
    return canonical(members)


def withdrawal_body(
    *, line: LineName, part: NamedPart, holders: Sequence[str], by: str, reason: str
) -> bytes:
    """Consent for a part that was withdrawn: who said so and why, and which parties had been given it."""
    return canonical(
        {"line": line, "part": part.members(), "holders": list(holders), "by": by, "reason": reason}
    )
