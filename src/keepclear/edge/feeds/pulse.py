"""The pulse of a live feed: whether it is connected, when it last told anything, and how to say so."""

from __future__ import annotations

from typing import Final

from keepclear.core.instant import Instant, clock_text
from keepclear.edge.feeds.arrival import FeedState, FeedStatus

LATE_AFTER_MS: Final = 15_000
"""How long a feed may be silent before it is called late."""


class Pulse:
    """Keeps the state of one feed."""

    def __init__(self, *, late_after_ms: int = LATE_AFTER_MS) -> None:
        self._late_after_ms = late_after_ms
        self._state = FeedState.WAITING
        self._words = "nothing has come yet"
        self._last: Instant | None = None

    def beat(self, now: Instant) -> None:
        """Something came."""
        self._last = now
        self._state = FeedState.LIVE
        self._words = "receiving"

    def wait(self, words: str) -> None:
        """The feed is open, and nothing has come since."""
        self._state = FeedState.WAITING if self._last is None else FeedState.LIVE
        self._words = words

    def lose(self, words: str) -> None:
        """The connection is gone."""
        self._state = FeedState.LOST
        self._words = words

    def end(self, words: str) -> None:
        """Nothing more will come."""
        self._state = FeedState.ENDED
        self._words = words

    def status(self, now: Instant) -> FeedStatus:
        """The state at a moment."""
        late = self._last is not None and now - self._last > self._late_after_ms
        if self._state is FeedState.LIVE and self._last is not None and late:
            words = f"nothing since {clock_text(self._last)}"
            return FeedStatus(state=FeedState.LATE, last=self._last, words=words)
        return FeedStatus(state=self._state, last=self._last, words=self._words)
