"""NMEA 0183 sentences that carry AIS: split, checked, and joined when a message needs several.

Source: IEC 61162-1 (VDM, VDO; the checksum is the exclusive or of what stands between ``!`` and ``*``) and
IEC 61162-450 (tag blocks, of which ``c``, the time in UTC, is read). Shore stations append fields of their
own after the checksum (``,rSTATION,1165795916``); the last, seconds since 1970, is read where no tag block
gives a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from typing import Final

from keepclear.core.errors import Refused
from keepclear.core.instant import Instant

PENDING_MAX: Final = 64
"""The most messages that wait for further sentences; past it the oldest is refused."""

PENDING_AGE_MAX_MS: Final = 60_000
"""How long a message waits for its further sentences."""

_SENTENCE: Final = re.compile(
    rb"!([A-Z0-9]{2})(?:VDM|VDO),([1-9]),([1-9]),([0-9]?),([A-Z0-9]?),([0-W`-w]{0,160}),([0-5])"
    rb"\*([0-9A-Fa-f]{2})(,[ -~]*)?"
)
# What some networks of shore stations write after a sentence ends with the time of reception.
_STATION_TIME: Final = re.compile(rb".*,(\d{10})")
_TAG: Final = re.compile(rb"\\([^\\*]*)\*([0-9A-Fa-f]{2})\\(.*)", re.DOTALL)
_TIME: Final = re.compile(rb"(?:^|,)c:([^,]*)")
_SECONDS: Final = re.compile(rb"\d{1,11}")
_MILLISECONDS: Final = re.compile(rb"\d{13,14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One checked sentence: which part it is of how many, what joins the parts, and the tag block's time."""

    number: int
    text: bytes
    parts: int
    part: int
    key: tuple[bytes, bytes, bytes, int]
    payload_bits: int
    time_ms: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A whole message: its sentences in order, and the time that a tag block gave, if one did."""

    sentences: tuple[bytes, ...]
    number: int
    bits: int
    time_ms: Instant | None


@dataclass(slots=True)
class _Waiting:
    since_ms: int
    parts: list[Sentence]


class Assembly:
    """Joins the sentences of messages; every sentence given ends in a message, a wait or a refusal."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[bytes, bytes, bytes, int], _Waiting] = {}

    def add(self, sentence: Sentence, *, received: Instant) -> tuple[Message | None, list[Sentence]]:
        """The message that this sentence completes, if it does, and the sentences that are given up."""
        lost = self._expired(received)
        if sentence.parts == 1:
            return _message([sentence]), lost
        waiting = self._waiting.get(sentence.key)
        expected = 1 if waiting is None else waiting.parts[-1].part + 1
        if sentence.part != expected:
            # The parts of a message come in order; another one means that a sentence between was lost.
            lost += self._dropped(sentence.key)
            if sentence.part != 1:
                return None, [*lost, sentence]
            waiting = None
        if waiting is None:
            waiting = self._waiting[sentence.key] = _Waiting(received, [])
        waiting.parts.append(sentence)
        if sentence.part == sentence.parts:
            return _message(self._dropped(sentence.key)), lost
        if len(self._waiting) > PENDING_MAX:
            lost += self._dropped(next(iter(self._waiting)))
        return None, lost

    def drain(self) -> list[Sentence]:
        """The sentences still waiting, which are given up."""
        return [sentence for key in list(self._waiting) for sentence in self._dropped(key)]

    def _expired(self, received: Instant) -> list[Sentence]:
        old = [
            key for key, waiting in self._waiting.items() if received - waiting.since_ms > PENDING_AGE_MAX_MS
        ]
        return [sentence for key in old for sentence in self._dropped(key)]

    def _dropped(self, key: tuple[bytes, bytes, bytes, int]) -> list[Sentence]:
        waiting = self._waiting.pop(key, None)
        return [] if waiting is None else waiting.parts


def sentence_of(text: bytes, *, number: int) -> Sentence | None:
    """The sentence on a line, or None for one of another kind (``$GPRMC``) and for a comment (``#``).

    Raises Refused("nmea.tag"), ("nmea.sentence"), ("nmea.part") or ("nmea.checksum").
    """
    time_ms, text = _tag_time(text)
    if text.startswith((b"$", b"#")):
        return None
    match = _SENTENCE.fullmatch(text)
    if match is None:
        raise Refused("nmea.sentence", "the line is not an AIS sentence such as !AIVDM,1,1,,A,...,0*4A")
    _demand_checksum(text[1 : match.start(8) - 1], match[8], "sentence")
    station_time = _STATION_TIME.fullmatch(match[9] or b"")
    if time_ms is None and station_time is not None:
        time_ms = _tag_instant(station_time[1])
    parts, part = int(match[2]), int(match[3])
    if part > parts:
        raise Refused("nmea.part", f"the sentence is part {part} of {parts}")
    return Sentence(
        number=number,
        text=text[: match.end(8)],
        parts=parts,
        part=part,
        key=(match[1], match[4], match[5], parts),
        payload_bits=6 * len(match[6]) - int(match[7]),
        time_ms=time_ms,
    )


def _message(parts: list[Sentence]) -> Message:
    return Message(
        sentences=tuple(part.text for part in parts),
        number=parts[-1].number,
        bits=sum(part.payload_bits for part in parts),
        time_ms=next((part.time_ms for part in parts if part.time_ms is not None), None),
    )


def _tag_time(text: bytes) -> tuple[Instant | None, bytes]:
    if not text.startswith(b"\\"):
        return None, text
    match = _TAG.fullmatch(text)
    if match is None:
        raise Refused("nmea.tag", "the tag block does not end in *, a checksum and a backslash")
    _demand_checksum(match[1], match[2], "tag block")
    time = _TIME.search(match[1])
    return (None if time is None else _tag_instant(time[1])), match[3]


def _tag_instant(digits: bytes) -> Instant:
    # The standard has seconds; some receivers write milliseconds, which have 13 digits since 2001.
    if _SECONDS.fullmatch(digits) is not None:
        return Instant(int(digits) * 1000)
    if _MILLISECONDS.fullmatch(digits) is not None:
        return Instant(int(digits))
    raise Refused("nmea.tag", f"the tag block's time is {digits[:40]!r}, must be seconds since 1970")


def _exclusive_or(one: int, other: int) -> int:
    return one ^ other


def _demand_checksum(covered: bytes, written: bytes, what: str) -> None:
    found = reduce(_exclusive_or, covered, 0)
    if found != int(written, 16):
        raise Refused(
            "nmea.checksum", f"the {what} says checksum {written.decode()}, its bytes give {found:02X}"
        )
