"""The grids against other implementations: PROJ for UTM and UPS, GEOTRANS for MGRS."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pyproj
import pytest

from keepclear.core.space.geodesy import Position, separation_m
from keepclear.formats.written.coordinate import read_position
from keepclear.formats.written.grid import (
    GridPoint,
    band_of,
    cell_of,
    grid_point,
    grid_position,
    zone_of,
)
from keepclear.formats.written.mgrs import mgrs_text
from keepclear.formats.written.place import Place
from keepclear.formats.written.reading import Certain

VECTORS = Path(__file__).parents[2] / "vectors" / "mgrs" / "geotrans.csv"


@cache
def projection(zone: int, *, northern: bool) -> pyproj.Proj:
    """PROJ's own UTM or UPS."""
    name = f"+proj=utm +zone={zone}" if zone else "+proj=ups"
    return pyproj.Proj(f"{name} {'' if northern else '+south'} +ellps=WGS84")


def geotrans() -> list[tuple[Position, str]]:
    """Positions with their references as GEOTRANS gives them."""
    with VECTORS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        (
            Position(latitude_deg=float(row["latitude_deg"]), longitude_deg=float(row["longitude_deg"])),
            row["mgrs"],
        )
        for row in rows
    ]


def positions(count: int, *, seed: int) -> list[Position]:
    """Positions everywhere, as many between 84 and the poles as elsewhere per degree, and the corners of the world."""
    random = np.random.default_rng(seed)
    columns = zip(random.uniform(-90, 90, count), random.uniform(-180, 180, count), strict=True)
    corners = [
        (lat, lon) for lat in (-90, -80, 0, 56, 64, 72, 84, 90) for lon in (-180, -6, 0, 3, 9, 42, 180)
    ]
    return [Position(latitude_deg=float(lat), longitude_deg=float(lon)) for lat, lon in [*columns, *corners]]


def place(text: str) -> Place:
    """The place that a text certainly says."""
    reading = read_position(text)
    assert isinstance(reading, Certain), (text, reading)
    return reading.value


def test_eastings_and_northings_are_those_of_proj_to_20_nanometres() -> None:
    for at in positions(3_000, seed=1):
        point = grid_point(at)
        east_m, north_m = projection(point.zone, northern=point.northern)(at.longitude_deg, at.latitude_deg)
        assert point.easting_m == pytest.approx(east_m, abs=2e-8), at
        assert point.northing_m == pytest.approx(north_m, abs=2e-8), at


def test_a_point_of_the_grid_lies_where_proj_puts_it_to_100_nanometres() -> None:
    random = np.random.default_rng(2)
    for zone, northern in [
        (0, True),
        (0, False),
        *((zone, half) for zone in (1, 31, 60) for half in (True, False)),
    ]:
        middle = (2e6, 2e6, 7e5, 7e5) if zone == 0 else (5e5, 5e6, 4e5, 4e6)
        for _ in range(200):
            east_m = float(middle[0] + middle[2] * random.uniform(-1, 1))
            north_m = float(middle[1] + middle[3] * random.uniform(-1, 1))
            longitude, latitude = projection(zone, northern=northern)(east_m, north_m, inverse=True)
            there = grid_position(
                GridPoint(zone=zone, northern=northern, easting_m=east_m, northing_m=north_m)
            )
            said = Position(latitude_deg=latitude, longitude_deg=longitude)
            # The separation itself is known to 15 nm, and PROJ stops its iterations at some as well.
            assert separation_m(own=there, other=said) < 1e-7


def test_the_squares_of_299_positions_are_those_of_geotrans() -> None:
    vectors = geotrans()
    assert len(vectors) == 299
    given = {ref: mgrs_text(at, figures=5).replace(" ", "").lstrip("0") for at, ref in vectors}
    assert [(ref, text) for ref, text in given.items() if text != ref.lstrip("0")] == []


def test_a_reference_of_geotrans_reads_as_a_place_within_its_square() -> None:
    for at, ref in geotrans():
        there = place(ref)
        assert there.precision_m == 1
        assert separation_m(own=at, other=there.position) < 0.71, ref


@pytest.mark.parametrize("figures", range(6))
def test_a_reference_of_any_length_names_the_square_that_the_position_is_in(figures: int) -> None:
    for at in positions(400, seed=3):
        text = mgrs_text(at, figures=figures)
        there = place(text)
        assert there.precision_m == 10 ** (5 - figures)
        # The scale of the grids is between 0.9996 and 1.0010 in UTM, and from 0.994 in UPS.
        assert separation_m(own=at, other=there.position) <= there.precision_m * 0.7072 / 0.993, (at, text)


def test_the_zones_of_a_parallel_share_it_out_without_gap_or_overlap() -> None:
    for latitude in (-79.5, 0.0, 57.0, 63.9, 64.0, 72.0, 83.9):
        for longitude in np.arange(-180.0, 180.0, 0.5):
            at = Position(latitude_deg=latitude, longitude_deg=float(longitude))
            cells = [cell_of(zone, band_of(latitude)) for zone in range(1, 61)]
            holding = [
                zone
                for zone, cell in enumerate(cells, 1)
                if cell is not None and cell.west_deg <= longitude < cell.east_deg
            ]
            assert holding == [zone_of(at)], at
