"""Holders of parts: who has had what, since when; what an export opens; consent that is withdrawn (docs/wire.md)."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from keepclear.core.instant import Instant, instant_text
from keepclear.core.line.message import Header, How, Kind, LineName, PartyWord, Precedence
from keepclear.edge.api.lineforms import ConsentForm, ExportForm, hash_of
from keepclear.edge.api.lineoffice import LineOffice
from keepclear.edge.lines.disclosing import Consent, cosigned_at, named_part, withdraw
from keepclear.edge.lines.exporting import NOTHING, Release, exported
from keepclear.edge.node import Node
from keepclear.edge.store.disclosures import Disclosure
from keepclear.formats.stored.partbody import NamedPart
from keepclear.formats.wire import Members, Value, json_bytes

FILE: Final = "application/octet-stream"


class LineHolders:
    """Who has had the parts of messages, and what people decide about it."""

    def __init__(self, node: Node, office: LineOffice) -> None:
        self._node, self._office = node, office

    def holders(self, line: LineName, hashed: bytes) -> Members:
        """Each part of a message with everybody who was given it. Raises Refused("message.unknown")."""
        header = self._office.views.header(line, hashed)
        return {
            part: self._holders(line, header, commitment.hex()) for part, commitment in header.parts.items()
        }

    def withdraw(self, line: LineName, hashed: bytes, part: str, form: ConsentForm) -> Members:
        """Withdraw consent for a part: it leaves no more, and whoever has it is listed, each with a notice to sign.

        No notice is sent by itself. Raises Refused("line.officer") for a person without a key that holds, and as
        ``named_part`` and ``withdraw`` do.
        """
        self._node.lines.require_officer(line, form.by)
        header = self._office.views.header(line, hashed)
        named = named_part(header, hashed, part)
        withdraw(self._node.host, Consent(line=line, part=named, by=form.by, reason=form.reason))
        # Whom it was not given to yet is told at once that it never will be, and waits for it no more.
        self._node.lines.withhold(line)
        # What lies ready in a folder still has the part: it is laid out anew, without.
        self._node.lines.send_anew(line)
        given = self._node.host.store.disclosed.of(named.commitment)
        parties = dict.fromkeys(each.to_party for each in given)
        return {
            "message": hashed.hex(),
            "part": part,
            "withdrawn": self.withdrawal(named.commitment),
            "holders": self._holders(line, header, named.commitment),
            "notices": [_notice(each, named, by_line=each == header.to) for each in parties],
        }

    def withdrawal(self, commitment: str) -> Value:
        """The withdrawal of consent for a part, or None while it stands."""
        found = self._node.host.store.disclosed.withdrawal(commitment)
        if found is None:
            return None
        return {"at": instant_text(found.at), "by": found.by, "reason": found.reason}

    def export(self, line: LineName, *, to: PartyWord | None, release: Release) -> bytes:
        """An export for a party. What it discloses is durable when this returns. Raises as ``exported`` does."""
        host = self._node.host
        if release.is_made:
            self._node.lines.require_officer(line, release.by)
        made = exported(
            host.store, self._node.lines.identity, line, at=self._node.now, to=to, release=release
        )
        host.note(lines=made.lines, entries=[made.entry])
        return made.raw

    def _holders(self, line: LineName, header: Header, commitment: str) -> list[Members]:
        """Everybody who was given a part of a message."""
        taken = self._taken(line, header, commitment)
        given = self._node.host.store.disclosed.of(commitment)
        return [_holder(each, taken if each.to_party == header.to else None) for each in given]

    def _taken(self, line: LineName, header: Header, commitment: str) -> Instant | None:
        """When the other party's machine is shown to have taken a part of ours; None where it is not."""
        state = self._node.lines.state(line)
        if header.sender != state.terms.own:
            return None
        return cosigned_at(self._node.host.store, state, header, commitment)


def line_holders(node: Node, office: LineOffice) -> APIRouter:
    """What may be asked, and decided, of who has had what."""
    router, holders = APIRouter(tags=["lines"]), LineHolders(node, office)

    @router.get("/lines/{line}/messages/{hashed}/holders", summary="Who has had each part, since when")
    async def who(line: str, hashed: str) -> Response:
        return _json(holders.holders(LineName(line), hash_of(hashed)))

    @router.post(
        "/lines/{line}/messages/{hashed}/parts/{part}/withdrawal",
        summary="Withdraw consent for a part: nothing more of it leaves",
        status_code=201,
    )
    async def withdrawal(line: str, hashed: str, part: str, form: ConsentForm) -> Response:
        return _json(holders.withdraw(LineName(line), hash_of(hashed), part, form), status=201)

    @router.get("/lines/{line}/export", summary="The whole line as one sealed file, for its other party")
    async def export(line: str) -> Response:
        return _file(line, holders.export(LineName(line), to=None, release=NOTHING))

    @router.post(
        "/lines/{line}/export", summary="The whole line as one sealed file, for a party that is named"
    )
    async def export_for(line: str, form: ExportForm) -> Response:
        return _file(line, holders.export(LineName(line), to=form.party(), release=form.released()))

    return router


def _holder(given: Disclosure, taken: Instant | None) -> Members:
    return {
        "to": given.to_party,
        "since": instant_text(given.at),
        "way": given.way,
        "state": "sent" if taken is None else "taken",
        "taken": None if taken is None else instant_text(taken),
        "by": given.by,
        "reason": given.reason,
    }


def _notice(party: str, part: NamedPart, *, by_line: bool) -> Members:
    """What a person may tell a holder; over the line it is a message to be signed as it stands or changed."""
    text = (
        f"Consent for the part {part.part!r} of message {part.message.hex()[:16]} was withdrawn. Do not use it, do not "
        "pass it on, remove it, and say to whom you gave it."
    )
    message: Members = {
        "kind": Kind.WITHDRAW.value,
        "precedence": Precedence.IMMEDIATE.value,
        "text": text,
        "no_place": True,
        "refs": [{"hash": part.message.hex(), "how": How.WITHDRAWS.value}],
    }
    return {"to": party, "text": text, "message": message if by_line else None}


def _file(line: str, raw: bytes) -> Response:
    headers = {"content-disposition": f'attachment; filename="{line}.keepclear"'}
    return Response(raw, media_type=FILE, headers=headers)


def _json(value: Value, *, status: int = 200) -> Response:
    return Response(json_bytes(value), status_code=status, media_type="application/json")
