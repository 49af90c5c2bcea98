"""Places as they are written: a position, and how finely it was written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from keepclear.core.space.geodesy import EQUATOR_RADIUS_M, POLE_RADIUS_M, Position

DEGREE_M: Final = EQUATOR_RADIUS_M**2 / POLE_RADIUS_M * math.pi / 180
"""The longest degree on the ellipsoid, 111,694 m: of latitude, at the poles. No degree of longitude is as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position with the width, in metres, of the last figure that was written.

    Whoever wrote it, rounding or cutting off, meant a place that is no farther away than this to the north or south,
    and no farther to the east or west. Of a grid reference, which is an area, it is the middle and the width.
    """

    position: Position
    precision_m: float
