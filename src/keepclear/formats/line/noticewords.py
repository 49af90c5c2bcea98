"""The words of notices in English, Russian, Arabic and French: labels of their fields, kinds, roles and markings.

Only labels are here, as in formwords.py: what a notice itself says is printed as it was written.
"""

# Russian is written in Cyrillic letters that look like Latin ones, and means to be.
# ruff: noqa: RUF001
from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from keepclear.core.notice.extent import Role
from keepclear.core.notice.notice import NoticeKind
from keepclear.core.notice.site import Marking
from keepclear.formats.line.formwords import Row


class NoticeLabel(StrEnum):
    """A label of a notice."""

    NOTICE = "notice"
    DESIGNATION = "designation"
    KIND = "kind"
    PURPOSE = "purpose"
    HAZARD = "hazard"
    CONTINGENCY = "contingency"
    CANCEL_BY = "cancel-by"
    SATELLITE = "satellite"
    COMMAND = "command"
    PERSONNEL = "personnel"
    PHASE = "phase"
    IN_PLACES = "in-places"
    LIVE_FIRE = "live-fire"
    EQUIPMENT = "equipment"
    LINKED = "linked"
    OBSERVERS = "observers"
    FUNCTION = "function"
    OPERATOR = "operator"
    CAPTURED = "captured"
    VERIFIER = "verifier"
    VERIFIED = "verified"
    CONSENT = "consent"
    EXPIRES = "expires"
    MARKINGS = "markings"
    MARKED = "marked"
    WAYPOINT = "waypoint"
    OPENS = "opens"
    CLOSES = "closes"
    HEADCOUNT = "headcount"
    VEHICLES = "vehicles"
    CARGO = "cargo"
    ESCORT = "escort"
    CHECK_IN = "check-in"
    EMERGENCY = "emergency"
    ZONE_TYPE = "zone-type"
    CANCELS = "cancels"
    BASIS = "basis"
    AS_STATED = "as-stated"
    STEPS = "steps"
    REVIEW = "review"
    WHAT = "what"
    SOURCE = "source"
    GRADE = "grade"
    ACCOUNT = "account"
    NOTICES = "notices"
    ZONES = "zones"
    CHANNELS = "channels"
    EVIDENCE = "evidence"
    ACCURACY = "accuracy"
    HEIGHT_ACCURACY = "height-accuracy"
    TIME_ACCURACY = "time-accuracy"


