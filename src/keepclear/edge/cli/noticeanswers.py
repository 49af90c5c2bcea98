"""What a node says of notices, in the shapes that the command line prints, and as the text that it prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from keepclear.core.errors import Refused
from keepclear.core.instant import HOUR_MS
from keepclear.edge.cli.lineanswers import SHOWN_LENGTH
from keepclear.edge.cli.nodeclient import NodeClient, printable, read_all_as


class LeadShown(msgspec.Struct):
    """How long before its start a notice came."""

    asked_ms: int
    given_ms: int | None
    short_ms: int
    emergency: bool


class NoticeShown(msgspec.Struct):
    """A notice as a list has it."""

    id: str
    designation: str
    kind: str
    by: str
    own: bool
    flag: str
    stage: str
    starts: str | None
    ends: str | None
    lead: LeadShown
    verify_by: str | None
    definite: int
    possible: int
    unseen: int


class VersionShown(NoticeShown):
    """A version of a notice, and what it says otherwise than the one before it."""

    changes: list[str]


class EchoShown(msgspec.Struct):
    """A position in three ways, and how far what is around it reaches."""

    mgrs: str
    dms: str
    decimal: str
    radius_m: float | None


class SideShown(msgspec.Struct):
    """One side of a conflict: a notice, or a zone that is watched."""

    zone: str | None
    id: str | None
    designation: str | None
    by: str | None
    kind: str | None
    extent: str


class RuleShown(msgspec.Struct):
    """The rule that two activities do not keep."""

    name: str
    horizontal_m: float
    vertical_m: float
    time_ms: int


class MeasuredShown(msgspec.Struct, rename={"start": "from"}):
    """Where, when and by how much two extents are too near."""

    sure: str
    gap_m: float
    shared_m: float
    height_gap_m: float | None
    height_gap_ft: float | None
    heights: str
    time_gap_ms: int
    start: str | None
    until: str | None
    where: list[EchoShown]
    rule: RuleShown


class LookShown(msgspec.Struct):
    """That a person looked at where a site is, or told a party."""

    at: str
    by: str
    reason: str
    to: str = ""
    precision: str = ""


class KeyShown(msgspec.Struct):
    """What names a conflict to the node."""

    one: str
    one_extent: str
    other: str
    other_extent: str


class ConflictShown(MeasuredShown):
    """A conflict that stands; ``ref`` names it to people."""

    ref: str
    key: KeyShown
    sides: list[SideShown]
    seen_by: str


class ForeseenShown(MeasuredShown, rename={"start": "from", "other": "with"}):
    """What a notice would conflict with."""

    extent: str
    other: SideShown


class WholeNoticeShown(NoticeShown):
    """One notice with all that it says."""

    closed: bool
    echoes: dict[str, EchoShown]
    versions: list[VersionShown]
    conflicts: list[ConflictShown]


class _Place(msgspec.Struct):
    name: str


class ToldShown(msgspec.Struct):
    """What the other party will see of a notice."""

    precision: str
    kind: str
    flag: str
    places: list[_Place]
    echoes: dict[str, EchoShown]


class PreviewShown(msgspec.Struct):
    """A notice before it is said."""

    lead: LeadShown
    told: ToldShown
    conflicts: list[ForeseenShown]


class ProposalShown(msgspec.Struct):
    """A shift that clears every conflict of a notice."""

    shift: str
    by_ms: int | None
    by_m: float | None
    azimuth_deg: float | None


def proposal_text(proposal: ProposalShown) -> str:
    """A proposal in one line."""
    if proposal.by_ms is not None:
        return f"in time: {_hours(abs(proposal.by_ms))} {'later' if proposal.by_ms > 0 else 'earlier'}"
    by_m = proposal.by_m or 0.0
    if proposal.azimuth_deg is not None:
        return f"in place: {by_m:,.0f} m on {proposal.azimuth_deg:.0f} degrees"
    return f"in height: {abs(by_m):,.2f} m {'higher' if by_m > 0 else 'lower'}"


def notice_text(notice: NoticeShown) -> str:
    """A notice in one line; what is loud about it stands in capitals."""
    span = f"{notice.starts or 'not limited'} to {notice.ends or 'not limited'}"
    told = [f"{notice.stage.upper()}, {span}"]
    if notice.lead.short_ms:
        told.append(f"SHORT NOTICE by {_hours(notice.lead.short_ms)}")
    if notice.lead.emergency:
        told.append("EMERGENCY")
    if notice.verify_by is not None:
        told.append(f"verify by {notice.verify_by}")
    if notice.definite or notice.possible:
        told.append(
            f"CONFLICTS: {notice.definite} definite, {notice.possible} possible, {notice.unseen} seen by nobody"
        )
    return (
        f"[{notice.id[:SHOWN_LENGTH]}] {printable(notice.designation)} {notice.kind} of {printable(notice.by)}"
        f"{'' if notice.flag == 'real' else f' ({notice.flag.upper()})'}: {'; '.join(told)}"
    )


def notice_lines(notice: WholeNoticeShown) -> Iterator[str]:
    """One notice with its places, versions and conflicts."""
    yield notice_text(notice)
    if notice.closed:
        yield "    a protected site: to see where, say who looks and why, with --by and --reason; it is recorded"
    yield from _echo_lines(notice.echoes)
    for number, each in enumerate(notice.versions, start=1):
        mark = "this one" if each.id == notice.id else each.stage
        yield f"    version {number} [{each.id[:SHOWN_LENGTH]}]: {mark}"
        yield from (f"        {printable(change)}" for change in each.changes)
    for each in notice.conflicts:
        yield from conflict_lines(each)


def conflict_lines(conflict: ConflictShown) -> Iterator[str]:
    """One conflict: which two, where, when, by how much, by which rule, seen by whom."""
    one, two = (_side_text(each) for each in conflict.sides)
    yield f"({conflict.ref}) {conflict.sure.upper()}: {one} and {two}"
    yield from _measured_lines(conflict)
    yield f"    {f'seen by {printable(conflict.seen_by)}' if conflict.seen_by else 'SEEN BY NOBODY'}"


def look_text(look: LookShown) -> str:
    """One access to a site, in one line."""
    did = f"told {printable(look.to)} ({look.precision})" if look.to else "looked"
    return f"{look.at} {printable(look.by)} {did}: {printable(look.reason)}"


def preview_lines(preview: PreviewShown) -> Iterator[str]:
    """What the other party will see, and what the notice would conflict with."""
    told = preview.told
    yield f"They will see, as {told.kind} {told.flag.upper()}, with places that are {told.precision}:"
    if not told.places:
        yield "    NO PLACE: it is withheld, and they cannot hold anything against it"
    yield from _echo_lines(told.echoes)
    if preview.lead.short_ms:
        yield f"SHORT NOTICE by {_hours(preview.lead.short_ms)}: {_hours(preview.lead.asked_ms)} are asked for"
    for each in preview.conflicts:
        yield f"{each.sure.upper()}: {printable(each.extent)!r} and {_side_text(each.other)}"
        yield from _measured_lines(each)
    if not preview.conflicts:
        yield "It conflicts with nothing that is known here. That is no approval."


def notice_named(client: NodeClient, name: str) -> str:
    """The id of the notice that begins so, or whose designation it is, over ones after those that are not.

    Raises Refused("notice.unknown") where none has such an id or designation, or several have.
    """
    for over in ("false", "true"):
        notices = read_all_as(client.get("notices", over=over), NoticeShown)
        found = [each.id for each in notices if each.id.startswith(name.lower()) or each.designation == name]
        if len(found) == 1:
            return found[0]
        if found:
            break
    raise Refused(
        "notice.unknown", f"{name[:80]!r} names no notice here, or several; see: keepclear notice list --over"
    )


def conflict_named(conflicts: Sequence[ConflictShown], ref: str) -> ConflictShown:
    """The conflict of which the ref begins so. Raises Refused("conflict.unknown")."""
    found = [each for each in conflicts if each.ref.startswith(ref.lower())]
    if len(found) != 1:
        raise Refused(
            "conflict.unknown", f"{ref[:80]!r} names no conflict, or several; see: keepclear notice conflicts"
        )
    return found[0]


def _side_text(side: SideShown) -> str:
    if side.zone is not None:
        return f"zone {printable(side.zone)}"
    name = printable(side.designation or (side.id or "")[:SHOWN_LENGTH])
    return f"{name} {printable(side.extent)!r}, {side.kind} of {printable(side.by or 'nobody known')}"


def _measured_lines(measured: MeasuredShown) -> Iterator[str]:
    rule, near = measured.rule, measured.where
    apart = (
        f"areas share {measured.shared_m:,.0f} m"
        if measured.shared_m
        else f"areas {measured.gap_m:,.0f} m apart"
    )
    yield f"    where: {apart}, at {near[0].mgrs}{'' if near[0] == near[1] else f' and {near[1].mgrs}'}"
    yield f"    heights: {_heights_text(measured)}"
    yield f"    when: {measured.start or 'not limited'} to {measured.until or 'not limited'}"
    yield (
        f"    rule: {printable(rule.name)} ({rule.horizontal_m:,.0f} m, {rule.vertical_m:,.0f} m in height, "
        f"{rule.time_ms / 1000:,.0f} s)"
    )


def _heights_text(measured: MeasuredShown) -> str:
    if measured.height_gap_m is None or measured.height_gap_ft is None:
        return "cannot be compared" if measured.heights == "not comparable" else "shared without a limit"
    return (
        f"{abs(measured.height_gap_m):,.0f} m ({abs(measured.height_gap_ft):,.0f} ft) "
        f"{'shared' if measured.height_gap_m <= 0 else 'apart'}"
    )


def _echo_lines(echoes: dict[str, EchoShown]) -> Iterator[str]:
    for name, echo in echoes.items():
        reach = "" if echo.radius_m is None else f", within {echo.radius_m:,.0f} m"
        yield f"    {printable(name)!r}: {echo.mgrs} | {echo.dms} | {echo.decimal}{reach}"


def _hours(ms: int) -> str:
    return f"{ms / HOUR_MS:,.1f} h"
