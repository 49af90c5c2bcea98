"""Views: what the node shows of itself as it is now, and of its record, as docs/wire.md has it."""

from __future__ import annotations

import json
import math
from typing import Final

from keepclear import __version__
from keepclear.core.errors import Refused
from keepclear.core.instant import instant_text
from keepclear.core.watch.alert import AlertId
from keepclear.core.watch.report import TrackName
from keepclear.edge.node import Node
from keepclear.formats.wire import Members, Value, alert_members, feed_members, track_members
from keepclear.formats.zone.geojson import geojson_of

NEAR_MAX: Final = 200
"""Tracks of interest that are told each second, the nearest first."""


class Views:
    """Read-only sights of a node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._zones_json: tuple[int, bytes] | None = None
        node.host.listeners.append(lambda _: self._forget_zones())

    def node(self) -> Members:
        """The node itself."""
        node, head = self._node, self._node.host.store.head()
        clock = node.host.clock
        return {
            "name": node.name,
            "party": node.party,
            "version": __version__,
            "now": instant_text(node.now),
            "rate": clock.rate,
            "paused": clock.paused,
            "mode": node.mode,
            "started": instant_text(node.started),
            "record": {"size": head.size, "root": head.root.hex()},
            "guide": list(node.guide),
            "story": [
                {"at": instant_text(note.at), "words": note.words}
                for note in node.story
                if note.at <= node.now
            ],
        }

    def zones_geojson(self) -> bytes:
        """Every zone as a FeatureCollection with outlines, ready to draw."""
        if self._zones_json is None:
            zones = list(self._node.host.desk.watch.zones.values())
            self._zones_json = (len(zones), geojson_of(zones, with_outlines=True))
        return self._zones_json[1]

    def alerts(self, *, closed: bool) -> list[Value]:
        """The alerts that are held, newest first."""
        watch = self._node.host.desk.watch
        held = [alert for alert in watch.alerts.alerts.values() if alert.open or closed]
        held.sort(key=lambda alert: alert.raised, reverse=True)
        return [alert_members(alert, watch) for alert in held]

    def alert(self, alert_id: AlertId) -> Members:
        """One alert. Raises Refused("alert.unknown")."""
        watch = self._node.host.desk.watch
        alert = watch.alerts.alerts.get(alert_id)
        if alert is None:
            raise Refused("alert.unknown", f"alert {alert_id} is not in the alert list")
        return alert_members(alert, watch)

    def track(self, name: TrackName) -> Members:
        """One track. Raises Refused("track.unknown")."""
        watch = self._node.host.desk.watch
        slot = watch.tracks.slot_of.get(name)
        if slot is None:
            raise Refused("track.unknown", f"track {name} is not carried here")
        return track_members(watch, slot, now=self._node.now)

    def near(self) -> list[Value]:
        """The tracks that stand in some relation to a zone, the nearest to an edge first."""
        watch = self._node.host.desk.watch
        nearest: dict[int, float] = {}
        for relations in watch.relations.values():
            for slot, relation in relations.items():
                nearest[slot] = min(nearest.get(slot, math.inf), relation.distance_m)
        slots = sorted(nearest, key=lambda slot: nearest[slot])[:NEAR_MAX]
        return [track_members(watch, slot, now=self._node.now) for slot in slots]

    def feeds(self) -> list[Value]:
        """The feeds and how they stand."""
        node = self._node
        return [
            feed_members(feed, now=node.now, per_second=node.per_second.get(feed.name, 0.0))
            for feed in node.host.desk.watch.feeds.values()
        ]

    def refusals(self, *, limit: int) -> Members:
        """What readers refused: exact counts, and the latest of it."""
        store = self._node.host.store
        counts: dict[str, Value] = {}
        total = 0
        for each in store.refusal_counts():
            before = counts.get(each.code, 0)
            counts[each.code] = (before if isinstance(before, int) else 0) + each.count
            total += each.count
        kept: list[Value] = [
            {
                "at": instant_text(each.at),
                "source": each.source,
                "code": each.code,
                "message": each.message,
                "sample": each.sample.decode("utf-8", errors="backslashreplace"),
            }
            for each in store.refusals(limit=limit)
        ]
        return {"count": total, "by_code": counts, "kept": kept}

    def record_head(self) -> Members:
        """The record's size, root and signed checkpoint."""
        store = self._node.host.store
        head = store.head()
        return {"size": head.size, "root": head.root.hex(), "checkpoint": store.checkpoint()}

    def record_entries(self, *, start: int, limit: int) -> Members:
        """Entries of the record with their hashes."""
        store = self._node.host.store
        return {
            "size": store.head().size,
            "entries": [
                {
                    "index": stored.entry.index,
                    "at": instant_text(stored.entry.at),
                    "kind": stored.entry.kind,
                    "hash": stored.hash.hex(),
                    "body": json.loads(stored.entry.body),
                }
                for stored in store.entries(start=start, limit=limit)
            ],
        }

    def record_proof(self, index: int) -> Members:
        """The inclusion proof of one entry (RFC 6962, 2.1.1)."""
        proof = self._node.host.store.inclusion(index)
        return {
            "index": proof.index,
            "size": proof.size,
            "root": proof.root.hex(),
            "leaf": proof.leaf.hex(),
            "path": [each.hex() for each in proof.path],
        }

    def _forget_zones(self) -> None:
        self._zones_json = None
