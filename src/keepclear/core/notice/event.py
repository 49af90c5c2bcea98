"""What happens to the board of notices, and what the board answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.notice.conflict import Conflict
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.lead import Lead
from keepclear.core.notice.lifecycle import Happening, Stage
from keepclear.core.notice.minima import Minima
from keepclear.core.notice.notice import Notice

NoticeId = NewType("NoticeId", str)
"""The hash of the entry that gave a notice, or of a version of one: lower-case hexadecimal."""

Giver = NewType("Giver", str)
"""The party that gave a notice."""

BY_MAX: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A party gave a notice. ``flag``: real, exercise or test, as its message says; ``amends``: the version before."""

    id: NoticeId
    by: Giver
    flag: str
    notice: Notice
    amends: NoticeId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A party withdrew its notice."""

    id: NoticeId
    by: Giver


class Report(StrEnum):
    """What is reported of a movement, or of a site."""

    DEPARTED = "departed"
    CHECKED_IN = "checked-in"
    ARRIVED = "arrived"
    ABORTED = "aborted"
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The party of a notice reported how it stands, as of an instant."""

    id: NoticeId
    by: Giver
    report: Report
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """A zone that is watched here, as far as notices are concerned; ``extents`` none: it is there no longer.

    ``admitted``: parties that may be in it, the one that declared it among them. ``at_times``: it is in force at some
    hours only, so that nothing in it is certain.
    """

    zone: str
    extents: tuple[Extent, ...]
    admitted: frozenset[Giver] = frozenset()
    at_times: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimaSet:
    """The rules by which notices are compared were set."""

    minima: Minima


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictSeen:
    """A person has taken note of a conflict; it stays so until something about it is new.

    Raises Refused("conflict.by") unless ``by`` names someone in BY_MAX characters or fewer.
    """

    conflict: ConflictKey
    by: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.by) <= BY_MAX or not self.by.strip():
            raise Refused(
                "conflict.by", f"seen by {self.by[:40]!r}, must name who takes note of the conflict"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesTicked:
    """Time has gone by."""


BoardEvent = Given | Withdrawn | Reported | Bounded | MinimaSet | ConflictSeen | NoticesTicked


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ConflictKey:
    """Which two extents of which two: identifiers of notices or ``zone NAME``, the lesser first."""

    one: str
    one_extent: str
    other: str
    other_extent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeChanged:
    """A notice came, or its stage changed. ``lead``: with a notice that came; else None."""

    id: NoticeId
    by: Giver
    stage: Stage
    happening: Happening | None = None
    lead: Lead | None = None


class ConflictChange(StrEnum):
    """What became of a conflict."""

    FOUND = "found"
    CHANGED = "changed"
    SEEN = "seen"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictChanged:
    """A conflict was found, changed, was seen by a person (``by``), or is there no longer."""

    key: ConflictKey
    change: ConflictChange
    conflict: Conflict
    by: str = ""


BoardEffect = NoticeChanged | ConflictChanged
