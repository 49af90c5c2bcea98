"""Differences between a place as it was sent and as it came back, each with its size and in words.

What may lie behind a difference is a guess for a person to check, and is said as one. Nothing is corrected.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from keepclear.core.instant import HOUR_MS, MINUTE_MS, SECOND_MS, Instant, instant_text
from keepclear.core.line.plot.place import DATUM_WORDS, Height
from keepclear.core.line.plot.shape import DEGREE_E7, METRE_CM
from keepclear.core.space.altitude import FOOT_M

READ_AS: Final = (
    ("feet", "metres", FOOT_M),
    ("statute miles", "kilometres", 1.609344),
    ("nautical miles", "kilometres", 1.852),
    ("nautical miles", "statute miles", 1852 / 1609.344),
)
"""Pairs of units that are taken for one another, and how many of the second make one of the first."""

RATIO_SHARE: Final = 1e-3
"""How near a ratio of two lengths must come to that of two units to be named; 3.28 passes for feet."""

ZONE_STEP_MS: Final = 30 * MINUTE_MS
ZONE_MOST_MS: Final = 14 * HOUR_MS
"""A shift by whole half hours, from one hour to this, is named as a likely mistake of time zone."""


_HALF_ROUND_E7: Final = 180 * DEGREE_E7
_LONGITUDES: Final = ("east_e7", "west_e7")
_FIGURE_UNITS: Final = {
    "area_m2": (1, "m2"),
    "length_cm": (METRE_CM, "m"),
    **dict.fromkeys(("north_e7", "south_e7", "east_e7", "west_e7"), (DEGREE_E7, "deg")),
}
_FIGURE_WORDS: Final = {
    "area_m2": "an area of",
    "length_cm": "a length of",
    "north_e7": "its northernmost latitude at",
    "south_e7": "its southernmost latitude at",
    "east_e7": "its easternmost longitude at",
    "west_e7": "its westernmost longitude at",
}


class What(StrEnum):
    """What differs, and so in which unit ``by`` of a Difference is."""

    MISSING = "missing"
    """The place did not come back."""
    EXTRA = "extra"
    """A place came back that was not sent."""
    NAME = "name"
    SHAPE = "shape"
    """Another kind of shape."""
    COUNT = "count"
    """Another number of rings or positions: ``by`` is how many more came back, "rings" or "positions"."""
    POSITION = "position"
    """``by`` is the distance in m."""
    LENGTH = "length"
    """Radius or half-width: ``by`` is how much more came back, in m."""
    HEIGHT = "height"
    """``by`` is how much higher it came back, in m; None where one of the two is not stated."""
    DATUM = "datum"
    TIME = "time"
    """``by`` is how much later it came back, in s; None where one of the two is not stated."""
    FIGURE = "figure"
    """``by`` is how much more came back, in m2, m or deg."""


class Reason(StrEnum):
    """What may lie behind a difference."""

    SWAPPED = "latitude and longitude swapped"
    HEMISPHERE = "another hemisphere"
    UNIT = "another unit of length"
    TIME_ZONE = "another time zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which a place came back otherwise than it was sent.

    ``place``: its name as sent, or as it came back where it was not sent. ``by`` and ``unit``: how much, as What
    says; None and "" where it has no size. ``words``: one English sentence.
    """

    place: str
    what: What
    words: str
    by: float | None = None
    unit: str = ""
    reason: Reason | None = None


def length_difference(place: str, *, name: str, sent_cm: int, echoed_cm: int) -> tuple[Difference, ...]:
    """How a radius or half-width differs; empty when it does not."""
    if sent_cm == echoed_cm:
        return ()
    by_m = (echoed_cm - sent_cm) / METRE_CM
    guess = _unit_words(sent_cm, echoed_cm)
    return (
        Difference(
            place=place,
            what=What.LENGTH,
            by=by_m,
            unit="m",
            reason=Reason.UNIT if guess else None,
            words=f"Place {place!r}: the {name} came back as {echoed_cm / METRE_CM:,.2f} m, by {by_m:+,.2f} m "
            f"from the {sent_cm / METRE_CM:,.2f} m that were sent{guess}.",
        ),
    )


