"""The words of the printed form in English, Russian, Arabic and French.

Only labels are here. Numbers, names and codes are the same in every language, so that no translation can change one.
"""

# Russian is written in Cyrillic letters that look like Latin ones, and means to be.
# ruff: noqa: RUF001
from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeAlias

from keepclear.core.line.message import Flag, How, Kind, Precedence
from keepclear.core.line.text import Governs
from keepclear.core.line.voice.readback import Language
from keepclear.core.space.altitude import Datum

Row: TypeAlias = tuple[str, str, str, str]
"""One label in the order of LANGUAGES."""

LANGUAGES: Final = (Language.EN, Language.RU, Language.AR, Language.FR)


class Label(StrEnum):
    """A label of the form."""

    TITLE = "title"
    LINE = "line"
    FROM = "from"
    TO = "to"
    NUMBER = "number"
    KIND = "kind"
    TIME = "time"
    ORIGINATOR = "originator"
    RELEASED_BY = "released-by"
    HASH = "hash"
    REFERENCES = "references"
    TEXT = "text"
    ORIGINAL = "original"
    TRANSLATION = "translation"
    TRANSLATED_BY = "translated-by"
    GOVERNS = "governs"
    COMPOSED = "composed"
    OCCURRED = "occurred"
    CHANNEL = "channel"
    VOICE_LOG = "voice-log"
    NO_PLACE = "no-place"
    PLACES = "places"
    POINT = "point"
    CIRCLE = "circle"
    POLYGON = "polygon"
    CORRIDOR = "corridor"
    POSITION = "position"
    CENTRE = "centre"
    RADIUS = "radius"
    OUTER_RING = "outer-ring"
    HOLE = "hole"
    CENTRE_LINE = "centre-line"
    HALF_WIDTH = "half-width"
    LOWER = "lower"
    UPPER = "upper"
    START = "start"
    END = "end"
    NOT_STATED = "not-stated"
    MGRS = "mgrs"
    DEGREES = "degrees"
    DMS = "dms"
    CONTACT = "contact"
    NAME = "name"
    PHONES = "phones"
    FREQUENCY = "frequency"
    WORDS = "words"
    CODES = "codes"
    RECEPTION = "reception"
    RECEIVED = "received"
    RECEIVED_BY = "received-by"
    POST = "post"
    WAY = "way"
    SIGNATURE = "signature"
    NOT_APPROVAL = "not-approval"
    AXES = "axes"


