"""``keepclear line card``, ``words``, ``agree``, ``open``, ``officers``: how two parties come to a line.

Where the party's root is kept on another machine, ``--request`` writes what that root is to sign, and ``statement`` or
``card --signed`` takes the answer of ``keepclear root sign``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from keepclear.core.errors import Refused
from keepclear.core.line.voice.readback import Language
from keepclear.core.record.witness import Quorum
from keepclear.edge.cli.files import read_bytes, write_bytes
from keepclear.edge.cli.lineanswers import print_line
from keepclear.edge.cli.nodeclient import DEFAULT_NODE, Node, NodeClient, Token, client_of, printable, read_as
from keepclear.formats.wire import Value

LineArgument = Annotated[str, typer.Argument(help="The line's name, such as tanf.", metavar="LINE")]
CardArgument = Annotated[Path, typer.Argument(help="The other party's card.", metavar="CARD")]
Posts = Annotated[
    list[str],
    typer.Option(
        "--officer", help="Who may sign: 'NAME; POST', or 'NAME; POST; not empowered' to answer a STOP."
    ),
]
Request = Annotated[
    Path | None, typer.Option(help="Write what the root is to sign on its own machine, and do nothing else.")
]
RootLocked = Annotated[bool, typer.Option("--root-locked", help="Ask for the passphrase of the root.")]

officers = typer.Typer(no_args_is_help=True, help="Add and revoke those who sign on a line.")


def card(
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to be written.")] = None,
    request: Request = None,
    signed: Annotated[Path | None, typer.Option(help="Keep the card that the root has signed.")] = None,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Write this party's card, which the other party is given: in person, or by any way and then the words compared.

    Example: keepclear line card -o a.card

    Example: keepclear line card --request card.request
    """
    client = client_of(node, token)
    if request is not None:
        _write_request(request, client.get("card", "request"))
        return
    if signed is not None:
        client.post("card", raw=read_bytes(signed))
    raw = client.get("card")
    if output is None:
        typer.echo(raw.decode())
    else:
        write_bytes(output, raw)
        typer.echo(f"written: {output}; hand it over, and take theirs")


