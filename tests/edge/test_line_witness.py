"""A node that witnesses, and one whose log is witnessed, over HTTP on 127.0.0.1."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn

from edge.paired import OFFICERS, TANF, Party, paired, until
from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.message import Kind, PartyWord
from keepclear.core.line.verdict.verdict import verdict
from keepclear.core.record.checkpoint import Checkpoint, origin_of
from keepclear.core.record.cosignature import cosignature_at
from keepclear.core.record.merkle import Head
from keepclear.core.record.witness import REQUEST_BYTES_MAX, AddCheckpoint, Denied, Quorum, Reason, Stale
from keepclear.core.trust.note import Note, Signer, VerifierKey, note_of
from keepclear.edge.cli.running import listening
from keepclear.edge.clock import RealClock
from keepclear.edge.config import Config, WitnessConfig
from keepclear.edge.keys.privatekey import log_key
from keepclear.edge.keys.statements import Witnessing
from keepclear.edge.lines.exporting import exported
from keepclear.edge.lines.witness import Witness, witness_app, witness_cosigner
from keepclear.edge.lines.witnessing import is_web_address
from keepclear.edge.opening import open_node
from keepclear.edge.store.marker import HeadMarker
from keepclear.edge.store.store import LineWrites, LogAppend, Store
from keepclear.formats.line.exportfile import export_of

ORIGIN = origin_of(party="a", log="tanf")


def bounded(coroutine: Coroutine[None, None, None]) -> None:
    asyncio.run(asyncio.wait_for(coroutine, 120))


def opened(folder: Path, logs: dict[str, VerifierKey]) -> tuple[Store, Witness]:
    """A witness in a folder, with its store."""
    store = Store(
        folder / "store.sqlite",
        signer=log_key(folder / "keys").signer("keepclear/c"),
        marker=HeadMarker(folder / "keys" / "heads"),
    )
    return store, Witness(store=store, keys=folder / "keys", party="c", logs=logs, clock=RealClock().now)


@asynccontextmanager
async def serving(witness: Witness) -> AsyncIterator[str]:
    with listening("127.0.0.1", 0) as opened_socket:
        server = uvicorn.Server(uvicorn.Config(witness_app(witness), log_level="error", ws="none"))
        task = asyncio.create_task(server.serve(sockets=[opened_socket]))
        try:
            yield f"http://127.0.0.1:{opened_socket.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


def test_a_head_is_shown_as_not_yet_witnessed_until_its_witnesses_have_cosigned(tmp_path: Path) -> None:
    bounded(witnessed_by_two(tmp_path))


async def witnessed_by_two(path: Path) -> None:
    a = Party(path / "a", "a")
    keys = a.node.lines.identity.line_keys(TANF, 1)
    logs = {ORIGIN: keys.log.key}
    stores, witnesses = zip(*(opened(path / name, logs) for name in ("c", "d")), strict=True)
    a.node.host.store.close()
    a.link.close()

    class Witnessed(Party):
        def open(self) -> None:
            if self.name == "a":
                witnessing = Witnessing(
                    witnesses=[each.cosigner.key for each in witnesses], quorum=Quorum.ALL
                )
                root = self.node.lines.identity.root_key()
                self.node.lines.open(TANF, OFFICERS["a"], root=root, witnessing=witnessing)
            else:
                super().open()

    async with paired(path, party=Witnessed) as (a, b), serving(witnesses[0]) as first:
        shown = a.views.line(TANF)["witnesses"]
        assert (shown["witnessed"], [each["cosigned"] for each in shown["each"]]) == (False, [False, False])
        urls = {witnesses[0].cosigner.key.text(): first}
        a.node.witnesses.use(TANF, urls)
        await until(lambda: a.node.witnesses.states(TANF)[0].cosigned, "the first witness has cosigned")
        assert not a.views.line(TANF)["witnesses"]["witnessed"], "all are needed, and one has cosigned"
        async with serving(witnesses[1]) as second:
            a.node.witnesses.use(TANF, {**urls, witnesses[1].cosigner.key.text(): second})
            await until(lambda: a.node.witnesses.witnessed(TANF), "both have cosigned")
            for number in range(5):
                a.say(Kind.QUERY, f"Question {number}", by="L. Marek")
            await until(lambda: a.node.witnesses.witnessed(TANF), "both have cosigned the newest head")
        # The second is away: what is said goes on, and is not yet witnessed.
        a.say(Kind.QUERY, "And now?", by="L. Marek")
        await until(lambda: a.line.confirmed == a.line.own.size, "the other side holds it all the same")
        await until(lambda: bool(a.node.witnesses.states(TANF)[1].trouble), "the second is known to be away")
        assert not a.node.witnesses.witnessed(TANF)
        async with serving(witnesses[1]) as again:
            a.node.witnesses.use(TANF, {**urls, witnesses[1].cosigner.key.text(): again})
            await until(lambda: a.node.witnesses.witnessed(TANF), "both have cosigned again")
            raw = exported(a.node.host.store, a.node.lines.identity, TANF, at=a.node.now).raw
        roots = {PartyWord(each.name): each.node.lines.identity.root_public for each in (a, b)}
        trusted = [each.cosigner.key for each in witnesses]
        found = {
            log.origin: log.witnessed for log in verdict(export_of(raw), roots=roots, witnesses=trusted).logs
        }
        assert found[ORIGIN] is True
        a.node.host.store.log(ORIGIN).self_check()
    for store in stores:
        store.close()


def grown(folder: Path) -> tuple[Store, Signer]:
    """A log of ten entries, with its checkpoints of each size."""
    signer = log_key(folder / "log-keys").signer(ORIGIN)
    store = Store(folder / "log.sqlite", signer=log_key(folder / "own").signer("keepclear/a"))
    store.open_log(signer.key, signer=signer)
    return store, signer


def request(store: Store, signer: Signer, *, old: int, size: int) -> AddCheckpoint:
    from_store = store.log(ORIGIN)
    head = Head(size=size, root=from_store.root_at(size))
    note = Checkpoint(origin=ORIGIN, head=head).signed(signer)
    return AddCheckpoint(
        old_size=old, path=from_store.consistency(old, size) if old else (), note=note_of(note.written())
    )


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[Store, Signer]]:
    store, signer = grown(tmp_path)
    leaves = [b"%d" % number for number in range(10)]
    store.commit(lines=LineWrites(appends=[LogAppend(origin=ORIGIN, leaves=leaves)]))
    yield store, signer
    store.close()


def test_a_witness_cosigns_what_continues_and_nothing_else(log: tuple[Store, Signer], tmp_path: Path) -> None:
    store, signer = log
    kept, witness = opened(tmp_path / "c", {ORIGIN: signer.key})
    first = request(store, signer, old=0, size=4)
    lines = witness.cosign(first)
    assert isinstance(lines, str)
    cosigned = note_of(f"{first.note.text}\n{lines}")
    assert cosignature_at(cosigned, witness.cosigner.key) > 0
    assert witness.cosign(request(store, signer, old=0, size=7)) == Stale(size=4)
    unproved = request(store, signer, old=4, size=7)
    broken = AddCheckpoint(old_size=4, path=(bytes(32), *unproved.path[1:]), note=unproved.note)
    found = witness.cosign(broken)
    assert isinstance(found, Denied)
    assert found.reason is Reason.UNPROVED
    assert witness.latest(ORIGIN).size == 4, "what is denied changes nothing"
    assert isinstance(witness.cosign(unproved), str)
    other = Checkpoint(origin=ORIGIN, head=Head(size=7, root=bytes(32))).signed(signer)
    found = witness.cosign(AddCheckpoint(old_size=7, path=(), note=note_of(other.written())))
    assert isinstance(found, Denied)
    assert found.reason is Reason.ANOTHER_ROOT
    unsigned = Note(text=unproved.note.text, signatures=cosigned.signatures)
    found = witness.cosign(AddCheckpoint(old_size=7, path=(), note=unsigned))
    assert isinstance(found, Denied)
    assert found.reason is Reason.UNSIGNED
    kept.close()


def test_a_witness_whose_data_was_restored_still_knows_what_it_cosigned(
    log: tuple[Store, Signer], tmp_path: Path
) -> None:
    store, signer = log
    folder = tmp_path / "c"
    kept, witness = opened(folder, {ORIGIN: signer.key})
    assert isinstance(witness.cosign(request(store, signer, old=0, size=4)), str)
    kept.close()
    shutil.copy(folder / "store.sqlite", tmp_path / "backup")
    kept, witness = opened(folder, {ORIGIN: signer.key})
    assert isinstance(witness.cosign(request(store, signer, old=4, size=9)), str)
    kept.close()
    for each in folder.glob("store.sqlite*"):
        each.unlink()
    shutil.copy(tmp_path / "backup", folder / "store.sqlite")
    kept, witness = opened(folder, {ORIGIN: signer.key})
    assert witness.cosign(request(store, signer, old=4, size=6)) == Stale(size=9)
    kept.close()


@pytest.mark.parametrize("restored", [True, False])
def test_a_witness_dates_no_cosignature_before_its_last_one(
    log: tuple[Store, Signer], tmp_path: Path, *, restored: bool
) -> None:
    store, signer = log
    folder, logs = tmp_path / "c", {ORIGIN: signer.key}
    hour_ms, times_ms = 3_600_000, []
    for old, size, at_ms in ((0, 4, 5 * hour_ms), (4, 6, 9 * hour_ms), (6, 9, 2 * hour_ms)):
        if restored and size == 9:
            shutil.copy(tmp_path / "backup", folder / "store.sqlite")
        kept, _ = opened(folder, logs)
        witness = Witness(
            store=kept, keys=folder / "keys", party="c", logs=logs, clock=lambda at=at_ms: Instant(at)
        )
        asked = request(store, signer, old=old, size=size)
        lines = witness.cosign(asked)
        assert isinstance(lines, str)
        times_ms.append(cosignature_at(note_of(f"{asked.note.text}\n{lines}"), witness.cosigner.key))
        kept.close()
        if size == 4:
            shutil.copy(folder / "store.sqlite", tmp_path / "backup")
    assert times_ms == [5 * hour_ms, 9 * hour_ms, 9 * hour_ms]


def test_what_a_witness_answers_over_http_is_what_the_standard_says(
    log: tuple[Store, Signer], tmp_path: Path
) -> None:
    bounded(over_http(log, tmp_path))


async def over_http(log: tuple[Store, Signer], path: Path) -> None:
    store, signer = log
    kept, witness = opened(path / "c", {ORIGIN: signer.key})
    stranger = log_key(path / "stranger").signer(origin_of(party="x", log="tanf"))
    foreign = Checkpoint(origin=stranger.key.name, head=Head(size=1, root=bytes(32))).signed(stranger)
    unknown = AddCheckpoint(old_size=0, path=(), note=note_of(foreign.written())).written()
    async with serving(witness) as url:
        port = int(url.rpartition(":")[2])
        good = request(store, signer, old=0, size=4).written()
        assert (await posted(port, good.encode()))[0] == 200
        stale = await posted(port, good.encode())
        assert stale == (409, "text/x.tlog.size", b"4\n")
        assert (await posted(port, unknown.encode()))[0] == 404
        assert (await posted(port, b"old 0"))[0] == 400
        assert (await posted(port, b"\xff\xfe"))[0] == 400
        assert (await posted(port, b"x" * (REQUEST_BYTES_MAX + 1)))[0] == 413
    kept.close()


async def posted(port: int, body: bytes) -> tuple[int, str, bytes]:
    """One request without any library's help."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /add-checkpoint HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    raw = await reader.read()
    writer.transport.abort()
    head, _, content = raw.partition(b"\r\n\r\n")
    status, *fields = head.decode().split("\r\n")
    kinds = [each.partition(": ")[2] for each in fields if each.lower().startswith("content-type")]
    return int(status.split(" ")[1]), kinds[0], content


