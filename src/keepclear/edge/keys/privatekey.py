"""Private keys: made, kept, used, and never given out.

A key is a PKCS #8 PEM file (RFC 8410) that only its owner can read, in a folder only its owner can enter.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from keepclear.core.errors import Refused
from keepclear.core.record.cosignature import Algorithm
from keepclear.core.trust.envelope import key_id_of
from keepclear.core.trust.note import Signer, VerifierKey
from keepclear.edge.keys.keyfile import kept_file
from keepclear.edge.keys.passphrase import PrivateKey, pem_of, private_key_of

LOG_KEY_FILE: Final = "log.pem"


class SigningKey:
    """A key to sign with, Ed25519 unless it is a cosigner's; the private part never leaves it."""

    __slots__ = ("_private",)

    def __init__(self, private: PrivateKey) -> None:
        self._private = private

    def __repr__(self) -> str:
        return f"{type(self).__name__}(public={self.public.hex()})"

    def __reduce__(self) -> str:
        raise TypeError(f"a {type(self).__name__} is not copied, pickled or sent")

    @property
    def algorithm(self) -> Algorithm:
        """With what it signs."""
        return Algorithm.ML_DSA_44 if isinstance(self._private, MLDSA44PrivateKey) else Algorithm.ED25519

    @property
    def public(self) -> bytes:
        """The public key: 32 bytes of Ed25519, 1,312 of ML-DSA-44."""
        return self._private.public_key().public_bytes_raw()

    @property
    def id(self) -> str:
        """The id of the public key (docs/protocol.md clause 2)."""
        return key_id_of(self.public)

    def sign(self, message: bytes) -> bytes:
        """The signature of these bytes: 64 bytes of Ed25519, 2,420 of ML-DSA-44 with the empty context."""
        return self._private.sign(message)


class LogKey(SigningKey):
    """The Ed25519 key with which a node signs the heads of its record."""

    __slots__ = ()

    def signer(self, origin: str) -> Signer:
        """This key under the name of the log that it signs (``checkpoint.origin_of``)."""
        return Signer(key=VerifierKey(name=origin, public_key=self.public), sign=self.sign)


Kept = TypeVar("Kept", bound=SigningKey)


def log_key(folder: Path) -> LogKey:
    """The log key kept in a folder; made there when the folder holds none. Raises as ``kept_key`` does."""
    return kept_key(folder / LOG_KEY_FILE, LogKey)


def kept_key(path: Path, kind: type[Kept]) -> Kept:
    """The Ed25519 key kept at a path; made there, without a passphrase, when there is none.

    Raises Refused("keys.unreadable") for a file that is not an Ed25519 key, Refused("keys.passphrase") for one that
    is locked, and as ``keyfile.kept_file`` does.
    """
    return key_of(kept_file(path, make=made_pem), kind, what=f"file {path}")


def key_of(pem: bytes, kind: type[Kept], *, what: str, passphrase: str | None = None) -> Kept:
    """The Ed25519 key in a PEM text; raises as ``passphrase.private_key_of`` does, and for another algorithm."""
    private = private_key_of(pem, passphrase=passphrase, what=what)
    if not isinstance(private, Ed25519PrivateKey):
        raise Refused("keys.unreadable", f"{what} holds another kind of key, must be Ed25519")
    return kind(private)


def kept_cosigning_key(path: Path, algorithm: Algorithm) -> SigningKey:
    """The key of a cosigner kept at a path; made there, of this algorithm, when there is none.

    A key that is there keeps its algorithm: it changes with the epoch alone. Raises as ``kept_key`` does.
    """
    pem = kept_file(path, make=lambda: made_pem(algorithm))
    return SigningKey(private_key_of(pem, passphrase=None, what=f"file {path}"))


def made_pem(algorithm: Algorithm = Algorithm.ED25519, *, passphrase: str | None = None) -> bytes:
    """A new key as PEM text, locked by a passphrase where one is given; raises as ``passphrase.pem_of`` does."""
    ed25519 = algorithm is Algorithm.ED25519
    private = Ed25519PrivateKey.generate() if ed25519 else MLDSA44PrivateKey.generate()
    return pem_of(private, passphrase=passphrase)
