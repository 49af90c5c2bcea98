"""The identity of a party: which key is for what, where it is kept, and that a root is never replaced."""

from __future__ import annotations

import copy
import os
import pickle
import stat
import subprocess
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused, Unavailable
from keepclear.core.instant import Instant
from keepclear.core.line.keys import Quorum
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.cosignature import Algorithm, cosignature_at, cosigned
from keepclear.core.record.merkle import Head
from keepclear.core.trust.note import VerifierKey
from keepclear.core.trust.signature import verify
from keepclear.edge.keys.box import (
    HEADER_BYTES_MAX,
    RECIPIENTS_MAX,
    SEALED_BYTES_MAX,
    STANZAS_MAX,
    Box,
    kept_box,
    seal,
)
from keepclear.edge.keys.identity import Identity
from keepclear.edge.keys.passphrase import PASSPHRASE_LENGTH_MIN
from keepclear.edge.keys.privatekey import made_pem

PASSPHRASE = "quiet harbour 7"


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def identity(folder: Path, party: str = "a") -> Identity:
    return Identity(folder / f"keys-{party}", party)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    return kept_box(tmp_path_factory.mktemp("keys") / "private" / "box.age")


def test_a_root_is_made_once_and_known_by_its_party(tmp_path: Path) -> None:
    made, again = identity(tmp_path).root_key(), identity(tmp_path).root_key()
    assert made.key == again.key == identity(tmp_path).root_public
    assert made.key.name == "keepclear/a/root"
    verify(public_key=again.key.public_key, message=b"text", signature=made.sign(b"text"))


def test_every_file_and_folder_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        own = identity(tmp_path)
        own.root_key()
        own.line_keys("tanf", 1)
        own.add_officer("L. Marek")
    finally:
        os.umask(before)
    folder = tmp_path / "keys-a"
    found = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    assert {path.name for path, mode in found.items() if path.is_dir() and mode != 0o700} == set()
    assert {path.name for path, mode in found.items() if path.is_file() and mode != 0o600} == set()
    assert len([path for path in found if path.is_file()]) == 7


def test_a_folder_above_the_keys_of_a_line_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    identity(tmp_path).line_keys("tanf", 1)
    (tmp_path / "keys-a" / "lines").chmod(0o777)
    with refused("keys.exposed"):
        identity(tmp_path).line_keys("tanf", 1)


def test_a_root_that_was_carried_away_is_not_replaced_and_serves_by_its_path(tmp_path: Path) -> None:
    made = identity(tmp_path).root_key()
    stick = tmp_path / "stick.pem"
    (tmp_path / "keys-a" / "root.pem").rename(stick)
    with refused("keys.root-away"):
        identity(tmp_path).root_key()
    assert identity(tmp_path).root_public == made.key
    assert identity(tmp_path).root_key(stick).key == made.key
    assert not (tmp_path / "keys-a" / "root.pem").exists()


def test_a_root_on_a_stick_that_knows_no_owners_serves_only_under_a_passphrase(tmp_path: Path) -> None:
    clear = identity(tmp_path).root_key()
    locked = identity(tmp_path, "b").root_key(passphrase=PASSPHRASE)
    for party in "ab":
        (tmp_path / f"keys-{party}" / "root.pem").chmod(0o644)
    with refused("keys.exposed"):
        identity(tmp_path).root_key(tmp_path / "keys-a" / "root.pem")
    again = identity(tmp_path, "b").root_key(tmp_path / "keys-b" / "root.pem", PASSPHRASE)
    assert again.key == locked.key != clear.key


@pytest.mark.parametrize("given_one", [None, "", "Quiet harbour 7", "quiet harbour 7 "])
def test_a_locked_root_opens_with_its_own_passphrase_alone(tmp_path: Path, given_one: str | None) -> None:
    identity(tmp_path).root_key(passphrase=PASSPHRASE)
    with refused("keys.passphrase"):
        identity(tmp_path).root_key(passphrase=given_one)


