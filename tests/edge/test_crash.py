"""kill -9 at any moment loses nothing that was acknowledged, and a torn file is never taken for a whole one.

A killed process leaves what it wrote to the system, so the rounds show atomicity and order; that a commit also
outlives the machine rests on SQLite's ``synchronous=FULL``. The torn files stand in for a power cut.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from keepclear.core.errors import Untrusted
from keepclear.core.instant import Instant
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.merkle import Head, verify_consistency
from keepclear.core.record.record import Entry, Record
from keepclear.core.trust.note import Signer, VerifierKey
from keepclear.edge.keys.privatekey import log_key
from keepclear.edge.store.marker import HeadMarker
from keepclear.edge.store.store import REPORTS, Draft, LineWrites, LogAppend, Store

ROUNDS = 60
FRESH_ROUNDS = 20


class Victim:
    """The process that appends, as this side sees it."""

    def __init__(self, keys: Path) -> None:
        command = [sys.executable, str(Path(__file__).with_name("appending.py")), str(keys)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def round(self, path: Path, *, acknowledged: int, more_s: float) -> dict[int, str]:
        """Lets it append, kills it so long after so many acknowledgements, and gives what it said."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        child = int(self._line().removeprefix("child "))
        said = [self._line() for _ in range(acknowledged)]
        time.sleep(more_s)
        os.kill(child, signal.SIGKILL)
        while (line := self._line()) != "dead":
            said.append(line)
        return {int(number): root for number, root in (line.split() for line in said)}

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the appending process died by itself"
        return line.strip()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return log_key(tmp_path / "keys").signer(origin_of(party="alpha"))


@pytest.fixture
def victim(tmp_path: Path, signer: Signer) -> Iterator[Victim]:
    assert signer.key.name
    victim = Victim(tmp_path / "keys")
    yield victim
    victim.close()


def numbered(number: int) -> Draft:
    return Draft(at=Instant(number), kind="alert.raised", body=b'{"number":%d}' % number)


LINE = origin_of(party="alpha", log="tanf")

RECORDS = [Record()]


def head_after(size: int) -> Head:
    """The head after so many numbered entries, computed without a store."""
    while len(RECORDS) <= size:
        draft = numbered(len(RECORDS) - 1)
        entry = Entry(index=len(RECORDS) - 1, at=draft.at, kind=draft.kind, body=draft.body)
        RECORDS.append(RECORDS[-1].append(entry.leaf()).record)
    return RECORDS[size].head()


def reopened(path: Path, signer: Signer) -> Store:
    """The store with its marker and the log of its line, as the process had it that was killed."""
    store = Store(path, signer=signer, marker=HeadMarker(path.with_name(f"{path.name}.heads")))
    line = Signer(key=VerifierKey(name=LINE, public_key=signer.key.public_key), sign=signer.sign)
    store.open_log(line.key, signer=line)
    return store


def check_whole(store: Store) -> Head:
    """The store is of one piece: record, line, events and snapshot tell of the same commits."""
    head = store.self_check()
    line = store.log(LINE)
    assert line.self_check().size == head.size
    assert line.leaves(start=0) == tuple(numbered(number).body for number in range(head.size))
    assert head == head_after(head.size)
    events = list(store.events_after(0))
    snapshot = store.load_snapshot()
    assert [event.body for event in events if event.kind != REPORTS] == [
        numbered(number).body for number in range(head.size)
    ]
    # Each commit has an evidence event and then its reports; a snapshot is of a multiple of seven commits.
    reports = [event.seq for event in events if event.kind == REPORTS]
    assert reports == list(range(2 * head.size - 2 * len(reports) + 2, 2 * head.size + 1, 2))
    if snapshot is not None:
        assert snapshot.seq == 2 * int(snapshot.body) <= 2 * head.size
    return head


def test_nothing_acknowledged_is_lost_however_often_the_process_is_killed(
    tmp_path: Path, signer: Signer, victim: Victim
) -> None:
    path, chance, seen = tmp_path / "node.db", random.Random(20180906), 0
    for _ in range(ROUNDS):
        said = victim.round(path, acknowledged=chance.choice([0, 1, 3, 8]), more_s=chance.uniform(0, 0.03))
        with reopened(path, signer) as store:
            head = check_whole(store)
            # The marker was written after the commit, so that a crash is never taken for a restored backup.
            assert store.restored(LINE) is None
            assert store.restored(signer.key.name) is None
            # At most the one commit that was under way when it was killed may have come through unsaid.
            assert head.size - (seen + len(said)) in (0, 1)
            assert sorted(said) == list(range(seen, seen + len(said)))
            for number, root in said.items():
                old = Head(size=number + 1, root=bytes.fromhex(root))
                verify_consistency(old=old, new=head, path=store.consistency(number + 1))
            events = [numbered(head.size), Draft(at=Instant(0), kind=REPORTS, body=b"")]
            leaf = LogAppend(origin=LINE, leaves=[numbered(head.size).body])
            lines = LineWrites(appends=[leaf])
            after = store.commit(events=events, entries=[numbered(head.size)], lines=lines)
            if after.head.size % 7 == 0:
                store.save_snapshot(seq=after.seq, at=Instant(0), body=b"%d" % after.head.size)
            seen = after.head.size
    assert seen > ROUNDS


def test_a_store_whose_making_was_killed_is_made_anew(tmp_path: Path, signer: Signer, victim: Victim) -> None:
    chance, unborn = random.Random(7), 0
    for number in range(FRESH_ROUNDS):
        path = tmp_path / f"fresh-{number}.db"
        said = victim.round(path, acknowledged=0, more_s=chance.uniform(0, 0.02))
        unborn += not said
        with reopened(path, signer) as store:
            assert check_whole(store).size >= len(said)
            assert store.commit(entries=[numbered(store.head().size)]).head.size > len(said)
    assert unborn > 0


def test_a_write_ahead_log_cut_or_flipped_anywhere_leaves_a_whole_earlier_state(
    tmp_path: Path, signer: Signer, victim: Victim
) -> None:
    said = victim.round(tmp_path / "node.db", acknowledged=40, more_s=0)
    log = (tmp_path / "node.db-wal").read_bytes()
    chance, sizes = random.Random(11), set[int]()
    for number in range(40):
        torn = bytearray(log)
        place = chance.randrange(len(log))
        if number % 2:
            del torn[place:]
        else:
            torn[place] ^= 1 << chance.randrange(8)
        copy = tmp_path / f"torn-{number}"
        copy.mkdir()
        shutil.copy(tmp_path / "node.db", copy / "node.db")
        (copy / "node.db-wal").write_bytes(torn)
        with reopened(copy / "node.db", signer) as store:
            sizes.add(check_whole(store).size)
    assert len(sizes) > 5
    assert max(sizes) <= max(said) + 2


def test_a_flipped_byte_in_a_stored_leaf_is_named_after_the_crash_as_well(
    tmp_path: Path, signer: Signer, victim: Victim
) -> None:
    path = tmp_path / "node.db"
    victim.round(path, acknowledged=12, more_s=0)
    Store(path, signer=signer).close()
    raw = path.read_bytes()
    leaf = b'{"at_ms":5,"body":{"number":5},"index":5,"kind":"alert.raised"}'
    assert raw.count(leaf) == 1
    path.write_bytes(raw.replace(leaf, leaf.replace(b'"number":5', b'"number":6')))
    with Store(path, signer=signer) as store, pytest.raises(Untrusted, match="entry 5 "):
        store.self_check()
