"""What happens to a line, and what the line answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.fault import Fault
from keepclear.core.line.intake import Holding
from keepclear.core.line.log import Mark
from keepclear.core.line.message import Header, LineName
from keepclear.core.line.terms import Terms
from keepclear.core.record.merkle import Head

BY_MAX: Final = 120
"""The longest name of a person who does something about a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAgreed:
    """A line with a counterpart was agreed: its roots were compared by people."""

    terms: Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """An entry that our node or one of our officers has signed, with the openings of its parts."""

    line: LineName
    leaf: bytes
    openings: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleCame:
    """A bundle that came by some way, what of its parts could be opened, and what our copy holds around it."""

    line: LineName
    way: str
    bundle: Bundle
    holding: Holding
    openings: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A bundle with all of our log below ``size`` went out by a way.

    ``ahead`` are the numbers of urgent entries that it brought ahead of their turn.
    """

    line: LineName
    way: str
    size: int
    ahead: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCarried:
    """A way did not carry; ``trouble`` says why."""

    line: LineName
    way: str
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """A person acted at this node."""

    line: LineName


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverted:
    """What this node holds of its own log is less than it is known to have signed: a backup was restored.

    ``signed`` is how far it went, in the last epoch that it is known to have opened.
    """

    line: LineName
    signed: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """This node is known to have cosigned a head of the other's log and has forgotten it: a backup was restored.

    ``second`` is the one since 1970 that the cosignature states.
    """

    line: LineName
    epoch: int
    head: Head
    second: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysSet:
    """A person has set by what the bundles of a line go from now on.

    ``changed`` are the ways that go elsewhere now or not at all, ``words`` say what was and what is.
    Raises Refused("line.by") for nobody, or a name of more than BY_MAX characters.
    """

    line: LineName
    by: str
    changed: tuple[str, ...]
    words: str

    def __post_init__(self) -> None:
        if not 1 <= len(self.by.strip()) <= BY_MAX:
            raise Refused(
                "line.by",
                f"line {self.line}: the name of who sets its ways has {len(self.by)} characters, must have 1 to "
                f"{BY_MAX}; give the name of the person",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed:
    """Time went by."""

    line: LineName


AgreedLineEvent = (
    Spoken | BundleCame | Carried | NotCarried | Attended | Reverted | Recalled | WaysSet | Elapsed
)
"""What happens to a line that there is."""

LineEvent = LineAgreed | AgreedLineEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowLog:
    """To do: append leaves to a log. Of our own the head is then signed; of the other's the checkpoint is given."""

    origin: str
    leaves: tuple[bytes, ...]
    checkpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepExpress:
    """To do: keep an entry of the other's that came ahead of its turn, so that people can read it before that."""

    origin: str
    index: int
    leaf: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cosign:
    """To do: cosign the other's checkpoint, at the instant given, and keep that."""

    origin: str
    size: int
    checkpoint: str
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepCosigned:
    """To do: keep a cosignature of the other on our checkpoint: the receipt for every entry below its size."""

    origin: str
    size: int
    checkpoint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOpenings:
    """To do: keep openings."""

    openings: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """To do: keep the openings of these parts until an instant and no longer."""

    commitments: tuple[bytes, ...]
    until: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PartsWithheld:
    """To do: note that these parts are given no more, as entry ``index`` of their own log says, at the time it states.

    Of the other's parts those alone that were never opened here.
    """

    origin: str
    index: int
    at: Instant
    commitments: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """To tell: a message of a person's, ours or the other's, whose parts are open here as far as they ever will be.

    Once for each message; the parts of one may come later than those of messages after it. ``openings`` are those that
    are here, by the names of their parts: not those that were released to others alone, or are lost.
    """

    hash: bytes
    header: Header
    openings: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Carry:
    """To do: send a bundle; ``every_way`` asks for every way there is and not the usual one alone."""

    line: LineName
    every_way: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """To do: sign a comms check."""

    line: LineName


@dataclass(frozen=True, slots=True, kw_only=True)
class Convict:
    """To do: keep evidence against the other party."""

    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChanged:
    """To show: what changed on a line, which messages it concerns, and by whom, where a person did it."""

    line: LineName
    change: str
    hashes: tuple[bytes, ...] = ()
    words: str = ""
    by: str = ""


LineEffect = (
    GrowLog
    | KeepExpress
    | Cosign
    | KeepCosigned
    | KeepOpenings
    | LetGo
    | PartsWithheld
    | Opened
    | Carry
    | Check
    | Convict
    | LineChanged
)
