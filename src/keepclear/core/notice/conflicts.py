"""Conflicts that stand: each is known by its two extents, and is found, changed, seen by a person, and gone.

One that a person has seen stays seen until it becomes surer or another rule makes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from keepclear.core.errors import Refused
from keepclear.core.notice.conflict import Conflict
from keepclear.core.notice.event import (
    BoardEffect,
    ConflictChange,
    ConflictChanged,
    ConflictKey,
    ConflictSeen,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A conflict that stands; ``seen_by`` names who took note of it, and is empty while nobody has."""

    conflict: Conflict
    seen_by: str = ""


class Conflicts:
    """All conflicts of a board; it does not judge what is one."""

    def __init__(self) -> None:
        self.standing: dict[ConflictKey, Standing] = {}
        self._of: dict[str, set[ConflictKey]] = {}

    def restore(self, standing: Mapping[ConflictKey, Standing]) -> None:
        """Take up what others held; there are none yet."""
        for key, each in standing.items():
            self._put(key, each)

    def stands(self, key: ConflictKey, conflict: Conflict) -> list[BoardEffect]:
        """Two extents are in conflict; nothing is told of one that was there just so."""
        before = self.standing.get(key)
        if before is not None and before.conflict == conflict:
            return []
        # What was seen stays seen unless it is surer now, or another rule makes it.
        is_new = (
            before is None
            or conflict.sure > before.conflict.sure
            or conflict.rule.name != before.conflict.rule.name
        )
        self._put(
            key, Standing(conflict=conflict, seen_by="" if is_new or before is None else before.seen_by)
        )
        change = ConflictChange.FOUND if before is None else ConflictChange.CHANGED
        return [ConflictChanged(key=key, change=change, conflict=conflict)]

    def seen(self, seen: ConflictSeen) -> list[BoardEffect]:
        """A person took note of one. Raises Refused("conflict.unknown") where it is not there any longer."""
        standing = self.standing.get(seen.conflict)
        if standing is None:
            raise Refused("conflict.unknown", "there is no such conflict any longer")
        self.standing[seen.conflict] = replace(standing, seen_by=seen.by)
        return [
            ConflictChanged(
                key=seen.conflict, change=ConflictChange.SEEN, conflict=standing.conflict, by=seen.by
            )
        ]

    def cleared(self, side: str, *, but: Iterable[ConflictKey] = ()) -> list[BoardEffect]:
        """The conflicts of one side are there no longer, but for some."""
        return self.gone(self._of.get(side, set()).difference(but))

    def gone(self, keys: Iterable[ConflictKey]) -> list[BoardEffect]:
        """These are there no longer; told of in the order of their keys."""
        return [
            ConflictChanged(key=key, change=ConflictChange.CLEARED, conflict=self._pop(key))
            for key in sorted(keys)
        ]

    def _put(self, key: ConflictKey, standing: Standing) -> None:
        self.standing[key] = standing
        for side in (key.one, key.other):
            self._of.setdefault(side, set()).add(key)

    def _pop(self, key: ConflictKey) -> Conflict:
        for side in (key.one, key.other):
            self._of[side].discard(key)
            if not self._of[side]:
                del self._of[side]
        return self.standing.pop(key).conflict
