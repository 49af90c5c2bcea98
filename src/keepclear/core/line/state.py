"""The state of a line: all that its node remembers of it between two steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from keepclear.core.instant import FIRST, Instant
from keepclear.core.line.duty import Duty
from keepclear.core.line.fault import Fault
from keepclear.core.line.intake import Copy
from keepclear.core.line.keys import Roster
from keepclear.core.line.liveness import Condition, Liveness
from keepclear.core.line.log import Log, Mark, Views
from keepclear.core.line.message import Header
from keepclear.core.line.reception import Reception
from keepclear.core.line.status import Have, Heard
from keepclear.core.line.terms import Terms
from keepclear.core.record.merkle import Head
from keepclear.core.trust.note import VerifierKey

SETTLED_MAX: Final = 1_000
"""Messages that are done with and still remembered by the line; the log has them all."""

COSIGNATURES_MAX: Final = 1_024

START: Final = Mark(epoch=1, size=0)
"""Where every log begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An entry of ours that the other has not cosigned; ``urgent`` ones go ahead of their turn, by ``rank``.

    ``root`` is that of our log with this entry as its last, where it is known.
    """

    index: int
    urgent: bool
    rank: int = 0
    root: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosigned:
    """In which second a party cosigned a head of the other's log; ``note`` bears the cosignature, if it is the other's.

    Without it the other could not be convicted of an entry that it dated before: who judges it was not there.
    """

    epoch: int
    size: int
    second: int
    note: str = ""

    @property
    def mark(self) -> Mark:
        """How far that log went under the head."""
        return Mark(epoch=self.epoch, size=self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A part that was released to us and has not come: of which entry, and all parts of that message."""

    index: int
    together: tuple[bytes, ...]


@dataclass(slots=True, kw_only=True)
class LineState:
    """One line as its node knows it. ``own`` is our log; ``copy`` our copy of the other's.

    ``confirmed``: how much of our log the other has cosigned or cited. ``reverted``: how far our log is known to
    have gone, where we hold less of it. ``recalled``: the head of our last cosignature, which is known and forgotten,
    until our copy has come there. ``unopened``: commitments released to us whose openings have not come.
    ``forgone``: those that the other withheld before they were opened here, the latest.
    ``unread``: messages of the other's people, by hash, of which that is so; ``opened_ahead``: those that were open
    before their turn, which has not come.
    ``own_rosters``, ``other_rosters``: the keys and officers of each log by its epochs, as they were at its end.
    ``agreed``: while the other has to show its log anew, the head up to which it has.
    ``other_shows``: how far its own log went by the other's last bundle. ``full``: whether the other asks us to wait.
    """

    terms: Terms
    own: Log
    copy: Copy
    liveness: Liveness
    own_rosters: dict[int, Roster] = field(default_factory=dict[int, Roster])
    other_rosters: dict[int, Roster] = field(default_factory=dict[int, Roster])
    other_shows: Mark = START
    own_cosigned: list[Cosigned] = field(default_factory=list[Cosigned])
    other_cosigned: list[Cosigned] = field(default_factory=list[Cosigned])
    confirmed: int = 0
    carried: int = 0
    have: Have | None = None
    heard: Heard | None = None
    waiting: list[Waiting] = field(default_factory=list[Waiting])
    receptions: dict[bytes, Reception] = field(default_factory=dict[bytes, Reception])
    duties: dict[bytes, Duty] = field(default_factory=dict[bytes, Duty])
    unopened: dict[bytes, Awaited] = field(default_factory=dict[bytes, Awaited])
    forgone: dict[bytes, Awaited] = field(default_factory=dict[bytes, Awaited])
    unread: dict[bytes, Header] = field(default_factory=dict[bytes, Header])
    opened_ahead: set[bytes] = field(default_factory=set[bytes])
    faults: list[Fault] = field(default_factory=list[Fault])
    tries: int = 0
    next_try: Instant = FIRST
    last_check: Instant | None = None
    attended: Instant | None = None
    reverted: Mark | None = None
    recalled: Head | None = None
    unproved: int = 0
    agreed: Head | None = None
    withheld: bool = False
    full: bool = False
    condition: Condition = Condition.NEVER

    @property
    def own_keys(self) -> dict[int, VerifierKey]:
        """The key of our log in each epoch."""
        return {epoch: roster.keys.log for epoch, roster in self.own_rosters.items()}

    @property
    def other_keys(self) -> dict[int, VerifierKey]:
        """The key of the other's log in each epoch that we know of."""
        return {epoch: roster.keys.log for epoch, roster in self.other_rosters.items()}

    @property
    def has_of_us(self) -> Have | None:
        """What the other says that it has of our log of this epoch; None where it has said nothing of that."""
        return self.have if self.have is not None and self.have.epoch == self.own.epoch else None

    def learn_own_roster(self) -> None:
        """Remember the keys and officers of our log of this epoch."""
        assert self.own.roster is not None, "a log that has an entry has stated its keys"
        self.own_rosters[self.own.epoch] = self.own.roster

    def opened_below(self) -> int:
        """Below which entry of the other's every part that was released to us has been opened."""
        return min((each.index for each in self.unopened.values()), default=self.copy.log.size)

    def spoke(self) -> bool:
        """Whether our log of this epoch has begun, though a backup may have been restored from before it did."""
        return self.own.roster is not None or self.reverted is not None

    def next_own(self) -> Log:
        """Our log of the next epoch, past every one that we are known to have opened; nothing has been said in it."""
        last = max(self.own.mark, self.reverted or START)
        return self.own_log(epoch=last.epoch + 1)

    def own_log(self, *, epoch: int) -> Log:
        """Our log of an epoch, in which nothing has been said."""
        own = self.own
        return Log(line=own.line, party=own.party, other=own.other, root=own.root, epoch=epoch)

    def begin_epoch(self) -> None:
        """Nothing is known yet of what the other has of our log."""
        self.confirmed, self.carried, self.waiting = 0, 0, []

    def own_views(self) -> Views:
        """What judges our own entries: the other's log keys, and when we cosigned its heads."""
        return Views(keys=self.other_keys, cosigned_s=_seconds(self.own_cosigned))

    def other_views(self) -> Views:
        """What judges the other's entries: our log keys, and when it cosigned our heads."""
        notes = {(each.epoch, each.size): each.note for each in self.other_cosigned}
        return Views(
            keys=self.own_keys,
            cosigned_s=_seconds(self.other_cosigned),
            notes=notes,
            unjudged_below=self.own.epoch,
        )

    def earliest(self, now: Instant) -> Instant:
        """The time that our next entry states: now, but never before what we have already said or cosigned."""
        cosigned = self.own_cosigned[-1].second * 1_000 if self.own_cosigned else FIRST
        return Instant(max(now, self.own.last_at, cosigned))

    def remember_cosigned(self, held: list[Cosigned], cosigned: Cosigned) -> None:
        """Keep a cosignature's second; the oldest go when there are too many."""
        held.append(cosigned)
        del held[:-COSIGNATURES_MAX]

    def forget_settled(self) -> None:
        """Let go of the oldest messages that are done with."""
        done = [hash_ for hash_, each in self.receptions.items() if each.settled()]
        for hash_ in done[: max(0, len(done) - SETTLED_MAX)]:
            del self.receptions[hash_]
        dealt = [hash_ for hash_, each in self.duties.items() if each.receipted]
        for hash_ in dealt[: max(0, len(dealt) - SETTLED_MAX)]:
            del self.duties[hash_]


def _seconds(held: list[Cosigned]) -> dict[tuple[int, int], int]:
    return {(each.epoch, each.size): each.second for each in held}
