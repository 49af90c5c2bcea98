"""Drafts: what would not say what it must is refused with what to add."""

from __future__ import annotations

from hashlib import sha256

import pytest

from conversation import LINE, NOW, advice, no_place, notice, opened_two, some_hash, stop, text, two
from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.draft import PLACED, TEXTLESS, Draft, header_of_draft, openings_of
from keepclear.core.line.event import Reverted
from keepclear.core.line.log import Mark
from keepclear.core.line.message import NEEDS, SERVICE, Acknowledgement, How, Kind, Reference, Step
from keepclear.core.line.plot.echo import echo_content, plotted
from keepclear.core.line.plot.place import places_content
from keepclear.core.trust.opening import opening_of
from places import SPOT

PLACES = places_content((SPOT,))


def referring(how: How) -> tuple[Reference, ...]:
    return (Reference(hash=some_hash("message"), how=how),)


@pytest.mark.parametrize("kind", sorted(PLACED))
def test_a_place_in_words_only_is_refused_with_what_to_add(kind: Kind) -> None:
    with pytest.raises(Refused) as refused:
        Draft(kind=kind, contents={"text": text("We strike the crossroads east of the well.")})
    assert refused.value.code == "message.placeless"
    assert refused.value.message == (
        f"a message of kind {kind} must say where: add a place with coordinates (a point, a circle with its radius, "
        "a polygon or a corridor), refer to a message that has one, or say that it is of none"
    )


@pytest.mark.parametrize("kind", sorted(PLACED))
def test_a_place_a_reference_to_one_or_the_word_that_there_is_none_will_do(kind: Kind) -> None:
    Draft(kind=kind, contents={"text": text(), "places": PLACES})
    Draft(kind=kind, contents={"text": no_place()})
    for how in (How.ABOUT, How.AMENDS):
        Draft(kind=kind, contents={"text": text()}, references=referring(how))
    with pytest.raises(Refused, match="must say where"):
        Draft(kind=kind, contents={"text": text()}, references=referring(How.ANSWERS))


@pytest.mark.parametrize("kind", sorted(Kind))
def test_a_kind_has_a_text_or_needs_none(kind: Kind) -> None:
    if kind in TEXTLESS:
        Draft(kind=kind)
    else:
        with pytest.raises(Refused, match=f"a message of kind {kind} must have a text") as refused:
            Draft(kind=kind)
        assert refused.value.code == "message.textless"


def test_only_service_checks_stops_and_what_refers_need_no_text() -> None:
    wordless = TEXTLESS - SERVICE - {Kind.COMMS_CHECK, Kind.TEST, Kind.STOP}
    assert {kind for kind in wordless if kind not in NEEDS} == set()


def test_parts_that_cannot_be_read_are_refused_before_anything_is_signed() -> None:
    for contents in (
        {"text": {**text(), "language": "Klingonish"}, "places": PLACES},
        {"text": text(), "places": {"places": [{"name": "x"}]}},
        {"text": text(), "places": PLACES, "echo": {"places": "x"}},
    ):
        with pytest.raises(Refused):
            Draft(kind=Kind.NOTIFY, contents=contents)
    Draft(
        kind=Kind.ACKNOWLEDGE,
        contents={"echo": echo_content((plotted(SPOT),))},
        acknowledges=Acknowledgement(step=Step.PLOTTED),
        references=referring(How.ACKNOWLEDGES),
    )


def test_a_part_that_is_not_there_cannot_be_released() -> None:
    with pytest.raises(Refused, match=r"there is no part \['contact'\] to be released"):
        Draft(kind=Kind.ADVISE, contents={"text": no_place()}, released={"contact": ("b",)})


def test_each_part_is_opened_under_its_own_salt() -> None:
    salts = (bytes(32), bytes([1]) * 32)
    openings = openings_of(notice(), salts)
    read = {name: opening_of(raw) for name, raw in openings.items()}
    assert {name: (each.part, each.salt) for name, each in read.items()} == {
        "places": ("places", salts[0]),
        "text": ("text", salts[1]),
    }
    assert read["text"].content == text()
    with pytest.raises(ValueError, match="zip"):
        openings_of(notice(), salts[:1])


# ---------------------------------------------------------------------------- as our next entry


def test_a_draft_takes_the_next_place_and_is_released_to_the_other_alone() -> None:
    one, _ = opened_two()
    commitments = {"text": sha256(b"x").digest()}
    header = header_of_draft(one.line.state, advice(), commitments=commitments, now=Instant(NOW + 100))
    assert (header.line, header.sender, header.to, header.epoch, header.index) == (LINE, "a", "b", 1, 1)
    assert (header.at, header.released) == (NOW + 100, {"text": ("b",)})
    assert header.seen is not None
    assert (header.seen.epoch, header.seen.size) == (1, 1)


def test_a_part_may_be_released_to_nobody() -> None:
    one, other = opened_two()
    draft = Draft(kind=Kind.ADVISE, contents={"text": no_place()}, released={"text": ()})
    one.say(draft, now=NOW + 100)
    bundle = one.bundle(now=NOW + 110)
    assert bundle is not None
    assert bundle.parts == {}
    other.take(bundle, now=NOW + 120)
    assert other.line.state.unopened == {}
    assert other.line.state.own_cosigned[-1].size == 2


def test_nothing_is_said_to_be_seen_before_anything_came() -> None:
    one, _ = two()
    one.open(now=NOW)
    header = header_of_draft(one.line.state, stop(), commitments={}, now=Instant(NOW + 1))
    assert header.seen is None


def test_a_line_that_was_opened_is_opened_again_as_the_next_epoch() -> None:
    one, other = opened_two()
    draft = Draft(kind=Kind.OPEN, statement=one.statement(opens=one.log_keys(), at=NOW))
    header = header_of_draft(one.line.state, draft, commitments={}, now=Instant(NOW + 1))
    assert (header.epoch, header.index) == (2, 0)
    fresh, _ = two()
    header = header_of_draft(fresh.line.state, draft, commitments={}, now=Instant(NOW + 1))
    assert (header.epoch, header.index) == (1, 0)
    fresh.do(Reverted(line=LINE, signed=Mark(epoch=1, size=3)), now=NOW)
    header = header_of_draft(fresh.line.state, draft, commitments={}, now=Instant(NOW + 1))
    assert (header.epoch, header.index) == (2, 0)
    del other
