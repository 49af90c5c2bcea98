"""Scenario files: TOML that a person can read and edit, read into scenarios.

The format is in docs/scenarios.md. Unknown keys are refused, and every refusal names its table.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from msgspec import UnsetType

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, SECOND_MS, Duration, Instant, Window, instant_of
from keepclear.core.space.altitude import Altitude
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Position, separation_m
from keepclear.core.watch.report import Label, PartyName, SourceName, TrackKind, TrackName
from keepclear.core.watch.zone import ZoneKind
from keepclear.formats.feed.bounds import track_of
from keepclear.formats.feed.reading import callsign_of
from keepclear.formats.scenario.crowd import Crowd, crowd_movers
from keepclear.formats.scenario.itinerary import Mover, Waypoint
from keepclear.formats.scenario.scenario import (
    Late,
    LocalName,
    Note,
    Scenario,
    ScriptedParty,
    ScriptedSource,
    ScriptedZone,
)
from keepclear.formats.scenario.scenariolinefile import line_script_of
from keepclear.formats.scenario.scenariotables import (
    CrowdTable,
    MoverTable,
    NoteTable,
    PartyTable,
    SourceTable,
    WaypointTable,
    ZoneTable,
    tables_of,
)
from keepclear.formats.scenario.scenariovalues import each, milliseconds, place_of, window_of
from keepclear.formats.zone.zonefields import HeightFields, altitude_of, party_of, zone_of

LAPS_MAX: Final = 1_000
_KMH_MPS: Final = 1 / 3.6
_KNOT_MPS: Final = 1852 / 3600
_KINDS: Final = {kind.name.lower(): kind for kind in TrackKind}


def scenario_of(raw: bytes) -> Scenario:
    """The scenario that a file holds.

    Raises Refused with the code of what is wrong; its message names the table, counted from 1, and the
    reason.
    """
    tables = tables_of(raw)
    window = Window(start=instant_of(tables.start), end=instant_of(tables.end))
    movers = each("mover", tables.mover, _mover)
    crowds = each("crowd", tables.crowd, _crowd)
    zones = each("zone", tables.zone, _zone)
    return Scenario(
        title=tables.title,
        about=tables.about,
        window=window,
        rate=tables.rate,
        own=party_of(tables.own),
        parties=each("party", tables.party, _party),
        sources=each("source", tables.source, _source),
        zones=zones,
        movers=(
            *(mover for seen in movers for mover in seen),
            *(mover for crowd in crowds for mover in crowd_movers(crowd, window)),
        ),
        notes=each("note", tables.note, _note),
        guide=tuple(tables.guide),
        line=line_script_of(tables, zones),
    )


def _party(table: PartyTable) -> ScriptedParty:
    names = tuple(LocalName(language=language, text=text) for language, text in table.names.items())
    return ScriptedParty(name=party_of(table.name), role=table.role, names=names)


def _source(table: SourceTable) -> ScriptedSource:
    return ScriptedSource(
        name=_source_name(table.name),
        kind=table.kind,
        seen_by=tuple(map(party_of, table.seen_by)),
        dead=tuple(window_of(span) for span in table.dead),
        late=tuple(
            Late(window=window_of(span), by_ms=Duration(milliseconds(span.by_s, "by_s")))
            for span in table.late
        ),
    )


def _zone(table: ZoneTable) -> ScriptedZone:
    zone = zone_of(table, area=_area(table), name="", kind=ZoneKind.EXCLUSION, declared_by="")
    return ScriptedZone(
        zone=zone,
        window=Window(
            start=FIRST if isinstance(table.declared, UnsetType) else instant_of(table.declared),
            end=FOREVER if isinstance(table.withdrawn, UnsetType) else instant_of(table.withdrawn),
        ),
    )


def _area(table: ZoneTable) -> Area:
    circle, polygon, corridor = table.circle, table.polygon, table.corridor
    if sum(not isinstance(shape, UnsetType) for shape in (circle, polygon, corridor)) != 1:
        raise Refused("zone.shape", "a zone has exactly one of circle, polygon and corridor")
    if not isinstance(circle, UnsetType):
        return Circle(centre=place_of(circle.centre), radius_m=circle.radius_km * 1000)
    if not isinstance(polygon, UnsetType):
        holes = tuple(_places(hole) for hole in polygon.holes)
        return Polygon(parts=(Part(outer=_places(polygon.outer), holes=holes),))
    assert not isinstance(corridor, UnsetType)
    return Corridor(line=_places(corridor.line), half_width_m=corridor.half_width_km * 1000)


def _places(texts: Iterable[str]) -> tuple[Position, ...]:
    return tuple(place_of(text) for text in texts)


def _note(table: NoteTable) -> Note:
    return Note(at=instant_of(table.at), words=table.words)


def _mover(table: MoverTable) -> tuple[Mover, ...]:
    """The mover once for each source that reports it."""
    mover = Mover(
        label=Label(
            track=_track(table.name),
            callsign=callsign_of(table.callsign or table.name),
            party=party_of(table.party) if table.party else PartyName(""),
            kind=_kind(table.kind),
        ),
        source=_source_name(table.source),
        waypoints=_waypoints(table),
        report_every_ms=milliseconds(table.report_every_s, "report_every_s"),
        accuracy_m=math.nan if table.accuracy_m is None else table.accuracy_m,
        noise_m=table.noise_m,
    )
    return (mover, *(replace(mover, source=_source_name(name)) for name in table.also_by))


def _waypoints(table: MoverTable) -> tuple[Waypoint, ...]:
    """The path with its times counted out: lap by lap, leg by leg, waits as two waypoints at one place."""
    if not 1 <= table.laps <= LAPS_MAX:
        raise Refused("mover.laps", f"laps is {table.laps}, must be 1 to {LAPS_MAX}")
    if not table.path:
        raise Refused("mover.path", "the path has no place")
    first = table.path[0]
    if first.at is None:
        raise Refused("mover.path", "the first place of a path needs the time at which the mover is there")
    if (_speed_mps(first) is not None) != (table.laps > 1):
        raise Refused(
            "mover.path", "the first place has a speed, by which a lap ends, exactly if there are laps"
        )
    round_trip = [*table.path[1:], first]
    turns = round_trip * table.laps if table.laps > 1 else table.path[1:]
    waypoints = _waited(_stop(first, at=instant_of(first.at), otherwise=table.altitude), first)
    for number, turn in enumerate(turns, start=2):
        at = _reached(waypoints[-1], turn, looping=table.laps > 1, number=number)
        waypoints += _waited(_stop(turn, at=at, otherwise=table.altitude), turn)
    return tuple(waypoints)


def _stop(turn: WaypointTable, *, at: Instant, otherwise: HeightFields | None) -> Waypoint:
    height = otherwise if turn.altitude is None else turn.altitude
    return Waypoint(at=at, place=place_of(turn.place), altitude=None if height is None else _altitude(height))


def _waited(stop: Waypoint, turn: WaypointTable) -> list[Waypoint]:
    if turn.until is None:
        return [stop]
    return [stop, Waypoint(at=instant_of(turn.until), place=stop.place, altitude=stop.altitude)]


def _reached(before: Waypoint, turn: WaypointTable, *, looping: bool, number: int) -> Instant:
    speed_mps = _speed_mps(turn)
    if looping and (speed_mps is None or turn.until is not None):
        raise Refused("mover.path", f"place {number}: with laps, each place has a speed and none a wait")
    if not looping and (speed_mps is None) == (turn.at is None):
        raise Refused("mover.path", f"place {number} needs either a time or a speed")
    if speed_mps is not None:
        length_m = separation_m(own=before.place, other=place_of(turn.place))
        return Instant(before.at + round(length_m / speed_mps * SECOND_MS))
    assert turn.at is not None
    return instant_of(turn.at)


def _speed_mps(turn: WaypointTable) -> float | None:
    if turn.speed_kmh is not None and turn.speed_kt is not None:
        raise Refused("mover.path", f"the place {turn.place} has two speeds, must have one")
    speeds = [
        speed * unit
        for speed, unit in ((turn.speed_kmh, _KMH_MPS), (turn.speed_kt, _KNOT_MPS))
        if speed is not None
    ]
    if not speeds:
        return None
    if not speeds[0] > 0:
        raise Refused(
            "mover.path", f"the place {turn.place} is reached at {speeds[0]:g} m/s, must be above 0"
        )
    return speeds[0]


def _crowd(table: CrowdTable) -> Crowd:
    return Crowd(
        name=table.name,
        count=table.count,
        kind=_kind(table.kind),
        party=party_of(table.party),
        source=_source_name(table.source),
        routes=tuple(_places(route) for route in table.routes),
        slowest_mps=table.speed_kmh[0] * _KMH_MPS,
        fastest_mps=table.speed_kmh[1] * _KMH_MPS,
        altitudes=tuple(_altitude(height) for height in table.altitudes),
        spread_m=table.spread_km * 1000,
        report_every_ms=milliseconds(table.report_every_s, "report_every_s"),
        accuracy_m=math.nan if table.accuracy_m is None else table.accuracy_m,
        seed=table.seed,
    )


def _altitude(height: HeightFields) -> Altitude:
    return altitude_of(height, "altitude")


def _track(name: str) -> TrackName:
    return track_of(f"sim:{name}")


def _kind(word: str) -> TrackKind:
    kind = _KINDS.get(word)
    if kind is None:
        raise Refused("mover.kind", f"the kind is {word[:40]!r}, must be one of {', '.join(_KINDS)}")
    return kind


def _source_name(name: str) -> SourceName:
    if not name.strip() or not name.isprintable() or len(name) > 80:
        raise Refused(
            "source.name", f"a source's name is {name[:80]!r}, must be 1 to 80 characters that print"
        )
    return SourceName(name)
