"""``keepclear notice``: what parties say that they will do, given, followed and held against one another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from keepclear.core.errors import Refused
from keepclear.core.line.message import Flag, Precedence
from keepclear.core.line.plot.place import place_members
from keepclear.core.notice.event import Report
from keepclear.core.notice.lifecycle import Stage
from keepclear.core.notice.notice import NoticeKind
from keepclear.core.notice.precision import Precision
from keepclear.edge.api.partviews import value_of
from keepclear.edge.cli.files import read_bytes
from keepclear.edge.cli.lineanswers import print_message
from keepclear.edge.cli.nodeclient import (
    DEFAULT_NODE,
    AsJson,
    Node,
    Token,
    client_of,
    read_all_as,
    read_as,
)
from keepclear.edge.cli.noticeanswers import (
    ConflictShown,
    LookShown,
    NoticeShown,
    PreviewShown,
    ProposalShown,
    WholeNoticeShown,
    conflict_lines,
    conflict_named,
    look_text,
    notice_lines,
    notice_named,
    notice_text,
    preview_lines,
    proposal_text,
)
from keepclear.formats.notice.noticefile import notice_file_of
from keepclear.formats.wire import Value

LineArgument = Annotated[str, typer.Argument(help="The line's name, such as tanf.", metavar="LINE")]
NoticeArgument = Annotated[
    str, typer.Argument(help="The notice: its designation, or how its id begins.", metavar="NOTICE")
]
FileArgument = Annotated[
    Path, typer.Argument(help='JSON with the members "notice" and "places", as docs/notices.md has them.')
]
By = Annotated[str, typer.Option(help="The officer who signs, by the name in the line's keys.")]
Locked = Annotated[bool, typer.Option("--locked", help="Ask for the passphrase of the officer's key.")]
Words = Annotated[str, typer.Option(help="What is said with it, in words.")]
Tag = Annotated[str, typer.Option(help="The language of the text, such as en, ru, ar or fr.")]
Meant = Annotated[Flag, typer.Option(help="Whether it is real, of an exercise, or a test.")]
Urgency = Annotated[Precedence, typer.Option(help="How urgent it is.")]
Exactly = Annotated[Precision, typer.Option(help="How exactly the other party may know the place of a site.")]
KeptUntil = Annotated[
    str | None, typer.Option(help="Until when both sides keep its contents: ISO 8601 with a zone.")
]

Reason = Annotated[str, typer.Option(help="Of a site: why its place is seen or told; it is recorded.")]

app = typer.Typer(
    no_args_is_help=True,
    help="Say over a running node what you will do and where; see what others will, and what conflicts.",
)


@app.command(name="list")
def list_notices(
    stage: Annotated[Stage | None, typer.Option(help="Only those in this stage.")] = None,
    kind: Annotated[NoticeKind | None, typer.Option(help="Only those of this kind.")] = None,
    by: Annotated[str, typer.Option(help="Only those of this party.")] = "",
    over: Annotated[bool, typer.Option("--over", help="Those too that are over.")] = False,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """List the notices, each with its stage, its window, and how many conflicts it has.

    Example: keepclear notice list --kind site --stage stale
    """
    query: dict[str, str | int] = {"by": by, "over": "true" if over else "false"}
    query |= {} if stage is None else {"stage": stage.value}
    query |= {} if kind is None else {"kind": kind.value}
    answer = client_of(node, token).get("notices", **query)
    if json:
        typer.echo(answer.decode())
        return
    notices = read_all_as(answer, NoticeShown)
    for each in notices:
        typer.echo(notice_text(each))
    if not notices:
        typer.echo("No such notice is known here. One is given with: keepclear notice give LINE FILE")


@app.command()
def show(
    notice: NoticeArgument,
    by: Annotated[str, typer.Option(help="Of a site: who looks, by name and post.")] = "",
    reason: Reason = "",
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Show one notice: its places in MGRS, degrees and decimals, its versions, its conflicts.

    Where a protected site is, is shown to who says so and why; both are recorded.

    Example: keepclear notice show 2018-9/2

    Example: keepclear notice show SITE-1 --by "M. Haddad, watch officer" --reason "Convoy passes at 1400"
    """
    client = client_of(node, token)
    name = notice_named(client, notice)
    looks: dict[str, Value] = {"by": by, "reason": reason}
    answer = (
        client.post("notices", name, "looks", form=looks) if by or reason else client.get("notices", name)
    )
    if json:
        typer.echo(answer.decode())
        return
    for each in notice_lines(read_as(answer, WholeNoticeShown)):
        typer.echo(each)


