"""Faults: evidence that convicts a party, judged with its root key and its log alone.

Source: docs/protocol.md clause 11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.line.log import Log, Rule, Unsound, Views
from keepclear.core.line.message import LineName, PartyWord
from keepclear.core.record.checkpoint import opened
from keepclear.core.record.fork import Fork, TwoEntries
from keepclear.core.record.merkle import leaf_hash
from keepclear.core.trust.note import VerifierKey

FORK: Final = "fork"
"""The rule that two histories under one key break."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A broken rule with its evidence: two histories under one key, or the leaves of a log.

    For a fork ``fork`` is given, or ``entries``. For any other rule the ``leaves`` from number ``start`` on are, one of
    which breaks it, and the ``checkpoint`` that covers just them. ``cosigned`` is a head of the other's log with the
    cosignature of the accused, where its time is what an entry contradicts; else it is empty.
    """

    rule: str
    party: PartyWord
    line: LineName
    epoch: int
    words: str
    fork: Fork | None = None
    entries: TwoEntries | None = None
    checkpoint: str = ""
    start: int = 0
    leaves: tuple[bytes, ...] = ()
    cosigned: str = ""

    def verify(self, *, key: VerifierKey, before: Log, views: Views) -> None:
        """Raises Untrusted("fault.unproved") unless this convicts the owner of the log key.

        ``before`` is the party's log up to entry ``start``, ``views`` what judges its claims about the other's, with
        what ``cosigned`` shows.
        """
        two_histories = self.fork or self.entries
        if two_histories is not None:
            two_histories.verify(key)
            return
        frontier = before.frontier
        for leaf in self.leaves:
            frontier = frontier.append(leaf_hash(leaf))
        if frontier.head() != opened(self.checkpoint, key).head:
            raise Untrusted("fault.unproved", f"fault of {self.party}: its checkpoint covers other entries")
        try:
            broken = _broken(before, self.leaves, views)
        except Refused as error:
            raise Untrusted("fault.unproved", f"fault of {self.party}: {error.message}") from error
        if broken is None or broken.rule != self.rule:
            found = "none" if broken is None else broken.rule
            raise Untrusted(
                "fault.unproved", f"fault of {self.party}: said to break {self.rule}, found {found}"
            )


def _broken(log: Log, leaves: tuple[bytes, ...], views: Views) -> Unsound | None:
    for leaf in leaves:
        try:
            log = log.append(leaf, views).log
        except Unsound as unsound:
            return unsound
    return None


def entry_fault(before: Log, unsound: Unsound, *, checkpoint: str, leaves: tuple[bytes, ...]) -> Fault:
    """The fault of an entry under a checkpoint; the leaves are all that the checkpoint adds to ``before``."""
    return Fault(
        rule=unsound.rule,
        party=before.party,
        line=before.line,
        epoch=before.epoch,
        words=unsound.message,
        checkpoint=checkpoint,
        start=before.size,
        leaves=leaves,
        cosigned=unsound.cosigned,
    )


def fork_fault(log: Log, proof: Fork | TwoEntries) -> Fault:
    """The fault of a party that signed two histories."""
    fork, entries = (proof, None) if isinstance(proof, Fork) else (None, proof)
    return Fault(
        rule=FORK,
        party=log.party,
        line=log.line,
        epoch=log.epoch,
        words=f"{log.party} signed two heads of {log.origin} of which neither continues the other",
        fork=fork,
        entries=entries,
    )


RULES: Final = (FORK, *Rule)
"""Every rule that a fault can name."""
