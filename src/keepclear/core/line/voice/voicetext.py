"""The text of a message given by voice, brought to the one form that both sides' typing leads to.

Two officers type what one of them reads aloud. Case, accents, punctuation and the script of the digits are not
heard, so they fall away; letters, digits and the sign of a number are heard, so they stay.
Source: docs/protocol.md, 9; Unicode Standard Annex 15 (normalisation) and chapter 3.13 (case folding).
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from typing import Final
from unicodedata import category, combining, decimal, normalize

from keepclear.core.errors import Refused

VOICE_TEXT_MAX: Final = 4_000
"""The longest text that is given by voice, in Unicode characters: half an hour of reading aloud."""

# What a later version of Unicode may yet make a letter would split two nodes of different age.
_WITHOUT_MEANING: Final = {"Cn": "is not assigned", "Co": "is for private use", "Cs": "is half of a pair"}

_DASHES: Final = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212")

# What is written in two ways for one sound, and what is written for looks only.
_ONE_SPELLING: Final = str.maketrans(
    {
        "\u00e6": "ae",
        "\u0153": "oe",
        "\u0621": "",  # the Arabic hamza on the line, often left out in typing
        "\u0629": "\u0647",  # the Arabic teh marbuta, typed as heh
        "\u0640": "",  # the Arabic tatweel only lengthens
        "\u0649": "\u064a",  # the Arabic alef maksura, typed as yeh
        "\u0671": "\u0627",  # the Arabic alef wasla
        "\u06a9": "\u0643",  # the Persian keyboard's kaf
        "\u06cc": "\u064a",  # the Persian keyboard's yeh
    }
)
_SHORT_I: Final = "\u0439"

# A dash is a minus sign where it stands before a digit and after nothing that belongs to a word.
_WORD: Final = re.compile(r"(?:(?<![^ -])-)?[0-9]+|[^-0-9 ]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class WordDifference:
    """One word in which two texts differ.

    ``number`` counts the words of ``mine`` from 1; for a word that only the other text has, it is that of the
    word before which it would stand. ``mine`` or ``theirs`` is None where that text has no such word.
    """

    number: int
    mine: str | None
    theirs: str | None


def voice_text(text: str) -> str:
    """The text in the one form that is hashed: words and numbers with one space between them.

    Accents, Hebrew and Arabic points, hamza above and below, and format characters fall away; digits become
    ASCII; letters and digits part; a dash before a number that follows no word stays as ``-``, so that a sign is
    never lost; every other run of characters is one space. Done twice, it changes nothing more.
    Raises Refused("voice.too-long") past VOICE_TEXT_MAX and Refused("voice.character") for a code point that is
    not assigned, for private use or half of a surrogate pair.
    """
    _demand_sayable(text)
    apart = "".join(f" {each} " if category(each) in ("Nl", "No") else each for each in text)
    folded = normalize("NFKC", normalize("NFKC", apart).casefold())
    plain = "".join(map(_plain, folded))
    return normalize("NFC", " ".join(_WORD.findall("".join(map(_mark, plain)))))


def difference(mine: str, theirs: str) -> tuple[WordDifference, ...]:
    """Where two texts differ, word by word in the form of ``voice_text``; empty exactly when that form is one.

    There are as few of them as can be: the words put in, left out and put one for another that make one text of
    the other. Raises as ``voice_text`` does.
    """
    own, other = voice_text(mine).split(), voice_text(theirs).split()
    start = _alike(own, other)
    own, other = own[start:], other[start:]
    end = _alike(own[::-1], other[::-1])
    found = _changes(own[: len(own) - end], other[: len(other) - end])
    return tuple(WordDifference(number=start + at + 1, mine=left, theirs=right) for at, left, right in found)


def _alike(own: list[str], other: list[str]) -> int:
    """How many words are the same from the beginning."""
    pairs = enumerate(zip(own, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(own), len(other)))


def _changes(own: list[str], other: list[str]) -> list[tuple[int, str | None, str | None]]:
    # Levenshtein's distance over words, for all beginnings of both texts, and the way back through it. A library
    # matcher took over a minute for two texts of few different words, which someone might send on purpose.
    table = _distances(own, other)
    at, against = len(own), len(other)
    changes: list[tuple[int, str | None, str | None]] = []
    while at or against:
        here = table[at][against]
        if at and against and here == table[at - 1][against - 1] + (own[at - 1] != other[against - 1]):
            at, against = at - 1, against - 1
            if own[at] != other[against]:
                changes.append((at, own[at], other[against]))
        elif at and here == table[at - 1][against] + 1:
            at -= 1
            changes.append((at, own[at], None))
        else:
            against -= 1
            changes.append((at, None, other[against]))
    return changes[::-1]


def _distances(own: list[str], other: list[str]) -> list[array[int]]:
    rows = [array("H", range(len(other) + 1))]
    for word in own:
        above, row = rows[-1], array("H", [len(rows)])
        for column, against in enumerate(other):
            kept = above[column]
            row.append(kept if word == against else 1 + min(kept, above[column + 1], row[column]))
        rows.append(row)
    return rows


def _demand_sayable(text: str) -> None:
    if len(text) > VOICE_TEXT_MAX:
        raise Refused(
            "voice.too-long",
            f"text for voice has {len(text)} characters, must have {VOICE_TEXT_MAX} or fewer",
        )
    for place, each in enumerate(text, 1):
        wrong = _WITHOUT_MEANING.get(category(each))
        if wrong is not None:
            raise Refused(
                "voice.character",
                f"text for voice has U+{ord(each):04X} as character {place}, which {wrong}",
            )


def _plain(each: str) -> str:
    # Russian short i is a letter of its own that everybody types; its breve is no accent.
    if each == _SHORT_I:
        return each
    heard = "".join(part for part in normalize("NFKD", each) if not _falls_away(part))
    return heard.translate(_ONE_SPELLING)


def _falls_away(part: str) -> bool:
    # Combining classes 10 to 35 are the points of Hebrew and Arabic, 200 and above the accents. Marks of other
    # classes are vowels and doublings of scripts that cannot be read without them.
    place = combining(part)
    joiner = part == "\u034f" or "\ufe00" <= part <= "\ufe0f"
    return 10 <= place <= 35 or place >= 200 or joiner or category(part) == "Cf"


def _mark(each: str) -> str:
    kind = category(each)
    if kind == "Nd":
        return str(decimal(each))
    if each in _DASHES:
        return "-"
    return each if kind[0] in "LN" or kind in ("Mn", "Mc") else " "
