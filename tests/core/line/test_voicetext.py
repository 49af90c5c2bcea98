"""The text given by voice: what two people's typing may differ in, and what it must not hide."""

from __future__ import annotations

import random
from difflib import SequenceMatcher
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

import readback_oracle
from keepclear.core.errors import Refused
from keepclear.core.line.voice.voicetext import VOICE_TEXT_MAX, WordDifference, difference, voice_text

sayable = st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=60)
telling = st.text(st.sampled_from("aB9- ٣é\u0301²½Ⅳ\u200d\u2212—.йЁةىء\u0640"), max_size=20)
few_words = st.lists(st.sampled_from(["north", "south", "5", "55"]), max_size=8).map(" ".join)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


@given(sayable | telling)
def test_a_voice_text_is_that_of_the_second_derivation(text: str) -> None:
    assert voice_text(text) == readback_oracle.said(text)


@given(sayable | telling)
def test_a_voice_text_is_its_own_voice_text(text: str) -> None:
    once = voice_text(text)
    assert voice_text(once) == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Enter  the zone,\nat once!", "enter the zone at once"),
        ("55km", "55 KM"),
        ("élève", "e\u0301le\u0300ve"),
        ("élève", "eleve"),
        ("œuvre", "oeuvre"),
        ("ещё", "еще"),
        ("\u0665\u0665 كم", "55 كم"),
        ("\u06f5\u06f5", "55"),
        ("الشاطئ", "الشاطىء"),
        ("أحمد", "احمد"),
        ("العربيّة", "العربية"),
        ("33.5", "33,5"),
        ("\u22125", "-5"),
        ("\uff3a\uff2f\uff2e\uff25 \uff15", "zone 5"),
        ("a\u00adb\u200ec", "abc"),
    ],
)
def test_what_is_not_heard_makes_no_difference(one: str, other: str) -> None:
    assert voice_text(one) == voice_text(other)
    assert difference(one, other) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5", "-5"),
        ("at -5 m", "at 5 m"),
        ("(\u221238.6)", "(38.6)"),
        ("--5", "5"),
        ("55", "5 5"),
        ("1 12", "11 2"),
        ("10½", "101/2"),
        ("10²", "102"),
        ("мой", "мои"),
        ("का", "कि"),
        ("か", "が"),
        ("ทิ", "ที"),
        ("north", "nord"),
    ],
)
def test_what_is_heard_does_make_a_difference(one: str, other: str) -> None:
    assert voice_text(one) != voice_text(other)


def test_a_dash_after_a_word_is_no_sign() -> None:
    assert voice_text("5-10 km, A-7, F-16 - then 3") == "5 10 km a 7 f 16 then 3"


@pytest.mark.parametrize("character", ["\ud800", "\ue000", "\U000e0fff"])
def test_a_code_point_without_a_meaning_is_refused(character: str) -> None:
    with refused("voice.character"):
        voice_text(f"ab{character}")


def test_a_text_is_read_to_its_limit_and_no_further() -> None:
    assert voice_text("a" * VOICE_TEXT_MAX) == "a" * VOICE_TEXT_MAX
    with refused("voice.too-long"):
        voice_text("a" * (VOICE_TEXT_MAX + 1))


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ("enter the zone at six", ()),
        ("enter the stone at six", ((3, "zone", "stone"),)),
        ("enter zone at six", ((2, "the", None),)),
        ("enter the zone at about six", ((5, None, "about"),)),
        ("enter the zone at six today", ((6, None, "today"),)),
        ("the zone at", ((1, "enter", None), (5, "six", None))),
        ("", ((1, "enter", None), (2, "the", None), (3, "zone", None), (4, "at", None), (5, "six", None))),
    ],
)
def test_a_difference_is_told_to_the_word(theirs: str, expected: tuple[tuple[int, str, str], ...]) -> None:
    found = difference("Enter the zone, at six.", theirs)
    assert tuple((each.number, each.mine, each.theirs) for each in found) == expected


def applied(mine: list[str], changes: tuple[WordDifference, ...]) -> list[str]:
    """My words with the differences put in, so that they must be theirs."""
    for each in reversed(changes):
        at = each.number - 1
        assert each.mine is None or mine[at] == each.mine
        mine[at : at + (each.mine is not None)] = [] if each.theirs is None else [each.theirs]
    return mine


@given(few_words, few_words)
def test_the_differences_make_one_text_of_the_other_and_there_are_no_more_than_need_be(
    mine: str, theirs: str
) -> None:
    found = difference(mine, theirs)
    assert applied(mine.split(), found) == theirs.split()
    assert len(found) == fewest(tuple(mine.split()), tuple(theirs.split()))


@cache
def fewest(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many changes make one list of the other, by the definition."""
    if not one or not other:
        return len(one) + len(other)
    if one[0] == other[0]:
        return fewest(one[1:], other[1:])
    return 1 + min(fewest(one[1:], other), fewest(one, other[1:]), fewest(one[1:], other[1:]))


def test_a_long_text_with_scattered_changes_is_told_apart_as_a_library_does() -> None:
    chance = random.Random(4)
    mine = [f"w{chance.choice('abcdefgh')}x{chance.choice('abcdefgh')}" for _ in range(500)]
    theirs = list(mine)
    for place in (450, 300, 120, 7):
        theirs[place] = "changed"
    found = difference(" ".join(mine), " ".join(theirs))
    matcher = SequenceMatcher(a=mine, b=theirs, autojunk=False)
    opcodes = [start + 1 for tag, start, *_ in matcher.get_opcodes() if tag != "equal"]
    assert [each.number for each in found] == opcodes == [8, 121, 301, 451]
