"""A log is sound or it is not: each rule by itself, with what is said of the entry that breaks it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversation import LINE, NOW, advice, head_signed, headed, notice, opened_two, resigned, stop, two
from keepclear.core.errors import Refused, Untrusted
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import Spoken
from keepclear.core.line.keys import Officer
from keepclear.core.line.log import (
    LEAF_BYTES_MAX,
    Log,
    Rule,
    Unsound,
    Views,
    opened_view,
    view_of,
)
from keepclear.core.line.message import Kind, header_of
from keepclear.core.record.merkle import Head, leaf_hash
from keepclear.core.trust.envelope import envelope_of, key_id_of, signed_envelope
from keepclear.core.trust.note import VerifierKey
from party import Party, exchange, public, seeded_key


def broken(party: Party, leaf: bytes, rule: Rule, words: str, *, views: Views | None = None) -> None:
    """An entry after all that a party has said breaks a rule, and is named by its place."""
    log = party.line.state.own
    with pytest.raises(Unsound) as unsound:
        log.append(leaf, party.line.state.own_views() if views is None else views)
    assert unsound.value.rule is rule
    assert unsound.value.code == f"line.{rule}"
    assert unsound.value.message.startswith(f"entry {log.size} of {log.origin} ")
    assert words in unsound.value.message


def one_of_two() -> Party:
    return opened_two()[0]


# ---------------------------------------------------------------------------- malformed


def test_an_entry_that_is_too_long_is_malformed() -> None:
    broken(
        one_of_two(), b"x" * (LEAF_BYTES_MAX + 1), Rule.MALFORMED, "has 16385 bytes, must be 16384 or fewer"
    )


@pytest.mark.parametrize("leaf", [b"", b"{}", b"not json", b'{"payload":"","payloadType":"x"}'])
def test_an_entry_that_cannot_be_read_is_malformed(leaf: bytes) -> None:
    broken(one_of_two(), leaf, Rule.MALFORMED, "cannot be read: ")


def test_an_entry_of_another_type_is_malformed() -> None:
    one = one_of_two()
    payload = envelope_of(headed(one, advice(), now=NOW + 100)).payload
    key = one.officers["duty"]
    leaf = signed_envelope("text/plain", payload, public_key=public(key), sign=key.sign).written()
    broken(one, leaf, Rule.MALFORMED, "is of type 'text/plain'")


def test_an_entry_with_a_member_that_is_not_known_is_malformed() -> None:
    one = one_of_two()
    broken(
        one, headed(one, advice(), now=NOW + 100, approved=True), Rule.MALFORMED, "not known here: approved"
    )


# ---------------------------------------------------------------------------- foreign


@pytest.mark.parametrize(
    "changed", [{"line": "gulf"}, {"from": "c"}, {"to": "c"}, {"epoch": 2}, {"index": 2}, {"index": 7}]
)
def test_an_entry_of_another_place_is_foreign(changed: dict[str, str | int]) -> None:
    one = one_of_two()
    leaf = headed(one, advice(), now=NOW + 100, **changed)
    broken(one, leaf, Rule.FOREIGN, "must be ('tanf', 'a', 'b', 1, 1)")


def test_an_entry_played_again_is_foreign() -> None:
    one = one_of_two()
    one.say(advice(), now=NOW + 100)
    broken(one, one.kept.log(one.origin).leaves[-1], Rule.FOREIGN, "says it is ('tanf', 'a', 'b', 1, 1)")


# ---------------------------------------------------------------------------- unauthorised


def test_what_a_person_says_is_not_signed_by_the_node() -> None:
    one = one_of_two()
    leaf = headed(one, advice(), now=NOW + 100, by=None)
    broken(
        one,
        leaf,
        Rule.UNAUTHORISED,
        f"is signed by key {key_id_of(public(one.node_key))}, of no officer here",
    )


@pytest.mark.parametrize("kind", [Kind.COMMS_CHECK, Kind.TEST])
def test_a_check_may_be_signed_by_the_node_or_an_officer(kind: Kind) -> None:
    one = one_of_two()
    one.say(Draft(kind=kind), now=NOW + 100, by=None)
    one.say(Draft(kind=kind), now=NOW + 110)
    assert one.line.state.own.size == 3


def test_a_check_signed_by_neither_is_unauthorised() -> None:
    one = one_of_two()
    one.officers["stranger"] = seeded_key("stranger")
    leaf = headed(one, Draft(kind=Kind.TEST), now=NOW + 100, by="stranger")
    broken(one, leaf, Rule.UNAUTHORISED, "is not signed by whom it says")


def test_a_service_entry_signed_by_an_officer_is_unauthorised() -> None:
    one = one_of_two()
    draft = Draft(kind=Kind.KEYS, statement=one.statement(adds=("third",), at=NOW))
    members = header_of(envelope_of(headed(one, draft, now=NOW + 100, by=None)).payload).members()
    broken(one, resigned(one, members), Rule.UNAUTHORISED, "of kind keys is signed by an officer")


def test_a_signature_that_does_not_hold_is_unauthorised() -> None:
    one = one_of_two()
    envelope = envelope_of(headed(one, advice(), now=NOW + 100))
    forged = replace(envelope, signature=envelope.signature[:32] + bytes(31) + b"\x01")
    broken(one, forged.written(), Rule.UNAUTHORISED, "is not signed by whom it says: signature does not hold")


def keys(party: Party, *, now: int, adds: tuple[str, ...] = (), revokes: tuple[str, ...] = ()) -> None:
    statement = party.statement(adds=adds, revokes=revokes, at=now)
    party.say(Draft(kind=Kind.KEYS, statement=statement), now=now, by=None)


def id_of(party: Party, name: str) -> str:
    return key_id_of(public(party.officers[name]))


def test_an_officer_speaks_from_the_entry_that_adds_the_key_to_the_one_that_revokes_it() -> None:
    one, other = opened_two()
    one.officers["third"] = seeded_key("a third")
    broken(one, headed(one, advice(), now=NOW + 50, by="third"), Rule.UNAUTHORISED, "of no officer here")
    keys(one, now=NOW + 100, adds=("third",))
    one.say(advice(), now=NOW + 110, by="third")
    keys(one, now=NOW + 120, revokes=(id_of(one, "third"),))
    broken(one, headed(one, advice(), now=NOW + 130, by="third"), Rule.UNAUTHORISED, "of no officer here")
    exchange(one, other, now=NOW + 200)
    assert other.line.state.copy.log.size == 4


def forbidden(one: Party, words: str, **changed: object) -> None:
    """A key statement that does not hold makes its entry unauthorised."""
    statement = one.statement(**changed)  # type: ignore[arg-type]
    leaf = headed(one, Draft(kind=Kind.KEYS, statement=statement), now=NOW + 300, by=None)
    broken(one, leaf, Rule.UNAUTHORISED, words)


def test_a_statement_played_again_is_unauthorised() -> None:
    one = one_of_two()
    statement = one.statement(adds=("third",), at=NOW)
    one.say(Draft(kind=Kind.KEYS, statement=statement), now=NOW + 100, by=None)
    leaf = headed(one, Draft(kind=Kind.KEYS, statement=statement), now=NOW + 110, by=None)
    broken(
        one, leaf, Rule.UNAUTHORISED, "has a key statement that does not hold: key statement 2 of a follows"
    )


def test_a_key_that_was_revoked_is_never_added_again() -> None:
    one = one_of_two()
    keys(one, now=NOW + 100, revokes=(id_of(one, "second"),))
    forbidden(one, "was stated before", adds=("second",))


def test_a_key_that_does_not_hold_is_not_revoked() -> None:
    forbidden(one_of_two(), "is revoked and does not hold", revokes=("0" * 32,))


def test_a_statement_of_another_root_is_unauthorised() -> None:
    one = one_of_two()
    one.root = seeded_key("another root")
    forbidden(one, "has a key statement that does not hold", adds=("third",))


@pytest.mark.parametrize(("attribute", "value"), [("line_name", "gulf"), ("other", "c"), ("epoch", 2)])
def test_a_statement_for_another_log_is_unauthorised(attribute: str, value: str | int) -> None:
    one = one_of_two()
    before = getattr(one, attribute)
    setattr(one, attribute, value)
    statement = one.statement(adds=("third",))
    setattr(one, attribute, before)
    leaf = headed(one, Draft(kind=Kind.KEYS, statement=statement), now=NOW + 100, by=None)
    broken(one, leaf, Rule.UNAUTHORISED, "has a key statement for (")


def test_keys_that_open_a_log_are_not_stated_in_its_middle() -> None:
    forbidden(
        one_of_two(), "of kind keys has a key statement of the other kind", opens=one_of_two().log_keys()
    )


def first_entry(party: Party, **statement: object) -> bytes:
    """The leaf of an entry 0 with any statement."""
    leaf, _ = party.signed(Draft(kind=Kind.OPEN, statement=party.statement(**statement)), now=NOW, by=None)  # type: ignore[arg-type]
    return leaf


def test_a_first_entry_that_states_no_keys_to_open_with_is_unauthorised() -> None:
    one, _ = two()
    broken(
        one,
        first_entry(one, adds=("duty",)),
        Rule.UNAUTHORISED,
        "of kind open has a key statement of the other kind",
    )


def test_nothing_is_said_before_any_keys_were_stated() -> None:
    one, other = opened_two()
    leaf = headed(one, advice(), now=NOW + 100)
    empty = replace(one.line.state.own, frontier=empty_log(one).frontier, roster=None)
    with pytest.raises(Unsound):
        empty.append(leaf, Views())
    at_1 = replace(one.line.state.own, roster=None)
    with pytest.raises(Unsound, match="entry 1 of keepclear/a/tanf/1 comes before any keys were stated"):
        at_1.append(leaf, Views())
    del other


def empty_log(party: Party) -> Log:
    """The log of a party before its first entry."""
    own = party.line.state.own
    return Log(line=LINE, party=own.party, other=own.other, root=own.root)


def test_a_first_entry_signed_by_another_than_the_node_that_it_states_is_unauthorised() -> None:
    one, _ = two()
    members = header_of(envelope_of(first_entry(one, opens=one.log_keys(), adds=("duty",))).payload).members()
    one.officers["stranger"] = seeded_key("stranger")
    broken(one, resigned(one, members, by="stranger"), Rule.UNAUTHORISED, "is not signed by whom it says")


def test_a_first_entry_that_adds_one_key_twice_is_unauthorised() -> None:
    one, _ = two()
    leaf = first_entry(one, opens=one.log_keys(), adds=("duty", "duty"))
    broken(one, leaf, Rule.UNAUTHORISED, "was stated before")


def test_the_keys_of_an_entry_that_states_none_cannot_be_read() -> None:
    one = one_of_two()
    leaf = headed(one, advice(), now=NOW + 100)
    with pytest.raises(Unsound, match="comes before any keys were stated"):
        empty_log(one).keys_stated(leaf)
    assert empty_log(one).keys_stated(one.kept.log(one.origin).leaves[0]) == one.log_keys()


# ---------------------------------------------------------------------------- back-dated


def test_time_does_not_fall_from_entry_to_entry_and_may_stand_still() -> None:
    one = one_of_two()
    one.say(advice(), now=NOW + 500)
    broken(
        one,
        headed(one, advice(), now=NOW + 600, at_ms=NOW + 499),
        Rule.BACK_DATED,
        f"says {NOW + 499} ms, before {NOW + 500} ms of the entry before",
    )
    one.line.state.own.append(
        headed(one, advice(), now=NOW + 600, at_ms=NOW + 500), one.line.state.own_views()
    )


def test_a_clock_that_is_set_back_makes_no_entry_earlier() -> None:
    one = one_of_two()
    one.say(advice(), now=NOW + 86_400_000)
    one.say(advice(), now=NOW + 1)
    assert one.line.state.own.last_at == NOW + 86_400_000


def cosigned_at(second: int) -> Party:
    """A party that cosigned all of the other's log in a second, and has said nothing since."""
    one, other = opened_two()
    other.say(advice(), now=NOW + 100)
    bundle = other.bundle(now=NOW + 110)
    assert bundle is not None
    one.take(bundle, now=second * 1_000 + 900)
    assert one.line.state.own_cosigned[-1].second == second
    return one


