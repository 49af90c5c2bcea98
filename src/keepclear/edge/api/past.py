"""The past as the node held it: from the record for alerts, from the archive for tracks (docs/wire.md)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Final

import numpy as np

from keepclear.core.instant import MINUTE_MS, Instant, instant_text
from keepclear.core.space.altitude import Datum
from keepclear.core.watch.report import Label, Reports, TrackName
from keepclear.core.watch.track import freshness
from keepclear.edge.host import Host
from keepclear.edge.store.store import StoredEntry
from keepclear.formats.wire import Members, Value

MOMENT_SPAN_MS: Final = 10 * MINUTE_MS
"""A past moment shows tracks heard within this long before it."""

HISTORY_POINTS_MAX: Final = 20_000
TIMELINE_MAX: Final = 1_000
PAGE: Final = 1_000


class Past:
    """Read-only sights of what was, taken from what is stored.

    The record is read in the thread of the store, a page at a time, with the watch going on between; segments are
    read in a thread of their own.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    async def history(self, name: TrackName, *, minutes: int) -> Members:
        """Where a track was in the last minutes, oldest first: time in ms, latitude, longitude, altitude."""
        end = self._host.clock.now()
        start = Instant(end - minutes * MINUTE_MS)
        batches = self._host.reports_between(start, Instant(end + 1))
        return {
            "track": name,
            "points": await asyncio.to_thread(_history, batches, name, start=start, end=end),
        }

    async def moment(self, at: Instant) -> Members:
        """What the node held at a moment: alerts as the record has them, tracks as they had last reported."""
        alerts: dict[str, Members] = {}
        start = 0
        while page := self._host.store.entries(start=start, limit=PAGE):
            for stored in page:
                if stored.entry.kind.startswith("alert.") and stored.entry.at <= at:
                    body = json.loads(stored.entry.body)
                    alerts[body["alert"]] = _past_alert(body, stored.entry.at)
            start = page[-1].entry.index + 1
            # The watch and the other consoles come before the rest of a long record.
            await asyncio.sleep(0)
        held: list[Value] = [alert for alert in alerts.values() if alert["closed"] is None]
        batches = self._host.reports_between(Instant(at - MOMENT_SPAN_MS), Instant(at + 1))
        tracks = await asyncio.to_thread(_tracks_at, batches, at)
        return {"at": instant_text(at), "alerts": held, "tracks": tracks}

    def timeline(self, start: Instant, end: Instant) -> Members:
        """What was recorded in a span, in words: the newest TIMELINE_MAX, and whether there may be earlier ones."""
        stored = self._host.store.entries_between(start=start, end=end, limit=TIMELINE_MAX, kinds=_SHOWN)
        return {"entries": [_on_timeline(each) for each in stored], "more": len(stored) == TIMELINE_MAX}


_SHOWN: Final = frozenset(
    {
        "alert.raised",
        "alert.worsened",
        "alert.reopened",
        "alert.risen",
        "alert.confirmed",
        "alert.merged",
        "alert.unattended",
        "alert.cleared",
        "alert.acknowledge",
        "alert.advise",
        "alert.warn",
        "alert.escalate",
        "alert.close",
        "zone.declared",
        "zone.withdrawn",
        "node.started",
        "replay.jumped",
    }
)
"""The kinds of entries that stand on the time bar."""


def _history(batches: Iterable[Reports], name: TrackName, *, start: Instant, end: Instant) -> list[Value]:
    points: list[Value] = []
    for reports in batches:
        points += _points(reports, name, start=start, end=end)
    return points[-HISTORY_POINTS_MAX:]


def _tracks_at(batches: Iterable[Reports], at: Instant) -> list[Value]:
    latest: dict[str, Members] = {}
    labels: dict[str, Label] = {}
    for reports in batches:
        labels |= {label.track: label for label in reports.labels}
        for row in _last_rows(reports, after=at - MOMENT_SPAN_MS, until=at):
            name = reports.names[int(reports.track[row])]
            track = _past_track(reports, int(row), name, at=at)
            if name not in latest or str(latest[name]["at"]) <= str(track["at"]):
                latest[name] = track
    for name, track in latest.items():
        track |= _labelled(name, labels.get(name))
    return list(latest.values())


def _points(reports: Reports, name: TrackName, *, start: Instant, end: Instant) -> list[Value]:
    if name not in reports.names:
        return []
    wanted = (reports.time_ms >= start) & (reports.time_ms <= end)
    rows = np.flatnonzero(wanted & (reports.track == reports.names.index(name)))
    columns = (reports.time_ms, reports.latitude_deg, reports.longitude_deg, reports.altitude_m)
    return [
        [int(time), float(lat), float(lon), None if np.isnan(height) else float(height)]
        for time, lat, lon, height in zip(*(column[rows] for column in columns), strict=True)
    ]


def _last_rows(reports: Reports, *, after: int, until: int) -> list[int]:
    """The row of each track's last report in the span, in the order of the rows."""
    rows = np.flatnonzero((reports.time_ms > after) & (reports.time_ms <= until))
    last = {int(reports.track[row]): int(row) for row in rows}
    return sorted(last.values())


def _past_track(reports: Reports, row: int, name: TrackName, *, at: Instant) -> Members:
    heard = Instant(int(reports.time_ms[row]))
    return {
        "name": name,
        "source": reports.source,
        "at": instant_text(heard),
        "latitude_deg": float(reports.latitude_deg[row]),
        "longitude_deg": float(reports.longitude_deg[row]),
        "altitude_m": _known(reports.altitude_m[row]),
        "altitude_datum": Datum(int(reports.datum[row])).name.lower(),
        "speed_mps": _known(reports.speed_mps[row]),
        "course_deg": _known(reports.course_deg[row]),
        "accuracy_m": _known(reports.accuracy_m[row]),
        "state": freshness(heard=heard, now=at).name.lower(),
        "age_s": (at - heard) / 1000,
    }


def _labelled(name: str, label: Label | None) -> Members:
    callsign = label.callsign if label is not None and label.callsign else name.partition(":")[2] or name
    return {
        "callsign": callsign,
        "party": "" if label is None else label.party,
        "kind": "unknown" if label is None else label.kind.name.lower(),
    }


def _past_alert(body: Members, at: Instant) -> Members:
    """An alert as an entry of the record tells it."""
    return {
        "id": body["alert"],
        "kind": body["kind"],
        "zone": body.get("zone"),
        "party": body.get("party", ""),
        "tracks": body["tracks"],
        "priority": body["priority"],
        "stage": body["stage"],
        "words": body["words"],
        "since": instant_text(at),
        "raised": _time(body.get("raised_ms")),
        "cleared": _time(body.get("cleared_ms")),
        "closed": _time(body.get("closed_ms")),
    }


def _on_timeline(stored: StoredEntry) -> Members:
    body = json.loads(stored.entry.body)
    return {
        "index": stored.entry.index,
        "at": instant_text(stored.entry.at),
        "kind": stored.entry.kind,
        "subject": body.get("alert") or body.get("zone") or body.get("node") or "",
        "priority": body.get("priority"),
        "words": body.get("words", ""),
    }


def _time(at_ms: Value) -> str | None:
    return instant_text(Instant(at_ms)) if isinstance(at_ms, int) else None


def _known(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
