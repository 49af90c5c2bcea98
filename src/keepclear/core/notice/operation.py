"""Operations: what forces intend to do, as their party claims it. Never a target: what others keep clear of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from keepclear.core.instant import FOREVER, Instant
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.wording import TEXT_MAX, refuse_wording


class Activity(StrEnum):
    """What is intended."""

    ENTRY = "entry"
    OVERFLIGHT = "overflight"
    FORCES = "movement-of-forces"
    HAZARD = "hazardous-activity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An intended operation.

    ``purpose``: as claimed. ``hazard``: what is dangerous to others; wanted of a hazardous activity. ``contingency``:
    what is done when it goes otherwise. ``cancel_by``: until when it can still be called off; FOREVER is not stated.
    Raises as refuse_wording does.
    """

    activity: Activity
    purpose: str
    contact: Contact
    hazard: str = ""
    contingency: str = ""
    cancel_by: Instant = FOREVER

    def __post_init__(self) -> None:
        refuse_wording("purpose", self.purpose, length_max=TEXT_MAX)
        refuse_wording(
            "hazard to others", self.hazard, length_max=TEXT_MAX, wanted=self.activity is Activity.HAZARD
        )
        refuse_wording("contingency", self.contingency, length_max=TEXT_MAX, wanted=False)
