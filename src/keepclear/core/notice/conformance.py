"""Conformance: whether tracks are where, how high and when a notice of their party says; by how much they are not.

Positions are compared with each of a notice's extents, with what both may be off. Whoever is certainly in none of them
deviates; what cannot be told stays possible. Nothing is said about why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keepclear.core.errors import Refused
from keepclear.core.instant import SECOND_MS
from keepclear.core.notice.exercise import Exercise
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.notice import Notice
from keepclear.core.space.altitude import FOOT_M, Altitude, Bound, Containment, Datum
from keepclear.core.space.area import edge_distances_m
from keepclear.core.space.edges import EDGE_ERROR_M
from keepclear.core.space.geodesy import Floats
from keepclear.core.space.volume import Places


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conformance:
    """How each of some places stands to a notice, in columns.

    ``sure``: uint8 Containment in the notice's extents: DEFINITE conforms, NO deviates, POSSIBLE cannot be told.
    ``extent``: which extent of the notice the rest is said of, the one from which it is least off. ``off_m``: metres
    outside its area, 0 inside. ``height_off_m``: metres above its band, negative below it, 0 within; NaN where neither
    can be told. ``time_off_ms``: milliseconds late, negative early, 0 within its window. None of the three counts what
    anything may be off by.
    """

    sure: NDArray[np.uint8]
    extent: NDArray[np.intp]
    off_m: Floats
    height_off_m: Floats
    time_off_ms: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many were declared, and how many tracks were certainly and at least possibly in a notice's extents.

    Tracks that no feed shows are not counted, so fewer than declared says nothing, and more by ``excess`` does.
    """

    declared: int
    surely: int
    possibly: int

    @property
    def excess(self) -> int:
        """By how many more were certainly there than was declared; 0 where it was no more."""
        return max(self.surely - self.declared, 0)


def conformance(notice: Notice, places: Places) -> Conformance:
    """How places, each with its accuracy, stand to the extents of one notice of the party that was there.

    A place conforms where it certainly is in one extent: in its area, band and window alike. Windows are half-open.
    """
    offs = [_offs(extent, places) for extent in notice.extents]
    sure = np.stack([each.sure for each in offs])
    # The extent that is missed in the fewest ways, then by the least on the ground, then in time.
    missed = np.stack([each.missed for each in offs])
    off_m = np.stack([each.off_m for each in offs])
    height_off_m = np.stack([each.height_off_m for each in offs])
    time_off_ms = np.stack([each.time_off_ms for each in offs])
    order = np.lexsort((np.abs(time_off_ms), off_m, missed, -sure.astype(np.int8)), axis=0)
    extent, row = order[0], np.arange(places.time_ms.size)
    return Conformance(
        sure=sure[extent, row],
        extent=extent,
        off_m=off_m[extent, row],
        height_off_m=height_off_m[extent, row],
        time_off_ms=time_off_ms[extent, row],
    )


def unannounced(notices: Iterable[Notice], places: Places, *, near_m: float) -> NDArray[np.bool_]:
    """Which places are beside an extent of a party's notices and certainly in none of them.

    Beside: no farther from its area than ``near_m`` for certain, at whatever height, during its window at its widest.
    All of one party: its notices that count, and its places. Raises Refused("conformance.near") unless near_m is 0 or
    more and finite.
    """
    if not 0 <= near_m < np.inf:
        raise Refused("conformance.near", f"near is {near_m} m, must be 0 or more and finite")
    beside = np.zeros(places.time_ms.shape, np.bool_)
    covered = np.zeros(places.time_ms.shape, np.bool_)
    for notice in notices:
        for extent in notice.extents:
            offs = _offs(extent, places)
            covered |= offs.sure > Containment.NO
            beside |= (offs.off_m + _doubt_m(extent, places) <= near_m) & (offs.in_time > Containment.NO)
    return beside & ~covered


def counted(notice: Notice, places: Places, track: NDArray[np.integer], *, declared: int) -> Counted:
    """How many different tracks, by their numbers in ``track``, were in a notice's extents, beside what it declared.

    Raises Refused("conformance.columns") where places and tracks are not as many.
    """
    if track.shape != places.time_ms.shape:
        raise Refused(
            "conformance.columns", f"{track.shape} tracks are given for {places.time_ms.shape} places"
        )
    sure = conformance(notice, places).sure
    return Counted(
        declared=declared,
        surely=len(set(track[sure == Containment.DEFINITE].tolist())),
        possibly=len(set(track[sure > Containment.NO].tolist())),
    )


