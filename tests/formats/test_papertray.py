"""The tray of paper: a page of another bundle takes nothing from the one that is gathered, and nothing grows."""

from __future__ import annotations

import random
from typing import Final

import pytest

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant
from keepclear.formats.line.papercode import paper_lines
from keepclear.formats.line.papertray import TRAY_AGE_MS, TRAY_BUNDLES_MAX, PaperTray

BUNDLES: Final = [random.Random(number).randbytes(1_500) for number in range(TRAY_BUNDLES_MAX + 1)]
PAGES: Final = [paper_lines(each) for each in BUNDLES]
NOW: Final = Instant(1_536_192_000_000)


def test_two_bundles_whose_pages_are_mixed_are_both_read_whole() -> None:
    tray = PaperTray()
    pages = [*PAGES[0], *PAGES[1]]
    random.Random(3).shuffle(pages)
    found = [each.bundle() for page in pages for each in tray.take(page, now=NOW).whole]
    assert sorted(found) == sorted(BUNDLES[:2])
    assert tray.gathered() == ()


def test_which_lines_are_here_and_which_are_missing_is_known_of_each_bundle() -> None:
    tray = PaperTray()
    tray.take(PAGES[0][1] + PAGES[1][0], now=NOW)
    found = {each.paper_id: (each.here, each.missing) for each in tray.gathered()}
    total = [len(each) for each in PAGES[:2]]
    assert found == {
        PAGES[0][0][4:12]: ((2,), (1, *range(3, total[0] + 1))),
        PAGES[1][0][4:12]: ((1,), tuple(range(2, total[1] + 1))),
    }


def test_a_bundle_that_is_laid_aside_is_begun_anew() -> None:
    tray = PaperTray()
    tray.take(PAGES[0][0], now=NOW)
    tray.drop(PAGES[0][0][4:12])
    assert tray.gathered() == ()
    with pytest.raises(Refused) as refused:
        tray.drop(PAGES[0][0][4:12])
    assert refused.value.code == "paper.unknown"
    (whole,) = tray.take("".join(PAGES[0]), now=NOW).whole
    assert whole.bundle() == BUNDLES[0]


def test_one_bundle_too_many_is_not_begun_and_those_begun_go_on() -> None:
    tray = PaperTray()
    for pages in PAGES[:TRAY_BUNDLES_MAX]:
        assert tray.take(pages[0], now=NOW).refusals == ()
    (refusal,) = tray.take(PAGES[-1][0], now=NOW).refusals
    assert refusal.code == "paper.full"
    (whole,) = tray.take("".join(PAGES[0][1:]), now=NOW).whole
    assert whole.bundle() == BUNDLES[0]
    assert tray.take(PAGES[-1][0], now=NOW).refusals == ()


@pytest.mark.parametrize("side", [-1, 1])
def test_a_bundle_to_which_nothing_was_added_for_a_week_leaves_the_tray(side: int) -> None:
    tray = PaperTray()
    tray.take(PAGES[0][0], now=NOW)
    tray.take(PAGES[1][0], now=Instant(NOW + side * TRAY_AGE_MS))
    assert len(tray.gathered()) == 2
    tray.take(PAGES[1][0], now=Instant(NOW + side * (TRAY_AGE_MS + 1)))
    assert [each.paper_id for each in tray.gathered()] == [PAGES[1][0][4:12]]
