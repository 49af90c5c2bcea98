"""Signers with keys that every run has, for tests of what is signed and kept."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.merkle import Head
from keepclear.core.trust.note import Signer, VerifierKey


def signer_of(origin: str, *, seed: int = 0) -> Signer:
    """A signer for a log; the same origin and seed have the same key."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(seed, seed + 32)))
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Signer(key=VerifierKey(name=origin, public_key=public), sign=private.sign)


def note_over(signer: Signer, head: Head) -> str:
    """A checkpoint over a head, signed and written."""
    return Checkpoint(origin=signer.key.name, head=head).signed(signer).written()