NOTICE_LABELS: Final[Mapping[NoticeLabel, Row]] = {
    NoticeLabel.NOTICE: ("Notice", "Извещение", "إشعار", "Avis"),
    NoticeLabel.DESIGNATION: ("Designation", "Обозначение", "التسمية", "Désignation"),
    NoticeLabel.KIND: ("Kind of notice", "Вид извещения", "نوع الإشعار", "Nature de l'avis"),
    NoticeLabel.PURPOSE: ("Purpose, as claimed", "Заявленная цель", "الغرض المعلن", "But déclaré"),
    NoticeLabel.HAZARD: (
        "Hazard to others",
        "Опасность для других",
        "الخطر على الآخرين",
        "Danger pour autrui",
    ),
    NoticeLabel.CONTINGENCY: (
        "If it goes otherwise",
        "Если пойдёт иначе",
        "إذا سارت الأمور على غير ذلك",
        "Si cela se passe autrement",
    ),
    NoticeLabel.CANCEL_BY: (
        "Can be called off until",
        "Можно отменить до",
        "يمكن الإلغاء حتى",
        "Annulable jusqu'au",
    ),
    NoticeLabel.SATELLITE: (
        "Satellite telephone",
        "Спутниковый телефон",
        "هاتف عبر الأقمار الصناعية",
        "Téléphone satellite",
    ),
    NoticeLabel.COMMAND: (
        "Level of command",
        "Уровень командования",
        "مستوى القيادة",
        "Niveau de commandement",
    ),
    NoticeLabel.PERSONNEL: (
        "People taking part",
        "Число участников",
        "عدد المشاركين",
        "Nombre de participants",
    ),
    NoticeLabel.PHASE: ("Phase", "Этап", "المرحلة", "Phase"),
    NoticeLabel.IN_PLACES: ("In the places", "В местах", "في الأماكن", "Dans les lieux"),
    NoticeLabel.LIVE_FIRE: ("Live fire", "Боевая стрельба", "رماية بالذخيرة الحية", "Tir réel"),
    NoticeLabel.EQUIPMENT: ("Equipment", "Техника", "المعدات", "Matériel"),
    NoticeLabel.LINKED: ("Linked exercises", "Связанные учения", "التمارين المرتبطة", "Exercices liés"),
    NoticeLabel.OBSERVERS: (
        "Observers invited",
        "Приглашённые наблюдатели",
        "المراقبون المدعوون",
        "Observateurs invités",
    ),
    NoticeLabel.FUNCTION: (
        "Function of the site",
        "Назначение объекта",
        "وظيفة المنشأة",
        "Fonction du site",
    ),
    NoticeLabel.OPERATOR: ("Operator", "Оператор", "الجهة المشغلة", "Exploitant"),
    NoticeLabel.CAPTURED: (
        "How the position was found",
        "Как определены координаты",
        "كيف حُددت الإحداثيات",
        "Comment la position a été relevée",
    ),
    NoticeLabel.VERIFIER: ("Verified by", "Проверил", "تحقق منها", "Vérifié par"),
    NoticeLabel.VERIFIED: ("Last verified", "Последняя проверка", "آخر تحقق", "Dernière vérification"),
    NoticeLabel.CONSENT: ("Scope of consent", "Рамки согласия", "نطاق الموافقة", "Portée du consentement"),
    NoticeLabel.EXPIRES: ("Notified until", "Действует до", "سارٍ حتى", "Valable jusqu'au"),
    NoticeLabel.MARKINGS: ("Markings", "Опознавательные знаки", "العلامات", "Marquages"),
    NoticeLabel.MARKED: ("How it is marked", "Чем обозначен", "كيفية التمييز", "Mode de marquage"),
    NoticeLabel.WAYPOINT: ("Waypoint", "Точка маршрута", "نقطة الطريق", "Point de passage"),
    NoticeLabel.OPENS: ("Passed from", "Прохождение с", "المرور من", "Passage à partir du"),
    NoticeLabel.CLOSES: ("Passed until", "Прохождение до", "المرور حتى", "Passage jusqu'au"),
    NoticeLabel.HEADCOUNT: ("People", "Людей", "عدد الأشخاص", "Personnes"),
    NoticeLabel.VEHICLES: ("Vehicles", "Машин", "عدد المركبات", "Véhicules"),
    NoticeLabel.CARGO: ("Class of cargo", "Вид груза", "نوع الحمولة", "Nature du chargement"),
    NoticeLabel.ESCORT: ("Escort", "Сопровождение", "المرافقة", "Escorte"),
    NoticeLabel.CHECK_IN: (
        "Checks in every",
        "Выходит на связь каждые",
        "يتصل كل",
        "Prend contact toutes les",
    ),
    NoticeLabel.EMERGENCY: (
        "Emergency, at shorter notice",
        "Срочно, в сокращённый срок",
        "حالة طارئة، بمهلة أقصر",
        "Urgence, à plus bref délai",
    ),
    NoticeLabel.ZONE_TYPE: ("Type of zone", "Тип зоны", "نوع المنطقة", "Type de zone"),
    NoticeLabel.CANCELS: (
        "The zone is cancelled",
        "Зона отменяется",
        "تُلغى المنطقة",
        "La zone est supprimée",
    ),
    NoticeLabel.BASIS: (
        "Legal basis, as claimed",
        "Заявленное правовое основание",
        "الأساس القانوني المعلن",
        "Base juridique invoquée",
    ),
    NoticeLabel.AS_STATED: ("Size as stated", "Размер, как заявлен", "الحجم كما ذُكر", "Taille énoncée"),
    NoticeLabel.STEPS: ("Response steps", "Порядок реагирования", "خطوات الاستجابة", "Étapes de réaction"),
    NoticeLabel.REVIEW: ("Reviewed at", "Время пересмотра", "موعد المراجعة", "Réexamen le"),
    NoticeLabel.WHAT: ("What happened", "Что произошло", "ما حدث", "Ce qui s'est passé"),
    NoticeLabel.SOURCE: ("Source", "Источник", "المصدر", "Source"),
    NoticeLabel.GRADE: ("Grade", "Оценка", "التقييم", "Cotation"),
    NoticeLabel.ACCOUNT: ("Account", "Изложение", "الرواية", "Récit"),
    NoticeLabel.NOTICES: (
        "Notices in force then",
        "Действовавшие извещения",
        "الإشعارات السارية حينها",
        "Avis alors en vigueur",
    ),
    NoticeLabel.ZONES: (
        "Zones in force then",
        "Действовавшие зоны",
        "المناطق السارية حينها",
        "Zones alors en vigueur",
    ),
    NoticeLabel.CHANNELS: (
        "Channels tried",
        "Использованные каналы",
        "القنوات التي جُربت",
        "Voies essayées",
    ),
    NoticeLabel.EVIDENCE: (
        "Evidence, by its hash",
        "Доказательства, по хешу",
        "الأدلة، ببصماتها",
        "Preuves, par empreinte",
    ),
    NoticeLabel.ACCURACY: (
        "The place may be off by",
        "Возможное отклонение места",
        "الانحراف المحتمل للمكان",
        "Écart possible du lieu",
    ),
    NoticeLabel.HEIGHT_ACCURACY: (
        "The heights may be off by",
        "Возможное отклонение высот",
        "الانحراف المحتمل للارتفاع",
        "Écart possible des hauteurs",
    ),
    NoticeLabel.TIME_ACCURACY: (
        "The times may be off by",
        "Возможное отклонение времени",
        "الانحراف المحتمل للوقت",
        "Écart possible des heures",
    ),
}

