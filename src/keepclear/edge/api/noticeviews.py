"""Views of notices: what the board holds of them, what they conflict with, and how each side would see one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Instant, instant_text
from keepclear.core.line.plot.place import place_members
from keepclear.core.notice.board import ZONE, Board
from keepclear.core.notice.change import change_text, changes
from keepclear.core.notice.conflict import Conflict
from keepclear.core.notice.conflicts import Standing
from keepclear.core.notice.event import ConflictKey
from keepclear.core.notice.held import Giver, Held, NoticeId
from keepclear.core.notice.lead import lead_of
from keepclear.core.notice.lifecycle import OVER, Stage, counts, first_stage
from keepclear.core.notice.notice import Notice, NoticeKind
from keepclear.core.notice.precision import Precision
from keepclear.core.notice.proposal import (
    Against,
    HeightShift,
    PlaceShift,
    Proposal,
    TimeShift,
    proposals,
)
from keepclear.core.notice.site import STALE_AFTER_MS, Site
from keepclear.core.space.altitude import Containment
from keepclear.core.space.area import cap
from keepclear.core.space.geodesy import Position
from keepclear.edge.api.noticeforms import Saying
from keepclear.edge.api.partviews import value_of
from keepclear.edge.node import Node
from keepclear.formats.notice.noticejson import notice_content, notice_places
from keepclear.formats.wire import Members, Value
from keepclear.formats.written.echo import echo
from keepclear.formats.written.place import Place as WrittenPlace

NOTICES_SHOWN_MAX: Final = 1_000
CONFLICTS_SHOWN_MAX: Final = 500
AGAINST_MAX: Final = 200
REF_LENGTH: Final = 12
FOOT_M: Final = 0.3048

UNSAID: Final = NoticeId("this notice")
"""Stands for a notice that is not given yet where a conflict names its two sides."""

_SURE: Final = {Containment.DEFINITE: "definite", Containment.POSSIBLE: "possible"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which notices are asked for; empty: any. ``over``: those too that keep nobody clear of anything any longer."""

    stage: Stage | None = None
    kind: NoticeKind | None = None
    by: str = ""
    over: bool = False

    def takes(self, held: Held) -> bool:
        """Whether a notice is one of them."""
        return (
            (self.stage is None or held.stage is self.stage)
            and (self.kind is None or held.notice.kind is self.kind)
            and self.by in ("", held.by)
            and (self.over or self.stage is not None or held.stage not in OVER)
        )


