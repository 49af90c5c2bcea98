"""Recalling: what the marker beside the keys knows of a line that the database, brought back from a backup, forgot.

Source: docs/protocol.md clause 10.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from keepclear.core.errors import Refused
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.event import Recalled, Reverted
from keepclear.core.line.keys import statement_in
from keepclear.core.line.log import Mark
from keepclear.core.line.message import PartyWord, header_of
from keepclear.core.line.state import START, LineState
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.merkle import Head
from keepclear.core.trust.envelope import envelope_of
from keepclear.edge.keys.identity import Identity
from keepclear.edge.store.marker import Marked
from keepclear.edge.store.store import Store


def forgotten(store: Store, state: LineState) -> Iterator[Reverted | Recalled]:
    """What a line has to be told: how far our log once went, and which head of the other's we cosigned last.

    Where the database knows of a newer cosignature, the marker is told: it lags after a kill between the two.
    """
    terms, own = state.terms, state.own
    signed = _newest(store, state, terms.own)
    if signed is not None and (own.roster is None or signed[0] > own.epoch):
        epoch, mark = signed
        yield Reverted(line=terms.line, signed=Mark(epoch=epoch, size=mark.head.size))
    elif own.roster is not None and (size := store.restored(own.origin)) is not None:
        yield Reverted(line=terms.line, signed=Mark(epoch=own.epoch, size=size))
    given = _newest(store, state, terms.other)
    marked = START if given is None else Mark(epoch=given[0], size=given[1].head.size)
    if state.own_cosigned and state.own_cosigned[-1].mark > marked:
        _mark_last(store, state)
    elif given is not None and given[1].cosigned_s is not None:
        yield Recalled(line=terms.line, epoch=given[0], head=given[1].head, second=given[1].cosigned_s)


def without_lost_keys(bundle: Bundle, state: LineState, identity: Identity) -> Bundle:
    """A bundle less entries of an own epoch whose keys the node has not: it could never go on where they end.

    So it is where the keys came from an older backup too; then people open the epoch after that one.
    """
    restore = bundle.restore
    if restore is None or restore.start > 0 or not restore.leaves:
        return bundle
    try:
        header = header_of(envelope_of(restore.leaves[0]).payload)
        opens = None if header.statement is None else statement_in(header.statement.payload).opens
    except Refused:
        return bundle
    if opens is None or header.epoch <= state.own.epoch or identity.holds(opens.log):
        return bundle
    return replace(bundle, restore=None)


def _newest(store: Store, state: LineState, party: PartyWord) -> tuple[int, Marked] | None:
    """The mark of a party's last log on the line, with its epoch."""
    log = origin_of(party=party, log=state.terms.line).rpartition("/")[0]
    found = [
        (int(epoch), mark)
        for origin, mark in store.marks().items()
        for before, _, epoch in [origin.rpartition("/")]
        if before == log
    ]
    return max(found, key=lambda each: each[0], default=None)


def _mark_last(store: Store, state: LineState) -> None:
    last = state.own_cosigned[-1]
    origin = origin_of(party=state.terms.other, log=state.terms.line, epoch=last.epoch)
    root = store.log(origin).root_at(last.size)
    store.mark_cosigned(origin, Head(size=last.size, root=root), second=last.second)
