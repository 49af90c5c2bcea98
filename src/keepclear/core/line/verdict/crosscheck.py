"""Crosschecks: what the two parties' logs say of one another, held against each other.

Source: docs/protocol.md clauses 4, 5, 10 and 12.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import KeepclearError
from keepclear.core.instant import SECOND_MS, Instant, instant_text
from keepclear.core.line.message import PartyWord
from keepclear.core.line.verdict.audit import Audit, Citation, cosigned_at, cosigners_of
from keepclear.core.line.verdict.finding import Finding, broken, doubt, note
from keepclear.core.record.checkpoint import opened
from keepclear.core.record.cosignature import CosignerKey, cosignature_at
from keepclear.core.record.merkle import Head
from keepclear.core.record.witness import Quorum, witnessed
from keepclear.core.trust.note import Note, note_of

Audits = Mapping[tuple[PartyWord, int], Audit]
"""Every log of an export, by party and epoch."""

_GIVEN_UP: Final = (
    "it gave them up when it opened its next epoch: the export of the other has what it was given"
)
_WITNESSED: Final = {True: "witnessed", False: "not yet witnessed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """That the other party's node held every entry below ``size``, at ``at`` by its own clock."""

    size: int
    at: Instant


def cited_heads(audit: Audit, audits: Audits, *, by: PartyWord) -> Iterator[Finding]:
    """Whether the heads of the other's log that a log cites are heads of that log in this export, made by a party."""
    for citation in audit.citations:
        seen = citation.seen
        other = audits[audit.log.other, seen.epoch]
        where = f"{audit.source.origin} entry {citation.index}"
        wrong = _against(other, Head(size=seen.size, root=seen.root))
        if wrong is not None and _given_up(other, audits, by=by):
            yield doubt(
                where, f"cites a head of {audit.log.other} by its signature, and {wrong}; {_GIVEN_UP}"
            )
        elif wrong is not None:
            yield broken(where, f"cites a head of {audit.log.other} by its signature, and {wrong}")


def receipts_of(audit: Audit, audits: Audits) -> tuple[list[Receipt], list[Finding]]:
    """What the other's cosignatures prove that it received, and what is wrong with the notes that bear them."""
    cosigners = [each.keys.cosigner for each in audits.values() if each.log.party == audit.log.other]
    receipts: list[Receipt] = []
    findings: list[Finding] = []
    for number, written in enumerate(audit.source.cosigned, 1):
        where = f"{audit.source.origin} cosigned note {number}"
        try:
            head = opened(written, audit.keys.log).head
            at = cosigned_at(note_of(written), cosigners)
        except KeepclearError as error:
            findings.append(broken(where, f"does not hold: {error.message}"))
            continue
        wrong = _against(audit, head)
        if wrong is not None:
            findings.append(broken(where, f"is of a head that {audit.log.party} signed, and {wrong}"))
        else:
            receipts.append(Receipt(size=head.size, at=at))
    return receipts, findings


def anchored(audit: Audit, audits: Audits) -> Iterator[Finding]:
    """Whether a log's epoch follows the one before it, and by which entries of that the party stands.

    What a party says of its epochs is its own doing, so it breaks nobody's export; the cited heads still bind it.
    """
    epoch, party, where = audit.source.epoch, audit.log.party, audit.source.origin
    before, anchor = audits.get((party, epoch - 1)), audit.keys.previous
    if before is None:
        if epoch > 1:
            yield doubt(where, f"is epoch {epoch} of {party}, and epoch {epoch - 1} is not in the export")
        elif anchor is not None:
            yield doubt(where, f"is the first epoch of {party} and names one before it")
        return
    if anchor is None or anchor.epoch != epoch - 1:
        yield doubt(where, f"does not say by which entries of epoch {epoch - 1} {party} stands")
        return
    wrong = _against(before, anchor.head)
    if wrong is not None:
        yield doubt(where, f"stands by a head of epoch {epoch - 1}, and {wrong}")
    elif anchor.head.size < before.log.size:
        left = f"{anchor.head.size} of {before.log.size} entries of epoch {epoch - 1}"
        yield doubt(where, f"{party} opened it standing by {left}; all of them bear its signature")


def witnesses_of(audit: Audit, trusted: Collection[CosignerKey]) -> tuple[bool | None, list[Finding]]:
    """Whether the log's witnesses cosigned its checkpoint as its policy asks, of those that are trusted.

    None where the log names no witness. A line of a key that the log does not name proves nothing and is said.
    """
    written = note_of(audit.source.checkpoint)
    named, where = audit.keys.witnesses, audit.source.origin
    keys = list(dict.fromkeys([*named, *trusted]))
    findings = [_cosigned_by(written, key, where) for key in cosigners_of(written, keys)]
    known = {audit.keys.log.hash, *(each.hash for each in keys)}
    strangers = [each.name for each in written.signatures if each.key_hash not in known]
    findings += [
        doubt(where, f"its checkpoint has a line of {name}, whose key is not known") for name in strangers
    ]
    if not named:
        return None, findings
    untrusted = [each.name for each in named if each not in trusted]
    if untrusted:
        findings.append(note(where, f"names witnesses that are not trusted here: {', '.join(untrusted)}"))
    held = [key for key in named if key in trusted]
    enough = _enough(written, named, held, Quorum(audit.keys.quorum.value))
    findings.append(
        note(where, f"its checkpoint is {_WITNESSED[enough]} ({audit.keys.quorum} of {len(named)})")
    )
    return enough, findings


