"""Evidence of faults in an export: what is proved is said so, and an accusation that is not breaks nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exports import (
    NOW,
    altered_leaf,
    export_from,
    opened,
    opening_leaf,
    roots_of,
    sealed_bytes,
    small_line,
    text,
)
from keepclear.core.line.draft import Draft
from keepclear.core.line.fault import FORK, Fault
from keepclear.core.line.keys import Anchor
from keepclear.core.line.log import Rule
from keepclear.core.line.message import Kind, LineName, PartyWord
from keepclear.core.line.verdict.finding import Finding, Severity
from keepclear.core.line.verdict.verdict import Verdict, verdict
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.fork import Fork
from keepclear.core.record.merkle import Frontier, Head, leaf_hash
from keepclear.core.trust.note import Signer, VerifierKey, signed_note
from keepclear.formats.line.exportfile import export_of
from party import Party, public


def judged(fault: Fault, one: Party, two: Party) -> Verdict:
    """The verdict on the first party's export with one accusation."""
    export = export_from(one, two, faults=[fault])
    return verdict(export_of(sealed_bytes(export, one)), roots=roots_of(one, two))


def unproved(found: Verdict) -> list[Finding]:
    """What a verdict says of accusations that are not proved; then nobody is convicted."""
    assert all(each.severity is not Severity.CONVICTED for each in found.findings)
    return [each for each in found.findings if each.severity is Severity.DOUBT and "not proved" in each.words]


def head_of(leaves: list[bytes]) -> Head:
    """The head over leaves."""
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf_hash(leaf))
    return frontier.head()


def noted(party: Party, head: Head) -> str:
    """A checkpoint signed by a party's log key, whatever it says."""
    name = VerifierKey(name=party.origin, public_key=public(party.log_key))
    checkpoint = Checkpoint(origin=party.origin, head=head)
    return signed_note(checkpoint.text(), Signer(key=name, sign=party.log_key.sign)).written()


def accused(party: Party, rule: str, **evidence: object) -> Fault:
    """A fault of a party in the epoch that it is in."""
    return Fault(
        rule=rule,
        party=PartyWord(party.name),
        line=LineName("tanf"),
        epoch=party.epoch,
        words="as the exporter puts it",
        **evidence,
    )


def back_dated(party: Party, *, by_ms: int) -> Fault:
    """An entry of a party that says to be so much earlier than its last, under its checkpoint."""
    kept = party.kept.log(party.origin).leaves
    draft = Draft(kind=Kind.QUERY, contents={"text": text("x")})
    leaf = altered_leaf(party, draft, now=NOW + 20_000, at_ms=NOW + 10_000 - by_ms)
    checkpoint = noted(party, head_of([*kept, leaf]))
    return accused(party, Rule.BACK_DATED, checkpoint=checkpoint, start=len(kept), leaves=(leaf,))


def test_two_signed_histories_are_proved_against_who_signed_them() -> None:
    one, two = small_line()
    true = two.kept.log(two.origin).checkpoints[2]
    lie = noted(two, Head(size=2, root=bytes(32)))
    fork = Fork(smaller=true, larger=lie, root=bytes(32))
    found = judged(accused(two, FORK, fork=fork), one, two)
    assert found.holds
    assert found.findings[0].severity is Severity.CONVICTED
    assert found.findings[0].words == "PROVED: b broke the rule 'fork', by its own signatures"


def test_one_history_under_two_checkpoints_proves_nothing() -> None:
    one, two = small_line()
    note = two.kept.log(two.origin).checkpoints[2]
    fork = Fork(smaller=note, larger=note, root=head_of(two.kept.log(two.origin).leaves).root)
    found = judged(accused(two, FORK, fork=fork), one, two)
    assert found.holds
    [doubted] = unproved(found)
    assert doubted.where == "fork of b, epoch 1"
    assert doubted.words.startswith("is said by a, who exported it, and not proved: ")


def test_a_back_dated_entry_is_proved() -> None:
    one, two = small_line()
    found = judged(back_dated(two, by_ms=5_000), one, two)
    assert found.holds, found.findings
    assert found.findings[0].severity is Severity.CONVICTED


def test_a_sound_entry_convicts_nobody() -> None:
    one, two = small_line()
    found = judged(back_dated(two, by_ms=-90_000), one, two)
    assert "found none" in unproved(found)[0].words
    assert found.holds


def test_evidence_that_continues_no_entry_in_the_export_is_not_judged() -> None:
    one, two = small_line()
    fault = back_dated(two, by_ms=5_000)
    found = judged(replace(fault, start=7), one, two)
    assert "has no entries of b to which it is added" in unproved(found)[0].words


@pytest.mark.parametrize("change", [{"party": PartyWord("c")}, {"line": LineName("other")}])
def test_evidence_against_a_party_or_line_that_is_not_exported_is_not_judged(change: dict[str, str]) -> None:
    one, two = small_line()
    found = judged(replace(back_dated(two, by_ms=5_000), **change), one, two)
    assert "not of this line" in unproved(found)[0].words
    assert found.holds


def test_the_first_entry_of_an_epoch_convicts_by_the_keys_that_it_states() -> None:
    one, two = opened()
    leaf = opening_leaf(two, Anchor(epoch=1, head=two.line.state.own.head()))
    draft = Draft(kind=Kind.QUERY, contents={"text": text("x")})
    stray = altered_leaf(two, draft, now=NOW + 60_000, epoch=2, to="c")
    checkpoint = noted(two, head_of([leaf, stray]))
    fault = accused(two, Rule.FOREIGN, checkpoint=checkpoint, leaves=(leaf, stray))
    two.epoch = 1
    found = judged(fault, one, two)
    assert found.holds, found.findings
    assert found.findings[0].where == "foreign of b, epoch 2"
    assert found.findings[0].severity is Severity.CONVICTED


def test_a_fork_of_an_epoch_of_which_there_is_no_entry_is_not_judged() -> None:
    one, two = opened()
    two.epoch = 2
    fork = Fork(
        smaller=noted(two, Head(size=1, root=bytes(32))), larger=noted(two, Frontier().head()), root=bytes(32)
    )
    fault = accused(two, FORK, fork=fork)
    two.epoch = 1
    found = judged(fault, one, two)
    assert "has no entries of b to which it is added" in unproved(found)[0].words
