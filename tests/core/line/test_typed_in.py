"""What is given by voice is receipted on both sides once both typed it in, and never by words said another time."""

from __future__ import annotations

import pytest

from conversation import LINE, NOW, changes, elapsed, last_hash, no_place, of_type, opened_two, sent
from exports import export_from, roots_of, sealed_bytes
from keepclear.core.errors import Refused
from keepclear.core.instant import HOUR_MS, Instant
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import Carry, NotCarried
from keepclear.core.line.message import Flag, How, Kind, Precedence, Reference, Step, Voice
from keepclear.core.line.reception import Reception
from keepclear.core.line.verdict.verdict import Verdict, verdict
from keepclear.core.line.voice.readback import readback_hash
from keepclear.core.line.voice.typedin import referring
from keepclear.formats.line.exportfile import export_of
from party import Party, exchange

DAY_MS = 24 * HOUR_MS
WORDS = "Convoy leaves at 0800."
KINDS = [Kind.ADVISE, Kind.STOP]


def spoken(kind: Kind = Kind.ADVISE, words: str = WORDS, references: tuple[Reference, ...] = ()) -> Draft:
    """Something said on the telephone, as either side types it in."""
    precedence = Precedence.FLASH if kind is Kind.STOP else Precedence.IMMEDIATE
    readback = readback_hash(kind=kind, flag=Flag.REAL, precedence=precedence, line=LINE, text=words)
    return Draft(
        kind=Kind.VOICE,
        precedence=precedence,
        contents={"text": no_place(words)},
        references=references,
        voice=Voice(kind=kind, readback=readback),
    )


def reception(party: Party, hashed: bytes) -> Reception:
    return party.line.state.receptions[hashed]


def steps(party: Party, hashed: bytes) -> list[Step]:
    return [each.step for each in reception(party, hashed).steps]


def judged(one: Party, other: Party) -> Verdict:
    """What a third party finds in the export of one."""
    found = verdict(export_of(sealed_bytes(export_from(one, other), one)), roots=roots_of(one, other))
    assert found.holds
    return found


def type_in(party: Party, draft: Draft, *, now: int, by: str = "duty") -> bytes:
    """Type in as the API does: with a reference to what the other has already given, where that is one."""
    party.say(referring(party.line.state, draft, now=Instant(now)), now=now, by=by)
    return last_hash(party)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("apart", [True, False], ids=["one after the other", "both before the line was back"])
def test_a_message_by_voice_is_receipted_once_both_typed_it_in(
    apart: bool,  # noqa: FBT001 - a case of the test
    kind: Kind,
) -> None:
    one, other = opened_two()
    type_in(one, spoken(kind), now=NOW + 1_000)
    if apart:
        exchange(one, other, now=NOW + 2_000)
        assert [duty.receipted for duty in other.line.state.duties.values()] == [False]
    type_in(other, spoken(kind), now=NOW + 3_000)
    exchange(one, other, now=NOW + 4_000)
    for party in (one, other):
        assert steps(party, last_hash(party)) == [Step.RECEIPTED], party.name
        assert all(duty.receipted for duty in party.line.state.duties.values()), party.name
    assert judged(one, other).unacknowledged == 0


@pytest.mark.parametrize("first", [0, 1], ids=["the giver types first", "the hearer types first"])
def test_the_same_words_on_another_day_are_no_receipt_for_the_message_of_today(first: int) -> None:
    one, other = opened_two()
    typing = (one, other) if first == 0 else (other, one)
    for number, party in enumerate(typing):
        type_in(party, spoken(), now=NOW + 1_000 * number)
        exchange(one, other, now=NOW + 10_000 + 1_000 * number)
    again = type_in(one, spoken(), now=NOW + DAY_MS)
    exchange(one, other, now=NOW + DAY_MS + 1_000)
    assert steps(one, again) == []
    assert not other.line.state.duties[again].receipted
    assert judged(one, other).unacknowledged == 1


