"""Arrivals in the store: the order in which a node came by what was said, whatever any clock says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.signing import signer_of
from keepclear.core.instant import Instant
from keepclear.edge.store.arrivals import UNNOTED, Arrival, ExpressLeaf
from keepclear.edge.store.store import LineWrites, LogAppend, Store

OURS = signer_of("keepclear/alpha/tanf/1", seed=7)
NEXT = signer_of("keepclear/alpha/tanf/2", seed=8)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "node.db", signer=signer_of("keepclear/alpha/node/1")) as store:
        for signer in (OURS, NEXT):
            store.open_log(signer.key, signer=signer)
        yield store


def grow(store: Store, origin: str, *leaves: bytes, at: int | None) -> None:
    when = None if at is None else Instant(at)
    store.commit(lines=LineWrites(appends=[LogAppend(origin=origin, leaves=leaves)], at=when))


def test_arrivals_keep_their_order_though_the_clock_goes_back(store: Store) -> None:
    grow(store, OURS.key.name, b"0", b"1", at=9_000)
    grow(store, NEXT.key.name, b"0", at=5_000)
    grow(store, OURS.key.name, b"2", at=1_000)
    ours = store.arrivals.of(OURS.key.name, start=0, end=3)
    (between,) = store.arrivals.of(NEXT.key.name, start=0, end=1)
    assert [(each.start, each.end, each.at) for each in ours] == [(0, 2, 9_000), (2, 3, 1_000)]
    assert ours[0].place < between.place < ours[1].place
    sizes = [store.arrivals.size_before(OURS.key.name, each.place) for each in (ours[0], between, ours[1])]
    assert sizes == [0, 2, 2]


def test_entries_of_which_no_arrival_was_noted_come_last_and_are_not_left_out(store: Store) -> None:
    grow(store, OURS.key.name, b"0", b"1", at=9_000)
    grow(store, OURS.key.name, b"2", b"3", at=None)
    (noted, other) = store.arrivals.of(OURS.key.name, start=1, end=4)
    assert (noted.start, noted.end) == (1, 2)
    assert other == Arrival(start=2, end=4, place=UNNOTED, at=None)
    assert store.arrivals.of(OURS.key.name, start=4, end=4) == []


def test_an_entry_ahead_of_its_turn_goes_when_its_turn_comes_and_stays_where_another_took_its_place(
    store: Store,
) -> None:
    said = ExpressLeaf(origin=OURS.key.name, number=1, leaf=b"stop", at=Instant(1_000))
    other = ExpressLeaf(origin=OURS.key.name, number=1, leaf=b"another", at=Instant(1_500))
    store.commit(lines=LineWrites(express=[said, other, said]))
    grow(store, OURS.key.name, b"0", at=2_000)
    assert set(store.arrivals.express(OURS.key.name)) == {said, other}
    grow(store, OURS.key.name, b"stop", at=3_000)
    assert store.arrivals.express(OURS.key.name) == (other,)
    assert store.arrivals.express(NEXT.key.name) == ()
