"""Checking an Ed25519 signature, with one verdict whatever library a party uses.

Libraries disagree about keys and points of low order and about spellings outside the field; those are
refused here before any library is asked, and no honest signer makes them.
Source: RFC 8032 clause 5.1; the cases are those of the C2SP CCTV ed25519 vectors.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from keepclear.core.errors import Untrusted

PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_FIELD: Final = 2**255 - 19
_SIGN_BIT: Final = 2**255

# The y coordinates of the eight points whose order divides 8: the identity, the point of order 2, the two of
# order 4 (y = 0) and the four of order 8. The tests derive them by multiplying by 8.
_Y_OF_ORDER_8: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_LOW_ORDER_Y: Final = frozenset({0, 1, _FIELD - 1, _Y_OF_ORDER_8, _FIELD - _Y_OF_ORDER_8})


def verify(*, public_key: bytes, message: bytes, signature: bytes) -> None:
    """Checks that the holder of a key signed these very bytes.

    Raises Untrusted("signature.key") for a key that is not 32 bytes, not canonical or of low order,
    Untrusted("signature.form") for a signature that is not 64 bytes or whose point R is not canonical or of
    low order, and Untrusted("signature.wrong") when the signature does not hold.
    """
    if len(public_key) != PUBLIC_KEY_BYTES or not is_sound_point(public_key):
        raise Untrusted("signature.key", f"key {public_key.hex()} is not a sound Ed25519 public key")
    if len(signature) != SIGNATURE_BYTES or not is_sound_point(signature[:32]):
        raise Untrusted("signature.form", f"signature {signature.hex()} is not a sound Ed25519 signature")
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        raise Untrusted(
            "signature.wrong", f"signature does not hold for key {public_key.hex()} and {len(message)} bytes"
        ) from None


def is_sound_point(encoded: bytes) -> bool:
    """Whether 32 bytes spell a point in the canonical way and it is none of the eight points of low order.

    That the point lies on the curve is not checked here; ``verify`` leaves it to the library.
    """
    y = int.from_bytes(encoded, "little") % _SIGN_BIT
    return y < _FIELD and y not in _LOW_ORDER_Y
