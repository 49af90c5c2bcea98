"""Views of the parts of a message: what of each is open here, and why not where it is not.

Whoever writes a part chooses its bytes: one that cannot be read is shown as such, and hides nothing beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import instant_text
from keepclear.core.line.acting import keep_until_of
from keepclear.core.line.message import Header
from keepclear.core.line.plot.echo import echoes_of
from keepclear.core.line.plot.place import places_of
from keepclear.core.line.state import LineState
from keepclear.core.line.text import text_part_of
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields
from keepclear.core.trust.opening import opening_of
from keepclear.edge.lines.thread import Told
from keepclear.edge.store.store import Store
from keepclear.formats.wire import Members, Value

Contents = Mapping[str, Mapping[str, Json]]

RAW_MAX: Final = 4_000
"""So many characters of a part that cannot be read are shown as they came."""

PHONES_MAX: Final = 64


class PartState(StrEnum):
    """What is known here of a part of a message.

    ``WITHHELD``: its speaker gives it no more, and it was never opened here. ``GONE``: it expired, or its log ended
    before it came.
    """

    OPEN = "open"
    UNREADABLE = "unreadable"
    AWAITED = "awaited"
    WITHHELD = "withheld"
    NOT_RELEASED = "not-released"
    GONE = "gone"


def contents_of(store: Store, header: Header) -> dict[str, Mapping[str, Json]]:
    """The contents of a message's parts that are kept here and can be read, by name."""
    contents: dict[str, Mapping[str, Json]] = {}
    for part, commitment in header.parts.items():
        opening = store.opening(commitment.hex())
        if opening is not None:
            try:
                contents[part] = _content(part, opening)
            except Refused:
                continue
    return contents


def part_views(store: Store, state: LineState, told: Told, header: Header, contents: Contents) -> Members:
    """Each part of a message by its name: how it stands, to whom it was released, and what came instead of it.

    And that its speaker withholds it, since when by the time that this one states.
    """
    views: Members = {}
    for part, commitment in header.parts.items():
        raw = None if part in contents else store.opening(commitment.hex())
        withheld = store.withheld.of(commitment.hex(), origin=told.origin)
        if part in contents:
            stands = PartState.OPEN
        elif raw is not None:
            stands = PartState.UNREADABLE
        else:
            stands = _missing(state, told, header, part, withheld=withheld is not None)
        views[part] = {
            "open": part in contents,
            "state": stands.value,
            "raw": None if raw is None else raw.decode(errors="replace")[:RAW_MAX],
            "released": list(header.released[part]),
            "commitment": commitment.hex(),
            "withheld": None
            if withheld is None
            else {"by": header.sender, "at": instant_text(withheld.at), "index": withheld.number},
        }
    return views


def value_of(content: Json) -> Value:
    """Content as it is shown."""
    match content:
        case Mapping():
            return {name: value_of(each) for name, each in content.items()}
        case None | bool() | int() | str():
            return content
        case _:
            return [value_of(each) for each in content]


def _missing(state: LineState, told: Told, header: Header, part: str, *, withheld: bool) -> PartState:
    """Why a part is not here."""
    own = state.terms.own
    if header.sender != own and own not in header.released[part]:
        return PartState.NOT_RELEASED
    if header.sender != own and (told.ahead or header.parts[part] in state.unopened):
        return PartState.AWAITED
    return PartState.WITHHELD if withheld else PartState.GONE


def _content(part: str, opening: bytes) -> Mapping[str, Json]:
    """The content of a part, once it is what docs/protocol.md clause 7 says that such a part is."""
    opened = opening_of(opening)
    if opened.part != part:
        raise Refused("opening.part", f"part is named {opened.part!r}, its message calls it {part!r}")
    reader = _READERS.get(part)
    if reader is not None:
        reader(opened.content)
    return opened.content


def _contact(content: Json) -> None:
    taken = Fields(content, what="contact")
    for name in ("name", "frequency"):
        if name in taken:
            taken.text(name)
    if "phones" in taken:
        phones = taken.items("phones", most=PHONES_MAX)
        if not all(isinstance(each, str) for each in phones):
            raise Refused("fields.unfit", "contact: phones must be texts")
    taken.end()


_READERS: Final[Mapping[str, Callable[[Json], object]]] = {
    "text": text_part_of,
    "places": places_of,
    "echo": echoes_of,
    "contact": _contact,
    "validity": keep_until_of,
}
