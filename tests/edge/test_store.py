"""The store: what is committed is there after a restart, and what was altered is found and named."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused, Unavailable, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.record.checkpoint import opened, origin_of
from keepclear.core.record.merkle import Head, verify_consistency
from keepclear.core.record.record import Entry, Record, entry_of
from keepclear.core.trust.note import Signer
from keepclear.edge.keys.privatekey import log_key
from keepclear.edge.store.database import APPLICATION_ID, Cell, Database
from keepclear.edge.store.heads import CHECKPOINT_SPAN
from keepclear.edge.store.ledger import PAGE_MAX, Draft
from keepclear.edge.store.refusals import REFUSALS_KEPT, SAMPLE_BYTES_MAX
from keepclear.edge.store.schema import VERSION
from keepclear.edge.store.store import (
    DROPPED,
    REPORTS,
    SNAPSHOTS_KEPT,
    Committed,
    RefusedInput,
    Snapshot,
    Store,
)


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return log_key(tmp_path / "keys").signer(origin_of(party="alpha"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "node.db"


@pytest.fixture
def store(path: Path, signer: Signer) -> Iterator[Store]:
    with Store(path, signer=signer) as store:
        yield store


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def untrusted(code: str, words: str) -> pytest.RaisesExc[Untrusted]:
    return pytest.RaisesExc(Untrusted, match=words, check=lambda error: error.code == code)


def entries(count: int, *, first: int = 0) -> list[Draft]:
    return [
        Draft(at=Instant(1_000 * number), kind="alert.raised", body=b'{"number":%d}' % number)
        for number in range(first, first + count)
    ]


def events(*kinds: str) -> list[Draft]:
    return [Draft(at=Instant(7), kind=kind, body=b"\x00\xff" + kind.encode()) for kind in kinds]


def refusal(number: int, *, code: str = "report.time") -> RefusedInput:
    return RefusedInput(
        at=Instant(number), source="ais", code=code, message=f"line {number}", sample=b"!AIVDM"
    )


def recomputed(drafts: list[Draft]) -> Head:
    record = Record()
    for draft in drafts:
        entry = Entry(index=record.size, at=draft.at, kind=draft.kind, body=draft.body)
        record = record.append(entry.leaf()).record
    return record.head()


def tampered(path: Path, statement: str, *bindings: int | bytes) -> None:
    """Alters a closed store in the way of someone with the file and a tool."""
    connection = apsw.Connection(str(path))
    connection.execute(statement, bindings)
    assert connection.changes() > 0
    connection.close()


# ---- what is committed


def test_a_new_store_is_empty_and_only_its_owner_can_read_it(store: Store, path: Path) -> None:
    assert store.head() == Record().head() == store.self_check()
    assert store.checkpoint() is None
    assert store.entries(start=0, limit=10) == ()
    assert list(store.events_after(0)) == []
    assert store.load_snapshot() is None
    assert store.refusals(limit=10) == ()
    assert store.refusal_counts() == ()
    assert store.commit() == Committed(seq=0, head=Record().head())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_everything_committed_is_there_after_a_restart(path: Path, signer: Signer) -> None:
    with Store(path, signer=signer) as store:
        committed = store.commit(events=events("step", REPORTS), entries=entries(3), refusals=[refusal(1)])
        store.commit(settings={"title": "At Tanf"})
        checkpoint = store.checkpoint()
    assert committed == Committed(seq=2, head=recomputed(entries(3)))
    with Store(path, signer=signer) as store:
        assert [(event.seq, event.kind, event.body) for event in store.events_after(0)] == [
            (1, "step", b"\x00\xffstep"),
            (2, "reports", b"\x00\xffreports"),
        ]
        assert [each.entry for each in store.entries(start=0, limit=10)] == [
            Entry(index=number, at=draft.at, kind=draft.kind, body=draft.body)
            for number, draft in enumerate(entries(3))
        ]
        assert store.refusals(limit=10) == (refusal(1),)
        assert store.setting("title") == "At Tanf"
        assert store.checkpoint() == checkpoint
        assert store.self_check() == committed.head
        assert store.commit() == committed


def test_a_commit_with_one_bad_entry_stores_nothing_of_it(store: Store) -> None:
    before = store.commit(events=events("a"), entries=entries(2), refusals=[refusal(1)])
    checkpoint = store.checkpoint()
    bad = Draft(at=Instant(0), kind="alert.raised", body=b'{"lat":33.5}')
    with refused("encoding.float"):
        store.commit(events=events("b"), entries=[*entries(2), bad], refusals=[refusal(2)])
    assert store.commit() == before
    assert store.checkpoint() == checkpoint
    assert [event.kind for event in store.events_after(0)] == ["a"]
    assert store.refusals(limit=10) == (refusal(1),)
    assert store.self_check() == before.head
    assert store.commit(events=events("c"), entries=entries(1, first=2)).head == recomputed(entries(3))


@settings(max_examples=15, derandomize=True, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=12))
def test_the_record_does_not_depend_on_how_its_entries_were_committed(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    key = log_key(folder / "keys").signer(origin_of(party="alpha"))
    with Store(folder / "node.db", signer=key) as store:
        done = 0
        for size in sizes:
            assert store.commit(entries=entries(size, first=done)).head == recomputed(entries(done + size))
            done += size
        assert store.self_check() == recomputed(entries(done))


# ---- the journal and its snapshots


def test_the_journal_is_read_past_one_page_in_order_while_it_grows(store: Store) -> None:
    store.commit(events=events(*["a"] * 1_203))
    seen: list[int] = []
    for event in store.events_after(2):
        if event.seq == 1_203:
            store.commit(events=events("late"))
        seen.append(event.seq)
    assert seen == list(range(3, 1_205))


def test_a_number_is_never_given_twice_even_when_all_events_were_dropped(path: Path, signer: Signer) -> None:
    with Store(path, signer=signer) as store:
        newest = store.commit(events=events(*[REPORTS] * 5)).seq
        store.save_snapshot(seq=newest, at=Instant(1), body=b"state")
        assert list(store.events_after(0)) == []
    with Store(path, signer=signer) as store:
        assert store.commit(events=events("step")).seq == 6
        assert [event.seq for event in store.events_after(newest)] == [6]


def test_reports_go_once_every_kept_snapshot_covers_them_and_evidence_stays(store: Store) -> None:
    for number in range(1, 6):
        newest = store.commit(events=events(REPORTS, "step")).seq
        store.save_snapshot(seq=newest, at=Instant(number), body=b"state %d" % number)
    # Events 1 to 10; snapshots of 2, 4, 6, 8, 10, of which the last three are kept: 6 is the oldest.
    assert SNAPSHOTS_KEPT == 3
    assert [event.seq for event in store.events_after(0) if event.kind == REPORTS] == [7, 9]
    assert [event.seq for event in store.events_after(0) if event.kind == "step"] == [2, 4, 6, 8, 10]
    assert store.load_snapshot() == Snapshot(seq=10, at=Instant(5), body=b"state 5")


@pytest.mark.parametrize("kind", DROPPED)
def test_what_is_kept_elsewhere_goes_once_a_snapshot_covers_it(store: Store, kind: str) -> None:
    store.commit(events=events(kind, "step", kind))
    store.save_snapshot(seq=2, at=Instant(0), body=b"state")
    assert [event.kind for event in store.events_after(0)] == ["step", kind]


def test_a_damaged_snapshot_is_passed_over_for_the_one_before(path: Path, signer: Signer) -> None:
    with Store(path, signer=signer) as store:
        for number in range(1, 4):
            seq = store.commit(events=events(REPORTS)).seq
            store.save_snapshot(seq=seq, at=Instant(number), body=b"state %d" % number)
    tampered(path, "UPDATE snapshot SET body = CAST('state 9' AS BLOB) WHERE seq = 3")
    with Store(path, signer=signer) as store:
        found = store.load_snapshot()
        assert found is not None
        assert found == Snapshot(seq=2, at=Instant(2), body=b"state 2")
        assert [event.seq for event in store.events_after(found.seq)] == [3]
    tampered(path, "UPDATE snapshot SET body = CAST('state 9' AS BLOB)")
    with Store(path, signer=signer) as store, untrusted("store.snapshots", "every snapshot"):
        store.load_snapshot()


def test_a_snapshot_of_the_future_or_older_than_the_newest_is_refused(store: Store) -> None:
    store.commit(events=events("a", "b"))
    store.save_snapshot(seq=2, at=Instant(0), body=b"")
    for seq in (1, 3):
        with refused("store.snapshot"):
            store.save_snapshot(seq=seq, at=Instant(0), body=b"")
    store.save_snapshot(seq=2, at=Instant(1), body=b"again")
    assert store.load_snapshot() == Snapshot(seq=2, at=Instant(1), body=b"again")


# ---- refusals and settings


def test_every_refusal_is_counted_and_only_the_last_ones_are_kept(store: Store) -> None:
    store.commit(refusals=[refusal(number) for number in range(REFUSALS_KEPT + 30)])
    store.commit(refusals=[refusal(9_999, code="report.latitude")])
    kept = store.refusals(limit=REFUSALS_KEPT)
    assert len(kept) == REFUSALS_KEPT
    assert [each.at for each in kept[:3]] == [9_999, REFUSALS_KEPT + 29, REFUSALS_KEPT + 28]
    assert kept[-1].at == 31
    counts = {(each.source, each.code): each.count for each in store.refusal_counts()}
    assert counts == {("ais", "report.time"): REFUSALS_KEPT + 30, ("ais", "report.latitude"): 1}


def test_of_a_long_sample_the_beginning_is_kept(store: Store) -> None:
    sample = bytes(range(256)) * 8
    store.commit(refusals=[RefusedInput(at=Instant(0), source="s", code="c", message="m", sample=sample)])
    assert store.refusals(limit=1)[0].sample == sample[:SAMPLE_BYTES_MAX]


def test_a_setting_is_replaced(store: Store) -> None:
    assert store.setting("theme") is None
    store.commit(settings={"theme": "day"})
    store.commit(settings={"theme": "night"})
    assert store.setting("theme") == "night"


@pytest.mark.parametrize("limit", [0, -1, PAGE_MAX + 1])
def test_a_limit_out_of_range_is_refused(store: Store, limit: int) -> None:
    with refused("record.limit"):
        store.entries(start=0, limit=limit)
    with refused("record.limit"):
        store.entries_between(start=Instant(0), end=Instant(1), limit=limit, kinds=("x",))
    with refused("store.limit"):
        store.refusals(limit=limit)


# ---- reading the record


def test_entries_are_found_by_number_and_by_time(store: Store) -> None:
    drafts = entries(10)
    store.commit(entries=[*drafts[5:], *drafts[:5]])
    page = store.entries(start=3, limit=4)
    assert [each.entry.index for each in page] == [3, 4, 5, 6]
    assert all(each.leaf == each.entry.leaf() for each in page)
    span = (Instant(2_000), Instant(7_000))
    between = store.entries_between(start=span[0], end=span[1], limit=100, kinds=("alert.raised",))
    assert [(each.entry.at, each.entry.index) for each in between] == [
        (2_000, 7),
        (3_000, 8),
        (4_000, 9),
        (5_000, 0),
        (6_000, 1),
    ]
    newest = store.entries_between(start=span[0], end=span[1], limit=2, kinds=("alert.raised", "other"))
    assert newest == between[-2:]
    assert store.entries_between(start=span[0], end=span[1], limit=2, kinds=("other",)) == ()
    assert store.entries(start=10, limit=1) == ()


def test_every_entry_is_proved_to_be_in_and_every_older_head_to_be_continued(store: Store) -> None:
    heads = [store.commit(entries=entries(1, first=number)).head for number in range(21)]
    for each in store.entries(start=0, limit=100):
        proof = store.inclusion(each.entry.index)
        assert (proof.size, proof.root, proof.leaf) == (21, heads[-1].root, each.hash)
        proof.verify()
    for head in heads:
        verify_consistency(old=head, new=heads[-1], path=store.consistency(head.size))
    with refused("merkle.index"):
        store.inclusion(21)
    for size in (0, 22):
        with refused("merkle.size"):
            store.consistency(size)


def test_the_checkpoint_states_the_head_and_the_logs_key_signed_it(store: Store, signer: Signer) -> None:
    head = store.commit(entries=entries(5)).head
    written = store.checkpoint()
    assert written is not None
    assert opened(written, signer.key).head == head


def test_old_checkpoints_are_kept_one_to_a_span(path: Path, signer: Signer) -> None:
    with Store(path, signer=signer) as store:
        for number in range(0, 2 * CHECKPOINT_SPAN + 20, 8):
            store.commit(entries=entries(8, first=number))
    connection = apsw.Connection(str(path))
    sizes = [size for (size,) in connection.execute("SELECT size FROM checkpoint ORDER BY size")]
    connection.close()
    assert sizes == [CHECKPOINT_SPAN - 8, 2 * CHECKPOINT_SPAN - 8, 2 * CHECKPOINT_SPAN + 24]


# ---- what was altered


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    with Store(folder / "node.db", signer=log_key(folder / "keys").signer(origin_of(party="alpha"))) as store:
        for number in range(0, 300, 10):
            store.commit(entries=entries(10, first=number))
    return folder


@pytest.fixture
def closed(filled: Path, tmp_path: Path, path: Path) -> Path:
    """A store of 300 entries with checkpoints at 250 and 300, closed, which the signer's key signed."""
    shutil.copytree(filled / "keys", tmp_path / "keys")
    shutil.copy(filled / "node.db", path)
    return path


