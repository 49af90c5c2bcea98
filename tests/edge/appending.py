"""A node's store at work, to be killed: run by test_crash.py, which reads what it says.

For each line read it forks a child that opens the store and commits one numbered event and entry after another, with
a leaf for a line's log.
The child says ``INDEX ROOT`` only after a commit has returned. Forking from here spares each child the imports.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from keepclear.core.instant import Instant
from keepclear.core.record.checkpoint import origin_of
from keepclear.edge.keys.privatekey import log_key
from keepclear.edge.store.marker import HeadMarker
from keepclear.edge.store.store import REPORTS, Draft, LineWrites, LogAppend, Store


def numbered(number: int) -> Draft:
    return Draft(at=Instant(number), kind="alert.raised", body=b'{"number":%d}' % number)


def append_for_ever(path: Path, keys: Path) -> None:
    marker = HeadMarker(path.with_name(f"{path.name}.heads"))
    store = Store(path, signer=log_key(keys).signer(origin_of(party="alpha")), marker=marker)
    line = log_key(keys).signer(origin_of(party="alpha", log="tanf"))
    store.open_log(line.key, signer=line)
    number = store.head().size
    while True:
        reports = Draft(at=Instant(number), kind=REPORTS, body=bytes(200 + 97 * number % 5_000))
        leaf = LogAppend(origin=line.key.name, leaves=[numbered(number).body])
        committed = store.commit(
            events=[numbered(number), reports], entries=[numbered(number)], lines=LineWrites(appends=[leaf])
        )
        os.write(1, f"{number} {committed.head.root.hex()}\n".encode())
        number += 1
        if number % 7 == 0:
            store.save_snapshot(seq=committed.seq, at=Instant(number), body=b"%d" % number)


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            append_for_ever(Path(line.strip()), Path(sys.argv[1]))
        os.write(1, f"child {child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"dead\n")
