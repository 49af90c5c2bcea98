"""What happens to the board of notices, and what the board answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.notice.conflict import Conflict
from keepclear.core.notice.extent import Extent
from keepclear.core.notice.held import Giver, Held, NoticeId
from keepclear.core.notice.lead import Lead
from keepclear.core.notice.lifecycle import Happening
from keepclear.core.notice.minima import Minima
from keepclear.core.notice.notice import Notice

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


Followed = Given | Withdrawn | Reported
"""What a party says of its notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What a message says of a notice could not be taken: ``code`` and ``why`` are those of the refusal.

    ``id`` is the message itself. It is shown for as long as UNREAD_MAX others have not come after it, for whatever it
    says may be there all the same.
    """

    id: NoticeId
    by: Giver
    code: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """A zone that is watched here, as far as notices are concerned; ``extents`` none: it is there no longer.

    ``admitted``: parties that may be in it, the one that declared it among them. ``at_times``: it is in force at some
    hours only, so that nothing in it is certain.
    """

    zone: str
    extents: tuple[Extent, ...] = ()
    admitted: frozenset[Giver] = frozenset()
    at_times: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimaSet:
    """The rules by which notices are compared were set; ``by`` is the person who did, or the agreement that says so.

    ``parties``: the two between whose activities they hold, by agreement; none: wherever no agreement says otherwise.
    Raises Refused("minima.by") unless ``by`` names someone in BY_MAX characters or fewer.
    """

    minima: Minima
    by: str
    parties: frozenset[Giver] = frozenset()

    def __post_init__(self) -> None:
        _demand_name(self.by, code="minima.by", what="who sets the minima")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictSeen:
    """A person has taken note of a conflict; it stays so until something about it is new.

    Raises Refused("conflict.by") unless ``by`` names someone in BY_MAX characters or fewer.
    """

    conflict: ConflictKey
    by: str

    def __post_init__(self) -> None:
        _demand_name(self.by, code="conflict.by", what="who takes note of the conflict")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesTicked:
    """Time has gone by."""


Decided = MinimaSet | ConflictSeen
"""What people at this node decide about the board; all else is said on lines, or comes from the watch or with time."""

BoardEvent = Followed | Unread | Bounded | MinimaSet | ConflictSeen | NoticesTicked


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ConflictKey:
    """Which two extents of which two: identifiers of notices or ``zone NAME``, the lesser first."""

    one: str
    one_extent: str
    other: str
    other_extent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeChanged:
    """A notice as it stands now: it came, with its ``lead``, or something ``happening`` to it changed its stage."""

    held: Held
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimaChanged:
    """Other rules hold now, as was set."""

    was_set: MinimaSet


BoardEffect = NoticeChanged | ConflictChanged | MinimaChanged | Unread


def _demand_name(by: str, *, code: str, what: str) -> None:
    if not 1 <= len(by) <= BY_MAX or not by.strip():
        raise Refused(code, f"{by[:40]!r} is given as the name of {what}, must be 1 to {BY_MAX} characters")
