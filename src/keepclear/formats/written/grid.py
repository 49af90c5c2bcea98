"""The UTM and UPS grids: zones, their letters, and positions as easting and northing.

Source: NGA.SIG.0012 (2014), The Universal Grids and the Transverse Mercator and Polar Stereographic Map Projections.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from keepclear.core.space.geodesy import Position
from keepclear.formats.written.projection import (
    Geodetic,
    Plane,
    polar_position,
    polar_stereographic,
    transverse_mercator,
    transverse_position,
)

BANDS: Final = "CDEFGHJKLMNPQRSTUVWX"
"""The latitude bands of 8 degrees from 80 south; the last, X, is of 12 and ends at 84 north."""

POLAR: Final = "ABYZ"
"""The polar areas: A and B are west and east of the south pole, Y and Z of the north pole."""

UTM_SCALE: Final = 0.9996
UPS_SCALE: Final = 0.994
UTM_FALSE_EASTING_M: Final = 500_000.0
UTM_FALSE_NORTHING_M: Final = 10_000_000.0
UPS_FALSE_M: Final = 2_000_000.0

UTM_EASTINGS_M: Final = (100_000.0, 900_000.0)
"""The eastings that are read; zones overlap, and no zone is wider than this anywhere."""

UTM_NORTHINGS_M: Final = {True: (0.0, 9_400_000.0), False: (1_100_000.0, UTM_FALSE_NORTHING_M)}
"""The northings of the northern half (True: to 84.5 degrees) and of the southern (False: from 80.5)."""

UPS_REACH_M: Final = {True: 700_000.0, False: 1_200_000.0}
"""How far from the pole an easting or northing of UPS is read: to the 100 km squares that reach 84 N and 80 S."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridPoint:
    """A point of a grid: its UTM zone, 1 to 60, or 0 for UPS; its hemisphere; easting and northing in metres."""

    zone: int
    northern: bool
    easting_m: float
    northing_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What the grid gives to one zone and band: from south to north and from west to east, in degrees."""

    south_deg: float
    north_deg: float
    west_deg: float
    east_deg: float


def band_of(latitude_deg: float) -> str:
    """The letter of the band of a latitude from 80 south to 84 north."""
    return BANDS[min(int((latitude_deg + 80) // 8), len(BANDS) - 1)]


def zone_of(at: Position) -> int:
    """The zone of a position: 1 to 60 by its longitude, with Norway's and Svalbard's exceptions; 0 beyond UTM."""
    if not -80 <= at.latitude_deg < 84:
        return 0
    zone = int((at.longitude_deg + 180) // 6) % 60 + 1
    if 56 <= at.latitude_deg < 64 and 3 <= at.longitude_deg < 12:
        return 32
    if at.latitude_deg >= 72 and 0 <= at.longitude_deg < 42:
        # 31, 33, 35 and 37 share out the width of seven zones.
        return 31 + 2 * int((at.longitude_deg + 3) // 12)
    return zone


def cell_of(zone: int, band: str) -> Cell | None:
    """The cell of a zone and band; None for 32X, 34X and 36X, which there are not."""
    south = -80.0 + 8 * BANDS.index(band)
    north = 84.0 if band == "X" else south + 8
    west = -180.0 + 6 * (zone - 1)
    exceptions = {
        (31, "V"): (0.0, 3.0),
        (32, "V"): (3.0, 12.0),
        (31, "X"): (0.0, 9.0),
        (33, "X"): (9.0, 21.0),
        (35, "X"): (21.0, 33.0),
        (37, "X"): (33.0, 42.0),
    }
    if band == "X" and zone in (32, 34, 36):
        return None
    west, east = exceptions.get((zone, band), (west, west + 6))
    return Cell(south_deg=south, north_deg=north, west_deg=west, east_deg=east)


def central_meridian_deg(zone: int) -> float:
    """The central meridian of a UTM zone."""
    return -183.0 + 6 * zone


def grid_point(at: Position) -> GridPoint:
    """A position on the grid that it belongs to: UTM, or UPS from 84 north and beyond 80 south."""
    zone, northern = zone_of(at), at.latitude_deg >= 0
    if zone == 0:
        plane = polar_stereographic(
            Geodetic(latitude_deg=at.latitude_deg, longitude_deg=at.longitude_deg), northern=northern
        )
        return GridPoint(
            zone=0,
            northern=northern,
            easting_m=UPS_FALSE_M + UPS_SCALE * plane.east_m,
            northing_m=UPS_FALSE_M + UPS_SCALE * plane.north_m,
        )
    from_meridian = math.remainder(at.longitude_deg - central_meridian_deg(zone), 360.0)
    plane = transverse_mercator(Geodetic(latitude_deg=at.latitude_deg, longitude_deg=from_meridian))
    return GridPoint(
        zone=zone,
        northern=northern,
        easting_m=UTM_FALSE_EASTING_M + UTM_SCALE * plane.east_m,
        northing_m=(0.0 if northern else UTM_FALSE_NORTHING_M) + UTM_SCALE * plane.north_m,
    )


def grid_position(point: GridPoint) -> Position:
    """Where a point of a grid lies; it need not lie in its own zone, since neighbours overlap."""
    if point.zone == 0:
        scaled = Plane(
            east_m=(point.easting_m - UPS_FALSE_M) / UPS_SCALE,
            north_m=(point.northing_m - UPS_FALSE_M) / UPS_SCALE,
        )
        there = polar_position(scaled, northern=point.northern)
        return Position(latitude_deg=there.latitude_deg, longitude_deg=there.longitude_deg)
    false_m = 0.0 if point.northern else UTM_FALSE_NORTHING_M
    there = transverse_position(
        Plane(
            east_m=(point.easting_m - UTM_FALSE_EASTING_M) / UTM_SCALE,
            north_m=(point.northing_m - false_m) / UTM_SCALE,
        )
    )
    longitude = math.remainder(there.longitude_deg + central_meridian_deg(point.zone), 360.0)
    return Position(latitude_deg=there.latitude_deg, longitude_deg=longitude)


def is_on_grid(point: GridPoint) -> bool:
    """Whether easting and northing are among those that the grid uses."""
    if point.zone == 0:
        reach = UPS_REACH_M[point.northern]
        return max(abs(point.easting_m - UPS_FALSE_M), abs(point.northing_m - UPS_FALSE_M)) <= reach
    (west, east), (south, north) = UTM_EASTINGS_M, UTM_NORTHINGS_M[point.northern]
    return west <= point.easting_m <= east and south <= point.northing_m <= north
