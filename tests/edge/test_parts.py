"""Parts, disclosures and faults: kept with what brought them, each once, and gone when they expire."""

from __future__ import annotations

import random
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import apsw
import pytest

from edge.signing import signer_of
from keepclear.core.errors import Untrusted
from keepclear.core.instant import Instant
from keepclear.edge.store.disclosures import Disclosure
from keepclear.edge.store.faults import Fault
from keepclear.edge.store.parts import OpenPart
from keepclear.edge.store.store import Draft, LineWrites, LogAppend, Store

NODE = signer_of("keepclear/alpha/node/1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path, signer=NODE) as store:
        yield store


def part(opening: bytes, *, until: int | None = None) -> OpenPart:
    keep_until = None if until is None else Instant(until)
    return OpenPart(commitment=sha256(opening).hexdigest(), opening=opening, keep_until=keep_until)


def keep(store: Store, *parts: OpenPart) -> None:
    store.commit(lines=LineWrites(openings=parts))


# ---- openings


def test_an_opening_is_kept_once_however_often_it_comes(store: Store) -> None:
    one = part(b'{"part":"text"}')
    keep(store, one, one)
    keep(store, one)
    assert store.opening(one.commitment) == one.opening
    assert store.opening(sha256(b"never had").hexdigest()) is None


def test_bytes_to_which_no_one_committed_are_no_opening() -> None:
    with pytest.raises(Untrusted) as caught:
        OpenPart(commitment=sha256(b"one").hexdigest(), opening=b"another")
    assert caught.value.code == "part.commitment"


def test_an_opening_is_gone_from_the_moment_until_which_it_was_to_be_kept(store: Store) -> None:
    soon, later, always = part(b"soon", until=100), part(b"later", until=200), part(b"always")
    keep(store, soon, later, always)
    assert store.expire_openings(Instant(99)) == 0
    assert store.expire_openings(Instant(100)) == 1
    assert store.expire_openings(Instant(100)) == 0
    assert [store.opening(each.commitment) for each in (soon, later, always)] == [None, b"later", b"always"]


def test_an_expired_opening_does_not_come_back_with_a_repeated_bundle(store: Store) -> None:
    one = part(b"soon", until=100)
    keep(store, one)
    store.expire_openings(Instant(100))
    keep(store, one, part(b"soon"), part(b"soon", until=900))
    assert store.opening(one.commitment) is None
    assert store.expire_openings(Instant(1_000)) == 0


@pytest.mark.parametrize(
    ("stated", "gone_at"), [((None, 50), 50), ((50, None), 50), ((80, 50), 50), ((50, 80), 50)]
)
def test_of_two_times_until_which_a_part_is_kept_the_earlier_holds(
    store: Store, stated: tuple[int | None, int | None], gone_at: int
) -> None:
    for until in stated:
        keep(store, part(b"told twice", until=until))
    assert store.expire_openings(Instant(gone_at - 1)) == 0
    assert store.expire_openings(Instant(gone_at)) == 1


def test_a_stored_opening_that_was_altered_is_not_given_out(path: Path) -> None:
    one = part(b"as it was said")
    with Store(path, signer=NODE) as store:
        keep(store, one)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE part SET opening = CAST('as it was not' AS BLOB)")
    connection.close()
    with Store(path, signer=NODE) as store, pytest.raises(Untrusted) as caught:
        store.opening(one.commitment)
    assert caught.value.code == "store.damaged"


def on_disk(path: Path) -> bytes:
    """Every byte of the store's files."""
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))


def test_of_an_expired_opening_no_byte_is_left_in_the_files(path: Path) -> None:
    chance = random.Random(20180906)
    secrets: list[bytes] = []
    with Store(path, signer=NODE) as store:
        for number in range(300):
            # From less than a line to many pages: SQLite keeps each kind of length in its own way.
            secret = b"<secret %d>" % number * chance.choice([1, 3, 20, 90, 400, 4_000])
            secrets.append(secret)
            until = chance.choice([100, 200, None])
            keep(store, part(b'{"salt":%d}' % number + secret, until=until), part(b"plain %d" % number))
            if number % 40 == 39:
                store.expire_openings(Instant(50))
        held = [n for n in range(300) if b"<secret %d>" % n in on_disk(path)]
        assert len(held) == 300
        store.expire_openings(Instant(100))
        store.expire_openings(Instant(200))
        found = on_disk(path)
        left = [store.opening(sha256(b'{"salt":%d}' % n + secrets[n]).hexdigest()) for n in range(300)]
        gone = [n for n in range(300) if left[n] is None]
        assert 150 < len(gone) < 250
        assert [n for n in gone if b"<secret %d>" % n in found] == []
        assert [n for n in range(300) if n not in gone and b"<secret %d>" % n not in found] == []


# ---- disclosures


def test_who_was_given_a_part_and_since_when_has_an_answer(store: Store) -> None:
    def given(commitment: str, party: str, at: int, way: str = "link") -> Disclosure:
        return Disclosure(commitment=commitment, to_party=party, at=Instant(at), way=way)

    first, again, paper = (
        given("aa", "bravo", 10),
        given("aa", "bravo", 30),
        given("aa", "bravo", 20, "paper"),
    )
    other, third = given("bb", "bravo", 5), given("aa", "un", 15)
    store.commit(lines=LineWrites(disclosures=[again, paper, other]))
    store.commit(lines=LineWrites(disclosures=[first, third, again]))
    assert store.disclosed.of("aa") == (first, third, paper)
    assert store.disclosed.to("bravo") == (other, first, paper)
    assert store.disclosed.of("cc") == store.disclosed.to("nobody") == ()


# ---- faults


def test_the_same_evidence_is_kept_once_and_in_the_order_of_finding(store: Store) -> None:
    def fault(at: int, evidence: bytes, *, line: str = "tanf", kind: str = "fork") -> Fault:
        return Fault(at=Instant(at), line=line, party="bravo", kind=kind, evidence=evidence)

    first, other, kind, line = (
        fault(9, b'{"a":1}'),
        fault(5, b'{"a":2}'),
        fault(7, b'{"a":1}', kind="malformed"),
        fault(8, b'{"a":1}', line="golan"),
    )
    store.commit(lines=LineWrites(faults=[first, other, first]))
    store.commit(lines=LineWrites(faults=[fault(99, b'{"a":1}'), kind, line]))
    assert store.faults("tanf") == (first, other, kind)
    assert store.faults("golan") == (line,)
    assert store.faults("other") == ()


# ---- all of it or none


def test_a_commit_that_fails_at_its_last_step_stores_nothing_of_the_lines(store: Store) -> None:
    own = signer_of("keepclear/alpha/tanf/1", seed=1)
    log = store.open_log(own.key, signer=own)
    opened = part(b"said")
    lines = LineWrites(
        appends=[LogAppend(origin=log.origin, leaves=[b"leaf"])],
        openings=[opened],
        disclosures=[Disclosure(commitment="aa", to_party="bravo", at=Instant(1), way="link")],
        faults=[Fault(at=Instant(1), line="tanf", party="bravo", kind="fork", evidence=b"{}")],
    )
    bad = Draft(at=Instant(0), kind="Not A Kind", body=b"{}")
    with pytest.raises(Exception, match="must be words"):
        store.commit(lines=lines, entries=[bad])
    assert (log.head().size, log.checkpoint(), store.opening(opened.commitment)) == (0, None, None)
    assert store.disclosed.of("aa") == store.faults("tanf") == ()
    committed = store.commit(lines=lines)
    assert (log.head().size, store.opening(opened.commitment)) == (1, b"said")
    assert committed.heads == {log.origin: log.head()}
