"""Openings: what a message only commits to, with the salt that keeps the commitment from being guessed.

Source: docs/protocol.md clause 7.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.trust.encoding import Json, canonical, parsed
from keepclear.core.trust.fields import Fields

SALT_BYTES: Final = 32
PART_LENGTH_MAX: Final = 32

_PART: Final = re.compile(r"[a-z][a-z-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The content of one part of a message, under a salt of 32 random bytes that is used for nothing else.

    Part names are a letter and up to 31 more letters and hyphens, ``a-z``. Raises Refused("opening.part") and
    Refused("opening.salt") otherwise.
    """

    part: str
    salt: bytes
    content: Mapping[str, Json]

    def __post_init__(self) -> None:
        if len(self.part) > PART_LENGTH_MAX or not _PART.fullmatch(self.part):
            raise Refused(
                "opening.part",
                f"part is named {self.part[:PART_LENGTH_MAX]!r}, must be 1 to {PART_LENGTH_MAX} of a-z and hyphen",
            )
        if len(self.salt) != SALT_BYTES:
            raise Refused(
                "opening.salt", f"part {self.part} has a salt of {len(self.salt)} bytes, must be {SALT_BYTES}"
            )

    def written(self) -> bytes:
        """The canonical bytes that are committed to; raises Refused as ``encoding.canonical`` does."""
        return canonical({"content": self.content, "part": self.part, "salt": self.salt.hex()})

    @property
    def commitment(self) -> str:
        """The SHA-256 of the written bytes, in hexadecimal; raises as ``written`` does."""
        return sha256(self.written()).hexdigest()


def opening_of(raw: bytes) -> Opening:
    """The opening written in canonical bytes; ``opening_of(raw).written() == raw`` always.

    Raises Refused as ``encoding.parsed``, Fields and Opening do.
    """
    taken = Fields(parsed(raw), what="opening")
    content = taken.value("content")
    if not isinstance(content, Mapping):
        raise Refused("opening.content", f"content of a part is {content!r:.60}, must be an object")
    opening = Opening(
        part=taken.text("part", length_max=PART_LENGTH_MAX),
        salt=taken.octets("salt", length=SALT_BYTES),
        content=content,
    )
    taken.end()
    return opening
