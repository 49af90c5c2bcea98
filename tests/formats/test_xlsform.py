"""XLSForms for phones, held to pyxform, and what comes back from them."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from openpyxl import load_workbook
from pyxform.xls2xform import convert

from keepclear.core.errors import Refused
from keepclear.core.notice.movement import Movement
from keepclear.core.notice.notice import Notice
from keepclear.core.space.area import Circle, Corridor
from keepclear.core.space.geodesy import Position
from keepclear.formats.notice.examples import EXAMPLES
from keepclear.formats.notice.forms import MOVEMENT, SITE, ZONE, Form
from keepclear.formats.notice.submission import read_submissions
from keepclear.formats.notice.xlsform import xlsform

SUBMITTED_SITE = {
    "_id": 7,
    "formhub/uuid": "ab",
    "keepclear_form": "site",
    "designation": "H-17",
    "function": "hospital",
    "operator": "Health agency",
    "captured": "GNSS, averaged for 5 minutes",
    "verifier": "Field office",
    "verified_ms": "2030-05-20T12:00:00.000+03:00",
    "consent": "Position may be given to all parties of this line",
    "expires_ms": "2030-12-31T00:00:00.000Z",
    "markings": "visual night",
    "marked": "red emblem on the roof, lit",
    "contact_name": "Duty officer",
    "contact_phones": "+0 000 0001",
    "contact_satellite": "+0 000 0002",
    "contact_frequency": "243.0 MHz",
    "place/place_name": "H-17",
    "place/place_positions": "12.5 20.25 0.0 5.0",
    "place/place_size_cm": "150 m",
    "_geolocation": [12.5, 20.25],
}
LEG = {"name": "depot to clinic", "positions": "12.5 20.25 0 0;12.75 20.5 0 0", "size_cm": "500 m"}
TIMES = {"from_ms": "2030-06-01T06:00:00.000Z", "until_ms": "2030-06-01T12:00:00.000Z"}
SUBMITTED_MOVEMENT = {
    "keepclear_form": "movement",
    "designation": "CONVOY 8",
    "headcount": "14",
    "vehicles": "5",
    "cargo": "medical",
    "escort": "none",
    "check_in_ms": "1 h",
    "emergency": "yes",
    "place": [{f"place/place_{key}": value for key, value in {**LEG, **TIMES}.items()}],
    "waypoint": [
        {
            "waypoint/waypoint_name": "depot",
            "waypoint/waypoint_opens_ms": "2030-06-01T06:00:00.000Z",
            "waypoint/waypoint_closes_ms": "2030-06-01T07:00:00.000Z",
        },
        {
            "waypoint/waypoint_name": "clinic",
            "waypoint/waypoint_opens_ms": "2030-06-01T10:00:00.000Z",
            "waypoint/waypoint_closes_ms": "2030-06-01T12:00:00.000Z",
        },
    ],
    "contact": [
        {
            "contact/contact_name": "Team leader",
            "contact/contact_phones": "+0 000 0003",
            "contact/contact_satellite": "+0 000 0004",
        },
        {"contact/contact_name": "Dispatcher", "contact/contact_phones": "+0 000 0005"},
    ],
}


def submitted(answers: object) -> Notice | None:
    """The one notice that an export of one submission says."""
    (found,) = read_submissions(json.dumps({"count": 1, "results": [answers]}).encode()).notices
    return found.notice


@pytest.mark.parametrize("form", [SITE, MOVEMENT], ids=lambda form: form.name)
def test_an_xlsform_is_sound_to_the_program_that_phones_use(form: Form) -> None:
    made = convert(BytesIO(xlsform(form)), validate=False, file_type=".xlsx")
    assert made.warnings == []
    for language in ("English (en)", "Русский (ru)", "العربية (ar)", "Français (fr)"):
        assert f'<translation lang="{language}"' in made.xform


@pytest.mark.parametrize("form", [SITE, MOVEMENT], ids=lambda form: form.name)
def test_no_two_questions_of_a_form_have_one_name(form: Form) -> None:
    rows = list(load_workbook(BytesIO(xlsform(form)))["survey"].iter_rows(min_row=2, values_only=True))
    names = [row[1] for row in rows if not str(row[0]).startswith("end_")]
    assert len(set(names)) == len(names)


def test_there_is_an_xlsform_of_humanitarian_notices_alone() -> None:
    with pytest.raises(Refused) as caught:
        xlsform(ZONE)
    assert caught.value.code == "form.kobo"


def test_a_submitted_site_is_the_notice_that_its_answers_say() -> None:
    assert submitted(SUBMITTED_SITE) == EXAMPLES["site"]


def test_a_submitted_movement_is_the_notice_that_its_answers_say() -> None:
    assert submitted(SUBMITTED_MOVEMENT) == EXAMPLES["movement"]


def test_a_site_may_come_as_csv_too() -> None:
    simple = {key: value for key, value in SUBMITTED_SITE.items() if isinstance(value, str)}
    text = ";".join(simple) + "\r\n" + ";".join(simple.values()) + "\r\n"
    (found,) = read_submissions(b"\xef\xbb\xbf" + text.encode(), csv=True).notices
    assert found.notice == EXAMPLES["site"]


def test_south_and_west_stay_south_and_west() -> None:
    found = submitted({**SUBMITTED_SITE, "place/place_positions": "-12.5 -20.25 0 0"})
    assert found is not None
    area = found.extents[0].area
    assert isinstance(area, Circle)
    assert area.centre == Position(latitude_deg=-12.5, longitude_deg=-20.25)


def test_a_line_of_a_phone_is_the_line_of_its_leg() -> None:
    found = submitted(SUBMITTED_MOVEMENT)
    assert found is not None
    assert isinstance(found.body, Movement)
    assert isinstance(found.extents[0].area, Corridor)
    assert [point.latitude_deg for point in found.extents[0].area.line] == [12.5, 12.75]


@pytest.mark.parametrize(
    "positions",
    ["95 20 0 0", "12.5", "here", "NaN 20 0 0", "1E999999999 20 0 0", "12.5 20.25 0 -Infinity;;x"],
)
def test_positions_that_are_none_are_asked_about(positions: str) -> None:
    content = json.dumps([{**SUBMITTED_SITE, "place/place_positions": positions}]).encode()
    (found,) = read_submissions(content).notices
    assert found.notice is None
    assert found.unsettled[0].cell == "place_positions"


def test_a_submission_of_another_form_is_named() -> None:
    read = read_submissions(b'[{"designation":"x"}]')
    assert [each.code for each in read.unsettled] == ["submission.form"]
    assert read.notices == ()


def test_an_answer_to_no_question_of_the_form_is_named() -> None:
    read = read_submissions(json.dumps([{**SUBMITTED_SITE, "group/remarks": "ask"}]).encode())
    assert [(each.code, each.cell) for each in read.unsettled] == [("column.unknown", "remarks")]


@pytest.mark.parametrize(
    ("content", "csv"), [(b"3", False), (b"[3]", False), (b"\xff\xfe", True), (b"a,b\n1,2", True)]
)
def test_what_is_no_export_is_refused(content: bytes, csv: bool) -> None:  # noqa: FBT001
    with pytest.raises(Refused) as caught:
        read_submissions(content, csv=csv)
    assert caught.value.code == "submission.unsound"
