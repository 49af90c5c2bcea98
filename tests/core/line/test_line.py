"""The line: one step at a time, whole or not at all, and the same again from the same events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversation import (
    LINE,
    NOW,
    acknowledgement,
    advice,
    bundle_of,
    changes,
    last_hash,
    notice,
    of_type,
    opened_two,
    sent,
    stop,
    two,
)
from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import HOUR_MS, Instant
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import (
    AgreedLineEvent,
    Attended,
    Carried,
    Carry,
    Cosign,
    Elapsed,
    GrowLog,
    KeepCosigned,
    KeepOpenings,
    NotCarried,
    Spoken,
)
from keepclear.core.line.line import line_of
from keepclear.core.line.liveness import Condition
from keepclear.core.line.message import Kind
from keepclear.core.line.reception import Stage
from keepclear.core.line.state import COSIGNATURES_MAX, Cosigned
from keepclear.core.line.status import STATUS_TYPE, Status
from keepclear.core.record.cosignature import cosigned
from keepclear.core.trust.envelope import signed_envelope
from keepclear.core.trust.note import note_of
from party import Party, exchange, public


class Journalled(Party):
    """A party that keeps every event of its line."""

    def __init__(self, name: str, other: str) -> None:
        self.journal: list[tuple[int, AgreedLineEvent]] = []
        super().__init__(name, other, now=NOW)

    def do(self, event: AgreedLineEvent, *, now: int):
        effects = super().do(event, now=now)
        self.journal.append((now, event))
        return effects


def test_a_line_replayed_from_its_events_is_the_same_line() -> None:
    one, other = Journalled("a", "b"), Journalled("b", "a")
    one.open(now=NOW)
    other.open(now=NOW)
    exchange(one, other, now=NOW)
    one.say(notice(), now=NOW + 1_000)
    sent(one, other, now=NOW + 1_010)
    other.say(acknowledgement(last_hash(one)), now=NOW + 2_000)
    one.say(stop(), now=NOW + 2_100)
    one.do(Carried(line=LINE, way="link", size=3), now=NOW + 2_110)
    exchange(one, other, now=NOW + 3_000)
    other.do(Elapsed(line=LINE), now=NOW + 200_000)
    one.do(NotCarried(line=LINE, way="link", trouble="cut"), now=NOW + 200_000)
    one.reopen(now=NOW + 300_000)
    exchange(one, other, now=NOW + 300_010)
    for party in (one, other):
        again = line_of(party.line.state.terms, now=Instant(NOW))
        for now, event in party.journal:
            again.step(event, now=Instant(now))
        assert again.state == party.line.state
        assert list(again.state.receptions) == list(party.line.state.receptions)


# ---------------------------------------------------------------------------- what we say


def test_what_is_said_grows_the_log_keeps_its_parts_and_goes_out() -> None:
    one, _ = opened_two()
    effects = one.say(notice(), now=NOW + 100)
    [grown] = of_type(effects, GrowLog)
    [kept] = of_type(effects, KeepOpenings)
    assert (grown.origin, grown.leaves, grown.checkpoint) == (
        one.origin,
        tuple(one.kept.log(one.origin).leaves[-1:]),
        None,
    )
    reception = one.line.state.receptions[last_hash(one)]
    assert set(kept.openings) == set(reception.parts.values())
    assert of_type(effects, Carry) == [Carry(line=LINE)]
    assert [each.hashes for each in changes(effects, "spoken")] == [(last_hash(one),)]
    assert (one.line.state.next_try, one.line.state.tries) == (NOW + 100, 0)


def test_openings_that_are_not_just_the_parts_are_refused_and_nothing_is_said() -> None:
    one, _ = opened_two()
    leaf, openings = one.signed(notice(), now=NOW + 100)
    given = tuple(openings.values())
    for wrong in (given[:1], (), (*given, b"{}"), (given[0], b"{}")):
        with pytest.raises(
            Refused, match=r"message 1 commits to 2 parts, given are . openings that are not just those"
        ):
            one.do(Spoken(line=LINE, leaf=leaf, openings=wrong), now=NOW + 100)
        assert one.line.state.own.size == 1
        assert last_hash(one) in one.line.state.receptions


def test_a_stop_goes_by_every_way_at_once_where_the_line_is_cut() -> None:
    one, _ = opened_two()
    assert of_type(one.say(stop(), now=NOW + 100), Carry) == [Carry(line=LINE)]
    one.do(NotCarried(line=LINE, way="link", trouble="no route"), now=NOW + 200)
    assert of_type(one.say(stop(), now=NOW + 300), Carry) == [Carry(line=LINE, every_way=True)]
    assert of_type(one.say(advice(), now=NOW + 400), Carry) == [Carry(line=LINE)]


def test_a_person_who_speaks_attends_and_a_machine_does_not() -> None:
    one, _ = opened_two()
    one.say(Draft(kind=Kind.COMMS_CHECK), now=NOW + 100, by=None)
    assert one.line.state.attended is None
    assert one.line.state.last_check == NOW + 100
    one.say(advice(), now=NOW + 200)
    assert one.line.state.attended == NOW + 200
    assert one.do(Attended(line=LINE), now=NOW + 300) == []
    assert one.line.state.attended == NOW + 300


# ---------------------------------------------------------------------------- the ways


def test_what_a_way_carried_is_sent_once() -> None:
    one, _ = opened_two()
    one.say(notice(), now=NOW + 100)
    one.say(advice(), now=NOW + 110)
    first, second = list(one.line.state.receptions)[1:]
    effects = one.do(Carried(line=LINE, way="folder", size=2), now=NOW + 200)
    assert [each.words for each in changes(effects, "sent")] == ["folder"]
    reception = one.line.state.receptions[first]
    assert (reception.stage, reception.sent, reception.way) == (Stage.SENT, NOW + 200, "folder")
    assert one.line.state.receptions[second].stage is Stage.QUEUED
    assert one.do(Carried(line=LINE, way="link", size=2), now=NOW + 300) == []
    assert one.line.state.receptions[first].way == "folder"


def test_a_cut_is_said_once_and_again_after_it_was_mended() -> None:
    one, _ = opened_two()
    down = NotCarried(line=LINE, way="link", trouble="no route")
    assert [each.words for each in changes(one.do(down, now=NOW + 100), "cut")] == ["link: no route"]
    assert one.do(down, now=NOW + 200) == []
    one.do(Carried(line=LINE, way="link", size=1), now=NOW + 300)
    assert changes(one.do(down, now=NOW + 400), "cut")
    assert one.line.state.condition is Condition.NEVER


def test_a_way_that_fails_is_tried_again_ever_more_rarely() -> None:
    one, _ = opened_two()
    waits: list[int] = []
    one.line.state.tries = 0
    for number in range(6):
        now = NOW + 1_000 * number
        one.do(NotCarried(line=LINE, way="link", trouble="no route"), now=now)
        waits.append(one.line.state.next_try - now)
    assert waits == [2_000, 4_000, 8_000, 16_000, 32_000, 60_000]


# ---------------------------------------------------------------------------- receipts


def test_a_cosignature_is_kept_and_is_the_receipt_of_all_below_it() -> None:
    one, other = opened_two()
    for number in range(3):
        one.say(advice(), now=NOW + 100 + number)
    sent(one, other, now=NOW + 5_000)
    effects = sent(other, one, now=NOW + 6_000)
    [kept] = of_type(effects, KeepCosigned)
    assert (kept.origin, kept.size) == (one.origin, 4)
    [delivered] = changes(effects, "delivered")
    assert delivered.hashes == tuple(one.line.state.receptions)[1:]
    assert one.line.state.confirmed == 4
    assert one.line.state.waiting == []
    assert not of_type(sent(other, one, now=NOW + 7_000), KeepCosigned)


def test_a_cosignature_that_does_not_hold_is_no_receipt() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    sent(one, other, now=NOW + 110)
    bundle = bundle_of(other, now=NOW + 120)
    assert bundle.cosigned is not None
    unsigned = note_of(one.kept.log(one.origin).checkpoints[2])
    stranger = replace(one.cosigner, key=replace(one.cosigner.key, name="keepclear/b/tanf/1/cosigner"))
    forged = cosigned(unsigned, stranger, Instant(NOW + 120))
    for wrong in (None, "rubbish", unsigned.written(), forged.written(), bundle.checkpoint):
        effects = one.take(replace(bundle, cosigned=wrong), now=NOW + 130)
        assert not of_type(effects, KeepCosigned)
        assert not changes(effects, "delivered")
        assert one.line.state.confirmed == 1


def test_an_entry_that_cites_our_head_is_its_receipt_though_no_cosignature_came() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    sent(one, other, now=NOW + 110)
    other.say(advice(), now=NOW + 5_000)
    effects = one.take(replace(bundle_of(other, now=NOW + 5_010), cosigned=None), now=NOW + 5_020)
    assert changes(effects, "delivered")
    assert one.line.state.receptions[last_hash(one)].stage is Stage.DELIVERED
    assert one.line.state.receptions[last_hash(one)].receipted is None


def test_a_head_is_cosigned_once() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    assert len(of_type(sent(one, other, now=NOW + 110), Cosign)) == 1
    assert not of_type(sent(one, other, now=NOW + 120), Cosign)


def test_nothing_is_cosigned_before_the_own_log_is_open() -> None:
    one, other = two()
    one.open(now=NOW)
    assert not of_type(sent(one, other, now=NOW + 10), Cosign)
    other.open(now=NOW + 20)
    assert of_type(sent(one, other, now=NOW + 30), Cosign)


def test_the_oldest_cosignatures_are_let_go_of() -> None:
    one, _ = opened_two()
    held = [Cosigned(epoch=1, size=size, second=size) for size in range(COSIGNATURES_MAX)]
    one.line.state.remember_cosigned(held, Cosigned(epoch=1, size=COSIGNATURES_MAX, second=1))
    assert len(held) == COSIGNATURES_MAX
    assert held[0].size == 1


# ---------------------------------------------------------------------------- status


def signed_status(party: Party, *, now: int, **changed: str):
    status = Status(**{"line": LINE, "sender": party.line.state.own.party, "to": party.line.state.own.other,
                       "at": Instant(now), **changed})  # type: ignore[arg-type]  # fmt: skip
    return signed_envelope(
        STATUS_TYPE, status.written(), public_key=public(party.node_key), sign=party.node_key.sign
    )


def test_a_status_of_another_line_or_party_or_key_or_played_again_is_not_believed() -> None:
    one, other = opened_two()
    bundle = bundle_of(other, now=NOW + 1_000)
    for wrong in (
        signed_status(other, now=NOW + 2_000, line="gulf"),
        signed_status(other, now=NOW + 2_000, sender="c"),
        signed_status(other, now=NOW + 2_000, to="c"),
        signed_status(one, now=NOW + 2_000, sender="b", to="a"),
        signed_status(other, now=NOW - 1),
    ):
        effects = one.take(replace(bundle, status=wrong), now=NOW + 2_010)
        assert not changes(effects, "heard")
    effects = one.take(bundle, now=NOW + 2_020)
    assert changes(effects, "heard")
    assert not changes(one.take(bundle, now=NOW + 2_030), "heard")


def test_while_both_clocks_stand_behind_what_the_other_has_is_believed_where_nothing_is_known_of_it() -> None:
    """Else the same first entries would go for ever: here one fits into a bundle, and two are missing."""
    one, other = opened_two()
    exchange(one, other, now=NOW + HOUR_MS)
    for number in range(2):
        one.say(advice(f"word {number}"), now=NOW + HOUR_MS + 1_000 + number)
    # It took the other's next epoch, and no status that it could believe came since.
    one.line.state.have, one.kept.reach = None, 1
    for turn in range(4):
        sent(other, one, now=NOW + 10 * turn)
        sent(one, other, now=NOW + 10 * turn)
    assert other.line.state.copy.log.size == one.line.state.own.size == 3


def test_a_status_that_came_with_the_others_first_entry_is_heard() -> None:
    one, other = two()
    one.open(now=NOW)
    assert other.line.state.liveness.heard is None
    sent(one, other, now=NOW + 20)
    assert other.line.state.liveness.heard == NOW + 20


def test_a_bundle_of_an_epoch_whose_beginning_is_missing_is_refused_and_changes_nothing() -> None:
    """Without the keys of its entry 0 nothing that it says can be believed."""
    one, other = two()
    one.open(now=NOW)
    one.reopen(now=NOW + 10)
    one.say(advice(), now=NOW + 20)
    bundle = bundle_of(one, now=NOW + 30)
    with pytest.raises(Refused) as refusal:
        other.take(replace(bundle, start=1, leaves=bundle.leaves[1:]), now=NOW + 40)
    assert refusal.value.code == "bundle.first"
    assert other.line.state.liveness.heard is None


def test_a_bundle_of_an_earlier_epoch_is_refused_unless_the_key_of_that_epoch_signed_it() -> None:
    one, other = opened_two()
    earlier = bundle_of(one, now=NOW + 30)
    one.reopen(now=NOW + 40)
    sent(one, other, now=NOW + 50)
    assert other.line.state.copy.log.epoch == 2
    other.take(earlier, now=NOW + 60)
    body, signature = earlier.checkpoint.rsplit(" ", 1)
    forged = replace(earlier, checkpoint=f"{body} {signature[:8]}{'A' * (len(signature) - 9)}\n")
    with pytest.raises(Untrusted):
        other.take(forged, now=NOW + 70)


def test_the_clocks_are_compared_from_one_exchange() -> None:
    one, other = opened_two()
    at = NOW + 100_000
    other.take(bundle_of(one, now=at), now=at + 6_000)
    one.take(bundle_of(other, now=at + 7_000), now=at + 3_000)
    clock = one.line.state.liveness.clock
    assert clock is not None
    assert (clock.ahead_ms, clock.error_ms) == (5_000, 1_000)
