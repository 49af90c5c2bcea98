"""Views of the lines: what the node shows of them as they are now, and of what was said, as docs/wire.md has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant, instant_text
from keepclear.core.line.duty import Duty
from keepclear.core.line.event import LineChanged
from keepclear.core.line.keys import Roster
from keepclear.core.line.liveness import Condition
from keepclear.core.line.log import Log
from keepclear.core.line.message import Header, LineName, header_of
from keepclear.core.line.reception import Reception, Taken
from keepclear.core.line.state import LineState
from keepclear.core.line.voice.readback import Language, pairing_words, words_of
from keepclear.core.record.merkle import leaf_hash
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.envelope import Envelope, envelope_of
from keepclear.core.trust.opening import opening_of
from keepclear.edge.node import Node
from keepclear.formats.wire import Members, Value

Words = Callable[[Language], Sequence[str]]

THREAD_MAX: Final = 500
"""The most messages of a thread that are given at once."""

KEPT_MAX: Final = 2_000
"""So many messages are kept as they were read: an entry never changes, and reading one takes ten times as long."""

RECENT: Final = 1_000
"""So far back a message is looked for in both logs, before either is gone through whole."""


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
            "reverted": state.reverted,
            "faults": [{"rule": each.rule, "words": each.words} for each in state.faults],
            "unproved": state.unproved > 0,
            "withheld": state.withheld,
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

    def thread(self, name: LineName, *, limit: int) -> list[Value]:
        """The newest messages of both logs, the oldest first.

        Raises Refused("line.unknown"), and Refused("line.limit") for a limit outside 1 to THREAD_MAX.
        """
        if not 1 <= limit <= THREAD_MAX:
            raise Refused("line.limit", f"limit is {limit}, must be 1 to {THREAD_MAX}")
        state = self._node.lines.state(name)
        found = [*self._of_log(state, state.own, limit), *self._of_log(state, state.copy.log, limit)]
        found.sort(key=lambda pair: pair[0])
        return [members for _, members in found[-limit:]]

    def message(self, name: LineName, hashed: bytes) -> Members:
        """One message by its hash, of the present epoch of either log. Raises Refused("message.unknown")."""
        state = self._node.lines.state(name)
        log, leaf = self._found(state, hashed)
        return self._message(state, self._read(log, leaf))

    def parts(self, header: Header) -> dict[str, Mapping[str, Json]]:
        """The contents of a message's parts that are kept and open here, by name."""
        contents: dict[str, Mapping[str, Json]] = {}
        for part, commitment in header.parts.items():
            opening = self._node.host.store.opening(commitment.hex())
            if opening is not None:
                contents[part] = opening_of(opening).content
        return contents

    def header(self, name: LineName, hashed: bytes) -> Header:
        """The header of a message as ``message`` finds it. Raises Refused("message.unknown")."""
        log, leaf = self._found(self._node.lines.state(name), hashed)
        return self._read(log, leaf).header

    def holders(self, name: LineName, hashed: bytes) -> Members:
        """Who has had each part of a message, since when and by which way: for a consent that is withdrawn."""
        header = self.header(name, hashed)
        return {
            part: [
                {"to": each.to_party, "since": instant_text(each.at), "way": each.way}
                for each in self._node.host.store.disclosures(commitment.hex())
            ]
            for part, commitment in header.parts.items()
        }

    def _leaves(self, log: Log, limit: int) -> tuple[bytes, ...]:
        if log.size == 0:
            return ()
        start = max(0, log.size - limit)
        return self._node.host.store.log(log.origin).leaves(start=start, limit=limit)

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
                | {"trouble": each.trouble}
                for each in states
            ],
        }

    def _found(self, state: LineState, hashed: bytes) -> tuple[Log, bytes]:
        """The log and the leaf of a hash."""
        logs = [each for each in (state.own, state.copy.log) if each.size]
        for start in (RECENT, None):
            for log in logs:
                stored = self._node.host.store.log(log.origin)
                index = stored.index_of(hashed, start=0 if start is None else max(0, log.size - start))
                if index is not None:
                    return log, stored.leaf(index)
        raise Refused(
            "message.unknown",
            f"line {state.terms.line} has no message {hashed.hex()[:16]}... in its present epoch",
        )

    def _of_log(
        self, state: LineState, log: Log, limit: int
    ) -> Iterable[tuple[tuple[int, str, int], Members]]:
        for leaf in self._leaves(log, limit):
            read = self._read(log, leaf)
            yield (read.header.at, read.header.sender, read.header.index), self._message(state, read)

    def _read(self, log: Log, leaf: bytes) -> _Read:
        """An entry as it was read once."""
        hashed = leaf_hash(leaf)
        read = self._kept.pop(hashed, None)
        if read is None:
            envelope = envelope_of(leaf)
            header = header_of(envelope.payload)
            read = _Read(hash=hashed, header=header, members=_unchanging(log, envelope, header, hashed))
        self._kept[hashed] = read
        if len(self._kept) > KEPT_MAX:
            del self._kept[next(iter(self._kept))]
        return read

    def _message(self, state: LineState, read: _Read) -> Members:
        header, hashed = read.header, read.hash
        contents = self.parts(header)
        reception, duty = state.receptions.get(hashed), state.duties.get(hashed)
        return {
            **read.members,
            "own": header.sender == state.terms.own,
            "parts": {
                part: {
                    "open": part in contents,
                    "released": list(header.released[part]),
                    "commitment": commitment.hex(),
                }
                for part, commitment in header.parts.items()
            },
            "contents": {part: _value(content) for part, content in contents.items()},
            "reception": None if reception is None else _reception(reception, self._node.now),
            "duty": None if duty is None else _duty(duty, self._node.now),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """An entry, and what is shown of it that never changes."""

    hash: bytes
    header: Header
    members: Members


def _unchanging(log: Log, envelope: Envelope, header: Header, hashed: bytes) -> Members:
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
        "by": _signer(log.roster, envelope.key_id),
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
        voice = header.voice
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


def _signer(roster: Roster | None, key_id: str) -> Value:
    officer = None if roster is None else roster.officers.get(key_id)
    return None if officer is None else {"name": officer.name, "post": officer.post}


def _in_each(words: Words) -> Members:
    return {language.value: list(words(language)) for language in Language}


def _value(content: Json) -> Value:
    match content:
        case Mapping():
            return {name: _value(each) for name, each in content.items()}
        case None | bool() | int() | str():
            return content
        case _:
            return [_value(each) for each in content]


def _time(at: Instant | None) -> str | None:
    return None if at is None else instant_text(at)


def _text(value: object | None) -> str | None:
    return None if value is None else str(value)
