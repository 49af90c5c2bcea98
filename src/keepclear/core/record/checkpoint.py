"""A checkpoint: the head of a log as a short text that the log's key signs.

Source: C2SP tlog-checkpoint v1.0.0.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.record.merkle import SIZE_MAX, Head
from keepclear.core.trust.note import Note, Signer, VerifierKey, base64_of, note_of, signed_note

NODE_LOG: Final = "node"
"""The name of the log in which a node keeps its own evidence; a line's log is named for the line."""

EPOCH_MAX: Final = 2**31 - 1

_WORD: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of the log that one origin names; ``extension`` lines are kept as found.

    Raises Refused("checkpoint.origin") for an origin that is empty or not one line, and
    Refused("checkpoint.extension") for an extension line that is.
    """

    origin: str
    head: Head
    extension: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin:
            raise Refused("checkpoint.origin", f"origin {self.origin!r} must be one line that is not empty")
        for line in self.extension:
            if not line or "\n" in line:
                raise Refused(
                    "checkpoint.extension", f"extension {line!r} must be one line that is not empty"
                )

    def text(self) -> str:
        """The text that is signed."""
        root = b64encode(self.head.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, str(self.head.size), root, *self.extension))

    def signed(self, signer: Signer) -> Note:
        """The checkpoint as a note signed by the log's key.

        Raises Refused("checkpoint.origin") when the key has another name than the log: the two are one.
        """
        if signer.key.name != self.origin:
            raise Refused(
                "checkpoint.origin",
                f"key is named {signer.key.name!r}, must be named {self.origin!r} as the log",
            )
        return signed_note(self.text(), signer)


def origin_of(*, party: str, log: str = NODE_LOG, epoch: int = 1) -> str:
    """The origin line of a party's log: ``keepclear/PARTY/LOG/EPOCH``.

    Party and log are 1 to 64 of ``a-z 0-9 . -``, letter or digit at both ends, so that no two spellings look
    alike; the epoch counts from 1 and rises when a party has to start the log anew.
    Raises Refused("checkpoint.origin") otherwise.
    """
    for word in (party, log):
        if not _WORD.fullmatch(word):
            raise Refused(
                "checkpoint.origin", f"origin holds {word!r}, must be 1 to 64 of a-z, 0-9, dot and hyphen"
            )
    if not 1 <= epoch <= EPOCH_MAX:
        raise Refused("checkpoint.origin", f"epoch is {epoch}, must be 1 to {EPOCH_MAX}")
    return f"keepclear/{party}/{log}/{epoch}"


def checkpoint_of(text: str) -> Checkpoint:
    """The checkpoint written in the text of a note.

    Raises Refused("checkpoint.unreadable") for anything that is not origin, size and root, each on its line.
    """
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1]:
        raise Refused(
            "checkpoint.unreadable", f"checkpoint has {len(lines) - 1} ended lines, must have 3 or more"
        )
    origin, size, root, *extension = lines[:-1]
    root_bytes = base64_of(root)
    if not _SIZE.fullmatch(size) or int(size) > SIZE_MAX or root_bytes is None:
        raise Refused("checkpoint.unreadable", f"checkpoint states size {size!r} and root {root!r}")
    return Checkpoint(origin=origin, head=Head(size=int(size), root=root_bytes), extension=tuple(extension))


def opened(written: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint in a written note, once the log's own key is shown to have signed it.

    Raises as ``note_of``, ``Note.verify`` and ``checkpoint_of`` do, and Untrusted("checkpoint.other-log")
    when the text is of another log than the key.
    """
    note = note_of(written)
    note.verify(key)
    checkpoint = checkpoint_of(note.text)
    if checkpoint.origin != key.name:
        raise Untrusted(
            "checkpoint.other-log", f"checkpoint is of {checkpoint.origin}, must be of {key.name}"
        )
    return checkpoint
