"""The host: takes events, steps the desk, stores both durably in one transaction, then does what the desk said."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Final, assert_never

from keepclear.core.errors import KeepclearError
from keepclear.core.instant import MINUTE_MS, Instant
from keepclear.core.line.event import Elapsed, LineChanged, LineEffect, LineEvent
from keepclear.core.line.line import Line
from keepclear.core.notice.incoming import NoticeEffect
from keepclear.core.watch.event import ReportsArrived, Ticked, TimeJumped, WatchEffect, WatchEvent
from keepclear.core.watch.report import Reports
from keepclear.desk import Append, Desk, DeskEffect, DeskEvent, Do, Show
from keepclear.edge.archive import Archive, SegmentFile, segment_count, segment_sha256
from keepclear.edge.clock import Clock
from keepclear.edge.feeds.arrival import Arrival
from keepclear.edge.linewrites import LineHand
from keepclear.edge.store.store import NO_SETTINGS, NO_WRITES, Draft, LineWrites, RefusedInput, Store
from keepclear.formats.stored.body import Segment, segment_body, started_body
from keepclear.formats.stored.desksnapshot import desk_bytes, desk_of
from keepclear.formats.stored.journal import event_bytes, event_of

SEAL_REPORTS: Final = 500_000
"""A segment is finished when it holds this many reports."""

SEAL_MS: Final = 5 * MINUTE_MS
"""Or when its first report came this long ago, by the machine's clock."""

RECORDED_SETTING: Final = "archive.recorded"

SNAPSHOT_EVENTS: Final = 1_000
"""A snapshot is saved after so many events, so that a restart has no more to replay: about a second's work."""

SNAPSHOT_BYTES: Final = 8 * 1024 * 1024
"""Or when the lines' events since the last have so many bytes: a bundle can be as much work as 512 events."""

Change = WatchEffect | LineChanged | NoticeEffect
Listener = Callable[[Change], None]
Asked = Callable[[LineEffect], None]
"""Told of what a line asks for once all is durable: to send, or to check."""
Maker = Callable[[Instant], DeskEvent]


