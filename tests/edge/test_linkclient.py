"""The calling side of the link, over loopback: what it sends, keeps, and makes of what is answered."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.linking import QUICK, alpha, bounded, caller, echo, known, serving
from keepclear.core.errors import Refused, Unavailable
from keepclear.edge.couriers.answer import Answer
from keepclear.edge.couriers.linkclient import LinkClient
from keepclear.edge.couriers.tls import OwnCertificate, server_context


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, OwnCertificate]:
    return known(tmp_path_factory)


def test_one_connection_serves_post_after_post_and_is_made_anew_when_it_was_ended(
    nodes: dict[str, OwnCertificate],
) -> None:
    async def play() -> None:
        server = alpha(nodes)
        async with serving(server) as port:
            client = caller(nodes, port)
            for number in range(3):
                assert (await client.post("/x", b"%d" % number)).body == b"bravo /x %d" % number
            assert len(server._seats) == 1
            server.admit({})
            server.admit({"bravo": nodes["bravo"].certificate})
            assert (await client.post("/x", b"again")).body == b"bravo /x again"
            assert len(server._seats) == 1
            client.close()

    bounded(play())


def test_a_connection_that_the_peer_has_closed_is_not_used_again(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        async with serving(alpha(nodes, limits=replace(QUICK, idle_s=0.05))) as port:
            client = caller(nodes, port)
            assert (await client.post("/x", b"1")).status == 200
            kept = client._kept
            assert kept is not None
            while kept.exchange.silent:
                await asyncio.sleep(0.01)
            assert (await client.post("/x", b"2")).body == b"bravo /x 2"
            assert kept.writer.transport.is_closing()
            client.close()

    bounded(play())


def test_posts_at_the_same_time_do_not_wait_for_each_other(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        both = asyncio.Barrier(2)

        async def meeting(peer: str, path: str, body: bytes) -> Answer:
            await both.wait()
            return await echo(peer, path, body)

        async with serving(alpha(nodes, meeting)) as port:
            client = caller(nodes, port, limits=replace(QUICK, whole_s=20.0))
            answers = await asyncio.gather(client.post("/x", b"1"), client.post("/x", b"2"))
            assert [answer.body for answer in answers] == [b"bravo /x 1", b"bravo /x 2"]
            client.close()

    bounded(play())


@asynccontextmanager
async def answering(
    nodes: dict[str, OwnCertificate], answer: bytes | None, *, tls: bool = True
) -> AsyncIterator[int]:
    """A server with alpha's key that reads a request and answers these very bytes; None leaves it waiting."""
    context = server_context(nodes["alpha"], (nodes["bravo"].certificate,)) if tls else None

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await reader.read(65_536)
            if answer is None:
                await reader.read()
            else:
                writer.write(answer)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def posted(nodes: dict[str, OwnCertificate], port: int) -> str:
    """The status of a post, or the code of the error that it raised."""
    client = caller(nodes, port)
    try:
        return str((await client.post("/x", b"body")).status)
    except Unavailable as error:
        return error.code
    finally:
        client.close()


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", "200"),
        (b"HTTP/1.1 302 Found\r\nlocation: https://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", "302"),
        (b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "200"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", "link.garbled"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 8388609\r\n\r\n", "link.garbled"),
        (b"HTTP/1.1 200 OK\r\ncontent-type: \xe9\r\ncontent-length: 0\r\n\r\n", "link.garbled"),
        (b"HTTP/1.1 777 Odd\r\ncontent-length: 0\r\n\r\n", "link.garbled"),
        (b"220 smtp.example\r\n", "link.garbled"),
        (b"", "link.closed"),
        (None, "link.slow"),
    ],
)
def test_an_answer_is_taken_as_it_is_or_refused_with_a_reason(
    nodes: dict[str, OwnCertificate], answer: bytes | None, outcome: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A proxy that is named in the environment is not asked: nothing listens there.
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")

    async def play() -> None:
        async with answering(nodes, answer) as port:
            assert await posted(nodes, port) == outcome

    bounded(play())


def test_a_server_without_tls_13_is_not_spoken_to(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        async with answering(nodes, b"HTTP/1.1 400 Bad Request\r\n\r\n", tls=False) as port:
            assert await posted(nodes, port) == "link.no-tls"
        context = server_context(nodes["alpha"], (nodes["bravo"].certificate,))
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
        async with server:
            assert await posted(nodes, server.sockets[0].getsockname()[1]) == "link.unreachable"

    bounded(play())


def test_a_place_where_nobody_listens_or_speaks_is_unreachable(nodes: dict[str, OwnCertificate]) -> None:
    async def play() -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            port = mute.getsockname()[1]
            assert await posted(nodes, port) == "link.unreachable"
        assert await posted(nodes, port) == "link.unreachable"

    bounded(play())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1",
        "https://127.0.0.1",
        "https://user@127.0.0.1:1",
        "https://127.0.0.1:99999",
        "https://127.0.0.1:1/path",
        "https://127.0.0.1:1?x",
        "https://[::1:1",
        "",
    ],
)
def test_an_address_of_another_form_is_refused(nodes: dict[str, OwnCertificate], url: str) -> None:
    with pytest.raises(Refused, match="must be https://HOST:PORT"):
        LinkClient(url, own=nodes["bravo"], peer=nodes["alpha"].certificate)


@pytest.mark.parametrize("path", ["", "x", "/a b", "/a\r\nb: c", "/é", "/" + "a" * 201])
def test_a_path_that_could_become_something_else_is_refused(
    nodes: dict[str, OwnCertificate], path: str
) -> None:
    with pytest.raises(Refused, match="must begin with /"):
        asyncio.run(caller(nodes, 1).post(path, b""))


@pytest.mark.parametrize(
    ("status", "content_type", "size"),
    [(199, "", 0), (600, "", 0), (200, "a\r\nb: c", 0), (200, "", 8_388_609)],
)
def test_an_answer_that_cannot_be_sent_is_refused(status: int, content_type: str, size: int) -> None:
    with pytest.raises(Refused, match="an answer has"):
        Answer(status=status, content_type=content_type, body=bytes(size))


@given(
    st.binary(max_size=60)
    | st.binary(max_size=30).map(lambda end: b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n" + end)
)
def test_whatever_is_answered_is_an_answer_or_unavailable(
    nodes: dict[str, OwnCertificate], answer: bytes
) -> None:
    async def play() -> None:
        async with answering(nodes, answer) as port:
            outcome = await posted(nodes, port)
            assert outcome.isdigit() or outcome in {"link.garbled", "link.closed"}

    bounded(play())
