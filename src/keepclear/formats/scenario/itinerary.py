"""Itineraries: where a scripted mover is at each instant, and the reports that a source makes of it.

Between two waypoints a mover follows the geodesic on WGS 84 at constant speed; its height changes evenly.
Everything follows from the script alone: the same span of time gives the same reports, however it is cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keepclear.core.errors import Refused
from keepclear.core.instant import SECOND_MS, Instant, instant_text
from keepclear.core.space.altitude import Altitude, Datum
from keepclear.core.space.geodesy import Floats, Position, direct, inverse
from keepclear.core.watch.report import Label, Reports, SourceName, TrackName
from keepclear.formats.scenario.chance import seed_of, shares

MOVERS_MAX: Final = 10_000
"""The most movers that one source reports."""

WAYPOINTS_MAX: Final = 20_000
"""The most waypoints that one mover has, its laps counted out."""

REPORT_EVERY_MIN_MS: Final = 100
SPEED_MAX_MPS: Final = 12_000.0
"""Nothing scripted moves faster: a leg above it is a slip of the pen. Orbital speed is about 7,900 m/s."""

# Two movers' legs are told apart in one sorted column by this much: more than all the time from FIRST to
# FOREVER, and little enough that MOVERS_MAX of them fit a 64-bit integer.
_APART_MS: Final = 1 << 49

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint:
    """Where a mover is at an instant, and how high; None stands for a height that nobody reports."""

    at: Instant
    place: Position
    altitude: Altitude | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """Something that moves along waypoints and is reported by one source.

    ``report_every_ms``: between two reports, counted from the first waypoint. ``accuracy_m``: as its source
    states it, NaN where it does not say. ``noise_m``: each reported place lies within this of the true one; 0
    for none. Before its first waypoint and after its last one a mover is not reported. Raises
    Refused("mover.*") when there are fewer than two waypoints, times that do not increase, two datums, or a
    speed above SPEED_MAX_MPS.
    """

    label: Label
    source: SourceName
    waypoints: tuple[Waypoint, ...]
    report_every_ms: int
    accuracy_m: float = math.nan
    noise_m: float = 0.0

    def __post_init__(self) -> None:
        if not 2 <= len(self.waypoints) <= WAYPOINTS_MAX:
            found = len(self.waypoints)
            raise Refused(
                "mover.waypoints", f"{self._who} has {found} waypoints, must be 2 to {WAYPOINTS_MAX}"
            )
        if self.report_every_ms < REPORT_EVERY_MIN_MS:
            raise Refused(
                "mover.interval",
                f"{self._who} reports each {self.report_every_ms} ms, must be {REPORT_EVERY_MIN_MS} or more",
            )
        if not (self.noise_m >= 0 and math.isfinite(self.noise_m)) or self.accuracy_m < 0:
            raise Refused(
                "mover.accuracy",
                f"{self._who} has accuracy {self.accuracy_m} m, noise {self.noise_m} m, must be 0 or more",
            )
        self._demand_order()
        self._demand_speeds()

    @property
    def track(self) -> TrackName:
        """The name that its reports carry."""
        return self.label.track

    @property
    def _who(self) -> str:
        return f"mover {self.label.track}"

    def _demand_order(self) -> None:
        for before, after in zip(self.waypoints, self.waypoints[1:], strict=False):
            if after.at <= before.at:
                raise Refused(
                    "mover.order",
                    f"{self._who} has a waypoint at {instant_text(after.at)}, not after the one before it "
                    f"at {instant_text(before.at)}",
                )
        datums = {None if stop.altitude is None else stop.altitude.datum for stop in self.waypoints}
        if len(datums) > 1:
            raise Refused(
                "mover.datum",
                f"{self._who} has heights from two datums, or only in places: must have one, or none",
            )

    def _demand_speeds(self) -> None:
        latitude = _floats(stop.place.latitude_deg for stop in self.waypoints)
        longitude = _floats(stop.place.longitude_deg for stop in self.waypoints)
        length_m = inverse(latitude[:-1], longitude[:-1], latitude[1:], longitude[1:])[2]
        span_s = np.diff(_integers(stop.at for stop in self.waypoints)) / SECOND_MS
        fastest_mps = float(np.max(length_m / span_s))
        if fastest_mps > SPEED_MAX_MPS:
            raise Refused(
                "mover.speed",
                f"{self._who} needs {fastest_mps:.0f} m/s for a leg, must be {SPEED_MAX_MPS:.0f} or less",
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Itinerary:
    """The movers of one source with their legs in columns, ready to be asked about any span of time."""

    source: SourceName
    movers: tuple[Mover, ...]
    mover_start_ms: Integers
    mover_end_ms: Integers
    mover_every_ms: Integers
    mover_accuracy_m: Floats
    mover_noise_m: Floats
    mover_seed: NDArray[np.uint64]
    leg_key: Integers
    leg_start_ms: Integers
    leg_span_ms: Integers
    leg_latitude_deg: Floats
    leg_longitude_deg: Floats
    leg_azimuth_deg: Floats
    leg_length_m: Floats
    leg_height_m: Floats
    leg_rise_m: Floats
    mover_datum: NDArray[np.uint8]


def itinerary_of(source: SourceName, movers: Iterable[Mover]) -> Itinerary:
    """The itinerary of the movers that this source reports; the others are passed over.

    Raises Refused("mover.too-many") past MOVERS_MAX.
    """
    own = tuple(mover for mover in movers if mover.source == source)
    if len(own) > MOVERS_MAX:
        raise Refused("mover.too-many", f"source {source} has {len(own)} movers, at most {MOVERS_MAX}")
    legs = [
        (place, before, after)
        for place, mover in enumerate(own)
        for before, after in zip(mover.waypoints, mover.waypoints[1:], strict=False)
    ]
    azimuth, _, length = inverse(
        _floats(before.place.latitude_deg for _, before, _ in legs),
        _floats(before.place.longitude_deg for _, before, _ in legs),
        _floats(after.place.latitude_deg for _, _, after in legs),
        _floats(after.place.longitude_deg for _, _, after in legs),
    )
    start = _integers(before.at for _, before, _ in legs)
    span = _integers(after.at - before.at for _, before, after in legs)
    height = _floats(_height_m(before) for _, before, _ in legs)
    return Itinerary(
        source=source,
        movers=own,
        mover_start_ms=_integers(mover.waypoints[0].at for mover in own),
        mover_end_ms=_integers(mover.waypoints[-1].at for mover in own),
        mover_every_ms=_integers(mover.report_every_ms for mover in own),
        mover_accuracy_m=_floats(mover.accuracy_m for mover in own),
        mover_noise_m=_floats(mover.noise_m for mover in own),
        mover_seed=np.array([seed_of(mover.track) for mover in own], np.uint64),
        mover_datum=np.array([_datum(mover) for mover in own], np.uint8),
        leg_key=_keys(_integers(place for place, _, _ in legs), start),
        leg_start_ms=start,
        leg_span_ms=span,
        leg_latitude_deg=_floats(before.place.latitude_deg for _, before, _ in legs),
        leg_longitude_deg=_floats(before.place.longitude_deg for _, before, _ in legs),
        leg_azimuth_deg=azimuth,
        leg_length_m=length,
        leg_height_m=height,
        leg_rise_m=_floats(_height_m(after) for _, _, after in legs) - height,
    )


def observed(itinerary: Itinerary, *, start: Instant, end: Instant) -> Reports:
    """The reports made in [start, end), in order of time; at one instant, in the order of the script."""
    mover, count, time_ms = _moments(itinerary, start, end)
    leg = np.searchsorted(itinerary.leg_key, _keys(mover, time_ms), side="right") - 1
    share = (time_ms - itinerary.leg_start_ms[leg]) / itinerary.leg_span_ms[leg]
    length_m = itinerary.leg_length_m[leg]
    latitude, longitude, azimuth = direct(
        itinerary.leg_latitude_deg[leg],
        itinerary.leg_longitude_deg[leg],
        itinerary.leg_azimuth_deg[leg],
        share * length_m,
    )
    latitude, longitude = _blurred(itinerary, mover, count, latitude, longitude)
    span_s = itinerary.leg_span_ms[leg] / SECOND_MS
    used, track = numbered(mover)
    labels = tuple(itinerary.movers[place].label for place in used)
    return Reports(
        source=itinerary.source,
        names=tuple(label.track for label in labels),
        track=track,
        time_ms=time_ms,
        latitude_deg=latitude,
        longitude_deg=longitude,
        altitude_m=itinerary.leg_height_m[leg] + share * itinerary.leg_rise_m[leg],
        datum=itinerary.mover_datum[mover],
        speed_mps=length_m / span_s,
        # A mover that waits has no course.
        course_deg=np.where(length_m > 0, np.mod(azimuth, 360.0) % 360.0, np.nan),
        climb_mps=itinerary.leg_rise_m[leg] / span_s,
        accuracy_m=itinerary.mover_accuracy_m[mover],
        labels=labels,
    )


def numbered(places: Integers | NDArray[np.int32]) -> tuple[list[int], NDArray[np.int32]]:
    """The places that occur, each once and in order, and for each place its number among them."""
    used = sorted(set[int](places.tolist()))
    return used, np.searchsorted(np.array(used, np.int64), places).astype(np.int32)


def _moments(itinerary: Itinerary, start: Instant, end: Instant) -> tuple[Integers, Integers, Integers]:
    """Which mover is reported, for the how-manieth time, and when, in order of time."""
    every = itinerary.mover_every_ms
    begin = itinerary.mover_start_ms
    first = np.maximum(-((begin - start) // every), 0)
    last = np.minimum(itinerary.mover_end_ms, end - 1) - begin
    sizes = np.maximum(last // every - first + 1, 0)
    mover = np.repeat(np.arange(sizes.size, dtype=np.int64), sizes)
    count = np.arange(mover.size) - np.repeat(np.cumsum(sizes) - sizes, sizes) + first[mover]
    time_ms = begin[mover] + count * every[mover]
    order = np.argsort(time_ms, kind="stable")
    return mover[order], count[order], time_ms[order]


def _blurred(
    itinerary: Itinerary, mover: Integers, count: Integers, latitude: Floats, longitude: Floats
) -> tuple[Floats, Floats]:
    """The places as reported: each within the noise of its mover from the true one, evenly over the disc."""
    noise_m = itinerary.mover_noise_m[mover]
    blurred = noise_m > 0
    if not blurred.any():
        return latitude, longitude
    seed, draw = itinerary.mover_seed[mover], 2 * count.astype(np.uint64)
    away_m = noise_m * np.sqrt(shares(seed, draw))
    bearing_deg = 360.0 * shares(seed, draw + np.uint64(1))
    moved_latitude, moved_longitude, _ = direct(latitude, longitude, bearing_deg, away_m)
    return np.where(blurred, moved_latitude, latitude), np.where(blurred, moved_longitude, longitude)


def _keys(mover: Integers, time_ms: Integers) -> Integers:
    return mover * _APART_MS + time_ms


def _height_m(stop: Waypoint) -> float:
    return math.nan if stop.altitude is None else stop.altitude.height_m


def _datum(mover: Mover) -> int:
    altitude = mover.waypoints[0].altitude
    return int(Datum.UNKNOWN if altitude is None else altitude.datum)


def _floats(values: Iterable[float]) -> Floats:
    return np.array(list(values), np.float64)


def _integers(values: Iterable[int]) -> Integers:
    return np.array(list(values), np.int64)