def words(
    line: LineArgument,
    card: CardArgument,
    language: Annotated[Language | None, typer.Option(help="One language; all when left out.")] = None,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Show the words that both nodes must show for a line with the party of a card.

    Example: keepclear line words tanf b.card --language ru
    """
    form: dict[str, Value] = {"line": line, "card": card_text(card)}
    found = read_as(client_of(node, token).post("card", "words", form=form), _Pairing)
    names = ", ".join(f"{printable(name)} ({tag})" for tag, name in sorted(found.names.items()))
    typer.echo(f"{found.party}: {names}")
    for each in Language if language is None else [language]:
        typer.echo(f"{each.value}: {' '.join(found.words[each.value])}")


def agree(
    line: LineArgument,
    card: CardArgument,
    words: Annotated[str, typer.Option(help="The words as the other party's officer reads them out.")],
    words_in: Annotated[Language, typer.Option(help="In which language the words are.")] = Language.EN,
    url: Annotated[str | None, typer.Option(help="Where their link is, if not as in the card.")] = None,
    folder: Annotated[
        str, typer.Option(help="A folder for files, such as of a stick, in a place that the settings name.")
    ] = "",
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Make a line with the party of a card, once the words that its officer read out are those shown here.

    Example: keepclear line agree tanf b.card --words "acorn ..." --folder /media/stick
    """
    form: dict[str, Value] = {
        "line": line,
        "card": card_text(card),
        "words": words,
        "words_in": words_in.value,
        "url": url,
        "folder": folder,
    }
    print_line(client_of(node, token).post("lines", form=form))
    typer.echo(f'next: keepclear line open {line} --officer "NAME; POST"')


def open_line(
    line: LineArgument,
    officer: Posts,
    witness: Annotated[
        list[str],
        typer.Option(help="Who must cosign our heads, and where: 'KEY@https://HOST'; may be repeated."),
    ] = [],  # noqa: B006 - typer reads the default and gives a new list to each run
    needed: Annotated[Quorum, typer.Option(help="How many of the witnesses must cosign.")] = Quorum.ALL,
    request: Request = None,
    root_locked: RootLocked = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Open our log of a line: our keys, and the officers who may sign. Name at least two who may answer a STOP.

    Example: keepclear line open tanf --officer "L. Marek; duty officer" --officer "A. Roy; deputy"
    """
    form: dict[str, Value] = {
        "adds": [_post(each) for each in officer],
        "witnesses": [_witness(each) for each in witness],
        "needed": needed.value,
    }
    _change(client_of(node, token), line, "open", form, request=request, root_locked=root_locked)


@officers.command()
def add(
    line: LineArgument,
    officer: Posts,
    request: Request = None,
    root_locked: RootLocked = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Give officers a key on a line; it holds from the next entry on.

    Example: keepclear line officers add tanf --officer "K. Osei; watch officer"
    """
    form: dict[str, Value] = {"adds": [_post(each) for each in officer]}
    _change(client_of(node, token), line, "keys", form, request=request, root_locked=root_locked)


@officers.command()
def revoke(
    line: LineArgument,
    key: Annotated[
        list[str], typer.Argument(help="The ids of the keys, as keepclear line show prints them.")
    ],
    request: Request = None,
    root_locked: RootLocked = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Revoke keys: nothing that they sign holds any more. It cannot be taken back.

    Example: keepclear line officers revoke tanf 4f1d06ce2f1aa5b0c9de5f77a3e0b142
    """
    form: dict[str, Value] = {"revokes": list(key)}
    _change(client_of(node, token), line, "keys", form, request=request, root_locked=root_locked)


def epoch(
    line: LineArgument,
    request: Request = None,
    root_locked: RootLocked = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Open the next epoch of our log: only when entries that we signed cannot be had back from the other side.

    Example: keepclear line epoch tanf
    """
    _change(client_of(node, token), line, "epoch", {}, request=request, root_locked=root_locked)


def statement(
    line: LineArgument,
    file: Annotated[Path, typer.Argument(help="What keepclear root sign wrote.")],
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Take a key statement that the root has signed on its own machine, and say it on the line.

    Example: keepclear line statement tanf open.signed
    """
    print_line(client_of(node, token).post("lines", line, "statement", raw=read_bytes(file)))


class _Pairing(msgspec.Struct):
    party: str
    names: dict[str, str]
    words: dict[str, list[str]]


def _change(
    client: NodeClient,
    line: str,
    what: str,
    form: dict[str, Value],
    *,
    request: Path | None,
    root_locked: bool,
) -> None:
    if request is not None:
        _write_request(request, client.post("lines", line, what, "request", form=form))
        typer.echo(f"and then: keepclear line statement {line} {request.with_suffix('.signed')}")
        return
    passphrase = typer.prompt("Passphrase of the root", hide_input=True, err=True) if root_locked else None
    print_line(client.post("lines", line, what, form=form | {"root_passphrase": passphrase}))


def _write_request(path: Path, raw: bytes) -> None:
    write_bytes(path, raw)
    signed = path.with_suffix(".signed")
    typer.echo(f"written: {path}; where the root is: keepclear root sign {path.name} FOLDER -o {signed.name}")


def card_text(path: Path) -> str:
    """The text of a card's file. Raises Refused("card.type") for a file that is no text."""
    try:
        return read_bytes(path).decode("ascii")
    except UnicodeDecodeError:
        raise Refused(
            "card.type", f"{path} is no card; ask the other party for the file of its card"
        ) from None


def _witness(text: str) -> Value:
    key, parted, url = text.partition("@")
    if not parted or not key.strip() or not url.strip():
        raise Refused(
            "line.witness",
            f"witness is {text!r}, must be KEY@URL, as the witness prints its key when it starts",
        )
    return {"key": key.strip(), "url": url.strip()}


def _post(text: str) -> Value:
    parts = [each.strip() for each in text.split(";")]
    power = parts[2:] or ["empowered"]
    if len(parts) not in (2, 3) or power[0] not in ("empowered", "not empowered") or not all(parts):
        raise Refused(
            "line.officer", f"officer is {text!r}, must be 'NAME; POST' or 'NAME; POST; not empowered'"
        )
    return {"name": parts[0], "post": parts[1], "empowered": power[0] == "empowered"}
