"""Verdicts as text for a person and as JSON for a program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from keepclear.core.instant import instant_text
from keepclear.core.line.reception import Taken
from keepclear.core.line.verdict.finding import Finding, Severity
from keepclear.core.line.verdict.tally import MessageState
from keepclear.core.line.verdict.verdict import LogFigures, PartFigures, Verdict
from keepclear.core.trust.encoding import Json

FINDINGS_SHOWN: Final = 200
"""How many findings of one kind the text shows; it says how many more there are."""

_WITNESSED: Final = {True: "witnessed", False: "not yet witnessed", None: "names no witness"}
_HEADINGS: Final = {
    Severity.BROKEN: "Broken:",
    Severity.CONVICTED: "Proved against a party:",
    Severity.UNACKNOWLEDGED: "NOT ACKNOWLEDGED BY ANY PERSON:",
    Severity.DOUBT: "To be weighed:",
    Severity.NOTE: "Notes:",
}


def verdict_text(verdict: Verdict) -> Iterator[str]:
    """The verdict in lines for a person: what it is, what is gravest, then the figures.

    Names come from those who are judged: whatever in them is no printable character is shown by its number, so that
    no name can write a line of its own.
    """
    return map(_printable, _lines(verdict))


def verdict_members(verdict: Verdict) -> dict[str, Json]:
    """The verdict as a JSON object."""
    seal, parts = verdict.seal, verdict.parts
    return {
        "holds": verdict.holds,
        "seal": None
        if seal is None
        else {"at": instant_text(seal.at), "by": seal.by, "line": seal.line, "lines": seal.lines},
        "findings": [_finding_members(each) for each in verdict.findings],
        "logs": [_log_members(each) for each in verdict.logs],
        "parts": None
        if parts is None
        else {
            "committed": parts.committed,
            "opened": parts.opened,
            "sealed": parts.sealed,
            "expired": parts.expired,
            "withheld": parts.withheld,
        },
        "messages": [_message_members(each) for each in verdict.messages],
        "unacknowledged": verdict.unacknowledged,
    }


def _lines(verdict: Verdict) -> Iterator[str]:
    yield "VERDICT: HOLDS" if verdict.holds else "VERDICT: DOES NOT HOLD"
    if verdict.seal is not None:
        seal = verdict.seal
        yield f"Line {seal.line}, exported by {seal.by} at {instant_text(seal.at)}, {seal.lines} lines before the seal."
    for severity in Severity:
        found = [each for each in verdict.findings if each.severity is severity]
        if found:
            yield _HEADINGS[severity]
            yield from (f"  {each.where}: {each.words}" for each in found[:FINDINGS_SHOWN])
        if len(found) > FINDINGS_SHOWN:
            yield f"  and {len(found) - FINDINGS_SHOWN} more"
    for log in verdict.logs:
        yield _log_text(log)
    if verdict.parts is not None:
        yield _parts_text(verdict.parts)
        answered = len(verdict.messages) - verdict.unacknowledged
        yield f"Messages: {len(verdict.messages)}, acknowledged by a person: {answered}, not: {verdict.unacknowledged}."


def _log_text(log: LogFigures) -> str:
    return (
        f"{log.origin}: {log.head.size} entries, root {log.head.root.hex()}; cosigned by the other below "
        f"{log.cosigned_below}, cited by it below {log.cited_below}; {_WITNESSED[log.witnessed]}."
    )


def _parts_text(parts: PartFigures) -> str:
    return (
        f"Parts: {parts.committed} committed to, {parts.opened} open here, {parts.sealed} sealed to a reader, "
        f"{parts.expired} expired, {parts.withheld} withheld."
    )


def _printable(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in line)


def _finding_members(finding: Finding) -> Json:
    return {"severity": finding.severity.value, "where": finding.where, "words": finding.words}


def _log_members(log: LogFigures) -> Json:
    return {
        "origin": log.origin,
        "size": log.head.size,
        "root": log.head.root.hex(),
        "cosigned_below": log.cosigned_below,
        "cited_below": log.cited_below,
        "witnessed": log.witnessed,
    }


def _message_members(state: MessageState) -> Json:
    header = state.said.header
    return {
        "hash": state.said.hash.hex(),
        "origin": state.origin,
        "index": header.index,
        "kind": header.kind.value,
        "flag": header.flag.value,
        "precedence": header.precedence.value,
        "at": instant_text(header.at),
        "by": None if state.said.by is None else state.said.by.name,
        "cosigned": state.cosigned,
        "cited": state.cited,
        "unacknowledged": state.unacknowledged,
        "steps": [_step_members(each) for each in state.steps],
        "words": state.words,
    }


def _step_members(taken: Taken) -> Json:
    return {
        "step": taken.step.value,
        "by": taken.by,
        "post": taken.post,
        "at": instant_text(taken.said),
        "response": None if taken.response is None else taken.response.value,
        "echelon": taken.echelon,
        "plotted": taken.plotted,
        "differences": [each.words for each in taken.differences],
        "hash": taken.hash.hex(),
    }
