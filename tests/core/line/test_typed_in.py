"""What is given by voice is receipted on both sides once both have typed it in, in whatever order that happens."""

from __future__ import annotations

import pytest

from conversation import NOW, no_place, opened_two
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import Kind
from keepclear.core.line.voice.readback import readback_hash
from party import Party, exchange

WORDS = "Convoy leaves at 0800."
VOICE = readback_hash(kind="voice", flag="real", precedence="immediate", line="tanf", text=WORDS)


def _typed(party: Party, now: int) -> None:
    party.say(Draft(kind=Kind.VOICE, contents={"text": no_place(WORDS)}, voice=VOICE), now=now)


@pytest.mark.parametrize("apart", [True, False], ids=["one after the other", "both before the line was back"])
def test_a_message_by_voice_is_receipted_once_both_typed_it_in(
    apart: bool,  # noqa: FBT001 - a case of the test
) -> None:
    one, other = opened_two()
    _typed(one, NOW + 1_000)
    if apart:
        exchange(one, other, now=NOW + 2_000)
        assert [duty.receipted for duty in other.line.state.duties.values()] == [False]
    _typed(other, NOW + 3_000)
    exchange(one, other, now=NOW + 4_000)
    for party in (one, other):
        given = [each for each in party.line.state.receptions.values() if each.kind is Kind.VOICE]
        assert [each.receipted is not None for each in given] == [True], party.name
        assert all(duty.receipted for duty in party.line.state.duties.values()), party.name


def test_a_status_from_a_clock_that_was_set_right_is_believed_once_its_log_grew() -> None:
    one, other = opened_two()
    ahead = NOW + 5 * 86_400_000
    bundle = other.bundle(now=ahead)
    assert bundle is not None
    one.take(bundle, now=NOW + 1_000)
    assert one.line.state.liveness.last_said == ahead
    back = other.bundle(now=NOW + 2_000)
    assert back is not None
    one.take(back, now=NOW + 2_000)
    assert one.line.state.liveness.last_said == ahead, "an older status may be one that is played again"
    other.say(Draft(kind=Kind.COMMS_CHECK), now=NOW + 3_000, by=None)
    right = other.bundle(now=NOW + 3_000)
    assert right is not None
    one.take(right, now=NOW + 3_000)
    assert one.line.state.liveness.last_said == NOW + 3_000
