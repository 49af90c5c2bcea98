"""Notices on a line: the parts ``notice`` and ``places`` of a message, which together say one notice.

Where things are stands in the places, so that it is plotted and echoed as every place is. The part ``notice`` has the
other fields and says of each place, in the same order, what it is to the notice and how well it is known.
Source: docs/notices.md, "The part notice".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Duration, Window
from keepclear.core.line.plot.place import NAME_LENGTH_MAX, Height, Place, area_of, height_from
from keepclear.core.line.plot.shape import METRE_CM, PointShape, ceiling_cm, shapes_of_area
from keepclear.core.notice.extent import UNCERTAIN_M_MAX, UNCERTAIN_MS_MAX, Extent, Role
from keepclear.core.notice.notice import EXTENTS_MAX, Notice
from keepclear.core.space.altitude import UNLIMITED, Altitude, AltitudeBand, Bound
from keepclear.core.space.area import Area, Circle
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields
from keepclear.formats.notice.bodyfields import body_from, body_members, chosen

VERSION: Final = 1
POINT_RADIUS_M: Final = 0.01
"""A place that is a point is an area of this radius: about what its whole numbers can tell apart."""

_UNCERTAIN_CM_MAX: Final = int(UNCERTAIN_M_MAX) * METRE_CM


def notice_content(notice: Notice) -> dict[str, Json]:
    """The content of the part ``notice``; accuracies are rounded up to the centimetre."""
    return {
        "v": VERSION,
        "designation": notice.designation,
        **body_members(notice.body),
        "extents": [extent_members(extent) for extent in notice.extents],
    }


def notice_places(notice: Notice) -> tuple[Place, ...]:
    """The places of a notice, one for each of its extents, rounded as shapes_of_area says.

    Raises Refused("notice.parts") for a polygon of several parts, which one place cannot say.
    """
    return tuple(map(extent_place, notice.extents))


def notice_of(content: Json, places: Sequence[Place]) -> Notice:
    """The notice that two parts of a message say together; nothing corrected and nothing left over.

    Raises Refused: "notice.places" where the extents are not those of the places, in the same order; and as Fields,
    Extent, the bodies and Notice do.
    """
    taken = Fields(content, what="notice")
    taken.whole("v", least=VERSION, most=VERSION)
    designation = taken.text("designation", length_max=NAME_LENGTH_MAX)
    body = body_from(taken)
    items = taken.items("extents", most=EXTENTS_MAX)
    taken.end()
    if len(items) != len(places):
        raise Refused(
            "notice.places",
            f"notice {designation!r} has {len(items)} extents and its message {len(places)} places, must have "
            "one extent for each place",
        )
    extents = tuple(extent_of(item, place) for item, place in zip(items, places, strict=True))
    return Notice(designation=designation, body=body, extents=extents)


def extent_members(extent: Extent) -> dict[str, Json]:
    """What an extent is beyond its place: of which place, its role, and how well it is known."""
    members: dict[str, Json] = {"place": extent.name, "role": extent.role.value}
    for name, value in (
        ("accuracy_cm", ceiling_cm(extent.accuracy_m)),
        ("height_accuracy_cm", ceiling_cm(extent.height_accuracy_m)),
        ("time_accuracy_ms", int(extent.time_accuracy_ms)),
    ):
        if value:
            members[name] = value
    return members


def extent_of(item: Json, place: Place) -> Extent:
    """The extent that its members and its place say together; raises Refused as notice_of does."""
    taken = Fields(item, what="notice: extent")
    name = taken.text("place", length_max=NAME_LENGTH_MAX)
    if name != place.name:
        raise Refused(
            "notice.places",
            f"notice: an extent is of the place {name!r} where the message has {place.name!r}, must be in its order",
        )
    role = chosen(Role, taken, "role")
    extent = Extent(
        name=name,
        role=role,
        area=_area(place, role),
        band=AltitudeBand(lower=_bound(place.lower), upper=_bound(place.upper)),
        window=Window(
            start=FIRST if place.from_time is None else place.from_time,
            end=FOREVER if place.until_time is None else place.until_time,
        ),
        accuracy_m=_number(taken, "accuracy_cm", most=_UNCERTAIN_CM_MAX) / METRE_CM,
        height_accuracy_m=_number(taken, "height_accuracy_cm", most=_UNCERTAIN_CM_MAX) / METRE_CM,
        time_accuracy_ms=Duration(_number(taken, "time_accuracy_ms", most=UNCERTAIN_MS_MAX)),
    )
    taken.end()
    return extent


def _area(place: Place, role: Role) -> Area:
    area = area_of(place)
    if area is not None:
        return area
    assert isinstance(place.shape, PointShape)
    if role is Role.IMPACT:
        raise Refused(
            "notice.target",
            f"impact area {place.name!r} is a point, must be an area: it says what others keep clear of, not what is "
            "aimed at",
        )
    return Circle(centre=place.shape.at.position, radius_m=POINT_RADIUS_M)


def _bound(height: Height | None) -> Altitude | Bound:
    return UNLIMITED if height is None else height.altitude


def _number(taken: Fields, name: str, *, most: int) -> int:
    return taken.whole(name, most=most) if name in taken else 0


def extent_place(extent: Extent) -> Place:
    """The place of an extent; raises Refused as notice_places does."""
    shape, *more = shapes_of_area(extent.area)
    if more:
        raise Refused(
            "notice.parts",
            f"extent {extent.name!r} is a polygon of {1 + len(more)} parts, must be one: give each a name of its own",
        )
    window = extent.window
    return Place(
        name=extent.name,
        shape=shape,
        lower=height_from(extent.band.lower),
        upper=height_from(extent.band.upper),
        from_time=None if window.start == FIRST else window.start,
        until_time=None if window.end == FOREVER else window.end,
    )
