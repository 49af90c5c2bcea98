"""Many logs in one store: each grows under signed heads alone, and what was altered is found and named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.signing import note_over, signer_of
from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.record.checkpoint import opened
from keepclear.core.record.merkle import Frontier, Head, leaf_hash, verify_consistency
from keepclear.core.trust.note import signed_note
from keepclear.edge.store.heads import CHECKPOINT_SPAN, Cosigned
from keepclear.edge.store.ledger import Draft
from keepclear.edge.store.store import LineWrites, LogAppend, Store
from keepclear.edge.store.storedlog import LEAF_BYTES_MAX, LEAVES_MAX, StoredLog

NODE = signer_of("keepclear/alpha/node/1")
OWN = signer_of("keepclear/alpha/tanf/1", seed=1)
THEIRS = signer_of("keepclear/bravo/tanf/1", seed=2)


def root_by_hand(leaves: Sequence[bytes]) -> bytes:
    """The root as RFC 6962, 2.1, defines it, by recursion and from the leaves alone."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    return sha256(b"\x01" + root_by_hand(leaves[:split]) + root_by_hand(leaves[split:])).digest()


def said(count: int, *, first: int = 0) -> list[bytes]:
    return [b"entry %d " % number * (1 + number % 7) for number in range(first, first + count)]


def head_of(leaves: Sequence[bytes]) -> Head:
    return Head(size=len(leaves), root=root_by_hand(leaves))


def theirs_at(size: int) -> str:
    return note_over(THEIRS, head_of(said(size)))


def append(store: Store, log: StoredLog, leaves: Sequence[bytes] = (), checkpoint: str | None = None) -> Head:
    write = LogAppend(origin=log.origin, leaves=leaves, checkpoint=checkpoint)
    return store.commit(lines=LineWrites(appends=[write])).heads[log.origin]


def refused(code: str, words: str = ".") -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, match=words, check=lambda error: error.code == code)


def untrusted(code: str, words: str = ".") -> pytest.RaisesExc[Untrusted]:
    return pytest.RaisesExc(Untrusted, match=words, check=lambda error: error.code == code)


def altered(path: Path, statement: str, *bindings: int | bytes | str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(statement, bindings)
    assert connection.changes() > 0
    connection.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store(path, signer=NODE) as store:
        yield store


@pytest.fixture
def own(store: Store) -> StoredLog:
    return store.open_log(OWN.key, signer=OWN)


@pytest.fixture
def copy(store: Store) -> StoredLog:
    return store.open_log(THEIRS.key)


# ---- logs by their origins


def test_a_log_is_known_by_its_origin_after_a_restart(path: Path) -> None:
    with Store(path, signer=NODE) as store:
        own, copy = store.open_log(OWN.key, signer=OWN), store.open_log(THEIRS.key)
        assert (own.own, copy.own) == (True, False)
        assert own.head() == head_of([])
        assert own.checkpoint() is None
        append(store, own, said(3))
    with Store(path, signer=NODE) as store:
        assert store.origins() == (NODE.key.name, OWN.key.name, THEIRS.key.name)
        log = store.log(OWN.key.name)
        assert (log.own, log.key, log.head()) == (True, OWN.key, head_of(said(3)))
        assert store.log(OWN.key.name) is log
        with refused("log.signer", "without its signer"):
            append(store, log, said(1, first=3))
        assert store.open_log(OWN.key) is log
        assert store.open_log(OWN.key, signer=OWN) is not log
        assert store.open_log(OWN.key).head() == append(store, log, [])
        append(store, log, said(1, first=3))
        assert store.log(OWN.key.name).head() == head_of(said(4))


def test_a_log_under_another_key_or_owner_is_refused(store: Store, own: StoredLog) -> None:
    store.open_log(THEIRS.key)
    with refused("store.other-log", "own"):
        store.open_log(signer_of(own.origin, seed=9).key)
    with refused("store.other-log", "counterpart"):
        store.open_log(THEIRS.key, signer=THEIRS)
    with refused("log.signer", "must be of"):
        store.open_log(THEIRS.key, signer=OWN)
    with refused("log.unknown"):
        store.log("keepclear/alpha/tanf/2")
    with refused("log.unknown"):
        store.commit(lines=LineWrites(appends=[LogAppend(origin="keepclear/alpha/tanf/2")]))


def test_the_nodes_record_takes_no_bare_leaves(store: Store) -> None:
    with refused("log.record"):
        append(store, store.log(NODE.key.name), said(1))


def test_logs_do_not_touch_each_other(store: Store, own: StoredLog, copy: StoredLog) -> None:
    entry = Draft(at=Instant(0), kind="alert.raised", body=b"{}")
    for number in range(20):
        theirs = LogAppend(
            origin=copy.origin, leaves=said(2, first=2 * number), checkpoint=theirs_at(2 * number + 2)
        )
        ours = LogAppend(origin=own.origin, leaves=said(1, first=number))
        store.commit(entries=[entry], lines=LineWrites(appends=[theirs, ours]))
    assert copy.self_check() == copy.head() == head_of(said(40))
    assert own.self_check() == own.head() == head_of(said(20))
    assert store.self_check().size == 20


# ---- the own log


@settings(max_examples=25, derandomize=True, deadline=None)
@given(st.lists(st.lists(st.binary(min_size=1, max_size=40), max_size=6), max_size=8))
def test_an_own_log_has_the_root_of_its_leaves_however_they_were_grouped(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[bytes]]
) -> None:
    with Store(tmp_path_factory.mktemp("log") / "node.db", signer=NODE) as store:
        log = store.open_log(OWN.key, signer=OWN)
        leaves: list[bytes] = []
        for group in groups:
            leaves += group
            assert append(store, log, group) == head_of(leaves)
            note = log.checkpoint()
            assert (opened(note, OWN.key).head if note else head_of([])) == head_of(leaves)
        assert log.self_check() == head_of(leaves)
        assert log.leaves(start=0) == tuple(leaves)


