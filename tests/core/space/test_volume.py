"""Volumes: the least of what area, band and schedule say, held to each of them asked alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import HOUR_MS, Instant, Window, instant_of
from keepclear.core.space.altitude import (
    EVERY_HEIGHT,
    UNLIMITED,
    Altitude,
    AltitudeBand,
    Containment,
    Datum,
    band_containment,
    flight_level,
)
from keepclear.core.space.area import Circle, containment
from keepclear.core.space.daylight import SunEvent
from keepclear.core.space.geodesy import Position, destination
from keepclear.core.space.schedule import Schedule, Span, SunTime, in_force
from keepclear.core.space.volume import Places, Volume, volume_containment, volume_containments

CENTRE: Final = Position(latitude_deg=33.5, longitude_deg=38.6)
CIRCLE: Final = Circle(centre=CENTRE, radius_m=55_000.0)
NOON: Final = instant_of("2018-09-07T09:25Z")
MIDNIGHT: Final = instant_of("2018-09-07T21:25Z")
LOW: Final = Altitude(height_m=100.0, datum=Datum.MSL)
UP_TO_FL120: Final = AltitudeBand(lower=LOW, upper=flight_level(120))
NIGHTS: Final = Schedule(
    spans=(Span(start=SunTime(event=SunEvent.SUNSET), end=SunTime(event=SunEvent.SUNRISE)),)
)

heights = st.none() | st.builds(Altitude, height_m=st.floats(-500, 20_000), datum=st.sampled_from(Datum))
bounds = st.just(UNLIMITED) | st.builds(
    Altitude, height_m=st.sampled_from([0.0, 100.0, 3_000.0]), datum=st.sampled_from(Datum)
)
accuracies = st.sampled_from([0.0, 30.0, 2_000.0, 60_000.0])


def band_of(lower: Altitude, upper: Altitude) -> AltitudeBand:
    try:
        return AltitudeBand(lower=lower, upper=upper)
    except Refused:
        return AltitudeBand(lower=upper, upper=lower)


def test_inside_area_band_and_window_is_definite() -> None:
    volume = Volume(area=CIRCLE, band=AltitudeBand(upper=flight_level(120)))
    assert volume_containment(volume, CENTRE, altitude=flight_level(119), when=NOON) is Containment.DEFINITE


def test_above_the_band_is_outside_however_near_the_centre() -> None:
    volume = Volume(area=CIRCLE, band=AltitudeBand(upper=flight_level(120)))
    assert volume_containment(volume, CENTRE, altitude=flight_level(121), when=NOON) is Containment.NO


@pytest.mark.parametrize("altitude", [None, Altitude(height_m=9_000.0, datum=Datum.HAE)])
def test_a_height_that_is_unknown_or_of_another_datum_is_possibly_inside(altitude: Altitude | None) -> None:
    volume = Volume(area=CIRCLE, band=UP_TO_FL120)
    assert volume_containment(volume, CENTRE, altitude=altitude, when=NOON) is Containment.POSSIBLE


def test_an_unknown_height_does_not_make_a_volume_of_every_height_doubtful() -> None:
    volume = Volume(area=CIRCLE, band=EVERY_HEIGHT)
    assert volume_containment(volume, CENTRE, altitude=None, when=NOON) is Containment.DEFINITE


def test_an_unknown_height_outside_the_area_is_outside() -> None:
    away = destination(CENTRE, azimuth_deg=270.0, distance_m=55_001.0)
    volume = Volume(area=CIRCLE, band=UP_TO_FL120)
    assert volume_containment(volume, away, altitude=None, when=NOON) is Containment.NO
    assert volume_containment(volume, away, altitude=None, when=NOON, accuracy_m=5.0) is Containment.POSSIBLE


def test_a_volume_holds_nothing_after_its_window() -> None:
    volume = Volume(area=CIRCLE, schedule=Schedule(window=Window(end=NOON)))
    assert volume_containment(volume, CENTRE, altitude=None, when=Instant(NOON - 1)) is Containment.DEFINITE
    assert volume_containment(volume, CENTRE, altitude=None, when=NOON) is Containment.NO


def test_the_sun_that_counts_is_that_of_the_area_and_not_of_the_track() -> None:
    # 21:25Z is midnight at At Tanf and midday in the Pacific, from where an accuracy of half the globe
    # reaches.
    away = Position(latitude_deg=0.0, longitude_deg=-141.0)
    volume = Volume(area=CIRCLE, schedule=NIGHTS)
    assert volume_containment(volume, CENTRE, altitude=None, when=MIDNIGHT) is Containment.DEFINITE
    assert volume_containment(volume, CENTRE, altitude=None, when=NOON) is Containment.NO
    far_m = 19_000_000.0
    found = volume_containment(volume, away, altitude=None, when=MIDNIGHT, accuracy_m=far_m)
    assert found is Containment.POSSIBLE


@settings(max_examples=80, derandomize=True, deadline=None)
@given(
    st.builds(band_of, bounds, bounds),
    st.lists(st.tuples(st.floats(0, 60_000), heights, accuracies, accuracies), min_size=1, max_size=8),
    st.sampled_from([NOON, MIDNIGHT]),
)
def test_many_places_are_the_least_of_area_band_and_schedule_each_asked_alone(
    band: AltitudeBand, rows: list[tuple[float, Altitude | None, float, float]], start: Instant
) -> None:
    volume = Volume(area=CIRCLE, band=band, schedule=NIGHTS)
    at = [destination(CENTRE, azimuth_deg=40.0, distance_m=away_m) for away_m, *_ in rows]
    times = [Instant(start + place * 2 * HOUR_MS) for place in range(len(rows))]
    places = Places(
        latitude_deg=np.array([one.latitude_deg for one in at]),
        longitude_deg=np.array([one.longitude_deg for one in at]),
        height_m=np.array([np.nan if row[1] is None else row[1].height_m for row in rows]),
        datum=np.array([Datum.UNKNOWN if row[1] is None else row[1].datum for row in rows], np.uint8),
        time_ms=np.array(times, np.int64),
        accuracy_m=np.array([row[2] for row in rows]),
        height_accuracy_m=np.array([row[3] for row in rows]),
    )
    expected = [
        min(
            containment(CIRCLE, at[place], accuracy_m=row[2]),
            band_containment(
                band,
                height_m=np.nan if row[1] is None else row[1].height_m,
                datum=Datum.UNKNOWN if row[1] is None else row[1].datum,
                accuracy_m=row[3],
            ),
            Containment.DEFINITE if in_force(NIGHTS, times[place], CENTRE) else Containment.NO,
        )
        for place, row in enumerate(rows)
    ]
    assert volume_containments(volume, places).tolist() == expected


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.floats(0, 120_000), heights, accuracies, accuracies)
def test_less_accuracy_never_turns_doubt_into_certainty(
    away_m: float, altitude: Altitude | None, accuracy_m: float, height_accuracy_m: float
) -> None:
    volume = Volume(area=CIRCLE, band=UP_TO_FL120)
    at = destination(CENTRE, azimuth_deg=200.0, distance_m=away_m)
    exact = volume_containment(volume, at, altitude=altitude, when=NOON)
    vague = volume_containment(
        volume,
        at,
        altitude=altitude,
        when=NOON,
        accuracy_m=accuracy_m,
        height_accuracy_m=height_accuracy_m,
    )
    assert vague in (exact, Containment.POSSIBLE)


@pytest.mark.parametrize("accuracy_m", [-1.0, np.nan, np.inf])
@pytest.mark.parametrize("column", ["accuracy_m", "height_accuracy_m"])
def test_an_accuracy_that_is_no_length_is_refused(column: str, accuracy_m: float) -> None:
    wanted = {"accuracy_m": 0.0, "height_accuracy_m": 0.0, column: accuracy_m}
    with pytest.raises(Refused) as caught:
        volume_containment(Volume(area=CIRCLE), CENTRE, altitude=None, when=NOON, **wanted)
    assert caught.value.code == "accuracy.out-of-range"


def test_columns_of_different_lengths_are_refused() -> None:
    two = np.zeros(2)
    places = Places(
        latitude_deg=two,
        longitude_deg=two,
        height_m=two,
        datum=np.zeros(2, np.uint8),
        time_ms=np.zeros(2, np.int64),
        accuracy_m=two,
        height_accuracy_m=two,
    )
    with pytest.raises(Refused) as caught:
        replace(places, time_ms=np.zeros(3, np.int64))
    assert caught.value.code == "places.columns"
