"""The commands of notices against two running nodes, as people of two parties give them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.paired import Party
from edge.test_lining import WAIT_S, Desk, pair, running
from keepclear.core.instant import instant_text
from keepclear.core.notice.event import Report
from keepclear.core.trust.encoding import Json
from keepclear.edge.clock import RealClock

HOUR = 3_600_000
DAY = 24 * HOUR
CONTACT: dict[str, Json] = {"name": "Duty desk", "phones": ["+963111222333"]}


@pytest.fixture
def desks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[tuple[Desk, Desk]]:
    monkeypatch.chdir(tmp_path)
    with (
        running(Party(tmp_path / "a", "a")) as one,
        running(Party(tmp_path / "b", "b")) as two,
    ):
        a, b = Desk("a", one, monkeypatch, capsys), Desk("b", two, monkeypatch, capsys)
        pair(a, b)
        yield a, b


def notice(desk: Desk, *words: str, code: int = 0) -> str:
    """What ``keepclear notice WORDS`` told at a person's node."""
    return desk.told("notice", *words, "--node", desk.address, code=code)


def now_ms() -> int:
    return RealClock().now()


def circle(name: str, north_e7: int, east_e7: int, *, radius_km: float, hours: tuple[int, int]) -> Json:
    start = now_ms()
    return {
        "name": name,
        "shape": {"kind": "circle", "centre": [north_e7, east_e7], "radius_cm": round(radius_km * 100_000)},
        "from_ms": start + hours[0] * HOUR,
        "until_ms": start + hours[1] * HOUR,
    }


def written(path: str, *, content: dict[str, Json], places: list[Json]) -> str:
    Path(path).write_text(json.dumps({"notice": {"v": 1, **content}, "places": places}))
    return path


def strikes(path: str = "strikes.json", *, hours: tuple[int, int] = (72, 96)) -> str:
    place = circle("NORTH", 334_967_000, 386_178_000, radius_km=30, hours=hours)
    content: dict[str, Json] = {
        "designation": "2018-9/2",
        "kind": "hazardous-activity",
        "purpose": "as announced",
        "hazard": "falling weapons",
        "contact": CONTACT,
        "extents": [{"place": "NORTH", "role": "impact", "accuracy_cm": 50_000}],
    }
    return written(path, content=content, places=[place])


def entry(path: str = "entry.json") -> str:
    place = circle("ROAD", 335_500_000, 386_500_000, radius_km=5, hours=(80, 90))
    content: dict[str, Json] = {
        "designation": "A-7",
        "kind": "entry",
        "purpose": "patrol",
        "contact": CONTACT,
        "extents": [{"place": "ROAD", "role": "area"}],
    }
    return written(path, content=content, places=[place])


def clinic(path: str = "clinic.json", *, designation: str = "SITE-1") -> str:
    place: Json = {
        "name": "CLINIC",
        "shape": {"kind": "circle", "centre": [333_172_345, 387_001_234], "radius_cm": 8_000},
        "upper": {"cm": 1_500, "datum": "agl"},
    }
    content: dict[str, Json] = {
        "designation": designation,
        "kind": "site",
        "function": "hospital",
        "operator": "OCHA",
        "captured": "GNSS, averaged",
        "verifier": "R. Amin",
        "verified_ms": now_ms() - DAY,
        "contact": CONTACT,
        "consent": "deconfliction only",
        "extents": [{"place": "CLINIC", "role": "site"}],
    }
    return written(path, content=content, places=[place])