def test_words_typed_in_once_do_not_receipt_two_messages_of_one_day() -> None:
    one, other = opened_two()
    first = type_in(one, spoken(), now=NOW)
    type_in(other, spoken(), now=NOW + 1_000)
    exchange(one, other, now=NOW + 2_000)
    second = type_in(one, spoken(), now=NOW + HOUR_MS // 2)
    exchange(one, other, now=NOW + HOUR_MS // 2 + 1_000)
    assert (steps(one, first), steps(one, second)) == ([Step.RECEIPTED], [])
    type_in(other, spoken(), now=NOW + HOUR_MS // 2 + 2_000)
    exchange(one, other, now=NOW + HOUR_MS // 2 + 3_000)
    assert (steps(one, first), steps(one, second)) == ([Step.RECEIPTED], [Step.RECEIPTED])
    assert judged(one, other).unacknowledged == 0


@pytest.mark.parametrize(("apart_ms", "receipted"), [(HOUR_MS, True), (HOUR_MS + 1, False)])
def test_words_alone_are_a_receipt_for_an_hour_and_no_longer(
    apart_ms: int,
    receipted: bool,  # noqa: FBT001 - a case of the test
) -> None:
    one, other = opened_two()
    type_in(one, spoken(), now=NOW)
    type_in(other, spoken(), now=NOW + apart_ms)
    exchange(one, other, now=NOW + apart_ms + 1_000)
    found = judged(one, other)
    for party in (one, other):
        assert bool(steps(party, last_hash(party))) is receipted
    assert found.unacknowledged == (0 if receipted else 2)


def test_which_of_two_messages_with_the_same_words_was_heard_is_asked_and_not_guessed() -> None:
    one, other = opened_two()
    first, second = (type_in(one, spoken(), now=NOW + number) for number in (1_000, 2_000))
    exchange(one, other, now=NOW + 3_000)
    with pytest.raises(Refused, match="which you heard") as refused:
        type_in(other, spoken(), now=NOW + 4_000)
    assert refused.value.code == "voice.which"
    assert all(each.hex()[:8] in refused.value.message for each in (first, second))
    heard = spoken(references=(Reference(hash=second, how=How.ACKNOWLEDGES),))
    type_in(other, heard, now=NOW + 5_000)
    exchange(one, other, now=NOW + 6_000)
    assert (steps(one, first), steps(one, second)) == ([], [Step.RECEIPTED])
    assert [each.receipted for each in other.line.state.duties.values()] == [False, True]
    assert judged(one, other).unacknowledged == 1


def test_two_messages_with_the_same_words_are_both_open_until_a_person_says_which_was_heard() -> None:
    one, other = opened_two()
    messages = [type_in(one, spoken(), now=NOW + number) for number in (1_000, 2_000)]
    heard = type_in(other, spoken(), now=NOW + 3_000)
    there = sent(other, one, now=NOW + 4_000)
    [which] = changes(there, "which")
    assert which.hashes == (heard, *messages)
    assert [steps(one, each) for each in messages] == [[], []]
    assert heard in one.line.state.duties
    found = judged(one, other)
    assert found.unacknowledged == 3


def test_who_signs_the_same_words_while_two_wait_is_shown_that_it_is_a_question() -> None:
    one, other = opened_two()
    messages = [type_in(one, spoken(), now=NOW + number) for number in (1_000, 2_000)]
    exchange(one, other, now=NOW + 3_000)
    [which] = changes(other.say(spoken(), now=NOW + 4_000), "which")
    assert which.hashes == (last_hash(other), *messages)
    assert not any(each.receipted for each in other.line.state.duties.values())


def test_a_stop_by_voice_climbs_at_one_two_and_three_minutes_on_both_sides() -> None:
    one, other = opened_two()
    hashed = type_in(one, spoken(Kind.STOP, "Stop firing."), now=NOW)
    ringing = changes(sent(one, other, now=NOW + 1_000), "ringing")
    assert [each.words for each in ringing] == ["stop by voice of precedence flash from a"]
    climbed = {
        party.name: [
            bool(changes(elapsed(party, now=since + after_s * 1_000), "climbed"))
            for after_s in (59, 60, 119, 120, 179, 180, 600)
        ]
        for party, since in ((one, NOW), (other, NOW + 1_000))
    }
    assert climbed["b"] == [False, True, False, True, False, True, False]
    assert climbed["a"] == [False, False, False, True, False, False, False]
    assert reception(one, hashed).kind is Kind.STOP


def test_a_stop_by_voice_goes_by_every_way_where_the_link_is_cut() -> None:
    one, _ = opened_two()
    one.do(NotCarried(line=LINE, way="link", trouble="no route"), now=NOW + 100)
    advised = one.say(spoken(), now=NOW + 200)
    assert [each.every_way for each in of_type(advised, Carry)] == [False]
    stopped = one.say(spoken(Kind.STOP, "Stop firing."), now=NOW + 300)
    assert [each.every_way for each in of_type(stopped, Carry)] == [True]


def test_an_officer_who_may_not_answer_a_stop_does_not_receipt_it_by_typing_it_in() -> None:
    one, other = opened_two()
    statement = other.statement(adds=["clerk"], at=NOW, empowered=False)
    other.say(Draft(kind=Kind.KEYS, statement=statement), now=NOW + 100, by=None)
    exchange(one, other, now=NOW + 200)
    given = type_in(one, spoken(Kind.STOP, "Stop firing."), now=NOW + 1_000)
    typed = type_in(other, spoken(Kind.STOP, "Stop firing."), now=NOW + 2_000, by="clerk")
    exchange(one, other, now=NOW + 3_000)
    assert steps(one, given) == []
    assert not other.line.state.duties[given].receipted, "it rings on, with those who may answer it"
    assert steps(other, typed) == [Step.RECEIPTED]
    assert judged(one, other).unacknowledged == 1


def test_an_officer_who_may_not_answer_a_stop_types_it_in_and_it_rings_on() -> None:
    one, other = opened_two()
    statement = other.statement(adds=["clerk"], at=NOW, empowered=False)
    other.say(Draft(kind=Kind.KEYS, statement=statement), now=NOW + 100, by=None)
    exchange(one, other, now=NOW + 200)
    given = type_in(one, spoken(Kind.STOP, "Stop firing."), now=NOW + 1_000)
    exchange(one, other, now=NOW + 2_000)
    type_in(other, spoken(Kind.STOP, "Stop firing."), now=NOW + 3_000, by="clerk")
    assert not other.line.state.duties[given].receipted
    exchange(one, other, now=NOW + 4_000)
    assert steps(one, given) == []


def test_a_stop_that_a_clerk_typed_in_first_is_not_receipted_there_when_it_is_typed_in_here() -> None:
    one, other = opened_two()
    statement = other.statement(adds=["clerk"], at=NOW, empowered=False)
    other.say(Draft(kind=Kind.KEYS, statement=statement), now=NOW + 100, by=None)
    exchange(one, other, now=NOW + 200)
    typed = type_in(other, spoken(Kind.STOP, "Stop firing."), now=NOW + 1_000, by="clerk")
    exchange(one, other, now=NOW + 2_000)
    given = type_in(one, spoken(Kind.STOP, "Stop firing."), now=NOW + 3_000)
    assert steps(one, given) == [], "the clerk may not answer a STOP"
    assert one.line.state.duties[typed].receipted


def test_an_entry_by_voice_says_what_kind_was_spoken_and_a_spoken_stop_is_flash() -> None:
    one, other = opened_two()
    type_in(one, spoken(Kind.STOP, "Stop firing."), now=NOW)
    exchange(one, other, now=NOW + 1_000)
    [message] = judged(one, other).messages
    assert message.words.startswith("stop by voice (real, flash)")
    routine = Draft(
        kind=Kind.VOICE, contents={"text": no_place()}, voice=Voice(kind=Kind.STOP, readback=bytes(32))
    )
    with pytest.raises(Refused, match="a stop is flash"):
        one.say(routine, now=NOW + 2_000)


@pytest.mark.parametrize(
    "kind", [Kind.ACKNOWLEDGE, Kind.VOICE, Kind.OPEN, Kind.TEST, Kind.DISCLOSE, Kind.WITHHOLD]
)
def test_what_no_person_has_to_answer_is_not_given_by_voice(kind: Kind) -> None:
    with pytest.raises(Refused, match="not given by voice"):
        Voice(kind=kind, readback=bytes(32))


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
