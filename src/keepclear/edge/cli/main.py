"""The command line: parse, call, print. The exit codes of errors are known here alone.

0 done; 1 the world did not provide something; 2 what was asked is not acceptable; 3 a proof does not hold; 130
interrupted.
"""

from __future__ import annotations

import sys

import typer

from keepclear import __version__
from keepclear.core.errors import KeepclearError, Refused, Untrusted
from keepclear.edge.cli import (
    demo,
    doctor,
    forming,
    lining,
    measure,
    noticing,
    past,
    rooting,
    serving,
    verifying,
    watching,
    witness,
    zoning,
)

EXIT_UNAVAILABLE = 1
EXIT_REFUSED = 2
EXIT_UNTRUSTED = 3

app = typer.Typer(
    name="keepclear",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Keepclear: watches declared zones against live tracks, and keeps a record that no one can quietly alter.",
    epilog="Start with: keepclear demo",
)
app.command()(demo.demo)
app.command()(serving.serve)
app.command()(serving.replay)
app.command()(watching.watch)
app.add_typer(zoning.app, name="zones")
app.add_typer(lining.app, name="line")
noticing.app.command()(forming.template)
noticing.app.command()(forming.read)
app.add_typer(noticing.app, name="notice")
app.add_typer(rooting.app, name="root")
app.add_typer(witness.app, name="witness")
app.add_typer(past.app, name="record")
app.command()(verifying.verify)
app.command()(measure.bench)
app.command()(doctor.doctor)


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        typer.echo(f"keepclear {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; what goes wrong is said in one line, with what to do about it."""
    try:
        app()
    except KeepclearError as error:
        sys.stderr.write(f"keepclear: {error.message} [{error.code}]\n")
        sys.exit(_exit_code(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _exit_code(error: KeepclearError) -> int:
    match error:
        case Refused():
            return EXIT_REFUSED
        case Untrusted():
            return EXIT_UNTRUSTED
        case _:
            return EXIT_UNAVAILABLE
