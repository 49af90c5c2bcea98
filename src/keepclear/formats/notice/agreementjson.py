"""Agreements as JSON of whole numbers, whose canonical bytes both parties sign: the part ``agreement``.

Source: docs/notices.md, "The part agreement".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Final, TypeVar

from keepclear.core.errors import Refused
from keepclear.core.instant import Duration
from keepclear.core.line.plot.place import place_members, place_of
from keepclear.core.notice.agreement import (
    LISTED_MAX,
    THRESHOLDS_MAX,
    TIME_MS_MAX,
    VERSION_MAX,
    Agreement,
    AgreementId,
    Timer,
)
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.exercise import COUNT_MAX
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.held import Giver
from keepclear.core.notice.minima import RULES_MAX, Minima
from keepclear.core.notice.notice import EXTENTS_MAX, NoticeKind
from keepclear.core.notice.threshold import AHEAD_MS_MAX, Demand, Threshold
from keepclear.core.notice.wording import LINE_MAX
from keepclear.core.trust.encoding import Json, canonical
from keepclear.core.trust.fields import Fields, text_of
from keepclear.formats.notice.bodyfields import chosen, contact_from, contact_members
from keepclear.formats.notice.minimajson import minimum_members, minimum_of
from keepclear.formats.notice.noticejson import extent_members, extent_of, extent_place

VERSION: Final = 1
PARTY_LENGTH_MAX: Final = 64

_Word = TypeVar("_Word", bound=StrEnum)


def agreement_id(agreement: Agreement) -> AgreementId:
    """The SHA-256 of its canonical JSON: what both parties sign."""
    return AgreementId(sha256(canonical(agreement_content(agreement))).hexdigest())


def agreement_content(agreement: Agreement) -> dict[str, Json]:
    """The content of the part ``agreement``; lists and tables that are empty are left out."""
    members: dict[str, Json] = {
        "zones": [
            {"place": place_members(extent_place(zone)), "extent": extent_members(zone)}
            for zone in agreement.zones
        ],
        "minima": [minimum_members(rule) for rule in agreement.minima.rules],
        "leads": {kind.value: int(time_ms) for kind, time_ms in agreement.leads.items()},
        "timers": {timer.value: int(time_ms) for timer, time_ms in agreement.timers.items()},
        "thresholds": [_threshold_members(rule) for rule in agreement.thresholds],
        "forms": {kind.value: name for kind, name in agreement.forms.items()},
        "replaces": agreement.replaces,
    }
    return {
        "v": VERSION,
        "parties": list(agreement.parties),
        "version": agreement.version,
        "languages": list(agreement.languages),
        "contacts": [
            {"party": party, "contact": contact_members(contact)} for party, contact in agreement.contacts
        ],
        **{name: value for name, value in members.items() if value},
    }


def agreement_of(content: Json) -> Agreement:
    """The agreement that a part says; nothing corrected and nothing left over.

    Raises Refused as Fields, Agreement and what is in it do; "agreement.text" where it says something in another way
    than ``agreement_content`` would, for what both sign must be one text.
    """
    taken = Fields(content, what="agreement")
    taken.whole("v", least=VERSION, most=VERSION)
    agreement = Agreement(
        parties=_parties(taken),
        version=taken.whole("version", least=1, most=VERSION_MAX),
        replaces=AgreementId(taken.text("replaces", length_max=64) if "replaces" in taken else ""),
        languages=tuple(
            text_of(each, length_max=LINE_MAX, what="agreement: language")
            for each in taken.items("languages", most=LISTED_MAX)
        ),
        contacts=tuple(map(_contact, taken.items("contacts", most=LISTED_MAX))),
        zones=tuple(map(_zone, _items(taken, "zones", most=EXTENTS_MAX))),
        minima=Minima(rules=tuple(map(minimum_of, _items(taken, "minima", most=RULES_MAX)))),
        leads=_times(taken, "leads", NoticeKind),
        timers=_times(taken, "timers", Timer),
        thresholds=tuple(map(_threshold, _items(taken, "thresholds", most=THRESHOLDS_MAX))),
        forms=_forms(taken),
    )
    taken.end()
    if agreement_content(agreement) != content:
        raise Refused(
            "agreement.text", "agreement states what is empty or 0; leave it out, so that both sign one text"
        )
    return agreement


def _parties(taken: Fields) -> tuple[Giver, Giver]:
    one, other = (
        text_of(each, length_max=PARTY_LENGTH_MAX, what="agreement: party") for each in taken.pair("parties")
    )
    return Giver(one), Giver(other)


def _contact(value: Json) -> tuple[Giver, Contact]:
    taken = Fields(value, what="agreement: contact")
    found = (
        Giver(taken.text("party", length_max=PARTY_LENGTH_MAX)),
        contact_from(taken.fields("contact")),
    )
    taken.end()
    return found


def _zone(value: Json) -> Extent:
    taken = Fields(value, what="agreement: zone")
    zone = extent_of(taken.value("extent"), place_of(taken.value("place")))
    taken.end()
    return zone


def _threshold_members(rule: Threshold) -> dict[str, Json]:
    members: dict[str, Json] = {
        "name": rule.name,
        "demand": rule.demand.value,
        "counted": rule.counted,
        "least": rule.least,
    }
    return {**members, "ahead_ms": rule.ahead_ms} if rule.ahead_ms else members


def _threshold(value: Json) -> Threshold:
    taken = Fields(value, what="threshold")
    rule = Threshold(
        name=taken.text("name", length_max=LINE_MAX),
        demand=chosen(Demand, taken, "demand"),
        counted=taken.text("counted", length_max=LINE_MAX),
        least=taken.whole("least", most=COUNT_MAX),
        ahead_ms=Duration(taken.whole("ahead_ms", most=AHEAD_MS_MAX) if "ahead_ms" in taken else 0),
    )
    taken.end()
    return rule


def _times(taken: Fields, name: str, words: type[_Word]) -> dict[_Word, Duration]:
    if name not in taken:
        return {}
    times = taken.fields(name)
    found = {word: Duration(times.whole(word.value, most=TIME_MS_MAX)) for word in words if word in times}
    times.end()
    return found


def _forms(taken: Fields) -> Mapping[NoticeKind, str]:
    if "forms" not in taken:
        return {}
    forms = taken.fields("forms")
    found = {kind: forms.text(kind.value, length_max=LINE_MAX) for kind in NoticeKind if kind in forms}
    forms.end()
    return found


def _items(taken: Fields, name: str, *, most: int) -> tuple[Json, ...]:
    return tuple(taken.items(name, most=most)) if name in taken else ()
