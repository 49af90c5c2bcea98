"""``keepclear demo``: At Tanf, September 2018, or real traffic against a zone of one's own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
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
from keepclear.edge.api.lineoffice import LineOffice
from keepclear.edge.cli.files import read_recording, read_zones
from keepclear.edge.cli.progress import progress_bar
from keepclear.edge.cli.running import Browser, Data, Port, Station, data_folder, listening, run
from keepclear.edge.cli.serving import play
from keepclear.edge.clock import PlayedClock
from keepclear.edge.config import Config, LinkConfig, position_of
from keepclear.edge.feeds.simulated import simulated_feeds
from keepclear.edge.lineplay import LinePlay, Side
from keepclear.edge.lines.folders import FOLDERS
from keepclear.edge.opening import open_node
from keepclear.edge.staging import Stage, read_scenario, stances_of
from keepclear.formats.scenario.scenario import Scenario

TOULOUSE: Final = "toulouse"
TOULOUSE_FILE: Final = Path("var/recordings/toulouse.jsonl.gz")
AERODROME: Final = "43.6291,1.3638"
"""Toulouse-Blagnac, which the Toulouse recording's traffic uses."""
STICK: Final = "stick"
"""In a node's data folder: what is carried by hand to and from it."""

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
    """Play the demonstration in two nodes with their consoles: At Tanf, September 2018, in about 24 minutes.

    The console of party A is at the port, that of party B at the next one.

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
    """Play a scenario until stopped, in a node for each party of its line. ``rate`` None: as fast as it says.

    The second party's console has the next port; all nodes run by one clock.
    """
    clock = PlayedClock(script.window, rate=script.rate if rate is None else rate)
    if start is not None:
        clock.seek(instant_of(start))
    with data_folder(data) as folder:
        stations, beside = prepared(script, clock, folder=folder, port=port)
        run(stations, beside=beside, browser=browser)


def prepared(
    script: Scenario, clock: PlayedClock, *, folder: Path, port: int
) -> tuple[Sequence[Station], Sequence[Callable[[], Coroutine[None, None, None]]]]:
    """The nodes of a scenario, their zones declared and their line open, and what is to run beside them."""
    stations = [
        staged(script, party, clock, data=_home(script, party, folder), port=port and port + number)
        for number, party in enumerate(playing_parties(script))
    ]
    stages = [Stage(script, each.node) for each in stations]
    for stage in stages:
        stage.set_up()
    beside = [stage.run for stage in stages]
    if script.line is not None:
        first, second = map(_side, stations)
        line = LinePlay(script.line, (first, second), start=script.window.start)
        line.set_up()
        beside.append(line.run)
        first.node.companions, second.node.companions = (second.node,), (first.node,)
    return stations, beside


def playing_parties(script: Scenario) -> tuple[PartyName, ...]:
    """The parties that have a node: the scenario's own first, and the one at the other end of its line."""
    return (script.own,) if script.line is None else (script.own, script.line.other(script.own))


def staged(script: Scenario, party: PartyName, clock: PlayedClock, *, data: Path, port: int) -> Station:
    """The node of one party of a scenario, with the feeds that reach it and a socket for its link."""
    link = listening("127.0.0.1", 0)
    own = party == script.own
    config = Config(
        name=script.title if own else f"{script.title}: party {party}",
        party=party,
        data=str(data),
        port=port,
        link=LinkConfig(url=f"https://127.0.0.1:{link.getsockname()[1]}"),
        names={
            name.language: name.text for each in script.parties if each.name == party for name in each.names
        },
    )
    node = open_node(
        config,
        clock=clock,
        mode="demo",
        stance=stances_of(script, party),
        guide=script.guide if own else (),
    )
    node.story = script.notes
    seen = script.seen_by(party)
    feeds = [feed for feed in simulated_feeds(script, clock=clock.now) if feed.name in seen]
    for feed in feeds:
        quiet_ms = longest_quiet_ms(script, feed.name)
        node.open_feed(
            feed.name,
            feed.kind,
            late_ms=Duration(LATE_MS + quiet_ms),
            lost_ms=Duration(LOST_MS + 2 * quiet_ms),
        )
    return Station(node=node, config=config, feeds=feeds, link=link)


def _home(script: Scenario, party: PartyName, folder: Path) -> Path:
    return folder if script.line is None else folder / party.lower()


def _side(station: Station) -> Side:
    node, config = station.node, station.config
    return Side(
        party=node.party,
        node=node,
        office=LineOffice(node, config=config),
        url=config.link.url,
        stick=Path(config.data) / FOLDERS / STICK,
    )


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
