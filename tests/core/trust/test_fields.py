"""Fields: each form is taken, each other one refused, and nothing is left over in silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from keepclear.core.errors import Refused
from keepclear.core.trust.encoding import INTEGER_MAX, Json
from keepclear.core.trust.fields import Fields, octets_of, text_of


def refused(code: str, *, saying: str = "") -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code and saying in error.message)


def of(value: Json) -> Fields:
    return Fields({"it": value}, what="thing")


TAKE: dict[str, Callable[[Fields], object]] = {
    "value": lambda taken: taken.value("it"),
    "text": lambda taken: taken.text("it", length_max=3),
    "whole": lambda taken: taken.whole("it", least=2, most=4),
    "any whole": lambda taken: taken.whole("it"),
    "flag": lambda taken: taken.flag("it"),
    "octets": lambda taken: taken.octets("it", length=2),
    "items": lambda taken: taken.items("it", most=2),
    "members": lambda taken: taken.members("it", most=1),
}


@pytest.mark.parametrize(
    ("form", "value", "found"),
    [
        ("value", None, None),
        ("value", [1], [1]),
        ("text", "a", "a"),
        ("text", "abc", "abc"),
        ("whole", 2, 2),
        ("whole", 4, 4),
        ("any whole", 0, 0),
        ("any whole", INTEGER_MAX, INTEGER_MAX),
        ("flag", True, True),
        ("flag", False, False),
        ("octets", "00ff", b"\x00\xff"),
        ("items", [], []),
        ("items", [1, 2], [1, 2]),
        ("members", {}, {}),
        ("members", {"a": 1}, {"a": 1}),
    ],
)
def test_a_member_of_the_right_form_is_given_as_it_is(form: str, value: Json, found: object) -> None:
    taken = of(value)
    assert "it" in taken
    given = TAKE[form](taken)
    assert given == found
    assert type(given) is type(found)
    assert "it" not in taken
    taken.end()


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("text", ""),
        ("text", "abcd"),
        ("text", 1),
        ("text", None),
        ("whole", 1),
        ("whole", 5),
        ("whole", True),
        ("whole", "3"),
        ("any whole", -1),
        ("any whole", INTEGER_MAX + 1),
        ("flag", 1),
        ("flag", None),
        ("octets", "00f"),
        ("octets", "00ff0"),
        ("octets", "00FF"),
        ("octets", "00 f"),
        ("octets", 255),
        ("octets", "\u0661\u0661\u0661\u0661"),
        ("items", [1, 2, 3]),
        ("items", {"a": 1}),
        ("items", "ab"),
        ("members", {"a": 1, "b": 2}),
        ("members", [["a", 1]]),
        ("members", None),
    ],
)
def test_a_member_of_another_form_is_refused_by_its_name(form: str, value: Json) -> None:
    with refused("fields.unfit", saying="thing: it is "):
        TAKE[form](of(value))


@pytest.mark.parametrize("form", TAKE)
def test_a_member_that_is_not_there_is_refused_and_none_is_taken_twice(form: str) -> None:
    empty = Fields({}, what="thing")
    with refused("fields.missing", saying="thing lacks the member 'it'"):
        TAKE[form](empty)
    taken = of(1)
    taken.value("it")
    with refused("fields.missing"):
        TAKE[form](taken)


def test_members_that_nobody_asked_for_are_named() -> None:
    taken = Fields({"it": 1, "zebra": 2, "apple": 3}, what="thing")
    taken.value("it")
    with refused("fields.unknown", saying="apple, zebra"):
        taken.end()


@pytest.mark.parametrize("value", [None, 1, "text", ["it"], True])
def test_what_is_no_object_has_no_members(value: Json) -> None:
    with refused("fields.unfit", saying="thing is "):
        Fields(value, what="thing")


def test_an_object_within_is_taken_in_its_turn() -> None:
    taken = of({"name": "x"})
    inner = taken.fields("it")
    assert inner.text("name") == "x"
    inner.end()
    taken.end()
    with refused("fields.missing", saying="thing: it lacks"):
        of({}).fields("it").text("name")
    with refused("fields.unfit", saying="thing: it is"):
        of(1).fields("it")


def test_taking_members_leaves_the_object_itself_as_it_was() -> None:
    value = {"it": 1}
    Fields(value, what="thing").value("it")
    assert value == {"it": 1}


def test_a_value_that_stands_alone_is_held_to_the_same_forms() -> None:
    assert octets_of("00ff", length=2, what="hash") == b"\x00\xff"
    assert text_of("abc", length_max=3, what="name") == "abc"
    with refused("fields.unfit", saying="hash is '00'"):
        octets_of("00", length=2, what="hash")
    for value in ("", "abcd", 3):
        with refused("fields.unfit", saying="name is "):
            text_of(value, length_max=3, what="name")


def test_a_long_value_is_quoted_short() -> None:
    with pytest.raises(Refused) as caught:
        text_of("x" * 60_000, length_max=3, what="name")
    assert len(caught.value.message) < 200
