"""MGRS and GARS: references to squares and cells, read and written.

A reference is an area: its place is the middle, its precision the width. Sources: NGA.STND.0037 (2014), with the
letters of WGS 84 (the AA scheme); GARS as in NGA's Global Area Reference System.
"""

from __future__ import annotations

import math
import re
from typing import Final

from keepclear.core.space.geodesy import Position
from keepclear.formats.written.digits import Plain
from keepclear.formats.written.grid import (
    BANDS,
    Cell,
    GridPoint,
    band_of,
    cell_of,
    grid_point,
    grid_position,
)
from keepclear.formats.written.place import DEGREE_M, Place
from keepclear.formats.written.reading import (
    Ambiguous,
    Certain,
    Fault,
    Form,
    Question,
    Reading,
    Unreadable,
)

SQUARE_M: Final = 100_000
"""The side of a square with two letters."""

FIGURES_MAX: Final = 5
"""The most figures of an easting or a northing: they say whole metres."""

_SHAPE: Final = re.compile(
    r"(?:MGRS:? *)?(?P<zone>\d{1,3}) *(?P<band>[A-Z]) *(?P<square>[A-Z] ?[A-Z]) *(?P<figures>[\d ]*)"
)
_POLAR_SHAPE: Final = re.compile(
    r"(?:MGRS:? *)?(?P<band>[ABYZ]) *(?P<square>[A-Z] ?[A-Z]) *(?P<figures>[\d ]*)"
)
_NO_SQUARE: Final = re.compile(
    r"(?:MGRS:? *)?(?P<zone>\d{1,2}) *(?P<band>[C-HJ-NP-X]) *(?P<figures>\d{4} +\d{4}|\d{5} +\d{5})"
)
_NO_ZONE: Final = re.compile(r"(?:MGRS:? *)?(?P<square>[A-HJ-NP-Z]{2}) *(?P<figures>\d[\d ]*)")

_ROWS: Final = "ABCDEFGHJKLMNPQRSTUV"
_COLUMNS: Final = ("STUVWXYZ", "ABCDEFGH", "JKLMNPQR")
_POLAR_COLUMNS: Final = {"A": "JKLPQRSTUXYZ", "B": "ABCFGHJKLPQR", "Y": "RSTUXYZ", "Z": "ABCFGHJ"}
_POLAR_ROWS: Final = {True: "ABCDEFGHJKLMNP", False: "ABCDEFGHJKLMNPQRSTUVWXYZ"}
_POLAR_FIRST: Final = {True: 13, False: 8}
"""The first hundred kilometres of easting and northing by whether it is the north pole."""
_POLE: Final = 20
_ROWS_REPEAT: Final = 20

# A tenth of a millimetre: a square may touch the edge of its cell by no more than the rounding of a float.
_TOUCH_DEG: Final = 1e-9

# A position at a whole metre comes out of the projection a few nanometres beside it.
_ROUNDING_M: Final = 1e-6

_GARS: Final = re.compile(r"(?:GARS:? *)?(\d{3}) ?([A-HJ-NP-Z])([A-HJ-NP-Z])([1-4]?)([1-9]?)")
_GARS_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def read_mgrs(plain: Plain) -> Reading[Place] | None:
    """The place of an MGRS reference; None for a text of another shape.

    A reference without its zone or without its 100 km square is asked about: what is missing cannot be listed.
    """
    text = plain.text.strip()
    start = plain.text.index(text)
    if found := _SHAPE.fullmatch(text) or _POLAR_SHAPE.fullmatch(text):
        return _square(plain, found, start)
    if _NO_SQUARE.fullmatch(text):
        return Ambiguous(question=Question.GRID_SQUARE, found=text)
    if _NO_ZONE.fullmatch(text):
        return Ambiguous(question=Question.GRID_ZONE, found=text)
    return None


def mgrs_text(at: Position, *, figures: int) -> str:
    """The MGRS reference of the square that holds a position, with spaces: ``37S FS 12345 67890``.

    ``figures`` of easting and of northing, 0 to FIGURES_MAX: with 5 the square has a side of 1 m.
    """
    point = grid_point(at)
    column, east_m = divmod(math.floor(point.easting_m + _ROUNDING_M), SQUARE_M)
    row, north_m = divmod(math.floor(point.northing_m + _ROUNDING_M), SQUARE_M)
    numbers = "".join(f" {each:05d}"[: 1 + figures] for each in (east_m, north_m)) if figures else ""
    if point.zone == 0:
        band = ("Z" if column >= _POLE else "Y") if point.northern else ("B" if column >= _POLE else "A")
        first = _POLE if band in "BZ" else _POLAR_FIRST[point.northern]
        letters = _POLAR_COLUMNS[band][column - first]
        return f"{band} {letters}{_POLAR_ROWS[point.northern][row - _POLAR_FIRST[point.northern]]}{numbers}"
    letter = _ROWS[(row + _row_offset(point.zone)) % _ROWS_REPEAT]
    return (
        f"{point.zone:02d}{band_of(at.latitude_deg)} {_COLUMNS[point.zone % 3][column - 1]}{letter}{numbers}"
    )


