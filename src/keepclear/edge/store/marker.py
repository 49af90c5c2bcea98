"""The marker: a small file beside the keys, outside the database: how far each own log was signed, each other cosigned.

A backup that is restored brings back an older database, and a node that then goes on signs a second history, or
cosigns a head again with an earlier time. The marker, which is not part of that backup, shows it. It is written after
each commit. For an own log it is not flushed to the disk: it may lag behind the database after a power cut, and is
never ahead of it. That of a cosignature is on the disk before the cosignature can leave.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from keepclear.core.errors import Refused, Unavailable, Untrusted
from keepclear.core.record.merkle import Head
from keepclear.core.trust.encoding import Json, canonical

SLOT_BYTES: Final = 512
"""A slot is a sector of a disk, which is written whole or not at all."""

LOGS_MAX: Final = 4_096

_PAIR_BYTES: Final = 2 * SLOT_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The newest head of a log that is known to have been signed; of another's log, in which second we cosigned it."""

    head: Head
    cosigned_s: int | None = None


class HeadMarker:
    """How far each log was signed or cosigned by this node, by a file of two slots for each log, written in turn.

    A slot is one line, ``SHA256 {"cosigned_s":...,"origin":...,"root":...,"size":...}``, that a person can read; of an
    own log it has no ``cosigned_s``. Raises
    Untrusted("marker.damaged") for a log of which neither slot is whole, Unavailable("marker.disk") when the file
    cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._marks: dict[str, Marked] = {}
        self._slots: dict[str, int] = {}
        self._named = False
        try:
            raw = path.read_bytes() if path.exists() else b""
        except OSError as error:
            raise self._unavailable(error) from error
        self._pairs = -(-len(raw) // _PAIR_BYTES)
        for pair in range(self._pairs):
            self._load(pair, raw[pair * _PAIR_BYTES : (pair + 1) * _PAIR_BYTES])

    def newest(self, origin: str) -> Head | None:
        """The newest head of a log that is known to have been signed or cosigned, or None."""
        mark = self._marks.get(origin)
        return None if mark is None else mark.head

    def marks(self) -> Mapping[str, Marked]:
        """What is known of every log, by its origin."""
        return MappingProxyType(self._marks)

    def write(self, origin: str, head: Head, *, cosigned_s: int | None = None) -> None:
        """Notes that a head was signed and is durable; with ``cosigned_s``, cosigned, and then the note is flushed.

        Raises Refused("marker.full") for more than LOGS_MAX logs.
        """
        mark = Marked(head=head, cosigned_s=cosigned_s)
        # The slot that is not the newest: a write that is cut off leaves the other.
        slot = self._slots[origin] ^ 1 if origin in self._slots else 2 * self._pairs
        if slot >= 2 * LOGS_MAX:
            raise Refused("marker.full", f"marker {self._path} holds {LOGS_MAX} logs, which is the most")
        try:
            self._put(_slot(origin, mark), slot, flushed=cosigned_s is not None)
        except OSError as error:
            raise self._unavailable(error) from error
        self._pairs = max(self._pairs, slot // 2 + 1)
        self._marks[origin] = mark
        self._slots[origin] = slot

    def _put(self, written: bytes, slot: int, *, flushed: bool) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(descriptor, written, slot * SLOT_BYTES)
            if flushed:
                os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        if flushed and not self._named:
            _flush_names(self._path.parent)
            self._named = True

    def _load(self, pair: int, raw: bytes) -> None:
        if not raw.strip(b"\0"):
            # The file grew, and what was written there was lost with the power.
            return
        halves = (raw[:SLOT_BYTES], raw[SLOT_BYTES:])
        marks = [
            (mark, 2 * pair + place) for place, half in enumerate(halves) if (mark := _mark(half)) is not None
        ]
        if not marks:
            raise Untrusted(
                "marker.damaged",
                f"marker {self._path} is damaged: neither slot of its log number {pair} is whole; remove the file"
                " once it is certain that no backup was restored",
            )
        (origin, mark), slot = max(marks, key=lambda each: (each[0][1].head.size, each[0][1].cosigned_s or 0))
        self._marks[origin] = mark
        self._slots[origin] = slot

    def _unavailable(self, error: OSError) -> Unavailable:
        return Unavailable("marker.disk", f"marker {self._path} cannot be read or written: {error.strerror}")


def _flush_names(folder: Path) -> None:
    """A file that was made is found after a power cut only once its folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _slot(origin: str, mark: Marked) -> bytes:
    members: dict[str, Json] = {"origin": origin, "root": mark.head.root.hex(), "size": mark.head.size}
    if mark.cosigned_s is not None:
        members["cosigned_s"] = mark.cosigned_s
    text = canonical(members)
    return b"%b %b" % (sha256(text).hexdigest().encode(), text.ljust(SLOT_BYTES - 66)) + b"\n"


def _mark(slot: bytes) -> tuple[str, Marked] | None:
    """What a slot says, or None when it is not whole."""
    digest, _, padded = slot.partition(b" ")
    text = padded.rstrip()
    if len(slot) != SLOT_BYTES or sha256(text).hexdigest().encode() != digest:
        return None
    mark = json.loads(text)
    head = Head(size=mark["size"], root=bytes.fromhex(mark["root"]))
    return mark["origin"], Marked(head=head, cosigned_s=mark.get("cosigned_s"))
