"""The marker: a small file beside the keys that says how far each own log was signed, outside the database.

A backup that is restored brings back an older database, and a node that then goes on signs a second history. The
marker, which is not part of that backup, shows it. It is written after each commit and not flushed to the disk: it
may lag behind the database after a power cut, and is never ahead of it otherwise.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import Final

from keepclear.core.errors import Refused, Unavailable, Untrusted
from keepclear.core.record.merkle import Head
from keepclear.core.trust.encoding import canonical

SLOT_BYTES: Final = 512
"""A slot is a sector of a disk, which is written whole or not at all."""

LOGS_MAX: Final = 4_096

_PAIR_BYTES: Final = 2 * SLOT_BYTES


class HeadMarker:
    """How far each own log was signed, by a file of two slots for each log, written in turn.

    A slot is one line, ``SHA256 {"origin":...,"root":...,"size":...}``, that a person can read. Raises
    Untrusted("marker.damaged") for a log of which neither slot is whole, Unavailable("marker.disk") when the file
    cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._heads: dict[str, Head] = {}
        self._slots: dict[str, int] = {}
        try:
            raw = path.read_bytes() if path.exists() else b""
        except OSError as error:
            raise self._unavailable(error) from error
        self._pairs = -(-len(raw) // _PAIR_BYTES)
        for pair in range(self._pairs):
            self._load(pair, raw[pair * _PAIR_BYTES : (pair + 1) * _PAIR_BYTES])

    def newest(self, origin: str) -> Head | None:
        """The newest head of a log that is known to have been signed, or None."""
        return self._heads.get(origin)

    def write(self, origin: str, head: Head) -> None:
        """Notes that a head was signed and is durable.

        Raises Refused("marker.full") for more than LOGS_MAX logs.
        """
        # The slot that is not the newest: a write that is cut off leaves the other.
        slot = self._slots[origin] ^ 1 if origin in self._slots else 2 * self._pairs
        if slot >= 2 * LOGS_MAX:
            raise Refused("marker.full", f"marker {self._path} holds {LOGS_MAX} logs, which is the most")
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                os.pwrite(descriptor, _slot(origin, head), slot * SLOT_BYTES)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise self._unavailable(error) from error
        self._pairs = max(self._pairs, slot // 2 + 1)
        self._heads[origin] = head
        self._slots[origin] = slot

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
        (origin, head), slot = max(marks, key=lambda mark: mark[0][1].size)
        self._heads[origin] = head
        self._slots[origin] = slot

    def _unavailable(self, error: OSError) -> Unavailable:
        return Unavailable("marker.disk", f"marker {self._path} cannot be read or written: {error.strerror}")


def _slot(origin: str, head: Head) -> bytes:
    text = canonical({"origin": origin, "root": head.root.hex(), "size": head.size})
    return b"%b %b" % (sha256(text).hexdigest().encode(), text.ljust(SLOT_BYTES - 66)) + b"\n"


def _mark(slot: bytes) -> tuple[str, Head] | None:
    """What a slot says, or None when it is not whole."""
    digest, _, padded = slot.partition(b" ")
    text = padded.rstrip()
    if len(slot) != SLOT_BYTES or sha256(text).hexdigest().encode() != digest:
        return None
    mark = json.loads(text)
    return mark["origin"], Head(size=mark["size"], root=bytes.fromhex(mark["root"]))
