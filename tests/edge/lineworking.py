"""A whole node with a line, to be killed: run by test_line_crash.py, which reads what it says.

It says ``said HASH`` only after its host has answered the message HASH, and takes a bundle between two messages now
and then, as a node on a link does. The bundles lie in a folder: what a kill cuts short is read again in the next round.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from edge.paired import TANF
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import Kind, Precedence
from keepclear.core.line.text import Text
from keepclear.edge.clock import RealClock
from keepclear.edge.config import Config
from keepclear.edge.node import Node
from keepclear.edge.opening import open_node

SEAL_EVERY = 7


def opened(data: Path, party: str) -> Node:
    return open_node(Config(party=party, data=str(data)), clock=RealClock(), mode="live")


def say(node: Node, number: int) -> bytes:
    text = Text(composed=node.now, language="en", originator="Marek", text=f"Question {number}").content()
    draft = Draft(kind=Kind.QUERY, precedence=Precedence.IMMEDIATE, contents={"text": text})
    return node.lines.say(TANF, draft, by="L. Marek")


def work_for_ever(data: Path, number: int) -> None:
    node = opened(data, "a")
    inbox, outbox = data.parent / "to-a.kcb", data.parent / "from-a.kcb"
    while True:
        hashed = say(node, number)
        os.write(1, f"said {hashed.hex()}\n".encode())
        number += 1
        packed = node.lines.pack(TANF, way="folder")
        assert packed is not None
        draft = outbox.with_suffix(".new")
        draft.write_bytes(packed.raw)
        draft.replace(outbox)
        node.lines.carried(TANF, "folder", packed)
        if inbox.exists():
            node.lines.take_bundle(inbox.read_bytes(), way="folder")
        if number % SEAL_EVERY == 0:
            node.host._save_snapshot()


if __name__ == "__main__":
    for line in sys.stdin:
        folder, start = line.rsplit(" ", 1)
        child = os.fork()
        if child == 0:
            work_for_ever(Path(folder), int(start))
        os.write(1, f"child {child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"dead\n")
