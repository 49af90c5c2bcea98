"""Opening a node: its folders, keys, store, archive and feeds, from its settings."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from keepclear import __version__
from keepclear.core.errors import Refused, Unavailable
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.watch.event import TimeJumped
from keepclear.core.watch.report import PartyName, SourceName
from keepclear.edge.archive import Archive
from keepclear.edge.clock import Clock, PlayedClock
from keepclear.edge.config import Config, FeedConfig, position_of
from keepclear.edge.couriers.tls import own_certificate
from keepclear.edge.feeds.arrival import Clock as TellTime
from keepclear.edge.feeds.arrival import Feed
from keepclear.edge.feeds.stdin import StdinFeed
from keepclear.edge.feeds.tcp import TcpFeed
from keepclear.edge.feeds.udp import UdpFeed
from keepclear.edge.host import Host
from keepclear.edge.keys.identity import Identity
from keepclear.edge.keys.privatekey import log_key
from keepclear.edge.lines.carrying import LineCouriers
from keepclear.edge.lines.folders import folders_of
from keepclear.edge.lines.lines import Lines
from keepclear.edge.lines.ways import kept_ways
from keepclear.edge.linewrites import LineHand
from keepclear.edge.node import Mode, Node
from keepclear.edge.store.marker import HeadMarker
from keepclear.edge.store.store import Store
from keepclear.formats.feed.feedformat import FeedFormat, reader_of

HEADS_FILE: Final = "heads"
"""Among the keys and not with the data: a restored backup of the data must not bring back its own mark."""

ORIGIN_FILE: Final = "origin"
"""Beside the keys: the name of the log that this folder's record is."""

OWN, OTHER, CIVIL = 1, 2, 3


def open_store(data: Path, *, party: str | None) -> Store:
    """The store in a data folder. ``party`` None opens one that is there, under the name that it has.

    Raises as Store does, Refused("node.folder") when there is no node's data in the folder, Refused("node.party")
    when the data there is another party's: a party's record is never continued by another.
    """
    keys, origin_file = data / "keys", data / ORIGIN_FILE
    try:
        if party is None and not origin_file.exists():
            raise Refused(
                "node.folder", f"folder {data} holds no node's data; name the folder that the node was given"
            )
        if data.exists() and not data.is_dir():
            raise Refused("node.folder", f"data folder {data} is a file; name a folder, or one to be made")
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not origin_file.exists():
            _write_origin(origin_file, str(party))
        origin = origin_file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its origin file is not text"
        raise Unavailable("node.folder", f"data folder {data}: {reason}") from error
    if party is not None and origin != origin_of(party=party.lower()):
        raise Refused(
            "node.party",
            f"data folder {data} holds the record {origin!r}, not party {party}'s; name another folder, or that party",
        )
    signer = log_key(keys).signer(origin)
    return Store(data / "store.sqlite", signer=signer, marker=HeadMarker(keys / HEADS_FILE))


def _write_origin(file: Path, party: str) -> None:
    # Under another name first: a machine that stops here must not leave half a name, which no start would accept.
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(origin_of(party=party.lower()))
    draft.replace(file)


def open_node(
    config: Config,
    *,
    clock: Clock,
    mode: Mode,
    stance: dict[str, int] | None = None,
    guide: tuple[str, ...] = (),
) -> Node:
    """The node that settings describe, brought to where its store says that it was."""
    data = Path(config.data)
    store = open_store(data, party=config.party)
    identity = Identity(data / "keys", config.party.lower())
    hand = LineHand(store=store, identity=identity)
    host = Host(store=store, archive=Archive(data / "archive"), clock=clock, hand=hand)
    host.restore(node=config.name, version=__version__)
    lines = Lines(host=host, identity=identity, hand=hand)
    lines.start()
    own = own_certificate(data / "keys", now=clock.now())
    couriers = LineCouriers(lines=lines, host=host, own=own, folders=folders_of(config))
    for line, ways in kept_ways(store, host.desk.lines).items():
        couriers.resume(line, ways)
    if isinstance(clock, PlayedClock) and len(host.desk.watch.tracks):
        # What an earlier run saw at later times would make every report of this one late.
        host.take(TimeJumped(to=clock.now()))
    drawn = {config.party: OWN} | dict.fromkeys(config.civil_parties, CIVIL)
    return Node(
        name=config.name,
        party=PartyName(config.party),
        host=host,
        couriers=couriers,
        mode=mode,
        stance=drawn if stance is None else stance,
        guide=guide,
    )


def live_feeds(config: Config, *, clock: TellTime) -> list[Feed]:
    """The feeds that settings describe, ready to be followed."""
    return [_feed(each, clock=clock) for each in config.feeds]


def _feed(config: FeedConfig, *, clock: TellTime) -> Feed:
    name = SourceName(config.name)
    try:
        receiver = position_of(config.receiver) if config.receiver else None
        reader = reader_of(FeedFormat(config.format), name, receiver=receiver, offset_min=config.offset_min)
    except Refused as error:
        raise Refused("config.feed", f"feed {name}: {error.message}") from None
    except ValueError:
        formats = ", ".join(FeedFormat)
        raise Refused(
            "config.feed", f"feed {name}: format is {config.format!r}, must be one of {formats}"
        ) from None
    match config.kind:
        case "tcp":
            return TcpFeed(name, host=config.host, port=config.port, reader=reader, clock=clock)
        case "udp":
            return UdpFeed(name, host=config.host, port=config.port, reader=reader, clock=clock)
        case _:
            return StdinFeed(name, stream=open(0, mode="rb", closefd=False), reader=reader, clock=clock)


def has_display() -> bool:
    """Whether a browser could be opened for the person at this machine."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