def test_a_node_that_is_told_to_witness_does_so_under_one_key(tmp_path: Path) -> None:
    config = Config(party="c", data=str(tmp_path), witness=WitnessConfig(port=1))
    node = open_node(config, clock=RealClock(), mode="live")
    first = witness_cosigner(tmp_path / "keys", "c").key.text()
    assert first.startswith("keepclear/c/witness+")
    assert witness_cosigner(tmp_path / "keys", "c").key.text() == first
    node.host.store.close()


@pytest.mark.parametrize("log", ["", "keepclear/a/tanf/1", "keepclear/a/tanf/1+00000000+AAAA"])
def test_a_witness_is_not_told_a_log_that_is_no_key(log: str) -> None:
    with pytest.raises(Refused) as refused:
        WitnessConfig(port=1, logs=[log])
    assert refused.value.code == "config.witness"


@pytest.mark.parametrize(
    ("url", "fit"),
    [
        ("http://127.0.0.1:8500", True),
        ("https://witness.example/a", True),
        ("file:///etc/passwd", False),
        ("http://", False),
        ("http://a@b", False),
        ("http://a:b", False),
        ("http://a/?x", False),
        ("http://a/\n", False),
    ],
)
def test_a_witness_is_asked_over_http_alone(url: str, *, fit: bool) -> None:
    assert is_web_address(url) is fit
