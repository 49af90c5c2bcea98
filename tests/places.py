"""Places of every kind, for tests: hand-made, and by Hypothesis."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import DAY_MS, FIRST, FOREVER, Instant
from keepclear.core.line.plot.place import HEIGHT_CM_HIGHEST, HEIGHT_CM_LOWEST, Height, Place
from keepclear.core.line.plot.shape import (
    HALF_WIDTH_CM_MAX,
    LATITUDE_E7_MAX,
    LONGITUDE_E7_MAX,
    RADIUS_CM_MAX,
    CircleShape,
    CorridorShape,
    GridLine,
    GridPosition,
    PointShape,
    PolygonShape,
    Shape,
)
from keepclear.core.space.altitude import Datum

START = Instant(1_536_192_000_000)
"""2018-09-06T00:00:00Z"""

DATUMS = [datum for datum in Datum if datum is not Datum.UNKNOWN]


def at(latitude_deg: float, longitude_deg: float) -> GridPosition:
    """A position from degrees that have at most seven decimals."""
    return GridPosition(latitude_e7=round(latitude_deg * 1e7), longitude_e7=round(longitude_deg * 1e7))


def line(*points: tuple[float, float]) -> GridLine:
    """A line or ring from degrees."""
    return tuple(at(*point) for point in points)


TANF = Place(
    name="TANF 55",
    shape=CircleShape(centre=at(33.4967, 38.6178), radius_cm=5_500_000),
    lower=Height(height_cm=0, datum=Datum.AGL),
    upper=Height(height_cm=450_000, datum=Datum.MSL),
    from_time=START,
    until_time=Instant(START + DAY_MS),
)
BOX = Place(
    name="BOX",
    shape=PolygonShape(rings=(line((33, 38), (33, 39), (34, 39), (34, 38)),)),
)
ROUTE = Place(
    name="ROUTE",
    shape=CorridorShape(line=line((33, 38), (33.5, 38.5), (33.25, 39.5)), half_width_cm=250_000),
)
SPOT = Place(name="SPOT", shape=PointShape(at=at(-33.5, 150.25)))


def grid_positions() -> st.SearchStrategy[GridPosition]:
    """Any position, the poles and the antimeridian more often than by chance."""
    latitudes = st.sampled_from([LATITUDE_E7_MAX, -LATITUDE_E7_MAX, 0]) | st.integers(
        -LATITUDE_E7_MAX, LATITUDE_E7_MAX
    )
    longitudes = st.sampled_from([LONGITUDE_E7_MAX, -LONGITUDE_E7_MAX, 0]) | st.integers(
        -LONGITUDE_E7_MAX, LONGITUDE_E7_MAX
    )
    return st.builds(GridPosition, latitude_e7=latitudes, longitude_e7=longitudes)


@st.composite
def ring_shapes(draw: st.DrawFn) -> PolygonShape:
    """A star-shaped ring about a place, perhaps with a hole, perhaps across the antimeridian."""
    middle_deg = draw(st.floats(-79, 79)), draw(st.floats(-180, 180))
    corners = draw(st.integers(3, 9))
    sizes_deg = draw(st.lists(st.floats(0.01, 3.0), min_size=corners, max_size=corners))
    ring = _star(middle_deg, sizes_deg)
    holes = [_star(middle_deg, [min(sizes_deg) * 0.2] * 3)] if draw(st.booleans()) else []
    try:
        return PolygonShape(rings=(ring, *holes))
    except Refused:
        # A star with a hole may be too thin for it.
        return PolygonShape(rings=(_star(middle_deg, [1.0] * 4),))


def _star(middle_deg: tuple[float, float], sizes_deg: list[float]) -> GridLine:
    points: list[tuple[float, float]] = []
    for number, size_deg in enumerate(sizes_deg):
        turn = math.tau * number / len(sizes_deg)
        latitude = middle_deg[0] + size_deg * math.cos(turn)
        longitude = middle_deg[1] + size_deg * math.sin(turn) / math.cos(math.radians(middle_deg[0]))
        points.append((latitude, math.remainder(longitude, 360)))
    return line(*points)


@st.composite
def line_shapes(draw: st.DrawFn) -> CorridorShape:
    """A corridor of steps of some kilometres to some hundreds."""
    points = [draw(grid_positions())]
    for _ in range(draw(st.integers(1, 6))):
        last = points[-1]
        latitude = last.latitude_e7 + draw(st.integers(-30_000_000, 30_000_000))
        longitude = last.longitude_e7 + draw(st.integers(100_000, 30_000_000))
        points.append(
            GridPosition(
                latitude_e7=max(-800_000_000, min(800_000_000, latitude)),
                longitude_e7=(longitude + LONGITUDE_E7_MAX) % (2 * LONGITUDE_E7_MAX) - LONGITUDE_E7_MAX,
            )
        )
    return CorridorShape(line=tuple(points), half_width_cm=draw(st.integers(1, HALF_WIDTH_CM_MAX)))


def shapes() -> st.SearchStrategy[Shape]:
    """A shape of any kind."""
    return st.one_of(
        st.builds(PointShape, at=grid_positions()),
        st.builds(CircleShape, centre=grid_positions(), radius_cm=st.integers(1, RADIUS_CM_MAX)),
        ring_shapes(),
        line_shapes(),
    )


@st.composite
def any_places(draw: st.DrawFn) -> Place:
    """A place of any shape, at any heights and times."""
    heights = st.none() | st.builds(
        Height,
        height_cm=st.integers(HEIGHT_CM_LOWEST, HEIGHT_CM_HIGHEST),
        datum=st.sampled_from(DATUMS),
    )
    lower, upper = draw(heights), draw(heights)
    if lower and upper and lower.datum is upper.datum and upper.height_cm < lower.height_cm:
        lower, upper = upper, lower
    times = sorted(draw(st.lists(st.integers(FIRST, FOREVER).map(Instant), min_size=2, max_size=2)))
    return Place(
        name=draw(st.sampled_from(["TANF 55", "شرق", "Зона 5", "a'b\"<c>"])),
        shape=draw(shapes()),
        lower=lower,
        upper=upper,
        from_time=draw(st.sampled_from([None, times[0]])),
        until_time=draw(st.sampled_from([None, times[1]])),
    )
