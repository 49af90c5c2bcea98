"""Canonical JSON against the published RFC 8785 pairs, the standard reader and the library rfc8785."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from keepclear.core.errors import Refused
from keepclear.core.trust.encoding import BYTES_MAX, DEPTH_MAX, INTEGER_MAX, Json, canonical, parsed

PAIRS = json.loads((Path(__file__).parents[2] / "vectors" / "jcs" / "pairs.json").read_text())

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
integers = st.integers(-INTEGER_MAX, INTEGER_MAX)
values = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(texts, values, max_size=5)


def refused(code: str) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda error: error.code == code)


@pytest.mark.parametrize("name", ["french.json", "unicode.json", "weird.json"])
def test_a_published_pair_without_fractions_is_written_and_read_as_published(name: str) -> None:
    value, output = json.loads(PAIRS[name]["input"]), PAIRS[name]["output"].encode()
    assert canonical(value) == output
    assert parsed(output) == value


@pytest.mark.parametrize("name", ["structures.json", "values.json"])
def test_a_published_pair_with_fractions_is_refused(name: str) -> None:
    with refused("encoding.float"):
        canonical(json.loads(PAIRS[name]["input"]))
    with refused("encoding.float"):
        parsed(b'{"x":56.5}')


def test_a_published_pair_that_is_no_object_is_refused() -> None:
    with refused("encoding.unreadable"):
        parsed(PAIRS["arrays.json"]["output"].encode())


@settings(max_examples=150, derandomize=True, deadline=None)
@given(objects)
def test_what_is_written_is_read_back_the_same_and_the_library_writes_the_same(
    value: dict[str, Json],
) -> None:
    raw = canonical(value)
    assert parsed(raw) == value == json.loads(raw)
    assert raw == rfc8785.dumps(value)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(objects, st.integers(0, 10_000), st.binary(min_size=0, max_size=2))
def test_bytes_that_are_read_are_always_those_that_would_be_written(
    value: dict[str, Json], place: int, inserted: bytes
) -> None:
    raw = canonical(value)
    place %= len(raw) + 1
    altered = raw[:place] + inserted + raw[place + 1 :]
    try:
        found = parsed(altered)
    except Refused:
        return
    assert rfc8785.dumps(found) == altered


@pytest.mark.parametrize(
    "value",
    [
        {"z": 1, "a": 2, "\ue000": 3, "\U0001f600": 4, "": 5},
        {"\ud7ff": 1, "\U00010000": 2, "\uffff": 3, "\U0010ffff": 4},
        {"controls": "".join(map(chr, range(0x20))) + '\x7f"\\/\u2028'},
    ],
)
def test_names_are_ordered_by_utf16_units_and_escapes_are_the_shortest(value: dict[str, Json]) -> None:
    assert parsed(canonical(value)) == value


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"a":1.0}', "encoding.float"),
        (b'{"a":1e2}', "encoding.float"),
        (b'{"a":1e309}', "encoding.float"),
        (b'{"a":-0.0}', "encoding.float"),
        (b'{"a":NaN}', "encoding.float"),
        (b'{"a":-Infinity}', "encoding.float"),
        (b'{"a":1,"a":1}', "encoding.repeated"),
        (b'{"a":1,"a":2}', "encoding.repeated"),
        (b'{"a":1,"\\u0061":2}', "encoding.repeated"),
        (b'{"b":{"a":1,"a":2}}', "encoding.repeated"),
        (b'{"b":1,"a":2}', "encoding.not-canonical"),
        ('{"\uffff":1,"\U00010000":2}'.encode(), "encoding.not-canonical"),
        (b'{"a": 1}', "encoding.not-canonical"),
        (b' {"a":1}', "encoding.not-canonical"),
        (b'{"a":1}\n', "encoding.not-canonical"),
        (b'{"a":-0}', "encoding.not-canonical"),
        (b'{"a":"\\u0041"}', "encoding.not-canonical"),
        (b'{"a":"\\/"}', "encoding.not-canonical"),
        (b'{"a":"\\u000a"}', "encoding.not-canonical"),
        (b'{"a":"\\u001F"}', "encoding.not-canonical"),
        (b'{"a":01}', "encoding.unreadable"),
        (b'{"a":9007199254740992}', "encoding.unreadable"),
        (b'{"a":-9007199254740992}', "encoding.unreadable"),
        (b'{"a":' + b"9" * 60_000 + b"}", "encoding.unreadable"),
        (b'{"a":"\\ud800"}', "encoding.unreadable"),
        (b'{"\\ud800":1}', "encoding.unreadable"),
        (b'{"a":"\xed\xa0\x80"}', "encoding.unreadable"),
        (b'{"a":"\xff"}', "encoding.unreadable"),
        ('{"a":1}'.encode("utf-16"), "encoding.unreadable"),
        (b'\xef\xbb\xbf{"a":1}', "encoding.unreadable"),
        (b'{"a":1}{}', "encoding.unreadable"),
        (b'{"a":1', "encoding.unreadable"),
        (b'{"a":"\\', "encoding.unreadable"),
        (b"", "encoding.unreadable"),
        (b"null", "encoding.unreadable"),
        (b'"text"', "encoding.unreadable"),
        (b"[]", "encoding.unreadable"),
    ],
)
def test_a_text_with_another_spelling_or_no_single_meaning_is_refused(raw: bytes, code: str) -> None:
    with refused(code):
        parsed(raw)


@pytest.mark.parametrize("value", [{"a": 0.5}, {"a": float("nan")}, {"a": [1, {"b": 2.0}]}])
def test_a_float_anywhere_is_not_written(value: dict[str, Json]) -> None:
    with refused("encoding.float"):
        canonical(value)


@pytest.mark.parametrize(
    "value",
    [{"a": INTEGER_MAX + 1}, {"a": -INTEGER_MAX - 1}, {"a": "\ud800"}, {"\udfff": 1}, {"a": b"x"}, {1: 2}],
)
def test_a_value_that_json_cannot_carry_exactly_is_not_written(value: dict[str, Json]) -> None:
    with refused("encoding.unwritable"):
        canonical(value)


def test_the_largest_integers_are_carried() -> None:
    value = {"high": INTEGER_MAX, "low": -INTEGER_MAX}
    assert parsed(canonical(value)) == value


def nested(depth: int) -> dict[str, Json]:
    value: dict[str, Json] = {}
    for _ in range(depth - 1):
        value = {"a": value}
    return value


def test_nesting_is_taken_to_the_limit_and_refused_past_it() -> None:
    assert parsed(canonical(nested(DEPTH_MAX))) == nested(DEPTH_MAX)
    raw = canonical(nested(DEPTH_MAX))
    with refused("encoding.too-deep"):
        canonical(nested(DEPTH_MAX + 1))
    with refused("encoding.too-deep"):
        parsed(b'{"a":' + raw + b"}")
    with refused("encoding.too-deep"):
        parsed(b'{"[":' * DEPTH_MAX + b"[")
    with refused("encoding.too-deep"):
        parsed(b"[" * BYTES_MAX)


def test_many_objects_side_by_side_are_not_nesting() -> None:
    value: dict[str, Json] = {"a": [{"b": []}] * 100}
    assert parsed(canonical(value)) == value


def test_brackets_inside_a_text_are_not_nesting() -> None:
    value: dict[str, Json] = {"a": "[" * 100 + '"' + "{" * 100, "b\\": "\\[["}
    assert parsed(canonical(value)) == value


def test_a_text_is_taken_to_the_length_limit_and_refused_past_it() -> None:
    longest = {"a": "x" * (BYTES_MAX - len(canonical({"a": ""})))}
    assert parsed(canonical(longest)) == longest
    with refused("encoding.too-long"):
        canonical({"a": longest["a"] + "x"})
    with refused("encoding.too-long"):
        parsed(canonical(longest) + b" ")


def test_a_text_of_escaped_quotes_is_refused_without_being_read_over_and_over() -> None:
    # Were the scan for strings to start anew at each quote, this would be some 10**9 steps and time out.
    with refused("encoding.unreadable"):
        parsed(b'"' + b'\\"' * 32_000)
