"""What is shown ahead of its turn: it binds who showed it, by evidence that a stranger verifies, and costs little."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation import (
    LINE,
    NOW,
    advice,
    bundle_of,
    changes,
    head_over,
    headed,
    last_hash,
    of_type,
    opened_two,
    stop,
)
from keepclear.core.errors import KeepclearError
from keepclear.core.line.ahead import (
    ENTRIES_MAX,
    HEADS_MAX,
    EntryAhead,
    HeadAhead,
    acted_on,
    clash,
    contradiction,
    still_ahead,
    with_head,
)
from keepclear.core.line.bundle import Bundle, Express
from keepclear.core.line.event import Convict, Cosign, GrowLog, LineEffect
from keepclear.core.line.fault import FORK, Fault
from keepclear.core.line.keys import root_name
from keepclear.core.line.log import Log, Views
from keepclear.core.line.message import PartyWord
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.merkle import Head, inclusion_path, leaf_hash
from keepclear.core.trust.note import Signer, VerifierKey, signed_note
from keepclear.formats.line.faultfile import fault_bytes, fault_of
from party import KeptLog, Party, public, seeded_key

STOP_AT, SHOWN = 2, 5
"""Where the STOP stands in the log that is shown ahead, and how many entries that has."""


def shown_ahead() -> tuple[Party, Party, Bundle]:
    """Two parties; the other has 2 entries of the first, and was shown its STOP under a head of 5 by the bundle."""
    one, other = opened_two()
    one.kept.reach = 1
    for number, draft in enumerate((advice("one"), stop(), advice("three"), advice("four"))):
        one.say(draft, now=NOW + 100 + number)
    bundle = bundle_of(one, now=NOW + 200)
    assert [each.index for each in bundle.express] == [STOP_AT]
    other.take(bundle, now=NOW + 210)
    assert other.line.state.copy.log.size == STOP_AT
    return one, other, bundle


def next_run(one: Party, other: Party) -> list[LineEffect]:
    """The next entry is brought, once the one knows what the other has."""
    one.take(bundle_of(other, now=NOW + 220), now=NOW + 220)
    return other.take(bundle_of(one, now=NOW + 230), now=NOW + 230)


def otherwise(party: Party, *, size: int, parts_at: int = STOP_AT) -> tuple[bytes, ...]:
    """Another history of a party, of so many entries, which is its own up to one of them."""
    kept = party.kept.log(party.origin).leaves[:parts_at]
    more = [
        headed(party, advice(f"other {index}"), now=NOW + 300, by="duty", index=index, parts={}, released={})
        for index in range(parts_at, size)
    ]
    return (*kept, *more)


def brought(party: Party, leaves: Sequence[bytes], *, size: int | None = None) -> Bundle:
    """A bundle of a party with a history, whole or so much of it, and the rest as the newest head that continues it."""
    bundle, size = bundle_of(party, now=NOW + 400), size or len(leaves)
    log = KeptLog()
    log.append(leaves)
    ahead = size < len(leaves)
    return replace(
        bundle,
        start=0,
        leaves=tuple(leaves[:size]),
        checkpoint=head_over(party, leaves[:size]),
        newest=head_over(party, leaves) if ahead else None,
        path=_path(log, old=size, new=len(leaves)) if ahead else (),
        express=(),
    )


def _path(log: KeptLog, *, old: int, new: int) -> tuple[bytes, ...]:
    prefix = log.prefix(old)
    assert prefix is not None
    assert new == len(log.leaves)
    return prefix.path


def express(leaves: Sequence[bytes], *, index: int) -> Express:
    """An entry of a history with the proof that it is under the head over all of it."""
    log = KeptLog()
    log.append(leaves)
    return Express(
        index=index,
        leaf=leaves[index],
        path=inclusion_path(index=index, size=len(leaves), read=log.read),
    )


def convicted(effects: Sequence[LineEffect]) -> list[Fault]:
    """The faults that a step found, each shown to convict before somebody who has nothing but a key and a file."""
    faults = [fault_of(fault_bytes(each.fault)) for each in of_type(effects, Convict)]
    root = VerifierKey(name=root_name("a"), public_key=public(seeded_key("a root")))
    key = VerifierKey(name="keepclear/a/tanf/1", public_key=public(seeded_key("keepclear/a/tanf/1 log")))
    nothing = Log(line=LINE, party=PartyWord("a"), other=PartyWord("b"), root=root)
    for each in faults:
        assert (each.rule, each.party, each.epoch) == (FORK, "a", 1)
        each.verify(key=key, before=nothing, views=Views())
    return faults


# ---------------------------------------------------------------------------- who keeps its word


def test_what_was_shown_is_kept_until_the_copy_has_it_and_then_let_go() -> None:
    one, other, _ = shown_ahead()
    [ahead] = other.line.state.copy.ahead
    assert (ahead.head.size, [each.index for each in ahead.entries]) == (SHOWN, [STOP_AT])
    for size, heads in ((3, 1), (4, 1), (SHOWN, 0)):
        effects = next_run(one, other)
        assert not of_type(effects, Convict)
        assert other.line.state.copy.log.size == size
        assert [each.entries for each in other.line.state.copy.ahead] == [()] * heads
    assert not other.line.state.faults


def test_a_new_epoch_is_not_held_to_what_was_shown_ahead_in_the_old_one() -> None:
    one, other, _ = shown_ahead()
    one.reopen(now=NOW + 300)
    other.take(bundle_of(one, now=NOW + 310), now=NOW + 310)
    assert other.line.state.copy.log.epoch == 2
    assert other.line.state.copy.ahead == ()
    assert not other.line.state.faults


def test_lines_that_a_carrier_adds_to_a_head_ahead_are_not_kept() -> None:
    _, other, bundle = shown_ahead()
    assert bundle.newest is not None
    junk = "".join(f"\u2014 nobody {b64encode(bytes([number]) * 68).decode()}\n" for number in range(90))
    before = other.line.state.copy.ahead
    other.take(replace(bundle, newest=bundle.newest + junk), now=NOW + 220)
    assert other.line.state.copy.ahead == before
    assert before[0].note == bundle.newest


# ---------------------------------------------------------------------------- who does not


@pytest.mark.parametrize("size", [SHOWN, SHOWN + 1, SHOWN + 4])
def test_a_log_that_comes_to_the_head_and_is_another_is_a_fork(size: int) -> None:
    one, other, bundle = shown_ahead()
    effects = other.take(brought(one, otherwise(one, size=size)), now=NOW + 410)
    [fault] = convicted(effects)
    assert fault.fork is not None
    assert fault.fork.smaller == bundle.newest
    assert other.line.state.copy.ahead == ()


@pytest.mark.parametrize("size", [STOP_AT + 1, SHOWN - 1])
def test_a_log_that_has_another_entry_in_the_place_is_a_fork_before_it_comes_to_the_head(size: int) -> None:
    one, other, bundle = shown_ahead()
    effects = other.take(brought(one, otherwise(one, size=size)), now=NOW + 410)
    [fault] = convicted(effects)
    assert fault.entries is not None
    assert (fault.entries.index, fault.entries.one.checkpoint) == (STOP_AT, bundle.newest)
    assert fault.entries.one.leaf == leaf_hash(one.kept.log(one.origin).leaves[STOP_AT])
    assert [each.head.size for each in other.line.state.copy.ahead] == [SHOWN]


def test_who_is_convicted_so_is_still_heard_and_its_entries_are_kept() -> None:
    one, other, _ = shown_ahead()
    leaves = otherwise(one, size=SHOWN + 1)
    effects = other.take(brought(one, leaves), now=NOW + 410)
    assert other.kept.log(one.origin).leaves == list(leaves)
    assert len(of_type(effects, GrowLog)) == 1
    assert [each.size for each in of_type(effects, Cosign)] == [SHOWN + 1]
    heard = {hashed for each in changes(effects, "received") for hashed in each.hashes}
    assert heard == {leaf_hash(each) for each in leaves[STOP_AT:]}


def test_a_log_in_which_other_entries_than_the_stop_differ_is_a_fork_too() -> None:
    one, other, _ = shown_ahead()
    leaves = otherwise(one, size=SHOWN, parts_at=STOP_AT + 1)
    assert convicted(other.take(brought(one, leaves), now=NOW + 410))


def test_another_head_of_the_same_size_is_a_fork_and_nothing_under_it_is_acted_on() -> None:
    one, other, _ = shown_ahead()
    leaves = (*otherwise(one, size=SHOWN - 1), headed(one, stop(), now=NOW + 300, index=SHOWN - 1))
    bundle = replace(brought(one, leaves, size=STOP_AT), express=(express(leaves, index=SHOWN - 1),))
    effects = other.take(bundle, now=NOW + 410)
    [fault] = convicted(effects)
    assert fault.fork is not None
    assert leaf_hash(leaves[-1]) not in other.line.state.duties


def test_another_urgent_entry_for_the_same_place_is_a_fork_and_is_not_acted_on() -> None:
    one, other, _ = shown_ahead()
    second = headed(one, stop(), now=NOW + 300, index=STOP_AT)
    leaves = (*otherwise(one, size=STOP_AT), second, *otherwise(one, size=SHOWN + 3)[STOP_AT + 1 :])
    bundle = replace(brought(one, leaves, size=STOP_AT), express=(express(leaves, index=STOP_AT),))
    [fault] = convicted(other.take(bundle, now=NOW + 410))
    assert fault.entries is not None
    assert leaf_hash(second) not in other.line.state.duties
    assert acted_on(other.line.state.copy.ahead) == {leaf_hash(one.kept.log(one.origin).leaves[STOP_AT])}


@pytest.mark.parametrize("size", [4, SHOWN])
def test_a_head_that_the_copy_has_passed_and_never_went_through_is_a_fork(size: int) -> None:
    one, other = opened_two()
    for number in range(4):
        one.say(advice(f"true {number}"), now=NOW + 100 + number)
    other.take(bundle_of(one, now=NOW + 200), now=NOW + 210)
    assert other.line.state.copy.log.size == SHOWN
    effects = other.take(brought(one, otherwise(one, size=size), size=1), now=NOW + 410)
    assert convicted(effects)
    assert not of_type(effects, GrowLog)


@pytest.mark.parametrize("size", [3, SHOWN])
def test_a_head_that_the_copy_has_passed_and_went_through_says_nothing(size: int) -> None:
    one, other = opened_two()
    for number in range(4):
        one.say(advice(f"true {number}"), now=NOW + 100 + number)
    other.take(bundle_of(one, now=NOW + 200), now=NOW + 210)
    before = other.line.state.copy
    old = brought(one, one.kept.log(one.origin).leaves[:size], size=1)
    assert not of_type(other.take(old, now=NOW + 410), Convict)
    assert other.line.state.copy == before


# ---------------------------------------------------------------------------- rules by themselves


LOG = Signer(
    key=VerifierKey(name="keepclear/a/tanf/1", public_key=public(seeded_key("some log"))),
    sign=seeded_key("some log").sign,
)


def history(shared: int, name: str, size: int) -> KeptLog:
    """A log of made-up entries, of which the first are those of every other."""
    log = KeptLog()
    log.append([f"{'shared' if number < shared else name} {number}".encode() for number in range(size)])
    return log


def note_at(log: KeptLog, size: int) -> tuple[str, Head]:
    """The signed head of a log at a size."""
    head = log.frontier(size).head()
    return signed_note(Checkpoint(origin=LOG.key.name, head=head).text(), LOG).written(), head


def ahead_of(log: KeptLog, size: int, places: Sequence[int]) -> HeadAhead:
    """A head of a log with entries under it."""
    note, head = note_at(log, size)
    entries = tuple(
        EntryAhead(
            index=index,
            hash=leaf_hash(log.leaves[index]),
            path=inclusion_path(index=index, size=size, read=log.read),
        )
        for index in places
    )
    return HeadAhead(note=note, head=head, entries=entries)


@given(data=st.data())
def test_a_contradiction_is_found_just_where_two_histories_differ_in_what_was_shown(
    data: st.DataObject,
) -> None:
    """The histories are made from where they part, so whether they differ is known without a tree."""
    shared, copied = data.draw(st.integers(0, 24)), data.draw(st.integers(0, 12))
    shown_size, grown_size = (data.draw(st.integers(copied + 1, 24)) for _ in range(2))
    places = data.draw(st.lists(st.integers(copied, shown_size - 1), max_size=4, unique=True))
    shown, grown = history(shared, "shown", shown_size), history(shared, "grown", grown_size)
    note, head = note_at(grown, grown_size)
    found = contradiction(
        [ahead_of(shown, shown_size, places)],
        checkpoint=note,
        head=head,
        roots={size: grown.frontier(size).head().root for size in range(grown_size + 1)},
        read=grown.read,
    )
    reached = shown_size <= grown_size
    differs = shared < shown_size if reached else any(shared <= each < grown_size for each in places)
    assert (found is not None) == differs
    if found is not None:
        found.verify(LOG.key)


@given(data=st.data())
def test_a_clash_is_found_just_where_two_heads_or_entries_cannot_both_be(data: st.DataObject) -> None:
    shared = data.draw(st.integers(0, 12))
    sizes = [data.draw(st.integers(1, 12)) for _ in range(2)]
    places = [data.draw(st.lists(st.integers(0, size - 1), max_size=4, unique=True)) for size in sizes]
    logs = [history(shared, name, size) for name, size in zip(("one", "two"), sizes, strict=True)]
    one, two = (ahead_of(*each) for each in zip(logs, sizes, places, strict=True))
    found = clash([one], two)
    same_size = sizes[0] == sizes[1] and shared < sizes[0]
    same_place = any(place >= shared for place in set(places[0]) & set(places[1]))
    assert (found is not None) == (same_size or same_place)
    if found is not None:
        found.verify(LOG.key)


def head_ahead(size: int, *entries: int) -> HeadAhead:
    """A head of some size with entries of these numbers, made up."""
    made = tuple(EntryAhead(index=each, hash=each.to_bytes(32, "big"), path=()) for each in entries)
    return HeadAhead(note="", head=Head(size=size, root=bytes(32)), entries=made)


def test_one_head_is_kept_once_with_all_that_was_first_shown_under_it() -> None:
    ahead = with_head((), head_ahead(9, 1, 2))
    ahead = with_head(ahead, head_ahead(12, 2, 3))
    ahead = with_head(ahead, head_ahead(9, 2, 4))
    assert [[entry.index for entry in each.entries] for each in ahead] == [[1, 2, 4], [3]]


def test_a_head_under_which_nothing_was_acted_on_gives_way_and_no_other_does() -> None:
    ahead = tuple(head_ahead(1_000 + number, number) for number in range(HEADS_MAX - 1))
    ahead = with_head(ahead, head_ahead(5_000))
    ahead = with_head(ahead, head_ahead(5_001, 999))
    assert len(ahead) == HEADS_MAX
    assert 5_000 not in [each.head.size for each in ahead]
    assert with_head(ahead, head_ahead(5_002, 998)) == ahead


def test_no_more_entries_are_acted_on_ahead_than_there_is_room_for() -> None:
    ahead = with_head((), head_ahead(9_000, *range(ENTRIES_MAX - 1)))
    ahead = with_head(ahead, head_ahead(9_001, 8_000, 8_001))
    assert len(acted_on(ahead)) == ENTRIES_MAX
    assert (8_001).to_bytes(32, "big") not in acted_on(ahead)


def test_what_the_copy_has_come_to_is_not_ahead_any_more() -> None:
    ahead = (head_ahead(9, 3, 6), head_ahead(5, 2))
    assert still_ahead(ahead, size=5) == (head_ahead(9, 6),)


def test_an_urgent_entry_without_room_is_heard_in_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keepclear.core.line.ahead.ENTRIES_MAX", 0)
    one, other, _ = shown_ahead()
    hashed = leaf_hash(one.kept.log(one.origin).leaves[STOP_AT])
    assert hashed not in other.line.state.duties
    next_run(one, other)
    assert hashed in other.line.state.duties


def test_evidence_of_two_entries_with_anything_changed_convicts_nobody() -> None:
    one, other, _ = shown_ahead()
    [fault] = convicted(other.take(brought(one, otherwise(one, size=SHOWN - 1)), now=NOW + 410))
    entries = fault.entries
    assert entries is not None
    key = VerifierKey(name=one.origin, public_key=public(one.log_key))
    entries.verify(key)
    for wrong in (
        replace(entries, index=entries.index + 1),
        replace(entries, index=SHOWN + 1),
        replace(entries, other=entries.one),
        replace(entries, other=replace(entries.one, leaf=bytes(32))),
        replace(entries, one=replace(entries.one, path=entries.one.path[:-1])),
        replace(entries, one=replace(entries.one, checkpoint=entries.other.checkpoint)),
    ):
        with pytest.raises(KeepclearError):
            wrong.verify(key)
    with pytest.raises(KeepclearError):
        entries.verify(replace(key, public_key=public(other.log_key)))
    assert last_hash(one) != entries.one.leaf
