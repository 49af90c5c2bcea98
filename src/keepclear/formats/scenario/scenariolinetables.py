"""The tables by which a scenario file tells of a line, as they are written."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from keepclear.core.line.message import Flag, How, Kind, Precedence, Response, Step
from keepclear.core.notice.event import Report
from keepclear.formats.zone.zonefields import HeightFields


class SpanTable(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"start": "from"}
):
    """A span of time: from an instant until another, or to the end of the scenario."""

    start: str
    until: str | None = None


class OfficerTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A person who signs on the line."""

    name: str
    post: str
    party: str
    empowered: bool = True
    away: list[SpanTable] = []


class LineTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[line]``."""

    name: str
    parties: tuple[str, str]
    officers: list[OfficerTable]


class AnswerTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One step towards a message."""

    step: Step
    after_s: float = 0.0
    by: str = ""
    response: Response | None = None
    echelon: str = ""
    text: str = ""
    language: str = "en"


class TranslationTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text in another language, and who translated it."""

    by: str
    language: str
    text: str


class ReferenceTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Another message of the script, by its id."""

    id: str
    how: How


class PlacedCircleTable(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"start": "from"}
):
    """A circle that a message names, with its heights and times where they are known."""

    name: str
    centre: str
    radius_km: float
    lower: HeightFields | None = None
    upper: HeightFields | None = None
    start: str | None = None
    until: str | None = None


class PlacedCorridorTable(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"start": "from"}
):
    """A corridor that a message names, with its heights and times where they are known."""

    name: str
    line: list[str]
    half_width_km: float
    lower: HeightFields | None = None
    upper: HeightFields | None = None
    start: str | None = None
    until: str | None = None


class PlacedZoneTable(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"start": "from"}
):
    """A zone of the scenario that a message names, ``called`` otherwise where that is given.

    Times that are given stand in place of the zone's.
    """

    name: str
    called: str = ""
    start: str | None = None
    until: str | None = None


class MessageTable(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"sender": "from"}
):
    """``[[message]]``."""

    id: str
    at: str
    sender: str
    kind: Kind
    by: str = ""
    precedence: Precedence = Precedence.ROUTINE
    flag: Flag = Flag.REAL
    text: str = ""
    language: str = "en"
    translation: TranslationTable | None = None
    zones: list[PlacedZoneTable] = []
    circles: list[PlacedCircleTable] = []
    corridors: list[PlacedCorridorTable] = []
    notice: dict[str, object] = {}
    report: Report | None = None
    refs: list[ReferenceTable] = []
    channel: str = ""
    typed_by: str = ""
    leave_s: float = 0.0
    answers: list[AnswerTable] | UnsetType = UNSET


class StickTable(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"sender": "from"}
):
    """``[[stick]]``."""

    at: str
    sender: str


class StaffTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[[staff]]``."""

    party: str
    answers: list[AnswerTable] = []
    stop: list[AnswerTable] = []
    attends: bool = True
