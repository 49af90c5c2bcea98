"""Read-back words: a hash as everyday words, so that two officers on a telephone know that they hold one text.

Source: docs/protocol.md, 9. The lists are this project's own (docs/words.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from itertools import zip_longest
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.line.voice.voicetext import voice_text
from keepclear.core.line.voice.words_ar import ARABIC
from keepclear.core.line.voice.words_en import ENGLISH
from keepclear.core.line.voice.words_fr import FRENCH
from keepclear.core.line.voice.words_ru import RUSSIAN

READBACK_WORDS: Final = 6
"""How many words stand for a text: 48 bits, so that one wrong text in 2.8e14 has the same ones by chance. Whoever
writes both texts can find such a pair; so nodes compare the whole hash as soon as the entry has come."""

PAIRING_WORDS: Final = 16
"""How many words stand for a pairing: 128 bits. Whoever stands between the parties and can swap both roots would have
to find two pairs of roots with the same words, some 2^64 tries while the officers wait."""

GROUP_LENGTH: Final = 5
"""How many words of the text one check word is for."""

_NEAR_MAX: Final = 2
_LINE_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")


class Language(Enum):
    """A language in which the words can be read, by its BCP 47 tag."""

    EN = "en"
    RU = "ru"
    AR = "ar"
    FR = "fr"


WORDS: Final = {
    Language.EN: ENGLISH,
    Language.RU: RUSSIAN,
    Language.AR: ARABIC,
    Language.FR: FRENCH,
}
"""The 256 words of each language, in the order of the bytes that they stand for."""

_BY_FORM: Final = {language: {voice_text(word): word for word in words} for language, words in WORDS.items()}


class Verdict(Enum):
    """What became of one expected word."""

    MATCH = "match"
    MISMATCH = "mismatch"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWord:
    """The check word of one group: ``number`` counts from 1, ``group`` is its words with single spaces."""

    number: int
    group: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWord:
    """What was typed for one expected word.

    ``typed`` is None where nothing was. ``nearest`` is the one word of the list that is nearest to what was typed,
    at most two letters away; None where the typed word is in the list, or where no single word is nearest. It is
    there to ask the other officer about, and never counts as heard.
    """

    number: int
    expected: str
    typed: str | None
    verdict: Verdict
    nearest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was typed beside what was expected, word for word, and what was typed beyond."""

    words: tuple[HeardWord, ...]
    extra: tuple[str, ...]

    @property
    def matches(self) -> bool:
        """Whether every expected word was heard, in its place, and nothing else."""
        return not self.extra and all(word.verdict is Verdict.MATCH for word in self.words)


def readback_hash(*, kind: str, flag: str, precedence: str, line: str, text: str) -> bytes:
    """The SHA-256 that a message given by voice is known by; it stands in the header of its ``voice`` entry.

    ``kind``, ``flag`` and ``precedence`` are the words of docs/protocol.md, 5. Raises Refused("readback.empty")
    for a text without a letter or digit, Refused("readback.field") for a field that is no such word, and as
    ``voice_text`` does.
    """
    fields = [_field("kind", kind), _field("flag", flag), _field("precedence", precedence)]
    said = voice_text(text)
    if not said:
        raise Refused("readback.empty", "text for voice has no letter and no digit, must have one at least")
    return _hash("voice", *fields, _field("line", line), said)


def words_of(digest: bytes, language: Language, count: int = READBACK_WORDS) -> tuple[str, ...]:
    """The words of the first ``count`` bytes of a hash; 1 to as many as it has bytes.

    Raises Refused("readback.count") for another count.
    """
    if not 1 <= count <= len(digest):
        raise Refused("readback.count", f"{count} words were asked for, must be 1 to {len(digest)}")
    return tuple(WORDS[language][byte] for byte in digest[:count])


