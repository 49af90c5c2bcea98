"""A small stage for examples: one watch around one place, driven in seconds, bearings and kilometres.

Places are computed by geographiclib, so that no example leans on the geometry it is there to try.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from geographiclib.geodesic import Geodesic

from keepclear.core.instant import Duration, Instant, instant_of
from keepclear.core.space.altitude import EVERY_HEIGHT, AltitudeBand, Datum
from keepclear.core.space.area import Circle
from keepclear.core.space.geodesy import Position
from keepclear.core.space.schedule import WHENEVER, Schedule
from keepclear.core.space.volume import Volume
from keepclear.core.watch.alert import Alert, AlertKind, ResponseStep, Step
from keepclear.core.watch.alert_list import AlertChanged
from keepclear.core.watch.event import (
    Crossed,
    FeedChanged,
    ReportsArrived,
    StepTaken,
    Ticked,
    WatchEffect,
    WatchEvent,
    ZoneDeclared,
    ZoneWithdrawn,
)
from keepclear.core.watch.report import (
    Label,
    PartyName,
    Report,
    SourceName,
    TrackName,
    reports_of,
)
from keepclear.core.watch.standing import Outcome
from keepclear.core.watch.watch import Watch
from keepclear.core.watch.zone import NEVER, Zone, ZoneKind, ZoneName

START = instant_of("2018-09-07T06:00:00Z")
TANF = Position(latitude_deg=33.4967, longitude_deg=38.6178)
FEED = SourceName("radar")
NAN = float("nan")

A, B = PartyName("A"), PartyName("B")


def seconds(number: float) -> Duration:
    return Duration(round(number * 1000))


def place(*, bearing_deg: float, range_m: float, around: Position = TANF) -> Position:
    """The position at a bearing and range, by geographiclib."""
    end = Geodesic.WGS84.Direct(around.latitude_deg, around.longitude_deg, bearing_deg, range_m)
    return Position(latitude_deg=end["lat2"], longitude_deg=end["lon2"])


def zone(
    name: str = "Tanf",
    *,
    radius_m: float = 10_000.0,
    centre: Position = TANF,
    band: AltitudeBand = EVERY_HEIGHT,
    schedule: Schedule = WHENEVER,
    kind: ZoneKind = ZoneKind.EXCLUSION,
    dwell_s: float = 0,
    clear_s: float = 60,
    silence_s: float = 60,
    overstay_s: float | None = None,
    warning_s: float = 900,
    warning_m: float = 0.0,
    admitted: frozenset[PartyName] = frozenset(),
) -> Zone:
    """A round zone declared by A."""
    plain = Zone(
        name=ZoneName(name),
        kind=kind,
        volume=Volume(area=Circle(centre=centre, radius_m=radius_m), band=band, schedule=schedule),
        declared_by=A,
        warning_distance_m=warning_m,
        warning_time_ms=seconds(warning_s),
        dwell_ms=seconds(dwell_s),
        clear_time_ms=seconds(clear_s),
        silence_ms=seconds(silence_s),
        admitted=admitted,
    )
    if overstay_s is None:
        return plain
    return Zone(
        **{name: getattr(plain, name) for name in Zone.__slots__ if name != "overstay_ms"},
        overstay_ms=seconds(overstay_s),
    )


@dataclass(kw_only=True)
class Scene:
    """A watch, its clock in seconds after START, and everything that it has answered."""

    watch: Watch = field(default_factory=Watch)
    now_s: float = 0.0
    log: list[WatchEffect] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Examples are about tracks: their feed is not lost unless they say so.
        self.watch.step(FeedChanged(name=FEED, kind="test", lost_ms=NEVER), now=self.now)

    @property
    def now(self) -> Instant:
        return Instant(START + seconds(self.now_s))

    def do(self, event: WatchEvent) -> list[WatchEffect]:
        effects = self.watch.step(event, now=self.now)
        self.log += effects
        return effects

    def declare(self, declared: Zone) -> list[WatchEffect]:
        return self.do(ZoneDeclared(zone=declared, by="officer"))

    def withdraw(self, name: str) -> list[WatchEffect]:
        return self.do(ZoneWithdrawn(name=ZoneName(name), by="officer"))

    def tick(self, at_s: float | None = None) -> list[WatchEffect]:
        self.now_s = self.now_s if at_s is None else at_s
        return self.do(Ticked())

    def hear(
        self,
        km: float,
        *,
        at_s: float | None = None,
        track: str = "x:one",
        bearing_deg: float = 90.0,
        speed: float = NAN,
        course: float = NAN,
        seen_s: float | None = None,
        accuracy_m: float = 1.0,
        altitude_m: float = NAN,
        datum: Datum = Datum.UNKNOWN,
        party: str = "B",
        source: str = FEED,
    ) -> list[WatchEffect]:
        """One report of a track ``km`` from Tanf, seen now unless ``seen_s`` says when."""
        self.now_s = self.now_s if at_s is None else at_s
        at = place(bearing_deg=bearing_deg, range_m=km * 1000)
        report = Report(
            track=TrackName(track),
            time_ms=START + seconds(self.now_s if seen_s is None else seen_s),
            latitude_deg=at.latitude_deg,
            longitude_deg=at.longitude_deg,
            altitude_m=altitude_m,
            datum=datum,
            speed_mps=speed,
            course_deg=course,
            accuracy_m=accuracy_m,
        )
        labels = (Label(track=TrackName(track), party=PartyName(party)),) if party else ()
        return self.do(ReportsArrived(reports=reports_of(SourceName(source), [report], labels)))

    def step(
        self, alert: Alert, step: Step, *, reason: str = "", second: str = "", channel: str = ""
    ) -> Alert:
        done = ResponseStep(
            step=step, at=self.now, by="officer", reason=reason, second=second, channel=channel
        )
        self.do(StepTaken(alert=alert.id, done=done))
        return self.watch.alerts.alerts[alert.id]

    def alert(self, kind: AlertKind) -> Alert:
        """The latest alert of a kind, as it now is."""
        found = [alert for alert in self.watch.alerts.alerts.values() if alert.kind is kind]
        assert found, (
            f"no alert of kind {kind.value} among {[a.kind for a in self.watch.alerts.alerts.values()]}"
        )
        return found[-1]


def outcomes(effects: list[WatchEffect]) -> list[Outcome]:
    return [effect.outcome for effect in effects if isinstance(effect, Crossed)]


def changes(effects: list[WatchEffect]) -> list[tuple[str, str]]:
    """Which alerts changed how: (id, change)."""
    return [(effect.alert.id, effect.change) for effect in effects if isinstance(effect, AlertChanged)]