def test_a_passphrase_for_a_root_that_has_none_is_refused(tmp_path: Path) -> None:
    identity(tmp_path).root_key()
    with refused("keys.passphrase"):
        identity(tmp_path).root_key(passphrase=PASSPHRASE)


def test_a_short_passphrase_makes_no_root(tmp_path: Path) -> None:
    with refused("keys.passphrase"):
        identity(tmp_path).root_key(passphrase="x" * (PASSPHRASE_LENGTH_MIN - 1))
    assert list((tmp_path / "keys-a").iterdir()) == []


def test_one_passphrase_typed_composed_or_decomposed_is_one(tmp_path: Path) -> None:
    made = identity(tmp_path).root_key(passphrase="caf\u00e9 au lait noir")
    assert identity(tmp_path).root_key(passphrase="cafe\u0301 au lait noir").key == made.key


def test_openssl_opens_what_is_locked_here_and_is_opened_here_what_it_locks(tmp_path: Path) -> None:
    root = identity(tmp_path).root_key(passphrase=PASSPHRASE)
    pem = tmp_path / "keys-a" / "root.pem"
    words = ["-passin", f"pass:{PASSPHRASE}"]
    command = ["openssl", "pkey", "-in", str(pem), *words, "-pubout", "-outform", "DER"]
    found = subprocess.run(command, capture_output=True, check=True, timeout=20).stdout
    assert found[-32:] == root.key.public_key
    stick = tmp_path / "stick.pem"
    command = ["openssl", "pkcs8", "-topk8", "-scrypt", "-in", str(pem), *words, "-out", str(stick)]
    subprocess.run([*command, "-passout", "pass:another harbour"], check=True, timeout=20)
    assert identity(tmp_path).root_key(stick, "another harbour").key == root.key


def test_the_root_of_another_is_not_taken_for_ones_own(tmp_path: Path) -> None:
    identity(tmp_path).root_key()
    other = identity(tmp_path, "b").root_key()
    with refused("keys.other-root"):
        identity(tmp_path).root_key(tmp_path / "keys-b" / "root.pem")
    with refused("keys.other-root"):
        identity(tmp_path).take_root(other.key)
    with refused("keys.other-root"):
        identity(tmp_path).take_root(VerifierKey(name="keepclear/a/root", public_key=other.key.public_key))


def test_a_root_made_on_another_machine_is_taken_by_its_public_half(tmp_path: Path) -> None:
    away = Identity(tmp_path / "away", "a").root_key(passphrase=PASSPHRASE)
    node = identity(tmp_path)
    with refused("keys.no-root"):
        _ = node.root_public
    node.take_root(away.key)
    assert node.root_public == away.key
    with refused("keys.root-away"):
        node.root_key()
    assert node.root_key(tmp_path / "away" / "root.pem", PASSPHRASE).key == away.key


def test_a_root_whose_public_half_was_lost_is_still_the_root(tmp_path: Path) -> None:
    made = identity(tmp_path).root_key()
    (tmp_path / "keys-a" / "root.pub").unlink()
    assert identity(tmp_path).root_public == made.key
    assert (tmp_path / "keys-a" / "root.pub").read_text() == made.key.text() + "\n"


@pytest.mark.parametrize("content", ["", "text\n", "keepclear/a/root+00000000+AQ==\n", "\u00e9\n"])
def test_a_public_half_that_is_none_is_refused_and_not_replaced(tmp_path: Path, content: str) -> None:
    identity(tmp_path).root_key()
    place = tmp_path / "keys-a" / "root.pub"
    place.write_text(content)
    with refused("keys.unreadable"):
        identity(tmp_path).root_key()
    assert place.read_text() == content


def test_what_is_no_file_is_no_root_and_is_not_waited_for(tmp_path: Path) -> None:
    identity(tmp_path).root_key()
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "link").symlink_to(tmp_path / "keys-a" / "root.pem")
    for name in ("pipe", "link", "nothing"):
        with pytest.raises(Unavailable):
            identity(tmp_path).root_key(tmp_path / name)


