"""Ed25519 verdicts, against the published CCTV cases and arithmetic on the curve written from RFC 8032."""

from __future__ import annotations

import json
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keepclear.core.errors import Untrusted
from keepclear.core.trust.signature import is_sound_point, verify

VECTORS = Path(__file__).parents[2] / "vectors" / "ed25519"

# RFC 8032, 5.1: the field, the curve's d, and a square root of -1.
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)

UNSOUND = {"low_order_A", "low_order_R", "non_canonical_A", "non_canonical_R"}


def test_every_cctv_case_has_its_frozen_verdict() -> None:
    assert verdicts() == (VECTORS / "verdicts.txt").read_text()


def test_a_cctv_case_is_accepted_exactly_when_its_published_flags_allow() -> None:
    # The flags come with the vectors. Every case satisfies the equation multiplied by 8; with "residue" it
    # does not satisfy the plain one, and with "reencoded" only a hash over other bytes than those sent.
    refused = UNSOUND | {"low_order_residue", "reencoded_k"}
    cases = json.loads((VECTORS / "cctv.json").read_text())
    assert len(cases) == 914
    for case in cases:
        allowed = not refused & set(case["flags"] or [])
        assert (verdict(case) == "accepted") is allowed, case


def test_a_case_with_an_unsound_key_or_point_never_reaches_the_library() -> None:
    for case in json.loads((VECTORS / "cctv.json").read_text()):
        sound = all(is_sound_point(bytes.fromhex(case[name])[:32]) for name in ("key", "sig"))
        assert sound is not bool(UNSOUND & set(case["flags"] or []))


def test_every_spelling_of_a_point_of_low_order_is_unsound() -> None:
    # All y whose point times 8 is the identity, found by halving: from the identity up through order 8.
    points = {(0, 1)}
    for _ in range(3):
        points |= {half for point in points for half in halves(point)}
    assert len(points) == 8
    assert all(doubled(doubled(doubled(point))) == (0, 1) for point in points)
    for _, y in points:
        for spelling in (y, y + P):
            for sign in (0, 1):
                if spelling < 2**255:
                    assert not is_sound_point((spelling | sign << 255).to_bytes(32, "little"))


@pytest.mark.parametrize("y", [P, P + 1, P + 2, 2**255 - 1])
def test_a_spelling_outside_the_field_is_unsound(y: int) -> None:
    assert not is_sound_point(y.to_bytes(32, "little"))
    assert not is_sound_point((y | 1 << 255).to_bytes(32, "little"))


def test_an_honest_signature_is_accepted_and_every_single_bit_change_is_not() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public, message = private.public_key().public_bytes_raw(), b"zone At Tanf"
    signature = private.sign(message)
    verify(public_key=public, message=message, signature=signature)
    for name, sound in {"public_key": public, "message": message, "signature": signature}.items():
        for bit in range(len(sound) * 8):
            parts = {"public_key": public, "message": message, "signature": signature}
            parts[name] = (int.from_bytes(sound, "big") ^ 1 << bit).to_bytes(len(sound), "big")
            with pytest.raises(Untrusted):
                verify(**parts)


def test_the_1024_vectors_of_the_algorithms_authors_hold_and_not_for_another_message() -> None:
    # ed25519.cr.yp.to/python/sign.input, which RFC 8032 takes its first examples from: secret and public key,
    # public key, message, signature and message.
    with cryptography_vectors.open_vector_file("asymmetric/Ed25519/sign.input", "r") as file:
        rows = [[bytes.fromhex(part) for part in line.split(":")[:4]] for line in file if line.strip()]
    assert len(rows) == 1024
    for secret, public, message, signed in rows:
        signature = signed[:64]
        assert Ed25519PrivateKey.from_private_bytes(secret[:32]).sign(message) == signature
        verify(public_key=public, message=message, signature=signature)
        with pytest.raises(Untrusted):
            verify(public_key=public, message=message + b"x", signature=signature)


@pytest.mark.parametrize(
    ("key_bytes", "signature_bytes", "code"),
    [
        (31, 64, "signature.key"),
        (33, 64, "signature.key"),
        (32, 63, "signature.form"),
        (32, 0, "signature.form"),
    ],
)
def test_a_key_or_signature_of_another_length_is_refused(
    key_bytes: int, signature_bytes: int, code: str
) -> None:
    with pytest.raises(Untrusted) as caught:
        verify(public_key=b"\x02" * key_bytes, message=b"", signature=b"\x02" * signature_bytes)
    assert caught.value.code == code


def verdict(case: dict[str, str]) -> str:
    key, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
    try:
        verify(public_key=key, message=case["msg"].encode(), signature=signature)
    except Untrusted as error:
        return error.code
    return "accepted"


def verdicts() -> str:
    cases = json.loads((VECTORS / "cctv.json").read_text())
    return "".join(f"{case['number']} {verdict(case)}\n" for case in cases)


def doubled(point: tuple[int, int]) -> tuple[int, int]:
    x, y = point
    product = D * x * x * y * y
    return (
        2 * x * y * pow(1 + product, -1, P) % P,
        (y * y + x * x) * pow(1 - product, -1, P) % P,
    )


def halves(point: tuple[int, int]) -> set[tuple[int, int]]:
    """Every point whose double is this one, among those with a coordinate 0 or with x*x = +-y*y."""
    # The points of order 1, 2 and 4 have a coordinate 0; those of order 8 double to y = 0, so x*x = -y*y, and
    # the curve then says 2*y*y = 1 - d*y**4.
    found = {(0, 1), (0, P - 1), (ROOT, 0), (P - ROOT, 0)}
    for root in roots((1 + D) % P):
        for square in ((root - 1) * pow(D, -1, P) % P, (-root - 1) * pow(D, -1, P) % P):
            for y in roots(square):
                found |= {(ROOT * y % P, y), (-ROOT * y % P, y)}
    return {each for each in found if doubled(each) == point}


def roots(square: int) -> set[int]:
    root = pow(square, (P + 3) // 8, P)
    if root * root % P != square % P:
        root = root * ROOT % P
    return {root, P - root} if root * root % P == square % P else set()


if __name__ == "__main__":
    (VECTORS / "verdicts.txt").write_text(verdicts())
