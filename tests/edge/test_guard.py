"""The guard: who is let in. Everything in memory; the application behind it says that it was reached."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from keepclear.core.errors import Refused
from keepclear.edge.api.guard import CLOSE_REFUSED, Guard
from keepclear.edge.config import Config

TOKEN = "correct-horse-battery-staple"
LOCAL = Config(bind="127.0.0.1", port=8470)
REACHABLE = Config(bind="192.0.2.7", port=8470, token=TOKEN)
API = "/api/v1/node"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "keepclear"})
    else:
        await PlainTextResponse("reached")(scope, receive, send)


def answer(config: Config, host: str, path: str = API, **headers: str) -> httpx2.Response:
    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=Guard(application, config=config))
        async with httpx2.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def channel(config: Config, host: str, **headers: str) -> Message:
    """The first thing that the guard, or the application behind it, says to a WebSocket."""
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        said.append(message)

    sent = {"host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode()) for name, value in sent.items()]
    scope: Scope = {"type": "websocket", "path": "/api/v1/live", "headers": raw}
    asyncio.run(Guard(application, config=config)(scope, receive, send))
    return said[0]


def test_a_loopback_node_answers_its_own_machine_without_a_token() -> None:
    for host in ("127.0.0.1:8470", "localhost:8470", "[::1]:8470"):
        assert answer(LOCAL, host).text == "reached"
    assert channel(LOCAL, "127.0.0.1:8470")["type"] == "websocket.accept"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8470",
        "127.0.0.1.evil.example:8470",
        "192.0.2.7:8470",
        "localhost.evil.example",
    ],
)
def test_a_loopback_node_refuses_a_host_name_that_someone_made_point_at_it(host: str) -> None:
    refused = answer(LOCAL, host)
    assert (refused.status_code, refused.json()["code"]) == (403, "guard.refused")
    assert channel(LOCAL, host)["code"] == CLOSE_REFUSED


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://127.0.0.1:9999",
        "http://127.0.0.1:8470.evil.example",
        "http://[x",
    ],
)
def test_a_page_of_another_origin_reaches_nothing(origin: str) -> None:
    assert answer(LOCAL, "127.0.0.1:8470", origin=origin).status_code == 403
    assert channel(LOCAL, "127.0.0.1:8470", origin=origin)["code"] == CLOSE_REFUSED
    assert (
        answer(REACHABLE, "192.0.2.7:8470", origin=origin, authorization=f"Bearer {TOKEN}").status_code == 403
    )


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_that_hides_its_origin_reaches_no_api_call(site: str) -> None:
    assert answer(LOCAL, "127.0.0.1:8470", **{"sec-fetch-site": site}).status_code == 403
    assert answer(LOCAL, "127.0.0.1:8470", **{"sec-fetch-site": "same-origin"}).text == "reached"
    # A person may follow a link to the console, or type its address.
    assert answer(LOCAL, "127.0.0.1:8470", path="/", **{"sec-fetch-site": site}).text == "reached"


def test_the_nodes_own_console_is_let_in() -> None:
    assert answer(LOCAL, "127.0.0.1:8470", origin="http://127.0.0.1:8470").text == "reached"
    assert channel(LOCAL, "127.0.0.1:8470", origin="http://127.0.0.1:8470")["type"] == "websocket.accept"


@pytest.mark.parametrize(
    "offered", ["", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Basic abc"]
)
def test_a_reachable_node_answers_no_api_call_without_its_token(offered: str) -> None:
    refused = answer(REACHABLE, "192.0.2.7:8470", authorization=offered)
    assert (refused.status_code, refused.json()["code"]) == (401, "guard.refused")


def test_a_reachable_node_answers_whoever_has_its_token() -> None:
    assert answer(REACHABLE, "192.0.2.7:8470", authorization=f"Bearer {TOKEN}").text == "reached"


def test_the_live_channel_of_a_reachable_node_needs_the_token_among_its_subprotocols() -> None:
    let_in = channel(REACHABLE, "192.0.2.7:8470", sec_websocket_protocol=f"keepclear, {TOKEN}")
    assert let_in["type"] == "websocket.accept"
    for offered in ("keepclear", "keepclear, wrong", f"keepclear, {TOKEN}x"):
        assert channel(REACHABLE, "192.0.2.7:8470", sec_websocket_protocol=offered)["code"] == CLOSE_REFUSED


def test_the_console_itself_can_be_fetched_without_a_token_so_that_one_can_be_typed_in() -> None:
    assert answer(REACHABLE, "192.0.2.7:8470", path="/").text == "reached"


@pytest.mark.parametrize("config", [LOCAL, REACHABLE], ids=["loopback", "reachable"])
def test_every_answer_forbids_inline_script_and_framing(config: Config) -> None:
    for host in ("127.0.0.1:8470", "evil.example"):
        policy = answer(config, host).headers["content-security-policy"]
        directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert directives["script-src"] == "'self'"
        assert directives["frame-ancestors"] == "'none'"
        assert "unsafe" not in policy


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "192.0.2.7", "node.example"])
def test_a_node_that_others_can_reach_does_not_start_without_a_long_token(bind: str) -> None:
    for token in ("", "a" * 23):
        with pytest.raises(Refused, match="token") as refused:
            Config(bind=bind, token=token)
        assert refused.value.code == "config.token"
    assert Config(bind=bind, token="a" * 24).bind == bind
