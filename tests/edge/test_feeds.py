import asyncio
import gzip
import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from keepclear.core.errors import Refused, Unavailable
from keepclear.core.instant import Instant
from keepclear.core.watch.report import SourceName
from keepclear.edge.feeds.arrival import Arrival, Feed
from keepclear.edge.feeds.pace import JUMP_MS
from keepclear.edge.feeds.player import Player
from keepclear.edge.feeds.recording import Recording, open_recording
from keepclear.edge.feeds.stdin import StdinFeed
from keepclear.edge.feeds.tcp import TcpFeed
from keepclear.edge.feeds.udp import UdpFeed
from keepclear.formats.feed.feedformat import FeedFormat, sniffed
from keepclear.formats.feed.reportline import ReportLineReader
from readings import RECEIVED
from squitters import airborne

pytestmark = pytest.mark.anyio

SOURCE: Final = SourceName("test")
WAIT_S: Final = 20.0
VECTORS: Final = Path(__file__).parent.parent / "vectors"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def _line(seconds: float, track: str = "sim:A-1", latitude_deg: float = 33.5) -> bytes:
    return b'{"track":"%s","time":%d,"lat":%r,"lon":38.6,"callsign":"C"}\n' % (
        track.encode(),
        RECEIVED + round(seconds * 1000),
        latitude_deg,
    )


def _clock() -> Instant:
    return RECEIVED


async def _gather(feed: Feed, enough: Callable[[list[Arrival]], bool]) -> list[Arrival]:
    taken: list[Arrival] = []
    async with asyncio.timeout(WAIT_S):
        async for arrival in feed.arrivals():
            taken.append(arrival)
            if enough(taken):
                break
    return taken


def _reports(count: int) -> Callable[[list[Arrival]], bool]:
    return lambda taken: sum(len(arrival.reports) for arrival in taken) >= count


def _recording(folder: Path, *lines: bytes) -> Recording:
    path = folder / "sample.jsonl"
    path.write_bytes(b"".join(lines))
    return open_recording(path)


async def test_a_tcp_feed_connects_again_after_the_server_closed() -> None:
    served = 0

    async def serve(_: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        nonlocal served
        served += 1
        sink.write(_line(served) + b'{"cut')
        await sink.drain()
        sink.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        feed = TcpFeed(
            SOURCE,
            host="127.0.0.1",
            port=port,
            reader=ReportLineReader(SOURCE),
            clock=_clock,
            pause_first_s=0.01,
        )
        taken = await _gather(feed, _reports(2))
    assert [int(at) for arrival in taken for at in arrival.reports.time_ms] == [
        RECEIVED + 1000,
        RECEIVED + 2000,
    ]
    # What the first connection left unfinished is refused, and never joined to what the second one sends.
    assert [refusal.code for arrival in taken for refusal in arrival.refusals] == ["report.json"]


async def test_a_tcp_feed_without_a_server_is_lost_and_says_why() -> None:
    server = await asyncio.start_server(lambda _, sink: sink.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    feed = TcpFeed(
        SOURCE, host="127.0.0.1", port=port, reader=ReportLineReader(SOURCE), clock=_clock, pause_first_s=9.0
    )
    task = asyncio.ensure_future(anext(aiter(feed.arrivals())))
    async with asyncio.timeout(WAIT_S):
        while not feed.trouble:
            await asyncio.sleep(0.01)
    assert feed.trouble.startswith(f"cannot connect to 127.0.0.1:{port}: ")
    task.cancel()


async def test_a_udp_feed_reads_each_datagram_as_whole_lines() -> None:
    feed = UdpFeed(SOURCE, host="127.0.0.1", port=0, reader=ReportLineReader(SOURCE), clock=_clock)
    gathering = asyncio.create_task(_gather(feed, _reports(3)))
    async with asyncio.timeout(WAIT_S):
        while not feed.port_bound:
            await asyncio.sleep(0.01)
    sink, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=("127.0.0.1", feed.port_bound)
    )
    for datagram in (_line(0).rstrip(), b"noise", _line(1) + _line(2)):
        sink.sendto(datagram)
    taken = await gathering
    sink.close()
    assert sum(len(arrival.reports) for arrival in taken) == 3
    assert [refusal.code for arrival in taken for refusal in arrival.refusals] == ["report.json"]


async def test_a_udp_feed_drops_what_comes_too_fast_and_counts_it() -> None:
    feed = UdpFeed(SOURCE, host="127.0.0.1", port=0, reader=ReportLineReader(SOURCE), clock=_clock)
    for _ in range(5_000):
        feed.datagram_received(_line(0), None)
    (first,) = await _gather(feed, _reports(1))
    assert [(refusal.code, refusal.message.split()[0]) for refusal in first.refusals] == [
        ("udp.overrun", "904")
    ]


async def test_a_taken_udp_port_is_unavailable() -> None:
    taken, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )
    port = taken.get_extra_info("sockname")[1]
    feed = UdpFeed(SOURCE, host="127.0.0.1", port=port, reader=ReportLineReader(SOURCE), clock=_clock)
    with pytest.raises(Unavailable, match=str(port)):
        await _gather(feed, _reports(1))
    taken.close()


async def test_a_stdin_feed_reads_to_the_end_of_the_pipe() -> None:
    outlet, inlet = os.pipe()
    with os.fdopen(inlet, "wb") as writer:
        writer.write(_line(0) + _line(1).rstrip())
    with os.fdopen(outlet, "rb") as stream:
        feed = StdinFeed(SOURCE, stream=stream, reader=ReportLineReader(SOURCE), clock=_clock)
        taken = await _gather(feed, lambda _: False)
    assert sum(len(arrival.reports) for arrival in taken) == 2


