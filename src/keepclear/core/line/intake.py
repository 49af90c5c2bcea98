"""Intake: what a bundle adds to the copy of the other's log, or what it gives away about the other.

Source: docs/protocol.md clause 10. Nothing is taken by halves: all that a checkpoint covers, or none of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from keepclear.core.errors import KeepclearError, Refused
from keepclear.core.line.ahead import (
    EntryAhead,
    HeadAhead,
    acted_on,
    clash,
    contradiction,
    still_ahead,
    with_head,
)
from keepclear.core.line.bundle import Bundle, Express
from keepclear.core.line.fault import Fault, entry_fault, fork_fault
from keepclear.core.line.log import Log, Said, Unsound, Views
from keepclear.core.record.checkpoint import checkpoint_of, opened
from keepclear.core.record.fork import Fork
from keepclear.core.record.merkle import (
    Frontier,
    Head,
    consistency_path,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from keepclear.core.trust.note import VerifierKey, note_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefix:
    """The root that our copy of a log has at some size, and the proof from there to the whole copy."""

    size: int
    root: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What our copy of the other's log says where a bundle begins and ends.

    ``base``: the tree at the bundle's start, where the copy reaches so far. ``prefix``: at the bundle's checkpoint,
    where that is smaller than the copy and not empty; ``newest``: at its newest head, likewise.
    """

    base: Frontier | None = None
    prefix: Prefix | None = None
    newest: Prefix | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Our copy of the other's log, with the other's checkpoint over just it; None while it is empty.

    ``ahead`` is what the other has shown past it, and what the log will be held to when it comes there.
    """

    log: Log
    checkpoint: str | None = None
    ahead: tuple[HeadAhead, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What came of a bundle: the copy after it, what is new in it, and what is missing or wrong.

    ``gap``: the bundle starts past the copy. ``unproved``: the other did not show that its head continues the last.
    A copy can grow beside a ``fault``: who broke its word on what comes later is still heard.
    """

    copy: Copy
    said: tuple[Said, ...] = ()
    express: tuple[Said, ...] = ()
    fault: Fault | None = None
    gap: bool = False
    unproved: bool = False
    leaves: tuple[bytes, ...] = field(default=())


def taken_in(
    copy: Copy, bundle: Bundle, *, holding: Holding, views: Views, urgent_alone: bool = False
) -> Intake:
    """What a bundle comes to; with ``urgent_alone`` nothing of a known epoch that is not ahead of its turn.

    Raises Untrusted when its checkpoint is not the other's, and Refused for a bundle of no use here.
    """
    log = copy.log
    if bundle.epoch < log.epoch or (bundle.epoch > log.epoch and bundle.start > 0):
        return Intake(copy=copy, gap=bundle.epoch > log.epoch)
    if bundle.epoch > log.epoch:
        log = replace(Log(line=log.line, party=log.party, other=log.other, root=log.root), epoch=bundle.epoch)
        copy, holding = Copy(log=log), Holding(base=Frontier())
    key = _log_key(log, bundle)
    checkpoint = opened(bundle.checkpoint, key)
    head = checkpoint.head
    if checkpoint.extension:
        # An entry cites a head by its size and root alone: one that says more could never be cited.
        raise Refused("bundle.checkpoint", f"checkpoint of {checkpoint.origin} has lines beyond its root")
    if head.size != bundle.start + len(bundle.leaves):
        raise Refused(
            "bundle.checkpoint",
            f"bundle has entries {bundle.start} to {bundle.start + len(bundle.leaves) - 1} "
            f"and a checkpoint over {head.size}",
        )
    bundle = _trimmed(bundle, log, key)
    waits = urgent_alone and log.roster is not None
    intake = Intake(copy=copy) if waits else _grown(copy, bundle, head, holding=holding, views=views)
    if intake.fault is not None or intake.unproved or intake.gap:
        return intake
    if bundle.newest is None:
        return intake
    newest = _signed_head(bundle.newest, key)
    try:
        verify_consistency(old=head, new=newest.head, path=bundle.path)
    except KeepclearError:
        return Intake(copy=copy, unproved=True)
    if newest.head.size > intake.copy.log.size:
        return _with_express(intake, bundle.express, newest, views=views)
    return replace(intake, fault=_parted(intake.copy, newest, holding.newest))


