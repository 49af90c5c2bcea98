"""Liars of a simulated line: each lies in one way, and says how an honest peer finds it out.

A lie is told once there is something to lie about, and then goes out by every bundle. ``FAULT`` names the rule of the
evidence that the peer must hold in the end; lies that no evidence can prove must be seen in another way, and must
never be taken for true.
"""

# ruff: noqa: ARG002 - every lie is asked the same questions, and most need not know all that they are told.
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Protocol

from keepclear.core.errors import KeepclearError
from keepclear.core.instant import Instant
from keepclear.core.line.bundle import Bundle, Express
from keepclear.core.line.draft import Draft, header_of_draft, openings_of
from keepclear.core.line.event import GrowLog
from keepclear.core.line.log import MESSAGE_TYPE, view_of
from keepclear.core.line.message import Acknowledgement, How, Kind, Precedence, Reference, Step, header_of
from keepclear.core.line.plot.echo import echo_content
from keepclear.core.line.plot.place import Place
from keepclear.core.line.plot.shape import GridPosition, PointShape
from keepclear.core.line.state import Waiting
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.merkle import Head, leaf_hash
from keepclear.core.trust.encoding import Json, canonical
from keepclear.core.trust.envelope import envelope_of, signed_envelope
from keepclear.core.trust.note import Signer, VerifierKey, note_of, signed_note
from party import public, seeded_key
from sim.linenode import Durable, Side, heard_of, raise_if
from sim.officers import plot, text

SOMEONE = "any officer"
FAR = Place(name="GATE", shape=PointShape(at=GridPosition(latitude_e7=344_967_000, longitude_e7=386_178_000)))


class Stage(Protocol):
    """What a lie may ask of the world."""

    counts: dict[str, int]
    healed: bool

    def now(self, side: Side) -> int: ...
    def send(self, side: Side) -> None: ...


class Lie:
    """One way to lie.

    ``lines``: how many lines it takes. ``alone``: no node comes back from a backup beside it. ``steady``: no clock is
    set beside it, since it is found by how long it lasts.
    """

    name: ClassVar[str]
    fault: ClassVar[str] = ""
    lines: ClassVar[int] = 1
    alone: ClassVar[bool] = False
    steady: ClassVar[bool] = False

    def __init__(self) -> None:
        self.victim: Side | None = None
        self.done = False
        self.refusals = 0

    def told(self, world: Stage, sides: Sequence[Side]) -> bool:
        """Lie, where there is something to lie about; whether it was done."""
        if self.done:
            return True
        for side in sides:
            if side.may_speak() and side.peer.may_speak() and self.ready(side):
                self.victim = side.peer
                self.lie(world, side, now=world.now(side))
                self.done = True
                world.counts[f"told: {self.name}"] += 1
                world.send(side)
                return True
        return False

    def ready(self, side: Side) -> bool:
        """Whether a side can tell this lie now: each has heard the other at least."""
        return (
            side.state.own.size > 0
            and side.state.copy.checkpoint is not None
            and side.peer.state.copy.log.size > 0
        )

    def lie(self, world: Stage, side: Side, *, now: int) -> None:
        """Tell it."""

    def sent(self, world: Stage, side: Side, bundle: Bundle) -> Bundle:
        """A bundle of the liar's as it goes out."""
        return bundle

    def refused(self, world: Stage, side: Side, error: KeepclearError) -> None:
        """An honest side refused a bundle."""
        self.refusals += 1

    def taken(self, world: Stage, side: Side, bundle: Bundle) -> None:
        """An honest side took a bundle of the liar's."""

    def is_over(self, sides: Sequence[Side]) -> bool:
        """Whether a line with the liar has come to what it comes to."""
        return self.done and (self.victim is None or self.victim not in sides or self.is_found(self.victim))

    def is_found(self, victim: Side) -> bool:
        """Whether the victim knows."""
        return any(fault.rule == self.fault for fault in victim.durable.faults)

    def check(self, world: Stage) -> None:
        """Raises BrokenError unless a lie that was told was found."""
        if not self.done or self.victim is None:
            return
        raise_if(
            not self.is_found(self.victim),
            f"the lie {self.name!r} was told to {self.victim.name} and not found",
        )
        world.counts[f"found: {self.name}"] += 1


