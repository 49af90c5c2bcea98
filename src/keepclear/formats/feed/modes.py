"""Mode S frames: aircraft positions from the extended squitters (ADS-B, TIS-B), decoded by rs1090.

rs1090 checks parity and takes the fields apart; the places are found here (keepclear.formats.feed.cpr), since they
need the frames before and a stream arrives in pieces. Only downlink formats 17 and 18 tell positions; the
others are counted as ignored, as nothing in them shows that they are whole.
Source: ICAO Annex 10 Vol. IV, 3.1.2; ICAO Doc 9871, 2nd ed., Appendix C.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import rs1090

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.space.altitude import FOOT_M, Datum
from keepclear.core.space.geodesy import Position
from keepclear.core.watch.report import Report, SourceName, TrackKind, TrackName
from keepclear.formats.feed.bounds import checked
from keepclear.formats.feed.cpr import Encoded, global_position, local_position
from keepclear.formats.feed.reading import LabelBook, Tally, callsign_of
from keepclear.formats.feed.refusal import Refusal, refusal_of
from keepclear.formats.feed.units import FOOT_A_MINUTE_MPS, KNOT_MPS, NAUTICAL_MILE_M
from keepclear.formats.feed.velocity import TRACKS_MAX, Velocities, Velocity

PAIR_AGE_MAX_MS: Final = 10_000
"""How far apart an even and an odd airborne frame may be to give a place together (Doc 9871, C.2.6.7)."""

SURFACE_PAIR_AGE_MAX_MS: Final = 25_000
"""The same on the surface, for one that moves (Doc 9871, C.2.6.8 allows 50 s for one that stands)."""

FIX_AGE_MAX_MS: Final = 120_000
"""How old a place may be to find the next one from it: 4,000 knots stay within half a zone for it."""

SURFACE_REFERENCE_AGE_MAX_MS: Final = 3_600_000
"""How old a place may be to tell which quarter of the globe an aircraft on the surface is in."""

FRAME: Final = re.compile(r"[0-9A-Fa-f]{14}|[0-9A-Fa-f]{28}")
"""A frame as text: 56 or 112 bits in hexadecimal."""

# The containment radius that each type code promises: the greatest of versions 0, 1 and 2, since the version
# may not be known. It is at least the 95 % half-width that a report asks for. Source: DO-260B, 2.2.3.2.7.2.6
# and N.
CONTAINMENT_M: Final = {
    5: 7.5,
    6: 25.0,
    7: 0.1 * NAUTICAL_MILE_M,
    9: 7.5,
    10: 25.0,
    11: 0.1 * NAUTICAL_MILE_M,
    12: 0.2 * NAUTICAL_MILE_M,
    13: 0.6 * NAUTICAL_MILE_M,
    14: 1.0 * NAUTICAL_MILE_M,
    15: 2.0 * NAUTICAL_MILE_M,
    16: 10.0 * NAUTICAL_MILE_M,
    17: 20.0 * NAUTICAL_MILE_M,
    20: 7.5,
    21: 25.0,
}

AIRBORNE_ENCODING_M: Final = 5.1
SURFACE_ENCODING_M: Final = 1.25

_NAN: Final = float("nan")
_KINDS: Final = {
    "Rotorcraft": TrackKind.ROTORCRAFT,
    "UAV": TrackKind.UNMANNED,
    "Surface emergency vehicle": TrackKind.VEHICLE,
    "Surface service vehicle": TrackKind.VEHICLE,
    "Parachutist": TrackKind.PERSON,
}

Fields: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One frame in hexadecimal, when it was received, and the number of the line or frame it came on."""

    time_ms: Instant
    text: str
    number: int


@dataclass(slots=True)
class _Aircraft:
    """What is known of one aircraft that its next frame needs; each pair is (time, value)."""

    pair: dict[tuple[bool, bool], tuple[int, Encoded]]
    fix: tuple[int, Position] | None = None


