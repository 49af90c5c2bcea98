"""A bundle has room for so many bytes, and what is left goes with the next ones."""

from __future__ import annotations

from hashlib import sha256

from keepclear.core.instant import Instant
from keepclear.core.line.bundle import PARTS_MAX
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import How, Kind, Reference
from keepclear.core.line.packing import LEAVES_BYTES_MAX
from keepclear.core.line.text import Text
from keepclear.formats.line.bundlefile import BUNDLE_BYTES_MAX, bundle_bytes
from party import Party, exchange

T = 1_536_000_000_000
LONG = 260
MANY = PARTS_MAX + 10


def test_long_entries_go_in_several_bundles_and_all_arrive() -> None:
    a, b = Party("a", "b"), Party("b", "a")
    a.open(now=T)
    b.open(now=T)
    exchange(a, b, now=T + 1_000)
    about = tuple(Reference(hash=sha256(bytes([n])).digest(), how=How.ABOUT) for n in range(64))
    text = Text(composed=Instant(T), language="en", originator="a", text="x", no_place=True).content()
    for number in range(LONG):
        a.say(Draft(kind=Kind.QUERY, contents={"text": text}, references=about), now=T + 2_000 + number)
    bundle = a.bundle(now=T + 9_000)
    assert bundle is not None
    assert 0 < sum(map(len, bundle.leaves)) <= LEAVES_BYTES_MAX
    assert len(bundle.leaves) < LONG
    assert len(bundle_bytes(bundle)) <= BUNDLE_BYTES_MAX
    exchange(a, b, now=T + 10_000, rounds=8)
    assert b.line.state.copy.log.size == a.line.state.own.size == LONG + 1
    assert a.line.state.confirmed == LONG + 1


def test_more_parts_than_a_bundle_has_room_for_go_with_the_next_one() -> None:
    a, b = Party("a", "b"), Party("b", "a")
    a.open(now=T)
    b.open(now=T)
    exchange(a, b, now=T + 1_000)
    text = Text(composed=Instant(T), language="en", originator="a", text="x", no_place=True).content()
    for number in range(MANY):
        a.say(Draft(kind=Kind.QUERY, contents={"text": text}), now=T + 2_000 + number)
    bundle = a.bundle(now=T + 9_000)
    assert bundle is not None
    assert len(bundle.parts) == PARTS_MAX
    exchange(a, b, now=T + 10_000)
    assert a.line.state.confirmed == MANY + 1
    assert not b.line.state.unopened
