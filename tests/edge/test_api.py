"""The API as a caller meets it: what it answers, and whom it turns away."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from keepclear.core.errors import Unavailable
from keepclear.core.instant import Instant, Window, instant_of
from keepclear.core.watch.event import ReportsArrived, Ticked
from keepclear.core.watch.report import Label, PartyName, Report, SourceName, TrackKind, TrackName, reports_of
from keepclear.edge.api.app import make_app
from keepclear.edge.clock import PlayedClock, RealClock
from keepclear.edge.config import Config
from keepclear.edge.node import Node
from keepclear.edge.opening import open_node
from keepclear.edge.store.ledger import Draft

START = instant_of("2018-09-07T05:00:00Z")
ZONE = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [38.6178, 33.4967]},
    "properties": {
        "keepclear": {
            "name": "TANF 55",
            "kind": "exclusion",
            "declared_by": "A",
            "recognition": [{"party": "B", "stand": "disputed"}],
            "circle": {"radius_m": 55_000},
        }
    },
}
STEP = {"step": "acknowledge", "by": "M. Haddad, watch officer"}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    clock = PlayedClock(Window(start=START, end=Instant(START + 3_600_000)), rate=1)
    clock.pause(paused=True)
    opened = open_node(
        Config(data=str(tmp_path / "data")), clock=clock, mode="replay", stance={"A": 1, "B": 2}
    )
    yield opened
    opened.host.store.close()


@pytest.fixture
def client(node: Node) -> Iterator[TestClient]:
    with TestClient(make_app(node, config=Config()), base_url="http://127.0.0.1:8470") as made:
        yield made


def enter(node: Node) -> None:
    """B-1 reports from the middle of the zone."""
    row = Report(track=TrackName("sim:B-1"), time_ms=node.now, latitude_deg=33.4967, longitude_deg=38.6178)
    label = Label(track=TrackName("sim:B-1"), callsign="B-1", party=PartyName("B"), kind=TrackKind.VEHICLE)
    node.host.take(ReportsArrived(reports=reports_of(SourceName("radar"), [row], (label,))))


def declare(client: TestClient) -> None:
    assert client.put("/api/v1/zones/TANF 55?by=test", json=ZONE).status_code == 201


def test_a_zone_that_is_put_is_watched_and_shown(client: TestClient, node: Node) -> None:
    declare(client)
    shown = client.get("/api/v1/zones").json()["features"]
    assert [zone["properties"]["keepclear"]["name"] for zone in shown] == ["TANF 55"]
    assert len(shown[0]["properties"]["outline"][0]) > 50
    enter(node)
    alerts = client.get("/api/v1/alerts").json()
    assert [alert["kind"] for alert in alerts] == ["entry"]
    assert "as declared by A, disputed by B" in alerts[0]["words"]


def test_a_zone_that_cannot_be_read_is_refused_with_its_reason(client: TestClient, node: Node) -> None:
    broken = json.loads(json.dumps(ZONE))
    broken["geometry"]["coordinates"] = [38.6, 99.0]
    answer = client.put("/api/v1/zones/TANF 55?by=test", json=broken)
    assert answer.status_code == 400
    assert "99" in answer.json()["message"]
    assert not node.host.desk.watch.zones


def test_a_zone_put_under_another_name_is_refused(client: TestClient) -> None:
    answer = client.put("/api/v1/zones/OTHER?by=test", json=ZONE)
    assert (answer.status_code, answer.json()["code"]) == (400, "zone.name")


def test_an_overlong_request_is_refused_before_it_is_read(client: TestClient) -> None:
    answer = client.put("/api/v1/zones/X?by=test", content=b" " * 2_000_001)
    assert (answer.status_code, answer.json()["code"]) == (400, "request.too-long")


def test_a_step_is_durable_when_it_is_answered(client: TestClient, node: Node) -> None:
    declare(client)
    enter(node)
    answer = client.post("/api/v1/alerts/AL-1/steps", json=STEP)
    assert answer.json()["stage"] == "acknowledged"
    entries = client.get("/api/v1/record/entries").json()["entries"]
    assert entries[-1]["kind"] == "alert.acknowledge"
    assert entries[-1]["body"]["step"]["by"] == "M. Haddad, watch officer"


def test_a_step_that_does_not_follow_is_a_conflict_and_leaves_no_trace(
    client: TestClient, node: Node
) -> None:
    declare(client)
    enter(node)
    before = client.get("/api/v1/record/head").json()["size"]
    answer = client.post("/api/v1/alerts/AL-1/steps", json=STEP | {"step": "warn", "channel": "voice"})
    assert (answer.status_code, answer.json()["code"]) == (409, "alert.step")
    assert client.get("/api/v1/record/head").json()["size"] == before


def test_closing_while_the_condition_holds_needs_a_reason(client: TestClient, node: Node) -> None:
    declare(client)
    enter(node)
    answer = client.post("/api/v1/alerts/AL-1/steps", json=STEP | {"step": "close"})
    assert (answer.status_code, answer.json()["code"]) == (400, "alert.reason")


@pytest.mark.parametrize("path", ["alerts/AL-9", "tracks/sim:nobody", "nowhere", "record/proof/99"])
def test_what_is_not_there_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert answer.json()["message"]


def test_an_unknown_field_of_a_step_is_refused(client: TestClient) -> None:
    assert client.post("/api/v1/alerts/AL-1/steps", json=STEP | {"approve": True}).status_code == 422


def test_the_openapi_description_names_every_route_of_the_documentation(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for path in ("/zones/{name}", "/alerts/{alert_id}/steps", "/moment", "/record/proof/{index}", "/replay"):
        assert f"/api/v1{path}" in paths


def test_every_answer_carries_the_content_policy(client: TestClient) -> None:
    policy = client.get("/api/v1/node").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8470", "192.168.1.5:8470", "", "[::1", "a]b["]
)
def test_a_loopback_node_answers_no_foreign_host_name(client: TestClient, host: str) -> None:
    assert client.get("/api/v1/node", headers={"host": host}).status_code == 403


def test_a_page_of_another_origin_is_turned_away(client: TestClient) -> None:
    answer = client.post("/api/v1/replay", json={"rate": 2}, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403


def test_a_websocket_of_another_origin_is_turned_away(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect(
            "ws://127.0.0.1:8470/api/v1/live", headers={"origin": "http://evil.example"}
        ),
    ):
        pass
    assert refused.value.code == 4401


def test_a_node_that_others_can_reach_asks_for_its_token(node: Node) -> None:
    config = Config(bind="0.0.0.0", token="a-token-of-24-characters-or-more")
    with TestClient(make_app(node, config=config), base_url="http://node.example") as client:
        assert client.get("/api/v1/node").status_code == 401
        wrong = {"authorization": "Bearer a-token-of-24-characters-or-mor"}
        assert client.get("/api/v1/node", headers=wrong).status_code == 401
        right = {"authorization": f"Bearer {config.token}"}
        assert client.get("/api/v1/node", headers=right).status_code == 200


def test_a_listener_is_told_everything_and_then_every_change(client: TestClient, node: Node) -> None:
    declare(client)
    enter(node)
    with client.websocket_connect("ws://127.0.0.1:8470/api/v1/live") as socket:
        hello = socket.receive_json()
        assert hello["type"] == "hello"
        assert [zone["properties"]["name"] for zone in hello["zones"]["features"]] == ["TANF 55"]
        assert [alert["id"] for alert in hello["alerts"]] == ["AL-1"]
        names = socket.receive_json()
        assert [(each["slot"], each["callsign"]) for each in names["tracks"]] == [(0, "B-1")]
        frame = socket.receive_bytes()
        magic, count, _ = struct.unpack_from("<4sIQ", frame)
        assert (magic, count, len(frame)) == (b"KCT1", 1, 16 + 24)
        slot, longitude, latitude, _, altitude, _, _, flags = struct.unpack_from("<IiiIhHHH", frame, 16)
        assert (slot, longitude, latitude) == (0, 386_178_000, 334_967_000)
        assert altitude == -32768
        assert flags & 0xF == TrackKind.VEHICLE
        assert flags >> 7 & 1 == 1
        assert flags >> 8 & 7 == 2


def test_a_past_moment_shows_alerts_and_tracks_as_they_were_then(client: TestClient, node: Node) -> None:
    declare(client)
    enter(node)
    client.post("/api/v1/replay", json={"seek": "2018-09-07T05:10:00Z"})
    then = client.get("/api/v1/moment?at=2018-09-07T05:00:30Z").json()
    assert [alert["id"] for alert in then["alerts"]] == ["AL-1"]


def test_a_live_node_cannot_be_steered(tmp_path: Path) -> None:
    opened = open_node(Config(data=str(tmp_path / "live")), clock=RealClock(), mode="live")
    with TestClient(make_app(opened, config=Config()), base_url="http://127.0.0.1") as client:
        answer = client.post("/api/v1/replay", json={"rate": 2})
    opened.host.store.close()
    assert (answer.status_code, answer.json()["code"]) == (409, "replay.live")


@pytest.mark.parametrize(
    "path", ["%00", "a" * 5_000, "..%2f..%2fapi.py", "assets/..%2f..%2fnode.py", "/etc/passwd"]
)
def test_an_address_that_is_no_file_of_the_console_gives_its_page_and_nothing_else(
    client: TestClient, path: str
) -> None:
    answer = client.get(f"http://127.0.0.1:8470/{path}")
    assert answer.status_code in (200, 503)
    assert answer.headers["content-type"].startswith(
        "text/html" if answer.status_code == 200 else "text/plain"
    )


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "record/entries?start=1" + "0" * 30),
        ("get", "tracks/sim:B-1/history?minutes=0"),
        ("get", "moment"),
        ("post", "replay"),
        ("patch", "node"),
    ],
)
def test_a_request_that_cannot_be_read_is_answered_with_a_code_and_its_reason(
    client: TestClient, method: str, path: str
) -> None:
    answer = client.request(method, f"/api/v1/{path}", content=b"{")
    assert answer.status_code in (405, 422)
    assert answer.json().keys() == {"code", "message"}


def test_an_overlong_step_is_refused_before_it_is_read(client: TestClient) -> None:
    answer = client.post("/api/v1/alerts/AL-1/steps", json=STEP | {"text": "x" * 2_000_001})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.too-long")


def test_a_step_that_the_record_cannot_hold_changes_nothing(client: TestClient, node: Node) -> None:
    declare(client)
    enter(node)
    half = b'{"step": "acknowledge", "by": "\\ud800"}'
    answer = client.post(
        "/api/v1/alerts/AL-1/steps", content=half, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "alert.text")
    assert client.get("/api/v1/alerts/AL-1").json()["stage"] == "raised"


def test_the_time_bar_keeps_the_newest_however_much_was_recorded(client: TestClient, node: Node) -> None:
    crossings = [Draft(at=node.now, kind="watch.crossing", body=b"{}")] * 1_200
    closings = [
        Draft(at=Instant(node.now + number), kind="node.started", body=b'{"node":"%d"}' % number)
        for number in range(1_100)
    ]
    node.host.store.commit(entries=[*crossings, *closings])
    answer = client.get("/api/v1/timeline?from=2018-09-07T05:00:00Z&to=2018-09-07T06:00:00Z").json()
    assert answer["more"] is True
    assert [each["subject"] for each in answer["entries"]] == [str(number) for number in range(100, 1_100)]


def test_a_tracks_history_holds_what_is_archived_and_what_is_not_yet(client: TestClient, node: Node) -> None:
    enter(node)
    node.host.seal()
    client.post("/api/v1/replay", json={"paused": True})
    row = Report(
        track=TrackName("sim:B-1"), time_ms=Instant(START + 1), latitude_deg=33.5, longitude_deg=38.6
    )
    node.host.take(ReportsArrived(reports=reports_of(SourceName("radar"), [row])))
    points = client.get("/api/v1/tracks/sim:B-1/history").json()["points"]
    assert [point[0] for point in points] == [START]
    node.host.clock = PlayedClock(Window(start=Instant(START + 1), end=Instant(START + 2)), rate=1)
    points = client.get("/api/v1/tracks/sim:B-1/history").json()["points"]
    assert [point[0] for point in points] == [START, START + 1]


def test_a_node_whose_store_failed_takes_nothing_more(
    client: TestClient, node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(client)
    monkeypatch.setattr(node.host.store, "commit", _no_room)
    with pytest.raises(Unavailable, match="no room"):
        enter(node)
    monkeypatch.undo()
    # A tick that changes nothing is never stored, and still it must not seem that all is well.
    with pytest.raises(Unavailable, match="no room"):
        node.host.take(Ticked())
    assert client.delete("/api/v1/zones/TANF 55?by=test").status_code == 503


def _no_room(**_: object) -> None:
    raise Unavailable("store.disk", "there is no room")
