"""Rows of forms: a notice as the cells of its form's tables, by the keys of their columns."""

from __future__ import annotations

from collections.abc import Mapping

from keepclear.core.line.plot.place import Place, place_members
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.notice import Notice
from keepclear.core.trust.encoding import Json
from keepclear.formats.notice.fieldcells import CellValue, written
from keepclear.formats.notice.forms import PLACE, Table, form_of
from keepclear.formats.notice.noticejson import notice_content, notice_places


def rows_of(notice: Notice, language: Language) -> dict[str, list[dict[str, CellValue]]]:
    """The cells of a notice in a language: for each table of its form, rows of values by the keys of their columns."""
    form = form_of(notice.kind)
    content = notice_content(notice)
    del content["v"], content["extents"]
    if len(form.kinds) == 1:
        del content["kind"]
    rows: dict[str, list[dict[str, CellValue]]] = {}
    for table in form.parts:
        items = _place_items(notice) if table is PLACE else _objects(content.pop(table.member, []))
        rows[table.name] = [
            _row(table, {"designation": notice.designation, **item}, language) for item in items
        ]
    return {form.name: [_row(form.notices, content, language)], **rows}


def _row(table: Table, members: Mapping[str, Json], language: Language) -> dict[str, CellValue]:
    flat: dict[str, Json] = {}
    for key, value in members.items():
        inner = value if key == "contact" and isinstance(value, Mapping) else {"": value}
        flat.update({f"{key}.{name}" if name else key: each for name, each in inner.items()})
    columns = {column.key: column for column in table.columns}
    assert flat.keys() <= columns.keys(), (
        f"table {table.name} has no column for {flat.keys() - columns.keys()}"
    )
    return {key: written(columns[key], value, language) for key, value in flat.items()}


def _objects(value: Json) -> list[Mapping[str, Json]]:
    assert isinstance(value, list)
    return [each for each in value if isinstance(each, Mapping)]


def _place_items(notice: Notice) -> list[Mapping[str, Json]]:
    extents = _objects(notice_content(notice)["extents"])
    return [
        {**_flat_place(place), **{key: value for key, value in extent.items() if key != "place"}}
        for place, extent in zip(notice_places(notice), extents, strict=True)
    ]


def _flat_place(place: Place) -> dict[str, Json]:
    members = place_members(place)
    shape = members.pop("shape")
    assert isinstance(shape, Mapping)
    size = shape.get("radius_cm", shape.get("half_width_cm"))
    line = shape.get("line", [shape.get("at", shape.get("centre"))])
    flat: dict[str, Json] = {**members, "shape": shape["kind"], "positions": shape.get("rings", [line])}
    return flat if size is None else {**flat, "size_cm": size}
