"""Restoring: a node that holds less than it signed says nothing, and takes its words back only as it signed them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest

from conversation import (
    LINE,
    NOW,
    acknowledgement,
    advice,
    bundle_of,
    changes,
    head_over,
    headed,
    last_hash,
    of_type,
    opened_two,
    sent,
    stop,
)
from keepclear.core.errors import Refused
from keepclear.core.line.bundle import Bundle, Restore
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import Cosign, GrowLog, Reverted
from keepclear.core.line.line import Line
from keepclear.core.line.log import Mark
from keepclear.core.line.message import Kind
from keepclear.core.line.reception import Stage
from keepclear.core.line.state import START
from party import Party, exchange


def twin_of(party: Party) -> Party:
    """A party as a backup brings it back: what it opened with, and no word since."""
    back = Party(party.name, party.other, now=NOW, officers=tuple(party.officers))
    back.box = party.box
    return back


def restored_pair(*, marked: bool = True) -> tuple[Party, Party, Party]:
    """A party that said four things, as it was after the first two; the other, who has all; and the first as it was."""
    one, other = opened_two()
    back = twin_of(one)
    back.line, back.serial = Line(deepcopy(one.line.state)), one.serial
    back.kept = one.kept.copy()
    for number in range(3):
        one.say(advice(f"word {number}"), now=NOW + 1_000 + number)
    one.say(stop(), now=NOW + 2_000)
    exchange(one, other, now=NOW + 3_000)
    other.say(acknowledgement(last_hash(one)), now=NOW + 3_500)
    if marked:
        back.do(Reverted(line=LINE, signed=Mark(epoch=1, size=5)), now=NOW + 4_000)
    return back, other, one


def handed(other: Party, back: Party, *, now: int) -> Bundle:
    """The other's bundle, once it has heard that the party holds less."""
    sent(back, other, now=now)
    return bundle_of(other, now=now + 10)


def test_a_node_that_lost_entries_signs_nothing_and_says_why() -> None:
    back, other, _ = restored_pair()
    with pytest.raises(Refused) as refused:
        back.say(advice(), now=NOW + 5_000)
    assert refused.value.code == "line.reverted"
    assert refused.value.message == (
        "line tanf: this node signed 5 entries and holds 1; wait until b hands back the rest, or open a new epoch"
    )
    other.say(advice(), now=NOW + 5_000)
    effects = back.take(replace(bundle_of(other, now=NOW + 5_010), restore=None), now=NOW + 5_020)
    assert not of_type(effects, Cosign)


def test_entries_handed_back_under_our_own_signature_continue_our_log() -> None:
    back, other, one = restored_pair()
    effects = back.take(handed(other, back, now=NOW + 5_000), now=NOW + 5_020)
    assert [each.words for each in changes(effects, "restored")] == [
        "b handed back all 5 entries that this node had signed"
    ]
    assert back.line.state.reverted is None
    assert back.kept.log(back.origin).leaves == one.kept.log(one.origin).leaves
    back.say(advice("again"), now=NOW + 6_000)
    exchange(back, other, now=NOW + 6_010)
    assert other.line.state.copy.log.size == 6
    assert not other.line.state.faults


def test_messages_handed_back_wait_for_their_receipts_again_and_get_them() -> None:
    back, other, one = restored_pair()
    back.take(handed(other, back, now=NOW + 5_000), now=NOW + 5_020)
    reception = back.line.state.receptions[last_hash(one)]
    assert reception.stage is Stage.ACKNOWLEDGED
    assert reception.delivered == NOW + 5_020


def test_our_own_signature_on_a_larger_head_shows_that_a_backup_was_restored() -> None:
    back, other, _ = restored_pair(marked=False)
    effects = back.take(replace(bundle_of(other, now=NOW + 5_000), restore=None), now=NOW + 5_010)
    [reverted] = changes(effects, "reverted")
    assert reverted.words == (
        "this node signed 5 entries and holds 1: a backup was restored; it signs nothing until b has handed back the "
        "rest"
    )
    assert back.line.state.reverted == Mark(epoch=1, size=5)
    again = back.take(replace(bundle_of(other, now=NOW + 5_100), restore=None), now=NOW + 5_110)
    assert not changes(again, "reverted")


