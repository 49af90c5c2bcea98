"""The guard: who may speak to the node, checked before any route sees the request."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keepclear.core.errors import Refused
from keepclear.edge.config import Config, is_loopback
from keepclear.edge.couriers.qr import PICTURE_BYTES_MAX
from keepclear.formats.line.bundlefile import BUNDLE_BYTES_MAX
from keepclear.formats.wire import json_bytes

BODY_BYTES_MAX: Final = 2_000_000
"""The most bytes that a request may bring."""

LONGER: Final = (
    (re.compile(r"/api/v1/lines/[^/]+/bundle"), BUNDLE_BYTES_MAX),
    (re.compile(r"/api/v1/lines/[^/]+/picture"), PICTURE_BYTES_MAX),
)
"""Requests that may bring more: files of bundles, and pictures of printed ones."""

SUBPROTOCOL: Final = "keepclear"
CLOSE_REFUSED: Final = 4401
"""The WebSocket close code for a caller that is not let in."""

POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_FOREIGN_SITES: Final = frozenset({"cross-site", "same-site"})
"""``same-site`` is another port or name of this machine, which is as foreign as any."""

_HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """Refuses foreign hosts, foreign origins and missing tokens; gives every answer its security headers.

    On a loopback address the ``Host`` header must name a loopback host, so that a web page elsewhere cannot reach the
    node by a name that it makes point here. Anywhere else every API call needs the node's token.
    """

    def __init__(self, app: ASGIApp, *, config: Config) -> None:
        self._app = app
        self._token = config.token
        self._loopback = is_loopback(config.bind)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the reason why not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, _limited(receive, _bytes_max(scope)), _with_headers(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": CLOSE_REFUSED, "reason": refusal[1]})
        else:
            status, message = refusal
            body = json_bytes({"code": "guard.refused", "message": message})
            answer = Response(body, status_code=status, media_type="application/json")
            await answer(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._loopback and not is_loopback(_hostname(host)):
            return 403, f"the request is for host {host!r}; this node answers to loopback names only"
        origin = headers.get("origin")
        if origin is not None and _netloc(origin) != host:
            return 403, f"the request comes from {origin!r}, which is not this node's own console"
        asked = scope["path"].startswith("/api/")
        # A GET by a foreign page carries no Origin; the browser says by itself where it comes from (Fetch Metadata).
        if asked and headers.get("sec-fetch-site") in _FOREIGN_SITES:
            return 403, "the request comes from a page of another site, which is not this node's own console"
        if self._token and asked and not self._knows_token(headers):
            return 401, "this node asks for its token: send it as Authorization: Bearer TOKEN"
        return None

    def _knows_token(self, headers: Headers) -> bool:
        offered = [headers.get("authorization", "").removeprefix("Bearer ")]
        offered += [part.strip() for part in headers.get("sec-websocket-protocol", "").split(",")]
        return _any_equal(offered, self._token)


def _any_equal(offered: Iterable[str], token: str) -> bool:
    # Compared in constant time, so that the time of a refusal does not tell how much of a guess was right.
    return any([hmac.compare_digest(each.encode(), token.encode()) for each in offered])


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _netloc(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _bytes_max(scope: Scope) -> int:
    return next((most for path, most in LONGER if path.fullmatch(scope["path"])), BODY_BYTES_MAX)


def _limited(receive: Receive, bytes_max: int) -> Receive:
    """A receiver that raises Refused("request.too-long") once a request has more than ``bytes_max`` bytes."""
    taken = 0

    async def receiving() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b"")) if message["type"] == "http.request" else 0
        if taken > bytes_max:
            raise Refused("request.too-long", f"the request has more than {bytes_max} bytes")
        return message

    return receiving


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.accept"):
            message["headers"] = [*message.get("headers", ()), *_HEADERS]
        await send(message)

    return sending
