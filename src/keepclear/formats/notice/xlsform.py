"""XLSForms of the humanitarian notices, sites and movements, for KoBo and ODK on a phone: in four languages at once.

Source: xlsform.org, "XLSForm reference". A question is named by the field that it fills, so that
``formats/notice/submission.py`` can read what comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from openpyxl import Workbook

from keepclear.core.errors import Refused
from keepclear.core.notice.extent import Role
from keepclear.formats.line.formwords import LANGUAGES, Row
from keepclear.formats.notice.fieldhints import HINTS
from keepclear.formats.notice.fieldwords import CHOICES, FIELDS, NO, TABLES, YES
from keepclear.formats.notice.forms import MOVEMENT, PLACE, SITE, Column, Form, Kind, Table

FORM_QUESTION: Final = "keepclear_form"
"""A calculated question that says of which form a submission is."""

VERSION: Final = "1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceQuestion:
    """How a phone asks for the places of a form: one or several, each of one shape and one role."""

    type: str
    repeated: bool
    shape: str
    role: Role
    keys: tuple[str, ...]
    """The fields of a place that are asked for."""


PLACES: Final[Mapping[str, PlaceQuestion]] = {
    SITE.name: PlaceQuestion(
        type="geopoint",
        repeated=False,
        shape="circle",
        role=Role.SITE,
        keys=("name", "positions", "size_cm"),
    ),
    MOVEMENT.name: PlaceQuestion(
        type="geotrace",
        repeated=True,
        shape="corridor",
        role=Role.ROUTE,
        keys=("name", "positions", "size_cm", "from_ms", "until_ms", "accuracy_cm"),
    ),
}

_TITLE: Final = "Keepclear: {}"
_NAMES_OF_LANGUAGES: Final = ("English (en)", "Русский (ru)", "العربية (ar)", "Français (fr)")
_TYPES: Final = {Kind.WHOLE: "integer", Kind.TIME: "dateTime", Kind.FLAG: "select_one yes_no"}
_MANY_LINES: Final = frozenset({Kind.TEXT, Kind.LINES, Kind.PHONES})


def xlsform(form: Form) -> bytes:
    """The XLSForm of sites or of movements. Raises Refused("form.kobo") for another form."""
    if form.name not in PLACES:
        raise Refused(
            "form.kobo",
            f"form {form.name!r} has no XLSForm, must be one of {', '.join(PLACES)}: use a template",
        )
    book = Workbook()
    survey = book.worksheets[0]
    survey.title = "survey"
    labels = [f"{kind}::{language}" for kind in ("label", "hint") for language in _NAMES_OF_LANGUAGES]
    survey.append(["type", "name", *labels, "required", "appearance", "calculation"])
    for row in _survey(form):
        survey.append(row)
    choices = book.create_sheet("choices")
    choices.append(["list_name", "name", *(label for label in labels if label.startswith("label"))])
    for row in _choices(form):
        choices.append(row)
    settings = book.create_sheet("settings")
    settings.append(["form_title", "form_id", "version", "default_language"])
    title = _TITLE.format(TABLES[form.name][LANGUAGES.index(LANGUAGES[0])].lower())
    settings.append([title, f"keepclear_{form.name}", VERSION, _NAMES_OF_LANGUAGES[0]])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def asked(form: Form) -> Iterator[tuple[Table, Column]]:
    """The fields that a form asks for on a phone. A submission carries its own clock."""
    for table in form.tables:
        for column in table.columns:
            wanted = table is not PLACE or column.key in PLACES[form.name].keys
            repeated = table is not form.notices and column.key == "designation"
            if wanted and not repeated and column.kind is not Kind.CLOCK:
                yield table, column


def question_name(table: Table, column: Column, form: Form) -> str:
    """What the question of a field is called: unlike every other of its form, wherever it stands."""
    key = column.key.replace(".", "_")
    return key if table is form.notices else f"{table.name}_{key}"


def _survey(form: Form) -> Iterator[list[str]]:
    blank = [""] * (2 * len(LANGUAGES))
    yield ["calculate", FORM_QUESTION, *blank, "", "", f"'{form.name}'"]
    fields = list(asked(form))
    for table in form.tables:
        grouped = table is not form.notices
        word = "repeat" if table is not PLACE or PLACES[form.name].repeated else "group"
        if grouped:
            yield [f"begin_{word}", table.name, *TABLES[table.name], *[""] * len(LANGUAGES)]
        for column in (column for each, column in fields if each is table):
            yield _question(form, table, column)
        if grouped:
            yield [f"end_{word}"]


def _question(form: Form, table: Table, column: Column) -> list[str]:
    type_ = _TYPES.get(column.kind, "text")
    hint: Row = HINTS[column.kind]
    if column.kind is Kind.CHOICES:
        type_ = f"select_multiple {column.key}"
    if column.kind is Kind.POSITIONS:
        type_ = PLACES[form.name].type
    if column.kind in (Kind.POSITIONS, Kind.CHOICES, Kind.FLAG, Kind.TIME, Kind.WHOLE):
        # The phone asks for these in its own way, and what a cell takes would mislead.
        hint = ("", "", "", "")
    wanted = column.wanted or column.key == "size_cm" or (table is PLACE and column.kind is Kind.TIME)
    appearance = "multiline" if column.kind in _MANY_LINES else ""
    name = question_name(table, column, form)
    return [type_, name, *FIELDS[column.key], *hint, "yes" if wanted else "", appearance, ""]


def _choices(form: Form) -> Iterator[list[str]]:
    for name, row in (("yes", YES), ("no", NO)):
        yield ["yes_no", name, *row]
    for _, column in asked(form):
        for choice in column.choices:
            yield [column.key, str(choice), *CHOICES[choice]]
