"""Rules about how far apart activities stay, as JSON of whole numbers.

Source: docs/notices.md, "The part agreement".
"""

from __future__ import annotations

from typing import Final

from keepclear.core.instant import Duration
from keepclear.core.line.plot.shape import METRE_CM, ceiling_cm
from keepclear.core.notice.minima import APART_M_MAX, APART_MS_MAX, Minimum
from keepclear.core.notice.wording import LINE_MAX
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields, text_of

_APART_CM_MAX: Final = int(APART_M_MAX) * METRE_CM


def minimum_members(rule: Minimum) -> dict[str, Json]:
    """A rule: the two kinds, and by what they keep apart, rounded up to the centimetre; what is 0 is left out."""
    apart = {
        "horizontal_cm": ceiling_cm(rule.horizontal_m),
        "vertical_cm": ceiling_cm(rule.vertical_m),
        "time_ms": int(rule.time_ms),
    }
    stated = {name: value for name, value in apart.items() if value}
    return {"name": rule.name, "kinds": list(rule.kinds), **stated}


def minimum_of(value: Json) -> Minimum:
    """The rule that a JSON object says; raises Refused as Fields and Minimum do."""
    taken = Fields(value, what="minimum")
    name = taken.text("name", length_max=LINE_MAX)
    one, other = (text_of(each, length_max=LINE_MAX, what="minimum: kind") for each in taken.pair("kinds"))
    rule = Minimum(
        name=name,
        kinds=(one, other),
        horizontal_m=_number(taken, "horizontal_cm", most=_APART_CM_MAX) / METRE_CM,
        vertical_m=_number(taken, "vertical_cm", most=_APART_CM_MAX) / METRE_CM,
        time_ms=Duration(_number(taken, "time_ms", most=APART_MS_MAX)),
    )
    taken.end()
    return rule


def _number(taken: Fields, name: str, *, most: int) -> int:
    return taken.whole(name, most=most) if name in taken else 0
