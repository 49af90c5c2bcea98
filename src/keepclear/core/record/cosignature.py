"""Cosignatures: a cosigner's word, with its time, that a log's head continues every head of it that it saw before.

Source: C2SP tlog-cosignature v1 (Ed25519, type 0x04; ML-DSA-44, type 0x06) and signed-note v1.0.0 for key lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import FOREVER, SECOND_MS, Instant
from keepclear.core.record.checkpoint import Checkpoint, checkpoint_of
from keepclear.core.trust import signature as ed25519
from keepclear.core.trust.note import (
    Note,
    NoteSignature,
    check_key_name,
    key_hash,
    key_text,
    typed_key_of,
)

NAME_BYTES_MAX: Final = 255
"""The longest name of a cosigner or of a log: its length stands in one byte of what ML-DSA-44 signs."""

_TIME_BYTES: Final = 8
_TIME_MAX_S: Final = FOREVER // SECOND_MS
_LABEL: Final = b"subtree/v1\n\0"


class Algorithm(Enum):
    """With what a cosigner signs; the value is the type byte of C2SP key lines."""

    ED25519 = 0x04
    ML_DSA_44 = 0x06

    @property
    def type_byte(self) -> bytes:
        """The byte that comes before the key in what is written and hashed."""
        return bytes((self.value,))

    @property
    def key_bytes(self) -> int:
        """The length of a public key."""
        return ed25519.PUBLIC_KEY_BYTES if self is Algorithm.ED25519 else 1312

    @property
    def signature_bytes(self) -> int:
        """The length of a signature, without its time."""
        return ed25519.SIGNATURE_BYTES if self is Algorithm.ED25519 else 2420


@dataclass(frozen=True, slots=True, kw_only=True)
class CosignerKey:
    """A name and the public key that cosigns under it: 32 bytes of Ed25519 or 1,312 of ML-DSA-44.

    Raises as ``note.check_key_name`` does, Refused("key.name") for a name past 255 bytes, and Refused("key.public")
    for a key of another length or an Ed25519 key that is not sound.
    """

    name: str
    algorithm: Algorithm
    public_key: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        _check_name_length(self.name, code="key.name")
        if len(self.public_key) != self.algorithm.key_bytes:
            raise Refused(
                "key.public",
                f"{self.algorithm.name} key of {self.name} has {len(self.public_key)} bytes, "
                f"must be {self.algorithm.key_bytes}",
            )
        if self.algorithm is Algorithm.ED25519 and not ed25519.is_sound_point(self.public_key):
            raise Refused(
                "key.public", f"key of {self.name}: {self.public_key.hex()} is no sound Ed25519 key"
            )

    @property
    def hash(self) -> bytes:
        """The four bytes by which a signature line points at this key; they identify, they do not secure."""
        return key_hash(self.name, self.algorithm.type_byte + self.public_key)

    def text(self) -> str:
        """The key on one line, ``name+hash+base64``, as it is handed to others."""
        return key_text(self.name, self.algorithm.type_byte + self.public_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigner:
    """A cosigner's key with the act of signing under it; ML-DSA-44 signs pure, with the empty context (FIPS 204)."""

    key: CosignerKey
    sign: Callable[[bytes], bytes]


def cosigner_key_of(text: str) -> CosignerKey:
    """The key written as ``name+hash+base64``.

    Raises as ``note.typed_key_of`` and CosignerKey do, and Refused("key.unreadable") for a type other than 0x04
    and 0x06: a key that signs heads is not one that cosigns them.
    """
    name, typed = typed_key_of(text)
    try:
        algorithm = Algorithm(int.from_bytes(typed[:1]))
    except ValueError:
        raise Refused(
            "key.unreadable", f"key of {name} is of type {typed[:1].hex()}, must be 04 or 06 to cosign"
        ) from None
    return CosignerKey(name=name, algorithm=algorithm, public_key=typed[1:])


def cosigned(note: Note, cosigner: Cosigner, at: Instant) -> Note:
    """The note of a checkpoint with one more line: the cosigner's, at the second that has begun.

    A line that the note already had under this key gives way, so that none but its own stands there. Raises as
    ``cosignature`` and Note do.
    """
    kept = tuple(each for each in note.signatures if not _is_of(each, cosigner.key))
    return Note(text=note.text, signatures=(*kept, cosignature(note, cosigner, at)))


