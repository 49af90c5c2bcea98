"""At Tanf, September 2018: what the demonstration promises happens, and when, by brute force on geographiclib."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from keepclear.core.instant import MINUTE_MS
from keepclear.formats.scenario.scenario import Role, Scenario, changes_of, scenario_reports
from keepclear.formats.scenario.scenariofile import scenario_of
from keepclear.formats.zone.geojson import zones_of

CENTRE = (33.4967, 38.6178)
RADIUS_M = 55_000
END_MIN = 240.0


@cache
def at_tanf() -> Scenario:
    return scenario_of(files("keepclear.edge").joinpath("scenarios", "at-tanf-2018.toml").read_bytes())


@cache
def tracks() -> dict[str, np.ndarray]:
    """For each track, its reports as rows: minutes after the start, latitude, longitude."""
    played = at_tanf()
    rows: dict[str, list[tuple[float, float, float]]] = {}
    for batch in scenario_reports(played, start=played.window.start, end=played.window.end):
        if batch.source not in played.seen_by(played.own):
            continue
        minutes = ((batch.time_ms - played.window.start) / MINUTE_MS).tolist()
        places = zip(batch.latitude_deg.tolist(), batch.longitude_deg.tolist(), strict=True)
        for track, minute, place in zip(batch.track.tolist(), minutes, places, strict=True):
            rows.setdefault(batch.names[track].removeprefix("sim:"), []).append((minute, *place))
    return {name: np.array(reports) for name, reports in rows.items()}


def outside_m(name: str, every: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """The minutes of a track's reports, and how far outside the 55 km each was."""
    reports = tracks()[name][::every]
    gaps = [Geodesic.WGS84.Inverse(*CENTRE, lat, lon)["s12"] - RADIUS_M for _, lat, lon in reports]
    return reports[:, 0], np.array(gaps)


