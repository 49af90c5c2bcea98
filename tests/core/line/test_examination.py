"""A bundle that was examined beforehand is not gone through again, unless the line has moved on since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversation import NOW, advice, bundle_of, opened_two, sent
from keepclear.core.errors import Refused
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.examination import Examination, Examined, examination
from keepclear.core.line.parts import wanted_parts
from party import Party


@pytest.fixture
def gone_through(monkeypatch: pytest.MonkeyPatch) -> list[Bundle]:
    """Every bundle that is gone through from now on."""
    bundles: list[Bundle] = []
    plain = Examination.examined

    def watched(self: Examination) -> Examined:
        bundles.append(self.bundle)
        return plain(self)

    monkeypatch.setattr(Examination, "examined", watched)
    return bundles


def examined(party: Party, bundle: Bundle) -> Examined:
    return examination(party.line.state, bundle, holding=party.holding(bundle)).examined()


def test_what_is_foretold_of_a_bundle_is_not_worked_out_again(gone_through: list[Bundle]) -> None:
    one, other = opened_two()
    gone_through.clear()
    one.say(advice(), now=NOW + 100)
    bundle = bundle_of(one, now=NOW + 110)
    other.line.foretell(examined(other, bundle))
    other.take(bundle, now=NOW + 120)
    assert gone_through == [bundle]
    assert other.line.state.copy.log.size == 2
    one.say(advice(), now=NOW + 130)
    sent(one, other, now=NOW + 140)
    assert len(gone_through) == 2, "it is foretold of one bundle alone"


def test_what_was_foretold_before_the_copy_grew_is_not_believed(gone_through: list[Bundle]) -> None:
    one, other = opened_two()
    gone_through.clear()
    one.say(advice(), now=NOW + 100)
    first = bundle_of(one, now=NOW + 110)
    one.say(advice(), now=NOW + 120)
    second = bundle_of(one, now=NOW + 130)
    early = examined(other, second)
    other.take(first, now=NOW + 140)
    other.line.foretell(early)
    other.take(second, now=NOW + 150)
    assert gone_through == [second, first, second]
    assert other.line.state.copy.log.size == 3
    assert len(other.line.state.duties) == 2


def test_what_is_foretold_of_another_bundle_is_not_believed(gone_through: list[Bundle]) -> None:
    one, other = opened_two()
    gone_through.clear()
    one.say(advice(), now=NOW + 100)
    bundle = bundle_of(one, now=NOW + 110)
    twin = replace(bundle, cosigned=None)
    other.line.foretell(examined(other, twin))
    other.take(bundle, now=NOW + 120)
    assert gone_through == [twin, bundle]


def test_a_bundle_that_is_refused_has_no_entries_whose_parts_are_wanted() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    bundle = bundle_of(one, now=NOW + 110)
    good, bad = examined(other, bundle), examined(other, replace(bundle, leaves=()))
    assert wanted_parts(other.line.state, good.said()) == frozenset(bundle.parts)
    assert wanted_parts(other.line.state, bad.said()) == frozenset()
    with pytest.raises(Refused, match="and a checkpoint over 2"):
        bad.intake()
