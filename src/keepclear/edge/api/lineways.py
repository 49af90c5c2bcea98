"""The ways of a line as people see and set them: where the other's link is, a folder, telephone numbers."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant, instant_text
from keepclear.core.line.event import BY_MAX, WaysSet
from keepclear.core.line.message import LineName
from keepclear.core.trust.note import VerifierKey
from keepclear.edge.lines.ways import Ways, change_words, changed_ways, pin_of_ways, ways_setting
from keepclear.edge.node import Node
from keepclear.formats.line.card import PHONE_LENGTH_MAX, PHONES_MAX, Card, card_of
from keepclear.formats.plaintext import check_plain_text
from keepclear.formats.wire import Members, json_bytes


class WaysForm(BaseModel):
    """By what a line goes from now on, and who says so. What is left out stays as it is; empty: no such way."""

    model_config = ConfigDict(extra="forbid")

    by: str = Field(description="The name of the person who sets the ways")
    url: str | None = Field(default=None, description="Where the other's link is: https://HOST:PORT")
    folder: str | None = Field(default=None, description="A folder for files, such as of a stick")
    phones: list[str] | None = Field(default=None, description="The other's telephone numbers")
    card: str | None = Field(default=None, description="A newer card of the other party, as its file's text")

    def applied(self, before: Ways, *, root: VerifierKey) -> Ways:
        """The ways as they are to be; ``root`` is that of the other party.

        Raises Refused("ways.other-root") for the card of another party, Refused("ways.older-card") for a card that is
        older than the last, Refused("ways.phones") for too many numbers; and as ``card_of`` and ``check_plain_text``.
        """
        card = None if self.card is None else card_of(self.card.encode())
        by_card = before if card is None else _by_card(before, card, root)
        phones = by_card.phones if self.phones is None else self.phones
        if len(phones) > PHONES_MAX:
            raise Refused("ways.phones", f"{len(phones)} telephone numbers, must be {PHONES_MAX} or fewer")
        for phone in phones:
            check_plain_text(phone, what="a telephone number", length_max=PHONE_LENGTH_MAX)
        return Ways(
            url=by_card.url if self.url is None else self.url,
            certificate=by_card.certificate,
            folder=by_card.folder if self.folder is None else self.folder,
            phones=phones,
            card_at_ms=by_card.card_at_ms,
        )


def line_ways(node: Node) -> APIRouter:
    """What may be asked of the ways of a line, and how they are set."""
    router = APIRouter(tags=["lines"])

    @router.get("/lines/{line}/ways", summary="By what a line goes, as people have set it")
    async def ways(line: str) -> Response:
        return _json(_view(_ways_of(node, LineName(line))))

    @router.post("/lines/{line}/ways", summary="Set by what a line goes from now on")
    async def set_ways(line: str, form: WaysForm) -> Response:
        return _json(_view(_set(node, LineName(line), form)))

    return router


def _set(node: Node, line: LineName, form: WaysForm) -> Ways:
    """The ways as they are now: all that was asked for, or nothing; what changed stands in the record."""
    check_plain_text(form.by, what="the name of who sets the ways", length_max=BY_MAX)
    before = _ways_of(node, line)
    root = node.lines.state(line).terms.other_root
    ways = node.couriers.fit(form.applied(before, root=root))
    words = change_words(before, ways)
    if words:
        event = WaysSet(line=line, by=form.by, changed=changed_ways(before, ways), words=words)
        node.host.take(event, settings=ways_setting(line, ways))
        node.couriers.use(line, ways)
    return ways


def _ways_of(node: Node, line: LineName) -> Ways:
    node.lines.state(line)
    return node.couriers.ways.get(line, Ways())


def _by_card(before: Ways, card: Card, root: VerifierKey) -> Ways:
    if card.root != root:
        raise Refused(
            "ways.other-root",
            f"card is of the root {card.root.text()}, must be of {root.text()}, with which the line was agreed; "
            "another root is another party: agree a line of its own with it",
        )
    if card.at < before.card_at_ms:
        raise Refused(
            "ways.older-card",
            f"card was made at {instant_text(card.at)}, before the one in use, made at "
            f"{instant_text(Instant(before.card_at_ms))}; ask for the newest",
        )
    return Ways(
        url=card.link,
        certificate=card.certificate,
        folder=before.folder,
        phones=list(card.phones),
        card_at_ms=card.at,
    )


def _view(ways: Ways) -> Members:
    return {
        "url": ways.url,
        "certificate": pin_of_ways(ways) or None,
        "folder": ways.folder,
        "phones": list(ways.phones),
        "card_at": instant_text(Instant(ways.card_at_ms)) if ways.card_at_ms else None,
    }


def _json(value: Members) -> Response:
    return Response(json_bytes(value), media_type="application/json")
