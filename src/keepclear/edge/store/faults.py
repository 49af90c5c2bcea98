"""Evidence of faults: what convicts a party of a line, kept for whoever has to judge it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from keepclear.core.instant import Instant
from keepclear.edge.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What a party of a line is convicted of, since when this node knows it, and the evidence (JSON) by itself.

    The kinds are those of docs/protocol.md clause 11.
    """

    at: Instant
    line: str
    party: str
    kind: str
    evidence: bytes


class Faults:
    """The faults in the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, faults: Sequence[Fault]) -> None:
        """Keeps evidence, the same evidence once; inside a transaction of the database only."""
        self._database.execute_each(
            "INSERT OR IGNORE INTO fault (at_ms, line, party, kind, evidence, sha256) VALUES (?, ?, ?, ?, ?, ?)",
            [
                (each.at, each.line, each.party, each.kind, each.evidence, sha256(each.evidence).digest())
                for each in faults
            ],
        )

    def of(self, line: str) -> tuple[Fault, ...]:
        """The faults of a line, in the order in which they were found."""
        with self._database.reading():
            rows = self._database.execute(
                "SELECT at_ms, line, party, kind, evidence FROM fault WHERE line = ? ORDER BY seq", line
            )
            return tuple(
                Fault(at=Instant(at_ms), line=line, party=party, kind=kind, evidence=evidence)
                for at_ms, line, party, kind, evidence in rows
            )
