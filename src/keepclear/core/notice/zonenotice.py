"""Zone notices: a party says that it establishes or cancels a zone, on what basis, and how it will respond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.wording import refuse_wording

STEPS_MAX: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneNotice:
    """A zone, established or cancelled.

    ``type``: as its party calls it. ``basis``: the legal basis that it claims. ``as_stated``: the size in the words and
    the unit in which it was stated, as "34 miles". ``steps``: what is done about those who come near, in order.
    ``review``: when it is looked at again; FOREVER is not stated. How others recognise it is theirs to say.
    Raises Refused("zone-notice.steps") and as refuse_wording does.
    """

    type: str
    cancels: bool
    basis: str
    contact: Contact
    as_stated: str = ""
    steps: tuple[str, ...] = ()
    review: Instant = FOREVER

    def __post_init__(self) -> None:
        refuse_wording("type of zone", self.type)
        refuse_wording("legal basis", self.basis)
        refuse_wording("size as stated", self.as_stated, wanted=False)
        for step in self.steps:
            refuse_wording("response step", step)
        if len(self.steps) > STEPS_MAX:
            raise Refused(
                "zone-notice.steps",
                f"zone has {len(self.steps)} response steps, at most {STEPS_MAX} are taken",
            )
