"""Alerts: what the watch found, the evidence that raised it, and what people did about it.

The lifecycle follows IMO Bridge Alert Management, MSC.302(87): acknowledging silences an alert, it never closes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from typing import Final, NewType

from keepclear.core.errors import Refused
from keepclear.core.instant import MINUTE_MS, SECOND_MS, Instant, instant_text
from keepclear.core.watch.report import PartyName, TrackName
from keepclear.core.watch.zone import ZoneName

AlertId = NewType("AlertId", str)
"""``AL-1``, ``AL-2``, ... in the order in which a node raised them."""


class AlertKind(Enum):
    """What happened."""

    APPROACH = "approach"
    ENTRY = "entry"
    ALREADY_INSIDE = "already-inside"
    EXIT = "exit"
    """Left a corridor that it is admitted to."""
    OVERSTAY = "overstay"
    SILENCE = "silence"
    FEED_LOST = "feed-lost"


class Priority(IntEnum):
    """How soon a person must look, after IMO Bridge Alert Management."""

    CAUTION = 1
    WARNING = 2
    ALARM = 3


class Stage(Enum):
    """How far people have come with an alert."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ADVISED = "advised"
    WARNED = "warned"
    ESCALATED = "escalated"
    CLOSED = "closed"


class Step(Enum):
    """What a person does about an alert."""

    ACKNOWLEDGE = "acknowledge"
    ADVISE = "advise"
    WARN = "warn"
    ESCALATE = "escalate"
    CLOSE = "close"


class Change(Enum):
    """What time or the watch does to an alert."""

    UNATTENDED = "unattended"
    """Acknowledged, and no next step within the limit."""
    WORSENED = "worsened"
    """Something new: a higher priority, a new kind, a new member."""
    REOPENED = "reopened"
    """The cause came back within REOPEN_MS of being cleared or closed."""
    MERGED = "merged"
    """Its last member went to another alert, which goes on in its place."""
    LAPSED = "lapsed"
    """The condition of a caution ended; MSC.302(87), 8: cautions are removed when rectified."""


LIFECYCLE: Final[dict[tuple[Stage, Step | Change], Stage]] = {
    (Stage.RAISED, Step.ACKNOWLEDGE): Stage.ACKNOWLEDGED,
    (Stage.RAISED, Step.CLOSE): Stage.CLOSED,
    (Stage.RAISED, Change.WORSENED): Stage.RAISED,
    (Stage.ACKNOWLEDGED, Step.ADVISE): Stage.ADVISED,
    (Stage.ACKNOWLEDGED, Step.WARN): Stage.WARNED,
    (Stage.ACKNOWLEDGED, Step.ESCALATE): Stage.ESCALATED,
    (Stage.ACKNOWLEDGED, Step.CLOSE): Stage.CLOSED,
    (Stage.ACKNOWLEDGED, Change.UNATTENDED): Stage.RAISED,
    (Stage.ACKNOWLEDGED, Change.WORSENED): Stage.RAISED,
    (Stage.ADVISED, Step.ADVISE): Stage.ADVISED,
    (Stage.ADVISED, Step.WARN): Stage.WARNED,
    (Stage.ADVISED, Step.ESCALATE): Stage.ESCALATED,
    (Stage.ADVISED, Step.CLOSE): Stage.CLOSED,
    (Stage.ADVISED, Change.WORSENED): Stage.RAISED,
    (Stage.WARNED, Step.WARN): Stage.WARNED,
    (Stage.WARNED, Step.ESCALATE): Stage.ESCALATED,
    (Stage.WARNED, Step.CLOSE): Stage.CLOSED,
    (Stage.WARNED, Change.WORSENED): Stage.RAISED,
    (Stage.ESCALATED, Step.WARN): Stage.ESCALATED,
    (Stage.ESCALATED, Step.ESCALATE): Stage.ESCALATED,
    (Stage.ESCALATED, Step.CLOSE): Stage.CLOSED,
    (Stage.ESCALATED, Change.WORSENED): Stage.RAISED,
    (Stage.RAISED, Change.LAPSED): Stage.CLOSED,
    (Stage.ACKNOWLEDGED, Change.LAPSED): Stage.CLOSED,
    (Stage.RAISED, Change.MERGED): Stage.CLOSED,
    (Stage.ACKNOWLEDGED, Change.MERGED): Stage.CLOSED,
    (Stage.ADVISED, Change.MERGED): Stage.CLOSED,
    (Stage.WARNED, Change.MERGED): Stage.CLOSED,
    (Stage.ESCALATED, Change.MERGED): Stage.CLOSED,
    (Stage.CLOSED, Change.WORSENED): Stage.RAISED,
    (Stage.CLOSED, Change.REOPENED): Stage.RAISED,
    (Stage.RAISED, Change.REOPENED): Stage.RAISED,
    (Stage.ACKNOWLEDGED, Change.REOPENED): Stage.RAISED,
    (Stage.ADVISED, Change.REOPENED): Stage.RAISED,
    (Stage.WARNED, Change.REOPENED): Stage.RAISED,
    (Stage.ESCALATED, Change.REOPENED): Stage.RAISED,
}
"""All that can happen to an alert. What is not here is refused."""

UNATTENDED_MS: Final = {
    Priority.CAUTION: 5 * MINUTE_MS,
    Priority.WARNING: 5 * MINUTE_MS,
    Priority.ALARM: 2 * MINUTE_MS,
}
"""Acknowledged without a next step for this long returns to unacknowledged."""

RISE_MS: Final = 60 * SECOND_MS
"""A warning not acknowledged for this long rises to an alarm."""