def test_many_leaves_in_one_commit_have_one_checkpoint(store: Store, own: StoredLog) -> None:
    append(store, own, said(100))
    append(store, own, [])
    assert own.checkpoint_at(100) == own.checkpoint()
    assert [own.checkpoint_at(size) for size in (0, 1, 99, 101)] == [None] * 4


def test_a_log_that_is_appended_to_twice_in_one_commit_has_both_in_order(
    store: Store, own: StoredLog
) -> None:
    writes = [
        LogAppend(origin=own.origin, leaves=said(2)),
        LogAppend(origin=own.origin, leaves=said(3, first=2)),
    ]
    committed = store.commit(lines=LineWrites(appends=writes))
    assert committed.heads == {own.origin: head_of(said(5))}
    assert own.self_check() == head_of(said(5))


def test_every_leaf_is_proved_in_every_size_and_every_size_continues_those_before(
    store: Store, own: StoredLog
) -> None:
    append(store, own, said(21))
    heads = [head_of(said(size)) for size in range(22)]
    for size in range(1, 22):
        assert own.root_at(size) == heads[size].root
        assert own.frontier(size).head() == heads[size]
        for index in range(size):
            proof = own.inclusion(index, size)
            assert (proof.root, proof.leaf) == (heads[size].root, leaf_hash(said(21)[index]))
            proof.verify()
        for old in range(1, size + 1):
            verify_consistency(old=heads[old], new=heads[size], path=own.consistency(old, size))
    assert own.root_at(0) == sha256(b"").digest()
    own.inclusion(20).verify()
    assert own.consistency(4) == own.consistency(4, 21)
    for size in (-1, 22):
        with refused("merkle.size"):
            own.frontier(size)
        with refused("merkle.size"):
            own.consistency(3, size)
    with refused("merkle.index"):
        own.inclusion(7, 7)
    with refused("merkle.size"):
        own.consistency(8, 7)