NOTICE_KINDS: Final[Mapping[NoticeKind, Row]] = {
    NoticeKind.ENTRY: ("Entry", "Вход", "دخول", "Entrée"),
    NoticeKind.OVERFLIGHT: ("Overflight", "Пролёт", "تحليق عابر", "Survol"),
    NoticeKind.FORCES: ("Movement of forces", "Передвижение сил", "تحرك قوات", "Mouvement de forces"),
    NoticeKind.HAZARD: ("Hazardous activity", "Опасная деятельность", "نشاط خطر", "Activité dangereuse"),
    NoticeKind.EXERCISE: ("Exercise", "Учение", "تمرين", "Exercice"),
    NoticeKind.SITE: ("Protected site", "Защищаемый объект", "منشأة محمية", "Site protégé"),
    NoticeKind.MOVEMENT: (
        "Humanitarian movement",
        "Гуманитарное передвижение",
        "تحرك إنساني",
        "Mouvement humanitaire",
    ),
    NoticeKind.ZONE: ("Zone", "Зона", "منطقة", "Zone"),
    NoticeKind.INCIDENT: ("Incident", "Инцидент", "حادث", "Incident"),
}

ROLES: Final[Mapping[Role, Row]] = {
    Role.AREA: ("area of the activity", "район деятельности", "منطقة النشاط", "zone de l'activité"),
    Role.ROUTE: ("leg of the route", "участок маршрута", "جزء من المسار", "tronçon de l'itinéraire"),
    Role.STOP: ("place of a stop", "место остановки", "مكان توقف", "lieu d'arrêt"),
    Role.LAUNCH: ("launch area", "район пуска", "منطقة الإطلاق", "zone de lancement"),
    Role.FLIGHT: ("flight corridor", "коридор полёта", "ممر الطيران", "couloir de vol"),
    Role.IMPACT: (
        "impact area: keep clear",
        "район падения: не входить",
        "منطقة السقوط: ابتعدوا",
        "zone d'impact : rester à l'écart",
    ),
    Role.SITE: ("ground of the site", "территория объекта", "أرض المنشأة", "emprise du site"),
}

MARKINGS: Final[Mapping[Marking, Row]] = {
    Marking.VISUAL: ("seen by day", "видны днём", "ترى نهاراً", "visibles de jour"),
    Marking.NIGHT: ("seen at night", "видны ночью", "ترى ليلاً", "visibles de nuit"),
    Marking.THERMAL: (
        "seen in infrared",
        "видны в инфракрасном свете",
        "ترى بالأشعة تحت الحمراء",
        "visibles en infrarouge",
    ),
}

ANSWERS: Final[Mapping[bool, Row]] = {
    True: ("yes", "да", "نعم", "oui"),
    False: ("no", "нет", "لا", "non"),
}
