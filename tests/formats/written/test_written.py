"""Readings of what people write: what is said back reads back, and nothing that is written breaks a reader."""

# Latin, Cyrillic and Arabic letters and digits of other scripts stand side by side here.
# ruff: noqa: RUF001

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import DAY_MS, Instant, instant_text
from keepclear.core.space.altitude import Altitude
from keepclear.core.space.geodesy import Position, separation_m
from keepclear.formats.written.coordinate import read_position
from keepclear.formats.written.datetimegroup import read_instant
from keepclear.formats.written.digits import folded, plain_of
from keepclear.formats.written.echo import echo
from keepclear.formats.written.height import read_band, read_height
from keepclear.formats.written.months import MONTHS
from keepclear.formats.written.place import DEGREE_M, Place
from keepclear.formats.written.reading import (
    TEXT_CHARACTERS_MAX,
    Answer,
    Certain,
    Fault,
    Form,
    Question,
    Reading,
    Unreadable,
)
from keepclear.formats.written.timewindow import read_window
from keepclear.formats.written.wording import ANSWERS, QUESTIONS, WANTED, certain

READERS = (read_position, read_instant, read_window, read_height, read_band)

POSITIONS = st.builds(
    Position,
    latitude_deg=st.floats(-90, 90) | st.integers(-90, 90).map(float),
    longitude_deg=st.floats(-180, 180) | st.integers(-180, 180).map(float),
)
PLACES = st.builds(Place, position=POSITIONS, precision_m=st.floats(0.05, 100_000))


def spot(latitude_deg: float, longitude_deg: float) -> Position:
    """A position."""
    return Position(latitude_deg=latitude_deg, longitude_deg=longitude_deg)


@given(PLACES)
@example(Place(position=Position(latitude_deg=-0.0, longitude_deg=-180.0), precision_m=1.0))
@example(Place(position=Position(latitude_deg=89.9999999, longitude_deg=179.9999999), precision_m=0.05))
@example(Place(position=Position(latitude_deg=-1e-17, longitude_deg=1e-17), precision_m=1.0))
@example(Place(position=Position(latitude_deg=84.0, longitude_deg=42.0), precision_m=1.0))
@example(Place(position=Position(latitude_deg=33.30, longitude_deg=38.37), precision_m=1200.0))
def test_each_echo_reads_back_with_certainty_to_the_same_place_within_its_precision(place: Place) -> None:
    said = echo(place)
    assert [field.name for field in fields(said)] == ["mgrs", "dms", "decimal"]
    for text in (said.mgrs, said.dms, said.decimal):
        back = read_position(text)
        assert isinstance(back, Certain), (text, back)
        assert back.value.precision_m <= max(place.precision_m * 1.001, 1.0)
        apart_m = separation_m(own=back.value.position, other=place.position)
        assert apart_m <= back.value.precision_m * 0.72, (text, apart_m)


def test_a_place_that_was_written_in_whole_degrees_is_said_back_in_whole_degrees() -> None:
    said = echo(certain(read_position("33 N 38 E"), what="place"))
    assert (said.mgrs, said.dms, said.decimal) == ("37S DS", "33°N 038°E", "33°N 038°E")


@given(PLACES)
def test_degrees_that_are_said_back_are_said_back_again_in_the_same_text(place: Place) -> None:
    said = echo(place)
    assert echo(certain(read_position(said.dms), what="place")).dms == said.dms
    assert echo(certain(read_position(said.decimal), what="place")).decimal == said.decimal


@given(st.integers(2000, 2069), st.integers(0, 364), st.integers(0, 1439), st.sampled_from(sorted(MONTHS)))
def test_a_date_time_group_of_any_minute_reads_back_under_every_name_of_its_month(
    year: int, day: int, minute: int, name: str
) -> None:
    start = certain(read_instant(f"010000Z JAN {year}"), what="time").at
    at = Instant(start + day * DAY_MS + minute * 60_000)
    written = instant_text(at)
    if MONTHS[name] == int(written[5:7]):
        clock = written[8:10] + written[11:13] + written[14:16]
        for text in (f"{clock}Z{name}{year % 100:02d}", f"{clock}Z {name} {year}"):
            assert certain(read_instant(text), what="time").at == at, text
    assert certain(read_instant(written), what="time").at == at


