"""What the other has shown ahead of our copy of its log: signed heads, and urgent entries proved to be under them.

They bind the other as much as what has come in its turn. So they are kept until the copy has grown past them, and then
held against it. Source: docs/protocol.md clauses 10 and 11.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from keepclear.core.record.fork import Fork, PlacedEntry, TwoEntries
from keepclear.core.record.merkle import Head, NodeReader, consistency_path, inclusion_path

HEADS_MAX: Final = 256
"""How many heads are kept. No honest log has so many between a copy and itself, unless nothing gets back to it."""

ENTRIES_MAX: Final = 1_024
"""How many entries may be acted on ahead of their turn; what finds no room is heard in its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryAhead:
    """An entry that was acted on before its turn: its number, its leaf hash, and the proof that it is under a head."""

    index: int
    hash: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadAhead:
    """A head past our copy, as the note that the other's log key signed, with the entries first shown under it."""

    note: str
    head: Head
    entries: tuple[EntryAhead, ...] = ()


def acted_on(ahead: Sequence[HeadAhead]) -> frozenset[bytes]:
    """The entries that were acted on before their turn, by hash."""
    return frozenset(entry.hash for each in ahead for entry in each.entries)


def with_head(ahead: tuple[HeadAhead, ...], newer: HeadAhead) -> tuple[HeadAhead, ...]:
    """What is ahead with one more head, and those of its entries that are new, as far as there is room.

    Where there is none, a head gives way under which nothing was acted on; of the others none may be forgotten.
    """
    known = acted_on(ahead)
    fresh = tuple(each for each in newer.entries if each.hash not in known)[: ENTRIES_MAX - len(known)]
    for number, each in enumerate(ahead):
        if each.head == newer.head:
            grown = replace(each, entries=(*each.entries, *fresh))
            return (*ahead[:number], grown, *ahead[number + 1 :])
    if len(ahead) >= HEADS_MAX:
        idle = next((number for number, each in enumerate(ahead) if not each.entries), None)
        if idle is None:
            return ahead
        ahead = (*ahead[:idle], *ahead[idle + 1 :])
    return (*ahead, replace(newer, entries=fresh))


def still_ahead(ahead: Sequence[HeadAhead], *, size: int) -> tuple[HeadAhead, ...]:
    """What is still ahead of a copy of so many entries."""
    return tuple(
        replace(each, entries=tuple(entry for entry in each.entries if entry.index >= size))
        for each in ahead
        if each.head.size > size
    )


def contradiction(
    ahead: Sequence[HeadAhead], *, checkpoint: str, head: Head, roots: Mapping[int, bytes], read: NodeReader
) -> Fork | TwoEntries | None:
    """The proof that a log, grown to a signed head, is not the one that was shown ahead of it; None where it may be.

    ``roots`` are those that the log had at the sizes of the heads that it has reached, ``read`` gives its subtrees.
    """
    for each in ahead:
        if each.head.size <= head.size:
            root = roots[each.head.size]
            if root != each.head.root:
                path = consistency_path(old=each.head.size, new=head.size, read=read)
                return Fork(smaller=each.note, larger=checkpoint, root=root, path=path)
            continue
        for entry in each.entries:
            if entry.index >= head.size or read(0, entry.index) == entry.hash:
                continue
            path = inclusion_path(index=entry.index, size=head.size, read=read)
            held = PlacedEntry(checkpoint=checkpoint, leaf=read(0, entry.index), path=path)
            return TwoEntries(index=entry.index, one=_placed(each, entry), other=held)
    return None


def clash(ahead: Sequence[HeadAhead], newer: HeadAhead) -> Fork | TwoEntries | None:
    """The proof that a head just shown, or an entry under it, is of another history than one that was shown before."""
    for each in ahead:
        if each.head.size == newer.head.size and each.head != newer.head:
            return Fork(smaller=each.note, larger=newer.note, root=newer.head.root)
        shown = {entry.index: entry for entry in each.entries}
        for entry in newer.entries:
            before = shown.get(entry.index)
            if before is not None and before.hash != entry.hash:
                return TwoEntries(index=entry.index, one=_placed(each, before), other=_placed(newer, entry))
    return None


def _placed(under: HeadAhead, entry: EntryAhead) -> PlacedEntry:
    return PlacedEntry(checkpoint=under.note, leaf=entry.hash, path=entry.path)