def read_gars(plain: Plain) -> Reading[Place] | None:
    """The place of a GARS cell of 30, 15 or 5 minutes; None for a text of another shape."""
    found = _GARS.fullmatch(plain.text.strip())
    if found is None or (found[5] and not found[4]):
        return None
    column, row = int(found[1]), _GARS_LETTERS.index(found[2]) * 24 + _GARS_LETTERS.index(found[3])
    if not (1 <= column <= 720 and row < 360):
        return plain.fault(Fault.GRID_LETTERS, 0)
    # In sixtieths of a degree from the south-west corner of the world; the middle of the cell may end in a half.
    south, west, side = row * 30.0, (column - 1) * 30.0, 30.0
    if found[4]:
        side = 15.0
        south, west = south + (15 if found[4] in "12" else 0), west + (15 if found[4] in "24" else 0)
    if found[5]:
        key, side = int(found[5]) - 1, 5.0
        south, west = south + (2 - key // 3) * 5, west + key % 3 * 5
    position = Position(latitude_deg=(south + side / 2) / 60 - 90, longitude_deg=(west + side / 2) / 60 - 180)
    return Certain(value=Place(position=position, precision_m=side / 60 * DEGREE_M), form=Form.GARS)


def _square(plain: Plain, found: re.Match[str], start: int) -> Certain[Place] | Unreadable:
    zone, band = int(found.groupdict().get("zone") or 0), found["band"]
    if "zone" in found.groupdict() and not 1 <= zone <= 60:
        return plain.fault(Fault.GRID_ZONE, start + found.start("zone"), start + found.end("zone"))
    if zone and band not in BANDS:
        return plain.fault(Fault.GRID_LETTERS, start + found.start("band"), start + found.end("band"))
    halves = _halves(found["figures"])
    if halves is None:
        return plain.fault(Fault.GRID_DIGITS, start + found.start("figures"))
    east, north = halves
    side_m = SQUARE_M // 10 ** len(east)
    offset = (int(east or 0) * side_m, int(north or 0) * side_m)
    letters = found["square"].replace(" ", "")
    corners = _corners(zone, band, letters)
    if corners is None:
        return plain.fault(Fault.GRID_LETTERS, start + found.start("square"), start + found.end("square"))
    for column_m, row_m, northern in corners:
        point = GridPoint(
            zone=zone, northern=northern, easting_m=column_m + offset[0], northing_m=row_m + offset[1]
        )
        if _touches(_cells(zone, band), point, side_m):
            return Certain(value=Place(position=_middle(point, side_m), precision_m=side_m), form=Form.MGRS)
    return plain.fault(Fault.GRID_PLACE, start)


def _halves(figures: str) -> tuple[str, str] | None:
    """The figures of easting and northing, as many of each; None where they do not part so."""
    parts = figures.split()
    if len(parts) == 1 and len(parts[0]) % 2 == 0:
        middle = len(parts[0]) // 2
        parts = [parts[0][:middle], parts[0][middle:]]
    if not parts:
        return "", ""
    equal = len(parts) == 2 and len(parts[0]) == len(parts[1]) <= FIGURES_MAX
    return (parts[0], parts[1]) if equal else None


def _row_offset(zone: int) -> int:
    return 0 if zone % 2 else 5


def _corners(zone: int, band: str, letters: str) -> list[tuple[int, int, bool]] | None:
    """The south-western corners that the two letters of a square may have, in metres; None if they have none."""
    if zone == 0:
        northern = band in "YZ"
        columns, rows = _POLAR_COLUMNS[band], _POLAR_ROWS[northern]
        if letters[0] not in columns or letters[1] not in rows:
            return None
        first = _POLE if band in "BZ" else _POLAR_FIRST[northern]
        east, north = first + columns.index(letters[0]), _POLAR_FIRST[northern] + rows.index(letters[1])
        return [(east * SQUARE_M, north * SQUARE_M, northern)]
    columns = _COLUMNS[zone % 3]
    if letters[0] not in columns or letters[1] not in _ROWS:
        return None
    row = (_ROWS.index(letters[1]) - _row_offset(zone)) % _ROWS_REPEAT
    east = (columns.index(letters[0]) + 1) * SQUARE_M
    # The rows repeat every 2,000 km, and 100 km past the equator a southern position may round up.
    rows_m = [(row + _ROWS_REPEAT * turn) * SQUARE_M for turn in range(6)]
    return [(east, north, band >= "N") for north in rows_m if north <= 10_000_000]


def _cells(zone: int, band: str) -> Cell | None:
    if zone:
        return cell_of(zone, band)
    west, east = (-180.0, 0.0) if band in "AY" else (0.0, 180.0)
    south, north = (84.0, 90.0) if band in "YZ" else (-90.0, -80.0)
    return Cell(south_deg=south, north_deg=north, west_deg=west, east_deg=east)


def _touches(cell: Cell | None, point: GridPoint, side_m: int) -> bool:
    """Whether a square reaches into its cell, or touches it; it errs to yes where their corners pass each other.

    Along an edge of a square latitude and longitude have their extremes at its ends, since the central meridian and
    the pole's meridians lie on edges.
    """
    if cell is None:
        return False
    ends = [
        grid_position(
            GridPoint(
                zone=point.zone,
                northern=point.northern,
                easting_m=point.easting_m + east,
                northing_m=point.northing_m + north,
            )
        )
        for east in (0, side_m)
        for north in (0, side_m)
    ]
    latitudes = [each.latitude_deg for each in ends]
    if min(latitudes) > cell.north_deg + _TOUCH_DEG or max(latitudes) < cell.south_deg - _TOUCH_DEG:
        return False
    if point.zone == 0:
        # The letters of the squares already part the east from the west.
        return True
    middle = (cell.west_deg + cell.east_deg) / 2
    offsets = [(each.longitude_deg - middle + 180) % 360 - 180 for each in ends]
    half = (cell.east_deg - cell.west_deg) / 2 + _TOUCH_DEG
    return min(offsets) <= half and max(offsets) >= -half


def _middle(point: GridPoint, side_m: int) -> Position:
    return grid_position(
        GridPoint(
            zone=point.zone,
            northern=point.northern,
            easting_m=point.easting_m + side_m / 2,
            northing_m=point.northing_m + side_m / 2,
        )
    )
