"""Places: what a message names on the earth, with its heights and its time, in whole numbers.

A place named in words only is refused, with what to add. Source: docs/protocol.md clause 8.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Instant, instant_text
from keepclear.core.line.plot.shape import (
    METRE_CM,
    Shape,
    area_of_shape,
    centimetres,
    shape_members,
    shape_of,
    shapes_of_area,
)
from keepclear.core.space.altitude import (
    ALTITUDE_HIGHEST_M,
    ALTITUDE_LOWEST_M,
    Altitude,
    Bound,
    Datum,
)
from keepclear.core.space.area import Area
from keepclear.core.space.volume import Volume
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields

POSITIONS_TOGETHER_MAX: Final = 512
"""The most positions that all places of a message have together: to check them takes a second or two at the worst."""

PLACES_MAX: Final = 64
"""The most places that one message names."""

NAME_LENGTH_MAX: Final = 80

HEIGHT_CM_LOWEST: Final = int(ALTITUDE_LOWEST_M) * METRE_CM
HEIGHT_CM_HIGHEST: Final = int(ALTITUDE_HIGHEST_M) * METRE_CM

DATUM_WORDS: Final[Mapping[Datum, str]] = {
    Datum.HAE: "hae",
    Datum.MSL: "msl",
    Datum.AGL: "agl",
    Datum.PRESSURE: "pressure",
}
"""How a message says from what a height is measured; a height that does not say it is refused."""

_DATUMS: Final = {word: datum for datum, word in DATUM_WORDS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Height:
    """A height in whole centimetres above what its datum says, from -12 km to 100,000 km.

    Raises Refused("place.height") beyond that, and for a datum that is not known.
    """

    height_cm: int
    datum: Datum

    def __post_init__(self) -> None:
        if not HEIGHT_CM_LOWEST <= self.height_cm <= HEIGHT_CM_HIGHEST:
            raise Refused(
                "place.height",
                f"height is {self.height_cm} cm, must be from {HEIGHT_CM_LOWEST} to {HEIGHT_CM_HIGHEST} cm",
            )
        if self.datum not in DATUM_WORDS:
            raise Refused(
                "place.height", f"height of {self.height_cm} cm must say its datum: {', '.join(_DATUMS)}"
            )

    @property
    def altitude(self) -> Altitude:
        """The same in metres."""
        return Altitude(height_m=self.height_cm / METRE_CM, datum=self.datum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A named shape, between two heights and two times as far as they are known.

    ``lower``, ``upper``, ``from_time``, ``until_time``: None is not stated, and so not limited. A place is meant
    from ``from_time`` on, and no longer at ``until_time``. Names have 1 to NAME_LENGTH_MAX characters that
    print, with no blank at either end. Raises Refused: "place.name"; "place.heights" for an upper height below
    the lower where both have one datum; "place.times" for an end before the start.
    """

    name: str
    shape: Shape
    lower: Height | None = None
    upper: Height | None = None
    from_time: Instant | None = None
    until_time: Instant | None = None

    def __post_init__(self) -> None:
        _refuse_name(self.name)
        if self.lower is not None and self.upper is not None and _is_reversed(self.lower, self.upper):
            raise Refused(
                "place.heights",
                f"upper height is {self.upper.height_cm} cm, must not be below its lower "
                f"height, {self.lower.height_cm} cm",
            )
        if self.from_time is not None and self.until_time is not None and self.until_time < self.from_time:
            raise Refused(
                "place.times",
                f"it ends at {instant_text(self.until_time)}, must not end before it "
                f"starts at {instant_text(self.from_time)}",
            )


def area_of(place: Place) -> Area | None:
    """The area of a place, as core/space has it; None of a point, in which nothing can be inside."""
    return area_of_shape(place.shape)


def place_members(place: Place) -> dict[str, Json]:
    """The place as a JSON object."""
    members: dict[str, Json] = {"name": place.name, "shape": shape_members(place.shape)}
    for end, height in (("lower", place.lower), ("upper", place.upper)):
        if height is not None:
            members[end] = {"cm": height.height_cm, "datum": DATUM_WORDS[height.datum]}
    for end, time in (("from_ms", place.from_time), ("until_ms", place.until_time)):
        if time is not None:
            members[end] = time
    return members


def place_of(value: Json) -> Place:
    """The place that a JSON object says, nothing corrected and nothing left over.

    Raises Refused("place.words-only") for a name without a shape, and as Fields, Place and the shapes do; the
    message names the place.
    """
    taken = Fields(value, what="place")
    place = place_from(taken)
    with naming(place.name):
        taken.end()
    return place


def place_from(taken: Fields) -> Place:
    """The place among members of which more may be left; raises as place_of does."""
    name = taken.text("name", length_max=NAME_LENGTH_MAX)
    _refuse_name(name)
    if "shape" not in taken:
        raise Refused(
            "place.words-only",
            f"place {name!r} is named in words only; add coordinates: a point, a circle with its radius, a "
            "polygon with its corners, or a corridor with its line and half-width",
        )
    with naming(name):
        return Place(
            name=name,
            shape=shape_of(taken.fields("shape")),
            lower=_height_of(taken, "lower"),
            upper=_height_of(taken, "upper"),
            from_time=_time_of(taken, "from_ms"),
            until_time=_time_of(taken, "until_ms"),
        )


