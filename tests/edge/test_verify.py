"""The verify command, as an analyst runs it: with an export and the keys that the analyst trusts, and nothing else."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest

from exports import NOW, export_from, opened, roots_of, sealed_bytes, small_line
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import Kind, Precedence
from keepclear.edge.cli.main import main
from party import Party, exchange


class Done(NamedTuple):
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def verify(*arguments: object) -> Done:
    """Run the command to its end, as the program does."""
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["keepclear", "verify", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An export with a STOP that nobody acknowledged, and the keys of its parties."""
    folder = tmp_path_factory.mktemp("verify")
    one, two = small_line()
    one.say(Draft(kind=Kind.STOP, precedence=Precedence.FLASH), now=NOW + 50_000)
    export = folder / "tanf.kce"
    export.write_bytes(sealed_bytes(export_from(one, two), one))
    trust = folder / "keys.txt"
    trust.write_text("# roots\n" + "".join(f"{each.text()}\n" for each in roots_of(one, two).values()))
    return {"export": export, "trust": trust, "folder": folder}


def test_an_export_that_holds_ends_with_0_and_the_unacknowledged_first(files: dict[str, Path]) -> None:
    done = verify(files["export"], "--trust", files["trust"])
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "VERDICT: HOLDS"
    assert lines[1] == "Line tanf, exported by a at 2018-09-06T00:01:00.000Z, 16 lines before the seal."
    assert lines[2] == "NOT ACKNOWLEDGED BY ANY PERSON:"
    assert lines[3].startswith("  keepclear/a/tanf/1 entry 2: stop (real, flash) of 2018-09-06T00:00:50.000Z")
    assert lines[-1] == "Messages: 2, acknowledged by a person: 1, not: 1."


def test_json_says_the_same_to_a_program(files: dict[str, Path]) -> None:
    done = verify(files["export"], "--trust", files["trust"], "--json")
    told = json.loads(done.stdout)
    assert done.returncode == 0
    assert told["holds"] is True
    assert told["unacknowledged"] == 1
    assert [each["unacknowledged"] for each in told["messages"]] == [True, False]
    assert told["messages"][1]["steps"][0]["step"] == "plotted"
    assert told["logs"][0]["origin"] == "keepclear/a/tanf/1"
    assert told["parts"] == {"committed": 3, "opened": 3, "sealed": 0, "expired": 0, "withheld": 0}


@pytest.mark.parametrize("option", [(), ("--json",)])
def test_an_altered_export_ends_with_3(files: dict[str, Path], option: tuple[str, ...]) -> None:
    altered = files["folder"] / "altered.kce"
    altered.write_bytes(files["export"].read_bytes().replace(b'"size":3', b'"size":2'))
    done = verify(altered, "--trust", files["trust"], *option)
    assert done.returncode == 3
    if option:
        told = json.loads(done.stdout)
        assert (told["holds"], told["seal"], told["parts"]) == (False, None, None)
        assert told["findings"][0]["severity"] == "broken"
    else:
        assert done.stdout.startswith(
            "VERDICT: DOES NOT HOLD\nBroken:\n  file: export was sealed with 16 lines"
        )
    assert "does not hold; the verdict says why [export.broken]" in done.stderr


def test_an_export_of_other_parties_under_these_names_ends_with_3(files: dict[str, Path]) -> None:
    strangers = files["folder"] / "strangers.txt"
    one, two = Party("a", "b"), Party("b", "a")
    one.root, two.root = two.root, one.root
    strangers.write_text("".join(f"{each.text()}\n" for each in roots_of(one, two).values()))
    done = verify(files["export"], "--trust", strangers)
    assert done.returncode == 3
    assert "keepclear/a/tanf/1 entry 0: does not hold" in done.stdout


@pytest.mark.parametrize("content", [b"", b"not an export\n", b"{}\n{}\n"])
def test_a_file_that_is_no_export_ends_with_2(files: dict[str, Path], content: bytes) -> None:
    other = files["folder"] / "other.kce"
    other.write_bytes(content)
    done = verify(other, "--trust", files["trust"])
    assert (done.returncode, done.stdout) == (2, "")


def test_trust_in_one_party_alone_ends_with_2(files: dict[str, Path]) -> None:
    half = files["folder"] / "half.txt"
    half.write_text(files["trust"].read_text().splitlines()[1] + "\n")
    done = verify(files["export"], "--trust", half)
    assert done.returncode == 2
    assert "whose root is not among the trusted keys; those are of a" in done.stderr


def test_a_file_that_is_not_there_ends_with_1(files: dict[str, Path]) -> None:
    assert verify(files["folder"] / "none.kce", "--trust", files["trust"]).returncode == 1
    assert verify(files["export"], "--trust", files["folder"] / "none.txt").returncode == 1


def test_a_long_list_is_cut_with_how_many_more_there_are(files: dict[str, Path]) -> None:
    one, two = opened()
    for number in range(205):
        one.say(Draft(kind=Kind.STOP, precedence=Precedence.FLASH), now=NOW + 10_000 + number)
        exchange(one, two, now=NOW + 10_000 + number, rounds=1)
    long = files["folder"] / "long.kce"
    long.write_bytes(sealed_bytes(export_from(one, two), one))
    assert "  and 5 more" in verify(long, "--trust", files["trust"]).stdout.splitlines()
