"""How many durable signed messages a second two nodes exchange, and what the line's length costs.

Two nodes in two processes, over TLS on 127.0.0.1, with real keys and disks. Officers speak through the API, so many at
once; a message counts when the other node's cosignature of it is held and durable at the speaker's. Latencies are from
before the POST to that instant, by one machine's clock. Then the cost of a message, of an export and of keepclear
verify at growing lengths of the line (arguments; 1,000 and 10,000 when left out).
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from keepclear.core.instant import instant_of
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import Kind, LineName, Precedence
from keepclear.core.line.text import Text
from keepclear.core.line.verdict.verdict import verdict
from keepclear.core.line.voice.readback import Language
from keepclear.edge.api.lineforms import AgreeForm
from keepclear.edge.api.lineoffice import LineOffice
from keepclear.edge.clock import RealClock, real_now
from keepclear.edge.config import Config
from keepclear.edge.lines.exporting import exported
from keepclear.edge.lines.lines import Post
from keepclear.edge.node import Node
from keepclear.edge.opening import open_node
from keepclear.formats.line.card import card_of
from keepclear.formats.line.exportfile import export_of

LINE = LineName("bench")
OFFICER = "L. Marek"
CLIENTS = (1, 8, 32)
SECONDS = 8.0
SAMPLE = 400
"""A node remembers when its newest thousand settled messages were held; these are of them."""

JSON = {"content-type": "application/json"}
HEADINGS = "clients   said/s   held/s  POST p50   p99 ms  cosigned p50   p99 ms   cpu a   cpu b ms"
SIZES = (1_000, 10_000)
GROUP = 100


def main() -> int:
    sizes = [int(each) for each in sys.argv[1:]] or SIZES
    print(HEADINGS)
    for clients in CLIENTS:
        with TemporaryDirectory() as name:
            print(exchanged(Path(name), clients), flush=True)
    print(f"\n{'entries':>9} {'say ms':>8} {'export s':>9} {'MiB':>7} {'verify s':>9} {'restart s':>10}")
    with TemporaryDirectory() as name:
        agreed(Path(name), ports={})
        for size in sizes:
            print(lengthened(Path(name), size), flush=True)
    return 0


def exchanged(folder: Path, clients: int) -> str:
    """One row: so many officers at the API of one node, until the other node has cosigned all of it."""
    ports = agreed(folder, ports={name: free_ports() for name in "ab"})
    with serving(folder, "a") as one, serving(folder, "b") as two:
        for name in "ab":
            wait_until(partial(answers, ports[name]))
        api = HTTPConnection("127.0.0.1", ports["a"], timeout=60)
        asked: list[tuple[float, float, str]] = []
        ends = perf_counter() + SECONDS
        speakers = [threading.Thread(target=speak, args=(ports["a"], ends, asked)) for _ in range(clients)]
        started, used = perf_counter(), [cpu_s(one), cpu_s(two)]
        for each in speakers:
            each.start()
        for each in speakers:
            each.join()
        said_s = perf_counter() - started
        wait_until(lambda: get(api, "")["waiting"] == 0)
        held_s = perf_counter() - started
        used = [now - before for now, before in zip([cpu_s(one), cpu_s(two)], used, strict=True)]
        posts = [took for _, took, _ in asked]
        cosigned = [held_ms(api, hashed) - at for at, _, hashed in asked[-SAMPLE:]]
    return (
        f"{clients:>7} {len(asked) / said_s:>8,.0f} {len(asked) / held_s:>8,.0f} {median(posts):>9,.1f} "
        f"{p99(posts):>8,.1f} {median(cosigned):>13,.1f} {p99(cosigned):>8,.1f} "
        f"{used[0] / len(asked) * 1e3:>7,.1f} {used[1] / len(asked) * 1e3:>7,.1f}"
    )


def speak(port: int, ends: float, asked: list[tuple[float, float, str]]) -> None:
    """One officer's console: message after message, each once the last is durable."""
    api = HTTPConnection("127.0.0.1", port, timeout=60)
    form = {"kind": "test", "precedence": "immediate", "text": "Where are your people now?", "by": OFFICER}
    while perf_counter() < ends:
        at_ms, started = real_now(), perf_counter()
        api.request("POST", f"/api/v1/lines/{LINE}/messages", json.dumps(form), JSON)
        answer = api.getresponse()
        found = json.loads(answer.read())
        assert answer.status == 201, found
        asked.append((at_ms, (perf_counter() - started) * 1e3, found["hash"]))


