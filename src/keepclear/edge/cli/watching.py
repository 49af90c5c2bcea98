"""``keepclear watch``: the main job without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keepclear.edge.cli.files import Receiver, formats_help, read_recording, read_zones, write_bytes
from keepclear.edge.cli.progress import progress_bar
from keepclear.edge.patrol import crossings_of
from keepclear.formats.crossings import crossing_line, crossings_csv, crossings_geojson, crossings_json
from keepclear.formats.feed.feedformat import FeedFormat


def watch(
    recording: Annotated[
        Path, typer.Argument(help="A recording, gzip-compressed or not, or an archive folder.")
    ],
    zones: Annotated[list[Path], typer.Option("--zones", help="A GeoJSON file of zones; may be repeated.")],
    declared_by: Annotated[
        str, typer.Option(help="Who declared the zones, for a file that does not say.")
    ] = "me",
    feed_format: Annotated[FeedFormat | None, typer.Option("--format", help=formats_help())] = None,
    receiver: Receiver = None,
    csv: Annotated[Path | None, typer.Option(help="Also write the crossings to this CSV file.")] = None,
    geojson: Annotated[
        Path | None, typer.Option(help="Also write the crossings to this GeoJSON file.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON lines instead of text.")] = False,
) -> None:
    """Print which tracks of a recording crossed into and out of zones, and when.

    Example: keepclear watch toulouse.jsonl.gz --zones zones.geojson --csv crossings.csv
    """
    declared = read_zones(zones, declared_by=declared_by)
    with progress_bar("reading", quiet=json) as reading:
        recorded = read_recording(recording, feed_format, reading, receiver=receiver)
    with progress_bar("watching", quiet=json) as watching:
        crossings = crossings_of(recorded, declared, progress=watching)
    if json:
        typer.echo(crossings_json(crossings).decode(), nl=False)
    else:
        for crossed in crossings:
            typer.echo(crossing_line(crossed))
    if csv is not None:
        write_bytes(csv, crossings_csv(crossings))
    if geojson is not None:
        write_bytes(geojson, crossings_geojson(crossings))
    if not json:
        refused = sum(recorded.refused.values())
        typer.echo(
            f"{len(crossings)} crossings of {len(declared)} zones by {len(recorded)} reports of "
            f"{len(recorded.names)} tracks; {refused} lines refused",
            err=True,
        )
