"""Changes between versions of a notice: everything that differs, nothing else, and by how much."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.instant import FOREVER, HOUR_MS, Duration, Instant, Window
from keepclear.core.notice.change import (
    NOT_STATED,
    Accuracy,
    AccuracyChanged,
    AreaChanged,
    End,
    ExtentCame,
    ExtentWent,
    FieldChanged,
    HeightChanged,
    RoleChanged,
    TimeChanged,
    change_text,
    changes,
)
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.notice import Notice
from keepclear.core.notice.operation import Activity, Operation
from keepclear.core.space.altitude import UNLIMITED, Altitude, AltitudeBand, Datum
from keepclear.core.space.area import Area, Circle, Corridor, Part, Polygon
from keepclear.core.space.geodesy import destination
from notices import START, TANF, bands, contacts, extents, notices, words

OFFICER = Contact(name="duty officer", phones=("+15550001",))


def extent(name: str = "north", area: Area | None = None) -> Extent:
    return Extent(
        name=name,
        role=Role.AREA,
        area=area or Circle(centre=TANF, radius_m=1_000),
        band=AltitudeBand(
            lower=Altitude(height_m=0, datum=Datum.AGL), upper=Altitude(height_m=3_000, datum=Datum.MSL)
        ),
        window=Window(start=START, end=Instant(START + HOUR_MS)),
    )


def entry(*found: Extent, **said: object) -> Notice:
    body = Operation(activity=Activity.ENTRY, purpose="patrol", contact=OFFICER)
    return Notice(designation="1", body=replace(body, **said), extents=found or (extent(),))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(notices(), notices())
def test_two_notices_have_no_changes_exactly_if_they_say_the_same(one: Notice, other: Notice) -> None:
    assert changes(one, one) == ()
    assert (changes(one, other) == ()) == (one == other)
    assert all(change_text(change) for change in changes(one, other))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(words, words, contacts, st.sampled_from(["", "go back"]), st.sampled_from([FOREVER, START]))
def test_every_field_that_differs_is_named_and_no_other(
    purpose: str, hazard: str, contact: Contact, contingency: str, cancel_by: Instant
) -> None:
    before = entry()
    after = entry(
        purpose=purpose, hazard=hazard, contact=contact, contingency=contingency, cancel_by=cancel_by
    )
    named = {
        change.field.split(".")[0] for change in changes(before, after) if isinstance(change, FieldChanged)
    }
    differing = {
        name
        for name in ("purpose", "hazard", "contact", "contingency", "cancel_by")
        if getattr(before.body, name) != getattr(after.body, name)
    }
    assert named == differing
    assert all(isinstance(change, FieldChanged) for change in changes(before, after))


def test_a_field_that_comes_or_goes_or_is_deep_within_is_named_by_its_way() -> None:
    more = replace(OFFICER, phones=("+15550001", "+15550002"))
    found = changes(entry(), entry(contact=more, cancel_by=START, hazard="mines"))
    assert set(found) == {
        FieldChanged(field="contact.phones.2", before=NOT_STATED, after="+15550002"),
        FieldChanged(field="cancel_by", before=NOT_STATED, after="2018-09-06T00:00:00.000Z"),
        FieldChanged(field="hazard", before=NOT_STATED, after="mines"),
    }
    overflight = entry(activity=Activity.OVERFLIGHT)
    assert changes(entry(), overflight) == (FieldChanged(field="kind", before="entry", after="overflight"),)


def test_extents_that_came_and_went_are_named_and_their_order_says_nothing() -> None:
    north, south, west = extent("north"), extent("south"), extent("west")
    assert changes(entry(north, south), entry(south, north)) == ()
    assert changes(entry(north, south), entry(south, west)) == (
        ExtentCame(extent="west"),
        ExtentWent(extent="north"),
    )


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 50_000), st.integers(0, 359), st.integers(300, 20_000), st.integers(300, 20_000))
def test_a_circle_that_moved_and_grew_says_by_how_much(
    moved_m: int, azimuth_deg: int, before_m: int, after_m: int
) -> None:
    centre = destination(TANF, azimuth_deg=azimuth_deg, distance_m=moved_m)
    (change,) = changes(
        entry(extent(area=Circle(centre=TANF, radius_m=before_m))),
        entry(extent(area=Circle(centre=centre, radius_m=after_m))),
    )
    assert isinstance(change, AreaChanged)
    assert change.moved_m == pytest.approx(moved_m, abs=0.001)
    assert (change.azimuth_deg - azimuth_deg + 180) % 360 - 180 == pytest.approx(0, abs=0.01)
    assert (change.before_m, change.after_m) == (before_m, after_m)
    # Of two circles in the plane it is the way between the middles and the difference of the radii.
    farthest_m = moved_m + abs(before_m - after_m)
    assert change.edge_m == pytest.approx(farthest_m, rel=1e-3)


def test_a_corner_that_moved_or_another_shape_shows_in_the_edges() -> None:
    corners = [destination(TANF, azimuth_deg=90 * n, distance_m=10_000) for n in range(4)]
    out = [*corners[:3], destination(TANF, azimuth_deg=270, distance_m=12_000)]
    (change,) = changes(
        entry(extent(area=Polygon(parts=(Part(outer=tuple(corners)),)))),
        entry(extent(area=Polygon(parts=(Part(outer=tuple(out)),)))),
    )
    assert isinstance(change, AreaChanged)
    assert change.edge_m == pytest.approx(2_000, abs=1)
    wide, wider = (
        Corridor(line=(corners[0], corners[1]), half_width_m=half_width_m) for half_width_m in (500, 800)
    )
    (change,) = changes(entry(extent(area=wide)), entry(extent(area=wider)))
    assert isinstance(change, AreaChanged)
    assert (change.moved_m, change.edge_m) == (0, pytest.approx(300, abs=0.01))


def test_heights_and_times_say_by_how_much_where_they_can_be_compared() -> None:
    before = extent()
    after = replace(
        before,
        band=AltitudeBand(lower=UNLIMITED, upper=Altitude(height_m=2_400, datum=Datum.MSL)),
        window=Window(start=Instant(START + 60_000), end=Instant(START + 2 * HOUR_MS)),
    )
    assert changes(entry(before), entry(after)) == (
        HeightChanged(extent="north", end=End.LOWER, before=before.band.lower, after=UNLIMITED, by_m=None),
        HeightChanged(
            extent="north", end=End.UPPER, before=before.band.upper, after=after.band.upper, by_m=-600
        ),
        TimeChanged(extent="north", end=End.START, before=START, after=Instant(START + 60_000), by_ms=60_000),
        TimeChanged(
            extent="north",
            end=End.END,
            before=Instant(START + HOUR_MS),
            after=Instant(START + 2 * HOUR_MS),
            by_ms=HOUR_MS,
        ),
    )


@settings(max_examples=30, deadline=None, derandomize=True)
@given(bands(whole=True), bands(whole=True))
def test_heights_of_two_datums_are_never_subtracted(one: AltitudeBand, other: AltitudeBand) -> None:
    found = changes(entry(replace(extent(), band=one)), entry(replace(extent(), band=other)))
    for change in found:
        assert isinstance(change, HeightChanged)
        assert isinstance(change.before, Altitude)
        assert isinstance(change.after, Altitude)
        assert (change.by_m is None) == (change.before.datum is not change.after.datum)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(extents(name="north", roles=(Role.AREA, Role.ROUTE)))
def test_role_and_accuracies_are_compared_each_by_itself(other: Extent) -> None:
    before = replace(
        other, role=Role.STOP, accuracy_m=1.0, height_accuracy_m=2.0, time_accuracy_ms=Duration(3)
    )
    assert changes(entry(before), entry(other)) == (
        RoleChanged(extent="north", before="stop", after=other.role),
        AccuracyChanged(extent="north", of=Accuracy.PLACE_M, before=1.0, after=other.accuracy_m),
        AccuracyChanged(extent="north", of=Accuracy.HEIGHT_M, before=2.0, after=other.height_accuracy_m),
        AccuracyChanged(extent="north", of=Accuracy.TIME_MS, before=3, after=other.time_accuracy_ms),
    )


def test_changes_are_worded_with_their_figures() -> None:
    there = destination(TANF, azimuth_deg=45, distance_m=3_200)
    before = replace(extent(), accuracy_m=5.0)
    after = replace(
        extent(area=Circle(centre=there, radius_m=1_500)),
        role=Role.STOP,
        band=AltitudeBand(lower=before.band.lower, upper=Altitude(height_m=2_400, datum=Datum.MSL)),
        window=Window(start=Instant(START - 90_000), end=before.window.end),
    )
    later = replace(before, name="west", window=Window(start=START, end=Instant(START + 26 * HOUR_MS)))
    found = changes(entry(before, extent("south")), entry(after, later, purpose="escort"))
    assert [change_text(change) for change in found] == [
        "purpose: escort, before patrol",
        "north: stop, before area",
        "north: area moved 3,200 m towards 045°, radius 1,500 m, before 1,000 m; edges up to 3,700 m apart",
        "north: upper height 2,400 m (7,874 ft) MSL, before 3,000 m (9,843 ft) MSL, 600 m lower",
        "north: start 2018-09-05T23:58:30.000Z, before 2018-09-06T00:00:00.000Z, 1 min 30 s earlier",
        "north: place known to 0 m, before 5 m",
        "west: new",
        "south: no longer there",
    ]
