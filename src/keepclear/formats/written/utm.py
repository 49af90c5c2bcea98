"""UTM and UPS coordinates as people write them: zone, letter, easting, northing.

The letter is a trap: the S of ``37S`` is a band of the northern half for some and the southern half for others. Where
both fit it is asked about. Source: NGA.SIG.0012 (2014).
"""

from __future__ import annotations

import re
from typing import Final

from keepclear.formats.written.angle import Side
from keepclear.formats.written.anglewords import SIDES
from keepclear.formats.written.digits import Plain
from keepclear.formats.written.grid import BANDS, GridPoint, band_of, grid_position, is_on_grid
from keepclear.formats.written.place import Place
from keepclear.formats.written.reading import (
    Ambiguous,
    Answer,
    Choice,
    Fault,
    Form,
    Question,
    Reading,
    settled,
)

_ZONE: Final = r"(?:ZONE:? *)?(?P<zone>\d{1,2})(?: *(?P<letter>[^\W\d_]+)\b\.?)?"
_NUMBERS: Final = (
    r"(?:E:? *)?(?P<east>\d{6,7}(?:\.\d{1,3})?) *(?:M ?E|E|M)?[ ,;/]+"
    r"(?:N:? *)?(?P<north>\d{6,8}(?:\.\d{1,3})?) *(?:M ?N|N|M)?"
)
_POLAR: Final = r"(?P<letter>[ABYZ]|N(?:ORTH)?|S(?:OUTH)?)"
_SHAPES: Final = tuple(
    re.compile(shape)
    for shape in (
        rf"(?:UTM:? *)?{_ZONE}[ ,;/]+{_NUMBERS}",
        rf"(?:UTM:? *)?{_NUMBERS}[ ,;/]+(?:UTM:? *)?{_ZONE}",
    )
)
_POLAR_SHAPES: Final = (
    re.compile(rf"(?:UPS:? *)?(?P<letter>[ABYZ])[ ,;/]+{_NUMBERS}"),
    re.compile(rf"UPS:? *{_POLAR}[ ,;/]+{_NUMBERS}"),
)
_NO_ZONE: Final = re.compile(rf"(?:UTM:? *)?{_NUMBERS}")

_HALVES: Final = {
    word: Side.NORTH in sides for word, sides in SIDES.items() if sides & {Side.NORTH, Side.SOUTH}
}
"""The words of a hemisphere, and whether it is the northern one."""


def read_utm(plain: Plain) -> Reading[Place] | None:
    """The place of UTM or UPS coordinates; None for a text of another shape.

    Numbers without a zone are asked about, and so is a zone without a letter where both halves have such a northing.
    """
    text = plain.text.strip()
    start = plain.text.index(text)
    for shape in _POLAR_SHAPES:
        if found := shape.fullmatch(text):
            return _polar(plain, found, start)
    for shape in _SHAPES:
        if found := shape.fullmatch(text):
            return _zoned(plain, found, start)
    if _NO_ZONE.fullmatch(text):
        return Ambiguous(question=Question.GRID_ZONE, found=text)
    return None


def _polar(plain: Plain, found: re.Match[str], start: int) -> Reading[Place]:
    letter = found["letter"]
    point = _point(found, zone=0, northern=letter[0] in "YZN")
    if not is_on_grid(point):
        return plain.fault(Fault.GRID_RANGE, start + found.start("east"))
    in_east = point.easting_m >= 2_000_000
    if letter in "ABYZ" and in_east != (letter in "BZ"):
        return plain.fault(Fault.GRID_PLACE, start + found.start("letter"))
    return settled([_choice(found, point, Form.UPS)], found=found[0])


def _zoned(plain: Plain, found: re.Match[str], start: int) -> Reading[Place]:
    zone, letter = int(found["zone"]), found["letter"]
    if not 1 <= zone <= 60:
        return plain.fault(Fault.GRID_ZONE, start + found.start("zone"), start + found.end("zone"))
    if letter is not None and letter not in _HALVES and letter not in BANDS:
        return plain.fault(Fault.GRID_LETTERS, start + found.start("letter"), start + found.end("letter"))
    readings = _readings(found, zone=zone, letter=letter)
    if isinstance(readings, Fault):
        return plain.fault(readings, start)
    return settled(readings, found=found[0])


def _readings(found: re.Match[str], *, zone: int, letter: str | None) -> list[Choice[Place]] | Fault:
    halves = {
        northern: point
        for northern in (True, False)
        if is_on_grid(point := _point(found, zone=zone, northern=northern))
    }
    if not halves:
        return Fault.GRID_RANGE
    if letter is None:
        words = {True: Answer.NORTHERN, False: Answer.SOUTHERN}
        return [_choice(found, point, Form.UTM, words[northern]) for northern, point in halves.items()]
    readings: list[Choice[Place]] = []
    in_band = halves.get(letter >= "N") if letter in BANDS else None
    if in_band is not None and _is_in_band(in_band, letter):
        readings.append(_choice(found, in_band, Form.UTM, Answer.LETTER_BAND))
    in_half = halves.get(_HALVES[letter]) if letter in _HALVES else None
    if in_half is not None:
        readings.append(_choice(found, in_half, Form.UTM, Answer.LETTER_HEMISPHERE))
    return readings or Fault.GRID_PLACE


def _is_in_band(point: GridPoint, band: str) -> bool:
    latitude = grid_position(point).latitude_deg
    return -80 <= latitude <= 84 and band_of(latitude) == band


def _point(found: re.Match[str], *, zone: int, northern: bool) -> GridPoint:
    return GridPoint(
        zone=zone, northern=northern, easting_m=float(found["east"]), northing_m=float(found["north"])
    )


def _choice(found: re.Match[str], point: GridPoint, form: Form, *answers: Answer) -> Choice[Place]:
    decimals = min(len(found[name].partition(".")[2]) for name in ("east", "north"))
    place = Place(position=grid_position(point), precision_m=float(f"1e-{decimals}"))
    return Choice(value=place, form=form, answers=answers)
