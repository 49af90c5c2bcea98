"""Reports as JSON lines, one object a line, as docs/feeds.md describes them."""

from __future__ import annotations

import re
from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant, instant_of
from keepclear.core.space.altitude import Datum
from keepclear.core.watch.report import Label, PartyName, Report, SourceName, TrackKind
from keepclear.formats.feed.bounds import checked, track_of
from keepclear.formats.feed.lines import LINE_BYTES_MAX, Line, Lines
from keepclear.formats.feed.reading import LabelBook, Reading, Tally, callsign_of
from keepclear.formats.feed.refusal import refusal_of
from keepclear.formats.strictjson import demand_sound, read_json

DATUMS: Final = {
    "hae": Datum.HAE,
    "msl": Datum.MSL,
    "agl": Datum.AGL,
    "pressure": Datum.PRESSURE,
    "unknown": Datum.UNKNOWN,
}
"""The words for a datum in a report line."""

KINDS: Final = {kind.name.lower(): kind for kind in TrackKind}
"""The words for the kind of a track in a report line."""

NESTING_MAX: Final = 2
"""A report is flat; deeper text is refused before it is looked into."""

_PARTY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}", re.ASCII)
_KEY_END: Final = re.compile(rb'"[ \t\r\n]*:')
_NAN: Final = float("nan")

Meaning = TypeVar("Meaning")


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    track: str
    time: int | str
    lat: float
    lon: float
    alt_m: float | UnsetType = UNSET
    datum: str | UnsetType = UNSET
    speed_mps: float | UnsetType = UNSET
    course_deg: float | UnsetType = UNSET
    climb_mps: float | UnsetType = UNSET
    accuracy_m: float | UnsetType = UNSET
    callsign: str | UnsetType = UNSET
    party: str | UnsetType = UNSET
    kind: str | UnsetType = UNSET


class ReportLineReader:
    """Reads reports as JSON lines.

    A line is refused when it is not JSON, holds NaN, Infinity or a number too large, writes a key twice or an
    unknown key, has a value of the wrong type, or says something out of range (keepclear.formats.feed.bounds).
    """

    def __init__(self, source: SourceName) -> None:
        self._source = source
        self._lines = Lines()
        self._labels = LabelBook()
        self._decoder = msgspec.json.Decoder(_Written)

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
            if not line.text.strip():
                tally.ignore()
                continue
            try:
                row, claimed = _report_and_claims(self._decoder, line.text)
            except Refused as error:
                tally.refuse((refusal_of(error, line=line.number, sample=line.text),))
                continue
            tally.report(row)
            tally.label(
                self._labels.news(
                    row.track, callsign=claimed.callsign, party=claimed.party, kind=claimed.kind
                )
            )


def _report_and_claims(decoder: msgspec.json.Decoder[_Written], text: bytes) -> tuple[Report, Label]:
    written = _written(decoder, text)
    datum = _word("datum", written.datum, DATUMS, Datum.UNKNOWN)
    if written.datum is UNSET and written.alt_m is not UNSET:
        raise Refused("report.datum", "alt_m is given without its datum: hae, msl, agl, pressure or unknown")
    row = Report(
        track=track_of(written.track),
        time_ms=instant_of(written.time) if isinstance(written.time, str) else written.time,
        latitude_deg=written.lat,
        longitude_deg=written.lon,
        altitude_m=_said(written.alt_m),
        datum=datum,
        speed_mps=_said(written.speed_mps),
        course_deg=_said(written.course_deg),
        climb_mps=_said(written.climb_mps),
        accuracy_m=_said(written.accuracy_m),
    )
    claims = Label(
        track=row.track,
        callsign=callsign_of(written.callsign or ""),
        party=_party(written.party or ""),
        kind=_word("kind", written.kind, KINDS, TrackKind.UNKNOWN),
    )
    return checked(row), claims


def _written(decoder: msgspec.json.Decoder[_Written], text: bytes) -> _Written:
    try:
        written = decoder.decode(text)
    except msgspec.ValidationError as error:
        raise Refused("report.field", f"the report does not have the fields it must: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("report.json", f"the line is not a JSON report: {error}") from None
    # The decoder lets the last of two equal keys win. Without a backslash no quote but the one that ends a
    # key stands before a colon, save in a value that begins with one: the count may be too high, never too
    # low.
    if b"\\" in text or len(_KEY_END.findall(text)) != _fields_set(written):
        demand_sound(read_json(text, bytes_max=LINE_BYTES_MAX, depth_max=NESTING_MAX))
    return written


def _fields_set(written: _Written) -> int:
    return sum(getattr(written, name) is not UNSET for name in written.__struct_fields__)


def _said(value: float | UnsetType) -> float:
    return _NAN if isinstance(value, UnsetType) else value


def _party(text: str) -> PartyName:
    if text and _PARTY.fullmatch(text) is None:
        raise Refused(
            "report.party",
            f"party is {text[:40]!r}, must be 1 to 32 letters, digits, dots, dashes or underscores",
        )
    return PartyName(text)


def _word(name: str, text: str | UnsetType, words: dict[str, Meaning], unsaid: Meaning) -> Meaning:
    if isinstance(text, UnsetType):
        return unsaid
    if text not in words:
        raise Refused(f"report.{name}", f"{name} is {text[:40]!r}, must be one of {', '.join(words)}")
    return words[text]