class Host:
    """One node's desk, store and archive, kept in step.

    Nothing is shown, or answered as done, before it is durable. When the store fails, the host does not go on:
    ``take`` raises that error, then and whenever it is called again, a tick included, so that the node stops.
    """

    def __init__(self, *, store: Store, archive: Archive, clock: Clock, hand: LineHand | None = None) -> None:
        self.store = store
        self._hand = hand
        self.archive = archive
        self.clock = clock
        self.desk = Desk()
        self.listeners: list[Listener] = []
        self.asked: list[Asked] = []
        self.recent: deque[Reports] = deque()
        self._failure: KeepclearError | None = None
        self._seq = 0
        self._snapshot_seq = 0
        self._line_bytes = 0
        self._unsealed = 0
        self._sealed_at: Instant | None = None

    @property
    def failed(self) -> bool:
        """Whether the store has failed: nothing is taken any more, and the last commit may not have been stored."""
        return self._failure is not None

    def restore(self, *, node: str, version: str) -> int:
        """Bring the desk to where the store says it was; answers how many events were replayed."""
        snapshot = self.store.load_snapshot()
        if snapshot is not None:
            watch, lines, incoming = desk_of(snapshot.body)
            self.desk = Desk(watch, [Line(state) for state in lines], incoming)
            self._seq = self._snapshot_seq = snapshot.seq
        self.archive.drop_after(self._snapshot_seq)
        replayed = 0
        for stored in self.store.events_after(self._seq):
            event = event_of(stored.kind, stored.body)
            self.desk.step(event, now=stored.at)
            self._remember(event, size=len(stored.body))
            self._seq, replayed = stored.seq, replayed + 1
        started = Draft(
            at=self.clock.now(),
            kind="node.started",
            body=started_body(node=node, version=version, replayed=replayed),
        )
        self.store.commit(entries=[started])
        self._record_segments()
        return replayed

    def take(self, event: DeskEvent, *, settings: Mapping[str, str] = NO_SETTINGS) -> list[Change]:
        """Take one event now. Raises Refused, with nothing changed, when the desk does not accept it.

        ``settings`` are kept in the same transaction, or not at all.
        """
        return self.take_made([partial(_given, event)], settings=settings)

    def take_all(self, events: Sequence[DeskEvent], refusals: Sequence[RefusedInput] = ()) -> list[Change]:
        """Take events in order, in one transaction, and then show what changed.

        An event that the desk refuses raises Refused; those before it stand. An event by which mere time passes and
        nothing changes is not stored.
        """
        return self.take_made([partial(_given, event) for event in events], refusals)

    def take_made(
        self,
        makers: Sequence[Maker],
        refusals: Sequence[RefusedInput] = (),
        *,
        settings: Mapping[str, str] = NO_SETTINGS,
    ) -> list[Change]:
        """Take events that are each made only when those before them are taken: what is signed names its own place."""
        if self._failure is not None:
            raise self._failure
        now = self.clock.now()
        taken = _Taken()
        try:
            for make in makers:
                event = make(now)
                effects = self.desk.step(event, now=now)
                if isinstance(event, Ticked | Elapsed) and not effects:
                    continue
                kind, body = event_bytes(event)
                taken.drafts.append(Draft(at=now, kind=kind, body=body))
                self._remember(event, size=len(body))
                taken.sort(effects)
        finally:
            if taken.drafts or refusals:
                self._commit(taken, refusals, settings)
            self._tell(taken)
        return taken.shown

    def take_arrivals(self, arrivals: Sequence[Arrival]) -> list[Change]:
        """Take what feeds delivered: their reports, and what their readers refused."""
        events: list[WatchEvent] = [
            ReportsArrived(reports=arrival.reports, refused=len(arrival.refusals)) for arrival in arrivals
        ]
        refusals = [
            RefusedInput(
                at=arrival.at,
                source=arrival.reports.source,
                code=refusal.code,
                message=refusal.message,
                sample=refusal.sample,
            )
            for arrival in arrivals
            for refusal in arrival.refusals
        ]
        return self.take_all(events, refusals)

    def refuse(self, *, source: str, error: KeepclearError, sample: bytes) -> None:
        """Keep count of something from outside that was not accepted."""
        refused = RefusedInput(
            at=self.clock.now(), source=source, code=error.code, message=error.message, sample=sample
        )
        self.take_all([], [refused])

    def note(self, *, lines: LineWrites, entries: Sequence[Draft] = ()) -> None:
        """Store what the desk does not decide on: durable when this returns. Raises as ``take`` does."""
        if self._failure is not None:
            raise self._failure
        try:
            self.store.commit(entries=entries, lines=lines)
        except KeepclearError as error:
            self._failure = error
            raise

    def keep_house(self) -> None:
        """Finish the segment of reports and save a snapshot when one is due."""
        now = self.clock.now()
        waited = self._sealed_at is not None and abs(now - self._sealed_at) >= SEAL_MS
        heavy = self._line_bytes >= SNAPSHOT_BYTES
        if self._unsealed and (waited or heavy or self._unsealed >= SEAL_REPORTS):
            self.seal()
        elif not self._unsealed and (heavy or self._seq - self._snapshot_seq >= SNAPSHOT_EVENTS):
            self._save_snapshot()
        if self.store.expire_openings(now):
            self._forget()

    def seal(self) -> None:
        """Finish the segment of reports, save a snapshot, and put the segment's hash into the record.

        A segment is named after the first event that it may hold. In this order, a crash between any two steps is
        mended at the next start: a segment without a snapshot is written again under the same name, and one without
        an entry is entered then.
        """
        if not self._unsealed:
            return
        self.archive.write(self._snapshot_seq + 1, self.recent)
        self._save_snapshot()
        self.recent.clear()
        self._unsealed, self._sealed_at = 0, None
        self._record_segments()

    def reports_between(self, start: Instant, end: Instant) -> Iterator[Reports]:
        """Every archived and still unarchived batch that may hold reports from start until before end.

        Which batches these are is settled by this call, so that what it gives may be read in another thread.
        """
        return chain(self.archive.read(start, end), tuple(self.recent))

    def _record_segments(self) -> None:
        """Enter the segments that are finished and not yet in the record."""
        recorded = self.store.setting(RECORDED_SETTING) or ""
        for file in self.archive.segments():
            if file.path.name > recorded:
                entry, recorded = self._segment_entry(file), file.path.name
                self.store.commit(entries=[entry], settings={RECORDED_SETTING: recorded})

    def _segment_entry(self, file: SegmentFile) -> Draft:
        segment = Segment(
            name=file.path.name,
            sha256=segment_sha256(file.path),
            reports=segment_count(file.path),
            start=file.start,
            end=file.end,
        )
        return Draft(at=self.clock.now(), kind="segment.finished", body=segment_body(segment))

    def _save_snapshot(self) -> None:
        states = [line.state for line in self.desk.lines.values()]
        body = desk_bytes(self.desk.watch, states, self.desk.incoming)
        self.store.save_snapshot(seq=self._seq, at=self.clock.now(), body=body)
        self._snapshot_seq, self._line_bytes = self._seq, 0

    def _forget(self) -> None:
        """Let go of the journal's copies of what has just expired: of all that a snapshot of now makes needless."""
        if self._unsealed:
            self.seal()
        else:
            self._save_snapshot()
        self.store.forget_covered()

    def _tell(self, taken: _Taken) -> None:
        """Show what changed, and pass on what lines ask for."""
        for change in taken.shown:
            for listener in self.listeners:
                listener(change)
        for effect in taken.asked:
            for asked in self.asked:
                asked(effect)

    def _commit(self, taken: _Taken, refusals: Sequence[RefusedInput], settings: Mapping[str, str]) -> None:
        try:
            lines = (
                NO_WRITES
                if self._hand is None
                else self._hand.writes(taken.asked, self.desk, now=self.clock.now())
            )
            committed = self.store.commit(
                events=taken.drafts,
                entries=taken.entries,
                refusals=refusals,
                settings=settings,
                lines=lines,
            )
            self._seq = committed.seq
        except KeepclearError as error:
            # The desk is ahead of what is stored: whatever comes next would build on what no restart knows of.
            self._failure = error
            raise

    def _remember(self, event: DeskEvent, *, size: int) -> None:
        """What the next snapshot and the next segment wait for; ``size`` is that of the event in the journal."""
        if isinstance(event, LineEvent):
            self._line_bytes += size
        if isinstance(event, TimeJumped):
            # A replay that jumps back would fill its archive with the same time twice.
            self.recent.clear()
            self._unsealed, self._sealed_at = 0, None
        if isinstance(event, ReportsArrived) and len(event.reports):
            self.recent.append(event.reports)
            self._unsealed += len(event.reports)
            if self._sealed_at is None:
                self._sealed_at = self.clock.now()


class _Taken:
    """What a run of events came to: what is to be stored, shown and done."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.entries: list[Draft] = []
        self.shown: list[Change] = []
        self.asked: list[LineEffect] = []

    def sort(self, effects: Sequence[DeskEffect]) -> None:
        """Put each effect where it belongs."""
        for effect in effects:
            match effect:
                case Append():
                    self.entries.append(Draft(at=effect.at, kind=effect.kind, body=effect.body))
                case Show():
                    self.shown.append(effect.change)
                case Do():
                    self.asked.append(effect.effect)
                case _:
                    assert_never(effect)


def _given(event: DeskEvent, _: Instant) -> DeskEvent:
    return event
