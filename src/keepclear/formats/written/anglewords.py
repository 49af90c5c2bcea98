"""The words beside written angles in English, Russian, Arabic and French: hemispheres, labels, units.

The letter O is west to some (ouest, oeste) and east to others (Ost), and the Arabic letter that begins both north and
east may stand for either; so a word has one meaning or two.
"""

# Latin, Cyrillic and Arabic letters stand side by side here, and some of them look alike.
# ruff: noqa: RUF001

from __future__ import annotations

from typing import Final

from keepclear.formats.written.angle import Axis, Side
from keepclear.formats.written.digits import folded


def _table(meanings: dict[str, str]) -> dict[str, str]:
    return {folded(word): meaning for meaning, words in meanings.items() for word in words.split()}


_SIDES: Final = _table(
    {
        "N": "N NORTH NORD NORTHERN С СШ СЕВ СЕВЕР СЕВЕРНОЙ СЕВЕРНАЯ شمال شمالا شمالي الشمال",
        "S": "S SOUTH SUD SOUTHERN Ю ЮШ ЮЖ ЮГ ЮЖНОЙ ЮЖНАЯ ج جنوب جنوبا جنوبي الجنوب",
        "E": "E EAST EST EASTERN OST Е В ВД ВОСТ ВОСТОК ВОСТОЧНОЙ ВОСТОЧНАЯ ق شرق شرقا شرقي الشرق",
        "W": "W WEST OUEST WESTERN З ЗД ЗАП ЗАПАД ЗАПАДНОЙ ЗАПАДНАЯ غ غرب غربا غربي الغرب",
        "EW": "O",
        "NE": "ش",
    }
)

SIDES: Final = {word: frozenset(Side(letter) for letter in letters) for word, letters in _SIDES.items()}
"""What each word of a hemisphere may mean."""

_LABELS: Final = _table(
    {
        "LATITUDE": "LAT LATITUDE Ш ШИР ШИРОТА ШИРОТЫ عرض العرض",
        "LONGITUDE": "LON LONG LNG LONGITUDE Д ДОЛГ ДОЛГОТА ДОЛГОТЫ طول الطول",
    }
)

LABELS: Final = {word: Axis[axis] for word, axis in _LABELS.items()}
"""Which of the two each label says."""

UNITS: Final = _table(
    {
        "°": "D DEG DEGS DEGREE DEGREES DEGRE DEGRES ГРАД ГРАДУС ГРАДУСА ГРАДУСОВ درجة درجات",
        "'": "MIN MINUTE MINUTES МИН МИНУТА МИНУТЫ МИНУТ دقيقة دقائق",
        '"': "SEC SECS SECOND SECONDS SECONDE SECONDES СЕК СЕКУНДА СЕКУНДЫ СЕКУНД ثانية ثواني",
    }
)
"""The mark that each unit in words stands for."""

SILENT: Final = frozenset(_table({"": "AND ET И و خط دائرة COORD COORDINATES POSITION WGS"}))
"""Words that say nothing of where a place is."""
