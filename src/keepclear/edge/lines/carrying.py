"""The couriers of a node at work: bundles go out by the ways of each line, and what comes by them is taken.

The link carries at once and brings the other's bundle back as its answer. The folder is for sticks and mail: a bundle
lies ready in it whenever there is something new, and what is put into it is taken.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from keepclear.core.errors import KeepclearError, Refused, Unavailable
from keepclear.core.line.event import Elapsed
from keepclear.core.line.examination import BEGINNING_MISSING
from keepclear.core.line.liveness import LINK
from keepclear.core.line.message import LineName, PartyWord
from keepclear.edge.couriers.answer import Answer, answer_to, refusal
from keepclear.edge.couriers.linkclient import LinkClient
from keepclear.edge.couriers.linkserver import LinkServer
from keepclear.edge.couriers.spool import Spool
from keepclear.edge.couriers.tls import Certificate, OwnCertificate
from keepclear.edge.host import Host
from keepclear.edge.lines.folders import Folders
from keepclear.edge.lines.lines import Lines
from keepclear.edge.lines.taking import bundle_from
from keepclear.edge.lines.ways import FOLDER, Ways

BUNDLE_PATH: Final = "/line/v1/bundle"
BUNDLE_TYPE: Final = "application/json"

TICK_S: Final = 0.5
LOOK_S: Final = 2.0
"""How often folders are looked into."""


class LineCouriers:
    """Carries for every line of a node until cancelled."""

    def __init__(self, *, lines: Lines, host: Host, own: OwnCertificate, folders: Folders) -> None:
        self.lines = lines
        self._host = host
        self.own = own
        self._folders = folders
        self._ways: dict[LineName, Ways] = {}
        self._clients: dict[LineName, LinkClient] = {}
        # Kept from look to look: a spool takes a file once it is as it was at the look before.
        self._spools: dict[LineName, Spool] = {}
        self._due: dict[LineName, asyncio.Event] = {}
        self._folder_due: set[LineName] = set()
        self._server = LinkServer(own=own, peers={}, handler=self._handle)
        self._tasks: asyncio.TaskGroup | None = None
        self._cut: set[LineName] = set()
        lines.senders.append(self._wanted)

    @property
    def ways(self) -> Mapping[LineName, Ways]:
        """The ways of each line."""
        return self._ways

    @property
    def cut(self) -> frozenset[LineName]:
        """The lines whose link is held cut, for an exercise or a demonstration."""
        return frozenset(self._cut)

    def hold_cut(self, line: LineName, *, cut: bool) -> None:
        """Hold the link of a line cut, or let it go; the folder goes on."""
        (self._cut.add if cut else self._cut.discard)(line)
        if not cut and line in self._due:
            self._due[line].set()

    def fit(self, ways: Ways) -> Ways:
        """These ways with the folder where it really is, once all of them could be used; nothing is used yet.

        Raises as Certificate, LinkClient and ``Folders.ready`` do.
        """
        self._client(ways)
        folder = str(self._folders.ready(ways.folder)) if ways.folder else ""
        return msgspec.structs.replace(ways, folder=folder)

    def resume(self, line: LineName, ways: Ways) -> None:
        """Carry a line by ways that were set in an earlier run.

        A folder that is no longer allowed is not used, and fails with what to do; the node starts all the same.
        Raises as Certificate and LinkClient do.
        """
        try:
            self.use(line, self.fit(ways))
        except KeepclearError as error:
            if not ways.folder:
                raise
            self.use(line, msgspec.structs.replace(ways, folder=""))
            self.lines.not_carried(line, FOLDER, error.message)

    def use(self, line: LineName, ways: Ways) -> None:
        """Carry a line from now on by ways that ``fit`` has answered. Raises as Certificate and LinkClient do."""
        client = self._client(ways)
        self._spools.pop(line, None)
        if ways.folder:
            self._spools[line] = Spool(Path(ways.folder))
            if line in self._ways and self._ways[line].folder != ways.folder:
                self._folder_due.add(line)
        before = self._clients.pop(line, None)
        if before is not None:
            before.close()
        self._ways[line] = ways
        if client is not None:
            self._clients[line] = client
        self._admit()
        if line not in self._due:
            self._due[line] = asyncio.Event()
            if self._tasks is not None:
                self._tasks.create_task(self._send_by_link(line))
        self._due[line].set()

    def _client(self, ways: Ways) -> LinkClient | None:
        certificate = Certificate(pem=ways.certificate) if ways.certificate else None
        if not ways.url:
            return None
        if certificate is None:
            raise Refused(
                "link.certificate", f"link {ways.url} has no certificate; take the other party's card"
            )
        return LinkClient(ways.url, own=self.own, peer=certificate)

    async def run(self, listening: socket.socket | None) -> None:
        """Serve the link where there is a socket for it, and send what is due, until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                if listening is not None:
                    tasks.create_task(self._server.run(listening))
                for line in self._due:
                    tasks.create_task(self._send_by_link(line))
                tasks.create_task(self._tell_time())
                tasks.create_task(self._look_into_folders())
        finally:
            for client in self._clients.values():
                client.close()

    def _admit(self) -> None:
        """Let in the other of each line by its certificate; one party may have several lines."""
        peers: dict[str, Certificate] = {}
        # The certificate of the newest card of a party: on another line of its there may still be an older one.
        for line, ways in sorted(self._ways.items(), key=lambda each: each[1].card_at_ms):
            if ways.certificate:
                peers[self.lines.state(line).terms.other] = Certificate(pem=ways.certificate)
        self._server.admit(peers)

    def _wanted(self, line: LineName, every_way: bool) -> None:  # noqa: FBT001 - the shape of a sender
        if line in self._due:
            self._due[line].set()
        state = self.lines.state(line)
        if every_way or state.own.size > state.carried or state.liveness.cut is not None:
            self._folder_due.add(line)

    async def _tell_time(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            for line in tuple(self._host.desk.lines):
                self._host.take(Elapsed(line=line))

    async def _send_by_link(self, line: LineName) -> None:
        while True:
            await self._due[line].wait()
            self._due[line].clear()
            client = self._clients.get(line)
            if client is not None:
                await self._send(line, client)

    async def _send(self, line: LineName, client: LinkClient) -> None:
        """One exchange: our bundle goes, the other's comes back as the answer, and again while there is more."""
        for _ in range(ROUNDS_MAX):
            before = self._held(line)
            # This bundle has all that was asked for until now.
            self._due[line].clear()
            try:
                if line in self._cut:
                    raise Unavailable("link.cut", "the link is held cut by an officer")
                packed = self.lines.pack(line, way=LINK)
                if packed is None:
                    return
                answer = await client.post(BUNDLE_PATH, packed.raw)
                if answer.status != 200:
                    raise Unavailable("link.refused", _reason(answer))
            except KeepclearError as error:
                if self._clients.get(line) is client:
                    self.lines.not_carried(line, LINK, error.message)
                return
            self.lines.carried(line, LINK, packed)
            with suppress(KeepclearError):
                # It is counted among the refusals, and the line goes on.
                await self._take(answer.body, LINK, self.lines.state(line).terms.other)
            if self._clients.get(line) is not client:
                # The link goes elsewhere since, or nowhere: what this exchange has kept open is let go.
                client.close()
                return
            if not self._goes_on(line, before):
                return

    def _held(self, line: LineName) -> tuple[int, int, int]:
        """What tells whether an exchange moved anything."""
        state = self.lines.state(line)
        return state.confirmed, state.copy.log.size, len(state.unopened)

    def _goes_on(self, line: LineName, before: tuple[int, int, int]) -> bool:
        """Whether another exchange follows at once: the last moved something, and left something to be moved.

        What is left are entries of ours or parts of theirs, more of their log, or our cosignature of what just came.
        """
        state = self.lines.state(line)
        if self._held(line) == before:
            return False
        came = state.copy.log.size > before[1]
        return came or bool(state.waiting or state.unopened) or state.other_shows > state.copy.log.mark

    async def _handle(self, peer: str, path: str, body: bytes) -> Answer:
        if path != BUNDLE_PATH:
            return refusal(404, "link.path", f"there is nothing at {path}; bundles go to {BUNDLE_PATH}")
        if any(self.lines.state(each).terms.other == peer for each in self._cut):
            return answer_to(Unavailable("link.cut", "the link is held cut by an officer"))
        asked = {line for line, due in self._due.items() if due.is_set()}
        try:
            line = await self._take(body, LINK, PartyWord(peer))
            if line in self._cut:
                # Cut while the bundle was being read: nothing of ours goes out by the link any more.
                raise Unavailable("link.cut", "the link is held cut by an officer")
            packed = self.lines.pack(line, way=LINK)
        except KeepclearError as error:
            return answer_to(error)
        if line in self._due and line not in asked:
            # What the bundle itself asked to be sent goes as its answer, and not by a call of our own too.
            self._due[line].clear()
        if packed is None:
            return refusal(503, "line.closed", f"line {line} is not open yet at this node")
        self.lines.carried(line, LINK, packed)
        return Answer(status=200, content_type=BUNDLE_TYPE, body=packed.raw)

    async def _take(self, raw: bytes, way: str, sender: PartyWord | None = None) -> LineName:
        """Take what came; what is refused is counted, and why is raised, unless our next bundle is the cure."""
        try:
            bundle = await asyncio.to_thread(bundle_from, raw, sender=sender)
            try:
                await self.lines.take(bundle, way=way)
            except Refused as refused:
                if refused.code != BEGINNING_MISSING:
                    raise
                self._host.refuse(source=f"line {way}", error=refused, sample=raw)
        except KeepclearError as error:
            self._host.refuse(source=f"line {way}", error=error, sample=raw)
            raise
        return bundle.line

    async def _look_into_folders(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            for line, spool in tuple(self._spools.items()):
                await self._visit(line, spool)

    async def _visit(self, line: LineName, spool: Spool) -> None:
        """Take what lies in the folder's ``in``, and lay what is due into its ``out``."""
        try:
            if self._folders.within(self._ways[line].folder) != Path(self._ways[line].folder):
                raise Refused(
                    "ways.folder", f"folder {self._ways[line].folder} has become a link; set it anew"
                )
            for file in spool.take():
                try:
                    await self._take(file.content, FOLDER)
                except KeepclearError as error:
                    spool.refuse(file, error.message)
                else:
                    spool.taken(file)
                    self._folder_due.add(line)
            if line in self._folder_due:
                self._folder_due.discard(line)
                self._lay(line, spool)
        except KeepclearError as error:
            self.lines.not_carried(line, FOLDER, error.message)

    def _lay(self, line: LineName, spool: Spool) -> None:
        packed = self.lines.pack(line, way=FOLDER)
        if packed is None:
            return
        terms = self.lines.state(line).terms
        spool.put(line=line, sender=terms.own, receiver=terms.other, size=packed.size, bundle=packed.raw)
        self.lines.carried(line, FOLDER, packed)


ROUNDS_MAX: Final = 64
"""The most exchanges in a row; what is left then waits for the next time."""


def _reason(answer: Answer) -> str:
    return answer.body[:300].decode("utf-8", "replace") or f"the other node answered {answer.status}"
