"""``keepclear record``: the record of a node, read and checked from its stored bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from keepclear.core.instant import instant_text
from keepclear.edge.opening import open_store
from keepclear.edge.store import Store
from keepclear.formats.wire import json_bytes

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
    """Compute the whole record again from its bytes and hold it against what was signed. Exits with 3 on a mismatch.

    Example: keepclear record verify keepclear-data
    """
    with _store(data) as store:
        head = store.self_check()
        if json:
            typer.echo(json_bytes({"verified": True, "size": head.size, "root": head.root.hex()}).decode())
        else:
            typer.echo(f"verified: {head.size} entries, root {head.root.hex()}")


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
