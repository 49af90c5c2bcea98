"""What the API says of alerts, tracks, feeds and the node (docs/wire.md), as JSON values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from keepclear.core.instant import Instant, instant_text
from keepclear.core.space.altitude import Datum
from keepclear.core.watch.alert import (
    ANSWER_MS,
    UNATTENDED_MS,
    Alert,
    Evidence,
    ResponseStep,
    Stage,
)
from keepclear.core.watch.alert_list import next_steps
from keepclear.core.watch.feed import Feed, feed_state, feed_words
from keepclear.core.watch.standing import Relation
from keepclear.core.watch.track import freshness, title_of
from keepclear.core.watch.watch import Watch

Value: TypeAlias = "bool | int | float | str | None | Sequence[Value] | dict[str, Value]"
"""A JSON value."""

Members: TypeAlias = "dict[str, Value]"


def alert_members(alert: Alert, watch: Watch) -> Members:
    """An alert, with the callsigns of its tracks and what may be done about it."""
    zone = None if alert.zone is None else watch.zones.get(alert.zone)
    slots = [watch.tracks.slot_of.get(name) for name in alert.tracks]
    waiting = alert.cleared is None
    return {
        "id": alert.id,
        "kind": alert.kind.value,
        "zone": alert.zone,
        "party": alert.party,
        "tracks": list(alert.tracks),
        "labels": [
            title_of(watch.tracks, slot) if slot is not None else name
            for name, slot in zip(alert.tracks, slots, strict=True)
        ],
        "holding": list(alert.holding),
        "priority": alert.priority.name.lower(),
        "stage": alert.stage.value,
        "raised": instant_text(alert.raised),
        "since": instant_text(alert.since),
        "words": alert.words,
        "first": evidence_members(alert.first),
        "latest": evidence_members(alert.latest),
        "steps": [step_members(done) for done in alert.steps],
        "cleared": _time(alert.cleared),
        "closed": _time(alert.closed),
        "prompted": alert.prompted,
        "source": alert.source,
        "next": [step.value for step in next_steps(alert)],
        "todo": [] if zone is None else list(zone.steps),
        "unattended_at": _time(
            Instant(alert.since + UNATTENDED_MS[alert.priority])
            if alert.stage is Stage.ACKNOWLEDGED and waiting
            else None
        ),
        "answer_at": _time(
            Instant(alert.since + ANSWER_MS) if alert.stage is Stage.ADVISED and waiting else None
        ),
    }


def evidence_members(evidence: Evidence) -> Members:
    """What raised or changed an alert."""
    return {
        "at": instant_text(evidence.at),
        "track": evidence.track,
        "source": evidence.source,
        "latitude_deg": evidence.latitude_deg,
        "longitude_deg": evidence.longitude_deg,
        "altitude_m": evidence.altitude_m,
        "altitude_datum": evidence.altitude_datum,
        "speed_mps": evidence.speed_mps,
        "course_deg": evidence.course_deg,
        "accuracy_m": evidence.accuracy_m,
        "distance_m": evidence.distance_m,
        "certain": evidence.certain,
        "entry_earliest": _time(evidence.entry_earliest),
        "entry_expected": _time(evidence.entry_expected),
        "entry_latest": _time(evidence.entry_latest),
        "words": evidence.words,
    }


def step_members(done: ResponseStep) -> Members:
    """What a person did."""
    return {
        "step": done.step.value,
        "at": instant_text(done.at),
        "by": done.by,
        "reason": done.reason,
        "channel": done.channel,
        "text": done.text,
        "reception": done.reception,
        "second": done.second,
    }


def track_members(watch: Watch, slot: int, *, now: Instant) -> Members:
    """A track as the watch holds it now, and how it stands to the zones that it concerns."""
    tracks = watch.tracks
    label, heard = tracks.labels[slot], Instant(int(tracks.time_ms[slot]))
    return {
        "slot": slot,
        "name": label.track,
        "callsign": title_of(tracks, slot),
        "party": label.party,
        "kind": label.kind.name.lower(),
        "source": tracks.sources[slot],
        "at": instant_text(heard),
        "latitude_deg": float(tracks.floats("latitude_deg")[slot]),
        "longitude_deg": float(tracks.floats("longitude_deg")[slot]),
        "altitude_m": _known(float(tracks.floats("altitude_m")[slot])),
        "altitude_datum": Datum(int(tracks.column("datum")[slot])).name.lower(),
        "speed_mps": _known(float(tracks.floats("speed_mps")[slot])),
        "course_deg": _known(float(tracks.floats("course_deg")[slot])),
        "accuracy_m": _known(float(tracks.floats("accuracy_m")[slot])),
        "state": freshness(heard=heard, now=now).name.lower(),
        "age_s": max(0, now - heard) / 1000,
        "zones": [
            _relation_members(name, relations[slot])
            for name, relations in watch.relations.items()
            if slot in relations
        ],
    }


def names_members(watch: Watch, slots: Sequence[int]) -> list[Value]:
    """What tracks are called, for the console's table of slots."""
    return [
        {
            "slot": slot,
            "name": watch.tracks.labels[slot].track,
            "callsign": title_of(watch.tracks, slot),
            "party": watch.tracks.labels[slot].party,
            "kind": watch.tracks.labels[slot].kind.name.lower(),
            "source": watch.tracks.sources[slot],
        }
        for slot in slots
    ]


def feed_members(feed: Feed, *, now: Instant, per_second: float) -> Members:
    """A feed, its state and its counts."""
    return {
        "name": feed.name,
        "kind": feed.kind,
        "state": feed_state(feed, now=now).value,
        "last": _time(feed.last),
        "reports": feed.reports,
        "late_reports": feed.late_reports,
        "future_reports": feed.future_reports,
        "refused": feed.refused,
        "per_second": round(per_second, 1),
        "words": feed_words(feed, now=now),
    }


def json_bytes(value: Value) -> bytes:
    """The JSON text of a value."""
    return msgspec.json.encode(value)


def _relation_members(zone: str, relation: Relation) -> Members:
    return {
        "zone": zone,
        "state": relation.standing.value,
        "distance_m": relation.distance_m,
        "certain": relation.certain,
        "entry_earliest": _time(relation.entry_earliest),
        "entry_expected": _time(relation.entry_expected),
        "entry_latest": _time(relation.entry_latest),
    }


def _time(at: Instant | None) -> str | None:
    return None if at is None else instant_text(at)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
