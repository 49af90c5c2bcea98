"""What a speaker withheld is said by the verdict, is nobody's fault, and is never counted as received."""

from __future__ import annotations

import pytest

from conversation import withhold
from exports import NOW, export_from, hash_of, opened, roots_of, sealed_bytes, text
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import Kind
from keepclear.core.line.verdict.finding import Severity
from keepclear.core.line.verdict.verdict import Verdict, verdict
from keepclear.core.trust.opening import opening_of
from keepclear.formats.line.exportfile import export_of
from party import Party, exchange


def judged(exporter: Party, other: Party) -> Verdict:
    raw = sealed_bytes(export_from(exporter, other), exporter)
    return verdict(export_of(raw), roots=roots_of(exporter, other))


def notes(found: Verdict, index: int) -> list[str]:
    """What is said of one entry of ``a``."""
    where = f"keepclear/a/tanf/1 entry {index}"
    return [each.words for each in found.findings if each.severity is Severity.NOTE and each.where == where]


def query(party: Party, *, now: int) -> bytes:
    """A query with a contact, of which the opening of the contact is answered by its commitment."""
    party.say(Draft(kind=Kind.QUERY, contents={"text": text("Where?"), "contact": {"name": "L."}}), now=now)
    return party.line.state.receptions[hash_of(party, party.line.state.own.size - 1)].parts["contact"]


def withheld_line() -> tuple[Party, Party]:
    """A line on which ``a`` lost the contact in its entry 1 before ``b`` had it, and said so in its entry 2."""
    one, two = opened()
    contact = query(one, now=NOW + 1_000)
    del one.kept.openings[contact]
    exchange(one, two, now=NOW + 2_000)
    one.withhold(now=NOW + 3_000)
    exchange(one, two, now=NOW + 4_000)
    return one, two


@pytest.mark.parametrize("by_speaker", [True, False])
def test_what_was_withheld_is_said_with_the_entry_that_does_and_breaks_nothing(*, by_speaker: bool) -> None:
    one, two = withheld_line()
    found = judged(one, two) if by_speaker else judged(two, one)
    assert found.holds
    assert [each for each in found.findings if each.severity in (Severity.CONVICTED, Severity.DOUBT)] == []
    assert notes(found, 1) == [
        "part contact was withheld by a in its entry 2: a cosignature over that entry is no receipt of it"
    ]


def test_a_cosignature_over_the_entry_that_withholds_is_told_to_be_no_receipt() -> None:
    one, two = withheld_line()
    [state] = judged(one, two).messages
    assert (state.cosigned, state.unreceived) == (True, ("contact",))
    assert "cosigned by the node of b, WHICH IS NO RECEIPT of what was withheld of it: contact" in state.words


def test_what_was_cosigned_before_it_was_withheld_was_received() -> None:
    one, two = opened()
    contact = query(one, now=NOW + 1_000)
    exchange(one, two, now=NOW + 2_000)
    one.say(withhold(contact, about=hash_of(one, 1)), now=NOW + 3_000, by=None)
    exchange(one, two, now=NOW + 4_000)
    [state] = judged(one, two).messages
    assert (state.cosigned, state.unreceived) == (True, ())
    assert "NO RECEIPT" not in state.words


def test_a_part_that_is_shown_is_said_to_be_withheld_too() -> None:
    one, two = opened()
    contact = query(one, now=NOW + 1_000)
    one.kept.withdrawn.add(contact)
    one.withhold(now=NOW + 1_500, end=2)
    exchange(one, two, now=NOW + 4_000)
    assert "contact" in {opening_of(each).part for each in one.kept.openings.values()}
    assert len(notes(judged(one, two), 1)) == 1


def test_the_other_party_and_an_earlier_entry_withhold_nothing_of_a_message() -> None:
    one, two = opened()
    one.kept.reach = 1
    salts = one.salts
    later = query(one, now=NOW + 1_000)
    assert one.salts > salts
    two.say(withhold(later), now=NOW + 1_500, by=None)
    exchange(one, two, now=NOW + 2_000)
    found = judged(one, two)
    assert notes(found, 1) == []
    [state] = found.messages
    assert state.unreceived == ()


def test_a_part_that_is_committed_to_again_after_it_was_withheld_is_not_withheld_there() -> None:
    one, two = opened()
    salts = one.salts
    contact = query(one, now=NOW + 1_000)
    one.say(withhold(contact, about=hash_of(one, 1)), now=NOW + 2_000, by=None)
    one.salts = salts
    assert query(one, now=NOW + 3_000) == contact
    exchange(one, two, now=NOW + 4_000)
    found = judged(one, two)
    assert len(notes(found, 1)) == 1
    assert notes(found, 3) == []
