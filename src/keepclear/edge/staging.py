"""Staging: a scenario's zones come into being and go at their times, and its story is told as it happens."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from pathlib import Path
from typing import Final

from keepclear.core.errors import Refused, Unavailable
from keepclear.core.instant import Instant
from keepclear.core.watch.event import ZoneDeclared, ZoneWithdrawn
from keepclear.core.watch.report import PartyName
from keepclear.core.watch.zone import Zone, ZoneName
from keepclear.edge.node import Node
from keepclear.formats.scenario.scenario import Role, Scenario, changes_of
from keepclear.formats.scenario.scenariofile import scenario_of

LOOK_S: Final = 0.2
SCRIPT: Final = "scenario"
"""Who declares and withdraws the zones of a scenario, as the record has it."""

OWN, OTHER, CIVIL = 1, 2, 3

# The scenario's own party is another one at every other node.
_STANCE: Final = {Role.OWN: OTHER, Role.OTHER: OTHER, Role.CIVIL: CIVIL}


class Stage:
    """Declares and withdraws a scenario's zones on a node, in step with the node's clock, jumps included."""

    def __init__(self, scenario: Scenario, node: Node) -> None:
        self._node = node
        self._changes = changes_of(scenario)

    def set_up(self) -> None:
        """Bring the node's zones to what the scenario has at this moment."""
        wanted = self._wanted(self._node.now)
        held = self._node.host.desk.watch.zones
        for name in [name for name in held if name not in wanted]:
            self._node.host.take(ZoneWithdrawn(name=name, by=SCRIPT))
        for name, zone in wanted.items():
            if held.get(name) != zone:
                self._node.host.take(ZoneDeclared(zone=zone, by=SCRIPT))

    async def run(self) -> None:
        """Keep the node's zones in step until cancelled."""
        while True:
            self.set_up()
            await asyncio.sleep(LOOK_S)

    def _wanted(self, now: Instant) -> dict[ZoneName, Zone]:
        zones: dict[ZoneName, Zone] = {}
        for at, zone, declared in self._changes:
            if at > now:
                break
            if declared:
                zones[zone.name] = zone
            else:
                zones.pop(zone.name, None)
        return zones


def stances_of(scenario: Scenario, party: PartyName) -> dict[str, int]:
    """The number by which each party is drawn at one's node: 1 its own, 2 other, 3 civil."""
    return {each.name: OWN if each.name == party else _STANCE[each.role] for each in scenario.parties}


def read_scenario(name: str) -> Scenario:
    """A scenario by the path of its file, or by the name of one that comes with Keepclear.

    Raises Refused("scenario.unknown") naming those that there are, Unavailable for a file that cannot be read, and as
    ``scenario_of`` does.
    """
    path = Path(name)
    if path.suffix == ".toml":
        try:
            return scenario_of(path.read_bytes())
        except OSError as error:
            raise Unavailable("scenario.file", f"cannot read {path}: {error.strerror}") from error
    known = {Path(each.name).stem: each for each in files("keepclear.edge").joinpath("scenarios").iterdir()}
    if name not in known:
        raise Refused(
            "scenario.unknown", f"there is no scenario {name!r}; there are {', '.join(sorted(known))}"
        )
    return scenario_of(known[name].read_bytes())
