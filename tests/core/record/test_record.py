"""The record: entries, their leaves, and an audit that names the first bad one."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import KeepclearError, Refused, Untrusted
from keepclear.core.instant import FIRST, FOREVER, Instant
from keepclear.core.record.merkle import leaf_hash
from keepclear.core.record.record import KIND_LENGTH_MAX, Entry, Record, audited, entry_of
from keepclear.core.trust.encoding import BYTES_MAX, INTEGER_MAX, canonical

WORDS = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
entries = st.builds(
    Entry,
    index=st.integers(0, INTEGER_MAX),
    at=st.integers(FIRST, FOREVER).map(Instant),
    kind=st.lists(WORDS, min_size=1, max_size=3).map(".".join),
    body=st.dictionaries(
        st.text('ab"\\,:{}\u20ac', max_size=5), st.integers(0, 9) | st.text('",{}a'), max_size=4
    ).map(canonical),
)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def entry(index: int, body: bytes = b'{"zone":"At Tanf"}') -> Entry:
    return Entry(index=index, at=Instant(1_535_781_600_000), kind="alert.raised", body=body)


def leaves(count: int) -> list[bytes]:
    return [entry(number).leaf() for number in range(count)]


def test_a_leaf_is_text_that_a_person_can_read() -> None:
    assert entry(17).leaf() == (
        b'{"at_ms":1535781600000,"body":{"zone":"At Tanf"},"index":17,"kind":"alert.raised"}'
    )


@settings(max_examples=150, derandomize=True, deadline=None)
@given(entries)
def test_a_leaf_is_canonical_json_and_reads_back_as_its_entry(each: Entry) -> None:
    leaf = each.leaf()
    assert entry_of(leaf) == each
    value = json.loads(leaf)
    assert leaf == rfc8785.dumps(value)
    assert value == {
        "at_ms": each.at,
        "body": json.loads(each.body),
        "index": each.index,
        "kind": each.kind,
    }


@settings(max_examples=150, derandomize=True, deadline=None)
@given(entries, st.integers(0, 100_000), st.integers(0, 255))
def test_altered_bytes_are_refused_or_are_the_leaf_of_another_entry(
    each: Entry, place: int, byte: int
) -> None:
    leaf = bytearray(each.leaf())
    leaf[place % len(leaf)] = byte
    try:
        found = entry_of(bytes(leaf))
    except Refused:
        return
    assert found.leaf() == leaf
    assert (found == each) is (leaf == each.leaf())


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"{}",
        b'{"at_ms":1,"body":{},"index":0}',
        b'{"at_ms":1,"body":{},"index":0,"kind":"a","more":1}',
        b'{"at_ms":01,"body":{},"index":0,"kind":"a"}',
        b'{"at_ms":-0,"body":{},"index":0,"kind":"a"}',
        b'{"at_ms":1.0,"body":{},"index":0,"kind":"a"}',
        b'{"at_ms":true,"body":{},"index":0,"kind":"a"}',
        b'{"at_ms":1,"body":[],"index":0,"kind":"a"}',
        b'{"at_ms":1,"body":"{}","index":0,"kind":"a"}',
        b'{"at_ms":1, "body":{},"index":0,"kind":"a"}',
        b'{"body":{},"at_ms":1,"index":0,"kind":"a"}',
        b'{"at_ms":1,"body":{},"index":0,"kind":"a"}\n',
    ],
)
def test_bytes_that_are_not_an_entry_are_refused(leaf: bytes) -> None:
    with refused("entry.unreadable"):
        entry_of(leaf)


@pytest.mark.parametrize(
    ("leaf", "code"),
    [
        (b'{"at_ms":1,"body":{"a":0.5},"index":0,"kind":"a"}', "encoding.float"),
        (b'{"at_ms":1,"body":{"a":1,"a":1},"index":0,"kind":"a"}', "encoding.repeated"),
        (b'{"at_ms":1,"body":{},"index":1},"index":0,"kind":"a"}', "encoding.unreadable"),
        (b'{"at_ms":1,"body":{},"index":-1,"kind":"a"}', "entry.index"),
        (b'{"at_ms":999999999999999999,"body":{},"index":0,"kind":"a"}', "entry.at"),
        (b'{"at_ms":1,"body":{},"index":0,"kind":".a"}', "entry.kind"),
    ],
)
def test_an_entry_with_a_bad_part_is_refused_for_that_part(leaf: bytes, code: str) -> None:
    with refused(code):
        entry_of(leaf)


@pytest.mark.parametrize("kind", ["", "Alert", "alert.", ".alert", "a..b", "1a", "a b", "a_b", "ä", "a\n"])
def test_a_kind_that_is_not_dotted_words_is_refused(kind: str) -> None:
    with refused("entry.kind"):
        Entry(index=0, at=Instant(0), kind=kind, body=b"{}")


def test_an_entry_is_taken_to_its_limits_and_refused_past_them() -> None:
    Entry(index=INTEGER_MAX, at=FIRST, kind="a" * KIND_LENGTH_MAX, body=b"{}")
    Entry(index=0, at=FOREVER, kind="a", body=b"{}")
    room = BYTES_MAX - len(entry(0, canonical({"a": ""})).leaf())
    assert len(entry(0, canonical({"a": "x" * room})).leaf()) == BYTES_MAX
    with refused("encoding.too-long"):
        entry(0, canonical({"a": "x" * (room + 1)}))
    with refused("entry.kind"):
        Entry(index=0, at=Instant(0), kind="a" * (KIND_LENGTH_MAX + 1), body=b"{}")
    for at in (FIRST - 1, FOREVER + 1):
        with refused("entry.at"):
            Entry(index=0, at=Instant(at), kind="a", body=b"{}")
    for index in (-1, INTEGER_MAX + 1):
        with refused("entry.index"):
            entry(index)


def test_the_root_of_a_record_is_the_hash_over_its_leaves() -> None:
    assert Record().head().root == sha256(b"").digest()
    one, two = (sha256(b"\x00" + leaf).digest() for leaf in leaves(2))
    record = Record().append(leaves(2)[0]).record
    assert record.head().root == one
    assert record.append(leaves(2)[1]).record.head().root == sha256(b"\x01" + one + two).digest()


def test_an_append_tells_its_entry_and_the_subtrees_it_completes() -> None:
    record = Record()
    for leaf in leaves(3):
        record = record.append(leaf).record
    appended = record.append(entry(3).leaf())
    assert appended.entry == entry(3)
    assert [(node.level, node.index) for node in appended.nodes] == [(0, 3), (1, 1), (2, 0)]
    assert appended.nodes[0].hash == leaf_hash(appended.leaf)
    assert appended.nodes[2].hash == appended.record.head().root


@pytest.mark.parametrize("index", [0, 2, 5])
def test_an_entry_out_of_order_is_refused(index: int) -> None:
    record = Record().append(leaves(1)[0]).record
    with refused("record.order"):
        record.append(entry(index).leaf())


def test_an_audit_gives_every_entry_and_ends_at_the_same_root() -> None:
    record = Record()
    for leaf in leaves(20):
        record = record.append(leaf).record
    found = list(audited(leaves(20)))
    assert [each.entry.index for each in found] == list(range(20))
    assert found[-1].record == record
    assert list(audited([])) == []


def test_an_audit_goes_on_from_where_a_known_record_ends() -> None:
    whole = list(audited(leaves(20)))
    assert list(audited(leaves(20)[13:], start=whole[12].record)) == whole[13:]


@pytest.mark.parametrize("bad", [0, 4, 9])
def test_an_audit_names_the_first_entry_that_is_lost_swapped_or_unreadable(bad: int) -> None:
    sound = leaves(12)
    lost = sound[:bad] + sound[bad + 1 :]
    swapped = [*sound[:bad], sound[bad + 1], sound[bad], *sound[bad + 2 :]]
    unreadable = [*sound[:bad], sound[bad][:-1], *sound[bad + 1 :]]
    for altered in (lost, swapped, unreadable):
        with pytest.raises(Untrusted, match=f"entry {bad} is damaged"):
            list(audited(altered))


def test_every_single_bit_change_to_a_leaf_is_refused_or_changes_the_root() -> None:
    sound = leaves(3)
    root = list(audited(sound))[-1].record.head().root
    for bit in range(len(sound[1]) * 8):
        altered = bytearray(sound[1])
        altered[bit // 8] ^= 1 << bit % 8
        try:
            found = list(audited([sound[0], bytes(altered), sound[2]]))[-1].record.head().root
        except KeepclearError:
            continue
        assert found != root
