"""Trust files: the keys that a person trusts, one a line, as they were handed over in person.

Source: docs/protocol.md clause 2; C2SP signed-note v1.0.0 for key lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.line.keys import root_name
from keepclear.core.line.message import PartyWord
from keepclear.core.record.cosignature import CosignerKey, cosigner_key_of
from keepclear.core.trust.note import VerifierKey, typed_key_of, verifier_key_of

TRUST_BYTES_MAX: Final = 1 << 20
"""The longest trust file."""

_COMMENT: Final = "#"
_SIGNER: Final = b"\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Roots by party, and witnesses."""

    roots: Mapping[PartyWord, VerifierKey] = field(default_factory=dict[PartyWord, VerifierKey])
    witnesses: tuple[CosignerKey, ...] = ()


def trust_of(raw: bytes) -> Trust:
    """The keys in a trust file: roots named ``keepclear/PARTY/root``, any other key one of a witness.

    Empty lines and lines that begin with ``#`` are passed over. Raises Refused("trust.too-long") past TRUST_BYTES_MAX,
    Refused("trust.unreadable") for what is not UTF-8, Refused("trust.key") with the number of the line for one that is
    no such key, and for a second root of one party.
    """
    if len(raw) > TRUST_BYTES_MAX:
        raise Refused("trust.too-long", f"trust file of {len(raw)} bytes, must be {TRUST_BYTES_MAX} or fewer")
    try:
        lines = raw.decode().splitlines()
    except UnicodeDecodeError as error:
        raise Refused("trust.unreadable", f"trust file is not UTF-8 at byte {error.start}") from None
    roots: dict[PartyWord, VerifierKey] = {}
    witnesses: list[CosignerKey] = []
    for number, line in enumerate(lines, 1):
        written = line.strip()
        if not written or written.startswith(_COMMENT):
            continue
        try:
            key = _key_of(written)
        except Refused as error:
            raise Refused("trust.key", f"trust file, line {number}: {error.message}") from None
        if isinstance(key, CosignerKey):
            witnesses.append(key)
            continue
        party = PartyWord(key.name.split("/")[1])
        if roots.setdefault(party, key) != key:
            raise Refused("trust.key", f"trust file, line {number}: {party} has two roots, must have one")
    return Trust(roots=roots, witnesses=tuple(witnesses))


def _key_of(written: str) -> VerifierKey | CosignerKey:
    _, typed = typed_key_of(written)
    if typed[:1] != _SIGNER:
        return cosigner_key_of(written)
    key = verifier_key_of(written)
    words = key.name.split("/")
    if len(words) != 3 or key.name != root_name(words[1]):
        raise Refused(
            "trust.key", f"key is named {key.name!r}, must be keepclear/PARTY/root, or cosign as a witness"
        )
    return key
