"""What came from outside and was not accepted: all of it counted, the last of it kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.edge.store.database import Database

REFUSALS_KEPT: Final = 1_000
SAMPLE_BYTES_MAX: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedInput:
    """Something from outside that was not accepted: where it came from, why, and how it began.

    Of the sample the first SAMPLE_BYTES_MAX bytes are kept.
    """

    at: Instant
    source: str
    code: str
    message: str
    sample: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalCount:
    """How often one source was refused for one reason, exactly, since the store was made."""

    source: str
    code: str
    count: int


class Refusals:
    """The refusals in the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, refusals: Sequence[RefusedInput]) -> None:
        """Counts refusals and keeps the last REFUSALS_KEPT; inside a transaction of the database only."""
        for refusal in refusals:
            self._database.execute(
                "INSERT INTO refusal (at_ms, source, code, message, sample) VALUES (?, ?, ?, ?, ?)",
                *(refusal.at, refusal.source, refusal.code, refusal.message),
                refusal.sample[:SAMPLE_BYTES_MAX],
            )
            self._database.execute(
                "INSERT INTO refusal_count (source, code, count) VALUES (?, ?, 1)"
                " ON CONFLICT (source, code) DO UPDATE SET count = count + 1",
                *(refusal.source, refusal.code),
            )
        self._database.execute(
            "DELETE FROM refusal WHERE seq <= (SELECT max(seq) FROM refusal) - ?", REFUSALS_KEPT
        )

    def newest(self, *, limit: int) -> tuple[RefusedInput, ...]:
        """The newest refusals, the newest first; no more than the last REFUSALS_KEPT are there.

        Raises Refused("store.limit") for a limit outside 1 to REFUSALS_KEPT.
        """
        if not 1 <= limit <= REFUSALS_KEPT:
            raise Refused("store.limit", f"limit is {limit}, must be 1 to {REFUSALS_KEPT}")
        with self._database.reading():
            rows = self._database.execute(
                "SELECT at_ms, source, code, message, sample FROM refusal ORDER BY seq DESC LIMIT ?", limit
            )
            return tuple(
                RefusedInput(at=Instant(at_ms), source=source, code=code, message=message, sample=sample)
                for at_ms, source, code, message, sample in rows
            )

    def counts(self) -> tuple[RefusalCount, ...]:
        """Every refusal ever, counted by source and code, in the order of these two."""
        with self._database.reading():
            rows = self._database.execute(
                "SELECT source, code, count FROM refusal_count ORDER BY source, code"
            )
            return tuple(RefusalCount(source=source, code=code, count=count) for source, code, count in rows)
