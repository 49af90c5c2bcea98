"""Forks: the evidence that a log's own key signed two histories, to be judged with that key alone.

Source: docs/protocol.md clause 11; RFC 6962 clauses 2.1.1 and 2.1.2 for the proofs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.record.checkpoint import checkpoint_of, opened
from keepclear.core.record.merkle import HASH_BYTES, Frontier, Head, verify_consistency, verify_inclusion
from keepclear.core.trust.note import VerifierKey, note_of

PATH_MAX: Final = 64
"""No proof of consistency has more hashes: one for each level of a tree of 2**63 leaves, and one to start from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Two checkpoints of one log, and a proof that the larger continues another root than the smaller one states.

    ``smaller`` and ``larger`` are whole notes as they came; ``root`` is the root that the larger one has at the
    smaller one's size, and ``path`` the proof of consistency from it. For equal sizes ``root`` is the larger one's
    own and the path is empty. No honest log can be accused: to make such a proof takes a collision of SHA-256 or the
    log's key. Raises as ``note_of`` and ``checkpoint_of`` do, and Refused("fork.proof") for a root or a hash of the
    path not of 32 bytes and for a path past PATH_MAX.
    """

    smaller: str
    larger: str
    root: bytes
    path: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        for written in (self.smaller, self.larger):
            checkpoint_of(note_of(written).text)
        _check_proof(self.root, self.path)

    def verify(self, key: VerifierKey) -> None:
        """Checks that the holder of the key has signed two histories of the log that the key is named for.

        Raises Untrusted as ``checkpoint.opened`` does when a checkpoint is not of this log or not signed by its key;
        Untrusted("fork.order") when the first is the larger one; Untrusted("fork.none") when both tell one history;
        and Untrusted("record.consistency") when the path does not show that the larger one continues ``root``.
        """
        smaller, larger = opened(self.smaller, key).head, opened(self.larger, key).head
        if smaller.size > larger.size:
            raise Untrusted(
                "fork.order", f"first checkpoint has {smaller.size} entries, the second {larger.size}"
            )
        if self.root == smaller.root:
            raise Untrusted(
                "fork.none", f"both checkpoints of {key.name} have root {self.root.hex()} at {smaller.size}"
            )
        other = Head(size=smaller.size, root=self.root)
        if other.size > 0:
            verify_consistency(old=other, new=larger, path=self.path)
        elif self.path or other not in (larger, Frontier().head()):
            # RFC 6962, 2.1.2, has no proof from an empty tree: every history starts with the one root of no entries.
            raise Untrusted("fork.none", f"root {self.root.hex()} is not that of a log without entries")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedEntry:
    """An entry, by its leaf hash, and the proof that it stands at some place under a signed head.

    Raises as ``note_of`` and ``checkpoint_of`` do, and Refused("fork.proof") as Fork does.
    """

    checkpoint: str
    leaf: bytes
    path: tuple[bytes, ...]

    def __post_init__(self) -> None:
        checkpoint_of(note_of(self.checkpoint).text)
        _check_proof(self.leaf, self.path)

    def verify(self, key: VerifierKey, *, index: int) -> None:
        """Raises Untrusted as ``opened`` and ``verify_inclusion`` do unless the entry is number ``index`` there."""
        verify_inclusion(index=index, leaf=self.leaf, path=self.path, head=opened(self.checkpoint, key).head)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoEntries:
    """Two entries of one log that both stand at one place, each under a head that the log's key signed.

    It shows two histories where neither is known from one head to the other, so that there can be no Fork.
    """

    index: int
    one: PlacedEntry
    other: PlacedEntry

    def verify(self, key: VerifierKey) -> None:
        """Checks that the holder of the key has signed two entries for one place of its log.

        Raises Untrusted("fork.none") where it is one entry, and as ``PlacedEntry.verify`` does.
        """
        if self.one.leaf == self.other.leaf:
            raise Untrusted(
                "fork.none", f"both heads of {key.name} have one entry {self.index}, {self.one.leaf.hex()}"
            )
        self.one.verify(key, index=self.index)
        self.other.verify(key, index=self.index)


def _check_proof(start: bytes, path: tuple[bytes, ...]) -> None:
    if len(path) > PATH_MAX or any(len(each) != HASH_BYTES for each in (start, *path)):
        raise Refused(
            "fork.proof",
            f"proof has {len(path)} hashes, must be {PATH_MAX} or fewer, each of {HASH_BYTES} bytes",
        )
