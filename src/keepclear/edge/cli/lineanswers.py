"""What a node says of its lines, in the shapes that the command line prints, and as the text that it prints."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import typer

from keepclear.core.errors import Refused
from keepclear.core.instant import SECOND_MS, Instant, instant_of, instant_text
from keepclear.edge.cli.nodeclient import NodeClient, printable, read_all_as, read_as
from keepclear.edge.cli.partanswers import PartShown, part_lines

HASH_LENGTH = 64
SHOWN_LENGTH = 12
"""So many digits of a hash are printed; as many, or fewer while they are of one message, name it in a command."""

PAGE = 500
APART_MS = 60_000
"""From so much on a stated time that is not that of coming is printed."""


class WayShown(msgspec.Struct):
    """One way of a line."""

    way: str
    carried: str | None
    failing: str | None
    trouble: str


class OfficerShown(msgspec.Struct):
    """An officer with the id of the key."""

    id: str
    name: str
    post: str
    empowered: bool


class FaultShown(msgspec.Struct):
    """A fault of the other party, with its evidence in the store."""

    rule: str
    words: str


class ClockShown(msgspec.Struct):
    """How far the other's clock is ahead."""

    ahead_ms: int
    error_ms: int


class WitnessShown(msgspec.Struct):
    """One witness of our log."""

    name: str
    url: str
    cosigned: bool
    trouble: str
    ahead: int | None = None


class WitnessesShown(msgspec.Struct):
    """The witnesses of our log, and whether its newest head is witnessed."""

    needed: str
    witnessed: bool
    each: list[WitnessShown]


class LineShown(msgspec.Struct):
    """One line as its node knows it."""

    line: str
    own: str
    other: str
    open: bool
    heard_open: bool
    condition: str
    heard: str | None
    attended: str | None
    clock: ClockShown | None
    ways: list[WayShown]
    held_cut: bool
    epoch: int
    size: int
    confirmed: int
    waiting: int
    other_size: int
    reverted: int | None
    faults: list[FaultShown]
    withheld: bool
    officers: list[OfficerShown]
    other_officers: list[OfficerShown]
    unanswered: int
    overdue: int
    own_root: str
    other_root: str
    log_key: str | None = None
    witnesses: WitnessesShown | None = None


class SignerShown(msgspec.Struct):
    """Who signed a message."""

    name: str
    post: str


class StepShown(msgspec.Struct):
    """One step that a person took towards a message."""

    step: str
    response: str | None
    echelon: str | None
    by: str
    post: str
    at: str
    plotted: bool
    differences: list[str]


class ReceptionShown(msgspec.Struct):
    """What became of a message of ours."""

    sent: str | None
    way: str | None
    delivered: str | None
    due: str | None
    overdue: bool
    steps: list[StepShown]


class DutyShown(msgspec.Struct):
    """What a message of the other's asks of us."""

    due: str
    overdue: bool
    steps: list[str]


class TextShown(msgspec.Struct):
    """The text part of a message."""

    language: str
    text: str


class PlaceShown(msgspec.Struct):
    """A place of a message, by its name."""

    name: str


class PlacesShown(msgspec.Struct):
    """The places of a message."""

    places: list[PlaceShown]


class ContentsShown(msgspec.Struct):
    """The parts of a message that are open here."""

    text: TextShown | None = None
    places: PlacesShown | None = None


class AcknowledgementShown(msgspec.Struct):
    """What an acknowledgement says."""

    step: str
    response: str | None
    echelon: str | None


class MessageShown(msgspec.Struct, rename={"sender": "from"}):
    """One message of either side."""

    hash: str
    sender: str
    own: bool
    epoch: int
    index: int
    kind: str
    precedence: str
    flag: str
    at: str
    came: str | None
    ahead: bool
    by: SignerShown | None
    parts: dict[str, PartShown]
    contents: ContentsShown
    words: dict[str, list[str]]
    acknowledges: AcknowledgementShown | None
    reception: ReceptionShown | None
    duty: DutyShown | None
    spoken: str | None = None


