"""Pairs of extents that are hard to judge, judged by the package and again by brute force on geographiclib.

    python bench/conflicts.py [--pairs 2000] [--seed 1]

Prints how many were judged, the largest differences found, and every pair whose verdict differs by more than 1 cm or
1 ms explain; there must be none, or the script fails.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from conflict_oracle import Apart, apart, area_verdict, hard_pair, height_verdict, time_verdict
from keepclear.core.notice.conflict import conflict_between
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.minima import Minimum
from keepclear.core.space.altitude import Containment
from keepclear.core.space.separation import Separation, separation

TOLERANCE_M = 0.01


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was found so far. ``gap_m``, ``shared_m``: the largest differences from brute force, in metres."""

    verdicts: Counter[str] = field(default_factory=Counter)
    gap_m: float = 0.0
    shared_m: float = 0.0
    wrong: list[str] = field(default_factory=list)


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--pairs", type=int, default=2_000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    started, tally = process_time(), Tally()
    for pair in range(given.pairs):
        judge(pair, Random(f"conflicts {given.seed} {pair}"), tally)
    print(f"{given.pairs:,} pairs, seed {given.seed}, {process_time() - started:.0f} s of the processor")
    print(", ".join(f"{verdict} {count:,}" for verdict, count in sorted(tally.verdicts.items())))
    print(f"largest difference: gap {tally.gap_m * 1000:.6f} mm, shared {tally.shared_m * 1000:.6f} mm")
    print(f"{len(tally.wrong)} disagreements beyond 1 cm or 1 ms", *tally.wrong, sep="\n")
    return 1 if tally.wrong else 0


def judge(pair: int, rng: Random, tally: Tally) -> None:
    """Judge one pair both ways and add what was found to the tally."""
    own, other, rule = hard_pair(rng)
    found = separation(own.area, other.area)
    checked = apart(own.area, other.area, said=found.own if found.gap_m == 0 else None)
    tally.gap_m = max(tally.gap_m, abs(found.gap_m - max(checked.signed_m, 0.0)))
    over_m = found.shared_m - max(-checked.signed_m, 0.0)
    tally.shared_m = max(tally.shared_m, abs(over_m) if checked.exact else over_m)
    conflict = conflict_between(own, other, rule)
    verdict = Containment.NO if conflict is None else conflict.sure
    tally.verdicts[verdict.name] += 1
    least, most = verdicts(own, other, rule, found, checked)
    if not least <= verdict <= most:
        tally.wrong.append(f"pair {pair}: {verdict.name}, {own}, {other}, {rule}")


def verdicts(
    own: Extent, other: Extent, rule: Minimum, found: Separation, checked: Apart
) -> tuple[Containment, Containment]:
    """The least and the most that brute force may say, with its distance a centimetre more and a centimetre less.

    Of two areas with a polygon that meet only that they share so much is known, which a place in both has shown.
    """
    signed_m = checked.signed_m
    if not checked.exact:
        signed_m = max(signed_m, -found.shared_m)
    doubt_m = own.accuracy_m + other.accuracy_m
    rest = min(time_verdict(own, other, rule), height_verdict(own, other, rule))
    least, most = (
        min(rest, area_verdict(signed_m + off_m, doubt_m, rule.horizontal_m))
        for off_m in (TOLERANCE_M, -TOLERANCE_M)
    )
    return least, most


if __name__ == "__main__":
    sys.exit(main())
