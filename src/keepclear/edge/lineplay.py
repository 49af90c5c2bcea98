"""The play of a line: two nodes of a scenario are paired, and their officers say and answer what the script has.

All of it goes the way that it goes between strangers: cards and words, officers' own keys, bundles over TLS or in a
folder. What was said stays said: when the played time is turned back, the line stays as it is, and what the script
has said already is not said again.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from keepclear.core.instant import MINUTE_MS, Instant
from keepclear.core.line.draft import Draft
from keepclear.core.line.duty import Duty
from keepclear.core.line.event import Attended
from keepclear.core.line.message import UNANSWERED, Kind, Precedence, Reference, Step, Voice
from keepclear.core.line.plot.place import places_content
from keepclear.core.line.state import LineState
from keepclear.core.line.text import Text
from keepclear.core.line.voice.readback import Language, readback_hash
from keepclear.core.notice.held import NoticeId
from keepclear.core.notice.lifecycle import OVER
from keepclear.core.trust.encoding import Json
from keepclear.core.watch.report import PartyName
from keepclear.edge.api.lineforms import AcknowledgementForm, AgreeForm
from keepclear.edge.api.lineoffice import LineOffice
from keepclear.edge.api.lineviews import LineViews
from keepclear.edge.couriers.spool import SUFFIX
from keepclear.edge.lines.lines import Post
from keepclear.edge.lines.ways import Ways, ways_setting
from keepclear.edge.node import Node
from keepclear.formats.line.card import card_of
from keepclear.formats.notice.saidnotice import NOTICE_PART, REPORT_PART, report_content
from keepclear.formats.scenario.scenarioline import LineScript, ScriptedAnswer, ScriptedMessage

LOOK_S: Final = 0.2
ATTEND_EVERY_MS: Final = 5 * MINUTE_MS
"""How often, in played time, an officer at a console that nobody plays shows to be there."""

SAID: Final = "play.said."
CARRIED: Final = "play.stick."
"""Under which names a node keeps what of the script is done, so that a second start does not do it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One party's end of the line: its node and office, where its link is, and the folder of its stick."""

    party: PartyName
    node: Node
    office: LineOffice
    url: str
    stick: Path


