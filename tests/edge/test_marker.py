"""The marker beside the keys: it never runs ahead of the database, and shows when an older one was put back."""

from __future__ import annotations

import json
import random
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from edge.signing import note_over, signer_of
from keepclear.core.errors import Refused, Unavailable, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.record.merkle import Head
from keepclear.core.trust.note import Signer
from keepclear.edge.store.marker import LOGS_MAX, SLOT_BYTES, HeadMarker
from keepclear.edge.store.store import Draft, LineWrites, LogAppend, Store

NODE = signer_of("keepclear/alpha/node/1")
OWN = signer_of("keepclear/alpha/tanf/1", seed=1)
THEIRS = signer_of("keepclear/bravo/tanf/1", seed=2)


def head(size: int) -> Head:
    return Head(size=size, root=sha256(b"%d" % size).digest())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "heads"


# ---- the file


def test_what_was_marked_is_read_back_and_a_person_can_read_it_too(path: Path) -> None:
    marker = HeadMarker(path)
    longest = f"keepclear/{'a' * 64}/{'b' * 64}/2147483647"
    for size in (1, 2, 3):
        marker.write("one", head(size))
    marker.write(longest, Head(size=2**53 - 1, root=bytes(32)))
    again = HeadMarker(path)
    assert again.newest("one") == marker.newest("one") == head(3)
    assert again.newest(longest) == Head(size=2**53 - 1, root=bytes(32))
    assert again.newest("two") is None
    line = path.read_bytes()[:SLOT_BYTES]
    digest, _, text = line.rstrip().partition(b" ")
    assert json.loads(text) == {"origin": "one", "root": head(3).root.hex(), "size": 3}
    assert digest.decode() == sha256(text).hexdigest()
    assert line.endswith(b" \n")


def test_a_write_that_was_cut_off_or_flipped_leaves_the_head_before(path: Path) -> None:
    chance = random.Random(3)
    marker = HeadMarker(path)
    for size in range(1, 40):
        before = path.read_bytes() if size > 1 else b""
        marker.write("one", head(size))
        after = path.read_bytes()
        slots = [
            place
            for place in range(0, len(after), SLOT_BYTES)
            if before[place:][:SLOT_BYTES] != after[place:][:SLOT_BYTES]
        ]
        assert len(slots) == 1
        torn = bytearray(after)
        torn[slots[0] + chance.randrange(200)] ^= 1 << chance.randrange(8)
        path.write_bytes(torn)
        if size > 1:
            assert HeadMarker(path).newest("one") == head(size - 1)
        path.write_bytes(after[: slots[0] + chance.randrange(1, SLOT_BYTES)])
        if size % 2 == 0:
            assert HeadMarker(path).newest("one") == head(size - 1)
        path.write_bytes(after)


def test_a_marker_of_which_neither_slot_is_whole_is_not_taken_for_none(path: Path) -> None:
    HeadMarker(path).write("one", head(1))
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b'"size":1', b'"size":2'))
    with pytest.raises(Untrusted, match="remove the file") as caught:
        HeadMarker(path)
    assert caught.value.code == "marker.damaged"


def test_a_place_that_was_lost_with_the_power_is_passed_over_and_not_given_again(path: Path) -> None:
    marker = HeadMarker(path)
    for name in ("one", "two"):
        marker.write(name, head(1))
    path.write_bytes(bytes(2 * SLOT_BYTES) + path.read_bytes()[2 * SLOT_BYTES :])
    again = HeadMarker(path)
    assert (again.newest("one"), again.newest("two")) == (None, head(1))
    again.write("one", head(5))
    assert (HeadMarker(path).newest("one"), HeadMarker(path).newest("two")) == (head(5), head(1))


def test_the_marker_does_not_grow_with_what_is_signed_and_holds_so_many_logs(path: Path) -> None:
    marker = HeadMarker(path)
    for size in range(50):
        marker.write("one", head(size))
    assert path.stat().st_size == 2 * SLOT_BYTES
    path.write_bytes(path.read_bytes() * LOGS_MAX)
    with pytest.raises(Refused) as caught:
        HeadMarker(path).write("two", head(1))
    assert caught.value.code == "marker.full"


def test_a_marker_that_cannot_be_read_or_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(Unavailable):
        HeadMarker(tmp_path / "folder")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("link", "nowhere/heads"):
        with pytest.raises(Unavailable) as caught:
            HeadMarker(tmp_path / name).write("one", head(1))
        assert caught.value.code == "marker.disk"
    assert not (tmp_path / "elsewhere").exists()


# ---- a store and its marker


