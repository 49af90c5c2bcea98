"""Scenarios: the same file always gives the same reports, along true geodesics, with the faults that it states."""

import math
from itertools import pairwise

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, Instant, instant_of, instant_text
from keepclear.core.space.altitude import Datum
from keepclear.core.space.geodesy import Position
from keepclear.core.watch.report import COLUMNS, Reports
from keepclear.formats.scenario.scenario import (
    Role,
    Scenario,
    arriving,
    changes_of,
    itineraries,
    scenario_reports,
)
from keepclear.formats.scenario.scenariofile import scenario_of
from keepclear.formats.scenario.scenariotables import SCENARIO_BYTES_MAX
from keepclear.formats.scenario.scenariovalues import place_of

HEAD = """
title = "A test"
start = 2018-09-07T05:00:00Z
end = 2018-09-07T06:00:00Z
own = "A"
[[party]]
name = "A"
role = "own"
[[party]]
name = "C"
role = "civil"
[[source]]
name = "radar"
[[source]]
name = "relay"
dead = [{ from = "T+00:20", until = "T+00:30" }]
late = [{ from = "T+00:10", until = "T+00:20", by_s = 30 }, { from = "T+00:15", by_s = 5 }]
"""
START = instant_of("2018-09-07T05:00:00Z")
END = instant_of("2018-09-07T06:00:00Z")
SHIP = """
[[mover]]
name = "S1"
callsign = "SHIP 1"
party = "C"
kind = "vessel"
source = "radar"
report_every_s = 7
accuracy_m = 20
path = [
    { place = "10.0 N 179.9 W", at = "T+00:00" },
    { place = "10.1 N 179.8 E", at = "T+00:40:30", until = "T+00:50" },
    { place = "10.3 N 179.8 E", speed_kt = 20 },
]
"""
RELAYED = """
[[mover]]
name = "R1"
kind = "aircraft"
source = "relay"
report_every_s = 5
noise_m = 100
altitude = { flight_level = 100 }
path = [
    { place = "60 N 10 E", at = "T+00:00" },
    { place = "60 N 12 E", at = "T+01:00", altitude = { flight_level = 200 } },
]
"""
CROWD = """
[[crowd]]
name = "X"
count = 40
party = "C"
kind = "aircraft"
source = "radar"
routes = [["50 N 0 E", "52 N 3 E", "51 N 6 E"], ["50 S 10 W", "52 S 10 E"]]
speed_kmh = [700, 900]
altitudes = [{ flight_level = 300 }, { flight_level = 320 }]
spread_km = 10
seed = 7
"""


def scenario(*tables: str, head: str = HEAD) -> Scenario:
    return scenario_of((head + "".join(tables)).encode())


def reports(played: Scenario, source: str, start: int = START, end: int = END) -> Reports:
    names = [item.name for item in played.sources]
    return scenario_reports(played, start=Instant(start), end=Instant(end))[names.index(source)]


def content(*batches: Reports) -> tuple[list[str], list[bytes]]:
    """What batches say, one after the other, bit by bit, so that NaN equals NaN."""
    names = [batch.names[track] for batch in batches for track in batch.track]
    columns = [
        np.concatenate([getattr(batch, column) for batch in batches]).tobytes()
        for column in COLUMNS
        if column != "track"
    ]
    return names, columns


# ------------------------------------------------------------------------------------------ reading


def test_a_file_says_who_there_is_and_when_it_plays() -> None:
    played = scenario(SHIP)
    assert (played.title, played.own, played.rate) == ("A test", "A", 1.0)
    assert (played.window.start, played.window.end) == (START, END)
    assert [(party.name, party.role) for party in played.parties] == [("A", Role.OWN), ("C", Role.CIVIL)]
    (mover,) = played.movers
    assert (mover.track, mover.label.callsign, mover.label.party) == ("sim:S1", "SHIP 1", "C")


def test_times_may_be_absolute_or_after_the_start() -> None:
    absolute = SHIP.replace('"T+00:40:30"', "2018-09-07T08:40:30+03:00")
    assert scenario(absolute).movers == scenario(SHIP).movers


