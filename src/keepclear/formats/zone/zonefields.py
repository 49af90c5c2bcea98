"""The fields of a zone as they are written, the same in GeoJSON properties and in scenario tables.

Everything but the shape: what docs/geojson.md lists under ``properties.keepclear``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from keepclear.core.errors import Refused
from keepclear.core.instant import SECOND_MS, Duration
from keepclear.core.space.altitude import (
    FOOT_M,
    UNLIMITED,
    Altitude,
    AltitudeBand,
    Bound,
    Datum,
    flight_level,
)
from keepclear.core.space.area import Area
from keepclear.core.space.volume import Volume
from keepclear.core.watch.report import PartyName
from keepclear.core.watch.zone import NEVER, Recognised, Recognition, Zone, ZoneKind, ZoneName
from keepclear.formats.zone.schedulefields import ScheduleFields, schedule_fields, schedule_of

PARTY_NAME_LENGTH_MAX: Final = 80
BASIS_LENGTH_MAX: Final = 2_000
STEP_LENGTH_MAX: Final = 500
PARTIES_MAX: Final = 100
"""The most parties that one zone names as recognising it, and as admitted."""

SECONDS_MAX: Final = 3_155_760_000.0
"""The longest duration that is written in seconds: a hundred years. "Never" is written as null."""

Seconds: TypeAlias = float | UnsetType | None
Said = TypeVar("Said")

_DATUMS: Final = {"hae": Datum.HAE, "msl": Datum.MSL, "agl": Datum.AGL, "pressure": Datum.PRESSURE}
_DATUM_WORDS: Final = {datum: word for word, datum in _DATUMS.items()}


class HeightFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One height: exactly one of three ways to say how high; a flight level has its datum in its name."""

    height_m: float | None = None
    height_ft: float | None = None
    flight_level: float | None = None
    datum: str | None = None


class StandFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How one party stands to the zone."""

    party: str
    stand: Recognition


class ZoneFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What can be said of a zone besides its shape; what is left out has the default of ``Zone``."""

    name: str | UnsetType = UNSET
    kind: ZoneKind | UnsetType = UNSET
    declared_by: str | UnsetType = UNSET
    basis: str | UnsetType = UNSET
    recognition: list[StandFields] | UnsetType = UNSET
    admitted: list[str] | UnsetType = UNSET
    lower: HeightFields | UnsetType | None = UNSET
    upper: HeightFields | UnsetType | None = UNSET
    schedule: ScheduleFields | UnsetType = UNSET
    warning_distance_m: float | UnsetType = UNSET
    warning_time_s: Seconds = UNSET
    dwell_s: Seconds = UNSET
    clear_distance_m: float | UnsetType = UNSET
    clear_time_s: Seconds = UNSET
    overstay_s: Seconds = UNSET
    silence_s: Seconds = UNSET
    steps: list[str] | UnsetType = UNSET


def zone_of(fields: ZoneFields, *, area: Area, name: str, kind: ZoneKind, declared_by: str) -> Zone:
    """The zone that the fields and an area make.

    ``name``, ``kind`` and ``declared_by`` count where the fields do not say. Raises Refused("zone.*"), or
    what the parts of a zone raise, naming the field.
    """
    chosen = said(fields.name, name)
    _demand_texts(fields, chosen)
    band = AltitudeBand(
        lower=bound_of(said(fields.lower, None), "lower"), upper=bound_of(said(fields.upper, None), "upper")
    )
    # The plain zone brings the defaults, which are written in one place only.
    plain = Zone(
        name=ZoneName(chosen),
        kind=said(fields.kind, kind),
        volume=Volume(area=area, band=band, schedule=schedule_of(said(fields.schedule, ScheduleFields()))),
        declared_by=party_of(said(fields.declared_by, declared_by)),
    )
    return replace(
        plain,
        basis=said(fields.basis, plain.basis),
        recognition=tuple(
            Recognised(party=party_of(stand.party), stand=stand.stand)
            for stand in said(fields.recognition, [])
        ),
        admitted=frozenset(party_of(party) for party in said(fields.admitted, [])),
        warning_distance_m=said(fields.warning_distance_m, plain.warning_distance_m),
        warning_time_ms=_duration(fields.warning_time_s, plain.warning_time_ms, "warning_time_s"),
        dwell_ms=_duration(fields.dwell_s, plain.dwell_ms, "dwell_s"),
        clear_distance_m=said(fields.clear_distance_m, plain.clear_distance_m),
        clear_time_ms=_duration(fields.clear_time_s, plain.clear_time_ms, "clear_time_s"),
        overstay_ms=_duration(fields.overstay_s, plain.overstay_ms, "overstay_s"),
        silence_ms=_duration(fields.silence_s, plain.silence_ms, "silence_s"),
        steps=tuple(said(fields.steps, [])),
    )


