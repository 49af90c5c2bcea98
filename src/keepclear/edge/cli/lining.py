"""``keepclear line``: what a running node knows of its lines, and what is done about a line as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keepclear.edge.cli import carrying, pairing, speaking, ways
from keepclear.edge.cli.files import write_bytes
from keepclear.edge.cli.lineanswers import (
    LineShown,
    MessageShown,
    line_text,
    message_lines,
    print_line,
    print_message,
    whole_hash,
)
from keepclear.edge.cli.nodeclient import (
    DEFAULT_NODE,
    AsJson,
    Node,
    NodeClient,
    Token,
    client_of,
    read_all_as,
)
from keepclear.edge.cli.releasing import Everything, Reader, Released, ReleasedBy, ReleaseReason
from keepclear.formats.wire import Value

LineArgument = Annotated[str, typer.Argument(help="The line's name, such as tanf.", metavar="LINE")]

app = typer.Typer(
    no_args_is_help=True,
    help="Speak with another party over a running node: pair, send, acknowledge, carry by hand, export.",
)
app.command()(pairing.card)
app.command()(pairing.words)
app.command()(pairing.agree)
app.command(name="open")(pairing.open_line)
app.command()(ways.ways)
app.add_typer(pairing.officers, name="officers")
app.command()(pairing.epoch)
app.command()(pairing.statement)
app.command()(speaking.say)
app.command()(speaking.ack)
app.command()(speaking.stop)
app.add_typer(speaking.voice, name="voice")
app.command()(speaking.compare)
app.command()(carrying.bundle)
app.command()(carrying.take)
app.command()(carrying.paper)
app.command()(carrying.scan)
app.command()(carrying.pages)
app.command()(carrying.form)


@app.command(name="list")
def list_lines(json: AsJson = False, node: Node = DEFAULT_NODE, token: Token = "") -> None:
    """List the lines, each with how it stands and what waits for a person.

    Example: keepclear line list
    """
    answer = client_of(node, token).get("lines")
    if json:
        typer.echo(answer.decode())
        return
    lines = read_all_as(answer, LineShown)
    for each in lines:
        typer.echo(line_text(each))
    if not lines:
        typer.echo("This node has no line yet. Hand over your card, and take theirs: keepclear line card")


@app.command()
def show(line: LineArgument, json: AsJson = False, node: Node = DEFAULT_NODE, token: Token = "") -> None:
    """Show one line: how it stands, its ways, the officers of both sides, its faults.

    Example: keepclear line show tanf
    """
    print_line(client_of(node, token).get("lines", line), json=json)


@app.command()
def thread(
    line: LineArgument,
    limit: Annotated[int, typer.Option(help="At most so many messages, the newest.", min=1, max=500)] = 50,
    before: Annotated[
        str, typer.Option(help="Further back: what came before this message.", metavar="HASH")
    ] = "",
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Print the newest messages of both sides with all their states, in the order in which they came here.

    Example: keepclear line thread tanf --limit 10
    """
    client = client_of(node, token)
    if before:
        cut = whole_hash(client, line, before)
        _print_messages(client.get("lines", line, "messages", limit=limit, before=cut), json=json)
    else:
        _print_messages(client.get("lines", line, "messages", limit=limit), json=json)


@app.command()
def waiting(line: LineArgument, json: AsJson = False, node: Node = DEFAULT_NODE, token: Token = "") -> None:
    """Print every message on which a person must act, however long ago it came: missing receipts, then unread ones.

    Example: keepclear line waiting tanf
    """
    _print_messages(client_of(node, token).get("lines", line, "waiting"), json=json)


@app.command()
def check(line: LineArgument, json: AsJson = False, node: Node = DEFAULT_NODE, token: Token = "") -> None:
    """Say a comms check now, in the name of the node.

    Example: keepclear line check tanf
    """
    print_message(client_of(node, token).post("lines", line, "check"), json=json)


@app.command()
def holders(
    line: LineArgument,
    message: Annotated[str, typer.Argument(help="The message: how its hash begins.", metavar="HASH")],
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Say who was given each part of a message, since when and by which way; as JSON.

    Example: keepclear line holders tanf 1f0c99a2
    """
    client = client_of(node, token)
    answer = client.get("lines", line, "messages", whole_hash(client, line, message), "holders")
    typer.echo(answer.decode())


@app.command()
def export(
    line: LineArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to be written.")],
    reader: Reader = "",
    release: Released = [],  # noqa: B006 - typer reads the default and gives a new list to each run
    everything: Everything = False,
    by: ReleasedBy = "",
    reason: ReleaseReason = "",
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Write the whole line as one sealed file, which keepclear verify judges without any node.

    It opens what its reader was given before, and what you release; who had it, and why, is recorded. All else is
    closed in it, which is no fault. Of a node that is stopped: keepclear record export.

    Example: keepclear line export tanf -o tanf.kce

    Example: keepclear line export tanf -o tanf.kce --for un --release 1f0c99a2:places --by "L. Marek" --reason "Asked"
    """
    form: dict[str, Value] = {
        "to": reader,
        "release": list(release),
        "everything": everything,
        "by": by,
        "reason": reason,
    }
    write_bytes(output, client_of(node, token).post("lines", line, "export", form=form))
    typer.echo(f"written: {output}; verify it with: keepclear verify {output} --trust KEYS")


@app.command(name="withdraw-consent")
def withdraw_consent(
    line: LineArgument,
    message: Annotated[str, typer.Argument(help="The message: how its hash begins.", metavar="HASH")],
    part: Annotated[str, typer.Argument(help="The part: places, text, contact...")],
    by: Annotated[str, typer.Option(help="The officer who decides it, by the name in the line's keys.")],
    reason: Annotated[str, typer.Option(help="Why: who asked for it, and how.")],
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Withdraw consent for a part: nothing more of it leaves by any way; says who has it, and what to tell them.

    The answer is JSON. No notice is sent by itself: each stands ready under "notices".

    Example: keepclear line withdraw-consent tanf 1f0c99a2 places --by "L. Marek" --reason "The clinic asked for it"
    """
    client = client_of(node, token)
    whole = whole_hash(client, line, message)
    form: dict[str, Value] = {"by": by, "reason": reason}
    answer = client.post("lines", line, "messages", whole, "parts", part, "withdrawal", form=form)
    typer.echo(answer.decode())


@app.command()
def cut(line: LineArgument, node: Node = DEFAULT_NODE, token: Token = "") -> None:
    """Hold the link of a line cut, for an exercise; folders, files, paper and voice go on.

    Example: keepclear line cut tanf
    """
    _hold_cut(client_of(node, token), line, cut=True)


@app.command()
def restore(line: LineArgument, node: Node = DEFAULT_NODE, token: Token = "") -> None:
    """Let a link go that was held cut.

    Example: keepclear line restore tanf
    """
    _hold_cut(client_of(node, token), line, cut=False)


def _print_messages(answer: bytes, *, json: bool) -> None:
    if json:
        typer.echo(answer.decode())
        return
    for message in read_all_as(answer, MessageShown):
        for each in message_lines(message):
            typer.echo(each)


def _hold_cut(client: NodeClient, line: str, *, cut: bool) -> None:
    print_line(client.post("lines", line, "cut", form={"cut": cut}))
