"""The record: what was said, in order, past denying.

Each entry is one leaf of an RFC 6962 tree: canonical JSON that a person can read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import FIRST, FOREVER, Instant
from keepclear.core.record.merkle import Frontier, Head, Node, leaf_hash
from keepclear.core.trust.encoding import BYTES_MAX, INTEGER_MAX, parsed

KIND_LENGTH_MAX: Final = 64

_INTEGER: Final = rb"0|-?[1-9][0-9]{0,18}"
_LEAF: Final = re.compile(
    rb'\{"at_ms":(%b),"body":(\{.*\}),"index":(%b),"kind":"([a-z0-9.-]+)"\}' % (_INTEGER, _INTEGER), re.DOTALL
)
_KIND: Final = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing the record holds: its number from 0, when the node's clock says it was, its kind, its body.

    The kind is dotted words such as ``alert.raised``; the body canonical JSON (core/trust/encoding.py).
    Raises Refused("entry.index"), Refused("entry.at"), Refused("entry.kind"), as ``encoding.parsed`` does for
    the body, and Refused("encoding.too-long") when the whole leaf is past 65,535 bytes.
    """

    index: int
    at: Instant
    kind: str
    body: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.index <= INTEGER_MAX:
            raise Refused("entry.index", f"entry number is {self.index}, must be 0 to {INTEGER_MAX}")
        if not FIRST <= self.at <= FOREVER:
            raise Refused(
                "entry.at", f"entry {self.index}: time is {self.at} ms, must lie in the years 1 to 9999"
            )
        if len(self.kind) > KIND_LENGTH_MAX or not _KIND.fullmatch(self.kind):
            raise Refused(
                "entry.kind", f"entry {self.index}: kind {self.kind!r} must be words such as alert.raised"
            )
        parsed(self.body)
        if (length := len(self.leaf())) > BYTES_MAX:
            raise Refused(
                "encoding.too-long", f"entry {self.index} has {length} bytes, must be {BYTES_MAX} or fewer"
            )

    def leaf(self) -> bytes:
        """The bytes that are hashed and kept, themselves canonical JSON that a person can read.

        ``{"at_ms":1535781600000,"body":{...},"index":17,"kind":"alert.raised"}``
        """
        kind = self.kind.encode("ascii")
        return b'{"at_ms":%d,"body":%b,"index":%d,"kind":"%b"}' % (self.at, self.body, self.index, kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What has been said so far, as a value of at most 63 hashes: enough to append and to know the root."""

    frontier: Frontier = field(default_factory=Frontier)

    @property
    def size(self) -> int:
        """How many entries there are; also the number of the next one."""
        return self.frontier.size

    def head(self) -> Head:
        """The size and the root over every entry."""
        return self.frontier.head()

    def append(self, leaf: bytes) -> Appended:
        """The record after one more entry, given by its leaf, with what that adds to the tree.

        Raises Refused("record.order") when the leaf is not numbered ``size``, and as ``entry_of`` does.
        """
        entry = entry_of(leaf)
        if entry.index != self.size:
            raise Refused("record.order", f"next entry says it is number {entry.index}, must be {self.size}")
        hashed = leaf_hash(leaf)
        return Appended(
            record=Record(frontier=self.frontier.append(hashed)),
            entry=entry,
            leaf=leaf,
            nodes=self.frontier.completed_by(hashed),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Appended:
    """A record after an entry: the entry, its leaf, and the perfect subtrees it completed, its own first."""

    record: Record
    entry: Entry
    leaf: bytes
    nodes: tuple[Node, ...]


def entry_of(leaf: bytes) -> Entry:
    """The entry kept in a leaf; ``entry_of(leaf).leaf() == leaf`` always.

    Raises as Entry does, and Refused("entry.unreadable") for any other bytes.
    """
    match = _LEAF.fullmatch(leaf)
    if match is None:
        raise Refused("entry.unreadable", "entry must have at_ms, body, index and kind, in canonical JSON")
    at, body, index, kind = match.groups()
    return Entry(index=int(index), at=Instant(int(at)), kind=kind.decode("ascii"), body=body)


def audited(leaves: Iterable[bytes], *, start: Record | None = None) -> Iterator[Appended]:
    """Recomputes a record from its stored leaves, from the first one or from where a known record ends.

    Raises Untrusted("record.damaged") naming the first entry that cannot be what was appended.
    """
    record = start or Record()
    for leaf in leaves:
        try:
            appended = record.append(leaf)
        except Refused as error:
            raise Untrusted("record.damaged", f"entry {record.size} is damaged: {error.message}") from error
        yield appended
        record = appended.record
