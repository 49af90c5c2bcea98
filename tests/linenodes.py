"""Two real nodes with stores, keys and one line between them, without sockets: bundles are handed over by the test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from keepclear.core.instant import Instant
from keepclear.core.line.message import LineName, PartyWord
from keepclear.core.line.terms import Timers
from keepclear.edge.archive import Archive
from keepclear.edge.host import Host
from keepclear.edge.keys.identity import Identity
from keepclear.edge.lines.lines import Lines, Post
from keepclear.edge.linewrites import LineHand
from keepclear.edge.opening import open_store

START = 1_536_000_000_000


class TestClock:
    """A clock that a test sets."""

    __test__ = False
    rate = 1.0
    paused = False

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> Instant:
        return Instant(self.at)


@dataclass
class Node:
    """One node: what a test steps."""

    host: Host
    lines: Lines


def node_in(folder: Path, *, party: str, clock: TestClock) -> Node:
    """The node whose data is in a folder, made or brought back."""
    store = open_store(folder, party=party)
    identity = Identity(folder / "keys", party)
    hand = LineHand(store=store, identity=identity)
    host = Host(store=store, archive=Archive(folder / "archive"), clock=clock, hand=hand)
    host.restore(node=party, version="test")
    lines = Lines(host=host, identity=identity, hand=hand)
    lines.start()
    return Node(host=host, lines=lines)


class TwoNodes:
    """Parties ``a`` and ``b`` on the line ``tanf``, open on both sides, each with one officer "Officer of PARTY"."""

    def __init__(self, folder: Path, *, timers: Timers | None = None) -> None:
        self.line = LineName("tanf")
        self.clock = TestClock(START)
        self.folder = folder
        self.a = node_in(folder / "a", party="a", clock=self.clock)
        self.b = node_in(folder / "b", party="b", clock=self.clock)
        roots = {each: node.lines.identity.root_key() for each, node in (("a", self.a), ("b", self.b))}
        for own, other, node in (("a", "b", self.a), ("b", "a", self.b)):
            node.lines.agree(
                line=self.line, other=PartyWord(other), other_root=roots[other].key, timers=timers
            )
            post = Post(name=f"Officer of {own}", post="watch officer")
            node.lines.open(self.line, [post], root=roots[own])
        self.exchange()

    @property
    def now(self) -> Instant:
        return self.clock.now()

    def pass_time(self, seconds: float) -> None:
        self.clock.at += round(seconds * 1000)

    def exchange(self, rounds: int = 3) -> None:
        """Hand bundles to and fro."""
        for _ in range(rounds):
            for sender, receiver in ((self.a, self.b), (self.b, self.a)):
                packed = sender.lines.pack(self.line, way="hand")
                if packed is not None:
                    receiver.lines.take_bundle(packed.raw, way="hand")
                    sender.lines.carried(self.line, "hand", packed)
                self.clock.at += 10

    def restart(self, party: str) -> Node:
        """Close one node and open it again from what it stored."""
        node = self.a if party == "a" else self.b
        node.host.store.close()
        fresh = node_in(self.folder / party, party=party, clock=self.clock)
        if party == "a":
            self.a = fresh
        else:
            self.b = fresh
        return fresh

    def __enter__(self) -> TwoNodes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.a.host.store.close()
        self.b.host.store.close()
