"""The lines of a node at work: agreed, spoken on, packed for the other side and taken from it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.draft import Draft, header_of_draft, openings_of
from keepclear.core.line.event import (
    Carried,
    Carry,
    Check,
    LineAgreed,
    LineEffect,
    NotCarried,
    Opened,
    Spoken,
)
from keepclear.core.line.keys import Anchor, KeyStatement, Officer, statement_of
from keepclear.core.line.log import MESSAGE_TYPE
from keepclear.core.line.message import Header, Kind, LineName, PartyWord, Precedence
from keepclear.core.line.packing import packed, status_for
from keepclear.core.line.state import LineState
from keepclear.core.line.status import STATUS_TYPE
from keepclear.core.line.terms import Terms, Timers
from keepclear.core.line.withholding import withholding
from keepclear.core.record.merkle import leaf_hash
from keepclear.core.trust.envelope import Envelope, signed_envelope
from keepclear.core.trust.note import VerifierKey
from keepclear.core.trust.opening import SALT_BYTES
from keepclear.desk import DeskEvent
from keepclear.edge.host import Host
from keepclear.edge.keys.identity import Identity, RootKey
from keepclear.edge.keys.privatekey import SigningKey
from keepclear.edge.keys.statements import Heading, Witnessing, keys_statement, open_statement, signed
from keepclear.edge.lines.disclosing import note_leaving
from keepclear.edge.lines.recalling import forgotten, without_lost_keys
from keepclear.edge.lines.shelf import LineShelf
from keepclear.edge.lines.taking import Taking, bundle_from
from keepclear.edge.lines.turns import Turns
from keepclear.edge.linewrites import LineHand
from keepclear.edge.store.store import NO_SETTINGS
from keepclear.formats.line.bundlefile import bundle_bytes

FIRST_EPOCH: Final = 1
UNWITNESSED: Final = Witnessing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A person to be given a key: name, post, and whether this one may answer a STOP."""

    name: str
    post: str
    empowered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A bundle ready to go: its bytes, how much of our log it brings, and which entries ahead of their turn."""

    raw: bytes
    size: int
    ahead: tuple[int, ...] = ()


class Lines:
    """Every line of a node. All methods run in the node's one thread; each raises what the desk refuses."""

    def __init__(self, *, host: Host, identity: Identity, hand: LineHand) -> None:
        self.identity = identity
        self._host = host
        self._hand = hand
        self.senders: list[Callable[[LineName, bool], None]] = []
        self._turns = Turns(host)
        self._taking = Taking(host=host, hand=hand)
        host.asked.append(self._asked)

    def state(self, line: LineName) -> LineState:
        """What is known of a line. Raises Refused("line.unknown")."""
        return self._host.desk.line(line).state

    def start(self) -> None:
        """After a restart: open the logs, and hold each line against what is known to have been signed on it."""
        self._hand.open_own_logs(self._host.desk)
        for line in self._host.desk.lines.values():
            self._recall(line.state)

    def _recall(self, state: LineState) -> None:
        for event in forgotten(self._host.store, state):
            self._host.take(event)

    # ------------------------------------------------------------------ agreeing

    def agree(
        self,
        *,
        line: LineName,
        other: PartyWord,
        other_root: VerifierKey,
        timers: Timers | None = None,
        settings: Mapping[str, str] = NO_SETTINGS,
    ) -> None:
        """Make a line with a party whose root people have compared; ``settings`` are kept with it, or neither is."""
        terms = Terms(
            line=line,
            own=PartyWord(self.identity.party),
            other=other,
            own_root=self.identity.root_public,
            other_root=other_root,
            timers=timers or Timers(),
        )
        self._host.take(LineAgreed(terms=terms), settings=settings)
        self._recall(self.state(line))

    def open(
        self,
        line: LineName,
        posts: Sequence[Post],
        *,
        root: RootKey,
        witnessing: Witnessing = UNWITNESSED,
    ) -> None:
        """Say entry 0: our keys for this line, and the officers who may sign. Officers without a key get one."""
        self.state_open(line, signed(self.open_statement(line, posts, witnessing=witnessing), root))

    def reopen(self, line: LineName, *, root: RootKey) -> None:
        """Open the next epoch with the officers of this one: what a node does that cannot get back what it signed."""
        self.state_open(line, signed(self.reopen_statement(line), root))

    def open_statement(
        self, line: LineName, posts: Sequence[Post], *, witnessing: Witnessing = UNWITNESSED
    ) -> KeyStatement:
        """The statement that opens our log, to be signed by the root, here or on another machine."""
        state = self.state(line)
        if state.own.roster is not None:
            raise Refused("line.open", f"line {line} is open since its entry 0; to begin anew open an epoch")
        return open_statement(
            self.identity,
            self._heading(state, epoch=state.next_own().epoch if state.spoke() else FIRST_EPOCH, serial=1),
            officers=tuple(map(self._officer, posts)),
            witnessing=witnessing,
        )

    def reopen_statement(self, line: LineName) -> KeyStatement:
        """The statement that opens our next epoch, to be signed by the root, here or on another machine."""
        state = self.state(line)
        roster = state.own.roster
        if roster is None:
            raise Refused("line.closed", f"line {line} has not been opened; open it first")
        posts = [Post(name=o.name, post=o.post, empowered=o.empowered) for o in roster.holding()]
        return open_statement(
            self.identity,
            self._heading(state, epoch=state.next_own().epoch, serial=1),
            officers=tuple(map(self._officer, posts)),
            previous=Anchor(epoch=state.own.epoch, head=state.own.head()),
            witnessing=Witnessing(witnesses=roster.keys.witnesses, quorum=roster.keys.quorum),
        )

    def state_open(self, line: LineName, statement: Envelope) -> None:
        """Open our log, or its next epoch, by a statement that the root has signed.

        Raises Refused("statement.other-keys") where it does not state the keys that this node holds.
        """
        state = self.state(line)
        stated = statement_of(statement, root=self.identity.root_public)
        opens = stated.opens
        if opens is None:
            raise Refused("statement.unfit", "key statement opens no log; it changes officers")
        keys = self._hand.keys(line, stated.epoch)
        held = keys.stated(previous=opens.previous, witnesses=opens.witnesses, quorum=opens.quorum)
        if opens != held:
            raise Refused(
                "statement.other-keys",
                f"key statement for epoch {stated.epoch} names other keys than this node's; ask the root anew",
            )
        header = header_of_draft(
            state, Draft(kind=Kind.OPEN, statement=statement), commitments={}, now=self._host.clock.now()
        )
        self._host.take(Spoken(line=line, leaf=_signed(header, keys.node)))

    def change_keys(
        self,
        line: LineName,
        *,
        adds: Sequence[Post] = (),
        revokes: Sequence[str] = (),
        root: RootKey,
    ) -> None:
        """State new officers, and revoke keys by their ids."""
        self.state_keys(line, signed(self.key_statement(line, adds=adds, revokes=revokes), root))

    def key_statement(
        self, line: LineName, *, adds: Sequence[Post] = (), revokes: Sequence[str] = ()
    ) -> KeyStatement:
        """The statement of a change of keys, to be signed by the root, here or on another machine."""
        state = self.state(line)
        roster = state.own.roster
        if roster is None:
            raise Refused("line.closed", f"line {line} has not been opened; open it first")
        return keys_statement(
            self.identity,
            self._heading(state, epoch=state.own.epoch, serial=roster.serial + 1),
            roster=roster,
            adds=tuple(map(self._officer, adds)),
            revokes=tuple(revokes),
        )

    def state_keys(self, line: LineName, statement: Envelope) -> None:
        """Say a change of keys that the root has signed."""
        self._say_by_node(line, Draft(kind=Kind.KEYS, precedence=Precedence.IMMEDIATE, statement=statement))

    # ------------------------------------------------------------------ speaking

    def say(self, line: LineName, draft: Draft, *, by: str, passphrase: str | None = None) -> bytes:
        """Sign a draft as an officer and take it; answers the hash of the new entry.

        Raises Refused("line.officer") for a person whose key does not hold on this line, and as
        ``Identity.officer_signer`` does.
        """
        self.require_officer(line, by)
        return self._say(line, draft, self.identity.officer_signer(by, passphrase))

    async def said(self, line: LineName, draft: Draft, *, by: str, passphrase: str | None = None) -> bytes:
        """As ``say``, made durable together with what others say meanwhile."""
        self.require_officer(line, by)
        leaves: list[bytes] = []
        key = self.identity.officer_signer(by, passphrase)
        await self._turns.take(partial(self._made, line, draft, key, leaves))
        return leaf_hash(leaves[-1])

    def require_officer(self, line: LineName, name: str) -> Officer:
        """The officer of a name. Raises Refused("line.officer") when there is none whose key holds."""
        roster = self.state(line).own.roster
        if roster is not None:
            for officer in roster.holding():
                if officer.name == name:
                    return officer
        raise Refused("line.officer", f"{name!r} has no key that holds on line {line}; add the officer first")

    def check(self, line: LineName) -> bytes:
        """Say a comms check in the name of the node."""
        return self._say_by_node(line, Draft(kind=Kind.COMMS_CHECK))

    def withhold(self, line: LineName) -> None:
        """Say in the name of the node which parts can never be given any more, of all that the other has not opened."""
        self._withhold(line, end=self.state(line).own.size)

    def _withhold(self, line: LineName, *, end: int) -> None:
        state = self.state(line)
        for draft in withholding(state, LineShelf(self._host.store, state), end=end):
            self._say_by_node(line, draft)

    def _say_by_node(self, line: LineName, draft: Draft) -> bytes:
        return self._say(line, draft, self._hand.keys(line, self.state(line).own.epoch).node)

    def _say(self, line: LineName, draft: Draft, key: SigningKey) -> bytes:
        leaves: list[bytes] = []
        self._host.take_made([partial(self._made, line, draft, key, leaves)])
        return leaf_hash(leaves[-1])

    def _made(
        self, line: LineName, draft: Draft, key: SigningKey, leaves: list[bytes], now: Instant
    ) -> DeskEvent:
        """A draft as the next entry, signed: it names its own place, so it is made when its turn has come."""
        salts = [secrets.token_bytes(SALT_BYTES) for _ in draft.contents]
        openings = openings_of(draft, salts)
        commitments = {name: sha256(opening).digest() for name, opening in openings.items()}
        header = header_of_draft(self.state(line), draft, commitments=commitments, now=now)
        self._host.desk.check_said(Opened(hash=b"", header=header, openings=openings), now=now)
        leaves.append(_signed(header, key))
        return Spoken(line=line, leaf=leaves[-1], openings=tuple(openings.values()))

    def _heading(self, state: LineState, *, epoch: int, serial: int) -> Heading:
        terms = state.terms
        return Heading(
            line=terms.line, other=terms.other, epoch=epoch, serial=serial, at=self._host.clock.now()
        )

    def _officer(self, post: Post) -> Officer:
        known = post.name in self.identity.officers()
        key = self.identity.officer_public(post.name) if known else self.identity.add_officer(post.name)
        return Officer(key=key, name=post.name, post=post.post, empowered=post.empowered)

    # ------------------------------------------------------------------ carrying

    def pack(self, line: LineName, *, way: str) -> Packed | None:
        """The next bundle for the other side, to go by a way, or None while the line is not open.

        That its parts go to the other is noted when this returns: before a byte of them has left. Parts for which the
        other waits and that are gone are withheld first, so that nobody waits for them for ever.
        """
        state = self.state(line)
        if state.own.roster is None:
            return None
        has = state.has_of_us
        self._withhold(line, end=0 if has is None else has.head.size)
        node = self._hand.keys(line, state.own.epoch).node
        status = signed_envelope(
            STATUS_TYPE,
            status_for(state, now=self._host.clock.now()).written(),
            public_key=node.public,
            sign=node.sign,
        )
        bundle = packed(state, LineShelf(self._host.store, state), status=status)
        if bundle is None:
            return None
        size = bundle.start + len(bundle.leaves)
        ahead = tuple(each.index for each in bundle.express)
        note_leaving(self._host, bundle.parts, to=state.terms.other, way=way)
        return Packed(raw=bundle_bytes(bundle), size=size, ahead=ahead)

    async def take(self, bundle: Bundle, *, way: str) -> None:
        """Take a bundle that came by some way, while the node goes on. Raises what the line refuses."""
        await self._taking.take(self._that_fits(bundle), way=way)

    def take_bundle(self, raw: bytes, *, way: str) -> LineName:
        """Take what came by some way at once. Raises what the line refuses, and as ``bundle_from`` does."""
        bundle = bundle_from(raw)
        self._taking.take_at_once(self._that_fits(bundle), way=way)
        return bundle.line

    def send_anew(self, line: LineName) -> None:
        """Send by every way what is to be sent now; what lies ready from before is replaced."""
        self._asked(Carry(line=line, every_way=True))

    def carried(self, line: LineName, way: str, went: Packed) -> None:
        """A bundle went out by a way; when it brought nothing that had not gone before, there is nothing to keep."""
        state = self.state(line)
        known = state.liveness.ways.get(way)
        if known is not None and known.failing is None and went.size <= state.carried:
            return
        self._host.take(Carried(line=line, way=way, size=went.size, ahead=went.ahead))

    def not_carried(self, line: LineName, way: str, trouble: str) -> None:
        """A way did not carry."""
        self._host.take(NotCarried(line=line, way=way, trouble=trouble))

    def _that_fits(self, bundle: Bundle) -> Bundle:
        return without_lost_keys(bundle, self.state(bundle.line), self.identity)

    def _asked(self, effect: LineEffect) -> None:
        """Do what a line asks for once all is durable."""
        match effect:
            case Check():
                self.check(effect.line)
            case Carry():
                for send in self.senders:
                    send(effect.line, effect.every_way)
            case _:
                pass


def _signed(header: Header, key: SigningKey) -> bytes:
    envelope = signed_envelope(MESSAGE_TYPE, header.written(), public_key=key.public, sign=key.sign)
    return envelope.written()
