"""QR codes of the printed form (ISO/IEC 18004): drawn for the page, and found again in a picture of it."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import Final

import segno
import zxingcpp
from PIL import Image

from keepclear.core.errors import Refused

LINE_CHARACTERS_MAX: Final = 900
"""docs/protocol.md, 10: such a line fits a code of version 22, which a telephone's camera still reads from paper."""

PICTURE_BYTES_MAX: Final = 20 * 1024 * 1024
PICTURE_PIXELS_MAX: Final = 50_000_000
PICTURE_FORMATS: Final = ("PNG", "JPEG", "WEBP")

MARGIN_MODULES: Final = 4
"""The quiet zone that ISO/IEC 18004, 9.1 asks for."""

PNG_MODULE_PIXELS: Final = 6

_QR_ALONE: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_ALPHANUMERIC: Final = re.compile(r"[0-9A-Z $%*+\-./:]+")


def qr_svg(line: str) -> bytes:
    """A code that holds a line, black on white, as an SVG element that takes the size of what it is put into.

    The line is of 1 to LINE_CHARACTERS_MAX characters of the alphanumeric set (0-9 A-Z, space, $ % * + - . / :), which
    takes the least room; error correction M restores about 15 %. Raises Refused("qr.line") for any other line.
    """
    drawn = io.BytesIO()
    _code(line).save(
        drawn, kind="svg", border=MARGIN_MODULES, light="#fff", xmldecl=False, omitsize=True, nl=False
    )
    return drawn.getvalue()


def qr_png(line: str) -> bytes:
    """The same code as ``qr_svg`` as a PNG picture, PNG_MODULE_PIXELS to a module."""
    drawn = io.BytesIO()
    _code(line).save(drawn, kind="png", border=MARGIN_MODULES, scale=PNG_MODULE_PIXELS)
    return drawn.getvalue()


def codes_in(picture: bytes) -> tuple[str, ...]:
    """The texts of the QR codes that are found in a picture, in no order that means anything; each text once.

    PNG, JPEG or WebP of at most PICTURE_BYTES_MAX bytes and PICTURE_PIXELS_MAX pixels, turned in any way. It takes
    seconds for the largest: an event loop should give it a thread. Raises Refused("qr.picture") for anything else,
    and for a picture that is broken.
    """
    if len(picture) > PICTURE_BYTES_MAX:
        raise Refused(
            "qr.picture", f"the picture has {len(picture)} bytes, at most {PICTURE_BYTES_MAX} are taken"
        )
    found = zxingcpp.read_barcodes(_grey(picture), formats=_QR_ALONE, text_mode=zxingcpp.TextMode.Plain)
    return tuple(dict.fromkeys(code.text for code in found))


def _code(line: str) -> segno.QRCode:
    if not 1 <= len(line) <= LINE_CHARACTERS_MAX or not _ALPHANUMERIC.fullmatch(line):
        raise Refused(
            "qr.line",
            f"the line {line[:40]!r} has {len(line)} characters, must be 1 to {LINE_CHARACTERS_MAX} of "
            "0-9 A-Z space $ % * + - . / :",
        )
    return segno.make_qr(line, error="m", mode="alphanumeric", boost_error=False)


def _grey(picture: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(picture), formats=PICTURE_FORMATS) as image:
            if image.width * image.height > PICTURE_PIXELS_MAX:
                raise _too_large(f"{image.width} x {image.height}")
            # A JPEG is then decoded without its colours, in a quarter of the memory.
            image.draft("L", image.size)
            return _on_white(image).convert("L")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large("far more") from None
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error) as error:
        raise Refused("qr.picture", f"the picture is not a whole PNG, JPEG or WebP: {error}") from None


def _too_large(found: str) -> Refused:
    return Refused("qr.picture", f"the picture has {found} pixels, at most {PICTURE_PIXELS_MAX} are taken")


def _on_white(image: Image.Image) -> Image.Image:
    """A picture as it looks on paper: where it is transparent it is white."""
    if not image.has_transparency_data:
        return image
    page = Image.new("RGBA", image.size, "white")
    page.alpha_composite(image.convert("RGBA"))
    return page
