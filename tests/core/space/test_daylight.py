"""The Sun, held to ``astral`` (its own code for NOAA's equations) and to Meeus's worked examples."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pytest
from astral import Observer
from astral.sun import dawn, dusk, elevation, sunrise, sunset
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.instant import DAY_MS, HOUR_MS, MINUTE_MS, Instant, instant_of
from keepclear.core.space import daylight
from keepclear.core.space.daylight import (
    SUN_ERROR_DEG,
    SunCourse,
    SunEvent,
    SunTimes,
    solar_noons_ms,
    sun_error_deg,
    sun_times,
)
from keepclear.core.space.geodesy import Position

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ASTRAL: Final[dict[SunEvent, Callable[..., datetime]]] = {
    SunEvent.DAWN: dawn,
    SunEvent.SUNRISE: sunrise,
    SunEvent.SUNSET: sunset,
    SunEvent.DUSK: dusk,
}
ELEVATION_DEG: Final = {
    SunEvent.DAWN: -6.0,
    SunEvent.SUNRISE: -50 / 60,
    SunEvent.SUNSET: -50 / 60,
    SunEvent.DUSK: -6.0,
}
DAY_FIRST: Final = -25_566
"""1900-01-02, in days since 1970."""
DAY_LAST: Final = 47_480
"""2099-12-30."""

events = st.sampled_from(SunEvent)
days = st.integers(DAY_FIRST, DAY_LAST)
longitudes = st.floats(-180, 180)


def on(event: SunEvent, day: int, where: Position, allowance_deg: float = 0.0) -> SunTimes:
    noon_ms = solar_noons_ms(np.array([day]), where=where)
    return sun_times(event, noon_ms, where=where, allowance_deg=allowance_deg)


def moment(time_ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=int(time_ms))


def astral_elevation_deg(where: Position, time_ms: int) -> float:
    observer = Observer(where.latitude_deg, where.longitude_deg)
    return elevation(observer, moment(time_ms), with_refraction=False)


@settings(max_examples=600, derandomize=True, deadline=None)
@given(events, days, st.floats(-90, 90), longitudes)
def test_the_sun_is_at_the_elevation_of_the_event_wherever_it_crosses_it(
    event: SunEvent, day: int, latitude: float, longitude: float
) -> None:
    where = Position(latitude_deg=latitude, longitude_deg=longitude)
    told = on(event, day, where)
    if told.course[0] == SunCourse.CROSSES:
        found = astral_elevation_deg(where, told.time_ms[0])
        assert found == pytest.approx(ELEVATION_DEG[event], abs=sun_error_deg(where))


@pytest.mark.parametrize("event", SunEvent)
@pytest.mark.parametrize("latitude", [66.0, 67.4, 75.0, 84.3, -65.72, -69.1, -89.5])
def test_the_sun_is_at_the_elevation_of_the_event_in_the_days_around_polar_day_and_night(
    event: SunEvent, latitude: float
) -> None:
    where = Position(latitude_deg=latitude, longitude_deg=21.0)
    noons = solar_noons_ms(np.arange(19_000, 19_400), where=where)
    told = sun_times(event, noons, where=where)
    crossings = told.time_ms[told.course == SunCourse.CROSSES]
    assert crossings.size > 0
    for time_ms in crossings:
        assert astral_elevation_deg(where, time_ms) == pytest.approx(ELEVATION_DEG[event], abs=SUN_ERROR_DEG)


@pytest.mark.parametrize("latitude", [66.0, 70.0, 75.0, 84.3, -66.5, -69.1, -89.5, 89.9, 90.0, -90.0])
@pytest.mark.parametrize("event", [SunEvent.SUNRISE, SunEvent.DUSK])
def test_where_the_event_does_not_occur_the_sun_is_above_or_below_it_from_midnight_to_midnight(
    latitude: float, event: SunEvent
) -> None:
    where = Position(latitude_deg=latitude, longitude_deg=-100.0)
    noons = solar_noons_ms(np.arange(19_000, 19_400, 3), where=where)
    told = sun_times(event, noons, where=where)
    assert set(told.course.tolist()) & {SunCourse.STAYS_UP, SunCourse.STAYS_DOWN}
    side = -1 if event is SunEvent.SUNRISE else 1
    # The true noon may be 16 minutes from the mean one, and the Sun is then 0.1 degrees from its extreme.
    slack_deg = 0.1 + sun_error_deg(where)
    for noon_ms, course in zip(noons, told.course, strict=True):
        # Half a day is searched: the morning for a sunrise, the evening for a dusk.
        hours = [astral_elevation_deg(where, noon_ms + side * hour * HOUR_MS) for hour in range(13)]
        if course == SunCourse.STAYS_UP:
            assert min(hours) > ELEVATION_DEG[event] - slack_deg
        if course == SunCourse.STAYS_DOWN:
            assert max(hours) < ELEVATION_DEG[event] + slack_deg


@settings(max_examples=400, derandomize=True, deadline=None)
@given(events, days, st.floats(-60, 60), longitudes)
def test_below_latitude_60_the_time_is_within_two_minutes_of_astral(
    event: SunEvent, day: int, latitude: float, longitude: float
) -> None:
    where = Position(latitude_deg=latitude, longitude_deg=longitude)
    time = moment(on(event, day, where).time_ms[0])
    # The event that astral tells for a date is the one on that UTC date, which changes within a year.
    near_midnight = abs((time - time.replace(hour=12, minute=0)).total_seconds()) > 11.5 * 3600
    if not near_midnight:
        observer = Observer(latitude, longitude)
        gaps_s = [
            abs((ASTRAL[event](observer, date=(time + timedelta(days=shift)).date()) - time).total_seconds())
            for shift in (-1, 0, 1)
        ]
        assert min(gaps_s) <= 120


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.sampled_from([SunEvent.SUNRISE, SunEvent.SUNSET]), days, st.sampled_from([-65.0, 65.0]))
def test_sunrise_and_sunset_are_within_two_minutes_of_astral_at_latitude_65(
    event: SunEvent, day: int, latitude: float
) -> None:
    where = Position(latitude_deg=latitude, longitude_deg=0.0)
    time = moment(on(event, day, where).time_ms[0])
    told = ASTRAL[event](Observer(latitude, 0.0), date=(EPOCH + timedelta(days=day)).date())
    assert abs((told - time).total_seconds()) <= 120


def test_declination_and_equation_of_time_agree_with_meeus() -> None:
    # Examples 25.a and 28.b: 1992 October 13, 0h. The equation of time is 13 min 42.6 s.
    time_ms = np.array([instant_of("1992-10-13T00:00Z")], np.float64)
    declination, equation_deg = daylight._sun(time_ms)
    assert np.degrees(declination[0]) == pytest.approx(-7.78507, abs=0.01)
    # 0.01 degrees, which Meeus gives for the Sun's place, is 2.4 s of time.
    assert equation_deg[0] * 240 == pytest.approx(13 * 60 + 42.6, abs=2.4)


@pytest.mark.parametrize(
    ("event", "at"),
    [
        (SunEvent.DAWN, "2024-03-20T05:29Z"),
        (SunEvent.SUNRISE, "2024-03-20T06:02Z"),
        (SunEvent.SUNSET, "2024-03-20T18:14Z"),
        (SunEvent.DUSK, "2024-03-20T18:47Z"),
    ],
)
def test_at_greenwich_at_the_equinox_the_almanac_times_come_out(event: SunEvent, at: str) -> None:
    greenwich = Position(latitude_deg=51.4779, longitude_deg=0.0)
    day = instant_of(at) // DAY_MS
    assert on(event, day, greenwich).time_ms[0] == pytest.approx(instant_of(at), abs=MINUTE_MS)


def test_tromso_has_polar_night_at_christmas_and_polar_day_in_june() -> None:
    tromso = Position(latitude_deg=69.65, longitude_deg=18.96)
    christmas, june = instant_of("2024-12-25T00:00Z") // DAY_MS, instant_of("2024-06-21T00:00Z") // DAY_MS
    assert on(SunEvent.SUNRISE, christmas, tromso).course[0] == SunCourse.STAYS_DOWN
    assert on(SunEvent.DAWN, christmas, tromso).course[0] == SunCourse.CROSSES
    assert on(SunEvent.SUNSET, june, tromso).course[0] == SunCourse.STAYS_UP


@pytest.mark.parametrize("longitude", [-180.0, -157.4, 0.0, 38.6, 180.0])
def test_polar_days_join_at_midnight_and_polar_nights_at_noon(longitude: float) -> None:
    pole = Position(latitude_deg=90.0, longitude_deg=longitude)
    noons = solar_noons_ms(np.arange(19_500, 19_860), where=pole)
    rise, fall = sun_times(SunEvent.SUNRISE, noons, where=pole), sun_times(SunEvent.SUNSET, noons, where=pole)
    up, down = rise.course == SunCourse.STAYS_UP, rise.course == SunCourse.STAYS_DOWN
    both = up[:-1] & (fall.course == SunCourse.STAYS_UP)[:-1] & up[1:]
    assert np.array_equal(fall.time_ms[:-1][both], rise.time_ms[1:][both])
    down &= fall.course == SunCourse.STAYS_DOWN
    assert np.array_equal(fall.time_ms[down], rise.time_ms[down])
    assert up.sum() > 170
    assert down.sum() > 170


@settings(max_examples=200, derandomize=True, deadline=None)
@given(days, longitudes, st.integers(-720, 840))
def test_the_noon_of_a_date_is_the_solar_noon_nearest_to_noon_by_the_clock(
    day: int, longitude: float, offset_min: int
) -> None:
    where = Position(latitude_deg=10.0, longitude_deg=longitude)
    noon_ms = int(solar_noons_ms(np.array([day]), where=where, utc_offset_min=offset_min)[0])
    clock_noon_ms = day * DAY_MS + 12 * HOUR_MS - offset_min * MINUTE_MS
    assert abs(noon_ms - clock_noon_ms) <= 12 * HOUR_MS
    # Mean local time at the place is 12:00: 4 minutes a degree east of Greenwich.
    local_ms = (noon_ms + longitude * 240_000) % DAY_MS
    assert local_ms == pytest.approx(12 * HOUR_MS, abs=1)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(events, days, st.floats(-66, 66))
def test_an_allowance_moves_an_event_toward_noon_when_it_asks_for_a_higher_sun(
    event: SunEvent, day: int, latitude: float
) -> None:
    where = Position(latitude_deg=latitude, longitude_deg=0.0)
    noon_ms = int(solar_noons_ms(np.array([day]), where=where)[0])
    plain, higher = on(event, day, where).time_ms[0], on(event, day, where, SUN_ERROR_DEG).time_ms[0]
    assert abs(higher - noon_ms) <= abs(plain - noon_ms)


@pytest.mark.parametrize("text", ["1899-12-30T00:00Z", "2100-01-02T00:00Z", "0001-01-01T00:00Z"])
def test_outside_the_years_it_knows_the_sun_is_untold(text: str) -> None:
    where = Position(latitude_deg=0.0, longitude_deg=0.0)
    at: Instant = instant_of(text)
    assert on(SunEvent.SUNRISE, at // DAY_MS, where).course[0] == SunCourse.UNTOLD
