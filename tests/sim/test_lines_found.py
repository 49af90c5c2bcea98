"""What simulated lines have found, each by itself: a seed that is no more, made into an example."""

from __future__ import annotations

from dataclasses import replace

from keepclear.core.line.draft import Draft
from keepclear.core.line.event import Carry, Cosign, Elapsed, LineEffect, NotCarried, Reverted
from keepclear.core.line.log import Mark
from keepclear.core.line.message import Header, Kind, LineName, Precedence, header_of
from keepclear.core.trust.envelope import envelope_of
from party import Party, exchange
from sim.officers import text

NOW = 1_536_000_000_000
DAY_MS = 86_400_000
QUERY = Draft(kind=Kind.QUERY, contents={"text": text("who is there")})


def opened_pair() -> tuple[Party, Party]:
    """Two parties who have each other's entry 0."""
    one, two = Party("a", "b"), Party("b", "a")
    one.open(now=NOW)
    two.open(now=NOW)
    exchange(one, two, now=NOW)
    return one, two


def last_header(party: Party) -> Header:
    """The header of the last entry that a party said."""
    return header_of(envelope_of(party.kept.log(party.origin).leaves[-1]).payload)


def cosigned_sizes(effects: list[LineEffect]) -> list[int]:
    """The sizes of the heads that a step asked to cosign."""
    return [each.size for each in effects if isinstance(each, Cosign)]


def test_a_head_is_not_cited_before_it_is_cosigned() -> None:
    # A part that came later would have dated the cosignature after the citation: proof against an honest node.
    one, two = opened_pair()
    one.say(QUERY, now=NOW + 1_000)
    bundle = one.bundle(now=NOW + 1_000)
    assert bundle is not None
    assert cosigned_sizes(two.take(replace(bundle, parts={}), now=NOW + 1_000)) == []
    two.say(QUERY, now=NOW + 2_000)
    assert last_header(two).seen is None
    assert cosigned_sizes(two.take(bundle, now=NOW + 90_000)) == [2]


def test_a_node_that_waits_for_its_own_entries_cosigns_nothing() -> None:
    # Seed 16: it would cosign anew, later than it had cited, and what was handed back to it would not hold any more.
    one, two = opened_pair()
    one.do(Reverted(line=LineName("tanf"), signed=Mark(epoch=1, size=5)), now=NOW)
    two.say(QUERY, now=NOW + 1_000)
    bundle = two.bundle(now=NOW + 1_000)
    assert bundle is not None
    assert cosigned_sizes(one.take(bundle, now=NOW + 1_000)) == []
    assert one.line.state.copy.log.size == 2


def test_a_clock_that_is_set_back_does_not_silence_a_line() -> None:
    # Seed 174: what was to be sent again at a time by the old clock waited until the new one had come there.
    one, _two = opened_pair()
    one.say(QUERY, now=NOW + DAY_MS)
    one.do(NotCarried(line=LineName("tanf"), way="link", trouble="no answer"), now=NOW + DAY_MS)
    effects = one.do(Elapsed(line=LineName("tanf")), now=NOW)
    assert any(isinstance(each, Carry) for each in effects)


def test_the_next_epoch_is_opened_while_entries_are_missing_and_is_heard() -> None:
    # Seeds 0 and 7: a draft of an entry 0 stood at the end of the old log; and the key of the new log was read from
    # entry 0 as if nothing could have been seen before it.
    one, two = opened_pair()
    one.do(Reverted(line=LineName("tanf"), signed=Mark(epoch=1, size=5)), now=NOW)
    one.reopen(now=NOW + 1_000)
    assert last_header(one).seen is not None
    exchange(one, two, now=NOW + 2_000)
    assert (two.line.state.copy.log.epoch, two.line.state.copy.log.size) == (2, 1)


def test_what_is_not_proved_is_not_asked_for_again_at_once() -> None:
    # Seed 303: each bundle that was not taken was answered as if it had been, and two nodes did nothing else any more.
    one, two = opened_pair()
    one.say(QUERY, now=NOW + 1_000)
    bundle = one.bundle(now=NOW + 1_000)
    one.say(QUERY, now=NOW + 2_000)
    assert bundle is not None
    ahead = replace(bundle, newest=one.kept.newest(one.origin), path=(bytes(32),))
    effects = two.take(ahead, now=NOW + 3_000)
    assert two.line.state.copy.log.size == 1
    assert not any(isinstance(each, Carry) for each in effects)


def test_what_is_cosigned_is_not_sent_again_though_no_status_is_believed() -> None:
    # Seeds 79 and 1935: a node whose clock was set back was sent the same first entries for days.
    one, two = opened_pair()
    one.kept.reach = 1
    for number in range(3):
        one.say(QUERY, now=NOW + number)
    exchange(one, two, now=NOW - DAY_MS, rounds=8)
    assert two.line.state.copy.log.size == 4


def test_an_urgent_entry_that_comes_again_before_its_turn_is_not_answered_at_once() -> None:
    # Seed 1543: two nodes answered each other with it without end.
    one, two = opened_pair()
    one.kept.reach = 1
    one.say(QUERY, now=NOW + 1_000)
    one.say(replace(QUERY, precedence=Precedence.FLASH), now=NOW + 2_000)
    bundle = one.bundle(now=NOW + 3_000)
    assert bundle is not None
    assert [each.index for each in bundle.express] == [2]
    assert any(isinstance(each, Carry) for each in two.take(bundle, now=NOW + 3_000))
    assert not any(isinstance(each, Carry) for each in two.take(bundle, now=NOW + 4_000))


def test_a_status_that_answers_a_later_one_is_believed_though_its_clock_was_set_back() -> None:
    # Seed 441: a node that came back from a backup with such a clock was never again heard to have less than it had.
    one, two = opened_pair()
    heard = one.line.state.liveness.heard
    exchange(one, two, now=NOW + 100)
    two_says = two.bundle(now=NOW - DAY_MS)
    assert two_says is not None
    one_says = one.bundle(now=NOW + 5_000)
    assert one_says is not None
    two.take(one_says, now=NOW - DAY_MS)
    answer = two.bundle(now=NOW - DAY_MS)
    assert answer is not None
    one.take(two_says, now=NOW + 6_000)
    assert one.line.state.liveness.heard not in (heard, NOW + 6_000)
    one.take(answer, now=NOW + 7_000)
    assert one.line.state.liveness.heard == NOW + 7_000
    one.take(answer, now=NOW + 8_000)
    assert one.line.state.liveness.heard == NOW + 7_000
