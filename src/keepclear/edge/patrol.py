"""A patrol: a recording taken through the watch without a node, for its crossings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from keepclear.core.instant import SECOND_MS, Instant
from keepclear.core.watch.event import Crossed, ReportsArrived, Ticked, WatchEvent, ZoneDeclared
from keepclear.core.watch.watch import Watch
from keepclear.core.watch.zone import Zone
from keepclear.edge.feeds.recording import Recording

STEP_MS: Final = SECOND_MS

Progress = Callable[[int, int], None]
"""Is told how many reports of how many have been watched."""


def crossings_of(
    recording: Recording, zones: Sequence[Zone], *, progress: Progress | None = None
) -> list[Crossed]:
    """Every change of standing of the recording's tracks to the zones, in order.

    The zones stand from the first report on. Time is the recording's own, in steps of a second: what a track was not
    heard for is noticed at the step in which the next report of any track comes, at the latest.
    """
    watch = Watch()
    crossings: list[Crossed] = []

    def take(event: WatchEvent, now: Instant) -> None:
        crossings.extend(effect for effect in watch.step(event, now=now) if isinstance(effect, Crossed))

    for zone in zones:
        take(ZoneDeclared(zone=zone, by="command line"), recording.start)
    done = 0
    for batch in recording.batches(STEP_MS):
        take(Ticked(), Instant(batch.at - STEP_MS))
        take(ReportsArrived(reports=batch.reports), batch.at)
        done += len(batch.reports)
        if progress is not None:
            progress(done, len(recording))
    take(Ticked(), recording.end)
    return crossings
