"""Exporting a line for somebody: both logs, signatures, evidence, and the parts that this one may read.

Source: docs/protocol.md clause 13. What an export opens is a disclosure like any other: it is noted, and a part that
its reader was not given goes only when a person releases it and says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.message import Header, LineName, PartyWord, header_of
from keepclear.core.line.verdict.export import SEAL_TYPE, Export, ExportedLog
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.merkle import leaf_hash
from keepclear.core.trust.envelope import envelope_of, signed_envelope
from keepclear.edge.keys.identity import Identity
from keepclear.edge.lines.disclosing import named_part, require_reason
from keepclear.edge.store.disclosures import Disclosure
from keepclear.edge.store.store import Draft, LineWrites, Store
from keepclear.edge.store.storedlog import LEAVES_MAX, StoredLog
from keepclear.formats.line.exportfile import export_lines, seal_line, seal_of
from keepclear.formats.line.faultfile import fault_of
from keepclear.formats.stored.partbody import NamedPart, export_body

WAY: Final = "export"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a person releases to the reader of an export: parts by ``HASH:PART``, or every one that is open here.

    A hash may be cut to as many digits as name one message. Raises Refused("part.reason") unless it is said by whom and
    why.
    """

    parts: tuple[str, ...] = ()
    everything: bool = False
    by: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if self.is_made:
            require_reason(self.by, self.reason)

    @property
    def is_made(self) -> bool:
        """Whether a person releases anything at all."""
        return self.everything or bool(self.parts)


NOTHING = Release()
"""No release: an export opens what its reader was given before, and no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An export ready to be handed out, and what is to be stored before it is."""

    raw: bytes
    lines: LineWrites
    entry: Draft


def exported(
    store: Store,
    identity: Identity,
    line: LineName,
    *,
    at: Instant,
    to: PartyWord | None = None,
    release: Release = NOTHING,
) -> Exported:
    """A whole line as one sealed file for a party: the other one of the line, or whoever is named.

    Each log is first held against its signed heads. Raises Refused("line.unknown") when we said nothing on it,
    Refused("export.reader") where the reader is to be ourselves, and as ``origin_of`` and ``_Opening`` do.
    """
    kept = [each for each in (_log_of(store, origin, line) for origin in store.origins()) if each is not None]
    own = PartyWord(identity.party)
    of_own = [log for party, _, log in kept if party == own]
    if not of_own:
        raise Refused("line.unknown", f"nothing was said on line {line} by {own}: there is nothing to export")
    parties = (own, header_of(envelope_of(of_own[0].leaf(0)).payload).to)
    kept.sort(key=lambda each: (parties.index(each[0]), each[1]))
    opening = _Opening(store, to=_reader(to or parties[1], own=own), release=release)
    opening.choose(log for _, _, log in kept)
    export = Export(
        line=line,
        parties=parties,
        logs=tuple(_exported(line, party, epoch, log) for party, epoch, log in kept),
        openings=tuple(opening.openings()),
        faults=tuple(fault_of(each.evidence) for each in store.faults(line)),
    )
    epoch = max(epoch for party, epoch, _ in kept if party == own)
    node = identity.line_keys(line, epoch).node
    seal = seal_of(export, at=at, by=own)
    envelope = signed_envelope(SEAL_TYPE, seal.written(), public_key=node.public, sign=node.sign)
    return Exported(
        raw=b"".join((*export_lines(export), seal_line(envelope))),
        lines=LineWrites(disclosures=opening.disclosures(at)),
        entry=Draft(at=at, kind="line.exported", body=opening.body(line)),
    )


