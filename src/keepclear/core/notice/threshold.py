"""Thresholds: from how many troops or pieces of equipment on an exercise has to be notified, or watched by observers.

The rules are data, and the same for every party. Exercises that are linked are one activity: their forces are added up,
so that nothing falls below a threshold by being told of in parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import DAY_MS, Duration
from keepclear.core.notice.exercise import COUNT_MAX, Exercise
from keepclear.core.notice.held import Giver, Held, NoticeId
from keepclear.core.notice.lifecycle import Stage
from keepclear.core.notice.wording import refuse_wording

PERSONNEL: Final = "personnel"
"""What is counted where it is not a type of equipment."""

AHEAD_MS_MAX: Final = Duration(366 * DAY_MS)


class Demand(StrEnum):
    """What is asked for from a threshold on."""

    NOTIFICATION = "notification"
    OBSERVERS = "observers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A rule: from ``least`` of what is ``counted`` on, something is asked for, so long ahead of the start.

    ``counted``: PERSONNEL or a type of equipment, as notices name it. ``least`` is 1 to COUNT_MAX.
    Raises Refused("threshold.range") and as refuse_wording does.
    """

    name: str
    demand: Demand
    counted: str
    least: int
    ahead_ms: Duration = Duration(0)

    def __post_init__(self) -> None:
        refuse_wording("name of a threshold", self.name)
        refuse_wording("what a threshold counts", self.counted)
        if not 1 <= self.least <= COUNT_MAX or not 0 <= self.ahead_ms <= AHEAD_MS_MAX:
            raise Refused(
                "threshold.range",
                f"threshold {self.name!r} is {self.least} and {self.ahead_ms} ms ahead, must be 1 to {COUNT_MAX} and 0 "
                "to 366 days",
            )


_AHEAD: Final = Duration(42 * DAY_MS)

VIENNA_2011: Final = (
    Threshold(
        name="VD 40.1.1 troops",
        demand=Demand.NOTIFICATION,
        counted=PERSONNEL,
        least=9_000,
        ahead_ms=_AHEAD,
    ),
    Threshold(
        name="VD 40.1.1 battle tanks",
        demand=Demand.NOTIFICATION,
        counted="battle tank",
        least=250,
        ahead_ms=_AHEAD,
    ),
    Threshold(
        name="VD 40.1.1 armoured combat vehicles",
        demand=Demand.NOTIFICATION,
        counted="armoured combat vehicle",
        least=500,
        ahead_ms=_AHEAD,
    ),
    Threshold(
        name="VD 40.1.1 artillery",
        demand=Demand.NOTIFICATION,
        counted="artillery",
        least=250,
        ahead_ms=_AHEAD,
    ),
    Threshold(name="VD 47.4 troops", demand=Demand.OBSERVERS, counted=PERSONNEL, least=13_000),
    Threshold(name="VD 47.4 battle tanks", demand=Demand.OBSERVERS, counted="battle tank", least=300),
    Threshold(
        name="VD 47.4 armoured combat vehicles",
        demand=Demand.OBSERVERS,
        counted="armoured combat vehicle",
        least=500,
    ),
    Threshold(name="VD 47.4 artillery", demand=Demand.OBSERVERS, counted="artillery", least=250),
)
"""Vienna Document 2011, 38 and 40.1.1 (notification, 42 days ahead), 47.4 (observation); artillery from 100 mm on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A threshold that an activity reaches.

    ``notices``: all that is counted together, sorted; ``by``: whose, sorted. ``total``: how many of what is counted.
    ``together``: none of the exercises reaches it by itself. ``given_ms``: from when the last of them was received to
    the first start, negative where it had begun. ``observers``: who is invited by any of them, sorted.
    """

    rule: Threshold
    notices: tuple[NoticeId, ...]
    by: tuple[Giver, ...]
    total: int
    together: bool
    given_ms: int
    observers: tuple[str, ...]

    @property
    def short_ms(self) -> Duration:
        """By how much it was notified too late; 0 where in time."""
        return Duration(max(self.rule.ahead_ms - self.given_ms, 0))

    @property
    def open(self) -> bool:
        """Whether what the rule asks for is missing: that it came in time, or that observers are invited."""
        return not self.observers if self.rule.demand is Demand.OBSERVERS else self.short_ms > 0


