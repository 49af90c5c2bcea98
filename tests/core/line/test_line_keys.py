"""Keys: what a root states, read strictly, and which officer's key holds at which place of the log."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation import NOW, some_hash
from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.line.keys import (
    KEYS_TYPE,
    OFFICERS_MAX,
    WITNESSES_MAX,
    Anchor,
    KeyStatement,
    LogKeys,
    Officer,
    Roster,
    cosigner_name,
    root_name,
    statement_of,
)
from keepclear.core.line.message import LineName, PartyWord
from keepclear.core.record.cosignature import Algorithm, CosignerKey
from keepclear.core.record.merkle import Head
from keepclear.core.record.witness import Quorum
from keepclear.core.trust.encoding import Json, canonical, parsed
from keepclear.core.trust.envelope import Envelope, key_id_of, signed_envelope
from keepclear.core.trust.note import VerifierKey
from party import Party, public, seeded_key

ROOT = seeded_key("a root")
ROOT_KEY = VerifierKey(name=root_name("a"), public_key=public(ROOT))
PARTY = Party("a", "b")
KEYS = PARTY.log_keys()
LOW_ORDER = (1).to_bytes(32, "little").hex()


def officer(name: str, *, empowered: bool = True) -> Officer:
    return Officer(key=public(seeded_key(name)), name=name, post=f"{name} officer", empowered=empowered)


def statement(**changed: object) -> KeyStatement:
    members: dict[str, object] = {
        "at": Instant(NOW),
        "party": PartyWord("a"),
        "line": LineName("tanf"),
        "other": PartyWord("b"),
        "epoch": 1,
        "serial": 1,
        "opens": KEYS,
        "adds": (officer("duty"), officer("clerk", empowered=False)),
        "revokes": (),
        **changed,
    }
    return KeyStatement(**members)  # type: ignore[arg-type]


def signed(payload: bytes, *, payload_type: str = KEYS_TYPE, key: str = "a root") -> Envelope:
    signer = seeded_key(key)
    return signed_envelope(payload_type, payload, public_key=public(signer), sign=signer.sign)


def read(payload: bytes) -> KeyStatement:
    return statement_of(signed(payload), root=ROOT_KEY)


WITNESS = CosignerKey(name="witness.example", algorithm=Algorithm.ED25519, public_key=public(seeded_key("w")))
ANCHOR = Anchor(epoch=1, head=Head(size=12, root=some_hash("head")))


@given(
    serial=st.integers(1, 2**53 - 1),
    at=st.integers(0, FOREVER),
    opens=st.sampled_from(
        [
            None,
            KEYS,
            replace(KEYS, previous=ANCHOR, witnesses=(WITNESS,), quorum=Quorum.MAJORITY),
        ]
    ),
    adds=st.lists(st.sampled_from("abcdefg"), unique=True, max_size=5),
    revokes=st.lists(st.sampled_from("uvwxyz"), unique=True, max_size=3),
)
def test_a_statement_that_is_written_and_read_is_the_same(
    serial: int, at: int, opens: LogKeys | None, adds: list[str], revokes: list[str]
) -> None:
    written = statement(
        serial=serial,
        at=Instant(at),
        opens=opens,
        adds=tuple(map(officer, adds)),
        revokes=tuple(officer(each).id for each in revokes),
    )
    assert read(written.written()) == written


OPEN = parsed(statement().written())["open"]
ADDED: dict[str, Json] = {"empowered": True, "key": officer("x").key.hex(), "name": "x", "post": "y"}


def opened(**changed: Json) -> dict[str, Json]:
    assert isinstance(OPEN, dict)
    return {**OPEN, **changed}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"v": 2}, "v is 2"),
        ({"serial": 0}, "serial is 0, must be a whole number from 1"),
        ({"epoch": 0}, "epoch is 0"),
        ({"at_ms": -1}, "at_ms is -1"),
        ({"party": ""}, "party is ''"),
        ({"with": 1}, "with is 1"),
        ({"line": "UP"}, "origin holds 'UP'"),
        ({"more": 1}, "key statement has members that are not known here: more"),
        ({"open": None}, "open is None, must be an object"),
        ({"open": opened(more=1)}, "open has members that are not known here: more"),
        ({"open": opened(node="00")}, "node is '00'"),
        ({"open": opened(node=LOW_ORDER)}, "is no sound Ed25519 key"),
        ({"open": opened(log=WITNESS.text())}, "must be Ed25519"),
        ({"open": opened(cosigner=KEYS.log.text())}, "must be 04 or 06 to cosign"),
        ({"open": opened(box="")}, "box is ''"),
        ({"open": opened(witnesses_needed="most")}, "witnesses_needed is 'most', must be all or majority"),
        ({"open": opened(witnesses=[WITNESS.text()] * (WITNESSES_MAX + 1))}, "must be a list of at most 16"),
        ({"open": opened(witnesses=[7])}, "witness is 7"),
        ({"open": opened(previous={"epoch": 0, "root": some_hash("h").hex(), "size": 1})}, "epoch is 0"),
        ({"open": opened(previous={"root": some_hash("h").hex(), "size": 1})}, "lacks the member 'epoch'"),
        (
            {"open": opened(previous={"epoch": 1, "root": some_hash("h").hex(), "size": 1, "x": 1})},
            "previous has members that are not known here: x",
        ),
        ({"open": opened(previous=0)}, "previous is 0"),
        (
            {"line": "gulf"},
            "key statement names keepclear/a/tanf/1 and keepclear/a/tanf/1/cosigner, must be of",
        ),
        ({"epoch": 2}, "must be of keepclear/a/tanf/2"),
        ({"add": [ADDED] * (OFFICERS_MAX + 1)}, "must be a list of at most 256"),
        ({"add": [{**ADDED, "empowered": "yes"}]}, "empowered is 'yes', must be true or false"),
        ({"add": [{**ADDED, "name": "n" * 121}]}, "name is"),
        ({"add": [{**ADDED, "post": ""}]}, "post is ''"),
        (
            {"add": [{**ADDED, "name": "L. Marek\u202e"}]},
            "has characters that are hidden or turn the writing",
        ),
        (
            {"add": [{**ADDED, "post": "duty\u2028officer"}]},
            "has characters that are hidden or turn the writing",
        ),
        ({"add": [{**ADDED, "key": LOW_ORDER}]}, "is no sound Ed25519 key"),
        ({"add": [{**ADDED, "more": 1}]}, "officer has members that are not known here: more"),
        ({"revoke": [7]}, "revoke is 7"),
        ({"revoke": ["x" * 33]}, "revoke is"),
        ({"revoke": "x"}, "revoke is 'x', must be a list"),
    ],
)
def test_an_unfit_statement_is_refused(changed: dict[str, Json], words: str) -> None:
    with pytest.raises(Refused) as refused:
        read(canonical({**parsed(statement().written()), **changed}))
    assert words in refused.value.message


@pytest.mark.parametrize("name", ["add", "at_ms", "epoch", "line", "party", "revoke", "serial", "v", "with"])
def test_a_statement_that_lacks_what_it_must_have_is_refused(name: str) -> None:
    members = {each: value for each, value in parsed(statement().written()).items() if each != name}
    with pytest.raises(Refused, match=f"lacks the member '{name}'"):
        read(canonical(members))


@pytest.mark.parametrize("of", ["log", "cosigner"])
def test_keys_of_another_log_are_refused(of: str) -> None:
    elsewhere = Party("a", "b", line="gulf").log_keys()
    keys = replace(KEYS, **{of: getattr(elsewhere, of)})
    with pytest.raises(Refused, match="must be of keepclear/a/tanf/1"):
        read(statement(opens=keys).written())


def test_a_statement_of_another_root_is_not_believed() -> None:
    with pytest.raises(Untrusted):
        statement_of(signed(statement().written(), key="b root"), root=ROOT_KEY)


def test_a_statement_of_another_type_is_refused() -> None:
    envelope = signed(statement().written(), payload_type="text/plain")
    with pytest.raises(Refused, match="key statement is of type 'text/plain', must be"):
        statement_of(envelope, root=ROOT_KEY)


# ---------------------------------------------------------------------------- which key holds where


def roster() -> Roster:
    return Roster(keys=KEYS).after(statement(), index=0)


def test_a_key_holds_from_the_entry_that_adds_it_until_the_one_that_revokes_it() -> None:
    first = roster()
    duty = officer("duty").id
    found = first.officer(duty)
    assert found is not None
    assert (found.since, found.revoked) == (0, None)
    after = first.after(statement(serial=2, opens=None, adds=(officer("third"),), revokes=(duty,)), index=7)
    assert after.officer(duty) is None
    assert (after.officers[duty].since, after.officers[duty].revoked) == (0, 7)
    assert after.officers[officer("third").id].since == 7
    assert [each.name for each in after.holding()] == ["clerk", "third"]
    assert [each.name for each in first.holding()] == ["duty", "clerk"]
    assert after.serial == 2


def test_a_key_of_nobody_is_no_officers() -> None:
    assert roster().officer(key_id_of(bytes(32))) is None


@pytest.mark.parametrize("serial", [1, 0])
def test_a_statement_that_is_not_newer_is_refused(serial: int) -> None:
    with pytest.raises(Untrusted, match=f"key statement {serial} of a follows number 1") as refused:
        roster().after(statement(serial=serial, adds=()), index=1)
    assert refused.value.code == "keys.serial"


def test_a_key_is_never_added_again_while_it_holds_or_once_it_is_revoked() -> None:
    duty = officer("duty")
    again = statement(serial=2, adds=(replace(duty, name="another name"),))
    with pytest.raises(Untrusted, match=f"key {duty.id} of another name was stated before"):
        roster().after(again, index=1)
    revoked = roster().after(statement(serial=2, adds=(), revokes=(duty.id,)), index=1)
    with pytest.raises(Untrusted, match="was stated before") as refused:
        revoked.after(statement(serial=3, adds=(duty,)), index=2)
    assert refused.value.code == "keys.again"


def test_a_key_added_twice_in_one_statement_is_refused() -> None:
    with pytest.raises(Untrusted, match="was stated before"):
        Roster(keys=KEYS).after(statement(adds=(officer("x"), officer("x"))), index=0)


def test_a_key_that_does_not_hold_cannot_be_revoked() -> None:
    stranger = officer("stranger").id
    with pytest.raises(Untrusted, match=f"key {stranger} is revoked and does not hold") as refused:
        roster().after(statement(serial=2, adds=(), revokes=(stranger,)), index=1)
    assert refused.value.code == "keys.unknown"
    duty = officer("duty").id
    with pytest.raises(Untrusted, match="is revoked and does not hold"):
        roster().after(statement(serial=2, adds=(), revokes=(duty, duty)), index=1)


def test_a_key_that_one_statement_adds_and_revokes_never_holds() -> None:
    passing = officer("passing")
    after = roster().after(statement(serial=2, adds=(passing,), revokes=(passing.id,)), index=4)
    assert after.officer(passing.id) is None
    assert after.officers[passing.id].since == after.officers[passing.id].revoked == 4


def test_names_of_keys_are_those_of_the_protocol() -> None:
    assert root_name("a") == "keepclear/a/root"
    assert cosigner_name("keepclear/a/tanf/1") == "keepclear/a/tanf/1/cosigner"
