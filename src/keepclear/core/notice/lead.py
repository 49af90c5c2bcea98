"""Lead times: how long before its start a notice has to be given. The date of a notice is that of its receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from keepclear.core.instant import DAY_MS, HOUR_MS, Duration, Instant
from keepclear.core.notice.movement import Movement
from keepclear.core.notice.notice import Notice, NoticeKind

EMERGENCY_MS: Final = Duration(24 * HOUR_MS)
"""A movement in an emergency: at least so long ahead, and flagged (OCHA Yemen)."""

LEADS: Final[Mapping[NoticeKind, Duration]] = {
    NoticeKind.ENTRY: Duration(24 * HOUR_MS),
    NoticeKind.OVERFLIGHT: Duration(24 * HOUR_MS),
    NoticeKind.FORCES: Duration(24 * HOUR_MS),
    NoticeKind.HAZARD: Duration(48 * HOUR_MS),
    NoticeKind.EXERCISE: Duration(14 * DAY_MS),
    NoticeKind.MOVEMENT: Duration(48 * HOUR_MS),
}
"""What is asked for unless parties have agreed otherwise; kinds that are not here may start at once.

48 hours for a road movement: OCHA Yemen. The others are this project's own; thresholds ask for more of exercises.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """How long before its start a notice was received, and how long was asked for.

    ``given_ms``: negative when it had begun. ``emergency``: it says that it is one, which shortens what is asked for.
    """

    asked_ms: Duration
    given_ms: int
    emergency: bool = False

    @property
    def short_ms(self) -> Duration:
        """By how much it came too late; 0 where it came in time."""
        return Duration(max(self.asked_ms - self.given_ms, 0))


def lead_of(notice: Notice, received: Instant, leads: Mapping[NoticeKind, Duration] = LEADS) -> Lead:
    """The lead time of a notice received at an instant."""
    emergency = isinstance(notice.body, Movement) and notice.body.emergency
    asked_ms = leads.get(notice.kind, Duration(0))
    return Lead(
        asked_ms=Duration(min(asked_ms, EMERGENCY_MS)) if emergency else asked_ms,
        given_ms=notice.starts - received,
        emergency=emergency,
    )
