"""The thread of a line: nothing that was taken is hidden from the people of the node that took it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from edge.paired import TANF, Party, pair
from keepclear.core.errors import Refused
from keepclear.core.instant import DAY_MS, MINUTE_MS, Instant, instant_of
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import Kind, Precedence, Step, Voice
from keepclear.core.line.text import Text
from keepclear.core.record.merkle import leaf_hash
from keepclear.core.trust.encoding import Json
from keepclear.edge.cli.lineanswers import MessageShown, SignerShown, message_lines
from keepclear.edge.clock import RealClock
from keepclear.edge.lines.thread import PAGE_MAX
from keepclear.formats.line.bundlefile import bundle_bytes, bundle_of
from keepclear.formats.wire import Value, json_bytes

START = instant_of("2018-09-03T18:40:00Z")
OFFICERS = {"a": "L. Marek", "b": "I. Volkov"}


class SetClock(RealClock):
    """A clock that a test sets, back too."""

    def __init__(self, at: Instant) -> None:
        super().__init__()
        self.at = at

    def now(self) -> Instant:
        return self.at

    def pass_ms(self, ms: int) -> None:
        self.at = Instant(self.at + ms)


@pytest.fixture
def pair_of(tmp_path: Path) -> Iterator[tuple[Party, Party]]:
    """Parties ``a`` and ``b``, paired and open, with clocks that the test sets; bundles are handed over by it."""
    one, two = (Party(tmp_path / name, name, clock=SetClock(START)) for name in "ab")
    try:
        pair(one, two)
        exchange(one, two)
        yield one, two
    finally:
        for each in (one, two):
            each.node.host.store.close()
            each.link.close()


def hand_over(sender: Party, receiver: Party) -> None:
    packed = sender.node.lines.pack(TANF, way="file")
    assert packed is not None
    sender.node.lines.carried(TANF, "file", packed)
    receiver.node.lines.take_bundle(packed.raw, way="file")
    for each in (sender, receiver):
        clock_of(each).pass_ms(10)


def exchange(one: Party, two: Party, *, rounds: int = 3) -> None:
    for _ in range(rounds):
        hand_over(one, two)
        hand_over(two, one)


def clock_of(party: Party) -> SetClock:
    clock = party.node.host.clock
    assert isinstance(clock, SetClock)
    return clock


def ask(party: Party, words: str, kind: Kind = Kind.QUERY) -> bytes:
    clock_of(party).pass_ms(10)
    return party.say(kind, words, by=OFFICERS[party.name], precedence=Precedence.ROUTINE)


def shown(values: Sequence[Value]) -> list[MessageShown]:
    """What the API would answer with, as the command line reads it."""
    return msgspec.json.decode(json_bytes(list(values)), type=list[MessageShown])


def page(party: Party, *, limit: int = 500, before: str | None = None) -> list[MessageShown]:
    cut = None if before is None else bytes.fromhex(before)
    return shown(party.views.thread(TANF, limit=limit, before=cut))


def texts(messages: list[MessageShown]) -> list[str]:
    return [each.contents.text.text for each in messages if each.contents.text is not None]


def all_pages(party: Party, *, limit: int) -> list[MessageShown]:
    """The whole thread, gathered backwards page by page."""
    gathered = page(party, limit=limit)
    while earlier := page(party, limit=limit, before=gathered[0].hash):
        assert len(earlier) <= limit
        gathered = [*earlier, *gathered]
    return gathered


def in_order(messages: list[MessageShown], party: str) -> bool:
    places = [(each.epoch, each.index) for each in messages if each.sender == party]
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
    assert (last.hash, last.kind, last.ahead) == (stop.hex(), "stop", True)
    assert texts([last]) == ["Stop firing, our people are there"]
    assert last.by == SignerShown(name="L. Marek", post="duty officer")
    assert last.duty is not None
    assert last.duty.steps == []
    assert last.parts["text"].state == "open"
    assert shown([b.views.message(TANF, stop)]) == [last]
    assert shown(b.views.waiting(TANF))[0].hash == stop.hex()
    assert "Question 9" not in texts(page(b)), "what came in its turn has not come so far"


def test_a_stop_ahead_of_its_turn_is_acknowledged_at_once_and_once(
    stop_ahead: tuple[Party, Party, bytes],
) -> None:
    a, b, stop = stop_ahead
    b.views.header(TANF, stop)
    b.acknowledge(stop, Step.RECEIPTED, by="I. Volkov")
    hand_over(b, a)
    assert [each.step for each in a.line.receptions[stop].steps] == [Step.RECEIPTED]
    assert stop.hex() not in [each.hash for each in shown(b.views.waiting(TANF))]
    exchange(a, b, rounds=12)
    assert len(a.line.receptions[stop].steps) == 1
    assert b.line.duties[stop].steps == (Step.RECEIPTED,), "its turn made it no duty again"
    found = [each for each in page(b) if each.hash == stop.hex()]
    assert [each.ahead for each in found] == [False]
    assert in_order(page(b), "a")
    assert b.node.host.store.arrivals.express("keepclear/a/tanf/1") == ()


def test_pages_go_back_over_what_came_ahead_of_its_turn(stop_ahead: tuple[Party, Party, bytes]) -> None:
    _, b, stop = stop_ahead
    whole = page(b)
    assert all_pages(b, limit=1) == all_pages(b, limit=2) == whole
    assert whole[-1].hash == stop.hex()


def test_what_came_ahead_of_its_turn_is_there_after_a_restart(stop_ahead: tuple[Party, Party, bytes]) -> None:
    _, b, stop = stop_ahead
    before = page(b)
    b.node.host.store.close()
    b.node = b._opened(clock_of(b))
    assert page(b) == before
    assert before[-1].hash == stop.hex()


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
    by_hash = {each.hash: each for each in page(b)}
    assert [by_hash[each.hex()].epoch for each in (old, ours, new)] == [1, 1, 2]
    assert by_hash[old.hex()].by == SignerShown(name="L. Marek", post="duty officer")
    assert shown(b.views.waiting(TANF))[0].hash == old.hex()
    b.views.header(TANF, old)
    b.acknowledge(old, Step.RECEIPTED, by="I. Volkov")
    exchange(a, b)
    assert [each.by for each in a.line.receptions[old].steps] == ["I. Volkov"]


def test_a_party_that_states_old_times_hides_nothing_that_it_says(pair_of: tuple[Party, Party]) -> None:
    a, b = pair_of
    clock_of(b).pass_ms(30 * DAY_MS)
    for number in range(30):
        ask(b, f"Ours {number}")
    exchange(a, b)
    ask(a, "Warning with an old time")
    exchange(a, b)
    last = page(b, limit=1)[0]
    assert texts([last]) == ["Warning with an old time"]
    assert last.came is not None
    late_ms = instant_of(last.came) - instant_of(last.at)
    assert 30 * DAY_MS <= late_ms < 30 * DAY_MS + MINUTE_MS
    assert "30 d " in "".join(each for each in message_lines(last) if "after the time that it states" in each)


def test_every_message_is_on_just_one_page_and_each_log_in_its_order(pair_of: tuple[Party, Party]) -> None:
    a, b = pair_of
    clock_of(a).pass_ms(-3 * DAY_MS)
    for number in range(5):
        ask(a, f"a {number}")
        ask(b, f"b {number}")
        if number % 2:
            exchange(a, b, rounds=1)
        clock_of(b).pass_ms(-7 * MINUTE_MS)
    exchange(a, b)
    wanted = sorted([*entries(a), *entries(b)])
    for party in (a, b):
        for limit in (1, 3, 500):
            thread = all_pages(party, limit=limit)
            assert sorted(each.hash for each in thread) == wanted
            assert in_order(thread, "a")
            assert in_order(thread, "b")


def entries(party: Party) -> list[str]:
    log = party.node.host.store.log(f"keepclear/{party.name}/tanf/1")
    return [leaf_hash(leaf).hex() for leaf in log.leaves(start=0)]


UNFIT: Mapping[str, Mapping[str, Json]] = {
    "contact": {"phones": [5]},
    "echo": {"places": "north of here"},
    "places": {"places": [{"name": "TANF 55"}]},
    "validity": {"keep_until_ms": 1, "why": "because"},
}


@pytest.mark.parametrize("part", UNFIT)
def test_a_part_that_is_no_such_part_is_shown_as_it_came_and_hides_nothing(
    pair_of: tuple[Party, Party], part: str
) -> None:
    a, b = pair_of
    ask(a, "Before")
    text = _text(a, "Beside it")
    draft = Draft(kind=Kind.QUERY, contents={"text": text})
    # A node of ours says no such thing: it would not have made this draft.
    object.__setattr__(draft, "contents", {part: UNFIT[part], "text": text})
    odd = a.node.lines.say(TANF, draft, by="L. Marek")
    ask(a, "After")
    exchange(a, b)
    assert texts(page(b)) == ["Before", "Beside it", "After"]
    (found,) = (each for each in page(b) if each.hash == odd.hex())
    assert found.parts[part].state == "unreadable"
    assert next(iter(UNFIT[part])) in (found.parts[part].raw or "")
    assert any("IS NOT WHAT SUCH A PART MUST BE" in each for each in message_lines(found))


def test_what_was_given_by_voice_is_printed_by_what_was_spoken(pair_of: tuple[Party, Party]) -> None:
    a, b = pair_of
    spoken = Voice(kind=Kind.STOP, readback=bytes(32))
    contents = {"text": _text(a, "Stop firing")}
    draft = Draft(kind=Kind.VOICE, precedence=Precedence.FLASH, contents=contents, voice=spoken)
    a.node.lines.say(TANF, draft, by="L. Marek")
    exchange(a, b)
    for party in (a, b):
        (found,) = (each for each in page(party) if each.kind == "voice")
        assert " STOP BY VOICE flash REAL " in next(message_lines(found))


def _text(party: Party, words: str) -> Mapping[str, Json]:
    text = Text(composed=party.node.now, language="en", originator="L. Marek", text=words, no_place=True)
    return text.content()


def test_why_a_part_is_not_open_here_is_said(pair_of: tuple[Party, Party]) -> None:
    a, b = pair_of
    draft = Draft(
        kind=Kind.QUERY,
        contents={"contact": {"name": "K. Osei"}, "text": _text(a, "Who is there?")},
        released={"contact": ()},
    )
    hashed = a.node.lines.say(TANF, draft, by="L. Marek")
    packed = a.node.lines.pack(TANF, way="file")
    assert packed is not None
    bundle = bundle_of(packed.raw)
    b.node.lines.take_bundle(bundle_bytes(replace(bundle, parts={})), way="file")
    states = {name: part.state for name, part in shown([b.views.message(TANF, hashed)])[0].parts.items()}
    assert states == {"contact": "not-released", "text": "awaited"}
    exchange(a, b)
    states = {name: part.state for name, part in shown([b.views.message(TANF, hashed)])[0].parts.items()}
    assert states == {"contact": "not-released", "text": "open"}


def test_what_waits_for_a_person_is_listed_however_much_came_after_it_the_loudest_first(
    pair_of: tuple[Party, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = pair_of
    ours = ask(b, "Do you hear us?")
    asked = [ask(a, f"Question {number}") for number in range(4)]
    stop = ask(a, "Stop", Kind.STOP)
    later = ask(a, "One more question")
    exchange(a, b)
    for _ in range(12):
        a.node.lines.check(TANF)
    exchange(a, b)
    clock_of(b).pass_ms(DAY_MS)
    assert stop.hex() not in [each.hash for each in page(b, limit=10)]
    listed = [each.hash for each in shown(b.views.waiting(TANF))]
    assert listed == [each.hex() for each in (ours, stop, *asked, later)]
    monkeypatch.setattr("keepclear.edge.api.lineviews.WAITING_MAX", 2)
    assert [each.hash for each in shown(b.views.waiting(TANF))] == [ours.hex(), stop.hex()]
    b.acknowledge(stop, Step.RECEIPTED, by="I. Volkov")
    assert [each.hash for each in shown(b.views.waiting(TANF))] == [ours.hex(), asked[0].hex()]


@pytest.mark.parametrize("limit", [0, PAGE_MAX + 1])
def test_a_page_of_no_messages_or_too_many_is_refused(pair_of: tuple[Party, Party], limit: int) -> None:
    a, _ = pair_of
    with pytest.raises(Refused, match=r"must be 1 to 500"):
        a.views.thread(TANF, limit=limit)


def test_a_page_before_what_was_never_said_is_refused(pair_of: tuple[Party, Party]) -> None:
    a, _ = pair_of
    with pytest.raises(Refused, match="has no message"):
        a.views.thread(TANF, limit=5, before=bytes(32))
