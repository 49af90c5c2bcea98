"""Liveness: who is there is measured, and silence, a wrong clock or an old word never pass for attendance."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation import NOW
from keepclear.core.instant import HOUR_MS, MINUTE_MS, Duration, Instant
from keepclear.core.line.liveness import (
    ClockDifference,
    Condition,
    Liveness,
    due_check,
    retry_after,
)
from keepclear.core.line.message import LineName, PartyWord
from keepclear.core.line.status import Heard, Status
from keepclear.core.line.terms import Timers

TIMERS = Timers()
FRESH = Liveness(opened=Instant(NOW))


def said(at: int, *, attended: int | None = None, heard: tuple[int, int] | None = None) -> Status:
    return Status(
        line=LineName("tanf"),
        sender=PartyWord("b"),
        to=PartyWord("a"),
        at=Instant(at),
        attended=None if attended is None else Instant(attended),
        heard=None if heard is None else Heard(said=Instant(heard[0]), at=Instant(heard[1])),
    )


def stands(liveness: Liveness, now: int) -> Condition:
    return liveness.condition(TIMERS, now=Instant(now))


# ---------------------------------------------------------------------------- how a line stands


def test_a_line_on_which_nothing_was_ever_heard_is_never_heard_however_long_ago_it_was_agreed() -> None:
    assert stands(FRESH, NOW) is Condition.NEVER
    assert stands(FRESH, NOW + 100 * HOUR_MS) is Condition.NEVER


def test_a_line_is_attended_for_15_minutes_after_a_persons_act() -> None:
    live = FRESH.after(said(NOW, attended=NOW), now=Instant(NOW))
    assert stands(live, NOW + 15 * MINUTE_MS - 1) is Condition.ATTENDED
    assert stands(live, NOW + 15 * MINUTE_MS) is Condition.UNATTENDED


def test_a_line_that_is_heard_and_where_no_person_ever_acted_is_unattended() -> None:
    live = FRESH.after(said(NOW), now=Instant(NOW))
    assert stands(live, NOW) is Condition.UNATTENDED
    assert live.attended_by_us is None


def test_a_status_without_a_persons_act_does_not_undo_one() -> None:
    live = FRESH.after(said(NOW, attended=NOW), now=Instant(NOW)).after(said(NOW + 5), now=Instant(NOW + 5))
    assert live.attended == NOW


def test_two_missed_checks_are_degraded_and_one_is_not() -> None:
    live = FRESH.after(said(NOW, attended=NOW + 2 * HOUR_MS), now=Instant(NOW))
    assert stands(live, NOW + 2 * HOUR_MS - 1) is not Condition.DEGRADED
    assert stands(live, NOW + 2 * HOUR_MS) is Condition.DEGRADED


def test_a_line_is_degraded_when_its_link_fails_though_a_stick_still_goes() -> None:
    live = FRESH.after(said(NOW, attended=NOW), now=Instant(NOW))
    live = live.failed("link", "no route", now=Instant(NOW + 1))
    assert (live.cut, stands(live, NOW + 2)) == (NOW + 1, Condition.DEGRADED)
    live = live.carried("folder", now=Instant(NOW + 3))
    assert (live.cut, stands(live, NOW + 4)) == (None, Condition.DEGRADED)
    live = live.failed("folder", "full", now=Instant(NOW + 5))
    assert live.cut == NOW + 5
    live = live.carried("link", now=Instant(NOW + 6))
    assert (live.cut, stands(live, NOW + 7)) == (None, Condition.ATTENDED)


def test_a_line_without_a_link_is_degraded_when_its_folder_fails() -> None:
    live = FRESH.after(said(NOW, attended=NOW), now=Instant(NOW)).failed("folder", "full", now=Instant(NOW))
    assert stands(live, NOW + 1) is Condition.DEGRADED


def test_a_way_fails_since_it_first_did_and_carries_again_without_a_trace_of_it() -> None:
    live = FRESH.failed("link", "no route", now=Instant(NOW)).failed("link", "timeout", now=Instant(NOW + 9))
    assert (live.ways["link"].failing, live.ways["link"].trouble) == (NOW, "timeout")
    live = live.carried("link", now=Instant(NOW + 10))
    way = live.ways["link"]
    assert (way.carried, way.failing, way.trouble) == (NOW + 10, None, "")
    live = live.failed("link", "no route", now=Instant(NOW + 11))
    assert (live.ways["link"].carried, live.ways["link"].failing) == (NOW + 10, NOW + 11)


def test_a_first_answer_is_believed_though_the_clock_was_set_back() -> None:
    live = FRESH.after(said(NOW), now=Instant(NOW))
    assert live.believed(said(NOW - 60_000, heard=(NOW - 5, NOW - 60_000)))
    answered = live.after(said(NOW - 60_000, heard=(NOW - 5, NOW - 60_000)), now=Instant(NOW + 1))
    assert not answered.believed(said(NOW - 90_000, heard=(NOW - 5, NOW - 90_000)))


def test_an_older_status_is_not_believed() -> None:
    assert FRESH.believed(said(NOW))
    live = FRESH.after(said(NOW), now=Instant(NOW))
    assert not live.believed(said(NOW))
    assert not live.believed(said(NOW - 1))
    assert live.believed(said(NOW + 1))


# ---------------------------------------------------------------------------- attended, by a clock that may be wrong


def test_a_clock_that_is_a_day_ahead_makes_nobody_attend() -> None:
    """A person left an hour ago; the other's clock is a day ahead and was never compared with ours."""
    ahead = 24 * HOUR_MS
    live = FRESH.after(said(NOW + ahead, attended=NOW + ahead - HOUR_MS), now=Instant(NOW))
    assert live.attended_by_us == NOW - HOUR_MS
    assert stands(live, NOW) is Condition.UNATTENDED


