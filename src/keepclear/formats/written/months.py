"""The names of months in English, Russian, French and Arabic (of the Levant, of Egypt and the Gulf, of the Maghreb)."""

# Latin, Cyrillic and Arabic letters stand side by side here, and some of them look alike.
# ruff: noqa: RUF001

from __future__ import annotations

from typing import Final

from keepclear.formats.written.digits import folded

_NAMES: Final = (
    "JAN, JANUARY, ЯНВ, ЯНВАРЬ, ЯНВАРЯ, JANV, JANVIER, يناير, كانون الثاني, جانفي",
    "FEB, FEBRUARY, ФЕВ, ФЕВР, ФЕВРАЛЬ, ФЕВРАЛЯ, FEV, FEVR, FEVRIER, فبراير, شباط, فيفري",
    "MAR, MARCH, МАР, МАРТ, МАРТА, MARS, مارس, آذار",
    "APR, APRIL, АПР, АПРЕЛЬ, АПРЕЛЯ, AVR, AVRIL, أبريل, نيسان, أفريل",
    "MAY, МАЙ, МАЯ, MAI, مايو, أيار, ماي",
    "JUN, JUNE, ИЮН, ИЮНЬ, ИЮНЯ, JUIN, يونيو, حزيران, جوان",
    "JUL, JULY, ИЮЛ, ИЮЛЬ, ИЮЛЯ, JUIL, JUILLET, يوليو, تموز, جويلية",
    "AUG, AUGUST, АВГ, АВГУСТ, АВГУСТА, AOU, AOUT, أغسطس, آب, أوت",
    "SEP, SEPT, SEPTEMBER, СЕН, СЕНТ, СЕНТЯБРЬ, СЕНТЯБРЯ, SEPTEMBRE, سبتمبر, أيلول",
    "OCT, OCTOBER, ОКТ, ОКТЯБРЬ, ОКТЯБРЯ, OCTOBRE, أكتوبر, تشرين الأول",
    "NOV, NOVEMBER, НОЯ, НОЯБ, НОЯБРЬ, НОЯБРЯ, NOVEMBRE, نوفمبر, تشرين الثاني",
    "DEC, DECEMBER, ДЕК, ДЕКАБРЬ, ДЕКАБРЯ, DECEMBRE, ديسمبر, كانون الأول",
)

MONTHS: Final = {
    folded(name): number for number, names in enumerate(_NAMES, start=1) for name in names.split(", ")
}
"""The number of each month by its name in plain characters; no name is of two months."""

MONTH_SHAPE: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
"""The alternatives of a pattern that matches a name, the longest first."""
