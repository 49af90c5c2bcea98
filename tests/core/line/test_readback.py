"""Read-back words against a second derivation of protocol 9, and the typing that they have to forgive."""

from __future__ import annotations

import json
import random
from typing import Final, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

import readback_oracle
from keepclear.core.errors import Refused
from keepclear.core.line.voice.readback import (
    WORDS,
    GroupWord,
    Heard,
    HeardWord,
    Language,
    Verdict,
    group_words,
    heard,
    pairing_words,
    readback_hash,
    words_of,
)

VECTORS: Final = json.loads(readback_oracle.VECTORS.read_text(encoding="utf-8"))
LANGUAGES: Final = list(Language)
ORDER: Final = "Enter zone TANF 55 at 06:00Z from 33.5120 N 038.6150 E, leave by 09:30Z, height 450 metres."


class TextVector(TypedDict):
    """What the file of vectors says of one text."""

    text: str
    hash: str
    words: dict[str, str]
    groups: list[str]
    group_words: dict[str, str]


sayable = st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=40)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def hashed(text: str) -> bytes:
    return readback_hash(kind="notify", flag="real", precedence="immediate", line="tanf", text=text)


def test_the_vectors_are_those_of_the_second_derivation() -> None:
    assert readback_oracle.vectors() == VECTORS


@pytest.mark.parametrize("vector", VECTORS["texts"], ids=lambda vector: vector["words"]["en"].split()[0])
def test_a_text_has_the_hash_and_the_words_of_its_vector(vector: TextVector) -> None:
    digest = readback_hash(**VECTORS["fields"], text=vector["text"])
    assert digest.hex() == vector["hash"]
    for language in LANGUAGES:
        assert " ".join(words_of(digest, language)) == vector["words"][language.value]
        groups = group_words(vector["text"], language)
        assert [each.group for each in groups] == vector["groups"]
        assert " ".join(each.word for each in groups) == vector["group_words"][language.value]


def test_a_pairing_has_the_words_of_its_vector_whichever_root_is_named_first() -> None:
    pairing = VECTORS["pairing"]
    one, other = pairing["roots"]
    for language in LANGUAGES:
        words = tuple(pairing["words"][language.value].split())
        assert pairing_words(line="tanf", roots=(one, other), language=language) == words
        assert pairing_words(line="tanf", roots=(other, one), language=language) == words
        assert pairing_words(line="tanf-2", roots=(one, other), language=language) != words


@given(sayable.filter(readback_oracle.said))
def test_any_text_has_the_hash_of_the_second_derivation(text: str) -> None:
    lines = ("keepclear voice v1", "notify", "real", "immediate", "tanf", readback_oracle.said(text))
    assert hashed(text) == readback_oracle.digest(*lines)


def test_one_letter_or_digit_changed_shows_in_the_words() -> None:
    """Each word stays the same by chance once in 256 times; all six stay once in 2.8e14."""
    chance = random.Random(9)
    places = [place for place, each in enumerate(ORDER) if each.isalnum()]
    tries = same = 0
    for _ in range(4_000):
        place = chance.choice(places)
        put = chance.choice("0123456789" if ORDER[place].isdigit() else "abcdefghijklmnopqrstuvwxyz")
        if put == ORDER[place].lower():
            continue
        # A number that both texts end with makes each try one of its own.
        salt = f" {chance.randrange(10**9)}"
        before = words_of(hashed(ORDER + salt), Language.EN)
        after = words_of(hashed(ORDER[:place] + put + ORDER[place + 1 :] + salt), Language.EN)
        assert after != before
        tries += 1
        same += sum(one == other for one, other in zip(before, after, strict=True))
    expected = 6 * tries / 256
    # Five standard deviations of a binomial count about its mean.
    assert abs(same - expected) < 5 * expected**0.5


@pytest.mark.parametrize("field", ["kind", "flag", "precedence", "line"])
def test_every_field_is_under_the_hash_and_has_to_be_a_word(field: str) -> None:
    fields = {"kind": "notify", "flag": "real", "precedence": "routine", "line": "tanf", "text": "hold"}
    changed = readback_hash(**(fields | {field: "other"}))
    assert changed != readback_hash(**fields)
    for wrong in ("", "a\nb", "Real", "-a", "a" * 65):
        with refused("readback.field"):
            readback_hash(**(fields | {field: wrong}))


def test_a_text_of_punctuation_alone_has_no_hash() -> None:
    with refused("readback.empty"):
        hashed(" … - — !")


@pytest.mark.parametrize("count", [0, 33, -1])
def test_no_more_words_are_given_than_a_hash_has_bytes(count: int) -> None:
    assert len(words_of(bytes(32), Language.EN, 32)) == 32
    with refused("readback.count"):
        words_of(bytes(32), Language.EN, count)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_of_a_byte_is_the_word_in_its_place(language: Language) -> None:
    assert words_of(bytes(range(256)), language, 256) == WORDS[language]


