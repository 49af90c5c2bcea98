"""One log in the store: its leaves, their tree, and the signed heads that cover them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final, TypeAlias

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.record.checkpoint import Checkpoint
from keepclear.core.record.merkle import (
    HASH_BYTES,
    Frontier,
    Head,
    Inclusion,
    consistency_path,
    frontier_at,
    inclusion_path,
    leaf_hash,
    node_hash,
)
from keepclear.core.trust.encoding import BYTES_MAX
from keepclear.core.trust.note import Signer, VerifierKey
from keepclear.edge.store.database import Cell, Database
from keepclear.edge.store.heads import SignedHeads

LEAVES_MAX: Final = 5_000
"""The most leaves given at once."""

LEAF_BYTES_MAX: Final = BYTES_MAX
"""The longest leaf: the size of an entry in a C2SP tlog-tiles bundle."""

Subtree: TypeAlias = tuple[int, int, bytes]
"""The level, number and hash of a perfect subtree, as ``merkle.Node`` has them."""


class StoredLog:
    """One log in the store: a node's own, to which it appends and signs, or its copy of a counterpart's.

    Leaves are opaque bytes, numbered by their place. **Every entry lies under a signed head**: a checkpoint of
    entries that are all here, or, while entries are still missing, the note *ahead*, the newest head known. When
    the entries reach the note ahead they must give its root, and it becomes a checkpoint.

    Every method raises Untrusted("record.damaged") when what is stored cannot be what was appended.
    """

    def __init__(
        self, database: Database, *, number: int, key: VerifierKey, own: bool, signer: Signer | None
    ) -> None:
        self.key = key
        self.own = own
        self._number = number
        self._database = database
        self._signer = signer
        self._heads = SignedHeads(database, log=number, key=key)

    @property
    def origin(self) -> str:
        """The origin line of its checkpoints, which is also the name of its key."""
        return self.key.name

    def head(self) -> Head:
        """The size and root, from the stored tree."""
        return self.frontier().head()

    def frontier(self, size: int | None = None) -> Frontier:
        """All that is needed to append after the first ``size`` leaves, or after all of them.

        Raises Refused("merkle.size") for more leaves than there are.
        """
        with self._database.reading():
            return frontier_at(self._size_asked(size), self._node)

    def root_at(self, size: int) -> bytes:
        """The root over the first ``size`` leaves; raises as ``frontier`` does."""
        return self.frontier(size).head().root

    def leaf(self, index: int) -> bytes:
        """The bytes of one leaf. Raises Refused("merkle.index") for one that is not there."""
        with self._database.reading():
            query = "SELECT leaf FROM leaf WHERE log = ? AND number = ?"
            row = self._database.execute(query, self._number, index).fetchone()
        if row is None:
            raise Refused("merkle.index", f"log {self.origin} has no leaf {index}")
        return row[0]

    def leaves(
        self, *, start: int, limit: int = LEAVES_MAX, bytes_max: int | None = None
    ) -> tuple[bytes, ...]:
        """Leaves from number ``start`` on, in order: no more than ``limit``, and so many as ``bytes_max`` holds.

        Raises Refused("log.limit") for a limit outside 1 to LEAVES_MAX, and for fewer bytes than LEAF_BYTES_MAX,
        in which the next leaf might never fit.
        """
        if not 1 <= limit <= LEAVES_MAX:
            raise Refused("log.limit", f"limit is {limit}, must be 1 to {LEAVES_MAX}")
        if bytes_max is not None and bytes_max < LEAF_BYTES_MAX:
            raise Refused("log.limit", f"limit is {bytes_max} bytes, must be {LEAF_BYTES_MAX} or more")
        found: list[bytes] = []
        length = 0
        with self._database.reading():
            for leaf in self._leaves(start, limit):
                length += len(leaf)
                if bytes_max is not None and length > bytes_max:
                    break
                found.append(leaf)
        return tuple(found)

    def index_of(self, hashed: bytes, *, start: int = 0) -> int | None:
        """The number of the leaf with a hash, from number ``start`` on, or None; the newest are looked at first."""
        query = (
            "SELECT number FROM node WHERE log = ? AND level = 0 AND number >= ? AND hash = ?"
            " ORDER BY number DESC LIMIT 1"
        )
        with self._database.reading():
            row = self._database.execute(query, self._number, start, hashed).fetchone()
        return None if row is None else row[0]

    def inclusion(self, index: int, size: int | None = None) -> Inclusion:
        """The proof that leaf ``index`` is in the log of the first ``size`` leaves, or of all of them.

        Raises Refused("merkle.index") for a leaf that is not there, and as ``frontier`` does.
        """
        with self._database.reading():
            head = self.frontier(size).head()
            path = inclusion_path(index=index, size=head.size, read=self._node)
            leaf = self._node(0, index)
            return Inclusion(index=index, size=head.size, root=head.root, leaf=leaf, path=path)

    def consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """The proof that the log of the first ``new`` leaves, or of all, continues that of the first ``old``.

        Raises Refused("merkle.size") for 0, for more leaves than there are, and for an old size past the new one.
        """
        with self._database.reading():
            return consistency_path(old=old, new=self._size_asked(new), read=self._node)

    def checkpoint(self) -> str | None:
        """The newest checkpoint of entries that are all here, as a written note; None before the first."""
        with self._database.reading():
            return self._heads.newest_note()

    def checkpoint_at(self, size: int) -> str | None:
        """The checkpoint of just so many entries, or None when none is kept."""
        with self._database.reading():
            return self._heads.note_at(size)

    def checkpoint_after(self, start: int, *, within: int) -> tuple[int, str]:
        """The largest checkpoint past ``start`` within so many entries, else the next one, else the newest.

        Given by its size and its note. Raises Refused("log.unsigned") for a log of which nothing was ever signed.
        """
        with self._database.reading():
            found = self._heads.after(start, within=within)
        if found is None:
            raise Refused("log.unsigned", f"log {self.origin} has no checkpoint yet")
        return found

    def ahead(self) -> str | None:
        """The newest head known of a log of which entries are still missing, as a written note, or None."""
        with self._database.reading():
            return self._heads.ahead_note()

    def cosigned(self, by: str) -> str | None:
        """The newest checkpoint of this log that this one cosigned, or None."""
        with self._database.reading():
            return self._heads.cosigned(by)

    def cosigned_notes(self) -> tuple[str, ...]:
        """Every kept cosigned checkpoint of this log, by size and then by whom."""
        with self._database.reading():
            return self._heads.cosigned_notes()

    def self_check(self) -> Head:
        """Recomputes the whole log from the stored bytes and holds it against every kept signed head.

        Raises Untrusted("record.damaged") naming the first bad entry, or, when entries and tree were altered
        together, between which signed sizes the change lies; Untrusted as ``checkpoint.opened`` does for a note
        that the log's key did not sign.
        """
        with self._database.reading():
            frontier, signed = Frontier(), 0
            heads = self._heads.all()
            for frontier in self._audited(Frontier(), stops=frozenset(heads)):
                expected = heads.pop(frontier.size, None)
                if expected is None:
                    continue
                if frontier.head() != expected:
                    raise self._damaged(
                        f"one of the entries {signed} to {frontier.size - 1} is not what was signed"
                    )
                signed = frontier.size
            self._check_ends(frontier.size, signed=max([signed, *heads]))
            for note in self._heads.cosigned_notes():
                self._demand_equal(self._heads.stated(note))
            return frontier.head()

    def append(self, leaves: Sequence[bytes], *, checkpoint: str | None = None) -> Head:
        """Appends leaves under a signed head; inside a transaction of the database only.

        With no checkpoint given the node signs the new head of its own log. Otherwise the note is the log's own
        from outside: that of a counterpart, or, after a backup was restored, of the node itself. Its head may be
        of fewer entries than are here then, or of more: see the class. A copy takes leaves without a note while
        a note ahead covers them.

        What is signed, or taken, is read back from the stored bytes, and first shown to continue the last signed
        head. Raises Untrusted("record.consistency") when the stored tree does not lead to a signed head,
        Untrusted as ``checkpoint.opened`` does, Refused("log.leaf") for a leaf of no bytes or more than
        LEAF_BYTES_MAX, Refused("log.unsigned") for leaves that no signed head covers, Refused("log.signer") when
        an own log's signer was not given, Refused("log.restoring") when the node itself signed a head that lies
        ahead of what is here.
        """
        before = self._continued()
        if checkpoint is None and self.own:
            self._demand_signable(before)
        self._insert(before, leaves)
        (after,) = self._audited(before)
        if after.size != before.size + len(leaves):
            raise self._damaged(f"entry {after.size} was not stored")
        head = after.head()
        if checkpoint is not None:
            self._take(checkpoint, head)
        elif leaves and self.own:
            self._sign(head)
        self._reach_ahead(head)
        return head

    def keep_cosigned(self, note: str, *, by: str) -> None:
        """Keeps a cosigned checkpoint of entries that are here; inside a transaction of the database only.

        Per giver the newest is kept, and one to a span as for checkpoints. Raises Untrusted as
        ``checkpoint.opened`` does, Untrusted("record.consistency") for another root than the log's, and
        Refused("merkle.size") for more entries than are here. The cosignature itself is not checked.
        """
        stated = self._heads.stated(note)
        self._demand_equal(stated)
        self._heads.keep_cosigned(stated.size, by=by, note=note)

    def _continued(self) -> Frontier:
        """The stored frontier, once it is shown to lead to the last signed head."""
        # A transparency log once signed over a flipped bit and was dead for good: so the disk is asked again.
        frontier = self.frontier()
        last = self._heads.newest() or Frontier().head()
        if frontier_at(last.size, self._node).head() != last:
            raise Untrusted(
                "record.consistency",
                f"the stored tree of log {self.origin} no longer leads to the root signed at {last.size} entries",
            )
        if last.size > frontier.size or (last.size < frontier.size and self._heads.ahead_note() is None):
            raise self._damaged(f"there are {frontier.size} entries, must be {last.size} as was signed")
        return frontier

    def _demand_signable(self, before: Frontier) -> None:
        if self._signer is None:
            raise Refused("log.signer", f"log {self.origin} was opened without its signer")
        ahead = self._heads.ahead()
        if ahead is not None:
            raise Refused(
                "log.restoring",
                f"log {self.origin} has {before.size} entries of the {ahead.size} that were signed; none is added",
            )

    def _insert(self, frontier: Frontier, leaves: Sequence[bytes]) -> None:
        hashes = list(frontier.hashes)
        nodes: list[tuple[Cell, ...]] = []
        for number, leaf in enumerate(leaves, frontier.size):
            if not 1 <= len(leaf) <= LEAF_BYTES_MAX:
                raise Refused(
                    "log.leaf", f"entry {number} has {len(leaf)} bytes, must have 1 to {LEAF_BYTES_MAX}"
                )
            nodes.extend((self._number, *each) for each in _grow(hashes, number, leaf_hash(leaf)))
        self._database.execute_each(
            "INSERT INTO leaf (log, number, leaf) VALUES (?, ?, ?)",
            [(self._number, number, leaf) for number, leaf in enumerate(leaves, frontier.size)],
        )
        self._database.execute_each("INSERT INTO node (log, level, number, hash) VALUES (?, ?, ?, ?)", nodes)

    def _sign(self, head: Head) -> None:
        assert self._signer is not None
        note = Checkpoint(origin=self.origin, head=head).signed(self._signer)
        self._heads.keep(head.size, note.written())

    def _take(self, note: str, head: Head) -> None:
        stated = self._heads.stated(note)
        if stated.size > head.size:
            self._heads.keep_ahead(stated.size, note)
        else:
            self._demand_equal(stated)
            self._heads.keep(stated.size, note)

    def _reach_ahead(self, head: Head) -> None:
        """Makes the note ahead a checkpoint when its entries are all here; demands that a signed head covers all."""
        note = self._heads.ahead_note()
        if note is not None:
            ahead = self._heads.stated(note)
            if ahead.size > head.size:
                return
            self._demand_equal(ahead)
            self._heads.keep(ahead.size, note)
            self._heads.drop_ahead()
        covered = self._heads.newest_size()
        if covered != head.size:
            raise Refused(
                "log.unsigned",
                f"log {self.origin}: a head of {head.size} entries is not signed, {covered} are",
            )

    def _demand_equal(self, stated: Head) -> None:
        if self.root_at(stated.size) != stated.root:
            raise Untrusted(
                "record.consistency",
                f"the {stated.size} entries of log {self.origin} do not give the signed root {stated.root.hex()}",
            )

    def _audited(self, start: Frontier, *, stops: Collection[int] = ()) -> Iterator[Frontier]:
        """The frontier at each of these sizes and after the last stored leaf, from ``start`` on.

        Each leaf and each node of the tree is read back and shown to fit the others.
        """
        hashes, size = list(start.hashes), start.size
        levels: dict[int, Iterator[tuple[int, bytes]]] = {}
        for leaf in self._leaves(size):
            for level, number, hashed in _grow(hashes, size, leaf_hash(leaf)):
                if level not in levels:
                    levels[level] = self._level(level, number)
                if next(levels[level], None) != (number, hashed):
                    raise self._misfit(level, number)
            size += 1
            if size in stops:
                yield Frontier(size=size, hashes=tuple(hashes))
        yield Frontier(size=size, hashes=tuple(hashes))

    def _check_ends(self, size: int, *, signed: int) -> None:
        ahead = self._heads.ahead()
        if signed > size or (signed < size and ahead is None):
            raise self._damaged(f"there are {size} entries, must be {signed} as was signed")
        if ahead is not None and ahead.size <= size:
            raise self._damaged(f"the head of {ahead.size} entries is kept as ahead of {size}")
        # A tree of n leaves has n + n // 2 + n // 4 ... perfect subtrees, which is 2 n less the bits set in n.
        nodes = self._database.number("SELECT count(*) FROM node WHERE log = ?", self._number)
        if nodes != 2 * size - size.bit_count():
            raise self._damaged(f"the tree has {nodes} nodes, must have {2 * size - size.bit_count()}")

    def _size(self) -> int:
        return self._database.number("SELECT max(number) + 1 FROM leaf WHERE log = ?", self._number)

    def _size_asked(self, size: int | None) -> int:
        there = self._size()
        if size is not None and not 0 <= size <= there:
            raise Refused("merkle.size", f"log {self.origin} has {there} entries, asked for {size}")
        return there if size is None else size

    def _node(self, level: int, index: int) -> bytes:
        query = "SELECT hash FROM node WHERE log = ? AND level = ? AND number = ?"
        row = self._database.execute(query, self._number, level, index).fetchone()
        if row is None or len(row[0]) != HASH_BYTES:
            raise self._damaged(f"the tree lacks node {index} of level {level}")
        return row[0]

    def _level(self, level: int, start: int) -> Iterator[tuple[int, bytes]]:
        query = "SELECT number, hash FROM node WHERE log = ? AND level = ? AND number >= ? ORDER BY number"
        return iter(self._database.execute(query, self._number, level, start))

    def _leaves(self, start: int, limit: int = -1) -> Iterator[bytes]:
        query = "SELECT number, leaf FROM leaf WHERE log = ? AND number >= ? ORDER BY number LIMIT ?"
        rows = self._database.execute(query, self._number, start, limit)
        for wanted, (number, leaf) in enumerate(rows, start):
            if number != wanted:
                raise self._damaged(f"entry {wanted} is not there")
            yield leaf

    def _misfit(self, level: int, number: int) -> Untrusted:
        first = number << level
        if level == 0:
            return self._damaged(f"entry {first} does not give its stored hash")
        return self._damaged(f"the tree over entries {first} to {first + (1 << level) - 1} is not theirs")

    def _damaged(self, what: str) -> Untrusted:
        return Untrusted("record.damaged", f"log {self.origin} is damaged: {what}")


def _grow(hashes: list[bytes], number: int, leaf: bytes) -> list[Subtree]:
    """Adds leaf ``number``, by its hash, to the hashes of a frontier; the subtrees that it completes, itself first.

    As ``Frontier.completed_by``, without a value for each of a million leaves.
    """
    completed = [(0, number, leaf)]
    while number % 2:
        number, leaf = number // 2, node_hash(hashes.pop(), leaf)
        completed.append((len(completed), number, leaf))
    hashes.append(leaf)
    return completed
