"""How a track stands to a zone, and the one table of all that can change it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from keepclear.core.instant import MINUTE_MS, Duration, Instant
from keepclear.core.watch.alert import Priority
from keepclear.core.watch.zone import NEVER, Zone

IMMINENT_MS: Final = 2 * MINUTE_MS
"""A predicted entry sooner than this is an alarm."""


class Standing(Enum):
    """Where a track stands to a zone."""

    OUTSIDE = "outside"
    APPROACHING = "approaching"
    ENTERING = "entering"
    """Inside, but not yet for the zone's dwell time."""
    INSIDE = "inside"
    LEAVING = "leaving"
    """Outside, but not yet clear of the zone by its distance or time."""
    LOST = "lost"
    """Silent since it was inside. Never taken for outside."""
    MISSING = "missing"
    """Silent when it was entering, or should by now have entered: not told as inside yet, never taken for outside."""


class Seen(Enum):
    """What a report, or the lack of one, says of a track and a zone."""

    CLOSING = "closing"
    HASTENING = "closing, more urgent"
    OPENING = "not closing"
    DEPARTED = "not closing for the clear time"
    IN = "inside"
    DWELT = "inside for the dwell time"
    CERTAIN = "certainly inside, until now possibly"
    FOUND = "inside when the zone came into force"
    OUT = "outside, near"
    CLEAR = "outside and clear"
    SILENT = "silent"
    OVERDUE = "silent past the predicted entry"
    OVERSTAYED = "inside for the overstay time"
    LIFTED = "the zone is no longer in force"


class Outcome(Enum):
    """What a change of standing means for people."""

    APPROACHED = "approached"
    HASTENED = "hastened"
    TURNED_AWAY = "turned away"
    ENTERED = "entered"
    CONFIRMED = "confirmed inside"
    FOUND_INSIDE = "found inside"
    LEFT = "left"
    FELL_SILENT = "fell silent"
    HEARD_AGAIN = "heard again"
    OVERSTAYED = "overstayed"
    LIFTED = "no longer watched"
    """The zone was withdrawn, changed or went out of force: it says nothing of where the track is."""


_OUT, _APP, _ENT, _IN, _LEA, _LOST, _MISS = Standing

RULES: Final[dict[tuple[Standing, Seen], tuple[Standing, Outcome | None]]] = {
    (_OUT, Seen.CLOSING): (_APP, Outcome.APPROACHED),
    (_OUT, Seen.HASTENING): (_APP, Outcome.APPROACHED),
    (_OUT, Seen.IN): (_ENT, None),
    (_OUT, Seen.DWELT): (_IN, Outcome.ENTERED),
    (_OUT, Seen.FOUND): (_IN, Outcome.FOUND_INSIDE),
    (_APP, Seen.HASTENING): (_APP, Outcome.HASTENED),
    (_APP, Seen.DEPARTED): (_OUT, Outcome.TURNED_AWAY),
    (_APP, Seen.IN): (_ENT, None),
    (_APP, Seen.DWELT): (_IN, Outcome.ENTERED),
    (_APP, Seen.FOUND): (_IN, Outcome.FOUND_INSIDE),
    (_APP, Seen.OVERDUE): (_MISS, Outcome.FELL_SILENT),
    (_APP, Seen.LIFTED): (_OUT, Outcome.LIFTED),
    (_ENT, Seen.DWELT): (_IN, Outcome.ENTERED),
    (_ENT, Seen.FOUND): (_IN, Outcome.FOUND_INSIDE),
    (_ENT, Seen.OPENING): (_OUT, Outcome.TURNED_AWAY),
    (_ENT, Seen.DEPARTED): (_OUT, Outcome.TURNED_AWAY),
    (_ENT, Seen.CLOSING): (_APP, Outcome.APPROACHED),
    (_ENT, Seen.HASTENING): (_APP, Outcome.APPROACHED),
    (_ENT, Seen.SILENT): (_MISS, Outcome.FELL_SILENT),
    (_ENT, Seen.LIFTED): (_OUT, Outcome.LIFTED),
    (_IN, Seen.CERTAIN): (_IN, Outcome.CONFIRMED),
    (_IN, Seen.OUT): (_LEA, None),
    (_IN, Seen.CLEAR): (_OUT, Outcome.LEFT),
    (_IN, Seen.SILENT): (_LOST, Outcome.FELL_SILENT),
    (_IN, Seen.OVERSTAYED): (_IN, Outcome.OVERSTAYED),
    (_IN, Seen.LIFTED): (_OUT, Outcome.LIFTED),
    (_LEA, Seen.IN): (_IN, None),
    (_LEA, Seen.DWELT): (_IN, None),
    (_LEA, Seen.FOUND): (_IN, None),
    (_LEA, Seen.CLEAR): (_OUT, Outcome.LEFT),
    (_LEA, Seen.SILENT): (_LOST, Outcome.FELL_SILENT),
    (_LEA, Seen.LIFTED): (_OUT, Outcome.LIFTED),
    (_LOST, Seen.IN): (_IN, Outcome.HEARD_AGAIN),
    (_LOST, Seen.DWELT): (_IN, Outcome.HEARD_AGAIN),
    (_LOST, Seen.OUT): (_LEA, Outcome.HEARD_AGAIN),
    (_LOST, Seen.CLEAR): (_OUT, Outcome.LEFT),
    (_LOST, Seen.OVERSTAYED): (_LOST, Outcome.OVERSTAYED),
    (_LOST, Seen.LIFTED): (_OUT, Outcome.LIFTED),
    (_MISS, Seen.IN): (_ENT, Outcome.HEARD_AGAIN),
    (_MISS, Seen.DWELT): (_IN, Outcome.ENTERED),
    (_MISS, Seen.FOUND): (_IN, Outcome.FOUND_INSIDE),
    (_MISS, Seen.OPENING): (_APP, Outcome.HEARD_AGAIN),
    (_MISS, Seen.CLOSING): (_APP, Outcome.APPROACHED),
    (_MISS, Seen.HASTENING): (_APP, Outcome.APPROACHED),
    (_MISS, Seen.DEPARTED): (_OUT, Outcome.TURNED_AWAY),
    (_MISS, Seen.OVERSTAYED): (_MISS, Outcome.OVERSTAYED),
    (_MISS, Seen.LIFTED): (_OUT, Outcome.LIFTED),
}
"""All that can happen to a track at a zone. What is not here changes nothing."""