@given(
    st.integers(-500, 60_000),
    st.sampled_from(["m", "ft", "метров", "pieds", "قدم"]),
    st.sampled_from(["AMSL", "AGL"]),
)
def test_a_height_in_whole_units_reads_as_so_many_of_them(count: int, unit: str, datum: str) -> None:
    height = certain(read_height(f"{count} {unit} {datum}"), what="height")
    in_metres = unit in ("m", "метров")
    assert isinstance(height, Altitude)
    assert height.height_m == pytest.approx(count * (1 if in_metres else 0.3048), abs=1e-9)


@pytest.mark.parametrize("digits", ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "０１２３４５６７８９", "०१२३४५६७८९"])
def test_digits_of_every_script_read_as_the_same_numbers(digits: str) -> None:
    for text in ("33.4967 N 38.6178 E", "333000N0383700E", "37S FT 48123 06123"):
        written = "".join(digits[int(each)] if each.isdigit() else each for each in text)
        assert read_position(written) == read_position(text)


@pytest.mark.parametrize("read", READERS)
def test_a_text_of_the_longest_length_is_read_and_one_longer_is_not(
    read: Callable[[str], Reading[object]],
) -> None:
    longest = read(" " * (TEXT_CHARACTERS_MAX - 1) + "x")
    longer = read(" " * TEXT_CHARACTERS_MAX + "x")
    assert isinstance(longest, Unreadable)
    assert longest.code is not Fault.TOO_LONG
    assert longer == Unreadable(code=Fault.TOO_LONG, at=TEXT_CHARACTERS_MAX, found="201")


def test_a_fault_after_unseen_characters_is_where_the_reader_of_the_text_finds_it() -> None:
    reading = read_position("\u200f\u200f33 X 38 E")
    assert reading == Unreadable(code=Fault.WORD, at=5, found="X")


def test_the_precision_is_the_width_of_the_last_figure() -> None:
    read = {
        text: certain(read_position(text), what="place").precision_m
        for text in (
            "33 N 38 E",
            "33.5 N 38.6 E",
            "33.5 N 38.617 E",
            "33 30 N 38 37 E",
            "333000N0383700E",
            "333000.5N0383700.5E",
        )
    }
    assert list(read.values()) == pytest.approx(
        [DEGREE_M, DEGREE_M / 10, DEGREE_M / 10, DEGREE_M / 60, DEGREE_M / 3600, DEGREE_M / 36000], rel=1e-9
    )


def test_no_degree_is_longer_than_the_one_that_precisions_are_counted_in() -> None:
    north = separation_m(own=spot(89.5, 0), other=spot(90, 0)) * 2
    east = separation_m(own=spot(0, 0), other=spot(0, 1))
    assert east < north < DEGREE_M < north * 1.0001


def test_every_code_has_words_and_no_words_stand_for_none() -> None:
    assert set(QUESTIONS) == set(Question)
    assert set(ANSWERS) == set(Answer)
    assert set(WANTED) == set(Fault)
    assert len(set(Form)) == len(Form)
    assert {answer.question for answer in Answer} < set(Question)


def test_what_is_not_certain_is_refused_where_nobody_can_be_asked() -> None:
    with pytest.raises(Refused, match="latitude or longitude") as asked:
        certain(read_position("33.4967, 38.6178"), what="place")
    assert asked.value.code == "written.ambiguous"
    with pytest.raises(Refused, match=r"character 6: found '3837E', must have two figures") as unreadable:
        certain(read_position("3330N3837E"), what="place")
    assert unreadable.value.code == "written.unreadable"


def test_words_of_ours_are_folded_as_texts_are() -> None:
    for word in ("é", "Й", "أيلول", "AOÛT", "º"):
        plain = plain_of(word)
        assert not isinstance(plain, Unreadable)
        assert plain.text == folded(word)
