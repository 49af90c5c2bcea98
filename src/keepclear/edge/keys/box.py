"""The box: the age key to which parts of messages are sealed, and sealing to the boxes of others.

Source: age v1 (C2SP age), binary form, X25519 recipients; docs/protocol.md clause 7.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pyrage

from keepclear.core.errors import Refused
from keepclear.core.trust.encoding import BYTES_MAX
from keepclear.core.trust.recipient import check_recipient
from keepclear.edge.keys.keyfile import kept_file

SEALED_BYTES_MAX: Final = 262_144
HEADER_BYTES_MAX: Final = 2_048
"""The longest head of a sealed part; a recipient takes about 100 bytes of it."""

RECIPIENTS_MAX: Final = 4
"""To so many boxes a part is sealed at most: it goes to the other party of a line, and perhaps to who reads for it."""

STANZAS_MAX: Final = RECIPIENTS_MAX + 1
"""The most stanzas in the head of a sealed part: each costs the reader a try. One more than recipients, for writers of
age files add one that says nothing ("grease"). Some library takes minutes for a head of thousands."""

_BINARY: Final = b"age-encryption.org/v1\n"
_HEADER_END: Final = b"\n--- "
_STANZA: Final = b"\n-> "


class Box:
    """An age X25519 identity; the private part never leaves it."""

    __slots__ = ("_identity",)

    def __init__(self, identity: pyrage.x25519.Identity) -> None:
        self._identity = identity

    def __repr__(self) -> str:
        return f"Box({self.recipient})"

    def __reduce__(self) -> str:
        raise TypeError("a Box is not copied, pickled or sent")

    @property
    def recipient(self) -> str:
        """The public half, ``age1...``, to which others seal."""
        return str(self._identity.to_public())

    def open(self, sealed: bytes) -> bytes | None:
        """What was sealed to this box; None for what was not, or what is damaged, too long or in another form.

        At most SEALED_BYTES_MAX bytes with a head of HEADER_BYTES_MAX and STANZAS_MAX stanzas are looked at, in the
        binary form of age; at most 65,535 bytes are given out. There is no way to tell who sealed it: the commitment
        in a signed message does.
        """
        if len(sealed) > SEALED_BYTES_MAX or not sealed.startswith(_BINARY):
            return None
        header, end, _ = sealed[:HEADER_BYTES_MAX].partition(_HEADER_END)
        if not end or header.count(_STANZA) > STANZAS_MAX:
            return None
        try:
            opened = pyrage.decrypt(sealed, [self._identity])
        except pyrage.DecryptError:
            return None
        return opened if len(opened) <= BYTES_MAX else None


def kept_box(path: Path) -> Box:
    """The box whose identity is kept at a path, as age-keygen writes it; made there when there is none.

    Raises Refused("keys.unreadable") for a file that holds no X25519 identity, and as ``keyfile.kept_file`` does.
    """
    text = kept_file(path, make=_made).decode("ascii", "replace")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    try:
        return Box(pyrage.x25519.Identity.from_str("\n".join(lines)))
    except pyrage.IdentityError:
        raise Refused("keys.unreadable", f"file {path} must hold one age identity and nothing else") from None


def seal(opening: bytes, recipients: Sequence[str]) -> bytes:
    """An opening sealed to the boxes of those who may read it, 1 to RECIPIENTS_MAX of them, as a binary age file.

    Two sealings of one opening differ. Raises Refused("box.recipient") for none and for more, as
    ``check_recipient`` does for one that is unsound, and Refused("box.opening") for more than 65,535 bytes.
    """
    if not 1 <= len(recipients) <= RECIPIENTS_MAX:
        raise Refused("box.recipient", f"{len(recipients)} recipients, must be 1 to {RECIPIENTS_MAX}")
    if len(opening) > BYTES_MAX:
        raise Refused("box.opening", f"opening has {len(opening)} bytes, must have {BYTES_MAX} or fewer")
    for each in recipients:
        # The library would panic, past every handler of errors, at a recipient that is a point of low order.
        check_recipient(each)
    return pyrage.encrypt(opening, [pyrage.x25519.Recipient.from_str(each) for each in recipients])


def _made() -> bytes:
    return f"{pyrage.x25519.Identity.generate()}\n".encode()