LABELS: Final[Mapping[Label, Row]] = {
    Label.TITLE: (
        "Deconfliction line: message",
        "Линия предотвращения инцидентов: сообщение",
        "خط منع التصادم: رسالة",
        "Ligne de déconfliction : message",
    ),
    Label.LINE: ("Line", "Линия", "الخط", "Ligne"),
    Label.FROM: ("From", "От кого", "من", "De"),
    Label.TO: ("To", "Кому", "إلى", "À"),
    Label.NUMBER: ("Number", "Номер", "الرقم", "Numéro"),
    Label.KIND: ("Kind", "Вид", "النوع", "Nature"),
    Label.TIME: ("Signed at", "Подписано", "وقت التوقيع", "Signé le"),
    Label.ORIGINATOR: ("Originator", "Составитель", "المُصدِر", "Auteur"),
    Label.RELEASED_BY: ("Released by", "Разрешил отправку", "أجاز الإرسال", "Envoi autorisé par"),
    Label.HASH: ("Hash of the message", "Хеш сообщения", "بصمة الرسالة", "Empreinte du message"),
    Label.REFERENCES: ("Refers to", "Ссылается на", "يشير إلى", "Se réfère à"),
    Label.TEXT: ("Text", "Текст", "النص", "Texte"),
    Label.ORIGINAL: ("Original", "Оригинал", "الأصل", "Original"),
    Label.TRANSLATION: ("Translation", "Перевод", "الترجمة", "Traduction"),
    Label.TRANSLATED_BY: ("Translated by", "Перевёл", "ترجمة", "Traduit par"),
    Label.GOVERNS: (
        "This version governs",
        "Силу имеет этот текст",
        "هذه الصيغة هي المعتمدة",
        "Cette version fait foi",
    ),
    Label.COMPOSED: ("Composed", "Составлено", "وقت الكتابة", "Rédigé le"),
    Label.OCCURRED: ("Occurred", "Произошло", "وقت الحدوث", "Survenu le"),
    Label.CHANNEL: ("Channel", "Канал", "القناة", "Voie"),
    Label.VOICE_LOG: ("Voice log", "Запись переговоров", "سجل المكالمات", "Journal vocal"),
    Label.NO_PLACE: (
        "The writer says that this concerns no place.",
        "Составитель указывает, что сообщение не относится к определённому месту.",
        "يذكر الكاتب أن الرسالة لا تخص مكاناً معيناً.",
        "L'auteur déclare que ce message ne concerne aucun lieu.",
    ),
    Label.PLACES: ("Places", "Места", "الأماكن", "Lieux"),
    Label.POINT: ("Point", "Точка", "نقطة", "Point"),
    Label.CIRCLE: ("Circle", "Круг", "دائرة", "Cercle"),
    Label.POLYGON: ("Polygon", "Многоугольник", "مضلع", "Polygone"),
    Label.CORRIDOR: ("Corridor", "Коридор", "ممر", "Couloir"),
    Label.POSITION: ("Position", "Координаты", "الموقع", "Position"),
    Label.CENTRE: ("Centre", "Центр", "المركز", "Centre"),
    Label.RADIUS: ("Radius", "Радиус", "نصف القطر", "Rayon"),
    Label.OUTER_RING: ("Corners, in order", "Вершины по порядку", "الرؤوس بالترتيب", "Sommets, dans l'ordre"),
    Label.HOLE: (
        "Corners of a hole, in order",
        "Вершины выреза по порядку",
        "رؤوس الجزء المستثنى بالترتيب",
        "Sommets d'une enclave exclue, dans l'ordre",
    ),
    Label.CENTRE_LINE: (
        "Centre line, in order",
        "Осевая линия по порядку",
        "خط المنتصف بالترتيب",
        "Ligne médiane, dans l'ordre",
    ),
    Label.HALF_WIDTH: (
        "Half-width, to either side",
        "Полуширина, в каждую сторону",
        "نصف العرض، إلى كل جانب",
        "Demi-largeur, de chaque côté",
    ),
    Label.LOWER: ("Lower height", "Нижняя высота", "الارتفاع الأدنى", "Hauteur inférieure"),
    Label.UPPER: ("Upper height", "Верхняя высота", "الارتفاع الأعلى", "Hauteur supérieure"),
    Label.START: ("From (time)", "Начало", "من (وقت)", "Du (heure)"),
    Label.END: ("Until (time)", "Окончание", "حتى (وقت)", "Jusqu'au (heure)"),
    Label.NOT_STATED: ("not stated", "не указано", "غير مذكور", "non précisé"),
    Label.MGRS: ("MGRS grid", "Сетка MGRS", "شبكة MGRS", "Grille MGRS"),
    Label.DEGREES: ("Degrees", "Градусы", "درجات عشرية", "Degrés"),
    Label.DMS: (
        "Degrees, minutes, seconds",
        "Градусы, минуты, секунды",
        "درجات ودقائق وثوانٍ",
        "Degrés, minutes, secondes",
    ),
    Label.CONTACT: ("Contact", "Контакт", "جهة الاتصال", "Contact"),
    Label.NAME: ("Name", "Имя", "الاسم", "Nom"),
    Label.PHONES: ("Telephone", "Телефон", "الهاتف", "Téléphone"),
    Label.FREQUENCY: ("Frequency", "Частота", "التردد", "Fréquence"),
    Label.WORDS: ("Read-back words", "Слова для сверки", "كلمات التحقق", "Mots de collationnement"),
    Label.CODES: (
        "Codes to scan, all of them",
        "Коды для сканирования, все",
        "رموز للمسح، كلها",
        "Codes à scanner, tous",
    ),
    Label.RECEPTION: ("Reception", "Приём", "الاستلام", "Réception"),
    Label.RECEIVED: (
        "Date and time received (DTG, Z)",
        "Дата и время приёма (DTG, Z)",
        "تاريخ ووقت الاستلام (DTG, Z)",
        "Date et heure de réception (DTG, Z)",
    ),
    Label.RECEIVED_BY: ("Received by", "Принял", "استلمها", "Reçu par"),
    Label.POST: ("Post", "Должность", "المنصب", "Fonction"),
    Label.WAY: ("By what way it came", "Каким путём получено", "طريقة الوصول", "Voie d'arrivée"),
    Label.SIGNATURE: ("Signature", "Подпись", "التوقيع", "Signature"),
    Label.NOT_APPROVAL: (
        "To sign for receipt is not to approve.",
        "Подпись о получении не означает согласия.",
        "التوقيع بالاستلام لا يعني الموافقة.",
        "Signer pour réception ne vaut pas accord.",
    ),
    Label.AXES: (
        "N, S, E, W: north, south, east, west. All positions on WGS 84; all times UTC (Z). NM: nautical mile; "
        "mi: statute mile; ft: foot; d, h, min, s: day, hour, minute, second.",
        "N, S, E, W: север, юг, восток, запад. Все координаты в WGS 84; всё время UTC (Z). NM: морская миля; "
        "mi: сухопутная миля; ft: фут; d, h, min, s: сутки, час, минута, секунда.",
        "الحروف N, S, E, W: شمال، جنوب، شرق، غرب. كل المواقع على WGS 84 وكل الأوقات UTC (Z). "
        "الرمز NM: ميل بحري، mi: ميل بري، ft: قدم، d: يوم، h: ساعة، min: دقيقة، s: ثانية.",
        "N, S, E, W : nord, sud, est, ouest. Positions en WGS 84 ; heures UTC (Z). NM : mille marin ; "
        "mi : mille terrestre ; ft : pied ; d, h, min, s : jour, heure, minute, seconde.",
    ),
}

