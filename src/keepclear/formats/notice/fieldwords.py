"""The words of the fields of notices in English, Russian, Arabic and French.

Only labels are here. A field is known by its key, which is the same in every language, so that no translation can
change what a form says.
"""

# Russian is written in Cyrillic letters that look like Latin ones, and means to be.
# ruff: noqa: RUF001
from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from keepclear.core.notice.extent import Role
from keepclear.core.notice.operation import Activity
from keepclear.core.notice.site import Marking
from keepclear.formats.line.formwords import Row

TABLES: Final[Mapping[str, Row]] = {
    "operation": ("Operations", "Операции", "العمليات", "Opérations"),
    "exercise": ("Exercises", "Учения", "التمارين", "Exercices"),
    "site": ("Sites", "Объекты", "المواقع المحمية", "Sites"),
    "movement": ("Movements", "Перемещения", "التحركات", "Déplacements"),
    "zone": ("Zones", "Зоны", "المناطق", "Zones"),
    "incident": ("Incidents", "Инциденты", "الحوادث", "Incidents"),
    "place": ("Places", "Места", "الأماكن", "Lieux"),
    "phase": ("Phases", "Этапы", "المراحل", "Phases"),
    "equipment": ("Equipment", "Техника", "المعدات", "Matériel"),
    "waypoint": ("Waypoints", "Точки маршрута", "نقاط الطريق", "Points de passage"),
    "contact": ("Contacts", "Контакты", "جهات الاتصال", "Contacts"),
    "account": ("Accounts", "Версии сторон", "الروايات", "Versions des faits"),
}

FIELDS: Final[Mapping[str, Row]] = {
    "designation": ("Designation", "Обозначение", "رمز الإخطار", "Désignation"),
    "kind": ("Activity", "Вид деятельности", "نوع النشاط", "Activité"),
    "clock": (
        "Clock (Z or offset)",
        "Часы (Z или сдвиг)",
        "التوقيت (Z أو الفارق)",
        "Fuseau (Z ou décalage)",
    ),
    "purpose": ("Purpose as claimed", "Заявленная цель", "الغرض المعلن", "But déclaré"),
    "hazard": ("Hazard to others", "Опасность для других", "الخطر على الآخرين", "Danger pour autrui"),
    "contingency": ("Contingency", "На случай отклонений", "خطة الطوارئ", "En cas d'imprévu"),
    "cancel_by_ms": ("Can be cancelled until", "Можно отменить до", "يمكن الإلغاء حتى", "Annulable jusqu'à"),
    "contact.name": ("Contact: name", "Контакт: имя", "جهة الاتصال: الاسم", "Contact : nom"),
    "contact.phones": (
        "Contact: phones",
        "Контакт: телефоны",
        "جهة الاتصال: الهواتف",
        "Contact : téléphones",
    ),
    "contact.satellite": (
        "Contact: satellite phones",
        "Контакт: спутниковые телефоны",
        "جهة الاتصال: هواتف الأقمار الصناعية",
        "Contact : téléphones satellitaires",
    ),
    "contact.frequency": (
        "Contact: frequency",
        "Контакт: частота",
        "جهة الاتصال: التردد",
        "Contact : fréquence",
    ),
    "command": ("Level of command", "Уровень командования", "مستوى القيادة", "Niveau de commandement"),
    "personnel": ("Personnel in all", "Личный состав, всего", "مجموع الأفراد", "Effectif total"),
    "linked": ("Linked exercises", "Связанные учения", "تمارين مرتبطة", "Exercices liés"),
    "observers": (
        "Observers invited",
        "Приглашённые наблюдатели",
        "المراقبون المدعوون",
        "Observateurs invités",
    ),
    "live_fire": ("Live fire", "Боевая стрельба", "رماية حية", "Tir réel"),
    "places": ("In which places", "В каких местах", "في أي أماكن", "Dans quels lieux"),
    "function": ("Function", "Назначение", "الوظيفة", "Fonction"),
    "operator": ("Operator", "Кто управляет", "الجهة المشغلة", "Exploitant"),
    "captured": (
        "How the position was found",
        "Как получены координаты",
        "كيف حُدد الموقع",
        "Comment la position a été relevée",
    ),
    "verifier": ("Verified by", "Кем проверено", "من تحقق منه", "Vérifié par"),
    "verified_ms": ("Last verified", "Последняя проверка", "آخر تحقق", "Dernière vérification"),
    "consent": ("Scope of consent", "Пределы согласия", "نطاق الموافقة", "Portée du consentement"),
    "expires_ms": ("Expires", "Действует до", "تاريخ الانتهاء", "Expire le"),
    "markings": ("Kinds of marking", "Виды обозначений", "أنواع العلامات", "Types de marquage"),
    "marked": ("How it is marked", "Как обозначен", "كيف هو معلَّم", "Comment il est marqué"),
    "headcount": ("People, how many", "Людей, сколько", "عدد الأشخاص", "Nombre de personnes"),
    "vehicles": ("Vehicles, how many", "Машин, сколько", "عدد المركبات", "Nombre de véhicules"),
    "cargo": ("Class of cargo", "Класс груза", "فئة الحمولة", "Classe de cargaison"),
    "escort": (
        "Escort and whose, or none",
        "Сопровождение и чьё, или нет",
        "المرافقة ولمن هي، أو لا يوجد",
        "Escorte et de qui, ou aucune",
    ),
    "check_in_ms": ("Checks in every", "Выходит на связь каждые", "يتصل كل", "Fait le point toutes les"),
    "emergency": ("Emergency", "Срочный случай", "حالة طارئة", "Urgence"),
    "opens_ms": ("Passed from", "Проход с", "المرور من", "Passage à partir de"),
    "closes_ms": ("Passed until", "Проход до", "المرور حتى", "Passage jusqu'à"),
    "type": ("Type", "Тип", "النوع", "Type"),
    "count": ("Number", "Количество", "العدد", "Nombre"),
    "cancels": ("Cancels the zone", "Отменяет зону", "يلغي المنطقة", "Annule la zone"),
    "basis": (
        "Legal basis as claimed",
        "Заявленное основание",
        "الأساس القانوني المعلن",
        "Base légale déclarée",
    ),
    "as_stated": ("Size as stated", "Размер, как заявлен", "الحجم كما ذُكر", "Taille telle qu'énoncée"),
    "steps": ("Response steps, in order", "Меры по порядку", "خطوات الرد بالترتيب", "Mesures, dans l'ordre"),
    "review_ms": ("Reviewed on", "Пересмотр", "تاريخ المراجعة", "Réexamen le"),
    "what": ("What happened", "Что произошло", "ماذا حدث", "Ce qui s'est passé"),
    "notices": (
        "Notices in force",
        "Действовавшие уведомления",
        "الإخطارات السارية",
        "Notifications en vigueur",
    ),
    "zones": ("Zones in force", "Действовавшие зоны", "المناطق السارية", "Zones en vigueur"),
    "channels": ("Channels tried", "Испробованные каналы", "القنوات التي جُرِّبت", "Voies essayées"),
    "evidence": (
        "Evidence (SHA-256)",
        "Доказательства (SHA-256)",
        "الأدلة (SHA-256)",
        "Preuves (SHA-256)",
    ),
    "source": ("Source", "Источник", "المصدر", "Source"),
    "words": ("In its words", "Его словами", "بكلماته", "Selon ses termes"),
    "grade": ("Grade, as B2", "Оценка, как B2", "التقييم مثل B2", "Cotation, comme B2"),
    "name": ("Name", "Название", "الاسم", "Nom"),
    "phones": ("Phones", "Телефоны", "الهواتف", "Téléphones"),
    "satellite": (
        "Satellite phones",
        "Спутниковые телефоны",
        "هواتف الأقمار الصناعية",
        "Téléphones satellitaires",
    ),
    "frequency": ("Frequency", "Частота", "التردد", "Fréquence"),
    "role": ("What is there", "Что там", "ماذا يوجد هناك", "Ce qui s'y trouve"),
    "shape": ("Shape", "Форма", "الشكل", "Forme"),
    "positions": ("Positions", "Координаты", "الإحداثيات", "Positions"),
    "size_cm": (
        "Radius or half-width",
        "Радиус или полуширина",
        "نصف القطر أو نصف العرض",
        "Rayon ou demi-largeur",
    ),
    "lower": ("Lower height", "Нижняя высота", "الارتفاع الأدنى", "Hauteur inférieure"),
    "upper": ("Upper height", "Верхняя высота", "الارتفاع الأعلى", "Hauteur supérieure"),
    "from_ms": ("From (time)", "Начало", "من (وقت)", "Du (heure)"),
    "until_ms": ("Until (time)", "Окончание", "حتى (وقت)", "Jusqu'au (heure)"),
    "accuracy_cm": (
        "Position known to within",
        "Место известно с точностью",
        "دقة الموقع",
        "Position connue à",
    ),
    "height_accuracy_cm": (
        "Height known to within",
        "Высота известна с точностью",
        "دقة الارتفاع",
        "Hauteur connue à",
    ),
    "time_accuracy_ms": ("Time known to within", "Время известно с точностью", "دقة الوقت", "Heure connue à"),
}
"""The label of each field, by its key; those of one table all differ in every language."""

