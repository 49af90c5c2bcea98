"""The thread of a line: nothing that was taken is hidden from the people of the node that took it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.paired import TANF, Party, pair
from keepclear.core.instant import DAY_MS, MINUTE_MS
from keepclear.core.line.message import Kind, Precedence, Step
from keepclear.core.record.merkle import leaf_hash
from keepclear.formats.wire import json_bytes
from linenodes import START, TestClock

OFFICERS = {"a": "L. Marek", "b": "I. Volkov"}
Shown = dict[str, Any]


@pytest.fixture
def pair_of(tmp_path: Path) -> Iterator[tuple[Party, Party]]:
    """Parties ``a`` and ``b``, paired and open, with clocks that the test sets; bundles are handed over by it."""
    one, two = (Party(tmp_path / name, name, clock=TestClock(START)) for name in "ab")
    pair(one, two)
    exchange(one, two)
    yield one, two
    for each in (one, two):
        each.node.host.store.close()
        each.link.close()


def hand_over(sender: Party, receiver: Party) -> None:
    packed = sender.node.lines.pack(TANF)
    assert packed is not None
    sender.node.lines.carried(TANF, "file", packed)
    receiver.node.lines.take_bundle(packed.raw, way="file")
    for each in (sender, receiver):
        clock_of(each).at += 10


def exchange(one: Party, two: Party, *, rounds: int = 3) -> None:
    for _ in range(rounds):
        hand_over(one, two)
        hand_over(two, one)


def clock_of(party: Party) -> TestClock:
    clock = party.node.host.clock
    assert isinstance(clock, TestClock)
    return clock


def ask(party: Party, words: str, kind: Kind = Kind.QUERY) -> bytes:
    clock_of(party).at += 10
    return party.say(kind, words, by=OFFICERS[party.name], precedence=Precedence.ROUTINE)


def shown(values: object) -> list[Shown]:
    """What the API would answer with, as a client reads it."""
    return msgspec.json.decode(json_bytes(values))


def page(party: Party, *, limit: int = 500, before: str | None = None) -> list[Shown]:
    cut = None if before is None else bytes.fromhex(before)
    return shown(party.views.thread(TANF, limit=limit, before=cut))


def texts(messages: list[Shown]) -> list[str]:
    return [each["contents"]["text"]["text"] for each in messages if "text" in each["contents"]]


def all_pages(party: Party, *, limit: int) -> list[Shown]:
    """The whole thread, gathered backwards page by page."""
    gathered = page(party, limit=limit)
    while earlier := page(party, limit=limit, before=gathered[0]["hash"]):
        assert len(earlier) <= limit
        gathered = [*earlier, *gathered]
    return gathered


def in_order(messages: list[Shown], party: str) -> bool:
    places = [(each["epoch"], each["index"]) for each in messages if each["from"] == party]
    return places == sorted(places)


@pytest.fixture
def stop_ahead(pair_of: tuple[Party, Party], monkeypatch: pytest.MonkeyPatch) -> tuple[Party, Party, bytes]:
    """``a`` said ten things and then STOP; one bundle of two entries has reached ``b``, and the STOP with it."""
    monkeypatch.setattr("keepclear.core.line.packing.LEAVES_MAX", 2)
    monkeypatch.setattr("keepclear.edge.store.heads.CHECKPOINT_SPAN", 1)
    a, b = pair_of
    for number in range(10):
        ask(a, f"Question {number}")
    stop = ask(a, "Stop firing, our people are there", Kind.STOP)
    hand_over(a, b)
    return a, b, stop


def test_a_stop_ahead_of_its_turn_is_read_before_what_comes_before_it(
    stop_ahead: tuple[Party, Party, bytes],
) -> None:
    _, b, stop = stop_ahead
    last = page(b)[-1]
    assert (last["hash"], last["kind"], last["ahead"]) == (stop.hex(), "stop", True)
    assert texts([last]) == ["Stop firing, our people are there"]
    assert last["by"] == {"name": "L. Marek", "post": "duty officer"}
    assert last["duty"]["steps"] == []
    assert last["parts"]["text"]["state"] == "open"
    assert shown(b.views.message(TANF, stop)) == last
    assert [each["hash"] for each in shown(b.views.waiting(TANF))][0] == stop.hex()
    assert "Question 9" not in texts(page(b)), "what came in its turn has not come so far"


def test_a_stop_ahead_of_its_turn_is_acknowledged_at_once_and_once(
    stop_ahead: tuple[Party, Party, bytes],
) -> None:
    a, b, stop = stop_ahead
    b.views.header(TANF, stop)
    b.acknowledge(stop, Step.RECEIPTED, by="I. Volkov")
    hand_over(b, a)
    assert [each.step for each in a.line.receptions[stop].steps] == [Step.RECEIPTED]
    assert stop.hex() not in [each["hash"] for each in shown(b.views.waiting(TANF))]
    exchange(a, b, rounds=12)
    assert len(a.line.receptions[stop].steps) == 1
    assert b.line.duties[stop].steps == (Step.RECEIPTED,), "its turn made it no duty again"
    found = [each for each in page(b) if each["hash"] == stop.hex()]
    assert [each["ahead"] for each in found] == [False]
    assert in_order(page(b), "a")
    assert b.node.host.store.arrivals.express("keepclear/a/tanf/1") == ()


def test_pages_go_back_over_what_came_ahead_of_its_turn(stop_ahead: tuple[Party, Party, bytes]) -> None:
    _, b, stop = stop_ahead
    whole = page(b)
    assert all_pages(b, limit=1) == all_pages(b, limit=2) == whole
    assert whole[-1]["hash"] == stop.hex()


def test_what_came_ahead_of_its_turn_is_there_after_a_restart(stop_ahead: tuple[Party, Party, bytes]) -> None:
    _, b, stop = stop_ahead
    before = page(b)
    b.node.host.store.close()
    b.node = b._opened(clock_of(b))
    assert page(b) == before
    assert before[-1]["hash"] == stop.hex()


def test_what_was_said_in_an_earlier_epoch_is_shown_and_can_still_be_answered(
    pair_of: tuple[Party, Party],
) -> None:
    a, b = pair_of
    old = ask(a, "Is this your drone?")
    exchange(a, b)
    ours = ask(b, "Wait")
    exchange(a, b)
    for party, other in ((a, b), (b, a)):
        party.node.lines.reopen(TANF, root=party.node.lines.identity.root_key())
        exchange(party, other)
    new = ask(a, "And this one?")
    exchange(a, b)
    assert texts(page(b)) == ["Is this your drone?", "Wait", "And this one?"]
    assert texts(all_pages(b, limit=1)) == texts(page(b))
    by_hash = {each["hash"]: each for each in page(b)}
    assert [by_hash[each.hex()]["epoch"] for each in (old, ours, new)] == [1, 1, 2]
    assert by_hash[old.hex()]["by"] == {"name": "L. Marek", "post": "duty officer"}
    assert [each["hash"] for each in shown(b.views.waiting(TANF))][:1] == [old.hex()]
    b.views.header(TANF, old)
    b.acknowledge(old, Step.RECEIPTED, by="I. Volkov")
    exchange(a, b)
    assert [each.by for each in a.line.receptions[old].steps] == ["I. Volkov"]


def test_a_party_that_states_old_times_hides_nothing_that_it_says(pair_of: tuple[Party, Party]) -> None:
    a, b = pair_of
    clock_of(b).at += 30 * DAY_MS
    for number in range(30):
        ask(b, f"Ours {number}")
    exchange(a, b)
    ask(a, "Warning with an old time")
    exchange(a, b)
    last = page(b, limit=1)[0]
    assert texts([last]) == ["Warning with an old time"]
    assert last["at"] < "2018-09-05"
    assert last["came"] > "2018-10-03"


def test_every_message_is_on_just_one_page_and_each_log_in_its_order(pair_of: tuple[Party, Party]) -> None:
    a, b = pair_of
    clock_of(a).at -= 3 * DAY_MS
    for number in range(5):
        ask(a, f"a {number}")
        ask(b, f"b {number}")
        if number % 2:
            exchange(a, b, rounds=1)
        clock_of(b).at -= 7 * MINUTE_MS
    exchange(a, b)
    wanted = sorted([*entries(a), *entries(b)])
    for party in (a, b):
        for limit in (1, 3, 500):
            thread = all_pages(party, limit=limit)
            assert sorted(each["hash"] for each in thread) == wanted
            assert in_order(thread, "a")
            assert in_order(thread, "b")


def entries(party: Party) -> list[str]:
    log = party.node.host.store.log(f"keepclear/{party.name}/tanf/1")
    return [leaf_hash(leaf).hex() for leaf in log.leaves(start=0)]
