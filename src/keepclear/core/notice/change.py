"""Changes: what a version of a notice says otherwise than the one before, with by how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Final, cast

import numpy as np

from keepclear.core.instant import FIRST, FOREVER, SECOND_MS, Instant, instant_text
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.notice import Notice
from keepclear.core.space.altitude import FOOT_M, Altitude, Bound, Datum
from keepclear.core.space.area import Area, cap, edge_distances_m, outline
from keepclear.core.space.geodesy import course_between

NOT_STATED: Final = "not stated"


class End(StrEnum):
    """Which end of a band or of a window."""

    LOWER = "lower height"
    UPPER = "upper height"
    START = "start"
    END = "end"


class Accuracy(StrEnum):
    """What is known so well."""

    PLACE_M = "place"
    HEIGHT_M = "height"
    TIME_MS = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChanged:
    """A field says something else; ``field`` is its way into the notice, as ``waypoints.2.opens``, counted from 1.

    Both as texts: instants as ISO 8601, yes and no, numbers in figures; NOT_STATED where it is empty or not there.
    """

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtentCame:
    """An extent that was not there before."""

    extent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtentWent:
    """An extent that is there no longer."""

    extent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaChanged:
    """An extent's area lies elsewhere or has another shape.

    ``moved_m`` and ``azimuth_deg`` (0 to 360): from the middle of the one to that of the other. ``before_m`` and
    ``after_m``: the radius of the circle about the middle that holds the area. ``edge_m``: how far from the other edge
    the edge of either lies at most, measured at the positions of both outlines.
    """

    extent: str
    moved_m: float
    azimuth_deg: float
    before_m: float
    after_m: float
    edge_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeightChanged:
    """An end of an extent's band is another. ``by_m``: upwards; None where the two cannot be compared."""

    extent: str
    end: End
    before: Altitude | Bound
    after: Altitude | Bound
    by_m: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeChanged:
    """An end of an extent's window is another. ``by_ms``: later; None where one of the two is not stated."""

    extent: str
    end: End
    before: Instant
    after: Instant
    by_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyChanged:
    """An extent is known better or less well, in metres or milliseconds."""

    extent: str
    of: Accuracy
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleChanged:
    """Something else is meant to be in an extent."""

    extent: str
    before: str
    after: str


Change = (
    FieldChanged
    | ExtentCame
    | ExtentWent
    | AreaChanged
    | HeightChanged
    | TimeChanged
    | AccuracyChanged
    | RoleChanged
)


def changes(before: Notice, after: Notice) -> tuple[Change, ...]:
    """All that a later version says otherwise; none exactly where both say the same.

    Extents are the same where they have one name, in whatever order. First come the fields, then the extents of the
    later version, then those that went.
    """
    found: list[Change] = list(_field_changes(before, after))
    earlier = {extent.name: extent for extent in before.extents}
    for extent in after.extents:
        known = earlier.pop(extent.name, None)
        found += [ExtentCame(extent=extent.name)] if known is None else _extent_changes(known, extent)
    return (*found, *(ExtentWent(extent=name) for name in earlier))


def change_text(change: Change) -> str:
    """A change in English, on one line; heights in metres and feet."""
    match change:
        case FieldChanged():
            return f"{change.field}: {change.after}, before {change.before}"
        case ExtentCame():
            return f"{change.extent}: new"
        case ExtentWent():
            return f"{change.extent}: no longer there"
        case RoleChanged():
            return f"{change.extent}: {change.after}, before {change.before}"
        case _:
            return f"{change.extent}: {_measured(change)}"


def _measured(change: AreaChanged | HeightChanged | TimeChanged | AccuracyChanged) -> str:
    match change:
        case AreaChanged():
            return (
                f"area moved {change.moved_m:,.0f} m towards {change.azimuth_deg:03.0f}°, radius "
                f"{change.after_m:,.0f} m, before {change.before_m:,.0f} m; edges up to {change.edge_m:,.0f} m apart"
            )
        case HeightChanged(by_m=by_m):
            way = "" if by_m is None else f", {abs(by_m):,.0f} m {'higher' if by_m > 0 else 'lower'}"
            return f"{change.end} {_height_text(change.after)}, before {_height_text(change.before)}{way}"
        case TimeChanged(by_ms=by_ms):
            way = "" if by_ms is None else f", {_time_text(abs(by_ms))} {'later' if by_ms > 0 else 'earlier'}"
            return f"{change.end} {_instant_text(change.after)}, before {_instant_text(change.before)}{way}"
        case AccuracyChanged():
            unit = "ms" if change.of is Accuracy.TIME_MS else "m"
            return f"{change.of} known to {change.after:,.12g} {unit}, before {change.before:,.12g} {unit}"


