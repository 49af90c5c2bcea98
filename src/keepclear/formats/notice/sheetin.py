"""Forms read back from spreadsheets, tolerant of what people do to them.

A table is found by its hidden row of keys, or else by its labels in any of four languages, wherever on its sheet it has
come to stand. What a formula, a hidden row or a merge would leave in doubt is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from keepclear.formats.notice.fieldcells import CellValue
from keepclear.formats.notice.fieldhints import TITLE
from keepclear.formats.notice.fieldwords import FIELDS
from keepclear.formats.notice.formreading import (
    Cell,
    FormRead,
    ReadAs,
    TableRow,
    Unsettled,
    notices_from,
)
from keepclear.formats.notice.forms import FORMS, Column, Table
from keepclear.formats.notice.measures import Unclear
from keepclear.formats.notice.sheetfile import open_sheets
from keepclear.formats.written.digits import folded

LABELS_LEAST: Final = 2
"""Fewer labels in a row are not taken for the head of a table."""

_TABLES: Final = tuple({table.name: table for form in FORMS for table in form.tables}.values())
_KEYS: Final = {
    f"{table.name}.{column.key}": (table, column) for table in _TABLES for column in table.columns
}
_CODED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read_sheets(content: bytes) -> FormRead:
    """The notices that an XLSX file says; raises Refused as open_sheets does, and nothing for what is in its cells."""
    rows: list[TableRow] = []
    unsettled: list[Unsettled] = []
    read_as: list[ReadAs] = []
    for sheet in open_sheets(content):
        found = _read_sheet(sheet)
        rows += found.rows
        unsettled += found.unsettled
        read_as += found.read_as
    read = notices_from(rows)
    return FormRead(
        notices=read.notices,
        unsettled=(*unsettled, *read.unsettled),
        read_as=(*read_as, *read.read_as),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The head of a table: in which row its labels end, and which column of the sheet is which field."""

    table: Table
    row: int
    columns: Mapping[int, Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    rows: Sequence[TableRow] = ()
    unsettled: Sequence[Unsettled] = ()
    read_as: Sequence[ReadAs] = ()


def _read_sheet(sheet: Worksheet) -> _Found:
    if sheet.title in TITLE or sheet.max_row == sheet.max_column == 1:
        return _Found()
    grid = _Grid(sheet)
    head = grid.head()
    if head is None:
        return _Found(unsettled=[grid.unsettled(1, 1, "sheet.unknown", "a sheet with the labels of a form")])
    if sheet.sheet_state != "visible":
        return _Found(unsettled=[grid.unsettled(1, 1, "sheet.hidden", "a sheet that is shown, or none")])
    return grid.read(head)


class _Grid:
    """The cells of one sheet, as they are seen: a merge is one cell."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._cells: dict[int, dict[int, SheetCell]] = {}
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell, SheetCell) and cell.value is not None and str(cell.value).strip():
                    self._cells.setdefault(cell.row, {})[cell.column] = cell
        self._merges = {
            (merge.min_row, merge.min_col): (merge.max_row, merge.max_col)
            for merge in sheet.merged_cells.ranges
        }

    def head(self) -> _Head | None:
        """The first head of a table, by keys if it has them, else by labels."""
        heads = (find(row) for find in (self._keyed, self._labelled) for row in sorted(self._cells))
        return next((head for head in heads if head is not None), None)

    def read(self, head: _Head) -> _Found:
        """The rows below a head, and what is unsettled of them that no notice would say."""
        unsettled = list(self._changed(head))
        read_as: list[ReadAs] = []
        filled = self._filled(head, read_as)
        rows: list[TableRow] = []
        for number in sorted(set(self._cells) | set(filled)):
            if number <= head.row:
                continue
            cells = {**self._cells.get(number, {}), **filled.get(number, {})}
            known = {head.columns[place].key: cell for place, cell in cells.items() if place in head.columns}
            if known and self._sheet.row_dimensions[number].hidden:
                unsettled.append(self.unsettled(number, 1, "row.hidden", "a row that is shown, or none"))
            elif known:
                rows.append(self._row(head, number, known))
        return _Found(rows=rows, unsettled=unsettled, read_as=read_as)

    def unsettled(self, row: int, place: int, code: str, wanted: str) -> Unsettled:
        """Something to settle at a cell."""
        cell = self._cells.get(row, {}).get(place)
        found = "" if cell is None else str(cell.value)[:60]
        return Unsettled(
            sheet=self._sheet.title, cell=_name(row, place), code=code, found=found, wanted=wanted
        )

    def _keyed(self, row: int) -> _Head | None:
        keys = {place: _KEYS[text] for place, text in self._texts(row) if text in _KEYS}
        tables = {table.name for table, _ in keys.values()}
        if len(tables) != 1:
            return None
        table = next(table for table, _ in keys.values())
        columns = {place: column for place, (_, column) in keys.items()}
        labels = next((each for each in sorted(self._cells) if each > row), row)
        labelled = _columns_by_label(table, self._texts(labels))
        if len(labelled) < LABELS_LEAST:
            return _Head(table=table, row=row, columns=columns)
        known = set(columns.values())
        added = {place: column for place, column in labelled.items() if column not in known}
        return _Head(table=table, row=labels, columns={**added, **columns})

    def _labelled(self, row: int) -> _Head | None:
        found = [(table, _columns_by_label(table, self._texts(row))) for table in _TABLES]
        most = max(len(columns) for _, columns in found)
        best = [(table, columns) for table, columns in found if len(columns) == most]
        if most < LABELS_LEAST or len(best) > 1:
            return None
        table, columns = best[0]
        return _Head(table=table, row=row, columns=columns)

    def _texts(self, row: int) -> list[tuple[int, str]]:
        return [
            (place, cell.value)
            for place, cell in self._cells.get(row, {}).items()
            if isinstance(cell.value, str)
        ]

    def _changed(self, head: _Head) -> Iterator[Unsettled]:
        """Columns of which key and label, or whose label and any form, do not agree; and those there twice."""
        labels = {
            place: _columns_by_label(head.table, [(place, text)]) for place, text in self._texts(head.row)
        }
        for place, column in head.columns.items():
            said = labels.get(place, {}).get(place, column)
            if said is not column:
                wanted = (
                    f"the label of the field {column.key!r}, which the hidden key names, or no hidden key"
                )
                yield self.unsettled(head.row, place, "column.changed", wanted)
            if [each.key for each in head.columns.values()].count(column.key) > 1:
                yield self.unsettled(head.row, place, "column.twice", f"the field {column.key!r} once")
        used = {place for row, cells in self._cells.items() if row > head.row for place in cells}
        for place in sorted(used - set(head.columns)):
            yield self.unsettled(
                head.row, place, "column.unknown", "a column of the form; what stands in this one is not read"
            )

    def _filled(self, head: _Head, read_as: list[ReadAs]) -> dict[int, dict[int, SheetCell]]:
        """The cells that merges hide below their first one, where they stay within one field."""
        filled: dict[int, dict[int, SheetCell]] = {}
        for (top, left), (bottom, _) in self._merges.items():
            cell = self._cells.get(top, {}).get(left)
            if cell is None or top <= head.row or left not in head.columns or self._is_wide(head, top, left):
                continue
            for row in range(top + 1, bottom + 1):
                # A merge that reaches below the table fills no rows of its own.
                if row in self._cells:
                    filled.setdefault(row, {})[left] = cell
                    text = str(cell.value)[:60]
                    read_as.append(
                        ReadAs(sheet=self._sheet.title, cell=_name(row, left), found="merged", taken=text)
                    )
        return filled

    def _is_wide(self, head: _Head, row: int, place: int) -> bool:
        right = self._merges.get((row, place), (row, place))[1]
        return sum(place <= each <= right for each in head.columns) > 1

    def _row(self, head: _Head, number: int, known: Mapping[str, SheetCell]) -> TableRow:
        title = self._sheet.title
        cells = {
            key: self._cell(cell, _name(number, cell.column), wide=self._is_wide(head, cell.row, cell.column))
            for key, cell in known.items()
        }
        return TableRow(table=head.table, sheet=title, name=_name(number, min(head.columns)), cells=cells)

    def _cell(self, cell: SheetCell, name: str, *, wide: bool) -> Cell:
        value, unclear = _value(cell)
        if wide:
            unclear = Unclear(
                code="cell.merged", wanted="cells that are not merged across fields: unmerge them"
            )
        return Cell(sheet=self._sheet.title, name=name, value=value, unclear=unclear)


def _label(text: str) -> str:
    """A label as it is known again: whatever its case, spaces, and marks such as a star or a colon at its end."""
    return " ".join(folded(text).replace(":", " ").replace("*", " ").split())


_LABELS: Final = {
    table.name: {_label(label): column for column in table.columns for label in FIELDS[column.key]}
    for table in _TABLES
}


def _columns_by_label(table: Table, texts: Sequence[tuple[int, str]]) -> dict[int, Column]:
    labels = _LABELS[table.name]
    found = ((place, labels.get(_label(text))) for place, text in texts)
    return {place: column for place, column in found if column is not None}


def _value(cell: SheetCell) -> tuple[CellValue, Unclear | None]:
    """What stands in a cell, or why it cannot be taken."""
    value = cell.value
    if cell.data_type == "f":
        wanted = "a value; copy the cell and paste it as a value, so that what is meant stands in the file"
        return str(getattr(value, "text", value)), Unclear(code="cell.formula", wanted=wanted)
    if cell.data_type == "e":
        return str(value), Unclear(code="cell.error", wanted="a value; this is an error of the spreadsheet")
    match value:
        case str():
            return _CODED.sub(lambda code: chr(int(code[1], 16)), value), None
        case datetime() if "h" not in str(cell.number_format).lower():
            return value.date(), None
        case bool() | int() | float() | date():
            return value, None
        case time() | timedelta():
            return str(value), None
        case _:
            return str(value), Unclear(code="cell.type", wanted="a text")


def _name(row: int, place: int) -> str:
    return f"{get_column_letter(place)}{row}"
