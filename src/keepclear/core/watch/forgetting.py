"""Forgetting: which tracks the watch need not carry any longer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from keepclear.core.instant import HOUR_MS, MINUTE_MS, Instant
from keepclear.core.watch.alert import Alert
from keepclear.core.watch.standing import Relation, Standing
from keepclear.core.watch.track import Tracks

FORGET_MS: Final = 10 * MINUTE_MS
"""A track not heard for this long is dropped when no zone has to do with it."""

LOST_MS: Final = 24 * HOUR_MS
"""A track that was lost at a zone is dropped after this long."""


def forgettable(
    tracks: Tracks, relations: Iterable[Mapping[int, Relation]], alerts: Iterable[Alert], *, now: Instant
) -> list[int]:
    """The slots of tracks long unheard, of no concern to any zone, and named by no open alert, ascending."""
    old = [int(slot) for slot in tracks.live_slots() if now - tracks.time_ms[slot] > FORGET_MS]
    if not old:
        return []
    named = {name for alert in alerts if alert.open for name in alert.tracks}
    concerning = {
        slot
        for by_slot in relations
        for slot, relation in by_slot.items()
        if not (relation.standing in _UNHEARD and now - relation.at > LOST_MS)
    }
    return [slot for slot in old if slot not in concerning and tracks.names[slot] not in named]


_UNHEARD: Final = frozenset({Standing.LOST, Standing.MISSING})
