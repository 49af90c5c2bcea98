"""How long a new notice takes to be put into the index and held against all others, and all against all.

    python bench/notices.py [--sizes 10000,100000,1000000] [--new 2000] [--peers rtree,shapely,postgis] [--pairs]

Footprints are polygons of 4, 8 and 24 corners, 0.5 to 30 km about their middle, nine in ten of them around 60 places,
with a band of heights and a window of some hours in a week. Ours are geodesic, and what its kernel leaves open is
worked out exactly, in the time given. The peers draw the same corners on a plane of longitude and latitude, which is
less work and not the same: their answers differ where an edge strays from the plane's straight line; by how many is
printed. All times are of the processor (thread and database), so that what else runs on the machine matters little.
Peers that are not installed are put into build/peers when asked for by name, and skipped with a word where that fails.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time, thread_time_ns

import numpy as np
from numpy.typing import NDArray

from keepclear.core.instant import DAY_MS, HOUR_MS, Duration, Instant, Window
from keepclear.core.notice.conflict import conflict_between
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.index import FIXED, POLYGON, Footprints, NoticeIndex
from keepclear.core.notice.minima import MEETING
from keepclear.core.space.altitude import Altitude, AltitudeBand, Datum
from keepclear.core.space.area import Part, Polygon
from keepclear.core.space.geodesy import Position

Floats = NDArray[np.float64]
CORNERS = (8, 4, 24)
PEERS = Path(__file__).resolve().parent.parent / "build" / "peers"
NEEDED = {"rtree": ("rtree",), "shapely": ("shapely",), "postgis": ("psycopg", "psycopg[binary]")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Notices in columns: corners from ``first[i]`` to ``first[i + 1]``, and boxes in degrees, metres and ms."""

    columns: Footprints
    first: NDArray[np.int64]
    boxes: Floats

    def some(self, start: int, end: int) -> Footprints:
        points = slice(int(self.first[start]), int(self.first[end]))
        return Footprints(
            fixed=self.columns.fixed[start:end],
            ring=self.columns.ring[start:end],
            latitude_deg=self.columns.latitude_deg[points],
            longitude_deg=self.columns.longitude_deg[points],
        )

    def extent(self, place: int) -> Extent:
        """One of them as the exact function takes it."""
        one = self.some(place, place + 1)
        fixed = one.fixed[0]
        corners = zip(one.latitude_deg.tolist(), one.longitude_deg.tolist(), strict=True)
        return Extent(
            name=str(place),
            role=Role.AREA,
            area=Polygon(
                parts=(
                    Part(outer=tuple(Position(latitude_deg=lat, longitude_deg=lon) for lat, lon in corners)),
                )
            ),
            band=AltitudeBand(
                lower=Altitude(height_m=float(fixed["lower_m"]), datum=Datum.MSL),
                upper=Altitude(height_m=float(fixed["upper_m"]), datum=Datum.MSL),
            ),
            window=Window(start=Instant(int(fixed["start_ms"])), end=Instant(int(fixed["end_ms"]))),
            time_accuracy_ms=Duration(0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one peer took: seconds to fill, microseconds for each new notice, seconds for all pairs; and its answers."""

    fill_s: float
    new_us: Floats
    found: list[set[int]]
    pairs_s: float | None = None
    pairs: set[tuple[int, int]] | None = None


def main() -> int:
    asked = arguments()
    names = [name for name in asked.peers.split(",") if name]
    for size in (int(part) for part in asked.sizes.split(",")):
        work = workload(size + asked.new)
        ours = measured_ours(work, size, pairs=asked.pairs)
        print(f"\n{size:,} notices, {asked.new:,} new ones; load of the machine {os.getloadavg()[0]:.1f}")
        print(said("keepclear", ours, ours))
        for name in names:
            if not is_there(name):
                print(f"  {name:10} is not installed here, skipped")
                continue
            try:
                print(said(name, RUNS[name](work, size, asked.pairs), ours))
            except Exception as error:  # noqa: BLE001 - a peer that fails is said and skipped, whatever it was
                print(f"  {name:10} failed, skipped: {type(error).__name__}: {str(error)[:120]}")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--new", type=int, default=2_000)
    parser.add_argument("--peers", default="shapely")
    parser.add_argument("--pairs", action="store_true")
    return parser.parse_args()


def said(name: str, peer: Measured, ours: Measured) -> str:
    p50, p99 = np.percentile(peer.new_us, [50, 99])
    mean, own = float(np.mean(peer.new_us)), float(np.mean(ours.new_us))
    line = f"  {name:10} filled in {peer.fill_s:7.2f} s | new one p50 {p50:8.1f} us, p99 {p99:8.1f}, mean {mean:8.1f}"
    if peer is not ours:
        differ = sum(len(a ^ b) for a, b in zip(peer.found, ours.found, strict=True))
        line += f" = {mean / own:6.1f} x | {differ} answers differ"
    line += f" of {sum(map(len, ours.found)):,}"
    if peer.pairs_s is not None and peer.pairs is not None and ours.pairs_s is not None:
        line += (
            f" | all {len(peer.pairs):,} pairs {peer.pairs_s:7.2f} s = {peer.pairs_s / ours.pairs_s:5.1f} x"
        )
    return line


def is_there(name: str) -> bool:
    module, *package = NEEDED[name]
    sys.path.append(str(PEERS))
    try:
        importlib.import_module(module)
    except ImportError:
        install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(PEERS)]
        if subprocess.call([*install, *(package or [module])]) != 0:
            return False
        importlib.invalidate_caches()
    return name != "postgis" or "KEEPCLEAR_BENCH_POSTGRES" in os.environ


def workload(count: int) -> Workload:
    rng = np.random.default_rng(41)
    lat, lon = middles(rng, count)
    size_deg = np.exp(rng.uniform(np.log(500), np.log(30_000), count)) / 111_000
    kind = rng.choice(3, count, p=[0.6, 0.25, 0.15])
    corners = np.array(CORNERS)[kind]
    first = np.zeros(count + 1, np.int64)
    np.cumsum(corners, out=first[1:])
    point_lat, point_lon = np.empty(first[-1]), np.empty(first[-1])
    for k, (x, y) in enumerate(outlines(rng, kind, size_deg)):
        rows = np.flatnonzero(kind == k)
        at = first[rows, None] + np.arange(CORNERS[k])
        point_lon[at] = lon[rows, None] + x / np.cos(np.radians(lat))[rows, None]
        point_lat[at] = lat[rows, None] + y
    fixed = np.zeros(count, FIXED)
    fixed["lower_m"] = np.round(rng.uniform(0, 12_000, count))
    fixed["upper_m"] = fixed["lower_m"] + np.round(rng.uniform(100, 3_000, count))
    fixed["start_ms"] = 1_800_000_000_000 + rng.integers(0, 6 * DAY_MS, count)
    lasts_h = np.minimum(np.exp(rng.normal(np.log(3), 0.7, count)), 23.9)
    fixed["end_ms"] = fixed["start_ms"] + (lasts_h * HOUR_MS).astype(np.int64)
    fixed["owner"] = np.arange(count)
    fixed["rings"], fixed["shape"] = 1, POLYGON
    fixed["lower_datum"] = fixed["upper_datum"] = int(Datum.MSL)
    boxes = np.stack(
        [
            np.minimum.reduceat(point_lon, first[:-1]),
            np.maximum.reduceat(point_lon, first[:-1]),
            np.minimum.reduceat(point_lat, first[:-1]),
            np.maximum.reduceat(point_lat, first[:-1]),
            *(fixed[name].astype(np.float64) for name in ("lower_m", "upper_m", "start_ms", "end_ms")),
        ],
        axis=1,
    )
    columns = Footprints(
        fixed=fixed, ring=corners.astype(np.int32), latitude_deg=point_lat, longitude_deg=point_lon
    )
    return Workload(columns=columns, first=first, boxes=boxes)


def middles(rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Nine in ten around one of 60 places, within half a degree or so; the others anywhere."""
    places = np.random.default_rng(7)
    place_lat, place_lon = (
        np.degrees(np.arcsin(places.uniform(-0.85, 0.92, 60))),
        places.uniform(-180, 180, 60),
    )
    lat, lon = np.degrees(np.arcsin(rng.uniform(-1, 1, count))), rng.uniform(-180, 180, count)
    near = np.flatnonzero(rng.uniform(size=count) < 0.9)
    at = rng.integers(0, 60, near.size)
    lat[near] = place_lat[at] + rng.normal(0, 0.5, near.size)
    spread = np.maximum(np.cos(np.radians(place_lat[at])), 0.2)
    lon[near] = place_lon[at] + rng.normal(0, 0.5, near.size) / spread
    return np.clip(lat, -78, 78), np.clip(lon, -178, 178)


def outlines(
    rng: np.random.Generator, kind: NDArray[np.int64], size_deg: Floats
) -> Iterator[tuple[Floats, Floats]]:
    """Ragged ones of 8 corners, long boxes, and circles of 24: in degrees from their middles."""
    turn = rng.uniform(0, 2 * np.pi, kind.size)
    for k, corners in enumerate(CORNERS):
        rows = np.flatnonzero(kind == k)
        size, turned = size_deg[rows, None], turn[rows, None]
        angle = np.arange(corners) * (2 * np.pi / corners) + turned
        if k == 1:
            x, y = np.array([1, -1, -1, 1.0]) * size, np.array([0.2, 0.2, -0.2, -0.2]) * size
            yield x * np.cos(turned) - y * np.sin(turned), x * np.sin(turned) + y * np.cos(turned)
        else:
            out = rng.uniform(0.6, 1.2, (rows.size, corners)) * size if k == 0 else size
            yield out * np.cos(angle), out * np.sin(angle)


def measured_ours(work: Workload, size: int, *, pairs: bool) -> Measured:
    index = NoticeIndex([[MEETING]])
    started = process_time()
    index.add(work.some(0, size))
    fill_s = process_time() - started
    doubtful = 0

    def new(place: int) -> set[int]:
        nonlocal doubtful
        (row,) = index.add(work.some(place, place + 1))
        found = index.found(row)
        doubtful += len(found.doubtful)
        return {*found.certain, *exactly(work, row, found.doubtful)}

    new_us, found = timed(new, work, size)
    print(f"\n  of {sum(map(len, found)):,} answers {doubtful} were worked out exactly")
    if not pairs:
        return Measured(fill_s=fill_s, new_us=new_us, found=found)
    for place in range(size, len(index)):
        index.remove(place)
    started = process_time()
    both = index.pairs()
    doubted = [(one, two) for one, two in both.doubtful.tolist() if exactly(work, one, [two])]
    pairs_s = process_time() - started
    print(f"  of {len(both.certain):,} pairs {len(both.doubtful)} were worked out exactly")
    sure = np.sort(both.certain, axis=1).tolist()
    return Measured(
        fill_s=fill_s,
        new_us=new_us,
        found=found,
        pairs_s=pairs_s,
        pairs={tuple(sorted(pair)) for pair in [*sure, *doubted]},
    )


def exactly(work: Workload, row: int, others: list[int]) -> list[int]:
    own = work.extent(row) if others else None
    return [
        other for other in others if own is not None and conflict_between(own, work.extent(other), MEETING)
    ]


def timed(new: Callable[[int], set[int]], work: Workload, size: int) -> tuple[Floats, list[set[int]]]:
    """Microseconds of this thread for each new notice, and what each of them met."""
    took, found = [], []
    for place in range(size, len(work.boxes)):
        started = thread_time_ns()
        met = new(place)
        took.append((thread_time_ns() - started) / 1000)
        found.append(met)
    return np.array(took), found


def shapes(work: Workload) -> NDArray[np.object_]:
    import shapely  # noqa: PLC0415 - a peer may be missing

    rings = np.repeat(np.arange(len(work.boxes)), np.diff(work.first))
    points = np.stack([work.columns.longitude_deg, work.columns.latitude_deg], axis=1)
    return shapely.polygons(shapely.linearrings(points, indices=rings))


def meeting(work: Workload, drawn: NDArray[np.object_], place: int, others: NDArray[np.int64]) -> set[int]:
    """Those of others that a notice meets, in height and time by their boxes and in the plane by Shapely."""
    import shapely  # noqa: PLC0415

    own, box = work.boxes[place], work.boxes[others]
    shared = (box[:, 6] < own[7]) & (box[:, 7] > own[6]) & (box[:, 4] <= own[5]) & (box[:, 5] >= own[4])
    others = others[shared & (others != place)]
    return set(others[shapely.intersects(drawn[place], drawn[others])].tolist())


def run_shapely(work: Workload, size: int, pairs: bool) -> Measured:  # noqa: FBT001
    """STRtree of footprints; it cannot be added to, so a new one is only looked up, among those there at first."""
    import shapely  # noqa: PLC0415

    drawn = shapes(work)
    started = process_time()
    tree = shapely.STRtree(drawn[:size])
    fill_s = process_time() - started
    seen: list[int] = []

    def new(place: int) -> set[int]:
        met = meeting(work, drawn, place, tree.query(drawn[place]))
        seen.append(place)
        return met

    new_us, found = timed(new, work, size)
    # What came after the tree was built is added to its answers, outside the time, so that they can be compared.
    for at, met in enumerate(found):
        met |= meeting(work, drawn, size + at, np.array(seen[:at], np.int64))
    if not pairs:
        return Measured(fill_s=fill_s, new_us=new_us, found=found)
    started = process_time()
    every: list[NDArray[np.int64]] = []
    for first in range(0, size, 20_000):
        one, two = tree.query(drawn[first : min(first + 20_000, size)])
        one, two = one[one + first < two] + first, two[one + first < two]
        a, b = work.boxes[one], work.boxes[two]
        shared = (a[:, 6] < b[:, 7]) & (a[:, 7] > b[:, 6]) & (a[:, 4] <= b[:, 5]) & (a[:, 5] >= b[:, 4])
        one, two = one[shared], two[shared]
        met = shapely.intersects(drawn[one], drawn[two])
        every.append(np.stack([one[met], two[met]], axis=1))
    pairs_s = process_time() - started
    return Measured(
        fill_s=fill_s,
        new_us=new_us,
        found=found,
        pairs_s=pairs_s,
        pairs={(one, two) for one, two in np.concatenate(every).tolist()},
    )


def run_rtree(work: Workload, size: int, pairs: bool) -> Measured:  # noqa: FBT001, ARG001
    """libspatialindex in four dimensions, its boxes refined by Shapely."""
    from rtree import index  # noqa: PLC0415

    drawn = shapes(work)
    low, high = work.boxes[:, 0::2].tolist(), work.boxes[:, 1::2].tolist()
    kept = index.Property(dimension=4)
    started = process_time()
    tree = index.Index(((k, low[k] + high[k], None) for k in range(size)), properties=kept, interleaved=True)
    fill_s = process_time() - started

    def new(place: int) -> set[int]:
        box = low[place] + high[place]
        tree.insert(place, box)
        return meeting(work, drawn, place, np.fromiter(tree.intersection(box), np.int64))

    new_us, found = timed(new, work, size)
    return Measured(fill_s=fill_s, new_us=new_us, found=found)


def run_postgis(work: Workload, size: int, pairs: bool) -> Measured:  # noqa: FBT001, ARG001
    """One GiST index over geometry, time and height; of the database named by KEEPCLEAR_BENCH_POSTGRES."""
    import psycopg  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    wkb = shapely.to_wkb(shapes(work), hex=True)
    boxes = work.boxes.tolist()
    with psycopg.connect(
        os.environ["KEEPCLEAR_BENCH_POSTGRES"], autocommit=True, prepare_threshold=0
    ) as database:
        started = perf_counter()
        database.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        database.execute("DROP TABLE IF EXISTS notices")
        database.execute(
            "CREATE UNLOGGED TABLE notices (id int, area geometry, heights int8range, window_ms int8range)"
        )
        with database.cursor().copy("COPY notices FROM STDIN") as copy:
            for k, box in enumerate(boxes[:size]):
                copy.write(f"{k}\t{wkb[k]}\t[{box[4]:.0f},{box[5]:.0f}]\t[{box[6]:.0f},{box[7]:.0f})\n")
        database.execute("CREATE INDEX ON notices USING gist (area, window_ms, heights)")
        database.execute("VACUUM ANALYZE notices")
        fill_s = perf_counter() - started
        took, found = [], []
        for place in range(size, len(boxes)):
            low_m, high_m, start_ms, end_ms = (int(value) for value in boxes[place][4:])
            started = perf_counter()
            values = (wkb[place], low_m, high_m, start_ms, end_ms)
            database.execute(
                "INSERT INTO notices VALUES (%s, %s::geometry, int8range(%s, %s, '[]'), int8range(%s, %s))",
                (place, *values),
            )
            rows = database.execute(
                "SELECT id FROM notices WHERE ST_Intersects(area, %s::geometry) AND heights && int8range(%s, %s, '[]') "
                "AND window_ms && int8range(%s, %s) AND id <> %s",
                (*values, place),
            ).fetchall()
            took.append((perf_counter() - started) * 1e6)
            found.append({row[0] for row in rows})
    return Measured(fill_s=fill_s, new_us=np.array(took), found=found)


RUNS = {"rtree": run_rtree, "shapely": run_shapely, "postgis": run_postgis}

if __name__ == "__main__":
    sys.exit(main())