def test_a_citation_of_a_larger_head_shows_it_too() -> None:
    back, other, _ = restored_pair(marked=False)
    silent = replace(bundle_of(other, now=NOW + 5_000), restore=None, cosigned=None)
    effects = back.take(silent, now=NOW + 5_010)
    assert changes(effects, "reverted")
    assert not changes(effects, "delivered")


def test_a_marker_of_no_more_than_is_held_reverts_nothing() -> None:
    one, _ = opened_two()
    assert one.do(Reverted(line=LINE, signed=Mark(epoch=1, size=1)), now=NOW + 100) == []
    one.say(advice(), now=NOW + 110)


def test_entries_handed_back_in_part_are_taken_and_the_rest_is_waited_for() -> None:
    back, other, one = restored_pair()
    bundle = handed(other, back, now=NOW + 5_000)
    leaves = one.kept.log(one.origin).leaves[1:3]
    part = Restore(
        checkpoint=head_over(one, one.kept.log(one.origin).leaves[:3]), start=1, leaves=tuple(leaves)
    )
    effects = back.take(replace(bundle, restore=part), now=NOW + 5_020)
    assert not changes(effects, "restored")
    assert (back.line.state.own.size, back.line.state.reverted) == (3, Mark(epoch=1, size=5))
    back.take(handed(other, back, now=NOW + 6_000), now=NOW + 6_020)
    assert (back.line.state.own.size, back.line.state.reverted) == (5, None)


def test_entries_handed_back_wrongly_are_not_taken() -> None:
    back, other, one = restored_pair()
    bundle = handed(other, back, now=NOW + 5_000)
    right = bundle.restore
    assert right is not None
    leaves = right.leaves
    forged = headed(one, advice("never said"), now=NOW + 7_000)
    for wrong in (
        replace(right, start=right.start + 1, leaves=leaves[1:]),
        replace(right, leaves=leaves[:-1]),
        replace(right, leaves=(*leaves[:-1], forged)),
        replace(right, leaves=(*leaves, forged)),
        replace(right, leaves=(b"rubbish", *leaves[1:])),
        replace(right, leaves=()),
        replace(right, checkpoint=bundle.checkpoint),
        replace(right, checkpoint="rubbish"),
        replace(right, checkpoint=head_over(other, one.kept.log(one.origin).leaves)),
    ):
        effects = back.take(replace(bundle, restore=wrong), now=NOW + 5_020)
        assert back.line.state.own.size == 1
        assert back.line.state.reverted == Mark(epoch=1, size=5)
        assert back.origin not in {each.origin for each in of_type(effects, GrowLog)}


def test_entries_that_nobody_asked_for_are_not_taken() -> None:
    one, other = opened_two()
    restore = Restore(checkpoint=bundle_of(one, now=NOW).checkpoint, start=0, leaves=())
    other.take(replace(bundle_of(one, now=NOW + 10), restore=restore), now=NOW + 20)
    assert other.line.state.own.size == 1


def test_a_node_that_lost_all_opens_a_new_epoch_where_nobody_hands_anything_back() -> None:
    one, other = opened_two()
    lost = twin_of(one)
    lost.do(Reverted(line=LINE, signed=Mark(epoch=1, size=1)), now=NOW + 100)
    lost.epoch = 2
    statement = lost.statement(opens=lost.log_keys(), adds=("duty",), at=NOW)
    lost.say(Draft(kind=Kind.OPEN, statement=statement), now=NOW + 200, by=None)
    assert lost.line.state.reverted is None
    exchange(lost, other, now=NOW + 300)
    assert other.line.state.copy.log.epoch == 2
    assert not other.line.state.faults


