"""Deadlines: a STOP climbs at exactly 60, 120 and 180 s, what is overdue is said, and what is withheld is noticed."""

from __future__ import annotations

import pytest

from conversation import (
    LINE,
    NOW,
    acknowledgement,
    advice,
    bundle_of,
    changes,
    elapsed,
    last_hash,
    of_type,
    opened_two,
    sent,
    stop,
    two,
)
from keepclear.core.instant import Instant
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import Carried, Carry, Check, LineEffect
from keepclear.core.line.liveness import Condition
from keepclear.core.line.message import Kind, Precedence
from keepclear.core.line.reception import Stage
from party import Party, exchange

START = NOW + 10_000

TO_THE_NEXT_POST = "nobody has receipted it: the next post is called"
BY_EVERY_WAY = "nobody has receipted it: it goes by every other way, and by telephone"
TO_EVERYONE = "nobody has receipted it: everyone is called"


def stopped() -> tuple[Party, Party, bytes]:
    """Parties of whom one has said STOP at START, and the other has it in the same moment."""
    one, other = opened_two()
    one.say(stop(), now=START)
    sent(one, other, now=START)
    return one, other, last_hash(one)


def climbs(effects: list[LineEffect]) -> list[str]:
    return [each.words for each in changes(effects, "climbed")]


