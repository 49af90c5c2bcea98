"""Schedules, held to a naive calendar on ``datetime`` and, by the Sun, to the elevations that ``astral``
tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

import numpy as np
import pytest
from astral import Observer
from astral.sun import elevation, sunrise
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import (
    DAY_MS,
    FIRST,
    FOREVER,
    HOUR_MS,
    MINUTE_MS,
    Instant,
    Window,
    instant_of,
    instant_text,
)
from keepclear.core.space.daylight import SunEvent
from keepclear.core.space.geodesy import Position
from keepclear.core.space.schedule import (
    EVERY_DAY,
    SPANS_MAX,
    WHENEVER,
    ClockTime,
    Schedule,
    Span,
    SunTime,
    Weekday,
    in_force,
    in_force_many,
    next_change,
)

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TANF: Final = Position(latitude_deg=33.5, longitude_deg=38.6)
TROMSO: Final = Position(latitude_deg=69.65, longitude_deg=18.96)
NIGHT: Final = Span(start=SunTime(event=SunEvent.SUNSET), end=SunTime(event=SunEvent.SUNRISE))
DAY: Final = Span(start=SunTime(event=SunEvent.SUNRISE), end=SunTime(event=SunEvent.SUNSET))
HORIZON_DEG: Final = -50 / 60

clock_times = st.builds(ClockTime, hour=st.integers(0, 23), minute=st.sampled_from([0, 1, 30, 59]))
clock_spans = st.builds(
    Span, days=st.frozensets(st.sampled_from(Weekday), min_size=1), start=clock_times, end=clock_times
)
clock_schedules = st.builds(
    Schedule,
    spans=st.lists(clock_spans, min_size=1, max_size=3).map(tuple),
    utc_offset_min=st.integers(-48, 56).map(lambda quarter: quarter * 15),
)
minutes = st.integers(0, 80 * 365 * 1440)


def naive_in_force(schedule: Schedule, at: datetime) -> bool:
    """By the calendar of ``datetime``: a span of today, or one that began yesterday."""
    zone = timezone(timedelta(minutes=schedule.utc_offset_min))
    today = at.astimezone(zone).date()
    for span in schedule.spans:
        assert isinstance(span.start, ClockTime)
        assert isinstance(span.end, ClockTime)
        for day in (today, today - timedelta(days=1)):
            start = datetime.combine(day, time(span.start.hour, span.start.minute), zone)
            end = datetime.combine(day, time(span.end.hour, span.end.minute), zone)
            if end <= start:
                end += timedelta(days=1)
            if day.weekday() in span.days and start <= at < end:
                return True
    return False


def moment(at: int) -> datetime:
    return EPOCH + timedelta(milliseconds=int(at))


def sun_deg(where: Position, at: int) -> float:
    observer = Observer(where.latitude_deg, where.longitude_deg)
    return elevation(observer, moment(at), with_refraction=False)


def test_a_schedule_without_spans_is_in_force_in_its_window_and_not_at_its_end() -> None:
    window = Window(start=Instant(1_000), end=Instant(2_000))
    times = np.array([999, 1_000, 1_999, 2_000])
    assert in_force_many(Schedule(window=window), times, TANF).tolist() == [False, True, True, False]
    assert in_force(WHENEVER, FIRST, TANF)
    assert in_force(WHENEVER, FOREVER, TANF)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-09-07T21:59:59.999Z", False),
        ("2018-09-07T22:00Z", True),
        ("2018-09-08T05:59:59.999Z", True),
        ("2018-09-08T06:00Z", False),
        ("2018-09-08T23:00Z", False),
        ("2018-09-07T03:00Z", False),
    ],
)
def test_a_friday_night_span_ends_on_saturday_morning(text: str, *, expected: bool) -> None:
    # 7 September 2018 was a Friday.
    friday_night = Span(days=frozenset({Weekday.FRIDAY}), start=ClockTime(hour=22), end=ClockTime(hour=6))
    assert in_force(Schedule(spans=(friday_night,)), instant_of(text), TANF) is expected


def test_weekday_and_clock_are_those_of_the_schedules_own_offset() -> None:
    # 21:30Z on Thursday is 00:30 on Friday in Damascus summer time.
    span = Span(days=frozenset({Weekday.FRIDAY}), start=ClockTime(hour=0), end=ClockTime(hour=1))
    at = instant_of("2018-09-06T21:30Z")
    assert in_force(Schedule(spans=(span,), utc_offset_min=180), at, TANF)
    assert not in_force(Schedule(spans=(span,)), at, TANF)


def test_a_span_from_midnight_to_midnight_is_24_hours() -> None:
    sunday = Schedule(spans=(Span(days=frozenset({Weekday.SUNDAY})),))
    at = instant_of("2018-09-09T00:00Z")
    assert not in_force(sunday, Instant(at - 1), TANF)
    assert in_force(sunday, at, TANF)
    assert next_change(sunday, at, TANF) == at + DAY_MS


@settings(max_examples=300, derandomize=True, deadline=None)
@given(clock_schedules, minutes, st.sampled_from([0, MINUTE_MS - 1]))
def test_by_the_clock_it_agrees_with_a_naive_calendar(schedule: Schedule, minute: int, more_ms: int) -> None:
    at = Instant(minute * MINUTE_MS + more_ms)
    assert in_force(schedule, at, TANF) is naive_in_force(schedule, moment(at))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(clock_schedules, st.lists(minutes, min_size=1, max_size=40))
def test_many_instants_at_once_are_in_force_as_each_alone(schedule: Schedule, times: list[int]) -> None:
    at = np.array(times, np.int64) * MINUTE_MS
    alone = [in_force(schedule, Instant(int(one)), TANF) for one in at]
    assert in_force_many(schedule, at, TANF).tolist() == alone


@settings(max_examples=60, derandomize=True, deadline=None)
@given(clock_schedules, minutes)
def test_by_the_clock_the_next_change_is_the_first_that_a_walk_by_minutes_meets(
    schedule: Schedule, minute: int
) -> None:
    at = Instant(minute * MINUTE_MS)
    change = next_change(schedule, at, TANF)
    state = naive_in_force(schedule, moment(at))
    week = range(minute + 1, minute + 8 * 1440 + 1)
    walked = (one for one in week if naive_in_force(schedule, moment(one * MINUTE_MS)) is not state)
    assert change == next((one * MINUTE_MS for one in walked), FOREVER)


def test_a_span_that_is_every_day_all_day_never_changes() -> None:
    assert next_change(Schedule(spans=(Span(),)), instant_of("2018-09-09T00:00Z"), TANF) == FOREVER


def test_the_window_bounds_every_change() -> None:
    monday_ms = instant_of("2018-09-10T00:00Z")
    window = Window(start=Instant(monday_ms + HOUR_MS), end=Instant(monday_ms + 3 * DAY_MS))
    tuesday = Span(days=frozenset({Weekday.TUESDAY}))
    schedule = Schedule(window=window, spans=(tuesday,))
    assert next_change(Schedule(window=window), FIRST, TANF) == window.start
    assert next_change(Schedule(window=window), window.start, TANF) == window.end
    assert next_change(Schedule(window=window), window.end, TANF) == FOREVER
    assert next_change(schedule, FIRST, TANF) == monday_ms + DAY_MS
    assert next_change(schedule, Instant(monday_ms + DAY_MS), TANF) == monday_ms + 2 * DAY_MS
    assert next_change(schedule, Instant(monday_ms + 2 * DAY_MS), TANF) == FOREVER


def test_a_window_that_closes_in_the_midst_of_a_span_is_the_change() -> None:
    end = instant_of("2018-09-10T12:30Z")
    schedule = Schedule(window=Window(end=end), spans=(Span(start=ClockTime(hour=12)),))
    assert next_change(schedule, instant_of("2018-09-10T12:10Z"), TANF) == end


@settings(max_examples=400, derandomize=True, deadline=None)
@given(
    st.integers(instant_of("1900-02-01T00:00Z"), instant_of("2099-11-01T00:00Z")),
    st.floats(-89.9, 89.9),
    st.floats(-180, 180),
    st.integers(-720, 840),
)
def test_a_night_span_is_in_force_whenever_the_sun_is_down_and_only_then(
    at: int, latitude: float, longitude: float, offset_min: int
) -> None:
    where = Position(latitude_deg=latitude, longitude_deg=longitude)
    height_deg = sun_deg(where, at) - HORIZON_DEG
    night = Schedule(spans=(NIGHT,), utc_offset_min=offset_min)
    day = Schedule(spans=(DAY,), utc_offset_min=offset_min)
    # Both are widened by the error of the Sun's elevation, and the oracle has an error of its own.
    slack_deg = 0.05 if abs(latitude) <= 89.5 else 1.0
    if height_deg <= 0:
        assert in_force(night, Instant(at), where)
    if height_deg >= 0:
        assert in_force(day, Instant(at), where)
    if height_deg > slack_deg:
        assert not in_force(night, Instant(at), where)
    if height_deg < -slack_deg:
        assert not in_force(day, Instant(at), where)


@pytest.mark.parametrize("latitude", [65.9, 67.5, 69.65, 80.0, 89.2, 90.0, -66.4, -78.0, -90.0])
def test_no_instant_of_a_polar_year_is_neither_day_nor_night(latitude: float) -> None:
    where = Position(latitude_deg=latitude, longitude_deg=-120.0)
    times = instant_of("2024-01-01T00:00Z") + np.arange(0, 366 * DAY_MS, 3 * MINUTE_MS)
    assert in_force_many(Schedule(spans=(NIGHT, DAY)), times, where).all()


def test_in_polar_night_a_night_span_is_always_in_force_and_a_day_span_never() -> None:
    christmas = instant_of("2024-12-23T00:00Z") + np.arange(0, 3 * DAY_MS, MINUTE_MS)
    assert in_force_many(Schedule(spans=(NIGHT,)), christmas, TROMSO).all()
    assert not in_force_many(Schedule(spans=(DAY,)), christmas, TROMSO).any()


def test_in_polar_day_a_day_span_is_always_in_force_and_a_night_span_never() -> None:
    june = instant_of("2024-06-20T00:00Z") + np.arange(0, 3 * DAY_MS, MINUTE_MS)
    assert in_force_many(Schedule(spans=(DAY,)), june, TROMSO).all()
    assert not in_force_many(Schedule(spans=(NIGHT,)), june, TROMSO).any()


@pytest.mark.parametrize("offset_min", [-60, 60])
def test_minutes_before_or_after_a_sun_that_never_rises_leave_no_gap(offset_min: int) -> None:
    span = Span(
        start=SunTime(event=SunEvent.SUNSET, offset_min=offset_min),
        end=SunTime(event=SunEvent.SUNRISE, offset_min=-offset_min),
    )
    christmas = instant_of("2024-12-23T00:00Z") + np.arange(0, 3 * DAY_MS, MINUTE_MS)
    assert in_force_many(Schedule(spans=(span,)), christmas, TROMSO).all()


def test_minutes_before_sunrise_move_the_start_by_as_much() -> None:
    early = Span(start=SunTime(event=SunEvent.SUNRISE, offset_min=-45), end=ClockTime(hour=12))
    plain = Span(start=SunTime(event=SunEvent.SUNRISE), end=ClockTime(hour=12))
    midnight = instant_of("2018-09-07T00:00Z")
    start = next_change(Schedule(spans=(plain,)), midnight, TANF)
    assert next_change(Schedule(spans=(early,)), midnight, TANF) == start - 45 * MINUTE_MS
    told = sunrise(Observer(TANF.latitude_deg, TANF.longitude_deg), date=date(2018, 9, 7))
    assert abs((moment(start) - told).total_seconds()) < 60


def test_a_night_shorter_than_what_is_taken_off_its_ends_is_empty() -> None:
    # In mid June the night at 65 north lasts less than two hours, and an hour is taken off at either end.
    span = Span(
        start=SunTime(event=SunEvent.SUNSET, offset_min=60),
        end=SunTime(event=SunEvent.SUNRISE, offset_min=-60),
    )
    where = Position(latitude_deg=65.0, longitude_deg=0.0)
    june = instant_of("2024-06-20T00:00Z") + np.arange(0, 2 * DAY_MS, MINUTE_MS)
    assert not in_force_many(Schedule(spans=(span,)), june, where).any()


def test_a_span_from_sunset_to_a_clock_time_ends_when_the_clock_next_shows_it() -> None:
    # Sunset at At Tanf on 7 September 2018 was at about 15:43Z.
    span = Span(start=SunTime(event=SunEvent.SUNSET), end=ClockTime(hour=15))
    at = instant_of("2018-09-07T15:30Z")
    assert not in_force(Schedule(spans=(span,)), at, TANF)
    started = next_change(Schedule(spans=(span,)), at, TANF)
    assert next_change(Schedule(spans=(span,)), started, TANF) == instant_of("2018-09-08T15:00Z")


@pytest.mark.parametrize(("longitude", "offset_min"), [(-157.4, 840), (-157.4, -600), (178.4, 720), (0.0, 0)])
def test_the_day_of_a_date_is_the_daylight_around_its_noon_by_the_clock(
    longitude: float, offset_min: int
) -> None:
    where = Position(latitude_deg=2.0, longitude_deg=longitude)
    # 8 September 2018 was a Saturday.
    saturday = Schedule(
        spans=(Span(days=frozenset({Weekday.SATURDAY}), start=DAY.start, end=DAY.end),),
        utc_offset_min=offset_min,
    )
    noon = instant_of("2018-09-08T12:00Z") - offset_min * MINUTE_MS
    assert in_force(saturday, Instant(noon), where)
    assert not in_force(saturday, Instant(noon - DAY_MS), where)
    assert not in_force(saturday, Instant(noon + DAY_MS), where)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.integers(instant_of("1901-01-01T00:00Z"), instant_of("2090-01-01T00:00Z")),
    st.sampled_from([-80.0, -66.0, 0.0, 33.5, 60.0, 67.0, 90.0]),
    st.sampled_from([NIGHT, DAY]),
)
def test_by_the_sun_the_state_flips_at_the_next_change_and_not_before(
    at: int, latitude: float, span: Span
) -> None:
    where = Position(latitude_deg=latitude, longitude_deg=100.0)
    schedule = Schedule(spans=(span,))
    change = next_change(schedule, Instant(at), where)
    assert at < change < at + 366 * DAY_MS
    before = in_force(schedule, Instant(at), where)
    assert in_force(schedule, change, where) is not before
    assert in_force(schedule, Instant(change - 1), where) is before
    between = np.linspace(at, change - 1, 200).astype(np.int64)
    assert (in_force_many(schedule, between, where) == before).all()


@pytest.mark.parametrize("text", ["1850-06-01T12:00Z", "2150-06-01T00:00Z", "9990-01-01T00:00Z"])
def test_in_years_for_which_the_sun_is_not_told_a_span_by_the_sun_is_in_force(text: str) -> None:
    at = instant_of(text)
    assert in_force(Schedule(spans=(NIGHT,)), at, TANF)
    assert in_force(Schedule(spans=(DAY,)), at, TANF)
    assert next_change(Schedule(spans=(DAY,)), at, TANF) == FOREVER


def test_no_instants_give_no_answers() -> None:
    assert in_force_many(Schedule(spans=(NIGHT,)), np.array([], np.int64), TANF).size == 0


@pytest.mark.parametrize(("hour", "minute"), [(24, 0), (-1, 0), (0, 60), (0, -1)])
def test_a_time_of_day_that_no_clock_shows_is_refused(hour: int, minute: int) -> None:
    with pytest.raises(Refused, match="must be from 00:00 to 23:59"):
        ClockTime(hour=hour, minute=minute)


def test_what_a_schedule_cannot_hold_is_refused_by_code() -> None:
    with pytest.raises(Refused) as days:
        Span(days=frozenset())
    with pytest.raises(Refused) as offset:
        SunTime(event=SunEvent.DAWN, offset_min=361)
    with pytest.raises(Refused) as zone:
        Schedule(utc_offset_min=841)
    with pytest.raises(Refused) as spans:
        Schedule(spans=(NIGHT,) * (SPANS_MAX + 1))
    assert [caught.value.code for caught in (days, offset, zone, spans)] == [
        "schedule.no-days",
        "schedule.sun-time",
        "schedule.utc-offset",
        "schedule.too-many-spans",
    ]
    assert Schedule(spans=(NIGHT,) * SPANS_MAX).spans[0].days == EVERY_DAY


@pytest.mark.parametrize("at", [FIRST, FOREVER])
def test_the_ends_of_time_are_instants_like_others(at: Instant) -> None:
    schedule = Schedule(spans=(Span(start=ClockTime(hour=1), end=ClockTime(hour=2)),), utc_offset_min=840)
    assert not in_force(schedule, at, TANF)
    assert instant_text(next_change(schedule, at, TANF)) >= instant_text(at)
