"""``keepclear notice template`` and ``read``: forms that people fill in, as spreadsheets."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from keepclear.core.errors import Refused
from keepclear.core.line.plot.place import place_members
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.notice import Notice
from keepclear.core.trust.encoding import Json
from keepclear.edge.api.partviews import value_of
from keepclear.edge.cli.files import read_bytes, write_bytes
from keepclear.formats.notice.examples import EXAMPLES
from keepclear.formats.notice.formreading import FormNotice, FormRead, ReadAs, Unsettled
from keepclear.formats.notice.forms import FORMS
from keepclear.formats.notice.noticejson import notice_content, notice_places
from keepclear.formats.notice.sheetin import read_sheets
from keepclear.formats.notice.sheetout import template as template_of
from keepclear.formats.notice.submission import read_submissions
from keepclear.formats.notice.xlsform import xlsform
from keepclear.formats.wire import json_bytes


class FormName(StrEnum):
    """The forms, as they are named on the command line."""

    OPERATION = "operation"
    EXERCISE = "exercise"
    SITE = "site"
    MOVEMENT = "movement"
    ZONE = "zone"
    INCIDENT = "incident"


_UNFIT: Final = re.compile(r"[^\w.-]+")


def template(
    form: Annotated[FormName, typer.Argument(help="What the notices are of.")],
    to: Annotated[Path, typer.Option(help="The XLSX file to write.")],
    language: Annotated[Language, typer.Option(help="The language of its labels.")] = Language.EN,
    kobo: Annotated[
        bool,
        typer.Option("--kobo", help="Write an XLSForm for KoBo and ODK instead: of sites and movements."),
    ] = False,
) -> None:
    """Write an empty form for people to fill in.

    Example: keepclear notice template movement --language ar --to movements.xlsx
    """
    chosen = next(each for each in FORMS if each.name == form.value)
    content = xlsform(chosen) if kobo else template_of(chosen, language, example=EXAMPLES[chosen.name])
    write_bytes(to, content)
    typer.echo(f"{to} written: form {form.value}, {'in four languages' if kobo else language.value}")


def read(
    file: Annotated[
        Path, typer.Argument(help="A filled-in form (XLSX), or submissions from KoBo (JSON, CSV).")
    ],
    to: Annotated[
        Path | None, typer.Option(help="A folder for the notices, one JSON file each, to be given on a line.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Say what a filled-in form says, how it was read, and what a person still has to settle.

    Exits with 2 when anything is unsettled; the notices that are whole are written all the same.

    Example: keepclear notice read movements.xlsx --to notices
    """
    content = read_bytes(file)
    is_text = file.suffix.lower() in (".json", ".csv")
    found = read_submissions(content, csv=file.suffix.lower() == ".csv") if is_text else read_sheets(content)
    if not found.notices and not found.unsettled:
        raise Refused(
            "form.empty", f"{file} holds no notice; fill in a form made by: keepclear notice template"
        )
    if json:
        typer.echo(json_bytes(value_of(_shown(found))).decode())
    else:
        _print(found)
    for each in found.notices:
        if to is not None and each.notice is not None:
            path = to / f"{_UNFIT.sub('-', each.designation)}.json"
            write_bytes(path, json_bytes(value_of(_file_of(each.notice))))
            typer.echo(f"{path} written", err=json)
    if found.unsettled or any(each.unsettled for each in found.notices):
        raise typer.Exit(2)


def _file_of(notice: Notice) -> dict[str, Json]:
    return {
        "notice": notice_content(notice),
        "places": [place_members(place) for place in notice_places(notice)],
    }


def _print(found: FormRead) -> None:
    for each in found.notices:
        what = (
            "UNSETTLED" if each.notice is None else f"{each.notice.kind}, {len(each.notice.extents)} places"
        )
        typer.echo(f"notice {each.designation!r}: {what}")
        _print_cells(each.read_as, each.unsettled)
    _print_cells(found.read_as, found.unsettled)


def _print_cells(read_as: tuple[ReadAs, ...], unsettled: tuple[Unsettled, ...]) -> None:
    for one in read_as:
        typer.echo(f"  {one.sheet}!{one.cell}: {one.found!r} read as {one.taken!r}")
    for other in unsettled:
        quoted = f" found {other.found!r}," if other.found else ""
        typer.echo(f"  {other.sheet}!{other.cell}:{quoted} wanted: {other.wanted} [{other.code}]")


def _shown(found: FormRead) -> dict[str, Json]:
    return {
        "notices": [_notice_shown(each) for each in found.notices],
        "unsettled": [_cell_shown(each) for each in found.unsettled],
        "read_as": [_cell_shown(each) for each in found.read_as],
    }


def _notice_shown(each: FormNotice) -> dict[str, Json]:
    shown: dict[str, Json] = {"designation": each.designation}
    if each.notice is not None:
        shown.update(_file_of(each.notice))
    shown["unsettled"] = [_cell_shown(one) for one in each.unsettled]
    shown["read_as"] = [_cell_shown(one) for one in each.read_as]
    return shown


def _cell_shown(each: Unsettled | ReadAs) -> dict[str, Json]:
    place: dict[str, Json] = {"sheet": each.sheet, "cell": each.cell, "found": each.found}
    if isinstance(each, ReadAs):
        return {**place, "taken": each.taken}
    return {**place, "code": each.code, "wanted": each.wanted}
