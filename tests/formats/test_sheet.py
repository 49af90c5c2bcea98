"""Forms as spreadsheets: written from the typed notice and read back to it, in four languages."""

# Digits and letters of several scripts stand side by side here, as in what people paste.
# ruff: noqa: RUF001

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from keepclear.core.errors import Refused
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.notice import Notice
from keepclear.core.notice.site import Site
from keepclear.formats.line.formwords import said
from keepclear.formats.notice.examples import EXAMPLES
from keepclear.formats.notice.fieldwords import CHOICES, FIELDS
from keepclear.formats.notice.formreading import FormRead
from keepclear.formats.notice.formrows import rows_of
from keepclear.formats.notice.forms import FORMS, Form, Kind
from keepclear.formats.notice.sheetfile import (
    CELLS_MAX,
    ENTRIES_MAX,
    FILE_BYTES_MAX,
    ROWS_MAX,
    UNPACKED_BYTES_MAX,
)
from keepclear.formats.notice.sheetin import read_sheets
from keepclear.formats.notice.sheetout import sheets_of, template
from notices import notices

SITE_EXAMPLE = EXAMPLES["site"]
languages = st.sampled_from(Language)


@given(notice=notices(), language=languages)
@settings(max_examples=25)
def test_a_notice_comes_back_from_its_spreadsheet_as_it_was(notice: Notice, language: Language) -> None:
    read = read_sheets(sheets_of([notice], language))
    assert read.unsettled == ()
    assert [each.unsettled for each in read.notices] == [()]
    assert read.notices[0].notice == notice
    assert read.notices[0].read_as == ()


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_an_example_fills_in_every_field_that_is_part_of_a_notice(form: Form) -> None:
    rows = rows_of(EXAMPLES[form.name], Language.EN)
    for table in form.tables:
        filled = {key for row in rows[table.name] for key in row}
        missing = {column.key for column in table.columns if column.kind is not Kind.CLOCK} - filled
        assert missing <= UNFILLED.get((form.name, table.name), set())


PLAIN_PLACE = {"lower", "upper", "accuracy_cm", "height_accuracy_cm", "time_accuracy_ms"}
UNFILLED = {
    **{(form.name, "place"): PLAIN_PLACE for form in FORMS if form.name != "operation"},
    ("site", "place"): PLAIN_PLACE | {"from_ms", "until_ms"},
    ("movement", "contact"): {"frequency"},
}


@pytest.mark.parametrize("language", Language)
def test_labels_of_a_table_all_differ(language: Language) -> None:
    for form in FORMS:
        for table in form.tables:
            labels = [said(FIELDS[column.key], language).casefold() for column in table.columns]
            assert len(set(labels)) == len(labels)
        for column in (column for table in form.tables for column in table.columns):
            words = [word.casefold() for choice in column.choices for word in {*CHOICES[choice]}]
            assert len(set(words)) == len(words)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
@pytest.mark.parametrize("language", [Language.EN, Language.AR])
def test_an_empty_form_holds_no_notice_and_nothing_to_settle(form: Form, language: Language) -> None:
    assert read_sheets(template(form, language, example=EXAMPLES[form.name])) == FormRead()


def test_the_same_notice_gives_the_same_bytes() -> None:
    assert sheets_of([SITE_EXAMPLE], Language.RU) == sheets_of([SITE_EXAMPLE], Language.RU)


def test_notices_of_two_forms_are_not_written_into_one_file() -> None:
    with pytest.raises(Refused) as caught:
        sheets_of([SITE_EXAMPLE, EXAMPLES["zone"]], Language.EN)
    assert caught.value.code == "form.mixed"


def test_a_text_that_looks_like_a_formula_or_a_code_stays_a_text() -> None:
    body = SITE_EXAMPLE.body
    assert isinstance(body, Site)
    odd = replace(
        SITE_EXAMPLE, body=replace(body, operator='=HYPERLINK("x")', marked="_x0041_", verifier="#N/A")
    )
    assert notice_in(sheets_of([odd], Language.EN)) == odd
    sheet = load_workbook(BytesIO(sheets_of([odd], Language.EN)))["Sites"]
    assert {cell.data_type for cell in sheet[3]} <= {"s", "inlineStr", "n"}


# ------------------------------------------------------------------------------- what people do to a form


def edited(change: Callable[[Workbook], object], *names: str) -> bytes:
    """The file of examples, the site's unless others are named, after somebody worked on it."""
    book = load_workbook(BytesIO(sheets_of([EXAMPLES[name] for name in names or ("site",)], Language.EN)))
    change(book)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def notice_in(content: bytes) -> Notice | None:
    """The one notice of a file."""
    (found,) = read_sheets(content).notices
    return found.notice


def at(sheet: Worksheet, key: str) -> int:
    """The column of a field, by its hidden key."""
    return next(cell.column for cell in sheet[1] if str(cell.value).endswith(f".{key}"))


def put(book: Workbook, title: str, key: str, value: object, row: int = 3) -> str:
    """Writes into a field, as a person does; gives the cell's name."""
    sheet = book[title]
    cell = sheet.cell(row, at(sheet, key))
    cell.value = value
    return cell.coordinate


