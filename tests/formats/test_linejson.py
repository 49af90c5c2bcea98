"""JSON of the line: one meaning or a refusal."""

from __future__ import annotations

import pytest

from keepclear.core.errors import Refused
from keepclear.formats.line.linejson import base64_octets, json_line, leaf_text, line_json


def test_what_is_written_is_read() -> None:
    members = {"a": [None, True, False, -3, "\u2014\U0001f30d", {}], "b": {"c": []}}
    assert line_json(json_line(members), bytes_max=200, depth_max=3) == members


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"1.0", "json.number"),
        (b"[1e400]", "json.number"),
        (b"NaN", "json.number"),
        (b"12345678901234567890", "json.number"),
        (b'{"a":1,"a":1}', "json.duplicate-key"),
        (b'"\\ud800"', "json.encoding"),
        (b'{"\\udfff":1}', "json.encoding"),
        (b"\xef\xbb\xbf{}", "json.encoding"),
        (b"\xff", "json.encoding"),
        (b"[[[[]]]]", "json.too-deep"),
        (b'"' + b"x" * 50 + b'"', "json.too-long"),
        (b"{} {}", "json.syntax"),
    ],
)
def test_what_has_no_one_meaning_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        line_json(raw, bytes_max=50, depth_max=3)
    assert refused.value.code == code


def test_half_a_surrogate_pair_is_not_written() -> None:
    with pytest.raises(Refused):
        json_line({"a": "\ud800"})


def test_bytes_that_are_no_text_are_no_leaf() -> None:
    assert leaf_text(b"\xc3\xa9") == "\u00e9"
    with pytest.raises(Refused):
        leaf_text(b"\xc3")


@pytest.mark.parametrize("value", ["", "AA", "AB==", "AAAAA===", "A A=", 7, None, "AAAAAAAA"])
def test_base64_is_canonical_and_within_its_limit(value: object) -> None:
    assert base64_octets("AAAAAAA=", bytes_max=5, what="x") == bytes(5)
    with pytest.raises(Refused):
        base64_octets(value, bytes_max=5, what="x")
