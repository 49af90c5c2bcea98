"""The fields of a notice's body as JSON: what is not stated is left out, and nothing else may stand there.

Source: docs/notices.md, "The part notice".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Duration, Instant
from keepclear.core.notice.contact import PHONES_MAX, Contact
from keepclear.core.notice.exercise import (
    COUNT_MAX,
    EQUIPMENT_MAX,
    LINKED_MAX,
    PHASES_MAX,
    Equipment,
    Exercise,
    Phase,
)
from keepclear.core.notice.incident import LISTED_MAX, Account, Incident
from keepclear.core.notice.movement import CONTACTS_MAX, WAYPOINTS_MAX, Movement, Waypoint
from keepclear.core.notice.notice import EXTENTS_MAX, Body, NoticeKind, kind_of
from keepclear.core.notice.operation import Activity, Operation
from keepclear.core.notice.site import MARKINGS_MAX, Marking, Site
from keepclear.core.notice.wording import LINE_MAX, TEXT_MAX
from keepclear.core.notice.zonenotice import STEPS_MAX, ZoneNotice
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields, text_of


def body_members(body: Body) -> dict[str, Json]:
    """The fields of a body, its kind among them."""
    return {"kind": kind_of(body).value, **_stated(_members(body))}


def body_from(taken: Fields) -> Body:
    """The body that some of the members say; raises Refused as Fields and the bodies do."""
    kind = chosen(NoticeKind, taken, "kind")
    match kind:
        case NoticeKind.ENTRY | NoticeKind.OVERFLIGHT | NoticeKind.FORCES | NoticeKind.HAZARD:
            return _operation(taken, Activity(kind.value))
        case NoticeKind.EXERCISE:
            return _exercise(taken)
        case NoticeKind.SITE:
            return _site(taken)
        case NoticeKind.MOVEMENT:
            return _movement(taken)
        case NoticeKind.ZONE:
            return _zone(taken)
        case NoticeKind.INCIDENT:
            return _incident(taken)


_Choice = TypeVar("_Choice", bound=StrEnum)


def chosen(choices: type[_Choice], taken: Fields, name: str) -> _Choice:
    """One of the words of an enumeration. Raises Refused("fields.unfit")."""
    return _one_of(choices, taken.text(name, length_max=LINE_MAX), what=name)


def _one_of(choices: type[_Choice], found: str, *, what: str) -> _Choice:
    try:
        return choices(found)
    except ValueError:
        raise Refused(
            "fields.unfit", f"notice: {what} is {found[:40]!r}, must be one of {', '.join(choices)}"
        ) from None


def _stated(members: Mapping[str, Json]) -> dict[str, Json]:
    """Those that say something: no empty texts and lists, no end of time, no false."""
    return {
        name: value
        for name, value in members.items()
        if value is not False and value not in ("", [], FOREVER)
    }


def _members(body: Body) -> dict[str, Json]:
    match body:
        case Operation():
            return {
                "purpose": body.purpose,
                "contact": contact_members(body.contact),
                "hazard": body.hazard,
                "contingency": body.contingency,
                "cancel_by_ms": body.cancel_by,
            }
        case Exercise():
            return _exercise_members(body)
        case Site():
            return _site_members(body)
        case Movement():
            return _movement_members(body)
        case ZoneNotice():
            return {
                "type": body.type,
                "cancels": body.cancels,
                "basis": body.basis,
                "contact": contact_members(body.contact),
                "as_stated": body.as_stated,
                "steps": list(body.steps),
                "review_ms": body.review,
            }
        case Incident():
            return {
                "what": body.what,
                "contact": contact_members(body.contact),
                "accounts": [
                    _stated({"source": each.source, "words": each.words, "grade": each.grade})
                    for each in body.accounts
                ],
                "notices": list(body.notices),
                "zones": list(body.zones),
                "channels": list(body.channels),
                "evidence": list(body.evidence),
            }


def contact_members(contact: Contact) -> dict[str, Json]:
    """A contact; ways that it does not have are left out."""
    return _stated(
        {
            "name": contact.name,
            "phones": list(contact.phones),
            "satellite": list(contact.satellite),
            "frequency": contact.frequency,
        }
    )


def _exercise_members(body: Exercise) -> dict[str, Json]:
    return {
        "purpose": body.purpose,
        "command": body.command,
        "contact": contact_members(body.contact),
        "phases": [
            _stated({"name": each.name, "places": list(each.extents), "live_fire": each.live_fire})
            for each in body.phases
        ],
        "personnel": body.personnel,
        "equipment": [{"type": each.type, "count": each.count} for each in body.equipment],
        "linked": list(body.linked),
        "observers": list(body.observers),
    }


def _site_members(body: Site) -> dict[str, Json]:
    return {
        "function": body.function,
        "operator": body.operator,
        "captured": body.captured,
        "verifier": body.verifier,
        "verified_ms": body.verified,
        "contact": contact_members(body.contact),
        "consent": body.consent,
        "expires_ms": body.expires,
        "markings": [each.value for each in body.markings],
        "marked": body.marked,
    }


def _movement_members(body: Movement) -> dict[str, Json]:
    return {
        "waypoints": [
            {"name": each.name, "opens_ms": each.opens, "closes_ms": each.closes} for each in body.waypoints
        ],
        "headcount": body.headcount,
        "vehicles": body.vehicles,
        "cargo": body.cargo,
        "escort": body.escort,
        "contacts": [contact_members(each) for each in body.contacts],
        "check_in_ms": body.check_in_ms,
        "emergency": body.emergency,
    }


def _operation(taken: Fields, activity: Activity) -> Operation:
    return Operation(
        activity=activity,
        purpose=taken.text("purpose", length_max=TEXT_MAX),
        contact=contact_from(taken.fields("contact")),
        hazard=_text(taken, "hazard", length_max=TEXT_MAX),
        contingency=_text(taken, "contingency", length_max=TEXT_MAX),
        cancel_by=_time(taken, "cancel_by_ms"),
    )


def _exercise(taken: Fields) -> Exercise:
    return Exercise(
        purpose=taken.text("purpose", length_max=TEXT_MAX),
        command=taken.text("command", length_max=LINE_MAX),
        contact=contact_from(taken.fields("contact")),
        phases=tuple(map(_phase, taken.items("phases", most=PHASES_MAX))),
        personnel=taken.whole("personnel", most=COUNT_MAX),
        equipment=tuple(map(_equipment, _items(taken, "equipment", most=EQUIPMENT_MAX))),
        linked=_texts(taken, "linked", most=LINKED_MAX),
        observers=_texts(taken, "observers", most=LINKED_MAX),
    )


def _phase(value: Json) -> Phase:
    taken = Fields(value, what="notice: phase")
    phase = Phase(
        name=taken.text("name", length_max=LINE_MAX),
        extents=_texts(taken, "places", most=EXTENTS_MAX),
        live_fire=_flag(taken, "live_fire"),
    )
    taken.end()
    return phase


def _equipment(value: Json) -> Equipment:
    taken = Fields(value, what="notice: equipment")
    equipment = Equipment(
        type=taken.text("type", length_max=LINE_MAX), count=taken.whole("count", most=COUNT_MAX)
    )
    taken.end()
    return equipment


def _site(taken: Fields) -> Site:
    return Site(
        function=taken.text("function", length_max=LINE_MAX),
        operator=taken.text("operator", length_max=LINE_MAX),
        captured=taken.text("captured", length_max=LINE_MAX),
        verifier=taken.text("verifier", length_max=LINE_MAX),
        verified=Instant(taken.whole("verified_ms", least=FIRST, most=FOREVER - 1)),
        contact=contact_from(taken.fields("contact")),
        consent=taken.text("consent", length_max=TEXT_MAX),
        expires=_time(taken, "expires_ms"),
        markings=tuple(
            _one_of(Marking, each, what="marking") for each in _texts(taken, "markings", most=MARKINGS_MAX)
        ),
        marked=_text(taken, "marked"),
    )


def _movement(taken: Fields) -> Movement:
    return Movement(
        waypoints=tuple(map(_waypoint, taken.items("waypoints", most=WAYPOINTS_MAX))),
        headcount=taken.whole("headcount", most=COUNT_MAX),
        vehicles=taken.whole("vehicles", most=COUNT_MAX),
        cargo=taken.text("cargo", length_max=LINE_MAX),
        escort=taken.text("escort", length_max=LINE_MAX),
        contacts=tuple(
            contact_from(Fields(each, what="notice: contact"))
            for each in taken.items("contacts", most=CONTACTS_MAX)
        ),
        check_in_ms=Duration(taken.whole("check_in_ms")),
        emergency=_flag(taken, "emergency"),
    )


def _waypoint(value: Json) -> Waypoint:
    taken = Fields(value, what="notice: waypoint")
    waypoint = Waypoint(
        name=taken.text("name", length_max=LINE_MAX),
        opens=Instant(taken.whole("opens_ms", least=FIRST, most=FOREVER)),
        closes=Instant(taken.whole("closes_ms", least=FIRST, most=FOREVER)),
    )
    taken.end()
    return waypoint


def _zone(taken: Fields) -> ZoneNotice:
    return ZoneNotice(
        type=taken.text("type", length_max=LINE_MAX),
        cancels=_flag(taken, "cancels"),
        basis=taken.text("basis", length_max=LINE_MAX),
        contact=contact_from(taken.fields("contact")),
        as_stated=_text(taken, "as_stated"),
        steps=_texts(taken, "steps", most=STEPS_MAX),
        review=_time(taken, "review_ms"),
    )


def _incident(taken: Fields) -> Incident:
    return Incident(
        what=taken.text("what", length_max=TEXT_MAX),
        contact=contact_from(taken.fields("contact")),
        accounts=tuple(map(_account, _items(taken, "accounts", most=LISTED_MAX))),
        notices=_texts(taken, "notices", most=LISTED_MAX),
        zones=_texts(taken, "zones", most=LISTED_MAX),
        channels=_texts(taken, "channels", most=LISTED_MAX),
        evidence=_texts(taken, "evidence", most=LISTED_MAX),
    )


def _account(value: Json) -> Account:
    taken = Fields(value, what="notice: account")
    account = Account(
        source=taken.text("source", length_max=LINE_MAX),
        words=taken.text("words", length_max=TEXT_MAX),
        grade=_text(taken, "grade"),
    )
    taken.end()
    return account


def contact_from(taken: Fields) -> Contact:
    """The contact that all the members say; raises Refused as Fields and Contact do."""
    contact = Contact(
        name=taken.text("name", length_max=LINE_MAX),
        phones=_texts(taken, "phones", most=PHONES_MAX),
        satellite=_texts(taken, "satellite", most=PHONES_MAX),
        frequency=_text(taken, "frequency"),
    )
    taken.end()
    return contact


def _text(taken: Fields, name: str, *, length_max: int = LINE_MAX) -> str:
    return taken.text(name, length_max=length_max) if name in taken else ""


def _time(taken: Fields, name: str) -> Instant:
    return Instant(taken.whole(name, least=FIRST, most=FOREVER - 1)) if name in taken else FOREVER


def _flag(taken: Fields, name: str) -> bool:
    return taken.flag(name) if name in taken else False


def _items(taken: Fields, name: str, *, most: int) -> tuple[Json, ...]:
    return tuple(taken.items(name, most=most)) if name in taken else ()


def _texts(taken: Fields, name: str, *, most: int) -> tuple[str, ...]:
    return tuple(
        text_of(each, length_max=LINE_MAX, what=f"notice: {name}") for each in _items(taken, name, most=most)
    )
