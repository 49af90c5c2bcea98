"""Private keys on disk: who may read them, and that they never leave."""

from __future__ import annotations

import copy
import os
import pickle
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from keepclear.core.errors import Refused, Unavailable
from keepclear.core.trust.note import signed_note
from keepclear.core.trust.signature import verify
from keepclear.edge.keys import keyfile
from keepclear.edge.keys.privatekey import LOG_KEY_FILE, log_key, made_pem


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_that_is_made_is_the_key_that_is_loaded(tmp_path: Path) -> None:
    made, loaded = log_key(tmp_path / "keys"), log_key(tmp_path / "keys")
    assert made.public == loaded.public
    verify(public_key=loaded.public, message=b"text", signature=made.sign(b"text"))


def test_a_made_key_is_readable_by_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        log_key(tmp_path / "keys")
    finally:
        os.umask(before)
    assert mode_of(tmp_path / "keys") == 0o700
    assert mode_of(tmp_path / "keys" / LOG_KEY_FILE) == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == [LOG_KEY_FILE]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    log_key(tmp_path / "keys")
    (tmp_path / "keys" / LOG_KEY_FILE).chmod(mode)
    with refused("keys.exposed"):
        log_key(tmp_path / "keys")


def test_a_key_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    log_key(tmp_path / "keys")
    (tmp_path / "keys").chmod(0o750)
    with refused("keys.exposed"):
        log_key(tmp_path / "keys")


def test_a_link_in_the_place_of_the_key_is_not_followed(tmp_path: Path) -> None:
    log_key(tmp_path / "other")
    log_key(tmp_path / "keys")
    place = tmp_path / "keys" / LOG_KEY_FILE
    place.unlink()
    place.symlink_to(tmp_path / "other" / LOG_KEY_FILE)
    with pytest.raises(Unavailable):
        log_key(tmp_path / "keys")


def test_a_file_that_is_no_ed25519_key_is_refused_and_not_replaced(tmp_path: Path) -> None:
    log_key(tmp_path / "keys")
    place = tmp_path / "keys" / LOG_KEY_FILE
    other = Ed448PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (b"", b"not a key", place.read_bytes()[:-40], other):
        place.write_bytes(content)
        with refused("keys.unreadable"):
            log_key(tmp_path / "keys")
        assert place.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        log_key(tmp_path / "file" / "keys")


def test_the_private_part_is_in_no_words_and_no_copy(tmp_path: Path) -> None:
    key = log_key(tmp_path / "keys")
    pem = (tmp_path / "keys" / LOG_KEY_FILE).read_text()
    assert repr(key) == str(key) == f"LogKey(public={key.public.hex()})"
    assert pem.splitlines()[1] not in repr(key)
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            take(key)


def test_a_signer_signs_notes_that_its_public_key_verifies(tmp_path: Path) -> None:
    signer = log_key(tmp_path / "keys").signer("keepclear/alpha/node/1")
    signed_note("text\n", signer).verify(signer.key)


def test_openssl_reads_the_key_and_gives_the_same_public_key(tmp_path: Path) -> None:
    key = log_key(tmp_path / "keys")
    command = ["openssl", "pkey", "-in", str(tmp_path / "keys" / LOG_KEY_FILE), "-pubout", "-outform", "DER"]
    try:
        found = subprocess.run(command, capture_output=True, check=True, timeout=20).stdout
    except FileNotFoundError:
        pytest.skip("openssl is not installed on this machine")
    # RFC 8410, 4: the last 32 bytes of the public key's DER form are the key.
    assert found[-32:] == key.public


def test_a_key_that_another_process_has_just_put_there_is_kept(tmp_path: Path) -> None:
    key = log_key(tmp_path / "keys")
    keyfile._put(tmp_path / "keys" / LOG_KEY_FILE, made_pem())
    assert log_key(tmp_path / "keys").public == key.public
    assert [path.name for path in (tmp_path / "keys").iterdir()] == [LOG_KEY_FILE]
