"""Officers' keys: one for each person, under a name that shows as it is written."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.trust.signature import verify
from keepclear.edge.keys.officers import Officers
from keepclear.formats.plaintext import TURNING, check_plain_text

PASSPHRASE = "quiet harbour 7"


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


@pytest.fixture
def officers(tmp_path: Path) -> Officers:
    return Officers(tmp_path / "officers")


def test_an_officer_signs_with_the_key_that_was_made(officers: Officers) -> None:
    public = officers.add("L. Marek")
    key = officers.signer("L. Marek")
    assert public == key.public == officers.public("L. Marek")
    verify(public_key=public, message=b"text", signature=key.sign(b"text"))


def test_officers_are_listed_without_their_passphrases(officers: Officers) -> None:
    assert officers.names() == ()
    for name in (
        "\u0418. \u041f\u0435\u0442\u0440\u043e\u0432",
        "L. Marek",
        "\u0639\u0645\u0631",
        "../../etc/passwd",
    ):
        officers.add(name, passphrase=PASSPHRASE)
    assert officers.names() == (
        "../../etc/passwd",
        "L. Marek",
        "\u0418. \u041f\u0435\u0442\u0440\u043e\u0432",
        "\u0639\u0645\u0631",
    )


def test_file_names_are_plain_and_hold_the_id_of_the_key(officers: Officers, tmp_path: Path) -> None:
    ids = [
        sha256(officers.add(name)).hexdigest()[:32]
        for name in ("../../\u00c9milie  D.", "\u0639\u0645\u0631", "a" * 120)
    ]
    assert sorted(path.name for path in tmp_path.rglob("*.pem")) == sorted(
        [f"emilie-d-{ids[0]}.pem", f"officer-{ids[1]}.pem", f"{'a' * 40}-{ids[2]}.pem"]
    )


@pytest.mark.parametrize("again", ["L. Marek", "l. marek", "L. MAREK"])
def test_one_name_has_one_key(officers: Officers, again: str) -> None:
    officers.add("L. Marek")
    with refused("officers.again"):
        officers.add(again)


def test_no_more_officers_have_keys_than_one_statement_could_name(
    officers: Officers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keepclear.edge.keys.officers.OFFICERS_MAX", 2)
    for name in ("L. Marek", "N. Next"):
        officers.add(name)
    with refused("officers.full"):
        officers.add("T. Third")


def test_a_name_composed_or_decomposed_is_one_name(officers: Officers) -> None:
    officers.add("\u00c9milie")
    with refused("officers.again"):
        officers.add("E\u0301milie")


def test_a_retired_officer_signs_no_longer_and_may_have_another_key(
    officers: Officers, tmp_path: Path
) -> None:
    first = officers.add("L. Marek")
    officers.retire("L. Marek")
    assert officers.names() == ()
    with refused("officers.unknown"):
        officers.signer("L. Marek")
    assert officers.add("L. Marek") != first
    assert len(list((tmp_path / "officers" / "retired").glob("*.pem"))) == 1


@pytest.mark.parametrize("name", ["N. N.", "", "\ud800", "x" * 200])
def test_one_who_has_no_key_is_unknown(officers: Officers, name: str) -> None:
    officers.add("L. Marek")
    for ask in (officers.signer, officers.public, officers.retire):
        with refused("officers.unknown"):
            ask(name)


@pytest.mark.parametrize("given_one", [None, "", "wrong harbour 77"])
def test_a_locked_key_opens_with_its_own_passphrase_alone(officers: Officers, given_one: str | None) -> None:
    officers.add("L. Marek", passphrase=PASSPHRASE)
    with refused("keys.passphrase"):
        officers.signer("L. Marek", passphrase=given_one)
    assert officers.signer("L. Marek", passphrase=PASSPHRASE).public == officers.public("L. Marek")


def test_openssl_reads_the_key_beneath_the_name(officers: Officers, tmp_path: Path) -> None:
    public = officers.add("-----BEGIN PRIVATE KEY-----", passphrase=PASSPHRASE)
    path = next(tmp_path.rglob("*.pem"))
    command = [
        "openssl",
        "pkey",
        "-in",
        str(path),
        "-passin",
        f"pass:{PASSPHRASE}",
        "-pubout",
        "-outform",
        "DER",
    ]
    assert subprocess.run(command, capture_output=True, check=True, timeout=20).stdout[-32:] == public


def test_a_key_under_the_name_of_another_is_refused(officers: Officers, tmp_path: Path) -> None:
    for name in ("L. Marek", "N. Other"):
        officers.add(name)
    one, other = sorted(tmp_path.rglob("*.pem"))
    one.write_bytes(one.read_bytes().partition(b"\n")[0] + b"\n" + other.read_bytes().partition(b"\n")[2])
    with refused("keys.unreadable"):
        officers.signer("L. Marek")


@pytest.mark.parametrize(
    "line", ["", "text", "{}", '{"key":"00","name":"x"}', f'{{"key":"{"0" * 64}","name":"\u202e"}}']
)
def test_a_file_that_is_no_officers_key_is_refused_and_not_replaced(
    officers: Officers, tmp_path: Path, line: str
) -> None:
    officers.add("L. Marek")
    path = next(tmp_path.rglob("*.pem"))
    path.write_text(f"{line}\n", encoding="utf-8")
    with refused("officers.unreadable"):
        officers.names()
    assert path.read_text(encoding="utf-8") == f"{line}\n"


def test_two_keys_under_one_name_are_refused(officers: Officers, tmp_path: Path) -> None:
    officers.add("L. Marek")
    path = next(tmp_path.rglob("*.pem"))
    path.with_name("copy.pem").write_bytes(path.read_bytes())
    path.with_name("copy.pem").chmod(0o600)
    with refused("officers.unreadable"):
        officers.names()


def test_an_officers_key_that_others_can_read_is_refused(officers: Officers, tmp_path: Path) -> None:
    officers.add("L. Marek")
    next(tmp_path.rglob("*.pem")).chmod(0o640)
    with refused("keys.exposed"):
        officers.names()


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "x\x00",
        "x\n",
        "x\u202e",
        "\u2066x",
        "\u2028x",
        "x\u0085",
        "\ud800x",
        " x",
        "x ",
        "--",
        "\u200b",
        "x" * 121,
    ],
)
def test_a_name_that_does_not_show_as_it_is_written_is_refused(officers: Officers, name: str) -> None:
    with refused("text.unfit"):
        officers.add(name)
    assert officers.names() == ()


def test_a_name_with_the_joiners_of_its_language_is_a_name() -> None:
    for name in (
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0915\u094d\u200d\u0937",
        "x" * 120,
        "7",
    ):
        check_plain_text(name, what="name", length_max=120)


@given(name=st.text(max_size=130))
@settings(max_examples=300)
def test_what_is_taken_for_a_name_is_written_alike_and_stays_on_its_line(name: str) -> None:
    try:
        check_plain_text(name, what="name", length_max=120)
    except Refused:
        return
    assert name.encode().decode() == name
    assert len(name.splitlines()) == 1
    assert not TURNING & set(name)