class LinePlay:
    """Plays the script of a line on two nodes that run by one clock."""

    def __init__(self, script: LineScript, sides: tuple[Side, Side], *, start: Instant) -> None:
        self._script = script
        self._sides = {side.party: side for side in sides}
        self._start = start
        self._cut = False
        self._attended: dict[PartyName, Instant] = {}
        self._store = sides[0].node.host.store
        self._said: dict[str, bytes] = {}

    def set_up(self) -> None:
        """Pair the two nodes and open the line with its officers, as far as that is not done yet."""
        for side in self._sides.values():
            side.stick.mkdir(parents=True, exist_ok=True)
            if self._script.name in side.node.host.desk.lines:
                self._reach(side)
            else:
                self._agree(side)
        for side in self._sides.values():
            if self._state(side).own.roster is None:
                posts = [
                    Post(name=each.name, post=each.post, empowered=each.empowered)
                    for each in self._script.officers_of(side.party)
                ]
                side.node.lines.open(self._script.name, posts, root=side.node.lines.identity.root_key())
        for message in self._script.messages:
            kept = self._store.setting(f"{SAID}{message.id}")
            if kept is not None:
                self._said[message.id] = bytes.fromhex(kept)

    async def run(self) -> None:
        """Play until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Do what has come due."""
        now = self._now
        self._hold_cut(now)
        for message in self._script.messages:
            if (
                message.id not in self._said
                and not self._say_when_due(message, now)
                and self._is_past(message)
            ):
                # What happened before is told in its order, each with its answers, before the next.
                break
        for side in self._sides.values():
            for duty in tuple(self._state(side).duties.values()):
                self._answer(side, duty, now)
            self._attend(side, now)
        self._carry_sticks(now)

    @property
    def _now(self) -> Instant:
        return next(iter(self._sides.values())).node.now

    # ------------------------------------------------------------------ pairing

    def _agree(self, side: Side) -> None:
        """Pair in person: the other's card is taken, and its officer reads out the words on the other screen."""
        other = self._other(side)
        mine, theirs = side.office.card(), other.office.card()
        words = other.office.pairing_words(self._script.name, card_of(mine), Language.EN)
        side.office.agree(
            AgreeForm(
                line=self._script.name, card=theirs.decode(), words=" ".join(words), folder=str(side.stick)
            )
        )

    def _reach(self, side: Side) -> None:
        """The line of an earlier run: the other's node is found at another port now."""
        other = self._other(side)
        ways = Ways(
            url=other.url, certificate=other.node.couriers.own.certificate.pem, folder=str(side.stick)
        )
        ways = side.node.couriers.fit(ways)
        side.node.host.store.commit(settings=ways_setting(self._script.name, ways))
        side.node.couriers.use(self._script.name, ways)

    # ------------------------------------------------------------------ saying

    def _say_when_due(self, message: ScriptedMessage, now: Instant) -> None:
        """Say a message once its time has come, unless the visitor has said one like it meanwhile."""
        side = self._sides[message.sender]
        if not self._is_due(message, side, now):
            return
        hashed = self._said_by_visitor(message, side) if message.leave_ms else None
        officer = self._officer(side, message.by, now)
        if hashed is None and officer is not None and now >= message.at + message.leave_ms:
            draft = self._draft(message, officer, now)
            hashed = side.node.lines.say(self._script.name, draft, by=officer)
            self._type_in(message, now)
        if hashed is not None:
            self._said[message.id] = hashed
            self._store.commit(settings={f"{SAID}{message.id}": hashed.hex()})

    def _is_due(self, message: ScriptedMessage, side: Side, now: Instant) -> bool:
        """Whether it is time, the line is open at both ends, and the speaker has what the message refers to."""
        state = self._state(side)
        if now < message.at or state.own.roster is None or state.copy.log.roster is None:
            return False
        if not all(self._holds(state, name) for name, _ in message.refs):
            return False
        if message.report is not None and not self._is_followed(message, side):
            return False
        earlier = self._script.messages[: self._script.messages.index(message)]
        return not any(map(self._is_untold, earlier))

    def _holds(self, state: LineState, name: str) -> bool:
        """Whether a side has a message of the script; what was given by voice it has typed in itself."""
        hashed = self._said.get(name)
        if hashed is None:
            return False
        typed = any(each.id == name and each.typed_by for each in self._script.messages)
        return typed or hashed in state.duties or hashed in state.receptions

    def _is_followed(self, message: ScriptedMessage, side: Side) -> bool:
        """Whether the notice that a message reports of is still followed: the visitor may have withdrawn it."""
        board = side.node.host.desk.board
        held = [board.held.get(NoticeId(self._said[name].hex())) for name, _ in message.refs]
        return all(each is not None and each.stage not in OVER for each in held)

    def _is_untold(self, message: ScriptedMessage) -> bool:
        """Whether a message of the past is not said and answered yet: what comes later waits for that."""
        if not self._is_past(message):
            return False
        hashed = self._said.get(message.id)
        hearer = self._sides[self._script.other(message.sender)]
        duty = None if hashed is None else self._state(hearer).duties.get(hashed)
        if duty is None:
            return hashed is None or not (message.typed_by or message.kind in UNANSWERED)
        return self._next_answer(hearer, duty, message) is not None

    def _is_past(self, message: ScriptedMessage) -> bool:
        return message.at < self._start

    def _said_by_visitor(self, message: ScriptedMessage, side: Side) -> bytes | None:
        """A message of this kind that a person has said since this one's time came."""
        scripted = set(self._said.values())
        for reception in self._state(side).receptions.values():
            if (
                reception.kind is message.kind
                and reception.at >= message.at
                and reception.hash not in scripted
            ):
                return reception.hash
        return None

    def _draft(self, message: ScriptedMessage, by: str, now: Instant) -> Draft:
        contents: dict[str, Mapping[str, Json]] = {}
        if message.text:
            contents["text"] = Text(
                composed=now,
                language=message.language,
                originator=by,
                text=message.text,
                occurred=message.at if self._is_past(message) else None,
                translation=message.translation,
                channel=message.channel or None,
                no_place=bool(message.typed_by) and not message.places,
            ).content()
        if message.places:
            contents["places"] = places_content(message.places)
        if message.notice is not None:
            contents[NOTICE_PART] = message.notice
        if message.report is not None:
            contents[REPORT_PART] = report_content(message.report, at=now)
        precedence = Precedence.FLASH if message.kind is Kind.STOP else message.precedence
        return Draft(
            kind=Kind.VOICE if message.typed_by else message.kind,
            precedence=precedence,
            flag=message.flag,
            contents=contents,
            references=tuple(Reference(hash=self._said[name], how=how) for name, how in message.refs),
            voice=self._voice(message, precedence) if message.typed_by else None,
        )

    def _voice(self, message: ScriptedMessage, precedence: Precedence) -> Voice:
        readback = readback_hash(
            kind=message.kind,
            flag=message.flag,
            precedence=precedence,
            line=self._script.name,
            text=message.text,
        )
        return Voice(kind=message.kind, readback=readback)

    def _type_in(self, message: ScriptedMessage, now: Instant) -> None:
        """What is given by voice is typed in at the other side too, while both are on the telephone.

        Neither node has heard of the other's entry then: the two are one message because they have the same words.
        """
        side = self._sides[self._script.other(message.sender)]
        officer = self._officer(side, message.typed_by, now)
        if message.typed_by and officer is not None:
            side.node.lines.say(self._script.name, self._draft(message, officer, now), by=officer)

    # ------------------------------------------------------------------ answering

    def _answer(self, side: Side, duty: Duty, now: Instant) -> None:
        """Take the next step towards a message that came, when it is due and an officer is there to take it."""
        message = self._scripted(duty.hash)
        answer = self._next_answer(side, duty, message)
        past = message is not None and self._is_past(message)
        if answer is None or (not past and now - duty.arrived < answer.after_ms):
            return
        officer = self._officer(side, answer.by, now, empowered=duty.kind is Kind.STOP)
        if officer is None:
            return
        form = AcknowledgementForm(
            by=officer,
            step=answer.step,
            response=answer.response,
            echelon=answer.echelon or None,
            text=answer.text,
            language=answer.language,
            precedence=max(duty.precedence, Precedence.IMMEDIATE, key=lambda each: each.rank),
        )
        draft = form.draft(duty.hash, now=now, received=self._places(side, duty))
        side.node.lines.say(self._script.name, draft, by=officer)

    def _next_answer(self, side: Side, duty: Duty, message: ScriptedMessage | None) -> ScriptedAnswer | None:
        """The next step that the script has, whoever took those before it; None when there is no more to do."""
        staff = self._script.staff_of(side.party)
        if message is not None and message.answers is not None:
            answers = message.answers
        else:
            answers = staff.stop if duty.kind is Kind.STOP else staff.answers
        for answer in answers:
            if answer.step in duty.steps or (answer.step is Step.RECEIPTED and duty.steps):
                continue
            if answer.step is Step.PLOTTED and self._places(side, duty) is None:
                continue
            return answer
        return None

    def _places(self, side: Side, duty: Duty) -> Mapping[str, Json] | None:
        views = LineViews(side.node)
        return views.parts(views.header(self._script.name, duty.hash)).get("places")

    def _scripted(self, hashed: bytes) -> ScriptedMessage | None:
        return next((each for each in self._script.messages if self._said.get(each.id) == hashed), None)

    def _officer(self, side: Side, name: str, now: Instant, *, empowered: bool = False) -> str | None:
        """The officer of this name where that one is at the console, or else the first who is; None for nobody."""
        roster = self._state(side).own.roster
        holding = set() if roster is None else {each.name for each in roster.holding()}
        there = [
            each.name
            for each in self._script.officers_of(side.party)
            if each.present(now) and each.name in holding and (each.empowered or not empowered)
        ]
        return name if name in there else next(iter(there), None)

    # ------------------------------------------------------------------ what happens to the line

    def _hold_cut(self, now: Instant) -> None:
        """Cut the link and let it go at their times only, so that a visitor may do so too."""
        cut = self._script.is_cut(now)
        if cut != self._cut:
            self._cut = cut
            for side in self._sides.values():
                side.node.couriers.hold_cut(self._script.name, cut=cut)

    def _carry_sticks(self, now: Instant) -> None:
        """Carry what lies ready at one side to the other, once for each stick of the script."""
        for number, stick in enumerate(self._script.sticks):
            done = f"{CARRIED}{number}"
            if now < stick.at or self._store.setting(done) is not None:
                continue
            side = self._sides[stick.sender]
            brought = self._other(side).stick / "in"
            brought.mkdir(exist_ok=True)
            for file in sorted((side.stick / "out").glob(f"*{SUFFIX}")):
                shutil.copyfile(file, brought / file.name)
            self._store.commit(settings={done: "carried"})

    def _attend(self, side: Side, now: Instant) -> None:
        """An officer at a console that nobody plays shows to be there."""
        last = self._attended.get(side.party)
        due = last is None or abs(now - last) >= ATTEND_EVERY_MS
        if due and self._script.staff_of(side.party).attends and self._officer(side, "", now) is not None:
            self._attended[side.party] = now
            side.node.host.take(Attended(line=self._script.name))

    def _other(self, side: Side) -> Side:
        return self._sides[self._script.other(side.party)]

    def _state(self, side: Side) -> LineState:
        return side.node.lines.state(self._script.name)
