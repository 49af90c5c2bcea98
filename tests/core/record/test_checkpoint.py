"""Checkpoints: the published ones, their text form, and what is refused."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.record.checkpoint import EPOCH_MAX, Checkpoint, checkpoint_of, opened, origin_of
from keepclear.core.record.merkle import SIZE_MAX, Head
from keepclear.core.trust.note import Signer, VerifierKey, signed_note, verifier_key_of

NOTES = json.loads((Path(__file__).parents[2] / "vectors" / "checkpoint" / "growing.json").read_text())
PUBLISHED_KEY = verifier_key_of(
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
)
ORIGIN = origin_of(party="alpha")
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = Signer(
    key=VerifierKey(name=ORIGIN, public_key=PRIVATE.public_key().public_bytes_raw()), sign=PRIVATE.sign
)
ROOT = b64encode(bytes(32)).decode()


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


@pytest.mark.parametrize("size", sorted(NOTES, key=int))
def test_a_published_checkpoint_opens_with_its_key_and_states_its_size(size: str) -> None:
    checkpoint = opened(NOTES[size], PUBLISHED_KEY)
    assert checkpoint.origin == "example.com/log/testdata"
    assert checkpoint.head.size == int(size)
    assert checkpoint.extension == ()


def test_a_signed_checkpoint_is_read_back_as_it_was() -> None:
    checkpoint = Checkpoint(
        origin=ORIGIN, head=Head(size=17, root=bytes(range(32))), extension=("kept as found",)
    )
    assert opened(checkpoint.signed(SIGNER).written(), SIGNER.key) == checkpoint


def test_the_signed_text_is_origin_size_root_and_extension_on_their_lines() -> None:
    checkpoint = Checkpoint(origin=ORIGIN, head=Head(size=17, root=bytes(32)), extension=("more",))
    assert checkpoint.text() == f"keepclear/alpha/node/1\n17\n{ROOT}\nmore\n"


def test_the_largest_size_is_read() -> None:
    assert checkpoint_of(f"o\n{SIZE_MAX}\n{ROOT}\n").head.size == SIZE_MAX


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n",
        "o\n1\n",
        f"o\n1\n{ROOT}",
        f"o\n01\n{ROOT}\n",
        f"o\n+1\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n1 \n{ROOT}\n",
        f"o\n\u0661\n{ROOT}\n",
        f"o\n\n{ROOT}\n",
        f"o\n{SIZE_MAX + 1}\n{ROOT}\n",
        f"o\n{10**30}\n{ROOT}\n",
        f"o\n1\n{ROOT[:-1]}\n",
        f"o\n1\n{ROOT} \n",
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with refused("checkpoint.unreadable"):
        checkpoint_of(text)


def test_a_root_of_another_length_an_empty_origin_and_an_empty_extension_are_refused() -> None:
    with refused("merkle.hash"):
        checkpoint_of("o\n1\nAAAA\n")
    with refused("checkpoint.origin"):
        checkpoint_of(f"\n1\n{ROOT}\n")
    with refused("checkpoint.origin"):
        Checkpoint(origin="two\nlines", head=Head(size=1, root=bytes(32)))
    for line in ("", "two\nlines"):
        with refused("checkpoint.extension"):
            Checkpoint(origin="o", head=Head(size=1, root=bytes(32)), extension=(line,))


def test_a_checkpoint_is_not_signed_with_the_key_of_another_log() -> None:
    with refused("checkpoint.origin"):
        Checkpoint(origin=origin_of(party="bravo"), head=Head(size=1, root=bytes(32))).signed(SIGNER)


def test_a_checkpoint_of_another_log_under_this_key_is_untrusted() -> None:
    note = signed_note(f"{origin_of(party='bravo')}\n1\n{ROOT}\n", SIGNER)
    with pytest.raises(Untrusted) as caught:
        opened(note.written(), SIGNER.key)
    assert caught.value.code == "checkpoint.other-log"


def test_an_unsigned_change_of_size_is_untrusted() -> None:
    written = NOTES["5"].replace("\n5\n", "\n6\n")
    with pytest.raises(Untrusted) as caught:
        opened(written, PUBLISHED_KEY)
    assert caught.value.code == "signature.wrong"


def test_an_origin_names_party_log_and_epoch() -> None:
    assert origin_of(party="un-mission.org", log="line-a", epoch=3) == "keepclear/un-mission.org/line-a/3"


@pytest.mark.parametrize("word", ["", "Alpha", "a b", "a/b", "a+b", "-a", "a-", ".", "ä", "a\n", "a" * 65])
def test_an_origin_word_with_two_possible_readings_is_refused(word: str) -> None:
    with refused("checkpoint.origin"):
        origin_of(party=word)
    with refused("checkpoint.origin"):
        origin_of(party="a", log=word)


@pytest.mark.parametrize("epoch", [0, -1, EPOCH_MAX + 1])
def test_an_epoch_out_of_range_is_refused(epoch: int) -> None:
    with refused("checkpoint.origin"):
        origin_of(party="a", epoch=epoch)
