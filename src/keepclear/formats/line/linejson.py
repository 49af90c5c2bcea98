"""Texts of the line as JSON: whole numbers only, one meaning only, nothing before it and nothing after.

Source: docs/protocol.md, its second paragraph, for what may stand in them.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.note import base64_of
from keepclear.formats.strictjson import Flaw, JsonValue, read_json

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def line_json(raw: bytes, *, bytes_max: int, depth_max: int) -> Json:
    """The value of a text that need not be canonical.

    Raises Refused as ``strictjson.read_json`` does, with the code of a flaw where the text has no single meaning, and
    Refused("json.number") for a fraction and Refused("json.encoding") for a byte order mark.
    """
    if raw.startswith(_BYTE_ORDER_MARK):
        raise Refused("json.encoding", "the text begins with a byte order mark, must begin with its value")
    return _whole(read_json(raw, bytes_max=bytes_max, depth_max=depth_max))


def json_line(members: Mapping[str, Json]) -> bytes:
    """An object on one line in UTF-8, without its end. Raises Refused("json.encoding") for half a surrogate pair."""
    try:
        return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise Refused("json.encoding", "a text holds half of a surrogate pair") from None


def leaf_text(leaf: bytes) -> str:
    """A leaf as text. Raises Refused("leaf.encoding") for one that is not UTF-8, and so no entry."""
    try:
        return leaf.decode()
    except UnicodeDecodeError as error:
        raise Refused(
            "leaf.encoding", f"leaf is not UTF-8 at byte {error.start}, so it is no entry"
        ) from None


def base64_text(raw: bytes) -> str:
    """Bytes in standard base64 with padding."""
    return b64encode(raw).decode()


def base64_octets(value: Json, *, bytes_max: int, what: str) -> bytes:
    """1 to ``bytes_max`` bytes written in canonical base64. Raises Refused("fields.unfit") for anything else."""
    raw = base64_of(value) if isinstance(value, str) and len(value) <= 4 * (bytes_max // 3 + 1) else None
    if not raw or len(raw) > bytes_max:
        raise Refused("fields.unfit", f"{what} must be 1 to {bytes_max} bytes in canonical base64")
    return raw


def _whole(value: JsonValue) -> Json:
    match value:
        case Flaw():
            raise Refused(value.code, value.found)
        case float():
            raise Refused("json.number", f"the text holds the number {value!r}, only whole numbers are read")
        case str():
            _check_encodable(value)
            return value
        case list():
            return [_whole(each) for each in value]
        case dict():
            for name in value:
                _check_encodable(name)
            return {name: _whole(each) for name, each in value.items()}
        case _:
            return value


def _check_encodable(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused("json.encoding", "a text holds half of a surrogate pair") from None
