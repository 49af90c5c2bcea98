"""The latest velocity of each track, for sources that send it apart from the position."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.instant import Instant
from keepclear.core.watch.report import TrackName

VELOCITY_AGE_MAX_MS: Final = 10_000
"""A velocity older than this is not put beside a position: an aircraft may have turned about since."""

TRACKS_MAX: Final = 20_000
"""The most tracks that a reader keeps a state for; past it the one heard longest ago is forgotten."""

_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Velocity:
    """Speed over ground, true course and climb at a moment; NaN where the source did not say."""

    time_ms: int
    speed_mps: float = _NAN
    course_deg: float = _NAN
    climb_mps: float = _NAN


UNKNOWN_VELOCITY: Final = Velocity(time_ms=0)
"""The velocity of a track that did not tell one."""


class Velocities:
    """Remembers the latest velocity of each track."""

    def __init__(self) -> None:
        self._latest: dict[TrackName, Velocity] = {}

    def learn(self, track: TrackName, velocity: Velocity) -> None:
        """Takes a velocity as the track's latest."""
        self._latest.pop(track, None)
        self._latest[track] = velocity
        if len(self._latest) > TRACKS_MAX:
            del self._latest[next(iter(self._latest))]

    def at(self, track: TrackName, when: Instant) -> Velocity:
        """The track's velocity at a moment, or UNKNOWN_VELOCITY if the latest is too far from it in time."""
        latest = self._latest.get(track)
        if latest is None or abs(when - latest.time_ms) > VELOCITY_AGE_MAX_MS:
            return UNKNOWN_VELOCITY
        return latest
