"""Verdicts: an honest export holds, and every lie that one or both parties' keys can write does not pass unsaid."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from exports import (
    NOW,
    altered_leaf,
    answer,
    export_from,
    hash_of,
    logs_of,
    opened,
    opening_leaf,
    resealed,
    roots_of,
    sealed_bytes,
    small_line,
    text,
)
from keepclear.core.errors import KeepclearError, Refused
from keepclear.core.instant import Instant
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import Spoken
from keepclear.core.line.keys import Anchor, Quorum, cosigner_name
from keepclear.core.line.message import (
    Acknowledgement,
    Flag,
    How,
    Kind,
    LineName,
    PartyWord,
    Precedence,
    Reference,
    Response,
    Step,
    Voice,
)
from keepclear.core.line.plot.place import places_content
from keepclear.core.line.verdict.export import Export, ExportedLog, SealedPart
from keepclear.core.line.verdict.finding import Severity
from keepclear.core.line.verdict.verdict import Verdict, verdict
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.cosignature import Algorithm, Cosigner, CosignerKey, cosigned
from keepclear.core.record.merkle import Frontier, Head, leaf_hash
from keepclear.core.trust.note import Note, Signer, VerifierKey, note_of, signed_note
from keepclear.core.trust.opening import Opening
from keepclear.formats.line.exportfile import export_lines, export_of
from party import Party, exchange, public, seeded_key
from places import BOX, TANF


def judged(export: Export, exporter: Party, *parties: Party, **options: object) -> Verdict:
    """The verdict on an export as its file says it."""
    return verdict(export_of(sealed_bytes(export, exporter)), roots=roots_of(*parties), **options)


def words(found: Verdict, severity: Severity = Severity.BROKEN) -> str:
    """All findings of one kind, as text."""
    return "\n".join(f"{each.where}: {each.words}" for each in found.findings if each.severity is severity)


def changed(export: Export, number: int, **changes: object) -> Export:
    """An export of which one log is changed."""
    logs = list(export.logs)
    logs[number] = replace(logs[number], **changes)
    return replace(export, logs=tuple(logs))


def noted(
    party: Party, leaves: tuple[bytes, ...], *, size: int | None = None, root: bytes | None = None
) -> str:
    """A checkpoint over leaves, signed by a party's log key; size and root may lie."""
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.append(leaf_hash(leaf))
    head = frontier.head()
    lied = Head(size=head.size if size is None else size, root=head.root if root is None else root)
    name = VerifierKey(name=party.origin, public_key=public(party.log_key))
    signer = Signer(key=name, sign=party.log_key.sign)
    return signed_note(Checkpoint(origin=party.origin, head=lied).text(), signer).written()


def cosigned_by(note: str, party: Party, *, at: int = NOW + 50_000) -> str:
    """A note with a party's cosignature."""
    return cosigned(note_of(note), party.cosigner, Instant(at)).written()


# ---------------------------------------------------------------------------- what holds


@pytest.mark.parametrize("exporter", ["a", "b"])
def test_the_export_of_either_party_holds(exporter: str) -> None:
    one, two = small_line()
    by, other = (one, two) if exporter == "a" else (two, one)
    found = judged(export_from(by, other), by, one, two)
    assert found.holds
    assert found.seal is not None
    assert (found.seal.by, found.seal.at) == (exporter, NOW + 60_000)
    assert [each for each in found.findings if each.severity is not Severity.NOTE] == []


def test_the_figures_are_those_of_the_logs() -> None:
    one, two = small_line()
    found = judged(export_from(one, two), one, one, two)
    assert [(each.origin, each.head.size) for each in found.logs] == [
        ("keepclear/a/tanf/1", 2),
        ("keepclear/b/tanf/1", 2),
    ]
    assert [(each.cosigned_below, each.cited_below, each.witnessed) for each in found.logs] == [
        (2, 1, None),
        (2, 2, None),
    ]
    assert found.parts is not None
    assert (found.parts.committed, found.parts.opened, found.parts.withheld) == (3, 3, 0)


