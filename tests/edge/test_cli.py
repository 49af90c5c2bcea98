"""The command line as a person meets it: what goes wrong is said in one line, with the right exit code."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from keepclear.core.errors import Refused, Unavailable
from keepclear.edge.cli import main as command_line
from keepclear.edge.cli.files import read_recording
from keepclear.edge.cli.running import Station, run
from keepclear.edge.clock import RealClock
from keepclear.edge.config import Config, config_from
from keepclear.edge.opening import open_node

ZONES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [38.6178, 33.4967]},
            "properties": {
                "keepclear": {
                    "name": "TANF 55",
                    "kind": "exclusion",
                    "declared_by": "A",
                    "circle": {"radius_m": 55_000},
                }
            },
        }
    ],
}
REPORTS = [
    {"track": "sim:B-1", "time": f"2018-09-07T05:{minute:02}:00Z", "lat": 33.4967, "lon": 39.6 - 0.1 * minute}
    for minute in range(10)
]
SETTINGS = 'data = "{data}"\nport = 0\n'
FEED = '[[feeds]]\nname = "radar"\nkind = "tcp"\nformat = "sbs"\nport = 30003\n'


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all that a person could name by mistake, to be in."""
    refused = json.loads(json.dumps(ZONES))
    refused["features"].append(json.loads(json.dumps(ZONES["features"][0])))
    refused["features"][1]["geometry"]["coordinates"] = [38.6, 99]
    (tmp_path / "zones.geojson").write_text(json.dumps(ZONES))
    (tmp_path / "refused.geojson").write_text(json.dumps(refused))
    (tmp_path / "reports.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in REPORTS))
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "garbage").write_bytes(bytes(range(128, 256)))
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(
    words: Sequence[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """The exit code of a command, and what it said on standard output and on standard error."""
    monkeypatch.setattr(sys, "argv", ["keepclear", *words])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    said = capsys.readouterr()
    code = ended.value.code
    return (code if isinstance(code, int) else 0), said.out, said.err


WATCH = ("watch", "reports.jsonl", "--zones", "zones.geojson")
REPLAY = ("replay", "reports.jsonl", "--zones", "zones.geojson", "--port", "0", "--no-browser")
DEMO = ("demo", "--port", "0", "--no-browser")


@pytest.mark.parametrize(
    ("words", "code", "names"),
    [
        (("watch", "nothere", "--zones", "zones.geojson"), 1, "nothere: No such file"),
        (("watch", "folder", "--zones", "zones.geojson"), 2, "folder holds no report"),
        (("watch", "empty", "--zones", "zones.geojson"), 2, "recording empty"),
        (("watch", "garbage", "--zones", "zones.geojson"), 2, "recording garbage"),
        (("watch", "reports.jsonl", "--zones", "nothere"), 1, "nothere: No such file"),
        (("watch", "reports.jsonl", "--zones", "folder"), 1, "folder: Is a directory"),
        (("watch", "reports.jsonl", "--zones", "empty"), 2, "zone file empty"),
        (("watch", "reports.jsonl", "--zones", "garbage"), 2, "zone file garbage"),
        ((*WATCH, "--format", "sbs"), 2, "10 lines were refused"),
        ((*WATCH, "--receiver", "nowhere"), 2, "'nowhere' is not LATITUDE,LONGITUDE"),
        ((*WATCH, "--csv", "missing/out.csv"), 1, "cannot write missing/out.csv"),
        ((*WATCH, "--geojson", "folder"), 1, "cannot write folder"),
        (("zones", "check", "garbage"), 2, "zone file garbage"),
        (("zones", "measure", "zones.geojson", "nan", "1"), 2, "latitude is nan"),
        (("zones", "rewrite", "zones.geojson", "--to", "folder"), 1, "cannot write folder"),
        (("zones", "rewrite", "refused.geojson", "--to", "out"), 2, "1 zones are refused"),
        ((*REPLAY, "--rate", "nan"), 2, "rate is nan"),
        ((*REPLAY, "--start", "2001-01-01T00:00:00Z"), 2, "must be from 2018-09-07T05:00:00.000Z"),
        ((*REPLAY, "--start", "noon"), 2, "'noon' is not ISO 8601"),
        ((*REPLAY, "--data", "empty"), 2, "data folder empty is a file"),
        ((*DEMO, "--rate", "0"), 2, "rate is 0.0"),
        ((*DEMO, "--recording", "reports.jsonl", "--rate", "0"), 2, "rate is 0.0"),
        ((*DEMO, "--centre", "33,38"), 2, "name one with --recording"),
        ((*DEMO, "--recording", "reports.jsonl", "--centre", "x"), 2, "'x' is not LATITUDE,LONGITUDE"),
        (
            (*DEMO, "--recording", "reports.jsonl", "--centre", "33,38", "--zones", "zones.geojson"),
            2,
            "give one of them",
        ),
        ((*DEMO, "--scenario", "nonsense"), 2, "there are at-tanf-2018"),
        (("record", "verify", "folder"), 2, "folder folder holds no node's data"),
        (("serve", "nothere"), 1, "settings nothere: No such file"),
        (("serve", "garbage"), 2, "settings garbage"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line_that_names_it(
    words: tuple[str, ...],
    code: int,
    names: str,
    desk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    exit_code, _, error = told(words, monkeypatch, capsys)
    assert (exit_code, error.count("\n")) == (code, 1), error
    assert error.startswith("keepclear: ")
    assert names in error
    assert not (desk / "out").exists()


def test_a_watch_that_succeeds_writes_what_it_printed(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, printed, _ = told((*WATCH, "--json", "--csv", "out.csv"), monkeypatch, capsys)
    lines = printed.splitlines()
    assert code == 0
    assert {json.loads(line)["zone"] for line in lines} == {"TANF 55"}
    assert len((desk / "out.csv").read_text().splitlines()) == len(lines) + 1


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("datta = 1\n", "datta"),
        ('port = "x"\n', "port"),
        ("port = 70000\n", "port is 70000"),
        ("data = \n", "line 1"),
        ('party = "no good"\n', "party is 'no good'"),
        ('bind = ""\n', "bind is ''"),
        ('bind = "192.0.2.7"\ntoken = "with/and=which-no-browser-sends"\n', "token must be of"),
        (FEED + FEED, "radar, radar"),
        (FEED + "late_s = -1.0\n", "feed radar: late_s is -1"),
        (FEED + "late_s = nan\n", "feed radar: late_s is nan"),
        (FEED + "late_s = 60.0\n", "lost_s 30"),
        (FEED.replace("radar", " "), "its name must have"),
        (FEED.replace("30003", "0"), "feed radar: port is 0"),
        (FEED.replace("tcp", "stdin") + FEED.replace("tcp", "stdin").replace("radar", "other"), "stdin"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_by_file_and_key(
    written: str, names: str, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(written)
    with pytest.raises(Refused) as refused:
        config_from(settings)
    assert names in refused.value.message
    assert str(settings) in refused.value.message


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (FEED.replace("sbs", "nope"), "feed radar: format is 'nope'"),
        (FEED + 'receiver = "x"\n', "feed radar: 'x' is not"),
        (FEED + "offset_min = 100000\n", "feed radar: clock offset"),
        ('zones = ["garbage"]\n', "zone file garbage"),
    ],
)
def test_wrong_settings_are_refused_before_the_nodes_data_is_touched(
    written: str,
    names: str,
    desk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (desk / "settings.toml").write_text(SETTINGS.format(data="data") + written)
    code, _, error = told(("serve", "settings.toml"), monkeypatch, capsys)
    assert (code, error.count("\n")) == (2, 1), error
    assert names in error
    assert not (desk / "data").exists()


def test_a_port_that_is_taken_is_named_with_advice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, _, error = told(("demo", "--no-browser", "--port", port), monkeypatch, capsys)
    assert code == 1
    assert f"port {port}: Address already in use; choose another port" in error
    assert error.count("\n") == 1


def test_a_record_is_not_continued_by_another_party(tmp_path: Path) -> None:
    first = open_node(Config(data=str(tmp_path), party="A"), clock=RealClock(), mode="live")
    first.host.store.close()
    with pytest.raises(Refused) as refused:
        open_node(Config(data=str(tmp_path), party="B"), clock=RealClock(), mode="live")
    assert refused.value.code == "node.party"
    assert "keepclear/a/node/1" in refused.value.message


def test_two_nodes_cannot_have_one_data_folder(tmp_path: Path) -> None:
    first = open_node(Config(data=str(tmp_path)), clock=RealClock(), mode="live")
    with pytest.raises(Unavailable) as unavailable:
        open_node(Config(data=str(tmp_path)), clock=RealClock(), mode="live")
    first.host.store.close()
    assert unavailable.value.code == "store.in-use"
    assert str(os.getpid()) in unavailable.value.message


def test_doctor_tells_of_a_wrong_folder_and_of_everything_else(
    desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, printed, error = told(("doctor", str(desk / "folder"), "--json"), monkeypatch, capsys)
    findings = {each["name"]: each["well"] for each in json.loads(printed)}
    assert (code, error, findings["record"], findings["geodesics"]) == (1, "", False, True)


def test_a_store_that_fails_at_work_ends_the_node_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(data=str(tmp_path), port=0)
    node = open_node(config, clock=RealClock(), mode="live")
    monkeypatch.setattr(node.host, "keep_house", _full_disk)
    monkeypatch.setattr("keepclear.edge.node.HOUSE_S", 0.01)
    with pytest.raises(Unavailable) as unavailable:
        run([Station(node=node, config=config, feeds=[])], browser=False)
    assert unavailable.value.message == "the disk is full"
    # The store was let go, so that the next start finds it.
    open_node(config, clock=RealClock(), mode="live").host.store.close()


def _full_disk() -> None:
    raise Unavailable("store.disk", "the disk is full")


def test_a_recording_may_have_a_name_that_is_no_text(desk: Path) -> None:
    odd = Path(os.fsdecode(b"\xff.jsonl"))
    (desk / "reports.jsonl").rename(odd)
    recorded = read_recording(odd, None)
    # Whatever names a source enters the record, which is UTF-8.
    assert recorded.source.encode() == b"\\udcff.jsonl"
    assert len(recorded) == len(REPORTS)


@pytest.mark.parametrize("number", ["-1", "9" * 20])
def test_an_entry_number_that_cannot_be_is_refused(
    number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, error = told(("record", "show", str(tmp_path), "--start", number), monkeypatch, capsys)
    assert code == 2
    assert "--start" in error