WITHIN: Final = frozenset({_ENT, _IN, _LEA, _LOST, _MISS})
"""Standings in which the track counts as inside, or as not proved outside."""


@dataclass(slots=True, kw_only=True)
class Relation:
    """What the watch remembers of one track at one zone; changed only by ``Watch.step``.

    Times are observation times in milliseconds; None for "not so". ``priority`` is the highest that the present
    approach has reached. ``confirmed``: in this stay it has been certainly inside. ``entry_*``: the latest prediction.
    """

    standing: Standing = Standing.OUTSIDE
    at: Instant
    distance_m: float
    certain: bool = True
    confirmed: bool = False
    inside_since: Instant | None = None
    outside_since: Instant | None = None
    priority: Priority | None = None
    overstayed: bool = False
    entry_earliest: Instant | None = None
    entry_expected: Instant | None = None
    entry_latest: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One fix of a track measured against one zone.

    ``distance_m``: signed, to the edge, negative inside. ``within``: not certainly outside the volume in area and
    height. ``certain``: certainly inside. Predicted entry times as in Evidence.
    """

    at: Instant
    distance_m: float
    within: bool
    certain: bool
    entry_earliest: Instant | None = None
    entry_expected: Instant | None = None
    entry_latest: Instant | None = None


_TOLD_INSIDE: Final = frozenset({Outcome.ENTERED, Outcome.FOUND_INSIDE, Outcome.CONFIRMED})


def what_was_seen(relation: Relation, sight: Sight, zone: Zone) -> Seen:
    """What a sight means, given how the track stood; the relation's own times are not yet moved."""
    if sight.within:
        if relation.standing is Standing.INSIDE and sight.certain and not relation.confirmed:
            return Seen.CERTAIN
        since = relation.inside_since if relation.inside_since is not None else sight.at
        return Seen.DWELT if sight.at - since >= zone.dwell_ms else Seen.IN
    since = relation.outside_since if relation.outside_since is not None else sight.at
    waited = sight.at - since >= zone.clear_time_ms
    if relation.standing in (Standing.INSIDE, Standing.LEAVING, Standing.LOST):
        return Seen.CLEAR if waited or sight.distance_m > zone.clear_distance_m else Seen.OUT
    priority = approach_priority(sight, zone)
    if priority is None:
        return Seen.DEPARTED if waited else Seen.OPENING
    rises = relation.priority is None or priority > relation.priority
    return Seen.HASTENING if rises else Seen.CLOSING