class Forged(Lie):
    """An entry that no honest node would sign, under a checkpoint that its log key did sign."""

    def lie(self, world: Stage, side: Side, *, now: int) -> None:
        forced(side, self.leaf(side, now=now))

    def leaf(self, side: Side, *, now: int) -> bytes:
        raise NotImplementedError

    def is_found(self, victim: Side) -> bool:
        """Who forges an entry may break another rule with it: a head cited now and cosigned later dates it back too."""
        return any(fault.rule in (self.fault, "back-dated") for fault in victim.durable.faults)


class FalseRoot(Forged):
    """It says that it has seen another root than was ever signed, under the signature of the true one."""

    name, fault = "false view: another root", "false-view"

    def leaf(self, side: Side, *, now: int) -> bytes:
        return doctored(side, {"seen": {**seen_of(side), "root": bytes(32).hex()}}, now=now)


class FalseSize(FalseRoot):
    """It says that it has seen more entries than were ever said."""

    name = "false view: more than there was"

    def leaf(self, side: Side, *, now: int) -> bytes:
        seen = seen_of(side)
        return doctored(side, {"seen": {**seen, "size": int(str(seen["size"])) + 7}}, now=now)


class FalseSignature(FalseRoot):
    """It makes up the signature on the head that it says it has seen."""

    name = "false view: a signature made up"

    def leaf(self, side: Side, *, now: int) -> bytes:
        seen = seen_of(side)
        head = Head(size=int(str(seen["size"])), root=bytes.fromhex(str(seen["root"])))
        origin = side.other_origin
        own = VerifierKey(name=origin, public_key=public(seeded_key("nobody")))
        note = signed_note(
            Checkpoint(origin=origin, head=head).text(), Signer(key=own, sign=seeded_key("nobody").sign)
        )
        return doctored(side, {"seen": {**seen, "signature": note.signatures[0].line()}}, now=now)


class FallingView(FalseRoot):
    """It says that it has seen less than it said before."""

    name = "false view: less than before"

    def ready(self, side: Side) -> bool:
        seen = side.state.own.seen
        kept = side.kept.log(side.other_origin).checkpoints
        return super().ready(side) and seen is not None and any(0 < size < seen.size for size in kept)

    def leaf(self, side: Side, *, now: int) -> bytes:
        seen, key = side.state.own.seen, side.state.other_keys[side.state.copy.log.epoch]
        assert seen is not None, "ready says so"
        kept = side.kept.log(side.other_origin)
        size = min(each for each in kept.checkpoints if each > 0)
        from_then = {
            "epoch": seen.epoch,
            "root": kept.frontier(size).head().root.hex(),
            "signature": _line_of(kept.checkpoints[size], key),
            "size": size,
        }
        return doctored(side, {"seen": from_then}, now=now)


class BackDated(Forged):
    """It dates an entry before the one that stands before it."""

    name, fault = "back-dated: before its own word", "back-dated"

    def leaf(self, side: Side, *, now: int) -> bytes:
        return doctored(side, {"at_ms": side.state.own.last_at - 60_000, "seen": None}, now=now)


class BackDatedView(Forged):
    """It dates an entry before its own cosignature of the head that the entry cites, but after all it said before."""

    name, fault, alone = "back-dated: before its own cosignature", "back-dated", True

    def ready(self, side: Side) -> bool:
        """Where its cosignature is at least a second younger than its last word, and the peer has it."""
        if not super().ready(side):
            return False
        given = side.peer.state.other_cosigned
        log, seen = side.state.copy.log, side.state.own.seen
        return (
            bool(given)
            and (given[-1].epoch, given[-1].size) == (log.epoch, log.size)
            and side.state.own.last_at < given[-1].second * 1_000
            and (seen is None or seen.size <= log.size)
        )

    def leaf(self, side: Side, *, now: int) -> bytes:
        return doctored(side, {"at_ms": side.state.own.last_at, "seen": seen_of(side)}, now=now)


