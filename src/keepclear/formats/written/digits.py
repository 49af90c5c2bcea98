"""The characters of what people write, as one alphabet of digits, marks and capital letters.

Digits of every script, full-width letters, the many dashes, primes and degree signs each have one plain character
here, and marks of writing direction are left out, so that a text means what it shows. Each plain character knows its
place in the text as it was given. Sources: Unicode 15, UAX #9 (direction), chapter 6 (dashes, quotation marks).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

from keepclear.formats.written.reading import (
    FOUND_CHARACTERS_MAX,
    TEXT_CHARACTERS_MAX,
    Fault,
    Unreadable,
)

DECIMAL_SIGN: Final = "\u066b"
"""The Arabic decimal separator, which is never anything else."""

THOUSANDS_SIGN: Final = "\u066c"
"""The Arabic thousands separator, which is never anything else."""

_SAME: Final = {
    same: plain
    for plain, all_of_them in {
        "-": "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2796\ufe58\ufe63\uff0d",
        "'": "'`\u00b4\u02b9\u02bc\u2018\u2019\u201b\u2032\u2035\uff07",
        '"': '"\u02ba\u02dd\u201c\u201d\u201e\u201f\u2033\u2036\u3003\uff02',
        "°": "\u00b0\u00ba\u02da\u1d52\u2070\u2218\u25e6",
        ";": ";\u060c\u061b\u2e41",
        DECIMAL_SIGN: DECIMAL_SIGN,
        THOUSANDS_SIGN: THOUSANDS_SIGN,
    }.items()
    for same in all_of_them
}

# Marks that show nothing: they come with text that is copied out of Arabic pages, chats and spreadsheets. The word
# joiner, the soft hyphen and the line that lengthens an Arabic word show nothing to be read either.
_UNSEEN: Final = frozenset(
    "\u00ad\u061c\u0640\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\u2066\u2067\u2068\u2069\ufeff"
)

# These two turn digits around, so that 12 is stored and 21 is seen.
_TURNING_DIGITS: Final = frozenset("\u202d\u202e")

# Cc: control characters. Cn, Co, Cs: none. No, Nl: numbers that are no digits, such as a half or a Roman twelve.
_UNFIT: Final = frozenset({"Cc", "Cn", "Co", "Cs", "No", "Nl"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A text in plain characters, and where each of them stood: ``places`` has one more, the end."""

    text: str
    places: tuple[int, ...]

    def fault(self, code: Fault, at: int, end: int | None = None) -> Unreadable:
        """A fault at a plain character, with what stands there, up to ``end`` or the end of the text."""
        found = self.text[at:end][:FOUND_CHARACTERS_MAX].strip()
        return Unreadable(code=code, at=self.places[min(at, len(self.text))], found=found)

    def part(self, start: int, end: int) -> Plain:
        """The text between two plain characters, which keep their places."""
        return Plain(text=self.text[start:end], places=self.places[start : end + 1])

    def followed_by(self, other: Plain) -> Plain:
        """Two parts as one text."""
        return Plain(text=self.text + other.text, places=self.places[:-1] + other.places)


def plain_of(text: str) -> Plain | Unreadable:
    """The text in plain characters, capital letters without accents, or why it cannot be read.

    Faults: EMPTY, TOO_LONG past TEXT_CHARACTERS_MAX, CHARACTER for what is neither letter, digit nor sign, and TURNED
    for the two characters that show digits in another order than they stand in.
    """
    if len(text) > TEXT_CHARACTERS_MAX:
        return Unreadable(code=Fault.TOO_LONG, at=TEXT_CHARACTERS_MAX, found=str(len(text)))
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        plain = _plain_character(character)
        if plain is None:
            code = Fault.TURNED if character in _TURNING_DIGITS else Fault.CHARACTER
            return Unreadable(code=code, at=place, found=f"U+{ord(character):04X}")
        letters.extend(plain)
        places.extend([place] * len(plain))
    joined = "".join(letters)
    if not joined.strip():
        return Unreadable(code=Fault.EMPTY, at=0, found="")
    return Plain(text=joined, places=(*places, len(text)))


def folded(word: str) -> str:
    """A word of ours as it stands in plain text, for tables of months, units and hemispheres."""
    return "".join(_plain_character(character) or "" for character in word)


def _plain_character(character: str) -> str | None:
    if character in _SAME:
        return _SAME[character]
    if character.isspace():
        return " "
    if character in _TURNING_DIGITS or unicodedata.category(character) in _UNFIT:
        return None
    if character in _UNSEEN:
        return ""
    parts = unicodedata.normalize("NFKD", character).upper()
    return "".join(_digit(part) for part in parts if not unicodedata.combining(part))


def _digit(character: str) -> str:
    value = unicodedata.digit(character, None) if character.isdecimal() else None
    return character if value is None else str(value)
