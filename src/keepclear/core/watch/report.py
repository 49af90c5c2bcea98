"""Reports: observed positions, in columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER
from keepclear.core.space.altitude import ALTITUDE_HIGHEST_M, ALTITUDE_LOWEST_M, Datum

TrackName = NewType("TrackName", str)
"""The identity of a track as its source gives it, with the scheme before a colon: ``icao:4ca7b5``,
``mmsi:244660000``, ``sim:B-G207``."""

SourceName = NewType("SourceName", str)
"""The name of the feed or recording that reports came from."""

PartyName = NewType("PartyName", str)
"""The short name of a party, such as ``A``; empty stands for a party that is not known."""

REPORTS_MAX = 1_000_000
"""The most reports that one batch holds."""

SPEED_MAX_MPS = 20_000.0
"""Faster than anything that stays near the Earth (escape speed is 11,200 m/s)."""

ACCURACY_MAX_M = 20_040_000.0
"""Half of the Earth's circumference: a wider half-width says nothing."""


class TrackKind(IntEnum):
    """What sort of thing a track is, as its source says."""

    UNKNOWN = 0
    AIRCRAFT = 1
    ROTORCRAFT = 2
    UNMANNED = 3
    VEHICLE = 4
    VESSEL = 5
    PERSON = 6
    MISSILE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a source claims about a track besides where it is. Empty text means that it did not say."""

    track: TrackName
    callsign: str = ""
    party: PartyName = PartyName("")
    kind: TrackKind = TrackKind.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reports:
    """A batch of observed positions from one source, in columns of equal length, in order of arrival.

    ``names``: the tracks named in this batch. ``track``: int32 index into names. ``time_ms``: int64, when observed,
    by the source's clock. ``latitude_deg``, ``longitude_deg``: float64 WGS 84, finite and in range.
    ``altitude_m``: float64, NaN unknown; ``datum``: uint8 Datum. ``speed_mps``, ``course_deg`` (true, 0 <= c < 360),
    ``climb_mps``, ``accuracy_m`` (95 % half-width, horizontal): float64, NaN where the source did not say.
    ``labels``: what the source claimed about some of the tracks.
    Raises Refused("reports.columns") when lengths or types differ, Refused("reports.too-many") past REPORTS_MAX,
    Refused("reports.out-of-range") when a value is outside its range (times: the years 1 to 9999).
    """

    source: SourceName
    names: tuple[TrackName, ...]
    track: NDArray[np.int32]
    time_ms: NDArray[np.int64]
    latitude_deg: NDArray[np.float64]
    longitude_deg: NDArray[np.float64]
    altitude_m: NDArray[np.float64]
    datum: NDArray[np.uint8]
    speed_mps: NDArray[np.float64]
    course_deg: NDArray[np.float64]
    climb_mps: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    labels: tuple[Label, ...] = ()

    def __post_init__(self) -> None:
        size = self.track.size
        if size > REPORTS_MAX:
            raise Refused(
                "reports.too-many", f"a batch holds {size} reports, at most {REPORTS_MAX} are taken"
            )
        for column, kind in COLUMNS.items():
            values = getattr(self, column)
            if values.shape != (size,) or values.dtype != kind:
                raise Refused(
                    "reports.columns",
                    f"column {column} is {values.dtype}{values.shape}, must be {np.dtype(kind)}({size},)",
                )
        for column, (lowest, highest) in _ranges(len(self.names)).items():
            _demand_within(column, getattr(self, column), lowest, highest)

    def __len__(self) -> int:
        return int(self.track.size)


COLUMNS: dict[str, type[np.generic]] = {
    "track": np.int32,
    "time_ms": np.int64,
    "latitude_deg": np.float64,
    "longitude_deg": np.float64,
    "altitude_m": np.float64,
    "datum": np.uint8,
    "speed_mps": np.float64,
    "course_deg": np.float64,
    "climb_mps": np.float64,
    "accuracy_m": np.float64,
}
"""The columns of Reports and their types, in the order in which they are archived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One observed position, as a row; NaN and empty text where the source did not say. Units as in Reports."""

    track: TrackName
    time_ms: int
    latitude_deg: float
    longitude_deg: float
    altitude_m: float = float("nan")
    datum: int = 0
    speed_mps: float = float("nan")
    course_deg: float = float("nan")
    climb_mps: float = float("nan")
    accuracy_m: float = float("nan")


def _ranges(names: int) -> dict[str, tuple[float, float]]:
    return {
        "track": (0, names - 1),
        "time_ms": (FIRST, FOREVER),
        "latitude_deg": (-90, 90),
        "longitude_deg": (-180, 180),
        "altitude_m": (ALTITUDE_LOWEST_M, ALTITUDE_HIGHEST_M),
        "datum": (min(Datum), max(Datum)),
        "speed_mps": (0, SPEED_MAX_MPS),
        "course_deg": (0, np.nextafter(360.0, 0.0)),
        "climb_mps": (-SPEED_MAX_MPS, SPEED_MAX_MPS),
        "accuracy_m": (0, ACCURACY_MAX_M),
    }


_NEVER_UNKNOWN = frozenset({"latitude_deg", "longitude_deg"})


def _demand_within(column: str, values: NDArray[np.generic], lowest: float, highest: float) -> None:
    numbers = values.astype(np.float64)
    sound = (numbers >= lowest) & (numbers <= highest)
    if values.dtype == np.float64 and column not in _NEVER_UNKNOWN:
        sound |= np.isnan(numbers)
    for row in np.flatnonzero(~sound)[:1]:
        raise Refused(
            "reports.out-of-range",
            f"{column} of report {row} is {numbers[row]}, must be {lowest:g} to {highest:g}",
        )


def reports_of(source: SourceName, rows: list[Report], labels: tuple[Label, ...] = ()) -> Reports:
    """The batch that holds these rows, in their order."""
    index: dict[TrackName, int] = {}
    columns: dict[str, NDArray[np.generic]] = {
        name: np.array([getattr(row, name) for row in rows], kind)
        for name, kind in COLUMNS.items()
        if name != "track"
    }
    columns["track"] = np.array([index.setdefault(row.track, len(index)) for row in rows], np.int32)
    return reports_in_columns(source, tuple(index), columns, labels)


def reports_in_columns(
    source: SourceName,
    names: tuple[TrackName, ...],
    columns: Mapping[str, NDArray[np.generic]],
    labels: tuple[Label, ...] = (),
) -> Reports:
    """The batch with these columns, by the names in COLUMNS; each is converted to its type."""
    return Reports(
        source=source,
        names=names,
        track=columns["track"].astype(np.int32),
        time_ms=columns["time_ms"].astype(np.int64),
        latitude_deg=columns["latitude_deg"].astype(np.float64),
        longitude_deg=columns["longitude_deg"].astype(np.float64),
        altitude_m=columns["altitude_m"].astype(np.float64),
        datum=columns["datum"].astype(np.uint8),
        speed_mps=columns["speed_mps"].astype(np.float64),
        course_deg=columns["course_deg"].astype(np.float64),
        climb_mps=columns["climb_mps"].astype(np.float64),
        accuracy_m=columns["accuracy_m"].astype(np.float64),
        labels=labels,
    )
