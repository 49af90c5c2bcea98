"""The lists of read-back words: told apart by eye, by typing and over a bad radio."""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from itertools import combinations, pairwise
from pathlib import Path
from typing import Final

import pytest

from keepclear.core.line.voice.readback import WORDS, Language
from keepclear.core.line.voice.voicetext import voice_text

ROOT: Final = Path(__file__).resolve().parents[3]
LANGUAGES: Final = list(Language)

ALPHABETS: Final = {
    Language.EN: "a-z",
    Language.RU: "\u0430-\u044f",
    Language.AR: "\u0621-\u063a\u0641-\u064a",
    Language.FR: "a-zàâçéèêëîïôùûü",
}

# Sounds that a bad radio takes for one another share a letter here; a Latin h and signs without a sound are left out.
SOUNDS: Final = {
    "p": "bp" + "бп" + "ب",
    "t": "dt" + "дт" + "تطدض",
    "k": "gkqc" + "гкх" + "كقغخ",
    "f": "fv" + "фв" + "ف",
    "s": "szxj" + "сзцшщжч" + "سصزثذظشج",
    "m": "mn" + "мн" + "من",
    "l": "l" + "л" + "ل",
    "r": "r\u0440ر",
    "a": "aeiouyw" + "аеиоуыэюяй" + "اويع",
    "h": "هح",
    "": "hьъ",
}
SOUND_OF: Final = {letter: sound for sound, letters in SOUNDS.items() for letter in letters}
SPELLINGS: Final = tuple(
    pair.split() for pair in ("ph f", "ch s", "sh s", "ck k", "qu k", "gn n", "wr r", "kn n", "wh w", "th t")
)


def coarse(word: str) -> str:
    """The word as a bad radio might let it be heard."""
    form = voice_text(word)
    for spelled, sound in SPELLINGS:
        form = form.replace(spelled, sound)
    return re.sub(r"(.)\1+", r"\1", "".join(SOUND_OF[letter] for letter in form))


def edits(one: str, other: str) -> int:
    """Levenshtein's distance, by the textbook's recursion over a whole table."""
    table = {(0, column): column for column in range(len(other) + 1)}
    table |= {(row, 0): row for row in range(len(one) + 1)}
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            swap = table[row - 1, column - 1] + (one[row - 1] != other[column - 1])
            table[row, column] = min(swap, table[row - 1, column] + 1, table[row, column - 1] + 1)
    return table[len(one), len(other)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_has_a_word_for_each_byte_in_letters_of_its_language(language: Language) -> None:
    words = WORDS[language]
    assert len(words) == 256
    assert [word for word in words if not re.fullmatch(f"[{ALPHABETS[language]}]{{4,9}}", word)] == []
    assert [word for word in words if unicodedata.normalize("NFC", word) != word] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_is_sorted_as_an_officer_looks_it_up(language: Language) -> None:
    forms = [voice_text(word) for word in WORDS[language]]
    assert [(one, other) for one, other in pairwise(forms) if one >= other] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_two_words_of_a_list_differ_in_three_letters_and_in_how_they_begin(language: Language) -> None:
    forms = [voice_text(word) for word in WORDS[language]]
    near = [pair for pair in combinations(forms, 2) if edits(*pair) < 3]
    assert near == []
    assert len({form[:3] for form in forms}) == 256


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_words_of_a_list_sound_alike_on_a_bad_radio(language: Language) -> None:
    assert len({coarse(word) for word in WORDS[language]}) == 256


def test_the_page_of_words_is_that_of_the_code() -> None:
    spec = importlib.util.spec_from_file_location("word_lists", ROOT / "scripts" / "word_lists.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
    assert page == module.word_page()
    row = f"| 07 | {' | '.join(WORDS[language][7] for language in LANGUAGES)} |"
    assert row in page.splitlines()