def times_apart(audit: Audit, audits: Audits, receipts: Collection[Receipt]) -> Iterator[Finding]:
    """Where the times that a log states contradict those that the other states.

    An entry was said after the entries of the other that it cites, and before the other cosigned it. Two clocks differ,
    so this convicts nobody: the largest contradiction either way is said, with its size.
    """
    other, where = audit.log.other, audit.source.origin
    late = [_after_receipt(audit, each) for each in receipts]
    if late and max(late)[0] > 0:
        excess_ms, index = max(late)
        yield doubt(
            f"{where} entry {index}",
            f"says {_said(audit, index)}, {_seconds(excess_ms)} after {other} says that it had it: "
            "the clocks differ, or one of the times is not true",
        )
    cited = [(audits[other, each.seen.epoch], each) for each in audit.citations]
    early = [_before_cited(log, each) for log, each in cited if each.seen.size <= log.log.size]
    if early and max(early)[0] > 0:
        excess_ms, index = max(early)
        yield doubt(
            f"{where} entry {index}",
            f"says {_said(audit, index)}, {_seconds(excess_ms)} before the entry of {other} that it cites: "
            "the clocks differ, or one of the times is not true",
        )


def cited_below(audit: Audit, audits: Audits) -> int:
    """Below which entry the other's own entries show that it had this log."""
    sizes = [
        each.seen.size
        for other in audits.values()
        if other.log.party == audit.log.other
        for each in other.citations
        if each.seen.epoch == audit.source.epoch
    ]
    return max(sizes, default=0)


def is_head_of(written: str, audit: Audit) -> bool:
    """Whether a note is of a head that the log had and its key signed."""
    try:
        head = opened(written, audit.keys.log).head
    except KeepclearError:
        return False
    return _against(audit, head) is None


def _against(audit: Audit, head: Head) -> str | None:
    """What is wrong with a signed head, held against the log in the export; None when it is a head of that log."""
    if head.size > audit.log.size:
        return f"the export has {audit.log.size} of its {head.size} entries: the others are left out"
    if head.size > 0 and audit.head(head.size) != head:
        shown = audit.head(head.size).root.hex()
        return f"it has root {head.root.hex()} at {head.size} entries, where the export has {shown}: two histories"
    return None


def _given_up(audit: Audit, audits: Audits, *, by: PartyWord) -> bool:
    """Whether a party exports as much of a log of its own as it said to stand by when it opened the next.

    So it is after a backup was restored and the rest was not handed back. Its root signed that it gives the rest up,
    and the other's export has what the other was given of it; so this export is short, and no more.
    """
    party, epoch = audit.log.party, audit.source.epoch
    after = audits.get((party, epoch + 1))
    anchor = None if after is None else after.keys.previous
    return (
        party == by
        and anchor is not None
        and anchor.epoch == epoch
        and _against(audit, anchor.head) is None
        and anchor.head.size == audit.log.size
    )


def _cosigned_by(written: Note, key: CosignerKey, where: str) -> Finding:
    try:
        at = cosignature_at(written, key)
    except KeepclearError as error:
        return doubt(where, f"its checkpoint has a line of {key.name} that does not hold: {error.message}")
    return note(where, f"its checkpoint was cosigned by {key.name} at {instant_text(at)}")


def _enough(
    written: Note, named: Collection[CosignerKey], held: Collection[CosignerKey], needed: Quorum
) -> bool:
    """Whether enough of all that are named cosigned, counting only those that are trusted."""
    if needed is Quorum.ALL:
        return len(held) == len(named) and witnessed(written, held, needed)
    cosigned = [key for key in held if witnessed(written, (key,), Quorum.ALL)]
    return 2 * len({key.public_key for key in cosigned}) > len({key.public_key for key in named})


def _after_receipt(audit: Audit, receipt: Receipt) -> tuple[int, int]:
    """By how much the last entry under a receipt says to be later than it, and its number."""
    index = receipt.size - 1
    # A cosignature states the second that has begun; the entry may have come at any time in it.
    return (audit.times_ms[index] - (receipt.at + SECOND_MS - 1) if receipt.size else 0), index


def _before_cited(other: Audit, citation: Citation) -> tuple[int, int]:
    return other.times_ms[citation.seen.size - 1] - citation.at, citation.index


def _said(audit: Audit, index: int) -> str:
    return instant_text(Instant(audit.times_ms[index]))


def _seconds(excess_ms: int) -> str:
    return f"{excess_ms / SECOND_MS:.3f} s"
