"""The live channel: one WebSocket per console, tracks as packed binary, events as JSON (docs/wire.md)."""

from __future__ import annotations

import asyncio
from typing import Final

import numpy as np
from fastapi import WebSocket, WebSocketDisconnect
from numpy.typing import NDArray

from keepclear.core.instant import HOUR_MS, Instant
from keepclear.core.line.event import LineChanged
from keepclear.core.watch.alert_list import AlertChanged
from keepclear.core.watch.event import TimeJumped, TracksForgotten, ZonesChanged
from keepclear.edge.api.guard import SUBPROTOCOL
from keepclear.edge.api.lineviews import LineViews
from keepclear.edge.api.views import Views
from keepclear.edge.host import Change
from keepclear.edge.node import Node
from keepclear.formats.frame import RECORD, frame, track_records
from keepclear.formats.wire import Value, alert_members, json_bytes, names_members

FRAME_S: Final = 0.5
SLOW_S: Final = 1.0
QUEUE_MAX: Final = 200
"""Messages that wait for one console; a console slower than this is let go, and connects again."""

LISTENERS_MAX: Final = 64
EPOCH_SLACK_MS: Final = 24 * HOUR_MS
CLOSE_TOO_SLOW: Final = 4408
CLOSE_FULL: Final = 4503


class Live:
    """Everyone who is listening, and what they were last told."""

    def __init__(self, node: Node, views: Views) -> None:
        self._node = node
        self._views = views
        self._lines = LineViews(node)
        self._queues: set[asyncio.Queue[bytes | str | None]] = set()
        self._sent = np.zeros(0, RECORD)
        self._named: dict[int, tuple[object, ...]] = {}
        self._epoch_ms = node.now - EPOCH_SLACK_MS
        node.host.listeners.append(self._heard)

    async def serve(self, socket: WebSocket) -> None:
        """Tell one console everything, and then every change, until it leaves or falls behind."""
        wanted = socket.headers.get("sec-websocket-protocol")
        await socket.accept(subprotocol=SUBPROTOCOL if wanted else None)
        if len(self._queues) >= LISTENERS_MAX:
            await socket.close(CLOSE_FULL, "too many consoles are listening to this node")
            return
        queue: asyncio.Queue[bytes | str | None] = asyncio.Queue(QUEUE_MAX)
        for message in self._hello():
            queue.put_nowait(message)
        self._queues.add(queue)
        leaving = asyncio.create_task(_until_it_leaves(socket))
        try:
            await self._pass_on(queue, socket, leaving)
        except WebSocketDisconnect:
            pass
        finally:
            self._queues.discard(queue)
            leaving.cancel()

    async def run(self) -> None:
        """Send frames and the once-a-second state until cancelled."""
        elapsed_s = 0.0
        while True:
            await asyncio.sleep(FRAME_S)
            if not self._queues:
                continue
            self._send_frame()
            elapsed_s += FRAME_S
            if elapsed_s >= SLOW_S:
                elapsed_s = 0.0
                self._send_state()

    async def _pass_on(
        self, queue: asyncio.Queue[bytes | str | None], socket: WebSocket, leaving: asyncio.Task[None]
    ) -> None:
        while not leaving.done():
            getting = asyncio.create_task(queue.get())
            await asyncio.wait((getting, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not getting.done():
                getting.cancel()
                return
            message = getting.result()
            if message is None:
                await socket.close(CLOSE_TOO_SLOW, "this console is too slow for the node; connect again")
                return
            if isinstance(message, bytes):
                await socket.send_bytes(message)
            else:
                await socket.send_text(message)

    def _hello(self) -> list[bytes | str]:
        views, watch = self._views, self._node.host.desk.watch
        hello = _text(
            "hello",
            node=views.node(),
            feeds=views.feeds(),
            alerts=views.alerts(closed=False),
            lines=self._lines.lines(),
            epoch_ms=self._epoch_ms,
        )
        # The zones are GeoJSON bytes already; they are set in rather than parsed and written again.
        hello = f'{hello[:-1]},"zones":{views.zones_geojson().decode()}}}'
        records = self._records()
        slots = [int(slot) for slot in records["slot"]]
        names = _text("names", tracks=names_members(watch, slots))
        now = self._node.now
        return [
            hello,
            names,
            frame(records, now=now, epoch_ms=self._epoch_ms),
            _text("near", tracks=views.near()),
        ]

    def _heard(self, change: Change) -> None:
        watch = self._node.host.desk.watch
        match change:
            case AlertChanged():
                self._send(_text("alert", alert=alert_members(change.alert, watch)))
            case ZonesChanged():
                self._send(f'{{"type":"zones","zones":{self._views.zones_geojson().decode()}}}')
            case LineChanged():
                self._send(
                    _text("line", line=self._lines.line(change.line), change=self._lines.change(change))
                )
            case TracksForgotten():
                self._send(_text("gone", slots=list(change.slots)))
            case TimeJumped():
                self._epoch_ms = Instant(change.to - EPOCH_SLACK_MS)
                self._sent, self._named = np.zeros(0, RECORD), {}
                self._send(_text("reset"))
                for message in self._hello():
                    self._send(message)
            case _:
                pass

    def _send_frame(self) -> None:
        records = self._records()
        changed = records[~_same(records, self._sent)]
        self._sent = records
        self._send_names(records)
        self._send(frame(changed, now=self._node.now, epoch_ms=self._epoch_ms))

    def _send_names(self, records: NDArray[np.void]) -> None:
        watch = self._node.host.desk.watch
        news: list[int] = []
        for slot in records["slot"].tolist():
            label = watch.tracks.labels[slot]
            told = (label, watch.tracks.sources[slot])
            if self._named.get(slot) != told:
                self._named[slot] = told
                news.append(slot)
        if news:
            self._send(_text("names", tracks=names_members(watch, news)))

    def _send_state(self) -> None:
        self._send(_text("node", node=self._views.node()))
        self._send(_text("feeds", feeds=self._views.feeds()))
        self._send(_text("near", tracks=self._views.near()))

    def _records(self) -> NDArray[np.void]:
        node = self._node
        return track_records(node.host.desk.watch, now=node.now, epoch_ms=self._epoch_ms, stance=node.stance)

    def _send(self, message: bytes | str) -> None:
        for queue in list(self._queues):
            try:
                queue.put_nowait(message)
            except asyncio.QueueFull:
                self._queues.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)


def _same(records: NDArray[np.void], before: NDArray[np.void]) -> NDArray[np.bool_]:
    """Which records were sent just so before; both are sorted by slot."""
    place = np.searchsorted(before["slot"], records["slot"])
    known = place < before.size
    same = np.zeros(records.size, np.bool_)
    same[known] = records[known] == before[place[known]]
    return same


def _text(kind: str, **members: Value) -> str:
    return json_bytes({"type": kind, **members}).decode()


async def _until_it_leaves(socket: WebSocket) -> None:
    # A console says nothing on this channel; reading is how its leaving is noticed.
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
