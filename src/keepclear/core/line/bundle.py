"""Bundles: what one node hands another, whatever way it goes.

Source: docs/protocol.md clause 10. How a bundle is written is in formats/line/bundlefile.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from keepclear.core.line.message import LineName, PartyWord
from keepclear.core.trust.envelope import Envelope

LEAVES_MAX: Final = 512
"""The most consecutive entries in one bundle; what is left goes with the next."""

EXPRESS_MAX: Final = 64
RESTORE_MAX: Final = 256

PARTS_MAX: Final = 256
"""The most sealed parts in one bundle: each costs the receiver a try at opening it; what is left goes with the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Express:
    """An urgent entry ahead of its turn, with the proof that it is under the bundle's checkpoint."""

    index: int
    leaf: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """The receiver's own entries from number ``start``, handed back, with its own signed checkpoint over them."""

    checkpoint: str
    start: int
    leaves: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Entries of the sender's log up to a checkpoint, urgent ones ahead of their turn, and the sender's status.

    ``newest`` is a larger head that ``path`` shows to continue the checkpoint, and that the express entries are under.
    ``parts`` are sealed openings by their commitments. Nothing in a bundle is verified yet.
    """

    line: LineName
    sender: PartyWord
    to: PartyWord
    epoch: int
    checkpoint: str
    start: int
    leaves: tuple[bytes, ...]
    status: Envelope
    newest: str | None = None
    path: tuple[bytes, ...] = ()
    express: tuple[Express, ...] = ()
    parts: Mapping[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    cosigned: str | None = None
    restore: Restore | None = None