def test_a_leg_by_speed_takes_its_length_over_its_speed() -> None:
    (mover,) = scenario(SHIP).movers
    *_, before, last = mover.waypoints
    length = Geodesic.WGS84.Inverse(10.1, 179.8, 10.3, 179.8)["s12"]
    assert instant_text(before.at) == "2018-09-07T05:50:00.000Z"
    assert last.at - before.at == pytest.approx(length / (20 * 1852 / 3600) * 1000, abs=1)


def test_laps_return_to_the_first_place_by_its_speed() -> None:
    path = """
    laps = 3
    path = [
        { place = "10 N 10 E", at = "T+00:00", speed_kmh = 72 },
        { place = "10 N 10.1 E", speed_kmh = 36 },
    ]
    """
    (mover,) = scenario('[[mover]]\nname = "L"\nkind = "vehicle"\nsource = "radar"\n' + path).movers
    there = Geodesic.WGS84.Inverse(10, 10, 10, 10.1)["s12"] / 10 * 1000
    expected = [0, there, there * 1.5, there * 2.5, there * 3, there * 4, there * 4.5]
    assert [stop.at - START for stop in mover.waypoints] == pytest.approx(expected, abs=5)


def test_zones_come_and_go_at_their_times() -> None:
    circle = 'circle = { centre = "10 N 10 E", radius_km = 5 }\ndeclared_by = "A"\n'
    zones = (
        f'[[zone]]\nname = "EARLY"\n{circle}'
        f'[[zone]]\nname = "BETWEEN"\ndeclared = "T+00:10"\nwithdrawn = "T+00:20"\n{circle}'
        f'[[zone]]\nname = "AFTER"\ndeclared = "T+01:00:01"\n{circle}'
    )
    changes = [(at - START, zone.name, declared) for at, zone, declared in changes_of(scenario(zones))]
    assert changes == [(0, "EARLY", True), (600_000, "BETWEEN", True), (1_200_000, "BETWEEN", False)]


def test_a_zone_has_the_fields_of_the_geojson_extension() -> None:
    table = """
    [[zone]]
    name = "Z"
    kind = "danger-area"
    declared_by = "A"
    corridor = { line = ["10 N 10 E", "11 N 10 E"], half_width_km = 2 }
    upper = { height_ft = 1000, datum = "agl" }
    schedule = { from = "T+00:30", until = 2018-09-07T05:45:00Z }
    warning_time_s = 90
    """
    zone = scenario(table).zones[0].zone
    assert zone.warning_time_ms == 90_000
    schedule = zone.volume.schedule.window
    assert (schedule.start, schedule.end) == (START + 1_800_000, START + 2_700_000)


@pytest.mark.parametrize(
    ("text", "latitude_deg", "longitude_deg"),
    [
        ("33.4967 N 38.6178 E", 33.4967, 38.6178),
        ("33.4967N, 38.6178E", 33.4967, 38.6178),
        ("1 S 179.5 W", -1, -179.5),
        ("0 N 0 E", 0, 0),
    ],
)
def test_a_place_is_latitude_and_longitude_with_their_letters(
    text: str, latitude_deg: float, longitude_deg: float
) -> None:
    assert place_of(text) == Position(latitude_deg=latitude_deg, longitude_deg=longitude_deg)


@pytest.mark.parametrize(
    "text",
    [
        "33.4967 38.6178",
        "38.6178 E 33.4967 N",
        "-33 N 38 E",
        "33 n 38 e",
        "91 N 0 E",
        "1 N 181 E",
        "",
        "٣٣ N 1 E",
    ],
)
def test_a_place_that_could_be_misread_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        place_of(text)


ZONE = '[[zone]]\nname = "Z"\ndeclared_by = "A"\n'
PLAIN = '[[mover]]\nname = "M"\nkind = "vehicle"\nsource = "radar"\n'
PATH = 'path = [{ place = "1 N 1 E", at = "T+00:00" }, { place = "1 N 2 E", at = "T+01:00" }]\n'
LAP = 'path = [{ place = "1 N 1 E", at = "T+00:00", speed_kmh = 9 }, { place = "1 N 2 E"%s }]\n'

