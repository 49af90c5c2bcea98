"""Witnesses: what a third party checks before it cosigns a log's head, and when a head counts as witnessed.

Source: C2SP tlog-witness v1.0.0, add-checkpoint; docs/protocol.md clause 12.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from keepclear.core.errors import KeepclearError, Refused, Untrusted
from keepclear.core.instant import Instant
from keepclear.core.record.checkpoint import Checkpoint, checkpoint_of
from keepclear.core.record.cosignature import Cosigner, CosignerKey, cosignature, cosignature_at
from keepclear.core.record.merkle import HASH_BYTES, SIZE_MAX, Frontier, Head, verify_consistency
from keepclear.core.trust.note import NOTE_BYTES_MAX, Note, VerifierKey, base64_of, note_of

PATH_MAX: Final = 63
"""The most hashes in a request, as the standard sets it."""

REQUEST_BYTES_MAX: Final = NOTE_BYTES_MAX + 4096
"""The longest request: a note, and before it the old size and 63 hashes of 45 bytes each."""

STALE_TYPE: Final = "text/x.tlog.size"
"""The content type of the answer to a request that starts from another size than the witness has."""

_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})")


class Quorum(StrEnum):
    """How many of a log's witnesses must cosign a head."""

    ALL = "all"
    MAJORITY = "majority"


class Reason(IntEnum):
    """Why a request is denied; the value is the status that the standard gives the answer."""

    UNREADABLE = 400
    UNSIGNED = 403
    UNKNOWN_LOG = 404
    ANOTHER_ROOT = 409
    UNPROVED = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """A request to cosign: a signed checkpoint, and the proof that it continues the one of ``old_size`` entries.

    Raises Refused("witness.request") for a size outside 0 to SIZE_MAX and for a path of more than 63 hashes or with a
    hash not of 32 bytes, and as ``checkpoint_of`` does.
    """

    old_size: int
    path: tuple[bytes, ...]
    note: Note

    def __post_init__(self) -> None:
        if not 0 <= self.old_size <= SIZE_MAX:
            raise _unreadable(f"old size {self.old_size}, must be 0 to {SIZE_MAX}")
        if len(self.path) > PATH_MAX or any(len(each) != HASH_BYTES for each in self.path):
            raise _unreadable(f"{len(self.path)} hashes, must be {PATH_MAX} or fewer of {HASH_BYTES} bytes")
        checkpoint_of(self.note.text)

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that is to be cosigned."""
        return checkpoint_of(self.note.text)

    def written(self) -> str:
        """The body of the request."""
        path = "".join(f"{b64encode(each).decode()}\n" for each in self.path)
        return f"old {self.old_size}\n{path}\n{self.note.written()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The checkpoint may be cosigned, once its head is kept for good in the same step (status 200)."""

    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """The request starts from another size than the last one cosigned, which is this (status 409, STALE_TYPE)."""

    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """The checkpoint is not cosigned, for this reason; ``message`` says it to a person."""

    reason: Reason
    message: str


def add_checkpoint_of(written: str) -> AddCheckpoint:
    """The request in a body: the line ``old N``, a line of base64 for each hash, an empty line, the note.

    Raises Refused("witness.request") for another form, and as AddCheckpoint and ``note_of`` do. The answer to any of
    these is status 400.
    """
    if len(written) > REQUEST_BYTES_MAX:
        raise _unreadable(f"{len(written)} characters, must be {REQUEST_BYTES_MAX} or fewer")
    lines, parted, note = written.partition("\n\n")
    first, *hashes = lines.split("\n")
    old = _OLD.fullmatch(first)
    if not parted or old is None:
        raise _unreadable(
            f"the first line {first[:40]!r}, must be 'old' and a size, and an empty line before the note"
        )
    return AddCheckpoint(old_size=int(old[1]), path=tuple(_path_of(hashes)), note=note_of(note))


def judged(
    request: AddCheckpoint, *, key: VerifierKey | None, latest: Head | None
) -> Accepted | Stale | Denied:
    """Whether a witness may cosign, by the log's key (None: a log that it does not know) and the last head it cosigned.

    The caller looks both up by the checkpoint's origin, and must keep the head of what is accepted in the same step
    that found ``latest``: of two requests at one time only one may be accepted.
    """
    checkpoint = request.checkpoint
    if key is None:
        return _denied(Reason.UNKNOWN_LOG, f"log {checkpoint.origin} is not known here")
    try:
        request.note.verify(key)
    except Untrusted as error:
        return _denied(Reason.UNSIGNED, error.message)
    head, known = checkpoint.head, Frontier().head() if latest is None else latest
    if request.old_size > head.size:
        return _denied(Reason.UNREADABLE, f"old size {request.old_size} is past the size {head.size}")
    if request.old_size != known.size:
        return Stale(size=known.size)
    if head.size == known.size > 0 and head.root != known.root:
        return _denied(
            Reason.ANOTHER_ROOT,
            f"root at {head.size} is {head.root.hex()}, was {known.root.hex()} when it was cosigned",
        )
    if not _continues(known, head, request.path):
        return _denied(Reason.UNPROVED, f"proof does not show that {head.size} entries continue {known.size}")
    return Accepted(checkpoint=checkpoint)


def cosignature_lines(note: Note, cosigner: Cosigner, at: Instant) -> str:
    """The body of the answer with status 200: the cosigner's line; raises as ``cosignature`` does."""
    return f"{cosignature(note, cosigner, at).line()}\n"


def with_cosignatures(note: Note, lines: str, keys: Collection[CosignerKey]) -> Note:
    """The note with those lines of a witness's answer that hold under one of the keys; others are left out.

    Raises Refused as ``note_of`` does for an answer that is no signature lines.
    """
    answered = note_of(f"{note.text}\n{lines}")
    held = [
        line
        for line in answered.signatures
        if line not in note.signatures
        and any(_has_cosigned(Note(text=note.text, signatures=(line,)), key) for key in keys)
    ]
    return Note(text=note.text, signatures=(*note.signatures, *held))


def witnessed(note: Note, keys: Collection[CosignerKey], needed: Quorum) -> bool:
    """Whether all, or more than half, of a log's witnesses cosigned the checkpoint in a note.

    A public key counts once, under however many names it stands. Without any witness nothing is witnessed: False.
    """
    witnesses = {key.public_key for key in keys}
    cosigners = {key.public_key for key in keys if _has_cosigned(note, key)}
    if needed is Quorum.ALL:
        return bool(witnesses) and cosigners == witnesses
    return 2 * len(cosigners) > len(witnesses)


def _continues(known: Head, head: Head, path: tuple[bytes, ...]) -> bool:
    if known.size == 0:
        # The proof must be empty here; and there is but one root of no entries.
        return not path and (head.size > 0 or head == known)
    try:
        verify_consistency(old=known, new=head, path=path)
    except Untrusted:
        return False
    return True


def _has_cosigned(note: Note, key: CosignerKey) -> bool:
    try:
        cosignature_at(note, key)
    except KeepclearError:
        return False
    return True


def _path_of(lines: list[str]) -> Iterator[bytes]:
    for line in lines:
        each = base64_of(line)
        if each is None:
            raise _unreadable(f"the line of proof {line[:60]!r}, must be base64 of a hash")
        yield each


def _denied(reason: Reason, message: str) -> Denied:
    return Denied(reason=reason, message=message)


def _unreadable(what: str) -> Refused:
    return Refused("witness.request", f"request has {what}")
