"""Withholding: a speaker says in its log which parts can never be given any more, so that nobody waits for them.

Else a part that is lost, or for which consent was withdrawn before the other had it, would keep the other from
cosigning for ever. Source: docs/protocol.md clauses 7 and 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from keepclear.core.line.draft import Draft
from keepclear.core.line.event import LineChanged, LineEffect, PartsWithheld
from keepclear.core.line.log import Said
from keepclear.core.line.message import WITHHOLDS_MAX, How, Kind, Reference, header_of
from keepclear.core.line.packing import PARTS_ENTRIES_MAX
from keepclear.core.line.state import LineState
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.merkle import leaf_hash
from keepclear.core.trust.envelope import envelope_of

FORGONE_MAX: Final = 1_000
"""Of so many parts that the other withheld an opening that comes all the same is still taken, the latest of them."""


class PartShelf(Protocol):
    """Our own kept entries, and which of their parts can never be given any more."""

    def leaves(self, origin: str, *, start: int, end: int) -> tuple[bytes, ...]:
        """Entries ``start`` to before ``end``."""
        ...

    def is_gone(self, commitment: bytes) -> bool:
        """Whether a part of ours can never be given any more, and our log does not say so yet."""
        ...


def withholding(state: LineState, shelf: PartShelf, *, end: int) -> list[Draft]:
    """What our node has to say of parts that are gone, of entries before ``end`` that the other could not open yet.

    Nothing while our log has not begun, or is known to go further than we hold: then nothing may be signed.
    """
    if state.own.roster is None or state.reverted is not None:
        return []
    gone = list(_gone(state, shelf, end=end))
    runs = (gone[start : start + WITHHOLDS_MAX] for start in range(0, len(gone), WITHHOLDS_MAX))
    return [
        Draft(
            kind=Kind.WITHHOLD,
            references=tuple(Reference(hash=each, how=How.ABOUT) for each in dict(some)),
            withholds=tuple(commitment for _, commitment in some),
        )
        for some in runs
    ]


def withheld_here(said: Said) -> list[LineEffect]:
    """What follows from an entry of ours, whether we say it now or are handed it back."""
    return _noted(said, said.header.withholds)


def withheld_there(state: LineState, said: Sequence[Said]) -> list[LineEffect]:
    """What follows when entries of the other's have their turn: what they withhold and is not open is awaited no more.

    To be asked after what came with them was opened. What they name and nobody waits for changes nothing.
    """
    effects: list[LineEffect] = []
    for each in said:
        forgone = [
            commitment
            for commitment in each.header.withholds
            if commitment in state.unopened and state.unopened[commitment].index < each.header.index
        ]
        for commitment in forgone:
            state.forgone[commitment] = state.unopened.pop(commitment)
        effects += _noted(each, forgone)
        if forgone:
            effects.append(_told(state, each, count=len(forgone)))
    for oldest in list(state.forgone)[:-FORGONE_MAX]:
        del state.forgone[oldest]
    return effects


def _gone(state: LineState, shelf: PartShelf, *, end: int) -> Iterator[tuple[bytes, bytes]]:
    """The entries and, of each, the commitments of the parts that are gone."""
    has, own = state.has_of_us, state.own
    start = 0 if has is None else has.opened
    end = min(end, own.size, start + PARTS_ENTRIES_MAX)
    for leaf in shelf.leaves(own.origin, start=min(start, end), end=end):
        header = header_of(envelope_of(leaf).payload)
        for name, commitment in header.parts.items():
            if state.terms.other in header.released[name] and shelf.is_gone(commitment):
                yield leaf_hash(leaf), commitment


def _noted(said: Said, commitments: Sequence[bytes]) -> list[LineEffect]:
    header = said.header
    if not commitments:
        return []
    origin = origin_of(party=header.sender, log=header.line, epoch=header.epoch)
    noted = PartsWithheld(origin=origin, index=header.index, at=header.at, commitments=tuple(commitments))
    return [noted]


def _told(state: LineState, said: Said, *, count: int) -> LineChanged:
    about = tuple(each.hash for each in said.header.references)
    parts = "1 part that was" if count == 1 else f"{count} parts that were"
    words = f"{state.terms.other} gives no more of {parts} never opened here"
    return LineChanged(
        line=state.terms.line, change="parts-withheld", hashes=(said.hash, *about), words=words
    )
