"""The bodies of entries: canonical, readable, and never too long for the record."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.instant import Instant
from keepclear.core.trust.encoding import BYTES_MAX, canonical, parsed
from keepclear.core.watch.alert import NAME_LENGTH_MAX, REASON_LENGTH_MAX, AlertKind, ResponseStep, Step
from keepclear.core.watch.alert_list import AlertChanged
from keepclear.core.watch.event import StepTaken, ZonesChanged
from keepclear.core.watch.report import PartyName
from keepclear.core.watch.zone import Recognised, Recognition, Zone, ZoneName
from keepclear.formats.stored.body import Segment, alert_body, segment_body, started_body, zone_body
from keepclear.formats.zone.geojson import geojson_of
from scene import START, Scene, zone
from strategies import any_zones


@settings(max_examples=50)
@given(any_zones())
def test_the_body_of_any_zone_is_canonical_and_its_hash_is_that_of_its_text(declared: Zone) -> None:
    body = zone_body(ZonesChanged(name=declared.name, zone=declared, by="officer"))
    held = parsed(body)
    assert canonical(held) == body
    text = geojson_of([declared], with_outlines=False)
    assert held["geojson_sha256"] == sha256(text).hexdigest()
    assert held.get("geojson", text.decode()) == text.decode()


@given(st.sampled_from('"\\\n\x01a\u0627\U0001f54a'))
def test_a_zone_whose_text_swells_when_quoted_still_fits(letter: str) -> None:
    wide = replace(zone(), basis=letter * 2_000, steps=(letter * 500,) * 12)
    body = zone_body(ZonesChanged(name=ZoneName("Tanf"), zone=wide, by="x" * 200))
    assert len(body) <= BYTES_MAX


@given(st.sampled_from('"\\\n\x01a\u0627\U0001f54a'))
def test_the_longest_step_on_the_most_recognised_zone_still_fits(letter: str) -> None:
    parties = [PartyName((f"{number:03d}" + "\U0001f54a" * 80)[:80]) for number in range(100)]
    stands = tuple(Recognised(party=party, stand=Recognition.ACKNOWLEDGED) for party in parties)
    scene = Scene()
    scene.declare(replace(zone("\U0001f54a" * 80), recognition=stands))
    for number in range(50):
        scene.hear(5.0, track=f"x:{number:062d}")
    alert = scene.alert(AlertKind.ENTRY)
    assert len(alert.tracks) == 50
    done = ResponseStep(
        step=Step.CLOSE,
        at=scene.now,
        by=letter * (NAME_LENGTH_MAX - 1) + "x",
        second=letter * NAME_LENGTH_MAX,
        channel=letter * NAME_LENGTH_MAX,
        reception=letter * NAME_LENGTH_MAX,
        reason=letter * (REASON_LENGTH_MAX - 1) + "x",
        text=letter * REASON_LENGTH_MAX,
    )
    changed = scene.do(StepTaken(alert=alert.id, done=done))[0]
    assert isinstance(changed, AlertChanged)
    assert len(alert_body(changed)) <= BYTES_MAX


def test_a_withdrawal_says_which_and_by_whom() -> None:
    body = zone_body(ZonesChanged(name=ZoneName("Tanf"), zone=None, by="officer"))
    assert json.loads(body) == {"zone": "Tanf", "by": "officer"}


def test_a_segment_and_a_start_say_all_that_they_are() -> None:
    segment = Segment(name="000001", sha256="ab", reports=3, start=START, end=Instant(START + 1))
    assert json.loads(segment_body(segment)) == {
        "file": "000001",
        "sha256": "ab",
        "reports": 3,
        "start_ms": START,
        "end_ms": START + 1,
    }
    started = json.loads(started_body(node="A-desk", version="0.1.0", replayed=7))
    assert started == {"node": "A-desk", "version": "0.1.0", "replayed": 7}
