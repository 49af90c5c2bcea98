"""kill -9 of a node with a line at any moment: what it answered is there again, and its log never forks."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

from edge.lineworking import opened
from edge.paired import OFFICERS, TANF
from keepclear.core.line.voice.readback import Language
from keepclear.core.record.checkpoint import opened as opened_checkpoint
from keepclear.core.record.merkle import Head, leaf_hash, verify_consistency
from keepclear.edge.api.lineforms import AgreeForm
from keepclear.edge.api.lineoffice import LineOffice
from keepclear.edge.config import Config
from keepclear.edge.node import Node
from keepclear.formats.line.bundlefile import bundle_of
from keepclear.formats.line.card import card_of

ROUNDS = 24


def test_a_node_killed_at_any_moment_keeps_what_it_answered_and_never_forks(tmp_path: Path) -> None:
    chance = random.Random(20180917)
    agreed(tmp_path)
    b = opened(tmp_path / "b", "b")
    heads: list[Head] = []
    command = [sys.executable, str(Path(__file__).with_name("lineworking.py"))]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    answered: list[str] = []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        try:
            for number in range(ROUNDS):
                answered += one_round(
                    parent,
                    tmp_path,
                    start=number * 1_000,
                    least=chance.randrange(9),
                    more_s=chance.random() / 30,
                )
                a = opened(tmp_path / "a", "a")
                try:
                    heads.append(checked(a, b, tmp_path, answered, f"round {number}"))
                finally:
                    a.host.store.close()
        finally:
            b.host.store.close()
    assert len(answered) > 3 * ROUNDS, "the rounds were too short to show anything"
    assert all(one.size <= two.size for one, two in pairwise(heads))


def checked(a: Node, b: Node, folder: Path, answered: list[str], where: str) -> Head:
    """What stands at a after a kill, and what b finds in the killed node's last bundle and in a new one."""
    state = a.lines.state(TANF)
    log = a.host.store.log(state.own.origin)
    assert log.self_check() == state.own.head(), where
    there = {leaf_hash(leaf).hex() for leaf in log.leaves(start=0)}
    assert set(answered) <= there, f"{where}: an answered message is gone"
    assert set(answered[-200:]) <= {each.hex() for each in state.receptions}, f"{where}: it is not waited for"
    assert state.reverted is None, f"{where}: the node believes that a backup was restored"
    last = folder / "from-a.kcb"
    if last.exists():
        # The killed node may have signed this head and died: what stands now must continue it.
        note = bundle_of(last.read_bytes()).checkpoint
        head = opened_checkpoint(note, log.key).head
        verify_consistency(old=head, new=log.head(), path=log.consistency(head.size))
        b.lines.take_bundle(last.read_bytes(), way="folder")
    packed = a.lines.pack(TANF, way="hand")
    assert packed is not None
    b.lines.take_bundle(packed.raw, way="folder")
    copy = b.lines.state(TANF)
    assert copy.copy.log.head() == log.head(), where
    assert not copy.faults, f"{where}: {copy.faults}"
    assert not copy.unproved, where
    back = b.lines.pack(TANF, way="hand")
    assert back is not None
    (folder / "to-a.kcb").write_bytes(back.raw)
    return log.head()


def agreed(folder: Path) -> None:
    """Two nodes that have agreed on a line and opened it."""
    nodes = {name: opened(folder / name, name) for name in ("a", "b")}
    offices = {name: LineOffice(node, config=Config(party=name)) for name, node in nodes.items()}
    cards = {name: office.card() for name, office in offices.items()}
    for name, other in (("a", "b"), ("b", "a")):
        words = offices[other].pairing_words(TANF, card_of(cards[name]), Language.EN)
        offices[name].agree(AgreeForm(line=TANF, card=cards[other].decode(), words=" ".join(words)))
        nodes[name].lines.open(TANF, OFFICERS[name], root=nodes[name].lines.identity.root_key())
    for name, other in (("a", "b"), ("b", "a")):
        packed = nodes[name].lines.pack(TANF, way="hand")
        assert packed is not None
        nodes[other].lines.take_bundle(packed.raw, way="folder")
    for node in nodes.values():
        node.host.store.close()


def one_round(
    parent: subprocess.Popen[str], folder: Path, *, start: int, least: int, more_s: float
) -> list[str]:
    """Lets a node work, kills it so long after so many answers, and gives the hashes that it answered."""
    assert parent.stdin is not None
    parent.stdin.write(f"{folder / 'a'} {start}\n")
    parent.stdin.flush()
    child = int(line_of(parent).removeprefix("child "))
    said = [line_of(parent) for _ in range(least)]
    time.sleep(more_s)
    os.kill(child, signal.SIGKILL)
    while (line := line_of(parent)) != "dead":
        said.append(line)
    return [each.removeprefix("said ") for each in said]


def line_of(parent: subprocess.Popen[str]) -> str:
    assert parent.stdout is not None
    line = parent.stdout.readline()
    assert line, "the working process died by itself"
    return line.strip()
