"""The notice of the printed form: the fields of every kind with their labels, from the typed values alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from keepclear.core.instant import FOREVER, Instant
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.exercise import Exercise
from keepclear.core.notice.incident import Incident
from keepclear.core.notice.movement import Movement
from keepclear.core.notice.notice import Body, Notice
from keepclear.core.notice.operation import Operation
from keepclear.core.notice.site import Site
from keepclear.core.notice.zonenotice import ZoneNotice
from keepclear.formats.line.formmarkup import (
    AnyLabel,
    LabelledCell,
    coded_html,
    columns_html,
    duration_html,
    escaped,
    fields_html,
    free_html,
    label_html,
    lines_html,
    number_html,
    time_html,
)
from keepclear.formats.line.formwords import Label, said
from keepclear.formats.line.noticewords import ANSWERS, MARKINGS, NOTICE_KINDS, NoticeLabel


def notice_html(notice: Notice, language: Language) -> str:
    """The section of a notice, but for where and when, which its places say.

    What is not stated of texts and lists is left out; of a time it is said that it is not stated.
    """
    heading = [
        (NoticeLabel.DESIGNATION, free_html(notice.designation)),
        (NoticeLabel.KIND, coded_html(NOTICE_KINDS[notice.kind], notice.kind.value, language)),
    ]
    rows = [*heading, *_body_rows(notice.body, language), *_contact_rows(notice.body, language)]
    stated = [(label, cell) for label, cell in rows if cell]
    return (
        f"<h2>{label_html(NoticeLabel.NOTICE, language)}</h2>{fields_html(stated, language)}"
        f"{_columns(notice.body, language)}"
    )


def _body_rows(body: Body, language: Language) -> list[LabelledCell]:
    match body:
        case Operation():
            return _operation_rows(body, language)
        case Exercise():
            return _exercise_rows(body)
        case Site():
            return _site_rows(body, language)
        case Movement():
            return _movement_rows(body, language)
        case ZoneNotice():
            return _zone_rows(body, language)
        case Incident():
            return _incident_rows(body)
        case _:
            assert_never(body)


def _operation_rows(body: Operation, language: Language) -> list[LabelledCell]:
    return [
        (NoticeLabel.PURPOSE, _told(body.purpose)),
        (NoticeLabel.HAZARD, _told(body.hazard)),
        (NoticeLabel.CONTINGENCY, _told(body.contingency)),
        (NoticeLabel.CANCEL_BY, _end(body.cancel_by, language)),
    ]


def _exercise_rows(body: Exercise) -> list[LabelledCell]:
    return [
        (NoticeLabel.PURPOSE, _told(body.purpose)),
        (NoticeLabel.COMMAND, free_html(body.command)),
        (NoticeLabel.PERSONNEL, number_html(str(body.personnel))),
        (
            NoticeLabel.EQUIPMENT,
            lines_html(f"{free_html(each.type)}: {number_html(str(each.count))}" for each in body.equipment),
        ),
        (NoticeLabel.LINKED, _listed(body.linked)),
        (NoticeLabel.OBSERVERS, _listed(body.observers)),
    ]


def _site_rows(body: Site, language: Language) -> list[LabelledCell]:
    markings = (coded_html(MARKINGS[each], each.value, language) for each in body.markings)
    return [
        (NoticeLabel.FUNCTION, free_html(body.function)),
        (NoticeLabel.OPERATOR, free_html(body.operator)),
        (NoticeLabel.CAPTURED, free_html(body.captured)),
        (NoticeLabel.VERIFIER, free_html(body.verifier)),
        (NoticeLabel.VERIFIED, time_html(body.verified, language)),
        (NoticeLabel.CONSENT, _told(body.consent)),
        (NoticeLabel.EXPIRES, _end(body.expires, language)),
        (NoticeLabel.MARKINGS, lines_html(markings)),
        (NoticeLabel.MARKED, _told(body.marked)),
    ]


def _movement_rows(body: Movement, language: Language) -> list[LabelledCell]:
    return [
        (NoticeLabel.HEADCOUNT, number_html(str(body.headcount))),
        (NoticeLabel.VEHICLES, number_html(str(body.vehicles))),
        (NoticeLabel.CARGO, free_html(body.cargo)),
        (NoticeLabel.ESCORT, free_html(body.escort)),
        (NoticeLabel.CHECK_IN, duration_html(body.check_in_ms)),
        (NoticeLabel.EMERGENCY, _answer(body.emergency, language)),
    ]


def _zone_rows(body: ZoneNotice, language: Language) -> list[LabelledCell]:
    return [
        (NoticeLabel.ZONE_TYPE, free_html(body.type)),
        (NoticeLabel.CANCELS, _answer(body.cancels, language)),
        (NoticeLabel.BASIS, free_html(body.basis)),
        (NoticeLabel.AS_STATED, _told(body.as_stated)),
        (NoticeLabel.STEPS, _listed(body.steps)),
        (NoticeLabel.REVIEW, _end(body.review, language)),
    ]


def _incident_rows(body: Incident) -> list[LabelledCell]:
    return [
        (NoticeLabel.WHAT, _told(body.what)),
        (NoticeLabel.NOTICES, _listed(body.notices)),
        (NoticeLabel.ZONES, _listed(body.zones)),
        (NoticeLabel.CHANNELS, _listed(body.channels)),
        (NoticeLabel.EVIDENCE, lines_html(number_html(each, long=True) for each in body.evidence)),
    ]


def _contact_rows(body: Body, language: Language) -> list[LabelledCell]:
    contacts = body.contacts if isinstance(body, Movement) else (body.contact,)
    return [(Label.CONTACT, _contact(each, language)) for each in contacts]


def _contact(contact: Contact, language: Language) -> str:
    ways = [
        (Label.PHONES, contact.phones),
        (NoticeLabel.SATELLITE, contact.satellite),
        (Label.FREQUENCY, (contact.frequency,) if contact.frequency else ()),
    ]
    said_of_it = (
        f"{label_html(label, language)}: {number_html(number)}"
        for label, numbers in ways
        for number in numbers
    )
    return " · ".join([free_html(contact.name), *said_of_it])


def _columns(body: Body, language: Language) -> str:
    """What a body has several of, with several fields each: phases, waypoints, accounts."""
    labels: tuple[AnyLabel, ...]
    rows: list[tuple[str, ...]]
    match body:
        case Exercise():
            labels = (NoticeLabel.PHASE, NoticeLabel.IN_PLACES, NoticeLabel.LIVE_FIRE)
            rows = [
                (free_html(each.name), _listed(each.extents), _answer(each.live_fire, language))
                for each in body.phases
            ]
        case Movement():
            labels = (NoticeLabel.WAYPOINT, NoticeLabel.OPENS, NoticeLabel.CLOSES)
            rows = [
                (free_html(each.name), time_html(each.opens, language), time_html(each.closes, language))
                for each in body.waypoints
            ]
        case Incident():
            labels = (NoticeLabel.SOURCE, NoticeLabel.GRADE, NoticeLabel.ACCOUNT)
            rows = [
                (
                    free_html(each.source),
                    number_html(each.grade) if each.grade else label_html(Label.NOT_STATED, language),
                    _told(each.words),
                )
                for each in body.accounts
            ]
        case Operation() | Site() | ZoneNotice():
            return ""
    return columns_html(labels, rows, language) if rows else ""


def _told(text: str) -> str:
    """A text that tells at length, with its own line ends; empty where it says nothing."""
    return f'<div class="told" dir="auto">{escaped(text)}</div>' if text else ""


def _listed(texts: Iterable[str]) -> str:
    return lines_html(map(free_html, texts))


def _answer(value: bool, language: Language) -> str:  # noqa: FBT001 - it is the answer itself
    return escaped(said(ANSWERS[value], language))


def _end(at: Instant, language: Language) -> str:
    return time_html(None if at == FOREVER else at, language)
