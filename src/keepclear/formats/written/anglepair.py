"""Pairs of written angles: the numbers and words of a text, parted into its latitude and its longitude."""

# Latin, Cyrillic and Arabic letters stand side by side here, and some of them look alike.
# ruff: noqa: RUF001

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from keepclear.formats.written.angle import MARKS, Axis, Number, Side
from keepclear.formats.written.anglewords import LABELS, SIDES, SILENT, UNITS
from keepclear.formats.written.digits import DECIMAL_SIGN, Plain
from keepclear.formats.written.reading import Answer, Fault, Unreadable

_T = TypeVar("_T")

_WORD: Final = r"(?P<word>[^\W\d_]+(?:\.[^\W\d_]+)*\.?)"
_REST: Final = rf"(?P<mark>°|''|'|\")|{_WORD}|(?P<dash>[-+])|(?P<between>[ ,;:/|=]+)|(?P<other>.)"
_TOKENS: Final = {
    Answer.COMMA_DECIMAL: re.compile(rf"(?P<number>\d+(?:[.,{DECIMAL_SIGN}]\d+)?)|{_REST}"),
    Answer.COMMA_BETWEEN: re.compile(rf"(?P<number>\d+(?:[.{DECIMAL_SIGN}]\d+)?)|{_REST}"),
}
_COMMAS: Final = (Answer.COMMA_DECIMAL, Answer.COMMA_BETWEEN)
_DASHES: Final = (Answer.DASH_MINUS, Answer.DASH_BETWEEN)
_BEFORE_SIGN: Final = " ,;:/|="

