"""Recipients: the public X25519 keys to which parts are sealed, as age writes them.

Source: C2SP age v1 ("The X25519 recipient type"), BIP 173 (Bech32), RFC 7748 (Curve25519).
"""

from __future__ import annotations

import re
from typing import Final

from keepclear.core.errors import Refused

_CHARACTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_PREFIX: Final = "age"
_RECIPIENT: Final = re.compile(f"{_PREFIX}1[{_CHARACTERS}]{{58}}")
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECK_VALUES: Final = 6
_SPARE_BITS: Final = 4
"""52 characters of five bits hold the 256 bits of a key and four that are zero."""

_FIELD: Final = 2**255 - 19
# The points of order 1, 2, 4 and 8 on Curve25519 and on its twist (RFC 7748, 6.1 and 7: with them the shared secret
# is all zeros, whoever seals).
_LOW_ORDER: Final = frozenset(
    {
        0,
        1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        _FIELD - 1,
    }
)


def check_recipient(text: str) -> None:
    """Raises Refused("recipient.unsound") unless a text is an age X25519 recipient to which anything can be sealed.

    It is in lower case, its check characters are right, and its point is in canonical form and not of low order: what
    is sealed to such a point could be read by everyone, and age libraries stop the program that tries.
    """
    if not _RECIPIENT.fullmatch(text):
        raise _unsound(text, "is not age1 and 58 lower-case characters of Bech32")
    values = [_CHARACTERS.index(each) for each in text[len(_PREFIX) + 1 :]]
    if _checksum([*_expanded(), *values]) != 1:
        raise _unsound(text, "has wrong check characters")
    number = 0
    for value in values[:-_CHECK_VALUES]:
        number = number << 5 | value
    key, spare = divmod(number, 1 << _SPARE_BITS)
    point = int.from_bytes(key.to_bytes(32, "big"), "little")
    if spare or point >= _FIELD or point in _LOW_ORDER:
        raise _unsound(text, "has no sound point")


def _expanded() -> list[int]:
    high, low = [ord(each) >> 5 for each in _PREFIX], [ord(each) & 31 for each in _PREFIX]
    return [*high, 0, *low]


def _checksum(values: list[int]) -> int:
    # BIP 173, "Checksum": a BCH code over GF(32).
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            check ^= generator if top >> bit & 1 else 0
    return check


def _unsound(text: str, why: str) -> Refused:
    return Refused(
        "recipient.unsound", f"recipient {text[:80]!r} {why}, must be a sound age X25519 recipient"
    )
