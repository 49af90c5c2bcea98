"""The printed form: the same numbers in four languages, nothing that runs or is fetched, nothing that hides."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.instant import FIRST, FOREVER, Instant, instant_of
from keepclear.core.line.message import Flag, How, Kind, LineName, PartyWord, Precedence
from keepclear.core.line.plot.place import Height, Place
from keepclear.core.line.plot.shape import GridPosition
from keepclear.core.line.text import Governs, Text, Translation
from keepclear.core.line.voice.readback import Language
from keepclear.core.space.altitude import Datum
from keepclear.formats.line.formnumbers import (
    degrees_texts,
    dms_texts,
    height_texts,
    length_texts,
    time_texts,
)
from keepclear.formats.line.formwords import (
    DATUMS,
    FLAGS,
    HOWS,
    KINDS,
    LABELS,
    LANGUAGES,
    PRECEDENCES,
    Label,
    Row,
    said,
)
from keepclear.formats.line.lineform import CODES_MAX, Form, FormContact, FormReference, form_html
from places import BOX, ROUTE, SPOT, START, TANF, any_places, at, grid_positions, line

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h9v9"/></svg>'
EVIL = "<script>alert(1)</script>\" onload='x' & </div>"

FORM = Form(
    line=LineName("tanf"),
    sender=PartyWord("b"),
    to=PartyWord("a"),
    number=17,
    kind=Kind.NOTIFY,
    flag=Flag.EXERCISE,
    precedence=Precedence.IMMEDIATE,
    at=START,
    released_by="L. Marek, duty officer",
    hash=bytes(range(32)),
    text=Text(
        composed=START,
        occurred=Instant(START - 1),
        language="ru",
        originator="Штаб",
        text="Войдём в зону 55 км",
        translation=Translation(by="A. Haddad", language="ar", text="سندخل منطقة 55 كم"),
        governs=Governs.ORIGINAL,
        channel="telephone",
        voice_log="tape 4",
    ),
    places=(TANF, BOX, ROUTE, SPOT),
    contact=FormContact(
        name="Duty desk", phones=("+962 6 555 0101", "+41 22 555 0199"), frequency="243.0 MHz"
    ),
    references=(FormReference(how=How.ABOUT, party=PartyWord("a"), number=4, hash=bytes(32)),),
    words=("apricot", "balcony", "candle", "drum", "elbow", "ferry"),
    codes=(SVG, SVG),
)


class Page:
    """A page taken apart: its elements, the texts set apart as numbers, and the versions of the message's text."""

    def __init__(self, page: str) -> None:
        everything = list(ElementTree.fromstring(page).iter())
        self.elements = [(each.tag, each.attrib) for each in everything]
        self.numbers = [
            "".join(each.itertext()) for each in everything if "n" in each.get("class", "").split()
        ]
        self.texts = [
            (each.attrib, "".join(each.itertext())) for each in everything if each.get("class") == "text"
        ]


def parsed_angle_e7(text: str) -> int:
    """A decimal angle back as the whole number that it was."""
    match = re.fullmatch(r"(\d{1,3}\.\d{7})° ([NSEW])", text)
    assert match
    return int(Decimal(match[1]) * 10_000_000) * (-1 if match[2] in "SW" else 1)


def parsed_dms_e7(text: str) -> int:
    match = re.fullmatch(r"(\d{1,3})°(\d\d)'(\d\d\.\d{5})\" ([NSEW])", text)
    assert match
    degrees = Decimal(match[1]) + (Decimal(match[2]) + Decimal(match[3]) / 60) / 60
    assert int(match[2]) < 60
    assert Decimal(match[3]) < 60
    angle = round(degrees * 10_000_000, 9)
    assert angle == int(angle)
    return int(angle) * (-1 if match[4] in "SW" else 1)


# ------------------------------------------------------------------ numbers


