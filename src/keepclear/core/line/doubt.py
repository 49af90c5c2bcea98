"""Doubt: what follows when the other does not show that its log goes on as it was, and when it is convicted.

Source: docs/protocol.md clauses 10 and 11. What is merely not proved is asked for again, and never an accusation.
"""

from __future__ import annotations

from typing import Final

from keepclear.core.line.bundle import Bundle
from keepclear.core.line.event import Convict, LineChanged, LineEffect
from keepclear.core.line.fault import Fault
from keepclear.core.line.intake import Copy
from keepclear.core.line.state import LineState
from keepclear.core.record.checkpoint import checkpoint_of
from keepclear.core.record.merkle import Frontier
from keepclear.core.trust.note import note_of

UNPROVED_MAX: Final = 2
"""So often may the other fail to show that its head continues the last, before it has to show its whole log anew."""


def unproved(state: LineState) -> list[LineEffect]:
    """Ask again; and the second time for everything from the first entry on, which shows where the histories part."""
    state.unproved += 1
    if state.unproved < UNPROVED_MAX:
        words = f"{state.terms.other} has not shown that its newest head continues what it signed before"
        return [LineChanged(line=state.terms.line, change="unproved", words=words)]
    if state.agreed is None:
        state.agreed = Frontier().head()
    return []


def agreed(state: LineState, bundle: Bundle, copy: Copy) -> None:
    """What the other has shown holds; while it shows its log anew, that is so up to this bundle's checkpoint."""
    size = bundle.start + len(bundle.leaves)
    if state.agreed is not None and bundle.epoch == copy.log.epoch and size < copy.log.size:
        state.agreed = checkpoint_of(note_of(bundle.checkpoint).text).head
        return
    state.unproved, state.agreed = 0, None


def epoch_opened(state: LineState, after: Copy) -> LineChanged:
    """What people are told as the other opens its next epoch: what it stands by of the last, and what it leaves open.

    A party may give up what it lost with a backup. It may also leave behind a history that it would have to show; that
    nobody can prove before it is shown, so it is said, and accuses nobody.
    """
    before, roster = state.copy, after.log.roster
    assert roster is not None, "an epoch begins with its keys"
    anchor = roster.keys.previous
    follows = anchor is not None and anchor.epoch == before.log.epoch
    words = (
        f"{state.terms.other} opened epoch {after.log.epoch}; of epoch {before.log.epoch} it stands by "
        f"{anchor.head.size if anchor is not None and follows else 0} entries, and {before.log.size} are held here"
    )
    other_root = (
        anchor is not None
        and follows
        and anchor.head.size == before.log.size
        and anchor.head != before.log.head()
    )
    if other_root:
        words += f", with another root: it signed two histories of epoch {before.log.epoch}"
    elif state.unproved or state.agreed is not None:
        words += f"; that its last head of epoch {before.log.epoch} continues them was never shown"
    state.have, state.unopened, state.agreed, state.unproved = None, {}, None, 0
    return LineChanged(line=state.terms.line, change="epoch", words=words)


def convicted(state: LineState, fault: Fault) -> list[LineEffect]:
    """The other has broken a rule under its own signature; said once for each rule and epoch.

    One proof convicts: a party that goes on breaking a rule must not fill our memory with more of them.
    """
    if (fault.rule, fault.epoch) in {(each.rule, each.epoch) for each in state.faults}:
        return []
    state.faults.append(fault)
    return [Convict(fault=fault), LineChanged(line=state.terms.line, change="fault", words=fault.words)]
