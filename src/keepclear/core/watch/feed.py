"""Feeds: the sources of reports, and whether they are still heard. A quiet feed is never taken for a quiet sky."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from keepclear.core.instant import SECOND_MS, Duration, Instant
from keepclear.core.watch.report import SourceName

LATE_MS: Final = Duration(5 * SECOND_MS)
LOST_MS: Final = Duration(30 * SECOND_MS)


class FeedState(Enum):
    """How a feed stands."""

    WAITING = "waiting"
    LIVE = "live"
    LATE = "late"
    LOST = "lost"
    ENDED = "ended"
    """It said that it has nothing more, as a recording does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One source of reports. ``late_ms``, ``lost_ms``: quiet for longer than this is late, or lost.

    ``last``: when something last arrived, None before the first. ``reports``, ``late_reports``,
    ``future_reports``: counted since the node's first start; ``refused``: what its reader refused.
    ``trouble``: what the connection said, in words; empty while it is well.
    """

    name: SourceName
    kind: str
    late_ms: Duration = LATE_MS
    lost_ms: Duration = LOST_MS
    last: Instant | None = None
    ended: bool = False
    reports: int = 0
    late_reports: int = 0
    future_reports: int = 0
    refused: int = 0
    trouble: str = ""


def feed_state(feed: Feed, *, now: Instant) -> FeedState:
    """How the feed stands now."""
    if feed.ended:
        return FeedState.ENDED
    if feed.last is None:
        return FeedState.WAITING
    quiet_ms = now - feed.last
    if quiet_ms > feed.lost_ms:
        return FeedState.LOST
    return FeedState.LATE if quiet_ms > feed.late_ms else FeedState.LIVE


def counted(feed: Feed, *, reports: int, late: int, future: int, refused: int, now: Instant) -> Feed:
    """The feed after something arrived from it: how many reports, and how many of them were not used, and why."""
    return replace(
        feed,
        last=now,
        reports=feed.reports + reports,
        late_reports=feed.late_reports + late,
        future_reports=feed.future_reports + future,
        refused=feed.refused + refused,
    )


def feed_words(feed: Feed, *, now: Instant) -> str:
    """The feed's state as a person reads it, such as ``late 8 s``."""
    state = feed_state(feed, now=now)
    if feed.last is None or state in (FeedState.LIVE, FeedState.ENDED):
        words = state.value
    else:
        words = f"{state.value} {(now - feed.last) // SECOND_MS} s"
    return f"{words}: {feed.trouble}" if feed.trouble else words