class BackDatedLongAgo(BackDatedView):
    """So too, and it cites a head of which nobody keeps its cosignature any more, for it cosigned a later one since."""

    name = "back-dated: before a cosignature that is kept no more"

    def ready(self, side: Side) -> bool:
        return Forged.ready(self, side) and self._cited(side) is not None

    def leaf(self, side: Side, *, now: int) -> bytes:
        size, key = self._cited(side), side.state.other_keys[side.state.copy.log.epoch]
        assert size is not None, "ready says so"
        kept = side.kept.log(side.other_origin)
        seen: dict[str, Json] = {
            "epoch": side.state.copy.log.epoch,
            "root": kept.frontier(size).head().root.hex(),
            "signature": _line_of(kept.checkpoints[size], key),
            "size": size,
        }
        return doctored(side, {"at_ms": side.state.own.last_at, "seen": seen}, now=now)

    def _cited(self, side: Side) -> int | None:
        """A head that it cosigned after its last word and before another, not smaller than what it cited so far."""
        seen, kept = side.state.own.seen, side.kept.log(side.other_origin)
        for each in side.peer.state.other_cosigned[:-1]:
            if (
                each.epoch == side.state.copy.log.epoch
                and each.size in kept.checkpoints
                and side.state.own.last_at < each.second * 1_000
                and (seen is None or (seen.epoch, seen.size) <= (each.epoch, each.size))
            ):
                return each.size
        return None


class UnknownKey(Forged):
    """A key that was never added acknowledges."""

    name, fault = "acknowledgement of an unknown key", "unauthorised"
    signer: ClassVar[str | None] = "nobody"

    def ready(self, side: Side) -> bool:
        return super().ready(side) and bool(side.state.copy.log.size)

    def leaf(self, side: Side, *, now: int) -> bytes:
        hashed = leaf_hash(side.kept.log(side.other_origin).leaves[-1])
        members: dict[str, Json] = {
            "kind": "acknowledge",
            "acknowledges": {"step": "receipted"},
            "refs": [{"hash": hashed.hex(), "how": "acknowledges"}],
        }
        return doctored(side, members, now=now, by=self.signer)


class MachineAcknowledges(UnknownKey):
    """The node's own key acknowledges, which is for persons."""

    name, signer = "acknowledgement of a machine", None


class RevokedKey(Forged):
    """An officer's key signs after it was revoked."""

    name, fault = "key used after it was revoked", "unauthorised"

    def lie(self, world: Stage, side: Side, *, now: int) -> None:
        by = self._revoked(side, now=now)
        forced(side, doctored(side, {"kind": "query"}, now=now, by=by))

    def _revoked(self, side: Side, *, now: int) -> str:
        roster = side.state.own.roster
        assert roster is not None, "the line is open"
        held = roster.holding()[0]
        statement = side.statement(adds=["a newcomer"], revokes=[held.id], at=now)
        side.say(Draft(kind=Kind.KEYS, statement=statement), now=now, by=None)
        return held.name


class KeyAgain(Forged):
    """A key that was revoked is added once more."""

    name, fault = "key added again", "unauthorised"

    def lie(self, world: Stage, side: Side, *, now: int) -> None:
        roster = side.state.own.roster
        assert roster is not None, "the line is open"
        statement = side.statement(adds=[roster.holding()[0].name], at=now)
        forced(side, doctored(side, {"kind": "keys", "statement": statement.members()}, now=now, by=None))


class OtherLine(Forged):
    """An entry that it said to one peer it says to another too, as it is."""

    name, fault, lines = "entry replayed on another line", "foreign", 2

    def told(self, world: Stage, sides: Sequence[Side]) -> bool:
        self.said = {id(side): side.kept.log(side.origin).leaves for side in sides}
        return super().told(world, sides)

    def ready(self, side: Side) -> bool:
        return super().ready(side) and bool(self._elsewhere(side))

    def leaf(self, side: Side, *, now: int) -> bytes:
        return self._elsewhere(side)[-1]

    def _elsewhere(self, side: Side) -> list[bytes]:
        return [leaf for which, leaves in self.said.items() if which != id(side) for leaf in leaves]


