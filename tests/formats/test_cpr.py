import math
from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keepclear.core.space.geodesy import Position
from keepclear.formats.feed.cpr import Encoded, global_position, local_position, longitude_zones
from squitters import ZONE_EDGES_DEG, encoded, zones

LATITUDES: Final = st.floats(-89.999, 89.999)
LONGITUDES: Final = st.floats(-180, 180, exclude_max=True)


def _frame(latitude_deg: float, longitude_deg: float, *, odd: bool, surface: bool) -> Encoded:
    y, x = encoded(latitude_deg, longitude_deg, odd=odd, surface=surface)
    return Encoded(latitude=y, longitude=x, odd=odd, surface=surface)


def _miss_deg(found: Position, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
    east = abs((found.longitude_deg - longitude_deg + 180.0) % 360.0 - 180.0)
    return abs(found.latitude_deg - latitude_deg), east


def _demand_near(found: Position, latitude_deg: float, longitude_deg: float, *, surface: bool) -> None:
    span = 90.0 if surface else 360.0
    north, east = _miss_deg(found, latitude_deg, longitude_deg)
    assert north <= span / 59 / 2**17
    assert east <= span / max(zones(latitude_deg) - 2, 1) / 2**17


@pytest.mark.parametrize("index", range(len(ZONE_EDGES_DEG)))
def test_the_number_of_longitude_zones_changes_at_the_published_latitudes(index: int) -> None:
    edge_deg = ZONE_EDGES_DEG[index]
    for sign in (1.0, -1.0):
        assert longitude_zones(sign * (edge_deg - 1e-7)) == 59 - index
        assert longitude_zones(sign * (edge_deg + 1e-7)) == 58 - index
    assert longitude_zones(0.0) == 59
    assert longitude_zones(90.0) == 1


@given(latitude_deg=LATITUDES, longitude_deg=LONGITUDES, latest_is_odd=st.booleans())
def test_an_even_and_an_odd_airborne_frame_give_their_place(
    *, latitude_deg: float, longitude_deg: float, latest_is_odd: bool
) -> None:
    even = _frame(latitude_deg, longitude_deg, odd=False, surface=False)
    odd = _frame(latitude_deg, longitude_deg, odd=True, surface=False)
    found = global_position(even, odd, latest_is_odd=latest_is_odd, near=None)
    # Rounded differently, the two may fall on two sides of a zone edge: then they give nothing.
    near_edge = min(abs(abs(latitude_deg) - edge) for edge in ZONE_EDGES_DEG) < 1e-4
    assert found is not None or near_edge
    if found is not None:
        _demand_near(found, latitude_deg, longitude_deg, surface=False)


@given(
    latitude_deg=LATITUDES,
    longitude_deg=LONGITUDES,
    north=st.floats(-44, 44),
    east=st.floats(-44, 44),
    latest_is_odd=st.booleans(),
)
def test_two_surface_frames_give_their_place_to_a_receiver_within_45_degrees(
    *, latitude_deg: float, longitude_deg: float, north: float, east: float, latest_is_odd: bool
) -> None:
    even = _frame(latitude_deg, longitude_deg, odd=False, surface=True)
    odd = _frame(latitude_deg, longitude_deg, odd=True, surface=True)
    near = Position(
        latitude_deg=max(-90.0, min(90.0, latitude_deg + north)),
        longitude_deg=(longitude_deg + east + 180.0) % 360.0 - 180.0,
    )
    found = global_position(even, odd, latest_is_odd=latest_is_odd, near=near)
    assume(found is not None)
    assert found is not None
    _demand_near(found, latitude_deg, longitude_deg, surface=True)


@given(
    latitude_deg=LATITUDES,
    longitude_deg=LONGITUDES,
    north=st.floats(-2.9, 2.9),
    part_of_zone=st.floats(-0.45, 0.45),
    odd=st.booleans(),
)
def test_a_known_place_within_half_a_zone_gives_the_place_of_one_frame(
    *, latitude_deg: float, longitude_deg: float, north: float, part_of_zone: float, odd: bool
) -> None:
    assume(abs(latitude_deg + north) < 90.0)
    width_deg = 360.0 / max(zones(latitude_deg), 1)
    near = Position(
        latitude_deg=latitude_deg + north,
        longitude_deg=(longitude_deg + part_of_zone * width_deg + 180.0) % 360.0 - 180.0,
    )
    found = local_position(_frame(latitude_deg, longitude_deg, odd=odd, surface=False), near=near)
    near_edge = min(abs(abs(latitude_deg) - edge) for edge in ZONE_EDGES_DEG) < 1e-4
    if not near_edge:
        assert found is not None
        _demand_near(found, latitude_deg, longitude_deg, surface=False)


@given(
    st.integers(0, 2**17 - 1), st.integers(0, 2**17 - 1), st.integers(0, 2**17 - 1), st.integers(0, 2**17 - 1)
)
def test_frames_that_do_not_belong_together_give_a_place_on_the_earth_or_none(
    a: int, b: int, c: int, d: int
) -> None:
    for surface in (False, True):
        even = Encoded(latitude=a, longitude=b, odd=False, surface=surface)
        odd = Encoded(latitude=c, longitude=d, odd=True, surface=surface)
        found = global_position(
            even, odd, latest_is_odd=True, near=Position(latitude_deg=1.0, longitude_deg=2.0)
        )
        assert found is None or math.isfinite(found.latitude_deg + found.longitude_deg)
