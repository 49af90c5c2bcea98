"""Trust files: roots by party, witnesses, and nothing that could be taken for either."""

from __future__ import annotations

import pytest

from exports import roots_of
from keepclear.core.errors import Refused
from keepclear.core.record.cosignature import Algorithm, CosignerKey
from keepclear.core.trust.note import VerifierKey
from keepclear.formats.line.trustfile import TRUST_BYTES_MAX, trust_of
from party import Party, public, seeded_key

ROOTS = roots_of(Party("a", "b"), Party("b", "a"))
A, B = ROOTS.values()
WITNESS = CosignerKey(name="w", algorithm=Algorithm.ED25519, public_key=public(seeded_key("w")))
QUANTUM = CosignerKey(name="q", algorithm=Algorithm.ML_DSA_44, public_key=bytes(1312))


def test_roots_and_witnesses_are_read_by_the_type_of_their_keys() -> None:
    raw = f"# roots\r\n{A.text()}\r\n\n  {B.text()}  \n# witnesses\n{WITNESS.text()}\n{QUANTUM.text()}"
    trust = trust_of(raw.encode())
    assert trust.roots == ROOTS
    assert trust.witnesses == (WITNESS, QUANTUM)


def test_an_empty_file_trusts_nobody() -> None:
    assert trust_of(b"") == trust_of(b"\n# nobody\n")
    assert trust_of(b"").roots == {}


def test_the_same_root_twice_is_one_root() -> None:
    assert trust_of(f"{A.text()}\n{A.text()}\n".encode()).roots == {"a": A}


def test_two_roots_of_one_party_are_refused() -> None:
    other = VerifierKey(name=A.name, public_key=B.public_key)
    with pytest.raises(Refused) as refused:
        trust_of(f"{A.text()}\n{other.text()}\n".encode())
    assert refused.value.message == "trust file, line 2: a has two roots, must have one"


@pytest.mark.parametrize(
    "line",
    [
        "keepclear/a/root",
        A.text()[:-1],
        A.text().replace("+", " ", 1),
        VerifierKey(name="keepclear/a/tanf/1", public_key=A.public_key).text(),
        VerifierKey(name="keepclear/root", public_key=A.public_key).text(),
        VerifierKey(name="other/a/root", public_key=A.public_key).text(),
    ],
)
def test_a_line_that_is_no_root_and_no_witness_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(Refused) as refused:
        trust_of(f"# one\n{line}\n".encode())
    assert refused.value.message.startswith("trust file, line 2: ")


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(Refused):
        trust_of(b"\xff")
    with pytest.raises(Refused):
        trust_of(b"#" * (TRUST_BYTES_MAX + 1))
