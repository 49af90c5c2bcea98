"""Feeds: where reports come from, and what each of them yields."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from keepclear.core.instant import Instant
from keepclear.core.watch.report import Reports, SourceName
from keepclear.formats.feed.refusal import Refusal

Clock: TypeAlias = Callable[[], Instant]
"""Tells the time; feeds are given one, so that no feed asks the machine."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrival:
    """What a feed yields at once: reports, refusals, how much was ignored, and when it came."""

    reports: Reports
    at: Instant
    refusals: tuple[Refusal, ...] = ()
    ignored: int = 0


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

    @property
    def trouble(self) -> str:
        """What is wrong with it now, in words; empty while it is well. Whether it is late is for the watch to say."""
        ...
