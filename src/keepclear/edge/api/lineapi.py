"""The API of the lines (docs/wire.md): what may be asked of them, and what may be said on them."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from keepclear.core.errors import Refused
from keepclear.core.line.event import Attended
from keepclear.core.line.message import LineName
from keepclear.core.line.plot.place import Place, places_of_volume
from keepclear.core.line.voice.readback import Heard, Language, group_words, heard, words_of
from keepclear.core.line.voice.typedin import referring
from keepclear.core.line.voice.voicetext import difference
from keepclear.core.watch.zone import ZoneName
from keepclear.edge.api.lineforms import (
    AcknowledgementForm,
    AgreeForm,
    CardForm,
    CompareForm,
    CutForm,
    KeysForm,
    MessageForm,
    OpenForm,
    VoiceForm,
    VoiceWordsForm,
    hash_of,
)
from keepclear.edge.api.lineoffice import LineOffice
from keepclear.edge.lines.lines import Post
from keepclear.edge.lines.thread import PAGE_MAX
from keepclear.edge.lines.witnessing import check_witness_urls
from keepclear.edge.node import Node
from keepclear.formats.line.card import card_of
from keepclear.formats.wire import Members, Value, json_bytes

FILE: Final = "application/octet-stream"


def line_reading(node: Node, office: LineOffice) -> APIRouter:
    """What may be asked of the lines."""
    router, views = APIRouter(tags=["lines"]), office.views

    @router.get("/lines", summary="Every line")
    async def lines() -> Response:
        return _json(views.lines())

    @router.get("/card", summary="This party's card, to be given to another party")
    async def card() -> Response:
        return Response(office.card(), media_type="application/json")

    @router.post(
        "/card/words", summary="The words that both screens must show for a line with a card's party"
    )
    async def pairing(form: CardForm) -> Response:
        other = card_of(form.card.encode())
        words: Members = {each.value: list(office.pairing_words(form.line, other, each)) for each in Language}
        return _json({"party": other.party, "names": dict(other.names), "words": words})

    @router.get("/lines/{line}", summary="One line")
    async def line(line: str) -> Response:
        return _json(views.line(LineName(line)))

    @router.get("/lines/{line}/messages", summary="The newest messages of both sides, the oldest first")
    async def thread(
        line: str, limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100, before: str | None = None
    ) -> Response:
        cut = None if before is None else hash_of(before)
        return _json(views.thread(LineName(line), limit=limit, before=cut))

    @router.get(
        "/lines/{line}/waiting", summary="Every message on which a person must act, the loudest first"
    )
    async def waiting(line: str) -> Response:
        return _json(views.waiting(LineName(line)))

    @router.get("/lines/{line}/messages/{hashed}", summary="One message with all its states")
    async def message(line: str, hashed: str) -> Response:
        return _json(views.message(LineName(line), hash_of(hashed)))

    @router.get("/lines/{line}/messages/{hashed}/form", summary="The message as a page to be printed")
    async def form(line: str, hashed: str, language: Language = Language.EN) -> Response:
        page = office.printed(LineName(line), hash_of(hashed), language)
        # As a file: the console's own policy for pages would take its style away in a browser.
        headers = {"content-disposition": f'attachment; filename="{line}-{hashed[:8]}-{language.value}.html"'}
        return Response(page, media_type="text/html", headers=headers)

    @router.get("/lines/{line}/bundle", summary="The next bundle as a file, for a stick or the mail")
    async def bundle(line: str) -> Response:
        packed = node.lines.pack(LineName(line), way="file")
        if packed is None:
            raise Refused("line.closed", f"line {line} has not been opened; there is nothing to send")
        node.lines.carried(LineName(line), "file", packed)
        terms = node.lines.state(LineName(line)).terms
        name = f"{line}_{terms.own}_to_{terms.other}_{packed.size}.kcb"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(packed.raw, media_type=FILE, headers=headers)

    @router.get("/lines/{line}/paper", summary="The next bundle as lines to be printed or typed")
    async def paper(line: str) -> Response:
        return _json({"lines": list(office.paper(LineName(line)))})

    @router.post(
        "/lines/{line}/voice/words", summary="The read-back words of a text, and what was heard of them"
    )
    async def voice_words(line: str, form: VoiceWordsForm) -> Response:
        return _json(_voice_words(LineName(line), form))

    @router.post("/lines/compare", summary="Where two texts differ, to the word")
    async def compare(form: CompareForm) -> Response:
        found = difference(form.mine, form.theirs)
        return _json(
            {
                "differences": [
                    {"number": each.number, "mine": each.mine, "theirs": each.theirs} for each in found
                ]
            }
        )

    return router


def line_acting(node: Node, office: LineOffice) -> APIRouter:
    """What may be done on the lines."""
    router, views = APIRouter(tags=["lines"]), office.views

    @router.post("/lines", summary="Make a line with the party of a card", status_code=201)
    async def agree(form: AgreeForm) -> Response:
        return _json(views.line(office.agree(form)), status=201)

    @router.post("/lines/{line}/open", summary="Open our log with its officers", status_code=201)
    async def open_line(line: str, form: OpenForm) -> Response:
        check_witness_urls(form.urls())
        root = node.lines.identity.root_key(passphrase=form.root_passphrase)
        posts = [Post(**each.model_dump()) for each in form.adds]
        node.lines.open(LineName(line), posts, root=root, witnessing=form.witnessing())
        node.witnesses.use(LineName(line), form.urls())
        return _json(views.line(LineName(line)), status=201)

    @router.post("/lines/{line}/keys", summary="Add officers and revoke keys")
    async def keys(line: str, form: KeysForm) -> Response:
        root = node.lines.identity.root_key(passphrase=form.root_passphrase)
        posts = [Post(**each.model_dump()) for each in form.adds]
        node.lines.change_keys(LineName(line), adds=posts, revokes=form.revokes, root=root)
        return _json(views.line(LineName(line)))

    @router.post(
        "/lines/{line}/epoch", summary="Open the next epoch, when what was signed cannot be had back"
    )
    async def epoch(line: str, form: KeysForm) -> Response:
        root = node.lines.identity.root_key(passphrase=form.root_passphrase)
        node.lines.reopen(LineName(line), root=root)
        return _json(views.line(LineName(line)))

    @router.post("/lines/{line}/messages", summary="Sign a message and send it", status_code=201)
    async def say(line: str, form: MessageForm) -> Response:
        draft = form.draft(now=node.now, zones=_places(node, form.zones))
        hashed = await node.lines.said(LineName(line), draft, by=form.by, passphrase=form.passphrase)
        return _json(views.message(LineName(line), hashed), status=201)

    @router.post(
        "/lines/{line}/messages/{hashed}/steps", summary="Take a step of acknowledgement", status_code=201
    )
    async def acknowledge(line: str, hashed: str, form: AcknowledgementForm) -> Response:
        header = views.header(LineName(line), hash_of(hashed))
        if header.sender == node.lines.state(LineName(line)).terms.own:
            raise Refused("line.own-message", "this is our own message; the other party acknowledges it")
        received = views.parts(header).get("places")
        draft = form.draft(hash_of(hashed), now=node.now, received=received)
        said = await node.lines.said(LineName(line), draft, by=form.by, passphrase=form.passphrase)
        return _json(views.message(LineName(line), said), status=201)

    @router.post(
        "/lines/{line}/voice", summary="Sign a message by voice once the words agree", status_code=201
    )
    async def voice(line: str, form: VoiceForm) -> Response:
        found = _heard(form.voice(LineName(line)).readback, form)
        if not found.matches:
            raise Refused(
                "voice.words",
                "the words that were heard are not those of this text: compare the texts, group by group",
            )
        state = node.lines.state(LineName(line))
        draft = referring(state, form.draft(LineName(line), now=node.now), now=node.now)
        said = await node.lines.said(LineName(line), draft, by=form.by, passphrase=form.passphrase)
        return _json(views.message(LineName(line), said), status=201)

    @router.post("/lines/{line}/check", summary="Say a comms check now", status_code=201)
    async def check(line: str) -> Response:
        return _json(views.message(LineName(line), node.lines.check(LineName(line))), status=201)

    @router.post("/lines/{line}/attended", summary="A person is at this console")
    async def attended(line: str) -> Response:
        node.host.take(Attended(line=LineName(line)))
        return _json(views.line(LineName(line)))

    return router


def line_carrying(node: Node, office: LineOffice) -> APIRouter:
    """What may be brought and carried by hand."""
    router, views = APIRouter(tags=["lines"]), office.views

    @router.post("/lines/{line}/bundle", summary="Take a bundle that came as a file")
    async def take(line: str, request: Request) -> Response:
        node.lines.take_bundle(await request.body(), way="file")
        return _json(views.line(LineName(line)))

    @router.post("/lines/{line}/cut", summary="Hold the link of a line cut, for an exercise")
    async def cut(line: str, form: CutForm) -> Response:
        node.lines.state(LineName(line))
        node.couriers.hold_cut(LineName(line), cut=form.cut)
        return _json(views.line(LineName(line)))

    return router


def _places(node: Node, zones: list[str]) -> list[Place]:
    """The named zones as places of a message."""
    known = node.host.desk.watch.zones
    places: list[Place] = []
    for name in zones:
        if ZoneName(name) not in known:
            raise Refused(
                "zone.unknown",
                f"there is no zone {name!r} to put into the message; declare it, or give the place by coordinates",
            )
        places += places_of_volume(name, known[ZoneName(name)].volume)
    return places


def _heard(digest: bytes, form: VoiceWordsForm) -> Heard:
    return heard(form.heard, expected=words_of(digest, form.heard_in), language=form.heard_in)


def _voice_words(line: LineName, form: VoiceWordsForm) -> Members:
    digest = form.voice(line).readback
    found = _heard(digest, form) if form.heard else None
    return {
        "words": {each.value: list(words_of(digest, each)) for each in Language},
        "groups": {
            each.value: [
                {"number": group.number, "group": group.group, "word": group.word}
                for group in group_words(form.text, each)
            ]
            for each in Language
        },
        "heard": None
        if found is None
        else {
            "matches": found.matches,
            "words": [
                {
                    "number": each.number,
                    "expected": each.expected,
                    "typed": each.typed,
                    "verdict": each.verdict.value,
                    "nearest": each.nearest,
                }
                for each in found.words
            ],
            "extra": list(found.extra),
        },
    }


def _json(value: Value, *, status: int = 200) -> Response:
    return Response(json_bytes(value), status_code=status, media_type="application/json")
