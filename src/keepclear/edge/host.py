"""The host: takes events, steps the desk, stores both durably in one transaction, then does what the desk said."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Final

from keepclear.core.errors import KeepclearError
from keepclear.core.instant import MINUTE_MS, Instant
from keepclear.core.watch.event import ReportsArrived, Ticked, TimeJumped, WatchEffect, WatchEvent
from keepclear.core.watch.report import Reports
from keepclear.desk import Append, Desk, DeskEvent
from keepclear.edge.archive import Archive, SegmentFile, segment_count, segment_sha256
from keepclear.edge.clock import Clock
from keepclear.edge.feeds.arrival import Arrival
from keepclear.edge.store import Draft, RefusedInput, Store
from keepclear.formats.body import Segment, segment_body, started_body
from keepclear.formats.journal import event_bytes, event_of
from keepclear.formats.snapshot import snapshot_bytes, watch_of

SEAL_REPORTS: Final = 500_000
"""A segment is finished when it holds this many reports."""

SEAL_MS: Final = 5 * MINUTE_MS
"""Or when its first report came this long ago, by the machine's clock."""

RECORDED_SETTING: Final = "archive.recorded"

Listener = Callable[[WatchEffect], None]


class Host:
    """One node's desk, store and archive, kept in step.

    Nothing is shown, or answered as done, before it is durable. When the store fails, the host does not go on:
    ``take`` raises that error, then and whenever it is called again, a tick included, so that the node stops.
    """

    def __init__(self, *, store: Store, archive: Archive, clock: Clock) -> None:
        self.store = store
        self.archive = archive
        self.clock = clock
        self.desk = Desk()
        self.listeners: list[Listener] = []
        self.recent: deque[Reports] = deque()
        self._failure: KeepclearError | None = None
        self._seq = 0
        self._snapshot_seq = 0
        self._unsealed = 0
        self._sealed_at: Instant | None = None

    def restore(self, *, node: str, version: str) -> int:
        """Bring the desk to where the store says it was; answers how many events were replayed."""
        snapshot = self.store.load_snapshot()
        if snapshot is not None:
            self.desk = Desk(watch_of(snapshot.body))
            self._seq = self._snapshot_seq = snapshot.seq
        self.archive.drop_after(self._snapshot_seq)
        replayed = 0
        for stored in self.store.events_after(self._seq):
            event = event_of(stored.kind, stored.body)
            self.desk.step(event, now=stored.at)
            self._remember(event)
            self._seq, replayed = stored.seq, replayed + 1
        started = Draft(
            at=self.clock.now(),
            kind="node.started",
            body=started_body(node=node, version=version, replayed=replayed),
        )
        self.store.commit(entries=[started])
        self._record_segments()
        return replayed

    def take(self, event: DeskEvent) -> list[WatchEffect]:
        """Take one event now. Raises Refused, with nothing changed, when the desk does not accept it."""
        return self.take_all([event])

    def take_all(
        self, events: Sequence[DeskEvent], refusals: Sequence[RefusedInput] = ()
    ) -> list[WatchEffect]:
        """Take events in order, in one transaction, and then show what changed.

        An event that the desk refuses raises Refused; those before it stand. An empty tick is not stored: it leaves
        the desk as it was.
        """
        if self._failure is not None:
            raise self._failure
        now = self.clock.now()
        drafts: list[Draft] = []
        entries: list[Draft] = []
        shown: list[WatchEffect] = []
        try:
            for event in events:
                effects = self.desk.step(event, now=now)
                if isinstance(event, Ticked) and not effects:
                    continue
                kind, body = event_bytes(event)
                drafts.append(Draft(at=now, kind=kind, body=body))
                self._remember(event)
                for effect in effects:
                    if isinstance(effect, Append):
                        entries.append(Draft(at=effect.at, kind=effect.kind, body=effect.body))
                    else:
                        shown.append(effect.change)
        finally:
            if drafts or refusals:
                self._commit(drafts, entries, refusals)
            for change in shown:
                for listener in self.listeners:
                    listener(change)
        return shown

    def take_arrivals(self, arrivals: Sequence[Arrival]) -> list[WatchEffect]:
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

    def keep_house(self) -> None:
        """Finish the segment of reports and save a snapshot when one is due."""
        now = self.clock.now()
        waited = self._sealed_at is not None and abs(now - self._sealed_at) >= SEAL_MS
        if self._unsealed and (waited or self._unsealed >= SEAL_REPORTS):
            self.seal()

    def seal(self) -> None:
        """Finish the segment of reports, save a snapshot, and put the segment's hash into the record.

        A segment is named after the first event that it may hold. In this order, a crash between any two steps is
        mended at the next start: a segment without a snapshot is written again under the same name, and one without
        an entry is entered then.
        """
        if not self._unsealed:
            return
        self.archive.write(self._snapshot_seq + 1, self.recent)
        self.store.save_snapshot(seq=self._seq, at=self.clock.now(), body=snapshot_bytes(self.desk.watch))
        self._snapshot_seq = self._seq
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

    def _commit(
        self, drafts: Sequence[Draft], entries: Sequence[Draft], refusals: Sequence[RefusedInput]
    ) -> None:
        try:
            self._seq = self.store.commit(events=drafts, entries=entries, refusals=refusals).seq
        except KeepclearError as error:
            # The desk is ahead of what is stored: whatever comes next would build on what no restart knows of.
            self._failure = error
            raise

    def _remember(self, event: DeskEvent) -> None:
        if isinstance(event, TimeJumped):
            # A replay that jumps back would fill its archive with the same time twice.
            self.recent.clear()
            self._unsealed, self._sealed_at = 0, None
        if isinstance(event, ReportsArrived) and len(event.reports):
            self.recent.append(event.reports)
            self._unsealed += len(event.reports)
            if self._sealed_at is None:
                self._sealed_at = self.clock.now()
