"""Crossings written down: as CSV for a spreadsheet, as GeoJSON for a map, as a line for a person."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

import msgspec

from keepclear.core.instant import instant_text
from keepclear.core.watch.event import Crossed

HEADINGS: Final = (
    "time",
    "zone",
    "outcome",
    "track",
    "callsign",
    "party",
    "certain",
    "latitude_deg",
    "longitude_deg",
    "altitude_m",
    "altitude_datum",
    "distance_m",
    "accuracy_m",
    "source",
    "words",
)

_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")


class _Point(msgspec.Struct, frozen=True, tag_field="type", tag="Point"):
    coordinates: tuple[float, float]


class _Properties(msgspec.Struct, frozen=True, kw_only=True):
    time: str
    zone: str
    outcome: str
    track: str
    callsign: str
    party: str
    certain: bool
    altitude_m: float | None
    altitude_datum: str
    distance_m: float | None
    accuracy_m: float | None
    source: str
    words: str


class _Feature(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="Feature"):
    geometry: _Point
    properties: _Properties


class _Collection(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="FeatureCollection"):
    features: list[_Feature]


def crossing_line(crossed: Crossed) -> str:
    """One crossing as a line of text, its time to the second."""
    at = instant_text(crossed.at)[:19] + "Z"
    return f"{at}  {crossed.outcome.value:<13} {crossed.title:<10} {crossed.evidence.words}"


def crossings_csv(crossings: Sequence[Crossed]) -> bytes:
    """The crossings as CSV (RFC 4180) in UTF-8 with a header line.

    A text that a spreadsheet would take for a formula gets an apostrophe before it, since callsigns come from outside.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for crossed in crossings:
        cells = msgspec.to_builtins(_properties(crossed))
        evidence = crossed.evidence
        cells |= {"latitude_deg": evidence.latitude_deg, "longitude_deg": evidence.longitude_deg}
        writer.writerow([_cell(cells[heading]) for heading in HEADINGS])
    return text.getvalue().encode()


def crossings_geojson(crossings: Sequence[Crossed]) -> bytes:
    """The crossings as a GeoJSON FeatureCollection of points: where the deciding report was."""
    features = [
        _Feature(
            geometry=_Point((crossed.evidence.longitude_deg, crossed.evidence.latitude_deg)),
            properties=_properties(crossed),
        )
        for crossed in crossings
        if crossed.evidence.longitude_deg is not None and crossed.evidence.latitude_deg is not None
    ]
    return msgspec.json.encode(_Collection(features=features))


def crossings_json(crossings: Sequence[Crossed]) -> bytes:
    """The crossings as JSON lines, one object each."""
    return b"".join(msgspec.json.encode(_properties(crossed)) + b"\n" for crossed in crossings)


def _properties(crossed: Crossed) -> _Properties:
    evidence = crossed.evidence
    return _Properties(
        time=instant_text(crossed.at),
        zone=crossed.zone,
        outcome=crossed.outcome.value,
        track=crossed.track,
        callsign=crossed.title,
        party=crossed.party,
        certain=evidence.certain,
        altitude_m=evidence.altitude_m,
        altitude_datum=evidence.altitude_datum,
        distance_m=None if evidence.distance_m is None else round(evidence.distance_m, 2),
        accuracy_m=evidence.accuracy_m,
        source=evidence.source,
        words=evidence.words,
    )


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_RISKY) else text
