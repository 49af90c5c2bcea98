"""What the watch saw, as evidence and in words. The words are neutral: where a thing is, and as recognised by whom."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from keepclear.core.instant import Instant, clock_text
from keepclear.core.space.altitude import Datum
from keepclear.core.watch.alert import Evidence
from keepclear.core.watch.report import SourceName, TrackName
from keepclear.core.watch.standing import Outcome, Relation, Sight, Standing
from keepclear.core.watch.track import Fixes, Tracks, title_of
from keepclear.core.watch.zone import Zone, recognition_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One fix of one track as the watch holds it; units as in Reports, NaN where unknown."""

    track: TrackName
    title: str
    source: SourceName
    at: Instant
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    datum: Datum
    speed_mps: float
    course_deg: float
    accuracy_m: float


def observation_of_fix(tracks: Tracks, fixes: Fixes, row: int) -> Observation:
    """The observation that a row of a batch holds."""
    slot = int(fixes.slot[row])
    return Observation(
        track=tracks.labels[slot].track,
        title=title_of(tracks, slot),
        source=fixes.source,
        at=Instant(int(fixes.time_ms[row])),
        latitude_deg=float(fixes.latitude_deg[row]),
        longitude_deg=float(fixes.longitude_deg[row]),
        altitude_m=float(fixes.altitude_m[row]),
        datum=Datum(int(fixes.datum[row])),
        speed_mps=float(fixes.speed_mps[row]),
        course_deg=float(fixes.course_deg[row]),
        accuracy_m=float(fixes.accuracy_m[row]),
    )


def observation_of_slot(tracks: Tracks, slot: int) -> Observation:
    """The latest observation of a track."""
    return Observation(
        track=tracks.labels[slot].track,
        title=title_of(tracks, slot),
        source=tracks.sources[slot],
        at=Instant(int(tracks.time_ms[slot])),
        latitude_deg=float(tracks.floats("latitude_deg")[slot]),
        longitude_deg=float(tracks.floats("longitude_deg")[slot]),
        altitude_m=float(tracks.floats("altitude_m")[slot]),
        datum=Datum(int(tracks.column("datum")[slot])),
        speed_mps=float(tracks.floats("speed_mps")[slot]),
        course_deg=float(tracks.floats("course_deg")[slot]),
        accuracy_m=float(tracks.floats("accuracy_m")[slot]),
    )


def evidence_of(seen: Observation, sight: Sight | Relation, words: str) -> Evidence:
    """The evidence that an observation and its measure against a zone make."""
    return Evidence(
        at=seen.at,
        track=seen.track,
        source=seen.source,
        latitude_deg=seen.latitude_deg,
        longitude_deg=seen.longitude_deg,
        altitude_m=_known(seen.altitude_m),
        altitude_datum=seen.datum.name.lower(),
        speed_mps=_known(seen.speed_mps),
        course_deg=_known(seen.course_deg),
        accuracy_m=_known(seen.accuracy_m),
        distance_m=sight.distance_m,
        certain=sight.certain,
        entry_earliest=sight.entry_earliest,
        entry_expected=sight.entry_expected,
        entry_latest=sight.entry_latest,
        words=words,
    )


def outcome_words(
    outcome: Outcome, zone: Zone, seen: Observation, sight: Sight | Relation, *, stay_ms: int
) -> str:
    """What happened, in one sentence."""
    unheard = isinstance(sight, Relation) and sight.standing in (Standing.LOST, Standing.MISSING)
    template = _STAYED_UNHEARD if outcome is Outcome.OVERSTAYED and unheard else _WORDS[outcome]
    return template.format(
        title=seen.title,
        where=f"zone {zone.name}, {recognition_text(zone)}",
        zone=zone.name,
        perhaps="" if sight.certain else "possibly ",
        edge=_edge_text(sight.distance_m),
        outside=_outside_text(sight.distance_m),
        entry=_entry_text(sight),
        at=clock_text(seen.at),
        stay=span_text(stay_ms),
    )


_WORDS: Final = {
    Outcome.APPROACHED: "{title} closing on {where}: {edge}{entry}",
    Outcome.HASTENED: "{title} closing on {where}: {edge}{entry}",
    Outcome.TURNED_AWAY: "{title} no longer closing on {where}: {outside}",
    Outcome.ENTERED: "{title} {perhaps}inside {where}: {edge}",
    Outcome.CONFIRMED: "{title} now certainly inside {where}: {edge}",
    Outcome.FOUND_INSIDE: "{title} was already {perhaps}inside {where}, when it came into force: {edge}",
    Outcome.LEFT: "{title} outside {where} since {at}, after {stay} inside: {outside}",
    Outcome.FELL_SILENT: "{title} not heard since {at}, last seen {edge} of {where}: unknown, not outside",
    Outcome.HEARD_AGAIN: "{title} heard again at {where}: {edge}",
    Outcome.OVERSTAYED: "{title} {perhaps}inside {where} for {stay}",
    Outcome.LIFTED: "zone {zone} changed, or is not in force: nothing is said of where {title} is",
}

_STAYED_UNHEARD: Final = "{title} not heard since {at}: may have been inside {where} for {stay}"


def distance_text(distance_m: float) -> str:
    """A length as said on watch: metres below a kilometre, else kilometres to the hundred metres."""
    size = abs(distance_m)
    return f"{size:.0f} m" if size < 999.5 else f"{size / 1000:.1f} km"


def span_text(span_ms: int) -> str:
    """A length of time as said on watch: ``4 min 10 s``, ``2 h 05 min``."""
    seconds = span_ms // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds // 60 % 60:02d} min"


def _edge_text(distance_m: float) -> str:
    return f"{distance_text(distance_m)} {'inside' if distance_m <= 0 else 'outside'} the edge"


def _outside_text(distance_m: float) -> str:
    # What is outside the volume although within the edge of its area can only be so by its height.
    return _edge_text(distance_m) if distance_m > 0 else "within its edge, above or below it"


def _entry_text(sight: Sight | Relation) -> str:
    if sight.entry_expected is None:
        return ", entry possible"
    text = f", entry expected {clock_text(sight.entry_expected)}"
    if sight.entry_earliest is not None and sight.entry_latest is not None:
        text += f" (between {clock_text(sight.entry_earliest)} and {clock_text(sight.entry_latest)})"
    elif sight.entry_earliest is not None:
        text += f" (not before {clock_text(sight.entry_earliest)})"
    return text


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