@given(at=grid_positions())
def test_an_angle_reads_back_as_it_was_from_either_of_the_ways_it_is_written(at: GridPosition) -> None:
    wanted = [at.latitude_e7, at.longitude_e7]
    assert [parsed_angle_e7(text) for text in degrees_texts(at)] == wanted
    assert [parsed_dms_e7(text) for text in dms_texts(at)] == wanted


def test_a_position_is_written_as_a_person_would_check_it_by_hand() -> None:
    assert degrees_texts(at(33.4967, -38.6178)) == ("33.4967000° N", "38.6178000° W")
    assert dms_texts(at(33.4967, -38.6178)) == ("33°29'48.12000\" N", "38°37'04.08000\" W")
    assert dms_texts(at(-89.9999999, 180)) == ("89°59'59.99964\" S", "180°00'00.00000\" E")


def test_fifty_five_kilometres_are_what_they_are_in_miles_of_either_kind() -> None:
    assert length_texts(5_500_000) == ("55000.00 m", "29.6976 NM", "34.1754 mi")
    assert length_texts(1) == ("0.01 m", "0.0000 NM", "0.0000 mi")


def test_a_height_is_written_in_metres_and_feet_with_its_datum() -> None:
    assert height_texts(Height(height_cm=137_160, datum=Datum.MSL)) == ("1371.60 m", "4500.00 ft", "MSL")
    assert height_texts(Height(height_cm=-5, datum=Datum.AGL)) == ("-0.05 m", "-0.16 ft", "AGL")


def test_a_time_is_written_as_a_group_and_in_full() -> None:
    assert time_texts(instant_of("2018-09-06T14:30:00Z")) == ("061430Z SEP 18", "2018-09-06T14:30:00Z")
    assert time_texts(instant_of("2018-09-06T14:30:59.007Z")) == (
        "061430Z SEP 18",
        "2018-09-06T14:30:59.007Z",
    )


@given(at=st.integers(FIRST, FOREVER).map(Instant))
def test_a_time_reads_back_as_it_was(at: Instant) -> None:
    group, iso = time_texts(at)
    assert instant_of(iso) == at
    assert re.fullmatch(r"\d{6}Z [A-Z]{3} \d\d", group)


# ------------------------------------------------------------------ one message in four languages


def test_the_numbers_of_a_form_are_the_same_in_every_language() -> None:
    pages = [Page(form_html(FORM, language)) for language in Language]
    assert len(pages[0].numbers) > 60
    assert all(page.numbers == pages[0].numbers for page in pages)
    for wanted in (
        "33.4967000° N",
        "38°37'04.08000\" E",
        "55000.00 m",
        "29.6976 NM",
        "34.1754 mi",
        "4500.00 m",
        "14763.78 ft",
        "060000Z SEP 18",
        "2018-09-06T00:00:00Z",
        "AGL",
        "17",
        "immediate",
        "exercise",
    ):
        assert wanted in pages[0].numbers


@settings(max_examples=30)
@given(place=any_places())
def test_every_number_of_a_place_can_be_read_back_from_the_page(place: Place) -> None:
    form = replace(FORM, places=(place,), text=None, references=(), contact=None, codes=(), words=())
    numbers = Page(form_html(form, Language.AR)).numbers
    angles = [text for text in numbers if re.fullmatch(r"[\d.]+° [NSEW]", text)]
    found = list(zip(map(parsed_angle_e7, angles[::2]), map(parsed_angle_e7, angles[1::2]), strict=True))
    assert found == [(each.latitude_e7, each.longitude_e7) for each in positions_of(place)]
    metres = [int(Decimal(text[:-2]) * 100) for text in numbers if text.endswith(" m")]
    lengths = [
        getattr(place.shape, name) for name in ("radius_cm", "half_width_cm") if hasattr(place.shape, name)
    ]
    heights = [height.height_cm for height in (place.lower, place.upper) if height]
    assert metres == lengths + heights
    times = [instant_of(text) for text in numbers if re.fullmatch(r"\d{4}-.*Z", text)]
    assert times == [START, *(time for time in (place.from_time, place.until_time) if time is not None)]


