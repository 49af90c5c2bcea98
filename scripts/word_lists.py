"""Writes docs/words.md from the lists of read-back words in the code, so that the two cannot differ."""

from __future__ import annotations

from pathlib import Path

from keepclear.core.line.voice.readback import WORDS, Language

PAGE = Path(__file__).resolve().parent.parent / "docs" / "words.md"

TEXT = """\
# The read-back words

Written by `make docs` from `core/line/words_*.py`; a test compares the two. They are part of the protocol
([protocol.md](protocol.md), 9): the number, in hexadecimal, is the byte that a word stands for. Each list is in the
order of its alphabet, accents and forms of hamza aside, so that a word is found by eye. Any two words of a list differ
in three letters at least, no two begin with the same three letters, and no two are alike when sounds that a bad radio
confuses are taken for one. Case, accents and forms of hamza need not be typed.

| | English | Russian | Arabic | French |
|---|---|---|---|---|
{rows}
"""

COLUMNS = (Language.EN, Language.RU, Language.AR, Language.FR)


def word_page() -> str:
    """The whole page."""
    lists = [WORDS[language] for language in COLUMNS]
    rows = [f"| {byte:02x} | {' | '.join(words)} |" for byte, words in enumerate(zip(*lists, strict=True))]
    return TEXT.format(rows="\n".join(rows))


if __name__ == "__main__":
    PAGE.write_text(word_page(), encoding="utf-8")
