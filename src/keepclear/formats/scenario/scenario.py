"""Scenarios: what a demonstration or an exercise plays, with its parties, zones, sources and movers.

A scenario is a script, never a record: everything that it plays is marked by the ``sim:`` scheme of its
tracks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from itertools import chain
from typing import Final

import numpy as np

from keepclear.core.errors import Refused
from keepclear.core.instant import HOUR_MS, Duration, Instant, Window
from keepclear.core.watch.report import COLUMNS, PartyName, Reports, SourceName
from keepclear.core.watch.zone import Zone
from keepclear.formats.scenario.itinerary import Itinerary, Mover, itinerary_of, numbered, observed
from keepclear.formats.scenario.scenarioline import LineScript

SPAN_MAX_MS: Final = 7 * 24 * HOUR_MS
"""The longest scenario: a week."""

RATE_MAX: Final = 1_000.0
LATE_MAX_MS: Final = HOUR_MS
"""The longest that a source may hold a report back."""


class Role(Enum):
    """How a party stands to the one that runs the node; it decides symbols, never rules."""

    OWN = "own"
    OTHER = "other"
    CIVIL = "civil"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalName:
    """A party's name in one language, by its ISO 639-1 code."""

    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedParty:
    """A party of the scenario: its short name, its role, and its names for people."""

    name: PartyName
    role: Role
    names: tuple[LocalName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A span in which reports arrive this long after they were made."""

    window: Window
    by_ms: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedSource:
    """A source of reports and its faults.

    ``seen_by``: whose nodes it feeds; the scenario's own party's alone when it names none.
    ``dead``: reports made in these windows never arrive. ``late``: reports made in these arrive late; where
    two overlap, the first counts. Raises Refused("source.late") when a delay is not 0 to LATE_MAX_MS.
    """

    name: SourceName
    kind: str = ""
    seen_by: tuple[PartyName, ...] = ()
    dead: tuple[Window, ...] = ()
    late: tuple[Late, ...] = ()

    def __post_init__(self) -> None:
        for late in self.late:
            if not 0 <= late.by_ms <= LATE_MAX_MS:
                raise Refused(
                    "source.late", f"source {self.name}: late by {late.by_ms} ms, must be 0 to {LATE_MAX_MS}"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedZone:
    """A zone, and from its declaration until its withdrawal."""

    zone: Zone
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Words shown to the person who follows a scenario; those before its start are its history."""

    at: Instant
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is played between two instants, by default ``rate`` times as fast as real time.

    Raises Refused("scenario.*") when the window is empty or above SPAN_MAX_MS, the rate is not in (0,
    RATE_MAX], a name is used twice, or a mover, zone, source or line names a party or source that the scenario does
    not have. Raises Refused("scenario.line") for a line of other parties than the own and another one.
    """

    title: str
    about: str
    window: Window
    rate: float
    own: PartyName
    parties: tuple[ScriptedParty, ...]
    sources: tuple[ScriptedSource, ...]
    zones: tuple[ScriptedZone, ...]
    movers: tuple[Mover, ...]
    notes: tuple[Note, ...] = ()
    guide: tuple[str, ...] = ()
    line: LineScript | None = None

    def __post_init__(self) -> None:
        span = self.window.end - self.window.start
        if not 0 < span <= SPAN_MAX_MS:
            raise Refused(
                "scenario.span", f"the scenario lasts {span} ms, must be above 0 and at most a week"
            )
        if not 0 < self.rate <= RATE_MAX:
            raise Refused(
                "scenario.rate", f"the rate is {self.rate}, must be above 0 and at most {RATE_MAX:.0f}"
            )
        parties = _once("party", [party.name for party in self.parties])
        sources = _once("source", [source.name for source in self.sources])
        _once("zone", [scripted.zone.name for scripted in self.zones])
        # One mover may be reported by several sources, and by each of them once.
        _once("mover", [f"{mover.track} by {mover.source}" for mover in self.movers])
        self._demand_own(parties)
        self._demand_line(parties)
        for source in self.sources:
            for party in source.seen_by:
                _demand_known(f"source {source.name}", "party", party, parties)
        for mover in self.movers:
            _demand_known(f"mover {mover.track}", "source", mover.source, sources)
            if mover.label.party:
                _demand_known(f"mover {mover.track}", "party", mover.label.party, parties)
        for scripted in self.zones:
            zone = scripted.zone
            named = chain([zone.declared_by], zone.admitted, (stand.party for stand in zone.recognition))
            for party in named:
                _demand_known(f"zone {zone.name}", "party", party, parties)

    def _demand_own(self, parties: frozenset[str]) -> None:
        _demand_known("own", "party", self.own, parties)
        owners = [party.name for party in self.parties if party.role is Role.OWN]
        if owners != [self.own]:
            raise Refused(
                "scenario.own", f"the role own belongs to {owners}, must belong to {self.own!r} alone"
            )

    def _demand_line(self, parties: frozenset[str]) -> None:
        if self.line is None:
            return
        for party in self.line.parties:
            _demand_known(f"line {self.line.name}", "party", party, parties)
        if self.own not in self.line.parties:
            joined = " and ".join(self.line.parties)
            raise Refused("scenario.line", f"the line joins {joined}, must join {self.own!r} to another")

    def seen_by(self, party: PartyName) -> tuple[SourceName, ...]:
        """The sources that feed the node of a party."""
        return tuple(source.name for source in self.sources if party in (source.seen_by or (self.own,)))


def itineraries(scenario: Scenario) -> tuple[Itinerary, ...]:
    """The itineraries of a scenario, one for each source in its order."""
    return tuple(itinerary_of(source.name, scenario.movers) for source in scenario.sources)


def arriving(source: ScriptedSource, itinerary: Itinerary, *, start: Instant, end: Instant) -> Reports:
    """The reports of one source that arrive in [start, end), in order of arrival, its faults included.

    Spans that meet give together what the whole span gives. The times in the reports are those of
    observation.
    """
    longest = max((late.by_ms for late in source.late), default=0)
    made = observed(itinerary, start=Instant(start - longest), end=end)
    arrival_ms = made.time_ms.copy()
    for late in reversed(source.late):
        held = _within(made, late.window)
        arrival_ms[held] = made.time_ms[held] + late.by_ms
    kept = (arrival_ms >= start) & (arrival_ms < end)
    for window in source.dead:
        kept &= ~_within(made, window)
    chosen = np.flatnonzero(kept)
    return _picked(made, chosen[np.argsort(arrival_ms[chosen], kind="stable")])


def scenario_reports(scenario: Scenario, *, start: Instant, end: Instant) -> tuple[Reports, ...]:
    """What arrives in [start, end) of the scenario, a batch for each source, which may be empty.

    Nothing arrives outside the scenario's own window. To ask often, keep ``itineraries`` and ask
    ``arriving``.
    """
    first, last = max(start, scenario.window.start), min(end, scenario.window.end)
    pairs = zip(scenario.sources, itineraries(scenario), strict=True)
    return tuple(
        arriving(source, itinerary, start=first, end=Instant(max(first, last))) for source, itinerary in pairs
    )


def changes_of(scenario: Scenario) -> tuple[tuple[Instant, Zone, bool], ...]:
    """When each zone is declared (True) and withdrawn (False) within the scenario, in order of time.

    A zone declared before the start is declared at the start.
    """
    window = scenario.window
    declared = [(max(item.window.start, window.start), item.zone, True) for item in scenario.zones]
    withdrawn = [(item.window.end, item.zone, False) for item in scenario.zones]
    within = [change for change in declared + withdrawn if window.holds(change[0])]
    # Withdrawing comes before declaring at one instant, so that a zone can follow another without an overlap.
    return tuple(sorted(within, key=lambda change: (change[0], change[2])))


def _within(made: Reports, window: Window) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return (made.time_ms >= window.start) & (made.time_ms < window.end)


def _picked(made: Reports, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Reports:
    """The batch of these rows, its names and labels only those of the tracks that are in it."""
    used, track = numbered(made.track[rows])
    columns = {name: getattr(made, name)[rows] for name in COLUMNS if name != "track"}
    names = tuple(made.names[place] for place in used)
    labels = tuple(made.labels[place] for place in used)
    return replace(made, names=names, labels=labels, track=track, **columns)


def _once(noun: str, names: list[str]) -> frozenset[str]:
    seen = frozenset(names)
    if len(seen) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Refused(
            f"scenario.{noun}", f"two {noun} tables have the name {twice!r}, each must have its own"
        )
    return seen


def _demand_known(who: str, noun: str, name: str, known: frozenset[str]) -> None:
    if name not in known:
        listed = ", ".join(sorted(known)) or "none"
        raise Refused(f"scenario.{noun}", f"{who} names the {noun} {name!r}, the scenario has {listed}")
