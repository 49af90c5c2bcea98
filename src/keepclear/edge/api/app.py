"""The HTTP API and the live channel (docs/wire.md): requests become events, effects become answers.

Only here, and in the guard for those whom it turns away, are HTTP status codes known.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Query, Request, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from keepclear import __version__
from keepclear.core.errors import KeepclearError, Refused, Unavailable, Untrusted
from keepclear.core.instant import instant_of
from keepclear.core.watch.alert import AlertId, ResponseStep, Step
from keepclear.core.watch.event import StepTaken, ZoneDeclared, ZoneWithdrawn
from keepclear.core.watch.report import TrackName
from keepclear.core.watch.zone import ZoneName
from keepclear.edge.api.guard import Guard
from keepclear.edge.api.lineapi import line_acting, line_carrying, line_reading
from keepclear.edge.api.lineholders import line_holders
from keepclear.edge.api.lineoffice import LineOffice
from keepclear.edge.api.linepaper import line_paper
from keepclear.edge.api.lineroot import line_rooting
from keepclear.edge.api.lineways import line_ways
from keepclear.edge.api.live import Live
from keepclear.edge.api.noticeapi import notice_foreseeing, notice_reading, notice_saying
from keepclear.edge.api.past import Past
from keepclear.edge.api.views import Views
from keepclear.edge.config import Config
from keepclear.edge.node import Node
from keepclear.formats.wire import Value, json_bytes
from keepclear.formats.zone.geojson import zones_of

PREFIX: Final = "/api/v1"
INDEX_MAX: Final = (1 << 53) - 1
WEB: Final = (Path(__file__).parent.parent / "web").resolve()

_NOT_FOUND: Final = frozenset(
    {
        "alert.unknown",
        "track.unknown",
        "zone.unknown",
        "merkle.index",
        "line.unknown",
        "message.unknown",
        "paper.unknown",
        "notice.unknown",
        "conflict.unknown",
    }
)
_CONFLICT: Final = frozenset(
    {
        "alert.step",
        "replay.live",
        "line.known",
        "line.open",
        "line.closed",
        "line.reverted",
        "line.full",
        "line.words",
        "notice.stage",
    }
)


class StepRequest(BaseModel):
    """What a person did about an alert."""

    model_config = ConfigDict(extra="forbid")

    step: Step
    by: str = Field(description="Name and role of the person, such as `M. Haddad, watch officer`")
    reason: str = ""
    channel: str = ""
    text: str = ""
    reception: str = ""
    second: str = ""


class ReplayRequest(BaseModel):
    """How to steer a replay; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    paused: bool | None = None
    rate: float | None = None
    seek: str | None = Field(default=None, description="ISO 8601 with a zone")