@app.command()
def looks(notice: NoticeArgument, json: AsJson = False, node: Node = DEFAULT_NODE, token: Token = "") -> None:
    """Say who looked at where a site is, or told another party, when and why.

    Example: keepclear notice looks SITE-1
    """
    client = client_of(node, token)
    answer = client.get("notices", notice_named(client, notice), "looks")
    if json:
        typer.echo(answer.decode())
        return
    found = read_all_as(answer, LookShown)
    for each in found:
        typer.echo(look_text(each))
    if not found:
        typer.echo("Nobody has, at this node.")


@app.command()
def preview(
    line: LineArgument,
    file: FileArgument,
    precision: Exactly = Precision.EXACT,
    flag: Meant = Flag.REAL,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Show what a notice would conflict with, and exactly what the other party would see. Nothing is said.

    Example: keepclear notice preview tanf strikes.json
    """
    form = _form(file) | {"by": "preview", "precision": precision.value, "flag": flag.value}
    answer = client_of(node, token).post("lines", line, "notices", "preview", form=form)
    if json:
        typer.echo(answer.decode())
        return
    for each in preview_lines(read_as(answer, PreviewShown)):
        typer.echo(each)


@app.command()
def propose(
    line: LineArgument,
    file: FileArgument,
    flag: Meant = Flag.REAL,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Seek the least shift in time, in height and in place by which a notice conflicts with nothing. You choose.

    With --json each has the notice that it would make, to be saved as a file and given.

    Example: keepclear notice propose tanf strikes.json
    """
    form = _form(file) | {"by": "propose", "flag": flag.value}
    answer = client_of(node, token).post("lines", line, "notices", "proposals", form=form)
    if json:
        typer.echo(answer.decode())
        return
    found = read_all_as(answer, ProposalShown)
    for each in found:
        typer.echo(proposal_text(each))
    if not found:
        typer.echo(
            "Nothing is proposed: it conflicts with nothing that is known here, or no shift clears it."
        )


@app.command()
def give(
    line: LineArgument,
    file: FileArgument,
    by: By,
    text: Words = "",
    precision: Exactly = Precision.EXACT,
    flag: Meant = Flag.REAL,
    precedence: Urgency = Precedence.PRIORITY,
    language: Tag = "en",
    keep_until: KeptUntil = None,
    reason: Reason = "",
    locked: Locked = False,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Give a notice on a line. See it first as the other party will: keepclear notice preview.

    Example: keepclear notice give tanf strikes.json --by "I. Volkov" --precedence immediate

    Example: keepclear notice give tanf clinic.json --by "L. Marek" --precision rounded --reason "Agreed with OCHA"
    """
    form = _form(file) | {
        "text": text,
        "precision": precision.value,
        "flag": flag.value,
        "precedence": precedence.value,
        "language": language,
        "keep_until": keep_until,
        "reason": reason,
    }
    client = client_of(node, token)
    print_message(client.post("lines", line, "notices", form=_signed(form, by, locked)), json=json)


@app.command()
def amend(
    line: LineArgument,
    notice: NoticeArgument,
    file: FileArgument,
    by: By,
    text: Words = "",
    precision: Exactly = Precision.EXACT,
    flag: Meant = Flag.REAL,
    precedence: Urgency = Precedence.PRIORITY,
    language: Tag = "en",
    keep_until: KeptUntil = None,
    reason: Reason = "",
    locked: Locked = False,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Give the next version of your notice, whole; the one before it stands in the record and is replaced.

    Example: keepclear notice amend tanf 2018-9/2 strikes-2.json --by "I. Volkov" --text "One day later"
    """
    client = client_of(node, token)
    form = _form(file) | {
        "amends": notice_named(client, notice),
        "text": text,
        "precision": precision.value,
        "flag": flag.value,
        "precedence": precedence.value,
        "language": language,
        "keep_until": keep_until,
        "reason": reason,
    }
    print_message(client.post("lines", line, "notices", form=_signed(form, by, locked)), json=json)


@app.command()
def withdraw(
    line: LineArgument,
    notice: NoticeArgument,
    by: By,
    text: Words = "",
    precedence: Urgency = Precedence.PRIORITY,
    language: Tag = "en",
    locked: Locked = False,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Withdraw your notice: what it says will not be there any more. It stays in the record.

    Example: keepclear notice withdraw tanf 2018-9/2 --by "I. Volkov" --text "Called off"
    """
    client = client_of(node, token)
    form: dict[str, Value] = {"text": text, "precedence": precedence.value, "language": language}
    name = notice_named(client, notice)
    answer = client.post("lines", line, "notices", name, "withdrawal", form=_signed(form, by, locked))
    print_message(answer, json=json)


@app.command()
def report(
    line: LineArgument,
    notice: NoticeArgument,
    what: Annotated[Report, typer.Argument(help="What became of a movement; verified is of a site.")],
    by: By,
    at: Annotated[str | None, typer.Option(help="As of when, if not now: ISO 8601 with a zone.")] = None,
    text: Words = "",
    language: Tag = "en",
    locked: Locked = False,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Report how your movement or site stands; a movement of which no report comes is overdue.

    Example: keepclear notice report tanf OCHA-12 departed --by "L. Marek"
    """
    client = client_of(node, token)
    form: dict[str, Value] = {"report": what.value, "at": at, "text": text, "language": language}
    name = notice_named(client, notice)
    answer = client.post("lines", line, "notices", name, "reports", form=_signed(form, by, locked))
    print_message(answer, json=json)


@app.command()
def conflicts(
    unseen: Annotated[bool, typer.Option("--unseen", help="Only those that nobody took note of.")] = False,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """List the conflicts, the surest first: which two, where, when, by how much, and by which rule.

    Example: keepclear notice conflicts --unseen
    """
    answer = client_of(node, token).get("conflicts", unseen="true" if unseen else "false")
    if json:
        typer.echo(answer.decode())
        return
    found = read_all_as(answer, ConflictShown)
    for conflict in found:
        for each in conflict_lines(conflict):
            typer.echo(each)
    if not found:
        typer.echo("No conflict is known here. That is no approval of anything.")


@app.command()
def seen(
    conflict: Annotated[str, typer.Argument(help="The conflict: how its sign in brackets begins.")],
    by: Annotated[str, typer.Option(help="Your name and post; it is recorded.")],
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Take note of a conflict. It stays seen until it is surer or another rule makes it; it stays a conflict.

    Example: keepclear notice seen 1f0c99a2 --by "M. Haddad, watch officer"
    """
    client = client_of(node, token)
    found = conflict_named(read_all_as(client.get("conflicts"), ConflictShown), conflict)
    form: dict[str, Value] = {**msgspec.structs.asdict(found.key), "by": by}
    answer = client.post("conflicts", "seen", form=form)
    if json:
        typer.echo(answer.decode())
        return
    for each in conflict_lines(read_as(answer, ConflictShown)):
        typer.echo(each)


def _form(file: Path) -> dict[str, Value]:
    """The notice in a file, as a form begins. Raises Refused, naming the file, for one that holds none."""
    raw = read_bytes(file)
    try:
        found = notice_file_of(raw)
    except Refused as error:
        raise Refused(error.code, f"notice file {file}: {error.message}") from None
    return {
        "notice": value_of(found.content),
        "places": [value_of(place_members(each)) for each in found.places],
    }


def _signed(form: dict[str, Value], by: str, locked: bool) -> dict[str, Value]:
    passphrase = typer.prompt("Passphrase of the key", hide_input=True, err=True) if locked else None
    return form | {"by": by, "passphrase": passphrase}
