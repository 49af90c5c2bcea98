"""Paper as it comes in: printed lines, typed, pasted or photographed, and the bundles that are begun."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from keepclear.core.instant import instant_text
from keepclear.core.line.message import LineName
from keepclear.edge.api.lineforms import PaperForm
from keepclear.edge.api.lineoffice import LineOffice
from keepclear.formats.wire import Value, json_bytes


def line_paper(office: LineOffice) -> APIRouter:
    """What may be done with printed lines."""
    router = APIRouter(tags=["lines"])

    @router.post("/lines/{line}/paper", summary="Take printed lines, typed or pasted")
    async def take_paper(line: str, form: PaperForm) -> Response:
        return _taken(office, line, form.text)

    @router.post("/lines/{line}/picture", summary="Take the codes in a picture of a printed page")
    async def take_picture(line: str, request: Request) -> Response:
        codes = await run_in_threadpool(office.codes, await request.body())
        return _taken(office, line, codes)

    @router.get("/paper", summary="The bundles of which some printed lines are here")
    async def begun() -> Response:
        return _json(_begun(office))

    @router.post("/paper/{paper_id}/drop", summary="Lay a begun bundle aside")
    async def drop(paper_id: str) -> Response:
        office.drop_paper(paper_id)
        return _json(_begun(office))

    return router


def _taken(office: LineOffice, line: str, text: str) -> Response:
    answer = office.take_paper(LineName(line), text)
    return _json(
        {
            "taken": list(answer.taken),
            "missing": list(answer.missing),
            "wrong": list(answer.wrong),
            "added": answer.added,
            "begun": _begun(office),
        }
    )


def _begun(office: LineOffice) -> list[Value]:
    return [
        {
            "id": each.paper_id,
            "here": list(each.here),
            "missing": list(each.missing),
            "touched": instant_text(each.touched),
        }
        for each in office.begun_papers()
    ]


def _json(value: Value) -> Response:
    return Response(json_bytes(value), media_type="application/json")
