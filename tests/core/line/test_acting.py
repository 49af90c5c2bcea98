"""Acting: who answers what, and what never answers anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversation import (
    NOW,
    acknowledgement,
    advice,
    bundle_of,
    changes,
    last_hash,
    no_place,
    notice,
    of_type,
    opened_two,
    sent,
    some_hash,
    stop,
    text,
)
from keepclear.core.instant import Instant
from keepclear.core.line.acting import Contents, contents_in
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import LetGo
from keepclear.core.line.message import How, Kind, Reference, Response, Step, Voice
from keepclear.core.line.plot.shape import CircleShape
from keepclear.core.line.reception import Stage
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.opening import Opening
from party import Party, exchange
from places import SPOT, TANF, at


def told(draft: Draft | None = None) -> tuple[Party, Party, bytes]:
    """Parties of whom one has told the other something."""
    one, other = opened_two()
    one.say(draft or notice(TANF), now=NOW + 100)
    sent(one, other, now=NOW + 110)
    return one, other, last_hash(one)


def answered(one: Party, other: Party, draft: Draft, *, by: str = "duty") -> None:
    other.say(draft, now=NOW + 1_000, by=by)
    sent(other, one, now=NOW + 1_010)


# ---------------------------------------------------------------------------- the states never merge


def test_what_a_machine_received_is_delivered_and_never_acknowledged() -> None:
    one, other, hashed = told()
    assert one.line.state.receptions[hashed].stage is Stage.QUEUED
    sent(other, one, now=NOW + 200)
    reception = one.line.state.receptions[hashed]
    assert (reception.stage, reception.delivered) == (Stage.DELIVERED, NOW + 200)
    assert reception.receipted is None
    assert reception.overdue(Instant(NOW + 10**9))


@pytest.mark.parametrize(
    ("step", "response", "echelon"),
    [
        (Step.RECEIPTED, None, None),
        (Step.PLOTTED, None, None),
        (Step.PASSED, None, "3rd brigade"),
        (Step.RESPONDED, Response.NO_OBJECTION, None),
    ],
)
def test_each_step_is_that_step_and_no_other(
    step: Step, response: Response | None, echelon: str | None
) -> None:
    one, other, hashed = told()
    answered(one, other, acknowledgement(hashed, step, response=response, echelon=echelon))
    [taken] = one.line.state.receptions[hashed].steps
    assert (taken.step, taken.response, taken.echelon) == (step, response, echelon)
    assert (taken.by, taken.post, taken.said, taken.at) == ("duty", "duty officer", NOW + 1_000, NOW + 1_010)
    assert (taken.plotted, taken.differences) == (False, ())
    wanted = Stage.RESPONDED if step is Step.RESPONDED else Stage.ACKNOWLEDGED
    assert one.line.state.receptions[hashed].stage is wanted
    assert other.line.state.duties[hashed].steps == (step,)


def test_steps_add_up_in_order_and_one_entry_counts_once() -> None:
    one, other, hashed = told()
    for number, step in enumerate((Step.RECEIPTED, Step.PLOTTED, Step.RECEIPTED)):
        other.say(acknowledgement(hashed, step), now=NOW + 1_000 + number)
    bundle = bundle_of(other, now=NOW + 1_100)
    one.take(bundle, now=NOW + 1_110)
    one.take(bundle, now=NOW + 1_120)
    steps = [each.step for each in one.line.state.receptions[hashed].steps]
    assert steps == [Step.RECEIPTED, Step.PLOTTED, Step.RECEIPTED]
    reception = one.line.state.receptions[hashed]
    assert reception.after(reception.steps[0]) is reception


def test_an_objection_and_an_answer_are_responses_and_what_refers_otherwise_is_a_receipt() -> None:
    for kind, how, step, response in (
        (Kind.OBJECT, How.OBJECTS, Step.RESPONDED, Response.OBJECTION),
        (Kind.ANSWER, How.ANSWERS, Step.RESPONDED, None),
        (Kind.ADVISE, How.ANSWERS, Step.RECEIPTED, None),
    ):
        one, other, hashed = told()
        references = (Reference(hash=hashed, how=how),)
        answered(one, other, Draft(kind=kind, contents={"text": no_place()}, references=references))
        [taken] = one.line.state.receptions[hashed].steps
        assert (taken.step, taken.response) == (step, response)


# ---------------------------------------------------------------------------- what answers nothing


def test_a_message_that_is_only_mentioned_is_not_answered() -> None:
    """To acknowledge a notice and mention the STOP must not silence the STOP."""
    one, other, hashed = told(stop())
    one.say(advice(), now=NOW + 300)
    sent(one, other, now=NOW + 310)
    for how in (How.ABOUT, How.ANSWERS, How.OBJECTS, How.CORRECTS):
        mention = Reference(hash=hashed, how=how)
        other.say(acknowledgement(last_hash(one), also=(mention,)), now=NOW + 1_000)
    exchange(other, one, now=NOW + 1_010)
    assert not other.line.state.duties[hashed].receipted
    assert one.line.state.receptions[hashed].steps == ()
    assert other.line.state.duties[last_hash(one)].receipted
    assert len(one.line.state.receptions[last_hash(one)].steps) == 4


def test_a_machine_acknowledges_nothing_though_it_refers() -> None:
    one, other, hashed = told()
    references = (Reference(hash=hashed, how=How.ANSWERS),)
    other.say(Draft(kind=Kind.TEST, references=references), now=NOW + 1_000, by=None)
    sent(other, one, now=NOW + 1_010)
    assert one.line.state.receptions[hashed].steps == ()
    assert not other.line.state.duties[hashed].receipted


def test_an_answer_to_what_was_never_said_changes_no_message() -> None:
    one, other, hashed = told()
    answered(one, other, acknowledgement(some_hash("never said")))
    assert one.line.state.receptions[hashed].steps == ()


def test_a_message_that_refers_to_none_is_no_step() -> None:
    _, other, hashed = told()
    said = other.line.state.copy.log
    assert said.size == 2
    assert other.line.state.duties[hashed].steps == ()
    other.say(advice(), now=NOW + 500)
    assert other.line.state.duties[hashed].steps == ()


# ---------------------------------------------------------------------------- plots


def test_a_faithful_plot_differs_in_nothing() -> None:
    one, other, hashed = told()
    answered(one, other, acknowledgement(hashed, Step.PLOTTED, echo=TANF))
    [taken] = one.line.state.receptions[hashed].steps
    assert (taken.plotted, taken.differences) == (True, ())


def test_a_plot_that_differs_is_said_in_words() -> None:
    one, other, hashed = told()
    wrong = replace(TANF, shape=CircleShape(centre=at(33.4967, 38.6178), radius_cm=5_000_000))
    other.say(acknowledgement(hashed, Step.PLOTTED, echo=wrong), now=NOW + 1_000)
    effects = sent(other, one, now=NOW + 1_010)
    [differs] = changes(effects, "differs")
    assert differs.hashes == (hashed, last_hash(other))
    assert "radius" in differs.words
    assert one.line.state.receptions[hashed].steps[0].differences


def test_a_plot_of_a_message_without_places_is_not_a_comparison() -> None:
    one, other, hashed = told(advice())
    answered(one, other, acknowledgement(hashed, Step.PLOTTED, echo=SPOT))
    [taken] = one.line.state.receptions[hashed].steps
    assert not taken.plotted


# ---------------------------------------------------------------------------- voice


def voice(words: str = "read-back") -> Draft:
    given = Voice(kind=Kind.ADVISE, readback=some_hash(words))
    return Draft(kind=Kind.VOICE, contents={"text": text("Stay out.")}, voice=given)


def test_what_both_took_down_by_voice_is_receipted_on_both_sides_and_rings_with_nobody() -> None:
    one, other = opened_two()
    one.say(voice(), now=NOW + 100)
    other.say(voice(), now=NOW + 105)
    exchange(one, other, now=NOW + 200)
    for party in (one, other):
        [taken] = party.line.state.receptions[last_hash(party)].steps
        assert taken.step is Step.RECEIPTED
        assert party.line.state.duties == {}


def test_a_voice_message_that_was_taken_otherwise_rings_and_is_no_receipt() -> None:
    one, other = opened_two()
    one.say(voice("as it was said"), now=NOW + 100)
    other.say(voice("as it was heard"), now=NOW + 105)
    exchange(one, other, now=NOW + 200)
    for party, peer in ((one, other), (other, one)):
        assert party.line.state.receptions[last_hash(party)].steps == ()
        assert set(party.line.state.duties) == {last_hash(peer)}


# ---------------------------------------------------------------------------- contents


def opening(part: str, content: dict[str, Json]) -> bytes:
    return Opening(part=part, salt=bytes(32), content=content).written()


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("places", {"places": "nowhere"}),
        ("echo", {"places": [1]}),
        ("validity", {"keep_until_ms": -1}),
        ("validity", {"keep_until_ms": 1, "more": 1}),
        ("text", {"text": "not even a text"}),
    ],
)
def test_a_part_that_cannot_be_read_is_not_there(part: str, content: dict[str, Json]) -> None:
    raw = opening(part, content)
    assert contents_in({part: some_hash("c")}, {some_hash("c"): raw}) == Contents()


def test_a_part_that_is_no_opening_or_not_open_to_us_is_not_there() -> None:
    assert contents_in({"places": some_hash("c")}, {some_hash("c"): b"rubbish"}) == Contents()
    assert contents_in({"places": some_hash("c")}, {}) == Contents()


def test_a_message_is_let_go_when_it_says_so_on_both_sides_once_it_was_delivered() -> None:
    one, other = opened_two()
    contents: dict[str, dict[str, Json]] = {"text": no_place(), "validity": {"keep_until_ms": NOW + 10**9}}
    effects = one.say(Draft(kind=Kind.ADVISE, contents=contents), now=NOW + 100)
    assert not of_type(effects, LetGo)
    parts = set(one.line.state.receptions[last_hash(one)].parts.values())
    [there] = of_type(sent(one, other, now=NOW + 110), LetGo)
    [here] = of_type(sent(other, one, now=NOW + 120), LetGo)
    for let_go in (there, here):
        assert (set(let_go.commitments), let_go.until) == (parts, NOW + 10**9)
