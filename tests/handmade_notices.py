"""A notice of every kind, made by hand, with the numbers, scripts and gaps that real ones have."""

from __future__ import annotations

from keepclear.core.instant import DAY_MS, HOUR_MS, Duration, Instant, Window, instant_of
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.exercise import Equipment, Exercise, Phase
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.incident import Account, Incident
from keepclear.core.notice.movement import Movement, Waypoint
from keepclear.core.notice.notice import Notice
from keepclear.core.notice.operation import Activity, Operation
from keepclear.core.notice.site import Marking, Site
from keepclear.core.notice.zonenotice import ZoneNotice
from keepclear.core.space.altitude import Altitude, AltitudeBand, Datum
from keepclear.core.space.area import Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Position


def at(latitude_deg: float, longitude_deg: float) -> Position:
    """A position of whole 1e-7 degrees."""
    return Position(latitude_deg=latitude_deg, longitude_deg=longitude_deg)


def window(start: str, end: str) -> Window:
    """A window from texts."""
    return Window(start=instant_of(start), end=instant_of(end))


DESK = Contact(name="Дежурный офицер", phones=("+7 495 555 01 01",), frequency="243.0 MHz")
FIELD = Contact(name="مكتب التنسيق", phones=("+963 11 555 0199",), satellite=("+8821 555 0142",))
STRIKE_DAY = window("2018-09-06T09:00:00Z", "2018-09-06T12:30:00Z")
LOW = AltitudeBand(
    lower=Altitude(height_m=0.0, datum=Datum.AGL), upper=Altitude(height_m=4572.0, datum=Datum.MSL)
)

STRIKES = Notice(
    designation="2018-09-06/2",
    body=Operation(
        activity=Activity.HAZARD,
        purpose="Точечные удары по боевикам террористической организации",
        contact=DESK,
        hazard="Крылатые ракеты в полёте и разрывы; осколки до 600 м",
        contingency="Отмена пуска; уведомление по линии в течение 5 минут",
        cancel_by=instant_of("2018-09-06T08:45:00Z"),
    ),
    extents=(
        Extent(
            name="north",
            role=Role.IMPACT,
            area=Circle(centre=at(33.6125, 38.4791667), radius_m=2_500.0),
            band=LOW,
            window=STRIKE_DAY,
            accuracy_m=500.0,
            height_accuracy_m=30.48,
            time_accuracy_ms=Duration(600_000),
        ),
        Extent(
            name="way in",
            role=Role.FLIGHT,
            area=Corridor(
                line=(at(34.9, 35.6), at(34.2, 37.1), at(33.6125, 38.4791667)), half_width_m=5_000.0
            ),
            band=AltitudeBand(
                lower=Altitude(height_m=50.0, datum=Datum.AGL),
                upper=Altitude(height_m=3_048.0, datum=Datum.PRESSURE),
            ),
            window=STRIKE_DAY,
        ),
    ),
)

ENTRY = Notice(
    designation="2018-09-01/1",
    body=Operation(activity=Activity.ENTRY, purpose="Преследование террористов", contact=DESK),
    extents=(
        Extent(
            name="inside the 55 km",
            role=Role.AREA,
            area=Polygon(
                parts=(
                    Part(
                        outer=(at(33.4, 38.2), at(33.4, 38.45), at(33.6, 38.45), at(33.6, 38.2)),
                        holes=((at(33.48, 38.3), at(33.52, 38.3), at(33.5, 38.35)),),
                    ),
                )
            ),
            window=window("2018-09-02T03:00:00Z", "2018-09-04T18:00:00Z"),
        ),
    ),
)

