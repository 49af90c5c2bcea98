"""Cosignatures: real ones of public witnesses, messages built by hand from the standard, and what is refused."""

from __future__ import annotations

import json
import struct
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import KeepclearError, Refused, Untrusted
from keepclear.core.instant import FOREVER, Instant, instant_of
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.cosignature import (
    NAME_BYTES_MAX,
    Algorithm,
    Cosigner,
    CosignerKey,
    cosignature_at,
    cosigned,
    cosigner_key_of,
)
from keepclear.core.record.merkle import SIZE_MAX, Head
from keepclear.core.trust.note import Note, NoteSignature, Signer, VerifierKey, note_of, verifier_key_of

PUBLISHED = json.loads((Path(__file__).parents[2] / "vectors" / "cosignature" / "cosigned.json").read_text())
ORIGIN = "keepclear/alpha/tanf/1"
AT = Instant(1_535_781_600_999)

LOG = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG_SIGNER = Signer(
    key=VerifierKey(name=ORIGIN, public_key=LOG.public_key().public_bytes_raw()), sign=LOG.sign
)
CLASSIC = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
QUANTUM = MLDSA44PrivateKey.from_seed_bytes(bytes(range(2, 34)))
ED25519 = Cosigner(
    key=CosignerKey(
        name="keepclear/bravo/tanf/1/cosigner",
        algorithm=Algorithm.ED25519,
        public_key=CLASSIC.public_key().public_bytes_raw(),
    ),
    sign=CLASSIC.sign,
)
ML_DSA_44 = Cosigner(
    key=CosignerKey(
        name="keepclear/bravo/tanf/1/cosigner",
        algorithm=Algorithm.ML_DSA_44,
        public_key=QUANTUM.public_key().public_bytes_raw(),
    ),
    sign=QUANTUM.sign,
)
BOTH = pytest.mark.parametrize("cosigner", [ED25519, ML_DSA_44], ids=["Ed25519", "ML-DSA-44"])


def head_note(size: int = 17, *, extension: tuple[str, ...] = ()) -> Note:
    head = Head(size=size, root=sha256(b"%d" % size).digest())
    return Checkpoint(origin=ORIGIN, head=head, extension=extension).signed(LOG_SIGNER)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def untrusted(code: str) -> pytest.RaisesExc[Untrusted]:
    return pytest.RaisesExc(Untrusted, check=lambda error: error.code == code)


# ---- real ones


def test_the_cosignatures_of_four_public_witnesses_hold_at_the_second_they_state() -> None:
    note = note_of(PUBLISHED["ed25519"]["note"])
    note.verify(verifier_key_of(PUBLISHED["ed25519"]["log"]))
    keys = [cosigner_key_of(text) for text in PUBLISHED["ed25519"]["cosigners"]]
    assert [cosignature_at(note, key) for key in keys] == [instant_of("2026-05-23T21:50:24Z")] * 4


def test_the_cosignatures_of_a_public_witness_with_ed25519_and_with_ml_dsa_44_hold() -> None:
    note = note_of(PUBLISHED["ml-dsa-44"]["note"])
    keys = [cosigner_key_of(text) for text in PUBLISHED["ml-dsa-44"]["cosigners"]]
    assert [key.algorithm for key in keys] == [Algorithm.ED25519, Algorithm.ML_DSA_44]
    assert [cosignature_at(note, key) for key in keys] == [instant_of("2026-08-02T21:04:51Z")] * 2


@pytest.mark.parametrize("name", ["ed25519", "ml-dsa-44"])
def test_a_published_key_is_written_as_it_was_published(name: str) -> None:
    for text in PUBLISHED[name]["cosigners"]:
        assert cosigner_key_of(text).text() == text


@pytest.mark.parametrize("name", ["ed25519", "ml-dsa-44"])
def test_a_published_cosignature_does_not_hold_for_another_size_or_root_or_log(name: str) -> None:
    sound = note_of(PUBLISHED[name]["note"])
    origin, size, root = sound.text.splitlines()
    other = b64encode(sha256(b64decode(root)).digest()).decode()
    for text in (
        f"{origin}x\n{size}\n{root}\n",
        f"{origin}\n{size}0\n{root}\n",
        f"{origin}\n{size}\n{other}\n",
    ):
        for key in map(cosigner_key_of, PUBLISHED[name]["cosigners"]):
            with untrusted("signature.wrong"):
                cosignature_at(replace(sound, text=text), key)


def test_the_line_of_the_published_example_states_the_time_of_the_published_message() -> None:
    # The key of this example is not published; its message says "time 1679315147".
    line = note_of(PUBLISHED["example"]).signatures[1]
    assert (len(line.signature), int.from_bytes(line.signature[:8], "big")) == (72, 1_679_315_147)


