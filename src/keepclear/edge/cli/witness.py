"""``keepclear witness``: the key with which a node cosigns others' heads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keepclear.edge.config import WITNESS_ALGORITHMS, config_from
from keepclear.edge.lines.witness import witness_cosigner

app = typer.Typer(no_args_is_help=True, help="Be a witness: cosign the heads of other parties' logs.")


@app.callback()
def _group() -> None:
    pass


@app.command()
def key(settings: Annotated[Path, typer.Argument(help="The node's settings, a TOML file.")]) -> None:
    """Print the key with which this node witnesses, for those who open a line with it and for trust files.

    It is made at the first use. The node may be running.

    Example: keepclear witness key settings.toml
    """
    config = config_from(settings)
    algorithm = WITNESS_ALGORITHMS[config.witness.algorithm]
    cosigner = witness_cosigner(Path(config.data) / "keys", config.party.lower(), algorithm)
    typer.echo(cosigner.key.text())
