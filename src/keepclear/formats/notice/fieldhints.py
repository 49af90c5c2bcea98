"""How the fields of a form are filled in, in English, Russian, Arabic and French: the sheet of instructions."""

# Russian is written in Cyrillic letters that look like Latin ones, and means to be.
# ruff: noqa: RUF001
from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from keepclear.formats.line.formwords import Row
from keepclear.formats.notice.forms import Kind

TITLE: Final[Row] = ("Instructions", "Инструкция", "التعليمات", "Instructions")
"""The name of the sheet, by which it is known again and not read."""

HEADINGS: Final[tuple[Row, ...]] = (
    ("Sheet", "Лист", "الورقة", "Feuille"),
    ("Field", "Поле", "الحقل", "Champ"),
    ("Must", "Обязательно", "إلزامي", "Obligatoire"),
    ("How to write it", "Как писать", "كيف يُكتب", "Comment l'écrire"),
    ("Example", "Пример", "مثال", "Exemple"),
)

RULES: Final[tuple[Row, ...]] = (
    (
        "One row for each notice; what belongs to it stands on the other sheets under its designation.",
        "Одна строка на уведомление; всё, что к нему относится, на других листах под его обозначением.",
        "سطر واحد لكل إخطار، وما يتبعه يوضع في الأوراق الأخرى تحت رمزه.",
        "Une ligne par notification ; ce qui s'y rattache est sur les autres feuilles, sous sa désignation.",
    ),
    (
        "Nothing is guessed: what has two readings is asked about. No formulas, nothing hidden.",
        "Ничто не угадывается: о двусмысленном спрашивают. Без формул, ничего скрытого.",
        "لا يُخمَّن شيء: ما له قراءتان يُسأل عنه. بلا معادلات وبلا خلايا مخفية.",
        "Rien n'est deviné : ce qui a deux lectures fait l'objet d'une question. Ni formules, ni rien de masqué.",
    ),
    (
        "A notice says what others keep clear of, never at what something is aimed.",
        "Уведомление говорит, от чего другим держаться в стороне, а не во что целятся.",
        "يقول الإخطار ما على الآخرين الابتعاد عنه، ولا يقول أبداً ما يُستهدف.",
        "Une notification dit de quoi se tenir à l'écart, jamais ce qui est visé.",
    ),
)

HINTS: Final[Mapping[Kind, Row]] = {
    Kind.LINE: ("one line of text", "одна строка текста", "سطر واحد من النص", "une ligne de texte"),
    Kind.TEXT: ("text", "текст", "نص", "texte"),
    Kind.LINES: (
        "one on each line of the cell",
        "по одному на строке ячейки",
        "واحد في كل سطر من الخلية",
        "un par ligne de la cellule",
    ),
    Kind.PHONES: (
        "digits with + and country code, one on each line",
        "цифры с + и кодом страны, по одному на строке",
        "أرقام مع + ورمز البلد، واحد في كل سطر",
        "chiffres avec + et indicatif du pays, un par ligne",
    ),
    Kind.WHOLE: ("a whole number", "целое число", "عدد صحيح", "un nombre entier"),
    Kind.FLAG: ("yes or no", "да или нет", "نعم أو لا", "oui ou non"),
    Kind.CHOICE: ("one from the list", "одно из списка", "واحد من القائمة", "un élément de la liste"),
    Kind.CHOICES: (
        "from the list, one on each line",
        "из списка, по одному на строке",
        "من القائمة، واحد في كل سطر",
        "dans la liste, un par ligne",
    ),
    Kind.TIME: (
        "with its clock: 2018-09-06T12:00Z, 061200ZSEP18, 2018-09-06 15:00 +03:00",
        "с часами: 2018-09-06T12:00Z, 061200ZSEP18, 2018-09-06 15:00 +03:00",
        "مع التوقيت: 2018-09-06T12:00Z أو 061200ZSEP18 أو 2018-09-06 15:00 +03:00",
        "avec le fuseau : 2018-09-06T12:00Z, 061200ZSEP18, 2018-09-06 15:00 +03:00",
    ),
    Kind.CLOCK: (
        "Z for UTC, or an offset such as +03:00, for times of this notice that do not say it",
        "Z для UTC или сдвиг, например +03:00, для времени этого уведомления без часов",
        "Z لتوقيت UTC أو فارق مثل +03:00 لأوقات هذا الإخطار التي لا تذكره",
        "Z pour UTC, ou un décalage tel que +03:00, pour les heures de cette notification qui ne le disent pas",
    ),
    Kind.DURATION: (
        "with its unit: 30 min, 2 h, 90 s",
        "с единицей: 30 min, 2 h, 90 s",
        "مع الوحدة: 30 min أو 2 h أو 90 s",
        "avec l'unité : 30 min, 2 h, 90 s",
    ),
    Kind.LENGTH: (
        "with its unit: 500 m, 5 km, 3 NM",
        "с единицей: 500 m, 5 km, 3 NM",
        "مع الوحدة: 500 m أو 5 km أو 3 NM",
        "avec l'unité : 500 m, 5 km, 3 NM",
    ),
    Kind.ACCURACY: (
        "with its unit: 10 m; empty is exact",
        "с единицей: 10 m; пусто — точно",
        "مع الوحدة: 10 m، والفارغ يعني دقيقاً",
        "avec l'unité : 10 m ; vide signifie exact",
    ),
    Kind.HEIGHT: (
        "with unit and datum: 1000 ft AMSL, 300 m AGL, FL120, SFC, UNL; empty is not limited",
        "с единицей и началом отсчёта: 1000 ft AMSL, 300 m AGL, FL120, SFC, UNL; пусто — без предела",
        "مع الوحدة والمرجع: 1000 ft AMSL أو 300 m AGL أو FL120 أو SFC أو UNL، والفارغ بلا حد",
        "avec unité et référence : 1000 ft AMSL, 300 m AGL, FL120, SFC, UNL ; vide signifie sans limite",
    ),
    Kind.POSITIONS: (
        "one on each line, WGS 84, such as 33.4967 N 38.6178 E or 37S FT 48123 06123; an empty line before a hole",
        "по одной на строке, WGS 84: 33.4967 N 38.6178 E или 37S FT 48123 06123; пустая строка перед вырезом",
        "واحد في كل سطر، WGS 84، مثل 33.4967 N 38.6178 E أو 37S FT 48123 06123، وسطر فارغ قبل الجزء المستثنى",
        "une par ligne, WGS 84 : 33.4967 N 38.6178 E ou 37S FT 48123 06123 ; une ligne vide avant une enclave",
    ),
}
"""How each kind of field is written."""
