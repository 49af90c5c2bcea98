"""Reading forms: the notices that the rows of people's forms say.

Each notice is read by itself: either it is whole, or every cell that is unclear is named with what is wanted. What
was taken otherwise than a form of ours writes it is listed, so that a person sees how it was understood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.line.plot.place import Place, count_positions, place_of, refuse_crowd
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.notice import Notice
from keepclear.core.trust.encoding import Json
from keepclear.formats.notice.fieldcells import CellValue, Taken, clock_fault, read_cell, written
from keepclear.formats.notice.forms import FORMS, PLACE, Column, Form, Kind, Table
from keepclear.formats.notice.measures import Unclear
from keepclear.formats.notice.noticejson import VERSION, notice_of

QUOTED_MAX: Final = 120
COARSE_M: Final = 100.0
"""Positions that are written more coarsely than this are asked how well they are known, unless the form says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell that is not empty, and where it stands: its sheet, and its name there, such as C7.

    ``unclear``: why what stands there cannot be read at all, such as a formula.
    """

    sheet: str
    name: str
    value: CellValue
    unclear: Unclear | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row of a table: its cells by the keys of their columns; ``name`` is that of its first cell."""

    table: Table
    sheet: str
    name: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """Something that a person has to settle: where it stands, what was found, and what is wanted.

    ``code`` begins with ``ask.`` where the text has several readings, or lacks something that only its writer knows.
    """

    sheet: str
    cell: str
    code: str
    found: str
    wanted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAs:
    """What was taken otherwise than it was written."""

    sheet: str
    cell: str
    found: str
    taken: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormNotice:
    """What the rows of one designation say: a notice, or else what is unsettled of it, one or more."""

    designation: str
    notice: Notice | None
    unsettled: tuple[Unsettled, ...]
    read_as: tuple[ReadAs, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRead:
    """What a form says: its notices in order; ``unsettled`` and ``read_as`` belong to none of them."""

    notices: tuple[FormNotice, ...] = ()
    unsettled: tuple[Unsettled, ...] = ()
    read_as: tuple[ReadAs, ...] = ()


def notices_from(rows: Sequence[TableRow]) -> FormRead:
    """The notices that the rows of forms' tables say; nothing is raised for what people wrote."""
    first = [row for row in rows if row.table.name in _FORMS]
    rest = [row for row in rows if row.table.name not in _FORMS]
    named = [(_designation(row), row) for row in first]
    known = [name for name, _ in named if name]
    found: list[FormNotice] = []
    for name, row in named:
        form = _FORMS[row.table.name]
        own = [each for each in rest if name and _owner(each, known) == name and each.table in form.parts]
        found.append(_Reader(form, name, row, twice=known.count(name) > 1).read(own))
    strays = [row for row in rest if _owner(row, known) not in known]
    return FormRead(notices=tuple(found), unsettled=tuple(_stray(row, known) for row in strays))


_FORMS: Final[Mapping[str, Form]] = {form.name: form for form in FORMS}


def _designation(row: TableRow) -> str:
    cell = row.cells.get("designation")
    return "" if cell is None or cell.unclear else str(cell.value).strip()


def _owner(row: TableRow, known: Sequence[str]) -> str:
    """The designation that a row belongs to; where there is one notice alone, a row need not say it."""
    stated = _designation(row)
    return known[0] if not stated and len(known) == 1 else stated


def _stray(row: TableRow, known: Sequence[str]) -> Unsettled:
    cell = row.cells.get("designation")
    return Unsettled(
        sheet=row.sheet,
        cell=row.name if cell is None else cell.name,
        code="row.stray",
        found=_designation(row)[:QUOTED_MAX],
        wanted=f"the designation of one of the notices: {', '.join(known)[:QUOTED_MAX] or 'there is none'}",
    )


@dataclass(slots=True)
class _Reader:
    """Reads the rows of one notice, and gathers what is unsettled and how things were read on the way."""

    form: Form
    designation: str
    row: TableRow
    twice: bool = field(kw_only=True)
    clock: str = ""
    unsettled: list[Unsettled] = field(default_factory=list[Unsettled])
    read_as: list[ReadAs] = field(default_factory=list[ReadAs])

    def read(self, rest: Sequence[TableRow]) -> FormNotice:
        """The notice, or what is unsettled of it."""
        self._take_clock()
        if self.twice:
            self._unsettle(self.row, "row.twice", self.designation, "a designation that no other notice has")
        if not self.designation and "designation" not in self.row.cells:
            self._unsettle(self.row, "cell.missing", "", "the field 'designation', which is empty")
        content = self._content(rest)
        placed = [self._place(row) for row in rest if row.table is PLACE]
        notice = None if self.unsettled else self._notice(content, placed)
        return FormNotice(
            designation=self.designation,
            notice=notice,
            unsettled=tuple(self.unsettled),
            read_as=tuple(self.read_as),
        )

    def _content(self, rest: Sequence[TableRow]) -> dict[str, Json]:
        content: dict[str, Json] = {"v": VERSION, **_nested(self._members(self.row))}
        content.setdefault("kind", self.form.kinds[0].value)
        for table in self.form.parts:
            items: list[Json] = [
                {key: value for key, value in self._members(row).items() if key != "designation"}
                for row in rest
                if row.table is table and table is not PLACE
            ]
            if items:
                content[table.member] = items
        return content

    def _take_clock(self) -> None:
        cell = self.row.cells.get("clock")
        if cell is None:
            return
        fault = clock_fault(str(cell.value))
        if fault is None:
            self.clock = str(cell.value).strip()
        else:
            self._unclear(cell, fault)

    def _members(self, row: TableRow) -> dict[str, Json]:
        members: dict[str, Json] = {}
        for column in row.table.columns:
            taken = self._taken(column, row)
            if taken is not None and taken.value is not None and column.kind is not Kind.CLOCK:
                members[column.key] = taken.value
        # What is false is not stated.
        return {key: value for key, value in members.items() if value is not False}

    def _taken(self, column: Column, row: TableRow) -> Taken | None:
        cell = row.cells.get(column.key)
        if cell is None:
            if column.wanted and column.key != "designation":
                self._unsettle(row, "cell.missing", "", f"the field {column.key!r}, which is empty")
            return None
        taken = cell.unclear or read_cell(column, cell.value, clock=self.clock)
        if isinstance(taken, Unclear):
            self._unclear(cell, taken)
            return None
        self._note(column, cell, taken)
        return taken

    def _note(self, column: Column, cell: Cell, taken: Taken) -> None:
        """Lists what was taken if it is not what a form of ours would have had there."""
        value = taken.value
        same = value is not None and any(written(column, value, each) == cell.value for each in Language)
        if not same:
            shown = taken.echo or str(written(column, taken.value, Language.EN))
            self.read_as.append(
                ReadAs(sheet=cell.sheet, cell=cell.name, found=_quoted(cell.value), taken=shown)
            )

    def _place(self, row: TableRow) -> tuple[Place, dict[str, Json]] | None:
        before = len(self.unsettled)
        members = self._members(row)
        positions = row.cells.get("positions")
        if positions is not None and "accuracy_cm" not in members:
            self._ask_coarse(positions)
        if len(self.unsettled) > before:
            return None
        extent: dict[str, Json] = {"place": members["name"], "role": members.pop("role")}
        for key in ("accuracy_cm", "height_accuracy_cm", "time_accuracy_ms"):
            if value := members.pop(key, None):
                extent[key] = value
        members.pop("designation", None)
        try:
            shape = _shape(members.pop("shape"), members.pop("positions"), members.pop("size_cm", None))
            count_positions([shape])
            return place_of({**members, "shape": shape}), extent
        except Refused as refused:
            self._refused(row, refused)
            return None

    def _ask_coarse(self, cell: Cell) -> None:
        column = PLACE.column("positions")
        assert column is not None
        taken = read_cell(column, cell.value)
        if isinstance(taken, Taken) and taken.precision_m > COARSE_M:
            self.unsettled.append(
                Unsettled(
                    sheet=cell.sheet,
                    cell=cell.name,
                    code="ask.accuracy",
                    found=_quoted(cell.value),
                    wanted=f"positions written finer than to {taken.precision_m:.0f} m, or how well they are known",
                )
            )

    def _notice(
        self, content: dict[str, Json], placed: Sequence[tuple[Place, dict[str, Json]] | None]
    ) -> Notice | None:
        whole = [each for each in placed if each is not None]
        places = [place for place, _ in whole]
        extents: list[Json] = [extent for _, extent in whole]
        try:
            refuse_crowd([place.name for place in places])
            return notice_of({**content, "extents": extents}, places)
        except Refused as refused:
            self._refused(self.row, refused)
            return None

    def _refused(self, row: TableRow, refused: Refused) -> None:
        self._unsettle(row, refused.code, "", refused.message)

    def _unclear(self, cell: Cell, unclear: Unclear) -> None:
        self.unsettled.append(
            Unsettled(
                sheet=cell.sheet,
                cell=cell.name,
                code=unclear.code,
                found=_quoted(cell.value),
                wanted=unclear.wanted,
            )
        )

    def _unsettle(self, row: TableRow, code: str, found: str, wanted: str) -> None:
        self.unsettled.append(
            Unsettled(sheet=row.sheet, cell=row.name, code=code, found=found, wanted=wanted)
        )


def _quoted(value: CellValue) -> str:
    return str(value)[:QUOTED_MAX]


def _nested(members: Mapping[str, Json]) -> dict[str, Json]:
    """Members whose keys have two names become objects."""
    nested: dict[str, Json] = {key: value for key, value in members.items() if "." not in key}
    for key, value in members.items():
        outer, _, inner = key.partition(".")
        if inner:
            held = nested.setdefault(outer, {})
            assert isinstance(held, dict)
            held[inner] = value
    return nested


def _shape(kind: Json, positions: Json, size: Json) -> dict[str, Json]:
    """The shape as JSON. Raises Refused("form.shape") where its positions or its size are not those of its kind."""
    assert isinstance(positions, list)
    wanted = {"point": (1, False), "circle": (1, True), "corridor": (2, True), "polygon": (3, False)}[
        str(kind)
    ]
    lengths = [len(ring) if isinstance(ring, list) else 0 for ring in positions]
    least, sized = wanted
    enough = lengths == [1] if least == 1 else bool(lengths) and lengths[0] >= least
    if not enough or sized is (size is None) or (kind == "corridor" and len(lengths) > 1):
        raise Refused(
            "form.shape",
            f"a {kind} has {lengths} positions and {'no size' if size is None else 'a size'}, must have "
            f"{least}{'' if least == 1 else ' or more'} and {'a' if sized else 'no'} radius or half-width",
        )
    match kind:
        case "point":
            return {"kind": kind, "at": _first(positions[0])}
        case "circle":
            return {"kind": kind, "centre": _first(positions[0]), "radius_cm": size}
        case "corridor":
            return {"kind": kind, "line": positions[0], "half_width_cm": size}
        case _:
            return {"kind": kind, "rings": positions}


def _first(ring: Json) -> Json:
    assert isinstance(ring, list)
    return ring[0]
