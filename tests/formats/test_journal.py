"""Events as the store keeps them: what is read back is what was written, and nothing else is read."""

from __future__ import annotations

import math
from contextlib import suppress

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Untrusted
from keepclear.core.watch.event import ReportsArrived, Ticked, WatchEvent, ZoneDeclared
from keepclear.core.watch.report import COLUMNS, Report, Reports, TrackName, reports_of
from keepclear.core.watch.zone import Zone
from keepclear.formats.stored.journal import event_bytes, event_of
from scene import FEED, START, zone
from strategies import any_events, any_zones


def same_reports(one: Reports, other: Reports) -> bool:
    columns = all(
        np.array_equal(
            getattr(one, name), getattr(other, name), equal_nan=np.issubdtype(COLUMNS[name], np.floating)
        )
        for name in COLUMNS
    )
    return columns and (one.source, one.names, one.labels) == (other.source, other.names, other.labels)


@given(any_events())
def test_every_event_is_read_back_as_it_was_written(event: WatchEvent) -> None:
    back = event_of(*event_bytes(event))
    if isinstance(event, ReportsArrived):
        assert isinstance(back, ReportsArrived)
        assert back.refused == event.refused
        assert same_reports(back.reports, event.reports)
    else:
        assert back == event


@given(any_zones())
def test_every_zone_that_can_be_declared_survives_a_restart(zone: Zone) -> None:
    event = ZoneDeclared(zone=zone, by="officer")
    assert event_of(*event_bytes(event)) == event


def test_an_unknown_height_stays_unknown() -> None:
    row = Report(track=TrackName("x:one"), time_ms=START, latitude_deg=1.0, longitude_deg=2.0)
    back = event_of(*event_bytes(ReportsArrived(reports=reports_of(FEED, [row]))))
    assert isinstance(back, ReportsArrived)
    assert math.isnan(back.reports.altitude_m[0])


@settings(max_examples=300)
@given(
    st.sampled_from(["reports", "feed", "zone-declared", "zone-withdrawn", "step", "jump", "gossip"]),
    st.binary(max_size=60),
)
def test_bytes_that_are_no_event_are_untrusted(kind: str, raw: bytes) -> None:
    with pytest.raises(Untrusted):
        event_of(kind, raw)


@given(any_events(), st.data())
def test_a_damaged_event_is_untrusted_or_reads_as_some_event(event: WatchEvent, data: st.DataObject) -> None:
    kind, raw = event_bytes(event)
    if not raw:
        return
    place = data.draw(st.integers(0, len(raw) - 1))
    damaged = raw[:place] + bytes([raw[place] ^ data.draw(st.integers(1, 255))]) + raw[place + 1 :]
    with suppress(Untrusted):
        # Anything else that it raises, or any event that cannot be written again, fails here.
        event_bytes(event_of(kind, damaged))


def test_a_batch_without_a_column_is_untrusted() -> None:
    row = Report(track=TrackName("x:one"), time_ms=START, latitude_deg=1.0, longitude_deg=2.0)
    kind, raw = event_bytes(ReportsArrived(reports=reports_of(FEED, [row])))
    fields = msgspec.msgpack.decode(raw)
    for spoil in ("missing", "short", "out of range"):
        columns = dict(fields["columns"])
        if spoil == "missing":
            del columns["speed_mps"]
        elif spoil == "short":
            columns["speed_mps"] = columns["speed_mps"][:-1]
        else:
            columns["latitude_deg"] = np.array([99.0]).tobytes()
        with pytest.raises(Untrusted):
            event_of(kind, msgspec.msgpack.encode({**fields, "columns": columns}))


def test_a_tick_needs_no_bytes() -> None:
    assert event_bytes(Ticked()) == ("tick", b"")


def test_a_stored_zone_that_is_not_one_zone_is_untrusted() -> None:
    kind, raw = event_bytes(ZoneDeclared(zone=zone(), by="officer"))
    fields = msgspec.msgpack.decode(raw)
    nothing = b'{"type":"FeatureCollection","features":[]}'
    with pytest.raises(Untrusted, match="stored zone cannot be read"):
        event_of(kind, msgspec.msgpack.encode({**fields, "geojson": nothing}))
