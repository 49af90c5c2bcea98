"""Merkle trees over a growing list of leaves: roots, proofs of inclusion, proofs of consistency.

Source: RFC 6962 clause 2.1 (SHA-256) for the tree, RFC 9162 clauses 2.1.3.2 and 2.1.4.2 for checking proofs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from keepclear.core.errors import Refused, Untrusted

HASH_BYTES: Final = 32
"""The length of every hash here: SHA-256."""

SIZE_MAX: Final = 2**63 - 1
"""The largest tree: what a signed 64-bit integer holds, so that a store can number its leaves."""

NodeReader = Callable[[int, int], bytes]
"""Gives the hash of one perfect subtree: ``read(level, index)`` covers leaves index * 2**level and on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """The hash of a perfect subtree: 2**level leaves, the first of them numbered index * 2**level."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A tree at one moment: how many leaves, and the hash over all of them.

    Raises Refused("merkle.size") outside 0 to SIZE_MAX, Refused("merkle.hash") for a root not of 32 bytes.
    """

    size: int
    root: bytes

    def __post_init__(self) -> None:
        _check_size(self.size)
        _check_hashes((self.root,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """All that is needed to append to a tree: the hashes of its perfect subtrees, the largest first.

    There is one for each bit set in the size, so never more than 63. Raises Refused("merkle.size") when the
    number of hashes does not fit the size, Refused("merkle.hash") for a hash not of 32 bytes.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        _check_size(self.size)
        _check_hashes(self.hashes)
        if len(self.hashes) != self.size.bit_count():
            raise Refused(
                "merkle.size",
                f"tree of {self.size} leaves has {len(self.hashes)} subtree hashes, "
                f"must have {self.size.bit_count()}",
            )

    def append(self, leaf: bytes) -> Frontier:
        """The frontier after one more leaf, given by its hash; takes at most 63 hashes of work."""
        completed = self.completed_by(leaf)
        kept = len(self.hashes) - (len(completed) - 1)
        return Frontier(size=self.size + 1, hashes=(*self.hashes[:kept], completed[-1].hash))

    def completed_by(self, leaf: bytes) -> tuple[Node, ...]:
        """The perfect subtrees that a next leaf, given by its hash, completes: itself first, then upwards."""
        node = Node(level=0, index=self.size, hash=leaf)
        completed = [node]
        for left in reversed(self.hashes):
            if node.index % 2 == 0:
                break
            node = Node(level=node.level + 1, index=node.index // 2, hash=node_hash(left, node.hash))
            completed.append(node)
        return tuple(completed)

    def head(self) -> Head:
        """The size and the root; the root of no leaves is the hash of no bytes (RFC 6962, 2.1)."""
        return Head(size=self.size, root=_folded(self.hashes) if self.hashes else sha256(b"").digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """A proof that a leaf, given by its hash, is number ``index`` of the tree with this size and root."""

    index: int
    size: int
    root: bytes
    leaf: bytes
    path: tuple[bytes, ...]

    def verify(self) -> None:
        """Raises Untrusted("record.inclusion") unless the path leads from the leaf to the root."""
        verify_inclusion(
            index=self.index, leaf=self.leaf, path=self.path, head=Head(size=self.size, root=self.root)
        )


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf's bytes."""
    # RFC 6962, 2.1: the 0x00 prefix keeps a leaf from ever being taken for a node.
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees, the left one holding the earlier leaves."""
    return sha256(b"\x01" + left + right).digest()


def frontier_at(size: int, read: NodeReader) -> Frontier:
    """The frontier of the first ``size`` leaves, from stored subtree hashes."""
    _check_size(size)
    return Frontier(size=size, hashes=tuple(_stored(0, size, read)))


def inclusion_path(*, index: int, size: int, read: NodeReader) -> tuple[bytes, ...]:
    """The proof that leaf ``index`` is in the tree of the first ``size`` leaves: the siblings, lowest first.

    Reads at most two stored hashes a level. Raises Refused("merkle.index") for a leaf the tree has not.
    """
    _check_index(index, size)
    start, end = 0, size
    path: list[bytes] = []
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            path.append(_range_hash(split, end, read))
            end = split
        else:
            path.append(_range_hash(start, split, read))
            start = split
    return tuple(reversed(path))


def consistency_path(*, old: int, new: int, read: NodeReader) -> tuple[bytes, ...]:
    """The proof that the tree of ``new`` leaves starts with the whole tree of ``old`` leaves.

    Raises Refused("merkle.size") when old is 0 (there is nothing to prove) or exceeds new.
    Source: RFC 6962, 2.1.2, with the recursion unrolled.
    """
    _check_sizes(old, new)
    start, end = 0, new
    path: list[bytes] = []
    while old != end:
        split = start + _split(end - start)
        if old <= split:
            path.append(_range_hash(split, end, read))
            end = split
        else:
            path.append(_range_hash(start, split, read))
            start = split
    if start > 0:
        path.append(_range_hash(start, end, read))
    return tuple(reversed(path))


def verify_inclusion(*, index: int, leaf: bytes, path: tuple[bytes, ...], head: Head) -> None:
    """Checks a proof that a leaf, given by its hash, is number ``index`` in the tree with this head.

    Raises Untrusted("record.inclusion") when it does not hold, Refused("merkle.index") for a leaf the tree
    cannot have, Refused("merkle.hash") for a hash not of 32 bytes. Source: RFC 9162, 2.1.3.2.
    """
    _check_index(index, head.size)
    _check_hashes((leaf, *path))
    sides = _sides(index, head.size - 1)
    root = leaf
    for sibling, on_left in zip(path, sides, strict=False):
        root = node_hash(sibling, root) if on_left else node_hash(root, sibling)
    if len(path) != len(sides) or root != head.root:
        raise Untrusted(
            "record.inclusion",
            f"entry {index}: the proof does not lead to root {head.root.hex()} of {head.size} entries",
        )


def verify_consistency(*, old: Head, new: Head, path: tuple[bytes, ...]) -> None:
    """Checks a proof that the new tree starts with the whole of the old one.

    Raises Untrusted("record.consistency") when it does not hold, Refused("merkle.size") when the old tree is
    empty or larger than the new one, Refused("merkle.hash") for a hash not of 32 bytes.
    Source: RFC 9162, 2.1.4.2.
    """
    _check_sizes(old.size, new.size)
    _check_hashes(path)
    if not _is_consistent(old=old, new=new, path=path):
        raise Untrusted(
            "record.consistency",
            f"record of {new.size} entries, root {new.root.hex()}: not shown to continue "
            f"the record of {old.size} entries, root {old.root.hex()}",
        )


def _is_consistent(*, old: Head, new: Head, path: tuple[bytes, ...]) -> bool:
    if old.size == new.size:
        return not path and old.root == new.root
    # The proof starts from the largest perfect subtree that ends where the old tree ends; when that is the
    # whole old tree, the proof leaves it out.
    level = _trailing_ones(old.size - 1)
    if old.size == 1 << level:
        path = (old.root, *path)
    sides = _sides((old.size - 1) >> level, (new.size - 1) >> level)
    if len(path) != len(sides) + 1:
        return False
    old_root = new_root = path[0]
    for sibling, on_left in zip(path[1:], sides, strict=True):
        if on_left:
            old_root = node_hash(sibling, old_root)
            new_root = node_hash(sibling, new_root)
        else:
            new_root = node_hash(new_root, sibling)
    return old_root == old.root and new_root == new.root


def _sides(index: int, last: int) -> list[bool]:
    """For each step from node ``index`` up to the root: whether the sibling stands on the left."""
    inner = (index ^ last).bit_length()
    # Above the point where the way up joins the right edge, a level without a left sibling is no step.
    return [bool(index >> level & 1) for level in range(inner)] + [True] * (index >> inner).bit_count()


def _range_hash(start: int, end: int, read: NodeReader) -> bytes:
    return _folded(tuple(_stored(start, end, read)))


def _stored(start: int, end: int, read: NodeReader) -> Iterator[bytes]:
    """The stored hashes that make up leaves start to end, the largest first; start is aligned to the tree."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield read(level, start >> level)
        start += 1 << level


def _folded(hashes: tuple[bytes, ...]) -> bytes:
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def _split(count: int) -> int:
    """The largest power of two smaller than the count (RFC 6962, 2.1)."""
    return 1 << ((count - 1).bit_length() - 1)


def _trailing_ones(number: int) -> int:
    return (~number & (number + 1)).bit_length() - 1


def _check_size(size: int) -> None:
    if not 0 <= size <= SIZE_MAX:
        raise Refused("merkle.size", f"tree size is {size}, must be 0 to {SIZE_MAX}")


def _check_sizes(old: int, new: int) -> None:
    _check_size(new)
    if not 0 < old <= new:
        raise Refused("merkle.size", f"old size is {old}, must be 1 to the new size {new}")


def _check_index(index: int, size: int) -> None:
    _check_size(size)
    if not 0 <= index < size:
        raise Refused("merkle.index", f"leaf number is {index}, must be 0 to {size - 1} in a tree of {size}")


def _check_hashes(hashes: Iterable[bytes]) -> None:
    for each in hashes:
        if len(each) != HASH_BYTES:
            raise Refused("merkle.hash", f"hash of {len(each)} bytes, must be {HASH_BYTES}")