def line_text(line: LineShown) -> str:
    """A line in one line."""
    state = line.condition if line.open else "not open yet: keepclear line open"
    loud = [
        f"{line.unanswered} to answer" if line.unanswered else "",
        f"{line.overdue} OVERDUE" if line.overdue else "",
        f"{len(line.faults)} FAULTS PROVED" if line.faults else "",
        "A WITNESS HAS MORE OF OUR LOG THAN WE HAVE" if _is_ahead(line.witnesses) else "",
        "a backup was restored" if line.reverted is not None else "",
        "cosignature withheld" if line.withheld else "",
        "held cut" if line.held_cut else "",
    ]
    return "; ".join([f"{line.line}: {line.own} with {line.other}, {state}", *filter(None, loud)])


def line_lines(line: LineShown) -> Iterator[str]:
    """A line with all that its node knows of it."""
    yield line_text(line)
    yield f"heard {line.heard or 'never'}; a person was there {line.attended or 'never'}"
    if line.clock is not None:
        yield f"their clock is {line.clock.ahead_ms} ms ahead of ours, +- {line.clock.error_ms} ms"
    yield (
        f"our log, epoch {line.epoch}: {line.size} entries, {line.confirmed} cosigned by them, "
        f"{line.waiting} waiting; their log: {line.other_size} entries"
    )
    yield f"roots, for a trust file: {line.own_root} and {line.other_root}"
    if line.log_key is not None:
        yield f"our log's key, for a witness: {line.log_key}"
    if line.witnesses is not None:
        yield from _witness_lines(line.witnesses)
    for way in line.ways:
        failing = f", FAILING since {way.failing}: {printable(way.trouble)}" if way.failing else ""
        yield f"way {way.way}: carried {way.carried or 'never'}{failing}"
    for ours, officers in (("our", line.officers), ("their", line.other_officers)):
        for each in officers:
            power = "may answer a STOP" if each.empowered else "may not answer a STOP"
            yield f"{ours} officer {printable(each.name)}, {printable(each.post)}: {power}; key {each.id}"
    if line.reverted is not None:
        yield f"a backup was restored: we had signed {line.reverted} entries, {line.other} is to hand them back"
    for fault in line.faults:
        yield f"FAULT {fault.rule}: {printable(fault.words)}"


def message_lines(message: MessageShown) -> Iterator[str]:
    """A message with its text and all its states; what is missing is said, and never left out."""
    by = "its node" if message.by is None else f"{printable(message.by.name)}, {printable(message.by.post)}"
    kind = message.kind if message.spoken is None else f"{message.spoken} by voice"
    yield (
        f"{message.at} {message.sender} #{message.index} {kind.upper()} {message.precedence} "
        f"{message.flag.upper()} by {by} [{message.hash[:SHOWN_LENGTH]}]"
    )
    if message.ahead:
        yield "    AHEAD OF ITS TURN: what was said before it has not come yet; it can be acknowledged now"
    if not message.own and message.came is not None:
        yield from _apart_lines(said=instant_of(message.at), came=instant_of(message.came))
    said = message.acknowledges
    if said is not None:
        details = [each for each in (said.step, said.response, said.echelon) if each]
        yield f"    {': '.join(map(printable, details))}"
    if message.contents.text is not None:
        for each in printable(message.contents.text.text).split("\n"):
            yield f"    {each}"
    if message.contents.places is not None:
        names = ", ".join(printable(each.name) for each in message.contents.places.places)
        yield f"    places: {names}"
    for name, part in message.parts.items():
        yield from part_lines(name, part)
    if message.reception is not None:
        yield f"    {reception_text(message.reception)}"
    if message.duty is not None:
        yield f"    {_duty_text(message.duty)}"


