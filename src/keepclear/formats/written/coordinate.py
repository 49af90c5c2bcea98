"""Coordinates as people write them: decimal degrees, degrees and minutes, grids, and the compact forms of notices.

Every reading that a text may have is made; where there is more than one, a person is asked. Forms and their sources:
ISO 6709:2022 (decimal, sixtieths, ``+33.5+038.6/``), ICAO Annex 15 and Doc 8126 (``333000N0383700E``), RFC 5870
(``geo:``), NGA.SIG.0012 (UTM, UPS), NGA.STND.0037 (MGRS).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from keepclear.core.space.geodesy import Position
from keepclear.formats.written.angle import (
    Axis,
    Degrees,
    Number,
    Side,
    degrees_of,
    is_padded,
    may_be_minutes,
)
from keepclear.formats.written.anglepair import Angle, AnglePair, angle_pairs
from keepclear.formats.written.digits import Plain, plain_of
from keepclear.formats.written.mgrs import read_gars, read_mgrs
from keepclear.formats.written.place import DEGREE_M, Place
from keepclear.formats.written.reading import (
    Answer,
    Certain,
    Choice,
    Fault,
    Form,
    Reading,
    Unreadable,
    settled,
)
from keepclear.formats.written.utm import read_utm

_ISO_6709: Final = re.compile(
    r"([+-])((?:\d{2}|\d{4}|\d{6})(?:\.\d+)?)([+-])((?:\d{3}|\d{5}|\d{7})(?:\.\d+)?)(?:CRSWGS_84)?/?"
)
_GEO_URI: Final = re.compile(r"GEO:(-?)(\d{1,2}(?:\.\d+)?),(-?)(\d{1,3}(?:\.\d+)?)(?:;CRS=WGS84)?")

_HEMISPHERES: Final = {
    (Side.NORTH, Side.EAST): Answer.NORTH_EAST,
    (Side.NORTH, Side.WEST): Answer.NORTH_WEST,
    (Side.SOUTH, Side.EAST): Answer.SOUTH_EAST,
    (Side.SOUTH, Side.WEST): Answer.SOUTH_WEST,
}


def read_position(text: str) -> Reading[Place]:
    """The place that a text says: certain, a question with its choices, or unreadable.

    At most TEXT_CHARACTERS_MAX characters; nothing is raised, whatever the text. docs/written.md has the table of what
    is read, asked and refused.
    """
    plain = plain_of(text)
    if isinstance(plain, Unreadable):
        return plain
    for read in (_read_standard, read_utm, read_mgrs, read_gars):
        reading = read(plain)
        if reading is not None:
            return reading
    return _read_angles(plain)


def _read_standard(plain: Plain) -> Reading[Place] | None:
    """What a standard says to be latitude and longitude in this order; None for a text of another shape."""
    text = plain.text.strip()
    for shape, form in ((_ISO_6709, Form.ISO_6709), (_GEO_URI, Form.GEO_URI)):
        found = shape.fullmatch(text)
        if found is None:
            continue
        pair = AnglePair(first=_signed(found, 1), second=_signed(found, 3), answers=())
        places = _places(plain, pair, axes=(Axis.LATITUDE, Axis.LONGITUDE), fraction=Answer.FRACTION_DECIMAL)
        for place in places:
            return place if isinstance(place, Unreadable) else Certain(value=place.value, form=form)
    return None


def _signed(found: re.Match[str], group: int) -> Angle:
    sign = found[group] or "+"
    return Angle(
        numbers=(Number(digits=found[group + 1], sign=sign, at=found.start(group + 1)),),
        sides=None,
        label=None,
    )


def _read_angles(plain: Plain) -> Reading[Place]:
    choices: list[Choice[Place]] = []
    faults: list[Unreadable] = []
    for pair in angle_pairs(plain):
        for read in [pair] if isinstance(pair, Unreadable) else _choices(plain, pair):
            if isinstance(read, Unreadable):
                faults.append(read)
            else:
                choices.append(read)
    if choices:
        return settled(_as_coarse(choices), found=plain.text)
    return faults[0] if faults else plain.fault(Fault.SAME_AXIS, 0)


def _as_coarse(choices: list[Choice[Place]]) -> list[Choice[Place]]:
    """The choices, those of one position as coarse as the coarsest: 33.00 is 33 degrees, in decimals or minutes."""
    coarsest: dict[Position, Place] = {}
    for choice in choices:
        known = coarsest.setdefault(choice.value.position, choice.value)
        if known.precision_m < choice.value.precision_m:
            coarsest[choice.value.position] = choice.value
    return [
        Choice(value=coarsest[choice.value.position], form=choice.form, answers=choice.answers)
        for choice in choices
    ]


def _choices(plain: Plain, pair: AnglePair) -> Iterator[Choice[Place] | Unreadable]:
    both = (pair.first, pair.second)
    padded = any(is_padded(angle.numbers) for angle in both)
    fractions = [Answer.FRACTION_DECIMAL]
    if all(may_be_minutes(angle.numbers, padded=padded) for angle in both):
        fractions.append(Answer.FRACTION_MINUTES)
    for fraction in fractions:
        for axes in ((Axis.LATITUDE, Axis.LONGITUDE), (Axis.LONGITUDE, Axis.LATITUDE)):
            yield from _places(plain, pair, axes=axes, fraction=fraction)


def _places(
    plain: Plain, pair: AnglePair, *, axes: tuple[Axis, Axis], fraction: Answer
) -> Iterator[Choice[Place] | Unreadable]:
    both = (pair.first, pair.second)
    options = [_sides(angle, axis) for angle, axis in zip(both, axes, strict=True)]
    if not all(options):
        return
    sizes: list[Degrees] = []
    for angle, axis in zip(both, axes, strict=True):
        size = degrees_of(angle.numbers, axis, fraction)
        if isinstance(size, Fault):
            yield plain.fault(size, angle.numbers[0].at)
            return
        if angle.sides is not None and angle.numbers[0].sign:
            yield plain.fault(Fault.SIGN_AND_LETTER, angle.numbers[0].at - 1)
            return
        sizes.append(size)
    options = [
        _settled_sides(angle, sides, size, pair)
        for angle, sides, size in zip(both, options, sizes, strict=True)
    ]
    first_is_latitude = axes[0] is Axis.LATITUDE
    order = Answer.LATITUDE_FIRST if first_is_latitude else Answer.LONGITUDE_FIRST
    latitude, longitude = (0, 1) if first_is_latitude else (1, 0)
    for north in options[latitude]:
        for east in options[longitude]:
            yield Choice(
                value=_place(sizes[latitude], north, sizes[longitude], east),
                form=sizes[0].form,
                answers=(*pair.answers, fraction, order, _HEMISPHERES[north, east]),
            )


def _sides(angle: Angle, axis: Axis) -> list[Side]:
    """The hemispheres that an angle may lie in if it counts along this axis; none if it cannot."""
    if angle.label not in (None, axis):
        return []
    return [side for side in Side if side.axis is axis and (angle.sides is None or side in angle.sides)]


def _settled_sides(angle: Angle, sides: list[Side], size: Degrees, pair: AnglePair) -> list[Side]:
    """The hemispheres that remain when the sign has been looked at.

    ISO 6709: decimal degrees without a sign are north and east, provided that no letter is used at all.
    """
    if angle.sides is not None:
        return sides
    sign = angle.numbers[0].sign
    no_letters = pair.first.sides is None and pair.second.sides is None
    if sign or (size.form is Form.DECIMAL and no_letters):
        return [side for side in sides if side.sign == (-1 if sign == "-" else 1)]
    return sides


def _place(latitude: Degrees, north: Side, longitude: Degrees, east: Side) -> Place:
    position = Position(
        latitude_deg=float(north.sign * latitude.size), longitude_deg=float(east.sign * longitude.size)
    )
    step_deg = float(max(latitude.step, longitude.step))
    return Place(position=position, precision_m=step_deg * DEGREE_M)
