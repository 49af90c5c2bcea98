"""The desk: the whole system as one deterministic step.

``Desk.step(event, now=...)`` takes what happened and answers what is to be done about it. The host steps the desk,
stores the event with the entries that it asks for, and then shows what changed; so a restart is a replay, and a
simulation is several desks in one process. The watch and the lines do not know of each other: they meet here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, assert_never

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.event import (
    AgreedLineEvent,
    Attended,
    BundleCame,
    Carried,
    Elapsed,
    LineAgreed,
    LineChanged,
    LineEffect,
    LineEvent,
    NotCarried,
    Recalled,
    Reverted,
    Spoken,
    WaysSet,
)
from keepclear.core.line.line import Line, line_of
from keepclear.core.line.message import LineName
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
from keepclear.formats.stored.body import (
    agreed_body,
    alert_body,
    crossing_body,
    jump_body,
    line_body,
    zone_body,
)

DeskEvent = WatchEvent | LineEvent
"""What happens to a desk."""

LINES_MAX: Final = 64
"""The most lines that one node keeps."""

RECORDED: Final = frozenset(
    {
        "climbed",
        "condition",
        "differs",
        "epoch",
        "fault",
        "full",
        "overdue",
        "restored",
        "reverted",
        "unproved",
        "ways",
        "withheld",
    }
)
"""Changes on a line that enter the node's own record; what was said is in the logs of the line itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """To do: append an entry to the record. ``kind`` is dotted words, ``body`` canonical JSON (formats/stored)."""

    kind: str
    at: Instant
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """To do: let people see what changed."""

    change: WatchEffect | LineChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """To do: what a line asks for, such as to sign a head or to send a bundle."""

    effect: LineEffect


DeskEffect = Append | Show | Do


class Desk:
    """Everything a node knows and decides, with no I/O."""

    def __init__(self, watch: Watch | None = None, lines: Iterable[Line] = ()) -> None:
        self.watch = watch if watch is not None else Watch()
        self.lines = {each.state.terms.line: each for each in lines}

    def step(self, event: DeskEvent, *, now: Instant) -> list[DeskEffect]:
        """What an event at an instant asks to be done. Raises Refused, and changes nothing, when it is not acceptable.

        Evidence comes before its showing, so that no one is shown what is not yet in the record.
        """
        match event:
            case LineAgreed():
                return self._agreed(event, now=now)
            case (
                Spoken()
                | BundleCame()
                | Carried()
                | NotCarried()
                | Attended()
                | Reverted()
                | Recalled()
                | WaysSet()
                | Elapsed()
            ):
                return self._line_step(event, now=now)
            case _:
                return self._watch_step(event, now=now)

    def _watch_step(self, event: WatchEvent, *, now: Instant) -> list[DeskEffect]:
        effects: list[DeskEffect] = []
        for change in self.watch.step(event, now=now):
            entry = _entry(change, now=now)
            if entry is not None:
                effects.append(entry)
            effects.append(Show(change=change))
        return effects

    def line(self, name: LineName) -> Line:
        """The line of a name. Raises Refused("line.unknown")."""
        if name not in self.lines:
            known = ", ".join(self.lines) or "none yet"
            raise Refused(
                "line.unknown",
                f"there is no line {name!r} at this node; there are: {known}. One is made with: keepclear line agree",
            )
        return self.lines[name]

    def _line_step(self, event: AgreedLineEvent, *, now: Instant) -> list[DeskEffect]:
        effects: list[DeskEffect] = []
        for effect in self.line(event.line).step(event, now=now):
            if not isinstance(effect, LineChanged):
                effects.append(Do(effect=effect))
                continue
            if effect.change in RECORDED:
                effects.append(Append(kind=f"line.{effect.change}", at=now, body=line_body(effect)))
            effects.append(Show(change=effect))
        return effects

    def _agreed(self, agreed: LineAgreed, *, now: Instant) -> list[DeskEffect]:
        name = agreed.terms.line
        if name in self.lines:
            raise Refused("line.known", f"there is a line {name} already; a second one needs another name")
        if len(self.lines) >= LINES_MAX:
            raise Refused("line.many", f"this node has {len(self.lines)} lines, and may have {LINES_MAX}")
        self.lines[name] = line_of(agreed.terms, now=now)
        return [
            Append(kind="line.agreed", at=now, body=agreed_body(agreed)),
            Show(change=LineChanged(line=name, change="agreed")),
        ]


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
