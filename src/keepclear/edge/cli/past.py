"""``keepclear record``: the record of a node, read and checked from its stored bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from keepclear.core.instant import instant_text
from keepclear.core.line.message import LineName, PartyWord
from keepclear.edge.cli.files import write_bytes
from keepclear.edge.cli.releasing import Everything, Reader, Released, ReleasedBy, ReleaseReason
from keepclear.edge.clock import real_now
from keepclear.edge.keys.identity import Identity
from keepclear.edge.lines.exporting import Release, exported
from keepclear.edge.opening import open_store
from keepclear.edge.store.store import Store
from keepclear.formats.wire import Members, json_bytes

NUMBER_MAX: Final = (1 << 53) - 1

app = typer.Typer(
    no_args_is_help=True, help="Read and check the record of a node (the node must be stopped)."
)

Data = Annotated[Path, typer.Argument(help="The node's data folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@contextmanager
def _store(data: Path) -> Iterator[Store]:
    store = open_store(data, party=None)
    try:
        yield store
    finally:
        store.close()


@app.command()
def verify(data: Data, json: Json = False) -> None:
    """Compute the record and every log of every line again from their bytes, and hold them against what was signed.

    Exits with 3 on a mismatch.

    Example: keepclear record verify keepclear-data
    """
    with _store(data) as store:
        head = store.self_check()
        record, *lines = store.origins()
        heads = {record: head} | {origin: store.log(origin).self_check() for origin in lines}
        if json:
            members: Members = {
                "verified": True,
                "size": head.size,
                "root": head.root.hex(),
                "logs": [
                    {"origin": origin, "size": each.size, "root": each.root.hex()}
                    for origin, each in heads.items()
                ],
            }
            typer.echo(json_bytes(members).decode())
            return
        typer.echo(f"verified: {head.size} entries, root {head.root.hex()}")
        for origin in lines:
            typer.echo(f"verified: {origin}: {heads[origin].size} entries, root {heads[origin].root.hex()}")


@app.command()
def export(
    data: Data,
    line: Annotated[str, typer.Argument(help="The line's name, such as tanf.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to be written.")],
    reader: Reader = "",
    release: Released = [],  # noqa: B006 - typer reads the default and gives a new list to each run
    everything: Everything = False,
    by: ReleasedBy = "",
    reason: ReleaseReason = "",
) -> None:
    """Write a whole line as one sealed file, which keepclear verify judges without any node.

    It opens what its reader was given before, and what you release; who had it, and why, is recorded. All else is
    closed in it, which is no fault. Of a node that is running: keepclear line export.

    Example: keepclear record export keepclear-data tanf -o tanf.kce
    """
    with _store(data) as store:
        party = store.origins()[0].split("/")[1]
        identity = Identity(data / "keys", party)
        releases = Release(parts=tuple(release), everything=everything, by=by, reason=reason)
        to = PartyWord(reader) if reader else None
        made = exported(store, identity, LineName(line), at=real_now(), to=to, release=releases)
        store.commit(entries=[made.entry], lines=made.lines)
        write_bytes(output, made.raw)
    typer.echo(f"written: {output}; verify it with: keepclear verify {output} --trust KEYS")


@app.command()
def show(
    data: Data,
    start: Annotated[int, typer.Option(help="The number of the first entry.", min=0, max=NUMBER_MAX)] = 0,
    limit: Annotated[int, typer.Option(help="At most so many entries.", min=1, max=1000)] = 100,
    json: Json = False,
) -> None:
    """Print entries of the record, oldest first.

    Example: keepclear record show keepclear-data --start 0 --limit 20
    """
    with _store(data) as store:
        for stored in store.entries(start=start, limit=limit):
            entry = stored.entry
            if json:
                typer.echo(stored.leaf.decode())
            else:
                what = f"#{entry.index} {instant_text(entry.at)} {entry.kind}"
                typer.echo(f"{what} {stored.hash.hex()[:16]} {entry.body.decode()}")


@app.command()
def prove(data: Data, index: Annotated[int, typer.Argument(help="The number of the entry.")]) -> None:
    """Print the inclusion proof of one entry (RFC 6962) and the signed checkpoint that it leads to, as JSON.

    Example: keepclear record prove keepclear-data 17
    """
    with _store(data) as store:
        proof = store.inclusion(index)
        typer.echo(
            json_bytes(
                {
                    "index": proof.index,
                    "size": proof.size,
                    "root": proof.root.hex(),
                    "leaf": proof.leaf.hex(),
                    "path": [each.hex() for each in proof.path],
                    "checkpoint": store.checkpoint(),
                }
            ).decode()
        )
