"""Paper lines, packed and unpacked by the standard library beside them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import random
import re
import zlib
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused, Untrusted
from keepclear.formats.line.bundlefile import BUNDLE_BYTES_MAX
from keepclear.formats.line.papercode import (
    PAPER_BEGINNINGS_MAX,
    PAPER_LINE_MAX,
    PAPER_LINES_MAX,
    PAPER_TEXT_MAX,
    UNSURE_MAX,
    PaperLine,
    PaperReader,
    paper_lines,
)

BUNDLE: Final = random.Random(5).randbytes(3_000)
GOLDEN: Final = (
    "KC1:WPKRHL3S:1/2:PDNKWVRKVEWEQVNSKLFE4TJNJDHESTJMKJECVTKLZFEVLUSRFJJ3EM:C5B2EC67",
    "KC1:WPKRHL3S:2/2:VMAUAMIOYLCQ:0E12B181",
)
FORM: Final = re.compile(r"KC1:([A-Z2-7]{8}):(\d{1,3})/(\d{1,3}):([A-Z2-7]+):([0-9A-F]{8})")
SHOWABLE: Final = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
"""The characters of a QR code's alphanumeric mode (ISO/IEC 18004, table 5)."""


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


def line(before: str) -> str:
    """A line with the CRC that holds for it, by the standard library."""
    return f"{before}:{binascii.crc32(before.encode()):08X}"