def _field_changes(before: Notice, after: Notice) -> Iterator[FieldChanged]:
    one, other = (
        {"kind": notice.kind.value, "designation": notice.designation, **dict(_said("", notice.body))}
        for notice in (before, after)
    )
    for field in dict.fromkeys([*one, *other]):
        said = one.get(field, NOT_STATED), other.get(field, NOT_STATED)
        if said[0] != said[1]:
            yield FieldChanged(field=field, before=said[0], after=said[1])


def _said(way: str, value: object, kind: str = "") -> Iterator[tuple[str, str]]:
    """Every field that says something, by its way, as a text."""
    if is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            # What an operation is of is said by the kind of its notice.
            if each.name != "activity":
                yield from _said(f"{way}.{each.name}".lstrip("."), getattr(value, each.name), str(each.type))
    elif isinstance(value, tuple):
        for number, each in enumerate(cast("tuple[object, ...]", value), 1):
            yield from _said(f"{way}.{number}", each)
    elif isinstance(value, bool):
        yield way, "yes" if value else "no"
    elif kind == "Instant" and isinstance(value, int):
        if value != FOREVER:
            yield way, instant_text(Instant(value))
    elif value != "":
        yield way, str(value)


def _extent_changes(before: Extent, after: Extent) -> Iterator[Change]:
    name = after.name
    if before.role is not after.role:
        yield RoleChanged(extent=name, before=before.role, after=after.role)
    if before.area != after.area:
        yield _area_change(name, before.area, after.area)
    for end, one, other in (
        (End.LOWER, before.band.lower, after.band.lower),
        (End.UPPER, before.band.upper, after.band.upper),
    ):
        if one != other:
            yield HeightChanged(extent=name, end=end, before=one, after=other, by_m=_higher_m(one, other))
    for end, one, other in (
        (End.START, before.window.start, after.window.start),
        (End.END, before.window.end, after.window.end),
    ):
        if one != other:
            open_ = FIRST in (one, other) or FOREVER in (one, other)
            yield TimeChanged(
                extent=name, end=end, before=one, after=other, by_ms=None if open_ else other - one
            )
    for of, one, other in (
        (Accuracy.PLACE_M, before.accuracy_m, after.accuracy_m),
        (Accuracy.HEIGHT_M, before.height_accuracy_m, after.height_accuracy_m),
        (Accuracy.TIME_MS, before.time_accuracy_ms, after.time_accuracy_ms),
    ):
        if one != other:
            yield AccuracyChanged(extent=name, of=of, before=one, after=other)


def _area_change(name: str, before: Area, after: Area) -> AreaChanged:
    one, other = cap(before), cap(after)
    course = course_between(start=one.centre, end=other.centre)
    return AreaChanged(
        extent=name,
        moved_m=course.distance_m,
        azimuth_deg=course.azimuth_deg % 360,
        before_m=one.radius_m,
        after_m=other.radius_m,
        edge_m=max(_farthest_m(before, after), _farthest_m(after, before)),
    )


def _farthest_m(area: Area, other: Area) -> float:
    """How far from the edge of the other the positions of an area's outline lie at most; 0 of one without an edge."""
    places = [(at.latitude_deg, at.longitude_deg) for line in outline(area) for at in line]
    if not places:
        return 0.0
    lat, lon = np.array(places).T
    return float(np.max(np.abs(edge_distances_m(other, lat, lon))))


def _higher_m(before: Altitude | Bound, after: Altitude | Bound) -> float | None:
    if isinstance(before, Bound) or isinstance(after, Bound):
        return None
    if before.datum is not after.datum or before.datum is Datum.UNKNOWN:
        return None
    return after.height_m - before.height_m


def _height_text(height: Altitude | Bound) -> str:
    if isinstance(height, Bound):
        return height.value
    feet = height.height_m / FOOT_M
    return f"{height.height_m:,.10g} m ({feet:,.0f} ft) {height.datum.name}"


def _instant_text(at: Instant) -> str:
    return NOT_STATED if at in (FIRST, FOREVER) else instant_text(at)


def _time_text(length_ms: int) -> str:
    """A length of time as days, hours, minutes and seconds, those that are 0 left out."""
    seconds, ms = divmod(length_ms, SECOND_MS)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"), (ms, "ms"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
