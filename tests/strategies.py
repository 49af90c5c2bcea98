"""Hypothesis strategies, one per noun: what a zone, a report, an event of the watch may be."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from keepclear.core.instant import DAY_MS, FIRST, FOREVER, Instant, Window
from keepclear.core.space.altitude import UNLIMITED, Altitude, AltitudeBand, Bound, Datum
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Position
from keepclear.core.space.schedule import ClockTime, Schedule, Span, Weekday
from keepclear.core.space.volume import Volume
from keepclear.core.watch.alert import AlertId, ResponseStep, Step
from keepclear.core.watch.event import (
    FeedChanged,
    ReportsArrived,
    StepTaken,
    Ticked,
    TimeJumped,
    WatchEvent,
    ZoneDeclared,
    ZoneWithdrawn,
)
from keepclear.core.watch.report import (
    Label,
    PartyName,
    Report,
    SourceName,
    TrackKind,
    TrackName,
    reports_of,
)
from keepclear.core.watch.zone import NEVER, Recognised, Recognition, Zone, ZoneKind, ZoneName
from scene import START, TANF, place, seconds, zone

TRACKS = ("x:one", "x:two", "x:three")
ZONES = ("north", "middle", "south")
PARTIES = ("A", "B", "C")


def positions() -> st.SearchStrategy[Position]:
    return st.builds(
        Position,
        latitude_deg=st.floats(-90, 90, allow_nan=False),
        longitude_deg=st.floats(-180, 180, allow_nan=False),
    )


def instants() -> st.SearchStrategy[Instant]:
    return st.integers(FIRST, FOREVER).map(Instant)


def printable_text(most: int) -> st.SearchStrategy[str]:
    """Text as it may stand in names and steps: what prints, with no blank at either end."""
    letters = st.characters(codec="utf-8").filter(str.isprintable)
    return st.text(letters, min_size=1, max_size=most).map(str.strip).filter(bool)


# ------------------------------------------------------------------ zones of every kind


def bounds() -> st.SearchStrategy[Altitude | Bound]:
    datums = st.sampled_from([datum for datum in Datum if datum is not Datum.UNKNOWN])
    return st.just(UNLIMITED) | st.builds(Altitude, height_m=st.floats(-400, 30_000), datum=datums)


@st.composite
def bands(draw: st.DrawFn) -> AltitudeBand:
    lower, upper = draw(bounds()), draw(bounds())
    if isinstance(lower, Altitude) and isinstance(upper, Altitude) and lower.height_m > upper.height_m:
        lower, upper = upper, lower
    return AltitudeBand(lower=lower, upper=upper)


@st.composite
def areas(draw: st.DrawFn) -> Area:
    """A circle anywhere, or a triangle or a corridor of some tens of kilometres anywhere."""
    centre = draw(positions())
    match draw(st.integers(0, 2)):
        case 0:
            return Circle(centre=centre, radius_m=draw(st.floats(1.0, 1e7)))
        case 1:
            size = draw(st.floats(100.0, 50_000.0))
            ring = tuple(place(bearing_deg=turn, range_m=size, around=centre) for turn in (0.0, 120.0, 240.0))
            return Polygon(parts=(Part(outer=ring),))
        case _:
            end = place(bearing_deg=draw(st.floats(0, 359)), range_m=20_000.0, around=centre)
            return Corridor(line=(centre, end), half_width_m=draw(st.floats(1.0, 5_000.0)))


def windows() -> st.SearchStrategy[Window]:
    return st.tuples(instants(), instants()).map(lambda ends: Window(start=min(ends), end=max(ends)))


def spans() -> st.SearchStrategy[Span]:
    clock = st.builds(ClockTime, hour=st.integers(0, 23), minute=st.integers(0, 59))
    return st.builds(Span, days=st.frozensets(st.sampled_from(Weekday), min_size=1), start=clock, end=clock)


def schedules() -> st.SearchStrategy[Schedule]:
    return st.builds(
        Schedule,
        window=windows(),
        spans=st.lists(spans(), max_size=3).map(tuple),
        utc_offset_min=st.integers(-720, 840),
    )


def durations() -> st.SearchStrategy[int]:
    return st.just(NEVER) | st.integers(0, 30 * DAY_MS)


def parties() -> st.SearchStrategy[PartyName]:
    return printable_text(80).map(PartyName)


def any_zones() -> st.SearchStrategy[Zone]:
    """Any zone that a file may declare."""
    stand = st.builds(Recognised, party=parties(), stand=st.sampled_from(Recognition))
    return st.builds(
        Zone,
        name=printable_text(80).map(ZoneName),
        kind=st.sampled_from(ZoneKind),
        volume=st.builds(Volume, area=areas(), band=bands(), schedule=schedules()),
        declared_by=parties(),
        basis=st.text(st.characters(codec="utf-8"), max_size=200),
        recognition=st.lists(stand, max_size=12).map(tuple),
        admitted=st.frozensets(parties(), max_size=3),
        warning_distance_m=st.floats(0, 2.1e7),
        warning_time_ms=durations(),
        dwell_ms=durations(),
        clear_distance_m=st.floats(0, 2.1e7),
        clear_time_ms=durations(),
        overstay_ms=durations(),
        silence_ms=durations(),
        steps=st.lists(st.text(st.characters(codec="utf-8"), max_size=50), max_size=3).map(tuple),
    )


# ------------------------------------------------------------------ a small world about one place


def near_zones() -> st.SearchStrategy[Zone]:
    """A round zone within reach of the tracks of this small world."""
    low = AltitudeBand(upper=Altitude(height_m=3_000.0, datum=Datum.MSL))
    return st.builds(
        zone,
        st.sampled_from(ZONES),
        radius_m=st.sampled_from([2_000.0, 5_000.0, 9_000.0]),
        centre=st.builds(
            place, bearing_deg=st.sampled_from([0.0, 200.0]), range_m=st.sampled_from([0.0, 4_000.0])
        ),
        band=st.sampled_from([AltitudeBand(), low]),
        dwell_s=st.sampled_from([0, 20]),
        clear_s=st.sampled_from([0, 30, 60]),
        silence_s=st.sampled_from([25, 60]),
        overstay_s=st.sampled_from([None, 90]),
        warning_s=st.sampled_from([0, 90, 300]),
        warning_m=st.sampled_from([0.0, 3_000.0]),
        admitted=st.sampled_from([frozenset(), frozenset({PartyName("B")})]),
    )


@dataclass(frozen=True)
class Move:
    """A report of this small world, its time relative to the moment at which it is heard."""

    track: str
    bearing_deg: float
    range_m: float
    late_s: int
    speed: float
    turn_deg: float
    """Its course, less the course to Tanf."""
    accuracy_m: float
    altitude_m: float
    datum: int

    def report(self, now_s: float) -> Report:
        at = place(bearing_deg=self.bearing_deg, range_m=self.range_m)
        return Report(
            track=TrackName(self.track),
            time_ms=START + seconds(now_s - self.late_s),
            latitude_deg=at.latitude_deg,
            longitude_deg=at.longitude_deg,
            altitude_m=self.altitude_m,
            datum=self.datum,
            speed_mps=self.speed,
            course_deg=(self.bearing_deg + 180.0 + self.turn_deg) % 360.0,
            accuracy_m=self.accuracy_m,
        )


def moves() -> st.SearchStrategy[Move]:
    nan = float("nan")
    heights = [(nan, Datum.UNKNOWN), (1_000.0, Datum.MSL), (5_000.0, Datum.MSL), (5_000.0, Datum.HAE)]
    return st.tuples(
        st.sampled_from(TRACKS),
        st.floats(0, 359),
        st.floats(10, 14_000) | st.floats(9_000, 20_000),
        st.sampled_from([0, 0, 0, 0, 5, 40, -59, -61]),
        st.sampled_from([nan, 0.0, 20.0, 60.0, 60.0]),
        st.sampled_from([nan, 0.0, 10.0, 70.0, 180.0, 180.0]),
        st.sampled_from([nan, 1.0, 300.0]),
        st.sampled_from(heights),
    ).map(lambda fields: Move(*fields[:-1], fields[-1][0], int(fields[-1][1])))


# ------------------------------------------------------------------ events


def reports(rows: st.SearchStrategy[Report], most: int) -> st.SearchStrategy[ReportsArrived]:
    label = st.builds(
        Label,
        track=st.sampled_from(TRACKS).map(TrackName),
        callsign=st.sampled_from(["", "B-G207"]),
        party=st.sampled_from(["", *PARTIES]).map(PartyName),
        kind=st.sampled_from(TrackKind),
    )
    return st.builds(
        lambda held, labels, refused: ReportsArrived(
            reports=reports_of(SourceName("radar"), held, tuple(labels)), refused=refused
        ),
        st.lists(rows, max_size=most),
        st.lists(label, max_size=2),
        st.integers(0, 3),
    )


def steps() -> st.SearchStrategy[ResponseStep]:
    text = st.sampled_from(["", "because"])
    return st.builds(
        ResponseStep,
        step=st.sampled_from(Step),
        at=instants(),
        by=st.just("officer"),
        reason=text,
        channel=text,
        text=text,
        reception=text,
        second=text,
    )


def any_events() -> st.SearchStrategy[WatchEvent]:
    """Any event that a journal may hold."""
    rows = st.builds(
        Report,
        track=st.sampled_from(TRACKS).map(TrackName),
        time_ms=instants(),
        latitude_deg=st.floats(-90, 90),
        longitude_deg=st.floats(-180, 180),
        altitude_m=st.just(float("nan")) | st.floats(-400, 30_000),
        datum=st.sampled_from(Datum).map(int),
        speed_mps=st.just(float("nan")) | st.floats(0, 20_000),
        course_deg=st.just(float("nan")) | st.floats(0, 359),
        climb_mps=st.just(float("nan")) | st.floats(-500, 500),
        accuracy_m=st.just(float("nan")) | st.floats(0, 20_000_000),
    )
    by = printable_text(200)
    return st.one_of(
        reports(rows, 5),
        st.builds(
            FeedChanged,
            name=printable_text(20).map(SourceName),
            kind=st.text(max_size=5),
            trouble=st.text(max_size=20),
            ended=st.booleans(),
            late_ms=st.none() | st.integers(0, DAY_MS),
            lost_ms=st.none() | st.integers(0, DAY_MS),
        ),
        st.builds(ZoneDeclared, zone=any_zones(), by=by),
        st.builds(ZoneWithdrawn, name=printable_text(80).map(ZoneName), by=by),
        st.builds(StepTaken, alert=st.integers(1, 99).map(lambda n: AlertId(f"AL-{n}")), done=steps()),
        st.just(Ticked()),
        st.builds(TimeJumped, to=instants()),
    )


__all__ = ["TANF", "any_events", "any_zones", "moves", "near_zones", "positions", "reports", "steps"]
