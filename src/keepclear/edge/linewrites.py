"""What a line asks for, made durable: its effects become appends, signatures and openings of one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from keepclear.core.instant import SECOND_MS, Instant
from keepclear.core.line.event import (
    Carry,
    Check,
    Convict,
    Cosign,
    GrowLog,
    KeepCosigned,
    KeepExpress,
    KeepOpenings,
    LetGo,
    LineChanged,
    LineEffect,
    Opened,
    PartsWithheld,
)
from keepclear.core.line.message import LineName
from keepclear.core.line.state import LineState
from keepclear.core.record.cosignature import cosigned
from keepclear.core.trust.note import VerifierKey, note_of
from keepclear.desk import Desk
from keepclear.edge.keys.identity import Identity, LineKeys
from keepclear.edge.store.arrivals import ExpressLeaf
from keepclear.edge.store.faults import Fault
from keepclear.edge.store.heads import Cosigned
from keepclear.edge.store.parts import Leaving, OpenPart
from keepclear.edge.store.store import LineWrites, LogAppend, Store
from keepclear.edge.store.withheld import WithheldPart
from keepclear.formats.line.faultfile import fault_bytes


class LineHand:
    """Writes and signs what lines ask for, with the keys of one party."""

    def __init__(self, *, store: Store, identity: Identity) -> None:
        self._store = store
        self._identity = identity
        self._keys: dict[tuple[str, int], LineKeys] = {}

    def keys(self, line: str, epoch: int) -> LineKeys:
        """Our keys for one epoch of our log on a line, read once."""
        if (line, epoch) not in self._keys:
            self._keys[line, epoch] = self._identity.line_keys(line, epoch)
        return self._keys[line, epoch]

    def writes(self, effects: Sequence[LineEffect], desk: Desk, *, now: Instant) -> LineWrites:
        """What a commit has to store for these effects; signs cosignatures, and opens logs that begin."""
        writing = _Writing(now)
        for effect in effects:
            match effect:
                case GrowLog():
                    self._open(effect, desk)
                    writing.grow(effect)
                case Cosign():
                    writing.cosigned.append(self._cosigned(effect, desk))
                case KeepCosigned():
                    other = _state(effect.origin, desk).terms.other
                    writing.cosigned.append(Cosigned(origin=effect.origin, by=other, note=effect.checkpoint))
                case KeepExpress() | KeepOpenings() | LetGo():
                    writing.keep(effect)
                case Convict():
                    writing.faults.append(_fault(effect, now))
                case PartsWithheld():
                    writing.withheld += _withheld(effect)
                case Carry() | Check() | Opened() | LineChanged():
                    continue
                case _:
                    assert_never(effect)
        return writing.done()

    def open_own_logs(self, desk: Desk) -> None:
        """Open every own log that the desk knows of, so that it can be signed for."""
        for line in desk.lines.values():
            if line.state.own.roster is not None:
                self._open_own(line.state.own.origin)

    def _open(self, effect: GrowLog, desk: Desk) -> None:
        """See to it that the store has the log: an own one with its signer, a copy under the other's key."""
        if _party_of(effect.origin) == self._identity.party:
            self._open_own(effect.origin)
            return
        roster = _state(effect.origin, desk).copy.log.roster
        assert roster is not None, "a copy that grows has its keys"
        self._store.open_log(VerifierKey(name=effect.origin, public_key=roster.keys.log.public_key))

    def _open_own(self, origin: str) -> None:
        keys = self.keys(_line_of(origin), _epoch_of(origin))
        self._store.open_log(keys.log.key, signer=keys.log)

    def _cosigned(self, effect: Cosign, desk: Desk) -> Cosigned:
        state = _state(effect.origin, desk)
        keys = self.keys(state.terms.line, state.own.epoch)
        note = cosigned(note_of(effect.checkpoint), keys.cosigner, effect.at)
        second = effect.at // SECOND_MS
        return Cosigned(origin=effect.origin, by=state.terms.own, note=note.written(), given_s=second)


class _Writing:
    """What one commit writes, gathered in order."""

    def __init__(self, now: Instant) -> None:
        self._now = now
        self._appends: list[LogAppend] = []
        self._express: list[ExpressLeaf] = []
        self.cosigned: list[Cosigned] = []
        self._openings: list[OpenPart] = []
        self._leaving: list[Leaving] = []
        self.faults: list[Fault] = []
        self.withheld: list[WithheldPart] = []

    def grow(self, effect: GrowLog) -> None:
        """Appends of one origin in a row are signed once."""
        last = self._appends[-1] if self._appends else None
        if (
            last is not None
            and last.origin == effect.origin
            and last.checkpoint is None
            and effect.checkpoint is None
        ):
            self._appends[-1] = LogAppend(origin=last.origin, leaves=(*last.leaves, *effect.leaves))
            return
        self._appends.append(
            LogAppend(origin=effect.origin, leaves=effect.leaves, checkpoint=effect.checkpoint)
        )

    def keep(self, effect: KeepExpress | KeepOpenings | LetGo) -> None:
        """What is kept beside the logs, and for how long."""
        match effect:
            case KeepExpress():
                leaf = ExpressLeaf(origin=effect.origin, number=effect.index, leaf=effect.leaf, at=self._now)
                self._express.append(leaf)
            case KeepOpenings():
                self._openings += [
                    OpenPart(commitment=commitment.hex(), opening=opening)
                    for commitment, opening in effect.openings.items()
                ]
            case LetGo():
                self._leaving += [
                    Leaving(commitment=each.hex(), until=effect.until) for each in effect.commitments
                ]

    def done(self) -> LineWrites:
        """All of it."""
        return LineWrites(
            appends=self._appends,
            at=self._now,
            express=self._express,
            cosigned=self.cosigned,
            openings=self._openings,
            leaving=self._leaving,
            faults=self.faults,
            withheld=self.withheld,
        )


def _fault(effect: Convict, now: Instant) -> Fault:
    fault = effect.fault
    return Fault(at=now, line=fault.line, party=fault.party, kind=fault.rule, evidence=fault_bytes(fault))


def _withheld(effect: PartsWithheld) -> list[WithheldPart]:
    return [
        WithheldPart(commitment=each.hex(), origin=effect.origin, number=effect.index, at=effect.at)
        for each in effect.commitments
    ]


def _party_of(origin: str) -> str:
    return origin.split("/")[1]


def _line_of(origin: str) -> str:
    return origin.split("/")[2]


def _epoch_of(origin: str) -> int:
    return int(origin.split("/")[3])


def _state(origin: str, desk: Desk) -> LineState:
    return desk.lines[LineName(_line_of(origin))].state