def test_leaves_are_given_up_to_a_count_and_up_to_a_length(store: Store, own: StoredLog) -> None:
    leaves = [bytes([number]) * LEAF_BYTES_MAX for number in range(5)]
    append(store, own, leaves)
    assert own.leaf(3) == leaves[3]
    assert own.leaves(start=1, limit=2) == tuple(leaves[1:3])
    assert own.leaves(start=1, bytes_max=LEAF_BYTES_MAX) == tuple(leaves[1:2])
    assert own.leaves(start=0, bytes_max=3 * LEAF_BYTES_MAX - 1) == tuple(leaves[:2])
    assert own.leaves(start=0, bytes_max=3 * LEAF_BYTES_MAX) == tuple(leaves[:3])
    assert own.leaves(start=5) == ()
    with refused("merkle.index"):
        own.leaf(5)
    for limit in (0, LEAVES_MAX + 1):
        with refused("log.limit"):
            own.leaves(start=0, limit=limit)
    with refused("log.limit"):
        own.leaves(start=0, bytes_max=LEAF_BYTES_MAX - 1)


@pytest.mark.parametrize("leaf", [b"", bytes(LEAF_BYTES_MAX + 1)])
def test_a_leaf_of_no_bytes_or_too_many_is_refused_and_nothing_is_stored(
    store: Store, own: StoredLog, leaf: bytes
) -> None:
    append(store, own, said(2))
    with refused("log.leaf", "entry 3 has"):
        append(store, own, [b"good", leaf])
    assert own.self_check() == head_of(said(2))


# ---- a counterpart's log


def test_a_copy_takes_leaves_with_the_checkpoint_that_covers_them(store: Store, copy: StoredLog) -> None:
    assert append(store, copy, said(5), theirs_at(5)) == head_of(said(5))
    assert copy.checkpoint() == theirs_at(5)
    assert append(store, copy, [], theirs_at(5)) == head_of(said(5))
    assert append(store, copy, [], theirs_at(3)) == head_of(said(5))
    assert copy.checkpoint() == theirs_at(5)
    assert copy.self_check() == head_of(said(5))


def test_a_copy_may_lag_behind_a_signed_head_until_it_reaches_it(path: Path) -> None:
    with Store(path, signer=NODE) as store:
        copy = store.open_log(THEIRS.key)
        append(store, copy, said(4), theirs_at(10))
        assert (copy.checkpoint(), copy.ahead()) == (None, theirs_at(10))
        append(store, copy, said(2, first=4))
        append(store, copy, [], theirs_at(12))
        append(store, copy, [], theirs_at(11))
        assert copy.ahead() == theirs_at(12)
        append(store, copy, said(1, first=6), theirs_at(7))
        assert copy.checkpoint() == theirs_at(7)
    with Store(path, signer=NODE) as store:
        copy = store.log(THEIRS.key.name)
        assert copy.self_check() == head_of(said(7))
        append(store, copy, said(3, first=7))
        assert (copy.checkpoint(), copy.ahead()) == (theirs_at(7), theirs_at(12))
        append(store, copy, said(2, first=10))
        assert (copy.checkpoint(), copy.ahead()) == (theirs_at(12), None)
        assert copy.self_check() == head_of(said(12))


def test_leaves_that_no_signed_head_covers_are_refused(store: Store, copy: StoredLog) -> None:
    with refused("log.unsigned", "3 entries is not signed, 0 are"):
        append(store, copy, said(3))
    with refused("log.unsigned", "3 entries is not signed, 2 are"):
        append(store, copy, said(3), theirs_at(2))
    append(store, copy, said(3), theirs_at(5))
    with refused("log.unsigned", "6 entries is not signed, 5 are"):
        append(store, copy, said(3, first=3))
    assert copy.head() == head_of(said(3))


def test_leaves_that_do_not_lead_to_the_signed_head_are_not_taken(store: Store, copy: StoredLog) -> None:
    other = [*said(4), b"another"]
    with untrusted("record.consistency"):
        append(store, copy, other, theirs_at(5))
    with untrusted("record.consistency"):
        append(store, copy, said(5), note_over(THEIRS, head_of(other)))
    append(store, copy, said(4), theirs_at(5))
    with untrusted("record.consistency"):
        append(store, copy, other[4:])
    with untrusted("record.consistency"):
        append(store, copy, [], note_over(THEIRS, head_of(other[1:])))
    with untrusted("note.unsigned"):
        append(store, copy, [], note_over(OWN, head_of(said(4))))
    with untrusted("signature.wrong"):
        append(store, copy, [], theirs_at(6).replace("\n6\n", "\n7\n"))
    assert copy.self_check() == head_of(said(4))
    append(store, copy, said(1, first=4))
    assert copy.checkpoint() == theirs_at(5)