BAD_FILES = {
    "not TOML": ("title = ", "scenario.syntax"),
    "not UTF-8": ("\udcff", "scenario.syntax"),
    "a key twice": (HEAD.replace('title = "A test"', 'title = "A"\ntitle = "B"'), "scenario.syntax"),
    "nan": (HEAD.replace("own", "rate = nan\nown"), "scenario.syntax"),
    "beyond a float": (HEAD.replace("own", "rate = 1e999\nown", 1), "scenario.syntax"),
    "digits": ("a = " + "1" * 10_000, "scenario.syntax"),
    "a start in words": (HEAD.replace("2018-09-07T05:00:00Z", '"dawn"'), "instant.unreadable"),
    "many dots": ("a" + ".a" * 100_000 + " = 1", "scenario.syntax"),
    "many quoted dots": ('"a"' + '."a"' * 50_000 + " = 1", "scenario.syntax"),
    "deep": ("a = " + "[" * 100_000, "scenario.syntax"),
    "long": ("#" * (SCENARIO_BYTES_MAX + 1), "scenario.too-long"),
    "no offset": (HEAD.replace("05:00:00Z", "05:00:00"), "scenario.time"),
    "no start": (HEAD.replace("start = ", "begin = "), "scenario.time"),
    "a number as start": (HEAD.replace("2018-09-07T05:00:00Z", "5"), "scenario.time"),
    "unknown key": ("colour = 1\n" + HEAD, "scenario.shape"),
    "unknown key in a table": (HEAD + PLAIN + PATH + "colour = 1\n", "scenario.shape"),
    "no time at all": (HEAD.replace("T06:00:00Z", "T05:00:00Z"), "scenario.span"),
    "too long a time": (HEAD.replace("2018-09-07T06", "2018-10-07T06"), "scenario.span"),
    "backwards": (HEAD.replace("T06:00:00Z", "T04:00:00Z"), "window.reversed"),
    "no rate": ("rate = 0\n" + HEAD, "scenario.rate"),
    "unknown own": (HEAD.replace('own = "A"', 'own = "Z"'), "scenario.party"),
    "two owners": (HEAD.replace('"civil"', '"own"'), "scenario.own"),
    "party twice": (HEAD + '[[party]]\nname = "A"\nrole = "other"\n', "scenario.party"),
    "source twice": (HEAD + '[[source]]\nname = "radar"\n', "scenario.source"),
    "mover twice": (HEAD + (PLAIN + PATH) * 2, "scenario.mover"),
    "unknown source": (HEAD + PLAIN.replace("radar", "sonar") + PATH, "scenario.source"),
    "unknown party": (HEAD + PLAIN + 'party = "Z"\n' + PATH, "scenario.party"),
    "unknown kind": (HEAD + PLAIN.replace("vehicle", "tank") + PATH, "mover.kind"),
    "a name with a blank": (HEAD + PLAIN.replace('"M"', '"M 1"') + PATH, "report.track"),
    "late beyond an hour": (HEAD.replace("by_s = 30", "by_s = 3601"), "source.late"),
    "late by less than nothing": (HEAD.replace("by_s = 30", "by_s = -1"), "scenario.seconds"),
    "no path": (HEAD + PLAIN + "path = []\n", "mover.path"),
    "one place": (HEAD + PLAIN + 'path = [{ place = "1 N 1 E", at = "T+00:00" }]\n', "mover.waypoints"),
    "no first time": (HEAD + PLAIN + PATH.replace(', at = "T+00:00"', ""), "mover.path"),
    "time and speed": (HEAD + PLAIN + PATH.replace('"T+01:00"', '"T+01:00", speed_kt = 1'), "mover.path"),
    "two speeds": (
        HEAD + PLAIN + PATH.replace('at = "T+01:00"', "speed_kt = 1, speed_kmh = 1"),
        "mover.path",
    ),
    "no speed": (HEAD + PLAIN + PATH.replace('at = "T+01:00"', "speed_kt = 0"), "mover.path"),
    "a first speed": (
        HEAD + PLAIN + PATH.replace('at = "T+00:00"', 'at = "T+00:00", speed_kt = 1'),
        "mover.path",
    ),
    "out of order": (HEAD + PLAIN + PATH.replace("T+01:00", "T-01:00"), "mover.order"),
    "too fast": (HEAD + PLAIN + PATH.replace("T+01:00", "T+00:00:01"), "mover.speed"),
    "no laps": (HEAD + PLAIN + "laps = 0\n" + PATH, "mover.laps"),
    "a lap without a speed": (HEAD + PLAIN + "laps = 2\n" + LAP % ', at = "T+01:00"', "mover.path"),
    "a lap with a wait": (
        HEAD + PLAIN + "laps = 2\n" + LAP % ', speed_kt = 1, until = "T+09:00"',
        "mover.path",
    ),
    "two datums": (
        HEAD + PLAIN + PATH.replace('"T+01:00"', '"T+01:00", altitude = { flight_level = 1 }'),
        "mover.datum",
    ),
    "reports too often": (HEAD + PLAIN + "report_every_s = 0.01\n" + PATH, "mover.interval"),
    "negative noise": (HEAD + PLAIN + "noise_m = -1\n" + PATH, "mover.accuracy"),
    "no shape": (HEAD + ZONE, "zone.shape"),
    "two shapes": (
        HEAD + ZONE + 'circle = { centre = "1 N 1 E", radius_km = 1 }\npolygon = { outer = [] }\n',
        "zone.shape",
    ),
    "a party of a zone": (
        HEAD + ZONE + 'circle = { centre = "1 N 1 E", radius_km = 1 }\nadmitted = ["Z"]\n',
        "scenario.party",
    ),
    "an empty crowd": (HEAD + CROWD.replace("count = 40", "count = 0"), "crowd.count"),
    "a crowd that stands": (HEAD + CROWD.replace("[700, 900]", "[0, 900]"), "crowd.speed"),
    "a crowd without a route": (HEAD + CROWD.replace('"50 S 10 W", ', ""), "crowd.routes"),
    "a crowd spread backwards": (HEAD + CROWD.replace("spread_km = 10", "spread_km = -1"), "crowd.spread"),
    "a place": (HEAD + PLAIN + PATH.replace("1 N 2 E", "1, 2"), "place.unreadable"),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_file_that_says_something_impossible_is_refused(what: str) -> None:
    text, code = BAD_FILES[what]
    with pytest.raises(Refused) as caught:
        scenario_of(text.encode(errors="surrogateescape"))
    assert caught.value.code == code


def test_a_refusal_names_the_table_by_its_number_and_name() -> None:
    with pytest.raises(Refused, match=r"mover 2 \('M'\): the place '1, 2' is not written such as"):
        scenario(SHIP, PLAIN, PATH.replace("1 N 2 E", "1, 2"))


# ------------------------------------------------------------------------------------------ playing


def test_reports_lie_on_the_geodesic_between_waypoints_where_even_speed_puts_them() -> None:
    played = reports(scenario(SHIP), "radar")
    line = Geodesic.WGS84.InverseLine(10.0, -179.9, 10.1, 179.8)
    span = 40.5 * 60_000
    under_way = np.flatnonzero(played.time_ms - START < span)
    assert under_way.size == math.ceil(span / 7_000)
    for row in under_way:
        truth = line.Position((played.time_ms[row] - START) / span * line.s13)
        gap = Geodesic.WGS84.Inverse(
            played.latitude_deg[row], played.longitude_deg[row], truth["lat2"], truth["lon2"]
        )
        assert gap["s12"] < 1e-3
        assert played.course_deg[row] == pytest.approx(truth["azi2"] % 360, abs=1e-6)
        assert played.speed_mps[row] == pytest.approx(line.s13 / span * 1000)


def test_a_mover_that_waits_has_no_speed_and_no_course() -> None:
    played = reports(scenario(SHIP), "radar", START + 41 * 60_000, START + 49 * 60_000)
    assert len(played) > 60
    assert np.all(played.speed_mps == 0)
    assert np.all(np.isnan(played.course_deg))
    assert np.ptp(played.latitude_deg) == np.ptp(played.longitude_deg) == 0


def test_height_changes_evenly_and_keeps_its_datum() -> None:
    played = scenario(RELAYED)
    made = reports(played, "relay", START, START + 600_000)
    share = (made.time_ms - START) / 3_600_000
    assert made.altitude_m == pytest.approx(10_000 * 0.3048 * (1 + share))
    assert set(made.datum.tolist()) == {Datum.PRESSURE}
    assert made.climb_mps == pytest.approx(10_000 * 0.3048 / 3600)


def test_noise_stays_within_its_bound_and_is_not_nothing() -> None:
    noisy = reports(scenario(RELAYED), "relay", START, START + 600_000)
    exact = reports(scenario(RELAYED.replace("noise_m = 100", "")), "relay", START, START + 600_000)
    gaps = [
        Geodesic.WGS84.Inverse(*pair)["s12"]
        for pair in zip(
            noisy.latitude_deg, noisy.longitude_deg, exact.latitude_deg, exact.longitude_deg, strict=True
        )
    ]
    assert max(gaps) <= 100 + 1e-6
    # Evenly over a disc, half of the places are farther out than 71 m of 100.
    assert 0.3 < np.mean(np.array(gaps) > 71) < 0.7


def test_what_a_dead_source_would_have_reported_never_arrives() -> None:
    made = reports(scenario(RELAYED), "relay")
    minutes = (made.time_ms - START) / 60_000
    assert not np.any((minutes >= 20) & (minutes < 30))
    assert np.any(minutes == 30)


def test_a_late_source_delivers_old_reports_late_and_all_of_them() -> None:
    played = scenario(RELAYED)
    before = reports(played, "relay", START + 600_000, START + 630_000)
    assert len(before) == 0
    after = reports(played, "relay", START + 630_000, START + 640_000)
    assert ((after.time_ms - START) // 1000).tolist() == [600, 605]
    whole = reports(played, "relay", START, START + 1_230_000)
    assert np.count_nonzero(whole.time_ms < START + 1_200_000) == 240


@given(st.lists(st.integers(0, 3_600_000), max_size=6))
def test_the_same_reports_arrive_however_time_is_cut(cuts: list[int]) -> None:
    played = scenario(SHIP, RELAYED)
    ready = list(zip(played.sources, itineraries(played), strict=True))
    ends = [Instant(START + cut) for cut in [0, *sorted(cuts), 3_600_000]]
    for source, itinerary in ready:
        whole = arriving(source, itinerary, start=START, end=END)
        parts = [arriving(source, itinerary, start=start, end=end) for start, end in pairwise(ends)]
        assert content(*parts) == content(whole)


def test_the_same_file_gives_the_same_reports_and_another_seed_gives_others() -> None:
    once, again = (content(reports(scenario(CROWD), "radar")) for _ in range(2))
    other = content(reports(scenario(CROWD.replace("seed = 7", "seed = 8")), "radar"))
    assert once == again
    assert once != other


def test_nothing_arrives_outside_the_scenario() -> None:
    played = scenario(CROWD)
    assert len(reports(played, "radar", START - 3_600_000, START)) == 0
    assert len(reports(played, "radar", END, FOREVER)) == 0


def test_a_crowd_keeps_to_the_right_of_its_routes_at_its_speeds_and_heights() -> None:
    played = scenario(CROWD)
    made = reports(played, "radar")
    assert len(played.movers) == 40
    assert np.all((made.speed_mps > 700 / 3.6 * 0.98) & (made.speed_mps < 900 / 3.6 * 1.02))
    assert set(np.round(made.altitude_m / 30.48).tolist()) == {300, 320}
    points = [
        (point["lat2"], point["lon2"])
        for line in (Geodesic.WGS84.InverseLine(50, 0, 52, 3), Geodesic.WGS84.InverseLine(52, 3, 51, 6))
        for point in (line.Position(along) for along in np.linspace(0, line.s13, 200))
    ]
    for row in np.flatnonzero(made.latitude_deg > 0)[::499]:
        place = made.latitude_deg[row], made.longitude_deg[row]
        # Walked in steps of less than 2 km, beside which the spread of 10 km is allowed.
        assert min(Geodesic.WGS84.Inverse(*place, *point)["s12"] for point in points) < 11_000


def test_labels_name_each_track_in_a_batch() -> None:
    made = reports(scenario(SHIP, CROWD), "radar", START, START + 60_000)
    assert tuple(label.track for label in made.labels) == made.names
    assert "sim:S1" in made.names