def cosignature(note: Note, cosigner: Cosigner, at: Instant) -> NoteSignature:
    """The cosigner's line for the checkpoint in a note, at the second that has begun.

    The caller has verified the checkpoint, and that it continues what this cosigner cosigned before.
    Raises Refused("cosignature.time") outside the years 1970 to 9999 and in the first second of 1970, which would say
    "no time"; Refused as ``checkpoint_of`` does; Refused("cosignature.extension") and Refused("checkpoint.origin") for
    extension lines and an origin past 255 bytes, which ML-DSA-44 cannot cover.
    """
    time_s = at // SECOND_MS
    if not 1 <= time_s <= _TIME_MAX_S:
        raise Refused("cosignature.time", f"time to cosign at is {at} ms, must lie in the years 1970 to 9999")
    return NoteSignature(
        name=cosigner.key.name,
        key_hash=cosigner.key.hash,
        signature=time_s.to_bytes(_TIME_BYTES, "big") + cosigner.sign(_message(note, cosigner.key, time_s)),
    )


def cosignature_at(note: Note, key: CosignerKey) -> Instant:
    """When this key cosigned the checkpoint in a note: the start of the second that it states.

    Where it did so more than once, every line must hold, and the earliest time is given.
    Raises Untrusted("note.unsigned") when no line is of this key, Untrusted("cosignature.form") for a line of another
    length, Untrusted("cosignature.time") for one that states no time or one past the year 9999, as ``signature.verify``
    does when one does not hold, and Refused as ``cosignature`` does for a text that cannot be cosigned.
    """
    lines = [each for each in note.signatures if _is_of(each, key)]
    if not lines:
        raise Untrusted("note.unsigned", f"note is not cosigned by {key.name} with key {key.hash.hex()}")
    return Instant(min(_verified_s(note, key, line) for line in lines) * SECOND_MS)


def _is_of(line: NoteSignature, key: CosignerKey) -> bool:
    return line.name == key.name and line.key_hash == key.hash


def _verified_s(note: Note, key: CosignerKey, line: NoteSignature) -> int:
    wanted = _TIME_BYTES + key.algorithm.signature_bytes
    if len(line.signature) != wanted:
        raise Untrusted(
            "cosignature.form",
            f"cosignature of {key.name} has {len(line.signature)} bytes, must be {wanted}",
        )
    time_s = int.from_bytes(line.signature[:_TIME_BYTES], "big")
    if not 1 <= time_s <= _TIME_MAX_S:
        raise Untrusted(
            "cosignature.time",
            f"cosignature of {key.name} states the time {time_s} s, must be 1 to {_TIME_MAX_S}",
        )
    message, signature = _message(note, key, time_s), line.signature[_TIME_BYTES:]
    if key.algorithm is Algorithm.ED25519:
        ed25519.verify(public_key=key.public_key, message=message, signature=signature)
    else:
        _verify_ml_dsa_44(key, message=message, signature=signature)
    return time_s


def _verify_ml_dsa_44(key: CosignerKey, *, message: bytes, signature: bytes) -> None:
    try:
        MLDSA44PublicKey.from_public_bytes(key.public_key).verify(signature, message)
    except InvalidSignature:
        raise Untrusted(
            "signature.wrong",
            f"signature does not hold for ML-DSA-44 key {key.hash.hex()} of {key.name} and {len(message)} bytes",
        ) from None


def _message(note: Note, key: CosignerKey, time_s: int) -> bytes:
    """What is signed: the text under two lines of its own, or the ``cosigned_message`` structure."""
    checkpoint = checkpoint_of(note.text)
    if key.algorithm is Algorithm.ED25519:
        return b"cosignature/v1\ntime %d\n%b" % (time_s, note.text.encode())
    return _structure(checkpoint, key.name, time_s)


def _structure(checkpoint: Checkpoint, name: str, time_s: int) -> bytes:
    _check_name_length(checkpoint.origin, code="checkpoint.origin")
    # Extension lines are no part of the structure: a stranger could change them under the cosignature.
    if checkpoint.extension:
        raise Refused(
            "cosignature.extension",
            f"checkpoint of {checkpoint.origin} has {len(checkpoint.extension)} extension lines, "
            "must have none to be cosigned with ML-DSA-44",
        )
    return b"".join(
        (
            _LABEL,
            _counted(name),
            time_s.to_bytes(_TIME_BYTES, "big"),
            _counted(checkpoint.origin),
            bytes(8),
            checkpoint.head.size.to_bytes(8, "big"),
            checkpoint.head.root,
        )
    )


def _counted(text: str) -> bytes:
    raw = text.encode()
    return bytes((len(raw),)) + raw


def _check_name_length(name: str, *, code: str) -> None:
    if (length := len(name.encode())) > NAME_BYTES_MAX:
        raise Refused(code, f"name {name[:40]!r}... has {length} bytes, must be {NAME_BYTES_MAX} or fewer")
