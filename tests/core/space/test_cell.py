"""The cells and the bound on which coarse search rests, held to ``geographiclib``."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keepclear.core.space.cell import (
    CHILDREN,
    FACES,
    LEVEL_MOST,
    Vectors,
    angles_rad,
    cell_caps,
    children,
    finest_cells,
    parents,
    sphere_positions,
    sphere_vectors,
)
from keepclear.core.space.geodesy import EQUATOR_RADIUS_M, POLE_RADIUS_M

# Edges and corners of the cube lie at these, besides what comes at random.
latitudes = st.floats(-90, 90) | st.sampled_from([-90.0, -45.0, -35.26438968, 0.0, 35.26438968, 45.0, 90.0])
longitudes = st.floats(-180, 180) | st.sampled_from([-180.0, -135.0, -45.0, 0.0, 45.0, 90.0, 180.0])
ROUNDING_M: Final = 1e-6


def vectors_at(latitude: float, longitude: float) -> Vectors:
    return sphere_vectors(np.array([latitude]), np.array([longitude]))


@settings(max_examples=500, derandomize=True, deadline=None)
@given(latitudes, longitudes, latitudes, longitudes)
@example(0.0, 0.0, 0.0, 180.0)
@example(0.0, 0.0, 0.5, 179.7)
@example(90.0, 0.0, -90.0, 0.0)
def test_a_geodesic_lies_between_the_polar_and_the_equatorial_radius_times_its_angle_on_the_sphere(
    lat1: float, lon1: float, lat2: float, lon2: float
) -> None:
    length_m = Geodesic.WGS84.Inverse(lat1, lon1, lat2, lon2)["s12"]
    chord = np.linalg.norm(vectors_at(lat1, lon1) - vectors_at(lat2, lon2), axis=1)
    angle_rad = float(angles_rad(chord)[0])
    # Near the antipode a chord of nearly two tells the angle to 3e-8 only: 0.2 m.
    slack_m = ROUNDING_M if angle_rad < 3.1 else 0.2
    assert POLE_RADIUS_M * angle_rad - slack_m <= length_m <= EQUATOR_RADIUS_M * angle_rad + slack_m


@settings(max_examples=500, derandomize=True, deadline=None)
@given(latitudes, longitudes, st.integers(0, LEVEL_MOST))
def test_a_position_is_in_the_circle_around_each_of_its_cells(lat: float, lon: float, level: int) -> None:
    vectors = vectors_at(lat, lon)
    cells = parents(finest_cells(vectors), levels=LEVEL_MOST - level)
    caps = cell_caps(cells, level=level)
    assert angles_rad(np.linalg.norm(vectors - caps.centre, axis=1))[0] <= caps.radius_rad[0]


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.data(), st.integers(0, LEVEL_MOST))
def test_the_centre_of_a_cell_lies_in_that_cell_and_no_other(data: st.DataObject, level: int) -> None:
    cell = data.draw(st.integers(0, FACES * CHILDREN**level - 1))
    caps = cell_caps(np.array([cell]), level=level)
    assert parents(finest_cells(caps.centre), levels=LEVEL_MOST - level).tolist() == [cell]


@settings(max_examples=300, derandomize=True, deadline=None)
@given(latitudes, longitudes)
def test_positions_come_back_from_the_sphere(lat: float, lon: float) -> None:
    found_lat, found_lon = sphere_positions(vectors_at(lat, lon))
    apart_m = Geodesic.WGS84.Inverse(lat, lon, float(found_lat[0]), float(found_lon[0]))["s12"]
    assert apart_m <= ROUNDING_M


def test_the_finest_cells_of_a_small_patch_are_about_ten_metres_wide() -> None:
    caps = cell_caps(finest_cells(vectors_at(33.5, 38.6)), level=LEVEL_MOST)
    assert 4 < caps.radius_rad[0] * EQUATOR_RADIUS_M < 12


@pytest.mark.parametrize("level", [0, 1, 4])
def test_the_cells_of_a_level_share_out_the_globe(level: int) -> None:
    cells = np.arange(FACES * CHILDREN**level)
    rng = np.random.default_rng(level)
    vectors = sphere_vectors(
        np.degrees(np.arcsin(rng.uniform(-1, 1, 40_000))), rng.uniform(-180, 180, 40_000)
    )
    met = parents(finest_cells(vectors), levels=LEVEL_MOST - level)
    assert np.array_equal(np.unique(met), cells)


def test_children_have_their_cell_as_parent() -> None:
    cells = np.array([0, 5, 23])
    assert parents(children(cells), levels=1).tolist() == [[cell] * CHILDREN for cell in cells]
    assert np.unique(children(cells)).size == 3 * CHILDREN
