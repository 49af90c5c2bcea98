"""The called side of the link, over loopback: who is let in, what is put up with, and what a caller is told."""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import h11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from edge.linking import (
    DEADLINE_S,
    POST,
    QUICK,
    WHOLE,
    alpha,
    bounded,
    caller,
    echo,
    known,
    raw,
    said,
    serving,
    unchecked,
)
from keepclear.core.errors import Refused, Unavailable, Untrusted
from keepclear.edge.couriers import linkserver
from keepclear.edge.couriers.answer import BODY_BYTES_MAX, Answer, Limits
from keepclear.edge.couriers.exchange import Exchange
from keepclear.edge.couriers.linkclient import LinkClient
from keepclear.edge.couriers.linkserver import LinkServer
from keepclear.edge.couriers.tls import Certificate, OwnCertificate


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, OwnCertificate]:
    return known(tmp_path_factory)


def test_the_handler_is_told_which_peer_it_is(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        async with serving(alpha(nodes)) as port:
            for name in ("bravo", "charlie"):
                client = caller(nodes, port, own=name)
                answer = await client.post("/line/v1/bundle", b"words")
                assert answer.body == f"{name} /line/v1/bundle words".encode()
                assert (answer.status, answer.content_type) == (200, "text/plain")
                client.close()

    bounded(play())


# ------------------------------------------------------------------------------------- who is let in


@asynccontextmanager
async def noting(nodes: dict[str, OwnCertificate]) -> AsyncIterator[tuple[int, list[str]]]:
    """Alpha, and the list of peers whose requests reached its handler."""
    reached: list[str] = []

    async def note(peer: str, path: str, body: bytes) -> Answer:
        reached.append(peer)
        return await echo(peer, path, body)

    async with serving(alpha(nodes, note)) as port:
        yield port, reached


def test_a_caller_without_a_pinned_certificate_reaches_nothing(nodes: dict[str, OwnCertificate]) -> None:
    old = unchecked(nodes["bravo"])
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    callers = {
        "no certificate": unchecked(),
        "unknown certificate": unchecked(nodes["mallory"]),
        "TLS 1.2": old,
        "no TLS": None,
    }

    async def play() -> None:
        async with noting(nodes) as (port, reached):
            for words, context in callers.items():
                assert await said(port, context, WHOLE) == b"", words
            assert reached == []
            assert (await said(port, unchecked(nodes["bravo"]), WHOLE)).startswith(b"HTTP/1.1 200 ")
            assert reached == ["bravo"]

    bounded(play())


def test_a_node_that_is_not_known_is_told_which_key_the_other_must_be_given(
    nodes: dict[str, OwnCertificate],
) -> None:
    async def play() -> None:
        async with noting(nodes) as (port, reached):
            with pytest.raises(Unavailable, match=nodes["mallory"].certificate.pin) as caught:
                await caller(nodes, port, own="mallory").post("/x", b"")
            assert (caught.value.code, reached) == ("link.closed", [])

    bounded(play())


def test_a_server_with_another_key_gets_no_byte_of_the_body(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        async with noting(nodes) as (port, reached):
            with pytest.raises(Untrusted, match=nodes["charlie"].certificate.pin) as caught:
                await caller(nodes, port, peer="charlie").post("/x", b"secret")
            assert (caught.value.code, reached) == ("link.pin", [])

    bounded(play())


def made(
    folder: Path, *, start: datetime, end: datetime, ca: bool = False, by: Path | None = None
) -> OwnCertificate:
    """A certificate with any dates, perhaps an authority, perhaps vouched for by another."""
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, folder.name)])
    issuer, signing = name, key
    if by is not None:
        issuer = x509.load_pem_x509_certificate(by.read_bytes()).subject
        loaded = load_pem_private_key(by.read_bytes(), password=None)
        assert isinstance(loaded, Ed25519PrivateKey)
        signing = loaded
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(signing, algorithm=None)
    )
    pem = certificate.public_bytes(Encoding.PEM)
    folder.mkdir(parents=True)
    path = folder / "link.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem)
    return OwnCertificate(certificate=Certificate(pem=pem.decode()), path=path)


LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)
LONG_HENCE = datetime(2199, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end"),
    [(LONG_AGO, LONG_AGO + timedelta(days=1)), (LONG_HENCE, LONG_HENCE + timedelta(days=1))],
    ids=["expired", "not yet valid"],
)
def test_the_dates_of_a_certificate_do_not_cut_the_line(
    tmp_path: Path, start: datetime, end: datetime
) -> None:
    one, other = (made(tmp_path / name, start=start, end=end) for name in ("one", "other"))

    async def play() -> None:
        server = LinkServer(own=one, peers={"other": other.certificate}, handler=echo, limits=QUICK)
        async with serving(server) as port:
            client = LinkClient(f"https://127.0.0.1:{port}", own=other, peer=one.certificate, limits=QUICK)
            assert (await client.post("/x", b"!")).body == b"other /x !"
            client.close()

    bounded(play())


def test_a_pinned_authority_cannot_vouch_for_another_key(tmp_path: Path) -> None:
    known = made(tmp_path / "known", start=LONG_AGO, end=LONG_HENCE, ca=True)
    other = made(tmp_path / "other", start=LONG_AGO, end=LONG_HENCE, by=known.path)
    own = made(tmp_path / "own", start=LONG_AGO, end=LONG_HENCE)

    async def play() -> None:
        server = LinkServer(own=own, peers={"known": known.certificate}, handler=echo, limits=QUICK)
        async with serving(server) as port:
            # The library alone would let it in: the handshake ends well, and only then is it turned away.
            reader, writer = await raw(port, unchecked(other))
            writer.write(WHOLE)
            assert await reader.read() == b""
            writer.transport.abort()
        caught_out = LinkServer(own=other, peers={"own": own.certificate}, handler=echo, limits=QUICK)
        async with serving(caught_out) as port:
            client = LinkClient(f"https://127.0.0.1:{port}", own=own, peer=known.certificate, limits=QUICK)
            with pytest.raises(Untrusted, match="pinned key"):
                await client.post("/x", b"")

    bounded(play())


