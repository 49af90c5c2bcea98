"""Precision: how exactly a recipient may know where a protected site is; what leaves is made from that alone.

A rounded site is a circle around the middle of a cell of a grid that is the same for everybody. The circle holds the
site wherever in its cell that is, so it says the cell and no more, however often it is given; whoever keeps clear of
it keeps clear of the site.
"""

from __future__ import annotations

import math
from dataclasses import replace
from enum import StrEnum
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.notice import Notice
from keepclear.core.notice.site import Site
from keepclear.core.space.altitude import EVERY_HEIGHT
from keepclear.core.space.area import Circle, cap
from keepclear.core.space.geodesy import Position, separation_m

CELL_DEG: Final = 0.01
"""How high a cell is, 1.1 km; it is at least as wide as 1 km too."""

STEP_M: Final = 1_000
"""In steps of so much the radius of a rounded site is told, so that it says little of the site's own size."""

_ROWS: Final = round(180 / CELL_DEG)
_COLUMNS: Final = round(360 / CELL_DEG)
_ROUNDING_M: Final = 1.0


class Precision(StrEnum):
    """How exactly a recipient may know the place of a site."""

    EXACT = "exact"
    ROUNDED = "rounded"
    WITHHELD = "withheld"
    """Committed to and not shown, until it is released."""


def leaving(notice: Notice, precision: Precision) -> Notice:
    """The notice from which what leaves is made.

    Rounded, its areas are circles as described above, at every height, for the ground of a height tells a place too.
    Raises Refused("notice.precision") for less than EXACT of anything but a site: nobody keeps clear of an activity
    whose place is not told.
    """
    if precision is Precision.EXACT:
        return notice
    if not isinstance(notice.body, Site):
        raise Refused(
            "notice.precision",
            f"notice {notice.designation!r} of kind {notice.kind} is to be {precision}; that is for sites alone: of "
            "an activity others must know where it is",
        )
    if precision is Precision.WITHHELD:
        return notice
    return replace(notice, extents=tuple(map(_rounded, notice.extents)))


def _rounded(extent: Extent) -> Extent:
    around = cap(extent.area)
    middle, reach_m = _cell(around.centre)
    radius_m = math.ceil((reach_m + around.radius_m + _ROUNDING_M) / STEP_M) * STEP_M
    return replace(
        extent, area=Circle(centre=middle, radius_m=radius_m), band=EVERY_HEIGHT, height_accuracy_m=0.0
    )


def _cell(at: Position) -> tuple[Position, float]:
    """The middle of the cell that a position is in, and how far from it the farthest place of the cell is, in metres.

    The cells of a row are all as wide as one another, as narrow as leaves a kilometre; next to a pole there are few.
    """
    row = min(math.floor((at.latitude_deg + 90) / CELL_DEG), _ROWS - 1)
    latitude_deg = -90 + (row + 0.5) * CELL_DEG
    columns = max(math.floor(_COLUMNS * math.cos(math.radians(latitude_deg))), 1)
    width_deg = 360 / columns
    column = math.floor((at.longitude_deg + 180) / width_deg) % columns
    longitude_deg = -180 + (column + 0.5) * width_deg
    middle = Position(latitude_deg=round(latitude_deg, 7), longitude_deg=round(longitude_deg, 7))
    corners = (
        Position(
            latitude_deg=max(min(latitude_deg + north * CELL_DEG / 2, 90.0), -90.0),
            longitude_deg=min(longitude_deg + width_deg / 2, 180.0),
        )
        for north in (-1, 1)
    )
    return middle, max(separation_m(own=middle, other=corner) for corner in corners)
