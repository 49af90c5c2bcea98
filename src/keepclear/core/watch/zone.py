"""Zones: volumes that someone declared, why, who recognises them, and how near is too near."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, NewType

from keepclear.core.errors import Refused
from keepclear.core.instant import MINUTE_MS, SECOND_MS, Duration
from keepclear.core.space.volume import Volume
from keepclear.core.watch.report import PartyName

ZoneName = NewType("ZoneName", str)

NAME_LENGTH_MAX: Final = 80
STEPS_MAX: Final = 12
STANDS_SAID_MAX: Final = 8
NEVER: Final = Duration(1 << 53)
"""A duration that is not reached."""


class ZoneKind(Enum):
    """Why a zone is there (FIELDS: zone notice)."""

    EXCLUSION = "exclusion"
    DECONFLICTION = "deconfliction"
    PROTECTED_SITE = "protected-site"
    DANGER_AREA = "danger-area"
    CORRIDOR = "corridor"


class Recognition(Enum):
    """How a party stands to a zone that someone declared. None of these is an approval."""

    DECLARED = "declared"
    AGREED = "agreed"
    ACKNOWLEDGED = "acknowledged"
    DISPUTED = "disputed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """One party's stand to a zone."""

    party: PartyName
    stand: Recognition


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A volume someone declared, with what its watch needs.

    ``admitted``: parties whose tracks may be inside without an alert. ``warning_distance_m`` and
    ``warning_time_ms``: nearer than this and closing, or predicted to enter within this, raises an approach.
    ``dwell_ms``: how long inside before entry is raised (0: the first report). ``clear_distance_m``,
    ``clear_time_ms``: outside by this far, or for this long, before it counts as left. ``overstay_ms``: inside
    longer than this raises an overstay. ``silence_ms``: no report for this long inside raises silence.
    ``steps``: what the watch officer is asked to do, in order, in words.
    Distances in metres, 0 or more; raises Refused("zone.*") naming the field.
    """

    name: ZoneName
    kind: ZoneKind
    volume: Volume
    declared_by: PartyName
    basis: str = ""
    recognition: tuple[Recognised, ...] = ()
    admitted: frozenset[PartyName] = frozenset()
    warning_distance_m: float = 0.0
    warning_time_ms: Duration = Duration(15 * MINUTE_MS)
    dwell_ms: Duration = Duration(0)
    clear_distance_m: float = 1_000.0
    clear_time_ms: Duration = Duration(60 * SECOND_MS)
    overstay_ms: Duration = NEVER
    silence_ms: Duration = Duration(60 * SECOND_MS)
    steps: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > NAME_LENGTH_MAX:
            raise Refused("zone.name", f"zone name {self.name!r} must have 1 to {NAME_LENGTH_MAX} characters")
        for field in ("warning_distance_m", "clear_distance_m"):
            if not 0 <= getattr(self, field) <= 2.1e7:
                raise Refused(
                    f"zone.{field}",
                    f"zone {self.name}: {field} is {getattr(self, field)}, must be 0 to 21,000 km",
                )
        for field in ("warning_time_ms", "dwell_ms", "clear_time_ms", "overstay_ms", "silence_ms"):
            if not 0 <= getattr(self, field) <= NEVER:
                raise Refused(
                    f"zone.{field}", f"zone {self.name}: {field} is {getattr(self, field)}, must be 0 or more"
                )
        if len(self.steps) > STEPS_MAX:
            raise Refused(
                "zone.steps", f"zone {self.name} has {len(self.steps)} response steps, at most {STEPS_MAX}"
            )


def recognition_text(zone: Zone) -> str:
    """How the zone is recognised, in neutral words: ``as declared by A, disputed by B``.

    The first STANDS_SAID_MAX stands are said in full, the rest as a number.
    """
    stands = [
        f"{stand.stand.value} by {stand.party}"
        for stand in zone.recognition
        if stand.party != zone.declared_by
    ]
    more = len(stands) - STANDS_SAID_MAX
    rest = [f"and {more} more stands"] if more > 0 else []
    return ", ".join([f"as declared by {zone.declared_by}", *stands[:STANDS_SAID_MAX], *rest])
