"""The parts of messages that are open to this node, for as long as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from keepclear.core.errors import Untrusted
from keepclear.core.instant import Instant
from keepclear.edge.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPart:
    """The opening of a part, in the very bytes to which its author committed (docs/protocol.md clause 7).

    ``commitment`` is the SHA-256 of the bytes in lower-case hexadecimal; it is kept until the instant, or without
    end. Raises Untrusted("part.commitment") when the bytes are not those.
    """

    commitment: str
    opening: bytes
    keep_until: Instant | None = None

    def __post_init__(self) -> None:
        found = sha256(self.opening).hexdigest()
        if found != self.commitment:
            raise Untrusted(
                "part.commitment",
                f"opening of {len(self.opening)} bytes is of {found}, must be of {self.commitment}",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A part whose opening is to be kept until an instant and no longer."""

    commitment: str
    until: Instant


class Parts:
    """The opened parts in the store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, openings: Sequence[OpenPart]) -> None:
        """Keeps openings, as often as they come; inside a transaction of the database only.

        Of two times until which one is to be kept the earlier holds; one that expired is not kept again.
        """
        self._database.execute_each(
            "INSERT INTO part (commitment, opening, keep_until_ms) VALUES (?, ?, ?)"
            " ON CONFLICT (commitment) DO UPDATE SET keep_until_ms ="
            " min(ifnull(keep_until_ms, excluded.keep_until_ms), ifnull(excluded.keep_until_ms, keep_until_ms))",
            [(each.commitment, each.opening, each.keep_until) for each in openings],
        )

    def leave(self, leaving: Sequence[Leaving]) -> None:
        """Sets until when parts that are here are kept; inside a transaction only. Of two times the earlier holds."""
        self._database.execute_each(
            "UPDATE part SET keep_until_ms = min(ifnull(keep_until_ms, ?), ?) WHERE commitment = ?",
            [(each.until, each.until, each.commitment) for each in leaving],
        )

    def opening(self, commitment: str) -> bytes | None:
        """The opening of a part, or None when this node never had it or it expired.

        Raises Untrusted("store.damaged") when the stored bytes are not those that were kept.
        """
        with self._database.reading():
            query = "SELECT opening FROM part WHERE commitment = ?"
            row = self._database.execute(query, commitment).fetchone()
        if row is None or row[0] is None:
            return None
        if sha256(row[0]).hexdigest() != commitment:
            raise Untrusted(
                "store.damaged",
                f"store {self._database.path} is damaged: part {commitment} is not what was kept",
            )
        return row[0]

    def expire(self, now: Instant) -> int:
        """Removes every opening that was to be kept until now or earlier; how many that were.

        The bytes are overwritten in the file and gone from its write-ahead log when this ends. What a file system
        or a disk keeps of blocks that it no longer uses is beyond it, and so are backups.
        """
        with self._database.transaction():
            count = len(
                list(
                    self._database.execute(
                        "UPDATE part SET opening = NULL WHERE opening IS NOT NULL AND keep_until_ms <= ?"
                        " RETURNING 1",
                        now,
                    )
                )
            )
        if count:
            self._database.forget_removed()
        return count
