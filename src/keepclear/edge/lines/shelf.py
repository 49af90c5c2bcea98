"""The shelf of one line: its kept logs, signatures and parts, as packing and taking of bundles read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from keepclear.core.errors import Refused
from keepclear.core.line.acting import answered_by
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.intake import Holding, Prefix, shown_size
from keepclear.core.line.log import Said
from keepclear.core.line.parts import beside
from keepclear.core.line.state import LineState
from keepclear.core.record.checkpoint import origin_of
from keepclear.edge.keys.box import seal
from keepclear.edge.lines.disclosing import may_leave
from keepclear.edge.store.store import Store
from keepclear.edge.store.storedlog import StoredLog


class LineShelf:
    """What the store keeps of one line."""

    def __init__(self, store: Store, state: LineState) -> None:
        self._store = store
        self._state = state

    def leaves(self, origin: str, *, start: int, end: int) -> tuple[bytes, ...]:
        """Entries ``start`` to before ``end``."""
        return self._store.log(origin).leaves(start=start, limit=end - start) if end > start else ()

    def checkpoint_after(self, origin: str, start: int, *, within: int) -> tuple[int, str]:
        """The largest kept checkpoint past ``start`` within so many entries, or else the next, or the newest."""
        return self._store.log(origin).checkpoint_after(start, within=within)

    def newest(self, origin: str) -> str:
        """The newest checkpoint, with the signatures of witnesses."""
        note = self._store.log(origin).checkpoint()
        assert note is not None, "a log with entries has a checkpoint"
        return note

    def consistency(self, origin: str, *, old: int, new: int) -> tuple[bytes, ...]:
        """The proof that the log of ``new`` entries continues that of ``old``."""
        return self._store.log(origin).consistency(old, new)

    def inclusion(self, origin: str, *, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that an entry is in the log of ``size`` entries."""
        return self._store.log(origin).inclusion(index, size).path

    def given(self, origin: str) -> str | None:
        """The other's newest checkpoint with our cosignature."""
        log = self._log(origin)
        return None if log is None else log.cosigned(self._state.terms.own)

    def sealed(self, commitment: bytes, *, to: str) -> bytes | None:
        """The opening of a part, sealed to the other's box; None when it is not kept, or its box is not known.

        Nor is it given once consent for it was withdrawn: whatever goes to the other is taken from here.
        """
        roster = self._state.copy.log.roster
        if roster is None or to != self._state.terms.other or not may_leave(self._store, commitment):
            return None
        opening = self._store.opening(commitment.hex())
        if opening is None:
            return None
        return seal(opening, [roster.keys.box])

    def is_gone(self, commitment: bytes) -> bool:
        """Whether a part of ours can never be given any more, and our log does not say so yet.

        One whose opening is not kept is lost: this node made it, so that there is none on its way.
        """
        store, named = self._store, commitment.hex()
        if store.withheld.of(named, origin=self._state.own.origin) is not None:
            return False
        return not may_leave(store, commitment) or store.opening(named) is None

    def holding(self, bundle: Bundle) -> Holding:
        """What our copy says where a bundle begins and ends.

        Raises Refused as ``shown_size`` does.
        """
        terms = self._state.terms
        log = self._log(origin_of(party=terms.other, log=terms.line, epoch=bundle.epoch))
        if log is None:
            return Holding()
        return Holding(
            base=log.frontier(bundle.start) if bundle.start <= log.head().size else None,
            prefix=_prefix(log, bundle.start + len(bundle.leaves)),
            newest=None if bundle.newest is None else _prefix(log, shown_size(bundle)),
        )

    def answered(self, said: Iterable[Said]) -> list[bytes]:
        """The kept openings of our own messages that entries of the other's answer."""
        named = {hashed for each in said for hashed in answered_by(each)}
        receptions = [self._state.receptions[each] for each in named if each in self._state.receptions]
        kept = (self._store.opening(each.hex()) for known in receptions for each in known.parts.values())
        return [each for each in kept if each is not None]

    def beside(self, openings: Sequence[bytes]) -> list[bytes]:
        """The kept openings of parts that came earlier, of messages that these openings may complete."""
        kept = (self._store.opening(each.hex()) for each in beside(self._state, openings))
        return [each for each in kept if each is not None]

    def _log(self, origin: str) -> StoredLog | None:
        try:
            return self._store.log(origin)
        except Refused:
            return None


def _prefix(log: StoredLog, size: int) -> Prefix | None:
    """What our copy had at a size; None where it was empty, has no more, or has not come there."""
    if not 0 < size < log.head().size:
        return None
    return Prefix(size=size, root=log.root_at(size), path=log.consistency(size))
