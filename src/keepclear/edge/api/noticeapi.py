"""The API of notices (docs/wire.md): what may be asked of them, and what may be said of them on a line."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from keepclear.core.errors import Refused
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import LineName
from keepclear.core.notice.held import Held
from keepclear.core.notice.lifecycle import Stage
from keepclear.core.notice.notice import NoticeKind
from keepclear.core.notice.precision import Precision
from keepclear.core.notice.site import Site
from keepclear.edge.api.lineforms import SigningForm
from keepclear.edge.api.lineoffice import LineOffice
from keepclear.edge.api.noticeforms import LookForm, NoticeForm, ReportForm, SeenForm, WithdrawalForm
from keepclear.edge.api.noticeviews import NoticeViews, Wanted, proposed
from keepclear.edge.api.siteaccess import Access, SiteAccess
from keepclear.edge.node import Node
from keepclear.formats.wire import Value, json_bytes


def notice_reading(node: Node) -> APIRouter:
    """What may be asked of notices."""
    router, views, access = APIRouter(tags=["notices"]), NoticeViews(node), SiteAccess(node.host)

    @router.get("/notices", summary="The notices that keep somebody clear of something; or all of them")
    async def notices(
        stage: Stage | None = None, kind: NoticeKind | None = None, by: str = "", *, over: bool = False
    ) -> Response:
        return _json(views.notices(Wanted(stage=stage, kind=kind, by=by, over=over)))

    @router.get("/notices/{name}", summary="One notice with its versions and conflicts")
    async def notice(name: str) -> Response:
        return _json(views.notice(views.held(name)))

    @router.post("/notices/{name}/looks", summary="One notice with the places of a site: who looks, and why")
    async def look(name: str, form: LookForm) -> Response:
        held = views.held(name)
        if isinstance(held.notice.body, Site):
            access.enter(Access(designation=held.notice.designation, by=form.by, reason=form.reason))
        return _json(views.notice(held, opened=True))

    @router.get("/notices/{name}/looks", summary="Who looked at where a site is, or told another party")
    async def looks(name: str) -> Response:
        return _json(access.of(views.held(name).notice))

    @router.get("/conflicts", summary="The conflicts that stand, the surest first")
    async def conflicts(*, unseen: bool = False) -> Response:
        return _json(list(views.conflicts(unseen=unseen)))

    @router.post("/conflicts/seen", summary="A person takes note of a conflict")
    async def seen(form: SeenForm) -> Response:
        event = form.event()
        node.host.take(event)
        return _json(views.conflict(event.conflict, views.board.conflicts[event.conflict]))

    return router


def notice_foreseeing(node: Node) -> APIRouter:
    """What may be asked of a notice before it is said; nothing of it leaves."""
    router, views = APIRouter(tags=["notices"]), NoticeViews(node)

    @router.post(
        "/lines/{line}/notices/preview",
        summary="What a notice conflicts with, and what the other will see of it",
    )
    async def preview(line: str, form: NoticeForm) -> Response:
        node.lines.state(LineName(line))
        return _json(views.foreseen(form.saying(now=node.now)))

    @router.post("/lines/{line}/notices/proposals", summary="What would clear the conflicts of a notice")
    async def propose(line: str, form: NoticeForm) -> Response:
        node.lines.state(LineName(line))
        saying = form.saying(now=node.now)
        # A search in place takes seconds; the watch goes on meanwhile.
        others, earliest = views.against(saying), node.now
        found = await run_in_threadpool(proposed, saying.known, others, earliest=earliest)
        return _json(found)

    return router


def notice_saying(node: Node, office: LineOffice) -> APIRouter:
    """What may be said of notices on a line."""
    router, views, access = APIRouter(tags=["notices"]), NoticeViews(node), SiteAccess(node.host)

    async def said(line: str, draft: Draft, form: SigningForm) -> Response:
        hashed = await node.lines.said(LineName(line), draft, by=form.by, passphrase=form.passphrase)
        return _json(office.views.message(LineName(line), hashed), status=201)

    def own(line: str, name: str) -> Held:
        """A notice of this party that was said on a line: only its giver withdraws it or says how it stands."""
        held = views.held(name)
        if held.by != node.lines.identity.party:
            raise Refused(
                "notice.party",
                f"notice {name[:12]} is of {held.by}; say what you have to say of it as a message that refers to it",
            )
        header = office.views.header(LineName(line), bytes.fromhex(held.id))
        assert header.sender == held.by
        return held

    @router.post("/lines/{line}/notices", summary="Give a notice, or its next version", status_code=201)
    async def give(line: str, form: NoticeForm) -> Response:
        if form.amends is not None:
            own(line, form.amends)
        saying = form.saying(now=node.now)
        if isinstance(saying.known.body, Site) and saying.precision is not Precision.WITHHELD:
            to = node.lines.state(LineName(line)).terms.other
            access.enter(form.access(saying, to=to))
        return await said(line, saying.draft, form)

    @router.post("/lines/{line}/notices/{name}/withdrawal", summary="Withdraw a notice", status_code=201)
    async def withdraw(line: str, name: str, form: WithdrawalForm) -> Response:
        return await said(line, form.draft(own(line, name), now=node.now), form)

    @router.post("/lines/{line}/notices/{name}/reports", summary="Say how a notice stands", status_code=201)
    async def report(line: str, name: str, form: ReportForm) -> Response:
        return await said(line, form.draft(own(line, name), now=node.now), form)

    return router


def _json(value: Value, *, status: int = 200) -> Response:
    return Response(json_bytes(value), status_code=status, media_type="application/json")
