"""Certificates of the link: made once, kept privately, known by their key."""

from __future__ import annotations

import hashlib
import ssl
import stat
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import KeepclearError, Refused, Unavailable
from keepclear.core.instant import Instant
from keepclear.edge.couriers.tls import (
    CERTIFICATE_BYTES_MAX,
    LINK_KEY_FILE,
    Certificate,
    own_certificate,
    server_context,
)

NOW = Instant(1_790_000_000_000)
"""2026-09-21T14:13:20Z."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return own_certificate(tmp_path_factory.mktemp("certificate") / "keys", now=NOW).certificate


def test_a_certificate_that_is_made_is_the_one_that_is_loaded(tmp_path: Path) -> None:
    made = own_certificate(tmp_path / "keys", now=NOW)
    assert own_certificate(tmp_path / "keys", now=Instant(0)) == made
    assert own_certificate(tmp_path / "other", now=NOW).certificate.pin != made.certificate.pin
    assert [path.name for path in (tmp_path / "keys").iterdir()] == [LINK_KEY_FILE]
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600


def test_the_private_part_is_in_no_words_of_the_certificate(tmp_path: Path) -> None:
    made = own_certificate(tmp_path / "keys", now=NOW)
    secret = made.path.read_text().splitlines()[1]
    assert secret not in made.certificate.pem
    assert secret not in repr(made)


def test_openssl_finds_the_same_pin(tmp_path: Path) -> None:
    made = own_certificate(tmp_path / "keys", now=NOW)

    def openssl(*words: str, given: bytes) -> bytes:
        return subprocess.run(
            ["openssl", *words], input=given, capture_output=True, check=True, timeout=20
        ).stdout

    try:
        public = openssl("x509", "-pubkey", "-noout", given=made.certificate.pem.encode())
    except FileNotFoundError:
        pytest.skip("openssl is not installed on this machine")
    spki = openssl("pkey", "-pubin", "-outform", "DER", given=public)
    assert made.certificate.pin == hashlib.sha256(spki).hexdigest()


def test_its_dates_leave_room_for_ten_years_and_for_clocks_that_are_off(tmp_path: Path) -> None:
    made = own_certificate(tmp_path / "keys", now=NOW)
    read = x509.load_pem_x509_certificate(made.certificate.pem.encode())
    assert read.not_valid_before_utc.isoformat() == "2025-09-20T14:13:20+00:00"
    assert read.not_valid_after_utc.isoformat() == "2036-09-21T14:13:20+00:00"
    assert read.version is x509.Version.v3


def test_a_key_file_with_another_keys_certificate_is_refused(tmp_path: Path) -> None:
    one, other = (own_certificate(tmp_path / name, now=NOW) for name in ("one", "other"))
    key = one.path.read_text().split("-----BEGIN CERTIFICATE")[0]
    one.path.write_text(key + other.certificate.pem)
    with pytest.raises(Refused, match="the certificate of another key"):
        own_certificate(tmp_path / "one", now=NOW)


@pytest.mark.parametrize("part", ["", "key", "certificate", "half"])
def test_a_key_file_that_is_not_whole_is_refused_and_not_replaced(tmp_path: Path, part: str) -> None:
    made = own_certificate(tmp_path / "keys", now=NOW)
    whole = made.path.read_text()
    key = whole.split("-----BEGIN CERTIFICATE")[0]
    content = {"": "", "key": key, "certificate": made.certificate.pem, "half": whole[:-60]}[part]
    made.path.write_text(content)
    with pytest.raises(Refused, match="must hold a key and its certificate"):
        own_certificate(tmp_path / "keys", now=NOW)
    assert made.path.read_text() == content


def test_a_key_that_others_can_reach_is_refused(tmp_path: Path) -> None:
    made = own_certificate(tmp_path / "keys", now=NOW)
    made.path.chmod(0o644)
    with pytest.raises(Refused, match="others can reach the key"):
        own_certificate(tmp_path / "keys", now=NOW)


def test_a_certificate_that_is_not_one_certificate_alone_is_refused(tmp_path: Path) -> None:
    made = own_certificate(tmp_path / "keys", now=NOW)
    pem = made.certificate.pem
    lines = pem.splitlines()
    # RFC 5280, 4.1.2.1: version 3 is written as 2; 1 in its place is version 2, which nobody uses.
    second = ssl.PEM_cert_to_DER_cert(pem).replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x01")
    for text in (
        ssl.DER_cert_to_PEM_cert(second),
        "",
        pem * 2,
        made.path.read_text(),
        "words\n" + pem,
        pem.replace(lines[1], lines[1][::-1]),
        pem.replace(lines[1] + "\n", ""),
        pem + "\n" * CERTIFICATE_BYTES_MAX,
        "\N{SNOWMAN}",
    ):
        with pytest.raises(Refused) as caught:
            Certificate(pem=text)
        assert caught.value.code == "link.certificate"


def test_a_certificate_is_taken_however_its_file_ends_its_lines(tmp_path: Path) -> None:
    made = own_certificate(tmp_path / "keys", now=NOW).certificate
    assert Certificate(pem=made.pem.rstrip("\n")).pin == made.pin


def test_a_key_file_that_went_away_is_unavailable_to_whoever_serves(tmp_path: Path) -> None:
    made = own_certificate(tmp_path / "keys", now=NOW)
    made.path.unlink()
    with pytest.raises(KeepclearError) as caught:
        server_context(made, ())
    assert isinstance(caught.value, Unavailable)


# What the library will refuse in a later version it warns of in this one.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@given(st.data())
def test_a_certificate_with_any_bytes_changed_is_taken_or_refused_and_nothing_else(
    certificate: Certificate, data: st.DataObject
) -> None:
    der = bytearray(ssl.PEM_cert_to_DER_cert(certificate.pem))
    for _ in range(data.draw(st.integers(1, 3))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = Certificate(pem=ssl.DER_cert_to_PEM_cert(bytes(der))).pin
    except Refused as error:
        found = error.code
    assert found == "link.certificate" or len(found) == 64
