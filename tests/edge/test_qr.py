"""QR codes: what is drawn is found again, by another library, in what a camera or a scanner makes of it."""

from __future__ import annotations

import io
import re
import struct
import xml.etree.ElementTree as ET
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from keepclear.core.errors import Refused
from keepclear.edge.couriers.qr import LINE_CHARACTERS_MAX, codes_in, qr_png, qr_svg

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
LONGEST = ("KC1:ABCDEFGH:12/34:" + "MFRGGZDFMZTWQ2LK7A" * 60)[:LINE_CHARACTERS_MAX]


def opened(picture: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture)).convert("L")


def saved(image: Image.Image, kind: str = "PNG", *, quality: int = 75) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, quality=quality)
    return written.getvalue()


def page(lines: list[str]) -> Image.Image:
    """A page with several codes, two beside each other."""
    codes = [opened(qr_png(line)) for line in lines]
    side = max(code.width for code in codes) + 40
    paper = Image.new("L", (2 * side, side * ((len(codes) + 1) // 2)), 255)
    for number, code in enumerate(codes):
        paper.paste(code, (number % 2 * side, number // 2 * side))
    return paper


@given(st.text(ALPHANUMERIC, min_size=1, max_size=LINE_CHARACTERS_MAX))
def test_a_line_that_is_drawn_is_found_as_it_was(line: str) -> None:
    assert codes_in(qr_png(line)) == (line,)


@pytest.mark.parametrize("line", [" ", "0", ALPHANUMERIC, LONGEST])
def test_the_shortest_and_the_longest_line_are_found(line: str) -> None:
    assert codes_in(qr_png(line)) == (line,)


def test_the_svg_has_the_same_modules_as_the_png() -> None:
    root = ET.fromstring(qr_svg(LONGEST))
    _, _, width, height = map(int, root.attrib["viewBox"].split())
    drawing = Image.new("L", (width, height), 255)
    marks = ImageDraw.Draw(drawing)
    (lines,) = (path for path in root if path.get("class") == "qrline")
    x = y = 0.0
    # The path is of horizontal strokes, one module high: M and m move the pen, h draws.
    for command, one, two in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", lines.attrib["d"]):
        if command == "h":
            marks.line((x, int(y), x + float(one) - 1, int(y)), fill=0)
            x += float(one)
        else:
            x, y = (float(one), float(two)) if command == "M" else (x + float(one), y + float(two))
    modules = opened(qr_png(LONGEST)).resize((width, height), Image.Resampling.NEAREST)
    assert drawing.tobytes() == modules.tobytes()
    assert codes_in(saved(drawing.resize((width * 4, height * 4), Image.Resampling.NEAREST))) == (LONGEST,)


def test_several_codes_on_one_page_are_all_found() -> None:
    lines = [f"KC1:ABCD:{number}/6:{'MFRGG' * 30}:{number:08}" for number in range(1, 7)]
    assert sorted(codes_in(saved(page(lines)))) == lines


def test_a_code_that_is_twice_on_a_page_is_found_once() -> None:
    assert codes_in(saved(page(["TWICE", "TWICE"]))) == ("TWICE",)


@pytest.mark.parametrize("angle", [7, 45, 90, 180, 270, 333])
def test_a_page_that_is_turned_is_read(angle: int) -> None:
    lines = [LONGEST, "KC1:ABCD:2/2:XYZ:00000000"]
    turned = page(lines).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    assert set(codes_in(saved(turned))) == set(lines)


@pytest.mark.parametrize("quality", [30, 75])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_picture_that_is_blurred_pale_and_compressed_is_read(kind: str, quality: int) -> None:
    blurred = page([LONGEST]).filter(ImageFilter.GaussianBlur(2.0)).rotate(3, expand=True, fillcolor=255)
    pale = blurred.point(lambda level: 90 + level // 3)
    assert codes_in(saved(pale, kind, quality=quality)) == (LONGEST,)


def test_a_page_with_a_hole_in_it_is_read() -> None:
    paper = page([LONGEST])
    side = opened(qr_png(LONGEST)).width
    # About 3 % of the code is covered; level M restores up to 15 % of its words.
    ImageDraw.Draw(paper).ellipse((side * 0.4, side * 0.4, side * 0.55, side * 0.6), fill=128)
    assert codes_in(saved(paper)) == (LONGEST,)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
def test_a_picture_in_any_colours_is_read(mode: str) -> None:
    grey = page(["COLOURS"])
    image = (
        grey.point(lambda level: level * 257, "I").convert("I;16") if mode == "I;16" else grey.convert(mode)
    )
    assert codes_in(saved(image)) == ("COLOURS",)


def test_what_is_transparent_counts_as_paper() -> None:
    grey = opened(qr_png("GLASS"))
    image = Image.new("RGBA", grey.size, (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), mask=grey.point(lambda level: 255 - level))
    assert codes_in(saved(image)) == ("GLASS",)


def test_a_picture_without_a_code_yields_nothing() -> None:
    assert codes_in(saved(Image.new("L", (200, 200), 255))) == ()


@pytest.mark.parametrize("line", ["", "a", "Ä", "A\n", "A" * (LINE_CHARACTERS_MAX + 1), "A=", "٣"])
def test_a_line_that_the_code_cannot_hold_is_refused(line: str) -> None:
    for draw in (qr_svg, qr_png):
        with pytest.raises(Refused, match="must be 1 to 900 of"):
            draw(line)


def png_header(width: int, height: int) -> bytes:
    """The start of a PNG file that claims a size (W3C PNG, 11.2.2)."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    body = b"IDAT" + zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk
        + struct.pack(">I", len(body) - 4)
        + body
        + struct.pack(">I", zlib.crc32(body))
    )


@pytest.mark.parametrize("side", [7_072, 10_000, 100_000, 2_000_000_000])
def test_a_small_file_that_claims_to_be_a_giant_picture_is_refused(side: int) -> None:
    with pytest.raises(Refused, match="at most 50000000 are taken"):
        codes_in(png_header(side, side))


def test_a_giant_file_is_refused_unread() -> None:
    with pytest.raises(Refused, match="at most 20971520 are taken"):
        codes_in(qr_png("GIANT") + bytes(20 * 1024 * 1024))


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PPM"])
def test_a_picture_of_another_kind_is_refused(kind: str) -> None:
    with pytest.raises(Refused, match="not a whole PNG, JPEG or WebP"):
        codes_in(saved(page(["KIND"]), kind))


@given(st.data())
def test_a_broken_picture_is_refused_or_read_and_nothing_else(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP"]))
    whole = bytearray(saved(opened(qr_png("BROKEN")), kind))
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    try:
        found: object = codes_in(bytes(whole[:cut]))
    except Refused as error:
        found = error.code
    assert found in {(), ("BROKEN",), "qr.picture"}


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_as_no_picture(picture: bytes) -> None:
    with pytest.raises(Refused):
        codes_in(picture)
