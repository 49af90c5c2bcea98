"""A simulated watch, played from a seed: tracks, zones, officers, dying feeds, clock steps and restarts.

Two desks get the same events. One never stops. The other is put away at random moments and brought back from its
last snapshot and the journal, as a node is after a crash; what the two answer must be the same to the last byte.
A third reads the same reports cut into other batches. After every step the rules that always hold are checked.

    python tests/sim/run.py --seed 7 [--seeds 20] [--steps 400]
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random

from keepclear.core.errors import Refused
from keepclear.core.instant import Duration, Instant, Window, instant_of
from keepclear.core.space.altitude import EVERY_HEIGHT, Altitude, AltitudeBand, Datum
from keepclear.core.space.area import Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import Position, destination
from keepclear.core.space.schedule import WHENEVER, Schedule
from keepclear.core.space.volume import Volume
from keepclear.core.watch.alert import LIFECYCLE, Alert, AlertId, ResponseStep, Stage, Step
from keepclear.core.watch.alert_list import AlertChanged
from keepclear.core.watch.event import (
    Crossed,
    FeedChanged,
    ReportsArrived,
    StepTaken,
    Ticked,
    WatchEvent,
    ZoneDeclared,
    ZoneWithdrawn,
)
from keepclear.core.watch.report import Label, PartyName, Report, SourceName, TrackName, reports_of
from keepclear.core.watch.standing import Outcome, Standing
from keepclear.core.watch.track import FUTURE_MS
from keepclear.core.watch.zone import NEVER, Zone, ZoneKind, ZoneName
from keepclear.desk import Append, Desk, DeskEffect, Show
from keepclear.formats.stored.journal import event_bytes, event_of
from keepclear.formats.stored.snapshot import snapshot_bytes, watch_of

START = instant_of("2018-09-07T06:00:00Z")
TANF = Position(latitude_deg=33.4967, longitude_deg=38.6178)
STEP_MS = 5_000
FEEDS = ("radar", "ads-b", "partner")
SILENT_OUTSIDE = frozenset({Outcome.LEFT, Outcome.TURNED_AWAY})


class BrokenError(Exception):
    """A rule that always holds did not hold."""


@dataclass(kw_only=True)
class Mover:
    """Something that moves, and how its source sees it."""

    name: TrackName
    party: PartyName
    feed: SourceName
    at: Position
    course_deg: float
    speed_mps: float
    height_m: float
    datum: Datum
    heard: bool = True


@dataclass(kw_only=True)
class Restarting:
    """A desk that stops at random moments and comes back from what was stored."""

    desk: Desk = field(default_factory=Desk)
    snapshot: bytes = field(default_factory=lambda: snapshot_bytes(Desk().watch))
    journal: list[tuple[Instant, str, bytes]] = field(default_factory=list)

    def step(self, event: WatchEvent, now: Instant) -> list[DeskEffect]:
        """As a host does: an event is kept, unless it is a tick that had no effect."""
        effects = self.desk.step(event, now=now)
        if effects or not isinstance(event, Ticked):
            self.journal.append((now, *event_bytes(event)))
        return effects

    def restart(self) -> None:
        """Come back from the last snapshot and the journal after it."""
        self.desk = Desk(watch_of(self.snapshot))
        for now, kind, raw in self.journal:
            self.desk.step(event_of(kind, raw), now=now)

    def save(self) -> None:
        """Take a snapshot, which makes the journal so far unneeded."""
        self.snapshot = snapshot_bytes(self.desk.watch)
        self.journal.clear()


@dataclass(kw_only=True)
class Sim:
    """One simulated watch."""

    seed: int
    now: Instant = START
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)
        self.steady, self.cut = Desk(), Desk()
        self.stopping = Restarting()
        self.dead: set[str] = set()
        self.shown: dict[AlertId, Alert] = {}
        self.reports: dict[TrackName, Report] = {}
        self.pending: list[Report] = []
        self.movers = [self._mover(number) for number in range(self.chance.randint(4, 14))]
        for name in FEEDS:
            self._do(FeedChanged(name=SourceName(name), kind="simulated"))
        for _ in range(3):
            self._do(ZoneDeclared(zone=self._zone(), by="duty officer"))

    def play(self, steps: int) -> None:
        """Let so many steps of five seconds pass."""
        for _ in range(steps):
            self._let_time_pass()
            self._happen()
            self._hear()
            self._do(Ticked())
            self._check()

    # ------------------------------------------------------------------ what happens

    def _let_time_pass(self) -> None:
        roll = self.chance.random()
        if roll < 0.01:
            self.counts["clock set back"] += 1
            self.now = Instant(self.now - self.chance.randint(0, 90_000))
        elif roll < 0.02:
            self.counts["clock set forward"] += 1
            self.now = Instant(self.now + self.chance.randint(0, 900_000))
        else:
            self.now = Instant(self.now + STEP_MS)

    def _happen(self) -> None:
        roll = self.chance.random()
        if roll < 0.03:
            self._do(ZoneDeclared(zone=self._zone(), by="duty officer"))
        elif roll < 0.05 and len(self.steady.watch.zones) > 1:
            name = self.chance.choice(sorted(self.steady.watch.zones))
            self._do(ZoneWithdrawn(name=ZoneName(name), by="duty officer"))
        elif roll < 0.07:
            name = self.chance.choice(FEEDS)
            self.dead ^= {name}
            self._do(
                FeedChanged(name=SourceName(name), kind="simulated", trouble="cut" * (name in self.dead))
            )
        elif roll < 0.12:
            self._stop_and_start()
        for alert in list(self.steady.watch.alerts.alerts.values()):
            if self.chance.random() < 0.08:
                self._officer(alert)

    def _stop_and_start(self) -> None:
        if self.chance.random() < 0.5:
            self.counts["snapshots"] += 1
            self.stopping.save()
        else:
            self.counts["restarts"] += 1
            self.stopping.restart()

    def _officer(self, alert: Alert) -> None:
        """An officer takes a step, sometimes one that does not follow: that must be refused by every desk alike."""
        step = self.chance.choice(list(Step))
        done = ResponseStep(
            step=step,
            at=self.now,
            by="watch officer",
            reason=self.chance.choice(["", "known to us"]),
            channel=self.chance.choice(["", "line"]),
        )
        event = StepTaken(alert=alert.id, done=done)
        try:
            self.steady.step(event, now=self.now)
        except Refused as refused:
            self.counts["steps refused"] += 1
            self._all_refuse(event, refused.code)
            return
        raise_if(
            (alert.stage, step) not in LIFECYCLE, f"{alert.id} took {step.value} while {alert.stage.value}"
        )
        self.counts["steps taken"] += 1
        effects = [
            Show(change=AlertChanged(alert=self.steady.watch.alerts.alerts[alert.id], change=step.value))
        ]
        shown = [effect for effect in self.stopping.step(event, self.now) if isinstance(effect, Show)]
        raise_if(shown != effects, f"a step on {alert.id} went otherwise after a restart")
        self.cut.step(event, now=self.now)
        self._show([self.steady.watch.alerts.alerts[alert.id]])

    def _all_refuse(self, event: StepTaken, code: str) -> None:
        for desk in (self.stopping.desk, self.cut):
            try:
                desk.step(event, now=self.now)
            except Refused as refused:
                raise_if(refused.code != code, f"refused as {refused.code} and as {code}")
            else:
                raise BrokenError("a step was refused by one desk and taken by another")

    def _hear(self) -> None:
        """Every feed that lives delivers a batch: some reports late, repeated, out of order or from the future."""
        for feed in FEEDS:
            rows: list[Report] = []
            for mover in self.movers:
                self._move(mover)
                if mover.feed == feed and mover.heard and self.chance.random() < 0.8:
                    rows.append(self._report(mover))
            if feed in self.dead or not rows:
                continue
            rows += self.chance.sample(self.pending, min(2, len(self.pending)))
            self.pending = (self.pending + rows)[-20:]
            if self.chance.random() < 0.2:
                self.chance.shuffle(rows)
            labels = tuple(
                Label(track=mover.name, party=mover.party, callsign=mover.name[2:])
                for mover in self.movers
                if mover.feed == feed and self.chance.random() < 0.2
            )
            self._deliver(SourceName(feed), rows, labels)

    def _deliver(self, feed: SourceName, rows: list[Report], labels: tuple[Label, ...]) -> None:
        whole = ReportsArrived(reports=reports_of(feed, rows, labels))
        effects = self._do(whole, batches=False)
        for row in rows:
            known = self.reports.get(row.track)
            if row.time_ms <= self.now + FUTURE_MS and (known is None or row.time_ms > known.time_ms):
                self.reports[row.track] = row
        place = self.chance.randint(0, len(rows))
        # A label counts from the batch that it comes with, so the first part must name the same tracks.
        if labels or not 0 < place < len(rows):
            parts = [whole]
        else:
            parts = [ReportsArrived(reports=reports_of(feed, part)) for part in (rows[:place], rows[place:])]
        pieces = [effect for part in parts for effect in self.cut.step(part, now=self.now)]
        raise_if(pieces != effects, "a batch went otherwise in two parts")

    def _do(self, event: WatchEvent, *, batches: bool = True) -> list[DeskEffect]:
        effects = self.steady.step(event, now=self.now)
        raise_if(self.stopping.step(event, self.now) != effects, f"{type(event).__name__} after a restart")
        if batches:
            raise_if(
                self.cut.step(event, now=self.now) != effects, f"{type(event).__name__} after other batches"
            )
        self._take(effects)
        return effects

    # ------------------------------------------------------------------ what must hold

    def _take(self, effects: list[DeskEffect]) -> None:
        before: DeskEffect | None = None
        for effect in effects:
            if isinstance(effect, Show) and isinstance(effect.change, AlertChanged):
                raise_if(
                    not isinstance(before, Append), f"{effect.change.alert.id} was shown before its entry"
                )
                raise_if(not effect.change.alert.latest.words, f"{effect.change.alert.id} has no evidence")
                self.counts[f"alert {effect.change.change}"] += 1
                self._show([effect.change.alert])
            elif isinstance(effect, Show) and isinstance(effect.change, Crossed):
                self.counts[effect.change.outcome.value] += 1
                self._check_crossed(effect.change)
            before = effect

    def _check_crossed(self, crossed: Crossed) -> None:
        """Nothing is said to be outside but by a report that was just heard."""
        raise_if(crossed.evidence.track != crossed.track, "the evidence is of another track")
        if crossed.outcome in SILENT_OUTSIDE:
            slot = self.steady.watch.tracks.slot_of[crossed.track]
            heard = int(self.steady.watch.tracks.time_ms[slot])
            raise_if(crossed.evidence.at > heard, f"{crossed.track} was said to be outside without a report")

    def _show(self, alerts: list[Alert]) -> None:
        for alert in alerts:
            known = self.shown.get(alert.id)
            if known is not None and known.stage is not alert.stage:
                ways = {after for (stage, _), after in LIFECYCLE.items() if stage is known.stage}
                raise_if(alert.stage not in ways, f"{alert.id} went from {known.stage} to {alert.stage}")
            self.shown[alert.id] = alert

    def _check(self) -> None:
        watch = self.steady.watch
        for name, relations in watch.relations.items():
            raise_if(
                bool(relations) and not watch.in_force(name), f"{name} is not in force and has relations"
            )
            for slot, relation in relations.items():
                raise_if(watch.tracks.names[slot] is None, f"{name} has a relation to a free slot")
                raise_if(relation.standing is Standing.OUTSIDE, f"{name} keeps a track that is outside")
        self._check_inside()
        # Only now: what was forgotten in this step must not have been inside a zone that was in force in it.
        self.reports = {track: row for track, row in self.reports.items() if track in watch.tracks.slot_of}
        open_causes = Counter(
            (alert.kind, alert.zone, name)
            for alert in watch.alerts.alerts.values()
            if alert.open
            for name in alert.holding
        )
        raise_if(any(count > 1 for count in open_causes.values()), f"two alerts for one cause: {open_causes}")
        for alert in watch.alerts.alerts.values():
            raise_if(self.shown.get(alert.id) != alert, f"{alert.id} is not as it was shown")

    def _check_inside(self) -> None:
        """A track whose latest report lies inside a zone in force, by a margin, stands in a relation to it."""
        watch = self.steady.watch
        for name, zone in watch.zones.items():
            if not watch.in_force(name) or not isinstance(zone.volume.area, Circle):
                continue
            for track, row in self.reports.items():
                slot = watch.tracks.slot_of.get(track)
                apart_m = _chord_m(zone.volume.area.centre, row)
                inside = zone.volume.band == EVERY_HEIGHT and apart_m < zone.volume.area.radius_m * 0.99
                raise_if(inside and slot is None, f"{track} was forgotten inside {name}")
                raise_if(
                    inside and slot not in watch.relations[name], f"{track} has no standing inside {name}"
                )

    # ------------------------------------------------------------------ the world

    def _mover(self, number: int) -> Mover:
        return Mover(
            name=TrackName(f"x:{number}"),
            party=PartyName(self.chance.choice(["", "A", "B", "C"])),
            feed=SourceName(self.chance.choice(FEEDS)),
            at=self._place(40_000),
            course_deg=self.chance.uniform(0, 360),
            speed_mps=self.chance.choice([0.0, 3.0, 30.0, 120.0, 240.0]),
            height_m=self.chance.choice([math.nan, 500.0, 6_000.0]),
            datum=self.chance.choice(list(Datum)),
        )

    def _move(self, mover: Mover) -> None:
        if self.chance.random() < 0.05:
            mover.course_deg = self.chance.uniform(0, 360)
        if self.chance.random() < 0.01:
            mover.heard = not mover.heard
        way_m = mover.speed_mps * STEP_MS / 1_000 / len(FEEDS)
        mover.at = destination(mover.at, azimuth_deg=mover.course_deg, distance_m=way_m)
        if abs(mover.at.latitude_deg - TANF.latitude_deg) > 0.6:
            mover.at = self._place(40_000)

    def _report(self, mover: Mover) -> Report:
        late_ms = self.chance.choice([0, 0, 0, 0, 2_000, 40_000, -61_000])
        told = self.chance.random() < 0.6
        return Report(
            track=mover.name,
            time_ms=self.now - late_ms,
            latitude_deg=mover.at.latitude_deg,
            longitude_deg=mover.at.longitude_deg,
            altitude_m=mover.height_m,
            datum=int(mover.datum),
            speed_mps=mover.speed_mps if told else math.nan,
            course_deg=mover.course_deg if told else math.nan,
            accuracy_m=self.chance.choice([math.nan, 5.0, 200.0]),
        )

    def _place(self, range_m: float) -> Position:
        bearing_deg, distance_m = self.chance.uniform(0, 360), self.chance.uniform(0, range_m)
        return destination(TANF, azimuth_deg=bearing_deg, distance_m=distance_m)

    def _zone(self) -> Zone:
        chance = self.chance
        centre, size_m = self._place(20_000), chance.uniform(1_000, 20_000)
        corners = tuple(
            destination(centre, azimuth_deg=turn, distance_m=size_m) for turn in (10.0, 100.0, 190.0, 280.0)
        )
        line = (centre, destination(centre, azimuth_deg=chance.uniform(0, 360), distance_m=size_m))
        circle = Circle(centre=centre, radius_m=size_m)
        square, corridor = Polygon(parts=(Part(outer=corners),)), Corridor(line=line, half_width_m=size_m / 5)
        start = Instant(self.now + chance.randint(-300_000, 300_000))
        soon = Schedule(window=Window(start=start, end=Instant(start + chance.randint(0, 600_000))))
        low = AltitudeBand(upper=Altitude(height_m=3_000.0, datum=Datum.MSL))
        plain = Zone(
            name=ZoneName(chance.choice(["north", "south", "east", "west", "middle"])),
            kind=chance.choice(list(ZoneKind)),
            volume=Volume(
                area=chance.choice([circle, circle, square, corridor]),
                band=chance.choice([EVERY_HEIGHT, EVERY_HEIGHT, low]),
                schedule=chance.choice([WHENEVER, WHENEVER, soon]),
            ),
            declared_by=PartyName("A"),
            admitted=chance.choice([frozenset(), frozenset({PartyName("B")})]),
            warning_distance_m=chance.choice([0.0, 5_000.0]),
            dwell_ms=Duration(chance.choice([0, 20_000])),
            overstay_ms=chance.choice([NEVER, Duration(120_000)]),
        )
        known = self.steady.watch.zones.get(plain.name)
        # Sometimes the same place with other words, as when an officer mends a text.
        if known is not None and chance.random() < 0.5:
            return replace(plain, volume=known.volume)
        return plain


def raise_if(broken: bool, what: str) -> None:  # noqa: FBT001 - the condition is the point of the call
    """Stop the simulation with what went wrong."""
    if broken:
        raise BrokenError(what)


def simulate(seed: int, steps: int) -> Counter[str]:
    """Play one seed; answers what happened how often. Raises BrokenError, naming the seed and the step."""
    sim = Sim(seed=seed)
    for step in range(steps):
        try:
            sim.play(1)
        except BrokenError as broken:
            raise BrokenError(f"seed {seed}, step {step}: {broken}") from broken
    sim.counts["steps"] += steps
    sim.counts["open alerts at the end"] += sum(
        alert.stage is not Stage.CLOSED for alert in sim.shown.values()
    )
    return sim.counts


def main() -> int:
    """Play the seeds that were asked for and say what happened."""
    parser = argparse.ArgumentParser(description="Play a simulated watch from a seed.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, counting up from the first")
    parser.add_argument("--steps", type=int, default=400, help="steps of five seconds")
    chosen = parser.parse_args()
    counts: Counter[str] = Counter()
    for seed in range(chosen.seed, chosen.seed + chosen.seeds):
        try:
            counts += simulate(seed, chosen.steps)
        except BrokenError as broken:
            print(f"BROKEN: {broken}", file=sys.stderr)
            return 1
    print(f"seeds {chosen.seed} to {chosen.seed + chosen.seeds - 1}: every rule held")
    for what, count in sorted(counts.items()):
        print(f"  {count:7d}  {what}")
    return 0


def _chord_m(centre: Position, row: Report) -> float:
    """How far apart two places are, straight through a ball as large as the earth at its widest."""

    def point(latitude_deg: float, longitude_deg: float) -> tuple[float, float, float]:
        phi, lam = math.radians(latitude_deg), math.radians(longitude_deg)
        return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)

    here = point(centre.latitude_deg, centre.longitude_deg)
    return 6_378_137.0 * math.dist(here, point(row.latitude_deg, row.longitude_deg))


if __name__ == "__main__":
    sys.exit(main())
