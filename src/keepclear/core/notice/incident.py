"""Incidents: what happened, in each side's words, and who knew what when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.wording import TEXT_MAX, refuse_wording

LISTED_MAX: Final = 32
_GRADE: Final = re.compile(r"[A-F][1-6]")
_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one source says happened. ``grade``: its Admiralty grade, A-F for the source and 1-6 for what it says.

    F and 6 mean that it cannot be judged, and not that it is worst; an empty grade was not given. Raises
    Refused("incident.grade").
    """

    source: str
    words: str
    grade: str = ""

    def __post_init__(self) -> None:
        refuse_wording("source", self.source)
        refuse_wording("account", self.words, length_max=TEXT_MAX)
        if self.grade and not _GRADE.fullmatch(self.grade):
            raise Refused(
                "incident.grade",
                f"source {self.source!r} is graded {self.grade!r}, must be A to F and 1 to 6, as B2",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An incident report. Where and when, and how well that is known, follows from the notice's extents.

    ``accounts``: each side's own, never made into one. ``notices`` and ``zones``: designations and names in force then.
    ``channels``: which were tried, when, with what answer. ``evidence``: SHA-256 of files that are kept, lower-case
    hexadecimal. Raises Refused("incident.evidence"), Refused("incident.many") and as refuse_wording does.
    """

    what: str
    contact: Contact
    accounts: tuple[Account, ...] = ()
    notices: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refuse_wording("what happened", self.what, length_max=TEXT_MAX)
        for what, listed in (
            ("notice", self.notices),
            ("zone", self.zones),
            ("channel tried", self.channels),
        ):
            for text in listed:
                refuse_wording(what, text)
        for digest in self.evidence:
            if not _HASH.fullmatch(digest):
                raise Refused(
                    "incident.evidence",
                    f"evidence is named {digest[:70]!r}, must be its SHA-256 as 64 lower-case hexadecimal digits",
                )
        for what, found in (
            ("accounts", self.accounts),
            ("notices", self.notices),
            ("zones", self.zones),
            ("channels", self.channels),
            ("pieces of evidence", self.evidence),
        ):
            if len(found) > LISTED_MAX:
                raise Refused(
                    "incident.many", f"incident lists {len(found)} {what}, at most {LISTED_MAX} are taken"
                )
