"""Findings: what an examination of an export comes to, each in words and with what kind of matter it is.

Source: docs/protocol.md clauses 11 and 13.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What kind of matter a finding is, the gravest first."""

    BROKEN = "broken"
    """The export does not hold: a proof fails, or something is left out or of another log."""

    CONVICTED = "convicted"
    """The export proves that a party broke a rule."""

    UNACKNOWLEDGED = "unacknowledged"
    """A message that a person must answer has no answer of a person."""

    DOUBT = "doubt"
    """Something that the evidence neither proves nor excludes, and that a reader must weigh."""

    NOTE = "note"
    """Something to know, such as parts that are not shown."""

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return tuple(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found: ``where`` names the log, entry or part, ``words`` are a sentence about it."""

    severity: Severity
    where: str
    words: str


def broken(where: str, words: str) -> Finding:
    """A finding by which an export does not hold."""
    return Finding(severity=Severity.BROKEN, where=where, words=words)


def doubt(where: str, words: str) -> Finding:
    """A finding for a reader to weigh."""
    return Finding(severity=Severity.DOUBT, where=where, words=words)


def note(where: str, words: str) -> Finding:
    """A finding to know."""
    return Finding(severity=Severity.NOTE, where=where, words=words)
