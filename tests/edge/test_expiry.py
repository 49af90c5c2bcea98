"""A message that says until when it is kept is gone afterwards: from the store, its journal and its snapshots."""

from __future__ import annotations

from pathlib import Path

from keepclear.core.line.draft import Draft
from keepclear.core.line.message import Kind
from keepclear.core.line.text import Text
from linenodes import TwoNodes

SECRET = "the-place-nobody-may-keep"


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("store.sqlite*")))


def test_what_expired_is_in_no_file_of_either_node_and_the_logs_are_whole(tmp_path: Path) -> None:
    with TwoNodes(tmp_path) as nodes:
        text = Text(composed=nodes.now, language="en", originator="A", text=SECRET, no_place=True).content()
        draft = Draft(
            kind=Kind.NOTIFY,
            contents={"text": text, "validity": {"keep_until_ms": nodes.now + 60_000}},
        )
        hashed = nodes.a.lines.say(nodes.line, draft, by="Officer of a")
        nodes.pass_time(1)
        nodes.exchange()
        assert nodes.a.lines.state(nodes.line).receptions[hashed].delivered is not None
        assert SECRET.encode() in _bytes_of(tmp_path / "a")
        assert SECRET.encode() in _bytes_of(tmp_path / "b")
        nodes.pass_time(61)
        for node in (nodes.a, nodes.b):
            node.host.keep_house()
        for name, node in (("a", nodes.a), ("b", nodes.b)):
            assert SECRET.encode() not in _bytes_of(tmp_path / name), name
            for origin in node.host.store.origins():
                node.host.store.log(origin).self_check()


def test_what_the_other_does_not_have_yet_is_not_let_go(tmp_path: Path) -> None:
    with TwoNodes(tmp_path) as nodes:
        text = Text(composed=nodes.now, language="en", originator="A", text=SECRET, no_place=True).content()
        draft = Draft(
            kind=Kind.NOTIFY,
            contents={"text": text, "validity": {"keep_until_ms": nodes.now + 60_000}},
        )
        hashed = nodes.a.lines.say(nodes.line, draft, by="Officer of a")
        nodes.pass_time(3_600)
        nodes.a.host.keep_house()
        nodes.exchange()
        reception = nodes.a.lines.state(nodes.line).receptions[hashed]
        assert reception.delivered is not None, "it could still be sealed for the other, opened and cosigned"
        nodes.a.host.keep_house()
        assert SECRET.encode() not in _bytes_of(tmp_path / "a")