def lines_of(packed: bytes, named: bytes, pieces: int = 1) -> str:
    """Lines for any bytes as if they were a packed bundle, named for another."""
    text = base64.b32encode(packed).decode().rstrip("=")
    identity = base64.b32encode(hashlib.sha256(named).digest()).decode()[:8]
    length = -(-len(text) // pieces)
    cut = [text[start : start + length] for start in range(0, len(text), length)]
    return "\n".join(
        line(f"KC1:{identity}:{number}/{len(cut)}:{piece}") for number, piece in enumerate(cut, 1)
    )


def codes(reader: PaperReader, text: str) -> list[str]:
    return [refusal.code for refusal in reader.take(text)]


def read(text: str) -> bytes:
    reader = PaperReader()
    assert reader.take(text) == ()
    return reader.bundle()


@given(st.binary(max_size=3_000))
def test_the_lines_say_what_the_protocol_says(bundle: bytes) -> None:
    found = [FORM.fullmatch(each) for each in paper_lines(bundle)]
    parts = [match.groups() for match in found if match is not None]
    assert len(parts) == len(found)
    text = "".join(part[3] for part in parts)
    packed = base64.b32decode(text + "=" * (-len(text) % 8))
    assert zlib.decompress(packed) == bundle
    named = base64.b32encode(hashlib.sha256(bundle).digest()).decode()[:8]
    places = [(named, str(number), str(len(parts))) for number in range(1, len(parts) + 1)]
    assert [part[:3] for part in parts] == places
    for each in paper_lines(bundle):
        assert each == line(each.rpartition(":")[0])
        assert len(each) <= PAPER_LINE_MAX
        assert set(each) <= SHOWABLE


def test_lines_that_were_printed_once_are_read_for_ever() -> None:
    assert read("\n".join(GOLDEN)) == b'{"type":"keepclear bundle","v":1}'


@given(st.binary(max_size=6_000), st.randoms(use_true_random=False))
def test_lines_are_read_in_any_order_any_number_of_times(bundle: bytes, chance: random.Random) -> None:
    lines = [*paper_lines(bundle)] * 2
    chance.shuffle(lines)
    reader = PaperReader()
    for each in lines:
        assert reader.take(each) == ()
    assert reader.missing == ()
    assert reader.bundle() == bundle


def test_the_lines_still_to_come_are_named() -> None:
    lines = paper_lines(BUNDLE)
    assert len(lines) == 6
    reader = PaperReader()
    assert reader.missing == (1,)
    assert reader.take(lines[4] + lines[1]) == ()
    assert reader.missing == (1, 3, 4, 6)
    with refused("paper.incomplete"):
        reader.bundle()


def test_pasted_text_is_read_through_white_space_quoting_and_other_text() -> None:
    broken = ["\n> ".join(re.findall(".{1,60}", each.lower())) for each in paper_lines(BUNDLE)]
    text = "Dear colleague,\n> " + "\n> Page two of three.\n> ".join(broken) + "\n\tRegards"
    assert read(text) == BUNDLE
    assert read("".join(paper_lines(BUNDLE))) == BUNDLE


def test_zero_one_o_i_and_l_are_put_right_where_the_crc_then_holds() -> None:
    first = GOLDEN[0].replace("KC1", "kcl").replace("1/2", "I/2").replace("RHL3", "RH13")
    second = GOLDEN[1].replace("MIOYLC", "M10Y1C").replace("0E12B181", "OEl2BI8l")
    assert (first.count("1"), second.count("1")) == (1, 3)
    assert read(first + second) == read("".join(GOLDEN))
    text = line("KC1:OOOOOOOO:1/1:" + "IL" * (UNSURE_MAX // 2) + "O")
    reader = PaperReader()
    assert reader.take(text.replace("O", "0").replace("I", "1").replace("L", "1")) == ()
    assert reader.missing == ()


def test_more_ones_than_are_tried_are_refused_and_not_guessed() -> None:
    text = line("KC1:AAAAAAAA:1/1:" + "I" * (UNSURE_MAX + 1))
    assert codes(PaperReader(), text.replace("III", "111")) == ["paper.line"]
    assert codes(PaperReader(), text) == []


@pytest.mark.parametrize("place", range(len(GOLDEN[1])))
def test_a_line_with_any_one_character_wrong_is_not_taken(place: int) -> None:
    for wrong in "ABQZ34789:/":
        reader = PaperReader()
        text = GOLDEN[1][:place] + wrong + GOLDEN[1][place + 1 :]
        if text != GOLDEN[1]:
            assert codes(reader, text) == ["paper.line"]
            assert reader.missing == (1,)


def test_a_damaged_line_does_not_take_the_next_one_with_it() -> None:
    lines = paper_lines(BUNDLE)
    reader = PaperReader()
    refusals = reader.take(lines[0][:-9] + lines[1] + lines[2][:300] + lines[3])
    assert [(refusal.code, refusal.line) for refusal in refusals] == [("paper.line", 1), ("paper.line", 3)]
    assert refusals[0].sample == lines[0][:200].encode()
    assert refusals[0].message.startswith("line 1: ")
    assert reader.missing == (1, 3, 5, 6)
    assert reader.take(lines[0] + lines[2] + lines[4] + lines[5]) == ()
    assert reader.bundle() == BUNDLE


def test_a_cut_line_that_runs_into_the_next_as_if_it_were_its_crc_hides_nothing() -> None:
    # The identity of the second line is hexadecimal throughout, so it could stand where a CRC does.
    second = line("KC1:ABCDEFAB:2/2:MFRGG")
    reader = PaperReader()
    assert codes(reader, "KC1:ABCDEFAB:1/2:MFRGG" + second) == ["paper.line"]
    assert reader.missing == (1,)


def test_a_line_of_another_bundle_is_refused() -> None:
    reader = PaperReader()
    assert reader.take(GOLDEN[0]) == ()
    assert codes(reader, "\n".join(paper_lines(b"another"))) == ["paper.other-bundle"]
    assert codes(reader, line("KC1:WPKRHL3S:2/3:MFRGG")) == ["paper.other-bundle"]
    assert reader.missing == (2,)


def test_of_two_sound_lines_of_one_number_the_second_is_refused_if_it_differs() -> None:
    reader = PaperReader()
    assert codes(reader, "".join((*GOLDEN, line("KC1:WPKRHL3S:2/2:MFRGG")))) == ["paper.contradiction"]
    assert reader.bundle() == read("".join(GOLDEN))


@pytest.mark.parametrize("places", ["0/2", "3/2", "1/201", "201/201", "0/0"])
def test_a_number_that_cannot_be_is_refused(places: str) -> None:
    assert codes(PaperReader(), line(f"KC1:WPKRHL3S:{places}:MFRGG")) == ["paper.line"]
    number, total = map(int, places.split("/"))
    with refused("paper.line"):
        PaperLine(paper_id="WPKRHL3S", number=number, total=total, text="MFRGG")


def test_a_text_without_a_line_says_so() -> None:
    assert codes(PaperReader(), "What is this?") == ["paper.line"]
    assert codes(PaperReader(), "؟ \ud800") == ["paper.line"]
    assert codes(PaperReader(), " \n") == []


def test_a_text_is_read_to_its_limit_and_no_further() -> None:
    padding = " " * (PAPER_TEXT_MAX - len(GOLDEN[0]))
    assert codes(PaperReader(), GOLDEN[0] + padding) == []
    with refused("paper.too-long"):
        PaperReader().take(GOLDEN[0] + padding + " ")
    assert len(codes(PaperReader(), "KC1:" * PAPER_BEGINNINGS_MAX)) == PAPER_BEGINNINGS_MAX
    with refused("paper.too-long"):
        PaperReader().take("KC1:" * (PAPER_BEGINNINGS_MAX + 1))


def test_a_bundle_that_would_fill_too_many_lines_is_refused() -> None:
    noise = random.Random(6).randbytes(120_000)
    assert len(paper_lines(noise[:100_000])) <= PAPER_LINES_MAX
    assert read("".join(paper_lines(noise[:100_000]))) == noise[:100_000]
    with refused("paper.too-long"):
        paper_lines(noise)
    with refused("paper.too-long"):
        paper_lines(bytes(BUNDLE_BYTES_MAX + 1))


def test_a_text_that_unpacks_beyond_the_longest_bundle_is_stopped_there() -> None:
    assert len(read("".join(paper_lines(bytes(BUNDLE_BYTES_MAX))))) == BUNDLE_BYTES_MAX
    bomb = bytes(BUNDLE_BYTES_MAX + 1)
    reader = PaperReader()
    assert reader.take(lines_of(zlib.compress(bomb, 9), bomb, 20)) == ()
    with refused("paper.too-long"):
        reader.bundle()


@pytest.mark.parametrize(
    "packed",
    [
        b"no zlib",
        zlib.compress(b"a bundle")[:-1],
        zlib.compress(b"a bundle") + b"x",
        zlib.compress(b"a bundle")[:-1] + b"x",
    ],
    ids=["other", "cut", "longer", "checksum"],
)
def test_what_is_no_one_zlib_stream_is_refused(packed: bytes) -> None:
    reader = PaperReader()
    assert reader.take(lines_of(packed, b"a bundle")) == ()
    with refused("paper.unreadable"):
        reader.bundle()


def test_a_length_that_base32_cannot_have_is_refused() -> None:
    reader = PaperReader()
    assert reader.take(line("KC1:WPKRHL3S:1/1:A")) == ()
    with refused("paper.unreadable"):
        reader.bundle()


def test_lines_named_for_another_bundle_are_not_trusted() -> None:
    reader = PaperReader()
    assert reader.take(lines_of(zlib.compress(b"a bundle"), b"another")) == ()
    with pytest.raises(Untrusted) as raised:
        reader.bundle()
    assert raised.value.code == "paper.hash"
