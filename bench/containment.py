"""How many positions a second the index decides, beside a planar tree that is fast and wrong.

All times are of the processor, so that what else runs on the machine matters little.

The planar tree is Shapely's STRtree on longitude and latitude, with circles as polygons of 64 corners: it knows
neither geodesics nor poles nor the antimeridian, so the positions stay between latitudes 60 south and 60 north.
"""

from __future__ import annotations

import sys
from time import process_time

import numpy as np
import shapely

from keepclear.core.space.area import Area, Circle, Part, Polygon
from keepclear.core.space.geodesy import Floats, Position, destination
from keepclear.core.space.index import ZoneIndex

POSITIONS = 500_000
COLUMNS = "{:>7} {:>6} {:>9} {:>14} {:>10} {:>14} {:>7}"


def main() -> int:
    print(COLUMNS.format("zones", "kind", "build s", "positions/s", "pairs", "planar pos/s", "ratio"))
    for kind in ("circle", "square", "half"):
        for zones in (1, 100, 10_000):
            print(measured(zones, kind))
    return 0


def measured(zones: int, kind: str) -> str:
    rng = np.random.default_rng(zones)
    areas = [area_at(rng, kind if kind != "half" else ("circle", "square")[k % 2]) for k in range(zones)]
    started = process_time()
    index = ZoneIndex(areas, reach_m=np.zeros(zones))
    build_s = process_time() - started
    latitude, longitude = positions(rng, areas)
    started = process_time()
    pairs = index.pairs(latitude, longitude)
    ours = POSITIONS / (process_time() - started)
    tree = shapely.STRtree([planar(area) for area in areas])
    started = process_time()
    tree.query(shapely.points(longitude, latitude), predicate="intersects")
    theirs = POSITIONS / (process_time() - started)
    return COLUMNS.format(
        zones,
        kind,
        f"{build_s:.2f}",
        f"{ours:,.0f}",
        f"{len(pairs):,}",
        f"{theirs:,.0f}",
        f"{ours / theirs:.2f}",
    )


def positions(rng: np.random.Generator, areas: list[Area]) -> tuple[Floats, Floats]:
    """Half of them anywhere, half within some degrees of an area."""
    latitude, longitude = rng.uniform(-60, 60, POSITIONS), rng.uniform(-180, 180, POSITIONS)
    corners = [area.centre if isinstance(area, Circle) else corner_of(area) for area in areas]
    near = rng.integers(0, len(areas), POSITIONS // 2)
    latitude[::2] = np.array([one.latitude_deg for one in corners])[near] + rng.normal(0, 0.7, near.size)
    longitude[::2] = np.array([one.longitude_deg for one in corners])[near] + rng.normal(0, 0.7, near.size)
    return np.clip(latitude, -60, 60), np.clip(longitude, -180, 180)


def area_at(rng: np.random.Generator, kind: str) -> Area:
    """A circle of 1 to 100 km, or a square that it would just hold."""
    centre = Position(latitude_deg=rng.uniform(-58, 58), longitude_deg=rng.uniform(-177, 177))
    radius_m = float(10 ** rng.uniform(3, 5))
    if kind == "circle":
        return Circle(centre=centre, radius_m=radius_m)
    corners = (
        destination(centre, azimuth_deg=bearing, distance_m=radius_m) for bearing in (45, 315, 225, 135)
    )
    return Polygon(parts=(Part(outer=tuple(corners), holes=()),))


def corner_of(area: Area) -> Position:
    assert isinstance(area, Polygon)
    return area.parts[0].outer[0]


def planar(area: Area) -> shapely.Polygon:
    if isinstance(area, Circle):
        bearings = np.linspace(360, 0, 64, endpoint=False)
        ring = [destination(area.centre, azimuth_deg=b, distance_m=area.radius_m) for b in bearings.tolist()]
    else:
        assert isinstance(area, Polygon)
        ring = list(area.parts[0].outer)
    return shapely.Polygon([(one.longitude_deg, one.latitude_deg) for one in ring])


if __name__ == "__main__":
    sys.exit(main())
