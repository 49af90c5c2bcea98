"""Paper lines: a bundle as lines that are printed, shown as QR codes, scanned, pasted or typed by hand.

Each line is ``KC1:ID:n/m:TEXT:CRC`` in the alphanumeric characters of a QR code: ID is the beginning of the
bundle's hash, TEXT a piece of it, CRC holds for the line. Source: docs/protocol.md, 10; RFC 1950 (zlib), RFC 4648
clause 6 (base32); ISO/IEC 18004, 7.4.4 (the alphanumeric characters).
"""

from __future__ import annotations

import re
import zlib
from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from typing import Final

from keepclear.core.errors import Refused, Untrusted
from keepclear.formats.feed.refusal import SAMPLE_BYTES_MAX, Refusal, refusal_of
from keepclear.formats.line.bundlefile import BUNDLE_BYTES_MAX

PAPER_LINES_MAX: Final = 200
"""The most lines of one bundle; more belongs on a stick."""

PAPER_LINE_MAX: Final = 900
"""The longest line, in characters: what one QR code carries and a camera still reads off paper."""

PAPER_TEXT_MAX: Final = 400_000
"""The most characters that are read at once: all the lines, each typed as two."""

PAPER_BEGINNINGS_MAX: Final = 1_000
"""The most beginnings of lines in a text that is read at once."""

UNSURE_MAX: Final = 8
"""The most ones in a line that are tried as I and as L, since each doubles the tries."""

_ID_LENGTH: Final = 8
_TEXT_LENGTH: Final = PAPER_LINE_MAX - len("KC1:") - len(":200/200:") - len(":") - 2 * _ID_LENGTH
_MARK: Final = re.compile(r"KC[1IL]:")
_LINE: Final = re.compile(
    rf"KC[1IL]:([0-7A-Z]{{8}}):([0-9OIL]{{1,3}})/([0-9OIL]{{1,3}}):([0-7A-Z]{{1,{PAPER_LINE_MAX}}}):([0-9A-FOIL]{{8}})"
)
_NOT_IN_A_LINE: Final = re.compile(r"[^0-9A-Z:/]+")
_AS_NUMBER: Final = str.maketrans("OIL", "011")
_AS_LETTER: Final = str.maketrans("0", "O")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One line whose CRC holds: piece ``number`` of ``total``, counted from 1, of the bundle that ``paper_id`` names.

    Raises Refused("paper.line") for a number beyond the total or a total beyond PAPER_LINES_MAX.
    """

    paper_id: str
    number: int
    total: int
    text: str

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.total <= PAPER_LINES_MAX:
            raise Refused(
                "paper.line",
                f"line is {self.number} of {self.total}, must be 1 to {PAPER_LINES_MAX} of as many",
            )

    def written(self) -> str:
        """The line as it is printed."""
        before = f"KC1:{self.paper_id}:{self.number}/{self.total}:{self.text}"
        return f"{before}:{zlib.crc32(before.encode()):08X}"


class PaperReader:
    """Gathers the lines of one bundle, in any order and any number of times; the first line says which bundle."""

    def __init__(self) -> None:
        self._lines: dict[int, PaperLine] = {}

    @property
    def here(self) -> tuple[int, ...]:
        """The numbers of the lines that are here."""
        return tuple(sorted(self._lines))

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the lines that are still to come; (1,) before there is any."""
        total = next((line.total for line in self._lines.values()), 1)
        return tuple(number for number in range(1, total + 1) if number not in self._lines)

    def take(self, text: str) -> tuple[Refusal, ...]:
        """Takes every line in a text as ``keep`` does; answers and raises as ``lines_taken``."""
        return lines_taken(text, self.keep)

    def keep(self, line: PaperLine) -> Refused | None:
        """Keeps a line, or answers why not: "paper.other-bundle", or "paper.contradiction" for one that differs."""
        first = next(iter(self._lines.values()), line)
        if (line.paper_id, line.total) != (first.paper_id, first.total):
            return Refused(
                "paper.other-bundle",
                f"is of bundle {line.paper_id} in {line.total} lines, "
                f"must be of {first.paper_id} in {first.total}",
            )
        if self._lines.setdefault(line.number, line) != line:
            return Refused(
                "paper.contradiction", f"says something else than the line {line.number} before it"
            )
        return None

    def bundle(self) -> bytes:
        """The bundle, once no line is missing.

        Raises Refused("paper.incomplete") before, Refused("paper.unreadable") for what is no base32 of one zlib
        stream, Refused("paper.too-long") past BUNDLE_BYTES_MAX and Untrusted("paper.hash") when the bundle is not
        the one that the lines name.
        """
        if self.missing:
            listed = ", ".join(map(str, self.missing))
            raise Refused("paper.incomplete", f"paper lines are missing: {listed}")
        raw = _unpacked("".join(self._lines[number].text for number in sorted(self._lines)))
        named, found = self._lines[1].paper_id, _paper_id(raw)
        if found != named:
            raise Untrusted("paper.hash", f"paper lines give the bundle {found}, must give {named}")
        return raw


