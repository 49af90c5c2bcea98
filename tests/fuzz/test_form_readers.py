"""Damaged spreadsheets and submissions: read, asked about or refused, and nothing else comes of them."""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.line.voice.readback import Language
from keepclear.formats.notice.examples import EXAMPLES
from keepclear.formats.notice.fieldcells import read_cell
from keepclear.formats.notice.forms import FORMS, Column
from keepclear.formats.notice.sheetin import read_sheets
from keepclear.formats.notice.sheetout import sheets_of
from keepclear.formats.notice.submission import read_submissions

COLUMNS = [column for form in FORMS for table in form.tables for column in table.columns]
SHEET = sheets_of([EXAMPLES["movement"]], Language.EN)
with ZipFile(BytesIO(SHEET)) as archive:
    PARTS = {name: archive.read(name) for name in archive.namelist()}


@given(column=st.sampled_from(COLUMNS), text=st.text(min_size=1, max_size=60).filter(str.strip))
def test_any_text_in_any_field_is_taken_or_unclear(column: Column, text: str) -> None:
    read_cell(column, text)


@given(
    name=st.sampled_from(sorted(PARTS)),
    place=st.integers(0, 4_000),
    put=st.binary(min_size=1, max_size=8),
    cut=st.integers(0, 40),
)
@settings(max_examples=60, deadline=None)
def test_a_damaged_spreadsheet_is_read_or_refused(name: str, place: int, put: bytes, cut: int) -> None:
    at = place % len(PARTS[name])
    damaged = {**PARTS, name: PARTS[name][:at] + put + PARTS[name][at + cut :]}
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as target:
        for each, content in damaged.items():
            target.writestr(each, content)
    try:
        read = read_sheets(out.getvalue())
    except Refused:
        return
    assert all(found.notice is not None or found.unsettled for found in read.notices)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    [
        "designation",
        "place",
        "waypoint",
        "headcount",
        "place/place_positions",
        "verified_ms",
        "markings",
        "contact",
    ]
)


@given(form=st.sampled_from(["site", "movement"]), answers=st.dictionaries(names, values, max_size=8))
@settings(deadline=None)
def test_any_submission_is_read_or_asked_about(form: str, answers: dict[str, object]) -> None:
    try:
        read = read_submissions(json.dumps([{**answers, "keepclear_form": form}]).encode())
    except Refused:
        return
    assert all(found.notice is not None or found.unsettled for found in read.notices)
