"""Envelopes: the published example, the standard library and rfc8785 as oracles, and what is refused."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import KeepclearError, Refused, Untrusted
from keepclear.core.trust.encoding import BYTES_MAX, canonical, parsed
from keepclear.core.trust.envelope import (
    TYPE_LENGTH_MAX,
    Envelope,
    envelope_from,
    envelope_of,
    key_id_of,
    pae,
    signed_envelope,
)

TYPE = "application/vnd.keepclear.message+json"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEY_ID = sha256(PUBLIC).hexdigest()[:32]

types = st.text(
    st.characters(codec="ascii", min_codepoint=0x21, exclude_characters='"\\\x7f'), min_size=1, max_size=9
)


def sealed(payload: bytes = b'{"a":1}', payload_type: str = TYPE) -> Envelope:
    return signed_envelope(payload_type, payload, public_key=PUBLIC, sign=PRIVATE.sign)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def untrusted(code: str) -> pytest.RaisesExc[Untrusted]:
    return pytest.RaisesExc(Untrusted, check=lambda error: error.code == code)


def test_the_signed_bytes_of_the_published_example_are_as_published() -> None:
    # DSSE v1.0.0, protocol.md, test vectors.
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert sealed(b"hello world", "http://example.com/HelloWorld").members()["payload"] == "aGVsbG8gd29ybGQ="


def test_lengths_are_counted_in_bytes_not_in_characters() -> None:
    assert pae("é", "€".encode()) == b"DSSEv1 2 \xc3\xa9 3 \xe2\x82\xac"


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.tuples(types, st.binary(max_size=6)), st.tuples(types, st.binary(max_size=6)))
def test_two_pairs_of_type_and_payload_never_have_the_same_signed_bytes(
    one: tuple[str, bytes], two: tuple[str, bytes]
) -> None:
    assert (pae(*one) == pae(*two)) is (one == two)


def test_a_type_cannot_borrow_from_its_payload() -> None:
    assert pae("a", b"1 b") != pae("a 3 1", b"b")


@settings(max_examples=100, derandomize=True, deadline=None)
@given(types, st.binary(max_size=60))
def test_an_envelope_is_written_as_the_library_writes_it_and_reads_back_the_same(
    payload_type: str, payload: bytes
) -> None:
    envelope = sealed(payload, payload_type)
    raw = envelope.written()
    found = envelope_of(raw)
    assert found == envelope
    found.verify(PUBLIC)
    assert raw == rfc8785.dumps(
        {
            "payloadType": payload_type,
            "payload": b64encode(payload).decode(),
            "signatures": [{"sig": b64encode(envelope.signature).decode(), "keyid": KEY_ID}],
        }
    )


def test_the_signature_is_over_type_and_payload_by_the_key_that_is_named() -> None:
    envelope = sealed()
    PRIVATE.public_key().verify(envelope.signature, b'DSSEv1 38 %b 7 {"a":1}' % TYPE.encode())
    assert envelope.key_id == key_id_of(PUBLIC) == KEY_ID


def test_every_single_bit_change_to_a_written_envelope_leaves_it_unreadable_or_untrusted() -> None:
    sound = sealed().written()
    for bit in range(len(sound) * 8):
        altered = bytearray(sound)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(KeepclearError):
            envelope_of(bytes(altered)).verify(PUBLIC)


def test_a_signature_that_holds_is_not_taken_under_the_id_of_another_key() -> None:
    sound = sealed()
    renamed = Envelope(
        payload_type=TYPE,
        payload=sound.payload,
        key_id=key_id_of(OTHER.public_key().public_bytes_raw()),
        signature=sound.signature,
    )
    with untrusted("envelope.other-key"):
        renamed.verify(PUBLIC)
    with untrusted("signature.wrong"):
        renamed.verify(OTHER.public_key().public_bytes_raw())
    with untrusted("envelope.other-key"):
        sound.verify(OTHER.public_key().public_bytes_raw())


def test_a_payload_is_not_taken_as_of_another_type() -> None:
    sound = sealed()
    retyped = Envelope(
        payload_type="application/vnd.keepclear.keys+json",
        payload=sound.payload,
        key_id=sound.key_id,
        signature=sound.signature,
    )
    with untrusted("signature.wrong"):
        retyped.verify(PUBLIC)


def test_an_envelope_stands_as_an_object_inside_another_text() -> None:
    inner = sealed()
    raw = canonical({"statement": inner.members(), "v": 1})
    found = envelope_from(parsed(raw)["statement"])
    found.verify(PUBLIC)
    assert found == inner
    assert inner.written() in raw


def test_an_envelope_past_the_length_limit_is_refused_before_it_is_signed() -> None:
    signed: list[bytes] = []

    def sign(message: bytes) -> bytes:
        signed.append(message)
        return PRIVATE.sign(message)

    room = (BYTES_MAX - len(sealed(b"").written())) // 4 * 3
    longest = signed_envelope(TYPE, bytes(room), public_key=PUBLIC, sign=sign)
    assert envelope_of(longest.written()) == longest
    with refused("encoding.too-long"):
        signed_envelope(TYPE, bytes(room + 3), public_key=PUBLIC, sign=sign)
    with refused("envelope.unreadable"):
        signed_envelope("two words", b"", public_key=PUBLIC, sign=sign)
    assert len(signed) == 1


@pytest.mark.parametrize(
    "payload_type", ["", "a b", 'a"b', "a\\b", "a\n", "ä", "\x7f", "a" * (TYPE_LENGTH_MAX + 1)]
)
def test_a_type_that_is_not_visible_ascii_is_refused(payload_type: str) -> None:
    with refused("envelope.unreadable"):
        sealed(payload_type=payload_type)


@pytest.mark.parametrize("key_id", ["", KEY_ID[:-1], KEY_ID + "0", KEY_ID.upper(), "g" * 32, "\u0661" * 32])
def test_a_key_id_that_is_not_32_hexadecimal_digits_is_refused(key_id: str) -> None:
    with refused("envelope.unreadable"):
        Envelope(payload_type=TYPE, payload=b"", key_id=key_id, signature=bytes(64))


@pytest.mark.parametrize("length", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(length: int) -> None:
    with refused("envelope.unreadable"):
        Envelope(payload_type=TYPE, payload=b"", key_id=KEY_ID, signature=bytes(length))


def test_the_largest_type_is_taken() -> None:
    assert sealed(payload_type="a" * TYPE_LENGTH_MAX).payload_type == "a" * TYPE_LENGTH_MAX


def changed(**members: object) -> bytes:
    value = json.loads(sealed().written()) | members
    return rfc8785.dumps({name: each for name, each in value.items() if each is not ...})


SIGNATURE = json.loads(sealed().written())["signatures"][0]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "encoding.unreadable"),
        (b"[]", "encoding.unreadable"),
        (sealed().written() + b"\n", "encoding.not-canonical"),
        (changed(payload=...), "fields.missing"),
        (changed(payloadType=...), "fields.missing"),
        (changed(signatures=...), "fields.missing"),
        (changed(more=1), "fields.unknown"),
        (changed(payload=1), "envelope.unreadable"),
        (changed(payload=None), "envelope.unreadable"),
        (changed(payload="eyJhIjoxfQ"), "envelope.unreadable"),
        (changed(payload="eyJhIjoxfR=="), "envelope.unreadable"),
        (changed(payload="eyJh IjoxfQ=="), "envelope.unreadable"),
        (changed(payload="_-__"), "envelope.unreadable"),
        (changed(payloadType=1), "fields.unfit"),
        (changed(payloadType="a" * (TYPE_LENGTH_MAX + 1)), "fields.unfit"),
        (changed(signatures=SIGNATURE), "fields.unfit"),
        (changed(signatures=[]), "envelope.unreadable"),
        (changed(signatures=[SIGNATURE, SIGNATURE]), "fields.unfit"),
        (changed(signatures=["x"]), "fields.unfit"),
        (changed(signatures=[SIGNATURE | {"more": 1}]), "fields.unknown"),
        (changed(signatures=[{"sig": SIGNATURE["sig"]}]), "fields.missing"),
        (changed(signatures=[{"keyid": KEY_ID}]), "fields.missing"),
        (changed(signatures=[SIGNATURE | {"keyid": None}]), "fields.unfit"),
        (changed(signatures=[SIGNATURE | {"keyid": KEY_ID.upper()}]), "envelope.unreadable"),
        (changed(signatures=[SIGNATURE | {"sig": SIGNATURE["sig"][:-2]}]), "envelope.unreadable"),
        (changed(signatures=[SIGNATURE | {"sig": b64encode(bytes(63)).decode()}]), "envelope.unreadable"),
    ],
)
def test_what_is_not_an_envelope_in_its_one_form_is_refused(raw: bytes, code: str) -> None:
    with refused(code):
        envelope_of(raw)


def test_the_envelope_that_those_bad_ones_are_variants_of_is_read() -> None:
    assert envelope_of(changed()) == sealed()
    assert b64decode(SIGNATURE["sig"]) == sealed().signature


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.integers(0, 10_000), st.binary(max_size=3))
def test_bytes_that_are_read_are_always_those_that_would_be_written(place: int, inserted: bytes) -> None:
    raw = sealed().written()
    place %= len(raw) + 1
    altered = raw[:place] + inserted + raw[place + 1 :]
    try:
        found = envelope_of(altered)
    except Refused:
        return
    assert found.written() == altered
