"""XML read strictly: a tree of plain nodes, within limits, and never with anything that a document type brings.

A document type can name files and hosts to be fetched, and entities that grow without end when they are replaced. No
format that is read here needs one, so that a file with one is refused before any of it is acted on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from keepclear.core.errors import Refused

DEPTH_MAX: Final = 32
NODES_MAX: Final = 100_000
BUFFER_BYTES: Final = 1 << 20
"""Text is handed over in pieces of this size, so that a long one is not put together from very many."""

_BETWEEN: Final = " "


@dataclass(slots=True, kw_only=True)
class Node:
    """An element: its namespace and name, its attributes, the text directly in it, and what is in it."""

    space: str
    name: str
    attributes: Mapping[str, str]
    text: str = ""
    children: list[Node] = field(default_factory=lambda: list[Node]())

    def find(self, name: str) -> Node | None:
        """The first of the elements in it that has a name and is of its own namespace."""
        return next(self.every(name), None)

    def every(self, name: str) -> Iterator[Node]:
        """All the elements in it that have a name and are of its own namespace."""
        return (each for each in self.children if each.name == name and each.space == self.space)


def xml_tree(raw: bytes, *, bytes_max: int) -> Node:
    """The root element of an XML document.

    Raises Refused: "xml.too-long", "xml.too-deep" past DEPTH_MAX, "xml.too-many" past NODES_MAX elements, "xml.doctype"
    for a document type, and "xml.syntax".
    """
    if len(raw) > bytes_max:
        raise Refused("xml.too-long", f"the text has {len(raw)} bytes, at most {bytes_max} are read")
    tree = _Growing()
    parser = ParserCreate(namespace_separator=_BETWEEN)
    parser.buffer_text = True
    parser.buffer_size = BUFFER_BYTES
    parser.StartDoctypeDeclHandler = tree.refuse_doctype
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.told
    try:
        parser.Parse(raw)
        parser.Parse(b"", True)  # noqa: FBT003 - expat takes it by its place alone
    except (ExpatError, LookupError, ValueError) as error:
        raise Refused("xml.syntax", f"the text is not XML: {error}") from None
    return tree.top.children[0]


class _Growing:
    """The tree while it is read."""

    def __init__(self) -> None:
        self.top = Node(space="", name="", attributes={})
        self._open = [self.top]
        self._nodes = 0

    def refuse_doctype(self, name: str, *_: object) -> None:
        raise Refused(
            "xml.doctype", f"the text declares a document type {name[:40]!r}, must be without: save it anew"
        )

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._nodes += 1
        if len(self._open) > DEPTH_MAX:
            raise Refused("xml.too-deep", f"the text nests deeper than {DEPTH_MAX}")
        if self._nodes > NODES_MAX:
            raise Refused("xml.too-many", f"the text has more than {NODES_MAX} elements")
        space, _, local = name.rpartition(_BETWEEN)
        node = Node(space=space, name=local, attributes=attributes)
        self._open[-1].children.append(node)
        self._open.append(node)

    def end(self, _: str) -> None:
        self._open.pop()

    def told(self, text: str) -> None:
        self._open[-1].text += text
