"""``keepclear line ways``: by what a line goes, shown and set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from keepclear.core.errors import Refused
from keepclear.edge.cli.nodeclient import DEFAULT_NODE, Node, Token, client_of, printable, read_as
from keepclear.edge.cli.pairing import LineArgument, card_text
from keepclear.formats.wire import Value


def ways(
    line: LineArgument,
    by: Annotated[str, typer.Option(help="Who sets the ways; needed to set any.")] = "",
    url: Annotated[
        str | None, typer.Option(help="Where the other's link is, https://HOST:PORT; '' for none.")
    ] = None,
    folder: Annotated[
        str | None, typer.Option(help="A folder for files, such as of a stick; '' for none.")
    ] = None,
    phone: Annotated[
        list[str] | None, typer.Option(help="A telephone number of the other's, in the place of those known.")
    ] = None,
    card: Annotated[
        Path | None, typer.Option(help="A newer card of the other party: its certificate, link and numbers.")
    ] = None,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Show by what a line goes, or set it: all that is given or nothing. Who set what, and when, enters the record.

    Example: keepclear line ways tanf

    Example: keepclear line ways tanf --by "L. Marek" --folder /media/stick --url https://b.example:8471
    """
    form: dict[str, Value] = {}
    if url is not None:
        form["url"] = url
    if folder is not None:
        form["folder"] = folder
    if phone is not None:
        form["phones"] = list(phone)
    if card is not None:
        form["card"] = card_text(card)
    client = client_of(node, token)
    if not form:
        shown = client.get("lines", line, "ways")
    elif not by:
        raise Refused("line.by", "nobody is named who sets the ways; say who with --by NAME")
    else:
        shown = client.post("lines", line, "ways", form=form | {"by": by})
    _print(read_as(shown, _WaysShown))


class _WaysShown(msgspec.Struct):
    url: str
    certificate: str | None
    folder: str
    phones: list[str]
    card_at: str | None


def _print(shown: _WaysShown) -> None:
    typer.echo(f"link: {printable(shown.url) or 'none'}, known by its key {shown.certificate or '(none)'}")
    typer.echo(f"folder: {printable(shown.folder) or 'none'}")
    typer.echo(f"telephone: {', '.join(map(printable, shown.phones)) or 'none'}")
    typer.echo(f"their card in use was made at {shown.card_at or '(no card)'}")