@pytest.mark.parametrize("number", [0, 17, 256, 299])
@pytest.mark.parametrize("place", [2, 30, -2])
def test_a_flipped_bit_in_a_stored_leaf_is_found_and_named(
    closed: Path, signer: Signer, number: int, place: int
) -> None:
    with Store(closed, signer=signer) as store:
        leaf = bytearray(store.entries(start=number, limit=1)[0].leaf)
    leaf[place] ^= 1
    tampered(closed, "UPDATE leaf SET leaf = ? WHERE number = ?", bytes(leaf), number)
    with (
        Store(closed, signer=signer) as store,
        untrusted("record.damaged", rf"entry {number} "),
    ):
        store.self_check()


@pytest.mark.parametrize(("level", "number"), [(0, 17), (1, 4), (5, 3), (8, 0)])
def test_a_flipped_bit_in_the_stored_tree_is_found_and_named(
    closed: Path, signer: Signer, level: int, number: int
) -> None:
    tampered(closed, "UPDATE node SET hash = zeroblob(32) WHERE level = ? AND number = ?", level, number)
    first = number << level
    words = rf"entry {first} " if level == 0 else rf"entries {first} to {first + 2**level - 1} "
    with Store(closed, signer=signer) as store, untrusted("record.damaged", words):
        store.self_check()


