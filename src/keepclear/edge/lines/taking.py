"""Taking: bundles that come are read, judged, opened and then acted on, one after the other.

Reading, checking signatures and opening parts take time by what a peer chooses to send. So these are done in another
thread, on values that do not change, and the node goes on meanwhile; what is left for its own thread is to act. Of
each line one bundle waits for its turn at most, so that whoever sends much keeps nobody waiting but itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import sha256

from keepclear.core.errors import Refused
from keepclear.core.line.bundle import Bundle
from keepclear.core.line.event import BundleCame
from keepclear.core.line.examination import Examination, Examined, admit, examination
from keepclear.core.line.message import LineName, PartyWord
from keepclear.core.line.parts import wanted_parts
from keepclear.core.line.state import LineState
from keepclear.edge.host import Host
from keepclear.edge.keys.identity import LineKeys
from keepclear.edge.lines.shelf import LineShelf
from keepclear.edge.linewrites import LineHand
from keepclear.formats.line.bundlefile import bundle_of


class Taking:
    """Takes the bundles of every line of a node."""

    def __init__(self, *, host: Host, hand: LineHand) -> None:
        self._host = host
        self._hand = hand
        self._under_way = asyncio.Lock()
        self._lines: dict[LineName, asyncio.Lock] = {}

    async def take(self, bundle: Bundle, *, way: str) -> None:
        """Take a bundle while the node goes on. Raises what the line refuses."""
        async with self._turn(self._state(bundle).terms.line):
            examined = await asyncio.to_thread(self._examination(bundle).examined)
            opening = self._opening(bundle.parts, examined)
            self._act(examined, await asyncio.to_thread(opening.opened), way=way)

    def take_at_once(self, bundle: Bundle, *, way: str) -> None:
        """Take a bundle before anything else happens. Raises what the line refuses."""
        examined = self._examination(bundle).examined()
        self._act(examined, self._opening(bundle.parts, examined).opened(), way=way)

    @asynccontextmanager
    async def _turn(self, line: LineName) -> AsyncIterator[None]:
        """One bundle at a time, and of each line one in the queue."""
        async with self._lines.setdefault(line, asyncio.Lock()), self._under_way:
            yield

    def _examination(self, bundle: Bundle) -> Examination:
        """What is to be worked out of a bundle that is signed by whom it says; of its parts the line needs none."""
        state = self._state(bundle)
        admit(state, bundle)
        return examination(state, replace(bundle, parts={}), holding=self._shelf(state).holding(bundle))

    def _opening(self, parts: Mapping[bytes, bytes], examined: Examined) -> _Opening:
        """The parts to be opened: those that are awaited, or named by an entry that was verified."""
        state = self._state(examined.bundle)
        wanted = wanted_parts(state, examined.said())
        return _Opening(
            keys=None if state.own.roster is None else self._hand.keys(state.terms.line, state.own.epoch),
            sealed={name: sealed for name, sealed in parts.items() if name in wanted},
        )

    def _act(self, examined: Examined, openings: tuple[bytes, ...], *, way: str) -> None:
        """Let the line act on a bundle; of its parts the openings are kept that were of use, and no more."""
        bundle, line = examined.bundle, self._host.desk.line(examined.bundle.line)
        shelf = self._shelf(line.state)
        event = BundleCame(
            line=bundle.line,
            way=way,
            bundle=bundle,
            holding=shelf.holding(bundle),
            openings=(*openings, *shelf.answered(examined.said()), *shelf.beside(openings)),
        )
        line.foretell(examined)
        self._host.take(event)

    def _state(self, bundle: Bundle) -> LineState:
        return self._host.desk.line(bundle.line).state

    def _shelf(self, state: LineState) -> LineShelf:
        return LineShelf(self._host.store, state)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """Sealed parts by their commitments, and the keys that may open them; None before our log has begun."""

    keys: LineKeys | None
    sealed: Mapping[bytes, bytes]

    def opened(self) -> tuple[bytes, ...]:
        """Those that our box opens and that are what was committed to."""
        keys = self.keys
        if keys is None:
            return ()
        found = ((name, keys.open(sealed)) for name, sealed in self.sealed.items())
        return tuple(each for name, each in found if each is not None and sha256(each).digest() == name)


def bundle_from(raw: bytes, *, sender: PartyWord | None = None) -> Bundle:
    """The bundle in a file or a post; ``sender`` is whom the way itself shows to have sent it, if it does.

    Raises Refused("bundle.foreign") for another's, and as ``bundle_of`` does.
    """
    bundle = bundle_of(raw)
    if sender is not None and bundle.sender != sender:
        raise Refused("bundle.foreign", f"bundle is from {bundle.sender}, and {sender} brought it")
    return bundle
