"""A simulated line, played from a seed: parties who do not trust each other, links that fail, and one who may lie.

Two to five nodes, each pair of them with a line or none, in one process. The network loses, doubles, delays and
reorders bundles and parts for days; some go by stick; clocks are wrong by days, drift and are set; nodes crash, and
some come back from an old backup. At most one party lies, in one way (liars.py). When it is over the network heals,
and then every rule that always holds is checked: what was said arrived once, in order, byte by byte; nothing that was
committed is lost; every lie is found, with evidence that a stranger verifies; and nobody else is ever accused.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from keepclear.core.errors import KeepclearError
from keepclear.core.instant import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from keepclear.core.line.bundle import LEAVES_MAX, Bundle
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import Attended, Carried, Carry, Check, Elapsed, LineEffect, NotCarried
from keepclear.core.line.message import Kind, LineName
from keepclear.core.record.checkpoint import origin_of
from sim.liars import Lie
from sim.lies import LIES
from sim.linenode import BrokenError, Durable, Side, raise_if
from sim.lineproof import verified_by_a_stranger
from sim.officers import Officers
from sim.remembering import remembered

START = 1_536_000_000_000
"""3 September 2018, UTC."""

LINK, STICK = "link", "stick"
TIMEOUT_MS = 5 * SECOND_MS
STEPS_MAX = 5_000
"""What happens in a seed in all is a few hundred steps; nodes that do nothing else than answer go on past this."""

HEALING_ROUNDS = 14
PATIENCE_ROUNDS = 5
"""So many rounds a node that came back from a backup waits for its entries before it opens a new epoch."""


@dataclass
class Node:
    """One party's machine: its clock, its sides, and a backup of it if one was made."""

    name: str
    sides: list[Side]
    ahead_ms: int
    drift: float
    backup: list[Durable] | None = None
    not_before: int = 0
    down_until: int = 0

    def now(self, at: int) -> int:
        """The time by this node's clock."""
        return max(self.not_before, at + self.ahead_ms + int((at - START) * self.drift))


@dataclass
class Line:
    """Two sides and the network between them."""

    sides: tuple[Side, Side]
    loss: float
    doubling: float
    delay_ms: int
    cuts: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])


