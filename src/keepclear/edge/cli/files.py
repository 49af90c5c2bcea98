"""Files that commands are given: recordings and zones, read with one clear refusal where they cannot be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from keepclear.core.errors import Refused, Unavailable
from keepclear.core.instant import FIRST, FOREVER
from keepclear.core.watch.zone import Zone
from keepclear.edge.archive import read
from keepclear.edge.config import position_of
from keepclear.edge.feeds.recording import Recording, open_recording, recording_of, source_of
from keepclear.formats.feed.feedformat import FeedFormat
from keepclear.formats.feed.reading import Reading
from keepclear.formats.zone.geojson import ZonesRead, zones_of


def formats_help() -> str:
    """The help text of a format option."""
    return "The recording's format; told from its beginning when left out."


Receiver = Annotated[
    str | None,
    typer.Option(
        help="Where the receiver stood, as LATITUDE,LONGITUDE: places Mode S traffic on the ground."
    ),
]


def read_bytes(path: Path) -> bytes:
    """A file's bytes. Raises Unavailable("file.unreadable") with the system's reason."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable("file.unreadable", f"cannot read {path}: {error.strerror}") from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole. Raises Unavailable("file.unwritable") with the system's reason."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise Unavailable(
            "file.unwritable",
            f"cannot write {path}: {error.strerror}; name a file in a folder that is there and may be written",
        ) from error


def read_zone_file(path: Path, *, declared_by: str) -> ZonesRead:
    """What a GeoJSON file gives: zones and refusals. Raises Refused, naming the file, for one that is none."""
    content = read_bytes(path)
    try:
        return zones_of(content, declared_by=declared_by)
    except Refused as error:
        raise Refused(error.code, f"zone file {path}: {error.message}") from None


def read_zones(paths: Sequence[Path], *, declared_by: str) -> list[Zone]:
    """The zones of GeoJSON files. What is refused is said on standard error; raises Refused when none is left."""
    zones: dict[str, Zone] = {}
    for path in paths:
        read = read_zone_file(path, declared_by=declared_by)
        for refusal in read.refusals:
            typer.echo(f"{path}: zone {refusal.index} {refusal.name!r} refused: {refusal.message}", err=True)
        for zone in read.zones:
            if zone.name in zones:
                raise Refused("zone.twice", f"zone {zone.name} is in more than one file")
            zones[zone.name] = zone
    if not zones:
        files = ", ".join(map(str, paths))
        raise Refused("zone.none", f"no zone could be read from {files}; see: keepclear zones check")
    return list(zones.values())


def read_recording(
    path: Path,
    feed_format: FeedFormat | None,
    progress: Callable[[int, int], None] | None = None,
    *,
    receiver: str | None = None,
) -> Recording:
    """A recording: a file in any format that a feed may have, or a folder of archived segments.

    Raises Refused("recording.empty") when no report could be read, saying why, and as ``open_recording`` does.
    """
    at = None if receiver is None else position_of(receiver)
    if path.is_dir():
        recorded = recording_of(
            source_of(path), (Reading(reports=each) for each in read(path, FIRST, FOREVER))
        )
    else:
        try:
            recorded = open_recording(path, feed_format=feed_format, progress=progress, receiver=at)
        except Refused as error:
            if error.code != "feed.unknown-format":
                raise
            raise Refused(error.code, f"recording {path}: {error.message}; check the file") from None
    if not len(recorded):
        raise Refused("recording.empty", f"recording {path} holds no report: {_why_empty(path, recorded)}")
    return recorded


def _why_empty(path: Path, recorded: Recording) -> str:
    if path.is_dir():
        return "it is a folder without segments; name a file, or the archive folder of a node's data"
    if recorded.refusals:
        first = recorded.refusals[0]
        refused = sum(recorded.refused.values())
        return (
            f"{refused} lines were refused, the first because {first.message}; --format names another format"
        )
    return "nothing in it tells a position"