def lines_taken(text: str, keep: Callable[[PaperLine], Refused | None]) -> tuple[Refusal, ...]:
    """Gives every line in a text to ``keep``, and answers with one refusal for each that was not kept.

    White space, line breaks, quoting marks and lower case make no difference; 0 for O, 1 for I or L and the
    other way round are put right only where the line's CRC then holds. What stands between lines is passed over.
    The refusals have the codes "paper.line" for what begins as a line and is damaged, and for a text without any,
    and those of ``keep``; ``line`` counts what begins as a line. Raises Refused("paper.too-long") past PAPER_TEXT_MAX
    or PAPER_BEGINNINGS_MAX.
    """
    plain = _plain(text)
    found = list(_found(plain))
    if not found and text.strip():
        found = [(text[:SAMPLE_BYTES_MAX], Refused("paper.line", "has nothing that begins KC1:"))]
    kept = ((sample, line if isinstance(line, Refused) else keep(line)) for sample, line in found)
    return tuple(
        refusal_of(wrong, line=number, sample=sample.encode(errors="replace"))
        for number, (sample, wrong) in enumerate(kept, 1)
        if wrong is not None
    )


def paper_lines(bundle: bytes) -> tuple[str, ...]:
    """The lines that carry a bundle, each at most PAPER_LINE_MAX characters.

    Raises Refused("paper.too-long") for a bundle past BUNDLE_BYTES_MAX or one that takes more than
    PAPER_LINES_MAX lines, about 100 kB after compression.
    """
    if len(bundle) > BUNDLE_BYTES_MAX:
        raise Refused("paper.too-long", f"bundle of {len(bundle)} bytes, must be {BUNDLE_BYTES_MAX} or fewer")
    text = b32encode(zlib.compress(bundle, 9)).decode().rstrip("=")
    pieces = [text[start : start + _TEXT_LENGTH] for start in range(0, len(text), _TEXT_LENGTH)]
    if len(pieces) > PAPER_LINES_MAX:
        raise Refused(
            "paper.too-long",
            f"bundle takes {len(pieces)} lines on paper, must take {PAPER_LINES_MAX} or fewer; use a file",
        )
    named = _paper_id(bundle)
    return tuple(
        PaperLine(paper_id=named, number=number, total=len(pieces), text=piece).written()
        for number, piece in enumerate(pieces, 1)
    )


def _paper_id(bundle: bytes) -> str:
    return b32encode(sha256(bundle).digest()).decode()[:_ID_LENGTH]


def _unpacked(text: str) -> bytes:
    try:
        packed = b32decode(text + "=" * (-len(text) % 8))
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(packed, BUNDLE_BYTES_MAX + 1)
    except (NotBase32, zlib.error) as error:
        raise Refused("paper.unreadable", f"paper lines hold no compressed bundle: {error}") from None
    # A short text may unpack to a very long one; it is never unpacked further than this.
    if len(raw) > BUNDLE_BYTES_MAX:
        raise Refused(
            "paper.too-long", f"paper lines unpack to over {BUNDLE_BYTES_MAX} bytes, must be as many or fewer"
        )
    if not unpacker.eof or unpacker.unused_data:
        raise Refused(
            "paper.unreadable", "paper lines hold a compressed bundle that is cut or has more after it"
        )
    return raw


def _plain(text: str) -> str:
    """What may belong to lines, in capitals."""
    if len(text) > PAPER_TEXT_MAX:
        raise Refused(
            "paper.too-long", f"text of {len(text)} characters, must be {PAPER_TEXT_MAX} or fewer at once"
        )
    plain = _NOT_IN_A_LINE.sub("", text.upper())
    beginnings = len(_MARK.findall(plain))
    if beginnings > PAPER_BEGINNINGS_MAX:
        raise Refused(
            "paper.too-long",
            f"text with {beginnings} beginnings of lines, must have {PAPER_BEGINNINGS_MAX} or fewer at once",
        )
    return plain


def _found(plain: str) -> Iterator[tuple[str, PaperLine | Refused]]:
    """What begins as a line, in order: the text from there, and the line or why it is none."""
    mark = _MARK.search(plain)
    while mark is not None:
        start, end = mark.span()
        found: PaperLine | Refused
        try:
            found, end = _line_at(plain, start)
        except Refused as damage:
            # A damaged line may have run into a sound one, so the search goes on inside it.
            found = damage
        yield plain[start : start + SAMPLE_BYTES_MAX], found
        mark = _MARK.search(plain, end)


def _line_at(plain: str, start: int) -> tuple[PaperLine, int]:
    """The line that begins at a place in the text, and where it ends."""
    match = _LINE.match(plain, start)
    if match is None:
        raise Refused("paper.line", "is no whole line KC1:ID:n/m:TEXT:CRC; scan or type it again")
    named, number, total, text, crc = match.groups()
    places = [int(each.translate(_AS_NUMBER)) for each in (number, total)]
    for sure in _readings((named + text).translate(_AS_LETTER)):
        line = PaperLine(
            paper_id=sure[:_ID_LENGTH], number=places[0], total=places[1], text=sure[_ID_LENGTH:]
        )
        if line.written().endswith(crc.translate(_AS_NUMBER)):
            return line, match.end()
    raise Refused("paper.line", "has a CRC that does not hold; scan or type it again")


def _readings(letters: str) -> Iterator[str]:
    """The letters with every one read as I or as L, in each way; none where there are more than UNSURE_MAX."""
    first, *rest = letters.split("1")
    if len(rest) <= UNSURE_MAX:
        for choice in product("IL", repeat=len(rest)):
            yield first + "".join(letter + piece for letter, piece in zip(choice, rest, strict=True))
