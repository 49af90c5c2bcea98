"""Parties for tests: whole in memory, with real keys, a durable part and a part that a crash loses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.acting import ANSWERING
from keepclear.core.line.bundle import LEAVES_MAX, Bundle
from keepclear.core.line.draft import Draft, header_of_draft, openings_of
from keepclear.core.line.event import (
    AgreedLineEvent,
    BundleCame,
    Cosign,
    GrowLog,
    KeepCosigned,
    KeepOpenings,
    LineEffect,
    PartsWithheld,
    Spoken,
)
from keepclear.core.line.intake import Holding, Prefix, shown_size
from keepclear.core.line.keys import (
    KEYS_TYPE,
    Anchor,
    KeyStatement,
    LogKeys,
    Officer,
    Quorum,
    cosigner_name,
    root_name,
)
from keepclear.core.line.line import Line, line_of
from keepclear.core.line.log import MESSAGE_TYPE
from keepclear.core.line.message import SERVICE, Kind, LineName, PartyWord, header_of
from keepclear.core.line.packing import packed, status_for
from keepclear.core.line.parts import beside
from keepclear.core.line.status import STATUS_TYPE
from keepclear.core.line.terms import Terms, Timers
from keepclear.core.line.withholding import withholding
from keepclear.core.record.checkpoint import Checkpoint, origin_of
from keepclear.core.record.cosignature import Algorithm, Cosigner, CosignerKey, cosigned
from keepclear.core.record.merkle import Frontier, consistency_path, frontier_at, inclusion_path, leaf_hash
from keepclear.core.trust.envelope import envelope_of, signed_envelope
from keepclear.core.trust.note import Signer, VerifierKey, note_of, signed_note


@cache
def seeded_key(name: str) -> Ed25519PrivateKey:
    """An Ed25519 key that is always the same for a name."""
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


@cache
def public(key: Ed25519PrivateKey) -> bytes:
    """Its public half."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@dataclass
