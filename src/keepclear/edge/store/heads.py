"""The signed heads that are kept beside a log: its checkpoints, and the cosignatures given and received on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.record.checkpoint import checkpoint_of, opened
from keepclear.core.record.merkle import Head
from keepclear.core.trust.note import VerifierKey, note_of
from keepclear.edge.store.database import Database

CHECKPOINT_SPAN: Final = 256
"""Besides the newest, one checkpoint is kept out of so many entries: they bound where damage lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """A checkpoint of the log of one origin as a written note that bears a cosignature; ``by`` names whose.

    Whether the cosignature holds is for the giver to know: the store knows the log's key alone. ``given_s`` is the
    second that it states, where it is the node's own.
    """

    origin: str
    by: str
    note: str
    given_s: int | None = None


class SignedHeads:
    """The signed heads of one log in the store.

    A checkpoint is of entries that are all here; the note *ahead* is the newest known head of a log of which
    entries are still missing. Every method but ``newest_note`` and the other readers of notes raises Untrusted
    as ``checkpoint.opened`` does for a note that the log's key did not sign.
    """

    def __init__(self, database: Database, *, log: int, key: VerifierKey) -> None:
        self._database = database
        self._log = log
        self._key = key

    def stated(self, note: str) -> Head:
        """The head that a note states, once the log's key is shown to have signed it."""
        return opened(note, self._key).head

    def newest_note(self) -> str | None:
        """The checkpoint of the most entries, or None when nothing was ever signed."""
        return self._database.text(
            "SELECT note FROM checkpoint WHERE log = ? ORDER BY size DESC LIMIT 1", self._log
        )

    def newest_size(self) -> int:
        """How many entries the newest checkpoint covers, as it is filed; 0 when nothing was ever signed."""
        return self._database.number("SELECT max(size) FROM checkpoint WHERE log = ?", self._log)

    def newest(self) -> Head | None:
        """The head that the newest checkpoint states."""
        note = self.newest_note()
        return None if note is None else self.stated(note)

    def note_at(self, size: int) -> str | None:
        """The checkpoint of just so many entries, or None when none is kept."""
        return self._database.text("SELECT note FROM checkpoint WHERE log = ? AND size = ?", self._log, size)

    def after(self, start: int, *, within: int) -> tuple[int, str] | None:
        """The largest checkpoint past ``start`` within so many entries, else the next one, else the newest."""
        for query, bindings in (
            ("size > ? AND size <= ? ORDER BY size DESC", (start, start + within)),
            ("size > ? ORDER BY size", (start,)),
            ("size <= ? ORDER BY size DESC", (start,)),
        ):
            row = self._database.execute(
                f"SELECT size, note FROM checkpoint WHERE log = ? AND {query} LIMIT 1", self._log, *bindings
            ).fetchone()
            if row is not None:
                return row
        return None

    def all(self) -> dict[int, Head]:
        """The head that each kept checkpoint states, by its size."""
        notes = self._database.execute("SELECT note FROM checkpoint WHERE log = ? ORDER BY size", self._log)
        return {head.size: head for head in [self.stated(note) for (note,) in notes]}

    def keep(self, size: int, note: str) -> None:
        """Keeps a checkpoint; of two of one size the one with more signatures, which are its witnesses'.

        One that is no newer than what is kept in its span of CHECKPOINT_SPAN entries is not needed.
        """
        before = self.note_at(size)
        if before is not None:
            if len(note_of(note).signatures) > len(note_of(before).signatures):
                self._database.execute(
                    "UPDATE checkpoint SET note = ? WHERE log = ? AND size = ?", note, self._log, size
                )
            return
        self._database.execute(
            "INSERT INTO checkpoint (log, size, note) VALUES (?, ?, ?)", self._log, size, note
        )
        start, end = _span(size)
        self._database.execute(
            "DELETE FROM checkpoint WHERE log = ? AND size >= ? AND size < (SELECT max(size) FROM checkpoint"
            " WHERE log = ? AND size < ?)",
            *(self._log, start, self._log, end),
        )

    def ahead_note(self) -> str | None:
        """The newest head known of entries that are not all here, or None."""
        return self._database.text("SELECT note FROM ahead WHERE log = ?", self._log)

    def ahead(self) -> Head | None:
        """The head that the note ahead states."""
        note = self.ahead_note()
        return None if note is None else self.stated(note)

    def keep_ahead(self, size: int, note: str) -> None:
        """Keeps a head of more entries than are here, unless a larger one is kept."""
        self._database.execute(
            "INSERT INTO ahead (log, size, note) VALUES (?, ?, ?) ON CONFLICT (log) DO UPDATE"
            " SET size = excluded.size, note = excluded.note WHERE excluded.size > size",
            *(self._log, size, note),
        )

    def drop_ahead(self) -> None:
        """Forgets the note ahead: its entries are all here."""
        self._database.execute("DELETE FROM ahead WHERE log = ?", self._log)

    def keep_cosigned(self, size: int, *, by: str, note: str) -> None:
        """Keeps a cosigned checkpoint; the first one of its size, for it bounds the time of its entries best."""
        self._database.execute(
            "INSERT OR IGNORE INTO cosigned (log, by, size, note) VALUES (?, ?, ?, ?)",
            *(self._log, by, size, note),
        )
        start, end = _span(size)
        self._database.execute(
            "DELETE FROM cosigned WHERE log = ? AND by = ? AND size >= ? AND size < (SELECT max(size)"
            " FROM cosigned WHERE log = ? AND by = ? AND size < ?)",
            *(self._log, by, start, self._log, by, end),
        )

    def cosigned(self, by: str) -> str | None:
        """The newest checkpoint that this one cosigned, or None."""
        return self._database.text(
            "SELECT note FROM cosigned WHERE log = ? AND by = ? ORDER BY size DESC LIMIT 1", self._log, by
        )

    def cosigned_notes(self) -> tuple[str, ...]:
        """Every kept cosigned checkpoint, by size and then by whom."""
        rows = self._database.execute("SELECT note FROM cosigned WHERE log = ? ORDER BY size, by", self._log)
        return tuple(note for (note,) in rows)


def _span(size: int) -> tuple[int, int]:
    """From and until before which sizes one checkpoint is kept."""
    start = size - size % CHECKPOINT_SPAN
    return start, start + CHECKPOINT_SPAN


def stated_head(note: str) -> Head:
    """The head that a note states, whoever signed it."""
    return checkpoint_of(note_of(note).text).head
