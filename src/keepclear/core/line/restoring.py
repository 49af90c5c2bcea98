"""Restoring: a node that holds less of its own log than it signed says nothing until it has the rest.

A restored backup looks just like a fork to the other side. Our own signature on a larger head is the proof of it, and
our own entries handed back under that signature are the cure. Source: docs/protocol.md clause 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepclear.core.errors import KeepclearError, Refused
from keepclear.core.line.bundle import Restore
from keepclear.core.line.event import GrowLog, LineChanged, LineEffect
from keepclear.core.line.log import Log, Mark, Said, Views
from keepclear.core.line.message import EPOCH_MAX, header_of
from keepclear.core.line.state import LineState
from keepclear.core.line.status import Have
from keepclear.core.record.checkpoint import opened
from keepclear.core.trust.envelope import envelope_of
from keepclear.core.trust.note import VerifierKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What came of entries handed back: what is to be done, and each entry with the root of our log after it."""

    effects: Sequence[LineEffect] = ()
    said: Sequence[tuple[Said, bytes]] = ()


def reverted_to(state: LineState, signed: Mark) -> list[LineEffect]:
    """Our own log is known to have gone so far."""
    if signed <= max(state.own.mark, state.reverted or state.own.mark):
        return []
    state.reverted = signed
    words = (
        f"this node signed {_short(signed, state.own)}: a backup was restored; it signs nothing until "
        f"{state.terms.other} has handed back the rest"
    )
    return [LineChanged(line=state.terms.line, change="reverted", words=words)]


def reverted_by(state: LineState, have: Have | None) -> list[LineEffect]:
    """The other says what it has of our log: a later epoch than ours is one that we opened and have forgotten.

    Of an epoch that we know only our own signature shows more than we hold; of one that we do not, we cannot check it.
    """
    if have is None or have.epoch <= state.own.epoch:
        return []
    return reverted_to(state, Mark(epoch=have.epoch, size=have.head.size))


def parted_at(state: LineState, size: int) -> list[LineEffect]:
    """Our own key signed another history of our log than the one held here: no receipt of it is a receipt of ours."""
    if state.reverted is not None:
        return []
    state.reverted = state.own.mark
    words = (
        f"this node signed another history of {size} entries than it holds: a backup was restored; it signs nothing "
        "more in this epoch"
    )
    return [LineChanged(line=state.terms.line, change="reverted", words=words)]


def lost(state: LineState, reverted: Mark) -> str:
    """What a node says that is asked to sign while it holds less than it signed, and what to do."""
    return (
        f"line {state.terms.line}: this node signed {_short(reverted, state.own)}; wait until {state.terms.other} "
        "hands back the rest, or open a new epoch"
    )


def restored(state: LineState, restore: Restore | None) -> Handed:
    """Our own entries handed back: taken where they continue our log up to a head that our own key signed.

    Those of a later epoch are taken from its entry 0 on, and then our log is of that epoch. It takes our signature and
    nobody's word, so that entries are taken also where nothing was known to be missing.
    """
    if restore is None or not restore.leaves:
        return Handed()
    try:
        before = _log_before(state, restore)
        leaves = restore.leaves[before.size - restore.start :]
        log, said = _continued(before, leaves, state)
        if not said or opened(restore.checkpoint, _log_key(log)).head != log.head():
            return Handed()
    except KeepclearError:
        return Handed()
    if log.epoch > state.own.epoch:
        state.begin_epoch()
    state.own = log
    state.learn_own_roster()
    effects: list[LineEffect] = [GrowLog(origin=log.origin, leaves=leaves, checkpoint=restore.checkpoint)]
    if state.reverted is None or log.mark >= state.reverted:
        state.reverted = None
        words = f"{state.terms.other} handed back all {log.size} entries that this node had signed"
        effects.append(LineChanged(line=state.terms.line, change="restored", words=words))
    return Handed(effects=effects, said=said)


def _log_before(state: LineState, restore: Restore) -> Log:
    """Our log, as far as it goes before the entries that are handed back; of another epoch than ours an empty one.

    Raises Refused for entries that cannot be read, Unsound for those that do not follow.
    """
    epoch = header_of(envelope_of(restore.leaves[0]).payload).epoch
    own = state.own if epoch == state.own.epoch else state.own_log(epoch=epoch)
    if epoch < state.own.epoch or restore.start > own.size:
        raise Refused("bundle.restore", f"entries from {restore.start} of epoch {epoch} do not follow ours")
    return own


def _continued(log: Log, leaves: tuple[bytes, ...], state: LineState) -> tuple[Log, list[tuple[Said, bytes]]]:
    said = list[tuple[Said, bytes]]()
    # What we cosigned since the backup was restored is later than what we said before, and must not judge it. Nor must
    # what we have forgotten of the other: we checked it when we cited it.
    views = Views(keys=state.other_keys, unjudged_below=EPOCH_MAX + 1)
    for leaf in leaves:
        appended = log.append(leaf, views)
        log = appended.log
        said.append((appended.said, log.head().root))
    return log, said


def _log_key(log: Log) -> VerifierKey:
    assert log.roster is not None, "a log that has an entry has stated its keys"
    return log.roster.keys.log


def _short(signed: Mark, own: Log) -> str:
    if signed.epoch == own.epoch:
        return f"{signed.size} entries and holds {own.size}"
    return f"{signed.size} entries of epoch {signed.epoch} and holds epoch {own.epoch} alone"
