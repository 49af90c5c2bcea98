"""The reader of paper lines, given anything: refusals and nothing else, and never a wrong bundle."""

from __future__ import annotations

import contextlib
import random
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused, Untrusted
from keepclear.formats.line.papercode import PaperReader, paper_lines

BUNDLE: Final = random.Random(7).randbytes(1_500)
LINES: Final = paper_lines(BUNDLE)

noise = st.text(max_size=30) | st.text(st.sampled_from("KC1IL0O:/27AZ \n"), max_size=30)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Sound lines and noise, with a few places overwritten, cut out or filled in."""
    text = "".join(draw(st.lists(st.sampled_from(LINES) | noise, max_size=6)))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(noise) + text[start + draw(st.integers(0, 5)) :]
    return text


@given(st.lists(damaged(), max_size=4))
def test_a_reader_of_paper_gives_the_bundle_or_a_reason(texts: list[str]) -> None:
    reader = PaperReader()
    for text in texts:
        refusals = reader.take(text)
        assert all(refusal.code.startswith("paper.") for refusal in refusals)
    with contextlib.suppress(Refused, Untrusted):
        assert reader.bundle() == BUNDLE
    for each in LINES:
        assert reader.take(each) == ()
    assert reader.bundle() == BUNDLE


@given(st.permutations(LINES), st.integers(1, 70), st.sampled_from([" ", "\n", "\r\n> ", "\u00a0"]))
def test_lines_broken_anywhere_give_the_bundle(lines: list[str], width: int, broken_by: str) -> None:
    text = "".join(lines)
    reader = PaperReader()
    pieces = (text[start : start + width] for start in range(0, len(text), width))
    assert reader.take(broken_by.join(pieces)) == ()
    assert reader.bundle() == BUNDLE
