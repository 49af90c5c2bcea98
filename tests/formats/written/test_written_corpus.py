"""The corpus of what people write: every line of it has the verdict that stands beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from keepclear.core.instant import Instant, Window, instant_of
from keepclear.core.space.altitude import Altitude, AltitudeBand, Bound
from keepclear.core.space.geodesy import Position, separation_m
from keepclear.formats.written.coordinate import read_position
from keepclear.formats.written.datetimegroup import Moment, read_instant
from keepclear.formats.written.height import read_band, read_height
from keepclear.formats.written.place import Place
from keepclear.formats.written.reading import Ambiguous, Certain, Reading, Unreadable
from keepclear.formats.written.timewindow import read_window

Value = Place | Moment | Window | Altitude | Bound | AltitudeBand
READERS: dict[str, Callable[[str], Reading[Value]]] = {
    "position": read_position,
    "instant": read_instant,
    "window": read_window,
    "height": read_height,
    "band": read_band,
}
FOOT = Fraction("0.3048")
WRITTEN_LINES = tomllib.loads((Path(__file__).parent / "corpus.toml").read_text(encoding="utf-8"))
LINES = [(kind, *line) for kind, lines in WRITTEN_LINES.items() for line in lines]


def degrees(text: str) -> float:
    """The degrees of ``-33:30:00.5`` or ``-33.5``."""
    parts = [Fraction(part) for part in text.lstrip("-").split(":")]
    size = sum((part / 60**place for place, part in enumerate(parts)), Fraction(0))
    return float(-size if text.startswith("-") else size)


def metres(text: str) -> float:
    """The metres of ``12000ft`` or ``-3.5m``."""
    return float(Fraction(text[:-2]) * FOOT if text.endswith("ft") else Fraction(text[:-1]))


def is_said(value: Value, words: list[str]) -> bool:
    """Whether a value is the one that the words of a verdict say: to 10 cm, the millisecond, the millimetre."""
    match value:
        case Place():
            said = Position(latitude_deg=degrees(words[0]), longitude_deg=degrees(words[1]))
            return separation_m(own=value.position, other=said) < 0.1 + (
                0.75 if value.precision_m == 1 else 0
            )
        case Moment():
            return value.at == instant_of(words[0])
        case Window():
            return [value.start, value.end] == [instant_of(word) for word in words]
        case AltitudeBand():
            cut = 1 if words[0] == "unlimited" else 2
            return is_said(value.lower, words[:cut]) and is_said(value.upper, words[cut:])
        case Bound():
            return words == ["unlimited"]
        case Altitude():
            return value.datum.name.lower() == words[1] and abs(value.height_m - metres(words[0])) < 0.001


def verdict_differs(reading: Reading[Value], verdict: str) -> str | None:
    """What the reading is instead of the verdict, or None."""
    words = verdict.split("=")[0].split()
    match reading:
        case Certain():
            agrees = words[0] == reading.form.value and is_said(reading.value, words[1:])
        case Ambiguous():
            said = [each.split() for each in verdict.partition("=")[2].split(";") if each.strip()]
            given = said or [None] * len(reading.choices)
            agrees = words == ["?", reading.question.value, str(len(reading.choices))] and all(
                each is None or is_said(choice.value, each)
                for choice, each in zip(reading.choices, given, strict=True)
            )
        case Unreadable():
            agrees = words == ["!", reading.code.value, str(reading.at)]
    return None if agrees else f"{reading}"


@pytest.mark.parametrize("kind", READERS)
def test_every_line_of_the_corpus_has_its_verdict(kind: str) -> None:
    lines = WRITTEN_LINES[kind]
    differing = [
        (text, verdict, found)
        for text, verdict, _ in lines
        if (found := verdict_differs(READERS[kind](text), verdict)) is not None
    ]
    assert differing == []


def test_the_corpus_holds_300_lines_and_none_twice() -> None:
    texts = [(kind, text) for kind, text, _, _ in LINES]
    assert len(texts) >= 300
    assert len(set(texts)) == len(texts)
    assert all(source for *_, source in LINES)


def test_a_line_of_the_corpus_with_another_verdict_is_found() -> None:
    assert verdict_differs(read_position("33 N 38 E"), "decimal 33 38.00001")
    assert verdict_differs(read_position("33 N 38 E"), "dm 33 38")
    assert verdict_differs(read_instant("061200ZSEP18"), "dtg 2018-09-06T12:00:00.001Z")
    assert verdict_differs(read_height("3500 m AGL"), "length 3500m msl")
    assert verdict_differs(read_position("33, 38"), "? order 2 = 33 38; 33 38")
    assert verdict_differs(read_position("95 N 38 E"), "! latitude-range 1")
    assert Instant(0) == instant_of("1970-01-01T00:00Z")
