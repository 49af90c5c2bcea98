"""Notices in the desk: said on a line, followed by both sides, held against zones, and there again after a restart."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from boards import (
    Desked,
    agreement,
    at,
    convoy,
    desked_two,
    entry,
    extent,
    giving,
    moved,
    reporting,
    signing,
    withdrawing,
)
from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.core.line.draft import Draft
from keepclear.core.line.event import Opened
from keepclear.core.line.line import Line
from keepclear.core.line.message import Precedence, header_of
from keepclear.core.notice.event import ConflictSeen, MinimaSet, Report
from keepclear.core.notice.held import Giver, NoticeId
from keepclear.core.notice.lifecycle import Stage
from keepclear.core.notice.minima import Minima, Minimum
from keepclear.core.space.area import Circle
from keepclear.core.space.schedule import Schedule, Span
from keepclear.core.space.volume import Volume
from keepclear.core.trust.envelope import envelope_of
from keepclear.core.watch.event import Ticked, ZoneDeclared, ZoneWithdrawn
from keepclear.core.watch.report import PartyName
from keepclear.core.watch.zone import Zone, ZoneKind, ZoneName
from keepclear.desk import Desk
from keepclear.formats.notice.agreementjson import agreement_id
from keepclear.formats.stored.boardsnapshot import board_bytes
from keepclear.formats.stored.desksnapshot import desk_bytes, desk_of
from notices import TANF
from party import exchange


def stage(party: Desked, given: bytes) -> Stage:
    return party.desk.board.held[NoticeId(given.hex())].stage


def conflicts(party: Desked) -> dict[tuple[str, str], str]:
    return {(key.one, key.other): each.conflict.sure.name for key, each in party.desk.board.conflicts.items()}


def zone(*, declared_by: str = "b", spans: tuple[Span, ...] = ()) -> Zone:
    area = Circle(centre=TANF, radius_m=55_000)
    return Zone(
        name=ZoneName("TANF 55"),
        kind=ZoneKind.DECONFLICTION,
        volume=Volume(area=area, schedule=Schedule(spans=spans)),
        declared_by=PartyName(declared_by),
    )


def test_both_sides_of_a_line_see_the_same_notices_and_the_same_conflict() -> None:
    one, other = desked_two()
    first = one.give(giving(entry()), now=at(-47))
    second = other.give(giving(entry(extent(1_500), designation="7")), now=at(-46))
    exchange(one, other, now=at(-45))
    for party in (one, other):
        assert {each.by for each in party.desk.board.held.values()} == {"a", "b"}
        assert {each.notice for each in party.desk.board.held.values()} == {
            entry(),
            entry(extent(1_500), designation="7"),
        }
        assert conflicts(party) == {tuple(sorted((first.hex(), second.hex()))): "DEFINITE"}
    assert one.desk.board.conflicts == other.desk.board.conflicts
    assert "conflict.found" in one.kinds()
    assert "conflict.found" in other.kinds()


def test_an_amended_notice_stands_anew_and_a_withdrawn_one_no_longer() -> None:
    one, other = desked_two()
    first = one.give(giving(entry()), now=at(-47))
    other.give(giving(entry(extent(1_500))), now=at(-46))
    exchange(one, other, now=at(-45))
    version = one.give(giving(moved(entry(), 9_000), amends=first), now=at(-44))
    exchange(one, other, now=at(-43))
    for party in (one, other):
        assert (stage(party, first), stage(party, version)) == (Stage.REPLACED, Stage.PLANNED)
        assert conflicts(party) == {}
    one.give(withdrawing(version), now=at(-42))
    exchange(one, other, now=at(-41))
    assert [stage(party, version) for party in (one, other)] == [Stage.WITHDRAWN] * 2


def test_time_opens_and_ends_a_notice_with_an_entry_for_each() -> None:
    one, _ = desked_two()
    given = one.give(giving(entry()), now=at(-47))
    assert one.take_event(Ticked(), now=at(-1)) == []
    one.take_event(Ticked(), now=at(0))
    assert stage(one, given) is Stage.IN_FORCE
    one.take_event(Ticked(), now=at(10))
    assert one.kinds() == ["notice.given", "notice.in-force", "notice.ended"]
    body = json.loads(one.journal.entries[-1].body)
    assert (body["notice"], body["by"], body["kind"]) == (given.hex(), "a", "entry")


def test_a_convoy_reports_on_the_line_and_is_overdue_on_both_sides_when_it_does_not() -> None:
    one, other = desked_two()
    given = one.give(giving(convoy()), now=at(-47))
    one.give(reporting(given, Report.DEPARTED, at(0.5)), now=at(0.6))
    exchange(one, other, now=at(0.6))
    assert [stage(party, given) for party in (one, other)] == [Stage.UNDER_WAY] * 2
    for party in (one, other):
        party.take_event(Ticked(), now=at(2))
        assert stage(party, given) is Stage.OVERDUE
    one.give(reporting(given, Report.ARRIVED, at(3)), now=at(3))
    exchange(one, other, now=at(3))
    assert [stage(party, given) for party in (one, other)] == [Stage.ARRIVED] * 2


def test_a_report_by_a_clock_that_is_ahead_counts_as_of_now() -> None:
    one, other = desked_two()
    given = one.give(giving(convoy()), now=at(-47))
    exchange(one, other, now=at(-46))
    one.give(reporting(given, Report.DEPARTED, at(0.5)), now=at(0.5))
    exchange(one, other, now=at(0.4))
    assert [stage(party, given) for party in (one, other)] == [Stage.UNDER_WAY] * 2
    other.take_event(Ticked(), now=at(1.39))
    assert stage(other, given) is Stage.UNDER_WAY
    other.take_event(Ticked(), now=at(1.41))
    assert stage(other, given) is Stage.OVERDUE, "an hour after it was heard of, by the clock here"


def test_what_is_said_of_a_notice_before_it_comes_waits_for_it() -> None:
    one, other = desked_two()
    one.kept.reach = 1
    for number in range(2):
        one.give(giving(entry(extent(60_000 + 5_000 * number), designation=f"far {number}")), now=at(-47))
    first = one.give(giving(entry()), now=at(-47))
    one.give(giving(moved(entry(), 9_000), amends=first, precedence=Precedence.IMMEDIATE), now=at(-46))
    second = one.give(giving(entry(extent(30_000), designation="2")), now=at(-46))
    one.give(withdrawing(second, precedence=Precedence.IMMEDIATE), now=at(-46))
    bundle = one.bundle(now=at(-45))
    assert bundle is not None
    assert len(bundle.express) == 2
    other.take(bundle, now=at(-45))
    version = [each for each in other.desk.board.held.values() if each.amends is not None]
    assert [each.notice for each in version] == [moved(entry(), 9_000)], "it is followed at once"
    assert [each.said.id for each in other.desk.incoming.early] == [second.hex()]
    one.kept.reach = 512
    exchange(one, other, now=at(-44))
    assert (stage(other, first), stage(other, second)) == (Stage.REPLACED, Stage.WITHDRAWN)
    assert not other.desk.incoming.early
    assert not other.desk.board.unread
    assert board_of_all(one) == board_of_all(other)


def board_of_all(party: Desked) -> dict[str, Stage]:
    return {each.id: each.stage for each in party.desk.board.held.values()}


def test_a_notice_that_cannot_be_read_is_shown_with_why_and_the_line_goes_on() -> None:
    one, other = desked_two()
    draft = giving(entry())
    odd = replace(draft, contents={**draft.contents, "notice": {"v": 1, "kind": "surprise"}})
    said = one.give(odd, now=at(-47))
    given = one.give(giving(entry()), now=at(-46))
    exchange(one, other, now=at(-45))
    for party in (one, other):
        (unread,) = party.desk.board.unread.values()
        assert unread.id == said.hex()
        assert "lacks" in unread.why
        assert stage(party, given) is Stage.PLANNED
        (entered,) = [each for each in party.journal.entries if each.kind == "notice.unread"]
        assert json.loads(entered.body)["message"] == said.hex()


def test_what_changes_a_notice_in_words_alone_is_shown_as_unread() -> None:
    one, other = desked_two()
    given = one.give(giving(entry()), now=at(-47))
    draft = giving(entry(), amends=given)
    said = one.give(replace(draft, contents={"text": draft.contents["text"]}), now=at(-46))
    exchange(one, other, now=at(-45))
    assert stage(other, given) is Stage.PLANNED
    assert [(each.id, each.code) for each in other.desk.board.unread.values()] == [
        (said.hex(), "notice.version")
    ]


def test_only_its_own_party_withdraws_a_notice() -> None:
    one, other = desked_two()
    given = one.give(giving(entry()), now=at(-47))
    exchange(one, other, now=at(-46))
    other.give(withdrawing(given), now=at(-45))
    exchange(one, other, now=at(-44))
    for party in (one, other):
        assert stage(party, given) is Stage.PLANNED
        assert [each.code for each in party.desk.board.unread.values()] == ["notice.party"]


def test_a_zone_that_is_watched_is_held_against_notices_as_long_as_it_is_there() -> None:
    one, other = desked_two()
    other.take_event(ZoneDeclared(zone=zone(), by="officer"), now=at(-47))
    given = one.give(giving(entry()), now=at(-46))
    exchange(one, other, now=at(-45))
    assert conflicts(other) == {(given.hex(), "zone TANF 55"): "DEFINITE"}
    assert conflicts(one) == {}, "it has declared no zone"
    at_night = zone(spans=(Span(),))
    other.take_event(ZoneDeclared(zone=at_night, by="officer"), now=at(-44))
    assert conflicts(other) == {(given.hex(), "zone TANF 55"): "POSSIBLE"}
    other.take_event(ZoneDeclared(zone=zone(declared_by="a"), by="officer"), now=at(-43))
    assert conflicts(other) == {}, "it is in its own zone"
    other.take_event(ZoneDeclared(zone=zone(), by="officer"), now=at(-42))
    other.take_event(ZoneWithdrawn(name=ZoneName("TANF 55"), by="officer"), now=at(-41))
    assert conflicts(other) == {}


def test_minima_hold_between_two_parties_once_both_have_signed_one_agreement() -> None:
    one, other = desked_two()
    one.give(giving(entry()), now=at(-47))
    other.give(giving(entry(extent(9_000), designation="7")), now=at(-47))
    one.give(signing(agreement()), now=at(-46))
    exchange(one, other, now=at(-46))
    assert [conflicts(party) for party in (one, other)] == [{}, {}]
    other.give(signing(agreement()), now=at(-45))
    exchange(one, other, now=at(-45))
    for party in (one, other):
        assert list(conflicts(party).values()) == ["DEFINITE"]
        assert [each for each in party.kinds() if each != "notice.given"] == [
            "agreement.proposed",
            "agreement.in-force",
            "minima.set",
            "conflict.found",
        ]
    with pytest.raises(Refused) as refused:
        one.take_event(
            MinimaSet(minima=Minima(), by="L. Marek", parties=frozenset(map(Giver, "ab"))), now=at(-44)
        )
    assert refused.value.code == "minima.agreed"
    one.take_event(MinimaSet(minima=Minima(), by="L. Marek"), now=at(-44))
    assert conflicts(one) == conflicts(other)
    assert len(conflicts(one)) == 1, "what a person sets holds where nothing is agreed"


def test_a_version_that_does_not_replace_the_one_in_force_is_shown_and_changes_nothing() -> None:
    one, other = desked_two()
    for party in (one, other):
        party.give(signing(agreement()), now=at(-46))
        exchange(one, other, now=at(-46))
    with pytest.raises(Refused):
        checked(one, signing(agreement(version=2)), now=at(-45))
    checked(one, signing(agreement(version=2, replaces=agreement_id(agreement()))), now=at(-45))
    one.give(signing(agreement(version=2)), now=at(-45))
    exchange(one, other, now=at(-45))
    for party in (one, other):
        assert [each.code for each in party.desk.board.unread.values()] == ["agreement.version"]
        ((pair, now),) = party.desk.incoming.agreements.in_force.items()
        assert (pair, now.agreement) == (("a", "b"), agreement())


def lively() -> Desked:
    """A party that has heard of all that a board keeps: conflicts seen, minima, early and unread words."""
    one, other = desked_two()
    other.take_event(ZoneDeclared(zone=zone(), by="officer"), now=at(-48))
    first = one.give(giving(entry()), now=at(-47))
    other.give(giving(entry(extent(1_500), designation="7")), now=at(-47))
    one.give(giving(moved(entry(), 900), amends=first), now=at(-46))
    route = one.give(giving(convoy()), now=at(-46))
    exchange(one, other, now=at(-45))
    other.give(withdrawing(route), now=at(-44))
    other.give(withdrawing(bytes(32)), now=at(-44))
    rules = Minima(rules=(Minimum(name="far", kinds=("any", "any"), horizontal_m=9_000.5),))
    other.take_event(MinimaSet(minima=rules, by="L. Haddad"), now=at(-43))
    for party in (one, other):
        party.give(signing(agreement(horizontal_m=3_000)), now=at(-43))
        exchange(one, other, now=at(-43))
    version = agreement(version=2, replaces=agreement_id(agreement(horizontal_m=3_000)))
    other.give(signing(version), now=at(-42))
    seen = ConflictSeen(conflict=next(iter(other.desk.board.conflicts)), by="L. Haddad")
    other.take_event(seen, now=at(-42))
    one.give(reporting(route, Report.DEPARTED, at(0.5)), now=at(0.6))
    exchange(one, other, now=at(0.6))
    other.take_event(Ticked(), now=at(0.7))
    assert other.desk.board.unread
    assert other.desk.incoming.early
    assert len(other.desk.board.conflicts) >= 2
    return other


def again(desk: Desk) -> Desk:
    """What a restart makes of a desk's snapshot."""
    raw = desk_bytes(desk.watch, [line.state for line in desk.lines.values()], desk.incoming)
    watch, lines, incoming = desk_of(raw)
    return Desk(watch, [Line(state) for state in lines], incoming)


