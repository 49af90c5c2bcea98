"""The text part of a message: what a person wrote, in which language, and which version governs.

Source: docs/protocol.md clause 7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import FOREVER, Instant
from keepclear.core.trust.encoding import Json
from keepclear.core.trust.fields import Fields

TEXT_MAX: Final = 16_000
NAME_MAX: Final = 120

# BCP 47: letters and digits in groups of up to eight, the language first.
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")


class Governs(StrEnum):
    """Which version counts where the two differ."""

    ORIGINAL = "original"
    TRANSLATION = "translation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The text in another language, and who or what translated it."""

    by: str
    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a person wrote. ``no_place``: the writer says that the message concerns no place.

    Raises Refused("message.text") for a language that is no BCP 47 tag, or a translation that governs and is not
    there.
    """

    composed: Instant
    language: str
    originator: str
    text: str
    occurred: Instant | None = None
    translation: Translation | None = None
    governs: Governs = Governs.ORIGINAL
    channel: str | None = None
    voice_log: str | None = None
    no_place: bool = False

    def __post_init__(self) -> None:
        tags = [self.language] + ([self.translation.language] if self.translation is not None else [])
        for tag in tags:
            if not _LANGUAGE.fullmatch(tag):
                raise Refused("message.text", f"language is {tag!r}, must be a tag such as en, ru, ar or fr")
        if self.governs is Governs.TRANSLATION and self.translation is None:
            raise Refused("message.text", "the translation is said to govern, and there is none")

    def content(self) -> dict[str, Json]:
        """The content of the part."""
        members: dict[str, Json] = {
            "composed_ms": self.composed,
            "language": self.language,
            "originator": self.originator,
            "text": self.text,
        }
        if self.occurred is not None:
            members["occurred_ms"] = self.occurred
        if self.translation is not None:
            translation = self.translation
            members["translation"] = {
                "by": translation.by,
                "language": translation.language,
                "text": translation.text,
            }
            members["governs"] = self.governs.value
        if self.channel is not None:
            members["channel"] = self.channel
        if self.voice_log is not None:
            members["voice_log"] = self.voice_log
        if self.no_place:
            members["no_place"] = True
        return members


def text_part_of(content: Json) -> Text:
    """The text in the content of a part. Raises Refused as Fields and Text do."""
    taken = Fields(content, what="text")
    translation = _translation_of(taken.fields("translation")) if "translation" in taken else None
    governs = (
        _governs_of(taken.text("governs", length_max=NAME_MAX)) if "governs" in taken else Governs.ORIGINAL
    )
    text = Text(
        composed=Instant(taken.whole("composed_ms", most=FOREVER)),
        language=taken.text("language", length_max=40),
        originator=taken.text("originator", length_max=NAME_MAX),
        text=taken.text("text", length_max=TEXT_MAX),
        occurred=Instant(taken.whole("occurred_ms", most=FOREVER)) if "occurred_ms" in taken else None,
        translation=translation,
        governs=governs,
        channel=taken.text("channel", length_max=NAME_MAX) if "channel" in taken else None,
        voice_log=taken.text("voice_log", length_max=NAME_MAX) if "voice_log" in taken else None,
        no_place=taken.flag("no_place") if "no_place" in taken else False,
    )
    taken.end()
    return text


def _translation_of(taken: Fields) -> Translation:
    translation = Translation(
        by=taken.text("by", length_max=NAME_MAX),
        language=taken.text("language", length_max=40),
        text=taken.text("text", length_max=TEXT_MAX),
    )
    taken.end()
    return translation


def _governs_of(word: str) -> Governs:
    try:
        return Governs(word)
    except ValueError:
        raise Refused("fields.unfit", f"text: governs is {word!r}, must be {' or '.join(Governs)}") from None