def in_ring(latitude_deg: float, longitude_deg: float, ring: list[tuple[float, float]]) -> bool:
    """Whether a place is in a small ring, by counting crossings on a flat map: right to metres over 20 km."""
    inside = False
    for (lat1, lon1), (lat2, lon2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (lat1 > latitude_deg) != (lat2 > latitude_deg):
            inside ^= longitude_deg < lon1 + (latitude_deg - lat1) / (lat2 - lat1) * (lon2 - lon1)
    return inside


def test_it_is_played_in_24_minutes_by_the_party_that_declared_the_zone() -> None:
    played = at_tanf()
    assert (played.window.end - played.window.start) / played.rate == 24 * MINUTE_MS
    zone = played.zones[0].zone
    assert zone.declared_by == played.own == "A"
    assert [(stand.party, stand.stand.value) for stand in zone.recognition][-1] == ("B", "disputed")
    assert {party.role for party in played.parties} == set(Role)
    for party in played.parties:
        assert [name.language for name in party.names] == ["en", "ru", "ar", "fr"]


def test_the_words_are_neutral() -> None:
    text = files("keepclear.edge").joinpath("scenarios", "at-tanf-2018.toml").read_text().lower()
    for word in ("violation", "hostile", "enemy", "friendly", "target", "intruder", "aggress", "threat"):
        assert word not in text


@pytest.mark.parametrize("name", ["A-POST", "A-Q1", "A-D1", "P-T1", "P-T2", "P-T3", "OCHA-K1", "OCHA-K2"])
def test_the_garrison_its_partners_and_the_convoy_are_inside_throughout(name: str) -> None:
    minutes, gap_m = outside_m(name, every=5)
    assert (minutes[0], minutes[-1] > END_MIN - 2) == (0, True)
    assert gap_m.max() < -5_000
    admitted = at_tanf().zones[0].zone.admitted
    assert (
        next(mover.label.party for mover in at_tanf().movers if mover.label.track == f"sim:{name}")
        in admitted
    )


def test_the_first_aircraft_comes_near_and_turns_away() -> None:
    minutes, gap_m = outside_m("B-F21")
    assert minutes[0] == 1
    assert 20_000 < gap_m.min() < 30_000
    assert 12 < minutes[gap_m.argmin()] < 15
    assert gap_m[-1] > 150_000


@pytest.mark.parametrize(("name", "after", "before"), [("B-G207", 44, 46), ("B-G209", 46, 48)])
def test_the_convoy_enters_and_stays(name: str, after: float, before: float) -> None:
    minutes, gap_m = outside_m(name)
    entered = minutes[gap_m <= 0][0]
    assert after < entered < before
    assert np.all(gap_m[minutes > entered + 1] < 0)
    assert minutes[-1] > END_MIN - 1
    # Longer inside than the zone allows, which is what raises an overstay.
    zone = at_tanf().zones[0].zone
    assert (END_MIN - entered) * MINUTE_MS > zone.overstay_ms


def test_the_second_aircraft_enters_and_leaves() -> None:
    minutes, gap_m = outside_m("B-F33")
    inside = minutes[gap_m <= 0]
    assert 82 < inside[0] < 83.5
    assert 85 < inside[-1] < 87
    assert np.all(np.diff(np.flatnonzero(gap_m <= 0)) == 1)
    assert gap_m[-1] > 100_000


def test_the_unknown_aircraft_stays_near_the_edge_and_never_crosses_it() -> None:
    minutes, gap_m = outside_m("U-1")
    assert minutes[0] == 42
    assert minutes[-1] > END_MIN - 1
    assert 500 < gap_m.min() < 2_000
    assert gap_m.max() < 10_000
    assert next(mover.label.party for mover in at_tanf().movers if mover.label.track == "sim:U-1") == ""


def test_a_feed_dies_for_good_while_a_track_of_it_is_inside() -> None:
    minutes, gap_m = outside_m("B-V3")
    assert 141 < minutes[gap_m <= 0][0] < 145
    assert 164 < minutes[-1] < 165
    assert gap_m[-1] < -10_000
    assert tracks()["CIV-N1"][0, 0] == 0
    assert 164 < tracks()["CIV-N1"][-1, 0] < 165


def test_a_corridor_is_declared_with_a_partner_already_inside() -> None:
    played = at_tanf()
    declared = {zone.name: (at - played.window.start) / MINUTE_MS for at, zone, _ in changes_of(played)}
    assert declared == {"TANF 55": 0, "RUKBAN CAMP": 0, "RANGE 7": 0, "OCHA ROUTE": 130}
    legs = [(33.49, 38.61, 33.44, 38.65), (33.44, 38.65, 33.36, 38.685)]
    points = [
        (point["lat2"], point["lon2"])
        for line in (Geodesic.WGS84.InverseLine(*leg) for leg in legs)
        for point in (line.Position(along) for along in np.linspace(0, line.s13, 500))
    ]
    reports = tracks()["P-T2"]
    for _, lat, lon in reports[(reports[:, 0] >= 130) & (reports[:, 0] < 140)][::10]:
        assert min(Geodesic.WGS84.Inverse(lat, lon, *point)["s12"] for point in points) < 1_400


def test_a_partner_drives_through_the_range_while_it_is_in_force() -> None:
    ring = [(33.62, 38.52), (33.62, 38.74), (33.74, 38.74), (33.76, 38.60), (33.71, 38.52)]
    inside = [minute for minute, lat, lon in tracks()["P-T3"] if in_ring(lat, lon, ring)]
    assert 147 < inside[0] < 150
    assert 160 < inside[-1] < 164
    zone = next(scripted.zone for scripted in at_tanf().zones if scripted.zone.name == "RANGE 7")
    window = zone.volume.schedule.window
    start = at_tanf().window.start
    assert ((window.start - start) / MINUTE_MS, (window.end - start) / MINUTE_MS) == (120, 210)


def test_the_last_aircraft_turns_towards_the_zone_less_than_a_minute_before_the_end() -> None:
    minutes, gap_m = outside_m("B-F45")
    turned = END_MIN - 50 / 60
    assert gap_m.min() > 80_000
    before, after = gap_m[minutes < turned - 1][-1], gap_m[minutes > turned]
    assert before > 90_000
    # At 780 km/h, 13 km a minute and almost straight on.
    assert np.all(np.diff(after) / np.diff(minutes[minutes > turned]) < -10_000)


def test_civil_traffic_is_as_busy_as_promised_and_keeps_well_away() -> None:
    aircraft = [name for name in tracks() if name.startswith("CIV") and name != "CIV-N1"]
    vehicles = [name for name in tracks() if name.startswith("CAR")]
    assert (len(aircraft), len(vehicles)) == (480, 90)
    for minute in (1, 60, 120, 180, 239):
        near = [np.any(np.abs(tracks()[name][:, 0] - minute) < 0.5) for name in aircraft]
        assert 120 < sum(near) < 300
    for name in aircraft[::8] + vehicles[::4]:
        assert outside_m(name, every=40)[1].min() > 30_000


def test_the_examples_in_the_documents_are_read() -> None:
    folder = Path(__file__).parents[2] / "docs"
    whole, line = (
        (folder / "scenarios.md").read_text().split("```toml\n")[n].split("```")[0] for n in (1, 2)
    )
    json = (folder / "geojson.md").read_text().split("```json\n")[1].split("```")[0].encode()
    assert scenario_of(whole.encode()).title == "A ferry and a patrol"
    other = '[[party]]\nname = "B"\nrole = "other"\n'
    with_line = scenario_of(f"{whole}{other}{line}".encode()).line
    assert with_line is not None
    assert [message.id for message in with_line.messages] == ["closing"]
    read = zones_of(json)
    assert ([zone.name for zone in read.zones], read.refusals) == (["TANF 55"], ())


def test_notes_tell_the_history_before_the_start_and_the_guide_says_what_to_click() -> None:
    played = at_tanf()
    history = [note.words[:11] for note in played.notes if note.at < played.window.start]
    assert history == ["1 September", "6 September"]
    assert len(played.guide) >= 6
