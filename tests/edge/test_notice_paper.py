"""A notice on paper, from two running nodes: both print the same numbers of it, each in its language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.paired import Party
from edge.test_lining import Desk, pair, running, wait_for
from edge.test_noticing import BY_A, entry, notice


@pytest.fixture
def desks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[tuple[Desk, Desk]]:
    monkeypatch.chdir(tmp_path)
    with (
        running(Party(tmp_path / "a", "a")) as one,
        running(Party(tmp_path / "b", "b")) as two,
    ):
        a, b = Desk("a", one, monkeypatch, capsys), Desk("b", two, monkeypatch, capsys)
        pair(a, b)
        yield a, b


def test_both_sides_print_a_notice_with_the_same_numbers_each_in_its_language(
    desks: tuple[Desk, Desk],
) -> None:
    a, b = desks
    notice(a, "give", "tanf", entry(), *BY_A)
    pages = []
    for desk, language, kind in ((a, "fr", "Avis"), (b, "ar", "إشعار")):
        given = wait_for(desk, "notify")
        desk.line("form", "tanf", given["hash"], "--language", language, "-o", f"{language}.html")
        page = Path(f"{language}.html").read_text(encoding="utf-8")
        assert f"<h2>{kind}</h2>" in page
        assert "patrol" in page
        places = page[page.index('<section class="place">') : page.index('class="blank"')]
        pages.append(re.findall(r'<bdi class="n" dir="ltr">([^<]+)</bdi>', places))
    french, arabic = pages
    assert "area" in french
    assert "33.5500000° N" in french
    assert french == arabic