def test_a_plot_as_sent_is_said_with_who_plotted_it() -> None:
    one, two = small_line()
    (state,) = judged(export_from(one, two), one, one, two).messages
    assert state.cosigned
    assert not state.unacknowledged
    assert "plotted by duty, duty officer at 2018-09-06T00:00:30.000Z, plotted as sent" in state.words


def test_a_message_that_no_person_acknowledged_comes_first() -> None:
    one, two = small_line()
    one.say(Draft(kind=Kind.STOP, precedence=Precedence.FLASH), now=NOW + 50_000)
    found = judged(export_from(one, two, openings=()), one, one, two)
    assert found.holds
    assert found.unacknowledged == 1
    assert found.findings[0].severity is Severity.UNACKNOWLEDGED
    assert found.findings[0].where == "keepclear/a/tanf/1 entry 2"
    assert "NOT ACKNOWLEDGED by any person of b" in found.findings[0].words
    assert "NOT SHOWN TO HAVE REACHED b" in found.findings[0].words
    assert "3 of 3 parts are withheld" in words(found, Severity.NOTE)


def test_a_cosignature_alone_is_no_acknowledgement() -> None:
    one, two = opened()
    one.say(Draft(kind=Kind.STOP, precedence=Precedence.FLASH), now=NOW + 10_000)
    exchange(one, two, now=NOW + 20_000)
    found = judged(export_from(one, two), one, one, two)
    assert found.unacknowledged == 1
    assert "cosigned by the node of b; NOT ACKNOWLEDGED" in found.findings[0].words


def test_a_citation_is_a_receipt_where_the_cosignature_was_kept_back() -> None:
    one, two = opened()
    one.say(Draft(kind=Kind.STOP, precedence=Precedence.FLASH), now=NOW + 10_000)
    exchange(one, two, now=NOW + 20_000)
    two.say(Draft(kind=Kind.COMMS_CHECK), now=NOW + 30_000, by=None)
    exchange(one, two, now=NOW + 40_000)
    found = judged(changed(export_from(one, two), 0, cosigned=()), one, one, two)
    assert "cited by b, not cosigned" in found.findings[0].words
    assert (found.logs[0].cosigned_below, found.logs[0].cited_below) == (0, 2)


def test_each_step_of_a_person_is_said_by_itself() -> None:
    one, two = opened()
    one.say(Draft(kind=Kind.QUERY, contents={"text": text("Where?")}), now=NOW + 10_000)
    exchange(one, two, now=NOW + 20_000)
    for step in (
        Acknowledgement(step=Step.PASSED, echelon="brigade"),
        Acknowledgement(step=Step.RESPONDED, response=Response.ADVISE_AGAINST),
    ):
        reference = Reference(hash=hash_of(one, 1), how=How.ACKNOWLEDGES)
        draft = Draft(kind=Kind.ACKNOWLEDGE, references=(reference,), acknowledges=step)
        two.say(draft, now=NOW + 30_000)
    exchange(one, two, now=NOW + 40_000)
    (state,) = judged(export_from(one, two), one, one, two).messages
    assert "passed by duty, duty officer at 2018-09-06T00:00:30.000Z (to brigade)" in state.words
    assert "responded by duty, duty officer at 2018-09-06T00:00:30.000Z (advise-against)" in state.words


def test_a_message_that_an_answer_is_only_about_is_not_acknowledged_by_it() -> None:
    one, two = opened()
    for at in (NOW + 10_000, NOW + 11_000):
        one.say(Draft(kind=Kind.QUERY, contents={"text": text("Where?")}), now=at)
    exchange(one, two, now=NOW + 20_000)
    references = (
        Reference(hash=hash_of(one, 1), how=How.ABOUT),
        Reference(hash=hash_of(one, 2), how=How.ANSWERS),
    )
    two.say(
        Draft(kind=Kind.ANSWER, contents={"text": text("Here.")}, references=references), now=NOW + 30_000
    )
    exchange(one, two, now=NOW + 40_000)
    found = judged(export_from(one, two), one, one, two)
    waiting = [each.where for each in found.messages if each.unacknowledged]
    assert waiting == ["keepclear/a/tanf/1 entry 1", "keepclear/b/tanf/1 entry 1"]


