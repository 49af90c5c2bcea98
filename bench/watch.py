"""How many reports a second the whole watch takes, by the size of its batches and the number of its zones.

Half of the tracks fly within some 100 km of a zone, the others anywhere over a region of 1,200 km; zones are circles,
squares and corridors in turn. All times are of the processor, so that what else runs on the machine matters little.
"""

from __future__ import annotations

import sys
from time import process_time

import numpy as np

from keepclear.core.instant import Duration, Instant, instant_of
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Floats, Position, destination, direct
from keepclear.core.space.volume import Volume
from keepclear.core.watch.event import ReportsArrived, ZoneDeclared
from keepclear.core.watch.report import PartyName, Reports, SourceName, TrackName, reports_in_columns
from keepclear.core.watch.watch import Watch
from keepclear.core.watch.zone import Zone, ZoneKind, ZoneName

START = instant_of("2018-09-07T05:00:00Z")
MIDDLE = Position(latitude_deg=33.4967, longitude_deg=38.6178)
REGION_M = 600_000.0
ROUND_MS = 10_000
COLUMNS = "{:>6} {:>6} {:>9} {:>11} {:>12} {:>12} {:>11}"


def main() -> int:
    print(COLUMNS.format("zones", "batch", "reports", "reports/s", "median ms", "99 % ms", "changes"))
    for zones in (1, 10, 100):
        for batch in (1, 16, 256, 4096):
            print(measured(zones, batch))
    return 0


def measured(zones: int, batch: int) -> str:
    """One line of the table: a step for each batch, after one for each track that is not counted."""
    rng = np.random.default_rng(zones)
    middles = [place(rng) for _ in range(zones)]
    watch = Watch()
    for number, middle in enumerate(middles):
        watch.step(ZoneDeclared(zone=zone(number, middle), by="bench"), now=START)
    flights = Flights(rng, middles, tracks=max(batch, 256))
    watch.step(ReportsArrived(reports=flights.reports(0, np.arange(flights.tracks))), now=START)
    steps_s, changes = [], 0
    for number in range(max(8, min(512, 8_192 // batch))):
        who = (number * batch + np.arange(batch)) % flights.tracks
        round_number = 1 + number * batch // flights.tracks
        now = Instant(START + round_number * ROUND_MS)
        reports = flights.reports(round_number, who)
        started = process_time()
        changes += len(watch.step(ReportsArrived(reports=reports), now=now))
        steps_s.append(process_time() - started)
    return COLUMNS.format(
        zones,
        batch,
        f"{batch * len(steps_s):,}",
        f"{batch * len(steps_s) / sum(steps_s):,.0f}",
        f"{np.median(steps_s) * 1000:.2f}",
        f"{np.percentile(steps_s, 99) * 1000:.2f}",
        changes,
    )


class Flights:
    """Tracks on straight courses at 60 to 260 m/s, half of them near a zone."""

    def __init__(self, rng: np.random.Generator, middles: list[Position], *, tracks: int) -> None:
        self.tracks = tracks
        near = rng.integers(0, len(middles), tracks)
        latitude = np.array([middle.latitude_deg for middle in middles])[near]
        longitude = np.array([middle.longitude_deg for middle in middles])[near]
        latitude[::2], longitude[::2] = MIDDLE.latitude_deg, MIDDLE.longitude_deg
        away_m = 100_000 * np.sqrt(rng.random(tracks))
        away_m[::2] *= REGION_M / 100_000
        self.latitude, self.longitude, _ = direct(latitude, longitude, rng.uniform(0, 360, tracks), away_m)
        self.course, self.speed = rng.uniform(0, 360, tracks), rng.uniform(60, 260, tracks)

    def reports(self, number: int, who: np.ndarray) -> Reports:
        """What some of them report in a round, ten seconds after the round before."""
        way_m = self.speed[who] * (number * ROUND_MS / 1000)
        latitude, longitude, course = direct(self.latitude[who], self.longitude[who], self.course[who], way_m)
        unknown: Floats = np.full(who.size, np.nan)
        return reports_in_columns(
            SourceName("bench"),
            tuple(TrackName(f"sim:{each}") for each in who),
            {
                "track": np.arange(who.size),
                "time_ms": np.full(who.size, START + number * ROUND_MS),
                "latitude_deg": latitude,
                "longitude_deg": longitude,
                "altitude_m": unknown,
                "datum": np.zeros(who.size),
                "speed_mps": self.speed[who],
                "course_deg": course % 360,
                "climb_mps": unknown,
                "accuracy_m": np.full(who.size, 30.0),
            },
        )


def zone(number: int, middle: Position) -> Zone:
    return Zone(
        name=ZoneName(f"zone {number}"),
        kind=ZoneKind.EXCLUSION,
        volume=Volume(area=area(number, middle)),
        declared_by=PartyName("A"),
        warning_distance_m=5_000.0,
        warning_time_ms=Duration(5 * 60_000),
    )


def area(number: int, middle: Position) -> Area:
    """Some 20 km wide: a circle, a square or a corridor in turn."""
    if number % 3 == 0:
        return Circle(centre=middle, radius_m=10_000.0)
    corners = tuple(
        destination(middle, azimuth_deg=bearing, distance_m=14_000.0) for bearing in (45, 315, 225, 135)
    )
    if number % 3 == 1:
        return Polygon(parts=(Part(outer=corners),))
    return Corridor(line=corners[:3], half_width_m=3_000.0)


def place(rng: np.random.Generator) -> Position:
    """Anywhere in the region."""
    away_m = REGION_M * float(np.sqrt(rng.random()))
    return destination(MIDDLE, azimuth_deg=float(rng.uniform(0, 360)), distance_m=away_m)


if __name__ == "__main__":
    sys.exit(main())