def test_an_entry_is_not_from_before_the_second_in_which_its_party_cosigned_what_it_cites() -> None:
    second = NOW // 1_000 + 50
    one = cosigned_at(second)
    leaf = headed(one, advice(), now=second * 1_000, at_ms=second * 1_000 - 1)
    broken(one, leaf, Rule.BACK_DATED, "cites a head that a cosigned later")
    exact = headed(one, advice(), now=second * 1_000, at_ms=second * 1_000)
    one.line.state.own.append(exact, one.line.state.own_views())


# ---------------------------------------------------------------------------- false view


def seen_by(one: Party, **changed: object) -> dict[str, object]:
    seen = header_of(envelope_of(headed(one, advice(), now=NOW + 5_000)).payload).seen
    assert seen is not None
    members: dict[str, object] = {
        "epoch": seen.epoch,
        "root": seen.root.hex(),
        "signature": seen.signature,
        "size": seen.size,
    }
    return {**members, **changed}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"size": 9}, "has seen a head that b never signed"),
        ({"root": "00" * 32}, "has seen a head that b never signed"),
        ({"signature": "\u2014 keepclear/b/tanf/1 AAAAAAAA"}, "has seen a head that b never signed"),
        ({"signature": "nothing"}, "has seen a head that b never signed"),
    ],
)
def test_a_head_that_the_other_never_signed_was_not_seen(changed: dict[str, object], words: str) -> None:
    one = cosigned_at(NOW // 1_000 + 1)
    seen = seen_by(one, **changed)
    broken(one, headed(one, advice(), now=NOW + 5_000, seen=seen), Rule.FALSE_VIEW, words)  # type: ignore[arg-type]


def test_an_epoch_that_the_judge_does_not_know_convicts_nobody() -> None:
    one = cosigned_at(NOW // 1_000 + 1)
    leaf = headed(one, advice(), now=NOW + 5_000, seen=seen_by(one, epoch=2))  # type: ignore[arg-type]
    with pytest.raises(Refused, match="has seen epoch 2 of b, not known here"):
        one.line.state.own.append(leaf, one.line.state.own_views())


def test_a_head_of_another_log_was_not_seen() -> None:
    one = cosigned_at(NOW // 1_000 + 1)
    signature = head_signed(one, Head(size=2, root=bytes(32))).splitlines()[-1]
    leaf = headed(one, advice(), now=NOW + 5_000, seen=seen_by(one, signature=signature))  # type: ignore[arg-type]
    broken(one, leaf, Rule.FALSE_VIEW, "never signed")


def test_what_was_seen_does_not_become_less_again() -> None:
    one, other = opened_two()
    one.say(advice(), now=NOW + 100)
    small = seen_by(one)
    other.say(advice(), now=NOW + 2_000)
    exchange(one, other, now=NOW + 3_000)
    one.say(advice(), now=NOW + 5_000)
    seen = one.line.state.own.seen
    assert seen is not None
    assert seen.size == 2
    leaf = headed(one, advice(), now=NOW + 6_000, seen=small)  # type: ignore[arg-type]
    broken(one, leaf, Rule.FALSE_VIEW, "has seen 1 entries, after 2")
    nothing = headed(one, advice(), now=NOW + 6_000, seen=None)
    after = one.line.state.own.append(nothing, one.line.state.own_views()).log
    assert after.seen == seen


def test_what_was_shown_once_is_not_proved_anew() -> None:
    one = cosigned_at(NOW // 1_000 + 1)
    one.say(advice(), now=NOW + 5_000)
    leaf = headed(one, advice(), now=NOW + 6_000)
    one.line.state.own.append(leaf, Views())


def test_a_view_is_the_checkpoint_that_it_cites() -> None:
    one, other = opened_two()
    other.say(advice(), now=NOW + 100)
    exchange(one, other, now=NOW + 110)
    key = VerifierKey(name=other.origin, public_key=public(other.log_key))
    written = one.line.state.copy.checkpoint
    assert written is not None
    assert opened_view(view_of(written, key, epoch=1), key) == written
    with pytest.raises(Untrusted):
        view_of(written, replace(key, public_key=public(seeded_key("x"))), epoch=1)


# ---------------------------------------------------------------------------- what a sound log is


def test_a_log_and_the_kept_tree_have_one_head() -> None:
    one = one_of_two()
    for number, draft in enumerate((advice(), notice(), stop())):
        one.say(draft, now=NOW + 100 + number)
    leaves = one.kept.log(one.origin).leaves
    log, nodes = empty_log(one), list[object]()
    for leaf in leaves:
        appended = log.append(leaf, one.line.state.own_views())
        assert appended.said.hash == leaf_hash(leaf)
        assert appended.nodes[0].hash == leaf_hash(leaf)
        nodes += appended.nodes
        log = appended.log
    assert log == one.line.state.own
    assert log.head() == one.kept.log(one.origin).frontier(4).head()
    assert len(nodes) == 7


def test_who_signed_is_known_by_name_and_a_node_has_none() -> None:
    one = one_of_two()
    by: list[Officer | None] = []
    log = empty_log(one)
    one.say(advice(), now=NOW + 100, by="second")
    for leaf in one.kept.log(one.origin).leaves:
        appended = log.append(leaf, one.line.state.own_views())
        log = appended.log
        by.append(appended.said.by)
    assert by[0] is None
    assert by[1] is not None
    assert by[1].name == "second"


def test_our_own_mistake_is_refused_and_no_ones_fault() -> None:
    one = one_of_two()
    before = one.line.state.own
    with pytest.raises(Refused, match="entry 1 of keepclear/a/tanf/1 says it is") as refused:
        one.do(spoken(headed(one, advice(), now=NOW + 100, index=5)), now=NOW + 100)
    assert refused.value.code == "line.unsound"
    assert one.line.state.own is before
    assert not one.line.state.faults


def spoken(leaf: bytes) -> Spoken:
    return Spoken(line=LINE, leaf=leaf)