class OtherBundle(Lie):
    """A bundle of one line is handed over on another, under that one's name; and a cosignature of one on the other."""

    name, lines = "bundle and cosignature replayed on another line", 2

    def told(self, world: Stage, sides: Sequence[Side]) -> bool:
        ready = [side for side in sides if side.may_speak() and side.peer.may_speak() and self.ready(side)]
        if self.done or len(ready) < 2:
            return self.done
        here, there = ready[0], ready[1]
        self.victim, self.done = here.peer, True
        world.counts[f"told: {self.name}"] += 1
        now = world.now(here)
        foreign, own = there.bundle(now=now), here.bundle(now=now)
        assert foreign is not None, "both lines are open"
        assert own is not None, "both lines are open"
        before = here.peer.state.copy, here.peer.state.confirmed
        named = replace(foreign, line=own.line, to=own.to)
        for bundle in (foreign, named, replace(named, newest=own.checkpoint, checkpoint=own.checkpoint)):
            try:
                here.peer.take(bundle, now=world.now(here.peer))
            except KeepclearError as error:
                self.refused(world, here.peer, error)
        raise_if(
            (here.peer.state.copy, here.peer.state.confirmed) != before, "a bundle of another line was taken"
        )
        # What the bundle itself says to have seen is a receipt; only then is the foreign cosignature looked at alone.
        here.peer.take(replace(own, cosigned=None), now=world.now(here.peer))
        confirmed = here.peer.state.confirmed
        here.peer.take(replace(own, cosigned=foreign.cosigned), now=world.now(here.peer))
        raise_if(here.peer.state.confirmed != confirmed, "a cosignature of another line counts as a receipt")
        return True

    def is_found(self, victim: Side) -> bool:
        return self.refusals >= 2


class Bomb(Lie):
    """An entry that is no entry: too long, too deep, or not what it says."""

    name, fault = "entry that cannot be read", "malformed"
    bombs: ClassVar = (
        b'{"payload":"' + b"A" * 9_000 + b'"}',
        b'{"a":' * 60 + b"1" + b"}" * 60,
        b"\xff\xfe",
        b"{}",
        b' {"payload":""}',
        b"[1e400]",
    )

    def lie(self, world: Stage, side: Side, *, now: int) -> None:
        """Its own node would choke on it, so it stands only in what goes out."""
        side.mute = True
        self.leaf = self.bombs[now % len(self.bombs)]
        self.size = side.state.own.size

    def sent(self, world: Stage, side: Side, bundle: Bundle) -> Bundle:
        if side.peer is not self.victim or bundle.newest is not None:
            return bundle
        head = side.state.own.frontier.append(leaf_hash(self.leaf)).head()
        return replace(bundle, leaves=(*bundle.leaves, self.leaf), checkpoint=signed_head(side, head))


class Fork(Lie):
    """It goes back to an earlier state and says something else: two histories under one key, one after the other."""

    name, fault, alone = "two histories to one peer", "fork", True

    def __init__(self) -> None:
        super().__init__()
        self.saved: tuple[Side, Durable, int] | None = None

    def told(self, world: Stage, sides: Sequence[Side]) -> bool:
        if self.done:
            return True
        if self.saved is None:
            ready = [side for side in sides if side.may_speak() and self.ready(side)]
            if not ready:
                return False
            self.saved = ready[0], ready[0].durable.copy(), ready[0].state.own.size
            ready[0].try_say(
                Draft(kind=Kind.QUERY, contents={"text": text("one thing")}),
                now=world.now(ready[0]),
                by=officer(ready[0]),
            )
            world.send(ready[0])
            return False
        side, before, size = self.saved
        if side.peer.state.copy.log.size <= size:
            return False
        self.victim, self.done = side.peer, True
        world.counts[f"told: {self.name}"] += 1
        self._go_back(side, before, now=world.now(side))
        world.send(side)
        return True

    def _go_back(self, side: Side, before: Durable, *, now: int) -> None:
        held = side.peer.state.copy.log.size
        side.durable = before.copy()
        side.kept = side.durable.kept
        side._back(side.replayed())
        wanted = held + (1 if self.longer else 0)
        while side.state.own.size < wanted:
            words = f"another thing {side.state.own.size}"
            side.say(Draft(kind=Kind.QUERY, contents={"text": text(words)}), now=now, by=officer(side))

    longer: ClassVar[bool] = True


