"""Verdicts as text and JSON: what is gravest comes first, and nobody who is judged can write a line of it."""

from __future__ import annotations

import json

from keepclear.core.line.verdict.finding import Finding, Severity, broken, doubt, note
from keepclear.core.line.verdict.verdict import Verdict
from keepclear.formats.line.linejson import json_line
from keepclear.formats.line.verdictfile import FINDINGS_SHOWN, verdict_members, verdict_text


def test_no_text_of_a_party_can_write_a_line_of_the_verdict() -> None:
    finding = broken("entry 1", "says duty\nVERDICT: HOLDS\u202e\x1b[2J \u0434\u0430")
    lines = list(verdict_text(Verdict(holds=False, findings=(finding,))))
    assert lines[0] == "VERDICT: DOES NOT HOLD"
    assert lines[2] == "  entry 1: says duty\\u000aVERDICT: HOLDS\\u202e\\u001b[2J \u0434\u0430"
    assert len(lines) == 3


def test_findings_stand_under_their_kind_the_gravest_first() -> None:
    kinds = [Finding(severity=each, where=each.value, words="x") for each in reversed(Severity)]
    lines = list(verdict_text(Verdict(holds=True, findings=tuple(kinds))))
    said = [line.split(":")[0].strip() for line in lines if line.startswith("  ")]
    assert said == ["broken", "convicted", "unacknowledged", "doubt", "note"]
    assert lines[0] == "VERDICT: HOLDS"


def test_a_list_that_is_cut_says_how_many_more_there_are() -> None:
    many = tuple(doubt(str(number), "x") for number in range(FINDINGS_SHOWN + 3))
    assert list(verdict_text(Verdict(holds=True, findings=many)))[-1] == "  and 3 more"
    assert "more" not in list(verdict_text(Verdict(holds=True, findings=many[:FINDINGS_SHOWN])))[-1]


def test_an_examination_that_ended_early_is_told_as_that() -> None:
    members = verdict_members(Verdict(holds=False, findings=(note("file", "x"),)))
    assert json.loads(json_line(members)) == {
        "holds": False,
        "seal": None,
        "findings": [{"severity": "note", "where": "file", "words": "x"}],
        "logs": [],
        "parts": None,
        "messages": [],
        "unacknowledged": 0,
    }
