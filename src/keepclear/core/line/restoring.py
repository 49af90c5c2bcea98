"""Restoring: a node that holds less of its own log than it signed says nothing until it has the rest.

A restored backup looks just like a fork to the other side. Our own signature on a larger head is the proof of it, and
our own entries handed back under that signature are the cure. Source: docs/protocol.md clause 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepclear.core.errors import KeepclearError
from keepclear.core.line.bundle import Restore
from keepclear.core.line.event import GrowLog, LineChanged, LineEffect
from keepclear.core.line.log import Log, Said, Views
from keepclear.core.line.state import LineState
from keepclear.core.record.checkpoint import opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What came of entries handed back: what is to be done, and each entry with the root of our log after it."""

    effects: Sequence[LineEffect] = ()
    said: Sequence[tuple[Said, bytes]] = ()


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


def parted_at(state: LineState, size: int) -> list[LineEffect]:
    """Our own key signed another history of our log than the one held here: no receipt of it is a receipt of ours."""
    if state.reverted is not None:
        return []
    state.reverted = state.own.size
    words = (
        f"this node signed another history of {size} entries than it holds: a backup was restored; it signs nothing "
        "more in this epoch"
    )
    return [LineChanged(line=state.terms.line, change="reverted", words=words)]


def restored(state: LineState, restore: Restore | None) -> Handed:
    """Our own entries handed back: taken where they continue our log up to a head that our own key signed."""
    if restore is None or state.reverted is None or restore.start > state.own.size:
        return Handed()
    leaves = restore.leaves[state.own.size - restore.start :]
    try:
        log, said = _continued(state, leaves)
        if not said or log.roster is None:
            return Handed()
        if opened(restore.checkpoint, log.roster.keys.log).head != log.head():
            return Handed()
    except KeepclearError:
        return Handed()
    state.own = log
    state.learn_own_key()
    effects: list[LineEffect] = [GrowLog(origin=log.origin, leaves=leaves, checkpoint=restore.checkpoint)]
    if log.size >= state.reverted:
        state.reverted = None
        words = f"{state.terms.other} handed back all {log.size} entries that this node had signed"
        effects.append(LineChanged(line=state.terms.line, change="restored", words=words))
    return Handed(effects=effects, said=said)


def _continued(state: LineState, leaves: tuple[bytes, ...]) -> tuple[Log, list[tuple[Said, bytes]]]:
    log, said = state.own, list[tuple[Said, bytes]]()
    # What we cosigned since the backup was restored is later than what we said before, and must not judge it.
    views = Views(keys=state.other_keys)
    for leaf in leaves:
        appended = log.append(leaf, views)
        log = appended.log
        said.append((appended.said, log.head().root))
    return log, said
