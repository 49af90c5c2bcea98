"""The words of evidence: neutral, in units that are said on watch, and never more certain than what was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keepclear.core.instant import Instant
from keepclear.core.space.altitude import Datum
from keepclear.core.watch.alert import AlertKind
from keepclear.core.watch.evidence import Observation, distance_text, outcome_words, span_text
from keepclear.core.watch.report import PartyName, SourceName, TrackName
from keepclear.core.watch.standing import Outcome, Sight
from keepclear.core.watch.zone import STANDS_SAID_MAX, Recognised, Recognition, recognition_text
from scene import NAN, START, Scene, seconds, zone

SEEN = Observation(
    track=TrackName("x:one"),
    title="B-G207",
    source=SourceName("radar"),
    at=START,
    latitude_deg=33.5,
    longitude_deg=38.6,
    altitude_m=NAN,
    datum=Datum.UNKNOWN,
    speed_mps=NAN,
    course_deg=NAN,
    accuracy_m=10.0,
)
NEAR = Sight(at=START, distance_m=1_900.0, within=False, certain=False)


def at(after_s: float) -> Instant:
    return Instant(START + seconds(after_s))


@pytest.mark.parametrize(
    ("distance_m", "words"),
    [
        (0.0, "0 m"),
        (-999.4, "999 m"),
        (999.5, "1.0 km"),
        (1_949.0, "1.9 km"),
        (55_000.0, "55.0 km"),
    ],
)
def test_a_length_is_said_in_metres_or_in_tenths_of_kilometres(distance_m: float, words: str) -> None:
    assert distance_text(distance_m) == words


@pytest.mark.parametrize(
    ("span_ms", "words"),
    [
        (0, "0 s"),
        (59_999, "59 s"),
        (60_000, "1 min 00 s"),
        (3_599_999, "59 min 59 s"),
        (7_500_000, "2 h 05 min"),
    ],
)
def test_a_span_is_said_in_two_units(span_ms: int, words: str) -> None:
    assert span_text(span_ms) == words


def test_an_approach_says_its_interval_as_far_as_it_is_known() -> None:
    expected = replace(NEAR, entry_earliest=at(90), entry_expected=at(120))
    bounded = replace(expected, entry_latest=at(180))
    possible = replace(NEAR, entry_earliest=at(90))
    head = "B-G207 closing on zone Tanf, as declared by A: 1.9 km outside the edge"
    for sight, tail in (
        (bounded, ", entry expected 06:02:00Z (between 06:01:30Z and 06:03:00Z)"),
        (expected, ", entry expected 06:02:00Z (not before 06:01:30Z)"),
        (possible, ", entry possible"),
    ):
        assert outcome_words(Outcome.APPROACHED, zone(), SEEN, sight, stay_ms=0) == head + tail


def test_a_silence_says_when_and_where_it_was_last_seen_and_that_it_is_unknown() -> None:
    sight = replace(NEAR, distance_m=-500.0)
    assert outcome_words(Outcome.FELL_SILENT, zone(), SEEN, sight, stay_ms=0) == (
        "B-G207 not heard since 06:00:00Z, last seen 500 m inside the edge of zone Tanf, as declared by A:"
        " unknown, not outside"
    )


def test_the_one_who_declared_is_not_said_twice_and_many_stands_are_counted() -> None:
    stands = tuple(
        Recognised(party=PartyName(f"P{number}"), stand=Recognition.AGREED)
        for number in range(STANDS_SAID_MAX + 3)
    )
    own = Recognised(party=PartyName("A"), stand=Recognition.DECLARED)
    words = recognition_text(replace(zone(), recognition=(own, *stands)))
    assert words.startswith("as declared by A, agreed by P0, agreed by P1")
    assert words.count(" by ") == STANDS_SAID_MAX + 1
    assert words.endswith("and 3 more stands")


def test_evidence_carries_the_fix_that_raised_it_and_leaves_out_what_is_not_known() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(9.0, accuracy_m=NAN)
    first = scene.alert(AlertKind.ENTRY).first
    assert (first.at, first.track, first.source) == (START, "x:one", "radar")
    assert (first.altitude_m, first.speed_mps, first.course_deg) == (None, None, None)
    assert first.accuracy_m == 50.0
    assert first.certain


def test_the_words_of_an_alert_are_those_of_its_evidence() -> None:
    scene = Scene()
    scene.declare(zone())
    scene.hear(9.0)
    alert = scene.alert(AlertKind.ENTRY)
    assert alert.words == alert.first.words == alert.latest.words