def test_a_peer_that_is_struck_off_is_cut_off_at_once(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        server = alpha(nodes)
        async with serving(server) as port:
            reader, writer = await raw(port, unchecked(nodes["bravo"]))
            writer.write(WHOLE.replace(b"connection: close\r\n", b""))
            assert (await reader.readuntil(b"/x ok")).startswith(b"HTTP/1.1 200 ")
            server.admit({name: nodes[name].certificate for name in ("charlie", "mallory")})
            with suppress(OSError):
                assert await reader.read() == b""
            writer.transport.abort()
            with pytest.raises(Unavailable, match="hung up"):
                await caller(nodes, port).post("/x", b"")
            for name in ("charlie", "mallory"):
                client = caller(nodes, port, own=name)
                assert (await client.post("/x", b"")).status == 200
                client.close()

    bounded(play())


def test_two_peers_with_one_key_are_refused(nodes: dict[str, OwnCertificate]) -> None:
    one = nodes["bravo"].certificate
    with pytest.raises(Refused, match="bravo and charlie have the same key"):
        LinkServer(own=nodes["alpha"], peers={"bravo": one, "charlie": one}, handler=echo)


# ------------------------------------------------------------------------------------- what is put up with


def status_and_code(answer: bytes) -> tuple[int, str]:
    """What an answer says, as the standard library reads it."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    return status, json.loads(body)["code"] if body else ""


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (POST + b"content-length: 8388609\r\n\r\n", 413, "link.too-large"),
        (POST + b"transfer-encoding: chunked\r\n\r\n800\r\n" + bytes(2048), 413, "link.too-large"),
        (POST + b"a: " + b"b" * 2_000 + b"\r\n\r\n", 431, "link.head"),
        (POST + b"a: " + b"b" * 70_000, 431, "link.malformed"),
        (POST + b"content-length: 5\r\n\r\nhal", 408, "link.slow"),
        (b"POST /x HT", 408, "link.slow"),
        (b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n", 405, "link.method"),
        (b"POST /x HTTP/1.1\r\n\r\n", 400, "link.malformed"),
        (POST + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab", 400, "link.malformed"),
        (POST + b"content-length: -1\r\n\r\n", 400, "link.malformed"),
        (b"\x16\x03\x01 not a request \xff\r\n\r\n", 400, "link.malformed"),
    ],
)
def test_a_request_past_a_limit_is_told_why_and_never_handled(
    nodes: dict[str, OwnCertificate], sent: bytes, status: int, code: str
) -> None:
    async def never(_peer: str, _path: str, _body: bytes) -> Answer:
        raise AssertionError("this request must not be handled")

    limits = replace(
        QUICK, head_bytes_max=1_500, body_bytes_max=2_000 if b"chunked" in sent else BODY_BYTES_MAX
    )

    async def play() -> None:
        async with serving(alpha(nodes, never, limits)) as port:
            answer = await said(port, unchecked(nodes["bravo"]), sent)
            assert status_and_code(answer) == (status, code)
            assert b"\r\nconnection: close\r\n" in answer.lower()

    bounded(play())


def test_requests_that_come_together_are_answered_in_turn(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        first = WHOLE.replace(b"connection: close\r\n", b"").replace(b"/x", b"/first")
        async with serving(alpha(nodes)) as port:
            answers = await said(port, unchecked(nodes["bravo"]), first + WHOLE)
            assert [line for line in answers.splitlines() if b"bravo" in line] == [
                b"bravo /first okHTTP/1.1 200 ",
                b"bravo /x ok",
            ]

    bounded(play())


def test_a_machine_without_room_for_a_connection_takes_it_later(
    nodes: dict[str, OwnCertificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linkserver, "ACCEPT_AGAIN_S", 0.01)
    refusals = [OSError(errno.EMFILE, "Too many open files")] * 3

    async def play() -> None:
        loop = asyncio.get_running_loop()
        accept = loop.sock_accept

        async def no_room(listening: socket.socket) -> tuple[socket.socket, object]:
            if refusals:
                raise refusals.pop()
            return await accept(listening)

        monkeypatch.setattr(loop, "sock_accept", no_room)
        async with serving(alpha(nodes)) as port:
            client = caller(nodes, port)
            assert (await client.post("/x", b"")).status == 200
            client.close()
        assert refusals == []

    bounded(play())


def test_a_socket_that_is_not_for_listening_ends_the_server(nodes: dict[str, OwnCertificate]) -> None:
    with socket.socket() as deaf, pytest.raises(OSError, match="Invalid argument"):
        asyncio.run(alpha(nodes).run(deaf))


def test_a_message_is_not_taken_from_a_connection_that_was_closed_before_it() -> None:
    class Nowhere(asyncio.Transport):
        """A transport that nothing is written to."""

        def is_closing(self) -> bool:
            return True

    async def play() -> None:
        reader = asyncio.StreamReader()
        writer = asyncio.StreamWriter(
            Nowhere(), asyncio.StreamReaderProtocol(reader), reader, asyncio.get_running_loop()
        )
        reader.feed_eof()
        with pytest.raises(h11.RemoteProtocolError, match="closed before a message"):
            async with asyncio.timeout(DEADLINE_S) as limit:
                await Exchange(h11.SERVER, reader, writer, QUICK).take(limit)

    bounded(play())


def test_a_head_request_is_refused_without_a_body(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        async with serving(alpha(nodes)) as port:
            answer = await said(port, unchecked(nodes["bravo"]), b"HEAD /x HTTP/1.1\r\nhost: a\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 405 ")
            assert answer.endswith(b"\r\n\r\n")

    bounded(play())


def test_a_body_that_comes_slowly_but_steadily_is_taken(nodes: dict[str, OwnCertificate]) -> None:
    limits = replace(QUICK, message_s=0.3, pace_bytes_s=10)

    async def play() -> None:
        async with serving(alpha(nodes, limits=limits)) as port:
            reader, writer = await raw(port, unchecked(nodes["bravo"]))
            writer.write(POST + b"content-length: 80\r\nconnection: close\r\n\r\n")
            for _ in range(8):
                writer.write(b"x" * 10)
                await asyncio.sleep(0.1)
            assert (await reader.read()).endswith(b"x" * 80)
            writer.transport.abort()

    bounded(play())


def test_the_longest_body_goes_both_ways_and_one_byte_more_does_not(
    nodes: dict[str, OwnCertificate],
) -> None:
    async def mirror(_peer: str, _path: str, body: bytes) -> Answer:
        return Answer(status=200, content_type="", body=body)

    longest = bytes(range(256)) * (BODY_BYTES_MAX // 256)

    async def play() -> None:
        limits = Limits()
        async with serving(alpha(nodes, mirror, limits)) as port:
            client = caller(nodes, port, limits=limits)
            assert (await client.post("/x", longest)).body == longest
            with pytest.raises(Refused, match="at most 8388608 can go"):
                await client.post("/x", longest + b"x")
            client.close()

    bounded(play())


def test_a_caller_that_asks_before_it_sends_is_told_to_go_on(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        async with serving(alpha(nodes)) as port:
            reader, writer = await raw(port, unchecked(nodes["bravo"]))
            writer.write(POST + b"content-length: 2\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
            writer.write(b"ok")
            assert (await reader.read()).endswith(b"bravo /x ok")
            writer.transport.abort()

    bounded(play())


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refused("bundle.text", "no"), 400, "bundle.text"),
        (Untrusted("bundle.signature", "no"), 403, "bundle.signature"),
        (Unavailable("store.full", "no"), 503, "store.full"),
        (ZeroDivisionError("ours"), 500, "link.fault"),
    ],
)
def test_what_the_handler_raises_is_told_by_code_and_the_server_goes_on(
    nodes: dict[str, OwnCertificate], error: Exception, status: int, code: str
) -> None:
    noted: list[object] = []

    async def failing(_peer: str, _path: str, _body: bytes) -> Answer:
        raise error

    async def play() -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: noted.append(context.get("exception"))
        )
        async with serving(alpha(nodes, failing)) as port:
            client = caller(nodes, port)
            for _ in range(2):
                answer = await client.post("/x", b"")
                assert (answer.status, json.loads(answer.body)["code"]) == (status, code)
            client.close()
        assert noted == ([error, error] if status == 500 else [])

    bounded(play())


# ------------------------------------------------------------------------------------- crowds


@asynccontextmanager
async def crowd(
    nodes: dict[str, OwnCertificate], port: int, name: str, sent: bytes, count: int
) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Several connections of a peer, each of which has sent something."""
    open_ones = [await raw(port, unchecked(nodes[name])) for _ in range(count)]
    for _, writer in open_ones:
        writer.write(sent)
    try:
        yield [reader for reader, _ in open_ones]
    finally:
        for _, writer in open_ones:
            writer.transport.abort()


def test_a_fifth_connection_of_a_peer_ends_its_oldest_idle_one(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        server = alpha(nodes, limits=replace(QUICK, idle_s=30.0))
        async with (
            serving(server) as port,
            crowd(nodes, port, "bravo", WHOLE.replace(b"connection: close\r\n", b""), 4) as readers,
        ):
            for reader in readers:
                await reader.readuntil(b"/x ok")
            client = caller(nodes, port)
            assert (await client.post("/x", b"")).status == 200
            with suppress(OSError):
                assert await readers[0].read() == b""
            assert [seat.peer for seat in server._seats.values()] == ["bravo"] * 4
            client.close()

    bounded(play())


def test_a_peer_with_all_its_requests_under_way_is_told_so_and_others_are_served(
    nodes: dict[str, OwnCertificate],
) -> None:
    async def play() -> None:
        go = asyncio.Event()
        under_way = asyncio.Semaphore(0)

        async def waiting(peer: str, path: str, body: bytes) -> Answer:
            if peer == "bravo":
                under_way.release()
                await go.wait()
            return await echo(peer, path, body)

        async with (
            serving(alpha(nodes, waiting)) as port,
            crowd(nodes, port, "bravo", WHOLE, 4) as readers,
        ):
            for _ in readers:
                await under_way.acquire()
            answer = await caller(nodes, port).post("/x", b"")
            assert (answer.status, json.loads(answer.body)["code"]) == (503, "link.busy")
            other = caller(nodes, port, own="charlie")
            assert (await other.post("/x", b"")).status == 200
            other.close()
            go.set()
            for reader in readers:
                assert (await reader.read()).endswith(b"bravo /x ok")

    bounded(play())


def test_a_full_house_ends_its_oldest_idle_connection_for_a_newcomer(
    nodes: dict[str, OwnCertificate],
) -> None:
    async def play() -> None:
        limits = replace(QUICK, connections_max=2, idle_s=30.0)
        async with (
            serving(alpha(nodes, limits=limits)) as port,
            crowd(nodes, port, "bravo", WHOLE.replace(b"connection: close\r\n", b""), 2) as readers,
        ):
            for reader in readers:
                await reader.readuntil(b"/x ok")
            client = caller(nodes, port, own="charlie")
            assert (await client.post("/x", b"")).status == 200
            client.close()

    bounded(play())


def test_strangers_who_never_finish_a_handshake_keep_no_peer_out(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        server = alpha(nodes, limits=replace(QUICK, message_s=30.0))
        async with serving(server) as port:
            idle = [await raw(port, None) for _ in range(80)]
            client = caller(nodes, port, limits=Limits())
            assert (await client.post("/x", b"")).status == 200
            assert await asyncio.wait_for(idle[0][0].read(), 10) == b""
            assert len(server._strangers) <= 32
            client.close()
            for _, writer in idle:
                writer.transport.abort()

    bounded(play())


def test_a_handshake_that_is_not_finished_in_time_is_ended(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        async with serving(alpha(nodes)) as port:
            assert await said(port, None, b"\x16\x03\x01\x02\x00") == b""

    bounded(play())


# ------------------------------------------------------------------------------------- any bytes


requests = st.lists(
    st.sampled_from(
        [WHOLE, POST, b"\r\n", b"content-length: 2\r\n", b"transfer-encoding: chunked\r\n", b"2\r\nok\r\n"]
    )
    | st.binary(max_size=40),
    max_size=6,
).map(b"".join)


def test_whatever_is_sent_gets_answers_or_nothing_and_never_ends_the_server(
    nodes: dict[str, OwnCertificate],
) -> None:
    limits = replace(QUICK, message_s=0.05, idle_s=0.05, linger_s=0.05, whole_s=20.0)

    @given(requests)
    def attempt(sent: bytes) -> None:
        async def play() -> None:
            async with serving(alpha(nodes, limits=limits)) as port:
                answer = await said(port, unchecked(nodes["bravo"]), sent)
                assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
                # What is not a whole and proper request is never met with success.
                assert (b"bravo /" in answer) <= (b"POST /" in sent)
                client = caller(nodes, port, limits=limits)
                assert (await client.post("/x", b"")).status == 200
                client.close()

        bounded(play())

    attempt()


@given(st.lists(st.integers(0, len(WHOLE)), max_size=6))
def test_a_request_means_the_same_however_it_is_cut(
    nodes: dict[str, OwnCertificate], cuts: list[int]
) -> None:
    async def play() -> None:
        async with serving(alpha(nodes)) as port:
            reader, writer = await raw(port, unchecked(nodes["bravo"]))
            ends = sorted({0, len(WHOLE), *cuts})
            for start, end in pairwise(ends):
                writer.write(WHOLE[start:end])
                await asyncio.sleep(0)
            assert (await reader.read()).endswith(b"bravo /x ok")
            writer.transport.abort()

    bounded(play())
