"""What a report may say: the range of each of its fields, checked once where bytes become reports.

Servers relay ``lat=NaN`` and ``lat=99``, so every feed is checked, however trusted its sender.
"""

from __future__ import annotations

import math
import re
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER
from keepclear.core.space.altitude import ALTITUDE_HIGHEST_M, ALTITUDE_LOWEST_M
from keepclear.core.watch.report import Report, TrackName

SPEED_MAX_MPS: Final = 20_000.0
"""Faster than anything that stays near the Earth (escape speed is 11,200 m/s)."""

ACCURACY_MAX_M: Final = 20_040_000.0
"""Half of the Earth's circumference: a wider half-width says nothing."""

_TRACK: Final = re.compile(r"[a-z][a-z0-9]{0,15}:\S{1,64}", re.ASCII)


def track_of(name: str) -> TrackName:
    """The track name, checked: a scheme of letters and digits, a colon, and 1 to 64 printing characters.

    Raises Refused("report.track") otherwise.
    """
    if _TRACK.fullmatch(name) is None or not name.isprintable():
        raise Refused(
            "report.track",
            f"track is {name[:80]!r}, must be a scheme, a colon and an identity, such as icao:4ca7b5",
        )
    return TrackName(name)


def checked(row: Report) -> Report:
    """The same report, when every field is in range.

    Latitude -90 to 90, longitude -180 to 180, time 1970 to 9999, altitude -12,000 m to 100,000 km, speed 0
    to 20,000 m/s, course 0 to below 360, climb within 20,000 m/s, accuracy 0 to half of the circumference;
    NaN is taken as "not said" where the report allows it. Raises Refused("report.NAME") otherwise.
    """
    _demand_within("latitude", row.latitude_deg, -90.0, 90.0, "degrees")
    _demand_within("longitude", row.longitude_deg, -180.0, 180.0, "degrees")
    _demand_within("time", float(row.time_ms), 0.0, float(FOREVER), "milliseconds since 1970")
    _demand_said("altitude", row.altitude_m, ALTITUDE_LOWEST_M, ALTITUDE_HIGHEST_M, "metres")
    _demand_said("speed", row.speed_mps, 0.0, SPEED_MAX_MPS, "metres a second")
    _demand_said("climb", row.climb_mps, -SPEED_MAX_MPS, SPEED_MAX_MPS, "metres a second")
    _demand_said("accuracy", row.accuracy_m, 0.0, ACCURACY_MAX_M, "metres")
    if row.course_deg < 0.0 or row.course_deg >= 360.0:
        raise Refused("report.course", f"course is {row.course_deg:g}, must be 0 to below 360 degrees")
    return row


def _demand_said(name: str, value: float, lowest: float, highest: float, unit: str) -> None:
    # NaN stands for "not said".
    if not math.isnan(value):
        _demand_within(name, value, lowest, highest, unit)


def _demand_within(name: str, value: float, lowest: float, highest: float, unit: str) -> None:
    if not lowest <= value <= highest:
        raise Refused(f"report.{name}", f"{name} is {value:g}, must be {lowest:g} to {highest:g} {unit}")
