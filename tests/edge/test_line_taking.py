"""What a bundle costs the node that takes it: a signature first, and all that is long beside everything else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.paired import TANF, paired
from keepclear.core.errors import Untrusted
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.draft import Draft
from keepclear.core.line.examination import Examination, Examined
from keepclear.core.line.message import Kind
from keepclear.core.line.text import Text
from keepclear.edge.keys.box import Box, seal
from keepclear.edge.lines.carrying import BUNDLE_PATH
from keepclear.formats.line.bundlefile import bundle_bytes, bundle_of
from linenodes import Node, TwoNodes

PATIENCE_S = 30.0


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[TwoNodes]:
    with TwoNodes(tmp_path) as both:
        yield both


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every sealed part that a box is asked to open from now on."""
    asked: list[bytes] = []
    plain = Box.open

    def watched(self: Box, sealed: bytes) -> bytes | None:
        asked.append(sealed)
        return plain(self, sealed)

    monkeypatch.setattr(Box, "open", watched)
    return asked


def said_by_a(nodes: TwoNodes, words: str = "We stay out.") -> Bundle:
    text = Text(composed=nodes.now, language="en", originator="A", text=words, no_place=True).content()
    nodes.a.lines.say(nodes.line, Draft(kind=Kind.ADVISE, contents={"text": text}), by="Officer of a")
    packed = nodes.a.lines.pack(nodes.line, way="hand")
    assert packed is not None
    return bundle_of(packed.raw)


def journal_of(node: Node) -> list[tuple[str, bytes]]:
    return [(each.kind, each.body) for each in node.host.store.events_after(0)]


def with_junk(nodes: TwoNodes, bundle: Bundle) -> Bundle:
    """The bundle with parts that are sealed to the receiver and that nobody committed to."""
    state = nodes.b.lines.state(nodes.line)
    assert state.own.roster is not None
    box = state.own.roster.keys.box
    junk = {bytes([n]) * 32: seal(f"junk {n}".encode(), [box]) for n in range(40)}
    return replace(bundle, parts={**junk, **bundle.parts})


def forged(bundle: Bundle) -> Bundle:
    """The bundle with another's signature on its checkpoint."""
    name, signature = bundle.checkpoint.rsplit(" ", 1)
    return replace(bundle, checkpoint=f"{name} {signature[:12]}{'B' * 40}{signature[52:]}")


def test_parts_that_no_entry_names_are_neither_opened_nor_kept(nodes: TwoNodes, opened: list[bytes]) -> None:
    bundle = with_junk(nodes, said_by_a(nodes))
    nodes.b.lines.take_bundle(bundle_bytes(bundle), way="hand")
    assert opened == [sealed for name, sealed in bundle.parts.items() if name != name[:1] * 32]
    assert [nodes.b.host.store.opening(name.hex()) is None for name in bundle.parts] == [True] * 40 + [False]
    assert not any(b"junk" in body for _, body in journal_of(nodes.b))


