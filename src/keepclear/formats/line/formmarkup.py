"""Markup of the printed form: labels, numbers and free texts as pieces of HTML, each kept in its own direction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final, TypeAlias
from unicodedata import category

from keepclear.core.instant import Duration, Instant
from keepclear.core.line.plot.place import Height
from keepclear.core.line.voice.readback import Language
from keepclear.formats.line.formnumbers import (
    duration_text,
    height_texts,
    length_texts,
    metres_and_feet,
    time_texts,
)
from keepclear.formats.line.formwords import DATUMS, LABELS, Label, Row, said
from keepclear.formats.line.noticewords import NOTICE_LABELS, NoticeLabel

AnyLabel: TypeAlias = Label | NoticeLabel
LabelledCell: TypeAlias = tuple[AnyLabel, str]
"""One field of the form: its label, and what stands under it as HTML."""

WRITTEN_LEFTWARDS: Final = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
"""Languages that are written from right to left, by the first part of their tag."""

_TURNS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def fields_html(fields: Iterable[LabelledCell], language: Language) -> str:
    """Fields with their labels above them, as many beside each other as there is room for on the paper."""
    cells = "".join(
        f"<div><dt>{label_html(label, language)}</dt><dd>{cell}</dd></div>" for label, cell in fields
    )
    return f'<dl class="fields">{cells}</dl>'


def columns_html(
    labels: Sequence[AnyLabel], rows: Iterable[Sequence[str]], language: Language, *, numbered: bool = False
) -> str:
    """A table with a label above each column; ``numbered``: the first is of numbers alone, and narrow."""
    heads = "".join(f"<th>{label_html(label, language)}</th>" for label in labels)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    kind = "rows numbered" if numbered else "rows"
    return f'<table class="{kind}"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def label_html(label: AnyLabel, language: Language) -> str:
    """A label in the language of the form."""
    return escape(said(LABELS[label] if isinstance(label, Label) else NOTICE_LABELS[label], language))


def coded_html(row: Row, code: str, language: Language) -> str:
    """A word in the language, and beside it the code that stands in the message itself."""
    return f"{escape(said(row, language))} {number_html(code)}"


def length_html(length_cm: int) -> str:
    """A length in the units in which people read it."""
    return run_html(*length_texts(length_cm), between=" = ")


def rise_html(rise_cm: int) -> str:
    """A difference of heights, in metres and feet."""
    return run_html(*metres_and_feet(rise_cm), between=" = ")


def height_html(height: Height | None, language: Language) -> str:
    """A height with its datum, or that it is not stated."""
    if height is None:
        return label_html(Label.NOT_STATED, language)
    metres, feet, datum = height_texts(height)
    words = escape(said(DATUMS[height.datum], language))
    return f"{run_html(metres, feet, between=' = ')} {words} {number_html(datum)}"


def time_html(at: Instant | None, language: Language) -> str:
    """A time in both ways, or that it is not stated."""
    if at is None:
        return label_html(Label.NOT_STATED, language)
    return run_html(*time_texts(at), between=" = ")


def duration_html(duration: Duration) -> str:
    """A length of time."""
    return number_html(duration_text(duration))


def number_html(text: str, *, long: bool = False) -> str:
    """Digits and codes, which run from left to right whatever surrounds them."""
    return f'<bdi class="n{" long" if long else ""}" dir="ltr">{escaped(text)}</bdi>'


def run_html(*texts: str, between: str) -> str:
    """Numbers that belong together, in this order from left to right: a latitude stands left of its longitude."""
    return f'<bdi class="run" dir="ltr">{between.join(map(number_html, texts))}</bdi>'


def free_html(text: str) -> str:
    """A name or word in whatever script, kept from turning what stands beside it."""
    return f'<bdi dir="auto">{escaped(text)}</bdi>'


def lines_html(pieces: Iterable[str]) -> str:
    """Pieces of HTML, one below the other."""
    return "<br/>".join(pieces)


def escaped(text: str) -> str:
    """The text for HTML; characters that turn the order of others, or that print nothing, are shown by number.

    The first could make the digits of a text read otherwise than the digits that were signed: ``[U+202E]``.
    """
    return escape("".join(f"[U+{ord(each):04X}]" if _is_hidden(each) else each for each in text))


def direction(tag: str) -> str:
    """The direction in which a language is written."""
    return "rtl" if tag.split("-")[0] in WRITTEN_LEFTWARDS else "ltr"


def _is_hidden(character: str) -> bool:
    return character in _TURNS or (category(character) == "Cc" and character not in "\n\t")
