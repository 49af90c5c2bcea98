"""Messages that are opened: told of once each, whole, however and in whatever order their parts came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation import NOW, advice, bundle_of, last_hash, notice, of_type, opened_two, sent
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import LineEffect, Opened
from keepclear.core.line.message import Kind, Precedence
from party import Party, exchange


def told(effects: Sequence[LineEffect]) -> list[tuple[bytes, set[str]]]:
    return [(each.hash, set(each.openings)) for each in of_type(effects, Opened)]


def without(bundle: Bundle, *names: str, of: Party) -> Bundle:
    """A bundle that lacks some parts of the sender's last message."""
    parts = of.line.state.receptions[last_hash(of)].parts
    lacking = {parts[name] for name in names}
    return replace(bundle, parts={each: raw for each, raw in bundle.parts.items() if each not in lacking})


def test_what_we_say_is_told_with_all_its_parts() -> None:
    one, _ = opened_two()
    effects = one.say(notice(), now=NOW + 1_000)
    assert told(effects) == [(last_hash(one), {"text", "places"})]
    (opened,) = of_type(effects, Opened)
    for name, opening in opened.openings.items():
        assert opened.header.parts[name] == sha256(opening).digest()


def test_what_a_machine_says_is_not_told() -> None:
    one, other = opened_two()
    assert told(one.say(Draft(kind=Kind.COMMS_CHECK), now=NOW + 1_000, by=None)) == []
    assert told(sent(one, other, now=NOW + 1_010)) == []


def test_what_the_other_says_is_told_once_however_often_it_comes() -> None:
    one, other = opened_two()
    one.say(notice(), now=NOW + 1_000)
    bundle = bundle_of(one, now=NOW + 1_010)
    assert told(other.take(bundle, now=NOW + 1_020)) == [(last_hash(one), {"text", "places"})]
    assert told(other.take(bundle, now=NOW + 1_030)) == []
    assert not other.line.state.unread


def test_a_message_is_told_when_the_last_of_its_parts_has_come_and_then_with_all() -> None:
    one, other = opened_two()
    one.say(notice(), now=NOW + 1_000)
    bundle = bundle_of(one, now=NOW + 1_010)
    assert told(other.take(without(bundle, "text", "places", of=one), now=NOW + 1_020)) == []
    assert told(other.take(without(bundle, "places", of=one), now=NOW + 1_030)) == []
    assert told(other.take(without(bundle, "text", of=one), now=NOW + 1_040)) == [
        (last_hash(one), {"text", "places"})
    ]


def ahead() -> tuple[Party, Party, bytes]:
    """A notice behind a flood, so that it goes ahead of its turn; and its hash."""
    one, other = opened_two()
    one.kept.reach = 1
    for number in range(3):
        one.say(advice(f"advice {number}"), now=NOW + 1_000 + number)
    one.say(notice(precedence=Precedence.FLASH), now=NOW + 1_100)
    return one, other, last_hash(one)


def test_an_urgent_message_is_told_ahead_of_its_turn_and_not_again_in_its_turn() -> None:
    one, other, urgent = ahead()
    bundle = bundle_of(one, now=NOW + 1_200)
    assert bundle.express
    assert (urgent, {"text", "places"}) in told(other.take(bundle, now=NOW + 1_210))
    assert other.line.state.opened_ahead == {urgent}
    one.kept.reach = 512
    later: list[tuple[bytes, set[str]]] = []
    for step in range(4):
        other_bundle = bundle_of(other, now=NOW + 1_300 + step * 20)
        one.take(other_bundle, now=NOW + 1_305 + step * 20)
        later += told(other.take(bundle_of(one, now=NOW + 1_310 + step * 20), now=NOW + 1_315 + step * 20))
    assert other.line.state.copy.log.size == one.line.state.own.size
    assert len(later) == 2, "the two pieces of advice that had not come"
    assert urgent not in {hashed for hashed, _ in later}
    assert not other.line.state.opened_ahead


def test_an_urgent_message_whose_parts_did_not_come_along_is_told_when_they_do() -> None:
    one, other, urgent = ahead()
    bundle = without(bundle_of(one, now=NOW + 1_200), "places", of=one)
    assert urgent not in {hashed for hashed, _ in told(other.take(bundle, now=NOW + 1_210))}
    one.kept.reach = 512
    found: list[tuple[bytes, set[str]]] = []
    for step in range(4):
        one.take(bundle_of(other, now=NOW + 1_300 + step * 20), now=NOW + 1_305 + step * 20)
        found += told(other.take(bundle_of(one, now=NOW + 1_310 + step * 20), now=NOW + 1_315 + step * 20))
    assert found.count((urgent, {"text", "places"})) == 1


def test_what_an_ended_epoch_left_unopened_is_told_with_what_there_is_of_it() -> None:
    one, other = opened_two()
    one.say(notice(), now=NOW + 1_000)
    first = last_hash(one)
    bundle = bundle_of(one, now=NOW + 1_010)
    assert told(other.take(without(bundle, "places", of=one), now=NOW + 1_020)) == []
    one.reopen(now=NOW + 2_000)
    assert told(sent(one, other, now=NOW + 2_010)) == [(first, set())]


def test_an_own_message_that_is_handed_back_is_told_without_the_parts_that_were_lost() -> None:
    one, other = opened_two()
    kept, state = one.kept.copy(), one.line.state
    before = (replace(state.own), dict(state.receptions), list(state.waiting))
    one.say(notice(), now=NOW + 1_000)
    said = last_hash(one)
    exchange(one, other, now=NOW + 1_010)
    one.kept = kept
    state.own, state.receptions, state.waiting = before
    state.confirmed, state.have = state.own.size, None
    shown = bundle_of(one, now=NOW + 2_000)
    other.take(shown, now=NOW + 2_010)
    effects = one.take(bundle_of(other, now=NOW + 2_020), now=NOW + 2_030)
    assert told(effects) == [(said, set())]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.data())
def test_every_message_is_told_once_and_whole_whichever_parts_each_bundle_brings(data: st.DataObject) -> None:
    one, other = opened_two(officers=("duty",))
    for number in range(3):
        one.say(notice(), now=NOW + 1_000 + number)
    bundle = bundle_of(one, now=NOW + 1_100)
    found: list[tuple[bytes, set[str]]] = []
    names = sorted(bundle.parts)
    for step in range(4):
        brought = set(names if step == 3 else data.draw(st.lists(st.sampled_from(names), unique=True)))
        part = replace(bundle, parts={each: raw for each, raw in bundle.parts.items() if each in brought})
        found += told(other.take(part, now=NOW + 1_200 + step))
    assert sorted(hashed for hashed, _ in found) == sorted(
        hashed for hashed, each in one.line.state.receptions.items() if each.kind is Kind.NOTIFY
    )
    assert all(parts == {"text", "places"} for _, parts in found)