def named(title: str, key: str) -> str:
    """The name of a field's cell in the first row."""
    names: list[str] = []
    edited(lambda book: names.append(put(book, title, key, "x")))
    return names[0]


def test_rows_and_columns_may_be_moved_and_inserted() -> None:
    def move(book: Workbook) -> None:
        sheet = book["Sites"]
        sheet.insert_cols(2)
        sheet.insert_rows(3, amount=4)
        book["Places"].insert_rows(1, amount=3)
        book["Places"].move_range("C1:C9", cols=30)

    assert notice_in(edited(move)) == SITE_EXAMPLE


@pytest.mark.parametrize("language", Language)
def test_a_form_without_its_keys_is_known_by_its_labels_in_any_case(language: Language) -> None:
    book = load_workbook(BytesIO(sheets_of([SITE_EXAMPLE], language)))
    for sheet in book.worksheets[1:]:
        sheet.delete_rows(1)
        for cell in sheet[1]:
            cell.value = f"  {str(cell.value).upper()} *"
    out = BytesIO()
    book.save(out)
    assert notice_in(out.getvalue()) == SITE_EXAMPLE


def test_cells_merged_over_rows_are_one_value_for_each_of_them() -> None:
    movement = EXAMPLES["movement"]

    def merge(book: Workbook) -> None:
        book["Waypoints"].merge_cells("A3:A4")

    content = edited(merge, "movement")
    assert notice_in(content) == movement
    assert [each.cell for each in read_sheets(content).read_as] == ["A4"]


@pytest.mark.parametrize(
    ("title", "key", "value", "code"),
    [
        ("Sites", "verified_ms", datetime(2030, 5, 20, 9, 0), "ask.zone"),  # noqa: DTZ001 -- as Excel has it
        ("Sites", "verified_ms", "20/05/2030 09:00", "ask.zone"),
        ("Sites", "verified_ms", "04/05/2030 09:00Z", "ask.date-order"),
        ("Sites", "verified_ms", date(2030, 5, 20), "ask.clock"),
        ("Sites", "verified_ms", "=NOW()", "cell.formula"),
        ("Sites", "function", "#REF!", "cell.error"),
        ("Sites", "contact.phones", 631234567, "cell.type"),
        ("Sites", "markings", "by smell", "unreadable.choice"),
        ("Sites", "consent", None, "cell.missing"),
        ("Places", "positions", "33.4967, 38.6178", "ask.order"),
        ("Places", "positions", "38.6178 N 133.4967 N", "unreadable.same-axis"),
        ("Places", "positions", "37S FT 48 06", "ask.accuracy"),
        ("Places", "size_cm", "150.0", "ask.unit"),
        ("Places", "size_cm", 150, "ask.unit"),
        ("Places", "size_cm", "1,500 m", "ask.thousands"),
        ("Places", "size_cm", "3 miles", "unreadable.number"),
        ("Places", "upper", "3500 ft", "ask.datum"),
        ("Places", "shape", "polygon", "form.shape"),
    ],
)
def test_what_has_two_readings_or_none_is_asked_about_with_its_cell(
    title: str, key: str, value: object, code: str
) -> None:
    coarse = {"accuracy_cm": None} if code == "ask.accuracy" else {}

    def write(book: Workbook) -> None:
        for other, nothing in coarse.items():
            put(book, title, other, nothing)
        put(book, title, key, value)

    (found,) = read_sheets(edited(write)).notices
    assert found.notice is None
    assert [(each.code, each.sheet) for each in found.unsettled] == [(code, title)]
    if code not in ("cell.missing", "form.shape"):
        assert found.unsettled[0].cell == named(title, key)


@pytest.mark.parametrize(
    ("title", "key", "value"),
    [
        ("Sites", "verified_ms", "200900ZMAY30"),
        ("Sites", "verified_ms", "٢٠٣٠-٠٥-٢٠ ١٢:٠٠ +٠٣:٠٠"),
        ("Sites", "function", "  hospital \u00a0"),
        ("Sites", "markings", "NIGHT, днём"),
        ("Places", "positions", "12°30'00\"N 020°15'00\"E"),
        ("Places", "positions", "E 020 15 00.0, N 12 30 00.0"),
        ("Places", "positions", "١٢٫٥٠٠٠٠٠ N ٢٠٫٢٥٠٠٠٠ E"),
        ("Places", "size_cm", "0,15 km"),
        ("Places", "size_cm", "150 м"),
        ("Places", "role", "объект"),
        ("Places", "designation", None),
    ],
)
def test_what_is_surely_meant_is_read_and_said_back(title: str, key: str, value: object) -> None:
    content = edited(lambda book: put(book, title, key, value))
    (found,) = read_sheets(content).notices
    assert found.unsettled == ()
    assert found.notice is not None
    same = replace(found.notice, body=replace(found.notice.body, markings=()))
    assert same == replace(SITE_EXAMPLE, body=replace(SITE_EXAMPLE.body, markings=()))
    assert len(found.read_as) == (0 if key in ("role", "designation") else 1)