def zone_fields(zone: Zone) -> ZoneFields:
    """The fields that say everything about a zone but its shape; read again they give an equal zone.

    Raises Refused("zone.*") for a duration beyond SECONDS_MAX that is not NEVER.
    """
    band, schedule = zone.volume.band, zone.volume.schedule
    return ZoneFields(
        name=zone.name,
        kind=zone.kind,
        declared_by=zone.declared_by,
        basis=zone.basis,
        recognition=[StandFields(party=stand.party, stand=stand.stand) for stand in zone.recognition],
        admitted=sorted(zone.admitted),
        lower=height_fields(band.lower),
        upper=height_fields(band.upper),
        schedule=schedule_fields(schedule),
        warning_distance_m=zone.warning_distance_m,
        warning_time_s=_seconds(zone.warning_time_ms, "warning_time_s"),
        dwell_s=_seconds(zone.dwell_ms, "dwell_s"),
        clear_distance_m=zone.clear_distance_m,
        clear_time_s=_seconds(zone.clear_time_ms, "clear_time_s"),
        overstay_s=_seconds(zone.overstay_ms, "overstay_s"),
        silence_s=_seconds(zone.silence_ms, "silence_s"),
        steps=list(zone.steps),
    )


def said(value: Said | UnsetType, otherwise: Said) -> Said:
    """The value, or the other one where the field was left out."""
    return otherwise if isinstance(value, UnsetType) else value


def party_of(name: str) -> PartyName:
    """The party's name, checked: 1 to PARTY_NAME_LENGTH_MAX characters that print, no blank at either end."""
    if not name or name != name.strip() or not name.isprintable() or len(name) > PARTY_NAME_LENGTH_MAX:
        raise Refused(
            "zone.party",
            f"a party's name is {name[:80]!r}, must be 1 to {PARTY_NAME_LENGTH_MAX} characters that print",
        )
    return PartyName(name)


def altitude_of(fields: HeightFields, where: str) -> Altitude:
    """The altitude that the fields say; ``where`` names them in a refusal.

    Raises Refused("zone.height") unless there is exactly one height, and a datum with it or a flight level
    alone.
    """
    heights = (fields.height_m, fields.height_ft, fields.flight_level)
    if sum(height is not None for height in heights) != 1:
        raise Refused("zone.height", f"{where} must have one of height_m, height_ft and flight_level")
    if fields.flight_level is not None:
        if fields.datum is not None:
            raise Refused(
                "zone.height", f"{where} is a flight level, which is by pressure: datum must be left out"
            )
        return flight_level(fields.flight_level)
    datum = _DATUMS.get(fields.datum or "")
    if datum is None:
        wanted = ", ".join(_DATUMS)
        raise Refused("zone.height", f"{where} has the datum {fields.datum!r}, must be one of {wanted}")
    metres = fields.height_m if fields.height_m is not None else (fields.height_ft or 0.0) * FOOT_M
    return Altitude(height_m=metres, datum=datum)


def bound_of(fields: HeightFields | None, where: str) -> Altitude | Bound:
    """The end of a band that the fields say; raises as altitude_of does."""
    return UNLIMITED if fields is None else altitude_of(fields, where)


def height_fields(bound: Altitude | Bound) -> HeightFields | None:
    """The fields of one end of a band, in metres; None of one that is not limited."""
    if isinstance(bound, Bound):
        return None
    return HeightFields(height_m=bound.height_m, datum=_DATUM_WORDS[bound.datum])


def _demand_texts(fields: ZoneFields, name: str) -> None:
    # Direction marks and the like do not print: a name with them could pass for another on a screen.
    if not name.isprintable():
        raise Refused("zone.name", f"zone name {name[:80]!r} holds a character that does not print")
    basis, steps = said(fields.basis, ""), said(fields.steps, [])
    if len(basis) > BASIS_LENGTH_MAX:
        raise Refused(
            "zone.basis", f"zone {name}: basis has {len(basis)} characters, at most {BASIS_LENGTH_MAX}"
        )
    longest = max(map(len, steps), default=0)
    if longest > STEP_LENGTH_MAX:
        raise Refused(
            "zone.steps", f"zone {name}: a step has {longest} characters, at most {STEP_LENGTH_MAX}"
        )
    parties = max(len(said(fields.recognition, [])), len(said(fields.admitted, [])))
    if parties > PARTIES_MAX:
        raise Refused("zone.parties", f"zone {name} names {parties} parties, at most {PARTIES_MAX}")


def _duration(seconds: Seconds, otherwise: Duration, field: str) -> Duration:
    if isinstance(seconds, UnsetType):
        return otherwise
    if seconds is None:
        return NEVER
    if not 0 <= seconds <= SECONDS_MAX:
        raise Refused(
            f"zone.{field}", f"{field} is {seconds:g}, must be 0 to {SECONDS_MAX:.0f} seconds, or null"
        )
    whole = round(seconds * SECOND_MS)
    # The nearest double to a whole number of milliseconds is off by far less than this, for a hundred years.
    if abs(seconds * SECOND_MS - whole) > 1e-3:
        raise Refused(f"zone.{field}", f"{field} is {seconds!r}, must be whole milliseconds")
    return Duration(whole)


def _seconds(duration: Duration, field: str) -> float | None:
    if duration == NEVER:
        return None
    if duration > SECONDS_MAX * SECOND_MS:
        raise Refused(f"zone.{field}", f"{field} is {duration} ms, longer than a hundred years and not never")
    return duration / SECOND_MS
