"""Exercises: phases by date and area, the forces that take part, and the exercises that one is linked to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.wording import TEXT_MAX, refuse_wording

PHASES_MAX: Final = 16
EQUIPMENT_MAX: Final = 64
LINKED_MAX: Final = 16
COUNT_MAX: Final = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of an exercise, such as deploy, live fire or exfiltrate; ``extents`` names those of the notice it is in.

    When it is follows from its extents' windows. Raises Refused("exercise.phase") where it names none.
    """

    name: str
    extents: tuple[str, ...]
    live_fire: bool = False

    def __post_init__(self) -> None:
        refuse_wording("name of a phase", self.name)
        if not self.extents:
            raise Refused("exercise.phase", f"phase {self.name!r} is in no extent, must name at least one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """How many of a type take part, from 0 to COUNT_MAX. Raises Refused("exercise.count")."""

    type: str
    count: int

    def __post_init__(self) -> None:
        refuse_wording("type of equipment", self.type)
        refuse_count(f"equipment {self.type!r}", self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """An exercise (Vienna Document 2011, chapter V).

    ``command``: the level of command. ``personnel``: how many take part in all. ``linked``: designations of exercises
    that are one activity with this one; below a threshold they are added up. ``observers``: whom it invites to watch.
    1 to PHASES_MAX phases, each named differently. Raises Refused("exercise.phases"), Refused("exercise.many"),
    Refused("exercise.count") and as refuse_wording does.
    """

    purpose: str
    command: str
    contact: Contact
    phases: tuple[Phase, ...]
    personnel: int
    equipment: tuple[Equipment, ...] = ()
    linked: tuple[str, ...] = ()
    observers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refuse_wording("purpose", self.purpose, length_max=TEXT_MAX)
        refuse_wording("level of command", self.command)
        for party in self.observers:
            refuse_wording("observer", party)
        for designation in self.linked:
            refuse_wording("linked exercise", designation)
        refuse_count("personnel", self.personnel)
        names = {phase.name for phase in self.phases}
        if not 1 <= len(self.phases) <= PHASES_MAX or len(names) < len(self.phases):
            raise Refused(
                "exercise.phases",
                f"exercise has {len(self.phases)} phases, must have 1 to {PHASES_MAX}, each named differently",
            )
        for what, found, most in (
            ("types of equipment", self.equipment, EQUIPMENT_MAX),
            ("linked exercises", self.linked, LINKED_MAX),
            ("observers", self.observers, LINKED_MAX),
        ):
            if len(found) > most:
                raise Refused("exercise.many", f"exercise has {len(found)} {what}, at most {most} are taken")


def refuse_count(what: str, count: int) -> None:
    """Raises Refused("exercise.count") for a number of people or things below 0 or above COUNT_MAX."""
    if not 0 <= count <= COUNT_MAX:
        raise Refused("exercise.count", f"{what}: the number is {count}, must be from 0 to {COUNT_MAX}")
