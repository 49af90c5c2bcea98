"""The board: notices followed to their end, and held against one another."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import ALWAYS, DAY_MS, HOUR_MS, Duration, Instant, Window
from keepclear.core.notice.board import Board
from keepclear.core.notice.conflict import conflict_between
from keepclear.core.notice.contact import Contact
from keepclear.core.notice.event import (
    Bounded,
    ConflictChange,
    ConflictChanged,
    ConflictSeen,
    Given,
    MinimaSet,
    NoticeChanged,
    NoticesTicked,
    Report,
    Reported,
    Withdrawn,
)
from keepclear.core.notice.extent import Extent, Role
from keepclear.core.notice.held import Giver, NoticeId
from keepclear.core.notice.lifecycle import Stage, counts
from keepclear.core.notice.minima import Minima, Minimum
from keepclear.core.notice.movement import Movement, Waypoint
from keepclear.core.notice.notice import Notice
from keepclear.core.notice.operation import Activity, Operation
from keepclear.core.notice.site import Site
from keepclear.core.space.area import Circle
from keepclear.core.space.geodesy import destination
from notices import START, TANF, notices

A, B = Giver("a"), Giver("b")
CONTACT = Contact(name="duty", phones=("+963112223",), satellite=("+88161234567",))


def at(hours: float) -> Instant:
    return Instant(START + round(hours * HOUR_MS))


def extent(away_m: float = 0.0, *, role: Role = Role.AREA, first_h: float = 0, last_h: float = 10) -> Extent:
    return Extent(
        name="one",
        role=role,
        area=Circle(centre=destination(TANF, azimuth_deg=90, distance_m=away_m), radius_m=1_000),
        window=Window(start=at(first_h), end=at(last_h)),
    )


def entry(*extents: Extent, designation: str = "1") -> Notice:
    body = Operation(activity=Activity.ENTRY, purpose="pursuit", contact=CONTACT)
    return Notice(designation=designation, body=body, extents=extents or (extent(),))


def movement() -> Notice:
    body = Movement(
        waypoints=(
            Waypoint(name="depot", opens=at(0), closes=at(1)),
            Waypoint(name="camp", opens=at(8), closes=at(10)),
        ),
        headcount=9,
        vehicles=3,
        cargo="medicine",
        escort="none",
        contacts=(CONTACT, CONTACT),
    )
    return Notice(designation="convoy", body=body, extents=(extent(50_000, role=Role.ROUTE),))


def site() -> Notice:
    body = Site(
        function="hospital",
        operator="Red Crescent",
        captured="GNSS",
        verifier="L. Haddad",
        verified=at(-24),
        contact=CONTACT,
        consent="deconfliction",
        expires=at(24 * 60),
    )
    where = replace(extent(80_000, role=Role.SITE), window=ALWAYS)
    return Notice(designation="hospital", body=body, extents=(where,))


def give(
    board: Board, name: str, by: Giver, notice: Notice, *, hours: float = -48, **more: str
) -> list[object]:
    event = Given(id=NoticeId(name), by=by, flag=more.get("flag", "real"), notice=notice)
    return list(board.step(event, now=at(hours)))


def stage(board: Board, name: str) -> Stage:
    return board.held[NoticeId(name)].stage


def test_two_notices_too_near_are_in_conflict_until_one_is_withdrawn() -> None:
    board = Board()
    give(board, "aa", A, entry())
    found = give(board, "bb", B, entry(extent(1_500)))
    (conflict,) = [each for each in found if isinstance(each, ConflictChanged)]
    assert (conflict.change, conflict.key.one, conflict.key.other) == (ConflictChange.FOUND, "aa", "bb")
    gone = board.step(Withdrawn(id=NoticeId("aa"), by=A), now=at(-47))
    assert [each.change for each in gone if isinstance(each, ConflictChanged)] == [ConflictChange.CLEARED]
    assert not board.conflicts


def test_a_conflict_that_was_seen_stays_so_until_it_is_surer() -> None:
    board = Board()
    give(board, "aa", A, entry())
    give(board, "bb", B, entry(replace(extent(1_900), accuracy_m=500)))
    (key,) = board.conflicts
    board.step(ConflictSeen(conflict=key, by="L. Marek"), now=at(-47))
    strict = Minima(rules=(Minimum(name="must not meet", kinds=("any", "any"), horizontal_m=10),))
    board.step(MinimaSet(minima=strict, by="L. Marek"), now=at(-46))
    assert board.conflicts[key].seen_by == "L. Marek"
    surer = Minima(rules=(Minimum(name="must not meet", kinds=("any", "any"), horizontal_m=5_000),))
    (_, changed) = board.step(MinimaSet(minima=surer, by="L. Marek"), now=at(-45))
    assert isinstance(changed, ConflictChanged)
    assert changed.change is ConflictChange.CHANGED
    assert board.conflicts[key].seen_by == ""


def test_only_its_own_party_changes_what_a_notice_says() -> None:
    board = Board()
    give(board, "aa", A, entry())
    amended = Given(id=NoticeId("cc"), by=B, flag="real", notice=entry(), amends=NoticeId("aa"))
    report = Reported(id=NoticeId("aa"), by=B, report=Report.VERIFIED, at=at(-1))
    for event in (Withdrawn(id=NoticeId("aa"), by=B), amended, report):
        with pytest.raises(Refused) as refused:
            board.step(event, now=at(0))
        assert refused.value.code == "notice.party"
    assert stage(board, "aa") is Stage.PLANNED


def test_a_version_takes_the_place_of_the_one_before_and_keeps_its_name() -> None:
    board = Board()
    give(board, "aa", A, entry())
    give(board, "bb", B, entry(extent(1_500)))
    renamed = Given(
        id=NoticeId("cc"), by=A, flag="real", notice=entry(designation="2"), amends=NoticeId("aa")
    )
    with pytest.raises(Refused) as refused:
        board.step(renamed, now=at(-40))
    assert refused.value.code == "notice.designation"
    version = Given(id=NoticeId("cc"), by=A, flag="real", notice=entry(extent(9_000)), amends=NoticeId("aa"))
    board.step(version, now=at(-40))
    assert (stage(board, "aa"), stage(board, "cc")) == (Stage.REPLACED, Stage.PLANNED)
    assert not board.conflicts


def test_time_alone_opens_and_ends_an_activity() -> None:
    board = Board()
    give(board, "aa", A, entry())
    assert board.step(NoticesTicked(), now=at(-0.001)) == []
    board.step(NoticesTicked(), now=at(0))
    assert stage(board, "aa") is Stage.IN_FORCE
    board.step(NoticesTicked(), now=at(10))
    assert stage(board, "aa") is Stage.ENDED
    with pytest.raises(Refused):
        board.step(Withdrawn(id=NoticeId("aa"), by=A), now=at(11))


def test_a_movement_that_is_not_heard_of_is_overdue_and_not_arrived() -> None:
    board = Board()
    give(board, "aa", A, movement())
    board.step(NoticesTicked(), now=at(0))
    assert stage(board, "aa") is Stage.DUE
    board.step(NoticesTicked(), now=at(2))
    assert stage(board, "aa") is Stage.OVERDUE
    board.step(Reported(id=NoticeId("aa"), by=A, report=Report.DEPARTED, at=at(1)), now=at(2.5))
    assert stage(board, "aa") is Stage.OVERDUE, "the next report was due an hour after it left"
    board.step(Reported(id=NoticeId("aa"), by=A, report=Report.CHECKED_IN, at=at(3)), now=at(3))
    assert stage(board, "aa") is Stage.UNDER_WAY
    board.step(NoticesTicked(), now=at(30))
    assert stage(board, "aa") is Stage.OVERDUE
    early = Reported(id=NoticeId("aa"), by=A, report=Report.ARRIVED, at=at(31))
    with pytest.raises(Refused) as refused:
        board.check(early, now=at(30))
    assert refused.value.code == "notice.report"
    board.step(Reported(id=NoticeId("aa"), by=A, report=Report.ARRIVED, at=at(9)), now=at(30))
    assert stage(board, "aa") is Stage.ARRIVED


def test_a_site_goes_stale_is_verified_again_and_runs_out() -> None:
    board = Board()
    give(board, "aa", A, site(), hours=0)
    assert stage(board, "aa") is Stage.IN_FORCE
    board.step(NoticesTicked(), now=at(24 * 29))
    assert stage(board, "aa") is Stage.STALE
    board.step(Reported(id=NoticeId("aa"), by=A, report=Report.VERIFIED, at=at(24 * 40)), now=at(24 * 40))
    assert stage(board, "aa") is Stage.IN_FORCE
    board.step(NoticesTicked(), now=at(24 * 60))
    assert stage(board, "aa") is Stage.EXPIRED
    give(board, "bb", B, entry(replace(extent(80_000), window=Window(start=at(1_500), end=at(1_600)))))
    assert board.conflicts, "what has run out may be there all the same"


def test_a_notice_in_a_zone_is_in_conflict_unless_its_party_is_admitted() -> None:
    board = Board()
    give(board, "aa", A, entry())
    give(board, "bb", B, entry(extent(500)))
    zone = Bounded(zone="TANF", extents=(replace(extent(), window=ALWAYS),), admitted=frozenset({A}))
    board.step(zone, now=at(-40))
    assert [key for key in board.conflicts if key.other == "zone TANF"] == [
        key for key in board.conflicts if key.one == "bb" and key.other.startswith("zone")
    ]
    assert len(board.conflicts) == 2
    board.step(Bounded(zone="TANF", extents=()), now=at(-39))
    assert len(board.conflicts) == 1


def test_what_is_only_practised_is_held_against_its_like_alone() -> None:
    board = Board()
    give(board, "aa", A, entry())
    give(board, "bb", B, entry(), flag="exercise")
    assert not board.conflicts
    give(board, "cc", A, entry(), flag="exercise")
    assert [(key.one, key.other) for key in board.conflicts] == [("bb", "cc")]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.tuples(notices(), st.sampled_from([A, B])), max_size=6), st.data())
def test_the_conflicts_of_the_board_are_those_of_every_pair_whatever_the_order(
    given_by: list[tuple[Notice, Giver]], data: st.DataObject
) -> None:
    rule = Minimum(name="rule", kinds=("any", "any"), horizontal_m=2_000, time_ms=Duration(HOUR_MS))
    board = Board()
    now = Instant(START - DAY_MS)
    board.step(MinimaSet(minima=Minima(rules=(rule,)), by="L. Marek"), now=now)
    order = data.draw(st.permutations(range(len(given_by))))
    for n in order:
        notice, by = given_by[n]
        board.step(Given(id=NoticeId(f"{n:02d}"), by=by, flag="real", notice=notice), now=now)
    withdrawn = set(data.draw(st.lists(st.sampled_from(order), unique=True))) if order else set()
    for n in withdrawn:
        board.step(Withdrawn(id=NoticeId(f"{n:02d}"), by=given_by[n][1]), now=now)
    live = [held for _, held in sorted(board.held.items()) if counts(held.notice.kind, held.stage)]
    expected = {
        (one.id, own.name, other.id, theirs.name): conflict_between(own, theirs, rule)
        for place, one in enumerate(live)
        for other in live[place + 1 :]
        if (one.by, one.notice.designation) != (other.by, other.notice.designation)
        for own in one.notice.extents
        for theirs in other.notice.extents
    }
    found = {
        (key.one, key.one_extent, key.other, key.other_extent): standing.conflict
        for key, standing in board.conflicts.items()
    }
    assert found == {key: conflict for key, conflict in expected.items() if conflict is not None}


def test_a_notice_that_comes_late_is_shown_with_what_is_missing() -> None:
    (given_effect, *_) = give(Board(), "aa", A, entry(), hours=-20)
    assert isinstance(given_effect, NoticeChanged)
    assert given_effect.lead is not None
    assert given_effect.lead.short_ms == 4 * HOUR_MS
