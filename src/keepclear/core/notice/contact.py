"""Contacts: who can be called about a notice, while it lasts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.notice.wording import refuse_wording

PHONES_MAX: Final = 4
_PHONE: Final = re.compile(r"\+?[0-9][0-9 ()/-]{3,30}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or post, the phones by which it is reached, satellite phones apart, and its radio frequency.

    At least one of the three ways is stated. Raises Refused("contact.way") for none or for more than PHONES_MAX
    phones, Refused("contact.phone") for one that is no number, and as refuse_wording does.
    """

    name: str
    phones: tuple[str, ...] = ()
    satellite: tuple[str, ...] = ()
    frequency: str = ""

    def __post_init__(self) -> None:
        refuse_wording("contact's name", self.name)
        refuse_wording("contact's frequency", self.frequency, wanted=False)
        phones = (*self.phones, *self.satellite)
        if (not phones and not self.frequency) or len(phones) > PHONES_MAX:
            raise Refused(
                "contact.way",
                f"contact {self.name!r} has {len(phones)} phones, must have 1 to {PHONES_MAX} or a frequency",
            )
        for phone in phones:
            if not _PHONE.fullmatch(phone):
                raise Refused(
                    "contact.phone",
                    f"contact {self.name!r} has the phone {phone[:40]!r}, must be digits, + before the country",
                )
