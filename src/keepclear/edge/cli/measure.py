"""``keepclear bench``: how fast this machine watches, in one figure that can be compared."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import typer

from keepclear.core.instant import SECOND_MS, Instant, instant_of
from keepclear.core.space.area import Circle
from keepclear.core.space.geodesy import Position, direct
from keepclear.core.space.volume import Volume
from keepclear.core.watch.event import ReportsArrived, ZoneDeclared
from keepclear.core.watch.report import PartyName, Reports, SourceName, TrackName
from keepclear.core.watch.watch import Watch
from keepclear.core.watch.zone import Zone, ZoneKind, ZoneName
from keepclear.edge.cli.progress import progress_bar
from keepclear.edge.clock import stopwatch_s
from keepclear.formats.wire import json_bytes

START = instant_of("2018-09-07T05:00:00Z")
CENTRE = Position(latitude_deg=33.4967, longitude_deg=38.6178)


def bench(
    tracks: Annotated[int, typer.Option(help="How many tracks report.", min=1, max=100_000)] = 2_000,
    batches: Annotated[
        int, typer.Option(help="How many batches, one report of each track.", min=1, max=10_000)
    ] = 20,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Measure reports a second through the whole watch: traffic of all courses around the zone of 55 km.

    Example: keepclear bench --tracks 5000
    """
    watch = Watch()
    watch.step(ZoneDeclared(zone=_zone(), by="bench"), now=START)
    spent_s, crossings = 0.0, 0
    with progress_bar("watching", quiet=json) as progress:
        for number in range(batches):
            now = Instant(START + number * 10 * SECOND_MS)
            reports = _traffic(tracks, number, now)
            started_s = stopwatch_s()
            crossings += len(watch.step(ReportsArrived(reports=reports), now=now))
            spent_s += stopwatch_s() - started_s
            progress(number + 1, batches)
    rate = tracks * batches / spent_s
    if json:
        typer.echo(
            json_bytes({"reports": tracks * batches, "seconds": spent_s, "reports_per_s": rate}).decode()
        )
    else:
        typer.echo(
            f"{tracks * batches} reports in {spent_s:.2f} s: {rate:,.0f} reports a second, {crossings} changes"
        )


def _zone() -> Zone:
    return Zone(
        name=ZoneName("TANF 55"),
        kind=ZoneKind.DECONFLICTION,
        volume=Volume(area=Circle(centre=CENTRE, radius_m=55_000)),
        declared_by=PartyName("A"),
        warning_distance_m=15_000,
    )


def _traffic(tracks: int, number: int, now: Instant) -> Reports:
    """One report of each track: uniformly out to 600 km around the zone, straight courses, 60 to 260 m/s."""
    chance = np.random.default_rng(2018)
    away = 600_000 * np.sqrt(chance.random(tracks))
    course, speed = chance.uniform(0, 360, tracks), chance.uniform(60, 260, tracks)
    middle_lat, middle_lon = np.full(tracks, CENTRE.latitude_deg), np.full(tracks, CENTRE.longitude_deg)
    lat, lon, _ = direct(middle_lat, middle_lon, chance.uniform(0, 360, tracks), away)
    lat, lon, course = direct(lat, lon, course, speed * number * 10)
    unknown = np.full(tracks, np.nan)
    return Reports(
        source=SourceName("bench"),
        names=tuple(TrackName(f"sim:{each}") for each in range(tracks)),
        track=np.arange(tracks, dtype=np.int32),
        time_ms=np.full(tracks, now, np.int64),
        latitude_deg=lat,
        longitude_deg=lon,
        altitude_m=unknown,
        datum=np.zeros(tracks, np.uint8),
        speed_mps=speed,
        course_deg=course % 360,
        climb_mps=unknown,
        accuracy_m=np.full(tracks, 30.0),
    )
