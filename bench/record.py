"""What it costs to append to a log, to prove, to check it, and to start, at three sizes of the log.

Wall-clock times, for what counts is when it is durable: medians of so many rounds, on the disk of the folder given as
argument, or of the temporary folder. Leaves have the length of a short signed message.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from keepclear.core.record.checkpoint import origin_of
from keepclear.core.trust.note import Signer
from keepclear.edge.keys.privatekey import log_key
from keepclear.edge.store.marker import HeadMarker
from keepclear.edge.store.store import LineWrites, LogAppend, Store
from keepclear.edge.store.storedlog import StoredLog

SIZES = (1_000, 100_000, 1_000_000)
LEAF_BYTES = 900
BUILDING = 20_000
ROUNDS = 200
COLUMNS = "{:>9} {:>12} {:>12} {:>8} {:>14} {:>14} {:>13} {:>13} {:>11} {:>8} {:>7}"
TITLES = (
    "entries",
    "append 1 us",
    "p99 us",
    "cpu us",
    "of 256 us/leaf",
    "inclusion us",
    "verify us",
    "consist. us",
    "restart ms",
    "check s",
    "MiB",
)


def main() -> int:
    print(COLUMNS.format(*TITLES))
    with TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        folder = Path(name)
        own = log_key(folder / "keys").signer(origin_of(party="alpha", log="tanf"))
        for size in SIZES:
            print(measured(folder, own, size), flush=True)
    return 0


def measured(folder: Path, own: Signer, size: int) -> str:
    """One row: the store that the last row left is grown to a size, and measured there."""
    with opened(folder) as store:
        log = store.open_log(own.key, signer=own)
        while (there := log.head().size) < size:
            append(store, log, min(BUILDING, size - there))
        used = process_time()
        one = timed(lambda _: append(store, log, 1))
        used_us = (process_time() - used) / ROUNDS * 1e6
        many = timed(lambda _: append(store, log, 256), rounds=ROUNDS // 20)
        step = max(1, size // ROUNDS)
        inclusion = timed(lambda turn: log.inclusion(turn * step % size))
        proof = log.inclusion(size // 3)
        verify = timed(lambda _: proof.verify())
        consistency = timed(lambda turn: log.consistency(1 + turn * step % size))
        started = perf_counter()
        log.self_check()
        check_s = perf_counter() - started
    restart = timed(lambda _: start(folder, own), rounds=3)
    return COLUMNS.format(
        f"{size:,}",
        f"{median(one):,.0f}",
        f"{quantiles(one, n=100)[98]:,.0f}",
        f"{used_us:,.0f}",
        f"{median(many) / 256:,.1f}",
        f"{median(inclusion):,.0f}",
        f"{median(verify):,.0f}",
        f"{median(consistency):,.0f}",
        f"{median(restart) / 1e3:,.1f}",
        f"{check_s:,.2f}",
        f"{(folder / 'store.sqlite').stat().st_size / 2**20:,.0f}",
    )


def opened(folder: Path) -> Store:
    node = log_key(folder / "keys").signer(origin_of(party="alpha"))
    return Store(folder / "store.sqlite", signer=node, marker=HeadMarker(folder / "keys" / "heads"))


def start(folder: Path, own: Signer) -> None:
    """What a node does with a log when it starts."""
    with opened(folder) as store:
        store.open_log(own.key, signer=own).head()
        store.restored(own.key.name)


def append(store: Store, log: StoredLog, count: int) -> None:
    start = log.head().size
    leaves = [b"%d " % number + bytes(LEAF_BYTES) for number in range(start, start + count)]
    store.commit(lines=LineWrites(appends=[LogAppend(origin=log.origin, leaves=leaves)]))


def timed(act: Callable[[int], object], *, rounds: int = ROUNDS) -> list[float]:
    """How many microseconds each of so many turns took."""
    found: list[float] = []
    for turn in range(rounds):
        started = perf_counter()
        act(turn)
        found.append((perf_counter() - started) * 1e6)
    return found


if __name__ == "__main__":
    sys.exit(main())