def test_nobody_acknowledges_their_own_message() -> None:
    one, two = opened()
    one.say(Draft(kind=Kind.QUERY, contents={"text": text("Where?")}), now=NOW + 10_000)
    answer(one, hash_of(one, 1), now=NOW + 20_000)
    exchange(one, two, now=NOW + 30_000)
    assert judged(export_from(one, two), one, one, two).unacknowledged == 1


def test_what_both_sides_typed_in_of_one_voice_message_acknowledges_it() -> None:
    one, two = opened()
    for party, at in ((one, NOW + 10_000), (two, NOW + 11_000)):
        draft = Draft(
            kind=Kind.VOICE,
            contents={"text": text("Stay out.")},
            voice=Voice(kind=Kind.ADVISE, readback=bytes(32)),
        )
        party.say(draft, now=at)
    exchange(one, two, now=NOW + 20_000)
    found = judged(export_from(one, two), one, one, two)
    assert found.unacknowledged == 0
    other = Voice(kind=Kind.ADVISE, readback=bytes(range(32)))
    one.say(Draft(kind=Kind.VOICE, contents={"text": text("Out.")}, voice=other), now=NOW + 30_000)
    assert judged(export_from(one, two), one, one, two).unacknowledged == 1


def test_a_plot_that_differs_is_said_by_how_much() -> None:
    one, two = opened()
    content = {"text": text("Here."), "places": places_content((TANF,))}
    one.say(Draft(kind=Kind.NOTIFY, contents=content, flag=Flag.EXERCISE), now=NOW + 10_000)
    exchange(one, two, now=NOW + 20_000)
    answer(two, hash_of(one, 1), step=Step.PLOTTED, now=NOW + 30_000, echo=BOX)
    exchange(one, two, now=NOW + 40_000)
    found = judged(export_from(one, two), one, one, two)
    assert found.holds
    assert "was plotted otherwise by duty, duty officer" in words(found, Severity.DOUBT)
    assert "plotted otherwise" in found.messages[0].words
    assert "(exercise, routine)" in found.messages[0].words


def test_a_line_on_which_one_party_spoke_alone_holds() -> None:
    one, two = Party("a", "b"), Party("b", "a")
    one.open(now=NOW)
    one.say(Draft(kind=Kind.STOP, precedence=Precedence.FLASH), now=NOW + 10_000)
    found = judged(export_from(one, two), one, one, two)
    assert found.holds
    assert found.unacknowledged == 1


# ---------------------------------------------------------------------------- who is trusted


def test_an_export_is_not_judged_without_the_roots_of_both_parties() -> None:
    one, two = small_line()
    with pytest.raises(Refused) as refused:
        judged(export_from(one, two), one, one)
    assert refused.value.code == "verdict.trust"
    assert "root is not among the trusted keys; those are of a" in refused.value.message


def test_a_log_under_another_root_does_not_hold() -> None:
    one, two = small_line()
    roots = roots_of(one, two)
    roots[PartyWord("b")] = roots_of(Party("c", "a"))[PartyWord("c")]
    found = verdict(export_of(sealed_bytes(export_from(one, two), one)), roots=roots)
    assert not found.holds
    assert "keepclear/b/tanf/1 entry 0: does not hold" in words(found)


def test_a_first_entry_that_states_no_keys_does_not_hold() -> None:
    one, two = small_line()
    export = export_from(one, two)
    leaves = tuple(export.logs[1].leaves)
    found = judged(changed(export, 1, leaves=(leaves[1], leaves[0])), one, one, two)
    assert "states no keys of its log" in words(found)


def test_the_seal_of_a_stranger_does_not_hold() -> None:
    one, two = small_line()
    found = judged(export_from(one, two), Party("c", "a"), one, two)
    assert words(found) == "seal: names the key of no node of either party"
    assert found.seal is None


def test_the_seal_of_one_party_in_the_name_of_the_other_does_not_hold() -> None:
    one, two = small_line()
    raw = resealed(b"".join(export_lines(export_from(one, two))), one, by="b")
    found = verdict(export_of(raw), roots=roots_of(one, two))
    assert words(found) == "seal: says that it is of b, and is of the node of a"


