"""The root of the node's party, when it is on another machine: what it is to sign goes out, what it signed comes in.

Nothing is kept in between: what the root answers says itself what it is, and is held against the node's own keys.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from keepclear.core.errors import Refused
from keepclear.core.line.keys import statement_of
from keepclear.core.line.message import LineName
from keepclear.core.trust.envelope import envelope_of
from keepclear.edge.api.lineforms import KeysForm, OpenForm
from keepclear.edge.api.lineoffice import LineOffice
from keepclear.edge.lines.lines import Post
from keepclear.edge.lines.witnessing import check_witness_urls
from keepclear.edge.node import Node
from keepclear.formats.line.rootrequest import REQUEST_BYTES_MAX, request_bytes
from keepclear.formats.wire import json_bytes

JSON: Final = "application/json"


def line_rooting(node: Node, office: LineOffice) -> APIRouter:
    """What a root on another machine is asked, and what it answered."""
    router, views = APIRouter(tags=["lines"]), office.views

    @router.get("/card/request", summary="What the root is to sign to make this party's card")
    async def card_request() -> Response:
        return Response(request_bytes(office.unsigned_card()), media_type=JSON)

    @router.post("/card", summary="Keep the card that the root has signed")
    async def keep_card(request: Request) -> Response:
        office.keep_card(await request.body())
        return Response(office.card(), media_type=JSON)

    @router.post("/lines/{line}/open/request", summary="What the root is to sign to open our log")
    async def open_request(line: str, form: OpenForm) -> Response:
        check_witness_urls(form.urls())
        stated = node.lines.open_statement(LineName(line), _posts(form), witnessing=form.witnessing())
        node.witnesses.use(LineName(line), form.urls())
        return Response(request_bytes(stated), media_type=JSON)

    @router.post("/lines/{line}/epoch/request", summary="What the root is to sign to open the next epoch")
    async def epoch_request(line: str) -> Response:
        return Response(request_bytes(node.lines.reopen_statement(LineName(line))), media_type=JSON)

    @router.post("/lines/{line}/keys/request", summary="What the root is to sign to change officers")
    async def keys_request(line: str, form: KeysForm) -> Response:
        stated = node.lines.key_statement(LineName(line), adds=_posts(form), revokes=form.revokes)
        return Response(request_bytes(stated), media_type=JSON)

    @router.post("/lines/{line}/statement", summary="Say a key statement that the root has signed")
    async def statement(line: str, request: Request) -> Response:
        raw = await request.body()
        if len(raw) > REQUEST_BYTES_MAX:
            raise Refused(
                "request.too-long", f"answer has {len(raw)} bytes, at most {REQUEST_BYTES_MAX} are read"
            )
        envelope = envelope_of(raw.removesuffix(b"\n").removesuffix(b"\r"))
        stated = statement_of(envelope, root=node.lines.identity.root_public)
        if stated.opens is None:
            node.lines.state_keys(LineName(line), envelope)
        else:
            node.lines.state_open(LineName(line), envelope)
        return Response(json_bytes(views.line(LineName(line))), media_type=JSON)

    return router


def _posts(form: KeysForm) -> list[Post]:
    return [Post(**each.model_dump()) for each in form.adds]
