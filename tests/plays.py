"""Plays: what happens around a few zones, one thing after another, as Hypothesis makes it up."""

from __future__ import annotations

from hypothesis import strategies as st

from keepclear.core.instant import Instant
from keepclear.core.watch.event import (
    FeedChanged,
    ReportsArrived,
    Ticked,
    WatchEvent,
    ZoneDeclared,
    ZoneWithdrawn,
)
from keepclear.core.watch.report import reports_of
from keepclear.core.watch.zone import NEVER, Zone, ZoneName
from scene import FEED, START, seconds
from strategies import Move, moves, near_zones

Play = list[tuple[int, Move | Zone | str | None]]
"""After how many seconds what happens: a report, a zone declared, the name of one withdrawn, or only time."""


def plays() -> st.SearchStrategy[Play]:
    happening = st.one_of(moves(), moves(), moves(), near_zones(), st.none())
    later = st.tuples(st.sampled_from([0, 1, 10, 30, 130]), happening)
    withdrawn = st.tuples(st.just(5), st.sampled_from(["north", "middle", "south"]))
    return st.tuples(
        near_zones(), st.lists(later, min_size=4, max_size=18), st.lists(withdrawn, max_size=1)
    ).map(lambda parts: [(0, parts[0]), *parts[1], *parts[2], *parts[1][:3]])


def events_of(play: Play) -> list[tuple[Instant, WatchEvent]]:
    """The play as events of a watch whose feed is never lost."""
    events: list[tuple[Instant, WatchEvent]] = [(START, FeedChanged(name=FEED, kind="test", lost_ms=NEVER))]
    declared: set[str] = set()
    now_s = 0
    for after_s, what in play:
        now_s += after_s
        now = Instant(START + seconds(now_s))
        match what:
            case Zone():
                declared.add(what.name)
                events.append((now, ZoneDeclared(zone=what, by="x")))
            case str() if what in declared:
                declared.discard(what)
                events.append((now, ZoneWithdrawn(name=ZoneName(what), by="x")))
            case Move():
                events.append((now, ReportsArrived(reports=reports_of(FEED, [what.report(now_s)]))))
            case _:
                events.append((now, Ticked()))
    return events
