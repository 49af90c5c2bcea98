"""Recipients of sealed parts: those that age makes are sound, and none that would stop or betray who seals to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.trust.recipient import check_recipient

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
FIELD = 2**255 - 19
ORDER_EIGHT = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"


def unsound() -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == "recipient.unsound")


def written(raw: bytes, *, spare: int = 0) -> str:
    """The recipient of any 32 bytes, its check characters found by the reference code of BIP 173 written backwards."""
    number = int.from_bytes(raw, "big") << 4 | spare
    body = [number >> 5 * place & 31 for place in range(51, -1, -1)]
    lead = [3, 3, 3, 0, 1, 7, 5]
    rest = remainder([*lead, *body, 0, 0, 0, 0, 0, 0]) ^ 1
    check = [rest >> 5 * place & 31 for place in range(5, -1, -1)]
    return "age1" + "".join(LETTERS[each] for each in (*body, *check))


def remainder(values: list[int]) -> int:
    """The remainder of 1 followed by the values, as a polynomial over GF(32), one power at a time."""
    table = [0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3]
    state = 1
    for value in values:
        top, state = state >> 25, ((state & 0x1FFFFFF) << 5) ^ value
        for place in range(5):
            if top & (1 << place):
                state ^= table[place]
    return state


def low_order() -> Iterator[bytes]:
    """Every spelling of a point of low order in 32 bytes, the high bit and p added included."""
    eight = int.from_bytes(bytes.fromhex(ORDER_EIGHT), "little")
    # The other one of order 8 has the inverse as its coordinate: doubling x and 1/x gives the same point.
    points = (0, 1, eight, pow(eight, -1, FIELD), FIELD - 1)
    for point, added, high in product(points, (0, FIELD), (0, 1 << 255)):
        if point + added < 1 << 255:
            yield (point + added + high).to_bytes(32, "little")


@given(seed=st.binary(min_size=32, max_size=32))
def test_what_age_makes_of_any_key_is_sound(seed: bytes) -> None:
    public = X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    text = written(public)
    check_recipient(text)
    assert str(pyrage.x25519.Recipient.from_str(text)) == text


def test_a_recipient_that_pyrage_made_is_sound() -> None:
    for _ in range(20):
        check_recipient(str(pyrage.x25519.Identity.generate().to_public()))


def test_no_point_is_sound_with_which_every_secret_is_zero() -> None:
    private = X25519PrivateKey.generate()
    found = list(low_order())
    assert len(found) == 14
    for raw in found:
        with pytest.raises(ValueError, match="Error computing shared key"):
            private.exchange(X25519PublicKey.from_public_bytes(raw))
        with unsound():
            check_recipient(written(raw))


@pytest.mark.parametrize("point", [FIELD, FIELD + 9, 2**255 - 1, 2**255 + 9, 2**256 - 1])
def test_a_point_in_another_than_the_canonical_form_is_refused(point: int) -> None:
    with unsound():
        check_recipient(written(point.to_bytes(32, "little")))


@pytest.mark.parametrize("spare", range(1, 16))
def test_bits_that_stand_for_nothing_are_zero(spare: int) -> None:
    check_recipient(written(bytes([9] + [0] * 31)))
    with unsound():
        check_recipient(written(bytes([9] + [0] * 31), spare=spare))


def test_no_single_changed_character_is_taken() -> None:
    text = written(bytes(range(32)))
    check_recipient(text)
    for place, letter in product(range(len(text)), LETTERS + "AGE1bio \n"):
        if text[place] != letter:
            with unsound():
                check_recipient(text[:place] + letter + text[place + 1 :])


@given(text=st.text(max_size=70))
def test_any_other_text_is_refused(text: str) -> None:
    with unsound():
        check_recipient(text)


def test_upper_case_spaces_and_line_ends_make_another_text() -> None:
    text = written(bytes(range(32)))
    for other in (text.upper(), f" {text}", f"{text}\n", f"{text}q", text[:-1]):
        with unsound():
            check_recipient(other)