def shown_size(bundle: Bundle) -> int:
    """How many entries of its own the other says to hold, by the checkpoints in its bundle; nothing is verified.

    Raises Refused as ``note_of`` and ``checkpoint_of`` do.
    """
    written = bundle.checkpoint if bundle.newest is None else bundle.newest
    return checkpoint_of(note_of(written).text).head.size


def _trimmed(bundle: Bundle, log: Log, key: VerifierKey) -> Bundle:
    """The bundle with the signatures on its checkpoint that mean something here: the log's, and its witnesses'.

    Whoever carries a bundle can add lines to a note; kept, they would be in the way of our own cosignature.
    """
    keys = log.keys_stated(bundle.leaves[0]) if log.roster is None else log.roster.keys
    names = [(key.name, key.hash), *((each.name, each.hash) for each in keys.witnesses)]
    return replace(bundle, checkpoint=note_of(bundle.checkpoint).only(names).written())


def _log_key(log: Log, bundle: Bundle) -> VerifierKey:
    if log.roster is not None:
        return log.roster.keys.log
    if bundle.start > 0 or not bundle.leaves:
        raise Refused("bundle.first", f"nothing is held of {log.origin}: the bundle must bring its entry 0")
    # Only the keys are read here: the rest of entry 0, what it says to have seen too, is judged in its turn.
    return log.keys_stated(bundle.leaves[0]).log


def _grown(copy: Copy, bundle: Bundle, head: Head, *, holding: Holding, views: Views) -> Intake:
    """The copy grown to the bundle's checkpoint."""
    log = copy.log
    if head.size <= log.size:
        return _looked_back(copy, bundle, head, holding)
    if bundle.start > log.size or (bundle.start < log.size and holding.base is None):
        return Intake(copy=copy, gap=True)
    base = log.frontier if bundle.start == log.size else holding.base
    assert base is not None, "shown above"
    tree = _Regrown(base, sizes=(log.size, *(each.head.size for each in copy.ahead)))
    for leaf in bundle.leaves:
        tree.append(leaf)
    if tree.frontier.head() != head:
        return Intake(copy=copy, unproved=True)
    if tree.roots[log.size] != log.head().root:
        assert copy.checkpoint is not None, "a copy that is not empty has a checkpoint"
        path = consistency_path(old=log.size, new=head.size, read=tree.read)
        fork = Fork(smaller=copy.checkpoint, larger=bundle.checkpoint, root=tree.roots[log.size], path=path)
        return Intake(copy=copy, fault=fork_fault(log, fork))
    intake = _judged(copy, bundle, views)
    broken = contradiction(
        copy.ahead, checkpoint=bundle.checkpoint, head=head, roots=tree.roots, read=tree.read
    )
    if broken is None or intake.fault is not None:
        return intake
    return replace(intake, fault=fork_fault(log, broken))


def _looked_back(copy: Copy, bundle: Bundle, head: Head, holding: Holding) -> Intake:
    """A bundle that brings nothing new: its head must be one that the copy went through."""
    held = copy.log.head()
    if head.size == held.size:
        if head == held:
            return Intake(copy=copy)
        assert copy.checkpoint is not None, "heads of no entries are all the same"
        fork = Fork(smaller=copy.checkpoint, larger=bundle.checkpoint, root=head.root, path=())
        return Intake(copy=copy, fault=fork_fault(copy.log, fork))
    prefix = holding.prefix
    if prefix is None or prefix.size != head.size:
        return Intake(copy=copy, unproved=head.size > 0)
    if prefix.root == head.root:
        return Intake(copy=copy)
    assert copy.checkpoint is not None, "the copy is larger than this head"
    fork = Fork(smaller=bundle.checkpoint, larger=copy.checkpoint, root=prefix.root, path=prefix.path)
    return Intake(copy=copy, fault=fork_fault(copy.log, fork))