def positions_of(place: Place) -> list[GridPosition]:
    shape = place.shape
    for name in ("at", "centre"):
        if hasattr(shape, name):
            return [getattr(shape, name)]
    if hasattr(shape, "line"):
        return list(shape.line)
    return [corner for ring in shape.rings for corner in ring]  # type: ignore[union-attr]


def test_only_arabic_is_laid_out_from_right_to_left_and_numbers_never_are() -> None:
    for language in Language:
        page = Page(form_html(FORM, language))
        html = next(attributes for tag, attributes in page.elements if tag == "html")
        assert (html["lang"], html["dir"]) == (language.value, "rtl" if language is Language.AR else "ltr")
        numbers = [
            attributes for _, attributes in page.elements if "n" in (attributes.get("class") or "").split()
        ]
        assert all(attributes["dir"] == "ltr" for attributes in numbers)


def test_a_latitude_stands_left_of_its_longitude_in_every_language() -> None:
    run = '<bdi class="run" dir="ltr"><bdi class="n" dir="ltr">33.4967000° N</bdi> \u00a0 <bdi class="n" dir="ltr">38.6'
    for language in Language:
        assert run in form_html(FORM, language)


def test_each_version_of_the_text_runs_the_way_of_its_own_language() -> None:
    page = Page(form_html(FORM, Language.EN))
    (original, text), (translation, other) = page.texts
    assert (original["lang"], original["dir"], text) == ("ru", "ltr", "Войдём в зону 55 км")
    assert (translation["lang"], translation["dir"], other) == ("ar", "rtl", "سندخل منطقة 55 كم")


def test_the_version_that_governs_says_so_and_only_that_one() -> None:
    for governs in Governs:
        assert FORM.text is not None
        html = form_html(replace(FORM, text=replace(FORM.text, governs=governs)), Language.EN)
        headings = [
            part.split("</h3>")[0] for part in html.split("<h3>") if part.startswith(("Orig", "Transl"))
        ]
        assert ["governs" in heading for heading in headings] == [
            governs is Governs.ORIGINAL,
            governs is Governs.TRANSLATION,
        ]


def test_a_form_that_says_little_is_short_and_whole() -> None:
    least = replace(
        FORM,
        text=Text(composed=START, language="en", originator="HQ", text="Testing.", no_place=True),
        places=(),
        contact=None,
        references=(),
        words=(),
        codes=(),
    )
    html = form_html(least, Language.EN)
    Page(html)
    for label in (Label.PLACES, Label.CONTACT, Label.WORDS, Label.CODES, Label.REFERENCES, Label.GOVERNS):
        assert f">{LABELS[label][0]}<" not in html
    assert LABELS[Label.NO_PLACE][0] in html
    assert LABELS[Label.NO_PLACE][0] not in form_html(replace(least, text=None), Language.EN)


def test_what_is_not_stated_is_said_not_to_be() -> None:
    assert form_html(replace(FORM, places=(BOX,)), Language.EN).count("not stated") == 4


def test_every_form_has_room_for_the_receipt_and_says_that_it_is_no_approval() -> None:
    for language in Language:
        html = form_html(replace(FORM, text=None, places=()), language)
        for label in (Label.RECEIVED, Label.RECEIVED_BY, Label.WAY, Label.SIGNATURE, Label.NOT_APPROVAL):
            assert said(LABELS[label], language).replace("'", "&#x27;") in html


# ------------------------------------------------------------------ nothing runs, nothing is fetched, nothing hides


def test_nothing_that_a_party_wrote_becomes_part_of_the_page() -> None:
    assert FORM.text is not None
    evil = replace(
        FORM,
        released_by=EVIL,
        text=replace(
            FORM.text,
            text=EVIL,
            originator=EVIL,
            channel=EVIL,
            voice_log=EVIL,
            translation=Translation(by=EVIL, language="fr", text=EVIL),
        ),
        places=(replace(TANF, name=EVIL),),
        contact=FormContact(name=EVIL, phones=(EVIL,), frequency=EVIL),
        words=(EVIL,),
    )
    tame = Page(
        form_html(
            replace(FORM, places=(TANF,), words=("a",), contact=FormContact(name="a", phones=("a",))),
            Language.EN,
        )
    )
    page = Page(form_html(evil, Language.EN))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in tame.elements]
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert page.texts[0][1] == EVIL


