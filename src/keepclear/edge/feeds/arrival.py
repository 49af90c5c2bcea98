"""Feeds: where reports come from, and what each of them yields."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from keepclear.core.instant import Instant
from keepclear.core.watch.report import Reports, SourceName
from keepclear.formats.refusal import Refusal

Clock: TypeAlias = Callable[[], Instant]
"""Tells the time; feeds are given one, so that no feed asks the machine."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrival:
    """What a feed yields at once: reports, refusals, how much was ignored, and when it came."""

    reports: Reports
    at: Instant
    refusals: tuple[Refusal, ...] = ()
    ignored: int = 0


class FeedState(StrEnum):
    """How a feed does, as the console says it."""

    WAITING = "waiting"
    """Nothing has come yet."""
    LIVE = "live"
    LATE = "late"
    """Connected, and silent for longer than it should be."""
    LOST = "lost"
    """The connection is gone; a feed that can connect again keeps trying."""
    ENDED = "ended"
    """The source ended by itself, or was closed here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """The state of a feed at a moment, when it last yielded anything, and the state in words."""

    state: FeedState
    last: Instant | None
    words: str


class Feed(Protocol):
    """A source of reports."""

    @property
    def name(self) -> SourceName:
        """The name under which its reports come."""
        ...

    @property
    def kind(self) -> str:
        """What sort of feed it is: ``tcp``, ``udp``, ``stdin``, ``recording``, ``scenario``."""
        ...

    def arrivals(self) -> AsyncIterator[Arrival]:
        """Yields what comes, until the source ends or the iteration is closed. To be iterated once."""
        ...

    def status(self, now: Instant) -> FeedStatus:
        """How the feed does now."""
        ...
