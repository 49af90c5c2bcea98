"""The text part: written and read back without a change, and nothing of it silently corrected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation import text
from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.line.text import Governs, Text, Translation, text_part_of
from keepclear.core.trust.encoding import Json, canonical, parsed

TRANSLATION: Json = {"by": "S. Orlova", "language": "ru", "text": "Мы входим в зону."}

words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
instants = st.integers(0, FOREVER).map(Instant)
languages = st.sampled_from(["en", "ru", "ar", "fr", "en-GB", "zh-Hant-TW", "ckb"])


@st.composite
def texts(draw: st.DrawFn) -> Text:
    translation = draw(st.none() | st.builds(Translation, by=words, language=languages, text=words))
    governs = Governs.ORIGINAL if translation is None else draw(st.sampled_from(Governs))
    return Text(
        composed=draw(instants),
        language=draw(languages),
        originator=draw(words),
        text=draw(words),
        occurred=draw(st.none() | instants),
        translation=translation,
        governs=governs,
        channel=draw(st.none() | words),
        voice_log=draw(st.none() | words),
        no_place=draw(st.booleans()),
    )


@given(texts())
def test_a_text_that_is_written_and_read_is_the_same(written: Text) -> None:
    assert text_part_of(parsed(canonical(written.content()))) == written


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"composed_ms": -1}, "composed_ms is -1"),
        ({"composed_ms": FOREVER + 1}, "composed_ms is"),
        ({"occurred_ms": "today"}, "occurred_ms is 'today'"),
        ({"text": ""}, "text is '', must be text of 1 to 16000 characters"),
        ({"text": "x" * 16_001}, "text is 'xxx"),
        ({"originator": "x" * 121}, "originator is"),
        ({"channel": ""}, "channel is ''"),
        ({"voice_log": 7}, "voice_log is 7"),
        ({"language": "English"}, "language is 'English', must be a tag such as en, ru, ar or fr"),
        ({"language": "EN"}, "language is 'EN'"),
        ({"no_place": "yes"}, "no_place is 'yes', must be true or false"),
        (
            {"governs": "both", "translation": TRANSLATION},
            "governs is 'both', must be original or translation",
        ),
        ({"governs": "translation"}, "the translation is said to govern, and there is none"),
        ({"translation": {"by": "x", "language": "ru"}}, "lacks the member 'text'"),
        ({"translation": {"by": "x", "language": "russian", "text": "y"}}, "language is 'russian'"),
        ({"translation": {"by": "x", "language": "ru", "text": "y", "more": 1}}, "not known here: more"),
        ({"colour": "red"}, "text has members that are not known here: colour"),
    ],
)
def test_a_text_that_is_unfit_is_refused_with_what_was_found(wrong: dict[str, Json], words: str) -> None:
    with pytest.raises(Refused) as refused:
        text_part_of({**text(), **wrong})
    assert words in refused.value.message


@pytest.mark.parametrize("name", ["composed_ms", "language", "originator", "text"])
def test_a_text_that_lacks_what_it_must_have_is_refused(name: str) -> None:
    with pytest.raises(Refused, match=f"text lacks the member '{name}'"):
        text_part_of({member: value for member, value in text().items() if member != name})


def test_a_text_that_is_no_object_is_refused() -> None:
    with pytest.raises(Refused, match="must be an object"):
        text_part_of("stay out")


def test_which_version_governs_is_as_it_was_written() -> None:
    assert text_part_of(text(translation=TRANSLATION, governs="translation")).governs is Governs.TRANSLATION
    assert text_part_of(text(translation=TRANSLATION, governs="original")).governs is Governs.ORIGINAL
