"""Parts of messages in the shapes that the command line prints: what of a message is not open here, and why not."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from keepclear.edge.cli.nodeclient import printable

WORDS = {
    "unreadable": "IS NOT WHAT SUCH A PART MUST BE; as it came:",
    "awaited": "has not come yet",
    "not-released": "not released to us",
    "gone": "not here any more: it expired, or never came",
}


class WithheldShown(msgspec.Struct):
    """That the speaker of a part gives it no more: who, since when by the own clock, and in which entry."""

    by: str
    at: str
    index: int


class PartShown(msgspec.Struct):
    """A part of a message: whether it is open here or why not, and what came that is no such part."""

    state: str
    raw: str | None
    withheld: WithheldShown | None = None


def part_lines(name: str, part: PartShown) -> Iterator[str]:
    """What is withheld or not open of a message; and what came in its place, as it came."""
    if part.withheld is not None:
        since, opened = part.withheld, ", NEVER OPENED HERE" if part.state == "withheld" else ""
        yield f"    part {name}: withheld by {since.by} in #{since.index} at {since.at}{opened}"
    if part.state not in ("open", "withheld"):
        yield f"    part {name}: {WORDS.get(part.state, part.state)}"
    if part.raw is not None:
        yield f"    {printable(part.raw)}"
