"""Exports: a whole line with its evidence in one sealed file, for a third party who has neither node.

Source: docs/protocol.md clause 13. How an export is written is in formats/line/exportfile.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.line.fault import Fault
from keepclear.core.line.message import LineName, PartyWord
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.merkle import HASH_BYTES
from keepclear.core.trust.encoding import canonical, parsed
from keepclear.core.trust.envelope import Envelope
from keepclear.core.trust.fields import Fields

SEAL_TYPE: Final = "application/vnd.keepclear.export+json"
"""The payload type of a seal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedLog:
    """One log of one party: its entries, the checkpoint over just them, and kept notes with the other's cosignature.

    ``leaves`` may be gone through more than once, and are read anew each time where a file is too large to hold.
    """

    party: PartyWord
    line: LineName
    epoch: int
    size: int
    leaves: Iterable[bytes]
    checkpoint: str
    cosigned: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """The origin of the log."""
        return origin_of(party=self.party, log=self.line, epoch=self.epoch)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPart:
    """A part that is in the export for a reader with an age identity only."""

    commitment: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """All logs of one line, the parts of messages that are disclosed or sealed to a reader, and evidence of faults.

    Logs stand in the order of ``parties``, and by epoch within one party. Raises Refused("export.parties") for a line
    that does not join two, Refused("export.logs") for a log of another line or party, or out of order.
    """

    line: LineName
    parties: tuple[PartyWord, PartyWord]
    logs: tuple[ExportedLog, ...]
    openings: Iterable[bytes] = ()
    sealed: Iterable[SealedPart] = ()
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        for party in self.parties:
            origin_of(party=party, log=self.line)
        if self.parties[0] == self.parties[1]:
            raise Refused("export.parties", f"export is of a line from {self.parties[0]} to itself")
        if any(each.line != self.line or each.party not in self.parties for each in self.logs):
            raise Refused("export.logs", f"export of line {self.line} holds a log of another line or party")
        order = [(self.parties.index(each.party), each.epoch) for each in self.logs]
        if order != sorted(set(order)):
            raise Refused("export.logs", f"export of line {self.line} holds logs twice or out of order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Who exported a line and when, over the number and the SHA-256 of all lines before the seal."""

    at: Instant
    by: PartyWord
    line: LineName
    lines: int
    digest: bytes

    def written(self) -> bytes:
        """The canonical bytes that the exporter's node signs."""
        return canonical(
            {
                "at_ms": self.at,
                "by": self.by,
                "line": self.line,
                "lines": self.lines,
                "sha256": self.digest.hex(),
                "v": 1,
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedExport:
    """An export with its seal as they came; ``lines`` and ``digest`` are what was found before the seal."""

    export: Export
    envelope: Envelope
    lines: int
    digest: bytes

    def seal(self, node_key: bytes) -> Seal:
        """The seal, once the node is shown to have signed it over just these lines.

        Raises Untrusted as ``Envelope.verify`` does, Untrusted("export.altered") when it is over other lines,
        Untrusted("export.other-line") when it is of another line, and Refused as ``seal_in`` does.
        """
        self.envelope.verify(node_key)
        seal = seal_in(self.envelope)
        if (seal.lines, seal.digest) != (self.lines, self.digest):
            raise Untrusted(
                "export.altered",
                f"export has {self.lines} lines of SHA-256 {self.digest.hex()}, "
                f"and was sealed with {seal.lines} of {seal.digest.hex()}",
            )
        if seal.line != self.export.line:
            raise Untrusted(
                "export.other-line", f"export of line {self.export.line} has the seal of line {seal.line}"
            )
        return seal


def seal_in(envelope: Envelope) -> Seal:
    """What an envelope says as a seal; its signature is not checked here.

    Raises Refused("export.seal") for an envelope of another type, and Refused as ``encoding.parsed`` and Fields do.
    """
    if envelope.payload_type != SEAL_TYPE:
        raise Refused("export.seal", f"seal is of type {envelope.payload_type!r}, must be {SEAL_TYPE}")
    taken = Fields(parsed(envelope.payload), what="seal")
    taken.whole("v", least=1, most=1)
    seal = Seal(
        at=Instant(taken.whole("at_ms", most=FOREVER)),
        by=PartyWord(taken.text("by", length_max=64)),
        line=LineName(taken.text("line", length_max=64)),
        lines=taken.whole("lines"),
        digest=taken.octets("sha256", length=HASH_BYTES),
    )
    taken.end()
    return seal
