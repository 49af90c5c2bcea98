"""Submissions of our XLSForms, as KoBo exports them (JSON, or CSV of what has no repeats), read back into notices.

The rows of a submission are those of a form; positions, which a phone writes in a form of its own, are latitude first.
"""

from __future__ import annotations

import csv as commas
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from io import StringIO
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.line.voice.readback import Language
from keepclear.formats.line.formwords import said
from keepclear.formats.notice.fieldcells import CellValue
from keepclear.formats.notice.fieldwords import CHOICES
from keepclear.formats.notice.formreading import Cell, FormRead, ReadAs, TableRow, Unsettled, notices_from
from keepclear.formats.notice.forms import MOVEMENT, PLACE, SITE, Column, Form, Kind, Table
from keepclear.formats.notice.measures import Unclear
from keepclear.formats.notice.xlsform import FORM_QUESTION, PLACES, asked, question_name
from keepclear.formats.strictjson import Flaw, JsonValue, read_json

BYTES_MAX: Final = 16 << 20
SUBMISSIONS_MAX: Final = 10_000
DEPTH_MAX: Final = 16

_FORMS: Final = {form.name: form for form in (SITE, MOVEMENT)}
# A number with an exponent would be written out to as many digits as it names, so there is none.
_NUMBER: Final = r"-?\d{1,9}(?:\.\d{0,30})?"
_POINTS: Final = re.compile(
    rf" *{_NUMBER}(?: {_NUMBER}){{1,3}} *(?:; *{_NUMBER}(?: {_NUMBER}){{1,3}} *)*;? *", re.ASCII
)
_OF_THE_PHONE: Final = frozenset(
    {"start", "end", "today", "deviceid", "instanceID", "rootUuid", "uuid", "username"}
)


def read_submissions(content: bytes, *, csv: bool = False) -> FormRead:
    """The notices that submissions say.

    Raises Refused: "submission.large" past the limits, "submission.unsound" for what is no export in JSON or CSV.
    """
    if len(content) > BYTES_MAX:
        raise Refused(
            "submission.large", f"export has {len(content):,} bytes, at most {BYTES_MAX:,} are taken"
        )
    submissions = _csv(content) if csv else _json(content)
    if len(submissions) > SUBMISSIONS_MAX:
        raise Refused(
            "submission.large",
            f"export has {len(submissions)} submissions, at most {SUBMISSIONS_MAX} are taken",
        )
    reading = _Reading()
    for number, submission in enumerate(submissions, 1):
        reading.take(f"submission {number}", submission)
    read = notices_from(reading.rows)
    return FormRead(
        notices=read.notices,
        unsettled=(*reading.unsettled, *read.unsettled),
        read_as=(*reading.read_as, *read.read_as),
    )


def _json(content: bytes) -> list[Mapping[str, JsonValue]]:
    found = read_json(content, bytes_max=BYTES_MAX, depth_max=DEPTH_MAX)
    listed = found.get("results") if isinstance(found, dict) else found
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise _unsound("must be a list of submissions, or an object with the member results")
    return [each for each in listed if isinstance(each, dict)]


def _csv(content: bytes) -> list[Mapping[str, JsonValue]]:
    try:
        text = content.decode("utf-8-sig")
        mark = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
        rows = list(commas.reader(StringIO(text, newline=""), delimiter=mark, strict=True))
    except (UnicodeDecodeError, commas.Error) as error:
        raise _unsound(f"must be CSV in UTF-8: {error}") from None
    head = rows[0] if rows else []
    if FORM_QUESTION not in map(_last, head):
        raise _unsound(f"must have a column {FORM_QUESTION}: export with XML names and values, not labels")
    return [dict(zip(head, row, strict=False)) for row in rows[1:] if any(row)]


def _unsound(wanted: str) -> Refused:
    return Refused("submission.unsound", f"export cannot be read, {wanted}")


def _last(name: str) -> str:
    return name.rpartition("/")[2]