def reached(held: Iterable[Held], thresholds: Sequence[Threshold]) -> tuple[Reached, ...]:
    """Every threshold that an activity of these notices reaches, in the order of the activities' first notices.

    An exercise that is told of on several lines counts once, by the largest of what is told. What was withdrawn or
    replaced does not count; what is over does, for a review. What is practised is added to its like alone.
    """
    found: list[Reached] = []
    for activity in _activities(held):
        for rule in thresholds:
            counts = [_count(exercise, rule.counted) for exercise in activity]
            if sum(counts) >= rule.least:
                found.append(_reached(activity, rule, total=sum(counts), largest=max(counts)))
    return tuple(found)


_GONE: Final = frozenset({Stage.WITHDRAWN, Stage.REPLACED})

_Key = tuple[str, Giver, str]
"""An exercise: how it is meant, whose, and its designation."""

_Told = Sequence[Held]
"""One exercise: all notices that tell of it."""


def _activities(held: Iterable[Held]) -> Sequence[Sequence[_Told]]:
    """All exercises, those that are linked together, in the order of their first notices."""
    told: dict[_Key, list[Held]] = {}
    for each in held:
        if isinstance(each.notice.body, Exercise) and each.stage not in _GONE:
            told.setdefault((each.flag, each.by, each.notice.designation), []).append(each)
    groups = [[told[key] for key in sorted(group)] for group in _connected(_links(told))]
    return sorted(groups, key=lambda group: min(each.id for notices in group for each in notices))


def _links(told: Mapping[_Key, _Told]) -> Mapping[_Key, set[_Key]]:
    """Which exercises are linked; a link counts whichever of the two names it."""
    named: dict[tuple[str, str], list[_Key]] = {}
    for key in told:
        named.setdefault((key[0], key[2]), []).append(key)
    links: dict[_Key, set[_Key]] = {key: set() for key in told}
    for key, notices in told.items():
        for designation in {linked for each in notices for linked in _body(each).linked}:
            for other in named.get((key[0], designation), ()):
                links[key].add(other)
                links[other].add(key)
    return links


def _connected(links: Mapping[_Key, set[_Key]]) -> list[set[_Key]]:
    found: list[set[_Key]] = []
    left = set(links)
    while left:
        group: set[_Key] = set()
        waiting = [left.pop()]
        while waiting:
            key = waiting.pop()
            group.add(key)
            waiting += links[key] - group
        left -= group
        found.append(group)
    return found


def _count(told: _Told, counted: str) -> int:
    return max(_counted(_body(each), counted) for each in told)


def _counted(exercise: Exercise, counted: str) -> int:
    if counted == PERSONNEL:
        return exercise.personnel
    return sum(each.count for each in exercise.equipment if each.type == counted)


def _reached(activity: Sequence[_Told], rule: Threshold, *, total: int, largest: int) -> Reached:
    notices = [each for told in activity for each in told]
    # An exercise that is told of twice was notified by the first of both.
    received = max(min(each.received for each in told) for told in activity)
    starts = min(each.notice.starts for each in notices)
    return Reached(
        rule=rule,
        notices=tuple(sorted(each.id for each in notices)),
        by=tuple(sorted({each.by for each in notices})),
        total=total,
        together=largest < rule.least,
        given_ms=starts - received,
        observers=tuple(sorted({party for each in notices for party in _body(each).observers})),
    )


def _body(held: Held) -> Exercise:
    assert isinstance(held.notice.body, Exercise), "only exercises are counted"
    return held.notice.body
