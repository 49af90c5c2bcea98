"""The places of the printed form: every position in three ways, sizes, heights, times, and how well each is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from keepclear.core.line.plot.place import Place
from keepclear.core.line.plot.shape import (
    SHAPE_WORDS,
    CircleShape,
    CorridorShape,
    GridLine,
    GridPosition,
    PointShape,
    PolygonShape,
    Shape,
    ceiling_cm,
)
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.extent import Extent
from keepclear.formats.line.formmarkup import (
    LabelledCell,
    coded_html,
    columns_html,
    duration_html,
    fields_html,
    free_html,
    height_html,
    label_html,
    length_html,
    number_html,
    rise_html,
    run_html,
    time_html,
)
from keepclear.formats.line.formnumbers import degrees_texts, dms_texts, mgrs_reference
from keepclear.formats.line.formwords import Label
from keepclear.formats.line.noticewords import ROLES, NoticeLabel


def places_html(places: tuple[Place, ...], extents: Mapping[str, Extent], language: Language) -> str:
    """The section of the places; of those that are extents of a notice also what they are to it. Empty for none."""
    if not places:
        return ""
    return f"<h2>{label_html(Label.PLACES, language)}</h2>" + "".join(
        _place(number, place, extents.get(place.name), language) for number, place in enumerate(places, 1)
    )


def _place(number: int, place: Place, extent: Extent | None, language: Language) -> str:
    titles = [
        number_html(str(number)),
        free_html(place.name),
        label_html(Label(SHAPE_WORDS[type(place.shape)]), language),
    ]
    if extent is not None:
        titles.append(coded_html(ROLES[extent.role], extent.role.value, language))
    groups = (
        _size_fields(place.shape, extent),
        _height_fields(place, extent, language),
        _time_fields(place, extent, language),
    )
    fields = "".join(fields_html(group, language) for group in groups if group)
    return f'<section class="place"><h3>{" · ".join(titles)}</h3>{_positions(place.shape, language)}{fields}</section>'


def _positions(shape: Shape, language: Language) -> str:
    match shape:
        case PointShape():
            return _listed(Label.POSITION, (shape.at,), language)
        case CircleShape():
            return _listed(Label.CENTRE, (shape.centre,), language)
        case PolygonShape():
            return "".join(
                _listed(Label.HOLE if hole else Label.OUTER_RING, ring, language)
                for hole, ring in enumerate(shape.rings)
            )
        case CorridorShape():
            return _listed(Label.CENTRE_LINE, shape.line, language)
        case _:
            assert_never(shape)


def _listed(caption: Label, positions: GridLine, language: Language) -> str:
    rows = (_position_row(number, at) for number, at in enumerate(positions, 1))
    return columns_html((caption, Label.MGRS, Label.DMS, Label.DEGREES), rows, language, numbered=True)


def _position_row(number: int, at: GridPosition) -> tuple[str, str, str, str]:
    return (
        number_html(str(number)),
        number_html(mgrs_reference(at)),
        run_html(*dms_texts(at), between=" \u00a0 "),
        run_html(*degrees_texts(at), between=" \u00a0 "),
    )


def _size_fields(shape: Shape, extent: Extent | None) -> list[LabelledCell]:
    fields: list[LabelledCell] = []
    match shape:
        case CircleShape():
            fields.append((Label.RADIUS, length_html(shape.radius_cm)))
        case CorridorShape():
            fields.append((Label.HALF_WIDTH, length_html(shape.half_width_cm)))
        case PointShape() | PolygonShape():
            pass
        case _:
            assert_never(shape)
    if extent is not None and extent.accuracy_m:
        fields.append((NoticeLabel.ACCURACY, length_html(ceiling_cm(extent.accuracy_m))))
    return fields


def _height_fields(place: Place, extent: Extent | None, language: Language) -> list[LabelledCell]:
    fields: list[LabelledCell] = [
        (Label.LOWER, height_html(place.lower, language)),
        (Label.UPPER, height_html(place.upper, language)),
    ]
    if extent is not None and extent.height_accuracy_m:
        fields.append((NoticeLabel.HEIGHT_ACCURACY, rise_html(ceiling_cm(extent.height_accuracy_m))))
    return fields


def _time_fields(place: Place, extent: Extent | None, language: Language) -> list[LabelledCell]:
    fields: list[LabelledCell] = [
        (Label.START, time_html(place.from_time, language)),
        (Label.END, time_html(place.until_time, language)),
    ]
    if extent is not None and extent.time_accuracy_ms:
        fields.append((NoticeLabel.TIME_ACCURACY, duration_html(extent.time_accuracy_ms)))
    return fields
