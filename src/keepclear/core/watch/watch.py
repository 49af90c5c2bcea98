"""The watch: zones against live tracks, one step at a time.

``Watch.step(event, now=...)`` is all that changes it: the same events with the same ``now`` give the same effects.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.watch.alert import Evidence, Priority
from keepclear.core.watch.alert_list import AlertList, Cause, Matter
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
from keepclear.core.watch.feed import Feed, FeedState, counted, feed_state
from keepclear.core.watch.finding import (
    INSIDE_MATTERS,
    alert_kind,
    ended_matters,
    feed_finding,
    finding_of,
    is_admitted,
    outcomes_of,
)
from keepclear.core.watch.force import Force, Spell
from keepclear.core.watch.forgetting import forgettable
from keepclear.core.watch.report import Label, SourceName
from keepclear.core.watch.sighting import WatchedZones
from keepclear.core.watch.standing import (
    RULES,
    Outcome,
    Relation,
    Seen,
    Sight,
    Standing,
    approach_priority,
    moment_of,
    moved,
    stay_ms,
    what_silence_means,
    what_was_seen,
)
from keepclear.core.watch.track import Tracks, party_of, title_of
from keepclear.core.watch.zone import Zone, ZoneName


class Watch:
    """Zones, tracks, how each track stands to each zone, and the alert list."""

    def __init__(self) -> None:
        self.tracks = Tracks()
        self.alerts = AlertList()
        self.feeds: dict[SourceName, Feed] = {}
        self.zones: dict[ZoneName, Zone] = {}
        self.relations: dict[ZoneName, dict[int, Relation]] = {}
        self.force = Force()
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
        return self.force.holds(name)

    def restore(self, spells: dict[ZoneName, Spell]) -> None:
        """Put back what a snapshot held, after tracks, alerts, zones and relations were put back."""
        self.force = Force(spells)
        self._rewatch()

    def _reports_arrived(self, event: ReportsArrived, *, now: Instant) -> list[WatchEffect]:
        reports = event.reports
        effects: list[WatchEffect] = []
        # What is claimed of a track comes before where it is, so that it is told by its name and party.
        self.tracks.open_for(reports, now=now)
        for slot, before, _ in self.tracks.label(reports.labels):
            effects += self._party_learnt(slot, before, now=now)
        fixes = self.tracks.fold(reports, now=now)
        feed = self.feeds.get(reports.source) or Feed(name=reports.source, kind="")
        self.feeds[reports.source] = counted(
            feed, reports=len(reports), late=fixes.late, future=fixes.future, refused=event.refused, now=now
        )
        rows: dict[int, list[int]] = {}
        for row, slot in enumerate(fixes.slot.tolist()):
            rows.setdefault(slot, []).append(row)
        related = [
            (row, self._watched.number[name])
            for name, relations in self.relations.items()
            if relations and self.force.holds(name)
            for slot in rows.keys() & relations.keys()
            for row in rows[slot]
        ]
        for sighting in self._watched.sightings(fixes, related):
            zone = self._watched.zones[sighting.zone]
            seen = observation_of_fix(self.tracks, fixes, sighting.row)
            effects += self._look(zone, int(fixes.slot[sighting.row]), sighting.sight, seen, now=now)
        return effects

    def _look(
        self, zone: Zone, slot: int, sight: Sight, seen: Observation, *, now: Instant
    ) -> list[WatchEffect]:
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
        left_at = relation.outside_since
        stayed = stay_ms(relation, now=seen.at if left_at is None else left_at)
        priority = None if sight.within else approach_priority(sight, zone)
        moved(relation, sight, standing=standing, outcome=outcome, priority=priority)
        if standing is Standing.OUTSIDE:
            self.relations[zone.name].pop(slot, None)
        else:
            self.relations[zone.name][slot] = relation
        if outcome is None:
            return []
        at = moment_of(outcome, relation, left_at=left_at, seen_at=seen.at)
        words = outcome_words(outcome, zone, replace(seen, at=at), sight, stay_ms=stayed)
        return self._tell(zone, slot, outcome, at, evidence_of(seen, sight, words), priority, now=now)

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
        finding = feed_finding(feed, now=now)
        if feed_state(feed, now=now) is FeedState.LOST:
            return list(self.alerts.find(finding, now=now))
        return list(self.alerts.clear(finding.cause, words=finding.words, evidence=finding.evidence, now=now))

    def _party_learnt(self, slot: int, before: Label, *, now: Instant) -> list[WatchEffect]:
        """A source named, or renamed, the party of a track: what admission forbids or allows is told anew."""
        after = party_of(self.tracks, slot)
        effects: list[WatchEffect] = []
        for name, relations in self.relations.items():
            zone = self.zones[name]
            if slot in relations and is_admitted(zone, before.party) is not is_admitted(zone, after):
                effects += self._admission_changed(zone, slot, now=now)
        return effects

    def _admission_changed(self, zone: Zone, slot: int, *, now: Instant) -> list[WatchEffect]:
        """A track that stands in a relation to a zone is admitted to it now, or is no longer."""
        seen, relation = observation_of_slot(self.tracks, slot), self.relations[zone.name][slot]
        party = party_of(self.tracks, slot)
        if is_admitted(zone, party):
            words = f"{seen.title} is said to be of party {party}, which is admitted to zone {zone.name}"
            return self._clear(INSIDE_MATTERS, zone, evidence_of(seen, relation, words), now=now)
        effects: list[WatchEffect] = []
        for outcome in outcomes_of(relation):
            words = outcome_words(outcome, zone, seen, relation, stay_ms=stay_ms(relation, now=now))
            effects += self._find(
                outcome, zone, slot, evidence_of(seen, relation, words), relation.priority, now=now
            )
        return effects

    def _zone_declared(self, event: ZoneDeclared, *, now: Instant) -> list[WatchEffect]:
        zone, before = event.zone, self.zones.get(event.zone.name)
        self.zones[zone.name] = zone
        relations = self.relations.setdefault(zone.name, {})
        stood = {slot: relation.standing for slot, relation in relations.items()}
        effects: list[WatchEffect] = [ZonesChanged(name=zone.name, zone=zone, by=event.by)]
        if before is None or before.volume != zone.volume:
            self.force.declare(zone.name)
        effects += self._switch_zones(now)
        if not self.force.holds(zone.name):
            effects += self._lift(zone, now=now)
        self._rewatch()
        for slot in sorted(stood):
            party = party_of(self.tracks, slot)
            changed = before is not None and is_admitted(before, party) is not is_admitted(zone, party)
            if changed and slot in relations and relations[slot].standing is stood[slot]:
                effects += self._admission_changed(zone, slot, now=now)
        return effects

    def _zone_withdrawn(self, event: ZoneWithdrawn, *, now: Instant) -> list[WatchEffect]:
        zone = self.zones.get(event.name)
        if zone is None:
            raise Refused("zone.unknown", f"zone {event.name} is not declared here")
        effects = self._lift(zone, now=now)
        del self.zones[zone.name], self.relations[zone.name]
        self.force.withdraw(zone.name)
        self._rewatch()
        return [ZonesChanged(name=zone.name, zone=None, by=event.by), *effects]

    def _switch_zones(self, now: Instant) -> list[WatchEffect]:
        """Take zones into force, or out of it, by their schedules."""
        effects: list[WatchEffect] = []
        changed = self.force.switch(self.zones, now=now)
        if changed:
            self._rewatch()
        for zone in changed:
            held = self.force.holds(zone.name)
            effects += self._look_at_all(zone, now=now) if held else self._lift(zone, now=now)
        return effects

    def _look_at_all(self, zone: Zone, *, now: Instant) -> list[WatchEffect]:
        """Measure every track against a zone that has just come into force, or changed."""
        effects: list[WatchEffect] = []
        relations = self.relations[zone.name]
        within: set[int] = set()
        fixes = self.tracks.latest_fixes()
        for sighting in self._watched.sightings_within(self._watched.number[zone.name], fixes):
            slot = int(fixes.slot[sighting.row])
            within.add(slot)
            relation = relations.get(slot) or Relation(
                at=sighting.sight.at, distance_m=sighting.sight.distance_m
            )
            seen = observation_of_slot(self.tracks, slot)
            effects += self._change(zone, slot, relation, Seen.FOUND, sighting.sight, seen, now=now)
        for slot in sorted(set(relations) - within):
            effects += self._lifted(zone, slot, now=now)
        return effects

    def _lift(self, zone: Zone, *, now: Instant) -> list[WatchEffect]:
        slots = sorted(self.relations[zone.name])
        effects = [effect for slot in slots for effect in self._lifted(zone, slot, now=now)]
        words = f"zone {zone.name} changed, or is not in force"
        for cause, _ in self.alerts.causes:
            if cause.zone == zone.name:
                effects += self.alerts.clear(
                    cause, words=words, evidence=Evidence(at=now, words=words), now=now
                )
        return effects

    def _lifted(self, zone: Zone, slot: int, *, now: Instant) -> list[WatchEffect]:
        relation = self.relations[zone.name].pop(slot)
        _, outcome = RULES.get((relation.standing, Seen.LIFTED), (Standing.OUTSIDE, None))
        if outcome is None:
            return []
        seen = observation_of_slot(self.tracks, slot)
        words = outcome_words(outcome, zone, seen, relation, stay_ms=0)
        return self._tell(zone, slot, outcome, now, evidence_of(seen, relation, words), None, now=now)

    def _rewatch(self) -> None:
        self._watched = WatchedZones(
            tuple(zone for zone in self.zones.values() if self.force.holds(zone.name))
        )

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
        if what in (Seen.SILENT, Seen.OVERDUE):
            # What was outside before a silence has not been outside throughout it.
            relation.outside_since = None
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
        self.force = Force()
        for name in self.zones:
            self.force.declare(name)
        self._rewatch()
        return [event]

    def _forgotten(self, *, now: Instant) -> list[WatchEffect]:
        gone = forgettable(self.tracks, self.relations.values(), self.alerts.alerts.values(), now=now)
        for relations in self.relations.values():
            for slot in gone:
                relations.pop(slot, None)
        self.tracks.forget(gone)
        return [TracksForgotten(slots=tuple(gone))] if gone else []

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
        effects: list[WatchEffect] = []
        if outcome is not Outcome.HASTENED:
            effects.append(
                Crossed(
                    zone=zone.name,
                    track=self.tracks.labels[slot].track,
                    title=title_of(self.tracks, slot),
                    party=party_of(self.tracks, slot),
                    outcome=outcome,
                    at=at,
                    evidence=evidence,
                )
            )
        admitted = is_admitted(zone, party_of(self.tracks, slot))
        effects += self._clear(ended_matters(outcome, admitted=admitted), zone, evidence, now=now)
        if outcome is Outcome.CONFIRMED:
            effects += self.alerts.confirm(
                Cause(matter=Matter.PRESENCE, zone=zone.name, subject=self.tracks.labels[slot].track),
                evidence,
            )
        return effects + self._find(outcome, zone, slot, evidence, priority, now=now)

    def _clear(
        self, matters: tuple[Matter, ...], zone: Zone, evidence: Evidence, *, now: Instant
    ) -> list[WatchEffect]:
        effects: list[WatchEffect] = []
        for matter in matters:
            cause = Cause(matter=matter, zone=zone.name, subject=evidence.track or "")
            effects += self.alerts.clear(cause, words=evidence.words, evidence=evidence, now=now)
        return effects

    def _find(
        self,
        outcome: Outcome,
        zone: Zone,
        slot: int,
        evidence: Evidence,
        priority: Priority | None,
        *,
        now: Instant,
    ) -> list[WatchEffect]:
        party = party_of(self.tracks, slot)
        kind = alert_kind(outcome, zone, admitted=is_admitted(zone, party))
        if kind is None:
            return []
        return list(self.alerts.find(finding_of(kind, zone, party, evidence, priority), now=now))
