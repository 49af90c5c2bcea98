"""Volumes: an area, a band of heights and a schedule, which together say where and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.space.altitude import (
    EVERY_HEIGHT,
    Altitude,
    AltitudeBand,
    Bound,
    Containment,
    Datum,
)
from keepclear.core.space.area import Area, cap, containments
from keepclear.core.space.daylight import Times
from keepclear.core.space.geodesy import Floats, Position
from keepclear.core.space.schedule import WHENEVER, Schedule, in_force_many


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """An area, in a band of heights, while a schedule is in force."""

    area: Area
    band: AltitudeBand = EVERY_HEIGHT
    schedule: Schedule = WHENEVER


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Places:
    """Where and when things were, in columns of one length.

    ``latitude_deg``, ``longitude_deg``: float64, WGS 84. ``height_m``: float64 above what ``datum`` (uint8
    Datum) says, NaN unknown. ``time_ms``: int64. ``accuracy_m`` and ``height_accuracy_m``: float64
    half-widths, 0 or more. Raises Refused("places.columns") when the lengths differ, or
    Refused("accuracy.out-of-range") for an accuracy that is negative, infinite or NaN: one that is not known
    is for the caller to assume, and to say.
    """

    latitude_deg: Floats
    longitude_deg: Floats
    height_m: Floats
    datum: NDArray[np.uint8]
    time_ms: Times
    accuracy_m: Floats
    height_accuracy_m: Floats

    def __post_init__(self) -> None:
        shapes = {getattr(self, name).shape for name in self.__slots__}
        if shapes != {(self.latitude_deg.size,)}:
            raise Refused("places.columns", f"columns have the shapes {sorted(shapes)}, must have one length")
        for accuracy_m in (self.accuracy_m, self.height_accuracy_m):
            if not np.all((accuracy_m >= 0) & (accuracy_m < np.inf)):
                raise Refused(
                    "accuracy.out-of-range", "an accuracy is negative, infinite or NaN, must be 0 m or more"
                )


def volume_containment(
    volume: Volume,
    at: Position,
    *,
    altitude: Altitude | None,
    when: Instant,
    accuracy_m: float = 0.0,
    height_accuracy_m: float = 0.0,
) -> Containment:
    """Whether something at a position, a height and an instant is in a volume; ``altitude`` None is unknown.

    As volume_containments, of which this is one row.
    """
    places = Places(
        latitude_deg=np.array([at.latitude_deg]),
        longitude_deg=np.array([at.longitude_deg]),
        height_m=np.array([np.nan if altitude is None else altitude.height_m]),
        datum=np.array([Datum.UNKNOWN if altitude is None else altitude.datum], np.uint8),
        time_ms=np.array([when], np.int64),
        accuracy_m=np.array([accuracy_m]),
        height_accuracy_m=np.array([height_accuracy_m]),
    )
    return Containment(int(volume_containments(volume, places)[0]))


def volume_containments(volume: Volume, places: Places) -> NDArray[np.uint8]:
    """Whether each of the places is in a volume: the least of what its area, its band and its schedule say.

    So NO when one of them is certain that it is outside, DEFINITE when all three are certain that it is
    inside. A height that is unknown, or of another datum than the band's, is POSSIBLE. The schedule counts
    the Sun at the centre of the area's cap, and in force is DEFINITE.
    """
    found = np.zeros(places.time_ms.shape, np.uint8)
    rows = np.flatnonzero(in_force_many(volume.schedule, places.time_ms, cap(volume.area).centre))
    inside = containments(
        volume.area, places.latitude_deg[rows], places.longitude_deg[rows], places.accuracy_m[rows]
    )
    found[rows] = np.minimum(inside, _band_containments(volume.band, places)[rows])
    return found


def _band_containments(band: AltitudeBand, places: Places) -> NDArray[np.uint8]:
    """band_containment for each row."""
    above = _clear_of(band.lower, places, sign=1.0)
    return np.minimum(above, _clear_of(band.upper, places, sign=-1.0))


def _clear_of(bound: Altitude | Bound, places: Places, *, sign: float) -> NDArray[np.uint8]:
    if isinstance(bound, Bound):
        return np.full(places.height_m.shape, Containment.DEFINITE, np.uint8)
    found = np.full(places.height_m.shape, Containment.POSSIBLE, np.uint8)
    comparable = (places.datum == bound.datum) & (places.datum != Datum.UNKNOWN)
    inside_by_m = sign * (places.height_m - bound.height_m)
    found[comparable & (inside_by_m >= places.height_accuracy_m)] = Containment.DEFINITE
    # A height that is NaN is in neither comparison, and stays possible.
    found[comparable & (inside_by_m < -places.height_accuracy_m)] = Containment.NO
    return found
