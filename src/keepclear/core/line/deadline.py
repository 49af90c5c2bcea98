"""Deadlines of a line: what is due when time has gone by, whether or not anything came."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from keepclear.core.instant import Instant
from keepclear.core.line.duty import Rung, rungs_due
from keepclear.core.line.event import Carry, Check, LineChanged, LineEffect
from keepclear.core.line.liveness import due_check, retry_after
from keepclear.core.line.message import Precedence
from keepclear.core.line.room import ROOM
from keepclear.core.line.state import LineState

RUNG_WORDS: Final = {
    Rung.RINGING: "rings with every empowered officer",
    Rung.ESCALATED: "nobody has receipted it: the next post is called",
    Rung.ANOTHER_WAY: "nobody has receipted it: it goes by every other way, and by telephone",
    Rung.EVERYONE: "nobody has receipted it: everyone is called",
}


def time_passed(state: LineState, *, now: Instant) -> list[LineEffect]:
    """What is due by now: rungs, overdue receipts, retries, the comms check, and how the line stands."""
    effects: list[LineEffect] = []
    effects += _duties_climb(state, now=now)
    effects += _receptions_wait(state, now=now)
    effects += _withheld(state)
    if _may_check(state) and due_check(state.last_check, state.terms.timers, now=now):
        state.last_check = now
        effects.append(Check(line=state.terms.line))
    effects += _retry(state, now=now)
    condition = state.liveness.condition(state.terms.timers, now=now)
    if condition is not state.condition:
        state.condition = condition
        effects.append(LineChanged(line=state.terms.line, change="condition", words=condition.value))
    return effects


def _may_check(state: LineState) -> bool:
    """Whether a comms check could be said now: the line is open, nothing was lost here, and there is room."""
    return (
        state.own.roster is not None
        and state.reverted is None
        and len(state.waiting) < ROOM[Precedence.ROUTINE]
    )


def _duties_climb(state: LineState, *, now: Instant) -> list[LineEffect]:
    """Messages of the other's that none of our people has receipted climb, and grow overdue."""
    effects: list[LineEffect] = []
    timers = state.terms.timers
    for duty in [each for each in state.duties.values() if not each.receipted]:
        rungs = rungs_due(duty.kind, since=duty.arrived, timers=timers, now=now)
        effects += [
            _changed(state, "climbed", duty.hash, RUNG_WORDS[rung])
            for number, rung in enumerate(rungs)
            if number >= max(duty.climbed, 1)
        ]
        late = duty.overdue(now)
        if late and not duty.late:
            effects.append(_changed(state, "overdue", duty.hash, "none of our officers has receipted it"))
        climbed = max(duty.climbed, len(rungs))
        state.duties[duty.hash] = replace(duty, climbed=climbed, late=late or duty.late)
    return effects


def _receptions_wait(state: LineState, *, now: Instant) -> list[LineEffect]:
    """Messages of ours that no person of the other's has receipted climb too, and grow overdue."""
    effects: list[LineEffect] = []
    timers = state.terms.timers
    for each in list(state.receptions.values()):
        if each.due is None or each.steps:
            continue
        # The time that an entry states may lie ahead of our clock, where that was set back; what is due does not.
        said = Instant(each.due - timers.receipt_due[each.precedence])
        rungs = rungs_due(each.kind, since=said, timers=timers, now=now)
        late, climbed = each.overdue(now), max(each.climbed, len(rungs))
        state.receptions[each.hash] = replace(each, climbed=climbed, late=late or each.late)
        if late and not each.late:
            words = f"nobody of {state.terms.other} has receipted it"
            effects.append(_changed(state, "overdue", each.hash, words))
        if Rung.ANOTHER_WAY in rungs[each.climbed :]:
            effects.append(_changed(state, "climbed", each.hash, RUNG_WORDS[Rung.ANOTHER_WAY]))
            effects.append(Carry(line=state.terms.line, every_way=True))
    return effects


def _withheld(state: LineState) -> list[LineEffect]:
    """A node that is heard and yet leaves our entries without its cosignature withholds it; said once.

    One that has asked us to wait does not.
    """
    heard = state.liveness.heard
    if state.withheld or state.full or heard is None or not state.waiting:
        return []
    limit = state.terms.timers.withheld_after
    sent = [
        each.sent
        for each in state.receptions.values()
        if each.sent is not None and each.delivered is None and each.epoch == state.own.epoch
    ]
    if not sent or heard - min(sent) < limit:
        return []
    state.withheld = True
    words = f"{state.terms.other} is heard and does not cosign what it was sent; use another way"
    return [LineChanged(line=state.terms.line, change="withheld", words=words)]


def _retry(state: LineState, *, now: Instant) -> list[LineEffect]:
    """Send again what is not cosigned yet, ever more rarely; and a status now and then when there is nothing."""
    timers = state.terms.timers
    # A clock that was set back would otherwise silence the line until it had caught up.
    set_back = state.next_try - now > max(timers.retry_last, timers.heartbeat)
    if state.own.roster is None or (now < state.next_try and not set_back):
        return []
    if state.waiting:
        urgent = any(each.urgent for each in state.waiting)
        state.next_try = Instant(now + retry_after(state.tries, timers, urgent=urgent))
        state.tries += 1
    else:
        state.next_try = Instant(now + timers.heartbeat)
    return [Carry(line=state.terms.line)]


def _changed(state: LineState, change: str, hashed: bytes, words: str) -> LineChanged:
    return LineChanged(line=state.terms.line, change=change, hashes=(hashed,), words=words)
