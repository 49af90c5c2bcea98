"""The life of a notice: one table of what can become of each kind, and what time alone makes of it.

What is not in the table cannot happen. Silence is never safety: what should have been reported and was not is overdue,
and stays so until somebody says what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.notice.notice import NoticeKind


class Stage(StrEnum):
    """Where a notice is in its life."""

    PLANNED = "planned"
    IN_FORCE = "in force"
    ENDED = "ended"
    """Its last window is over."""
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    """A later version stands in its place."""
    DUE = "due"
    """A movement that may have left, and has not said so."""
    UNDER_WAY = "under way"
    OVERDUE = "overdue"
    """A movement that should have reported, and has not."""
    ARRIVED = "arrived"
    ABORTED = "aborted"
    STALE = "stale"
    """A site that nobody has verified for too long; it is there all the same."""
    EXPIRED = "expired"
    """A site whose notification has run out; it may be there all the same."""
    REPORTED = "reported"
    """An incident, which has no end."""


class Happening(StrEnum):
    """What happens to a notice."""

    STARTS = "its window opens"
    ENDS = "its window closes"
    WITHDRAWS = "its party withdraws it"
    AMENDS = "its party amends it"
    DEPARTS = "it reports departure"
    CHECKS_IN = "it reports where it is"
    ARRIVES = "it reports arrival"
    ABORTS = "it reports that it turned back"
    FALLS_SILENT = "no report when one was due"
    STALES = "nobody verified it for too long"
    VERIFIED = "it is verified again"
    EXPIRES = "its notification runs out"


Table = Mapping[tuple[Stage, Happening], Stage]

_OPEN: Final = (Stage.PLANNED, Stage.IN_FORCE)
_ACTIVITY: Final[Table] = {
    (Stage.PLANNED, Happening.STARTS): Stage.IN_FORCE,
    (Stage.IN_FORCE, Happening.ENDS): Stage.ENDED,
    **{(stage, Happening.WITHDRAWS): Stage.WITHDRAWN for stage in _OPEN},
    **{(stage, Happening.AMENDS): Stage.REPLACED for stage in _OPEN},
}
_MOVING: Final = (Stage.PLANNED, Stage.DUE, Stage.UNDER_WAY, Stage.OVERDUE)
_MOVEMENT: Final[Table] = {
    (Stage.PLANNED, Happening.STARTS): Stage.DUE,
    **{(stage, Happening.DEPARTS): Stage.UNDER_WAY for stage in (Stage.PLANNED, Stage.DUE, Stage.OVERDUE)},
    **{
        (stage, Happening.CHECKS_IN): Stage.UNDER_WAY for stage in (Stage.DUE, Stage.UNDER_WAY, Stage.OVERDUE)
    },
    **{(stage, Happening.FALLS_SILENT): Stage.OVERDUE for stage in (Stage.DUE, Stage.UNDER_WAY)},
    **{(stage, Happening.ARRIVES): Stage.ARRIVED for stage in (Stage.DUE, Stage.UNDER_WAY, Stage.OVERDUE)},
    **{(stage, Happening.ABORTS): Stage.ABORTED for stage in _MOVING},
    **{(stage, Happening.WITHDRAWS): Stage.WITHDRAWN for stage in _MOVING},
    **{(stage, Happening.AMENDS): Stage.REPLACED for stage in _MOVING},
}
_STANDING: Final = (Stage.PLANNED, Stage.IN_FORCE, Stage.STALE)
_SITE: Final[Table] = {
    (Stage.PLANNED, Happening.STARTS): Stage.IN_FORCE,
    (Stage.IN_FORCE, Happening.STALES): Stage.STALE,
    (Stage.STALE, Happening.VERIFIED): Stage.IN_FORCE,
    (Stage.IN_FORCE, Happening.VERIFIED): Stage.IN_FORCE,
    **{(stage, Happening.EXPIRES): Stage.EXPIRED for stage in (Stage.IN_FORCE, Stage.STALE)},
    **{(stage, Happening.WITHDRAWS): Stage.WITHDRAWN for stage in (*_STANDING, Stage.EXPIRED)},
    **{(stage, Happening.AMENDS): Stage.REPLACED for stage in (*_STANDING, Stage.EXPIRED)},
}
_INCIDENT: Final[Table] = {
    (Stage.REPORTED, Happening.WITHDRAWS): Stage.WITHDRAWN,
    (Stage.REPORTED, Happening.AMENDS): Stage.REPLACED,
}

LIVES: Final[Mapping[NoticeKind, Table]] = {
    NoticeKind.ENTRY: _ACTIVITY,
    NoticeKind.OVERFLIGHT: _ACTIVITY,
    NoticeKind.FORCES: _ACTIVITY,
    NoticeKind.HAZARD: _ACTIVITY,
    NoticeKind.EXERCISE: _ACTIVITY,
    NoticeKind.ZONE: _ACTIVITY,
    NoticeKind.SITE: _SITE,
    NoticeKind.MOVEMENT: _MOVEMENT,
    NoticeKind.INCIDENT: _INCIDENT,
}
"""What can become of each kind of notice."""

OVER: Final = frozenset({Stage.ENDED, Stage.WITHDRAWN, Stage.REPLACED, Stage.ARRIVED, Stage.ABORTED})
"""Stages in which a notice keeps nobody clear of anything any longer."""


def first_stage(kind: NoticeKind) -> Stage:
    """Where the life of a notice begins."""
    return Stage.REPORTED if kind is NoticeKind.INCIDENT else Stage.PLANNED


def counts(kind: NoticeKind, stage: Stage) -> bool:
    """Whether a notice is looked at for conflicts: as long as what it says may be there, and never an incident."""
    return kind is not NoticeKind.INCIDENT and stage not in OVER


def next_stage(kind: NoticeKind, stage: Stage, happening: Happening) -> Stage:
    """What becomes of a notice. Raises Refused("notice.stage") for what is not in the table, and nothing changes."""
    table = LIVES[kind]
    if (stage, happening) not in table:
        possible = sorted({each.value for at, each in table if at is stage})
        raise Refused(
            "notice.stage",
            f"a notice of kind {kind} is {stage}, and it cannot be that {happening}; possible: "
            f"{', '.join(possible) or 'nothing'}",
        )
    return table[stage, happening]


def life_table(kind: NoticeKind) -> tuple[tuple[str, str, str], ...]:
    """The rows of a kind's table: stage, what happens, stage after it."""
    return tuple((at.value, happens.value, after.value) for (at, happens), after in LIVES[kind].items())