def test_a_seal_whose_signature_is_broken_does_not_hold() -> None:
    one, two = small_line()
    sealed = export_of(sealed_bytes(export_from(one, two), one))
    wrong = replace(sealed, envelope=replace(sealed.envelope, signature=bytes(63) + b"\x01"))
    found = verdict(wrong, roots=roots_of(one, two))
    assert "seal: does not hold" in words(found)


# ---------------------------------------------------------------------------- what was changed or left out


def test_every_byte_that_a_stranger_changes_and_seals_anew_is_told() -> None:
    one, two = small_line()
    stranger = Party("c", "a")
    lines = b"".join(export_lines(export_from(one, two))).splitlines(keepends=True)
    for number, line in enumerate(lines):
        for at in range(0, len(line) - 1, 5):
            assert not stands(lines, number, at, stranger, one, two), (number, at)


def test_no_byte_of_the_others_words_can_be_changed_by_the_exporter() -> None:
    one, two = small_line()
    lines = b"".join(export_lines(export_from(one, two))).splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if b'{"origin":"keepclear/b/' in line)
    spoken = [
        number
        for number in range(start + 1, len(lines))
        if lines[number].startswith((b'{"leaf"', b'{"checkpoint"', b'{"opening"'))
    ]
    assert len(spoken) == 6
    for number in spoken:
        for at in range(number % 11, len(lines[number]) - 1, 11):
            assert not stands(lines, number, at, one, one, two), (number, at, lines[number])


def stands(lines: list[bytes], number: int, at: int, sealer: Party, *parties: Party) -> bool:
    """Whether an export holds of which one bit, that hangs on the place alone, was turned before it was sealed."""
    bit = sha256(b"%d %d" % (number, at)).digest()[0] % 8
    line = bytearray(lines[number])
    line[at] ^= 1 << bit
    raw = resealed(b"".join([*lines[:number], bytes(line), *lines[number + 1 :]]), sealer)
    try:
        return verdict(export_of(raw), roots=roots_of(*parties)).holds
    except KeepclearError:
        return False


def test_an_entry_that_is_left_out_is_missed_where_the_exporter_had_cited_it() -> None:
    one, two = small_line()
    export = export_from(one, two)
    leaves = tuple(export.logs[1].leaves)[:1]
    short = changed(export, 1, leaves=leaves, size=1, checkpoint=noted(two, leaves), cosigned=())
    found = judged(short, one, one, two)
    assert "keepclear/a/tanf/1 entry 1: cites a head of b by its signature" in words(found)
    assert "the export has 1 of its 2 entries: the others are left out" in words(found)


def test_an_entry_that_is_left_out_is_missed_where_it_was_cosigned() -> None:
    one, two = opened()
    one.say(Draft(kind=Kind.STOP, precedence=Precedence.FLASH), now=NOW + 10_000)
    exchange(one, two, now=NOW + 20_000)
    export = export_from(one, two)
    leaves = tuple(export.logs[0].leaves)[:1]
    short = changed(export, 0, leaves=leaves, size=1, checkpoint=noted(one, leaves))
    assert "keepclear/a/tanf/1 cosigned note" in words(judged(short, one, one, two))


def test_entries_in_another_order_do_not_hold() -> None:
    one, two = small_line()
    two.say(Draft(kind=Kind.COMMS_CHECK), now=NOW + 50_000, by=None)
    exchange(one, two, now=NOW + 55_000)
    export = export_from(one, two)
    first, second, third = export.logs[1].leaves
    found = judged(changed(export, 1, leaves=(first, third, second)), one, one, two)
    assert "keepclear/b/tanf/1: does not hold: entry 1" in words(found)


def test_a_checkpoint_over_other_entries_does_not_hold() -> None:
    one, two = small_line()
    export = export_from(one, two)
    leaves = tuple(export.logs[1].leaves)
    for lie in (noted(two, leaves, root=bytes(32)), noted(two, leaves[:1])):
        found = judged(changed(export, 1, checkpoint=lie), one, one, two)
        assert "keepclear/b/tanf/1: does not hold: checkpoint of keepclear/b/tanf/1 is over" in words(found)


