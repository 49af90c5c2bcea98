"""Notice files: a notice as JSON that a person or a program wrote, with the members ``notice`` and ``places``.

They are the contents of the two parts of its message. Source: docs/notices.md, "Notice files".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from keepclear.core.line.plot.place import PLACES_MAX, Place, places_of
from keepclear.core.notice.notice import Notice
from keepclear.core.trust.encoding import BYTES_MAX, DEPTH_MAX, Json
from keepclear.core.trust.fields import Fields
from keepclear.formats.line.linejson import line_json
from keepclear.formats.notice.noticejson import notice_of

FILE_BYTES_MAX: Final = 4 * BYTES_MAX
"""Spread over many lines a notice takes more room than in its message."""

MEMBERS_MAX: Final = 64
"""More than any kind of notice has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFile:
    """A notice as it was written: the content of its part, its places, and what both say."""

    content: Mapping[str, Json]
    places: tuple[Place, ...]
    notice: Notice


def notice_file_of(raw: bytes) -> NoticeFile:
    """The notice that a file holds, nothing corrected and nothing left over.

    Raises Refused as line_json, Fields, places_of and notice_of do.
    """
    taken = Fields(line_json(raw, bytes_max=FILE_BYTES_MAX, depth_max=DEPTH_MAX), what="notice file")
    places = places_of({"places": taken.items("places", most=PLACES_MAX)})
    content = taken.members("notice", most=MEMBERS_MAX)
    taken.end()
    return NoticeFile(content=content, places=places, notice=notice_of(content, places))
