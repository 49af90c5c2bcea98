"""Extents: where, how high and when something of a notice will be, and how well that is known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import ALWAYS, FIRST, FOREVER, Duration, Instant, Window
from keepclear.core.space.altitude import EVERY_HEIGHT, AltitudeBand
from keepclear.core.space.area import Area

NAME_LENGTH_MAX: Final = 80
UNCERTAIN_M_MAX: Final = 1_000_000.0
UNCERTAIN_MS_MAX: Final = Duration(366 * 86_400_000)


class Role(StrEnum):
    """What is meant to be in an extent."""

    AREA = "area"
    """Where the activity itself is."""
    ROUTE = "route"
    """A leg of a way that something moves along."""
    STOP = "stop"
    """Where something that moves stays for a while."""
    LAUNCH = "launch"
    """From where something is sent that is dangerous on its way."""
    FLIGHT = "flight"
    """Where what was sent may be on its way."""
    IMPACT = "impact"
    """Where it may come down: an area to keep clear of, never a point."""
    SITE = "site"
    """The ground that a protected site stands on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """An area, in a band of heights, during a window; and by how much each of them may be off.

    ``accuracy_m``: every place of the area may lie up to this far from where it is stated, all of them together;
    ``height_accuracy_m`` likewise for the band, ``time_accuracy_ms`` for either end of the window. All are
    half-widths, 0 or more. The window is half-open; the ends of time stand for ends that are not stated.
    Raises Refused("extent.name") unless the name has 1 to NAME_LENGTH_MAX characters that print, with no blank at
    either end; Refused("extent.accuracy") for an accuracy that is negative, above UNCERTAIN_M_MAX (1,000 km) or
    UNCERTAIN_MS_MAX (366 days), or NaN.
    """

    name: str
    role: Role
    area: Area
    band: AltitudeBand = EVERY_HEIGHT
    window: Window = ALWAYS
    accuracy_m: float = 0.0
    height_accuracy_m: float = 0.0
    time_accuracy_ms: Duration = Duration(0)

    def __post_init__(self) -> None:
        name = self.name
        if not 1 <= len(name) <= NAME_LENGTH_MAX or name != name.strip() or not name.isprintable():
            raise Refused(
                "extent.name",
                f"extent is named {name[:NAME_LENGTH_MAX]!r}, must have 1 to {NAME_LENGTH_MAX} characters that "
                "print, with no blank at either end",
            )
        sound = (
            0 <= self.accuracy_m <= UNCERTAIN_M_MAX
            and 0 <= self.height_accuracy_m <= UNCERTAIN_M_MAX
            and 0 <= self.time_accuracy_ms <= UNCERTAIN_MS_MAX
        )
        if not sound:
            raise Refused(
                "extent.accuracy",
                f"extent {name!r} is known to {self.accuracy_m} m, {self.height_accuracy_m} m in height and "
                f"{self.time_accuracy_ms} ms, must be 0 or more and at most 1,000 km and 366 days",
            )

    @property
    def widest(self) -> Window:
        """The window with all that it may be off: never too short."""
        window, off = self.window, self.time_accuracy_ms
        return Window(
            start=FIRST if window.start - off <= FIRST else Instant(window.start - off),
            end=FOREVER if window.end + off >= FOREVER else Instant(window.end + off),
        )