def convoy(path: str = "convoy.json") -> str:
    start = now_ms() - HOUR
    place: Json = {
        "name": "LEG 1",
        "shape": {
            "kind": "corridor",
            "line": [[334_900_000, 386_100_000], [333_150_000, 387_000_000]],
            "half_width_cm": 150_000,
        },
        "from_ms": start,
        "until_ms": start + 6 * HOUR,
    }
    content: dict[str, Json] = {
        "designation": "OCHA-12",
        "kind": "humanitarian-movement",
        "waypoints": [
            {"name": "GARRISON", "opens_ms": start, "closes_ms": start + HOUR},
            {"name": "CAMP", "opens_ms": start + 2 * HOUR, "closes_ms": start + 6 * HOUR},
        ],
        "headcount": 14,
        "vehicles": 4,
        "cargo": "medical",
        "escort": "none",
        "contacts": [CONTACT, {"name": "Convoy lead", "satellite": ["+881600000001"]}],
        "check_in_ms": HOUR,
        "emergency": True,
        "extents": [{"place": "LEG 1", "role": "route"}],
    }
    return written(path, content=content, places=[place])


def wait_until_told(desk: Desk, words: str, *command: str) -> str:
    """What a command told, once these words are in it."""
    ends = time.monotonic() + WAIT_S
    while words not in (told := notice(desk, *command)):
        assert time.monotonic() < ends, f"{words!r} is not in: {told}"
        time.sleep(0.05)
    return told


BY_A, BY_B = ("--by", "L. Marek"), ("--by", "I. Volkov")


def test_a_notice_that_is_given_conflicts_on_both_nodes_until_it_is_amended_away(
    desks: tuple[Desk, Desk],
) -> None:
    a, b = desks
    assert "No such notice" in notice(a, "list")
    notice(a, "give", "tanf", entry(), *BY_A)
    foreseen = wait_until_told(b, "DEFINITE", "preview", "tanf", strikes())
    assert "They will see, as notify REAL, with places that are exact" in foreseen
    assert "37S DT 64497 06418" in foreseen
    assert "A-7 'ROAD', entry of a" in foreseen
    offered = json.loads(notice(b, "propose", "tanf", strikes(), "--json"))
    assert {each["shift"] for each in offered} == {"time", "place"}
    shifted = next(each for each in offered if each["shift"] == "time" and each["by_ms"] > 0)
    chosen = {"notice": shifted["notice"], "places": shifted["places"]}
    Path("chosen.json").write_text(json.dumps(chosen))
    assert "conflicts with nothing" in notice(b, "preview", "tanf", "chosen.json")
    assert "later" in notice(b, "propose", "tanf", strikes())
    # To look at it beforehand says nothing on the line.
    assert "2018-9/2" not in notice(b, "list", "--over")
    notice(b, "give", "tanf", strikes(), *BY_B)
    for desk in desks:
        told = wait_until_told(desk, "DEFINITE", "conflicts")
        assert "areas share" in told
        assert "rule: must not meet" in told
        assert "SEEN BY NOBODY" in told
    ref = json.loads(notice(a, "conflicts", "--json"))[0]["ref"]
    assert ref == json.loads(notice(b, "conflicts", "--json"))[0]["ref"]
    assert "seen by M. Haddad" in notice(a, "seen", ref, "--by", "M. Haddad, watch officer")
    assert "No conflict" in notice(a, "conflicts", "--unseen")
    assert "SEEN BY NOBODY" in notice(b, "conflicts")
    notice(b, "amend", "tanf", "2018-9/2", strikes("later.json", hours=(200, 240)), *BY_B)
    for desk in desks:
        wait_until_told(desk, "No conflict", "conflicts")
        told = notice(desk, "show", "2018-9/2")
        assert "version 2" in told
        assert "later" in told[told.index("version 2") :]
    assert "REPLACED" in notice(a, "list", "--over")
    notice(b, "withdraw", "tanf", "2018-9/2", *BY_B, "--text", "Called off")
    for desk in desks:
        wait_until_told(desk, "[", "list", "--stage", "withdrawn")


