"""What a message says of notices: one that it gives or amends, that it withdraws, or a report of how one stands.

Source: docs/notices.md, "The part notice" and "The part notice-report".
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Instant
from keepclear.core.line.event import Opened
from keepclear.core.line.message import Header, How, Kind
from keepclear.core.line.plot.place import places_content, places_of
from keepclear.core.notice.agreement import Signed
from keepclear.core.notice.event import Followed, Given, Report, Reported, Withdrawn
from keepclear.core.notice.held import Giver, NoticeId
from keepclear.core.notice.notice import Notice
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields
from keepclear.core.trust.opening import opening_of
from keepclear.formats.notice.agreementjson import agreement_id, agreement_of
from keepclear.formats.notice.bodyfields import chosen
from keepclear.formats.notice.noticejson import notice_content, notice_of, notice_places

NOTICE_PART: Final = "notice"
PLACES_PART: Final = "places"
REPORT_PART: Final = "notice-report"
AGREEMENT_PART: Final = "agreement"
VERSION: Final = 1

GIVING: Final = frozenset({Kind.NOTIFY, Kind.AMEND})
"""Kinds of messages that give a notice."""

REPORTING: Final = frozenset({Kind.NOTIFY, Kind.ANSWER})
"""Kinds of messages that report how a notice stands."""

SIGNING: Final = frozenset({Kind.NOTIFY, Kind.ANSWER})
"""Kinds of messages that sign a version of an agreement."""

CHANGING: Final = frozenset({How.AMENDS, How.CORRECTS})


def said_in(opened: Opened, *, known: Container[NoticeId]) -> tuple[Followed, ...]:
    """What a message says of notices; nothing for most. ``known`` are the notices that there are.

    Raises Refused: "notice.kind" where a message of its kind says no such thing, "notice.lost" for a part that was not
    released here or is lost, "notice.references" where it does not name the one notice that it is about,
    "notice.version" for a change to a notice that does not give its next version; and as notice_of and Fields do.
    """
    header = opened.header
    if header.kind is Kind.WITHDRAW:
        withdrawn = _named(header, How.WITHDRAWS)
        return tuple(Withdrawn(id=each, by=Giver(header.sender)) for each in withdrawn)
    if NOTICE_PART in header.parts:
        return (_given(opened),)
    if REPORT_PART in header.parts:
        return (_reported(opened),)
    changed = [each for how in sorted(CHANGING) for each in _named(header, how) if each in known]
    if changed:
        raise Refused(
            "notice.version",
            f"message of kind {header.kind} changes notice {changed[0][:12]} and has no part {NOTICE_PART}; the "
            "version before still stands: amend it with all of its next version",
        )
    return ()


def notice_parts(notice: Notice) -> dict[str, Mapping[str, Json]]:
    """The contents of the two parts by which a message gives a notice; raises Refused as notice_places does."""
    return {NOTICE_PART: notice_content(notice), PLACES_PART: places_content(notice_places(notice))}


def signed_in(opened: Opened) -> Signed | None:
    """The version of an agreement that a message signs, if it does. Raises Refused as said_in and agreement_of do."""
    header = opened.header
    if AGREEMENT_PART not in header.parts:
        return None
    _refuse_kind(header, AGREEMENT_PART, SIGNING)
    agreement = agreement_of(_content(opened, AGREEMENT_PART))
    return Signed(
        id=agreement_id(agreement),
        agreement=agreement,
        by=Giver(header.sender),
        message=NoticeId(opened.hash.hex()),
    )


def report_content(report: Report, *, at: Instant) -> Mapping[str, Json]:
    """The content of the part ``notice-report``."""
    return {"v": VERSION, "report": report.value, "at_ms": at}


def _given(opened: Opened) -> Given:
    header = opened.header
    _refuse_kind(header, NOTICE_PART, GIVING)
    content = _content(opened, NOTICE_PART)
    notice = notice_of(content, places_of(_content(opened, PLACES_PART)))
    return Given(
        id=NoticeId(opened.hash.hex()),
        by=Giver(header.sender),
        flag=header.flag.value,
        notice=notice,
        amends=_one_named(header, How.AMENDS) if header.kind is Kind.AMEND else None,
    )


def _reported(opened: Opened) -> Reported:
    header = opened.header
    _refuse_kind(header, REPORT_PART, REPORTING)
    taken = Fields(_content(opened, REPORT_PART), what="notice report")
    taken.whole("v", least=VERSION, most=VERSION)
    report = chosen(Report, taken, "report")
    at = Instant(taken.whole("at_ms", least=FIRST, most=FOREVER - 1))
    taken.end()
    return Reported(id=_one_named(header, How.ABOUT), by=Giver(header.sender), report=report, at=at)


def _refuse_kind(header: Header, part: str, kinds: frozenset[Kind]) -> None:
    if header.kind not in kinds:
        raise Refused(
            "notice.kind",
            f"message of kind {header.kind} has a part {part}, must be of kind {' or '.join(sorted(kinds))}",
        )


def _content(opened: Opened, part: str) -> Mapping[str, Json]:
    if part not in opened.openings:
        raise Refused(
            "notice.lost",
            f"message says something of a notice, and its part {part} is not here: it was not released to this party, "
            "or is lost; ask for it anew",
        )
    return opening_of(opened.openings[part]).content


def _named(header: Header, how: How) -> list[NoticeId]:
    return [NoticeId(each.hash.hex()) for each in header.references if each.how is how]


def _one_named(header: Header, how: How) -> NoticeId:
    named = _named(header, how)
    if len(named) != 1:
        raise Refused(
            "notice.references",
            f"message {how} {len(named)} messages, must name the one notice that it {how}",
        )
    return named[0]