def test_times_without_a_clock_are_by_the_clock_that_the_form_names() -> None:
    def write(book: Workbook) -> None:
        put(book, "Sites", "clock", "+03:00")
        put(book, "Sites", "verified_ms", datetime(2030, 5, 20, 12, 0))  # noqa: DTZ001 -- as Excel has it

    assert notice_in(edited(write)) == SITE_EXAMPLE


def test_a_clock_that_is_none_is_asked_about() -> None:
    (found,) = read_sheets(edited(lambda book: put(book, "Sites", "clock", "local"))).notices
    assert [each.code for each in found.unsettled] == ["ask.clock"]


def test_a_hidden_row_is_asked_about_and_not_read() -> None:
    def hide(book: Workbook) -> None:
        book["Sites"].row_dimensions[3].hidden = True

    read = read_sheets(edited(hide))
    assert read.notices == ()
    assert "row.hidden" in [each.code for each in read.unsettled]


def test_a_hidden_sheet_is_asked_about_and_not_read() -> None:
    def hide(book: Workbook) -> None:
        book["Places"].sheet_state = "hidden"

    read = read_sheets(edited(hide))
    assert [each.code for each in read.unsettled] == ["sheet.hidden"]
    assert read.notices[0].notice is None


def test_cells_merged_over_two_fields_are_asked_about() -> None:
    read = read_sheets(edited(lambda book: book["Sites"].merge_cells("B3:C3")))
    assert "cell.merged" in [each.code for each in read.notices[0].unsettled]


def test_a_column_that_no_form_has_is_named() -> None:
    def add(book: Workbook) -> None:
        book["Sites"]["Z2"], book["Sites"]["Z3"] = "Remarks", "ask Ali"

    read = read_sheets(edited(add))
    assert [(each.code, each.cell) for each in read.unsettled] == [("column.unknown", "Z2")]
    assert read.notices[0].notice == SITE_EXAMPLE


def test_a_label_that_belies_its_key_is_asked_about() -> None:
    def swap(book: Workbook) -> None:
        sheet = book["Sites"]
        sheet.cell(2, at(sheet, "verifier")).value = "Operator"

    assert [each.code for each in read_sheets(edited(swap)).unsettled] == ["column.changed"]


def test_several_notices_of_one_sheet_are_each_read_by_themselves() -> None:
    other = replace(SITE_EXAMPLE, designation="H-18")
    book = load_workbook(BytesIO(sheets_of([SITE_EXAMPLE, other], Language.EN)))
    put(book, "Sites", "verified_ms", "tomorrow", row=4)
    out = BytesIO()
    book.save(out)
    first, second = read_sheets(out.getvalue()).notices
    assert first.notice == SITE_EXAMPLE
    assert second.notice is None
    assert [each.code for each in second.unsettled] == ["unreadable.relative"]


def test_two_notices_of_one_designation_are_both_asked_about() -> None:
    read = read_sheets(sheets_of([SITE_EXAMPLE, SITE_EXAMPLE], Language.EN))
    assert ["row.twice" in [each.code for each in found.unsettled] for found in read.notices] == [True, True]


def test_a_row_of_a_notice_that_is_not_there_is_named() -> None:
    read = read_sheets(edited(lambda book: put(book, "Places", "designation", "H-99")))
    assert [(each.code, each.found) for each in read.unsettled] == [("row.stray", "H-99")]
    assert read.notices[0].notice is None


# ------------------------------------------------------------------------------- files that are not as they should be


def packed(**parts: bytes) -> bytes:
    """A zip with these files beside a workbook."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        for name, content in parts.items():
            archive.writestr(f"xl/{name}.xml", content)
    return out.getvalue()


ENTITY = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "sheet.format"),
        (b"designation,name", "sheet.format"),
        (b"\xd0\xcf\x11\xe0 old", "sheet.format"),
        (b"PK\x03\x04", "sheet.unsound"),
        (b"PK" + bytes(FILE_BYTES_MAX), "sheet.large"),
        (packed(), "sheet.unsound"),
        (packed(bomb=bytes(UNPACKED_BYTES_MAX)), "sheet.large"),
        (packed(entity=ENTITY), "sheet.unsound"),
        (packed(merge=b'<s><mergeCell ref="A1:XFD1048576"/></s>'), "sheet.large"),
        (packed(link=b'<s><hyperlink ref="A:A"/></s>'), "sheet.large"),
        (packed(cells=b"<s>" + b"<c/>" * (CELLS_MAX + 1) + b"</s>"), "sheet.large"),
        (packed(**{f"n{n}": b"" for n in range(ENTRIES_MAX)}), "sheet.large"),
    ],
    ids=["empty", "csv", "old", "cut", "long", "bare", "bomb", "entity", "merge", "link", "cells", "entries"],
)
def test_a_file_past_its_limits_or_unsound_is_refused_before_it_is_opened(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as caught:
        read_sheets(content)
    assert caught.value.code == code


def test_a_sheet_that_reaches_too_far_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        read_sheets(edited(lambda book: book["Sites"].cell(ROWS_MAX + 1, 1, "x")))
    assert caught.value.code == "sheet.large"
