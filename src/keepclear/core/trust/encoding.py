"""The one canonical byte form of everything that is hashed or signed: JSON without floats.

Two nodes that hold the same value hold the same bytes, and a person can read them. Coordinates are integers
of 1e-7 degree, heights of centimetres, times of milliseconds. Source: RFC 8785 (JCS), narrowed to integers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final, NoReturn, TypeAlias

import rfc8785

from keepclear.core.errors import Refused

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"
"""What can be written: JSON without fractions."""

BYTES_MAX: Final = 65_535
"""The longest text: the size of an entry in a C2SP tlog-tiles bundle."""

DEPTH_MAX: Final = 32
"""How deep arrays and objects may nest."""

INTEGER_MAX: Final = 2**53 - 1
"""The largest integer, either sign, that every JSON reader keeps exactly (RFC 7493, 2.2)."""

_INTEGER_LENGTH: Final = len(str(-INTEGER_MAX))

# The closing quote is optional and nothing is tried twice, so that no text takes more than linear time.
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)


def canonical(value: Mapping[str, Json]) -> bytes:
    """The canonical bytes of an object.

    Raises Refused("encoding.float") for a float, Refused("encoding.unwritable") for an integer beyond
    INTEGER_MAX, a name that is not text, a lone surrogate or any other kind of value,
    Refused("encoding.too-deep") past DEPTH_MAX and Refused("encoding.too-long") past BYTES_MAX.
    """
    _check_writable(value, depth=1)
    try:
        raw = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise Refused("encoding.unwritable", f"value cannot be written as canonical JSON: {error}") from None
    _check_length(raw)
    return raw


def parsed(raw: bytes) -> dict[str, Json]:
    """The object written in canonical bytes; ``canonical(parsed(raw)) == raw`` always.

    Bytes that say the same in another way are refused, so that no two readers can differ about a signed text.
    Raises Refused: "encoding.too-long", "encoding.too-deep", "encoding.float" (NaN and Infinity included),
    "encoding.repeated" for a name given twice, "encoding.unreadable" for what is not UTF-8 or not one JSON
    object or an integer beyond INTEGER_MAX, "encoding.not-canonical" for any other spelling.
    """
    _check_length(raw)
    _check_depth(raw)
    try:
        value: Json = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object_of,
            parse_int=_integer_of,
            parse_float=_refuse_float,
            parse_constant=_refuse_float,
        )
        # With integers alone and the names in order, what remains of RFC 8785 is no white space and the
        # shortest escapes, and that is how the standard library writes.
        spelled = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    except ValueError as error:
        raise Refused("encoding.unreadable", f"text is not JSON in UTF-8: {error}") from None
    if spelled != raw:
        raise Refused("encoding.not-canonical", "text is JSON but not in the canonical form of RFC 8785")
    if not isinstance(value, dict):
        raise Refused("encoding.unreadable", f"text is a JSON {type(value).__name__}, must be an object")
    return value


def _check_writable(value: Json | float, *, depth: int) -> None:
    if depth > DEPTH_MAX and isinstance(value, Mapping | list | tuple):
        raise Refused("encoding.too-deep", f"value nests deeper than {DEPTH_MAX} levels")
    match value:
        case float():
            raise Refused(
                "encoding.float", f"value holds the float {value!r}; write an integer of a smaller unit"
            )
        case None | bool() | int() | str():
            return
        case Mapping():
            for each in value.values():
                _check_writable(each, depth=depth + 1)
        case list() | tuple():
            for each in value:
                _check_writable(each, depth=depth + 1)
        case _:
            raise Refused("encoding.unwritable", f"value holds a {type(value).__name__}, which JSON has not")


def _check_length(raw: bytes) -> None:
    if len(raw) > BYTES_MAX:
        raise Refused("encoding.too-long", f"text of {len(raw)} bytes, must be {BYTES_MAX} or fewer")


def _check_depth(raw: bytes) -> None:
    # Counted before the parser sees it: a text of brackets alone would exhaust the parser's stack.
    if raw.count(b"[") + raw.count(b"{") <= DEPTH_MAX:
        return
    depth = 0
    for byte in _STRING.sub(b"", raw):
        if byte in b"[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise Refused("encoding.too-deep", f"text nests deeper than {DEPTH_MAX} levels")
        elif byte in b"]}":
            depth -= 1


def _object_of(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    names = [_utf16(name) for name, _ in pairs]
    for before, name in pairwise(names):
        if name <= before:
            shown = name.decode("utf-16-be", "replace")
            if names.count(name) > 1:
                raise Refused("encoding.repeated", f"text gives the name {shown!r} twice in one object")
            raise Refused("encoding.not-canonical", f"text has the name {shown!r} out of order")
    return dict(pairs)


def _utf16(name: str) -> bytes:
    # RFC 8785, 3.2.3: names are ordered by UTF-16 code units, which differs from code points above U+FFFF.
    return name.encode("utf-16-be", "surrogatepass")


def _integer_of(literal: str) -> int:
    # The length goes first: reading a very long literal is slow by itself.
    if len(literal) > _INTEGER_LENGTH or abs(int(literal)) > INTEGER_MAX:
        raise Refused(
            "encoding.unreadable", f"integer {literal[:20]} must lie within {INTEGER_MAX}, either sign"
        )
    return int(literal)


def _refuse_float(literal: str) -> NoReturn:
    raise Refused("encoding.float", f"text holds the number {literal[:20]}; only integers are written here")