def test_a_checkpoint_of_the_other_log_does_not_hold() -> None:
    one, two = small_line()
    export = export_from(one, two)
    found = judged(changed(export, 1, checkpoint=export.logs[0].checkpoint), one, one, two)
    assert "keepclear/b/tanf/1: does not hold" in words(found)


def test_a_second_history_is_told_by_what_the_other_had_cited() -> None:
    one, two = small_line()
    second = Party("b", "a")
    second.box = two.box
    second.open(now=NOW)
    exchange(Party("a", "b"), second, now=NOW)
    second.say(Draft(kind=Kind.QUERY, contents={"text": text("Nothing was announced.")}), now=NOW + 10_000)
    told = replace(
        export_from(two, one, openings=()),
        logs=(logs_of(two, one, two)[0], replace(logs_of(second, one, second)[-1], cosigned=())),
    )
    found = judged(told, two, one, two)
    assert not found.holds
    assert "two histories" in words(found)


# ---------------------------------------------------------------------------- receipts


def test_a_cosignature_that_does_not_hold_is_told() -> None:
    one, two = small_line()
    export = export_from(one, two)
    note = note_of(cosigned_by(export.logs[0].checkpoint, two))
    line = note.signatures[-1]
    bent = replace(line, signature=line.signature[:-1] + bytes((line.signature[-1] ^ 1,)))
    lie = Note(text=note.text, signatures=(*note.signatures[:-1], bent)).written()
    assert "cosigned note 1: does not hold" in words(
        judged(changed(export, 0, cosigned=(lie,)), one, one, two)
    )


def test_a_line_that_does_not_hold_takes_nothing_from_one_that_does() -> None:
    one, two = small_line()
    export, first = export_from(one, two), two.cosigner
    leaf = opening_leaf(two, Anchor(epoch=1, head=two.line.state.own.head()))
    reopened_ = ExportedLog(
        party=PartyWord("b"),
        line=LineName("tanf"),
        epoch=2,
        size=1,
        leaves=(leaf,),
        checkpoint=noted(two, (leaf,)),
    )
    true = cosigned(note_of(export.logs[0].checkpoint), two.cosigner, Instant(NOW + 50_000))
    bogus = cosigned(true, replace(first, sign=two.cosigner.sign), Instant(NOW + 40_000)).written()
    logs = (replace(export.logs[0], cosigned=(bogus,)), export.logs[1], reopened_)
    found = judged(replace(export, logs=logs), one, one, two)
    assert found.holds, words(found)
    assert found.logs[0].cosigned_below == 2


def test_a_note_that_the_other_did_not_cosign_is_no_receipt() -> None:
    one, two = small_line()
    export = export_from(one, two)
    lie = cosigned_by(export.logs[0].checkpoint, one)
    found = judged(changed(export, 0, cosigned=(lie,)), one, one, two)
    assert "no cosignature that holds of the party to which" in words(found)


def test_a_cosigned_head_of_another_history_is_told() -> None:
    one, two = small_line()
    export = export_from(one, two)
    lie = cosigned_by(noted(one, tuple(export.logs[0].leaves), root=bytes(32)), two)
    found = judged(changed(export, 0, cosigned=(lie,)), one, one, two)
    assert "is of a head that a signed, and it has root 0000" in words(found)


def test_a_cosignature_of_no_entries_is_no_receipt_and_no_lie() -> None:
    one, two = small_line()
    export = export_from(one, two)
    nothing = cosigned_by(noted(one, ()), two)
    found = judged(changed(export, 0, cosigned=(nothing,)), one, one, two)
    assert found.holds
    assert found.logs[0].cosigned_below == 0


# ---------------------------------------------------------------------------- times


def test_an_entry_later_than_its_own_receipt_is_a_doubt_with_its_size() -> None:
    one, two = small_line()
    export = export_from(one, two)
    early = cosigned_by(export.logs[0].checkpoint, two, at=NOW + 20_000)
    found = judged(changed(export, 0, cosigned=(early,)), one, one, two)
    assert found.holds
    said = words(found, Severity.DOUBT)
    assert "keepclear/a/tanf/1 entry 1: says 2018-09-06T00:00:30.000Z, 9.001 s after b says" in said


