"""Exporting a line: both logs, signatures, parts and evidence, from the store into one sealed file."""

from __future__ import annotations

from collections.abc import Iterator

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.message import LineName, PartyWord, header_of
from keepclear.core.line.verdict.export import SEAL_TYPE, Export, ExportedLog
from keepclear.core.trust.envelope import envelope_of, signed_envelope
from keepclear.edge.keys.identity import Identity
from keepclear.edge.store.store import Store
from keepclear.edge.store.storedlog import LEAVES_MAX, StoredLog
from keepclear.formats.line.exportfile import export_lines, seal_line, seal_of
from keepclear.formats.line.faultfile import fault_of


def exported(store: Store, identity: Identity, line: LineName, *, at: Instant) -> bytes:
    """A whole line as one sealed file, with every part that is kept here, sealed by our node.

    Each log is first held against its signed heads. Raises Refused("line.unknown") when we said nothing on it.
    """
    kept = [each for each in (_log_of(store, origin, line) for origin in store.origins()) if each is not None]
    own = PartyWord(identity.party)
    of_own = [log for party, _, log in kept if party == own]
    if not of_own:
        raise Refused("line.unknown", f"nothing was said on line {line} by {own}: there is nothing to export")
    parties = (own, header_of(envelope_of(of_own[0].leaf(0)).payload).to)
    kept.sort(key=lambda each: (parties.index(each[0]), each[1]))
    export = Export(
        line=line,
        parties=parties,
        logs=tuple(_exported(line, party, epoch, log) for party, epoch, log in kept),
        openings=tuple(_openings(store, (log for _, _, log in kept))),
        faults=tuple(fault_of(each.evidence) for each in store.faults(line)),
    )
    epoch = max(epoch for party, epoch, _ in kept if party == own)
    node = identity.line_keys(line, epoch).node
    seal = seal_of(export, at=at, by=own)
    envelope = signed_envelope(SEAL_TYPE, seal.written(), public_key=node.public, sign=node.sign)
    return b"".join((*export_lines(export), seal_line(envelope)))


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


def _openings(store: Store, logs: Iterator[StoredLog]) -> Iterator[bytes]:
    for log in logs:
        for leaf in _leaves(log):
            for commitment in header_of(envelope_of(leaf).payload).parts.values():
                opening = store.opening(commitment.hex())
                if opening is not None:
                    yield opening
