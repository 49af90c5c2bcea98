"""Faults: evidence convicts whom it should by the accused's key and log alone, and nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversation import (
    LINE,
    NOW,
    advice,
    bundle_of,
    forced,
    head_over,
    headed,
    of_type,
    opened_two,
    sent,
)
from keepclear.core.errors import Untrusted
from keepclear.core.line.event import Convict
from keepclear.core.line.fault import FORK, RULES, Fault
from keepclear.core.line.log import Log, Rule, Views
from keepclear.core.record.cosignature import cosignature_at
from keepclear.core.trust.note import VerifierKey, note_of
from party import Party, public


def key_of(party: Party) -> VerifierKey:
    return VerifierKey(name=party.origin, public_key=public(party.log_key))


def convicted(*leaves_of: str) -> tuple[Party, Party, Fault, Log]:
    """A party that broke a rule after a true word, the other, the fault, and the log before it."""
    one, other = opened_two()
    true = headed(one, advice("true"), now=NOW + 1_000)
    lies = {
        Rule.BACK_DATED: headed(one, advice(), now=NOW, index=2, at_ms=NOW + 1),
        Rule.FOREIGN: headed(one, advice(), now=NOW + 2_000, index=3),
        Rule.UNAUTHORISED: headed(one, advice(), now=NOW + 2_000, by=None, index=2),
        Rule.MALFORMED: b"{}",
        Rule.FALSE_VIEW: headed(
            one,
            advice(),
            now=NOW + 2_000,
            index=2,
            seen={"epoch": 1, "root": "00" * 32, "signature": "\u2014 x AAAAAAAA", "size": 9},
        ),
    }
    bundle = forced(one, true, *(lies[Rule(each)] for each in leaves_of), now=NOW + 3_000)
    [found] = of_type(other.take(bundle, now=NOW + 3_010), Convict)
    return one, other, found.fault, other.line.state.copy.log


@pytest.mark.parametrize("rule", sorted(Rule))
def test_each_broken_rule_convicts_and_names_its_entry(rule: Rule) -> None:
    one, other, fault, before = convicted(rule)
    assert (fault.rule, fault.party, fault.line, fault.epoch, fault.start) == (rule, "a", LINE, 1, 1)
    assert fault.words.startswith("entry 2 of keepclear/a/tanf/1 ")
    fault.verify(key=key_of(one), before=before, views=other.line.state.other_views())


def dated_before_its_cosignature() -> tuple[Party, Party, Fault, Log]:
    """A party that cites a head it cosigned two seconds after the time that it states, convicted by the other."""
    one, other = opened_two()
    other.say(advice("to be cosigned"), now=NOW + 1_000)
    sent(other, one, now=NOW + 3_000)
    sent(one, other, now=NOW + 3_010)
    given = other.line.state.other_cosigned[-1]
    assert (given.size, given.second) == (2, (NOW + 3_000) // 1_000)
    lie = headed(one, advice(), now=NOW + 4_000, at_ms=NOW + 1_000)
    [found] = of_type(other.take(forced(one, lie, now=NOW + 4_000), now=NOW + 4_010), Convict)
    assert found.fault.rule == Rule.BACK_DATED
    return one, other, found.fault, other.line.state.copy.log


def test_an_entry_dated_before_a_cosignature_is_convicted_with_the_note_that_bears_it() -> None:
    one, other, fault, before = dated_before_its_cosignature()
    assert cosignature_at(note_of(fault.cosigned), one.cosigner.key) == NOW + 3_000
    views = Views(keys=other.line.state.own_keys)
    with pytest.raises(Untrusted, match="said to break back-dated, found none"):
        fault.verify(key=key_of(one), before=before, views=views)
    fault.verify(key=key_of(one), before=before, views=replace(views, cosigned_s={(1, 2): NOW // 1_000 + 3}))


def test_what_the_log_itself_shows_needs_no_cosigned_note() -> None:
    assert {convicted(rule)[2].cosigned for rule in Rule} == {""}


def test_the_first_broken_rule_is_the_one_that_convicts() -> None:
    _, _, fault, _ = convicted(Rule.FOREIGN, Rule.MALFORMED)
    assert fault.rule == Rule.FOREIGN


def test_evidence_under_another_rule_or_of_sound_entries_is_not_proved() -> None:
    one, other, fault, before = convicted(Rule.BACK_DATED)
    views = other.line.state.other_views()
    with pytest.raises(Untrusted, match="said to break foreign, found back-dated"):
        replace(fault, rule=Rule.FOREIGN).verify(key=key_of(one), before=before, views=views)
    sound = replace(
        fault,
        leaves=fault.leaves[:1],
        checkpoint=head_over(one, (*one.kept.log(one.origin).leaves, *fault.leaves[:1])),
    )
    with pytest.raises(Untrusted, match="said to break back-dated, found none"):
        sound.verify(key=key_of(one), before=before, views=views)


def test_evidence_whose_checkpoint_covers_other_entries_is_not_proved() -> None:
    one, other, fault, before = convicted(Rule.BACK_DATED)
    views = other.line.state.other_views()
    for wrong in (
        replace(fault, leaves=fault.leaves[:-1]),
        replace(fault, leaves=(*fault.leaves, b"{}")),
        replace(fault, leaves=tuple(reversed(fault.leaves))),
    ):
        with pytest.raises(Untrusted, match="fault of a: its checkpoint covers other entries") as unproved:
            wrong.verify(key=key_of(one), before=before, views=views)
        assert unproved.value.code == "fault.unproved"


def test_evidence_under_another_key_accuses_nobody() -> None:
    one, other, fault, before = convicted(Rule.BACK_DATED)
    views = other.line.state.other_views()
    stranger = replace(key_of(one), public_key=public(other.log_key))
    with pytest.raises(Untrusted):
        fault.verify(key=stranger, before=before, views=views)


def test_the_same_lie_again_convicts_once_and_another_rule_anew() -> None:
    one, other, first, _ = convicted(Rule.BACK_DATED)
    assert other.line.state.faults == [first]
    true = headed(one, advice("true"), now=NOW + 1_000)
    for lie, count in ((headed(one, advice(), now=NOW, index=2, at_ms=NOW + 2), 1), (b"{}", 2)):
        other.take(forced(one, true, lie, now=NOW + 4_000), now=NOW + 4_010)
        assert len(other.line.state.faults) == count


def test_a_party_that_is_convicted_is_still_heard() -> None:
    """Its next true bundle is taken: a STOP must not be lost because an earlier lie was told."""
    one, other, _, _ = convicted(Rule.BACK_DATED)
    one.say(advice("true at last"), now=NOW + 5_000)
    sent(one, other, now=NOW + 5_010)
    assert other.line.state.copy.log.size == 2


def test_every_rule_that_convicts_is_listed() -> None:
    assert set(RULES) == {FORK, "malformed", "foreign", "unauthorised", "back-dated", "false-view"}


def test_no_bundle_of_an_honest_party_is_evidence() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    bundle = bundle_of(one, now=NOW + 110)
    before = other.line.state.copy.log
    assert not of_type(other.take(bundle, now=NOW + 120), Convict)
    accused = Fault(
        rule=Rule.MALFORMED,
        party=before.party,
        line=LINE,
        epoch=1,
        words="made up",
        checkpoint=bundle.checkpoint,
        start=1,
        leaves=bundle.leaves,
    )
    with pytest.raises(Untrusted, match="found none"):
        accused.verify(key=key_of(one), before=before, views=other.line.state.other_views())
