"""Whoever only carries a bundle, and has no key, neither stops nor mutes a node; and nobody is convicted by a loss."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversation import NOW, advice, bundle_of, opened_two
from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, Instant, instant_text
from keepclear.core.line.liveness import Liveness
from keepclear.core.line.message import LineName, PartyWord
from keepclear.core.line.status import Heard, Status
from keepclear.core.line.terms import Terms
from keepclear.core.trust.note import note_of
from party import Party, exchange


def _with_lines(note: str, *lines: str) -> str:
    return note + "".join(f"{line}\n" for line in lines)


def test_lines_that_a_carrier_adds_to_a_checkpoint_are_not_kept() -> None:
    one, other = opened_two()
    other.say(advice(), now=NOW + 1_000)
    bundle = bundle_of(other, now=NOW + 2_000)
    junk = [f"— junk{number} {'AAAA' * 25}" for number in range(97)]
    one.take(replace(bundle, checkpoint=_with_lines(bundle.checkpoint, *junk)), now=NOW + 3_000)
    kept = one.line.state.copy.checkpoint
    assert kept is not None
    assert {line.name for line in note_of(kept).signatures} == {other.origin}
    assert one.line.state.copy.log.size == other.line.state.own.size
    one.say(advice("We heard."), now=NOW + 4_000)
    exchange(one, other, now=NOW + 5_000)
    assert other.line.state.copy.log.size == one.line.state.own.size


def test_a_line_under_another_name_with_the_hash_of_the_log_key_mutes_nobody() -> None:
    one, other = opened_two()
    other.say(advice(), now=NOW + 1_000)
    bundle = bundle_of(other, now=NOW + 2_000)
    text, signature = bundle.checkpoint.rsplit("\n\n", 1)
    stranger = "— stranger " + signature.split(" ")[2].strip()
    one.take(replace(bundle, checkpoint=f"{text}\n\n{stranger}\n{signature}"), now=NOW + 3_000)
    one.say(advice("We heard."), now=NOW + 4_000)
    exchange(one, other, now=NOW + 5_000)
    assert other.line.state.copy.log.size == one.line.state.own.size


@pytest.mark.parametrize("said", [0, 1, FOREVER], ids=["the first instant", "the next", "the last"])
def test_a_status_of_any_time_leaves_instants_that_can_be_written(said: int) -> None:
    live = Liveness(opened=Instant(NOW))
    for at in (FOREVER, said):
        status = Status(
            line=LineName("tanf"),
            sender=PartyWord("b"),
            to=PartyWord("a"),
            at=Instant(at),
            attended=Instant(said),
            heard=Heard(said=Instant(said), at=Instant(at)),
        )
        live = live.after(status, now=Instant(NOW + 1))
        assert live.attended_by_us is not None
        assert instant_text(live.attended_by_us)


def test_no_line_has_the_name_of_the_nodes_own_record() -> None:
    terms = Party("a", "b").line.state.terms
    with pytest.raises(Refused, match="own record"):
        replace(terms, line=LineName("node"))
    assert isinstance(terms, Terms)