class Machine:
    """A folder with a database and, outside it, the marker."""

    def __init__(self, folder: Path) -> None:
        self.database, self.marker, self.backup = folder / "node.db", folder / "heads", folder / "backup.db"

    def open(self) -> Store:
        return Store(self.database, signer=NODE, marker=HeadMarker(self.marker))

    def back_up(self) -> None:
        shutil.copy(self.database, self.backup)

    def restore(self) -> None:
        shutil.copy(self.backup, self.database)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def said(store: Store, *leaves: bytes, checkpoint: str | None = None) -> Head:
    write = LogAppend(origin=OWN.key.name, leaves=leaves, checkpoint=checkpoint)
    return store.commit(lines=LineWrites(appends=[write])).heads[OWN.key.name]


def fill(machine: Machine) -> Head:
    """A backup at two entries, and then two more."""
    with machine.open() as store:
        store.open_log(OWN.key, signer=OWN)
        said(store, b"0", b"1")
    machine.back_up()
    with machine.open() as store:
        store.open_log(OWN.key, signer=OWN)
        return said(store, b"2", b"3")


def test_a_database_that_goes_on_is_not_taken_for_a_restored_one(machine: Machine) -> None:
    fill(machine)
    for number in range(4, 8):
        with machine.open() as store:
            store.open_log(OWN.key, signer=OWN)
            assert store.restored(OWN.key.name) is None
            assert store.restored(NODE.key.name) is None
            assert said(store, b"%d" % number).size == number + 1


def test_nothing_is_signed_for_a_line_after_an_older_database_was_put_back(machine: Machine) -> None:
    fill(machine)
    machine.restore()
    for _ in range(2):
        with machine.open() as store:
            store.open_log(OWN.key, signer=OWN)
            assert store.restored(OWN.key.name) == 4
            with pytest.raises(Refused, match="signed up to 4") as caught:
                said(store, b"another")
            assert caught.value.code == "log.restored"


def test_a_log_goes_on_once_its_lost_entries_are_back(machine: Machine) -> None:
    lost = fill(machine)
    machine.restore()
    with machine.open() as store:
        store.open_log(OWN.key, signer=OWN)
        said(store, b"2", checkpoint=note_over(OWN, lost))
        assert store.restored(OWN.key.name) == 4
        with pytest.raises(Refused):
            said(store, b"another")
        assert said(store, b"3", checkpoint=note_over(OWN, lost)) == lost
        assert store.restored(OWN.key.name) is None
        said(store, b"4")
    assert (HeadMarker(machine.marker).newest(OWN.key.name) or head(0)).size == 5


def test_a_log_that_was_made_after_the_backup_is_missed(machine: Machine) -> None:
    with machine.open() as store:
        store.commit()
    machine.back_up()
    with machine.open() as store:
        store.open_log(OWN.key, signer=OWN)
        said(store, b"0")
    machine.restore()
    with machine.open() as store:
        store.open_log(OWN.key, signer=OWN)
        assert store.restored(OWN.key.name) == 1


def test_the_nodes_record_goes_on_and_tells_of_its_other_history_for_good(machine: Machine) -> None:
    def entry(number: int) -> Draft:
        return Draft(at=Instant(number), kind="alert.raised", body=b"{}")

    with machine.open() as store:
        store.commit(entries=[entry(0)])
    machine.back_up()
    with machine.open() as store:
        store.commit(entries=[entry(1), entry(2)])
    machine.restore()
    for size in (3, 5):
        with machine.open() as store:
            assert store.restored(NODE.key.name) == 3
            assert store.commit(entries=[entry(7), entry(8)]).head.size == size
            assert store.restored(NODE.key.name) == 3


def test_a_marker_that_lags_after_a_power_cut_is_no_sign_of_a_backup(machine: Machine) -> None:
    with machine.open() as store:
        store.open_log(OWN.key, signer=OWN)
        said(store, b"0")
    early = machine.marker.read_bytes()
    with machine.open() as store:
        store.open_log(OWN.key, signer=OWN)
        said(store, b"1")
    for marker in (early, b""):
        machine.marker.write_bytes(marker)
        with machine.open() as store:
            store.open_log(OWN.key, signer=OWN)
            assert store.restored(OWN.key.name) is None
            said(store, b"more")


def test_a_store_without_a_marker_never_tells_of_a_backup(tmp_path: Path) -> None:
    with Store(tmp_path / "node.db", signer=NODE) as store:
        assert store.restored(NODE.key.name) is None


@pytest.mark.parametrize("signer", [THEIRS, OWN])
def test_of_the_lines_logs_the_own_ones_are_marked_and_the_copies_are_not(
    machine: Machine, signer: Signer
) -> None:
    with machine.open() as store:
        store.open_log(OWN.key, signer=OWN)
        store.open_log(THEIRS.key)
        root = sha256(b"\x00leaf").digest()
        note = note_over(signer, Head(size=1, root=root))
        write = LogAppend(origin=signer.key.name, leaves=[b"leaf"], checkpoint=note)
        store.commit(lines=LineWrites(appends=[write]))
    marked = HeadMarker(machine.marker).newest(signer.key.name)
    assert marked == (Head(size=1, root=root) if signer is OWN else None)
