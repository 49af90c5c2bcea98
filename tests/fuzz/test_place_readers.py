"""Readers of places and of echoes: whatever they are given, they give a value that says the same, or a refusal."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.line.plot.echo import echo_content, echoes_of, plotted
from keepclear.core.line.plot.place import places_content, places_of
from keepclear.core.trust.encoding import Json
from places import BOX, ROUTE, SPOT, TANF

PLACES = (TANF, BOX, ROUTE, SPOT)
NAMES = ("name", "shape", "kind", "at", "rings", "lower", "cm", "datum", "from_ms", "figures", "area_m2")
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


def disturbed(content: Json, data: st.DataObject) -> Json:
    """The content as JSON reads it, with something else in up to three places."""
    whole = json.loads(json.dumps(content))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(slots(whole)))
        holder[key] = data.draw(JSONS)
    return whole


def slots(node: Json) -> list[tuple[dict[str | int, Json], str | int]]:
    """Every place in the content at which a value stands."""
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [slot for key in keys for slot in ((node, key), *slots(node[key]))]


@given(data=st.data())
def test_places_of_which_anything_is_replaced_are_read_or_refused(data: st.DataObject) -> None:
    content = disturbed(places_content(PLACES), data)
    try:
        places = places_of(content)
    except Refused:
        return
    assert places_content(places) == content


@given(data=st.data())
def test_echoes_of_which_anything_is_replaced_are_read_or_refused(data: st.DataObject) -> None:
    content = disturbed(echo_content([plotted(place) for place in PLACES]), data)
    try:
        echoes = echoes_of(content)
    except Refused:
        return
    assert echo_content(echoes) == content


@given(value=JSONS)
def test_anything_else_is_refused_and_nothing_else_is_raised(value: Json) -> None:
    for reader in (places_of, echoes_of):
        try:
            reader(value)
        except Refused:
            continue
        raise AssertionError("something that no place stands in was read")
