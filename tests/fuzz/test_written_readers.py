"""Readers of places, times and heights that people write: whatever the text, a reading, a question or a fault."""

# Latin, Cyrillic and Arabic letters and digits of other scripts stand side by side here.
# ruff: noqa: RUF001, SIM905

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from keepclear.formats.written.coordinate import read_position
from keepclear.formats.written.datetimegroup import read_instant
from keepclear.formats.written.height import read_band, read_height
from keepclear.formats.written.reading import TEXT_CHARACTERS_MAX, Ambiguous, Certain, Unreadable
from keepclear.formats.written.timewindow import read_window

READERS = (read_position, read_instant, read_window, read_height, read_band)

# Pieces that texts of people are made of, so that chance comes near to something that can be read.
PIECES = st.sampled_from(
    "N S E W O с в ю з ش ق 33 30 00 38.6 38,6 -38 +38 037 3330 0383700 ° ' \" - – , ; / . : 37S FT 48123 06123 "
    "648123 3706123 Z 06 1200 061200 SEP сен أيلول 18 2018 2018-09-06 T 12:00 +03:00 UTC J L TO 24 FL120 SFC UNL "
    "3,500 3.500 ft m AMSL AGL ( ) lat lon geo: UFN FL M0350".split()
) | st.sampled_from([" ", "", "\u200f", "\u202e", "٫", "٬", "½", "\n"])
TEXTS = st.lists(PIECES, max_size=12).map("".join) | st.lists(PIECES, max_size=12).map(" ".join) | st.text()


@given(TEXTS)
@example("33,30 N 38,37 E")
@example("06/09/2018 1200Z - 07/09/2018 1800Z")
@example("," * TEXT_CHARACTERS_MAX)
@example("1 " * (TEXT_CHARACTERS_MAX // 2))
@example("(" * TEXT_CHARACTERS_MAX)
@example("\ud800")
def test_every_text_has_one_reading_or_a_question_or_a_fault(text: str) -> None:
    for read in READERS:
        reading = read(text)
        if isinstance(reading, Unreadable):
            assert 0 <= reading.at <= len(text)
        elif isinstance(reading, Ambiguous) and reading.choices:
            assert len({choice.value for choice in reading.choices}) > 1
            assert len(reading.answers()) > 1


@given(TEXTS)
@example("12,5 35,2")
@example("33,30 N 38,37 E")
@example("06/09/98 12:00Z")
@example("3,500")
def test_answering_questions_leads_to_every_choice_and_to_nothing_else(text: str) -> None:
    for read in READERS:
        reading = read(text)
        if isinstance(reading, Ambiguous) and reading.choices:
            reached = set[object]()
            open_ones = [reading]
            while open_ones:
                asked = open_ones.pop()
                for answer in asked.answers():
                    left = asked.answered(answer)
                    if isinstance(left, Certain):
                        reached.add(left.value)
                    else:
                        assert len(left.choices) < len(asked.choices)
                        open_ones.append(left)
            assert reached == {choice.value for choice in reading.choices}
