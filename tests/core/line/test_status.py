"""Status: what a node says of itself, read strictly and believed only under its key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation import NOW, some_hash
from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.line.message import EPOCH_MAX, LineName, PartyWord
from keepclear.core.line.status import STATUS_TYPE, Have, Heard, Status, status_of
from keepclear.core.record.merkle import Head
from keepclear.core.trust.encoding import Json, canonical, parsed
from keepclear.core.trust.envelope import Envelope, signed_envelope
from party import public, seeded_key

NODE = seeded_key("node")

instants = st.integers(0, FOREVER).map(Instant)


def signed(payload: bytes, *, payload_type: str = STATUS_TYPE, key: str = "node") -> Envelope:
    signer = seeded_key(key)
    return signed_envelope(payload_type, payload, public_key=public(signer), sign=signer.sign)


@st.composite
def haves(draw: st.DrawFn) -> Have:
    size = draw(st.integers(0, 2**53 - 1))
    return Have(
        epoch=draw(st.integers(1, EPOCH_MAX)),
        head=Head(size=size, root=draw(st.binary(min_size=32, max_size=32))),
        opened=draw(st.integers(0, size)),
    )


@given(
    st.builds(
        Status,
        line=st.just(LineName("tanf")),
        sender=st.just(PartyWord("b")),
        to=st.just(PartyWord("a")),
        at=instants,
        attended=st.none() | instants,
        full=st.booleans(),
        have=st.none() | haves(),
        heard=st.none() | st.builds(Heard, said=instants, at=instants),
    )
)
def test_a_status_that_is_written_and_read_is_the_same(status: Status) -> None:
    assert status_of(signed(status.written()), node_key=public(NODE)) == status


FULL = Status(
    line=LineName("tanf"),
    sender=PartyWord("b"),
    to=PartyWord("a"),
    at=Instant(NOW),
    attended=Instant(NOW - 5),
    have=Have(epoch=1, head=Head(size=12, root=some_hash("root")), opened=11),
    heard=Heard(said=Instant(NOW - 9), at=Instant(NOW - 7)),
)
HAVE: dict[str, Json] = {"epoch": 1, "opened": 11, "root": some_hash("root").hex(), "size": 12}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"v": 2}, "v is 2"),
        ({"at_ms": -1}, "at_ms is -1"),
        ({"at_ms": FOREVER + 1}, "at_ms is"),
        ({"attended_ms": "never"}, "attended_ms is 'never'"),
        ({"attended_ms": None}, "attended_ms is None"),
        ({"from": 7}, "from is 7"),
        ({"to": ""}, "to is ''"),
        ({"line": None}, "line is None"),
        ({"have": None}, "have is None, must be an object"),
        ({"have": {**HAVE, "opened": 13}}, "opened is 13, must be a whole number from 0 to 12"),
        ({"have": {**HAVE, "epoch": 0}}, "epoch is 0"),
        ({"have": {**HAVE, "root": "00"}}, "root is '00'"),
        ({"have": {**HAVE, "more": 1}}, "have has members that are not known here: more"),
        ({"heard": {"at_ms": 1}}, "heard lacks the member 'said_ms'"),
        ({"heard": {"at_ms": 1, "said_ms": 1, "x": 1}}, "heard has members that are not known here: x"),
        ({"mood": "calm"}, "status has members that are not known here: mood"),
    ],
)
def test_an_unfit_status_is_refused(changed: dict[str, Json], words: str) -> None:
    envelope = signed(canonical({**parsed(FULL.written()), **changed}))
    with pytest.raises(Refused) as refused:
        status_of(envelope, node_key=public(NODE))
    assert words in refused.value.message


@pytest.mark.parametrize("name", ["at_ms", "from", "line", "to", "v"])
def test_a_status_that_lacks_what_it_must_have_is_refused(name: str) -> None:
    members = {each: value for each, value in parsed(FULL.written()).items() if each != name}
    with pytest.raises(Refused, match=f"status lacks the member '{name}'"):
        status_of(signed(canonical(members)), node_key=public(NODE))


def test_a_status_of_another_type_is_refused_before_its_signature_is_looked_at() -> None:
    with pytest.raises(
        Refused, match=r"status is of type .text/plain., must be application/vnd\.keepclear\.status"
    ):
        status_of(signed(FULL.written(), payload_type="text/plain", key="stranger"), node_key=public(NODE))


def test_a_status_of_another_key_is_not_believed() -> None:
    with pytest.raises(Untrusted):
        status_of(signed(FULL.written(), key="stranger"), node_key=public(NODE))
