"""AIS: ships, search aircraft and beacons, from NMEA sentences, decoded by pyais.

Positions: types 1 to 3, 9, 18, 19 and 27. Names: types 5, 19 and 24. Every other type is counted as ignored,
among them base stations (4, 11), aids to navigation (21), and type 17, whose coordinates pyais leaves
unscaled. AIS carries no date and no hour, only the second within a minute, so a report has the time of its
tag block, or else the time at which it was received.
Source: ITU-R M.1371-5, Annex 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import pyais
from pyais.exceptions import AISBaseException

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.space.altitude import Datum
from keepclear.core.watch.report import Report, SourceName, TrackKind, TrackName
from keepclear.formats.feed.bounds import checked
from keepclear.formats.feed.lines import Line, Lines
from keepclear.formats.feed.nmea import Assembly, Message, Sentence, sentence_of
from keepclear.formats.feed.reading import LabelBook, Reading, Tally, callsign_of
from keepclear.formats.feed.refusal import Refusal, refusal_of
from keepclear.formats.feed.units import KNOT_MPS

BITS_MIN: Final = {1: 168, 2: 168, 3: 168, 5: 420, 9: 168, 18: 168, 19: 312, 24: 160, 27: 96}
"""How many bits a message of each type that is read must have; type 5 is often sent without its last ones."""

LATITUDE_UNKNOWN: Final = 91.0
LONGITUDE_UNKNOWN: Final = 181.0
COURSE_UNKNOWN: Final = 360.0
COARSE_COURSE_UNKNOWN: Final = 511.0
SPEED_UNKNOWN_KN: Final = 102.3
SEARCH_SPEED_UNKNOWN_KN: Final = 1023.0
COARSE_SPEED_UNKNOWN_KN: Final = 63.0
ALTITUDE_UNKNOWN_M: Final = 4095

ACCURACY_HIGH_M: Final = 10.0
"""What the accuracy flag promises: an error of 10 m at most (95 %)."""

ACCURACY_COARSE_M: Final = 142.0
"""The same for type 27, whose positions are rounded to a tenth of a minute, half a step either way."""

MMSI_MAX: Final = 999_999_999

SEARCH_AIRCRAFT: Final = 9
LONG_RANGE: Final = 27
NAMES_ONLY: Final = frozenset({5, 24})

Fields: TypeAlias = Mapping[str, str | int | float | bool | bytes | None]

_NAN: Final = float("nan")


class AisReader:
    """Reads AIS sentences; those of other kinds (``$GPRMC``) and lines beginning with ``#`` are ignored."""

    def __init__(self, source: SourceName) -> None:
        self._source = source
        self._lines = Lines()
        self._assembly = Assembly()
        self._labels = LabelBook()

    def read(self, chunk: bytes, *, received: Instant) -> Reading:
        """The reports that this chunk completes, at the times of their tag blocks or else at ``received``."""
        tally = Tally(self._source)
        lines, too_long = self._lines.cut(chunk)
        tally.refuse(too_long)
        self._take(lines, received, tally)
        return tally.reading()

    def finish(self, *, received: Instant) -> Reading:
        """The report on an unended last line, and the refusal of messages that still lacked sentences."""
        tally = Tally(self._source)
        self._take(self._lines.end(), received, tally)
        tally.refuse(_incomplete(sentence) for sentence in self._assembly.drain())
        return tally.reading()

    def _take(self, lines: list[Line], received: Instant, tally: Tally) -> None:
        for line in lines:
            text = line.text.strip()
            try:
                self._take_line(text, line.number, received, tally)
            except Refused as error:
                tally.refuse((refusal_of(error, line=line.number, sample=text),))

    def _take_line(self, text: bytes, number: int, received: Instant, tally: Tally) -> None:
        sentence = sentence_of(text, number=number) if text else None
        if sentence is None:
            tally.ignore()
            return
        message, given_up = self._assembly.add(sentence, received=received)
        tally.refuse(_incomplete(lost) for lost in given_up)
        if message is not None:
            self._take_message(message, received, tally)

    def _take_message(self, message: Message, received: Instant, tally: Tally) -> None:
        kind = _type(message)
        if kind not in BITS_MIN:
            tally.ignore()
            return
        fields = _fields(message, kind)
        track = _track(fields)
        if kind not in NAMES_ONLY:
            _report(kind, track, fields, received if message.time_ms is None else message.time_ms, tally)
        name = str(fields.get("shipname") or fields.get("callsign") or "")
        tally.label(self._labels.news(track, callsign=callsign_of(name), kind=_kind(track)))