def test_an_entry_that_was_replaced_with_its_tree_is_bounded_by_the_signed_heads(
    closed: Path, signer: Signer
) -> None:
    drafts = [*entries(280), Draft(at=Instant(0), kind="alert.raised", body=b"{}"), *entries(19, first=281)]
    record = Record()
    connection = apsw.Connection(str(closed))
    for draft in drafts:
        entry = Entry(index=record.size, at=draft.at, kind=draft.kind, body=draft.body)
        appended = record.append(entry.leaf())
        record = appended.record
        connection.execute("UPDATE entry SET at_ms = ? WHERE number = ?", (draft.at, entry.index))
        connection.execute("UPDATE leaf SET leaf = ? WHERE number = ?", (appended.leaf, entry.index))
        for node in appended.nodes:
            connection.execute(
                "UPDATE node SET hash = ? WHERE level = ? AND number = ?", (node.hash, node.level, node.index)
            )
    connection.close()
    with Store(closed, signer=signer) as store:
        with untrusted("record.damaged", "entries 250 to 299 is not what was signed"):
            store.self_check()
        with untrusted("record.consistency", "300 entries"):
            store.commit(entries=entries(1, first=300))


def test_entries_cut_from_the_end_or_the_middle_are_missed(closed: Path, signer: Signer) -> None:
    tampered(closed, "DELETE FROM leaf WHERE number >= 295")
    with Store(closed, signer=signer) as store, untrusted("record.damaged", "295 entries, must be 300"):
        store.self_check()
    tampered(closed, "DELETE FROM leaf WHERE number = 100")
    with Store(closed, signer=signer) as store, untrusted("record.damaged", "entry 100 "):
        store.self_check()


