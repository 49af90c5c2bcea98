"""Disclosures: who was given which part, since when and by which way, and for which parts consent was withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepclear.core.instant import Instant
from keepclear.edge.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """That a party was given a part, when it was first given, and by what way (``link``, ``file``, ``paper``...).

    ``by`` and ``reason`` are those of the person who released it; empty where the message itself releases it.
    """

    commitment: str
    to_party: str
    at: Instant
    way: str
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """That consent for a part was withdrawn: by whom, why, and since when nothing more of it leaves."""

    commitment: str
    at: Instant
    by: str
    reason: str


class Disclosures:
    """What the store knows of parts that were given away, and of those that must not be any more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, disclosures: Sequence[Disclosure]) -> None:
        """Notes to whom parts are given; of the same part, party and way the first time stands, with who and why.

        Inside a transaction of the database only.
        """
        self._database.execute_each(
            "INSERT INTO disclosed (commitment, to_party, way, at_ms, by, reason) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET at_ms = excluded.at_ms, by = excluded.by, reason = excluded.reason"
            " WHERE excluded.at_ms < at_ms",
            [
                (each.commitment, each.to_party, each.way, each.at, each.by, each.reason)
                for each in disclosures
            ],
        )

    def withdraw(self, withdrawals: Sequence[Withdrawal]) -> None:
        """Notes that consent was withdrawn; the first time stands. Inside a transaction of the database only."""
        self._database.execute_each(
            "INSERT INTO withdrawn (commitment, at_ms, by, reason) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(each.commitment, each.at, each.by, each.reason) for each in withdrawals],
        )

    def of(self, commitment: str) -> tuple[Disclosure, ...]:
        """Who was given a part, by time."""
        return self._found("commitment = ?", commitment)

    def to(self, party: str) -> tuple[Disclosure, ...]:
        """What a party was given, by time."""
        return self._found("to_party = ?", party)

    def withdrawal(self, commitment: str) -> Withdrawal | None:
        """The withdrawal of consent for a part; None while it stands."""
        query = "SELECT at_ms, by, reason FROM withdrawn WHERE commitment = ?"
        with self._database.reading():
            row = self._database.execute(query, commitment).fetchone()
        if row is None:
            return None
        at_ms, by, reason = row
        return Withdrawal(commitment=commitment, at=Instant(at_ms), by=by, reason=reason)

    def _found(self, condition: str, asked: str) -> tuple[Disclosure, ...]:
        with self._database.reading():
            rows = self._database.execute(
                f"SELECT commitment, to_party, at_ms, way, by, reason FROM disclosed WHERE {condition}"
                " ORDER BY at_ms, commitment, to_party, way",
                asked,
            )
            return tuple(
                Disclosure(
                    commitment=commitment, to_party=party, at=Instant(at_ms), way=way, by=by, reason=reason
                )
                for commitment, party, at_ms, way, by, reason in rows
            )