def test_of_two_checkpoints_of_one_size_the_one_with_more_witnesses_is_kept(
    store: Store, copy: StoredLog
) -> None:
    plain = theirs_at(3)
    witness = (
        signed_note(plain.rpartition("\n\n")[0] + "\n", signer_of("witness", seed=5)).signatures[0].line()
    )
    witnessed = f"{plain}{witness}\n"
    for note, kept in ((plain, plain), (witnessed, witnessed), (plain, witnessed)):
        append(store, copy, said(3)[copy.head().size :], note)
        assert copy.checkpoint() == kept


# ---- an own log after a backup was restored


def test_an_own_log_is_continued_by_its_own_lost_entries_and_signs_only_when_whole(path: Path) -> None:
    def ours_at(size: int) -> str:
        return note_over(OWN, head_of(said(size)))

    with Store(path, signer=NODE) as store:
        log = store.open_log(OWN.key, signer=OWN)
        append(store, log, said(3))
        append(store, log, said(2, first=3), ours_at(9))
        with refused("log.restoring", "5 entries of the 9"):
            append(store, log, said(1, first=5))
        append(store, log, said(4, first=5), ours_at(9))
        assert log.checkpoint() == ours_at(9)
        assert append(store, log, said(1, first=9)) == log.self_check() == head_of(said(10))


# ---- cosignatures


def test_of_each_cosigner_the_newest_is_kept_and_the_first_of_its_size(store: Store, own: StoredLog) -> None:
    append(store, own, said(8))

    def keep(size: int, by: str, line: str = "") -> str:
        note = note_over(OWN, head_of(said(size))) + line
        store.commit(lines=LineWrites(cosigned=[Cosigned(origin=own.origin, by=by, note=note)]))
        return note

    assert own.cosigned("bravo") is None
    keep(3, "bravo")
    five = keep(5, "bravo")
    keep(5, "bravo", "\u2014 later AAAAAAAAAAAA\n")
    keep(4, "bravo")
    witness = keep(2, "witness")
    assert own.cosigned("bravo") == five
    assert own.cosigned("witness") == witness
    assert own.cosigned_notes() == (witness, five)
    assert own.self_check() == head_of(said(8))


def test_one_cosigned_checkpoint_is_kept_out_of_each_span(store: Store, own: StoredLog) -> None:
    leaves = said(2 * CHECKPOINT_SPAN + 20)
    for start in range(0, len(leaves), 40):
        append(store, own, leaves[start : start + 40])
        cosigned = Cosigned(origin=own.origin, by="bravo", note=own.checkpoint() or "")
        store.commit(lines=LineWrites(cosigned=[cosigned]))
    sizes = [opened(note, OWN.key).head.size for note in own.cosigned_notes()]
    assert sizes == [240, 480, 532]
    assert [size for size in range(600) if own.checkpoint_at(size)] == sizes


def test_a_cosigned_checkpoint_of_other_entries_is_not_kept(store: Store, own: StoredLog) -> None:
    append(store, own, said(4))
    for head, error in (
        (head_of(said(5)), refused("merkle.size")),
        (head_of(said(4)[::-1]), untrusted("record.consistency")),
    ):
        with error:
            cosigned = Cosigned(origin=own.origin, by="bravo", note=note_over(OWN, head))
            store.commit(lines=LineWrites(cosigned=[cosigned]))
    with untrusted("note.unsigned"):
        cosigned = Cosigned(origin=own.origin, by="bravo", note=theirs_at(4))
        store.commit(lines=LineWrites(cosigned=[cosigned]))
    assert own.cosigned_notes() == ()


# ---- what was altered


@pytest.fixture
def closed(path: Path) -> Path:
    """A closed store with an own log and a copy of 13 entries each; of the copy's, 15 were signed."""
    with Store(path, signer=NODE) as store:
        own, copy = store.open_log(OWN.key, signer=OWN), store.open_log(THEIRS.key)
        append(store, own, said(9))
        append(store, own, said(4, first=9))
        append(store, copy, said(11), theirs_at(11))
        append(store, copy, said(2, first=11), theirs_at(15))
        note = own.checkpoint() or ""
        store.commit(lines=LineWrites(cosigned=[Cosigned(origin=own.origin, by="bravo", note=note)]))
    return path


