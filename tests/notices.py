"""Notices of every kind, for tests: by Hypothesis, in the whole numbers that a message can say."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from keepclear.core.instant import DAY_MS, FOREVER, HOUR_MS, Duration, Instant, Window
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.exercise import Equipment, Exercise, Phase
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.incident import Account, Incident
from keepclear.core.notice.movement import Movement, Waypoint
from keepclear.core.notice.notice import Body, Notice
from keepclear.core.notice.operation import Activity, Operation
from keepclear.core.notice.site import Marking, Site
from keepclear.core.notice.zonenotice import ZoneNotice
from keepclear.core.space.altitude import UNLIMITED, Altitude, AltitudeBand, Datum
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Position, destination

START = Instant(1_536_192_000_000)
"""2018-09-06T00:00:00Z"""

TANF = Position(latitude_deg=33.4967, longitude_deg=38.6178)

words = st.text(
    alphabet=st.sampled_from("abcdefgh XYZ 0123456789-,.éßЖщ中عربي"), min_size=1, max_size=30
).filter(lambda text: text == text.strip())
phones = st.from_regex(r"\+[1-9][0-9]{6,12}", fullmatch=True)
contacts = st.builds(
    Contact,
    name=words,
    phones=st.lists(phones, min_size=1, max_size=2).map(tuple),
    satellite=st.lists(phones, max_size=2).map(tuple),
    frequency=st.sampled_from(["", "243.0 MHz"]),
)
satellite_contacts = st.builds(
    Contact, name=words, satellite=st.lists(phones, min_size=1, max_size=2).map(tuple)
)
instants = st.integers(START, START + 40 * DAY_MS).map(Instant)


def on_grid(at: Position) -> Position:
    """The nearest position of whole 1e-7 degrees, which is what a message can say."""
    return Position(
        latitude_deg=round(at.latitude_deg * 1e7) / 1e7, longitude_deg=round(at.longitude_deg * 1e7) / 1e7
    )


@st.composite
def areas(draw: st.DrawFn) -> Area:
    """Circles, quadrangles and corridors of 300 m to 60 km, near At Tanf or across the antimeridian."""
    base = draw(st.sampled_from([TANF, Position(latitude_deg=-17.5, longitude_deg=179.98)]))
    at = on_grid(
        destination(base, azimuth_deg=draw(st.integers(0, 359)), distance_m=draw(st.integers(0, 80_000)))
    )
    size_cm = draw(st.integers(30_000, 6_000_000))
    kind = draw(st.sampled_from(["circle", "polygon", "corridor"]))
    if kind == "circle":
        return Circle(centre=at, radius_m=size_cm / 100)
    if kind == "corridor":
        far = on_grid(destination(at, azimuth_deg=draw(st.integers(0, 359)), distance_m=size_cm / 100))
        return Corridor(line=(at, far), half_width_m=draw(st.integers(25_000, 500_000)) / 100)
    turn = draw(st.integers(0, 89))
    corners = tuple(
        on_grid(destination(at, azimuth_deg=turn + 90 * n, distance_m=size_cm / 100)) for n in range(4)
    )
    return Polygon(parts=(Part(outer=corners),))


@st.composite
def bands(draw: st.DrawFn, *, whole: bool) -> AltitudeBand:
    """Bands in one datum or two; with both ends stated where ``whole``."""
    low_cm = draw(st.integers(0, 500_000))
    lower = Altitude(height_m=low_cm / 100, datum=draw(st.sampled_from([Datum.AGL, Datum.MSL])))
    upper = Altitude(
        height_m=(low_cm + draw(st.integers(0, 900_000))) / 100,
        datum=draw(st.sampled_from([Datum.MSL, Datum.PRESSURE, Datum.HAE])),
    )
    if whole:
        return AltitudeBand(lower=lower, upper=upper)
    return AltitudeBand(
        lower=draw(st.sampled_from([lower, UNLIMITED])), upper=draw(st.sampled_from([upper, UNLIMITED]))
    )


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Windows of up to three days within a month."""
    start = draw(instants)
    return Window(start=start, end=Instant(start + draw(st.integers(0, 3 * DAY_MS))))


@st.composite
def extents(draw: st.DrawFn, *, name: str, roles: tuple[Role, ...], heights: bool = False) -> Extent:
    """An extent in one of these roles."""
    return Extent(
        name=name,
        role=draw(st.sampled_from(roles)),
        area=draw(areas()),
        band=draw(bands(whole=heights)),
        window=draw(windows()),
        accuracy_m=draw(st.sampled_from([0.0, 0.01, 5.0, 1_500.5])),
        height_accuracy_m=draw(st.sampled_from([0.0, 30.48])),
        time_accuracy_ms=draw(st.sampled_from([Duration(0), Duration(600_000)])),
    )


