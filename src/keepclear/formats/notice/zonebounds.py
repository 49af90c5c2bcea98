"""Zones that are watched, as notices are held against them."""

from __future__ import annotations

from typing import Final

from keepclear.core.notice.event import Bounded
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.held import Giver
from keepclear.core.watch.zone import Zone

EXTENT_NAME: Final = "zone"
"""How the one extent of every zone is named."""


def bounds_of(zone: Zone) -> Bounded:
    """A zone's area, heights and window; what is in force at some hours of it only makes nothing certain.

    Parties that may be in it are named as lines name them, which is in lower case.
    """
    volume = zone.volume
    extent = Extent(
        name=EXTENT_NAME,
        role=Role.AREA,
        area=volume.area,
        band=volume.band,
        window=volume.schedule.window,
    )
    admitted = {zone.declared_by, *zone.admitted}
    return Bounded(
        zone=zone.name,
        extents=(extent,),
        admitted=frozenset(Giver(party.lower()) for party in admitted),
        at_times=bool(volume.schedule.spans),
    )
