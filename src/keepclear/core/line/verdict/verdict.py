"""Verdicts: whether an export holds, judged from trusted roots alone, and everything found on the way.

Source: docs/protocol.md clause 13. Nothing that stands in an export is believed before a key that the trusted roots
lead to has signed it; what the two parties signed is then held against each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from keepclear.core.errors import KeepclearError, Refused, Untrusted
from keepclear.core.line.fault import Fault
from keepclear.core.line.keys import LogKeys
from keepclear.core.line.log import Log
from keepclear.core.line.message import PartyWord
from keepclear.core.line.verdict.audit import Audit, audited, stated_keys, views_of
from keepclear.core.line.verdict.crosscheck import (
    Receipt,
    anchored,
    cited_below,
    cited_heads,
    is_head_of,
    receipts_of,
    times_apart,
    witnesses_of,
)
from keepclear.core.line.verdict.export import ExportedLog, Seal, SealedExport
from keepclear.core.line.verdict.finding import Finding, Severity, broken, doubt, note
from keepclear.core.line.verdict.tally import MessageState, Tally, state_findings
from keepclear.core.record.cosignature import CosignerKey
from keepclear.core.record.merkle import Head
from keepclear.core.trust.envelope import key_id_of
from keepclear.core.trust.note import VerifierKey


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFigures:
    """One log in figures: its head, below which entry the other is shown to have it, and whether it is witnessed.

    ``witnessed`` is None where the log names no witness.
    """

    origin: str
    head: Head
    cosigned_below: int
    cited_below: int
    witnessed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFigures:
    """How many parts the entries commit to, and of how many the export shows, seals or leaves out the content."""

    committed: int
    opened: int
    sealed: int
    expired: int
    withheld: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of an export: whether it holds, the findings, the gravest first, and the figures.

    ``proved``: whether all evidence that was brought beside the export was judged and convicts. ``seal``, ``parts`` and
    the rest are None or empty where the examination did not come so far.
    """

    holds: bool
    findings: tuple[Finding, ...]
    proved: bool = False
    seal: Seal | None = None
    logs: tuple[LogFigures, ...] = ()
    parts: PartFigures | None = None
    messages: tuple[MessageState, ...] = ()

    @property
    def unacknowledged(self) -> int:
        """How many messages no person has acknowledged."""
        return sum(each.unacknowledged for each in self.messages)


def verdict(
    sealed: SealedExport,
    *,
    roots: Mapping[PartyWord, VerifierKey],
    witnesses: Collection[CosignerKey] = (),
    evidence: Sequence[Fault] = (),
) -> Verdict:
    """The verdict on an export, by the root of each party and the keys of witnesses that are trusted.

    ``evidence`` is what somebody brings beside the export: it is judged by the logs in it, whoever exported them.
    Raises Refused("verdict.trust") when the root of a party of the line is not given: there is nothing to judge by.
    """
    for party in sealed.export.parties:
        if party not in roots:
            known = ", ".join(sorted(roots)) or "none"
            raise Refused(
                "verdict.trust",
                f"the export is of a line of {party}, whose root is not among the trusted keys; those are of {known}",
            )
    examination = _Examination(sealed, roots, witnesses, evidence)
    examination.run()
    return examination.verdict()


