"""``keepclear line bundle``, ``take``, ``paper``, ``scan``, ``form``: a line carried by hand where no link does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from keepclear.core.errors import Refused
from keepclear.core.line.voice.readback import Language
from keepclear.edge.cli.files import read_bytes, write_bytes
from keepclear.edge.cli.lineanswers import LineShown, line_text, whole_hash
from keepclear.edge.cli.nodeclient import (
    DEFAULT_NODE,
    Node,
    Token,
    client_of,
    printable,
    read_all_as,
    read_as,
)

PICTURES: Final = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*")
"""How the files of pictures begin; anything else is read as text."""

LineArgument = Annotated[str, typer.Argument(help="The line's name, such as tanf.", metavar="LINE")]
Output = Annotated[Path, typer.Option("--output", "-o", help="The file to be written.")]


def bundle(line: LineArgument, output: Output, node: Node = DEFAULT_NODE, token: Token = "") -> None:
    """Write what the other side needs next as a file, for a stick or the mail; it may be taken any number of times.

    Example: keepclear line bundle tanf -o tanf.kcb
    """
    write_bytes(output, client_of(node, token).get("lines", line, "bundle"))
    typer.echo(f"written: {output}; there it is taken with: keepclear line take {line} {output.name}")


def take(
    line: LineArgument,
    file: Annotated[Path, typer.Argument(help="A bundle that was brought.")],
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Take a bundle that came as a file; what is in it already is passed over.

    Example: keepclear line take tanf tanf_b_to_a_17.kcb
    """
    answer = client_of(node, token).post("lines", line, "bundle", raw=read_bytes(file))
    typer.echo(line_text(read_as(answer, LineShown)))


def paper(line: LineArgument, node: Node = DEFAULT_NODE, token: Token = "") -> None:
    """Print what the other side needs next as lines that can be printed, typed, or sent as text.

    Example: keepclear line paper tanf > to-be-printed.txt
    """
    shown = read_as(client_of(node, token).get("lines", line, "paper"), _Paper)
    for each in shown.lines:
        typer.echo(each)


def scan(
    line: LineArgument,
    file: Annotated[
        Path,
        typer.Argument(
            help="Typed lines, or a picture of a printed page; - reads lines from standard input."
        ),
    ],
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Take printed lines, in any order and over several calls, until none is missing.

    Example: keepclear line scan tanf page-1.jpg
    """
    raw = sys.stdin.buffer.read() if str(file) == "-" else read_bytes(file)
    client = client_of(node, token)
    if raw.startswith(PICTURES):
        answer = client.post("lines", line, "picture", raw=raw)
    else:
        answer = client.post("lines", line, "paper", form={"text": raw.decode("utf-8", "replace")})
    scanned = read_as(answer, _Scanned)
    for each in scanned.wrong:
        typer.echo(f"not taken: {printable(each)}", err=True)
    if not scanned.added:
        raise Refused(
            "paper.nothing", f"no printed line of {file} was taken; scan or type it again, a line at a time"
        )
    for each in scanned.taken:
        typer.echo(f"all lines are there, and the bundle is taken on line {each}")
    _print_begun(scanned.begun)


def pages(
    drop: Annotated[
        str | None, typer.Option(help="Lay this begun bundle aside, by its id as printed after KC1:.")
    ] = None,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """List the printed bundles of which some lines are here: which, and which are missing. A restart forgets them.

    Example: keepclear line pages --drop WPKRHL3S
    """
    client = client_of(node, token)
    answer = client.get("paper") if drop is None else client.post("paper", drop, "drop")
    begun = read_all_as(answer, _Begun)
    _print_begun(begun)
    if not begun:
        typer.echo("no printed bundle is begun")


def form(
    line: LineArgument,
    message: Annotated[str, typer.Argument(help="The message: how its hash begins.", metavar="HASH")],
    output: Output,
    language: Annotated[Language, typer.Option(help="The language of the form.")] = Language.EN,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Write a message as a page to be printed, with the codes that bring it to the other node.

    Example: keepclear line form tanf 1f0c99a2 --language ru -o notice.html
    """
    client = client_of(node, token)
    whole = whole_hash(client, line, message)
    write_bytes(output, client.get("lines", line, "messages", whole, "form", language=language.value))
    typer.echo(f"written: {output}; open it in a browser and print it")


class _Paper(msgspec.Struct):
    lines: list[str]


class _Begun(msgspec.Struct):
    id: str
    here: list[int]
    missing: list[int]


class _Scanned(msgspec.Struct):
    taken: list[str]
    wrong: list[str]
    added: bool
    begun: list[_Begun]


def _print_begun(begun: list[_Begun]) -> None:
    for each in begun:
        here, missing = (", ".join(map(str, numbers)) for numbers in (each.here, each.missing))
        typer.echo(f"bundle {each.id}: lines here: {here}; still missing: {missing}")
