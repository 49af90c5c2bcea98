"""The watch's whole state as bytes, so that a restart replays from here and not from the beginning.

MessagePack. The bytes are the node's own; a snapshot of another layout is refused, never guessed at.
"""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.watch.alert import Alert, AlertId
from keepclear.core.watch.alert_list import Cause
from keepclear.core.watch.feed import Feed
from keepclear.core.watch.force import Spell
from keepclear.core.watch.report import COLUMNS, Label, SourceName, TrackName
from keepclear.core.watch.standing import Relation
from keepclear.core.watch.watch import Watch
from keepclear.formats.stored.journal import zone_of
from keepclear.formats.zone.geojson import geojson_of

LAYOUT: Final = 1
"""Raised by one whenever a field below, or a field of what it holds, changes."""


class ZoneState(msgspec.Struct, frozen=True, kw_only=True):
    """A zone, whether it is in force and how long that is known, and how tracks stand to it, by slot."""

    geojson: bytes
    spell: Spell
    relations: list[tuple[int, Relation]]


class SnapshotFields(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the watch holds."""

    layout: int
    zones: list[ZoneState]
    names: list[TrackName | None]
    labels: list[Label]
    sources: list[SourceName]
    absent: list[Label]
    free: list[int]
    columns: dict[str, bytes]
    alerts: list[Alert]
    causes: list[tuple[Cause, AlertId]]
    raised_count: int
    feeds: list[Feed]


def snapshot_bytes(watch: Watch) -> bytes:
    """The state of a watch."""
    tracks = watch.tracks
    return msgspec.msgpack.encode(
        SnapshotFields(
            layout=LAYOUT,
            zones=[
                ZoneState(
                    geojson=geojson_of([zone], with_outlines=False),
                    spell=watch.force.spells[name],
                    relations=sorted(watch.relations[name].items()),
                )
                for name, zone in watch.zones.items()
            ],
            names=tracks.names,
            labels=tracks.labels,
            sources=tracks.sources,
            absent=list(tracks.absent.values()),
            free=tracks.free,
            columns={name: values.tobytes() for name, values in tracks.snapshot_columns().items()},
            alerts=list(watch.alerts.alerts.values()),
            causes=watch.alerts.causes,
            raised_count=watch.alerts.raised_count,
            feeds=list(watch.feeds.values()),
        )
    )


def watch_of(raw: bytes) -> Watch:
    """The watch whose state this is. Raises Untrusted("snapshot.unreadable") when it cannot be one of ours."""
    try:
        layout = msgspec.msgpack.decode(raw, type=_LayoutOnly).layout
        if layout != LAYOUT:
            raise Untrusted(
                "snapshot.unreadable", f"snapshot has layout {layout}, this version reads {LAYOUT}"
            )
        return _watch_of(msgspec.msgpack.decode(raw, type=SnapshotFields))
    except (msgspec.MsgspecError, KeyError, ValueError, Refused) as error:
        raise Untrusted("snapshot.unreadable", f"snapshot cannot be read: {error}") from None


def _watch_of(fields: SnapshotFields) -> Watch:
    watch = Watch()
    zones = [zone_of(each.geojson) for each in fields.zones]
    watch.tracks.restore(
        names=fields.names,
        labels=fields.labels,
        sources=fields.sources,
        absent=fields.absent,
        free=fields.free,
        columns={name: np.frombuffer(values, COLUMNS[name]) for name, values in fields.columns.items()},
    )
    watch.alerts.restore(fields.alerts, causes=fields.causes, raised_count=fields.raised_count)
    watch.feeds = {feed.name: feed for feed in fields.feeds}
    watch.zones = {zone.name: zone for zone in zones}
    watch.relations = {
        zone.name: dict(each.relations) for zone, each in zip(zones, fields.zones, strict=True)
    }
    watch.restore({zone.name: each.spell for zone, each in zip(zones, fields.zones, strict=True)})
    return watch


class _LayoutOnly(msgspec.Struct, frozen=True):
    layout: int