def test_a_receipt_in_the_second_of_the_entry_is_no_contradiction() -> None:
    one, two = small_line()
    export = export_from(one, two)
    same = cosigned_by(export.logs[0].checkpoint, two, at=NOW + 30_999)
    assert words(judged(changed(export, 0, cosigned=(same,)), one, one, two), Severity.DOUBT) == ""


def test_an_entry_earlier_than_what_it_cites_is_a_doubt_with_its_size() -> None:
    one, two = opened()
    two.say(Draft(kind=Kind.COMMS_CHECK), now=NOW + 3_600_000, by=None)
    bundle = two.bundle(now=NOW + 3_600_000)
    assert bundle is not None
    one.take(bundle, now=NOW + 5_000)
    one.say(Draft(kind=Kind.COMMS_CHECK), now=NOW + 10_000, by=None)
    found = judged(export_from(one, two), one, one, two)
    assert found.holds
    said = words(found, Severity.DOUBT)
    assert (
        "keepclear/a/tanf/1 entry 1: says 2018-09-06T00:00:10.000Z, 3590.000 s before the entry of b" in said
    )


# ---------------------------------------------------------------------------- epochs


def reopened() -> tuple[Party, Party]:
    """Two parties of whom the first opened a second epoch."""
    one, two = small_line()
    own = one.line.state.own
    leaf = opening_leaf(one, Anchor(epoch=1, head=own.head()))
    one.do(Spoken(line=LineName("tanf"), leaf=leaf), now=NOW + 50_000)
    exchange(one, two, now=NOW + 55_000)
    return one, two


def test_an_epoch_that_follows_the_one_before_holds() -> None:
    one, two = reopened()
    found = judged(export_from(one, two), one, one, two)
    assert found.holds, words(found)
    assert [each.origin for each in found.logs] == [
        "keepclear/a/tanf/1",
        "keepclear/a/tanf/2",
        "keepclear/b/tanf/1",
    ]


def test_an_epoch_that_is_left_out_is_missed() -> None:
    one, two = reopened()
    two.say(Draft(kind=Kind.COMMS_CHECK), now=NOW + 60_000, by=None)
    export = export_from(one, two)
    logs = tuple(each for each in export.logs if each.origin != "keepclear/a/tanf/1")
    found = judged(replace(export, logs=logs, openings=()), one, one, two)
    assert not found.holds


def alone(*anchors: Anchor | None, opens_with: Anchor | None = None) -> tuple[Export, Party]:
    """A party's own logs of so many more epochs, each with the anchor that is given, of which nobody heard."""
    one = Party("a", "b")
    statement = one.statement(opens=one.log_keys(opens_with), adds=("duty",), at=NOW)
    one.say(Draft(kind=Kind.OPEN, statement=statement), now=NOW, by=None)
    logs = list(logs_of(one, one))
    for anchor in anchors:
        leaf = opening_leaf(one, anchor)
        logs.append(
            ExportedLog(
                party=PartyWord("a"),
                line=LineName("tanf"),
                epoch=one.epoch,
                size=1,
                leaves=(leaf,),
                checkpoint=noted(one, (leaf,)),
            )
        )
    parties = (PartyWord("a"), PartyWord("b"))
    return Export(line=LineName("tanf"), parties=parties, logs=tuple(logs)), one


FIRST_HEAD = Head(size=1, root=leaf_hash(next(iter(alone()[0].logs[0].leaves))))


@pytest.mark.parametrize(
    ("anchor", "said"),
    [
        (None, "does not say by which entries of epoch 1 a stands"),
        (Anchor(epoch=2, head=FIRST_HEAD), "does not say by which entries of epoch 1 a stands"),
        (Anchor(epoch=1, head=Head(size=2, root=bytes(32))), "the export has 1 of its 2 entries"),
        (Anchor(epoch=1, head=Head(size=1, root=bytes(32))), "two histories"),
    ],
)
def test_an_epoch_that_does_not_stand_by_the_one_before_is_a_doubt(anchor: Anchor | None, said: str) -> None:
    export, one = alone(anchor)
    found = judged(export, one, one, Party("b", "a"))
    assert found.holds
    assert "keepclear/a/tanf/2: " in words(found, Severity.DOUBT)
    assert said in words(found, Severity.DOUBT)