def test_the_page_asks_for_nothing_and_forbids_what_would() -> None:
    page = Page(form_html(FORM, Language.FR))
    tags = {tag for tag, _ in page.elements}
    assert tags & {"script", "link", "iframe", "object", "a", "form"} == set()
    sources = [str(attributes["src"]) for tag, attributes in page.elements if tag == "img"]
    assert [b64decode(source.removeprefix("data:image/svg+xml;base64,")) for source in sources] == [SVG, SVG]
    policy = next(attributes["content"] for _, attributes in page.elements if attributes.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    html = form_html(FORM, Language.FR)
    assert "url(" not in html
    assert "@import" not in html


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u202a", "\x00", "\x1b"])
def test_a_character_that_would_turn_or_hide_others_is_shown_by_its_number(hidden: str) -> None:
    assert FORM.text is not None
    html = form_html(replace(FORM, text=replace(FORM.text, text=f"33.{hidden}5 N")), Language.EN)
    assert hidden not in html
    assert f"33.[U+{ord(hidden):04X}]5 N" in html


def test_lines_of_a_text_stay_lines() -> None:
    assert FORM.text is not None
    page = Page(form_html(replace(FORM, text=replace(FORM.text, text="one\n\ttwo")), Language.EN))
    assert page.texts[0][1] == "one\n\ttwo"


def test_more_codes_than_a_form_holds_are_refused() -> None:
    assert len(replace(FORM, codes=(SVG,) * CODES_MAX).codes) == CODES_MAX
    with pytest.raises(Refused, match="201 codes"):
        replace(FORM, codes=(SVG,) * (CODES_MAX + 1))


# ------------------------------------------------------------------ words


TABLES: list[tuple[str, dict[object, Row], int]] = [
    ("labels", dict(LABELS), len(Label)),
    ("kinds", dict(KINDS), len(Kind)),
    ("flags", dict(FLAGS), len(Flag)),
    ("precedences", dict(PRECEDENCES), len(Precedence)),
    ("ways to refer", dict(HOWS), len(How)),
    ("datums", dict(DATUMS), len(Datum) - 1),
]


@pytest.mark.parametrize(("name", "table", "size"), TABLES, ids=[name for name, _, _ in TABLES])
def test_every_word_is_there_in_every_language(name: str, table: dict[object, Row], size: int) -> None:
    assert len(table) == size
    assert set(LANGUAGES) == set(Language)
    scripts = (r"[A-Za-z]", r"[\u0400-\u04ff]", r"[\u0600-\u06ff]", r"[A-Za-zÀ]")
    for row in table.values():
        for script, words in zip(scripts, row, strict=True):
            assert re.search(script, words), f"{name}: {words}"


@pytest.mark.parametrize(("name", "table", "size"), TABLES[1:], ids=[name for name, _, _ in TABLES[1:]])
def test_two_things_are_never_called_the_same_in_one_language(
    name: str, table: dict[object, Row], size: int
) -> None:
    for words in zip(*table.values(), strict=True):
        assert len(set(words)) == size, name


def test_no_label_holds_a_number_of_a_message() -> None:
    for row in LABELS.values():
        for words in row:
            assert re.findall(r"\d+", words) in ([], ["84"])


def test_a_hole_is_listed_after_the_outer_ring_and_named_as_one() -> None:
    hole = line((33.4, 38.4), (33.4, 38.6), (33.6, 38.6))
    holed = replace(BOX, shape=type(BOX.shape)(rings=(*BOX.shape.rings, hole)))  # type: ignore[union-attr,call-arg]
    html = form_html(replace(FORM, places=(holed,)), Language.EN)
    assert html.index("Corners, in order") < html.index("Corners of a hole, in order")
