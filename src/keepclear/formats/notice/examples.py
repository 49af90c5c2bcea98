"""One notice of each form, made up: what the instructions of a form show as an example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from keepclear.core.instant import HOUR_MS, Duration, Window, instant_of
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
from keepclear.core.space.area import Circle, Corridor
from keepclear.core.space.geodesy import Position

_HERE: Final = Position(latitude_deg=12.5, longitude_deg=20.25)
_THERE: Final = Position(latitude_deg=12.75, longitude_deg=20.5)
_WINDOW: Final = Window(start=instant_of("2030-06-01T06:00Z"), end=instant_of("2030-06-01T12:00Z"))
_DUTY: Final = Contact(
    name="Duty officer", phones=("+0 000 0001",), satellite=("+0 000 0002",), frequency="243.0 MHz"
)
_ROAD: Final = Contact(name="Team leader", phones=("+0 000 0003",), satellite=("+0 000 0004",))
_CIRCLE: Final = Circle(centre=_HERE, radius_m=5_000.0)

_OPERATION: Final = Notice(
    designation="2030-06/1",
    body=Operation(
        activity=Activity.HAZARD,
        purpose="Disposal of old ammunition",
        contact=_DUTY,
        hazard="Blast and fragments",
        contingency="Put off by a day if it is windy",
        cancel_by=instant_of("2030-06-01T05:00Z"),
    ),
    extents=(
        Extent(
            name="range",
            role=Role.IMPACT,
            area=_CIRCLE,
            band=AltitudeBand(
                lower=Altitude(height_m=0.0, datum=Datum.AGL),
                upper=Altitude(height_m=1_500.0, datum=Datum.MSL),
            ),
            window=_WINDOW,
            accuracy_m=100.0,
            height_accuracy_m=30.0,
            time_accuracy_ms=Duration(600_000),
        ),
    ),
)
_AREA: Final = Extent(name="area", role=Role.AREA, area=_CIRCLE, window=_WINDOW)
_EXERCISE: Final = Notice(
    designation="EX 30/4",
    body=Exercise(
        purpose="Yearly training",
        command="Battalion",
        contact=_DUTY,
        phases=(Phase(name="live fire", extents=("area",), live_fire=True),),
        personnel=450,
        equipment=(Equipment(type="trucks", count=12),),
        linked=("EX 30/3",),
        observers=("Party B",),
    ),
    extents=(_AREA,),
)
_SITE: Final = Notice(
    designation="H-17",
    body=Site(
        function="hospital",
        operator="Health agency",
        captured="GNSS, averaged for 5 minutes",
        verifier="Field office",
        verified=instant_of("2030-05-20T09:00Z"),
        contact=_DUTY,
        consent="Position may be given to all parties of this line",
        expires=instant_of("2030-12-31T00:00Z"),
        markings=(Marking.VISUAL, Marking.NIGHT),
        marked="red emblem on the roof, lit",
    ),
    extents=(Extent(name="H-17", role=Role.SITE, area=Circle(centre=_HERE, radius_m=150.0), accuracy_m=5.0),),
)
_MOVEMENT: Final = Notice(
    designation="CONVOY 8",
    body=Movement(
        waypoints=(
            Waypoint(name="depot", opens=_WINDOW.start, closes=instant_of("2030-06-01T07:00Z")),
            Waypoint(name="clinic", opens=instant_of("2030-06-01T10:00Z"), closes=_WINDOW.end),
        ),
        headcount=14,
        vehicles=5,
        cargo="medical",
        escort="none",
        contacts=(_ROAD, Contact(name="Dispatcher", phones=("+0 000 0005",))),
        check_in_ms=Duration(HOUR_MS),
        emergency=True,
    ),
    extents=(
        Extent(
            name="depot to clinic",
            role=Role.ROUTE,
            area=Corridor(line=(_HERE, _THERE), half_width_m=500.0),
            window=_WINDOW,
        ),
    ),
)
_ZONE: Final = Notice(
    designation="Z-2",
    body=ZoneNotice(
        type="safety zone",
        cancels=True,
        basis="Agreement of 1 May 2030",
        contact=_DUTY,
        as_stated="5 km",
        steps=("radio call", "warning"),
        review=instant_of("2030-09-01T00:00Z"),
    ),
    extents=(_AREA,),
)
_INCIDENT: Final = Notice(
    designation="INC 30/2",
    body=Incident(
        what="Shots were heard near the depot",
        contact=_DUTY,
        accounts=(Account(source="Driver", words="Three shots from the north", grade="B2"),),
        notices=("CONVOY 8",),
        zones=("Z-2",),
        channels=("telephone, 10:05Z, no answer",),
        evidence=("00" * 32,),
    ),
    extents=(_AREA,),
)

EXAMPLES: Final[Mapping[str, Notice]] = {
    "operation": _OPERATION,
    "exercise": _EXERCISE,
    "site": _SITE,
    "movement": _MOVEMENT,
    "zone": _ZONE,
    "incident": _INCIDENT,
}
"""By the name of the form; each fills in every field of its tables."""
