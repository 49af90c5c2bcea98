"""Notices on the printed form: every field of every kind, the same numbers in four languages, places that read back."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from xml.etree import ElementTree

import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from handmade_notices import CONVOY, DRILL, HANDMADE, HOSPITAL, INCIDENT, STRIKES
from keepclear.core.instant import FOREVER, Duration, Instant, instant_of
from keepclear.core.line.message import Flag, Kind, LineName, PartyWord, Precedence
from keepclear.core.line.plot.shape import GridPosition, ceiling_cm
from keepclear.core.line.voice.readback import Language
from keepclear.core.notice.extent import Role
from keepclear.core.notice.notice import Notice, NoticeKind
from keepclear.core.notice.site import Marking
from keepclear.formats.line.formnumbers import degrees_texts, dms_texts, duration_text, mgrs_reference
from keepclear.formats.line.formwords import Row, said
from keepclear.formats.line.lineform import Form, form_html
from keepclear.formats.line.noticewords import (
    ANSWERS,
    MARKINGS,
    NOTICE_KINDS,
    NOTICE_LABELS,
    ROLES,
    NoticeLabel,
)
from keepclear.formats.notice.noticejson import notice_places
from keepclear.formats.written.coordinate import read_position
from keepclear.formats.written.reading import Certain
from notices import notices
from places import grid_positions

EVIL = "<script>alert(1)</script>\" onload='x' & </div>"


def form(notice: Notice) -> Form:
    """A message that gives a notice and says nothing else."""
    return Form(
        line=LineName("tanf"),
        sender=PartyWord("b"),
        to=PartyWord("a"),
        number=17,
        kind=Kind.NOTIFY,
        flag=Flag.REAL,
        precedence=Precedence.ROUTINE,
        at=instant_of("2018-08-30T00:00:00Z"),
        released_by="M",
        hash=bytes(32),
        places=notice_places(notice),
        notice=notice,
    )


def page(notice: Notice, language: Language) -> ElementTree.Element:
    """The page of a notice, parsed."""
    return ElementTree.fromstring(form_html(form(notice), language))


def numbers(root: ElementTree.Element) -> list[str]:
    """Every number and code of a page, in its order."""
    return ["".join(each.itertext()) for each in root.iter() if "n" in each.get("class", "").split()]


def leaves(value: object) -> list[object]:
    """Every value that a notice holds, however deep."""
    if is_dataclass(value):
        return [leaf for each in fields(value) for leaf in leaves(getattr(value, each.name))]
    if isinstance(value, tuple):
        return [leaf for each in value for leaf in leaves(each)]
    return [value]


def texts_said(notice: Notice) -> set[str]:
    """Every text that a person wrote, of the notice and the names of its extents."""
    found = {leaf for leaf in leaves(notice.body) if type(leaf) is str and leaf}
    return {notice.designation, *(extent.name for extent in notice.extents), *found}


@pytest.mark.parametrize("notice", HANDMADE, ids=lambda notice: notice.kind)
def test_the_four_pages_of_a_notice_of_each_kind_hold_the_same_numbers(notice: Notice) -> None:
    pages = [numbers(page(notice, language)) for language in Language]
    assert len(pages[0]) > 20
    assert all(each == pages[0] for each in pages)


@settings(max_examples=40, deadline=None)
@given(notice=notices())
def test_any_notice_says_all_its_times_counts_and_texts_in_every_language(notice: Notice) -> None:
    pages = [page(notice, language) for language in Language]
    first = numbers(pages[0])
    assert all(numbers(each) == first for each in pages)
    times = {instant_of(each) for each in first if re.fullmatch(r"\d{4}-\d\d-\d\dT.*Z", each)}
    for leaf in leaves(notice.body):
        if type(leaf) is int and leaf > 1_000_000_000_000 and leaf != FOREVER:
            assert Instant(leaf) in times
        elif type(leaf) is int and leaf != FOREVER and leaf < 1_000_000:
            assert str(leaf) in first
    for root in pages:
        whole = "".join(root.itertext())
        assert [text for text in texts_said(notice) if text not in whole] == []


@pytest.mark.parametrize("notice", HANDMADE, ids=lambda notice: notice.kind)
def test_every_label_of_a_notice_is_in_the_language_of_the_page(notice: Notice) -> None:
    english = {"".join(each.itertext()) for each in page(notice, Language.EN).iter("dt")}
    for language in Language:
        labels = {"".join(each.itertext()) for each in page(notice, language).iter("dt")}
        assert len(labels) == len(english)
        wanted = said(NOTICE_LABELS[NoticeLabel.DESIGNATION], language)
        assert wanted in labels


def test_the_strikes_note_says_what_an_officer_has_to_know() -> None:
    found = numbers(page(STRIKES, Language.AR))
    for wanted in (
        "hazardous-activity",
        "impact",
        "flight",
        "37S DT 51684 19313",
        "33°36'45.00000\" N",
        "33.6125000° N",
        "2500.00 m",
        "15000.00 ft",
        "PRESSURE",
        "060845Z SEP 18",
        "2018-09-06T12:30:00Z",
        "500.00 m",
        "100.00 ft",
        "10 min",
        "+7 495 555 01 01",
    ):
        assert wanted in found


def test_what_is_and_what_is_not_stated_is_told_apart() -> None:
    text = "".join(page(HOSPITAL, Language.EN).itertext())
    assert "Notified untilnot stated" in text
    assert "seen at night night" in text
    assert "thermal" not in text
    assert "Emergency, at shorter noticeyes" in "".join(page(CONVOY, Language.EN).itertext())
    assert "Crew" not in text
    assert "If it goes otherwise" not in "".join(page(HANDMADE[1], Language.EN).itertext())


def test_phases_waypoints_and_accounts_stand_in_columns_each_in_its_order() -> None:
    def rows(notice: Notice) -> list[list[str]]:
        root = page(notice, Language.EN)
        table = next(each for each in root.iter("table") if each.get("class") == "rows")
        return [["".join(cell.itertext()) for cell in row.iter("td")] for row in table.iter("tr")][1:]

    assert rows(DRILL) == [["deploy", "range", "no"], ["live fire", "range", "yes"]]
    assert [row[0] for row in rows(CONVOY)] == ["Rukban", "مفرق التنف", "gate"]
    assert rows(INCIDENT) == [
        ["Post 3", "B2", "Two impacts, 400 m apart"],
        ["Сосед", "not stated", "Пусков не было"],
    ]


def test_an_accuracy_is_never_printed_smaller_than_it_is() -> None:
    assert "1234.57 m" in numbers(page(INCIDENT, Language.FR))


@given(doubt_cm=st.integers(0, 10**8), more=st.floats(0, 0.9))
def test_the_least_whole_centimetres_are_never_less_than_the_doubt_nor_one_too_many(
    doubt_cm: int, more: float
) -> None:
    doubt_m = (doubt_cm + more) / 100
    found = ceiling_cm(doubt_m)
    assert found / 100 >= doubt_m
    assert (found - 1) / 100 < doubt_m


@given(duration=st.integers(0, 400 * 86_400_000))
def test_a_length_of_time_reads_back_as_it_was(duration: int) -> None:
    units = {"d": 86_400_000, "h": 3_600_000, "min": 60_000, "s": 1_000}
    written = duration_text(Duration(duration)).split()
    total = sum(
        round(float(count) * units[unit]) for count, unit in zip(written[::2], written[1::2], strict=True)
    )
    assert total == duration


@settings(deadline=None)
@given(at=grid_positions())
def test_a_position_is_read_back_with_certainty_from_each_of_the_three_ways_it_is_printed(
    at: GridPosition,
) -> None:
    printed = (" \u00a0 ".join(degrees_texts(at)), " \u00a0 ".join(dms_texts(at)), mgrs_reference(at))
    for text in printed:
        reading = read_position(text)
        assert isinstance(reading, Certain), text
        found = reading.value.position
        off_m = Geodesic.WGS84.Inverse(
            at.position.latitude_deg, at.position.longitude_deg, found.latitude_deg, found.longitude_deg
        )["s12"]
        assert off_m <= max(reading.value.precision_m, 1e-6), text


def test_nothing_that_a_party_wrote_in_a_notice_becomes_part_of_the_page() -> None:
    assert not isinstance(STRIKES.body, str)
    body = replace(STRIKES.body, purpose=EVIL, hazard=EVIL, contingency=EVIL)  # type: ignore[call-arg]
    tame = [each.tag for each in page(STRIKES, Language.EN).iter()]
    evil = page(replace(STRIKES, body=body, designation=EVIL), Language.EN)
    assert [each.tag for each in evil.iter()] == tame
    assert not any(name.startswith("on") for each in evil.iter() for name in each.attrib)
    assert "".join(evil.itertext()).count(EVIL) == 4


TABLES: list[tuple[str, dict[object, Row], int]] = [
    ("labels", dict(NOTICE_LABELS), len(NoticeLabel)),
    ("kinds", dict(NOTICE_KINDS), len(NoticeKind)),
    ("roles", dict(ROLES), len(Role)),
    ("markings", dict(MARKINGS), len(Marking)),
    ("answers", dict(ANSWERS), 2),
]


@pytest.mark.parametrize(("name", "table", "size"), TABLES, ids=[name for name, _, _ in TABLES])
def test_every_word_of_a_notice_is_there_once_in_every_language(
    name: str, table: dict[object, Row], size: int
) -> None:
    assert len(table) == size
    for script, words in zip(
        (r"[a-z]", r"[\u0430-\u044f]", r"[\u0600-\u06ff]", r"[a-z]"),
        zip(*table.values(), strict=True),
        strict=True,
    ):
        assert len(set(words)) == size, name
        assert all(re.search(script, each) for each in words), name
        assert not any(re.search(r"\d", each) for each in words)
