"""The journal's events as bytes: what the store keeps before the desk acts, so that a restart is a replay.

MessagePack, versioned by the store's schema. The bytes are the node's own and are read back only by it.
"""

from __future__ import annotations

from typing import Final, assert_never

import msgspec
import numpy as np

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.line.event import (
    Attended,
    BundleCame,
    Carried,
    Elapsed,
    LineAgreed,
    LineEvent,
    NotCarried,
    Recalled,
    Reverted,
    Spoken,
    WaysSet,
)
from keepclear.core.notice.event import ConflictSeen, Decided, MinimaSet
from keepclear.core.watch.alert import AlertId, ResponseStep
from keepclear.core.watch.event import (
    FeedChanged,
    ReportsArrived,
    StepTaken,
    Ticked,
    TimeJumped,
    WatchEvent,
    ZoneDeclared,
    ZoneWithdrawn,
)
from keepclear.core.watch.report import COLUMNS, Label, Reports, SourceName, TrackName, reports_in_columns
from keepclear.core.watch.zone import Zone
from keepclear.formats.stored.linejournal import line_event_bytes, line_event_of
from keepclear.formats.stored.noticejournal import decided_bytes, decided_of
from keepclear.formats.zone.geojson import geojson_of, zones_of

REPORTS_KIND: Final = "reports"
FEED_KIND: Final = "feed"
DECLARED_KIND: Final = "zone-declared"
WITHDRAWN_KIND: Final = "zone-withdrawn"
STEP_KIND: Final = "step"
TICK_KIND: Final = "tick"
JUMP_KIND: Final = "jump"


class ReportsFields(msgspec.Struct, frozen=True, kw_only=True):
    """A batch: each column as the little-endian bytes of its NumPy type."""

    source: str
    names: list[str]
    labels: list[Label]
    columns: dict[str, bytes]
    refused: int


class DeclaredFields(msgspec.Struct, frozen=True, kw_only=True):
    """A declared zone as GeoJSON, and by whom."""

    geojson: bytes
    by: str


class StepFields(msgspec.Struct, frozen=True, kw_only=True):
    """A person's step."""

    alert: AlertId
    done: ResponseStep


def event_bytes(event: WatchEvent | LineEvent | Decided) -> tuple[str, bytes]:
    """The kind and the bytes of an event."""
    match event:
        case ReportsArrived():
            return REPORTS_KIND, reports_bytes(event.reports, refused=event.refused)
        case FeedChanged():
            return FEED_KIND, msgspec.msgpack.encode(event)
        case ZoneDeclared():
            fields = DeclaredFields(geojson=geojson_of([event.zone], with_outlines=False), by=event.by)
            return DECLARED_KIND, msgspec.msgpack.encode(fields)
        case ZoneWithdrawn():
            return WITHDRAWN_KIND, msgspec.msgpack.encode(event)
        case StepTaken():
            return STEP_KIND, msgspec.msgpack.encode(StepFields(alert=event.alert, done=event.done))
        case Ticked():
            return TICK_KIND, b""
        case TimeJumped():
            return JUMP_KIND, msgspec.msgpack.encode(event)
        case (
            LineAgreed()
            | Spoken()
            | BundleCame()
            | Carried()
            | NotCarried()
            | Attended()
            | Reverted()
            | Recalled()
            | WaysSet()
            | Elapsed()
        ):
            return line_event_bytes(event)
        case MinimaSet() | ConflictSeen():
            return decided_bytes(event)
        case _:
            assert_never(event)


def event_of(kind: str, raw: bytes) -> WatchEvent | LineEvent | Decided:
    """The event that ``event_bytes`` wrote. Raises Untrusted("journal.unreadable") for anything else."""
    try:
        return line_event_of(kind, raw) or decided_of(kind, raw) or _event_of(kind, raw)
    except (msgspec.MsgspecError, KeyError, ValueError, Refused) as error:
        raise Untrusted("journal.unreadable", f"stored event of kind {kind}: {error}") from None


def reports_bytes(reports: Reports, *, refused: int) -> bytes:
    """A batch of reports, with how much of its input was refused."""
    return msgspec.msgpack.encode(
        ReportsFields(
            source=reports.source,
            names=list(reports.names),
            labels=list(reports.labels),
            columns={name: getattr(reports, name).astype(_little(name)).tobytes() for name in COLUMNS},
            refused=refused,
        )
    )


def zone_of(raw: bytes) -> Zone:
    """The one zone of a GeoJSON text that the node wrote itself."""
    read = zones_of(raw)
    if len(read.zones) != 1:
        raise Untrusted("journal.unreadable", f"stored zone cannot be read: {read.refusals}")
    return read.zones[0]


def _event_of(kind: str, raw: bytes) -> WatchEvent:
    match kind:
        case "reports":
            return _reports_of(msgspec.msgpack.decode(raw, type=ReportsFields))
        case "feed":
            return msgspec.msgpack.decode(raw, type=FeedChanged)
        case "zone-declared":
            fields = msgspec.msgpack.decode(raw, type=DeclaredFields)
            return ZoneDeclared(zone=zone_of(fields.geojson), by=fields.by)
        case "zone-withdrawn":
            return msgspec.msgpack.decode(raw, type=ZoneWithdrawn)
        case "step":
            step = msgspec.msgpack.decode(raw, type=StepFields)
            return StepTaken(alert=step.alert, done=step.done)
        case "tick":
            return Ticked()
        case "jump":
            return msgspec.msgpack.decode(raw, type=TimeJumped)
        case _:
            raise Untrusted("journal.unreadable", f"stored event is of the kind {kind!r}, which is not known")


def _reports_of(fields: ReportsFields) -> ReportsArrived:
    columns = {name: np.frombuffer(fields.columns[name], _little(name)) for name in COLUMNS}
    reports = reports_in_columns(
        SourceName(fields.source), tuple(map(TrackName, fields.names)), columns, tuple(fields.labels)
    )
    return ReportsArrived(reports=reports, refused=fields.refused)


def _little(column: str) -> np.dtype[np.generic]:
    return np.dtype(COLUMNS[column]).newbyteorder("<")
