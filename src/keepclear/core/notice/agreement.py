"""Agreements: what two parties set together about notices, one version at a time.

A version is in force once both have signed the same text of it, and is changed only by a next one that both sign. What
one party alone has signed is proposed, and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NewType

from keepclear.core.errors import Refused
from keepclear.core.instant import DAY_MS, Duration
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.held import Giver, NoticeId
from keepclear.core.notice.minima import Minima
from keepclear.core.notice.notice import EXTENTS_MAX, NoticeKind
from keepclear.core.notice.threshold import Threshold
from keepclear.core.notice.wording import refuse_wording

AgreementId = NewType("AgreementId", str)
"""The SHA-256 of an agreement's canonical JSON, in lower-case hexadecimal."""

THRESHOLDS_MAX: Final = 64
LISTED_MAX: Final = 32
VERSION_MAX: Final = 1_000_000
TIME_MS_MAX: Final = Duration(366 * DAY_MS)
PROPOSED_MAX: Final = 16
"""How many versions a party may have proposed at a time; past it the first is let go of."""

_ID: Final = re.compile(r"(?:[0-9a-f]{64})?", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", re.ASCII)


class Timer(StrEnum):
    """A time that parties set together."""

    FLASH = "receipt of flash"
    IMMEDIATE = "receipt of immediate"
    PRIORITY = "receipt of priority"
    ROUTINE = "receipt of routine"
    ESCALATE = "stop escalates"
    ANOTHER_WAY = "stop goes another way"
    EVERYONE = "stop calls everyone"
    CHECK = "comms check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One version. ``parties``: both, in the order of their names; the rules are the same for either.

    ``replaces``: the version in force before it, empty where there is none. ``zones``: extents with the role AREA.
    ``leads``: how long ahead each kind of notice is asked for. ``forms``: by which form each kind is given on paper.
    ``languages``: BCP 47 tags, the first governs. ``contacts``: of each party one or more.
    Raises Refused: "agreement.parties", "agreement.version", "agreement.zones", "agreement.times",
    "agreement.languages", "agreement.contacts", "agreement.many", and as refuse_wording does.
    """

    parties: tuple[Giver, Giver]
    version: int
    languages: tuple[str, ...]
    contacts: tuple[tuple[Giver, Contact], ...]
    replaces: AgreementId = AgreementId("")
    zones: tuple[Extent, ...] = ()
    minima: Minima = field(default_factory=Minima)
    leads: Mapping[NoticeKind, Duration] = field(default_factory=dict[NoticeKind, Duration])
    timers: Mapping[Timer, Duration] = field(default_factory=dict[Timer, Duration])
    thresholds: tuple[Threshold, ...] = ()
    forms: Mapping[NoticeKind, str] = field(default_factory=dict[NoticeKind, str])

    def __post_init__(self) -> None:
        one, other = self.parties
        if not one < other:
            raise Refused(
                "agreement.parties",
                f"agreement is between {one!r} and {other!r}, must be two, in the order of their names",
            )
        if not 1 <= self.version <= VERSION_MAX or not _ID.fullmatch(self.replaces):
            raise Refused(
                "agreement.version",
                f"agreement is version {self.version} and replaces {self.replaces[:12]!r}, must be 1 to {VERSION_MAX} "
                "and name the one before by its 64 hexadecimal digits, if there is one",
            )
        self._refuse_zones()
        self._refuse_times()
        self._refuse_words()

    def _refuse_zones(self) -> None:
        names = {zone.name for zone in self.zones}
        odd = [zone.name for zone in self.zones if zone.role is not Role.AREA]
        if len(names) < len(self.zones) or len(self.zones) > EXTENTS_MAX or odd:
            raise Refused(
                "agreement.zones",
                f"agreement has {len(self.zones)} zones, must have at most {EXTENTS_MAX}, each an area and named "
                "differently",
            )

    def _refuse_times(self) -> None:
        for what, time_ms in (*self.leads.items(), *self.timers.items()):
            if not 0 < time_ms <= TIME_MS_MAX:
                raise Refused(
                    "agreement.times",
                    f"agreement: {what} is {time_ms} ms, must be above 0 and at most 366 days",
                )

    def _refuse_words(self) -> None:
        languages = self.languages
        fits = all(_LANGUAGE.fullmatch(each) for each in languages)
        if not 1 <= len(languages) <= LISTED_MAX or len(set(languages)) < len(languages) or not fits:
            raise Refused(
                "agreement.languages",
                f"agreement names the languages {', '.join(languages)[:80]!r}, must name 1 to {LISTED_MAX} by their "
                "BCP 47 tags, each once",
            )
        if {party for party, _ in self.contacts} != set(self.parties) or len(self.contacts) > LISTED_MAX:
            raise Refused(
                "agreement.contacts",
                f"agreement has {len(self.contacts)} contacts, must have one or more of each of its parties and no "
                f"other, {LISTED_MAX} at most",
            )
        if len(self.thresholds) > THRESHOLDS_MAX:
            raise Refused(
                "agreement.many",
                f"agreement has {len(self.thresholds)} thresholds, at most {THRESHOLDS_MAX} are taken",
            )
        for name in self.forms.values():
            refuse_wording("name of a form", name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A party signed a version: ``message`` is the entry that shows it."""

    id: AgreementId
    agreement: Agreement
    by: Giver
    message: NoticeId


class AgreementChange(StrEnum):
    """What became of a version."""

    PROPOSED = "proposed"
    IN_FORCE = "in-force"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementChanged:
    """A version was proposed by a party, or is in force since a party signed it as the second."""

    signed: Signed
    change: AgreementChange


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """The version that both signed."""

    id: AgreementId
    agreement: Agreement


class Agreements:
    """What is in force and what is proposed between each two parties that this node knows of.

    A party signs rising versions, one text of each, and only what replaces the version in force. So both nodes come to
    the same version whichever signature they hear of first.
    """

    def __init__(self) -> None:
        self.in_force: dict[tuple[Giver, Giver], InForce] = {}
        self.proposed: dict[tuple[Giver, Giver], list[Signed]] = {}

    def restore(self, in_force: Iterable[InForce], *, proposed: Iterable[Signed]) -> None:
        """Take up what others held; there is nothing yet."""
        self.in_force = {each.agreement.parties: each for each in in_force}
        for signed in proposed:
            self.proposed.setdefault(signed.agreement.parties, []).append(signed)

    def step(self, signed: Signed, *, between: frozenset[Giver]) -> AgreementChanged:
        """What a signature changes; ``between`` are the two parties of the line on which it was given.

        Raises Refused, and changes nothing: "agreement.parties" for a version between others, "agreement.version" for
        one that does not replace the one in force, or is not later than all that this party has signed.
        """
        self.check(signed, between=between)
        pair = signed.agreement.parties
        proposed = self.proposed.setdefault(pair, [])
        if any(each.id == signed.id for each in proposed):
            self.in_force[pair] = InForce(id=signed.id, agreement=signed.agreement)
            # What was signed of later versions does not replace this one, and must be signed anew.
            self.proposed[pair] = []
            return AgreementChanged(signed=signed, change=AgreementChange.IN_FORCE)
        own = [each for each in proposed if each.by == signed.by]
        if len(own) == PROPOSED_MAX:
            proposed.remove(own[0])
        proposed.append(signed)
        return AgreementChanged(signed=signed, change=AgreementChange.PROPOSED)

    def check(self, signed: Signed, *, between: frozenset[Giver]) -> None:
        """Raises Refused where ``step`` would, and changes nothing."""
        agreement, pair = signed.agreement, signed.agreement.parties
        if frozenset(pair) != between:
            raise Refused(
                "agreement.parties",
                f"agreement between {' and '.join(pair)} was signed on a line of {' and '.join(sorted(between))}",
            )
        now = self.in_force.get(pair)
        version, before = (0, AgreementId("")) if now is None else (now.agreement.version, now.id)
        own = (each for each in self.proposed.get(pair, ()) if each.by == signed.by)
        version = max([version, *(each.agreement.version for each in own)])
        if agreement.version <= version or agreement.replaces != before:
            raise Refused(
                "agreement.version",
                f"agreement is version {agreement.version} and replaces {agreement.replaces[:12]!r}, must be above "
                f"version {version} and replace {before[:12]!r}, which is in force",
            )
