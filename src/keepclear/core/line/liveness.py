"""Liveness: whether somebody is at the other end, measured and not assumed.

Source of the hourly check: the practice of the direct communications link (MOLINK). Two missed are degraded.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from keepclear.core.instant import FIRST, FOREVER, Duration, Instant
from keepclear.core.line.status import Heard, Status
from keepclear.core.line.terms import Timers

LINK = "link"
"""The name of the way that carries by itself, at once and with an answer."""

MISSED_MAX = 2
"""So many comms checks missed make a line degraded."""


class Condition(StrEnum):
    """How a line stands, the best first."""

    ATTENDED = "attended"
    UNATTENDED = "unattended"
    DEGRADED = "degraded"
    NEVER = "never-heard"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockDifference:
    """How far the other's clock is ahead of ours, and by how much that may be wrong, in milliseconds."""

    ahead_ms: int
    error_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WayState:
    """One way to the other: when it last carried something, since when it fails, and what it says."""

    carried: Instant | None = None
    failing: Instant | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Liveness:
    """What is known of the other end. Instants are by our clock, but for ``last_said`` and ``attended``.

    ``answered``: when we said the latest status of ours that one of the other's has answered.
    """

    opened: Instant
    heard: Instant | None = None
    last_said: Instant | None = None
    answered: Instant | None = None
    attended: Instant | None = None
    clock: ClockDifference | None = None
    ways: Mapping[str, WayState] = field(default_factory=dict[str, WayState])

    def after(self, status: Status, *, now: Instant) -> Liveness:
        """With one more believed status. The clocks are compared where it answers a status of ours."""
        heard = Heard(said=status.at, at=now)
        return replace(
            self,
            heard=now,
            last_said=status.at,
            answered=max(
                (each for each in (self.answered, _answers(status)) if each is not None), default=None
            ),
            attended=status.attended if status.attended is not None else self.attended,
            clock=_nearer(self.clock, _difference(status, heard)),
        )

    def believed(self, status: Status) -> bool:
        """Whether a status is newer than the last one: an older one was on the way for longer, or is played again.

        One that answers a later status of ours was said later too, though its clock has been set back since.
        """
        answers = _answers(status)
        if self.last_said is None or status.at > self.last_said:
            return True
        return answers is not None and (self.answered is None or answers > self.answered)

    def condition(self, timers: Timers, *, now: Instant) -> Condition:
        """How the line stands now."""
        if self.heard is None:
            return Condition.NEVER
        missed = now - self.heard >= MISSED_MAX * timers.check_every
        if missed or self.cut is not None or self._link_fails():
            return Condition.DEGRADED
        since = self.attended_by_us
        if since is None or now - since >= timers.unattended_after:
            return Condition.UNATTENDED
        return Condition.ATTENDED

    @property
    def attended_by_us(self) -> Instant | None:
        """When a person last acted at the other end, by our clock."""
        if self.attended is None:
            return None
        since = self.attended - (0 if self.clock is None else self.clock.ahead_ms)
        # A clock that is centuries off must not make an instant that nobody can write.
        since = min(max(since, FIRST), FOREVER)
        if self.heard is None or self.last_said is None:
            return Instant(since)
        # Whatever its clock says, the other said it before we heard it: a clock that is ahead makes nobody attend.
        return Instant(max(min(since, self.heard - max(0, self.last_said - self.attended)), FIRST))

    @property
    def cut(self) -> Instant | None:
        """Since when every way fails that was ever tried; None while one of them carries."""
        since = [way.failing for way in self.ways.values()]
        failing = [each for each in since if each is not None]
        return max(failing) if failing and len(failing) == len(since) else None

    def _link_fails(self) -> bool:
        """Whether the link fails: a stick that still goes to and fro is no line that people can speak on."""
        link = self.ways.get(LINK)
        return link is not None and link.failing is not None

    def carried(self, way: str, *, now: Instant) -> Liveness:
        """With a way that has just carried something."""
        return replace(self, ways={**self.ways, way: WayState(carried=now)})

    def failed(self, way: str, trouble: str, *, now: Instant) -> Liveness:
        """With a way that has just failed; since when it does is kept."""
        before = self.ways.get(way, WayState())
        since = now if before.failing is None else before.failing
        return replace(self, ways={**self.ways, way: replace(before, failing=since, trouble=trouble)})

    def without(self, ways: Collection[str]) -> Liveness:
        """With nothing known of these ways."""
        return replace(self, ways={way: each for way, each in self.ways.items() if way not in ways})


def _answers(status: Status) -> Instant | None:
    return None if status.heard is None else status.heard.said


def _difference(status: Status, heard: Heard) -> ClockDifference | None:
    """The clocks compared from four instants, as NTP does (RFC 5905, clause 8).

    We said something at t0, the other heard it at t1 and answered at t2 by its clock, and we heard that at t3.
    """
    if status.heard is None:
        return None
    t0, t1, t2, t3 = status.heard.said, status.heard.at, status.at, heard.at
    round_trip = (t3 - t0) - (t2 - t1)
    if round_trip < 0 or t2 < t1 or t0 > t3:
        return None
    return ClockDifference(ahead_ms=((t1 - t0) + (t2 - t3)) // 2, error_ms=(round_trip + 1) // 2)


def _nearer(before: ClockDifference | None, now: ClockDifference | None) -> ClockDifference | None:
    """The new measurement, unless it is so vague that the old one says more: a stick takes a day."""
    if now is None:
        return before
    if before is None or now.error_ms <= max(4 * before.error_ms, 1_000):
        return now
    # A vague measurement that contradicts the old one shows that a clock was set since.
    apart = abs(now.ahead_ms - before.ahead_ms)
    return now if apart > now.error_ms + before.error_ms else before


def due_check(last: Instant | None, timers: Timers, *, now: Instant) -> bool:
    """Whether our next comms check is due."""
    return last is None or not 0 <= now - last < timers.check_every


def retry_after(tries: int, timers: Timers, *, urgent: bool) -> Duration:
    """How long to wait after so many tries: twice as long each time, up to a limit that urgency lowers."""
    limit = timers.retry_urgent if urgent else timers.retry_last
    return Duration(min(timers.retry_first << min(tries, 16), limit))
