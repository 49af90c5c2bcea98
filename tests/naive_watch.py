"""The watch again, as simply as it can be said: one report at a time, round zones, geographiclib, no arrays.

It remembers facts, not standings: whether a track was told as inside or as approaching, since when it has been
inside or outside, whether it is silent. It shares with the watch the nouns in which zones and reports are written,
and nothing of how it thinks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from geographiclib.geodesic import Geodesic

from keepclear.core.space.altitude import Altitude
from keepclear.core.space.area import Circle
from keepclear.core.watch.report import Report
from keepclear.core.watch.zone import NEVER, Zone

Crossing = tuple[str, str, str, int]
"""What happened, the track, the zone, and when in milliseconds."""

FINEST_S = 0.1
UNSURE_S = 0.25
"""Twice the 0.1 s by which the watch says that it may differ, and more."""

COURSE_ERROR_DEG = 5.0
SPEED_ERROR_MPS = 2.0


class UnclearError(Exception):
    """Whether a motion comes near enough is nearer to the limit than this model looks."""


@dataclass(kw_only=True)
class Known:
    """What is known of one track at one zone."""

    told: str = ""
    inside_since: int | None = None
    outside_since: int | None = None
    not_closing_since: int | None = None
    silent: bool = False
    overstayed: bool = False
    confirmed: bool = False
    due: int | None = None


@dataclass(kw_only=True)
class Fix:
    """The latest believed report of a track, with its motion filled in."""

    report: Report
    speed_mps: float
    course_deg: float
    accuracy_m: float


@dataclass
class NaiveWatch:
    """Everything that a watch of round zones would say of crossings."""

    zones: dict[str, Zone] = field(default_factory=dict)
    fixes: dict[str, Fix] = field(default_factory=dict)
    known: dict[tuple[str, str], Known] = field(default_factory=dict)

    def declare(self, zone: Zone) -> list[Crossing]:
        """A zone of a new name: whoever is inside was there before it."""
        self.zones[zone.name] = zone
        found: list[Crossing] = []
        for track, fix in self.fixes.items():
            if _is_inside(zone, fix):
                at = fix.report.time_ms
                sure = _is_surely_inside(zone, fix)
                self.known[track, zone.name] = Known(told="inside", inside_since=at, confirmed=sure)
                found.append(("found inside", track, zone.name, at))
        return found

    def withdraw(self, name: str, now: int) -> list[Crossing]:
        """Nothing more is said of who was in a relation to the zone."""
        del self.zones[name]
        concerned = [track for track, zone in self.known if zone == name]
        for track in concerned:
            del self.known[track, name]
        return [("no longer watched", track, name, now) for track in concerned]

    def hear(self, report: Report, now: int) -> list[Crossing]:
        """One report."""
        before = self.fixes.get(report.track)
        if report.time_ms > now + 60_000 or (before and report.time_ms <= before.report.time_ms):
            return []
        fix = _filled_in(report, before)
        self.fixes[report.track] = fix
        said: list[Crossing] = []
        for zone in self.zones.values():
            said += self._seen(zone, fix)
        return said

    def wait(self, now: int) -> list[Crossing]:
        """Time passed: who has not been heard, and who has stayed too long."""
        said: list[Crossing] = []
        for (track, name), known in self.known.items():
            zone, heard = self.zones[name], self.fixes[track].report.time_ms
            quiet = now - heard > zone.silence_ms
            inside = known.inside_since is not None
            overdue = not inside and known.due is not None and now >= known.due
            if quiet and known.due is not None and abs(now - known.due) < UNSURE_S * 1000:
                raise UnclearError
            if quiet and not known.silent and (inside or overdue):
                known.silent, known.outside_since, known.not_closing_since = True, None, None
                said.append(("fell silent", track, name, heard))
                continue
            stays = inside and (known.silent or (known.told == "inside" and known.outside_since is None))
            long = stays and zone.overstay_ms != NEVER and now - (known.inside_since or 0) >= zone.overstay_ms
            if long and not known.overstayed:
                known.overstayed = True
                said.append(("overstayed", track, name, heard))
        return said

    def forget(self, now: int) -> None:
        """Tracks of no concern that were not heard for ten minutes are as if they had never been."""
        concerned = {track for track, _ in self.known}
        for track in [track for track, fix in self.fixes.items() if now - fix.report.time_ms > 600_000]:
            if track not in concerned:
                del self.fixes[track]

    def _seen(self, zone: Zone, fix: Fix) -> list[Crossing]:
        key = (fix.report.track, zone.name)
        known = self.known.get(key) or Known()
        inside = _is_inside(zone, fix)
        outcome, at, keep = (_inside if inside else _outside)(zone, fix, known)
        if keep:
            self.known[key] = known
        else:
            self.known.pop(key, None)
        return [(outcome, *key, at)] if outcome else []


def _inside(zone: Zone, fix: Fix, known: Known) -> tuple[str, int, bool]:
    now, sure = fix.report.time_ms, _is_surely_inside(zone, fix)
    stayed = known.told == "inside" and known.outside_since is None and not known.silent
    known.outside_since = known.not_closing_since = known.due = None
    known.inside_since = now if known.inside_since is None else known.inside_since
    was_silent, known.silent = known.silent, False
    if known.told != "inside" and now - known.inside_since >= zone.dwell_ms:
        known.told, known.confirmed = "inside", sure
        return "entered", known.inside_since, True
    if stayed and sure and not known.confirmed:
        known.confirmed = True
        return "confirmed inside", now, True
    return ("heard again" if was_silent else ""), now, True


def _outside(zone: Zone, fix: Fix, known: Known) -> tuple[str, int, bool]:
    now = fix.report.time_ms
    was_silent, known.silent = known.silent, False
    if known.told == "inside":
        known.outside_since = now if known.outside_since is None else known.outside_since
        clear = now - known.outside_since >= zone.clear_time_ms
        if clear or _distance_m(zone, fix) > zone.clear_distance_m:
            return "left", known.outside_since, False
        return ("heard again" if was_silent else ""), now, True
    was_dwelling = known.inside_since is not None
    known.inside_since, known.overstayed, known.confirmed = None, False, False
    closing, known.due = _approach(zone, fix)
    if closing:
        fresh = known.told != "approach" or was_silent or was_dwelling
        known.told, known.not_closing_since = "approach", None
        return ("approached" if fresh else ""), now, True
    return _opening(zone, now, known, was_silent=was_silent, was_dwelling=was_dwelling)


def _opening(
    zone: Zone, now: int, known: Known, *, was_silent: bool, was_dwelling: bool
) -> tuple[str, int, bool]:
    if not (known.told or was_silent or was_dwelling):
        return "", now, False
    known.not_closing_since = now if known.not_closing_since is None else known.not_closing_since
    if (was_dwelling and not was_silent) or now - known.not_closing_since >= zone.clear_time_ms:
        return "turned away", now, False
    known.told = "approach"
    return ("heard again" if was_silent else ""), now, True


# ------------------------------------------------------------------ measures


def _filled_in(report: Report, before: Fix | None) -> Fix:
    speed, course = report.speed_mps, report.course_deg
    if before and report.time_ms - before.report.time_ms <= 120_000:
        way = Geodesic.WGS84.Inverse(
            before.report.latitude_deg, before.report.longitude_deg, report.latitude_deg, report.longitude_deg
        )
        elapsed_s = (report.time_ms - before.report.time_ms) / 1000
        speed = way["s12"] / elapsed_s if math.isnan(speed) else speed
        course = way["azi1"] if math.isnan(course) else course
    accuracy = 50.0 if math.isnan(report.accuracy_m) else report.accuracy_m
    return Fix(report=report, speed_mps=speed, course_deg=course, accuracy_m=accuracy)


def _apart_m(zone: Zone, latitude_deg: float, longitude_deg: float) -> float:
    area = zone.volume.area
    assert isinstance(area, Circle)
    line = Geodesic.WGS84.Inverse(
        area.centre.latitude_deg, area.centre.longitude_deg, latitude_deg, longitude_deg, Geodesic.DISTANCE
    )
    return float(line["s12"]) - area.radius_m


def _distance_m(zone: Zone, fix: Fix) -> float:
    return _apart_m(zone, fix.report.latitude_deg, fix.report.longitude_deg)


def _is_inside(zone: Zone, fix: Fix) -> bool:
    return _distance_m(zone, fix) <= fix.accuracy_m and _may_be_in_band(zone, fix, reach_m=0.0)


def _is_surely_inside(zone: Zone, fix: Fix) -> bool:
    return _distance_m(zone, fix) <= -fix.accuracy_m and _is_surely_in_band(zone, fix)


def _is_surely_in_band(zone: Zone, fix: Fix) -> bool:
    """Whether each bound that there is can be compared with the height, and is kept."""
    height, datum = fix.report.altitude_m, fix.report.datum
    lower, upper = zone.volume.band.lower, zone.volume.band.upper
    above = not isinstance(lower, Altitude) or (lower.datum == datum and height >= lower.height_m)
    below = not isinstance(upper, Altitude) or (upper.datum == datum and height <= upper.height_m)
    return above and below


def _may_be_in_band(zone: Zone, fix: Fix, *, reach_m: float) -> bool:
    height, datum = fix.report.altitude_m, fix.report.datum
    if math.isnan(height) or datum == 0:
        return True
    lower, upper = zone.volume.band.lower, zone.volume.band.upper
    below = isinstance(lower, Altitude) and lower.datum == datum and height + reach_m < lower.height_m
    above = isinstance(upper, Altitude) and upper.datum == datum and height - reach_m > upper.height_m
    return not (below or above)


def _approach(zone: Zone, fix: Fix) -> tuple[bool, int]:
    """Whether the track is closing, and from when on it may be inside if it is not heard again."""
    latest = fix.report.time_ms + zone.warning_time_ms
    horizon_s = zone.warning_time_ms / 1000
    climb = 0.0 if math.isnan(fix.report.climb_mps) else abs(fix.report.climb_mps)
    start_m = _distance_m(zone, fix)
    if not horizon_s or not _may_be_in_band(zone, fix, reach_m=climb * horizon_s):
        return False, latest
    if math.isnan(fix.speed_mps) or start_m <= fix.accuracy_m:
        return False, latest
    aimless = math.isnan(fix.course_deg)
    astray = fix.speed_mps * (1.0 if aimless else 2 * math.sin(math.radians(COURSE_ERROR_DEG) / 2))
    growth = astray + SPEED_ERROR_MPS
    speed, course = (0.0, 0.0) if aimless else (fix.speed_mps, fix.course_deg)
    expected = _first_s(zone, fix, speed, course, horizon_s, accuracy_m=0.0, growth_mps=0.0)
    possible = _first_s(zone, fix, speed, course, horizon_s, accuracy_m=fix.accuracy_m, growth_mps=growth)
    due_s = expected if expected is not None else possible
    due = latest if due_s is None else fix.report.time_ms + round(due_s * 1000)
    return expected is not None or (possible is not None and start_m <= zone.warning_distance_m), due


def _first_s(
    zone: Zone,
    fix: Fix,
    speed_mps: float,
    course_deg: float,
    horizon_s: float,
    *,
    accuracy_m: float,
    growth_mps: float,
) -> float | None:
    """When the gap between the track's doubt and the zone first closes, by looking often enough."""
    line = Geodesic.WGS84.Line(fix.report.latitude_deg, fix.report.longitude_deg, course_deg)

    lowest_m = math.inf

    def gap_m(at_s: float) -> float:
        nonlocal lowest_m
        there = line.Position(speed_mps * at_s)
        found_m = _apart_m(zone, there["lat2"], there["lon2"]) - accuracy_m - growth_mps * at_s
        lowest_m = min(lowest_m, found_m)
        return found_m

    fastest = speed_mps + growth_mps

    def search(start_s: float, start_m: float, end_s: float, end_m: float) -> float | None:
        if start_m <= 0:
            return start_s
        if start_m + end_m > fastest * (end_s - start_s):
            return None
        if end_s - start_s <= FINEST_S:
            return end_s if end_m <= 0 else None
        middle_s = (start_s + end_s) / 2
        middle_m = gap_m(middle_s)
        first = search(start_s, start_m, middle_s, middle_m)
        return first if first is not None else search(middle_s, middle_m, end_s, end_m)

    found = search(0.0, gap_m(0.0), horizon_s, gap_m(horizon_s))
    if (found is None and lowest_m < UNSURE_S * fastest) or (found or 0.0) > horizon_s - UNSURE_S:
        raise UnclearError
    return found