class Rollback(Fork):
    """It goes back and says something else, no more than before."""

    name, longer = "history taken back", False


class Withheld(Lie):
    """It takes everything and never signs for it: no cosignature, and no word of what it has seen."""

    name, alone, steady = "cosignature withheld", True, True

    def lie(self, world: Stage, side: Side, *, now: int) -> None:
        side.mute = True
        side.peer.try_say(
            Draft(kind=Kind.QUERY, contents={"text": text("do you hear")}),
            now=world.now(side.peer),
            by=officer(side.peer),
        )
        self.index = side.peer.state.own.size - 1
        world.send(side.peer)

    def sent(self, world: Stage, side: Side, bundle: Bundle) -> Bundle:
        return bundle if side.peer is not self.victim else replace(bundle, cosigned=None)

    def is_found(self, victim: Side) -> bool:
        raise_if(victim.state.confirmed > self.index, "a receipt was taken that was never given")
        return victim.state.withheld


class ForgedEcho(Lie):
    """It acknowledges with a plot of another place than was sent."""

    name, alone = "forged echo", True

    def ready(self, side: Side) -> bool:
        return super().ready(side) and self._placed(side) is not None

    def lie(self, world: Stage, side: Side, *, now: int) -> None:
        hashed = self._placed(side)
        assert hashed is not None, "ready says so"
        draft = Draft(
            kind=Kind.ACKNOWLEDGE,
            acknowledges=Acknowledgement(step=Step.PLOTTED),
            contents={"echo": echo_content([plot(FAR)])},
            references=(Reference(hash=hashed, how=How.ACKNOWLEDGES),),
        )
        side.say(draft, now=now, by=officer(side))

    def _placed(self, side: Side) -> bytes | None:
        """A message of the peer's that has places and is still remembered there."""
        for leaf in side.kept.log(side.other_origin).leaves:
            hashed = leaf_hash(leaf)
            reception = side.peer.state.receptions.get(hashed)
            if (
                reception is not None
                and "places" in reception.parts
                and reception.parts["places"] in side.kept.openings
            ):
                return hashed
        return None

    def is_found(self, victim: Side) -> bool:
        return "differs" in heard_of(victim)


class OtherLeaves(Lie):
    """Its checkpoint covers other entries than those that it sends."""

    name, alone = "checkpoint over other entries", True

    def lie(self, world: Stage, side: Side, *, now: int) -> None:
        side.say(Draft(kind=Kind.QUERY, contents={"text": text("swapped")}), now=now, by=officer(side))
        self.from_size = side.state.own.size

    def sent(self, world: Stage, side: Side, bundle: Bundle) -> Bundle:
        if side.peer is not self.victim or bundle.start + len(bundle.leaves) < self.from_size:
            return bundle
        other = doctored(side, {"kind": "test"}, now=world.now(side))
        return replace(bundle, leaves=(*bundle.leaves[:-1], other))

    def taken(self, world: Stage, side: Side, bundle: Bundle) -> None:
        if self.done and side is self.victim:
            raise_if(
                side.state.copy.log.size >= self.from_size, "entries were taken that no checkpoint covers"
            )

    def is_found(self, victim: Side) -> bool:
        return "unproved" in heard_of(victim)


