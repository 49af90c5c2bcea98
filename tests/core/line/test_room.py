"""Where too much is open, what matters least waits; nothing that is open is dropped, and what is urgent goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversation import (
    NOW,
    acknowledgement,
    advice,
    changes,
    elapsed,
    last_hash,
    opened_two,
    sent,
    some_hash,
    stop,
)
from keepclear.core.errors import Refused
from keepclear.core.line.bundle import LEAVES_MAX
from keepclear.core.line.message import Precedence, Step
from keepclear.core.line.room import DUTIES_MAX, DUTIES_URGENT_MAX, ROOM, UNANSWERED_TIMES
from party import Party, exchange

LATER = NOW + 10_000
BACKLOG = LEAVES_MAX + 40


def burdened(party: Party, count: int) -> None:
    """Let so many messages of the other's wait for a party's people."""
    [duty] = list(party.line.state.duties.values())[:1]
    party.line.state.duties = {
        hashed: replace(duty, hash=hashed) for hashed in (some_hash(f"duty {n}") for n in range(count))
    }


def one_with_a_backlog(count: int = DUTIES_MAX) -> tuple[Party, Party]:
    """A party that has said more than a bundle brings, to one whose people have so many messages before them."""
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    exchange(one, other, now=NOW + 110)
    burdened(other, count)
    for number in range(BACKLOG):
        one.say(advice(), now=NOW + 200 + number)
    return one, other


def test_with_one_message_less_than_may_wait_the_next_bundle_is_taken() -> None:
    one, other = one_with_a_backlog(DUTIES_MAX - 1)
    before = other.line.state.copy.log.size
    sent(one, other, now=LATER)
    assert other.line.state.copy.log.size == before + LEAVES_MAX


def test_where_too_many_messages_wait_the_next_ones_are_left_with_who_said_them() -> None:
    one, other = one_with_a_backlog()
    before = other.line.state.copy.log.size
    sent(one, other, now=LATER)
    assert other.line.state.copy.log.size == before
    assert len(other.line.state.duties) == DUTIES_MAX, "none that is open is dropped"
    assert not other.line.state.faults
    assert other.line.state.unproved == 0


def test_a_flood_that_has_to_wait_delays_neither_a_stop_nor_an_acknowledgement() -> None:
    one, other = one_with_a_backlog()
    other.say(advice(), now=LATER)
    asked = last_hash(other)
    sent(other, one, now=LATER + 10)
    one.say(acknowledgement(asked), now=LATER + 20)
    one.say(stop(), now=LATER + 30)
    sent(one, other, now=LATER + 40)
    assert last_hash(one) in other.line.state.duties
    assert [each.step for each in other.line.state.receptions[asked].steps] == [Step.RECEIPTED]
    assert other.line.state.copy.log.size == 2


def test_a_stop_in_its_turn_is_taken_though_what_is_not_urgent_would_have_to_wait() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    exchange(one, other, now=NOW + 110)
    burdened(other, DUTIES_MAX)
    one.say(stop(), now=NOW + 200)
    sent(one, other, now=NOW + 210)
    assert last_hash(one) in other.line.state.duties


def test_past_the_last_limit_nothing_is_taken_in_its_turn() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    exchange(one, other, now=NOW + 110)
    burdened(other, DUTIES_URGENT_MAX)
    one.say(stop(), now=NOW + 200)
    sent(one, other, now=NOW + 210)
    assert other.line.state.copy.log.size == 2
    other.line.state.duties.popitem()
    sent(one, other, now=NOW + 220)
    assert other.line.state.copy.log.size == 3


def test_when_people_have_answered_what_waited_is_taken_and_cosigned() -> None:
    one, other = one_with_a_backlog()
    exchange(one, other, now=LATER)
    assert one.line.state.confirmed == 2
    duties = other.line.state.duties
    first = next(iter(duties))
    duties[first] = duties[first].after(Step.RECEIPTED)
    exchange(one, other, now=LATER + 1_000)
    assert one.line.state.confirmed >= 2 + LEAVES_MAX


def test_who_asks_to_wait_says_so_once_and_is_not_said_to_withhold() -> None:
    one, other = one_with_a_backlog()
    heard = [*sent(other, one, now=LATER), *sent(other, one, now=LATER + 1_000)]
    assert [each.words for each in changes(heard, "full")] == [
        "b asks to wait: too many messages wait for its people; what is urgent still goes"
    ]
    patience = one.line.state.terms.timers.withheld_after
    for reception in list(one.line.state.receptions.values()):
        one.line.state.receptions[reception.hash] = replace(reception, sent=NOW)
    sent(other, one, now=LATER + 2 * patience)
    assert not changes(elapsed(one, now=LATER + 2 * patience), "withheld")
    other.line.state.duties.clear()
    freed = sent(other, one, now=LATER + 3 * patience)
    assert [each.words for each in changes(freed, "full")] == ["b has room again"]
    assert changes(elapsed(one, now=LATER + 3 * patience), "withheld")


def test_messages_that_no_person_answers_leave_room_by_precedence() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    exchange(one, other, now=NOW + 110)
    open_one = one.line.state.receptions[last_hash(one)]
    assert not open_one.settled()
    most = UNANSWERED_TIMES * ROOM[Precedence.ROUTINE]
    many = {hashed: replace(open_one, hash=hashed) for hashed in (some_hash(f"{n}") for n in range(most - 1))}
    one.line.state.receptions = dict(many)
    one.say(advice(), now=NOW + 200)
    assert set(many) < set(one.line.state.receptions), "none that is open is dropped"
    with pytest.raises(Refused, match=f"{most} messages wait for a person of b") as full:
        one.say(advice(), now=NOW + 210)
    assert full.value.code == "line.full"
    one.say(stop(), now=NOW + 220)
    settled = replace(open_one, due=None)
    one.line.state.receptions |= {each: replace(settled, hash=each) for each in list(many)[:2]}
    one.say(advice(), now=NOW + 230)
