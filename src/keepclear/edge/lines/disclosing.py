"""Disclosing: what leaves of the parts of messages is noted before it does, and what must not leave any more stays.

Source: docs/protocol.md clause 7.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keepclear.core.errors import KeepclearError, Refused
from keepclear.core.instant import Instant
from keepclear.core.line.message import Header, LineName, PartyWord
from keepclear.core.line.state import LineState
from keepclear.core.record.checkpoint import checkpoint_of, origin_of
from keepclear.core.record.cosignature import cosignature_at
from keepclear.core.trust.note import note_of
from keepclear.edge.host import Host
from keepclear.edge.store.disclosures import Disclosure, Withdrawal
from keepclear.edge.store.store import Draft, LineWrites, Store
from keepclear.formats.stored.partbody import NamedPart, withdrawal_body


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """That a person withdraws consent for a part of a message: by whom of this node, and why."""

    line: LineName
    part: NamedPart
    by: str
    reason: str

    def __post_init__(self) -> None:
        require_reason(self.by, self.reason)


def require_reason(by: str, reason: str) -> None:
    """Raises Refused("part.reason") unless a person is named and a reason is given."""
    if not by.strip() or not reason.strip():
        raise Refused("part.reason", f"given are by {by!r} for {reason!r}; name who decides this, and why")


def note_leaving(host: Host, parts: Iterable[bytes], *, to: PartyWord, way: str) -> None:
    """Note that sealed parts are about to leave for a party by a way; durable when this returns, once for each.

    Noted before and not after: a peer that takes a bundle and never answers has it all the same.
    """
    fresh = [
        Disclosure(commitment=each.hex(), to_party=to, at=host.clock.now(), way=way)
        for each in parts
        if not _noted(host.store, each.hex(), to=to, way=way)
    ]
    if fresh:
        host.note(lines=LineWrites(disclosures=fresh))


def withdraw(host: Host, consent: Consent) -> None:
    """Withdraw consent for a part: from now on nothing of it leaves by any way, and the record holds who said so.

    Raises Refused("part.withdrawn") where that was done before.
    """
    commitment, now = consent.part.commitment, host.clock.now()
    before = host.store.disclosed.withdrawal(commitment)
    if before is not None:
        raise Refused(
            "part.withdrawn", f"consent for it was withdrawn by {before.by} already: {before.reason}"
        )
    holders = sorted({each.to_party for each in host.store.disclosed.of(commitment)})
    body = withdrawal_body(
        line=consent.line, part=consent.part, holders=holders, by=consent.by, reason=consent.reason
    )
    withdrawal = Withdrawal(commitment=commitment, at=now, by=consent.by, reason=consent.reason)
    host.note(
        entries=[Draft(at=now, kind="line.consent-withdrawn", body=body)],
        lines=LineWrites(withdrawals=[withdrawal]),
    )


def may_leave(store: Store, commitment: bytes) -> bool:
    """Whether a part may be given to anybody any more."""
    return store.disclosed.withdrawal(commitment.hex()) is None


def cosigned_at(store: Store, state: LineState, header: Header, commitment: str) -> Instant | None:
    """The second of the first kept cosignature by which the other has shown to have a part of ours; None for none.

    A cosignature is given for what could be opened, so it shows that each part that was released came too, but for
    those that an entry under it withholds.
    """
    origin = origin_of(party=header.sender, log=header.line, epoch=header.epoch)
    withheld = store.withheld.of(commitment, origin=origin)
    for written in store.log(origin).cosigned_notes():
        note = note_of(written)
        size = checkpoint_of(note.text).head.size
        if size <= header.index or (withheld is not None and size > withheld.number):
            continue
        for roster in state.other_rosters.values():
            try:
                return cosignature_at(note, roster.keys.cosigner)
            except KeepclearError:
                continue
    return None


def _noted(store: Store, commitment: str, *, to: PartyWord, way: str) -> bool:
    return any(each.to_party == to and each.way == way for each in store.disclosed.of(commitment))


def named_part(header: Header, hashed: bytes, part: str) -> NamedPart:
    """A part of a message by its name. Raises Refused("part.unknown") for one that the message does not have."""
    commitment = header.parts.get(part)
    if commitment is None:
        known: Sequence[str] = sorted(header.parts)
        raise Refused(
            "part.unknown",
            f"message {hashed.hex()[:8]} has no part {part!r}; it has {', '.join(known) or 'none'}",
        )
    return NamedPart(message=hashed, part=part, commitment=commitment.hex())
