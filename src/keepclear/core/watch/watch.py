"""The watch: zones against live tracks, one step at a time.

``Watch.step(event, now=...)`` is all that changes it: the same events with the same ``now`` give the same effects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

import numpy as np

from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.space.area import cap
from keepclear.core.space.geodesy import Position, course_between
from keepclear.core.space.schedule import in_force, next_change
from keepclear.core.watch.alert import AlertKind, Evidence, Priority
from keepclear.core.watch.alert_list import AlertChanged, AlertList, Cause, Finding, Matter
from keepclear.core.watch.event import (
    Crossed,
    FeedChanged,
    ReportsArrived,
    StepTaken,
    Ticked,
    TimeJumped,
    TracksForgotten,
    WatchEffect,
    WatchEvent,
    ZoneDeclared,
    ZonesChanged,
    ZoneWithdrawn,
)
from keepclear.core.watch.evidence import (
    Observation,
    evidence_of,
    observation_of_fix,
    observation_of_slot,
    outcome_words,
)
from keepclear.core.watch.feed import Feed, FeedState, feed_state, feed_words
from keepclear.core.watch.report import Label, PartyName, SourceName
from keepclear.core.watch.sighting import WatchedZones
from keepclear.core.watch.standing import (
    RULES,
    WITHIN,
    Outcome,
    Relation,
    Seen,
    Sight,
    Standing,
    approach_priority,
    moved,
    stay_ms,
    what_silence_means,
    what_was_seen,
)
from keepclear.core.watch.track import FORGET_MS, Tracks, party_of, title_of
from keepclear.core.watch.zone import Zone, ZoneKind, ZoneName


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchState:
    """What a snapshot needs besides the public parts: the zones in force, and when each is next looked at."""

    in_force: frozenset[ZoneName]
    switch_at: dict[ZoneName, Instant]


class Watch:
    """Zones, tracks, how each track stands to each zone, and the alert list."""

    def __init__(self) -> None:
        self.tracks = Tracks()
        self.alerts = AlertList()
        self.feeds: dict[SourceName, Feed] = {}
        self.zones: dict[ZoneName, Zone] = {}
        self.relations: dict[ZoneName, dict[int, Relation]] = {}
        self._in_force: set[ZoneName] = set()
        self._switch_at: dict[ZoneName, Instant] = {}
        self._watched = WatchedZones(())

    def step(self, event: WatchEvent, *, now: Instant) -> list[WatchEffect]:
        """What an event at an instant does. Raises Refused, and changes nothing, when it cannot be done."""
        match event:
            case ReportsArrived():
                return self._switch_zones(now) + self._reports_arrived(event, now=now)
            case FeedChanged():
                return self._feed_changed(event, now=now)
            case ZoneDeclared():
                return self._zone_declared(event, now=now)
            case ZoneWithdrawn():
                return self._zone_withdrawn(event, now=now)
            case StepTaken():
                return [self.alerts.step(event.alert, event.done)]
            case Ticked():
                return self._ticked(now=now)
            case TimeJumped():
                return self._time_jumped(event)
            case _:
                assert_never(event)

    def in_force(self, name: ZoneName) -> bool:
        """Whether the zone of that name is watched now."""
        return name in self._in_force

    def state(self) -> WatchState:
        """The part of the state that is not public otherwise, for a snapshot."""
        return WatchState(in_force=frozenset(self._in_force), switch_at=dict(self._switch_at))

    def restore(self, state: WatchState) -> None:
        """Put back what a snapshot held, after tracks, alerts, zones and relations were put back."""
        self._in_force = set(state.in_force)
        self._switch_at = dict(state.switch_at)
        self._rewatch()

    # ------------------------------------------------------------------ reports and feeds

    def _reports_arrived(self, event: ReportsArrived, *, now: Instant) -> list[WatchEffect]:
        reports = event.reports
        effects: list[WatchEffect] = []
        fixes = self.tracks.fold(reports, now=now)
        self._count(event, late=fixes.late, future=fixes.future, now=now)
        for slot, before, _ in self.tracks.label(reports.labels):
            effects += self._party_learnt(slot, before, now=now)
        related = [
            (row, self._watched.number[name])
            for name, relations in self.relations.items()
            if relations and name in self._in_force
            for row in np.flatnonzero(np.isin(fixes.slot, list(relations))).tolist()
        ]
        for sighting in self._watched.sightings(fixes, related):
            zone = self._watched.zones[sighting.zone]
            seen = observation_of_fix(self.tracks, fixes, sighting.row)
            effects += self._look(zone, int(fixes.slot[sighting.row]), sighting.sight, seen, now=now)
        return effects

    def _look(self, zone: Zone, slot: int, sight: Sight, seen: Observation, *, now: Instant) -> list[WatchEffect]:
        relations = self.relations[zone.name]
        relation = relations.get(slot) or Relation(at=sight.at, distance_m=sight.distance_m)
        what = what_was_seen(relation, sight, zone)
        return self._change(zone, slot, relation, what, sight, seen, now=now)

    def _change(
        self,
        zone: Zone,
        slot: int,
        relation: Relation,
        what: Seen,
        sight: Sight,
        seen: Observation,
        *,
        now: Instant,
    ) -> list[WatchEffect]:
        """Apply the table to one sight, and tell of the outcome."""
        standing, outcome = RULES.get((relation.standing, what), (relation.standing, None))
        stayed = stay_ms(relation, now=seen.at)
        left_at = relation.outside_since
        priority = None if sight.within else approach_priority(sight, zone)
        moved(relation, sight, standing=standing, priority=priority)
        if standing is Standing.OUTSIDE:
            self.relations[zone.name].pop(slot, None)
        else:
            self.relations[zone.name][slot] = relation
        if outcome is None:
            return []
        at = _moment(outcome, relation, left_at=left_at, seen_at=seen.at)
        words = outcome_words(outcome, zone, replace(seen, at=at), sight, stay_ms=stayed)
        return self._tell(zone, slot, outcome, at, evidence_of(seen, sight, words), priority, now=now)

    def _count(self, event: ReportsArrived, *, late: int, future: int, now: Instant) -> None:
        name = event.reports.source
        feed = self.feeds.get(name) or Feed(name=name, kind="")
        self.feeds[name] = replace(
            feed,
            last=now,
            reports=feed.reports + len(event.reports),
            late_reports=feed.late_reports + late,
            future_reports=feed.future_reports + future,
            refused=feed.refused + event.refused,
        )

    def _feed_changed(self, event: FeedChanged, *, now: Instant) -> list[WatchEffect]:
        feed = self.feeds.get(event.name) or Feed(name=event.name, kind=event.kind)
        self.feeds[event.name] = replace(
            feed,
            kind=event.kind,
            trouble=event.trouble,
            ended=event.ended,
            late_ms=feed.late_ms if event.late_ms is None else event.late_ms,
            lost_ms=feed.lost_ms if event.lost_ms is None else event.lost_ms,
        )
        return self._feed_checked(self.feeds[event.name], now=now)

    def _feed_checked(self, feed: Feed, *, now: Instant) -> list[WatchEffect]:
        words = f"feed {feed.name} {feed_words(feed, now=now)}"
        evidence = Evidence(at=now, source=feed.name, words=words)
        if feed_state(feed, now=now) is FeedState.LOST:
            return list(
                self.alerts.find(
                    Finding(
                        kind=AlertKind.FEED_LOST,
                        zone=None,
                        subject=feed.name,
                        party=PartyName(""),
                        priority=Priority.WARNING,
                        words=words,
                        evidence=evidence,
                    ),
                    now=now,
                )
            )
        cause = Cause(matter=Matter.FEED, subject=feed.name)
        return list(self.alerts.clear(cause, words=words, evidence=evidence, now=now))

    def _party_learnt(self, slot: int, before: Label, *, now: Instant) -> list[WatchEffect]:
        """A source named, or renamed, the party of a track: what admission forbids or allows is told anew."""
        after = party_of(self.tracks, slot)
        effects: list[WatchEffect] = []
        for name, relations in self.relations.items():
            zone, relation = self.zones[name], relations.get(slot)
            if relation is None or (before.party in zone.admitted) == (after in zone.admitted):
                continue
            seen = observation_of_slot(self.tracks, slot)
            if after in zone.admitted:
                words = f"{seen.title} is said to be of party {after}, which is admitted to zone {name}"
                evidence = evidence_of(seen, relation, words)
                for matter in (Matter.PRESENCE, Matter.STAY, Matter.SILENCE):
                    cause = Cause(matter=matter, zone=name, subject=seen.track)
                    effects += self.alerts.clear(cause, words=words, evidence=evidence, now=now)
            elif relation.standing in WITHIN - {Standing.ENTERING}:
                words = outcome_words(Outcome.ENTERED, zone, seen, relation, stay_ms=0)
                evidence = evidence_of(seen, relation, words)
                effects += self._tell(zone, slot, Outcome.ENTERED, seen.at, evidence, None, now=now)
        return effects

    # ------------------------------------------------------------------ zones

    def _zone_declared(self, event: ZoneDeclared, *, now: Instant) -> list[WatchEffect]:
        zone = event.zone
        self.zones[zone.name] = zone
        self.relations.setdefault(zone.name, {})
        self._switch_at[zone.name] = now
        was_in_force = zone.name in self._in_force
        self._in_force.discard(zone.name)
        effects: list[WatchEffect] = [ZonesChanged(name=zone.name, zone=zone, by=event.by)]
        effects += self._switch_zones(now)
        if was_in_force and zone.name not in self._in_force:
            effects += self._lift(zone, now=now)
            self._rewatch()
        return effects

    def _zone_withdrawn(self, event: ZoneWithdrawn, *, now: Instant) -> list[WatchEffect]:
        zone = self.zones.get(event.name)
        if zone is None:
            raise Refused("zone.unknown", f"zone {event.name} is not declared here")
        effects = self._lift(zone, now=now)
        del self.zones[zone.name], self.relations[zone.name], self._switch_at[zone.name]
        self._in_force.discard(zone.name)
        self._rewatch()
        return [ZonesChanged(name=zone.name, zone=None, by=event.by), *effects]

    def _switch_zones(self, now: Instant) -> list[WatchEffect]:
        """Take zones into force, or out of it, by their schedules."""
        due = [self.zones[name] for name, at in self._switch_at.items() if now >= at]
        if not due:
            return []
        effects: list[WatchEffect] = []
        for zone in due:
            centre = cap(zone.volume.area).centre
            self._switch_at[zone.name] = next_change(zone.volume.schedule, now, centre)
            active = in_force(zone.volume.schedule, now, centre)
            if active and zone.name not in self._in_force:
                self._in_force.add(zone.name)
                self._rewatch()
                effects += self._look_at_all(zone, now=now)
            elif not active and zone.name in self._in_force:
                self._in_force.discard(zone.name)
                effects += self._lift(zone, now=now)
                self._rewatch()
        return effects

    def _look_at_all(self, zone: Zone, *, now: Instant) -> list[WatchEffect]:
        """Measure every track against a zone that has just come into force, or changed."""
        effects: list[WatchEffect] = []
        relations = self.relations[zone.name]
        within: set[int] = set()
        fixes = self.tracks.latest_fixes()
        number = self._watched.number[zone.name]
        for sighting in self._watched.sightings(fixes, []):
            slot = int(fixes.slot[sighting.row])
            if sighting.zone != number or not sighting.sight.within:
                continue
            within.add(slot)
            relation = relations.get(slot) or Relation(at=sighting.sight.at, distance_m=sighting.sight.distance_m)
            seen = observation_of_slot(self.tracks, slot)
            effects += self._change(zone, slot, relation, Seen.FOUND, sighting.sight, seen, now=now)
        for slot in sorted(set(relations) - within):
            effects += self._lifted(zone, slot, now=now)
        return effects

    def _lift(self, zone: Zone, *, now: Instant) -> list[WatchEffect]:
        effects: list[WatchEffect] = []
        for slot in sorted(self.relations[zone.name]):
            effects += self._lifted(zone, slot, now=now)
        return effects

    def _lifted(self, zone: Zone, slot: int, *, now: Instant) -> list[WatchEffect]:
        relation = self.relations[zone.name].pop(slot)
        _, outcome = RULES.get((relation.standing, Seen.LIFTED), (Standing.OUTSIDE, None))
        if outcome is None:
            return []
        seen = observation_of_slot(self.tracks, slot)
        words = f"zone {zone.name} changed, or is no longer in force: nothing is said of where {seen.title} is"
        return self._tell(zone, slot, outcome, now, evidence_of(seen, relation, words), None, now=now)

    def _rewatch(self) -> None:
        self._watched = WatchedZones(tuple(zone for zone in self.zones.values() if zone.name in self._in_force))

    # ------------------------------------------------------------------ time

    def _ticked(self, *, now: Instant) -> list[WatchEffect]:
        effects = self._switch_zones(now)
        for name, relations in self.relations.items():
            for slot, relation in sorted(relations.items()):
                effects += self._waited(self.zones[name], slot, relation, now=now)
        for feed in self.feeds.values():
            effects += self._feed_checked(feed, now=now)
        effects += self.alerts.tick(now=now)
        return effects + self._forgotten(now=now)

    def _waited(self, zone: Zone, slot: int, relation: Relation, *, now: Instant) -> list[WatchEffect]:
        what = what_silence_means(relation, zone, now=now)
        rule = None if what is None else RULES.get((relation.standing, what))
        if rule is None:
            return []
        relation.standing, outcome = rule
        relation.overstayed = relation.overstayed or what is Seen.OVERSTAYED
        if outcome is None:
            return []
        seen = observation_of_slot(self.tracks, slot)
        words = outcome_words(outcome, zone, seen, relation, stay_ms=stay_ms(relation, now=now))
        return self._tell(zone, slot, outcome, seen.at, evidence_of(seen, relation, words), None, now=now)

    def _time_jumped(self, event: TimeJumped) -> list[WatchEffect]:
        self.tracks = Tracks()
        self.alerts.restore([], causes=[], raised_count=self.alerts.raised_count)
        self.relations = {name: {} for name in self.zones}
        self.feeds = {name: replace(feed, last=None, ended=False) for name, feed in self.feeds.items()}
        self._in_force = set()
        self._switch_at = dict.fromkeys(self.zones, event.to)
        self._rewatch()
        return [event]

    def _forgotten(self, *, now: Instant) -> list[WatchEffect]:
        old = [slot for slot in self.tracks.live_slots() if now - self.tracks.time_ms[slot] > FORGET_MS]
        if not old:
            return []
        held = {slot for relations in self.relations.values() for slot in relations}
        named = {name for alert in self.alerts.alerts.values() if alert.open for name in alert.tracks}
        gone = [int(slot) for slot in old if slot not in held and self.tracks.names[slot] not in named]
        self.tracks.forget(gone)
        return [TracksForgotten(slots=tuple(gone))] if gone else []

    # ------------------------------------------------------------------ what people are told

    def _tell(
        self,
        zone: Zone,
        slot: int,
        outcome: Outcome,
        at: Instant,
        evidence: Evidence,
        priority: Priority | None,
        *,
        now: Instant,
    ) -> list[WatchEffect]:
        party = party_of(self.tracks, slot)
        effects: list[WatchEffect] = []
        if outcome is not Outcome.HASTENED:
            effects.append(
                Crossed(
                    zone=zone.name,
                    track=self.tracks.labels[slot].track,
                    title=title_of(self.tracks, slot),
                    party=party,
                    outcome=outcome,
                    at=at,
                    evidence=evidence,
                )
            )
        admitted = bool(party) and party in zone.admitted
        for matter in _ENDS.get(outcome, ()) if not (admitted and outcome is Outcome.ENTERED) else (Matter.EXIT,):
            cause = Cause(matter=matter, zone=zone.name, subject=self.tracks.labels[slot].track)
            effects += self.alerts.clear(cause, words=evidence.words, evidence=evidence, now=now)
        kind = _alert_kind(outcome, zone, admitted=admitted)
        if kind is not None:
            finding = self._finding(kind, zone, slot, evidence, priority)
            effects += self.alerts.find(finding, now=now)
        return effects

    def _finding(
        self, kind: AlertKind, zone: Zone, slot: int, evidence: Evidence, priority: Priority | None
    ) -> Finding:
        centre = cap(zone.volume.area).centre
        columns = self.tracks.column
        at = Position(
            latitude_deg=float(columns("latitude_deg")[slot]), longitude_deg=float(columns("longitude_deg")[slot])
        )
        return Finding(
            kind=kind,
            zone=zone.name,
            subject=self.tracks.labels[slot].track,
            party=party_of(self.tracks, slot),
            priority=priority or _PRIORITY[kind],
            words=evidence.words,
            evidence=evidence,
            axis_deg=course_between(start=centre, end=at).azimuth_deg,
        )


_ENDS = {
    Outcome.TURNED_AWAY: (Matter.PRESENCE,),
    Outcome.LEFT: (Matter.PRESENCE, Matter.STAY, Matter.SILENCE),
    Outcome.HEARD_AGAIN: (Matter.SILENCE,),
}
"""Which matters an outcome brings to an end."""

_KIND = {
    Outcome.APPROACHED: AlertKind.APPROACH,
    Outcome.HASTENED: AlertKind.APPROACH,
    Outcome.ENTERED: AlertKind.ENTRY,
    Outcome.FOUND_INSIDE: AlertKind.ALREADY_INSIDE,
    Outcome.FELL_SILENT: AlertKind.SILENCE,
    Outcome.OVERSTAYED: AlertKind.OVERSTAY,
}
"""Which alert an outcome raises, for a track whose party is not admitted."""

_PRIORITY = {
    AlertKind.APPROACH: Priority.WARNING,
    AlertKind.ENTRY: Priority.ALARM,
    AlertKind.ALREADY_INSIDE: Priority.CAUTION,
    AlertKind.EXIT: Priority.CAUTION,
    AlertKind.SILENCE: Priority.CAUTION,
    AlertKind.OVERSTAY: Priority.WARNING,
}


def _alert_kind(outcome: Outcome, zone: Zone, *, admitted: bool) -> AlertKind | None:
    if not admitted:
        return _KIND.get(outcome)
    return AlertKind.EXIT if outcome is Outcome.LEFT and zone.kind is ZoneKind.CORRIDOR else None


def _moment(outcome: Outcome, relation: Relation, *, left_at: Instant | None, seen_at: Instant) -> Instant:
    """When the outcome was first observed: an entry at the first fix inside, a departure at the first outside."""
    if outcome in (Outcome.ENTERED, Outcome.FOUND_INSIDE) and relation.inside_since is not None:
        return relation.inside_since
    return left_at if outcome is Outcome.LEFT and left_at is not None else seen_at
