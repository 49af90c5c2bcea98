"""What comes ahead of its turn is kept for people to read, and what an epoch's log was signed by is remembered."""

from __future__ import annotations

from keepclear.core.instant import Instant
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import KeepExpress, LineEffect
from keepclear.core.line.message import Kind, Precedence
from keepclear.core.line.text import Text
from keepclear.core.trust.encoding import Json
from party import Party, exchange

NOW = 1_536_000_000_000


def opened() -> tuple[Party, Party]:
    one, two = Party("a", "b"), Party("b", "a")
    for each in (one, two):
        each.open(now=NOW)
    exchange(one, two, now=NOW)
    return one, two


def draft(kind: Kind) -> Draft:
    text: dict[str, Json] = Text(
        composed=Instant(NOW), language="en", originator="duty", text="Stop", no_place=True
    ).content()
    precedence = Precedence.FLASH if kind is Kind.STOP else Precedence.ROUTINE
    return Draft(kind=kind, precedence=precedence, contents={"text": text})


def kept(effects: list[LineEffect]) -> list[int]:
    return [each.index for each in effects if isinstance(each, KeepExpress)]


def test_an_entry_ahead_of_its_turn_is_kept_once_and_not_again_in_its_turn() -> None:
    one, two = opened()
    one.kept.reach = 2
    for _ in range(6):
        one.say(draft(Kind.QUERY), now=NOW + 1_000)
    one.say(draft(Kind.STOP), now=NOW + 1_000)
    index = one.line.state.own.size - 1
    leaf = one.kept.log(one.origin).leaves[index]
    taken: list[list[int]] = []
    for turn in range(6):
        bundle = one.bundle(now=NOW + 2_000 + turn)
        assert bundle is not None
        effects = two.take(bundle, now=NOW + 2_000 + turn)
        taken.append(kept(effects))
        for each in effects:
            if isinstance(each, KeepExpress):
                assert (each.origin, each.leaf) == (one.origin, leaf)
        answer = two.bundle(now=NOW + 2_000 + turn)
        assert answer is not None
        one.take(answer, now=NOW + 2_000 + turn)
    assert two.line.state.copy.log.size == one.line.state.own.size
    assert taken == [[index], [], [], [], [], []]


def test_the_officers_of_an_epoch_that_is_over_are_remembered_on_both_sides() -> None:
    one, two = opened()
    before = one.line.state.own.roster
    one.reopen(now=NOW + 5_000)
    exchange(one, two, now=NOW + 6_000)
    assert (one.line.state.own_rosters[1], two.line.state.other_rosters[1]) == (before, before)
    assert sorted(one.line.state.own_rosters) == sorted(two.line.state.other_rosters) == [1, 2]
    assert one.line.state.own_keys[2] == two.line.state.other_keys[2] != one.line.state.own_keys[1]
