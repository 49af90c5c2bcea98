"""The shelf of one line: its kept logs, signatures and parts, as packing and taking of bundles read them."""

from __future__ import annotations

from keepclear.core.errors import Refused
from keepclear.core.line.acting import ANSWERING
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.intake import Holding, Prefix
from keepclear.core.line.message import header_of
from keepclear.core.line.state import LineState
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.trust.envelope import envelope_of
from keepclear.edge.keys.box import seal
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
        """The opening of a part, sealed to the other's box; None when it is not kept, or its box is not known."""
        roster = self._state.copy.log.roster
        opening = self._store.opening(commitment.hex())
        if opening is None or roster is None or to != self._state.terms.other:
            return None
        return seal(opening, [roster.keys.box])

    def holding(self, bundle: Bundle) -> Holding:
        """What our copy says where a bundle begins and ends."""
        terms = self._state.terms
        log = self._log(origin_of(party=terms.other, log=terms.line, epoch=bundle.epoch))
        if log is None:
            return Holding()
        held, size = log.head().size, bundle.start + len(bundle.leaves)
        prefix = None
        if 0 < size < held:
            prefix = Prefix(size=size, root=log.root_at(size), path=log.consistency(size))
        return Holding(base=log.frontier(bundle.start) if bundle.start <= held else None, prefix=prefix)

    def answered(self, bundle: Bundle) -> list[bytes]:
        """The kept openings of our own messages that the entries of a bundle answer."""
        openings: list[bytes] = []
        for leaf in (*bundle.leaves, *(each.leaf for each in bundle.express)):
            try:
                header = header_of(envelope_of(leaf).payload)
            except Refused:
                continue
            for reference in header.references:
                reception = self._state.receptions.get(reference.hash)
                if reference.how not in ANSWERING or reception is None:
                    continue
                kept = (self._store.opening(each.hex()) for each in reception.parts.values())
                openings += [each for each in kept if each is not None]
        return openings

    def _log(self, origin: str) -> StoredLog | None:
        try:
            return self._store.log(origin)
        except Refused:
            return None