# ---- what is signed, built by hand from the standard


def test_an_ed25519_cosigner_signs_the_two_lines_and_the_text() -> None:
    line = cosigned(head_note(), ED25519, AT).signatures[-1]
    root = b64encode(sha256(b"17").digest()).decode()
    message = f"cosignature/v1\ntime 1535781600\nkeepclear/alpha/tanf/1\n17\n{root}\n"
    CLASSIC.public_key().verify(line.signature[8:], message.encode())
    assert line.signature[:8] == struct.pack(">Q", 1_535_781_600)


def test_an_ml_dsa_44_cosigner_signs_the_structure() -> None:
    line = cosigned(head_note(), ML_DSA_44, AT).signatures[-1]
    message = struct.pack(
        ">12sB31sQB22sQQ32s",
        b"subtree/v1\n",
        31,
        b"keepclear/bravo/tanf/1/cosigner",
        1_535_781_600,
        22,
        b"keepclear/alpha/tanf/1",
        0,
        17,
        sha256(b"17").digest(),
    )
    QUANTUM.public_key().verify(line.signature[8:], message)
    assert line.signature[:8] == struct.pack(">Q", 1_535_781_600)


@pytest.mark.parametrize(("cosigner", "kind"), [(ED25519, b"\x04"), (ML_DSA_44, b"\x06")])
def test_a_key_hash_is_the_one_the_standard_gives(cosigner: Cosigner, kind: bytes) -> None:
    typed = kind + cosigner.key.public_key
    wanted = sha256(cosigner.key.name.encode() + b"\n" + typed).digest()[:4]
    assert cosigner.key.hash == wanted
    assert cosigner.key.text() == f"{cosigner.key.name}+{wanted.hex()}+{b64encode(typed).decode()}"
    assert cosigner_key_of(cosigner.key.text()) == cosigner.key


# ---- properties


@BOTH
@settings(max_examples=30, derandomize=True, deadline=None)
@given(
    size=st.integers(0, SIZE_MAX),
    root=st.binary(min_size=32, max_size=32),
    at=st.integers(1_000, FOREVER).map(Instant),
)
def test_a_cosigned_note_gives_the_second_in_which_it_was_cosigned(
    cosigner: Cosigner, size: int, root: bytes, at: Instant
) -> None:
    note = Checkpoint(origin=ORIGIN, head=Head(size=size, root=root)).signed(LOG_SIGNER)
    found = note_of(cosigned(note, cosigner, at).written())
    found.verify(LOG_SIGNER.key)
    assert cosignature_at(found, cosigner.key) == at - at % 1_000


def test_every_single_bit_change_to_an_ed25519_cosignature_fails() -> None:
    every_bit_fails(ED25519, step=1)


def test_single_bit_changes_all_over_an_ml_dsa_44_cosignature_fail() -> None:
    every_bit_fails(ML_DSA_44, step=53)