class _Examination:
    """An export being examined: each step adds findings, and the next needs that none broke what it builds on."""

    def __init__(
        self,
        sealed: SealedExport,
        roots: Mapping[PartyWord, VerifierKey],
        witnesses: Collection[CosignerKey],
        evidence: Sequence[Fault],
    ) -> None:
        self.sealed, self.roots, self.witnesses, self.evidence = sealed, roots, witnesses, evidence
        self.findings: list[Finding] = []
        self.keys: dict[tuple[PartyWord, int], LogKeys] = {}
        self.audits: dict[tuple[PartyWord, int], Audit] = {}
        self.receipts: dict[tuple[PartyWord, int], list[Receipt]] = {}
        self.tally = Tally()
        self.proved = False
        self.seal: Seal | None = None
        self.logs: list[LogFigures] = []
        self.parts: PartFigures | None = None
        self.messages: list[MessageState] = []

    def run(self) -> None:
        """Every step in order, until one finds something broken on which the next would build."""
        for step in (self._state_keys, self._unseal, self._audit, self._crosscheck, self._open, self._weigh):
            step()
            if any(each.severity is Severity.BROKEN for each in self.findings):
                return

    def verdict(self) -> Verdict:
        """What was found."""
        findings = sorted(self.findings, key=lambda each: each.severity.rank)
        return Verdict(
            holds=all(each.severity is not Severity.BROKEN for each in findings),
            findings=tuple(findings),
            proved=self.proved,
            seal=self.seal,
            logs=tuple(self.logs),
            parts=self.parts,
            messages=tuple(self.messages),
        )

    def _state_keys(self) -> None:
        """The keys of each log, from the statement in its entry 0 that the trusted root signed."""
        for log in self.sealed.export.logs:
            try:
                self.keys[log.party, log.epoch] = stated_keys(
                    next(iter(log.leaves), b""), self.roots[log.party]
                )
            except KeepclearError as error:
                self.findings.append(broken(f"{log.origin} entry 0", f"does not hold: {error.message}"))

    def _unseal(self) -> None:
        """Who sealed the export: the node of either party, by the keys of its newest log."""
        nodes = {party: keys.node for (party, _), keys in sorted(self.keys.items())}
        signer = [party for party, node in nodes.items() if key_id_of(node) == self.sealed.envelope.key_id]
        if not signer:
            self.findings.append(broken("seal", "names the key of no node of either party"))
            return
        try:
            seal = self.sealed.seal(nodes[signer[0]])
        except KeepclearError as error:
            self.findings.append(broken("seal", f"does not hold: {error.message}"))
            return
        if seal.by != signer[0]:
            self.findings.append(
                broken("seal", f"says that it is of {seal.by}, and is of the node of {signer[0]}")
            )
        self.seal = seal

    def _audit(self) -> None:
        """Each log by itself."""
        export = self.sealed.export
        views = {party: views_of(party, export.logs, self.keys) for party in export.parties}
        for log in export.logs:
            place = (log.party, log.epoch)
            audit = audited(
                log,
                other=self._other(log.party),
                root=self.roots[log.party],
                keys=self.keys[place],
                views=views[log.party],
                starts={
                    each.start
                    for each in (*export.faults, *self.evidence)
                    if (each.party, each.epoch) == place
                },
                heard=lambda said, origin=log.origin: self.tally.hear(said, origin),
            )
            self.audits[place] = audit
            if audit.wrong is not None:
                self.findings.append(broken(log.origin, f"does not hold: {audit.wrong.message}"))

    def _crosscheck(self) -> None:
        """The logs against each other."""
        assert self.seal is not None, "unsealed before"
        by = self.seal.by
        for place, audit in self.audits.items():
            receipts, findings = receipts_of(audit, self.audits)
            self.receipts[place] = receipts
            self.findings += [
                *findings,
                *cited_heads(audit, self.audits, by=by),
                *anchored(audit, self.audits),
            ]

    def _open(self) -> None:
        """The parts against the commitments, and the evidence of faults."""
        parts, export = self.tally.parts, self.sealed.export
        self.findings += [*parts.take_openings(export.openings), *parts.take_sealed(export.sealed)]
        assert self.seal is not None, "unsealed before"
        by = f"by {self.seal.by}, who exported it,"
        self.findings += [self._fault_finding(fault, by=by) for fault in export.faults]
        brought = [self._fault_finding(fault, by="beside the export") for fault in self.evidence]
        self.proved = all(each.severity is Severity.CONVICTED for each in brought)
        self.findings += brought

    def _weigh(self) -> None:
        """What the sound logs show: receipts, witnesses, times, answers of persons, parts that are left out."""
        for place, audit in self.audits.items():
            enough, findings = witnesses_of(audit, self.witnesses)
            self.findings += [*findings, *times_apart(audit, self.audits, self.receipts[place])]
            self.logs.append(
                LogFigures(
                    origin=audit.source.origin,
                    head=audit.log.head(),
                    cosigned_below=max((each.size for each in self.receipts[place]), default=0),
                    cited_below=cited_below(audit, self.audits),
                    witnessed=enough,
                )
            )
        self.messages += self.tally.states(
            cosigned={
                self.audits[place].source.origin: [each.size for each in receipts]
                for place, receipts in self.receipts.items()
            },
            cited={each.origin: each.cited_below for each in self.logs},
        )
        for state in self.messages:
            self.findings += state_findings(state)
        self.parts = self._part_figures()
        assert self.seal is not None, "unsealed before"
        self.findings += [*_parts_notes(self.parts), *self.tally.closed(self.seal.at)]

    def _fault_finding(self, fault: Fault, *, by: str) -> Finding:
        where = f"{fault.rule} of {fault.party}, epoch {fault.epoch}"
        try:
            key, before = self._accused(fault)
            views = views_of(fault.party, self._logs_with(fault.cosigned), self.keys)
            fault.verify(key=key, before=before, views=views)
        except KeepclearError as error:
            # What is not proved convicts nobody, and takes nothing from the rest: it speaks of who says it alone.
            return doubt(where, f"is said {by} and not proved: {error.message}")
        words = f"PROVED: {fault.party} broke the rule {fault.rule!r}, by its own signatures"
        return Finding(severity=Severity.CONVICTED, where=where, words=words)

    def _accused(self, fault: Fault) -> tuple[VerifierKey, Log]:
        """The log key of an accused party, and its log up to where the evidence begins."""
        if fault.line != self.sealed.export.line or fault.party not in self.sealed.export.parties:
            raise Untrusted(
                "fault.unproved", f"it is of {fault.party} on line {fault.line}, not of this line"
            )
        audit = self.audits.get((fault.party, fault.epoch))
        if audit is not None and fault.start in audit.before:
            return audit.keys.log, audit.before[fault.start]
        if audit is not None or fault.start > 0 or not fault.leaves:
            raise Untrusted(
                "fault.unproved", f"the export has no entries of {fault.party} to which it is added"
            )
        root, other = self.roots[fault.party], self._other(fault.party)
        before = Log(line=fault.line, party=fault.party, other=other, root=root, epoch=fault.epoch)
        return stated_keys(fault.leaves[0], root).log, before

    def _logs_with(self, written: str) -> list[ExportedLog]:
        """The logs, and with its own log a cosigned note that evidence brings; one of no head of a log is left out."""
        return [
            replace(log, cosigned=(*log.cosigned, written))
            if is_head_of(written, self.audits[log.party, log.epoch])
            else log
            for log in self.sealed.export.logs
        ]

    def _part_figures(self) -> PartFigures:
        assert self.seal is not None, "unsealed before"
        parts = self.tally.parts
        expired = self.tally.expired(self.seal.at)
        left_out = len(parts.committed.keys() - parts.opened - parts.sealed)
        return PartFigures(
            committed=len(parts.committed),
            opened=len(parts.opened),
            sealed=len(parts.sealed - parts.opened),
            expired=expired,
            withheld=left_out - expired,
        )

    def _other(self, party: PartyWord) -> PartyWord:
        one, two = self.sealed.export.parties
        return two if party == one else one


def _parts_notes(parts: PartFigures) -> Iterator[Finding]:
    if parts.sealed:
        yield note("parts", f"{parts.sealed} of {parts.committed} parts are sealed to a reader")
    if parts.expired:
        yield note("parts", f"{parts.expired} of {parts.committed} parts expired, as their messages said")
    if parts.withheld:
        yield note("parts", f"{parts.withheld} of {parts.committed} parts are withheld")
