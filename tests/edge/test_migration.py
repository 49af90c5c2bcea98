"""A store of an earlier version: brought to this one whole, or left as it was."""

from __future__ import annotations

import shutil
from pathlib import Path

import apsw
import pytest

from edge.signing import signer_of
from keepclear.core.errors import KeepclearError, Refused
from keepclear.core.instant import Instant
from keepclear.core.record.checkpoint import opened
from keepclear.edge.store.schema import VERSION
from keepclear.edge.store.store import Draft, Snapshot, Store

VERSION_1 = Path(__file__).parent.parent / "vectors" / "store" / "version-1.sqlite"
"""Made by the code of version 0.1: 41 commits of one event and one entry each, and one of the other things."""

ROOT_1 = "5af5069d4f2530132f311959ada888b84defcdab86c84189317ca186da216268"
"""The root of its record, as that code gave it."""

NODE = signer_of("keepclear/alpha/node/1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return Path(shutil.copy(VERSION_1, tmp_path / "node.db"))


def tables(path: Path) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(path))
    rows = list(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"))
    assert connection.pragma("user_version") == VERSION
    connection.close()
    return rows


def test_everything_in_a_store_of_version_1_is_there_after_it_was_opened(path: Path) -> None:
    for _ in range(2):
        with Store(path, signer=NODE) as store:
            head = store.self_check()
            assert (head.size, head.root.hex()) == (41, ROOT_1)
            note = store.checkpoint()
            assert note is not None
            assert opened(note, NODE.key).head == head
            assert [event.body for event in store.events_after(0)] == [b"event %d" % n for n in range(41)]
            assert [each.entry.at for each in store.entries(start=0, limit=100)] == [
                1_000 * n for n in range(41)
            ]
            found = store.entries_between(
                start=Instant(3_000), end=Instant(5_000), limit=9, kinds=["alert.raised"]
            )
            assert [each.entry.body for each in found] == [b'{"number":3}', b'{"number":4}']
            assert store.load_snapshot() == Snapshot(seq=20, at=Instant(9), body=b"state")
            assert [each.sample for each in store.refusals(limit=9)] == [b"x"]
            assert (store.setting("title"), store.setting("log.key")) == ("At Tanf", None)
            assert store.origins() == (NODE.key.name,)
    with Store(path, signer=NODE) as store:
        entry = Draft(at=Instant(0), kind="alert.raised", body=b"{}")
        assert store.commit(events=[entry], entries=[entry]).seq == 42
        assert store.self_check().size == 42


def test_a_store_of_version_1_comes_to_have_the_very_tables_of_a_new_one(path: Path, tmp_path: Path) -> None:
    Store(path, signer=NODE).close()
    Store(tmp_path / "new.db", signer=NODE).close()
    assert tables(path) == tables(tmp_path / "new.db")


def test_a_store_of_version_1_that_never_had_a_record_is_anyones(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("DELETE FROM setting; DELETE FROM entry; DELETE FROM node; DELETE FROM checkpoint")
    connection.close()
    other = signer_of("keepclear/bravo/node/1", seed=4)
    with Store(path, signer=other) as store:
        assert store.origins() == (other.key.name,)


def test_a_store_of_version_1_of_another_log_is_refused(path: Path) -> None:
    with pytest.raises(Refused) as caught:
        Store(path, signer=signer_of("keepclear/bravo/node/1"))
    assert caught.value.code == "store.other-log"


def test_a_step_between_versions_that_fails_leaves_the_store_as_it_was(path: Path) -> None:
    connection = apsw.Connection(str(path))
    # A table of the name that the last step makes.
    connection.execute("CREATE TABLE fault (seq)")
    before = list(connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name"))
    connection.close()
    with pytest.raises(KeepclearError):
        Store(path, signer=NODE)
    connection = apsw.Connection(str(path))
    assert list(connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name")) == before
    assert connection.pragma("user_version") == 1
    assert list(connection.execute("SELECT count(*) FROM entry")) == [(41,)]
    connection.close()