class NoticeViews:
    """Read-only sights of a node's board."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @property
    def board(self) -> Board:
        """All notices that the node knows."""
        return self._node.host.desk.board

    def notices(self, wanted: Wanted) -> list[Value]:
        """The notices that are asked for, by when they start, at most NOTICES_SHOWN_MAX."""
        found = sorted(filter(wanted.takes, self.board.held.values()), key=lambda each: each.notice.starts)
        return [self._brief(each) for each in found[:NOTICES_SHOWN_MAX]]

    def held(self, name: str) -> Held:
        """The notice of an id. Raises Refused("notice.unknown")."""
        held = self.board.held.get(NoticeId(name))
        if held is None:
            raise Refused(
                "notice.unknown", f"there is no notice {name[:12]!r} here; see: keepclear notice list"
            )
        return held

    def notice(self, held: Held, *, opened: bool = False) -> Members:
        """One notice with all that it says, its versions, and what it conflicts with.

        Without its places where it is a protected site, unless they were ``opened``.
        """
        placed = opened or not isinstance(held.notice.body, Site)
        return {
            **self._brief(held),
            **stated(held.notice, placed=placed),
            "closed": not placed,
            "versions": self._version_members(held),
            "conflicts": list(self.conflicts(of=held.id)),
        }

    def conflicts(self, *, of: str | None = None, unseen: bool = False) -> Iterator[Value]:
        """The conflicts that stand, the surest first and of these the soonest, at most CONFLICTS_SHOWN_MAX."""
        found = [
            (key, standing)
            for key, standing in self.board.conflicts.items()
            if (of is None or of in (key.one, key.other)) and not (unseen and standing.seen_by)
        ]
        found.sort(key=lambda each: (-each[1].conflict.sure, each[1].conflict.when.start, each[0]))
        return (self.conflict(*each) for each in found[:CONFLICTS_SHOWN_MAX])

    def conflict(self, key: ConflictKey, standing: Standing) -> Members:
        """One conflict: which two, where, when and by how much, by which rule, and who has seen it."""
        return {
            "ref": _ref(key),
            "key": {
                "one": key.one,
                "one_extent": key.one_extent,
                "other": key.other,
                "other_extent": key.other_extent,
            },
            "sides": [self._side(key.one, key.one_extent), self._side(key.other, key.other_extent)],
            **measured(standing.conflict),
            "seen_by": standing.seen_by,
        }

    def foreseen(self, saying: Saying) -> Members:
        """A notice as it would be seen, were it given now: by the other party, and by what it conflicts with.

        What it conflicts with is found from what is known here, exactly, and not from what the other party is told.
        """
        notice, draft = saying.known, saying.draft
        held = Held(
            id=UNSAID,
            by=Giver(self._node.lines.identity.party),
            flag=draft.flag.value,
            notice=notice,
            received=self._node.now,
            stage=first_stage(notice.kind),
        )
        amended = {each.hash.hex() for each in draft.references}
        found = [
            (key, conflict)
            for key, conflict in self.board.conflicts_of(held)
            if not amended & {key.one, key.other}
        ]
        found.sort(key=lambda each: (-each[1].sure, each[1].when.start, each[0]))
        return {
            "lead": _lead(held),
            "told": {
                **stated(saying.told, placed=saying.precision is not Precision.WITHHELD),
                "parts": {part: value_of(content) for part, content in draft.contents.items()},
                "precision": saying.precision.value,
                "kind": draft.kind.value,
                "flag": draft.flag.value,
            },
            "conflicts": [self._foreseen(key, conflict) for key, conflict in found[:CONFLICTS_SHOWN_MAX]],
        }

    def against(self, saying: Saying) -> list[Against]:
        """All that a notice would have to be kept clear of.

        Raises Refused("notice.crowd") where more than AGAINST_MAX extents are to be kept clear of.
        """
        notice, flag = saying.known, saying.draft.flag.value
        amended = {each.hash.hex() for each in saying.draft.references}
        others = [
            Against(extent=extent, rule=self.board.minima.between(notice.kind, held.notice.kind))
            for held in self.board.held.values()
            if counts(held.notice.kind, held.stage) and held.flag == flag and held.id not in amended
            for extent in held.notice.extents
        ]
        rule = self.board.minima.between(notice.kind, NoticeKind.ZONE)
        party = Giver(self._node.lines.identity.party)
        others += [
            Against(extent=extent, rule=rule)
            for zone in self.board.zones.values()
            if party not in zone.admitted
            for extent in zone.extents
        ]
        if len(others) > AGAINST_MAX:
            raise Refused(
                "notice.crowd",
                f"{len(others)} extents are to be kept clear of, proposals are sought against {AGAINST_MAX} at most",
            )
        return others

    def _foreseen(self, key: ConflictKey, conflict: Conflict) -> Members:
        sides = ((key.one, key.one_extent), (key.other, key.other_extent))
        own, other = sides if key.one == UNSAID else sides[::-1]
        return {"extent": own[1], "with": self._side(*other), **measured(conflict)}

    def _side(self, side: str, extent: str) -> Members:
        if side.startswith(ZONE):
            zone = side.removeprefix(ZONE)
            return {
                "zone": zone,
                "id": None,
                "designation": zone,
                "by": None,
                "kind": "zone",
                "extent": extent,
            }
        held = self.board.held.get(NoticeId(side))
        return {
            "zone": None,
            "id": side,
            "designation": None if held is None else held.notice.designation,
            "by": None if held is None else held.by,
            "kind": None if held is None else held.notice.kind.value,
            "extent": extent,
        }

    def _versions(self, held: Held) -> Iterable[Held]:
        """Every version of a notice that is held, the first first."""
        chain, before = [held], held.amends
        while before is not None and before in self.board.held:
            chain.insert(0, self.board.held[before])
            before = chain[0].amends
        later = {each.amends: each for each in self.board.held.values() if each.amends is not None}
        while chain[-1].id in later:
            chain.append(later[chain[-1].id])
        return chain

    def _version_members(self, held: Held) -> list[Value]:
        """Every version with what it says otherwise than the one before it, in words."""
        versions = list(self._versions(held))
        before = [None, *versions]
        return [
            {
                **self._brief(each),
                "changes": []
                if last is None
                else [change_text(change) for change in changes(last.notice, each.notice)],
            }
            for last, each in zip(before, versions, strict=False)
        ]

    def _brief(self, held: Held) -> Members:
        notice = held.notice
        conflicts = [each for key, each in self.board.conflicts.items() if held.id in (key.one, key.other)]
        body = notice.body
        verify_by = body.verified + STALE_AFTER_MS if isinstance(body, Site) else None
        return {
            "id": held.id,
            "designation": notice.designation,
            "kind": notice.kind.value,
            "by": held.by,
            "own": held.by == self._node.lines.identity.party,
            "flag": held.flag,
            "stage": held.stage.value,
            "received": instant_text(held.received),
            "starts": _time(notice.starts),
            "ends": _time(notice.ends),
            "amends": held.amends,
            "lead": _lead(held),
            "verify_by": None if verify_by is None else _time(Instant(verify_by)),
            "definite": sum(each.conflict.sure is Containment.DEFINITE for each in conflicts),
            "possible": sum(each.conflict.sure is Containment.POSSIBLE for each in conflicts),
            "unseen": sum(not each.seen_by for each in conflicts),
        }


def stated(notice: Notice, *, placed: bool = True) -> Members:
    """What a notice says, and where its places are in the three ways in which people read positions.

    Unless it is ``placed``, without its places.
    """
    extents = notice.extents if placed else ()
    return {
        "notice": value_of(notice_content(notice)),
        "places": [value_of(place_members(each)) for each in notice_places(notice)] if placed else [],
        "echoes": {
            extent.name: located(cap(extent.area).centre, radius_m=cap(extent.area).radius_m)
            for extent in extents
        },
    }


def located(at: Position, *, radius_m: float | None = None) -> Members:
    """A position in MGRS, in degrees, minutes and seconds, and in decimals."""
    said = echo(WrittenPlace(position=at, precision_m=1.0))
    return {"mgrs": said.mgrs, "dms": said.dms, "decimal": said.decimal, "radius_m": radius_m}


def measured(conflict: Conflict) -> Members:
    """Where, when and by how much two extents are too near, and by which rule."""
    rule, height_gap_m = conflict.rule, conflict.height_gap_m
    return {
        "sure": _SURE[conflict.sure],
        "gap_m": round(conflict.gap_m, 2),
        "shared_m": round(conflict.shared_m, 2),
        "height_gap_m": _finite(height_gap_m),
        "height_gap_ft": _finite(None if height_gap_m is None else height_gap_m / FOOT_M),
        "heights": "not comparable" if height_gap_m is None else "compared",
        "time_gap_ms": conflict.time_gap_ms,
        "from": _time(conflict.when.start),
        "until": _time(conflict.when.end),
        "where": [located(conflict.own_nearest), located(conflict.other_nearest)],
        "rule": {
            "name": rule.name,
            "horizontal_m": rule.horizontal_m,
            "vertical_m": rule.vertical_m,
            "time_ms": rule.time_ms,
        },
    }


def proposed(notice: Notice, others: Sequence[Against], *, earliest: Instant) -> list[Value]:
    """What would clear every conflict that a notice would have: found on request, to be chosen by a person."""
    return [_proposal(notice, each) for each in proposals(notice.extents, others, earliest=earliest)]


def _proposal(notice: Notice, proposal: Proposal) -> Members:
    """A proposal by how much it shifts, and as the notice that it would make."""
    told = stated(replace(notice, extents=proposal.extents))
    shifted: Members = {"by_ms": None, "by_m": None, "azimuth_deg": None}
    match proposal:
        case TimeShift():
            return {"shift": "time", **shifted, "by_ms": proposal.by_ms, **told}
        case HeightShift():
            return {"shift": "height", **shifted, "by_m": proposal.by_m, **told}
        case PlaceShift():
            moved: Members = {"by_m": proposal.by_m, "azimuth_deg": proposal.azimuth_deg}
            return {"shift": "place", **shifted, **moved, **told}


def _ref(key: ConflictKey) -> str:
    """A short sign of a conflict, the same for as long as its two sides have it."""
    sides = (key.one, key.one_extent, key.other, key.other_extent)
    return sha256("\n".join(sides).encode()).hexdigest()[:REF_LENGTH]


def _lead(held: Held) -> Members:
    lead = lead_of(held.notice, held.received)
    return {
        "asked_ms": lead.asked_ms,
        "given_ms": lead.given_ms if held.notice.starts > FIRST else None,
        "short_ms": lead.short_ms,
        "emergency": lead.emergency,
    }


def _finite(number: float | None) -> float | None:
    """None where it is not known, or where heights that are not limited share more than a number says."""
    return None if number is None or abs(number) == float("inf") else round(number, 2)


def _time(at: Instant) -> str | None:
    """None at the ends of time, which stand for what is not stated."""
    return None if at in (FIRST, FOREVER) else instant_text(at)