class KeptLog:
    """One log as a node keeps it: leaves, tree and checkpoints."""

    leaves: list[bytes] = field(default_factory=list[bytes])
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict[tuple[int, int], bytes])
    checkpoints: dict[int, str] = field(default_factory=dict[int, str])

    def append(self, leaves: Sequence[bytes]) -> None:
        frontier = self.frontier(len(self.leaves))
        for leaf in leaves:
            hashed = leaf_hash(leaf)
            for node in frontier.completed_by(hashed):
                self.nodes[node.level, node.index] = node.hash
            frontier = frontier.append(hashed)
            self.leaves.append(leaf)

    def frontier(self, size: int) -> Frontier:
        return frontier_at(size, self.read)

    def read(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def prefix(self, size: int) -> Prefix | None:
        if not 0 < size < len(self.leaves):
            return None
        path = consistency_path(old=size, new=len(self.leaves), read=self.read)
        return Prefix(size=size, root=self.frontier(size).head().root, path=path)

    def copy(self) -> KeptLog:
        return KeptLog(leaves=list(self.leaves), nodes=dict(self.nodes), checkpoints=dict(self.checkpoints))


@dataclass
class Kept:
    """All that a node keeps of a line; also the shelf that packing reads."""

    logs: dict[str, KeptLog] = field(default_factory=dict[str, KeptLog])
    openings: dict[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    cosigned_by_us: dict[str, str] = field(default_factory=dict[str, str])
    cosigned_by_other: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    boxes: dict[str, str] = field(default_factory=dict[str, str])
    withdrawn: set[bytes] = field(default_factory=set[bytes])
    withheld: set[bytes] = field(default_factory=set[bytes])
    """Parts for which consent was withdrawn, and those of which a log says that they are given no more."""

    reach: int = LEAVES_MAX
    """How many entries at most one bundle brings, where that is to be fewer than may be."""

    ciphertexts: dict[tuple[bytes, str], bytes] = field(default_factory=dict[tuple[bytes, str], bytes])

    def copy(self) -> Kept:
        return Kept(
            logs={origin: log.copy() for origin, log in self.logs.items()},
            openings=dict(self.openings),
            cosigned_by_us=dict(self.cosigned_by_us),
            cosigned_by_other={origin: list(notes) for origin, notes in self.cosigned_by_other.items()},
            boxes=dict(self.boxes),
            withdrawn=set(self.withdrawn),
            withheld=set(self.withheld),
            reach=self.reach,
        )

    def log(self, origin: str) -> KeptLog:
        return self.logs.setdefault(origin, KeptLog())

    def leaves(self, origin: str, *, start: int, end: int) -> tuple[bytes, ...]:
        return tuple(self.log(origin).leaves[start:end])

    def checkpoint_after(self, origin: str, start: int, *, within: int) -> tuple[int, str]:
        kept = self.log(origin).checkpoints
        past = sorted(size for size in kept if size > start)
        near = [size for size in past if size <= start + min(within, self.reach)]
        size = near[-1] if near else (past[0] if past else max(kept))
        return size, kept[size]

    def newest(self, origin: str) -> str:
        kept = self.log(origin).checkpoints
        return kept[max(kept)]

    def consistency(self, origin: str, *, old: int, new: int) -> tuple[bytes, ...]:
        return consistency_path(old=old, new=new, read=self.log(origin).read)

    def inclusion(self, origin: str, *, index: int, size: int) -> tuple[bytes, ...]:
        return inclusion_path(index=index, size=size, read=self.log(origin).read)

    def given(self, origin: str) -> str | None:
        return self.cosigned_by_us.get(origin)

    def sealed(self, commitment: bytes, *, to: str) -> bytes | None:
        opening = self.openings.get(commitment)
        if opening is None or commitment in self.withdrawn or to not in self.boxes:
            return None
        named = commitment, self.boxes[to]
        if named not in self.ciphertexts:
            self.ciphertexts[named] = pyrage.encrypt(
                opening, [pyrage.x25519.Recipient.from_str(self.boxes[to])]
            )
        return self.ciphertexts[named]

    def is_gone(self, commitment: bytes) -> bool:
        given = commitment in self.openings and commitment not in self.withdrawn
        return not given and commitment not in self.withheld


class Party:
    """One party on one line, with its keys; its officers are named by what they are called."""

    def __init__(
        self,
        name: str,
        other: str,
        *,
        line: str = "tanf",
        officers: Sequence[str] = ("duty",),
        timers: Timers | None = None,
        now: int = 1_536_000_000_000,
        witnesses: Sequence[CosignerKey] = (),
        quorum: Quorum = Quorum.ALL,
    ) -> None:
        self.name, self.other, self.line_name = name, other, line
        self.witnesses, self.quorum = tuple(witnesses), quorum
        self.root = seeded_key(f"{name} root")
        self.box = pyrage.x25519.Identity.generate()
        self.officers = {each: seeded_key(f"{name} {each}") for each in officers}
        self.epoch = 1
        self.serial = 0
        self.salts = 0
        self.kept = Kept()
        terms = Terms(
            line=LineName(line),
            own=PartyWord(name),
            other=PartyWord(other),
            own_root=VerifierKey(name=root_name(name), public_key=public(self.root)),
            other_root=VerifierKey(name=root_name(other), public_key=public(seeded_key(f"{other} root"))),
            timers=timers or Timers(),
        )
        self.line: Line = line_of(terms, now=Instant(now))

    @property
    def origin(self) -> str:
        return origin_of(party=self.name, log=self.line_name, epoch=self.epoch)

    @property
    def log_key(self) -> Ed25519PrivateKey:
        return seeded_key(f"{self.origin} log")

    @property
    def node_key(self) -> Ed25519PrivateKey:
        return seeded_key(f"{self.origin} node")

    @property
    def cosigner(self) -> Cosigner:
        key = seeded_key(f"{self.origin} cosigner")
        named = CosignerKey(
            name=cosigner_name(self.origin), algorithm=Algorithm.ED25519, public_key=public(key)
        )
        return Cosigner(key=named, sign=key.sign)

    def log_keys(self, previous: Anchor | None = None) -> LogKeys:
        return LogKeys(
            log=VerifierKey(name=self.origin, public_key=public(self.log_key)),
            cosigner=self.cosigner.key,
            node=public(self.node_key),
            box=str(self.box.to_public()),
            previous=previous,
            witnesses=self.witnesses,
            quorum=self.quorum,
        )

    def statement(
        self,
        *,
        opens: LogKeys | None = None,
        adds: Sequence[str] = (),
        revokes: Sequence[str] = (),
        at: int = 0,
        empowered: bool = True,
    ):
        self.serial += 1
        for each in adds:
            self.officers.setdefault(each, seeded_key(f"{self.name} {each}"))
        stated = KeyStatement(
            at=Instant(at),
            party=PartyWord(self.name),
            line=LineName(self.line_name),
            other=PartyWord(self.other),
            epoch=self.epoch,
            serial=self.serial,
            opens=opens,
            adds=tuple(
                Officer(
                    key=public(self.officers[each]), name=each, post=f"{each} officer", empowered=empowered
                )
                for each in adds
            ),
            revokes=tuple(revokes),
        )
        return signed_envelope(KEYS_TYPE, stated.written(), public_key=public(self.root), sign=self.root.sign)

    def open(self, *, now: int) -> list[LineEffect]:
        """Say entry 0."""
        statement = self.statement(opens=self.log_keys(), adds=tuple(self.officers), at=now)
        return self.say(Draft(kind=Kind.OPEN, statement=statement), now=now, by=None)

    def reopen(self, *, now: int) -> list[LineEffect]:
        """Open the next epoch."""
        own = self.line.state.own
        previous = Anchor(epoch=own.epoch, head=own.head())
        self.epoch, self.serial = self.line.state.next_own().epoch, 0
        statement = self.statement(opens=self.log_keys(previous), adds=tuple(self.officers), at=now)
        draft = Draft(kind=Kind.OPEN, statement=statement)
        leaf, openings = self.signed(draft, now=now, by=None)
        return self.do(
            Spoken(line=LineName(self.line_name), leaf=leaf, openings=tuple(openings.values())), now=now
        )

    def signed(self, draft: Draft, *, now: int, by: str | None = "duty") -> tuple[bytes, dict[str, bytes]]:
        """A draft as our next leaf, and its openings."""
        salts = [self._salt() for _ in draft.contents]
        openings = openings_of(draft, salts)
        commitments = {name: sha256(opening).digest() for name, opening in openings.items()}
        state = self.line.state
        header = header_of_draft(state, draft, commitments=commitments, now=Instant(now))
        key = self.node_key if by is None or draft.kind in SERVICE else self.officers[by]
        envelope = signed_envelope(MESSAGE_TYPE, header.written(), public_key=public(key), sign=key.sign)
        return envelope.written(), openings

    def say(self, draft: Draft, *, now: int, by: str | None = "duty") -> list[LineEffect]:
        """Sign a draft, and take it."""
        leaf, openings = self.signed(draft, now=now, by=by)
        event = Spoken(line=LineName(self.line_name), leaf=leaf, openings=tuple(openings.values()))
        return self.do(event, now=now)

    def bundle(self, *, now: int) -> Bundle | None:
        """What our node would send now."""
        self.kept.boxes = self._boxes()
        payload = status_for(self.line.state, now=Instant(now)).written()
        status = signed_envelope(
            STATUS_TYPE, payload, public_key=public(self.node_key), sign=self.node_key.sign
        )
        return packed(self.line.state, self.kept, status=status)

    def withhold(self, *, now: int, end: int | None = None) -> list[LineEffect]:
        """Let our node say which parts are gone, of the entries that the other says to have, or of those before one."""
        has = self.line.state.has_of_us
        end = (0 if has is None else has.head.size) if end is None else end
        drafts = withholding(self.line.state, self.kept, end=end)
        return [effect for each in drafts for effect in self.say(each, now=now, by=None)]

    def take(self, bundle: Bundle, *, now: int, way: str = "link") -> list[LineEffect]:
        """Take a bundle of the other's."""
        event = BundleCame(
            line=LineName(self.line_name),
            way=way,
            bundle=bundle,
            holding=self.holding(bundle),
            openings=self.opened(bundle),
        )
        return self.do(event, now=now)

    def holding(self, bundle: Bundle) -> Holding:
        """What our copy says where a bundle begins and ends."""
        log = self.kept.log(origin_of(party=self.other, log=self.line_name, epoch=bundle.epoch))
        return Holding(
            base=log.frontier(bundle.start) if bundle.start <= len(log.leaves) else None,
            prefix=log.prefix(bundle.start + len(bundle.leaves)),
            newest=None if bundle.newest is None else log.prefix(shown_size(bundle)),
        )

    def opened(self, bundle: Bundle) -> tuple[bytes, ...]:
        """The parts that our box opens, and the parts of our own messages that the bundle answers."""
        opened: list[bytes] = []
        for commitment, sealed in bundle.parts.items():
            try:
                opening = pyrage.decrypt(sealed, [self.box])
            except pyrage.DecryptError:
                continue
            if sha256(opening).digest() == commitment:
                opened.append(opening)
        kept = self.kept.openings
        known = [kept[each] for each in beside(self.line.state, opened) if each in kept]
        for leaf in (*bundle.leaves, *(each.leaf for each in bundle.express)):
            opened += self._own_parts(leaf)
        return (*opened, *known)

    def do(self, event: AgreedLineEvent, *, now: int) -> list[LineEffect]:
        """Step the line, and do what it says to be done with what is kept."""
        effects = self.line.step(event, now=Instant(now))
        # Entries that are handed back may be of an epoch that a backup forgot: its keys are the ones to sign with.
        self.epoch = self.line.state.own.epoch
        for effect in effects:
            self.perform(effect)
        return effects

    def perform(self, effect: LineEffect) -> None:
        """Do one thing durably."""
        match effect:
            case GrowLog():
                log = self.kept.log(effect.origin)
                log.append(effect.leaves)
                head = log.frontier(len(log.leaves)).head()
                note = effect.checkpoint
                if note is None:
                    checkpoint = Checkpoint(origin=effect.origin, head=head)
                    name = VerifierKey(name=effect.origin, public_key=public(self.log_key))
                    note = signed_note(checkpoint.text(), Signer(key=name, sign=self.log_key.sign)).written()
                log.checkpoints[head.size] = note
            case Cosign():
                made = cosigned(note_of(effect.checkpoint), self.cosigner, effect.at)
                self.kept.cosigned_by_us[effect.origin] = made.written()
            case KeepCosigned():
                self.kept.cosigned_by_other.setdefault(effect.origin, []).append(effect.checkpoint)
            case KeepOpenings():
                self.kept.openings.update(effect.openings)
            case PartsWithheld():
                self.kept.withheld.update(effect.commitments)
            case _:
                pass

    def _own_parts(self, leaf: bytes) -> list[bytes]:
        try:
            header = header_of(envelope_of(leaf).payload)
        except Refused:
            return []
        answered = [each.hash for each in header.references if each.how in ANSWERING]
        receptions = self.line.state.receptions
        parts = [receptions[each].parts for each in answered if each in receptions]
        commitments = [each for part in parts for each in part.values()]
        return [self.kept.openings[each] for each in commitments if each in self.kept.openings]

    def _boxes(self) -> dict[str, str]:
        roster = self.line.state.copy.log.roster
        return {} if roster is None else {self.other: roster.keys.box}

    def _salt(self) -> bytes:
        self.salts += 1
        return sha256(f"{self.name} salt {self.salts}".encode()).digest()


def exchange(one: Party, two: Party, *, now: int, rounds: int = 4) -> None:
    """Carry bundles to and fro until both have all."""
    for _ in range(rounds):
        for sender, receiver in ((one, two), (two, one)):
            bundle = sender.bundle(now=now)
            if bundle is not None:
                receiver.take(bundle, now=now)
            now += 10