class BrokenProof(Lie):
    """Its proofs lead nowhere."""

    name, alone = "proofs that do not hold", True

    def lie(self, world: Stage, side: Side, *, now: int) -> None:
        first = side.state.own.size
        for words in ("first", "second", "third"):
            draft = Draft(kind=Kind.QUERY, precedence=Precedence.FLASH, contents={"text": text(words)})
            side.say(draft, now=now, by=officer(side))
        self.first = first

    def sent(self, world: Stage, side: Side, bundle: Bundle) -> Bundle:
        if (
            self.victim is None
            or side.peer is not self.victim
            or bundle.start + len(bundle.leaves) <= self.first
        ):
            return bundle
        cut = self.first + 1
        kept = side.kept
        express = Express(index=cut, leaf=kept.log(side.origin).leaves[cut], path=(bytes(32),) * 2)
        return replace(
            bundle,
            leaves=bundle.leaves[: cut - bundle.start],
            checkpoint=kept.log(side.origin).checkpoints[cut],
            newest=kept.newest(side.origin),
            path=(bytes(32),),
            express=(express,),
        )

    def taken(self, world: Stage, side: Side, bundle: Bundle) -> None:
        if self.done and side is self.victim:
            raise_if(side.state.copy.log.size > self.first + 1, "what was not proved was taken")

    def is_found(self, victim: Side) -> bool:
        return "unproved" in heard_of(victim) and victim.state.copy.log.size <= self.first + 1


class TamperedPart(Lie):
    """What it seals is not what its entry commits to."""

    name, alone = "part that is not what was committed to", True

    def lie(self, world: Stage, side: Side, *, now: int) -> None:
        side.say(Draft(kind=Kind.QUERY, contents={"text": text("swapped")}), now=now, by=officer(side))
        self.index = side.state.own.size - 1
        (self.commitment,) = header_parts(side, self.index)
        side.kept.openings[self.commitment] = openings_of(
            Draft(kind=Kind.QUERY, contents={"text": text("another")}), [bytes(32)]
        )["text"]
        side.kept.ciphertexts.clear()

    def is_found(self, victim: Side) -> bool:
        """It waits for the part, holds the rest, and never cosigns."""
        given = victim.state.own_cosigned
        raise_if(bool(given) and given[-1].size > self.index, "an entry was cosigned whose part never came")
        return self.commitment in victim.state.unopened


def forced(side: Side, leaf: bytes) -> None:
    """Append a leaf to the liar's own log without asking whether that is sound, and sign its head."""
    state = side.state
    index = state.own.size
    state.own = replace(state.own, frontier=state.own.frontier.append(leaf_hash(leaf)))
    state.waiting.append(Waiting(index=index, urgent=False))
    side.perform(GrowLog(origin=state.own.origin, leaves=(leaf,)))


def doctored(side: Side, members: dict[str, Json], *, now: int, by: str | None = SOMEONE) -> bytes:
    """A leaf that stands next in the liar's log, with some members of its header changed, signed all the same."""
    header = header_of_draft(side.state, Draft(kind=Kind.TEST), commitments={}, now=Instant(now))
    by = officer(side) if by is SOMEONE else by
    key = side.node_key if by is None else side.officers.get(by, seeded_key(by))
    payload = canonical({**header.members(), **members})
    return signed_envelope(MESSAGE_TYPE, payload, public_key=public(key), sign=key.sign).written()


def officer(side: Side) -> str:
    """An officer of a side whose key holds."""
    roster = side.state.own.roster
    assert roster is not None, "the line is open"
    return roster.holding()[0].name


def seen_of(side: Side) -> dict[str, Json]:
    """What a side would truthfully say that it has seen, as members of a header."""
    state = side.state
    assert state.copy.checkpoint is not None, "ready says so"
    seen = view_of(state.copy.checkpoint, state.other_keys[state.copy.log.epoch], epoch=state.copy.log.epoch)
    return {"epoch": seen.epoch, "root": seen.root.hex(), "signature": seen.signature, "size": seen.size}


def signed_head(side: Side, head: Head) -> str:
    """A checkpoint of the liar's log that its key really signed."""
    key = VerifierKey(name=side.origin, public_key=public(side.log_key))
    text_of_head = Checkpoint(origin=side.origin, head=head).text()
    return signed_note(text_of_head, Signer(key=key, sign=side.log_key.sign)).written()


def header_parts(side: Side, index: int) -> tuple[bytes, ...]:
    """The commitments of an entry of a side's own log."""
    leaf = side.kept.log(side.origin).leaves[index]
    return tuple(header_of(envelope_of(leaf).payload).parts.values())


def _line_of(written: str, key: VerifierKey) -> str:
    return next(each for each in note_of(written).signatures if each.key_hash == key.hash).line()