@pytest.mark.parametrize("every_s", [1, 7, 60, 200])
def test_a_stop_that_nobody_receipts_climbs_each_rung_once_however_often_time_is_looked_at(
    every_s: int,
) -> None:
    _, other, _ = stopped()
    seen: list[tuple[int, str]] = []
    for after_s in range(0, 401, every_s):
        seen += [(after_s, words) for words in climbs(elapsed(other, now=START + after_s * 1_000))]

    def first(due_s: int) -> int:
        return -(-due_s // every_s) * every_s

    assert seen == [(first(60), TO_THE_NEXT_POST), (first(120), BY_EVERY_WAY), (first(180), TO_EVERYONE)]


@pytest.mark.parametrize(
    ("due_ms", "words"), [(60_000, TO_THE_NEXT_POST), (120_000, BY_EVERY_WAY), (180_000, TO_EVERYONE)]
)
def test_a_rung_is_reached_at_its_second_and_not_a_millisecond_before(due_ms: int, words: str) -> None:
    _, other, _ = stopped()
    assert words not in climbs(elapsed(other, now=START + due_ms - 1))
    assert words in climbs(elapsed(other, now=START + due_ms))


def test_a_stop_is_overdue_at_60_s_on_both_sides_and_said_once() -> None:
    one, other, hashed = stopped()
    for party, words in (
        (one, "nobody of b has receipted it"),
        (other, "none of our officers has receipted it"),
    ):
        assert not changes(elapsed(party, now=START + 59_999), "overdue")
        said = changes(elapsed(party, now=START + 60_000), "overdue")
        assert [(each.hashes, each.words) for each in said] == [((hashed,), words)]
        assert not changes(elapsed(party, now=START + 180_000), "overdue")


@pytest.mark.parametrize("every_s", [1, 30, 60, 120])
def test_the_senders_stop_goes_by_every_way_at_120_s_and_once(every_s: int) -> None:
    one, _, hashed = stopped()
    ways: list[int] = []
    for after_s in range(0, 301, every_s):
        effects = elapsed(one, now=START + after_s * 1_000)
        ways += [after_s for each in of_type(effects, Carry) if each.every_way]
        assert all(each.hashes == (hashed,) for each in changes(effects, "climbed"))
    assert ways == [120]


def test_the_senders_ladder_goes_by_the_clock_that_said_it_though_that_was_set_back() -> None:
    one, other = opened_two()
    one.say(advice(), now=START + 86_400_000)
    one.say(stop(), now=START)
    del other
    assert not [each for each in of_type(elapsed(one, now=START + 119_999), Carry) if each.every_way]
    assert [each for each in of_type(elapsed(one, now=START + 120_000), Carry) if each.every_way]


@pytest.mark.parametrize(
    ("precedence", "due_ms"),
    [
        (Precedence.FLASH, 60_000),
        (Precedence.IMMEDIATE, 300_000),
        (Precedence.PRIORITY, 900_000),
        (Precedence.ROUTINE, 3_600_000),
    ],
)
def test_a_message_is_overdue_by_its_precedence_and_only_a_stop_climbs(
    precedence: Precedence, due_ms: int
) -> None:
    one, other = opened_two()
    one.say(advice(precedence=precedence), now=START)
    sent(one, other, now=START)
    for party in (one, other):
        assert not changes(elapsed(party, now=START + due_ms - 1), "overdue")
        effects = elapsed(party, now=START + due_ms)
        assert len(changes(effects, "overdue")) == 1
        assert not climbs(effects)


def test_nothing_climbs_once_an_officer_has_receipted_it() -> None:
    one, other, hashed = stopped()
    other.say(acknowledgement(hashed), now=START + 59_000)
    sent(other, one, now=START + 59_500)
    for party in (one, other):
        effects = elapsed(party, now=START + 500_000)
        assert not climbs(effects)
        assert not changes(effects, "overdue")
        assert not [each for each in of_type(effects, Carry) if each.every_way]


def test_a_check_is_never_overdue_for_a_person() -> None:
    one, other = opened_two()
    one.say(Draft(kind=Kind.COMMS_CHECK), now=START, by=None)
    sent(one, other, now=START)
    assert other.line.state.duties == {}
    assert not changes(elapsed(one, now=START + 10_000_000), "overdue")


# ---------------------------------------------------------------------------- Deir ez-Zor, 17 September 2016


def test_a_stop_is_receipted_within_60_s_though_the_usual_contact_is_away() -> None:
    """A call waited 27 minutes for one man. Here the STOP rings with the party, and whoever is there receipts it."""
    one, other = opened_two(officers=("usual contact", "watch officer", "commander"))
    one.say(stop(), now=START, by="watch officer")
    effects = sent(one, other, now=START + 1_500)
    hashed = last_hash(one)
    [ringing] = changes(effects, "ringing")
    assert (ringing.hashes, ringing.words) == ((hashed,), "stop of precedence flash from a")
    roster = other.line.state.own.roster
    assert roster is not None
    assert {each.name for each in roster.holding() if each.empowered} == {
        "usual contact",
        "watch officer",
        "commander",
    }
    assert not climbs(elapsed(other, now=START + 40_000))

    other.say(acknowledgement(hashed), now=START + 45_000, by="commander")
    sent(other, one, now=START + 46_000)

    reception = one.line.state.receptions[hashed]
    taken = reception.receipted
    assert taken is not None
    assert (taken.by, taken.post, taken.said) == ("commander", "commander officer", Instant(START + 45_000))
    assert taken.at - (START + 1_500) < 60_000
    assert reception.stage is Stage.ACKNOWLEDGED
    assert not climbs(elapsed(other, now=START + 300_000))
    assert not climbs(elapsed(one, now=START + 300_000))


def test_an_officer_who_may_not_answer_a_stop_does_not_silence_it() -> None:
    one, other = opened_two()
    statement = other.statement(adds=("clerk",), empowered=False, at=NOW + 100)
    other.say(Draft(kind=Kind.KEYS, statement=statement), now=NOW + 100, by=None)
    one.say(stop(), now=START)
    sent(one, other, now=START)
    hashed = last_hash(one)
    other.say(acknowledgement(hashed), now=START + 5_000, by="clerk")
    exchange(other, one, now=START + 6_000)
    assert climbs(elapsed(other, now=START + 60_000)) == [TO_THE_NEXT_POST]
    assert one.line.state.receptions[hashed].stage is Stage.DELIVERED
    other.say(acknowledgement(hashed), now=START + 65_000, by="duty")
    exchange(other, one, now=START + 66_000)
    assert one.line.state.receptions[hashed].stage is Stage.ACKNOWLEDGED
    assert not climbs(elapsed(other, now=START + 500_000))


def test_an_officer_who_may_not_answer_a_stop_answers_all_else() -> None:
    one, other = opened_two()
    statement = other.statement(adds=("clerk",), empowered=False, at=NOW + 100)
    other.say(Draft(kind=Kind.KEYS, statement=statement), now=NOW + 100, by=None)
    one.say(advice(), now=START)
    sent(one, other, now=START)
    other.say(acknowledgement(last_hash(one)), now=START + 5_000, by="clerk")
    exchange(other, one, now=START + 6_000)
    assert one.line.state.receptions[last_hash(one)].stage is Stage.ACKNOWLEDGED


# ---------------------------------------------------------------------------- tries, checks, withholding


def test_a_comms_check_is_due_every_hour_and_not_before_the_line_is_open() -> None:
    fresh, _ = two()
    assert not of_type(elapsed(fresh, now=NOW + 7_200_000), Check)
    one, _ = opened_two()
    assert len(of_type(elapsed(one, now=START), Check)) == 1
    assert not of_type(elapsed(one, now=START + 3_599_999), Check)
    assert of_type(elapsed(one, now=START + 3_600_000), Check) == [Check(line=LINE)]


def test_what_is_not_cosigned_is_sent_again_ever_more_rarely_and_urgent_things_every_5_s() -> None:
    for draft, waits_s in ((advice(), (2, 4, 8, 16, 32, 60, 60)), (stop(), (2, 4, 5, 5))):
        one, _ = opened_two()
        one.say(draft, now=START)
        at, tries = START, 0
        assert of_type(elapsed(one, now=at), Carry)
        for wait_s in waits_s:
            assert not [
                each
                for each in of_type(elapsed(one, now=at + wait_s * 1_000 - 1), Carry)
                if not each.every_way
            ]
            at, tries = at + wait_s * 1_000, tries + 1
            assert [each for each in of_type(elapsed(one, now=at), Carry) if not each.every_way]


def test_a_status_goes_out_every_10_s_where_nothing_waits() -> None:
    one, other = opened_two()
    exchange(one, other, now=NOW + 1_000)
    assert of_type(elapsed(one, now=START), Carry)
    assert not of_type(elapsed(one, now=START + 9_999), Carry)
    assert of_type(elapsed(one, now=START + 10_000), Carry)


def test_a_node_that_hears_and_does_not_cosign_is_said_to_withhold_it_once() -> None:
    one, other = opened_two()
    one.say(advice(), now=START)
    one.do(Carried(line=LINE, way="link", size=2), now=START)
    mute = bundle_of(other, now=START + 59_000)
    one.take(mute, now=START + 59_999)
    assert not changes(elapsed(one, now=START + 59_999), "withheld")
    one.take(bundle_of(other, now=START + 60_000), now=START + 60_000)
    [said] = changes(elapsed(one, now=START + 60_000), "withheld")
    assert said.words == "b is heard and does not cosign what it was sent; use another way"
    assert not changes(elapsed(one, now=START + 90_000), "withheld")
    exchange(one, other, now=START + 100_000)
    assert not one.line.state.withheld


def test_a_node_that_is_not_heard_is_not_said_to_withhold() -> None:
    one, _ = opened_two()
    one.say(advice(), now=START)
    one.do(Carried(line=LINE, way="link", size=2), now=START)
    assert not changes(elapsed(one, now=START + 600_000), "withheld")


def test_how_a_line_stands_is_said_when_it_changes() -> None:
    one, other = opened_two()

    def condition(now: int) -> list[str]:
        return [each.words for each in changes(elapsed(one, now=now), "condition")]

    assert condition(START) == [Condition.UNATTENDED.value]
    assert condition(START + 1) == []
    other.say(advice(), now=START + 10)
    sent(other, one, now=START + 20)
    assert condition(START + 30) == [Condition.ATTENDED.value]
    assert condition(START + 1_000_000) == [Condition.UNATTENDED.value]
    assert condition(START + 7_200_020) == [Condition.DEGRADED.value]