def _report(kind: int, track: TrackName, fields: Fields, at: Instant, tally: Tally) -> None:
    latitude_deg, longitude_deg = _number(fields, "lat"), _number(fields, "lon")
    # M.1371-5, Table 48: 91 and 181 degrees say that the position is not available.
    if latitude_deg == LATITUDE_UNKNOWN or longitude_deg == LONGITUDE_UNKNOWN:
        tally.ignore()
        return
    altitude_m = _altitude_m(kind, fields)
    tally.report(
        checked(
            Report(
                track=track,
                time_ms=at,
                latitude_deg=latitude_deg,
                longitude_deg=longitude_deg,
                altitude_m=altitude_m,
                # The sensor may be GNSS or barometric, and neither says from what it measures.
                datum=Datum.UNKNOWN,
                speed_mps=_speed_mps(kind, fields),
                course_deg=_course_deg(kind, fields),
                accuracy_m=_accuracy_m(kind, fields),
            )
        )
    )


def _fields(message: Message, kind: int) -> Fields:
    if message.bits < BITS_MIN[kind]:
        raise Refused(
            "ais.short",
            f"a type {kind} message has {message.bits} bits, at least {BITS_MIN[kind]} were wanted",
        )
    try:
        return pyais.decode(*message.sentences).asdict()
    except (AISBaseException, ValueError) as error:
        raise Refused("ais.message", f"a type {kind} message cannot be read: {error}") from None


def _type(message: Message) -> int:
    payload = message.sentences[0].split(b",")[5]
    if not payload:
        raise Refused("ais.short", "the message is empty")
    # IEC 61162-1, Table 15: six bits a character, from 0 to W and from ` to w.
    value = payload[0] - 48
    return value - 8 if value > 40 else value


def _track(fields: Fields) -> TrackName:
    mmsi = int(_number(fields, "mmsi"))
    if not 0 < mmsi <= MMSI_MAX:
        raise Refused("ais.mmsi", f"the MMSI is {mmsi}, must be 1 to {MMSI_MAX}")
    return TrackName(f"mmsi:{mmsi:09d}")


def _kind(track: TrackName) -> TrackKind:
    # ITU-R M.585: 111 begins the identity of a search and rescue aircraft, 972 that of a man-overboard
    # device.
    match track.removeprefix("mmsi:")[:3]:
        case "111":
            return TrackKind.AIRCRAFT
        case "972":
            return TrackKind.PERSON
        case _:
            return TrackKind.VESSEL


def _altitude_m(kind: int, fields: Fields) -> float:
    if kind != SEARCH_AIRCRAFT:
        return _NAN
    altitude_m = _number(fields, "alt")
    return _NAN if altitude_m == ALTITUDE_UNKNOWN_M else altitude_m


def _speed_mps(kind: int, fields: Fields) -> float:
    unknown_kn = {SEARCH_AIRCRAFT: SEARCH_SPEED_UNKNOWN_KN, LONG_RANGE: COARSE_SPEED_UNKNOWN_KN}
    speed_kn = _number(fields, "speed")
    return _NAN if speed_kn == unknown_kn.get(kind, SPEED_UNKNOWN_KN) else speed_kn * KNOT_MPS


def _course_deg(kind: int, fields: Fields) -> float:
    course_deg = _number(fields, "course")
    return (
        _NAN
        if course_deg == (COARSE_COURSE_UNKNOWN if kind == LONG_RANGE else COURSE_UNKNOWN)
        else course_deg
    )


def _accuracy_m(kind: int, fields: Fields) -> float:
    if not fields["accuracy"]:
        return _NAN
    return ACCURACY_COARSE_M if kind == LONG_RANGE else ACCURACY_HIGH_M


def _number(fields: Fields, name: str) -> float:
    value = fields[name]
    if not isinstance(value, int | float):
        raise Refused("ais.message", f"the field {name} is missing")
    return value


def _incomplete(sentence: Sentence) -> Refusal:
    reason = f"part {sentence.part} of {sentence.parts} of a message whose other parts did not come"
    return refusal_of(Refused("ais.incomplete", reason), line=sentence.number, sample=sentence.text)