YES: Final[Row] = ("yes", "да", "نعم", "oui")
NO: Final[Row] = ("no", "нет", "لا", "non")

CHOICES: Final[Mapping[str, Row]] = {
    Role.AREA: ("area of activity", "район действий", "منطقة النشاط", "zone d'activité"),
    Role.ROUTE: ("leg of a route", "участок маршрута", "جزء من طريق", "tronçon d'itinéraire"),
    Role.STOP: ("stop", "остановка", "توقف", "arrêt"),
    Role.LAUNCH: ("launch area", "район пуска", "منطقة الإطلاق", "zone de lancement"),
    Role.FLIGHT: ("flight corridor", "коридор полёта", "ممر الطيران", "couloir de vol"),
    Role.IMPACT: ("impact area", "район падения", "منطقة السقوط", "zone d'impact"),
    Role.SITE: ("site", "объект", "موقع محمي", "site"),
    "point": ("point", "точка", "نقطة", "point"),
    "circle": ("circle", "круг", "دائرة", "cercle"),
    "polygon": ("polygon", "многоугольник", "مضلع", "polygone"),
    "corridor": ("corridor", "коридор", "ممر", "couloir"),
    Activity.ENTRY: ("entry", "вход", "دخول", "entrée"),
    Activity.OVERFLIGHT: ("overflight", "пролёт", "تحليق", "survol"),
    Activity.FORCES: ("movement of forces", "перемещение сил", "تحرك قوات", "mouvement de forces"),
    Activity.HAZARD: ("hazardous activity", "опасная деятельность", "نشاط خطر", "activité dangereuse"),
    Marking.VISUAL: ("by day", "днём", "نهاراً", "de jour"),
    Marking.NIGHT: ("by night", "ночью", "ليلاً", "de nuit"),
    Marking.THERMAL: ("in infrared", "в инфракрасном", "بالأشعة تحت الحمراء", "en infrarouge"),
}
"""The label of each word that a field is chosen from, by that word; those of one choice all differ."""
