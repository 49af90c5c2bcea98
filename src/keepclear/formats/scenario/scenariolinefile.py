"""The tables of a scenario's line, read into its script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from msgspec import UnsetType

from keepclear.core.errors import Refused
from keepclear.core.instant import Duration, instant_of
from keepclear.core.line.message import LineName
from keepclear.core.line.plot.place import Height, Place, height_from, places_of_volume
from keepclear.core.line.plot.shape import shapes_of_area
from keepclear.core.line.text import Text, Translation
from keepclear.core.record.checkpoint import origin_of
from keepclear.core.space.area import Area, Circle, Corridor
from keepclear.core.watch.zone import Zone
from keepclear.formats.scenario.scenario import ScriptedZone
from keepclear.formats.scenario.scenarioline import (
    LineScript,
    ScriptedAnswer,
    ScriptedMessage,
    ScriptedOfficer,
    Staff,
    Stick,
)
from keepclear.formats.scenario.scenariolinetables import (
    AnswerTable,
    MessageTable,
    OfficerTable,
    PlacedCircleTable,
    PlacedCorridorTable,
    PlacedZoneTable,
    StaffTable,
    StickTable,
    TranslationTable,
)
from keepclear.formats.scenario.scenarionotice import scripted_notice
from keepclear.formats.scenario.scenariotables import ScenarioTable
from keepclear.formats.scenario.scenariovalues import each, milliseconds, place_of, window_of
from keepclear.formats.zone.zonefields import HeightFields, altitude_of, party_of

NAME_LENGTH_MAX: Final = 120
"""The longest name and post of an officer: docs/protocol.md clause 4."""


def line_script_of(tables: ScenarioTable, zones: tuple[ScriptedZone, ...]) -> LineScript | None:
    """The line of a scenario, or None for one that has none.

    Raises Refused with the code of what is wrong, naming the table; Refused("scenario.line") for messages, cuts,
    sticks or a staff without a line.
    """
    line = tables.line
    if isinstance(line, UnsetType):
        if tables.message or tables.cut or tables.stick or tables.staff:
            raise Refused(
                "scenario.line", "there are messages, cuts, sticks or a staff and no line; add a table [line]"
            )
        return None
    origin_of(party="a", log=line.name)
    known = {str(scripted.zone.name): scripted.zone for scripted in zones}
    first, second = line.parties
    return LineScript(
        name=LineName(line.name),
        parties=(party_of(first), party_of(second)),
        officers=each("officer", line.officers, _officer),
        messages=each("message", tables.message, partial(_message, zones=known)),
        cuts=each("cut", tables.cut, window_of),
        sticks=each("stick", tables.stick, _stick),
        staff=each("staff", tables.staff, _staff),
    )


def _officer(table: OfficerTable) -> ScriptedOfficer:
    for what in (table.name, table.post):
        if not 1 <= len(what) <= NAME_LENGTH_MAX or not what.isprintable():
            raise Refused(
                "line.officer", f"the name or post {what[:40]!r} must be 1 to {NAME_LENGTH_MAX} characters"
            )
    return ScriptedOfficer(
        name=table.name,
        post=table.post,
        party=party_of(table.party),
        empowered=table.empowered,
        away=tuple(map(window_of, table.away)),
    )


def _message(table: MessageTable, *, zones: Mapping[str, Zone]) -> ScriptedMessage:
    at = instant_of(table.at)
    translation = None if table.translation is None else _translation(table.translation)
    # Text knows what a language is; the script's message is made into one when it is said.
    Text(
        composed=at,
        language=table.language,
        originator=table.by,
        text=table.text,
        translation=translation,
    )
    places = (
        *(place for named in table.zones for place in _zone_places(named, zones)),
        *map(_circle_place, table.circles),
        *map(_corridor_place, table.corridors),
    )
    return ScriptedMessage(
        id=table.id,
        at=at,
        sender=party_of(table.sender),
        kind=table.kind,
        by=table.by,
        precedence=table.precedence,
        flag=table.flag,
        text=table.text,
        language=table.language,
        translation=translation,
        places=places,
        notice=scripted_notice(table.notice, places),
        report=table.report,
        refs=tuple((named.id, named.how) for named in table.refs),
        channel=table.channel,
        typed_by=table.typed_by,
        leave_ms=Duration(milliseconds(table.leave_s, "leave_s")),
        answers=None if isinstance(table.answers, UnsetType) else tuple(map(_answer, table.answers)),
    )


def _translation(table: TranslationTable) -> Translation:
    return Translation(by=table.by, language=table.language, text=table.text)


def _zone_places(table: PlacedZoneTable, zones: Mapping[str, Zone]) -> tuple[Place, ...]:
    if table.name not in zones:
        listed = ", ".join(zones) or "none"
        raise Refused("message.zone", f"it names the zone {table.name!r}, the scenario has {listed}")
    places = places_of_volume(table.called or table.name, zones[table.name].volume)
    return tuple(_timed(place, table.start, table.until) for place in places)


def _circle_place(table: PlacedCircleTable) -> Place:
    return _drawn(table, Circle(centre=place_of(table.centre), radius_m=table.radius_km * 1000))


def _corridor_place(table: PlacedCorridorTable) -> Place:
    line = tuple(map(place_of, table.line))
    return _drawn(table, Corridor(line=line, half_width_m=table.half_width_km * 1000))


def _drawn(table: PlacedCircleTable | PlacedCorridorTable, area: Area) -> Place:
    (shape,) = shapes_of_area(area)
    place = Place(
        name=table.name,
        shape=shape,
        lower=_height(table.lower, "lower"),
        upper=_height(table.upper, "upper"),
    )
    return _timed(place, table.start, table.until)


def _timed(place: Place, start: str | None, until: str | None) -> Place:
    return replace(
        place,
        from_time=place.from_time if start is None else instant_of(start),
        until_time=place.until_time if until is None else instant_of(until),
    )


def _height(fields: HeightFields | None, where: str) -> Height | None:
    return None if fields is None else height_from(altitude_of(fields, where))


def _stick(table: StickTable) -> Stick:
    return Stick(at=instant_of(table.at), sender=party_of(table.sender))


def _staff(table: StaffTable) -> Staff:
    return Staff(
        party=party_of(table.party),
        answers=tuple(map(_answer, table.answers)),
        stop=tuple(map(_answer, table.stop)),
        attends=table.attends,
    )


def _answer(table: AnswerTable) -> ScriptedAnswer:
    return ScriptedAnswer(
        step=table.step,
        after_ms=Duration(milliseconds(table.after_s, "after_s")),
        by=table.by,
        response=table.response,
        echelon=table.echelon,
        text=table.text,
        language=table.language,
    )
