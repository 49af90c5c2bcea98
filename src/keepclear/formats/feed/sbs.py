"""SBS-1 ("BaseStation") lines: aircraft as comma-separated text, as receivers serve them on port 30003.

The format has no standard; it is described by the receiver's maker, Kinetic, and by the readers that outlived
it. Times have no zone: they are taken as UTC, or as the offset that the reader is given. Altitude is pressure
altitude in feet, speed knots, climb feet a minute.
"""

from __future__ import annotations

import re
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import MINUTE_MS, Instant, instant_of
from keepclear.core.space.altitude import FOOT_M, Datum
from keepclear.core.watch.report import Report, SourceName, TrackKind, TrackName
from keepclear.formats.feed.bounds import checked
from keepclear.formats.feed.lines import Line, Lines
from keepclear.formats.feed.reading import LabelBook, Reading, Tally, callsign_of
from keepclear.formats.feed.refusal import refusal_of
from keepclear.formats.feed.units import FOOT_A_MINUTE_MPS, KNOT_MPS
from keepclear.formats.feed.velocity import Velocities, Velocity

FIELDS: Final = 22
"""How many fields a MSG line has."""

OTHER_TYPES: Final = frozenset({b"SEL", b"ID", b"AIR", b"STA", b"CLK"})
"""Line types of the format that tell no position: selection, new identity, new aircraft, status, click."""

_NUMBER: Final = re.compile(rb"-?\d{1,7}(?:\.\d{1,12})?")
_ADDRESS: Final = re.compile(rb"~?[0-9A-Fa-f]{6}")
_DATE: Final = re.compile(rb"(\d{4})/(\d{2})/(\d{2})")
_CLOCK: Final = re.compile(rb"\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?")
_NAN: Final = float("nan")


class SbsReader:
    """Reads SBS-1 lines: MSG 2 and 3 give positions, 1 callsigns, 4 velocities that are put beside positions.

    ``offset_min`` is how far the receiver's clock is ahead of UTC, in minutes, -840 to 840.
    """

    def __init__(self, source: SourceName, *, offset_min: int = 0) -> None:
        if not -840 <= offset_min <= 840:
            raise Refused("sbs.offset", f"clock offset is {offset_min} minutes, must be -840 to 840")
        self._source = source
        self._offset_ms = offset_min * MINUTE_MS
        self._lines = Lines()
        self._labels = LabelBook()
        self._velocities = Velocities()

    def read(self, chunk: bytes, *, received: Instant) -> Reading:
        """The reports whose lines this chunk completes; ``received`` is not used, each line has its time."""
        del received
        tally = Tally(self._source)
        lines, too_long = self._lines.cut(chunk)
        tally.refuse(too_long)
        self._take(lines, tally)
        return tally.reading()

    def finish(self, *, received: Instant) -> Reading:
        """The report on the last line, if the source ended without ending that line."""
        del received
        tally = Tally(self._source)
        self._take(self._lines.end(), tally)
        return tally.reading()

    def _take(self, lines: list[Line], tally: Tally) -> None:
        for line in lines:
            try:
                self._take_line(line.text.strip(), tally)
            except Refused as error:
                tally.refuse((refusal_of(error, line=line.number, sample=line.text),))

    def _take_line(self, text: bytes, tally: Tally) -> None:
        fields = text.split(b",")
        if not text or fields[0] in OTHER_TYPES:
            tally.ignore()
            return
        if fields[0] != b"MSG" or len(fields) != FIELDS:
            raise Refused(
                "sbs.line", f"the line has {len(fields)} fields, a MSG line with {FIELDS} of them was wanted"
            )
        if fields[1] not in _MEANING:
            raise Refused("sbs.type", f"the message type is {_shown(fields[1])}, must be 1 to 8")
        track = _track(fields[4])
        match _MEANING[fields[1]]:
            case "callsign":
                self._label(track, fields, tally)
            case "velocity":
                self._velocities.learn(track, _velocity(fields, self._time(fields)))
            case "position":
                self._position(track, fields, tally)
            case _:
                tally.ignore()

    def _label(self, track: TrackName, fields: list[bytes], tally: Tally) -> None:
        callsign = callsign_of(_text(fields[10]))
        tally.label(self._labels.news(track, callsign=callsign, kind=TrackKind.AIRCRAFT))

    def _position(self, track: TrackName, fields: list[bytes], tally: Tally) -> None:
        if not fields[14] and not fields[15]:
            # Some receivers send type 3 for altitude alone, before they could place the aircraft.
            tally.ignore()
            return
        at = self._time(fields)
        told = self._velocities.at(track, at)
        altitude_m = _number("altitude", fields[11]) * FOOT_M
        own = _velocity(fields, at)
        tally.report(
            checked(
                Report(
                    track=track,
                    time_ms=at,
                    latitude_deg=_number("latitude", fields[14]),
                    longitude_deg=_number("longitude", fields[15]),
                    altitude_m=altitude_m,
                    datum=Datum.PRESSURE if fields[11] else Datum.UNKNOWN,
                    speed_mps=own.speed_mps if fields[12] else told.speed_mps,
                    course_deg=own.course_deg if fields[13] else told.course_deg,
                    climb_mps=own.climb_mps if fields[16] else told.climb_mps,
                )
            )
        )
        self._label(track, fields, tally)

    def _time(self, fields: list[bytes]) -> Instant:
        date, clock = _DATE.fullmatch(fields[6]), _CLOCK.fullmatch(fields[7])
        if date is None or clock is None:
            found = f"{_shown(fields[6])} and {_shown(fields[7])}"
            raise Refused("sbs.time", f"date and time are {found}, must be like 2018/09/01 and 06:00:00.000")
        written = b"%b-%b-%bT%bZ" % (date[1], date[2], date[3], fields[7])
        return Instant(instant_of(written.decode()) - self._offset_ms)


_MEANING: Final = {
    b"1": "callsign",
    b"2": "position",
    b"3": "position",
    b"4": "velocity",
    b"5": "surveillance",
    b"6": "surveillance",
    b"7": "surveillance",
    b"8": "surveillance",
}


def _velocity(fields: list[bytes], at: Instant) -> Velocity:
    course_deg = _number("course", fields[13])
    return Velocity(
        time_ms=at,
        speed_mps=_number("speed", fields[12]) * KNOT_MPS,
        # Rounding to whole degrees writes 360 for a course just short of north; it is the same direction.
        course_deg=0.0 if course_deg == 360.0 else course_deg,
        climb_mps=_number("climb", fields[16]) * FOOT_A_MINUTE_MPS,
    )


def _track(address: bytes) -> TrackName:
    if _ADDRESS.fullmatch(address) is None:
        raise Refused("sbs.address", f"the address is {_shown(address)}, must be six hexadecimal digits")
    digits = address.decode().lower()
    # A tilde marks an address that is not one of ICAO's, so it must not be taken for the aircraft that has
    # it.
    return TrackName(f"tisb:{digits[1:]}" if digits.startswith("~") else f"icao:{digits}")


def _number(name: str, field: bytes) -> float:
    if not field:
        return _NAN
    if _NUMBER.fullmatch(field) is None:
        raise Refused("sbs.number", f"{name} is {_shown(field)}, must be a decimal number")
    return float(field)


def _text(field: bytes) -> str:
    try:
        return field.decode("ascii")
    except UnicodeDecodeError:
        raise Refused("sbs.text", f"the callsign is {_shown(field)}, must be ASCII") from None


def _shown(field: bytes) -> str:
    return repr(field[:40])[1:]
