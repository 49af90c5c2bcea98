"""The main job without a server, held to a brute force on geographiclib: crossing by crossing, to the millisecond."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from geographiclib.geodesic import Geodesic
from typer.testing import CliRunner

from keepclear.core.space.geodesy import Position
from keepclear.core.watch.zone import Zone
from keepclear.edge.cli.main import app
from keepclear.edge.feeds.recording import Recording, open_recording
from keepclear.edge.patrol import crossings_of
from keepclear.formats.zone.geojson import zones_of

ROOT = Path(__file__).resolve().parents[2]
TOULOUSE = ROOT / "var" / "recordings" / "toulouse.jsonl.gz"
EXCERPT = ROOT / "tests" / "vectors" / "modes" / "toulouse.jsonl"

Point = tuple[float, float]
EARTH = Geodesic.WGS84


@dataclass(frozen=True)
class Ground:
    """A circle, a polygon with a hole, and a corridor."""

    centre: Point
    radius_m: float
    outer: list[Point]
    hole: list[Point]
    line: list[Point]
    half_width_m: float


REGION = Ground(
    centre=(43.6291, 1.3638),
    radius_m=15_000.0,
    outer=[(43.2, 0.6), (43.1, 2.2), (44.1, 2.4), (44.2, 0.9)],
    hole=[(43.5, 1.2), (43.5, 1.6), (43.75, 1.6), (43.75, 1.2)],
    line=[(44.8, -0.7), (43.6, 1.36), (42.7, 3.2)],
    half_width_m=10_000.0,
)
"""For the whole recording, which lands and takes off at Toulouse."""

CLOSE_BY = Ground(
    centre=(43.615, 1.385),
    radius_m=1_200.0,
    outer=[(43.594, 1.37), (43.594, 1.43), (43.625, 1.43), (43.625, 1.35)],
    hole=[(43.598, 1.39), (43.598, 1.41), (43.608, 1.41), (43.608, 1.38)],
    line=[(43.60, 1.35), (43.612, 1.384), (43.60, 1.44)],
    half_width_m=700.0,
)
"""For the excerpt, which follows one aircraft over 7 km; all of it is crossed."""

AERODROME = Position(latitude_deg=43.63, longitude_deg=1.37)
UNSTATED_ACCURACY_M = 50.0
CLEAR_M, CLEAR_S = 1_000.0, 60.0


def apart_m(one: Point, other: Point) -> float:
    return EARTH.Inverse(*one, *other, Geodesic.DISTANCE)["s12"]


def to_edge_m(at: Point, start: Point, end: Point) -> float:
    """The distance to a geodesic edge: the least over it, its foot narrowed by thirds to half a metre."""
    line = EARTH.InverseLine(*start, *end)

    def away(s: float) -> float:
        foot = line.Position(s, Geodesic.LATITUDE | Geodesic.LONGITUDE)
        return apart_m(at, (foot["lat2"], foot["lon2"]))

    low, high = 0.0, line.s13
    while high - low > 0.5:
        one, two = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, two) if away(one) <= away(two) else (one, high)
    return away((low + high) / 2)


def azimuth_deg(at: Point, to: Point) -> float:
    return EARTH.Inverse(*at, *to, Geodesic.AZIMUTH)["azi1"]


def winds_round(at: Point, ring: list[Point]) -> bool:
    """Whether the ring goes once round the position, by the directions in which its corners are seen."""
    turned = 0.0
    for start, end in zip(ring, [*ring[1:], ring[0]], strict=True):
        turned += math.remainder(azimuth_deg(at, end) - azimuth_deg(at, start), 360.0)
    return abs(turned) > 180.0


def edges(ring: list[Point]) -> list[tuple[Point, Point]]:
    return list(zip(ring, [*ring[1:], ring[0]], strict=True))


def measure_m(ground: Ground, zone: str, at: Point) -> float:
    """The signed distance to the edge of a zone of the ground."""
    match zone:
        case "CIRCLE":
            return apart_m(ground.centre, at) - ground.radius_m
        case "POLYGON":
            inside = winds_round(at, ground.outer) and not winds_round(at, ground.hole)
            nearest = min(to_edge_m(at, *edge) for edge in edges(ground.outer) + edges(ground.hole))
            return -nearest if inside else nearest
        case _:
            legs = zip(ground.line, ground.line[1:], strict=False)
            return min(to_edge_m(at, *leg) for leg in legs) - ground.half_width_m


ZONES = ("CIRCLE", "POLYGON", "CORRIDOR")


@dataclass
class Stay:
    """What the simplest reading of the words keeps of one track at one zone."""

    ground: Ground
    zone: str
    inside: bool = False
    gone_since: float | None = None
    last: tuple[Point, float] | None = None
    crossings: list[tuple[str, int]] = field(default_factory=list)

    def see(self, at: Point, time_ms: int, accuracy_m: float) -> None:
        distance = self._distance_m(at)
        if distance <= accuracy_m:
            if not self.inside:
                self.crossings.append(("entered", time_ms))
            self.inside, self.gone_since = True, None
        elif self.inside:
            self.gone_since = time_ms if self.gone_since is None else self.gone_since
            if distance > CLEAR_M or time_ms - self.gone_since >= CLEAR_S * 1000:
                self.crossings.append(("left", int(self.gone_since)))
                self.inside, self.gone_since = False, None

    def _distance_m(self, at: Point) -> float:
        # Between two looks the distance to the edge changes by no more than the track moved, so that far from an
        # edge most looks need no search; what is returned then is a bound that leads to the same decision.
        if self.last is not None:
            moved = apart_m(self.last[0], at)
            if abs(self.last[1]) - moved > 1.3 * CLEAR_M:
                return math.copysign(abs(self.last[1]) - moved, self.last[1])
        distance = measure_m(self.ground, self.zone, at)
        self.last = (at, distance)
        return distance


def brute_force(recording: Recording, ground: Ground) -> set[tuple[str, str, str, int]]:
    stays: dict[tuple[str, str], Stay] = {}
    newest: dict[str, int] = {}
    columns = recording.columns
    for row in range(len(recording)):
        track, time_ms = recording.names[columns["track"][row]], int(columns["time_ms"][row])
        if time_ms <= newest.get(track, -1):
            continue
        newest[track] = time_ms
        at = float(columns["latitude_deg"][row]), float(columns["longitude_deg"][row])
        stated = float(columns["accuracy_m"][row])
        accuracy = UNSTATED_ACCURACY_M if math.isnan(stated) else stated
        for zone in ZONES:
            stays.setdefault((track, zone), Stay(ground, zone)).see(at, time_ms, accuracy)
    return {(track, zone, *crossing) for (track, zone), stay in stays.items() for crossing in stay.crossings}


def features(ground: Ground) -> bytes:
    def feature(name: str, shape: str, coordinates: object, extra: dict[str, object]) -> dict[str, object]:
        return {
            "type": "Feature",
            "geometry": {"type": shape, "coordinates": coordinates},
            "properties": {"keepclear": {"name": name, "kind": "exclusion", "declared_by": "A"} | extra},
        }

    def turned(points: list[Point]) -> list[list[float]]:
        return [[lon, lat] for lat, lon in points]

    rings = [turned([*ground.outer, ground.outer[0]]), turned([*ground.hole, ground.hole[0]])]
    collection = [
        feature("CIRCLE", "Point", turned([ground.centre])[0], {"circle": {"radius_m": ground.radius_m}}),
        feature("POLYGON", "Polygon", rings, {}),
        feature(
            "CORRIDOR", "LineString", turned(ground.line), {"corridor": {"half_width_m": ground.half_width_m}}
        ),
    ]
    return json.dumps({"type": "FeatureCollection", "features": collection}).encode()


def zones(ground: Ground) -> list[Zone]:
    read = zones_of(features(ground))
    assert not read.refusals
    return list(read.zones)


def watched(recording: Recording, ground: Ground) -> set[tuple[str, str, str, int]]:
    return {
        (crossed.track, crossed.zone, crossed.outcome.value, crossed.at)
        for crossed in crossings_of(recording, zones(ground))
        if crossed.outcome.value in ("entered", "left")
    }


def test_the_excerpt_of_toulouse_crosses_as_brute_force_says() -> None:
    recording = open_recording(EXCERPT)
    expected = brute_force(recording, CLOSE_BY)
    for zone in ZONES:
        assert {what for _, where, what, _ in expected if where == zone} == {"entered", "left"}
    assert watched(recording, CLOSE_BY) == expected


@pytest.mark.skipif(not TOULOUSE.exists(), reason="not fetched: python scripts/fetch_recordings.py")
def test_the_whole_of_toulouse_crosses_as_brute_force_says() -> None:
    recording = open_recording(TOULOUSE, receiver=AERODROME)
    expected = brute_force(recording, REGION)
    assert len(expected) >= 6
    assert watched(recording, REGION) == expected


def test_the_command_prints_and_writes_what_the_patrol_found(tmp_path: Path) -> None:
    file, table, chart = tmp_path / "zones.geojson", tmp_path / "x.csv", tmp_path / "x.geojson"
    file.write_bytes(features(CLOSE_BY))
    options = ["--zones", str(file), "--csv", str(table), "--geojson", str(chart), "--json"]
    result = CliRunner().invoke(app, ["watch", str(EXCERPT), *options])
    assert result.exit_code == 0, result.output
    printed = [json.loads(line) for line in result.stdout.splitlines()]
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    points = json.loads(chart.read_bytes())["features"]
    assert printed
    assert [each["time"] for each in printed] == [row["time"] for row in rows]
    assert [each["words"] for each in printed] == [point["properties"]["words"] for point in points]
    assert all(point["geometry"]["type"] == "Point" for point in points)