def height_differences(
    place: str, *, name: str, sent: Height | None, echoed: Height | None
) -> tuple[Difference, ...]:
    """How a lower or upper height differs, in its datum or its size; empty when it does not."""
    if sent == echoed:
        return ()
    if sent is None or echoed is None:
        words = (
            f"Place {place!r}: the {name} height came back as {_height_text(echoed)}, and was sent as "
            f"{_height_text(sent)}."
        )
        return (Difference(place=place, what=What.HEIGHT, words=words),)
    found: list[Difference] = []
    if sent.datum is not echoed.datum:
        words = (
            f"Place {place!r}: the {name} height came back above {DATUM_WORDS[echoed.datum]}, and was sent above "
            f"{DATUM_WORDS[sent.datum]}."
        )
        found.append(Difference(place=place, what=What.DATUM, words=words))
    if sent.height_cm != echoed.height_cm:
        found.append(_higher(place, name=name, sent=sent, echoed=echoed))
    return tuple(found)


def time_differences(
    place: str, *, name: str, sent: Instant | None, echoed: Instant | None
) -> tuple[Difference, ...]:
    """How a start or an end differs; empty when it does not."""
    if sent == echoed:
        return ()
    by_s, reason = None, None
    shift = ""
    if sent is not None and echoed is not None:
        by_ms = echoed - sent
        by_s = by_ms / SECOND_MS
        shift = f", {abs(by_s):,.3f} s {'later' if by_ms > 0 else 'earlier'}"
        if abs(by_ms) % ZONE_STEP_MS == 0 and HOUR_MS <= abs(by_ms) <= ZONE_MOST_MS:
            reason = Reason.TIME_ZONE
            shift += f", which is {abs(by_ms) / HOUR_MS:g} h: this looks like another time zone"
    return (
        Difference(
            place=place,
            what=What.TIME,
            by=by_s,
            unit="" if by_s is None else "s",
            reason=reason,
            words=f"Place {place!r}: the {name} came back as {_time_text(echoed)}, and was sent as "
            f"{_time_text(sent)}{shift}.",
        ),
    )


def figure_difference(
    place: str, *, name: str, own: int, echoed: int, slack: float
) -> tuple[Difference, ...]:
    """How one of the Figures differs from the sender's own; empty when by no more than ``slack``.

    Longitudes are compared the short way round.
    """
    per_unit, unit = _FIGURE_UNITS[name]
    by = echoed - own
    if name in _LONGITUDES:
        by = (by + _HALF_ROUND_E7) % (2 * _HALF_ROUND_E7) - _HALF_ROUND_E7
    if abs(by) <= slack:
        return ()
    return (
        Difference(
            place=place,
            what=What.FIGURE,
            by=by / per_unit,
            unit=unit,
            words=f"Place {place!r}: the plot that came back has {_FIGURE_WORDS[name]} {echoed / per_unit:,.7g} "
            f"{unit}, by {by / per_unit:+,.7g} {unit} from the sender's own plot of the same numbers.",
        ),
    )


def _higher(place: str, *, name: str, sent: Height, echoed: Height) -> Difference:
    by_m = (echoed.height_cm - sent.height_cm) / METRE_CM
    guess = _unit_words(sent.height_cm, echoed.height_cm, READ_AS[:1])
    return Difference(
        place=place,
        what=What.HEIGHT,
        by=by_m,
        unit="m",
        reason=Reason.UNIT if guess else None,
        words=f"Place {place!r}: the {name} height came back {abs(by_m):,.2f} m "
        f"{'higher' if by_m > 0 else 'lower'}, as {_height_text(echoed)}, and was sent as "
        f"{_height_text(sent)}{guess}.",
    )


def _unit_words(sent_cm: int, echoed_cm: int, pairs: tuple[tuple[str, str, float], ...] = READ_AS) -> str:
    """What the ratio of two lengths looks like, as the end of a sentence; "" when like nothing known."""
    for one, other, ratio in pairs:
        # A number of ``one`` that is read as so many of ``other`` comes out smaller by the ratio.
        for read, taken_for, times in ((one, other, 1 / ratio), (other, one, ratio)):
            if abs(echoed_cm - sent_cm * times) <= RATIO_SHARE * abs(echoed_cm):
                return f": this looks like {read} read as {taken_for}"
    return ""


def _height_text(height: Height | None) -> str:
    if height is None:
        return "not stated"
    return f"{height.height_cm / METRE_CM:,.2f} m above {DATUM_WORDS[height.datum]}"


def _time_text(time: Instant | None) -> str:
    return "not stated" if time is None else instant_text(time)