class Squitters:
    """Finds positions in Mode S frames, remembering what each aircraft sent before.

    ``receiver``: where the antenna is; it places aircraft on the surface that were not heard in the air
    before, and must be within 45 degrees of them. Without it those frames are ignored.
    """

    def __init__(self, source: SourceName, *, receiver: Position | None = None) -> None:
        self._source = source
        self._receiver = receiver
        self._labels = LabelBook()
        self._velocities = Velocities()
        self._aircraft: dict[TrackName, _Aircraft] = {}

    def take(self, frames: Sequence[Frame], tally: Tally) -> None:
        """Puts into the tally what the frames tell; those that fail parity or make no sense are refused."""
        wanted: list[Frame] = []
        for frame in frames:
            if FRAME.fullmatch(frame.text) is None:
                found = f"the frame is {frame.text[:40]!r}, must be 14 or 28 hexadecimal digits"
                tally.refuse((_refusal(Refused("modes.frame", found), frame),))
            elif int(frame.text[:2], 16) >> 3 in (17, 18):
                wanted.append(frame)
            else:
                tally.ignore()
        for frame, fields in zip(wanted, _decoded(wanted), strict=True):
            try:
                self._take_frame(frame, fields, tally)
            except Refused as error:
                tally.refuse((_refusal(error, frame),))

    def _take_frame(self, frame: Frame, fields: Fields | None, tally: Tally) -> None:
        if fields is None:
            raise Refused(
                "modes.parity", "the frame fails its parity check, or its message is not one that exists"
            )
        track = _track(fields)
        match fields["bds"]:
            case "05" | "06":
                self._position(track, frame, fields, tally)
            case "08":
                callsign = callsign_of(str(fields["callsign"]))
                kind = _KINDS.get(str(fields["wake_vortex"]), TrackKind.AIRCRAFT)
                tally.label(self._labels.news(track, callsign=callsign, kind=kind))
            case "09":
                self._velocities.learn(track, _velocity(frame.time_ms, fields))
            case _:
                tally.ignore()

    def _position(self, track: TrackName, frame: Frame, fields: Fields, tally: Tally) -> None:
        at = self._place(track, frame.time_ms, _encoded(fields))
        if at is None:
            tally.ignore()
            return
        surface = fields["bds"] == "06"
        told = (
            _surface_velocity(frame.time_ms, fields) if surface else self._velocities.at(track, frame.time_ms)
        )
        tally.report(
            checked(
                Report(
                    track=track,
                    time_ms=frame.time_ms,
                    latitude_deg=at.latitude_deg,
                    longitude_deg=at.longitude_deg,
                    altitude_m=_scaled(fields, "altitude", FOOT_M),
                    datum=_datum(fields),
                    speed_mps=told.speed_mps,
                    course_deg=told.course_deg,
                    climb_mps=told.climb_mps,
                    accuracy_m=_accuracy_m(fields, surface=surface),
                )
            )
        )
        tally.label(self._labels.news(track))

    def _place(self, track: TrackName, now: Instant, encoded: Encoded) -> Position | None:
        aircraft = self._aircraft.pop(track, None) or _Aircraft(pair={})
        self._aircraft[track] = aircraft
        if len(self._aircraft) > TRACKS_MAX:
            del self._aircraft[next(iter(self._aircraft))]
        aircraft.pair[encoded.surface, encoded.odd] = (now, encoded)
        at = self._from_pair(aircraft, now, encoded) or _from_fix(aircraft, now, encoded)
        if at is not None:
            aircraft.fix = (now, at)
        return at

    def _from_pair(self, aircraft: _Aircraft, now: Instant, encoded: Encoded) -> Position | None:
        other = aircraft.pair.get((encoded.surface, not encoded.odd))
        age_max_ms = SURFACE_PAIR_AGE_MAX_MS if encoded.surface else PAIR_AGE_MAX_MS
        if other is None or abs(now - other[0]) > age_max_ms:
            return None
        near = self._receiver
        if aircraft.fix is not None and abs(now - aircraft.fix[0]) <= SURFACE_REFERENCE_AGE_MAX_MS:
            near = aircraft.fix[1]
        even, odd = (other[1], encoded) if encoded.odd else (encoded, other[1])
        return global_position(even, odd, latest_is_odd=encoded.odd, near=near)


def _from_fix(aircraft: _Aircraft, now: Instant, encoded: Encoded) -> Position | None:
    if aircraft.fix is None or abs(now - aircraft.fix[0]) > FIX_AGE_MAX_MS:
        return None
    return local_position(encoded, near=aircraft.fix[1])


def _decoded(frames: list[Frame]) -> list[Fields | None]:
    # rs1090 panics on text that is not hexadecimal, so every frame was matched with FRAME before. It gives
    # None where parity fails, which its types do not say.
    if not frames:
        return []
    found: list[Fields | None] = []
    found.extend(rs1090.decode([frame.text for frame in frames]))
    return found


def _track(fields: Fields) -> TrackName:
    address = str(fields["icao24"])
    # What a ground station rebroadcasts, or an emitter without an ICAO address sends, is kept apart from the
    # aircraft that owns the same 24 bits, so that their frames are never paired (Doc 9871, C.3.2).
    own = fields["df"] == "17" or fields.get("tisb") == "ADSB_ES_NT"
    return TrackName(f"icao:{address}" if own else f"tisb:{address}")


def _encoded(fields: Fields) -> Encoded:
    return Encoded(
        latitude=_integer(fields, "lat_cpr"),
        longitude=_integer(fields, "lon_cpr"),
        odd=fields["parity"] == "odd",
        surface=fields["bds"] == "06",
    )


def _datum(fields: Fields) -> Datum:
    if fields.get("altitude") is None:
        return Datum.UNKNOWN
    # Type codes 20 to 22 carry the height above the ellipsoid (Doc 9871, Table A-2-5).
    return Datum.HAE if fields["source"] == "GNSS" else Datum.PRESSURE


def _accuracy_m(fields: Fields, *, surface: bool) -> float:
    radius_m = CONTAINMENT_M.get(_integer(fields, "tc"), _NAN)
    return radius_m + (SURFACE_ENCODING_M if surface else AIRBORNE_ENCODING_M)


def _velocity(now: Instant, fields: Fields) -> Velocity:
    # Air speed and heading are not speed over ground and track, so they are left out.
    return Velocity(
        time_ms=now,
        speed_mps=_scaled(fields, "groundspeed", KNOT_MPS),
        course_deg=_scaled(fields, "track", 1.0) % 360.0,
        climb_mps=_scaled(fields, "vertical_rate", FOOT_A_MINUTE_MPS),
    )


def _surface_velocity(now: Instant, fields: Fields) -> Velocity:
    return Velocity(
        time_ms=now,
        speed_mps=_scaled(fields, "groundspeed", KNOT_MPS),
        course_deg=_scaled(fields, "track", 1.0) % 360.0,
    )


def _integer(fields: Fields, name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int):
        raise Refused("modes.field", f"the field {name} is {value!r}, must be an integer")
    return value


def _scaled(fields: Fields, name: str, scale: float) -> float:
    value = fields.get(name)
    return value * scale if isinstance(value, int | float) else _NAN


def _refusal(error: Refused, frame: Frame) -> Refusal:
    return refusal_of(error, line=frame.number, sample=frame.text.encode(errors="replace"))
