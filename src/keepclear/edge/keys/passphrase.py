"""Private keys as PEM text, in the clear or under a passphrase, in the one form that openssl reads too.

Source: RFC 8410 and RFC 5958 (PKCS #8), RFC 8018 clause 6.2 (PBES2), RFC 7914 clause 7 (scrypt in PBES2).
"""

from __future__ import annotations

import secrets
import unicodedata
from base64 import b64encode
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from keepclear.core.errors import Refused

PrivateKey: TypeAlias = Ed25519PrivateKey | MLDSA44PrivateKey

PASSPHRASE_LENGTH_MIN: Final = 12
PASSPHRASE_LENGTH_MAX: Final = 1_000

SCRYPT_N: Final = 2**14
SCRYPT_R: Final = 8
SCRYPT_P: Final = 5
"""The cost of one guess: 16 MiB of memory five times, the most that openssl reads without being told to.

One of the settings that the OWASP Password Storage Cheat Sheet gives for scrypt.
"""

_SALT_BYTES: Final = 16
_BLOCK_BYTES: Final = 16
_LABEL: Final = "ENCRYPTED PRIVATE KEY"
_LOCKED: Final = f"-----BEGIN {_LABEL}-----".encode()
_INTEGER, _OCTETS, _SEQUENCE = b"\x02", b"\x04", b"\x30"
# Object identifiers in DER: PBES2 1.2.840.113549.1.5.13, scrypt 1.3.6.1.4.1.11591.4.11, AES-256-CBC
# 2.16.840.1.101.3.4.1.42.
_PBES2: Final = bytes.fromhex("06092a864886f70d01050d")
_SCRYPT: Final = bytes.fromhex("06092b06010401da47040b")
_AES_256_CBC: Final = bytes.fromhex("060960864801650304012a")


def pem_of(private: PrivateKey, *, passphrase: str | None = None) -> bytes:
    """The PEM text of a private key, locked by a passphrase where one is given.

    The passphrase has 12 to 1,000 characters; it counts in Unicode NFC, so that it does not matter which keyboard it
    was typed on. Raises Refused("keys.passphrase") otherwise.
    """
    if passphrase is None:
        return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    if not PASSPHRASE_LENGTH_MIN <= len(passphrase) <= PASSPHRASE_LENGTH_MAX:
        raise Refused(
            "keys.passphrase",
            f"the passphrase has {len(passphrase)} characters, must have {PASSPHRASE_LENGTH_MIN} "
            f"to {PASSPHRASE_LENGTH_MAX}",
        )
    plain = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    # Written here because the library would turn the passphrase into a key by 2,048 rounds of PBKDF2 only.
    encoded = b64encode(_locked(plain, _octets(passphrase))).decode()
    lines = [encoded[start : start + 64] for start in range(0, len(encoded), 64)]
    return "\n".join((f"-----BEGIN {_LABEL}-----", *lines, f"-----END {_LABEL}-----", "")).encode()


def private_key_of(pem: bytes, *, passphrase: str | None, what: str) -> PrivateKey:
    """The private key in a PEM text; ``what`` names it in errors.

    Raises Refused("keys.passphrase") when the passphrase is wrong, is missing or is given for a key that has none,
    Refused("keys.unreadable") for what is not an Ed25519 or ML-DSA-44 private key in PEM form.
    """
    locked = is_locked(pem)
    if locked and passphrase is None:
        raise Refused("keys.passphrase", f"{what} is locked by a passphrase, and none was given")
    if passphrase is not None and not locked:
        raise Refused(
            "keys.passphrase", f"{what} has no passphrase, and one was given: is it the right file?"
        )
    try:
        key = load_pem_private_key(pem, password=None if passphrase is None else _octets(passphrase))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        if locked:
            raise Refused(
                "keys.passphrase", f"the passphrase of {what} is wrong, or the file is damaged"
            ) from None
        raise Refused("keys.unreadable", f"{what} is not a private key in PEM form") from None
    if not isinstance(key, Ed25519PrivateKey | MLDSA44PrivateKey):
        raise Refused("keys.unreadable", f"{what} holds another kind of key, must be Ed25519 or ML-DSA-44")
    return key


def is_locked(pem: bytes) -> bool:
    """Whether a PEM text says that it is locked by a passphrase."""
    return _LOCKED in pem


def _octets(passphrase: str) -> bytes:
    # Half a surrogate pair, which a terminal makes of bytes that are no UTF-8, is part of no passphrase that was set.
    return unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")


def _locked(plain: bytes, passphrase: bytes) -> bytes:
    salt, first_block = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_BLOCK_BYTES)
    key = Scrypt(salt=salt, length=32, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P).derive(passphrase)
    padder = PKCS7(8 * _BLOCK_BYTES).padder()
    encryptor = Cipher(AES256(key), CBC(first_block)).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    costs = (_whole(SCRYPT_N), _whole(SCRYPT_R), _whole(SCRYPT_P))
    derivation = _der(_SEQUENCE, _SCRYPT, _der(_SEQUENCE, _der(_OCTETS, salt), *costs))
    cipher = _der(_SEQUENCE, _AES_256_CBC, _der(_OCTETS, first_block))
    scheme = _der(_SEQUENCE, _PBES2, _der(_SEQUENCE, derivation, cipher))
    return _der(_SEQUENCE, scheme, _der(_OCTETS, sealed))


def _whole(number: int) -> bytes:
    # A leading zero bit keeps DER from reading the number as negative.
    return _der(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    length = len(content)
    if length < 128:
        return tag + bytes((length,)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return tag + bytes((0x80 | len(octets),)) + octets + content
