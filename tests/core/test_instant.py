"""Instants and windows, held to ``datetime``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import (
    ALWAYS,
    DAY_MS,
    FIRST,
    FOREVER,
    HOUR_MS,
    Duration,
    Instant,
    Window,
    clock_text,
    duration_of,
    instant_of,
    instant_text,
)

instants = st.integers(FIRST, FOREVER).map(Instant)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
YEAR_2: Final = datetime.fromisoformat("0002-01-01")
YEAR_9998: Final = datetime.fromisoformat("9998-01-01")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2018-09-01T06:00:00Z", 1_535_781_600_000),
        ("2018-09-01T09:00:00+03:00", 1_535_781_600_000),
        ("2018-08-31T20:15:00-09:45", 1_535_781_600_000),
        ("2018-09-01T06:00Z", 1_535_781_600_000),
        ("2018-09-01T06:00:00.5Z", 1_535_781_600_500),
        ("2018-09-01T06:00:00.123000000Z", 1_535_781_600_123),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ("0001-01-01T00:00:00Z", FIRST),
        ("9999-12-31T23:59:59.999Z", FOREVER),
    ],
)
def test_a_written_time_is_the_instant_it_says(text: str, expected: int) -> None:
    assert instant_of(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2018-09-01",
        "2018-09-01T06:00:00",
        "2018-09-01 06:00:00Z",
        "2018-09-01t06:00:00z",
        "2018-9-1T06:00:00Z",
        "18-09-01T06:00:00Z",
        "2018-09-01T06:00:00Z\n",
        " 2018-09-01T06:00:00Z",
        "2018-09-01T06:00:00.Z",
        "2018-09-01T06:00:00,5Z",
        "2018-09-01T06:00.5Z",
        "2018-09-01T06:00:00.0001Z",
        "2018-09-01T06:00:00.0000000000Z",
        "2018-09-01T06:00:60Z",
        "2016-12-31T23:59:60Z",
        "2018-09-01T24:00:00Z",
        "2018-09-01T06:60:00Z",
        "2018-02-29T00:00:00Z",
        "2018-13-01T00:00:00Z",
        "2018-00-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "2018-09-01T06:00:00+0300",
        "2018-09-01T06:00:00+03",
        "2018-09-01T06:00:00+03:60",
        "2018-09-01T06:00:00+14:01",
        "2018-09-01T06:00:00-15:00",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "٢٠١٨-09-01T06:00:00Z",
        "1535781600000",
    ],
)
def test_a_time_that_is_not_plain_is_refused_and_never_mended(text: str) -> None:
    with pytest.raises(Refused) as caught:
        instant_of(text)
    assert caught.value.code == "instant.unreadable"


def test_a_refusal_does_not_repeat_a_long_text_in_full() -> None:
    with pytest.raises(Refused) as caught:
        instant_of("9" * 1_000_000)
    assert len(caught.value.message) < 200


@settings(max_examples=300, derandomize=True, deadline=None)
@given(instants)
@example(FIRST)
@example(FOREVER)
@example(Instant(-1))
def test_a_written_instant_reads_back_as_itself(at: Instant) -> None:
    assert instant_of(instant_text(at)) == at


@settings(max_examples=300, derandomize=True, deadline=None)
@given(instants)
@example(instant_of("0999-12-31T23:59:59.999Z"))
def test_the_text_of_an_instant_is_what_datetime_writes(at: Instant) -> None:
    told = (EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds")
    assert instant_text(at) == told.replace("+00:00", "Z")


@settings(max_examples=200, derandomize=True, deadline=None)
@given(instants, instants)
def test_the_texts_of_instants_sort_as_the_instants_do(one: Instant, other: Instant) -> None:
    assert (instant_text(one) < instant_text(other)) is (one < other)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.datetimes(YEAR_2, YEAR_9998), st.integers(-14 * 60, 14 * 60))
def test_an_offset_is_taken_off_as_datetime_does(local: datetime, offset_min: int) -> None:
    whole = local.replace(microsecond=local.microsecond // 1000 * 1000)
    sign, size = ("-" if offset_min < 0 else "+"), abs(offset_min)
    text = f"{whole.isoformat(timespec='milliseconds')}{sign}{size // 60:02d}:{size % 60:02d}"
    told = datetime.fromisoformat(text) - EPOCH
    assert instant_of(text) == told // timedelta(milliseconds=1)


@pytest.mark.parametrize("at", [FIRST - 1, FOREVER + 1, 1 << 62, -(1 << 62)])
def test_an_instant_outside_the_years_1_to_9999_cannot_be_written(at: int) -> None:
    with pytest.raises(Refused) as text:
        instant_text(Instant(at))
    with pytest.raises(Refused) as clock:
        clock_text(Instant(at))
    assert (text.value.code, clock.value.code) == ("instant.out-of-range", "instant.out-of-range")


def test_the_time_of_day_is_said_to_the_second_and_not_rounded_up() -> None:
    assert clock_text(instant_of("2018-09-01T23:59:59.999Z")) == "23:59:59Z"
    assert clock_text(instant_of("0001-01-01T06:05:04Z")) == "06:05:04Z"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.0, 0), (1.5, 1_500), (0.0004, 0), (0.0006, 1), (-2.0, -2_000), (86_400, DAY_MS)],
)
def test_seconds_become_the_nearest_whole_milliseconds(seconds: float, expected: int) -> None:
    assert duration_of(seconds=seconds) == Duration(expected)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), float("-inf"), 1e300])
def test_a_duration_that_is_no_length_of_time_is_refused(seconds: float) -> None:
    with pytest.raises(Refused) as caught:
        duration_of(seconds=seconds)
    assert caught.value.code == "duration.out-of-range"


def test_a_window_holds_its_start_and_not_its_end() -> None:
    window = Window(start=Instant(0), end=Instant(HOUR_MS))
    held = [window.holds(Instant(at)) for at in (-1, 0, HOUR_MS - 1, HOUR_MS)]
    assert held == [False, True, True, False]


def test_a_window_without_end_holds_the_last_instant() -> None:
    assert ALWAYS.holds(FIRST)
    assert ALWAYS.holds(FOREVER)
    assert not Window(end=Instant(FOREVER - 1)).holds(FOREVER)


def test_an_empty_window_holds_and_overlaps_nothing() -> None:
    empty = Window(start=Instant(5), end=Instant(5))
    assert not empty.holds(Instant(5))
    assert not empty.overlaps(ALWAYS)
    assert not ALWAYS.overlaps(empty)
    assert not empty.overlaps(empty)


def test_windows_that_only_meet_do_not_overlap() -> None:
    before, after = Window(end=Instant(0)), Window(start=Instant(0))
    assert not before.overlaps(after)
    assert not after.overlaps(before)


def test_two_windows_that_start_at_the_last_instant_share_it() -> None:
    last = Window(start=FOREVER)
    assert last.holds(FOREVER)
    assert last.overlaps(ALWAYS)
    assert ALWAYS.overlaps(last)


small = st.integers(0, 6).map(Instant)
windows = st.tuples(small, small).map(lambda ends: Window(start=Instant(min(ends)), end=Instant(max(ends))))


@settings(max_examples=300, derandomize=True, deadline=None)
@given(windows, windows)
def test_windows_overlap_exactly_if_they_hold_a_common_instant(one: Window, other: Window) -> None:
    common = any(one.holds(Instant(at)) and other.holds(Instant(at)) for at in range(7))
    assert one.overlaps(other) is common


def test_a_window_that_ends_before_it_starts_is_refused_by_both_its_ends() -> None:
    with pytest.raises(Refused, match=r"1970-01-01T00:00:00\.000Z.*1970-01-01T01:00:00\.000Z") as caught:
        Window(start=Instant(HOUR_MS), end=Instant(0))
    assert caught.value.code == "window.reversed"


@pytest.mark.parametrize(("start", "end"), [(FIRST - 1, FOREVER), (FIRST, FOREVER + 1)])
def test_a_window_beyond_the_instants_that_can_be_written_is_refused(start: int, end: int) -> None:
    with pytest.raises(Refused) as caught:
        Window(start=Instant(start), end=Instant(end))
    assert caught.value.code == "instant.out-of-range"
