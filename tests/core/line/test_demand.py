"""A party whose histories part far back has to show its whole log anew, bundle by bundle, and is convicted then."""

from __future__ import annotations

from conversation import NOW, no_place
from keepclear.core.instant import Instant
from keepclear.core.line.draft import Draft
from keepclear.core.line.fault import FORK
from keepclear.core.line.line import Line
from keepclear.core.line.message import Kind
from keepclear.core.line.packing import status_for
from keepclear.formats.stored.linejournal import line_state_bytes, line_state_of
from party import Party, exchange

COMMON = 600


def _say(party: Party, count: int, words: str, now: int) -> None:
    for number in range(count):
        draft = Draft(kind=Kind.QUERY, contents={"text": no_place(f"{words} {number}")})
        party.say(draft, now=now + number)


def test_histories_that_part_after_600_entries_convict_in_the_end() -> None:
    a, b = Party("a", "b"), Party("b", "a")
    a.open(now=NOW)
    b.open(now=NOW)
    _say(a, COMMON, "common", NOW + 1_000)
    exchange(a, b, now=NOW + 2_000)
    state, kept = line_state_bytes(a.line.state), a.kept.copy()
    _say(a, 20, "one", NOW + 3_000)
    exchange(a, b, now=NOW + 4_000)
    assert b.line.state.copy.log.size == COMMON + 21
    a.line, a.kept = Line(line_state_of(state)), kept
    _say(a, 30, "another", NOW + 5_000)
    for number in range(12):
        now = NOW + 6_000 + number
        # The liar heeds what b says that it has, and nothing that would remind it of its other history.
        a.line.state.have = status_for(b.line.state, now=Instant(now)).have
        bundle = a.bundle(now=now)
        assert bundle is not None
        b.take(bundle, now=now)
        if b.line.state.faults:
            break
    assert [fault.rule for fault in b.line.state.faults] == [FORK]
    assert b.line.state.copy.log.size == COMMON + 21, "nothing of the other history was taken"
