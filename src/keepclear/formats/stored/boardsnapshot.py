"""The board's whole state as bytes, so that a restart replays from here and not from the beginning.

MessagePack around a notice's own JSON. The bytes are the node's own and are read back only by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from keepclear.core.instant import Instant, Window
from keepclear.core.line.plot.place import places_content, places_of
from keepclear.core.notice.agreement import Agreement, Agreements, InForce, Signed
from keepclear.core.notice.board import ZONE, Board
from keepclear.core.notice.conflict import Conflict
from keepclear.core.notice.conflicts import Standing
from keepclear.core.notice.event import (
    Bounded,
    ConflictKey,
    Report,
    Reported,
    Unread,
    Withdrawn,
)
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.held import Giver, Held, NoticeId
from keepclear.core.notice.incoming import Early, Incoming
from keepclear.core.notice.lifecycle import Stage
from keepclear.core.notice.minima import Minima, Minimum
from keepclear.core.notice.notice import Notice
from keepclear.core.space.altitude import Containment
from keepclear.core.space.geodesy import Position
from keepclear.core.trust.encoding import canonical, parsed
from keepclear.formats.notice.agreementjson import agreement_content, agreement_id, agreement_of
from keepclear.formats.notice.noticejson import notice_content, notice_of, notice_places


class NoticeFields(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as the parts of its message say it."""

    notice: bytes
    places: bytes


class HeldFields(msgspec.Struct, frozen=True, kw_only=True):
    """A notice on the board, and how it stands."""

    id: NoticeId
    by: Giver
    flag: str
    said: NoticeFields
    received: Instant
    stage: Stage
    reported: Instant
    amends: NoticeId | None


class ConflictFields(msgspec.Struct, frozen=True, kw_only=True):
    """A conflict that stands; its extents are those that its key names."""

    key: ConflictKey
    rule: Minimum
    sure: int
    gap_m: float
    shared_m: float
    own_nearest: Position
    other_nearest: Position
    height_gap_m: float | None
    time_gap_ms: int
    when: Window
    seen_by: str


class EarlyFields(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a notice: a withdrawal, or a report as of an instant."""

    message: NoticeId
    id: NoticeId
    by: Giver
    report: tuple[Report, Instant] | None


class SignedFields(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an agreement as its part says it, with who signed it and by which message."""

    content: bytes
    by: Giver
    message: NoticeId


class BoardFields(msgspec.Struct, frozen=True, kw_only=True):
    """All that a board holds but the zones, which the watch holds, and the agreements, of which minima follow."""

    minima: Minima
    in_force: list[bytes]
    proposed: list[SignedFields]
    held: list[HeldFields]
    conflicts: list[ConflictFields]
    unread: list[Unread]
    early: list[EarlyFields]


def board_bytes(incoming: Incoming) -> bytes:
    """The state of a board, and what waits for notices that are not on it."""
    board = incoming.board
    return msgspec.msgpack.encode(
        BoardFields(
            minima=board.minima,
            in_force=[_content(each.agreement) for each in incoming.agreements.in_force.values()],
            proposed=[
                SignedFields(content=_content(each.agreement), by=each.by, message=each.message)
                for proposed in incoming.agreements.proposed.values()
                for each in proposed
            ],
            held=[_held_fields(each) for each in board.held.values()],
            conflicts=[_conflict_fields(key, each) for key, each in board.conflicts.items()],
            unread=list(board.unread.values()),
            early=[_early_fields(each) for each in incoming.early],
        )
    )


def board_of(raw: bytes, *, zones: Iterable[Bounded]) -> Incoming:
    """The board whose state this is, with the zones of its watch.

    Raises msgspec.MsgspecError, KeyError, ValueError or Refused for other bytes.
    """
    fields = msgspec.msgpack.decode(raw, type=BoardFields)
    bounded = tuple(zones)
    held = [_held_of(each) for each in fields.held]
    extents = {(each.id, extent.name): extent for each in held for extent in each.notice.extents}
    extents |= {(ZONE + each.zone, extent.name): extent for each in bounded for extent in each.extents}
    in_force = [_agreement(each) for each in fields.in_force]
    board = Board()
    board.restore(
        held,
        zones=bounded,
        minima=fields.minima,
        agreed={frozenset(each.parties): each.minima for each in in_force},
        conflicts={each.key: _standing_of(each, extents) for each in fields.conflicts},
        unread=fields.unread,
    )
    agreements = Agreements()
    agreements.restore(
        [InForce(id=agreement_id(each), agreement=each) for each in in_force],
        proposed=map(_signed_of, fields.proposed),
    )
    return Incoming(board, map(_early_of, fields.early), agreements)


def _content(agreement: Agreement) -> bytes:
    return canonical(agreement_content(agreement))


def _agreement(content: bytes) -> Agreement:
    return agreement_of(parsed(content))


def _signed_of(fields: SignedFields) -> Signed:
    agreement = _agreement(fields.content)
    return Signed(id=agreement_id(agreement), agreement=agreement, by=fields.by, message=fields.message)


def _held_fields(held: Held) -> HeldFields:
    said = NoticeFields(
        notice=canonical(notice_content(held.notice)),
        places=canonical(places_content(notice_places(held.notice))),
    )
    return HeldFields(
        id=held.id,
        by=held.by,
        flag=held.flag,
        said=said,
        received=held.received,
        stage=held.stage,
        reported=held.reported,
        amends=held.amends,
    )


def _held_of(fields: HeldFields) -> Held:
    return Held(
        id=fields.id,
        by=fields.by,
        flag=fields.flag,
        notice=_notice_of(fields.said),
        received=fields.received,
        stage=fields.stage,
        reported=fields.reported,
        amends=fields.amends,
    )


def _notice_of(said: NoticeFields) -> Notice:
    return notice_of(parsed(said.notice), places_of(parsed(said.places)))


def _conflict_fields(key: ConflictKey, standing: Standing) -> ConflictFields:
    found = standing.conflict
    return ConflictFields(
        key=key,
        rule=found.rule,
        sure=found.sure,
        gap_m=found.gap_m,
        shared_m=found.shared_m,
        own_nearest=found.own_nearest,
        other_nearest=found.other_nearest,
        height_gap_m=found.height_gap_m,
        time_gap_ms=found.time_gap_ms,
        when=found.when,
        seen_by=standing.seen_by,
    )


def _standing_of(fields: ConflictFields, extents: Mapping[tuple[str, str], Extent]) -> Standing:
    key = fields.key
    conflict = Conflict(
        own=extents[key.one, key.one_extent],
        other=extents[key.other, key.other_extent],
        rule=fields.rule,
        sure=Containment(fields.sure),
        gap_m=fields.gap_m,
        shared_m=fields.shared_m,
        own_nearest=fields.own_nearest,
        other_nearest=fields.other_nearest,
        height_gap_m=fields.height_gap_m,
        time_gap_ms=fields.time_gap_ms,
        when=fields.when,
    )
    return Standing(conflict=conflict, seen_by=fields.seen_by)


def _early_fields(early: Early) -> EarlyFields:
    said = early.said
    report = (said.report, said.at) if isinstance(said, Reported) else None
    return EarlyFields(message=early.message, id=said.id, by=said.by, report=report)


def _early_of(fields: EarlyFields) -> Early:
    if fields.report is None:
        return Early(message=fields.message, said=Withdrawn(id=fields.id, by=fields.by))
    report, at = fields.report
    return Early(message=fields.message, said=Reported(id=fields.id, by=fields.by, report=report, at=at))