_DOTTED: Final = re.compile(r"(?<![\d.])(\d{1,3})\.(\d{1,2})\.(\d{1,2})(?![\d.])")
_LETTERED: Final = re.compile(r"(\d *)D( *\d+ *)M(?:( *\d+(?:[.,]\d+)? *)S)?")
_ELLIPSOID: Final = re.compile(r"\(?WGS[ -]?84\)?[:,]?")
_BRACKETS: Final = re.compile(r" *[(\[](.*)[)\]] *")
_LETTER_AMONG_DIGITS: Final = re.compile(r"(?<=\d)[OОIІL](?=\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word beside the numbers: how many numbers stand before it, and to which of its neighbours it clings."""

    text: str
    gap: int
    at: int
    clings_left: bool
    clings_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Angle:
    """One of the two angles: its numbers, what a word says of its hemisphere, and which axis a label names."""

    numbers: tuple[Number, ...]
    sides: frozenset[Side] | None
    label: Axis | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnglePair:
    """The first and the second angle of a text under the answers that part it so."""

    first: Angle
    second: Angle
    answers: tuple[Answer, ...]


def angle_pairs(plain: Plain) -> Iterator[AnglePair | Unreadable]:
    """Every way to part a text into two angles, and a fault for every way that fails; at least one of either."""
    bare = Plain(text=_bared(plain.text), places=plain.places)
    letter = _LETTER_AMONG_DIGITS.search(bare.text)
    if letter is not None:
        yield bare.fault(Fault.LETTER_AMONG_DIGITS, letter.start(), letter.end())
        return
    for comma in _COMMAS if "," in bare.text else _COMMAS[:1]:
        for dash in _DASHES if "-" in bare.text else _DASHES[:1]:
            found = _Scan(bare, comma, dash).scanned()
            if isinstance(found, Unreadable):
                yield found
            else:
                yield from _parted(bare, *found, answers=(comma, dash))


def _bared(text: str) -> str:
    """The text without brackets around it or its ellipsoid's name, with one way to write three parts; as long."""
    text = _ELLIPSOID.sub(lambda found: " " * len(found[0]), text)
    inside = _BRACKETS.fullmatch(text)
    if inside is not None:
        text = inside[1].rjust(inside.end(1)).ljust(len(text))
    text = _DOTTED.sub(r"\1:\2:\3", text)
    return _LETTERED.sub(lambda found: f"{found[1]}°{found[2]}'" + (f'{found[3]}"' if found[3] else ""), text)


class _Scan:
    """Numbers and words collected from a text, read in one way."""

    def __init__(self, plain: Plain, comma: Answer, dash: Answer) -> None:
        self._plain = plain
        self._tokens = _TOKENS[comma]
        self._dash_is_minus = dash is Answer.DASH_MINUS
        self._numbers: list[Number] = []
        self._words: list[Word] = []
        self._sign = ""

    def scanned(self) -> tuple[list[Number], list[Word]] | Unreadable:
        """The numbers and words in order, or the first thing that is neither."""
        for token in self._tokens.finditer(self._plain.text):
            fault = self._take(token)
            if fault is not None:
                return self._plain.fault(fault, token.start(), token.end())
        return self._numbers, self._words

    def _take(self, token: re.Match[str]) -> Fault | None:
        match token.lastgroup:
            case "number":
                self._numbers.append(Number(digits=token[0], sign=self._sign, at=token.start()))
                self._sign = ""
            case "mark":
                return self._mark(token[0].replace("''", '"'))
            case "word":
                return self._word(token)
            case "dash":
                return self._dash(token)
            case "between":
                pass
            case _:
                return Fault.CHARACTER
        return None

    def _mark(self, mark: str) -> Fault | None:
        if not self._numbers or self._numbers[-1].mark or mark not in MARKS:
            return Fault.MARK
        last = self._numbers[-1]
        self._numbers[-1] = Number(digits=last.digits, mark=mark, sign=last.sign, at=last.at)
        return None

    def _word(self, token: re.Match[str]) -> Fault | None:
        text = token[0].replace(".", "")
        if text in UNITS:
            return self._mark(UNITS[text])
        if text in SILENT:
            return None
        if text not in SIDES and text not in LABELS:
            return Fault.WORD
        whole = self._plain.text
        self._words.append(
            Word(
                text=text,
                gap=len(self._numbers),
                at=token.start(),
                clings_left=not whole[: token.start()].endswith(tuple(_BEFORE_SIGN)),
                clings_right=not whole[token.end() :].startswith(tuple(_BEFORE_SIGN)),
            )
        )
        return None

    def _dash(self, token: re.Match[str]) -> Fault | None:
        before, after = self._plain.text[: token.start()], self._plain.text[token.end() :]
        if after[:1].isdigit() and (not before or before[-1] in _BEFORE_SIGN):
            self._sign = token[0]
            return None
        if token[0] == "+":
            return Fault.NUMBER
        between_numbers = after.lstrip()[:1].isdigit() and before.rstrip()[-1:] in "0123456789°'\""
        if between_numbers and before and self._dash_is_minus:
            self._sign = "-"
        return None


def _parted(
    plain: Plain, numbers: list[Number], words: list[Word], *, answers: tuple[Answer, ...]
) -> Iterator[AnglePair | Unreadable]:
    middle = _middle(plain, numbers, words)
    if isinstance(middle, Unreadable):
        yield middle
        return
    sides = _shared([(word, SIDES[word.text]) for word in words if word.text in SIDES], len(numbers))
    labels = _shared([(word, LABELS[word.text]) for word in words if word.text in LABELS], len(numbers))
    if sides is None or labels is None:
        yield plain.fault(Fault.COUNT, words[-1].at)
        return
    for first_side, second_side in sides:
        for first_label, second_label in labels:
            yield AnglePair(
                first=Angle(numbers=tuple(numbers[:middle]), sides=first_side, label=first_label),
                second=Angle(numbers=tuple(numbers[middle:]), sides=second_side, label=second_label),
                answers=answers,
            )


def _middle(plain: Plain, numbers: list[Number], words: list[Word]) -> int | Unreadable:
    """How many of the numbers belong to the first angle."""
    count = len(numbers)
    gaps = sorted({word.gap for word in words if 0 < word.gap < count})
    if count < 2:
        return plain.fault(Fault.FORM if count == 0 else Fault.COUNT, 0)
    if len(gaps) > 1:
        return plain.fault(Fault.FORM, next(word.at for word in words if word.gap == gaps[0]))
    middle = gaps[0] if gaps else count // 2
    if not gaps and numbers[middle].mark not in ("", MARKS[0]):
        return plain.fault(Fault.COUNT, numbers[middle].at)
    if 2 * middle != count or count > 2 * len(MARKS):
        return plain.fault(Fault.UNEQUAL if gaps else Fault.COUNT, numbers[middle].at)
    return middle


def _shared(words: list[tuple[Word, _T]], count: int) -> list[tuple[_T | None, _T | None]] | None:
    """To which angle each of the words belongs, in every way that it may; None if there are too many."""
    meanings = [meaning for _, meaning in words]
    if len(words) > 2:
        return None
    if len(words) == 2:
        return [(meanings[0], meanings[1])]
    if not words:
        return [(None, None)]
    word, meaning = words[0]
    to_first, to_second = (meaning, None), (None, meaning)
    if word.gap in (0, count):
        return [to_first if word.gap == 0 else to_second]
    if word.clings_left != word.clings_right:
        return [to_first if word.clings_left else to_second]
    return [to_first, to_second]