@pytest.mark.parametrize("log", [2, 3])
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE leaf SET leaf = zeroblob(8) WHERE number = 12 AND log = ?", "entry 12 does not give"),
        ("UPDATE node SET hash = zeroblob(32) WHERE level = 2 AND number = 1 AND log = ?", "entries 4 to 7"),
        ("DELETE FROM node WHERE level = 0 AND number = 12 AND log = ?", "entry 12 does not give"),
        ("DELETE FROM leaf WHERE number = 5 AND log = ?", "entry 5 is not there"),
        (
            "INSERT INTO node SELECT log, 9, 0, hash FROM node WHERE level = 3 AND log = ?",
            "nodes, must have 23",
        ),
        ("DELETE FROM leaf WHERE number > 9 AND log = ?", "there are 10 entries, must be 1[13]"),
    ],
)
def test_what_was_altered_in_a_log_is_found_and_named(
    closed: Path, log: int, statement: str, words: str
) -> None:
    altered(closed, statement, log)
    with Store(closed, signer=NODE) as store, untrusted("record.damaged", words):
        store.log((OWN, THEIRS)[log - 2].key.name).self_check()


def test_a_signed_head_that_was_moved_or_lost_is_noticed(closed: Path) -> None:
    for statement, words in (
        ("DELETE FROM ahead", "13 entries, must be 11"),
        ("INSERT INTO ahead SELECT log, size, note FROM checkpoint WHERE log = 3", "kept as ahead of 13"),
    ):
        altered(closed, statement)
        with Store(closed, signer=NODE) as store, untrusted("record.damaged", words):
            store.log(THEIRS.key.name).self_check()


def test_a_cosigned_checkpoint_that_was_replaced_is_noticed(closed: Path) -> None:
    note = note_over(OWN, head_of(said(9)[::-1]))
    altered(closed, "UPDATE cosigned SET note = ?", note)
    with Store(closed, signer=NODE) as store, untrusted("record.consistency", "9 entries"):
        store.log(OWN.key.name).self_check()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE node SET hash = zeroblob(32) WHERE level = 3 AND number = 0", "record.consistency"),
        ("DELETE FROM checkpoint WHERE size = 13", "record.damaged"),
        ("DELETE FROM leaf WHERE number = 12", "record.damaged"),
        # Two entries that a lock-step of the tree alone would not notice: the next number is free again.
        ("DELETE FROM leaf WHERE number > 8", "record.damaged"),
    ],
)
def test_nothing_is_signed_over_an_own_log_that_was_altered(closed: Path, statement: str, code: str) -> None:
    altered(closed, f"{statement} AND log = 2")
    with Store(closed, signer=NODE) as store:
        log = store.open_log(OWN.key, signer=OWN)
        note = log.checkpoint()
        with untrusted(code):
            append(store, log, said(1, first=13))
        assert log.checkpoint() == note


def test_a_leaf_that_is_not_stored_as_it_was_given_is_not_signed(store: Store, own: StoredLog) -> None:
    # A trigger stands in for a disk that keeps other bytes than it was given, or none.
    for action, words in (
        (
            "UPDATE leaf SET leaf = zeroblob(1) WHERE log = new.log AND number = new.number",
            "entry 0 does not",
        ),
        ("DELETE FROM leaf WHERE log = new.log AND number = new.number", "entry 0 was not stored"),
    ):
        store._database.execute(f"CREATE TRIGGER faulty AFTER INSERT ON leaf BEGIN {action}; END")
        with untrusted("record.damaged", words):
            append(store, own, said(1))
        store._database.execute("DROP TRIGGER faulty")
        assert own.checkpoint() is None
    assert append(store, own, said(1)) == head_of(said(1))


def test_a_frontier_from_the_store_goes_on_as_one_computed_from_the_leaves(
    store: Store, own: StoredLog
) -> None:
    append(store, own, said(13))
    computed = Frontier()
    for leaf in said(13):
        computed = computed.append(leaf_hash(leaf))
    assert own.frontier() == computed
