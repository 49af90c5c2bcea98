"""Chance that is always the same: numbers that look random and follow from a seed and a count alone."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.space.geodesy import Floats

# Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (OOPSLA 2014), the SplitMix64
# constants.
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)


def seed_of(text: str) -> int:
    """A seed of 64 bits that follows from a text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def shares(seed: NDArray[np.uint64], count: NDArray[np.uint64]) -> Floats:
    """Numbers evenly spread over [0, 1), one for each seed and count; the same pair gives the same number."""
    # Unsigned 64-bit arithmetic wraps by definition of the generator.
    state = seed + (count + np.uint64(1)) * _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * _MIX_1
    state = (state ^ (state >> np.uint64(27))) * _MIX_2
    state = state ^ (state >> np.uint64(31))
    return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53


def share(text: str, count: int) -> float:
    """One number of [0, 1) that follows from a text and a count."""
    return float(shares(np.array([seed_of(text)], np.uint64), np.array([count], np.uint64))[0])
