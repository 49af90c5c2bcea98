"""The alert list: one alert per cause, merged, timed and kept until a person closes it.

Named after the alert list of IMO Bridge Alert Management, MSC.302(87).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.watch.alert import (
    ANSWER_MS,
    LIFECYCLE,
    REOPEN_MS,
    RISE_MS,
    UNATTENDED_MS,
    Alert,
    AlertId,
    AlertKind,
    Change,
    Evidence,
    Priority,
    ResponseStep,
    Stage,
    Step,
    take_step,
)
from keepclear.core.watch.report import PartyName, TrackName
from keepclear.core.watch.zone import ZoneName

AXIS_DEG: Final = 20.0
"""Tracks of one party at one zone merge when their bearings from its centre differ by at most this."""

MEMBERS_MAX: Final = 50
"""An alert takes no more tracks than this; the next one raises another alert."""


class Matter(Enum):
    """Which question an alert is about. An approach that becomes an entry is one matter; a silence is another."""

    PRESENCE = "presence"
    EXIT = "exit"
    STAY = "stay"
    SILENCE = "silence"
    FEED = "feed"


MATTER: Final = {
    AlertKind.APPROACH: Matter.PRESENCE,
    AlertKind.ENTRY: Matter.PRESENCE,
    AlertKind.ALREADY_INSIDE: Matter.PRESENCE,
    AlertKind.EXIT: Matter.EXIT,
    AlertKind.OVERSTAY: Matter.STAY,
    AlertKind.SILENCE: Matter.SILENCE,
    AlertKind.FEED_LOST: Matter.FEED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What an alert is about: a matter, and the track at a zone, or the feed, that it concerns."""

    matter: Matter
    zone: ZoneName | None = None
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the watch found, ready to become an alert or to join one."""

    kind: AlertKind
    zone: ZoneName | None
    subject: str
    party: PartyName
    priority: Priority
    words: str
    evidence: Evidence
    axis_deg: float | None = None

    @property
    def cause(self) -> Cause:
        """What the finding is about."""
        return Cause(matter=MATTER[self.kind], zone=self.zone, subject=self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChanged:
    """An alert as it now is, and what changed it.

    ``change``: a word of LIFECYCLE, or ``raised``, ``risen``, ``prompted``, ``member``, ``confirmed``, ``cleared``.
    """

    alert: Alert
    change: str


class AlertList:
    """Every alert that is open, or closed so recently that its cause would reopen it. Changed only by the watch."""

    def __init__(self) -> None:
        self.alerts: dict[AlertId, Alert] = {}
        self.raised_count = 0
        self._of_cause: dict[Cause, AlertId] = {}

    def find(self, finding: Finding, *, now: Instant) -> list[AlertChanged]:
        """Take a finding: raise an alert, add to one, worsen or reopen one, or do nothing if it says nothing new."""
        alert = self.alert_of(finding.cause)
        if alert is not None and finding.subject in alert.holding:
            return self._again(alert, finding, now=now)
        if alert is not None and _reopens(alert, finding, now=now):
            return [self._reopen(alert, finding, now=now)]
        other = self._to_join(finding)
        if other is not None:
            return [self._join(other, finding, now=now)]
        return [self._raise(finding, now=now)]

    def clear(self, cause: Cause, *, words: str, evidence: Evidence, now: Instant) -> list[AlertChanged]:
        """The condition of one member ended; when none is left, the alert's condition is cleared."""
        alert = self.alert_of(cause)
        if alert is None or cause.subject not in alert.holding:
            return []
        holding = tuple(name for name in alert.holding if name != cause.subject)
        alert = replace(alert, holding=holding, latest=evidence)
        if holding:
            return [self._keep(alert, "member")]
        return [self._clear(alert, words=words, now=now)]

    def confirm(self, cause: Cause, evidence: Evidence) -> list[AlertChanged]:
        """What an open alert said with doubt is now certain: its words and evidence follow, and nothing else does."""
        alert = self.alert_of(cause)
        if alert is None or not alert.open or cause.subject not in alert.holding:
            return []
        words = evidence.words if alert.tracks[0] == cause.subject else alert.words
        return [self._keep(replace(alert, words=words, latest=evidence), "confirmed")]

    def step(self, alert_id: AlertId, done: ResponseStep) -> AlertChanged:
        """A person's step; raises Refused as ``take_step`` does, and "alert.unknown" for an id that is not here."""
        alert = self.alerts.get(alert_id)
        if alert is None:
            raise Refused("alert.unknown", f"alert {alert_id} is not in the alert list")
        return self._keep(take_step(alert, done), done.step.value)

    def tick(self, *, now: Instant) -> list[AlertChanged]:
        """What time alone does: warnings rise, acknowledgements lapse, an unanswered advice asks for a warning."""
        changes: list[AlertChanged] = []
        for alert in list(self.alerts.values()):
            if not alert.open:
                if now - _ended(alert) > REOPEN_MS:
                    self._drop(alert)
            elif alert.cleared is None:
                changes += self._aged(alert, now=now)
        return changes

    def alert_of(self, cause: Cause) -> Alert | None:
        """The alert that a cause has, open or recently closed."""
        alert_id = self._of_cause.get(cause)
        return None if alert_id is None else self.alerts.get(alert_id)

    def restore(self, alerts: list[Alert], *, causes: list[tuple[Cause, AlertId]], raised_count: int) -> None:
        """Put back what a snapshot held."""
        self.alerts = {alert.id: alert for alert in alerts}
        self._of_cause = dict(causes)
        self.raised_count = raised_count

    @property
    def causes(self) -> list[tuple[Cause, AlertId]]:
        """Which alert each cause has, in the order in which they came."""
        return list(self._of_cause.items())

    def _again(self, alert: Alert, finding: Finding, *, now: Instant) -> list[AlertChanged]:
        changed_kind = finding.kind is not alert.kind
        other = self._to_join(finding) if changed_kind else None
        if other is not None or (changed_kind and len(alert.tracks) > 1):
            # MSC.302(87) has one alert for one cause: a member whose category changes goes where its like are.
            joined = self._join(other, finding, now=now) if other else self._raise(finding, now=now)
            return [self._without(alert, finding, joined.alert.id, now=now), joined]
        if not changed_kind and finding.priority <= alert.priority:
            return []
        return [self._worsen(alert, finding, now=now)]

    def _clear(self, alert: Alert, *, words: str, now: Instant) -> AlertChanged:
        alert = replace(alert, cleared=now, words=words)
        lapsed = LIFECYCLE.get((alert.stage, Change.LAPSED))
        if alert.priority is Priority.CAUTION and lapsed is not None:
            alert = replace(alert, stage=lapsed, since=now, closed=now)
            return self._keep(alert, Change.LAPSED.value)
        return self._keep(alert, "cleared")

    def _without(self, alert: Alert, finding: Finding, other: AlertId, *, now: Instant) -> AlertChanged:
        """The alert after a member went to another; the last member leaves its name, and the other goes on for it."""
        holding = tuple(name for name in alert.holding if name != finding.subject)
        if holding:
            tracks = tuple(name for name in alert.tracks if name != finding.subject)
            return self._keep(replace(alert, tracks=tracks, holding=holding), "member")
        merged = replace(
            alert,
            holding=(),
            words=f"{alert.words}; goes on as {other}",
            stage=LIFECYCLE.get((alert.stage, Change.MERGED), alert.stage),
            since=now if alert.open else alert.since,
            cleared=now,
            closed=now if alert.closed is None else alert.closed,
        )
        return self._keep(merged, Change.MERGED.value)

    def _worsen(self, alert: Alert, finding: Finding, *, now: Instant) -> AlertChanged:
        stage = LIFECYCLE[alert.stage, Change.WORSENED]
        priority = max(alert.priority, finding.priority)
        # A warning that keeps gaining members has been unanswered all the while: it must still rise in time.
        waiting = stage is alert.stage and priority is alert.priority
        return self._keep(
            replace(
                alert,
                kind=finding.kind,
                priority=priority,
                stage=stage,
                since=alert.since if waiting else now,
                words=finding.words,
                latest=finding.evidence,
                closed=None,
                prompted=False,
            ),
            Change.WORSENED.value,
        )

    def _reopen(self, alert: Alert, finding: Finding, *, now: Instant) -> AlertChanged:
        members = (
            alert.tracks if finding.evidence.track is None else _with(alert.tracks, finding.evidence.track)
        )
        return self._keep(
            replace(
                alert,
                kind=finding.kind,
                priority=max(alert.priority, finding.priority) if alert.holding else finding.priority,
                tracks=members,
                holding=_with(alert.holding, TrackName(finding.subject)),
                stage=LIFECYCLE[alert.stage, Change.REOPENED],
                since=now,
                words=finding.words,
                latest=finding.evidence,
                cleared=None,
                closed=None,
                prompted=False,
            ),
            Change.REOPENED.value,
        )

    def _to_join(self, finding: Finding) -> Alert | None:
        if not finding.party or finding.axis_deg is None or finding.evidence.track is None:
            return None
        for alert in self.alerts.values():
            same = (alert.kind, alert.zone, alert.party) == (finding.kind, finding.zone, finding.party)
            room = alert.open and alert.cleared is None and len(alert.tracks) < MEMBERS_MAX
            if (
                same
                and room
                and alert.axis_deg is not None
                and _apart(alert.axis_deg, finding.axis_deg) <= AXIS_DEG
            ):
                return alert
        return None

    def _join(self, alert: Alert, finding: Finding, *, now: Instant) -> AlertChanged:
        self._of_cause[finding.cause] = alert.id
        member = TrackName(finding.subject)
        joined = replace(alert, tracks=_with(alert.tracks, member), holding=_with(alert.holding, member))
        return self._worsen(joined, replace(finding, words=alert.words), now=now)

    def _raise(self, finding: Finding, *, now: Instant) -> AlertChanged:
        self.raised_count += 1
        alert_id = AlertId(f"AL-{self.raised_count}")
        self._of_cause[finding.cause] = alert_id
        track = finding.evidence.track
        alert = Alert(
            id=alert_id,
            kind=finding.kind,
            zone=finding.zone,
            party=finding.party,
            tracks=() if track is None else (track,),
            holding=(TrackName(finding.subject),),
            axis_deg=finding.axis_deg,
            priority=finding.priority,
            stage=Stage.RAISED,
            raised=now,
            since=now,
            words=finding.words,
            first=finding.evidence,
            latest=finding.evidence,
            source=finding.evidence.source,
        )
        return self._keep(alert, "raised")

    def _aged(self, alert: Alert, *, now: Instant) -> list[AlertChanged]:
        waited = now - alert.since
        if alert.stage is Stage.RAISED and alert.priority is Priority.WARNING and waited >= RISE_MS:
            return [self._keep(replace(alert, priority=Priority.ALARM), "risen")]
        if alert.stage is Stage.ACKNOWLEDGED and waited >= UNATTENDED_MS[alert.priority]:
            stage = LIFECYCLE[alert.stage, Change.UNATTENDED]
            return [self._keep(replace(alert, stage=stage, since=now), Change.UNATTENDED.value)]
        if alert.stage is Stage.ADVISED and not alert.prompted and waited >= ANSWER_MS:
            return [self._keep(replace(alert, prompted=True), "prompted")]
        return []

    def _keep(self, alert: Alert, change: str) -> AlertChanged:
        self.alerts[alert.id] = alert
        return AlertChanged(alert=alert, change=change)

    def _drop(self, alert: Alert) -> None:
        # A closed alert whose condition still holds keeps its cause, or the same presence would be raised anew.
        if alert.holding:
            return
        del self.alerts[alert.id]
        self._of_cause = {cause: held for cause, held in self._of_cause.items() if held != alert.id}


def next_steps(alert: Alert) -> tuple[Step, ...]:
    """The steps that a person may take now, in their usual order."""
    return tuple(step for step in Step if (alert.stage, step) in LIFECYCLE)


def _reopens(alert: Alert, finding: Finding, *, now: Instant) -> bool:
    if alert.holding and alert.kind is not finding.kind:
        return False
    return alert.open or now - _ended(alert) <= REOPEN_MS


def _ended(alert: Alert) -> Instant:
    """When both the condition and the work on an alert were over, as far as they are."""
    return max(alert.raised, alert.closed or alert.raised, alert.cleared or alert.raised)


def _with(names: tuple[TrackName, ...], name: TrackName) -> tuple[TrackName, ...]:
    return names if name in names else (*names, name)


def _apart(first_deg: float, second_deg: float) -> float:
    return abs((first_deg - second_deg + 180.0) % 360.0 - 180.0)