@pytest.mark.parametrize("party", ["", "A", "a/b", "..", "a" * 65])
def test_a_party_that_is_no_name_has_no_identity(tmp_path: Path, party: str) -> None:
    with refused("checkpoint.origin"):
        Identity(tmp_path, party)


@pytest.mark.parametrize(("line", "epoch"), [("..", 1), ("a/b", 1), ("", 1), ("tanf", 0), ("tanf", 2**31)])
def test_keys_are_made_for_lines_and_epochs_alone(tmp_path: Path, line: str, epoch: int) -> None:
    with refused("checkpoint.origin"):
        identity(tmp_path).line_keys(line, epoch)
    assert not (tmp_path / "keys-a").exists()


def test_the_keys_of_a_line_are_made_once_and_are_no_others(tmp_path: Path) -> None:
    first, again = identity(tmp_path).line_keys("tanf", 1), identity(tmp_path).line_keys("tanf", 1)
    assert first.stated() == again.stated()
    others = [
        identity(tmp_path).line_keys("tanf", 2),
        identity(tmp_path).line_keys("rukban", 1),
        identity(tmp_path, "b").line_keys("tanf", 1),
    ]
    sets = [
        {each.log.key.public_key, each.node.public, each.cosigner.key.public_key} for each in (first, *others)
    ]
    assert len(set().union(*sets)) == 12
    assert len({each.box_recipient for each in (first, *others)}) == 4


def test_the_keys_of_a_line_are_stated_under_the_names_of_its_log(tmp_path: Path) -> None:
    stated = identity(tmp_path).line_keys("tanf", 3).stated(quorum=Quorum.MAJORITY)
    assert stated.log.name == "keepclear/a/tanf/3"
    assert stated.cosigner.name == "keepclear/a/tanf/3/cosigner"
    assert (stated.previous, stated.witnesses, stated.quorum) == (None, (), Quorum.MAJORITY)


@pytest.mark.parametrize("kind", list(Algorithm))
def test_a_cosigner_of_either_kind_cosigns_and_keeps_its_kind(tmp_path: Path, kind: Algorithm) -> None:
    keys = identity(tmp_path).line_keys("tanf", 1, cosigner_kind=kind)
    for other in Algorithm:
        assert identity(tmp_path).line_keys("tanf", 1, cosigner_kind=other).stated() == keys.stated()
    note = Checkpoint(origin=keys.log.key.name, head=Head(size=1, root=bytes(32))).signed(keys.log)
    at = Instant(1_536_000_000_000)
    assert keys.cosigner.key.algorithm is kind
    assert cosignature_at(cosigned(note, keys.cosigner, at), keys.cosigner.key) == at


def test_a_log_key_of_another_algorithm_is_refused(tmp_path: Path) -> None:
    identity(tmp_path).line_keys("tanf", 1)
    (tmp_path / "keys-a/lines/tanf/1/log.pem").write_bytes(made_pem(Algorithm.ML_DSA_44))
    with refused("keys.unreadable"):
        identity(tmp_path).line_keys("tanf", 1)


def test_officers_of_a_party_are_kept_beside_its_other_keys(tmp_path: Path) -> None:
    public = identity(tmp_path).add_officer("L. Marek", PASSPHRASE)
    own = identity(tmp_path)
    assert own.officers() == ("L. Marek",)
    assert own.officer_public("L. Marek") == own.officer_signer("L. Marek", PASSPHRASE).public == public
    own.retire_officer("L. Marek")
    assert own.officers() == ()


def test_a_key_file_of_another_user_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the root user can give files away")
    identity(tmp_path).root_key()
    os.chown(tmp_path / "keys-a" / "root.pem", 65_534, 65_534)
    with refused("keys.exposed"):
        identity(tmp_path).root_key()


def test_no_key_is_in_words_or_in_a_copy(tmp_path: Path) -> None:
    keys = identity(tmp_path).line_keys("tanf", 1)
    root = identity(tmp_path).root_key()
    secret = (tmp_path / "keys-a/lines/tanf/1/box.age").read_text().strip()
    assert secret.startswith("AGE-SECRET-KEY-1")
    assert secret not in repr(keys)
    for each in (keys.node, keys.box, keys, root):
        for take in (pickle.dumps, copy.deepcopy):
            with pytest.raises(TypeError):
                take(each)


