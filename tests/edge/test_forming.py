"""``keepclear notice template`` and ``read`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from openpyxl import load_workbook
from typer.testing import CliRunner

from keepclear.core.line.voice.readback import Language
from keepclear.edge.cli.main import app
from keepclear.formats.notice.examples import EXAMPLES
from keepclear.formats.notice.noticefile import notice_file_of
from keepclear.formats.notice.sheetout import sheets_of


def test_a_template_on_the_command_line_is_a_form_in_its_language(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    result = CliRunner().invoke(app, ["notice", "template", "site", "--language", "fr", "--to", str(path)])
    assert result.exit_code == 0, result.output
    assert load_workbook(path).sheetnames == ["Instructions", "Sites", "Lieux"]


def test_a_form_that_is_read_gives_files_to_be_given_on_a_line(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(sheets_of([EXAMPLES["movement"]], Language.RU))
    result = CliRunner().invoke(app, ["notice", "read", str(path), "--to", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert notice_file_of((tmp_path / "CONVOY-8.json").read_bytes()).notice == EXAMPLES["movement"]


def test_a_form_with_something_to_settle_exits_with_two_and_names_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    path.write_bytes(sheets_of([EXAMPLES["site"]], Language.EN))
    book = load_workbook(path)
    book["Places"]["E3"] = "33.4967, 38.6178"
    book.save(path)
    text = CliRunner().invoke(app, ["notice", "read", str(path)])
    assert text.exit_code == 2
    assert "Places!E3: found '33.4967, 38.6178'" in text.output
    shown = json.loads(CliRunner().invoke(app, ["notice", "read", str(path), "--json"]).output)
    assert [each["code"] for each in shown["notices"][0]["unsettled"]] == ["ask.order"]
