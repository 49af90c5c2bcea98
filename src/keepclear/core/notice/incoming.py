"""Incoming: what messages say of notices, put on the board in whichever order it comes, and what cannot be shown so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.notice.agreement import AgreementChange, AgreementChanged, Agreements, Signed
from keepclear.core.notice.board import Board
from keepclear.core.notice.event import (
    BoardEffect,
    Followed,
    Given,
    MinimaSet,
    Reported,
    Unread,
    Withdrawn,
)
from keepclear.core.notice.held import Giver, NoticeId

NoticeEffect = BoardEffect | AgreementChanged
"""What messages about notices change."""

EARLY_MAX: Final = 1_000
"""How much may wait for notices that have not come; past it the first is given up, and shown so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Early:
    """What a message said of a notice that has not come: it waits for it."""

    message: NoticeId
    said: Withdrawn | Reported


class Incoming:
    """The board, what waits for notices that are not on it yet, and the agreements of its parties."""

    def __init__(
        self,
        board: Board | None = None,
        early: Iterable[Early] = (),
        agreements: Agreements | None = None,
    ) -> None:
        self.board = board if board is not None else Board()
        self.early = list(early)
        self.agreements = agreements if agreements is not None else Agreements()

    def heard(self, said: Followed, *, message: NoticeId, now: Instant) -> list[BoardEffect]:
        """What a message says of a notice, as far as it can be; a refusal is shown, and the line goes on."""
        if not isinstance(said, Given):
            return self._heard_of(Early(message=message, said=said), now=now)
        if said.id in self.board.held:
            return []
        effects = self._stepped(said, message=message, now=now)
        waited = [each for each in self.early if each.said.id == said.id]
        self.early = [each for each in self.early if each.said.id != said.id]
        for each in waited:
            effects += self._heard_of(each, now=now)
        return effects

    def signed(self, signed: Signed, *, between: frozenset[Giver], now: Instant) -> list[NoticeEffect]:
        """A party signed a version of an agreement; once both have, its minima hold between them."""
        try:
            changed = self.agreements.step(signed, between=between)
        except Refused as refused:
            return [*self.unread(signed.message, signed.by, refused, now=now)]
        if changed.change is AgreementChange.PROPOSED:
            return [changed]
        by = f"agreement {signed.id[:16]}"
        minima = MinimaSet(minima=signed.agreement.minima, by=by, parties=between)
        return [changed, *self.board.step(minima, now=now)]

    def unread(self, message: NoticeId, by: Giver, refused: Refused, *, now: Instant) -> list[BoardEffect]:
        """What cannot be read of a message is shown with why."""
        unread = Unread(id=message, by=by, code=refused.code, why=refused.message)
        return self.board.step(unread, now=now)

    def _heard_of(self, heard: Early, *, now: Instant) -> list[BoardEffect]:
        if heard.said.id in self.board.held:
            return self._stepped(heard.said, message=heard.message, now=now)
        self.early.append(heard)
        if len(self.early) <= EARLY_MAX:
            return []
        given_up = self.early.pop(0)
        why = (
            f"it speaks of notice {given_up.said.id[:12]}, which has not come while {EARLY_MAX} others waited"
        )
        return self.unread(given_up.message, given_up.said.by, Refused("notice.unknown", why), now=now)

    def _stepped(self, said: Followed, *, message: NoticeId, now: Instant) -> list[BoardEffect]:
        try:
            return self.board.step(said, now=now)
        except Refused as refused:
            return self.unread(message, said.by, refused, now=now)
