"""Protocol 9 worked out a second time, step by step as the page says it, and its vectors.

    python tests/readback_oracle.py            writes tests/vectors/readback.json anew

Nothing here is taken from the package but the lists of words.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from pathlib import Path
from typing import Final

from keepclear.core.line.voice.words_ar import ARABIC
from keepclear.core.line.voice.words_en import ENGLISH
from keepclear.core.line.voice.words_fr import FRENCH
from keepclear.core.line.voice.words_ru import RUSSIAN

VECTORS: Final = Path(__file__).parent / "vectors" / "readback.json"

LISTS: Final = {"en": ENGLISH, "ru": RUSSIAN, "ar": ARABIC, "fr": FRENCH}

TEXTS: Final = (
    "We will enter the 55 km zone from the east at 06:00Z, 33.5 N 38.6 E, to pursue a band of armed men.",
    "Мы войдём в зону 55 км в 06:00Z; район: 33,5 СШ 38,6 ВД. Ёмкость 5 м³.",
    "سندخل المنطقة في الساعة \u0660\u0666:\u0660\u0660، "
    "الإحداثيات \u0663\u0663\u066b\u0665 شمالاً، بالقرب من الشاطئ الشرقيّ.",
    "Nous entrerons dans la zone à 6 h 00 : manœuvre près de l\u2019île, altitude \u22125 m, écart 10½ km.",
    "ONE two-three 4-5 -6 --7 8A9 Ⅳ ﬁn STRAẞE e\u0301te\u0301 a\u200db",
    "हिन्दी 한글 がぎ",
)

ROOTS: Final = (
    "keepclear/a/root+0a1b2c3d+AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
    "keepclear/b/root+1f2e3d4c+AyAfHh0cGxoZGBcWFRQTEhEQDw4NDAsKCQgHBgUEAwI=",
)

REPLACED: Final = {
    0x00E6: "ae",
    0x0153: "oe",
    0x0629: chr(0x0647),
    0x0649: chr(0x064A),
    0x06CC: chr(0x064A),
    0x0671: chr(0x0627),
    0x06A9: chr(0x0643),
    0x0621: "",
    0x0640: "",
}


def said(text: str) -> str:
    """The voice text."""
    spaced = ""
    for each in text:
        number = unicodedata.category(each) in {"Nl", "No"}
        spaced += " " + each + " " if number else each
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", spaced).casefold())
    marked = "".join(sign(each) for each in bare(folded))
    return unicodedata.normalize("NFC", " ".join(runs(marked)))


def bare(text: str) -> str:
    """Step 3."""
    kept = ""
    for each in text:
        if ord(each) == 0x0439:
            kept += each
            continue
        for part in unicodedata.normalize("NFKD", each):
            place = unicodedata.combining(part)
            if place in range(10, 36) or place > 199 or unicodedata.category(part) == "Cf":
                continue
            if ord(part) == 0x034F or ord(part) in range(0xFE00, 0xFE10):
                continue
            kept += REPLACED.get(ord(part), part)
    return kept


def sign(each: str) -> str:
    """Step 4."""
    if each == "-" or 0x2010 <= ord(each) <= 0x2015 or ord(each) == 0x2212:
        return "-"
    kind = unicodedata.category(each)
    if kind == "Nd":
        return "0123456789"[unicodedata.digit(each)]
    return each if kind in {"Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "No", "Mn", "Mc"} else " "


def runs(marked: str) -> list[str]:
    """Step 5, character by character."""
    words: list[str] = []
    kind = " "
    for place, each in enumerate(marked):
        now = each if each in " -" else "9" if "0" <= each <= "9" else "a"
        if now in "9a" and now == kind:
            words[-1] += each
        elif now in "9a":
            dash = now == "9" and kind == "-" and (place < 2 or marked[place - 2] in " -")
            words.append("-" + each if dash else each)
        kind = now
    return words


def digest(*lines: str) -> bytes:
    """The SHA-256 over lines with LF between them."""
    return hashlib.sha256("\n".join(lines).encode("utf-8")).digest()


def as_words(raw: bytes) -> dict[str, str]:
    """Bytes as words, in each language."""
    return {language: " ".join(words[byte] for byte in raw) for language, words in LISTS.items()}


def text_vector(text: str) -> dict[str, object]:
    """All that follows from one text."""
    spoken = said(text)
    hashed = digest("keepclear voice v1", "notify", "real", "immediate", "tanf", spoken)
    words = spoken.split(" ")
    groups = [" ".join(words[start : start + 5]) for start in range(0, len(words), 5)]
    checks = [digest("keepclear group v1", str(at), group)[:1] for at, group in enumerate(groups, 1)]
    return {
        "text": text,
        "voice_text": spoken,
        "hash": hashed.hex(),
        "words": as_words(hashed[:6]),
        "groups": groups,
        "group_words": as_words(b"".join(checks)),
    }


def vectors() -> dict[str, object]:
    """The whole file."""
    pair = digest("keepclear pair v1", "tanf", *sorted(ROOTS), "")
    return {
        "made_by": "python tests/readback_oracle.py",
        "fields": {"kind": "notify", "flag": "real", "precedence": "immediate", "line": "tanf"},
        "texts": [text_vector(text) for text in TEXTS],
        "pairing": {"line": "tanf", "roots": list(ROOTS), "words": as_words(pair[:16])},
    }


if __name__ == "__main__":
    VECTORS.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