@contextmanager
def naming(name: str) -> Generator[None, None, None]:
    """Puts the name of the place before what was refused of it."""
    try:
        yield
    except Refused as error:
        raise Refused(error.code, f"place {name!r}: {error.message}") from None


def places_content(places: Sequence[Place]) -> dict[str, Json]:
    """The content of a part ``places``; raises Refused("place.count") or Refused("place.twice")."""
    refuse_crowd([place.name for place in places])
    return {"places": [place_members(place) for place in places]}


def places_of(content: Json) -> tuple[Place, ...]:
    """The places of a part ``places``, 1 to PLACES_MAX, each with a name of its own.

    Raises Refused("place.count"), Refused("place.twice"), and as place_of does.
    """
    taken = Fields(content, what="places")
    items = taken.items("places", most=PLACES_MAX)
    count_positions(items)
    places = tuple(map(place_of, items))
    taken.end()
    refuse_crowd([place.name for place in places])
    return places


def count_positions(items: Sequence[Json]) -> None:
    """Refuse places of more positions than POSITIONS_TOGETHER_MAX, before any of them is looked at closely."""
    positions = sum(map(_positions_in, items))
    if positions > POSITIONS_TOGETHER_MAX:
        raise Refused(
            "place.positions",
            f"message has {positions} positions, must have {POSITIONS_TOGETHER_MAX} or fewer in all its places",
        )


def refuse_crowd(names: Sequence[str]) -> None:
    """Refuse names that are none, more than PLACES_MAX, or not all different."""
    if not 1 <= len(names) <= PLACES_MAX:
        raise Refused("place.count", f"message names {len(names)} places, must name 1 to {PLACES_MAX}")
    for place, name in enumerate(names):
        if name in names[:place]:
            raise Refused("place.twice", f"message names two places {name!r}, must name each differently")


def places_of_volume(name: str, volume: Volume) -> tuple[Place, ...]:
    """The places that say a volume: one, or ``NAME part 1`` and so on for a polygon of several parts.

    Rounded as shapes_of_area says; heights to the nearest centimetre, times not at all. Ends of the schedule's
    window at the ends of time are not stated. Raises Refused("place.schedule") for a schedule of hours or days,
    which a place cannot say and which must not be lost in silence; Refused("place.height") for an unknown
    datum; and as the shapes do.
    """
    if volume.schedule.spans:
        raise Refused(
            "place.schedule",
            f"place {name!r} is in force at certain hours only, which a place of a message cannot say; give it "
            "a start and an end, and write the hours in the text",
        )
    shapes = shapes_of_area(volume.area)
    window = volume.schedule.window
    return tuple(
        Place(
            name=name if len(shapes) == 1 else f"{name} part {number}",
            shape=shape,
            lower=height_from(volume.band.lower),
            upper=height_from(volume.band.upper),
            from_time=None if window.start == FIRST else window.start,
            until_time=None if window.end == FOREVER else window.end,
        )
        for number, shape in enumerate(shapes, 1)
    )


def height_from(end: Altitude | Bound) -> Height | None:
    """The nearest height of whole centimetres; None of an end that is not limited."""
    return None if isinstance(end, Bound) else Height(height_cm=centimetres(end.height_m), datum=end.datum)


def _refuse_name(name: str) -> None:
    if not 1 <= len(name) <= NAME_LENGTH_MAX or name != name.strip() or not name.isprintable():
        raise Refused(
            "place.name",
            f"place is named {name[:NAME_LENGTH_MAX]!r}, must have 1 to {NAME_LENGTH_MAX} characters that print, "
            "with no blank at either end",
        )


def _is_reversed(lower: Height, upper: Height) -> bool:
    return lower.datum is upper.datum and upper.height_cm < lower.height_cm


def _height_of(taken: Fields, end: str) -> Height | None:
    if end not in taken:
        return None
    height = taken.fields(end)
    height_cm = height.whole("cm", least=HEIGHT_CM_LOWEST, most=HEIGHT_CM_HIGHEST)
    word = height.text("datum", length_max=64)
    height.end()
    if word not in _DATUMS:
        raise Refused(
            "place.height", f"{end} height has the datum {word!r}, must be one of {', '.join(_DATUMS)}"
        )
    return Height(height_cm=height_cm, datum=_DATUMS[word])


def _time_of(taken: Fields, end: str) -> Instant | None:
    return Instant(taken.whole(end, least=FIRST, most=FOREVER)) if end in taken else None


def _positions_in(value: Json) -> int:
    """How many pairs of numbers a value holds, however it is nested; depth is limited by the canonical form."""
    if isinstance(value, Mapping):
        return sum(map(_positions_in, value.values()))
    if not isinstance(value, list):
        return 0
    if len(value) == 2 and all(isinstance(each, int) for each in value):
        return 1
    return sum(map(_positions_in, value))