def test_entries_added_without_a_signature_are_noticed(closed: Path, signer: Signer) -> None:
    tampered(closed, "DELETE FROM checkpoint WHERE size = 300")
    with Store(closed, signer=signer) as store, untrusted("record.damaged", "300 entries, must be 250"):
        store.self_check()


def test_a_checkpoint_that_the_key_did_not_sign_is_noticed(closed: Path, signer: Signer) -> None:
    tampered(closed, "UPDATE checkpoint SET note = replace(note, '300', '301') WHERE size = 300")
    with Store(closed, signer=signer) as store:
        with untrusted("signature.wrong", "does not hold"):
            store.self_check()
        with untrusted("signature.wrong", "does not hold"):
            store.commit(entries=entries(1, first=300))


def test_an_entry_that_can_no_longer_be_read_is_damaged_and_not_the_askers_fault(
    closed: Path, signer: Signer
) -> None:
    tampered(closed, "UPDATE leaf SET leaf = zeroblob(9) WHERE number = 42")
    with Store(closed, signer=signer) as store, untrusted("record.damaged", "must have at_ms"):
        store.entries(start=40, limit=5)


def test_an_entry_that_is_not_filed_at_all_is_noticed(closed: Path, signer: Signer) -> None:
    tampered(closed, "DELETE FROM entry WHERE number = 42")
    with Store(closed, signer=signer) as store, untrusted("record.damaged", "entry 42 is filed"):
        store.self_check()