GROUND = (Role.AREA, Role.ROUTE, Role.STOP)
ROLES: dict[str, tuple[Role, ...]] = {
    "entry": GROUND,
    "overflight": (Role.AREA, Role.ROUTE),
    "movement-of-forces": GROUND,
    "hazardous-activity": (Role.IMPACT, Role.AREA),
    "exercise": GROUND,
    "site": (Role.SITE,),
    "zone": (Role.AREA,),
    "incident": (Role.AREA,),
}


@st.composite
def movements(draw: st.DrawFn) -> Notice:
    """A humanitarian movement of two to four waypoints."""
    legs = draw(st.integers(1, 3))
    opens = sorted(draw(st.lists(instants, min_size=legs + 1, max_size=legs + 1)))
    wait_ms = draw(st.integers(0, 5 * HOUR_MS))
    waypoints = tuple(
        Waypoint(name=f"point {n}", opens=at, closes=Instant(at + wait_ms)) for n, at in enumerate(opens)
    )
    body = Movement(
        waypoints=waypoints,
        headcount=draw(st.integers(0, 500)),
        vehicles=draw(st.integers(0, 80)),
        cargo=draw(words),
        escort=draw(words),
        contacts=(draw(satellite_contacts), draw(contacts)),
        emergency=draw(st.booleans()),
    )
    routes = tuple(
        Extent(
            name=f"leg {n}",
            role=Role.ROUTE,
            area=draw(areas()),
            window=Window(start=start.opens, end=end.closes),
        )
        for n, (start, end) in enumerate(pairwise(waypoints))
    )
    return Notice(designation=draw(words), body=body, extents=routes)


@st.composite
def bodies(draw: st.DrawFn, kind: str, places: tuple[str, ...]) -> Body:
    """A body of one kind, but for movements."""
    contact = draw(contacts)
    match kind:
        case "exercise":
            return Exercise(
                purpose=draw(words),
                command=draw(words),
                contact=contact,
                phases=(
                    Phase(name="deploy", extents=places[:1]),
                    Phase(name="fire", extents=places, live_fire=draw(st.booleans())),
                ),
                personnel=draw(st.integers(0, 20_000)),
                equipment=draw(
                    st.lists(st.builds(Equipment, type=words, count=st.integers(0, 99)), max_size=3).map(
                        tuple
                    )
                ),
                linked=draw(st.lists(words, max_size=2).map(tuple)),
                observers=draw(st.lists(words, max_size=2).map(tuple)),
            )
        case "site":
            verified = draw(instants)
            return Site(
                function=draw(words),
                operator=draw(words),
                captured=draw(words),
                verifier=draw(words),
                verified=verified,
                contact=contact,
                consent=draw(words),
                expires=draw(st.sampled_from([FOREVER, Instant(verified + DAY_MS)])),
                markings=draw(st.lists(st.sampled_from(list(Marking)), unique=True).map(tuple)),
                marked=draw(st.sampled_from(["", "red cross on the roof"])),
            )
        case "zone":
            return ZoneNotice(
                type=draw(words),
                cancels=draw(st.booleans()),
                basis=draw(words),
                contact=contact,
                as_stated=draw(st.sampled_from(["", "34 miles"])),
                steps=draw(st.lists(words, max_size=3).map(tuple)),
                review=draw(st.sampled_from([FOREVER, START])),
            )
        case "incident":
            accounts = st.builds(Account, source=words, words=words, grade=st.sampled_from(["", "B2", "F6"]))
            return Incident(
                what=draw(words),
                contact=contact,
                accounts=draw(st.lists(accounts, max_size=2).map(tuple)),
                notices=draw(st.lists(words, max_size=2).map(tuple)),
                zones=draw(st.lists(words, max_size=2).map(tuple)),
                channels=draw(st.lists(words, max_size=2).map(tuple)),
                evidence=draw(st.lists(st.just("ab" * 32), max_size=1).map(tuple)),
            )
        case _:
            return Operation(
                activity=Activity(kind),
                purpose=draw(words),
                contact=contact,
                hazard=draw(words),
                contingency=draw(st.sampled_from(["", "go back"])),
                cancel_by=draw(st.sampled_from([FOREVER, START])),
            )


@st.composite
def notices(draw: st.DrawFn) -> Notice:
    """A notice of any kind, with one to three extents."""
    kind = draw(st.sampled_from([*ROLES, "humanitarian-movement"]))
    if kind not in ROLES:
        return draw(movements())
    found = tuple(
        draw(extents(name=f"place {n}", roles=ROLES[kind], heights=kind == "overflight"))
        for n in range(draw(st.integers(1, 3)))
    )
    body = draw(bodies(kind, tuple(extent.name for extent in found)))
    return Notice(designation=draw(words), body=body, extents=found)