def test_nobody_attends_later_than_we_have_heard_of_it() -> None:
    live = FRESH.after(said(NOW, attended=NOW + HOUR_MS), now=Instant(NOW))
    assert live.attended_by_us == NOW
    assert stands(live, NOW + 15 * MINUTE_MS) is Condition.UNATTENDED


def test_attendance_that_came_by_a_stick_is_as_old_as_it_says() -> None:
    live = FRESH.after(said(NOW, attended=NOW), now=Instant(NOW + 10 * HOUR_MS))
    assert live.attended_by_us == NOW
    assert stands(live, NOW + 10 * HOUR_MS) is Condition.UNATTENDED


def test_attendance_is_by_our_clock_where_the_clocks_were_compared() -> None:
    live = replace(FRESH, attended=Instant(NOW + 5_000), clock=ClockDifference(ahead_ms=5_000, error_ms=1))
    assert live.attended_by_us == NOW


# ---------------------------------------------------------------------------- clocks


def compared(
    t0: int, t1: int, t2: int, t3: int, *, before: ClockDifference | None = None
) -> ClockDifference | None:
    live = replace(FRESH, clock=before)
    return live.after(said(t2, heard=(t0, t1)), now=Instant(t3)).clock


def test_the_clock_difference_is_that_of_ntp() -> None:
    # RFC 5905, clause 8, by hand: offset = ((106-100) + (107-103)) / 2 = 5 s, delay = (103-100) - (107-106) = 2 s.
    assert compared(100_000, 106_000, 107_000, 103_000) == ClockDifference(ahead_ms=5_000, error_ms=1_000)


def test_a_clock_that_is_behind_is_less_than_0_ahead() -> None:
    assert compared(100_000, 41_000, 42_000, 103_000) == ClockDifference(ahead_ms=-60_000, error_ms=1_000)


@given(
    offset=st.integers(-10 * 86_400_000, 10 * 86_400_000),
    there=st.integers(0, 86_400_000),
    waited=st.integers(0, 86_400_000),
    back=st.integers(0, 86_400_000),
)
def test_the_true_offset_lies_within_the_error_of_what_is_measured(
    offset: int, there: int, waited: int, back: int
) -> None:
    t1 = NOW + there + offset
    measured = compared(NOW, t1, t1 + waited, NOW + there + waited + back)
    assert measured is not None
    assert abs(measured.ahead_ms - offset) <= measured.error_ms
    assert measured.error_ms <= (there + back) // 2 + 1


@pytest.mark.parametrize(
    ("t1", "t2", "t3"),
    [(NOW + 5, NOW + 4, NOW + 9), (NOW + 1, NOW + 100, NOW + 50)],
    ids=["answered before it heard", "answered for longer than we waited"],
)
def test_instants_that_cannot_be_are_no_measurement(t1: int, t2: int, t3: int) -> None:
    assert compared(NOW, t1, t2, t3) is None


def test_a_status_that_answers_none_of_ours_leaves_the_clock_as_it_was() -> None:
    before = ClockDifference(ahead_ms=7, error_ms=3)
    assert replace(FRESH, clock=before).after(said(NOW), now=Instant(NOW)).clock == before


def test_a_vague_measurement_does_not_replace_a_near_one_that_it_agrees_with() -> None:
    near = ClockDifference(ahead_ms=5_000, error_ms=100)
    assert compared(NOW, NOW + 5_000, NOW + 5_000, NOW + 10_000, before=near) == near


def test_a_vague_measurement_that_contradicts_a_near_one_shows_that_a_clock_was_set() -> None:
    near = ClockDifference(ahead_ms=5_000, error_ms=100)
    assert compared(NOW, NOW + 65_000, NOW + 65_000, NOW + 10_000, before=near) == ClockDifference(
        ahead_ms=60_000, error_ms=5_000
    )


def test_a_nearer_measurement_replaces_a_vague_one() -> None:
    vague = ClockDifference(ahead_ms=5_000, error_ms=60_000)
    assert compared(NOW, NOW + 4_000, NOW + 4_000, NOW + 2_000, before=vague) == ClockDifference(
        ahead_ms=3_000, error_ms=1_000
    )


# ---------------------------------------------------------------------------- checks and tries


def test_a_check_is_due_at_once_and_then_every_hour() -> None:
    assert due_check(None, TIMERS, now=Instant(NOW))
    assert not due_check(Instant(NOW), TIMERS, now=Instant(NOW + HOUR_MS - 1))
    assert due_check(Instant(NOW), TIMERS, now=Instant(NOW + HOUR_MS))


def test_each_try_waits_twice_as_long_up_to_a_minute_and_urgent_ones_up_to_5_s() -> None:
    assert [retry_after(tries, TIMERS, urgent=False) for tries in range(7)] == [
        2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
    ]  # fmt: skip
    assert [retry_after(tries, TIMERS, urgent=True) for tries in range(4)] == [2_000, 4_000, 5_000, 5_000]
    assert retry_after(10**6, TIMERS, urgent=False) == Duration(60_000)
