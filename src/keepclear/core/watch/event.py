"""What happens to the watch, and what the watch answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Duration, Instant
from keepclear.core.watch.alert import AlertId, Evidence, ResponseStep
from keepclear.core.watch.alert_list import AlertChanged
from keepclear.core.watch.report import PartyName, Reports, SourceName, TrackName
from keepclear.core.watch.standing import Outcome
from keepclear.core.watch.zone import Zone, ZoneName

NAME_LENGTH_MAX: Final = 200
"""The longest name of a person who declares or withdraws a zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsArrived:
    """A feed delivered reports; ``refused`` of its input were refused by its reader."""

    reports: Reports
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedChanged:
    """A feed was opened, or said something about itself. ``late_ms``, ``lost_ms``: as in Feed, None to leave them."""

    name: SourceName
    kind: str
    trouble: str = ""
    ended: bool = False
    late_ms: Duration | None = None
    lost_ms: Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneDeclared:
    """A zone is declared, or replaces the one of its name. Raises Refused("zone.by") unless ``by`` names someone."""

    zone: Zone
    by: str

    def __post_init__(self) -> None:
        _demand_name(self.by, self.zone.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneWithdrawn:
    """A zone is withdrawn. Raises Refused("zone.by") unless ``by`` names someone."""

    name: ZoneName
    by: str

    def __post_init__(self) -> None:
        _demand_name(self.by, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """A person did something about an alert."""

    alert: AlertId
    done: ResponseStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """Time passed, and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeJumped:
    """A replay jumped to another time: what was seen before says nothing of what is seen now."""

    to: Instant


WatchEvent = ReportsArrived | FeedChanged | ZoneDeclared | ZoneWithdrawn | StepTaken | Ticked | TimeJumped


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """A track's standing to a zone changed in a way that people care about.

    ``at``: when it was first observed so, by the reports. ``evidence``: the fix that decided it.
    """

    zone: ZoneName
    track: TrackName
    title: str
    party: PartyName
    outcome: Outcome
    at: Instant
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonesChanged:
    """A zone was declared, replaced or withdrawn, by whom."""

    name: ZoneName
    zone: Zone | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TracksForgotten:
    """Tracks that are no longer carried; their slots may be given to others."""

    slots: tuple[int, ...]


WatchEffect = AlertChanged | Crossed | ZonesChanged | TracksForgotten | TimeJumped


def _demand_name(by: str, zone: ZoneName) -> None:
    if not by.strip() or len(by) > NAME_LENGTH_MAX:
        raise Refused(
            "zone.by",
            f"zone {zone}: it says who, in 1 to {NAME_LENGTH_MAX} characters, and found {by[:80]!r}",
        )