KINDS: Final[Mapping[Kind, Row]] = {
    Kind.OPEN: ("Opening of the log", "Открытие журнала", "فتح السجل", "Ouverture du journal"),
    Kind.KEYS: ("Keys", "Ключи", "مفاتيح", "Clés"),
    Kind.COMMS_CHECK: ("Comms check", "Проверка связи", "فحص الاتصال", "Contrôle de liaison"),
    Kind.TEST: ("Test", "Проба", "تجربة", "Essai"),
    Kind.NOTIFY: ("Notification", "Уведомление", "إخطار", "Notification"),
    Kind.ADVISE: ("Advice", "Рекомендация", "نصيحة", "Recommandation"),
    Kind.WARN: ("Warning", "Предупреждение", "تحذير", "Avertissement"),
    Kind.QUERY: ("Query", "Запрос", "استفسار", "Demande"),
    Kind.ANSWER: ("Answer", "Ответ", "جواب", "Réponse"),
    Kind.ACKNOWLEDGE: ("Acknowledgement", "Подтверждение", "إقرار", "Accusé"),
    Kind.OBJECT: ("Objection", "Возражение", "اعتراض", "Objection"),
    Kind.AMEND: ("Amendment", "Изменение", "تعديل", "Modification"),
    Kind.WITHDRAW: ("Withdrawal", "Отзыв", "سحب", "Retrait"),
    Kind.CORRECT: ("Correction", "Исправление", "تصحيح", "Correction"),
    Kind.STOP: ("STOP", "СТОП", "قف", "STOP"),
    Kind.DISCLOSE: ("Disclosure", "Раскрытие", "إفصاح", "Divulgation"),
    Kind.WITHHOLD: ("Parts withheld", "Части не передаются", "أجزاء محجوبة", "Parties retenues"),
    Kind.VOICE: ("Given by voice", "Передано голосом", "مبلّغة شفهياً", "Transmis de vive voix"),
}

FLAGS: Final[Mapping[Flag, Row]] = {
    Flag.REAL: ("REAL", "ФАКТ", "فعلي", "RÉEL"),
    Flag.EXERCISE: ("EXERCISE", "УЧЕНИЕ", "تمرين", "EXERCICE"),
    Flag.TEST: ("TEST", "ПРОВЕРКА", "اختبار", "ESSAI"),
}

PRECEDENCES: Final[Mapping[Precedence, Row]] = {
    Precedence.ROUTINE: ("Routine", "Обычная", "عادي", "Routine"),
    Precedence.PRIORITY: ("Priority", "Срочная", "مستعجل", "Urgent"),
    Precedence.IMMEDIATE: ("Immediate", "Немедленная", "فوري", "Immédiat"),
    Precedence.FLASH: ("Flash", "Молния", "برقي", "Flash"),
}

HOWS: Final[Mapping[How, Row]] = {
    How.ABOUT: ("about", "относится к", "بخصوص", "au sujet de"),
    How.ANSWERS: ("answers", "отвечает на", "يجيب على", "répond à"),
    How.AMENDS: ("amends", "изменяет", "يعدّل", "modifie"),
    How.WITHDRAWS: ("withdraws", "отзывает", "يسحب", "retire"),
    How.CORRECTS: ("corrects", "исправляет", "يصحح", "corrige"),
    How.ACKNOWLEDGES: ("acknowledges", "подтверждает", "يقرّ باستلام", "accuse réception de"),
    How.OBJECTS: ("objects to", "возражает против", "يعترض على", "s'oppose à"),
}

DATUMS: Final[Mapping[Datum, Row]] = {
    Datum.HAE: (
        "above the WGS 84 ellipsoid",
        "над эллипсоидом WGS 84",
        "فوق مجسم WGS 84 الإهليلجي",
        "au-dessus de l'ellipsoïde WGS 84",
    ),
    Datum.MSL: (
        "above mean sea level",
        "над средним уровнем моря",
        "فوق متوسط سطح البحر",
        "au-dessus du niveau moyen de la mer",
    ),
    Datum.AGL: ("above ground", "над поверхностью земли", "فوق سطح الأرض", "au-dessus du sol"),
    Datum.PRESSURE: (
        "pressure altitude",
        "по стандартному давлению",
        "ارتفاع ضغطي",
        "altitude-pression",
    ),
}

VERSIONS: Final[Mapping[Governs, Label]] = {
    Governs.ORIGINAL: Label.ORIGINAL,
    Governs.TRANSLATION: Label.TRANSLATION,
}


def said(row: Row, language: Language) -> str:
    """The label of a row in a language."""
    return row[LANGUAGES.index(language)]