def test_a_bundle_that_its_sender_did_not_sign_costs_one_signature_and_no_room(
    nodes: TwoNodes, opened: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, before = forged(said_by_a(nodes)), journal_of(nodes.b)

    def never(_: Examination) -> Examined:
        raise AssertionError("it was gone through")

    monkeypatch.setattr(Examination, "examined", never)
    with pytest.raises(Untrusted):
        nodes.b.lines.take_bundle(bundle_bytes(bundle), way="hand")
    assert opened == []
    assert journal_of(nodes.b) == before


def test_a_node_goes_on_while_a_bundle_is_gone_through(
    nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle, went_on = said_by_a(nodes), threading.Event()
    plain = Examination.examined

    def long(self: Examination) -> Examined:
        assert went_on.wait(PATIENCE_S), "the node stood still"
        return plain(self)

    async def both() -> None:
        taking = asyncio.create_task(nodes.b.lines.take(bundle, way="link"))
        await asyncio.sleep(0)
        nodes.b.lines.check(nodes.line)
        went_on.set()
        await taking

    monkeypatch.setattr(Examination, "examined", long)
    asyncio.run(both())
    assert nodes.b.lines.state(nodes.line).copy.log.size == 2


def test_what_was_gone_through_before_the_copy_grew_is_gone_through_again(
    nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = said_by_a(nodes)
    second = said_by_a(nodes, "We go in.")
    plain = Examination.examined
    started, grown = threading.Event(), threading.Event()

    def held_up(self: Examination) -> Examined:
        found = plain(self)
        if self.bundle.checkpoint == second.checkpoint and not grown.is_set():
            started.set()
            assert grown.wait(PATIENCE_S)
        return found

    async def both() -> None:
        taking = asyncio.create_task(nodes.b.lines.take(second, way="link"))
        await asyncio.to_thread(started.wait, PATIENCE_S)
        nodes.b.lines.take_bundle(bundle_bytes(first), way="file")
        grown.set()
        await taking

    monkeypatch.setattr(Examination, "examined", held_up)
    asyncio.run(both())
    state = nodes.b.lines.state(nodes.line)
    assert state.copy.log.size == 3
    assert len(state.duties) == 2
    assert not state.faults
    assert not state.unopened


def test_of_one_line_a_second_bundle_waits_and_is_then_taken(
    nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles = [said_by_a(nodes, words) for words in ("One.", "Two.", "Three.")]
    plain, at_once, most = Examination.examined, 0, 0

    def counted(self: Examination) -> Examined:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        found = plain(self)
        at_once -= 1
        return found

    async def all_at_once() -> None:
        await asyncio.gather(*(nodes.b.lines.take(each, way="link") for each in bundles))

    monkeypatch.setattr(Examination, "examined", counted)
    asyncio.run(all_at_once())
    assert most == 1
    assert nodes.b.lines.state(nodes.line).copy.log.size == 4


def test_bundles_of_many_bytes_are_covered_by_a_snapshot_before_there_are_many_of_them(
    nodes: TwoNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = nodes.b.host
    host.keep_house()
    assert host.store.load_snapshot() is None
    bundle = bundle_bytes(said_by_a(nodes))
    monkeypatch.setattr("keepclear.edge.host.SNAPSHOT_BYTES", len(bundle) // 2)
    nodes.b.lines.take_bundle(bundle, way="hand")
    host.keep_house()
    snapshot = host.store.load_snapshot()
    assert snapshot is not None
    host.keep_house()
    assert host.store.load_snapshot() == snapshot, "it begins to count anew"
    assert nodes.restart("b").lines.state(nodes.line).copy.log.size == 2


def test_what_a_peer_sends_by_link_and_did_not_sign_is_counted_and_refused(tmp_path: Path) -> None:
    async def forge() -> None:
        async with paired(tmp_path) as (a, b):
            packed = a.node.lines.pack(TANF, way="link")
            assert packed is not None
            raw = bundle_bytes(forged(bundle_of(packed.raw)))
            answer = await b.node.couriers._handle("a", BUNDLE_PATH, raw)
            assert answer.status == 403
            counts = {each.source: each.count for each in b.node.host.store.refusal_counts()}
            assert counts == {"line link": 1}

    asyncio.run(asyncio.wait_for(forge(), 120.0))


def test_a_bundle_past_the_beginning_of_an_epoch_is_counted_and_answered_with_what_is_held(
    tmp_path: Path,
) -> None:
    async def skip() -> None:
        async with paired(tmp_path) as (a, b):
            packed = a.node.lines.pack(TANF, way="link")
            assert packed is not None
            later = replace(bundle_of(packed.raw), epoch=7, start=3, leaves=())
            answer = await b.node.couriers._handle("a", BUNDLE_PATH, bundle_bytes(later))
            assert answer.status == 200
            assert bundle_of(answer.body).sender == "b"
            assert [each.code for each in b.node.host.store.refusal_counts()] == ["bundle.first"]

    asyncio.run(asyncio.wait_for(skip(), 120.0))