def every_bit_fails(cosigner: Cosigner, *, step: int) -> None:
    note = cosigned(head_note(), cosigner, AT)
    *others, line = note.signatures
    for bit in range(0, len(line.signature) * 8, step):
        altered = bytearray(line.signature)
        altered[bit // 8] ^= 1 << bit % 8
        bad = replace(line, signature=bytes(altered))
        with pytest.raises(Untrusted):
            cosignature_at(replace(note, signatures=(*others, bad)), cosigner.key)


# ---- which lines count


@BOTH
def test_a_note_without_a_line_of_the_key_is_not_cosigned(cosigner: Cosigner) -> None:
    with untrusted("note.unsigned"):
        cosignature_at(head_note(), cosigner.key)
    other = ML_DSA_44 if cosigner is ED25519 else ED25519
    with untrusted("note.unsigned"):
        cosignature_at(cosigned(head_note(), other, AT), cosigner.key)


def test_a_cosigner_leaves_the_lines_of_others_and_replaces_its_own() -> None:
    once = cosigned(cosigned(head_note(), ML_DSA_44, AT), ED25519, AT)
    junk = NoteSignature(name=ED25519.key.name, key_hash=ED25519.key.hash, signature=bytes(72))
    again = cosigned(replace(once, signatures=(junk, *once.signatures)), ED25519, Instant(AT + 5_000))
    assert again.signatures[:-1] == once.signatures[:-1]
    assert cosignature_at(again, ED25519.key) == 1_535_781_605_000
    assert cosignature_at(again, ML_DSA_44.key) == 1_535_781_600_000


@BOTH
def test_of_several_cosignatures_of_one_key_all_must_hold_and_the_earliest_counts(cosigner: Cosigner) -> None:
    early, late = (
        cosigned(head_note(), cosigner, Instant(AT + later_ms)).signatures[-1] for later_ms in (0, 9_000)
    )
    for lines in ((early, late), (late, early)):
        assert (
            cosignature_at(Note(text=head_note().text, signatures=lines), cosigner.key) == 1_535_781_600_000
        )
    bad = replace(late, signature=late.signature[:8] + early.signature[8:])
    for lines in ((early, bad), (bad, early)):
        with pytest.raises(Untrusted):
            cosignature_at(Note(text=head_note().text, signatures=lines), cosigner.key)


@BOTH
def test_a_line_of_another_name_or_another_hash_is_a_strangers(cosigner: Cosigner) -> None:
    note = cosigned(head_note(), cosigner, AT)
    line = note.signatures[-1]
    for stranger in (
        replace(line, name="stranger", signature=b"x"),
        replace(line, key_hash=b"1234", signature=b"x"),
    ):
        assert cosignature_at(replace(note, signatures=(stranger, line)), cosigner.key) == 1_535_781_600_000
        with untrusted("note.unsigned"):
            cosignature_at(replace(note, signatures=(stranger,)), cosigner.key)
        assert stranger in cosigned(replace(note, signatures=(stranger, line)), cosigner, AT).signatures


def test_an_ml_dsa_44_cosignature_holds_under_no_other_name() -> None:
    line = cosigned(head_note(), ML_DSA_44, AT).signatures[-1]
    renamed = replace(ML_DSA_44.key, name="keepclear/bravo/tanf/2/cosigner")
    note = Note(text=head_note().text, signatures=(replace(line, name=renamed.name, key_hash=renamed.hash),))
    with untrusted("signature.wrong"):
        cosignature_at(note, renamed)


def test_a_signature_under_a_context_is_no_cosignature() -> None:
    # The keys are those of NIST's known answers, which were signed under a context; ours is empty.
    with cryptography_vectors.open_vector_file("asymmetric/MLDSA/kat_MLDSA_44_det_pure.rsp", "r") as file:
        lines = [line.strip().split(" = ") for line in file]
    answers = [dict(lines[start : start + 10]) for start in range(0, 100, 10)]
    assert all(len(each) == 10 and each["ctx"] for each in answers)
    for answer in answers:
        private = MLDSA44PrivateKey.from_seed_bytes(bytes.fromhex(answer["xi"]))
        public, context = bytes.fromhex(answer["pk"]), bytes.fromhex(answer["ctx"])
        sound = bytes.fromhex(answer["sm"])[:2420]
        MLDSA44PublicKey.from_public_bytes(public).verify(sound, bytes.fromhex(answer["msg"]), context)
        key = CosignerKey(name="nist", algorithm=Algorithm.ML_DSA_44, public_key=public)
        pure = cosigned(head_note(), Cosigner(key=key, sign=private.sign), AT)
        assert cosignature_at(pure, key) == 1_535_781_600_000
        with_context = Cosigner(key=key, sign=lambda message, p=private, c=context: p.sign(message, c))
        with untrusted("signature.wrong"):
            cosignature_at(cosigned(head_note(), with_context, AT), key)


# ---- limits


@BOTH
@pytest.mark.parametrize("at", [-1, 0, 999, FOREVER + 1])
def test_a_time_that_no_cosignature_can_state_is_refused(cosigner: Cosigner, at: int) -> None:
    with refused("cosignature.time"):
        cosigned(head_note(), cosigner, Instant(at))


@BOTH
@pytest.mark.parametrize("time_s", [0, FOREVER // 1_000 + 1, 2**63, 2**64 - 1])
def test_a_cosignature_without_a_time_or_past_the_last_year_is_untrusted(
    cosigner: Cosigner, time_s: int
) -> None:
    blob = time_s.to_bytes(8, "big") + bytes(cosigner.key.algorithm.signature_bytes)
    line = NoteSignature(name=cosigner.key.name, key_hash=cosigner.key.hash, signature=blob)
    with untrusted("cosignature.time"):
        cosignature_at(Note(text=head_note().text, signatures=(line,)), cosigner.key)


@BOTH
@pytest.mark.parametrize("change", [-1, 1])
def test_a_cosignature_of_another_length_is_untrusted(cosigner: Cosigner, change: int) -> None:
    note = cosigned(head_note(), cosigner, AT)
    line = note.signatures[-1]
    raw = line.signature[:-1] if change < 0 else line.signature + b"\0"
    with untrusted("cosignature.form"):
        cosignature_at(replace(note, signatures=(replace(line, signature=raw),)), cosigner.key)


def test_a_log_key_is_no_cosigner_key_and_a_signature_of_the_log_no_cosignature() -> None:
    with refused("key.unreadable"):
        cosigner_key_of(LOG_SIGNER.key.text())
    with refused("key.unreadable"):
        verifier_key_of(ED25519.key.text())
    same = CosignerKey(name=ORIGIN, algorithm=Algorithm.ED25519, public_key=LOG_SIGNER.key.public_key)
    with untrusted("note.unsigned"):
        cosignature_at(head_note(), same)


@BOTH
def test_a_text_that_is_no_checkpoint_is_not_cosigned_and_its_cosignature_not_judged(
    cosigner: Cosigner,
) -> None:
    blob = b"\0\0\0\0\0\0\0\1" + bytes(cosigner.key.algorithm.signature_bytes)
    line = NoteSignature(name=cosigner.key.name, key_hash=cosigner.key.hash, signature=blob)
    note = Note(text="two\nlines\n", signatures=(line,))
    with refused("checkpoint.unreadable"):
        cosigned(note, cosigner, AT)
    with refused("checkpoint.unreadable"):
        cosignature_at(note, cosigner.key)


def test_extension_lines_are_covered_by_ed25519_and_refused_with_ml_dsa_44() -> None:
    extended = cosigned(head_note(extension=("more",)), ED25519, AT)
    assert cosignature_at(extended, ED25519.key) == 1_535_781_600_000
    with untrusted("signature.wrong"):
        cosignature_at(replace(extended, text=extended.text.replace("more", "less")), ED25519.key)
    with refused("cosignature.extension"):
        cosigned(head_note(extension=("more",)), ML_DSA_44, AT)
    plain = cosigned(head_note(), ML_DSA_44, AT)
    with refused("cosignature.extension"):
        cosignature_at(replace(plain, text=plain.text + "more\n"), ML_DSA_44.key)


def test_names_are_taken_to_255_bytes_and_refused_past_them() -> None:
    name = "é" * 127 + "x"
    assert len(name.encode()) == NAME_BYTES_MAX
    head = Head(size=1, root=bytes(32))
    long = replace(ML_DSA_44, key=replace(ML_DSA_44.key, name=name))
    for origin in (name, name + "x"):
        key = VerifierKey(name=origin, public_key=LOG_SIGNER.key.public_key)
        note = Checkpoint(origin=origin, head=head).signed(Signer(key=key, sign=LOG.sign))
        assert cosignature_at(cosigned(note, ED25519, AT), ED25519.key) == 1_535_781_600_000
        if origin == name:
            assert cosignature_at(cosigned(note, long, AT), long.key) == 1_535_781_600_000
        else:
            with refused("checkpoint.origin"):
                cosigned(note, ML_DSA_44, AT)
    for algorithm, public_key in (
        (Algorithm.ED25519, ED25519.key.public_key),
        (Algorithm.ML_DSA_44, ML_DSA_44.key.public_key),
    ):
        with refused("key.name"):
            CosignerKey(name=name + "x", algorithm=algorithm, public_key=public_key)


@pytest.mark.parametrize("name", ["", "two words", "plus+sign", "line\nend", "half\ud800", "bell\x07"])
def test_a_cosigner_name_that_could_not_stand_in_a_line_is_refused(name: str) -> None:
    with refused("key.name"):
        CosignerKey(name=name, algorithm=Algorithm.ED25519, public_key=ED25519.key.public_key)


@pytest.mark.parametrize(
    ("algorithm", "public_key"),
    [
        (Algorithm.ED25519, bytes(31)),
        (Algorithm.ED25519, bytes(32)),
        (Algorithm.ED25519, b"\xff" * 32),
        (Algorithm.ED25519, bytes(1312)),
        (Algorithm.ML_DSA_44, bytes(1311)),
        (Algorithm.ML_DSA_44, bytes(1313)),
        (Algorithm.ML_DSA_44, ED25519.key.public_key),
    ],
)
def test_a_key_of_another_length_or_not_sound_is_refused(algorithm: Algorithm, public_key: bytes) -> None:
    with refused("key.public"):
        CosignerKey(name="name", algorithm=algorithm, public_key=public_key)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text("+=/AB04az09\u00e9\ud800 \n", max_size=60), st.integers(0, 100))
def test_any_text_is_a_key_or_is_refused(text: str, place: int) -> None:
    sound = ED25519.key.text()
    for altered in (text, sound[:place] + text + sound[place + 1 :]):
        try:
            found = cosigner_key_of(altered)
        except KeepclearError:
            continue
        assert found.text() == altered
