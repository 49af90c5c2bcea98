"""Audits: one exported log gone through from its first entry, with the trusted root of its party alone.

Source: docs/protocol.md clauses 4, 5 and 10. What the logs of both parties say of one another is in ``crosscheck``.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from keepclear.core.errors import KeepclearError, Refused, Untrusted
from keepclear.core.instant import SECOND_MS, Instant
from keepclear.core.line.keys import LogKeys, statement_of
from keepclear.core.line.log import Log, Said, Views
from keepclear.core.line.message import PartyWord, header_of
from keepclear.core.line.seen import Seen
from keepclear.core.line.verdict.export import ExportedLog
from keepclear.core.record.checkpoint import checkpoint_of, opened
from keepclear.core.record.cosignature import CosignerKey, cosignature_at
from keepclear.core.record.merkle import HASH_BYTES, Head
from keepclear.core.trust.envelope import envelope_of
from keepclear.core.trust.note import Note, VerifierKey, note_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The first entry of a log that cites some head of the other's: its number, its time and the head."""

    index: int
    at: Instant
    seen: Seen


@dataclass(slots=True, kw_only=True)
class Audit:
    """A log that was gone through: its state at the end, and at the entries from which faults are judged.

    ``roots`` holds the root after each entry, 32 bytes each, ``times_ms`` what each entry says of its time.
    ``wrong`` is what stopped the audit, if anything did; then the rest of the log was not judged.
    """

    source: ExportedLog
    keys: LogKeys
    log: Log
    roots: bytearray = field(default_factory=bytearray)
    times_ms: array[int] = field(default_factory=lambda: array("q"))
    citations: list[Citation] = field(default_factory=list[Citation])
    before: dict[int, Log] = field(default_factory=dict[int, Log])
    wrong: KeepclearError | None = None

    def head(self, size: int) -> Head:
        """The head that the log had at a size from 1 to its own."""
        return Head(size=size, root=bytes(self.roots[(size - 1) * HASH_BYTES : size * HASH_BYTES]))


def stated_keys(leaf: bytes, root: VerifierKey) -> LogKeys:
    """The keys of a log, as its party's root states them in entry 0.

    They are the root's word, whatever else is wrong with the entry. Raises Refused and Untrusted as the readers of an
    entry and ``statement_of`` do, and Refused("export.first") for an entry that states none.
    """
    header = header_of(envelope_of(leaf).payload)
    opens = None if header.statement is None else statement_of(header.statement, root=root).opens
    if opens is None:
        raise Refused("export.first", f"entry {header.index} of kind {header.kind} states no keys of its log")
    return opens


def audited(
    source: ExportedLog,
    *,
    other: PartyWord,
    root: VerifierKey,
    keys: LogKeys,
    views: Views,
    starts: Collection[int],
    heard: Callable[[Said], None],
) -> Audit:
    """A log gone through: each entry by the rules of soundness, then the checkpoint over all of them.

    ``starts`` are the numbers of entries before which the state is kept; ``heard`` is told each sound entry.
    """
    log = Log(line=source.line, party=source.party, other=other, root=root, epoch=source.epoch)
    audit = Audit(source=source, keys=keys, log=log)
    try:
        for leaf in source.leaves:
            if audit.log.size in starts:
                audit.before[audit.log.size] = audit.log
            _grow(audit, leaf, views, heard)
        head = opened(source.checkpoint, keys.log).head
    except KeepclearError as error:
        audit.wrong = error
        return audit
    if audit.log.size in starts:
        audit.before[audit.log.size] = audit.log
    if head != audit.log.head():
        audit.wrong = Refused(
            "export.checkpoint",
            f"checkpoint of {source.origin} is over {head.size} entries with root {head.root.hex()}, the export has "
            f"{audit.log.size} with root {audit.log.head().root.hex()}",
        )
    return audit


def views_of(
    party: PartyWord, logs: Collection[ExportedLog], keys: Mapping[tuple[PartyWord, int], LogKeys]
) -> Views:
    """What judges a party's claims about the other: the other's log keys, and when the party first cosigned what."""
    cosigners = [each.cosigner for (owner, _), each in keys.items() if owner == party]
    cosigned_s: dict[tuple[int, int], int] = {}
    for log in logs:
        if log.party == party:
            continue
        for written in (log.checkpoint, *log.cosigned):
            found = _cosigned_s(written, cosigners)
            if found is not None:
                place = (log.epoch, found[0])
                cosigned_s[place] = min(found[1], cosigned_s.get(place, found[1]))
    others = {epoch: each.log for (owner, epoch), each in keys.items() if owner != party}
    return Views(keys=others, cosigned_s=cosigned_s)


def cosigners_of(note: Note, keys: Collection[CosignerKey]) -> list[CosignerKey]:
    """Those of some keys that have a line in a note, whether or not it holds."""
    lines = {(each.name, each.key_hash) for each in note.signatures}
    return [key for key in keys if (key.name, key.hash) in lines]


def cosigned_at(note: Note, keys: Collection[CosignerKey]) -> Instant:
    """When the first of some cosigners cosigned the checkpoint in a note.

    A line that does not hold proves nothing and takes nothing from one that does: whoever hands a note over could add
    it. Raises Untrusted("note.unsigned") when none of theirs holds.
    """
    held: list[Instant] = []
    for key in cosigners_of(note, keys):
        try:
            held.append(cosignature_at(note, key))
        except KeepclearError:
            continue
    if not held:
        raise Untrusted(
            "note.unsigned", "note has no cosignature that holds of the party to which the entries were sent"
        )
    return min(held)


def _grow(audit: Audit, leaf: bytes, views: Views, heard: Callable[[Said], None]) -> None:
    before = audit.log.seen
    appended = audit.log.append(leaf, views)
    header = appended.said.header
    audit.log = appended.log
    audit.roots += appended.log.head().root
    audit.times_ms.append(header.at)
    if header.seen is not None and header.seen != before:
        audit.citations.append(Citation(index=header.index, at=header.at, seen=header.seen))
    heard(appended.said)


def _cosigned_s(written: str, keys: Collection[CosignerKey]) -> tuple[int, int] | None:
    """Size and second of a cosignature of the party; None where there is none that holds."""
    try:
        note = note_of(written)
        return checkpoint_of(note.text).head.size, cosigned_at(note, keys) // SECOND_MS
    except KeepclearError:
        return None
