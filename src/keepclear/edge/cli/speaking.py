"""``keepclear line say``, ``ack``, ``stop``, ``voice``, ``compare``: what a person says on a line."""

from __future__ import annotations

import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from keepclear.core.errors import Refused, Untrusted
from keepclear.core.line.message import Flag, How, Kind, Precedence, Response, Step
from keepclear.core.line.plot.place import place_members, places_of
from keepclear.core.line.text import Governs
from keepclear.core.line.voice.readback import Language
from keepclear.core.trust.encoding import BYTES_MAX, DEPTH_MAX
from keepclear.edge.api.partviews import value_of
from keepclear.edge.cli.files import read_bytes
from keepclear.edge.cli.lineanswers import print_message, whole_hash
from keepclear.edge.cli.nodeclient import (
    DEFAULT_NODE,
    AsJson,
    Node,
    NodeClient,
    Token,
    client_of,
    printable,
    read_as,
)
from keepclear.formats.line.linejson import line_json
from keepclear.formats.wire import Value

DEGREE_E7: Final = Decimal(10_000_000)
KILOMETRE_CM: Final = Decimal(100_000)

LineArgument = Annotated[str, typer.Argument(help="The line's name, such as tanf.", metavar="LINE")]
TextArgument = Annotated[str, typer.Argument(help="What is said; - reads it from the standard input.")]
By = Annotated[str, typer.Option(help="The officer who signs, by the name in the line's keys.")]
Locked = Annotated[bool, typer.Option("--locked", help="Ask for the passphrase of the officer's key.")]
Tag = Annotated[str, typer.Option(help="The language of the text, such as en, ru, ar or fr.")]
Originator = Annotated[str, typer.Option(help="Who says it, where that is not the officer who signs.")]
Zones = Annotated[
    list[str], typer.Option("--zone", help="A declared zone that it is about; may be repeated.")
]
Circles = Annotated[
    list[str],
    typer.Option("--circle", help="A circle that it is about: 'NAME: LATITUDE,LONGITUDE,KILOMETRES'."),
]
References = Annotated[
    list[str],
    typer.Option("--ref", help="A message that it refers to, HASH:HOW, where HOW is " + ", ".join(How) + "."),
]
Urgency = Annotated[Precedence, typer.Option(help="How urgent it is.")]
Meant = Annotated[Flag, typer.Option(help="Whether it is real, of an exercise, or a test.")]

voice = typer.Typer(no_args_is_help=True, help="Give or take a message by telephone or radio.")


