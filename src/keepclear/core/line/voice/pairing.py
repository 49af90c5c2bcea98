"""Pairing: which two voice entries, one of each party, are one message that both typed in.

Source: docs/protocol.md clause 9. Read-back words alone say that two texts are the same, and not that they were spoken
once: the same words are said again another day. So an entry is one of a pair at most, and never by a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from keepclear.core.instant import HOUR_MS, Duration, Instant
from keepclear.core.line.message import PartyWord, Reference

PAIRED_WITHIN: Final = Duration(HOUR_MS)
"""By how much at most the stated times of two entries differ that the words alone make a pair."""


class Given(Protocol):
    """A message that was given by voice, or may have been, as a line remembers it."""

    @property
    def hash(self) -> bytes:
        """The entry."""
        ...

    @property
    def readback(self) -> bytes | None:
        """Its read-back hash; None where it was not given by voice."""
        ...

    @property
    def said(self) -> Instant:
        """When it was signed, as it states."""
        ...

    @property
    def pair(self) -> bytes | None:
        """The entry of the other party that is the same message, where that is known."""
        ...


_Given = TypeVar("_Given", bound=Given)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceEntry:
    """One voice entry: who signed it, its read-back hash, when as it states, and what it refers to."""

    hash: bytes
    sender: PartyWord
    readback: bytes
    said: Instant
    references: tuple[Reference, ...] = ()
    pair: bytes | None = None


def candidates(entry: VoiceEntry, others: Iterable[_Given]) -> tuple[_Given, ...]:
    """The messages of the other party that an entry may be the same message as: one is a pair, more are a question.

    What it refers to by its hash, and has the same words, is the one. Otherwise it is what has the same words, is in no
    pair, and states a time within the hour.
    """
    alike = [each for each in others if each.readback == entry.readback]
    named = {each.hash for each in entry.references}
    if any(each.hash in named for each in alike):
        return tuple(each for each in alike if each.hash in named)
    return tuple(each for each in alike if each.pair is None and abs(each.said - entry.said) <= PAIRED_WITHIN)


def pairs_of(entries: Iterable[VoiceEntry]) -> dict[bytes, bytes]:
    """The pairs among the voice entries of both parties, each under both hashes, for who has both logs whole.

    Those that name the other come first, then the others in the order of their stated times, each held against what was
    said before it.
    """
    ordered = sorted(entries, key=lambda each: (each.said, each.sender, each.hash))
    pairs: dict[bytes, bytes] = {}
    for naming in (True, False):
        before: list[VoiceEntry] = []
        for entry in ordered:
            if entry.hash not in pairs:
                _pair(entry, ordered if naming else before, pairs, naming=naming)
            before.append(entry)
    return pairs


def _pair(
    entry: VoiceEntry, others: Iterable[VoiceEntry], pairs: dict[bytes, bytes], *, naming: bool
) -> None:
    free = [each for each in others if each.sender != entry.sender and each.hash not in pairs]
    named = {each.hash for each in entry.references}
    found = candidates(entry, free)
    if len(found) == 1 and (not naming or found[0].hash in named):
        pairs[entry.hash], pairs[found[0].hash] = found[0].hash, entry.hash
