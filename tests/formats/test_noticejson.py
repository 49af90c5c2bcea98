"""Notices as the parts of a message: said and read back whole, and nothing odd taken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.line.plot.place import Place, places_content, places_of
from keepclear.core.line.plot.shape import GridPosition, PointShape
from keepclear.core.notice.notice import Notice
from keepclear.core.space.area import Circle, Part, Polygon
from keepclear.core.space.geodesy import Position
from keepclear.core.trust.encoding import canonical, parsed
from keepclear.formats.notice.noticejson import notice_content, notice_of, notice_places
from notices import contacts, notices, words

POINT = PointShape(at=GridPosition(latitude_e7=334_967_000, longitude_e7=386_178_000))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(notices())
def test_a_notice_comes_back_from_its_message_as_it_was(notice: Notice) -> None:
    content = parsed(canonical(notice_content(notice)))
    places = places_of(parsed(canonical(places_content(notice_places(notice)))))
    assert notice_of(content, places) == notice


@settings(max_examples=60, deadline=None, derandomize=True)
@given(notices(), st.data())
def test_a_member_that_is_not_known_is_refused_wherever_it_stands(
    notice: Notice, data: st.DataObject
) -> None:
    content = parsed(canonical(notice_content(notice)))
    objects: list[dict[str, object]] = []

    def gather(value: object) -> None:
        if isinstance(value, dict):
            objects.append(value)
            for each in value.values():
                gather(each)
        elif isinstance(value, list):
            for each in value:
                gather(each)

    gather(content)
    data.draw(st.sampled_from(objects))["odd"] = 1
    with pytest.raises(Refused) as refused:
        notice_of(content, notice_places(notice))
    assert refused.value.code == "fields.unknown"


@settings(max_examples=40, deadline=None, derandomize=True)
@given(notices())
def test_the_extents_of_a_notice_are_those_of_its_places_in_their_order(notice: Notice) -> None:
    content = notice_content(notice)
    places = notice_places(notice)
    with pytest.raises(Refused) as refused:
        notice_of(content, places[1:])
    assert refused.value.code == "notice.places"
    renamed = (replace(places[0], name="elsewhere"), *places[1:])
    with pytest.raises(Refused) as refused:
        notice_of(content, renamed)
    assert refused.value.code == "notice.places"


@given(st.data())
@settings(max_examples=20, deadline=None, derandomize=True)
def test_a_point_is_a_small_area_and_never_an_impact_area(data: st.DataObject) -> None:
    contact = data.draw(contacts)
    content = {
        "v": 1,
        "designation": "1",
        "kind": "hazardous-activity",
        "purpose": data.draw(words),
        "hazard": "missiles",
        "contact": {"name": contact.name, "phones": list(contact.phones)},
        "extents": [{"place": "end", "role": "impact"}],
    }
    places = (Place(name="end", shape=POINT),)
    with pytest.raises(Refused) as refused:
        notice_of(content, places)
    assert refused.value.code == "notice.target"
    incident = {
        "v": 1,
        "designation": "1",
        "kind": "incident",
        "what": "explosion",
        "contact": content["contact"],
        "extents": [{"place": "end", "role": "area", "accuracy_cm": 50_000}],
    }
    (extent,) = notice_of(incident, places).extents
    assert extent.area == Circle(centre=Position(latitude_deg=33.4967, longitude_deg=38.6178), radius_m=0.01)
    assert extent.accuracy_m == 500


@given(notices().filter(lambda each: each.kind == "zone"))
@settings(max_examples=10, deadline=None, derandomize=True)
def test_an_extent_of_several_parts_is_refused_before_it_is_said(notice: Notice) -> None:
    corners = [[(0, 0), (0, 1), (1, 0)], [(5, 5), (5, 6), (6, 5)]]
    parts = tuple(
        Part(outer=tuple(Position(latitude_deg=lat, longitude_deg=lon) for lat, lon in ring))
        for ring in corners
    )
    split = replace(notice, extents=(replace(notice.extents[0], area=Polygon(parts=parts)),))
    with pytest.raises(Refused) as refused:
        notice_places(split)
    assert refused.value.code == "notice.parts"
