"""Access to protected sites: who looked at where one is, or told another party, when and why; and no more than a few.

Each access is an entry of the node's own record, durable before the place is shown or said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import DAY_MS, FIRST, FOREVER, Instant, instant_text
from keepclear.core.notice.notice import Notice
from keepclear.core.trust.encoding import Json, canonical, parsed
from keepclear.edge.host import Host
from keepclear.edge.lines.disclosing import require_reason
from keepclear.edge.store.ledger import PAGE_MAX
from keepclear.edge.store.store import NO_WRITES, Draft
from keepclear.formats.wire import Value

LOOKED: Final = "site.looked"
TOLD: Final = "site.told"

ACCESSES_A_DAY: Final = 30
"""So many times in 24 hours a person looks at sites, and so many times tells one party where some are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """That a person wants to see where a site is, or to tell a party, and why; ``to`` is empty for whoever looks.

    Raises Refused("part.reason") unless a person and a reason are named.
    """

    designation: str
    by: str
    reason: str
    to: str = ""
    precision: str = ""

    def __post_init__(self) -> None:
        require_reason(self.by, self.reason)

    def members(self) -> dict[str, Json]:
        """The access as a JSON object, without what does not apply."""
        named = {"to": self.to, "precision": self.precision}
        return {
            "site": self.designation,
            "by": self.by,
            "reason": self.reason,
            **{name: value for name, value in named.items() if value},
        }


class SiteAccess:
    """The access log of a node."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def enter(self, access: Access) -> None:
        """Enter an access; durable when this returns, and what it is for may be done.

        Raises Refused("site.many") for a person's access past ACCESSES_A_DAY, counted for each party by itself, and
        for anybody's past PAGE_MAX in 24 hours.
        """
        now = self._host.clock.now()
        today = self._since(Instant(max(now - DAY_MS, FIRST)))
        like = [each for each in today if (each["by"], each.get("to", "")) == (access.by, access.to)]
        if len(like) >= ACCESSES_A_DAY or len(today) >= PAGE_MAX:
            raise Refused(
                "site.many",
                f"{access.by} has accessed {len(like)} sites{f' for {access.to}' if access.to else ''} in 24 hours, at "
                f"most {ACCESSES_A_DAY} are accessed: sites are not handed out in bulk; wait, or meet the other party",
            )
        kind = TOLD if access.to else LOOKED
        entry = Draft(at=now, kind=kind, body=canonical(access.members()))
        self._host.note(lines=NO_WRITES, entries=[entry])

    def of(self, notice: Notice) -> list[Value]:
        """Who had access to a site, by its designation, the first first; of all sites' the newest PAGE_MAX alone."""
        found = self._host.store.entries_between(
            start=FIRST, end=FOREVER, limit=PAGE_MAX, kinds=(LOOKED, TOLD)
        )
        accesses = ((each.entry.at, parsed(each.entry.body)) for each in found)
        return [
            {"at": instant_text(at), **{name: str(value) for name, value in members.items()}}
            for at, members in accesses
            if members["site"] == notice.designation
        ]

    def _since(self, start: Instant) -> list[dict[str, Json]]:
        found = self._host.store.entries_between(
            start=start, end=FOREVER, limit=PAGE_MAX, kinds=(LOOKED, TOLD)
        )
        return [parsed(each.entry.body) for each in found]
