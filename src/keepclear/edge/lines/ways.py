"""The ways of a line: by what its bundles go, as people have set it, kept in the store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from keepclear.core.errors import Untrusted
from keepclear.core.line.message import LineName
from keepclear.edge.store.store import Store

SETTING: Final = "line.ways."


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """The address and certificate (PEM) of the other's link, and a folder for files.

    Empty: there is no such way. ``phones`` are those of its card, for people.
    """

    url: str = ""
    certificate: str = ""
    folder: str = ""
    phones: list[str] = []


def keep_ways(store: Store, line: LineName, ways: Ways) -> None:
    """Keep the ways of a line for the next start."""
    store.commit(settings={f"{SETTING}{line}": msgspec.json.encode(ways).decode()})


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