def _judged(copy: Copy, bundle: Bundle, views: Views) -> Intake:
    """The new leaves, each held against the rules."""
    log = copy.log
    leaves = bundle.leaves[log.size - bundle.start :]
    said: list[Said] = []
    for leaf in leaves:
        try:
            appended = log.append(leaf, views)
        except Unsound as unsound:
            fault = entry_fault(copy.log, unsound, checkpoint=bundle.checkpoint, leaves=leaves)
            return Intake(copy=copy, fault=fault)
        log = appended.log
        said.append(appended.said)
    grown = Copy(log=log, checkpoint=bundle.checkpoint, ahead=still_ahead(copy.ahead, size=log.size))
    return Intake(copy=grown, said=tuple(said), leaves=leaves)


def _signed_head(written: str, key: VerifierKey) -> HeadAhead:
    """The head in a note, once the log's key is shown to have signed it, with that key's signature alone."""
    head = opened(written, key).head
    return HeadAhead(note=note_of(written).only([(key.name, key.hash)]).written(), head=head)


def _parted(copy: Copy, newest: HeadAhead, prefix: Prefix | None) -> Fault | None:
    """What a newest head that is not past our copy gives away: it must be one that the copy went through."""
    assert copy.checkpoint is not None, "what is not past the copy is not past an empty one"
    head, held = newest.head, copy.log.head()
    if head.size == held.size:
        prefix = Prefix(size=held.size, root=held.root, path=())
    if prefix is None or prefix.size != head.size or prefix.root == head.root:
        return None
    fork = Fork(smaller=newest.note, larger=copy.checkpoint, root=prefix.root, path=prefix.path)
    return fork_fault(copy.log, fork)


def _with_express(intake: Intake, express: Sequence[Express], newest: HeadAhead, *, views: Views) -> Intake:
    """The intake with a head that is past our copy, and the urgent entries that are proved to stand under it."""
    copy = intake.copy
    shown = {
        said.hash: (said, EntryAhead(index=each.index, hash=said.hash, path=each.path))
        for each in express
        if (said := _shown(copy.log, each, newest.head, views)) is not None
    }
    newest = replace(newest, entries=tuple(entry for _, entry in shown.values()))
    broken = clash(copy.ahead, newest)
    if broken is not None:
        return replace(intake, fault=fork_fault(copy.log, broken))
    copy = replace(copy, ahead=with_head(copy.ahead, newest))
    known = acted_on(copy.ahead)
    heard = tuple(said for said, _ in shown.values() if said.hash in known)
    return replace(intake, copy=copy, express=heard)


def _shown(log: Log, express: Express, newest: Head, views: Views) -> Said | None:
    """An urgent entry, when it is proved and its signature holds by the keys known so far.

    One that is not is passed over, without blame: entries between may have changed the keys. It is judged in its turn.
    """
    try:
        verify_inclusion(index=express.index, leaf=leaf_hash(express.leaf), path=express.path, head=newest)
        return log.read_ahead(express.leaf, views, index=express.index)
    except KeepclearError:
        return None


class _Regrown:
    """A tree grown from a frontier, with the subtrees that proofs of it need, and its roots at some sizes."""

    def __init__(self, base: Frontier, *, sizes: Collection[int]) -> None:
        self.frontier = base
        self.roots = {size: base.head().root for size in sizes if size == base.size}
        self._sizes = frozenset(sizes)
        self._hashes: dict[tuple[int, int], bytes] = {}
        start = 0
        for level in range(base.size.bit_length() - 1, -1, -1):
            if base.size >> level & 1:
                self._hashes[level, start >> level] = base.hashes[len(self._hashes)]
                start += 1 << level

    def append(self, leaf: bytes) -> None:
        """Grow by one entry."""
        hashed = leaf_hash(leaf)
        for node in self.frontier.completed_by(hashed):
            self._hashes[node.level, node.index] = node.hash
        self.frontier = self.frontier.append(hashed)
        if self.frontier.size in self._sizes:
            self.roots[self.frontier.size] = self.frontier.head().root

    def read(self, level: int, index: int) -> bytes:
        """The hash of one perfect subtree."""
        return self._hashes[level, index]