def test_only_its_giver_changes_a_notice_and_what_is_not_known_is_said(desks: tuple[Desk, Desk]) -> None:
    a, b = desks
    notice(a, "give", "tanf", entry(), *BY_A)
    wait_until_told(b, "A-7", "list")
    assert "notice.party" in notice(b, "withdraw", "tanf", "A-7", *BY_B, code=2)
    assert "notice.party" in notice(b, "amend", "tanf", "A-7", entry(), *BY_B, code=2)
    assert "notice.unknown" in notice(b, "show", "A-8", code=2)
    assert "conflict.unknown" in notice(b, "seen", "00", "--by", "N. N.", code=2)
    Path("empty.json").write_text("{}")
    assert "empty.json: notice file lacks" in notice(a, "give", "tanf", "empty.json", *BY_A, code=2)


def test_a_movement_is_followed_by_its_reports_and_its_details_expire(desks: tuple[Desk, Desk]) -> None:
    a, b = desks
    notice(a, "give", "tanf", convoy(), *BY_A)
    wait_until_told(b, "EMERGENCY", "list", "--kind", "humanitarian-movement")
    notice(a, "report", "tanf", "OCHA-12", Report.DEPARTED, *BY_A)
    for desk in desks:
        wait_until_told(desk, "UNDER WAY", "list")
    message = a.message("notify")
    given = next(each for each in a.thread() if "notice" in each["contents"])
    ends = given["contents"]["places"]["places"][0]["until_ms"]
    assert given["contents"]["validity"] == {"keep_until_ms": ends + 3 * DAY}
    assert message is not None
    assert message["contents"]["notice-report"]["report"] == "departed"
    assert instant_text(message["contents"]["notice-report"]["at_ms"])[:10] == instant_text(now_ms())[:10]


def test_a_site_leaves_as_exactly_as_its_recipient_may_know_it_and_who_looks_is_recorded(
    desks: tuple[Desk, Desk],
) -> None:
    a, b = desks
    rounded, why = ("--precision", "rounded"), ("--reason", "Agreed with OCHA")
    assert "part.reason" in notice(a, "give", "tanf", clinic(), *BY_A, *rounded, code=2)
    notice(a, "give", "tanf", clinic(), *BY_A, *rounded, *why)
    assert "verify by" in wait_until_told(b, "SITE-1", "list")
    thread = b.line("thread", "tanf", "--json")
    assert "333172345" not in thread
    assert "387001234" not in thread
    given = next(each for each in json.loads(thread) if "notice" in each["contents"])
    (place,) = given["contents"]["places"]["places"]
    assert place == {
        "name": "CLINIC",
        "shape": {"kind": "circle", "centre": [333_150_000, 387_009_274], "radius_cm": 100_000},
    }
    assert "notice.precision" in notice(a, "give", "tanf", entry(), *BY_A, *rounded, code=2)
    # At the other node, whoever wants to see even that says who it is, and why.
    assert "37S" not in notice(b, "show", "SITE-1")
    assert "Nobody has" in notice(b, "looks", "SITE-1")
    looks = ("--by", "S. Orlova, deputy", "--reason", "Convoy passes")
    assert "37S" in notice(b, "show", "SITE-1", *looks)
    assert "S. Orlova, deputy looked: Convoy passes" in notice(b, "looks", "SITE-1")
    assert "L. Marek told b (rounded): Agreed with OCHA" in notice(a, "looks", "SITE-1")
    # Withheld it is committed to, and the other party is told of no place.
    assert "NO PLACE: it is withheld" in notice(a, "preview", "tanf", clinic(), "--precision", "withheld")
    notice(a, "give", "tanf", clinic(designation="SITE-2"), *BY_A, "--precision", "withheld")
    wait_until_told(a, "SITE-2", "list")
    ends = time.monotonic() + WAIT_S
    while not (kept := [each for each in b.thread() if "SITE-2" in json.dumps(each)]):
        assert time.monotonic() < ends
    assert kept[0]["parts"]["places"]["state"] == "not-released"
    assert "SITE-2" not in notice(b, "list")
