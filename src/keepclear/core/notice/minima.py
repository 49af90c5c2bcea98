"""Minima: how far apart two activities have to stay, for each pair of their kinds, as data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Duration

ANY: Final = "any"
"""Stands for every kind in a rule."""

RULES_MAX: Final = 256
APART_M_MAX: Final = 1_000_000.0
APART_MS_MAX: Final = Duration(31 * 86_400_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """A rule: activities of two kinds stay apart by one of these at least, or are in conflict.

    Apart by ``horizontal_m`` metres along the geodesic, or by ``vertical_m`` metres of one datum, or by
    ``time_ms``; each 0 or more, where 0 means that they must not meet. ``kinds``: the two kinds, in either order,
    or ANY. Raises Refused("minimum.range").
    """

    name: str
    kinds: tuple[str, str]
    horizontal_m: float = 0.0
    vertical_m: float = 0.0
    time_ms: Duration = Duration(0)

    def __post_init__(self) -> None:
        sound = (
            0 <= self.horizontal_m <= APART_M_MAX
            and 0 <= self.vertical_m <= APART_M_MAX
            and 0 <= self.time_ms <= APART_MS_MAX
        )
        if not sound:
            raise Refused(
                "minimum.range",
                f"rule {self.name!r} asks for {self.horizontal_m} m, {self.vertical_m} m in height and "
                f"{self.time_ms} ms, must be 0 or more and at most 1,000 km and 31 days",
            )

    def serves(self, one: str, other: str) -> bool:
        """Whether the rule is for these two kinds, in either order."""
        here, there = self.kinds
        return (here in (one, ANY) and there in (other, ANY)) or (
            here in (other, ANY) and there in (one, ANY)
        )


MEETING: Final = Minimum(name="must not meet", kinds=(ANY, ANY))
"""The rule where no other is: two activities must not be in one place at one height and one time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minima:
    """The rules that parties have agreed on, the first that serves counts; after them MEETING.

    At most RULES_MAX, each named differently; raises Refused("minima.many") or Refused("minima.twice").
    """

    rules: tuple[Minimum, ...] = ()

    def __post_init__(self) -> None:
        if len(self.rules) > RULES_MAX:
            raise Refused("minima.many", f"{len(self.rules)} minima are given, at most {RULES_MAX} are taken")
        names = [rule.name for rule in self.rules]
        for place, name in enumerate(names):
            if name in names[:place]:
                raise Refused(
                    "minima.twice", f"two minima are named {name!r}, each must be named differently"
                )

    def between(self, one: str, other: str) -> Minimum:
        """The rule for activities of two kinds, the same whichever is named first."""
        return next((rule for rule in self.rules if rule.serves(one, other)), MEETING)


def widest_m(rules: Iterable[Minimum]) -> float:
    """The most that any of the rules asks for along the ground, in metres; 0 of none."""
    return max((rule.horizontal_m for rule in rules), default=0.0)
