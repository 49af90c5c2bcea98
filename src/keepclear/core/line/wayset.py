"""Ways that a person has set: what was known of those that changed is known of them no more."""

from __future__ import annotations

from keepclear.core.instant import Instant
from keepclear.core.line.event import LineChanged, LineEffect, WaysSet
from keepclear.core.line.state import LineState


def ways_set(state: LineState, event: WaysSet, *, now: Instant) -> list[LineEffect]:
    """A way that goes elsewhere neither fails nor has carried yet; what waits is tried at once."""
    state.liveness = state.liveness.without(event.changed)
    state.next_try, state.tries = now, 0
    return [LineChanged(line=event.line, change="ways", words=event.words, by=event.by)]