def lengthened(folder: Path, size: int) -> str:
    """One row: a line grown to a length, then its costs."""
    nodes = {name: opened(folder, name) for name in "ab"}
    try:
        a = nodes["a"]
        while a.lines.state(LINE).own.size < size:
            say(a, GROUP)
            carry(nodes["a"], nodes["b"])
            carry(nodes["b"], nodes["a"])
            for node in nodes.values():
                # As a node at work does: without a snapshot a restart would replay all of it.
                node.host.keep_house()
        single = [timed(lambda: say(a, 1)) for _ in range(30)]
        carry(nodes["a"], nodes["b"])
        carry(nodes["b"], nodes["a"])
        started = perf_counter()
        raw = exported(a.host.store, a.lines.identity, LINE, at=a.now)
        export_s = perf_counter() - started
        roots = {node.lines.state(LINE).terms.own: node.lines.identity.root_public for node in nodes.values()}
        started = perf_counter()
        assert verdict(export_of(raw), roots=roots).holds
        verify_s = perf_counter() - started
    finally:
        for node in nodes.values():
            node.host.store.close()
    started = perf_counter()
    opened(folder, "a").host.store.close()
    restart_s = perf_counter() - started
    return (
        f"{size:>9,} {median(single):>8.2f} {export_s:>9.2f} {len(raw) / 2**20:>7.1f} {verify_s:>9.2f} "
        f"{restart_s:>10.2f}"
    )


def say(node: Node, count: int) -> None:
    """So many messages of an officer at once, in one commit."""
    text = Text(composed=node.now, language="en", originator=OFFICER, text="Where are your people now?")
    draft = Draft(kind=Kind.TEST, precedence=Precedence.IMMEDIATE, contents={"text": text.content()})

    async def talk() -> None:
        await asyncio.gather(*(node.lines.said(LINE, draft, by=OFFICER) for _ in range(count)))

    asyncio.run(talk())


def carry(sender: Node, receiver: Node) -> None:
    packed = sender.lines.pack(LINE)
    assert packed is not None
    receiver.lines.take_bundle(packed.raw, way="file")
    sender.lines.carried(LINE, "file", packed)


def agreed(folder: Path, *, ports: dict[str, tuple[int, int]]) -> dict[str, int]:
    """Two nodes that have agreed and opened, with settings to be served by; the ports of their APIs."""
    for name, (port, link) in ports.items():
        (folder / f"{name}.toml").write_text(
            f'party = "{name}"\ndata = "{folder / name}"\nport = {port}\n'
            f'[link]\nport = {link}\nurl = "https://127.0.0.1:{link}"\n'
        )
    nodes = {name: opened(folder, name) for name in "ab"}
    configs = {name: Config(party=name) for name in "ab"}
    offices = {name: LineOffice(nodes[name], config=configs[name]) for name in "ab"}
    for name, other in (("a", "b"), ("b", "a")):
        mine, theirs = offices[name].card(), offices[other].card()
        words = offices[other].pairing_words(LINE, card_of(mine), Language.EN)
        url = f"https://127.0.0.1:{ports[other][1]}" if ports else ""
        form = AgreeForm(line=LINE, card=theirs.decode(), words=" ".join(words), url=url)
        offices[name].agree(form)
        root = nodes[name].lines.identity.root_key()
        nodes[name].lines.open(LINE, [Post(name=OFFICER, post="duty officer")], root=root)
    for node in nodes.values():
        node.host.store.close()
    return {name: port for name, (port, _) in ports.items()}


def opened(folder: Path, name: str) -> Node:
    return open_node(Config(party=name, data=str(folder / name)), clock=RealClock(), mode="live")


@contextmanager
def serving(folder: Path, name: str) -> Iterator[int]:
    command = [Path(sys.executable).with_name("keepclear"), "serve", folder / f"{name}.toml"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:
        try:
            yield child.pid
        finally:
            child.terminate()
            child.wait(30)


def cpu_s(pid: int) -> float:
    """How long a process has worked, which a busy machine does not change (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_ports() -> tuple[int, int]:
    with create_server(("127.0.0.1", 0)) as one, create_server(("127.0.0.1", 0)) as two:
        return one.getsockname()[1], two.getsockname()[1]


def answers(port: int) -> bool:
    try:
        return get(HTTPConnection("127.0.0.1", port, timeout=60), "")["other_size"] > 0
    except OSError:
        return False


def get(api: HTTPConnection, path: str) -> dict[str, object]:
    api.request("GET", f"/api/v1/lines/{LINE}{path}")
    return json.loads(api.getresponse().read())


def held_ms(api: HTTPConnection, hashed: str) -> float:
    """When the speaker's node held the other's cosignature of a message."""
    message = get(api, f"/messages/{hashed}")
    return float(instant_of(message["reception"]["delivered"]))


def wait_until(so: Callable[[], bool], limit_s: float = 120.0) -> None:
    ends = perf_counter() + limit_s
    while not so():
        assert perf_counter() < ends, "the nodes did not come to it"
        time.sleep(0.02)


def timed(act: Callable[[], object]) -> float:
    started = perf_counter()
    act()
    return (perf_counter() - started) * 1e3


def p99(found: Sequence[float]) -> float:
    return quantiles(found, n=100)[98] if len(found) > 1 else found[0]


if __name__ == "__main__":
    sys.exit(main())