def reception_text(reception: ReceptionShown) -> str:
    """What became of a message of ours, in one line."""
    if reception.sent is None:
        return "queued: not sent yet"
    told = [f"sent {reception.sent} by {reception.way}"]
    told.append(f"held there {reception.delivered}" if reception.delivered else "NOT KNOWN TO HAVE ARRIVED")
    told += [_step_text(each) for each in reception.steps]
    if not reception.steps and reception.due is not None:
        loud = f"OVERDUE since {reception.due}" if reception.overdue else f"due {reception.due}"
        told.append(f"NOT ACKNOWLEDGED BY ANY PERSON, {loud}")
    return "; ".join(told)


def print_line(answer: bytes, *, json: bool = False) -> None:
    """A line as a node answered with it, printed."""
    if json:
        typer.echo(answer.decode())
        return
    for each in line_lines(read_as(answer, LineShown)):
        typer.echo(each)


def print_message(answer: bytes, *, json: bool) -> None:
    """A message that was just signed, printed with the words by which the other side can confirm it."""
    if json:
        typer.echo(answer.decode())
        return
    message = read_as(answer, MessageShown)
    for each in message_lines(message):
        typer.echo(each)
    typer.echo(f"    read-back words: {' '.join(message.words['en'])}")


def whole_hash(client: NodeClient, line: str, begins: str) -> str:
    """The hash of a message that begins so, the newest such page of the thread first.

    Raises Refused("message.unknown") where no message has such a hash, or several of one page have.
    """
    if len(begins) == HASH_LENGTH:
        return begins
    for page in thread_pages(client, line):
        found = [each.hash for each in page if each.hash.startswith(begins.lower())]
        if len(found) == 1:
            return found[0]
        if found:
            break
    raise Refused(
        "message.unknown",
        f"hash {begins!r} names no message of line {line}, or several; see: keepclear line thread {line}",
    )


def thread_pages(client: NodeClient, line: str) -> Iterator[list[MessageShown]]:
    """The thread of a line, page by page from the newest back to the first."""
    page = read_all_as(client.get("lines", line, "messages", limit=PAGE), MessageShown)
    while page:
        yield page
        answer = client.get("lines", line, "messages", limit=PAGE, before=page[0].hash)
        page = read_all_as(answer, MessageShown)


def _witness_lines(witnesses: WitnessesShown) -> Iterator[str]:
    yield f"our newest head is {'witnessed' if witnesses.witnessed else 'NOT YET WITNESSED'}: {witnesses.needed} needed"
    for each in witnesses.each:
        state = (
            "has cosigned it" if each.cosigned else f"has not cosigned it {printable(each.trouble)}".rstrip()
        )
        yield f"witness {printable(each.name)} at {each.url or 'no address'} {state}"


def _apart_lines(*, said: Instant, came: Instant) -> Iterator[str]:
    """By how much the time that the other states is not that at which it came, where that is worth a line."""
    apart = came - said
    if abs(apart) < APART_MS:
        return
    span, when = _span(abs(apart)), instant_text(came)
    yield f"    came {when}: {span} {'after' if apart > 0 else 'BEFORE'} the time that it states"


def _span(ms: int) -> str:
    days, rest = divmod(ms // SECOND_MS, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    named = ((days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s"))
    return " ".join(f"{number} {unit}" for number, unit in named if number)


def _is_ahead(witnesses: WitnessesShown | None) -> bool:
    return witnesses is not None and any(each.ahead is not None for each in witnesses.each)


def _step_text(step: StepShown) -> str:
    what = ": ".join(printable(each) for each in (step.step, step.response, step.echelon) if each)
    told = f"{what} by {printable(step.by)}, {printable(step.post)} {step.at}"
    if step.plotted and not step.differences:
        return f"{told} (plotted as sent)"
    differing = "; ".join(map(printable, step.differences))
    return f"{told} (PLOTTED OTHERWISE: {differing})" if differing else told


def _duty_text(duty: DutyShown) -> str:
    if duty.steps:
        return f"we have: {', '.join(duty.steps)}"
    return f"WE HAVE NOT ACKNOWLEDGED IT, {'OVERDUE since' if duty.overdue else 'due'} {duty.due}"
