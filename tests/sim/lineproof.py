"""A stranger's view of a simulated line: evidence judged with root keys, logs and notes alone, as exports have them."""

from __future__ import annotations

from dataclasses import replace

from keepclear.core.line.fault import Fault
from keepclear.core.line.keys import LogKeys, root_name, statement_of
from keepclear.core.line.log import Log, Views
from keepclear.core.line.message import LineName, PartyWord, header_of
from keepclear.core.record.checkpoint import checkpoint_of
from keepclear.core.record.cosignature import cosignature_at
from keepclear.core.trust.envelope import envelope_of
from keepclear.core.trust.note import VerifierKey, note_of
from party import Kept, public, seeded_key
from sim.linenode import Side


def verified_by_a_stranger(side: Side, fault: Fault) -> None:
    """Raises KeepclearError unless a fault that a side found convicts the accused before somebody who was not there."""
    kept = side.kept.copy()
    accused = _log(side, owner=fault.party, other=side.name, epoch=fault.epoch)
    accuser = _log(side, owner=side.name, other=fault.party, epoch=side.state.own.epoch)
    views = _views(_pruned(kept, fault), accuser, accused)
    before = _grown(accused, kept.log(accused.origin).leaves[: fault.start], views)
    keys = (
        before.keys_stated(fault.leaves[0])
        if before.roster is None and fault.leaves
        else _stated(kept, before)
    )
    assert keys is not None, "a fault names a log, and entry 0 of that has its keys"
    fault.verify(key=keys.log, before=before, views=views)


def _log(side: Side, *, owner: str, other: str, epoch: int) -> Log:
    root = VerifierKey(name=root_name(owner), public_key=public(seeded_key(f"{owner} root")))
    return Log(
        line=LineName(side.line_name),
        party=PartyWord(owner),
        other=PartyWord(other),
        root=root,
        epoch=epoch,
    )


def _grown(log: Log, leaves: list[bytes], views: Views) -> Log:
    for leaf in leaves:
        log = log.append(leaf, views).log
    return log


def _pruned(kept: Kept, fault: Fault) -> Kept:
    """What is left after a long time: of each log the newest cosigned note, and the one that the evidence brings."""
    newest = {origin: notes[-1:] for origin, notes in kept.cosigned_by_other.items()}
    kept.cosigned_by_other = newest
    if fault.cosigned:
        origin = checkpoint_of(note_of(fault.cosigned).text).origin
        newest.setdefault(origin, []).append(fault.cosigned)
    return kept


def _views(kept: Kept, judge: Log, judged: Log) -> Views:
    """What the judging party's export says of the heads that the judged one may cite: its keys, and cosignatures."""
    keys: dict[int, VerifierKey] = {}
    seconds: dict[tuple[int, int], int] = {}
    cosigner = _stated(kept, judged)
    for epoch in range(1, judge.epoch + 1):
        stated = _stated(kept, replace(judge, epoch=epoch))
        if stated is None:
            continue
        keys[epoch] = stated.log
        for written in kept.cosigned_by_other.get(stated.log.name, []) if cosigner is not None else []:
            at_s = cosignature_at(note_of(written), cosigner.cosigner) // 1_000
            seconds.setdefault((epoch, checkpoint_of(note_of(written).text).head.size), at_s)
    return Views(keys=keys, cosigned_s=seconds)


def _stated(kept: Kept, log: Log) -> LogKeys | None:
    """The keys of an epoch, as its entry 0 and the root state them."""
    leaves = kept.log(log.origin).leaves
    if not leaves:
        return None
    statement = header_of(envelope_of(leaves[0]).payload).statement
    return None if statement is None else statement_of(statement, root=log.root).opens
