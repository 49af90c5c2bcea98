"""Notices in scenario files: the part ``notice`` of a message, with times as all of a scenario are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from keepclear.core.instant import instant_of
from keepclear.core.line.plot.place import Place
from keepclear.core.trust.encoding import BYTES_MAX, DEPTH_MAX, Json
from keepclear.formats.line.linejson import line_json
from keepclear.formats.notice.noticejson import VERSION, notice_of

_TIME: Final = "_ms"


def scripted_notice(table: Mapping[str, object], places: Sequence[Place]) -> Mapping[str, Json] | None:
    """The content of the part ``notice`` that a table holds; None of an empty one.

    Where the part has milliseconds since 1970, under a name that ends in ``_ms``, the table may have a time. Raises
    Refused as line_json, instant_of and notice_of do: what the script says must be a notice.
    """
    if not table:
        return None
    written = line_json(msgspec.json.encode(table), bytes_max=BYTES_MAX, depth_max=DEPTH_MAX)
    assert isinstance(written, Mapping)
    content: dict[str, Json] = {"v": VERSION}
    content |= {name: _timed(name, value) for name, value in written.items()}
    notice_of(content, places)
    return content


def _timed(name: str, value: Json) -> Json:
    match value:
        case Mapping():
            return {inner: _timed(inner, each) for inner, each in value.items()}
        case str():
            return instant_of(value) if name.endswith(_TIME) else value
        case None | bool() | int():
            return value
        case _:
            return [_timed(name, each) for each in value]
