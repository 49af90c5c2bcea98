"""Two parties whose lines, boards and watches are stepped by a desk each; bundles are handed over by the test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from keepclear.core.instant import HOUR_MS, Instant, Window
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import AgreedLineEvent, LineEffect
from keepclear.core.line.message import How, Kind, Precedence, Reference
from keepclear.core.notice.agreement import Agreement, AgreementId
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.event import Report
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.held import Giver
from keepclear.core.notice.minima import Minima, Minimum
from keepclear.core.notice.movement import Movement, Waypoint
from keepclear.core.notice.notice import Notice
from keepclear.core.notice.operation import Activity, Operation
from keepclear.core.space.area import Circle
from keepclear.core.space.geodesy import destination
from keepclear.core.trust.encoding import Json
from keepclear.desk import Append, Desk, DeskEffect, DeskEvent, Do
from keepclear.formats.notice.agreementjson import agreement_content
from keepclear.formats.notice.saidnotice import notice_parts, report_content
from notices import START, TANF, on_grid
from party import Party, exchange

CONTACT = Contact(name="duty", phones=("+963112223",), satellite=("+88161234567",))
TEXT: dict[str, Json] = {
    "composed_ms": START,
    "language": "en",
    "originator": "L. Marek",
    "text": "As stated.",
    "no_place": True,
}


def at(hours: float) -> Instant:
    """So many hours after START."""
    return Instant(START + round(hours * HOUR_MS))


def extent(away_m: float = 0.0, *, role: Role = Role.AREA, first_h: float = 0, last_h: float = 10) -> Extent:
    """A circle of 1 km, so far east of At Tanf."""
    return Extent(
        name="one",
        role=role,
        area=Circle(centre=on_grid(destination(TANF, azimuth_deg=90, distance_m=away_m)), radius_m=1_000),
        window=Window(start=at(first_h), end=at(last_h)),
    )


def entry(*extents: Extent, designation: str = "1") -> Notice:
    """An intended entry."""
    body = Operation(activity=Activity.ENTRY, purpose="pursuit", contact=CONTACT)
    return Notice(designation=designation, body=body, extents=extents or (extent(),))


def convoy() -> Notice:
    """A convoy that leaves in hour 0 or 1 and arrives by hour 10, far from all else."""
    body = Movement(
        waypoints=(
            Waypoint(name="depot", opens=at(0), closes=at(1)),
            Waypoint(name="camp", opens=at(8), closes=at(10)),
        ),
        headcount=9,
        vehicles=3,
        cargo="medicine",
        escort="none",
        contacts=(CONTACT, CONTACT),
    )
    return Notice(designation="convoy", body=body, extents=(extent(50_000, role=Role.ROUTE),))


def giving(
    notice: Notice, *, amends: bytes | None = None, precedence: Precedence = Precedence.ROUTINE
) -> Draft:
    """The message that gives a notice, or its next version."""
    references = () if amends is None else (Reference(hash=amends, how=How.AMENDS),)
    return Draft(
        kind=Kind.NOTIFY if amends is None else Kind.AMEND,
        precedence=precedence,
        contents={"text": TEXT, **notice_parts(notice)},
        references=references,
    )


def withdrawing(given: bytes, *, precedence: Precedence = Precedence.ROUTINE) -> Draft:
    """The message that withdraws a notice."""
    return Draft(
        kind=Kind.WITHDRAW, precedence=precedence, references=(Reference(hash=given, how=How.WITHDRAWS),)
    )


def reporting(given: bytes, report: Report, when: Instant) -> Draft:
    """The message that reports how a notice stands."""
    return Draft(
        kind=Kind.NOTIFY,
        contents={"text": TEXT, "notice-report": report_content(report, at=when)},
        references=(Reference(hash=given, how=How.ABOUT),),
    )


def agreement(*, version: int = 1, horizontal_m: float = 20_000.0, replaces: str = "") -> Agreement:
    """What a and b may agree on: how far apart all activities stay."""
    return Agreement(
        parties=(Giver("a"), Giver("b")),
        version=version,
        replaces=AgreementId(replaces),
        languages=("en",),
        contacts=((Giver("a"), CONTACT), (Giver("b"), CONTACT)),
        minima=Minima(rules=(Minimum(name="agreed", kinds=("any", "any"), horizontal_m=horizontal_m),)),
    )


def signing(signed: Agreement) -> Draft:
    """The message that signs a version of an agreement."""
    return Draft(kind=Kind.NOTIFY, contents={"text": TEXT, "agreement": agreement_content(signed)})


def moved(notice: Notice, away_m: float) -> Notice:
    """The same notice of another place."""
    (where,) = notice.extents
    return replace(notice, extents=(replace(where, area=extent(away_m).area),))


@dataclass
class Journal:
    """What a desk was given, and what it asked to be recorded."""

    events: list[tuple[Instant, DeskEvent]] = field(default_factory=list[tuple[Instant, DeskEvent]])
    entries: list[Append] = field(default_factory=list[Append])


class Desked(Party):
    """A party whose line is stepped by a desk."""

    def __init__(self, name: str, other: str) -> None:
        super().__init__(name, other, now=at(-48), officers=("duty",))
        self.desk = Desk(lines=[self.line])
        self.journal = Journal()

    def do(self, event: AgreedLineEvent, *, now: int) -> list[LineEffect]:
        done = [each.effect for each in self.take_event(event, now=Instant(now)) if isinstance(each, Do)]
        self.epoch = self.line.state.own.epoch
        for effect in done:
            self.perform(effect)
        return done

    def take_event(self, event: DeskEvent, *, now: Instant) -> list[DeskEffect]:
        """Step the desk, and keep what a host would."""
        effects = self.desk.step(event, now=now)
        self.journal.events.append((now, event))
        self.journal.entries += [each for each in effects if isinstance(each, Append)]
        return effects

    def give(self, draft: Draft, *, now: Instant) -> bytes:
        """Say a message; answers its hash."""
        self.say(draft, now=now)
        return list(self.line.state.receptions)[-1]

    def kinds(self) -> Sequence[str]:
        """The kinds of the entries about notices, in order."""
        return [each.kind for each in self.journal.entries if not each.kind.startswith("line.")]


def desked_two() -> tuple[Desked, Desked]:
    """Parties a and b, who have opened the line."""
    one, other = Desked("a", "b"), Desked("b", "a")
    one.open(now=at(-48))
    other.open(now=at(-48))
    exchange(one, other, now=at(-48))
    return one, other
