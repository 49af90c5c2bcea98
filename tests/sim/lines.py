"""Simulated lines from seeds, one after another or on all cores, and a table of what happened in them.

python tests/sim/lines.py --seed 7 [--seeds 1000] [--jobs 2]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sim.linenode import BrokenError
from sim.linesim import simulate

CHUNK = 50
SAID_EVERY = 1_000
SHOWN_MAX = 20


def played(seed: int) -> tuple[int, Counter[str], str]:
    """One seed: what happened, and what rule was broken, if one was."""
    try:
        return seed, simulate(seed), ""
    except BrokenError as broken:
        return seed, Counter(), str(broken)


def total(results: Iterable[tuple[int, Counter[str], str]], *, seeds: int) -> tuple[Counter[str], list[str]]:
    """All counts together, and what was broken; says how far it has come."""
    counts: Counter[str] = Counter()
    broken: list[str] = []
    for number, (_, found, wrong) in enumerate(results, 1):
        counts += found
        if wrong:
            broken.append(wrong)
            print(f"BROKEN: {wrong}", file=sys.stderr, flush=True)
        if number % SAID_EVERY == 0:
            print(f"  {number} of {seeds} seeds, {len(broken)} broken", file=sys.stderr, flush=True)
        if len(broken) >= SHOWN_MAX:
            break
    return counts, broken


def main() -> int:
    """Play the seeds that were asked for and say what happened."""
    parser = argparse.ArgumentParser(description="Play simulated lines from seeds.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, counting up from the first")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    chosen = parser.parse_args()
    seeds = range(chosen.seed, chosen.seed + chosen.seeds)
    if chosen.jobs == 1:
        counts, broken = total(map(played, seeds), seeds=len(seeds))
    else:
        with get_context("spawn").Pool(chosen.jobs) as pool:
            counts, broken = total(pool.imap_unordered(played, seeds, CHUNK), seeds=len(seeds))
    if broken:
        return 1
    print(f"lines, seeds {seeds[0]} to {seeds[-1]}: every rule held")
    for what, count in sorted(counts.items()):
        print(f"  {count:7d}  {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
