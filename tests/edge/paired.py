"""Two whole nodes of two parties in one process, paired over real TLS on 127.0.0.1, for tests of the line."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from keepclear.core.instant import Instant
from keepclear.core.line.draft import Draft
from keepclear.core.line.message import (
    Acknowledgement,
    How,
    Kind,
    LineName,
    Precedence,
    Reference,
    Response,
    Step,
)
from keepclear.core.line.plot.place import Place, places_content
from keepclear.core.line.state import LineState
from keepclear.core.line.text import Text
from keepclear.core.line.voice.readback import Language
from keepclear.core.trust.encoding import Json
from keepclear.edge.api.lineforms import AcknowledgementForm, AgreeForm
from keepclear.edge.api.lineoffice import LineOffice
from keepclear.edge.api.lineviews import LineViews
from keepclear.edge.clock import Clock, RealClock
from keepclear.edge.config import Config, LinkConfig
from keepclear.edge.lines.lines import Post
from keepclear.edge.node import Node
from keepclear.edge.opening import open_node
from keepclear.formats.line.card import card_of

TANF = LineName("tanf")
DEADLINE_S = 40.0
OFFICERS: Mapping[str, Sequence[Post]] = {
    "a": (
        Post(name="L. Marek", post="duty officer"),
        Post(name="A. Roy", post="deputy"),
        Post(name="P. Lind", post="liaison", empowered=False),
    ),
    "b": (
        Post(name="I. Volkov", post="watch officer"),
        Post(name="S. Orlova", post="deputy"),
        Post(name="T. Ivanov", post="liaison", empowered=False),
    ),
}


class Party:
    """One party's node with what its people do at it."""

    def __init__(self, folder: Path, name: str, *, clock: Clock | None = None) -> None:
        self.name = name
        self.folder = folder
        self.link = socket.create_server(("127.0.0.1", 0))
        self.port = self.link.getsockname()[1]
        self.config = Config(
            name=f"{name} desk",
            party=name,
            data=str(folder),
            link=LinkConfig(
                port=self.port, url=f"https://127.0.0.1:{self.port}", folders=[str(folder.parent)]
            ),
        )
        self.node = self._opened(clock)
        self.running: asyncio.Task[None] | None = None

    def _opened(self, clock: Clock | None) -> Node:
        return open_node(self.config, clock=clock or RealClock(), mode="live")

    @property
    def office(self) -> LineOffice:
        return LineOffice(self.node, config=self.config)

    @property
    def views(self) -> LineViews:
        return LineViews(self.node)

    @property
    def line(self) -> LineState:
        return self.node.lines.state(TANF)

    def start(self) -> None:
        self.running = asyncio.create_task(self.node.run([], link=self.link))

    async def end(self) -> None:
        """Stop as a signal would; the store is closed."""
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)
            self.running = None
        self.node.host.store.close()

    async def begin_again(self, clock: Clock | None = None) -> None:
        """The node opened anew from its folder, on the same port."""
        self.link.close()
        self.link = socket.create_server(("127.0.0.1", self.port))
        self.node = self._opened(clock)
        self.start()

    def open(self) -> None:
        root = self.node.lines.identity.root_key()
        self.node.lines.open(TANF, OFFICERS[self.name], root=root)

    def say(
        self,
        kind: Kind,
        words: str,
        *,
        by: str,
        places: Sequence[Place] = (),
        precedence: Precedence = Precedence.IMMEDIATE,
        references: Sequence[Reference] = (),
    ) -> bytes:
        text = Text(
            composed=self.node.now, language="en", originator=by, text=words, no_place=not places
        ).content()
        contents: dict[str, Mapping[str, Json]] = {"text": text}
        if places:
            contents["places"] = places_content(places)
        draft = Draft(
            kind=kind,
            precedence=Precedence.FLASH if kind is Kind.STOP else precedence,
            contents=contents,
            references=tuple(references),
        )
        return self.node.lines.say(TANF, draft, by=by)

    def acknowledge(
        self, hashed: bytes, step: Step, *, by: str, response: Response | None = None, plot: bool = False
    ) -> bytes:
        """A step of acknowledgement, as the API takes it; with ``plot`` the node's own plot goes with it."""
        if plot:
            form = AcknowledgementForm(step=step, by=by, response=response)
            received = self.views.parts(self.views.header(TANF, hashed)).get("places")
            return self.node.lines.say(TANF, form.draft(hashed, now=self.node.now, received=received), by=by)
        draft = Draft(
            kind=Kind.ACKNOWLEDGE,
            precedence=Precedence.IMMEDIATE,
            references=(Reference(hash=hashed, how=How.ACKNOWLEDGES),),
            acknowledges=Acknowledgement(step=step, response=response),
        )
        return self.node.lines.say(TANF, draft, by=by)


def pair(one: Party, two: Party, *, folders: Mapping[str, Path] | None = None) -> None:
    """As in person: cards are handed over, each reads out the words on its screen, both open their logs."""
    for mine, theirs in ((one, two), (two, one)):
        card = theirs.office.card()
        words = theirs.office.pairing_words(TANF, card_of(mine.office.card()), Language.EN)
        folder = "" if folders is None else str(folders[mine.name])
        form = AgreeForm(line=TANF, card=card.decode(), words=" ".join(words), folder=folder)
        mine.office.agree(form)
    one.open()
    two.open()


@asynccontextmanager
async def paired(
    path: Path,
    *,
    clocks: Callable[[], Clock] = RealClock,
    folders: Mapping[str, Path] | None = None,
    party: type[Party] = Party,
) -> AsyncIterator[tuple[Party, Party]]:
    """Two nodes at work, paired and open, each of which has the whole log of the other so far."""
    one, two = (party(path / name, name, clock=clocks()) for name in ("a", "b"))
    try:
        one.start()
        two.start()
        pair(one, two, folders=folders)
        await both_hold_all(one, two)
        yield one, two
    finally:
        for each in (one, two):
            await each.end()
            each.link.close()


async def until(what: Callable[[], bool], words: str) -> None:
    """Wait until something is so, for at most DEADLINE_S."""
    for _ in range(int(DEADLINE_S / 0.01)):
        if what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"after {DEADLINE_S} s it is still not so: {words}")


async def both_hold_all(one: Party, two: Party) -> None:
    """Until each log is whole on the other side, and its speaker holds the cosignature that says so."""

    def whole() -> bool:
        return all(
            mine.line.own.size > 0
            and mine.line.confirmed == mine.line.own.size == theirs.line.copy.log.size
            and mine.line.own.head() == theirs.line.copy.log.head()
            for mine, theirs in ((one, two), (two, one))
        )

    await until(whole, "both sides hold and have cosigned all that was said")


def blameless(*parties: Party) -> bool:
    """Whether nobody accuses anybody of anything."""
    return all(
        not each.line.faults and not each.line.withheld and not each.node.host.store.faults(TANF)
        for each in parties
    )


def later(start: Instant, seconds: float) -> Instant:
    return Instant(start + round(seconds * 1_000))
