"""Spreadsheet files from outside: opened behind limits, before and after what the library makes of them.

A zip may unpack to far more than it is, XML may refer to itself, and a merge may cover every cell that there can be:
each is looked for before the library sees the file.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from io import BytesIO
from typing import IO, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812 -- the library gives an exception a small letter

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from keepclear.core.errors import Refused

FILE_BYTES_MAX: Final = 4 << 20
ENTRIES_MAX: Final = 512
UNPACKED_BYTES_MAX: Final = 32 << 20
CELLS_MAX: Final = 200_000
ROWS_MAX: Final = 10_000
COLUMNS_MAX: Final = 200
RANGE_CELLS_MAX: Final = 20_000
"""The most cells that a merge or a link may cover."""

SHEETS_MAX: Final = 64

_XML: Final = re.compile(r".*\.(?:xml|rels|vml)", re.IGNORECASE)
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_COVERING: Final = frozenset({"mergeCell", "hyperlink"})

# What the library raises for files that are not as they should be.
_UNSOUND: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BadZipFile,
    DefusedXmlException,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    ZlibError,
)


def open_sheets(content: bytes) -> Sequence[Worksheet]:
    """The sheets of an XLSX file, formulas as they are written.

    Raises Refused: "sheet.format" for other files, "sheet.large" past the limits, "sheet.unsound" for a file that
    cannot be read.
    """
    _refuse_format(content)
    if len(content) > FILE_BYTES_MAX:
        raise _large(f"file has {len(content):,} bytes", f"{FILE_BYTES_MAX:,}")
    try:
        with ZipFile(BytesIO(content)) as archive:
            _examine(archive)
        with warnings.catch_warnings():
            # The library warns of what it leaves out, such as a picture; none of it is a cell.
            warnings.simplefilter("ignore")
            book = load_workbook(BytesIO(content), keep_links=False)
    except Refused:
        raise
    except _UNSOUND as error:
        raise Refused(
            "sheet.unsound",
            f"spreadsheet cannot be read ({type(error).__name__}); open it and save it as XLSX again",
        ) from None
    sheets = book.worksheets
    if len(sheets) > SHEETS_MAX:
        raise _large(f"file has {len(sheets)} sheets", str(SHEETS_MAX))
    for sheet in sheets:
        if sheet.max_row > ROWS_MAX or sheet.max_column > COLUMNS_MAX:
            raise _large(
                f"sheet {sheet.title!r} reaches to row {sheet.max_row} and column {sheet.max_column}",
                f"row {ROWS_MAX} and column {COLUMNS_MAX}",
            )
    return sheets


def _refuse_format(content: bytes) -> None:
    if content.startswith(_OLD_EXCEL):
        raise Refused(
            "sheet.format", "file is an old or an encrypted Excel file; save it as XLSX without a password"
        )
    if not content.startswith(b"PK"):
        raise Refused("sheet.format", "file is no XLSX file; save the spreadsheet as XLSX (Excel workbook)")


def _large(found: str, limit: str) -> Refused:
    return Refused("sheet.large", f"{found}, at most {limit} is taken: keep the form alone in a file")


def _examine(archive: ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > ENTRIES_MAX:
        raise _large(f"file holds {len(entries)} files", str(ENTRIES_MAX))
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > UNPACKED_BYTES_MAX:
        raise _large(f"file unpacks to {unpacked:,} bytes", f"{UNPACKED_BYTES_MAX:,}")
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise Refused("sheet.format", "file is a zip, but no XLSX file; save the spreadsheet as XLSX")
    cells = 0
    for entry in entries:
        if _XML.fullmatch(entry.filename):
            with archive.open(entry) as part:
                cells = _count_cells(part, cells)


def _count_cells(part: IO[bytes], cells: int) -> int:
    """How many cells there are with those of a part; refuses one of entities, or that covers too much at once."""
    for _, element in iterparse(part, forbid_dtd=True):
        name = str(element.tag).rpartition("}")[2]
        cells += name == "c"
        if name in _COVERING:
            _refuse_wide(element.get("ref", ""))
        if cells > CELLS_MAX:
            raise _large(f"file has more than {CELLS_MAX:,} cells", f"{CELLS_MAX:,}")
        element.clear()
    return cells


def _refuse_wide(reference: str) -> None:
    left, top, right, bottom = (edge or 0 for edge in range_boundaries(reference))
    covered = (right - left + 1) * (bottom - top + 1)
    if covered > RANGE_CELLS_MAX or not all((left, top, right, bottom)):
        raise _large(f"cells {reference[:40]} are merged or linked as one", f"{RANGE_CELLS_MAX:,}")