def test_an_entry_filed_under_another_time_is_noticed(closed: Path, signer: Signer) -> None:
    tampered(closed, "UPDATE entry SET at_ms = 5 WHERE number = 42")
    with Store(closed, signer=signer) as store, untrusted("record.damaged", "entry 42 is filed"):
        store.self_check()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE node SET hash = zeroblob(32) WHERE level = 8",
        "UPDATE node SET hash = zeroblob(3) WHERE level = 8",
        "DELETE FROM node WHERE level = 8",
        "DELETE FROM leaf WHERE number = 299",
    ],
)
def test_nothing_is_signed_over_a_record_that_no_longer_leads_to_the_last_head(
    closed: Path, signer: Signer, statement: str
) -> None:
    with Store(closed, signer=signer) as store:
        checkpoint = store.checkpoint()
    tampered(closed, statement)
    with Store(closed, signer=signer) as store:
        with pytest.raises(Untrusted):
            store.commit(events=events("a"), entries=entries(1, first=300))
        assert store.checkpoint() == checkpoint
        assert list(store.events_after(0)) == []


def test_a_torn_page_is_found_when_the_store_is_opened(closed: Path, signer: Signer) -> None:
    raw = bytearray(closed.read_bytes())
    # The second page on is trees and tables; its first bytes are their headers.
    for page in range(1, 6):
        raw[4096 * page : 4096 * page + 64] = bytes(64)
    closed.write_bytes(raw)
    with pytest.raises(Untrusted) as caught:
        Store(closed, signer=signer)
    assert caught.value.code == "store.damaged"


# ---- whose store it is


def test_a_second_opening_is_refused_while_the_first_one_lasts(path: Path, signer: Signer) -> None:
    with Store(path, signer=signer):
        with pytest.raises(Unavailable, match="already open in process") as caught:
            Store(path, signer=signer)
        assert caught.value.code == "store.in-use"
    Store(path, signer=signer).close()


def test_a_second_process_is_refused(path: Path, signer: Signer) -> None:
    code = (
        "import sys; from pathlib import Path; from keepclear.edge.keys.privatekey import log_key\n"
        "from keepclear.edge.store.store import Store\n"
        "Store(Path(sys.argv[1]), signer=log_key(Path(sys.argv[2])).signer(sys.argv[3]))\n"
    )
    command = [sys.executable, "-c", code, str(path), str(path.parent / "keys"), signer.key.name]
    with Store(path, signer=signer):
        found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert f"is already open in process {os.getpid()}" in found.stderr
    assert subprocess.run(command, timeout=60, check=False).returncode == 0


def test_another_tool_cannot_read_or_write_the_file_while_it_is_open(store: Store, path: Path) -> None:
    store.commit(entries=entries(1))
    other = apsw.Connection(str(path))
    with pytest.raises(apsw.BusyError):
        other.execute("SELECT count(*) FROM leaf").fetchall()
    other.close()


def test_a_store_of_another_party_or_key_is_refused(path: Path, signer: Signer, tmp_path: Path) -> None:
    Store(path, signer=signer).close()
    for other in (
        log_key(tmp_path / "keys").signer(origin_of(party="bravo")),
        log_key(tmp_path / "keys").signer(origin_of(party="alpha", epoch=2)),
        log_key(tmp_path / "other").signer(origin_of(party="alpha")),
    ):
        with refused("store.other-log"):
            Store(path, signer=other)
    Store(path, signer=signer).close()


