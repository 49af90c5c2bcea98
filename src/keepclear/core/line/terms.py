"""Terms: between whom a line is, whose roots are trusted, and its timers.

Source of the timers: docs/protocol.md and the practice named with each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import HOUR_MS, MINUTE_MS, SECOND_MS, Duration
from keepclear.core.line.message import LineName, PartyWord, Precedence
from keepclear.core.record.checkpoint import NODE_LOG
from keepclear.core.trust.note import VerifierKey

RECEIPT_DUE: Final[Mapping[Precedence, Duration]] = {
    Precedence.FLASH: Duration(MINUTE_MS),
    Precedence.IMMEDIATE: Duration(5 * MINUTE_MS),
    Precedence.PRIORITY: Duration(15 * MINUTE_MS),
    Precedence.ROUTINE: Duration(60 * MINUTE_MS),
}
"""Within how long a person must receipt a message, unless the parties set something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timers:
    """What the parties set between them; the defaults are this project's own proposals.

    ``check_every``: how often each node checks the line (after MOLINK practice, hourly); two missed are degraded.
    ``unattended_after``: how long after its last person's act a console counts as attended.
    ``escalate``, ``another_way``, ``everyone``: when a STOP that no person has receipted goes to the next post, by
    another way, and to everyone. At Deir ez-Zor on 17 September 2016 a call waited 27 minutes for one man.
    ``heartbeat``: how often a status goes out though there is nothing to say. ``withheld_after``: how long a node that
    is heard may leave entries without its cosignature.
    """

    receipt_due: Mapping[Precedence, Duration] = field(default_factory=lambda: dict(RECEIPT_DUE))
    check_every: Duration = Duration(HOUR_MS)
    unattended_after: Duration = Duration(15 * MINUTE_MS)
    escalate: Duration = Duration(60 * SECOND_MS)
    another_way: Duration = Duration(120 * SECOND_MS)
    everyone: Duration = Duration(180 * SECOND_MS)
    retry_first: Duration = Duration(2 * SECOND_MS)
    retry_last: Duration = Duration(MINUTE_MS)
    retry_urgent: Duration = Duration(5 * SECOND_MS)
    heartbeat: Duration = Duration(10 * SECOND_MS)
    withheld_after: Duration = Duration(MINUTE_MS)

    def __post_init__(self) -> None:
        if set(self.receipt_due) != set(Precedence):
            raise Refused("line.timers", "timers must name a time for each precedence")
        if not 0 < self.escalate <= self.another_way <= self.everyone:
            raise Refused("line.timers", "a stop's three times must follow one another")
        if not 0 < self.retry_first <= self.retry_urgent <= self.retry_last:
            raise Refused("line.timers", "retry times must rise: first, urgent, last")
        others = (self.check_every, self.unattended_after, self.heartbeat, self.withheld_after)
        if min(*others, *self.receipt_due.values()) <= 0:
            raise Refused("line.timers", "every time must be above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One line of a party: its name, the two parties, the roots that each is known by, and the timers."""

    line: LineName
    own: PartyWord
    other: PartyWord
    own_root: VerifierKey
    other_root: VerifierKey
    timers: Timers = field(default_factory=Timers)

    def __post_init__(self) -> None:
        if self.line == NODE_LOG:
            raise Refused(
                "line.terms", f"line {self.line!r} has the name of the node's own record; choose another"
            )
        if self.own == self.other or self.own_root.public_key == self.other_root.public_key:
            raise Refused("line.terms", f"line {self.line} must join two parties with two roots")