def declared_count(exercise: Exercise, types: Iterable[str]) -> int:
    """How many pieces of equipment of some types an exercise declares."""
    wanted = set(types)
    return sum(each.count for each in exercise.equipment if each.type in wanted)


def deviation_text(notice: Notice, found: Conformance, row: int) -> str:
    """How one place stands to the notice, in English on one line: metres, feet, seconds."""
    name = notice.extents[int(found.extent[row])].name
    off_m, height_m, time_ms = (
        float(found.off_m[row]),
        float(found.height_off_m[row]),
        int(found.time_off_ms[row]),
    )
    parts = [f"{off_m:,.0f} m outside"] if off_m > 0 else []
    if height_m != 0 and not np.isnan(height_m):
        parts.append(
            f"{abs(height_m):,.0f} m ({abs(height_m) / FOOT_M:,.0f} ft) {'above' if height_m > 0 else 'below'}"
        )
    if time_ms:
        parts.append(f"{abs(time_ms) / SECOND_MS:,.0f} s {'late' if time_ms > 0 else 'early'}")
    verdict = _VERDICTS[Containment(int(found.sure[row]))]
    return f"{verdict} {name}" + (f": {', '.join(parts)}" if parts else "")


_VERDICTS = {
    Containment.DEFINITE: "conforms to",
    Containment.POSSIBLE: "cannot be told of",
    Containment.NO: "deviates from",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Offs:
    """How places stand to one extent; ``missed``: in how many of area, band and window they are certainly not."""

    sure: NDArray[np.uint8]
    in_time: NDArray[np.uint8]
    missed: NDArray[np.intp]
    off_m: Floats
    height_off_m: Floats
    time_off_ms: NDArray[np.int64]


def _offs(extent: Extent, places: Places) -> _Offs:
    signed_m = edge_distances_m(extent.area, places.latitude_deg, places.longitude_deg)
    in_area = _containments(signed_m, _doubt_m(extent, places), error=EDGE_ERROR_M)
    above_m = _beyond_m(places, extent.band.upper, sign=1.0)
    below_m = _beyond_m(places, extent.band.lower, sign=-1.0)
    height_doubt_m = places.height_accuracy_m + extent.height_accuracy_m
    in_band = np.minimum(_containments(above_m, height_doubt_m), _containments(below_m, height_doubt_m))
    early_ms = extent.window.start - places.time_ms
    # The last instant of a half-open window is the millisecond before its end; one without length is its instant.
    late_ms = places.time_ms - max(extent.window.end - 1, extent.window.start)
    time_doubt_ms = np.full(late_ms.shape, extent.time_accuracy_ms)
    in_time = _containments(np.maximum(early_ms, late_ms), time_doubt_ms)
    each = np.stack([in_area, in_band, in_time])
    return _Offs(
        sure=np.min(each, axis=0),
        in_time=in_time,
        missed=np.sum(each == Containment.NO, axis=0),
        off_m=np.maximum(signed_m, 0.0),
        height_off_m=np.select(
            [above_m > 0, below_m > 0, np.isnan(above_m + below_m)], [above_m, -below_m, np.nan], 0.0
        ),
        time_off_ms=np.where(late_ms > 0, late_ms, -np.maximum(early_ms, 0)),
    )


def _doubt_m(extent: Extent, places: Places) -> Floats:
    return places.accuracy_m + extent.accuracy_m


def _containments(
    outside: NDArray[np.float64] | NDArray[np.int64],
    doubt: NDArray[np.float64] | NDArray[np.int64],
    *,
    error: float = 0.0,
) -> NDArray[np.uint8]:
    """Containment by how far something is outside, negative inside; what is NaN cannot be told."""
    found = np.full(outside.shape, Containment.POSSIBLE, np.uint8)
    found[outside <= -doubt] = Containment.DEFINITE
    found[outside > doubt + error] = Containment.NO
    return found


def _beyond_m(places: Places, bound: Altitude | Bound, *, sign: float) -> Floats:
    """How far beyond a bound each place is, negative where it is not, NaN where that is not known."""
    if isinstance(bound, Bound):
        return np.full(places.height_m.shape, -np.inf)
    comparable = (places.datum == bound.datum) & (places.datum != Datum.UNKNOWN)
    return np.where(comparable, sign * (places.height_m - bound.height_m), np.nan)
