"""Feeds: a quiet feed is never taken for a quiet sky."""

from __future__ import annotations

import pytest

from keepclear.core.instant import Duration, Instant
from keepclear.core.watch.alert import AlertKind, Priority, Stage
from keepclear.core.watch.event import FeedChanged
from keepclear.core.watch.feed import Feed, FeedState, feed_state, feed_words
from scene import FEED, START, Scene, changes, zone


def feed(**changes: object) -> Feed:
    return Feed(**({"name": FEED, "kind": "tcp", "last": START} | changes))


@pytest.mark.parametrize(
    ("quiet_ms", "state", "words"),
    [
        (-1_000, FeedState.LIVE, "live"),
        (5_000, FeedState.LIVE, "live"),
        (5_001, FeedState.LATE, "late 5 s"),
        (30_000, FeedState.LATE, "late 30 s"),
        (30_001, FeedState.LOST, "lost 30 s"),
    ],
)
def test_a_quiet_feed_is_late_and_then_lost(quiet_ms: int, state: FeedState, words: str) -> None:
    now = Instant(START + quiet_ms)
    assert feed_state(feed(), now=now) is state
    assert feed_words(feed(), now=now) == words


def test_a_feed_that_never_delivered_waits_and_one_that_ended_is_not_lost() -> None:
    later = Instant(START + 10_000_000)
    assert feed_state(feed(last=None), now=later) is FeedState.WAITING
    assert feed_state(feed(ended=True), now=later) is FeedState.ENDED


def test_the_words_say_what_the_connection_said() -> None:
    assert feed_words(feed(trouble="refused"), now=START) == "live: refused"


def lively() -> Scene:
    scene = Scene()
    scene.do(FeedChanged(name=FEED, kind="tcp", lost_ms=Duration(30_000)))
    scene.hear(50.0)
    return scene


def test_a_lost_feed_is_a_warning_until_it_is_heard_again() -> None:
    scene = lively()
    assert changes(scene.tick(30)) == []
    assert changes(scene.tick(31)) == [("AL-1", "raised")]
    alert = scene.alert(AlertKind.FEED_LOST)
    assert (alert.priority, alert.words, alert.tracks) == (Priority.WARNING, "feed radar lost 31 s", ())
    assert changes(scene.tick(40)) == []
    scene.hear(50.0, at_s=50)
    assert changes(scene.tick(50)) == [("AL-1", "cleared")]
    assert scene.alert(AlertKind.FEED_LOST).stage is Stage.RAISED


def test_a_feed_that_is_lost_again_within_ten_minutes_is_the_same_alert() -> None:
    scene = lively()
    scene.tick(31)
    scene.hear(50.0, at_s=50)
    scene.tick(50)
    assert changes(scene.tick(81)) == [("AL-1", "reopened")]


def test_two_lost_feeds_are_two_alerts() -> None:
    scene = lively()
    scene.hear(50.0, track="x:two", source="ais")
    assert len(changes(scene.tick(31))) == 2


def test_a_feed_that_says_that_it_ended_is_not_lost() -> None:
    scene = lively()
    scene.do(FeedChanged(name=FEED, kind="file", ended=True))
    assert scene.tick(3_600) != []
    assert not [alert for alert in scene.watch.alerts.alerts.values() if alert.kind is AlertKind.FEED_LOST]


def test_a_lost_feed_says_nothing_of_the_tracks_that_it_reported() -> None:
    scene = lively()
    scene.declare(zone(silence_s=60))
    scene.hear(5.0, at_s=0, seen_s=1, track="x:two")
    scene.tick(40)
    assert not any(alert.cleared for alert in scene.watch.alerts.alerts.values())
