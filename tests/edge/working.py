"""A whole node at work, to be killed: run by test_node_crash.py, which reads what it says.

Event number k is a function of k and of what the watch holds, so that whoever steps a desk through the same numbers
must come to the same state. The child says ``K`` only after the host has answered event k.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from keepclear.core.instant import Instant, instant_of
from keepclear.core.space.area import Circle
from keepclear.core.space.geodesy import Position, destination
from keepclear.core.space.volume import Volume
from keepclear.core.watch.alert import ResponseStep, Stage, Step
from keepclear.core.watch.event import ReportsArrived, StepTaken, WatchEvent, ZoneDeclared, ZoneWithdrawn
from keepclear.core.watch.report import Report, SourceName, TrackName, reports_of
from keepclear.core.watch.watch import Watch
from keepclear.core.watch.zone import PartyName, Zone, ZoneKind, ZoneName
from keepclear.edge.clock import RealClock
from keepclear.edge.config import Config
from keepclear.edge.node import Node
from keepclear.edge.opening import open_node

START = instant_of("2018-09-07T05:00:00Z")
CENTRE = Position(latitude_deg=33.4967, longitude_deg=38.6178)
SEAL_EVERY = 13


class CountingClock(RealClock):
    """Tells the time of the event whose number it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    def now(self) -> Instant:
        return time_of(self.number)


def time_of(number: int) -> Instant:
    return Instant(START + number * 10_000)


def zone(name: str, radius_m: float) -> Zone:
    return Zone(
        name=ZoneName(name),
        kind=ZoneKind.EXCLUSION,
        volume=Volume(area=Circle(centre=CENTRE, radius_m=radius_m)),
        declared_by=PartyName("A"),
        warning_distance_m=10_000.0,
    )


def event_of(number: int, watch: Watch) -> WatchEvent:
    if number == 0:
        return ZoneDeclared(zone=zone("OUTER", 55_000.0), by="test")
    if number % 17 == 9:
        if ZoneName("INNER") in watch.zones:
            return ZoneWithdrawn(name=ZoneName("INNER"), by="test")
        return ZoneDeclared(zone=zone("INNER", 20_000.0), by="test")
    raised = [alert for alert in watch.alerts.alerts.values() if alert.stage is Stage.RAISED]
    if number % 4 == 3 and raised:
        done = ResponseStep(step=Step.ACKNOWLEDGE, at=time_of(number), by="M. Haddad, watch officer")
        return StepTaken(alert=raised[0].id, done=done)
    return ReportsArrived(reports=reports_of(SourceName("radar"), [row(number, track) for track in range(6)]))


def row(number: int, track: int) -> Report:
    """Each track goes back and forth through the zones on a bearing of its own."""
    along_m = 80_000.0 - abs((number * 1_500.0 * (1 + track / 3)) % 320_000.0 - 160_000.0)
    place = destination(CENTRE, azimuth_deg=60.0 * track, distance_m=along_m)
    return Report(
        track=TrackName(f"sim:T-{track}"),
        time_ms=time_of(number),
        latitude_deg=place.latitude_deg,
        longitude_deg=place.longitude_deg,
    )


def opened(data: Path) -> tuple[Node, CountingClock, int]:
    """The node of a folder, its clock, and the number of the event that it is to take next."""
    clock = CountingClock()
    node = open_node(Config(data=str(data)), clock=clock, mode="live")
    clock.number = node.host.store.commit().seq
    return node, clock, clock.number


def work_for_ever(data: Path) -> None:
    node, clock, number = opened(data)
    while True:
        clock.number = number
        node.host.take(event_of(number, node.host.desk.watch))
        os.write(1, f"{number}\n".encode())
        number += 1
        if number % SEAL_EVERY == 0:
            node.host.seal()


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work_for_ever(Path(line.strip()))
        os.write(1, f"child {child}\n".encode())
        os.waitpid(child, 0)
        os.write(1, b"dead\n")
