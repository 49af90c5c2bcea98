"""Restoring: a node that holds less of its own log than it signed says nothing until it has the rest.

A restored backup looks just like a fork to the other side. Our own signature on a larger head is the proof of it, and
our own entries handed back under that signature are the cure. Source: docs/protocol.md clause 10.
"""

from __future__ import annotations

from keepclear.core.errors import KeepclearError
from keepclear.core.line.bundle import Restore
from keepclear.core.line.event import GrowLog, LineChanged, LineEffect
from keepclear.core.line.log import Log, Said
from keepclear.core.line.state import LineState, Waiting
from keepclear.core.record.checkpoint import opened


def reverted_to(state: LineState, size: int) -> list[LineEffect]:
    """Our own log is known to have had ``size`` entries."""
    if size <= state.own.size or (state.reverted or 0) >= size:
        return []
    state.reverted = size
    words = (
        f"this node signed {size} entries and holds {state.own.size}: a backup was restored; it signs nothing "
        f"until {state.terms.other} has handed back the rest"
    )
    return [LineChanged(line=state.terms.line, change="reverted", words=words)]


def restored(state: LineState, restore: Restore | None) -> list[LineEffect]:
    """Our own entries handed back: taken where they continue our log up to a head that our own key signed."""
    if restore is None or state.reverted is None or restore.start > state.own.size:
        return []
    leaves = restore.leaves[state.own.size - restore.start :]
    try:
        log, said = _continued(state, leaves)
        if not said or log.roster is None:
            return []
        if opened(restore.checkpoint, log.roster.keys.log).head != log.head():
            return []
    except KeepclearError:
        return []
    state.own = log
    state.learn_own_key()
    state.waiting += [Waiting(index=each.header.index, urgent=False) for each in said]
    effects: list[LineEffect] = [GrowLog(origin=log.origin, leaves=leaves, checkpoint=restore.checkpoint)]
    if log.size >= state.reverted:
        state.reverted = None
        words = f"{state.terms.other} handed back all {log.size} entries that this node had signed"
        effects.append(LineChanged(line=state.terms.line, change="restored", words=words))
    return effects


def _continued(state: LineState, leaves: tuple[bytes, ...]) -> tuple[Log, list[Said]]:
    log, said = state.own, list[Said]()
    for leaf in leaves:
        appended = log.append(leaf, state.own_views())
        log = appended.log
        said.append(appended.said)
    return log, said
