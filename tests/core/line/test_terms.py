"""Terms: times that could not be kept, and a line of one party with itself, are refused."""

from __future__ import annotations

import pytest

from keepclear.core.errors import Refused
from keepclear.core.instant import Duration
from keepclear.core.line.keys import root_name
from keepclear.core.line.message import LineName, PartyWord, Precedence
from keepclear.core.line.terms import RECEIPT_DUE, Terms, Timers
from keepclear.core.trust.note import VerifierKey
from party import public, seeded_key


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"receipt_due": {Precedence.FLASH: Duration(1)}}, "timers must name a time for each precedence"),
        ({"escalate": Duration(0)}, "a stop's three times must follow one another"),
        ({"escalate": Duration(121_000)}, "a stop's three times must follow one another"),
        ({"everyone": Duration(119_000)}, "a stop's three times must follow one another"),
        ({"retry_first": Duration(0)}, "retry times must rise: first, urgent, last"),
        ({"retry_urgent": Duration(1_000)}, "retry times must rise: first, urgent, last"),
        ({"retry_last": Duration(4_000)}, "retry times must rise: first, urgent, last"),
        ({"check_every": Duration(0)}, "every time must be above 0"),
        ({"unattended_after": Duration(0)}, "every time must be above 0"),
        ({"heartbeat": Duration(0)}, "every time must be above 0"),
        ({"withheld_after": Duration(-1)}, "every time must be above 0"),
        ({"receipt_due": {**RECEIPT_DUE, Precedence.FLASH: Duration(0)}}, "every time must be above 0"),
    ],
)
def test_times_that_cannot_be_kept_are_refused(wrong: dict[str, Duration], words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        Timers(**wrong)  # type: ignore[arg-type]
    assert refused.value.code == "line.timers"


def root(party: str, of: str) -> VerifierKey:
    return VerifierKey(name=root_name(party), public_key=public(seeded_key(f"{of} root")))


@pytest.mark.parametrize(("other", "of"), [("a", "b"), ("b", "a")], ids=["same name", "same root"])
def test_a_line_of_a_party_with_itself_is_refused(other: str, of: str) -> None:
    with pytest.raises(Refused, match="line tanf must join two parties with two roots"):
        Terms(
            line=LineName("tanf"),
            own=PartyWord("a"),
            other=PartyWord(other),
            own_root=root("a", "a"),
            other_root=root(other, of),
        )