class _Reading:
    """Takes submissions one by one, and gathers the rows of their forms."""

    def __init__(self) -> None:
        self.rows: list[TableRow] = []
        self.unsettled: list[Unsettled] = []
        self.read_as: list[ReadAs] = []

    def take(self, sheet: str, submission: Mapping[str, JsonValue]) -> None:
        """The rows of one submission."""
        answers = {_last(name): value for name, value in submission.items()}
        form = _FORMS.get(str(answers.pop(FORM_QUESTION, "")))
        if form is None:
            wanted = f"a submission of {' or '.join(_FORMS)}, which says so in {FORM_QUESTION}"
            self.unsettled.append(
                Unsettled(sheet=sheet, cell=FORM_QUESTION, code="submission.form", found="", wanted=wanted)
            )
            return
        designation = str(answers.get("designation", ""))
        self._row(form, form.notices, sheet, "", answers)
        for table in form.parts:
            repeated = table is not PLACE or PLACES[form.name].repeated
            items = list(_items(answers.pop(table.name, None))) if repeated else [answers]
            for number, item in enumerate(items, 1):
                where = f"{table.name}[{number}]/" if repeated else ""
                self._row(form, table, sheet, where, {**item, "designation": designation})
        known = {question_name(table, column, form) for table, column in asked(form)}
        for name in sorted(answers.keys() - known - _OF_THE_PHONE):
            if not name.startswith("_"):
                self.unsettled.append(
                    Unsettled(
                        sheet=sheet,
                        cell=name,
                        code="column.unknown",
                        found="",
                        wanted="a question of the form",
                    )
                )

    def _row(
        self, form: Form, table: Table, sheet: str, where: str, answers: Mapping[str, JsonValue]
    ) -> None:
        cells: dict[str, Cell] = {}
        fields = [column for each, column in asked(form) if each is table]
        for column in fields:
            name = question_name(table, column, form)
            answer = answers.get(name)
            if answer is None or answer == "":
                continue
            unclear = _flaw(answer)
            value = "" if unclear else self._value(column, answer, sheet, where + name, cells)
            cells[column.key] = Cell(sheet=sheet, name=where + name, value=value, unclear=unclear)
        if table is not form.notices:
            designation = str(answers["designation"])
            cells["designation"] = Cell(sheet=sheet, name="designation", value=designation)
        if table is PLACE:
            question = PLACES[form.name]
            for key, word in (("role", question.role), ("shape", question.shape)):
                cells[key] = Cell(sheet=sheet, name=where + key, value=said(CHOICES[word], Language.EN))
        self.rows.append(TableRow(table=table, sheet=sheet, name=where or "designation", cells=cells))

    def _value(
        self, column: Column, answer: JsonValue, sheet: str, name: str, cells: dict[str, Cell]
    ) -> CellValue:
        text = str(answer)
        if column.kind is Kind.WHOLE and text.isascii() and text.isdecimal():
            return int(text)
        if column.kind is Kind.CHOICES:
            return "\n".join(
                said(CHOICES[each], Language.EN) if each in CHOICES else each for each in text.split()
            )
        if column.kind is not Kind.POSITIONS:
            return text
        positions, accuracy_m = _positions(text)
        self.read_as.append(ReadAs(sheet=sheet, cell=name, found=text[:120], taken=positions[:240]))
        if accuracy_m > 0:
            cells["accuracy_cm"] = Cell(sheet=sheet, name=name, value=f"{accuracy_m:f} m")
        return positions


def _flaw(answer: JsonValue) -> Unclear | None:
    if not isinstance(answer, Flaw):
        return None
    return Unclear(code=answer.code, wanted=f"a value with one meaning: {answer.found}")


def _items(value: JsonValue) -> Iterator[dict[str, JsonValue]]:
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict):
            yield {_last(name): each for name, each in item.items()}


def _positions(text: str) -> tuple[str, Decimal]:
    """Positions as a form writes them, and the worst of their accuracies in metres; the text itself if it is none."""
    if not _POINTS.fullmatch(text):
        # The reader of forms says what is wrong with it.
        return text, Decimal(0)
    points = [[Decimal(number) for number in point.split()] for point in text.split(";") if point.strip()]
    worst = max((point[3] for point in points if len(point) > 3), default=Decimal(0))
    return "\n".join(map(_position, points)), worst


def _position(numbers: Sequence[Decimal]) -> str:
    north, east = numbers[0], numbers[1]
    return f"{abs(north):.7f} {'S' if north < 0 else 'N'} {abs(east):.7f} {'W' if east < 0 else 'E'}"
