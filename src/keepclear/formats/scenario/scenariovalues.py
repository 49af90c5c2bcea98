"""Values as scenario files write them: places, spans and lengths of time; and tables read one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, SECOND_MS, Window, instant_of
from keepclear.core.space.geodesy import Position

SECONDS_MAX: Final = 86_400.0
"""The longest interval between reports, and the longest delay, that is read."""

_PLACE: Final = re.compile(r"(\d{1,2}(?:\.\d+)?) ?([NS]),? (\d{1,3}(?:\.\d+)?) ?([EW])", re.ASCII)

_Table = TypeVar("_Table")
_Noun = TypeVar("_Noun")


class Span(Protocol):
    """A span of time as it is written."""

    @property
    def start(self) -> str:
        """When it begins."""
        ...

    @property
    def until(self) -> str | None:
        """When it ends; None: never."""
        ...


def place_of(text: str) -> Position:
    """The position written as ``33.4967 N 38.6178 E``: decimal degrees, each with its letter, latitude first.

    Raises Refused("place.unreadable"), or what Position raises.
    """
    found = _PLACE.fullmatch(text)
    if found is None:
        raise Refused(
            "place.unreadable", f"the place {text[:60]!r} is not written such as 33.4967 N 38.6178 E"
        )
    latitude, longitude = float(found[1]), float(found[3])
    return Position(
        latitude_deg=latitude if found[2] == "N" else -latitude,
        longitude_deg=longitude if found[4] == "E" else -longitude,
    )


def window_of(span: Span) -> Window:
    """The window of a span."""
    return Window(start=instant_of(span.start), end=FOREVER if span.until is None else instant_of(span.until))


def milliseconds(seconds: float, field: str) -> int:
    """Seconds as whole milliseconds. Raises Refused("scenario.seconds") outside 0 to SECONDS_MAX."""
    if not 0 <= seconds <= SECONDS_MAX:
        raise Refused("scenario.seconds", f"{field} is {seconds:g}, must be 0 to {SECONDS_MAX:.0f} seconds")
    return round(seconds * SECOND_MS)


def each(noun: str, tables: Sequence[_Table], read: Callable[[_Table], _Noun]) -> tuple[_Noun, ...]:
    """The noun that each table holds; a refusal names the table, counted from 1, and its name or id."""
    nouns: list[_Noun] = []
    for number, table in enumerate(tables, start=1):
        try:
            nouns.append(read(table))
        except Refused as error:
            name = getattr(table, "name", "") or getattr(table, "id", "")
            who = f"{noun} {number} ({name[:80]!r})" if name else f"{noun} {number}"
            raise Refused(error.code, f"{who}: {error.message}") from None
    return tuple(nouns)
