"""``keepclear serve`` and ``replay``: a node with its console, on live or on recorded traffic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from keepclear.core.instant import Instant, Window, instant_of
from keepclear.core.watch.report import SourceName
from keepclear.core.watch.zone import Zone
from keepclear.edge.cli.files import Receiver, formats_help, read_recording, read_zones
from keepclear.edge.cli.progress import progress_bar
from keepclear.edge.cli.running import Browser, Data, Port, Station, data_folder, run
from keepclear.edge.clock import PlayedClock, RealClock
from keepclear.edge.config import Config, config_from
from keepclear.edge.feeds.player import Player
from keepclear.edge.feeds.recording import Recording
from keepclear.edge.node import thresholds
from keepclear.edge.opening import live_feeds, open_node
from keepclear.formats.feed.feedformat import FeedFormat


def serve(
    settings: Annotated[Path, typer.Argument(help="The node's settings, a TOML file (docs/settings.md).")],
    browser: Browser = False,
) -> None:
    """Run a node: watch the zones against live feeds, and serve its console until stopped.

    Example: keepclear serve keepclear.toml
    """
    config = config_from(settings)
    clock = RealClock()
    # All that can be wrong with the settings is found before the node's data is touched.
    feeds = live_feeds(config, clock=clock.now)
    paths = [Path(path) for path in config.zones]
    zones = read_zones(paths, declared_by=config.party) if paths else []
    node = open_node(config, clock=clock, mode="live")
    for feed in config.feeds:
        late_ms, lost_ms = thresholds(late_s=feed.late_s, lost_s=feed.lost_s)
        node.open_feed(SourceName(feed.name), feed.kind, late_ms=late_ms, lost_ms=lost_ms)
    node.declare(zones, by="settings")
    run([Station(node=node, config=config, feeds=feeds)], browser=browser)


def replay(
    recording: Annotated[
        Path, typer.Argument(help="A recording, gzip-compressed or not, or an archive folder.")
    ],
    zones: Annotated[list[Path], typer.Option("--zones", help="A GeoJSON file of zones; may be repeated.")],
    rate: Annotated[float, typer.Option(help="How many times as fast as it happened.")] = 10.0,
    start: Annotated[str | None, typer.Option(help="Begin here: ISO 8601 with a zone.")] = None,
    declared_by: Annotated[
        str, typer.Option(help="Who declared the zones, for a file that does not say.")
    ] = "A",
    feed_format: Annotated[FeedFormat | None, typer.Option("--format", help=formats_help())] = None,
    receiver: Receiver = None,
    port: Port = 8470,
    data: Data = None,
    browser: Browser = True,
) -> None:
    """Play a recording through a node with its console: any speed, pause, seek.

    Example: keepclear replay toulouse.jsonl.gz --zones zones.geojson --rate 20
    """
    declared = read_zones(zones, declared_by=declared_by)
    with progress_bar("reading") as reading:
        recorded = read_recording(recording, feed_format, reading, receiver=receiver)
    play(recorded, declared, rate=rate, start=start, port=port, data=data, browser=browser)


def play(
    recorded: Recording,
    zones: Sequence[Zone],
    *,
    rate: float,
    start: str | None = None,
    port: int,
    data: Path | None,
    browser: bool,
) -> None:
    """Play a recording through a node with its console, until stopped."""
    clock = PlayedClock(Window(start=recorded.start, end=Instant(recorded.end + 1)), rate=rate)
    if start is not None:
        clock.seek(instant_of(start))
    with data_folder(data) as folder:
        config = Config(name=recorded.source, party="A", data=str(folder), port=port)
        node = open_node(config, clock=clock, mode="replay")
        node.declare(zones, by="command line")
        player = Player(recorded, clock=clock.now)
        node.open_feed(player.name, player.kind)
        run([Station(node=node, config=config, feeds=[player])], browser=browser)
