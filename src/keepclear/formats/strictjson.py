"""JSON read strictly: what two readers could understand differently is marked where it stands, not guessed.

The standard library takes NaN, turns 1e309 into infinity and lets the last of two equal keys win. Here each
of these leaves a Flaw in the tree, so that one bad feature is refused by itself and the rest of a file is
read. Source: RFC 8259 (JSON), RFC 7493 (I-JSON: unique keys, no lone surrogates).
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from keepclear.core.errors import Refused

INTEGER_DIGITS_MAX: Final = 19
"""The most characters an integer is written with; more would not survive as a 64-bit number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """Something in the text that has no single meaning, kept in the place of the value."""

    code: str
    found: str


JsonValue: TypeAlias = "bool | int | float | str | Flaw | list[JsonValue] | dict[str, JsonValue] | None"
"""What a JSON text holds, flaws included until ``demand_sound`` has passed."""

_HALF_A_PAIR: Final = Flaw(code="json.encoding", found="a text holds half of a surrogate pair")

# A closing quote is optional, so that an unterminated string is one match and the scan stays linear.
_TOKEN: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


def read_json(raw: bytes, *, bytes_max: int, depth_max: int) -> JsonValue:
    """The value of a UTF-8 JSON text, with a Flaw wherever it has no single meaning.

    A leading byte order mark is passed over (RFC 8259, 8.1). Raises Refused("json.too-long"),
    ("json.too-deep"), ("json.encoding") or ("json.syntax") when the text as a whole cannot be read.
    """
    if len(raw) > bytes_max:
        raise Refused("json.too-long", f"the text has {len(raw)} bytes, at most {bytes_max} are read")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("json.encoding", f"byte {error.start} is not UTF-8, which JSON must be") from None
    _demand_shallow(text, depth_max)
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_float=_finite,
            parse_int=_whole,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        found = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise Refused("json.syntax", f"the text is not JSON, {found}") from None
    return value


def demand_sound(value: JsonValue) -> None:
    """Raises Refused with the code of the first flaw in the value, if any, naming where it stands."""
    found = _first_flaw(value)
    if found is not None:
        place, flaw = found
        raise Refused(flaw.code, f"at ${place}: {flaw.found}")


def _first_flaw(value: JsonValue) -> tuple[str, Flaw] | None:
    """Where the first flaw stands and what it is; the place is put together on the way back only."""
    match value:
        case Flaw():
            return "", value
        case str():
            return None if _is_encodable(value) else ("", _HALF_A_PAIR)
        case list():
            return _first_in_list(value)
        case dict():
            return _first_in_dict(value)
        case _:
            return None


def _first_in_list(items: list[JsonValue]) -> tuple[str, Flaw] | None:
    for index, item in enumerate(items):
        # Most of a large file is numbers, which are sound.
        found = None if isinstance(item, float | int) else _first_flaw(item)
        if found is not None:
            return f"[{index}]{found[0]}", found[1]
    return None


def _first_in_dict(members: dict[str, JsonValue]) -> tuple[str, Flaw] | None:
    for key, item in members.items():
        if not _is_encodable(key):
            return "", _HALF_A_PAIR
        found = _first_flaw(item)
        if found is not None:
            return f".{key}{found[0]}", found[1]
    return None


def _demand_shallow(text: str, depth_max: int) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in ("[", "{"):
            depth += 1
            if depth > depth_max:
                raise Refused(
                    "json.too-deep", f"the text nests deeper than {depth_max} at character {token.start()}"
                )
        elif token[0] in ("]", "}"):
            depth -= 1


def _unique(pairs: list[tuple[str, JsonValue]]) -> JsonValue:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    twice = next(key for key, _ in pairs if key in seen or seen.add(key))
    # RFC 8259, 4: when names are not unique, what a receiver makes of the object is unpredictable.
    return Flaw(code="json.duplicate-key", found=f"the key {twice[:80]!r} is written twice")


def _finite(digits: str) -> float | Flaw:
    number = float(digits)
    if math.isfinite(number):
        return number
    return Flaw(code="json.number", found=f"the number {digits[:40]} is larger than a 64-bit float holds")


def _whole(digits: str) -> int | Flaw:
    if len(digits) <= INTEGER_DIGITS_MAX:
        return int(digits)
    return Flaw(
        code="json.number", found=f"an integer of {len(digits)} digits, at most {INTEGER_DIGITS_MAX} are read"
    )


def _no_constant(name: str) -> Flaw:
    return Flaw(code="json.number", found=f"{name} is not a JSON number")


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
