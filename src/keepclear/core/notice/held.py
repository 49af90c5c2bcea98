"""Held notices: a notice as it stands on a board, and what time alone will make of it next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from keepclear.core.instant import FIRST, FOREVER, Instant
from keepclear.core.notice.lifecycle import Happening, Stage
from keepclear.core.notice.movement import Movement
from keepclear.core.notice.notice import Notice
from keepclear.core.notice.site import STALE_AFTER_MS, Site

NoticeId = NewType("NoticeId", str)
"""The hash of the entry that gave a notice, or of a version of one: lower-case hexadecimal."""

Giver = NewType("Giver", str)
"""The party that gave a notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A notice on the board. ``reported``: when it was last heard how it stands, by what was reported."""

    id: NoticeId
    by: Giver
    flag: str
    notice: Notice
    received: Instant
    stage: Stage
    reported: Instant = FIRST
    amends: NoticeId | None = None


def next_due(held: Held) -> tuple[Instant, Happening] | None:
    """What time alone will make of a notice next, and when; None of what only people change."""
    notice, stage = held.notice, held.stage
    match stage:
        case Stage.PLANNED:
            return min(extent.widest.start for extent in notice.extents), Happening.STARTS
        case Stage.IN_FORCE if not isinstance(notice.body, Site):
            end = max(extent.widest.end for extent in notice.extents)
            return None if end == FOREVER else (end, Happening.ENDS)
        case Stage.DUE if isinstance(notice.body, Movement):
            return Instant(notice.body.waypoints[0].closes + notice.body.check_in_ms), Happening.FALLS_SILENT
        case Stage.UNDER_WAY if isinstance(notice.body, Movement):
            return Instant(held.reported + notice.body.check_in_ms), Happening.FALLS_SILENT
        case Stage.IN_FORCE | Stage.STALE if isinstance(notice.body, Site):
            expires = (notice.body.expires, Happening.EXPIRES)
            stales = (Instant(notice.body.verified + STALE_AFTER_MS), Happening.STALES)
            if stage is Stage.STALE or expires[0] <= stales[0]:
                return None if expires[0] == FOREVER else expires
            return stales
        case _:
            return None


def is_one_activity(one: Held, other: Held) -> bool:
    """Whether two notices are of one activity: their party tells of it on two lines, or gave a version of it twice."""
    return (one.by, one.notice.designation) == (other.by, other.notice.designation)