class _Opening:
    """Which parts an export opens: what its reader was given, and what a person releases to that one.

    Raises Refused("part.closed") for a part to be released that is not kept here, Refused("part.withdrawn") for one
    whose consent was withdrawn, Refused("message.unknown") where a hash names no message or several, and
    Refused("part.unknown").
    """

    def __init__(self, store: Store, *, to: PartyWord, release: Release) -> None:
        self._store, self._to, self._release = store, to, release
        self._given: list[NamedPart] = []
        self._released: list[NamedPart] = []

    def choose(self, logs: Iterator[StoredLog]) -> None:
        """Go through every part of every entry."""
        wanted: dict[str, list[tuple[Header, bytes]]] = {each: [] for each in self._release.parts}
        for log in logs:
            for leaf in _leaves(log):
                header, hashed = header_of(envelope_of(leaf).payload), leaf_hash(leaf)
                for text, found in wanted.items():
                    if hashed.hex().startswith(text.partition(":")[0].lower()):
                        found.append((header, hashed))
                for name in header.parts:
                    self._take(header, named_part(header, hashed, name))
        for text, found in wanted.items():
            self._let_go(text, found)

    def _take(self, header: Header, part: NamedPart) -> None:
        """A part that is open here and may leave: given to the reader before, or released with everything."""
        if self._store.opening(part.commitment) is None or self._withdrawn(part):
            return
        if self._is_given(header, part):
            self._given.append(part)
        elif self._release.everything:
            self._released.append(part)

    def _is_given(self, header: Header, part: NamedPart) -> bool:
        """Whether the reader was given a part: as the author's own, by its message, or by a release before."""
        if self._to == header.sender or self._to in header.released[part.part]:
            return True
        return any(each.to_party == self._to for each in self._store.disclosed.of(part.commitment))

    def _let_go(self, text: str, found: Sequence[tuple[Header, bytes]]) -> None:
        """A part that a person names."""
        if len(found) != 1:
            raise Refused(
                "message.unknown",
                f"{text!r} names {len(found)} messages of this line; give HASH:PART with more digits of the hash",
            )
        [(header, hashed)] = found
        part = named_part(header, hashed, text.partition(":")[2])
        if self._withdrawn(part):
            raise Refused(
                "part.withdrawn", f"consent for {text} was withdrawn; nothing more of it leaves this node"
            )
        if self._store.opening(part.commitment) is None:
            raise Refused("part.closed", f"{text} is not open at this node; it cannot be released from here")
        if part not in self._given and part not in self._released:
            self._released.append(part)

    def _withdrawn(self, part: NamedPart) -> bool:
        return self._store.disclosed.withdrawal(part.commitment) is not None

    def openings(self) -> Iterator[bytes]:
        """The openings of all that was chosen, each once."""
        for commitment in dict.fromkeys(each.commitment for each in (*self._given, *self._released)):
            opening = self._store.opening(commitment)
            assert opening is not None, "only what is open here is chosen"
            yield opening

    def disclosures(self, at: Instant) -> list[Disclosure]:
        """What is to be noted: to whom each part goes, and for what a person released by whom and why."""
        given = [
            Disclosure(commitment=each.commitment, to_party=self._to, at=at, way=WAY) for each in self._given
        ]
        by, reason = self._release.by, self._release.reason
        released = [
            Disclosure(commitment=each.commitment, to_party=self._to, at=at, way=WAY, by=by, reason=reason)
            for each in self._released
        ]
        return [*given, *released]

    def body(self, line: LineName) -> bytes:
        """What the node's record holds of it."""
        return export_body(
            line=line,
            to=self._to,
            opened=len(self._given) + len(self._released),
            released=self._released,
            by=self._release.by,
            reason=self._release.reason,
        )


def _reader(to: PartyWord, *, own: PartyWord) -> PartyWord:
    """Who will read the export: a party by its name, and not ourselves, for then nobody would know who has it."""
    origin_of(party=to)
    if to == own:
        raise Refused(
            "export.reader", f"the export is for {to}, which is this node's own party; name who will read it"
        )
    return to


def _log_of(store: Store, origin: str, line: LineName) -> tuple[PartyWord, int, StoredLog] | None:
    """The party, epoch and log of an origin that is of the line; one without entries is not there."""
    _, party, named, epoch = origin.split("/")
    log = store.log(origin)
    if named != line or log.checkpoint() is None:
        return None
    return PartyWord(party), int(epoch), log


def _exported(line: LineName, party: PartyWord, epoch: int, log: StoredLog) -> ExportedLog:
    log.self_check()
    checkpoint = log.checkpoint()
    assert checkpoint is not None, "only logs with entries are exported"
    return ExportedLog(
        party=party,
        line=line,
        epoch=epoch,
        size=log.head().size,
        leaves=tuple(_leaves(log)),
        checkpoint=checkpoint,
        cosigned=log.cosigned_notes(),
    )


def _leaves(log: StoredLog) -> Iterator[bytes]:
    start = 0
    while page := log.leaves(start=start, limit=LEAVES_MAX):
        yield from page
        start += len(page)
