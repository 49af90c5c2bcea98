"""Force: which of the declared zones are watched now, by their schedules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.instant import FIRST, Instant, Window
from keepclear.core.space.area import cap
from keepclear.core.space.schedule import in_force, next_change
from keepclear.core.watch.zone import Zone, ZoneName

_DUE: Final = Window(start=FIRST, end=FIRST)
"""The window that holds no instant: whether the zone is in force must be found out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Whether a zone is in force, and for how long that is known. ``known`` is empty when it is to be found out."""

    active: bool
    known: Window


class Force:
    """For each zone whether it is in force. It changes only inside ``Watch.step``.

    What was found holds for a window, not until an instant: a clock that is set back leaves the window, and the
    zone is looked at again.
    """

    def __init__(self, spells: dict[ZoneName, Spell] | None = None) -> None:
        self.spells: dict[ZoneName, Spell] = {} if spells is None else dict(spells)

    def holds(self, name: ZoneName) -> bool:
        """Whether the zone of that name is in force, as far as was last found out."""
        spell = self.spells.get(name)
        return spell is not None and spell.active

    def declare(self, name: ZoneName) -> None:
        """A zone is new, or another in place of an old one: it is not in force until that is found out."""
        self.spells[name] = Spell(active=False, known=_DUE)

    def withdraw(self, name: ZoneName) -> None:
        """A zone is no longer declared."""
        del self.spells[name]

    def switch(self, zones: dict[ZoneName, Zone], *, now: Instant) -> list[Zone]:
        """Find out about every zone whose window does not hold ``now``; answers those that changed, in order."""
        changed: list[Zone] = []
        for name, spell in self.spells.items():
            if spell.known.holds(now):
                continue
            schedule, centre = zones[name].volume.schedule, cap(zones[name].volume.area).centre
            active = in_force(schedule, now, centre)
            known = Window(start=now, end=next_change(schedule, now, centre))
            self.spells[name] = Spell(active=active, known=known)
            if active is not spell.active:
                changed.append(zones[name])
        return changed
