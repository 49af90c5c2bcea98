"""Conflicts: which two extents do not stay apart, where, when and by how much, and how sure that is.

For each of area, height and time a signed gap is compared with what the rule asks for. With ``gap`` negative where
the two share something, ``doubt`` the sum of both uncertainties and ``asked`` the rule's minimum: certainly too near
where gap + doubt <= asked, certainly apart where gap - doubt > asked, and otherwise possible. The verdict is the
least of the three. So more doubt never turns what is possible into none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from keepclear.core.instant import FIRST, FOREVER, Instant, Window
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.minima import Minimum
from keepclear.core.space.altitude import Bound, Containment, Datum
from keepclear.core.space.edges import EDGE_ERROR_M
from keepclear.core.space.geodesy import Position
from keepclear.core.space.separation import separation

_PLACES: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two extents that certainly or possibly do not stay apart as a rule asks.

    ``sure``: DEFINITE or POSSIBLE. ``gap_m``: metres between the two areas along the geodesic, 0 where they meet;
    ``shared_m``: where they meet, by how much at least one would have to move for them not to, else 0.
    ``own_nearest`` and ``other_nearest``: where each is nearest to the other, the same place where they meet.
    ``height_gap_m``: metres between the two bands, negative where they share heights, None where their datums
    cannot be compared. ``time_gap_ms``: between the two windows, negative where they share time. ``when``: from
    when until when the two are too near in time, uncertainties and the rule's minimum included.
    """

    own: Extent
    other: Extent
    rule: Minimum
    sure: Containment
    gap_m: float
    shared_m: float
    own_nearest: Position
    other_nearest: Position
    height_gap_m: float | None
    time_gap_ms: int
    when: Window


def conflict_between(own: Extent, other: Extent, rule: Minimum) -> Conflict | None:
    """The conflict of two extents under a rule, or None when they are certainly apart as it asks.

    Symmetric: exchanged extents give the same conflict with its places exchanged. The time and the heights, which cost
    little, are looked at first. A band that is not limited shares every height; datums that differ cannot be
    compared, and leave it possible. Windows are half-open: one that ends when another starts does not meet it; a
    window without length stands for its instant. Areas and bands are closed, and meet where they touch.
    """
    time = _time_nearness(own, other, rule)
    if time.sure is Containment.NO:
        return None
    height = _height_nearness(own, other, rule)
    if height.sure is Containment.NO:
        return None
    apart = separation(own.area, other.area)
    doubt_m = own.accuracy_m + other.accuracy_m
    area = _nearness(apart.gap_m - apart.shared_m, doubt=doubt_m, asked=rule.horizontal_m, error=EDGE_ERROR_M)
    if area is Containment.NO:
        return None
    return Conflict(
        own=own,
        other=other,
        rule=rule,
        sure=min(time.sure, height.sure, area),
        gap_m=apart.gap_m,
        shared_m=apart.shared_m,
        own_nearest=apart.own,
        other_nearest=apart.other,
        height_gap_m=height.gap_m,
        time_gap_ms=time.gap_ms,
        when=time.when,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Time:
    sure: Containment
    gap_ms: int
    when: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class _Height:
    sure: Containment
    gap_m: float | None


def _nearness(gap: float, *, doubt: float, asked: float, error: float = 0.0) -> Containment:
    # What binary fractions add to whole centimetres and milliseconds must not part what touches.
    if round(gap - doubt - asked, _PLACES) > error:
        return Containment.NO
    return Containment.DEFINITE if round(gap + doubt - asked, _PLACES) <= 0 else Containment.POSSIBLE


def _time_nearness(own: Extent, other: Extent, rule: Minimum) -> _Time:
    (start, end), (other_start, other_end) = span(own.window), span(other.window)
    # Half-open windows of whole milliseconds, so what must not be reached is one millisecond less.
    gap_ms = max(start - other_end, other_start - end)
    doubt_ms = own.time_accuracy_ms + other.time_accuracy_ms
    sure = _nearness(gap_ms, doubt=doubt_ms, asked=rule.time_ms - 1)
    return _Time(sure=sure, gap_ms=gap_ms, when=_too_near(own, other, rule))


def span(window: Window) -> tuple[int, int]:
    """Its first instant and the one after its last; what has no length is its instant, what has no end goes past it."""
    return window.start, window.end + 1 if window.end in (window.start, FOREVER) else window.end


def _too_near(own: Extent, other: Extent, rule: Minimum) -> Window:
    (start, end), (other_start, other_end) = span(own.widest), span(other.widest)
    near = max(start, other_start) - rule.time_ms, min(end, other_end) + rule.time_ms
    return Window(start=Instant(max(min(near), FIRST)), end=Instant(min(max(near), FOREVER)))


def _height_nearness(own: Extent, other: Extent, rule: Minimum) -> _Height:
    above, below = _clearance(own, other), _clearance(other, own)
    if above is None or below is None:
        known = [gap for gap in (above, below) if gap is not None]
        return _Height(sure=_part_known(known, own, other, rule), gap_m=None)
    gap_m = max(above, below)
    doubt_m = own.height_accuracy_m + other.height_accuracy_m
    sure = _nearness(gap_m, doubt=doubt_m, asked=rule.vertical_m)
    return _Height(sure=sure, gap_m=gap_m)


def _part_known(known: list[float], own: Extent, other: Extent, rule: Minimum) -> Containment:
    """NO where one side alone shows that they are apart, POSSIBLE where what is not known could decide."""
    doubt_m = own.height_accuracy_m + other.height_accuracy_m
    if known and _nearness(known[0], doubt=doubt_m, asked=rule.vertical_m) is Containment.NO:
        return Containment.NO
    return Containment.POSSIBLE


def _clearance(lower: Extent, upper: Extent) -> float | None:
    """How far the one band is above the other, negative where it is not; None of datums that cannot be compared."""
    top, bottom = lower.band.upper, upper.band.lower
    if isinstance(top, Bound) or isinstance(bottom, Bound):
        return -math.inf
    if top.datum is not bottom.datum or top.datum is Datum.UNKNOWN:
        return None
    return bottom.height_m - top.height_m
