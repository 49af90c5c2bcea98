"""The node's settings: one frozen Config from one TOML file, read once and passed in. Unknown keys are refused."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Final

import msgspec

from keepclear.core.errors import Refused, Unavailable
from keepclear.core.space.geodesy import Position

CONFIG_BYTES_MAX: Final = 1_000_000
TOKEN_LENGTH_MIN: Final = 24
FEED_KINDS: Final = ("tcp", "udp", "stdin")


class FeedConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One source of reports: ``kind`` is tcp, udp or stdin; ``format`` as in docs/feeds.md.

    ``receiver``: where it stands, LATITUDE,LONGITUDE, for the surface positions of Mode S. ``offset_min``: how far
    the times of SBS lie ahead of UTC.
    """

    name: str
    kind: str
    format: str
    host: str = "127.0.0.1"
    port: int = 0
    receiver: str = ""
    offset_min: int = 0
    late_s: float = 5.0
    lost_s: float = 30.0

    def __post_init__(self) -> None:
        if self.kind not in FEED_KINDS:
            raise Refused(
                "config.feed", f"feed {self.name}: kind is {self.kind!r}, must be one of {FEED_KINDS}"
            )
        if self.kind in ("tcp", "udp") and not 0 < self.port < 65_536:
            raise Refused("config.feed", f"feed {self.name}: port is {self.port}, must be 1 to 65535")


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a node is told at its start.

    ``data``: the folder of store, keys and archive. ``zones``: GeoJSON files read at the first start.
    ``token``: needed from every caller when ``bind`` is not a loopback address, at least TOKEN_LENGTH_MIN characters.
    """

    name: str = "Keepclear"
    party: str = "A"
    data: str = "keepclear-data"
    bind: str = "127.0.0.1"
    port: int = 8470
    token: str = ""
    zones: list[str] = []
    feeds: list[FeedConfig] = []
    civil_parties: list[str] = []

    def __post_init__(self) -> None:
        if not 0 <= self.port < 65_536:
            raise Refused("config.port", f"port is {self.port}, must be 0 to 65535")
        if not is_loopback(self.bind) and len(self.token) < TOKEN_LENGTH_MIN:
            raise Refused(
                "config.token",
                f"bind is {self.bind}, which others can reach: set a token of {TOKEN_LENGTH_MIN} characters or more",
            )
        names = [feed.name for feed in self.feeds]
        if len(set(names)) != len(names):
            raise Refused("config.feed", f"feeds are named {names}: each name may be used once")


def config_from(path: Path) -> Config:
    """The settings in a TOML file. Raises Refused("config.*") naming the key, Unavailable when it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Unavailable("config.file", f"settings {path}: {error.strerror}") from error
    if len(raw) > CONFIG_BYTES_MAX:
        raise Refused("config.file", f"settings {path} have {len(raw)} bytes, at most {CONFIG_BYTES_MAX}")
    try:
        return msgspec.toml.decode(raw, type=Config)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Refused("config.file", f"settings {path}: {error}") from None


def is_loopback(address: str) -> bool:
    """Whether only this machine reaches the address. A host name other than localhost counts as reachable."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def position_of(text: str) -> Position:
    """The position written as LATITUDE,LONGITUDE in degrees. Raises Refused("position.unreadable") or out-of-range."""
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        raise Refused(
            "position.unreadable", f"{text!r} is not LATITUDE,LONGITUDE in degrees, such as 43.63,1.36"
        ) from None
    return Position(latitude_deg=latitude, longitude_deg=longitude)