def approach_priority(sight: Sight, zone: Zone) -> Priority | None:
    """How urgent an approach is, None when the track is not closing.

    Alarm: entry expected within IMMINENT_MS. Warning: expected within the zone's warning time. Caution: within the
    warning distance, and entry is possible within the warning time although not expected.
    """
    horizon = sight.at + zone.warning_time_ms
    if sight.entry_expected is not None and sight.entry_expected <= horizon:
        return Priority.ALARM if sight.entry_expected - sight.at < IMMINENT_MS else Priority.WARNING
    possible = sight.entry_earliest is not None and sight.entry_earliest <= horizon
    return Priority.CAUTION if possible and sight.distance_m <= zone.warning_distance_m else None


def what_silence_means(relation: Relation, zone: Zone, *, now: Instant) -> Seen | None:
    """What the lack of reports, or the length of a stay, means now; None when nothing changed.

    A stay is counted to ``now`` while the track is heard or lost, never taken as ended by silence.
    """
    silent = now - relation.at > zone.silence_ms
    if silent and relation.standing in (Standing.ENTERING, Standing.INSIDE, Standing.LEAVING):
        return Seen.SILENT
    if silent and relation.standing is Standing.APPROACHING and now >= _due(relation, zone):
        return Seen.OVERDUE
    if relation.inside_since is None or relation.overstayed or zone.overstay_ms == NEVER:
        return None
    stays = relation.standing in (Standing.INSIDE, Standing.LOST, Standing.MISSING)
    return Seen.OVERSTAYED if stays and now - relation.inside_since >= zone.overstay_ms else None


def moved(
    relation: Relation,
    sight: Sight,
    *,
    standing: Standing,
    outcome: Outcome | None,
    priority: Priority | None,
) -> None:
    """Write a sight into the relation, after its standing and the outcome were decided."""
    relation.confirmed = relation.confirmed or (sight.certain and outcome in _TOLD_INSIDE)
    was_inside = relation.standing in WITHIN
    relation.standing = standing
    relation.at, relation.distance_m, relation.certain = sight.at, sight.distance_m, sight.certain
    relation.entry_earliest = sight.entry_earliest
    relation.entry_expected = sight.entry_expected
    relation.entry_latest = sight.entry_latest
    if sight.within:
        relation.inside_since = relation.inside_since if relation.inside_since is not None else sight.at
        relation.outside_since = None
    elif priority is not None and standing is Standing.APPROACHING:
        relation.outside_since = None
    elif relation.outside_since is None:
        relation.outside_since = sight.at
    if standing in (Standing.OUTSIDE, Standing.APPROACHING) and (was_inside or not sight.within):
        relation.inside_since, relation.overstayed, relation.confirmed = None, False, False
    relation.priority = _highest(relation.priority, priority) if standing is Standing.APPROACHING else None


def moment_of(outcome: Outcome, relation: Relation, *, left_at: Instant | None, seen_at: Instant) -> Instant:
    """When an outcome was first observed: an entry at the first fix inside, a departure at the first outside."""
    if outcome in (Outcome.ENTERED, Outcome.FOUND_INSIDE) and relation.inside_since is not None:
        return relation.inside_since
    return left_at if outcome is Outcome.LEFT and left_at is not None else seen_at


def stay_ms(relation: Relation, *, now: Instant) -> Duration:
    """How long the track has been, or may have been, inside."""
    return Duration(0 if relation.inside_since is None else max(0, now - relation.inside_since))


def standing_table() -> str:
    """RULES as a Markdown table, for the documentation."""
    rows = [
        f"| {standing.value} | {seen.value} | {after.value} | {outcome.value if outcome else ''} |"
        for (standing, seen), (after, outcome) in RULES.items()
    ]
    return "\n".join(["| standing | what is seen | next standing | outcome |", "|---|---|---|---|", *rows])


def _due(relation: Relation, zone: Zone) -> Instant:
    """From when on a silent track that was closing may be inside: as predicted, or once the warning time is over."""
    if relation.entry_expected is not None:
        return relation.entry_expected
    if relation.entry_earliest is not None:
        return relation.entry_earliest
    return Instant(relation.at + zone.warning_time_ms)


def _highest(first: Priority | None, second: Priority | None) -> Priority | None:
    if first is None or second is None:
        return first if second is None else second
    return max(first, second)
