"""Envelopes: bytes of a named type with one Ed25519 signature over both.

Source: DSSE v1.0.0 (protocol.md and envelope.md), narrowed to one signature and one spelling by docs/protocol.md
clause 3.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.trust.encoding import Json, canonical, parsed
from keepclear.core.trust.fields import Fields
from keepclear.core.trust.note import base64_of
from keepclear.core.trust.signature import SIGNATURE_BYTES, verify

KEY_ID_LENGTH: Final = 32
"""How many hexadecimal digits the id of a key has."""

TYPE_LENGTH_MAX: Final = 128

# Visible ASCII without the two characters that JSON would escape.
_TYPE: Final = re.compile(r"[!#-\[\]-~]+")
_KEY_ID: Final = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload, its type, and the signature over both, with the id of the key that is said to have made it.

    Raises Refused("envelope.unreadable") for a type that is not 1 to 128 visible ASCII characters without quote and
    backslash, a key id not of 32 hexadecimal digits or a signature not of 64 bytes.
    """

    payload_type: str
    payload: bytes
    key_id: str
    signature: bytes

    def __post_init__(self) -> None:
        if len(self.payload_type) > TYPE_LENGTH_MAX or not _TYPE.fullmatch(self.payload_type):
            raise _unreadable(f"type {self.payload_type[:TYPE_LENGTH_MAX]!r}, must be a media type")
        if len(self.key_id) != KEY_ID_LENGTH or not _KEY_ID.fullmatch(self.key_id):
            raise _unreadable(
                f"key id {self.key_id[:KEY_ID_LENGTH]!r}, must be {KEY_ID_LENGTH} hexadecimal digits"
            )
        if len(self.signature) != SIGNATURE_BYTES:
            raise _unreadable(f"a signature of {len(self.signature)} bytes, must be {SIGNATURE_BYTES}")

    def written(self) -> bytes:
        """The canonical bytes; raises Refused("encoding.too-long") past 65,535 of them."""
        return canonical(self.members())

    def members(self) -> dict[str, Json]:
        """The envelope as a JSON object, as it stands in another text."""
        return {
            "payload": b64encode(self.payload).decode(),
            "payloadType": self.payload_type,
            "signatures": [{"keyid": self.key_id, "sig": b64encode(self.signature).decode()}],
        }

    def verify(self, public_key: bytes) -> None:
        """Checks that the holder of a key signed this payload as of this type.

        Raises Untrusted("envelope.other-key") when the envelope names another key, and as ``signature.verify`` does.
        """
        # The signature does not cover the id. Were another id taken, a stranger could make a second
        # spelling of a signed envelope, and with it a second hash of the same entry.
        if self.key_id != key_id_of(public_key):
            raise Untrusted(
                "envelope.other-key",
                f"envelope names key {self.key_id}, must name {key_id_of(public_key)}",
            )
        verify(
            public_key=public_key,
            message=pae(self.payload_type, self.payload),
            signature=self.signature,
        )


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: ``DSSEv1 LEN(type) type LEN(payload) payload``, lengths in decimal.

    The lengths keep one pair of type and payload from ever being taken for another. Source: DSSE v1.0.0, PAE.
    """
    raw_type = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(raw_type), raw_type, len(payload), payload)


def signed_envelope(
    payload_type: str, payload: bytes, *, public_key: bytes, sign: Callable[[bytes], bytes]
) -> Envelope:
    """The envelope of a payload, signed by the act of signing that belongs to a public key.

    Raises Refused as Envelope and ``Envelope.written`` do, before anything is signed.
    """
    unsigned = Envelope(
        payload_type=payload_type,
        payload=payload,
        key_id=key_id_of(public_key),
        signature=bytes(SIGNATURE_BYTES),
    )
    unsigned.written()
    return Envelope(
        payload_type=payload_type,
        payload=payload,
        key_id=unsigned.key_id,
        signature=sign(pae(payload_type, payload)),
    )


def envelope_of(raw: bytes) -> Envelope:
    """The envelope written in canonical bytes; ``envelope_of(raw).written() == raw`` always. Nothing is verified yet.

    Raises as ``encoding.parsed`` and ``envelope_from`` do.
    """
    return envelope_from(parsed(raw))


def envelope_from(members: Json) -> Envelope:
    """The envelope that a JSON object is; nothing is verified yet.

    Raises Refused as Fields does for members that are missing, unfit or not known, and as Envelope does;
    Refused("envelope.unreadable") for more or less than one signature and for bytes in another spelling than
    canonical base64.
    """
    taken = Fields(members, what="envelope")
    payload = _bytes_of(taken.value("payload"), name="payload")
    payload_type = taken.text("payloadType", length_max=TYPE_LENGTH_MAX)
    signatures = taken.items("signatures", most=1)
    taken.end()
    if not signatures:
        raise _unreadable("no signature, must have one")
    signed = Fields(signatures[0], what="envelope: signature")
    key_id = signed.text("keyid", length_max=KEY_ID_LENGTH)
    signature = _bytes_of(signed.value("sig"), name="sig")
    signed.end()
    return Envelope(payload_type=payload_type, payload=payload, key_id=key_id, signature=signature)


def key_id_of(public_key: bytes) -> str:
    """The id of a key: the first 32 hexadecimal digits of the SHA-256 of its bytes (docs/protocol.md clause 2)."""
    return sha256(public_key).hexdigest()[:KEY_ID_LENGTH]


def _bytes_of(value: Json, *, name: str) -> bytes:
    raw = base64_of(value) if isinstance(value, str) else None
    if raw is None:
        raise _unreadable(f"a {name} that is not canonical base64")
    return raw


def _unreadable(what: str) -> Refused:
    return Refused("envelope.unreadable", f"envelope has {what}")
