"""``keepclear root``: a party's root on a machine of its own, where it signs what it was asked to and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keepclear.core.errors import Refused
from keepclear.core.trust.note import verifier_key_of
from keepclear.edge.cli.files import read_bytes, write_bytes
from keepclear.edge.cli.nodeclient import printable
from keepclear.edge.keys.identity import Identity
from keepclear.edge.keys.statements import answered
from keepclear.formats.line.rootrequest import asked_in, words_for

app = typer.Typer(
    no_args_is_help=True,
    help="Keep a party's root on a machine of its own, and sign there what a node asks for.",
)

Folder = Annotated[Path, typer.Argument(help="The folder of the root: of this machine alone, or of a stick.")]
Locked = Annotated[bool, typer.Option("--locked/--open", help="Whether a passphrase locks the root.")]
RequestFile = Annotated[Path, typer.Argument(help="What a node's command wrote with --request.")]


@app.command()
def make(
    folder: Folder,
    party: Annotated[str, typer.Option(help="The party: a-z, 0-9, dot and hyphen.")],
    locked: Locked = True,
) -> None:
    """Make a party's root, once and for all: root.pem, which never leaves, and root.pub, which the node is given.

    Example: keepclear root make /media/vault --party a
    """
    if (folder / "root.pem").exists() or (folder / "root.pub").exists():
        raise Refused(
            "keys.other-root", f"folder {folder} has a root already, which never changes; name another"
        )
    passphrase = None
    if locked:
        passphrase = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True)
    root = Identity(folder, party).root_key(passphrase=passphrase)
    typer.echo(root.key.text())
    typer.echo(
        f"written: {folder / 'root.pem'} and root.pub; on the node: keepclear root bring DATA root.pub"
    )


@app.command()
def bring(
    data: Annotated[Path, typer.Argument(help="The node's data folder; the node must be stopped.")],
    file: Annotated[Path, typer.Argument(help="The file root.pub of the party.")],
) -> None:
    """Tell a node which root its party has; before it has given out a card, for a root never changes.

    Example: keepclear root bring keepclear-data root.pub
    """
    try:
        root = verifier_key_of(read_bytes(file).decode("ascii").strip())
    except UnicodeDecodeError:
        raise Refused("keys.unreadable", f"{file} is no root.pub, which is one line of text") from None
    party = root.name.removeprefix("keepclear/").removesuffix("/root")
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    Identity(data / "keys", party).take_root(root)
    typer.echo(f"{data}: the root of {party} is {root.text()}")


@app.command()
def show(request: RequestFile) -> None:
    """Say in words what a request asks the root to sign; nothing is signed.

    Example: keepclear root show open.request
    """
    for each in words_for(asked_in(read_bytes(request))):
        typer.echo(printable(each))


@app.command()
def sign(
    request: RequestFile,
    folder: Folder,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file of the answer.")],
    locked: Locked = True,
    yes: Annotated[
        bool, typer.Option("--yes", help="Sign without asking: somebody has read it already.")
    ] = False,
) -> None:
    """Show in words what a request asks, and sign it with the root once a person has said yes.

    Example: keepclear root sign open.request /media/vault -o open.signed
    """
    raw = read_bytes(request)
    asked = asked_in(raw)
    for each in words_for(asked):
        typer.echo(printable(each))
    if not yes and not typer.confirm("Does the root sign this?", err=True):
        raise Refused("root.declined", f"nothing was signed; {request} stays as it is")
    identity = Identity(folder, asked.party)
    # Asked for first: where there is no root, none is to be made in passing.
    _ = identity.root_public
    passphrase = typer.prompt("Passphrase", hide_input=True, err=True) if locked else None
    write_bytes(output, answered(raw, identity.root_key(passphrase=passphrase)))
    typer.echo(f"written: {output}; it goes back to the node")
