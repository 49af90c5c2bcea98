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
