"""Forms as spreadsheets (ISO/IEC 29500, XLSX): templates to fill in, and notices written into them.

Every sheet but the first is one table: a hidden row of keys, which stay the same in every language, a row of labels,
and the rows to fill in. The first sheet says how, with an example. The same notices give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from keepclear.core.errors import Refused
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.notice import Notice
from keepclear.formats.line.formwords import said
from keepclear.formats.notice.fieldcells import CellValue
from keepclear.formats.notice.fieldhints import HEADINGS, HINTS, RULES, TITLE
from keepclear.formats.notice.fieldwords import CHOICES, FIELDS, NO, TABLES, YES
from keepclear.formats.notice.formrows import rows_of
from keepclear.formats.notice.forms import Column, Form, Kind, Table, form_of

KEYS_ROW: Final = 1
LABELS_ROW: Final = 2
FIRST_ROW: Final = 3

_ROWS_TO_FILL: Final = 500
"""How many rows offer their choices as a list to pick from."""

_LIST_CHARACTERS_MAX: Final = 255
"""The most characters of a list to pick from that Excel takes."""

_WIDTH: Final = 24
_LABEL_FONT: Final = Font(bold=True)
_LABEL_FILL: Final = PatternFill("solid", fgColor="DDE6EE")
_WANTED_FILL: Final = PatternFill("solid", fgColor="F6E3B4")
_WRAPPED: Final = Alignment(wrap_text=True, vertical="top")
_AS_TEXT: Final = "@"
_WRITTEN: Final = datetime(2000, 1, 1)  # noqa: DTZ001 -- a spreadsheet's own times have no zone
_ZIP_TIME: Final = (2000, 1, 1, 0, 0, 0)
_MODIFIED: Final = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")

# Excel takes _x0041_ for the letter A, so the underscore of a text that looks so is written as its own code.
_LOOKS_CODED: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def template(form: Form, language: Language, *, example: Notice) -> bytes:
    """An empty form in a language, with a sheet of instructions that shows an example of its kind."""
    return _workbook(form, (), language, example=example)


def sheets_of(notices: Sequence[Notice], language: Language) -> bytes:
    """Notices of one form, one or more, written in a language.

    Raises Refused("form.mixed") for notices of several forms, and as notice_places does.
    """
    forms = list({form_of(notice.kind).name: form_of(notice.kind) for notice in notices}.values())
    if len(forms) != 1:
        raise Refused(
            "form.mixed",
            f"{len(notices)} notices are of the forms {', '.join(form.name for form in forms) or 'none'}, must be one "
            "or more of one form: write a file for each",
        )
    return _workbook(forms[0], notices, language, example=notices[0])


def _workbook(form: Form, notices: Sequence[Notice], language: Language, *, example: Notice) -> bytes:
    book = Workbook()
    first = book.worksheets[0]
    _instruct(first, form, language, rows_of(example, language))
    written = [rows_of(notice, language) for notice in notices]
    for table in form.tables:
        sheet = book.create_sheet(said(TABLES[table.name], language))
        _lay_out(sheet, table, language)
        rows = [row for each in written for row in each[table.name]]
        for number, row in enumerate(rows, FIRST_ROW):
            for place, column in enumerate(table.columns, 1):
                if column.key in row:
                    _put(sheet, number, place, row[column.key])
    for sheet in book.worksheets:
        sheet.sheet_view.rightToLeft = language is Language.AR
    book.active = 1
    book.properties.creator = "Keepclear"
    book.properties.created = _WRITTEN
    return _same_bytes(book)


def _lay_out(sheet: Worksheet, table: Table, language: Language) -> None:
    for place, column in enumerate(table.columns, 1):
        _put(sheet, KEYS_ROW, place, f"{table.name}.{column.key}")
        label = _put(sheet, LABELS_ROW, place, said(FIELDS[column.key], language))
        label.font = _LABEL_FONT
        label.fill = _WANTED_FILL if column.wanted else _LABEL_FILL
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = _WIDTH
        # A column of text keeps Excel from making dates and numbers of what is typed into it.
        sheet.column_dimensions[letter].number_format = "General" if column.kind is Kind.WHOLE else _AS_TEXT
        _offer(sheet, letter, _offered(column, language))
    sheet.row_dimensions[KEYS_ROW].hidden = True
    sheet.freeze_panes = f"B{FIRST_ROW}"


def _offered(column: Column, language: Language) -> str:
    rows = (YES, NO) if column.kind is Kind.FLAG else [CHOICES[each] for each in column.choices]
    return ",".join(said(row, language) for row in rows) if column.kind is not Kind.CHOICES else ""


def _offer(sheet: Worksheet, letter: str, offered: str) -> None:
    if not offered:
        return
    assert len(offered) <= _LIST_CHARACTERS_MAX, f"list is too long for Excel: {offered}"
    where = f"{letter}{FIRST_ROW}:{letter}{FIRST_ROW + _ROWS_TO_FILL}"
    validation = DataValidation(type="list", formula1=f'"{offered}"', allow_blank=True, sqref=where)
    sheet.add_data_validation(validation)


def _instruct(
    sheet: Worksheet, form: Form, language: Language, example: Mapping[str, Sequence[Mapping[str, CellValue]]]
) -> None:
    sheet.title = said(TITLE, language)
    for number, rule in enumerate(RULES, 1):
        _put(sheet, number, 1, said(rule, language)).alignment = Alignment()
    heading = len(RULES) + 2
    for place, row in enumerate(HEADINGS, 1):
        _put(sheet, heading, place, said(row, language)).font = _LABEL_FONT
        sheet.column_dimensions[get_column_letter(place)].width = 2 * _WIDTH if place > 3 else _WIDTH
    fields = [(table, column) for table in form.tables for column in table.columns]
    for number, (table, column) in enumerate(fields, heading + 1):
        shown = next((row[column.key] for row in example[table.name] if column.key in row), "")
        told = (
            said(TABLES[table.name], language),
            said(FIELDS[column.key], language),
            said(YES if column.wanted else NO, language),
            _hint(column, language),
            shown,
        )
        for place, text in enumerate(told, 1):
            _put(sheet, number, place, text)


def _hint(column: Column, language: Language) -> str:
    hint = said(HINTS[column.kind], language)
    offered = ", ".join(said(CHOICES[each], language) for each in column.choices)
    return f"{hint}: {offered}" if offered else hint


def _put(sheet: Worksheet, row: int, place: int, value: CellValue) -> Cell:
    """Writes a value; a text stays a text, whatever it looks like, also when somebody edits it."""
    cell = sheet.cell(row, place)
    assert isinstance(cell, Cell)
    if isinstance(value, str):
        cell.value = _LOOKS_CODED.sub("_x005F_", value)
        cell.data_type = "s"
        cell.number_format = _AS_TEXT
        cell.alignment = _WRAPPED
    else:
        cell.value = value
    return cell


def _same_bytes(book: Workbook) -> bytes:
    """The file, with one fixed time wherever the library would have put that of its writing."""
    written, out = BytesIO(), BytesIO()
    book.save(written)
    with ZipFile(written) as source, ZipFile(out, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", content)
            entry = ZipInfo(name, date_time=_ZIP_TIME)
            entry.compress_type = ZIP_DEFLATED
            target.writestr(entry, content)
    return out.getvalue()
