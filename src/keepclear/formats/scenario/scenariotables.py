"""The tables of a scenario file as they are written, before anything is made of them."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from keepclear.core.errors import Refused
from keepclear.core.instant import HOUR_MS, MINUTE_MS, SECOND_MS, Instant, instant_of, instant_text
from keepclear.formats.scenario.scenario import Role
from keepclear.formats.scenario.scenariolinetables import (
    LineTable,
    MessageTable,
    SpanTable,
    StaffTable,
    StickTable,
)
from keepclear.formats.zone.zonefields import HeightFields, ZoneFields

SCENARIO_BYTES_MAX: Final = 256 * 1024

KEY_PARTS_MAX: Final = 16
"""The most parts of a dotted key: reading one takes the parser the square of their number."""

# Possessive, and begun at the start of a word only, so that the search stays linear on any text.
_DOTTED: Final = re.compile(
    rf"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{KEY_PARTS_MAX},}}+"""
)
_ELAPSED: Final = re.compile(r"T([+-])(\d{2,3}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)

Toml: TypeAlias = "str | int | float | bool | datetime | date | time | list[Toml] | dict[str, Toml] | None"
"""What TOML holds, and None for what it does not."""


class LateTable(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"start": "from"}
):
    """A span of time in which a source is late by some seconds."""

    start: str
    until: str | None = None
    by_s: float


class PartyTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[[party]]``."""

    name: str
    role: Role
    names: dict[str, str] = {}


class SourceTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[[source]]``."""

    name: str
    kind: str = ""
    seen_by: list[str] = []
    dead: list[SpanTable] = []
    late: list[LateTable] = []


class CircleTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A circle."""

    centre: str
    radius_km: float


class PolygonTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A polygon of one part; its rings do not repeat their first place."""

    outer: list[str]
    holes: list[list[str]] = []


class CorridorTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A corridor."""

    line: list[str]
    half_width_km: float


class ZoneTable(ZoneFields, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[[zone]]``: the zone's fields, one shape, and when it is declared and withdrawn."""

    declared: str | UnsetType = UNSET
    withdrawn: str | UnsetType = UNSET
    circle: CircleTable | UnsetType = UNSET
    polygon: PolygonTable | UnsetType = UNSET
    corridor: CorridorTable | UnsetType = UNSET


class WaypointTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One place of a path: when or how fast it is reached, and until when the mover waits there."""

    place: str
    at: str | None = None
    speed_kmh: float | None = None
    speed_kt: float | None = None
    until: str | None = None
    altitude: HeightFields | None = None


class MoverTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[[mover]]``."""

    name: str
    callsign: str = ""
    party: str = ""
    kind: str
    source: str
    also_by: list[str] = []
    report_every_s: float = 5.0
    accuracy_m: float | None = None
    noise_m: float = 0.0
    altitude: HeightFields | None = None
    laps: int = 1
    path: list[WaypointTable]


class CrowdTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[[crowd]]``."""

    name: str
    count: int
    party: str
    kind: str
    source: str
    routes: list[list[str]]
    speed_kmh: tuple[float, float]
    altitudes: list[HeightFields] = []
    spread_km: float = 0.0
    report_every_s: float = 5.0
    accuracy_m: float | None = None
    seed: int = 0


class NoteTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[[note]]``."""

    at: str
    words: str


class ScenarioTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole file."""

    title: str
    about: str = ""
    start: str
    end: str
    rate: float = 1.0
    own: str
    party: list[PartyTable]
    source: list[SourceTable] = []
    zone: list[ZoneTable] = []
    mover: list[MoverTable] = []
    crowd: list[CrowdTable] = []
    note: list[NoteTable] = []
    line: LineTable | UnsetType = UNSET
    message: list[MessageTable] = []
    cut: list[SpanTable] = []
    stick: list[StickTable] = []
    staff: list[StaffTable] = []
    guide: list[str] = []


def tables_of(raw: bytes) -> ScenarioTable:
    """The tables of a scenario file, its times all written as ISO 8601.

    A time is a TOML date-time with its offset, or ``T+01:30`` or ``T+01:30:15`` after the start. Raises
    Refused("scenario.too-long"), ("scenario.syntax"), ("scenario.time") or ("scenario.shape") naming the
    place.
    """
    if len(raw) > SCENARIO_BYTES_MAX:
        raise Refused(
            "scenario.too-long", f"the file has {len(raw)} bytes, at most {SCENARIO_BYTES_MAX} are read"
        )
    try:
        text = raw.decode()
        _demand_short_keys(text)
        # tomllib calls back for nan and inf too, which no field of a scenario takes.
        top: dict[str, Toml] = tomllib.loads(text, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise Refused("scenario.syntax", f"byte {error.start} is not UTF-8, which TOML must be") from None
    except tomllib.TOMLDecodeError as error:
        raise Refused("scenario.syntax", f"the file is not TOML: {error}") from None
    except ValueError:
        # Python turns no more than 4,300 digits into an integer.
        raise Refused("scenario.syntax", "the file holds an integer of thousands of digits") from None
    except RecursionError:
        raise Refused("scenario.syntax", "the file nests too deeply") from None
    start = _written(top.get("start"), None, "start")
    if not isinstance(start, str):
        raise Refused(
            "scenario.time", "start must be a date-time with its offset, such as 2018-09-07T05:00:00Z"
        )
    timed = {key: _written(value, instant_of(start), key) for key, value in top.items()}
    try:
        return msgspec.convert(timed, ScenarioTable)
    except msgspec.ValidationError as error:
        raise Refused("scenario.shape", f"{error}") from None


def _demand_short_keys(text: str) -> None:
    dotted = _DOTTED.search(text)
    if dotted is not None:
        line = text.count("\n", 0, dotted.start()) + 1
        raise Refused("scenario.syntax", f"line {line} joins more than {KEY_PARTS_MAX} words by dots")


def _finite(digits: str) -> float:
    number = float(digits)
    if not abs(number) < float("inf"):
        raise Refused("scenario.syntax", f"the number {digits[:40]} is not finite")
    return number


def _written(value: Toml, start: Instant | None, place: str) -> Toml:
    """The value with every time in it as ISO 8601 text; the start itself is counted from nothing."""
    match value:
        case dict():
            return {key: _written(item, start, f"{place}.{key}") for key, item in value.items()}
        case list():
            return [_written(item, start, f"{place}[{index}]") for index, item in enumerate(value)]
        case str():
            elapsed = _ELAPSED.fullmatch(value)
            return value if elapsed is None or start is None else instant_text(_after(start, elapsed))
        case datetime() if value.tzinfo is not None:
            return _iso(value)
        case datetime() | date() | time():
            raise Refused(
                "scenario.time", f"at {place}: {value} has no offset from UTC, such as a Z at its end"
            )
        case _:
            return value


def _iso(moment: datetime) -> str:
    since = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return instant_text(Instant(since // timedelta(milliseconds=1)))


def _after(start: Instant, elapsed: re.Match[str]) -> Instant:
    sign = 1 if elapsed[1] == "+" else -1
    spent = int(elapsed[2]) * HOUR_MS + int(elapsed[3]) * MINUTE_MS + int(elapsed[4] or 0) * SECOND_MS
    return Instant(start + sign * spent)
