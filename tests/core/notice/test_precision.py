"""Precision: what leaves of a site's place holds the site, says its cell alone, and is the same every time."""

from __future__ import annotations

import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant, Window
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.notice import Notice
from keepclear.core.notice.operation import Activity, Operation
from keepclear.core.notice.precision import CELL_DEG, STEP_M, Precision, leaving
from keepclear.core.notice.site import Site
from keepclear.core.space.altitude import EVERY_HEIGHT, Altitude, AltitudeBand, Datum
from keepclear.core.space.area import Circle
from keepclear.core.space.geodesy import Position

CONTACT = Contact(name="Desk", phones=("+962600000",))
SITE = Site(
    function="hospital",
    operator="OCHA",
    captured="GNSS",
    verifier="R. Amin",
    verified=Instant(0),
    contact=CONTACT,
    consent="deconfliction only",
)
GROUND = AltitudeBand(upper=Altitude(height_m=712.0, datum=Datum.MSL))


def site_at(at: Position, *, radius_m: float = 80.0) -> Notice:
    extent = Extent(
        name="CLINIC",
        role=Role.SITE,
        area=Circle(centre=at, radius_m=radius_m),
        band=GROUND,
        accuracy_m=5.0,
        height_accuracy_m=3.0,
    )
    return Notice(designation="S-1", body=SITE, extents=(extent,))


def rounded(at: Position, *, radius_m: float = 80.0) -> Circle:
    (extent,) = leaving(site_at(at, radius_m=radius_m), Precision.ROUNDED).extents
    assert isinstance(extent.area, Circle)
    return extent.area


latitudes = st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 90.0, 89.9951, -89.99, 0.0, 33.31]))
longitudes = st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 179.9999, 0.0]))
positions = st.builds(Position, latitude_deg=latitudes, longitude_deg=longitudes)


@given(at=positions, radius_m=st.floats(1, 20_000))
def test_a_rounded_site_holds_the_site_wherever_it_is(at: Position, radius_m: float) -> None:
    circle = rounded(at, radius_m=radius_m)
    away_m: float = Geodesic.WGS84.Inverse(
        at.latitude_deg, at.longitude_deg, circle.centre.latitude_deg, circle.centre.longitude_deg
    )["s12"]
    assert away_m + radius_m <= circle.radius_m
    assert circle.radius_m % STEP_M == 0


@given(at=positions, north=st.floats(0.02, 0.98), east=st.floats(0.02, 0.98))
def test_two_sites_of_one_cell_leave_as_the_same_circle(at: Position, north: float, east: float) -> None:
    middle = rounded(at).centre
    other = Position(
        latitude_deg=max(min(middle.latitude_deg + (north - 0.5) * CELL_DEG, 90.0), -90.0),
        longitude_deg=(middle.longitude_deg + (east - 0.5) * CELL_DEG + 180) % 360 - 180,
    )
    assert rounded(other) == rounded(at)


@given(at=st.builds(Position, latitude_deg=st.floats(-80, 80), longitude_deg=longitudes))
def test_a_cell_is_a_kilometre_wide_and_high_at_least(at: Position) -> None:
    middle = rounded(at).centre
    # A step of half a kilometre to any side of the middle stays in the cell.
    for azimuth_deg in (0, 90, 180, 270):
        end = Geodesic.WGS84.Direct(middle.latitude_deg, middle.longitude_deg, azimuth_deg, 490)
        near = Position(latitude_deg=end["lat2"], longitude_deg=end["lon2"])
        assert rounded(near).centre == middle


def test_a_rounded_site_tells_no_height_for_the_ground_tells_a_place() -> None:
    (extent,) = leaving(site_at(Position(latitude_deg=33.3, longitude_deg=38.7)), Precision.ROUNDED).extents
    assert (extent.band, extent.height_accuracy_m, extent.name, extent.accuracy_m) == (
        EVERY_HEIGHT,
        0.0,
        "CLINIC",
        5.0,
    )


@pytest.mark.parametrize("precision", [Precision.EXACT, Precision.WITHHELD])
def test_an_exact_or_withheld_site_is_the_one_that_is_known(precision: Precision) -> None:
    notice = site_at(Position(latitude_deg=33.3, longitude_deg=38.7))
    assert leaving(notice, precision) == notice


@pytest.mark.parametrize("precision", [Precision.ROUNDED, Precision.WITHHELD])
def test_the_place_of_an_activity_is_never_less_than_exact(precision: Precision) -> None:
    with pytest.raises(Refused) as refused:
        leaving(_operation(), precision)
    assert refused.value.code == "notice.precision"


def _operation() -> Notice:
    from_to = Extent(
        name="ROAD",
        role=Role.AREA,
        area=Circle(centre=Position(latitude_deg=33.3, longitude_deg=38.7), radius_m=500.0),
        window=Window(start=Instant(0), end=Instant(1)),
    )
    body = Operation(activity=Activity.ENTRY, purpose="patrol", contact=CONTACT)
    return Notice(designation="E-1", body=body, extents=(from_to,))
