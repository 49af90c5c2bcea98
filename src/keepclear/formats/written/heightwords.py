"""The words of heights in English, Russian, Arabic and French: units, data, the surface, no limit."""

# Latin, Cyrillic and Arabic letters stand side by side here, and some of them look alike.
# ruff: noqa: RUF001

from __future__ import annotations

from fractions import Fraction
from typing import Final

from keepclear.core.space.altitude import FOOT_M, Datum
from keepclear.formats.written.digits import folded


def _folded(phrases: str) -> tuple[str, ...]:
    return tuple(folded(phrase) for phrase in phrases.split(", "))


METRE: Final = Fraction(1)
FOOT: Final = Fraction(str(FOOT_M))

UNITS: Final = {
    word: unit_m
    for unit_m, words in {
        METRE: "M, METRE, METRES, METER, METERS, М, МЕТР, МЕТРА, МЕТРОВ, متر, م",
        FOOT: "FT, FEET, FOOT, ', ФУТ, ФУТА, ФУТОВ, PIED, PIEDS, قدم, أقدام",
        1000 * METRE: "KM, КМ, كم",
    }.items()
    for word in _folded(words)
}
"""The length of each unit in metres."""

DATA: Final = {
    word: datum
    for datum, words in {
        Datum.MSL: "AMSL, MSL, ASL, QNH, НУМ, Н.У.М, НАД УРОВНЕМ МОРЯ, AU-DESSUS DU NIVEAU DE LA MER, "
        "فوق سطح البحر, فوق مستوى سطح البحر",
        Datum.AGL: "AGL, ASFC, SFC, GND, НАД ЗЕМЛЕЙ, ОТ ЗЕМЛИ, НАД ПОВЕРХНОСТЬЮ, AU-DESSUS DU SOL, "
        "فوق سطح الأرض, فوق الأرض",
        Datum.HAE: "HAE, WGS84 HAE, WGS-84 HAE",
        Datum.PRESSURE: "STD, QNE",
    }.items()
    for word in _folded(words)
}
"""What each phrase says a height is measured from."""

SURFACE: Final = frozenset(_folded("SFC, GND, SURFACE, GROUND, SOL, ЗЕМЛЯ, ПОВЕРХНОСТЬ, سطح الأرض, الأرض"))
"""The ground or water below, as an end of a band."""

NO_LIMIT: Final = frozenset(
    _folded("UNL, UNLTD, UNLIM, UNLIMITED, ILLIMITE, БЕЗ ОГРАНИЧЕНИЙ, НЕОГР, غير محدود")
)
"""No end upwards."""