class World:
    """All parties, the network, the clocks and the chance of one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = Random(seed)
        # A chance of its own, so that each seed goes on as it did before consent was ever withdrawn in it.
        self.consents = Random(f"consent {seed}")
        self.counts: Counter[str] = Counter()
        self.at = START
        self.queue: list[tuple[int, int, Callable[[], None]]] = []
        self.order = 0
        self.steps = 0
        self.span_ms = self.chance.choice([10 * MINUTE_MS, 6 * HOUR_MS, 2 * DAY_MS, 5 * DAY_MS])
        self.healed = False
        self.archive: list[tuple[Side, Bundle]] = []
        self.lie: Lie | None = None
        self._people()
        self._network()
        self.officers = Officers(self.chance, self.counts)

    # ------------------------------------------------------------------ who there is

    def _people(self) -> None:
        chance = self.chance
        names = "abcde"[: chance.choice([2, 2, 2, 2, 2, 3, 3, 4, 5])]
        # Every party but the first has a line with one before it; a few more make circles.
        pairs = {(chance.choice(names[:place]), name) for place, name in enumerate(names) if place}
        if len(names) > 2 and chance.random() < 0.4:
            pairs.add(("a", names[-1]))
        lying = chance.random() < 0.6
        if lying:
            self.lie = chance.choice(LIES)()
            self.counts[f"lies: {self.lie.name}"] += 1
            if self.lie.lines > 1 and len(pairs) < 2:
                pairs.add(("a", "c"))
                names = names if "c" in names else names + "c"
            if self.lie.lines > 1:
                pairs |= {("a", "b"), ("a", "c")}
        self.lines: list[Line] = []
        sides: dict[str, list[Side]] = {name: [] for name in names}
        for one, two in sorted(pairs):
            ends = tuple(
                Side(name, other, line=f"{one}{two}", now=START - 9 * DAY_MS, liar="a" if lying else None)
                for name, other in ((one, two), (two, one))
            )
            ends[0].peer, ends[1].peer = ends[1], ends[0]
            reach = chance.choice([1, 2, LEAVES_MAX])
            for side in ends:
                side.kept.reach = reach
                side.strangers = verified_by_a_stranger
                sides[side.name].append(side)
            self.lines.append(Line(sides=(ends[0], ends[1]), loss=0.0, doubling=0.0, delay_ms=0))
        self.nodes = {
            name: Node(
                name=name,
                sides=own,
                ahead_ms=chance.choice([0, 0, chance.randint(-3 * DAY_MS, 3 * DAY_MS)]),
                drift=chance.choice([0.0, chance.uniform(-1e-3, 1e-3)]),
            )
            for name, own in sides.items()
        }

    def _network(self) -> None:
        chance = self.chance
        for line in self.lines:
            line.loss, line.doubling = chance.choice([0.0, 0.1, 0.4]), chance.choice([0.0, 0.3])
            line.delay_ms = chance.choice([50, 5 * SECOND_MS, HOUR_MS])
            if chance.random() < 0.4:
                start = START + chance.randint(0, self.span_ms)
                line.cuts.append((start, start + chance.randint(0, self.span_ms)))

    def node_of(self, side: Side) -> Node:
        return self.nodes[side.name]

    def now(self, side: Side) -> int:
        """The time as this side's node has it."""
        return self.node_of(side).now(self.at)

    def line_of(self, side: Side) -> Line:
        return next(line for line in self.lines if side in line.sides)

    # ------------------------------------------------------------------ what happens

    def later(self, after_ms: int, what: Callable[[], None]) -> None:
        """Let something happen after a while."""
        self.order += 1
        heapq.heappush(self.queue, (self.at + after_ms, self.order, what))

    def run(self) -> None:
        """Play all that is to happen, then heal the network and hold all against the rules."""
        self._plan()
        self._drain()
        self.heal()

    def _plan(self) -> None:
        chance = self.chance
        for line in self.lines:
            for side in line.sides:
                self.later(chance.randint(0, self.span_ms // 8), lambda side=side: self.open(side))
                for _ in range(chance.randint(1, 3)):
                    self.later(chance.randint(0, self.span_ms), lambda side=side: self.speak(side))
        for node in self.nodes.values():
            for _ in range(chance.randint(1, 3)):
                self.later(chance.randint(0, self.span_ms), lambda node=node: self.tick(node))
            self._plan_trouble(node)
        if self.lie is not None:
            for _ in range(3):
                self.later(chance.randint(self.span_ms // 3, self.span_ms), self._lie)

    def _plan_trouble(self, node: Node) -> None:
        chance = self.chance
        for what, likely in (
            (self.crash, 0.5),
            (self.set_clock, 0.4),
            (self.carry_stick, 0.4),
            (self.play_again, 0.5),
        ):
            if what == self.set_clock and self.lie is not None and self.lie.steady:
                continue
            if chance.random() < likely:
                self.later(chance.randint(0, self.span_ms), lambda what=what: what(node))
        if (self.lie is None or not self.lie.alone) and chance.random() < 0.35:
            # Some come back so soon that nothing of their own is missing, and some after days.
            made, after = chance.randint(0, self.span_ms), chance.randint(1, self.span_ms)
            after = chance.choice([after, after // 20 + 1, after // 200 + 1])
            self.later(made, lambda: self.back_up(node))
            self.later(made + after, lambda: self.restore(node))
            if chance.random() < 0.4:
                self.later(made + chance.randint(0, after), lambda: self.renew(node))

    def _drain(self, until: int | None = None) -> None:
        while self.queue and (until is None or self.queue[0][0] <= until):
            at, _, what = heapq.heappop(self.queue)
            self.at = max(self.at, at)
            what()
            self.steps += 1
            raise_if(self.steps > STEPS_MAX, "the nodes answer one another without end")
        if until is not None:
            self.at = max(self.at, until)

    def open(self, side: Side) -> None:
        if side.state.own.roster is None and side.state.reverted is None and not side.mute:
            self.follow(side, side.open(now=self.now(side)))

    def speak(self, side: Side) -> None:
        """An officer says or answers something, or the keys change."""
        if not side.may_speak():
            return
        effects = self.officers.say(side, now=self.now(side))
        if effects is not None:
            self.counts["entries said"] += 1
            if self.chance.random() < 0.05:
                self.counts["crashes between commit and send"] += 1
                self._crash_now(self.node_of(side))
                return
            self._withdraw_consent(side)
            self.follow(side, effects)
            if self.chance.random() < 0.2:
                # Of a backup that is made now what is said is not missing: only what is cosigned later.
                self.back_up(self.node_of(side))

    def _withdraw_consent(self, side: Side) -> None:
        """Sometimes a person withdraws consent for a part of what was just said, before or after the other has it."""
        parts = side.last_parts()
        if not side.faithful or not parts or self.consents.random() >= 0.1:
            return
        self.counts["consents withdrawn"] += 1
        side.kept.withdrawn.add(self.consents.choice(parts))
        if self.consents.random() < 0.5:
            withheld = side.withhold(now=self.now(side), end=side.state.own.size)
            self.counts["entries that withhold for want of consent"] += bool(withheld)

    def tick(self, node: Node) -> None:
        for side in node.sides:
            self.follow(side, side.do(Elapsed(line=LineName(side.line_name)), now=node.now(self.at)))
            if self.chance.random() < 0.2:
                side.do(Attended(line=LineName(side.line_name)), now=node.now(self.at))

    def follow(self, side: Side, effects: Sequence[LineEffect], *, answered: bool = False) -> None:
        """Do what a step asks of the world: send, or sign a comms check."""
        for effect in effects:
            if isinstance(effect, Carry):
                if effect.every_way:
                    self.later(0, lambda: self.by_stick(side))
                if not answered and not side.pending:
                    side.pending = True
                    self.later(self.chance.randint(1, 500), lambda: self.send(side))
            if isinstance(effect, Check) and side.may_speak() and self.chance.random() < 0.5:
                self.counts["comms checks"] += 1
                said = side.try_say(Draft(kind=Kind.COMMS_CHECK), now=self.now(side), by=None)
                self.follow(side, said or [])

    # ------------------------------------------------------------------ the network

    def packed(self, side: Side) -> Bundle | None:
        """A side's next bundle, as its party sends it."""
        if side.faithful and side.may_speak():
            withheld = side.withhold(now=self.now(side))
            self.counts["entries that withhold what was lost"] += bool(withheld)
        bundle = side.bundle(now=self.now(side))
        if bundle is None:
            return None
        if self.lie is not None and not side.faithful:
            bundle = self.lie.sent(self, side, bundle)
        self.counts["entries sent ahead of their turn"] += len(bundle.express)
        self.archive.append((side.peer, bundle))
        return bundle

    def send(self, side: Side) -> None:
        """One post over the link; the answer is the other's bundle."""
        side.pending = False
        bundle = self.packed(side)
        if bundle is None:
            return
        line, chance = self.line_of(side), self.chance
        cut = any(start <= self.at < end for start, end in line.cuts)
        if cut or chance.random() < line.loss:
            self.counts["bundles lost in a cut" if cut else "bundles lost"] += 1
            self.later(TIMEOUT_MS, lambda: self.failed(side))
            return
        self.later(chance.randint(1, line.delay_ms), lambda: self.arrive(side.peer, bundle, answer_to=side))
        if chance.random() < line.doubling:
            self.counts["bundles doubled"] += 1
            self.later(chance.randint(1, 3 * line.delay_ms), lambda: self.arrive(side.peer, bundle))

    def failed(self, side: Side) -> None:
        event = NotCarried(line=LineName(side.line_name), way=LINK, trouble="no answer")
        self.follow(side, side.do(event, now=self.now(side)))

    def arrive(self, side: Side, bundle: Bundle, *, answer_to: Side | None = None, way: str = LINK) -> None:
        """A bundle comes to a side; over a link the sender waits for the answer."""
        node, chance = self.node_of(side), self.chance
        if not self.healed and chance.random() < 0.02:
            self.counts["crashes before a commit"] += 1
            self._crash_now(node)
        if self.at < node.down_until:
            if answer_to is not None:
                self.later(TIMEOUT_MS, lambda: self.failed(answer_to))
            return
        effects = self.take(side, bundle, way=way)
        if effects is None:
            return
        self.follow(side, effects, answered=answer_to is not None)
        if not self.healed and chance.random() < 0.02:
            self.counts["crashes before an answer"] += 1
            self._crash_now(node)
            return
        if answer_to is not None:
            self._answer(side, answer_to, bundle)

    def take(self, side: Side, bundle: Bundle, *, way: str) -> list[LineEffect] | None:
        """Take a bundle, or None for one that is refused."""
        self.counts["bundles taken"] += 1
        try:
            effects = side.take(bundle, now=self.now(side), way=way)
        except KeepclearError as error:
            self.counts["bundles refused"] += 1
            if self.lie is not None and side.faithful:
                self.lie.refused(self, side, error)
            return None
        if self.lie is not None and side.faithful and side.liar == side.other:
            self.lie.taken(self, side, bundle)
        return effects

    def _answer(self, side: Side, to: Side, brought: Bundle) -> None:
        answer, line = self.packed(side), self.line_of(side)
        if not self.healed and self.chance.random() < line.loss:
            self.counts["answers lost"] += 1
            self.later(TIMEOUT_MS, lambda: self.failed(to))
            return
        size = brought.start + len(brought.leaves)
        self.later(self.chance.randint(1, line.delay_ms), lambda: self.answered(to, answer, size=size))

    def answered(self, side: Side, answer: Bundle | None, *, size: int) -> None:
        size = min(size, side.state.own.size)
        side.do(Carried(line=LineName(side.line_name), way=LINK, size=size), now=self.now(side))
        if answer is not None:
            self.arrive(side, answer)

    def by_stick(self, side: Side) -> None:
        """A bundle that a person carries: it comes hours or days later, sometimes twice, sometimes never."""
        bundle = self.packed(side)
        if bundle is None:
            return
        self.counts["sticks"] += 1
        size = bundle.start + len(bundle.leaves)
        side.do(Carried(line=LineName(side.line_name), way=STICK, size=size), now=self.now(side))
        for _ in range(self.chance.choice([0, 1, 1, 2])):
            after_ms = self.chance.randint(MINUTE_MS, max(self.span_ms, HOUR_MS))
            self.later(after_ms, lambda: self.arrive(side.peer, bundle, way=STICK))

    # ------------------------------------------------------------------ trouble

    def carry_stick(self, node: Node) -> None:
        self.by_stick(self.chance.choice(node.sides))

    def play_again(self, _node: Node) -> None:
        """Somebody on the way keeps a bundle and hands it over once more."""
        if self.archive:
            self.counts["bundles played again"] += 1
            to, bundle = self.chance.choice(self.archive)
            self.arrive(to, bundle)

    def set_clock(self, node: Node) -> None:
        self.counts["clocks set"] += 1
        node.ahead_ms += self.chance.choice([-1, 1]) * self.chance.choice(
            [SECOND_MS, HOUR_MS, self.chance.randint(0, 3 * DAY_MS)]
        )

    def crash(self, node: Node) -> None:
        self.counts["crashes"] += 1
        self._crash_now(node)

    def _crash_now(self, node: Node) -> None:
        if not all(side.faithful for side in node.sides):
            return
        for side in node.sides:
            side.crash()
        node.down_until = self.at + self.chance.choice([0, MINUTE_MS, HOUR_MS])

    def back_up(self, node: Node) -> None:
        node.backup = [side.durable.copy() for side in node.sides]

    def restore(self, node: Node) -> None:
        """A node comes back from its backup: with the marker beside its keys, or, where that is fair, without."""
        if node.backup is None or not all(backup.opened for backup in node.backup):
            # A node set back to before its own entry 0 has no keys to hear with: people agree a new line.
            return
        if self.counts["backups restored unmarked"] or not all(side.faithful for side in node.sides):
            # Where the other end forgets too, what only it could tell is nowhere.
            return
        known = not self.counts["backups restored"] and all(map(self._is_known_elsewhere, node.sides))
        marked = not known or self.chance.random() < 0.5
        self._set_back(node, marked=marked)
        self.counts["backups restored" if marked else "backups restored unmarked"] += 1
        for side, backup in zip(node.sides, node.backup, strict=True):
            for what in side.restore(backup, now=node.now(self.at), marked=marked):
                self.counts[f"backups that forgot {what}"] += 1
        if marked and self.counts["backups restored"] > 1:
            self.counts["lines of which both ends forgot"] += sum(
                side.peer.was_restored for side in node.sides
            )
        for side in node.sides:
            side.was_restored = True

    def _set_back(self, node: Node, *, marked: bool) -> None:
        """The clock of a machine that is set up anew may be behind what was signed; only a marker tells."""
        if not marked:
            node.not_before = max(side.last_now for side in node.sides) + 1
        elif (self.lie is None or not self.lie.steady) and self.chance.random() < 0.5:
            self.counts["clocks set back with a backup"] += 1
            node.ahead_ms -= self.chance.choice([HOUR_MS, self.chance.randint(0, 3 * DAY_MS)])

    def renew(self, node: Node) -> None:
        """People open a new epoch of their own accord."""
        for side in node.sides:
            if side.honest and side.may_speak():
                self.counts["epochs opened by choice"] += 1
                self.follow(side, side.reopen(now=self.now(side)))

    def _is_known_elsewhere(self, side: Side) -> bool:
        """Whether the other has cosigned all that was ever signed: then its next bundle tells, marker or not."""
        own, peer = side.state.own, side.peer
        given = peer.state.own_cosigned
        last = (given[-1].epoch, given[-1].size) if given else (0, 0)
        return last == (own.epoch, own.size) and side.largest_sent <= own.size and side.state.reverted is None

    def _lie(self) -> None:
        """Let the liar try; what it cannot say yet it says later, or when the network has healed."""
        if self.lie is not None and not self.healed:
            self.lie.told(self, self.nodes["a"].sides)

    # ------------------------------------------------------------------ healing

    def heal(self) -> None:
        """Nothing is lost from now on: within a bounded time every line must become whole."""
        self._mend()
        for number in range(HEALING_ROUNDS):
            self._drain(self.at + MINUTE_MS)
            if number > 1 and self.lie is not None:
                self.lie.told(self, self.nodes["a"].sides)
            unhealed = [line for line in self.lines if not self.is_whole(line)]
            if not unhealed:
                break
            for side in [side for line in unhealed for side in line.sides]:
                self._nudge(side, number)
        self._drain()
        for line in self.lines:
            self.check(line)
        if self.lie is not None:
            self.lie.check(self)

    def _mend(self) -> None:
        self.healed = True
        for node in self.nodes.values():
            node.down_until = 0
        for line in self.lines:
            line.loss, line.doubling, line.delay_ms, line.cuts = 0.0, 0.0, 50, []
            for side in line.sides:
                self.open(side)

    def _nudge(self, side: Side, number: int) -> None:
        # A liar that tells two histories does not give up the one that it told: it goes on until it is found out.
        persists = not side.honest and self.lie is not None and self.lie.alone
        if side.state.reverted is not None and number >= PATIENCE_ROUNDS and not persists:
            self.counts["epochs opened"] += 1
            side.mute = False
            self.follow(side, side.reopen(now=self.now(side)))
        self.follow(side, side.do(Elapsed(line=LineName(side.line_name)), now=self.now(side)))

    def is_whole(self, line: Line) -> bool:
        """Whether both sides have all of each other, and each other's receipt for it."""
        if not line.sides[0].honest:
            return self.lie is not None and self.lie.is_over(line.sides)
        return all(
            side.state.reverted is None
            and side.state.own.head() == side.peer.state.copy.log.head()
            and side.state.own.epoch == side.peer.state.copy.log.epoch
            and side.state.confirmed == side.state.own.size
            and not side.state.unopened
            for side in line.sides
        )

    # ------------------------------------------------------------------ what always holds

    def check(self, line: Line) -> None:
        """Hold a healed line against the rules."""
        for side in line.sides:
            if side.faithful and self.seed % 2 == 0:
                # Every other seed also ends with a replay; each has crashes of its own.
                side.crash()
            if side.honest:
                self._check_said(side)
                self._check_received(side)
            elif side.faithful:
                self._check_own(side)

    def _check_own(self, side: Side) -> None:
        where = f"{side.name} on {side.line_name}"
        own = side.kept.log(side.origin).leaves
        if (side.mute or side.state.reverted is not None) and not side.honest:
            # Whom nobody faithful hands its entries back holds the first of them.
            own = own + side.said[side.epoch][len(own) :]
        raise_if(own != side.said.get(side.epoch, []), f"{where}: its own log is not what it said")
        for epoch in range(1, side.epoch):
            origin = origin_of(party=side.name, log=side.line_name, epoch=epoch)
            for held in (side.kept.log(origin).leaves, side.peer.kept.log(origin).leaves):
                raise_if(held != side.said[epoch][: len(held)], f"{where}: epoch {epoch} is not what it said")

    def _check_said(self, side: Side) -> None:
        """What we said is in our log, and byte by byte in the other's copy."""
        where = f"{side.name} on {side.line_name}"
        self._check_own(side)
        state, peer = side.state, side.peer
        copied = peer.kept.log(side.origin).leaves
        raise_if(
            copied != side.kept.log(side.origin).leaves,
            f"{where}: said {state.own.size} entries, {len(copied)} arrived (epoch {state.own.epoch})",
        )
        raise_if(
            state.confirmed != state.own.size or bool(state.waiting), f"{where}: no receipt for what arrived"
        )
        raise_if(bool(peer.state.unopened), f"{where}: parts that were released did not arrive")

    def _check_received(self, side: Side) -> None:
        """What the other said was acted on once, and in its order but for what is urgent."""
        where = f"{side.name} on {side.line_name}"
        log = side.kept.log(side.other_origin)
        seen = Counter(hashed for _, hashed in side.durable.received)
        raise_if(any(count > 1 for count in seen.values()), f"{where}: a message was acted on twice")
        self._check_order(side, where, log.leaves)

    def _check_order(self, side: Side, where: str, leaves: list[bytes]) -> None:
        places = {self.officers.hash_of(leaf): index for index, leaf in enumerate(leaves)}
        indices = [places[hashed] for _, hashed in side.durable.received if hashed in places]
        raise_if(sorted(indices) != list(range(len(leaves))), f"{where}: not all that is held was acted on")
        in_turn = [index for index in indices if not self.officers.is_urgent(leaves[index])]
        raise_if(in_turn != sorted(in_turn), f"{where}: what is not urgent was acted on out of turn")


def simulate(seed: int) -> Counter[str]:
    """Play one seed; answers what happened how often. Raises BrokenError, naming the seed."""
    with remembered():
        world = World(seed)
        try:
            world.run()
        except (BrokenError, KeepclearError, AssertionError) as broken:
            # What no one expected to be refused is a rule broken too; so is evidence that a stranger does not believe.
            raise BrokenError(f"seed {seed}: {broken}") from broken
    world.counts["parties"] += len(world.nodes)
    world.counts["lines"] += len(world.lines)
    return world.counts