def test_a_node_that_lost_all_takes_all_of_it_back() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 50)
    exchange(one, other, now=NOW + 60)
    lost = twin_of(one)
    lost.do(Reverted(line=LINE, signed=Mark(epoch=1, size=2)), now=NOW + 100)
    other.line.state.other_shows, other.line.state.have = START, None
    for turn in range(2):
        # The first brings the other's keys, by which the second can judge what our own entries cite.
        bundle = bundle_of(other, now=NOW + 110 + turn)
        assert bundle.restore is not None
        lost.take(bundle, now=NOW + 120 + turn)
    assert lost.kept.log(one.origin).leaves == one.kept.log(one.origin).leaves
    assert lost.line.state.reverted is None


# ---------------------------------------------------------------------------- another history under our own key


def parted() -> tuple[Party, Party, Party]:
    """A backup that nobody marked has spoken; the other holds what was said before."""
    back, other, one = restored_pair(marked=False)
    for number in range(4):
        back.say(advice(f"another word {number}"), now=NOW + 4_500 + number)
    return back, other, one


@pytest.mark.parametrize("by", ["cosignature", "citation"])
def test_a_receipt_of_another_history_is_no_receipt_of_ours(by: str) -> None:
    back, other, _ = parted()
    bundle = replace(bundle_of(other, now=NOW + 5_000), restore=None)
    if by == "cosignature":
        bundle = replace(
            bundle, leaves=(), start=1, checkpoint=head_over(other, other.kept.log(other.origin).leaves[:1])
        )
    else:
        bundle = replace(bundle, cosigned=None)
    effects = back.take(bundle, now=NOW + 5_010)
    assert not changes(effects, "delivered")
    assert [each.words for each in changes(effects, "reverted")] == [
        "this node signed another history of 5 entries than it holds: a backup was restored; it signs nothing more in "
        "this epoch"
    ]
    assert all(each.delivered is None for each in back.line.state.receptions.values() if each.index > 0)
    with pytest.raises(Refused, match="open a new epoch"):
        back.say(advice(), now=NOW + 6_000)
    back.take(bundle, now=NOW + 6_010)
    back.reopen(now=NOW + 7_000)
    assert back.line.state.reverted is None


# ---------------------------------------------------------------------------- an epoch that a backup forgot


def renewed(*, marked: bool, more: int = 2) -> tuple[Party, Party, Party]:
    """A party as it was before it said more and opened epoch 2; the other, who has all and cites epoch 2; the first."""
    one, other = opened_two()
    back = twin_of(one)
    back.line, back.serial = Line(deepcopy(one.line.state)), one.serial
    back.kept = one.kept.copy()
    for number in range(more):
        one.say(advice(f"word {number}"), now=NOW + 1_000 + number)
    exchange(one, other, now=NOW + 1_500)
    one.reopen(now=NOW + 2_000)
    one.say(stop(), now=NOW + 2_100)
    exchange(one, other, now=NOW + 3_000)
    other.say(acknowledgement(last_hash(one)), now=NOW + 3_500)
    if marked:
        back.do(Reverted(line=LINE, signed=Mark(epoch=2, size=2)), now=NOW + 4_000)
    return back, other, one


def test_a_node_that_forgot_its_own_epoch_signs_nothing_in_the_one_before() -> None:
    back, other, _ = renewed(marked=True)
    with pytest.raises(Refused) as refused:
        back.say(advice(), now=NOW + 5_000)
    assert refused.value.message == (
        "line tanf: this node signed 2 entries of epoch 2 and holds epoch 1 alone; wait until b hands back the rest, "
        "or open a new epoch"
    )
    assert not of_type(back.take(handed(other, back, now=NOW + 5_000), now=NOW + 5_020), Cosign)


