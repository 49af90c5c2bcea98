"""``keepclear verify``: the verdict on an export, by the keys that its reader trusts, without any node."""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from keepclear.core.errors import Refused, Unavailable, Untrusted
from keepclear.core.line.fault import Fault
from keepclear.core.line.verdict.finding import broken
from keepclear.core.line.verdict.verdict import Verdict, verdict
from keepclear.edge.cli.files import read_bytes
from keepclear.formats.line.exportfile import export_of
from keepclear.formats.line.faultfile import fault_of
from keepclear.formats.line.linejson import json_line
from keepclear.formats.line.trustfile import Trust, trust_of
from keepclear.formats.line.verdictfile import verdict_members, verdict_text


def verify(
    file: Annotated[Path, typer.Argument(help="The export: a file that keepclear record export wrote.")],
    trust: Annotated[
        Path,
        typer.Option(
            help="The keys that you trust, one a line: the root of each party (keepclear/PARTY/root+...), and "
            "witnesses. They must come from elsewhere than the export: in person, or over a line you trust."
        ),
    ],
    evidence: Annotated[
        Path | None,
        typer.Option(
            help="Evidence against a party of the line, in a file of its own: judged by the export's logs."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Verify an export: every signature, hash, order, receipt and answer, from trusted keys alone; needs no node.

    Ends with 0 when the export holds, with 3 when it does not or --evidence proves nothing, with 2 when something
    cannot be read or judged.

    Example: keepclear verify tanf.kce --trust keys.txt
    """
    trusted = trust_of(read_bytes(trust))
    accusations = () if evidence is None else (fault_of(read_bytes(evidence)),)
    found = _judged(file, trusted, accusations)
    if json:
        typer.echo(json_line(verdict_members(found)).decode())
    else:
        for line in verdict_text(found):
            typer.echo(line)
    if not found.holds:
        raise Untrusted("export.broken", f"export {file} does not hold; the verdict says why")
    if not found.proved:
        raise Untrusted("evidence.unproved", f"evidence {evidence} proves nothing; the verdict says why")


def _judged(path: Path, trusted: Trust, evidence: Sequence[Fault]) -> Verdict:
    with _mapped(path) as held:
        try:
            sealed = export_of(held)
        except Untrusted as error:
            return Verdict(holds=False, findings=(broken("file", error.message),))
        return verdict(sealed, roots=trusted.roots, witnesses=trusted.witnesses, evidence=evidence)


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    """A file as bytes that the system reads when they are asked for, so that none is too large to verify."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise Unavailable("file.unreadable", f"cannot read {path}: {error.strerror}") from error
    with file:
        try:
            held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise Refused(
                "export.unreadable", f"export {path} is not a file with anything in it: {error}"
            ) from None
        with held:
            yield held
