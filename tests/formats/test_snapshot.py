"""Snapshots: a watch that was put away and taken out again goes on as if nothing had been."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Untrusted
from keepclear.core.watch.event import Ticked
from keepclear.core.watch.watch import Watch
from keepclear.formats.stored.snapshot import snapshot_bytes, watch_of
from plays import Play, events_of, plays
from scene import Scene, seconds, zone


@settings(max_examples=60)
@given(plays(), st.data())
def test_a_watch_taken_from_a_snapshot_goes_on_bit_for_bit(play: Play, data: st.DataObject) -> None:
    events = events_of(play)
    cut = data.draw(st.integers(0, len(events)))
    watch = Watch()
    for now, event in events[:cut]:
        watch.step(event, now=now)
    raw = snapshot_bytes(watch)
    other = watch_of(raw)
    assert snapshot_bytes(other) == raw
    for now, event in events[cut:]:
        assert other.step(event, now=now) == watch.step(event, now=now)
    later = events[-1][0] + seconds(700)
    assert other.step(Ticked(), now=later) == watch.step(Ticked(), now=later)
    assert snapshot_bytes(other) == snapshot_bytes(watch)


def test_a_snapshot_of_an_empty_watch_is_an_empty_watch() -> None:
    other = watch_of(snapshot_bytes(Watch()))
    assert not other.zones
    assert len(other.tracks) == 0


def test_tracks_opened_after_a_snapshot_find_room() -> None:
    scene = Scene()
    scene.declare(zone())
    for number in range(70):
        scene.hear(50.0, track=f"x:{number}")
    scene.watch = watch_of(snapshot_bytes(scene.watch))
    for number in range(200):
        scene.hear(51.0, at_s=10, track=f"x:{number}")
    assert len(scene.watch.tracks) == 200


def test_slots_are_given_out_after_a_snapshot_in_the_order_in_which_they_would_have_been() -> None:
    scene = Scene()
    scene.hear(50.0, track="x:first")
    scene.hear(50.0, track="x:second")
    scene.hear(50.0, at_s=300, track="x:first")
    scene.tick(700)
    scene.tick(1_000)
    assert scene.watch.tracks.free == [1, 0]
    other = watch_of(snapshot_bytes(scene.watch))
    assert other.tracks.free == [1, 0]


def test_a_snapshot_of_another_layout_is_refused_by_its_number() -> None:
    fields = msgspec.msgpack.decode(snapshot_bytes(Watch()))
    with pytest.raises(Untrusted, match="layout 999"):
        watch_of(msgspec.msgpack.encode({**fields, "layout": 999}))


@given(st.binary(max_size=80))
def test_bytes_that_are_no_snapshot_are_untrusted(raw: bytes) -> None:
    with pytest.raises(Untrusted):
        watch_of(raw)


def test_a_snapshot_that_lacks_a_column_is_untrusted() -> None:
    scene = Scene()
    scene.hear(5.0)
    fields = msgspec.msgpack.decode(snapshot_bytes(scene.watch))
    columns = {name: raw for name, raw in fields["columns"].items() if name != "climb_mps"}
    with pytest.raises(Untrusted, match="snapshot cannot be read"):
        watch_of(msgspec.msgpack.encode({**fields, "columns": columns}))