def test_a_party_that_stands_by_less_than_it_signed_is_a_doubt() -> None:
    export, one = alone(Anchor(epoch=1, head=Frontier().head()))
    found = judged(export, one, one, Party("b", "a"))
    assert found.holds
    assert "a opened it standing by 0 of 1 entries of epoch 1" in words(found, Severity.DOUBT)


def test_a_second_epoch_without_the_first_is_a_doubt() -> None:
    export, one = alone(Anchor(epoch=1, head=FIRST_HEAD))
    found = judged(replace(export, logs=export.logs[1:]), one, one, Party("b", "a"))
    assert "is epoch 2 of a, and epoch 1 is not in the export" in words(found, Severity.DOUBT)
    assert found.holds


def test_a_first_epoch_that_names_one_before_it_is_a_doubt() -> None:
    export, one = alone(opens_with=Anchor(epoch=1, head=FIRST_HEAD))
    found = judged(export, one, one, Party("b", "a"))
    assert "is the first epoch of a and names one before it" in words(found, Severity.DOUBT)
    assert found.holds


# ---------------------------------------------------------------------------- witnesses


def witness(name: str) -> Cosigner:
    """A witness with a key of its own."""
    key = seeded_key(name)
    return Cosigner(
        key=CosignerKey(name=name, algorithm=Algorithm.ED25519, public_key=public(key)), sign=key.sign
    )


W1, W2, W3 = witness("w1"), witness("w2"), witness("w3")


def seen_by(
    *cosigners: Cosigner, named: tuple[Cosigner, ...], quorum: Quorum = Quorum.ALL
) -> tuple[Export, Party]:
    """A log that names some witnesses, with the cosignatures of some."""
    one = Party("a", "b", witnesses=[each.key for each in named], quorum=quorum)
    one.open(now=NOW)
    export = export_from(one, Party("b", "a"))
    note = note_of(export.logs[0].checkpoint)
    for each in cosigners:
        note = cosigned(note, each, Instant(NOW + 1_000))
    return changed(export, 0, checkpoint=note.written()), one


@pytest.mark.parametrize(
    ("cosigners", "named", "trusted", "quorum", "enough"),
    [
        ((W1, W2), (W1, W2), (W1, W2), Quorum.ALL, True),
        ((W1,), (W1, W2), (W1, W2), Quorum.ALL, False),
        ((W1, W2), (W1, W2), (W1,), Quorum.ALL, False),
        ((W1, W2), (W1, W2, W3), (W1, W2, W3), Quorum.MAJORITY, True),
        ((W1, W2), (W1, W2, W3), (W1,), Quorum.MAJORITY, False),
        ((), (W1,), (W1,), Quorum.MAJORITY, False),
        ((), (), (W1,), Quorum.ALL, None),
        ((W1,), (), (W1,), Quorum.ALL, None),
    ],
)
def test_a_head_is_witnessed_by_those_that_are_named_and_trusted(
    cosigners: tuple[Cosigner, ...],
    named: tuple[Cosigner, ...],
    trusted: tuple[Cosigner, ...],
    quorum: Quorum,
    enough: bool | None,  # noqa: FBT001 - a row of the table
) -> None:
    export, one = seen_by(*cosigners, named=named, quorum=quorum)
    found = judged(export, one, one, Party("b", "a"), witnesses=[each.key for each in trusted])
    assert found.holds
    assert found.logs[0].witnessed is enough
    said = words(found, Severity.NOTE)
    assert said.count("was cosigned by") == len(cosigners)
    assert ("not trusted here" in said) == (not set(named) <= set(trusted))
    assert ("not yet witnessed" in said) == (enough is False)