DRILL = Notice(
    designation="EX 18-4",
    body=Exercise(
        purpose="Company live-fire exercise",
        command="company",
        contact=FIELD,
        phases=(
            Phase(name="deploy", extents=("range",)),
            Phase(name="live fire", extents=("range",), live_fire=True),
        ),
        personnel=128,
        equipment=(Equipment(type="105 mm howitzer", count=2), Equipment(type="truck", count=14)),
        linked=("EX 18-3",),
        observers=("UN",),
    ),
    extents=(
        Extent(
            name="range",
            role=Role.AREA,
            area=Circle(centre=at(33.5, 38.65), radius_m=8_000.0),
            band=LOW,
            window=window("2018-09-07T05:00:00Z", "2018-09-08T17:00:00.250Z"),
        ),
    ),
)

HOSPITAL = Notice(
    designation="site 7",
    body=Site(
        function="hospital",
        operator="Médecins du désert",
        captured="GNSS, averaged over 10 min",
        verifier="L. Marek",
        verified=instant_of("2018-09-01T10:00:00Z"),
        contact=FIELD,
        consent="Deconfliction only; not to be published",
        markings=(Marking.VISUAL, Marking.NIGHT),
        marked="red crescent on the roof",
    ),
    extents=(
        Extent(
            name="clinic",
            role=Role.SITE,
            area=Circle(centre=at(33.4321, 38.9876), radius_m=60.0),
            accuracy_m=5.0,
        ),
    ),
)

_POINTS = tuple(
    Waypoint(
        name=name,
        opens=Instant(instant_of("2018-09-07T04:00:00Z") + hour * HOUR_MS),
        closes=Instant(instant_of("2018-09-07T04:30:00Z") + hour * HOUR_MS),
    )
    for hour, name in enumerate(("Rukban", "مفرق التنف", "gate"))
)

CONVOY = Notice(
    designation="HM 2018/31",
    body=Movement(
        waypoints=_POINTS,
        headcount=46,
        vehicles=11,
        cargo="medical",
        escort="none",
        contacts=(FIELD, DESK),
        check_in_ms=Duration(5_400_000),
        emergency=True,
    ),
    extents=tuple(
        Extent(
            name=f"leg {number}",
            role=Role.ROUTE,
            area=Corridor(line=line, half_width_m=500.0),
            window=Window(start=start.opens, end=end.closes),
        )
        for number, (line, start, end) in enumerate(
            zip(
                ((at(33.3, 38.7), at(33.4, 38.62)), (at(33.4, 38.62), at(33.47, 38.6))),
                _POINTS,
                _POINTS[1:],
                strict=False,
            ),
            1,
        )
    ),
)

ZONE = Notice(
    designation="ZN 1",
    body=ZoneNotice(
        type="deconfliction zone",
        cancels=False,
        basis="self-defence, as claimed",
        contact=DESK,
        as_stated="34 miles",
        steps=("advise over the line", "warn on 243.0 MHz"),
        review=Instant(instant_of("2018-09-01T00:00:00Z") + 90 * DAY_MS),
    ),
    extents=(
        Extent(name="TANF 55", role=Role.AREA, area=Circle(centre=at(33.4967, 38.6178), radius_m=55_000.0)),
    ),
)

INCIDENT = Notice(
    designation="IR 5",
    body=Incident(
        what="Impact near the post at first light;\nno one was hurt.",
        contact=FIELD,
        accounts=(
            Account(source="Post 3", words="Two impacts, 400 m apart", grade="B2"),
            Account(source="Сосед", words="Пусков не было"),
        ),
        notices=("2018-09-06/2",),
        zones=("TANF 55",),
        channels=("line, 05:12Z, answered", "243.0 MHz, no answer"),
        evidence=("ab" * 32,),
    ),
    extents=(
        Extent(
            name="post",
            role=Role.AREA,
            area=Circle(centre=at(-33.4967, -179.9999), radius_m=1_000.0),
            window=window("2018-09-07T03:00:00Z", "2018-09-07T03:20:00Z"),
            accuracy_m=1_234.567,
        ),
    ),
)

HANDMADE = (STRIKES, ENTRY, DRILL, HOSPITAL, CONVOY, ZONE, INCIDENT)
