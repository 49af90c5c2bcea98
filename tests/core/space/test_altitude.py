"""Altitudes and bands: two datums never compare, and what is not known counts as inside."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.space.altitude import (
    EVERY_HEIGHT,
    Altitude,
    AltitudeBand,
    Containment,
    Datum,
    band_containment,
    flight_level,
)

BAND = AltitudeBand(
    lower=Altitude(height_m=100.0, datum=Datum.MSL), upper=Altitude(height_m=300.0, datum=Datum.MSL)
)


@pytest.mark.parametrize("height_m", [math.nan, math.inf, -math.inf, -12_001.0, 1e9])
def test_a_height_that_nothing_can_have_is_refused(height_m: float) -> None:
    with pytest.raises(Refused) as refused:
        Altitude(height_m=height_m, datum=Datum.MSL)
    assert refused.value.code == "altitude.out-of-range"


def test_a_band_that_ends_below_its_start_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        AltitudeBand(lower=BAND.upper, upper=BAND.lower)
    assert refused.value.code == "band.reversed"


def test_ends_of_different_datums_are_not_compared() -> None:
    AltitudeBand(lower=flight_level(200), upper=Altitude(height_m=10.0, datum=Datum.AGL))


def test_flight_level_120_is_12000_feet() -> None:
    level = flight_level(120)
    assert level.datum is Datum.PRESSURE
    assert level.height_m == pytest.approx(3657.6)


@pytest.mark.parametrize(
    ("height_m", "expected"),
    [
        (99.0, Containment.NO),
        (100.0, Containment.DEFINITE),
        (200.0, Containment.DEFINITE),
        (300.0, Containment.DEFINITE),
        (301.0, Containment.NO),
        (math.nan, Containment.POSSIBLE),
    ],
)
def test_the_ends_of_a_band_belong_to_it(height_m: float, expected: Containment) -> None:
    assert band_containment(BAND, height_m=height_m, datum=Datum.MSL) is expected


@pytest.mark.parametrize("datum", [datum for datum in Datum if datum is not Datum.MSL])
def test_a_height_on_another_datum_is_never_certainly_outside(datum: Datum) -> None:
    assert band_containment(BAND, height_m=9_000.0, datum=datum) is Containment.POSSIBLE


def test_every_height_holds_what_has_no_height() -> None:
    assert band_containment(EVERY_HEIGHT, height_m=math.nan, datum=Datum.UNKNOWN) is Containment.DEFINITE


@settings(max_examples=200, derandomize=True)
@given(st.floats(-200, 600), st.floats(0, 400), st.floats(-1, 1))
def test_no_true_height_within_the_accuracy_belies_what_was_said(
    height_m: float, accuracy_m: float, share: float
) -> None:
    said = band_containment(BAND, height_m=height_m, datum=Datum.MSL, accuracy_m=accuracy_m)
    truly_inside = 100.0 <= height_m + share * accuracy_m <= 300.0
    assert said is not (Containment.NO if truly_inside else Containment.DEFINITE)
