"""Parts withheld: those of which a log says that its speaker gives them no more (docs/protocol.md clause 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepclear.core.instant import Instant
from keepclear.edge.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldPart:
    """That entry ``number`` of the log of an origin withholds a part of an earlier one, at the time that it states."""

    commitment: str
    origin: str
    number: int
    at: Instant


class WithheldParts:
    """The withheld parts in the store: our own, and those of the others that were never opened here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, parts: Sequence[WithheldPart]) -> None:
        """Notes parts; of one log and part the first entry stands. Inside a transaction of the database only."""
        self._database.execute_each(
            "INSERT INTO withheld (commitment, origin, number, at_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(each.commitment, each.origin, each.number, each.at) for each in parts],
        )

    def of(self, commitment: str, *, origin: str) -> WithheldPart | None:
        """What the log of an origin says of a part of its own; None while it is not withheld."""
        query = "SELECT number, at_ms FROM withheld WHERE commitment = ? AND origin = ?"
        with self._database.reading():
            row = self._database.execute(query, commitment, origin).fetchone()
        if row is None:
            return None
        number, at_ms = row
        return WithheldPart(commitment=commitment, origin=origin, number=number, at=Instant(at_ms))
