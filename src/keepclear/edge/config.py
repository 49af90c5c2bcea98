"""The node's settings: one frozen Config from one TOML file, read once and passed in. Unknown keys are refused."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Final

import msgspec

from keepclear.core.errors import KeepclearError, Refused, Unavailable
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.record.cosignature import Algorithm
from keepclear.core.space.geodesy import Position
from keepclear.core.trust.note import verifier_key_of

CONFIG_BYTES_MAX: Final = 1_000_000
TOKEN_LENGTH_MIN: Final = 24
FEED_KINDS: Final = ("tcp", "udp", "stdin")
NAME_LENGTH_MAX: Final = 64
WITNESS_ALGORITHMS: Final = {"ed25519": Algorithm.ED25519, "ml-dsa-44": Algorithm.ML_DSA_44}
QUIET_MAX_S: Final = 86_400.0
"""A feed may be quiet for at most a day before it counts as lost."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+-]+")


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
        if not self.name.strip() or len(self.name) > NAME_LENGTH_MAX:
            raise Refused(
                "config.feed",
                f"feed {self.name[:80]!r}: its name must have 1 to {NAME_LENGTH_MAX} characters",
            )
        if self.kind not in FEED_KINDS:
            kinds = ", ".join(FEED_KINDS)
            raise Refused("config.feed", f"feed {self.name}: kind is {self.kind!r}, must be one of {kinds}")
        if self.kind in ("tcp", "udp") and not 0 < self.port < 65_536:
            raise Refused("config.feed", f"feed {self.name}: port is {self.port}, must be 1 to 65535")
        if not 0 < self.late_s <= self.lost_s <= QUIET_MAX_S:
            raise Refused(
                "config.feed",
                f"feed {self.name}: late_s is {self.late_s:g} and lost_s {self.lost_s:g}, must be above 0, "
                f"late_s no more than lost_s, and lost_s at most {QUIET_MAX_S:g}",
            )


class LinkConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where other parties' nodes reach this one: it listens on ``bind`` and ``port`` (0: it does not listen).

    ``url`` is what stands in this party's card, ``https://HOST:PORT``; empty when others need not call. ``folders``:
    where the folders of lines may be, such as where sticks are mounted; none: in the node's own data folder.
    """

    bind: str = "127.0.0.1"
    port: int = 0
    url: str = ""
    folders: list[str] = []

    def __post_init__(self) -> None:
        if not 0 <= self.port < 65_536:
            raise Refused("config.port", f"port of the link is {self.port}, must be 0 to 65535")
        for each in self.folders:
            if not Path(each).is_absolute() or "\0" in each:
                raise Refused(
                    "config.folders",
                    f"folders of the link have {each!r}, must be whole paths that begin with /",
                )


class WitnessConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the node witnesses others' logs: it listens on ``bind`` and ``port`` (0: it does not witness).

    ``logs`` are the keys of the logs that it cosigns, as ``keepclear line show`` prints them; any other is refused.
    ``algorithm`` is one of WITNESS_ALGORITHMS: each has a key of its own.
    """

    bind: str = "127.0.0.1"
    port: int = 0
    logs: list[str] = []
    algorithm: str = "ed25519"

    def __post_init__(self) -> None:
        if not 0 <= self.port < 65_536:
            raise Refused("config.port", f"port of the witness is {self.port}, must be 0 to 65535")
        if self.algorithm not in WITNESS_ALGORITHMS:
            known = ", ".join(WITNESS_ALGORITHMS)
            raise Refused(
                "config.witness", f"witness: algorithm is {self.algorithm!r}, must be one of {known}"
            )
        for each in self.logs:
            try:
                verifier_key_of(each)
            except KeepclearError as error:
                raise Refused(
                    "config.witness", f"witness: {each[:80]!r} is no key of a log: {error.message}"
                ) from None


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything a node is told at its start.

    ``data``: the folder of store, keys and archive. ``zones``: GeoJSON files read at the first start.
    ``names`` (by language) and ``phones`` stand in the party's card.
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
    link: LinkConfig = LinkConfig()
    witness: WitnessConfig = WitnessConfig()
    names: dict[str, str] = {}
    phones: list[str] = []

    def __post_init__(self) -> None:
        if not 0 <= self.port < 65_536:
            raise Refused("config.port", f"port is {self.port}, must be 0 to 65535")
        try:
            origin_of(party=self.party.lower())
        except Refused:
            raise Refused(
                "config.party",
                f"party is {self.party[:80]!r}, must be 1 to 64 of a-z, 0-9, dot and hyphen, in any case",
            ) from None
        self._demand_token()
        self._demand_feeds_apart()

    def _demand_token(self) -> None:
        if not is_loopback(self.bind) and len(self.token) < TOKEN_LENGTH_MIN:
            raise Refused(
                "config.token",
                f"bind is {self.bind!r}, which others can reach: set a token of {TOKEN_LENGTH_MIN} characters or "
                "more, such as one that this prints: openssl rand -hex 24",
            )
        # RFC 7230, 3.2.6: a browser sends the token as the name of a subprotocol, which is a "token" of that clause.
        if self.token and not _TOKEN.fullmatch(self.token):
            raise Refused(
                "config.token",
                "the token must be of letters, digits and . _ ~ + -, or no browser could send it",
            )

    def _demand_feeds_apart(self) -> None:
        names = [feed.name for feed in self.feeds]
        if len(set(names)) != len(names):
            raise Refused("config.feed", f"feeds are named {', '.join(names)}: each name may be used once")
        if sum(feed.kind == "stdin" for feed in self.feeds) > 1:
            raise Refused("config.feed", "more than one feed is of kind stdin, of which there is only one")


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
    except Refused as error:
        raise Refused(error.code, f"settings {path}: {error.message}") from None
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