def say(
    line: LineArgument,
    kind: Annotated[Kind, typer.Argument(help="What it is.")],
    text: TextArgument,
    by: By,
    precedence: Urgency = Precedence.ROUTINE,
    flag: Meant = Flag.REAL,
    zone: Zones = [],  # noqa: B006 - typer reads the default and gives a new list to each run
    circle: Circles = [],  # noqa: B006
    place: Annotated[
        Path | None,
        typer.Option(
            help="A JSON file with places, as docs/protocol.md has the part places in clauses 7 and 8."
        ),
    ] = None,
    no_place: Annotated[bool, typer.Option("--no-place", help="It is about no place at all.")] = False,
    ref: References = [],  # noqa: B006
    language: Tag = "en",
    translation: Annotated[
        str | None, typer.Option(help="The text in another language: 'LANGUAGE:WHO TRANSLATED:TEXT'.")
    ] = None,
    governs: Annotated[Governs, typer.Option(help="Which version counts.")] = Governs.ORIGINAL,
    occurred: Annotated[
        str | None, typer.Option(help="When it happened, if not now: ISO 8601 with a zone.")
    ] = None,
    keep_until: Annotated[
        str | None, typer.Option(help="Until when both sides keep its contents: ISO 8601 with a zone.")
    ] = None,
    originator: Originator = "",
    locked: Locked = False,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Sign a message and send it. A place is given by its coordinates: never in words alone.

    Example: keepclear line say tanf notify "Live fire inside RANGE 7 from 0900Z" --by "L. Marek" --zone "RANGE 7"

    Example: keepclear line say tanf advise "Stay out of it" --by "L. Marek" --circle "TANF 55: 33.4967,38.6178,55"
    """
    client = client_of(node, token)
    form: dict[str, Value] = {
        "kind": kind.value,
        "text": _text(text),
        "precedence": precedence.value,
        "flag": flag.value,
        "language": language,
        "governs": governs.value,
        "originator": originator,
        "occurred": occurred,
        "keep_until": keep_until,
        "no_place": no_place,
        "zones": list(zone),
        "places": _places(circle, place),
        "refs": [_reference(client, line, each) for each in ref],
        "translation": None if translation is None else _translation(translation),
    }
    print_message(client.post("lines", line, "messages", form=_signed(form, by, locked)), json=json)


def stop(
    line: LineArgument,
    text: TextArgument,
    by: By,
    zone: Zones = [],  # noqa: B006
    circle: Circles = [],  # noqa: B006
    ref: References = [],  # noqa: B006
    flag: Meant = Flag.REAL,
    language: Tag = "en",
    locked: Locked = False,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Say STOP: it goes first, rings with every empowered officer there, and climbs until one of them answers.

    Example: keepclear line stop tanf "Stop firing, our people are inside RANGE 7" --by "L. Marek"
    """
    client = client_of(node, token)
    places = _places(circle, None)
    form: dict[str, Value] = {
        "kind": Kind.STOP.value,
        "text": _text(text),
        "flag": flag.value,
        "language": language,
        "no_place": not places and not zone,
        "zones": list(zone),
        "places": places,
        "refs": [_reference(client, line, each) for each in ref],
    }
    print_message(client.post("lines", line, "messages", form=_signed(form, by, locked)), json=json)


def ack(
    line: LineArgument,
    message: Annotated[str, typer.Argument(help="The message: how its hash begins.", metavar="HASH")],
    step: Annotated[Step, typer.Argument(help="What was done. There is no approval.")],
    by: By,
    response: Annotated[Response | None, typer.Option(help="With responded: the response.")] = None,
    echelon: Annotated[str | None, typer.Option(help="With passed: to whom it was passed.")] = None,
    text: Annotated[str, typer.Option(help="What is said with it.")] = "",
    language: Tag = "en",
    locked: Locked = False,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Take one step of acknowledgement. With plotted the node sends what it plotted, and theirs compares.

    Example: keepclear line ack tanf 1f0c99a2 receipted --by "I. Volkov"

    Example: keepclear line ack tanf 1f0c99a2 passed --echelon "2nd battery" --by "I. Volkov"
    """
    client = client_of(node, token)
    form: dict[str, Value] = {
        "step": step.value,
        "response": None if response is None else response.value,
        "echelon": echelon,
        "text": text,
        "language": language,
    }
    whole = whole_hash(client, line, message)
    answer = client.post("lines", line, "messages", whole, "steps", form=_signed(form, by, locked))
    print_message(answer, json=json)


@voice.command(name="words")
def voice_words(
    line: LineArgument,
    kind: Annotated[Kind, typer.Argument(help="What is given: notify, stop...")],
    text: TextArgument,
    precedence: Urgency = Precedence.IMMEDIATE,
    flag: Meant = Flag.REAL,
    heard: Annotated[str, typer.Option(help="The words as the other officer read them out.")] = "",
    words_in: Annotated[Language, typer.Option(help="In which language the words are.")] = Language.EN,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Show the read-back words of a text: both officers type it in, and must read out the same six words.

    Exits with 3 when words that were heard are others.

    Example: keepclear line voice words tanf notify "We enter the zone at 0900Z" --words-in ru
    """
    form = _voice_form(kind, precedence, flag, text, heard, words_in)
    answer = client_of(node, token).post("lines", line, "voice", "words", form=form)
    if json:
        typer.echo(answer.decode())
        return
    shown = read_as(answer, _VoiceShown)
    typer.echo(" ".join(shown.words[words_in.value]))
    for group in shown.groups.get(words_in.value, []):
        typer.echo(f"  {group.number}. {printable(group.group)}: {group.word}")
    if shown.heard is None:
        return
    for each in shown.heard.words:
        typer.echo(f"word {each.number}: {each.verdict}, expected {each.expected}, typed {each.typed!r}")
    if not shown.heard.matches:
        raise Untrusted(
            "voice.words", "the words heard are others: compare the texts, group by group, and read out again"
        )


@voice.command(name="sign")
def voice_sign(
    line: LineArgument,
    kind: Annotated[Kind, typer.Argument(help="What was given: notify, stop...")],
    text: TextArgument,
    heard: Annotated[str, typer.Option(help="The six words as the other officer read them out.")],
    by: By,
    precedence: Urgency = Precedence.IMMEDIATE,
    flag: Meant = Flag.REAL,
    words_in: Annotated[Language, typer.Option(help="In which language the words are.")] = Language.EN,
    channel: Annotated[str, typer.Option(help="By which telephone or radio.")] = "",
    voice_log: Annotated[str, typer.Option(help="Where the conversation is recorded.")] = "",
    circle: Circles = [],  # noqa: B006
    ref: References = [],  # noqa: B006
    language: Tag = "en",
    originator: Originator = "",
    locked: Locked = False,
    json: AsJson = False,
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Sign what was given or taken by voice, once the words of the other officer agree.

    Example: keepclear line voice sign tanf notify "We enter at 0900Z" --heard "anchor ..." --by "L. Marek"
    """
    client = client_of(node, token)
    form = _voice_form(kind, precedence, flag, text, heard, words_in) | {
        "channel": channel,
        "voice_log": voice_log,
        "language": language,
        "originator": originator,
        "places": _places(circle, None),
        "refs": [_reference(client, line, each) for each in ref],
    }
    print_message(client.post("lines", line, "voice", form=_signed(form, by, locked)), json=json)


def compare(
    mine: Annotated[Path, typer.Argument(help="A text file.")],
    theirs: Annotated[Path, typer.Argument(help="A text file that should say the same.")],
    node: Node = DEFAULT_NODE,
    token: Token = "",
) -> None:
    """Say where two texts differ as they are read out, to the word. Exits with 3 when they do.

    Example: keepclear line compare ours.txt theirs.txt
    """
    texts: dict[str, Value] = {"mine": _decoded(mine), "theirs": _decoded(theirs)}
    found = read_as(client_of(node, token).post("lines", "compare", form=texts), _Compared).differences
    for each in found:
        typer.echo(
            f"word {each.number}: ours {printable(each.mine or '')!r}, theirs {printable(each.theirs or '')!r}"
        )
    if found:
        raise Untrusted(
            "text.differs", f"the texts differ in {len(found)} places; agree on one, word by word"
        )
    typer.echo("the same text")


class _Group(msgspec.Struct):
    number: int
    group: str
    word: str


class _HeardWord(msgspec.Struct):
    number: int
    expected: str | None
    typed: str | None
    verdict: str


class _HeardWords(msgspec.Struct):
    matches: bool
    words: list[_HeardWord]


class _VoiceShown(msgspec.Struct):
    words: dict[str, list[str]]
    groups: dict[str, list[_Group]]
    heard: _HeardWords | None


class _Difference(msgspec.Struct):
    number: int
    mine: str | None
    theirs: str | None


class _Compared(msgspec.Struct):
    differences: list[_Difference]


def _signed(form: dict[str, Value], by: str, locked: bool) -> dict[str, Value]:
    passphrase = typer.prompt("Passphrase of the key", hide_input=True, err=True) if locked else None
    return form | {"by": by, "passphrase": passphrase}


def _voice_form(
    kind: Kind, precedence: Precedence, flag: Flag, text: str, heard: str, words_in: Language
) -> dict[str, Value]:
    return {
        "kind": kind.value,
        "precedence": precedence.value,
        "flag": flag.value,
        "text": _text(text),
        "heard": heard,
        "heard_in": words_in.value,
    }


def _text(text: str) -> str:
    return sys.stdin.read().rstrip("\n") if text == "-" else text


def _decoded(path: Path) -> str:
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("file.unreadable", f"{path} is not a text in UTF-8; save it as one") from None


def _reference(client: NodeClient, line: str, text: str) -> Value:
    begins, parted, how = text.partition(":")
    if not parted or how not in set(How):
        raise Refused(
            "line.reference", f"reference is {text!r}, must be HASH:HOW, where HOW is {', '.join(How)}"
        )
    return {"hash": whole_hash(client, line, begins), "how": how}


def _translation(text: str) -> Value:
    language, _, rest = text.partition(":")
    by, parted, translated = rest.partition(":")
    if not parted:
        raise Refused(
            "line.translation", f"translation is {text[:80]!r}, must be LANGUAGE:WHO TRANSLATED:TEXT"
        )
    return {"language": language.strip(), "by": by.strip(), "text": translated.strip()}


def _places(circles: list[str], path: Path | None) -> list[Value]:
    places = [_circle(each) for each in circles]
    if path is not None:
        raw = read_bytes(path)
        try:
            found = places_of(line_json(raw, bytes_max=BYTES_MAX, depth_max=DEPTH_MAX))
        except Refused as error:
            raise Refused(
                error.code,
                f'{path} must hold {{"places": [...]}}, as a part of a message does: {error.message}',
            ) from None
        places += [value_of(place_members(each)) for each in found]
    return places


def _circle(text: str) -> Value:
    """The circle in 'NAME: LATITUDE,LONGITUDE,KILOMETRES', exactly: nothing is rounded."""
    name, parted, figures = text.rpartition(":")
    numbers = figures.split(",")
    wanted = "must be 'NAME: LATITUDE,LONGITUDE,KILOMETRES', such as 'TANF 55: 33.4967,38.6178,55'"
    if not parted or not name.strip() or len(numbers) != 3:
        raise Refused("place.unreadable", f"circle is {text!r}, {wanted}")
    try:
        latitude, longitude, radius_km = (Decimal(each.strip()) for each in numbers)
        exact = [latitude * DEGREE_E7, longitude * DEGREE_E7, radius_km * KILOMETRE_CM]
        whole = [int(each) for each in exact]
    except (InvalidOperation, ValueError, OverflowError):
        raise Refused("place.unreadable", f"circle is {text!r}, {wanted}") from None
    if whole != exact:
        raise Refused(
            "place.unreadable", f"circle is {text!r}: degrees have seven decimals, kilometres five, at most"
        )
    shape: Value = {"kind": "circle", "centre": whole[:2], "radius_cm": whole[2]}
    return {"name": name.strip(), "shape": shape}