def test_a_desk_taken_from_a_snapshot_goes_on_as_the_one_that_made_it() -> None:
    party = lively()
    desk, other = party.desk, again(party.desk)
    assert other.board.held == desk.board.held
    assert other.board.conflicts == desk.board.conflicts
    assert other.board.zones == desk.board.zones
    assert board_bytes(other.incoming) == board_bytes(desk.incoming)
    for hours in (1, 2.5, 9.99, 10, 30):
        assert other.step(Ticked(), now=at(hours)) == desk.step(Ticked(), now=at(hours))
    withdrawn = ZoneWithdrawn(name=ZoneName("TANF 55"), by="officer")
    assert other.step(withdrawn, now=at(31)) == desk.step(withdrawn, now=at(31))
    assert board_bytes(other.incoming) == board_bytes(desk.incoming)


def test_a_desk_replayed_from_its_journal_stands_where_it_stood() -> None:
    party = lively()
    fresh = Desked("b", "a")
    for now, event in party.journal.events:
        fresh.desk.step(event, now=now)
    assert board_bytes(fresh.desk.incoming) == board_bytes(party.desk.incoming)


@pytest.mark.parametrize("raw", [b"", b"\x80", b"\xc1"])
def test_bytes_that_are_no_board_are_not_read_as_one(raw: bytes) -> None:
    party = lively()
    whole = desk_bytes(
        party.desk.watch, [line.state for line in party.desk.lines.values()], party.desk.incoming
    )
    board = board_bytes(party.desk.incoming)
    with pytest.raises(Refused.__base__):  # type: ignore[arg-type]
        desk_of(whole.replace(board, raw.ljust(len(board), b"\x00")))


def test_what_would_be_refused_of_a_notice_is_not_to_be_signed() -> None:
    one, other = desked_two()
    given = other.give(giving(entry()), now=at(-47))
    exchange(one, other, now=at(-46))
    for draft in (withdrawing(given), reporting(bytes(32), Report.DEPARTED, at(-47))):
        with pytest.raises(Refused):
            checked(one, draft, now=at(-45))
    checked(one, giving(entry()), now=at(-45))
    checked(one, withdrawing(bytes(32)), now=at(-45))


def checked(party: Desked, draft: Draft, *, now: Instant) -> None:
    leaf, openings = party.signed(draft, now=now)
    header = header_of(envelope_of(leaf).payload)
    party.desk.check_said(Opened(hash=b"", header=header, openings=openings), now=now)
