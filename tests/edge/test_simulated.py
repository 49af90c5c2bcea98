"""Simulated feeds: a scenario comes as its sources would deliver it, by the clock of the node."""

import asyncio

import numpy as np
import pytest

from keepclear.core.instant import Instant, instant_of
from keepclear.core.watch.report import Reports
from keepclear.edge.clock import PlayedClock
from keepclear.edge.feeds.arrival import Arrival, Feed
from keepclear.edge.feeds.pace import LOOK_BACK_MS
from keepclear.edge.feeds.simulated import SimulatedFeed, simulated_feeds
from keepclear.formats.scenario.scenario import Scenario, scenario_reports
from keepclear.formats.scenario.scenariofile import scenario_of

START = instant_of("2018-09-07T05:00:00Z")
END = instant_of("2018-09-07T09:00:00Z")
TEXT = b"""
title = "Two sources"
start = 2018-09-07T05:00:00Z
end = 2018-09-07T09:00:00Z
rate = 100
own = "A"
[[party]]
name = "A"
role = "own"
[[source]]
name = "steady"
[[source]]
name = "dying"
dead = [{ from = "T+01:00" }]
[[mover]]
name = "S"
kind = "vessel"
source = "steady"
report_every_s = 10
path = [{ place = "10 N 10 E", at = "T+00:00" }, { place = "11 N 10 E", at = "T+04:00" }]
[[mover]]
name = "D"
kind = "vessel"
source = "dying"
report_every_s = 10
path = [{ place = "10 N 11 E", at = "T+00:00" }, { place = "11 N 11 E", at = "T+04:00" }]
"""


class Hand:
    """A clock that a test turns by hand."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> Instant:
        return self.at

    def to(self, minutes: float) -> None:
        self.at = Instant(START + round(minutes * 60_000))


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def played() -> Scenario:
    return scenario_of(TEXT)


def feeds(played: Scenario, hand: Hand) -> tuple[SimulatedFeed, SimulatedFeed]:
    steady, dying = simulated_feeds(played, clock=hand)
    return steady, dying


def times_s(arrival: Arrival | None) -> list[int]:
    assert arrival is not None
    return ((arrival.reports.time_ms - START) // 1000).tolist()


def test_each_source_is_a_feed_of_its_own(played: Scenario, hand: Hand) -> None:
    whole: tuple[Feed, ...] = simulated_feeds(played, clock=hand)
    assert [(feed.name, feed.kind) for feed in whole] == [("steady", "scenario"), ("dying", "scenario")]


def test_what_is_due_comes_once_and_nothing_is_missed(played: Scenario, hand: Hand) -> None:
    steady, _ = feeds(played, hand)
    batches: list[Reports] = []
    for minute in np.arange(0, 240.01, 3.7):
        hand.to(float(minute))
        arrival = steady.due()
        if arrival is not None:
            assert arrival.at == hand.at
            batches.append(arrival.reports)
    whole = scenario_reports(played, start=START, end=batches[-1].time_ms[-1] + 1)[0]
    assert np.array_equal(np.concatenate([batch.time_ms for batch in batches]), whole.time_ms)
    assert np.array_equal(np.concatenate([batch.latitude_deg for batch in batches]), whole.latitude_deg)


def test_nothing_comes_while_the_clock_stands_still(played: Scenario, hand: Hand) -> None:
    steady, _ = feeds(played, hand)
    hand.to(5)
    assert steady.due() is not None
    assert steady.due() is None


def test_a_dead_source_is_silent_while_the_others_go_on(played: Scenario, hand: Hand) -> None:
    steady, dying = feeds(played, hand)
    for minute in range(0, 60, 5):
        hand.to(minute)
        steady.due()
        dying.due()
    hand.to(60)
    assert times_s(dying.due())[-1] == 3_590
    assert times_s(steady.due())[-1] == 3_590
    hand.to(69)
    assert steady.due() is not None
    assert dying.due() is None


@pytest.mark.parametrize("minute", [5, 170])
def test_after_a_jump_only_the_last_of_what_lies_before_comes(
    played: Scenario, hand: Hand, minute: float
) -> None:
    steady, _ = feeds(played, hand)
    for passed in range(0, 101, 5):
        hand.to(passed)
        steady.due()
    hand.to(minute)
    looked_back = LOOK_BACK_MS // 1000
    assert times_s(steady.due()) == list(range(int(minute * 60) - looked_back, int(minute * 60), 10))
    hand.to(minute + 1)
    assert times_s(steady.due()) == list(range(int(minute * 60), int(minute * 60) + 60, 10))


def test_a_jump_to_the_start_brings_nothing_from_before_it(played: Scenario, hand: Hand) -> None:
    steady, _ = feeds(played, hand)
    hand.to(5)
    steady.due()
    hand.to(0)
    assert steady.due() is None
    hand.to(0.5)
    assert times_s(steady.due()) == [0, 10, 20]


def test_at_the_end_the_feed_waits_for_the_clock_to_be_turned_back(played: Scenario, hand: Hand) -> None:
    steady, _ = feeds(played, hand)
    hand.to(239)
    steady.due()
    hand.to(240)
    assert times_s(steady.due())[-1] == 240 * 60 - 10
    assert steady.due() is None
    hand.to(30)
    assert steady.due() is not None


def test_a_feed_keeps_step_with_a_clock_that_runs(played: Scenario) -> None:
    clock = PlayedClock(played.window, rate=played.rate)
    steady, _ = simulated_feeds(played, clock=clock.now)

    async def first_two() -> list[Arrival]:
        found: list[Arrival] = []
        async with asyncio.timeout(10):
            async for arrival in steady.arrivals():
                found.append(arrival)
                if len(found) == 2:
                    break
        return found

    one, other = asyncio.run(first_two())
    assert START < one.at < other.at < END
    assert times_s(one)[-1] < times_s(other)[0] <= (other.at - START) // 1000
