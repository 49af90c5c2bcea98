"""What a party lost with a backup and gave up is missing in its export, is said, and breaks nothing; a gap does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exports import NOW, export_from, roots_of, sealed_bytes, small_line
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import Spoken
from keepclear.core.line.keys import Anchor
from keepclear.core.line.message import Kind, LineName
from keepclear.core.line.verdict.export import Export
from keepclear.core.line.verdict.finding import Severity
from keepclear.core.line.verdict.verdict import Verdict, verdict
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.merkle import Frontier, Head, leaf_hash
from keepclear.core.trust.note import Signer, VerifierKey, signed_note
from keepclear.formats.line.exportfile import export_of
from party import Party, public


def first_head(party: Party) -> Head:
    """The head of a party's log with its entry 0 alone."""
    return Frontier().append(leaf_hash(party.kept.log(party.origin).leaves[0])).head()


def reopened(party: Party, head: Head) -> None:
    """Let a party open its next epoch, standing by a head of the one before."""
    party.epoch, party.serial = party.epoch + 1, 0
    opens = party.log_keys(Anchor(epoch=party.epoch - 1, head=head))
    statement = party.statement(opens=opens, adds=tuple(party.officers), at=NOW + 50_000)
    leaf, _ = party.signed(Draft(kind=Kind.OPEN, statement=statement), now=NOW + 50_000, by=None)
    party.do(Spoken(line=LineName(party.line_name), leaf=leaf), now=NOW + 50_000)


def short_export(other: Party, loser: Party, *, stands_by: Head | None = None) -> Export:
    """The export of a line on which a party holds entry 0 alone of its first epoch, which the other cited further."""
    head, origin = first_head(loser), loser.origin
    key = VerifierKey(name=origin, public_key=public(loser.log_key))
    text = Checkpoint(origin=origin, head=head).text()
    note = signed_note(text, Signer(key=key, sign=loser.log_key.sign)).written()
    reopened(loser, stands_by or head)
    export = export_from(loser, other)
    logs = [
        replace(each, leaves=tuple(each.leaves)[:1], size=1, checkpoint=note, cosigned=())
        if each.origin == origin
        else each
        for each in export.logs
    ]
    return replace(export, logs=tuple(logs), openings=())


def judged(export: Export, exporter: Party, *parties: Party) -> Verdict:
    return verdict(export_of(sealed_bytes(export, exporter)), roots=roots_of(*parties))


def test_the_export_of_a_party_that_gave_up_what_it_lost_holds_and_says_what_is_missing() -> None:
    one, two = small_line()
    found = judged(short_export(one, two), two, one, two)
    assert [each.words for each in found.findings if each.severity is Severity.BROKEN] == []
    assert found.holds
    doubts = [each.words for each in found.findings if each.severity is Severity.DOUBT]
    assert any("the export has 1 of its 2 entries" in each and "gave them up" in each for each in doubts)


def test_what_one_party_gave_up_may_not_be_missing_in_the_export_of_the_other() -> None:
    one, two = small_line()
    found = judged(short_export(one, two), one, one, two)
    assert not found.holds


@pytest.mark.parametrize("size", [0, 2])
def test_a_party_that_stands_by_more_or_less_than_it_exports_has_left_entries_out(size: int) -> None:
    one, two = small_line()
    head = two.line.state.own.head() if size else Frontier().head()
    found = judged(short_export(one, two, stands_by=head), two, one, two)
    assert not found.holds
