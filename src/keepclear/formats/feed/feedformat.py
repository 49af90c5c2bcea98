"""The formats in which reports come, told apart by name or by how they begin."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.space.geodesy import Position
from keepclear.core.watch.report import SourceName
from keepclear.formats.feed.ais import AisReader
from keepclear.formats.feed.beast import BeastReader
from keepclear.formats.feed.framelog import FrameLogReader
from keepclear.formats.feed.reading import Reader
from keepclear.formats.feed.reportline import ReportLineReader
from keepclear.formats.feed.sbs import SbsReader


class FeedFormat(StrEnum):
    """A format in which reports come, by the name that settings and commands give it."""

    REPORTS = "reports"
    """Keepclear's own report lines (docs/feeds.md)."""
    SBS = "sbs"
    AIS = "ais"
    FRAMES = "frames"
    """Mode S frames as text, with or without receiver times."""
    BEAST = "beast"


SNIFFED_BYTES: Final = 4_096
"""How much of the beginning is looked at to tell the format."""

# Each is looked for at the beginning of a line; the first that is found anywhere decides.
_SIGNS: Final = (
    (FeedFormat.BEAST, re.compile(rb"\x1a[1-4]")),
    (FeedFormat.AIS, re.compile(rb"^(?:\\[^\\\n]*\\)?![A-Z0-9]{2}VD[MO],", re.MULTILINE)),
    (FeedFormat.SBS, re.compile(rb"^(?:MSG|SEL|ID|AIR|STA|CLK),", re.MULTILINE)),
    (FeedFormat.FRAMES, re.compile(rb'^(?:\*[0-9A-Fa-f]+;|\{[^\n]*"frame"[ \t]*:)', re.MULTILINE)),
    (FeedFormat.REPORTS, re.compile(rb'^\{[^\n]*"track"[ \t]*:', re.MULTILINE)),
)


def sniffed(head: bytes) -> FeedFormat:
    """The format of bytes that begin so; SNIFFED_BYTES of them are looked at.

    Raises Refused("feed.unknown-format") when they look like none of the formats.
    """
    for feed_format, sign in _SIGNS:
        if sign.search(head[:SNIFFED_BYTES]) is not None:
            return feed_format
    known = ", ".join(FeedFormat)
    raise Refused("feed.unknown-format", f"the data begins with {head[:40]!r}, which is none of {known}")


def reader_of(
    feed_format: FeedFormat, source: SourceName, *, receiver: Position | None = None, offset_min: int = 0
) -> Reader:
    """A reader of a format for one source.

    ``receiver`` is where the antenna is, for frames and Beast; ``offset_min`` how far the clock of an SBS
    source is ahead of UTC. The other formats need neither.
    """
    match feed_format:
        case FeedFormat.REPORTS:
            return ReportLineReader(source)
        case FeedFormat.SBS:
            return SbsReader(source, offset_min=offset_min)
        case FeedFormat.AIS:
            return AisReader(source)
        case FeedFormat.FRAMES:
            return FrameLogReader(source, receiver=receiver)
        case FeedFormat.BEAST:
            return BeastReader(source, receiver=receiver)
