"""Withholding: a part that will never come keeps nobody from cosigning, once its speaker has said so in its log."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from hashlib import sha256

import pytest

from conversation import (
    LINE,
    NOW,
    advice,
    bundle_of,
    changes,
    last_hash,
    notice,
    of_type,
    opened_two,
    sent,
    some_hash,
    two,
    withhold,
)
from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.event import Cosign, KeepOpenings, Opened, PartsWithheld, Reverted
from keepclear.core.line.line import Line
from keepclear.core.line.log import Mark
from keepclear.core.line.message import WITHHOLDS_MAX, How, Kind, Reference, header_of
from keepclear.core.line.parts import wanted_parts
from keepclear.core.line.room import ROOM
from keepclear.core.line.state import Awaited, Waiting
from keepclear.core.line.withholding import FORGONE_MAX, withholding
from keepclear.core.trust.envelope import envelope_of
from party import Party, exchange


def part(party: Party, name: str) -> bytes:
    """The commitment of a part of what a party said last."""
    return party.line.state.receptions[last_hash(party)].parts[name]


def lost(*names: str) -> tuple[Party, Party, bytes]:
    """A notice whose openings of some names its speaker has lost before the other had them; and its hash."""
    one, other = opened_two()
    one.say(notice(), now=NOW + 1_000)
    for name in names:
        del one.kept.openings[part(one, name)]
    exchange(one, other, now=NOW + 2_000)
    return one, other, last_hash(one)


# ---------------------------------------------------------------------------- what it mends


def test_a_part_that_never_comes_no_longer_keeps_later_messages_from_being_cosigned() -> None:
    one, other, _ = lost("places")
    one.say(advice(), now=NOW + 3_000)
    exchange(one, other, now=NOW + 4_000)
    assert one.line.state.confirmed == 1, "nothing that the other could not open is cosigned"
    one.withhold(now=NOW + 5_000)
    exchange(one, other, now=NOW + 6_000)
    assert one.line.state.confirmed == one.line.state.own.size == 4
    assert not other.line.state.unopened
    assert not one.line.state.waiting


def test_what_is_withheld_is_named_with_its_message_and_no_person_has_to_answer() -> None:
    one, other, hashed = lost("places")
    commitment = one.line.state.receptions[hashed].parts["places"]
    effects = one.withhold(now=NOW + 5_000)
    header = header_of(envelope_of(one.kept.log(one.origin).leaves[-1]).payload)
    assert (header.kind, header.withholds) == (Kind.WITHHOLD, (commitment,))
    assert header.references == (Reference(hash=hashed, how=How.ABOUT),)
    noted = PartsWithheld(origin=one.origin, index=2, at=Instant(NOW + 5_000), commitments=(commitment,))
    assert of_type(effects, PartsWithheld) == [noted]
    effects = sent(one, other, now=NOW + 6_000)
    assert of_type(effects, PartsWithheld) == [noted]
    [told] = changes(effects, "parts-withheld")
    assert told.hashes == (last_hash(one), hashed)
    assert told.words == "a gives no more of 1 part that was never opened here"
    assert last_hash(one) not in other.line.state.duties
    assert one.line.state.receptions[last_hash(one)].due is None
    assert [(each.hash, set(each.openings)) for each in of_type(effects, Opened)] == [(hashed, {"text"})]


def test_what_can_still_be_given_is_waited_for_though_another_part_of_the_message_is_withheld() -> None:
    one, other = opened_two()
    one.say(notice(), now=NOW + 1_000)
    text, hashed = part(one, "text"), last_hash(one)
    del one.kept.openings[part(one, "places")]
    one.withhold(now=NOW + 2_000, end=one.line.state.own.size)
    bundle = bundle_of(one, now=NOW + 3_000)
    effects = other.take(replace(bundle, parts={}), now=NOW + 3_010)
    assert list(other.line.state.unopened) == [text]
    assert not of_type(effects, Cosign)
    effects = sent(one, other, now=NOW + 4_000)
    assert [(each.hash, set(each.openings)) for each in of_type(effects, Opened)] == [(hashed, {"text"})]
    assert of_type(effects, Cosign)


def test_an_opening_that_comes_with_the_entry_that_withholds_it_is_taken() -> None:
    one, other = opened_two()
    one.say(notice(), now=NOW + 1_000)
    one.say(withhold(part(one, "places"), about=last_hash(one)), now=NOW + 1_100, by=None)
    effects = sent(one, other, now=NOW + 2_000)
    assert not of_type(effects, PartsWithheld)
    assert len(other.kept.openings) == 2
    assert not other.line.state.forgone


def test_an_opening_that_comes_after_the_entry_that_withholds_it_is_taken_as_before() -> None:
    one, other = opened_two()
    one.say(notice(), now=NOW + 1_000)
    commitment = part(one, "places")
    older = bundle_of(one, now=NOW + 1_050)
    opening = one.kept.openings.pop(commitment)
    one.withhold(now=NOW + 1_100, end=2)
    sent(one, other, now=NOW + 2_000)
    assert commitment in wanted_parts(other.line.state, ())
    effects = other.take(older, now=NOW + 3_000, way="stick")
    assert [each.openings for each in of_type(effects, KeepOpenings)] == [{commitment: opening}]
    assert not other.line.state.forgone
    assert not of_type(effects, Opened), "a message is told of once"


# ---------------------------------------------------------------------------- when it is said


def test_nothing_is_withheld_that_can_still_be_given() -> None:
    one, other = opened_two()
    one.say(notice(), now=NOW + 1_000)
    other.take(replace(bundle_of(one, now=NOW + 2_000), parts={}), now=NOW + 2_010)
    sent(other, one, now=NOW + 2_020)
    assert one.line.state.has_of_us is not None
    assert one.line.state.has_of_us.opened < one.line.state.has_of_us.head.size
    assert one.withhold(now=NOW + 3_000, end=one.line.state.own.size) == []


def test_what_the_other_has_opened_is_not_withheld_when_it_is_lost_later() -> None:
    one, other = opened_two()
    one.say(notice(), now=NOW + 1_000)
    exchange(one, other, now=NOW + 2_000)
    one.kept.openings.clear()
    assert one.withhold(now=NOW + 3_000, end=one.line.state.own.size) == []


def test_what_the_other_does_not_have_yet_is_withheld_once_it_has_it_or_when_it_is_asked_for() -> None:
    one, other = opened_two()
    one.say(notice(), now=NOW + 1_000)
    one.kept.openings.clear()
    assert one.withhold(now=NOW + 2_000) == [], (
        "by what the other says it has no entry that it could not open"
    )
    assert one.withhold(now=NOW + 2_000, end=one.line.state.own.size) != []
    exchange(one, other, now=NOW + 3_000)
    assert one.line.state.confirmed == one.line.state.own.size


def test_what_is_gone_before_the_other_was_ever_heard_is_withheld_when_it_is_asked_for() -> None:
    one, other = two()
    one.open(now=NOW)
    one.say(notice(), now=NOW + 1_000)
    one.kept.openings.clear()
    assert one.withhold(now=NOW + 2_000) == []
    assert one.withhold(now=NOW + 2_000, end=2) != []
    other.open(now=NOW + 3_000)
    exchange(one, other, now=NOW + 4_000)
    assert one.line.state.confirmed == one.line.state.own.size == 3


def test_a_part_is_withheld_once() -> None:
    one, _, _ = lost("places")
    assert one.withhold(now=NOW + 5_000) != []
    assert one.withhold(now=NOW + 6_000) == []


def test_a_part_that_was_not_released_is_not_withheld() -> None:
    one, other = opened_two()
    one.say(replace(notice(), released={"places": ()}), now=NOW + 1_000)
    del one.kept.openings[part(one, "places")]
    exchange(one, other, now=NOW + 2_000)
    assert one.line.state.confirmed == 2
    assert one.withhold(now=NOW + 3_000, end=2) == []


def test_a_node_whose_log_has_not_begun_or_goes_further_than_it_holds_withholds_nothing() -> None:
    one, _, _ = lost("places")
    one.do(Reverted(line=LINE, signed=Mark(epoch=1, size=9)), now=NOW + 5_000)
    assert one.withhold(now=NOW + 6_000) == []
    mute, _ = two()
    assert withholding(mute.line.state, mute.kept, end=9) == []


def test_more_parts_than_one_entry_may_name_are_withheld_by_several() -> None:
    one, other = opened_two()
    for number in range(WITHHOLDS_MAX + 1):
        one.say(advice(f"advice {number}"), now=NOW + 1_000 + number)
    one.kept.openings.clear()
    size = one.line.state.own.size
    one.withhold(now=NOW + 5_000, end=size)
    assert one.line.state.own.size == size + 2
    exchange(one, other, now=NOW + 6_000)
    assert one.line.state.confirmed == size + 2


def test_parts_are_looked_for_in_so_many_entries_as_a_bundle_brings_parts_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("keepclear.core.line.withholding.PARTS_ENTRIES_MAX", 3)
    one, _ = opened_two()
    for number in range(4):
        one.say(advice(), now=NOW + 1_000 + number)
    one.kept.openings.clear()
    [draft] = withholding(one.line.state, one.kept, end=one.line.state.own.size)
    assert len(draft.withholds) == 3


def test_there_is_always_room_to_withhold() -> None:
    one, _, _ = lost("places")
    one.line.state.waiting = [Waiting(index=1, urgent=False)] * max(ROOM.values())
    with pytest.raises(Refused, match="none of precedence routine"):
        one.say(advice(), now=NOW + 4_000)
    assert one.withhold(now=NOW + 5_000) != []


# ---------------------------------------------------------------------------- what changes nothing


def test_to_withhold_what_is_not_known_not_yet_said_or_of_the_other_s_log_convicts_nobody() -> None:
    one, other = opened_two()
    other.say(notice(), now=NOW + 500)
    theirs = part(other, "text")
    sent(other, one, now=NOW + 600)
    before = one.line.state.own.size
    leaf, openings = one.signed(notice(), now=NOW + 1_100)
    later = tuple(sha256(each).digest() for each in openings.values())
    one.say(withhold(some_hash("unknown"), theirs, *later), now=NOW + 1_000, by=None)
    effects = sent(one, other, now=NOW + 2_000)
    assert of_type(effects, PartsWithheld) == []
    assert changes(effects, "parts-withheld") == []
    assert not other.line.state.faults
    assert one.line.state.own.size == before + 1
    assert other.line.state.own_cosigned[-1].size == one.line.state.own.size
    assert leaf not in one.kept.log(one.origin).leaves


def test_an_entry_withholds_nothing_that_is_said_after_it() -> None:
    one, other = opened_two()
    salts = one.salts
    _, openings = one.signed(notice(), now=NOW + 1_100)
    one.salts = salts
    later = tuple(sha256(each).digest() for each in openings.values())
    one.say(withhold(*later), now=NOW + 1_000, by=None)
    one.say(notice(), now=NOW + 1_100)
    assert set(later) == set(one.line.state.receptions[last_hash(one)].parts.values())
    effects = other.take(replace(bundle_of(one, now=NOW + 2_000), parts={}), now=NOW + 2_010)
    assert of_type(effects, PartsWithheld) == []
    assert set(other.line.state.unopened) == set(later)


def test_a_person_may_withhold_too() -> None:
    one, other, hashed = lost("places")
    commitment = one.line.state.receptions[hashed].parts["places"]
    one.say(withhold(commitment, about=hashed), now=NOW + 5_000, by="duty")
    exchange(one, other, now=NOW + 6_000)
    assert one.line.state.confirmed == one.line.state.own.size
    assert last_hash(one) not in other.line.state.duties


def test_what_was_withheld_is_known_again_when_it_is_handed_back() -> None:
    one, other, _ = lost("places")
    restored = Party("a", "b", now=NOW, officers=tuple(one.officers))
    restored.box, restored.kept, restored.line = one.box, one.kept.copy(), Line(deepcopy(one.line.state))
    one.withhold(now=NOW + 5_000)
    exchange(one, other, now=NOW + 6_000)
    sent(restored, other, now=NOW + 7_000)
    effects = sent(other, restored, now=NOW + 7_010)
    assert restored.line.state.own.head() == one.line.state.own.head()
    assert [each.index for each in of_type(effects, PartsWithheld)] == [2]
    assert restored.withhold(now=NOW + 8_000, end=3) == []


def test_of_parts_withheld_the_latest_so_many_are_remembered() -> None:
    one, other, hashed = lost("places")
    commitment = one.line.state.receptions[hashed].parts["places"]
    other.line.state.forgone = {
        some_hash(f"old {number}"): Awaited(index=0, together=()) for number in range(FORGONE_MAX)
    }
    one.withhold(now=NOW + 5_000)
    sent(one, other, now=NOW + 6_000)
    assert len(other.line.state.forgone) == FORGONE_MAX
    assert some_hash("old 0") not in other.line.state.forgone
    assert list(other.line.state.forgone)[-1] == commitment
