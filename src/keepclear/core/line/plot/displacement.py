"""Displacements: how the positions of a shape came back otherwise than they were sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.line.plot.difference import Difference, Reason, What, length_difference
from keepclear.core.line.plot.shape import (
    DEGREE_E7,
    SHAPE_WORDS,
    CircleShape,
    CorridorShape,
    GridLine,
    GridPosition,
    PointShape,
    PolygonShape,
    Shape,
)
from keepclear.core.space.geodesy import course_between

SAME_PLACE_M: Final = 0.001
"""Whole numbers that differ by less than this on the ground name one position: at a pole, or 180 and -180."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """One position as sent and as it came back, and what it is called."""

    called: str
    sent: GridPosition
    echoed: GridPosition


def shape_differences(place: str, *, sent: Shape, echoed: Shape) -> tuple[Difference, ...]:
    """How a shape came back; empty when every whole number is the same, in the same order."""
    match sent, echoed:
        case PointShape(), PointShape():
            return _displacements(place, [_Pair(called="the position", sent=sent.at, echoed=echoed.at)])
        case CircleShape(), CircleShape():
            centre = _Pair(called="the centre", sent=sent.centre, echoed=echoed.centre)
            return _displacements(place, [centre]) + length_difference(
                place, name="radius", sent_cm=sent.radius_cm, echoed_cm=echoed.radius_cm
            )
        case PolygonShape(), PolygonShape():
            return _rings_differences(place, sent.rings, echoed.rings)
        case CorridorShape(), CorridorShape():
            return _line_differences(place, "the line", sent.line, echoed.line) + length_difference(
                place, name="half-width", sent_cm=sent.half_width_cm, echoed_cm=echoed.half_width_cm
            )
        case _:
            words = (
                f"Place {place!r}: it came back as a {SHAPE_WORDS[type(echoed)]}, and was sent as a "
                f"{SHAPE_WORDS[type(sent)]}."
            )
            return (Difference(place=place, what=What.SHAPE, words=words),)


def _rings_differences(
    place: str, sent: tuple[GridLine, ...], echoed: tuple[GridLine, ...]
) -> tuple[Difference, ...]:
    if len(sent) != len(echoed):
        return (_count_difference(place, "rings", len(sent), len(echoed), ""),)
    names = ["the outer ring", *(f"hole {number}" for number in range(1, len(sent)))]
    return tuple(
        difference
        for name, one, other in zip(names, sent, echoed, strict=True)
        for difference in _line_differences(place, name, one, other)
    )


def _line_differences(place: str, called: str, sent: GridLine, echoed: GridLine) -> tuple[Difference, ...]:
    if len(sent) != len(echoed):
        same = next(
            (number for number, (one, other) in enumerate(zip(sent, echoed, strict=False)) if one != other),
            min(len(sent), len(echoed)),
        )
        until = f"; the first {same} are the same" if same else ""
        return (_count_difference(place, f"positions of {called}", len(sent), len(echoed), until),)
    return _displacements(
        place,
        [
            _Pair(called=f"position {number} of {called}", sent=one, echoed=other)
            for number, (one, other) in enumerate(zip(sent, echoed, strict=True), 1)
        ],
    )


def _count_difference(place: str, called: str, sent: int, echoed: int, until: str) -> Difference:
    return Difference(
        place=place,
        what=What.COUNT,
        by=echoed - sent,
        unit=called.split()[0],
        words=f"Place {place!r}: {echoed} {called} came back, and {sent} were sent{until}.",
    )


def _displacements(place: str, pairs: list[_Pair]) -> tuple[Difference, ...]:
    found = [_displacement(place, pair) for pair in pairs if pair.sent != pair.echoed]
    reasons = {difference.reason for difference in found}
    if len(found) == len(pairs) > 1 and len(reasons) == 1 and None not in reasons:
        # One mistake made with every position is one thing to put right.
        farthest = max(found, key=_size)
        return (
            Difference(
                place=place,
                what=What.POSITION,
                by=farthest.by,
                unit=farthest.unit,
                reason=farthest.reason,
                words=f"Place {place!r}: each of its {len(pairs)} positions came back elsewhere, the farthest "
                f"{_distance_text(_size(farthest))} away: this looks like {farthest.reason}.",
            ),
        )
    return tuple(found)


def _size(difference: Difference) -> float:
    return difference.by or 0.0


def _displacement(place: str, pair: _Pair) -> Difference:
    course = course_between(start=pair.sent.position, end=pair.echoed.position)
    if course.distance_m < SAME_PLACE_M:
        words = (
            f"{pair.called} came back as {_grid_text(pair.echoed)}, which is where {_grid_text(pair.sent)} is"
        )
        reason = None
    else:
        reason = _reason(pair.sent, pair.echoed)
        guess = f": this looks like {reason}" if reason else ""
        words = (
            f"{pair.called} came back {_distance_text(course.distance_m)} away, towards "
            f"{round(course.azimuth_deg) % 360:03d} degrees, at {_grid_text(pair.echoed)}, and was sent as "
            f"{_grid_text(pair.sent)}{guess}"
        )
    return Difference(
        place=place,
        what=What.POSITION,
        by=course.distance_m,
        unit="m",
        reason=reason,
        words=f"Place {place!r}: {words}.",
    )


def _reason(sent: GridPosition, echoed: GridPosition) -> Reason | None:
    if (echoed.latitude_e7, echoed.longitude_e7) == (sent.longitude_e7, sent.latitude_e7):
        return Reason.SWAPPED
    if abs(echoed.latitude_e7) == abs(sent.latitude_e7) and abs(echoed.longitude_e7) == abs(
        sent.longitude_e7
    ):
        return Reason.HEMISPHERE
    return None


def _distance_text(distance_m: float) -> str:
    return f"{distance_m:.3f} m" if distance_m < 1_000 else f"{distance_m / 1_000:,.3f} km"


def _grid_text(at: GridPosition) -> str:
    return f"{_degrees_text(at.latitude_e7)}, {_degrees_text(at.longitude_e7)}"


def _degrees_text(angle_e7: int) -> str:
    # Whole numbers are written out, so that no digit is lost or made.
    whole, rest = divmod(abs(angle_e7), DEGREE_E7)
    return f"{'-' if angle_e7 < 0 else ''}{whole}.{rest:07d}"