@pytest.mark.parametrize("marked", [True, False])
@pytest.mark.parametrize("more", [0, 2])
def test_the_rest_of_an_epoch_is_handed_back_and_then_the_next(more: int, *, marked: bool) -> None:
    back, other, one = renewed(marked=marked, more=more)
    exchange(back, other, now=NOW + 5_000)
    for epoch in (1, 2):
        origin = f"keepclear/a/tanf/{epoch}"
        assert back.kept.log(origin).leaves == one.kept.log(origin).leaves
    assert (back.line.state.own.mark, back.line.state.reverted) == (Mark(epoch=2, size=2), None)
    assert back.line.state.copy.log.size == other.line.state.own.size
    back.say(advice("again"), now=NOW + 6_000)
    exchange(back, other, now=NOW + 6_010)
    assert other.line.state.copy.log.mark == Mark(epoch=2, size=3)
    assert not other.line.state.faults
    assert not back.line.state.faults


def test_that_the_other_has_a_later_epoch_of_ours_shows_that_a_backup_was_restored() -> None:
    back, other, _ = renewed(marked=False)
    old = replace(bundle_of(other, now=NOW + 5_000), restore=None)
    effects = back.take(old, now=NOW + 5_010)
    [reverted] = changes(effects, "reverted")
    assert reverted.words == (
        "this node signed 2 entries of epoch 2 and holds epoch 1 alone: a backup was restored; it signs nothing until "
        "b has handed back the rest"
    )
    # What cites the lost epoch cannot be judged yet, and is sent again.
    assert back.line.state.copy.log.size == 1
    assert not changes(back.take(old, now=NOW + 5_020), "reverted")


def test_what_cites_an_epoch_that_nobody_knows_of_is_refused() -> None:
    back, other, _ = renewed(marked=False)
    silent = replace(bundle_of(other, now=NOW + 5_000), restore=None, status=bundle_of(back, now=NOW).status)
    with pytest.raises(Refused) as refused:
        back.take(silent, now=NOW + 5_010)
    assert refused.value.code == "line.unknown-epoch"
    assert back.line.state.reverted is None


def test_a_node_that_cannot_get_its_epoch_back_opens_the_one_after_it_and_hears_the_other() -> None:
    back, other, _ = renewed(marked=True)
    back.reopen(now=NOW + 5_000)
    assert (back.line.state.own.epoch, back.line.state.reverted) == (3, None)
    for turn in range(3):
        other.take(bundle_of(back, now=NOW + 5_100 + turn), now=NOW + 5_100 + turn)
        back.take(replace(bundle_of(other, now=NOW + 5_200 + turn), restore=None), now=NOW + 5_200 + turn)
    assert other.line.state.copy.log.mark == Mark(epoch=3, size=1)
    assert back.line.state.copy.log.head() == other.line.state.own.head()
    assert not other.line.state.faults
    assert not back.line.state.faults


def test_entries_of_ours_that_we_miss_are_taken_though_nothing_told_of_them() -> None:
    back, other, one = restored_pair(marked=False)
    effects = back.take(handed(other, back, now=NOW + 5_000), now=NOW + 5_020)
    assert back.kept.log(back.origin).leaves == one.kept.log(one.origin).leaves
    assert changes(effects, "restored")
    assert back.line.state.reverted is None


def test_entries_of_an_epoch_that_is_over_are_not_taken_back() -> None:
    one, other = opened_two()
    restore = Restore(
        checkpoint=bundle_of(one, now=NOW).checkpoint, start=0, leaves=tuple(one.kept.log(one.origin).leaves)
    )
    one.reopen(now=NOW + 100)
    before = one.line.state.own
    one.take(replace(bundle_of(other, now=NOW + 200), restore=restore), now=NOW + 210)
    assert one.line.state.own == before


def test_an_epoch_is_not_taken_back_from_its_middle() -> None:
    back, other, one = renewed(marked=True)
    leaves = one.kept.log(one.origin).leaves
    part = Restore(checkpoint=head_over(one, leaves), start=1, leaves=tuple(leaves[1:]))
    back.take(replace(bundle_of(other, now=NOW + 5_000), restore=part), now=NOW + 5_010)
    assert back.line.state.own.mark == Mark(epoch=1, size=1)
