"""``keepclear demo``: At Tanf, September 2018, or real traffic against a zone of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from keepclear.core.errors import Refused, Unavailable
from keepclear.core.instant import Duration, instant_of
from keepclear.core.space.area import Circle
from keepclear.core.space.volume import Volume
from keepclear.core.watch.feed import LATE_MS, LOST_MS
from keepclear.core.watch.report import PartyName, SourceName
from keepclear.core.watch.zone import Zone, ZoneKind, ZoneName
from keepclear.edge.cli.files import read_recording, read_zones
from keepclear.edge.cli.progress import progress_bar
from keepclear.edge.cli.running import Browser, Data, Port, data_folder, run
from keepclear.edge.cli.serving import play
from keepclear.edge.clock import PlayedClock
from keepclear.edge.config import Config, position_of
from keepclear.edge.feeds.simulated import simulated_feeds
from keepclear.edge.opening import open_node
from keepclear.edge.staging import Stage, read_scenario, stances_of
from keepclear.formats.scenario import Scenario

TOULOUSE: Final = "toulouse"
TOULOUSE_FILE: Final = Path("var/recordings/toulouse.jsonl.gz")
AERODROME: Final = "43.6291,1.3638"
"""Toulouse-Blagnac, which the Toulouse recording's traffic uses."""
RATE: Final = 10.0
"""How many times as fast as it happened a recording is played unless something else is asked."""


def demo(
    scenario: Annotated[
        str, typer.Option(help="A scenario that comes with Keepclear, or the path of a .toml file.")
    ] = "at-tanf-2018",
    recording: Annotated[
        str | None, typer.Option(help="Replay real traffic instead: 'toulouse', or the path of a recording.")
    ] = None,
    zones: Annotated[
        list[Path] | None, typer.Option("--zones", help="With --recording: a GeoJSON file of zones.")
    ] = None,
    centre: Annotated[
        str | None, typer.Option(help="With --recording: the middle of a circle, as 'LATITUDE,LONGITUDE'.")
    ] = None,
    radius_km: Annotated[float, typer.Option(help="With --centre: its radius in kilometres.")] = 10.0,
    rate: Annotated[float | None, typer.Option(help="How many times as fast as it happened.")] = None,
    start: Annotated[str | None, typer.Option(help="Begin here: ISO 8601 with a zone.")] = None,
    port: Port = 8470,
    data: Data = None,
    browser: Browser = True,
) -> None:
    """Play the demonstration in a node with its console: At Tanf, September 2018, in about 24 minutes.

    Example: keepclear demo

    Example: keepclear demo --recording toulouse --centre 43.63,1.37 --radius-km 15
    """
    if recording is not None:
        declared = chosen_zones(zones or [], centre, radius_km)
        with progress_bar("reading") as reading:
            recorded = read_recording(recorded_path(recording), None, reading, receiver=AERODROME)
        speed = RATE if rate is None else rate
        play(recorded, declared, rate=speed, start=start, port=port, data=data, browser=browser)
        return
    if zones or centre is not None:
        raise Refused(
            "demo.zones",
            "--zones and --centre are for recordings; name one with --recording, such as toulouse",
        )
    play_scenario(read_scenario(scenario), rate=rate, start=start, port=port, data=data, browser=browser)


def play_scenario(
    script: Scenario, *, rate: float | None, start: str | None, port: int, data: Path | None, browser: bool
) -> None:
    """Play a scenario in a node with its console, until stopped. ``rate`` None: as fast as the scenario says."""
    clock = PlayedClock(script.window, rate=script.rate if rate is None else rate)
    if start is not None:
        clock.seek(instant_of(start))
    with data_folder(data) as folder:
        config = Config(name=script.title, party=script.own, data=str(folder), port=port)
        node = open_node(config, clock=clock, mode="demo", stance=stances_of(script), guide=script.guide)
        node.story = script.notes
        stage = Stage(script, node)
        stage.set_up()
        feeds = simulated_feeds(script, clock=clock.now)
        for feed in feeds:
            quiet_ms = longest_quiet_ms(script, feed.name)
            node.open_feed(
                feed.name,
                feed.kind,
                late_ms=Duration(LATE_MS + quiet_ms),
                lost_ms=Duration(LOST_MS + 2 * quiet_ms),
            )
        run(node, config, feeds, beside=stage.run, browser=browser)


def longest_quiet_ms(scenario: Scenario, source: SourceName) -> int:
    """How long a source is quiet in the ordinary run of things: between two reports of its rarest mover."""
    return max((mover.report_every_ms for mover in scenario.movers if mover.source == source), default=0)


def recorded_path(name: str) -> Path:
    """The file of a recording by its path, or by the name under which it is fetched."""
    path = TOULOUSE_FILE if name == TOULOUSE else Path(name)
    if not path.exists():
        advice = "fetch it with: python scripts/fetch_recordings.py" if name == TOULOUSE else "check the path"
        raise Unavailable("recording.missing", f"there is no recording at {path}; {advice}")
    return path


def chosen_zones(paths: list[Path], centre: str | None, radius_km: float) -> list[Zone]:
    """The zones of the files, or else a circle around the centre, or else one around the aerodrome of Toulouse."""
    if paths and centre is not None:
        raise Refused("demo.zones", "--zones and --centre were both given; give one of them")
    if paths:
        return read_zones(paths, declared_by="A")
    at = position_of(centre or AERODROME)
    return [
        Zone(
            name=ZoneName(f"ZONE {radius_km:g} KM"),
            kind=ZoneKind.DECONFLICTION,
            volume=Volume(area=Circle(centre=at, radius_m=radius_km * 1000)),
            declared_by=PartyName("A"),
            warning_distance_m=5_000,
        )
    ]