def test_a_file_of_another_kind_or_version_is_refused_and_left_as_it_was(path: Path, signer: Signer) -> None:
    path.write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(Untrusted, match="not a database"):
        Store(path, signer=signer)
    assert path.read_bytes().startswith(b"this is no database")
    path.unlink()
    other = apsw.Connection(str(path))
    other.execute("CREATE TABLE entry (number)")
    other.close()
    with refused("store.foreign"):
        Store(path, signer=signer)
    path.unlink()
    Store(path, signer=signer).close()
    connection = apsw.Connection(str(path))
    assert connection.pragma("application_id") == APPLICATION_ID
    connection.pragma("user_version", VERSION + 1)
    connection.close()
    with refused("store.version"):
        Store(path, signer=signer)


def test_an_empty_file_left_by_a_crash_becomes_a_store(path: Path, signer: Signer) -> None:
    path.touch(0o600)
    with Store(path, signer=signer) as store:
        assert store.commit(entries=entries(1)).head == recomputed(entries(1))


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path, signer: Signer) -> None:
    with pytest.raises(Unavailable):
        Store(tmp_path / "nowhere" / "node.db", signer=signer)
    (tmp_path / "folder").mkdir()
    with pytest.raises(Unavailable):
        Store(tmp_path / "folder", signer=signer)


def test_a_store_that_no_disk_would_keep_is_refused(
    tmp_path: Path, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # SQLite takes this name for a database in memory, and answers a wish for durability with what it has.
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unavailable, match="journal_mode is memory, must be wal"):
        Store(Path(":memory:"), signer=signer)


def test_closing_twice_does_nothing(path: Path, signer: Signer) -> None:
    store = Store(path, signer=signer)
    store.close()
    store.close()
    Store(path, signer=signer).close()


def test_a_store_takes_no_more_after_a_failed_write_until_it_is_opened_anew(
    path: Path, signer: Signer
) -> None:
    with Store(path, signer=signer) as store:
        before = store.commit(entries=entries(2))
        # A limit on pages makes SQLite answer as it does when the disk is full.
        store._database.execute("PRAGMA max_page_count = 1")
        with pytest.raises(Unavailable, match="full") as caught:
            store.commit(events=[Draft(at=Instant(0), kind="big", body=bytes(3_000_000))])
        assert caught.value.code == "store.disk"
        with pytest.raises(Unavailable) as caught:
            store.commit(entries=entries(1, first=2))
        assert caught.value.code == "store.stopped"
        assert store.head() == before.head
    with Store(path, signer=signer) as store:
        assert store.commit() == before
        assert store.commit(entries=entries(1, first=2)).head == recomputed(entries(3))


def test_a_stored_leaf_is_served_as_it_was_hashed(store: Store) -> None:
    store.commit(entries=entries(1))
    stored = store.entries(start=0, limit=1)[0]
    assert entry_of(stored.leaf) == stored.entry
    assert store.inclusion(0).leaf == stored.hash


def test_a_commit_waits_for_the_write_ahead_log_to_be_on_the_disk(store: Store, path: Path) -> None:
    store.commit(entries=entries(1))
    assert path.with_name("node.db-wal").stat().st_size > 0
    assert not path.with_name("node.db-journal").exists()
    assert store._database.number("PRAGMA synchronous") == 2


def test_entries_are_looked_up_and_never_gone_through(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[str] = []
    ask = Database.execute

    def explained(database: Database, statement: str, *bindings: Cell) -> apsw.Cursor:
        rows = ask(database, f"EXPLAIN QUERY PLAN {statement}", *bindings)
        plans.extend(str(row[3]) for row in rows)
        return ask(database, statement, *bindings)

    monkeypatch.setattr(Database, "execute", explained)
    store.entries(start=5, limit=9)
    store.entries_between(start=Instant(1), end=Instant(5), limit=9, kinds=("alert.raised",))
    assert plans == [
        "SEARCH leaf USING INDEX sqlite_autoindex_leaf_1 (log=? AND number>?)",
        "SEARCH entry USING INDEX entry_at (at_ms>? AND at_ms<?)",
        "SEARCH leaf USING INDEX sqlite_autoindex_leaf_1 (log=? AND number=?)",
    ]
