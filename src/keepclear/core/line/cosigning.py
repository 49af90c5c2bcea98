"""Cosigning: which heads of the other's we cosign, in which second, and what a restored backup forgot of that.

A cosignature cannot be taken back. So none is given for less, or at an earlier time, than the last that is known, also
where that is known by the marker alone. Source: docs/protocol.md clauses 5 and 10.
"""

from __future__ import annotations

from keepclear.core.instant import SECOND_MS, Instant, instant_text
from keepclear.core.line.event import Cosign, LineChanged, LineEffect, Recalled
from keepclear.core.line.intake import Intake
from keepclear.core.line.state import START, Cosigned, LineState
from keepclear.core.record.merkle import Frontier


def cosign(state: LineState, *, now: Instant) -> list[LineEffect]:
    """Cosign the other's head once all under it is here and could be read: never for what we do not have."""
    copy, given = state.copy, state.own_cosigned
    if copy.checkpoint is None or not _may_cosign(state):
        return []
    mark, last = copy.log.mark, given[-1].mark if given else START
    if mark < last or (mark == last and state.recalled is None):
        return []
    at = state.earliest(now)
    if mark == last:
        # The very cosignature that was forgotten, byte by byte, and no second one.
        at = Instant(given[-1].second * SECOND_MS)
    else:
        state.remember_cosigned(given, Cosigned(epoch=mark.epoch, size=mark.size, second=at // SECOND_MS))
    state.recalled = None
    return [Cosign(origin=copy.log.origin, size=mark.size, checkpoint=copy.checkpoint, at=at)]


def recalled(state: LineState, event: Recalled) -> list[LineEffect]:
    """The last head of the other's that we cosigned is known again, though our copy may not have come there.

    Nothing that we sign from now on states an earlier time than that cosignature.
    """
    given = Cosigned(epoch=event.epoch, size=event.head.size, second=event.second)
    if state.own_cosigned and given.mark <= state.own_cosigned[-1].mark:
        return []
    state.remember_cosigned(state.own_cosigned, given)
    state.recalled = event.head
    words = (
        f"this node cosigned {given.size} entries of {state.terms.other} at "
        f"{instant_text(Instant(given.second * SECOND_MS))} and has forgotten it: a backup was restored; it cosigns no "
        "less than that, and signs nothing with an earlier time"
    )
    return [LineChanged(line=state.terms.line, change="reverted", words=words)]


def contradicts(state: LineState, intake: Intake) -> bool:
    """Whether what came leads to another root than the one that we are known to have cosigned.

    Our copy lacks what would prove it, so it convicts nobody; but we do not cosign two histories.
    """
    wanted, log = state.recalled, intake.copy.log
    if wanted is None or log.epoch != state.own_cosigned[-1].epoch:
        return False
    tree = state.copy.log.frontier if state.copy.log.epoch == log.epoch else Frontier()
    for said in intake.said:
        tree = tree.append(said.hash)
        if tree.size == wanted.size:
            return tree.head() != wanted
    return False


def _may_cosign(state: LineState) -> bool:
    """Whether nothing is missing, here or of our own, and we have not cited the other's head already."""
    own, log = state.own, state.copy.log
    if state.unopened or own.roster is None or state.reverted is not None:
        return False
    # What is cited was cosigned: a node that came back from a backup would do it once more, later than it cited it.
    return own.seen is None or (own.seen.epoch, own.seen.size) < (log.epoch, log.size)
