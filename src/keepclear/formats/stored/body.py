"""The bodies of the record's entries: what happened, as canonical JSON without fractions.

Coordinates are whole 1e-7 degrees (``_e7``), lengths centimetres (``_cm``), speeds centimetres a second, angles
hundredths of a degree, times milliseconds since 1970 UTC (``_ms``). What is not known is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from keepclear.core.instant import Instant
from keepclear.core.line.event import LineAgreed, LineChanged
from keepclear.core.trust.encoding import Json, canonical
from keepclear.core.watch.alert import Alert, Evidence, ResponseStep
from keepclear.core.watch.alert_list import AlertChanged
from keepclear.core.watch.event import Crossed, TimeJumped, ZonesChanged
from keepclear.formats.zone.geojson import geojson_of

GEOJSON_BYTES_MAX: Final = 40_000
"""A zone's text longer than this stands in the record by its hash alone."""

LINE_HASHES_MAX: Final = 100
"""The most messages that one entry about a line names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A finished segment of archived reports: which file, what it hashes to, how much it holds, from when to when."""

    name: str
    sha256: str
    reports: int
    start: Instant
    end: Instant


def alert_body(changed: AlertChanged) -> bytes:
    """An alert as it stands after a change, with the evidence or the person's step that changed it."""
    alert = changed.alert
    return _body(
        {
            "alert": alert.id,
            "kind": alert.kind.value,
            "zone": alert.zone,
            "party": alert.party or None,
            "tracks": list(alert.tracks),
            "priority": alert.priority.name.lower(),
            "stage": alert.stage.value,
            "words": alert.words,
            "raised_ms": alert.raised,
            "cleared_ms": alert.cleared,
            "closed_ms": alert.closed,
            "evidence": _evidence(alert.latest),
            "step": _step(alert) if changed.change in _STEP_WORDS and alert.steps else None,
        }
    )


def crossing_body(crossed: Crossed) -> bytes:
    """A track's change of standing to a zone."""
    return _body(
        {
            "zone": crossed.zone,
            "track": crossed.track,
            "callsign": crossed.title,
            "party": crossed.party or None,
            "outcome": crossed.outcome.value,
            "at_ms": crossed.at,
            "evidence": _evidence(crossed.evidence),
        }
    )


def zone_body(changed: ZonesChanged) -> bytes:
    """A zone as declared, or its withdrawal: ``geojson`` is the text that ``geojson_sha256`` is the hash of."""
    if changed.zone is None:
        return _body({"zone": changed.name, "by": changed.by})
    text = geojson_of([changed.zone], with_outlines=False)
    return _body(
        {
            "zone": changed.name,
            "by": changed.by,
            "declared_by": changed.zone.declared_by,
            "geojson": text.decode() if _written_bytes(text) <= GEOJSON_BYTES_MAX else None,
            "geojson_sha256": sha256(text).hexdigest(),
        }
    )


def jump_body(jumped: TimeJumped) -> bytes:
    """A jump of a replay to another time."""
    return _body({"to_ms": jumped.to})


def agreed_body(agreed: LineAgreed) -> bytes:
    """A line agreed with a counterpart: its name, the parties, and the roots that people compared."""
    terms = agreed.terms
    return _body(
        {
            "line": terms.line,
            "with": terms.other,
            "own_root": terms.own_root.text(),
            "other_root": terms.other_root.text(),
        }
    )


def line_body(changed: LineChanged) -> bytes:
    """What changed on a line, by whom where a person did it, and the hashes of the ``messages`` that it concerns."""
    return _body(
        {
            "line": changed.line,
            "by": changed.by or None,
            "words": changed.words or None,
            "messages": [each.hex() for each in changed.hashes[:LINE_HASHES_MAX]],
        }
    )


def segment_body(segment: Segment) -> bytes:
    """A finished segment of the archive of reports."""
    return _body(
        {
            "file": segment.name,
            "sha256": segment.sha256,
            "reports": segment.reports,
            "start_ms": segment.start,
            "end_ms": segment.end,
        }
    )


def started_body(*, node: str, version: str, replayed: int) -> bytes:
    """A start of the node: its name, its version, and how many stored events it replayed."""
    return _body({"node": node, "version": version, "replayed": replayed})


_STEP_WORDS: Final = frozenset({"acknowledge", "advise", "warn", "escalate", "close"})


def _step(alert: Alert) -> Json:
    done: ResponseStep = alert.steps[-1]
    return _present(
        {
            "step": done.step.value,
            "at_ms": done.at,
            "by": done.by,
            "reason": done.reason or None,
            "channel": done.channel or None,
            "text": done.text or None,
            "reception": done.reception or None,
            "second": done.second or None,
        }
    )


def _evidence(evidence: Evidence) -> Json:
    return _present(
        {
            "at_ms": evidence.at,
            "track": evidence.track,
            "source": evidence.source or None,
            "latitude_e7": _whole(evidence.latitude_deg, 1e7),
            "longitude_e7": _whole(evidence.longitude_deg, 1e7),
            "altitude_cm": _whole(evidence.altitude_m, 100),
            "altitude_datum": evidence.altitude_datum or None,
            "speed_cm_s": _whole(evidence.speed_mps, 100),
            "course_cdeg": _whole(evidence.course_deg, 100),
            "accuracy_cm": _whole(evidence.accuracy_m, 100),
            "distance_cm": _whole(evidence.distance_m, 100),
            "certain": evidence.certain,
            "entry_earliest_ms": evidence.entry_earliest,
            "entry_expected_ms": evidence.entry_expected,
            "entry_latest_ms": evidence.entry_latest,
            "words": evidence.words,
        }
    )


def _written_bytes(text: bytes) -> int:
    # Inside the entry the text is a JSON string, in which quotes and backslashes take two bytes.
    return len(text) + text.count(b'"') + text.count(b"\\")


def _whole(value: float | None, scale: float) -> int | None:
    return None if value is None else round(value * scale)


def _present(members: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in members.items() if value is not None}


def _body(members: Mapping[str, Json]) -> bytes:
    return canonical(_present(members))