def pairing_words(*, line: str, roots: tuple[str, str], language: Language) -> tuple[str, ...]:
    """The sixteen words that both screens show when two nodes are paired; the order of the roots makes no difference.

    ``roots`` are both parties' root keys as C2SP verifier keys. Raises Refused("readback.field") for a line that
    is no name and for a root that is empty or not one line, Refused("readback.same-root") for one root twice.
    """
    for root in roots:
        if not root or len(root.splitlines()) != 1 or root != root.strip():
            raise Refused("readback.field", f"root {root!r} must be one verifier key on one line")
    first, second = sorted(root.encode() for root in roots)
    if first == second:
        raise Refused("readback.same-root", f"both roots are {roots[0]!r}, must be two parties' keys")
    digest = _hash("pair", _field("line", line), f"{first.decode()}\n{second.decode()}\n")
    return words_of(digest, language, PAIRING_WORDS)


def group_words(text: str, language: Language) -> tuple[GroupWord, ...]:
    """One check word for each five words of a text, so that an error is found to the group while it is read.

    The last group may be shorter. Raises as ``voice_text`` does.
    """
    said = voice_text(text).split()
    groups = [" ".join(said[start : start + GROUP_LENGTH]) for start in range(0, len(said), GROUP_LENGTH)]
    return tuple(
        GroupWord(
            number=number, group=group, word=words_of(_hash("group", str(number), group), language, 1)[0]
        )
        for number, group in enumerate(groups, 1)
    )


def heard(typed: str, *, expected: tuple[str, ...], language: Language) -> Heard:
    """What was typed, held against the words expected: case, accents and forms of hamza make no difference.

    Nothing else is forgiven; a word that is nearly right is a mismatch.
    Raises Refused("readback.empty") when no word is expected, and as ``voice_text`` does.
    """
    if not expected:
        raise Refused("readback.empty", "no word is expected, must be one at least")
    said = voice_text(typed).split()
    beside = zip_longest(expected, said[: len(expected)])
    words = tuple(
        _heard_word(number, wanted, said_word, language)
        for number, (wanted, said_word) in enumerate(beside, 1)
    )
    return Heard(words=words, extra=tuple(said[len(expected) :]))


def _heard_word(number: int, expected: str, typed: str | None, language: Language) -> HeardWord:
    if typed is None:
        verdict, nearest = Verdict.MISSING, None
    elif typed == voice_text(expected):
        verdict, nearest = Verdict.MATCH, None
    else:
        verdict, nearest = Verdict.MISMATCH, _nearest(typed, language)
    return HeardWord(number=number, expected=expected, typed=typed, verdict=verdict, nearest=nearest)


def _nearest(typed: str, language: Language) -> str | None:
    forms = _BY_FORM[language]
    if typed in forms:
        return None
    # The difference in length is a lower bound of the distance; what is far too long is not even looked at.
    near = [form for form in forms if abs(len(form) - len(typed)) <= _NEAR_MAX]
    distances = sorted((_edit_distance(form, typed), form) for form in near)[:2]
    if not distances or distances[0][0] > _NEAR_MAX:
        return None
    tied = len(distances) == 2 and distances[0][0] == distances[1][0]
    return None if tied else forms[distances[0][1]]


def _edit_distance(one: str, other: str) -> int:
    # Levenshtein's distance, row by row.
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        above, row = row, [place]
        for column, against in enumerate(other):
            row.append(min(above[column + 1] + 1, row[column] + 1, above[column] + (letter != against)))
    return row[-1]


def _hash(what: str, *fields: str) -> bytes:
    return sha256("\n".join((f"keepclear {what} v1", *fields)).encode()).digest()


def _field(name: str, text: str) -> str:
    # None of them can hold a line feed, so no two sets of fields are hashed as one.
    if not _LINE_NAME.fullmatch(text):
        raise Refused("readback.field", f"{name} is {text!r}, must be 1 to 64 of a-z, 0-9, dot and hyphen")
    return text
