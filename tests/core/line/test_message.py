"""Headers: written and read back without a change; every member that is missing, unknown or unfit is refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation import NOW, some_hash
from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Instant
from keepclear.core.line.keys import KEYS_TYPE
from keepclear.core.line.message import (
    EPOCH_MAX,
    NEEDS,
    PARTS_MAX,
    RECIPIENTS_MAX,
    REFERENCES_MAX,
    SERVICE,
    WITHHOLDS_MAX,
    Acknowledgement,
    Flag,
    Header,
    How,
    Kind,
    LineName,
    PartyWord,
    Precedence,
    Reference,
    Response,
    Step,
    Voice,
    header_of,
)
from keepclear.core.line.seen import Seen
from keepclear.core.trust.encoding import INTEGER_MAX, Json, canonical
from keepclear.core.trust.envelope import signed_envelope
from party import public, seeded_key

KEY = seeded_key("officer")
STATEMENT = signed_envelope(KEYS_TYPE, b"{}", public_key=public(KEY), sign=KEY.sign)

hashes = st.binary(min_size=32, max_size=32)
names = st.from_regex(r"[a-z0-9](?:[a-z0-9.-]{0,20}[a-z0-9])?", fullmatch=True)


@st.composite
def acknowledgements(draw: st.DrawFn) -> Acknowledgement:
    step = draw(st.sampled_from(Step))
    return Acknowledgement(
        step=step,
        response=draw(st.sampled_from(Response)) if step is Step.RESPONDED else None,
        echelon=draw(st.text(st.characters(codec="utf-8"), min_size=1, max_size=120))
        if step is Step.PASSED
        else None,
    )


@st.composite
def headers(draw: st.DrawFn) -> Header:
    kind = draw(st.sampled_from(Kind))
    precedence = Precedence.FLASH if kind is Kind.STOP else draw(st.sampled_from(Precedence))
    parts = draw(st.dictionaries(st.from_regex(r"[a-z][a-z-]{0,31}", fullmatch=True), hashes, max_size=4))
    parts = {} if kind is Kind.WITHHOLD else parts
    spare = [how for how in How if how is not How.ACKNOWLEDGES]
    references = draw(
        st.lists(st.builds(Reference, hash=hashes, how=st.sampled_from(spare)), max_size=3).map(tuple)
    )
    if kind in NEEDS:
        references += (Reference(hash=draw(hashes), how=NEEDS[kind]),)
    parties = draw(st.lists(names, min_size=2, max_size=2, unique=True))
    return Header(
        line=LineName(draw(names)),
        sender=PartyWord(parties[0]),
        to=PartyWord(parties[1]),
        epoch=draw(st.integers(1, EPOCH_MAX)),
        index=0 if kind is Kind.OPEN else draw(st.integers(1, INTEGER_MAX)),
        kind=kind,
        at=Instant(draw(st.integers(FIRST, FOREVER))),
        precedence=precedence,
        flag=draw(st.sampled_from(Flag)),
        parts=parts,
        released={name: tuple(draw(st.lists(names, max_size=3))) for name in parts},
        references=references,
        seen=draw(
            st.none()
            | st.builds(
                Seen,
                epoch=st.integers(1, EPOCH_MAX),
                size=st.integers(1, INTEGER_MAX),
                root=hashes,
                signature=st.text(st.characters(codec="ascii"), min_size=1, max_size=80),
            )
        ),
        acknowledges=draw(acknowledgements()) if kind is Kind.ACKNOWLEDGE else None,
        statement=STATEMENT if kind in SERVICE else None,
        voice=Voice(kind=Kind.ADVISE, readback=draw(hashes)) if kind is Kind.VOICE else None,
        withholds=tuple(draw(st.lists(hashes, min_size=1, max_size=3))) if kind is Kind.WITHHOLD else (),
    )


@given(headers())
def test_a_header_that_is_written_and_read_is_the_same(header: Header) -> None:
    written = header.written()
    assert header_of(written) == header
    assert header_of(written).written() == written


@given(headers(), st.data())
def test_a_header_with_a_member_left_out_or_added_is_refused(header: Header, data: st.DataObject) -> None:
    members = header.members()
    gone = data.draw(st.sampled_from(sorted(members)))
    with pytest.raises(Refused):
        header_of(canonical({name: value for name, value in members.items() if name != gone}))
    with pytest.raises(Refused, match="header has members that are not known here: zz"):
        header_of(canonical({**members, "zz": None}))


# ---------------------------------------------------------------------------- each member by itself


def plain(kind: Kind = Kind.ADVISE, **changed: object) -> Header:
    needed = NEEDS.get(kind)
    members: dict[str, object] = {
        "line": "tanf",
        "sender": "b",
        "to": "a",
        "epoch": 1,
        "index": 0 if kind is Kind.OPEN else 17,
        "kind": kind,
        "at": Instant(NOW),
        "precedence": Precedence.FLASH if kind is Kind.STOP else Precedence.ROUTINE,
        "references": () if needed is None else (Reference(hash=some_hash("x"), how=needed),),
        "acknowledges": Acknowledgement(step=Step.RECEIPTED) if kind is Kind.ACKNOWLEDGE else None,
        "statement": STATEMENT if kind in SERVICE else None,
        "voice": some_hash("voice") if kind is Kind.VOICE else None,
        "withholds": (some_hash("part"),) if kind is Kind.WITHHOLD else (),
        **changed,
    }
    return Header(**members)  # type: ignore[arg-type]


def read(like: Kind = Kind.ADVISE, /, **changed: Json) -> Header:
    return header_of(canonical({**plain(like).members(), **changed}))


HASH = some_hash("y").hex()
SEEN: Mapping[str, Json] = {"epoch": 1, "root": HASH, "signature": "\u2014 a A=", "size": 12}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"v": 2}, "v is 2, must be a whole number from 1 to 1"),
        ({"v": True}, "v is True"),
        ({"line": ""}, "line is ''"),
        ({"line": "x" * 65}, "line is"),
        ({"line": "Tanf"}, "holds the name 'Tanf', must be 1 to 64 of a-z, 0-9, dot and hyphen"),
        ({"from": "-b"}, "holds the name '-b'"),
        ({"to": "a."}, "holds the name 'a.'"),
        ({"to": "b"}, "is from b to itself"),
        ({"epoch": 0}, "epoch is 0, must be a whole number from 1"),
        ({"epoch": EPOCH_MAX + 1}, "epoch is"),
        ({"index": -1}, "index is -1"),
        ({"index": 0}, "is entry 0 of kind advise; entry 0 is open, and no other is"),
        ({"index": "17"}, "index is '17'"),
        ({"kind": "approve"}, "kind is 'approve', must be one of open, keys,"),
        ({"kind": "stop"}, "is a stop of precedence routine; a stop is flash"),
        ({"kind": "keys"}, "is of kind keys; a key statement goes with open and keys"),
        ({"kind": "acknowledge"}, "is of kind acknowledge; an acknowledgement goes with acknowledge"),
        ({"kind": "voice"}, "is of kind voice; what was spoken goes with voice"),
        ({"kind": "answer"}, "is of kind answer and refers to no message as answers"),
        ({"at_ms": FIRST - 1}, "at_ms is"),
        ({"at_ms": FOREVER + 1}, "at_ms is"),
        (
            {"precedence": "urgent"},
            "precedence is 'urgent', must be one of routine, priority, immediate, flash",
        ),
        ({"flag": "drill"}, "flag is 'drill', must be one of real, exercise, test"),
        ({"parts": {"text": HASH}}, "must say for each of its parts to whom it is released"),
        ({"released": {"text": ["a"]}}, "must say for each of its parts to whom it is released"),
        ({"parts": {"Text": HASH}, "released": {"Text": ["a"]}}, "must say for each of its parts"),
        ({"parts": {"x" * 33: HASH}, "released": {"x" * 33: ["a"]}}, "must say for each of its parts"),
        ({"parts": {"text": HASH.upper()}, "released": {"text": ["a"]}}, "must be 64 hexadecimal digits"),
        ({"parts": {"text": HASH[2:]}, "released": {"text": ["a"]}}, "must be 64 hexadecimal digits"),
        ({"parts": {"text": HASH}, "released": {"text": "a"}}, "text is released to 'a', must be a list"),
        ({"parts": {"text": HASH}, "released": {"text": [""]}}, "a recipient of text is ''"),
        (
            {"parts": {"text": HASH}, "released": {"text": ["a"] * (RECIPIENTS_MAX + 1)}},
            "must be a list of names",
        ),
        ({"parts": {f"p{'x' * n}": HASH for n in range(PARTS_MAX + 1)}}, "must be an object of at most 16"),
        ({"refs": {}}, "refs is {}, must be a list of at most 64"),
        ({"refs": [{"hash": HASH, "how": "about"}] * (REFERENCES_MAX + 1)}, "must be a list of at most 64"),
        ({"refs": [{"hash": HASH}]}, "reference lacks the member 'how'"),
        ({"refs": [{"hash": HASH, "how": "approves"}]}, "how is 'approves', must be one of about,"),
        (
            {"refs": [{"hash": HASH, "how": "about", "x": 1}]},
            "reference has members that are not known here: x",
        ),
        ({"refs": ["x"]}, "reference is 'x', must be an object"),
        ({"seen": {}}, "seen lacks the member 'epoch'"),
        ({"seen": {**SEEN, "size": 0}}, "size is 0, must be a whole number from 1"),
        ({"seen": {**SEEN, "epoch": 0}}, "epoch is 0"),
        ({"seen": {**SEEN, "root": "00"}}, "root is '00'"),
        ({"seen": {**SEEN, "signature": "x" * 513}}, "signature is"),
        ({"seen": {**SEEN, "more": 1}}, "seen has members that are not known here: more"),
        ({"acknowledges": {"step": "receipted"}}, "an acknowledgement goes with acknowledge"),
        ({"statement": STATEMENT.members()}, "a key statement goes with open and keys"),
        ({"statement": None}, "envelope is None, must be an object"),
        ({"voice": {"hash": HASH, "kind": "stop"}}, "what was spoken goes with voice"),
        ({"voice": HASH}, "must be an object"),
        ({"voice": {"hash": "00", "kind": "stop"}}, "voice: hash is '00'"),
        ({"voice": {"hash": HASH, "kind": "shout"}}, "kind is 'shout', must be one of"),
        ({"voice": {"hash": HASH, "kind": "open"}}, "kind open is not given by voice"),
        ({"voice": {"hash": HASH}}, "lacks the member 'kind'"),
        ({"voice": {"hash": HASH, "kind": "stop", "x": 1}}, "members that are not known here: x"),
        ({"withholds": [HASH]}, "is of kind advise; what is withheld goes with withhold"),
        ({"withholds": []}, "withholds no parts"),
        ({"withholds": HASH}, "must be a list of at most 64"),
        ({"withholds": ["00"]}, "a part withheld is '00', must be 64 hexadecimal digits"),
        ({"withholds": [HASH] * (WITHHOLDS_MAX + 1)}, "must be a list of at most 64"),
    ],
)
def test_an_unfit_member_is_refused_with_what_was_found(changed: dict[str, Json], words: str) -> None:
    with pytest.raises(Refused) as refused:
        read(**changed)
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("acknowledges", "words"),
    [
        ({}, "acknowledges lacks the member 'step'"),
        ({"step": "approved"}, "step is 'approved', must be one of receipted, plotted, passed, responded"),
        ({"step": "responded"}, "responded with response None; a response goes with responded"),
        ({"step": "receipted", "response": "noted"}, "receipted with response noted; a response goes with"),
        ({"step": "responded", "response": "approved"}, "response is 'approved', must be one of noted,"),
        ({"step": "passed"}, "passed with echelon None; passed says to whom it was passed"),
        ({"step": "plotted", "echelon": "brigade"}, "plotted with echelon 'brigade'; passed says to whom"),
        ({"step": "passed", "echelon": "x" * 121}, "echelon is"),
        ({"step": "receipted", "by": "x"}, "acknowledges has members that are not known here: by"),
    ],
)
def test_an_unfit_acknowledgement_is_refused(acknowledges: Json, words: str) -> None:
    with pytest.raises(Refused) as refused:
        read(Kind.ACKNOWLEDGE, acknowledges=acknowledges)
    assert words in refused.value.message


def test_there_is_no_word_for_approval() -> None:
    words = {each.value for each in (*Step, *Response, *Kind, *How)}
    assert not [word for word in words if "approv" in word or "accept" in word or "clear" in word]


@pytest.mark.parametrize("kind", sorted(NEEDS))
def test_a_kind_that_says_nothing_without_a_message_is_refused_without_it(kind: Kind) -> None:
    plain(kind)
    with pytest.raises(Refused, match=f"is of kind {kind} and refers to no message as {NEEDS[kind]}"):
        plain(kind, references=())


def test_a_message_that_withholds_names_parts_and_has_none_itself() -> None:
    assert (
        read(Kind.WITHHOLD, withholds=[HASH] * WITHHOLDS_MAX).withholds == (some_hash("y"),) * WITHHOLDS_MAX
    )
    for changed in ({"withholds": ()}, {"parts": {"text": some_hash("x")}, "released": {"text": ("a",)}}):
        with pytest.raises(Refused, match="goes with withhold, which has no parts itself"):
            plain(Kind.WITHHOLD, **changed)


def test_an_acknowledgement_of_two_messages_is_refused() -> None:
    two = tuple(Reference(hash=some_hash(name), how=How.ACKNOWLEDGES) for name in "xy")
    with pytest.raises(Refused, match="acknowledges 2 messages, must be one"):
        plain(Kind.ACKNOWLEDGE, references=two)


@pytest.mark.parametrize("kind", sorted(SERVICE))
def test_a_service_entry_without_its_statement_is_refused(kind: Kind) -> None:
    plain(kind)
    with pytest.raises(Refused, match="a key statement goes with open and keys"):
        plain(kind, statement=None)


def test_an_open_entry_that_is_not_the_first_is_refused() -> None:
    with pytest.raises(Refused, match="is entry 3 of kind open; entry 0 is open, and no other is"):
        plain(Kind.OPEN, index=3)


@pytest.mark.parametrize("precedence", [each for each in Precedence if each is not Precedence.FLASH])
def test_a_stop_is_flash(precedence: Precedence) -> None:
    with pytest.raises(Refused, match="a stop is flash"):
        plain(Kind.STOP, precedence=precedence)


def test_precedences_rank_from_routine_to_flash() -> None:
    ranks = [Precedence(word).rank for word in ("routine", "priority", "immediate", "flash")]
    assert ranks == [0, 1, 2, 3]
