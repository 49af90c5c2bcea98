"""The plot echo: what a node plotted of the places in a message, and how that differs from what was sent.

The receiver's node answers with each place as it read it, and with figures that it worked out anew; the
sender's node compares both with its own plot. Whole numbers must be equal; only figures have tolerances.
Source: docs/protocol.md clauses 6 to 8.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

from keepclear.core.line.plot.difference import (
    Difference,
    What,
    figure_difference,
    height_differences,
    time_differences,
)
from keepclear.core.line.plot.displacement import shape_differences
from keepclear.core.line.plot.figures import Figures, figures_from, figures_members, figures_of
from keepclear.core.line.plot.place import (
    PLACES_MAX,
    Place,
    count_positions,
    naming,
    place_from,
    place_members,
    refuse_crowd,
)
from keepclear.core.line.plot.shape import (
    DEGREE_E7,
    LATITUDE_E7_MAX,
    LONGITUDE_E7_MAX,
)
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields

FIGURE_SHARE: Final = 1e-6
"""Areas and lengths that differ by no more than this share are the same plot."""

AREA_SLACK_M2: Final = 1.0
LENGTH_SLACK_CM: Final = 100.0
"""Nor are small ones told apart by less than this."""

EXTREME_SLACK_E7: Final = 1.0
"""Extremes may differ by 1e-7 degree of latitude, and by as much on the ground of longitude."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoPlace:
    """A place as a node plotted it, with the figures of its plot."""

    place: Place
    figures: Figures


def plotted(place: Place) -> EchoPlace:
    """The place as this node plots it: the whole numbers that it read, with figures worked out from its geometry."""
    return EchoPlace(place=place, figures=figures_of(place.shape))


def echo_content(echoes: Sequence[EchoPlace]) -> dict[str, Json]:
    """The content of a part ``echo``; raises as places_content does."""
    refuse_crowd([echo.place.name for echo in echoes])
    return {
        "places": [place_members(echo.place) | {"figures": figures_members(echo.figures)} for echo in echoes]
    }


def echoes_of(content: Json) -> tuple[EchoPlace, ...]:
    """The places of a part ``echo``, each with its figures; raises as places_of and figures_from do."""
    taken = Fields(content, what="echo")
    items = taken.items("places", most=PLACES_MAX)
    count_positions(items)
    echoes = tuple(map(_echo_of, items))
    taken.end()
    refuse_crowd([echo.place.name for echo in echoes])
    return echoes


def differences(sent: Sequence[Place], echoed: Sequence[EchoPlace]) -> tuple[Difference, ...]:
    """All in which an echo is not what was sent, in the order sent; empty when the plots match.

    Places are matched by name; one that is missing with one that is not known and has the same shape, as
    renamed. Positions are compared in their order: a ring that starts elsewhere is another ring. Figures are
    compared with the sender's own plot, where the shape is the same.
    """
    unmatched = list(echoed)
    found: list[Difference] = []
    names = {place.name for place in sent}
    for place in sent:
        echo = _counterpart(place, unmatched, names)
        if echo is None:
            words = f"Place {place.name!r}: it did not come back."
            found.append(Difference(place=place.name, what=What.MISSING, words=words))
        else:
            unmatched.remove(echo)
            found.extend(_place_differences(place, echo))
    for echo in unmatched:
        words = f"Place {echo.place.name!r}: it came back, and was not sent."
        found.append(Difference(place=echo.place.name, what=What.EXTRA, words=words))
    return tuple(found)


def _echo_of(value: Json) -> EchoPlace:
    taken = Fields(value, what="echo")
    place = place_from(taken)
    with naming(place.name):
        figures = figures_from(taken.fields("figures"))
        taken.end()
    return EchoPlace(place=place, figures=figures)


def _counterpart(place: Place, echoed: Sequence[EchoPlace], names: set[str]) -> EchoPlace | None:
    for echo in echoed:
        if echo.place.name == place.name:
            return echo
    for echo in echoed:
        if echo.place.name not in names and echo.place.shape == place.shape:
            return echo
    return None


def _place_differences(sent: Place, echo: EchoPlace) -> list[Difference]:
    name, echoed = sent.name, echo.place
    found: list[Difference] = []
    if echoed.name != name:
        words = f"Place {name!r}: it came back under the name {echoed.name!r}."
        found.append(Difference(place=name, what=What.NAME, words=words))
    moved = shape_differences(name, sent=sent.shape, echoed=echoed.shape)
    found += moved
    found += height_differences(name, name="lower", sent=sent.lower, echoed=echoed.lower)
    found += height_differences(name, name="upper", sent=sent.upper, echoed=echoed.upper)
    found += time_differences(name, name="start", sent=sent.from_time, echoed=echoed.from_time)
    found += time_differences(name, name="end", sent=sent.until_time, echoed=echoed.until_time)
    if not moved:
        # Of a shape that differs the figures differ too, and say nothing new.
        found += _figure_differences(name, own=figures_of(sent.shape), echoed=echo.figures)
    return found


def _figure_differences(place: str, *, own: Figures, echoed: Figures) -> list[Difference]:
    slacks = {
        "area_m2": max(AREA_SLACK_M2, FIGURE_SHARE * own.area_m2),
        "length_cm": max(LENGTH_SLACK_CM, FIGURE_SHARE * own.length_cm),
        "north_e7": EXTREME_SLACK_E7,
        "south_e7": EXTREME_SLACK_E7,
        "east_e7": _longitude_slack_e7(own),
        "west_e7": _longitude_slack_e7(own),
    }
    return [
        difference
        for each in fields(own)
        for difference in figure_difference(
            place,
            name=each.name,
            own=getattr(own, each.name),
            echoed=getattr(echoed, each.name),
            slack=slacks[each.name],
        )
    ]


def _longitude_slack_e7(own: Figures) -> float:
    """EXTREME_SLACK_E7 on the ground, at the highest latitude: all of them where the shape reaches a pole."""
    latitude_e7 = max(abs(own.north_e7), abs(own.south_e7))
    if latitude_e7 >= LATITUDE_E7_MAX - EXTREME_SLACK_E7:
        return LONGITUDE_E7_MAX
    return EXTREME_SLACK_E7 / math.cos(math.radians(latitude_e7 / DEGREE_E7))
