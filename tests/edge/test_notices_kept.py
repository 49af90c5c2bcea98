"""Notices at real nodes: kept with the line that they were said on, and there again after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from boards import at, convoy, entry, extent, giving, reporting, withdrawing
from keepclear.core.errors import Refused
from keepclear.core.notice.event import ConflictSeen, MinimaSet, Report
from keepclear.core.notice.held import NoticeId
from keepclear.core.notice.lifecycle import Stage
from keepclear.core.notice.minima import Minima, Minimum
from keepclear.core.watch.event import Ticked, ZoneDeclared
from keepclear.formats.line.bundlefile import bundle_bytes, bundle_of
from keepclear.formats.stored.boardsnapshot import board_bytes
from linenodes import Node, TwoNodes
from scene import zone


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[TwoNodes]:
    with TwoNodes(tmp_path) as two:
        two.clock.at = at(-48)
        yield two


def conflicted(nodes: TwoNodes) -> bytes:
    """A notice of each side too near the other's; the hash of the first."""
    given = nodes.a.lines.say(nodes.line, giving(entry()), by="Officer of a")
    nodes.b.lines.say(nodes.line, giving(entry(extent(1_500), designation="7")), by="Officer of b")
    nodes.exchange()
    return given


def stands(node: Node) -> bytes:
    return board_bytes(node.host.desk.incoming)


def decided(node: Node) -> None:
    """People at a node set minima, take note of a conflict and declare a zone."""
    node.host.take(ZoneDeclared(zone=zone(), by="officer"))
    rules = Minima(rules=(Minimum(name="far", kinds=("any", "any"), horizontal_m=9_000.5),))
    node.host.take(MinimaSet(minima=rules, by="L. Marek"))
    (key, *_) = node.host.desk.board.conflicts
    node.host.take(ConflictSeen(conflict=key, by="L. Marek"))


@pytest.mark.parametrize("kept", ["journal", "snapshot"])
def test_a_node_that_restarts_stands_where_it_stood(nodes: TwoNodes, kept: str) -> None:
    conflicted(nodes)
    decided(nodes.a)
    nodes.a.host.take(Ticked())
    before = {party: stands(node) for party, node in (("a", nodes.a), ("b", nodes.b))}
    if kept == "snapshot":
        nodes.a.host._save_snapshot()
        nodes.b.host._save_snapshot()
    for party, state in before.items():
        assert stands(nodes.restart(party)) == state
    assert len(nodes.a.host.desk.board.conflicts) == 2, "of the two, and of what b will do with the zone of A"
    nodes.clock.at = at(5)
    nodes.a.host.take(Ticked())
    assert {each.stage for each in nodes.a.host.desk.board.held.values()} == {Stage.IN_FORCE}


def test_what_became_of_notices_stands_in_the_record_of_the_node(nodes: TwoNodes) -> None:
    given = conflicted(nodes)
    nodes.a.lines.say(nodes.line, withdrawing(given), by="Officer of a")
    nodes.exchange()
    for node in (nodes.a, nodes.b):
        kinds = [each.entry.kind for each in node.host.store.entries(start=0, limit=1_000)]
        found = [each for each in kinds if each.startswith(("notice.", "conflict."))]
        assert sorted(found) == [
            "conflict.cleared",
            "conflict.found",
            "notice.given",
            "notice.given",
            "notice.withdrawn",
        ]


def test_what_would_be_refused_of_a_notice_is_not_signed(nodes: TwoNodes) -> None:
    given = conflicted(nodes)
    size = nodes.b.lines.state(nodes.line).own.size
    draft = giving(entry())
    odd = replace(draft, contents={**draft.contents, "notice": {"v": 1, "kind": "surprise"}})
    for wrong in (withdrawing(given), reporting(given, Report.ARRIVED, at(-47)), odd):
        with pytest.raises(Refused):
            nodes.b.lines.say(nodes.line, wrong, by="Officer of b")
    assert nodes.b.lines.state(nodes.line).own.size == size
    assert not nodes.b.host.desk.board.unread


def test_a_notice_whose_parts_come_one_by_one_is_followed_when_the_last_is_here(nodes: TwoNodes) -> None:
    given = nodes.a.lines.say(nodes.line, giving(convoy()), by="Officer of a")
    packed = nodes.a.lines.pack(nodes.line, way="hand")
    assert packed is not None
    whole = bundle_of(packed.raw)
    names = sorted(whole.parts)
    assert len(names) == 3
    board = nodes.b.host.desk.board
    for number, name in enumerate(names, 1):
        one = replace(whole, parts={name: whole.parts[name]})
        nodes.b.lines.take_bundle(bundle_bytes(one), way="hand")
        assert (NoticeId(given.hex()) in board.held) == (number == 3)
        board = nodes.restart("b").host.desk.board
    assert not board.unread
    assert board.held[NoticeId(given.hex())].notice == convoy()