ANSWER_MS: Final = 3 * MINUTE_MS
"""An advice waits this long for a person before warning is the next step to take."""

REOPEN_MS: Final = 10 * MINUTE_MS
"""The same cause within this long reopens the same alert."""

REASON_LENGTH_MAX: Final = 2_000
"""The longest reason or text of a step, in characters."""

NAME_LENGTH_MAX: Final = 200
"""The longest name of a person, channel or sign of reception."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the watch saw when it raised or changed an alert: enough to check it again by hand.

    ``distance_m``: signed distance to the zone's edge, negative inside. Entry times bound a predicted entry:
    none before ``entry_earliest``, expected at ``entry_expected``, certain by ``entry_latest``; None where there is
    no such time. ``words``: the same for a person.
    """

    at: Instant
    track: TrackName | None = None
    source: str = ""
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    altitude_m: float | None = None
    altitude_datum: str = ""
    speed_mps: float | None = None
    course_deg: float | None = None
    accuracy_m: float | None = None
    distance_m: float | None = None
    certain: bool = True
    entry_earliest: Instant | None = None
    entry_expected: Instant | None = None
    entry_latest: Instant | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseStep:
    """What a person did about an alert: by whom, over which channel, with what sign of reception."""

    step: Step
    at: Instant
    by: str
    reason: str = ""
    channel: str = ""
    text: str = ""
    reception: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One cause for a person to look, with its members, evidence and history.

    ``tracks``: the members, the first one is the one that raised it; ``holding``: those whose condition still holds.
    ``since``: when the present stage began. ``axis_deg``: bearing of the first member from the zone's centre.
    ``prompted``: an advice went unanswered for ANSWER_MS, so that warning is due. ``cleared``: when the condition
    ended, None while it holds. ``evidence``: the first, and the latest that changed the alert.
    """

    id: AlertId
    kind: AlertKind
    zone: ZoneName | None
    party: PartyName
    tracks: tuple[TrackName, ...]
    priority: Priority
    stage: Stage
    raised: Instant
    since: Instant
    words: str
    first: Evidence
    latest: Evidence
    holding: tuple[TrackName, ...] = ()
    axis_deg: float | None = None
    steps: tuple[ResponseStep, ...] = ()
    cleared: Instant | None = None
    closed: Instant | None = None
    prompted: bool = False
    source: str = ""

    @property
    def open(self) -> bool:
        """Whether people still have it before them."""
        return self.stage is not Stage.CLOSED


def take_step(alert: Alert, done: ResponseStep) -> Alert:
    """The alert after a person's step.

    Raises Refused("alert.step") when the step does not follow the present stage, "alert.reason" when closing an
    alert whose condition still holds without a reason, or escalating without a second person or a reason,
    "alert.by" when nobody is named, "alert.channel" when advising or warning without one, and "alert.text" past
    REASON_LENGTH_MAX or NAME_LENGTH_MAX and for a text that UTF-8 cannot write.
    """
    stage = LIFECYCLE.get((alert.stage, done.step))
    if stage is None:
        raise Refused(
            "alert.step", f"alert {alert.id} is {alert.stage.value}: {done.step.value} does not follow that"
        )
    if not done.by.strip():
        raise Refused("alert.by", f"alert {alert.id}: a step names the person who took it")
    _demand_texts(alert, done)
    _demand_reason(alert, done)
    return replace(
        alert,
        stage=stage,
        since=done.at,
        steps=(*alert.steps, done),
        prompted=False,
        closed=done.at if stage is Stage.CLOSED else None,
    )


def _demand_texts(alert: Alert, done: ResponseStep) -> None:
    limits = {"reason": REASON_LENGTH_MAX, "text": REASON_LENGTH_MAX}
    for field in ("reason", "text", "by", "second", "channel", "reception"):
        text: str = getattr(done, field)
        size, most = len(text), limits.get(field, NAME_LENGTH_MAX)
        if size > most:
            raise Refused("alert.text", f"alert {alert.id}: {field} has {size} characters, at most {most}")
        # RFC 7493, 2.1: such a text has no UTF-8, so that the record could not hold the step that the alert shows.
        if any("\ud800" <= each <= "\udfff" for each in text):
            raise Refused("alert.text", f"alert {alert.id}: {field} holds half of a surrogate pair")


def _demand_reason(alert: Alert, done: ResponseStep) -> None:
    if done.step is Step.CLOSE and alert.cleared is None and not done.reason.strip():
        raise Refused(
            "alert.reason",
            f"alert {alert.id}: its condition still holds, so closing it needs a reason in words",
        )
    alone = not done.second.strip() and not done.reason.strip()
    if done.step is Step.ESCALATE and alone:
        raise Refused(
            "alert.reason", f"alert {alert.id}: escalating names a second person, or a reason if alone"
        )
    if done.step in (Step.ADVISE, Step.WARN) and not done.channel.strip():
        raise Refused("alert.channel", f"alert {alert.id}: {done.step.value} names the channel that was used")


def lifecycle_table() -> str:
    """LIFECYCLE as a Markdown table, for the documentation."""
    rows = [
        f"| {stage.value} | {cause.value} | {after.value} |" for (stage, cause), after in LIFECYCLE.items()
    ]
    return "\n".join(["| stage | what happens | next stage |", "|---|---|---|", *rows])


def alert_line(alert: Alert) -> str:
    """The alert in one line of plain text, as the command line prints it."""
    return f"{instant_text(alert.raised)} {alert.id} {alert.priority.name} {alert.words}"
