"""Views: the head of the other's log that an entry cites, as it stands in the header.

Source: docs/protocol.md clause 5. Whether the signature holds is judged in ``log``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.record.checkpoint import EPOCH_MAX
from keepclear.core.record.merkle import HASH_BYTES, SIZE_MAX
from keepclear.core.trust.encoding import INTEGER_MAX, Json
from keepclear.core.trust.fields import Fields

_SIGNATURE_LENGTH_MAX: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The head of the other's log that the speaker had, with the line by which the other signed it."""

    epoch: int
    size: int
    root: bytes
    signature: str

    def members(self) -> Json:
        """The view as a JSON object."""
        return {"epoch": self.epoch, "root": self.root.hex(), "signature": self.signature, "size": self.size}


def seen_of(value: Json) -> Seen | None:
    """The view written in a header; None where the speaker had nothing yet. Raises Refused as Fields does."""
    if value is None:
        return None
    taken = Fields(value, what="header: seen")
    seen = Seen(
        epoch=taken.whole("epoch", least=1, most=EPOCH_MAX),
        size=taken.whole("size", least=1, most=min(SIZE_MAX, INTEGER_MAX)),
        root=taken.octets("root", length=HASH_BYTES),
        signature=taken.text("signature", length_max=_SIGNATURE_LENGTH_MAX),
    )
    taken.end()
    return seen