def test_a_witness_whose_line_does_not_hold_is_a_doubt_and_counts_for_nothing() -> None:
    export, one = seen_by(replace(W1, sign=W2.sign), named=(W1,))
    found = judged(export, one, one, Party("b", "a"), witnesses=[W1.key])
    assert "its checkpoint has a line of w1 that does not hold" in words(found, Severity.DOUBT)
    assert found.holds


def test_a_line_of_a_key_that_nobody_knows_is_a_doubt() -> None:
    export, one = seen_by(W1, named=())
    found = judged(export, one, one, Party("b", "a"))
    assert found.holds
    assert "its checkpoint has a line of w1, whose key is not known" in words(found, Severity.DOUBT)


# ---------------------------------------------------------------------------- parts


def test_an_opening_that_nobody_committed_to_does_not_hold() -> None:
    one, two = small_line()
    stray = Opening(part="text", salt=bytes(32), content={}).written()
    export = export_from(one, two, openings=[*one.kept.openings.values(), stray])
    assert "to which no entry here committed" in words(judged(export, one, one, two))


def test_an_opening_that_is_given_twice_changes_nothing() -> None:
    one, two = small_line()
    found = judged(export_from(one, two, openings=[*one.kept.openings.values()] * 2), one, one, two)
    assert found == replace(judged(export_from(one, two), one, one, two), seal=found.seal)


def test_a_part_that_its_author_committed_to_under_another_name_is_a_doubt_and_breaks_nothing() -> None:
    opening = Opening(part="contact", salt=bytes(32), content={}).written()
    found = committed_to(opening)
    assert found.holds
    assert "is of part 'contact', and was committed to as text" in words(found, Severity.DOUBT)


def test_a_part_that_its_author_made_unreadable_is_a_doubt_and_breaks_nothing() -> None:
    found = committed_to(b"{}")
    assert found.holds
    assert "was committed to and cannot be read" in words(found, Severity.DOUBT)


def committed_to(opening: bytes) -> Verdict:
    """The verdict on a line where a party committed to just these bytes as a text."""
    one, two = opened()
    draft = Draft(kind=Kind.QUERY, contents={"text": text("x")})
    leaf = altered_leaf(one, draft, now=NOW + 10_000, parts={"text": sha256(opening).hexdigest()})
    log = one.kept.log(one.origin)
    log.append([leaf])
    log.checkpoints[2] = noted(one, tuple(log.leaves))
    return judged(export_from(one, two, openings=[opening]), one, one, two)


def test_sealed_parts_are_of_messages_in_the_export() -> None:
    one, two = small_line()
    commitment = next(iter(one.kept.openings))
    part = SealedPart(commitment=commitment, sealed=b"age")
    export = export_from(one, two, openings=(), sealed=[part])
    found = judged(export, one, one, two)
    assert found.holds
    assert "1 of 3 parts are sealed to a reader" in words(found, Severity.NOTE)
    assert "2 of 3 parts are withheld" in words(found, Severity.NOTE)
    assert judged(replace(export, sealed=(part, part)), one, one, two).parts == found.parts
    stray = judged(replace(export, sealed=(replace(part, commitment=bytes(32)),)), one, one, two)
    assert words(stray) == "sealed part 1: is of no message in this export"


@pytest.mark.parametrize(("until", "expired"), [(NOW + 60_000, 1), (NOW + 60_001, 0)])
def test_parts_that_were_to_be_removed_by_then_are_expired_and_not_withheld(until: int, expired: int) -> None:
    one, two = opened()
    contents = {"text": text("Short-lived."), "validity": {"keep_until_ms": until}}
    one.say(Draft(kind=Kind.QUERY, contents=contents), now=NOW + 10_000)
    validity = [raw for raw in one.kept.openings.values() if b"keep_until_ms" in raw]
    found = judged(export_from(one, two, openings=validity), one, one, two)
    assert found.parts is not None
    assert (found.parts.opened, found.parts.expired, found.parts.withheld) == (1, expired, 1 - expired)


def test_the_name_of_a_cosigner_is_that_of_its_log() -> None:
    one, _ = opened()
    assert one.cosigner.key.name == cosigner_name(one.origin)