@pytest.mark.parametrize("wrong", ["", "two\nlines", "ended\n", " padded", "page\x0cbreak"])
def test_a_root_that_is_no_line_is_refused(wrong: str) -> None:
    with refused("readback.field"):
        pairing_words(line="tanf", roots=(wrong, "a"), language=Language.EN)
    with refused("readback.field"):
        pairing_words(line="Tanf", roots=("b", "a"), language=Language.EN)


def test_one_root_is_not_paired_with_itself() -> None:
    with refused("readback.same-root"):
        pairing_words(line="tanf", roots=("a", "a"), language=Language.EN)


def test_a_check_word_stands_for_each_group_of_five() -> None:
    groups = group_words("one two three four five, six", Language.EN)
    assert [(each.number, each.group) for each in groups] == [(1, "one two three four five"), (2, "six")]
    assert group_words("", Language.EN) == ()
    assert isinstance(groups[0], GroupWord)


def test_a_changed_word_shows_in_the_check_word_of_its_group_and_in_no_other() -> None:
    words = [f"{first}{second}" for first in "abcdefghij" for second in "abcdefghij"]
    before = [each.word for each in group_words(" ".join(words), Language.RU)]
    words[52] = "changed"
    after = [each.word for each in group_words(" ".join(words), Language.RU)]
    differing = [place for place, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    assert differing == [10]


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_that_are_typed_as_they_stand_are_heard(language: Language) -> None:
    words = WORDS[language][40:46]
    found = heard(" ".join(words).upper() + ".", expected=words, language=language)
    assert found.matches
    assert found.extra == ()
    assert [(word.number, word.expected) for word in found.words] == list(enumerate(words, 1))


@pytest.mark.parametrize(
    ("typed", "expected", "language"),
    [
        ("accordeon", "accordéon", Language.FR),
        ("E\u0301CUREUIL", "écureuil", Language.FR),
        ("ابجدية", "أبجدية", Language.AR),
        ("إبـــزيم", "إبزيم", Language.AR),
        ("رتيلا", "رتيلاء", Language.AR),
        ("سُلَحْفاة", "سلحفاة", Language.AR),
        ("سلحفاه", "سلحفاة", Language.AR),
        ("жемчуг", "жемчуг", Language.RU),
        ("дёрево", "дерево", Language.RU),
    ],
)
def test_accents_points_and_forms_of_hamza_make_no_difference(
    typed: str, expected: str, language: Language
) -> None:
    assert expected in WORDS[language]
    assert heard(typed, expected=(expected,), language=language).matches


def only(found: Heard) -> HeardWord:
    (word,) = found.words
    return word


def test_a_word_nearly_right_is_a_mismatch_and_its_nearest_is_named() -> None:
    found = heard("anchr", expected=("anchor",), language=Language.EN)
    assert not found.matches
    assert only(found) == HeardWord(
        number=1, expected="anchor", typed="anchr", verdict=Verdict.MISMATCH, nearest="anchor"
    )


def test_another_word_of_the_list_is_a_mismatch_without_a_suggestion() -> None:
    word = only(heard("zebra", expected=("anchor",), language=Language.EN))
    assert (word.verdict, word.typed, word.nearest) == (Verdict.MISMATCH, "zebra", None)


@pytest.mark.parametrize("typed", ["qqqqqqq", "q" * 60, "q"])
def test_nothing_is_suggested_for_what_is_near_no_word(typed: str) -> None:
    assert only(heard(typed, expected=("anchor",), language=Language.EN)).nearest is None


def test_nothing_is_suggested_between_two_words_equally_near() -> None:
    # Two letters lead from "michor" to "anchor", and two to "mirror".
    assert {"anchor", "mirror"} <= set(WORDS[Language.EN])
    assert only(heard("michor", expected=("anchor",), language=Language.EN)).nearest is None
    assert only(heard("mirhor", expected=("anchor",), language=Language.EN)).nearest == "mirror"


def test_words_that_are_missing_or_too_many_are_named() -> None:
    words = WORDS[Language.AR][:3]
    short = heard(words[0], expected=words, language=Language.AR)
    assert [word.verdict for word in short.words] == [Verdict.MATCH, Verdict.MISSING, Verdict.MISSING]
    assert [word.typed for word in short.words][1:] == [None, None]
    assert not short.matches
    long = heard(" ".join((*words, "zebra", "x")), expected=words, language=Language.AR)
    assert long.extra == ("zebra", "x")
    assert not long.matches


def test_to_expect_no_word_is_refused() -> None:
    with refused("readback.empty"):
        heard("anchor", expected=(), language=Language.EN)


@given(st.sampled_from(LANGUAGES), st.binary(min_size=6, max_size=6), st.binary(min_size=6, max_size=6))
def test_the_words_of_another_hash_are_never_heard(language: Language, mine: bytes, theirs: bytes) -> None:
    found = heard(" ".join(words_of(theirs, language)), expected=words_of(mine, language), language=language)
    assert found.matches == (mine == theirs)
    same = [one == other for one, other in zip(mine, theirs, strict=True)]
    assert [word.verdict is Verdict.MATCH for word in found.words] == same
