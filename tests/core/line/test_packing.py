"""Packing: the urgent first, room for what matters, and never more than fits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversation import (
    LINE,
    NOW,
    acknowledgement,
    advice,
    bundle_of,
    last_hash,
    notice,
    opened_two,
    sent,
    stop,
    two,
)
from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.bundle import EXPRESS_MAX, LEAVES_MAX
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import Spoken
from keepclear.core.line.message import Kind, Precedence, header_of
from keepclear.core.line.packing import PARTS_BYTES_MAX, packed, status_for
from keepclear.core.line.room import ROOM
from keepclear.core.line.state import SETTLED_MAX, Waiting
from keepclear.core.trust.envelope import envelope_of
from party import Party, exchange

PLAIN = {
    Precedence.ROUTINE: 4_000,
    Precedence.PRIORITY: 6_000,
    Precedence.IMMEDIATE: 8_000,
    Precedence.FLASH: 10_000,
}


def crowded(count: int) -> tuple[Party, Party]:
    """Parties of whom one has as many entries waiting as is said."""
    one, other = opened_two()
    one.line.state.waiting = [Waiting(index=1, urgent=False)] * count
    return one, other


# ---------------------------------------------------------------------------- room


@pytest.mark.parametrize("precedence", sorted(Precedence))
def test_there_is_room_by_precedence_to_the_last_entry(precedence: Precedence) -> None:
    assert dict(ROOM) == PLAIN
    one, _ = crowded(PLAIN[precedence] - 1)
    one.say(advice(precedence=precedence), now=NOW + 100)
    size = one.line.state.own.size
    with pytest.raises(
        Refused, match=f"{PLAIN[precedence]} entries wait for b, and from {PLAIN[precedence]} on"
    ) as full:
        one.say(advice(precedence=precedence), now=NOW + 110)
    assert full.value.code == "line.full"
    assert one.line.state.own.size == size


def test_a_flood_of_routine_refuses_neither_a_flash_nor_an_acknowledgement_nor_keys() -> None:
    one, other = opened_two()
    other.say(advice(), now=NOW + 50)
    sent(other, one, now=NOW + 60)
    one.line.state.waiting = [Waiting(index=1, urgent=False)] * 9_000
    with pytest.raises(Refused, match="none of precedence immediate is taken"):
        one.say(notice(), now=NOW + 100)
    one.say(stop(), now=NOW + 110)
    one.say(acknowledgement(last_hash(other)), now=NOW + 120)
    one.say(Draft(kind=Kind.KEYS, statement=one.statement(adds=("third",))), now=NOW + 130, by=None)
    assert one.line.state.own.size == 4


def test_a_new_epoch_is_opened_though_the_old_one_is_full() -> None:
    one, _ = crowded(10_000)
    one.reopen(now=NOW + 100)
    assert one.line.state.own.epoch == 2
    assert [each.index for each in one.line.state.waiting] == [0]


# ---------------------------------------------------------------------------- what goes first


def test_a_flash_past_two_thousand_waiting_entries_goes_with_the_next_bundle() -> None:
    one, other = opened_two()
    for number in range(2_000):
        one.say(advice(), now=NOW + 100 + number)
    one.say(stop(), now=NOW + 3_000)
    bundle = bundle_of(one, now=NOW + 3_010)
    assert (bundle.start, len(bundle.leaves)) == (1, LEAVES_MAX)
    assert [each.index for each in bundle.express] == [2_001]
    other.take(bundle, now=NOW + 3_020)
    assert last_hash(one) in other.line.state.duties


def test_a_flood_of_immediate_does_not_delay_a_flash_or_an_acknowledgement() -> None:
    one, other = opened_two()
    other.say(advice(), now=NOW + 50)
    sent(other, one, now=NOW + 60)
    for number in range(LEAVES_MAX + EXPRESS_MAX + 20):
        one.say(advice(precedence=Precedence.IMMEDIATE), now=NOW + 100 + number)
    one.say(acknowledgement(last_hash(other)), now=NOW + 2_000)
    one.say(stop(), now=NOW + 2_010)
    last = one.line.state.own.size - 1
    express = [each.index for each in bundle_of(one, now=NOW + 2_020).express]
    assert express[:2] == [last - 1, last]
    assert len(express) == EXPRESS_MAX
    assert express[2:] == sorted(express[2:])


def test_what_the_run_of_leaves_reaches_is_not_sent_twice() -> None:
    one, _ = opened_two()
    one.say(stop(), now=NOW + 100)
    bundle = bundle_of(one, now=NOW + 110)
    assert (bundle.express, bundle.newest, bundle.path) == ((), None, ())
    assert len(bundle.leaves) == 1


def test_all_of_a_long_log_arrives_bundle_by_bundle() -> None:
    one, other = opened_two()
    for number in range(1_100):
        one.say(advice(), now=NOW + 100 + number)
    sizes: list[int] = []
    for turn in range(6):
        sent(one, other, now=NOW + 5_000 + turn)
        sizes.append(other.line.state.copy.log.size)
        sent(other, one, now=NOW + 6_000 + turn)
    # Its parts take longer than its entries: 1,100 of them, 256 with each bundle.
    assert sizes == [513, 1_025, 1_101, 1_101, 1_101, 1_101]
    assert one.line.state.waiting == []


# ---------------------------------------------------------------------------- what is in it


def test_nothing_is_packed_before_anything_was_said() -> None:
    one, _ = two()
    assert one.bundle(now=NOW) is None


def test_who_says_to_have_nothing_is_sent_everything() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    exchange(one, other, now=NOW + 110)
    assert bundle_of(one, now=NOW + 200).start == 2
    one.line.state.have = None
    again = bundle_of(one, now=NOW + 200)
    assert (again.start, len(again.leaves)) == (0, 2)


def test_who_says_to_have_more_than_there_is_is_sent_the_head() -> None:
    one, other = opened_two()
    have = one.line.state.have
    assert have is not None
    one.line.state.have = replace(have, head=replace(have.head, size=99), opened=1)
    bundle = bundle_of(one, now=NOW + 200)
    assert (bundle.start, bundle.leaves) == (1, ())
    other.take(bundle, now=NOW + 210)


def test_parts_go_again_until_they_could_be_opened_and_no_longer() -> None:
    one, other = opened_two()
    one.say(notice(), now=NOW + 100)
    first = bundle_of(one, now=NOW + 110)
    parts = set(header_of(envelope_of(first.leaves[0]).payload).parts.values())
    assert set(first.parts) == parts
    other.take(replace(first, parts={}), now=NOW + 120)
    sent(other, one, now=NOW + 130)
    again = bundle_of(one, now=NOW + 140)
    assert (again.leaves, set(again.parts)) == ((), parts)
    other.take(again, now=NOW + 150)
    sent(other, one, now=NOW + 160)
    assert bundle_of(one, now=NOW + 170).parts == {}


def test_a_part_that_is_not_kept_any_more_is_left_out() -> None:
    one, _ = opened_two()
    one.say(notice(), now=NOW + 100)
    one.kept.openings.clear()
    assert bundle_of(one, now=NOW + 110).parts == {}


def test_parts_past_two_mebibytes_go_with_the_next_bundle() -> None:
    one, other = opened_two()
    for number in range(3):
        one.say(advice(), now=NOW + 100 + number)
    big = {each: bytes(PARTS_BYTES_MAX // 2) for each in one.kept.openings}

    class Big(type(one.kept)):
        def sealed(self, commitment: bytes, *, to: str) -> bytes | None:
            return big.get(commitment) if to == "b" else None

    shelf = Big(logs=one.kept.logs)
    bundle = packed(one.line.state, shelf, status=bundle_of(one, now=NOW + 200).status)
    assert bundle is not None
    assert len(bundle.parts) == 2
    assert len(bundle.leaves) == 3
    del other


def test_a_status_says_what_is_held_and_how_far_it_was_opened() -> None:
    one, other = opened_two()
    one.say(notice(), now=NOW + 100)
    other.take(replace(bundle_of(one, now=NOW + 110), parts={}), now=NOW + 120)
    status = status_for(other.line.state, now=Instant(NOW + 130))
    assert status.have is not None
    assert (status.have.epoch, status.have.head, status.have.opened) == (1, one.line.state.own.head(), 1)
    assert status.heard is not None
    assert (status.heard.said, status.heard.at) == (NOW + 110, NOW + 120)


def test_a_node_that_is_not_shown_that_the_log_continues_says_twice_that_it_has_it_and_then_nothing() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    bundle = bundle_of(one, now=NOW + 110)
    altered = replace(bundle, leaves=(bundle.leaves[0].replace(b"a", b"b"),))
    had: list[bool] = []
    for turn in range(3):
        had.append(status_for(other.line.state, now=Instant(NOW + 120)).have is not None)
        other.take(altered, now=NOW + 120 + turn)
    assert had == [True, True, False]


def test_what_is_done_with_is_let_go_of_oldest_first_and_what_is_not_is_kept() -> None:
    one, other = opened_two()
    one.say(stop(), now=NOW + 50)
    waiting = last_hash(one)
    for number in range(SETTLED_MAX + 5):
        one.say(Draft(kind=Kind.COMMS_CHECK), now=NOW + 100 + number, by=None)
        if number % 400 == 0:
            exchange(one, other, now=NOW + 2_000 + 100 * number)
    exchange(one, other, now=NOW + 10**6)
    one.say(Draft(kind=Kind.COMMS_CHECK), now=NOW + 10**7, by=None)
    settled = [each for each in one.line.state.receptions.values() if each.settled()]
    assert len(settled) == SETTLED_MAX
    assert waiting in one.line.state.receptions
    assert waiting in other.line.state.duties
    indices = [each.index for each in settled]
    assert indices == sorted(indices)
    assert indices[-1] == SETTLED_MAX + 6


def test_duties_that_were_dealt_with_are_let_go_of_too() -> None:
    one, other = opened_two()
    one.say(stop(), now=NOW + 100)
    sent(one, other, now=NOW + 110)
    other.say(acknowledgement(last_hash(one)), now=NOW + 120)
    [dealt] = other.line.state.duties.values()
    other.line.state.duties = {
        number.to_bytes(32, "big"): replace(dealt, index=number) for number in range(SETTLED_MAX + 3)
    }
    other.line.state.forget_settled()
    assert [each.index for each in other.line.state.duties.values()] == list(range(3, SETTLED_MAX + 3))
    assert Spoken(line=LINE, leaf=b"").openings == ()
