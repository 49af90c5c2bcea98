"""Views of the lines: what the node shows of them as they are now, and of what was said, as docs/wire.md has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from keepclear.core.instant import Instant, instant_text
from keepclear.core.line.duty import Duty
from keepclear.core.line.event import LineChanged
from keepclear.core.line.keys import Roster
from keepclear.core.line.liveness import Condition
from keepclear.core.line.message import Header, LineName, header_of
from keepclear.core.line.reception import Reception, Taken
from keepclear.core.line.state import LineState
from keepclear.core.line.voice.readback import Language, pairing_words, words_of
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.envelope import Envelope, envelope_of
from keepclear.edge.api.partviews import contents_of, part_views, value_of
from keepclear.edge.lines.thread import LineThread, Told
from keepclear.edge.node import Node
from keepclear.formats.wire import Members, Value

Words = Callable[[Language], Sequence[str]]

KEPT_MAX: Final = 2_000
"""So many messages are kept as they were read: an entry never changes, and reading one takes ten times as long."""

WAITING_MAX: Final = 500
"""The most messages that wait for a person and are given at once: who answers one sees the next."""


class LineViews:
    """Read-only sights of a node's lines."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._kept: dict[bytes, _Read] = {}

    def lines(self) -> list[Value]:
        """Every line."""
        return [self.line(name) for name in self._node.host.desk.lines]

    def line(self, name: LineName) -> Members:
        """One line as it stands. Raises Refused("line.unknown")."""
        state, now = self._node.lines.state(name), self._node.now
        terms, live = state.terms, state.liveness
        waiting = [each for each in state.duties.values() if not each.receipted]
        return {
            "line": terms.line,
            "own": terms.own,
            "other": terms.other,
            "open": state.own.roster is not None,
            "heard_open": state.copy.log.roster is not None,
            "condition": live.condition(terms.timers, now=now).value
            if state.own.roster is not None
            else Condition.NEVER.value,
            "heard": _time(live.heard),
            "attended": _time(live.attended_by_us),
            "clock": None
            if live.clock is None
            else {"ahead_ms": live.clock.ahead_ms, "error_ms": live.clock.error_ms},
            "ways": [
                {
                    "way": way,
                    "carried": _time(each.carried),
                    "failing": _time(each.failing),
                    "trouble": each.trouble,
                }
                for way, each in live.ways.items()
            ],
            "phones": list(self._node.couriers.ways[name].phones) if name in self._node.couriers.ways else [],
            "held_cut": name in self._node.couriers.cut,
            "epoch": state.own.epoch,
            "size": state.own.size,
            "confirmed": state.confirmed,
            "waiting": len(state.waiting),
            "other_epoch": state.copy.log.epoch,
            "other_size": state.copy.log.size,
            "reverted": None if state.reverted is None else state.reverted.size,
            "faults": [{"rule": each.rule, "words": each.words} for each in state.faults],
            "unproved": state.unproved > 0,
            "withheld": state.withheld,
            "own_root": terms.own_root.text(),
            "other_root": terms.other_root.text(),
            "log_key": None if state.own.roster is None else state.own.roster.keys.log.text(),
            "witnesses": self._witnesses(state),
            "officers": _officers(state.own.roster),
            "other_officers": _officers(state.copy.log.roster),
            "unanswered": len(waiting),
            "overdue": sum(each.overdue(now) for each in waiting)
            + sum(each.overdue(now) for each in state.receptions.values()),
            "pairing": _in_each(
                lambda language: pairing_words(
                    line=terms.line,
                    roots=(terms.own_root.text(), terms.other_root.text()),
                    language=language,
                )
            ),
        }

    def change(self, changed: LineChanged) -> Members:
        """What changed on a line."""
        return {
            "change": changed.change,
            "messages": [each.hex() for each in changed.hashes],
            "words": changed.words,
        }

    def thread(self, name: LineName, *, limit: int, before: bytes | None = None) -> list[Value]:
        """The newest messages of both sides, or those before one of them; the oldest first.

        Raises Refused("line.unknown"), and as ``LineThread.page`` does.
        """
        state = self._node.lines.state(name)
        page = LineThread(self._node.host.store, state).page(limit=limit, before=before)
        return [self._message(state, told) for told in page]

    def waiting(self, name: LineName) -> list[Value]:
        """Every message on which a person must act, the loudest first.

        First those of ours whose receipt is missing though it is due, then those of the other's that nobody here has
        receipted; of each the most urgent and then the oldest first. Raises Refused("line.unknown").
        """
        state, now = self._node.lines.state(name), self._node.now
        missing = [each for each in state.receptions.values() if each.overdue(now)]
        unread = [each for each in state.duties.values() if not each.receipted]
        missing.sort(key=lambda each: (-each.precedence.rank, each.at))
        unread.sort(key=lambda each: (-each.precedence.rank, each.arrived))
        thread = LineThread(self._node.host.store, state)
        loudest = [each.hash for each in (*missing, *unread)][:WAITING_MAX]
        return [self._message(state, thread.found(hashed)) for hashed in loudest]

    def message(self, name: LineName, hashed: bytes) -> Members:
        """One message by its hash, whichever epoch it is of. Raises Refused("message.unknown")."""
        state = self._node.lines.state(name)
        return self._message(state, LineThread(self._node.host.store, state).found(hashed))

    def parts(self, header: Header) -> dict[str, Mapping[str, Json]]:
        """The contents of a message's parts that are kept here and can be read, by name."""
        return contents_of(self._node.host.store, header)

    def header(self, name: LineName, hashed: bytes) -> Header:
        """The header of a message as ``message`` finds it. Raises Refused("message.unknown")."""
        state = self._node.lines.state(name)
        return self._read(LineThread(self._node.host.store, state).found(hashed)).header

    def _witnesses(self, state: LineState) -> Value:
        """Who witnesses our log, and whether its newest head is witnessed; None where nobody is named."""
        roster = state.own.roster
        if roster is None or not roster.keys.witnesses:
            return None
        states = self._node.witnesses.states(state.terms.line)
        return {
            "needed": roster.keys.quorum.value,
            "witnessed": self._node.witnesses.witnessed(state.terms.line),
            "each": [
                {"key": each.key.text(), "name": each.key.name, "url": each.url, "cosigned": each.cosigned}
                | {"trouble": each.trouble, "ahead": each.ahead}
                for each in states
            ],
        }

    def _read(self, told: Told) -> _Read:
        """An entry as it was read once."""
        hashed = told.hash
        read = self._kept.pop(hashed, None)
        if read is None:
            envelope = envelope_of(told.leaf)
            header = header_of(envelope.payload)
            read = _Read(hash=hashed, header=header, members=_unchanging(told, envelope, header))
        self._kept[hashed] = read
        if len(self._kept) > KEPT_MAX:
            del self._kept[next(iter(self._kept))]
        return read

    def _message(self, state: LineState, told: Told) -> Members:
        read = self._read(told)
        header, hashed = read.header, read.hash
        contents = self.parts(header)
        reception, duty = state.receptions.get(hashed), state.duties.get(hashed)
        return {
            **read.members,
            "own": header.sender == state.terms.own,
            "came": _time(told.at),
            "ahead": told.ahead,
            "parts": part_views(self._node.host.store, state, told, header, contents),
            "contents": {part: value_of(content) for part, content in contents.items()},
            "reception": None if reception is None else _reception(reception, self._node.now),
            "duty": None if duty is None else _duty(duty, self._node.now),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """An entry, and what is shown of it that never changes."""

    hash: bytes
    header: Header
    members: Members


def _unchanging(told: Told, envelope: Envelope, header: Header) -> Members:
    hashed = told.hash
    members: Members = {
        "hash": hashed.hex(),
        "line": header.line,
        "from": header.sender,
        "epoch": header.epoch,
        "index": header.index,
        "kind": header.kind.value,
        "precedence": header.precedence.value,
        "flag": header.flag.value,
        "at": instant_text(header.at),
        "by": _signer(told.roster, envelope.key_id),
        "refs": [{"hash": each.hash.hex(), "how": each.how.value} for each in header.references],
        "words": _in_each(lambda language: words_of(hashed, language)),
        "acknowledges": None
        if header.acknowledges is None
        else {
            "step": header.acknowledges.step.value,
            "response": _text(header.acknowledges.response),
            "echelon": header.acknowledges.echelon,
        },
    }
    if header.voice is not None:
        voice = header.voice.readback
        members["spoken"] = header.voice.kind.value
        members["voice_words"] = _in_each(lambda language: words_of(voice, language))
    return members


def _reception(reception: Reception, now: Instant) -> Members:
    return {
        "stage": reception.stage.value,
        "sent": _time(reception.sent),
        "way": reception.way,
        "delivered": _time(reception.delivered),
        "due": _time(reception.due),
        "overdue": reception.overdue(now),
        "steps": [_step(each) for each in reception.steps],
    }


def _step(taken: Taken) -> Members:
    return {
        "step": taken.step.value,
        "response": _text(taken.response),
        "echelon": taken.echelon,
        "by": taken.by,
        "post": taken.post,
        "said": instant_text(taken.said),
        "at": instant_text(taken.at),
        "hash": taken.hash.hex(),
        "plotted": taken.plotted,
        "differences": [each.words for each in taken.differences],
    }


def _duty(duty: Duty, now: Instant) -> Members:
    return {
        "arrived": instant_text(duty.arrived),
        "due": instant_text(duty.due),
        "overdue": duty.overdue(now),
        "way": duty.way,
        "steps": [each.value for each in duty.steps],
        "climbed": duty.climbed,
    }


def _officers(roster: Roster | None) -> list[Value]:
    if roster is None:
        return []
    return [
        {"id": each.id, "name": each.name, "post": each.post, "empowered": each.empowered}
        for each in roster.holding()
    ]


def _signer(roster: Roster, key_id: str) -> Value:
    officer = roster.officers.get(key_id)
    return None if officer is None else {"name": officer.name, "post": officer.post}


def _in_each(words: Words) -> Members:
    return {language.value: list(words(language)) for language in Language}


def _time(at: Instant | None) -> str | None:
    return None if at is None else instant_text(at)


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)
