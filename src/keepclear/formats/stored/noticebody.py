"""The bodies of the record's entries about notices, as formats/stored/body.py writes them.

What a notice says stands in the log of its line, committed to part by part; the record has which one it is, what became
of it, and what was found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from keepclear.core.line.plot.shape import centimetres
from keepclear.core.notice.agreement import AgreementChanged
from keepclear.core.notice.conflict import Conflict
from keepclear.core.notice.event import ConflictChanged, ConflictKey, MinimaChanged, NoticeChanged, Unread
from keepclear.core.notice.lead import Lead
from keepclear.core.space.geodesy import Position
from keepclear.core.trust.encoding import Json, canonical
from keepclear.formats.notice.minimajson import minimum_members


def notice_body(changed: NoticeChanged) -> bytes:
    """A notice that came or whose stage changed: which, whose, of what kind, and what happened."""
    held = changed.held
    return _body(
        {
            "notice": held.id,
            "by": held.by,
            "flag": held.flag,
            "designation": held.notice.designation,
            "kind": held.notice.kind.value,
            "amends": held.amends,
            "stage": held.stage.value,
            "happening": None if changed.happening is None else changed.happening.value,
            "lead": None if changed.lead is None else _lead(changed.lead),
        }
    )


def unread_body(unread: Unread) -> bytes:
    """A message that says something of a notice which could not be taken, and why."""
    return _body({"message": unread.id, "by": unread.by, "code": unread.code, "why": unread.why})


def conflict_body(changed: ConflictChanged) -> bytes:
    """A conflict as it stands after a change: which two, how sure, where, when and by how much, by which rule."""
    return _body(
        {
            **conflict_key_members(changed.key),
            **_found(changed.conflict),
            "rule": minimum_members(changed.conflict.rule),
            "by": changed.by or None,
        }
    )


def minima_body(changed: MinimaChanged) -> bytes:
    """The rules that hold now, in their order, who set them, and between whom they were agreed."""
    was_set = changed.was_set
    return _body(
        {
            "by": was_set.by,
            "parties": sorted(was_set.parties) or None,
            "rules": [minimum_members(each) for each in was_set.minima.rules],
        }
    )


def agreement_body(changed: AgreementChanged) -> bytes:
    """A version of an agreement that a party signed: which, between whom, and by which message."""
    signed = changed.signed
    return _body(
        {
            "agreement": signed.id,
            "parties": list(signed.agreement.parties),
            "version": signed.agreement.version,
            "replaces": signed.agreement.replaces or None,
            "by": signed.by,
            "message": signed.message,
        }
    )


def conflict_key_members(key: ConflictKey) -> dict[str, Json]:
    """Which two extents of which two."""
    return {
        "one": key.one,
        "one_extent": key.one_extent,
        "other": key.other,
        "other_extent": key.other_extent,
    }


def _lead(lead: Lead) -> Json:
    return {
        "asked_ms": lead.asked_ms,
        "given_ms": lead.given_ms,
        "short_ms": lead.short_ms,
        "emergency": lead.emergency,
    }


def _found(conflict: Conflict) -> dict[str, Json]:
    height_m = conflict.height_gap_m
    # A band without an end shares every height: how far the other reaches into it is no number.
    known = height_m is not None and math.isfinite(height_m)
    return {
        "sure": conflict.sure.name.lower(),
        "gap_cm": centimetres(conflict.gap_m),
        "shared_cm": centimetres(conflict.shared_m),
        "one_nearest": _position(conflict.own_nearest),
        "other_nearest": _position(conflict.other_nearest),
        "height_gap_cm": centimetres(height_m) if height_m is not None and known else None,
        "time_gap_ms": conflict.time_gap_ms,
        "from_ms": conflict.when.start,
        "until_ms": conflict.when.end,
    }


def _position(at: Position) -> Json:
    return [round(at.latitude_deg * 1e7), round(at.longitude_deg * 1e7)]


def _body(members: Mapping[str, Json]) -> bytes:
    return canonical({name: value for name, value in members.items() if value is not None})