def test_what_is_sealed_is_opened_by_those_it_is_sealed_to_alone(tmp_path: Path) -> None:
    a, b, c = (identity(tmp_path, party).line_keys("tanf", 1) for party in "abc")
    sealed = seal(b"opening", [a.box_recipient, b.box_recipient])
    assert (a.open(sealed), b.open(sealed), c.open(sealed)) == (b"opening", b"opening", None)


def test_the_longest_opening_is_sealed_to_sixteen_and_a_longer_one_or_more_are_refused(box: Box) -> None:
    longest = bytes(65_535)
    assert box.open(seal(longest, [box.recipient] * RECIPIENTS_MAX)) == longest
    with refused("box.opening"):
        seal(longest + b"\0", [box.recipient])
    for count in (0, RECIPIENTS_MAX + 1):
        with refused("box.recipient"):
            seal(b"", [box.recipient] * count)


@pytest.mark.parametrize("recipient", ["", "age1", "ssh-ed25519 AAAA", "age1" + "q" * 58, "age1\u00e9"])
def test_nothing_is_sealed_to_what_is_no_recipient(recipient: str) -> None:
    with refused("recipient.unsound"):
        seal(b"opening", [recipient])


def test_what_is_longer_than_a_part_or_in_another_form_is_not_opened(box: Box) -> None:
    recipient = pyrage.x25519.Recipient.from_str(box.recipient)
    assert box.open(pyrage.encrypt(bytes(65_536), [recipient])) is None
    assert box.open(pyrage.encrypt(b"x", [recipient], armored=True)) is None
    assert box.open(pyrage.passphrase.encrypt(b"x", PASSPHRASE)) is None
    many = pyrage.encrypt(b"x", [recipient] * (STANZAS_MAX + 1))
    assert pyrage.decrypt(many, [pyrage.x25519.Identity.generate(), _identity_of(box)]) == b"x"
    assert many.index(b"\n--- ") < HEADER_BYTES_MAX
    assert box.open(many) is None
    first, _, rest = seal(b"x", [box.recipient]).partition(b"\n-> ")
    assert box.open(first + b"\n-> " + b"x" * HEADER_BYTES_MAX + b"\n-> " + rest) is None
    assert box.open(pyrage.encrypt(bytes(SEALED_BYTES_MAX), [recipient])) is None


def test_a_sealed_part_of_which_any_bit_was_changed_or_the_end_is_missing_is_not_opened(box: Box) -> None:
    sealed = seal(b"opening", [box.recipient])
    for place in range(len(sealed)):
        assert box.open(sealed[:place]) is None
        for bit in range(8):
            changed = sealed[:place] + bytes((sealed[place] ^ 1 << bit,)) + sealed[place + 1 :]
            assert box.open(changed) is None


@given(raw=st.binary(max_size=200), header=st.booleans())
def test_anything_else_is_not_opened_and_nothing_is_raised(box: Box, raw: bytes, *, header: bool) -> None:
    assert box.open((b"age-encryption.org/v1\n-> X25519 " if header else b"") + raw) is None


def test_a_box_that_age_keygen_wrote_is_read_and_what_is_none_is_refused(tmp_path: Path) -> None:
    made = pyrage.x25519.Identity.generate()
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    place = folder / "box.age"
    place.touch(0o600)
    place.write_text(f"# created: 2018-09-01T00:00:00Z\n# public key: {made.to_public()}\n{made}\n")
    assert kept_box(place).recipient == str(made.to_public())
    for content in ("", "text", f"{made}\n{made}\n", "AGE-SECRET-KEY-1\n", "\u00e9"):
        place.write_text(content)
        with refused("keys.unreadable"):
            kept_box(place)


def _identity_of(box: Box) -> pyrage.x25519.Identity:
    return box._identity
