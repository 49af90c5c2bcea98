"""The desk: the whole system as one deterministic step.

``Desk.step(event, now=...)`` takes what happened and answers what is to be done about it. The host steps the desk,
stores the event with the entries that it asks for, and then shows what changed; so a restart is a replay, and a
simulation is several desks in one process. The watch, the lines and the board of notices do not know of each other:
they meet here.
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
    Opened,
    Recalled,
    Reverted,
    Spoken,
    WaysSet,
)
from keepclear.core.line.line import Line, line_of
from keepclear.core.line.message import Header, LineName
from keepclear.core.notice.agreement import AgreementChanged
from keepclear.core.notice.board import Board
from keepclear.core.notice.event import (
    BoardEvent,
    Bounded,
    ConflictChanged,
    ConflictSeen,
    Decided,
    MinimaChanged,
    MinimaSet,
    NoticeChanged,
    NoticesTicked,
    Unread,
    Withdrawn,
)
from keepclear.core.notice.held import Giver, NoticeId
from keepclear.core.notice.incoming import Incoming, NoticeEffect
from keepclear.core.watch.alert_list import AlertChanged
from keepclear.core.watch.event import (
    Crossed,
    Ticked,
    TimeJumped,
    TracksForgotten,
    WatchEffect,
    WatchEvent,
    ZonesChanged,
)
from keepclear.core.watch.watch import Watch
from keepclear.formats.notice.saidnotice import said_in, signed_in
from keepclear.formats.notice.zonebounds import bounds_of
from keepclear.formats.stored.body import (
    agreed_body,
    alert_body,
    crossing_body,
    jump_body,
    line_body,
    zone_body,
)
from keepclear.formats.stored.noticebody import (
    agreement_body,
    conflict_body,
    minima_body,
    notice_body,
    unread_body,
)

DeskEvent = WatchEvent | LineEvent | Decided
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

    change: WatchEffect | LineChanged | NoticeEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """To do: what a line asks for, such as to sign a head or to send a bundle."""

    effect: LineEffect


DeskEffect = Append | Show | Do


class Desk:
    """Everything a node knows and decides, with no I/O."""

    def __init__(
        self, watch: Watch | None = None, lines: Iterable[Line] = (), incoming: Incoming | None = None
    ) -> None:
        self.watch = watch if watch is not None else Watch()
        self.lines = {each.state.terms.line: each for each in lines}
        self.incoming = incoming if incoming is not None else Incoming()

    @property
    def board(self) -> Board:
        """The notices that this node knows of."""
        return self.incoming.board

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
            case MinimaSet() | ConflictSeen():
                return self._decided(event, now=now)
            case _:
                return self._watch_step(event, now=now)

    def _watch_step(self, event: WatchEvent, *, now: Instant) -> list[DeskEffect]:
        effects: list[DeskEffect] = []
        for change in self.watch.step(event, now=now):
            entry = _entry(change, now=now)
            if entry is not None:
                effects.append(entry)
            effects.append(Show(change=change))
            if isinstance(change, ZonesChanged):
                bounded = Bounded(zone=change.name) if change.zone is None else bounds_of(change.zone)
                effects += self._board_step(bounded, now=now)
        if isinstance(event, Ticked):
            effects += self._board_step(NoticesTicked(), now=now)
        return effects

    def _decided(self, decided: Decided, *, now: Instant) -> list[DeskEffect]:
        if isinstance(decided, MinimaSet) and decided.parties:
            raise Refused(
                "minima.agreed",
                f"minima between {' and '.join(sorted(decided.parties))} are set by their agreement alone; sign its "
                "next version on their line",
            )
        return self._board_step(decided, now=now)

    def _board_step(self, event: BoardEvent, *, now: Instant) -> list[DeskEffect]:
        return _shown(self.board.step(event, now=now), now=now)

    def check_said(self, opened: Opened, *, now: Instant) -> None:
        """Raises Refused where a message of ours says of a notice what cannot be taken: it is not to be signed."""
        for said in said_in(opened, known=self.board.held):
            if not isinstance(said, Withdrawn) or said.id in self.board.held:
                self.board.check(said, now=now)
        signed = signed_in(opened)
        if signed is not None:
            self.incoming.agreements.check(signed, between=_parties(opened.header))

    def _opened(self, opened: Opened, *, now: Instant) -> list[DeskEffect]:
        """What a message says of notices; what cannot be read in it never breaks the line."""
        message = NoticeId(opened.hash.hex())
        effects: list[NoticeEffect] = []
        try:
            for said in said_in(opened, known=self.board.held):
                effects += self.incoming.heard(said, message=message, now=now)
            signed = signed_in(opened)
            if signed is not None:
                effects += self.incoming.signed(signed, between=_parties(opened.header), now=now)
        except Refused as refused:
            effects += self.incoming.unread(message, Giver(opened.header.sender), refused, now=now)
        return _shown(effects, now=now)

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
            if isinstance(effect, Opened):
                effects += self._opened(effect, now=now)
                continue
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


def _parties(header: Header) -> frozenset[Giver]:
    return frozenset((Giver(header.sender), Giver(header.to)))


def _shown(changes: Iterable[NoticeEffect], *, now: Instant) -> list[DeskEffect]:
    effects: list[DeskEffect] = []
    for change in changes:
        kind, body = _board_entry(change)
        effects += [Append(kind=kind, at=now, body=body), Show(change=change)]
    return effects


def _board_entry(change: NoticeEffect) -> tuple[str, bytes]:
    match change:
        case NoticeChanged():
            became = "given" if change.happening is None else change.held.stage.replace(" ", "-")
            return f"notice.{became}", notice_body(change)
        case ConflictChanged():
            return f"conflict.{change.change}", conflict_body(change)
        case MinimaChanged():
            return "minima.set", minima_body(change)
        case Unread():
            return "notice.unread", unread_body(change)
        case AgreementChanged():
            return f"agreement.{change.change}", agreement_body(change)
        case _:
            assert_never(change)


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
