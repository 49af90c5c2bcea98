"""Findings: what an outcome or a standing of a track at a zone asks people to look at."""

from __future__ import annotations

from typing import Final

from keepclear.core.instant import Instant
from keepclear.core.space.area import cap
from keepclear.core.space.geodesy import Position, course_between
from keepclear.core.watch.alert import AlertKind, Evidence, Priority
from keepclear.core.watch.alert_list import Finding, Matter
from keepclear.core.watch.feed import Feed, FeedState, feed_state, feed_words
from keepclear.core.watch.report import PartyName
from keepclear.core.watch.standing import Outcome, Relation, Standing
from keepclear.core.watch.zone import Zone, ZoneKind

ENDS: Final = {
    Outcome.APPROACHED: (Matter.SILENCE,),
    Outcome.TURNED_AWAY: (Matter.PRESENCE, Matter.SILENCE),
    Outcome.ENTERED: (Matter.SILENCE,),
    Outcome.FOUND_INSIDE: (Matter.SILENCE,),
    Outcome.LEFT: (Matter.PRESENCE, Matter.STAY, Matter.SILENCE),
    Outcome.HEARD_AGAIN: (Matter.SILENCE,),
    Outcome.LIFTED: (Matter.PRESENCE, Matter.EXIT, Matter.STAY, Matter.SILENCE),
}
"""Which matters an outcome brings to an end."""

INSIDE_MATTERS: Final = (Matter.PRESENCE, Matter.STAY, Matter.SILENCE)
"""What an admitted party is not asked about."""

_KIND: Final = {
    Outcome.APPROACHED: AlertKind.APPROACH,
    Outcome.HASTENED: AlertKind.APPROACH,
    Outcome.ENTERED: AlertKind.ENTRY,
    Outcome.FOUND_INSIDE: AlertKind.ALREADY_INSIDE,
    Outcome.FELL_SILENT: AlertKind.SILENCE,
    Outcome.OVERSTAYED: AlertKind.OVERSTAY,
}
"""Which alert an outcome raises, for a track whose party is not admitted."""

_PRIORITY: Final = {
    AlertKind.APPROACH: Priority.WARNING,
    AlertKind.ENTRY: Priority.ALARM,
    AlertKind.ALREADY_INSIDE: Priority.CAUTION,
    AlertKind.EXIT: Priority.CAUTION,
    AlertKind.SILENCE: Priority.CAUTION,
    AlertKind.OVERSTAY: Priority.WARNING,
}

_STANDS_FOR: Final = {
    Standing.APPROACHING: (Outcome.APPROACHED,),
    Standing.INSIDE: (Outcome.ENTERED,),
    Standing.LEAVING: (Outcome.ENTERED,),
    Standing.LOST: (Outcome.ENTERED, Outcome.FELL_SILENT),
    Standing.MISSING: (Outcome.FELL_SILENT,),
}


def is_admitted(zone: Zone, party: PartyName) -> bool:
    """Whether tracks of a party may be inside a zone without an alert; a party that is not known never is."""
    return bool(party) and party in zone.admitted


def ended_matters(outcome: Outcome, *, admitted: bool) -> tuple[Matter, ...]:
    """Which matters are over after an outcome. What is inside again has no longer left."""
    returns = admitted and outcome in (Outcome.ENTERED, Outcome.FOUND_INSIDE)
    return (*ENDS.get(outcome, ()), Matter.EXIT) if returns else ENDS.get(outcome, ())


def alert_kind(outcome: Outcome, zone: Zone, *, admitted: bool) -> AlertKind | None:
    """Which alert an outcome raises, None for none. An admitted party is asked about when it leaves a corridor."""
    if not admitted:
        return _KIND.get(outcome)
    return AlertKind.EXIT if outcome is Outcome.LEFT and zone.kind is ZoneKind.CORRIDOR else None


def outcomes_of(relation: Relation) -> tuple[Outcome, ...]:
    """The outcomes that a standing is the result of, for a track that has just lost its admission."""
    overstayed = (Outcome.OVERSTAYED,) if relation.overstayed else ()
    return (*_STANDS_FOR.get(relation.standing, ()), *overstayed)


def finding_of(
    kind: AlertKind, zone: Zone, party: PartyName, evidence: Evidence, priority: Priority | None
) -> Finding:
    """The finding that evidence of a track at a zone makes; ``priority`` None stands for the usual one of its kind."""
    assert evidence.track is not None
    return Finding(
        kind=kind,
        zone=zone.name,
        subject=evidence.track,
        party=party,
        priority=priority or _PRIORITY[kind],
        words=evidence.words,
        evidence=evidence,
        axis_deg=_axis_deg(zone, evidence),
    )


def feed_finding(feed: Feed, *, now: Instant) -> Finding:
    """The finding that a feed makes by being lost, or by being heard again."""
    lost = feed_state(feed, now=now) is FeedState.LOST
    words = f"feed {feed.name} {feed_words(feed, now=now) if lost else 'is heard again'}"
    return Finding(
        kind=AlertKind.FEED_LOST,
        zone=None,
        subject=feed.name,
        party=PartyName(""),
        priority=Priority.WARNING,
        words=words,
        evidence=Evidence(at=now, source=feed.name, words=words),
    )


def _axis_deg(zone: Zone, evidence: Evidence) -> float | None:
    if evidence.latitude_deg is None or evidence.longitude_deg is None:
        return None
    at = Position(latitude_deg=evidence.latitude_deg, longitude_deg=evidence.longitude_deg)
    return course_between(start=cap(zone.volume.area).centre, end=at).azimuth_deg
