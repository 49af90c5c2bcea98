"""The board when versions come in any order, too many are over, and one activity is told of twice."""

from __future__ import annotations

import pytest

from boards import at, entry, extent, moved
from keepclear.core.errors import Refused
from keepclear.core.notice import board as board_module
from keepclear.core.notice import incoming as incoming_module
from keepclear.core.notice.board import Board
from keepclear.core.notice.event import Given, NoticesTicked, Report, Reported, Unread, Withdrawn
from keepclear.core.notice.held import Giver, NoticeId
from keepclear.core.notice.incoming import Incoming
from keepclear.core.notice.lifecycle import Stage
from keepclear.core.notice.notice import Notice

A, B = Giver("a"), Giver("b")


def given(name: str, notice: Notice, *, by: Giver = A, amends: str = "") -> Given:
    before = NoticeId(amends) if amends else None
    return Given(id=NoticeId(name), by=by, flag="real", notice=notice, amends=before)


def stages(board: Board) -> dict[str, Stage]:
    return {name: held.stage for name, held in board.held.items()}


def test_a_version_that_comes_first_stands_and_the_one_before_is_replaced_when_it_comes() -> None:
    board = Board()
    board.step(given("bb", moved(entry(), 9_000), amends="aa"), now=at(-48))
    board.step(given("zz", entry(designation="other"), by=B), now=at(-48))
    assert not board.conflicts
    board.step(given("aa", entry()), now=at(-47))
    assert stages(board) == {"bb": Stage.PLANNED, "zz": Stage.PLANNED, "aa": Stage.REPLACED}
    assert not board.conflicts


def test_a_version_by_another_party_or_of_another_name_replaces_nothing() -> None:
    for version in (
        given("bb", moved(entry(), 9_000), by=B, amends="aa"),
        given("bb", entry(extent(9_000), designation="other"), amends="aa"),
    ):
        board = Board()
        board.step(version, now=at(-48))
        board.step(given("aa", entry()), now=at(-47))
        assert stages(board) == {"bb": Stage.PLANNED, "aa": Stage.PLANNED}


def test_who_amends_what_is_over_is_followed_all_the_same() -> None:
    board = Board()
    board.step(given("aa", entry()), now=at(-48))
    board.step(NoticesTicked(), now=at(11))
    board.step(given("bb", entry(extent(last_h=20)), amends="aa"), now=at(12))
    assert stages(board) == {"aa": Stage.ENDED, "bb": Stage.IN_FORCE}


def test_one_activity_that_is_told_of_on_two_lines_is_not_in_conflict_with_itself() -> None:
    board = Board()
    board.step(given("aa", entry()), now=at(-48))
    board.step(given("bb", entry()), now=at(-48))
    assert not board.conflicts
    board.step(given("cc", entry(designation="2")), now=at(-48))
    assert len(board.conflicts) == 2


def test_of_what_is_over_the_first_is_let_go_of_and_of_what_is_open_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(board_module, "OVER_MAX", 3)
    board = Board()
    for number in range(8):
        board.step(given(f"{number:02d}", entry(designation=f"{number}")), now=at(-48))
    for number in (5, 0, 1, 2, 3):
        board.step(Withdrawn(id=NoticeId(f"{number:02d}"), by=A), now=at(-47))
    over = [name for name, stage in stages(board).items() if stage is Stage.WITHDRAWN]
    assert over == ["01", "02", "03"]
    assert {name for name, stage in stages(board).items() if stage is Stage.PLANNED} == {"04", "06", "07"}
    board.step(NoticesTicked(), now=at(0))
    assert stages(board)["04"] is Stage.IN_FORCE


def test_all_that_end_at_once_are_told_of_though_few_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_module, "OVER_MAX", 1)
    board = Board()
    for number in range(4):
        board.step(given(f"{number:02d}", entry(designation=f"{number}")), now=at(1))
    ended = [
        each.held.id
        for each in board.step(NoticesTicked(), now=at(10))
        if getattr(each, "happening", None) is not None
    ]
    assert ended == ["00", "01", "02", "03"]
    assert list(stages(board)) == ["03"]


def test_of_what_could_not_be_read_the_first_is_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_module, "UNREAD_MAX", 2)
    board = Board()
    for name in ("aa", "bb", "cc"):
        board.step(Unread(id=NoticeId(name), by=A, code="odd", why="odd"), now=at(0))
    assert list(board.unread) == ["bb", "cc"]


def test_what_waits_for_a_notice_too_long_is_shown_as_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming_module, "EARLY_MAX", 2)
    incoming = Incoming()
    for number in range(3):
        said = Reported(id=NoticeId(f"{number:02d}"), by=A, report=Report.DEPARTED, at=at(0))
        incoming.heard(said, message=NoticeId(f"m{number}"), now=at(0))
    assert [each.message for each in incoming.early] == ["m1", "m2"]
    assert [each.code for each in incoming.board.unread.values()] == ["notice.unknown"]


def test_a_notice_that_is_told_of_twice_by_one_message_is_there_once() -> None:
    incoming = Incoming()
    for _ in range(2):
        incoming.heard(given("aa", entry()), message=NoticeId("aa"), now=at(-48))
    assert list(incoming.board.held) == ["aa"]
    assert not incoming.board.unread


def test_what_would_be_refused_is_refused_by_a_check_that_changes_nothing() -> None:
    board = Board()
    board.step(given("aa", entry()), now=at(-48))
    before = dict(board.held)
    for said in (
        given("aa", entry()),
        given("bb", entry(designation="other"), amends="aa"),
        given("bb", entry(), by=B, amends="aa"),
        Withdrawn(id=NoticeId("aa"), by=B),
        Withdrawn(id=NoticeId("zz"), by=A),
        Reported(id=NoticeId("aa"), by=A, report=Report.VERIFIED, at=at(-48)),
    ):
        with pytest.raises(Refused):
            board.check(said, now=at(-47))
        with pytest.raises(Refused):
            board.step(said, now=at(-47))
    assert board.held == before
