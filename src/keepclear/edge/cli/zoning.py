"""``keepclear zones``: zone files checked, measured against a position, and written again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keepclear.core.errors import Refused
from keepclear.core.instant import ALWAYS
from keepclear.core.space.area import Circle, Corridor, Polygon, cap, edge_distance_m
from keepclear.core.space.geodesy import Position
from keepclear.core.watch.evidence import distance_text
from keepclear.core.watch.zone import Zone, recognition_text
from keepclear.edge.cli.files import read_zone_file, read_zones, write_bytes
from keepclear.formats.wire import json_bytes
from keepclear.formats.zone.geojson import geojson_of

app = typer.Typer(no_args_is_help=True, help="Check, measure and rewrite files of zones.")

DeclaredBy = Annotated[str, typer.Option(help="Who declared the zones, for a file that does not say.")]


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="GeoJSON files of zones.")],
    declared_by: DeclaredBy = "me",
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Say what each zone in a file is, and what was refused and why. Exits with 2 when anything was refused.

    Example: keepclear zones check zones.geojson
    """
    refused = 0
    for path in files:
        read = read_zone_file(path, declared_by=declared_by)
        refused += len(read.refusals)
        if json:
            typer.echo(
                json_bytes(
                    {
                        "file": str(path),
                        "zones": [zone.name for zone in read.zones],
                        "refused": [
                            {
                                "index": each.index,
                                "name": each.name,
                                "code": each.code,
                                "message": each.message,
                            }
                            for each in read.refusals
                        ],
                        "ignored": list(read.ignored),
                    }
                ).decode()
            )
            continue
        for zone in read.zones:
            typer.echo(f"{path}: {zone.name}: {zone_line(zone)}")
        for refusal in read.refusals:
            typer.echo(f"{path}: zone {refusal.index} {refusal.name!r} REFUSED: {refusal.message}")
        if read.ignored:
            typer.echo(f"{path}: properties not read: {', '.join(read.ignored)}")
    if refused:
        raise typer.Exit(2)


@app.command()
def measure(
    file: Annotated[Path, typer.Argument(help="A GeoJSON file of zones.")],
    latitude: Annotated[float, typer.Argument(help="Degrees, north positive.")],
    longitude: Annotated[float, typer.Argument(help="Degrees, east positive.")],
    declared_by: DeclaredBy = "me",
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Say how far a position is from the edge of each zone, and whether inside.

    Example: keepclear zones measure zones.geojson 33.50 38.62
    """
    at = Position(latitude_deg=latitude, longitude_deg=longitude)
    for zone in read_zones([file], declared_by=declared_by):
        distance_m = edge_distance_m(zone.volume.area, at)
        if json:
            typer.echo(
                json_bytes({"zone": zone.name, "distance_m": distance_m, "inside": distance_m <= 0}).decode()
            )
        else:
            side = "inside" if distance_m <= 0 else "outside"
            typer.echo(f"{zone.name}: {distance_text(distance_m)} {side} the edge ({distance_m:.2f} m)")


@app.command()
def rewrite(
    file: Annotated[Path, typer.Argument(help="A GeoJSON file of zones.")],
    to: Annotated[Path, typer.Option(help="The file to write.")],
    outlines: Annotated[
        bool, typer.Option(help="Add outlines along the true edges, for other programs.")
    ] = False,
    declared_by: DeclaredBy = "me",
) -> None:
    """Write the zones of a file again in full: every field said, nothing left to defaults.

    Nothing is written when a zone of the file is refused: the file written would lack it.

    Example: keepclear zones rewrite sketch.geojson --to zones.geojson --outlines
    """
    read = read_zone_file(file, declared_by=declared_by)
    if read.refusals:
        first = read.refusals[0]
        raise Refused(
            "zone.refused",
            f"{file}: {len(read.refusals)} zones are refused, the first: {first.message}; mend them, or take them out",
        )
    write_bytes(to, geojson_of(read.zones, with_outlines=outlines))
    typer.echo(f"{len(read.zones)} zones written to {to}")


def zone_line(zone: Zone) -> str:
    """A zone in one line: what it is, how large, who recognises it, when."""
    area = zone.volume.area
    match area:
        case Circle():
            shape = f"circle of {distance_text(area.radius_m)}"
        case Polygon():
            shape = f"polygon of {len(area.parts)} part{'s' if len(area.parts) > 1 else ''}"
        case Corridor():
            shape = f"corridor {distance_text(2 * area.half_width_m)} wide"
    reach = distance_text(cap(area).radius_m)
    schedule = zone.volume.schedule
    when = "always" if schedule.window == ALWAYS and not schedule.spans else "by schedule"
    return (
        f"{zone.kind.value}, {shape}, within {reach} of its middle, {recognition_text(zone)}, in force {when}"
    )
