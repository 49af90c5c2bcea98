"""Readings: what a reader made of the bytes that it was given, and what every reader can do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.watch.report import (
    Label,
    PartyName,
    Report,
    Reports,
    SourceName,
    TrackKind,
    TrackName,
    reports_of,
)
from keepclear.formats.feed.refusal import Refusal

LABELS_MAX: Final = 100_000
"""The most tracks whose labels a reader remembers; past it the one named longest ago is forgotten."""

UNSAID: Final = PartyName("")

CALLSIGN_CHARACTERS_MAX: Final = 64
"""The most characters of a callsign or name that are taken."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """What was read: reports in order of arrival, refusals in order of their lines, and how much was neither.

    ``ignored`` counts what is well formed and rightly not a position: a base station, an empty line.
    """

    reports: Reports
    refusals: tuple[Refusal, ...] = ()
    ignored: int = 0


class Reader(Protocol):
    """Turns the bytes of one source into readings; how they are cut into chunks never changes the result."""

    def read(self, chunk: bytes, *, received: Instant) -> Reading:
        """What became readable with this chunk, ``received`` being when it arrived."""
        ...

    def finish(self, *, received: Instant) -> Reading:
        """What was left when the source ended: an unended last line is read, an unended message refused."""
        ...


class Tally:
    """Collects what one chunk gives, and makes the reading of it."""

    def __init__(self, source: SourceName) -> None:
        self._source = source
        self._rows: list[Report] = []
        self._labels: list[Label] = []
        self._refusals: list[Refusal] = []
        self._ignored = 0

    def report(self, row: Report) -> None:
        """Takes a position."""
        self._rows.append(row)

    def label(self, label: Label | None) -> None:
        """Takes a label, if there is one that is new."""
        if label is not None:
            self._labels.append(label)

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Takes refusals."""
        self._refusals.extend(refusals)

    def ignore(self, count: int = 1) -> None:
        """Counts what is rightly not a position."""
        self._ignored += count

    def reading(self) -> Reading:
        """The reading of all that was taken; refusals stand in the order of their lines."""
        return Reading(
            reports=reports_of(self._source, self._rows, tuple(self._labels)),
            refusals=tuple(sorted(self._refusals, key=_line)),
            ignored=self._ignored,
        )


class LabelBook:
    """Remembers what a source said about its tracks, so that only news is passed on."""

    def __init__(self) -> None:
        self._known: dict[TrackName, Label] = {}

    def news(
        self,
        track: TrackName,
        *,
        callsign: str = "",
        party: PartyName = UNSAID,
        kind: TrackKind = TrackKind.UNKNOWN,
    ) -> Label | None:
        """The track's label if this claim changes it, else None. Empty and UNKNOWN change nothing."""
        before = self._known.pop(track, None) or Label(track=track)
        after = Label(
            track=track,
            callsign=callsign or before.callsign,
            party=party or before.party,
            kind=kind or before.kind,
        )
        self._known[track] = after
        if len(self._known) > LABELS_MAX:
            del self._known[next(iter(self._known))]
        return None if after == before else after


def callsign_of(text: str) -> str:
    """A callsign as claimed, without the blanks around it.

    Raises Refused("report.callsign") when it is too long or holds a character that does not print, direction
    marks included: such a name could disguise itself on a screen.
    """
    callsign = text.strip()
    if len(callsign) > CALLSIGN_CHARACTERS_MAX:
        raise Refused(
            "report.callsign",
            f"callsign has {len(callsign)} characters, at most {CALLSIGN_CHARACTERS_MAX} are taken",
        )
    if not callsign.isprintable():
        raise Refused("report.callsign", f"callsign {callsign!r} holds a character that does not print")
    return callsign


def _line(refusal: Refusal) -> int:
    return refusal.line
