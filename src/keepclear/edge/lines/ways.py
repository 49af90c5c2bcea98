"""The ways of a line: by what its bundles go, as people have set it, kept in the store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from keepclear.core.errors import Untrusted
from keepclear.core.line.liveness import LINK
from keepclear.core.line.message import LineName
from keepclear.edge.couriers.tls import Certificate
from keepclear.edge.store.store import Store

SETTING: Final = "line.ways."
FOLDER: Final = "folder"


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """The address and certificate (PEM) of the other's link, and a folder for files.

    Empty: there is no such way. ``phones`` are those of its card, for people; ``card_at_ms``: when that was made.
    """

    url: str = ""
    certificate: str = ""
    folder: str = ""
    phones: list[str] = []
    card_at_ms: int = 0


def ways_setting(line: LineName, ways: Ways) -> dict[str, str]:
    """The setting in which the store keeps the ways of a line for the next start."""
    return {f"{SETTING}{line}": msgspec.json.encode(ways).decode()}


def kept_ways(store: Store, lines: Iterable[LineName]) -> dict[LineName, Ways]:
    """The ways that were kept. Raises Untrusted("store.damaged") for what is not ways."""
    found: dict[LineName, Ways] = {}
    for line in lines:
        text = store.setting(f"{SETTING}{line}")
        if text is None:
            continue
        try:
            found[line] = msgspec.json.decode(text, type=Ways)
        except msgspec.MsgspecError as error:
            raise Untrusted("store.damaged", f"the kept ways of line {line}: {error}") from None
    return found


def changed_ways(before: Ways, after: Ways) -> tuple[str, ...]:
    """The ways that go elsewhere now, or not at all."""
    link = (before.url, before.certificate) != (after.url, after.certificate)
    changed = {LINK: link, FOLDER: before.folder != after.folder}
    return tuple(way for way, differs in changed.items() if differs)


def change_words(before: Ways, after: Ways) -> str:
    """What was and what is, of all that differs; empty when nothing does."""
    pairs = {
        "link": (before.url, after.url),
        "certificate": (pin_of_ways(before), pin_of_ways(after)),
        "folder": (before.folder, after.folder),
        "telephone": (", ".join(before.phones), ", ".join(after.phones)),
    }
    return "; ".join(
        f"{what}: {was or 'none'} -> {now or 'none'}" for what, (was, now) in pairs.items() if was != now
    )


def pin_of_ways(ways: Ways) -> str:
    """By what the other's key on the link is known; empty without a link. Raises as Certificate does."""
    return Certificate(pem=ways.certificate).pin if ways.certificate else ""
