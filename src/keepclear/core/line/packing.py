"""Packing: which of our entries, proofs and parts the next bundle brings, the urgent ones first.

Source: docs/protocol.md clause 10.
"""

from __future__ import annotations

from typing import Final, Protocol

from keepclear.core.instant import Instant
from keepclear.core.line.bundle import (
    EXPRESS_MAX,
    LEAVES_MAX,
    PARTS_MAX,
    RESTORE_MAX,
    Bundle,
    Express,
    Restore,
)
from keepclear.core.line.log import Log, Mark
from keepclear.core.line.message import Header, header_of
from keepclear.core.line.room import full
from keepclear.core.line.state import LineState
from keepclear.core.line.status import Have, Status
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.trust.envelope import Envelope, envelope_of

PARTS_BYTES_MAX: Final = 1024 * 1024
"""How many bytes of sealed parts one bundle brings; what is left goes with the next."""

PARTS_ENTRIES_MAX: Final = 1_024
"""Of how many entries past the first that the other could not open parts are looked for, for one bundle."""

LEAVES_BYTES_MAX: Final = 2 * 1024 * 1024
"""How many bytes of entries one run has, as long as there is a checkpoint that ends it so soon."""


class Shelf(Protocol):
    """The kept logs, signatures and parts of one line, as packing reads them."""

    def leaves(self, origin: str, *, start: int, end: int) -> tuple[bytes, ...]:
        """Entries ``start`` to before ``end``."""
        ...

    def checkpoint_after(self, origin: str, start: int, *, within: int) -> tuple[int, str]:
        """The largest kept checkpoint past ``start`` within so many entries, or else the next: its size, its note.

        Where there is none past it, the newest.
        """
        ...

    def newest(self, origin: str) -> str:
        """The newest checkpoint, with the signatures of witnesses."""
        ...

    def consistency(self, origin: str, *, old: int, new: int) -> tuple[bytes, ...]:
        """The proof that the log of ``new`` entries continues that of ``old``."""
        ...

    def inclusion(self, origin: str, *, index: int, size: int) -> tuple[bytes, ...]:
        """The proof that an entry is in the log of ``size`` entries."""
        ...

    def given(self, origin: str) -> str | None:
        """The other's newest checkpoint with our cosignature."""
        ...

    def sealed(self, commitment: bytes, *, to: str) -> bytes | None:
        """The opening of a part, sealed to the other's box; None when it is not kept any more."""
        ...


def status_for(state: LineState, *, now: Instant) -> Status:
    """What our node says of itself now."""
    log = state.copy.log
    # With less in "have", or none, entries are sent again: the other must show that its head continues the last.
    head = log.head() if state.agreed is None else state.agreed
    opened = min(state.opened_below(), head.size)
    return Status(
        line=state.terms.line,
        sender=state.terms.own,
        to=state.terms.other,
        at=now,
        attended=state.attended,
        full=full(state),
        have=Have(epoch=log.epoch, head=head, opened=opened) if head.size > 0 else None,
        heard=state.heard,
    )


def packed(state: LineState, shelf: Shelf, *, status: Envelope) -> Bundle | None:
    """The next bundle for the other, or None while nothing has been said on this line."""
    own, terms = state.own, state.terms
    if own.size == 0:
        return None
    start = _start(state)
    size, checkpoint, leaves = _run(shelf, own.origin, start, within=LEAVES_MAX)
    start = min(start, size)
    express = _express(state, shelf, past=size)
    ahead = size < own.size
    return Bundle(
        line=terms.line,
        sender=terms.own,
        to=terms.other,
        epoch=own.epoch,
        checkpoint=checkpoint,
        start=start,
        leaves=leaves,
        newest=shelf.newest(own.origin) if ahead else None,
        path=shelf.consistency(own.origin, old=size, new=own.size) if ahead else (),
        express=express,
        parts=_parts(state, shelf, tuple(each.leaf for each in express), until=size),
        cosigned=shelf.given(state.copy.log.origin),
        restore=_restore(state, shelf),
        status=status,
    )


def _run(shelf: Shelf, origin: str, start: int, *, within: int) -> tuple[int, str, tuple[bytes, ...]]:
    """Entries from ``start`` up to a checkpoint: its size, its note, and so many as a bundle has room for.

    A log keeps a checkpoint for at least every 512 entries; a shorter run is taken where the entries are long.
    """
    while True:
        size, checkpoint = shelf.checkpoint_after(origin, start, within=within)
        leaves = shelf.leaves(origin, start=min(start, size), end=size)
        if within == 1 or sum(map(len, leaves)) <= LEAVES_BYTES_MAX:
            return size, checkpoint, leaves
        within = max(1, within // 4)


def _start(state: LineState) -> int:
    """From where the other needs our entries: from what it says that it has, or else from the first."""
    has = state.has_of_us
    return 0 if has is None else min(has.head.size, state.own.size)


def _express(state: LineState, shelf: Shelf, *, past: int) -> tuple[Express, ...]:
    """The urgent entries that the bundle's run of leaves does not reach."""
    own = state.own
    urgent = [each for each in state.waiting if each.urgent and each.index >= past]
    # The sort is stable: of one rank the first comes first, and no flood of lower rank is before a FLASH.
    indices = [each.index for each in sorted(urgent, key=lambda each: -each.rank)][:EXPRESS_MAX]
    return tuple(
        Express(
            index=index,
            leaf=shelf.leaves(own.origin, start=index, end=index + 1)[0],
            path=shelf.inclusion(own.origin, index=index, size=own.size),
        )
        for index in indices
    )


def _parts(state: LineState, shelf: Shelf, express: tuple[bytes, ...], *, until: int) -> dict[bytes, bytes]:
    """Sealed parts of the express entries, then of those that the other could not open yet, in order."""
    has = state.has_of_us
    opened = 0 if has is None else has.opened
    parts: dict[bytes, bytes] = {}
    taken = 0
    end = min(until, opened + PARTS_ENTRIES_MAX)
    for leaf in (*express, *shelf.leaves(state.own.origin, start=min(opened, end), end=end)):
        header = _header(leaf)
        for name, commitment in header.parts.items():
            if state.terms.other not in header.released[name] or commitment in parts:
                continue
            sealed = shelf.sealed(commitment, to=state.terms.other)
            if sealed is None:
                continue
            taken += len(sealed)
            if taken > PARTS_BYTES_MAX or len(parts) == PARTS_MAX:
                return parts
            parts[commitment] = sealed
    return parts


def _restore(state: LineState, shelf: Shelf) -> Restore | None:
    """The other's own entries, where its last bundle showed less of its log than it once signed to us.

    The rest of the epoch that it showed comes first, then the next one from its entry 0.
    """
    copy, shown = state.copy.log, state.other_shows
    if state.copy.checkpoint is None or shown >= copy.mark:
        return None
    epochs = sorted(each for each in state.other_keys if each >= shown.epoch)
    # Of the last of them more is held than was shown.
    runs = (_run_back(shelf, copy, each, shown) for each in epochs)
    return next(each for each in runs if each.leaves)


def _run_back(shelf: Shelf, copy: Log, epoch: int, shown: Mark) -> Restore:
    origin = origin_of(party=copy.party, log=copy.line, epoch=epoch)
    start = shown.size if epoch == shown.epoch else 0
    _, checkpoint, leaves = _run(shelf, origin, start, within=RESTORE_MAX)
    return Restore(checkpoint=checkpoint, start=start, leaves=leaves)


def _header(leaf: bytes) -> Header:
    return header_of(envelope_of(leaf).payload)
