"""Bundle files: what is written is read again, and what another could read otherwise is refused."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.line.bundle import (
    EXPRESS_MAX,
    LEAVES_MAX,
    PARTS_MAX,
    RESTORE_MAX,
    Bundle,
    Express,
    Restore,
)
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import Kind, LineName, PartyWord
from keepclear.core.trust.envelope import Envelope
from keepclear.formats.line.bundlefile import BUNDLE_BYTES_MAX, PATH_MAX, VALUES_MAX, bundle_bytes, bundle_of
from party import Party, exchange

NOW = 1_536_192_000_000
HASH = bytes(range(32))
STATUS = Envelope(
    payload_type="application/vnd.keepclear.status+json", payload=b"{}", key_id="0" * 32, signature=bytes(64)
)
BUNDLE = Bundle(
    line=LineName("tanf"),
    sender=PartyWord("b"),
    to=PartyWord("a"),
    epoch=2,
    checkpoint="keepclear/b/tanf/2\n1\nAAAA\n\n\u2014 keepclear/b/tanf/2 AAAA\n",
    start=12,
    leaves=(b"{}", '{"a":"\u00e9\\u001f\U0001f30d"}'.encode()),
    status=STATUS,
    newest="newest\n",
    path=(HASH, bytes(32)),
    express=(Express(index=40, leaf=b'{"x":1}', path=(HASH,)),),
    parts={HASH: b"age", bytes(32): b"\x00\xff"},
    cosigned="cosigned\n",
    restore=Restore(checkpoint="ours\n", start=3, leaves=(b"[]",)),
)

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
leaves = texts.map(str.encode)
hashes = st.binary(min_size=32, max_size=32)
paths = st.lists(hashes, max_size=4).map(tuple)
words = st.from_regex(r"[a-z0-9](?:[a-z0-9.-]{0,5}[a-z0-9])?", fullmatch=True)
numbers = st.integers(0, 2**53 - 1)
envelopes = st.builds(
    Envelope,
    payload_type=st.just("application/json"),
    payload=st.binary(max_size=40),
    key_id=st.text("0123456789abcdef", min_size=32, max_size=32),
    signature=st.binary(min_size=64, max_size=64),
)
bundles = st.builds(
    Bundle,
    line=words.map(LineName),
    sender=words.map(lambda word: PartyWord(f"s{word}")),
    to=words.map(lambda word: PartyWord(f"t{word}")),
    epoch=st.integers(1, 2**31 - 1),
    checkpoint=texts,
    start=numbers,
    leaves=st.lists(leaves, max_size=4).map(tuple),
    status=envelopes,
    newest=texts,
    path=paths,
    express=st.lists(st.builds(Express, index=numbers, leaf=leaves, path=paths), max_size=3).map(tuple),
    parts=st.dictionaries(hashes, st.binary(min_size=1, max_size=40), max_size=4),
    cosigned=st.none() | texts,
    restore=st.none()
    | st.builds(Restore, checkpoint=texts, start=numbers, leaves=st.lists(leaves, max_size=3).map(tuple)),
)


def members() -> dict[str, object]:
    """The bundle as another program would see it."""
    return json.loads(bundle_bytes(BUNDLE))


def written(changed: dict[str, object]) -> bytes:
    """A bundle file as another program would write it."""
    return json.dumps(changed).encode()


@given(bundle=bundles)
def test_every_bundle_is_read_as_it_was_written(bundle: Bundle) -> None:
    assert bundle_of(bundle_bytes(bundle)) == bundle


def test_what_is_not_there_is_read_as_not_there() -> None:
    bare = replace(BUNDLE, newest=None, path=(), express=(), parts={}, cosigned=None, restore=None, leaves=())
    assert bundle_of(bundle_bytes(bare)) == bare


def test_the_members_are_those_that_the_protocol_names() -> None:
    shown = members()
    named = (
        "type v line from to epoch checkpoint start leaves newest path express parts cosigned restore status"
    )
    assert " ".join(shown) == named
    assert shown["type"] == "keepclear bundle"
    assert shown["parts"] == {
        HASH.hex(): b64encode(b"age").decode(),
        "00" * 32: b64encode(b"\x00\xff").decode(),
    }
    assert shown["express"] == [{"index": 40, "leaf": '{"x":1}', "path": [HASH.hex()]}]
    assert shown["restore"] == {"checkpoint": "ours\n", "leaves": ["[]"], "start": 3}


def test_another_layout_of_the_same_bundle_is_the_same_bundle() -> None:
    spread = json.dumps(dict(reversed(members().items())), indent=3).encode("utf-8")
    assert bundle_of(spread) == BUNDLE


def test_a_bundle_of_two_real_parties_is_carried_whole_by_its_file() -> None:
    one, two = Party("a", "b"), Party("b", "a")
    one.open(now=NOW)
    two.open(now=NOW)
    exchange(one, two, now=NOW)
    one.say(Draft(kind=Kind.COMMS_CHECK), now=NOW + 1000, by=None)
    bundle = one.bundle(now=NOW + 2000)
    assert bundle is not None
    carried = bundle_of(bundle_bytes(bundle))
    assert carried == bundle
    two.take(carried, now=NOW + 3000)
    assert two.line.state.copy.log.size == one.line.state.own.size


UNFIT: dict[str, Callable[[dict[str, object]], object]] = {
    "another type": lambda m: m.update(type="keepclear export"),
    "another version": lambda m: m.update(v=2),
    "a true version": lambda m: m.update(v=True),
    "an unknown member": lambda m: m.update(note="x"),
    "a missing member": lambda m: m.pop("cosigned"),
    "a line with a space": lambda m: m.update(line="ta nf"),
    "a party in capitals": lambda m: m.update(to="A"),
    "a bundle to itself": lambda m: m.update(to="b"),
    "epoch 0": lambda m: m.update(epoch=0),
    "a fraction": lambda m: m.update(start=1.0),
    "a negative start": lambda m: m.update(start=-1),
    "a leaf that is no text": lambda m: m.update(leaves=[{}]),
    "an empty leaf": lambda m: m.update(leaves=[""]),
    "a leaf past 65,535": lambda m: m.update(leaves=["x" * 65_536]),
    "a leaf with half a surrogate pair": lambda m: m.update(leaves=["\ud800"]),
    "a name with half a surrogate pair": lambda m: m.update({"\udfff": 1}),
    "too many leaves": lambda m: m.update(leaves=["{}"] * (LEAVES_MAX + 1)),
    "a checkpoint that is no text": lambda m: m.update(checkpoint=None),
    "a newest that is no text": lambda m: m.update(newest=7),
    "a proof that leads nowhere": lambda m: m.update(newest=None),
    "a proof too long": lambda m: m.update(path=["00" * 32] * (PATH_MAX + 1)),
    "a proof in capitals": lambda m: m.update(path=["AB" * 32]),
    "a short hash": lambda m: m.update(path=["00" * 31]),
    "too many express": lambda m: m.update(
        express=[{"index": 1, "leaf": "x", "path": []}] * (EXPRESS_MAX + 1)
    ),
    "an express without index": lambda m: m.update(express=[{"leaf": "x", "path": []}]),
    "an express with more": lambda m: m.update(express=[{"index": 1, "leaf": "x", "path": [], "y": 1}]),
    "too many parts": lambda m: m.update(parts={f"{n:064x}": "AA==" for n in range(PARTS_MAX + 1)}),
    "an empty part": lambda m: m.update(parts={"00" * 32: ""}),
    "a part with stray bits": lambda m: m.update(parts={"00" * 32: "AB=="}),
    "a part without padding": lambda m: m.update(parts={"00" * 32: "AA"}),
    "a part of another name": lambda m: m.update(parts={"text": "AA=="}),
    "a part past 128 KiB": lambda m: m.update(parts={"00" * 32: b64encode(bytes(131_073)).decode()}),
    "a part that is a number": lambda m: m.update(parts={"00" * 32: 7}),
    "a restore with more": lambda m: m.update(
        restore={"checkpoint": "x", "leaves": [], "start": 1, "to": "a"}
    ),
    "a restore that is a list": lambda m: m.update(restore=[]),
    "a status without signature": lambda m: m.update(status={**STATUS.members(), "signatures": []}),
    "no status": lambda m: m.update(status=None),
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_bundle_is_refused_that_has(name: str) -> None:
    changed = members()
    UNFIT[name](changed)
    with pytest.raises(Refused):
        bundle_of(written(changed))


def test_a_bundle_of_more_values_than_any_has_is_refused_before_it_is_read() -> None:
    here = sum(map(bundle_bytes(replace(BUNDLE, leaves=(b"x",))).count, (b",", b"[", b"{")))
    most = replace(BUNDLE, leaves=(b"," * (VALUES_MAX - here),))
    assert bundle_of(bundle_bytes(most)) == most
    with pytest.raises(Refused) as refused:
        bundle_of(bundle_bytes(replace(BUNDLE, leaves=(b"," * (VALUES_MAX - here + 1),))))
    assert refused.value.code == "bundle.values"


def test_the_largest_bundle_that_there_is_has_fewer_values_than_may_be() -> None:
    entry = Envelope(
        payload_type="application/vnd.keepclear.message+json",
        payload=b"{}",
        key_id="0" * 32,
        signature=bytes(64),
    ).written()
    largest = replace(
        BUNDLE,
        leaves=(entry,) * LEAVES_MAX,
        path=(HASH,) * PATH_MAX,
        express=(Express(index=40, leaf=entry, path=(HASH,) * PATH_MAX),) * EXPRESS_MAX,
        parts={n.to_bytes(32, "big"): b"age" for n in range(PARTS_MAX)},
        restore=Restore(checkpoint="ours\n", start=3, leaves=(entry,) * RESTORE_MAX),
    )
    assert bundle_of(bundle_bytes(largest)) == largest


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b'{"type":"keepclear bundle","type":"keepclear bundle"}',
        b"\xef\xbb\xbf" + bundle_bytes(BUNDLE),
        bundle_bytes(BUNDLE) + b"{}",
        bundle_bytes(BUNDLE)[:-1],
        bundle_bytes(BUNDLE).replace(b'"start":12', b'"start":NaN'),
        bundle_bytes(BUNDLE).replace(b'"start":12', b'"start":12,"start":12'),
        bundle_bytes(BUNDLE).replace(b'"start":12', b'"start":123456789012345678901'),
        b'{"a":' + b"[" * 5_000,
        b"\xff\xfe",
    ],
)
def test_a_text_that_is_not_just_one_bundle_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused):
        bundle_of(raw)


def test_a_bundle_past_eight_mebibytes_is_neither_written_nor_read() -> None:
    heavy = replace(BUNDLE, parts={n.to_bytes(32, "big"): bytes(131_072) for n in range(50)})
    with pytest.raises(Refused) as refused:
        bundle_bytes(heavy)
    assert refused.value.code == "bundle.too-long"
    padded = bundle_bytes(BUNDLE).ljust(BUNDLE_BYTES_MAX + 1)
    assert bundle_of(padded[:-1]) == BUNDLE
    with pytest.raises(Refused) as refused:
        bundle_of(padded)
    assert refused.value.code == "json.too-long"


def test_a_leaf_that_is_no_text_cannot_be_sent() -> None:
    with pytest.raises(Refused) as refused:
        bundle_bytes(replace(BUNDLE, leaves=(b"\xff",)))
    assert refused.value.code == "leaf.encoding"


def test_a_note_that_is_no_text_cannot_be_sent() -> None:
    with pytest.raises(Refused) as refused:
        bundle_bytes(replace(BUNDLE, checkpoint="\ud800"))
    assert refused.value.code == "json.encoding"
