"""Notices of each kind: what they must say, and what they can never say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from keepclear.core.errors import Refused
from keepclear.core.instant import ALWAYS, DAY_MS, HOUR_MS, Instant, Window
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.exercise import Equipment, Exercise, Phase
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.incident import Account, Incident
from keepclear.core.notice.lead import lead_of
from keepclear.core.notice.minima import MEETING, Minima, Minimum, widest_m
from keepclear.core.notice.movement import Movement, Waypoint, stretches
from keepclear.core.notice.notice import Body, Notice, NoticeKind
from keepclear.core.notice.operation import Activity, Operation
from keepclear.core.notice.site import Site, is_stale
from keepclear.core.notice.zonenotice import ZoneNotice
from keepclear.core.space.altitude import Altitude, AltitudeBand, Datum
from keepclear.core.space.area import Circle, Corridor
from keepclear.core.space.geodesy import Position

START = Instant(1_536_192_000_000)
TANF = Position(latitude_deg=33.4967, longitude_deg=38.6178)
NORTH = Position(latitude_deg=33.9, longitude_deg=38.6178)
DAY = Window(start=START, end=Instant(START + DAY_MS))
CONTACT = Contact(name="Duty officer", phones=("+963 11 222 333",), satellite=("+8816 1234567",))
BAND = AltitudeBand(
    lower=Altitude(height_m=0, datum=Datum.AGL), upper=Altitude(height_m=3_000, datum=Datum.MSL)
)


def extent(role: Role = Role.AREA, *, name: str = "north", radius_m: float = 5_000.0) -> Extent:
    return Extent(name=name, role=role, area=Circle(centre=TANF, radius_m=radius_m), band=BAND, window=DAY)


def leg(name: str = "leg 1") -> Extent:
    return Extent(name=name, role=Role.ROUTE, area=Corridor(line=(TANF, NORTH), half_width_m=500), window=DAY)


def at(hours: float) -> Instant:
    return Instant(START + round(hours * HOUR_MS))


OPERATION = Operation(
    activity=Activity.ENTRY, purpose="pursuit of terrorists, as its party says", contact=CONTACT
)
EXERCISE = Exercise(
    purpose="company live fire",
    command="company",
    contact=CONTACT,
    phases=(Phase(name="deploy", extents=("north",)), Phase(name="fire", extents=("north",), live_fire=True)),
    personnel=120,
    equipment=(Equipment(type="mortar", count=4),),
    linked=("2018-8",),
)
SITE = Site(
    function="hospital",
    operator="Red Crescent",
    captured="GNSS, averaged for ten minutes",
    verifier="L. Haddad",
    verified=START,
    contact=CONTACT,
    consent="for deconfliction only",
)
MOVEMENT = Movement(
    waypoints=(
        Waypoint(name="depot", opens=at(6), closes=at(7)),
        Waypoint(name="camp", opens=at(10), closes=at(13)),
    ),
    headcount=24,
    vehicles=8,
    cargo="food and medicine",
    escort="none",
    contacts=(CONTACT, Contact(name="Head of convoy", phones=("+963 11 222 334",))),
)
ZONE = ZoneNotice(type="deconfliction zone", cancels=False, basis="self-defence, as claimed", contact=CONTACT)
INCIDENT = Incident(
    what="explosion heard",
    contact=CONTACT,
    accounts=(Account(source="garrison", words="one shell", grade="B2"),),
)

GOOD: list[tuple[Body, tuple[Extent, ...], NoticeKind]] = [
    (OPERATION, (extent(),), NoticeKind.ENTRY),
    (replace(OPERATION, activity=Activity.OVERFLIGHT), (extent(Role.ROUTE),), NoticeKind.OVERFLIGHT),
    (replace(OPERATION, activity=Activity.FORCES), (extent(Role.STOP),), NoticeKind.FORCES),
    (
        replace(OPERATION, activity=Activity.HAZARD, hazard="missiles in flight"),
        (extent(Role.LAUNCH), extent(Role.FLIGHT, name="way"), extent(Role.IMPACT, name="end")),
        NoticeKind.HAZARD,
    ),
    (EXERCISE, (extent(),), NoticeKind.EXERCISE),
    (SITE, (replace(extent(Role.SITE), window=ALWAYS),), NoticeKind.SITE),
    (MOVEMENT, (leg(),), NoticeKind.MOVEMENT),
    (ZONE, (replace(extent(), window=ALWAYS),), NoticeKind.ZONE),
    (INCIDENT, (extent(),), NoticeKind.INCIDENT),
]


@pytest.mark.parametrize(("body", "extents", "kind"), GOOD)
def test_a_notice_of_each_kind_is_taken_with_all_that_it_must_say(
    body: Body, extents: tuple[Extent, ...], kind: NoticeKind
) -> None:
    notice = Notice(designation="2018-9/1", body=body, extents=extents)
    assert notice.kind is kind
    assert notice.starts == min(each.window.start for each in extents)
    assert notice.ends == max(each.window.end for each in extents)


IMPACT = replace(OPERATION, activity=Activity.HAZARD, hazard="missiles")
OVERFLIGHT = replace(OPERATION, activity=Activity.OVERFLIGHT)


@pytest.mark.parametrize(
    ("body", "extents", "code"),
    [
        (OPERATION, (), "notice.extents"),
        (OPERATION, (extent(), extent()), "notice.extents"),
        (OPERATION, (extent(Role.SITE),), "notice.role"),
        (IMPACT, (extent(Role.LAUNCH),), "notice.role"),
        (OPERATION, (replace(extent(), window=Window(start=START)),), "notice.dates"),
        (OPERATION, (replace(extent(), window=Window(end=START)),), "notice.dates"),
        (OVERFLIGHT, (replace(extent(), band=AltitudeBand(lower=BAND.lower)),), "notice.heights"),
        (OVERFLIGHT, (replace(extent(), band=AltitudeBand(upper=BAND.upper)),), "notice.heights"),
        (IMPACT, (extent(Role.IMPACT, radius_m=249),), "notice.target"),
        (EXERCISE, (extent(name="south"),), "notice.phase"),
        (MOVEMENT, (leg(), leg("leg 2")), "notice.legs"),
        (
            MOVEMENT,
            (replace(leg(), window=Window(start=at(6.5), end=at(13))),),
            "notice.legs",
        ),
    ],
)
def test_a_notice_that_does_not_say_what_it_must_is_refused(
    body: Body, extents: tuple[Extent, ...], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        Notice(designation="2018-9/1", body=body, extents=extents)
    assert refused.value.code == code
    assert "2018-9/1" in refused.value.message


BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: replace(OPERATION, purpose=""), "notice.missing"),
    (lambda: replace(OPERATION, purpose=" pursuit"), "notice.wording"),
    (lambda: replace(OPERATION, activity=Activity.HAZARD), "notice.missing"),
    (lambda: replace(OPERATION, contingency="x" * 4_001), "notice.wording"),
    (lambda: Contact(name="nobody"), "contact.way"),
    (lambda: Contact(name="all", phones=("+1 234 567",) * 5), "contact.way"),
    (lambda: Contact(name="odd", phones=("call me",)), "contact.phone"),
    (lambda: Phase(name="deploy", extents=()), "exercise.phase"),
    (lambda: replace(EXERCISE, phases=()), "exercise.phases"),
    (lambda: replace(EXERCISE, phases=EXERCISE.phases[:1] * 2), "exercise.phases"),
    (lambda: replace(EXERCISE, personnel=-1), "exercise.count"),
    (lambda: replace(EXERCISE, linked=("x",) * 17), "exercise.many"),
    (lambda: replace(EXERCISE, observers=("",)), "notice.missing"),
    (lambda: replace(SITE, expires=SITE.verified), "site.expiry"),
    (lambda: Waypoint(name="depot", opens=at(2), closes=at(1)), "waypoint.times"),
    (lambda: replace(MOVEMENT, waypoints=MOVEMENT.waypoints[:1]), "movement.waypoints"),
    (lambda: replace(MOVEMENT, waypoints=MOVEMENT.waypoints[::-1]), "movement.waypoints"),
    (lambda: replace(MOVEMENT, contacts=(CONTACT,)), "movement.contacts"),
    (lambda: replace(MOVEMENT, contacts=MOVEMENT.contacts[1:] * 2), "movement.contacts"),
    (lambda: replace(MOVEMENT, check_in_ms=59_999), "movement.check-in"),
    (lambda: replace(ZONE, steps=("advise",) * 13), "zone-notice.steps"),
    (lambda: Account(source="x", words="y", grade="G1"), "incident.grade"),
    (lambda: replace(INCIDENT, evidence=("abc",)), "incident.evidence"),
    (lambda: replace(INCIDENT, channels=("telephone",) * 33), "incident.many"),
    (lambda: replace(extent(), name=" x"), "extent.name"),
    (lambda: replace(extent(), accuracy_m=-1.0), "extent.accuracy"),
    (lambda: replace(extent(), height_accuracy_m=float("nan")), "extent.accuracy"),
    (lambda: Minimum(name="x", kinds=("any", "any"), horizontal_m=float("inf")), "minimum.range"),
    (lambda: Minima(rules=(MEETING, MEETING)), "minima.twice"),
    (lambda: Minima(rules=(MEETING,) * 257), "minima.many"),
]


@pytest.mark.parametrize("place", range(len(BAD)))
def test_what_is_missing_or_out_of_range_is_refused_by_name(place: int) -> None:
    make, code = BAD[place]
    with pytest.raises(Refused) as refused:
        make()
    assert refused.value.code == code


def test_the_first_rule_that_serves_two_kinds_counts_whichever_is_named_first() -> None:
    near_sites = Minimum(name="sites", kinds=("site", "any"), horizontal_m=2_000)
    strikes = Minimum(name="strikes", kinds=("hazardous-activity", "site"), horizontal_m=9_000)
    minima = Minima(rules=(strikes, near_sites))
    assert minima.between("site", "hazardous-activity") is strikes
    assert minima.between("hazardous-activity", "site") is strikes
    assert minima.between("entry", "site") is near_sites
    assert minima.between("site", "site") is near_sites
    assert minima.between("entry", "exercise") is MEETING
    assert widest_m(minima.rules) == 9_000


@pytest.mark.parametrize(
    ("body", "hours_ahead", "short_h", "emergency"),
    [
        (MOVEMENT, 48, 0, False),
        (MOVEMENT, 30, 18, False),
        (replace(MOVEMENT, emergency=True), 30, 0, True),
        (replace(MOVEMENT, emergency=True), 20, 4, True),
        (OPERATION, -2, 26, False),
        (ZONE, 0, 0, False),
    ],
)
def test_a_notice_that_comes_late_says_by_how_much(
    body: Body, hours_ahead: int, short_h: int, emergency: object
) -> None:
    extents = (leg(),) if isinstance(body, Movement) else (extent(),)
    notice = Notice(designation="1", body=body, extents=extents)
    lead = lead_of(notice, at(-hours_ahead))
    assert (lead.short_ms, lead.emergency) == (short_h * HOUR_MS, emergency)
    assert lead.given_ms == hours_ahead * HOUR_MS


def test_a_site_that_nobody_verified_for_thirty_days_is_stale() -> None:
    assert not is_stale(SITE, Instant(START + 30 * DAY_MS - 1))
    assert is_stale(SITE, Instant(START + 30 * DAY_MS))


def test_a_movement_is_between_its_hindmost_and_its_foremost() -> None:
    assert stretches(MOVEMENT, at(5.9)) == ()
    assert stretches(MOVEMENT, at(13.1)) == ()
    (early,) = stretches(MOVEMENT, at(6.5))
    assert (early.behind, early.ahead) == (0.0, pytest.approx(0.125))
    (midway,) = stretches(MOVEMENT, at(10))
    assert (midway.behind, midway.ahead) == (pytest.approx(0.5), 1.0)
    at_once = replace(
        MOVEMENT,
        waypoints=(
            Waypoint(name="a", opens=at(6), closes=at(7)),
            Waypoint(name="b", opens=at(6), closes=at(7)),
        ),
    )
    (anywhere,) = stretches(at_once, at(6.5))
    assert (anywhere.behind, anywhere.ahead) == (0.0, 1.0)
