"""Cosigning: a node that forgot what it cosigned gives no cosignature of less, and none at an earlier time."""

from __future__ import annotations

from copy import deepcopy

import pytest

from conversation import LINE, NOW, advice, bundle_of, changes, of_type, opened_two, sent
from keepclear.core.instant import Instant
from keepclear.core.line.event import Cosign, LineEffect, Recalled
from keepclear.core.line.line import Line
from keepclear.core.line.message import header_of
from keepclear.core.record.cosignature import cosignature_at
from keepclear.core.trust.envelope import envelope_of
from keepclear.core.trust.note import note_of
from party import Party, exchange

HOUR_MS = 3_600_000
LATER = NOW + 9 * HOUR_MS
"""When the first cosignatures were given; the clock of the node that came back is behind this."""


def backup_of(party: Party) -> Party:
    """A party as it is now, to be gone on with by itself."""
    back = Party(party.name, party.other, now=NOW, officers=tuple(party.officers))
    back.box, back.serial, back.epoch = party.box, party.serial, party.epoch
    back.line, back.kept = Line(deepcopy(party.line.state)), party.kept.copy()
    return back


def forgetful(*, entries: int = 3) -> tuple[Party, Party, Party]:
    """A party of which nothing of its own is missing; the other, who said more; the first, who cosigned that later."""
    one, other = opened_two()
    back = backup_of(one)
    for number in range(entries):
        other.say(advice(f"word {number}"), now=NOW + 1_000 + number)
    exchange(other, one, now=LATER)
    return back, other, one


def marker_of(party: Party) -> Recalled:
    """What is noted beside the keys of a party of its last cosignature."""
    given, head = party.line.state.own_cosigned[-1], party.line.state.copy.log.head()
    return Recalled(line=LINE, epoch=given.epoch, head=head, second=given.second)


def cosigned_sizes(effects: list[LineEffect]) -> list[int]:
    return [each.size for each in of_type(effects, Cosign)]


def given_by(party: Party) -> str:
    return party.kept.cosigned_by_us[party.line.state.copy.log.origin]


def test_a_head_that_was_cosigned_and_forgotten_is_cosigned_again_in_the_same_second() -> None:
    back, other, one = forgetful()
    [told] = changes(back.do(marker_of(one), now=NOW + HOUR_MS), "reverted")
    assert told.words == (
        "this node cosigned 4 entries of b at 2018-09-06T09:00:00.000Z and has forgotten it: a backup was restored; it "
        "cosigns no less than that, and signs nothing with an earlier time"
    )
    assert cosigned_sizes(sent(other, back, now=NOW + HOUR_MS)) == []
    back.line.state.other_shows = other.line.state.own.mark
    other.line.state.have = None
    assert cosigned_sizes(sent(other, back, now=NOW + HOUR_MS + 10)) == [4]
    assert given_by(back) == given_by(one)


def test_what_is_said_after_it_is_not_dated_before_what_was_forgotten() -> None:
    back, other, one = forgetful()
    back.do(marker_of(one), now=NOW + HOUR_MS)
    back.say(advice("after the backup"), now=NOW + HOUR_MS)
    header = header_of(envelope_of(back.kept.log(back.origin).leaves[-1]).payload)
    assert header.at >= cosignature_at(note_of(given_by(one)), one.cosigner.key) >= LATER
    exchange(back, other, now=NOW + 2 * HOUR_MS)
    assert not other.line.state.faults


def test_less_than_was_cosigned_is_taken_and_not_cosigned() -> None:
    back, other, one = forgetful()
    back.do(marker_of(one), now=NOW + HOUR_MS)
    other.line.state.have, other.kept.reach = None, 2
    effects = sent(other, back, now=NOW + HOUR_MS)
    assert back.line.state.copy.log.size == 2
    assert cosigned_sizes(effects) == []
    for turn in range(3):
        # The other's clock is right, that of the node that came back is eight hours behind.
        other.take(bundle_of(back, now=NOW + HOUR_MS + turn), now=LATER + 100 + turn)
        back.take(bundle_of(other, now=LATER + 200 + turn), now=NOW + HOUR_MS + turn)
    assert back.line.state.copy.log.size == 4
    assert given_by(back) == given_by(one)


def test_more_than_was_cosigned_is_cosigned_no_earlier() -> None:
    back, other, one = forgetful()
    back.do(marker_of(one), now=NOW + HOUR_MS)
    other.say(advice("one more"), now=NOW + 2_000)
    other.line.state.have = None
    [cosign] = of_type(sent(other, back, now=NOW + HOUR_MS), Cosign)
    assert (cosign.size, cosign.at) == (5, Instant(LATER // 1_000 * 1_000))
    assert cosigned_sizes(sent(other, back, now=NOW + HOUR_MS + 10)) == []


def test_a_cosignature_that_is_remembered_is_not_recalled() -> None:
    _, _, one = forgetful()
    before = deepcopy(one.line.state)
    assert one.do(marker_of(one), now=LATER + 1_000) == []
    assert one.line.state == before


def test_the_first_cosignature_of_all_is_recalled_too() -> None:
    one, other = Party("a", "b", now=NOW), Party("b", "a", now=NOW)
    one.open(now=NOW)
    back = backup_of(one)
    other.open(now=NOW)
    exchange(other, one, now=LATER)
    back.do(marker_of(one), now=NOW + 50)
    other.line.state.have = None
    assert cosigned_sizes(sent(other, back, now=NOW + 60)) == [1]
    assert given_by(back) == given_by(one)


@pytest.mark.parametrize("epoch", [1, 2])
def test_two_histories_are_not_cosigned_though_one_of_them_is_forgotten(epoch: int) -> None:
    one, other = opened_two()
    back = backup_of(one)
    if epoch == 2:
        other.reopen(now=NOW + 500)
    twin = backup_of(other)
    for each, word in ((other, "this"), (twin, "that")):
        each.say(advice(word), now=NOW + 1_000)
    exchange(other, one, now=LATER)
    back.do(marker_of(one), now=NOW + HOUR_MS)
    effects = sent(twin, back, now=NOW + HOUR_MS)
    assert cosigned_sizes(effects) == []
    assert back.line.state.copy.log.mark < one.line.state.copy.log.mark
    assert [each.words for each in changes(effects, "unproved")] == [
        "b has not shown that its newest head continues what it signed before"
    ]
    assert not back.line.state.faults
    other.line.state.have = None
    assert cosigned_sizes(sent(other, back, now=NOW + HOUR_MS + 10)) == [other.line.state.own.size]


def test_a_cosignature_in_an_epoch_that_is_over_is_in_nobodys_way() -> None:
    back, other, one = forgetful()
    back.do(marker_of(one), now=NOW + HOUR_MS)
    other.reopen(now=LATER + 1_000)
    exchange(other, back, now=NOW + HOUR_MS)
    assert back.line.state.own_cosigned[-1].mark == other.line.state.own.mark
    assert back.line.state.recalled is None
    assert other.line.state.confirmed == other.line.state.own.size
