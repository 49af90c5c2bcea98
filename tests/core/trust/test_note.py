"""Signed notes: the published checkpoints as notes, the key forms, and what is refused."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import KeepclearError, Refused, Untrusted
from keepclear.core.trust.note import (
    NOTE_BYTES_MAX,
    SIGNATURES_MAX,
    Note,
    NoteSignature,
    Signer,
    VerifierKey,
    base64_of,
    note_of,
    signed_note,
    verifier_key_of,
)

NOTES = json.loads((Path(__file__).parents[2] / "vectors" / "checkpoint" / "growing.json").read_text())
PUBLISHED_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = VerifierKey(name="keepclear/alpha/node/1", public_key=PRIVATE.public_key().public_bytes_raw())
SIGNER = Signer(key=KEY, sign=PRIVATE.sign)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def test_the_published_notes_verify_with_their_published_key() -> None:
    key = verifier_key_of(PUBLISHED_KEY)
    assert key.text() == PUBLISHED_KEY
    assert len(NOTES) == 16
    for written in NOTES.values():
        note = note_of(written)
        note.verify(key)
        assert note.written() == written


def test_a_published_note_does_not_verify_with_another_key() -> None:
    with pytest.raises(Untrusted, match="not signed by"):
        note_of(NOTES["5"]).verify(KEY)


def test_every_single_bit_change_to_a_note_leaves_it_unreadable_or_untrusted() -> None:
    key, sound = verifier_key_of(PUBLISHED_KEY), NOTES["5"].encode()
    for bit in range(len(sound) * 8):
        altered = bytearray(sound)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises((KeepclearError, UnicodeDecodeError)):
            note_of(altered.decode()).verify(key)


def test_a_key_hash_is_the_one_the_signed_note_specification_gives() -> None:
    wanted = sha256(KEY.name.encode() + b"\n\x01" + KEY.public_key).digest()[:4]
    assert KEY.hash == wanted
    typed = b64encode(b"\x01" + KEY.public_key).decode()
    assert KEY.text() == f"{KEY.name}+{wanted.hex()}+{typed}"


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12), min_size=1, max_size=5))
def test_any_lines_without_control_characters_can_be_signed_written_and_read(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    note = note_of(signed_note(text, SIGNER).written())
    note.verify(KEY)
    assert note.text == text


def test_signatures_of_strangers_are_neither_needed_nor_harmful() -> None:
    note = signed_note("text\n", SIGNER)
    stranger = NoteSignature(name="example.org/else", key_hash=b"1234", signature=b"of another kind")
    namesake = NoteSignature(name=KEY.name, key_hash=b"1234", signature=b"of another key")
    both = Note(text=note.text, signatures=(stranger, *note.signatures, namesake))
    note_of(both.written()).verify(KEY)
    with pytest.raises(Untrusted):
        Note(text=note.text, signatures=(stranger, namesake)).verify(KEY)


def test_one_good_signature_does_not_save_a_bad_one_of_the_same_key() -> None:
    note = signed_note("text\n", SIGNER)
    bad = NoteSignature(name=KEY.name, key_hash=KEY.hash, signature=PRIVATE.sign(b"other\n"))
    for lines in ((bad, *note.signatures), (*note.signatures, bad)):
        with pytest.raises(Untrusted):
            Note(text=note.text, signatures=lines).verify(KEY)


@pytest.mark.parametrize(
    "text", ["", "no line end", "tab\there\n", "bell\x07\n", "return\r\n", "half\ud800\n"]
)
def test_a_text_with_control_characters_or_an_open_line_is_refused(text: str) -> None:
    with refused("note.text"):
        signed_note(text, SIGNER)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "\n\n",
        "text\n",
        "text\n\n",
        "text\n— name AAAAAAA=\n",
        "text\n\n— name AAAAAAA=",
        "text\n\n— name AAAAAAA=\n\n",
        "text\n\n- name AAAAAAA=\n",
        "text\n\n—name AAAAAAA=\n",
        "text\n\n— AAAAAAA=\n",
        "text\n\n— name AAAAAAA\n",
        "text\n\n— name AAAAAAB=\n",
        "text\n\n— name AAAA AAA=\n",
        "text\n\n— name AAAAAA==\n",
        "text\n\n— name \n",
        "text\n\n— na+me AAAAAAA=\n",
        "text\n\n— name AAAAAAA=\nmore\n",
    ],
)
def test_what_is_not_a_note_is_refused(written: str) -> None:
    with pytest.raises(Refused):
        note_of(written)


def test_the_note_that_those_bad_ones_are_variants_of_is_read() -> None:
    note = note_of("text\n\n— name AAAAAAA=\n")
    assert note == Note(
        text="text\n", signatures=(NoteSignature(name="name", key_hash=bytes(4), signature=bytes(1)),)
    )


def test_a_text_may_hold_empty_lines_of_its_own() -> None:
    note = signed_note("one\n\ntwo\n", SIGNER)
    assert note_of(note.written()) == note


def test_a_note_is_taken_to_its_limits_and_refused_past_them() -> None:
    line = signed_note("t\n", SIGNER).signatures[0]
    most = Note(text="t\n", signatures=(line,) * SIGNATURES_MAX)
    assert note_of(most.written()) == most
    with refused("note.signatures"):
        Note(text="t\n", signatures=(line,) * (SIGNATURES_MAX + 1))
    with refused("note.signatures"):
        Note(text="t\n", signatures=())
    room = NOTE_BYTES_MAX - len(signed_note("\n", SIGNER).written().encode())
    assert note_of(signed_note("x" * room + "\n", SIGNER).written()).text == "x" * room + "\n"
    with refused("note.too-long"):
        note_of(signed_note("x" * (room + 1) + "\n", SIGNER).written())


def test_half_a_surrogate_pair_is_refused_not_a_crash() -> None:
    with refused("note.text"):
        note_of("\ud800\n\n— name AAAAAAA=\n")


@pytest.mark.parametrize(
    "name", ["", "two words", "plus+sign", "line\nend", "no-break\u00a0space", "bell\x07", "half\ud800"]
)
def test_a_key_name_with_spaces_plus_signs_or_control_characters_is_refused(name: str) -> None:
    with refused("key.name"):
        VerifierKey(name=name, public_key=KEY.public_key)
    with refused("key.name"):
        NoteSignature(name=name, key_hash=bytes(4), signature=b"x")
    with refused("key.name" if "+" not in name else "key.unreadable"):
        verifier_key_of(f"{name}+00000000+{PUBLISHED_KEY.partition('+')[2].partition('+')[2]}")


@pytest.mark.parametrize(
    "public_key", [b"", bytes(31), bytes(33), bytes(32), b"\x01" + bytes(31), b"\xff" * 32]
)
def test_a_key_that_is_not_sound_is_refused(public_key: bytes) -> None:
    with refused("key.public"):
        VerifierKey(name="name", public_key=public_key)


@pytest.mark.parametrize("key_hash", [b"", bytes(3), bytes(5)])
def test_a_signature_line_without_a_whole_key_hash_is_refused(key_hash: bytes) -> None:
    with refused("note.signature"):
        NoteSignature(name="name", key_hash=key_hash, signature=b"x")
    with refused("note.signature"):
        NoteSignature(name="name", key_hash=bytes(4), signature=b"")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+33d7b496",
        PUBLISHED_KEY[:-1],
        PUBLISHED_KEY + "A",
        PUBLISHED_KEY.replace("33d7b496", "33d7b497"),
        PUBLISHED_KEY.replace("33d7b496", "33D7B496"),
        PUBLISHED_KEY.replace("testdata", "testdatb"),
        PUBLISHED_KEY.replace("+Ae", "+BO"),
        "example.com/log/testdata+3bb1c4a9+",
    ],
)
def test_a_key_line_with_another_form_hash_or_type_is_refused(text: str) -> None:
    with refused("key.unreadable"):
        verifier_key_of(text)


def test_a_key_line_of_a_cosigner_is_not_taken_for_that_of_a_log() -> None:
    typed = b"\x04" + KEY.public_key
    hashed = sha256(KEY.name.encode() + b"\n" + typed).digest()[:4]
    with refused("key.unreadable"):
        verifier_key_of(f"{KEY.name}+{hashed.hex()}+{b64encode(typed).decode()}")


def test_base64_has_one_spelling_for_each_text() -> None:
    assert base64_of("AAAAAAA=") == bytes(5)
    for other in ("AAAAAAB=", "AAAAAAA", "AAAA\nAAA=", "AAAAAAA==", "____", "Ä"):
        assert base64_of(other) is None


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.text("\n\n\u2014 +=/AaZ09\u00e9\ud800", max_size=60))
def test_any_text_is_a_note_and_a_key_or_is_refused(text: str) -> None:
    for read in (note_of, verifier_key_of):
        try:
            found = read(text)
        except Refused:
            continue
        assert text in (found.written() if isinstance(found, Note) else found.text())