@pytest.mark.parametrize(
    ("head", "feed_format"),
    [
        (_line(0), FeedFormat.REPORTS),
        (b"# comment\n!AIVDM,1,1,,A,15RTgt0PAso;90TKcjM8h6g208CQ,0*4A\n", FeedFormat.AIS),
        (b"\\c:1*00\\!BSVDM,1,1,,A,15RTgt0,0*4A\n", FeedFormat.AIS),
        (b"MSG,3,1,1,4CA7B5,", FeedFormat.SBS),
        (b'{"timestamp":1,"frame":"8d"}\n', FeedFormat.FRAMES),
        (b"*8d3461ce58079115ee53983ccf11;\n", FeedFormat.FRAMES),
        (b"\x1a3" + bytes(21), FeedFormat.BEAST),
    ],
)
def test_a_format_is_told_by_its_beginning(head: bytes, feed_format: FeedFormat) -> None:
    assert sniffed(head) is feed_format


def test_a_recording_is_in_the_order_of_observation_whatever_the_order_of_its_lines(tmp_path: Path) -> None:
    recording = _recording(
        tmp_path, _line(5, "a:late"), _line(1, "a:early"), b"noise\n", _line(3, "a:middle")
    )
    batches = list(recording.batches(2_000))
    assert [batch.reports.names for batch in batches] == [("a:early",), ("a:middle",), ("a:late",)]
    assert [batch.at - RECEIVED for batch in batches] == [2_000, 4_000, 6_000]
    assert (recording.start, recording.end) == (RECEIVED + 1_000, RECEIVED + 5_000)
    assert dict(recording.refused) == {"report.json": 1}
    assert [label.track for batch in batches for label in batch.reports.labels] == [
        "a:late",
        "a:early",
        "a:middle",
    ]


@pytest.mark.parametrize("step_ms", [1, 700, 1_000, 60_000, 10**9])
def test_the_steps_of_a_recording_hold_every_report_once(tmp_path: Path, step_ms: int) -> None:
    recording = _recording(tmp_path, *(_line(n * 0.37 % 11) for n in range(200)))
    batches = list(recording.batches(step_ms))
    assert sum(len(batch.reports) for batch in batches) == 200 == len(recording)
    assert all(batch.reports.time_ms.max() < batch.at for batch in batches)
    assert all(one.at <= other.reports.time_ms.min() for one, other in pairwise(batches))


def test_a_compressed_recording_reads_as_the_plain_one(tmp_path: Path) -> None:
    plain = VECTORS / "modes" / "toulouse.jsonl"
    packed = tmp_path / "toulouse.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    seen: list[tuple[int, int]] = []
    one, other = open_recording(plain), open_recording(packed, progress=lambda at, of: seen.append((at, of)))
    assert len(one) == len(other) > 0
    assert all(
        (one.columns[name] == other.columns[name]).all() for name in ("time_ms", "latitude_deg", "track")
    )
    assert seen[-1] == (packed.stat().st_size, packed.stat().st_size)


def test_a_compressed_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keepclear.edge.feeds.recording.REAL_BYTES_MAX", 1_000_000)
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(_line(0) + bytes(2_000_000)))
    with pytest.raises(Refused, match="more than 1000000 bytes"):
        open_recording(bomb)


@pytest.mark.parametrize("cut", [15, 40])
def test_a_damaged_gzip_file_is_refused(tmp_path: Path, cut: int) -> None:
    damaged = tmp_path / "damaged.gz"
    damaged.write_bytes(gzip.compress(_line(0) * 100)[:-cut])
    with pytest.raises(Refused) as refused:
        open_recording(damaged)
    assert refused.value.code == "recording.gzip"


def test_a_file_that_is_not_there_or_not_a_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"nowhere\.jsonl"):
        open_recording(tmp_path / "nowhere.jsonl")
    other = tmp_path / "letter.txt"
    other.write_text("Dear colleague,")
    with pytest.raises(Refused) as refused:
        open_recording(other)
    assert refused.value.code == "feed.unknown-format"


def test_a_recording_without_positions_is_refused_when_it_is_asked_for_its_times(tmp_path: Path) -> None:
    even = airborne(0x4CA7B5, 33.5, 38.6, odd=False, height_ft=5_000)
    recording = _recording(tmp_path, b'{"timestamp":1,"frame":"%s"}\n' % even.encode())
    assert len(recording) == 0
    with pytest.raises(Refused, match="holds no report"):
        _ = recording.start


async def test_a_player_yields_what_becomes_due_and_first_what_was_refused(tmp_path: Path) -> None:
    recording = _recording(tmp_path, b"noise\n", *(_line(n) for n in range(100)))
    now = [RECEIVED + 10_000]
    player = Player(recording, clock=lambda: Instant(now[0]))
    (first,) = await _gather(player, _reports(1))
    assert ([refusal.code for refusal in first.refusals], len(first.reports)) == (["report.json"], 10)
    assert player.due().reports.time_ms.size == 0
    now[0] += 2_500
    second = player.due()
    assert [int(at) - RECEIVED for at in second.reports.time_ms] == [10_000, 11_000, 12_000]
    assert second.refusals == ()


def test_a_player_follows_its_clock_backwards_and_far_ahead(tmp_path: Path) -> None:
    recording = _recording(tmp_path, *(_line(n * 10) for n in range(200)))
    now = [RECEIVED + 500_000]
    player = Player(recording, clock=lambda: Instant(now[0]))
    player.due()
    for jump_ms in (-300_000, JUMP_MS + 300_001):
        now[0] += jump_ms
        told = [int(at) - now[0] for at in player.due().reports.time_ms]
        # Half a minute is looked back upon, so that the picture is not empty after a jump.
        assert told
        assert all(-30_000 <= at < 0 for at in told)
    assert player.due().reports.time_ms.size == 0
