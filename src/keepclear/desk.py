"""The desk: the whole system as one deterministic step.

``Desk.step(event, now=...)`` takes what happened and answers what is to be done about it. The host steps the desk,
stores the event with the entries that it asks for, and then shows what changed; so a restart is a replay, and a
simulation is several desks in one process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from keepclear.core.instant import Instant
from keepclear.core.watch.alert_list import AlertChanged
from keepclear.core.watch.event import (
    Crossed,
    TimeJumped,
    TracksForgotten,
    WatchEffect,
    WatchEvent,
    ZonesChanged,
)
from keepclear.core.watch.watch import Watch
from keepclear.formats.body import alert_body, crossing_body, jump_body, zone_body

DeskEvent = WatchEvent
"""What happens to a desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """To do: append an entry to the record. ``kind`` is dotted words, ``body`` canonical JSON (formats/body.py)."""

    kind: str
    at: Instant
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """To do: let people see what changed."""

    change: WatchEffect


DeskEffect = Append | Show


class Desk:
    """Everything a node knows and decides, with no I/O."""

    def __init__(self, watch: Watch | None = None) -> None:
        self.watch = watch if watch is not None else Watch()

    def step(self, event: DeskEvent, *, now: Instant) -> list[DeskEffect]:
        """What an event at an instant asks to be done. Raises Refused, and changes nothing, when it is not acceptable.

        Evidence comes before its showing, so that no one is shown what is not yet in the record.
        """
        effects: list[DeskEffect] = []
        for change in self.watch.step(event, now=now):
            entry = _entry(change, now=now)
            if entry is not None:
                effects.append(entry)
            effects.append(Show(change=change))
        return effects


def _entry(change: WatchEffect, *, now: Instant) -> Append | None:
    match change:
        case AlertChanged():
            return Append(kind=f"alert.{change.change}", at=now, body=alert_body(change))
        case Crossed():
            return Append(kind="watch.crossing", at=now, body=crossing_body(change))
        case ZonesChanged():
            kind = "zone.withdrawn" if change.zone is None else "zone.declared"
            return Append(kind=kind, at=now, body=zone_body(change))
        case TimeJumped():
            return Append(kind="replay.jumped", at=now, body=jump_body(change))
        case TracksForgotten():
            return None
        case _:
            assert_never(change)