def make_app(node: Node, *, config: Config) -> FastAPI:
    """The application that serves a node: its API under PREFIX, and the console."""
    views, past = Views(node), Past(node.host)
    live = Live(node, views)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        telling = asyncio.create_task(live.run())
        try:
            yield
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling

    app = FastAPI(
        title="Keepclear",
        version=__version__,
        lifespan=lifespan,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(_reading(views, past), prefix=PREFIX)
    app.include_router(_acting(node, views), prefix=PREFIX)
    office = LineOffice(node, config=config)
    app.include_router(line_reading(node, office), prefix=PREFIX)
    app.include_router(line_acting(node, office), prefix=PREFIX)
    app.include_router(line_carrying(node, office), prefix=PREFIX)
    app.include_router(line_holders(node, office), prefix=PREFIX)
    app.include_router(line_rooting(node, office), prefix=PREFIX)
    app.include_router(line_ways(node), prefix=PREFIX)
    app.include_router(line_paper(office), prefix=PREFIX)
    app.include_router(notice_reading(node), prefix=PREFIX)
    app.include_router(notice_foreseeing(node), prefix=PREFIX)
    app.include_router(notice_saying(node, office), prefix=PREFIX)

    @app.websocket(f"{PREFIX}/live")
    async def listen(socket: WebSocket) -> None:
        await live.serve(socket)

    app.include_router(_console())
    app.add_exception_handler(KeepclearError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_unreadable)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_middleware(Guard, config=config)
    return app


def _reading(views: Views, past: Past) -> APIRouter:
    """What may be asked."""
    router = APIRouter(tags=["reading"])

    @router.get("/node", summary="The node")
    async def node() -> Response:
        return _json(views.node())

    @router.get("/zones", summary="Every zone, as GeoJSON")
    async def zones() -> Response:
        return Response(views.zones_geojson(), media_type="application/geo+json")

    @router.get("/alerts", summary="The alerts, newest first")
    async def alerts(*, closed: bool = False) -> Response:
        return _json(views.alerts(closed=closed))

    @router.get("/alerts/{alert_id}", summary="One alert")
    async def alert(alert_id: str) -> Response:
        return _json(views.alert(AlertId(alert_id)))

    @router.get("/tracks/{name}", summary="One track")
    async def track(name: str) -> Response:
        return _json(views.track(TrackName(name)))

    @router.get("/tracks/{name}/history", summary="Where a track was")
    async def history(name: str, minutes: Annotated[int, Query(ge=1, le=1440)] = 60) -> Response:
        return _json(await past.history(TrackName(name), minutes=minutes))

    @router.get("/moment", summary="What the node held at a moment")
    async def moment(at: str) -> Response:
        return _json(await past.moment(instant_of(at)))

    @router.get("/feeds", summary="The feeds")
    async def feeds() -> Response:
        return _json(views.feeds())

    @router.get("/refusals", summary="What readers refused")
    async def refusals(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
        return _json(views.refusals(limit=limit))

    @router.get("/timeline", summary="What was recorded in a span, in words")
    async def timeline(
        start: Annotated[str, Query(alias="from")], end: Annotated[str, Query(alias="to")]
    ) -> Response:
        return _json(past.timeline(instant_of(start), instant_of(end)))

    @router.get("/record/head", summary="The record's size, root and signed checkpoint")
    async def record_head() -> Response:
        return _json(views.record_head())

    @router.get("/record/entries", summary="Entries of the record")
    async def record_entries(
        start: Annotated[int, Query(ge=0, le=INDEX_MAX)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Response:
        return _json(views.record_entries(start=start, limit=limit))

    @router.get("/record/proof/{index}", summary="The inclusion proof of an entry")
    async def record_proof(index: int) -> Response:
        return _json(views.record_proof(index))

    return router


def _acting(node: Node, views: Views) -> APIRouter:
    """What may be done."""
    router = APIRouter(tags=["acting"])

    @router.put("/zones/{name}", summary="Declare or replace a zone", status_code=200)
    async def declare(name: str, by: str, request: Request) -> Response:
        # A polygon of thousands of edges takes seconds to check; the watch goes on meanwhile.
        read = await run_in_threadpool(zones_of, await request.body(), declared_by=node.party)
        if read.refusals or len(read.zones) != 1:
            reason = read.refusals[0].message if read.refusals else f"{len(read.zones)} zones, must be one"
            raise Refused("zone.unreadable", f"zone {name}: {reason}")
        zone = read.zones[0]
        if zone.name != name:
            raise Refused("zone.name", f"the address names zone {name}, the feature names {zone.name}")
        known = zone.name in node.host.desk.watch.zones
        node.host.take(ZoneDeclared(zone=zone, by=by))
        return _json({"zone": zone.name}, status=200 if known else 201)

    @router.delete("/zones/{name}", summary="Withdraw a zone")
    async def withdraw(name: str, by: str) -> Response:
        node.host.take(ZoneWithdrawn(name=ZoneName(name), by=by))
        return _json({"zone": name})

    @router.post("/alerts/{alert_id}/steps", summary="Take a response step")
    async def step(alert_id: str, done: StepRequest) -> Response:
        taken = ResponseStep(at=node.now, **done.model_dump())
        node.host.take(StepTaken(alert=AlertId(alert_id), done=taken))
        return _json(views.alert(AlertId(alert_id)))

    @router.post("/replay", summary="Steer a replay")
    async def replay(steer: ReplayRequest) -> Response:
        seek = None if steer.seek is None else instant_of(steer.seek)
        node.play(paused=steer.paused, rate=steer.rate, seek=seek)
        return _json(views.node())

    return router


def _console() -> APIRouter:
    """The built console: its files, and its page for every address that is not a file."""
    router = APIRouter(include_in_schema=False)

    @router.get("/{path:path}")
    async def page(path: str) -> Response:
        if path.startswith("api/"):
            return _json({"code": "api.unknown", "message": f"there is nothing at /{path}"}, status=404)
        if (file := _file_of_console(path)) is not None:
            forever = "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"
            return FileResponse(file, headers={"cache-control": forever})
        index = WEB / "index.html"
        if not index.is_file():
            return Response("The console is not built. Run: make console\n", 503, media_type="text/plain")
        return FileResponse(index, headers={"cache-control": "no-cache"})

    return router


def _file_of_console(path: str) -> Path | None:
    """The file of the console at an address, or None; what lies outside its folder is never one."""
    try:
        wanted = (WEB / path).resolve()
        return wanted if wanted.is_relative_to(WEB) and wanted.is_file() else None
    except (OSError, ValueError):
        # Such as a name longer than any file's, or one with a zero byte.
        return None


async def _answer_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, KeepclearError):
        raise error
    return _json({"code": error.code, "message": error.message}, status=_status(error))


async def _answer_unreadable(_: Request, error: Exception) -> Response:
    """What was wrong with the fields of a request; the input is not repeated, for it may be anything."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    return _json({"code": "request.unreadable", "message": "; ".join(faults)}, status=422)


async def _answer_http(request: Request, error: Exception) -> Response:
    """What the server itself refuses, such as a method that an address does not know."""
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error.__cause__, KeepclearError):
        return await _answer_error(request, error.__cause__)
    message = f"{request.method} {request.url.path}: {error.detail}"
    return _json({"code": "request.refused", "message": message}, status=error.status_code)


def _status(error: KeepclearError) -> int:
    match error:
        case Unavailable() | Untrusted():
            return 503
        case _ if error.code in _NOT_FOUND:
            return 404
        case _:
            return 409 if error.code in _CONFLICT else 400


def _json(value: Value, *, status: int = 200) -> Response:
    return Response(json_bytes(value), status_code=status, media_type="application/json")
